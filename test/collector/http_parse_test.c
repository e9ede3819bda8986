/*-------------------------------------------------------------------------
 *
 * If this goes, requests may be taken for what they are not.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "http_parse.h"
#include "tap.h"

static enum http_parsed
parse(const char *text, struct http_request *request)
{
	size_t		head_len;

	return http_parse_head(text, strlen(text), request, &head_len);
}

static bool
is_text(struct http_text text, const char *expected)
{
	return text.bytes != NULL && text.len == strlen(expected) &&
		memcmp(text.bytes, expected, text.len) == 0;
}

static void
check_heads(void)
{
	static const char good[] = "GET /exec?query=a%20b&limit=&x HTTP/1.1\r\n"
		"Host: h\r\nauthorization:  Bearer t \r\nStatement-Timeout: 5\r\n\r\nrest";
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/2.0\r\nHost: h\r\n\r\n",
		"GET x HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
	};
	struct http_request request;
	size_t		head_len = 0;
	char		value[4];
	bool		is_more = true;

	ok(http_parse_head(good, sizeof(good) - 1, &request, &head_len) == HTTP_GOOD, "a head");
	is((int64_t) head_len, sizeof(good) - 1 - 4, "its length");
	ok(request.method == HTTP_GET && request.keeps_alive, "method, keep-alive");
	ok(is_text(request.path, "/exec"), "path");
	ok(is_text(request.authorization, "Bearer t"), "blanks around a value are not of it");
	ok(is_text(request.statement_timeout, "5"), "another header");
	is(http_parameter(&request, "query", value, sizeof(value)), 3, "a parameter");
	ok(strcmp(value, "a b") == 0, "is decoded");
	is(http_parameter(&request, "query", value, 3), -2, "one without room");
	is(http_parameter(&request, "limit", value, sizeof(value)), 0, "an empty one");
	is(http_parameter(&request, "x", value, sizeof(value)), 0, "one without a sign");
	is(http_parameter(&request, "lim", value, sizeof(value)), -1, "one that is not there");
	for (size_t len = 0; len < head_len; len++)
		is_more &= http_parse_head(good, len, &request, &head_len) == HTTP_MORE;
	ok(is_more, "no part of a head is a head");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ok(parse(bad[i], &request) == HTTP_BAD, "not a request");
		if (tap_failed)
			printf("# %s\n", bad[i]);
	}
	ok(parse("GET /?a=%zz&b=%00 HTTP/1.0\r\n\r\n", &request) == HTTP_GOOD, "HTTP/1.0");
	is(http_parameter(&request, "a", value, sizeof(value)), -2, "no hex digits");
	is(http_parameter(&request, "b", value, sizeof(value)), -2, "a zero byte");
}

/* Feed the text in parts of n bytes; returns the body's length, or -1. */
static int
dechunk(const char *text, size_t n, char *body)
{
	struct http_chunks chunks = {0};
	size_t		len = strlen(text);
	int			body_len = 0;

	for (size_t pos = 0; pos < len; pos += n)
	{
		char		part[256];
		size_t		nused;
		size_t		nbody;
		enum http_parsed parsed;

		if (n > len - pos)
			n = len - pos;
		memcpy(part, text + pos, n);
		parsed = http_dechunk(&chunks, part, n, &nused, &nbody);
		memcpy(body + body_len, part, nbody);
		body_len += (int) nbody;
		if (parsed == HTTP_GOOD)
			return pos + nused == len ? body_len : -1;
		if (parsed == HTTP_BAD)
			return -1;
	}
	return -1;
}

static void
check_chunks(void)
{
	static const char text[] = "5\r\nhello\r\n0B;x=y\r\n, the world\r\n0\r\nA: b\r\n\r\n";
	char		body[256];
	int			ngood = 0;

	for (size_t n = 1; n < sizeof(text); n++)
		ngood += dechunk(text, n, body) == 16 && memcmp(body, "hello, the world", 16) == 0;
	is(ngood, sizeof(text) - 1, "chunks, in parts of any length");
	is(dechunk("x\r\n", 3, body), -1, "no size");
	is(dechunk("1\r\nabc", 3, body), -1, "more than the size");
	is(dechunk("11111111111111111\r\n", 30, body), -1, "a size beyond all");
	is(dechunk("0\r\n\r\n", 5, body), 0, "nothing");
}

static bool
is_part(const char *type, const char *body, const char *name, const char *expected)
{
	struct http_request request = {
		.content_type = {type, strlen(type)},.body = {body, strlen(body)}
	};
	struct http_text part = http_form_part(&request, name);

	return expected == NULL ? part.bytes == NULL : is_text(part, expected);
}

static void
check_forms(void)
{
	static const char type[] = "multipart/form-data; boundary=\"XX\"";
	static const char body[] = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
		"--XX\r\nX: y\r\ncontent-disposition: form-data; filename=\"f\"; name=\"data\"\r\n\r\n"
		"2\r\n--X\r\n\r\n--XX--\r\n";

	ok(is_part(type, body, "a", "1"), "the first part");
	ok(is_part(type, body, "data", "2\r\n--X\r\n"), "the next one");
	ok(is_part(type, body, NULL, "1"), "any");
	ok(is_part(type, body, "b", NULL), "none");
	ok(is_part(type, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--XX--", "a", ""),
	   "an empty one");
	ok(is_part(type, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1", "a", NULL),
	   "one without an end");
	ok(is_part("multipart/form-data", body, "a", NULL), "no boundary");
	ok(is_part("text/csv", "x", "a", "x"), "no form");
}

static void
check_hosts(void)
{
	static const char *const local[] = {"localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:9", "10.1.2.3"};
	static const char *const other[] = {"example.org", "127.0.0.1.example.org", "[x]", "", "a:b:c"};
	int			ngood = 0;

	for (int i = 0; i < 5; i++)
	{
		ngood += http_host_is_local((struct http_text) {local[i], strlen(local[i])});
		ngood += !http_host_is_local((struct http_text) {other[i], strlen(other[i])});
	}
	is(ngood, 10, "hosts that no name server answers for");
}

int
main(void)
{
	check_heads();
	check_chunks();
	check_forms();
	check_hosts();
	return tap_failed;
}
