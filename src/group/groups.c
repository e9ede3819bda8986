/*-------------------------------------------------------------------------
 *
 * Groups.
 *
 * Keys turn rows into ids, pairs of ids into ids again until one is left, the
 * row's group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "executor/executor.h"

#include "format/hash.h"
#include "group/digest.h"
#include "group/groups.h"
#include "group/merge.h"
#include "group/transfer.h"

/* of tables that are there however few groups there are, by key */
#define IDLE_BYTES ((Size) 16 * 1024 * 1024)

/* a group takes at least so much, if it is groups that take the memory */
#define GROUP_BYTES 128

static void
make_pairs(FsGroups *groups)
{
	for (int i = 0; i + 1 < groups->nkeys; i++)
		groups->pairs[i] =
			fs_pair_ids_create(groups->allocator,
							   pg_prng_uint64(&pg_global_prng_state));
}

FsGroups *
fs_groups_create(int nkeys, int naggs, FsAllocator *allocator)
{
	FsGroups   *groups = palloc0(sizeof(FsGroups));

	Assert(nkeys <= FS_GROUPS_MAX_KEYS);
	groups->allocator = allocator;
	groups->nkeys = nkeys;
	groups->naggs = naggs;
	groups->n = nkeys == 0 ? 1 : 0;
	groups->keys = palloc0(sizeof(FsKey *) * Max(nkeys, 1));
	groups->pairs = palloc0(sizeof(FsPairIds *) * Max(nkeys, 1));
	groups->accs = palloc0(sizeof(FsAccumulator *) * Max(naggs, 1));
	make_pairs(groups);
	return groups;
}

void
fs_groups_watch(FsGroups *groups, int agg)
{
	fs_accumulator_watch(groups->accs[agg]);
	if (groups->by_code != NULL)
		fs_accumulator_watch(groups->by_code->accs[agg]);
}

void
fs_groups_bind(FsGroups *groups)
{
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_bind(groups->accs[i]);
	for (int i = 0; groups->by_code != NULL && i < groups->naggs; i++)
		fs_accumulator_bind(groups->by_code->accs[i]);
}

void
fs_groups_reset(FsGroups *groups)
{
	for (int i = 0; i < groups->nkeys; i++)
		fs_key_reset(groups->keys[i]);
	for (int i = 0; i + 1 < groups->nkeys; i++)
		fs_pair_ids_destroy(groups->pairs[i]);
	make_pairs(groups);
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_reset(groups->accs[i]);
	if (groups->by_code != NULL)
		fs_bycode_reset(groups->by_code);
	if (groups->has != NULL)
		groups->allocator->release(groups->allocator, groups->has);
	groups->has = NULL;
	groups->has_cap = 0;
	groups->n = groups->nkeys == 0 ? 1 : 0;
}

/* --- rows --------------------------------------------------------------- */

/* These are groups, as are all below n that were met before. */
static void
note_groups(FsGroups *groups, const uint32 *met, uint32 m)
{
	if (groups->nkeys == 0)
		return;
	groups->n = groups->nkeys == 1 ? fs_key_n(groups->keys[0])
		: fs_pair_ids_n(groups->pairs[groups->nkeys - 2]);
	if (groups->n > groups->has_cap)
	{
		FsAllocator *allocator = groups->allocator;
		uint32		cap = Max(2 * groups->has_cap, Max(groups->n, 1024));
		uint8	   *has = allocator->alloc(allocator, cap);

		memset(has + groups->has_cap, 0, cap - groups->has_cap);
		if (groups->has != NULL)
		{
			memcpy(has, groups->has, groups->has_cap);
			allocator->release(allocator, groups->has);
		}
		groups->has = has;
		groups->has_cap = cap;
	}
	for (uint32 i = 0; i < m; i++)
		groups->has[met[i]] = 1;
}

/* The groups of rows; false if a column is damaged. */
static bool
find_groups(FsGroups *groups, const FsGroupRows *rows, uint32 *found)
{
	uint32		ids[FS_VECTOR_ROWS];
	uint32		so_far[FS_VECTOR_ROWS];

	if (groups->nkeys == 0)
	{
		memset(found, 0, sizeof(uint32) * rows->n);
		return true;
	}
	if (!fs_key_ids(groups->keys[0], rows, found))
		return false;
	for (int i = 1; i < groups->nkeys; i++)
	{
		if (!fs_key_ids(groups->keys[i], rows, ids))
			return false;
		memcpy(so_far, found, sizeof(uint32) * rows->n);
		fs_pair_ids_add(groups->pairs[i - 1], so_far, ids, rows->n, found);
	}
	return true;
}

void
fs_groups_settle(FsGroups *groups)
{
	uint32		from[FS_VECTOR_ROWS];
	uint32		to[FS_VECTOR_ROWS];
	uint32		m;

	if (groups->by_code == NULL)
		return;
	while ((m = fs_bycode_take(groups->by_code, from, to)) > 0)
	{
		FsAccumulator **others = groups->by_code->accs;

		for (int i = 0; i < groups->naggs; i++)
			fs_accumulator_expect_merge(groups->accs[i], others[i],
										groups->has);
		note_groups(groups, to, m);
		for (int i = 0; i < groups->naggs; i++)
			fs_accumulator_merge(groups->accs[i], others[i], from, to, m,
								 groups->n);
	}
}

/* As in fs_groups_is_full(), but a chunk may bring many groups at once. */
static Size
room_for_chunk(const FsGroups *groups, Size limit)
{
	Size		bytes = fs_groups_bytes(groups);

	if ((groups->n ^ (groups->n + FS_CHUNK_MAX_ROWS)) > groups->n)
		bytes *= 2;
	return bytes < limit ? limit - bytes : 0;
}

/* Add rows by code; false: these not. */
static bool
add_by_code(FsGroups *groups, const FsGroupRows *rows, const FsBits *bits,
			Size limit)
{
	FsByCode   *by = groups->by_code;
	Size		room = 0;

	if (by == NULL)
		return false;
	if (!fs_bycode_is_at(by, rows->scan))
	{
		fs_groups_settle(groups);
		room = room_for_chunk(groups, limit);
	}
	return fs_bycode_add(by, rows, bits, room);
}

void
fs_groups_add(FsGroups *groups, const FsGroupRows *rows, const FsBits *bits,
			  Size limit)
{
	uint32		found[FS_VECTOR_ROWS];

	if (add_by_code(groups, rows, bits, limit))
		return;
	for (int i = 0; i < groups->naggs; i++)
		if (!fs_accumulator_prepare(groups->accs[i], rows, bits))
			return;
	if (!find_groups(groups, rows, found))
		return;
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_expect(groups->accs[i], groups->has);
	note_groups(groups, found, rows->n);
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_add(groups->accs[i], found, groups->n);
}

bool
fs_groups_can_digest(const FsGroups *groups)
{
	for (int i = 0; i < groups->naggs; i++)
		if (!fs_accumulator_can_digest(groups->accs[i]))
			return false;
	return true;
}

/* The group of all rows of a chunk; false if they may have several. */
static bool
find_group_of_chunk(FsGroups *groups, FsScan *scan, uint32 *found)
{
	uint32		so_far;
	uint32		id;

	*found = 0;
	for (int i = 0; i < groups->nkeys; i++)
	{
		if (!fs_key_of_chunk(groups->keys[i], scan, &id))
			return false;
		so_far = *found;
		*found = id;
		if (i > 0)
			fs_pair_ids_add(groups->pairs[i - 1], &so_far, &id, 1, found);
	}
	return true;
}

bool
fs_groups_add_chunk(FsGroups *groups, FsScan *scan)
{
	uint32		group;

	for (int i = 0; i < groups->naggs; i++)
		if (!fs_accumulator_knows_chunk(groups->accs[i], scan))
			return false;
	if (!find_group_of_chunk(groups, scan, &group))
		return false;
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_expect_chunk(groups->accs[i], scan, groups->has);
	note_groups(groups, &group, 1);
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_add_chunk(groups->accs[i], scan, group, groups->n);
	return true;
}

/* --- what there is ------------------------------------------------------ */

uint32
fs_groups_count(const FsGroups *groups)
{
	uint32		count = 0;

	if (groups->nkeys == 0)
		return 1;
	for (uint32 g = 0; g < groups->n; g++)
		count += groups->has[g];
	return count;
}

/* The ids of a group's keys. */
static void
find_keys(const FsGroups *groups, uint32 group, uint32 *ids)
{
	uint32		id = group;

	for (int i = groups->nkeys - 1; i > 0; i--)
		fs_pair_ids_key(groups->pairs[i - 1], id, &id, &ids[i]);
	ids[0] = id;
}

void
fs_groups_fill(FsGroups *groups, uint32 group, TupleTableSlot *slot)
{
	uint32		ids[FS_GROUPS_MAX_KEYS];

	ExecClearTuple(slot);
	find_keys(groups, group, ids);
	for (int i = 0; i < groups->nkeys; i++)
		slot->tts_values[i] = fs_key_value(groups->keys[i], ids[i],
										   &slot->tts_isnull[i]);
	for (int i = 0; i < groups->naggs; i++)
		slot->tts_values[groups->nkeys + i] =
			fs_accumulator_result(groups->accs[i], group,
								  &slot->tts_isnull[groups->nkeys + i]);
	ExecStoreVirtualTuple(slot);
}

Size
fs_groups_bytes(const FsGroups *groups)
{
	Size		bytes = groups->has_cap;

	for (int i = 0; i < groups->nkeys; i++)
		bytes += fs_key_bytes(groups->keys[i]);
	for (int i = 0; i + 1 < groups->nkeys; i++)
		bytes += fs_pair_ids_bytes(groups->pairs[i]);
	for (int i = 0; i < groups->naggs; i++)
		bytes += fs_accumulator_bytes(groups->accs[i]);
	if (groups->by_code != NULL)
		bytes += fs_bycode_bytes(groups->by_code);
	return bytes;
}

/* The length of the longest table. */
static uint32
longest_table(const FsGroups *groups, int *ntables)
{
	uint32		n = groups->n;

	*ntables = groups->nkeys;
	for (int i = 0; i < groups->naggs; i++)
	{
		uint32		values = fs_accumulator_n_values(groups->accs[i]);

		*ntables += values > 0;
		n = Max(n, values);
	}
	return n;
}

/* Of states, which are memory of groups, not of tables. */
static Size
state_bytes(const FsGroups *groups)
{
	Size		bytes = 0;

	for (int i = 0; i < groups->naggs; i++)
		bytes += fs_accumulator_state_bytes(groups->accs[i]);
	return bytes;
}

/*
 * Tables double in length where it passes a power of two, so the one that is
 * about to do so counts twice.
 */
bool
fs_groups_is_full(const FsGroups *groups, Size limit)
{
	Size		bytes = fs_groups_bytes(groups);
	Size		states = state_bytes(groups);
	int			ntables;
	uint32		n;

	if (groups->nkeys == 0 || bytes <= limit / 2)
		return false;
	if (states > limit)
		return groups->n > 2 || fs_groups_count(groups) > 1;
	n = longest_table(groups, &ntables);
	if (n > FS_IDS_MAX - FS_VECTOR_ROWS)
		return true;
	if ((n ^ (n + FS_VECTOR_ROWS)) > n)
		bytes = 2 * bytes - states;
	if (bytes <= limit ||
		(n < limit / GROUP_BYTES && bytes <= limit + ntables * IDLE_BYTES))
		return false;
	return groups->n > 2 || fs_groups_count(groups) > 1;
}

/* --- records ------------------------------------------------------------ */

uint64
fs_groups_n_records(const FsGroups *groups)
{
	uint64		n = fs_groups_count(groups);

	for (int i = 0; i < groups->naggs; i++)
		n += fs_accumulator_n_values(groups->accs[i]);
	return n;
}

void
fs_groups_begin_put(FsGroups *groups, const uint8 *only)
{
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_begin_put(groups->accs[i], only);
}

void
fs_groups_end_put(FsGroups *groups)
{
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_end_put(groups->accs[i]);
}

uint64
fs_groups_select(FsGroups *groups, uint32 group, uint64 seed)
{
	uint64		hash = seed;

	find_keys(groups, group, groups->selected);
	for (int i = 0; i < groups->nkeys; i++)
		hash = fs_hash_mix((hash ^ fs_key_hash(groups->keys[i],
											   groups->selected[i], seed)) *
						   FS_HASH_MULTIPLIER);
	return hash * FS_HASH_MULTIPLIER;
}

bool
fs_groups_put(FsGroups *groups, uint32 group, uint32 part, StringInfo out)
{
	bool		has_more = false;

	for (int i = 0; i < groups->nkeys; i++)
		fs_key_put(groups->keys[i], groups->selected[i], out);
	for (int i = 0; i < groups->naggs; i++)
		has_more |= fs_accumulator_put(groups->accs[i], group, part, out);
	return has_more;
}

void
fs_groups_take(FsGroups *groups, FsRecord *records, uint32 n)
{
	uint32		found[FS_VECTOR_ROWS];
	uint32		ids[FS_VECTOR_ROWS];
	uint32		so_far[FS_VECTOR_ROWS];

	Assert(n <= FS_VECTOR_ROWS);
	if (groups->nkeys == 0)
		memset(found, 0, sizeof(uint32) * n);
	else
		fs_key_take(groups->keys[0], records, n, found);
	for (int i = 1; i < groups->nkeys; i++)
	{
		fs_pair_ids_scatter(groups->pairs[i - 1]);
		fs_key_take(groups->keys[i], records, n, ids);
		memcpy(so_far, found, sizeof(uint32) * n);
		fs_pair_ids_add(groups->pairs[i - 1], so_far, ids, n, found);
	}
	note_groups(groups, found, n);
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_take(groups->accs[i], records, found, n, groups->n);
}
