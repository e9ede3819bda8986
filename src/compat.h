/*-------------------------------------------------------------------------
 *
 * What differs between PostgreSQL 15, 16, 17 and 18.
 *
 * The newest spelling is the one that the code uses; older servers get it
 * from here.  The callbacks whose signatures differ are bridged in
 * am/handler.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_COMPAT_H
#define FS_COMPAT_H

#include "postgres.h"

#include "access/relscan.h"
#include "catalog/index.h"
#include "commands/vacuum.h"
#include "pgstat.h"
#include "utils/pg_locale.h"
#include "storage/bufmgr.h"
#include "storage/smgr.h"
#include "utils/rel.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "flowstore supports PostgreSQL 15 to 18"
#endif

StaticAssertDecl(sizeof(Datum) == 8, "flowstore needs a 64-bit server");

#if PG_VERSION_NUM >= 160000
typedef RelFileLocator FsFileLocator;
typedef RelFileNumber FsFileNumber;
#define FsRelationLocator(rel)	((rel)->rd_locator)
#define FsLocatorNumber(loc)	((loc).relNumber)
#else
typedef RelFileNode FsFileLocator;
typedef Oid FsFileNumber;
#define FsRelationLocator(rel)	((rel)->rd_node)
#define FsLocatorNumber(loc)	((loc).relNode)
#endif

/* The file that a relation's rows lie in; changes when it is rewritten. */
static inline FsFileNumber
fs_file_number(Relation rel)
{
	return FsLocatorNumber(FsRelationLocator(rel));
}

/* Say which table a parallel scan belongs to. */
static inline void
FsParallelScanSetRelation(ParallelTableScanDesc pscan, Relation rel)
{
#if PG_VERSION_NUM >= 180000
	pscan->phs_locator = rel->rd_locator;
#else
	pscan->phs_relid = RelationGetRelid(rel);
#endif
}

/* Build all indexes of a table anew. */
static inline void
fs_reindex_relation(Oid relid)
{
	ReindexParams params = {0};

#if PG_VERSION_NUM >= 170000
	reindex_relation(NULL, relid, 0, &params);
#else
	reindex_relation(relid, 0, &params);
#endif
}

static inline void
fs_vacuum_delay_point(void)
{
#if PG_VERSION_NUM >= 180000
	vacuum_delay_point(false);
#else
	vacuum_delay_point();
#endif
}

/* Write what VACUUM learnt into pg_class. */
static inline void
fs_update_relstats(Relation rel, BlockNumber nblocks, double rows,
				   TransactionId frozen, MultiXactId min_multi)
{
	bool		frozen_updated;
	bool		multi_updated;

#if PG_VERSION_NUM >= 180000
	vac_update_relstats(rel, nblocks, rows, 0, 0, false, frozen, min_multi,
						&frozen_updated, &multi_updated, false);
#else
	vac_update_relstats(rel, nblocks, rows, 0, false, frozen, min_multi,
						&frozen_updated, &multi_updated, false);
#endif
}

/* Tell the statistics that VACUUM left rows live rows and none dead. */
static inline void
fs_report_vacuum(Relation rel, double rows)
{
#if PG_VERSION_NUM >= 180000
	pgstat_report_vacuum(RelationGetRelid(rel), rel->rd_rel->relisshared,
						 rows, 0, GetCurrentTimestamp());
#else
	pgstat_report_vacuum(RelationGetRelid(rel), rel->rd_rel->relisshared,
						 rows, 0);
#endif
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
 * caller holds the relation extension lock.  Raises an error if the disk is
 * full.
 */
static inline BlockNumber
fs_extend_relation(Relation rel, uint32 n)
{
	BlockNumber first = InvalidBlockNumber;

#if PG_VERSION_NUM >= 160000
	while (n > 0)
	{
		Buffer		bufs[64];
		uint32		got;
		BlockNumber blk;

		blk = ExtendBufferedRelBy(BMR_REL(rel), MAIN_FORKNUM, NULL,
								  EB_SKIP_EXTENSION_LOCK, Min(n, 64),
								  bufs, &got);
		if (first == InvalidBlockNumber)
			first = blk;
		for (uint32 i = 0; i < got; i++)
			ReleaseBuffer(bufs[i]);
		n -= got;
	}
#else
	for (; n > 0; n--)
	{
		Buffer		buf = ReadBuffer(rel, P_NEW);

		if (first == InvalidBlockNumber)
			first = BufferGetBlockNumber(buf);
		ReleaseBuffer(buf);
	}
#endif
	return first;
}

#endif							/* FS_COMPAT_H */
