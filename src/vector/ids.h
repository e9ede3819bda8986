/*-------------------------------------------------------------------------
 *
 * Tables that give ids to keys: 0, 1, 2 and so on, in order of first sight;
 * of new addresses in one batch the order is any.
 *
 * Keys come in batches of any length; ids[i] is set to the id of key i, which
 * is added if it is new.  Keys that come in runs are fastest.  Ids stay what
 * they are.  A table holds at most FS_IDS_MAX keys: who adds more asks n()
 * between batches, and bytes(), which is all the memory that it has taken.
 *
 * Keys come from strangers, so hashes depend on a seed that should be
 * unknown to them.
 *
 * No function can fail, save that the allocator may not return.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_IDS_H
#define FS_VECTOR_IDS_H

#include "format/value.h"
#include "vector/allocator.h"

#define FS_IDS_MAX	((uint32) 1 << 30)

/*
 * Integers.  While greatest and least are less than 2^20 apart their ids are
 * looked up in an array, 8 bytes for each integer between; else by hash, 16
 * to 32 bytes a key.  Each key takes 8 to 16 bytes more.
 */
typedef struct FsIntIds FsIntIds;

extern FsIntIds *fs_int_ids_create(FsAllocator *allocator, uint64 seed);
extern void fs_int_ids_add(FsIntIds *table, const int64 *keys, uint32 n,
						   uint32 *ids);
extern uint32 fs_int_ids_n(const FsIntIds *table);

/* Expect few of the integers between least and greatest: do without the array. */
extern void fs_int_ids_scatter(FsIntIds *table);

/* [n] keys by id; until the next add */
extern const int64 *fs_int_ids_keys(const FsIntIds *table);
extern size_t fs_int_ids_bytes(const FsIntIds *table);
extern void fs_int_ids_destroy(FsIntIds *table);

/*
 * Pairs of small numbers, such as codes or ids.  While the product of both
 * greatest numbers, each rounded up to a power of two, is at most 2^20, ids
 * stand in an array; else by hash, as above.
 */
typedef struct FsPairIds FsPairIds;

extern FsPairIds *fs_pair_ids_create(FsAllocator *allocator, uint64 seed);
extern void fs_pair_ids_add(FsPairIds *table, const uint32 *first,
							const uint32 *second, uint32 n, uint32 *ids);
extern uint32 fs_pair_ids_n(const FsPairIds *table);

/* As fs_int_ids_scatter(). */
extern void fs_pair_ids_scatter(FsPairIds *table);
extern void fs_pair_ids_key(const FsPairIds *table, uint32 id,
							uint32 *first, uint32 *second);
extern size_t fs_pair_ids_bytes(const FsPairIds *table);
extern void fs_pair_ids_destroy(FsPairIds *table);

/*
 * Addresses, which are equal if family, prefix length and bytes are.  16 to
 * 32 bytes a key, and 18 to 36.
 */
typedef struct FsAddrIds FsAddrIds;

extern FsAddrIds *fs_addr_ids_create(FsAllocator *allocator, uint64 seed);
extern void fs_addr_ids_add(FsAddrIds *table, const FsAddr *keys, uint32 n,
							uint32 *ids);
extern uint32 fs_addr_ids_n(const FsAddrIds *table);

/* [n] keys by id; until the next add */
extern const FsAddr *fs_addr_ids_keys(const FsAddrIds *table);
extern size_t fs_addr_ids_bytes(const FsAddrIds *table);
extern void fs_addr_ids_destroy(FsAddrIds *table);

/*
 * Byte strings of any length, which are copied: 16 to 32 bytes a key, and 16
 * to 32, and its bytes.
 */
typedef struct FsBytesIds FsBytesIds;

extern FsBytesIds *fs_bytes_ids_create(FsAllocator *allocator, uint64 seed);
extern void fs_bytes_ids_add(FsBytesIds *table, const uint8 *const *ptrs,
							 const uint32 *lens, uint32 n, uint32 *ids);
extern uint32 fs_bytes_ids_n(const FsBytesIds *table);

/* The copy of a key; it stays where it is until destroy. */
extern const uint8 *fs_bytes_ids_key(const FsBytesIds *table, uint32 id,
									 uint32 *len);
extern size_t fs_bytes_ids_bytes(const FsBytesIds *table);
extern void fs_bytes_ids_destroy(FsBytesIds *table);

#endif							/* FS_VECTOR_IDS_H */
