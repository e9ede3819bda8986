/*-------------------------------------------------------------------------
 *
 * Few rows of a vector, and some values of a dictionary, are what reading
 * all of them gives.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrmap.h"
#include "format/chunkreader.h"
#include "format/pindex.h"
#include "format/pindex_write.h"
#include "convs.h"
#include "memory_fetch.h"
#include "tap.h"

#define NROWS		6000
#define NSTRINGS	5000

/* Whether a row of two vectors is the same. */
static bool
is_same_row(const FsVector *a, const FsVector *b, uint32 row)
{
	if (a->is_null[row] != b->is_null[row] || a->dict_n != b->dict_n)
		return false;
	if (a->is_null[row])
		return true;
	if (a->ints)
		return a->ints[row] == b->ints[row];
	if (a->codes)
		return a->codes[row] == b->codes[row];
	if (a->addrs)
		return memcmp(&a->addrs[row], &b->addrs[row], sizeof(FsAddr)) == 0;
	return a->lens[row] == b->lens[row] && memcmp(a->ptrs[row], b->ptrs[row], a->lens[row]) == 0;
}

/* Ascending rows of a vector; gives how many. */
static uint32
choose_rows(uint32 nrows, uint32 max, uint64 *state, uint16 *rows)
{
	uint32		n = 0;
	uint32		row;

	for (row = tap_below(state, 2 * nrows / max); row < nrows && n < max;
		 row += 1 + tap_below(state, 2 * nrows / max))
		rows[n++] = row;
	return n;
}

static void
rows_are_the_same(ConvsRule rule)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch;
	const uint8 *bytes;
	uint64		state = 3;
	uint32		len;
	bool		is_ok = true;
	uint32		round;
	int			col;

	convs_domains(&domains, arena);
	convs = convs_make(rule, NROWS, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	for (round = 0; round < 12; round++)
	{
		FsChunkReader *few_reader = convs_open(bytes, &fetch, &domains.source, arena);
		FsChunkReader *reader = convs_open(bytes, &fetch, &domains.source, arena);

		/* where 64 rows are asked at a time the last have loaded their table */
		for (col = 0; col < 6 * CONV_NCOLS; col++)
		{
			uint16		id = convs->specs[col % CONV_NCOLS].id;
			uint32		v = tap_below(&state, NROWS / FS_VECTOR_ROWS);
			uint16		rows[64];
			uint32		n = choose_rows(FS_VECTOR_ROWS, round % 3 == 0 ? 64 : 2, &state, rows);
			FsVector	few;
			FsVector	all;
			uint32		i;

			is_ok &= fs_column_read_rows(fs_chunkreader_column(few_reader, id, &fault), v, rows, n, &few, &fault) &&
				fs_column_read(fs_chunkreader_column(reader, id, &fault), v, &all, &fault);
			for (i = 0; i < n && is_ok; i++)
				is_ok &= is_same_row(&few, &all, rows[i]);
		}
	}
	ok(is_ok, "%s: few rows are those of all", convs_rules[rule]);
	tap_arena_free(arena);
}

static void
bad_rows(void)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch;
	FsChunkReader *reader;
	FsColumnReader *column;
	FsVector	vector;
	FsAddr		addr;
	uint16		row = 1000;
	uint32		code = 0;
	uint32		len;

	convs_domains(&domains, arena);
	convs = convs_make(CONVS_USUAL, 1000, &domains, arena);
	reader = convs_open(fs_chunk_encode_clustered(&convs->in, arena, &len, &fault), &fetch,
						&domains.source, arena);
	column = fs_chunkreader_column(reader, convs->specs[CONV_SRC].id, &fault);
	ok(!fs_column_read_rows(column, 0, &row, 1, &vector, &fault), "a row behind the last is a fault");
	ok(fs_column_pick_addrs(column, &code, 1, &addr, &fault), "a code is picked");
	code = 65535;
	ok(!fs_column_pick_addrs(column, &code, 1, &addr, &fault), "a code that is not there is a fault");
	ok(fs_column_read(column, 0, &vector, &fault) &&
	   fs_column_pick_addrs(column, &code, 0, &addr, &fault), "none of them is not");
	column = fs_chunkreader_column(reader, convs->specs[CONV_TS].id, &fault);
	ok(!fs_column_pick_addrs(column, &code, 1, &addr, &fault), "numbers have no dictionary");
	tap_arena_free(arena);
}

/* Pick n codes and compare them with the dictionary of another reader. */
static bool
check_picks(FsColumnReader *column, FsColumnReader *other, uint8 kind, const uint32 *codes, uint32 n)
{
	FsFault		fault;
	FsAddr		addrs[8];
	const uint8 *ptrs[8];
	uint32		lens[8];
	const FsAddr *dict;
	const uint8 *const *dict_ptrs;
	const uint32 *dict_lens;
	uint32		size;
	uint32		i;

	if (kind == FS_KIND_ADDR)
	{
		dict = fs_column_dict_addrs(other, &size, &fault);
		if (!fs_column_pick_addrs(column, codes, n, addrs, &fault))
			return false;
		for (i = 0; i < n; i++)
			if (memcmp(&addrs[i], &dict[codes[i]], sizeof(FsAddr)) != 0)
				return false;
		return true;
	}
	if (!fs_column_dict_bytes(other, &size, &dict_ptrs, &dict_lens, &fault) ||
		!fs_column_pick_bytes(column, codes, n, ptrs, lens, &fault))
		return false;
	for (i = 0; i < n; i++)
		if (lens[i] != dict_lens[codes[i]] || memcmp(ptrs[i], dict_ptrs[codes[i]], lens[i]) != 0)
			return false;
	return true;
}

/* Until the dictionary is made, and after. */
static void
picks_are_the_same(int col, const char *name)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch;
	const uint8 *bytes;
	FsColumnReader *column;
	FsColumnReader *other;
	const uint32 *domain_codes;
	uint64		state = 7;
	uint32		len;
	uint32		count;
	uint32		round;
	bool		is_ok = true;

	convs_domains(&domains, arena);
	convs = convs_make(CONVS_USUAL, NROWS, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	column = fs_chunkreader_column(convs_open(bytes, &fetch, &domains.source, arena), convs->specs[col].id, &fault);
	other = fs_chunkreader_column(convs_open(bytes, &fetch, &domains.source, arena), convs->specs[col].id, &fault);
	fs_column_domain(column, &count, &domain_codes);
	for (round = 0; round < 200; round++)
	{
		uint32		codes[8];
		uint32		n = 1 + tap_below(&state, 8);
		uint32		i;

		for (i = 0; i < n; i++)
			codes[i] = tap_below(&state, count);
		is_ok &= check_picks(column, other, convs->specs[col].kind, codes, n);
	}
	ok(is_ok && count > 100, "%s are picked", name);
	tap_arena_free(arena);
}

/* Every entry of a dictionary is found, what is beside it is not. */
static void
entries_are_found(FsColumnReader *column, const char *name)
{
	FsFault		fault = {"", 0};
	const FsAddr *dict;
	uint32		size;
	uint32		code;
	uint32		nwrong = 0;
	uint32		i;

	dict = fs_column_dict_addrs(column, &size, &fault);
	for (i = 0; i < size; i++)
	{
		FsAddr		other = dict[i];

		nwrong += !fs_column_find_addr(column, &dict[i], &code, &fault) || code != i;
		other.bits--;
		nwrong += !fs_column_find_addr(column, &other, &code, &fault) || code != size;
	}
	ok(size > 100 && nwrong == 0, "%s: %u entries are found", name, size);
}

static void
addresses_are_found(void)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	FsColumnSpec spec = {1, FS_KIND_ADDR, FS_ORDER_ADDR};
	FsColumnValues values = {0};
	FsAddr	   *addrs = arena->alloc(arena, NROWS * sizeof(FsAddr));
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch;
	uint32		len;
	uint32		i;

	convs_domains(&domains, arena);
	convs = convs_make(CONVS_USUAL, NROWS, &domains, arena);
	entries_are_found(fs_chunkreader_column(convs_open(fs_chunk_encode_clustered(&convs->in, arena, &len, &fault),
													   &fetch, &domains.source, arena),
											convs->specs[CONV_SRC].id, &fault), "a domain");
	memset(addrs, 0, NROWS * sizeof(FsAddr));
	for (i = 0; i < NROWS; i++)
	{
		addrs[i].family = i % 3 == 0 ? 6 : 4;
		addrs[i].bits = i % 3 == 0 ? 128 : 32;
		addrs[i].addr[2] = i % 7;
		addrs[i].addr[3] = i % 200;
	}
	values.addrs = addrs;
	entries_are_found(fs_chunkreader_column(convs_open(fs_chunk_encode(&spec, &values, 1, NROWS, arena, &len),
													   &fetch, NULL, arena), 1, &fault), "a dictionary");
	tap_arena_free(arena);
}

/* Subnets of all sizes around each value against a look at all values. */
static uint32
count_wrong_nets(FsDomainSource *source, const FsAddrNumber *numbers)
{
	FsFault		fault = {"", 0};
	uint32		nwrong = 0;
	uint32		i;

	for (i = 0; i < NSTRINGS; i += 5)
	{
		FsAddrNumber number = numbers[i];
		FsAddr		net;
		uint32		first;
		uint32		end;
		uint32		below = 0;
		uint32		inside = 0;
		uint32		k;

		number.bits = 8 + i % 25;
		number.lo += i % 3;
		fs_addrmap_addr(&number, &net);
		for (k = 0; k < NSTRINGS; k++)
		{
			uint64		diff = (numbers[k].lo ^ number.lo) >> (32 - number.bits);

			inside += diff == 0;
			below += diff != 0 && numbers[k].lo < number.lo;
		}
		nwrong += !source->find_net(source, 1, &net, &first, &end, &fault) ||
			end - first != inside || (inside > 0 && first != below);
	}
	return nwrong;
}

/* The same through a partition index, which finds codes itself. */
static void
codes_are_found(void)
{
	static const uint16 cols[] = {1};
	static FsAddrNumber numbers[NSTRINGS];
	FsArena    *arena = tap_arena();
	FsPindexWriter *writer = fs_pindex_write_begin(NROWS, arena);
	FsPindexDomainInput in = {1, FS_KIND_ADDR, NSTRINGS, numbers, NULL, NULL, cols, 1};
	MemoryFetch fetch;
	FsFault		fault = {"", 0};
	FsDomainSource *source;
	const uint8 *bytes;
	uint32		nwrong = 0;
	uint32		len;
	uint32		i;

	for (i = 0; i < NSTRINGS; i++)
	{
		memset(&numbers[i], 0, sizeof(FsAddrNumber));
		numbers[i].family = 4;
		numbers[i].bits = 32;
		numbers[i].lo = 1000 + 7 * i;
	}
	fs_pindex_write_domain(writer, &in);
	bytes = fs_pindex_write_end(writer, &len);
	fetch = memory_fetch(bytes, len);
	source = fs_pindex_source(fs_pindex_open(&fetch.fetch, len, arena, &fault));
	for (i = 0; i < NSTRINGS; i++)
	{
		FsAddrNumber beside = numbers[i];
		FsAddr		addr;
		uint32		code;

		fs_addrmap_addr(&numbers[i], &addr);
		nwrong += !source->find_addr(source, 1, &addr, &code, &fault) || code != i;
		beside.lo++;
		fs_addrmap_addr(&beside, &addr);
		nwrong += !source->find_addr(source, 1, &addr, &code, &fault) || code != FS_DOMAIN_NO_CODE;
	}
	ok(nwrong == 0, "codes of addresses are found in a partition index");
	ok(count_wrong_nets(source, numbers) == 0, "codes of subnets are found in a partition index");
	tap_arena_free(arena);
}

typedef struct CountingFetch
{
	MemoryFetch memory;			/* first: the callback gets its address */
	uint64		bytes;
} CountingFetch;

static bool
count_bytes(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst, FsFault *fault)
{
	((CountingFetch *) fetch)->bytes += len;
	return memory_fetch_get(fetch, off, len, dst, fault);
}

/* A string of a domain costs its block, and once. */
static void
blocks_are_fetched_alone(void)
{
	static const uint16 cols[] = {1};
	static char text[NSTRINGS][24];
	static const uint8 *ptrs[NSTRINGS];
	static uint32 lens[NSTRINGS];
	FsArena    *arena = tap_arena();
	FsPindexWriter *writer = fs_pindex_write_begin(NROWS, arena);
	FsPindexDomainInput in = {1, FS_KIND_BYTES, NSTRINGS, NULL, ptrs, lens, cols, 1};
	CountingFetch fetch;
	FsFault		fault = {"", 0};
	FsPindex   *index;
	FsDomainSource *source;
	const uint8 *bytes;
	const uint8 *got[2];
	uint32		got_lens[2];
	uint32		codes[2] = {4321, 17};
	uint64		before;
	uint32		len;
	int			i;

	for (i = 0; i < NSTRINGS; i++)
	{
		ptrs[i] = (const uint8 *) text[i];
		lens[i] = sprintf(text[i], "%05d.%08x.example", i, i * 2654435761u);
	}
	fs_pindex_write_domain(writer, &in);
	bytes = fs_pindex_write_end(writer, &len);
	fetch.memory = memory_fetch(bytes, len);
	fetch.memory.fetch.fetch = count_bytes;
	fetch.bytes = 0;
	index = fs_pindex_open(&fetch.memory.fetch, len, arena, &fault);
	source = fs_pindex_source(index);
	ok(source->bytes(source, 1, codes, 2, got, got_lens, &fault) &&
	   got_lens[0] == lens[4321] && memcmp(got[0], ptrs[4321], lens[4321]) == 0 &&
	   got_lens[1] == lens[17] && memcmp(got[1], ptrs[17], lens[17]) == 0,
	   "strings come in any order");
	ok(fetch.bytes < len / 2, "by few of the blocks");
	before = fetch.bytes;
	codes[0]++;
	ok(source->bytes(source, 1, codes, 2, got, got_lens, &fault) && fetch.bytes == before,
	   "which are fetched once");
	tap_arena_free(arena);
}

int
main(void)
{
	int			rule;

	for (rule = CONVS_USUAL; rule <= CONVS_ODD; rule++)
		rows_are_the_same(rule);
	bad_rows();
	picks_are_the_same(CONV_SRC, "addresses");
	picks_are_the_same(CONV_NAME, "names");
	blocks_are_fetched_alone();
	addresses_are_found();
	codes_are_found();
	return tap_done();
}
