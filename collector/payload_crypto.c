/*-------------------------------------------------------------------------
 *
 * The few primitives that fingerprints and QUIC need, by OpenSSL.
 *
 * Algorithms are fetched once: OpenSSL 3 looks them up by name otherwise, each
 * time, which takes longer than the digest of a hello.
 *
 *-------------------------------------------------------------------------
 */
#include <pthread.h>
#include <string.h>

#include "payload_crypto.h"

#define SHA256_BLOCK_LEN 64

static struct
{
	pthread_once_t once;
	EVP_MD	   *md5;
	EVP_MD	   *sha256;
	EVP_CIPHER *ecb;
	EVP_CIPHER *gcm;
}			algorithms = {.once = PTHREAD_ONCE_INIT};

static void
fetch(void)
{
	algorithms.md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	algorithms.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	algorithms.ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	algorithms.gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
}

static void
digest_restart(struct crypto_digest *digest, const EVP_MD *md)
{
	digest->used = 0;
	if (digest->ctx != NULL && EVP_DigestInit_ex2(digest->ctx, md, NULL) != 1)
	{
		EVP_MD_CTX_free(digest->ctx);
		digest->ctx = NULL;
	}
}

static void
digest_begin(struct crypto_digest *digest, EVP_MD *const *md)
{
	(void) pthread_once(&algorithms.once, fetch);
	digest->ctx = *md == NULL ? NULL : EVP_MD_CTX_new();
	digest_restart(digest, *md);
}

void
crypto_md5_begin(struct crypto_digest *digest)
{
	digest_begin(digest, &algorithms.md5);
}

void
crypto_sha256_begin(struct crypto_digest *digest)
{
	digest_begin(digest, &algorithms.sha256);
}

static void
digest_flush(struct crypto_digest *digest)
{
	if (digest->ctx != NULL && digest->used > 0)
		(void) EVP_DigestUpdate(digest->ctx, digest->pending, digest->used);
	digest->used = 0;
}

void
crypto_digest_add(struct crypto_digest *digest, const void *bytes, size_t len)
{
	if (len > sizeof(digest->pending) - digest->used)
		digest_flush(digest);
	if (len <= sizeof(digest->pending))
	{
		memcpy(digest->pending + digest->used, bytes, len);
		digest->used += len;
	}
	else if (digest->ctx != NULL)
		(void) EVP_DigestUpdate(digest->ctx, bytes, len);
}

/* Take the result, and let the context live. */
static void
digest_result(struct crypto_digest *digest, uint8_t *result, size_t len)
{
	digest_flush(digest);
	if (digest->ctx == NULL ||
		EVP_DigestFinal_ex(digest->ctx, result, NULL) != 1)
		memset(result, 0, len);
}

void
crypto_digest_end(struct crypto_digest *digest, uint8_t *result)
{
	size_t		len = 0;

	if (digest->ctx != NULL)
		len = (size_t) EVP_MD_CTX_get_size(digest->ctx);
	digest_result(digest, result, len);
	EVP_MD_CTX_free(digest->ctx);
	digest->ctx = NULL;
}

/* HMAC, RFC 2104; the key is at most a block. */
static void
hmac(const uint8_t *key, size_t key_len, const uint8_t *bytes, size_t len,
	 uint8_t result[CRYPTO_SHA256_LEN])
{
	struct crypto_digest digest;
	uint8_t		inner[SHA256_BLOCK_LEN];
	uint8_t		outer[SHA256_BLOCK_LEN];

	for (size_t i = 0; i < SHA256_BLOCK_LEN; i++)
	{
		uint8_t		k = i < key_len ? key[i] : 0;

		inner[i] = k ^ 0x36;
		outer[i] = k ^ 0x5c;
	}
	crypto_sha256_begin(&digest);
	crypto_digest_add(&digest, inner, sizeof(inner));
	crypto_digest_add(&digest, bytes, len);
	digest_result(&digest, result, CRYPTO_SHA256_LEN);
	digest_restart(&digest, algorithms.sha256);
	crypto_digest_add(&digest, outer, sizeof(outer));
	crypto_digest_add(&digest, result, CRYPTO_SHA256_LEN);
	digest_result(&digest, result, CRYPTO_SHA256_LEN);
	EVP_MD_CTX_free(digest.ctx);
}

void
crypto_hkdf_extract(const uint8_t *salt, size_t salt_len, const uint8_t *key,
					size_t key_len, uint8_t result[CRYPTO_SHA256_LEN])
{
	hmac(salt, salt_len, key, key_len, result);
}

void
crypto_expand_label(const uint8_t secret[CRYPTO_SHA256_LEN], const char *label,
					uint8_t *result, size_t result_len)
{
	static const char prefix[] = "tls13 ";
	uint8_t		info[64];
	uint8_t		block[CRYPTO_SHA256_LEN];
	size_t		prefix_len = sizeof(prefix) - 1;
	size_t		label_len = strlen(label);
	size_t		len = 0;

	info[len++] = 0;
	info[len++] = (uint8_t) result_len;
	info[len++] = (uint8_t) (prefix_len + label_len);
	memcpy(info + len, prefix, prefix_len);
	len += prefix_len;
	memcpy(info + len, label, label_len);
	len += label_len;
	info[len++] = 0;			/* length of the context */
	info[len++] = 1;			/* number of the block */
	hmac(secret, CRYPTO_SHA256_LEN, info, len, block);
	memcpy(result, block, result_len);
}

bool
crypto_aes_block(const uint8_t key[CRYPTO_AES_LEN],
				 const uint8_t in[CRYPTO_AES_LEN], uint8_t out[CRYPTO_AES_LEN])
{
	EVP_CIPHER_CTX *ctx;
	int			len;
	bool		is_done;

	(void) pthread_once(&algorithms.once, fetch);
	ctx = EVP_CIPHER_CTX_new();
	is_done = ctx != NULL && algorithms.ecb != NULL &&
		EVP_EncryptInit_ex2(ctx, algorithms.ecb, key, NULL, NULL) == 1 &&
		EVP_EncryptUpdate(ctx, out, &len, in, CRYPTO_AES_LEN) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return is_done;
}

bool
crypto_open(const struct crypto_sealed *sealed, uint8_t *out)
{
	size_t		len = sealed->len - CRYPTO_AES_LEN;
	uint8_t		tag[CRYPTO_AES_LEN];
	EVP_CIPHER_CTX *ctx;
	int			n;
	bool		is_done;

	(void) pthread_once(&algorithms.once, fetch);
	memcpy(tag, sealed->bytes + len, sizeof(tag));
	ctx = EVP_CIPHER_CTX_new();
	is_done = ctx != NULL && algorithms.gcm != NULL &&
		EVP_DecryptInit_ex2(ctx, algorithms.gcm, sealed->key, sealed->iv,
							NULL) == 1 &&
		EVP_DecryptUpdate(ctx, NULL, &n, sealed->header,
						  (int) sealed->header_len) == 1 &&
		EVP_DecryptUpdate(ctx, out, &n, sealed->bytes, (int) len) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1 &&
		EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return is_done;
}
