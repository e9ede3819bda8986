/*-------------------------------------------------------------------------
 *
 * The heaviest values as bytes: to be kept, and between processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_HEAVY_BYTES_H
#define FS_ANALYTICS_HEAVY_BYTES_H

#include "postgres.h"

#include "analytics/heavy.h"

/*
 * As a value of flow.topk_sketch, which has labels instead of values: what
 * to_jsonb() makes of them, as text.  A table that was read from such bytes
 * has labels, that is values of type text under collation C, already.
 */
extern bytea *fs_heavy_encode(const FsHeavy *heavy, bool has_labels);

/*
 * Read a value into a table of labels, in the current memory context.  NULL if
 * nothing wrote that, with the reason.  The type is owned by flinfo.  Labels
 * are not checked to be JSON.
 */
extern FsHeavy *fs_heavy_decode(const uint8 *in, uint32 len, FmgrInfo *flinfo,
								const char **reason);

/* For another process of this server: values as they are in memory. */
extern bytea *fs_heavy_serialize_values(const FsHeavy *heavy, int32 limit);
extern FsHeavy *fs_heavy_deserialize_values(bytea *bytes, FmgrInfo *flinfo,
											int32 *limit);

#endif							/* FS_ANALYTICS_HEAVY_BYTES_H */
