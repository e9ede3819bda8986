/*-------------------------------------------------------------------------
 *
 * Options of a table, as its security label gives them.
 *
 * A table's options are the label of provider "flowstore" (am/label); what
 * the label does not name has its default.  Columns are names in the label and
 * attribute numbers here: a column that is missing or of a type that cannot
 * serve is left out, for a label is never a reason not to read a table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_TABLEOPTIONS_H
#define FS_AM_TABLEOPTIONS_H

#include "postgres.h"

#include "access/attnum.h"
#include "utils/rel.h"

#include "am/changes.h"

/* No limit, where an option is one. */
#define FS_UNLIMITED	PG_INT64_MAX

/* Most columns of a list; zorder takes FS_ZORDER_MAX. */
#define FS_ZORDER_MAX	4
#define FS_COLUMNS_MAX	32

typedef enum FsColumnsChoice
{
	FS_COLUMNS_DEFAULT,			/* those that the reader of the option picks */
	FS_COLUMNS_NONE,
	FS_COLUMNS_LISTED			/* atts[n], n >= 1, in the order given */
} FsColumnsChoice;

typedef struct FsColumnList
{
	FsColumnsChoice choice;
	int			n;				/* 0 unless listed */
	AttrNumber	atts[FS_COLUMNS_MAX];
} FsColumnList;

/* Flat: it may be copied by assignment. */
typedef struct FsTableOptions
{
	AttrNumber	time_att;		/* timestamp column, 0 if there is none */
	int64		partition_us;	/* whole minutes, 1 minute .. 365 days */
	FsColumnList zorder;		/* default: conversations */
	FsColumnList bitmap;
	int64		retain_us;		/* rows may go at this age, or FS_UNLIMITED */
	int64		max_rows;		/* at least 1, or FS_UNLIMITED */
	int64		slack_rows;		/* rows above max_rows that are suffered; a
								 * tenth of max_rows, at least 65,536, unless
								 * it is given; 0 if max_rows is unlimited */
	int64		max_bytes;		/* at least 1, or FS_UNLIMITED */
	int64		max_future_us;	/* how far after now() a row may be, or
								 * FS_UNLIMITED */
	bool		future_is_error;	/* else such rows go to FS_PARTITION_NULL */
	int64		lateness_us;	/* a partition is quiet so long after its end */
	bool		merge;			/* the worker may merge */
	bool		cluster;		/* the worker may cluster */
	FsWatch		watch;			/* not an option: see am/changes */
} FsTableOptions;

/*
 * The options of a flowstore table, or of the one that a rewrite will replace
 * by rel.  Kept in the relation cache: only the first call after a change
 * reads catalogs.  The result lives until the next access to a catalog or
 * lock of a relation; copy it to keep it.  Cannot fail for any label.
 */
extern const FsTableOptions *fs_tableoptions_get(Relation rel);

#endif							/* FS_AM_TABLEOPTIONS_H */
