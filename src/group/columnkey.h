/*-------------------------------------------------------------------------
 *
 * Ids of a column's values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_COLUMNKEY_H
#define FS_GROUP_COLUMNKEY_H

#include "group/key.h"
#include "group/record.h"
#include "vector/ids.h"

typedef struct FsColumnKey FsColumnKey;

extern FsColumnKey *fs_columnkey_create(int att, FsAllocator *allocator);

/*
 * Ids of something else than values: ids[n] of codes[n] of the current
 * vector's dictionary, below 2^32 - 2.  False if the column is damaged.
 */
typedef bool (*FsTranslate) (void *arg, FsScan *scan, const uint32 *codes,
							 uint32 n, uint32 *ids);

/* Such a key; of rows of vectors with dictionaries only, NULL has 0. */
extern FsColumnKey *fs_columnkey_create_translated(int att,
												   FsTranslate translate,
												   void *arg);
extern bool fs_columnkey_coded_ids(FsColumnKey *key, const FsGroupRows *rows,
								   const FsVector *vec, uint32 *ids);

/*
 * Ids of all codes of such a vector's dictionary: [vec->dict_n], good until
 * ids of another chunk are asked for.  NULL if it is damaged, or more than room
 * bytes were needed.
 */
extern const uint32 *fs_columnkey_code_ids(FsColumnKey *key, FsScan *scan,
										   const FsVector *vec, Size room);

/* The same array before its codes are known, and those of some rows made so. */
extern const uint32 *fs_columnkey_codes(FsColumnKey *key, FsScan *scan,
										const FsVector *vec);
extern bool fs_columnkey_learn(FsColumnKey *key, const FsGroupRows *rows,
							   const FsVector *vec);

/* As fs_key_ids() and the others; map says how the column is stored. */
extern bool fs_columnkey_ids(FsColumnKey *key, const FsGroupRows *rows,
							 uint32 *ids);
extern uint32 fs_columnkey_n(const FsColumnKey *key);
extern Datum fs_columnkey_value(const FsColumnKey *key, uint32 id,
								bool *isnull);
extern Size fs_columnkey_bytes(const FsColumnKey *key);
extern void fs_columnkey_reset(FsColumnKey *key);

/* The id of one value of a column of integers; false if floats are kept there. */
extern bool fs_columnkey_int_id(FsColumnKey *key, FsScan *scan, int64 value,
								uint32 *id);

/* As those of keys; a key without a scan is told the column's type first. */
extern void fs_columnkey_set_type(FsColumnKey *key, Form_pg_attribute att);
extern void fs_columnkey_put(const FsColumnKey *key, uint32 id,
							 StringInfo out);
extern uint64 fs_columnkey_hash(const FsColumnKey *key, uint32 id,
								uint64 seed);
extern void fs_columnkey_take(FsColumnKey *key, FsRecord *records, uint32 n,
							  uint32 *ids);

/* Pass over a value. */
extern void fs_columnkey_skip(const FsColumnKey *key, FsRecord *record);

#endif							/* FS_GROUP_COLUMNKEY_H */
