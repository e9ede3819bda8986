/*-------------------------------------------------------------------------
 *
 * libFuzzer target: lines of a feed.  The first byte chooses the format.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed.h"
#include "feed_json.h"

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
		if (column_list[id].kind == COLUMN_IS_INTS && value.bytes.len % 4 != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	struct feed_options options = {
		.format = size == 0 ? FEED_AUTO : data[0] % (FEED_TEXT + 1),
		.wants_fields = true,.out = {take, NULL},.counters = &counters
	};
	struct feed *feed = feed_open(&options);

	if (checker == NULL)
		checker = feed_json_open();
	for (size_t off = 1; off < size;)
	{
		const uint8_t *newline = memchr(data + off, '\n', size - off);
		size_t		end = newline == NULL ? size : (size_t) (newline - data);
		char	   *line = malloc(end - off + 1);

		memcpy(line, data + off, end - off);
		if (feed_line(feed, line, end - off) == FEED_BAD && feed_reason(feed)[0] == '\0')
			abort();
		free(line);
		off = end + 1;
	}
	if (counters.feed_lines != counters.feed_records + counters.feed_other_lines +
		counters.feed_malformed + counters.feed_bad_values + counters.feed_incomplete)
		abort();
	feed_close(feed);
	return 0;
}
