/*-------------------------------------------------------------------------
 *
 * What a file is called whatever its name: the SHA-256 of its bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_DIGEST_H
#define COLLECTOR_INPUT_DIGEST_H

#include <signal.h>
#include <stdbool.h>

#define DIGEST_HEX_LEN 64

/*
 * The digest of a regular file in hexadecimal.  Returns false, without a
 * message, if it is none, cannot be read, or a stop is requested.
 */
extern bool input_digest(const char *path,
						 const volatile sig_atomic_t *stop_requested,
						 char hex[DIGEST_HEX_LEN + 1])
			__attribute__((warn_unused_result));

#endif
