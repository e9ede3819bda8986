/*-------------------------------------------------------------------------
 *
 * File format: draft-ietf-opsawg-pcap, little endian, microseconds; Ethernet,
 * IPv4, UDP without a checksum.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "udpcap.h"
#include "wire.h"

#define HEADERS_BYTES	(14 + 20 + 8)
#define SOURCE_PORT		50000

struct udpcap
{
	FILE	   *file;
	uint16_t	port;
	uint16_t	ip_id;
	bool		has_failed;
};

static void
put_file(struct udpcap *udpcap, const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, udpcap->file) != len)
		udpcap->has_failed = true;
}

static uint8_t *
put_le32(uint8_t *p, uint32_t x)
{
	for (int i = 0; i < 4; i++)
		*p++ = (uint8_t) (x >> 8 * i);
	return p;
}

struct udpcap *
udpcap_open(const char *path, uint16_t port)
{
	struct udpcap *udpcap = calloc(1, sizeof(*udpcap));
	uint8_t		header[24] = {0};
	uint8_t    *p = header;

	if (udpcap == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	udpcap->port = port;
	udpcap->file = fopen(path, "wb");
	if (udpcap->file == NULL)
	{
		free(udpcap);
		return NULL;
	}
	p = put_le32(p, 0xa1b2c3d4);
	p = put_le32(p, 2 | 4 << 16);
	p = put_le32(p + 8, 65535);
	put_le32(p, 1);
	put_file(udpcap, header, sizeof(header));
	return udpcap;
}

static uint16_t
ip_checksum(const uint8_t *header)
{
	uint32_t	sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t) header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

void
udpcap_put(struct udpcap *udpcap, int source, const uint8_t *bytes, size_t len, int64_t ms)
{
	uint8_t		record[16];
	uint8_t		headers[HEADERS_BYTES] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00};
	uint8_t    *ip = headers + 14;
	uint8_t    *p = record;

	p = put_le32(p, (uint32_t) (ms / 1000));
	p = put_le32(p, (uint32_t) (ms % 1000) * 1000);
	p = put_le32(p, (uint32_t) (sizeof(headers) + len));
	put_le32(p, (uint32_t) (sizeof(headers) + len));
	put_file(udpcap, record, sizeof(record));

	p = put16(ip, 0x4500);
	p = put16(p, (uint32_t) len + 28);
	p = put16(p, udpcap->ip_id++);
	p = put16(p, 0);
	p = put16(p, 64 << 8 | 17);
	p = put16(p, 0);
	p = put32(p, 0x0aff0001 + (uint32_t) source);
	p = put32(p, 0xc0000201);
	put16(ip + 10, ip_checksum(ip));
	p = put16(p, SOURCE_PORT);
	p = put16(p, udpcap->port);
	p = put16(p, (uint32_t) len + 8);
	put16(p, 0);
	put_file(udpcap, headers, sizeof(headers));
	put_file(udpcap, bytes, len);
}

bool
udpcap_close(struct udpcap *udpcap)
{
	bool		is_good = fclose(udpcap->file) == 0 && !udpcap->has_failed;

	free(udpcap);
	return is_good;
}
