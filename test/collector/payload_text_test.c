/*-------------------------------------------------------------------------
 *
 * HTTP/1 and DNS by hand; texts of strangers; entropy.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "payload_bytes.h"
#include "payload_entropy.h"
#include "text.h"

static enum payload_state
feed_text(struct payload *p, int direction, const char *text)
{
	return payload_feed(p, direction, (const uint8_t *) text, strlen(text),
						false);
}

static void
http(void)
{
	static const char request[] = "POST /a HTTP/1.1\r\nX: y\r\nhOst:  a.example \r\n"
		"Host: b.example\r\nUser-Agent: \xc3\xa4gent\xff 1\r\n\r\nbody";
	static const char response[] = "HTTP/1.1 100 Continue\r\nContent-Type: no\r\n\r\n"
		"HTTP/1.1 404 \r\nServer: x\r\nContent-Type: text/html; a=b\r\n\r\n";
	struct payload p;

	payload_init(&p);
	for (size_t n = 1; n < sizeof(request); n++)
		(void) payload_feed(&p, 0, (const uint8_t *) request, n, false);
	is(feed_text(&p, 0, request), PAYLOAD_DONE, "a request byte by byte");
	is_text(&p, FLOW_HTTP_METHOD, "POST", "method");
	is_text(&p, FLOW_HTTP_HOST, "a.example", "the first host");
	is_text(&p, FLOW_HTTP_USER_AGENT, "\xc3\xa4gent\xef\xbf\xbd 1",
			"a user agent is made valid UTF-8");
	is(feed_text(&p, 1, response), PAYLOAD_DONE, "a response");
	is_number(&p, FLOW_HTTP_STATUS, 404, "the first final status");
	is_text(&p, FLOW_HTTP_CONTENT_TYPE, "text/html; a=b", "its type");
	payload_free(&p);

	payload_init(&p);
	is(feed_text(&p, 1, "HTTP/1.0 200 OK\n\n"), PAYLOAD_DONE,
	   "bare line feeds, no type");
	is_number(&p, FLOW_HTTP_STATUS, 200, "status");
	is_text(&p, FLOW_HTTP_CONTENT_TYPE, NULL, "no type");
	is(feed_text(&p, 0, "\x16\x03\x01"), PAYLOAD_MORE, "a line without end");
	is(feed_text(&p, 0, "\x16\x03\x01\n"), PAYLOAD_OTHER, "is no request");
	payload_free(&p);
}

static void
is_other(const char *text)
{
	struct payload p;

	payload_init(&p);
	is(feed_text(&p, 0, text), PAYLOAD_OTHER, text);
	payload_free(&p);
}

static void
bounds(void)
{
	static struct bytes stream;
	struct payload p;
	struct flow_extra extra;

	put_text(&stream, "GET / HTTP/1.1\r\nUser-Agent: ");
	for (int i = 0; i < 300; i++)
		put_text(&stream, "\xe2\x82\xac");
	put_text(&stream, "\r\n\r\n");
	payload_init(&p);
	(void) payload_feed(&p, 0, stream.b, stream.n, false);
	flow_extra_clear(&extra);
	payload_extra(&p, &extra);
	is(extra.values[FLOW_HTTP_USER_AGENT].text.len, 510,
	   "a long text is cut between characters");
	payload_free(&p);

	stream.n = 0;
	put_text(&stream, "GET / HTTP/1.1\r\n");
	while (stream.n < PAYLOAD_PREFIX_BYTES)
		put_text(&stream, "X: y\r\n");
	payload_init(&p);
	is(payload_feed(&p, 0, stream.b, PAYLOAD_PREFIX_BYTES - 1, false),
	   PAYLOAD_MORE, "fields without end");
	is(payload_feed(&p, 0, stream.b, stream.n, false), PAYLOAD_DONE,
	   "are read up to the bound");
	is_text(&p, FLOW_HTTP_METHOD, "GET", "and what was found stays");
	payload_free(&p);
}

#define QUESTION_HEX	"1234 0100 0001 0000 0000 0000" \
						"03575757 0745786d706c2e5c 0361 20c3 00 001c 0001"
#define RESPONSE_HEX	"1234 8183 0001 0001 0000 0000" \
						"03777777 0765786d706c2e5c 036120c3 00 001c 0001" \
						"c00c 0005 0001 00000000 0002 c00c"

static void
dns(void)
{
	static struct bytes message, stream;
	struct payload p;

	put_hex(&message, QUESTION_HEX);
	payload_init(&p);
	is(payload_datagram(&p, 0, message.b, message.n), PAYLOAD_MORE,
	   "a question");
	is_text(&p, FLOW_DNS_NAME, "www.exmpl\\.\\\\.a\\032\\195",
			"a name in lower case, escaped");
	is_number(&p, FLOW_DNS_TYPE, 28, "type");
	is_number(&p, FLOW_DNS_RCODE, -1, "no rcode yet");
	message.n = 0;
	put_hex(&message, RESPONSE_HEX);
	is(payload_datagram(&p, 1, message.b, message.n), PAYLOAD_DONE,
	   "a response");
	is_number(&p, FLOW_DNS_RCODE, 3, "rcode");
	payload_free(&p);

	put_number(&stream, message.n, 2);
	put(&stream, message.b, message.n);
	payload_init(&p);
	for (size_t n = 0; n < stream.n; n++)
		if (payload_feed(&p, 1, stream.b, n, false) != PAYLOAD_MORE)
			ok(false, "a message over TCP ends early");
	is(payload_feed(&p, 1, stream.b, stream.n, false), PAYLOAD_DONE,
	   "a message over TCP");
	is_number(&p, FLOW_DNS_RCODE, 3, "rcode over TCP");
	payload_free(&p);
}

static void
is_not_dns(const char *hex, const char *name)
{
	static struct bytes message;
	struct payload p;

	message.n = 0;
	put_hex(&message, hex);
	payload_init(&p);
	(void) payload_datagram(&p, 0, message.b, message.n);
	is_text(&p, FLOW_DNS_NAME, NULL, name);
	is_number(&p, FLOW_DNS_RCODE, -1, name);
	payload_free(&p);
}

static void
names(void)
{
	struct payload p;
	static struct bytes message;

	put_hex(&message, "0000 0000 0001 0000 0000 0000 00 0002 8001");
	payload_init(&p);
	(void) payload_datagram(&p, 0, message.b, message.n);
	is_text(&p, FLOW_DNS_NAME, ".", "the root");
	payload_free(&p);
	is_not_dns("0000 0000 0001 0000 0000 0000 c00c 0001 0001",
			   "a pointer to itself");
	is_not_dns("0000 0000 0001 0000 0000 0000 0161 c00c 0001 0001",
			   "a name that goes round");
	is_not_dns("0000 0000 0001 0000 0000 0000 c020 0001 0001",
			   "a pointer ahead");
	is_not_dns("0000 0000 0001 0000 0000 0000 4161 00 0001 0001",
			   "a label of an unknown kind");
	is_not_dns("0000 0040 0001 0000 0000 0000 0161 00 0001 0001",
			   "the bit that must be zero");
	is_not_dns("0000 0000 0001 0000 0000 0000 0161 00 0001 0007",
			   "an unknown class");
	is_not_dns("0000 0110 0001 0000 0000 0000 20"
			   "4141414141414141414141414141414141414141414141414141414141414141"
			   "00 0020 0001", "a NetBIOS name");
}

static void
is_clean(const char *from, const char *expected, size_t room)
{
	char		text[64];
	size_t		len = text_clean((const uint8_t *) from, strlen(from), text,
								 room);

	ok(len == strlen(expected) && memcmp(text, expected, len) == 0, expected);
}

static void
entropy(void)
{
	uint32_t	counts[256] = {0};
	uint8_t		bytes[1024 + 3];

	ok(payload_entropy(counts) == 0, "entropy of nothing");
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t) i;
	payload_count_bytes(counts, bytes, sizeof(bytes));
	is(counts[0], 5, "a long payload is counted to its end");
	is(counts[3], 4, "and not beyond");
	memset(counts, 0, sizeof(counts));
	for (int i = 0; i < 256; i++)
		payload_count_bytes(counts, bytes + i, 1);
	ok(fabs(payload_entropy(counts) - 8) < 1e-9, "all values: 8 bits");
	memset(counts, 0, sizeof(counts));
	payload_count_bytes(counts, (const uint8_t *) "aabc", 4);
	ok(fabs(payload_entropy(counts) - 1.5) < 1e-9, "1.5 bits");
	counts['a'] = INT32_MAX;
	payload_count_bytes(counts, (const uint8_t *) "aa", 2);
	is(counts['a'], INT32_MAX, "counts do not wrap");
}

int
main(void)
{
	http();
	bounds();
	is_other("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	is_other("OPTIONS sip:a@b SIP/2.0\r\n\r\n");
	is_other("220 mail.example ESMTP\r\n");
	is_other("SSH-2.0-x\r\n");
	is_other("HTTP/1.1 2x0\r\n");
	dns();
	names();
	is_clean("a\x01z", "a?z", 64);
	is_clean("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", 64);
	is_clean("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 64);
	is_clean("\xf4\x8f\xbf\xbf\xf5", "\xf4\x8f\xbf\xbf\xef\xbf\xbd", 64);
	is_clean("ab\xe2\x82\xac", "ab", 4);
	entropy();
	return tap_failed;
}
