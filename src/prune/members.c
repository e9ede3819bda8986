/*-------------------------------------------------------------------------
 *
 * Membership of addresses in a set.
 *
 * A partition index knows the addresses of its rows: if the set has few
 * ranges, these are looked up there, else each address of the index in the set.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "port/pg_bswap.h"
#include "utils/lsyscache.h"

#include "format/prefixmap.h"
#include "prune/members.h"
#include "prune/predicate.h"

/* addresses of an index that are asked for at a time */
#define STEP		1024

/* looking up a range takes as long as testing so many addresses */
#define RANGE_COST	32

static PGFunction membership;

void
fs_predicate_set_membership(PGFunction function)
{
	membership = function;
}

bool
fs_members_is_test(Oid opno)
{
	FmgrInfo	info;
	Oid			function;

	if (opno < FirstNormalObjectId)
		return false;
	function = get_opcode(opno);
	if (!OidIsValid(function))
		return false;
	fmgr_info(function, &info);
	return info.fn_addr == membership;
}

void
fs_members_bind(FsPredNode *node, Datum value, bool isnull)
{
	struct varlena *set;

	node->bounds[0].order = FS_ORDER_ADDR;
	node->bounds[0].is_known = true;
	node->bounds[0].is_null = isnull;
	if (isnull)
		return;
	/* a copy: the value may belong to a call of a function */
	set = PG_DETOAST_DATUM_COPY(value);
	node->members_bytes = (const uint8 *) VARDATA(set);
	node->members_len = VARSIZE(set) - VARHDRSZ;
	/* the operator itself reports damage */
	if (!fs_ipset_open(node->members_bytes, node->members_len, &node->members))
		node->nbounds = -1;
}

/* The number that an address is, and the last of its network. */
static FsIpRange
range_of(const uint8 *addr, uint8 family, int bits)
{
	FsIpRange	range = {{0, 0}, {0, 0}};
	FsIp		mask;

	if (family == 4)
	{
		uint32		ip;

		memcpy(&ip, addr, sizeof(ip));
		range.first.lo = pg_ntoh32(ip);
		if (bits == 32)
		{
			range.last = range.first;
			return range;
		}
	}
	else
	{
		uint64		halves[2];

		memcpy(halves, addr, sizeof(halves));
		range.first.hi = pg_ntoh64(halves[0]);
		range.first.lo = pg_ntoh64(halves[1]);
	}
	mask = fs_prefix_last(family, (FsIp) {0, 0}, bits);
	range.first.hi &= ~mask.hi;
	range.first.lo &= ~mask.lo;
	range.last.hi = range.first.hi | mask.hi;
	range.last.lo = range.first.lo | mask.lo;
	return range;
}

bool
fs_members_hold(const FsPredNode *node, const FsAddr *addr)
{
	FsIpRange	range = range_of(addr->addr, addr->family, addr->bits);

	return fs_ipset_covers(&node->members, addr->family, &range);
}

bool
fs_members_may_match(const FsPredNode *node, const FsZone *zone)
{
	if (node->bounds[0].is_null || zone->nulls >= zone->nrows)
		return false;
	if (!zone->has_bounds)
		return true;
	for (uint8 family = 4; family <= 6; family += 2)
	{
		int			bits = family == 4 ? 32 : 128;
		FsIpRange	range = {{0, 0}, {PG_UINT64_MAX, PG_UINT64_MAX}};

		if (zone->bmin[0] > family || zone->bmax[0] < family)
			continue;
		if (zone->bmin[0] == family)
			range.first = range_of(zone->bmin + 1, family, bits).first;
		if (zone->bmax[0] == family)
			range.last = range_of(zone->bmax + 1, family, bits).last;
		if (fs_ipset_meets(&node->members, family, &range))
			return true;
	}
	return false;
}

bool
fs_members_are_same(const FsPredNode *a, const FsPredNode *b)
{
	if (a->bounds[0].is_null || b->bounds[0].is_null)
		return a->bounds[0].is_null && b->bounds[0].is_null;
	return a->members_len == b->members_len &&
		memcmp(a->members_bytes, b->members_bytes, a->members_len) == 0;
}

/* Add the vectors of some codes; all if they are not listed. */
static bool
add_codes(FsPindex *index, uint32 group, FsPindexRange codes,
		  FsVectorSet *vectors, FsFault *fault)
{
	bool		is_listed = true;

	if (codes.first >= codes.end)
		return true;
	if (!fs_pindex_union(index, group, codes, vectors, &is_listed, fault))
		return false;
	if (!is_listed)
		fs_vectorset_fill(vectors);
	return true;
}

static FsAddr
addr_of(FsIp ip, uint8 family, uint8 bits)
{
	FsAddr		addr = {0};

	addr.family = family;
	addr.bits = bits;
	for (int i = (family == 4 ? 4 : 16) - 1; i >= 0; i--)
	{
		addr.addr[i] = ip.lo & 0xff;
		ip.lo = ip.lo >> 8 | ip.hi << 56;
		ip.hi >>= 8;
	}
	return addr;
}

/* Look up the set's ranges in the index. */
static bool
match_ranges(const FsPredNode *node, FsPindex *index, uint32 group,
			 uint16 domain, FsVectorSet *vectors, FsFault *fault)
{
	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(&node->members, family);
		FsIpRange	range;

		while (fs_ipset_next(&cursor, &range))
		{
			/* entries that are nets themselves sort before their hosts */
			FsAddr		low = addr_of(range.first, family, 0);
			FsAddr		high = addr_of(range.last, family, family == 4 ? 32 : 128);
			FsPindexRange codes;

			if (!fs_pindex_find_addrs(index, domain, &low, &high, &codes, fault) ||
				!add_codes(index, group, codes, vectors, fault))
				return false;
		}
	}
	return true;
}

/* Look up the index's addresses in the set. */
static bool
match_addrs(const FsPredNode *node, FsPindex *index, uint32 group,
			uint16 domain, uint32 size, FsVectorSet *vectors, FsFault *fault)
{
	FsDomainSource *source = fs_pindex_source(index);
	FsPindexRange met = {0, 0};
	uint32		codes[STEP];
	FsAddr		addrs[STEP];

	for (uint32 base = 0; base < size; base += STEP)
	{
		uint32		n = Min(STEP, size - base);

		for (uint32 i = 0; i < n; i++)
			codes[i] = base + i;
		if (!source->addrs(source, domain, codes, n, addrs, fault))
			return false;
		for (uint32 i = 0; i < n; i++)
		{
			if (!fs_members_hold(node, &addrs[i]))
				continue;
			if (met.end != codes[i])
			{
				if (!add_codes(index, group, met, vectors, fault))
					return false;
				met.first = codes[i];
			}
			met.end = codes[i] + 1;
		}
	}
	return add_codes(index, group, met, vectors, fault);
}

/* Whether the set has at most so many pieces. */
static bool
has_few(const FsIpset *set, uint32 most)
{
	uint32		n = 0;

	for (uint8 family = 4; family <= 6; family += 2)
	{
		FsIpCursor	cursor = fs_ipset_start(set, family);
		FsIpRange	range;

		while (fs_ipset_next(&cursor, &range))
			if (++n > most)
				return false;
	}
	return true;
}

bool
fs_members_match(const FsPredNode *node, FsPindex *index, uint32 group,
				 FsVectorSet *vectors, FsFault *fault)
{
	uint32		ngroups;
	const FsPindexGroup *g = &fs_pindex_groups(index, &ngroups)[group];

	if (g->kind != FS_KIND_ADDR)
	{
		fs_vectorset_fill(vectors);
		return true;
	}
	if (has_few(&node->members, g->size / RANGE_COST))
		return match_ranges(node, index, group, g->domain, vectors, fault);
	return match_addrs(node, index, group, g->domain, g->size, vectors, fault);
}
