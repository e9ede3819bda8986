/*-------------------------------------------------------------------------
 *
 * From conversations to rows.
 *
 * Conversation c has one or two rows.  Both are always written, and the
 * place moves on by one or two: no branch depends on the data.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/reader.h"

#define ROOM	(FS_VECTOR_ROWS + 2)

typedef const uint8 *BytesStart;

void
fs_expand_room(FsColumnReader *reader, FsVectorRoom *room)
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

/* Write rows[] of first[n] and second[n], by the flags seconds and turn. */
#define EXPAND(type, field) \
	do { \
		const type *a_ = first->field; \
		const type *b_ = second->field; \
		type	   *rows_ = room->field; \
		uint32		k_ = 0; \
		uint32		c_; \
		if (!turn) \
			for (c_ = 0; c_ < n; c_++) \
			{ \
				rows_[k_] = a_[c_]; \
				rows_[k_ + 1] = b_[c_]; \
				k_ += 1 + seconds[c_]; \
			} \
		else \
			for (c_ = 0; c_ < n; c_++) \
			{ \
				type		x_ = a_[c_]; \
				type		y_ = b_[c_]; \
				rows_[k_] = turn[c_] ? y_ : x_; \
				rows_[k_ + 1] = turn[c_] ? x_ : y_; \
				k_ += 1 + seconds[c_]; \
			} \
	} while (0)

/* Begin reader->out of vector v: rows, and which of them are null. */
static void
begin(FsColumnReader *reader, uint32 v, const FsVector *first,
	  const FsVector *second)
{
	FsVector   *out = &reader->out;
	FsVectorRoom *room = &reader->out_room;

	fs_expand_room(reader, room);
	memset(out, 0, sizeof(*out));
	out->nrows = fs_shape_count(&reader->rows, v);
	out->has_nulls = first->has_nulls || second->has_nulls;
	out->is_null = room->is_null;
	out->ints = room->ints;
	out->codes = room->codes;
	out->addrs = room->addrs;
	out->ptrs = room->ptrs;
	out->lens = room->lens;
	out->dict_n = reader->meta.kind == FS_KIND_INT ? 0 : reader->part.dict_n;
}

void
fs_expand_rows(FsColumnReader *reader, uint32 v, const FsVector *first,
			   const FsVector *second, const bool *turn)
{
	FsVectorRoom *room = &reader->out_room;
	const bool *seconds = fs_frame_seconds(reader->frame, v);
	uint32		n = first->nrows;

	begin(reader, v, first, second);
	if (reader->out.has_nulls)
		EXPAND(bool, is_null);
	else
		memset(room->is_null, 0, reader->out.nrows);
	if (room->ints)
		EXPAND(int64, ints);
	else if (room->codes)
		EXPAND(uint32, codes);
	else if (room->addrs)
		EXPAND(FsAddr, addrs);
	else
	{
		EXPAND(BytesStart, ptrs);
		EXPAND(uint32, lens);
	}
}

void
fs_expand_paired(FsColumnReader *reader, uint32 v, const FsVector *first,
				 const FsVector *differences)
{
	const bool *seconds = fs_frame_seconds(reader->frame, v);
	FsVectorRoom *room = &reader->out_room;
	const bool *turn = NULL;
	const FsVector *second = first;
	const int64 *values = first->ints;
	const int64 *add = differences->ints;
	uint32		n = first->nrows;
	uint32		k = 0;
	uint32		m = 0;
	uint32		c;

	begin(reader, v, first, first);
	if (reader->out.has_nulls)
		EXPAND(bool, is_null);
	else
		memset(room->is_null, 0, reader->out.nrows);
	for (c = 0; c < n; c++)
	{
		bool		has_second = seconds[c];

		room->ints[k] = values[c];
		room->ints[k + 1] = (int64) ((uint64) values[c] + (uint64) add[m]);
		k += 1 + has_second;
		m += has_second && !first->is_null[c];
	}
}
