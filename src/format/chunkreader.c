/*-------------------------------------------------------------------------
 *
 * Reading the columns of a chunk, where one may need another.
 *
 * What a caller reads and what other columns need of the same column are two
 * readers, since both remember a vector.  Columns that are needed need others
 * at most once more: a function's key is no function, and of a swap's other
 * column only the part is read.  So there are no cycles.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/reader.h"

typedef struct Column
{
	const uint8 *bytes;			/* once they are fetched */
	FsColumnReader *reader;		/* the caller's */
	FsColumnReader *needed;		/* that of other columns, */
	bool		is_linked;		/* which may be linked or only parsed */
} Column;

struct FsChunkReader
{
	const FsChunkHead *head;
	FsFetch    *fetch;
	FsDomainSource *domains;
	FsArena    *arena;
	FsFrame    *frame;			/* once it is fetched */
	Column	   *columns;		/* [head->ncols] */
};

FsChunkReader *
fs_chunkreader_open(const FsChunkHead *head, FsFetch *fetch,
					FsDomainSource *domains, FsArena *arena)
{
	FsChunkReader *reader = arena->alloc(arena, sizeof(FsChunkReader));

	reader->head = head;
	reader->fetch = fetch;
	reader->domains = domains;
	reader->arena = arena;
	reader->frame = NULL;
	reader->columns = arena->alloc(arena, (head->ncols + 1) * sizeof(Column));
	memset(reader->columns, 0, (head->ncols + 1) * sizeof(Column));
	return reader;
}

static bool
load_frame(FsChunkReader *reader, FsFault *fault)
{
	const FsChunkHead *head = reader->head;
	const uint8 *bytes;
	FsFrame    *frame;

	if (head->frame_len == 0 || reader->frame)
		return true;
	bytes = reader->fetch->get(reader->fetch, head->total_len - head->frame_len,
							   head->frame_len, fault);
	if (!bytes)
		return false;
	frame = reader->arena->alloc(reader->arena, sizeof(FsFrame));
	if (!fs_frame_open(bytes, head->frame_len, head->nrows, frame, fault))
		return false;
	reader->frame = frame;
	return true;
}

/* Parse a column for a reader of its own. */
static FsColumnReader *
parse(FsChunkReader *reader, Column *column, FsFault *fault)
{
	const FsColumnMeta *meta = &reader->head->cols[column - reader->columns];
	FsReaderInput in = {meta, reader->head->nrows, NULL, meta->len, NULL,
	reader->domains, reader->arena};

	if (meta->place != FS_PLACE_ROWS && !load_frame(reader, fault))
		return NULL;
	if (!column->bytes)
		column->bytes = reader->fetch->get(reader->fetch, meta->off, meta->len, fault);
	if (!column->bytes)
		return NULL;
	in.bytes = column->bytes;
	in.frame = reader->frame;
	return fs_reader_parse(&in, fault);
}

static Column *
find(FsChunkReader *reader, uint16 id, FsFault *fault)
{
	const FsColumnMeta *meta = fs_chunk_column(reader->head, id);

	if (!meta)
	{
		fs_fault_set(fault, 0, "column %d is needed and missing", id);
		return NULL;
	}
	return &reader->columns[meta - reader->head->cols];
}

/* The reader of a column that others need. */
static FsColumnReader *
need(FsChunkReader *reader, Column *column, FsFault *fault)
{
	if (!column->needed)
		column->needed = parse(reader, column, fault);
	return column->needed;
}

static bool
link_partner(FsChunkReader *reader, FsColumnReader *column, FsFault *fault)
{
	Column	   *partner;

	if (column->meta.place != FS_PLACE_SWAPPED)
		return true;
	partner = find(reader, column->partner_id, fault);
	if (!partner)
		return false;
	column->partner = need(reader, partner, fault);
	return column->partner != NULL;
}

/* A function's key, ready to be read. */
static bool
link_key(FsChunkReader *reader, FsFunction *function, FsFault *fault)
{
	Column	   *key = find(reader, function->key_id, fault);

	if (!key || !need(reader, key, fault))
		return false;
	function->key = key->needed;
	if (key->is_linked)
		return true;
	if (key->needed->function)
		return fs_fault_set(fault, 0, "column %d is no key", function->key_id);
	key->is_linked = link_partner(reader, key->needed, fault) &&
		fs_reader_link(key->needed, fault);
	return key->is_linked;
}

FsColumnReader *
fs_chunkreader_column(FsChunkReader *reader, uint16 id, FsFault *fault)
{
	Column	   *column = find(reader, id, fault);
	FsColumnReader *result;

	if (!column || column->reader)
		return column ? column->reader : NULL;
	result = parse(reader, column, fault);
	if (!result || !link_partner(reader, result, fault) ||
		(result->function && !link_key(reader, result->function, fault)) ||
		!fs_reader_link(result, fault))
		return NULL;
	column->reader = result;
	return result;
}
