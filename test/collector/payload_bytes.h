/*-------------------------------------------------------------------------
 *
 * Payload made by hand, for tests and fuzzers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_PAYLOAD_BYTES_H
#define TEST_PAYLOAD_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "payload_crypto.h"
#include "tap.h"

/*
 * The client hello of RFC 9001 appendix A.2: example.com, ALPN "alpn".  Its
 * fingerprints were computed by another program.
 */
#define HELLO_HEX \
	"010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47" \
	"f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c" \
	"652e636f6dff01000100000a00080006001d0017001800100007000504616c70" \
	"6e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559f" \
	"edba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d001000" \
	"0e0403050306030203080408050806002d00020101001c000240010039003204" \
	"08ffffffffffffffff05048000ffff07048000ffff0801100104800075300901" \
	"100f088394c8f03e51570806048000ffff"
#define HELLO_LEN	241
#define HELLO_JA3	"41bc9ae914d6cb3bd0bd0a5453ab7d7f"
#define HELLO_JA4	"13d0211an_62ed6f6ca7ad_4d634acda6c0"	/* behind the letter */

struct bytes
{
	uint8_t		b[32768];
	size_t		n;
};

static inline void
put(struct bytes *to, const void *bytes, size_t len)
{
	if (len > sizeof(to->b) - to->n)
		abort();
	memcpy(to->b + to->n, bytes, len);
	to->n += len;
}

/* Blanks are passed over. */
static inline void
put_hex(struct bytes *to, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	unsigned	value = 1;

	for (; *hex != '\0'; hex++)
	{
		if (*hex == ' ')
			continue;
		value = value << 4 | (unsigned) (strchr(digits, *hex) - digits);
		if (value >= 0x100)
		{
			uint8_t		byte = (uint8_t) value;

			put(to, &byte, 1);
			value = 1;
		}
	}
}

static inline void
put_text(struct bytes *to, const char *text)
{
	put(to, text, strlen(text));
}

/* An integer of len bytes, big-endian. */
static inline void
put_number(struct bytes *to, uint64_t number, int len)
{
	while (len-- > 0)
	{
		uint8_t		byte = (uint8_t) (number >> 8 * len);

		put(to, &byte, 1);
	}
}

/* A TLS record. */
static inline void
put_record(struct bytes *to, uint8_t type, const void *bytes, size_t len)
{
	put_number(to, type, 1);
	put_number(to, 0x0303, 2);
	put_number(to, len, 2);
	put(to, bytes, len);
}

/* Is the column this text?  NULL: is it absent? */
static inline void
is_text(const struct payload *payload, enum flow_extra_id id,
		const char *expected, const char *name)
{
	struct flow_extra extra;
	const struct flow_bytes *text = &extra.values[id].text;

	flow_extra_clear(&extra);
	payload_extra(payload, &extra);
	if (!flow_extra_has(&extra, id))
	{
		ok(expected == NULL, name);
		return;
	}
	ok(expected != NULL && text->len == strlen(expected) &&
	   memcmp(text->bytes, expected, text->len) == 0, name);
	if (tap_failed)
		printf("# got %.*s\n", (int) text->len, (const char *) text->bytes);
}

/* Is the column this number?  -1: is it absent? */
static inline void
is_number(const struct payload *payload, enum flow_extra_id id,
		  int64_t expected, const char *name)
{
	struct flow_extra extra;

	flow_extra_clear(&extra);
	payload_extra(payload, &extra);
	is(flow_extra_has(&extra, id) ? (int64_t) extra.values[id].number : -1,
	   expected, name);
}

struct initial
{
	uint32_t	version;
	uint8_t		flags;			/* with the bits of the type */
	const char *salt_hex;
	const char *labels[3];		/* of key, iv and mask */
	const char *id_hex;			/* destination id in the header */
	const char *secret_id_hex;	/* the one that the keys follow from */
};

#define INITIAL_V1 { \
	1, 0xc3, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", \
	{"quic key", "quic iv", "quic hp"}, "8394c8f03e515708", "8394c8f03e515708" \
}

/* AES-128-GCM; result[len + CRYPTO_AES_LEN]. */
static inline void
seal(const uint8_t *key, const uint8_t *iv, const struct bytes *header,
	 const uint8_t *plain, size_t len, uint8_t *result)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int			n;

	if (ctx == NULL ||
		EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv) != 1 ||
		EVP_EncryptUpdate(ctx, NULL, &n, header->b, (int) header->n) != 1 ||
		EVP_EncryptUpdate(ctx, result, &n, plain, (int) len) != 1 ||
		EVP_EncryptFinal_ex(ctx, result + n, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_AES_LEN,
							result + len) != 1)
		abort();
	EVP_CIPHER_CTX_free(ctx);
}

/*
 * An Initial packet with a packet number of four bytes, no source id and no
 * token: frames[len], at most 8000 bytes, behind what *to has already.
 */
static inline void
put_initial(struct bytes *to, const struct initial *initial, uint32_t number,
			const uint8_t *frames, size_t len)
{
	static struct bytes salt, id, header;
	static uint8_t sealed[8192];
	uint8_t		secret[2][CRYPTO_SHA256_LEN];
	uint8_t		key[CRYPTO_AES_LEN], iv[CRYPTO_IV_LEN], hp[CRYPTO_AES_LEN];
	uint8_t		mask[CRYPTO_AES_LEN];

	salt.n = id.n = header.n = 0;
	put_hex(&salt, initial->salt_hex);
	put_hex(&id, initial->secret_id_hex);
	crypto_hkdf_extract(salt.b, salt.n, id.b, id.n, secret[0]);
	crypto_expand_label(secret[0], "client in", secret[1], CRYPTO_SHA256_LEN);
	crypto_expand_label(secret[1], initial->labels[0], key, sizeof(key));
	crypto_expand_label(secret[1], initial->labels[1], iv, sizeof(iv));
	crypto_expand_label(secret[1], initial->labels[2], hp, sizeof(hp));
	put_number(&header, initial->flags, 1);
	put_number(&header, initial->version, 4);
	put_number(&header, strlen(initial->id_hex) / 2, 1);
	put_hex(&header, initial->id_hex);
	put_number(&header, 0, 2);	/* source id, token */
	put_number(&header, 0x4000 | (4 + len + CRYPTO_AES_LEN), 2);
	put_number(&header, number, 4);
	for (int i = 0; i < 4; i++)
		iv[8 + i] ^= (uint8_t) (number >> 8 * (3 - i));
	seal(key, iv, &header, frames, len, sealed);
	if (!crypto_aes_block(hp, sealed, mask))
		abort();
	header.b[0] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < 4; i++)
		header.b[header.n - 4 + i] ^= mask[1 + i];
	put(to, header.b, header.n);
	put(to, sealed, len + CRYPTO_AES_LEN);
}

#endif
