/*-------------------------------------------------------------------------
 *
 * What a collector says of receiving: its sockets, and what the rules for
 * exporters have dropped.
 *
 * Of the addresses over the rate of their rule those with the most datagrams
 * are kept, STATUS_MAX_SENDERS of them.  Counts are since the start; those of
 * a rule begin anew when it was away.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_STATUS_RECEIVE_H
#define COLLECTOR_STATUS_RECEIVE_H

#include "admit.h"
#include "exporter_rule.h"
#include "input_socket.h"
#include "web_buffer.h"

#define STATUS_MAX_SOCKETS	64
#define STATUS_MAX_SENDERS	64

struct status_socket
{
	char		name[SOCKET_NAME_LEN];
	struct socket_stats stats;
};

/* A rule that refuses, or has a rate. */
struct status_rule
{
	struct flow_addr prefix;
	int			bits;
	struct admit_counts counts;
};

struct status_sender
{
	struct flow_addr addr;
	uint64_t	nover;			/* datagrams over the rate */
};

struct status_receive
{
	int			nsockets;
	struct status_socket sockets[STATUS_MAX_SOCKETS];
	int			nrules;
	struct status_rule rules[EXPORTER_RULE_MAX];
	int			nsenders;		/* in falling order of nover */
	struct status_sender senders[STATUS_MAX_SENDERS];
};

/* Take the counts of n sockets; those beyond STATUS_MAX_SOCKETS are left out. */
extern void status_receive_sockets(struct status_receive *receive,
								   const struct socket_stats *stats, int n);

/* Take what the rules have dropped. */
extern void status_receive_rules(struct status_receive *receive, struct admit *admit);

/* For Prometheus, as metrics.h. */
extern void status_receive_metrics(const struct status_receive *receive,
								   struct web_buffer *to);

/* A JSON object: datagrams that were dropped, by network, of rules that have dropped any. */
extern void status_receive_json(const struct status_receive *receive, struct web_buffer *to);

#endif
