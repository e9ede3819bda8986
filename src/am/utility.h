/*-------------------------------------------------------------------------
 *
 * Options in CREATE and ALTER: WITH (flowstore.x = ...), SET, RESET.
 *
 * Core knows neither the namespace "flowstore" nor its options, so they are
 * taken out of a command before core sees it.  That needs the library to be
 * loaded when the command starts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_UTILITY_H
#define FS_AM_UTILITY_H

#include "postgres.h"

#include "nodes/pg_list.h"

/*
 * The options that the running command wants for the table it is about to
 * create under this name, normalized; NIL if there are none.  Given out once.
 */
extern List *fs_utility_options_of_new(const char *relname);

/* True if the running command has such options still to be given out. */
extern bool fs_utility_has_options(void);

/* Install the hook; once, from _PG_init. */
extern void fs_utility_init(void);

#endif							/* FS_AM_UTILITY_H */
