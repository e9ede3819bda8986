/*-------------------------------------------------------------------------
 *
 * Counts as bytes, to hand them from one process to another.
 *
 * All integers are in network byte order.
 *
 *	offset	size  meaning
 *		 0	   4  "FSCT"
 *		 4	   1  format version, 1
 *		 5	   1  FsValueKind
 *		 6	   1  1: weights are float8, 0: int64
 *		 7	   1  1: images are little-endian, 0: big-endian
 *		 8	   4  OID of the type
 *		12	   4  OID of the collation, or 0
 *		16	   4  limit of flow.topk, or 0
 *		20	   8  n
 *		28	   .  n entries: a value and a weight
 *		 .	   4  CRC-32C of all bytes before
 *
 * A value is its key (8 bytes), or for the kinds BYTES and GENERAL the length
 * of its image (4 bytes) and the image.  A weight has 8 bytes.  An entry is
 * never shorter than MIN_ENTRY_BYTES, which bounds n before memory is taken.
 *
 *	  int4 80, twice  ->  46534354 01 01 00 01 00000017 00000000 00000000
 *						  0000000000000001
 *						  0000000000000050 0000000000000002 7b61a206
 *
 * Invalid: another magic, kind or flag; a length that the type does not have;
 * a weight that is negative, zero, NaN or infinite; bytes missing or left over.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "port/pg_crc32c.h"

#include "compat.h"
#include "analytics/counts_bytes.h"

#define MAGIC				0x46534354
#define VERSION				1
#define HEADER_BYTES		28
#define CRC_BYTES			4
#define MIN_ENTRY_BYTES		12

#ifdef WORDS_BIGENDIAN
#define IS_LITTLE_ENDIAN	0
#else
#define IS_LITTLE_ENDIAN	1
#endif

static uint32
checksum(const char *data, int len)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, data, len);
	FIN_CRC32C(crc);
	return (uint32) crc;
}

static void
encode_header(StringInfo buf, const FsCounts *counts)
{
	pq_sendint32(buf, MAGIC);
	pq_sendint8(buf, VERSION);
	pq_sendint8(buf, counts->type->kind);
	pq_sendint8(buf, counts->has_float_weights ? 1 : 0);
	pq_sendint8(buf, IS_LITTLE_ENDIAN);
	pq_sendint32(buf, counts->type->typid);
	pq_sendint32(buf, counts->type->collation);
	pq_sendint32(buf, counts->limit);
	pq_sendint64(buf, counts->n);
}

bytea *
fs_counts_bytes_encode(const FsCounts *counts)
{
	bool		has_images = counts->type->kind >= FS_VALUE_BYTES;
	StringInfoData buf;
	uint64		pos = 0;
	const FsCount *count;

	pq_begintypsend(&buf);
	encode_header(&buf, counts);
	while ((count = fs_counts_next(counts, &pos)) != NULL)
	{
		if (has_images)
		{
			FsValueBuffer room;
			FsValue		value;

			fs_value_load(counts->type, count->key, &room, &value);
			pq_sendint32(&buf, value.len);
			pq_sendbytes(&buf, value.image, value.len);
		}
		else
			pq_sendint64(&buf, count->key);
		pq_sendint64(&buf, count->weight.bits);
	}
	pq_sendint32(&buf, checksum(buf.data + VARHDRSZ, buf.len - VARHDRSZ));
	return pq_endtypsend(&buf);
}

static void
report_corrupted(const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid serialized aggregate state"),
			 errdetail("The reason is: %s.", reason)));
}

/* Past this, the bytes are those that an encoder wrote, or were forged. */
static void
check_envelope(StringInfo buf)
{
	uint32		stored;

	if (buf->len < HEADER_BYTES + CRC_BYTES)
		report_corrupted("it is too short");
	buf->len -= CRC_BYTES;
	memcpy(&stored, buf->data + buf->len, CRC_BYTES);
	if (pg_ntoh32(stored) != checksum(buf->data, buf->len))
		report_corrupted("its checksum is wrong");
	if (pq_getmsgint(buf, 4) != MAGIC)
		report_corrupted("its first four bytes are wrong");
	if (pq_getmsgbyte(buf) != VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("serialized aggregate state has an unknown format version")));
}

static FsCounts *
decode_header(StringInfo buf, FmgrInfo *flinfo)
{
	int			kind = pq_getmsgbyte(buf);
	int			float_flag = pq_getmsgbyte(buf);
	int			endian_flag = pq_getmsgbyte(buf);
	Oid			typid = pq_getmsgint(buf, 4);
	Oid			collation = pq_getmsgint(buf, 4);
	FsCounts   *counts;

	if (endian_flag != IS_LITTLE_ENDIAN)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("serialized aggregate state has another byte order")));
	if (float_flag > 1)
		report_corrupted("its kind of weight is unknown");

	counts = fs_counts_create(fs_value_type_of(flinfo, typid, collation),
							  float_flag == 1, CurrentMemoryContext);
	if (kind != counts->type->kind)
		report_corrupted("its kind of value is not that of the type");
	counts->limit = pq_getmsgint(buf, 4);
	if (counts->limit < 0)
		report_corrupted("its limit is negative");
	return counts;
}

static void
decode_entry(FsCounts *counts, StringInfo buf)
{
	FsValue		value;
	FsCount		count;

	if (counts->type->kind < FS_VALUE_BYTES)
		fs_value_prepare(counts->type, (Datum) pq_getmsgint64(buf), &value);
	else
	{
		uint32		len = pq_getmsgint(buf, 4);

		if (len > buf->len - buf->cursor ||
			!fs_value_from_image(counts->type, buf->data + buf->cursor, len,
								 &value))
			report_corrupted("the length of a value is wrong");
		buf->cursor += len;
	}

	if (buf->len - buf->cursor < 8)
		report_corrupted("it ends too early");
	count.weight.bits = pq_getmsgint64(buf);
	if (count.weight.bits == 0 || !fs_counts_weight_is_valid(counts, count))
		report_corrupted("a weight is out of range");
	fs_counts_add_value(counts, &value, count);
}

FsCounts *
fs_counts_bytes_decode(bytea *bytes, FmgrInfo *flinfo)
{
	StringInfoData buf;
	FsCounts   *counts;
	uint64		n;
	uint64		i;

	buf.data = VARDATA_ANY(bytes);
	buf.len = VARSIZE_ANY_EXHDR(bytes);
	buf.maxlen = buf.len;
	buf.cursor = 0;

	check_envelope(&buf);
	counts = decode_header(&buf, flinfo);
	n = pq_getmsgint64(&buf);
	if (n > (buf.len - buf.cursor) / MIN_ENTRY_BYTES)
		report_corrupted("its number of values is too large");

	fs_counts_reserve(counts, n);
	for (i = 0; i < n; i++)
	{
		if (buf.len - buf.cursor < MIN_ENTRY_BYTES)
			report_corrupted("it ends too early");
		decode_entry(counts, &buf);
	}
	if (buf.cursor != buf.len)
		report_corrupted("there are bytes left over");
	return counts;
}
