/*-------------------------------------------------------------------------
 *
 * Reading HTTP/1.1 requests.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "http_parse.h"

#define MAX_TRAILER		8192
#define MAX_CHUNK_LINE	256

static bool
equals(struct http_text text, const char *word)
{
	return text.bytes != NULL && text.len == strlen(word) &&
		strncasecmp(text.bytes, word, text.len) == 0;
}

static bool
is_token_char(char c)
{
	return c != '\0' && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
						 (c >= 'A' && c <= 'Z') || strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct http_text
trim(const char *from, const char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (from < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct http_text) {from, (size_t) (end - from)};
}

/* The request line, without its line end. */
static bool
parse_request_line(const char *line, const char *end,
				   struct http_request *request)
{
	const char *target = memchr(line, ' ', (size_t) (end - line));
	const char *version = target == NULL ? NULL :
		memchr(target + 1, ' ', (size_t) (end - target - 1));
	struct http_text method;
	const char *question;

	if (version == NULL || end - version != 9 || target[1] != '/' ||
		(memcmp(version, " HTTP/1.1", 9) != 0 && memcmp(version, " HTTP/1.0", 9) != 0))
		return false;
	method = (struct http_text) {line, (size_t) (target - line)};
	request->method = equals(method, "GET") ? HTTP_GET :
		equals(method, "HEAD") ? HTTP_HEAD :
		equals(method, "POST") ? HTTP_POST : HTTP_OTHER;
	request->is_http10 = version[8] == '0';
	request->keeps_alive = !request->is_http10;
	target++;
	for (const char *c = target; c < version; c++)
	{
		if ((unsigned char) *c <= ' ' || *c == 0x7f)
			return false;
	}
	question = memchr(target, '?', (size_t) (version - target));
	request->path = (struct http_text) {
		target, (size_t) ((question == NULL ? version : question) - target)
	};
	if (question != NULL)
		request->query = (struct http_text) {
			question + 1, (size_t) (version - question - 1)
		};
	return true;
}

static bool
parse_length(struct http_request *request, struct http_text value)
{
	uint64_t	n = 0;

	if (request->has_length || value.len == 0 || value.len > 18)
		return false;
	for (size_t i = 0; i < value.len; i++)
	{
		if (value.bytes[i] < '0' || value.bytes[i] > '9')
			return false;
		n = n * 10 + (uint64_t) (value.bytes[i] - '0');
	}
	request->content_length = n;
	request->has_length = true;
	return true;
}

static bool
take_header(struct http_request *request, struct http_text name,
			struct http_text value)
{
	if (equals(name, "Content-Length"))
		return parse_length(request, value);
	if (equals(name, "Transfer-Encoding"))
	{
		if (request->is_chunked || request->is_http10 || !equals(value, "chunked"))
			return false;
		request->is_chunked = true;
	}
	else if (equals(name, "Connection"))
	{
		if (equals(value, "close"))
			request->keeps_alive = false;
	}
	else if (equals(name, "Expect"))
		request->expects_continue = equals(value, "100-continue");
	else if (equals(name, "Host"))
	{
		if (request->host.bytes != NULL)
			return false;
		request->host = value;
	}
	else if (equals(name, "Authorization"))
		request->authorization = value;
	else if (equals(name, "Content-Type"))
		request->content_type = value;
	else if (equals(name, "Statement-Timeout"))
		request->statement_timeout = value;
	return true;
}

static bool
parse_header(struct http_request *request, const char *line, const char *end)
{
	const char *colon = line;
	struct http_text value;

	while (colon < end && is_token_char(*colon))
		colon++;
	if (colon == line || colon == end || *colon != ':')
		return false;
	value = trim(colon + 1, end);
	for (size_t i = 0; i < value.len; i++)
	{
		unsigned char c = (unsigned char) value.bytes[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return take_header(request,
					   (struct http_text) {line, (size_t) (colon - line)}, value);
}

enum http_parsed
http_parse_head(const char *bytes, size_t len, struct http_request *request,
				size_t *head_len)
{
	const char *blank = memmem(bytes, len, "\r\n\r\n", 4);
	const char *pos = bytes;
	int			nheaders = 0;

	if (blank == NULL)
		return len >= HTTP_MAX_HEAD ? HTTP_BAD : HTTP_MORE;
	memset(request, 0, sizeof(*request));
	*head_len = (size_t) (blank - bytes) + 4;
	while (pos <= blank)
	{
		const char *end = memmem(pos, (size_t) (blank + 2 - pos), "\r\n", 2);

		if (pos == bytes ? !parse_request_line(pos, end, request) :
			!parse_header(request, pos, end) || ++nheaders > HTTP_MAX_HEADERS)
			return HTTP_BAD;
		pos = end + 2;
	}
	if ((request->is_chunked && request->has_length) ||
		(request->host.bytes == NULL && !request->is_http10))
		return HTTP_BAD;
	return HTTP_GOOD;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int
percent_decode(const char *from, const char *end, char *value, size_t room)
{
	size_t		len = 0;

	for (; from < end; from++)
	{
		char		c = *from == '+' ? ' ' : *from;

		if (c == '%')
		{
			if (end - from < 3 || hex_digit(from[1]) < 0 || hex_digit(from[2]) < 0)
				return -2;
			c = (char) (hex_digit(from[1]) * 16 + hex_digit(from[2]));
			from += 2;
		}
		if (c == '\0' || len + 1 >= room)
			return -2;
		value[len++] = c;
	}
	value[len] = '\0';
	return (int) len;
}

int
http_parameter(const struct http_request *request, const char *name, char *value,
			   size_t room)
{
	const char *pos = request->query.bytes;
	const char *end = pos == NULL ? NULL : pos + request->query.len;
	size_t		name_len = strlen(name);

	while (pos != NULL && pos < end)
	{
		const char *next = memchr(pos, '&', (size_t) (end - pos));

		if (next == NULL)
			next = end;
		if ((size_t) (next - pos) >= name_len && memcmp(pos, name, name_len) == 0 &&
			(pos + name_len == next || pos[name_len] == '='))
			return percent_decode(pos + name_len + (pos + name_len < next), next,
								  value, room);
		pos = next + 1;
	}
	return -1;
}

/* States of a chunked body; the number of the size line's bytes is in left. */
enum
{
	IN_SIZE_FIRST,
	IN_SIZE,
	IN_EXTENSION,
	AT_SIZE_END,
	IN_DATA,
	AT_DATA_CR,
	AT_DATA_LF,
	IN_TRAILER_FIRST,
	IN_TRAILER,
	AT_TRAILER_LF,
	AT_LAST_LF
};

/* One byte that is not data. */
static enum http_parsed
chunk_byte(struct http_chunks *chunks, char c, unsigned *nline)
{
	int			digit = hex_digit(c);

	switch (chunks->state)
	{
		case IN_SIZE_FIRST:
			if (digit < 0)
				return HTTP_BAD;
			chunks->left = (uint64_t) digit;
			chunks->state = IN_SIZE;
			return HTTP_MORE;
		case IN_SIZE:
			if (digit >= 0)
			{
				if (chunks->left >> 56 != 0)
					return HTTP_BAD;
				chunks->left = chunks->left * 16 + (uint64_t) digit;
			}
			else if (c == '\r')
				chunks->state = AT_SIZE_END;
			else if (c == ';' || c == ' ')
				chunks->state = IN_EXTENSION;
			else
				return HTTP_BAD;
			return HTTP_MORE;
		case IN_EXTENSION:
			if (++*nline > MAX_CHUNK_LINE || c == '\n')
				return HTTP_BAD;
			if (c == '\r')
				chunks->state = AT_SIZE_END;
			return HTTP_MORE;
		case AT_SIZE_END:
			chunks->state = chunks->left == 0 ? IN_TRAILER_FIRST : IN_DATA;
			return c == '\n' ? HTTP_MORE : HTTP_BAD;
		case AT_DATA_CR:
			chunks->state = AT_DATA_LF;
			return c == '\r' ? HTTP_MORE : HTTP_BAD;
		case AT_DATA_LF:
			chunks->state = IN_SIZE_FIRST;
			return c == '\n' ? HTTP_MORE : HTTP_BAD;
		case AT_LAST_LF:
			return c == '\n' ? HTTP_GOOD : HTTP_BAD;
		case AT_TRAILER_LF:
			chunks->state = IN_TRAILER_FIRST;
			return c == '\n' ? HTTP_MORE : HTTP_BAD;
		default:				/* IN_TRAILER_FIRST, IN_TRAILER */
			if (++chunks->left > MAX_TRAILER)
				return HTTP_BAD;
			if (c == '\r')
				chunks->state = chunks->state == IN_TRAILER_FIRST ?
					AT_LAST_LF : AT_TRAILER_LF;
			else
				chunks->state = IN_TRAILER;
			return HTTP_MORE;
	}
}

enum http_parsed
http_dechunk(struct http_chunks *chunks, char *bytes, size_t len, size_t *nused,
			 size_t *nbody)
{
	size_t		pos = 0;
	unsigned	nline = 0;

	*nbody = 0;
	while (pos < len)
	{
		enum http_parsed parsed;

		if (chunks->state == IN_DATA)
		{
			size_t		n = len - pos;

			if (n > chunks->left)
				n = (size_t) chunks->left;
			memmove(bytes + *nbody, bytes + pos, n);
			*nbody += n;
			pos += n;
			chunks->left -= n;
			if (chunks->left == 0)
				chunks->state = AT_DATA_CR;
			continue;
		}
		parsed = chunk_byte(chunks, bytes[pos++], &nline);
		*nused = pos;
		if (parsed != HTTP_MORE)
			return parsed;
	}
	*nused = pos;
	return HTTP_MORE;
}

/* The value of name="..." or name=... in a header's value. */
static struct http_text
header_attribute(struct http_text header, const char *name)
{
	size_t		name_len = strlen(name);
	const char *end = header.bytes + header.len;

	for (const char *pos = header.bytes; pos != NULL && pos < end;)
	{
		struct http_text part;
		const char *next = memchr(pos, ';', (size_t) (end - pos));

		if (next == NULL)
			next = end;
		part = trim(pos, next);
		pos = next + 1;
		if (part.len <= name_len || strncasecmp(part.bytes, name, name_len) != 0 ||
			part.bytes[name_len] != '=')
			continue;
		part.bytes += name_len + 1;
		part.len -= name_len + 1;
		if (part.len >= 2 && part.bytes[0] == '"' && part.bytes[part.len - 1] == '"')
			return (struct http_text) {part.bytes + 1, part.len - 2};
		return part;
	}
	return (struct http_text) {NULL, 0};
}

/* Is the part whose headers are head[len] called name? */
static bool
is_part_named(const char *head, size_t len, const char *name)
{
	const char *pos = head;
	const char *end = head + len;

	while (pos < end)
	{
		const char *next = memmem(pos, (size_t) (end - pos), "\r\n", 2);

		if (next == NULL)
			next = end;
		if (next - pos > 20 && strncasecmp(pos, "Content-Disposition:", 20) == 0)
		{
			struct http_text value = {pos + 20, (size_t) (next - pos) - 20};
			struct http_text found = header_attribute(value, "name");

			return found.bytes != NULL && found.len == strlen(name) &&
				memcmp(found.bytes, name, found.len) == 0;
		}
		pos = next + 2;
	}
	return false;
}

static const char *
find_delimiter(const char *from, const char *end, const char *delimiter,
			   size_t len)
{
	return from > end ? NULL : memmem(from, (size_t) (end - from), delimiter, len);
}

struct http_text
http_form_part(const struct http_request *request, const char *name)
{
	static const char form[] = "multipart/form-data";
	static const struct http_text none = {NULL, 0};
	char		delimiter[4 + 70 + 1] = "\r\n--";
	struct http_text boundary;
	const char *pos = request->body.bytes;
	const char *end;
	size_t		len;

	if (request->content_type.len < sizeof(form) - 1 ||
		strncasecmp(request->content_type.bytes, form, sizeof(form) - 1) != 0)
		return request->body;
	boundary = header_attribute(request->content_type, "boundary");
	if (pos == NULL || boundary.bytes == NULL || boundary.len == 0 || boundary.len > 70)
		return none;
	end = pos + request->body.len;
	len = 4 + boundary.len;
	memcpy(delimiter + 4, boundary.bytes, boundary.len);
	if (request->body.len >= len - 2 && memcmp(pos, delimiter + 2, len - 2) == 0)
		pos += len - 2;
	else if ((pos = find_delimiter(pos, end, delimiter, len)) != NULL)
		pos += len;
	while (pos != NULL && end - pos >= 2 && memcmp(pos, "--", 2) != 0)
	{
		const char *head = memmem(pos, (size_t) (end - pos), "\r\n", 2);
		const char *body = head == NULL ? NULL :
			memmem(head, (size_t) (end - head), "\r\n\r\n", 4);
		const char *next = body == NULL ? NULL :
			find_delimiter(body + 2, end, delimiter, len);

		if (next == NULL)
			return none;
		if (name == NULL || is_part_named(head + 2, (size_t) (body - head), name))
		{
			/* an empty content ends in the line end of its head */
			return (struct http_text) {
				body + 4, next < body + 4 ? 0 : (size_t) (next - body - 4)
			};
		}
		pos = next + len;
	}
	return none;
}

bool
http_host_is_local(struct http_text host)
{
	char		name[INET6_ADDRSTRLEN + 16];
	struct in6_addr addr;
	char	   *end;

	if (host.bytes == NULL)
		return true;			/* HTTP/1.0, which no browser speaks */
	if (host.len == 0 || host.len >= sizeof(name))
		return false;
	memcpy(name, host.bytes, host.len);
	name[host.len] = '\0';
	if (name[0] == '[')
	{
		end = strchr(name, ']');
		if (end == NULL)
			return false;
		*end = '\0';
		return inet_pton(AF_INET6, name + 1, &addr) == 1;
	}
	end = strchr(name, ':');
	if (end != NULL)
		*end = '\0';
	return strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &addr) == 1;
}
