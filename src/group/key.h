/*-------------------------------------------------------------------------
 *
 * Keys: which rows have the same value of a column or an expression.
 *
 * A key gives each row an id; equal values have equal ids, NULL has
 * FS_KEY_NULL.  Values of dictionaries are looked at once a chunk, rows only
 * by code.
 *
 *		FS_KEY_COLUMN	a column
 *		FS_KEY_STEP		an expression of one time column that never falls while
 *						the column rises, save where a clock is set back, and
 *						that cannot fail: date_bin() say
 *		FS_KEY_VALUE	any other expression of one column, with the same
 *						answer for the same value
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_KEY_H
#define FS_GROUP_KEY_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "am/scanvalue.h"
#include "group/record.h"
#include "vector/allocator.h"

#define FS_KEY_NULL 0

typedef enum FsKeyKind
{
	FS_KEY_COLUMN,
	FS_KEY_STEP,
	FS_KEY_VALUE
} FsKeyKind;

/* Rows of a scan's current vector: rows[n], ascending; NULL: all n. */
typedef struct FsGroupRows
{
	FsScan	   *scan;
	const uint16 *rows;
	uint32		n;
} FsGroupRows;

typedef struct FsKey FsKey;

/* What a key needs of its surroundings. */
typedef struct FsKeyInput
{
	Expr	   *expr;			/* over scan variables */
	FsKeyKind	kind;
	int			att;			/* its column, 0-based */
	TupleTableSlot *slot;		/* virtual, as wide as the table */
	PlanState  *parent;			/* of its expressions */
	FsAllocator *allocator;
} FsKeyInput;

/* In the current memory context. */
extern FsKey *fs_key_create(const FsKeyInput *input);

/*
 * ids[n] of the rows.  Returns false if the column is damaged, which was
 * reported: leave the vector out.
 */
extern bool fs_key_ids(FsKey *key, const FsGroupRows *rows, uint32 *ids);

/*
 * The vector of a key that is a column with a dictionary; NULL: it is none, or
 * damaged.  And ids of all its codes: [dict_n], good until ids of another chunk
 * are asked for; NULL if damaged, or more than room bytes were needed.
 */
extern const FsVector *fs_key_coded(FsKey *key, FsScan *scan);
extern const uint32 *fs_key_code_ids(FsKey *key, FsScan *scan,
									 const FsVector *vec, Size room);

/*
 * Or that array with what is known so far, and the codes of some rows made
 * known in it; false: the column is damaged, leave the vector out.
 */
extern const uint32 *fs_key_codes(FsKey *key, FsScan *scan,
								  const FsVector *vec);
extern bool fs_key_learn(FsKey *key, const FsGroupRows *rows,
						 const FsVector *vec);

/*
 * True if the head of the scan's chunk tells that all of its rows have the same
 * id, which is then *id.
 */
extern bool fs_key_of_chunk(FsKey *key, FsScan *scan, uint32 *id);

/* All ids so far are below this. */
extern uint32 fs_key_n(const FsKey *key);

/* The value of an id, in the current memory context or the key's. */
extern Datum fs_key_value(const FsKey *key, uint32 id, bool *isnull);

/* Memory in use. */
extern Size fs_key_bytes(const FsKey *key);

/* Forget all ids. */
extern void fs_key_reset(FsKey *key);

/* Append the value of an id to a record. */
extern void fs_key_put(const FsKey *key, uint32 id, StringInfo out);

/* A hash of it, the same for equal values in all processes of a query. */
extern uint64 fs_key_hash(const FsKey *key, uint32 id, uint64 seed);

/* Take a value from each of records[n]; n is FS_VECTOR_ROWS at most. */
extern void fs_key_take(FsKey *key, FsRecord *records, uint32 n, uint32 *ids);

/*
 * The time zone by whose clock a step of time is cut; NULL if by none, or by
 * one that is not known by name.
 */
struct pg_tz;
extern const struct pg_tz *fs_key_zone(const Expr *expr);

/*
 * For columns and distinct values: can equality of this type and collation be
 * told from stored values?
 */
extern bool fs_key_type_is_plain(Oid type, Oid collation);

#endif							/* FS_GROUP_KEY_H */
