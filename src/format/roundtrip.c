/*-------------------------------------------------------------------------
 *
 * Proof that a chunk gives back what went in.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/cursor.h"
#include "format/encoder.h"
#include "format/roundtrip.h"

static bool
is_equal_addr(FsColumnReader *reader, const FsVector *vector, uint32 i,
			  const FsAddr *expected)
{
	FsFault		fault;
	uint32		size;
	const FsAddr *dict = fs_column_dict_addrs(reader, &size, &fault);
	const FsAddr *addr = dict ? &dict[vector->codes[i]] : &vector->addrs[i];

	return memcmp(addr, expected, sizeof(FsAddr)) == 0;
}

static bool
is_equal_bytes(FsColumnReader *reader, const FsVector *vector, uint32 i,
			   const FsColumnValues *values, uint32 row)
{
	FsFault		fault;
	uint32		size;
	const uint8 *const *ptrs;
	const uint32 *lens;
	uint32		len = values->offs[row + 1] - values->offs[row];
	uint32		at = vector->dict_n > 0 ? vector->codes[i] : i;

	if (!fs_column_dict_bytes(reader, &size, &ptrs, &lens, &fault))
		return false;
	if (vector->dict_n == 0)
	{
		ptrs = vector->ptrs;
		lens = vector->lens;
	}
	return lens[at] == len &&
		(len == 0 || memcmp(ptrs[at], values->bytes + values->offs[row], len) == 0);
}

static bool
is_equal_code(const FsColumnReader *reader, const FsVector *vector, uint32 i,
			  uint32 expected)
{
	uint32		n;
	const uint32 *codes;

	return fs_column_domain(reader, &n, &codes) != FS_DOMAIN_NONE &&
		vector->codes[i] < n && codes[vector->codes[i]] == expected;
}

static bool
is_equal_row(FsColumnReader *reader, const FsVector *vector, uint32 i,
			 const FsColumnValues *values, uint32 row)
{
	bool		is_null = fs_encoder_is_null(values, row);

	if (vector->is_null[i] != is_null || (is_null && !vector->has_nulls))
		return false;
	if (is_null)
		return true;
	if (values->ints)
		return vector->ints[i] == values->ints[row];
	if (values->codes)
		return is_equal_code(reader, vector, i, values->codes[row]);
	if (values->addrs)
		return is_equal_addr(reader, vector, i, &values->addrs[row]);
	return is_equal_bytes(reader, vector, i, values, row);
}

/* Whether all rows have the value of the first, as the vector says. */
static bool
is_constant(const FsVector *vector)
{
	uint32		i;

	for (i = 0; i < vector->nrows; i++)
		if (vector->is_null[i] ||
			(vector->ints ? vector->ints[i] != vector->ints[0] : vector->codes[i] != vector->codes[0]))
			return false;
	return !vector->has_nulls;
}

static bool
check_column(FsColumnReader *reader, const FsColumnValues *values,
			 uint32 nrows, uint16 id, FsFault *fault)
{
	FsVector	vector;
	uint32		row = 0;
	uint32		v;
	uint32		i;

	for (v = 0; row < nrows; v++)
	{
		if (!fs_column_read(reader, v, &vector, fault))
			return false;
		if (vector.is_constant && !is_constant(&vector))
			return fs_fault_set(fault, row, "column %d is not constant", id);
		for (i = 0; i < vector.nrows; i++, row++)
			if (!is_equal_row(reader, &vector, i, values, row))
				return fs_fault_set(fault, row, "column %d differs", id);
	}
	return true;
}

/* The chunk lies in memory. */
static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

bool
fs_roundtrip_check(const FsChunkInput *in, const uint8 *bytes, uint32 len,
				   FsArena *arena, FsFault *fault)
{
	FsFetch		fetch = {get, (void *) bytes};
	FsChunkReader *reader;
	FsChunkHead *head;
	uint32		head_len;
	uint32		version;
	uint32		i;

	if (!fs_chunk_head_len(bytes, &head_len, &version, fault))
		return false;
	head = fs_chunk_head_parse(bytes, head_len, arena, fault);
	if (!head)
		return false;
	if (head->nrows != in->nrows || head->ncols != in->ncols ||
		head->total_len != len)
		return fs_fault_set(fault, 0, "head differs");
	reader = fs_chunkreader_open(head, &fetch, in->domains, arena);
	for (i = 0; i < in->ncols; i++)
	{
		FsColumnReader *column = fs_chunkreader_column(reader, in->specs[i].id, fault);

		if (!column || !check_column(column, &in->values[i], in->nrows, in->specs[i].id, fault))
			return false;
	}
	return true;
}
