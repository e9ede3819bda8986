/*-------------------------------------------------------------------------
 *
 * Prefix maps, as they are stored.
 *
 * Ranges are made by one walk through the networks in order, with those that
 * the walk is in on a stack: where one begins its value counts, where it ends
 * that of the one below.  The walk is done twice, to count and to write.
 *
 *-------------------------------------------------------------------------
 */
#include "format/prefixmap.h"

#define VERSION			1
#define HEAD_WORDS		8
#define NBLOCKS			65536

/* with fewer ranges a search without blocks is as good, and the map smaller */
#define MIN_BLOCK_RANGES	1024

/* The ranges of one family while they are made. */
typedef struct Ranges
{
	uint32		n;				/* written */
	uint32		code;			/* of the last one */
	uint32	   *values;			/* NULL: only count */
	uint32	   *starts4;		/* one of these is not NULL */
	uint16	   *lows4;
	uint32	   *blocks;			/* with lows4; how many begin in the block before */
	uint8	   *starts6_hi;
	uint8	   *starts6_lo;
	FsIp		next_start;		/* of one that is not written yet */
	uint32		next_code;
} Ranges;

typedef struct Lengths
{
	uint32		nranges[2];
	uint32		nblocks;
	uint32		text_len;
} Lengths;

FsIp
fs_prefix_last(uint8 family, FsIp first, int bits)
{
	int			free_bits = (family == 4 ? 32 : 128) - bits;

	first.lo |= free_bits >= 64 ? PG_UINT64_MAX : (UINT64CONST(1) << free_bits) - 1;
	if (free_bits > 64)
		first.hi |= free_bits == 128 ? PG_UINT64_MAX : (UINT64CONST(1) << (free_bits - 64)) - 1;
	return first;
}

/* The address without the bits right of a prefix length. */
static FsIp
first_of(uint8 family, FsIp ip, int bits)
{
	FsIp		none = {0, 0};
	FsIp		mask = fs_prefix_last(family, none, bits);

	ip.hi &= ~mask.hi;
	ip.lo &= ~mask.lo;
	return ip;
}

/* Write the range that waits, unless the one before goes on. */
static void
put_range(Ranges *ranges)
{
	uint32		i = ranges->n;

	if (i > 0 && ranges->next_code == ranges->code)
		return;
	ranges->code = ranges->next_code;
	ranges->n++;
	if (ranges->values == NULL)
		return;
	ranges->values[i] = ranges->code;
	if (ranges->lows4 != NULL)
	{
		ranges->lows4[i] = ranges->next_start.lo & 0xffff;
		ranges->blocks[(ranges->next_start.lo >> 16) + 1]++;
	}
	else if (ranges->starts4 != NULL)
		ranges->starts4[i] = ranges->next_start.lo;
	else
	{
		memcpy(ranges->starts6_hi + 8 * (size_t) i, &ranges->next_start.hi, 8);
		memcpy(ranges->starts6_lo + 8 * (size_t) i, &ranges->next_start.lo, 8);
	}
}

/* From start on, code counts. */
static void
begin_range(Ranges *ranges, FsIp start, uint32 code)
{
	if (fs_ip_compare(start, ranges->next_start) != 0)
		put_range(ranges);
	ranges->next_start = start;
	ranges->next_code = code;
}

/* The networks that the walk is in end before the address, or all of them. */
static void
leave(Ranges *ranges, uint8 family, const FsPrefix **stack, int *depth, const FsIp *before)
{
	FsIp		end = fs_prefix_last(family, (FsIp) {0, 0}, 0);

	for (; *depth > 0; (*depth)--)
	{
		const FsPrefix *top = stack[*depth - 1];
		FsIp		last = fs_prefix_last(family, top->first, top->bits);

		if (before != NULL && fs_ip_compare(last, *before) >= 0)
			return;
		if (fs_ip_compare(last, end) != 0)
			begin_range(ranges, fs_ip_next(last),
						*depth > 1 ? stack[*depth - 2]->value : FS_PREFIX_NONE);
	}
}

static void
make_ranges(Ranges *ranges, const FsPrefixSource *source, int side)
{
	const FsPrefix *stack[129];
	int			depth = 0;
	uint8		family = side == 0 ? 4 : 6;

	ranges->n = 0;
	ranges->next_start = (FsIp) {0, 0};
	ranges->next_code = FS_PREFIX_NONE;
	if (source->n[side] == 0)
		return;
	for (uint32 i = 0; i < source->n[side]; i++)
	{
		const FsPrefix *net = &source->nets[side][i];

		leave(ranges, family, stack, &depth, &net->first);
		stack[depth++] = net;
		begin_range(ranges, net->first, net->value);
	}
	leave(ranges, family, stack, &depth, NULL);
	put_range(ranges);
}

static Lengths
count(const FsPrefixSource *source)
{
	Lengths		lengths;

	for (int side = 0; side < 2; side++)
	{
		Ranges		ranges = {0};

		make_ranges(&ranges, source, side);
		lengths.nranges[side] = ranges.n;
	}
	lengths.nblocks = lengths.nranges[0] < MIN_BLOCK_RANGES ? 0 : NBLOCKS;
	lengths.text_len = source->nvalues == 0 ? 0 : source->ends[source->nvalues - 1];
	return lengths;
}

static uint64
filled(uint64 len)
{
	return (len + 3) & ~(uint64) 3;
}

/* Where each array lies, from the head; bytes in all. */
static uint64
lay_out(const uint32 *n, const uint8 *bytes, FsPrefixMap *map)
{
	uint64		at = HEAD_WORDS * 4;
	const uint64 sizes[14] = {
		n[5] == 0 ? 0 : 4 * ((uint64) n[5] + 1),
		(n[5] == 0 ? 4 : 2) * (uint64) n[3], 4 * (uint64) n[3],
		8 * (uint64) n[4], 8 * (uint64) n[4], 4 * (uint64) n[4],
		4 * (uint64) n[1], 4 * (uint64) n[1], n[1],
		8 * (uint64) n[2], 8 * (uint64) n[2], 4 * (uint64) n[2], n[2],
		4 * (uint64) n[6]
	};
	uint64		places[14];

	for (int i = 0; i < 14; i++)
	{
		places[i] = at;
		at += filled(sizes[i]);
	}
	map->nnets[0] = n[1];
	map->nnets[1] = n[2];
	map->nranges[0] = n[3];
	map->nranges[1] = n[4];
	map->nvalues = n[6];
	if (bytes == NULL)
		return at + filled(n[7]);
	map->blocks = n[5] == 0 ? NULL : (const uint32 *) (bytes + places[0]);
	map->starts4 = n[5] == 0 ? (const uint32 *) (bytes + places[1]) : NULL;
	map->lows4 = n[5] == 0 ? NULL : (const uint16 *) (bytes + places[1]);
	map->range_values[0] = (const uint32 *) (bytes + places[2]);
	map->starts6_hi = bytes + places[3];
	map->starts6_lo = bytes + places[4];
	map->range_values[1] = (const uint32 *) (bytes + places[5]);
	map->nets4 = (const uint32 *) (bytes + places[6]);
	map->values[0] = (const uint32 *) (bytes + places[7]);
	map->bits[0] = bytes + places[8];
	map->nets6_hi = bytes + places[9];
	map->nets6_lo = bytes + places[10];
	map->values[1] = (const uint32 *) (bytes + places[11]);
	map->bits[1] = bytes + places[12];
	map->ends = (const uint32 *) (bytes + places[13]);
	map->text = (const char *) bytes + at;
	return at + filled(n[7]);
}

static void
make_head(const FsPrefixSource *source, uint32 *head)
{
	Lengths		lengths = count(source);

	head[0] = VERSION;
	head[1] = source->n[0];
	head[2] = source->n[1];
	head[3] = lengths.nranges[0];
	head[4] = lengths.nranges[1];
	head[5] = lengths.nblocks;
	head[6] = source->nvalues;
	head[7] = lengths.text_len;
}

uint64
fs_prefixmap_len(const FsPrefixSource *source)
{
	uint32		head[HEAD_WORDS];
	FsPrefixMap map;

	make_head(source, head);
	return lay_out(head, NULL, &map);
}

static void
write_nets(const FsPrefixSource *source, const FsPrefixMap *map)
{
	for (int side = 0; side < 2; side++)
		for (uint32 i = 0; i < source->n[side]; i++)
		{
			const FsPrefix *net = &source->nets[side][i];

			((uint32 *) map->values[side])[i] = net->value;
			((uint8 *) map->bits[side])[i] = net->bits;
			if (side == 0)
				((uint32 *) map->nets4)[i] = net->first.lo;
			else
			{
				memcpy((uint8 *) map->nets6_hi + 8 * (size_t) i, &net->first.hi, 8);
				memcpy((uint8 *) map->nets6_lo + 8 * (size_t) i, &net->first.lo, 8);
			}
		}
}

void
fs_prefixmap_encode(const FsPrefixSource *source, uint8 *dst)
{
	uint32		head[HEAD_WORDS];
	FsPrefixMap map;
	Ranges		ranges[2] = {0};

	make_head(source, head);
	memset(dst, 0, lay_out(head, NULL, &map));
	memcpy(dst, head, sizeof(head));
	lay_out(head, dst, &map);
	ranges[0].values = (uint32 *) map.range_values[0];
	ranges[0].starts4 = (uint32 *) map.starts4;
	ranges[0].lows4 = (uint16 *) map.lows4;
	ranges[0].blocks = (uint32 *) map.blocks;
	make_ranges(&ranges[0], source, 0);
	for (uint32 block = 0; block < head[5]; block++)
		ranges[0].blocks[block + 1] += ranges[0].blocks[block];
	ranges[1].values = (uint32 *) map.range_values[1];
	ranges[1].starts6_hi = (uint8 *) map.starts6_hi;
	ranges[1].starts6_lo = (uint8 *) map.starts6_lo;
	make_ranges(&ranges[1], source, 1);
	write_nets(source, &map);
	if (head[6] > 0)
		memcpy((uint8 *) map.ends, source->ends, 4 * (size_t) head[6]);
	if (head[7] > 0)
		memcpy((char *) map.text, source->text, head[7]);
}

/* Whether they are values or, where that may be, none. */
static bool
are_values(const uint32 *values, uint32 n, uint32 limit, bool may_be_none)
{
	for (uint32 i = 0; i < n; i++)
		if (values[i] >= limit && !(may_be_none && values[i] == FS_PREFIX_NONE))
			return false;
	return true;
}

/* Whether numbers never fall, and the last is at most the limit. */
static bool
are_rising(const uint32 *numbers, uint32 n, uint32 limit)
{
	for (uint32 i = 1; i < n; i++)
		if (numbers[i] < numbers[i - 1])
			return false;
	return n == 0 || numbers[n - 1] <= limit;
}

bool
fs_prefixmap_open(const uint8 *bytes, uint64 len, FsPrefixMap *map)
{
	uint32		head[HEAD_WORDS];

	if (len < sizeof(head))
		return false;
	memcpy(head, bytes, sizeof(head));
	if (head[0] != VERSION || (head[5] != 0 && head[5] != NBLOCKS) ||
		lay_out(head, NULL, map) != len)
		return false;
	lay_out(head, bytes, map);
	for (int side = 0; side < 2; side++)
	{
		if (!are_values(map->range_values[side], map->nranges[side], map->nvalues, true) ||
			!are_values(map->values[side], map->nnets[side], map->nvalues, false))
			return false;
		for (uint32 i = 0; i < map->nnets[side]; i++)
			if (map->bits[side][i] > (side == 0 ? 32 : 128))
				return false;
	}
	return are_rising(map->ends, map->nvalues, head[7]) &&
		(map->blocks == NULL || are_rising(map->blocks, NBLOCKS + 1, map->nranges[0]));
}

static uint64
word_at(const uint8 *words, uint32 i)
{
	uint64		word;

	memcpy(&word, words + 8 * (size_t) i, 8);
	return word;
}

/* Of n numbers that ascend, how many are not above the given one. */
#define DEFINE_UPPER_BOUND(name, type) \
	static uint32 \
	name(const type *numbers, uint32 n, uint32 limit) \
	{ \
		uint32		low = 0; \
		while (n > 0) \
		{ \
			uint32		half = n / 2; \
			low += numbers[low + half] <= limit ? n - half : 0; \
			n = half; \
		} \
		return low; \
	}

DEFINE_UPPER_BOUND(upper_bound_4, uint32)
DEFINE_UPPER_BOUND(upper_bound_low, uint16)

/* The same of IPv6 addresses. */
static uint32
upper_bound_6(const uint8 *hi, const uint8 *lo, uint32 n, FsIp ip)
{
	uint32		low = 0;

	while (n > 0)
	{
		uint32		half = n / 2;
		uint64		high = word_at(hi, low + half);
		bool		is_not_above = high < ip.hi ||
			(high == ip.hi && word_at(lo, low + half) <= ip.lo);

		low += is_not_above ? n - half : 0;
		n = half;
	}
	return low;
}

uint32
fs_prefixmap_find(const FsPrefixMap *map, uint8 family, FsIp ip)
{
	int			side = family == 4 ? 0 : 1;
	uint32		end;

	if (side == 1)
		end = upper_bound_6(map->starts6_hi, map->starts6_lo, map->nranges[1], ip);
	else if (map->blocks == NULL)
		end = upper_bound_4(map->starts4, map->nranges[0], (uint32) ip.lo);
	else
	{
		const uint32 *block = &map->blocks[(uint32) ip.lo >> 16];

		/* a look-up is mostly waiting for memory: let it come while the search goes on */
		__builtin_prefetch(&map->range_values[0][block[0]]);
		__builtin_prefetch(&map->range_values[0][(block[0] + block[1]) / 2]);
		end = block[0] + upper_bound_low(map->lows4 + block[0], block[1] - block[0],
										 ip.lo & 0xffff);
	}
	return end == 0 ? FS_PREFIX_NONE : map->range_values[side][end - 1];
}

FsPrefix
fs_prefixmap_net(const FsPrefixMap *map, uint8 family, uint32 i)
{
	int			side = family == 4 ? 0 : 1;
	FsPrefix	net = {{0, 0}, map->values[side][i], i, map->bits[side][i]};

	if (side == 0)
		net.first.lo = map->nets4[i];
	else
	{
		net.first.hi = word_at(map->nets6_hi, i);
		net.first.lo = word_at(map->nets6_lo, i);
	}
	return net;
}

/* The place of the network, or FS_PREFIX_NONE: of those with its address, the one so long. */
static uint32
find_exactly(const FsPrefixMap *map, uint8 family, FsIp first, int bits)
{
	int			side = family == 4 ? 0 : 1;
	uint32		i = side == 0 ? upper_bound_4(map->nets4, map->nnets[0], first.lo)
		: upper_bound_6(map->nets6_hi, map->nets6_lo, map->nnets[1], first);

	while (i-- > 0)
	{
		FsPrefix	net = fs_prefixmap_net(map, family, i);

		if (fs_ip_compare(net.first, first) != 0 || net.bits < bits)
			break;
		if (net.bits == bits)
			return i;
	}
	return FS_PREFIX_NONE;
}

uint32
fs_prefixmap_find_net(const FsPrefixMap *map, uint8 family, FsIp ip, int bits)
{
	for (; bits >= 0; bits--)
	{
		uint32		i = find_exactly(map, family, first_of(family, ip, bits), bits);

		if (i != FS_PREFIX_NONE)
			return i;
	}
	return FS_PREFIX_NONE;
}

const char *
fs_prefixmap_text(const FsPrefixMap *map, uint32 value, int *len,
				  const char **more, int *more_len)
{
	uint32		begin = value == 0 ? 0 : map->ends[value - 1];
	const char *text = map->text + begin;
	uint32		size = map->ends[value] - begin;
	const char *end = size == 0 ? NULL : memchr(text, 0, size);

	*len = end == NULL ? size : end - text;
	*more = end == NULL ? NULL : end + 1;
	*more_len = end == NULL ? -1 : (int) (text + size - end - 1);
	return text;
}
