/*-------------------------------------------------------------------------
 *
 * Loading feeds.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_file.h"
#include "load.h"
#include "log.h"

#define SOURCE_LEN (sizeof("file:") + INPUT_DIGEST_LEN)

struct load
{
	struct load_options options;
	FILE	   *rejected;		/* or NULL */
};

/* One file while it is loaded. */
struct loading
{
	struct load *load;
	const char *path;
	char		source[SOURCE_LEN];
	uint64_t	start;			/* lines that end up to here are known */
	uint64_t	nlines;
	uint64_t	nbad;
	struct input_file *file;
	struct feed *feed;
};

struct load *
load_open(const struct load_options *options)
{
	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	load->options = *options;
	if (options->rejected == NULL)
		return load;
	load->rejected = fopen(options->rejected, "ae");
	if (load->rejected != NULL)
		return load;
	log_warn("could not open file \"%s\" for rejected lines", options->rejected);
	free(load);
	return NULL;
}

bool
load_close(struct load *load)
{
	bool		is_good = true;

	if (load->rejected != NULL)
	{
		is_good = ferror(load->rejected) == 0;
		is_good = fclose(load->rejected) == 0 && is_good;
		if (!is_good)
			log_warn("could not write to file \"%s\"", load->options.rejected);
	}
	free(load);
	return is_good;
}

static void
note_bad(const char *path, uint64_t lineno, uint64_t *nbad, const char *reason)
{
	++*nbad;
	if (*nbad <= LOAD_LOGGED_LINES)
		log_warnx("file \"%s\", line %" PRIu64 " %s: line is left out%s", path, lineno, reason,
				  *nbad == LOAD_LOGGED_LINES ?
				  "; more of this file are counted, and not told" : "");
}

void
load_line(struct load *load, struct feed *feed, const char *path, uint64_t lineno,
		  uint64_t *nbad, const char *bytes, size_t len)
{
	if (feed_line(feed, bytes, len) != FEED_BAD)
		return;
	note_bad(path, lineno, nbad, feed_reason(feed));
	if (load->rejected == NULL)
		return;
	fwrite(bytes, 1, len, load->rejected);
	putc('\n', load->rejected);
}

void
load_long_line(struct load *load, const char *path, uint64_t lineno, uint64_t *nbad)
{
	load->options.feed.counters->feed_lines++;
	load->options.feed.counters->feed_long_lines++;
	note_bad(path, lineno, nbad, "is longer than 1 MB");
}

static bool
mark(const struct loading *loading)
{
	const struct load_options *options = &loading->load->options;

	return options->mark(options->arg, loading->source, input_file_position(loading->file));
}

static void
take_line(struct loading *loading, enum input_result result, const struct input_line *line)
{
	loading->nlines++;
	if (line->end <= loading->start)
		feed_skip(loading->feed, line->bytes, line->len);
	else if (result == INPUT_LONG_LINE)
		load_long_line(loading->load, loading->path, loading->nlines, &loading->nbad);
	else
		load_line(loading->load, loading->feed, loading->path, loading->nlines,
				  &loading->nbad, line->bytes, line->len);
}

/* Returns false if the file cannot be read to its end. */
static bool
take_lines(struct loading *loading)
{
	struct input_line line;
	enum input_result result;

	while ((result = input_file_line(loading->file, &line)) == INPUT_LINE ||
		   result == INPUT_LONG_LINE)
	{
		take_line(loading, result, &line);
		if (loading->nlines % LOAD_LINES_PER_TICK == 0 && !mark(loading))
			return true;
	}
	if (result == INPUT_END)
	{
		result = input_file_rest(loading->file, &line);
		if (result != INPUT_END)
			take_line(loading, result, &line);
	}
	(void) mark(loading);
	return result != INPUT_FAILED;
}

static bool
find_start(struct loading *loading)
{
	const struct load_options *options = &loading->load->options;
	char		hex[INPUT_DIGEST_LEN + 1];

	if (options->start_of == NULL || !input_file_is_regular(loading->path))
		return true;
	if (!input_file_digest(loading->path, hex))
		return false;
	snprintf(loading->source, sizeof(loading->source), "file:%s", hex);
	loading->start = options->start_of(options->arg, loading->source);
	if (loading->start > 0)
		log_info("file \"%s\" has been loaded before, up to byte %" PRIu64,
				 loading->path, loading->start);
	return true;
}

bool
load_file(struct load *load, const char *path)
{
	struct loading loading = {.load = load,.path = path};
	struct counters *counters = load->options.feed.counters;
	uint64_t	nrecords = counters->feed_records;
	bool		is_good;

	if (!find_start(&loading))
		return false;
	loading.file = input_file_open(path);
	if (loading.file == NULL)
		return false;
	loading.feed = feed_open(&load->options.feed);
	is_good = loading.feed != NULL;
	if (is_good)
		is_good = take_lines(&loading);
	else
		log_warnx("out of memory for file \"%s\"", path);
	nrecords = counters->feed_records - nrecords;
	if (loading.nbad > 0)
		log_warnx("file \"%s\": %" PRIu64 " flows, %" PRIu64 " lines left out", path,
				  nrecords, loading.nbad);
	if (loading.nbad > 0 && nrecords == 0)
		is_good = false;
	feed_close(loading.feed);
	input_file_close(loading.file);
	return is_good;
}
