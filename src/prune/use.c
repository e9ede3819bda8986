/*-------------------------------------------------------------------------
 *
 * What a predicate can be used for, by its form alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "prune/node.h"
#include "prune/predicate.h"

/* True if a comparison serves the purpose; arg belongs to it. */
typedef bool (*SuitsPurpose) (const FsPredNode *compare, const void *arg);

/* An AND needs one part that serves, an OR all of its parts. */
static bool
serves(const FsPredNode *node, SuitsPurpose suits, const void *arg)
{
	bool		is_or = node->kind == FS_PRED_OR;
	ListCell   *lc;

	if (node->kind == FS_PRED_COMPARE)
		return suits(node, arg);
	if (!is_or && node->kind != FS_PRED_AND)
		return false;
	foreach(lc, node->args)
		if (serves(lfirst(lc), suits, arg) != is_or)
			return !is_or;
	return is_or;
}

static bool
limits(const FsPredNode *compare, const void *arg)
{
	const int  *att = arg;

	return compare->att == *att && compare->test != FS_TEST_NE &&
		compare->map.spec.order == FS_ORDER_INT;
}

bool
fs_predicate_has_range(const FsPredicate *predicate, int att)
{
	return serves(predicate->root, limits, &att);
}

static bool
is_listed(const FsPredNode *compare, const void *arg)
{
	if (!bms_is_member(compare->att, (const Bitmapset *) arg))
		return false;
	switch ((FsOrder) compare->map.spec.order)
	{
		case FS_ORDER_INT:
		case FS_ORDER_BYTES:
			return compare->test != FS_TEST_NE;
		case FS_ORDER_ADDR:
			return compare->test == FS_TEST_EQ ||
				compare->test == FS_TEST_WITHIN || compare->test == FS_TEST_MEMBER;
		default:
			return false;
	}
}

bool
fs_predicate_has_lists(const FsPredicate *predicate, const Bitmapset *listed)
{
	return serves(predicate->root, is_listed, listed);
}
