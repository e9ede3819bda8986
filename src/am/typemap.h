/*-------------------------------------------------------------------------
 *
 * How a SQL type is stored: its kind, its order, and Datum <-> value.
 *
 * Every type is stored bit-exact.  By-value types become integers, inet and
 * cidr addresses, everything else byte strings: the payload of a varlena, or
 * all bytes of a type of fixed length.
 *
 * The order is claimed only where it is known that the type's default
 * comparison agrees with it; see fs_typemap_init().
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_TYPEMAP_H
#define FS_AM_TYPEMAP_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "utils/inet.h"

#include "format/column.h"

typedef struct FsTypeMap
{
	Oid			type;			/* base type if it is a domain */
	int16		attlen;
	bool		attbyval;
	FsColumnSpec spec;			/* id is the attribute number */
	FmgrInfo	cmp;			/* FS_ORDER_CALLBACK: the type's comparison */
	Oid			collation;
} FsTypeMap;

/* Fill *map for an attribute that is not dropped; cannot fail. */
extern void fs_typemap_init(FsTypeMap *map, Form_pg_attribute att);

/* By-value Datum <-> int64 of FS_KIND_INT; cannot fail, lose no bit. */
extern int64 fs_typemap_to_int(const FsTypeMap *map, Datum value);
extern Datum fs_typemap_from_int(const FsTypeMap *map, int64 value);

/* n integers to Datums; dst[n]. */
extern void fs_typemap_from_ints(const FsTypeMap *map, const int64 *src,
								 Datum *dst, int n);

/* inet or cidr, plain (not toasted) <-> address; cannot fail. */
extern void fs_typemap_to_addr(Datum value, FsAddr *addr);

/*
 * Build the Datum at dst, which must have room for FS_INET_MAX_LEN bytes and
 * be aligned to 4.  Returns the bytes used.
 */
#define FS_INET_MAX_LEN		(VARHDRSZ + 2 + 16)
extern int	fs_typemap_from_addr(const FsAddr *addr, char *dst);

/*
 * Bytes of a plain Datum of FS_KIND_BYTES; the pointer lives as long as the
 * Datum.
 */
extern const uint8 *fs_typemap_to_bytes(const FsTypeMap *map, Datum value,
										uint32 *len);

/* Size of the Datum that holds len bytes, and the Datum built at dst. */
extern Size fs_typemap_datum_size(const FsTypeMap *map, uint32 len);
extern Datum fs_typemap_from_bytes(const FsTypeMap *map, const uint8 *bytes,
								   uint32 len, char *dst);

#endif							/* FS_AM_TYPEMAP_H */
