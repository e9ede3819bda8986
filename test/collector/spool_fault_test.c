/*-------------------------------------------------------------------------
 *
 * If this goes, setting the clock may age the spool's files, or a failed write
 * that could not be taken back may bring records twice after a restart.
 *
 * The system calls stand here in place of the library's, and do what the test
 * wants.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "spool_fill.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct counters counters;
static char path[4096];
static const char *folder;
static volatile int64_t ahead_s;	/* what the clock of the machine is */
static volatile int nfailing;	/* so many calls of ftruncate fail */

int
clock_gettime(clockid_t id, struct timespec *now)
{
	int			rc = (int) syscall(SYS_clock_gettime, id, now);

	if (id == CLOCK_REALTIME)
		now->tv_sec += ahead_s;
	return rc;
}

int
ftruncate(int fd, off_t len)
{
	if (nfailing > 0)
	{
		nfailing--;
		errno = EIO;
		return -1;
	}
	return (int) syscall(SYS_ftruncate, fd, len);
}

static struct spool_options
fresh(void)
{
	struct spool_options options = {.path = path,.counters = &counters};

	snprintf(path, sizeof(path), "%s/spool.XXXXXX", folder);
	if (mkdtemp(path) == NULL)
		exit(2);
	memset(&counters, 0, sizeof(counters));
	return options;
}

static struct spool *
must_open(const struct spool_options *options)
{
	struct spool *spool = spool_open(options);

	if (spool == NULL)
		exit(2);
	return spool;
}

static struct fill_seen
read_all(struct spool *spool)
{
	struct fill_seen seen = {.is_ordered = true};
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);

	if (reader == NULL)
		exit(2);
	fill_read(reader, UINT64_MAX, &seen);
	spool_reader_close(reader);
	return seen;
}

static void
fill(struct spool *spool, uint64_t first, uint64_t n)
{
	(void) fill_append(spool, first, first + n, FILL_LEN);
	if (!spool_flush(spool, 30 * SECOND_US))
		exit(2);
}

/* Records of 1.5 kB in files of 256 kB. */
static void
test_clock(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct fill_seen seen;

	options.max_bytes = 4 << 20;
	options.file_bytes = 256 * 1024;
	options.max_age_us = 4 * SECOND_US;
	ahead_s = -50 * 366 * INT64_C(86400);
	spool = must_open(&options);
	fill(spool, 0, 600);
	ahead_s = 0;
	fill(spool, 600, 600);
	is((int64_t) counters.spool_records_dropped, 0, "a clock that is set on does not age files");
	spool_close(spool);
	spool = must_open(&options);
	fill(spool, 1200, 1);
	is((int64_t) counters.spool_records_dropped, 0, "nor after a restart");
	ahead_s = 3600;
	fill(spool, 1201, 199);
	ahead_s = -3600;
	fill(spool, 1400, 200);
	seen = read_all(spool);
	ok(seen.is_ordered && seen.nrecords == 1600 && seen.ngaps == 0,
	   "set on and back, all is there");
	usleep(4 * SECOND_US);
	fill(spool, 1600, 1);
	ok(counters.spool_records_dropped > 1000, "but time does age them");
	spool_close(spool);
	ahead_s = 0;
}

/* A write breaks off at a limit, and cannot be taken back for a while. */
static void
test_take_back(void)
{
	struct spool_options options = fresh();
	struct rlimit limit = {300 * 1024, RLIM_INFINITY};
	struct spool *spool = must_open(&options);
	struct fill_seen seen;

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(2);
	fill(spool, 0, 100);
	nfailing = 3;
	fill(spool, 100, 400);
	is(nfailing, 0, "a write that cannot be taken back is tried again");
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(2);
	seen = read_all(spool);
	ok(seen.is_ordered && seen.nrecords == 500 && seen.ngaps == 0, "until all is there");
	spool_close(spool);
	spool = must_open(&options);
	seen = read_all(spool);
	ok(seen.is_ordered && seen.nrecords == 500 && seen.ngaps == 0, "once, also after a restart");
	is((int64_t) counters.spool_damaged, 0, "and nothing is damaged");
	spool_close(spool);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	folder = argv[1];
	test_take_back();
	test_clock();
	return tap_failed;
}
