/*-------------------------------------------------------------------------
 *
 * Checking a table: the items that a snapshot sees, and reports about them.
 *
 * Memory: 40 bytes an item and 24 a run of row numbers, and one chunk or
 * partition index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FUNC_CHECK_H
#define FS_FUNC_CHECK_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "am/set.h"
#include "directory/item.h"
#include "format/value.h"
#include "store/meta.h"

/* What is remembered of an item, but for DELETES. */
typedef struct FsCheckItem
{
	FsPartition partition;
	uint32		number;
	uint8		kind;			/* FsItemKind */
	bool		is_clustered;	/* with the next two */
	uint16		ordinal;
	uint32		index_number;
	uint16		n;				/* INDEX: chunks of the set */
	uint32		nrows;
	FsExtent	extent;			/* of no pages: it has none */
} FsCheckItem;

typedef struct FsCheckRun
{
	FsRowRun	run;
	uint32		item;			/* in items */
} FsCheckRun;

typedef struct FsCheck
{
	Relation	rel;
	Snapshot	snapshot;
	ReturnSetInfo *rsinfo;
	FsCheckItem *items;			/* [n] */
	uint32		n;
	uint32		cap;
	FsCheckRun *runs;			/* [nruns], by first row once sorted */
	uint32		nruns;
	uint32		run_cap;
	FsSet	   *set;			/* of the clustered chunk at hand */
	FsPartitioning partitioning;	/* not known if the metapage is damaged */
	uint64		nstale;			/* deleted rows that no item has */
	uint64		nlost;			/* moved rows that no item has */
} FsCheck;

/* Read the directory, and check what it says of extents, rows and sets. */
extern void fs_check_directory(FsCheck *check);

/* The item that has a row, or NULL; after fs_check_directory(). */
extern const FsCheckItem *fs_check_find_row(const FsCheck *check,
											uint64 rowno);

/* True if the item's extent, if any, lies in the file. */
extern bool fs_check_is_inside(const FsCheck *check, FsExtent extent);

/* Check what an item names or holds, in the current memory context. */
extern void fs_check_chunk(FsCheck *check, const FsItem *item);
extern void fs_check_rows(FsCheck *check, const FsItem *item);
extern void fs_check_index(FsCheck *check, const FsItem *item);
extern void fs_check_moved(FsCheck *check, const FsItem *item);
extern void fs_check_deletes(FsCheck *check, const FsItem *item);

/* A row of the result; att 0 for no column, reason as errdetail's text. */
extern void fs_check_report(FsCheck *check, const FsItem *item, int att,
							const FsFault *fault);
extern void fs_check_complain(FsCheck *check, const FsItem *item,
							  const char *fmt,...) pg_attribute_printf(3, 4);
extern void fs_check_complain_of(FsCheck *check, const FsCheckItem *item,
								 const char *fmt,...) pg_attribute_printf(3, 4);

#endif							/* FS_FUNC_CHECK_H */
