/*-------------------------------------------------------------------------
 *
 * If this goes, lines that a network file system loses at close may go
 * unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sink_text.h"
#include "tap.h"

static int	fails_at_close = -1;
static int	nclosed;

/* In place of libc's. */
int
close(int fd)
{
	nclosed++;
	if (fails_at_close >= 0)
	{
		errno = fails_at_close;
		return -1;
	}
	return (int) syscall(SYS_close, fd);
}

static bool
write_file(const char *path, int error)
{
	struct counters counters = {0};
	struct flow flow = {.packets = 1};
	struct text_columns columns = {.n = 2, .ids = {COLUMN_TS, COLUMN_PACKETS}};
	struct sink *sink = sink_text_open(path, &columns, true, 1000000, &counters);
	bool		is_good;

	if (sink == NULL || !sink->ops->put(sink, &flow))
		exit(2);
	nclosed = 0;
	fails_at_close = error;
	is_good = sink->ops->finish(sink);
	sink->ops->close(sink);
	fails_at_close = -1;
	return is_good;
}

int
main(int argc, char **argv)
{
	char		path[4096];

	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	snprintf(path, sizeof(path), "%s/closed", argv[1]);
	ok(write_file(path, -1), "a file that can be closed");
	is(nclosed, 1, "is closed once");
	ok(!write_file(path, EIO), "a failure of close is a failure");
	is(nclosed, 1, "and not tried again");
	return tap_failed;
}
