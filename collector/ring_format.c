/*-------------------------------------------------------------------------
 *
 * The bytes of a ring.
 *
 *	  capture file	magic 0xa1b23c4d (4), version 2.4 (2 + 2), 0 (4), 0 (4),
 *					longest frame (4), link type (4); then records
 *	  record		seconds (4), nanoseconds (4), captured (4), on the wire (4),
 *					frame
 *	  index file	magic "FRI1" (4), version (4), tunnels (4), file number (4);
 *					then blocks, in the order of the ranges they are for
 *	  block			magic "FRB1" (4), CRC-32C of the rest of the header (4) and
 *					of the body (4), bytes of the body (4), flows (4),
 *					packets (4), begin (4), end (4), records (4), 0 (4),
 *					first time (8), last time (8); body
 *	  body			hash of each flow (8), ascending; end of its list in the
 *					lists (4); the lists: for each packet the distance of its
 *					record from that of the packet before, the first from the
 *					begin of the range, 7 bits a byte, low ones first, the high
 *					bit set in all bytes but the last
 *
 * With two packets of a flow in a block the index takes some 9 bytes a packet,
 * with many 2 to 3.
 *
 * Source of the capture file: draft-ietf-opsawg-pcap.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "input_pcap.h"
#include "ring_format.h"

#define MAGIC_NANOSECONDS	0xa1b23c4d
#define MAGIC_INDEX			0x31495246
#define MAGIC_BLOCK			0x31425246
#define INDEX_VERSION		1
#define LINKTYPE_RAW		101
#define CRC_BEGIN			8	/* of what the header's checksum covers */
#define FLOW_BYTES			12
#define MAX_VARINT			5

static uint32_t
get32(const uint8_t *p)
{
	uint32_t	n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t	n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static void
put_words(uint8_t *p, const uint32_t *words, size_t n)
{
	memcpy(p, words, 4 * n);
}

void
ring_name(uint32_t file, const char *suffix, char *name)
{
	snprintf(name, RING_NAME_LEN, "%010" PRIu32 ".%s", file, suffix);
}

bool
ring_name_parse(const char *name, const char *suffix, uint32_t *file)
{
	char	   *end;
	unsigned long long number;

	if (name[0] < '0' || name[0] > '9' || strlen(name) >= RING_NAME_LEN)
		return false;
	number = strtoull(name, &end, 10);
	if (end != name + 10 || *end != '.' || strcmp(end + 1, suffix) != 0 ||
		number == 0 || number > UINT32_MAX)
		return false;
	*file = (uint32_t) number;
	return true;
}

void
ring_file_header(uint8_t *bytes, int dlt, uint32_t snap)
{
	uint32_t	type = dlt == DLT_RAW ? LINKTYPE_RAW : (uint32_t) dlt;
	uint32_t	words[6] = {MAGIC_NANOSECONDS, 0, 0, 0, snap, type};
	uint16_t	version[2] = {2, 4};

	memcpy(&words[1], version, sizeof(version));
	put_words(bytes, words, 6);
}

bool
ring_file_header_read(const uint8_t *bytes, int *dlt)
{
	if (get32(bytes) != MAGIC_NANOSECONDS || get32(bytes + 20) > 0xffff)
		return false;
	*dlt = input_pcap_dlt((int) get32(bytes + 20));
	return true;
}

void
ring_record_header(uint8_t *bytes, const struct frame *frame)
{
	int64_t		seconds = frame->time_us / 1000000;
	uint32_t	words[4] = {
		(uint32_t) seconds,
		(uint32_t) (frame->time_us % 1000000) * 1000 + frame->time_ns,
		(uint32_t) frame->caplen,
		frame->wirelen > UINT32_MAX ? UINT32_MAX : (uint32_t) frame->wirelen
	};

	if (seconds > UINT32_MAX)
	{
		words[0] = UINT32_MAX;
		words[1] = 999999999;
	}
	put_words(bytes, words, 4);
}

bool
ring_record_header_read(const uint8_t *bytes, struct frame *frame)
{
	uint32_t	ns = get32(bytes + 4);

	frame->time_us = (int64_t) get32(bytes) * 1000000 + ns / 1000;
	frame->time_ns = (uint16_t) (ns % 1000);
	frame->caplen = get32(bytes + 8);
	frame->wirelen = get32(bytes + 12);
	if (ns > 999999999 || frame->caplen > RING_MAX_SNAP)
		return false;
	/* what a file has where it was not written before the machine stopped */
	return frame->time_us != 0 || frame->caplen != 0 || frame->wirelen != 0;
}

size_t
ring_ref_format(const struct ring_ref *ref, char *text)
{
	uint32_t	first = (uint32_t) (ref->first >> 32);
	uint32_t	last = (uint32_t) (ref->last >> 32);
	int			len = snprintf(text, RING_REF_LEN, "%s:%" PRIu32 ".%" PRIu32,
							   ref->id, first, (uint32_t) ref->first);

	if (first != last)
		len += snprintf(text + len, RING_REF_LEN - (size_t) len,
						"-%" PRIu32 ".%" PRIu32, last, (uint32_t) ref->last);
	else if (ref->first != ref->last)
		len += snprintf(text + len, RING_REF_LEN - (size_t) len, "-%" PRIu32,
						(uint32_t) ref->last);
	return (size_t) len;
}

static bool
parse_number(const char **text, uint32_t *number)
{
	const char *digits = *text;
	uint64_t	n = 0;

	while (**text >= '0' && **text <= '9' && *text - digits < 10)
		n = n * 10 + (uint64_t) (*(*text)++ - '0');
	*number = (uint32_t) n;
	return *text > digits && n <= UINT32_MAX;
}

bool
ring_ref_parse(const char *text, struct ring_ref *ref)
{
	uint32_t	file;
	uint32_t	offset;

	if (strspn(text, "0123456789abcdef") != RING_ID_LEN || text[RING_ID_LEN] != ':')
		return false;
	memcpy(ref->id, text, RING_ID_LEN);
	ref->id[RING_ID_LEN] = '\0';
	text += RING_ID_LEN + 1;
	if (!parse_number(&text, &file) || file == 0 || *text++ != '.' ||
		!parse_number(&text, &offset))
		return false;
	ref->first = ref->last = ring_position(file, offset);
	if (*text == '\0')
		return true;
	if (*text++ != '-' || !parse_number(&text, &offset))
		return false;
	if (*text == '.')
	{
		text++;
		file = offset;
		if (!parse_number(&text, &offset))
			return false;
	}
	ref->last = ring_position(file, offset);
	return *text == '\0' && ref->last >= ref->first;
}

void
ring_index_header(uint8_t *bytes, uint32_t file, uint32_t tunnels)
{
	uint32_t	words[4] = {MAGIC_INDEX, INDEX_VERSION, tunnels, file};

	put_words(bytes, words, 4);
}

bool
ring_index_header_read(const uint8_t *bytes, uint32_t file, uint32_t *tunnels)
{
	if (get32(bytes) != MAGIC_INDEX || get32(bytes + 4) != INDEX_VERSION ||
		get32(bytes + 12) != file)
		return false;
	*tunnels = get32(bytes + 8) & TUNNEL_SET_ALL;
	return true;
}

size_t
ring_block_bound(size_t n)
{
	return RING_BLOCK_HEADER + n * (FLOW_BYTES + MAX_VARINT);
}

static int
compare(const void *a, const void *b)
{
	const struct ring_entry *x = a;
	const struct ring_entry *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static uint8_t *
put_varint(uint8_t *p, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (uint8_t) (n | 0x80);
	*p++ = (uint8_t) n;
	return p;
}

size_t
ring_block_encode(const struct ring_block *block, struct ring_entry *entries,
				  size_t n, uint8_t *bytes)
{
	uint8_t    *body = bytes + RING_BLOCK_HEADER;
	uint32_t	nflows = 0;
	uint8_t    *ends;
	uint8_t    *lists;
	uint8_t    *p;
	uint32_t	words[10];

	qsort(entries, n, sizeof(*entries), compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || entries[i].hash != entries[i - 1].hash)
			memcpy(body + 8 * nflows++, &entries[i].hash, 8);
	ends = body + 8 * (size_t) nflows;
	p = lists = ends + 4 * (size_t) nflows;
	for (size_t i = 0; i < n; i++)
	{
		bool		is_first = i == 0 || entries[i].hash != entries[i - 1].hash;
		uint32_t	end;

		p = put_varint(p, entries[i].offset - (is_first ? block->begin : entries[i - 1].offset));
		end = (uint32_t) (p - lists);
		memcpy(ends, &end, 4);
		if (i + 1 == n || entries[i].hash != entries[i + 1].hash)
			ends += 4;
	}
	words[0] = MAGIC_BLOCK;
	words[2] = crc32c(body, (size_t) (p - body));
	words[3] = (uint32_t) (p - body);
	words[4] = nflows;
	words[5] = (uint32_t) n;
	words[6] = block->begin;
	words[7] = block->end;
	words[8] = block->nrecords;
	words[9] = 0;
	put_words(bytes + CRC_BEGIN, words + 2, 8);
	memcpy(bytes + 40, &block->min_us, 8);
	memcpy(bytes + 48, &block->max_us, 8);
	words[1] = crc32c(bytes + CRC_BEGIN, RING_BLOCK_HEADER - CRC_BEGIN);
	put_words(bytes, words, 2);
	return (size_t) (p - bytes);
}

bool
ring_block_header_read(const uint8_t *bytes, struct ring_block *block)
{
	if (get32(bytes) != MAGIC_BLOCK ||
		get32(bytes + 4) != crc32c(bytes + CRC_BEGIN, RING_BLOCK_HEADER - CRC_BEGIN))
		return false;
	*block = (struct ring_block) {
		.body_crc = get32(bytes + 8),
		.body_bytes = get32(bytes + 12),
		.nflows = get32(bytes + 16),
		.npackets = get32(bytes + 20),
		.begin = get32(bytes + 24),
		.end = get32(bytes + 28),
		.nrecords = get32(bytes + 32),
		.min_us = (int64_t) get64(bytes + 40),
		.max_us = (int64_t) get64(bytes + 48)
	};
	return block->body_bytes <= RING_BLOCK_MAX && block->begin >= RING_FILE_HEADER &&
		block->end > block->begin &&
		block->nflows <= block->body_bytes / FLOW_BYTES;
}

bool
ring_block_open(struct ring_block *block, const uint8_t *bytes)
{
	block->body = bytes;
	return crc32c(bytes, block->body_bytes) == block->body_crc;
}

/* The list of the flow at this place; false if the body contradicts itself. */
static bool
open_list(const struct ring_block *block, uint32_t place, struct ring_list *list)
{
	const uint8_t *ends = block->body + 8 * (size_t) block->nflows;
	const uint8_t *lists = ends + 4 * (size_t) block->nflows;
	size_t		len = (size_t) (block->body + block->body_bytes - lists);
	uint32_t	begin = place == 0 ? 0 : get32(ends + 4 * (size_t) (place - 1));
	uint32_t	end = get32(ends + 4 * (size_t) place);

	if (begin > end || end > len)
		return false;
	list->pos = lists + begin;
	list->end = lists + end;
	list->offset = block->begin;
	list->limit = block->end;
	return true;
}

bool
ring_block_find(const struct ring_block *block, uint64_t hash, struct ring_list *list)
{
	uint32_t	low = 0;
	uint32_t	high = block->nflows;

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;
		uint64_t	found = get64(block->body + 8 * (size_t) middle);

		if (found == hash)
			return open_list(block, middle, list);
		if (found < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
ring_list_next(struct ring_list *list, uint32_t *offset)
{
	uint64_t	n = 0;
	int			shift = 0;
	uint8_t		byte;

	do
	{
		if (list->pos == list->end || shift > 28)
			return false;
		byte = *list->pos++;
		n |= (uint64_t) (byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) != 0);
	if (n >= list->limit - list->offset)
		return false;
	*offset = list->offset += (uint32_t) n;
	return true;
}

bool
ring_block_hash_at(const struct ring_block *block, uint32_t offset, uint64_t *hash)
{
	for (uint32_t i = 0; i < block->nflows; i++)
	{
		struct ring_list list;
		uint32_t	at;

		if (!open_list(block, i, &list))
			return false;
		while (ring_list_next(&list, &at) && at <= offset)
			if (at == offset)
			{
				*hash = get64(block->body + 8 * (size_t) i);
				return true;
			}
	}
	return false;
}
