/*-------------------------------------------------------------------------
 *
 * The order of rows that are being clustered.
 *
 * Range ids of 5 bits a side make the smallest chunks and are as good as
 * finer ones for look-ups; with three or four columns they have 4 bits.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/cluster_state.h"
#include "format/order.h"

#define BITS_OF_TWO		5
#define BITS_OF_MORE	4
#define TIME_CELL_BITS	12		/* rows in order of time: cells of it */
#define TIME_WORD_BITS	24		/* time within a conversation */
#define NULL_POSITION	PG_UINT64_MAX
#define SAMPLES			8192
#define AHEAD			16		/* rows whose keys are asked for early */

typedef enum Mode
{
	MODE_ZORDER,
	MODE_CONVERSATION,
	MODE_TIME,
	MODE_ARRIVAL
} Mode;

/* What rows of conversations are compared by, made in one pass. */
typedef struct Key
{
	uint64		words[2];
} Key;

typedef struct Order
{
	const FsCluster *cluster;
	FsArena    *temp;
	Mode		mode;
	int			cols[FS_CLUSTER_MAX_ZORDER + 1];	/* MODE_ZORDER, and time */
	int			ncols;
	int			nranked;		/* of them, without time */
	uint8	   *ranks[FS_CLUSTER_MAX_ZORDER];	/* by code, or NULL */
	uint64		bounds[FS_CLUSTER_MAX_ZORDER][1 << BITS_OF_TWO];
	int			time_shift;
	bool		has_ports;
	FsClusterPair first_ports;	/* smallest of each column */
	Key		   *keys;			/* [nrows] MODE_CONVERSATION */
} Order;

/* What a column's values order by: codes, or distance from the smallest. */
static inline uint64
position(const Order *order, int col, uint32 row)
{
	const FsClusterSource *source = &order->cluster->sources[col];

	if (fs_cluster_column_is_null(&source->rows, row))
		return NULL_POSITION;
	if (source->values)
		return fs_cluster_code(source, row);
	return (uint64) fs_cluster_column_get(&source->rows, row) - (uint64) source->rows.min;
}

static inline uint64
time_position(const Order *order, uint32 row)
{
	int			col = order->cluster->options.time;

	return col >= 0 ? position(order, col, row) : 0;
}

/* The same in a few bits; null is last. */
static inline uint64
short_time(const Order *order, uint32 row, int bits)
{
	uint64		time = time_position(order, row);

	return time == NULL_POSITION ? (UINT64CONST(1) << bits) - 1 : time >> order->time_shift;
}

static inline void
find_endpoints(const Order *order, uint32 row, uint64 *lower, uint64 *higher)
{
	const FsClusterPair *pair = &order->cluster->options.endpoints;
	uint64		src = Min(position(order, pair->src, row), PG_UINT32_MAX);
	uint64		dst = Min(position(order, pair->dst, row), PG_UINT32_MAX);

	*lower = Min(src, dst);
	*higher = Max(src, dst);
}

/* Ports, protocol and time; what has none of them has 0. */
static uint64
conversation_rest(const Order *order, uint32 row)
{
	const FsClusterOptions *options = &order->cluster->options;
	uint64		a = 0;
	uint64		b = 0;
	uint64		proto = 0;

	if (order->has_ports)
	{
		a = position(order, options->ports.src, row) + order->first_ports.src;
		b = position(order, options->ports.dst, row) + order->first_ports.dst;
	}
	if (options->proto >= 0)
		proto = position(order, options->proto, row);
	return (Min(a, b) & 0xffff) << 48 | (Max(a, b) & 0xffff) << 32 |
		(proto & 0xff) << TIME_WORD_BITS | short_time(order, row, TIME_WORD_BITS);
}

static void
set_words(void *arg, int word, FsRadixItem *items, uint32 n)
{
	const Order *order = arg;
	uint32		i;

	for (i = 0; i < n; i++)
		switch (order->mode)
		{
			case MODE_CONVERSATION:
				if (i + AHEAD < n)
					__builtin_prefetch(&order->keys[items[i + AHEAD].index]);
				items[i].key = order->keys[items[i].index].words[word];
				break;
			case MODE_ZORDER:
				items[i].key = position(order, order->cols[word], items[i].index);
				break;
			default:
				items[i].key = time_position(order, items[i].index);
		}
}

/* Ranks of codes, of what occurs in both columns of a pair or in one. */
static uint8 *
rank_codes(const Order *order, const int *cols, int ncols, int bits)
{
	FsArena    *arena = order->temp;
	uint32		n = order->cluster->sources[cols[0]].values->count;
	uint32	   *counts = arena->alloc(arena, (n + 1) * sizeof(uint32));
	uint8	   *ranks = arena->alloc(arena, n + 1);
	uint32		row;
	int			i;

	memset(counts, 0, (n + 1) * sizeof(uint32));
	for (i = 0; i < ncols; i++)
		for (row = 0; row < order->cluster->nrows; row++)
			counts[Min(position(order, cols[i], row), n)]++;
	fs_order_ranks(counts, n + 1, bits, ranks);
	return ranks;
}

/* Bounds between ranks of integers, from a sample. */
static void
bound_ints(const Order *order, int col, int bits, uint64 *bounds)
{
	FsArena    *arena = order->temp;
	uint32		nrows = order->cluster->nrows;
	uint32		n = Min(nrows, SAMPLES);
	FsRadixItem *items = arena->alloc(arena, 2 * n * sizeof(FsRadixItem));
	uint32		i;

	for (i = 0; i < n; i++)
	{
		items[i].key = position(order, col, (uint32) ((uint64) i * nrows / n));
		items[i].index = 0;
	}
	fs_radix_sort(items, items + n, n);
	for (i = 0; i < (uint32) 1 << bits; i++)
		bounds[i] = items[(uint64) i * n >> bits].key;
}

/* The last bound that is not above x, of 2^bits; the first is not looked at. */
static uint8
rank_int(const uint64 *bounds, int bits, uint64 x)
{
	uint32		rank = 0;
	int			bit;

	for (bit = bits - 1; bit >= 0; bit--)
		if (x >= bounds[rank + (1 << bit)])
			rank += 1 << bit;
	return (uint8) rank;
}

static uint16
zorder_cell(const Order *order, uint32 row, int bits)
{
	uint8		ranks[FS_CLUSTER_MAX_ZORDER];
	int			i;

	for (i = 0; i < order->nranked; i++)
	{
		uint64		x = position(order, order->cols[i], row);
		uint32		n = order->ranks[i] ?
			order->cluster->sources[order->cols[i]].values->count : 0;

		ranks[i] = order->ranks[i] ? order->ranks[i][Min(x, n)] :
			rank_int(order->bounds[i], bits, x);
	}
	return (uint16) fs_order_interleave(ranks, order->nranked, bits);
}

static void
set_conversations(Order *order, uint16 *cells)
{
	const FsClusterPair *pair = &order->cluster->options.endpoints;
	int			both[2] = {pair->src, pair->dst};
	uint32		n = order->cluster->sources[pair->src].values->count;
	uint8	   *ranks = rank_codes(order, both, 2, BITS_OF_TWO);
	uint32		row;

	order->keys = order->temp->alloc(order->temp, order->cluster->nrows * sizeof(Key));
	for (row = 0; row < order->cluster->nrows; row++)
	{
		uint64		lower;
		uint64		higher;
		uint8		sides[2];

		find_endpoints(order, row, &lower, &higher);
		sides[0] = ranks[Min(lower, n)];
		sides[1] = ranks[Min(higher, n)];
		cells[row] = (uint16) fs_order_interleave(sides, 2, BITS_OF_TWO);
		order->keys[row].words[0] = lower << 32 | higher;
		order->keys[row].words[1] = conversation_rest(order, row);
	}
}

static void
set_cells(Order *order, uint16 *cells)
{
	int			bits = order->nranked > 2 ? BITS_OF_MORE : BITS_OF_TWO;
	uint32		row;
	int			i;

	if (order->mode == MODE_CONVERSATION)
	{
		set_conversations(order, cells);
		return;
	}
	for (i = 0; i < order->nranked; i++)
	{
		order->ranks[i] = NULL;
		if (order->cluster->sources[order->cols[i]].values)
			order->ranks[i] = rank_codes(order, &order->cols[i], 1, bits);
		else
			bound_ints(order, order->cols[i], bits, order->bounds[i]);
	}
	for (row = 0; row < order->cluster->nrows; row++)
		if (order->mode == MODE_ZORDER)
			cells[row] = zorder_cell(order, row, bits);
		else
			cells[row] = (uint16) short_time(order, row, TIME_CELL_BITS);
}

/* A column that can order rows: its codes, or its integers, ascend. */
static bool
can_order(const FsCluster *cluster, int col)
{
	return col >= 0 && (uint32) col < cluster->options.ncols &&
		cluster->options.specs[col].order != FS_ORDER_CALLBACK &&
		(!cluster->sources[col].values || cluster->sources[col].values->count > 0);
}

static void
choose_mode(const FsCluster *cluster, Order *order)
{
	const FsClusterOptions *options = &cluster->options;
	bool		has_time = options->time >= 0;
	uint32		i;

	memset(order, 0, sizeof(*order));
	order->cluster = cluster;
	for (i = 0; i < options->nzorder && order->nranked < FS_CLUSTER_MAX_ZORDER; i++)
		if (can_order(cluster, options->zorder[i]))
			order->cols[order->nranked++] = options->zorder[i];
	order->ncols = order->nranked;
	if (order->nranked > 0)
	{
		order->mode = MODE_ZORDER;
		if (has_time)
			order->cols[order->ncols++] = options->time;
	}
	else if (fs_cluster_has_pair(cluster, options->endpoints, FS_KIND_ADDR) &&
			 cluster->sources[options->endpoints.src].values ==
			 cluster->sources[options->endpoints.dst].values &&
			 can_order(cluster, options->endpoints.src))
		order->mode = MODE_CONVERSATION;
	else
		order->mode = has_time ? MODE_TIME : MODE_ARRIVAL;
}

/* How far times are shifted to fit a word or a cell. */
static int
choose_time_shift(const Order *order)
{
	int			col = order->cluster->options.time;
	int			bits = order->mode == MODE_TIME ? TIME_CELL_BITS : TIME_WORD_BITS;
	const FsClusterColumn *rows;

	if (col < 0)
		return 0;
	rows = &order->cluster->sources[col].rows;
	if (rows->min > rows->max)
		return 0;
	return Max(0, fs_bitpack_width((uint64) rows->max - (uint64) rows->min) - bits);
}

void
fs_cluster_order(FsCluster *cluster)
{
	FsOrderInput in = {cluster->nrows, NULL, 0, set_words, NULL};
	Order		order;
	uint16	   *cells;
	uint32		i;

	cluster->rows = cluster->arena.alloc(&cluster->arena, cluster->nrows * sizeof(uint32));
	choose_mode(cluster, &order);
	order.temp = &cluster->temp;
	if (order.mode == MODE_ARRIVAL)
	{
		for (i = 0; i < cluster->nrows; i++)
			cluster->rows[i] = i;
		return;
	}
	order.time_shift = choose_time_shift(&order);
	order.has_ports = fs_cluster_has_pair(cluster, cluster->options.ports, FS_KIND_INT);
	if (order.has_ports)
	{
		order.first_ports.src = (int) cluster->sources[cluster->options.ports.src].rows.min;
		order.first_ports.dst = (int) cluster->sources[cluster->options.ports.dst].rows.min;
	}
	cells = order.temp->alloc(order.temp, cluster->nrows * sizeof(uint16));
	set_cells(&order, cells);
	in.cells = cells;
	in.nwords = order.mode == MODE_ZORDER ? order.ncols :
		order.mode == MODE_CONVERSATION ? 2 : 1;
	in.arg = &order;
	fs_order_sort(&in, order.temp, cluster->rows);
}
