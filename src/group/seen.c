/*-------------------------------------------------------------------------
 *
 * Which values groups were given lately.
 *
 * A table in which each value of a group has one slot, and the last one stays
 * in it.  Values of one group that follow each other have slots that do, so
 * the codes of a dictionary that has no more entries than there are slots do
 * not push each other out.  Codes are those of the domain, where there is one,
 * and then good in all chunks of the set.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "group/seen.h"

#define BITS		15
#define SPREAD		UINT32_C(0x9e3779b1)	/* of groups */

/* What values are: integers; codes have spaces above. */
#define NOTHING		0			/* the slot is free */
#define INTEGERS	1

typedef struct Slot
{
	uint64		value;
	uint32		group;
	uint32		space;
} Slot;

struct FsSeen
{
	uint64		visit;			/* the chunk that codes are of; 0: none */
	uint16		number;			/* of its domain, in a set */
	uint64		set;
	const uint32 *domain;		/* codes of the domain; NULL: there is none */
	uint32		space;
	Slot	   *slots;			/* [1 << BITS] */
};

FsSeen *
fs_seen_create(void)
{
	FsSeen	   *seen = palloc0(sizeof(FsSeen));

	seen->slots = palloc(sizeof(Slot) << BITS);
	fs_seen_reset(seen);
	return seen;
}

void
fs_seen_reset(FsSeen *seen)
{
	memset(seen->slots, 0, sizeof(Slot) << BITS);
	seen->space = INTEGERS;
	seen->visit = 0;
	seen->number = FS_DOMAIN_NONE;
}

/* Note where the scan is: codes of another chunk may mean other values. */
static void
enter_chunk(FsSeen *seen, FsScan *scan, int att)
{
	uint64		set = 0;
	uint16		number;

	if (seen->visit == fs_scan_visit(scan))
		return;
	number = fs_scan_domain(scan, att, &set, &seen->domain);
	if (number == FS_DOMAIN_NONE)
		seen->domain = NULL;
	if (number == FS_DOMAIN_NONE || number != seen->number || set != seen->set)
	{
		if (seen->space == PG_UINT32_MAX)
			fs_seen_reset(seen);
		seen->space++;
	}
	seen->visit = fs_scan_visit(scan);
	seen->number = number;
	seen->set = set;
}

/* True if the group was given the value; else it is given now. */
static inline bool
give(FsSeen *seen, uint64 value, uint32 group, uint32 space)
{
	uint32		place = (uint32) value + group * SPREAD;
	Slot	   *slot = &seen->slots[place & ((1 << BITS) - 1)];

	if (slot->value == value && slot->group == group && slot->space == space)
		return true;
	slot->value = value;
	slot->group = group;
	slot->space = space;
	return false;
}

static inline uint32
find_fresh(FsSeen *seen, const FsVector *vec, const uint16 *rows,
		   const uint32 *g, uint32 m, uint16 *places)
{
	uint32		n = 0;

	for (uint32 i = 0; i < m; i++)
	{
		uint32		row = rows[i];
		uint64		value;
		uint32		space = INTEGERS;

		if (vec->has_nulls && vec->is_null[row])
			continue;
		if (vec->dict_n == 0)
			value = (uint64) vec->ints[row];
		else
		{
			value = vec->codes[row];
			if (seen->domain != NULL)
				value = seen->domain[value];
			space = seen->space;
		}
		if (!give(seen, value, g[i], space))
			places[n++] = (uint16) i;
	}
	return n;
}

uint32
fs_seen_fresh(FsSeen *seen, FsScan *scan, int att, const FsVector *vec,
			  const uint16 *rows, const uint32 *g, uint32 m, uint16 *places)
{
	if (vec->dict_n > 0)
		enter_chunk(seen, scan, att);
	return find_fresh(seen, vec, rows, g, m, places);
}
