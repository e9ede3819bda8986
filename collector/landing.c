/*-------------------------------------------------------------------------
 *
 * The mapped files, and what is found in them at the next start.
 *
 * A file is a header and areas.  While a burst lands, its area has its number
 * and the lengths that the kernel writes with each datagram are 0 before: so
 * after a kill exactly the slots with a length hold datagrams.  The number is
 * cleared when the spool has written the records.
 *
 * A tag is the burst's number in 48 bits, the thread and the slot.  Numbers
 * begin with the time of the start in units of BURST_US, so that they grow over
 * restarts: no thread receives bursts faster for long.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "input_socket.h"
#include "landing.h"
#include "log.h"

#define HEADER_LEN		4096
#define MAGIC			"FLOWLND1"
#define MEMORY			"/dev/shm"
#define NAME_LEN		64
#define MAX_MAPS		512
#define USUAL_BYTES		2048
#define BURST_US		16
#define TAIL_FILES		4		/* the one just begun, the newest, and two that a burst may be in */
#define RECOVER_US		INT64_C(10000000)

_Static_assert(LANDING_FILE_BYTES == HEADER_LEN + LANDING_AREAS * sizeof(struct landing_area),
			   "as it is mapped");

struct header
{
	char		magic[8];
	uint64_t	area_bytes;		/* another build has another layout */
	uint32_t	thread;
};

struct landing
{
	struct spool *spool;
	char	   *path;			/* NULL: not a file */
	uint8_t    *map;
	int			thread;
	uint64_t	last_burst;
};

static struct landing_area *
area_of(const struct landing *landing, int i)
{
	return (struct landing_area *) (landing->map + HEADER_LEN) + i;
}

static uint64_t
make_tag(uint64_t burst, int thread, int slot)
{
	return burst << 16 | (uint64_t) thread << 8 | (uint64_t) slot;
}

uint64_t
landing_tag(const struct landing *landing, const struct landing_area *area, int slot)
{
	return make_tag(area->burst, landing->thread, slot);
}

/* How the files of this spool begin, in name[NAME_LEN]; returns its length. */
static size_t
prefix_of(const struct spool *spool, char *name)
{
	return (size_t) snprintf(name, NAME_LEN, "flowcollectd-%s-", spool_id(spool));
}

/* Map a new file in a directory; NULL, with errno, if that has no room for it. */
static uint8_t *
map_new(const char *path)
{
	int			fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int			error = fd < 0 ? errno : posix_fallocate(fd, 0, LANDING_FILE_BYTES);
	void	   *map = MAP_FAILED;

	if (error == 0)
	{
		map = mmap(NULL, LANDING_FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		error = errno;
	}
	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		return map;
	if (fd >= 0)
		(void) unlink(path);
	errno = error;
	return NULL;
}

/* In memory if that has room, else beside the spool. */
static void
map_file(struct landing *landing)
{
	const char *directories[] = {MEMORY, spool_path(landing->spool)};
	char		name[NAME_LEN];

	(void) prefix_of(landing->spool, name);
	for (int i = 0; i < 2 && landing->map == NULL; i++)
	{
		free(landing->path);
		if (asprintf(&landing->path, "%s/%s%d", directories[i], name, landing->thread) < 0)
			fatalx("out of memory");
		landing->map = map_new(landing->path);
	}
	if (landing->map != NULL)
		return;
	log_warn("could not make file \"%s\", so that a kill loses what is not written", landing->path);
	free(landing->path);
	landing->path = NULL;
	landing->map = mmap(NULL, LANDING_FILE_BYTES, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (landing->map == MAP_FAILED)
		landing->map = NULL;
}

/*
 * A page that is touched first while a kill is pending takes its datagram with
 * it: touch those that most datagrams fit.
 */
static void
touch(struct landing *landing)
{
	for (int i = 0; i < LANDING_AREAS; i++)
	{
		struct landing_area *area = area_of(landing, i);

		memset(area, 0, offsetof(struct landing_area, bytes));
		for (int slot = 0; slot < LANDING_SLOTS; slot++)
			memset(area->bytes[slot], 0, USUAL_BYTES);
	}
}

struct landing *
landing_open(struct spool *spool, int thread)
{
	struct landing *landing = calloc(1, sizeof(*landing));
	struct header *header;

	if (landing == NULL)
		return NULL;
	landing->spool = spool;
	landing->thread = thread;
	landing->last_burst = (uint64_t) clock_realtime_us() / BURST_US & UINT64_C(0xffffffffffff);
	map_file(landing);
	if (landing->map == NULL)
	{
		free(landing);
		return NULL;
	}
	touch(landing);
	header = (struct header *) landing->map;
	header->area_bytes = sizeof(struct landing_area);
	header->thread = (uint32_t) thread;
	memcpy(header->magic, MAGIC, sizeof(header->magic));
	return landing;
}

/* Free the areas whose records are written; returns how many are not. */
static int
settle(struct landing *landing)
{
	int			npending = 0;

	for (int i = 0; i < LANDING_AREAS; i++)
	{
		struct landing_area *area = area_of(landing, i);

		if (area->burst != 0 && spool_is_settled(landing->spool, area->ticket))
			area->burst = 0;
		npending += area->burst != 0;
	}
	return npending;
}

void
landing_close(struct landing *landing)
{
	bool		is_clean = settle(landing) == 0 ||
		(spool_flush(landing->spool, RECOVER_US) && settle(landing) == 0);

	munmap(landing->map, LANDING_FILE_BYTES);
	if (is_clean && landing->path != NULL)
		(void) unlink(landing->path);
	free(landing->path);
	free(landing);
}

/* A free area, else the one that has waited longest. */
static struct landing_area *
choose(struct landing *landing)
{
	struct landing_area *oldest = area_of(landing, 0);

	if (settle(landing) == LANDING_AREAS)
	{
		(void) !spool_flush(landing->spool, LANDING_WAIT_US);
		(void) settle(landing);
	}
	for (int i = 0; i < LANDING_AREAS; i++)
	{
		struct landing_area *area = area_of(landing, i);

		if (area->burst < oldest->burst)
			oldest = area;
	}
	return oldest;
}

struct landing_area *
landing_begin(struct landing *landing, uint16_t local_port)
{
	struct landing_area *area = choose(landing);

	area->burst = 0;
	area->local_port = local_port;
	for (int i = 0; i < LANDING_SLOTS; i++)
	{
		area->iovecs[i] = (struct iovec) {area->bytes[i], LANDING_BYTES};
		area->messages[i].msg_len = 0;
		area->messages[i].msg_hdr = (struct msghdr) {
			.msg_name = &area->sources[i],
			.msg_namelen = sizeof(area->sources[i]),
			.msg_iov = &area->iovecs[i],
			.msg_iovlen = 1,
			.msg_control = area->controls[i],
			.msg_controllen = sizeof(area->controls[i])
		};
	}
	area->ticket = UINT64_MAX;
	__atomic_store_n(&area->burst, ++landing->last_burst, __ATOMIC_RELEASE);
	return area;
}

void
landing_end(struct landing *landing, struct landing_area *area, int n)
{
	if (n <= 0)
		area->burst = 0;
	else
		area->ticket = spool_ticket(landing->spool);
}

int64_t
landing_time(struct msghdr *message, int64_t otherwise_us, uint32_t *lost)
{
	int64_t		time_us = otherwise_us;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg != NULL;
		 cmsg = CMSG_NXTHDR(message, cmsg))
	{
		struct timespec time;

		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		if (cmsg->cmsg_type == SO_RXQ_OVFL)
			memcpy(lost, CMSG_DATA(cmsg), sizeof(*lost));
		else if (cmsg->cmsg_type == SCM_TIMESTAMPNS)
		{
			memcpy(&time, CMSG_DATA(cmsg), sizeof(time));
			time_us = (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
		}
	}
	return time_us;
}

/* ---- the next start ------------------------------------------------------ */

struct found
{
	uint64_t	tag;
	struct landing_area *area;
	int			slot;
};

struct recovery
{
	struct spool *spool;
	struct admit *admit;
	size_t		nmaps;
	void	   *maps[MAX_MAPS];
	char	   *paths[MAX_MAPS];
	size_t		n;
	struct found *found;		/* [n], by tag */
};

static int
by_tag(const void *a, const void *b)
{
	uint64_t	x = ((const struct found *) a)->tag;
	uint64_t	y = ((const struct found *) b)->tag;

	return x < y ? -1 : x > y;
}

static void
find_in(struct recovery *recovery, uint8_t *map)
{
	const struct header *header = (const struct header *) map;

	if (memcmp(header->magic, MAGIC, sizeof(header->magic)) != 0 ||
		header->area_bytes != sizeof(struct landing_area) || header->thread > 255)
		return;
	for (int i = 0; i < LANDING_AREAS; i++)
	{
		struct landing_area *area = (struct landing_area *) (map + HEADER_LEN) + i;

		for (int slot = 0; area->burst != 0 && slot < LANDING_SLOTS; slot++)
			if (area->messages[slot].msg_len > 0 &&
				area->messages[slot].msg_len <= LANDING_BYTES)
				recovery->found[recovery->n++] = (struct found) {
					make_tag(area->burst, (int) header->thread, slot), area, slot
				};
	}
}

static void
map_old(struct recovery *recovery, const char *directory, const char *name)
{
	char	   *path;
	struct stat stat;
	int			fd;
	void	   *map = MAP_FAILED;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		fatalx("out of memory");
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &stat) == 0 && stat.st_size == (off_t) LANDING_FILE_BYTES &&
		stat.st_uid == geteuid())
		map = mmap(NULL, LANDING_FILE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
	{
		(void) unlink(path);	/* begun, but never used */
		free(path);
		return;
	}
	recovery->maps[recovery->nmaps] = map;
	recovery->paths[recovery->nmaps++] = path;
}

static void
map_all(struct recovery *recovery, const char *directory)
{
	DIR		   *dir = opendir(directory);
	char		prefix[NAME_LEN];
	size_t		len = prefix_of(recovery->spool, prefix);
	const struct dirent *entry;

	if (dir == NULL)
		return;
	while (recovery->nmaps < MAX_MAPS && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, len) == 0)
			map_old(recovery, directory, entry->d_name);
	closedir(dir);
}

/* Forget what the spool has. */
static void
leave_out_written(struct recovery *recovery)
{
	struct spool_reader *reader;
	struct spool_record record;

	reader = spool_reader_open(recovery->spool, spool_tail(recovery->spool, TAIL_FILES));
	if (reader == NULL)
		fatalx("out of memory");
	while (spool_next(reader, &record) == SPOOL_RECORD)
	{
		struct found key = {.tag = record.source.tag};
		struct found *found = key.tag == 0 ? NULL :
			bsearch(&key, recovery->found, recovery->n, sizeof(key), by_tag);

		if (found != NULL)
			found->area = NULL;
	}
	spool_reader_close(reader);
}

/* Append one, unless it is refused.  Returns whether it was. */
static bool
append(struct recovery *recovery, const struct found *found, struct spool_burst *burst)
{
	struct landing_area *area = found->area;
	struct msghdr message = area->messages[found->slot].msg_hdr;
	struct spool_record record = {
		.type = SPOOL_DATAGRAM,
		.source = {
			.addr = input_socket_addr(&area->sources[found->slot]),
			.port = input_socket_port(&area->sources[found->slot]),
			.local_port = area->local_port,
			.tag = found->tag
		},
		.bytes = area->bytes[found->slot],
		.len = area->messages[found->slot].msg_len
	};
	uint32_t	lost;

	message.msg_control = area->controls[found->slot];
	if (message.msg_controllen > LANDING_CONTROL)
		message.msg_controllen = 0;
	record.source.received_us = landing_time(&message, clock_realtime_us(), &lost);
	if (recovery->admit != NULL &&
		!admit_check(recovery->admit, &record.source.addr, clock_monotonic_us()))
		return false;
	if (!spool_burst_add(burst, &record))
	{
		(void) spool_append(recovery->spool, burst);
		if (!spool_burst_add(burst, &record))
			abort();			/* an empty burst takes any datagram */
	}
	return true;
}

static void
append_rest(struct recovery *recovery)
{
	struct spool_burst *burst = calloc(1, sizeof(*burst));
	size_t		n = 0;

	if (burst == NULL)
		fatalx("out of memory");
	for (size_t i = 0; i < recovery->n; i++)
		if (recovery->found[i].area != NULL)
			n += append(recovery, &recovery->found[i], burst);
	(void) spool_append(recovery->spool, burst);
	free(burst);
	if (n > 0)
		log_info("%zu datagrams had landed before the last end, and are taken now", n);
}

void
landing_recover(struct spool *spool, struct admit *admit)
{
	struct recovery recovery = {.spool = spool,.admit = admit};
	bool		is_written;

	map_all(&recovery, MEMORY);
	map_all(&recovery, spool_path(spool));
	recovery.found = calloc(recovery.nmaps * LANDING_AREAS * LANDING_SLOTS + 1,
							sizeof(struct found));
	if (recovery.found == NULL)
		fatalx("out of memory");
	for (size_t i = 0; i < recovery.nmaps; i++)
		find_in(&recovery, recovery.maps[i]);
	qsort(recovery.found, recovery.n, sizeof(struct found), by_tag);
	if (recovery.n > 0)
	{
		leave_out_written(&recovery);
		append_rest(&recovery);
	}
	is_written = recovery.n == 0 || spool_flush(spool, RECOVER_US);
	if (!is_written)
		log_warnx("the disk of the spool does not take what had landed");
	for (size_t i = 0; i < recovery.nmaps; i++)
	{
		munmap(recovery.maps[i], LANDING_FILE_BYTES);
		if (is_written)
			(void) unlink(recovery.paths[i]);
		free(recovery.paths[i]);
	}
	free(recovery.found);
}
