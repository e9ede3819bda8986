/*-------------------------------------------------------------------------
 *
 * Opening a partition index: its head.
 *
 *	  offset  size  meaning
 *	       0     4  magic "FSPX"
 *	       4     4  format version, 1
 *	       8     4  head_len: bytes of these 32 and the entries
 *	      12     4  total_len: bytes of the index
 *	      16     4  rows of the set, 1 .. 67108864
 *	      20     2  domains
 *	      22     2  groups
 *	      24     4  CRC-32C of bytes 0..23 and 28..head_len-1
 *	      28     4  0
 *	      32     .  an entry a domain, by ascending number:
 *
 *	       0     2  number, not 0
 *	       2     1  kind: 2 ADDR, 3 BYTES
 *	       3     1  a: attribute tables
 *	       4     2  c: columns
 *	       6     2  0
 *	       8     4  values, 1 .. 2^23
 *	      12     4  ADDR: how many of them are IPv4; BYTES: 0
 *	      16     4  length of the directory
 *	      20     4  CRC-32C of it
 *	      24     4  length of the blocks
 *	      28    2c  ids of the columns, ascending
 *	       .    8a  of each table: length (4), CRC-32C (4)
 *
 *	       .     .  an entry a group:
 *
 *	       0     1  kind
 *	       1     1  0
 *	       2     2  domain, 0 for kind INT
 *	       4     2  c: columns
 *	       6     2  0
 *	       8     4  values, 1 .. 2^23; the domain's if there is one
 *	      12     4  length of the directory
 *	      16     4  CRC-32C of it
 *	      20     4  length of the blocks
 *	      24    2c  ids of the columns, ascending
 *
 * Then follow, for each domain, directory, blocks and tables, and for each
 * group directory and blocks, without gaps, to the end.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"

#define DOMAIN_ENTRY_LEN	28
#define GROUP_ENTRY_LEN		24
#define TEMP_SIZE			((size_t) 16 * 1024)

/* Bump allocation; grows by doubling, so that what is left behind is bounded. */
static void *
temp_alloc(FsArena *arena, size_t size)
{
	FsPindexTemp *temp = (FsPindexTemp *) arena;
	void	   *p;

	size = (size + 15) & ~(size_t) 15;
	if (size > temp->size - temp->used)
	{
		temp->size = Max(temp->size * 2, size);
		temp->memory = temp->parent->alloc(temp->parent, temp->size);
		temp->used = 0;
	}
	p = temp->memory + temp->used;
	temp->used += size;
	return p;
}

static void
init_temp(FsPindexTemp *temp, FsArena *parent)
{
	temp->arena.alloc = temp_alloc;
	temp->arena.state = NULL;
	temp->parent = parent;
	temp->size = TEMP_SIZE;
	temp->memory = parent->alloc(parent, temp->size);
	temp->used = 0;
}

bool
fs_pindex_load_bytes(FsPindex *index, uint32 off, uint32 len,
					 FsPindexRaw *raw, FsFault *fault)
{
	if (len > raw->cap || !raw->bytes)
	{
		raw->cap = Max(len, raw->cap * 2);
		raw->bytes = index->arena->alloc(index->arena, (size_t) raw->cap + FS_RISING_PADDING);
	}
	index->temp.used = 0;
	memset(raw->bytes + len, 0, FS_RISING_PADDING);
	return index->fetch->fetch(index->fetch, off, len, raw->bytes, fault);
}

/* The ids of columns of an entry; NULL unless they ascend. */
static const uint16 *
parse_cols(FsCursor *cursor, uint32 ncols, FsArena *arena)
{
	const uint8 *p = fs_cursor_take(cursor, 2 * (uint64) ncols);
	uint16	   *cols;
	uint32		i;

	if (!p)
		return NULL;
	cols = arena->alloc(arena, ncols * sizeof(uint16) + 1);
	for (i = 0; i < ncols; i++)
	{
		cols[i] = fs_little_get16(p + 2 * i);
		if (cols[i] == 0 || (i > 0 && cols[i] <= cols[i - 1]))
			fs_cursor_fail(cursor, "columns do not ascend");
	}
	return cols;
}

/* Lengths and CRC of a part that begins at *off, which is moved on. */
static void
parse_part(FsCursor *cursor, uint32 total_len, uint32 *off,
		   FsPindexPart *part)
{
	part->dir_off = *off;
	part->dir_len = fs_cursor_get32(cursor);
	part->dir_crc = fs_cursor_get32(cursor);
	part->blocks_len = fs_cursor_get32(cursor);
	if ((uint64) part->dir_len + part->blocks_len > total_len - *off)
		fs_cursor_fail(cursor, "part of %u and %u bytes", part->dir_len, part->blocks_len);
	else
		*off += part->dir_len + part->blocks_len;
}

static void
parse_tables(FsCursor *cursor, uint32 total_len, uint32 *off,
			 FsArena *arena, FsPindexDomainReader *domain)
{
	uint32		n = domain->info.nattributes;
	uint32		i;

	domain->attributes = arena->alloc(arena, (n + 1) * sizeof(FsPindexTable));
	for (i = 0; i < n; i++)
	{
		FsPindexTable *table = &domain->attributes[i];

		table->off = *off;
		table->len = fs_cursor_get32(cursor);
		table->crc = fs_cursor_get32(cursor);
		table->parts = NULL;
		if (table->len > total_len - *off)
			fs_cursor_fail(cursor, "table of %u bytes", table->len);
		else
			*off += table->len;
	}
}

static void
parse_domain(FsCursor *cursor, FsPindex *index, uint32 *off,
			 FsPindexDomainReader *domain)
{
	FsPindexDomain *info = &domain->info;
	uint32		start = *off;

	memset(domain, 0, sizeof(*domain));
	domain->block = -1;
	info->number = fs_cursor_get16(cursor);
	info->kind = fs_cursor_get8(cursor);
	info->nattributes = fs_cursor_get8(cursor);
	info->ncols = fs_cursor_get16(cursor);
	if (fs_cursor_get16(cursor) != 0)
		fs_cursor_fail(cursor, "padding of a domain is not zero");
	info->size = fs_cursor_get32(cursor);
	domain->count4 = fs_cursor_get32(cursor);
	domain->nblocks4 = fs_pindex_blocks_of(domain->count4);
	if ((info->kind != FS_KIND_ADDR && info->kind != FS_KIND_BYTES) ||
		info->size == 0 || info->size > FS_PINDEX_MAX_VALUES ||
		domain->count4 > (info->kind == FS_KIND_ADDR ? info->size : 0))
		fs_cursor_fail(cursor, "domain of kind %d and %u values", info->kind, info->size);
	parse_part(cursor, index->total_len, off, &domain->part);
	info->cols = parse_cols(cursor, info->ncols, index->arena);
	if (!cursor->failed)
		parse_tables(cursor, index->total_len, off, index->arena, domain);
	info->len = *off - start;
}

static void
parse_group(FsCursor *cursor, FsPindex *index, uint32 *off,
			FsPindexGroup *info, FsPindexGroupReader *group)
{
	uint8		zero;
	uint32		start = *off;
	uint32		d = 0;

	memset(group, 0, offsetof(FsPindexGroupReader, keys));
	memset(&group->raw, 0, sizeof(group->raw));
	group->block = -1;
	info->kind = fs_cursor_get8(cursor);
	zero = fs_cursor_get8(cursor);
	info->domain = fs_cursor_get16(cursor);
	info->ncols = fs_cursor_get16(cursor);
	if (fs_cursor_get16(cursor) != 0 || zero != 0)
		fs_cursor_fail(cursor, "padding of a group is not zero");
	info->size = fs_cursor_get32(cursor);
	while (d < index->ndomains && index->domain_infos[d].number != info->domain)
		d++;
	if (info->kind == FS_KIND_INT ? info->domain != FS_DOMAIN_NONE :
		d == index->ndomains || index->domain_infos[d].kind != info->kind ||
		index->domain_infos[d].size != info->size)
		fs_cursor_fail(cursor, "group of domain %d", info->domain);
	if (info->size == 0 || info->size > FS_PINDEX_MAX_VALUES)
		fs_cursor_fail(cursor, "group of %u values", info->size);
	parse_part(cursor, index->total_len, off, &group->part);
	info->cols = parse_cols(cursor, info->ncols, index->arena);
	info->len = *off - start;
}

static bool
parse_head(FsCursor *cursor, FsPindex *index)
{
	FsArena    *arena = index->arena;
	uint32		off = cursor->end;
	uint32		i;

	index->domains = arena->alloc(arena, (index->ndomains + 1) * sizeof(FsPindexDomainReader));
	index->domain_infos = arena->alloc(arena, (index->ndomains + 1) * sizeof(FsPindexDomain));
	index->groups = arena->alloc(arena, (index->ngroups + 1) * sizeof(FsPindexGroupReader));
	index->group_infos = arena->alloc(arena, (index->ngroups + 1) * sizeof(FsPindexGroup));
	for (i = 0; i < index->ndomains && !cursor->failed; i++)
	{
		parse_domain(cursor, index, &off, &index->domains[i]);
		index->domain_infos[i] = index->domains[i].info;
		if (index->domain_infos[i].number <= (i > 0 ? index->domain_infos[i - 1].number : 0))
			fs_cursor_fail(cursor, "domains do not ascend");
	}
	for (i = 0; i < index->ngroups && !cursor->failed; i++)
		parse_group(cursor, index, &off, &index->group_infos[i], &index->groups[i]);
	if (!cursor->failed && off != index->total_len)
		fs_cursor_fail(cursor, "parts end at %u of %u", off, index->total_len);
	return fs_cursor_finish(cursor);
}

/* The fixed part; gives the head's length, or 0. */
static uint32
parse_prefix(FsPindex *index, const uint8 *bytes, FsFault *fault)
{
	uint32		version = fs_little_get32(bytes + 4);
	uint32		head_len = fs_little_get32(bytes + 8);

	index->nrows = fs_little_get32(bytes + 16);
	index->ndomains = fs_little_get16(bytes + 20);
	index->ngroups = fs_little_get16(bytes + 22);
	if (fs_little_get32(bytes) != FS_PINDEX_MAGIC)
		fs_fault_set(fault, 0, "no partition index begins here");
	else if (version < FS_FORMAT_VERSION_OLDEST || version > FS_FORMAT_VERSION)
		fs_fault_set(fault, 4, "partition index has format version %u", version);
	else if (fs_little_get32(bytes + 12) != index->total_len || head_len > index->total_len ||
			 index->total_len > FS_CHUNK_MAX_BYTES)
		fs_fault_set(fault, 12, "partition index of %u bytes with a head of %u",
					 fs_little_get32(bytes + 12), head_len);
	else if (index->ndomains > FS_PINDEX_MAX_PARTS || index->ngroups > FS_PINDEX_MAX_PARTS ||
			 head_len < FS_PINDEX_PREFIX_LEN + index->ndomains * DOMAIN_ENTRY_LEN +
			 index->ngroups * GROUP_ENTRY_LEN)
		fs_fault_set(fault, 8, "head of %u bytes for %u domains and %u groups", head_len,
					 index->ndomains, index->ngroups);
	else if (index->nrows == 0 || index->nrows > FS_VECTORSET_MAX * FS_VECTOR_ROWS)
		fs_fault_set(fault, 16, "set of %u rows", index->nrows);
	else
		return head_len;
	return 0;
}

FsPindex *
fs_pindex_open(FsPindexFetch *fetch, uint32 total_len, FsArena *arena,
			   FsFault *fault)
{
	FsPindex   *index = arena->alloc(arena, sizeof(FsPindex));
	uint32		head_len;
	const uint8 *bytes;
	FsCursor	cursor;

	memset(index, 0, sizeof(FsPindex));
	index->fetch = fetch;
	index->arena = arena;
	index->total_len = total_len;
	init_temp(&index->temp, arena);
	index->unpack.temp = &index->temp.arena;
	index->unpack.arena = arena;
	if (total_len < FS_PINDEX_PREFIX_LEN)
	{
		fs_fault_set(fault, 0, "partition index of %u bytes", total_len);
		return NULL;
	}
	if (!fs_pindex_load_bytes(index, 0, FS_PINDEX_PREFIX_LEN, &index->raw, fault))
		return NULL;
	head_len = parse_prefix(index, index->raw.bytes, fault);
	if (head_len == 0 || !fs_pindex_load_bytes(index, 0, head_len, &index->raw, fault))
		return NULL;
	bytes = index->raw.bytes;
	fs_cursor_init(&cursor, bytes, head_len, fault);
	fs_cursor_take(&cursor, FS_PINDEX_PREFIX_LEN);
	if (!fs_crc_is_right(fs_crc_of_two(bytes, FS_PINDEX_CRC_OFF, bytes + FS_PINDEX_CRC_END,
									   head_len - FS_PINDEX_CRC_END),
						 fs_little_get32(bytes + FS_PINDEX_CRC_OFF)))
		fs_cursor_fail(&cursor, "checksum of the head is wrong");
	else if (fs_little_get32(bytes + FS_PINDEX_CRC_END) != 0)
		fs_cursor_fail(&cursor, "padding of the head is not zero");
	fs_lists_shape(&index->shape, (index->nrows - 1) / FS_VECTOR_ROWS + 1);
	index->source = fs_pindex_source_functions;
	return parse_head(&cursor, index) ? index : NULL;
}

uint32
fs_pindex_nchunks(const FsPindex *index)
{
	return (index->nrows - 1) / FS_CHUNK_MAX_ROWS + 1;
}

uint32
fs_pindex_nrows(const FsPindex *index)
{
	return index->nrows;
}

uint32
fs_pindex_nvectors(const FsPindex *index)
{
	return index->shape.nvectors;
}

const FsPindexDomain *
fs_pindex_domains(const FsPindex *index, uint32 *ndomains)
{
	*ndomains = index->ndomains;
	return index->domain_infos;
}

const FsPindexGroup *
fs_pindex_groups(const FsPindex *index, uint32 *ngroups)
{
	*ngroups = index->ngroups;
	return index->group_infos;
}

int
fs_pindex_group_of(const FsPindex *index, uint16 col)
{
	uint32		best_ncols = PG_UINT32_MAX;
	int			best = -1;
	uint32		g;
	uint32		i;

	for (g = 0; g < index->ngroups; g++)
	{
		const FsPindexGroup *group = &index->group_infos[g];

		for (i = 0; i < group->ncols; i++)
			if (group->cols[i] == col && group->ncols < best_ncols)
			{
				best_ncols = group->ncols;
				best = (int) g;
			}
	}
	return best;
}

FsDomainSource *
fs_pindex_source(FsPindex *index)
{
	return &index->source;
}
