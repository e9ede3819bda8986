/*-------------------------------------------------------------------------
 *
 * What a flowstore table does not do, refused where nothing is left behind:
 * indexes and publications when they are created, published tables when they
 * are written.  Row locks, DELETE and UPDATE are refused by exec/refuse.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_REFUSE_H
#define FS_AM_REFUSE_H

#include "postgres.h"

#include "utils/rel.h"

#include "compat.h"

/* True if the table uses this access method; false if it does not exist. */
extern bool fs_refuse_is_flowstore(Oid relid);

/* Raise an error if inserts into the table would have to be published. */
extern void fs_refuse_published(Relation rel);

/* The error for a lock of existing rows. */
pg_noreturn extern void fs_refuse_lock(const char *relname,
									   const char *command);

/* The error for a change of existing rows. */
pg_noreturn extern void fs_refuse_command(const char *relname,
										  const char *command);

/* Install the hook; once, from _PG_init. */
extern void fs_refuse_init(void);

#endif							/* FS_AM_REFUSE_H */
