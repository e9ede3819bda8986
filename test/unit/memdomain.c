/*-------------------------------------------------------------------------
 *
 * Domains in memory.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cursor.h"
#include "memdomain.h"

static MemDomain *
find(FsDomainSource *source, uint16 number, uint8 kind, FsFault *fault)
{
	MemDomains *domains = (MemDomains *) source;

	if (number >= 1 && number <= MEMDOMAIN_MAX &&
		domains->domains[number - 1].size > 0 &&
		(kind == 0 || domains->domains[number - 1].kind == kind))
		return &domains->domains[number - 1];
	fs_fault_set(fault, 0, "no domain %d", number);
	return NULL;
}

static bool
check_codes(const MemDomain *domain, const uint32 *codes, uint32 n,
			FsFault *fault)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		if (codes[i] >= domain->size)
			return fs_fault_set(fault, 0, "code %u of %u", codes[i], domain->size);
	}
	return true;
}

static bool
get_size(FsDomainSource *source, uint16 number, uint32 *size, FsFault *fault)
{
	MemDomain  *domain = find(source, number, 0, fault);

	*size = domain ? domain->size : 0;
	return domain != NULL;
}

static bool
get_addrs(FsDomainSource *source, uint16 number, const uint32 *codes,
		  uint32 n, FsAddr *values, FsFault *fault)
{
	MemDomain  *domain = find(source, number, FS_KIND_ADDR, fault);
	uint32		i;

	if (!domain || !check_codes(domain, codes, n, fault))
		return false;
	for (i = 0; i < n; i++)
		values[i] = domain->addrs[codes[i]];
	return true;
}

static bool
get_bytes(FsDomainSource *source, uint16 number, const uint32 *codes,
		  uint32 n, const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	MemDomain  *domain = find(source, number, FS_KIND_BYTES, fault);
	uint32		i;

	if (!domain || !check_codes(domain, codes, n, fault))
		return false;
	for (i = 0; i < n; i++)
	{
		ptrs[i] = (const uint8 *) domain->strings[codes[i]];
		lens[i] = strlen(domain->strings[codes[i]]);
	}
	return true;
}

static bool
get_attribute(FsDomainSource *source, uint16 number, uint16 attribute,
			  const uint32 *codes, uint32 n, int64 *values, FsFault *fault)
{
	MemDomain  *domain = find(source, number, 0, fault);
	uint32		i;

	if (!domain || !check_codes(domain, codes, n, fault))
		return false;
	if (attribute >= MEMDOMAIN_ATTRIBUTES_MAX || !domain->attributes[attribute])
		return fs_fault_set(fault, 0, "no attribute %d", attribute);
	for (i = 0; i < n; i++)
		values[i] = domain->attributes[attribute][codes[i]];
	return true;
}

void
memdomain_init(MemDomains *domains)
{
	memset(domains, 0, sizeof(*domains));
	domains->source.size = get_size;
	domains->source.addrs = get_addrs;
	domains->source.bytes = get_bytes;
	domains->source.attribute = get_attribute;
}

static int
compare_addrs(const void *a, const void *b)
{
	const FsAddr *x = a;
	const FsAddr *y = b;
	int			result = x->family - y->family;

	if (result == 0)
		result = memcmp(x->addr, y->addr, 16);
	return result != 0 ? result : x->bits - y->bits;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

void
memdomain_set_addrs(MemDomain *domain, FsAddr *values, uint32 n)
{
	uint32		i;

	qsort(values, n, sizeof(FsAddr), compare_addrs);
	domain->kind = FS_KIND_ADDR;
	domain->addrs = values;
	domain->size = 0;
	for (i = 0; i < n; i++)
		if (i == 0 || compare_addrs(&values[i], &values[domain->size - 1]) != 0)
			values[domain->size++] = values[i];
}

void
memdomain_set_strings(MemDomain *domain, char **values, uint32 n)
{
	uint32		i;

	qsort(values, n, sizeof(char *), compare_strings);
	domain->kind = FS_KIND_BYTES;
	domain->strings = values;
	domain->size = 0;
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(values[i], values[domain->size - 1]) != 0)
			values[domain->size++] = values[i];
}

uint32
memdomain_find_addr(const MemDomain *domain, const FsAddr *addr)
{
	const FsAddr *found = bsearch(addr, domain->addrs, domain->size,
								  sizeof(FsAddr), compare_addrs);

	return found - domain->addrs;
}

uint32
memdomain_find_string(const MemDomain *domain, const char *string)
{
	char *const *found = bsearch(&string, domain->strings, domain->size,
								 sizeof(char *), compare_strings);

	return found - domain->strings;
}
