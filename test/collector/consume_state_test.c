/*-------------------------------------------------------------------------
 *
 * If this goes, decoders forget templates when the spool no longer has the
 * place where the database is, or take two exporters behind one address for
 * one.
 *
 *-------------------------------------------------------------------------
 */
#include <unistd.h>

#include "consume.h"
#include "spool_fill.h"
#include "tap.h"

#define FILE_BYTES	(256 * 1024)
#define MAX_BYTES	(1024 * 1024)

/* A decoder that knows the number of the last datagram that it has seen. */
struct side
{
	uint64_t	last;			/* UINT64_MAX: none */
	uint64_t	loaded;			/* what it began with */
	uint64_t	first_new;		/* the first one that was not replayed */
};

static struct counters counters;
static char path[4096];

static struct spool *
must_open(uint64_t grace_bytes)
{
	struct spool_options options = {
		.path = path,.counters = &counters,.file_bytes = FILE_BYTES,
		.max_bytes = MAX_BYTES,.grace_bytes = grace_bytes
	};
	struct spool *spool = spool_open(&options);

	if (spool == NULL)
		exit(2);
	return spool;
}

static void
take(void *arg, const struct spool_record *record, bool is_replay)
{
	struct side *side = arg;

	if (record->type != SPOOL_DATAGRAM)
		return;
	side->last = fill_number(record);
	if (!is_replay && side->first_new == UINT64_MAX)
		side->first_new = side->last;
}

static void
mark(void *arg, uint64_t position)
{
	(void) arg;
	(void) position;
}

static size_t
save(void *arg, void **bytes)
{
	const struct side *side = arg;

	*bytes = malloc(sizeof(side->last));
	if (*bytes == NULL)
		exit(2);
	memcpy(*bytes, &side->last, sizeof(side->last));
	return sizeof(side->last);
}

static void
load(void *arg, const void *bytes, size_t len)
{
	struct side *side = arg;

	side->last = side->first_new = UINT64_MAX;
	if (bytes != NULL && len == sizeof(side->last))
		memcpy(&side->last, bytes, len);
	side->loaded = side->last;
}

static struct consumer *
must_consume(struct spool *spool, struct side *side, uint64_t position)
{
	struct consume_callbacks callbacks = {take, mark, NULL, save, load, side};
	struct consumer *consumer;

	consumer = consume_open(spool, position, &callbacks, &counters);
	if (consumer == NULL)
		exit(2);
	return consumer;
}

/* Appends so many datagrams, each in 1.5 kB of the spool. */
static void
append(struct spool *spool, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i += 50)
	{
		(void) fill_append(spool, first + i, first + i + 50, FILL_LEN);
		if (!spool_flush(spool, 5000000))
			exit(2);
	}
}

static void
consume_all(struct consumer *consumer)
{
	while (consume_step(consumer, 1000))
		continue;
}

static bool
has_file(const char *name)
{
	char		file[4200];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return access(file, F_OK) == 0;
}

static void
test_new_table(void)
{
	struct spool *spool = must_open(0);
	struct side side;
	struct consumer *consumer = must_consume(spool, &side, SPOOL_BEGIN);
	uint64_t	position;

	append(spool, 0, 600);
	consume_all(consumer);
	position = consume_position(consumer);
	spool_release(spool, position);
	ok(spool_first(spool) >> 32 > 1, "files that are released go");
	ok(!has_file("0000000001.state"), "their states do, too");
	ok(consume_seek(consumer, SPOOL_BEGIN), "the table is new: the spool is read from its beginning");
	ok(side.loaded != UINT64_MAX && side.loaded > 0, "with what the decoders knew there");
	consume_all(consumer);
	is((int64_t) side.first_new, (int64_t) side.loaded + 1, "and nothing between");
	consume_close(consumer);
	consumer = must_consume(spool, &side, (UINT64_C(1) << 32) + 5000);
	ok(side.loaded != UINT64_MAX, "the same where the position has gone");
	consume_all(consumer);
	is((int64_t) side.first_new, (int64_t) side.loaded + 1, "and all there is is new");
	consume_close(consumer);
	spool_close(spool);
}

/* The database stays away until the file in which it is has been dropped. */
static void
test_dropped(uint64_t first)
{
	struct spool *spool = must_open(0);
	struct side side;
	struct consumer *consumer = must_consume(spool, &side, SPOOL_BEGIN);
	uint64_t	position;
	uint64_t	known;

	append(spool, first, 200);
	consume_all(consumer);
	position = consume_position(consumer);
	consume_close(consumer);
	append(spool, first + 1000, 1000);
	ok(spool_first(spool) >> 32 > position >> 32, "the file of the position is dropped");
	spool_close(spool);
	spool = must_open(0);
	consumer = must_consume(spool, &side, position);
	known = side.loaded;
	ok(known != UINT64_MAX, "what the decoders knew at its beginning is kept");
	consume_all(consumer);
	ok(side.first_new > first + 1000, "what was not dropped comes");
	is((int64_t) side.last, (int64_t) first + 1999, "up to the end");
	spool_release(spool, consume_position(consumer));
	consume_close(consumer);
	spool_close(spool);
}

static void
test_datagram(void)
{
	uint8_t		bytes[8];
	struct spool_record record = fill_record(1234, bytes, sizeof(bytes));
	struct datagram datagram = consume_datagram(&record);

	is(datagram.port, 1234, "a datagram has the port that it came from");
	ok(!datagram.is_stream, "it is alone");
	record.source.flags = SPOOL_IS_TCP;
	ok(consume_datagram(&record).is_stream, "a message of a connection is not");
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/state.XXXXXX", argv[1]);
	if (mkdtemp(path) == NULL)
		return 2;
	test_datagram();
	test_new_table();
	test_dropped(10000);
	return tap_failed;
}
