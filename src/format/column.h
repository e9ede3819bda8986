/*-------------------------------------------------------------------------
 *
 * A column of a chunk: what goes in, and what comes out vector by vector.
 *
 * The format knows three kinds of value.  Which SQL type is stored as which
 * kind is decided above (am/typemap); here there are only integers and bytes.
 *
 *		FS_KIND_INT		an int64: integers, times, booleans, and the bits of
 *						a float mapped so that integer order is float order
 *						(fs_float8_to_int and its inverse, bit-exact both ways)
 *		FS_KIND_ADDR	an IPv4 or IPv6 address with a prefix length
 *		FS_KIND_BYTES	a byte string of any length
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_COLUMN_H
#define FS_FORMAT_COLUMN_H

#include "format/layout.h"

typedef enum FsKind
{
	FS_KIND_INT = 1,
	FS_KIND_ADDR = 2,
	FS_KIND_BYTES = 3
} FsKind;

/*
 * How two values of a column compare; a zone map is valid only under the
 * order that it was made with, so the order is stored beside it.
 */
typedef enum FsOrder
{
	FS_ORDER_NONE = 0,			/* no zone map, null counts only */
	FS_ORDER_INT = 1,			/* signed */
	FS_ORDER_UINT = 2,			/* the int64 holds a uint64 */
	FS_ORDER_FLOAT4 = 3,		/* mapped bits; -0 equals 0, NaNs are equal */
	FS_ORDER_FLOAT8 = 4,		/* and largest, as in PostgreSQL */
	FS_ORDER_ADDR = 5,			/* IPv4 < IPv6, then address bytes */
	FS_ORDER_BYTES = 6,			/* memcmp, then length */
	FS_ORDER_CALLBACK = 7		/* by the column's compare function */
} FsOrder;

/* An address; bytes beyond the family's length (4, 16) are zero. */
typedef struct FsAddr
{
	uint8		family;			/* 4 or 6 */
	uint8		bits;			/* prefix length, 0..32 or 0..128 */
	uint8		addr[16];		/* network byte order */
} FsAddr;

/*
 * Memory for encoders and decoders.  alloc() returns at least size bytes
 * aligned to 16, or does not return (the server raises an error, the unit
 * tests exit); nothing is ever freed one by one.
 */
typedef struct FsArena
{
	void	   *(*alloc) (struct FsArena *arena, size_t size);
	void	   *state;			/* the owner's */
} FsArena;

/*
 * Why bytes could not be decoded: a reason in lower case without a full
 * stop, and the offset in the column (or chunk header) where it was found.
 */
typedef struct FsFault
{
	char		reason[96];
	uint32		off;
} FsFault;

/* Orders two byte strings of an FS_ORDER_CALLBACK column: <0, 0, >0. */
typedef int (*FsCompare) (const uint8 *a, uint32 alen,
						  const uint8 *b, uint32 blen, void *arg);

typedef struct FsColumnSpec
{
	uint16		id;				/* 1.. ; the attribute number */
	uint8		kind;			/* FsKind */
	uint8		order;			/* FsOrder; must suit the kind */
	uint8		width;			/* FS_KIND_INT: bytes of the type, 1 2 4 8 */
	FsCompare	cmp;			/* FS_ORDER_CALLBACK only */
	void	   *cmp_arg;
} FsColumnSpec;

/*
 * The values of one column, row by row.  Exactly one of ints, addrs and
 * (offs, bytes) is set, by kind.  What stands under a null is ignored, but
 * offs must still ascend.
 */
typedef struct FsColumnValues
{
	const uint8 *nulls;			/* [(nrows + 7) / 8], bit set: null; or NULL */
	const int64 *ints;			/* [nrows] */
	const FsAddr *addrs;		/* [nrows] */
	const uint32 *offs;			/* [nrows + 1], value i is offs[i]..offs[i+1] */
	const uint8 *bytes;			/* [offs[nrows]] */
} FsColumnValues;

/*
 * Bounds of the non-null values of a chunk's column or of one vector.
 * FS_KIND_INT uses imin and imax: plain values for INT and UINT; for FLOAT4
 * and FLOAT8 mapped bits after -0 became 0 and every NaN became INT64_MAX.
 * The others use bmin and bmax: an ADDR bound is 17 bytes, family then the
 * 16 address bytes; BYTES bounds longer than FS_ZONE_MAX_LEN are cut, and
 * is_max_cut says that values may be greater than bmax if they begin with it.
 * A column of FS_ORDER_ADDR that holds a prefix length other than full, or of
 * FS_ORDER_CALLBACK with a bound over FS_ZONE_MAX_LEN, has no bounds.
 */
typedef struct FsZone
{
	uint32		nrows;
	uint32		nulls;			/* how many rows are null */
	bool		has_bounds;		/* false: nothing is known of the values */
	bool		is_max_cut;
	int64		imin;
	int64		imax;
	uint8		bmin_len;
	uint8		bmax_len;
	uint8		bmin[FS_ZONE_MAX_LEN];
	uint8		bmax[FS_ZONE_MAX_LEN];
} FsZone;

/* What the chunk header says of a column; see format/README.md. */
typedef struct FsColumnMeta
{
	uint16		id;
	uint8		kind;
	uint8		order;
	uint8		width;
	uint8		encoding;		/* FsEncoding, for reports; see enc.h */
	uint32		off;			/* of its bytes, from the chunk's start */
	uint32		len;
	uint32		crc;			/* CRC-32C of those bytes */
	FsZone		zone;			/* of the whole chunk */
} FsColumnMeta;

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
 * Open the bytes of a column: check length and CRC, parse its head.  bytes
 * must outlive the reader.  Returns NULL and fills *fault when the bytes are
 * not a valid column; any bytes are safe.
 */
extern FsColumnReader *fs_column_open(const FsColumnMeta *meta, uint32 nrows,
									  const uint8 *bytes, uint32 len,
									  FsArena *arena, FsFault *fault);

/* Bounds of vector v; cannot fail. */
extern void fs_column_zone(const FsColumnReader *reader, uint32 v,
						   FsZone *zone);

/* Decode vector v (0-based).  Returns false and fills *fault on damage. */
extern bool fs_column_read(FsColumnReader *reader, uint32 v, FsVector *out,
						   FsFault *fault) __attribute__((warn_unused_result));

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

/* Float bits as ordered integers and back; cannot fail, lose no bit. */
extern int64 fs_float8_to_int(uint64 bits);
extern uint64 fs_float8_from_int(int64 value);
extern int64 fs_float4_to_int(uint32 bits);
extern uint32 fs_float4_from_int(int64 value);

/* The zone-map form of a mapped float: -0 becomes 0, NaN becomes INT64_MAX. */
extern int64 fs_float8_zone_key(int64 value);
extern int64 fs_float4_zone_key(int64 value);

/* An address as the 17 bytes that zone maps keep. */
extern void fs_addr_zone_key(const FsAddr *addr, uint8 key[17]);

#endif							/* FS_FORMAT_COLUMN_H */
