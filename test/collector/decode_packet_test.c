/*-------------------------------------------------------------------------
 *
 * If this goes, nobody notices that a cut or crafted frame is read beyond its
 * end, or that a counter is named after another mistake.
 *
 * Every frame of the captures of mkpcap, whose whole decoding the golden
 * files hold, is decoded again cut to every length, and with each byte set to
 * 0 and to 255, each time in an allocation of exactly its size.
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "decode_link.h"
#include "decode_packet.h"
#include "input_replay.h"
#include "tap.h"

static struct counters counters;
static struct packet_decoder *decoder;
static struct counters replay_counters;
static struct packet_decoder *replay_decoder;
static volatile unsigned checksum;

static bool
decode(int dlt, const uint8_t *bytes, size_t caplen, size_t wirelen,
	   struct packet *packet)
{
	uint8_t    *copy = malloc(caplen > 0 ? caplen : 1);
	struct frame frame = {copy, caplen, wirelen, 1000000, 0, dlt};
	bool		is_metered;

	memcpy(copy, bytes, caplen);
	is_metered = decode_packet(decoder, &frame, packet);
	if (is_metered)
	{
		struct datagram datagram;

		/* touch what is handed on */
		if (input_replay_datagram(replay_decoder, &frame, &datagram))
		{
			for (size_t i = 0; i < datagram.len; i++)
				checksum += datagram.bytes[i];
		}
	}
	free(copy);
	return is_metered;
}

/*
 * Every frame is metered, not IP, malformed or truncated; what was metered
 * may be counted as truncated besides.
 */
static bool
adds_up(void)
{
	return counters.packets >= counters.ip_packets + counters.non_ip_packets &&
		counters.packets <= counters.ip_packets + counters.non_ip_packets +
		counters.malformed_link + counters.malformed_ip4 +
		counters.malformed_ip6 + counters.truncated_packets;
}

static void
torture_frame(int dlt, const uint8_t *bytes, size_t len)
{
	struct packet packet;
	uint8_t    *changed = malloc(len);

	for (size_t caplen = 0; caplen <= len; caplen++)
	{
		(void) decode(dlt, bytes, caplen, len, &packet);
		(void) decode(dlt, bytes, caplen, caplen, &packet);
	}
	for (size_t i = 0; i < len && i < 200; i++)
	{
		memcpy(changed, bytes, len);
		changed[i] = 0;
		(void) decode(dlt, changed, len, len, &packet);
		changed[i] = 255;
		(void) decode(dlt, changed, len, len, &packet);
	}
	free(changed);
}

static void
torture_capture(const char *dir, const char *name)
{
	char		path[4096];
	char		reason[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	pcap_t	   *pcap;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	pcap = pcap_open_offline(path, reason);
	ok(pcap != NULL, name);
	if (pcap == NULL)
		return;
	while (pcap_next_ex(pcap, &header, &bytes) == 1)
	{
		/* lengths beyond the headers differ in nothing */
		size_t		len = header->caplen < 400 ? header->caplen : 400;

		torture_frame(pcap_datalink(pcap), bytes, len);
	}
	pcap_close(pcap);
	snprintf(path, sizeof(path), "%s: every frame has a counter", name);
	ok(adds_up(), path);
}

/* 192.0.2.1:1 -> 192.0.2.2:2, UDP without data. */
static const uint8_t udp4[28] = {
	0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
	0, 1, 0, 2, 0, 8, 0, 0
};

static uint64_t
decode_changed(size_t off, uint8_t value, size_t len, uint64_t *counter,
			   struct packet *packet)
{
	uint8_t		bytes[sizeof(udp4)];
	uint64_t	before = *counter;

	memcpy(bytes, udp4, sizeof(udp4));
	bytes[off] = value;
	(void) decode(DLT_RAW, bytes, len, len, packet);
	return *counter - before;
}

static void
test_reasons(void)
{
	struct packet packet;
	uint64_t	ip_packets = counters.ip_packets;

	is(decode_changed(0, 0x44, 28, &counters.malformed_ip4, &packet), 1,
	   "header length below 20 is malformed");
	is(decode_changed(0, 0x47, 28, &counters.malformed_transport, &packet), 1,
	   "options leave too little for UDP");
	is(decode_changed(3, 19, 28, &counters.malformed_ip4, &packet), 1,
	   "total length below the header is malformed");
	is(decode_changed(3, 22, 28, &counters.malformed_transport, &packet), 1,
	   "total length that cuts the ports is malformed");
	is(packet.flow.key.src_port, 0, "and they are not read from the padding");
	is(decode_changed(3, 200, 28, &counters.malformed_transport, &packet), 0,
	   "total length beyond the frame is believed");
	is((int64_t) packet.flow.bytes, 200, "and counted");
	is(decode_changed(0, 0x45, 19, &counters.malformed_ip4, &packet), 1,
	   "a frame shorter than its header is malformed");
	is(decode_changed(0, 0x75, 28, &counters.non_ip_packets, &packet), 1,
	   "version 7 on a raw link is not IP");
	ok(counters.ip_packets > ip_packets, "readable addresses are metered");
}

static void
test_truncated(void)
{
	struct packet packet;
	uint64_t	before = counters.truncated_packets;

	ok(!decode(DLT_RAW, udp4, 19, 28, &packet), "no addresses, no flow");
	is((int64_t) (counters.truncated_packets - before), 1,
	   "which the capture length explains");
	ok(decode(DLT_RAW, udp4, 20, 28, &packet), "addresses are enough");
	is((int64_t) packet.flow.bytes, 28, "for all the bytes of the packet");
}

int
main(int argc, char **argv)
{
	static const char *const names[] = {
		"protocols.pcap", "tags.pcap", "fragments.pcap", "extensions.pcap",
		"null.pcap", "raw.pcap", "ipv4.pcap", "sll.pcap", "sll2.pcap",
		"ppp.pcap", "netflow5.pcap"
	};

	if (argc != 2)
		return 2;
	decoder = packet_decoder_open(&counters, hash_key_seeded(1));
	replay_decoder = packet_decoder_open(&replay_counters, hash_key_seeded(1));
	test_reasons();
	test_truncated();
	memset(&counters, 0, sizeof(counters));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		torture_capture(argv[1], names[i]);
	packet_decoder_close(decoder);
	packet_decoder_close(replay_decoder);
	return tap_failed;
}
