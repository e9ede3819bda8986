/*-------------------------------------------------------------------------
 *
 * Nodes of the partition index.
 *
 *	  ADDR		sequence of the first addresses of entries that begin with
 *				IPv4, if any; sequences of upper and of lower halves of the
 *				others, if any; sequence of lengths
 *	  BYTES		sequences of the strings in each, of lengths, and of lengths
 *				of separators; the separators
 *	  INT		sequence of first keys; sequence of lengths
 *	  codes		sequence of lengths
 *
 * Lengths are those of the entry's blocks, 0: left out.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_tree.h"
#include "format/seq.h"

int
fs_pindex_compare_bytes(const FsPindexBytes *a, const FsPindexBytes *b)
{
	uint32		len = Min(a->len, b->len);
	int			cmp = len > 0 ? memcmp(a->ptr, b->ptr, len) : 0;

	if (cmp != 0)
		return cmp;
	return a->len < b->len ? -1 : a->len > b->len;
}

uint32
fs_pindex_leaves_of(uint32 nblocks)
{
	return nblocks <= FS_PINDEX_FANOUT ? 0 :
		(nblocks + FS_PINDEX_FANOUT - 1) / FS_PINDEX_FANOUT;
}

void
fs_pindex_entries_init(FsPindexEntries *entries, uint8 kind, uint32 n,
					   FsArena *arena)
{
	size_t		size = (size_t) n * sizeof(uint64);

	memset(entries, 0, sizeof(*entries));
	entries->kind = kind;
	entries->n = n;
	entries->lens = arena->alloc(arena, size + 1);
	if (kind == FS_KIND_ADDR)
		entries->hi = arena->alloc(arena, size + 1);
	if (kind == FS_KIND_ADDR || kind == FS_KIND_INT)
		entries->lo = arena->alloc(arena, size + 1);
	if (kind != FS_KIND_BYTES)
		return;
	entries->counts = arena->alloc(arena, size + 1);
	entries->separator_lens = arena->alloc(arena, size + 1);
	entries->separators = arena->alloc(arena, n * sizeof(uint8 *) + 1);
}

void
fs_pindex_entries_of_leaves(const FsPindexEntries *blocks,
							FsPindexEntries *leaves, FsArena *arena)
{
	uint32		b;

	fs_pindex_entries_init(leaves, blocks->kind, fs_pindex_leaves_of(blocks->n), arena);
	leaves->n4 = (blocks->n4 + FS_PINDEX_FANOUT - 1) / FS_PINDEX_FANOUT;
	for (b = 0; b < blocks->n; b++)
	{
		uint32		l = b / FS_PINDEX_FANOUT;
		bool		is_first = b % FS_PINDEX_FANOUT == 0;

		leaves->lens[l] = (is_first ? 0 : leaves->lens[l]) + blocks->lens[b];
		if (blocks->kind == FS_KIND_BYTES)
			leaves->counts[l] = (is_first ? 0 : leaves->counts[l]) + blocks->counts[b];
		if (!is_first)
			continue;
		if (blocks->hi)
			leaves->hi[l] = blocks->hi[b];
		if (blocks->lo)
			leaves->lo[l] = blocks->lo[b];
		if (blocks->kind == FS_KIND_BYTES)
		{
			leaves->separators[l] = blocks->separators[b];
			leaves->separator_lens[l] = blocks->separator_lens[b];
		}
	}
}

uint64
fs_pindex_node_bound(uint8 kind, uint32 n)
{
	uint64		bound = 4 * fs_seq_bound(fs_shape_nvecs(n));

	return kind != FS_KIND_BYTES ? bound :
		bound + (uint64) n * FS_PINDEX_SEPARATOR_MAX;
}

void
fs_pindex_node_write(const FsPindexEntries *entries, uint32 from, uint32 end,
					 FsScratch *scratch, FsWriter *out)
{
	uint32		n = end - from;
	uint32		n4 = entries->n4 > from ? Min(entries->n4 - from, n) : 0;
	uint32		i;

	if (entries->kind == FS_KIND_INT)
		fs_seq_encode_values(entries->lo + from, n, scratch, out);
	if (entries->kind == FS_KIND_ADDR)
	{
		if (n4 > 0)
			fs_seq_encode_values(entries->lo + from, n4, scratch, out);
		if (n4 < n)
		{
			fs_seq_encode_values(entries->hi + from + n4, n - n4, scratch, out);
			fs_seq_encode_values(entries->lo + from + n4, n - n4, scratch, out);
		}
	}
	if (entries->kind == FS_KIND_BYTES)
		fs_seq_encode_values(entries->counts + from, n, scratch, out);
	fs_seq_encode_values(entries->lens + from, n, scratch, out);
	if (entries->kind != FS_KIND_BYTES)
		return;
	fs_seq_encode_values(entries->separator_lens + from, n, scratch, out);
	for (i = from; i < end; i++)
		fs_writer_put(out, entries->separators[i], entries->separator_lens[i]);
}

/* Of one family, without prefix lengths; in line. */
static inline bool
is_above(const FsAddrNumber *a, const FsAddrNumber *b)
{
	return a->hi != b->hi ? a->hi > b->hi : a->lo > b->lo;
}

/* First addresses of n entries of one family. */
static void
parse_family(FsCursor *cursor, uint32 n, uint8 family, FsArena *temp,
			 FsAddrNumber *firsts)
{
	uint64	   *hi = NULL;
	uint64	   *lo;
	uint32		i;

	if (n == 0 || cursor->failed)
		return;
	if (family == 6 && !(hi = fs_seq_load(cursor, n, temp)))
		return;
	lo = fs_seq_load(cursor, n, temp);
	for (i = 0; lo && i < n; i++)
	{
		firsts[i].hi = hi ? hi[i] : 0;
		firsts[i].lo = lo[i];
		firsts[i].family = family;
		firsts[i].bits = 0;
		if ((family == 4 && lo[i] > PG_UINT32_MAX) ||
			(i > 0 && is_above(&firsts[i - 1], &firsts[i])))
		{
			fs_cursor_fail(cursor, "addresses do not ascend");
			return;
		}
	}
}

static void
parse_addrs(FsCursor *cursor, const FsPindexSpan *span, FsArena *arena,
			FsArena *temp, FsPindexNode *node)
{
	node->firsts = arena->alloc(arena, span->n * sizeof(FsAddrNumber));
	parse_family(cursor, span->n4, 4, temp, node->firsts);
	parse_family(cursor, span->n - span->n4, 6, temp, node->firsts + span->n4);
	if (!cursor->failed && span->above &&
		fs_addrmap_compare(&span->above->firsts[span->place], &node->firsts[0]) != 0)
		fs_cursor_fail(cursor, "leaf does not begin with its first address");
}

static void
parse_keys(FsCursor *cursor, const FsPindexSpan *span, FsArena *arena,
		   FsPindexNode *node)
{
	uint32		i;

	node->keys = (int64 *) fs_seq_load(cursor, span->n, arena);
	if (!node->keys)
		return;
	for (i = 1; i < span->n; i++)
		if (node->keys[i] <= node->keys[i - 1])
		{
			fs_cursor_fail(cursor, "keys do not ascend");
			return;
		}
	if (span->above && span->above->keys[span->place] != node->keys[0])
		fs_cursor_fail(cursor, "leaf does not begin with its first key");
}

/* First codes of entries, from a sequence of the strings in each. */
static void
parse_starts(FsCursor *cursor, const FsPindexSpan *span, FsArena *arena,
			 FsArena *temp, FsPindexNode *node)
{
	uint64	   *counts = fs_seq_load(cursor, span->n, temp);
	uint32		code = span->first_code;
	uint32		i;

	if (!counts)
		return;
	node->starts = arena->alloc(arena, (span->n + 1) * sizeof(uint32));
	for (i = 0; i < span->n; i++)
	{
		node->starts[i] = code;
		if (counts[i] == 0 || counts[i] > span->max_count ||
			counts[i] > span->end_code - code)
		{
			fs_cursor_fail(cursor, "entry %u of strings does not fit", i);
			return;
		}
		code += (uint32) counts[i];
	}
	node->starts[span->n] = code;
	if (code != span->end_code)
		fs_cursor_fail(cursor, "entries have strings up to %u of %u", code, span->end_code);
}

static void
parse_separators(FsCursor *cursor, const FsPindexSpan *span, FsArena *arena,
				 FsArena *temp, FsPindexNode *node)
{
	uint64	   *lens = fs_seq_load(cursor, span->n, temp);
	FsPindexBytes *separators = arena->alloc(arena, span->n * sizeof(FsPindexBytes));
	const uint8 *src;
	uint8	   *copy;
	uint64		sum = 0;
	uint32		i;

	for (i = 0; lens && i < span->n; i++)
	{
		if (lens[i] > (i > 0 || span->place > 0 ? FS_PINDEX_SEPARATOR_MAX : 0))
			fs_cursor_fail(cursor, "separator of %u bytes", (uint32) lens[i]);
		sum += Min(lens[i], FS_PINDEX_SEPARATOR_MAX);
	}
	src = lens ? fs_cursor_take(cursor, sum) : NULL;
	if (!src)
		return;
	copy = arena->alloc(arena, sum + 1);
	memcpy(copy, src, sum);
	for (i = 0; i < span->n; copy += lens[i++])
	{
		separators[i].ptr = copy;
		separators[i].len = (uint32) lens[i];
		if (i > 0 && fs_pindex_compare_bytes(&separators[i - 1], &separators[i]) > 0)
			fs_cursor_fail(cursor, "separators do not ascend");
	}
	if (span->above &&
		fs_pindex_compare_bytes(&span->above->separators[span->place], &separators[0]) != 0)
		fs_cursor_fail(cursor, "leaf does not begin with its separator");
	node->separators = separators;
}

/* Offsets of blocks, from a sequence of lengths. */
static void
parse_lens(FsCursor *cursor, const FsPindexSpan *span, FsArena *arena,
		   FsArena *temp, FsPindexNode *node)
{
	uint64	   *lens = fs_seq_load(cursor, span->n, temp);
	uint64		sum = 0;
	uint32		i;

	if (!lens)
		return;
	node->off = arena->alloc(arena, (span->n + 1) * sizeof(uint32));
	for (i = 0; i < span->n; i++)
	{
		node->off[i] = span->off + (uint32) sum;
		if (lens[i] > span->len - sum)
			break;
		sum += lens[i];
	}
	node->off[span->n] = span->off + (uint32) sum;
	if (i < span->n || sum != span->len)
		fs_cursor_fail(cursor, "blocks do not take %u bytes", span->len);
}

bool
fs_pindex_node_parse(FsCursor *cursor, const FsPindexSpan *span,
					 FsArena *arena, FsArena *temp, FsPindexNode *node)
{
	memset(node, 0, sizeof(*node));
	node->n = span->n;
	if (span->kind == FS_KIND_ADDR)
		parse_addrs(cursor, span, arena, temp, node);
	else if (span->kind == FS_KIND_INT)
		parse_keys(cursor, span, arena, node);
	else if (span->kind == FS_KIND_BYTES)
		parse_starts(cursor, span, arena, temp, node);
	if (!cursor->failed)
		parse_lens(cursor, span, arena, temp, node);
	if (!cursor->failed && span->kind == FS_KIND_BYTES)
		parse_separators(cursor, span, arena, temp, node);
	return fs_cursor_finish(cursor);
}
