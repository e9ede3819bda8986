/*-------------------------------------------------------------------------
 *
 * Sequences: integers in vectors, in whichever form takes the fewest bytes.
 *
 * A sequence is a packed one (packed.h), or runs or a dictionary that are
 * themselves two packed ones.  It says its form in its first byte and ends
 * where its numbers say; the number of values is the caller's to know.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_SEQ_H
#define FS_FORMAT_SEQ_H

#include "format/packed.h"
#include "format/scratch.h"

/* The values of a dictionary, decoded by vectors as they are needed. */
typedef struct FsSeqDict
{
	FsShape		shape;
	FsPacked	packed;
	bool		is_ascending;	/* must be */
	uint64		loaded;			/* bit v: vector v is */
	uint64	   *values;			/* [n of shape] */
	uint64		firsts[FS_CHUNK_MAX_VECTORS];	/* as stored, of those loaded */
	uint64		lasts[FS_CHUNK_MAX_VECTORS];

	/* what the owner makes of values[n] that were decoded; NULL: nothing */
	void		(*convert) (const void *how, uint64 *values, uint32 n);
	const void *how;
} FsSeqDict;

typedef struct FsSeq
{
	uint8		form;			/* FsEncoding, CONSTANT to DICT, or RANKED */
	const FsShape *shape;
	FsPacked	packed;			/* the values; RUNS: unused; DICT and RANKED: the codes */
	uint32		count;			/* runs, or dictionary entries */
	uint64	   *values;			/* RUNS: [count] */
	uint32	   *ends;			/* RUNS: [count], value after each run */
	FsSeqDict  *dict;			/* DICT and RANKED */
} FsSeq;

/* Bytes that a sequence in nvecs vectors takes at most. */
static inline uint64
fs_seq_bound(uint32 nvecs)
{
	return fs_packed_bound(nvecs);
}

typedef struct FsSeqInput
{
	const uint64 *values;		/* [n of the shape] */
	uint64		bias;			/* subtracted from each; 0 without ranges */
	const FsShape *shape;
	const FsRange *ranges;		/* of the differences, or NULL: not known */
	bool		is_distinct;	/* a dictionary is not worth a try */
	bool		is_thorough;	/* time matters less than bytes */
} FsSeqInput;

/* Write values[i] - bias for each value; gives the form.  Cannot fail. */
extern uint8 fs_seq_encode(const FsSeqInput *in, FsScratch *scratch,
						   FsWriter *out);

/* The same for values[n] without gaps or bias. */
extern uint8 fs_seq_encode_values(const uint64 *values, uint32 n,
								  FsScratch *scratch, FsWriter *out);

/* Parse a sequence; bytes and shape must outlive it. */
extern bool fs_seq_open(FsCursor *cursor, const FsShape *shape,
						FsArena *arena, FsSeq *seq)
			__attribute__((warn_unused_result));

/*
 * Whether vector v, which has values, is known to have one value only, and
 * which; costs next to nothing.  Cannot fail: of damage it says no.
 */
extern bool fs_seq_constant(const FsSeq *seq, uint32 v, uint64 *value);

/* Decode vector v to values[its count], adding add to each. */
extern bool fs_seq_read(const FsSeq *seq, uint32 v, uint64 add,
						uint64 *values, FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode vector v to 32 bits; a value >= limit is a fault. */
extern bool fs_seq_read32(const FsSeq *seq, uint32 v, uint32 limit,
						  uint32 *values, FsFault *fault)
			__attribute__((warn_unused_result));

/* Entries of the dictionary that a sequence has; 0: it has none. */
extern uint32 fs_seq_dict_count(const FsSeq *seq);

/* The value of a code below that count. */
extern bool fs_seq_dict_value(const FsSeq *seq, uint32 code, uint64 *value,
							  FsFault *fault)
			__attribute__((warn_unused_result));

/* All values by code, or NULL. */
extern const uint64 *fs_seq_dict_values(const FsSeq *seq, FsFault *fault);

/* Decode vector v of a sequence with a dictionary to its codes. */
extern bool fs_seq_read_codes(const FsSeq *seq, uint32 v, uint32 *codes,
							  FsFault *fault)
			__attribute__((warn_unused_result));

/* Parse and decode n values without gaps; NULL on failure. */
extern uint64 *fs_seq_load(FsCursor *cursor, uint32 n, FsArena *arena);

#endif							/* FS_FORMAT_SEQ_H */
