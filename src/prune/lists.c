/*-------------------------------------------------------------------------
 *
 * Predicates against a partition index.
 *
 * A comparison becomes a range of codes or keys, and the union of their lists.
 * Whatever is not listed may be anywhere.  Lists are of vectors, so nothing
 * can be said of NOT: a vector that has a value may have others, too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "prune/lists.h"
#include "prune/members.h"
#include "prune/node.h"

typedef struct Search
{
	FsPindex   *index;
	FsArena    *arena;
	FsFault    *fault;
} Search;

/* Where the values of one bound stand, if the index can tell. */
typedef struct Place
{
	bool		is_known;
	FsPindexRange range;
} Place;

static bool
find_int(Search *search, uint32 group, const FsBound *bound, FsTest test,
		 Place *place)
{
	int64		low = PG_INT64_MIN;
	int64		high = PG_INT64_MAX;
	bool		is_empty = false;

	switch (test)
	{
		case FS_TEST_EQ:
			low = high = bound->i;
			break;
		case FS_TEST_LT:
			is_empty = bound->i == PG_INT64_MIN;
			high = is_empty ? 0 : bound->i - 1;
			break;
		case FS_TEST_LE:
			high = bound->i;
			break;
		case FS_TEST_GT:
			is_empty = bound->i == PG_INT64_MAX;
			low = is_empty ? 0 : bound->i + 1;
			break;
		case FS_TEST_GE:
			low = bound->i;
			break;
		default:
			return true;
	}
	place->is_known = true;
	if (is_empty)
	{
		place->range.first = place->range.end = 0;
		return true;
	}
	return fs_pindex_find_ints(search->index, group, low, high, &place->range,
							   search->fault);
}

/* The address of a bound, whose bytes are a zone key: family and address. */
static FsAddr
addr_of_key(const uint8 *key)
{
	FsAddr		addr = {0};

	addr.family = key[0];
	addr.bits = key[0] == 4 ? 32 : 128;
	memcpy(addr.addr, key + 1, 16);
	return addr;
}

static bool
find_addr(Search *search, uint16 domain, const FsBound *bound, FsTest test,
		  Place *place)
{
	FsAddr		low = addr_of_key(bound->bytes);
	FsAddr		high = low;

	if (test != FS_TEST_EQ && test != FS_TEST_WITHIN)
		return true;
	place->is_known = true;
	if (test == FS_TEST_WITHIN)
	{
		/* entries that are nets themselves sort before their hosts */
		high = addr_of_key(bound->addr);
		low.bits = 0;
	}
	return fs_pindex_find_addrs(search->index, domain, &low, &high,
								&place->range, search->fault);
}

static bool
find_bytes(Search *search, uint16 domain, const FsBound *bound, FsTest test,
		   Place *place)
{
	FsPindexBytes value = {bound->bytes, bound->len};
	FsPindexBytes empty = {bound->bytes, 0};
	FsPindexBytes after;
	uint8	   *next;

	/* the smallest string above: one more byte 0 */
	next = palloc(bound->len + 1);
	memcpy(next, bound->bytes, bound->len);
	next[bound->len] = 0;
	after.ptr = next;
	after.len = bound->len + 1;

	place->is_known = true;
	switch (test)
	{
		case FS_TEST_EQ:
			return fs_pindex_find_bytes(search->index, domain, &value,
										&place->range, search->fault);
		case FS_TEST_LT:
			return fs_pindex_find_bytes_range(search->index, domain, &empty,
											  &value, &place->range,
											  search->fault);
		case FS_TEST_LE:
			return fs_pindex_find_bytes_range(search->index, domain, &empty,
											  &after, &place->range,
											  search->fault);
		case FS_TEST_GT:
			return fs_pindex_find_bytes_range(search->index, domain, &after,
											  NULL, &place->range,
											  search->fault);
		case FS_TEST_GE:
			return fs_pindex_find_bytes_range(search->index, domain, &value,
											  NULL, &place->range,
											  search->fault);
		default:
			place->is_known = false;
			return true;
	}
}

static bool
find_place(Search *search, const FsPredNode *node, uint32 group,
		   const FsBound *bound, Place *place)
{
	uint32		ngroups;
	const FsPindexGroup *g = &fs_pindex_groups(search->index, &ngroups)[group];

	place->is_known = false;
	if (!bound->is_known || g->kind != node->map.spec.kind)
		return true;
	switch ((FsOrder) node->map.spec.order)
	{
		case FS_ORDER_INT:
			return find_int(search, group, bound, node->test, place);
		case FS_ORDER_ADDR:
			return find_addr(search, g->domain, bound, node->test, place);
		case FS_ORDER_BYTES:
			return find_bytes(search, g->domain, bound, node->test, place);
		default:
			return true;
	}
}

static bool
match_compare(Search *search, const FsPredNode *node, FsVectorSet *vectors)
{
	int			group = fs_pindex_group_of(search->index, node->att + 1);

	if (group < 0 || node->nbounds < 0)
	{
		fs_vectorset_fill(vectors);
		return true;
	}
	for (int i = 0; i < node->nbounds; i++)
	{
		bool		is_listed = true;
		Place		place;

		if (node->bounds[i].is_null)
			continue;
		if (node->test == FS_TEST_MEMBER)
			return fs_members_match(node, search->index, group, vectors, search->fault);
		if (!find_place(search, node, group, &node->bounds[i], &place))
			return false;
		if (place.is_known && place.range.first < place.range.end &&
			!fs_pindex_union(search->index, group, place.range, vectors,
							 &is_listed, search->fault))
			return false;
		if (!place.is_known || !is_listed)
		{
			fs_vectorset_fill(vectors);
			return true;
		}
	}
	return true;
}

/* Whether the lists of both columns are the same, and so are the values. */
static bool
is_answered(Search *search, const FsPredNode *node)
{
	int			group;

	if (node->twin == NULL)
		return false;
	group = fs_pindex_group_of(search->index, node->att + 1);
	return group >= 0 && node->map.spec.kind == node->twin->map.spec.kind &&
		group == fs_pindex_group_of(search->index, node->twin->att + 1);
}

static bool
match(Search *search, const FsPredNode *node, FsVectorSet *vectors)
{
	bool		is_and = node->kind == FS_PRED_AND;
	ListCell   *lc;
	FsVectorSet part;

	if (node->kind == FS_PRED_COMPARE)
		return match_compare(search, node, vectors);
	if (!is_and && node->kind != FS_PRED_OR)
	{
		fs_vectorset_fill(vectors);
		return true;
	}
	if (is_and)
		fs_vectorset_fill(vectors);
	fs_vectorset_init(&part, vectors->n, search->arena);
	foreach(lc, node->args)
	{
		if (is_answered(search, lfirst(lc)))
			continue;
		fs_vectorset_clear(&part);
		if (!match(search, lfirst(lc), &part))
			return false;
		if (is_and)
			fs_vectorset_and(vectors, &part);
		else
			fs_vectorset_or(vectors, &part);
	}
	return true;
}

bool
fs_lists_match(const FsPredicate *predicate, FsPindex *index, FsArena *arena,
			   FsVectorSet *vectors, FsFault *fault)
{
	Search		search = {index, arena, fault};

	return match(&search, predicate->root, vectors);
}
