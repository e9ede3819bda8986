/*-------------------------------------------------------------------------
 *
 * Files of IPFIX messages: RFC 5655.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode_ipfix.h"
#include "input_file.h"
#include "input_ipfix.h"
#include "ipfix_stream.h"
#include "log.h"

#define PEEK_LEN	4

struct input_ipfix
{
	struct input_file *file;
	char	   *path;
	struct counters *counters;
	uint64_t	position;
	struct ipfix_stream stream;
};

bool
input_ipfix_is(const char *path)
{
	uint8_t		head[PEEK_LEN];
	size_t		len = 0;
	ssize_t		n = 1;
	struct input_file *file;

	if (!input_file_is_regular(path) || access(path, R_OK) != 0)
		return false;
	file = input_file_open(path);
	while (file != NULL && len < PEEK_LEN && n > 0)
	{
		n = input_file_read(file, head + len, PEEK_LEN - len);
		len += n > 0 ? (size_t) n : 0;
	}
	input_file_close(file);
	return ipfix_message_length(head, len) > 0;
}

static struct input_ipfix *
open_file(struct input_file *file, const char *path, struct counters *counters)
{
	struct input_ipfix *input;

	if (file == NULL)
		return NULL;
	input = calloc(1, sizeof(*input));
	if (input != NULL && (input->path = strdup(path)) != NULL)
	{
		input->file = file;
		input->counters = counters;
		return input;
	}
	log_warnx("out of memory for file \"%s\"", path);
	input_file_close(file);
	free(input);
	return NULL;
}

struct input_ipfix *
input_ipfix_open(const char *path, struct counters *counters)
{
	return open_file(input_file_open(path), path, counters);
}

struct input_ipfix *
input_ipfix_open_fd(int fd, const char *path, struct counters *counters)
{
	return open_file(input_file_open_fd(fd, path), path, counters);
}

void
input_ipfix_close(struct input_ipfix *input)
{
	input_file_close(input->file);
	free(input->path);
	free(input);
}

uint64_t
input_ipfix_position(const struct input_ipfix *input)
{
	return input->position;
}

/* What has no end, or was no message. */
static enum ipfix_result
fail(struct input_ipfix *input, const char *reason)
{
	if (ipfix_stream_left(&input->stream) > 0)
		input->counters->ipfix_malformed++;
	if (reason != NULL)
		log_warnx("could not read \"%s\" further: %s at byte %" PRIu64, input->path, reason,
				  input->position);
	return IPFIX_FAILED;
}

enum ipfix_result
input_ipfix_read(struct input_ipfix *input, const uint8_t **bytes, size_t *len)
{
	int			length;

	while ((length = ipfix_stream_next(&input->stream, bytes)) == 0)
	{
		size_t		room;
		uint8_t    *space = ipfix_stream_space(&input->stream, &room);
		ssize_t		n = input_file_read(input->file, space, room);

		if (n < 0)
			return fail(input, NULL);
		if (n == 0 && ipfix_stream_left(&input->stream) > 0)
			return fail(input, "it ends within the message");
		if (n == 0)
			return IPFIX_END;
		ipfix_stream_added(&input->stream, (size_t) n);
	}
	if (length < 0)
		return fail(input, "there is no IPFIX message");
	*len = (size_t) length;
	input->position += (uint64_t) length;
	return IPFIX_MESSAGE;
}
