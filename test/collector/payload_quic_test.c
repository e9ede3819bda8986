/*-------------------------------------------------------------------------
 *
 * QUIC's Initial packets, with the examples of RFC 9001 and RFC 9369.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_initial.h"

static const struct initial v1 = INITIAL_V1;
static const struct initial v2 = {
	0x6b3343cf, 0xd3, "0dede3def700a6db819381be6e269dcbf9bd2ed9",
	{"quicv2 key", "quicv2 iv", "quicv2 hp"},
	"8394c8f03e515708", "8394c8f03e515708"
};

static struct bytes hello;

static void
is_bytes(const uint8_t *got, const char *hex, const char *name)
{
	static struct bytes expected;

	expected.n = 0;
	put_hex(&expected, hex);
	ok(memcmp(got, expected.b, expected.n) == 0, name);
}

/* RFC 9001 appendix A.1, RFC 9369 appendix A.1. */
static void
keys(const struct initial *initial, const char *const *expected)
{
	static struct bytes salt, id;
	uint8_t		secret[2][CRYPTO_SHA256_LEN];
	uint8_t		result[CRYPTO_SHA256_LEN];

	salt.n = id.n = 0;
	put_hex(&salt, initial->salt_hex);
	put_hex(&id, initial->id_hex);
	crypto_hkdf_extract(salt.b, salt.n, id.b, id.n, secret[0]);
	crypto_expand_label(secret[0], "client in", secret[1], CRYPTO_SHA256_LEN);
	is_bytes(secret[1], expected[0], "client secret as in the RFC");
	crypto_expand_label(secret[1], initial->labels[0], result, CRYPTO_AES_LEN);
	is_bytes(result, expected[1], "key as in the RFC");
	crypto_expand_label(secret[1], initial->labels[1], result, CRYPTO_IV_LEN);
	is_bytes(result, expected[2], "iv as in the RFC");
	crypto_expand_label(secret[1], initial->labels[2], result, CRYPTO_AES_LEN);
	is_bytes(result, expected[3], "mask key as in the RFC");
}

static void
put_crypto(struct bytes *frames, size_t off, size_t len)
{
	put_number(frames, 6, 1);
	put_number(frames, 0x4000 | off, 2);
	put_number(frames, 0x4000 | len, 2);
	put(frames, hello.b + off, len);
}

static void
is_hello(const struct payload *p, const char *name)
{
	is_text(p, FLOW_SNI, "example.com", name);
	is_text(p, FLOW_ALPN, "alpn", name);
	is_text(p, FLOW_JA3, HELLO_JA3, name);
	is_text(p, FLOW_JA4, "q" HELLO_JA4, name);
}

/* The packet of appendix A.2, byte for byte where it is printed above. */
static void
example(void)
{
	static struct bytes frames, packet;
	struct payload p;

	put_number(&frames, 6, 1);
	put_number(&frames, 0, 1);
	put_number(&frames, 0x4000 | HELLO_LEN, 2);
	put(&frames, hello.b, hello.n);
	frames.n = 1162;			/* padding is zeros */
	put_initial(&packet, &v1, 2, frames.b, frames.n);
	is((int64_t) packet.n, 1200, "the example has 1200 bytes");
	is_bytes(packet.b, "c000000001088394c8f03e5157080000449e7b9aec34",
			 "header as in the RFC");
	is_bytes(packet.b + 1184, "e221af44860018ab0856972e194cd934",
			 "tag as in the RFC");

	payload_init(&p);
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_DONE,
	   "one packet tells all");
	is_hello(&p, "example");
	is_number(&p, FLOW_QUIC_VERSION, 1, "version 1");
	is(payload_datagram(&p, 1, packet.b, packet.n), PAYLOAD_DONE,
	   "the other direction need not be looked at");
	payload_free(&p);

	payload_init(&p);
	packet.b[700] ^= 1;
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_MORE,
	   "a damaged packet tells nothing");
	is_text(&p, FLOW_SNI, NULL, "nothing of a damaged packet");
	is_number(&p, FLOW_QUIC_VERSION, -1, "no version of a damaged packet");
	payload_free(&p);
}

/* As Chrome does it: small frames, out of order, in two datagrams. */
static void
scattered(const struct initial *initial)
{
	static struct bytes frames, packet;
	struct payload p;

	payload_init(&p);
	frames.n = packet.n = 0;
	put_crypto(&frames, 200, HELLO_LEN - 200);
	put_number(&frames, 1, 1);	/* ping */
	put_crypto(&frames, 40, 60);
	put_crypto(&frames, 0, 10);
	put_initial(&packet, initial, 0, frames.b, frames.n);
	put_hex(&packet, "0102030405");	/* no packet */
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_MORE,
	   "half a hello");
	is_text(&p, FLOW_SNI, NULL, "half a hello has no name yet");
	is_number(&p, FLOW_QUIC_VERSION, initial->version, "but a version");

	frames.n = packet.n = 0;
	put_hex(&frames, "02 05 00 00 02");	/* an acknowledgement */
	put_crypto(&frames, 90, 120);
	put_crypto(&frames, 5, 40);
	put_initial(&packet, initial, 1, frames.b, frames.n);
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_DONE,
	   "the other half");
	is_hello(&p, "scattered");
	payload_free(&p);
}

/* A Retry: new keys, and the hello begins again. */
static void
retried(void)
{
	static struct bytes frames, packet;
	struct initial second = v1;
	struct payload p;

	payload_init(&p);
	put_crypto(&frames, 0, 100);
	put_initial(&packet, &v1, 0, frames.b, frames.n);
	(void) payload_datagram(&p, 0, packet.b, packet.n);
	packet.n = frames.n = 0;
	put_hex(&packet, "f0000000010004aabbccdd");
	put_hex(&packet, "00112233445566778899aabbccddeeff");
	is(payload_datagram(&p, 1, packet.b, packet.n), PAYLOAD_MORE, "a retry");
	second.id_hex = second.secret_id_hex = "aabbccdd";
	put_crypto(&frames, 0, HELLO_LEN);
	packet.n = 0;
	put_initial(&packet, &second, 1, frames.b, frames.n);
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_DONE,
	   "the hello after it");
	is_hello(&p, "retried");
	payload_free(&p);
}

/* The id changes with the server's first packet, the keys do not; 0-RTT first. */
static void
renamed(void)
{
	static struct bytes frames, packet;
	struct initial second = v1;
	struct payload p;

	payload_init(&p);
	put_hex(&packet, "d000000001088394c8f03e515708000401020304");
	put_crypto(&frames, 100, HELLO_LEN - 100);
	put_initial(&packet, &v1, 0, frames.b, frames.n);
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_MORE,
	   "an Initial behind a 0-RTT packet");
	frames.n = packet.n = 0;
	second.id_hex = "00";
	put_crypto(&frames, 0, 100);
	put_initial(&packet, &second, 1, frames.b, frames.n);
	is(payload_datagram(&p, 0, packet.b, packet.n), PAYLOAD_DONE,
	   "another id, the same keys");
	is_hello(&p, "renamed");
	payload_free(&p);
}

int
main(void)
{
	static const char *const keys1[] = {
		"c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
		"1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
		"9f50449e04a0e810283a1e9933adedd2"
	};
	static const char *const keys2[] = {
		"14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b",
		"8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
		"45b95e15235d6f45a6b19cbcb0294ba9"
	};

	put_hex(&hello, HELLO_HEX);
	keys(&v1, keys1);
	keys(&v2, keys2);
	example();
	scattered(&v1);
	scattered(&v2);
	retried();
	renamed();
	return tap_failed;
}
