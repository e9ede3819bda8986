/*-------------------------------------------------------------------------
 *
 * Fingerprints of hellos.
 *
 *		JA3		MD5 of "version,ciphers,extensions,groups,formats", decimal,
 *				with "-" between the elements of a list, GREASE left out
 *		JA3S	MD5 of "version,cipher,extensions"
 *		JA4		a_b_c:
 *				a	t, q or d; version; d with SNI, else i; two digits each of
 *					the numbers of ciphers and extensions; first and last
 *					character of the first ALPN
 *				b	12 digits of the SHA-256 of the ciphers, sorted
 *				c	12 digits of the SHA-256 of the extensions, sorted, without
 *					SNI and ALPN, then "_" and signature algorithms as sent
 *				Elements are four digits, with "," between; GREASE is left out.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "payload_crypto.h"
#include "payload_ja.h"
#include "wire.h"

#define EXT_SERVER_NAME	0
#define EXT_ALPN		16
#define NONE_TEXT		"000000000000"	/* of an empty list */
#define PART_LEN		12
#define LIST_MAX		(HELLO_MESSAGE_MAX / 2)

static const char digits[] = "0123456789abcdef";

static void
put_hex(char *text, const uint8_t *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
	{
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
}

/* The elements of a list, without GREASE; list[LIST_MAX]. */
static size_t
list_values(struct hello_part part, uint16_t *list)
{
	struct wire w = wire_open(part.bytes, part.len);
	size_t		n = 0;

	while (wire_left(&w) >= 2 && n < LIST_MAX)
	{
		list[n] = wire_u16(&w);
		if (!hello_is_grease(list[n]))
			n++;
	}
	return n;
}

static size_t
list_extensions(const struct hello *hello, uint16_t *list)
{
	struct wire w = wire_open(hello->extensions.bytes, hello->extensions.len);
	size_t		n = 0;

	while (wire_left(&w) >= 4 && n < LIST_MAX)
	{
		list[n] = wire_u16(&w);
		wire_skip(&w, wire_u16(&w));
		if (!hello_is_grease(list[n]))
			n++;
	}
	return n;
}

static void
add_decimal(struct crypto_digest *digest, unsigned n)
{
	char		text[5];
	size_t		at = sizeof(text);

	do
		text[--at] = digits[n % 10];
	while ((n /= 10) > 0);
	crypto_digest_add(digest, text + at, sizeof(text) - at);
}

static void
add_decimals(struct crypto_digest *digest, const uint16_t *list, size_t n)
{
	crypto_digest_add(digest, ",", 1);
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0)
			crypto_digest_add(digest, "-", 1);
		add_decimal(digest, list[i]);
	}
}

static void
end_ja3(struct crypto_digest *digest, char text[JA3_LEN])
{
	uint8_t		result[CRYPTO_MD5_LEN] = {0};

	crypto_digest_end(digest, result);
	put_hex(text, result, sizeof(result));
}

void
ja3_client(const struct hello *hello, char text[JA3_LEN])
{
	struct crypto_digest digest;
	uint16_t	list[LIST_MAX];

	crypto_md5_begin(&digest);
	add_decimal(&digest, hello->version);
	add_decimals(&digest, list, list_values(hello->ciphers, list));
	add_decimals(&digest, list, list_extensions(hello, list));
	add_decimals(&digest, list, list_values(hello->groups, list));
	for (size_t i = 0; i < hello->formats.len; i++)
		list[i] = hello->formats.bytes[i];
	add_decimals(&digest, list, hello->formats.len);
	end_ja3(&digest, text);
}

void
ja3_server(const struct hello *hello, char text[JA3_LEN])
{
	struct crypto_digest digest;
	uint16_t	list[LIST_MAX];

	crypto_md5_begin(&digest);
	add_decimal(&digest, hello->version);
	add_decimals(&digest, &hello->cipher, 1);
	add_decimals(&digest, list, list_extensions(hello, list));
	end_ja3(&digest, text);
}

static const char *
version_name(uint16_t version)
{
	switch (version)
	{
		case 0x0304:
			return "13";
		case 0x0303:
			return "12";
		case 0x0302:
			return "11";
		case 0x0301:
			return "10";
		case 0x0300:
			return "s3";
		case 0x0002:
			return "s2";
		case 0xfeff:
			return "d1";
		case 0xfefd:
			return "d2";
		case 0xfefc:
			return "d3";
	}
	return "00";
}

static bool
is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z');
}

static void
put_alpn(struct hello_part alpn, char text[2])
{
	uint8_t		first;
	uint8_t		last;

	if (alpn.len == 0)
	{
		memcpy(text, "00", 2);
		return;
	}
	first = alpn.bytes[0];
	last = alpn.bytes[alpn.len - 1];
	if (is_alphanumeric(first) && is_alphanumeric(last))
	{
		text[0] = (char) first;
		text[1] = (char) last;
		return;
	}
	text[0] = digits[first >> 4];
	text[1] = digits[last & 15];
}

static void
put_count(size_t n, char text[2])
{
	if (n > 99)
		n = 99;
	text[0] = digits[n / 10];
	text[1] = digits[n % 10];
}

static int
compare(const void *a, const void *b)
{
	return (int) *(const uint16_t *) a - (int) *(const uint16_t *) b;
}

/* Adds four digits each, the first behind *before, and returns n. */
static size_t
add_list(struct crypto_digest *digest, const char *before,
		 const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		uint8_t		bytes[2] = {(uint8_t) (list[i] >> 8), (uint8_t) list[i]};
		char		text[4];

		put_hex(text, bytes, sizeof(bytes));
		crypto_digest_add(digest, i > 0 ? "," : before,
						  i > 0 ? 1 : strlen(before));
		crypto_digest_add(digest, text, sizeof(text));
	}
	return n;
}

static void
end_part(struct crypto_digest *digest, size_t n, char text[PART_LEN])
{
	uint8_t		result[CRYPTO_SHA256_LEN] = {0};

	crypto_digest_end(digest, result);
	if (n == 0)
		memcpy(text, NONE_TEXT, PART_LEN);
	else
		put_hex(text, result, PART_LEN / 2);
}

/* What JA4 sorts of n extensions, moved to the front. */
static size_t
leave_out_names(uint16_t *list, size_t n)
{
	size_t		nleft = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i] != EXT_SERVER_NAME && list[i] != EXT_ALPN)
			list[nleft++] = list[i];
	return nleft;
}

void
ja4_client(const struct hello *hello, char text[JA4_LEN])
{
	static const char letters[] = {
		[HELLO_TLS] = 't',[HELLO_DTLS] = 'd',[HELLO_QUIC] = 'q'
	};
	struct crypto_digest digest;
	uint16_t	list[LIST_MAX];
	size_t		n;

	text[0] = letters[hello->protocol];
	memcpy(text + 1, version_name(hello_settled_version(hello)), 2);
	text[3] = hello->has_sni ? 'd' : 'i';
	put_alpn(hello->alpn, text + 8);
	text[10] = text[23] = '_';

	n = list_values(hello->ciphers, list);
	put_count(n, text + 4);
	qsort(list, n, sizeof(list[0]), compare);
	crypto_sha256_begin(&digest);
	end_part(&digest, add_list(&digest, "", list, n), text + 11);

	n = list_extensions(hello, list);
	put_count(n, text + 6);
	n = leave_out_names(list, n);
	qsort(list, n, sizeof(list[0]), compare);
	crypto_sha256_begin(&digest);
	n = add_list(&digest, "", list, n);
	(void) add_list(&digest, "_", list, list_values(hello->signatures, list));
	end_part(&digest, n, text + 24);
}
