/*-------------------------------------------------------------------------
 *
 * Text sink.
 *
 * A value without text takes at most VALUE_BOUND bytes, its separator
 * included: 45 for an address, 33 for a time, 25 for a number.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sink_column.h"
#include "sink_text.h"

#define BUFFER_LEN	(256 * 1024)
#define VALUE_BOUND	48
#define INT_BOUND	12			/* of an element of an array */

struct text_sink
{
	struct sink sink;			/* must be first */
	struct counters *counters;
	const char *path;
	int			fd;
	int64_t		max_age_us;
	int64_t		due_us;			/* when to write; 0: buffer is empty */
	struct text_columns columns;
	size_t		len;
	uint64_t	nrows;			/* in the buffer */
	size_t		capacity;		/* BUFFER_LEN, or a longer line */
	char	   *buffer;
};

bool
text_columns_parse(const char *list, struct text_columns *columns,
				   const char **unknown, int *unknown_len)
{
	bool		is_in[COLUMN_COUNT] = {false};

	columns->n = 0;
	for (;; list++)
	{
		int			len = (int) strcspn(list, ",");
		bool		is_all = len == 3 && strncmp(list, "all", 3) == 0;
		bool		is_core = len == 4 && strncmp(list, "core", 4) == 0;
		int			found = 0;

		for (int id = 0; id < COLUMN_COUNT; id++)
		{
			const char *name = column_list[id].name;

			if (!is_all && !(is_core && id < COLUMN_CORE_COUNT) &&
				((int) strlen(name) != len || strncmp(name, list, (size_t) len) != 0))
				continue;
			if (is_in[id])
				continue;
			is_in[id] = true;
			columns->ids[columns->n++] = (enum column_id) id;
			found++;
		}
		if (found == 0)
		{
			*unknown = list;
			*unknown_len = len;
			return false;
		}
		list += len;
		if (*list == '\0')
			return true;
	}
}

static char *
put_digits(char *p, uint64_t n, int min_digits)
{
	char		digits[20];
	int			len = 0;

	do
	{
		digits[len++] = (char) ('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (len < min_digits)
		digits[len++] = '0';
	while (len > 0)
		*p++ = digits[--len];
	return p;
}

static char *
put_int(char *p, int64_t n)
{
	if (n < 0)
		*p++ = '-';
	return put_digits(p, n < 0 ? -(uint64_t) n : (uint64_t) n, 1);
}

/*
 * Days since 1970 to a date, in the proleptic Gregorian calendar.  Years are
 * counted from March, so that the leap day is the last day of a year, in
 * cycles of 400 years of 146,097 days; day 719,468 before 1970 began year 0.
 */
static char *
put_date(char *p, int64_t day)
{
	int64_t		d = day + 719468;
	int64_t		cycle = (d >= 0 ? d : d - 146096) / 146097;
	int64_t		doc = d - cycle * 146097;
	int64_t		yoc = (doc - doc / 1460 + doc / 36524 - doc / 146096) / 365;
	int64_t		doy = doc - (365 * yoc + yoc / 4 - yoc / 100);
	int64_t		month = (5 * doy + 2) / 153;	/* 0 is March */
	int64_t		mday = doy - (153 * month + 2) / 5 + 1;
	int64_t		year = cycle * 400 + yoc + (month >= 10);

	p = put_digits(p, (uint64_t) year, 4);
	*p++ = '-';
	p = put_digits(p, (uint64_t) (month < 10 ? month + 3 : month - 9), 2);
	*p++ = '-';
	return put_digits(p, (uint64_t) mday, 2);
}

static char *
put_time(char *p, int64_t us)
{
	const int64_t us_per_day = INT64_C(86400) * 1000000;
	int64_t		day = us / us_per_day;
	int64_t		rest = us % us_per_day;
	uint64_t	second;

	if (rest < 0)
	{
		day--;
		rest += us_per_day;
	}
	second = (uint64_t) rest / 1000000;
	p = put_date(p, day);
	*p++ = ' ';
	p = put_digits(p, second / 3600, 2);
	*p++ = ':';
	p = put_digits(p, second / 60 % 60, 2);
	*p++ = ':';
	p = put_digits(p, second % 60, 2);
	*p++ = '.';
	p = put_digits(p, (uint64_t) rest % 1000000, 6);
	memcpy(p, "+00", 3);
	return p + 3;
}

static char *
put_addr(char *p, const struct flow_addr *addr)
{
	if (addr->family == FLOW_FAMILY_IP4)
	{
		for (int i = 0; i < 4; i++)
		{
			if (i > 0)
				*p++ = '.';
			p = put_digits(p, addr->bytes[i], 1);
		}
		return p;
	}
	inet_ntop(AF_INET6, addr->bytes, p, INET6_ADDRSTRLEN);
	return p + strlen(p);
}

static char *
put_text(char *p, const struct flow_bytes *text)
{
	static const char special[] = "\\\t\n\r";
	static const char letter[] = "\\tnr";

	for (uint32_t i = 0; i < text->len; i++)
	{
		char		c = ((const char *) text->bytes)[i];
		const char *found = c == '\0' ? NULL : strchr(special, c);

		if (found != NULL)
			*p++ = '\\';
		*p++ = found == NULL ? c : letter[found - special];
	}
	return p;
}

static char *
put_ints(char *p, const struct flow_bytes *ints)
{
	*p++ = '{';
	for (uint32_t i = 0; i < ints->len; i += sizeof(int32_t))
	{
		int32_t		n;

		memcpy(&n, (const char *) ints->bytes + i, sizeof(n));
		if (i > 0)
			*p++ = ',';
		p = put_int(p, n);
	}
	*p++ = '}';
	return p;
}

static char *
put_mac(char *p, const uint8_t *mac)
{
	return p + sprintf(p, "%02x:%02x:%02x:%02x:%02x:%02x",
					   mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static char *
put_value(char *p, enum column_kind kind, const struct column_value *value)
{
	if (value->is_null)
	{
		*p++ = '\\';
		*p++ = 'N';
		return p;
	}
	switch (kind)
	{
		case COLUMN_IS_TIME:
			return put_time(p, value->number);
		case COLUMN_IS_ADDR:
			return put_addr(p, value->addr);
		case COLUMN_IS_TEXT:
		case COLUMN_IS_JSON:
			return put_text(p, &value->bytes);
		case COLUMN_IS_INT:
			return put_int(p, value->number);
		case COLUMN_IS_REAL:
			return p + sprintf(p, "%.9g", value->real);
		case COLUMN_IS_MAC:
			return put_mac(p, value->bytes.bytes);
		case COLUMN_IS_INTS:
			return put_ints(p, &value->bytes);
	}
	return p;
}

size_t
sink_text_bound(const struct text_columns *columns, const struct flow *flow)
{
	size_t		bound = 1;

	for (int i = 0; i < columns->n; i++)
	{
		enum column_kind kind = column_list[columns->ids[i]].kind;

		bound += VALUE_BOUND;
		if (kind == COLUMN_IS_TEXT || kind == COLUMN_IS_JSON)
			bound += 2 * column_get(columns->ids[i], flow).bytes.len;
		else if (kind == COLUMN_IS_INTS)
			bound += column_get(columns->ids[i], flow).bytes.len / sizeof(int32_t) * INT_BOUND;
	}
	return bound;
}

size_t
sink_text_encode(const struct text_columns *columns, const struct flow *flow,
				 char *dst)
{
	char	   *p = dst;

	for (int i = 0; i < columns->n; i++)
	{
		enum column_id id = columns->ids[i];
		struct column_value value = column_get(id, flow);

		if (i > 0)
			*p++ = '\t';
		p = put_value(p, column_list[id].kind, &value);
	}
	*p++ = '\n';
	return (size_t) (p - dst);
}

/* Standard output may be a pipe that another program made non-blocking. */
static void
wait_for_reader(const struct text_sink *ts)
{
	struct pollfd fd = {.fd = ts->fd,.events = POLLOUT};

	(void) poll(&fd, 1, -1);
}

static bool
write_buffer(struct text_sink *ts)
{
	size_t		off = 0;

	while (off < ts->len)
	{
		ssize_t		n = write(ts->fd, ts->buffer + off, ts->len - off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
		{
			wait_for_reader(ts);
			continue;
		}
		if (n < 0)
		{
			log_warn("could not write to output file \"%s\"", ts->path);
			return false;
		}
		off += (size_t) n;
	}
	ts->counters->lines_written += ts->nrows;
	ts->len = 0;
	ts->nrows = 0;
	ts->due_us = 0;
	return true;
}

static bool
text_put(struct sink *sink, const struct flow *flow)
{
	struct text_sink *ts = (struct text_sink *) sink;
	size_t		bound = sink_text_bound(&ts->columns, flow);

	if (ts->len + bound > ts->capacity && !write_buffer(ts))
		return false;
	if (bound > ts->capacity)
	{
		char	   *buffer = realloc(ts->buffer, bound);

		if (buffer == NULL)
		{
			log_warnx("out of memory");
			return false;
		}
		ts->buffer = buffer;
		ts->capacity = bound;
	}
	ts->len += sink_text_encode(&ts->columns, flow, ts->buffer + ts->len);
	ts->nrows++;
	return true;
}

static bool
text_tick(struct sink *sink, int64_t now_us)
{
	struct text_sink *ts = (struct text_sink *) sink;

	if (ts->len == 0)
		return true;
	if (ts->due_us == 0)
		ts->due_us = now_us + ts->max_age_us;
	return now_us < ts->due_us || write_buffer(ts);
}

static int
text_poll(struct sink *sink, struct pollfd *fd, int64_t now_us)
{
	struct text_sink *ts = (struct text_sink *) sink;

	fd->fd = -1;
	if (ts->due_us == 0)
		return -1;
	return ts->due_us <= now_us ? 0 : (int) ((ts->due_us - now_us) / 1000 + 1);
}

static void
text_begin_drain(struct sink *sink)
{
	(void) sink;				/* put waits always */
}

static bool
text_finish(struct sink *sink)
{
	struct text_sink *ts = (struct text_sink *) sink;
	int			fd = ts->fd;

	if (!write_buffer(ts))
		return false;
	ts->fd = -1;
	if (close(fd) == 0)
		return true;
	log_warn("could not close output file \"%s\"", ts->path);
	return false;
}

static void
text_close(struct sink *sink)
{
	struct text_sink *ts = (struct text_sink *) sink;

	if (ts->fd >= 0)
		(void) close(ts->fd);
	free(ts->buffer);
	free(ts);
}

/* A line that is written twice is not our concern. */
static bool
text_mark(struct sink *sink, uint64_t position)
{
	(void) sink;
	(void) position;
	return true;
}

static const struct sink_ops text_ops = {
	.put = text_put,
	.mark = text_mark,
	.tick = text_tick,
	.poll = text_poll,
	.begin_drain = text_begin_drain,
	.finish = text_finish,
	.close = text_close
};

static void
put_header(struct text_sink *ts)
{
	for (int i = 0; i < ts->columns.n; i++)
	{
		const char *name = column_list[ts->columns.ids[i]].name;

		ts->len += (size_t) sprintf(ts->buffer + ts->len, "%s%c", name,
									i == ts->columns.n - 1 ? '\n' : '\t');
	}
}

struct sink *
sink_text_open(const char *path, const struct text_columns *columns,
			   bool has_header, int64_t max_age_us, struct counters *counters)
{
	struct text_sink *ts = calloc(1, sizeof(*ts));

	if (ts != NULL)
		ts->buffer = malloc(BUFFER_LEN);
	if (ts == NULL || ts->buffer == NULL)
	{
		log_warnx("out of memory");
		free(ts);
		return NULL;
	}
	ts->capacity = BUFFER_LEN;
	ts->columns = *columns;
	ts->sink.ops = &text_ops;
	ts->counters = counters;
	ts->path = path;
	ts->max_age_us = max_age_us;
	ts->fd = STDOUT_FILENO;
	if (strcmp(path, "-") != 0)
		ts->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (ts->fd < 0)
	{
		log_warn("could not open output file \"%s\"", path);
		free(ts->buffer);
		free(ts);
		return NULL;
	}
	if (has_header)
		put_header(ts);
	return &ts->sink;
}
