/*-------------------------------------------------------------------------
 *
 * What differs between PostgreSQL 15 to 18.  The code uses the newest
 * spelling; a callback that cannot be bridged is written twice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_COMPAT_H
#define FS_COMPAT_H

#include "postgres.h"

#include "access/htup_details.h"	/* brings varatt.h since 16 */
#include "access/relscan.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#define fs_explain_ntables(es) ((es)->rtable_size)	/* without that of groups */
#endif
#include "commands/vacuum.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/pg_locale.h"
#include "utils/rel.h"
#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "flowstore supports PostgreSQL 15 to 18"
#endif
StaticAssertDecl(sizeof(Datum) == 8, "a 64-bit server is needed");
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#define fs_explain_ntables(es) list_length((es)->rtable)
#define vacuum_delay_point(is_analyze) vacuum_delay_point()
#define vac_update_relstats(r, p, n, v, f, ...) vac_update_relstats(r, p, n, v, __VA_ARGS__)
#define pgstat_report_vacuum(r, s, l, d, t) pgstat_report_vacuum(r, s, l, d)
#define ConditionalXactLockTableWait(x, log) ConditionalXactLockTableWait(x)
#define ConditionalLockTuple(r, t, m, l) ConditionalLockTuple(r, t, m)
#define heap_form_minimal_tuple(d, v, n, x) heap_form_minimal_tuple(d, v, n)
#endif
#if PG_VERSION_NUM < 170000
#define fs_local_xid() (MyProc->lxid)
#define fs_slot_ops_set_is_current(ops, f) ((void) (f))
#define fs_scan_set_slot_ops(css, ops) ((void) (css))
#else
#define fs_local_xid() (MyProc->vxid.lxid)
#define fs_slot_ops_set_is_current(ops, f) ((ops).is_current_xact_tuple = (f))
#define fs_scan_set_slot_ops(css, ops) ((css)->slotOps = (ops))
#endif
#if PG_VERSION_NUM < 160000
#define object_aclcheck(c, o, u, m) pg_proc_aclcheck(o, u, m)	/* of functions */
#define build_expression_pathkey(root, x, op, rel, c) build_expression_pathkey(root, x, NULL, op, rel, c)
#define guc_malloc(elevel, size) malloc(size)
#define guc_free(p) free(p)
#define RelFileLocator RelFileNode
#define RelFileNumber Oid
#define rd_locator rd_node
#define relNumber relNode
#define relation_set_new_filelocator relation_set_new_filenode
#define TU_UpdateIndexes bool
#define TU_None false
#define pgstat_count_heap_update(r, hot, page) pgstat_count_heap_update(r, hot)
#define fs_rows_read(rel) ((rel)->pgstat_info->t_counts.t_tuples_returned)
#else
#define fs_rows_read(rel) ((rel)->pgstat_info->counts.tuples_returned)
#endif
typedef RelFileLocator FsFileLocator;
typedef RelFileNumber FsFileNumber;
/* The file of a relation's rows; changes when it is rewritten. */
#define fs_file_number(rel) ((rel)->rd_locator.relNumber)
/* Which table a parallel scan belongs to; whether a pathkey descends. */
#if PG_VERSION_NUM >= 180000
#define FsParallelScanSetRelation(p, r) ((p)->phs_locator = (r)->rd_locator)
#define fs_pathkey_is_descending(key) ((key)->pk_cmptype == COMPARE_GT)
#else
#define FsParallelScanSetRelation(p, r) ((p)->phs_relid = (r)->rd_id)
#define fs_pathkey_is_descending(key) ((key)->pk_strategy == BTGreaterStrategyNumber)
#endif
/* Columns of a query just analysed, expressions of GROUP BY written out. */
#if PG_VERSION_NUM >= 180000
#define fs_ungrouped_target_list(query) \
	((query)->hasGroupRTE ? (List *) flatten_group_exprs(NULL, (query), (Node *) (query)->targetList) \
	 : (query)->targetList)
#else
#define fs_ungrouped_target_list(query) ((query)->targetList)
#endif
#define fs_vacuum_delay_point() vacuum_delay_point(false)
/* Write what VACUUM learnt into pg_class; rows are an index's entries. */
static inline void
fs_update_relstats(Relation rel, BlockNumber nblocks, double rows,
				   TransactionId frozen, MultiXactId min_multi)
{
	vac_update_relstats(rel, nblocks, rows, 0, 0, rel->rd_rel->relhasindex,
						frozen, min_multi, NULL, NULL, false);
}
/* Tell the statistics that VACUUM left rows live rows and none dead. */
static inline void
fs_report_vacuum(Relation rel, double rows)
{
	pgstat_report_vacuum(RelationGetRelid(rel), rel->rd_rel->relisshared,
						 rows, 0, GetCurrentTimestamp());
}

/* True if a collation orders strings by their bytes. */
static inline bool
fs_collation_is_c(Oid collation)
{
#if PG_VERSION_NUM >= 180000
	return pg_newlocale_from_collation(collation)->collate_is_c;
#else
	return lc_collate_is_c(collation);
#endif
}

/*
 * Lengthen the main fork by n zeroed pages and return the first of them.  The
 * caller sees to it that nobody else does so.  An error if the disk is full.
 */
static inline BlockNumber
fs_extend_relation(Relation rel, uint32 n, BufferAccessStrategy strategy)
{
	BlockNumber first = InvalidBlockNumber;
#if PG_VERSION_NUM < 160000
	LockRelationForExtension(rel, ExclusiveLock);
#endif
	while (n > 0)
	{
		Buffer		bufs[64];
		uint32		got = 1;

#if PG_VERSION_NUM >= 160000
		(void) ExtendBufferedRelBy(BMR_REL(rel), MAIN_FORKNUM, strategy,
								   0, Min(n, 64), bufs, &got);
#else
		bufs[0] = ReadBufferExtended(rel, MAIN_FORKNUM, P_NEW, RBM_NORMAL,
									 strategy);
#endif
		if (first == InvalidBlockNumber)
			first = BufferGetBlockNumber(bufs[0]);
		for (uint32 i = 0; i < got; i++)
			ReleaseBuffer(bufs[i]);
		n -= got;
	}
#if PG_VERSION_NUM < 160000
	UnlockRelationForExtension(rel, ExclusiveLock);
#endif
	return first;
}

#endif							/* FS_COMPAT_H */
