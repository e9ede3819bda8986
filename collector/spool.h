/*-------------------------------------------------------------------------
 *
 * The spool: a log on disk between the receivers and the consumer.
 *
 * Receivers append bursts of records and never wait for the disk; one thread
 * writes them; one reader takes them in order and follows the tail.  Position =
 * file number << 32 | offset in the file; it grows.
 *
 *		directory	%010u.spool  files, numbered from 1, spool_format.h
 *					%010u.state  what the decoders knew at its beginning
 *					id, lock, gap, released
 *
 * A record is visible to the reader once write() has taken it, and with
 * SPOOL_SYNC_EACH once it is on disk.  A kill of the process loses what write()
 * had not taken, SPOOL_DELAY_US or SPOOL_BURST_BYTES, unless landing.h has it.
 *
 * Files before the released position are kept for a grace, and then removed.
 * At the limit of bytes or age those go first; then, by choice, the oldest file
 * is dropped, and a gap with its counts stands in its place, or new records are
 * refused, and a gap follows when there is room.  During an error of the disk
 * records wait in memory, and are then refused.
 *
 * Memory: buffer_bytes, SPOOL_MAX_FILES * 32 bytes, 400 kB a reader.  Disk:
 * max_bytes.  All is safe in any thread, but a burst or a reader in one at a time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SPOOL_H
#define COLLECTOR_SPOOL_H

#include <stdbool.h>

#include "counter.h"
#include "sink.h"
#include "spool_format.h"

#define SPOOL_BEGIN			UINT64_C(0) /* the oldest record there is */
#define SPOOL_BURST_BYTES	(256 * 1024)
#define SPOOL_DELAY_US		50000
#define SPOOL_MAX_FILES		65536
#define SPOOL_ID_TEXT		(2 * SPOOL_ID_LEN + 1)

enum spool_sync
{
	SPOOL_SYNC_NEVER,
	SPOOL_SYNC_INTERVAL,		/* every sync_us */
	SPOOL_SYNC_EACH				/* each write, before it is visible */
};

/* 0 stands for the default in brackets. */
struct spool_options
{
	const char *path;			/* directory; made if it does not exist */
	uint64_t	file_bytes;		/* of one file [64 MB], at most max_bytes / 4 */
	uint64_t	max_bytes;		/* of all files [8 GB], at least 1 MB */
	int64_t		max_age_us;		/* of a file since its last record [no limit] */
	bool		refuses_newest; /* at the limit; else the oldest is dropped */
	uint64_t	grace_bytes;	/* of files that have been released [0] */
	int64_t		grace_us;		/* and since when; needs grace_bytes [no limit] */
	enum spool_sync sync;
	int64_t		sync_us;		/* [1 s] */
	uint32_t	min_number;		/* of the file that is begun, < 2^31 [1] */
	size_t		buffer_bytes;	/* while a disk is slow [32 MB] */
	struct counters *counters;
};

struct spool;
struct spool_reader;
/* A burst of records, put together without a lock. */
struct spool_burst
{
	size_t		len;
	size_t		nrecords;
	uint64_t	content_bytes;
	uint8_t		bytes[SPOOL_BURST_BYTES];
};

/*
 * Lock the directory, cut a torn record off the last file, begin a file.  NULL:
 * logged why; in use, of a newer format, no permission.
 */
extern struct spool *spool_open(const struct spool_options *options) MUST_CHECK;

/* Writes for 5 s at most; what is left is counted as refused. */
extern void spool_close(struct spool *spool);

extern const char *spool_path(const struct spool *spool);
/* 32 hexadecimal digits, as long as the directory lives. */
extern const char *spool_id(const struct spool *spool);
/* Readable when there is something new for the reader, who clears it. */
extern int	spool_doorbell(const struct spool *spool);
extern void spool_clear_doorbell(struct spool *spool);

/* False: it is full; append it, and add the record again. */
extern bool spool_burst_add(struct spool_burst *burst, const struct spool_record *record) MUST_CHECK;

/*
 * Take the burst, empty afterwards, never waiting for the disk.  False: its
 * records were refused; they are counted.
 */
extern bool spool_append(struct spool *spool, struct spool_burst *burst);
/* As that, but what finds no room stays in the burst and is not counted. */
extern bool spool_try_append(struct spool *spool, struct spool_burst *burst) MUST_CHECK;

/* All that was appended so far; whether that is written, or refused. */
extern uint64_t spool_ticket(struct spool *spool);
extern bool spool_is_settled(struct spool *spool, uint64_t ticket);
/* Wait until all that was appended is visible, or refused; false: not in time. */
extern bool spool_flush(struct spool *spool, int64_t timeout_us) MUST_CHECK;

enum spool_read
{
	SPOOL_RECORD,
	SPOOL_WAIT					/* nothing new; the doorbell will ring */
};
/* Read on from position.  One at a time.  NULL, logged: no memory, beyond the end. */
extern struct spool_reader *spool_reader_open(struct spool *spool,
											  uint64_t position) MUST_CHECK;
extern void spool_reader_close(struct spool_reader *reader);

/* The next record, until the next call.  Damage is logged, and comes as a gap. */
extern enum spool_read spool_next(struct spool_reader *reader, struct spool_record *record) MUST_CHECK;

/* All before position is committed, and stays so: its files may go.  Did it ever? */
extern void spool_release(struct spool *spool, uint64_t position);
extern bool spool_has_released(struct spool *spool);

/*
 * The oldest position, the end of the newest record, where the newest so many
 * files begin, what records after a position take.
 */
extern uint64_t spool_first(struct spool *spool);
extern uint64_t spool_last(struct spool *spool);
extern uint64_t spool_tail(struct spool *spool, size_t nfiles);
extern uint64_t spool_bytes_after(struct spool *spool, uint64_t position);
/* Records of earlier processes end here or before, also those whose files are gone. */
extern uint64_t spool_earlier(const struct spool *spool);

/*
 * Keep what decoders knew at a file's beginning; false: counted and logged.  The
 * newest file with a state up to this one, or 0; a last one outlives its file.
 * What was saved, for free(), or NULL.
 */
extern bool spool_state_save(struct spool *spool, uint32_t file,
							 const void *bytes, size_t len) MUST_CHECK;
extern uint32_t spool_state_find(struct spool *spool, uint32_t file);
extern void *spool_state_load(struct spool *spool, uint32_t file, size_t *len);

#endif
