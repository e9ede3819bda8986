/*-------------------------------------------------------------------------
 *
 * flow.locf and flow.interpolate: window functions that put values where a
 * row has none.
 *
 * Rows come in the order of the window.  The row of the last value, and for
 * interpolate that of the next one, are remembered, so that each row of a
 * partition is looked at a few times, however long the gaps.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"
#include "windowapi.h"

PG_FUNCTION_INFO_V1(fs_locf);
PG_FUNCTION_INFO_V1(fs_interpolate);

/* Rows of a partition, counted from 0; zeroed when it begins. */
typedef struct LastRow
{
	bool		is_known;
	int64		row;
} LastRow;

typedef struct Point
{
	bool		is_known;
	Timestamp	t;
	double		v;
} Point;

typedef struct Neighbours
{
	Point		last;			/* at or before the current row */
	Point		next;			/* of row next_row */
	int64		next_row;		/* rows between the current one and it have no value */
	bool		is_at_end;		/* no row after the current one has a value */
} Neighbours;

Datum
fs_locf(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	LastRow    *last = WinGetPartitionLocalMemory(window, sizeof(LastRow));
	int64		row = WinGetCurrentPosition(window);
	bool		is_null;
	bool		is_out;
	Datum		value = WinGetFuncArgCurrent(window, 0, &is_null);

	if (!is_null)
	{
		last->is_known = true;
		last->row = row;
		WinSetMarkPosition(window, row);
		PG_RETURN_DATUM(value);
	}
	if (!last->is_known)
	{
		WinSetMarkPosition(window, row);
		PG_RETURN_NULL();
	}
	value = WinGetFuncArgInPartition(window, 0, (int) (last->row - row),
									 WINDOW_SEEK_CURRENT, false, &is_null, &is_out);
	if (is_null)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(value);
}

/* The point of the row that lies ahead by so many; false: beyond the last row. */
static bool
get_point(WindowObject window, int ahead, Point *point)
{
	bool		is_null[2];
	bool		is_out;
	Datum		t = WinGetFuncArgInPartition(window, 0, ahead, WINDOW_SEEK_CURRENT,
											 false, &is_null[0], &is_out);
	Datum		v;

	point->is_known = false;
	if (is_out)
		return false;
	v = WinGetFuncArgInPartition(window, 1, ahead, WINDOW_SEEK_CURRENT,
								 false, &is_null[1], &is_out);
	if (is_null[0] || is_null[1] || TIMESTAMP_NOT_FINITE(DatumGetTimestamp(t)))
		return true;
	point->is_known = true;
	point->t = DatumGetTimestamp(t);
	point->v = DatumGetFloat8(v);
	return true;
}

/* Look for the next row with a value, from the one after the current. */
static void
find_next(WindowObject window, int64 row, Neighbours *near)
{
	if (near->is_at_end || (near->next.is_known && near->next_row > row))
		return;
	for (int ahead = 1; get_point(window, ahead, &near->next); ahead++)
		if (near->next.is_known)
		{
			near->next_row = row + ahead;
			return;
		}
	near->is_at_end = true;
}

Datum
fs_interpolate(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	Neighbours *near = WinGetPartitionLocalMemory(window, sizeof(Neighbours));
	int64		row = WinGetCurrentPosition(window);
	bool		is_null;
	Datum		value = WinGetFuncArgCurrent(window, 1, &is_null);
	Timestamp	t;
	double		share;
	Point		here;

	WinSetMarkPosition(window, row);
	(void) get_point(window, 0, &here);
	if (here.is_known)
		near->last = here;
	if (!is_null)
		PG_RETURN_DATUM(value);
	t = DatumGetTimestamp(WinGetFuncArgCurrent(window, 0, &is_null));
	if (is_null || TIMESTAMP_NOT_FINITE(t) || !near->last.is_known)
		PG_RETURN_NULL();
	find_next(window, row, near);
	if (!near->next.is_known || near->is_at_end)
		PG_RETURN_NULL();
	if (near->next.t == near->last.t)
		PG_RETURN_FLOAT8(near->last.v);
	share = ((double) t - (double) near->last.t) /
		((double) near->next.t - (double) near->last.t);
	PG_RETURN_FLOAT8(near->last.v + share * (near->next.v - near->last.v));
}
