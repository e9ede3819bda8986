/*-------------------------------------------------------------------------
 *
 * Encoding the columns of a clustered chunk, each in the smallest place.
 *
 * Each column is encoded in every place that its values allow, and the
 * shortest bytes are kept.  By row is the cheapest to decode, so another
 * place must save 3 %, and 6 % if it adds differences.  Swaps come first: the keys of functions are theirs.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/crc.h"
#include "format/enc.h"
#include "format/place.h"

/* two columns of fewer bytes are not worth a swap */
#define MIN_LEN		400

uint64
fs_place_bound(const FsColumnSpec *spec, const FsColumnValues *values,
			   uint32 nrows)
{
	uint32		nvecs = fs_shape_nvecs(nrows);
	uint64		len = spec->kind == FS_KIND_BYTES && values->offs ?
		values->offs[nrows] - values->offs[0] : 0;

	return 4 * (fs_part_bound(spec->kind, nvecs, len) + FS_CODED_BOUND + FS_FLAGS_BOUND + 64);
}

static inline uint32
nconvs(const FsPlacer *placer)
{
	return fs_shape_n(&placer->pairs.convs);
}

/* Values of first rows: of a, or of b where turn[conversations] is set. */
FsColumnValues
fs_place_gather(FsPlacer *placer, const FsColumnValues *a,
				const FsColumnValues *b, const uint8 *turn)
{
	FsScratch  *work = &placer->work;
	const uint32 *first = placer->pairs.first;
	uint32		n = nconvs(placer);
	uint8	   *nulls = NULL;
	int64	   *ints = a->ints ? fs_scratch_alloc(work, n * sizeof(int64)) : NULL;
	uint32	   *codes = a->codes ? fs_scratch_alloc(work, n * sizeof(uint32)) : NULL;
	FsColumnValues result = {0};
	uint32		c;

	if (a->nulls || b->nulls)
	{
		nulls = fs_scratch_alloc(work, n / 8 + 8);
		memset(nulls, 0, n / 8 + 8);
	}
	for (c = 0; c < n; c++)
	{
		const FsColumnValues *from = turn && fs_pairs_bit(turn, c) ? b : a;

		if (ints)
			ints[c] = from->ints[first[c]];
		else if (codes)
			codes[c] = from->codes[first[c]];
		if (nulls && fs_encoder_is_null(from, first[c]))
			nulls[c / 8] |= 1 << (c % 8);
	}
	result.nulls = nulls;
	result.ints = ints;
	result.codes = codes;
	return result;
}

/* The same for plain addresses or byte strings. */
static FsColumnValues
gather_plain(FsPlacer *placer, const FsColumnValues *a)
{
	FsScratch  *work = &placer->work;
	const uint32 *first = placer->pairs.first;
	FsColumnValues result = fs_place_gather(placer, a, a, NULL);
	uint32		n = nconvs(placer);
	FsAddr	   *addrs;
	uint32	   *offs;
	uint8	   *bytes;
	uint32		c;

	if (a->addrs)
	{
		addrs = fs_scratch_alloc(work, n * sizeof(FsAddr));
		for (c = 0; c < n; c++)
			addrs[c] = a->addrs[first[c]];
		result.addrs = addrs;
		return result;
	}
	offs = fs_scratch_alloc(work, (n + 1) * sizeof(uint32));
	offs[0] = 0;
	bytes = fs_scratch_alloc(work, (size_t) a->offs[placer->in->nrows] - a->offs[0] + 1);
	for (c = 0; c < n; c++)
	{
		uint32		len = a->offs[first[c] + 1] - a->offs[first[c]];

		if (len > 0)
			memcpy(bytes + offs[c], a->bytes + a->offs[first[c]], len);
		offs[c + 1] = offs[c] + len;
	}
	result.offs = offs;
	result.bytes = bytes;
	return result;
}

void
fs_place_part(FsPlacer *placer, const FsColumnMeta *meta,
			  const FsColumnValues *values, const FsShape *units, uint8 *form)
{
	FsEncoder  *encoder = placer->encoder;
	FsColumnSpec spec = {meta->id, meta->kind, meta->order, meta->width};
	FsColumnMeta part = *meta;

	encoder->units = units;
	encoder->nrows = fs_shape_n(units);
	encoder->has_zones = false;
	fs_part_encode(encoder, &spec, values, &part);
	*form = part.encoding;
	fs_scratch_reset(&encoder->scratch);
}

void
fs_place_consider(FsPlacer *placer, uint32 from, const FsColumnMeta *meta)
{
	FsWriter   *out = &placer->encoder->out;
	uint32		len = out->len - from;
	uint64		handicap = placer->has_best && placer->best.place == FS_PLACE_ROWS ?
		(meta->place == FS_PLACE_PAIRED ? 94 : 97) : 100;

	if (!out->is_full && (!placer->has_best || (uint64) len * 100 < placer->best_len * handicap))
	{
		memmove(out->bytes + placer->start, out->bytes + from, len);
		placer->best_len = len;
		placer->best = *meta;
		placer->has_best = true;
	}
	out->len = placer->start + placer->best_len;
}

void
fs_place_head(FsPlacer *placer, uint32 col, FsColumnMeta *meta)
{
	FsEncoder  *encoder = placer->encoder;
	FsPlaced   *placed = &placer->cols[col];

	encoder->units = &placer->pairs.rows;
	encoder->nrows = placer->in->nrows;
	fs_flags_count(placed->values.nulls, encoder->units, &encoder->shape);
	meta->zone.nrows = encoder->nrows;
	meta->zone.nulls = encoder->nrows - fs_shape_n(&encoder->shape);
	if (placed->coded)
	{
		if (placed->is_dict_elsewhere)
			fs_writer_put_int(&encoder->out, FS_DOMAIN_NONE, 2);
		else
			fs_coded_encode(placed->coded, &encoder->scratch, &encoder->out);
		fs_coded_encode_zones(encoder, &placed->values, placed->coded->count);
		meta->encoding = FS_ENC_DOMAIN;
	}
	else if (meta->place != FS_PLACE_ROWS && meta->place != FS_PLACE_SHARED)
		fs_ints_encode_zones(encoder, &placed->values, meta);
	fs_scratch_reset(&encoder->scratch);
}

/* By row, or by conversation if both rows are the same. */
static void
try_plain(FsPlacer *placer, uint32 col, uint8 place)
{
	FsEncoder  *encoder = placer->encoder;
	const FsColumnSpec *spec = &placer->in->specs[col];
	FsPlaced   *placed = &placer->cols[col];
	FsColumnMeta meta = placed->meta;
	uint32		from = encoder->out.len;
	FsColumnValues values = placed->values;

	meta.place = place;
	fs_place_head(placer, col, &meta);
	if (place == FS_PLACE_SHARED)
	{
		encoder->units = &placer->pairs.convs;
		encoder->nrows = nconvs(placer);
		values = values.ints || values.codes ?
			fs_place_gather(placer, &values, &values, NULL) : gather_plain(placer, &values);
	}
	if (!values.bytes)
		values.bytes = (const uint8 *) "";
	encoder->has_zones = true;
	fs_part_encode(encoder, spec, &values, &meta);
	if (meta.encoding == FS_ENC_NULL)
		encoder->out.len = from;
	fs_scratch_reset(&encoder->scratch);
	fs_place_consider(placer, from, &meta);
}

/* Differences of second rows; false if one row is null and the other not. */
static bool
find_differences(FsPlacer *placer, uint32 col, int64 *values, FsShape *units)
{
	const FsPairs *pairs = &placer->pairs;
	const FsColumnValues *column = &placer->cols[col].values;
	uint32		n = 0;
	uint32		v;
	uint32		c;

	units->nvecs = pairs->convs.nvecs;
	for (v = 0; v < units->nvecs; v++)
	{
		units->start[v] = n;
		for (c = pairs->convs.start[v]; c < pairs->convs.start[v + 1]; c++)
		{
			uint32		row = pairs->first[c];
			bool		is_null = fs_encoder_is_null(column, row);

			if (!fs_pairs_bit(pairs->has_second, c))
				continue;
			if (is_null != fs_encoder_is_null(column, row + 1))
				return false;
			if (!is_null)
				values[n++] = (int64) ((uint64) column->ints[row + 1] - (uint64) column->ints[row]);
		}
	}
	units->start[v] = n;
	return true;
}

static void
try_paired(FsPlacer *placer, uint32 col)
{
	FsEncoder  *encoder = placer->encoder;
	FsPlaced   *placed = &placer->cols[col];
	FsColumnMeta meta = placed->meta;
	uint32		from = encoder->out.len;
	FsColumnValues values = placed->values;
	FsColumnValues differences = {0};
	int64	   *ints = fs_scratch_alloc(&placer->work, placer->in->nrows * sizeof(int64));
	FsShape		units;
	uint8		form;

	if (!find_differences(placer, col, ints, &units))
		return;
	differences.ints = ints;
	meta.place = FS_PLACE_PAIRED;
	fs_place_head(placer, col, &meta);
	values = fs_place_gather(placer, &values, &values, NULL);
	fs_place_part(placer, &meta, &values, &placer->pairs.convs, &meta.encoding);
	placed->meta.order = FS_ORDER_INT;
	fs_place_part(placer, &placed->meta, &differences, &units, &form);
	placed->meta.order = meta.order;
	fs_place_consider(placer, from, &meta);
}

/* Keep the best candidate as the column's bytes, and begin anew. */
static void
finish(FsPlacer *placer, uint32 col)
{
	FsWriter   *out = &placer->encoder->out;
	FsPlaced   *placed = &placer->cols[col];

	placed->meta = placer->best;
	placed->meta.len = placer->best_len;
	placed->bytes = fs_scratch_alloc(&placer->hold, placer->best_len + 1);
	memcpy(placed->bytes, out->bytes + placer->start, placer->best_len);
	placer->has_frame |= placed->meta.place != FS_PLACE_ROWS;
	out->len = placer->start;
	placer->best_len = 0;
	placer->has_best = false;
	fs_scratch_reset(&placer->work);
}

/* Most rows have another, so that values of conversations are fewer. */
static inline bool
is_mostly_paired(const FsPlacer *placer)
{
	return nconvs(placer) < placer->in->nrows / 4 * 3;
}

/* A column of its own: each place that it may have. */
static bool
place_column(FsPlacer *placer, uint32 col, FsFault *fault)
{
	FsPlaced   *placed = &placer->cols[col];
	bool		has_pairs = nconvs(placer) < placer->in->nrows;
	bool		is_shared;
	FsShape		values;

	fs_flags_count(placed->values.nulls, &placer->pairs.rows, &values);
	is_shared = has_pairs && placed->is_same && fs_shape_n(&values) > 0;
	if (is_shared)
		try_plain(placer, col, FS_PLACE_SHARED);
	if (!is_shared || !is_mostly_paired(placer) || placer->best_len < MIN_LEN)
		try_plain(placer, col, FS_PLACE_ROWS);
	if (fs_shape_n(&values) > 0)
	{
		if (has_pairs && !is_shared && placed->values.ints && !placed->is_swap)
			try_paired(placer, col);
		if (!placed->is_fixed)
		{
			fs_keyed_try(placer, col);
			if (!fs_keyed_try_attribute(placer, col, fault))
				return false;
		}
	}
	finish(placer, col);
	return true;
}

/* One column of a swap, with a turn. */
static void
encode_swapped(FsPlacer *placer, uint32 col, uint32 other, uint8 turn,
			   FsColumnMeta *meta)
{
	FsEncoder  *encoder = placer->encoder;
	uint32		from = encoder->out.len;
	FsColumnValues values;

	fs_place_begin(&placer->in->specs[col], meta);
	meta->zone = placer->cols[col].bounds;
	meta->place = FS_PLACE_SWAPPED;
	fs_place_head(placer, col, meta);
	fs_writer_put_int(&encoder->out, placer->in->specs[other].id, 2);
	fs_writer_put_int(&encoder->out, turn, 1);
	placer->cols[col].part_off = encoder->out.len - from;
	values = fs_place_gather(placer, &placer->cols[col].values, &placer->cols[other].values,
							 turn > 0 ? placer->pairs.turns[turn - 1] : NULL);
	fs_place_part(placer, meta, &values, &placer->pairs.convs, &meta->encoding);
	if (meta->encoding == FS_ENC_NULL)
		meta->encoding = placer->cols[col].coded ? FS_ENC_DOMAIN : FS_ENC_CONSTANT;
	fs_scratch_reset(&placer->work);
}

/* Flags of conversations in whose first row a is above b, as a new turn. */
static void
add_turn(FsPlacer *placer, const FsSwap *swap)
{
	FsPairs    *pairs = &placer->pairs;
	uint32		n = nconvs(placer);
	uint8	   *bits = fs_scratch_alloc(&placer->hold, n / 8 + 8);
	const FsColumnValues *a = &placer->cols[swap->a].values;
	const FsColumnValues *b = &placer->cols[swap->b].values;
	uint32		c;

	memset(bits, 0, n / 8 + 8);
	for (c = 0; c < n; c++)
	{
		uint32		row = pairs->first[c];

		if (fs_encoder_is_null(a, row) || fs_encoder_is_null(b, row))
			continue;
		if (a->ints ? a->ints[row] > b->ints[row] : a->codes[row] > b->codes[row])
			bits[c / 8] |= 1 << (c % 8);
	}
	pairs->turns[pairs->nturns++] = bits;
}

/* Bytes that the last turn takes in the frame. */
static uint32
turn_len(FsPlacer *placer)
{
	FsWriter   *out = &placer->encoder->out;
	const FsPairs *pairs = &placer->pairs;
	uint32		from = out->len;
	FsShape		unset;
	uint32		len;

	fs_flags_count(pairs->turns[pairs->nturns - 1], &pairs->convs, &unset);
	fs_flags_encode(pairs->turns[pairs->nturns - 1], &pairs->convs, &unset, out);
	len = out->len - from;
	out->len = from;
	return len;
}

/* Bytes of both columns with a turn. */
static uint32
swapped_len(FsPlacer *placer, const FsSwap *swap, uint8 turn)
{
	FsWriter   *out = &placer->encoder->out;
	uint32		from = out->len;
	FsColumnMeta meta;
	uint32		len;

	encode_swapped(placer, swap->a, swap->b, turn, &meta);
	encode_swapped(placer, swap->b, swap->a, turn, &meta);
	len = out->is_full ? PG_UINT32_MAX : out->len - from;
	out->len = from;
	return len;
}

/* The turn with which a swap is smallest; a new one stays only if it is it. */
static uint8
choose_turn(FsPlacer *placer, const FsSwap *swap, uint32 *len)
{
	FsPairs    *pairs = &placer->pairs;
	uint8		best = 0;
	uint32		turn;

	*len = swapped_len(placer, swap, 0);
	for (turn = 1; turn <= pairs->nturns; turn++)
	{
		uint32		candidate = swapped_len(placer, swap, turn);

		if (candidate < *len)
		{
			*len = candidate;
			best = turn;
		}
	}
	if (pairs->nturns < FS_FRAME_MAX_TURNS)
	{
		uint32		candidate;

		add_turn(placer, swap);
		candidate = swapped_len(placer, swap, pairs->nturns) + turn_len(placer);
		if (candidate < *len)
		{
			*len = candidate;
			best = pairs->nturns;
		}
		else
			pairs->nturns--;
	}
	return best;
}

/* Whether second rows have the swap's values in the other columns. */
static bool
is_swapping(FsPlacer *placer, const FsSwap *swap)
{
	const FsPairs *pairs = &placer->pairs;
	const FsPlaced *a = &placer->cols[swap->a];
	const FsPlaced *b = &placer->cols[swap->b];
	uint32		c;

	if (!(a->values.ints && b->values.ints) && !(a->coded && a->coded == b->coded))
		return false;
	for (c = 0; c < nconvs(placer); c++)
	{
		uint32		row = pairs->first[c];

		if (fs_pairs_bit(pairs->has_second, c) &&
			!(fs_pairs_is_same(&a->values, row, &b->values, row + 1) &&
			  fs_pairs_is_same(&b->values, row, &a->values, row + 1)))
			return false;
	}
	return true;
}

/* Whether a row of a column is not null. */
static bool
has_value(const FsPlacer *placer, uint32 col)
{
	FsShape		values;

	fs_flags_count(placer->cols[col].values.nulls, &placer->pairs.rows, &values);
	return fs_shape_n(&values) > 0;
}

/* Both columns of a swap as SWAPPED, with a turn. */
static void
keep_swapped(FsPlacer *placer, const FsSwap *swap, uint8 turn)
{
	uint32		cols[2] = {swap->a, swap->b};
	int			i;

	for (i = 0; i < 2; i++)
	{
		FsPlaced   *placed = &placer->cols[cols[i]];
		FsColumnMeta meta;
		uint32		from = placer->encoder->out.len;

		placed->is_dict_elsewhere = i == 1 && placed->coded;
		encode_swapped(placer, cols[i], cols[1 - i], turn, &meta);
		fs_place_consider(placer, from, &meta);
		finish(placer, cols[i]);
		placed->turn = turn;
		placed->partner = cols[1 - i];
		if (swap->is_key && !placed->coded)
			fs_keyed_add_ints(placer, cols[i]);
	}
	if (turn > 0 && !placer->cols[swap->a].coded)
		fs_keyed_add_turn(placer, turn);
}

/* Two columns that swap: together, or each of its own. */
static bool
place_swap(FsPlacer *placer, const FsSwap *swap, FsFault *fault)
{
	FsPlaced   *a = &placer->cols[swap->a];
	FsPlaced   *b = &placer->cols[swap->b];
	uint32		nturns = placer->pairs.nturns;
	uint32		alone;
	uint32		swapped;
	uint8		turn;

	/* what tells conversations apart is no function of addresses */
	a->is_swap = b->is_swap = is_swapping(placer, swap) &&
		has_value(placer, swap->a) && has_value(placer, swap->b);
	a->is_fixed |= a->is_swap && (swap->is_key || a->coded);
	b->is_fixed |= b->is_swap && (swap->is_key || b->coded);
	b->is_dict_elsewhere = false;
	alone = PG_UINT32_MAX;
	if (!(a->is_swap && swap->is_key && is_mostly_paired(placer)))
	{
		if (!place_column(placer, swap->a, fault) || !place_column(placer, swap->b, fault))
			return false;
		alone = a->meta.len + b->meta.len;
	}
	if (!a->is_swap || alone < MIN_LEN)
		return true;
	b->is_dict_elsewhere = b->coded != NULL;
	turn = choose_turn(placer, swap, &swapped);
	if (swapped < alone)
		keep_swapped(placer, swap, turn);
	else
		placer->pairs.nturns = nturns;
	if (a->coded)
		fs_keyed_add_swap(placer, swap, swapped < alone, turn);
	return true;
}

static bool
is_same_everywhere(const FsPlacer *placer, const FsColumnValues *values)
{
	const FsPairs *pairs = &placer->pairs;
	uint32		c;

	for (c = 0; c < nconvs(placer); c++)
		if (fs_pairs_bit(pairs->has_second, c) &&
			!fs_pairs_is_same(values, pairs->first[c], values, pairs->first[c] + 1))
			return false;
	return true;
}

/* The codes of columns of one domain become codes of one dictionary. */
static bool
build_dict(FsPlacer *placer, const uint32 *cols, uint32 n)
{
	uint32		nrows = placer->in->nrows;
	FsCoded    *coded = fs_scratch_alloc(&placer->hold, sizeof(FsCoded));
	const FsColumnValues *values[2];
	uint32	   *dense[2];
	uint32		i;

	for (i = 0; i < n; i++)
	{
		values[i] = placer->cols[cols[i]].origin;
		dense[i] = fs_scratch_alloc(&placer->hold, nrows * sizeof(uint32));
	}
	if (!fs_coded_build(values, n, nrows, &placer->hold, coded, dense))
		return false;
	for (i = 0; i < n; i++)
	{
		placer->cols[cols[i]].coded = coded;
		placer->cols[cols[i]].values.codes = dense[i];
		placer->cols[cols[i]].is_dict_elsewhere = i > 0;
	}
	return true;
}

/* Dictionaries: one for two columns that swap, if they are of one domain. */
static bool
build_dicts(FsPlacer *placer, FsFault *fault)
{
	const FsChunkInput *in = placer->in;
	const FsChunkHints *hints = in->hints;
	uint32		i;

	for (i = 0; hints && i < hints->nswaps; i++)
	{
		uint32		cols[2] = {hints->swaps[i].a, hints->swaps[i].b};
		const FsColumnValues *a = &in->values[cols[0]];
		const FsColumnValues *b = &in->values[cols[1]];

		if (a->codes && b->codes && a->domain == b->domain)
			build_dict(placer, cols, 2);
	}
	for (i = 0; i < in->ncols; i++)
	{
		FsPlaced   *placed = &placer->cols[i];

		if (in->values[i].codes && !placed->coded)
			build_dict(placer, &i, 1);
		if (placed->coded && has_value(placer, i) &&
			!fs_coded_find_bounds(placed->coded, &in->specs[i], in->domains,
								  &placer->work, &placed->meta, fault))
			return false;
		placed->bounds = placed->meta.zone;
		fs_scratch_reset(&placer->work);
	}
	return true;
}

static bool
prepare(FsPlacer *placer, FsEncoder *encoder, const FsChunkInput *in,
		FsFault *fault)
{
	uint32		i;

	memset(placer, 0, sizeof(*placer));
	placer->encoder = encoder;
	encoder->is_thorough = true;
	placer->in = in;
	fs_scratch_init(&placer->hold, encoder->scratch.arena);
	fs_scratch_init(&placer->work, encoder->scratch.arena);
	fs_pairs_find(in, &placer->hold, &placer->pairs);
	placer->cols = fs_scratch_alloc(&placer->hold, (in->ncols + 1) * sizeof(FsPlaced));
	memset(placer->cols, 0, (in->ncols + 1) * sizeof(FsPlaced));
	for (i = 0; i < in->ncols; i++)
	{
		FsPlaced   *placed = &placer->cols[i];

		placed->origin = &in->values[i];
		placed->values = in->values[i];
		fs_place_begin(&in->specs[i], &placed->meta);
		placed->is_same = is_same_everywhere(placer, &in->values[i]);
	}
	for (i = 0; in->hints && i < in->hints->nattributes; i++)
		placer->cols[in->hints->attributes[i].of].is_fixed = true;
	return build_dicts(placer, fault);
}

/* All columns, those first that others depend on. */
static bool
place_all(FsPlacer *placer, FsFault *fault)
{
	const FsChunkInput *in = placer->in;
	uint32		nswaps = in->hints ? in->hints->nswaps : 0;
	uint32		i;
	int			round;

	for (round = 0; round < 2; round++)
		for (i = 0; i < nswaps; i++)
		{
			const FsSwap *swap = &in->hints->swaps[i];

			if ((placer->cols[swap->a].coded != NULL) == (round == 0) &&
				!place_swap(placer, swap, fault))
				return false;
		}
	for (i = 0; i < in->ncols; i++)
		if (!placer->cols[i].bytes && !place_column(placer, i, fault))
			return false;
	return true;
}

bool
fs_place_encode_all(FsEncoder *encoder, const FsChunkInput *in,
					FsColumnMeta *metas, uint32 *frame_len, FsFault *fault)
{
	FsPlacer   *placer = encoder->scratch.arena->alloc(encoder->scratch.arena, sizeof(FsPlacer));
	FsWriter   *out = &encoder->out;
	uint32		i;

	if (!prepare(placer, encoder, in, fault) || !place_all(placer, fault))
		return false;
	for (i = 0; i < in->ncols; i++)
	{
		metas[i] = placer->cols[i].meta;
		fs_writer_put(out, placer->cols[i].bytes, metas[i].len);
	}
	*frame_len = out->len;
	if (placer->has_frame)
		fs_frame_encode(&placer->pairs, out);
	*frame_len = out->len - *frame_len;
	return !out->is_full ||
		fs_fault_set(fault, 0, "the chunk would exceed %u bytes", FS_CHUNK_MAX_BYTES);
}
