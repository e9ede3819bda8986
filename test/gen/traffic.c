/*-------------------------------------------------------------------------
 *
 * Most kinds are rows of one table: who talks to whom, on which port, how
 * many packets the client sends, how many come back for each of them.  The
 * rest, ICMP, unanswered calls and noise from outside, have functions.
 *
 * A client has a few favourites outside and calls one of them in a third of
 * the cases; otherwise it draws from everybody.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "traffic.h"

#define FAVOURITES		6
#define TCP_ALL			(TCP_FIN | TCP_SYN | TCP_PSH | TCP_ACK)

enum route
{
	OUTWARD,					/* inside client, outside server */
	RELAY,						/* inside server as a client, outside server */
	INWARD,						/* outside client, inside server */
	LOCAL						/* inside client, inside server */
};

struct service
{
	uint16_t	weight;			/* of 10,000 */
	uint8_t		route;
	uint8_t		proto;
	uint16_t	port;
	uint8_t		payload;
	uint8_t		packets_lo;
	uint8_t		alpha_pct;		/* tail of the packet count; 0: always packets_lo */
	uint16_t	back_pct;		/* packets back for 100 forth, at most */
	uint16_t	size_forth;		/* mean bytes a packet, headers included */
	uint16_t	size_back;
	uint16_t	entropy_lo;		/* milli */
	uint16_t	entropy_hi;
};

static const struct service services[] = {
	{3300, OUTWARD, PROTO_TCP, 443, PAYLOAD_TLS, 6, 105, 220, 130, 900, 6900, 7990},
	{1050, OUTWARD, PROTO_UDP, 443, PAYLOAD_QUIC, 5, 100, 260, 120, 1050, 7400, 7995},
	{1050, RELAY, PROTO_UDP, 53, PAYLOAD_DNS, 1, 0, 100, 68, 180, 3300, 4700},
	{650, OUTWARD, PROTO_UDP, 53, PAYLOAD_DNS, 1, 0, 100, 68, 180, 3300, 4700},
	{480, OUTWARD, PROTO_TCP, 80, PAYLOAD_HTTP, 5, 120, 180, 140, 700, 4300, 7900},
	{250, OUTWARD, PROTO_UDP, 123, PAYLOAD_OTHER, 1, 0, 100, 76, 76, 2500, 3900},
	{190, OUTWARD, PROTO_TCP, 993, PAYLOAD_TLS, 9, 130, 130, 95, 400, 6800, 7900},
	{70, OUTWARD, PROTO_TCP, 587, PAYLOAD_OTHER, 10, 110, 80, 700, 80, 5000, 7800},
	{120, OUTWARD, PROTO_TCP, 22, PAYLOAD_OTHER, 12, 100, 120, 110, 160, 7000, 7980},
	{160, OUTWARD, PROTO_TCP, 5228, PAYLOAD_TLS, 4, 150, 110, 80, 110, 6500, 7700},
	{140, OUTWARD, PROTO_UDP, 3478, PAYLOAD_OTHER, 2, 90, 130, 130, 140, 5600, 7900},
	{110, OUTWARD, PROTO_TCP, 8080, PAYLOAD_HTTP, 5, 120, 160, 150, 600, 4200, 7800},
	{90, OUTWARD, PROTO_TCP, 8443, PAYLOAD_TLS, 6, 110, 200, 120, 800, 6900, 7980},
	{60, OUTWARD, PROTO_UDP, 51820, PAYLOAD_OTHER, 20, 90, 180, 300, 700, 7800, 7999},
	{80, OUTWARD, PROTO_TCP, 1935, PAYLOAD_OTHER, 30, 90, 250, 60, 1200, 7000, 7990},
	{110, OUTWARD, PROTO_UDP, 6881, PAYLOAD_OTHER, 1, 120, 150, 120, 300, 5000, 7900},
	{700, INWARD, PROTO_TCP, 443, PAYLOAD_TLS, 7, 115, 200, 120, 850, 6900, 7990},
	{120, INWARD, PROTO_TCP, 80, PAYLOAD_HTTP, 5, 125, 170, 130, 600, 4300, 7700},
	{130, INWARD, PROTO_TCP, 25, PAYLOAD_OTHER, 12, 110, 80, 650, 75, 4800, 6500},
	{200, INWARD, PROTO_UDP, 53, PAYLOAD_DNS, 1, 0, 100, 70, 210, 3300, 4700},
	{40, INWARD, PROTO_TCP, 22, PAYLOAD_OTHER, 14, 105, 110, 120, 200, 7000, 7980},
	{160, LOCAL, PROTO_TCP, 389, PAYLOAD_OTHER, 6, 140, 110, 120, 260, 4500, 6200},
	{120, LOCAL, PROTO_TCP, 5432, PAYLOAD_OTHER, 10, 105, 110, 180, 500, 4500, 6900},
	{90, LOCAL, PROTO_TCP, 2049, PAYLOAD_OTHER, 30, 85, 130, 400, 700, 4000, 7500},
	{60, LOCAL, PROTO_TCP, 3389, PAYLOAD_OTHER, 40, 95, 150, 110, 400, 7200, 7980},
};

#define N_SERVICES		(sizeof(services) / sizeof(services[0]))

/* ports that nobody serves but that are tried now and then */
static const uint16_t noise_ports[] = {
	23, 23, 23, 445, 445, 22, 22, 3389, 80, 8080, 2323, 5555, 1433, 6379,
	81, 8088, 37215, 60023, 25, 5900, 21, 9200, 27017, 11211, 7547, 139
};

/* services of their own: peer to peer, games, back doors; port 666 is among them */
static const uint16_t odd_ports[] = {
	666, 1194, 1723, 3074, 4444, 4662, 5060, 5222, 6667, 8000, 8333, 9001,
	9418, 25565, 27015, 30303, 32400, 50001
};

static const uint16_t qtypes[16] = {1, 1, 1, 1, 1, 1, 1, 28, 28, 28, 28, 65, 65, 15, 16, 12};
static const uint16_t statuses[16] = {200, 200, 200, 200, 200, 200, 200, 304, 304, 301, 302, 204, 404, 404, 403, 500};

struct traffic
{
	const struct hosts *hosts;
	struct weighted *kinds;		/* the services, then the functions */
	struct rng	rng;
};

typedef void (*kind_function) (struct traffic *traffic, int64_t start_ms, struct conv *conv);

void
conv_begin(struct conv *conv, const struct host *a, const struct host *b, int64_t start_ms)
{
	memset(conv, 0, sizeof(*conv));
	conv->a = *a;
	conv->b = *b;
	conv->side[0].start_ms = start_ms;
	conv->side[1].start_ms = start_ms;
	conv->directions = FORTH | BACK;
	conv->entropy_milli = NO_ENTROPY;
}

void
conv_ports(struct conv *conv, uint8_t proto, uint32_t client, uint32_t service)
{
	conv->proto = proto;
	conv->side[0].src_port = (uint16_t) client;
	conv->side[0].dst_port = (uint16_t) service;
	conv->side[1].src_port = (uint16_t) service;
	conv->side[1].dst_port = (uint16_t) client;
}

/* an outside host; favourites are the same for the same client */
static const struct host *
pick_outside(struct traffic *traffic, const struct host *client, bool is_v6)
{
	uint64_t	random = rng_next(&traffic->rng);

	if (client != NULL && random % 3 == 0)
		random = rng_hash(client->hash + (random >> 40) % FAVOURITES);
	return hosts_pick(traffic->hosts, is_v6 ? OUTSIDE6 : OUTSIDE4, random);
}

static void
pick_hosts(struct traffic *traffic, int route, int64_t start_ms, struct conv *conv)
{
	uint64_t	random = rng_next(&traffic->rng);
	bool		is_v6 = rng_below(&traffic->rng, 100) < 12;
	const struct host *client;
	const struct host *server;

	if (route == INWARD)
	{
		server = hosts_pick(traffic->hosts, is_v6 ? SERVER6 : SERVER4, random);
		client = pick_outside(traffic, NULL, is_v6);
	}
	else
	{
		if (route == RELAY)
			client = hosts_pick(traffic->hosts, is_v6 ? SERVER6 : SERVER4, random);
		else
			client = hosts_pick(traffic->hosts, is_v6 ? INSIDE6 : INSIDE4, random);
		if (route != LOCAL)
			server = pick_outside(traffic, route == RELAY ? NULL : client, is_v6);
		else
			server = hosts_pick(traffic->hosts, is_v6 ? SERVER6 : SERVER4,
								rng_next(&traffic->rng));
	}
	conv_begin(conv, client, server, start_ms);
}

/* a quarter of the clients has an old system with ports from 1024 up */
static uint32_t
ephemeral_port(struct traffic *traffic, const struct host *client)
{
	if (client->hash >> 20 & 3)
		return rng_between(&traffic->rng, 32768, 60999);
	return rng_between(&traffic->rng, 1024, 65535);
}

static void
set_names(struct traffic *traffic, struct conv *conv)
{
	uint64_t	random = rng_next(&traffic->rng);
	uint32_t	nnames = names_of_server(conv->b.rank, conv->b.hash);
	uint32_t	x = (uint32_t) (random & 0xffff) % nnames;
	uint32_t	y = (uint32_t) (random >> 16 & 0xffff) % nnames;

	conv->name = conv->b.hash + (x < y ? x : y);
	conv->profile = (uint16_t) ((conv->a.hash & 31) * (conv->a.hash >> 5 & 31) / 32);
	if ((random >> 32) % 8 == 0)
		conv->profile = (uint16_t) (32 + (random >> 40 & 31) * (random >> 45 & 31));
	if (conv->payload == PAYLOAD_DNS)
	{
		const struct host *named = hosts_pick(traffic->hosts, OUTSIDE4, rng_next(&traffic->rng));

		conv->name = named->hash + (random & 7) % names_of_server(named->rank, named->hash);
		conv->qtype = qtypes[random >> 52 & 15];
		conv->rcode = random >> 56 > 236 ? 3 : random >> 56 > 233 ? 2 : 0;
	}
	conv->method = random >> 57 < 100 ? 0 : random >> 57 < 118 ? 1 : random >> 57 < 124 ? 2 : 3;
	conv->status = statuses[random >> 48 & 15];
}

/* round-trip time: depends on the other side, and a little on chance */
static uint32_t
round_trip_ms(struct traffic *traffic, const struct conv *conv)
{
	const struct host *far = conv->b.is_inside ? &conv->a : &conv->b;

	if (far->is_inside)
		return rng_below(&traffic->rng, 3);
	return 2 + rng_hash(far->as) % 60 + rng_exp(&traffic->rng, 12);
}

static void
set_times(struct traffic *traffic, struct conv *conv)
{
	uint32_t	rtt_ms = round_trip_ms(traffic, conv);
	uint64_t	duration = rtt_ms;

	if (conv->side[0].packets > 1)
		duration += rtt_ms * 2 + conv->side[0].packets * rng_pareto(&traffic->rng, 3, 80, 5000);
	if (duration > TRAFFIC_MAX_MS)
		duration = TRAFFIC_MAX_MS - rng_below(&traffic->rng, 40);
	conv->side[0].duration_ms = conv->side[0].packets > 1 ? (uint32_t) duration : 0;
	conv->side[1].start_ms += rtt_ms;
	if (conv->side[1].packets > 1)
		conv->side[1].duration_ms = (uint32_t) duration - rtt_ms + rng_below(&traffic->rng, rtt_ms + 1);
}

static uint64_t
sized(struct traffic *traffic, uint64_t packets, uint32_t mean)
{
	uint32_t	size = mean * 3 / 4 + rng_below(&traffic->rng, mean / 2 + 1);
	uint64_t	bytes = packets * size + rng_below(&traffic->rng, 40);

	return bytes < packets * 1500 ? bytes : packets * 1500;
}

static void
set_sizes(struct traffic *traffic, struct conv *conv, const struct service *service)
{
	uint64_t	forth = service->packets_lo;
	uint64_t	back;

	if (service->alpha_pct > 0)
		forth = rng_pareto(&traffic->rng, service->packets_lo, service->alpha_pct, 3000000);
	back = (forth * rng_between(&traffic->rng, service->back_pct / 2, service->back_pct) + 50) / 100;
	if (back == 0)
		back = 1;
	conv->side[0].packets = forth;
	conv->side[1].packets = back;
	conv->side[0].bytes = sized(traffic, forth, service->size_forth);
	conv->side[1].bytes = sized(traffic, back, service->size_back);
}

static void
set_flags(struct traffic *traffic, struct conv *conv)
{
	uint32_t	draw = rng_below(&traffic->rng, 100);
	uint8_t		forth = TCP_ALL;
	uint8_t		back = TCP_ALL;

	if (conv->side[0].duration_ms >= TRAFFIC_MAX_MS - 40)
		forth = back = TCP_PSH | TCP_ACK | (draw < 40 ? TCP_SYN : 0);
	else if (draw < 9)
		forth |= TCP_RST;
	else if (draw < 13)
	{
		forth &= (uint8_t) ~TCP_FIN;
		back = TCP_SYN | TCP_PSH | TCP_ACK | TCP_RST;
	}
	conv->side[0].tcp_flags = forth;
	conv->side[1].tcp_flags = back;
}

static void
run_service(struct traffic *traffic, const struct service *service, int64_t start_ms,
			struct conv *conv)
{
	pick_hosts(traffic, service->route, start_ms, conv);
	conv_ports(conv, service->proto,
			   service->port == 123 ? 123 : ephemeral_port(traffic, &conv->a), service->port);
	conv->payload = service->payload;
	set_names(traffic, conv);
	set_sizes(traffic, conv, service);
	set_times(traffic, conv);
	if (conv->proto == PROTO_TCP)
		set_flags(traffic, conv);
	conv->entropy_milli = (uint16_t) rng_between(&traffic->rng, service->entropy_lo,
												 service->entropy_hi);
}

/* type * 256 + code stands in dst_port */
static void
run_ping(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	bool		is_v6;

	pick_hosts(traffic, OUTWARD, start_ms, conv);
	is_v6 = conv->a.addr.family == 6;
	conv->proto = is_v6 ? PROTO_ICMP6 : PROTO_ICMP;
	conv->side[0].dst_port = is_v6 ? 128 * 256 : 8 * 256;
	conv->side[1].dst_port = is_v6 ? 129 * 256 : 0;
	for (int i = 0; i < 2; i++)
	{
		conv->side[i].packets = i == 0 ? rng_between(&traffic->rng, 1, 5) : conv->side[0].packets;
		conv->side[i].bytes = conv->side[i].packets * (is_v6 ? 104 : 84);
	}
	set_times(traffic, conv);
	conv->entropy_milli = 3700;
}

/* port unreachable, from a host that was asked for nothing it has */
static void
run_unreachable(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	bool		is_v6;

	pick_hosts(traffic, INWARD, start_ms, conv);
	is_v6 = conv->a.addr.family == 6;
	conv->proto = is_v6 ? PROTO_ICMP6 : PROTO_ICMP;
	conv->side[0].dst_port = is_v6 ? 1 * 256 + 4 : 3 * 256 + 3;
	conv->side[0].packets = 1;
	conv->side[0].bytes = is_v6 ? 120 : 92;
	conv->directions = FORTH;
}

/* SYNs without an answer; those from outside look for open doors */
static void
call_in_vain(struct traffic *traffic, int64_t start_ms, struct conv *conv, bool is_outward)
{
	uint32_t	port = noise_ports[rng_below(&traffic->rng, sizeof(noise_ports) / 2)];

	pick_hosts(traffic, OUTWARD, start_ms, conv);
	if (!is_outward)
	{
		struct host client = conv->b;

		conv->b = conv->a;
		conv->a = client;
	}
	else if (port != 22)
		port = 443;
	conv_ports(conv, PROTO_TCP, ephemeral_port(traffic, &conv->a), port);
	conv->side[0].tcp_flags = TCP_SYN;
	conv->side[0].packets = is_outward ? rng_between(&traffic->rng, 1, 4) : 1;
	conv->side[0].bytes = conv->side[0].packets * (is_outward ? 60 : 44);
	conv->side[0].duration_ms = is_outward ? 1000 * ((1u << conv->side[0].packets) / 2 - 1) : 0;
	conv->directions = FORTH;
}

static void
run_dead(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	call_in_vain(traffic, start_ms, conv, true);
}

static void
run_noise(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	call_in_vain(traffic, start_ms, conv, false);
}

/* peer to peer and others on ports of their choice */
static void
run_odd(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	static const struct service tcp = {
		0, OUTWARD, PROTO_TCP, 0, PAYLOAD_OTHER, 4, 95, 150, 200, 700, 5000, 7990
	};
	static const struct service udp = {
		0, OUTWARD, PROTO_UDP, 0, PAYLOAD_OTHER, 1, 85, 150, 160, 400, 4500, 7990
	};
	struct service service = rng_below(&traffic->rng, 3) ? tcp : udp;
	uint32_t	draw = rng_below(&traffic->rng, 1000);

	service.port = (uint16_t) rng_between(&traffic->rng, 10000, 65000);
	if (draw == 0)
		service.port = 666;
	else if (draw < 600)
		service.port = odd_ports[1 + rng_below(&traffic->rng, sizeof(odd_ports) / 2 - 1)];
	run_service(traffic, &service, start_ms, conv);
}

/* IPsec and GRE between sites: no ports, hardly ever a pause */
static void
run_tunnel(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	pick_hosts(traffic, INWARD, start_ms, conv);
	conv->proto = rng_below(&traffic->rng, 4) ? PROTO_ESP : PROTO_GRE;
	for (int i = 0; i < 2; i++)
	{
		conv->side[i].packets = rng_pareto(&traffic->rng, 200, 90, 3000000);
		conv->side[i].bytes = sized(traffic, conv->side[i].packets, 700);
	}
	set_times(traffic, conv);
	conv->entropy_milli = (uint16_t) rng_between(&traffic->rng, 7900, 7999);
}

static const struct
{
	uint16_t	weight;			/* on the scale of struct service */
	kind_function run;
} functions[] = {
	{150, run_ping},
	{40, run_unreachable},
	{110, run_dead},
	{170, run_noise},
	{420, run_odd},
	{20, run_tunnel},
};

#define N_FUNCTIONS		(sizeof(functions) / sizeof(functions[0]))

struct traffic *
traffic_create(const struct hosts *hosts, uint64_t seed)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	uint64_t	weights[N_SERVICES + N_FUNCTIONS];

	if (traffic == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	for (size_t i = 0; i < N_SERVICES; i++)
		weights[i] = services[i].weight;
	for (size_t i = 0; i < N_FUNCTIONS; i++)
		weights[N_SERVICES + i] = functions[i].weight;
	traffic->hosts = hosts;
	traffic->kinds = weighted_create(weights, N_SERVICES + N_FUNCTIONS);
	rng_seed(&traffic->rng, seed);
	return traffic;
}

void
traffic_free(struct traffic *traffic)
{
	weighted_free(traffic->kinds);
	free(traffic);
}

void
traffic_next(struct traffic *traffic, int64_t start_ms, struct conv *conv)
{
	uint32_t	kind = weighted_pick(traffic->kinds, &traffic->rng);

	if (kind < N_SERVICES)
		run_service(traffic, &services[kind], start_ms, conv);
	else
		functions[kind - N_SERVICES].run(traffic, start_ms, conv);
}
