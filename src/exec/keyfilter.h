/*-------------------------------------------------------------------------
 *
 * Keys of joined relations as conditions of a FlowScan.
 *
 * A FlowScan may have sources: child plans that give the keys of relations it
 * is joined with.  They are read before its first row, and each join clause
 * becomes a condition on the scanned table alone (keyclause.h).  The join above
 * stays as it is, so a condition only says what need not be read: where a
 * source has more keys than FS_KEYS_MAX, or more than work_mem, it is given up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYFILTER_H
#define FS_EXEC_KEYFILTER_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "nodes/plannodes.h"

#include "filter/filter.h"
#include "prune/predicate.h"

/* different values of one expression; the longest list that prune/ looks at */
#define FS_KEYS_MAX		10000

struct ExplainState;

typedef struct FsKeyFilter FsKeyFilter;

/*
 * Give a FlowScan plan sources: plans[n], whose output is the expressions of
 * fs_keyfilter_exprs(), and for each the list of its join clauses.
 */
extern void fs_keyfilter_add(CustomScan *cscan, List *plans, List *clauses);

/* The conditions of such a plan node without join clauses. */
extern List *fs_keyfilter_others(CustomScan *cscan);

/* The expressions of other relations that join clauses with varno need. */
extern List *fs_keyfilter_exprs(List *clauses, Index varno);

/* Start the sources of a node; NULL, as all that follow accept, if it has none. */
extern FsKeyFilter *fs_keyfilter_begin(CustomScanState *node, int eflags);
extern void fs_keyfilter_end(FsKeyFilter *keys);

/* The node is rescanned: sources that parameters reach will be read again. */
extern void fs_keyfilter_rescan(FsKeyFilter *keys, Bitmapset *changed);

/*
 * At the start of a scan and of each rescan: read the sources if they are due.
 * Then *predicate is of the node's other conditions and of those that the keys
 * make, to be bound by the caller.  False if a source has no key: no row can be
 * joined.
 */
extern bool fs_keyfilter_bind(FsKeyFilter *keys, List *others,
							  FsPredicate **predicate);

/* True once for each predicate that fs_keyfilter_bind() has made. */
extern bool fs_keyfilter_is_new(FsKeyFilter *keys);

/* How many conditions the keys have made, the last ones of the predicate. */
extern int	fs_keyfilter_n(const FsKeyFilter *keys);

/* Count what these conditions do; before the first bind. */
extern void fs_keyfilter_count(FsKeyFilter *keys, FsFilterCounters *counters);

/* As fs_filter_narrow(), for the conditions that the keys make. */
extern bool fs_keyfilter_narrow(FsKeyFilter *keys, FsScan *scan, FsBits *rows);

/* "Join Key Cond", and with ANALYZE how many keys were read. */
extern void fs_keyfilter_explain(FsKeyFilter *keys, List *ancestors,
								 struct ExplainState *es);

#endif							/* FS_EXEC_KEYFILTER_H */
