/*-------------------------------------------------------------------------
 *
 * The columns of a scan as Datums.
 *
 * Datums of dictionary values are built once a chunk, when a row has them.
 * All others live until the scan leaves the vector.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/memutils.h"

#include "am/scancolumn.h"

#define FEW_ROWS	32

/* Room for the Datums of a dictionary, none of them built yet. */
static void
prepare_dict(FsScanColumns *cols, FsScanColumn *col, uint32 n)
{
	if (col->dict != NULL)
		return;
	col->dict = MemoryContextAllocHuge(cols->chunk_cxt, sizeof(Datum) * n);
	col->dict_built = MemoryContextAllocZero(cols->chunk_cxt, n);
}

/* Build the Datums of codes[n], which have none yet. */
static bool
build_addrs(FsScanColumns *cols, FsScanColumn *col, const uint32 *codes,
			uint32 n, FsFault *fault)
{
	FsAddr		addrs[FS_VECTOR_ROWS];
	char	   *p;

	if (!fs_column_pick_addrs(col->reader, codes, n, addrs, fault))
		return false;
	p = MemoryContextAllocHuge(cols->chunk_cxt,
							   (Size) n * INTALIGN(FS_INET_MAX_LEN));
	for (uint32 i = 0; i < n; i++)
	{
		col->dict[codes[i]] = PointerGetDatum(p);
		p += INTALIGN(fs_typemap_from_addr(&addrs[i], p));
	}
	return true;
}

static bool
build_bytes(FsScanColumns *cols, FsScanColumn *col, const uint32 *codes,
			uint32 n, FsFault *fault)
{
	const uint8 *ptrs[FS_VECTOR_ROWS];
	uint32		lens[FS_VECTOR_ROWS];

	if (!fs_column_pick_bytes(col->reader, codes, n, ptrs, lens, fault))
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		char	   *p = MemoryContextAllocHuge(cols->chunk_cxt,
											   fs_typemap_datum_size(&col->map,
																	 lens[i]));

		col->dict[codes[i]] = fs_typemap_from_bytes(&col->map, ptrs[i],
													lens[i], p);
	}
	return true;
}

bool
fs_scandatum_codes(FsScanColumns *cols, int att, const uint32 *codes,
				   uint32 n, const Datum **dict)
{
	FsScanColumn *col = &cols->cols[att];
	uint32		missing[FS_VECTOR_ROWS];
	uint32		nmissing = 0;
	FsFault		fault = {{0}, 0};

	Assert(n <= FS_VECTOR_ROWS && col->vec.dict_n > 0);
	prepare_dict(cols, col, col->vec.dict_n);
	*dict = col->dict;
	for (uint32 i = 0; i < n; i++)
	{
		missing[nmissing] = codes[i];
		nmissing += !col->dict_built[codes[i]];
		col->dict_built[codes[i]] = true;
	}
	if (nmissing == 0)
		return true;
	if (col->map.spec.kind == FS_KIND_ADDR
		? build_addrs(cols, col, missing, nmissing, &fault)
		: build_bytes(cols, col, missing, nmissing, &fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

/* Datums of few codes, for this vector: the dictionary's are not begun. */
static bool
pick_few(FsScanColumns *cols, int att, const uint32 *codes,
		 const uint16 *places, uint32 n)
{
	FsScanColumn *col = &cols->cols[att];
	FsAddr		addrs[FEW_ROWS];
	const uint8 *ptrs[FEW_ROWS];
	uint32		lens[FEW_ROWS];

	if (col->map.spec.kind == FS_KIND_ADDR)
	{
		char	   *p = MemoryContextAlloc(cols->vector_cxt,
										   n * INTALIGN(FS_INET_MAX_LEN));

		if (!fs_scancolumn_addrs(cols, att, codes, n, addrs))
			return false;
		for (uint32 i = 0; i < n; i++)
		{
			col->values[places[i]] = PointerGetDatum(p);
			p += INTALIGN(fs_typemap_from_addr(&addrs[i], p));
		}
		return true;
	}
	if (!fs_scancolumn_bytes(cols, att, codes, n, ptrs, lens))
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		char	   *p = MemoryContextAllocHuge(cols->vector_cxt,
											   fs_typemap_datum_size(&col->map,
																	 lens[i]));

		col->values[places[i]] = fs_typemap_from_bytes(&col->map, ptrs[i],
													   lens[i], p);
	}
	return true;
}

/* Rows of a column with a dictionary. */
static bool
pick_coded(FsScanColumns *cols, int att, const uint16 *rows, uint32 n)
{
	FsScanColumn *col = &cols->cols[att];
	const FsVector *vec = &col->vec;
	uint32		codes[FS_VECTOR_ROWS];
	uint16		places[FS_VECTOR_ROWS];
	const Datum *dict;
	uint32		m = 0;

	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows == NULL ? i : rows[i];

		if (vec->is_null[row])
			continue;
		places[m] = (uint16) row;
		codes[m++] = vec->codes[row];
	}
	if (m == 0)
		return true;
	if (col->dict == NULL && m <= FEW_ROWS)
		return pick_few(cols, att, codes, places, m);
	if (!fs_scandatum_codes(cols, att, codes, m, &dict))
		return false;
	for (uint32 i = 0; i < m; i++)
		col->values[places[i]] = dict[codes[i]];
	return true;
}

static void
pick_addrs(FsScanColumns *cols, FsScanColumn *col, const uint16 *rows,
		   uint32 n)
{
	char	   *p = MemoryContextAlloc(cols->vector_cxt,
									   n * INTALIGN(FS_INET_MAX_LEN));

	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows == NULL ? i : rows[i];

		if (col->vec.is_null[row])
			continue;
		col->values[row] = PointerGetDatum(p);
		p += INTALIGN(fs_typemap_from_addr(&col->vec.addrs[row], p));
	}
}

static void
pick_bytes(FsScanColumns *cols, FsScanColumn *col, const uint16 *rows,
		   uint32 n)
{
	const FsVector *vec = &col->vec;

	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows == NULL ? i : rows[i];
		char	   *p;

		if (vec->is_null[row])
			continue;
		p = MemoryContextAllocHuge(cols->vector_cxt,
								   fs_typemap_datum_size(&col->map,
														 vec->lens[row]));
		col->values[row] = fs_typemap_from_bytes(&col->map, vec->ptrs[row],
												 vec->lens[row], p);
	}
}

static void
pick_ints(FsScanColumn *col, const uint16 *rows, uint32 n)
{
	if (rows == NULL && col->stored_order == col->map.spec.order)
	{
		fs_typemap_from_ints(&col->map, col->vec.ints, col->values, n);
		return;
	}
	/* also where the type was changed without a rewrite, oid to integer say */
	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = rows == NULL ? i : rows[i];

		col->values[row] = fs_typemap_from_int(&col->map, col->vec.ints[row]);
	}
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
	col->is_decoded = true;
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

static bool
pick_stored(FsScanColumns *cols, int att, const uint16 *rows, uint32 n)
{
	FsScanColumn *col = &cols->cols[att];

	col->nulls = col->vec.is_null;
	if (col->map.spec.kind == FS_KIND_INT)
		pick_ints(col, rows, n);
	else if (col->vec.dict_n > 0)
		return pick_coded(cols, att, rows, n);
	else if (col->map.spec.kind == FS_KIND_ADDR)
		pick_addrs(cols, col, rows, n);
	else
		pick_bytes(cols, col, rows, n);
	return true;
}

/* Whether so few rows are wanted that the others are better left alone. */
static bool
is_few(const uint16 *rows, uint32 n)
{
	return rows != NULL && n <= FEW_ROWS;
}

bool
fs_scandatum_pick(FsScanColumns *cols, int att, const uint16 *rows, uint32 n,
				  const Datum **values, const bool **isnull)
{
	FsScanColumn *col = &cols->cols[att];

	if (!col->is_decoded)
	{
		make_arrays(cols, col);
		if (cols->item->head->kind == FS_ITEM_ROWS)
			decode_rows(cols);
		else if (!(is_few(rows, n) ? fs_scancolumn_load_rows(cols, att, rows, n) :
				   fs_scancolumn_load(cols, att)))
			return false;
		else if (col->reader == NULL)
			fill_missing(cols, att);
		else if (!pick_stored(cols, att, rows, rows == NULL ? cols->nrows : n))
			return false;
		else
			col->is_decoded = rows == NULL;
	}
	*values = col->values;
	*isnull = col->nulls;
	return true;
}
