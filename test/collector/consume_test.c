/*-------------------------------------------------------------------------
 *
 * If this goes, what the spool has taken may be stored twice, or not at all,
 * after a kill, or decoded with a state that is not that of its place.
 *
 * A process appends numbered datagrams and consumes them, and is killed at
 * random, many times.  Its decoder counts and sums what it has ever seen; its
 * sink is a file of commits, each with rows and a position.  Now and then the
 * sink loses its newest commits, as a standby does that was behind.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "consume.h"
#include "crc32c.h"
#include "spool_fill.h"
#include "tap.h"

#define SECOND_US	INT64_C(1000000)
#define NROUNDS		60
#define PER_ROUND	UINT64_C(1000000)
#define MAX_ROWS	2048

struct row
{
	uint64_t	id;
	uint64_t	index;			/* how many records the decoder had seen */
	uint64_t	sum;			/* over all of them */
};

struct commit
{
	uint32_t	crc;			/* of what follows */
	uint32_t	nrows;
	uint64_t	position;
	struct row	rows[MAX_ROWS];
};

#define COMMIT_LEN(nrows) (offsetof(struct commit, rows) + (nrows) * sizeof(struct row))

struct side
{
	struct spool *spool;
	struct row	state;			/* of the decoder */
	struct commit commit;		/* that is being put together */
	int			sink;
	int			kill_percent;	/* of a per mille, in callbacks */
	uint64_t	first;
	uint64_t	ngaps;
};

static struct counters counters;
static char path[4096];
static char sink_path[4200];

static struct spool *
must_open(void)
{
	struct spool_options options = {
		.path = path,.counters = &counters,.file_bytes = 200 * 1024,
		.max_bytes = UINT64_C(1) << 30,.grace_bytes = UINT64_C(1) << 30
	};
	struct spool *spool = spool_open(&options);

	if (spool == NULL)
		exit(2);
	return spool;
}

static void
maybe_die(const struct side *side)
{
	if (random() % 100000 < side->kill_percent)
		raise(SIGKILL);
}

static void
decode(void *arg, const struct spool_record *record, bool is_replay)
{
	struct side *side = arg;
	struct datagram datagram = consume_datagram(record);
	uint64_t	id;

	maybe_die(side);
	if (record->type != SPOOL_DATAGRAM)
	{
		side->ngaps++;
		return;
	}
	memcpy(&id, datagram.bytes, sizeof(id));
	side->state.id = id;
	side->state.index++;
	side->state.sum = side->state.sum * 31 + id;
	if (!is_replay)
		side->commit.rows[side->commit.nrows++] = side->state;
}

static void
commit(struct side *side)
{
	size_t		len = COMMIT_LEN(side->commit.nrows);

	side->commit.crc = crc32c((uint8_t *) &side->commit + 4, len - 4);
	maybe_die(side);
	if (write(side->sink, &side->commit, len) != (ssize_t) len)
		exit(2);
	maybe_die(side);
	side->commit.nrows = 0;
	spool_release(side->spool, side->commit.position);
}

static void
mark(void *arg, uint64_t position)
{
	struct side *side = arg;

	side->commit.position = position;
	if (side->commit.nrows > MAX_ROWS / 2 || random() % 4 == 0)
		commit(side);
}

static bool
has_room(void *arg)
{
	const struct side *side = arg;

	return side->commit.nrows < MAX_ROWS;
}

static size_t
save(void *arg, void **bytes)
{
	struct side *side = arg;

	maybe_die(side);
	*bytes = malloc(sizeof(side->state));
	if (*bytes == NULL)
		exit(2);
	memcpy(*bytes, &side->state, sizeof(side->state));
	return sizeof(side->state);
}

static void
load(void *arg, const void *bytes, size_t len)
{
	struct side *side = arg;

	memset(&side->state, 0, sizeof(side->state));
	if (bytes != NULL && len == sizeof(side->state))
		memcpy(&side->state, bytes, len);
}

/* The next commit of the sink's file; false where it ends, or is torn. */
static bool
read_commit(FILE *file, struct commit *commit)
{
	if (fread(commit, COMMIT_LEN(0), 1, file) != 1 || commit->nrows > MAX_ROWS)
		return false;
	if (fread(commit->rows, sizeof(struct row), commit->nrows, file) != commit->nrows)
		return false;
	return commit->crc ==
		crc32c((uint8_t *) commit + 4, COMMIT_LEN(commit->nrows) - 4);
}

/*
 * Roll the sink back to its last whole commit, and nforget before it.  Returns
 * the position.
 */
static uint64_t
recover_sink(int nforget)
{
	static struct commit commit;
	uint64_t	position[64] = {SPOOL_BEGIN};
	long		end[64] = {0};
	FILE	   *file = fopen(sink_path, "a+");
	int			n = 0;

	if (file == NULL)
		exit(2);
	rewind(file);
	while (read_commit(file, &commit))
	{
		n++;
		position[n % 64] = commit.position;
		end[n % 64] = ftell(file);
	}
	fclose(file);
	n -= nforget < n ? nforget : n;
	if (truncate(sink_path, n == 0 ? 0 : end[n % 64]) != 0)
		exit(2);
	return n == 0 ? SPOOL_BEGIN : position[n % 64];
}

static void *
append(void *arg)
{
	struct side *side = arg;
	uint64_t	n = side->first;

	for (;;)
	{
		uint64_t	end = n + 1 + (uint64_t) (random() % 100);

		(void) fill_append(side->spool, n, end, 8 + (size_t) (random() % 1400));
		n = end;
		if (random() % 3 == 0)
			usleep((useconds_t) (random() % 3000));
	}
	return NULL;
}

/* One life.  Without appending, it ends when all is stored. */
static void
live(int round, bool appends)
{
	static struct side side;
	struct consume_callbacks callbacks = {decode, mark, has_room, save, load, &side};
	struct consumer *consumer;
	uint64_t	position = recover_sink(0);
	pthread_t	thread;

	srandom((unsigned int) round);
	side.first = (uint64_t) round * PER_ROUND;
	side.kill_percent = appends && round % 3 == 0 ? 5 : 0;
	side.spool = must_open();
	side.sink = open(sink_path, O_WRONLY | O_APPEND);
	consumer = consume_open(side.spool, position, &callbacks, &counters);
	if (consumer == NULL || side.sink < 0 ||
		(appends && pthread_create(&thread, NULL, append, &side) != 0))
		exit(2);
	do
	{
		position = consume_position(consumer);
		if (!consume_step(consumer, 1 + (int) (random() % 300)))
			usleep(1000);
	} while (appends || consume_position(consumer) != position);
	commit(&side);
	consume_close(consumer);
	spool_close(side.spool);
	exit(side.ngaps == 0 ? 0 : 3);
}

static int
fork_life(int round, bool appends)
{
	pid_t		pid = fork();
	int			status;

	if (pid < 0)
		exit(2);
	if (pid == 0)
		live(round, appends);
	if (appends)
	{
		usleep((useconds_t) (20000 + random() % 150000));
		kill(pid, SIGKILL);
	}
	if (waitpid(pid, &status, 0) != pid)
		exit(2);
	return status;
}

/* What is in the spool must be what is in the sink, in order, and no more. */
static void
compare(void)
{
	static struct commit commit;
	struct spool *spool = must_open();
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);
	FILE	   *file = fopen(sink_path, "r");
	struct spool_record record;
	struct row	expected = {0};
	uint64_t	nwrong = 0;
	uint64_t	nholes = 0;

	if (reader == NULL || file == NULL)
		exit(2);
	while (read_commit(file, &commit))
		for (uint32_t i = 0; i < commit.nrows; i++)
		{
			uint64_t	id = spool_next(reader, &record) == SPOOL_RECORD ?
				fill_number(&record) : UINT64_MAX;

			nholes += expected.index > 0 && id != expected.id + 1 &&
				id % PER_ROUND != 0;
			expected.id = id;
			expected.index++;
			expected.sum = expected.sum * 31 + id;
			nwrong += memcmp(&expected, &commit.rows[i], sizeof(expected)) != 0;
		}
	is((int64_t) nwrong, 0, "each row is that of its record, decoded in its place");
	is((int64_t) nholes, 0, "of each life a beginning is there, without holes");
	is(spool_next(reader, &record), SPOOL_WAIT, "every record has its row");
	ok(expected.index > 2000, "and there are many");
	printf("# %" PRIu64 " records in %" PRIu64 " files\n", expected.index,
		   spool_last(spool) >> 32);
	fclose(file);
	spool_reader_close(reader);
	spool_close(spool);
}

int
main(int argc, char **argv)
{
	int			nkilled = 0;
	int			status;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/consume.XXXXXX", argv[1]);
	if (mkdtemp(path) == NULL)
		return 2;
	snprintf(sink_path, sizeof(sink_path), "%s.sink", path);
	for (int round = 1; round <= NROUNDS; round++)
	{
		status = fork_life(round, true);
		nkilled += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		if (round % 7 == 0)
			(void) recover_sink(1 + round % 5);
	}
	is(nkilled, NROUNDS, "it was killed in each life");
	is(fork_life(NROUNDS + 1, false), 0, "what is left is stored at last, and nothing is missing");
	compare();
	return tap_failed;
}
