/*-------------------------------------------------------------------------
 *
 * Files of IPFIX messages, one behind the other (RFC 5655), plain and compressed
 * as input_file has it.  What a file is shows in its first bytes.
 *
 * Memory: that of input_file, and of an ipfix_stream.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_IPFIX_H
#define COLLECTOR_INPUT_IPFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"

enum ipfix_result
{
	IPFIX_MESSAGE,
	IPFIX_END,
	IPFIX_FAILED				/* it has said why; messages before are good */
};

struct input_ipfix;

/* Is it a regular file that begins with an IPFIX message? */
extern bool input_ipfix_is(const char *path);

/* Returns NULL, having logged why, if it cannot be read. */
extern struct input_ipfix *input_ipfix_open(const char *path, struct counters *counters);

/* The same for a file that is open; fd is closed also on failure. */
extern struct input_ipfix *input_ipfix_open_fd(int fd, const char *path,
											   struct counters *counters);
extern void input_ipfix_close(struct input_ipfix *input);

/*
 * The next message, bytes[*len], until the next call.  What is no message, or
 * cut by the end of the file, ends it, and is counted in ipfix_malformed.
 */
extern enum ipfix_result input_ipfix_read(struct input_ipfix *input, const uint8_t **bytes,
										  size_t *len)
			__attribute__((warn_unused_result));

/* Behind the last message; bytes of what is unpacked. */
extern uint64_t input_ipfix_position(const struct input_ipfix *input);

#endif
