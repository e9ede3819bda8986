/*-------------------------------------------------------------------------
 *
 * What an aggregate that is computed by its own functions holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_CALLEDSTATE_H
#define FS_GROUP_CALLEDSTATE_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/execnodes.h"

#include "group/called.h"
#include "group/seen.h"
#include "vector/wide.h"

typedef struct Argument
{
	int			att;			/* 0-based column; -1: an expression */
	Oid			cast;			/* of an integer column to double precision */
	ExprState  *state;			/* NULL: a column, or a constant */
} Argument;

struct FsCalled
{
	const Aggref *agg;
	FsKeyInput	in;
	AggState   *context;		/* in which states live */
	MemoryContext row_cxt;		/* of what a call leaves behind */
	int16		state_len;
	bool		state_byval;
	FmgrInfo	step;
	FmgrInfo	combine;
	FmgrInfo	serialize;		/* these two for states of type internal */
	FmgrInfo	deserialize;
	FmgrInfo	final;			/* fn_oid InvalidOid: none */
	int			nfinal;			/* arguments of it */
	FunctionCallInfo call;		/* of step */
	int			nargs;
	Argument	args[FUNC_MAX_ARGS];
	bool		has_expressions;
	Bitmapset  *atts;			/* that arguments need, 0-based */

	FsCalledBatch batch;		/* NULL: rows are added one by one */
	FsSeen	   *seen;			/* of a set with a column as argument */

	/* the rows at hand */
	FsScan	   *scan;
	uint32		m;
	uint16		rows[FS_VECTOR_ROWS];
	const FsVector *vector;		/* of a set, by codes or integers; or NULL */
	const Datum *dict;			/* of these codes */
	const Datum *values[MaxHeapAttributeNumber];
	const bool *isnull[MaxHeapAttributeNumber];

	/* by group */
	uint32		cap;
	NullableDatum *states;

	/* sum(numeric) of a column: whole numbers are added apart */
	bool		has_sums;
	FsInt128   *sums;			/* [cap] */
	uint8	   *summed;			/* [cap] there was one */
};

/* Make room for states of groups below ngroups. */
extern void fs_called_make_room(FsCalled *called, uint32 ngroups);

/*
 * Call a function of a state and more, in the context of rows.  If it is strict
 * NULL changes nothing, and the first value is the first state.
 */
extern void fs_called_change_state(FsCalled *called, NullableDatum *state,
								   FunctionCallInfo call);

#endif							/* FS_GROUP_CALLEDSTATE_H */
