/*-------------------------------------------------------------------------
 *
 * The tree of a filter.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FILTER_NODE_H
#define FS_FILTER_NODE_H

#include "postgres.h"

#include "filter/filter.h"
#include "filter/units.h"
#include "prune/node.h"
#include "vector/compare.h"

typedef enum FsFilterKind
{
	FS_FILTER_AND,
	FS_FILTER_OR,
	FS_FILTER_NOT,
	FS_FILTER_NULL,				/* the column is null */
	FS_FILTER_INTS,				/* comparison of integers */
	FS_FILTER_FLOATS,
	FS_FILTER_ADDRS,
	FS_FILTER_COLUMN,			/* any expression of one column */
	FS_FILTER_ROW				/* any expression */
} FsFilterKind;

/* What an expression gave for a value of a dictionary. */
typedef enum FsVerdict
{
	FS_VERDICT_UNKNOWN = 0,		/* not asked yet */
	FS_VERDICT_TRUE,
	FS_VERDICT_FALSE,
	FS_VERDICT_NULL
} FsVerdict;

typedef struct FsFilterNode
{
	FsFilterKind kind;
	List	   *args;			/* AND, OR, NOT: of FsFilterNode */
	int			att;			/* NULL, comparisons, COLUMN: 0-based */
	int			qual;			/* of a qual: its place in their list */
	FsFilterCounters *counters; /* of a qual, or NULL */

	/* comparisons */
	FsPredNode *compare;
	bool		is_usable;		/* bound to something that can be compared */
	bool		is_never;		/* neither true nor false: with a null */
	bool		is_negated;		/* <>: the rest says when it is false */
	bool		has_null;		/* a list with a null: never false */
	bool		is_empty;		/* an empty list: false for all rows */
	int64		low;			/* INTS, FLOATS: what is between matches */
	int64		high;
	const FsIntSet *set;		/* INTS: or what is in here */
	int64		largest;		/* FLOATS: infinity as it is stored */
	bool		takes_nan;		/* FLOATS: NaN matches, too */
	void	   *addr_set;		/* ADDRS: what is in here, or the bounds */

	/* COLUMN, ROW, and comparisons that are not usable */
	Expr	   *expr;
	ExprState  *state;
	Bitmapset  *atts;			/* 0-based */
	bool		has_memo;		/* the same value gives the same verdict */

	/* of the chunk at hand */
	uint64		visit;			/* of the scan to its item */
	uint32		dict_n;
	uint8	   *verdicts;		/* [dict_n] FsVerdict */
	uint8	   *matches;		/* [dict_n], ADDRS: 1 or 0 */
	bool		has_range;		/* ADDRS: or codes first .. end - 1 match */
	uint32		first;
	uint32		end;
	uint32		nmatches;
	uint32		match;			/* the last of them */
	FsCodeMatch sides[2];		/* INTS, before they are rows */
} FsFilterNode;

struct FsFilter
{
	FsFilterNode *root;
	Index		varno;
	TupleTableSlot *slot;
	ExprContext *econtext;
	MemoryContext bind_cxt;		/* what constants became */
	MemoryContext chunk_cxt;	/* verdicts */
	uint64		visit;			/* that chunk_cxt is of */
	bool		is_counted;		/* quals have counters */
};

/* One evaluation of a node; see fs_filter_eval(). */
typedef struct FsFilterTask
{
	FsFilter   *filter;
	FsScan	   *scan;
	uint32		nrows;			/* of the vector */
	uint32		ways;			/* bits 1 << FsFilterWay of what was done */
} FsFilterTask;

/*
 * Put into *out those of *in for which the node is true (want) or false
 * (!want).  in and out may be the same.  Returns false on damage.
 */
extern bool fs_filter_eval(FsFilterTask *task, FsFilterNode *node, bool want,
						   const FsBits *in, FsBits *out);

/* The same for comparisons of stored values (compare.c). */
extern bool fs_filter_eval_ints(FsFilterTask *task, FsFilterNode *node,
								bool want, const FsBits *in, FsBits *out);
extern bool fs_filter_eval_floats(FsFilterTask *task, FsFilterNode *node,
								  bool want, const FsBits *in, FsBits *out);
extern bool fs_filter_eval_addrs(FsFilterTask *task, FsFilterNode *node,
								 bool want, const FsBits *in, FsBits *out);

/* The same for expressions (expr.c). */
extern bool fs_filter_eval_expr(FsFilterTask *task, FsFilterNode *node,
								bool want, const FsBits *in, FsBits *out);

/* Make a comparison's constants ready, after its bounds are bound. */
extern void fs_filter_prepare(FsFilterNode *node);

/* What a list of addresses is looked up in (addrs.c). */
extern void *fs_filter_make_addr_set(const FsPredNode *compare);

/*
 * True if the constants or the bounds of the vector settle the question; then
 * *out is the answer.
 */
extern bool fs_filter_is_settled(FsFilterTask *task, FsFilterNode *node,
								 bool want, const FsBits *in, FsBits *out);

/*
 * The answer, from the rows of vec that are equal to a constant, or in a range
 * or list.
 */
extern void fs_filter_answer(const FsFilterNode *node, const FsVector *vec,
							 bool want, const FsBits *in,
							 const FsBits *found, FsBits *out);

/* Forget verdicts of other chunks; memory for those of this one. */
extern void fs_filter_enter_chunk(FsFilterTask *task);

#endif							/* FS_FILTER_NODE_H */
