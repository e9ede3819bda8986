/*-------------------------------------------------------------------------
 *
 * TLS and DTLS by hand: hellos and certificates, cut in every way.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_bytes.h"

#define HANDSHAKE		22
#define CHANGE_CIPHER	20
#define DATA			23

/* TLS 1.2, ALPN h2; JA3S by another program. */
#define SERVER12_HEX \
	"020000390303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c" \
	"1d1e1f00 c02f00 0011 ff01000100 0010 0008 0006 0568322d3134"
#define SERVER12_JA3S	"7bee5c1d424b7e5f943b06983bb11422"

/* TLS 1.3 with a key share of no length. */
#define SERVER13_HEX(random) \
	"020000320303" random "00130100 000a 002b00020304 00330000" "0000000000000000"
#define SERVER13_JA3S	"f4febc55ea12b31ae17cfb7e614afda8"
#define RANDOM			"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RETRY_RANDOM	"cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

/* Issuer "Bro, Inc", subject DE, "Grün", cut behind the subject. */
#define CERTIFICATE_HEX \
	"0b00004a 000047 000044 3042 3040 a003020102 020101 3000" \
	"3013 3111 300f 0603550403 0c0842726f2c20496e63" \
	"3000" \
	"301d 310b 3009 0603550406 13024445 310e 300c 0603550403 0c054772c3bc6e"

static struct bytes hello;

static void
is_hello(const struct payload *p, const char *name)
{
	is_text(p, FLOW_SNI, "example.com", name);
	is_text(p, FLOW_ALPN, "alpn", name);
	is_text(p, FLOW_JA3, HELLO_JA3, name);
	is_text(p, FLOW_JA4, "t" HELLO_JA4, name);
}

/* Feed byte by byte; returns how many it took until DONE. */
static size_t
feed_slowly(struct payload *p, int direction, const struct bytes *from)
{
	for (size_t n = 1; n <= from->n; n++)
		if (payload_feed(p, direction, from->b, n, false) != PAYLOAD_MORE)
			return n;
	return 0;
}

static void
client(void)
{
	static struct bytes stream;
	struct payload p;

	stream.n = 0;
	put_record(&stream, HANDSHAKE, hello.b, hello.n);
	payload_init(&p);
	is(payload_feed(&p, 0, stream.b, stream.n, false), PAYLOAD_DONE,
	   "a hello at once");
	is_hello(&p, "a hello at once");
	is_number(&p, FLOW_TLS_VERSION, -1, "nothing is settled by the client");
	payload_free(&p);

	put_record(&stream, DATA, "data", 4);
	payload_init(&p);
	is((int64_t) feed_slowly(&p, 0, &stream), 5 + HELLO_LEN,
	   "a hello byte by byte");
	is_hello(&p, "a hello byte by byte");
	payload_free(&p);

	stream.n = 0;
	for (size_t i = 0; i < hello.n; i++)
		put_record(&stream, HANDSHAKE, hello.b + i, 1);
	payload_init(&p);
	is((int64_t) feed_slowly(&p, 0, &stream), 6 * HELLO_LEN,
	   "a hello in records of one byte");
	is_hello(&p, "a hello in records of one byte");
	payload_free(&p);

	payload_init(&p);
	is(payload_feed(&p, 0, stream.b, stream.n - 1, true), PAYLOAD_DONE,
	   "a hello that is cut");
	is_text(&p, FLOW_JA3, NULL, "has no fingerprint");
	payload_free(&p);

	stream.n = 0;
	put_record(&stream, HANDSHAKE, hello.b, 100);
	put_record(&stream, DATA, hello.b, 100);
	payload_init(&p);
	is(payload_feed(&p, 0, stream.b, stream.n, false), PAYLOAD_OTHER,
	   "a hello with data between");
	payload_free(&p);
}

static void
server12(void)
{
	static struct bytes stream, message;
	struct payload p;

	stream.n = message.n = 0;
	payload_init(&p);
	put_record(&stream, HANDSHAKE, hello.b, hello.n);
	(void) payload_feed(&p, 0, stream.b, stream.n, false);
	stream.n = 0;
	put_hex(&message, SERVER12_HEX);
	put_hex(&message, "16000001 00");	/* a message that is passed over */
	put_hex(&message, CERTIFICATE_HEX);
	put_record(&stream, HANDSHAKE, message.b, 80);
	put_record(&stream, HANDSHAKE, message.b + 80, message.n - 80);
	is((int64_t) feed_slowly(&p, 1, &stream), (int64_t) stream.n,
	   "a server hello and a certificate");
	is_number(&p, FLOW_TLS_VERSION, 0x0303, "version");
	is_number(&p, FLOW_TLS_CIPHER, 0xc02f, "cipher");
	is_text(&p, FLOW_ALPN, "h2-14", "the ALPN that was settled");
	is_text(&p, FLOW_JA3S, SERVER12_JA3S, "JA3S");
	is_text(&p, FLOW_CERT_ISSUER, "CN=Bro\\, Inc", "issuer");
	is_text(&p, FLOW_CERT_SUBJECT, "CN=Gr\xc3\xbcn,C=DE", "subject");
	payload_free(&p);

	/* the client's bytes come later */
	payload_init(&p);
	(void) payload_feed(&p, 1, stream.b, stream.n, true);
	stream.n = 0;
	put_record(&stream, HANDSHAKE, hello.b, hello.n);
	is(payload_feed(&p, 0, stream.b, stream.n, false), PAYLOAD_DONE,
	   "client after server");
	is_text(&p, FLOW_ALPN, "h2-14", "what was settled stays");
	payload_free(&p);

	/* a session is resumed: no certificate */
	stream.n = message.n = 0;
	put_hex(&message, SERVER12_HEX);
	put_record(&stream, HANDSHAKE, message.b, message.n);
	put_record(&stream, CHANGE_CIPHER, "\1", 1);
	payload_init(&p);
	is(payload_feed(&p, 1, stream.b, stream.n, false), PAYLOAD_DONE,
	   "a session is resumed");
	is_text(&p, FLOW_CERT_SUBJECT, NULL, "without a certificate");
	payload_free(&p);
}

static void
server13(void)
{
	static struct bytes stream, message;
	struct payload p;

	put_hex(&message, SERVER13_HEX(RETRY_RANDOM));
	put_record(&stream, HANDSHAKE, message.b, message.n);
	put_record(&stream, CHANGE_CIPHER, "\1", 1);
	payload_init(&p);
	is(payload_feed(&p, 1, stream.b, stream.n, false), PAYLOAD_MORE,
	   "a hello retry request");
	is_number(&p, FLOW_TLS_CIPHER, -1, "settles nothing");
	message.n = 0;
	put_hex(&message, SERVER13_HEX(RANDOM));
	put_record(&stream, HANDSHAKE, message.b, message.n);
	is(payload_feed(&p, 1, stream.b, stream.n, false), PAYLOAD_DONE,
	   "a server hello of TLS 1.3");
	is_number(&p, FLOW_TLS_VERSION, 0x0304, "version of the extension");
	is_number(&p, FLOW_TLS_CIPHER, 0x1301, "cipher");
	is_text(&p, FLOW_JA3S, SERVER13_JA3S, "JA3S");
	payload_free(&p);
}

static void
others(void)
{
	static struct bytes stream;
	struct payload p;

	put_hex(&stream, "802e010301001500000010");
	put_hex(&stream, "000004010080000005000000ffffff0000010000020a");
	put_hex(&stream, RANDOM);
	payload_init(&p);
	is(payload_feed(&p, 0, stream.b, stream.n, false), PAYLOAD_DONE,
	   "a hello of SSL 2.0 is TLS");
	stream.n = 0;
	put_hex(&stream, "1503010002 0228");
	is(payload_feed(&p, 1, stream.b, stream.n, true), PAYLOAD_DONE,
	   "an alert says nothing");
	payload_free(&p);

	payload_init(&p);
	is(payload_feed(&p, 0, (const uint8_t *) "\x16\x03\x01\x00\x80\x05\xff\xff\xff", 9,
					false), PAYLOAD_OTHER, "a handshake that begins oddly");
	is(payload_feed(&p, 1, NULL, 0, true), PAYLOAD_OTHER, "no bytes");
	is(payload_feed(&p, 1, (const uint8_t *) "\x16", 1, false), PAYLOAD_OTHER,
	   "is the last word");
	payload_free(&p);
}

static void
dtls(void)
{
	static struct bytes packet;
	struct payload p;

	put_hex(&packet, "16fefd 0000000000000000");
	put_number(&packet, 12 + HELLO_LEN - 4 + 1, 2);
	put_hex(&packet, "01");
	put_number(&packet, HELLO_LEN - 4 + 1, 3);
	put_hex(&packet, "0000000000");
	put_number(&packet, HELLO_LEN - 4 + 1, 3);
	put_hex(&packet, "fefd");
	put(&packet, hello.b + 6, 33);
	put_hex(&packet, "00");		/* cookie */
	put(&packet, hello.b + 39, HELLO_LEN - 39);
	payload_init(&p);
	is(payload_datagram(&p, 0, (const uint8_t *) "\0\1\0\0", 4), PAYLOAD_MORE,
	   "STUN comes first");
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_DONE, "DTLS");
	is_text(&p, FLOW_SNI, "example.com", "SNI of DTLS");
	is_text(&p, FLOW_JA4, "d" HELLO_JA4, "JA4 of DTLS");
	payload_free(&p);
}

int
main(void)
{
	put_hex(&hello, HELLO_HEX);
	client();
	server12();
	server13();
	others();
	dtls();
	return tap_failed;
}
