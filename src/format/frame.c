/*-------------------------------------------------------------------------
 *
 * The frame of a clustered chunk.
 *
 *	   size  meaning
 *	    2*V  conversations of each of the V vectors
 *	      .  flags by conversation: has a second row (flags.c)
 *	      1  turns, 0 .. 8
 *	      .  flags by conversation for each turn
 *
 *	  rows 0 and 1 are a conversation, 2 is one, no turns
 *		->  02 00	01 02 01  00
 *
 * Invalid: a vector whose conversations and second rows are not its rows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/frame.h"

static void
put_flags(const uint8 *bits, const FsShape *convs, FsWriter *out)
{
	FsShape		unset;

	fs_flags_count(bits, convs, &unset);
	fs_flags_encode(bits, convs, &unset, out);
}

void
fs_frame_encode(const FsPairs *pairs, FsWriter *out)
{
	uint32		v;
	uint32		i;

	for (v = 0; v < pairs->convs.nvecs; v++)
		fs_writer_put_int(out, fs_shape_count(&pairs->convs, v), 2);
	put_flags(pairs->has_second, &pairs->convs, out);
	fs_writer_put_int(out, pairs->nturns, 1);
	for (i = 0; i < pairs->nturns; i++)
		put_flags(pairs->turns[i], &pairs->convs, out);
}

/* Parse the flags of second rows: they make up what is missing of rows. */
static bool
open_seconds(FsCursor *cursor, FsFrame *frame)
{
	uint32		v;

	if (!fs_flags_open(cursor, &frame->convs, &frame->has_second))
		return false;
	frame->seconds.nvecs = frame->rows.nvecs;
	frame->seconds.start[0] = 0;
	for (v = 0; v < frame->rows.nvecs; v++)
	{
		uint32		count = fs_shape_count(&frame->convs, v) -
			fs_shape_count(&frame->has_second.unset, v);

		if (fs_shape_count(&frame->convs, v) + count != fs_shape_count(&frame->rows, v))
			return fs_cursor_fail(cursor, "%u conversations, %u second rows in vector %u",
								  fs_shape_count(&frame->convs, v), count, v);
		frame->seconds.start[v + 1] = frame->seconds.start[v] + count;
	}
	return true;
}

bool
fs_frame_open(FsRegion *region, uint32 nrows, FsFrame *frame, FsFault *fault)
{
	FsCursor	cursor;
	uint32		v;
	uint32		i;

	fs_cursor_init_region(&cursor, region, fault);
	fs_shape_init(&frame->rows, nrows);
	frame->convs.nvecs = frame->rows.nvecs;
	frame->convs.start[0] = 0;
	for (v = 0; v < frame->rows.nvecs; v++)
	{
		uint32		count = fs_cursor_get16(&cursor);

		if (count > fs_shape_count(&frame->rows, v))
			return fs_cursor_fail(&cursor, "%u conversations in vector %u", count, v);
		frame->convs.start[v + 1] = frame->convs.start[v] + count;
	}
	if (cursor.failed || !open_seconds(&cursor, frame))
		return false;
	frame->nturns = fs_cursor_get8(&cursor);
	if (frame->nturns > FS_FRAME_MAX_TURNS)
		return fs_cursor_fail(&cursor, "%u turns", frame->nturns);
	for (i = 0; i < frame->nturns; i++)
		if (!fs_flags_open(&cursor, &frame->convs, &frame->turns[i]))
			return false;
	for (i = 0; i <= FS_FRAME_MAX_TURNS; i++)
		frame->loaded[i] = -1;
	return fs_cursor_finish(&cursor);
}

static const bool *
load(FsFrame *frame, uint32 i, const FsFlags *flags, uint32 v)
{
	if (frame->loaded[i] != (int64) v)
		fs_flags_read(flags, v, frame->values[i]);
	frame->loaded[i] = v;
	return frame->values[i];
}

const bool *
fs_frame_seconds(FsFrame *frame, uint32 v)
{
	return load(frame, 0, &frame->has_second, v);
}

const bool *
fs_frame_turn(FsFrame *frame, uint32 turn, uint32 v)
{
	return load(frame, turn, &frame->turns[turn - 1], v);
}
