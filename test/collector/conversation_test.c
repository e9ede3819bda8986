/*-------------------------------------------------------------------------
 *
 * If this goes, what payload says ends up in the wrong flow, or in none, or
 * strangers fill the memory with it.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"
#include "tap.h"

#define S INT64_C(1000000)
#define SYN 0x02
#define ACK 0x10
#define FIN 0x01

static const char request[] =
"GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n";
static const char response[] =
"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n";

static struct counters counters;
static struct conversation_table *table;

static void
open_table(uint32_t max)
{
	memset(&counters, 0, sizeof(counters));
	table = conversation_open(max, hash_key_seeded(1), &counters);
}

static struct flow_key
key_of(uint16_t src_port, uint16_t dst_port, bool is_back)
{
	struct flow_key key = {.proto = FLOW_PROTO_TCP};

	key.src.family = key.dst.family = FLOW_FAMILY_IP4;
	key.src.bytes[3] = is_back ? 2 : 1;
	key.dst.bytes[3] = is_back ? 1 : 2;
	key.src_port = is_back ? dst_port : src_port;
	key.dst_port = is_back ? src_port : dst_port;
	return key;
}

static void
add(struct conversation_member *member, const struct flow_key *key,
	const char *bytes, size_t len, uint32_t seq, uint8_t flags)
{
	struct segment segment = {
		.bytes = (const uint8_t *) bytes,.len = len,.wirelen = len,
		.seq = seq,.tcp_flags = flags
	};

	conversation_add(table, member, key, &segment, S);
}

static bool
has_text(const struct conversation_member *member, const struct flow_key *key,
		 enum flow_extra_id id, const char *text)
{
	static struct flow_extra extra;

	flow_extra_clear(&extra);
	conversation_extra(table, member, key, true, &extra);
	if (!flow_extra_has(&extra, id))
		return text == NULL;
	return text != NULL && extra.values[id].text.len == strlen(text) &&
		memcmp(extra.values[id].text.bytes, text, strlen(text)) == 0;
}

static void
test_both_directions(void)
{
	struct conversation_member there = {0};
	struct conversation_member back = {0};
	struct conversation_member silent = {0};
	struct flow_key key = key_of(40000, 80, false);
	struct flow_key back_key = key_of(40000, 80, true);

	open_table(10);
	add(&there, &key, NULL, 0, 99, SYN);
	is((int64_t) counters.payload_flows, 0, "a SYN makes no conversation");
	add(&there, &key, request + 20, sizeof(request) - 21, 120, ACK);
	is((int64_t) counters.payload_flows, 1, "payload does");
	ok(has_text(&silent, &back_key, FLOW_HTTP_HOST, NULL), "the beginning is missing");
	add(&there, &key, request, 30, 100, ACK);
	ok(has_text(&there, &key, FLOW_HTTP_HOST, "www.example.org"),
	   "segments in the wrong order");
	add(&back, &back_key, response, sizeof(response) - 1, 500, ACK);
	is((int64_t) counters.payload_flows, 1, "both directions are one");
	ok(has_text(&there, &key, FLOW_HTTP_CONTENT_TYPE, "text/plain"),
	   "the response is in the flow of the request");
	ok(has_text(&back, &back_key, FLOW_HTTP_HOST, "www.example.org"),
	   "and the request in that of the response");
	conversation_leave(table, &there);
	ok(has_text(&back, &back_key, FLOW_HTTP_HOST, "www.example.org"),
	   "also when the other flow has ended");
	ok(has_text(&silent, &back_key, FLOW_HTTP_HOST, "www.example.org"),
	   "and for a flow without payload");
	conversation_leave(table, &back);
	ok(has_text(&silent, &key, FLOW_HTTP_HOST, NULL), "gone with both");
	conversation_close(table);
}

static void
test_unfinished(void)
{
	struct conversation_member member = {0};
	struct flow_key key = key_of(40000, 8080, false);

	open_table(10);
	add(&member, &key, request, 39, 1, ACK);
	ok(has_text(&member, &key, FLOW_HTTP_HOST, "www.example.org"),
	   "a request without an end, when the flow has ended");
	conversation_leave(table, &member);
	conversation_close(table);
}

/* One connection after the other with the same ports. */
static void
test_again(void)
{
	struct conversation_member member = {0};
	struct flow_key key = key_of(40000, 80, false);

	open_table(10);
	add(&member, &key, NULL, 0, 99, SYN);
	add(&member, &key, request + 5, 10, 105, ACK);
	add(&member, &key, NULL, 0, 7777, SYN);
	add(&member, &key, request, sizeof(request) - 1, 7778, ACK);
	ok(has_text(&member, &key, FLOW_HTTP_HOST, "www.example.org"),
	   "another connection before the first said anything");
	conversation_leave(table, &member);
	conversation_close(table);
}

static void
test_eviction(void)
{
	static struct conversation_member members[20];
	struct flow_key key;

	open_table(5);
	for (uint16_t i = 0; i < 20; i++)
	{
		key = key_of((uint16_t) (40000 + i), 80, false);
		add(&members[i], &key, request, sizeof(request) - 1, 1, ACK);
	}
	is((int64_t) counters.payload_flows_evicted, 15, "the oldest make room");
	key = key_of(40000, 80, false);
	ok(has_text(&members[0], &key, FLOW_HTTP_HOST, NULL), "and say nothing");
	add(&members[0], &key, request, sizeof(request) - 1, 1, ACK);
	is((int64_t) counters.payload_flows, 20, "nor begin again");
	key = key_of(40019, 80, false);
	ok(has_text(&members[19], &key, FLOW_HTTP_HOST, "www.example.org"),
	   "the others do");
	for (int i = 0; i < 20; i++)
		conversation_leave(table, &members[i]);
	conversation_close(table);
}

/* Streams that never become complete: 16 kB each would be 16 MB. */
static void
test_stream_bound(void)
{
	static const char junk[1400];
	static struct conversation_member members[1000];

	open_table(1000);
	for (uint16_t i = 0; i < 1000; i++)
	{
		struct flow_key key = key_of((uint16_t) (10000 + i), 80, false);

		add(&members[i], &key, NULL, 0, 0, SYN);
		for (uint32_t n = 1; n < 11; n++)
			add(&members[i], &key, junk, sizeof(junk), n * 1400 + 1, ACK);
	}
	is((int64_t) counters.payload_flows, 1000, "streams that begin with a gap");
	ok(counters.payload_flows_evicted >= 740 &&
	   counters.payload_flows_evicted < 760, "four kilobytes each are kept");
	for (int i = 0; i < 1000; i++)
		conversation_leave(table, &members[i]);
	conversation_close(table);
}

static void
test_segments(void)
{
	static uint8_t tcp[32] = {[12] = 0x60,[13] = ACK};
	struct packet packet = {
		.transport = tcp,.transport_len = 30,.transport_wirelen = 100
	};
	struct segment segment;

	packet.flow.key.proto = FLOW_PROTO_TCP;
	ok(segment_read(&packet, &segment) && segment.bytes == tcp + 24 &&
	   segment.len == 6 && segment.wirelen == 76 && segment.tcp_flags == ACK,
	   "TCP with options");
	tcp[12] = 0xf0;
	ok(!segment_read(&packet, &segment), "whose header is cut");
	tcp[12] = 0x40;
	ok(!segment_read(&packet, &segment), "or shorter than it can be");
	packet.flow.key.proto = FLOW_PROTO_UDP;
	tcp[5] = 20;
	ok(segment_read(&packet, &segment) && segment.wirelen == 12 &&
	   segment.len == 12, "UDP says how long it is");
	tcp[5] = 3;
	ok(segment_read(&packet, &segment) && segment.wirelen == 92 &&
	   segment.len == 22, "or not");
	packet.flow.key.proto = FLOW_PROTO_ICMP;
	ok(!segment_read(&packet, &segment), "nothing else has payload");
}

int
main(void)
{
	test_both_directions();
	test_unfinished();
	test_again();
	test_eviction();
	test_stream_bound();
	test_segments();
	return tap_failed;
}
