/*-------------------------------------------------------------------------
 *
 * The different values of an expression, sorted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYLIST_H
#define FS_EXEC_KEYLIST_H

#include "postgres.h"

#include "nodes/primnodes.h"

typedef struct FsKeyList FsKeyList;

/*
 * An empty list of values of a type that has an order.  It lives, with its
 * values, in the current memory context.  At most max values are kept, and
 * bytes of those that are not by-value.
 */
extern FsKeyList *fs_keylist_create(Oid type, uint32 max, Size bytes);

/* Add a value; false if there are too many. */
extern bool fs_keylist_add(FsKeyList *list, Datum value);

/* Number of different values. */
extern uint32 fs_keylist_count(FsKeyList *list);

/* The values as an array in the current memory context. */
extern Const *fs_keylist_array(FsKeyList *list);

#endif							/* FS_EXEC_KEYLIST_H */
