/*-------------------------------------------------------------------------
 *
 * If this goes, lines of compressed or growing files may be lost, come twice,
 * or have positions that a restart cannot use.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "input_file.h"
#include "tap.h"

static char path[4096];

static void
write_bytes(const void *bytes, size_t len, int flags)
{
	int			fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t) len || close(fd) != 0)
		exit(2);
}

static size_t
pack_gzip(const char *text, size_t len, uint8_t *dst, size_t room)
{
	z_stream	z = {0};

	if (deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		exit(2);
	z.next_in = (Bytef *) text;
	z.avail_in = (uInt) len;
	z.next_out = dst;
	z.avail_out = (uInt) room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		exit(2);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* Do lines and positions come as in text, and then result? */
static bool
reads(const char *text, enum input_result last)
{
	struct input_file *file = input_file_open(path);
	struct input_line line;
	enum input_result result;
	uint64_t	position = 0;
	bool		is_good = file != NULL;

	while (is_good && (result = input_file_line(file, &line)) == INPUT_LINE)
	{
		size_t		len = strcspn(text + position, "\n");

		is_good = line.len == len && memcmp(line.bytes, text + position, len) == 0;
		position += len + 1;
		is_good = is_good && line.end == position;
	}
	if (is_good && result == INPUT_END && input_file_rest(file, &line) == INPUT_LINE)
	{
		is_good = line.len == strlen(text + position) && line.end == strlen(text);
		position = line.end;
	}
	is_good = is_good && result == last && (last == INPUT_FAILED || position == strlen(text));
	input_file_close(file);
	return is_good;
}

static void
test_packings(void)
{
	static const char text[] = "one\n\nthree\nlast";
	uint8_t		packed[1024];
	char		plain_hex[INPUT_DIGEST_LEN + 1];
	char		hex[INPUT_DIGEST_LEN + 1];
	size_t		len;
	size_t		half;

	write_bytes(text, strlen(text), O_TRUNC);
	ok(reads(text, INPUT_END), "a plain file");
	ok(input_file_digest(path, plain_hex), "its digest");
	half = pack_gzip(text, 5, packed, sizeof(packed));
	len = half + pack_gzip(text + 5, strlen(text) - 5, packed + half, sizeof(packed) - half);
	memset(packed + len, 0, 10);
	write_bytes(packed, len + 10, O_TRUNC);
	ok(reads(text, INPUT_END), "gzip of two members and padding");
	ok(input_file_digest(path, hex) && strcmp(hex, plain_hex) == 0, "has the same digest");
	write_bytes(packed, len - 3, O_TRUNC);
	ok(reads(text, INPUT_FAILED), "cut gzip fails");
	ok(!input_file_digest(path, hex), "and has no digest");
	packed[half + 14] ^= 0xff;
	write_bytes(packed, len, O_TRUNC);
	ok(reads(text, INPUT_FAILED), "damaged gzip fails");
	half = ZSTD_compress(packed, sizeof(packed), text, 5, 3);
	len = half + ZSTD_compress(packed + half, sizeof(packed) - half, text + 5, strlen(text) - 5, 3);
	write_bytes(packed, len, O_TRUNC);
	ok(reads(text, INPUT_END), "zstd of two frames");
	ok(input_file_digest(path, hex) && strcmp(hex, plain_hex) == 0, "has the same digest");
	write_bytes(packed, len - 1, O_TRUNC);
	ok(reads(text, INPUT_FAILED), "cut zstd fails");
	write_bytes("", 0, O_TRUNC);
	ok(reads("", INPUT_END), "an empty file");
}

static void
test_growing(void)
{
	struct input_line line;
	struct input_file *file;

	write_bytes("", 0, O_TRUNC);
	file = input_file_open(path);
	is(input_file_line(file, &line), INPUT_END, "nothing yet");
	write_bytes("a", 1, O_APPEND);
	is(input_file_line(file, &line), INPUT_END, "half a line");
	write_bytes("b\nc", 3, O_APPEND);
	ok(input_file_line(file, &line) == INPUT_LINE && line.len == 2 && line.end == 3, "a line");
	is(input_file_line(file, &line), INPUT_END, "half a line again");
	is((int64_t) input_file_position(file), 3, "which is not counted");
	input_file_close(file);
}

static void
test_long(void)
{
	size_t		sizes[] = {INPUT_LINE_MAX, INPUT_LINE_MAX + 1, 3 * INPUT_LINE_MAX};
	char	   *text = malloc(3 * INPUT_LINE_MAX + 3);

	for (size_t i = 0; i < 3; i++)
	{
		struct input_line line;
		struct input_file *file;

		memset(text, 'x', sizes[i]);
		memcpy(text + sizes[i], "\ny\n", 3);
		write_bytes(text, sizes[i] + 3, O_TRUNC);
		file = input_file_open(path);
		is(input_file_line(file, &line), i == 0 ? INPUT_LINE : INPUT_LONG_LINE, "a long line");
		is((int64_t) line.end, (int64_t) sizes[i] + 1, "ends where it does");
		ok(input_file_line(file, &line) == INPUT_LINE && line.len == 1, "and the next is read");
		input_file_close(file);
	}
	free(text);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	snprintf(path, sizeof(path), "%s/lines", argv[1]);
	test_packings();
	test_growing();
	test_long();
	return tap_failed;
}
