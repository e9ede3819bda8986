/*-------------------------------------------------------------------------
 *
 * From conversations to rows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/reader.h"
#include "format/weave.h"

#define ROOM	(FS_VECTOR_ROWS + FS_WEAVE_ROOM)

typedef const uint8 *BytesStart;

static void
make_room(FsColumnReader *reader, FsVectorRoom *room)
{
	FsArena    *arena = reader->arena;

	if (room->is_null)
		return;
	room->is_null = arena->alloc(arena, ROOM * sizeof(bool));
	memset(room->is_null, 0, ROOM * sizeof(bool));
	if (reader->meta.kind == FS_KIND_INT)
		room->ints = arena->alloc(arena, ROOM * sizeof(int64));
	else if (reader->part.dict_n > 0)
		room->codes = arena->alloc(arena, ROOM * sizeof(uint32));
	else if (reader->meta.kind == FS_KIND_ADDR)
		room->addrs = arena->alloc(arena, ROOM * sizeof(FsAddr));
	else
	{
		room->ptrs = arena->alloc(arena, ROOM * sizeof(uint8 *));
		room->lens = arena->alloc(arena, ROOM * sizeof(uint32));
	}
}

/* Point *out to the room's arrays. */
static void
set_arrays(FsColumnReader *reader, uint32 nrows, FsVectorRoom *room,
		   FsVector *out)
{
	make_room(reader, room);
	memset(out, 0, sizeof(*out));
	out->nrows = nrows;
	out->is_null = room->is_null;
	out->ints = room->ints;
	out->codes = room->codes;
	out->addrs = room->addrs;
	out->ptrs = room->ptrs;
	out->lens = room->lens;
	out->dict_n = reader->meta.kind == FS_KIND_INT ? 0 : reader->part.dict_n;
}

void
fs_expand_begin(FsColumnReader *reader, uint32 nrows, FsVectorRoom *room,
				FsVector *out)
{
	set_arrays(reader, nrows, room, out);
	room->is_filled = false;
	if (room->has_nulls)
		memset(room->is_null, 0, FS_VECTOR_ROWS * sizeof(bool));
	room->has_nulls = false;
}

void
fs_expand_constant(FsColumnReader *reader, const FsVector *units,
				   uint32 nrows, FsVectorRoom *room, FsVector *out)
{
	uint64		value = units->ints ? (uint64) units->ints[0] : units->codes[0];
	bool		is_filled = room->is_filled && room->filled == value;
	uint32		i;

	if (is_filled)
		set_arrays(reader, nrows, room, out);
	else
		fs_expand_begin(reader, nrows, room, out);
	out->is_constant = true;
	if (is_filled)
		return;
	if (room->ints)
		for (i = 0; i < FS_VECTOR_ROWS; i++)
			room->ints[i] = (int64) value;
	else
		for (i = 0; i < FS_VECTOR_ROWS; i++)
			room->codes[i] = (uint32) value;
	room->is_filled = true;
	room->filled = value;
}

void
fs_expand_copy(FsColumnReader *reader, const FsVector *units,
			   FsVectorRoom *room, FsVector *out)
{
	uint32		n = units->nrows;

	fs_expand_begin(reader, n, room, out);
	out->has_nulls = room->has_nulls = units->has_nulls;
	out->is_constant = units->is_constant;
	if (units->has_nulls)
		memcpy(room->is_null, units->is_null, n * sizeof(bool));
	if (room->ints)
		memcpy(room->ints, units->ints, n * sizeof(int64));
	else if (room->codes)
		memcpy(room->codes, units->codes, n * sizeof(uint32));
	else if (room->addrs)
		memcpy(room->addrs, units->addrs, n * sizeof(FsAddr));
	else
	{
		memcpy(room->ptrs, units->ptrs, n * sizeof(uint8 *));
		memcpy(room->lens, units->lens, n * sizeof(uint32));
	}
}

/* The rows of first[n] and second[n] of a type that weave.c has not. */
#define EXPAND(type, first, second, rows) \
	do { \
		uint32		k_ = 0; \
		uint32		c_; \
		for (c_ = 0; c_ < weave.n; c_++) \
		{ \
			bool		is_turned_ = weave.turn && weave.turn[c_]; \
			type		x_ = (first)[c_]; \
			type		y_ = (second)[c_]; \
			(rows)[k_] = is_turned_ ? y_ : x_; \
			(rows)[k_ + 1] = is_turned_ ? x_ : y_; \
			k_ += 1 + weave.seconds[c_]; \
		} \
	} while (0)

static FsWeave
begin_weave(FsColumnReader *reader, uint32 v, const FsVector *first,
			FsVectorRoom *room, FsVector *out)
{
	FsWeave		weave = {first->nrows, fs_frame_seconds(reader->frame, v), NULL};

	fs_expand_begin(reader, fs_shape_count(&reader->rows, v), room, out);
	if (reader->turn > 0)
		weave.turn = fs_frame_turn(reader->frame, reader->turn, v);
	return weave;
}

void
fs_expand_rows(FsColumnReader *reader, uint32 v, const FsVector *first,
			   const FsVector *second, FsVectorRoom *room, FsVector *out)
{
	FsWeave		weave = begin_weave(reader, v, first, room, out);

	out->has_nulls = room->has_nulls = first->has_nulls || second->has_nulls;
	if (out->has_nulls)
		fs_weave_bools(&weave, first->is_null, second->is_null, room->is_null);
	if (room->ints)
		fs_weave64(&weave, (const uint64 *) first->ints, (const uint64 *) second->ints, (uint64 *) room->ints);
	else if (room->codes)
		fs_weave32(&weave, first->codes, second->codes, room->codes);
	else if (room->addrs)
		EXPAND(FsAddr, first->addrs, second->addrs, room->addrs);
	else
	{
		EXPAND(BytesStart, first->ptrs, second->ptrs, room->ptrs);
		fs_weave32(&weave, first->lens, second->lens, room->lens);
	}
}

void
fs_expand_paired(FsColumnReader *reader, uint32 v, const FsVector *first,
				 const FsVector *differences, FsVectorRoom *room,
				 FsVector *out)
{
	FsWeave		weave = begin_weave(reader, v, first, room, out);
	uint32		k = 0;
	uint32		m = 0;
	uint32		c;

	if (!first->has_nulls)
	{
		fs_weave_sums(&weave, (const uint64 *) first->ints, (const uint64 *) differences->ints,
					  (uint64 *) room->ints);
		return;
	}
	out->has_nulls = room->has_nulls = true;
	fs_weave_bools(&weave, first->is_null, first->is_null, room->is_null);
	for (c = 0; c < weave.n; c++)
	{
		bool		has_second = weave.seconds[c];

		room->ints[k] = first->ints[c];
		room->ints[k + 1] = (int64) ((uint64) first->ints[c] + (uint64) differences->ints[m]);
		k += 1 + has_second;
		m += has_second && !first->is_null[c];
	}
}
