/*-------------------------------------------------------------------------
 *
 * QUIC's Initial packets as a client makes them, for tests and fuzzers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_PAYLOAD_INITIAL_H
#define TEST_PAYLOAD_INITIAL_H

#include "payload_bytes.h"
#include "payload_crypto.h"

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
