/*-------------------------------------------------------------------------
 *
 * Messages of DNS, TLS, HTTP and NTP, just as long as they have to be.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "payload.h"
#include "wire.h"

#define NTP_EPOCH_S		INT64_C(2208988800)	/* 1900 to 1970 */

static uint8_t *
put_labels(uint8_t *p, const char *name)
{
	while (*name != '\0')
	{
		size_t		len = strcspn(name, ".");

		*p++ = (uint8_t) len;
		p = put_bytes(p, name, len);
		name += len;
		if (*name == '.')
			name++;
	}
	*p++ = 0;
	return p;
}

static uint8_t *
put_dns_head(uint8_t *p, const struct dns_message *message, uint32_t flags, uint32_t answers)
{
	p = put16(p, message->id);
	p = put16(p, flags);
	p = put16(p, 1);
	p = put16(p, answers);
	p = put32(p, 0);
	p = put_labels(p, message->name);
	p = put16(p, message->qtype);
	return put16(p, 1);
}

int
payload_dns_question(uint8_t *dst, const struct dns_message *message)
{
	return (int) (put_dns_head(dst, message, 0x0100, 0) - dst);
}

int
payload_dns_answer(uint8_t *dst, const struct dns_message *message)
{
	uint8_t    *p = put_dns_head(dst, message, 0x8180 | message->rcode, message->answer != NULL);

	if (message->answer != NULL)
	{
		uint32_t	len = message->answer->family == 4 ? 4 : 16;

		p = put16(p, 0xc00c);	/* the name of the question */
		p = put16(p, message->qtype);
		p = put16(p, 1);
		p = put32(p, message->ttl);
		p = put16(p, len);
		p = put_bytes(p, message->answer->bytes, len);
	}
	return (int) (p - dst);
}

static uint8_t *
put_sni(uint8_t *p, const char *sni)
{
	uint32_t	len = (uint32_t) strlen(sni);

	p = put16(p, 0);
	p = put16(p, len + 5);
	p = put16(p, len + 3);
	*p++ = 0;
	p = put16(p, len);
	return put_bytes(p, sni, len);
}

int
payload_client_hello(uint8_t *dst, const char *sni, const uint8_t *random)
{
	/* AES and ChaCha suites of TLS 1.3 and 1.2 */
	static const uint8_t suites[] = {
		0x00, 0x0c, 0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xcc, 0xa8
	};

	/* groups x25519 and P-256, point format, signatures, ALPN, versions */
	static const uint8_t extensions[] = {
		0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17,
		0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,
		0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01,
		0x00, 0x10, 0x00, 0x0e, 0x00, 0x0c, 0x02, 'h', '2', 0x08, 'h', 't', 't', 'p', '/', '1', '.', '1',
		0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03
	};
	uint8_t    *p = dst;
	uint8_t    *extensions_len;

	p = put_bytes(p, "\x16\x03\x01\0\0\x01\0\0\0\x03\x03", 11);
	p = put_bytes(p, random, 32);
	*p++ = 0;					/* no session id */
	p = put_bytes(p, suites, sizeof(suites));
	*p++ = 1;					/* no compression */
	*p++ = 0;
	extensions_len = p;
	p = put_sni(p + 2, sni);
	p = put_bytes(p, extensions, sizeof(extensions));

	/* key share: x25519, any 32 bytes are a public key */
	p = put_bytes(p, "\x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20", 10);
	for (int i = 0; i < 32; i++)
		*p++ = (uint8_t) (random[31 - i] ^ 0x5c);

	put16(extensions_len, (uint32_t) (p - extensions_len - 2));
	put16(dst + 3, (uint32_t) (p - dst - 5));
	put16(dst + 7, (uint32_t) (p - dst - 9));
	return (int) (p - dst);
}

int
payload_http_request(uint8_t *dst, const char *host, const char *path)
{
	return snprintf((char *) dst, PAYLOAD_MAX,
					"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: demo/1.0\r\nAccept: */*\r\n\r\n",
					path, host);
}

int
payload_http_response(uint8_t *dst, int status, int body_bytes)
{
	return snprintf((char *) dst, PAYLOAD_MAX,
					"HTTP/1.1 %d %s\r\nServer: demo\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n",
					status, status == 200 ? "OK" : "Not Found", body_bytes);
}

int
payload_ntp(uint8_t *dst, bool is_server, int64_t us)
{
	uint8_t    *p = dst;
	uint32_t	seconds = (uint32_t) (us / 1000000 + NTP_EPOCH_S);
	uint32_t	fraction = (uint32_t) (((uint64_t) (us % 1000000) << 32) / 1000000);

	*p++ = is_server ? 0x24 : 0x23;
	*p++ = is_server ? 2 : 0;
	*p++ = 6;
	*p++ = 0xe9;
	memset(p, 0, 36);
	if (is_server)
	{
		put32(p + 8, 0xc0000201);	/* reference 192.0.2.1 */
		put32(p + 12, seconds - 60);
		put32(p + 20, seconds);
		put32(p + 24, fraction);
		put32(p + 28, seconds);
		put32(p + 32, fraction);
	}
	p = put32(p + 36, seconds);
	return (int) (put32(p, fraction) - dst);
}
