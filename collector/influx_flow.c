/*-------------------------------------------------------------------------
 *
 * Lines of InfluxDB's protocol that are flows.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "influx_flow.h"

static void
refuse(struct influx_decoder *decoder, const struct flow_addr *from,
	   const char *problem, const char *name)
{
	char		addr[INET6_ADDRSTRLEN] = "?";

	decoder->counters->lines_malformed++;
	if (!log_within_budget(&decoder->log_budget, clock_monotonic_us()))
		return;
	inet_ntop(from->family == FLOW_FAMILY_IP6 ? AF_INET6 : AF_INET, from->bytes,
			  addr, sizeof(addr));
	log_warnx("dropped a line from %s, which %s%s%.64s", addr, problem,
			  name == NULL ? "" : " ", name == NULL ? "" : name);
}

/* The name behind the schema, as far as that can be told without quotes. */
static bool
is_our_table(const struct influx_decoder *decoder, const struct influx_line *line)
{
	const char *dot = strrchr(decoder->table, '.');
	const char *name = dot == NULL ? decoder->table : dot + 1;
	size_t		len = strlen(name);

	if (len >= 2 && name[0] == '"' && name[len - 1] == '"')
	{
		name++;
		len -= 2;
	}
	return (len == line->measurement_len &&
			memcmp(name, line->measurement, len) == 0) ||
		strcmp(decoder->table, line->measurement) == 0;
}

/* 42.0 is 42 where an integer is wanted. */
static size_t
without_fraction(const struct influx_value *value, enum column_kind kind)
{
	const char *point = memchr(value->text, '.', value->len);
	size_t		whole = point == NULL ? 0 : (size_t) (point - value->text);

	if (value->kind != INFLUX_FLOAT || kind != COLUMN_IS_INT || whole == 0)
		return value->len;
	for (size_t i = whole + 1; i < value->len; i++)
	{
		if (value->text[i] != '0')
			return value->len;
	}
	return whole;
}

/* The setter relies on it that a column of JSON gets JSON. */
static bool
is_fitting_kind(struct influx_decoder *decoder, const struct influx_value *value, enum column_kind kind)
{
	if (kind != COLUMN_IS_JSON)
		return true;
	if (decoder->json == NULL)
		decoder->json = feed_json_open();
	return decoder->json != NULL && feed_json_is_object(decoder->json, value->text, value->len);
}

static bool
set_values(struct influx_decoder *decoder, struct flow *flow,
		   const struct flow_addr *from)
{
	const struct influx_line *line = &decoder->line;

	for (int i = 0; i < line->nvalues; i++)
	{
		const struct influx_value *value = &line->values[i];
		enum column_id id = column_find(value->name);

		if (id == COLUMN_COUNT)
			decoder->counters->line_values_unknown++;
		else if (!is_fitting_kind(decoder, value, column_list[id].kind) ||
				 !decoder->set(flow, &decoder->extra, id, value->text,
							   without_fraction(value, column_list[id].kind)))
		{
			refuse(decoder, from, "has a value that does not fit column",
				   value->name);
			return false;
		}
	}
	return true;
}

void
influx_decode(struct influx_decoder *decoder, const char *bytes, size_t len,
			  const struct flow_addr *from, int64_t received_us)
{
	struct flow flow = {
		.start_us = received_us,.end_us = received_us,
		.exporter = *from,.sensor = decoder->sensor
	};
	const char *problem;

	memcpy(decoder->buffer, bytes, len);
	problem = influx_parse(&decoder->line, decoder->buffer, len);
	if (problem != NULL && problem[0] == '\0')
	{
		decoder->counters->line_comments++;
		return;
	}
	decoder->counters->lines_received++;
	if (problem != NULL)
	{
		refuse(decoder, from, problem, NULL);
		return;
	}
	if (!is_our_table(decoder, &decoder->line))
	{
		decoder->counters->lines_unknown_table++;
		return;
	}
	if (decoder->line.has_time)
		flow.start_us = flow.end_us = decoder->line.time_ns / 1000;
	flow_extra_clear(&decoder->extra);
	flow_extra_put(&decoder->extra, FLOW_RECEIVED)->time_us = received_us;
	flow.extra = &decoder->extra;
	if (!set_values(decoder, &flow, from))
		return;
	if (flow.start_us < 0 || flow.end_us < flow.start_us)
	{
		decoder->counters->implausible_times++;
		refuse(decoder, from, "has an implausible time", NULL);
		return;
	}
	decoder->counters->line_records++;
	decoder->out.put(decoder->out.arg, &flow);
}

void
influx_close(struct influx_decoder *decoder)
{
	if (decoder->json != NULL)
		feed_json_close(decoder->json);
	decoder->json = NULL;
}
