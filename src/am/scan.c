/*-------------------------------------------------------------------------
 *
 * Reading a table, vector by vector.
 *
 * Two memory contexts: chunk_cxt holds the open chunk, its columns and the
 * Datums of dictionaries, vector_cxt the Datums of the current vector that
 * are in no dictionary.  Both are children of the context in which the scan
 * began: ALTER TABLE resets the per-tuple one between two calls.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/options.h"
#include "am/scan.h"
#include "store/chunkio.h"

/* A column of the scan; arrays are made when it is first asked for. */
typedef struct ScanColumn
{
	FsTypeMap	map;
	bool		is_open;		/* in this chunk */
	bool		is_decoded;		/* in this vector */
	bool		is_damaged;		/* in this chunk, and to be skipped */
	FsOrder		stored_order;
	FsColumnReader *reader;		/* NULL: the chunk has no such column */
	Datum	   *dict;			/* Datums by code, built on demand */
	bool	   *dict_built;
	Datum	   *values;			/* [FS_VECTOR_ROWS] */
	bool	   *isnull;			/* [FS_VECTOR_ROWS] */
	const bool *nulls;			/* isnull, or the reader's own */
} ScanColumn;

struct FsScan
{
	Relation	rel;
	Snapshot	snapshot;
	TupleDesc	desc;
	FsDirectoryScan *directory; /* NULL: seeks only */
	const FsPruner *pruner;
	pg_atomic_uint64 *shared;
	uint64		ordinal;		/* of the next item */
	MemoryContext cxt;
	MemoryContext chunk_cxt;
	MemoryContext vector_cxt;
	bool		has_item;
	FsItem		item;
	FsStoredChunk *chunk;		/* NULL: not open, or a ROWS item */
	uint32		nvectors;
	uint32		vector;			/* current */
	uint32		nrows;			/* of the current vector */
	ScanColumn *cols;			/* [natts] */
	FsScanCounters counters;
};

static FsScan *
create_scan(Relation rel, TupleDesc desc)
{
	FsScan	   *scan = palloc0(sizeof(FsScan));

	scan->rel = rel;
	scan->desc = desc;
	scan->cxt = CurrentMemoryContext;
	scan->chunk_cxt = AllocSetContextCreate(CurrentMemoryContext,
											"flowstore chunk",
											ALLOCSET_DEFAULT_SIZES);
	scan->vector_cxt = AllocSetContextCreate(CurrentMemoryContext,
											 "flowstore vector",
											 ALLOCSET_DEFAULT_SIZES);
	scan->cols = palloc0(sizeof(ScanColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			fs_typemap_init(&scan->cols[i].map, TupleDescAttr(desc, i));
	return scan;
}

FsScan *
fs_scan_begin(Relation rel, Snapshot snapshot, TupleDesc desc,
			  ParallelTableScanDesc pscan)
{
	FsScan	   *scan = create_scan(rel, desc);

	scan->snapshot = snapshot;
	scan->directory = fs_directory_begin(rel, snapshot, pscan);
	return scan;
}

FsScan *
fs_scan_begin_seek(Relation rel, TupleDesc desc)
{
	return create_scan(rel, desc);
}

void
fs_scan_set_pruner(FsScan *scan, const FsPruner *pruner)
{
	scan->pruner = pruner;
}

void
fs_scan_share(FsScan *scan, pg_atomic_uint64 *counter)
{
	scan->shared = counter;
}

/* Leave the item at hand. */
static void
leave_item(FsScan *scan)
{
	if (scan->chunk != NULL)
		scan->counters.bytes += fs_chunkio_bytes_read(scan->chunk);
	scan->has_item = false;
	scan->chunk = NULL;
	MemoryContextReset(scan->chunk_cxt);
	MemoryContextReset(scan->vector_cxt);
	for (int i = 0; i < scan->desc->natts; i++)
	{
		scan->cols[i].is_open = false;
		scan->cols[i].is_decoded = false;
		scan->cols[i].is_damaged = false;
		scan->cols[i].reader = NULL;
		scan->cols[i].dict = NULL;
	}
}

void
fs_scan_rescan(FsScan *scan)
{
	leave_item(scan);
	scan->ordinal = 0;
	if (scan->directory != NULL)
		fs_directory_rescan(scan->directory);
}

void
fs_scan_end(FsScan *scan)
{
	if (scan->directory != NULL)
		fs_directory_end(scan->directory);
	MemoryContextDelete(scan->chunk_cxt);
	MemoryContextDelete(scan->vector_cxt);
	for (int i = 0; i < scan->desc->natts; i++)
	{
		if (scan->cols[i].values != NULL)
			pfree(scan->cols[i].values);
		if (scan->cols[i].isnull != NULL)
			pfree(scan->cols[i].isnull);
	}
	pfree(scan->cols);
	pfree(scan);
}

uint32
fs_scan_item_vectors(const FsItem *item)
{
	return item->head->kind == FS_ITEM_ROWS ? 1
		: (item->head->nrows + FS_VECTOR_ROWS - 1) / FS_VECTOR_ROWS;
}

/*
 * Open the chunk of the current item, unless the pruner can do without it.
 * Returns false if the item is to be passed over.
 */
static bool
enter_item(FsScan *scan)
{
	const FsItem *item = &scan->item;

	scan->nvectors = fs_scan_item_vectors(item);
	if (item->head->kind == FS_ITEM_ROWS)
	{
		scan->counters.rows_items++;
		return true;
	}

	scan->counters.chunks++;
	if (scan->pruner != NULL && scan->pruner->keep_item != NULL &&
		!scan->pruner->keep_item(scan->pruner->arg, item))
	{
		scan->counters.chunks_pruned++;
		return false;
	}
	scan->chunk = fs_chunkio_open(scan->rel, item->chunk->extent,
								  item->chunk->len, NULL, scan->chunk_cxt,
								  fs_on_corrupt_chunk == FS_ON_CORRUPT_SKIP ?
								  WARNING : ERROR);
	if (scan->chunk == NULL)
		return false;
	if (fs_chunkio_head(scan->chunk)->nrows != item->head->nrows)
	{
		FsFault		fault = {"the directory gives another row count", 0};

		fs_chunkio_fault(scan->chunk, 0, &fault);
		return false;
	}
	if (scan->pruner != NULL && scan->pruner->keep_chunk != NULL &&
		!scan->pruner->keep_chunk(scan->pruner->arg, scan))
	{
		scan->counters.chunks_pruned++;
		return false;
	}
	scan->counters.vectors += scan->nvectors;
	return true;
}

/* Stop at a vector of the current item. */
static void
enter_vector(FsScan *scan, uint32 v)
{
	uint32		nrows = scan->item.head->nrows;

	scan->vector = v;
	scan->nrows = scan->item.head->kind == FS_ITEM_ROWS ? nrows
		: Min(FS_VECTOR_ROWS, nrows - v * FS_VECTOR_ROWS);
	for (int i = 0; i < scan->desc->natts; i++)
		scan->cols[i].is_decoded = false;
	MemoryContextReset(scan->vector_cxt);
}

/*
 * A dirty read must not touch the extent of an item that another transaction
 * is still writing; its pages may be anything.
 */
static bool
is_being_written(const FsScan *scan)
{
	return scan->snapshot != NULL &&
		scan->snapshot->snapshot_type == SNAPSHOT_DIRTY &&
		TransactionIdIsValid(scan->snapshot->xmin) &&
		!TransactionIdIsCurrentTransactionId(scan->snapshot->xmin);
}

static bool
next_item(FsScan *scan, ScanDirection direction)
{
	uint64		wanted = 0;

	leave_item(scan);
	if (scan->shared != NULL)
		wanted = pg_atomic_fetch_add_u64(scan->shared, 1);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (!fs_directory_next(scan->directory, direction, &scan->item))
			return false;
		if (scan->shared != NULL && scan->ordinal++ != wanted)
			continue;
		if (!is_being_written(scan))
		{
			scan->has_item = true;
			if (enter_item(scan))
				return true;
			leave_item(scan);
		}
		if (scan->shared != NULL)
			wanted = pg_atomic_fetch_add_u64(scan->shared, 1);
	}
}

/* The vector after the current one in this direction, within the item. */
static bool
step_vector(FsScan *scan, ScanDirection direction)
{
	uint32		v = scan->vector;

	if (ScanDirectionIsForward(direction) ? v + 1 >= scan->nvectors : v == 0)
		return false;
	enter_vector(scan, ScanDirectionIsForward(direction) ? v + 1 : v - 1);
	return true;
}

static bool
keep_vector(FsScan *scan)
{
	if (scan->chunk == NULL || scan->pruner == NULL ||
		scan->pruner->keep_vector == NULL ||
		scan->pruner->keep_vector(scan->pruner->arg, scan))
		return true;
	scan->counters.vectors_pruned++;
	return false;
}

bool
fs_scan_next(FsScan *scan, ScanDirection direction)
{
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!scan->has_item || !step_vector(scan, direction))
		{
			if (!next_item(scan, direction))
				return false;
			enter_vector(scan, ScanDirectionIsForward(direction) ?
						 0 : scan->nvectors - 1);
		}
	} while (!keep_vector(scan));
	return true;
}

bool
fs_scan_seek(FsScan *scan, const FsItem *item, uint32 v)
{
	bool		is_same = scan->has_item &&
		scan->item.partition == item->partition &&
		scan->item.number == item->number &&
		item->head->kind == FS_ITEM_CHUNK && scan->chunk != NULL;

	if (!is_same)
	{
		leave_item(scan);
		scan->item = *item;
		if (!enter_item(scan))
			return false;
		scan->has_item = true;
	}
	scan->item = *item;
	enter_vector(scan, v);
	return true;
}

void
fs_scan_rebind(FsScan *scan, Relation rel)
{
	scan->rel = rel;
	if (scan->chunk != NULL)
		fs_chunkio_rebind(scan->chunk, rel);
}

uint32
fs_scan_nrows(const FsScan *scan)
{
	return scan->nrows;
}

const FsItem *
fs_scan_item(const FsScan *scan)
{
	return &scan->item;
}

uint32
fs_scan_first_row(const FsScan *scan)
{
	return scan->vector * FS_VECTOR_ROWS;
}

Oid
fs_scan_relid(const FsScan *scan)
{
	return RelationGetRelid(scan->rel);
}

const FsTypeMap *
fs_scan_typemap(const FsScan *scan, int att)
{
	return &scan->cols[att].map;
}

const FsScanCounters *
fs_scan_counters(const FsScan *scan)
{
	return &scan->counters;
}

void
fs_scan_tid(const FsScan *scan, uint32 i, ItemPointer tid)
{
	uint32		row = fs_scan_first_row(scan) + i;

	if (scan->item.head->kind == FS_ITEM_ROWS)
	{
		fs_rowno_to_tid(scan->item.rows->first_row + row, tid);
		return;
	}
	for (int k = 0; k < scan->item.head->n; k++)
	{
		FsRowRun	run = fs_item_run(scan->item.chunk, k);

		if (row < run.n)
		{
			fs_rowno_to_tid(run.first + row, tid);
			return;
		}
		row -= run.n;
	}
	elog(ERROR, "unexpected row %u of a chunk", row);
}

/* Open a column of the chunk at hand; false if it is damaged. */
static bool
open_column(FsScan *scan, int att)
{
	ScanColumn *col = &scan->cols[att];
	const FsColumnMeta *meta;
	MemoryContext old;

	if (col->is_open)
		return !col->is_damaged;
	meta = TupleDescAttr(scan->desc, att)->attisdropped ? NULL :
		fs_chunk_column(fs_chunkio_head(scan->chunk), att + 1);
	if (meta == NULL)
	{
		col->is_open = true;
		return true;
	}
	if (meta->kind != col->map.spec.kind)
	{
		FsFault		fault = {"the column's type does not fit its bytes", 0};

		fs_chunkio_fault(scan->chunk, att + 1, &fault);
		col->is_open = col->is_damaged = true;
		return false;
	}
	old = MemoryContextSwitchTo(scan->chunk_cxt);
	col->stored_order = meta->order;
	col->reader = fs_chunkio_column(scan->chunk, att + 1);
	MemoryContextSwitchTo(old);
	col->is_open = true;		/* not before: the fetch may raise an error */
	col->is_damaged = col->reader == NULL;
	scan->counters.columns++;
	return !col->is_damaged;
}

/* All rows of the vector get the value that ADD COLUMN gave older rows. */
static void
fill_missing(FsScan *scan, int att)
{
	ScanColumn *col = &scan->cols[att];
	bool		isnull = true;
	Datum		value = 0;

	if (!TupleDescAttr(scan->desc, att)->attisdropped)
		value = getmissingattr(scan->desc, att + 1, &isnull);
	for (uint32 i = 0; i < scan->nrows; i++)
	{
		col->values[i] = value;
		col->isnull[i] = isnull;
	}
	col->nulls = col->isnull;
}

/* Room for the Datums of a dictionary, none of them built yet. */
static void
prepare_dict(FsScan *scan, ScanColumn *col, uint32 n)
{
	if (col->dict != NULL)
		return;
	col->dict = MemoryContextAllocHuge(scan->chunk_cxt, sizeof(Datum) * n);
	col->dict_built = MemoryContextAllocZero(scan->chunk_cxt, n);
}

static bool
decode_addrs(FsScan *scan, ScanColumn *col, const FsVector *vec,
			 FsFault *fault)
{
	uint32		n;
	const FsAddr *dict;
	char	   *p;

	if (vec->dict_n == 0)
	{
		p = MemoryContextAlloc(scan->vector_cxt, vec->nrows *
							   INTALIGN(FS_INET_MAX_LEN));
		for (uint32 i = 0; i < vec->nrows; i++)
		{
			if (vec->is_null[i])
				continue;
			col->values[i] = PointerGetDatum(p);
			p += INTALIGN(fs_typemap_from_addr(&vec->addrs[i], p));
		}
		return true;
	}
	dict = fs_column_dict_addrs(col->reader, &n, fault);
	if (dict == NULL)
		return false;
	prepare_dict(scan, col, n);
	for (uint32 i = 0; i < vec->nrows; i++)
	{
		uint32		code = vec->codes[i];

		if (vec->is_null[i])
			continue;
		if (!col->dict_built[code])
		{
			p = MemoryContextAlloc(scan->chunk_cxt, FS_INET_MAX_LEN);
			(void) fs_typemap_from_addr(&dict[code], p);
			col->dict[code] = PointerGetDatum(p);
			col->dict_built[code] = true;
		}
		col->values[i] = col->dict[code];
	}
	return true;
}

static bool
decode_bytes(FsScan *scan, ScanColumn *col, const FsVector *vec,
			 FsFault *fault)
{
	const uint8 *const *ptrs = vec->ptrs;
	const uint32 *lens = vec->lens;
	uint32		n = 0;

	if (vec->dict_n > 0)
	{
		if (!fs_column_dict_bytes(col->reader, &n, &ptrs, &lens, fault))
			return false;
		prepare_dict(scan, col, n);
	}
	for (uint32 i = 0; i < vec->nrows; i++)
	{
		uint32		k = n > 0 ? vec->codes[i] : i;
		Datum		value;
		char	   *p;

		if (vec->is_null[i])
			continue;
		if (n > 0 && col->dict_built[k])
		{
			col->values[i] = col->dict[k];
			continue;
		}
		p = MemoryContextAllocHuge(n > 0 ? scan->chunk_cxt : scan->vector_cxt,
								   fs_typemap_datum_size(&col->map, lens[k]));
		value = fs_typemap_from_bytes(&col->map, ptrs[k], lens[k], p);
		if (n > 0)
		{
			col->dict[k] = value;
			col->dict_built[k] = true;
		}
		col->values[i] = value;
	}
	return true;
}

static void
decode_ints(ScanColumn *col, const FsVector *vec)
{
	if (col->stored_order == col->map.spec.order)
		fs_typemap_from_ints(&col->map, vec->ints, col->values, vec->nrows);
	else
		/* the type was changed without a rewrite, oid to integer say */
		for (uint32 i = 0; i < vec->nrows; i++)
			col->values[i] = fs_typemap_from_int(&col->map, vec->ints[i]);
}

static bool
decode_column(FsScan *scan, int att)
{
	ScanColumn *col = &scan->cols[att];
	FsVector	vec;
	FsFault		fault = {{0}, 0};
	bool		is_sound = true;

	if (!open_column(scan, att))
		return false;
	if (col->reader == NULL)
	{
		fill_missing(scan, att);
		return true;
	}
	if (fs_column_read(col->reader, scan->vector, &vec, &fault))
	{
		col->nulls = vec.is_null;
		if (col->map.spec.kind == FS_KIND_INT)
			decode_ints(col, &vec);
		else if (col->map.spec.kind == FS_KIND_ADDR)
			is_sound = decode_addrs(scan, col, &vec, &fault);
		else
			is_sound = decode_bytes(scan, col, &vec, &fault);
	}
	else
		is_sound = false;
	if (!is_sound)
	{
		fs_chunkio_fault(scan->chunk, att + 1, &fault);
		col->is_damaged = true;
	}
	return is_sound;
}

static void
make_arrays(FsScan *scan, ScanColumn *col)
{
	if (col->values != NULL)
		return;
	col->values = MemoryContextAlloc(scan->cxt,
									 sizeof(Datum) * FS_VECTOR_ROWS);
	col->isnull = MemoryContextAlloc(scan->cxt, FS_VECTOR_ROWS);
}

/* Deform all rows of a ROWS item at once. */
static void
decode_rows(FsScan *scan)
{
	int			natts = scan->desc->natts;
	Datum	   *values = MemoryContextAlloc(scan->vector_cxt,
											sizeof(Datum) * Max(natts, 1));
	bool	   *isnull = MemoryContextAlloc(scan->vector_cxt, Max(natts, 1));
	MinimalTuple row = fs_item_first_row(scan->item.rows);

	for (int att = 0; att < natts; att++)
	{
		make_arrays(scan, &scan->cols[att]);
		scan->cols[att].nulls = scan->cols[att].isnull;
		scan->cols[att].is_decoded = true;
	}
	for (uint32 i = 0; i < scan->nrows; i++)
	{
		HeapTupleData tuple;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader)
			((char *) row - MINIMAL_TUPLE_OFFSET);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		heap_deform_tuple(&tuple, scan->desc, values, isnull);
		for (int att = 0; att < natts; att++)
		{
			scan->cols[att].values[i] = values[att];
			scan->cols[att].isnull[i] = isnull[att];
		}
		row = fs_item_next_row(row);
	}
}

bool
fs_scan_column(FsScan *scan, int att, const Datum **values,
			   const bool **isnull)
{
	ScanColumn *col = &scan->cols[att];

	Assert(scan->has_item);
	if (!col->is_decoded)
	{
		if (scan->item.head->kind == FS_ITEM_ROWS)
			decode_rows(scan);
		else
		{
			make_arrays(scan, col);
			if (!decode_column(scan, att))
				return false;
			col->is_decoded = true;
		}
	}
	*values = col->values;
	*isnull = col->nulls;
	return true;
}

bool
fs_scan_chunk_zone(FsScan *scan, int att, FsZone *zone)
{
	const FsColumnMeta *meta;

	if (scan->chunk == NULL)
		return false;
	meta = fs_chunk_column(fs_chunkio_head(scan->chunk), att + 1);
	if (meta == NULL || meta->kind != scan->cols[att].map.spec.kind ||
		meta->order != scan->cols[att].map.spec.order)
		return false;
	*zone = meta->zone;
	return true;
}

bool
fs_scan_vector_zone(FsScan *scan, int att, FsZone *zone)
{
	if (!fs_scan_chunk_zone(scan, att, zone) || !open_column(scan, att) ||
		scan->cols[att].reader == NULL)
		return false;
	fs_column_zone(scan->cols[att].reader, scan->vector, zone);
	return true;
}
