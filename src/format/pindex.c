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
 *	      16     4  length of the root
 *	      20     4  CRC-32C of it
 *	      24     4  length of leaves and blocks
 *	      28    2c  ids of the columns, ascending
 *	       .   12a  of each table: as of the domain from 16 on
 *
 *	       .     .  an entry a group:
 *
 *	       0     1  kind
 *	       1     1  0
 *	       2     2  domain, 0 for kind INT
 *	       4     2  c: columns
 *	       6     2  0
 *	       8     4  values, 1 .. 2^23; the domain's if there is one
 *	      12     4  length of the root
 *	      16     4  CRC-32C of it
 *	      20     4  length of leaves and blocks
 *	      24    2c  ids of the columns, ascending
 *
 * Then follow the roots of all domains and groups, so that one page has them
 * and the head; then, for each domain, leaves, blocks and tables, and for each
 * group leaves and blocks, without gaps, to the end.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex_load.h"

#define DOMAIN_ENTRY_LEN	28
#define GROUP_ENTRY_LEN		24
#define TEMP_SIZE			((size_t) 6 * 1024)

/* what is fetched first: most heads and the roots behind them */
#define FRONT_LEN			2048

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
	if ((uint64) off + len <= index->front_len)
	{
		memcpy(raw->bytes, index->front + off, len);
		return true;
	}
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

/* Where the next part's root is, and its other bytes. */
typedef struct Place
{
	uint32		root;
	uint32		off;
	uint32		end;			/* of the index */
} Place;

/* Move on by len bytes of what stands behind the roots. */
static uint32
take_bytes(FsCursor *cursor, Place *place, uint32 len)
{
	uint32		off = place->off;

	if (len > place->end - off)
		fs_cursor_fail(cursor, "part of %u bytes", len);
	else
		place->off += len;
	return off;
}

/* Lengths and CRC of a part; place->off is moved once all roots are known. */
static void
parse_part(FsCursor *cursor, Place *place, FsPindexPart *part)
{
	part->root_off = place->root;
	part->root_len = fs_cursor_get32(cursor);
	part->root_crc = fs_cursor_get32(cursor);
	part->len = fs_cursor_get32(cursor);
	if (part->root_len > place->end - place->root)
		fs_cursor_fail(cursor, "root of %u bytes", part->root_len);
	else
		place->root += part->root_len;
}

static void
parse_tables(FsCursor *cursor, FsPindex *index, Place *place,
			 FsPindexDomainReader *domain)
{
	uint32		n = domain->info.nattributes;
	uint32		i;

	domain->attributes = index->arena->alloc(index->arena, (n + 1) * sizeof(FsPindexTable));
	memset(domain->attributes, 0, (n + 1) * sizeof(FsPindexTable));
	for (i = 0; i < n; i++)
	{
		FsPindexPart *part = &domain->attributes[i].part;

		part->kind = FS_PINDEX_KIND_CODES;
		part->size = domain->info.size;
		part->nblocks = (part->size - 1) / FS_PINDEX_TABLE + 1;
		parse_part(cursor, place, part);
	}
}

static void
parse_domain(FsCursor *cursor, FsPindex *index, Place *place,
			 FsPindexDomainReader *domain)
{
	FsPindexDomain *info = &domain->info;
	FsPindexPart *part = &domain->part;

	memset(domain, 0, sizeof(*domain));
	domain->block = -1;
	info->number = fs_cursor_get16(cursor);
	info->kind = part->kind = fs_cursor_get8(cursor);
	info->nattributes = fs_cursor_get8(cursor);
	info->ncols = fs_cursor_get16(cursor);
	if (fs_cursor_get16(cursor) != 0)
		fs_cursor_fail(cursor, "padding of a domain is not zero");
	info->size = part->size = fs_cursor_get32(cursor);
	domain->count4 = fs_cursor_get32(cursor);
	if ((info->kind != FS_KIND_ADDR && info->kind != FS_KIND_BYTES) ||
		info->size == 0 || info->size > FS_PINDEX_MAX_VALUES ||
		domain->count4 > (info->kind == FS_KIND_ADDR ? info->size : 0))
		fs_cursor_fail(cursor, "domain of kind %d and %u values", info->kind, info->size);
	part->nblocks4 = fs_pindex_blocks_of(domain->count4);
	part->nblocks = part->nblocks4 + fs_pindex_blocks_of(info->size - domain->count4);
	parse_part(cursor, place, part);
	info->cols = parse_cols(cursor, info->ncols, index->arena);
	if (!cursor->failed)
		parse_tables(cursor, index, place, domain);
}

static void
parse_group(FsCursor *cursor, FsPindex *index, Place *place,
			FsPindexGroup *info, FsPindexGroupReader *group)
{
	FsPindexPart *part = &group->part;
	uint8		zero;
	uint32		d = 0;

	memset(group, 0, sizeof(*group));
	info->kind = fs_cursor_get8(cursor);
	zero = fs_cursor_get8(cursor);
	info->domain = fs_cursor_get16(cursor);
	info->ncols = fs_cursor_get16(cursor);
	if (fs_cursor_get16(cursor) != 0 || zero != 0)
		fs_cursor_fail(cursor, "padding of a group is not zero");
	info->size = part->size = fs_cursor_get32(cursor);
	while (d < index->ndomains && index->domain_infos[d].number != info->domain)
		d++;
	if (info->kind == FS_KIND_INT ? info->domain != FS_DOMAIN_NONE :
		d == index->ndomains || index->domain_infos[d].kind != info->kind ||
		index->domain_infos[d].size != info->size)
		fs_cursor_fail(cursor, "group of domain %d", info->domain);
	if (info->size == 0 || info->size > FS_PINDEX_MAX_VALUES)
		fs_cursor_fail(cursor, "group of %u values", info->size);
	part->kind = info->kind == FS_KIND_INT ? FS_KIND_INT : FS_PINDEX_KIND_CODES;
	part->nblocks = fs_pindex_blocks_of(info->size);
	parse_part(cursor, place, part);
	info->cols = parse_cols(cursor, info->ncols, index->arena);
}

/* Where everything behind the roots is; the bytes that each part takes. */
static void
place_parts(FsCursor *cursor, FsPindex *index, Place *place)
{
	uint32		i;
	uint32		k;

	for (i = 0; i < index->ndomains && !cursor->failed; i++)
	{
		FsPindexDomainReader *domain = &index->domains[i];

		domain->part.off = take_bytes(cursor, place, domain->part.len);
		domain->info.len = domain->part.root_len + domain->part.len;
		for (k = 0; k < domain->info.nattributes; k++)
		{
			FsPindexPart *part = &domain->attributes[k].part;

			part->off = take_bytes(cursor, place, part->len);
			domain->info.len += part->root_len + part->len;
		}
		index->domain_infos[i] = domain->info;
	}
	for (i = 0; i < index->ngroups && !cursor->failed; i++)
	{
		FsPindexPart *part = &index->groups[i].part;

		part->off = take_bytes(cursor, place, part->len);
		index->group_infos[i].len = part->root_len + part->len;
	}
	if (!cursor->failed && place->off != place->end)
		fs_cursor_fail(cursor, "parts end at %u of %u", place->off, place->end);
}

static bool
parse_head(FsCursor *cursor, FsPindex *index)
{
	FsArena    *arena = index->arena;
	Place		place = {cursor->end, 0, index->total_len};
	uint32		i;

	index->domains = arena->alloc(arena, (index->ndomains + 1) * sizeof(FsPindexDomainReader));
	index->domain_infos = arena->alloc(arena, (index->ndomains + 1) * sizeof(FsPindexDomain));
	index->groups = arena->alloc(arena, (index->ngroups + 1) * sizeof(FsPindexGroupReader));
	index->group_infos = arena->alloc(arena, (index->ngroups + 1) * sizeof(FsPindexGroup));
	for (i = 0; i < index->ndomains && !cursor->failed; i++)
	{
		parse_domain(cursor, index, &place, &index->domains[i]);
		index->domain_infos[i] = index->domains[i].info;
		if (index->domain_infos[i].number <= (i > 0 ? index->domain_infos[i - 1].number : 0))
			fs_cursor_fail(cursor, "domains do not ascend");
	}
	for (i = 0; i < index->ngroups && !cursor->failed; i++)
		parse_group(cursor, index, &place, &index->group_infos[i], &index->groups[i]);
	place.off = place.root;
	place_parts(cursor, index, &place);
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

/* Have the index's first bytes, len of them; false and a fault if they cannot be had. */
static bool
fetch_front(FsPindex *index, uint32 len, FsFault *fault)
{
	uint8	   *front;

	if (len <= index->front_len)
		return true;
	front = index->arena->alloc(index->arena, len);
	if (!index->fetch->fetch(index->fetch, 0, len, front, fault))
		return false;
	index->front = front;
	index->front_len = len;
	return true;
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
	if (!fetch_front(index, Min(total_len, FRONT_LEN), fault))
		return NULL;
	head_len = parse_prefix(index, index->front, fault);
	if (head_len == 0 || !fetch_front(index, head_len, fault))
		return NULL;
	bytes = index->front;
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

const uint8 *
fs_pindex_front(const FsPindex *index, uint32 *len)
{
	*len = index->front_len;
	return index->front;
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
