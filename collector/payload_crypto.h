/*-------------------------------------------------------------------------
 *
 * The few primitives that fingerprints and QUIC need, by OpenSSL.
 *
 * Safe from several threads.  A failure of OpenSSL, which is one of memory,
 * makes results zero, or false where a function returns a bool.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_CRYPTO_H
#define COLLECTOR_PAYLOAD_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_MD5_LEN		16
#define CRYPTO_SHA256_LEN	32
#define CRYPTO_AES_LEN		16	/* key and block of AES-128, tag of GCM */
#define CRYPTO_IV_LEN		12

/* A digest of many small pieces. */
struct crypto_digest
{
	EVP_MD_CTX *ctx;
	size_t		used;
	uint8_t		pending[256];	/* pending[used] */
};

extern void crypto_md5_begin(struct crypto_digest *digest);
extern void crypto_sha256_begin(struct crypto_digest *digest);
extern void crypto_digest_add(struct crypto_digest *digest, const void *bytes,
							  size_t len);

/* Ends what one of the begins began; result has the digest's length. */
extern void crypto_digest_end(struct crypto_digest *digest, uint8_t *result);

/* HKDF-Extract with SHA-256, RFC 5869. */
extern void crypto_hkdf_extract(const uint8_t *salt, size_t salt_len,
								const uint8_t *key, size_t key_len,
								uint8_t result[CRYPTO_SHA256_LEN]);

/*
 * HKDF-Expand-Label with an empty context, RFC 8446 section 7.1, of
 * result_len <= CRYPTO_SHA256_LEN bytes; the label is a C string without
 * "tls13 ", of 32 bytes at most.
 */
extern void crypto_expand_label(const uint8_t secret[CRYPTO_SHA256_LEN],
								const char *label, uint8_t *result,
								size_t result_len);

/* One block of AES-128. */
extern bool crypto_aes_block(const uint8_t key[CRYPTO_AES_LEN],
							 const uint8_t in[CRYPTO_AES_LEN],
							 uint8_t out[CRYPTO_AES_LEN])
			__attribute__((warn_unused_result));

struct crypto_sealed
{
	const uint8_t *key;			/* key[CRYPTO_AES_LEN] */
	const uint8_t *iv;			/* iv[CRYPTO_IV_LEN] */
	const uint8_t *header;		/* authenticated, header[header_len] */
	size_t		header_len;
	const uint8_t *bytes;		/* encrypted and the tag, bytes[len] */
	size_t		len;			/* >= CRYPTO_AES_LEN */
};

/*
 * AES-128-GCM, RFC 5116: decrypts into out[len - CRYPTO_AES_LEN].  Returns
 * false if the tag does not fit; out is undefined then.
 */
extern bool crypto_open(const struct crypto_sealed *sealed, uint8_t *out)
			__attribute__((warn_unused_result));

#endif
