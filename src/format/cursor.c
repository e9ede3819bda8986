/*-------------------------------------------------------------------------
 *
 * A cursor over bytes that are not to be trusted.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <stdarg.h>

#include "format/cursor.h"

void
fs_cursor_init(FsCursor *cursor, const uint8 *bytes, uint32 len,
			   FsFault *fault)
{
	cursor->bytes = bytes;
	cursor->off = 0;
	cursor->end = len;
	cursor->failed = false;
	cursor->fault = fault;
	cursor->region = NULL;
}

void
fs_cursor_init_region(FsCursor *cursor, FsRegion *region, FsFault *fault)
{
	fs_cursor_init(cursor, region->bytes, region->len, fault);
	cursor->region = region;
}

bool
fs_cursor_fail(FsCursor *cursor, const char *fmt,...)
{
	va_list		args;

	if (cursor->failed)
		return false;
	cursor->failed = true;
	cursor->fault->off = cursor->off;
	va_start(args, fmt);
	vsnprintf(cursor->fault->reason, sizeof(cursor->fault->reason), fmt, args);
	va_end(args);
	return false;
}

bool
fs_fault_set(FsFault *fault, uint32 off, const char *fmt,...)
{
	va_list		args;

	fault->off = off;
	va_start(args, fmt);
	vsnprintf(fault->reason, sizeof(fault->reason), fmt, args);
	va_end(args);
	return false;
}

const uint8 *
fs_cursor_skip(FsCursor *cursor, uint64 len)
{
	const uint8 *p = cursor->bytes + cursor->off;

	if (cursor->failed)
		return NULL;
	if (len > cursor->end - cursor->off)
	{
		fs_cursor_fail(cursor, "bytes end too early");
		return NULL;
	}
	cursor->off += (uint32) len;
	return p;
}

const uint8 *
fs_cursor_take(FsCursor *cursor, uint64 len)
{
	uint32		off = cursor->off;
	const uint8 *p = fs_cursor_skip(cursor, len);

	if (p && !fs_region_need(cursor->region, off, (uint32) len, cursor->fault))
	{
		cursor->failed = true;
		return NULL;
	}
	return p;
}

bool
fs_cursor_finish(FsCursor *cursor)
{
	if (!cursor->failed && cursor->off != cursor->end)
		fs_cursor_fail(cursor, "%u bytes are left over",
					   cursor->end - cursor->off);
	return !cursor->failed;
}
