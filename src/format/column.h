/*-------------------------------------------------------------------------
 *
 * A column of a chunk: opened once, read vector by vector.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_COLUMN_H
#define FS_FORMAT_COLUMN_H

#include "format/enc.h"
#include "format/value.h"

/* What the chunk header says of a column; see format/README.md. */
typedef struct FsColumnMeta
{
	uint16		id;
	uint8		kind;
	uint8		order;
	uint8		width;
	uint8		encoding;		/* FsEncoding, for reports; see enc.h */
	uint8		place;			/* FsPlace: which rows it has values for */
	uint32		off;			/* of its bytes, from the chunk's start */
	uint32		len;
	const uint32 *crcs;			/* CRC-32C of their pieces (region.h) */
	FsZone		zone;			/* of the whole chunk */
	bool		has_sum;		/* of the values, sum_high * 2^64 + sum_low */
	uint64		sum_low;
	int64		sum_high;
} FsColumnMeta;

/* Add a value to the sum. */
static inline void
fs_column_add_to_sum(FsColumnMeta *meta, int64 v)
{
	uint64		low = meta->sum_low + (uint64) v;

	meta->sum_high += (v >> 63) + (low < (uint64) v);
	meta->sum_low = low;
}

/*
 * A decoded vector.  Where is_null[i] is set the value is unspecified.  The
 * arrays belong to the reader and live until its next fs_column_read().
 *
 * If dict_n > 0 the column is a dictionary and ints is not set: row i has
 * value codes[i] of fs_column_dict_*(); addrs and ptrs are then not filled.
 */
typedef struct FsVector
{
	uint32		nrows;			/* 1 .. FS_VECTOR_ROWS */
	bool		has_nulls;
	bool		is_constant;	/* known without work: all rows have a value, and
								 * the same: ints[0] or codes[0].  The arrays are
								 * filled all the same */
	const bool *is_null;		/* [nrows]; all false unless has_nulls */
	const int64 *ints;			/* FS_KIND_INT, always filled, dictionary or not */
	const FsAddr *addrs;		/* FS_KIND_ADDR without dictionary */
	const uint8 *const *ptrs;	/* FS_KIND_BYTES without dictionary */
	const uint32 *lens;
	uint32		dict_n;			/* ADDR and BYTES with dictionary: its size */
	const uint32 *codes;		/* [nrows], each < dict_n where not null */
} FsVector;

typedef struct FsColumnReader FsColumnReader;

/*
 * Open the bytes of a column that stands alone (FS_PLACE_ROWS, no domain):
 * check its length, parse its head; the rest is checked when it is read.
 * meta->crcs may be NULL if all was checked.  bytes must outlive the reader.
 * Returns NULL and fills *fault when the bytes are not a valid column; any
 * bytes are safe.  Columns of any chunk are opened through chunkreader.h.
 */
extern FsColumnReader *fs_column_open(const FsColumnMeta *meta, uint32 nrows,
									  const uint8 *bytes, uint32 len,
									  FsArena *arena, FsFault *fault);

/* Bounds of vector v; cannot fail. */
extern void fs_column_zone(FsColumnReader *reader, uint32 v, FsZone *zone);

/* Decode vector v (0-based).  Returns false and fills *fault on damage. */
extern bool fs_column_read(FsColumnReader *reader, uint32 v, FsVector *out,
						   FsFault *fault) __attribute__((warn_unused_result));

/*
 * The same for few rows: in *out only rows[n], ascending, are set, of is_null,
 * too.  What the column is a function of is then looked up for these alone.
 */
extern bool fs_column_read_rows(FsColumnReader *reader, uint32 v,
								const uint16 *rows, uint32 n, FsVector *out,
								FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * The dictionary of an ADDR or BYTES column: [size] values in code order,
 * decoded once at first call.  NULL and *size = 0 if it has none; NULL,
 * *size > 0 and *fault filled on damage.
 */
extern const FsAddr *fs_column_dict_addrs(FsColumnReader *reader,
										  uint32 *size, FsFault *fault);
extern bool fs_column_dict_bytes(FsColumnReader *reader, uint32 *size,
								 const uint8 *const **ptrs,
								 const uint32 **lens, FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * The values of codes[n], in any order, of a dictionary; strings live as long
 * as the reader.  Of a domain only the blocks are fetched that have them,
 * unless the dictionary is there or so many are asked for that it is made.
 * Returns false and fills *fault on damage, and if a code is not below dict_n.
 */
extern bool fs_column_pick_addrs(FsColumnReader *reader, const uint32 *codes,
								 uint32 n, FsAddr *out, FsFault *fault)
			__attribute__((warn_unused_result));
extern bool fs_column_pick_bytes(FsColumnReader *reader, const uint32 *codes,
								 uint32 n, const uint8 **ptrs, uint32 *lens,
								 FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * The code of an address in the dictionary of an ADDR column that has one, or
 * dict_n.  Looks at few values of the dictionary.
 */
extern bool fs_column_find_addr(FsColumnReader *reader, const FsAddr *addr,
								uint32 *code, FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * Entries *first .. *end - 1 of the same are in a subnet, if all are hosts; if
 * that would take a look at all of them, *is_known is false.
 */
extern bool fs_column_find_net(FsColumnReader *reader, const FsAddr *net,
							   bool *is_known, uint32 *first, uint32 *end,
							   FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * The domain whose values an ADDR or BYTES column holds, or FS_DOMAIN_NONE.
 * Entry i of the column's dictionary is codes[i] of the domain, ascending;
 * there are *n.  Cannot fail.
 */
extern uint16 fs_column_domain(const FsColumnReader *reader, uint32 *n,
							   const uint32 **codes);

#endif							/* FS_FORMAT_COLUMN_H */
