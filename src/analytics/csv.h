/*-------------------------------------------------------------------------
 *
 * Lines of fields, separated by commas or tabs (RFC 4180).
 *
 * A field may stand in quotes, which are doubled inside; then it may have
 * separators, line breaks and spaces at its ends.  Other fields are trimmed.  A
 * line that is empty or begins with # or ; is passed over.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_CSV_H
#define FS_ANALYTICS_CSV_H

#include "postgres.h"

#include "lib/stringinfo.h"

#define FS_CSV_MAX_FIELDS	64

typedef struct FsCsv
{
	const char *at;
	const char *end;
	char		separator;
	uint64		next_line;		/* from 1 */
	/* the line that was read last */
	uint64		line;
	const char *begin;
	int			len;			/* of it, without its end */
	int			n;				/* fields */
	int			offs[FS_CSV_MAX_FIELDS];	/* in text, each ends with byte 0 */
	StringInfoData text;
	const char *problem;		/* NULL: none; else n is 0 */
} FsCsv;

/*
 * Read text[len], which stays.  If separator is byte 0, tabs separate where the
 * first line has one and no comma, else commas.
 */
extern void fs_csv_begin(FsCsv *csv, const char *text, int len, char separator);

/* Read a line; false at the end. */
extern bool fs_csv_next(FsCsv *csv);

/* A field of the line, "" if it has not so many; until the next one is read. */
extern const char *fs_csv_field(const FsCsv *csv, int i);

/* Write a field in quotes, with a comma before it unless it is the first. */
extern void fs_csv_put_quoted(StringInfo out, const char *field, int len, bool is_first);

#endif							/* FS_ANALYTICS_CSV_H */
