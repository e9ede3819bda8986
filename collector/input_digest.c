/*-------------------------------------------------------------------------
 *
 * SHA-256 of a file, by OpenSSL.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input_digest.h"

#define BUFFER_LEN (256 * 1024)

static bool
read_all(int fd, EVP_MD_CTX *digest, const volatile sig_atomic_t *stop_requested)
{
	static uint8_t buffer[BUFFER_LEN];
	ssize_t		len;

	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
	{
		if (*stop_requested || EVP_DigestUpdate(digest, buffer, (size_t) len) != 1)
			return false;
	}
	return len == 0;
}

bool
input_digest(const char *path, const volatile sig_atomic_t *stop_requested,
			 char hex[DIGEST_HEX_LEN + 1])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	int			fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t		bytes[DIGEST_HEX_LEN / 2];
	struct stat st;
	bool		is_good;

	is_good = fd >= 0 && digest != NULL && fstat(fd, &st) == 0 &&
		S_ISREG(st.st_mode) && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
		read_all(fd, digest, stop_requested) &&
		EVP_DigestFinal_ex(digest, bytes, NULL) == 1;
	if (fd >= 0)
		close(fd);
	EVP_MD_CTX_free(digest);
	for (size_t i = 0; is_good && i < sizeof(bytes); i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return is_good;
}
