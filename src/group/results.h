/*-------------------------------------------------------------------------
 *
 * Distinct results of an expression.
 *
 * Few, or asked for seldom: compared with the type's own functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_RESULTS_H
#define FS_GROUP_RESULTS_H

#include "postgres.h"

#include "group/record.h"

typedef struct FsResults FsResults;

/* Of a type with hash and equality; in a context of its own. */
extern FsResults *fs_results_create(Oid type, Oid collation);

/* The id of a result, 1 and up; FS_KEY_NULL of NULL.  Copies what it keeps. */
extern uint32 fs_results_add(FsResults *results, Datum value, bool isnull);

extern uint32 fs_results_n(const FsResults *results);
extern Datum fs_results_value(const FsResults *results, uint32 id);
extern Size fs_results_bytes(const FsResults *results);
extern void fs_results_reset(FsResults *results);

/* As those of keys; take is of one record, and gives the id. */
extern void fs_results_put(const FsResults *results, uint32 id,
						   StringInfo out);
extern uint64 fs_results_hash(const FsResults *results, uint32 id,
							  uint64 seed);
extern uint32 fs_results_take(FsResults *results, FsRecord *record);

#endif							/* FS_GROUP_RESULTS_H */
