/*-------------------------------------------------------------------------
 *
 * The heaviest values as bytes.
 *
 * A value of flow.topk_sketch; a number is in groups of 7 bits, lowest first,
 * all but the last with bit 7 set, in as few bytes as it takes:
 *
 *	size  meaning
 *	   1  version, 1
 *	   .  capacity
 *	   .  total weight
 *	   .  bound
 *	   .  n, and for each entry, by weight descending, then by its label's bytes
 *			. weight
 *			. error
 *			. length of the label in bytes
 *			. the label: JSON in UTF-8
 *
 * Invalid: a capacity outside 1 .. FS_HEAVY_MAX_CAPACITY; more than 2 entries
 * for each of it; a bound beyond total / (capacity + 1); a weight that is not
 * above its error, or beyond the total; entries out of order, a label twice; a
 * label that is empty or not UTF-8; a number in more bytes than it takes; bytes
 * missing or left over.
 *
 * Labels are made under settings of their own, so that a time or a float has
 * one.  Values with the same label, which a type may have, become one entry.
 *
 * Between processes: images, as in counts_bytes.c, which are good in one
 * database of one server, so nothing is checked but lengths.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "compat.h"
#include "analytics/heavy_bytes.h"
#include "analytics/topjson.h"

#define VERSION		1

typedef struct Labelled
{
	int64		weight;
	int64		error;
	const char *label;			/* UTF-8 */
	uint32		len;
} Labelled;

static int
compare(const Labelled *a, const Labelled *b)
{
	int			result;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	result = memcmp(a->label, b->label, Min(a->len, b->len));
	return result != 0 ? result : a->len < b->len ? -1 : a->len > b->len;
}

static int
compare_entries(const void *a, const void *b)
{
	CHECK_FOR_INTERRUPTS();
	return compare(a, b);
}

/* --- out ---------------------------------------------------------------- */

static void
put_number(StringInfo out, uint64 v)
{
	for (; v >= 0x80; v >>= 7)
		appendStringInfoCharMacro(out, (char) (v | 0x80));
	appendStringInfoCharMacro(out, (char) v);
}

static void
set_label(Labelled *entry, Datum datum, FmgrInfo *to_jsonb)
{
	char	   *label;

	if (to_jsonb == NULL)
		label = TextDatumGetCString(datum);
	else
	{
		Jsonb	   *jsonb = DatumGetJsonbP(FunctionCall1(to_jsonb, datum));

		label = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
	}
	entry->label = pg_server_to_any(label, strlen(label), PG_UTF8);
	entry->len = strlen(entry->label);
}

/* From here on output functions give what they give in every session. */
static int
set_output(void)
{
	static const char *const settings[][2] = {
		{"TimeZone", "UTC"}, {"DateStyle", "ISO"}, {"IntervalStyle", "postgres"},
		{"extra_float_digits", "1"}, {"bytea_output", "hex"}
	};
	int			level = NewGUCNestLevel();

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
	return level;
}

/* By label, that is, with weights left out. */
static int
compare_labels(const void *a, const void *b)
{
	Labelled	x = *(const Labelled *) a;
	Labelled	y = *(const Labelled *) b;

	CHECK_FOR_INTERRUPTS();
	x.weight = y.weight = 0;
	return compare(&x, &y);
}

/* Entries with the same label become one; gives how many are left. */
static uint32
join_labels(Labelled *entries, uint32 n)
{
	uint32		m = 0;

	qsort(entries, n, sizeof(Labelled), compare_labels);
	for (uint32 i = 0; i < n; i++)
	{
		if (m > 0 && compare_labels(&entries[m - 1], &entries[i]) == 0)
		{
			entries[m - 1].weight += entries[i].weight;
			entries[m - 1].error += entries[i].error;
		}
		else
			entries[m++] = entries[i];
	}
	return m;
}

static Labelled *
label_entries(const FsHeavy *heavy, bool has_labels, uint32 *count)
{
	Labelled   *entries = MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(heavy->n, 1) *
												 sizeof(Labelled));
	int			level = set_output();
	uint32		n = 0;
	FmgrInfo	to_jsonb;

	if (!has_labels)
		fs_topjson_prepare(&to_jsonb, heavy->type->typid);
	for (uint32 i = 0; i < 1U << heavy->slot_bits; i++)
	{
		FsValueBuffer buf;

		CHECK_FOR_INTERRUPTS();
		if (heavy->slots[i].weight == 0)
			continue;
		entries[n].weight = heavy->slots[i].weight;
		entries[n].error = heavy->slots[i].error;
		set_label(&entries[n++], fs_value_datum(heavy->type,
												heavy->slots[i].key, &buf),
				  has_labels ? NULL : &to_jsonb);
	}
	AtEOXact_GUC(true, level);
	*count = join_labels(entries, n);
	qsort(entries, *count, sizeof(Labelled), compare_entries);
	return entries;
}

bytea *
fs_heavy_encode(const FsHeavy *heavy, bool has_labels)
{
	uint32		n;
	Labelled   *entries = label_entries(heavy, has_labels, &n);
	StringInfoData out;

	pq_begintypsend(&out);
	appendStringInfoCharMacro(&out, VERSION);
	put_number(&out, heavy->capacity);
	put_number(&out, heavy->total);
	put_number(&out, heavy->bound);
	put_number(&out, n);
	for (uint32 i = 0; i < n; i++)
	{
		put_number(&out, entries[i].weight);
		put_number(&out, entries[i].error);
		put_number(&out, entries[i].len);
		appendBinaryStringInfo(&out, entries[i].label, entries[i].len);
	}
	return pq_endtypsend(&out);
}

/* --- in ----------------------------------------------------------------- */

typedef struct Reader
{
	const uint8 *p;
	const uint8 *end;
	bool		is_bad;
} Reader;

/* Up to max; 0 where there is none. */
static uint64
take_number(Reader *reader, uint64 max)
{
	uint64		v = 0;

	for (int shift = 0; reader->p < reader->end && shift < 63; shift += 7)
	{
		uint8		byte = *reader->p++;

		if (shift > 0 && byte == 0)
			break;
		v |= (uint64) (byte & 0x7f) << shift;
		if (byte < 0x80 && v <= max)
			return v;
		if (byte < 0x80)
			break;
	}
	reader->is_bad = true;
	return 0;
}

/* The next entry, which must come after last, unless that is NULL. */
static bool
take_entry(Reader *reader, const FsHeavy *heavy, const Labelled *last,
		   Labelled *entry)
{
	entry->weight = take_number(reader, heavy->total);
	entry->error = take_number(reader, heavy->total);
	entry->len = take_number(reader, MaxAllocSize / 8);
	entry->label = (const char *) reader->p;
	if (reader->is_bad || entry->weight <= entry->error || entry->len == 0 ||
		entry->len > reader->end - reader->p ||
		!pg_verify_mbstr(PG_UTF8, entry->label, entry->len, true))
		return false;
	reader->p += entry->len;
	return last == NULL || compare(last, entry) < 0;
}

static bool
put_label(FsHeavy *heavy, const Labelled *entry)
{
	char	   *label = pg_any_to_server(pnstrdup(entry->label, entry->len),
										 entry->len, PG_UTF8);
	FsValue		value;

	fs_value_prepare(heavy->type,
					 PointerGetDatum(cstring_to_text(label)), &value);
	return fs_heavy_put(heavy, &value, entry->weight, entry->error);
}

FsHeavy *
fs_heavy_decode(const uint8 *in, uint32 len, FmgrInfo *flinfo,
				const char **reason)
{
	Reader		reader = {in + 1, in + len, false};
	FsHeavy    *heavy;
	Labelled	entries[2];
	uint64		n;

	*reason = "it is too short";
	if (len < 2)
		return NULL;
	*reason = "its version is not known";
	if (in[0] != VERSION)
		return NULL;
	*reason = "its capacity is out of range";
	n = take_number(&reader, FS_HEAVY_MAX_CAPACITY);
	if (n == 0)
		return NULL;
	heavy = fs_heavy_create(fs_value_type_of(flinfo, TEXTOID, C_COLLATION_OID),
							(int32) n, CurrentMemoryContext);
	*reason = "its bound or its number of entries is out of range";
	heavy->total = take_number(&reader, PG_INT64_MAX);
	heavy->bound = take_number(&reader, heavy->total / (heavy->capacity + 1));
	n = take_number(&reader, 2 * heavy->capacity);
	if (reader.is_bad)
		return NULL;
	*reason = "an entry is out of range or out of order";
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!take_entry(&reader, heavy, i == 0 ? NULL : &entries[~i & 1],
						&entries[i & 1]) ||
			!put_label(heavy, &entries[i & 1]))
			return NULL;
	}
	*reason = "there are bytes left over";
	return reader.p == reader.end ? heavy : NULL;
}

/* --- between processes -------------------------------------------------- */

bytea *
fs_heavy_serialize_values(const FsHeavy *heavy, int32 limit)
{
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendint32(&out, heavy->type->typid);
	pq_sendint32(&out, heavy->type->collation);
	pq_sendint32(&out, limit);
	pq_sendint32(&out, heavy->capacity);
	pq_sendint64(&out, heavy->total);
	pq_sendint64(&out, heavy->bound);
	pq_sendint32(&out, heavy->n);
	for (uint32 i = 0; i < 1U << heavy->slot_bits; i++)
	{
		const FsHeavyEntry *entry = &heavy->slots[i];
		FsValueBuffer buf;
		FsValue		value;

		if (entry->weight == 0)
			continue;
		pq_sendint64(&out, entry->weight);
		pq_sendint64(&out, entry->error);
		if (heavy->type->kind < FS_VALUE_BYTES)
		{
			pq_sendint64(&out, entry->key);
			continue;
		}
		fs_value_load(heavy->type, entry->key, &buf, &value);
		pq_sendint32(&out, value.len);
		pq_sendbytes(&out, value.image, value.len);
	}
	return pq_endtypsend(&out);
}

static void
take_value(StringInfo in, const FsValueType *type, FsValue *value)
{
	uint32		len;

	if (type->kind < FS_VALUE_BYTES)
	{
		fs_value_prepare(type, (Datum) pq_getmsgint64(in), value);
		return;
	}
	len = pq_getmsgint(in, 4);
	if (!fs_value_from_image(type, pq_getmsgbytes(in, len), len, value))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid serialized aggregate state")));
}

FsHeavy *
fs_heavy_deserialize_values(bytea *bytes, FmgrInfo *flinfo, int32 *limit)
{
	StringInfoData in;
	FsHeavy    *heavy;
	Oid			typid;
	Oid			collation;
	uint32		n;

	in.data = VARDATA_ANY(bytes);
	in.len = in.maxlen = VARSIZE_ANY_EXHDR(bytes);
	in.cursor = 0;
	typid = pq_getmsgint(&in, 4);
	collation = pq_getmsgint(&in, 4);
	*limit = pq_getmsgint(&in, 4);
	heavy = fs_heavy_create(fs_value_type_of(flinfo, typid, collation),
							pq_getmsgint(&in, 4), CurrentMemoryContext);
	heavy->total = pq_getmsgint64(&in);
	heavy->bound = pq_getmsgint64(&in);
	n = pq_getmsgint(&in, 4);
	for (uint32 i = 0; i < n; i++)
	{
		int64		weight = pq_getmsgint64(&in);
		int64		error = pq_getmsgint64(&in);
		FsValue		value;

		take_value(&in, heavy->type, &value);
		(void) fs_heavy_put(heavy, &value, weight, error);
	}
	pq_getmsgend(&in);
	return heavy;
}
