/*-------------------------------------------------------------------------
 *
 * Any bytes as a partition index: opened, checked, searched.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/pindex.h"
#include "memory_fetch.h"
#include "tap.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

static volatile uint64 sum;		/* so that everything is read */

/* Values of a domain, without fs_pindex_check() before. */
static void
use_domain(FsPindex *index, const FsPindexDomain *domain)
{
	FsDomainSource *source = fs_pindex_source(index);
	uint32		step = domain->size / 50 + 1;
	FsPindexRange range;
	FsFault		fault;
	FsAddr		addr;
	FsPindexBytes value;
	int64		x;
	uint32		code;

	for (code = 0; code < domain->size; code += step)
	{
		if (source->attribute(source, domain->number, 0, &code, 1, &x, &fault))
			sum += x;
		if (source->addrs(source, domain->number, &code, 1, &addr, &fault) &&
			fs_pindex_find_net(index, domain->number, &addr, &range, &fault))
			sum += range.end;
		if (source->bytes(source, domain->number, &code, 1, &value.ptr, &value.len, &fault))
		{
			if (value.len > 0)
				sum += value.ptr[0] + value.ptr[value.len - 1];
			if (fs_pindex_find_bytes(index, domain->number, &value, &range, &fault))
				sum += range.end;
		}
	}
}

static void
use_group(FsPindex *index, uint32 g, const FsPindexGroup *group,
		  FsVectorSet *set)
{
	uint32		step = group->size / 50 + 1;
	FsPindexRange range = {0, 0};
	FsFault		fault;
	bool		is_listed = true;
	uint32		i;

	for (i = 0; i < group->size; i += step)
	{
		range.first = i;
		range.end = Min(group->size, i + 3);
		if (fs_pindex_union(index, g, range, set, &is_listed, &fault))
			sum += fs_vectorset_count(set) + fs_vectorset_next(set, i);
		if (fs_vectorset_next(set, set->n - 1) > set->n)
			abort();
	}
	if (fs_pindex_find_ints(index, g, -100, (int64) sum, &range, &fault) &&
		(range.first > range.end || range.end > group->size))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsArena    *arena = tap_arena();
	MemoryFetch fetch = memory_fetch(data, size);
	FsFault		fault;
	FsPindex   *index = fs_pindex_open(&fetch.fetch, size, arena, &fault);
	FsVectorSet set;
	uint32		n;
	uint32		i;

	if (index)
	{
		const FsPindexDomain *domains = fs_pindex_domains(index, &n);
		const FsPindexGroup *groups;

		for (i = 0; i < n; i++)
			use_domain(index, &domains[i]);
		fs_vectorset_init(&set, fs_pindex_nvectors(index), arena);
		groups = fs_pindex_groups(index, &n);
		for (i = 0; i < n; i++)
			use_group(index, i, &groups[i], &set);
		if (fs_pindex_check(index, &fault))
			sum++;
	}
	tap_arena_free(arena);
	return 0;
}
