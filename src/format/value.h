/*-------------------------------------------------------------------------
 *
 * Values, and what is said of them: kinds, orders, bounds.
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
#ifndef FS_FORMAT_VALUE_H
#define FS_FORMAT_VALUE_H

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
 * The values of one column, row by row.  Exactly one of ints, addrs, codes
 * and (offs, bytes) is set; codes, for ADDR and BYTES in clustered chunks
 * only, are those of a domain (domain.h).  What stands under a null is
 * ignored, but offs must still ascend.
 */
typedef struct FsColumnValues
{
	const uint8 *nulls;			/* [(nrows + 7) / 8], bit set: null; or NULL */
	const int64 *ints;			/* [nrows] */
	const FsAddr *addrs;		/* [nrows] */
	const uint32 *offs;			/* [nrows + 1], value i is offs[i]..offs[i+1] */
	const uint8 *bytes;			/* [offs[nrows]] */
	const uint32 *codes;		/* [nrows], each < domain_size */
	uint16		domain;			/* its number */
	uint32		domain_size;
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

#endif							/* FS_FORMAT_VALUE_H */
