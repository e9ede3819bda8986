/*-------------------------------------------------------------------------
 *
 * The bytes of spool files: encoding and decoding.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <string.h>

#include "crc32c.h"
#include "spool_format.h"
#include "wire.h"

#define CRC_LEN 4

static const uint8_t magic[8] = "FLOWSPL\n";

static uint8_t *
put_int(uint8_t *dst, uint64_t value, int nbytes)
{
	for (int i = nbytes - 1; i >= 0; i--, value >>= 8)
		dst[i] = (uint8_t) value;
	return dst + nbytes;
}

static uint64_t
take_u64(struct wire *w)
{
	uint64_t	high = wire_u32(w);

	return high << 32 | wire_u32(w);
}

/* A fuzzer cannot guess checksums, so in its build they are all right. */
static bool
is_crc_right(const uint8_t *bytes, size_t len, uint32_t stored)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void) bytes;
	(void) len;
	(void) stored;
	return true;
#else
	return crc32c(bytes, len) == stored;
#endif
}

static uint8_t *
put_source(uint8_t *dst, const struct spool_source *source)
{
	dst = put_int(dst, (uint64_t) source->received_us, 8);
	memcpy(dst, source->addr.bytes, 16);
	dst = put_int(dst + 16, source->addr.family, 1);
	dst = put_int(dst, source->flags, 1);
	dst = put_int(dst, source->port, 2);
	dst = put_int(dst, source->local_port, 2);
	dst = put_int(dst, 0, 2);
	return put_int(dst, source->tag, 8);
}

static bool
take_source(struct wire *w, struct spool_source *source)
{
	source->received_us = (int64_t) take_u64(w);
	wire_copy(w, source->addr.bytes, 16);
	source->addr.family = wire_u8(w);
	source->flags = wire_u8(w);
	source->port = wire_u16(w);
	source->local_port = wire_u16(w);
	wire_skip(w, 2);
	source->tag = take_u64(w);
	return source->addr.family == FLOW_FAMILY_NONE ||
		source->addr.family == FLOW_FAMILY_IP4 ||
		source->addr.family == FLOW_FAMILY_IP6;
}

void
spool_encode(const struct spool_record *record, uint8_t *dst)
{
	size_t		size = spool_record_bytes(record);
	uint8_t    *pos = dst + CRC_LEN;

	pos = put_int(pos, size - SPOOL_PREFIX_LEN, 4);
	pos = put_int(pos, (uint64_t) record->type, 1);
	pos = put_int(pos, 0, 3);
	pos = put_source(pos, &record->source);
	if (record->type == SPOOL_GAP)
		(void) put_int(put_int(pos, record->gap_records, 8),
					   record->gap_bytes, 8);
	else if (record->len > 0)
		memcpy(pos, record->bytes, record->len);
	(void) put_int(dst, crc32c(dst + CRC_LEN, size - CRC_LEN), CRC_LEN);
}

/* After prefix and source. */
static bool
take_content(struct wire *w, struct spool_record *record)
{
	if (record->type == SPOOL_GAP)
	{
		record->gap_records = take_u64(w);
		record->gap_bytes = take_u64(w);
	}
	else
	{
		record->len = wire_left(w);
		record->bytes = wire_take(w, record->len);
	}
	return !w->has_failed;
}

enum spool_parse
spool_decode(const uint8_t *bytes, size_t len, struct spool_record *record,
			 size_t *size)
{
	struct wire w = wire_open(bytes, len);
	uint32_t	crc = wire_u32(&w);
	uint32_t	body = wire_u32(&w);
	uint8_t		type = wire_u8(&w);

	wire_skip(&w, 3);
	*size = SPOOL_PREFIX_LEN;
	if (w.has_failed)
		return SPOOL_SHORT;
	if (body < SPOOL_SOURCE_LEN || body > SPOOL_MAX_BODY ||
		type < SPOOL_DATAGRAM || type > SPOOL_GAP)
		return SPOOL_DAMAGED;
	*size = SPOOL_PREFIX_LEN + body;
	if (len < *size)
		return SPOOL_SHORT;
	if (!is_crc_right(bytes + CRC_LEN, *size - CRC_LEN, crc))
		return SPOOL_DAMAGED;
	wire_limit(&w, body);
	*record = (struct spool_record) {.type = (enum spool_type) type};
	if (!take_source(&w, &record->source) || !take_content(&w, record))
		return SPOOL_DAMAGED;
	return SPOOL_PARSED;
}

void
spool_encode_header(const struct spool_header *header, uint8_t *dst)
{
	memset(dst, 0, SPOOL_HEADER_LEN);
	memcpy(dst, magic, sizeof(magic));
	(void) put_int(dst + 8, SPOOL_VERSION, 4);
	(void) put_int(dst + 12, header->number, 4);
	memcpy(dst + 16, header->id, SPOOL_ID_LEN);
	(void) put_int(dst + 32, (uint64_t) header->created_us, 8);
	(void) put_int(dst + 60, crc32c(dst, 60), CRC_LEN);
}

enum spool_parse
spool_decode_header(const uint8_t *bytes, size_t len,
					struct spool_header *header)
{
	struct wire w = wire_open(bytes, len);
	const uint8_t *start = wire_take(&w, sizeof(magic));

	header->version = wire_u32(&w);
	header->number = wire_u32(&w);
	wire_copy(&w, header->id, SPOOL_ID_LEN);
	header->created_us = (int64_t) take_u64(&w);
	wire_skip(&w, 20);
	if (w.has_failed || wire_left(&w) < CRC_LEN)
		return SPOOL_SHORT;
	if (memcmp(start, magic, sizeof(magic)) != 0)
		return SPOOL_DAMAGED;
	if (header->version > SPOOL_VERSION)
		return SPOOL_PARSED;
	return is_crc_right(bytes, 60, wire_u32(&w)) && header->version >= 1 ?
		SPOOL_PARSED : SPOOL_DAMAGED;
}
