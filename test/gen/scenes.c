/*-------------------------------------------------------------------------
 *
 * A client asks for a name and then talks to what the answer said, by TLS
 * or HTTP; between that pings, NTP, ssh and mail.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "conv.h"
#include "payload.h"
#include "scenes.h"
#include "session.h"

#define CLIENTS			24
#define GUESTS			6
#define SITES			40
#define SITES_V6		8		/* the first sites have an IPv6 address, too */
#define SCAN_PORTS		400
#define SCAN_STEP_US	150000
#define BEACON_US		60000000
#define ARP_US			30000000

struct site
{
	char		name[40];
	struct station v4;
	struct station v6;
	uint32_t	rtt_us;
};

struct scenes
{
	struct capture *capture;
	struct rng	rng;
	int64_t		start_us;
	int64_t		span_us;
	struct station clients[CLIENTS + GUESTS];
	struct station clients_v6[CLIENTS];
	struct station resolver;
	struct station web;
	struct station mail;
	struct station router;
	struct site sites[SITES];
	struct weighted *popularity;
};

static struct station
station4(const uint8_t addr[4], uint16_t vlan, bool is_inside)
{
	struct station station = {.vlan = vlan, .is_inside = is_inside};

	station.addr.family = 4;
	memcpy(station.addr.bytes, addr, 4);
	station.mac[0] = 0x02;
	memcpy(station.mac + 2, addr, 4);
	return station;
}

/* prefix has 8 bytes */
static struct station
station6(const char *prefix, uint8_t number, bool is_inside)
{
	struct station station = {.vlan = 0, .is_inside = is_inside};

	station.addr.family = 6;
	memcpy(station.addr.bytes, prefix, 8);
	station.addr.bytes[15] = number;
	return station;
}

static void
create_sites(struct scenes *scenes)
{
	static const char *const words[8] = {
		"news", "mail", "shop", "video", "files", "maps", "games", "wiki"
	};
	static const uint8_t nets[3][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}};

	for (int i = 0; i < SITES; i++)
	{
		struct site *site = &scenes->sites[i];
		const uint8_t *net = nets[i % 3];
		const uint8_t addr[4] = {net[0], net[1], net[2], (uint8_t) (10 + i)};

		snprintf(site->name, sizeof(site->name), "www.%s%d.example", words[i % 8], i / 8 + 1);
		site->v4 = station4(addr, 0, false);
		site->v6 = station6("\x20\x01\x0d\xb8\x00\x0e\x00\x00", (uint8_t) (10 + i), false);
		site->rtt_us = 4000 + (uint32_t) (rng_hash((uint64_t) i) % 90000);
	}
	scenes->popularity = weighted_create_zipf(SITES, 1);
}

struct scenes *
scenes_create(struct capture *capture, uint64_t seed, int64_t start_us, int64_t span_us)
{
	struct scenes *scenes = calloc(1, sizeof(*scenes));

	if (scenes == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	scenes->capture = capture;
	scenes->start_us = start_us;
	scenes->span_us = span_us;
	rng_seed(&scenes->rng, seed);
	for (int i = 0; i < CLIENTS + GUESTS; i++)
	{
		bool		is_guest = i >= CLIENTS;
		const uint8_t addr[4] = {192, 168, is_guest ? 30 : 10, (uint8_t) (10 + i)};

		scenes->clients[i] = station4(addr, is_guest ? 30 : 0, true);
	}
	for (int i = 0; i < CLIENTS; i++)
	{
		scenes->clients_v6[i] = station6("\xfd\x42\x00\x10\x00\x00\x00\x00", (uint8_t) (10 + i), true);
		memcpy(scenes->clients_v6[i].mac, scenes->clients[i].mac, 6);
	}
	scenes->resolver = station4((const uint8_t[4]) {192, 168, 20, 53}, 20, true);
	scenes->web = station4((const uint8_t[4]) {192, 168, 20, 80}, 20, true);
	scenes->mail = station4((const uint8_t[4]) {192, 168, 20, 25}, 20, true);
	scenes->router = station4((const uint8_t[4]) {192, 168, 10, 1}, 0, true);
	memcpy(scenes->router.mac, router_mac, 6);
	create_sites(scenes);
	return scenes;
}

void
scenes_free(struct scenes *scenes)
{
	weighted_free(scenes->popularity);
	free(scenes);
}

static struct session
between(struct scenes *scenes, const struct station *client, const struct station *server,
		int64_t us)
{
	struct session session = {.capture = scenes->capture, .rng = &scenes->rng, .us = us};

	session.ends[0] = client;
	session.ends[1] = server;
	session.rtt_us = 400;
	return session;
}

static uint16_t
ephemeral_port(struct scenes *scenes)
{
	return (uint16_t) rng_between(&scenes->rng, 32768, 60999);
}

/* mean_ms on average pass before the next packet */
static void
think(struct session *session, uint32_t mean_ms)
{
	session->us += (int64_t) rng_exp(session->rng, mean_ms) * 1000;
}

/* returns when the answer is there */
static int64_t
ask_name(struct scenes *scenes, const struct station *client, struct dns_message message,
		 int64_t us)
{
	struct session session = between(scenes, client, &scenes->resolver, us);
	uint8_t		buffer[PAYLOAD_MAX];
	int			len;

	session_begin(&session, PROTO_UDP, ephemeral_port(scenes), 53);
	message.id = (uint16_t) rng_next(&scenes->rng);
	message.ttl = 300;
	len = payload_dns_question(buffer, &message);
	session_send(&session, 0, buffer, len, len);
	session_turn(&session);
	think(&session, 8);
	len = payload_dns_answer(buffer, &message);
	session_send(&session, 1, buffer, len, len);
	return session.us + 300;
}

static void
say_hello(struct scenes *scenes, struct session *session, const char *name)
{
	uint8_t		random[32];
	uint8_t		buffer[PAYLOAD_MAX];
	int			len;

	for (int i = 0; i < 32; i++)
		random[i] = (uint8_t) rng_next(&scenes->rng);
	len = payload_client_hello(buffer, name, random);
	session_open(session);
	session_send(session, 0, buffer, len, len);
	session_turn(session);
	session_transfer(session, 1, 3200);
	session_transfer(session, 0, 80);
}

static void
browse_tls(struct scenes *scenes, struct session *session, const char *name)
{
	uint32_t	requests = rng_between(&scenes->rng, 1, 4);

	session_begin(session, PROTO_TCP, ephemeral_port(scenes), 443);
	say_hello(scenes, session, name);
	while (requests-- > 0)
	{
		session_transfer(session, 0, (int) rng_between(&scenes->rng, 90, 600));
		session_turn(session);
		session_transfer(session, 1, (int) rng_pareto(&scenes->rng, 700, 110, 60000));
		think(session, 900);
	}
	session_close(session);
}

static void
browse_http(struct scenes *scenes, struct session *session, const char *name)
{
	static const char *const paths[4] = {"/", "/index.html", "/status", "/news?page=2"};
	uint8_t		buffer[PAYLOAD_MAX];
	int			body_bytes = (int) rng_between(&scenes->rng, 200, 1100);
	int			status = rng_below(&scenes->rng, 12) == 0 ? 404 : 200;
	int			len;

	session_begin(session, PROTO_TCP, ephemeral_port(scenes), 80);
	session_open(session);
	len = payload_http_request(buffer, name, paths[rng_below(&scenes->rng, 4)]);
	session_send(session, 0, buffer, len, len);
	session_turn(session);
	len = payload_http_response(buffer, status, body_bytes);
	session_send(session, 1, buffer, len, len + body_bytes);
	session_turn(session);
	session_flags(session, 0, TCP_ACK);
	session_close(session);
}

static void
play_web(struct scenes *scenes, uint32_t client, int64_t us)
{
	uint32_t	chosen = weighted_pick(scenes->popularity, &scenes->rng);
	const struct site *site = &scenes->sites[chosen];
	bool		is_v6 = client < CLIENTS / 2 && chosen < SITES_V6;
	struct dns_message message = {.qtype = is_v6 ? DNS_AAAA : DNS_A, .name = site->name};
	struct session session;

	message.answer = is_v6 ? &site->v6.addr : &site->v4.addr;
	us = ask_name(scenes, &scenes->clients[client], message, us);
	session = between(scenes, is_v6 ? &scenes->clients_v6[client] : &scenes->clients[client],
					  is_v6 ? &site->v6 : &site->v4, us);
	session.rtt_us = site->rtt_us;
	if (rng_below(&scenes->rng, 5) == 0)
		browse_http(scenes, &session, site->name);
	else
		browse_tls(scenes, &session, site->name);
}

static void
play_ping(struct scenes *scenes, uint32_t client, int64_t us)
{
	const struct site *site = &scenes->sites[rng_below(&scenes->rng, SITES_V6)];
	bool		is_v6 = client < CLIENTS / 2;
	struct session session;
	uint16_t	id = (uint16_t) rng_next(&scenes->rng);
	struct packet packet = {.dst_port = id, .wire_len = 56};

	session = between(scenes, is_v6 ? &scenes->clients_v6[client] : &scenes->clients[client],
					  is_v6 ? &site->v6 : &site->v4, us);
	packet.proto = is_v6 ? PROTO_ICMP6 : PROTO_ICMP;
	for (uint32_t i = 0; i < 8; i++)
	{
		packet.us = us + i % 2 * site->rtt_us + (int64_t) (i / 2) * 1000000;
		packet.src = session.ends[i % 2];
		packet.dst = session.ends[1 - i % 2];
		packet.src_port = (uint16_t) ((is_v6 ? 128 + i % 2 : i % 2 ? 0 : 8) << 8);
		packet.seq = 1 + i / 2;
		packet.ip_id = (uint16_t) (id + i);
		capture_add(scenes->capture, &packet);
	}
}

static void
play_ntp(struct scenes *scenes, uint32_t client, int64_t us)
{
	struct session session = between(scenes, &scenes->clients[client], &scenes->sites[7].v4, us);
	uint8_t		buffer[PAYLOAD_MAX];
	int			len = payload_ntp(buffer, false, us);

	session.rtt_us = scenes->sites[7].rtt_us;
	session_begin(&session, PROTO_UDP, 123, 123);
	session_send(&session, 0, buffer, len, len);
	session_turn(&session);
	session_turn(&session);
	len = payload_ntp(buffer, true, session.us);
	session_send(&session, 1, buffer, len, len);
}

/* a name that does not exist, or a text record */
static void
play_dns_only(struct scenes *scenes, uint32_t client, int64_t us)
{
	struct dns_message message = {.qtype = DNS_A, .rcode = 3};
	char		name[40];

	if (rng_below(&scenes->rng, 3) == 0)
	{
		message.qtype = DNS_TXT;
		message.rcode = 0;
	}
	snprintf(name, sizeof(name), "host%u.example", rng_below(&scenes->rng, 500));
	message.name = name;
	ask_name(scenes, &scenes->clients[client], message, us);
}

static void
play_ssh(struct scenes *scenes, uint32_t client, int64_t us)
{
	static const char banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
	struct session session = between(scenes, &scenes->clients[client], &scenes->web, us);
	uint32_t	keys = rng_between(&scenes->rng, 10, 40);

	session_begin(&session, PROTO_TCP, ephemeral_port(scenes), 22);
	session_open(&session);
	for (int i = 1; i >= 0; i--)
	{
		session_send(&session, i, (const uint8_t *) banner, sizeof(banner) - 1, sizeof(banner) - 1);
		session_turn(&session);
	}
	session_transfer(&session, 0, 1500);
	session_transfer(&session, 1, 1700);
	while (keys-- > 0)
	{
		session_transfer(&session, 0, 36);
		session_transfer(&session, 1, 36);
		think(&session, 400);
	}
	session_close(&session);
}

static void
play_mail(struct scenes *scenes, int64_t us)
{
	static const char *const lines[] = {
		"220 mail.example ESMTP\r\n", "EHLO relay.example\r\n", "250-mail.example\r\n250 STARTTLS\r\n",
		"STARTTLS\r\n", "220 go ahead\r\n"
	};
	const struct site *site = &scenes->sites[8 + rng_below(&scenes->rng, 8)];
	struct session session = between(scenes, &site->v4, &scenes->mail, us);

	session.rtt_us = site->rtt_us;
	session_begin(&session, PROTO_TCP, ephemeral_port(scenes), 25);
	session_open(&session);
	for (int i = 0; i < 5; i++)
	{
		int			len = (int) strlen(lines[i]);

		session_send(&session, i % 2 == 0, (const uint8_t *) lines[i], len, len);
		session_turn(&session);
	}
	session_transfer(&session, 0, (int) rng_pareto(&scenes->rng, 2500, 120, 40000));
	session_close(&session);
}

void
scenes_play_one(struct scenes *scenes)
{
	uint32_t	draw = rng_below(&scenes->rng, 100);
	uint32_t	client = rng_below(&scenes->rng, CLIENTS + GUESTS);
	int64_t		us = scenes->start_us +
		(int64_t) (((unsigned __int128) rng_next(&scenes->rng) * (uint64_t) scenes->span_us) >> 64);

	if (draw < 58)
		play_web(scenes, client, us);
	else if (draw < 80)
		play_dns_only(scenes, client, us);
	else if (draw < 86)
		play_ping(scenes, client, us);
	else if (draw < 93)
		play_ntp(scenes, client, us);
	else if (draw < 96)
		play_ssh(scenes, client, us);
	else
		play_mail(scenes, us);
}

static void
play_scan(struct scenes *scenes)
{
	struct station attacker = station4((const uint8_t[4]) {203, 0, 113, 66}, 0, false);
	int64_t		us = scenes->start_us + scenes->span_us * 2 / 5;

	for (uint16_t port = 1; port <= SCAN_PORTS; port++)
	{
		struct session session = between(scenes, &attacker, &scenes->web,
										 us + (int64_t) port * SCAN_STEP_US);
		bool		is_open = port == 22 || port == 80;

		session_begin(&session, PROTO_TCP, ephemeral_port(scenes), port);
		session_flags(&session, 0, TCP_SYN);
		session_turn(&session);
		session_flags(&session, 1, is_open ? TCP_SYN | TCP_ACK : TCP_RST | TCP_ACK);
		session_turn(&session);
		if (is_open)
			session_flags(&session, 0, TCP_RST);
	}
}

static void
play_beacon(struct scenes *scenes)
{
	struct station server = station4((const uint8_t[4]) {203, 0, 113, 99}, 0, false);

	for (int64_t at = 7000000; at < scenes->span_us; at += BEACON_US)
	{
		struct session session = between(scenes, &scenes->clients[13], &server,
										 scenes->start_us + at + rng_below(&scenes->rng, 1500000));

		session.rtt_us = 38000;
		session_begin(&session, PROTO_TCP, ephemeral_port(scenes), 443);
		say_hello(scenes, &session, "update.quietbox.example");
		session_transfer(&session, 0, 420);
		session_transfer(&session, 1, 180);
		session_close(&session);
	}
}

static void
play_arp(struct scenes *scenes)
{
	for (int64_t at = 1000000; at < scenes->span_us; at += ARP_US)
	{
		const struct station *client = &scenes->clients[rng_below(&scenes->rng, CLIENTS)];
		int64_t		us = scenes->start_us + at + rng_below(&scenes->rng, 9000000);

		capture_add_arp(scenes->capture, us, client, &scenes->router, false);
		capture_add_arp(scenes->capture, us + 150, &scenes->router, client, true);
	}
}

void
scenes_play_fixed(struct scenes *scenes)
{
	play_scan(scenes);
	play_beacon(scenes);
	play_arp(scenes);
}
