/*-------------------------------------------------------------------------
 *
 * The tree that a predicate is compiled to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_NODE_H
#define FS_PRUNE_NODE_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "nodes/execnodes.h"
#include "nodes/primnodes.h"

#include "format/ipset.h"
#include "prune/bound.h"

typedef enum FsPredKind
{
	FS_PRED_AND,
	FS_PRED_OR,
	FS_PRED_COMPARE,			/* column test constant, or any of an array */
	FS_PRED_IS_NULL,
	FS_PRED_IS_NOT_NULL,
	FS_PRED_ANY					/* not understood: may be true */
} FsPredKind;

typedef struct FsPredNode
{
	FsPredKind	kind;
	List	   *args;			/* AND, OR: of FsPredNode */
	int			att;			/* 0-based */
	FsTypeMap	map;
	FsTest		test;
	Oid			opno;			/* with the column on its left */
	Expr	   *value;
	Oid			value_type;		/* of one value */
	bool		is_array;
	ExprState  *state;
	int			nbounds;		/* after bind; -1: too many to look at */
	FsBound    *bounds;
	bool		is_sorted;		/* equality with one of them, all known */
	struct FsPredNode *twin;	/* after bind; see twin.h */
	FsIpset		members;		/* MEMBER: after bind, if there is a bound and
								 * it is not null */
	const uint8 *members_bytes;
	Size		members_len;
} FsPredNode;

struct FsPredicate
{
	FsPredNode *root;
	MemoryContext parent_cxt;	/* that it was compiled in */
	MemoryContext cxt;			/* of the bound values; NULL before bind */
};

/* What a clause says about one column of relation varno, or of more. */
extern FsPredNode *fs_predicate_recognise(Node *clause, Index varno,
										  TupleDesc desc);

/* Make a recognised node ready to be bound, for a node of parent's. */
extern void fs_predicate_init_node(FsPredNode *node, PlanState *parent);

/* Evaluate its constants, into the current memory context. */
extern void fs_predicate_bind_node(FsPredNode *node, ExprContext *econtext);

#endif							/* FS_PRUNE_NODE_H */
