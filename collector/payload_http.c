/*-------------------------------------------------------------------------
 *
 * HTTP/1: RFC 9112 sections 2 to 5, RFC 9110.
 *
 * Line by line; pos is the start of the line, skip how much of it has been
 * searched for its end.  Responses 1xx are interim, all but 101.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>
#include <strings.h>

#include "payload_http.h"

#define METHOD_MAX		32
#define LINE_MAX_LEN	8192	/* of a line that begins a stream */
#define VERSION_LEN		8		/* HTTP/1.1 */
#define STATUS_LEN		12		/* HTTP/1.1 200 */

/* Values of stream->step. */
#define STEP_START		0
#define STEP_REQUEST	1		/* in the fields of a request */
#define STEP_RESPONSE	2
#define STEP_INTERIM	3		/* in those of an interim response */
#define STEP_MASK		0x0f
#define HAS_HOST		0x10
#define HAS_AGENT		0x20

/* A line without its end. */
struct line
{
	const uint8_t *bytes;		/* bytes[len] */
	size_t		len;
};

/* The next line, if it is complete; its end is dealt with then. */
static bool
take_line(struct payload_stream *stream, const struct payload_input *in,
		  struct line *line)
{
	const uint8_t *start = in->bytes + stream->pos;
	size_t		left = in->len - stream->pos;
	const uint8_t *end = NULL;

	if (stream->skip < left)
		end = memchr(start + stream->skip, '\n', left - stream->skip);
	if (end == NULL)
	{
		stream->skip = (uint16_t) left;
		stream->need = (uint16_t) (in->len + 1);
		return false;
	}
	line->bytes = start;
	line->len = (size_t) (end - start);
	if (line->len > 0 && line->bytes[line->len - 1] == '\r')
		line->len--;
	stream->pos = (uint16_t) (end + 1 - in->bytes);
	stream->skip = 0;
	return true;
}

static bool
is_version(const uint8_t *bytes)
{
	return memcmp(bytes, "HTTP/1.", VERSION_LEN - 1) == 0 &&
		(bytes[VERSION_LEN - 1] == '0' || bytes[VERSION_LEN - 1] == '1');
}

/* Length of the method at the start of bytes[len]; len if it goes on. */
static size_t
method_len(const uint8_t *bytes, size_t len)
{
	size_t		n = 0;

	while (n < len && ((bytes[n] >= 'A' && bytes[n] <= 'Z') ||
					   bytes[n] == '-' || bytes[n] == '_'))
		n++;
	return n;
}

static bool
is_request(const struct line *line)
{
	size_t		n = method_len(line->bytes, line->len);

	return n > 0 && n <= METHOD_MAX && line->len > n + 1 + 1 + VERSION_LEN &&
		line->bytes[n] == ' ' && line->bytes[line->len - VERSION_LEN - 1] == ' ' &&
		is_version(line->bytes + line->len - VERSION_LEN);
}

/* The status, or 0 if the line is no status line. */
static unsigned
read_status(const struct line *line)
{
	unsigned	status = 0;

	if (line->len < STATUS_LEN || !is_version(line->bytes) ||
		line->bytes[VERSION_LEN] != ' ')
		return 0;
	for (size_t i = VERSION_LEN + 1; i < STATUS_LEN; i++)
	{
		if (line->bytes[i] < '0' || line->bytes[i] > '9')
			return 0;
		status = status * 10 + (line->bytes[i] - '0');
	}
	return status;
}

enum payload_match
http_match(struct payload_stream *stream, const struct payload_input *in)
{
	static const char version[] = "HTTP/1.";
	size_t		head = in->len < sizeof(version) - 1 ? in->len :
		sizeof(version) - 1;
	size_t		n = method_len(in->bytes, in->len);
	struct line line;

	if (memcmp(in->bytes, version, head) != 0 &&
		(n == 0 || n > METHOD_MAX || (n < in->len && in->bytes[n] != ' ')))
		return PAYLOAD_IS_NOT;
	if (take_line(stream, in, &line))
	{
		memset(stream, 0, sizeof(*stream));
		return is_request(&line) || read_status(&line) != 0 ?
			PAYLOAD_IS : PAYLOAD_IS_NOT;
	}
	return in->is_last || in->len > LINE_MAX_LEN ?
		PAYLOAD_IS_NOT : PAYLOAD_IS_UNSURE;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The value of a field if it has this name, and its first line. */
static bool
match_field(const struct line *line, const char *name, struct line *value)
{
	size_t		len = strlen(name);

	if (line->len <= len || line->bytes[len] != ':' ||
		strncasecmp((const char *) line->bytes, name, len) != 0)
		return false;
	value->bytes = line->bytes + len + 1;
	value->len = line->len - len - 1;
	while (value->len > 0 && is_space(value->bytes[0]))
	{
		value->bytes++;
		value->len--;
	}
	while (value->len > 0 && is_space(value->bytes[value->len - 1]))
		value->len--;
	return true;
}

static enum payload_state
take_start(struct payload_found *found, struct payload_stream *stream,
		   const struct line *line)
{
	unsigned	status = read_status(line);

	if (is_request(line))
	{
		payload_put_text(found, FLOW_HTTP_METHOD, line->bytes,
						 method_len(line->bytes, line->len), PAYLOAD_WORD_MAX);
		stream->step = STEP_REQUEST;
		return PAYLOAD_MORE;
	}
	if (status == 0)
		return PAYLOAD_OTHER;
	if (status >= 100 && status < 200 && status != 101)
	{
		stream->step = STEP_INTERIM;
		return PAYLOAD_MORE;
	}
	payload_put_number(found, PAYLOAD_HTTP_STATUS, status);
	stream->step = STEP_RESPONSE;
	return PAYLOAD_MORE;
}

static enum payload_state
take_request_field(struct payload_found *found, struct payload_stream *stream,
				   const struct line *line)
{
	struct line value;

	if ((stream->step & HAS_HOST) == 0 && match_field(line, "host", &value))
	{
		payload_put_text(found, FLOW_HTTP_HOST, value.bytes, value.len,
						 PAYLOAD_NAME_MAX);
		stream->step |= HAS_HOST;
	}
	else if ((stream->step & HAS_AGENT) == 0 &&
			 match_field(line, "user-agent", &value))
	{
		payload_put_text(found, FLOW_HTTP_USER_AGENT, value.bytes, value.len,
						 PAYLOAD_LINE_MAX);
		stream->step |= HAS_AGENT;
	}
	return (stream->step & HAS_HOST) != 0 && (stream->step & HAS_AGENT) != 0 ?
		PAYLOAD_DONE : PAYLOAD_MORE;
}

static enum payload_state
take_field(struct payload_found *found, struct payload_stream *stream,
		   const struct line *line)
{
	struct line value;

	switch (stream->step & STEP_MASK)
	{
		case STEP_REQUEST:
			if (line->len == 0)
				return PAYLOAD_DONE;
			return take_request_field(found, stream, line);
		case STEP_RESPONSE:
			if (line->len == 0)
				return PAYLOAD_DONE;
			if (!match_field(line, "content-type", &value))
				return PAYLOAD_MORE;
			payload_put_text(found, FLOW_HTTP_CONTENT_TYPE, value.bytes,
							 value.len, PAYLOAD_TYPE_MAX);
			return PAYLOAD_DONE;
	}
	if (line->len == 0)
		stream->step = STEP_START;
	return PAYLOAD_MORE;
}

enum payload_state
http_feed(struct payload_found *found, struct payload_stream *stream,
		  const struct payload_input *in)
{
	enum payload_state state = PAYLOAD_MORE;
	struct line line;

	while (state == PAYLOAD_MORE && take_line(stream, in, &line))
		state = (stream->step & STEP_MASK) == STEP_START ?
			take_start(found, stream, &line) :
			take_field(found, stream, &line);
	return state;
}
