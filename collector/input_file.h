/*-------------------------------------------------------------------------
 *
 * Files of text as lines: plain, gzip (RFC 1952), Zstandard (RFC 8878).
 *
 * What a file is shows in its first bytes, not in its name.  Compressed files
 * may have several members.  Positions count bytes of the text, not of the
 * file.
 *
 * Memory: the longest line, at most INPUT_LINE_MAX bytes, twice; 128 kB; and what
 * the decompressor takes, for Zstandard a window of at most 128 MB.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_FILE_H
#define COLLECTOR_INPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define INPUT_LINE_MAX		(1024 * 1024)
#define INPUT_DIGEST_LEN	64	/* digits, without the zero */

enum input_result
{
	INPUT_LINE,
	INPUT_LONG_LINE,			/* passed over; only the position is set */
	INPUT_END,					/* of what is there now; a plain file may grow */
	INPUT_FAILED				/* it has said why; lines before are good */
};

struct input_line
{
	const char *bytes;			/* bytes[len], without newline; until the next
								 * call */
	size_t		len;
	uint64_t	end;			/* position behind the newline */
};

struct input_file;

/*
 * Open file path; "-" is standard input.  Returns NULL, having logged why, if
 * it cannot be read or memory is exhausted.
 */
extern struct input_file *input_file_open(const char *path);

/* As input_file_open, of a file that is open; closes fd also on failure. */
extern struct input_file *input_file_open_fd(int fd, const char *path);
extern void input_file_close(struct input_file *file);

/* Is the file compressed?  Known after the first line was asked for. */
extern bool input_file_is_compressed(const struct input_file *file);

/* Where the first line that was not handed out begins. */
extern uint64_t input_file_position(const struct input_file *file);

/* The next line that has its newline. */
extern enum input_result input_file_line(struct input_file *file, struct input_line *line)
			__attribute__((warn_unused_result));

/*
 * After INPUT_END: the line without a newline at the end of the file.  Returns
 * INPUT_LINE, or INPUT_END if there is none.
 */
extern enum input_result input_file_rest(struct input_file *file, struct input_line *line)
			__attribute__((warn_unused_result));

/*
 * Instead of lines: what is unpacked, up to dst[room], room > 0.  Returns its
 * length, 0 at the end, or -1, having logged why.
 */
extern ssize_t input_file_read(struct input_file *file, void *dst, size_t room)
			__attribute__((warn_unused_result));

/*
 * The SHA-256 of the text in a file, as hex[INPUT_DIGEST_LEN + 1].  Returns
 * false, having logged why, if the file cannot be read to its end.
 */
extern bool input_file_digest(const char *path, char *hex)
			__attribute__((warn_unused_result));

/* Can the file be read twice, as a pipe cannot? */
extern bool input_file_is_regular(const char *path);

#endif
