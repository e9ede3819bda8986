/*-------------------------------------------------------------------------
 *
 * Predicates against zone maps.
 *
 * A predicate is what of a WHERE clause can be decided, or ruled out, from
 * bounds: comparisons of a column with something that is constant during one
 * scan, IN lists, NULL tests, containment in a subnet, and AND and OR of
 * these.  Whatever is not understood counts as "may be true", so a predicate
 * is never a replacement for the clause, only a reason not to read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_PRUNE_PREDICATE_H
#define FS_PRUNE_PREDICATE_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "nodes/primnodes.h"

#include "format/column.h"

typedef struct FsPredicate FsPredicate;

/*
 * The function that tests whether an inet, its first argument, is in a set of
 * addresses (format/ipset.h); once, from _PG_init.
 */
extern void fs_predicate_set_membership(PGFunction function);

/* Bounds of attribute att (0-based), or false if they are not known. */
typedef bool (*FsZoneSource) (void *arg, int att, FsZone *zone);

/* True if something can be ruled out by this clause on relation varno. */
extern bool fs_predicate_is_useful(Expr *clause, Index varno);

/*
 * Compile clauses (an implicit AND) for a scan of relation varno whose rows
 * desc describes.  parent is the plan node that owns the clauses.  Lives in the
 * current memory context.
 */
extern FsPredicate *fs_predicate_compile(List *clauses, Index varno,
										 TupleDesc desc, PlanState *parent);

/*
 * Evaluate the constants: at the start of a scan and at each rescan.  Values
 * live with the predicate until the next call.
 */
extern void fs_predicate_bind(FsPredicate *predicate, ExprContext *econtext);

/* n of its clauses from this one on; bound whenever the predicate is. */
extern FsPredicate *fs_predicate_part(const FsPredicate *predicate, int first,
									  int n);

/* False if no row within these bounds can satisfy the clauses. */
extern bool fs_predicate_may_match(const FsPredicate *predicate,
								   FsZoneSource source, void *arg);

/*
 * Bounds of an INT attribute (0-based) beyond which no row can satisfy the
 * clauses, nulls included; low > high if none can.  After bind.
 */
extern void fs_predicate_range(const FsPredicate *predicate, int att,
							   int64 *low, int64 *high);

/* True if fs_predicate_range() can give less than everything. */
extern bool fs_predicate_has_range(const FsPredicate *predicate, int att);

/*
 * True if a partition index that lists these attributes (0-based) can rule
 * vectors out.
 */
extern bool fs_predicate_has_lists(const FsPredicate *predicate,
								   const Bitmapset *listed);

#endif							/* FS_PRUNE_PREDICATE_H */
