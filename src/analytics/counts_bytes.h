/*-------------------------------------------------------------------------
 *
 * Counts as bytes, to hand them from one process to another.
 *
 * Values are written as their images (analytics/value.h), not through the
 * type's send function: that one may be missing, or convert to the client's
 * encoding, which differs between a parallel worker and its leader.  So the
 * bytes are good where the OIDs of the types are, that is, in one database;
 * and an image is believed like an attribute of a heap tuple.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_COUNTS_BYTES_H
#define FS_ANALYTICS_COUNTS_BYTES_H

#include "postgres.h"

#include "analytics/counts.h"

/* Reports PROGRAM_LIMIT_EXCEEDED if the result would be longer than 1 GB. */
extern bytea *fs_counts_bytes_encode(const FsCounts *counts);

/*
 * A table in the current memory context; its type is owned by flinfo.  Reports
 * DATA_CORRUPTED if the bytes are not those that an encoder wrote,
 * FEATURE_NOT_SUPPORTED if that one had another format version or byte order,
 * and what fs_value_type_of() reports if the type is not there any more.
 */
extern FsCounts *fs_counts_bytes_decode(bytea *bytes, FmgrInfo *flinfo);

#endif							/* FS_ANALYTICS_COUNTS_BYTES_H */
