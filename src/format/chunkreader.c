/*-------------------------------------------------------------------------
 *
 * Reading the columns of a chunk, where one may need another.
 *
 * A column is parsed once, for its caller and for columns that need it.
 * Columns that are needed need others at most once more: a function's key is
 * no function, and of a swap's other column only the part is read.  So there
 * are no cycles.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/reader.h"

typedef struct Column
{
	FsRegion   *region;			/* once it is open */
	FsColumnReader *reader;		/* once it is parsed */
	bool		is_linked;
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

static FsRegion *
open_region(FsChunkReader *reader, uint32 off, uint32 len, const uint32 *crcs,
			FsFault *fault)
{
	FsRegion   *region = reader->arena->alloc(reader->arena, sizeof(FsRegion));

	return fs_region_open(reader->fetch, off, len, crcs, reader->arena, region, fault) ?
		region : NULL;
}

static bool
load_frame(FsChunkReader *reader, FsFault *fault)
{
	const FsChunkHead *head = reader->head;
	FsRegion   *region;
	FsFrame    *frame;

	if (head->frame_len == 0 || reader->frame)
		return true;
	region = open_region(reader, head->total_len - head->frame_len, head->frame_len,
						 head->frame_crcs, fault);
	if (!region)
		return false;
	frame = reader->arena->alloc(reader->arena, sizeof(FsFrame));
	if (!fs_frame_open(region, head->nrows, frame, fault))
		return false;
	reader->frame = frame;
	return true;
}

/* Parse a column, unless it was. */
static FsColumnReader *
parse(FsChunkReader *reader, Column *column, FsFault *fault)
{
	const FsColumnMeta *meta = &reader->head->cols[column - reader->columns];
	FsReaderInput in = {meta, reader->head->nrows, NULL, NULL,
	reader->domains, reader->arena};

	if (column->reader)
		return column->reader;
	if (meta->place != FS_PLACE_ROWS && !load_frame(reader, fault))
		return NULL;
	if (!column->region)
		column->region = open_region(reader, meta->off, meta->len, meta->crcs, fault);
	if (!column->region)
		return NULL;
	in.region = column->region;
	in.frame = reader->frame;
	column->reader = fs_reader_parse(&in, fault);
	return column->reader;
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

static bool
link_partner(FsChunkReader *reader, FsColumnReader *column, FsFault *fault)
{
	Column	   *partner;

	if (column->meta.place != FS_PLACE_SWAPPED)
		return true;
	partner = find(reader, column->partner_id, fault);
	if (!partner || !parse(reader, partner, fault))
		return false;
	column->partner = partner->reader;
	fs_reader_share(column->partner);
	return true;
}

/* Link a column that is no function. */
static bool
link_values(FsChunkReader *reader, Column *column, FsFault *fault)
{
	if (!column->is_linked)
		column->is_linked = link_partner(reader, column->reader, fault) &&
			fs_reader_link(column->reader, fault);
	return column->is_linked;
}

static bool
link_function(FsChunkReader *reader, Column *column, FsFault *fault)
{
	FsFunction *function = column->reader->function;
	Column	   *key;

	if (column->is_linked)
		return true;
	key = find(reader, function->key_id, fault);
	if (!key || !parse(reader, key, fault))
		return false;
	if (key->reader->function)
		return fs_fault_set(fault, 0, "column %d is no key", function->key_id);
	if (!link_values(reader, key, fault))
		return false;
	function->key = key->reader;
	fs_reader_share(key->reader);
	column->is_linked = fs_reader_link(column->reader, fault);
	return column->is_linked;
}

FsColumnReader *
fs_chunkreader_column(FsChunkReader *reader, uint16 id, FsFault *fault)
{
	Column	   *column = find(reader, id, fault);

	if (!column || !parse(reader, column, fault))
		return NULL;
	if (column->reader->function ? !link_function(reader, column, fault) :
		!link_values(reader, column, fault))
		return NULL;
	return column->reader;
}

void
fs_chunkreader_rebind(FsChunkReader *reader, FsDomainSource *domains)
{
	uint32		i;

	reader->domains = domains;
	for (i = 0; i < reader->head->ncols; i++)
		if (reader->columns[i].reader)
			fs_reader_rebind(reader->columns[i].reader, domains);
}
