/*-------------------------------------------------------------------------
 *
 * Ids of a column's values.
 *
 * A table of vector/ids.h by the column's kind; its ids are one less than the
 * key's, which leaves FS_KEY_NULL free.  Codes of a chunk's dictionary are
 * translated once each, those of a set's domain once a set.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "format/hash.h"
#include "group/columnkey.h"
#include "vector/compact.h"

#define UNKNOWN PG_UINT32_MAX

struct FsColumnKey
{
	int			att;
	FsAllocator *allocator;
	uint64		seed;
	FsTypeMap	map;
	bool		has_map;
	FsIntIds   *ints;			/* one of these, by the kind */
	FsAddrIds  *addrs;
	FsBytesIds *bytes;
	MemoryContext cxt;
	FsTranslate translate;		/* NULL: ids of values */
	void	   *translate_arg;

	/* of the chunk at hand, and of its set */
	uint64		visit;			/* of the scan, that codes are of */
	uint32		dict_n;
	uint32	   *codes;			/* [dict_n] ids, or UNKNOWN */
	uint32		codes_cap;
	const uint32 *domain;		/* [dict_n] codes of the set; NULL: none */
	bool		has_set;
	uint64		set;
	uint16		number;			/* of the domain */
	uint32	   *shared;			/* [shared_cap] ids by its codes, or UNKNOWN */
	uint32		shared_cap;
};

FsColumnKey *
fs_columnkey_create(int att, FsAllocator *allocator)
{
	FsColumnKey *key = palloc0(sizeof(FsColumnKey));

	key->att = att;
	key->allocator = allocator;
	key->seed = pg_prng_uint64(&pg_global_prng_state);
	key->cxt = AllocSetContextCreate(CurrentMemoryContext,
									 "flowstore key codes",
									 ALLOCSET_DEFAULT_SIZES);
	return key;
}

FsColumnKey *
fs_columnkey_create_translated(int att, FsTranslate translate, void *arg)
{
	FsColumnKey *key = fs_columnkey_create(att, NULL);

	key->translate = translate;
	key->translate_arg = arg;
	return key;
}

static void
make_table_of(FsColumnKey *key, const FsTypeMap *map)
{
	key->map = *map;
	key->has_map = true;
	if (key->map.spec.kind == FS_KIND_INT)
		key->ints = fs_int_ids_create(key->allocator, key->seed);
	else if (key->map.spec.kind == FS_KIND_ADDR)
		key->addrs = fs_addr_ids_create(key->allocator, key->seed);
	else
		key->bytes = fs_bytes_ids_create(key->allocator, key->seed);
}

static void
make_table(FsColumnKey *key, FsScan *scan)
{
	if (!key->has_map)
		make_table_of(key, fs_scan_typemap(scan, key->att));
}

void
fs_columnkey_reset(FsColumnKey *key)
{
	if (key->ints != NULL)
		fs_int_ids_destroy(key->ints);
	if (key->addrs != NULL)
		fs_addr_ids_destroy(key->addrs);
	if (key->bytes != NULL)
		fs_bytes_ids_destroy(key->bytes);
	key->ints = NULL;
	key->addrs = NULL;
	key->bytes = NULL;
	key->has_map = false;
	key->visit = 0;
	key->has_set = false;
	key->codes = key->shared = NULL;
	key->codes_cap = key->shared_cap = 0;
	MemoryContextReset(key->cxt);
}

static void
shift_ids(uint32 *ids, uint32 n)
{
	for (uint32 i = 0; i < n; i++)
		ids[i]++;
}

/* The ids of values that codes stand for. */
static bool
ids_of_values(FsColumnKey *key, FsScan *scan, const uint32 *codes, uint32 n,
			  uint32 *ids)
{
	if (key->addrs != NULL)
	{
		FsAddr		addrs[FS_VECTOR_ROWS];

		if (!fs_scan_addrs(scan, key->att, codes, n, addrs))
			return false;
		fs_addr_ids_add(key->addrs, addrs, n, ids);
	}
	else
	{
		const uint8 *ptrs[FS_VECTOR_ROWS];
		uint32		lens[FS_VECTOR_ROWS];

		if (!fs_scan_bytes(scan, key->att, codes, n, ptrs, lens))
			return false;
		fs_bytes_ids_add(key->bytes, ptrs, lens, n, ids);
	}
	shift_ids(ids, n);
	return true;
}

/* Translate the codes of a dictionary that have no id yet. */
static bool
learn_codes(FsColumnKey *key, FsScan *scan, const uint32 *codes, uint32 n)
{
	uint32		ids[FS_VECTOR_ROWS];

	if (key->translate != NULL
		? !key->translate(key->translate_arg, scan, codes, n, ids)
		: !ids_of_values(key, scan, codes, n, ids))
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		key->codes[codes[i]] = ids[i];
		if (key->domain != NULL)
			key->shared[key->domain[codes[i]]] = ids[i];
	}
	return true;
}

/* An array of at least n ids; what was in it is lost. */
static uint32 *
make_ids(FsColumnKey *key, uint32 *old, uint32 *cap, uint32 n)
{
	if (n <= *cap)
		return old;
	if (old != NULL)
		pfree(old);
	*cap = 0;					/* if there is no memory */
	old = MemoryContextAllocHuge(key->cxt, sizeof(uint32) * (Size) n);
	*cap = n;
	return old;
}

/* Make room for n codes of a domain, and forget those of another. */
static void
enter_set(FsColumnKey *key, uint64 set, uint16 number, uint32 n)
{
	bool		is_same = key->has_set && key->set == set &&
		key->number == number;
	uint32	   *old = key->shared;
	uint32		known = is_same ? key->shared_cap : 0;
	uint32		cap = key->shared_cap;

	if (is_same && n <= cap)
		return;
	key->has_set = true;
	key->set = set;
	key->number = number;
	if (n > cap)
	{
		cap = n + n / 4;
		key->shared = MemoryContextAllocHuge(key->cxt,
											 sizeof(uint32) * (Size) cap);
		if (known > 0)
			memcpy(key->shared, old, sizeof(uint32) * (Size) known);
		if (old != NULL)
			pfree(old);
		key->shared_cap = cap;
	}
	memset(key->shared + known, 0xff, sizeof(uint32) * (Size) (cap - known));
}

static void
enter_chunk(FsColumnKey *key, FsScan *scan, uint32 dict_n)
{
	uint64		visit = fs_scan_visit(scan);
	uint64		set;
	uint16		number;

	if (key->visit == visit && key->dict_n == dict_n)
		return;
	key->codes = make_ids(key, key->codes, &key->codes_cap, dict_n);
	number = fs_scan_domain(scan, key->att, &set, &key->domain);
	if (number == FS_DOMAIN_NONE)
	{
		key->domain = NULL;
		memset(key->codes, 0xff, sizeof(uint32) * (Size) dict_n);
	}
	else
	{
		enter_set(key, set, number, key->domain[dict_n - 1] + 1);
		for (uint32 i = 0; i < dict_n; i++)
			key->codes[i] = key->shared[key->domain[i]];
	}
	key->visit = visit;
	key->dict_n = dict_n;
}

/* Ids of the rows by their codes; false if one is not known yet. */
static bool
look_up_codes(const FsColumnKey *key, const FsGroupRows *rows,
			  const FsVector *vec, uint32 *ids)
{
	bool		is_known = true;

	if (rows->rows == NULL)
		for (uint32 i = 0; i < rows->n; i++)
		{
			ids[i] = key->codes[vec->codes[i]];
			is_known &= ids[i] != UNKNOWN;
		}
	else
		for (uint32 i = 0; i < rows->n; i++)
		{
			ids[i] = key->codes[vec->codes[rows->rows[i]]];
			is_known &= ids[i] != UNKNOWN;
		}
	return is_known;
}

bool
fs_columnkey_coded_ids(FsColumnKey *key, const FsGroupRows *rows,
					   const FsVector *vec, uint32 *ids)
{
	uint32		missing[FS_VECTOR_ROWS];
	uint32		nmissing = 0;

	enter_chunk(key, rows->scan, vec->dict_n);
	if (!vec->has_nulls && look_up_codes(key, rows, vec, ids))
		return true;
	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		row = rows->rows == NULL ? i : rows->rows[i];
		uint32		code = vec->codes[row];

		if (vec->has_nulls && vec->is_null[row])
		{
			ids[i] = FS_KEY_NULL;
			continue;
		}
		ids[i] = key->codes[code];
		if (ids[i] == UNKNOWN)
		{
			missing[nmissing++] = code;
			key->codes[code] = UNKNOWN - 1; /* asked for */
		}
	}
	if (nmissing == 0)
		return true;
	if (!learn_codes(key, rows->scan, missing, nmissing))
	{
		for (uint32 i = 0; i < nmissing; i++)
			key->codes[missing[i]] = UNKNOWN;
		return false;
	}
	for (uint32 i = 0; i < rows->n; i++)
		if (ids[i] >= UNKNOWN - 1)
			ids[i] = key->codes[vec->codes[rows->rows == NULL ? i
											: rows->rows[i]]];
	return true;
}

const uint32 *
fs_columnkey_code_ids(FsColumnKey *key, FsScan *scan, const FsVector *vec,
					  Size room)
{
	uint32		missing[FS_VECTOR_ROWS];
	uint32		n = 0;
	Size		limit;

	make_table(key, scan);
	enter_chunk(key, scan, vec->dict_n);
	limit = fs_columnkey_bytes(key) + room;
	for (uint32 code = 0; code < vec->dict_n; code++)
	{
		missing[n] = code;
		n += key->codes[code] == UNKNOWN;
		if (n == FS_VECTOR_ROWS || (code + 1 == vec->dict_n && n > 0))
		{
			if (fs_columnkey_bytes(key) > limit ||
				!learn_codes(key, scan, missing, n))
				return NULL;
			n = 0;
		}
	}
	return key->codes;
}

const uint32 *
fs_columnkey_codes(FsColumnKey *key, FsScan *scan, const FsVector *vec)
{
	make_table(key, scan);
	enter_chunk(key, scan, vec->dict_n);
	return key->codes;
}

bool
fs_columnkey_learn(FsColumnKey *key, const FsGroupRows *rows,
				   const FsVector *vec)
{
	uint32		ids[FS_VECTOR_ROWS];

	return fs_columnkey_coded_ids(key, rows, vec, ids);
}

/* The rows that are not null: places[] in the list, and what it returns. */
static uint32
find_values(const FsGroupRows *rows, const bool *is_null, uint16 *places,
			uint16 *found)
{
	uint32		m = 0;

	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		row = rows->rows == NULL ? i : rows->rows[i];

		places[m] = (uint16) i;
		found[m] = (uint16) row;
		m += !is_null[row];
	}
	return m;
}

static void
scatter(const FsGroupRows *rows, const uint16 *places, uint32 m,
		const uint32 *some, uint32 *ids)
{
	memset(ids, 0, sizeof(uint32) * rows->n);	/* FS_KEY_NULL */
	for (uint32 i = 0; i < m; i++)
		ids[places[i]] = some[i] + 1;
}

/* Rows of a vector without a dictionary. */
static void
stored_ids(FsColumnKey *key, const FsGroupRows *rows, const FsVector *vec,
		   uint32 *ids)
{
	uint16		places[FS_VECTOR_ROWS];
	uint16		found[FS_VECTOR_ROWS];
	uint32		some[FS_VECTOR_ROWS];
	uint32		m;

	if (key->ints != NULL && !vec->has_nulls && rows->rows == NULL)
	{
		fs_int_ids_add(key->ints, vec->ints, rows->n, ids);
		shift_ids(ids, rows->n);
		return;
	}
	m = find_values(rows, vec->is_null, places, found);
	if (key->ints != NULL)
	{
		int64		ints[FS_VECTOR_ROWS];

		fs_compact_int64(vec->ints, found, m, ints);
		fs_int_ids_add(key->ints, ints, m, some);
	}
	else if (key->addrs != NULL)
	{
		FsAddr		addrs[FS_VECTOR_ROWS];

		fs_compact_addrs(vec->addrs, found, m, addrs);
		fs_addr_ids_add(key->addrs, addrs, m, some);
	}
	else
	{
		const uint8 *ptrs[FS_VECTOR_ROWS];
		uint32		lens[FS_VECTOR_ROWS];

		fs_compact_ptrs(vec->ptrs, found, m, ptrs);
		fs_compact_uint32(vec->lens, found, m, lens);
		fs_bytes_ids_add(key->bytes, ptrs, lens, m, some);
	}
	scatter(rows, places, m, some, ids);
}

/* Rows that can only be had as Datums. */
static bool
datum_ids(FsColumnKey *key, const FsGroupRows *rows, uint32 *ids)
{
	const Datum *values;
	const bool *isnull;

	if (!fs_scan_pick(rows->scan, key->att, rows->rows, rows->n, &values,
					  &isnull))
		return false;
	for (uint32 i = 0; i < rows->n; i++)
	{
		uint32		row = rows->rows == NULL ? i : rows->rows[i];
		uint32		id;

		if (isnull[row])
		{
			ids[i] = FS_KEY_NULL;
			continue;
		}
		if (key->ints != NULL)
		{
			int64		v = fs_typemap_to_int(&key->map, values[row]);

			fs_int_ids_add(key->ints, &v, 1, &id);
		}
		else if (key->addrs != NULL)
		{
			FsAddr		addr;

			fs_typemap_to_addr(PointerGetDatum(PG_DETOAST_DATUM_PACKED(values[row])),
							   &addr);
			fs_addr_ids_add(key->addrs, &addr, 1, &id);
		}
		else
		{
			Datum		value = key->map.attlen == -1
				? PointerGetDatum(PG_DETOAST_DATUM_PACKED(values[row]))
				: values[row];
			uint32		len;
			const uint8 *ptr = fs_typemap_to_bytes(&key->map, value, &len);

			fs_bytes_ids_add(key->bytes, &ptr, &len, 1, &id);
		}
		ids[i] = id + 1;
	}
	return true;
}

bool
fs_columnkey_ids(FsColumnKey *key, const FsGroupRows *rows, uint32 *ids)
{
	const FsVector *vec;

	make_table(key, rows->scan);
	switch (fs_scan_vector(rows->scan, key->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_DATUMS:
			return datum_ids(key, rows, ids);
		case FS_READ_STORED:
			break;
	}
	if (vec->dict_n > 0 && key->ints == NULL)
		return fs_columnkey_coded_ids(key, rows, vec, ids);
	stored_ids(key, rows, vec, ids);
	return true;
}

bool
fs_columnkey_int_id(FsColumnKey *key, FsScan *scan, int64 value, uint32 *id)
{
	make_table(key, scan);
	if (key->map.spec.order != FS_ORDER_INT)
		return false;
	fs_int_ids_add(key->ints, &value, 1, id);
	(*id)++;
	return true;
}

uint32
fs_columnkey_n(const FsColumnKey *key)
{
	if (key->ints != NULL)
		return fs_int_ids_n(key->ints) + 1;
	if (key->addrs != NULL)
		return fs_addr_ids_n(key->addrs) + 1;
	if (key->bytes != NULL)
		return fs_bytes_ids_n(key->bytes) + 1;
	return 1;
}

Datum
fs_columnkey_value(const FsColumnKey *key, uint32 id, bool *isnull)
{
	const uint8 *bytes;
	uint32		len;
	char	   *p;

	*isnull = id == FS_KEY_NULL;
	if (*isnull)
		return (Datum) 0;
	if (key->ints != NULL)
		return fs_typemap_from_int(&key->map,
								   fs_int_ids_keys(key->ints)[id - 1]);
	if (key->addrs != NULL)
	{
		p = palloc(FS_INET_MAX_LEN);
		(void) fs_typemap_from_addr(&fs_addr_ids_keys(key->addrs)[id - 1], p);
		return PointerGetDatum(p);
	}
	bytes = fs_bytes_ids_key(key->bytes, id - 1, &len);
	p = palloc_extended(fs_typemap_datum_size(&key->map, len),
						MCXT_ALLOC_HUGE);
	return fs_typemap_from_bytes(&key->map, bytes, len, p);
}

Size
fs_columnkey_bytes(const FsColumnKey *key)
{
	Size		bytes = MemoryContextMemAllocated(key->cxt, true);

	if (key->ints != NULL)
		bytes += fs_int_ids_bytes(key->ints);
	if (key->addrs != NULL)
		bytes += fs_addr_ids_bytes(key->addrs);
	if (key->bytes != NULL)
		bytes += fs_bytes_ids_bytes(key->bytes);
	return bytes;
}

/* --- records: 0 for NULL; or 1, an integer, an address, or length and bytes */

void
fs_columnkey_set_type(FsColumnKey *key, Form_pg_attribute att)
{
	FsTypeMap	map;

	if (key->has_map)
		return;
	fs_typemap_init(&map, att);
	make_table_of(key, &map);
	/* of each partition of groups a part only */
	if (key->ints != NULL)
		fs_int_ids_scatter(key->ints);
}

void
fs_columnkey_put(const FsColumnKey *key, uint32 id, StringInfo out)
{
	uint8		is_value = id != FS_KEY_NULL;
	const uint8 *bytes;
	uint32		len;

	fs_record_put(out, &is_value, 1);
	if (!is_value)
		return;
	if (key->ints != NULL)
		fs_record_put(out, &fs_int_ids_keys(key->ints)[id - 1],
					  sizeof(int64));
	else if (key->addrs != NULL)
		fs_record_put(out, &fs_addr_ids_keys(key->addrs)[id - 1],
					  sizeof(FsAddr));
	else
	{
		bytes = fs_bytes_ids_key(key->bytes, id - 1, &len);
		fs_record_put(out, &len, sizeof(len));
		fs_record_put(out, bytes, len);
	}
}

uint64
fs_columnkey_hash(const FsColumnKey *key, uint32 id, uint64 seed)
{
	const uint8 *bytes;
	uint32		len;

	if (id == FS_KEY_NULL)
		return seed;
	if (key->ints != NULL)
		return fs_hash_int((uint64) fs_int_ids_keys(key->ints)[id - 1],
						   seed | 1);
	if (key->addrs != NULL)
		return fs_hash_bytes((const uint8 *) &fs_addr_ids_keys(key->addrs)[id - 1],
							 sizeof(FsAddr), seed | 1);
	bytes = fs_bytes_ids_key(key->bytes, id - 1, &len);
	return fs_hash_bytes(bytes, len, seed | 1);
}

void
fs_columnkey_skip(const FsColumnKey *key, FsRecord *record)
{
	if (*fs_record_take(record, 1) == 0)
		return;
	if (key->ints != NULL)
		(void) fs_record_take(record, sizeof(int64));
	else if (key->addrs != NULL)
		(void) fs_record_take(record, sizeof(FsAddr));
	else
		(void) fs_record_take(record, fs_record_take_uint32(record));
}

/* The ids of the values of some records: those at places[m]. */
static void
take_values(FsColumnKey *key, FsRecord *records, const uint16 *places,
			uint32 m, uint32 *some)
{
	if (key->ints != NULL)
	{
		int64		ints[FS_VECTOR_ROWS];

		for (uint32 i = 0; i < m; i++)
			ints[i] = fs_record_take_int64(&records[places[i]]);
		fs_int_ids_add(key->ints, ints, m, some);
	}
	else if (key->addrs != NULL)
	{
		FsAddr		addrs[FS_VECTOR_ROWS];

		for (uint32 i = 0; i < m; i++)
			memcpy(&addrs[i], fs_record_take(&records[places[i]],
											 sizeof(FsAddr)), sizeof(FsAddr));
		fs_addr_ids_add(key->addrs, addrs, m, some);
	}
	else
	{
		const uint8 *ptrs[FS_VECTOR_ROWS];
		uint32		lens[FS_VECTOR_ROWS];

		for (uint32 i = 0; i < m; i++)
		{
			lens[i] = fs_record_take_uint32(&records[places[i]]);
			ptrs[i] = fs_record_take(&records[places[i]], lens[i]);
		}
		fs_bytes_ids_add(key->bytes, ptrs, lens, m, some);
	}
}

void
fs_columnkey_take(FsColumnKey *key, FsRecord *records, uint32 n, uint32 *ids)
{
	uint16		places[FS_VECTOR_ROWS];
	uint32		some[FS_VECTOR_ROWS];
	uint32		m = 0;

	for (uint32 i = 0; i < n; i++)
	{
		ids[i] = FS_KEY_NULL;
		places[m] = (uint16) i;
		m += *fs_record_take(&records[i], 1);
	}
	if (m > 0)
		take_values(key, records, places, m, some);
	for (uint32 i = 0; i < m; i++)
		ids[places[i]] = some[i] + 1;
}
