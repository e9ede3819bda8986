/*-------------------------------------------------------------------------
 *
 * Zone maps never exclude a value that is there, and count nulls exactly.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "sample.h"
#include "tap.h"

static int64
int_key(const Sample *sample, uint32 row)
{
	int64		x = sample->values.ints[row];

	if (sample->spec.order == FS_ORDER_FLOAT8)
		return fs_float8_zone_key(x);
	if (sample->spec.order == FS_ORDER_FLOAT4)
		return fs_float4_zone_key(x);
	return x;
}

static bool
int_is_inside(const Sample *sample, uint32 row, const FsZone *zone)
{
	int64		x = int_key(sample, row);

	if (sample->spec.order == FS_ORDER_UINT)
		return (uint64) zone->imin <= (uint64) x && (uint64) x <= (uint64) zone->imax;
	return zone->imin <= x && x <= zone->imax;
}

static bool
bytes_are_inside(const Sample *sample, uint32 row, const FsZone *zone)
{
	const uint8 *value = sample->values.bytes + sample->values.offs[row];
	uint32		len = sample->values.offs[row + 1] - sample->values.offs[row];
	int			low;
	int			high;

	if (sample->spec.order == FS_ORDER_CALLBACK)
		return !zone->is_max_cut &&
			sample_compare_bytes(zone->bmin, zone->bmin_len, value, len, NULL) <= 0 &&
			sample_compare_bytes(value, len, zone->bmax, zone->bmax_len, NULL) <= 0;
	low = memcmp(zone->bmin, value, Min(zone->bmin_len, len));
	high = memcmp(value, zone->bmax, Min(zone->bmax_len, len));
	return (low < 0 || (low == 0 && zone->bmin_len <= len)) &&
		(high < 0 || (high == 0 && (len <= zone->bmax_len || zone->is_max_cut)));
}

static bool
is_inside(const Sample *sample, uint32 row, const FsZone *zone)
{
	uint8		key[17];

	if (sample->values.ints)
		return int_is_inside(sample, row, zone);
	if (sample->values.addrs)
	{
		fs_addr_zone_key(&sample->values.addrs[row], key);
		return memcmp(zone->bmin, key, 17) <= 0 && memcmp(key, zone->bmax, 17) <= 0;
	}
	return bytes_are_inside(sample, row, zone);
}

/* Rows from .. to against a zone; *is_tight: integer bounds are attained. */
static bool
check_zone(const Sample *sample, uint32 from, uint32 to, const FsZone *zone,
		   bool *is_tight)
{
	uint32		nulls = 0;
	bool		min_seen = !sample->values.ints;
	bool		max_seen = min_seen;
	uint32		row;

	for (row = from; row < to; row++)
	{
		if (sample_is_null(sample, row))
		{
			nulls++;
			continue;
		}
		if (zone->has_bounds && !is_inside(sample, row, zone))
			return false;
		if (sample->values.ints)
		{
			min_seen |= int_key(sample, row) == zone->imin;
			max_seen |= int_key(sample, row) == zone->imax;
		}
	}
	if (zone->has_bounds && !(min_seen && max_seen))
		*is_tight = false;
	return zone->nulls == nulls && zone->nrows == to - from &&
		!(zone->has_bounds && nulls == to - from);
}

static void
check(uint8 kind, uint8 order, SampleRule rule, bool has_bounds, const char *name)
{
	static const uint32 sizes[] = {1, 1000, 1025, 20000};
	bool		is_ok = true;
	bool		is_tight = true;
	bool		found = true;
	int			i;
	int			one_in;

	for (i = 0; i < lengthof(sizes); i++)
		for (one_in = 0; one_in < 4; one_in++)
		{
			FsArena    *arena = tap_arena();
			Sample		sample = sample_make(kind, order, rule, sizes[i], one_in, arena);
			FsFault		fault;
			FsZone		zone;
			FsChunkHead *head;
			FsColumnReader *reader;
			uint32		len;
			uint32		head_len;
			uint32		version;
			uint32		row;
			uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
												sizes[i], arena, &len);

			if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
				exit(2);
			head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
			is_ok &= check_zone(&sample, 0, sizes[i], &head->cols[0].zone, &is_tight);
			found &= head->cols[0].zone.has_bounds ==
				(has_bounds && head->cols[0].zone.nulls < sizes[i]);
			reader = fs_column_open(&head->cols[0], sizes[i], bytes + head_len,
									len - head_len, arena, &fault);
			for (row = 0; row < sizes[i]; row += FS_VECTOR_ROWS)
			{
				fs_column_zone(reader, row / FS_VECTOR_ROWS, &zone);
				is_ok &= check_zone(&sample, row, Min(row + FS_VECTOR_ROWS, sizes[i]),
									&zone, &is_tight);
			}
			tap_arena_free(arena);
		}
	ok(is_ok, "%s: every value is within its bounds", name);
	ok(found, "%s: %s", name, has_bounds ? "there are bounds" : "there are no bounds");
	if (kind == FS_KIND_INT && has_bounds)
		ok(is_tight, "%s: bounds are values that occur", name);
}

int
main(void)
{
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, true, "narrow range");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RISING, true, "rising");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_RANDOM, true, "random integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_EXTREME, true, "extreme integers");
	check(FS_KIND_INT, FS_ORDER_INT, SAMPLE_CONSTANT, true, "constant integers");
	check(FS_KIND_INT, FS_ORDER_UINT, SAMPLE_RANDOM, true, "random unsigned");
	check(FS_KIND_INT, FS_ORDER_UINT, SAMPLE_EXTREME, true, "extreme unsigned");
	check(FS_KIND_INT, FS_ORDER_NONE, SAMPLE_SMALL, false, "integers without order");
	check(FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_FLOATS, true, "odd float8");
	check(FS_KIND_INT, FS_ORDER_FLOAT4, SAMPLE_FLOATS, true, "odd float4");
	check(FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_DECIMAL, true, "decimals");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_V4, true, "IPv4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_MIXED, true, "IPv4 and IPv6");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_DISTINCT, true, "distinct IPv4");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_EXTREME, true, "distinct IPv6");
	check(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_CONSTANT, true, "constant address");
	check(FS_KIND_ADDR, FS_ORDER_NONE, SAMPLE_V4, false, "addresses without order");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_WORDS, true, "words");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_DISTINCT, true, "distinct strings");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_RANDOM, true, "random bytes");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_EMPTY, true, "empty strings");
	check(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_LONG, true, "long strings");
	check(FS_KIND_BYTES, FS_ORDER_CALLBACK, SAMPLE_DISTINCT, true, "an order of its own");
	check(FS_KIND_BYTES, FS_ORDER_NONE, SAMPLE_WORDS, false, "strings without order");
	return tap_done();
}
