/*-------------------------------------------------------------------------
 *
 * Files of text as lines.
 *
 * Text stands in a buffer that grows up to the longest line; what was handed
 * out before is overwritten when more is read.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "input_file.h"
#include "log.h"

#define RAW_SIZE	(128 * 1024)
#define TEXT_MIN	(256 * 1024)
#define TEXT_MAX	(2 * INPUT_LINE_MAX)

enum packing
{
	PACKING_UNKNOWN,
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_ZSTD
};

struct input_file
{
	int			fd;
	char	   *path;			/* for messages */
	enum packing packing;
	bool		is_at_end;		/* of the file's bytes */
	bool		is_in_member;	/* a compressed member has begun and not ended */
	bool		has_failed;
	bool		is_passing_over;	/* a line that is too long */
	z_stream	gzip;
	ZSTD_DStream *zstd;
	uint8_t    *raw;			/* compressed: raw[raw_start .. raw_end) */
	size_t		raw_start;
	size_t		raw_end;
	char	   *text;			/* text[start .. end), start not handed out */
	size_t		start;
	size_t		searched;		/* no newline in [start, searched) */
	size_t		end;
	size_t		room;
	uint64_t	position;		/* of text[start] */
};

static enum input_result
fail(struct input_file *file, const char *reason)
{
	file->has_failed = true;
	log_warnx("could not read \"%s\" further: %s", file->path, reason);
	return INPUT_FAILED;
}

struct input_file *
input_file_open_fd(int fd, const char *path)
{
	struct input_file *file = calloc(1, sizeof(*file));

	if (file != NULL)
	{
		file->fd = fd;
		file->path = strdup(path);
		file->raw = malloc(RAW_SIZE);
		file->text = malloc(TEXT_MIN);
		file->room = TEXT_MIN;
		if (file->path != NULL && file->raw != NULL && file->text != NULL)
			return file;
		input_file_close(file);
	}
	else
		close(fd);
	log_warnx("out of memory for file \"%s\"", path);
	return NULL;
}

struct input_file *
input_file_open(const char *path)
{
	bool		is_stdin = strcmp(path, "-") == 0;
	int			fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
	{
		log_warn("could not open file \"%s\"", path);
		return NULL;
	}
	return input_file_open_fd(fd, is_stdin ? "standard input" : path);
}

void
input_file_close(struct input_file *file)
{
	if (file == NULL)
		return;
	if (file->packing == PACKING_GZIP)
		inflateEnd(&file->gzip);
	ZSTD_freeDStream(file->zstd);
	close(file->fd);
	free(file->path);
	free(file->raw);
	free(file->text);
	free(file);
}

bool
input_file_is_compressed(const struct input_file *file)
{
	return file->packing == PACKING_GZIP || file->packing == PACKING_ZSTD;
}

uint64_t
input_file_position(const struct input_file *file)
{
	return file->position;
}

/* read() to dst[size]; -1 after a failure, which was logged. */
static ssize_t
read_some(struct input_file *file, void *dst, size_t size)
{
	ssize_t		n;

	do
		n = read(file->fd, dst, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		(void) fail(file, strerror(errno));
	return n;
}

static bool
fill_raw(struct input_file *file)
{
	ssize_t		n;

	if (file->raw_start < file->raw_end || file->is_at_end)
		return true;
	file->raw_start = file->raw_end = 0;
	n = read_some(file, file->raw, RAW_SIZE);
	if (n < 0)
		return false;
	file->is_at_end = n == 0;
	file->raw_end = (size_t) n;
	return true;
}

/* Find out what the file is from its first four bytes. */
static bool
find_packing(struct input_file *file)
{
	static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

	while (file->raw_end < 4 && !file->is_at_end)
	{
		ssize_t		n = read_some(file, file->raw + file->raw_end, RAW_SIZE - file->raw_end);

		if (n < 0)
			return false;
		file->is_at_end = n == 0;
		file->raw_end += (size_t) n;
	}
	if (file->raw_end >= 4 && memcmp(file->raw, zstd_magic, 4) == 0)
	{
		file->zstd = ZSTD_createDStream();
		file->packing = PACKING_ZSTD;
		if (file->zstd == NULL || ZSTD_isError(ZSTD_initDStream(file->zstd)))
			return fail(file, "out of memory"), false;
	}
	else if (file->raw_end >= 2 && file->raw[0] == 0x1f && file->raw[1] == 0x8b)
	{
		if (inflateInit2(&file->gzip, 16 + MAX_WBITS) != Z_OK)
			return fail(file, "out of memory"), false;
		file->packing = PACKING_GZIP;
	}
	else
	{
		/* an empty file may become anything */
		file->packing = file->raw_end > 0 ? PACKING_NONE : PACKING_UNKNOWN;
		file->is_at_end = false;
		memcpy(file->text, file->raw, file->raw_end);
		file->end = file->raw_end;
		file->raw_start = file->raw_end = 0;
	}
	return true;
}

static bool
unpack_gzip(struct input_file *file)
{
	z_stream   *z = &file->gzip;
	int			status;

	if (!file->is_in_member && file->raw_start < file->raw_end)
	{
		if (file->raw[file->raw_start] == 0)
		{
			file->raw_start++;	/* padding of tapes */
			return true;
		}
		if (inflateReset(z) != Z_OK)
			return fail(file, "cannot begin a member"), false;
		file->is_in_member = true;
	}
	z->next_in = file->raw + file->raw_start;
	z->avail_in = (uInt) (file->raw_end - file->raw_start);
	z->next_out = (Bytef *) file->text + file->end;
	z->avail_out = (uInt) (file->room - file->end);
	status = inflate(z, Z_NO_FLUSH);
	file->raw_start = file->raw_end - z->avail_in;
	file->end = file->room - z->avail_out;
	if (status == Z_STREAM_END)
		file->is_in_member = false;
	else if (status != Z_OK && status != Z_BUF_ERROR)
		return fail(file, z->msg != NULL ? z->msg : "invalid gzip data"), false;
	return true;
}

static bool
unpack_zstd(struct input_file *file)
{
	ZSTD_inBuffer in = {file->raw, file->raw_end, file->raw_start};
	ZSTD_outBuffer out = {file->text, file->room, file->end};
	size_t		left = ZSTD_decompressStream(file->zstd, &out, &in);

	if (ZSTD_isError(left))
		return fail(file, ZSTD_getErrorName(left)), false;
	file->raw_start = in.pos;
	file->end = out.pos;
	file->is_in_member = left != 0;
	return true;
}

/* More text behind end, where there is room; false after a failure. */
static bool
read_text(struct input_file *file)
{
	size_t		end = file->end;

	if (file->packing == PACKING_UNKNOWN)
	{
		if (!find_packing(file))
			return false;
		if (file->packing == PACKING_UNKNOWN || file->packing == PACKING_NONE)
			return true;
	}
	if (file->packing == PACKING_NONE)
	{
		ssize_t		n = read_some(file, file->text + end, file->room - end);

		file->end += n > 0 ? (size_t) n : 0;
		return n >= 0;
	}
	while (file->end == end)
	{
		if (!fill_raw(file))
			return false;
		if (file->raw_start == file->raw_end && !file->is_in_member)
			return true;
		if (file->packing == PACKING_GZIP ? !unpack_gzip(file) : !unpack_zstd(file))
			return false;
		if (file->end == end && file->is_at_end && file->raw_start == file->raw_end &&
			file->is_in_member)
			return fail(file, "it ends within compressed data"), false;
	}
	return true;
}

/* Room behind end, at the cost of what was handed out. */
static bool
make_room(struct input_file *file)
{
	size_t		len = file->end - file->start;
	char	   *text;

	if (file->end < file->room)
		return true;
	if (file->start > 0)
	{
		memmove(file->text, file->text + file->start, len);
		file->searched -= file->start;
		file->end = len;
		file->start = 0;
	}
	if (len < file->room / 2 || file->room >= TEXT_MAX)
		return true;
	text = realloc(file->text, file->room * 2);
	if (text == NULL)
		return fail(file, "out of memory"), false;
	file->text = text;
	file->room *= 2;
	return true;
}

static enum input_result
hand_out(struct input_file *file, size_t end, size_t newline, struct input_line *line)
{
	line->bytes = file->text + file->start;
	line->len = end - file->start;
	file->position += line->len + newline;
	line->end = file->position;
	file->start = file->searched = end + newline;
	if (!file->is_passing_over && line->len <= INPUT_LINE_MAX)
		return INPUT_LINE;
	file->is_passing_over = false;
	line->len = 0;
	return INPUT_LONG_LINE;
}

enum input_result
input_file_line(struct input_file *file, struct input_line *line)
{
	for (;;)
	{
		char	   *found = memchr(file->text + file->searched, '\n', file->end - file->searched);
		size_t		end;

		if (found != NULL)
			return hand_out(file, (size_t) (found - file->text), 1, line);
		file->searched = file->end;
		if (file->end - file->start > INPUT_LINE_MAX)
		{
			file->is_passing_over = true;
			file->position += file->end - file->start;
			file->start = file->searched = file->end;
		}
		if (file->start == file->end)
			file->start = file->searched = file->end = 0;
		end = file->end - file->start;
		if (file->has_failed || !make_room(file) || !read_text(file))
			return INPUT_FAILED;
		if (file->end - file->start == end)
			return INPUT_END;
	}
}

enum input_result
input_file_rest(struct input_file *file, struct input_line *line)
{
	if (file->start == file->end && !file->is_passing_over)
		return INPUT_END;
	return hand_out(file, file->end, 0, line);
}

ssize_t
input_file_read(struct input_file *file, void *dst, size_t room)
{
	size_t		len;

	if (file->start == file->end)
	{
		file->start = file->searched = file->end = 0;
		if (file->has_failed || !read_text(file))
			return -1;
	}
	len = file->end - file->start < room ? file->end - file->start : room;
	memcpy(dst, file->text + file->start, len);
	file->start += len;
	file->searched = file->start;
	file->position += len;
	return (ssize_t) len;
}

static bool
digest_text(struct input_file *file, EVP_MD_CTX *context)
{
	for (;;)
	{
		file->end = 0;
		if (!read_text(file))
			return false;
		if (file->end == 0)
			return true;
		if (EVP_DigestUpdate(context, file->text, file->end) != 1)
			return fail(file, "cannot compute its digest"), false;
	}
}

bool
input_file_digest(const char *path, char *hex)
{
	struct input_file *file = input_file_open(path);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t		bytes[EVP_MAX_MD_SIZE];
	unsigned	len = 0;
	bool		is_good = file != NULL && context != NULL &&
		EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 && digest_text(file, context) &&
		EVP_DigestFinal_ex(context, bytes, &len) == 1;

	for (unsigned i = 0; is_good && i < INPUT_DIGEST_LEN / 2; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	EVP_MD_CTX_free(context);
	input_file_close(file);
	return is_good;
}

bool
input_file_is_regular(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}
