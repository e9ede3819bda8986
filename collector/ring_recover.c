/*-------------------------------------------------------------------------
 *
 * A ring after a crash.
 *
 * A kill tears the newest file only; two are looked at, since the one before
 * may have been closed a moment before.  Older ones that lost bytes with their
 * machine are left to who reads them, who can do without an index.
 *
 * Packets are decoded from the beginning of the file on, so that fragments
 * find their first ones, and those behind the index are added to it, as one
 * block.  Flows that began in the file before may lose later fragments.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "ring_read.h"
#include "ring_recover.h"

#define FILES_TO_CHECK	2
#define BLOCK_PACKETS	(RING_BLOCK_MAX / 32)

struct recovery
{
	struct ring_dir *dir;
	uint32_t	file;
	uint32_t	tunnels;
	int			data_fd;
	int			index_fd;
	uint64_t	index_bytes;	/* that are good */
	uint32_t	covered;		/* end of what the index has */
	struct ring_block block;	/* of what it lacks */
	struct ring_entry *entries; /* entries[BLOCK_PACKETS] */
	size_t		nentries;
	bool		has_failed;
};

/* How far the index is good, for a capture file of this size. */
static void
read_index(struct recovery *recovery, uint64_t size)
{
	struct ring_index index;
	int			fd = dup(recovery->index_fd);

	recovery->covered = RING_FILE_HEADER;
	recovery->index_bytes = 0;
	if (fd < 0 || !ring_index_open(&index, fd, recovery->file))
		return;
	recovery->tunnels = index.tunnels;
	recovery->index_bytes = RING_INDEX_HEADER;
	while (ring_index_next(&index) && index.block.begin == recovery->covered &&
		   index.block.end <= size && ring_index_load(&index))
	{
		recovery->covered = index.block.end;
		recovery->index_bytes = index.next;
	}
	ring_index_close(&index);
}

static void
begin_block(struct recovery *recovery, uint32_t begin)
{
	recovery->nentries = 0;
	recovery->block = (struct ring_block) {
		.begin = begin,.min_us = INT64_MAX,.max_us = INT64_MIN
	};
}

static void
write_block(struct recovery *recovery)
{
	uint8_t    *bytes;
	size_t		len;

	if (recovery->block.nrecords == 0 || recovery->has_failed)
		return;
	bytes = malloc(ring_block_bound(recovery->nentries));
	recovery->has_failed = bytes == NULL;
	if (bytes == NULL)
		return;
	len = ring_block_encode(&recovery->block, recovery->entries, recovery->nentries, bytes);
	if (pwrite(recovery->index_fd, bytes, len, (off_t) recovery->index_bytes) != (ssize_t) len)
		recovery->has_failed = true;
	recovery->index_bytes += len;
	free(bytes);
	begin_block(recovery, recovery->block.end);
}

static void
add_record(struct recovery *recovery, const struct ring_record *record,
		   const struct flow_key *key)
{
	struct ring_block *block = &recovery->block;

	block->end = record->next;
	block->nrecords++;
	if (record->frame.time_us < block->min_us)
		block->min_us = record->frame.time_us;
	if (record->frame.time_us > block->max_us)
		block->max_us = record->frame.time_us;
	if (key != NULL)
		recovery->entries[recovery->nentries++] = (struct ring_entry) {
			.hash = ring_dir_hash(recovery->dir, key),.offset = record->offset
		};
	if (recovery->nentries == BLOCK_PACKETS)
		write_block(recovery);
}

/* Returns the end of the last whole record. */
static uint32_t
read_records(struct recovery *recovery, struct ring_reader *reader)
{
	struct counters ignored = {0};
	struct packet_decoder *decoder = packet_decoder_open(&ignored, recovery->dir->key);
	uint32_t	offset = RING_FILE_HEADER;
	struct ring_record record;
	struct packet packet;

	recovery->entries = malloc(BLOCK_PACKETS * sizeof(*recovery->entries));
	recovery->has_failed = decoder == NULL || recovery->entries == NULL;
	if (decoder != NULL)
		decoder->tunnels = recovery->tunnels;
	begin_block(recovery, recovery->covered);
	while (!recovery->has_failed && ring_reader_read(reader, offset, RING_READ_BYTES, &record))
	{
		bool		is_metered = decode_packet(decoder, &record.frame, &packet);

		if (offset >= recovery->covered)
			add_record(recovery, &record, is_metered ? &packet.flow.key : NULL);
		offset = record.next;
	}
	write_block(recovery);
	free(recovery->entries);
	if (decoder != NULL)
		packet_decoder_close(decoder);
	return offset;
}

static bool
write_header(struct recovery *recovery)
{
	uint8_t		header[RING_INDEX_HEADER];

	ring_index_header(header, recovery->file, recovery->tunnels);
	recovery->index_bytes = sizeof(header);
	return pwrite(recovery->index_fd, header, sizeof(header), 0) == sizeof(header);
}

/* Returns false with errno if the files could not be put right. */
static bool
repair(struct recovery *recovery, struct ring_reader *reader, uint64_t size)
{
	uint32_t	end;

	if ((recovery->index_bytes == 0 && !write_header(recovery)) ||
		ftruncate(recovery->index_fd, (off_t) recovery->index_bytes) != 0)
		return false;
	if (recovery->covered == size)
		return true;
	end = read_records(recovery, reader);
	if (recovery->has_failed)
		return false;
	if (end < recovery->covered)
	{
		log_warnx("file %" PRIu32 " of ring \"%s\" is damaged at %" PRIu32, recovery->file,
				  recovery->dir->path, end);
		return true;
	}
	if (end == size)
		return true;
	log_info("file %" PRIu32 " of ring \"%s\" ends within a packet, %" PRIu64
			 " bytes are cut off", recovery->file, recovery->dir->path, size - end);
	return ftruncate(recovery->data_fd, end) == 0;
}

/* Returns whether the file may stay. */
static bool
recover_file(struct ring_dir *dir, uint32_t file, uint32_t tunnels)
{
	struct recovery recovery = {.dir = dir,.file = file,.tunnels = tunnels};
	struct ring_reader reader;
	off_t		size = -1;

	recovery.index_fd = ring_dir_file(dir, file, "index", O_RDWR | O_CREAT);
	recovery.data_fd = recovery.index_fd < 0 ? -1 : ring_dir_file(dir, file, "pcap", O_RDWR);
	if (recovery.data_fd >= 0)
		size = lseek(recovery.data_fd, 0, SEEK_END);
	if (size < 0)
		log_warn("could not read file %" PRIu32 " of ring \"%s\"", file, dir->path);
	else if (size > RING_FILE_HEADER && ring_reader_open(&reader, dup(recovery.data_fd)))
	{
		read_index(&recovery, (uint64_t) size);
		if (!repair(&recovery, &reader, (uint64_t) size))
			log_warn("could not repair file %" PRIu32 " of ring \"%s\"", file, dir->path);
		ring_reader_close(&reader);
	}
	if (recovery.data_fd >= 0)
		close(recovery.data_fd);
	if (recovery.index_fd >= 0)
		close(recovery.index_fd);
	return size < 0 || size > RING_FILE_HEADER;
}

void
ring_recover(struct ring_dir *dir, uint32_t tunnels)
{
	size_t		i = dir->nfiles;

	for (int n = 0; n < FILES_TO_CHECK && i > 0; n++)
	{
		i--;
		if (recover_file(dir, dir->files[i].number, tunnels))
			ring_dir_measure(dir, i);
		else
			ring_dir_remove(dir, i);
	}
}
