/*-------------------------------------------------------------------------
 *
 * The label of a table follows the table.
 *
 * A new table gets the options of its CREATE command.  A renamed column is
 * renamed in the label.  A dropped column leaves the lists that name it; the
 * column of time_column can neither be dropped nor get a type that is no
 * timestamp.  A table that ceases to be a flowstore table loses its label.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_FOLLOW_H
#define FS_AM_FOLLOW_H

/* Install the hook; once, from _PG_init. */
extern void fs_follow_init(void);

#endif							/* FS_AM_FOLLOW_H */
