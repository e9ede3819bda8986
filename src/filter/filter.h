/*-------------------------------------------------------------------------
 *
 * Which rows of a vector match a WHERE clause.
 *
 * A filter is the whole clause, exactly: a row is kept if and only if every
 * clause is true for it.  Comparisons with constants are made on stored
 * values, other expressions of one column once for each value of its
 * dictionary, the rest row by row by PostgreSQL's own expressions.
 *
 * Order of evaluation: comparisons first, for they neither fail nor tell
 * anything; then the clauses as the planner ordered them, each only for rows
 * that all before have kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FILTER_FILTER_H
#define FS_FILTER_FILTER_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "nodes/execnodes.h"

#include "am/scanvalue.h"
#include "vector/bits.h"

typedef struct FsFilter FsFilter;

/* How a clause was evaluated for a vector; a clause with parts in several ways. */
typedef enum FsFilterWay
{
	FS_WAY_CODES,				/* compared once for each value of a dictionary */
	FS_WAY_VALUES,				/* compared as they are stored */
	FS_WAY_DISTINCT,			/* an expression, for values of a dictionary */
	FS_WAY_ROWS					/* an expression, for rows */
} FsFilterWay;

#define FS_NWAYS	4

/* What a clause did to the vectors that it was asked for. */
typedef struct FsFilterCounters
{
	uint64		rows_removed;
	uint64		settled;		/* vectors answered without their values */
	uint64		vectors[FS_NWAYS];	/* vectors evaluated, by way */
} FsFilterCounters;

/*
 * Compile quals (an implicit AND) over relation varno, whose rows desc
 * describes.  Expressions are evaluated with slot, a virtual one of that
 * width, as parent's.  Lives in the current memory context.
 */
extern FsFilter *fs_filter_compile(List *quals, Index varno,
								   TupleTableSlot *slot, PlanState *parent);

/* Count what one of the quals does, by its place in their list. */
extern void fs_filter_count(FsFilter *filter, int qual,
							FsFilterCounters *counters);

/* The ways in which one of the quals can be evaluated: bit 1 << FsFilterWay. */
extern uint32 fs_filter_ways(const FsFilter *filter, int qual);

/* Evaluate what is constant during a scan: at its start and at each rescan. */
extern void fs_filter_bind(FsFilter *filter);

/*
 * Leave in *rows, which are of the scan's current vector, those that match.
 * Returns false if a column is damaged, which was reported: the vector is to
 * be left out.
 */
extern bool fs_filter_narrow(FsFilter *filter, FsScan *scan, FsBits *rows);

/* True if the bounds of the chunk at hand tell that all of its rows match. */
extern bool fs_filter_keeps_chunk(const FsFilter *filter, FsScan *scan);

/* Then, if its vectors will not be looked at: count them as settled. */
extern void fs_filter_note_chunk(FsFilter *filter, FsScan *scan);

#endif							/* FS_FILTER_FILTER_H */
