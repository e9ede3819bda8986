/*-------------------------------------------------------------------------
 *
 * Reading the files of a ring.
 *
 * They are read, not mapped: a file that is shortened under a mapping kills
 * who looks at it.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ring_read.h"

/* Returns how many bytes there were, fewer than len only at the end. */
static size_t
read_at(int fd, uint8_t *bytes, size_t len, uint64_t offset)
{
	size_t		done = 0;

	while (done < len)
	{
		ssize_t		n = pread(fd, bytes + done, len - done, (off_t) (offset + done));

		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		done += n > 0 ? (size_t) n : 0;
	}
	return done;
}

bool
ring_reader_open(struct ring_reader *reader, int fd)
{
	uint8_t		header[RING_FILE_HEADER];

	*reader = (struct ring_reader) {.fd = fd};
	if (read_at(fd, header, sizeof(header), 0) == sizeof(header) &&
		ring_file_header_read(header, &reader->dlt))
		reader->buffer = malloc(RING_READ_BYTES);
	if (reader->buffer != NULL)
		return true;
	close(fd);
	return false;
}

void
ring_reader_close(struct ring_reader *reader)
{
	free(reader->buffer);
	close(reader->fd);
}

/* The bytes at an offset, or NULL if there are not so many. */
static const uint8_t *
bytes_at(struct ring_reader *reader, uint64_t offset, size_t len, size_t least)
{
	if (offset < reader->at || offset + len > reader->at + reader->len)
	{
		if (least < len)
			least = len;
		reader->at = offset;
		reader->len = read_at(reader->fd, reader->buffer,
							  least > RING_READ_BYTES ? RING_READ_BYTES : least, offset);
		if (reader->len < len)
			return NULL;
	}
	return reader->buffer + (offset - reader->at);
}

bool
ring_reader_read(struct ring_reader *reader, uint32_t offset, size_t least,
				 struct ring_record *record)
{
	const uint8_t *p;
	uint64_t	next;

	if (offset < RING_FILE_HEADER)
		return false;
	p = bytes_at(reader, offset, RING_RECORD_HEADER, least);
	if (p == NULL || !ring_record_header_read(p, &record->frame))
		return false;
	next = (uint64_t) offset + RING_RECORD_HEADER + record->frame.caplen;
	if (next > UINT32_MAX)
		return false;
	p = bytes_at(reader, offset, (size_t) (next - offset), least);
	if (p == NULL)
		return false;
	record->frame.bytes = p + RING_RECORD_HEADER;
	record->frame.dlt = reader->dlt;
	record->offset = offset;
	record->next = (uint32_t) next;
	return true;
}

bool
ring_index_open(struct ring_index *index, int fd, uint32_t file)
{
	uint8_t		header[RING_INDEX_HEADER];

	*index = (struct ring_index) {.fd = fd,.next = RING_INDEX_HEADER};
	if (read_at(fd, header, sizeof(header), 0) == sizeof(header) &&
		ring_index_header_read(header, file, &index->tunnels))
		return true;
	close(fd);
	return false;
}

void
ring_index_close(struct ring_index *index)
{
	free(index->bytes);
	close(index->fd);
}

bool
ring_index_next(struct ring_index *index)
{
	uint8_t		header[RING_BLOCK_HEADER];

	if (read_at(index->fd, header, sizeof(header), index->next) < sizeof(header) ||
		!ring_block_header_read(header, &index->block))
		return false;
	index->next += RING_BLOCK_HEADER + (uint64_t) index->block.body_bytes;
	return true;
}

bool
ring_index_load(struct ring_index *index)
{
	size_t		len = index->block.body_bytes;

	if (len > index->capacity)
	{
		uint8_t    *bytes = realloc(index->bytes, len);

		if (bytes == NULL)
			return false;
		index->bytes = bytes;
		index->capacity = len;
	}
	return read_at(index->fd, index->bytes, len, index->next - len) == len &&
		ring_block_open(&index->block, index->bytes);
}
