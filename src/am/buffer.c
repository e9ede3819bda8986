/*-------------------------------------------------------------------------
 *
 * A row buffer.
 *
 * A few rows become ROWS items, for a chunk costs at least a page and its
 * image in the WAL; from FS_BUFFER_CHUNK_ROWS rows or FS_BUFFER_CHUNK_BYTES bytes on, or
 * where a row is too long for an item, they become a chunk.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/buffer.h"
#include "compat.h"
#include "directory/directory.h"
#include "directory/numbers.h"
#include "format/chunk.h"
#include "store/arena.h"
#include "store/extent.h"

#define FIRST_CAPACITY		16

/*
 * Larger buffers are a bulk load, which must not push everything else out of
 * shared buffers; smaller ones are a stream, whose rows are soon asked for.
 */
#define BULK_MIN_BYTES		((Size) 2 * 1024 * 1024)

typedef struct BufferColumn
{
	uint8	   *nulls;			/* bitmap, allocated with the first null */
	int64	   *ints;
	FsAddr	   *addrs;
	uint32	   *offs;			/* [capacity + 1] */
	uint8	   *bytes;
	Size		bytes_cap;
} BufferColumn;

struct FsBuffer
{
	const FsBufferLayout *layout;
	FsPartition partition;
	FsLevel		level;
	FsCounter	counter;
	MemoryContext cxt;
	uint32		nrows;
	uint32		capacity;
	Size		nbytes;			/* payload of all columns */
	bool		has_times;
	int64		min_us;
	int64		max_us;
	int			nruns;
	uint32		run_left;		/* numbers of the last run not yet used */
	FsRowRun	runs[FS_ITEM_MAX_RUNS];
	BufferColumn *cols;
};

static FsIntake
intake_of(const FsTypeMap *map)
{
	if (map->spec.kind == FS_KIND_ADDR)
		return FS_INTAKE_ADDR;
	if (map->spec.kind == FS_KIND_BYTES)
		return FS_INTAKE_BYTES;
	if (map->spec.order != FS_ORDER_INT || map->attlen == 1)
		return FS_INTAKE_OTHER;
	return map->attlen == 2 ? FS_INTAKE_INT2 :
		map->attlen == 4 ? FS_INTAKE_INT4 : FS_INTAKE_INT8;
}

FsBufferLayout *
fs_buffer_layout(TupleDesc desc, AttrNumber time_att, MemoryContext cxt)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	FsBufferLayout *layout = palloc0(sizeof(FsBufferLayout));

	layout->desc = CreateTupleDescCopy(desc);
	layout->maps = palloc(sizeof(FsTypeMap) * Max(desc->natts, 1));
	layout->specs = palloc(sizeof(FsColumnSpec) * Max(desc->natts, 1));
	layout->intake = palloc(Max(desc->natts, 1));
	layout->time_col = -1;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		if (att->attnum == time_att)
			layout->time_col = layout->ncols;
		fs_typemap_init(&layout->maps[layout->ncols], att);
		layout->specs[layout->ncols] = layout->maps[layout->ncols].spec;
		layout->intake[layout->ncols] =
			intake_of(&layout->maps[layout->ncols]);
		layout->row_bytes += layout->specs[layout->ncols].kind == FS_KIND_ADDR
			? sizeof(FsAddr) : sizeof(int64);
		layout->ncols++;
	}
	MemoryContextSwitchTo(old);
	return layout;
}

FsBuffer *
fs_buffer_create(const FsBufferLayout *layout, FsPartition partition,
				 MemoryContext parent)
{
	MemoryContext cxt = AllocSetContextCreate(parent, "flowstore row buffer",
											  ALLOCSET_DEFAULT_SIZES);
	FsBuffer   *buffer = MemoryContextAllocZero(cxt, sizeof(FsBuffer));

	buffer->layout = layout;
	buffer->partition = partition;
	buffer->cxt = cxt;
	buffer->cols = MemoryContextAllocZero(cxt, sizeof(BufferColumn) *
										  Max(layout->ncols, 1));
	return buffer;
}

void
fs_buffer_destroy(FsBuffer *buffer)
{
	MemoryContextDelete(buffer->cxt);
}

void
fs_buffer_set_level(FsBuffer *buffer, FsLevel level)
{
	buffer->level = level;
}

void
fs_buffer_set_counter(FsBuffer *buffer, FsCounter counter)
{
	buffer->counter = counter;
}

FsPartition
fs_buffer_partition(const FsBuffer *buffer)
{
	return buffer->partition;
}

bool
fs_buffer_times(const FsBuffer *buffer, int64 *min_us, int64 *max_us)
{
	*min_us = buffer->min_us;
	*max_us = buffer->max_us;
	return buffer->has_times;
}

uint32
fs_buffer_nrows(const FsBuffer *buffer)
{
	return buffer->nrows;
}

Size
fs_buffer_memory(const FsBuffer *buffer)
{
	return MemoryContextMemAllocated(buffer->cxt, false);
}

bool
fs_buffer_is_full(const FsBuffer *buffer)
{
	return buffer->nrows == FS_CHUNK_MAX_ROWS ||
		buffer->nbytes >= FS_BUFFER_MAX_BYTES ||
		(buffer->run_left == 0 && buffer->nruns == FS_ITEM_MAX_RUNS);
}

static void *
regrow(MemoryContext cxt, void *old, Size size)
{
	return old == NULL ? MemoryContextAllocHuge(cxt, size)
		: repalloc_huge(old, size);
}

/* Double the rows that the columns have room for. */
static void
grow(FsBuffer *buffer)
{
	uint32		old = buffer->capacity;
	uint32		cap = old == 0 ? FIRST_CAPACITY : old * 2;

	for (int i = 0; i < buffer->layout->ncols; i++)
	{
		BufferColumn *col = &buffer->cols[i];

		switch (buffer->layout->specs[i].kind)
		{
			case FS_KIND_INT:
				col->ints = regrow(buffer->cxt, col->ints, cap * sizeof(int64));
				break;
			case FS_KIND_ADDR:
				col->addrs = regrow(buffer->cxt, col->addrs,
									cap * sizeof(FsAddr));
				break;
			default:
				col->offs = regrow(buffer->cxt, col->offs,
								   (cap + 1) * sizeof(uint32));
				if (old == 0)
					col->offs[0] = 0;
				break;
		}
		if (col->nulls != NULL)
		{
			col->nulls = regrow(buffer->cxt, col->nulls, cap / 8);
			memset(col->nulls + old / 8, 0, (cap - old) / 8);
		}
	}
	buffer->capacity = cap;
}

static void
add_null(FsBuffer *buffer, int i)
{
	BufferColumn *col = &buffer->cols[i];
	uint32		row = buffer->nrows;

	if (col->nulls == NULL)
		col->nulls = MemoryContextAllocZero(buffer->cxt, buffer->capacity / 8);
	col->nulls[row / 8] |= 1 << row % 8;
	switch (buffer->layout->specs[i].kind)
	{
		case FS_KIND_INT:
			col->ints[row] = 0;
			break;
		case FS_KIND_ADDR:
			memset(&col->addrs[row], 0, sizeof(FsAddr));
			col->addrs[row].family = 4;
			break;
		default:
			col->offs[row + 1] = col->offs[row];
			break;
	}
}

static void
add_bytes(FsBuffer *buffer, int i, Datum value)
{
	BufferColumn *col = &buffer->cols[i];
	uint32		row = buffer->nrows;
	uint32		off = col->offs[row];
	uint32		len;
	const uint8 *bytes = fs_typemap_to_bytes(&buffer->layout->maps[i], value,
											 &len);

	if ((Size) off + len > col->bytes_cap)
	{
		col->bytes_cap = Max(Max(2 * col->bytes_cap, (Size) off + len), 256);
		col->bytes = regrow(buffer->cxt, col->bytes, col->bytes_cap);
	}
	memcpy(col->bytes + off, bytes, len);
	col->offs[row + 1] = off + len;
	buffer->nbytes += len;
}

/* The number of the next row; a longer run each time, see FS_ITEM_MAX_RUNS. */
static uint64
next_number(FsBuffer *buffer, Relation rel, uint32 expect)
{
	FsRowRun   *last;

	if (buffer->run_left == 0)
	{
		uint32		want = Max(buffer->nrows, Max(expect, 1));
		FsRowRun	run = fs_numbers_take_rows(rel,
											   Min(want, FS_CHUNK_MAX_ROWS -
												   buffer->nrows));

		last = buffer->nruns > 0 ? &buffer->runs[buffer->nruns - 1] : NULL;
		if (last != NULL && last->first + last->n == run.first)
			last->n += run.n;
		else
			buffer->runs[buffer->nruns++] = run;
		buffer->run_left = run.n;
	}
	last = &buffer->runs[buffer->nruns - 1];
	return last->first + last->n - buffer->run_left--;
}

static void
note_time(FsBuffer *buffer, int64 ts_us)
{
	if (!buffer->has_times || ts_us < buffer->min_us)
		buffer->min_us = ts_us;
	if (!buffer->has_times || ts_us > buffer->max_us)
		buffer->max_us = ts_us;
	buffer->has_times = true;
}

/* Add a value to column i; the payload's bytes are counted by the caller. */
static inline void
add_value(FsBuffer *buffer, int i, Datum value)
{
	BufferColumn *col = &buffer->cols[i];
	uint32		row = buffer->nrows;

	switch ((FsIntake) buffer->layout->intake[i])
	{
		case FS_INTAKE_INT2:
			col->ints[row] = (int16) value;
			break;
		case FS_INTAKE_INT4:
			col->ints[row] = (int32) value;
			break;
		case FS_INTAKE_INT8:
			col->ints[row] = (int64) value;
			break;
		case FS_INTAKE_ADDR:
			fs_typemap_to_addr(value, &col->addrs[row]);
			break;
		case FS_INTAKE_BYTES:
			add_bytes(buffer, i, value);
			break;
		case FS_INTAKE_OTHER:
			col->ints[row] = fs_typemap_to_int(&buffer->layout->maps[i],
											   value);
			break;
	}
}

void
fs_buffer_add_numbered(FsBuffer *buffer, TupleTableSlot *slot)
{
	const FsBufferLayout *layout = buffer->layout;
	int			time_col = layout->time_col;
	uint32		row = buffer->nrows;

	Assert(row < FS_CHUNK_MAX_ROWS);
	if (row == buffer->capacity)
		grow(buffer);
	for (int i = 0; i < layout->ncols; i++)
	{
		int			att = layout->specs[i].id - 1;

		if (slot->tts_isnull[att])
			add_null(buffer, i);
		else
			add_value(buffer, i, slot->tts_values[att]);
	}
	if (time_col >= 0 && !slot->tts_isnull[layout->specs[time_col].id - 1])
		note_time(buffer, buffer->cols[time_col].ints[row]);
	buffer->nbytes += layout->row_bytes;
	buffer->nrows++;
}

void
fs_buffer_add(FsBuffer *buffer, Relation rel, TupleTableSlot *slot,
			  uint32 expect)
{
	uint64		number = next_number(buffer, rel, expect);

	fs_buffer_add_numbered(buffer, slot);
	fs_rowno_to_tid(number, &slot->tts_tid);
}

void
fs_buffer_set_runs(FsBuffer *buffer, const FsRowRun *runs, int nruns)
{
	Assert(nruns <= FS_ITEM_MAX_RUNS);
	memcpy(buffer->runs, runs, sizeof(FsRowRun) * nruns);
	buffer->nruns = nruns;
	buffer->run_left = 0;
}

/* Row row of the buffer as a MinimalTuple in the current memory context. */
static MinimalTuple
form_row(const FsBuffer *buffer, uint32 row)
{
	const FsBufferLayout *layout = buffer->layout;
	int			natts = layout->desc->natts;
	Datum	   *values = palloc0(sizeof(Datum) * Max(natts, 1));
	bool	   *isnull = palloc(Max(natts, 1));

	memset(isnull, true, natts);
	for (int i = 0; i < layout->ncols; i++)
	{
		const BufferColumn *col = &buffer->cols[i];
		const FsTypeMap *map = &layout->maps[i];
		int			att = layout->specs[i].id - 1;

		if (col->nulls != NULL && (col->nulls[row / 8] & (1 << row % 8)))
			continue;
		isnull[att] = false;
		if (layout->specs[i].kind == FS_KIND_INT)
			values[att] = fs_typemap_from_int(map, col->ints[row]);
		else if (layout->specs[i].kind == FS_KIND_ADDR)
		{
			char	   *p = palloc(FS_INET_MAX_LEN);

			(void) fs_typemap_from_addr(&col->addrs[row], p);
			values[att] = PointerGetDatum(p);
		}
		else
		{
			uint32		len = col->offs[row + 1] - col->offs[row];

			values[att] =
				fs_typemap_from_bytes(map, col->bytes + col->offs[row], len,
									  palloc(fs_typemap_datum_size(map, len)));
		}
	}
	return heap_form_minimal_tuple(layout->desc, values, isnull, 0);
}

/* Number of row i of the buffer, and how many rows follow it in its run. */
static uint64
row_number(const FsBuffer *buffer, uint32 row, uint32 *left)
{
	for (int i = 0; i < buffer->nruns; i++)
	{
		if (row < buffer->runs[i].n)
		{
			*left = buffer->runs[i].n - row - 1;
			return buffer->runs[i].first + row;
		}
		row -= buffer->runs[i].n;
	}
	elog(ERROR, "unexpected row %u of a row buffer", row);
}

/*
 * Write the rows as ROWS items.  Returns their bytes; or 0, having written
 * nothing, if a row is too long for an item.
 */
static uint32
write_rows(FsBuffer *buffer, Relation rel, CommandId cid)
{
	MinimalTuple rows[FS_BUFFER_CHUNK_ROWS];
	Relation	toast;
	uint32		i = 0;
	uint32		written = 0;
	union
	{
		FsRowsItem	item;
		uint64		align;
		char		bytes[FS_ITEM_MAX_LEN];
	}			out;

	Assert(buffer->nrows <= FS_BUFFER_CHUNK_ROWS);
	for (i = 0; i < buffer->nrows; i++)
	{
		rows[i] = form_row(buffer, i);
		if (MAXALIGN(rows[i]->t_len) > FS_ITEM_MAX_LEN - sizeof(FsRowsItem))
			return 0;
	}

	toast = fs_directory_open(rel, RowExclusiveLock);
	i = 0;
	while (i < buffer->nrows)
	{
		uint32		len = sizeof(FsRowsItem);
		uint32		left;
		uint32		n = 0;

		memset(&out.item, 0, sizeof(FsRowsItem));
		out.item.head.kind = FS_ITEM_ROWS;
		out.item.head.version = FS_FORMAT_VERSION;
		out.item.first_row = row_number(buffer, i, &left);
		do
		{
			Size		row_len = MAXALIGN(rows[i]->t_len);

			if (len + row_len > FS_ITEM_MAX_LEN)
				break;
			memset(out.bytes + len + row_len - MAXIMUM_ALIGNOF, 0,
				   MAXIMUM_ALIGNOF);
			memcpy(out.bytes + len, rows[i], rows[i]->t_len);
			len += row_len;
			n++;
			i++;
		} while (i < buffer->nrows && n <= left);
		out.item.head.n = n;
		out.item.head.nrows = n;
		/* noted first: a new session's first number carries it along */
		fs_meta_note(rel, buffer->counter, len);
		fs_directory_insert(rel, toast, buffer->partition,
							fs_numbers_take_item(rel, buffer->partition), &out.item.head, len,
							cid);
		written += len;
	}
	table_close(toast, NoLock);
	return written;
}

/* The CHUNK item for an encoded chunk; its extent is not yet known. */
static uint32
form_chunk_item(const FsBuffer *buffer, uint32 len, FsChunkItem *item)
{
	FsItemRun  *runs = (FsItemRun *) (item + 1);

	memset(item, 0, sizeof(FsChunkItem));
	item->head.kind = FS_ITEM_CHUNK;
	item->head.version = FS_FORMAT_VERSION;
	item->head.n = buffer->nruns;
	item->head.nrows = buffer->nrows;
	item->len = len;
	item->level = buffer->level;
	if (buffer->has_times)
		item->time_att = buffer->layout->specs[buffer->layout->time_col].id;
	item->min_us = buffer->min_us;
	item->max_us = buffer->max_us;
	for (int i = 0; i < buffer->nruns; i++)
	{
		FsRowRun	run = buffer->runs[i];

		if (i == buffer->nruns - 1)
			run.n -= buffer->run_left;
		runs[i] = fs_item_make_run(run);
	}
	return sizeof(FsChunkItem) + buffer->nruns * sizeof(FsItemRun);
}

static uint8 *
encode(FsBuffer *buffer, FsArena *arena, uint32 *len)
{
	const FsBufferLayout *layout = buffer->layout;
	FsColumnValues *values = palloc0(sizeof(FsColumnValues) *
									 Max(layout->ncols, 1));

	for (int i = 0; i < layout->ncols; i++)
	{
		values[i].nulls = buffer->cols[i].nulls;
		values[i].ints = buffer->cols[i].ints;
		values[i].addrs = buffer->cols[i].addrs;
		values[i].offs = buffer->cols[i].offs;
		values[i].bytes = buffer->cols[i].bytes;
	}
	return fs_chunk_encode(layout->specs, values, layout->ncols,
						   buffer->nrows, arena, len);
}

uint32
fs_buffer_form_chunk(FsBuffer *buffer, Relation rel, FsChunkItem *item,
					 uint8 **bytes)
{
	FsArena		arena;
	uint32		len;

	fs_arena_init(&arena, CurrentMemoryContext);
	*bytes = encode(buffer, &arena, &len);
	if (*bytes == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("row is too big for flowstore table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("A chunk holds at most %u bytes.",
						   FS_CHUNK_MAX_BYTES)));
	return form_chunk_item(buffer, len, item);
}

/* Reserve, then fill; the item stands before the first page is written. */
static uint32
write_chunk(FsBuffer *buffer, Relation rel, CommandId cid,
			BufferAccessStrategy strategy)
{
	union
	{
		FsChunkItem item;
		char		bytes[FS_ITEM_MAX_LEN];
	}			out;
	Relation	toast;
	uint8	   *bytes;
	uint32		item_len = fs_buffer_form_chunk(buffer, rel, &out.item,
												&bytes);
	uint32		number;

	fs_meta_note(rel, buffer->counter, out.item.len);
	number = fs_numbers_take_item(rel, buffer->partition);
	toast = fs_directory_open(rel, RowExclusiveLock);
	fs_extent_lock(rel);
	out.item.extent = fs_extent_reserve(rel, fs_extent_pages(out.item.len),
										strategy);
	fs_directory_insert(rel, toast, buffer->partition, number,
						&out.item.head, item_len, cid);
	fs_extent_unlock(rel);
	fs_extent_fill(rel, out.item.extent, bytes, out.item.len, strategy);
	table_close(toast, NoLock);
	return out.item.len;
}

void
fs_buffer_release_numbers(FsBuffer *buffer, Relation rel)
{
	FsRowRun   *last;
	FsRowRun	tail;

	if (buffer->run_left == 0)
		return;
	last = &buffer->runs[buffer->nruns - 1];
	last->n -= buffer->run_left;
	tail.first = last->first + last->n;
	tail.n = buffer->run_left;
	buffer->run_left = 0;
	if (last->n == 0)
		buffer->nruns--;
	fs_numbers_give_back(rel, tail);
}

uint32
fs_buffer_write(FsBuffer *buffer, Relation rel, CommandId cid,
				BufferAccessStrategy *ring)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore write",
											  ALLOCSET_DEFAULT_SIZES);
	bool		is_bulk = buffer->nbytes >= BULK_MIN_BYTES;
	MemoryContext old;
	uint32		written = 0;

	if (is_bulk && *ring == NULL)
		*ring = GetAccessStrategy(BAS_BULKWRITE);
	old = MemoryContextSwitchTo(cxt);
	fs_directory_ensure(rel);
	if (buffer->nrows < FS_BUFFER_CHUNK_ROWS &&
		buffer->nbytes < FS_BUFFER_CHUNK_BYTES)
		written = write_rows(buffer, rel, cid);
	if (written == 0)
		written = write_chunk(buffer, rel, cid, is_bulk ? *ring : NULL);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return written;
}
