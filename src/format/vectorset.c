/*-------------------------------------------------------------------------
 *
 * Sets of vectors, as bitmaps.
 *
 * With at most 65,536 members a plain bitmap is never over 8 kB, usually
 * under 300 bytes, and a word is a chunk; containers could only be larger.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/vectorset.h"

static inline uint32
nwords(const FsVectorSet *set)
{
	return (set->n + 63) / 64;
}

/* Bits from n on are never set. */
static void
cut(FsVectorSet *set)
{
	if (set->n % 64 != 0)
		set->words[set->n / 64] &= (UINT64CONST(1) << (set->n % 64)) - 1;
}

void
fs_vectorset_init(FsVectorSet *set, uint32 n, FsArena *arena)
{
	Assert(n <= FS_VECTORSET_MAX);
	set->n = n;
	set->words = arena->alloc(arena, (nwords(set) + 1) * sizeof(uint64));
	fs_vectorset_clear(set);
}

void
fs_vectorset_clear(FsVectorSet *set)
{
	memset(set->words, 0, nwords(set) * sizeof(uint64));
}

void
fs_vectorset_fill(FsVectorSet *set)
{
	memset(set->words, 0xff, nwords(set) * sizeof(uint64));
	cut(set);
}

void
fs_vectorset_add_range(FsVectorSet *set, uint32 first, uint32 last)
{
	uint64		from = ~UINT64CONST(0) << (first % 64);
	uint64		to = ~UINT64CONST(0) >> (63 - last % 64);
	uint32		i = first / 64;

	Assert(first <= last && last < set->n);
	if (i == last / 64)
	{
		set->words[i] |= from & to;
		return;
	}
	set->words[i++] |= from;
	while (i < last / 64)
		set->words[i++] = ~UINT64CONST(0);
	set->words[i] |= to;
}

void
fs_vectorset_and(FsVectorSet *set, const FsVectorSet *other)
{
	uint32		i;

	Assert(set->n == other->n);
	for (i = 0; i < nwords(set); i++)
		set->words[i] &= other->words[i];
}

void
fs_vectorset_or(FsVectorSet *set, const FsVectorSet *other)
{
	uint32		i;

	Assert(set->n == other->n);
	for (i = 0; i < nwords(set); i++)
		set->words[i] |= other->words[i];
}

uint32
fs_vectorset_count(const FsVectorSet *set)
{
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < nwords(set); i++)
		count += __builtin_popcountll(set->words[i]);
	return count;
}

uint32
fs_vectorset_next(const FsVectorSet *set, uint32 from)
{
	uint32		i = from / 64;
	uint64		word;

	if (from >= set->n)
		return set->n;
	word = set->words[i] & (~UINT64CONST(0) << (from % 64));
	while (word == 0)
	{
		if (++i >= nwords(set))
			return set->n;
		word = set->words[i];
	}
	return i * 64 + __builtin_ctzll(word);
}
