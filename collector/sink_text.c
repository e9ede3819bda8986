/*-------------------------------------------------------------------------
 *
 * Text sink.
 *
 * Line bound: 18 columns of at most 20 digits, 33 characters of time, or
 * three times 45 of address, each with a separator: 18 * 21 + 33 + 3 * 45 =
 * 546, and two bytes for each byte of the sensor's name.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sink_column.h"
#include "sink_text.h"

#define BUFFER_LEN (256 * 1024)

struct text_sink
{
	struct sink sink;			/* must be first */
	struct counters *counters;
	const char *path;
	int			fd;
	int64_t		max_age_us;
	int64_t		due_us;			/* when to write; 0: buffer is empty */
	size_t		len;
	uint64_t	nrows;			/* in the buffer */
	char		buffer[BUFFER_LEN];
};

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
put_text(char *p, const char *text)
{
	static const char special[] = "\\\t\n\r";
	static const char letter[] = "\\tnr";

	for (; *text != '\0'; text++)
	{
		const char *found = strchr(special, *text);

		if (found != NULL)
			*p++ = '\\';
		*p++ = found == NULL ? *text : letter[found - special];
	}
	return p;
}

size_t
sink_text_encode(const struct flow *flow, char *dst)
{
	char	   *p = dst;

	for (int id = 0; id < COLUMN_COUNT; id++)
	{
		struct column_value value = column_get((enum column_id) id, flow);

		if (id > 0)
			*p++ = '\t';
		if (value.is_null)
		{
			*p++ = '\\';
			*p++ = 'N';
			continue;
		}
		switch (column_list[id].kind)
		{
			case COLUMN_IS_TIME:
				p = put_time(p, value.number);
				break;
			case COLUMN_IS_ADDR:
				p = put_addr(p, value.addr);
				break;
			case COLUMN_IS_TEXT:
				p = put_text(p, value.text);
				break;
			case COLUMN_IS_INT:
				p = put_int(p, value.number);
				break;
		}
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
	size_t		sensor_len = flow->sensor == NULL ? 0 : strlen(flow->sensor);

	if (ts->len + SINK_TEXT_LINE_BOUND(sensor_len) > BUFFER_LEN &&
		!write_buffer(ts))
		return false;
	ts->len += sink_text_encode(flow, ts->buffer + ts->len);
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
	free(ts);
}

static const struct sink_ops text_ops = {
	.put = text_put,
	.tick = text_tick,
	.poll = text_poll,
	.begin_drain = text_begin_drain,
	.finish = text_finish,
	.close = text_close
};

static void
put_header(struct text_sink *ts)
{
	for (int id = 0; id < COLUMN_COUNT; id++)
	{
		size_t		len = strlen(column_list[id].name);

		memcpy(ts->buffer + ts->len, column_list[id].name, len);
		ts->len += len;
		ts->buffer[ts->len++] = id == COLUMN_COUNT - 1 ? '\n' : '\t';
	}
}

struct sink *
sink_text_open(const char *path, bool has_header, int64_t max_age_us,
			   struct counters *counters)
{
	struct text_sink *ts = calloc(1, sizeof(*ts));

	if (ts == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
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
		free(ts);
		return NULL;
	}
	if (has_header)
		put_header(ts);
	return &ts->sink;
}
