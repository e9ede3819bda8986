/*-------------------------------------------------------------------------
 *
 * Any bytes as a column, under any head.
 *
 * An input begins with what the chunk's head says of the column:
 *
 *	  offset  size  meaning
 *	       0     1  kind
 *	       1     1  order
 *	       2     1  encoding
 *	       3     1  bit 0: there are bounds
 *	       4     2  rows less 1
 *	       6     2  null rows
 *	       8    16  lower and upper bound
 *	      24     .  the column's bytes
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/column.h"
#include "format/little.h"
#include "tap.h"

#define HEAD_LEN	24

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

static volatile uint64 sum;		/* so that everything is read */

static void
use_bytes(const uint8 *bytes, uint32 len)
{
	if (len > 0)
		sum += bytes[0] + bytes[len - 1];
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
		else
			use_bytes(vector->ptrs[i], vector->lens[i]);
	}
}

static void
use_dict(FsColumnReader *reader)
{
	FsFault		fault;
	uint32		size;
	uint32		i;
	const uint8 *const *ptrs;
	const uint32 *lens;
	const FsAddr *addrs = fs_column_dict_addrs(reader, &size, &fault);

	for (i = 0; addrs && i < size; i++)
		sum += addrs[i].addr[15];
	if (fs_column_dict_bytes(reader, &size, &ptrs, &lens, &fault))
		for (i = 0; i < size; i++)
			use_bytes(ptrs[i], lens[i]);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsArena    *arena;
	FsFault		fault;
	FsColumnMeta meta;
	FsColumnReader *reader;
	uint32		nrows;
	uint32		v;

	if (size < HEAD_LEN)
		return 0;
	arena = tap_arena();
	memset(&meta, 0, sizeof(meta));
	meta.kind = data[0];
	meta.order = data[1];
	meta.encoding = data[2];
	nrows = fs_little_get16(data + 4) + 1;
	meta.len = size - HEAD_LEN;
	meta.zone.nrows = nrows;
	meta.zone.nulls = fs_little_get16(data + 6);
	meta.zone.has_bounds = data[3] & 1;
	meta.zone.imin = (int64) fs_little_get64(data + 8);
	meta.zone.imax = (int64) fs_little_get64(data + 16);
	reader = fs_column_open(&meta, nrows, data + HEAD_LEN, meta.len, arena, &fault);
	for (v = 0; reader && v * FS_VECTOR_ROWS < nrows; v++)
	{
		FsVector	vector;
		FsZone		zone;

		fs_column_zone(reader, v, &zone);
		if (fs_column_read(reader, v, &vector, &fault))
			use_vector(&vector);
	}
	if (reader)
		use_dict(reader);
	tap_arena_free(arena);
	return 0;
}
