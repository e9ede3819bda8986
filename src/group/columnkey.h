/*-------------------------------------------------------------------------
 *
 * Ids of a column's values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_COLUMNKEY_H
#define FS_GROUP_COLUMNKEY_H

#include "group/key.h"
#include "vector/ids.h"

typedef struct FsColumnKey FsColumnKey;

extern FsColumnKey *fs_columnkey_create(int att, FsAllocator *allocator);

/* As fs_key_ids() and the others; map says how the column is stored. */
extern bool fs_columnkey_ids(FsColumnKey *key, const FsGroupRows *rows,
							 uint32 *ids);
extern uint32 fs_columnkey_n(const FsColumnKey *key);
extern Datum fs_columnkey_value(const FsColumnKey *key, uint32 id,
								bool *isnull);
extern Size fs_columnkey_bytes(const FsColumnKey *key);
extern void fs_columnkey_reset(FsColumnKey *key);

#endif							/* FS_GROUP_COLUMNKEY_H */
