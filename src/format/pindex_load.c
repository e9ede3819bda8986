/*-------------------------------------------------------------------------
 *
 * Roots, leaves, blocks and tables of an open partition index.
 *
 * A root is
 *
 *	  ADDR		classes, if there are IPv4 addresses
 *	  BYTES		number of blocks (4 bytes)
 *	  all		if there are more than FS_PINDEX_FANOUT blocks: sequence of the
 *				lengths of leaves; then a node of leaves, else of blocks
 *				(pindex_tree.c)
 *
 * and is checked by the CRC-32C that the head has for it.  Each leaf, which is
 * a node of blocks, and each block ends with the CRC-32C of the rest, which its
 * length includes.  A block of lists of kind INT begins with a sequence of its
 * keys, less the first; a block of a table is a sequence of 1,024 values.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"

/* A fault's place is one of the index, not of its part. */
static bool
move_fault(FsFault *fault, uint32 off)
{
	fault->off += off;
	return false;
}

/* Fetch a root to raw, and check its CRC. */
static bool
load_checked(FsPindex *index, uint32 off, uint32 len, uint32 crc,
			 FsCursor *cursor, FsFault *fault)
{
	if (!fs_pindex_load_bytes(index, off, len, &index->raw, fault))
		return false;
	fs_cursor_init(cursor, index->raw.bytes, len, fault);
	return fs_crc_is_right(fs_crc_of(index->raw.bytes, len), crc) ||
		fs_fault_set(fault, off, "checksum is wrong");
}

/* The same of a leaf or block, which has its CRC at its end. */
static bool
load_sealed(FsPindex *index, uint32 off, uint32 len, FsPindexRaw *raw,
			FsCursor *cursor, FsFault *fault)
{
	if (len <= FS_PINDEX_CRC_LEN)
		return fs_fault_set(fault, off, "block of %u bytes", len);
	if (!fs_pindex_load_bytes(index, off, len, raw, fault))
		return false;
	len -= FS_PINDEX_CRC_LEN;
	fs_cursor_init(cursor, raw->bytes, len, fault);
	if (!fs_crc_is_right(fs_crc_of(raw->bytes, len), fs_little_get32(raw->bytes + len)))
		return fs_fault_set(fault, off, "checksum is wrong");
	memset(raw->bytes + len, 0, FS_PINDEX_CRC_LEN);
	return true;
}

/* Offsets of n leaves, from a sequence of their lengths; NULL on failure. */
static uint32 *
parse_leaf_lens(FsCursor *cursor, FsPindex *index, const FsPindexPart *part,
				uint32 n)
{
	uint64	   *lens = fs_seq_load(cursor, n, &index->temp.arena);
	uint32	   *off;
	uint64		sum = 0;
	uint32		i;

	if (!lens)
		return NULL;
	off = index->arena->alloc(index->arena, (n + 1) * sizeof(uint32));
	for (i = 0; i < n; i++)
	{
		off[i] = part->off + (uint32) sum;
		if (lens[i] > part->len - sum)
		{
			fs_cursor_fail(cursor, "leaves take more than %u bytes", part->len);
			return NULL;
		}
		sum += lens[i];
	}
	off[n] = part->off + (uint32) sum;
	return off;
}

/* A root behind what its kind has there first. */
static bool
parse_root(FsCursor *cursor, FsPindex *index, FsPindexPart *part)
{
	FsArena    *arena = index->arena;
	uint32		nleaves = fs_pindex_leaves_of(part->nblocks);
	FsPindexNode *root = arena->alloc(arena, sizeof(FsPindexNode));
	FsPindexSpan span = {part->kind, part->nblocks, part->nblocks4, part->off, part->len};
	uint32	   *leaf_off = NULL;

	span.end_code = part->size;
	span.max_count = FS_PINDEX_STRINGS;
	if (nleaves > 0)
	{
		leaf_off = parse_leaf_lens(cursor, index, part, nleaves);
		if (!leaf_off)
			return false;
		span.n = nleaves;
		span.n4 = (part->nblocks4 + FS_PINDEX_FANOUT - 1) / FS_PINDEX_FANOUT;
		span.off = leaf_off[nleaves];
		span.len = part->off + part->len - span.off;
		span.max_count = FS_PINDEX_LEAF_STRINGS;
	}
	if (!fs_pindex_node_parse(cursor, &span, arena, &index->temp.arena, root))
		return false;
	root->leaf_off = leaf_off;
	part->leaves = arena->alloc(arena, Max(nleaves, 1) * sizeof(FsPindexNode *));
	memset(part->leaves, 0, Max(nleaves, 1) * sizeof(FsPindexNode *));
	if (nleaves == 0)
		part->leaves[0] = root;
	part->root = root;
	return true;
}

/* What stands before the nodes of a domain. */
static bool
parse_domain_root(FsCursor *cursor, FsPindex *index,
				  FsPindexDomainReader *domain)
{
	FsPindexPart *part = &domain->part;
	size_t		size;

	if (part->kind == FS_KIND_ADDR)
		return (domain->count4 == 0 || fs_classed_get_classes(cursor, &domain->gaps)) &&
			parse_root(cursor, index, part);
	part->nblocks = fs_cursor_get32(cursor);
	if (part->nblocks == 0 || part->nblocks > domain->info.size ||
		part->nblocks > FS_CHUNK_MAX_ROWS)
		fs_cursor_fail(cursor, "%u blocks of %u strings", part->nblocks, domain->info.size);
	if (cursor->failed || !parse_root(cursor, index, part))
		return false;
	size = part->nblocks * sizeof(FsPindexStrings);
	domain->strings = index->arena->alloc(index->arena, size);
	memset(domain->strings, 0, size);
	return true;
}

FsPindexDomainReader *
fs_pindex_load_domain(FsPindex *index, uint16 number, uint8 kind,
					  FsFault *fault)
{
	FsPindexDomainReader *domain = NULL;
	FsPindexPart *part;
	FsCursor	cursor;
	uint32		i;

	for (i = 0; i < index->ndomains; i++)
		if (index->domains[i].info.number == number)
			domain = &index->domains[i];
	if (!domain || (kind != 0 && domain->info.kind != kind))
	{
		fs_fault_set(fault, 0, "there is no domain %d of kind %d", number, kind);
		return NULL;
	}
	part = &domain->part;
	if (part->root)
		return domain;
	if (!load_checked(index, part->root_off, part->root_len, part->root_crc, &cursor, fault))
		return NULL;
	if (parse_domain_root(&cursor, index, domain))
		return domain;
	part->root = NULL;
	move_fault(fault, part->root_off);
	return NULL;
}

/* Have the root of a part that is not a domain. */
static bool
load_root(FsPindex *index, FsPindexPart *part, FsFault *fault)
{
	FsCursor	cursor;

	if (part->root)
		return true;
	if (!load_checked(index, part->root_off, part->root_len, part->root_crc, &cursor, fault))
		return false;
	return parse_root(&cursor, index, part) || move_fault(fault, part->root_off);
}

bool
fs_pindex_load_group(FsPindex *index, uint32 number, FsFault *fault)
{
	return load_root(index, &index->groups[number].part, fault);
}

FsPindexNode *
fs_pindex_load_leaf(FsPindex *index, FsPindexPart *part, uint32 leaf,
					FsFault *fault)
{
	const FsPindexNode *root = part->root;
	uint32		first = leaf * FS_PINDEX_FANOUT;
	FsPindexSpan span = {part->kind};
	FsPindexNode *node;
	FsCursor	cursor;

	if (part->leaves[leaf])
		return part->leaves[leaf];
	if (!load_sealed(index, root->leaf_off[leaf], root->leaf_off[leaf + 1] - root->leaf_off[leaf],
					 &index->raw, &cursor, fault))
		return NULL;
	span.n = Min(part->nblocks - first, FS_PINDEX_FANOUT);
	span.n4 = part->nblocks4 > first ? Min(part->nblocks4 - first, span.n) : 0;
	span.off = root->off[leaf];
	span.len = root->off[leaf + 1] - span.off;
	if (part->kind == FS_KIND_BYTES)
	{
		span.first_code = root->starts[leaf];
		span.end_code = root->starts[leaf + 1];
		span.max_count = FS_PINDEX_STRINGS;
	}
	span.above = root;
	span.place = leaf;
	node = index->arena->alloc(index->arena, sizeof(FsPindexNode));
	if (fs_pindex_node_parse(&cursor, &span, index->arena, &index->temp.arena, node))
		return part->leaves[leaf] = node;
	move_fault(fault, root->leaf_off[leaf]);
	return NULL;
}

/* Fetch a block, which is entry i of its leaf. */
static inline bool
load_block(FsPindex *index, const FsPindexNode *leaf, uint32 i,
		   FsPindexRaw *raw, FsCursor *cursor, FsFault *fault)
{
	return load_sealed(index, leaf->off[i], leaf->off[i + 1] - leaf->off[i],
					   raw, cursor, fault);
}

bool
fs_pindex_load_addrs(FsPindex *index, FsPindexDomainReader *domain, uint32 b,
					 FsFault *fault)
{
	FsPindexAddrs **slot = &domain->cache[b % FS_PINDEX_CACHE];
	uint32		i = b % FS_PINDEX_FANOUT;
	const FsPindexNode *leaf;
	FsCursor	cursor;

	if (domain->block == b)
		return true;
	domain->block = -1;
	if (!*slot)
		*slot = index->arena->alloc(index->arena, sizeof(FsPindexAddrs));
	else if ((*slot)->block == b)
	{
		domain->block = b;
		domain->values = (*slot)->values;
		return true;
	}
	(*slot)->block = -1;
	leaf = fs_pindex_load_leaf(index, &domain->part, b / FS_PINDEX_FANOUT, fault);
	if (!leaf || !load_block(index, leaf, i, &index->raw, &cursor, fault))
		return false;
	if (!fs_pindex_addrs_decode(&cursor, fs_pindex_addrs_count(domain, b), &leaf->firsts[i],
								&domain->gaps, &index->temp.arena, (*slot)->values))
		return move_fault(fault, leaf->off[i]);
	(*slot)->block = domain->block = b;
	domain->values = (*slot)->values;
	domain->ndecoded++;
	return true;
}

bool
fs_pindex_load_all_addrs(FsPindex *index, FsPindexDomainReader *domain)
{
	FsFault		fault = {{0}, 0};
	FsAddr	   *all;
	uint32		b;

	if (domain->is_all_tried)
		return domain->all != NULL;
	if (domain->ndecoded < domain->part.nblocks / 4 + FS_PINDEX_CACHE ||
		domain->info.size > FS_PINDEX_ALL_MAX)
		return false;
	domain->is_all_tried = true;
	all = index->arena->alloc(index->arena, sizeof(FsAddr) * (size_t) domain->info.size);
	for (b = 0; b < domain->part.nblocks; b++)
	{
		uint32		start = fs_pindex_addrs_start(domain, b);

		if (!fs_pindex_load_addrs(index, domain, b, &fault))
			return false;
		fs_addrmap_addrs(domain->values, fs_pindex_addrs_count(domain, b), &all[start]);
	}
	domain->all = all;
	return true;
}

/* Ends of strings from their lengths; they must ascend. */
static bool
check_strings(FsPindexStrings *strings, const uint64 *lens, uint32 n)
{
	uint32		end = 0;
	uint32		i;
	FsPindexBytes before = {NULL, 0};

	for (i = 0; i < n; i++)
	{
		FsPindexBytes string = {strings->bytes + end, (uint32) lens[i]};

		if (i > 0 && fs_pindex_compare_bytes(&before, &string) >= 0)
			return false;
		end += (uint32) lens[i];
		strings->ends[i] = end;
		before = string;
	}
	return true;
}

const FsPindexStrings *
fs_pindex_load_strings(FsPindex *index, FsPindexDomainReader *domain,
					   uint32 b, FsFault *fault)
{
	FsPindexStrings strings;
	uint32		i = b % FS_PINDEX_FANOUT;
	const FsPindexNode *leaf;
	uint32		n;
	uint64	   *lens;
	FsCursor	cursor;

	if (domain->strings[b].bytes)
		return &domain->strings[b];
	leaf = fs_pindex_load_leaf(index, &domain->part, b / FS_PINDEX_FANOUT, fault);
	if (!leaf || !load_block(index, leaf, i, &index->raw, &cursor, fault))
		return NULL;
	n = leaf->starts[i + 1] - leaf->starts[i];
	strings.bytes = fs_pindex_strings_decode(&cursor, n, &index->unpack, &lens);
	if (!strings.bytes)
	{
		move_fault(fault, leaf->off[i]);
		return NULL;
	}
	strings.ends = index->arena->alloc(index->arena, n * sizeof(uint32));
	if (!check_strings(&strings, lens, n))
	{
		fs_fault_set(fault, leaf->off[i], "strings do not ascend");
		return NULL;
	}
	domain->strings[b] = strings;
	return &domain->strings[b];
}

/* The entry of a node that has a code. */
static uint32
find_entry(const FsPindexNode *node, uint32 code)
{
	uint32		low = 0;
	uint32		high = node->n;

	while (high - low > 1)
	{
		uint32		mid = (low + high) / 2;

		if (node->starts[mid] <= code)
			low = mid;
		else
			high = mid;
	}
	return low;
}

bool
fs_pindex_strings_block(FsPindex *index, FsPindexDomainReader *domain,
						uint32 code, uint32 *block, uint32 *first,
						uint32 *end, FsFault *fault)
{
	uint32		l = domain->part.root->leaf_off ? find_entry(domain->part.root, code) : 0;
	const FsPindexNode *leaf = fs_pindex_load_leaf(index, &domain->part, l, fault);
	uint32		i;

	if (!leaf)
		return false;
	i = find_entry(leaf, code);
	*block = l * FS_PINDEX_FANOUT + i;
	*first = leaf->starts[i];
	*end = leaf->starts[i + 1];
	return true;
}

/* The keys of a block of lists. */
static bool
parse_keys(FsCursor *cursor, FsPindex *index, uint32 n, int64 first,
		   int64 *keys)
{
	uint64	   *rest = fs_seq_load(cursor, n, &index->temp.arena);
	uint32		i;

	if (!rest)
		return false;
	for (i = 0; i < n; i++)
	{
		keys[i] = (int64) ((uint64) first + rest[i]);
		if (i == 0 ? keys[i] != first : keys[i] <= keys[i - 1])
			return fs_cursor_fail(cursor, "keys do not ascend");
	}
	return true;
}

/* Room for a block of lists of a group. */
static FsPindexLists *
make_lists(FsPindex *index)
{
	FsPindexLists *lists = index->arena->alloc(index->arena, sizeof(FsPindexLists));

	lists->block = -1;
	memset(&lists->raw, 0, sizeof(lists->raw));
	return lists;
}

bool
fs_pindex_load_lists(FsPindex *index, uint32 number, uint32 b,
					 bool *is_listed, FsFault *fault)
{
	FsPindexGroupReader *group = &index->groups[number];
	uint32		i = b % FS_PINDEX_FANOUT;
	uint32		n = Min(group->part.size - b * FS_PINDEX_BLOCK, FS_PINDEX_BLOCK);
	const FsPindexNode *leaf;
	FsCursor	cursor;

	if (!group->at)
		group->at = make_lists(index);
	if (group->at->block == b)
		return true;
	leaf = fs_pindex_load_leaf(index, &group->part, b / FS_PINDEX_FANOUT, fault);
	if (!leaf)
		return false;
	if (leaf->off[i] == leaf->off[i + 1])
	{
		*is_listed = false;
		return true;
	}
	group->at->block = -1;
	if (!load_block(index, leaf, i, &group->at->raw, &cursor, fault))
		return false;
	if (group->part.kind == FS_KIND_INT &&
		!parse_keys(&cursor, index, n, leaf->keys[i], group->at->keys))
		return move_fault(fault, leaf->off[i]);
	if (!fs_lists_parse(&cursor, &index->shape, n, &group->at->lists))
		return move_fault(fault, leaf->off[i]);
	group->at->block = b;
	return true;
}

bool
fs_pindex_load_table(FsPindex *index, FsPindexTable *table, uint32 b,
					 FsFault *fault)
{
	FsPindexPart *part = &table->part;
	uint32		n = Min(part->size - b * FS_PINDEX_TABLE, FS_PINDEX_TABLE);
	uint32		i = b % FS_PINDEX_FANOUT;
	const FsPindexNode *leaf;
	uint64	   *values;
	FsCursor	cursor;

	if (!load_root(index, part, fault))
		return false;
	if (!table->values)
	{
		size_t		size = part->nblocks * sizeof(int64 *);

		table->values = index->arena->alloc(index->arena, size);
		memset(table->values, 0, size);
	}
	leaf = fs_pindex_load_leaf(index, part, b / FS_PINDEX_FANOUT, fault);
	if (!leaf || !load_block(index, leaf, i, &index->raw, &cursor, fault))
		return false;
	values = fs_seq_load(&cursor, n, &index->temp.arena);
	if (!values || !fs_cursor_finish(&cursor))
		return move_fault(fault, leaf->off[i]);
	table->values[b] = index->arena->alloc(index->arena, n * sizeof(int64));
	memcpy(table->values[b], values, n * sizeof(int64));
	return true;
}
