/*-------------------------------------------------------------------------
 *
 * If this goes, packets of a ring may be lost, found for another flow, or
 * read where a crash or a full disk has left no whole one.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "ring.h"
#include "ring_find.h"
#include "ring_read.h"
#include "tap.h"

#define MB			(UINT64_C(1) << 20)
#define ETHERNET	1
#define RAW			12
#define FRAME_BYTES	1000

static struct counters counters;
static char path[] = "/tmp/ring-test-XXXXXX";
static uint64_t places[100000];

/* An Ethernet frame of UDP from 10.0.0.host to 10.1.0.1; returns its length. */
static size_t
make_frame(uint8_t *bytes, unsigned host, size_t len)
{
	static const uint8_t head[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 1, 0, 1,
		0x10, 0, 0x20, 0, 0, 0, 0, 0
	};

	memset(bytes, 0, len);
	memcpy(bytes, head, sizeof(head));
	bytes[16] = (uint8_t) ((len - 14) >> 8);
	bytes[17] = (uint8_t) (len - 14);
	bytes[28] = (uint8_t) (host >> 8);
	bytes[29] = (uint8_t) host;
	return len;
}

static struct flow_key
key_of(unsigned host)
{
	struct flow_key key = {
		.src = {FLOW_FAMILY_IP4, {10, 0, (uint8_t) (host >> 8), (uint8_t) host}},
		.dst = {FLOW_FAMILY_IP4, {10, 1, 0, 1}},
		.src_port = 0x1000,.dst_port = 0x2000,.proto = FLOW_PROTO_UDP
	};

	return key;
}

static struct ring *
open_ring(uint64_t max_bytes)
{
	struct ring_options options = {
		.path = path,.max_bytes = max_bytes,.file_bytes = MB,
		.file_us = INT64_C(3600000000),.snap = RING_MAX_SNAP,.can_wait = true,
		.counters = &counters
	};

	memset(&counters, 0, sizeof(counters));
	return ring_open(&options);
}

/* Packet i is of flow i % nflows, at second i; its position is in places[i]. */
static void
add(struct ring *ring, int from, int to, int nflows, int dlt)
{
	uint8_t		bytes[FRAME_BYTES];

	for (int i = from; i < to; i++)
	{
		struct flow_key key = key_of((unsigned) (i % nflows));
		size_t		skipped = dlt == RAW ? 14 : 0;
		size_t		len = make_frame(bytes, (unsigned) (i % nflows), sizeof(bytes));
		struct frame frame = {
			.bytes = bytes + skipped,.caplen = len - skipped,.wirelen = len - skipped,
			.time_us = INT64_C(1700000000000000) + i,.time_ns = 7,.dlt = dlt
		};

		places[i] = ring_add(ring, &frame, &key);
	}
}

/* How many packets of flow host are found, by the index where there is one. */
static struct ring_hits
find(unsigned host)
{
	struct ring_dir dir;
	struct ring_hits hits = {0};
	struct ring_query query = {.nsides = 1,.dlt = -1};
	struct ring_side *side = &query.sides[0];

	*side = (struct ring_side) {
		.has_hash = true,.last = UINT64_MAX,.from_us = INT64_MIN,.to_us = INT64_MAX
	};
	if (!ring_dir_open(&dir, path, false))
		return hits;
	side->key = key_of(host);
	side->hash = ring_dir_hash(&dir, &side->key);
	if (!ring_find(&dir, &query, &hits))
		hits.n = 0;
	ring_hits_sort(&hits);
	ring_dir_close(&dir);
	free(hits.items);
	return hits;
}

static int64_t
count(unsigned host)
{
	return (int64_t) find(host).n;
}

static void
remove_all(void)
{
	DIR		   *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void) unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}

/* Files of the directory that end so; their sizes are added to *bytes. */
static int
count_files(const char *suffix, uint64_t *bytes)
{
	DIR		   *dir = opendir(path);
	struct dirent *entry;
	struct stat status;
	uint32_t	file;
	int			n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (ring_name_parse(entry->d_name, suffix, &file) &&
			fstatat(dirfd(dir), entry->d_name, &status, 0) == 0)
		{
			n++;
			*bytes += (uint64_t) status.st_size;
		}
	if (dir != NULL)
		closedir(dir);
	return n;
}

static void
file_path(uint32_t file, const char *suffix, char *to, size_t size)
{
	char		name[RING_NAME_LEN];

	ring_name(file, suffix, name);
	snprintf(to, size, "%s/%s", path, name);
}

static off_t
size_of(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 ? status.st_size : -1;
}

static void
test_limit(void)
{
	struct ring *ring = open_ring(4 * MB);
	uint64_t	bytes = 0;
	int			nfiles;

	add(ring, 0, 20000, 10, ETHERNET);
	ring_close(ring);
	nfiles = count_files("pcap", &bytes);
	is(count_files("index", &bytes), nfiles, "limit: an index for each file");
	ok(bytes <= 4 * MB && bytes > 3 * MB, "limit: it is kept, and used");
	is((int64_t) counters.ring_packets, 20000, "limit: all packets were written");
	ok(counters.ring_files_removed > 10, "limit: files were removed, and counted");
	ok(count(3) > 200 && count(3) < 420, "limit: the packets of the newest files are found");
	is(count(11), 0, "limit: nothing is found of a flow that was not there");
}

static void
test_numbers(void)
{
	struct ring *ring = open_ring(4 * MB);
	uint32_t	before = (uint32_t) (places[19999] >> 32);

	add(ring, 0, 1, 1, ETHERNET);
	ring_close(ring);
	ok(places[0] >> 32 > before, "numbers: files of the next process have higher ones");
	before = (uint32_t) (places[0] >> 32);
	for (uint32_t file = 1; file <= before; file++)
	{
		char		name[100];

		file_path(file, "pcap", name, sizeof(name));
		(void) unlink(name);
	}
	ring = open_ring(4 * MB);
	add(ring, 0, 1, 1, ETHERNET);
	ring_close(ring);
	ok(places[0] >> 32 > before, "numbers: also when all files are gone");
	is(count_files("index", &(uint64_t) {0}), 1, "numbers: an index without its file goes");
}

static void
test_link_types(void)
{
	struct ring *ring;
	struct ring_hits hits;

	remove_all();
	ring = open_ring(4 * MB);
	add(ring, 0, 10, 1, ETHERNET);
	add(ring, 10, 20, 1, RAW);
	add(ring, 20, 30, 1, ETHERNET);
	ring_close(ring);
	is(count_files("pcap", &(uint64_t) {0}), 3, "link types: a file each time it changes");
	hits = find(0);
	is((int64_t) hits.n, 30, "link types: the flow is found in all of them");
	ok(hits.dlt == ETHERNET && hits.other_dlt == RAW, "link types: both are told");
}

static void
test_visible(void)
{
	struct ring *ring;
	struct ring *second;
	int			i = 0;

	remove_all();
	ring = open_ring(4 * MB);
	add(ring, 0, 5, 1, ETHERNET);
	ring_tick(ring, clock_monotonic_us());
	while (count(0) < 5 && i++ < 200)
		usleep(10000);
	is(count(0), 5, "open file: what was added is found");
	second = open_ring(4 * MB);
	ok(second == NULL, "open file: no second process writes");
	add(ring, 5, 7, 1, ETHERNET);
	ring_close(ring);
	is(count(0), 7, "open file: and the rest at the end");
}

/* The newest file is cut by so many bytes, with or without an index. */
static void
test_torn(off_t cut, bool has_index, int64_t expected, const char *name)
{
	struct ring *ring;
	char		data[100];
	char		index[100];
	off_t		size;
	char		text[200];

	remove_all();
	ring = open_ring(4 * MB);
	add(ring, 0, 100, 2, ETHERNET);
	ring_close(ring);
	file_path((uint32_t) (places[99] >> 32), "pcap", data, sizeof(data));
	file_path((uint32_t) (places[99] >> 32), "index", index, sizeof(index));
	size = size_of(data);
	if (truncate(data, size - cut) != 0 || (!has_index && truncate(index, 3) != 0))
		abort();
	snprintf(text, sizeof(text), "torn: %s: read as it is", name);
	is(count(0) + count(1), expected, text);
	ring = open_ring(4 * MB);
	ring_close(ring);
	snprintf(text, sizeof(text), "torn: %s: read when it was repaired", name);
	is(count(0) + count(1), expected, text);
	snprintf(text, sizeof(text), "torn: %s: whole records stay", name);
	is(size_of(data), RING_FILE_HEADER + expected * (RING_RECORD_HEADER + FRAME_BYTES), text);
	if (truncate(data, 0) != 0)
		abort();
	ring = open_ring(4 * MB);
	ring_close(ring);
	snprintf(text, sizeof(text), "torn: %s: a file without packets goes", name);
	is(size_of(data), -1, text);
}

/* Any byte of an index may be wrong: what is found is right all the same. */
static void
test_damaged_index(void)
{
	struct ring *ring;
	char		name[100];
	off_t		size;
	int			nwrong = 0;
	int			fd;

	remove_all();
	ring = open_ring(4 * MB);
	add(ring, 0, 40, 2, ETHERNET);
	ring_close(ring);
	file_path((uint32_t) (places[0] >> 32), "index", name, sizeof(name));
	size = size_of(name);
	fd = open(name, O_RDWR);
	for (off_t at = 0; at < size; at++)
	{
		uint8_t		byte;
		uint8_t		bad;

		/* but the tunnels that were opened, of which there were none */
		if (at >= 8 && at < 12)
			continue;
		if (pread(fd, &byte, 1, at) != 1)
			abort();
		bad = byte ^ 0x41;
		if (pwrite(fd, &bad, 1, at) != 1)
			abort();
		nwrong += count(0) != 20 || count(1) != 20;
		if (pwrite(fd, &byte, 1, at) != 1)
			abort();
	}
	close(fd);
	ok(size > 100, "damaged index: it has bytes");
	is(nwrong, 0, "damaged index: packets are found without it");
}

/* Files may not be longer than half a megabyte for a while. */
static void
test_disk_full(void)
{
	struct rlimit limit;
	struct rlimit small;
	struct ring *ring;
	int			nkept = 0;

	remove_all();
	signal(SIGXFSZ, SIG_IGN);
	ring = open_ring(64 * MB);
	add(ring, 0, 1, 1, ETHERNET);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 500000;
	setrlimit(RLIMIT_FSIZE, &small);
	add(ring, 1, 3000, 1, ETHERNET);
	for (int i = 0; i < 300 && counters.ring_write_errors == 0; i++)
		usleep(10000);
	setrlimit(RLIMIT_FSIZE, &limit);
	ok(counters.ring_write_errors > 0, "disk full: errors are counted");
	usleep(10000);
	add(ring, 3000, 3100, 1, ETHERNET);
	is((int64_t) places[3099], 0, "disk full: for a second nothing is tried");
	usleep(RING_RETRY_US);
	add(ring, 3100, 3200, 1, ETHERNET);
	ok(places[3199] != 0, "disk full: then it is tried again");
	ring_close(ring);
	for (int i = 0; i < 3200; i++)
		nkept += places[i] != 0;
	is((int64_t) (counters.ring_packets + counters.ring_packets_dropped), 3200,
	   "disk full: every packet is written or counted as dropped");
	ok(counters.ring_packets >= 100 && counters.ring_packets_dropped >= 100,
	   "disk full: some are written, some are not");
	is(count(0), (int64_t) counters.ring_packets, "disk full: what was written is found");
	ok(nkept >= (int) counters.ring_packets, "disk full: what was written had a position");
}

static void
test_refs(void)
{
	static const char *const bad[] = {
		"", "0123abcd", "0123abcd:", "0123abcd:1", "0123abcd:1.", "0123abcd:0.24",
		"0123abcd:1.24-", "0123abcd:1.24-23", "0123abcd:2.24-1.99", "0123abcd:1.24 ",
		"0123abcd:1.99999999999", "0123abcg:1.24", "0123abcd:1.24-2.5.6", "123abcd:1.24"
	};
	struct ring_ref ref = {"0123abcd", ring_position(7, 24), ring_position(7, 24)};
	struct ring_ref got;
	char		text[RING_REF_LEN];
	int			nbad = 0;
	size_t		len;

	(void) ring_ref_format(&ref, text);
	ok(strcmp(text, "0123abcd:7.24") == 0, "reference: one packet");
	ref.last = ring_position(7, 99);
	(void) ring_ref_format(&ref, text);
	ok(strcmp(text, "0123abcd:7.24-99") == 0, "reference: one file");
	ref.last = ring_position(UINT32_MAX, UINT32_MAX);
	len = ring_ref_format(&ref, text);
	is((int64_t) len, (int64_t) strlen(text), "reference: its length");
	ok(ring_ref_parse(text, &got) && got.first == ref.first && got.last == ref.last &&
	   strcmp(got.id, ref.id) == 0, "reference: several files, there and back");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		nbad += ring_ref_parse(bad[i], &got);
	is(nbad, 0, "reference: what is none");
}

/* Every packet tells which flow it is of, by the index and by itself. */
static void
test_hash_at(void)
{
	struct ring *ring;
	struct ring_dir dir;
	int			nwrong = 0;

	remove_all();
	ring = open_ring(4 * MB);
	add(ring, 0, 200, 7, ETHERNET);
	ring_close(ring);
	if (!ring_dir_open(&dir, path, false))
		abort();
	for (int i = 0; i < 200; i++)
	{
		struct flow_key key = key_of((unsigned) (i % 7));
		uint64_t	hash;

		nwrong += !ring_hash_at(&dir, places[i], &hash) || hash != ring_dir_hash(&dir, &key);
		nwrong += ring_hash_at(&dir, places[i] + 1, &hash);
	}
	is(nwrong, 0, "flow of a packet");
	ring_dir_close(&dir);
}

static void
write_victim(const char *victim)
{
	uint8_t		bytes[RING_FILE_HEADER + 5] = {0};
	int			fd = open(victim, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ring_file_header(bytes, ETHERNET, RING_MAX_SNAP);
	if (fd < 0 || write(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		abort();
	close(fd);
}

/* What others may have put into the directory. */
static void
test_foreign(void)
{
	char		victim[sizeof(path) + 16];
	char		name[sizeof(path) + 32];
	struct ring *ring;
	struct stat status;

	remove_all();
	snprintf(victim, sizeof(victim), "%s-victim", path);
	write_victim(victim);
	snprintf(name, sizeof(name), "%s/0000000001.pcap", path);
	if (symlink(victim, name) != 0)
		abort();
	snprintf(name, sizeof(name), "%s/0000000002.pcap", path);
	if (mkfifo(name, 0600) != 0)
		abort();
	alarm(60);
	ring = open_ring(8 * MB);
	ok(ring != NULL, "a ring with a link and a pipe in it opens");
	if (ring != NULL)
	{
		add(ring, 0, 10, 1, ETHERNET);
		ring_close(ring);
	}
	ok(stat(victim, &status) == 0 && status.st_size == RING_FILE_HEADER + 5,
	   "where the link points to nothing is changed");
	is((int64_t) find(0).n, 10, "nobody waits at the pipe");
	alarm(0);
	(void) unlink(victim);

	remove_all();
	snprintf(name, sizeof(name), "%s/id", path);
	if (symlink(victim, name) != 0)
		abort();
	ok(open_ring(8 * MB) == NULL && stat(victim, &status) != 0, "an \"id\" that is a link is none");

	remove_all();
	ring = open_ring(8 * MB);
	if (ring != NULL)
		ring_close(ring);
	snprintf(name, sizeof(name), "%s/4294967294.pcap", path);
	write_victim(name);
	ok(open_ring(8 * MB) == NULL, "numbers do not begin anew");
}

int
main(void)
{
	if (mkdtemp(path) == NULL)
		abort();
	test_refs();
	test_limit();
	test_numbers();
	test_link_types();
	test_visible();
	test_torn(10, true, 99, "within a packet");
	test_torn(10, false, 99, "within a packet, without index");
	test_torn(FRAME_BYTES + 10, true, 99, "within a header");
	test_torn(0, false, 100, "without index");
	test_damaged_index();
	test_disk_full();
	test_hash_at();
	test_foreign();
	remove_all();
	rmdir(path);
	return tap_failed;
}
