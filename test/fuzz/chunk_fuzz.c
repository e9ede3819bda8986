/*-------------------------------------------------------------------------
 *
 * Any bytes as a chunk, whose columns may depend on each other.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "convs.h"
#include "tap.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

typedef struct Source
{
	const uint8 *bytes;
	FsArena    *arena;
} Source;

static volatile uint64 sum;		/* so that everything is read */

/* A copy of its own for each part, so that the sanitizer sees a read outside. */
static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	Source	   *source = fetch->state;
	uint8	   *copy = source->arena->alloc(source->arena, len);

	memcpy(copy, source->bytes + off, len);
	return copy;
}

static void
use_vector(const FsVector *vector)
{
	uint32		i;

	for (i = 0; i < vector->nrows; i++)
	{
		if (vector->is_null[i])
			continue;
		if (vector->dict_n > 0 && vector->codes[i] >= vector->dict_n)
			abort();
		else if (vector->dict_n > 0)
			continue;
		else if (vector->ints)
			sum += vector->ints[i];
		else if (vector->addrs)
			sum += vector->addrs[i].addr[15];
		else if (vector->lens[i] > 0)
			sum += vector->ptrs[i][0] + vector->ptrs[i][vector->lens[i] - 1];
	}
}

/* Some rows, and the values of their codes. */
static void
read_few(FsColumnReader *column, uint32 v)
{
	static const uint16 rows[] = {0, 3, 700};
	FsFault		fault;
	FsVector	vector;
	FsAddr		addrs[lengthof(rows)];
	const uint8 *ptrs[lengthof(rows)];
	uint32		lens[lengthof(rows)];
	uint32		codes[lengthof(rows)];
	uint32		n = 0;
	uint32		i;

	if (!fs_column_read_rows(column, v, rows, lengthof(rows), &vector, &fault))
		return;
	for (i = 0; i < lengthof(rows); i++)
		if (vector.dict_n > 0 && !vector.is_null[rows[i]])
			codes[n++] = vector.codes[rows[i]];
		else if (vector.ints && !vector.is_null[rows[i]])
			sum += vector.ints[rows[i]];
	if (fs_column_pick_addrs(column, codes, n, addrs, &fault))
		sum += n > 0 ? addrs[0].bits : 0;
	if (fs_column_pick_bytes(column, codes, n, ptrs, lens, &fault))
		sum += n > 0 && lens[0] > 0 ? ptrs[0][0] : 0;
}

static void
read_column(FsColumnReader *column, uint32 nrows)
{
	FsFault		fault;
	FsVector	vector;
	FsZone		zone;
	const uint8 *const *ptrs;
	const uint32 *lens;
	uint32		size;
	uint32		v;

	for (v = 0; v * FS_VECTOR_ROWS < nrows; v++)
	{
		fs_column_zone(column, v, &zone);
		read_few(column, v);
		if (fs_column_read(column, v, &vector, &fault))
			use_vector(&vector);
	}
	if (fs_column_dict_addrs(column, &size, &fault))
		sum += size;
	if (fs_column_dict_bytes(column, &size, &ptrs, &lens, &fault))
		sum += size;
}

static void
read_chunk(const uint8 *data, size_t size, FsArena *arena)
{
	Source		source = {data, arena};
	FsFetch		fetch = {get, &source};
	MemDomains	domains;
	FsChunkReader *reader;
	FsChunkHead *head;
	FsFault		fault;
	uint32		head_len;
	uint32		version;
	uint32		i;

	if (size < FS_CHUNK_PREFIX_LEN || !fs_chunk_head_len(data, &head_len, &version, &fault) ||
		head_len > size)
		return;
	head = fs_chunk_head_parse(data, head_len, arena, &fault);
	if (!head || head->total_len > size)
		return;
	convs_domains(&domains, arena);
	reader = fs_chunkreader_open(head, &fetch, &domains.source, arena);
	for (i = 0; i < head->ncols && i < 32; i++)
	{
		FsColumnReader *column = fs_chunkreader_column(reader, head->cols[i].id, &fault);

		if (column)
			read_column(column, head->nrows);
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsArena    *arena = tap_arena();

	read_chunk(data, size, arena);
	tap_arena_free(arena);
	return 0;
}
