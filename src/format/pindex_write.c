/*-------------------------------------------------------------------------
 *
 * Writing the partition index.
 *
 * Leaves and blocks of all parts go one after the other to one stretch of
 * memory, which is doubled when it is full; the entries of the head and the
 * roots are kept beside it and put before it at the end.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_tree.h"
#include "format/seq.h"

#define BODY_SIZE_FIRST		((uint32) 1024 * 1024)
#define ROOTS_SIZE_FIRST	((uint32) 64 * 1024)
/* IPv4 addresses whose gaps are worth classes */
#define MIN_CLASSED			(2 * FS_PINDEX_BLOCK)

#define HEAD_SIZE			((uint32) 256 * 1024)

/*
 * Strings of a block, fewer than a reader takes.  With 1024 one value takes
 * 23 us, with 512 15, with 256 12; 256 cost 0.12 bytes a row, 512 0.045
 * (`make bench-cluster`).
 */
#define STRINGS_CUT			512

struct FsPindexWriter
{
	FsArena    *arena;
	FsScratch	scratch;		/* reset after each block */
	uint32		nrows;
	FsListsShape shape;
	uint32		ndomains;
	uint32		ngroups;
	FsWriter	head;			/* entries, without the first 32 bytes */
	FsWriter	roots;
	FsWriter	body;
};

static void
init_writer(FsWriter *out, uint32 size, FsArena *arena)
{
	out->bytes = arena->alloc(arena, size);
	out->len = 0;
	out->cap = size;
	out->is_full = false;
}

/* Make room for len more bytes; the writer is full only beyond the limit. */
static void
reserve(FsPindexWriter *writer, FsWriter *out, uint64 len)
{
	uint64		cap = out->cap;
	uint8	   *bytes;

	while (cap - out->len < len && cap < FS_CHUNK_MAX_BYTES)
		cap *= 2;
	if (cap == out->cap || out->is_full)
		return;
	bytes = writer->arena->alloc(writer->arena, cap);
	memcpy(bytes, out->bytes, out->len);
	out->bytes = bytes;
	out->cap = (uint32) cap;
}

static void
reserve_body(FsPindexWriter *writer, uint64 len)
{
	reserve(writer, &writer->body, len);
}

FsPindexWriter *
fs_pindex_write_begin(uint32 nrows, FsArena *arena)
{
	FsPindexWriter *writer = arena->alloc(arena, sizeof(FsPindexWriter));

	Assert(nrows > 0 && nrows <= FS_VECTORSET_MAX * FS_VECTOR_ROWS);
	writer->arena = arena;
	fs_scratch_init(&writer->scratch, arena);
	writer->nrows = nrows;
	writer->ndomains = 0;
	writer->ngroups = 0;
	fs_lists_shape(&writer->shape, (nrows - 1) / FS_VECTOR_ROWS + 1);
	init_writer(&writer->head, HEAD_SIZE, arena);
	init_writer(&writer->roots, ROOTS_SIZE_FIRST, arena);
	init_writer(&writer->body, BODY_SIZE_FIRST, arena);
	return writer;
}

/* Add the CRC of the block that begins at start; gives the block's length. */
static uint32
end_block(FsPindexWriter *writer, uint32 start)
{
	FsWriter   *body = &writer->body;

	fs_writer_put_int(body, fs_crc_of(body->bytes + start, body->len - start),
					  FS_PINDEX_CRC_LEN);
	fs_scratch_reset(&writer->scratch);
	return body->len - start;
}

/* Blocks are written before the leaves that precede them. */
typedef struct Part
{
	FsPindexEntries entries;	/* of the blocks */
	uint32		start;			/* of the blocks in the body */
	uint32		root_start;		/* in the roots */
} Part;

static Part
begin_part(FsPindexWriter *writer, uint8 kind, uint32 nblocks)
{
	Part		part;

	fs_pindex_entries_init(&part.entries, kind, nblocks, writer->arena);
	part.start = writer->body.len;
	part.root_start = writer->roots.len;
	return part;
}

/* Write a leaf to out, with its CRC; gives its length. */
static uint32
write_leaf(FsPindexWriter *writer, const FsPindexEntries *blocks, uint32 leaf,
		   FsWriter *out)
{
	uint32		from = leaf * FS_PINDEX_FANOUT;
	uint32		start = out->len;

	fs_pindex_node_write(blocks, from, Min(from + FS_PINDEX_FANOUT, blocks->n),
						 &writer->scratch, out);
	fs_writer_put_int(out, fs_crc_of(out->bytes + start, out->len - start), FS_PINDEX_CRC_LEN);
	return out->len - start;
}

/* Put leaves between what stands before the part and its blocks. */
static void
insert_leaves(FsPindexWriter *writer, const Part *part, const FsWriter *leaves)
{
	FsWriter   *body = &writer->body;
	uint32		len = body->len - part->start;

	reserve_body(writer, leaves->len);
	if (!fs_writer_reserve(body, leaves->len))
		return;
	memmove(body->bytes + part->start + leaves->len, body->bytes + part->start, len);
	memcpy(body->bytes + part->start, leaves->bytes, leaves->len);
}

/* Leaves, and the root after what is there of it already. */
static void
write_tree(FsPindexWriter *writer, const Part *part)
{
	const FsPindexEntries *blocks = &part->entries;
	FsScratch  *scratch = &writer->scratch;
	uint32		nleaves = fs_pindex_leaves_of(blocks->n);
	uint64	   *lens = writer->arena->alloc(writer->arena, (nleaves + 1) * sizeof(uint64));
	FsPindexEntries entries;
	FsWriter	leaves = {0};
	uint32		l;

	if (nleaves == 0)
	{
		reserve(writer, &writer->roots, fs_pindex_node_bound(blocks->kind, blocks->n));
		fs_pindex_node_write(blocks, 0, blocks->n, scratch, &writer->roots);
		return;
	}
	init_writer(&leaves, BODY_SIZE_FIRST / 16, writer->arena);
	for (l = 0; l < nleaves; l++)
	{
		reserve(writer, &leaves, fs_pindex_node_bound(blocks->kind, FS_PINDEX_FANOUT) + FS_PINDEX_CRC_LEN);
		lens[l] = write_leaf(writer, blocks, l, &leaves);
		fs_scratch_reset(scratch);
	}
	insert_leaves(writer, part, &leaves);
	fs_pindex_entries_of_leaves(blocks, &entries, writer->arena);
	reserve(writer, &writer->roots,
			fs_pindex_node_bound(blocks->kind, nleaves) +
			fs_seq_bound(fs_shape_nvecs(nleaves)));
	fs_seq_encode_values(lens, nleaves, scratch, &writer->roots);
	fs_pindex_node_write(&entries, 0, nleaves, scratch, &writer->roots);
}

/* Leaves and root; the last twelve bytes of an entry and its columns. */
static void
end_entry(FsPindexWriter *writer, const Part *part, const uint16 *cols,
		  uint32 ncols)
{
	FsWriter   *head = &writer->head;
	const uint8 *root;
	uint32		root_len;
	uint32		i;

	write_tree(writer, part);
	root = writer->roots.bytes + part->root_start;
	root_len = writer->roots.len - part->root_start;
	fs_writer_put_int(head, root_len, 4);
	fs_writer_put_int(head, fs_crc_of(root, root_len), 4);
	fs_writer_put_int(head, writer->body.len - part->start, 4);
	for (i = 0; i < ncols; i++)
		fs_writer_put_int(head, cols[i], 2);
	fs_scratch_reset(&writer->scratch);
}

/* Classes of the gaps between IPv4 addresses; none if these are few. */
static void
plan_gaps(const FsAddrNumber *addrs, uint32 n, FsClassedPlan *plan)
{
	FsClassedCounts counts;
	uint64		gaps[FS_PINDEX_BLOCK];
	uint32		from;
	uint32		i;

	plan->count = 0;
	if (n < MIN_CLASSED)
		return;
	fs_classed_begin(&counts, 0);
	for (from = 0; from < n; from += FS_PINDEX_BLOCK)
	{
		uint32		count = Min(n - from, FS_PINDEX_BLOCK);

		for (i = 1; i < count; i++)
			gaps[i - 1] = addrs[from + i].lo - addrs[from + i - 1].lo;
		fs_classed_count(&counts, gaps, count - 1, 0);
	}
	fs_classed_plan(&counts, plan);
}

/* Blocks of one family; block b of it is entry first + b. */
static void
write_addrs(FsPindexWriter *writer, const FsAddrNumber *addrs, uint32 n,
			const FsClassedPlan *gaps, uint32 first, FsPindexEntries *entries)
{
	uint32		b;

	for (b = 0; b < fs_pindex_blocks_of(n); b++)
	{
		uint32		start = writer->body.len;
		uint32		from = b * FS_PINDEX_BLOCK;

		reserve_body(writer, FS_PINDEX_ADDRS_BOUND);
		fs_pindex_addrs_encode(addrs + from, Min(n - from, FS_PINDEX_BLOCK),
							   gaps, &writer->scratch, &writer->body);
		entries->hi[first + b] = addrs[from].hi;
		entries->lo[first + b] = addrs[from].lo;
		entries->lens[first + b] = end_block(writer, start);
	}
}

static void
write_addr_domain(FsPindexWriter *writer, const FsPindexDomainInput *in)
{
	uint32		count4 = 0;
	uint32		nblocks4;
	FsClassedPlan gaps;
	Part		part;

	while (count4 < in->size && in->addrs[count4].family == 4)
		count4++;
	nblocks4 = fs_pindex_blocks_of(count4);
	part = begin_part(writer, FS_KIND_ADDR, nblocks4 + fs_pindex_blocks_of(in->size - count4));
	part.entries.n4 = nblocks4;
	plan_gaps(in->addrs, count4, &gaps);
	write_addrs(writer, in->addrs, count4, &gaps, 0, &part.entries);
	write_addrs(writer, in->addrs + count4, in->size - count4, &gaps, nblocks4, &part.entries);
	reserve(writer, &writer->roots, 64 + 9 * FS_CLASSED_MAX);
	if (count4 > 0)
		fs_classed_put_classes(&gaps, &writer->roots);
	fs_writer_put_int(&writer->head, count4, 4);
	end_entry(writer, &part, in->cols, in->ncols);
}

/* Strings from first on that make up one block, and their bytes. */
static uint32
cut_strings(const FsPindexDomainInput *in, uint32 first, uint64 *len)
{
	uint32		i = first;

	*len = in->lens[i++];
	while (i < in->size && i - first < STRINGS_CUT &&
		   *len + in->lens[i] <= FS_PINDEX_STRINGS_SIZE)
		*len += in->lens[i++];
	return i - first;
}

/* Bytes of string i that tell it from the one before, as far as allowed. */
static uint32
separator_len(const FsPindexDomainInput *in, uint32 i)
{
	uint32		max = Min(in->lens[i], FS_PINDEX_SEPARATOR_MAX);
	uint32		len = 0;

	if (i == 0)
		return 0;
	max = Min(max, in->lens[i - 1]);
	while (len < max && in->ptrs[i][len] == in->ptrs[i - 1][len])
		len++;
	return Min(len + 1, Min(in->lens[i], FS_PINDEX_SEPARATOR_MAX));
}

static void
write_strings(FsPindexWriter *writer, const FsPindexDomainInput *in,
			  uint32 first, uint32 n, uint64 len)
{
	FsScratch  *scratch = &writer->scratch;
	uint8	   *bytes = fs_scratch_alloc(scratch, Max(len, 1));
	uint64	   *lens = fs_scratch_alloc(scratch, n * sizeof(uint64));
	uint64		off = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		lens[i] = in->lens[first + i];
		if (lens[i] > 0)
			memcpy(bytes + off, in->ptrs[first + i], lens[i]);
		off += lens[i];
	}
	reserve_body(writer, fs_pindex_strings_bound(len));
	fs_pindex_strings_encode(lens, n, bytes, scratch, &writer->body);
}

static void
write_bytes_domain(FsPindexWriter *writer, const FsPindexDomainInput *in)
{
	FsPindexEntries *entries;
	uint32		nblocks = 0;
	uint32		i;
	uint32		b;
	uint64		len;
	Part		part;

	for (i = 0; i < in->size; nblocks++)
		i += cut_strings(in, i, &len);
	part = begin_part(writer, FS_KIND_BYTES, nblocks);
	entries = &part.entries;
	for (b = 0, i = 0; b < nblocks; b++)
	{
		uint32		start = writer->body.len;

		entries->counts[b] = cut_strings(in, i, &len);
		entries->separator_lens[b] = separator_len(in, i);
		entries->separators[b] = in->ptrs[i];
		write_strings(writer, in, i, (uint32) entries->counts[b], len);
		entries->lens[b] = end_block(writer, start);
		i += (uint32) entries->counts[b];
	}
	reserve(writer, &writer->roots, 4);
	fs_writer_put_int(&writer->roots, nblocks, 4);
	fs_writer_put_int(&writer->head, 0, 4);
	end_entry(writer, &part, in->cols, in->ncols);
}

/* Tables stand after the domain's blocks; their entries end its entry. */
static void
write_attribute(FsPindexWriter *writer, const uint64 *values, uint32 n)
{
	FsScratch  *scratch = &writer->scratch;
	Part		part = begin_part(writer, FS_PINDEX_KIND_CODES, (n - 1) / FS_PINDEX_TABLE + 1);
	uint32		b;

	for (b = 0; b < part.entries.n; b++)
	{
		uint32		from = b * FS_PINDEX_TABLE;
		uint32		start = writer->body.len;
		FsShape    *shape = fs_scratch_alloc(scratch, sizeof(FsShape));
		FsSeqInput	in = {values + from, 0, shape, NULL, false, true};

		fs_shape_init(shape, Min(n - from, FS_PINDEX_TABLE));
		reserve_body(writer, fs_seq_bound(1) + FS_PINDEX_CRC_LEN);
		fs_seq_encode(&in, scratch, &writer->body);
		part.entries.lens[b] = end_block(writer, start);
	}
	end_entry(writer, &part, NULL, 0);
}

void
fs_pindex_write_domain(FsPindexWriter *writer, const FsPindexDomainInput *in)
{
	FsWriter   *head = &writer->head;
	uint32		i;

	Assert(in->size > 0 && in->size <= FS_PINDEX_MAX_VALUES);
	Assert(writer->ndomains < FS_PINDEX_MAX_PARTS && writer->ngroups == 0);
	writer->ndomains++;
	fs_writer_put_int(head, in->number, 2);
	fs_writer_put_int(head, in->kind, 1);
	fs_writer_put_int(head, in->nattributes, 1);
	fs_writer_put_int(head, in->ncols, 2);
	fs_writer_put_int(head, 0, 2);
	fs_writer_put_int(head, in->size, 4);
	if (in->kind == FS_KIND_ADDR)
		write_addr_domain(writer, in);
	else
		write_bytes_domain(writer, in);
	for (i = 0; i < in->nattributes; i++)
		write_attribute(writer, in->attributes[i], in->size);
}

/* The keys of a block of lists, less the first, which the directory has. */
static void
write_keys(FsPindexWriter *writer, const int64 *keys, uint32 n)
{
	uint64		rest[FS_PINDEX_BLOCK];
	uint32		i;

	for (i = 0; i < n; i++)
		rest[i] = (uint64) keys[i] - (uint64) keys[0];
	fs_seq_encode_values(rest, n, &writer->scratch, &writer->body);
}

/* One block of lists; gives its length. */
static uint32
write_lists(FsPindexWriter *writer, const FsPindexGroupInput *in, uint32 from)
{
	uint32		start = writer->body.len;
	FsListsInput lists;

	lists.starts = in->starts + from;
	lists.vectors = in->vectors;
	lists.count = Min(in->size - from, FS_PINDEX_BLOCK);
	reserve_body(writer, fs_seq_bound(1) + fs_lists_bound(&writer->shape) +
				 FS_RISING_PADDING + FS_PINDEX_CRC_LEN);
	if (in->kind == FS_KIND_INT)
		write_keys(writer, in->keys + from, lists.count);
	fs_lists_encode(&writer->shape, &lists, &writer->body);
	return end_block(writer, start);
}

/* A block of lists and what it is worth. */
typedef struct BlockWorth
{
	uint32		block;
	uint32		len;
	uint32		npairs;			/* of value and vector */
} BlockWorth;

/* Fewest bytes a pair first. */
static int
by_worth(const void *a, const void *b)
{
	const BlockWorth *x = a;
	const BlockWorth *y = b;
	uint64		left = (uint64) x->len * y->npairs;
	uint64		right = (uint64) y->len * x->npairs;

	if (left != right)
		return left < right ? -1 : 1;
	return x->block < y->block ? -1 : x->block > y->block ? 1 : 0;
}

/* Set the length of blocks to 0 that do not fit the budget; gives the others. */
static uint32
choose_blocks(FsPindexWriter *writer, Part *part, const FsPindexGroupInput *in)
{
	BlockWorth *worths = writer->arena->alloc(writer->arena, part->entries.n *
											  sizeof(BlockWorth));
	uint64		sum = 0;
	uint32		left = 0;
	uint32		b;

	for (b = 0; b < part->entries.n; b++)
	{
		uint32		from = b * FS_PINDEX_BLOCK;

		worths[b].block = b;
		worths[b].len = (uint32) part->entries.lens[b];
		worths[b].npairs = in->starts[Min(from + FS_PINDEX_BLOCK, in->size)] -
			in->starts[from];
	}
	qsort(worths, part->entries.n, sizeof(BlockWorth), by_worth);
	for (b = 0; b < part->entries.n; b++)
	{
		if (sum + worths[b].len > in->budget)
			part->entries.lens[worths[b].block] = 0;
		else
		{
			sum += worths[b].len;
			left++;
		}
	}
	return left;
}

/*
 * If all blocks together are too long, take those of integers out that cost
 * most for what they list, and all of other kinds.  Gives how many are left.
 * So what stays of ports are those of services, which are in many vectors.
 */
static uint32
drop_blocks(FsPindexWriter *writer, Part *part, const FsPindexGroupInput *in)
{
	FsWriter   *body = &writer->body;
	uint32		from = part->start;
	uint32		to = part->start;
	uint32		left;
	uint32		b;
	uint64	   *lens;

	if (body->is_full || body->len - part->start <= in->budget)
		return part->entries.n;
	if (in->kind != FS_KIND_INT)
		return 0;
	lens = writer->arena->alloc(writer->arena, part->entries.n * sizeof(uint64));
	memcpy(lens, part->entries.lens, part->entries.n * sizeof(uint64));
	left = choose_blocks(writer, part, in);
	for (b = 0; b < part->entries.n; b++)
	{
		if (part->entries.lens[b] > 0)
		{
			memmove(body->bytes + to, body->bytes + from, lens[b]);
			to += (uint32) lens[b];
		}
		from += (uint32) lens[b];
	}
	body->len = to;
	return left;
}

bool
fs_pindex_write_group(FsPindexWriter *writer, const FsPindexGroupInput *in)
{
	FsWriter   *head = &writer->head;
	Part		part = begin_part(writer, in->keys ? FS_KIND_INT : FS_PINDEX_KIND_CODES,
								  fs_pindex_blocks_of(in->size));
	uint32		b;

	Assert(in->size > 0 && in->size <= FS_PINDEX_MAX_VALUES);
	for (b = 0; b < part.entries.n; b++)
	{
		if (in->keys)
			part.entries.lo[b] = (uint64) in->keys[b * FS_PINDEX_BLOCK];
		part.entries.lens[b] = write_lists(writer, in, b * FS_PINDEX_BLOCK);
	}
	if (drop_blocks(writer, &part, in) == 0 ||
		writer->ngroups == FS_PINDEX_MAX_PARTS)
	{
		writer->body.len = part.start;
		return false;
	}
	writer->ngroups++;
	fs_writer_put_int(head, in->kind, 1);
	fs_writer_put_int(head, 0, 1);
	fs_writer_put_int(head, in->domain, 2);
	fs_writer_put_int(head, in->ncols, 2);
	fs_writer_put_int(head, 0, 2);
	fs_writer_put_int(head, in->size, 4);
	end_entry(writer, &part, in->cols, in->ncols);
	return true;
}

uint8 *
fs_pindex_write_end(FsPindexWriter *writer, uint32 *len)
{
	uint32		head_len = FS_PINDEX_PREFIX_LEN + writer->head.len;
	uint32		roots_len = writer->roots.len;
	uint8	   *bytes;

	if (writer->head.is_full || writer->roots.is_full || writer->body.is_full ||
		(uint64) head_len + roots_len + writer->body.len > FS_CHUNK_MAX_BYTES)
		return NULL;
	*len = head_len + roots_len + writer->body.len;
	bytes = writer->arena->alloc(writer->arena, *len);
	memset(bytes, 0, FS_PINDEX_PREFIX_LEN);
	fs_little_put32(bytes, FS_PINDEX_MAGIC);
	fs_little_put32(bytes + 4, FS_FORMAT_VERSION);
	fs_little_put32(bytes + 8, head_len);
	fs_little_put32(bytes + 12, *len);
	fs_little_put32(bytes + 16, writer->nrows);
	fs_little_put16(bytes + 20, writer->ndomains);
	fs_little_put16(bytes + 22, writer->ngroups);
	memcpy(bytes + FS_PINDEX_PREFIX_LEN, writer->head.bytes, writer->head.len);
	memcpy(bytes + head_len, writer->roots.bytes, roots_len);
	memcpy(bytes + head_len + roots_len, writer->body.bytes, writer->body.len);
	fs_little_put32(bytes + FS_PINDEX_CRC_OFF,
					fs_crc_of_two(bytes, FS_PINDEX_CRC_OFF, bytes + FS_PINDEX_CRC_END,
								  head_len - FS_PINDEX_CRC_END));
	return bytes;
}
