/*-------------------------------------------------------------------------
 *
 * A set of rows of one vector, as bits.
 *
 * Row i is bit i % 64 of word i / 64.  Bits of rows that the vector does not
 * have are zero, after each function here and in each set given to one.
 * Nothing here can fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_BITS_H
#define FS_VECTOR_BITS_H

#include "format/layout.h"

#define FS_BITS_WORDS	(FS_VECTOR_ROWS / 64)

typedef struct FsBits
{
	uint64		word[FS_BITS_WORDS];
} FsBits;

static inline void
fs_bits_none(FsBits *bits)
{
	memset(bits, 0, sizeof(FsBits));
}

/* Rows 0 .. n - 1, n <= FS_VECTOR_ROWS. */
extern void fs_bits_all(FsBits *bits, uint32 n);

static inline bool
fs_bits_has(const FsBits *bits, uint32 row)
{
	return (bits->word[row / 64] >> (row % 64)) & 1;
}

static inline void
fs_bits_add(FsBits *bits, uint32 row)
{
	bits->word[row / 64] |= UINT64CONST(1) << (row % 64);
}

static inline void
fs_bits_remove(FsBits *bits, uint32 row)
{
	bits->word[row / 64] &= ~(UINT64CONST(1) << (row % 64));
}

/* bits = bits and other */
static inline void
fs_bits_and(FsBits *bits, const FsBits *other)
{
	int			w;

	for (w = 0; w < FS_BITS_WORDS; w++)
		bits->word[w] &= other->word[w];
}

static inline void
fs_bits_or(FsBits *bits, const FsBits *other)
{
	int			w;

	for (w = 0; w < FS_BITS_WORDS; w++)
		bits->word[w] |= other->word[w];
}

/* bits = bits without those of other */
static inline void
fs_bits_and_not(FsBits *bits, const FsBits *other)
{
	int			w;

	for (w = 0; w < FS_BITS_WORDS; w++)
		bits->word[w] &= ~other->word[w];
}

static inline bool
fs_bits_is_empty(const FsBits *bits)
{
	uint64		any = 0;
	int			w;

	for (w = 0; w < FS_BITS_WORDS; w++)
		any |= bits->word[w];
	return any == 0;
}

static inline bool
fs_bits_equal(const FsBits *a, const FsBits *b)
{
	return memcmp(a, b, sizeof(FsBits)) == 0;
}

extern uint32 fs_bits_count(const FsBits *bits);


/* The rows i with values[n] true. */
extern void fs_bits_from_bools(const bool *values, uint32 n, FsBits *bits);

/* The same of bytes that count as true where they are not 0. */
extern void fs_bits_from_bytes(const uint8 *values, uint32 n, FsBits *bits);

/*
 * The rows in ascending order, and how many they are.  rows must have room
 * for FS_VECTOR_ROWS; what follows those that count is unspecified.
 */
extern uint32 fs_bits_list(const FsBits *bits, uint16 *rows);

#endif							/* FS_VECTOR_BITS_H */
