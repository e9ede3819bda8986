/*-------------------------------------------------------------------------
 *
 * flow.check: everything is read, and what is damaged is told.
 *
 * First the directory is checked in itself (checkdirectory.c), then each item
 * and what it names (checkitem.c, checkchunk.c).  All of it as one snapshot
 * sees it, beside writers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "directory/directory.h"
#include "func/check.h"
#include "func/inspect.h"

PG_FUNCTION_INFO_V1(fs_check);

/* beside the kinds of items */
#define METAPAGE	(FS_ITEM_MOVED + 1)

static const char *const kinds[] = {
	[FS_ITEM_ROWS] = "rows",
	[FS_ITEM_CHUNK] = "chunk",
	[FS_ITEM_DELETES] = "deletes",
	[FS_ITEM_INDEX] = "index",
	[FS_ITEM_MOVED] = "moved",
	[METAPAGE] = "metapage",
};

/* Where a problem is. */
typedef struct Place
{
	FsPartition partition;
	uint32		number;
	uint8		kind;			/* 0: not known */
	FsExtent	extent;			/* of no pages: none */
	int			att;			/* 0: none */
} Place;

/* A row of the result; byte is not shown if it is -1. */
static void
put_problem(FsCheck *check, const Place *place, int64 byte,
			const char *problem)
{
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = fs_inspect_partition(place->partition, &nulls[0]);
	nulls[1] = place->kind == METAPAGE;
	values[1] = Int64GetDatum(place->number);
	nulls[2] = place->kind == 0;
	if (!nulls[2])
		values[2] = CStringGetTextDatum(kinds[place->kind]);
	nulls[3] = place->extent.npages == 0;
	values[3] = Int64GetDatum(place->extent.first);
	values[4] = fs_inspect_column(check->rel, place->att, &nulls[4]);
	nulls[5] = byte < 0;
	values[5] = Int64GetDatum(byte);
	values[6] = CStringGetTextDatum(problem);
	tuplestore_putvalues(check->rsinfo->setResult, check->rsinfo->setDesc,
						 values, nulls);
}

static Place
place_of(const FsItem *item, int att)
{
	Place		place = {item->partition, item->number};
	uint32		len;

	if (item->fault == NULL)
	{
		place.kind = item->head->kind;
		if (!fs_item_extent(item->head, &place.extent, &len))
			place.extent.npages = 0;
	}
	place.att = att;
	return place;
}

void
fs_check_report(FsCheck *check, const FsItem *item, int att,
				const FsFault *fault)
{
	Place		place = place_of(item, att);

	put_problem(check, &place, fault->off, fault->reason);
}

void
fs_check_complain(FsCheck *check, const FsItem *item, const char *fmt,...)
{
	Place		place = place_of(item, 0);
	char		problem[160];
	va_list		args;

	va_start(args, fmt);
	vsnprintf(problem, sizeof(problem), fmt, args);
	va_end(args);
	put_problem(check, &place, -1, problem);
}

void
fs_check_complain_of(FsCheck *check, const FsCheckItem *item,
					 const char *fmt,...)
{
	Place		place = {item->partition, item->number, item->kind,
	item->extent};
	char		problem[160];
	va_list		args;

	va_start(args, fmt);
	vsnprintf(problem, sizeof(problem), fmt, args);
	va_end(args);
	put_problem(check, &place, -1, problem);
}

static void
check_item(FsCheck *check, const FsItem *item)
{
	FsExtent	extent;
	uint32		len;

	if (item->fault != NULL ||
		(fs_item_extent(item->head, &extent, &len) &&
		 !fs_check_is_inside(check, extent)))
		return;					/* told already */
	switch (item->head->kind)
	{
		case FS_ITEM_ROWS:
			fs_check_rows(check, item);
			break;
		case FS_ITEM_CHUNK:
			fs_check_chunk(check, item);
			break;
		case FS_ITEM_DELETES:
			fs_check_deletes(check, item);
			break;
		case FS_ITEM_INDEX:
			fs_check_index(check, item);
			break;
		default:
			fs_check_moved(check, item);
			break;
	}
}

static void
check_items(FsCheck *check)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore check",
											  ALLOCSET_DEFAULT_SIZES);
	FsDirectoryScan *dir = fs_directory_begin(check->rel, check->snapshot,
											  NULL);
	FsItem		item;

	fs_directory_tolerate(dir);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		old = MemoryContextSwitchTo(cxt);
		check_item(check, &item);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
	}
	fs_directory_end(dir);
	MemoryContextDelete(cxt);
}

/* True if the metapage can be used. */
static bool
check_meta(FsCheck *check)
{
	Place		place = {0, 0, METAPAGE, {FS_META_BLKNO, 1}};
	const char *fault = fs_meta_fault(check->rel);

	if (fault == NULL && !fs_meta_exists(check->rel) && check->n > 0)
		fault = "it is lost";
	if (fault != NULL)
		put_problem(check, &place, -1, fault);
	return fault == NULL;
}

/* What is no damage, and yet worth knowing. */
static void
tell_leftovers(const FsCheck *check)
{
	if (check->nstale == 0 && check->nlost == 0)
		return;
	ereport(NOTICE,
			(errmsg("the directory of flowstore table \"%s\" knows of rows that are gone",
					RelationGetRelationName(check->rel)),
			 errdetail(UINT64_FORMAT " deleted and " UINT64_FORMAT " moved rows are in no item.",
					   check->nstale, check->nlost),
			 errhint("This is not damage. flow.optimize() forgets them.")));
}

/* flow.check(regclass): one row a problem */
Datum
fs_check(PG_FUNCTION_ARGS)
{
	FsCheck		check = {fs_inspect_open(PG_GETARG_OID(0)),
	GetActiveSnapshot(), (ReturnSetInfo *) fcinfo->resultinfo};

	InitMaterializedSRF(fcinfo, 0);
	check.set = fs_set_create(check.rel, check.snapshot, false);
	fs_check_directory(&check);
	if (check_meta(&check))
		check.partitioning = fs_meta_partitioning(check.rel);
	check_items(&check);
	tell_leftovers(&check);
	fs_set_destroy(check.set);
	relation_close(check.rel, AccessShareLock);
	return (Datum) 0;
}
