/*-------------------------------------------------------------------------
 *
 * Columns of integers, before they are rows.
 *
 * Who asks which rows have such a value need not have all values as rows: he
 * asks for codes of a dictionary, or for values of units, and weaves bits.
 * A unit is a row or a conversation; a column has one side, for all rows, or
 * another for second rows:
 *
 *		FS_UNITS_ROWS	side 0 has a value for each row
 *		FS_UNITS_SIDES	of a conversation side 0 has the first row's value,
 *						side 1 the second's; the reverse where it is turned
 *		FS_UNITS_SUMS	side 0 has the first row's value, side 1, one after
 *						the other, what is added to it in second rows
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_UNITS_H
#define FS_FORMAT_UNITS_H

#include "format/column.h"
#include "format/flags.h"

typedef enum FsUnitsForm
{
	FS_UNITS_ROWS,
	FS_UNITS_SIDES,
	FS_UNITS_SUMS
} FsUnitsForm;

struct FsPart;

/* One vector; valid as long as the reader. */
typedef struct FsUnits
{
	FsColumnReader *reader;
	uint32		v;
	FsUnitsForm form;
	bool		is_same;		/* SIDES: the second side is the first */
	uint32		n[2];			/* values of each side */
	struct FsPart *parts[2];
} FsUnits;

/*
 * Look at vector v in this way, if it can be: the column is of integers, no
 * function of another one, and without nulls in the vector.  Cannot fail.
 */
extern bool fs_units_open(FsColumnReader *reader, uint32 v, FsUnits *units);

/* Entries of a side's dictionary, the same in all vectors; 0: it has none. */
extern uint32 fs_units_dict_n(const FsUnits *units, int side);

/* Values by code, NULL on damage. */
extern const int64 *fs_units_dict(FsUnits *units, int side, FsFault *fault);

/* codes[n[side]] of a side with a dictionary; valid until the next read. */
extern bool fs_units_codes(FsUnits *units, int side, const uint32 **codes,
						   FsFault *fault)
			__attribute__((warn_unused_result));

/* Bounds of a side's values, if they can be told without reading them. */
extern bool fs_units_bounds(const FsUnits *units, int side, int64 *low,
							int64 *high);

/* values[n[side]]; valid until the next read. */
extern bool fs_units_values(FsUnits *units, int side, const int64 **values,
							FsFault *fault)
			__attribute__((warn_unused_result));

/* Bit c for each conversation c with a second row: bits[FS_FLAGS_WORDS]. */
extern void fs_units_seconds(const FsUnits *units, uint64 *bits);

/*
 * Bits of conversations, of first rows and of second ones, become bits of
 * rows.  All have FS_FLAGS_WORDS words.  If second is dense it has the bits of
 * second rows one after the other.
 */
extern void fs_units_weave(const FsUnits *units, const uint64 *first,
						   const uint64 *second, bool is_dense, uint64 *rows);

#endif							/* FS_FORMAT_UNITS_H */
