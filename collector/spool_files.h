/*-------------------------------------------------------------------------
 *
 * Inside of the spool: the buffer of the writer, and the list of files.
 *
 * Two locks, and a thread holds only one of them at a time.  buffer_lock: what
 * waits for the writer; held for a copy of a burst.  files_lock: the files, the
 * released position, the reader's position; held for a read of 256 kB, and for
 * the reading of one file when it is dropped.  Only the writer adds to files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SPOOL_FILES_H
#define COLLECTOR_SPOOL_FILES_H

#include <pthread.h>

#include "log.h"
#include "spool.h"

#define SPOOL_GAP_BYTES	(SPOOL_PREFIX_LEN + SPOOL_SOURCE_LEN + SPOOL_GAP_LEN)
#define SPOOL_NAME_LEN	32

/* What one write() takes: a gap, and bursts. */
struct spool_chunk
{
	size_t		len;
	size_t		nrecords;
	uint64_t	content_bytes;
	uint64_t	gap_records;	/* what the gap at its beginning says */
	uint64_t	gap_bytes;
	int64_t		first_us;		/* monotonic; when the first burst came */
	uint8_t		bytes[SPOOL_GAP_BYTES + SPOOL_BURST_BYTES];
};

struct spool_file
{
	uint32_t	number;
	uint64_t	bytes;			/* visible ones, with the header */
	int64_t		last_us;		/* since 1970, by the clock of now; the last write */
	int64_t		released_us;	/* the same; 0: not yet */
};

/* Files that were dropped, first .. last, and what was in them. */
struct spool_lost
{
	uint32_t	first;			/* 0: there are none */
	uint32_t	last;
	uint64_t	records;
	uint64_t	bytes;
};

struct spool
{
	struct spool_options options;
	struct counters *counters;
	int			dir;
	int			lock;
	int			doorbell;
	uint8_t		id[SPOOL_ID_LEN];
	char		id_text[SPOOL_ID_TEXT];

	pthread_mutex_t buffer_lock;
	pthread_cond_t wake;		/* the writer */
	pthread_cond_t idle;		/* who waits for an empty buffer */
	struct spool_chunk **chunks;	/* ring of nchunks */
	size_t		nchunks;
	size_t		head;			/* the oldest one */
	size_t		nfull;			/* in use, the open one included */
	uint64_t	nbegun;			/* chunks, ever */
	bool		is_open;		/* the newest takes bursts */
	bool		is_flushing;
	bool		is_stopping;
	bool		has_given_up;	/* at the end: write no more */
	uint64_t	refused_records;	/* since the last gap */
	uint64_t	refused_bytes;
	pthread_t	writer;

	pthread_mutex_t files_lock;
	struct spool_file *files;	/* [nfiles], oldest first */
	size_t		nfiles;
	uint64_t	total_bytes;
	uint64_t	released;		/* position */
	struct spool_lost lost;
	uint32_t	kept_state;		/* of a file that is gone, or 0 */
	int64_t		clock_us;		/* what the clock is ahead of the time since boot */
	struct spool_reader *reader;	/* or NULL */
	uint64_t	reader_position;
	uint64_t	reader_lost_records;	/* dropped before it got there */
	uint64_t	reader_lost_bytes;
	bool		is_reader_late; /* files it wanted had been released */
	bool		wants_file;		/* the current one is damaged */
	uint32_t	earlier;		/* files of earlier processes have lower numbers */
	int			fd;				/* writer: of the newest file, or -1 */
	uint32_t	next_number;	/* writer: of the next file */
	int64_t		synced_us;		/* writer: monotonic */
	bool		is_unsynced;	/* writer */
	uint64_t	rest;			/* writer: where what a failed write left begins; 0: none */
	struct log_limit error_limit;	/* writer */
	struct log_limit drop_limit;	/* files_lock */
	struct log_limit damage_limit;	/* reader */
};

static inline uint64_t
spool_position(uint32_t file, uint64_t offset)
{
	return (uint64_t) file << 32 | offset;
}

static inline uint32_t
spool_position_file(uint64_t position)
{
	return (uint32_t) (position >> 32);
}

/* "0000000001.spool" to name[SPOOL_NAME_LEN]. */
extern void spool_name(uint32_t file, const char *suffix, char *name);

/*
 * Read the directory: id, files, and gap; cut the last file.  Returns false,
 * having logged why.
 */
extern bool spool_files_open(struct spool *spool) MUST_CHECK;

/* Replace the content of a small file durably; false with errno. */
extern bool spool_file_replace(struct spool *spool, const char *name, const void *bytes, size_t len) MUST_CHECK;

/* What follows needs files_lock. */

/* The file of this number, or the first after it; NULL: there is none. */
extern struct spool_file *spool_files_find(struct spool *spool, uint32_t number);

/* Make room for so many bytes; false if the oldest file must not be dropped. */
extern bool spool_files_make_room(struct spool *spool, uint64_t bytes) MUST_CHECK;

/* Drop the oldest file; false if it is the only one. */
extern bool spool_files_drop(struct spool *spool);

/* Save what is released, for the next start. */
extern void spool_files_save(struct spool *spool);
/* Remove what is older than its grace, or than max_age_us. */
extern void spool_files_expire(struct spool *spool);

/* Begin the first file; false, having logged why, if that will never work. */
extern bool spool_write_begin(struct spool *spool) MUST_CHECK;

/* The writer thread's function; its argument is the spool. */
extern void *spool_write(void *arg);

#endif
