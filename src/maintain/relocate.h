/*-------------------------------------------------------------------------
 *
 * Relocating extents: from the end of the file into free space before it.
 *
 * What was loaded and then clustered leaves its space in front of what took
 * its place.  Ingest uses it again; where there is more of it than ingest can
 * use soon, chunks and partition indexes at the end are copied byte by byte to
 * its front, so that the next VACUUM can cut the file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_RELOCATE_H
#define FS_MAINTAIN_RELOCATE_H

#include "postgres.h"

#include "utils/rel.h"

#include "maintain/pace.h"

/*
 * Copy extents until max_bytes are written, nothing is left to be gained, or
 * the pace says to stop; as the current transaction, which should commit soon.
 * The caller visits the table.  Gives the bytes that were written.
 */
extern uint64 fs_relocate_tail(Relation rel, uint64 max_bytes,
							   const FsPace *pace);

#endif							/* FS_MAINTAIN_RELOCATE_H */
