/*-------------------------------------------------------------------------
 *
 * Lists of networks with values, of which prefix maps are made.
 *
 * Equal values are kept once: a table with open addressing has their places.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "analytics/ipset.h"
#include "analytics/prefixes.h"
#include "compat.h"

#define MIN_SIZE		64

static inline int
compare_nets(const FsPrefix *a, const FsPrefix *b)
{
	int			order = fs_ip_compare(a->first, b->first);

	if (order == 0)
		order = (int) a->bits - (int) b->bits;
	if (order == 0)
		order = a->order < b->order ? -1 : a->order > b->order;
	return order;
}

#define ST_SORT sort_nets
#define ST_ELEMENT_TYPE FsPrefix
#define ST_COMPARE(a, b) compare_nets(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

struct FsPrefixList
{
	MemoryContext cxt;
	FsPrefix   *nets[2];		/* IPv4, IPv6 */
	uint32		n[2];
	uint32		size[2];
	StringInfoData text;		/* of all values */
	uint32	   *ends;			/* [nvalues] in text */
	uint32	   *hashes;
	uint32		nvalues;
	uint32		nslots;			/* a power of 2; there is room for half as many values */
	uint32	   *slots;			/* value + 1; 0 is free */
};

static void
make_slots(FsPrefixList *list)
{
	if (list->slots != NULL)
		pfree(list->slots);
	list->slots = MemoryContextAllocExtended(list->cxt, list->nslots * sizeof(uint32),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 value = 0; value < list->nvalues; value++)
	{
		uint32		slot = list->hashes[value] & (list->nslots - 1);

		while (list->slots[slot] != 0)
			slot = (slot + 1) & (list->nslots - 1);
		list->slots[slot] = value + 1;
	}
}

FsPrefixList *
fs_prefixlist_create(void)
{
	FsPrefixList *list = palloc0(sizeof(FsPrefixList));

	list->cxt = CurrentMemoryContext;
	initStringInfo(&list->text);
	list->nslots = 2 * MIN_SIZE;
	list->ends = palloc(MIN_SIZE * sizeof(uint32));
	list->hashes = palloc(MIN_SIZE * sizeof(uint32));
	make_slots(list);
	return list;
}

static void
grow_values(FsPrefixList *list)
{
	list->nslots *= 2;
	list->ends = repalloc_huge(list->ends, (Size) list->nslots / 2 * sizeof(uint32));
	list->hashes = repalloc_huge(list->hashes, (Size) list->nslots / 2 * sizeof(uint32));
	make_slots(list);
}

static bool
is_value(const FsPrefixList *list, uint32 value, const FsPrefixEntry *entry)
{
	uint32		begin = value == 0 ? 0 : list->ends[value - 1];
	const char *text = list->text.data + begin;
	uint32		size = list->ends[value] - begin;

	if (memcmp(text, entry->value, Min(entry->value_len, size)) != 0)
		return false;
	if (entry->more == NULL)
		return size == entry->value_len;
	return size == entry->value_len + 1 + entry->more_len && text[entry->value_len] == '\0' &&
		memcmp(text + entry->value_len + 1, entry->more, entry->more_len) == 0;
}

/* The place of the entry's value among all. */
static uint32
intern(FsPrefixList *list, const FsPrefixEntry *entry)
{
	uint32		hash = hash_bytes((const unsigned char *) entry->value, entry->value_len);
	uint32		slot;
	uint32		value;

	if (entry->more != NULL)
		hash = hash_combine(hash, hash_bytes((const unsigned char *) entry->more, entry->more_len));
	for (slot = hash & (list->nslots - 1); list->slots[slot] != 0; slot = (slot + 1) & (list->nslots - 1))
	{
		value = list->slots[slot] - 1;
		if (list->hashes[value] == hash && is_value(list, value, entry))
			return value;
	}
	value = list->nvalues;
	appendBinaryStringInfo(&list->text, entry->value, entry->value_len);
	if (entry->more != NULL)
	{
		appendStringInfoChar(&list->text, '\0');
		appendBinaryStringInfo(&list->text, entry->more, entry->more_len);
	}
	list->ends[value] = list->text.len;
	list->hashes[value] = hash;
	list->slots[slot] = ++list->nvalues;
	if (list->nvalues == list->nslots / 2)
		grow_values(list);
	return value;
}

void
fs_prefixlist_add(FsPrefixList *list, const FsPrefixEntry *entry)
{
	MemoryContext old = MemoryContextSwitchTo(list->cxt);
	int			side = entry->family == 4 ? 0 : 1;
	FsPrefix   *net;

	if (list->n[side] == list->size[side])
	{
		uint32		size = Max(MIN_SIZE, list->size[side] * 2);

		if (size > PG_UINT32_MAX / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("prefix map has too many networks")));
		if (list->nets[side] == NULL)
			list->nets[side] = palloc(size * sizeof(FsPrefix));
		else
			list->nets[side] = repalloc_huge(list->nets[side], size * sizeof(FsPrefix));
		list->size[side] = size;
	}
	net = &list->nets[side][list->n[side]];
	net->first = entry->first;
	net->bits = entry->bits;
	net->order = list->n[side]++;
	net->value = intern(list, entry);
	MemoryContextSwitchTo(old);
}

void
fs_prefixlist_add_map(FsPrefixList *list, const FsPrefixMap *map)
{
	for (int side = 0; side < 2; side++)
		for (uint32 i = 0; i < map->nnets[side]; i++)
		{
			FsPrefixEntry entry = {.family = side == 0 ? 4 : 6};
			FsPrefix	net = fs_prefixmap_net(map, entry.family, i);

			CHECK_FOR_INTERRUPTS();
			entry.first = net.first;
			entry.bits = net.bits;
			entry.value = fs_prefixmap_text(map, net.value, &entry.value_len,
											&entry.more, &entry.more_len);
			fs_prefixlist_add(list, &entry);
		}
}

/* Sort, and keep what was added last of equal networks. */
static void
put_in_order(FsPrefix *nets, uint32 *n)
{
	uint32		kept = 0;

	sort_nets(nets, *n);
	for (uint32 i = 0; i < *n; i++)
	{
		if (kept > 0 && fs_ip_compare(nets[kept - 1].first, nets[i].first) == 0 &&
			nets[kept - 1].bits == nets[i].bits)
			kept--;
		nets[kept++] = nets[i];
	}
	*n = kept;
}

/* Drop values that no network has any more; the others in order of first use. */
static void
drop_unused_values(FsPrefixList *list)
{
	uint32	   *renamed = palloc_extended((Size) list->nvalues * sizeof(uint32) + 1,
										  MCXT_ALLOC_HUGE);
	FsPrefixList *other = fs_prefixlist_create();
	FsPrefixEntry entry = {0};

	memset(renamed, 0xff, (Size) list->nvalues * sizeof(uint32));
	for (int side = 0; side < 2; side++)
		for (uint32 i = 0; i < list->n[side]; i++)
		{
			uint32		value = list->nets[side][i].value;
			uint32		begin = value == 0 ? 0 : list->ends[value - 1];

			CHECK_FOR_INTERRUPTS();
			if (renamed[value] == FS_PREFIX_NONE)
			{
				/* its bytes as they are, with what more is known */
				entry.value = list->text.data + begin;
				entry.value_len = list->ends[value] - begin;
				renamed[value] = intern(other, &entry);
			}
			list->nets[side][i].value = renamed[value];
		}
	pfree(renamed);
	pfree(list->text.data);
	pfree(list->ends);
	pfree(list->hashes);
	pfree(list->slots);
	list->text = other->text;
	list->ends = other->ends;
	list->hashes = other->hashes;
	list->slots = other->slots;
	list->nslots = other->nslots;
	list->nvalues = other->nvalues;
	pfree(other);
}

Datum
fs_prefixlist_datum(FsPrefixList *list, uint64 *n)
{
	FsPrefixSource source;
	uint64		len;
	struct varlena *value;

	for (int side = 0; side < 2; side++)
	{
		put_in_order(list->nets[side], &list->n[side]);
		source.nets[side] = list->nets[side];
		source.n[side] = list->n[side];
	}
	drop_unused_values(list);
	source.nvalues = list->nvalues;
	source.ends = list->ends;
	source.text = list->text.data;
	len = VARHDRSZ + fs_prefixmap_len(&source);
	if (len > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("prefix map is too large"),
				 errdetail("It takes " UINT64_FORMAT " bytes; at most %zu are possible.",
						   len, (Size) MaxAllocSize)));
	value = palloc(len);
	SET_VARSIZE(value, len);
	fs_prefixmap_encode(&source, (uint8 *) VARDATA(value));
	*n = (uint64) list->n[0] + list->n[1];
	return PointerGetDatum(value);
}

void
fs_prefix_of_inet(const inet *value, FsPrefixEntry *entry)
{
	FsIpRange	range;

	entry->family = fs_ip_range_of_inet(value, &range);
	entry->bits = ip_bits(value);
	entry->first = range.first;
}

void
fs_prefixmap_of_datum(Datum value, FsPrefixMap *map)
{
	struct varlena *plain = PG_DETOAST_DATUM(value);

	if (!fs_prefixmap_open((const uint8 *) VARDATA(plain), VARSIZE(plain) - VARHDRSZ, map))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("damaged value of type %s", "flow.prefix_map")));
}
