/*-------------------------------------------------------------------------
 *
 * Clustered rows to encode.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "convs.h"
#include "sample.h"
#include "tap.h"

#define NADDRS	3000
#define NNAMES	500

const char *const convs_rules[] = {"pairs", "single rows", "no hints", "odd second rows"};

static const FsSwap swaps[] = {
	{CONV_SRC, CONV_DST, true},
	{CONV_SPORT, CONV_DPORT, true},
	{CONV_SRC_AS, CONV_DST_AS, false},
	{CONV_IN_IF, CONV_OUT_IF, false}
};

static const uint16 keys[] = {CONV_PROTO};

static const FsAttribute attributes[] = {
	{CONV_SRC_AS, CONV_SRC, 0},
	{CONV_DST_AS, CONV_DST, 0}
};

static const FsChunkHints hints = {
	swaps, lengthof(swaps), keys, lengthof(keys), attributes, lengthof(attributes)
};

void
convs_domains(MemDomains *domains, FsArena *arena)
{
	FsAddr	   *addrs = arena->alloc(arena, NADDRS * sizeof(FsAddr));
	char	  **names = arena->alloc(arena, NNAMES * sizeof(char *));
	int64	   *numbers = arena->alloc(arena, NADDRS * sizeof(int64));
	uint64		state = 7;
	uint32		i;

	memdomain_init(domains);
	memset(addrs, 0, NADDRS * sizeof(FsAddr));
	for (i = 0; i < NADDRS; i++)
	{
		uint64		x = tap_random(&state);

		addrs[i].family = i % 10 == 0 ? 6 : 4;
		addrs[i].bits = i % 10 == 0 ? 128 : 32;
		memcpy(addrs[i].addr, &x, addrs[i].family == 6 ? 8 : 4);
		numbers[i] = 64512 + (int64) tap_below(&state, 40);
	}
	for (i = 0; i < NNAMES; i++)
	{
		names[i] = arena->alloc(arena, 64);
		sprintf(names[i], "%*swww%u.example.net", (int) (i % 40), "", i * i);
	}
	memdomain_set_addrs(&domains->domains[0], addrs, NADDRS);
	memdomain_set_strings(&domains->domains[1], names, NNAMES);
	domains->domains[0].attributes[0] = numbers;
}

static void
set_null(Convs *convs, int col, uint32 row)
{
	((uint8 *) convs->values[col].nulls)[row / 8] |= 1 << (row % 8);
}

static inline int64 *
int_at(Convs *convs, int col, uint32 row)
{
	return (int64 *) &convs->values[col].ints[row];
}

static inline uint32 *
code_at(Convs *convs, int col, uint32 row)
{
	return (uint32 *) &convs->values[col].codes[row];
}

static void
swap_ints(Convs *convs, int a, int b, uint32 row)
{
	*int_at(convs, a, row) = convs->values[b].ints[row - 1];
	*int_at(convs, b, row) = convs->values[a].ints[row - 1];
}

/* A first row: lower addresses are clients more often than not. */
static void
make_first(Convs *convs, uint32 row, uint64 *state)
{
	static const uint16 ports[] = {443, 443, 443, 53, 80, 22};
	const int64 *numbers = ((MemDomains *) convs->in.domains)->domains[0].attributes[0];
	uint32		lower = (uint64) row * 1500 / convs->in.nrows;
	uint32		higher = 1500 + tap_below(state, NADDRS - 1500);
	bool		is_turned = tap_below(state, 5) == 0;
	int64		service = ports[higher % lengthof(ports)];
	float		entropy = tap_below(state, 8000) / 1000.0f;
	uint32		bits;

	memcpy(&bits, &entropy, sizeof(bits));
	*int_at(convs, CONV_TS, row) = INT64CONST(826000000000000) + 1000 * (int64) tap_below(state, 3600000);
	*code_at(convs, CONV_SRC, row) = is_turned ? higher : lower;
	*code_at(convs, CONV_DST, row) = is_turned ? lower : higher;
	*int_at(convs, CONV_SPORT, row) = is_turned ? service : 32768 + (int64) tap_below(state, 28000);
	*int_at(convs, CONV_DPORT, row) = is_turned ? 32768 + (int64) tap_below(state, 28000) : service;
	*int_at(convs, CONV_PROTO, row) = service == 53 ? 17 : 6;
	*int_at(convs, CONV_FLAGS, row) = service == 53 ? 0 : tap_below(state, 9) == 0 ? 2 : 27;
	*int_at(convs, CONV_SRC_AS, row) = tap_below(state, 100) == 0 ? 7 : numbers[convs->values[CONV_SRC].codes[row]];
	*int_at(convs, CONV_DST_AS, row) = tap_below(state, 100) == 0 ? 7 : numbers[convs->values[CONV_DST].codes[row]];
	*code_at(convs, CONV_NAME, row) = higher % 7 == 0 ? tap_below(state, NNAMES) : higher % NNAMES;
	if (service != 443)
		set_null(convs, CONV_NAME, row);
	*int_at(convs, CONV_ENTROPY, row) = fs_float4_to_int(bits);
	if (tap_below(state, 20) == 0)
		set_null(convs, CONV_ENTROPY, row);
	*int_at(convs, CONV_IN_IF, row) = lower % 5;
	*int_at(convs, CONV_OUT_IF, row) = 100 + (int64) tap_below(state, 9);
	if (lower % 11 == 0)
		set_null(convs, CONV_IN_IF, row);
}

/* The second row of the one before. */
static void
make_second(Convs *convs, uint32 row, ConvsRule rule, uint64 *state)
{
	static const int same[] = {CONV_PROTO, CONV_FLAGS, CONV_ENTROPY};
	int			i;

	*int_at(convs, CONV_TS, row) = convs->values[CONV_TS].ints[row - 1] + 1000 * (int64) tap_below(state, 60);
	for (i = 0; i < lengthof(same); i++)
		*int_at(convs, same[i], row) = convs->values[same[i]].ints[row - 1];
	*code_at(convs, CONV_SRC, row) = convs->values[CONV_DST].codes[row - 1];
	*code_at(convs, CONV_DST, row) = convs->values[CONV_SRC].codes[row - 1];
	*code_at(convs, CONV_NAME, row) = convs->values[CONV_NAME].codes[row - 1];
	swap_ints(convs, CONV_SPORT, CONV_DPORT, row);
	swap_ints(convs, CONV_SRC_AS, CONV_DST_AS, row);
	swap_ints(convs, CONV_IN_IF, CONV_OUT_IF, row);
	if (fs_pairs_bit(convs->values[CONV_IN_IF].nulls, row - 1))
		set_null(convs, CONV_OUT_IF, row);
	if (fs_pairs_bit(convs->values[CONV_NAME].nulls, row - 1))
		set_null(convs, CONV_NAME, row);
	if (fs_pairs_bit(convs->values[CONV_ENTROPY].nulls, row - 1))
		set_null(convs, CONV_ENTROPY, row);
	if (rule != CONVS_ODD)
		return;
	*int_at(convs, CONV_SRC_AS, row) += 1;
	*code_at(convs, CONV_NAME, row) = tap_below(state, NNAMES);
	*int_at(convs, CONV_ENTROPY, row) = (int64) (int32) tap_random(state);
	if (tap_below(state, 3) == 0)
		set_null(convs, CONV_TS, row);
}

/* What has nothing to do with conversations. */
static void
make_rest(Convs *convs, uint32 row, bool is_second, uint64 *state)
{
	uint32	   *offs = (uint32 *) convs->values[CONV_LABEL].offs;
	uint8	   *bytes = (uint8 *) convs->values[CONV_LABEL].bytes;
	FsAddr	   *via = (FsAddr *) &convs->values[CONV_VIA].addrs[row];
	uint32		group = row / 300;

	offs[row + 1] = offs[row] + sprintf((char *) bytes + offs[row], "%u", group);
	memset(via, 0, sizeof(*via));
	via->family = 4;
	via->bits = group % 3 == 0 ? 24 : 32;
	via->addr[0] = 10;
	via->addr[2] = group;
	*int_at(convs, CONV_PACKETS, row) = 1 + tap_below(state, 1 + tap_below(state, 300));
	*int_at(convs, CONV_RANDOM, row) = (int64) tap_random(state);
	*code_at(convs, CONV_ODD, row) = tap_below(state, 20) + 10 * is_second;
	set_null(convs, CONV_EMPTY, row);
}

static void
add_column(Convs *convs, int col, uint8 kind, uint8 order, uint16 domain,
		   FsArena *arena)
{
	FsColumnSpec *spec = &convs->specs[col];
	FsColumnValues *values = &convs->values[col];
	uint32		nrows = convs->in.nrows;

	spec->id = 2 * col + 1;
	spec->kind = kind;
	spec->order = order;
	spec->width = kind == FS_KIND_INT ? 8 : 0;
	spec->cmp = order == FS_ORDER_CALLBACK ? sample_compare_bytes : NULL;
	values->nulls = memset(arena->alloc(arena, nrows / 8 + 8), 0, nrows / 8 + 8);
	if (domain > 0)
	{
		values->codes = memset(arena->alloc(arena, nrows * 4), 0, nrows * 4);
		values->domain = domain;
		values->domain_size = ((MemDomains *) convs->in.domains)->domains[domain - 1].size;
	}
	else if (kind == FS_KIND_INT)
		values->ints = memset(arena->alloc(arena, nrows * 8), 0, nrows * 8);
	else if (kind == FS_KIND_ADDR)
		values->addrs = arena->alloc(arena, nrows * sizeof(FsAddr));
	else
	{
		values->offs = memset(arena->alloc(arena, nrows * 4 + 4), 0, 4);
		values->bytes = arena->alloc(arena, nrows * 8 + 16);
	}
}

static void
add_columns(Convs *convs, FsArena *arena)
{
	int			col;

	for (col = 0; col < CONV_NCOLS; col++)
		if (col == CONV_SRC || col == CONV_DST)
			add_column(convs, col, FS_KIND_ADDR, FS_ORDER_ADDR, 1, arena);
		else if (col == CONV_NAME)
			add_column(convs, col, FS_KIND_BYTES, FS_ORDER_BYTES, 2, arena);
		else if (col == CONV_ODD)
			add_column(convs, col, FS_KIND_BYTES, FS_ORDER_CALLBACK, 2, arena);
		else if (col == CONV_LABEL)
			add_column(convs, col, FS_KIND_BYTES, FS_ORDER_BYTES, 0, arena);
		else if (col == CONV_VIA)
			add_column(convs, col, FS_KIND_ADDR, FS_ORDER_ADDR, 0, arena);
		else
			add_column(convs, col, FS_KIND_INT, col == CONV_ENTROPY ? FS_ORDER_FLOAT4 :
					   col == CONV_RANDOM ? FS_ORDER_UINT : FS_ORDER_INT, 0, arena);
}

Convs *
convs_make(ConvsRule rule, uint32 nrows, MemDomains *domains, FsArena *arena)
{
	Convs	   *convs = memset(arena->alloc(arena, sizeof(Convs)), 0, sizeof(Convs));
	uint64		state = 12345 + rule * 77 + nrows;
	bool		is_second = true;
	uint32		row;

	convs->in.specs = convs->specs;
	convs->in.values = convs->values;
	convs->in.ncols = CONV_NCOLS;
	convs->in.nrows = nrows;
	convs->in.hints = rule == CONVS_NO_HINTS ? NULL : &hints;
	convs->in.domains = &domains->source;
	add_columns(convs, arena);
	for (row = 0; row < nrows; row++)
	{
		/* a conversation does not pass from one vector to the next */
		is_second = !is_second && rule != CONVS_SINGLE && row % FS_VECTOR_ROWS != 0 &&
			tap_below(&state, 30) != 0;
		if (is_second)
			make_second(convs, row, rule, &state);
		else
			make_first(convs, row, &state);
		make_rest(convs, row, is_second, &state);
	}
	return convs;
}

static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

FsChunkReader *
convs_open(const uint8 *bytes, FsFetch *fetch, FsDomainSource *domains, FsArena *arena)
{
	FsFault		fault;
	uint32		head_len;
	uint32		version;

	fetch->get = get;
	fetch->state = (void *) bytes;
	fetch->load = NULL;
	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		return NULL;
	return fs_chunkreader_open(fs_chunk_head_parse(bytes, head_len, arena, &fault), fetch,
							   domains, arena);
}
