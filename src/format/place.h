/*-------------------------------------------------------------------------
 *
 * Encoding the columns of a clustered chunk, each in the smallest place.
 *
 * place.c decides, keyed.c encodes functions of other columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_PLACE_H
#define FS_FORMAT_PLACE_H

#include "format/coded.h"
#include "format/frame.h"
#include "format/part.h"

/* A column that is being placed; index as in the input. */
typedef struct FsPlaced
{
	FsColumnMeta meta;
	uint8	   *bytes;			/* [meta.len], once it is encoded */
	FsColumnValues values;		/* by row; codes are those of the chunk */
	const FsColumnValues *origin;	/* as the caller gave them */
	FsCoded    *coded;			/* if they are codes, with their bounds */
	FsZone		bounds;
	bool		is_dict_elsewhere;	/* in its swap's other column */
	bool		is_same;		/* in both rows of each conversation */
	bool		is_fixed;		/* must not be a function */
	bool		is_swap;		/* second rows have the other column's value */
	uint8		turn;			/* SWAPPED, with the next two */
	uint16		partner;
	uint32		part_off;		/* of its part, in its bytes */
} FsPlaced;

/* What functions may depend on: a code for each unit. */
typedef struct FsKey
{
	uint16		col;
	bool		is_by_conv;
	uint8		turns[2];
	uint32		count;			/* codes are less */
	const uint32 *codes;		/* [units] */
	const uint8 *nulls;			/* [units] bits, or NULL */
} FsKey;

#define FS_PLACE_MAX_KEYS	16

typedef struct FsPlacer
{
	FsEncoder  *encoder;		/* candidates are written to its end */
	const FsChunkInput *in;
	FsScratch	hold;			/* until the chunk is done */
	FsScratch	work;			/* until the column is done */
	FsPairs		pairs;
	bool		has_frame;		/* a column needs it */
	FsPlaced   *cols;			/* [in->ncols] */
	uint32		nkeys;
	FsKey		keys[FS_PLACE_MAX_KEYS];

	/* the best candidate so far lies at `start` of encoder->out */
	uint32		start;
	uint32		best_len;
	bool		has_best;
	FsColumnMeta best;
} FsPlacer;

/* What every column's meta begins with. */
static inline void
fs_place_begin(const FsColumnSpec *spec, FsColumnMeta *meta)
{
	memset(meta, 0, sizeof(*meta));
	meta->id = spec->id;
	meta->kind = spec->kind;
	meta->order = spec->order;
	meta->width = spec->kind == FS_KIND_INT ? spec->width : 0;
}

/* Bytes that encoding a column needs at most, with all its candidates. */
extern uint64 fs_place_bound(const FsColumnSpec *spec,
							 const FsColumnValues *values, uint32 nrows);

/*
 * Encode all columns of in, and the frame behind them if one is needed; sets
 * metas[ncols].  encoder is begun.  False if the chunk is too large or the
 * domains fail; *fault says why.
 */
extern bool fs_place_encode_all(FsEncoder *encoder, const FsChunkInput *in,
								FsColumnMeta *metas, uint32 *frame_len,
								FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * For keyed.c: write what precedes a column's parts; values of conversations;
 * a part of any units; and see whether the bytes from `from` on are better.
 */
extern void fs_place_head(FsPlacer *placer, uint32 col, FsColumnMeta *meta);
extern FsColumnValues fs_place_gather(FsPlacer *placer,
									  const FsColumnValues *a,
									  const FsColumnValues *b,
									  const uint8 *turn);
extern void fs_place_part(FsPlacer *placer, const FsColumnMeta *meta,
						  const FsColumnValues *values, const FsShape *units,
						  uint8 *form);
extern void fs_place_consider(FsPlacer *placer, uint32 from,
							  const FsColumnMeta *meta);

/*
 * Remember the codes of a swap's coded columns as keys: by row, and, if they
 * are SWAPPED with this turn, by conversation.
 */
extern void fs_keyed_add_swap(FsPlacer *placer, const FsSwap *swap,
							  bool is_swapped, uint8 turn);

/* The same keys turned by another swap's turn: the side of its column a. */
extern void fs_keyed_add_turn(FsPlacer *placer, uint8 turn);

/*
 * The codes of a SWAPPED column of kind INT whose sequence has a dictionary,
 * as a key; others are no keys.
 */
extern void fs_keyed_add_ints(FsPlacer *placer, uint32 col);

/* Try column col as a function of the keys. */
extern void fs_keyed_try(FsPlacer *placer, uint32 col);

/* Try column col as an attribute; *fault and false if the domains fail. */
extern bool fs_keyed_try_attribute(FsPlacer *placer, uint32 col, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_PLACE_H */
