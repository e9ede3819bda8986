/*-------------------------------------------------------------------------
 *
 * If this goes, datagrams and messages may be lost between socket and spool
 * without a count, or strangers may fill the collector with connections.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "clock.h"
#include "consume.h"
#include "receive.h"
#include "spool_fill.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct counters counters;
static char path[4096];
static struct spool *spool;

static void
open_spool(const char *folder)
{
	struct spool_options options = {.path = path,.counters = &counters};

	snprintf(path, sizeof(path), "%s/receive.XXXXXX", folder);
	memset(&counters, 0, sizeof(counters));
	if (mkdtemp(path) == NULL || (spool = spool_open(&options)) == NULL)
		exit(2);
}

static struct receiver *
must_open(const struct receive_options *options)
{
	struct receiver *receiver = receive_open(options);

	if (receiver == NULL)
		exit(2);
	return receiver;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,.sin_port = htons((uint16_t) port)};

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

/* A socket that is connected to a port of ours; *own is its port. */
static int
connect_to(int port, int type, uint16_t *own)
{
	struct sockaddr_in addr = loopback(port);
	struct sockaddr_storage name = {0};
	socklen_t	len = sizeof(name);
	int			fd = socket(AF_INET, type, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *) &addr, sizeof(addr)) != 0 ||
		getsockname(fd, (struct sockaddr *) &name, &len) != 0)
		exit(2);
	if (own != NULL)
		*own = input_socket_port(&name);
	return fd;
}

static void
must_write(int fd, const void *bytes, size_t len)
{
	if (write(fd, bytes, len) != (ssize_t) len)
		exit(2);
}

static bool
wait_for(const uint64_t *counter, uint64_t value)
{
	for (int i = 0; i < 500; i++)
	{
		if (__atomic_load_n(counter, __ATOMIC_RELAXED) >= value)
			return true;
		usleep(10000);
	}
	return false;
}

/* How many records there are; *is_good: all are from port to local_port. */
static uint64_t
read_back(uint16_t port, uint16_t local_port, uint64_t *bytes, bool *is_good)
{
	struct spool_reader *reader;
	struct spool_record record;
	uint64_t	n = 0;

	if (!spool_flush(spool, 10 * SECOND_US) ||
		(reader = spool_reader_open(spool, SPOOL_BEGIN)) == NULL)
		exit(2);
	*bytes = 0;
	*is_good = true;
	while (spool_next(reader, &record) == SPOOL_RECORD)
	{
		int64_t		age_us = clock_realtime_us() - record.source.received_us;

		n++;
		*bytes += record.len;
		if (record.type != SPOOL_DATAGRAM || age_us < 0 || age_us > 60 * SECOND_US ||
			record.source.addr.family != FLOW_FAMILY_IP4 ||
			memcmp(record.source.addr.bytes, "\x7f\0\0\1", 4) != 0 ||
			(port != 0 && record.source.port != port) ||
			record.source.local_port != local_port)
			*is_good = false;
	}
	spool_reader_close(reader);
	return n;
}

static uint16_t
port_of(int number)
{
	return (uint16_t) (20000 + (getpid() + number) % 20000);
}

static void
test_udp(void)
{
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 2,.counters = &counters
	};
	struct socket_stats stats[RECEIVE_MAX_SOCKETS];
	struct receiver *receiver;
	uint64_t	bytes;
	uint64_t	n;
	bool		is_good;

	snprintf(url, sizeof(url), "udp://:%d", port_of(0));
	receiver = must_open(&options);
	if (!receive_start(receiver, spool))
		exit(2);
	for (int i = 0; i < 20; i++)
	{
		int			fd = connect_to(port_of(0), SOCK_DGRAM, NULL);

		for (int k = 0; k < 100; k++)
			must_write(fd, path, 100);
		close(fd);
	}
	ok(wait_for(&counters.received_datagrams, 2000), "datagrams are received");
	receive_stop(receiver);
	is(receive_get_stats(receiver, stats), 2, "by two sockets");
	is((int64_t) (stats[0].datagrams + stats[1].datagrams), 2000, "each counts its own");
	ok(stats[0].datagrams > 0 && stats[1].datagrams > 0, "and both have work");
	receive_close(receiver);
	n = read_back(0, port_of(0), &bytes, &is_good);
	ok(n == 2000 && bytes == 200000 && is_good, "all are in the spool, with their source");
	is((int64_t) counters.spool_records_appended, 2000, "counter: appended");
}

static void
test_drain(void)
{
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 1,.counters = &counters
	};
	struct receiver *receiver;
	uint16_t	own;
	uint64_t	bytes;
	bool		is_good;
	int			fd;

	snprintf(url, sizeof(url), "127.0.0.1:%d", port_of(1));
	receiver = must_open(&options);
	fd = connect_to(port_of(1), SOCK_DGRAM, &own);
	for (int i = 0; i < 60; i++)
		must_write(fd, path, 1000);
	must_write(fd, path, 0);
	if (!receive_start(receiver, spool))
		exit(2);
	receive_stop(receiver);
	receive_close(receiver);
	close(fd);
	is((int64_t) read_back(own, port_of(1), &bytes, &is_good), 61,
	   "stopping takes what the kernel has, also an empty datagram");
	ok(is_good && bytes == 60000, "as it was sent");
	ok(receive_open(&(struct receive_options) {.urls = (const char *const[]) {"nonsense"},.nurls = 1,.nthreads = 1,.counters = &counters}) == NULL,
	   "an invalid address is an error");
}

static void
test_inherited(void)
{
	struct receive_options options = {.inherits = true,.counters = &counters};
	struct sockaddr_in addr = loopback(port_of(2));
	struct socket_stats stats[RECEIVE_MAX_SOCKETS];
	struct receiver *receiver;
	char		pid[32];
	uint16_t	own;
	uint64_t	bytes;
	bool		is_good;
	int			saved = dup(3);
	int			fd = socket(AF_INET, SOCK_DGRAM, 0);
	int			sender;

	if (fd < 0 || bind(fd, (struct sockaddr *) &addr, sizeof(addr)) != 0)
		exit(2);
	sender = connect_to(port_of(2), SOCK_DGRAM, &own);
	must_write(sender, path, 77);
	if (fd != 3 && dup2(fd, 3) != 3)
		exit(2);
	snprintf(pid, sizeof(pid), "%d", (int) getpid());
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "netflow:other", 1);
	setenv("LISTEN_PID", "1", 1);
	receiver = must_open(&options);
	is(receive_get_stats(receiver, stats), 0, "sockets for another process are not ours");
	receive_close(receiver);
	setenv("LISTEN_PID", pid, 1);
	receiver = must_open(&options);
	ok(receive_get_stats(receiver, stats) == 1 && strcmp(stats[0].name, "netflow") == 0,
	   "sockets of systemd are taken, with their names");
	if (!receive_start(receiver, spool))
		exit(2);
	receive_stop(receiver);
	receive_close(receiver);
	unsetenv("LISTEN_PID");
	if (saved >= 0)
		(void) dup2(saved, 3);
	ok(read_back(own, port_of(2), &bytes, &is_good) == 1 && bytes == 77 && is_good,
	   "what came before the start is not lost");
	if (fd != 3)
		close(fd);
	close(sender);
}

static void
count_flow(void *arg, const struct flow *flow)
{
	*(int *) arg += flow->exporter.family == FLOW_FAMILY_IP4 &&
		memcmp(flow->exporter.bytes, "\x7f\0\0\1", 4) == 0 && flow->bytes == 40;
}

static struct export_decoder decoder;
static uint64_t marked;

static void
decode(void *arg, const struct spool_record *record, bool is_replay)
{
	struct datagram datagram = consume_datagram(record);

	(void) arg;
	if (!is_replay)
		decode_export(&decoder, &datagram);
}

static void
mark(void *arg, uint64_t position)
{
	(void) arg;
	marked = position;
}

/* From the socket to the flow. */
static void
test_decode(void)
{
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 1,.counters = &counters
	};
	struct consume_callbacks callbacks = {.record = decode,.mark = mark};
	struct receiver *receiver;
	struct consumer *consumer;
	uint8_t		bytes[24 + 48] = {0, 5, 0, 1, [24 + 19] = 1, [24 + 23] = 40};
	int			nflows = 0;
	int			fd;

	snprintf(url, sizeof(url), "127.0.0.1:%d", port_of(4));
	receiver = must_open(&options);
	consumer = consume_open(spool, SPOOL_BEGIN, &callbacks, &counters);
	decoder = (struct export_decoder) {
		.counters = &counters,
		.exporters = exporter_table_open(&counters, hash_key_seeded(1)),
		.out = {count_flow, &nflows},
		.max_skew_us = 86400 * SECOND_US
	};
	if (consumer == NULL || decoder.exporters == NULL || !receive_start(receiver, spool))
		exit(2);
	fd = connect_to(port_of(4), SOCK_DGRAM, NULL);
	for (int i = 0; i < 100; i++)
		must_write(fd, bytes, sizeof(bytes));
	for (int i = 0; i < 500 && nflows < 100; i++)
		if (!consume_step(consumer, 16))
			usleep(10000);
	is(nflows, 100, "datagrams become flows on the way through the spool");
	is((int64_t) counters.netflow5_datagrams, 100, "each once");
	is((int64_t) marked, (int64_t) spool_last(spool), "and the end is marked");
	receive_stop(receiver);
	receive_close(receiver);
	consume_close(consumer);
	exporter_table_close(decoder.exporters);
	close(fd);
}

/* A message of IPFIX with nothing in it but its length. */
static void
put_message(uint8_t *dst, uint16_t len)
{
	memset(dst, 0xab, len);
	dst[0] = 0;
	dst[1] = 10;
	dst[2] = (uint8_t) (len >> 8);
	dst[3] = (uint8_t) len;
}

static bool
is_closed(int fd)
{
	char		byte;
	struct timeval timeout = {5, 0};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return recv(fd, &byte, 1, 0) <= 0 && errno != EAGAIN;
}

static void
test_tcp(void)
{
	static uint8_t bytes[3 * 65536];
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 1,.max_connections = 2,
		.idle_us = SECOND_US,.counters = &counters
	};
	struct receiver *receiver;
	uint16_t	own;
	uint64_t	nbytes;
	bool		is_good;
	int			first;
	int			second;
	int			third;

	snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", port_of(3));
	receiver = must_open(&options);
	if (!receive_start(receiver, spool))
		exit(2);
	first = connect_to(port_of(3), SOCK_STREAM, &own);
	put_message(bytes, 16);
	put_message(bytes + 16, 65535);
	put_message(bytes + 16 + 65535, 100);
	must_write(first, bytes, 3);
	usleep(20000);
	must_write(first, bytes + 3, 1);
	usleep(20000);
	must_write(first, bytes + 4, 16 + 65535 + 100 - 4 - 1);
	ok(wait_for(&counters.tcp_messages, 2), "messages are put together");
	is((int64_t) counters.tcp_messages, 2, "when they are whole");
	must_write(first, bytes + 16 + 65535 + 99, 1);
	ok(wait_for(&counters.tcp_messages, 3), "not before");
	is((int64_t) read_back(own, port_of(3), &nbytes, &is_good), 3, "each is a record");
	ok(nbytes == 16 + 65535 + 100 && is_good, "with its source");

	second = connect_to(port_of(3), SOCK_STREAM, NULL);
	must_write(second, "GET / HTTP/1.1\r\n", 16);
	ok(is_closed(second), "what is no IPFIX is closed");
	close(second);
	is((int64_t) counters.tcp_malformed, 1, "counter: malformed");
	second = connect_to(port_of(3), SOCK_STREAM, NULL);
	ok(wait_for(&counters.tcp_connections, 3), "another comes");
	third = connect_to(port_of(3), SOCK_STREAM, NULL);
	ok(is_closed(third), "one too many is closed");
	is((int64_t) counters.tcp_connections_refused, 1, "counter: refused");
	must_write(second, bytes, 10);
	ok(is_closed(second) && is_closed(first), "so is who is silent");
	is((int64_t) counters.tcp_connections_idle, 2, "counter: idle");
	is((int64_t) counters.tcp_bytes_cut, 26, "counter: bytes of messages that never ended");
	close(first);
	first = connect_to(port_of(3), SOCK_STREAM, NULL);
	for (int i = 0; i < 3000; i++)
		put_message(bytes + 16 * i, 16);
	ok(wait_for(&counters.tcp_connections, 4), "it goes on");
	must_write(first, bytes, 48000);
	receive_stop(receiver);
	is((int64_t) counters.tcp_messages, 3003, "stopping takes what the kernel has");
	is((int64_t) read_back(0, port_of(3), &nbytes, &is_good), 3003, "to the spool");
	receive_close(receiver);
	close(first);
	close(second);
	close(third);
}

static void
note_over(void *arg, const struct flow_addr *addr, uint64_t nover)
{
	if (addr->family == FLOW_FAMILY_IP4 && addr->bytes[0] == 10)
		*(uint64_t *) arg += nover;
}

static void
add_rule(struct exporter_rules *rules, const char *prefix, bool is_refused,
		 uint64_t rate)
{
	struct exporter_rule rule = {0};

	if (!exporter_rule_parse(prefix, &rule))
		exit(2);
	rule.is_refused = is_refused;
	rule.rate = rate;
	if (!exporter_rules_add(rules, &rule))
		exit(2);
}

static void
test_admit(void)
{
	static struct exporter_rules rules;
	struct flow_addr in = {FLOW_FAMILY_IP4, {10, 127, 255, 255}};
	struct flow_addr out = {FLOW_FAMILY_IP4, {10, 128, 0, 0}};
	struct admit *admit = admit_open(hash_key_seeded(1), &counters);
	uint64_t	nover = 0;
	int			n = 0;

	if (admit == NULL)
		exit(2);
	ok(admit_check(admit, &in, 1) && admit_check(admit, &out, 1),
	   "without rules all are let in");
	add_rule(&rules, "0.0.0.0/0", true, 0);
	add_rule(&rules, "10.0.0.0/9", false, 0);
	admit_set_rules(admit, &rules);
	ok(admit_check(admit, &in, 1) && !admit_check(admit, &out, 1),
	   "with rules, those that are not refused");
	is((int64_t) counters.received_not_allowed, 1, "counter: not allowed");

	rules.n = 0;
	add_rule(&rules, "10.0.0.0/8", false, 100);
	admit_set_rules(admit, &rules);
	for (int64_t us = SECOND_US; us < 11 * SECOND_US; us += 1000)
	{
		n += admit_check(admit, &in, us);
		if (us % 100000 == 0 && !admit_check(admit, &out, us))
			n = -100000;
	}
	ok(n >= 1090 && n <= 1110, "ten seconds of 100, and the burst, pass");
	admit_each(admit, &nover, note_over);
	is((int64_t) nover, 10000 - n, "the rest is counted for its exporter");
	is((int64_t) counters.received_over_rate, 10000 - n, "and in all");
	admit_close(admit);
}

/* A sender that goes over its rate. */
static void
test_rules(void)
{
	static struct exporter_rules rules;
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 1,.counters = &counters,
		.admit = admit_open(hash_key_seeded(1), &counters)
	};
	struct receiver *receiver;
	uint64_t	bytes;
	bool		is_good;
	int			fd;

	if (options.admit == NULL)
		exit(2);
	snprintf(url, sizeof(url), "127.0.0.1:%d", port_of(5));
	add_rule(&rules, "127.0.0.0/8", false, 10);
	admit_set_rules(options.admit, &rules);
	receiver = must_open(&options);
	if (!receive_start(receiver, spool))
		exit(2);
	fd = connect_to(port_of(5), SOCK_DGRAM, NULL);
	for (int i = 0; i < 200; i++)
		must_write(fd, path, 100);
	ok(wait_for(&counters.received_datagrams, 200), "all are received");
	receive_stop(receiver);
	receive_close(receiver);
	admit_close(options.admit);
	close(fd);
	is((int64_t) (read_back(0, port_of(5), &bytes, &is_good) + counters.received_over_rate),
	   200, "and stored, or over the rate");
	ok(counters.received_over_rate > 100, "as most of them are");
}

/* A connection is refused by a rule, or not; its messages have no rate. */
static void
test_tcp_rules(void)
{
	static struct exporter_rules rules;
	static uint8_t bytes[16 * 200];
	char		url[64];
	const char *urls[] = {url};
	struct receive_options options = {
		.urls = urls,.nurls = 1,.nthreads = 1,.max_connections = 2,
		.idle_us = 60 * SECOND_US,.counters = &counters,
		.admit = admit_open(hash_key_seeded(1), &counters)
	};
	struct receiver *receiver;
	int			fd;

	if (options.admit == NULL)
		exit(2);
	snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", port_of(6));
	add_rule(&rules, "127.0.0.0/8", true, 0);
	admit_set_rules(options.admit, &rules);
	receiver = must_open(&options);
	if (!receive_start(receiver, spool))
		exit(2);
	fd = connect_to(port_of(6), SOCK_STREAM, NULL);
	ok(is_closed(fd), "a connection that a rule refuses is closed");
	close(fd);
	is((int64_t) counters.tcp_connections_refused, 1, "and counted");
	is((int64_t) counters.received_not_allowed, 0, "not as a datagram");
	rules.n = 0;
	add_rule(&rules, "127.0.0.0/8", false, 1);
	admit_set_rules(options.admit, &rules);
	for (int i = 0; i < 200; i++)
		put_message(bytes + 16 * i, 16);
	for (int i = 0; i < 2; i++)
	{
		fd = connect_to(port_of(6), SOCK_STREAM, NULL);
		must_write(fd, bytes, sizeof(bytes));
		ok(wait_for(&counters.tcp_messages, 200 * (uint64_t) (i + 1)), "messages have no rate");
		close(fd);
	}
	is((int64_t) counters.received_over_rate, 0, "nor have connections");

	fd = connect_to(port_of(6), SOCK_STREAM, NULL);
	must_write(fd, bytes, 26);
	ok(wait_for(&counters.tcp_messages, 401), "a connection stays");
	rules.n = 0;
	add_rule(&rules, "127.0.0.0/8", true, 0);
	admit_set_rules(options.admit, &rules);
	ok(is_closed(fd), "until a new rule refuses it");
	close(fd);
	ok(wait_for(&counters.tcp_connections_revoked, 1), "which is counted");
	is((int64_t) counters.tcp_connections_refused, 1, "as something else than refusing a new one");
	is((int64_t) counters.tcp_bytes_cut, 10, "with what it had begun to send");
	receive_stop(receiver);
	receive_close(receiver);
	admit_close(options.admit);
	is((int64_t) (counters.received_datagrams - counters.spool_records_appended), 0,
	   "what was received is in the spool");
}

int
main(int argc, char **argv)
{
	static void (*const tests[]) (void) = {test_udp, test_drain, test_decode,
	test_inherited, test_tcp, test_admit, test_rules, test_tcp_rules};

	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		open_spool(argv[1]);
		tests[i]();
		spool_close(spool);
	}
	return tap_failed;
}
