/*-------------------------------------------------------------------------
 *
 * One file of a watched directory.
 *
 *-------------------------------------------------------------------------
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input_file.h"
#include "input_tail.h"
#include "log.h"
#include "text.h"

#define DIGEST_BYTES	16		/* of the source's name */
#define HEAD_LEN		4096

struct tail
{
	struct load *load;
	const struct load_options *options;
	char	   *path;
	char		source[TAIL_SOURCE_LEN];
	uint64_t	start;
	uint64_t	nlines;
	uint64_t	nbad;
	struct input_file *file;
	struct feed *feed;
	int			fd;				/* the same file, for its head */
	size_t		head_len;
	char		head[HEAD_LEN];	/* what it begins with */
};

/* The digest of all up to the first row; false if there is none yet. */
static bool
digest_head(struct input_file *file, struct feed *feed, uint8_t *digest)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct input_line line;
	unsigned	len;
	bool		is_row = false;
	bool		is_good = context != NULL &&
		EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	while (is_good && !is_row)
	{
		enum input_result result = input_file_line(file, &line);

		if (result == INPUT_END && input_file_is_compressed(file))
			result = input_file_rest(file, &line);
		is_good = result == INPUT_LINE &&
			EVP_DigestUpdate(context, line.bytes, line.len) == 1 &&
			EVP_DigestUpdate(context, "\n", 1) == 1;
		is_row = is_good && feed_is_row(feed, line.bytes, line.len);
	}
	is_good = is_good && EVP_DigestFinal_ex(context, digest, &len) == 1;
	EVP_MD_CTX_free(context);
	return is_good;
}

static void
name_source(struct tail *tail, const char *dir, const char *hex)
{
	char		name[TAIL_SOURCE_LEN - 2 * DIGEST_BYTES - 16];
	size_t		len = text_clean((const uint8_t *) dir, strlen(dir), name, sizeof(name));

	snprintf(tail->source, sizeof(tail->source), "watch:%.*s:%s", (int) len, name, hex);
}

static bool
identify(struct tail *tail, const char *dir, int fd)
{
	uint8_t		digest[EVP_MAX_MD_SIZE];
	struct input_file *head = input_file_open_fd(fd, tail->path);
	struct feed *feed = feed_open(&tail->options->feed);
	bool		is_good = head != NULL && feed != NULL && digest_head(head, feed, digest);
	char		hex[2 * DIGEST_BYTES + 1];

	feed_close(feed);
	input_file_close(head);
	for (int i = 0; is_good && i < DIGEST_BYTES; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	if (is_good)
		name_source(tail, dir, hex);
	return is_good;
}

struct tail *
tail_open(struct load *load, const struct load_options *options, const char *dir,
		  const char *path, int fd)
{
	struct tail *tail = calloc(1, sizeof(*tail));
	int			copy = dup(fd);
	ssize_t		n;

	if (tail != NULL && copy >= 0 && (tail->path = strdup(path)) != NULL)
	{
		n = pread(fd, tail->head, HEAD_LEN, 0);
		tail->head_len = n > 0 ? (size_t) n : 0;
		tail->fd = dup(fd);
		tail->load = load;
		tail->options = options;
		if (identify(tail, dir, copy) && lseek(fd, 0, SEEK_SET) == 0)
		{
			tail->file = input_file_open_fd(fd, path);
			fd = -1;
			tail->feed = feed_open(&options->feed);
			if (tail->file != NULL && tail->feed != NULL)
				return tail;
		}
	}
	if (fd >= 0)
		close(fd);
	tail_close(tail);
	return NULL;
}

void
tail_close(struct tail *tail)
{
	if (tail == NULL)
		return;
	input_file_close(tail->file);
	feed_close(tail->feed);
	if (tail->fd > 0)
		close(tail->fd);
	free(tail->path);
	free(tail);
}

bool
tail_is_same(const struct tail *tail)
{
	char		head[HEAD_LEN];

	return pread(tail->fd, head, tail->head_len, 0) == (ssize_t) tail->head_len &&
		memcmp(head, tail->head, tail->head_len) == 0;
}

const char *
tail_source(const struct tail *tail)
{
	return tail->source;
}

void
tail_start(struct tail *tail, uint64_t position)
{
	if (position > tail->start)
		tail->start = position;
}

bool
tail_rewind(struct tail *tail)
{
	int			fd = dup(tail->fd);

	input_file_close(tail->file);
	feed_close(tail->feed);
	tail->file = fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? input_file_open_fd(fd, tail->path) : NULL;
	tail->feed = feed_open(&tail->options->feed);
	tail->start = tail->nlines = tail->nbad = 0;
	return tail->file != NULL && tail->feed != NULL;
}

uint64_t
tail_position(const struct tail *tail)
{
	return input_file_position(tail->file);
}

bool
tail_is_compressed(const struct tail *tail)
{
	return input_file_is_compressed(tail->file);
}

static void
take_line(struct tail *tail, enum input_result result, const struct input_line *line)
{
	tail->nlines++;
	if (line->end <= tail->start)
		feed_skip(tail->feed, line->bytes, line->len);
	else if (result == INPUT_LONG_LINE)
		load_long_line(tail->load, tail->path, tail->nlines, &tail->nbad);
	else
		load_line(tail->load, tail->feed, tail->path, tail->nlines, &tail->nbad,
				  line->bytes, line->len);
}

static bool
mark(const struct tail *tail)
{
	uint64_t	position = tail_position(tail);

	return position <= tail->start ||
		tail->options->mark(tail->options->arg, tail->source, position);
}

/* The first line of this turn that is not known begins, or has begun, at position. */
static bool
begin(const struct tail *tail, uint64_t position)
{
	const struct load_options *options = tail->options;

	return options->begin == NULL ||
		options->begin(options->arg, tail->source, position > tail->start ? position : tail->start);
}

static void
note(const struct tail *tail, uint64_t position)
{
	if (tail->options->note != NULL && position > tail->start)
		tail->options->note(tail->options->arg, position);
}

enum tail_result
tail_read(struct tail *tail, int max_lines, bool *goes_on)
{
	struct input_line line;
	enum input_result result = INPUT_END;
	bool		has_begun = false;
	int			nlines = 0;

	*goes_on = true;
	while (nlines < max_lines && *goes_on)
	{
		uint64_t	position = tail_position(tail);

		result = input_file_line(tail->file, &line);
		if (result == INPUT_END && input_file_is_compressed(tail->file))
			result = input_file_rest(tail->file, &line);
		if (result != INPUT_LINE && result != INPUT_LONG_LINE)
			break;
		if (!has_begun && line.end > tail->start)
			has_begun = *goes_on = begin(tail, position);
		if (!*goes_on)
			break;
		take_line(tail, result, &line);
		note(tail, line.end);
		nlines++;
		if (nlines % LOAD_LINES_PER_TICK == 0)
			*goes_on = mark(tail);
	}
	if (nlines > 0)
		*goes_on = mark(tail) && *goes_on;
	return result == INPUT_FAILED ? TAIL_FAILED : result == INPUT_END ? TAIL_END : TAIL_MORE;
}
