/*-------------------------------------------------------------------------
 *
 * The directory of a ring: its name, its files, its limit.
 *
 * One process writes it, which a lock on the file "id" makes sure of; any
 * number may read.  Files may vanish while they are being read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_DIR_H
#define COLLECTOR_RING_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "ring_format.h"

struct ring_file
{
	uint32_t	number;
	uint64_t	bytes;			/* of the capture file and its index */
};

struct ring_dir
{
	const char *path;			/* not owned */
	int			fd;
	int			id_fd;			/* holds the lock; or -1 */
	char		id[RING_ID_LEN + 1];
	struct hash_key key;		/* of the hashes in the index */
	struct ring_file *files;	/* files[nfiles], oldest first */
	size_t		nfiles;
	size_t		capacity;
	uint64_t	bytes;			/* of all files */
	uint32_t	last;			/* number of the newest file there ever was */
};

/*
 * Open a ring and list its files.  is_writer: make it if there is none, and
 * lock it.  Returns false, having logged why; *dir needs no closing then.
 */
extern bool ring_dir_open(struct ring_dir *dir, const char *path, bool is_writer)
			__attribute__((warn_unused_result));
extern void ring_dir_close(struct ring_dir *dir);

/* Open NUMBER.suffix with these flags; -1 and errno as openat. */
extern int	ring_dir_file(const struct ring_dir *dir, uint32_t file,
						  const char *suffix, int flags);

/*
 * A file with this number, above all others, is begun; the number is kept, so
 * that it is not used again when there is no such file any more.  Returns
 * false with errno.
 */
extern bool ring_dir_begin(struct ring_dir *dir, uint32_t file)
			__attribute__((warn_unused_result));

/* The newest file has grown by so many bytes, or shrunk. */
extern void ring_dir_grow(struct ring_dir *dir, int64_t bytes);

/* Ask the disk how large files[i] is. */
extern void ring_dir_measure(struct ring_dir *dir, size_t i);

/* Remove a file, which is files[i], from disk and from the list. */
extern void ring_dir_remove(struct ring_dir *dir, size_t i);

/* The hash of a key, in this ring. */
extern uint64_t ring_dir_hash(const struct ring_dir *dir, const struct flow_key *key);

#endif
