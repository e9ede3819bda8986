/*-------------------------------------------------------------------------
 *
 * If this goes, a full or failing disk may stop the spool for good, hold up
 * receivers, or lose records without a count.
 *
 * The disk is a small tmpfs, for which one must be root; a limit on the size
 * of files does for everybody.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "spool_fill.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct counters counters;
static char path[4096];
static int64_t longest_us;		/* that an append has taken */

static struct spool *
must_open(const struct spool_options *options)
{
	struct spool *spool = spool_open(options);

	if (spool == NULL)
		exit(2);
	return spool;
}

static uint64_t
append_some(struct spool *spool, uint64_t first, uint64_t n)
{
	uint64_t	ntaken = 0;

	for (uint64_t end = first + n; first < end; first += 100)
	{
		int64_t		begin_us = clock_monotonic_us();
		int64_t		took_us;

		ntaken += fill_append(spool, first, first + 100, FILL_LEN);
		took_us = clock_monotonic_us() - begin_us;
		longest_us = took_us > longest_us ? took_us : longest_us;
		usleep(2000);
	}
	return ntaken;
}

static void
test_drop(void)
{
	struct spool_options options = {
		.path = path,.counters = &counters,.file_bytes = 512 * 1024,
		.buffer_bytes = 2 * 1024 * 1024
	};
	struct spool *spool = must_open(&options);
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);
	struct fill_seen seen = {.is_ordered = true};

	if (reader == NULL)
		exit(2);
	(void) append_some(spool, 0, 10000);
	ok(spool_flush(spool, 10 * SECOND_US), "on a full disk the oldest file makes room");
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.next == 10000 && seen.nrecords > 1000,
	   "and the newest records are there");
	is((int64_t) (seen.nrecords + seen.gap_records), 10000, "read and gap are all");
	is((int64_t) (counters.spool_records_dropped + counters.spool_records_refused),
	   (int64_t) seen.gap_records, "which the counters say, too");
	ok(longest_us < SECOND_US / 2, "appending did not wait");
	spool_reader_close(reader);
	spool_close(spool);
}

static void
test_refuse(void)
{
	struct spool_options options = {
		.path = path,.counters = &counters,.file_bytes = 512 * 1024,
		.buffer_bytes = 1024 * 1024,.refuses_newest = true
	};
	struct spool *spool = must_open(&options);
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);
	struct fill_seen seen = {.is_ordered = true};
	uint64_t	ntaken;

	if (reader == NULL)
		exit(2);
	memset(&counters, 0, sizeof(counters));
	ntaken = append_some(spool, 0, 10000);
	ok(ntaken < 10000, "on a full disk the newest is refused, if that is wanted");
	ok(counters.spool_write_errors > 0, "counter: write errors");
	ok(!spool_flush(spool, SECOND_US / 10), "some wait in memory");
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.next == seen.nrecords, "the oldest are there");
	spool_release(spool, seen.end);
	ok(spool_flush(spool, 10 * SECOND_US), "when there is room it goes on");
	(void) append_some(spool, 10000, 100);
	ok(spool_flush(spool, 10 * SECOND_US), "as before");
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.next == 10100 && seen.ngaps == 1, "with one gap");
	is((int64_t) (seen.nrecords + seen.gap_records), 10100, "read and gap are all");
	ok(seen.nrecords == ntaken + 100 &&
	   counters.spool_records_refused == seen.gap_records, "what was taken is there");
	ok(longest_us < SECOND_US / 2, "appending did not wait");
	spool_reader_close(reader);
	spool_close(spool);
}

/* A limit on files is an error that is not about space. */
static void
test_error(const char *folder)
{
	struct spool_options options = {.path = path,.counters = &counters};
	struct rlimit limit = {300 * 1024, RLIM_INFINITY};
	struct spool *spool;
	struct spool_reader *reader;
	struct fill_seen seen = {.is_ordered = true};

	snprintf(path, sizeof(path), "%s/spool.XXXXXX", folder);
	if (mkdtemp(path) == NULL || signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
		setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(2);
	memset(&counters, 0, sizeof(counters));
	spool = must_open(&options);
	reader = spool_reader_open(spool, SPOOL_BEGIN);
	if (reader == NULL)
		exit(2);
	(void) fill_append(spool, 0, 1000, FILL_LEN);
	ok(spool_flush(spool, 30 * SECOND_US), "after an error another file is begun");
	ok(counters.spool_write_errors > 0, "counter: write errors");
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(2);
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.nrecords == 1000 && seen.ngaps == 0,
	   "and nothing is lost, or comes twice");
	spool_reader_close(reader);
	spool_close(spool);
	spool = must_open(&options);
	reader = spool_reader_open(spool, SPOOL_BEGIN);
	if (reader == NULL)
		exit(2);
	memset(&seen, 0, sizeof(seen));
	seen.is_ordered = true;
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.nrecords == 1000 && seen.ngaps == 0,
	   "also after a restart");
	spool_reader_close(reader);
	spool_close(spool);
}

/* A disk of 4 MB at path, for this process only. */
static bool
mount_disk(const char *folder)
{
	snprintf(path, sizeof(path), "%s/disk.XXXXXX", folder);
	return mkdtemp(path) != NULL && unshare(CLONE_NEWNS) == 0 &&
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", path, "tmpfs", 0, "size=4m") == 0;
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_error(argv[1]);
	if (!mount_disk(argv[1]))
	{
		puts("skip a full disk: cannot mount one");
		return tap_failed;
	}
	test_drop();
	if (umount(path) != 0 || mount("tmpfs", path, "tmpfs", 0, "size=4m") != 0)
		return 2;
	test_refuse();
	(void) umount(path);
	return tap_failed;
}
