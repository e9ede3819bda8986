/*-------------------------------------------------------------------------
 *
 * What each clause of a FlowScan did, for EXPLAIN ANALYZE.
 *
 * Clauses are asked in the order of the plan's quals.  One is counted for what
 * it ruled out by itself of what those before it had left.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_TALLY_H
#define FS_EXEC_TALLY_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "nodes/plannodes.h"

#include "am/pruner.h"
#include "filter/filter.h"
#include "format/vectorset.h"
#include "prune/predicate.h"

/* Of one clause; all fields are uint64, and added up over processes. */
typedef struct FsClauseCounters
{
	uint64		partitions_asked;	/* 0: the time range is not of use */
	uint64		partitions;		/* left out by their time, in the last scan */
	uint64		chunks_by_bounds;	/* by bounds of the time in the directory */
	uint64		chunks_by_lists;
	uint64		vectors_by_lists;	/* of chunks that were kept */
	uint64		chunks_by_zones;
	uint64		vectors_by_zones;
	FsFilterCounters filter;
} FsClauseCounters;

typedef struct FsTallyClause
{
	Expr	   *expr;			/* NULL: the keys of joined relations */
	int			test;			/* its place in the predicate; -1: none */
	FsPredicate *part;			/* NULL: it cannot be tested */
	FsVectorSet listed;			/* vectors that it and those before it left */
	ExprState  *rest;			/* evaluated row by row by the scan, or NULL */
	FsClauseCounters counters;
} FsTallyClause;

typedef struct FsTally
{
	int			n;
	FsTallyClause *clauses;		/* [n] */
	int			ntests;			/* of the predicate, without keys */
} FsTally;

/* How many clauses a FlowScan's plan node has. */
extern int	fs_tally_size(CustomScan *cscan);

/*
 * The clauses of a FlowScan's plan node: its quals, in their order, what it is
 * pruned by besides, and the keys of joined relations as one.  In the current
 * memory context.
 */
extern FsTally *fs_tally_create(CustomScan *cscan);

/*
 * The predicate that is asked: of the conditions without keys, and then those
 * of keys.  It stays as long as the tally, or until the next call, and what is
 * made of it with it.
 */
extern void fs_tally_set_predicate(FsTally *tally,
								   const FsPredicate *predicate, int nkeys);

/* The counters of the keys' filter. */
extern FsFilterCounters *fs_tally_of_keys(FsTally *tally);

/* Evaluate the quals from this one on row by row, in place of ExecQual(). */
extern void fs_tally_set_rest(FsTally *tally, int first, List *quals,
							  PlanState *parent);
extern bool fs_tally_qual(FsTally *tally, ExprContext *econtext);

/*
 * Count in counters[tally->n] what partitions the bounds of column att
 * (0-based) rule out, with the constants that the predicate is bound to.
 */
extern void fs_tally_count_partitions(const FsTally *tally, Relation rel,
									  Snapshot snapshot, int att,
									  FsClauseCounters *counters);

/* Add the counters of another process. */
extern void fs_tally_add_totals(FsScanCounters *sum,
								const FsScanCounters *more);

/* Add the tally's counters to sum[tally->n]. */
extern void fs_tally_add(const FsTally *tally, FsClauseCounters *sum);

#endif							/* FS_EXEC_TALLY_H */
