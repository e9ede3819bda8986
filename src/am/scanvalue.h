/*-------------------------------------------------------------------------
 *
 * The values of a scan's current vector.
 *
 * A column of the vector is decoded when it is asked for, so unread columns
 * cost nothing.  Values that are not by-value live until the scan leaves the
 * item.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SCANVALUE_H
#define FS_AM_SCANVALUE_H

#include "postgres.h"

#include "am/scan.h"
#include "am/scancolumn.h"

/*
 * Values of attribute att (0-based) of the current vector: [nrows] each, valid
 * until the scan moves.  Returns false if the column is damaged and the
 * setting says to skip; the vector is then to be left out.
 */
extern bool fs_scan_column(FsScan *scan, int att,
						   const Datum **values, const bool **isnull);

/*
 * The values of attribute att of the current vector as they are stored, valid
 * until the scan moves.
 */
extern FsReadResult fs_scan_vector(FsScan *scan, int att,
								   const FsVector **vector);

/*
 * The whole dictionary of such a vector, valid in the same chunk; empty if it
 * has none.  False if it is damaged, which was reported.
 */
extern bool fs_scan_dict(FsScan *scan, int att, FsClusterDict *dict);

/*
 * The domain of such a dictionary, or FS_DOMAIN_NONE: entry i has codes[i] of
 * it, ascending, in all chunks with the same *set.
 */
extern uint16 fs_scan_domain(FsScan *scan, int att, uint64 *set,
							 const uint32 **codes);

/*
 * Values of codes[n], in any order, of such a dictionary; strings live until
 * the scan leaves the item.  False if damaged.
 */
extern bool fs_scan_addrs(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, FsAddr *addrs);
extern bool fs_scan_bytes(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, const uint8 **ptrs, uint32 *lens);

/*
 * The code of an address in such a dictionary of addresses, or its size.  False
 * if damaged.
 */
extern bool fs_scan_find_addr(FsScan *scan, int att, const FsAddr *addr,
							  uint32 *code);

/* Such a dictionary's entries in a subnet, as fs_column_find_net(). */
extern bool fs_scan_find_net(FsScan *scan, int att, const FsAddr *net,
							 bool *is_known, uint32 *first, uint32 *end);

/*
 * The current vector before it is rows, if that can be had and the rows are
 * not there yet.  What is wrong with it is to be reported by the second.
 */
extern bool fs_scan_units(FsScan *scan, int att, FsUnits *units);
extern void fs_scan_fault(FsScan *scan, int att, const FsFault *fault);

/*
 * Values of rows[n] of the current vector, ascending: those of values[] and
 * isnull[] are set.  rows NULL: all.  As fs_scan_column() otherwise.
 */
extern bool fs_scan_pick(FsScan *scan, int att, const uint16 *rows, uint32 n,
						 const Datum **values, const bool **isnull);

/*
 * The Datums of codes[n] of a vector with a dictionary: (*dict)[code] of these
 * is set, until the scan leaves the item.  n is FS_VECTOR_ROWS at most.
 */
extern bool fs_scan_codes(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, const Datum **dict);

/*
 * Bounds of attribute att in the chunk at hand or in the current vector.
 * Return false if nothing is known: a ROWS item, a column added later, or
 * bounds that were made under another order than the type has now.
 */
extern bool fs_scan_chunk_zone(FsScan *scan, int att, FsZone *zone);
extern bool fs_scan_vector_zone(FsScan *scan, int att, FsZone *zone);

/* What the head of the chunk at hand says of attribute att; NULL as above. */
extern const FsColumnMeta *fs_scan_chunk_meta(FsScan *scan, int att);

/*
 * From now on attribute att, for the functions above and below, is map[att] of
 * the table's; none is asked for whose entry is negative.  NULL: as it is.
 */
extern void fs_scan_view(FsScan *scan, const int *map);

/* How attribute att is stored. */
extern const FsTypeMap *fs_scan_typemap(FsScan *scan, int att);

#endif							/* FS_AM_SCANVALUE_H */
