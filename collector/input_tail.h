/*-------------------------------------------------------------------------
 *
 * One file of a watched directory: who it is, and its lines as they come.
 *
 * A file is known by its content: the digest of all up to its first row,
 * which holds the time of a flow.  So a file that was renamed, compressed, or
 * copied before it was emptied is the same source as before, and is read
 * further where it was left; a file that was emptied and written anew is
 * another one.  Files of a directory that begin alike, first row included, are one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_TAIL_H
#define COLLECTOR_INPUT_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "load.h"

#define TAIL_SOURCE_LEN 512

struct tail;

enum tail_result
{
	TAIL_MORE,					/* max_lines were read, or the driver wants a rest */
	TAIL_END,					/* all that is there now */
	TAIL_FAILED					/* it has said why */
};

/*
 * Open file path of directory dir, of which fd is a file descriptor, which is
 * closed also on failure.  Returns NULL if there is no row in it yet, or,
 * having logged why, if it cannot be read.
 */
extern struct tail *tail_open(struct load *load, const struct load_options *options,
							  const char *dir, const char *path, int fd);
extern void tail_close(struct tail *tail);

/* "watch:", the directory, ":" and the digest, UTF-8; until the tail is closed. */
extern const char *tail_source(const struct tail *tail);

/* The lines up to this position are known; before the first tail_read, and again. */
extern void tail_start(struct tail *tail, uint64_t position);

/* Read it from its beginning.  Returns false if it cannot be. */
extern bool tail_rewind(struct tail *tail);

/* Does the file begin as it did when it was opened? */
extern bool tail_is_same(const struct tail *tail);

/* Behind the last line that was read. */
extern uint64_t tail_position(const struct tail *tail);
extern bool tail_is_compressed(const struct tail *tail);

/* Decode lines and tell positions; false in *goes_on if mark or begin said so. */
extern enum tail_result tail_read(struct tail *tail, int max_lines, bool *goes_on);

#endif
