/*-------------------------------------------------------------------------
 *
 * Sockets and rules of a snapshot: taking them, and putting them into texts.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "status_receive.h"

#define NETWORK_LEN		(INET6_ADDRSTRLEN + 4)

void
status_receive_sockets(struct status_receive *receive, const struct socket_stats *stats,
					   int n)
{
	if (n > STATUS_MAX_SOCKETS)
		n = STATUS_MAX_SOCKETS;
	receive->nsockets = n;
	for (int i = 0; i < n; i++)
	{
		struct status_socket *socket = &receive->sockets[i];

		snprintf(socket->name, sizeof(socket->name), "%s", stats[i].name);
		socket->stats = stats[i];
		socket->stats.name = NULL;	/* the socket's, which may go */
	}
}

static void
take_rule(void *arg, const struct exporter_rule *rule, const struct admit_counts *counts)
{
	struct status_receive *receive = arg;

	if (rule->is_refused || rule->rate > 0)
		receive->rules[receive->nrules++] = (struct status_rule) {
			rule->prefix, rule->bits, *counts
		};
}

static void
take_sender(void *arg, const struct flow_addr *addr, uint64_t nover)
{
	struct status_receive *receive = arg;
	struct status_sender *senders = receive->senders;
	int			at = receive->nsenders;

	while (at > 0 && senders[at - 1].nover < nover)
		at--;
	if (at == STATUS_MAX_SENDERS)
		return;
	if (receive->nsenders < STATUS_MAX_SENDERS)
		receive->nsenders++;
	memmove(&senders[at + 1], &senders[at],
			(size_t) (receive->nsenders - 1 - at) * sizeof(*senders));
	senders[at] = (struct status_sender) {*addr, nover};
}

void
status_receive_rules(struct status_receive *receive, struct admit *admit)
{
	receive->nrules = 0;
	receive->nsenders = 0;
	admit_each_rule(admit, receive, take_rule);
	admit_each(admit, receive, take_sender);
}

static const char *
address_text(const struct flow_addr *addr, char *text)
{
	text[0] = '\0';
	(void) inet_ntop(addr->family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6, addr->bytes,
					 text, INET6_ADDRSTRLEN);
	return text;
}

static const char *
network_text(const struct status_rule *rule, char *text)
{
	size_t		len = strlen(address_text(&rule->prefix, text));

	snprintf(text + len, NETWORK_LEN - len, "/%d", rule->bits);
	return text;
}

static void
begin_metric(struct web_buffer *to, const char *name, const char *help)
{
	web_buffer_print(to, "# HELP flowcollectd_%s %s\n# TYPE flowcollectd_%s counter\n",
					 name, help, name);
}

/* Names of sockets may come from the unit that holds them. */
static void
put_label(struct web_buffer *to, const char *text)
{
	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (c == '"' || c == '\\')
			web_buffer_put(to, "\\", 1);
		web_buffer_put(to, c < ' ' || c > '~' ? "?" : text, 1);
	}
}

static void
put_sockets(struct web_buffer *to, const struct status_receive *receive, const char *name,
			const char *help, size_t offset)
{
	if (receive->nsockets > 0)
		begin_metric(to, name, help);
	for (int i = 0; i < receive->nsockets; i++)
	{
		const struct status_socket *socket = &receive->sockets[i];
		uint64_t	value;

		memcpy(&value, (const char *) &socket->stats + offset, sizeof(value));
		web_buffer_print(to, "flowcollectd_%s{socket=\"", name);
		put_label(to, socket->name);
		web_buffer_print(to, "\",number=\"%d\"} %" PRIu64 "\n", i, value);
	}
}

static void
put_rules(struct web_buffer *to, const struct status_receive *receive, const char *name,
		  const char *help, size_t offset)
{
	char		text[NETWORK_LEN];

	if (receive->nrules > 0)
		begin_metric(to, name, help);
	for (int i = 0; i < receive->nrules; i++)
	{
		const struct status_rule *rule = &receive->rules[i];
		uint64_t	value;

		memcpy(&value, (const char *) &rule->counts + offset, sizeof(value));
		web_buffer_print(to, "flowcollectd_%s{exporters=\"%s\"} %" PRIu64 "\n", name,
						 network_text(rule, text), value);
	}
}

void
status_receive_metrics(const struct status_receive *receive, struct web_buffer *to)
{
	char		text[NETWORK_LEN];

	put_sockets(to, receive, "socket_datagrams_total",
				"Datagrams, or messages of connections, of this socket.",
				offsetof(struct socket_stats, datagrams));
	put_sockets(to, receive, "socket_bytes_total", "Their bytes.",
				offsetof(struct socket_stats, bytes));
	put_sockets(to, receive, "socket_lost_datagrams_total",
				"Datagrams dropped because its receive buffer was full.",
				offsetof(struct socket_stats, lost));
	put_rules(to, receive, "rule_refused_datagrams_total",
			  "Datagrams, or connections, refused by the rule for these exporters.",
			  offsetof(struct admit_counts, nrefused));
	put_rules(to, receive, "rule_over_rate_datagrams_total",
			  "Datagrams over the rate of the rule for these exporters.",
			  offsetof(struct admit_counts, nover));
	if (receive->nsenders > 0)
		begin_metric(to, "exporter_over_rate_datagrams_total",
					 "Datagrams of this address over the rate of its rule.");
	for (int i = 0; i < receive->nsenders; i++)
		web_buffer_print(to, "flowcollectd_exporter_over_rate_datagrams_total"
						 "{exporter=\"%s\"} %" PRIu64 "\n",
						 address_text(&receive->senders[i].addr, text),
						 receive->senders[i].nover);
}

void
status_receive_json(const struct status_receive *receive, struct web_buffer *to)
{
	const char *separator = "";
	char		text[NETWORK_LEN];

	web_buffer_text(to, "{");
	for (int i = 0; i < receive->nrules; i++)
	{
		const struct status_rule *rule = &receive->rules[i];
		uint64_t	n = rule->counts.nrefused + rule->counts.nover;

		if (n == 0)
			continue;
		web_buffer_print(to, "%s\"%s\":%" PRIu64, separator, network_text(rule, text), n);
		separator = ",";
	}
	web_buffer_text(to, "}");
}
