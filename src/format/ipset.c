/*-------------------------------------------------------------------------
 *
 * Sets of IP addresses, as they are stored.
 *
 * Encoding goes twice over the ranges of each block: to count, and to write in
 * the form that the counts choose.
 *
 *-------------------------------------------------------------------------
 */
#include "format/ipset.h"

#define HEAD_LEN		12
#define RANGE_LEN		32
#define BITMAP_WORDS	4096
#define MAX_BLOCKS		65536

typedef enum Form
{
	FORM_ALL,
	FORM_ARRAY,
	FORM_RUNS,
	FORM_BITMAP
} Form;

/* The rest of a list of IPv4 ranges, and where its blocks go. */
typedef struct Writer
{
	const FsIpRange *next;
	const FsIpRange *end;
	uint64		first;			/* of *next, less what has been written */
	uint32		nblocks;
	uint32		nwords;
	FsIpBlock  *blocks;			/* NULL: only count */
	uint16	   *words;
} Writer;

static void
go_on(Writer *writer, uint64 after)
{
	if (after > writer->next->last.lo)
	{
		writer->next++;
		after = writer->next < writer->end ? writer->next->first.lo : 0;
	}
	writer->first = after;
}

/* The next run inside the block; false if it is beyond. */
static bool
next_run(Writer *writer, uint32 key, uint32 *low, uint32 *high)
{
	uint64		last;

	if (writer->next == writer->end || writer->first >> 16 != key)
		return false;
	last = Min(writer->next->last.lo, (uint64) key << 16 | 0xffff);
	*low = writer->first & 0xffff;
	*high = last & 0xffff;
	go_on(writer, last + 1);
	return true;
}

static void
add_block(Writer *writer, uint32 key, uint32 n, Form form)
{
	if (writer->blocks != NULL)
	{
		FsIpBlock  *block = &writer->blocks[writer->nblocks];

		block->key = key;
		block->n = n;
		block->place = form == FORM_ALL ? FORM_ALL : writer->nwords << 2 | form;
	}
	writer->nblocks++;
}

/* All addresses of some blocks; false if the next ones are not all of one. */
static bool
write_all(Writer *writer)
{
	uint64		end = (writer->next->last.lo + 1) >> 16;

	if ((writer->first & 0xffff) != 0 || end <= writer->first >> 16)
		return false;
	add_block(writer, writer->first >> 16, end - 1, FORM_ALL);
	go_on(writer, end << 16);
	return true;
}

static void
write_run(uint16 *words, Form form, uint32 *n, uint32 low, uint32 high)
{
	if (form == FORM_RUNS)
	{
		words[(*n)++] = low;
		words[(*n)++] = high;
		return;
	}
	for (uint32 i = low; i <= high; i++)
	{
		if (form == FORM_ARRAY)
			words[(*n)++] = i;
		else
			words[i / 16] |= 1 << i % 16;
	}
}

static void
write_block(Writer *writer)
{
	uint32		key = writer->first >> 16;
	Writer		again = *writer;
	uint32		count = 0;
	uint32		nruns = 0;
	uint32		len;
	uint32		low;
	uint32		high;
	Form		form = FORM_ARRAY;

	for (; next_run(writer, key, &low, &high); nruns++)
		count += high - low + 1;
	len = count;
	if (2 * nruns < len)
	{
		form = FORM_RUNS;
		len = 2 * nruns;
	}
	if (BITMAP_WORDS < len)
	{
		form = FORM_BITMAP;
		len = BITMAP_WORDS;
	}
	add_block(writer, key, form == FORM_ARRAY ? count - 1 : form == FORM_RUNS ? nruns - 1 : 0, form);
	if (writer->words != NULL)
	{
		uint16	   *words = writer->words + writer->nwords;
		uint32		n = 0;

		memset(words, 0, len * sizeof(uint16));
		while (next_run(&again, key, &low, &high))
			write_run(words, form, &n, low, high);
	}
	writer->nwords += len;
}

static Writer
write_blocks(const FsIpRange *v4, uint32 n4, FsIpBlock *blocks, uint16 *words)
{
	Writer		writer = {v4, v4 + n4, n4 > 0 ? v4->first.lo : 0, 0, 0, blocks, words};

	while (writer.next < writer.end)
		if (!write_all(&writer))
			write_block(&writer);
	if (writer.nwords % 2 != 0)
	{
		if (words != NULL)
			words[writer.nwords] = 0;
		writer.nwords++;
	}
	return writer;
}

uint64
fs_ipset_len(const FsIpRange *v4, uint32 n4, uint32 n6)
{
	Writer		counted = write_blocks(v4, n4, NULL, NULL);

	return HEAD_LEN + (uint64) counted.nblocks * sizeof(FsIpBlock) +
		(uint64) counted.nwords * sizeof(uint16) + (uint64) n6 * RANGE_LEN;
}

void
fs_ipset_encode(const FsIpRange *v4, uint32 n4, const FsIpRange *v6, uint32 n6,
				uint8 *dst)
{
	Writer		counted = write_blocks(v4, n4, NULL, NULL);
	FsIpBlock  *blocks = (FsIpBlock *) (dst + HEAD_LEN);
	uint16	   *words = (uint16 *) (blocks + counted.nblocks);
	uint32		head[3] = {counted.nblocks, counted.nwords, n6};

	memcpy(dst, head, HEAD_LEN);
	write_blocks(v4, n4, blocks, words);
	if (n6 > 0)
		memcpy(words + counted.nwords, v6, (size_t) n6 * RANGE_LEN);
}

bool
fs_ipset_open(const uint8 *bytes, uint64 len, FsIpset *set)
{
	uint32		head[3];

	StaticAssertStmt(sizeof(FsIpBlock) == 8, "blocks have no gaps");
	StaticAssertStmt(sizeof(FsIpRange) == RANGE_LEN, "ranges have no gaps");
	if (len < HEAD_LEN)
		return false;
	memcpy(head, bytes, HEAD_LEN);
	set->nblocks = head[0];
	set->nwords = head[1];
	set->nranges = head[2];
	set->blocks = (const FsIpBlock *) (bytes + HEAD_LEN);
	set->words = (const uint16 *) (set->blocks + set->nblocks);
	set->ranges = (const uint8 *) (set->words + set->nwords);
	return set->nblocks <= MAX_BLOCKS &&
		len == HEAD_LEN + (uint64) set->nblocks * sizeof(FsIpBlock) +
		(uint64) set->nwords * sizeof(uint16) + (uint64) set->nranges * RANGE_LEN;
}

static FsIpRange
range_6(const FsIpset *set, uint32 i)
{
	FsIpRange	range;

	memcpy(&range, set->ranges + (size_t) i * RANGE_LEN, RANGE_LEN);
	return range;
}

static Form
form_of(const FsIpBlock *block)
{
	return block->place & 3;
}

/* The words of a block, and how many there are. */
static const uint16 *
words_of(const FsIpset *set, const FsIpBlock *block, uint32 *len)
{
	uint32		off = block->place >> 2;

	switch (form_of(block))
	{
		case FORM_ALL:
			*len = 0;
			return set->words;
		case FORM_ARRAY:
			*len = (uint32) block->n + 1;
			break;
		case FORM_RUNS:
			*len = 2 * ((uint32) block->n + 1);
			break;
		case FORM_BITMAP:
			*len = BITMAP_WORDS;
			break;
	}
	if (off > set->nwords || *len > set->nwords - off)
		*len = 0;
	return set->words + off;
}

/* The first of n ascending words >= value, or n. */
static uint32
lower_bound(const uint16 *words, uint32 n, uint32 value)
{
	uint32		low = 0;

	while (low < n)
	{
		uint32		mid = (low + n) / 2;

		if (words[mid] < value)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/* Where in the block a walk from value on begins. */
static uint32
seek_in_block(const FsIpset *set, const FsIpBlock *block, uint32 value)
{
	uint32		len;
	const uint16 *words = words_of(set, block, &len);

	switch (form_of(block))
	{
		case FORM_ARRAY:
			return lower_bound(words, len, value);
		case FORM_RUNS:
			/* the pair of the first end, begin or last, that is not below */
			return lower_bound(words, len, value) & ~1U;
		case FORM_BITMAP:
			return value;
		default:
			return 0;
	}
}

/* The first block that does not end before the key, or nblocks. */
static uint32
find_block(const FsIpset *set, uint32 key)
{
	/*
	 * Each block before it ends below the key, and each one after it begins
	 * above: keys being different, there are not more of them than such keys.
	 */
	uint32		low = key + set->nblocks < MAX_BLOCKS ? 0 : key + set->nblocks - MAX_BLOCKS;
	uint32		end = Min(key, set->nblocks);

	while (low < end)
	{
		uint32		mid = (low + end) / 2;
		const FsIpBlock *block = &set->blocks[mid];

		if ((form_of(block) == FORM_ALL ? block->n : block->key) < key)
			low = mid + 1;
		else
			end = mid;
	}
	return low;
}

static FsIpCursor
seek_4(const FsIpset *set, uint64 ip)
{
	uint32		key = ip >> 16;
	FsIpCursor	cursor = {set, 4, find_block(set, key), 0};

	if (cursor.block < set->nblocks && set->blocks[cursor.block].key == key)
		cursor.at = seek_in_block(set, &set->blocks[cursor.block], ip & 0xffff);
	return cursor;
}

/* The walk that starts with the first member >= ip. */
static FsIpCursor
seek(const FsIpset *set, uint8 family, FsIp ip)
{
	FsIpCursor	cursor = {set, family, 0, 0};
	uint32		end = set->nranges;

	if (family == 4)
		return seek_4(set, ip.lo);
	while (cursor.block < end)
	{
		uint32		mid = (cursor.block + end) / 2;

		if (fs_ip_compare(range_6(set, mid).last, ip) < 0)
			cursor.block = mid + 1;
		else
			end = mid;
	}
	return cursor;
}

/* Whether an IPv4 address is in the set: what the walk from it on would find. */
static bool
holds_4(const FsIpset *set, uint32 ip)
{
	uint32		key = ip >> 16;
	uint32		value = ip & 0xffff;
	uint32		i = find_block(set, key);
	const FsIpBlock *block = &set->blocks[i];
	uint32		len;
	uint32		at;
	const uint16 *words;

	if (i >= set->nblocks || block->key > key)
		return false;
	if (form_of(block) == FORM_ALL)
		return true;
	words = words_of(set, block, &len);
	if (form_of(block) == FORM_BITMAP)
		return len > 0 && (words[value / 16] >> value % 16 & 1) != 0;
	at = lower_bound(words, len, value);
	if (at == len)
		return false;
	/* a run's last address is at an odd place: the run begins before it */
	return words[at] == value || (form_of(block) == FORM_RUNS && at % 2 != 0);
}

FsIpCursor
fs_ipset_start(const FsIpset *set, uint8 family)
{
	FsIpCursor	cursor = {set, family, 0, 0};

	return cursor;
}

/* The next bits that are set; false if there are none. */
static bool
next_bits(const uint16 *words, uint32 *at, uint32 *low, uint32 *high)
{
	uint32		i = *at;

	while (i < 65536 && (words[i / 16] >> i % 16) == 0)
		i = (i / 16 + 1) * 16;
	if (i >= 65536)
		return false;
	i += __builtin_ctz(words[i / 16] >> i % 16);
	*low = i;
	while (i < 65536 && (words[i / 16] >> i % 16 & 1) != 0)
		i++;
	*high = i - 1;
	*at = i;
	return true;
}

/* The next members of the cursor's block. */
static bool
next_in_block(FsIpCursor *cursor, const FsIpBlock *block, uint32 *low, uint32 *high)
{
	uint32		len;
	const uint16 *words = words_of(cursor->set, block, &len);

	if (form_of(block) == FORM_BITMAP)
		return len > 0 && next_bits(words, &cursor->at, low, high);
	if (cursor->at >= len)
		return false;
	*low = *high = words[cursor->at++];
	if (form_of(block) == FORM_RUNS)
		*high = words[cursor->at++];
	else
		while (cursor->at < len && words[cursor->at] == *high + 1)
			*high = words[cursor->at++];
	return true;
}

static bool
next_4(FsIpCursor *cursor, FsIpRange *range)
{
	for (; cursor->block < cursor->set->nblocks; cursor->block++, cursor->at = 0)
	{
		const FsIpBlock *block = &cursor->set->blocks[cursor->block];
		uint64		base = (uint64) block->key << 16;
		uint32		low = 0;
		uint32		high = 0;

		range->first.hi = range->last.hi = 0;
		if (form_of(block) == FORM_ALL)
		{
			range->first.lo = base;
			range->last.lo = (uint64) block->n << 16 | 0xffff;
			cursor->block++;
			cursor->at = 0;
			return true;
		}
		if (next_in_block(cursor, block, &low, &high))
		{
			range->first.lo = base | low;
			range->last.lo = base | high;
			return true;
		}
	}
	return false;
}

bool
fs_ipset_next(FsIpCursor *cursor, FsIpRange *range)
{
	if (cursor->family == 4)
		return next_4(cursor, range);
	if (cursor->block >= cursor->set->nranges)
		return false;
	*range = range_6(cursor->set, cursor->block++);
	return true;
}

bool
fs_ipset_covers(const FsIpset *set, uint8 family, const FsIpRange *range)
{
	FsIpCursor	cursor;
	FsIp		wanted = range->first;
	FsIpRange	found;

	if (family == 4 && range->first.lo == range->last.lo)
		return holds_4(set, range->first.lo);
	cursor = seek(set, family, wanted);
	while (fs_ipset_next(&cursor, &found) && fs_ip_compare(found.first, wanted) <= 0)
	{
		if (fs_ip_compare(found.last, range->last) >= 0)
			return true;
		wanted = fs_ip_next(found.last);
	}
	return false;
}

bool
fs_ipset_meets(const FsIpset *set, uint8 family, const FsIpRange *range)
{
	FsIpCursor	cursor = seek(set, family, range->first);
	FsIpRange	found;

	return fs_ipset_next(&cursor, &found) &&
		fs_ip_compare(found.first, range->last) <= 0;
}
