/*-------------------------------------------------------------------------
 *
 * Settings of the access method.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_OPTIONS_H
#define FS_AM_OPTIONS_H

#include "postgres.h"

/* flowstore.load_memory, kB: pending rows of one backend */
extern int	fs_load_memory_kb;

/* flowstore.on_corrupt_chunk: what a query does with a damaged chunk */
typedef enum FsOnCorrupt
{
	FS_ON_CORRUPT_ERROR,
	FS_ON_CORRUPT_SKIP
} FsOnCorrupt;

extern int	fs_on_corrupt_chunk;

/* Define the settings; once, from _PG_init. */
extern void fs_options_init(void);

#endif							/* FS_AM_OPTIONS_H */
