/*-------------------------------------------------------------------------
 *
 * libFuzzer target: lines of InfluxDB's protocol that become flows of table m.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed_json.h"
#include "influx_flow.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct feed_json *checker;

/* What is put has to be such that no sink is harmed. */
static void
take(void *arg, const struct flow *flow)
{
	(void) arg;
	if (flow->end_us < flow->start_us || flow->start_us < 0)
		abort();
	for (int id = 0; id < COLUMN_COUNT; id++)
	{
		struct column_value value = column_get((enum column_id) id, flow);

		if (value.is_null)
			continue;
		if (column_list[id].kind == COLUMN_IS_TEXT &&
			!scan_is_text(value.bytes.bytes, value.bytes.len))
			abort();
		if (column_list[id].kind == COLUMN_IS_JSON &&
			!feed_json_is_object(checker, value.bytes.bytes, value.bytes.len))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	static struct influx_decoder decoder = {
		.table = "public.m",.set = flow_set_text_value,.out = {take, NULL},.counters = &counters
	};
	static const struct flow_addr from = {FLOW_FAMILY_IP4, {192, 0, 2, 1}};

	if (checker == NULL)
		checker = feed_json_open();
	for (size_t off = 0; off < size;)
	{
		const uint8_t *newline = memchr(data + off, '\n', size - off);
		size_t		end = newline == NULL ? size : (size_t) (newline - data);
		char	   *line = malloc(end - off + 1);

		memcpy(line, data + off, end - off);
		influx_decode(&decoder, line, end - off, &from, INT64_C(1700000000000000));
		free(line);
		off = end + 1;
	}
	return 0;
}
