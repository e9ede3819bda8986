/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a capture file and its index, as a stranger's ring has
 * them: searched, repaired, searched again.
 *
 * Checksums are put right, so that what is behind them is reached too.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"
#include "ring_find.h"
#include "ring_recover.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/ring-fuzz-XXXXXX";

static void
write_file(const char *name, const void *bytes, size_t len)
{
	char		full[100];
	int			fd;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t) len)
		abort();
	close(fd);
}

static void
remove_all(void)
{
	static const char *const names[] = {"0000000001.pcap", "0000000001.index", "id"};
	char		full[100];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		snprintf(full, sizeof(full), "%s/%s", path, names[i]);
		(void) unlink(full);
	}
	(void) rmdir(path);
}

static void
put_right(uint8_t *index, size_t len)
{
	size_t		at = RING_INDEX_HEADER;

	while (at + RING_BLOCK_HEADER <= len)
	{
		uint32_t	body_bytes;
		uint32_t	crc;

		memcpy(&body_bytes, index + at + 12, 4);
		if (body_bytes > len - at - RING_BLOCK_HEADER)
			return;
		crc = crc32c(index + at + RING_BLOCK_HEADER, body_bytes);
		memcpy(index + at + 8, &crc, 4);
		crc = crc32c(index + at + 8, RING_BLOCK_HEADER - 8);
		memcpy(index + at + 4, &crc, 4);
		at += RING_BLOCK_HEADER + body_bytes;
	}
}

/* Returns how many packets there are with this hash, or with any if there is none. */
static size_t
search(const struct ring_dir *dir, const uint64_t *hash)
{
	struct ring_query query = {.nsides = 1,.dlt = -1,.filter = hash == NULL ? "ip" : NULL};
	struct ring_side *side = &query.sides[0];
	struct ring_hits hits = {0};
	struct flow_key key;
	size_t		n = 0;

	*side = (struct ring_side) {
		.has_hash = hash != NULL,.hash = hash == NULL ? 0 : *hash,
		.last = UINT64_MAX,.from_us = INT64_MIN,.to_us = INT64_MAX
	};
	if (ring_find(dir, &query, &hits))
	{
		ring_hits_sort(&hits);
		n = hits.n;
		if (hash != NULL && ring_key_of(dir, &hits, *hash, &key))
			(void) ring_reverse_key(&key);
	}
	free(hits.items);
	return n;
}

static void
search_all(void)
{
	struct ring_dir dir;
	uint64_t	hash = 0;

	if (!ring_dir_open(&dir, path, false))
		abort();
	(void) search(&dir, NULL);
	(void) ring_hash_at(&dir, ring_position(1, RING_FILE_HEADER), &hash);
	(void) search(&dir, &hash);
	ring_dir_close(&dir);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char id[] = "flowcollectd ring 1 0123abcd 00112233445566778899aabbccddeeff 0000000001\n";
	size_t		index_len = size < 1 ? 0 : data[0] * (size - 1) / 255;
	uint8_t    *index = malloc(index_len + 1);
	struct ring_ref ref;
	struct ring_dir dir;
	char		text[RING_REF_LEN];

	if (index == NULL)
		abort();
	if (path[sizeof(path) - 2] == 'X')
	{
		if (mkdtemp(path) == NULL)
			abort();
		write_file("id", id, sizeof(id) - 1);
		atexit(remove_all);
	}
	if (index_len > 0)
		memcpy(index, data + 1, index_len);
	put_right(index, index_len);
	write_file("0000000001.index", index, index_len);
	write_file("0000000001.pcap", data + (size > 0) + index_len, size - (size > 0) - index_len);
	free(index);
	search_all();
	if (!ring_dir_open(&dir, path, true))
		abort();
	ring_recover(&dir, 0);
	ring_dir_close(&dir);
	search_all();
	snprintf(text, sizeof(text), "%.*s", (int) (size > 60 ? 60 : size), (const char *) data);
	if (ring_ref_parse(text, &ref) && ring_ref_format(&ref, text) >= RING_REF_LEN)
		abort();
	return 0;
}
