/*-------------------------------------------------------------------------
 *
 * One table says what is planted: when, how often, and which function turns
 * the number of an event into a conversation.
 *
 * Attackers and their servers stand in 192.0.2.0/24, 198.51.100.0/24,
 * 203.0.113.0/24 and 198.18.0.0/15, where ordinary traffic never comes from;
 * lateral movement is the only use of port 445 between inside hosts, and
 * 10.12.0.60 no server of ordinary clients.  So a label selects its rows and
 * no others.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <time.h>

#include "attacks.h"
#include "traffic.h"

#define TCP_ALL			(TCP_FIN | TCP_SYN | TCP_PSH | TCP_ACK)

struct plan
{
	const char *kind;			/* NULL: not labelled, what others stand out from */
	const char *src;
	const char *dst;
	uint16_t	port;			/* 0: many */
	uint16_t	from_permille;	/* of the whole time */
	uint16_t	to_permille;
	uint32_t	events_ppm;		/* of all rows; 0: one every period_ms */
	uint32_t	events_min;
	uint32_t	events_max;
	uint32_t	period_ms;
	uint32_t	jitter_ms;
	void		(*make) (struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv);
};

struct state
{
	uint32_t	events;
	uint32_t	next;			/* number of the next event */
	int64_t		from_ms;
	int64_t		to_ms;
	int64_t		next_ms;
	int64_t		first_ms;		/* of the rows made */
	int64_t		last_ms;
	uint64_t	rows;
};

static void
set_sides(struct conv *conv, const uint64_t packets[2], const uint64_t bytes[2],
		  uint32_t duration_ms, uint8_t flags)
{
	for (int i = 0; i < 2; i++)
	{
		conv->side[i].packets = packets[i];
		conv->side[i].bytes = bytes[i];
		conv->side[i].duration_ms = packets[i] > 1 ? duration_ms : 0;
		conv->side[i].tcp_flags = flags;
	}
}

static void
begin(struct conv *conv, struct host a, struct host b, int64_t start_ms)
{
	conv_begin(conv, &a, &b, start_ms);
}

/* one SYN */
static void
probe(struct conv *conv, uint32_t client_port, uint32_t port)
{
	const uint64_t packets[2] = {1, 0};
	const uint64_t bytes[2] = {44, 0};

	conv_ports(conv, PROTO_TCP, client_port, port);
	set_sides(conv, packets, bytes, 0, TCP_SYN);
	conv->directions = FORTH;
}

static void
make_horizontal(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(198, 51, 100, 66),
		  host_at4(10, 12, (uint8_t) (event >> 8), (uint8_t) event), start_ms);
	probe(conv, rng_between(rng, 40000, 60000), 23);
}

static void
make_vertical(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(198, 51, 100, 67), host_at4(10, 12, 0, 5), start_ms);
	probe(conv, rng_between(rng, 40000, 60000), 1 + event);
}

static void
make_slow(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(198, 51, 100, 68),
		  host_at4(10, 13, (uint8_t) (event * 37 >> 8), (uint8_t) (event * 37)), start_ms);
	probe(conv, rng_between(rng, 40000, 60000), 3389);
}

static void
make_flood(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	uint64_t	spoofed = rng_next(rng);

	begin(conv, host_at4(198, (uint8_t) (18 + (spoofed & 1)), (uint8_t) (spoofed >> 8),
						 (uint8_t) (spoofed >> 16)),
		  host_at4(10, 12, 0, 80), start_ms);
	probe(conv, rng_between(rng, 1024, 65535), 443);
	conv->side[0].packets = 1 + event % 2;
	conv->side[0].bytes = 40 * conv->side[0].packets;
}

/* replies of resolvers to requests that the victim never sent */
static void
make_amplification(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 20, 60), 0};
	const uint64_t bytes[2] = {packets[0] * rng_between(rng, 1200, 1480), 0};

	begin(conv, host_at4(192, 0, 2, (uint8_t) (1 + event * 7 % 250)), host_at4(10, 12, 0, 90),
		  start_ms);
	conv_ports(conv, PROTO_UDP, 53, rng_between(rng, 1024, 65535));
	set_sides(conv, packets, bytes, rng_between(rng, 200, 1500), 0);
	conv->directions = FORTH;
}

static void
make_brute_force(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {14, 13};
	const uint64_t bytes[2] = {rng_between(rng, 1900, 2020), 2300};

	begin(conv, host_at4(198, 51, 100, 70), host_at4(10, 12, 0, 22), start_ms);
	conv_ports(conv, PROTO_TCP, 35000 + event % 25000, 22);
	set_sides(conv, packets, bytes, rng_between(rng, 700, 1200), TCP_ALL);
	conv->entropy_milli = 7300;
}

static void
beacon(struct rng *rng, uint32_t event, uint32_t port, struct conv *conv)
{
	const uint64_t packets[2] = {6, 5};
	const uint64_t bytes[2] = {rng_between(rng, 540, 580), 412};

	conv_ports(conv, PROTO_TCP, 33000 + event % 27000, port);
	set_sides(conv, packets, bytes, rng_between(rng, 180, 220), TCP_ALL);
	conv->payload = PAYLOAD_TLS;
	conv->name = UINT64_C(0x6265616300) + port;
	conv->profile = 1001;
	conv->entropy_milli = 7810;
}

static void
make_beacon_fast(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(10, 12, 1, 9), host_at4(203, 0, 113, 98), start_ms);
	beacon(rng, event, 8443, conv);
}

static void
make_beacon_slow(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(10, 12, 2, 3), host_at4(203, 0, 113, 99), start_ms);
	beacon(rng, event, 443, conv);
}

static void
make_exfiltration(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 36000, 37000), 18000};
	const uint64_t bytes[2] = {packets[0] * 1400, 18000 * 52};

	begin(conv, host_at4(10, 12, 5, 20), host_at4(203, 0, 113, 200), start_ms);
	conv_ports(conv, PROTO_TCP, 34000 + event % 20000, 443);
	set_sides(conv, packets, bytes, 60000, TCP_ALL);
	conv->payload = PAYLOAD_TLS;
	conv->name = UINT64_C(0x6578666900);
	conv->profile = 1002;
	conv->entropy_milli = 7990;
}

static void
make_dns_tunnel(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {1, 1};
	const uint32_t question = rng_between(rng, 140, 180);
	const uint64_t bytes[2] = {question, question * 2 + rng_between(rng, 20, 130)};

	begin(conv, host_at4(10, 12, 4, 44), host_at4(203, 0, 113, 53), start_ms);
	conv_ports(conv, PROTO_UDP, rng_between(rng, 32768, 60999), 53);
	set_sides(conv, packets, bytes, 0, 0);
	conv->payload = PAYLOAD_TUNNEL;
	conv->name = event;
	conv->qtype = 16;
	conv->entropy_milli = (uint16_t) rng_between(rng, 5600, 6100);
}

static void
make_lateral(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 30, 60), 38};
	const uint64_t bytes[2] = {9000 + event, 7000};

	begin(conv, host_at4(10, 12, 3, 33), host_at4(10, 12, 3, (uint8_t) (34 + event % 200)),
		  start_ms);
	conv_ports(conv, PROTO_TCP, 52000 + event % 8000, 445);
	set_sides(conv, packets, bytes, 2500, TCP_ALL);
	conv->entropy_milli = 6200;
}

/* what an exporter sends of it every time the active timeout has passed */
static void
make_long(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint32_t keys = rng_between(rng, 50, 70);
	const uint64_t packets[2] = {keys, keys + rng_between(rng, 0, 20)};
	const uint64_t bytes[2] = {packets[0] * 76, packets[1] * 92};

	begin(conv, host_at4(10, 12, 1, 50), host_at4(203, 0, 113, 150), start_ms);
	conv_ports(conv, PROTO_TCP, 51515, 22);
	set_sides(conv, packets, bytes, TRAFFIC_MAX_MS - 200,
			  TCP_PSH | TCP_ACK | (event == 0 ? TCP_SYN : 0));
	conv->entropy_milli = 7600;
}

/* one source takes one port in forty */
static void
make_distributed(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(198, 51, 100, (uint8_t) (100 + event % 40)), host_at4(10, 11, 0, 6),
		  start_ms);
	probe(conv, rng_between(rng, 40000, 60000), 1 + event);
}

static void
make_udp_flood(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 20000, 30000), 0};
	const uint64_t bytes[2] = {packets[0] * rng_between(rng, 60, 1400), 0};
	uint64_t	spoofed = rng_next(rng);

	begin(conv, host_at4(198, (uint8_t) (18 + (event & 1)), (uint8_t) (spoofed >> 8),
						 (uint8_t) (spoofed >> 16)),
		  host_at4(10, 12, 0, 81), start_ms);
	conv_ports(conv, PROTO_UDP, rng_between(rng, 1024, 65535), rng_between(rng, 1, 65535));
	set_sides(conv, packets, bytes, rng_between(rng, 2000, 9000), 0);
	conv->directions = FORTH;
}

static void
make_icmp_flood(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 2000, 4000), 0};
	const uint64_t bytes[2] = {packets[0] * 84, 0};

	begin(conv, host_at4(192, 0, 2, (uint8_t) (1 + event % 250)), host_at4(10, 12, 0, 82), start_ms);
	conv->proto = PROTO_ICMP;
	conv->side[0].dst_port = 8 * 256;
	set_sides(conv, packets, bytes, rng_between(rng, 2000, 9000), 0);
	conv->directions = FORTH;
}

static void
make_service(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 6, 12), 6};
	const uint64_t bytes[2] = {packets[0] * 120, 6 * 260};

	begin(conv, host_at4(10, 12, 6, (uint8_t) (1 + event % 200)), host_at4(10, 12, 0, 60), start_ms);
	conv_ports(conv, PROTO_TCP, rng_between(rng, 32768, 60999), 389);
	set_sides(conv, packets, bytes, rng_between(rng, 20, 90), TCP_ALL);
	conv->entropy_milli = 5300;
}

/* the server of make_service is down */
static void
make_outage(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(10, 12, 7, (uint8_t) (1 + event % 200)), host_at4(10, 12, 0, 60), start_ms);
	probe(conv, rng_between(rng, 32768, 60999), 389);
	conv->side[0].packets = 1 + event % 3;
	conv->side[0].bytes = 60 * conv->side[0].packets;
	conv->side[0].duration_ms = 1000 * (event % 3);
}

/* TLS of a client that is like others but for what the caller changes */
static void
tls(struct rng *rng, uint8_t client, int64_t start_ms, struct conv *conv)
{
	const uint64_t packets[2] = {rng_between(rng, 8, 14), rng_between(rng, 10, 20)};
	const uint64_t bytes[2] = {packets[0] * 130, packets[1] * 900};

	begin(conv, host_at4(10, 12, 8, client), host_at4(203, 0, 113, (uint8_t) (100 + client)), start_ms);
	conv_ports(conv, PROTO_TCP, rng_between(rng, 32768, 60999), 443);
	set_sides(conv, packets, bytes, rng_between(rng, 100, 900), TCP_ALL);
	conv->payload = PAYLOAD_TLS;
	conv->name = UINT64_C(0x746c7300) + client;
	conv->profile = client % 8;
	conv->tls_version = 772;
	conv->entropy_milli = (uint16_t) rng_between(rng, 7000, 7900);
}

static void
make_tls_old(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	tls(rng, 10, start_ms, conv);
	conv->tls_version = (uint16_t) (769 + event % 2);
}

static void
make_tls_rare(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	(void) event;
	tls(rng, 11, start_ms, conv);
	conv->profile = 1003;
}

/* what is hardly encrypted */
static void
make_tls_entropy(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	(void) event;
	tls(rng, 12, start_ms, conv);
	conv->entropy_milli = (uint16_t) rng_between(rng, 3900, 4500);
}

static void
make_beacon_http(struct rng *rng, uint32_t event, int64_t start_ms, struct conv *conv)
{
	begin(conv, host_at4(10, 12, 2, 4), host_at4(203, 0, 113, 97), start_ms);
	beacon(rng, event, 80, conv);
	conv->payload = PAYLOAD_HTTP;
	conv->is_nameless = true;
	conv->status = 200;
	conv->entropy_milli = 6100;
}

static const struct plan plans[] = {
	{"scan_horizontal", "198.51.100.66", "10.12.0.0/16", 23, 300, 320, 4000, 60, 65000, 0, 40, make_horizontal},
	{"scan_vertical", "198.51.100.67", "10.12.0.5", 0, 410, 420, 400, 60, 65000, 0, 40, make_vertical},
	{"scan_slow", "198.51.100.68", "10.13.0.0/16", 3389, 0, 1000, 100, 30, 65000, 0, 20000, make_slow},
	{"syn_flood", "198.18.0.0/15", "10.12.0.80", 443, 600, 604, 3000, 100, UINT32_MAX, 0, 30, make_flood},
	{"amplification", "192.0.2.0/24", "10.12.0.90", 53, 700, 704, 800, 50, UINT32_MAX, 0, 30, make_amplification},
	{"brute_force", "198.51.100.70", "10.12.0.22", 22, 500, 520, 300, 40, 25000, 0, 400, make_brute_force},
	{"beacon", "10.12.1.9", "203.0.113.98", 8443, 0, 1000, 0, 40, 500000, 60000, 5000, make_beacon_fast},
	{"beacon", "10.12.2.3", "203.0.113.99", 443, 0, 1000, 0, 40, 500000, 300000, 0, make_beacon_slow},
	{"exfiltration", "10.12.5.20", "203.0.113.200", 443, 550, 580, 10, 6, 4000, 0, 2000, make_exfiltration},
	{"dns_tunnel", "10.12.4.44", "203.0.113.53", 53, 200, 950, 200, 60, 500000, 0, 3000, make_dns_tunnel},
	{"lateral_movement", "10.12.3.33", "10.12.3.0/24", 445, 620, 640, 20, 10, 8000, 0, 3000, make_lateral},
	{"long_connection", "10.12.1.50", "203.0.113.150", 22, 0, 1000, 0, 30, 500000, TRAFFIC_MAX_MS, 0, make_long},
	/* the usual ones end here */
	{"scan_distributed", "198.51.100.0/24", "10.11.0.6", 0, 430, 440, 400, 80, 65000, 0, 40, make_distributed},
	{"udp_flood", "198.18.0.0/15", "10.12.0.81", 0, 640, 642, 100, 120, UINT32_MAX, 0, 30, make_udp_flood},
	{"icmp_flood", "192.0.2.0/24", "10.12.0.82", 0, 660, 662, 100, 100, UINT32_MAX, 0, 30, make_icmp_flood},
	{NULL, NULL, NULL, 0, 250, 560, 200, 100, 65000, 0, 9000, make_service},
	{"service_outage", "10.12.7.0/24", "10.12.0.60", 389, 560, 580, 500, 120, 1500, 0, 1000, make_outage},
	{NULL, NULL, NULL, 0, 580, 800, 200, 100, 65000, 0, 9000, make_service},
	{"tls_old", "10.12.8.10", "203.0.113.110", 443, 0, 1000, 0, 60, 60, 0, 600000, make_tls_old},
	{"tls_rare", "10.12.8.11", "203.0.113.111", 443, 0, 1000, 0, 60, 60, 0, 600000, make_tls_rare},
	{"tls_entropy", "10.12.8.12", "203.0.113.112", 443, 0, 1000, 0, 60, 60, 0, 600000, make_tls_entropy},
	{"beacon", "10.12.2.4", "203.0.113.97", 80, 0, 1000, 0, 40, 500000, 180000, 90000, make_beacon_http},
};

#define PLANS			((int) (sizeof(plans) / sizeof(plans[0])))
#define PLANS_USUAL		12

struct attacks
{
	int			nplans;			/* the first of plans */
	int			current;		/* plan looked at by attacks_next */
	struct rng	rng;
	struct state states[PLANS];
};

static void
set_next_time(struct attacks *attacks, int i)
{
	struct state *state = &attacks->states[i];
	int64_t		span_ms = state->to_ms - state->from_ms;

	state->next_ms = state->from_ms + span_ms * state->next / state->events;
	if (plans[i].jitter_ms > 0)
		state->next_ms += rng_below(&attacks->rng, plans[i].jitter_ms);
	if (state->next_ms >= state->to_ms)
		state->next_ms = state->to_ms - 1;
}

static uint32_t
count_events(const struct plan *plan, uint64_t rows, int64_t span_ms)
{
	uint64_t	events = rows * plan->events_ppm / 1000000;

	if (plan->period_ms > 0)
	{
		/* with few rows the period is kept and the attack ends earlier */
		events = (uint64_t) span_ms / plan->period_ms;
		if (events > rows / 500)
			events = rows / 500;
	}
	if (events < plan->events_min)
		events = plan->events_min;
	return events < plan->events_max ? (uint32_t) events : plan->events_max;
}

struct attacks *
attacks_create(enum attack_set set, uint64_t seed, uint64_t rows, int64_t start_ms,
			   int64_t end_ms)
{
	struct attacks *attacks = calloc(1, sizeof(*attacks));

	if (attacks == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	rng_seed(&attacks->rng, rng_hash(seed + 77));
	if (rows >= ATTACKS_MIN_ROWS && set != ATTACKS_NONE)
		attacks->nplans = set == ATTACKS_ALL ? PLANS : PLANS_USUAL;
	for (int i = 0; i < attacks->nplans; i++)
	{
		const struct plan *plan = &plans[i];
		struct state *state = &attacks->states[i];
		int64_t		span_ms = end_ms - start_ms;

		state->from_ms = start_ms + span_ms * plan->from_permille / 1000;
		state->to_ms = start_ms + span_ms * plan->to_permille / 1000;
		state->events = count_events(plan, rows, state->to_ms - state->from_ms);
		if (plan->period_ms > 0 &&
			(int64_t) plan->period_ms * state->events < state->to_ms - state->from_ms)
			state->to_ms = state->from_ms + (int64_t) plan->period_ms * state->events;
		set_next_time(attacks, i);
	}
	return attacks;
}

void
attacks_free(struct attacks *attacks)
{
	free(attacks);
}

static void
count_rows(struct state *state, const struct conv *conv)
{
	for (int i = 0; i < 2; i++)
	{
		int64_t		ts_ms = conv->side[i].start_ms;

		if (!(conv->directions & (FORTH << i)))
			continue;
		if (state->rows == 0 || ts_ms < state->first_ms)
			state->first_ms = ts_ms;
		if (state->rows == 0 || ts_ms > state->last_ms)
			state->last_ms = ts_ms;
		state->rows++;
	}
}

bool
attacks_next(struct attacks *attacks, int64_t until_ms, uint64_t max_rows, struct conv *conv)
{
	while (attacks->current < attacks->nplans)
	{
		int			i = attacks->current;
		struct state *state = &attacks->states[i];

		if (state->next < state->events && state->next_ms < until_ms && max_rows > 0)
		{
			plans[i].make(&attacks->rng, state->next, state->next_ms, conv);
			if (conv->directions == (FORTH | BACK) && max_rows == 1)
				conv->directions = FORTH;
			conv->side[1].start_ms += 20 + rng_below(&attacks->rng, 15);
			count_rows(state, conv);
			state->next++;
			set_next_time(attacks, i);
			return true;
		}
		attacks->current++;
	}
	attacks->current = 0;
	return false;
}

static void
format_time(int64_t ms, char *dst, size_t size)
{
	time_t		seconds = (time_t) (ms / 1000);
	struct tm	tm;
	char		whole[32];

	gmtime_r(&seconds, &tm);
	strftime(whole, sizeof(whole), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(dst, size, "%s.%03d+00", whole, (int) (ms % 1000));
}

bool
attacks_write_labels(const struct attacks *attacks, FILE *file)
{
	fprintf(file, "kind\tsrc\tdst\tport\tfrom\tto\trows\n");
	for (int i = 0; i < attacks->nplans; i++)
	{
		const struct plan *plan = &plans[i];
		const struct state *state = &attacks->states[i];
		char		port[8] = "*";
		char		from[64];
		char		to[64];

		if (state->rows == 0 || plan->kind == NULL)
			continue;
		if (plan->port > 0)
			snprintf(port, sizeof(port), "%d", plan->port);
		format_time(state->first_ms, from, sizeof(from));
		format_time(state->last_ms, to, sizeof(to));
		fprintf(file, "%s\t%s\t%s\t%s\t%s\t%s\t%llu\n", plan->kind, plan->src, plan->dst, port,
				from, to, (unsigned long long) state->rows);
	}
	return !ferror(file);
}
