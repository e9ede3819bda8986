/*-------------------------------------------------------------------------
 *
 * Loading feeds: lines of files through a feed, and what happens to bad ones.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LOAD_H
#define COLLECTOR_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "feed.h"

#define LOAD_LINES_PER_TICK	1024
#define LOAD_LOGGED_LINES	10	/* bad ones of each file that are logged */

struct load_options
{
	struct feed_options feed;
	const char *rejected;		/* file that gets bad lines as they were; or NULL */

	/*
	 * Called every LOAD_LINES_PER_TICK lines and at the end of a file: all
	 * flows of source before position have been put.  Returns false to stop.
	 * A source without a name (standard input) is "".
	 */
	bool		(*mark) (void *arg, const char *source, uint64_t position);

	/*
	 * Where to begin with a source: up to there it is committed, or, of a watched
	 * file, was put and will be.  May be NULL; then all is loaded from its beginning.
	 */
	uint64_t	(*start_of) (void *arg, const char *source);

	/*
	 * Watched files only, or NULL: what is put next comes from this source, from
	 * position on; then, after each line, the position behind it.  begin returns
	 * false if that cannot be.
	 */
	bool		(*begin) (void *arg, const char *source, uint64_t position);
	void		(*note) (void *arg, uint64_t position);
	void	   *arg;			/* of all */
};

struct load;

/*
 * Lines of bad values go to the file options->rejected, which is appended to.
 * Returns NULL, having logged why, if it cannot be written.
 */
extern struct load *load_open(const struct load_options *options);

/* Returns false, having logged why, if rejected lines could not be written. */
extern bool load_close(struct load *load);

/*
 * A line of the file called path: decode it, and note it if it is bad.
 * *nbad counts the bad lines of the file.
 */
extern void load_line(struct load *load, struct feed *feed, const char *path,
					  uint64_t lineno, uint64_t *nbad, const char *bytes, size_t len);

/* A line that was too long to be read. */
extern void load_long_line(struct load *load, const char *path, uint64_t lineno, uint64_t *nbad);

/*
 * Load a whole file; "-" is standard input.  With start_of, its source is
 * "file:" and the SHA-256 of its text, so that the same text counts once
 * under whatever name and packing.  Returns false, having logged why, if the
 * file cannot be read to its end, or no line of it was a flow and some were bad.
 */
extern bool load_file(struct load *load, const char *path);

#endif
