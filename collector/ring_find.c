/*-------------------------------------------------------------------------
 *
 * Finding packets in a ring.
 *
 * A file is what the blocks of its index say, one after the other, and what
 * lies behind the last one.  A block is passed over when its times or its range
 * do not fit, looked up when the query has hashes only, and else its packets
 * are read and decoded, as the meter does.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "ring_find.h"
#include "ring_read.h"

#define LOOKUP_BYTES	16384	/* read around a packet that the index names */

struct search
{
	const struct ring_dir *dir;
	const struct ring_query *query;
	struct ring_hits *hits;
	struct counters ignored;
	struct packet_decoder *decoder;
	struct bpf_program program;
	int			program_dlt;	/* that it is for, or -1: there is none */
	uint32_t	file;
	struct ring_reader reader;
	bool		has_failed;		/* and has said why */
};

static void
free_filter(struct search *search)
{
	if (search->program_dlt >= 0)
		pcap_freecode(&search->program);
	search->program_dlt = -1;
}

/* For the link type of the file that is open. */
static bool
compile_filter(struct search *search)
{
	pcap_t	   *pcap;
	bool		is_good;

	if (search->query->filter == NULL || search->program_dlt == search->reader.dlt)
		return true;
	free_filter(search);
	pcap = pcap_open_dead(search->reader.dlt, RING_MAX_SNAP);
	if (pcap == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	is_good = pcap_compile(pcap, &search->program, search->query->filter, 1,
						   PCAP_NETMASK_UNKNOWN) == 0;
	if (is_good)
		search->program_dlt = search->reader.dlt;
	else
		log_warnx("invalid filter \"%s\": %s", search->query->filter, pcap_geterr(pcap));
	pcap_close(pcap);
	return is_good;
}

static bool
passes_filter(const struct search *search, const struct frame *frame)
{
	struct pcap_pkthdr header = {
		.caplen = (uint32_t) frame->caplen,.len = (uint32_t) frame->wirelen
	};

	return search->program_dlt < 0 ||
		pcap_offline_filter(&search->program, &header, frame->bytes) != 0;
}

static bool
reserve(struct ring_hits *hits)
{
	size_t		capacity = hits->capacity * 2 + 1024;
	struct ring_hit *items;

	if (hits->n < hits->capacity)
		return true;
	if (hits->n >= RING_MAX_HITS)
	{
		log_warnx("more than %d packets; a narrower time gives fewer", RING_MAX_HITS);
		return false;
	}
	items = realloc(hits->items, capacity * sizeof(*items));
	if (items == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	hits->items = items;
	hits->capacity = capacity;
	return true;
}

static void
add_hit(struct search *search, const struct ring_record *record)
{
	struct ring_hits *hits = search->hits;

	if (!passes_filter(search, &record->frame))
		return;
	search->has_failed = !reserve(hits);
	if (search->has_failed)
		return;
	if (hits->n == 0)
	{
		hits->dlt = search->reader.dlt;
		hits->other_dlt = -1;
	}
	else if (hits->dlt != search->reader.dlt)
		hits->other_dlt = search->reader.dlt;
	hits->items[hits->n++] = (struct ring_hit) {
		.position = ring_position(search->file, record->offset),
		.time_ns = record->frame.time_us * 1000 + record->frame.time_ns
	};
}

static bool
is_in_range(const struct search *search, const struct ring_side *side,
			const struct ring_record *record)
{
	uint64_t	position = ring_position(search->file, record->offset);

	return position >= side->first && position <= side->last &&
		record->frame.time_us >= side->from_us && record->frame.time_us <= side->to_us;
}

static bool
matches_key(const struct search *search, const struct ring_side *side,
			const struct flow_key *key)
{
	const struct flow_key *wanted = &side->key;

	if (side->has_hash)
		return ring_dir_hash(search->dir, key) == side->hash;
	return ((side->fields & RING_SRC_ADDR) == 0 ||
			memcmp(&key->src, &wanted->src, sizeof(key->src)) == 0) &&
		((side->fields & RING_DST_ADDR) == 0 ||
		 memcmp(&key->dst, &wanted->dst, sizeof(key->dst)) == 0) &&
		((side->fields & RING_SRC_PORT) == 0 || key->src_port == wanted->src_port) &&
		((side->fields & RING_DST_PORT) == 0 || key->dst_port == wanted->dst_port) &&
		((side->fields & RING_PROTO) == 0 || key->proto == wanted->proto);
}

static bool
is_wanted(const struct search *search, const struct ring_record *record,
		  const struct flow_key *key)
{
	for (int i = 0; i < search->query->nsides; i++)
	{
		const struct ring_side *side = &search->query->sides[i];

		if (!is_in_range(search, side, record))
			continue;
		if (!side->has_hash && side->fields == 0)
			return true;
		if (key != NULL && matches_key(search, side, key))
			return true;
	}
	return false;
}

/* Read the records from begin to end, or to the end of the file. */
static void
scan(struct search *search, uint32_t begin, uint32_t end)
{
	struct ring_record record;
	struct packet packet;

	while (!search->has_failed && begin < end &&
		   ring_reader_read(&search->reader, begin, RING_READ_BYTES, &record))
	{
		bool		is_metered = decode_packet(search->decoder, &record.frame, &packet);

		if (is_wanted(search, &record, is_metered ? &packet.flow.key : NULL))
			add_hit(search, &record);
		begin = record.next;
	}
}

static void
look_up(struct search *search, const struct ring_block *block)
{
	for (int i = 0; i < search->query->nsides; i++)
	{
		const struct ring_side *side = &search->query->sides[i];
		struct ring_list list;
		struct ring_record record;
		uint32_t	offset;

		if (!ring_block_find(block, side->hash, &list))
			continue;
		while (!search->has_failed && ring_list_next(&list, &offset))
			if (ring_reader_read(&search->reader, offset, LOOKUP_BYTES, &record) &&
				is_in_range(search, side, &record))
				add_hit(search, &record);
	}
}

static bool
may_have(const struct search *search, const struct ring_block *block)
{
	for (int i = 0; i < search->query->nsides; i++)
	{
		const struct ring_side *side = &search->query->sides[i];

		if (ring_position(search->file, block->end) > side->first &&
			ring_position(search->file, block->begin) <= side->last &&
			block->max_us >= side->from_us && block->min_us <= side->to_us)
			return true;
	}
	return false;
}

static bool
has_hashes(const struct ring_query *query)
{
	for (int i = 0; i < query->nsides; i++)
		if (!query->sides[i].has_hash)
			return false;
	return true;
}

/* Returns the end of what the index has. */
static uint32_t
search_index(struct search *search, struct ring_index *index)
{
	const struct ring_block *block = &index->block;
	uint32_t	covered = RING_FILE_HEADER;
	bool		looks_up = has_hashes(search->query);

	search->decoder->tunnels = index->tunnels;
	while (!search->has_failed && ring_index_next(index) && block->begin == covered)
	{
		covered = block->end;
		if (!may_have(search, block))
			continue;
		if (looks_up && ring_index_load(index))
			look_up(search, block);
		else
			scan(search, block->begin, block->end);
	}
	return covered;
}

static void
search_file(struct search *search)
{
	const struct ring_dir *dir = search->dir;
	uint32_t	covered = RING_FILE_HEADER;
	int			fd = ring_dir_file(dir, search->file, "pcap", O_RDONLY);
	struct ring_index index;

	if (fd < 0 && errno == ENOENT)
	{
		search->hits->ngone++;
		return;
	}
	if (fd < 0 || !ring_reader_open(&search->reader, fd))
	{
		log_warnx("file %" PRIu32 " of ring \"%s\" cannot be read", search->file, dir->path);
		return;
	}
	if (search->query->dlt < 0 || search->query->dlt == search->reader.dlt)
	{
		search->has_failed = !compile_filter(search);
		fd = ring_dir_file(dir, search->file, "index", O_RDONLY);
		if (!search->has_failed && fd >= 0 && ring_index_open(&index, fd, search->file))
		{
			covered = search_index(search, &index);
			ring_index_close(&index);
		}
		scan(search, covered, UINT32_MAX);
	}
	ring_reader_close(&search->reader);
}

static bool
is_file_wanted(const struct ring_query *query, uint32_t file)
{
	for (int i = 0; i < query->nsides; i++)
		if (file >= query->sides[i].first >> 32 && file <= query->sides[i].last >> 32)
			return true;
	return false;
}

bool
ring_find(const struct ring_dir *dir, const struct ring_query *query, struct ring_hits *hits)
{
	struct search search = {.dir = dir,.query = query,.hits = hits,.program_dlt = -1};

	search.decoder = packet_decoder_open(&search.ignored, dir->key);
	if (search.decoder == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	for (size_t i = 0; i < dir->nfiles && !search.has_failed; i++)
	{
		search.file = dir->files[i].number;
		if (is_file_wanted(query, search.file))
			search_file(&search);
	}
	free_filter(&search);
	packet_decoder_close(search.decoder);
	return !search.has_failed;
}

static int
by_time(const void *a, const void *b)
{
	const struct ring_hit *x = a;
	const struct ring_hit *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

void
ring_hits_sort(struct ring_hits *hits)
{
	size_t		n = 0;

	if (hits->n == 0)
		return;
	qsort(hits->items, hits->n, sizeof(*hits->items), by_time);
	for (size_t i = 1; i < hits->n; i++)
		if (hits->items[i].position != hits->items[n].position)
			hits->items[++n] = hits->items[i];
	hits->n = n + 1;
}
