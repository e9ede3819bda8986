/*-------------------------------------------------------------------------
 *
 * Domains and index of clustered rows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_state.h"
#include "format/cursor.h"

/*
 * Half bits of lists a row that are worth it, by kind: one look-up of an
 * address saves reading all of the set; integers have zone maps, too, and the
 * few chunks that have a rare string are known by their dictionaries.
 */
#define BUDGET_ADDR		24
#define BUDGET_INT		2
#define BUDGET_BYTES	1

/* The values of a domain; NULL and a fault if there are none of the kind. */
static const FsClusterValues *
find_values(const FsDomainSource *source, uint16 domain, uint8 kind,
			FsFault *fault)
{
	const FsCluster *cluster = (const FsCluster *) source;
	uint32		i;

	for (i = 0; i < cluster->options.ncols; i++)
		if (domain != FS_DOMAIN_NONE && cluster->sources[i].domain == domain &&
			(kind == 0 || cluster->sources[i].values->kind == kind))
			return cluster->sources[i].values;
	fs_fault_set(fault, 0, "there is no domain %d of kind %d", domain, kind);
	return NULL;
}

static bool
check_codes(const FsClusterValues *values, const uint32 *codes, uint32 n,
			FsFault *fault)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (codes[i] >= values->count)
			return fs_fault_set(fault, 0, "code %u of %u", codes[i], values->count);
	return true;
}

static bool
source_size(FsDomainSource *source, uint16 domain, uint32 *size,
			FsFault *fault)
{
	const FsClusterValues *values = find_values(source, domain, 0, fault);

	if (!values)
		return false;
	*size = values->count;
	return true;
}

static bool
source_addrs(FsDomainSource *source, uint16 domain, const uint32 *codes,
			 uint32 n, FsAddr *addrs, FsFault *fault)
{
	const FsClusterValues *values = find_values(source, domain, FS_KIND_ADDR, fault);
	uint32		i;

	if (!values || !check_codes(values, codes, n, fault))
		return false;
	for (i = 0; i < n; i++)
		fs_addrmap_addr(&values->addrs[codes[i]], &addrs[i]);
	return true;
}

static bool
source_bytes(FsDomainSource *source, uint16 domain, const uint32 *codes,
			 uint32 n, const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	const FsClusterValues *values = find_values(source, domain, FS_KIND_BYTES, fault);
	uint32		i;

	if (!values || !check_codes(values, codes, n, fault))
		return false;
	for (i = 0; i < n; i++)
	{
		ptrs[i] = values->ptrs[codes[i]];
		lens[i] = values->lens[codes[i]];
	}
	return true;
}

static bool
source_attribute(FsDomainSource *source, uint16 domain, uint16 attribute,
				 const uint32 *codes, uint32 n, int64 *values, FsFault *fault)
{
	const FsCluster *cluster = (const FsCluster *) source;
	const FsClusterSource *endpoint;
	uint32		i;

	if (attribute >= cluster->nattributes)
		return fs_fault_set(fault, 0, "there is no attribute %d", attribute);
	endpoint = &cluster->sources[cluster->options.endpoints.src];
	if (endpoint->domain != domain)
		return fs_fault_set(fault, 0, "domain %d has no attribute", domain);
	if (!check_codes(endpoint->values, codes, n, fault))
		return false;
	for (i = 0; i < n; i++)
		values[i] = (int64) cluster->attributes[attribute].values[codes[i]];
	return true;
}

FsDomainSource *
fs_cluster_domains(FsCluster *cluster)
{
	cluster->source.size = source_size;
	cluster->source.addrs = source_addrs;
	cluster->source.all_addrs = NULL;
	cluster->source.bytes = source_bytes;
	cluster->source.attribute = source_attribute;
	cluster->source.find_addr = NULL;
	cluster->source.find_net = NULL;
	return &cluster->source;
}

static void
write_domain(FsCluster *cluster, FsPindexWriter *writer, uint16 domain)
{
	FsArena    *arena = &cluster->arena;
	uint32		ncols = cluster->options.ncols;
	uint16	   *cols = arena->alloc(arena, ncols * sizeof(uint16));
	const uint64 **attributes =
		arena->alloc(arena, (cluster->nattributes + 1) * sizeof(uint64 *));
	int			endpoint = cluster->options.endpoints.src;
	const FsClusterValues *values = NULL;
	FsPindexDomainInput in = {domain};
	uint32		i;

	for (i = 0; i < ncols; i++)
		if (cluster->sources[i].domain == domain)
		{
			values = cluster->sources[i].values;
			cols[in.ncols++] = cluster->options.specs[i].id;
		}
	in.kind = values->kind;
	in.size = values->count;
	in.addrs = values->addrs;
	in.ptrs = values->ptrs;
	in.lens = values->lens;
	in.cols = cols;
	for (i = 0; i < cluster->nattributes; i++)
		attributes[i] = cluster->attributes[i].values;
	in.attributes = attributes;
	if (cluster->nattributes > 0 && cluster->sources[endpoint].domain == domain)
		in.nattributes = cluster->nattributes;
	fs_pindex_write_domain(writer, &in);
}

static void
write_group(FsCluster *cluster, FsPindexWriter *writer, uint32 i)
{
	const FsClusterList *list = &cluster->options.lists[i];
	const FsColumnSpec *specs = cluster->options.specs;
	uint8		kind = specs[list->cols[0]].kind;
	int			budget = kind == FS_KIND_ADDR ? BUDGET_ADDR :
		kind == FS_KIND_INT ? BUDGET_INT : BUDGET_BYTES;
	FsPindexGroupInput group = {kind};
	uint16		cols[2];

	if (!fs_cluster_lists_finish(&cluster->lists[i], &group))
		return;
	cols[0] = specs[list->cols[0]].id;
	if (list->ncols > 1)
	{
		cols[1] = specs[list->cols[1]].id;
		if (cols[1] < cols[0])
		{
			cols[1] = cols[0];
			cols[0] = specs[list->cols[1]].id;
		}
	}
	group.domain = cluster->sources[list->cols[0]].domain;
	group.cols = cols;
	group.ncols = list->ncols;
	group.budget = (uint64) cluster->nrows * budget / 16 + 8192;
	fs_pindex_write_group(writer, &group);
}

uint8 *
fs_cluster_index(FsCluster *cluster, FsArena *arena, uint32 *len)
{
	FsPindexWriter *writer = fs_pindex_write_begin(cluster->nrows, arena);
	uint32		i;

	Assert(cluster->next_chunk == fs_cluster_nchunks(cluster));
	for (i = 1; i <= cluster->ndomains; i++)
		write_domain(cluster, writer, (uint16) i);
	for (i = 0; i < cluster->options.nlists; i++)
		write_group(cluster, writer, i);
	return fs_pindex_write_end(writer, len);
}
