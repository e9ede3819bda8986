/*-------------------------------------------------------------------------
 *
 * The columns of a scan as they are stored.
 *
 * Two memory contexts, both children of the one in which the scan began:
 * ALTER TABLE resets the per-tuple context between two calls.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

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
	cols->pool = fs_pool_create(CurrentMemoryContext);
	cols->cols = palloc0(sizeof(FsScanColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			fs_typemap_init(&cols->cols[i].map, TupleDescAttr(desc, i));
}

void
fs_scancolumn_free(FsScanColumns *cols)
{
	fs_pool_destroy(cols->pool);
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
fs_scancolumn_leave_item(FsScanColumns *cols, bool is_kept)
{
	if (cols->chunk != NULL && (is_kept || cols->is_picked))
		fs_chunkio_keep(cols->chunk, cols->pool);
	else
		fs_pool_empty(cols->pool);
	cols->chunk = NULL;
	cols->is_picked = false;
	MemoryContextReset(cols->chunk_cxt);
	MemoryContextReset(cols->vector_cxt);
	for (int i = 0; i < cols->desc->natts; i++)
	{
		cols->cols[i].is_open = false;
		cols->cols[i].is_read = false;
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
		cols->cols[i].is_read = cols->cols[i].is_decoded = false;
	MemoryContextReset(cols->vector_cxt);
}

/* Open a column of the chunk at hand; false if it is damaged. */
static bool
open_column(FsScanColumns *cols, int att)
{
	FsScanColumn *col = &cols->cols[att];
	const FsColumnMeta *meta;

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
	col->stored_order = meta->order;
	col->reader = fs_chunkio_column(cols->chunk, att + 1);
	col->is_open = true;		/* not before: the fetch may raise an error */
	col->is_damaged = col->reader == NULL;
	cols->nfetched++;
	return !col->is_damaged;
}

bool
fs_scancolumn_load(FsScanColumns *cols, int att)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (!open_column(cols, att))
		return false;
	if (col->reader == NULL || col->is_read)
		return true;
	col->is_read = fs_column_read(col->reader, cols->vector, &col->vec,
								  &fault);
	if (!col->is_read)
	{
		fs_chunkio_fault(cols->chunk, att + 1, &fault);
		col->is_damaged = true;
	}
	return col->is_read;
}

bool
fs_scancolumn_load_rows(FsScanColumns *cols, int att, const uint16 *rows,
						uint32 n)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (!open_column(cols, att))
		return false;
	cols->is_picked = true;
	if (col->reader == NULL || col->is_read ||
		fs_column_read_rows(col->reader, cols->vector, rows, n, &col->vec,
							&fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

FsReadResult
fs_scancolumn_vector(FsScanColumns *cols, int att, const FsVector **vec)
{
	FsScanColumn *col = &cols->cols[att];

	if (cols->item->head->kind == FS_ITEM_ROWS)
		return FS_READ_DATUMS;
	if (!fs_scancolumn_load(cols, att))
		return FS_READ_DAMAGED;
	if (col->reader == NULL || col->stored_order != col->map.spec.order)
		return FS_READ_DATUMS;
	*vec = &col->vec;
	return FS_READ_STORED;
}

bool
fs_scancolumn_dict(FsScanColumns *cols, int att, FsClusterDict *dict)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};
	uint32		size;
	bool		is_sound;

	memset(dict, 0, sizeof(FsClusterDict));
	if (col->vec.dict_n == 0)
		return true;
	if (col->map.spec.kind == FS_KIND_ADDR)
	{
		dict->addrs = fs_column_dict_addrs(col->reader, &size, &fault);
		is_sound = dict->addrs != NULL;
	}
	else
		is_sound = fs_column_dict_bytes(col->reader, &size, &dict->ptrs,
										&dict->lens, &fault);
	if (!is_sound)
	{
		fs_chunkio_fault(cols->chunk, att + 1, &fault);
		col->is_damaged = true;
	}
	return is_sound;
}

uint16
fs_scancolumn_domain(const FsScanColumns *cols, int att, const uint32 **codes)
{
	uint32		n;

	return cols->cols[att].reader == NULL ? FS_DOMAIN_NONE
		: fs_column_domain(cols->cols[att].reader, &n, codes);
}

bool
fs_scancolumn_addrs(FsScanColumns *cols, int att, const uint32 *codes,
					uint32 n, FsAddr *addrs)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (fs_column_pick_addrs(col->reader, codes, n, addrs, &fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

bool
fs_scancolumn_bytes(FsScanColumns *cols, int att, const uint32 *codes,
					uint32 n, const uint8 **ptrs, uint32 *lens)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (fs_column_pick_bytes(col->reader, codes, n, ptrs, lens, &fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

bool
fs_scancolumn_find_addr(FsScanColumns *cols, int att, const FsAddr *addr,
						uint32 *code)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (fs_column_find_addr(col->reader, addr, code, &fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

bool
fs_scancolumn_find_net(FsScanColumns *cols, int att, const FsAddr *net,
					   bool *is_known, uint32 *first, uint32 *end)
{
	FsScanColumn *col = &cols->cols[att];
	FsFault		fault = {{0}, 0};

	if (fs_column_find_net(col->reader, net, is_known, first, end, &fault))
		return true;
	fs_chunkio_fault(cols->chunk, att + 1, &fault);
	col->is_damaged = true;
	return false;
}

bool
fs_scancolumn_units(FsScanColumns *cols, int att, FsUnits *units)
{
	FsScanColumn *col = &cols->cols[att];

	return cols->item->head->kind != FS_ITEM_ROWS && !col->is_read &&
		open_column(cols, att) && col->reader != NULL &&
		col->stored_order == col->map.spec.order &&
		fs_units_open(col->reader, cols->vector, units);
}

void
fs_scancolumn_fault(FsScanColumns *cols, int att, const FsFault *fault)
{
	fs_chunkio_fault(cols->chunk, att + 1, fault);
	cols->cols[att].is_damaged = true;
}

const FsColumnMeta *
fs_scancolumn_chunk_meta(FsScanColumns *cols, int att)
{
	const FsColumnMeta *meta;

	if (cols->chunk == NULL)
		return NULL;
	meta = fs_chunk_column(fs_chunkio_head(cols->chunk), att + 1);
	if (meta == NULL || meta->kind != cols->cols[att].map.spec.kind ||
		meta->order != cols->cols[att].map.spec.order)
		return NULL;
	return meta;
}

bool
fs_scancolumn_chunk_zone(FsScanColumns *cols, int att, FsZone *zone)
{
	const FsColumnMeta *meta = fs_scancolumn_chunk_meta(cols, att);

	if (meta == NULL)
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
