/*-------------------------------------------------------------------------
 *
 * Keys.
 *
 * A STEP key cuts the line of integers into cells of one width, that of the
 * first step it meets.  A cell whose first and last integer have the same
 * result has it all over, for the expression never falls, save where the clock
 * of its time zone is set back: there both sides are asked.  Then rows need
 * only the number of their cell.  In other cells (the hour that a clock is set,
 * a month that is shorter than the first) rows are evaluated one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "group/columnkey.h"
#include "group/results.h"
#include "vector/compact.h"

/* results that a VALUE key remembers by the value they are of */
#define MAX_CACHE		(256 * 1024)

/* integers beyond are evaluated one by one */
#define FAR				(INT64CONST(1) << 57)

/* what a cell's id says if its results differ */
#define MIXED			PG_UINT32_MAX

struct FsKey
{
	FsKeyInput	in;
	FsColumnKey *column;		/* COLUMN; VALUE: ids of the column's values */
	FsColumnKey *coded;			/* VALUE: results by the codes of values */
	ExprState  *state;
	FsResults  *results;

	/* VALUE: what the values of the column give */
	uint32	   *cache;			/* [cache_cap] by id: result + 1, 0 unknown */
	uint32		cache_cap;

	/* STEP */
	FsTypeMap	map;
	bool		has_map;
	bool		has_grid;
	int64		origin;
	int64		width;
	double		per_width;
	FsIntIds   *cells;			/* number -> index into cell_ids */
	uint32	   *cell_ids;		/* results, or MIXED */
	uint32		ncells;
	uint32		cell_cap;
};

bool
fs_key_type_is_plain(Oid type, Oid collation)
{
	switch (getBaseType(type))
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case CHAROID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INETOID:
		case CIDROID:
		case BYTEAOID:
		case UUIDOID:
		case MACADDROID:
			return true;
		case TEXTOID:
		case VARCHAROID:
			return OidIsValid(collation) &&
				get_collation_isdeterministic(collation);
		default:
			return false;
	}
}

static bool results_of_codes(void *arg, FsScan *scan, const uint32 *codes,
							 uint32 n, uint32 *ids);

FsKey *
fs_key_create(const FsKeyInput *input)
{
	FsKey	   *key = palloc0(sizeof(FsKey));

	key->in = *input;
	if (input->kind != FS_KEY_STEP)
		key->column = fs_columnkey_create(input->att, input->allocator);
	if (input->kind == FS_KEY_COLUMN)
		return key;
	if (input->kind == FS_KEY_VALUE)
		key->coded = fs_columnkey_create_translated(input->att, results_of_codes,
													key);
	key->state = ExecInitExpr(input->expr, input->parent);
	key->results = fs_results_create(exprType((Node *) input->expr),
									 exprCollation((Node *) input->expr));
	return key;
}

void
fs_key_reset(FsKey *key)
{
	if (key->column != NULL)
		fs_columnkey_reset(key->column);
	if (key->coded != NULL)
		fs_columnkey_reset(key->coded);
	if (key->results != NULL)
		fs_results_reset(key->results);
	if (key->cells != NULL)
		fs_int_ids_destroy(key->cells);
	if (key->cache != NULL)
		pfree(key->cache);
	if (key->cell_ids != NULL)
		pfree(key->cell_ids);
	key->cells = NULL;
	key->cache = NULL;
	key->cell_ids = NULL;
	key->cache_cap = key->ncells = key->cell_cap = 0;
	key->has_grid = false;
}

/* The result for a value of the column. */
static uint32
evaluate(FsKey *key, Datum value, bool isnull)
{
	ExprContext *econtext = key->in.parent->ps_ExprContext;
	TupleTableSlot *slot = key->in.slot;
	Datum		result;
	uint32		id;

	ExecClearTuple(slot);
	slot->tts_values[key->in.att] = value;
	slot->tts_isnull[key->in.att] = isnull;
	ExecStoreVirtualTuple(slot);
	ResetExprContext(econtext);
	econtext->ecxt_scantuple = slot;
	result = ExecEvalExprSwitchContext(key->state, econtext, &isnull);
	id = fs_results_add(key->results, result, isnull);
	return id;
}

/* --- VALUE -------------------------------------------------------------- */

static void
grow_cache(FsKey *key, uint32 n)
{
	uint32		cap = Max(key->cache_cap, 1024);
	uint32	   *cache;

	if (n <= key->cache_cap)
		return;
	while (cap < n)
		cap *= 2;
	cache = MemoryContextAllocExtended(GetMemoryChunkContext(key), sizeof(uint32) * (Size) cap,
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (key->cache != NULL)
	{
		memcpy(cache, key->cache, sizeof(uint32) * key->cache_cap);
		pfree(key->cache);
	}
	key->cache = cache;
	key->cache_cap = cap;
}

static bool
results_of_codes(void *arg, FsScan *scan, const uint32 *codes, uint32 n,
				 uint32 *ids)
{
	FsKey	   *key = arg;
	const Datum *dict;

	if (!fs_scan_codes(scan, key->in.att, codes, n, &dict))
		return false;
	for (uint32 i = 0; i < n; i++)
		ids[i] = evaluate(key, dict[codes[i]], false);
	return true;
}

/* Rows of a vector with a dictionary. */
static bool
coded_value_ids(FsKey *key, const FsGroupRows *rows, const FsVector *vec,
				uint32 *ids)
{
	uint32		of_null;

	if (!fs_columnkey_coded_ids(key->coded, rows, vec, ids))
		return false;
	if (!vec->has_nulls)
		return true;
	of_null = evaluate(key, (Datum) 0, true);
	for (uint32 i = 0; i < rows->n; i++)
		if (vec->is_null[rows->rows == NULL ? i : rows->rows[i]])
			ids[i] = of_null;
	return true;
}

static bool
value_ids(FsKey *key, const FsGroupRows *rows, uint32 *ids)
{
	const FsVector *vec;
	MemoryContext cxt = key->in.parent->ps_ExprContext->ecxt_per_query_memory;
	bool		is_byval = TupleDescAttr(key->in.slot->tts_tupleDescriptor,
										 key->in.att)->attbyval;

	switch (fs_scan_vector(rows->scan, key->in.att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			if (vec->dict_n > 0)
				return coded_value_ids(key, rows, vec, ids);
			break;
		case FS_READ_DATUMS:
			break;
	}
	if (fs_columnkey_n(key->column) > MAX_CACHE)
	{
		/* what was remembered is only what need not be computed again */
		fs_columnkey_reset(key->column);
		memset(key->cache, 0, sizeof(uint32) * key->cache_cap);
	}
	if (!fs_columnkey_ids(key->column, rows, ids))
		return false;
	grow_cache(key, fs_columnkey_n(key->column));
	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		id = ids[i];

		if (key->cache[id] == 0)
		{
			bool		isnull;
			MemoryContext old = MemoryContextSwitchTo(cxt);
			Datum		value = fs_columnkey_value(key->column, id, &isnull);

			key->cache[id] = evaluate(key, value, isnull) + 1;
			if (!isnull && !is_byval)
				pfree(DatumGetPointer(value));
			MemoryContextSwitchTo(old);
		}
		ids[i] = key->cache[id] - 1;
	}
	return true;
}

/* --- STEP --------------------------------------------------------------- */

static uint32
evaluate_int(FsKey *key, int64 v)
{
	return evaluate(key, fs_typemap_from_int(&key->map, v), false);
}

/* The last integer from v on, in steps of sign, that has v's result. */
static int64
find_edge(FsKey *key, int64 v, int sign)
{
	uint32		id = evaluate_int(key, v);
	int64		near = 0;
	int64		far = 1;

	while (far < FAR / 4 && evaluate_int(key, v + sign * far) == id)
	{
		near = far;
		far *= 2;
	}
	if (far >= FAR / 4)
		return v + sign * near;
	while (far - near > 1)
	{
		int64		middle = near + (far - near) / 2;

		if (evaluate_int(key, v + sign * middle) == id)
			near = middle;
		else
			far = middle;
	}
	return v + sign * near;
}

static void
make_grid(FsKey *key, int64 v)
{
	int64		low = find_edge(key, v, -1);
	int64		high = find_edge(key, v, 1);

	key->origin = low;
	key->width = high - low + 1;
	key->per_width = 1.0 / (double) key->width;
	key->has_grid = true;
	if (key->cells == NULL)
		key->cells = fs_int_ids_create(key->in.allocator,
									   pg_prng_uint64(&pg_global_prng_state));
}

static inline int64
cell_of(const FsKey *key, int64 v)
{
	double		at = (double) (v - key->origin) * key->per_width;
	int64		cell = (int64) at;
	int64		rest;

	/* floor(), which is a call */
	cell -= at < (double) cell;
	rest = v - key->origin - cell * key->width;

	/* the double may be off by one */
	return rest < 0 ? cell - 1 : rest >= key->width ? cell + 1 : cell;
}

const struct pg_tz *
fs_key_zone(const Expr *expr)
{
	const FuncExpr *func = (const FuncExpr *) expr;
	char		name[TZ_STRLEN_MAX + 1];
	ListCell   *lc;

	if (IsA(expr, OpExpr))
		return fs_key_zone(linitial(((const OpExpr *) expr)->args));
	if (IsA(expr, RelabelType))
		return fs_key_zone(((const RelabelType *) expr)->arg);
	if (!IsA(expr, FuncExpr))
		return NULL;
	switch (func->funcid)
	{
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
			return session_timezone;
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
			if (!IsA(lthird(func->args), Const) ||
				lthird_node(Const, func->args)->constisnull)
				return NULL;
			text_to_cstring_buffer(DatumGetTextPP(lthird_node(Const, func->args)->constvalue),
								   name, sizeof(name));
			return pg_tzset(name);
		default:
			break;
	}
	/* the time is the argument that is not constant */
	foreach(lc, func->args)
		if (!IsA(lfirst(lc), Const))
			return fs_key_zone(lfirst(lc));
	return NULL;
}

/*
 * Is the result id all over the cell, if it is so at both ends?  Where a clock
 * is set back, a day may begin twice: between two such moments it never falls.
 */
static bool
is_even(FsKey *key, int64 low, int64 high, uint32 id)
{
	const pg_tz *zone = fs_key_zone(key->in.expr);
	const int64 epoch = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
		SECS_PER_DAY;
	pg_time_t	at = (pg_time_t) (low / USECS_PER_SEC - 1 + epoch);
	pg_time_t	next;
	long		offsets[2];
	int			is_dst[2];

	while (zone != NULL &&
		   pg_next_dst_boundary(&at, &offsets[0], &is_dst[0], &next,
								&offsets[1], &is_dst[1], zone) == 1)
	{
		int64		change = (int64) (next - epoch) * USECS_PER_SEC;

		if (change > high)
			break;
		if (change > low && (evaluate_int(key, change - 1) != id ||
							 evaluate_int(key, change) != id))
			return false;
		at = next;
	}
	return true;
}

/* The results of cells that are new. */
static void
learn_cells(FsKey *key)
{
	uint32		n = fs_int_ids_n(key->cells);

	if (n > key->cell_cap)
	{
		uint32		cap = Max(n, key->cell_cap * 2);
		uint32	   *ids = MemoryContextAllocHuge(GetMemoryChunkContext(key),
												 sizeof(uint32) * (Size) cap);

		if (key->cell_ids != NULL)
		{
			memcpy(ids, key->cell_ids, sizeof(uint32) * key->ncells);
			pfree(key->cell_ids);
		}
		key->cell_ids = ids;
		key->cell_cap = cap;
	}
	for (; key->ncells < n; key->ncells++)
	{
		int64		cell = fs_int_ids_keys(key->cells)[key->ncells];
		int64		low = key->origin + cell * key->width;
		int64		high = low + key->width - 1;
		uint32		id = evaluate_int(key, low);

		key->cell_ids[key->ncells] = evaluate_int(key, high) == id &&
			is_even(key, low, high, id) ? id : MIXED;
	}
}

/* Rows whose integers are v[n], none of them null. */
static void
step_ids_of(FsKey *key, const int64 *v, uint32 n, uint32 *ids)
{
	int64		cells[FS_VECTOR_ROWS];
	bool		is_near = true;

	for (uint32 i = 0; i < n; i++)
		is_near &= v[i] > -FAR && v[i] < FAR;
	if (!is_near)
	{
		for (uint32 i = 0; i < n; i++)
			ids[i] = evaluate_int(key, v[i]);
		return;
	}
	if (!key->has_grid)
		make_grid(key, v[0]);
	for (uint32 i = 0; i < n; i++)
		cells[i] = cell_of(key, v[i]);
	fs_int_ids_add(key->cells, cells, n, ids);
	learn_cells(key);
	for (uint32 i = 0; i < n; i++)
	{
		ids[i] = key->cell_ids[ids[i]];
		if (ids[i] == MIXED)
			ids[i] = evaluate_int(key, v[i]);
	}
}

static bool
step_ids(FsKey *key, const FsGroupRows *rows, uint32 *ids)
{
	int64		v[FS_VECTOR_ROWS];
	uint16		places[FS_VECTOR_ROWS];
	uint32		some[FS_VECTOR_ROWS];
	uint32		m = 0;
	const FsVector *vec = NULL;
	const Datum *values;
	const bool *isnull;
	FsReadResult result;

	if (!key->has_map)
		key->map = *fs_scan_typemap(rows->scan, key->in.att);
	key->has_map = true;
	result = fs_scan_vector(rows->scan, key->in.att, &vec);
	if (result == FS_READ_DAMAGED)
		return false;
	if (result == FS_READ_STORED && !vec->has_nulls && rows->rows == NULL)
	{
		step_ids_of(key, vec->ints, rows->n, ids);
		return true;
	}
	if (result == FS_READ_DATUMS &&
		!fs_scan_pick(rows->scan, key->in.att, rows->rows, rows->n, &values,
					  &isnull))
		return false;
	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		row = rows->rows == NULL ? i : rows->rows[i];

		if (result == FS_READ_STORED ? vec->is_null[row] : isnull[row])
		{
			ids[i] = FS_KEY_NULL;
			continue;
		}
		places[m] = (uint16) i;
		v[m++] = result == FS_READ_STORED ? vec->ints[row]
			: fs_typemap_to_int(&key->map, values[row]);
	}
	if (m > 0)
		step_ids_of(key, v, m, some);
	for (uint32 i = 0; i < m; i++)
		ids[places[i]] = some[i];
	return true;
}

/* --- all kinds ---------------------------------------------------------- */

bool
fs_key_ids(FsKey *key, const FsGroupRows *rows, uint32 *ids)
{
	switch (key->in.kind)
	{
		case FS_KEY_COLUMN:
			return fs_columnkey_ids(key->column, rows, ids);
		case FS_KEY_STEP:
			return step_ids(key, rows, ids);
		case FS_KEY_VALUE:
			return value_ids(key, rows, ids);
	}
	elog(ERROR, "unexpected key %d", key->in.kind);
}

const FsVector *
fs_key_coded(FsKey *key, FsScan *scan)
{
	const FsVector *vec;

	if (key->in.kind != FS_KEY_COLUMN ||
		fs_scan_typemap(scan, key->in.att)->spec.kind == FS_KIND_INT ||
		fs_scan_vector(scan, key->in.att, &vec) != FS_READ_STORED)
		return NULL;
	return vec->dict_n > 0 ? vec : NULL;
}

const uint32 *
fs_key_code_ids(FsKey *key, FsScan *scan, const FsVector *vec, Size room)
{
	return fs_columnkey_code_ids(key->column, scan, vec, room);
}

const uint32 *
fs_key_codes(FsKey *key, FsScan *scan, const FsVector *vec)
{
	return fs_columnkey_codes(key->column, scan, vec);
}

bool
fs_key_learn(FsKey *key, const FsGroupRows *rows, const FsVector *vec)
{
	return fs_columnkey_learn(key->column, rows, vec);
}

bool
fs_key_of_chunk(FsKey *key, FsScan *scan, uint32 *id)
{
	FsZone		zone;
	int64		ends[2];
	uint32		ids[2];

	if (key->in.kind == FS_KEY_VALUE ||
		fs_scan_typemap(scan, key->in.att)->spec.kind != FS_KIND_INT ||
		!fs_scan_chunk_zone(scan, key->in.att, &zone) || zone.nulls > 0 ||
		!zone.has_bounds)
		return false;
	if (key->in.kind == FS_KEY_COLUMN)
		return zone.imin == zone.imax &&
			fs_columnkey_int_id(key->column, scan, zone.imin, id);
	if (!key->has_map)
		key->map = *fs_scan_typemap(scan, key->in.att);
	key->has_map = true;
	ends[0] = zone.imin;
	ends[1] = zone.imax;
	step_ids_of(key, ends, 2, ids);
	*id = ids[0];
	return ids[0] == ids[1] && ends[0] > -FAR && ends[1] < FAR &&
		is_even(key, ends[0], ends[1], ids[0]);
}

uint32
fs_key_n(const FsKey *key)
{
	return key->in.kind == FS_KEY_COLUMN ? fs_columnkey_n(key->column)
		: fs_results_n(key->results);
}

Datum
fs_key_value(const FsKey *key, uint32 id, bool *isnull)
{
	if (key->in.kind == FS_KEY_COLUMN)
		return fs_columnkey_value(key->column, id, isnull);
	*isnull = id == FS_KEY_NULL;
	return *isnull ? (Datum) 0 : fs_results_value(key->results, id);
}

Size
fs_key_bytes(const FsKey *key)
{
	Size		bytes = sizeof(uint32) * ((Size) key->cache_cap +
										  key->cell_cap);

	if (key->column != NULL)
		bytes += fs_columnkey_bytes(key->column);
	if (key->coded != NULL)
		bytes += fs_columnkey_bytes(key->coded);
	if (key->results != NULL)
		bytes += fs_results_bytes(key->results);
	if (key->cells != NULL)
		bytes += fs_int_ids_bytes(key->cells);
	return bytes;
}

/* --- records ------------------------------------------------------------ */

void
fs_key_put(const FsKey *key, uint32 id, StringInfo out)
{
	if (key->in.kind == FS_KEY_COLUMN)
		fs_columnkey_put(key->column, id, out);
	else
		fs_results_put(key->results, id, out);
}

uint64
fs_key_hash(const FsKey *key, uint32 id, uint64 seed)
{
	return key->in.kind == FS_KEY_COLUMN
		? fs_columnkey_hash(key->column, id, seed)
		: fs_results_hash(key->results, id, seed);
}

void
fs_key_take(FsKey *key, FsRecord *records, uint32 n, uint32 *ids)
{
	if (key->in.kind == FS_KEY_COLUMN)
	{
		fs_columnkey_set_type(key->column,
							  TupleDescAttr(key->in.slot->tts_tupleDescriptor,
											key->in.att));
		fs_columnkey_take(key->column, records, n, ids);
		return;
	}
	for (uint32 i = 0; i < n; i++)
		ids[i] = fs_results_take(key->results, &records[i]);
}
