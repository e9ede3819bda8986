/*-------------------------------------------------------------------------
 *
 * Hashes of values that may be kept.
 *
 * Equal values of a type have the same hash, in every session and process.  It
 * is that of vector/hash64 over the value's bytes, the same on every machine,
 * where equality means the same bytes: integers (the same in all widths),
 * times, addresses, uuid, text under a deterministic collation, floats.  Of
 * other types (numeric, interval, jsonb, arrays, text under other collations)
 * it is made of the type's own extended hash, and as good as hash partitions
 * are: for one machine and major release.  An enum's is that of its OID.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_STABLE_HASH_H
#define FS_ANALYTICS_STABLE_HASH_H

#include "postgres.h"

#include "analytics/value.h"

/* Reports UNDEFINED_FUNCTION if the type has no extended hash and needs one. */
extern uint64 fs_stable_hash(const FsValueType *type, Datum datum);

#endif							/* FS_ANALYTICS_STABLE_HASH_H */
