/*-------------------------------------------------------------------------
 *
 * Changing the options of a table.
 *
 * Callers hold ShareUpdateExclusiveLock or more on the table and have seen to
 * it that the user owns it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_RELABEL_H
#define FS_AM_RELABEL_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/rel.h"

/*
 * Check names and values of a list of FsLabelEntry, and put each value into
 * its canonical form, NULL for a default.  Raises INVALID_PARAMETER_VALUE.
 */
extern void fs_relabel_normalize(List *changes);

/* Raise WRONG_OBJECT_TYPE unless rel can have options. */
extern void fs_relabel_check_table(Relation rel);

/*
 * Raise UNDEFINED_COLUMN or DATATYPE_MISMATCH unless the columns of these
 * entries, which are normalized, are columns of rel and can serve.
 */
extern void fs_relabel_check_columns(Relation rel, List *entries);

/* The entries of rel's label with normalized changes made; nothing checked. */
extern void fs_relabel_change(Relation rel, List *changes);

/* Give rel the label of these entries, or none if there are none. */
extern void fs_relabel_write(Relation rel, List *entries);

/* Register the label provider; once, from _PG_init. */
extern void fs_relabel_init(void);

#endif							/* FS_AM_RELABEL_H */
