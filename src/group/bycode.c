/*-------------------------------------------------------------------------
 *
 * Groups by code.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "group/bycode.h"
#include "group/merge.h"
#include "vector/compact.h"
#include "vector/group.h"

/* bytes of a group in a key's table and one accumulator, and here */
#define GROUP_BYTES		96

/* all codes get ids if so many rows of a chunk are expected for each */
#define EAGER_ROWS		2

FsByCode *
fs_bycode_create(FsKey *key, int naggs, FsAllocator *allocator)
{
	FsByCode   *by = palloc0(sizeof(FsByCode));

	by->key = key;
	by->naggs = naggs;
	by->accs = palloc0(sizeof(FsAccumulator *) * Max(naggs, 1));
	by->allocator = allocator;
	return by;
}

bool
fs_bycode_is_at(const FsByCode *by, FsScan *scan)
{
	return by->visit == fs_scan_visit(scan);
}

static void
make_room(FsByCode *by, uint32 n)
{
	if (n > by->has_cap)
	{
		if (by->has != NULL)
			by->allocator->release(by->allocator, by->has);
		by->has = NULL;
		by->has_cap = 0;
		by->has = by->allocator->alloc(by->allocator, n);
		by->has_cap = n;
	}
	memset(by->has, 0, n);
}

/*
 * Judge a chunk by the first vector that has rows: as many are expected in
 * each of the others.
 */
static void
enter_chunk(FsByCode *by, const FsGroupRows *rows, Size room)
{
	const FsVector *vec = fs_key_coded(by->key, rows->scan);

	Assert(!by->has_rows);
	by->visit = fs_scan_visit(rows->scan);
	by->is_on = false;
	if (vec == NULL ||
		(uint64) rows->n * FS_CHUNK_MAX_VECTORS < vec->dict_n ||
		(Size) GROUP_BYTES * (by->naggs + 1) * vec->dict_n > room)
		return;
	by->is_lazy = (uint64) rows->n * FS_CHUNK_MAX_VECTORS <
		(uint64) EAGER_ROWS * vec->dict_n;
	by->ids = by->is_lazy ? fs_key_codes(by->key, rows->scan, vec)
		: fs_key_code_ids(by->key, rows->scan, vec, room);
	if (by->ids == NULL)
		return;
	by->ncodes = vec->dict_n;
	by->n = vec->dict_n + 1;
	make_room(by, by->n);
	by->is_on = true;
}

/* The groups of rows: codes. */
static const uint32 *
find_groups(const FsByCode *by, const FsGroupRows *rows, const FsVector *vec,
			uint32 *found)
{
	if (!vec->has_nulls)
	{
		if (rows->rows == NULL)
			return vec->codes;
		fs_compact_uint32(vec->codes, rows->rows, rows->n, found);
		return found;
	}
	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		row = rows->rows == NULL ? i : rows->rows[i];

		found[i] = vec->is_null[row] ? by->ncodes : vec->codes[row];
	}
	return found;
}

bool
fs_bycode_add(FsByCode *by, const FsGroupRows *rows, const FsBits *bits,
			  Size room)
{
	const FsVector *vec;
	uint32		found[FS_VECTOR_ROWS];
	const uint32 *groups;

	if (!fs_bycode_is_at(by, rows->scan))
		enter_chunk(by, rows, room);
	if (!by->is_on)
		return false;
	vec = fs_key_coded(by->key, rows->scan);
	if (vec == NULL)
		return true;
	Assert(vec->dict_n == by->ncodes);
	if (by->is_lazy && !fs_key_learn(by->key, rows, vec))
		return true;
	for (int i = 0; i < by->naggs; i++)
		if (!fs_accumulator_prepare(by->accs[i], rows, bits))
			return true;
	groups = find_groups(by, rows, vec, found);
	for (int i = 0; i < by->naggs; i++)
		fs_accumulator_expect(by->accs[i], by->has);
	fs_group_mark(groups, rows->n, by->has);
	for (int i = 0; i < by->naggs; i++)
		fs_accumulator_add(by->accs[i], groups, by->n);
	by->has_rows = true;
	return true;
}

uint32
fs_bycode_take(FsByCode *by, uint32 *from, uint32 *to)
{
	uint32		m = 0;

	if (!by->has_rows)
		return 0;
	for (; by->next < by->n && m < FS_VECTOR_ROWS; by->next++)
	{
		from[m] = by->next;
		to[m] = by->next < by->ncodes ? by->ids[by->next] : FS_KEY_NULL;
		m += by->has[by->next];
	}
	if (m == 0)
		fs_bycode_reset(by);
	return m;
}

void
fs_bycode_reset(FsByCode *by)
{
	if (by->has_rows)
		for (int i = 0; i < by->naggs; i++)
			fs_accumulator_clear(by->accs[i]);
	by->is_on = by->has_rows = false;
	by->visit = 0;
	by->next = 0;
}

Size
fs_bycode_bytes(const FsByCode *by)
{
	Size		bytes = by->has_cap;

	for (int i = 0; i < by->naggs; i++)
		bytes += fs_accumulator_bytes(by->accs[i]);
	return bytes;
}
