/*-------------------------------------------------------------------------
 *
 * What was read of the file, kept for who reads the same next.
 *
 * A session keeps parsed chunks and partition indexes that nobody uses.  They
 * are found by where their bytes lie, which does not tell that these are still
 * the same: who takes a thing compares its head with the file's.  Heads have
 * the checksums of all that they name, so that equal heads mean equal bytes of
 * the chunk, but not of the partition index whose values its codes stand for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_KEEP_H
#define FS_STORE_KEEP_H

#include "postgres.h"

#include "store/extent.h"

/* flowstore.keep_memory, kB: what a session keeps of all tables */
extern int	fs_keep_memory_kb;

/* A thing of more bytes is not kept. */
#define FS_KEEP_ONE			((Size) 4 * 1024 * 1024)

typedef struct FsKeepKey
{
	Oid			relid;
	BlockNumber first;			/* of its extent */
	uint32		len;			/* of its bytes */
} FsKeepKey;

/*
 * Keep a thing of size bytes, which nobody uses any more; drop() frees it, soon
 * or later.  What was used lately is not put out for something new.
 */
extern void fs_keep_put(const FsKeepKey *key, void *thing, Size size,
						void (*drop) (void *thing));

/* Take a thing out: it is the caller's; NULL if none is kept. */
extern void *fs_keep_take(const FsKeepKey *key);

#endif							/* FS_STORE_KEEP_H */
