/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_ADDR.
 *
 * FS_ENC_CONSTANT and FS_ENC_DICT hold a dictionary, sorted by family,
 * address and prefix length; CONSTANT ends with it, there is one entry.
 *
 *	   size  meaning
 *	      4  A: IPv4 entries
 *	      4  B: IPv6 entries, 1 <= A + B <= values that are not null
 *	      .  A numbers, the addresses					if A > 0
 *	      .  B numbers, the upper halves				if B > 0
 *	      .  B numbers, the lower halves				if B > 0
 *	      .  A + B numbers, missing bits: 32 or 128 less prefix length
 *	      1  w: bits of a bound							only with bounds and
 *	      .  V smallest codes, w bits					more than one vector,
 *	      .  V largest codes, w bits					not in CONSTANT
 *	      .  sequence of codes							not in CONSTANT
 *
 * FS_ENC_PLAIN, when nine of ten values are distinct and of one family:
 *
 *	   size  meaning
 *	      1  family: 4 or 6
 *	      .  V smallest addresses of 4 or 16 bytes		only with bounds and
 *	      .  V largest addresses						more than one vector
 *	      .  sequence of upper halves					IPv6 only
 *	      .  sequence of addresses or lower halves
 *	      .  sequence of missing bits
 *
 * Numbers are sequences (seq.c) of address bytes read as big-endian numbers,
 * so neighbours in a sorted dictionary differ in few bits.
 *
 *	  10.0.0.1 (all rows)  ->  01 00 00 00  00 00 00 00
 *		01 01 00 00 0a 00 00 00 00	01 00 00 00 00 00 00 00 00
 *
 * Invalid: an IPv4 number over 32 bits; missing bits over 32 or 128; a
 * dictionary that does not ascend; a bound or code that is no entry.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrmap.h"
#include "format/addrs.h"
#include "format/bitpack.h"
#include "format/enc.h"

static inline uint32
full_bits(uint8 family)
{
	return family == 4 ? 32 : 128;
}

/* Write one part of entries[from .. to): 0 lo, 1 hi, 2 missing bits. */
static void
encode_part(FsEncoder *encoder, const FsAddrNumber *entries, uint32 n,
			int part)
{
	uint64	   *numbers = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	uint32		i;

	for (i = 0; i < n; i++)
		numbers[i] = part == 0 ? entries[i].lo : part == 1 ? entries[i].hi :
			full_bits(entries[i].family) - entries[i].bits;
	fs_seq_encode_values(numbers, n, &encoder->scratch, &encoder->out);
}

static void
encode_dict(FsEncoder *encoder, const FsAddrMap *map)
{
	uint32		count4 = map->count4;
	uint32		count6 = map->count - count4;

	fs_writer_put_int(&encoder->out, count4, 4);
	fs_writer_put_int(&encoder->out, count6, 4);
	if (count4 > 0)
		encode_part(encoder, map->entries, count4, 0);
	if (count6 > 0)
	{
		encode_part(encoder, map->entries + count4, count6, 1);
		encode_part(encoder, map->entries + count4, count6, 0);
	}
	encode_part(encoder, map->entries, map->count, 2);
}

static void
encode_code_zones(const FsRange *ranges, uint32 nvecs, uint32 count,
				  FsWriter *out)
{
	uint64		bounds[FS_CHUNK_MAX_VECTORS];
	int			w = fs_bitpack_width(count - 1);
	int			side;

	fs_writer_put_int(out, w, 1);
	for (side = 0; side < 2; side++)
	{
		uint8	   *p = fs_writer_reserve(out, fs_bitpack_len(nvecs, w));
		uint32		v;

		for (v = 0; v < nvecs; v++)
			bounds[v] = side == 0 ? ranges[v].min : ranges[v].max;
		if (p)
			fs_bitpack_pack(bounds, nvecs, w, 0, p);
	}
}

static void
encode_codes(FsEncoder *encoder, const FsAddrMap *map, bool has_zones)
{
	FsShape    *shape = &encoder->shape;
	FsRange    *ranges = fs_scratch_alloc(&encoder->scratch, FS_CHUNK_MAX_VECTORS * sizeof(FsRange));
	FsSeqInput	in = {map->codes, 0, shape, ranges, true, false};
	uint32		v;

	for (v = 0; v < shape->nvecs; v++)
		ranges[v] = fs_range_compute(map->codes + shape->start[v],
									 fs_shape_count(shape, v), FS_RANGE_UNSIGNED);
	if (has_zones)
		encode_code_zones(ranges, shape->nvecs, map->count, &encoder->out);
	fs_seq_encode(&in, &encoder->scratch, &encoder->out);
}

/* The addresses of one value each, PLAIN's sequences. */
static void
encode_plain_part(FsEncoder *encoder, const FsAddrMap *map, int part)
{
	uint32		n = fs_shape_n(&encoder->shape);
	uint64	   *numbers = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	FsSeqInput	in = {numbers, 0, &encoder->shape, NULL, true, false};
	uint32		i;

	for (i = 0; i < n; i++)
	{
		const FsAddrNumber *entry = &map->entries[map->codes[i]];

		numbers[i] = part == 0 ? entry->lo : part == 1 ? entry->hi :
			full_bits(entry->family) - entry->bits;
	}
	fs_seq_encode(&in, &encoder->scratch, &encoder->out);
}

static void
put_address(const FsAddrNumber *number, FsWriter *out)
{
	FsAddr		addr;

	fs_addrmap_addr(number, &addr);
	fs_writer_put(out, addr.addr, number->family == 4 ? 4 : 16);
}

static void
encode_plain(FsEncoder *encoder, const FsAddrMap *map, bool has_zones)
{
	const FsShape *shape = &encoder->shape;
	uint8		family = map->entries[0].family;
	int			side;
	uint32		v;

	fs_writer_put_int(&encoder->out, family, 1);
	for (side = 0; has_zones && side < 2; side++)
		for (v = 0; v < shape->nvecs; v++)
		{
			FsRange		range = fs_range_compute(map->codes + shape->start[v],
												 fs_shape_count(shape, v),
												 FS_RANGE_UNSIGNED);

			put_address(&map->entries[side == 0 ? range.min : range.max],
						&encoder->out);
		}
	if (family == 6)
		encode_plain_part(encoder, map, 1);
	encode_plain_part(encoder, map, 0);
	encode_plain_part(encoder, map, 2);
}

/* Whether every prefix is of full length, so that bounds mean something. */
static bool
are_full(const FsAddrMap *map)
{
	uint32		i;

	for (i = 0; i < map->count; i++)
		if (map->entries[i].bits != full_bits(map->entries[i].family))
			return false;
	return true;
}

static void
set_bound(const FsAddrNumber *number, uint8 *bound, uint8 *len)
{
	FsAddr		addr;

	fs_addrmap_addr(number, &addr);
	fs_addr_zone_key(&addr, bound);
	*len = 17;
}

void
fs_addrs_set_bounds(const FsAddr *addrs, uint32 n, FsZone *zone)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (addrs[i].bits != full_bits(addrs[i].family))
			return;
	zone->has_bounds = true;
	zone->bmin_len = zone->bmax_len = 17;
	fs_addr_zone_key(&addrs[0], zone->bmin);
	fs_addr_zone_key(&addrs[n - 1], zone->bmax);
}

void
fs_addrs_encode(FsEncoder *encoder, const FsColumnValues *values,
				FsColumnMeta *meta)
{
	uint32		n = fs_shape_n(&encoder->shape);
	FsZone	   *zone = &meta->zone;
	FsAddrMap	map;
	bool		is_pure;
	bool		has_zones;

	fs_addrmap_build(encoder, values, &map);
	is_pure = map.count4 == 0 || map.count4 == map.count;
	zone->has_bounds = meta->order == FS_ORDER_ADDR && are_full(&map);
	has_zones = zone->has_bounds && encoder->has_zones && encoder->shape.nvecs > 1;
	if (zone->has_bounds)
	{
		set_bound(&map.entries[0], zone->bmin, &zone->bmin_len);
		set_bound(&map.entries[map.count - 1], zone->bmax, &zone->bmax_len);
	}
	if (map.count > 1 && is_pure && (uint64) map.count * 10 > (uint64) n * 9)
	{
		meta->encoding = FS_ENC_PLAIN;
		encode_plain(encoder, &map, has_zones);
		return;
	}
	meta->encoding = map.count == 1 ? FS_ENC_CONSTANT : FS_ENC_DICT;
	encode_dict(encoder, &map);
	if (meta->encoding == FS_ENC_DICT)
		encode_codes(encoder, &map, has_zones);
}

/* Check and convert numbers; gives false if they are no address. */
static bool
make_addr(uint8 family, uint64 hi, uint64 lo, uint64 missing, FsAddr *addr)
{
	FsAddrNumber number;

	if (missing > full_bits(family) || (family == 4 && lo > PG_UINT32_MAX))
		return false;
	number.family = family;
	number.bits = full_bits(family) - (uint32) missing;
	number.hi = hi;
	number.lo = lo;
	fs_addrmap_addr(&number, addr);
	return true;
}

/* Whether entry a follows after entry b: more missing bits come first. */
static inline bool
is_above(uint64 ahi, uint64 alo, uint64 amissing,
		 uint64 bhi, uint64 blo, uint64 bmissing)
{
	if (ahi != bhi)
		return ahi > bhi;
	return alo != blo ? alo > blo : amissing < bmissing;
}

static bool
open_dict(FsCursor *cursor, uint32 n, FsArena *arena, FsAddrs *addrs)
{
	uint64		count4 = fs_cursor_get32(cursor);
	uint64		count6 = fs_cursor_get32(cursor);
	uint64	   *v4 = NULL;
	uint64	   *hi = NULL;
	uint64	   *lo = NULL;
	uint64	   *missing;
	uint32		i;

	if (cursor->failed || count4 + count6 == 0 || count4 + count6 > n ||
		(addrs->encoding == FS_ENC_CONSTANT && count4 + count6 > 1))
		return fs_cursor_fail(cursor, "dictionary size is out of range");
	addrs->count4 = (uint32) count4;
	addrs->count = (uint32) (count4 + count6);
	if (count4 > 0)
		v4 = fs_seq_load(cursor, (uint32) count4, arena);
	if (count6 > 0)
	{
		hi = fs_seq_load(cursor, (uint32) count6, arena);
		lo = fs_seq_load(cursor, (uint32) count6, arena);
	}
	missing = fs_seq_load(cursor, addrs->count, arena);
	if (cursor->failed)
		return false;
	addrs->dict = arena->alloc(arena, addrs->count * sizeof(FsAddr));
	for (i = 0; i < count4; i++)
	{
		if (!make_addr(4, 0, v4[i], missing[i], &addrs->dict[i]))
			return fs_cursor_fail(cursor, "dictionary entry %u is no address", i);
		if (i > 0 && !is_above(0, v4[i], missing[i], 0, v4[i - 1], missing[i - 1]))
			return fs_cursor_fail(cursor, "dictionary entry %u does not ascend", i);
	}
	missing += count4;
	for (i = 0; i < count6; i++)
	{
		if (!make_addr(6, hi[i], lo[i], missing[i], &addrs->dict[count4 + i]))
			return fs_cursor_fail(cursor, "dictionary entry %u is no address", i);
		if (i > 0 && !is_above(hi[i], lo[i], missing[i], hi[i - 1], lo[i - 1], missing[i - 1]))
			return fs_cursor_fail(cursor, "dictionary entry %u does not ascend", i);
	}
	return true;
}

static bool
open_code_zones(FsCursor *cursor, uint32 nvecs, FsAddrs *addrs)
{
	int			w = fs_cursor_get8(cursor);
	const uint8 *src[2];
	int			side;
	uint32		v;

	if (w > 16)
		return fs_cursor_fail(cursor, "bounds of %d bits", w);
	for (side = 0; side < 2; side++)
	{
		src[side] = fs_cursor_take(cursor, fs_bitpack_len(nvecs, w));
		if (!src[side])
			return false;
		if (!fs_bitpack_is_clean(src[side], nvecs, w))
			return fs_cursor_fail(cursor, "padding of bounds is not zero");
	}
	fs_bitpack_unpack32(src[0], nvecs, w, 0, addrs->mins);
	fs_bitpack_unpack32(src[1], nvecs, w, 0, addrs->maxs);
	for (v = 0; v < nvecs; v++)
		if (addrs->mins[v] > addrs->maxs[v] || addrs->maxs[v] >= addrs->count)
			return fs_cursor_fail(cursor, "bounds of vector %u are no entries", v);
	return true;
}

static bool
open_plain(FsCursor *cursor, const FsShape *shape, FsArena *arena,
		   FsAddrs *addrs)
{
	addrs->family = fs_cursor_get8(cursor);
	if (addrs->family != 4 && addrs->family != 6)
		return fs_cursor_fail(cursor, "address family %d", addrs->family);
	if (addrs->has_zones)
		addrs->zones = fs_cursor_take(cursor, shape->nvecs * 2 *
									  (addrs->family == 4 ? 4 : 16));
	if (addrs->family == 6 && !fs_seq_open(cursor, shape, arena, &addrs->hi))
		return false;
	return fs_seq_open(cursor, shape, arena, &addrs->lo) &&
		fs_seq_open(cursor, shape, arena, &addrs->missing);
}

bool
fs_addrs_open(FsCursor *cursor, const FsColumnMeta *meta,
			  const FsShape *shape, FsArena *arena, FsAddrs *addrs)
{
	addrs->encoding = meta->encoding;
	addrs->has_zones = meta->zone.has_bounds && shape->nvecs > 1;
	addrs->count = 0;
	if (meta->encoding == FS_ENC_PLAIN)
		return open_plain(cursor, shape, arena, addrs);
	if (meta->encoding != FS_ENC_DICT && meta->encoding != FS_ENC_CONSTANT)
		return fs_cursor_fail(cursor, "encoding %d of addresses", meta->encoding);
	if (!open_dict(cursor, fs_shape_n(shape), arena, addrs))
		return false;
	if (meta->encoding == FS_ENC_CONSTANT)
	{
		memset(addrs->mins, 0, sizeof(addrs->mins));
		memset(addrs->maxs, 0, sizeof(addrs->maxs));
		return true;
	}
	if (addrs->has_zones && !open_code_zones(cursor, shape->nvecs, addrs))
		return false;
	return fs_seq_open(cursor, shape, arena, &addrs->codes);
}

bool
fs_addrs_read(const FsAddrs *addrs, uint32 v, FsAddr *values, FsFault *fault)
{
	uint32		n = fs_shape_count(addrs->lo.shape, v);
	uint64		hi[FS_VECTOR_ROWS];
	uint64		lo[FS_VECTOR_ROWS];
	uint64		missing[FS_VECTOR_ROWS];
	uint32		i;

	if (addrs->family == 4)
		memset(hi, 0, sizeof(hi));
	else if (!fs_seq_read(&addrs->hi, v, 0, hi, fault))
		return false;
	if (!fs_seq_read(&addrs->lo, v, 0, lo, fault) ||
		!fs_seq_read(&addrs->missing, v, 0, missing, fault))
		return false;
	for (i = 0; i < n; i++)
		if (!make_addr(addrs->family, hi[i], lo[i], missing[i], &values[i]))
			return fs_fault_set(fault, addrs->lo.packed.payload_off,
								"value %u of vector %u is no address", i, v);
	return true;
}

void
fs_addrs_zone(const FsAddrs *addrs, uint32 v, FsAddr *min, FsAddr *max)
{
	uint32		len = addrs->family == 4 ? 4 : 16;
	uint32		nvecs;

	if (addrs->count > 0)
	{
		*min = addrs->dict[addrs->mins[v]];
		*max = addrs->dict[addrs->maxs[v]];
		return;
	}
	nvecs = addrs->lo.shape->nvecs;
	memset(min, 0, sizeof(FsAddr));
	memset(max, 0, sizeof(FsAddr));
	min->family = max->family = addrs->family;
	memcpy(min->addr, addrs->zones + v * len, len);
	memcpy(max->addr, addrs->zones + (nvecs + v) * len, len);
}
