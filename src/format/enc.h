/*-------------------------------------------------------------------------
 *
 * Encodings: the byte that says how a column or a sequence is stored.
 *
 * A sequence (seq.h) uses CONSTANT to DICT, RANKED and CLASSED, a column all
 * of them; which of them a kind of value allows is in README.md, section 3.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_ENC_H
#define FS_FORMAT_ENC_H

#include "c.h"

typedef enum FsEncoding
{
	FS_ENC_NULL = 0,			/* every row is null; the column has no bytes */
	FS_ENC_CONSTANT = 1,		/* one value for every row that is not null */
	FS_ENC_FOR = 2,				/* frame of reference per vector */
	FS_ENC_PFOR = 3,			/* the same with exceptions */
	FS_ENC_DELTA = 4,			/* differences of neighbours, with exceptions */
	FS_ENC_RUNS = 5,			/* value and length of each run */
	FS_ENC_DICT = 6,			/* distinct values and a code for each row */
	FS_ENC_PLAIN = 7,			/* addresses and bytes without a dictionary */
	FS_ENC_DOMAIN = 8,			/* addresses and bytes as codes of a domain */
	FS_ENC_RANKED = 9,			/* a dictionary by frequency */
	FS_ENC_CLASSED = 10			/* as many bits as the value's class has */
} FsEncoding;

#define FS_ENC_LAST		FS_ENC_CLASSED

/* A word for reports, "unknown" for a byte that is no encoding. */
extern const char *fs_encoding_name(uint8 encoding);

/*
 * What a column has values for.  All but FS_PLACE_ROWS are found in clustered
 * chunks only and read other parts of the chunk, too.
 */
typedef enum FsPlace
{
	FS_PLACE_ROWS = 0,			/* each row */
	FS_PLACE_SHARED = 1,		/* each conversation */
	FS_PLACE_PAIRED = 2,		/* first rows; second rows as differences */
	FS_PLACE_SWAPPED = 3,		/* one of two columns that change places */
	FS_PLACE_FUNCTION = 4		/* values of another column; and exceptions */
} FsPlace;

#define FS_PLACE_LAST	FS_PLACE_FUNCTION

#endif							/* FS_FORMAT_ENC_H */
