/*-------------------------------------------------------------------------
 *
 * Records of groups: what is known of a group, as bytes.
 *
 * Groups leave memory as records, and are made of records again, in the same
 * query, by the same program: bytes are the machine's own, without alignment,
 * and each field says how long it is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_RECORD_H
#define FS_GROUP_RECORD_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* What is left to read of a record. */
typedef struct FsRecord
{
	const uint8 *at;
	const uint8 *end;
} FsRecord;

static inline void
fs_record_put(StringInfo out, const void *bytes, uint32 n)
{
	if (unlikely((uint32) (out->maxlen - out->len) <= n))
		enlargeStringInfo(out, (int) n);
	if (n > 0)
		memcpy(out->data + out->len, bytes, n);
	out->len += (int) n;
}

/* The next n bytes; an error if there are fewer. */
static inline const uint8 *
fs_record_take(FsRecord *record, Size n)
{
	const uint8 *bytes = record->at;

	if (unlikely((Size) (record->end - bytes) < n))
		elog(ERROR, "unexpected end of a record of groups");
	record->at += n;
	return bytes;
}

static inline int64
fs_record_take_int64(FsRecord *record)
{
	int64		value;

	memcpy(&value, fs_record_take(record, sizeof(value)), sizeof(value));
	return value;
}

static inline uint32
fs_record_take_uint32(FsRecord *record)
{
	uint32		value;

	memcpy(&value, fs_record_take(record, sizeof(value)), sizeof(value));
	return value;
}

#endif							/* FS_GROUP_RECORD_H */
