/*-------------------------------------------------------------------------
 *
 * Clustered chunks give back every value, have true zone maps, and use the
 * places that they should.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/roundtrip.h"
#include "convs.h"
#include "sample.h"
#include "tap.h"

static const uint32 sizes[] = {1, 2, 3, 1000, 1023, 1024, 1025, 5000, 65536};
static const char *const rules[] = {"pairs", "single rows", "no hints", "odd second rows"};

static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

static FsChunkHead *
parse_head(const uint8 *bytes, FsArena *arena)
{
	FsFault		fault;
	uint32		head_len;
	uint32		version;

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		return NULL;
	return fs_chunk_head_parse(bytes, head_len, arena, &fault);
}

static void
values_come_back(ConvsRule rule)
{
	bool		is_ok = true;
	uint32		last_len = 0;
	int			i;

	for (i = 0; i < lengthof(sizes); i++)
	{
		FsArena    *arena = tap_arena();
		FsFault		fault = {"", 0};
		MemDomains	domains;
		Convs	   *convs;
		uint8	   *bytes;

		convs_domains(&domains, arena);
		convs = convs_make(rule, sizes[i], &domains, arena);
		bytes = fs_chunk_encode_clustered(&convs->in, arena, &last_len, &fault);
		if (!bytes || !fs_roundtrip_check(&convs->in, bytes, last_len, arena, &fault))
		{
			printf("# %s, %u rows: %s at %u\n", rules[rule], sizes[i], fault.reason, fault.off);
			is_ok = false;
		}
		tap_arena_free(arena);
	}
	ok(is_ok, "%s: values come back (%.3f bytes a row)", rules[rule], last_len / 65536.0);
}

/* Whether a value lies within bounds. */
static bool
is_within(const Convs *convs, int col, uint32 row, const FsZone *zone)
{
	const FsColumnValues *values = &convs->values[col];
	const MemDomains *domains = (MemDomains *) convs->in.domains;
	const char *name;

	if (!zone->has_bounds)
		return true;
	if (convs->specs[col].order == FS_ORDER_UINT)
		return (uint64) values->ints[row] >= (uint64) zone->imin &&
			(uint64) values->ints[row] <= (uint64) zone->imax;
	if (values->ints)
	{
		int64		key = convs->specs[col].order == FS_ORDER_FLOAT4 ?
			fs_float4_zone_key(values->ints[row]) : values->ints[row];

		return key >= zone->imin && key <= zone->imax;
	}
	if (convs->specs[col].kind == FS_KIND_ADDR)
	{
		uint8		key[17];

		fs_addr_zone_key(values->codes ? &domains->domains[0].addrs[values->codes[row]] :
						 &values->addrs[row], key);
		return memcmp(key, zone->bmin, 17) >= 0 && memcmp(key, zone->bmax, 17) <= 0;
	}
	if (!values->codes)
		return true;
	name = domains->domains[1].strings[values->codes[row]];
	if (convs->specs[col].order == FS_ORDER_CALLBACK)
		return sample_compare_bytes((const uint8 *) name, strlen(name), zone->bmin, zone->bmin_len, NULL) >= 0 &&
			sample_compare_bytes((const uint8 *) name, strlen(name), zone->bmax, zone->bmax_len, NULL) <= 0;
	return memcmp(name, zone->bmin, Min(strlen(name), zone->bmin_len)) >= 0 &&
		memcmp(name, zone->bmax, Min(strlen(name), zone->bmax_len)) <= 0;
}

static bool
check_zone(const Convs *convs, int col, uint32 from, uint32 to, const FsZone *zone)
{
	uint32		nulls = 0;
	uint32		row;

	for (row = from; row < to; row++)
		if (fs_pairs_bit(convs->values[col].nulls, row))
			nulls++;
		else if (!is_within(convs, col, row, zone))
			return false;
	return zone->nulls == nulls && zone->nrows == to - from &&
		!(zone->has_bounds && nulls == to - from);
}

static void
zones_are_true(ConvsRule rule)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsChunkHead *head;
	FsFetch		fetch = {get, NULL};
	FsChunkReader *reader;
	bool		is_ok = true;
	uint32		len;
	int			col;

	convs_domains(&domains, arena);
	convs = convs_make(rule, 5000, &domains, arena);
	fetch.state = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	head = parse_head(fetch.state, arena);
	reader = fs_chunkreader_open(head, &fetch, &domains.source, arena);
	for (col = 0; col < CONV_NCOLS; col++)
	{
		FsColumnReader *column = fs_chunkreader_column(reader, convs->specs[col].id, &fault);
		uint32		from;
		FsZone		zone;

		is_ok &= check_zone(convs, col, 0, 5000, &head->cols[col].zone);
		for (from = 0; from < 5000; from += FS_VECTOR_ROWS)
		{
			fs_column_zone(column, from / FS_VECTOR_ROWS, &zone);
			if (!check_zone(convs, col, from, Min(from + FS_VECTOR_ROWS, 5000), &zone))
			{
				printf("# column %d from row %u\n", col, from);
				is_ok = false;
			}
		}
	}
	ok(is_ok, "%s: zone maps are true", rules[rule]);
	tap_arena_free(arena);
}

static void
places_are_used(void)
{
	static const struct
	{
		int			col;
		uint8		place;
		const char *name;
	}			expected[] = {
		{CONV_TS, FS_PLACE_PAIRED, "times are paired"},
		{CONV_SRC, FS_PLACE_SWAPPED, "sources are swapped"},
		{CONV_DST, FS_PLACE_SWAPPED, "destinations are swapped"},
		{CONV_SPORT, FS_PLACE_SWAPPED, "ports are swapped"},
		{CONV_SRC_AS, FS_PLACE_FUNCTION, "AS numbers are attributes"},
		{CONV_NAME, FS_PLACE_FUNCTION, "names are a function of addresses"},
		{CONV_PROTO, FS_PLACE_FUNCTION, "protocols are a function of ports"},
		{CONV_ENTROPY, FS_PLACE_SHARED, "entropy is shared"},
		{CONV_RANDOM, FS_PLACE_ROWS, "random numbers stand by row"},
		{CONV_EMPTY, FS_PLACE_ROWS, "an empty column stands by row"}
	};
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsChunkHead *head;
	uint32		len;
	int			i;

	convs_domains(&domains, arena);
	convs = convs_make(CONVS_USUAL, 20000, &domains, arena);
	head = parse_head(fs_chunk_encode_clustered(&convs->in, arena, &len, &fault), arena);
	for (i = 0; i < lengthof(expected); i++)
		ok(head->cols[expected[i].col].place == expected[i].place, "%s", expected[i].name);
	ok(head->frame_len > 0, "the frame is there");
	tap_arena_free(arena);
}

/* Columns that depend on each other are read out of step, and twice. */
static void
readers_do_not_disturb(void)
{
	static const int cols[] = {CONV_SRC, CONV_SRC_AS, CONV_DST, CONV_NAME, CONV_DST_AS};
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch = {get, NULL};
	FsChunkReader *reader;
	FsColumnReader *column[lengthof(cols)];
	FsVector	vector[lengthof(cols)];
	bool		is_ok = true;
	uint64		state = 5;
	uint32		len;
	uint32		round;
	int			i;

	convs_domains(&domains, arena);
	convs = convs_make(CONVS_USUAL, 5120, &domains, arena);
	fetch.state = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	reader = fs_chunkreader_open(parse_head(fetch.state, arena), &fetch, &domains.source, arena);
	for (i = 0; i < lengthof(cols); i++)
		column[i] = fs_chunkreader_column(reader, convs->specs[cols[i]].id, &fault);
	ok(fs_chunkreader_column(reader, convs->specs[CONV_SRC].id, &fault) == column[0],
	   "a column is opened once");
	for (round = 0; round < 200; round++)
	{
		uint32		v[lengthof(cols)];

		for (i = 0; i < lengthof(cols); i++)
		{
			v[i] = tap_below(&state, 5);
			is_ok &= fs_column_read(column[i], v[i], &vector[i], &fault);
		}
		for (i = 0; i < lengthof(cols); i++)
		{
			uint32		row = tap_below(&state, FS_VECTOR_ROWS);
			uint32		at = v[i] * FS_VECTOR_ROWS + row;
			uint32		n;
			const uint32 *codes;

			if (vector[i].is_null[row])
				continue;
			fs_column_domain(column[i], &n, &codes);
			is_ok &= vector[i].ints ? vector[i].ints[row] == convs->values[cols[i]].ints[at] :
				codes[vector[i].codes[row]] == convs->values[cols[i]].codes[at];
		}
	}
	ok(is_ok, "columns are read out of step");
	tap_arena_free(arena);
}

/* Whether a vector still is what rows first .. of its column say. */
static bool
is_same_vector(FsColumnReader *column, const FsVector *vector, const FsColumnValues *values)
{
	uint32		i;
	uint32		n;
	const uint32 *codes;

	fs_column_domain(column, &n, &codes);
	for (i = 0; i < vector->nrows; i++)
		if (vector->is_null[i] != fs_pairs_bit(values->nulls, i) ||
			(!vector->is_null[i] &&
			 (vector->ints ? vector->ints[i] != values->ints[i] :
			  values->codes && codes[vector->codes[i]] != values->codes[i])))
			return false;
	return true;
}

/* What a column gave stays when others that need it are opened and read. */
static void
vectors_stay(ConvsRule rule)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch = {get, NULL};
	FsChunkHead *head;
	bool		is_ok = true;
	uint32		len;
	int			col;
	int			other;

	convs_domains(&domains, arena);
	convs = convs_make(rule, 3000, &domains, arena);
	fetch.state = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	head = parse_head(fetch.state, arena);
	for (col = 0; col < CONV_NCOLS; col++)
	{
		FsChunkReader *reader = fs_chunkreader_open(head, &fetch, &domains.source, arena);
		FsColumnReader *column = fs_chunkreader_column(reader, convs->specs[col].id, &fault);
		FsVector	vector;
		FsVector	later;

		is_ok &= fs_column_read(column, 0, &vector, &fault);
		for (other = 0; other < CONV_NCOLS; other++)
		{
			FsColumnReader *needs = fs_chunkreader_column(reader, convs->specs[other].id, &fault);

			is_ok &= other == col || fs_column_read(needs, 1 + other % 2, &later, &fault);
			is_ok &= is_same_vector(column, &vector, &convs->values[col]);
		}
	}
	ok(is_ok, "%s: vectors stay until the next of their column", rules[rule]);
	tap_arena_free(arena);
}

/* Domains that are not there are a fault where values are asked for. */
static void
domains_are_missing(void)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	MemDomains	none;
	Convs	   *convs;
	FsFetch		fetch = {get, NULL};
	FsChunkReader *reader;
	FsColumnReader *column;
	FsVector	vector;
	FsZone		zone;
	uint32		len;
	uint32		n;

	convs_domains(&domains, arena);
	memdomain_init(&none);
	convs = convs_make(CONVS_USUAL, 5000, &domains, arena);
	fetch.state = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	reader = fs_chunkreader_open(parse_head(fetch.state, arena), &fetch, NULL, arena);
	column = fs_chunkreader_column(reader, convs->specs[CONV_SRC].id, &fault);
	ok(column && fs_column_read(column, 0, &vector, &fault), "codes are read without domains");
	ok(!fs_column_dict_addrs(column, &n, &fault) && n > 0, "values are not");
	fs_column_zone(column, 0, &zone);
	ok(zone.has_bounds && zone.bmin_len == 17, "bounds are those of the chunk");
	column = fs_chunkreader_column(reader, convs->specs[CONV_SRC_AS].id, &fault);
	ok(!fs_column_read(column, 0, &vector, &fault), "attributes are a fault without domains");
	ok(!fs_column_read(column, 0, &vector, &fault), "and again");
	convs->in.domains = &none.source;
	ok(!fs_chunk_encode_clustered(&convs->in, arena, &len, &fault) && fault.reason[0] != '\0',
	   "a domain that fails is a fault when encoding");
	tap_arena_free(arena);
}

int
main(void)
{
	int			rule;

	for (rule = CONVS_USUAL; rule <= CONVS_ODD; rule++)
	{
		values_come_back(rule);
		zones_are_true(rule);
		vectors_stay(rule);
	}
	places_are_used();
	readers_do_not_disturb();
	domains_are_missing();
	return tap_done();
}
