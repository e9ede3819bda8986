/*-------------------------------------------------------------------------
 *
 * Encoding columns as functions of other columns; the bytes are those of
 * function.c.
 *
 * Which key explains a column best is judged by some of the vectors: for
 * each code of the key the value that has the majority there is taken, and
 * the cost of the rest, and of the table, is compared.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/distinct.h"
#include "format/enc.h"
#include "format/place.h"

/* vectors that are looked at to choose a key, and bytes not worth a try */
#define SAMPLE_VECTORS	8
#define MIN_LEN			400

typedef struct Table
{
	int64	   *values;			/* [key's count] */
	uint32	   *votes;			/* [key's count], 0: no value yet */
} Table;

static void
add_key(FsPlacer *placer, const FsKey *key)
{
	if (placer->nkeys < FS_PLACE_MAX_KEYS)
		placer->keys[placer->nkeys++] = *key;
}

/* A key by conversation: a's codes, or b's where the turns say so. */
static void
add_conv_key(FsPlacer *placer, uint32 a, uint32 b, uint8 stored, const uint8 turns[2])
{
	const FsPairs *pairs = &placer->pairs;
	uint32		n = fs_shape_n(&pairs->convs);
	uint8	   *turn = fs_scratch_alloc(&placer->work, n / 8 + 8);
	const FsColumnValues *cols[2] = {&placer->cols[a].values, &placer->cols[b].values};
	uint32	   *codes = fs_scratch_alloc(&placer->hold, n * sizeof(uint32));
	uint8	   *nulls = fs_scratch_alloc(&placer->hold, n / 8 + 8);
	FsKey		key = {a, true, {turns[0], turns[1]}, placer->cols[a].coded->count, codes, nulls};
	uint32		c;
	int			i;

	memset(turn, 0, n / 8 + 8);
	memset(nulls, 0, n / 8 + 8);
	for (c = 0; c < n; c++)
	{
		bool		is_b = stored > 0 && fs_pairs_bit(pairs->turns[stored - 1], c);
		const FsColumnValues *from;

		for (i = 0; i < 2; i++)
			if (turns[0] != turns[1] && turns[i] > 0)
				is_b ^= fs_pairs_bit(pairs->turns[turns[i] - 1], c);
		from = cols[is_b];
		codes[c] = from->codes[pairs->first[c]];
		if (fs_encoder_is_null(from, pairs->first[c]))
			nulls[c / 8] |= 1 << (c % 8);
	}
	add_key(placer, &key);
}

void
fs_keyed_add_swap(FsPlacer *placer, const FsSwap *swap, bool is_swapped,
				  uint8 turn)
{
	uint32		cols[2] = {swap->a, swap->b};
	uint8		none[2] = {0, 0};
	uint8		first[2] = {turn, 0};
	int			i;

	for (i = 0; i < 2; i++)
	{
		const FsPlaced *placed = &placer->cols[cols[i]];
		FsKey		key = {cols[i], false, {0, 0}, placed->coded->count,
		placed->values.codes, placed->values.nulls};

		add_key(placer, &key);
		if (!is_swapped)
			continue;
		add_conv_key(placer, cols[i], cols[1 - i], turn, none);
		if (turn > 0)
			add_conv_key(placer, cols[i], cols[1 - i], turn, first);
	}
}

void
fs_keyed_add_turn(FsPlacer *placer, uint8 turn)
{
	uint32		n = placer->nkeys;
	uint32		k;

	for (k = 0; k < n; k++)
	{
		const FsKey *key = &placer->keys[k];
		uint8		turns[2] = {placer->cols[key->col].turn, turn};

		/* one of each column: the key as it is stored */
		if (placer->cols[key->col].coded && key->is_by_conv && key->turns[0] == 0 && key->turns[1] == 0 && turns[0] != turn)
			add_conv_key(placer, key->col, placer->cols[key->col].partner, turns[0], turns);
	}
}

void
fs_keyed_add_ints(FsPlacer *placer, uint32 col)
{
	const FsPlaced *placed = &placer->cols[col];
	const FsShape *convs = &placer->pairs.convs;
	FsArena    *arena = placer->hold.arena;
	FsPart	   *part = fs_scratch_alloc(&placer->work, sizeof(FsPart));
	FsColumnMeta meta = placed->meta;
	FsPartInput in = {&meta, convs, false, 0, arena};
	uint32	   *codes = fs_scratch_alloc(&placer->hold, (fs_shape_n(convs) + 1) * sizeof(uint32));
	FsKey		key = {col, true, {0, 0}, 0, codes, NULL};
	FsCursor	cursor;
	FsFault		fault;
	uint32		v;

	/* the sequence has numbered the values already */
	meta.zone.has_bounds = false;
	fs_cursor_init(&cursor, placed->bytes, placed->meta.len, &fault);
	if (!fs_cursor_take(&cursor, placed->part_off) || !fs_part_open(&cursor, &in, part) ||
		part->is_empty || part->nulls.is_any || fs_seq_dict_count(&part->of.ints.seq) == 0)
		return;
	key.count = fs_seq_dict_count(&part->of.ints.seq);
	for (v = 0; v < convs->nvecs; v++)
		if (!fs_seq_read_codes(&part->of.ints.seq, v, codes + convs->start[v], &fault))
			return;
	add_key(placer, &key);
}

static inline int64
value_of(const FsColumnValues *values, uint32 i)
{
	return values->ints ? values->ints[i] : (int64) values->codes[i];
}

static inline bool
is_null_key(const FsKey *key, uint32 i)
{
	return key->nulls && (key->nulls[i / 8] >> (i % 8) & 1) != 0;
}

static const FsShape *
units_of(const FsPlacer *placer, const FsKey *key)
{
	return key->is_by_conv ? &placer->pairs.convs : &placer->pairs.rows;
}

static void
vote(const FsColumnValues *values, const FsKey *key, uint32 from, uint32 to,
	 Table *table)
{
	uint32		i;

	for (i = from; i < to; i++)
	{
		uint32		code = key->codes[i];

		if (fs_encoder_is_null(values, i) || is_null_key(key, i))
			continue;
		if (table->votes[code] == 0)
		{
			table->values[code] = value_of(values, i);
			table->votes[code] = 1;
		}
		else if (table->values[code] == value_of(values, i))
			table->votes[code]++;
		else if (--table->votes[code] == 0)
			table->votes[code] = 1; /* the older value stays */
	}
}

static inline bool
is_miss(const FsColumnValues *values, const FsKey *key, const Table *table,
		uint32 i)
{
	return is_null_key(key, i) || table->votes[key->codes[i]] == 0 ||
		table->values[key->codes[i]] != value_of(values, i);
}

static uint32
count_misses(const FsColumnValues *values, const FsKey *key,
			 const Table *table, uint32 from, uint32 to)
{
	uint32		count = 0;
	uint32		i;

	for (i = from; i < to; i++)
		count += !fs_encoder_is_null(values, i) && is_miss(values, key, table, i);
	return count;
}

static Table
begin_table(FsPlacer *placer, const FsKey *key)
{
	Table		table;

	table.values = fs_scratch_alloc(&placer->work, key->count * sizeof(int64));
	table.votes = fs_scratch_alloc(&placer->work, key->count * sizeof(uint32));
	memset(table.values, 0, key->count * sizeof(int64));
	memset(table.votes, 0, key->count * sizeof(uint32));
	return table;
}

/* Values that the key does not explain, and entries that it takes. */
static uint64
judge(FsPlacer *placer, const FsColumnValues *values, const FsKey *key)
{
	const FsShape *units = units_of(placer, key);
	uint32		step = Max(units->nvecs / SAMPLE_VECTORS, 1);
	Table		table = begin_table(placer, key);
	uint64		cost = 0;
	uint32		v;
	uint32		i;

	for (v = 0; v < units->nvecs; v += step)
		vote(values, key, units->start[v], units->start[v + 1], &table);
	for (v = 0; v < units->nvecs; v += step)
		cost += 2 * count_misses(values, key, &table, units->start[v], units->start[v + 1]);
	for (i = 0; i < key->count; i++)
		cost += table.votes[i] > 0;
	return key->is_by_conv ? cost : cost + cost / 8;
}

/* Write flags by unit of those that are no values of the table, and these. */
static void
put_misses(FsPlacer *placer, const FsColumnValues *values, const FsKey *key,
		   const Table *table, FsColumnMeta *meta)
{
	FsEncoder  *encoder = placer->encoder;
	const FsShape *units = units_of(placer, key);
	uint32		n = fs_shape_n(units);
	uint8	   *bits = fs_scratch_alloc(&placer->work, n / 8 + 8);
	int64	   *ints = fs_scratch_alloc(&placer->work, (n + 1) * sizeof(int64));
	uint32	   *codes = fs_scratch_alloc(&placer->work, (n + 1) * sizeof(uint32));
	FsColumnValues misses = {0};
	FsShape		nonnull;
	FsShape		unset;
	FsShape		shape;
	uint32		count = 0;
	uint32		at = 0;
	uint32		v;
	uint32		i;

	fs_flags_count(values->nulls, units, &nonnull);
	fs_flags_encode(values->nulls, units, &nonnull, &encoder->out);
	memset(bits, 0, n / 8 + 8);
	shape.nvecs = units->nvecs;
	for (v = 0; v < units->nvecs; v++)
	{
		shape.start[v] = count;
		for (i = units->start[v]; i < units->start[v + 1]; i++)
		{
			if (fs_encoder_is_null(values, i))
				continue;
			if (is_miss(values, key, table, i))
			{
				bits[at / 8] |= 1 << (at % 8);
				ints[count] = value_of(values, i);
				codes[count++] = (uint32) value_of(values, i);
			}
			at++;
		}
	}
	shape.start[v] = count;
	fs_flags_count(bits, &nonnull, &unset);
	fs_flags_encode(bits, &nonnull, &unset, &encoder->out);
	misses.ints = values->ints ? ints : NULL;
	misses.codes = values->codes ? codes : NULL;
	fs_place_part(placer, meta, &misses, &shape, &meta->encoding);
}

/* Write the table: entries without a vote are null. */
static void
put_table(FsPlacer *placer, const FsColumnValues *values, const FsKey *key,
		  const Table *table, const FsColumnMeta *meta)
{
	uint8	   *nulls = fs_scratch_alloc(&placer->work, key->count / 8 + 8);
	uint32	   *codes = fs_scratch_alloc(&placer->work, key->count * sizeof(uint32));
	FsColumnValues entries = {0};
	FsShape		units;
	uint8		form;
	uint32		i;

	memset(nulls, 0, key->count / 8 + 8);
	for (i = 0; i < key->count; i++)
	{
		codes[i] = (uint32) table->values[i];
		if (table->votes[i] == 0)
			nulls[i / 8] |= 1 << (i % 8);
	}
	entries.nulls = nulls;
	entries.ints = values->ints ? table->values : NULL;
	entries.codes = values->codes ? codes : NULL;
	fs_shape_init(&units, key->count);
	fs_writer_put_int(&placer->encoder->out, key->count, 4);
	fs_place_part(placer, meta, &entries, &units, &form);
}

/* Write column col as a function; attribute >= 0: not of a table. */
static void
encode(FsPlacer *placer, uint32 col, const FsColumnValues *values,
	   const FsKey *key, const Table *table, int attribute)
{
	FsWriter   *out = &placer->encoder->out;
	FsColumnMeta meta = placer->cols[col].meta;
	uint32		from = out->len;

	meta.place = FS_PLACE_FUNCTION;
	fs_place_head(placer, col, &meta);
	fs_writer_put_int(out, key->is_by_conv, 1);
	fs_writer_put_int(out, placer->in->specs[key->col].id, 2);
	fs_writer_put_int(out, key->turns[0], 1);
	fs_writer_put_int(out, key->turns[1], 1);
	fs_writer_put_int(out, attribute >= 0, 1);
	if (attribute >= 0)
		fs_writer_put_int(out, attribute, 2);
	else
		put_table(placer, values, key, table, &meta);
	put_misses(placer, values, key, table, &meta);
	if (meta.encoding == FS_ENC_NULL)
		meta.encoding = placer->cols[col].coded ? FS_ENC_DOMAIN : FS_ENC_CONSTANT;
	fs_place_consider(placer, from, &meta);
}

/* Whether hardly a number comes twice: no key explains those. */
static bool
is_distinct(FsPlacer *placer, const FsColumnValues *values)
{
	return values->ints &&
		fs_distinct_sample((const uint64 *) values->ints, placer->in->nrows) > 384;
}

void
fs_keyed_try(FsPlacer *placer, uint32 col)
{
	FsPlaced   *placed = &placer->cols[col];
	FsColumnValues by_conv = {0};
	FsColumnValues *best_values = NULL;
	const FsKey *best = NULL;
	uint64		best_cost = PG_UINT64_MAX;
	Table		table;
	uint32		k;

	if (placer->best_len < MIN_LEN || !(placed->values.ints || placed->coded) ||
		is_distinct(placer, &placed->values))
		return;
	if (placed->is_same)
		by_conv = fs_place_gather(placer, &placed->values, &placed->values, NULL);
	for (k = 0; k < placer->nkeys; k++)
	{
		const FsKey *key = &placer->keys[k];
		FsColumnValues *values = key->is_by_conv ? &by_conv : &placed->values;
		uint64		cost;

		if (key->is_by_conv && !placed->is_same)
			continue;
		cost = judge(placer, values, key);
		if (cost < best_cost)
		{
			best_cost = cost;
			best = key;
			best_values = values;
		}
	}
	if (!best)
		return;
	table = begin_table(placer, best);
	vote(best_values, best, 0, fs_shape_n(units_of(placer, best)), &table);
	encode(placer, col, best_values, best, &table, -1);
}

bool
fs_keyed_try_attribute(FsPlacer *placer, uint32 col, FsFault *fault)
{
	const FsChunkHints *hints = placer->in->hints;
	FsDomainSource *domains = placer->in->domains;
	FsPlaced   *placed = &placer->cols[col];
	uint32		i;

	for (i = 0; hints && i < hints->nattributes; i++)
	{
		const FsAttribute *attribute = &hints->attributes[i];
		const FsPlaced *of = &placer->cols[attribute->of];
		FsKey		key;
		Table		table;
		uint32		k;

		if (attribute->col != col || !placed->values.ints || !of->coded || !domains)
			continue;
		key = (FsKey) {attribute->of, false, {0, 0}, of->coded->count,
		of->values.codes, of->values.nulls};
		table = begin_table(placer, &key);
		if (!domains->attribute(domains, of->coded->domain, attribute->number,
								of->coded->codes, key.count, table.values, fault))
			return false;
		for (k = 0; k < key.count; k++)
			table.votes[k] = 1;
		encode(placer, col, &placed->values, &key, &table, attribute->number);
	}
	return true;
}
