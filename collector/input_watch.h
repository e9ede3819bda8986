/*-------------------------------------------------------------------------
 *
 * Watched directories: files of flows as text, as they come and grow.
 *
 * Files are read oldest first.  Names that begin with a dot or end in .tmp,
 * .swp or ~ are left alone, and so are those that are no text: .pcap, .pcapng,
 * .ipfix, nfcapd.*.
 *
 * Positions are those of input_file, sources those of input_tail; each turn
 * continues where start_of says.  A line counts when it has its newline.
 *
 * Memory: WATCH_MAX_FILES names and sources; WATCH_MAX_OPEN open files of 1 MB
 * each, and up to 24 MB where lines are 1 MB long, more if compressed, see
 * input_file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_WATCH_H
#define COLLECTOR_INPUT_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "load.h"

#define WATCH_MAX_DIRS		64
#define WATCH_MAX_FILES		16384	/* more are counted, and wait */
#define WATCH_MAX_OPEN		32

struct input_watch;

/*
 * Watch directories specs[n], each DIR or DIR:PATTERN with a pattern of file
 * names as the shell has them.  load and options are kept.  Returns NULL, having
 * logged why, if one cannot be watched.
 */
extern struct input_watch *input_watch_open(const char *const *specs, int n, struct load *load,
								const struct load_options *options);
extern void input_watch_close(struct input_watch *watch);

/*
 * Fill in *fd and return in how many milliseconds input_watch_read is due at the
 * latest; 0 if there is something to read.
 */
extern int	input_watch_poll(struct input_watch *watch, struct pollfd *fd, int64_t now_us);

/*
 * Read some of what is there, at most max_lines of one file.  now_us is a
 * monotonic clock.  Returns true if there is more at once.
 */
extern bool input_watch_read(struct input_watch *watch, int max_lines, int64_t now_us);

/* Read all files again, each from where start_of says now. */
extern void input_watch_rewind(struct input_watch *watch);

/*
 * Call visit for the source of each file that is there and was read.  Returns
 * false if that is not all: some were not read to their end, or have to wait, or
 * a directory was not read.
 */
extern bool input_watch_visit(const struct input_watch *watch,
							  void (*visit) (void *arg, const char *source), void *arg);

#endif
