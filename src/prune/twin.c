/*-------------------------------------------------------------------------
 *
 * Comparisons that ask the same of two columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "prune/members.h"
#include "prune/node.h"
#include "prune/twin.h"

/* arguments that may be the first of twins */
#define MAX_ARGS	64

static bool
is_same_bound(const FsBound *a, const FsBound *b, const FsTypeMap *map)
{
	if (a->is_null || b->is_null || !a->is_known || !b->is_known)
		return a->is_null && b->is_null;
	return a->order == b->order && a->bits == b->bits &&
		fs_bound_compare(a, b, map) == 0 &&
		memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static bool
is_twin(const FsPredNode *a, const FsPredNode *b)
{
	if (a->kind != FS_PRED_COMPARE || b->kind != FS_PRED_COMPARE ||
		a->test != b->test || a->map.type != b->map.type ||
		a->nbounds != b->nbounds || a->nbounds <= 0)
		return false;
	if (a->test == FS_TEST_MEMBER)
		return fs_members_are_same(a, b);
	for (int i = 0; i < a->nbounds; i++)
		if (!is_same_bound(&a->bounds[i], &b->bounds[i], &a->map))
			return false;
	return true;
}

void
fs_twin_find(List *args)
{
	for (int i = 0; i < list_length(args); i++)
	{
		FsPredNode *node = list_nth(args, i);

		node->twin = NULL;
		for (int k = 0; k < Min(i, MAX_ARGS) && node->twin == NULL; k++)
			if (is_twin(list_nth(args, k), node))
				node->twin = list_nth(args, k);
	}
}
