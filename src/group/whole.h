/*-------------------------------------------------------------------------
 *
 * Whole numbers of type numeric, as integers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_WHOLE_H
#define FS_GROUP_WHOLE_H

#include "postgres.h"

#include "vector/wide.h"

/*
 * The integer that a numeric is, if it is one below 10^16 that shows no
 * decimals; else false.
 */
extern bool fs_whole_of_numeric(Datum value, int64 *whole);

extern Datum fs_whole_to_numeric(const FsInt128 *whole);

#endif							/* FS_GROUP_WHOLE_H */
