/*-------------------------------------------------------------------------
 *
 * Directories, blocks and tables of an open partition index.
 *
 * A directory is
 *
 *	  ADDR		sequence of the first addresses of IPv4 blocks, if any;
 *				sequences of upper and of lower halves of IPv6 blocks, if any;
 *				sequence of lengths of the blocks
 *	  BYTES		number of blocks B (4 bytes), sequences of the strings in
 *				each, of the lengths of the blocks, and of the lengths of
 *				separators, and then the separators
 *	  a group	of kind INT: sequence of first keys; sequence of lengths of
 *				the blocks, 0: left out
 *
 * Each block ends with the CRC-32C of the rest, which its length includes.
 * A block of lists of kind INT begins with a sequence of its keys, less the
 * first.  A table is one sequence for each 65,536 values.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"
#include "format/seq.h"

/* A fault's place is one of the index, not of its part. */
static bool
move_fault(FsFault *fault, uint32 off)
{
	fault->off += off;
	return false;
}

/* Fetch a directory or table to raw, and check its CRC. */
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

bool
fs_pindex_load_block(FsPindex *index, const FsPindexPart *part, uint32 b,
					 FsPindexRaw *raw, FsCursor *cursor, FsFault *fault)
{
	uint32		off = part->off[b];
	uint32		len = part->off[b + 1] - off;

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

/* Offsets of a part's blocks, from a sequence of their lengths. */
static void
parse_lens(FsCursor *cursor, FsPindex *index, FsPindexPart *part)
{
	FsArena    *arena = index->arena;
	uint64	   *lens = fs_seq_load(cursor, part->nblocks, &index->temp.arena);
	uint64		sum = 0;
	uint32		start = part->dir_off + part->dir_len;
	uint32		b;

	if (!lens)
		return;
	part->off = arena->alloc(arena, (part->nblocks + 1) * sizeof(uint32));
	for (b = 0; b < part->nblocks; b++)
	{
		part->off[b] = start + (uint32) sum;
		if (lens[b] > part->blocks_len - sum)
			break;
		sum += lens[b];
	}
	part->off[part->nblocks] = start + (uint32) sum;
	if (b < part->nblocks || sum != part->blocks_len)
		fs_cursor_fail(cursor, "blocks do not take %u bytes", part->blocks_len);
}

/* One part of first addresses of one family. */
static void
parse_firsts(FsCursor *cursor, FsPindex *index, FsAddrNumber *firsts,
			 uint32 nblocks, uint8 family)
{
	uint64	   *hi = NULL;
	uint64	   *lo;
	uint32		b;

	if (nblocks == 0)
		return;
	if (family == 6 && !(hi = fs_seq_load(cursor, nblocks, &index->temp.arena)))
		return;
	lo = fs_seq_load(cursor, nblocks, &index->temp.arena);
	for (b = 0; lo && b < nblocks; b++)
	{
		firsts[b].hi = hi ? hi[b] : 0;
		firsts[b].lo = lo[b];
		firsts[b].family = family;
		firsts[b].bits = 0;
		if ((family == 4 && lo[b] > PG_UINT32_MAX) ||
			(b > 0 && fs_addrmap_compare(&firsts[b - 1], &firsts[b]) > 0))
			fs_cursor_fail(cursor, "addresses do not ascend");
	}
}

static void
parse_addr_dir(FsCursor *cursor, FsPindex *index,
			   FsPindexDomainReader *domain)
{
	FsPindexPart *part = &domain->part;
	uint32		nblocks6 = fs_pindex_blocks_of(domain->info.size - domain->count4);

	part->nblocks = domain->nblocks4 + nblocks6;
	domain->firsts = index->arena->alloc(index->arena, part->nblocks * sizeof(FsAddrNumber));
	parse_firsts(cursor, index, domain->firsts, domain->nblocks4, 4);
	if (!cursor->failed && domain->nblocks4 > 0 &&
		!fs_classed_get_classes(cursor, &domain->gaps))
		return;
	if (!cursor->failed)
		parse_firsts(cursor, index, domain->firsts + domain->nblocks4, nblocks6, 6);
	if (!cursor->failed)
		parse_lens(cursor, index, part);
}

/* First codes of blocks, from a sequence of the strings in each. */
static void
parse_starts(FsCursor *cursor, FsPindex *index, FsPindexDomainReader *domain)
{
	uint32		nblocks = domain->part.nblocks;
	uint64	   *counts = fs_seq_load(cursor, nblocks, &index->temp.arena);
	uint32		sum = 0;
	uint32		b;

	if (!counts)
		return;
	domain->starts = index->arena->alloc(index->arena, (nblocks + 1) * sizeof(uint32));
	for (b = 0; b < nblocks; b++)
	{
		domain->starts[b] = sum;
		if (counts[b] == 0 || counts[b] > FS_PINDEX_STRINGS ||
			counts[b] > domain->info.size - sum)
		{
			fs_cursor_fail(cursor, "block %u of strings does not fit", b);
			return;
		}
		sum += (uint32) counts[b];
	}
	domain->starts[nblocks] = sum;
	if (sum != domain->info.size)
		fs_cursor_fail(cursor, "blocks have %u of %u strings", sum, domain->info.size);
}

static void
parse_separators(FsCursor *cursor, FsPindex *index,
				 FsPindexDomainReader *domain)
{
	FsArena    *arena = index->arena;
	uint32		nblocks = domain->part.nblocks;
	uint64	   *lens = fs_seq_load(cursor, nblocks, &index->temp.arena);
	uint32		b;

	if (!lens)
		return;
	domain->separators = arena->alloc(arena, nblocks * sizeof(FsPindexBytes));
	for (b = 0; b < nblocks && !cursor->failed; b++)
	{
		const uint8 *src;
		uint8	   *copy;

		if (lens[b] > (b > 0 ? FS_PINDEX_SEPARATOR_MAX : 0))
			fs_cursor_fail(cursor, "separator of %u bytes", (uint32) lens[b]);
		src = fs_cursor_take(cursor, lens[b]);
		if (!src)
			return;
		copy = arena->alloc(arena, lens[b] + 1);
		memcpy(copy, src, lens[b]);
		domain->separators[b].ptr = copy;
		domain->separators[b].len = (uint32) lens[b];
		if (b > 0 && fs_pindex_compare_bytes(&domain->separators[b - 1],
											 &domain->separators[b]) > 0)
			fs_cursor_fail(cursor, "separators do not ascend");
	}
}

static void
parse_bytes_dir(FsCursor *cursor, FsPindex *index,
				FsPindexDomainReader *domain)
{
	FsPindexPart *part = &domain->part;
	size_t		size;

	part->nblocks = fs_cursor_get32(cursor);
	if (part->nblocks == 0 || part->nblocks > domain->info.size ||
		part->nblocks > FS_CHUNK_MAX_ROWS)
		fs_cursor_fail(cursor, "%u blocks of %u strings", part->nblocks, domain->info.size);
	if (!cursor->failed)
		parse_starts(cursor, index, domain);
	if (!cursor->failed)
		parse_lens(cursor, index, part);
	if (!cursor->failed)
		parse_separators(cursor, index, domain);
	if (cursor->failed)
		return;
	size = part->nblocks * sizeof(FsPindexStrings);
	domain->strings = index->arena->alloc(index->arena, size);
	memset(domain->strings, 0, size);
}

FsPindexDomainReader *
fs_pindex_load_domain(FsPindex *index, uint16 number, uint8 kind,
					  FsFault *fault)
{
	FsPindexDomainReader *domain = NULL;
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
	if (domain->part.is_loaded)
		return domain;
	if (!load_checked(index, domain->part.dir_off, domain->part.dir_len,
					  domain->part.dir_crc, &cursor, fault))
		return NULL;
	if (domain->info.kind == FS_KIND_ADDR)
		parse_addr_dir(&cursor, index, domain);
	else
		parse_bytes_dir(&cursor, index, domain);
	domain->part.is_loaded = fs_cursor_finish(&cursor);
	if (domain->part.is_loaded)
		return domain;
	move_fault(fault, domain->part.dir_off);
	return NULL;
}

bool
fs_pindex_load_group(FsPindex *index, uint32 number, FsFault *fault)
{
	FsPindexGroupReader *group = &index->groups[number];
	const FsPindexGroup *info = &index->group_infos[number];
	FsPindexPart *part = &group->part;
	FsCursor	cursor;
	uint32		b;

	if (part->is_loaded)
		return true;
	if (!load_checked(index, part->dir_off, part->dir_len, part->dir_crc, &cursor, fault))
		return false;
	part->nblocks = fs_pindex_blocks_of(info->size);
	if (info->kind == FS_KIND_INT)
		group->firsts = (int64 *) fs_seq_load(&cursor, part->nblocks, index->arena);
	for (b = 1; !cursor.failed && group->firsts && b < part->nblocks; b++)
		if (group->firsts[b] <= group->firsts[b - 1])
			fs_cursor_fail(&cursor, "keys do not ascend");
	if (!cursor.failed)
		parse_lens(&cursor, index, part);
	part->is_loaded = fs_cursor_finish(&cursor);
	return part->is_loaded || move_fault(fault, part->dir_off);
}

bool
fs_pindex_load_addrs(FsPindex *index, FsPindexDomainReader *domain, uint32 b,
					 FsFault *fault)
{
	FsPindexAddrs **slot = &domain->cache[b % FS_PINDEX_CACHE];
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
	if (!fs_pindex_load_block(index, &domain->part, b, &index->raw, &cursor, fault))
		return false;
	if (!fs_pindex_addrs_decode(&cursor, fs_pindex_addrs_count(domain, b), &domain->firsts[b],
								&domain->gaps, &index->temp.arena, (*slot)->values))
		return move_fault(fault, domain->part.off[b]);
	(*slot)->block = domain->block = b;
	domain->values = (*slot)->values;
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

bool
fs_pindex_load_strings(FsPindex *index, FsPindexDomainReader *domain,
					   uint32 b, FsFault *fault)
{
	FsPindexStrings strings;
	uint32		n = domain->starts[b + 1] - domain->starts[b];
	uint64	   *lens;
	FsCursor	cursor;

	if (domain->strings[b].bytes)
		return true;
	if (!fs_pindex_load_block(index, &domain->part, b, &index->raw, &cursor, fault))
		return false;
	strings.bytes = fs_pindex_strings_decode(&cursor, n, &index->unpack, &lens);
	if (!strings.bytes)
		return move_fault(fault, domain->part.off[b]);
	strings.ends = index->arena->alloc(index->arena, n * sizeof(uint32));
	if (!check_strings(&strings, lens, n))
		return fs_fault_set(fault, domain->part.off[b], "strings do not ascend");
	domain->strings[b] = strings;
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

bool
fs_pindex_load_lists(FsPindex *index, uint32 number, uint32 b, FsFault *fault)
{
	FsPindexGroupReader *group = &index->groups[number];
	const FsPindexGroup *info = &index->group_infos[number];
	uint32		n = Min(info->size - b * FS_PINDEX_BLOCK, FS_PINDEX_BLOCK);
	FsCursor	cursor;

	if (group->block == b)
		return true;
	group->block = -1;
	if (!fs_pindex_load_block(index, &group->part, b, &group->raw, &cursor, fault))
		return false;
	if (info->kind == FS_KIND_INT &&
		!parse_keys(&cursor, index, n, group->firsts[b], group->keys))
		return move_fault(fault, group->part.off[b]);
	if (!fs_lists_parse(&cursor, &index->shape, n, &group->lists))
		return move_fault(fault, group->part.off[b]);
	group->block = b;
	return true;
}

/* Fetch a table and parse its sequences. */
static bool
open_table(FsPindex *index, uint32 size, FsPindexTable *table, FsFault *fault)
{
	FsArena    *arena = index->arena;
	uint32		nparts = (size - 1) / FS_PINDEX_ATTRIBUTE + 1;
	FsSeq	   *parts = arena->alloc(arena, nparts * sizeof(FsSeq));
	FsShape    *shapes = arena->alloc(arena, nparts * sizeof(FsShape));
	uint8	   *bytes;
	FsCursor	cursor;
	uint32		i;

	if (!load_checked(index, table->off, table->len, table->crc, &cursor, fault))
		return false;
	bytes = arena->alloc(arena, Max(table->len, 1));
	memcpy(bytes, index->raw.bytes, table->len);
	fs_cursor_init(&cursor, bytes, table->len, fault);
	for (i = 0; i < nparts; i++)
	{
		fs_shape_init(&shapes[i], Min(size - i * FS_PINDEX_ATTRIBUTE, FS_PINDEX_ATTRIBUTE));
		if (!fs_seq_open(&cursor, &shapes[i], arena, &parts[i]))
			return move_fault(fault, table->off);
	}
	if (!fs_cursor_finish(&cursor))
		return move_fault(fault, table->off);
	table->is_loaded = arena->alloc(arena, nparts * FS_CHUNK_MAX_VECTORS * sizeof(bool));
	memset(table->is_loaded, 0, nparts * FS_CHUNK_MAX_VECTORS * sizeof(bool));
	table->values = arena->alloc(arena, size * sizeof(int64));
	table->parts = parts;
	return true;
}

bool
fs_pindex_load_table(FsPindex *index, FsPindexDomainReader *domain,
					 uint32 attribute, uint32 code, FsFault *fault)
{
	FsPindexTable *table = &domain->attributes[attribute];
	uint32		vector = code / FS_VECTOR_ROWS;

	if (!table->parts && !open_table(index, domain->info.size, table, fault))
		return false;
	if (table->is_loaded[vector])
		return true;
	if (!fs_seq_read(&table->parts[code / FS_PINDEX_ATTRIBUTE], vector % FS_CHUNK_MAX_VECTORS, 0,
					 (uint64 *) table->values + vector * FS_VECTOR_ROWS, fault))
		return move_fault(fault, table->off);
	table->is_loaded[vector] = true;
	return true;
}
