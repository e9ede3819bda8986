/*-------------------------------------------------------------------------
 *
 * If this goes, records may be lost between receivers and consumer without
 * a count, come twice or in another order, or a full or damaged spool may stop
 * the collector.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crc32c.h"
#include "spool_fill.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct counters counters;
static char path[4096];
static const char *folder;

/* Another, empty directory. */
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

static struct spool_reader *
must_read(struct spool *spool, uint64_t position)
{
	struct spool_reader *reader = spool_reader_open(spool, position);

	if (reader == NULL)
		exit(2);
	return reader;
}

/* Read all from a position with a reader of its own. */
static struct fill_seen
read_all(struct spool *spool, uint64_t position)
{
	struct fill_seen seen = {.is_ordered = true};
	struct spool_reader *reader = must_read(spool, position);

	fill_read(reader, UINT64_MAX, &seen);
	spool_reader_close(reader);
	return seen;
}

static void
must_flush(struct spool *spool)
{
	if (!spool_flush(spool, 10 * SECOND_US))
		exit(2);
}

static int
open_file(uint32_t number, const char *suffix)
{
	char		name[5000];

	snprintf(name, sizeof(name), "%s/%010u.%s", path, number, suffix);
	return open(name, O_RDWR);
}

static bool
has_file(uint32_t number, const char *suffix)
{
	int			fd = open_file(number, suffix);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void
test_checksum(void)
{
	uint8_t		bytes[1000];

	is(crc32c((const uint8_t *) "123456789", 9), 0xe3069283, "the checksum is CRC-32C");
	is(crc32c_portable((const uint8_t *) "123456789", 9), 0xe3069283,
	   "also without the instruction");
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t) (i * 7 >> 2);
	for (size_t len = 0; len < sizeof(bytes); len++)
		if (crc32c(bytes + 1, len - (len == 0 ? 0 : 1)) !=
			crc32c_portable(bytes + 1, len - (len == 0 ? 0 : 1)))
		{
			ok(false, "both agree at any length");
			return;
		}
	ok(true, "both agree at any length");
}

static void
test_order(void)
{
	struct spool_options options = fresh();
	struct spool *spool = must_open(&options);
	struct spool_reader *reader = must_read(spool, SPOOL_BEGIN);
	struct fill_seen seen = {.is_ordered = true};
	struct spool_record record;
	char		id[SPOOL_ID_TEXT];
	uint64_t	rung = 0;
	uint64_t	middle;

	strcpy(id, spool_id(spool));
	is((int64_t) strlen(id), 32, "the id has 32 digits");
	is(spool_next(reader, &record), SPOOL_WAIT, "an empty spool has no record");
	is((int64_t) fill_append(spool, 0, 1000, FILL_LEN), 1000, "all are taken");
	must_flush(spool);
	is(read(spool_doorbell(spool), &rung, sizeof(rung)), 8, "the doorbell rings");
	fill_read(reader, 500, &seen);
	middle = seen.end;
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.nrecords == 1000 && seen.next == 1000,
	   "all come back, in order, as they were");
	is((int64_t) seen.end, (int64_t) spool_last(spool), "up to the last position");
	(void) fill_append(spool, 1000, 1001, 8);
	for (int i = 0; i < 100 && seen.next < 1001; i++)
	{
		usleep(10000);
		fill_read(reader, UINT64_MAX, &seen);
	}
	is((int64_t) seen.next, 1001, "the tail is followed, and a record does not wait long");
	spool_reader_close(reader);
	spool_close(spool);

	spool = must_open(&options);
	ok(strcmp(id, spool_id(spool)) == 0, "the id stays");
	seen = read_all(spool, middle);
	ok(seen.is_ordered && seen.nrecords == 501 && seen.next == 1001,
	   "after a restart it is read from the middle");
	(void) fill_append(spool, 1001, 1100, 100);
	must_flush(spool);
	seen = read_all(spool, SPOOL_BEGIN);
	ok(seen.is_ordered && seen.nrecords == 1100 && seen.ngaps == 0,
	   "and goes on where it was");
	ok(spool_reader_open(spool, UINT64_C(1000) << 32) == NULL,
	   "a position beyond the end is an error");
	spool_close(spool);
	is((int64_t) counters.spool_records_appended, 1100, "counter: appended");
}

static void
test_kinds(void)
{
	struct spool_options options = fresh();
	struct spool *spool = must_open(&options);
	struct spool_burst *burst = calloc(1, sizeof(*burst));
	uint8_t    *bytes = malloc(SPOOL_MAX_CONTENT);
	struct spool_reader *reader = must_read(spool, SPOOL_BEGIN);
	struct spool_record record = {
		.type = SPOOL_STREAM,
		.source = {-5, {FLOW_FAMILY_IP6, {1, 2, 3}}, SPOOL_IS_TCP | SPOOL_IS_BEGIN, 7, 9},
		.bytes = bytes,.len = SPOOL_MAX_CONTENT
	};
	struct spool_record got;

	memset(bytes, 42, SPOOL_MAX_CONTENT);
	ok(spool_burst_add(burst, &record), "the largest content fits a burst");
	record.type = SPOOL_LINES;
	record.len = 0;
	ok(spool_burst_add(burst, &record), "so does none");
	record.len = SPOOL_MAX_CONTENT;
	ok(!spool_burst_add(burst, &record), "a burst has an end");
	ok(spool_try_append(spool, burst), "it is taken");
	must_flush(spool);
	ok(spool_next(reader, &got) == SPOOL_RECORD && got.type == SPOOL_STREAM &&
	   got.len == SPOOL_MAX_CONTENT && memcmp(got.bytes, bytes, got.len) == 0 &&
	   memcmp(&got.source.addr, &record.source.addr, sizeof(got.source.addr)) == 0 &&
	   got.source.received_us == -5 && got.source.flags == record.source.flags &&
	   got.source.port == 7 && got.source.local_port == 9, "the largest comes back");
	ok(spool_next(reader, &got) == SPOOL_RECORD && got.type == SPOOL_LINES &&
	   got.len == 0, "the smallest, too");
	spool_reader_close(reader);
	spool_close(spool);
	free(burst);
	free(bytes);
}

static void
test_release(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct spool_reader *reader;
	struct fill_seen seen = {.is_ordered = true};
	size_t		len;
	void	   *state;

	options.file_bytes = 256 * 1024;
	options.max_bytes = 64 * 1024 * 1024;
	options.grace_bytes = 600 * 1024;
	spool = must_open(&options);
	(void) fill_append(spool, 0, 2000, FILL_LEN);
	must_flush(spool);
	ok(spool_last(spool) >> 32 > 8, "there are several files");
	ok(spool_state_save(spool, 1, "one", 3) && spool_state_save(spool, 2, "", 0) &&
	   spool_state_save(spool, 2, "two", 3), "states are saved");
	state = spool_state_load(spool, 2, &len);
	ok(state != NULL && len == 3 && memcmp(state, "two", 3) == 0, "and loaded");
	free(state);
	ok(spool_state_load(spool, 3, &len) == NULL, "where there is one");
	reader = must_read(spool, SPOOL_BEGIN);
	fill_read(reader, 1000, &seen);
	spool_release(spool, seen.end);
	ok(!has_file(1, "spool") && !has_file(1, "state"),
	   "what was released goes, with its state");
	ok(has_file((uint32_t) (seen.end >> 32) - 1, "spool") &&
	   has_file((uint32_t) (seen.end >> 32) - 2, "spool"), "but for a grace");
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.nrecords == 2000 && seen.ngaps == 0,
	   "nothing that was not released goes");
	is((int64_t) counters.spool_records_dropped, 0, "and nothing was dropped");
	spool_reader_close(reader);
	spool_close(spool);
	spool = must_open(&options);
	seen = read_all(spool, (UINT64_C(1) << 32) + 10000);
	ok(seen.ngaps == 1 && seen.next == 2000, "who comes too late is told so");
	seen = read_all(spool, SPOOL_BEGIN);
	ok(seen.ngaps == 0 && seen.next == 2000, "but not who begins with the oldest");
	options.max_bytes = 1024 * 1024;
	spool_close(spool);
	spool = must_open(&options);
	(void) fill_append(spool, 0, 50, FILL_LEN);
	must_flush(spool);
	ok(counters.spool_records_dropped < 1000 - 100,
	   "what was released before a restart does not count when it goes");
	spool_close(spool);
}

/* More than fits is appended; the reader has taken nread of the first. */
static void
test_drop(uint64_t nread, bool is_reopened, const char *name)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct spool_reader *reader;
	struct fill_seen seen = {.is_ordered = true};
	struct stat st;

	options.max_bytes = 2 * 1024 * 1024;
	spool = must_open(&options);
	(void) fill_append(spool, 0, 200, FILL_LEN);
	must_flush(spool);
	reader = must_read(spool, SPOOL_BEGIN);
	fill_read(reader, nread, &seen);
	if (is_reopened)
		spool_release(spool, seen.end);
	for (uint64_t n = 200; n < 6200; n += 1000)
	{
		(void) fill_append(spool, n, n + 1000, FILL_LEN);
		must_flush(spool);
	}
	if (is_reopened)
	{
		spool_reader_close(reader);
		spool_close(spool);
		spool = must_open(&options);
		spool_release(spool, seen.end);
		reader = must_read(spool, seen.end);
	}
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.next == 6200 && seen.ngaps == 1, name);
	is((int64_t) (seen.nrecords + seen.gap_records), 6200, "read and gap are all");
	is((int64_t) counters.spool_records_dropped, (int64_t) seen.gap_records,
	   "counter: dropped");
	is((int64_t) counters.spool_content_bytes_dropped,
	   (int64_t) seen.gap_records * FILL_LEN, "counter: bytes dropped");
	ok(stat(path, &st) == 0 && seen.nrecords * FILL_LEN < options.max_bytes,
	   "the limit holds");
	spool_reader_close(reader);
	spool_close(spool);
}

static void
test_refuse(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct spool_reader *reader;
	struct fill_seen seen = {.is_ordered = true};

	options.max_bytes = 2 * 1024 * 1024;
	options.refuses_newest = true;
	spool = must_open(&options);
	reader = must_read(spool, SPOOL_BEGIN);
	for (uint64_t n = 0; n < 6000; n += 200)
	{
		(void) fill_append(spool, n, n + 200, FILL_LEN);
		must_flush(spool);
	}
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.nrecords < 2000 && seen.next == seen.nrecords,
	   "a full spool keeps the oldest, if that is wanted");
	is((int64_t) (seen.nrecords + counters.spool_records_refused), 6000,
	   "counter: refused");
	spool_release(spool, seen.end);
	(void) fill_append(spool, 6000, 6100, FILL_LEN);
	must_flush(spool);
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.is_ordered && seen.next == 6100 && seen.ngaps == 1,
	   "when there is room again, a gap comes first");
	is((int64_t) (seen.nrecords + seen.gap_records), 6100, "with what is missing");
	spool_reader_close(reader);
	spool_close(spool);
}

static void
test_age(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct fill_seen seen;

	options.file_bytes = 256 * 1024;
	options.max_age_us = SECOND_US / 2;
	spool = must_open(&options);
	(void) fill_append(spool, 0, 400, FILL_LEN);
	must_flush(spool);
	sleep(1);
	(void) fill_append(spool, 400, 401, FILL_LEN);
	must_flush(spool);
	seen = read_all(spool, SPOOL_BEGIN);
	ok(seen.ngaps == 1 && seen.nrecords + seen.gap_records == 401 &&
	   seen.next == 401, "old files go");
	spool_close(spool);
}

static void
test_torn(void)
{
	struct spool_options options = fresh();
	struct spool *spool = must_open(&options);
	struct fill_seen seen;
	struct stat st;
	int			fd;

	(void) fill_append(spool, 0, 100, FILL_LEN);
	spool_close(spool);
	for (int cut = 1; cut < 1600; cut += 533)
	{
		fd = open_file((uint32_t) (cut / 533 + 1), "spool");
		if (fd < 0 || fstat(fd, &st) != 0 || ftruncate(fd, st.st_size - cut) != 0)
			exit(2);
		close(fd);
		spool = must_open(&options);
		(void) fill_append(spool, 100, 110, FILL_LEN);
		spool_close(spool);
	}
	spool = must_open(&options);
	seen = read_all(spool, SPOOL_BEGIN);
	is((int64_t) seen.nrecords, 99 + 9 + 9 + 10, "a torn record is cut, no other");
	is((int64_t) counters.spool_damaged, 0, "which is no damage");
	spool_close(spool);
}

static void
test_damage(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct spool_reader *reader;
	struct spool_record record;
	struct fill_seen seen;
	uint8_t		byte = 0xee;
	int			fd;

	options.file_bytes = 256 * 1024;
	spool = must_open(&options);
	(void) fill_append(spool, 0, 1000, FILL_LEN);
	must_flush(spool);
	fd = open_file(2, "spool");
	if (fd < 0 || pwrite(fd, &byte, 1, 100000) != 1)
		exit(2);
	close(fd);
	fd = open_file(4, "spool");
	if (fd < 0 || pwrite(fd, &byte, 1, 3) != 1)
		exit(2);
	close(fd);
	seen = read_all(spool, SPOOL_BEGIN);
	ok(seen.is_ordered && seen.next == 1000 && seen.nrecords > 600 &&
	   seen.nrecords < 900 && seen.ngaps == 2, "damage ends a file, not the reading");
	is((int64_t) counters.spool_damaged, 2, "counter: damaged");

	/* in the newest file: what comes later must not be passed over */
	reader = must_read(spool, spool_last(spool));
	(void) fill_append(spool, 1000, 1010, FILL_LEN);
	must_flush(spool);
	fd = open_file((uint32_t) (spool_last(spool) >> 32), "spool");
	if (fd < 0 || pwrite(fd, &byte, 1, (off_t) (uint32_t) spool_last(spool) - 7) != 1)
		exit(2);
	close(fd);
	memset(&seen, 0, sizeof(seen));
	fill_read(reader, UINT64_MAX, &seen);
	is((int64_t) seen.nrecords, 9, "the newest file is read up to the damage");
	(void) fill_append(spool, 1010, 1020, FILL_LEN);
	must_flush(spool);
	is(spool_next(reader, &record), SPOOL_RECORD, "then comes");
	is(record.type, SPOOL_GAP, "a gap");
	fill_read(reader, UINT64_MAX, &seen);
	ok(seen.nrecords == 19 && seen.next == 1020, "and all that follows");
	spool_reader_close(reader);
	spool_close(spool);
}

static void
test_refusals(void)
{
	struct spool_options options = fresh();
	struct spool *spool = must_open(&options);
	uint8_t		version[4] = {0, 0, 0, 2};
	size_t		len;
	int			fd;

	(void) fill_append(spool, 0, 10, FILL_LEN);
	ok(spool_open(&options) == NULL, "a second process is kept out");
	if (!spool_state_save(spool, 1, "state", 5))
		exit(2);
	fd = open_file(1, "state");
	if (fd < 0 || pwrite(fd, "X", 1, 2) != 1)
		exit(2);
	close(fd);
	ok(spool_state_load(spool, 1, &len) == NULL && counters.spool_damaged == 1,
	   "a damaged state is not used, and counted");
	spool_close(spool);
	fd = open_file(1, "spool");
	if (fd < 0 || pwrite(fd, version, 4, 8) != 4)
		exit(2);
	close(fd);
	ok(spool_open(&options) == NULL, "files of a newer format are refused");
	options.path = "/proc/no such place";
	ok(spool_open(&options) == NULL, "so is a place that cannot be");
}

struct appender
{
	struct spool *spool;
	uint64_t	first;
};

static void *
append_many(void *arg)
{
	struct appender *appender = arg;

	for (uint64_t n = 0; n < 20000; n += 50)
		(void) fill_append(appender->spool, appender->first + n,
						   appender->first + n + 50, 200);
	return NULL;
}

static void
test_threads(void)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct spool_reader *reader;
	struct spool_record record;
	struct appender appenders[4];
	pthread_t	threads[4];
	uint64_t	next[4] = {0};
	uint64_t	nread = 0;
	int64_t		end_us = clock_monotonic_us() + 20 * SECOND_US;
	bool		is_ordered = true;

	options.file_bytes = 1024 * 1024;
	options.max_bytes = 1024 * 1024 * 1024;
	spool = must_open(&options);
	reader = must_read(spool, SPOOL_BEGIN);
	for (uint64_t i = 0; i < 4; i++)
	{
		appenders[i] = (struct appender) {spool, i * 1000000};
		if (pthread_create(&threads[i], NULL, append_many, &appenders[i]) != 0)
			exit(2);
	}
	while (nread < 80000 && clock_monotonic_us() < end_us)
	{
		uint64_t	n;

		if (spool_next(reader, &record) != SPOOL_RECORD)
		{
			usleep(1000);
			continue;
		}
		n = fill_number(&record);
		if (n == UINT64_MAX || n % 1000000 != next[n / 1000000])
			is_ordered = false;
		else
			next[n / 1000000]++;
		nread++;
		if (nread % 1000 == 0)
			spool_release(spool, record.end);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	is((int64_t) nread, 80000, "four threads lose nothing");
	ok(is_ordered, "and each one's records stay in order");
	spool_reader_close(reader);
	spool_close(spool);
}

static void
test_sync(enum spool_sync sync, const char *name)
{
	struct spool_options options = fresh();
	struct spool *spool;
	struct fill_seen seen;

	options.sync = sync;
	options.sync_us = 10000;
	spool = must_open(&options);
	for (uint64_t n = 0; n < 300; n += 100)
	{
		(void) fill_append(spool, n, n + 100, 100);
		must_flush(spool);
		usleep(20000);
	}
	seen = read_all(spool, SPOOL_BEGIN);
	ok(seen.is_ordered && seen.nrecords == 300, name);
	spool_close(spool);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	folder = argv[1];
	test_checksum();
	test_order();
	test_kinds();
	test_release();
	test_drop(0, false, "a full spool drops the oldest, which is a gap");
	test_drop(50, false, "also while the reader is in it");
	test_drop(50, true, "also over a restart");
	test_refuse();
	test_age();
	test_torn();
	test_damage();
	test_refusals();
	test_threads();
	test_sync(SPOOL_SYNC_INTERVAL, "synced from time to time");
	test_sync(SPOOL_SYNC_EACH, "synced at once");
	return tap_failed;
}
