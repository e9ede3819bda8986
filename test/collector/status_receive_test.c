/*-------------------------------------------------------------------------
 *
 * If this goes, refusals of exporters may be told of the wrong ones, or names
 * of sockets break the text that Prometheus reads.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "http_counts.h"
#include "status_receive.h"
#include "tap.h"

static struct counters counters;
static struct exporter_rules rules;
static struct status_receive status;
static struct web_buffer text = {.max = 1 << 20};

static void
add_rule(const char *prefix, bool is_refused, uint64_t rate)
{
	struct exporter_rule rule = {0};

	if (!exporter_rule_parse(prefix, &rule))
		exit(2);
	rule.is_refused = is_refused;
	rule.rate = rate;
	if (!exporter_rules_add(&rules, &rule))
		exit(2);
}

/* Send n datagrams from 10.0.BYTE.1 at once. */
static void
send_from(struct admit *admit, uint8_t byte, int n)
{
	struct flow_addr addr = {FLOW_FAMILY_IP4, {10, 0, byte, 1}};

	while (n-- > 0)
		if (!admit_check(admit, &addr, 1000000))
			continue;
}

static bool
says(const char *line)
{
	web_buffer_clear(&text);
	status_receive_metrics(&status, &text);
	web_buffer_put(&text, "", 1);
	return strstr(text.bytes, line) != NULL;
}

static bool
says_json(const char *json)
{
	web_buffer_clear(&text);
	status_receive_json(&status, &text);
	web_buffer_put(&text, "", 1);
	return strcmp(text.bytes, json) == 0;
}

static void
test_rules(void)
{
	struct admit *admit = admit_open(hash_key_seeded(1), &counters);
	uint64_t	nover = 0;
	bool		falls = true;

	if (admit == NULL)
		exit(2);
	add_rule("10.0.0.0/16", false, 10);
	add_rule("10.0.200.0/24", true, 0);
	add_rule("2001:db8::/32", true, 0);
	add_rule("10.0.201.0/24", false, 0);
	admit_set_rules(admit, &rules);
	status_receive_rules(&status, admit);
	is(status.nrules, 3, "rules that can drop something");
	ok(says_json("{}"), "nothing is dropped yet");
	send_from(admit, 200, 7);
	send_from(admit, 201, 50);
	for (int i = 0; i < 100; i++)
		send_from(admit, (uint8_t) i, 10 + (i * 37) % 100);
	status_receive_rules(&status, admit);
	is(status.nsenders, STATUS_MAX_SENDERS, "as many senders as there may be");
	for (int i = 0; i < 100; i++)
		nover += (uint64_t) (i * 37) % 100;
	for (int i = 0; i < STATUS_MAX_SENDERS; i++)
		falls &= status.senders[i].nover == 99 - (uint64_t) i;
	ok(falls, "those with the most datagrams over their rate");
	is((int64_t) counters.received_over_rate, (int64_t) nover, "all of them are counted");
	ok(says("_rule_refused_datagrams_total{exporters=\"10.0.200.0/24\"} 7\n"), "refused by a rule");
	ok(says("_rule_refused_datagrams_total{exporters=\"2001:db8::/32\"} 0\n"), "by another one");
	ok(says("_rule_over_rate_datagrams_total{exporters=\"10.0.0.0/16\"} 4950\n"), "over its rate");
	ok(says("_exporter_over_rate_datagrams_total{exporter=\"10.0.27.1\"} 99\n"), "by address");
	ok(says_json("{\"10.0.200.0/24\":7,\"10.0.0.0/16\":4950}"), "as JSON");

	rules.n = 0;
	add_rule("10.0.200.0/24", true, 0);
	add_rule("10.0.201.0/24", true, 0);
	admit_set_rules(admit, &rules);
	send_from(admit, 200, 1);
	send_from(admit, 201, 2);
	status_receive_rules(&status, admit);
	ok(says_json("{\"10.0.201.0/24\":2,\"10.0.200.0/24\":8}"), "a rule that stays goes on counting");
	admit_close(admit);
}

static void
test_sockets(void)
{
	struct socket_stats stats[] = {
		{"udp://:2055", 5, 500, 1},
		{"a \"quoted\\\n\xff name", 7, 700, 0}
	};

	status_receive_sockets(&status, stats, 2);
	ok(says("_socket_datagrams_total{socket=\"udp://:2055\",number=\"0\"} 5\n"), "datagrams of a socket");
	ok(says("_socket_lost_datagrams_total{socket=\"udp://:2055\",number=\"0\"} 1\n"), "lost ones");
	ok(says("_socket_bytes_total{socket=\"a \\\"quoted\\\\?? name\",number=\"1\"} 700\n"),
	   "a name with quotes, a newline, and more");
}

static void
test_http(void)
{
	static const char *const paths[] = {"/metrics", "/exec"};
	struct http_counts counts = {.connections = 4,.requests = 3};

	http_count_answer(&counts, 1, 200);
	http_count_answer(&counts, 1, 200);
	http_count_answer(&counts, 1, 418);
	http_count_answer(&counts, 0, HTTP_ABORTED);
	http_count_answer(&counts, -1, 404);
	web_buffer_clear(&text);
	http_counts_metrics(&counts, paths, 2, &text);
	web_buffer_put(&text, "", 1);
	ok(strstr(text.bytes, "_http_connections_total 4\n") != NULL, "connections of the HTTP interface");
	ok(strstr(text.bytes, "{path=\"/metrics\",status=\"aborted\"} 1\n"
			  "flowcollectd_http_answers_total{path=\"/exec\",status=\"200\"} 2\n"
			  "flowcollectd_http_answers_total{path=\"/exec\",status=\"other\"} 1\n"
			  "flowcollectd_http_answers_total{path=\"other\",status=\"404\"} 1\n") != NULL,
	   "answers by path and status");
}

int
main(void)
{
	test_rules();
	test_sockets();
	test_http();
	web_buffer_free(&text);
	return tap_failed;
}
