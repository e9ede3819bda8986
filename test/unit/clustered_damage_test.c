/*-------------------------------------------------------------------------
 *
 * Damaged clustered chunks give values or a fault, whatever depends on what.
 *
 * Bytes of columns and of the frame are changed, with their checksums made
 * right again, and every column is read; so are places and encodings in the
 * head.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/enc.h"
#include "format/little.h"
#include "convs.h"
#include "tap.h"

#define NROWS	2100
#define TRIES	120				/* a column */

static uint8 *bytes;			/* of the chunk, changed in place */
static uint32 len;
static FsChunkHead *head;
static MemDomains domains;
static uint64 sum;
static uint32 nfaults;

static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 n, FsFault *fault)
{
	return (const uint8 *) fetch->state + off;
}

static bool
read_column(FsColumnReader *column, uint32 nrows, FsFault *fault)
{
	const uint8 *const *ptrs;
	const uint32 *lens;
	const FsAddr *addrs;
	uint32		size;
	uint32		v;
	uint32		i;

	addrs = fs_column_dict_addrs(column, &size, fault);
	if (!addrs && size > 0)
		return false;
	if (!fs_column_dict_bytes(column, &size, &ptrs, &lens, fault))
		return false;
	for (v = 0; v * FS_VECTOR_ROWS < nrows; v++)
	{
		FsVector	vector;
		FsZone		zone;

		fs_column_zone(column, v, &zone);
		if (!fs_column_read(column, v, &vector, fault))
			return false;
		for (i = 0; i < vector.nrows; i++)
		{
			if (vector.is_null[i])
				continue;
			if (vector.dict_n > 0)
				sum += 1 / (vector.codes[i] < vector.dict_n);
			else if (vector.ints)
				sum += vector.ints[i];
			else if (vector.addrs)
				sum += vector.addrs[i].addr[15];
			else if (vector.lens[i] > 0)
				sum += vector.ptrs[i][vector.lens[i] - 1];
		}
	}
	return true;
}

/* Read all columns; gives false if one failed without a reason. */
static bool
read_all(void)
{
	FsArena    *arena = tap_arena();
	FsFetch		fetch = {get, bytes};
	FsChunkReader *reader = fs_chunkreader_open(head, &fetch, &domains.source, arena);
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < head->ncols; i++)
	{
		FsFault		fault = {"", 0};
		FsColumnReader *column = fs_chunkreader_column(reader, head->cols[i].id, &fault);

		if (column && read_column(column, head->nrows, &fault))
			continue;
		nfaults++;
		is_ok &= fault.reason[0] != '\0';
	}
	tap_arena_free(arena);
	return is_ok;
}

static void
mend_checksums(void)
{
	uint8	   *frame = bytes + len - head->frame_len;
	uint32		i;

	for (i = 0; i < head->ncols; i++)
		fs_region_sum(bytes + head->cols[i].off, head->cols[i].len,
					  unconstify(uint32 *, head->cols[i].crcs));
	fs_region_sum(frame, head->frame_len, unconstify(uint32 *, head->frame_crcs));
}

/* Change bits of bytes[n] from off on, one at a time. */
static bool
damage(uint32 off, uint32 n, uint64 *state)
{
	bool		is_ok = true;
	int			i;

	for (i = 0; n > 0 && i < TRIES; i++)
	{
		/* what a part says of itself comes first, so look there more often */
		uint32		at = off + (uint32) tap_below(state, i % 2 == 0 ? Min(n, 200) : n);
		uint8		old = bytes[at];

		bytes[at] = i % 4 < 2 ? old ^ (1 << tap_below(state, 8)) : (uint8) tap_random(state);
		mend_checksums();
		is_ok &= read_all();
		bytes[at] = old;
	}
	return is_ok;
}

/* Other places and encodings than the bytes are of. */
static bool
mislabel(uint64 *state)
{
	bool		is_ok = true;
	int			i;

	mend_checksums();
	for (i = 0; i < 600; i++)
	{
		FsColumnMeta *meta = &head->cols[tap_below(state, head->ncols)];
		FsColumnMeta old = *meta;

		meta->place = tap_below(state, FS_PLACE_LAST + 1);
		if (i % 2 == 0)
			meta->encoding = tap_below(state, FS_ENC_LAST + 1);
		is_ok &= read_all();
		*meta = old;
	}
	return is_ok;
}

/* The bytes of one column under another's name, so that they depend in rings. */
static bool
exchange(void)
{
	bool		is_ok = true;
	uint32		i;
	uint32		j;

	for (i = 0; i < head->ncols; i++)
		for (j = 0; j < head->ncols; j++)
		{
			FsColumnMeta a = head->cols[i];
			FsColumnMeta b = head->cols[j];

			head->cols[i] = b;
			head->cols[j] = a;
			head->cols[i].id = a.id;
			head->cols[j].id = b.id;
			is_ok &= read_all();
			head->cols[i] = a;
			head->cols[j] = b;
		}
	return is_ok;
}

static void
damage_chunk(ConvsRule rule, const char *name)
{
	FsArena    *arena = tap_arena();
	FsFault		fault;
	uint64		state = 31 + rule;
	Convs	   *convs;
	uint32		head_len;
	uint32		version;
	bool		is_ok = true;
	uint32		i;

	convs_domains(&domains, arena);
	convs = convs_make(rule, NROWS, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		exit(2);
	head = fs_chunk_head_parse(bytes, head_len, arena, &fault);
	nfaults = 0;
	ok(read_all() && nfaults == 0, "%s: all is well before", name);
	for (i = 0; i < head->ncols; i++)
		is_ok &= damage(head->cols[i].off, head->cols[i].len, &state);
	ok(is_ok && nfaults > 500, "%s: changed columns are values or a fault", name);
	nfaults = 0;
	is_ok = damage(len - head->frame_len, head->frame_len, &state);
	ok(is_ok && nfaults > 100, "%s: a changed frame is values or a fault", name);
	ok(mislabel(&state), "%s: so are other places and encodings", name);
	ok(exchange(), "%s: so are columns that depend on others than they did", name);
	tap_arena_free(arena);
}

int
main(void)
{
	damage_chunk(CONVS_USUAL, "pairs");
	damage_chunk(CONVS_ODD, "odd second rows");
	return tap_done();
}
