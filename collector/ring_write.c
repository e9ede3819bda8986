/*-------------------------------------------------------------------------
 *
 * The files of a ring, written.
 *
 * A chunk goes into the capture file first and into the index then, so that
 * what the index says is there.  Where one of them fails both are cut off as
 * they were before, and the file gets nothing more.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "ring_recover.h"
#include "ring_write.h"

bool
ring_writer_open(struct ring_writer *writer, const struct ring_options *options)
{
	*writer = (struct ring_writer) {.options = *options,.data_fd = -1,.index_fd = -1};
	writer->block = malloc(ring_block_bound(RING_CHUNK_PACKETS));
	if (writer->block == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	if (ring_dir_open(&writer->dir, options->path, true))
	{
		ring_recover(&writer->dir, options->tunnels);
		return true;
	}
	free(writer->block);
	return false;
}

static void
close_file(struct ring_writer *writer)
{
	if (writer->data_fd >= 0)
		close(writer->data_fd);
	if (writer->index_fd >= 0)
		close(writer->index_fd);
	writer->data_fd = writer->index_fd = -1;
}

void
ring_writer_close(struct ring_writer *writer)
{
	close_file(writer);
	ring_dir_close(&writer->dir);
	free(writer->block);
}

static bool
write_at(int fd, const uint8_t *bytes, size_t len, uint64_t offset)
{
	while (len > 0)
	{
		ssize_t		n = pwrite(fd, bytes, len, (off_t) offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
		{
			if (n == 0)
				errno = ENOSPC;
			return false;
		}
		bytes += n;
		len -= (size_t) n;
		offset += (uint64_t) n;
	}
	return true;
}

/* Remove the oldest files until there is room for so many bytes. */
static void
make_room(struct ring_writer *writer, uint64_t bytes, size_t nkept)
{
	struct ring_dir *dir = &writer->dir;

	while (dir->nfiles > nkept && (dir->bytes + bytes > writer->options.max_bytes ||
								   dir->nfiles - nkept >= RING_MAX_FILES))
	{
		ring_dir_remove(dir, 0);
		counter_add(&writer->options.counters->ring_files_removed, 1);
	}
}

static bool
begin_file(struct ring_writer *writer, const struct ring_chunk *chunk)
{
	uint8_t		header[RING_FILE_HEADER];
	uint8_t		index[RING_INDEX_HEADER];

	close_file(writer);
	writer->file = chunk->file;
	make_room(writer, sizeof(header) + sizeof(index), 0);
	if (!ring_dir_begin(&writer->dir, chunk->file))
		return false;
	writer->index_bytes = sizeof(index);
	writer->index_fd = ring_dir_file(&writer->dir, chunk->file, "index",
									 O_WRONLY | O_CREAT | O_TRUNC);
	if (writer->index_fd >= 0)
		writer->data_fd = ring_dir_file(&writer->dir, chunk->file, "pcap",
										O_WRONLY | O_CREAT | O_TRUNC);
	ring_file_header(header, chunk->dlt, RING_MAX_SNAP);
	ring_index_header(index, chunk->file, writer->options.tunnels);
	if (writer->data_fd < 0 || !write_at(writer->index_fd, index, sizeof(index), 0) ||
		!write_at(writer->data_fd, header, sizeof(header), 0))
		return false;
	ring_dir_grow(&writer->dir, sizeof(header) + sizeof(index));
	return true;
}

/* A file without packets does not stay. */
static void
take_back(struct ring_writer *writer, const struct ring_chunk *chunk)
{
	struct ring_dir *dir = &writer->dir;
	if (chunk->block.begin > RING_FILE_HEADER && writer->data_fd >= 0 &&
		ftruncate(writer->data_fd, chunk->block.begin) == 0 &&
		ftruncate(writer->index_fd, (off_t) writer->index_bytes) == 0)
		return;
	if (dir->nfiles > 0 && dir->files[dir->nfiles - 1].number == chunk->file &&
		chunk->block.begin == RING_FILE_HEADER)
		ring_dir_remove(dir, dir->nfiles - 1);
}

static bool
append(struct ring_writer *writer, struct ring_chunk *chunk)
{
	const struct ring_block *block = &chunk->block;
	size_t		len = block->end - block->begin;
	size_t		index_len = ring_block_encode(block, chunk->entries, chunk->nentries,
											  writer->block);

	make_room(writer, len + index_len, 1);
	if (!write_at(writer->data_fd, chunk->bytes, len, block->begin) ||
		!write_at(writer->index_fd, writer->block, index_len, writer->index_bytes))
		return false;
	writer->index_bytes += index_len;
	ring_dir_grow(&writer->dir, (int64_t) (len + index_len));
	counter_add(&writer->options.counters->ring_packets, block->nrecords);
	counter_add(&writer->options.counters->ring_bytes, len + index_len);
	return true;
}

bool
ring_writer_put(struct ring_writer *writer, struct ring_chunk *chunk)
{
	if (chunk->file == writer->failed)
		return false;
	if ((chunk->file == writer->file || begin_file(writer, chunk)) && append(writer, chunk))
		return true;
	counter_add(&writer->options.counters->ring_write_errors, 1);
	if (log_allowed(&writer->limit, clock_monotonic_us()))
		log_warn("could not write file %" PRIu32 " of ring \"%s\", trying another one",
				 chunk->file, writer->dir.path);
	take_back(writer, chunk);
	writer->failed = chunk->file;
	close_file(writer);
	return false;
}
