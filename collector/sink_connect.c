/*-------------------------------------------------------------------------
 *
 * Connecting to PostgreSQL.
 *
 * libpq leaves timeouts to callers that do not wait, and has no call to give
 * up one host of several: when one is silent we begin again, with the list
 * rotated so that the host after it comes first.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sink_connect.h"
#include "sink_hosts.h"

#define CONNECT_TIMEOUT_S	15
#define PING_TIMEOUT_S		"2"

static void
log_notice(void *arg, const char *message)
{
	(void) arg;
	log_info("%s", message);
}

/* Give the host that libpq tries now its time, if it has just begun to. */
static void
watch_host(struct connector *connector, int64_t now_us)
{
	char		trying[CONNECT_HOSTS_LEN];

	snprintf(trying, sizeof(trying), "%s %s %s", PQhost(connector->conn),
			 PQhostaddr(connector->conn), PQport(connector->conn));
	if (strcmp(trying, connector->trying) == 0)
		return;
	memcpy(connector->trying, trying, sizeof(trying));
	connector->until_us = now_us + connector->timeout_us;
}

static void
copy_option(char *to, const PQconninfoOption *option, const char *keyword)
{
	if (strcmp(option->keyword, keyword) == 0 && option->val != NULL &&
		strlen(option->val) < CONNECT_HOSTS_LEN)
		strcpy(to, option->val);
}

/* What conninfo, environment and service file add up to. */
static void
read_options(struct connector *connector)
{
	PQconninfoOption *options = PQconninfo(connector->conn);
	char		timeout[CONNECT_HOSTS_LEN] = "";
	long		seconds;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		copy_option(connector->hosts, o, "host");
		copy_option(connector->hostaddrs, o, "hostaddr");
		copy_option(connector->ports, o, "port");
		copy_option(timeout, o, "connect_timeout");
	}
	PQconninfoFree(options);
	seconds = strtol(timeout, NULL, 10);
	if (seconds > 0 && seconds <= INT32_MAX)
		connector->timeout_us = seconds * INT64_C(1000000);
}

static void
begin(struct connector *connector, int64_t now_us)
{
	/* what comes before dbname gives way to what that says */
	const char *const keywords[] = {
		"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"dbname", "fallback_application_name", "host", "hostaddr", "port", NULL
	};
	const char *const values[] = {
		"30", "10", "3", "60000", connector->conninfo, "flowcollectd", connector->hosts, connector->hostaddrs,
		connector->ports, NULL
	};

	connector->conn = PQconnectStartParams(keywords, values, 1);
	if (connector->conn == NULL)
		fatalx("out of memory");
	PQsetNoticeProcessor(connector->conn, log_notice, NULL);
	connector->wants_write = true;
	connector->has_timed_out = false;
	read_options(connector);
	connector->trying[0] = '\0';
	watch_host(connector, now_us);
}

/* The host is silent: go on with the next one, unless all are. */
static enum connect_event
give_up_host(struct connector *connector, int64_t now_us)
{
	const char *list = connector->hosts[0] != '\0' ?
		connector->hosts : connector->hostaddrs;
	int			nhosts = hosts_count(list);
	int			i = hosts_find(list, connector->ports, PQhost(connector->conn),
							   PQport(connector->conn));
	int			next = (i + 1) % nhosts;

	connector->has_timed_out = true;
	snprintf(connector->message, sizeof(connector->message),
			 "connecting to \"%s\" timed out", PQhost(connector->conn));
	hosts_rotate(connector->hosts, next);
	hosts_rotate(connector->hostaddrs, next);
	hosts_rotate(connector->ports, next);
	if (++connector->ntimeouts >= nhosts)
		return CONNECT_FAILED;
	PQfinish(connector->conn);
	begin(connector, now_us);
	return CONNECT_BUSY;
}

static bool
is_ready(const struct connector *connector)
{
	struct pollfd fd = {
		.fd = PQsocket(connector->conn),
		.events = connector->wants_write ? POLLOUT : POLLIN
	};

	return poll(&fd, 1, 0) > 0;
}

static enum connect_event
fail(struct connector *connector)
{
	snprintf(connector->message, sizeof(connector->message), "%s",
			 PQerrorMessage(connector->conn));
	return CONNECT_FAILED;
}

void
connect_begin(struct connector *connector, int64_t now_us)
{
	connector->ntimeouts = 0;
	connector->message[0] = '\0';
	connector->timeout_us = CONNECT_TIMEOUT_S * INT64_C(1000000);
	begin(connector, now_us);
}

enum connect_event
connect_step(struct connector *connector, int64_t now_us)
{
	if (PQstatus(connector->conn) == CONNECTION_BAD)
		return fail(connector);
	if (!is_ready(connector))
	{
		if (now_us < connector->until_us)
			return CONNECT_BUSY;
		return give_up_host(connector, now_us);
	}
	switch (PQconnectPoll(connector->conn))
	{
		case PGRES_POLLING_READING:
			connector->wants_write = false;
			watch_host(connector, now_us);
			return CONNECT_BUSY;
		case PGRES_POLLING_WRITING:
			connector->wants_write = true;
			watch_host(connector, now_us);
			return CONNECT_BUSY;
		case PGRES_POLLING_OK:
			return CONNECT_READY;
		default:
			return fail(connector);
	}
}

bool
connect_is_starting(const struct connector *connector)
{
	const char *const keywords[] = {
		"dbname", "host", "hostaddr", "port", "connect_timeout", NULL
	};
	const char *const values[] = {
		connector->conninfo, connector->hosts, connector->hostaddrs, connector->ports,
		PING_TIMEOUT_S, NULL
	};

	return !connector->has_timed_out &&
		PQpingParams(keywords, values, 1) == PQPING_REJECT;
}
