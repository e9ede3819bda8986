/*-------------------------------------------------------------------------
 *
 * The columns of a scan.
 *
 * Two memory contexts, both children of the one in which the scan began:
 * ALTER TABLE resets the per-tuple context between two calls.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/memutils.h"

#include "am/scancolumn.h"

void
fs_scancolumn_init(FsScanColumns *cols, TupleDesc desc)
{
	memset(cols, 0, sizeof(FsScanColumns));
	cols->desc = desc;
	cols->cxt = CurrentMemoryContext;
	cols->chunk_cxt = AllocSetContextCreate(CurrentMemoryContext,
											"flowstore chunk",
											ALLOCSET_DEFAULT_SIZES);
	cols->vector_cxt = AllocSetContextCreate(CurrentMemoryContext,
											 "flowstore vector",
											 ALLOCSET_DEFAULT_SIZES);
	cols->cols = palloc0(sizeof(FsScanColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			fs_typemap_init(&cols->cols[i].map, TupleDescAttr(desc, i));
}

void
fs_scancolumn_free(FsScanColumns *cols)
{
	MemoryContextDelete(cols->chunk_cxt);
	MemoryContextDelete(cols->vector_cxt);
	for (int i = 0; i < cols->desc->natts; i++)
	{
		if (cols->cols[i].values != NULL)
			pfree(cols->cols[i].values);
		if (cols->cols[i].isnull != NULL)
			pfree(cols->cols[i].isnull);
	}
	pfree(cols->cols);
}

void
fs_scancolumn_leave_item(FsScanColumns *cols)
{
	cols->chunk = NULL;
	MemoryContextReset(cols->chunk_cxt);
	MemoryContextReset(cols->vector_cxt);
	for (int i = 0; i < cols->desc->natts; i++)
	{
		cols->cols[i].is_open = false;
		cols->cols[i].is_decoded = false;
		cols->cols[i].is_damaged = false;
		cols->cols[i].reader = NULL;
		cols->cols[i].dict = NULL;
	}
}

void
fs_scancolumn_enter_vector(FsScanColumns *cols, uint32 vector, uint32 nrows)
{
	cols->vector = vector;
	cols->nrows = nrows;
	for (int i = 0; i < cols->desc->natts; i++)
		cols->cols[i].is_decoded = false;
	MemoryContextReset(cols->vector_cxt);
}

/* Open a column of the chunk at hand; false if it is damaged. */
static bool
open_column(FsScanColumns *cols, int att)
{
	FsScanColumn *col = &cols->cols[att];
	const FsColumnMeta *meta;
	MemoryContext old;

	if (col->is_open)
		return !col->is_damaged;
	meta = TupleDescAttr(cols->desc, att)->attisdropped ? NULL :
		fs_chunk_column(fs_chunkio_head(cols->chunk), att + 1);
	if (meta == NULL)
	{
		col->is_open = true;
		return true;
	}
	if (meta->kind != col->map.spec.kind)
	{
		FsFault		fault = {"the column's type does not fit its bytes", 0};

		fs_chunkio_fault(cols->chunk, att + 1, &fault);
		col->is_open = col->is_damaged = true;
		return false;
	}
	old = MemoryContextSwitchTo(cols->chunk_cxt);
	col->stored_order = meta->order;
	col->reader = fs_chunkio_column(cols->chunk, att + 1);
	MemoryContextSwitchTo(old);
	col->is_open = true;		/* not before: the fetch may raise an error */
	col->is_damaged = col->reader == NULL;
	cols->nfetched++;
	return !col->is_damaged;
}

/* All rows of the vector get the value that ADD COLUMN gave older rows. */
static void
fill_missing(FsScanColumns *cols, int att)
{
	FsScanColumn *col = &cols->cols[att];
	bool		isnull = true;
	Datum		value = 0;

	if (!TupleDescAttr(cols->desc, att)->attisdropped)
		value = getmissingattr(cols->desc, att + 1, &isnull);
	for (uint32 i = 0; i < cols->nrows; i++)
	{
		col->values[i] = value;
		col->isnull[i] = isnull;
	}
	col->nulls = col->isnull;
}

/* Room for the Datums of a dictionary, none of them built yet. */
static void
prepare_dict(FsScanColumns *cols, FsScanColumn *col, uint32 n)
{
	if (col->dict != NULL)
		return;
	col->dict = MemoryContextAllocHuge(cols->chunk_cxt, sizeof(Datum) * n);
	col->dict_built = MemoryContextAllocZero(cols->chunk_cxt, n);
}

static bool
decode_addrs(FsScanColumns *cols, FsScanColumn *col, const FsVector *vec,
			 FsFault *fault)
{
	uint32		n;
	const FsAddr *dict;
	char	   *p;

	if (vec->dict_n == 0)
	{
		p = MemoryContextAlloc(cols->vector_cxt, vec->nrows *
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
	prepare_dict(cols, col, n);
	for (uint32 i = 0; i < vec->nrows; i++)
	{
		uint32		code = vec->codes[i];

		if (vec->is_null[i])
			continue;
		if (!col->dict_built[code])
		{
			p = MemoryContextAlloc(cols->chunk_cxt, FS_INET_MAX_LEN);
			(void) fs_typemap_from_addr(&dict[code], p);
			col->dict[code] = PointerGetDatum(p);
			col->dict_built[code] = true;
		}
		col->values[i] = col->dict[code];
	}
	return true;
}

static bool
decode_bytes(FsScanColumns *cols, FsScanColumn *col, const FsVector *vec,
			 FsFault *fault)
{
	const uint8 *const *ptrs = vec->ptrs;
	const uint32 *lens = vec->lens;
	uint32		n = 0;

	if (vec->dict_n > 0)
	{
		if (!fs_column_dict_bytes(col->reader, &n, &ptrs, &lens, fault))
			return false;
		prepare_dict(cols, col, n);
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
		p = MemoryContextAllocHuge(n > 0 ? cols->chunk_cxt : cols->vector_cxt,
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
decode_ints(FsScanColumn *col, const FsVector *vec)
{
	if (col->stored_order == col->map.spec.order)
		fs_typemap_from_ints(&col->map, vec->ints, col->values, vec->nrows);
	else
		/* the type was changed without a rewrite, oid to integer say */
		for (uint32 i = 0; i < vec->nrows; i++)
			col->values[i] = fs_typemap_from_int(&col->map, vec->ints[i]);
}

static bool
decode_column(FsScanColumns *cols, int att)
{
	FsScanColumn *col = &cols->cols[att];
	FsVector	vec;
	FsFault		fault = {{0}, 0};
	bool		is_sound = true;

	if (!open_column(cols, att))
		return false;
	if (col->reader == NULL)
	{
		fill_missing(cols, att);
		return true;
	}
	if (fs_column_read(col->reader, cols->vector, &vec, &fault))
	{
		col->nulls = vec.is_null;
		if (col->map.spec.kind == FS_KIND_INT)
			decode_ints(col, &vec);
		else if (col->map.spec.kind == FS_KIND_ADDR)
			is_sound = decode_addrs(cols, col, &vec, &fault);
		else
			is_sound = decode_bytes(cols, col, &vec, &fault);
	}
	else
		is_sound = false;
	if (!is_sound)
	{
		fs_chunkio_fault(cols->chunk, att + 1, &fault);
		col->is_damaged = true;
	}
	return is_sound;
}

static void
make_arrays(FsScanColumns *cols, FsScanColumn *col)
{
	if (col->values != NULL)
		return;
	col->values = MemoryContextAlloc(cols->cxt,
									 sizeof(Datum) * FS_VECTOR_ROWS);
	col->isnull = MemoryContextAlloc(cols->cxt, FS_VECTOR_ROWS);
}

/* Deform all rows of a ROWS item at once. */
static void
decode_rows(FsScanColumns *cols)
{
	int			natts = cols->desc->natts;
	Datum	   *values = MemoryContextAlloc(cols->vector_cxt,
											sizeof(Datum) * Max(natts, 1));
	bool	   *isnull = MemoryContextAlloc(cols->vector_cxt, Max(natts, 1));
	MinimalTuple row = fs_item_first_row(cols->item->rows);

	for (int att = 0; att < natts; att++)
	{
		make_arrays(cols, &cols->cols[att]);
		cols->cols[att].nulls = cols->cols[att].isnull;
		cols->cols[att].is_decoded = true;
	}
	for (uint32 i = 0; i < cols->nrows; i++)
	{
		HeapTupleData tuple;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader)
			((char *) row - MINIMAL_TUPLE_OFFSET);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		heap_deform_tuple(&tuple, cols->desc, values, isnull);
		for (int att = 0; att < natts; att++)
		{
			cols->cols[att].values[i] = values[att];
			cols->cols[att].isnull[i] = isnull[att];
		}
		row = fs_item_next_row(row);
	}
}

bool
fs_scancolumn_read(FsScanColumns *cols, int att, const Datum **values,
				   const bool **isnull)
{
	FsScanColumn *col = &cols->cols[att];

	if (!col->is_decoded)
	{
		if (cols->item->head->kind == FS_ITEM_ROWS)
			decode_rows(cols);
		else
		{
			make_arrays(cols, col);
			if (!decode_column(cols, att))
				return false;
			col->is_decoded = true;
		}
	}
	*values = col->values;
	*isnull = col->nulls;
	return true;
}

bool
fs_scancolumn_stored(FsScanColumns *cols, int att, FsVector *vector,
					 FsClusterDict *dict)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};
	uint32		size = 0;
	bool		is_sound;

	memset(dict, 0, sizeof(FsClusterDict));
	if (cols->chunk == NULL || !open_column(cols, att) ||
		col->reader == NULL || col->stored_order != col->map.spec.order)
		return false;
	is_sound = fs_column_read(col->reader, cols->vector, vector, &fault);
	if (is_sound && vector->dict_n > 0 && col->map.spec.kind == FS_KIND_ADDR)
	{
		dict->addrs = fs_column_dict_addrs(col->reader, &size, &fault);
		is_sound = dict->addrs != NULL;
	}
	else if (is_sound && vector->dict_n > 0 &&
			 col->map.spec.kind == FS_KIND_BYTES)
		is_sound = fs_column_dict_bytes(col->reader, &size, &dict->ptrs,
										&dict->lens, &fault);
	if (!is_sound)
	{
		fs_chunkio_fault(cols->chunk, att + 1, &fault);
		col->is_damaged = true;
	}
	return is_sound;
}

bool
fs_scancolumn_chunk_zone(FsScanColumns *cols, int att, FsZone *zone)
{
	const FsColumnMeta *meta;

	if (cols->chunk == NULL)
		return false;
	meta = fs_chunk_column(fs_chunkio_head(cols->chunk), att + 1);
	if (meta == NULL || meta->kind != cols->cols[att].map.spec.kind ||
		meta->order != cols->cols[att].map.spec.order)
		return false;
	*zone = meta->zone;
	return true;
}

bool
fs_scancolumn_vector_zone(FsScanColumns *cols, int att, FsZone *zone)
{
	if (!fs_scancolumn_chunk_zone(cols, att, zone) ||
		!open_column(cols, att) || cols->cols[att].reader == NULL)
		return false;
	fs_column_zone(cols->cols[att].reader, cols->vector, zone);
	return true;
}
