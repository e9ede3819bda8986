/*-------------------------------------------------------------------------
 *
 * If this goes, a damaged pcapng file may be read beyond its blocks.
 *
 * The capture of mkpcap is read cut to every length, with each byte set to
 * several values, and in the other byte order.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "input_pcapng.h"
#include "tap.h"

static struct counters counters;
static volatile unsigned checksum;
static size_t last_caplen;

/* Returns the number of frames, or -1 - that after a failure. */
static int
read_all(uint8_t *bytes, size_t len, int64_t *last_us)
{
	FILE	   *file = fmemopen(bytes, len, "rb");
	struct pcapng *ng;
	struct frame frame;
	enum capture_result result;
	int			nframes = 0;

	if (!input_pcapng_probe(file))
	{
		fclose(file);
		return -1;
	}
	ng = input_pcapng_open(file, "test", &counters);
	while ((result = input_pcapng_read(ng, &frame)) == CAPTURE_FRAME)
	{
		for (size_t i = 0; i < frame.caplen; i++)
			checksum += frame.bytes[i];
		*last_us = frame.time_us;
		last_caplen = frame.caplen;
		nframes++;
	}
	input_pcapng_close(ng);
	fclose(file);
	return result == CAPTURE_END ? nframes : -1 - nframes;
}

static void
swap(uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size / 2; i++)
	{
		uint8_t		byte = p[i];

		p[i] = p[size - 1 - i];
		p[size - 1 - i] = byte;
	}
}

/* Turn all integers of the file into the other byte order. */
static void
swap_file(uint8_t *bytes, size_t len)
{
	size_t		off = 0;

	while (off < len)
	{
		uint8_t    *p = bytes + off;
		uint32_t	type;
		uint32_t	block_len;

		memcpy(&type, p, 4);
		memcpy(&block_len, p + 4, 4);
		swap(p, 4);
		swap(p + 4, 4);
		swap(p + block_len - 4, 4);
		if (type == 0x0a0d0d0a)
			swap(p + 8, 4);
		else if (type == 1)
		{
			swap(p + 8, 2);
			swap(p + 12, 4);
			if (block_len > 20)
			{
				swap(p + 16, 2);
				swap(p + 18, 2);
			}
		}
		else if (type == 6)
		{
			for (int i = 8; i < 28; i += 4)
				swap(p + i, 4);
		}
		off += block_len;
	}
}

static void
torture(const uint8_t *bytes, size_t len)
{
	static const uint8_t values[] = {0, 1, 127, 128, 255};
	int64_t		last_us;
	int			nmore = 0;

	for (size_t cut = 1; cut <= len; cut++)
	{
		uint8_t    *copy = malloc(cut);

		memcpy(copy, bytes, cut);
		nmore += read_all(copy, cut, &last_us) > 3;
		free(copy);
	}
	for (size_t i = 0; i < len; i++)
	{
		for (size_t v = 0; v < sizeof(values); v++)
		{
			uint8_t    *copy = malloc(len);

			memcpy(copy, bytes, len);
			copy[i] = values[v];
			nmore += read_all(copy, len, &last_us) > 4;
			free(copy);
		}
	}
	is(nmore, 0, "damage makes no frames");
}

/* Returns 0 if there is no such file. */
static size_t
load(const char *dir, const char *name, uint8_t *bytes, size_t size)
{
	char		path[4096];
	FILE	   *file;
	size_t		len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	len = fread(bytes, 1, size, file);
	fclose(file);
	return len;
}

static void
test_simple(uint8_t *bytes, size_t len)
{
	int64_t		last_us = 0;

	is(read_all(bytes, len, &last_us), 4, "packets without time");
	is(last_us, INT64_C(1700000002000000), "have that of the one before");
	is((int64_t) last_caplen, 33, "and the capture length of the interface");
}

int
main(int argc, char **argv)
{
	static uint8_t bytes[65536];
	size_t		len;
	int64_t		last_us = 0;

	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	len = load(argv[1], "simple.pcapng", bytes, sizeof(bytes));
	test_simple(bytes, len);
	len = load(argv[1], "interfaces.pcapng", bytes, sizeof(bytes));
	if (len == 0)
		return 2;
	is(read_all(bytes, len, &last_us), 3, "three frames");
	is(last_us, INT64_C(1700000000500000), "time in 1/1024 s");
	is((int64_t) counters.unsupported_link_packets, 1, "one passed over");
	torture(bytes, len);
	swap_file(bytes, len);
	last_us = 0;
	is(read_all(bytes, len, &last_us), 3, "three frames in the other order");
	is(last_us, INT64_C(1700000000500000), "with the same time");
	torture(bytes, len);
	return tap_failed;
}
