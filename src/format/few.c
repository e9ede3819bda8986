/*-------------------------------------------------------------------------
 *
 * Few rows of a vector.
 *
 * What makes a vector of rows from parts takes longer than a row is worth:
 * here a row's conversation is found, and its value in the parts.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/few.h"
#include "format/kernel.h"
#include "format/reader.h"

/* Move to the conversation of a row: *conv begins at *row or before. */
FS_COUNT_KERNEL static void
step(const uint64 *seconds, uint32 wanted, uint32 *conv, uint32 *row)
{
	/* whole words first: 64 conversations and their second rows */
	while (*conv % 64 == 0 && *conv + 64 <= FS_VECTOR_ROWS)
	{
		uint32		n = 64 + __builtin_popcountll(seconds[*conv / 64]);

		if (*row + n > wanted)
			break;
		*row += n;
		*conv += 64;
	}
	while (*row + fs_few_bit(seconds, *conv) < wanted)
	{
		*row += 1 + fs_few_bit(seconds, *conv);
		(*conv)++;
	}
}

void
fs_few_find(const FsFrame *frame, uint32 v, const FsFewRows *few,
			FsFewUnits *found)
{
	uint64		seconds[FS_FLAGS_WORDS];
	uint32		conv = 0;
	uint32		row = 0;		/* its first */
	uint32		i;

	fs_flags_bits(&frame->has_second, v, seconds);
	for (i = 0; i < few->n; i++)
	{
		step(seconds, few->rows[i], &conv, &row);
		found->units[i] = conv;
		found->seconds[i] = row - conv;
		found->is_second[i] = few->rows[i] > row;
	}
}

static void
put_row(FsVectorRoom *room, uint32 row, const FsVector *from, uint32 unit)
{
	room->is_null[row] = from->has_nulls && from->is_null[unit];
	room->has_nulls |= room->is_null[row];
	if (room->ints)
		room->ints[row] = from->ints[unit];
	else if (room->codes)
		room->codes[row] = from->codes[unit];
	else if (room->addrs)
		room->addrs[row] = from->addrs[unit];
	else
	{
		room->ptrs[row] = from->ptrs[unit];
		room->lens[row] = from->lens[unit];
	}
}

/* Add the differences of second rows. */
static bool
add_differences(FsColumnReader *reader, uint32 v, const FsFewRows *few,
				const FsFewUnits *at, FsVectorRoom *room, FsFault *fault)
{
	const FsVector *differences;
	uint16		seconds[FS_FEW_MAX];
	uint32		n = 0;
	uint32		i;

	for (i = 0; i < few->n; i++)
		if (at->is_second[i])
			seconds[n++] = at->seconds[i];
	if (n == 0)
		return true;
	if (!fs_part_read_units(&reader->seconds, v, seconds, n, &differences, fault))
		return false;
	for (i = 0; i < few->n; i++)
		if (at->is_second[i])
			room->ints[few->rows[i]] = (int64)
				((uint64) room->ints[few->rows[i]] + (uint64) differences->ints[at->seconds[i]]);
	return true;
}

/* Exchange the two parts' values where the turn says so. */
static void
put_swapped(FsColumnReader *reader, uint32 v, const FsFewRows *few,
			const FsFewUnits *at, const FsVector *parts[2], FsVectorRoom *room)
{
	uint64		turn[FS_FLAGS_WORDS] = {0};
	uint32		i;

	if (reader->turn > 0)
		fs_flags_bits(&reader->frame->turns[reader->turn - 1], v, turn);
	for (i = 0; i < few->n; i++)
		put_row(room, few->rows[i],
				parts[at->is_second[i] != fs_few_bit(turn, at->units[i])], at->units[i]);
}

bool
fs_few_read(FsColumnReader *reader, uint32 v, const FsFewRows *few,
			FsVectorRoom *room, FsVector *out, FsFault *fault)
{
	uint8		place = reader->meta.place;
	const FsVector *parts[2];
	FsFewUnits	at;
	uint32		i;

	fs_few_find(reader->frame, v, few, &at);
	if (reader->function)
	{
		if (!fs_function_read(reader, v, few, fault))
			return false;
		parts[0] = &reader->units;
	}
	else if (!fs_part_read_units(&reader->part, v, at.units, few->n, &parts[0], fault))
		return false;
	if (place == FS_PLACE_SWAPPED &&
		!fs_part_read_units(&reader->partner->part, v, at.units, few->n, &parts[1], fault))
		return false;
	fs_expand_begin(reader, fs_shape_count(&reader->rows, v), room, out);
	if (place == FS_PLACE_SWAPPED)
		put_swapped(reader, v, few, &at, parts, room);
	else
		for (i = 0; i < few->n; i++)
			put_row(room, few->rows[i], parts[0], at.units[i]);
	out->has_nulls = room->has_nulls;
	return place != FS_PLACE_PAIRED || add_differences(reader, v, few, &at, room, fault);
}
