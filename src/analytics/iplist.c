/*-------------------------------------------------------------------------
 *
 * Lists of ranges of addresses, of which sets are made.
 *
 * Sets are combined by walking through both at once, from one end of a range
 * to the next: between two ends nothing changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "analytics/ipset.h"
#include "compat.h"

#define MIN_SIZE		16

#define ST_SORT sort_ranges
#define ST_ELEMENT_TYPE FsIpRange
#define ST_COMPARE(a, b) fs_ip_compare((a)->first, (b)->first)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_numbers
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* A walk through the united ranges of a set. */
typedef struct Side
{
	FsIpCursor	cursor;
	FsIpRange	range;			/* the first one that does not lie behind */
	bool		has_range;
} Side;

static void
init_list(FsIpList *list, uint8 family)
{
	list->family = family;
	list->cxt = CurrentMemoryContext;
	list->ranges = NULL;
	list->n = list->size = 0;
	list->is_ordered = true;
}

void
fs_iplists_init(FsIpLists *lists)
{
	init_list(&lists->v4, 4);
	init_list(&lists->v6, 6);
}

/* Whether b, which does not begin before a, continues it or lies in it. */
static bool
touches(const FsIpRange *a, const FsIpRange *b)
{
	return fs_ip_compare(b->first, a->last) <= 0 ||
		fs_ip_compare(fs_ip_previous(b->first), a->last) == 0;
}

/* A range of IPv4 is a number of 64 bits, and sorted as one, in its own place. */
static void
sort_v4(FsIpRange *ranges, uint32 n)
{
	uint64	   *numbers = (uint64 *) ranges;

	/* range i lies at 4 i: it is read before it is overwritten, either way */
	for (uint32 i = 0; i < n; i++)
		numbers[i] = ranges[i].first.lo << 32 | ranges[i].last.lo;
	sort_numbers(numbers, n);
	for (uint32 i = n; i-- > 0;)
	{
		uint64		number = numbers[i];

		ranges[i].first = (FsIp) {0, number >> 32};
		ranges[i].last = (FsIp) {0, number & PG_UINT32_MAX};
	}
}

/* Sort, and unite what touches. */
static void
put_in_order(FsIpList *list)
{
	uint32		n = 0;

	if (list->is_ordered)
		return;
	if (list->family == 4)
		sort_v4(list->ranges, list->n);
	else
		sort_ranges(list->ranges, list->n);
	for (uint32 i = 0; i < list->n; i++)
	{
		FsIpRange  *next = &list->ranges[i];

		if (n == 0 || !touches(&list->ranges[n - 1], next))
			list->ranges[n++] = *next;
		else if (fs_ip_compare(next->last, list->ranges[n - 1].last) > 0)
			list->ranges[n - 1].last = next->last;
	}
	list->n = n;
	list->is_ordered = true;
}

/* Make room: values that come again and again need none. */
static void
grow(FsIpList *list)
{
	uint64		size = Max(MIN_SIZE, (uint64) list->size * 2);

	put_in_order(list);
	if (list->n < list->size / 2)
		return;
	if (list->ranges == NULL)
		list->ranges = MemoryContextAlloc(list->cxt, size * sizeof(FsIpRange));
	else
		list->ranges = repalloc_huge(list->ranges, size * sizeof(FsIpRange));
	list->size = size;
}

void
fs_iplist_add(FsIpList *list, const FsIpRange *range)
{
	if (list->n > 0)
	{
		FsIpRange  *last = &list->ranges[list->n - 1];

		if (fs_ip_compare(range->first, last->first) < 0)
			list->is_ordered = false;
		else if (touches(last, range))
		{
			if (fs_ip_compare(range->last, last->last) > 0)
				last->last = range->last;
			return;
		}
	}
	if (list->n == list->size)
	{
		bool		was_ordered = list->is_ordered;

		grow(list);
		if (!was_ordered)
			list->is_ordered = false;
	}
	list->ranges[list->n++] = *range;
}

void
fs_iplists_add_set(FsIpLists *lists, const FsIpset *set)
{
	FsIpRange	range;
	FsIpCursor	cursor = fs_ipset_start(set, 4);

	while (fs_ipset_next(&cursor, &range))
		fs_iplist_add(&lists->v4, &range);
	cursor = fs_ipset_start(set, 6);
	while (fs_ipset_next(&cursor, &range))
		fs_iplist_add(&lists->v6, &range);
}

static void
advance(Side *side)
{
	side->has_range = fs_ipset_next(&side->cursor, &side->range);
}

static void
combine(FsIpList *list, const FsIpset *a, const FsIpset *b, uint8 family,
		FsIpOperation operation)
{
	Side		sides[2] = {{fs_ipset_start(a, family)}, {fs_ipset_start(b, family)}};
	FsIp		at = {0, 0};

	advance(&sides[0]);
	advance(&sides[1]);
	while (sides[0].has_range || sides[1].has_range)
	{
		FsIpRange	piece = {at, {PG_UINT64_MAX, PG_UINT64_MAX}};
		int			in = 0;

		CHECK_FOR_INTERRUPTS();
		/* the piece ends where either side begins or ends a range */
		for (int i = 0; i < 2; i++)
		{
			Side	   *side = &sides[i];
			FsIp		end;

			if (!side->has_range)
				continue;
			if (fs_ip_compare(side->range.first, at) <= 0)
			{
				in |= 1 << i;
				end = side->range.last;
			}
			else
				end = fs_ip_previous(side->range.first);
			if (fs_ip_compare(end, piece.last) < 0)
				piece.last = end;
		}
		if (in != 0 && (operation >> (in - 1) & 1) != 0)
			fs_iplist_add(list, &piece);
		for (int i = 0; i < 2; i++)
			if ((in >> i & 1) != 0 &&
				fs_ip_compare(sides[i].range.last, piece.last) == 0)
				advance(&sides[i]);
		at = fs_ip_next(piece.last);
	}
}

void
fs_iplists_combine(FsIpLists *lists, const FsIpset *a, const FsIpset *b,
				   FsIpOperation operation)
{
	combine(&lists->v4, a, b, 4, operation);
	combine(&lists->v6, a, b, 6, operation);
}

Datum
fs_iplists_datum(FsIpLists *lists)
{
	FsIpList   *v4 = &lists->v4;
	FsIpList   *v6 = &lists->v6;
	uint64		len;
	struct varlena *value;

	put_in_order(v4);
	put_in_order(v6);
	len = VARHDRSZ + fs_ipset_len(v4->ranges, v4->n, v6->n);
	if (len > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("set of addresses is too large"),
				 errdetail("It takes " UINT64_FORMAT " bytes; at most %zu are possible.",
						   len, (Size) MaxAllocSize)));
	value = palloc(len);
	SET_VARSIZE(value, len);
	fs_ipset_encode(v4->ranges, v4->n, v6->ranges, v6->n, (uint8 *) VARDATA(value));
	return PointerGetDatum(value);
}

static int
max_bits(uint8 family)
{
	return family == 4 ? 32 : 128;
}

FsIp
fs_ip_last(uint8 family, FsIp first, int bits)
{
	int			free_bits = max_bits(family) - bits;

	first.lo |= free_bits >= 64 ? PG_UINT64_MAX : (UINT64CONST(1) << free_bits) - 1;
	if (free_bits > 64)
		first.hi |= free_bits == 128 ? PG_UINT64_MAX : (UINT64CONST(1) << (free_bits - 64)) - 1;
	return first;
}

uint8
fs_ip_range_of_inet(const inet *value, FsIpRange *range)
{
	uint8		family = ip_family(value) == PGSQL_AF_INET ? 4 : 6;
	FsIp		ip = {0, 0};
	FsIp		mask = {0, 0};

	for (int i = 0; i < max_bits(family) / 8; i++)
	{
		ip.hi = ip.hi << 8 | ip.lo >> 56;
		ip.lo = ip.lo << 8 | ip_addr(value)[i];
	}
	mask = fs_ip_last(family, mask, ip_bits(value));
	range->first.hi = ip.hi & ~mask.hi;
	range->first.lo = ip.lo & ~mask.lo;
	range->last.hi = ip.hi | mask.hi;
	range->last.lo = ip.lo | mask.lo;
	return family;
}

inet *
fs_ip_make_inet(uint8 family, FsIp ip, int bits)
{
	inet	   *value = palloc0(sizeof(inet));

	ip_family(value) = family == 4 ? PGSQL_AF_INET : PGSQL_AF_INET6;
	ip_bits(value) = bits;
	for (int i = max_bits(family) / 8 - 1; i >= 0; i--)
	{
		ip_addr(value)[i] = ip.lo & 0xff;
		ip.lo = ip.lo >> 8 | ip.hi << 56;
		ip.hi >>= 8;
	}
	SET_INET_VARSIZE(value);
	return value;
}

int
fs_ip_prefix(uint8 family, const FsIpRange *range)
{
	int			bits = max_bits(family);

	while (bits > 0)
	{
		FsIp		last = fs_ip_last(family, range->first, bits - 1);
		int			bit = max_bits(family) - bits;
		uint64		half = bit >= 64 ? range->first.hi >> (bit - 64) : range->first.lo >> bit;

		if ((half & 1) != 0 || fs_ip_compare(last, range->last) > 0)
			break;
		bits--;
	}
	return bits;
}
