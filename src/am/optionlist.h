/*-------------------------------------------------------------------------
 *
 * The list of table options: names, values, defaults, meanings.
 *
 * A value is text to users and in labels.  Intervals count a day as 24 hours,
 * a month as 30 days and a year as 365, for options are fixed lengths.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_OPTIONLIST_H
#define FS_AM_OPTIONLIST_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "nodes/pg_list.h"

#include "am/tableoptions.h"
#include "compat.h"

typedef enum FsOptionId
{
	FS_OPTION_TIME_COLUMN,
	FS_OPTION_PARTITION,
	FS_OPTION_ZORDER,
	FS_OPTION_BITMAP,
	FS_OPTION_RETAIN,
	FS_OPTION_MAX_ROWS,
	FS_OPTION_SLACK,
	FS_OPTION_MAX_BYTES,
	FS_OPTION_MAX_FUTURE,
	FS_OPTION_FUTURE_ROWS,
	FS_OPTION_LATENESS,
	FS_OPTION_MERGE,
	FS_OPTION_CLUSTER,
	FS_OPTION_COUNT
} FsOptionId;

typedef enum FsOptionKind
{
	FS_OPTION_INTERVAL,			/* microseconds */
	FS_OPTION_NUMBER,
	FS_OPTION_SIZE,				/* bytes */
	FS_OPTION_BOOL,
	FS_OPTION_FUTURE,			/* 1 error, 0 set_aside */
	FS_OPTION_COLUMNS
} FsOptionKind;

typedef struct FsOption
{
	const char *name;
	FsOptionKind kind;
	int64		min;			/* of a number; COLUMNS: 1 */
	int64		max;			/* COLUMNS: most columns */
	int64		step;			/* a number is a multiple of it */
	const char *unlimited;		/* word for FS_UNLIMITED, or NULL */
	const char *initial;		/* the default, as a user would write it */
	const char *valid;			/* sentence: which values are valid */
	const char *description;
} FsOption;

typedef struct FsOptionValue
{
	int64		number;
	FsColumnsChoice choice;		/* COLUMNS: none or listed */
	List	   *columns;		/* of char *, n >= 1 if listed */
} FsOptionValue;

extern const FsOption fs_option_list[FS_OPTION_COUNT];

/* The option of that name, or NULL. */
extern const FsOption *fs_optionlist_lookup(const char *name);

/* The option of that name; raises INVALID_PARAMETER_VALUE if there is none. */
extern const FsOption *fs_optionlist_find(const char *name);

/* True if the word asks for the default, whatever the option. */
extern bool fs_optionlist_is_default(const char *text);

/* Read a value; returns false if it is not valid.  Columns are not looked up. */
extern bool fs_optionlist_parse(const FsOption *option, const char *text,
								FsOptionValue *value);

/* The one way to write a value; cannot fail. */
extern char *fs_optionlist_form(const FsOption *option,
								const FsOptionValue *value);

/* Raise INVALID_PARAMETER_VALUE for a value. */
pg_noreturn extern void fs_optionlist_refuse(const FsOption *option,
											 const char *text);

/* The number of the attribute of that name, or 0. */
extern AttrNumber fs_optionlist_column(TupleDesc desc, const char *name);

/* True if a column of that type can be the time column. */
extern bool fs_optionlist_is_time(Oid type);

#endif							/* FS_AM_OPTIONLIST_H */
