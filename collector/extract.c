/*-------------------------------------------------------------------------
 *
 * Packets out of a ring.
 *
 * A reference stands for the flow of its first packet, from there to its last
 * one.  The other direction of it is what has the reverse key at these times,
 * and BOTH_US before and after: what the two rows of a conversation begin and
 * end with differs.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "extract.h"
#include "extract_options.h"
#include "log.h"
#include "ring_read.h"

#define BOTH_US			(15 * INT64_C(1000000))
#define RECORD_BYTES	65536	/* read at a time, for packets next to each other */
#define TIME_LEN		40

static const char *
time_text(int64_t us, char *text)
{
	time_t		seconds = (time_t) (us / 1000000);
	struct tm	tm;

	if (gmtime_r(&seconds, &tm) == NULL)
		return "an unknown time";
	strftime(text, TIME_LEN, "%Y-%m-%d %H:%M:%S UTC", &tm);
	return text;
}

/* Say since when the ring has packets. */
static void
tell_reach(const struct ring_dir *dir)
{
	struct ring_reader reader;
	struct ring_record record;
	char		text[TIME_LEN];
	int			fd = -1;

	if (dir->nfiles > 0)
		fd = ring_dir_file(dir, dir->files[0].number, "pcap", O_RDONLY);
	if (fd < 0 || !ring_reader_open(&reader, fd))
	{
		log_info("ring \"%s\" has no packets", dir->path);
		return;
	}
	if (ring_reader_read(&reader, RING_FILE_HEADER, RECORD_BYTES, &record))
		log_info("ring \"%s\" reaches back to %s, file %" PRIu32, dir->path,
				 time_text(record.frame.time_us, text), dir->files[0].number);
	ring_reader_close(&reader);
}

static bool
has_file(const struct ring_dir *dir, uint32_t file)
{
	for (size_t i = 0; i < dir->nfiles; i++)
		if (dir->files[i].number == file)
			return true;
	return false;
}

/*
 * The flow of a reference, in *side.  Returns false if nothing of it is left;
 * *is_whole is cleared if its begin is gone.
 */
static bool
resolve_ref(const struct ring_dir *dir, const struct extract_options *options,
			struct ring_side *side, bool *is_whole)
{
	const struct ring_ref *ref = &options->ref;
	uint32_t	first = (uint32_t) (ref->first >> 32);
	uint32_t	last = (uint32_t) (ref->last >> 32);

	if (strcmp(ref->id, dir->id) != 0)
	{
		log_warnx("\"%s\" is of ring %s, but \"%s\" is ring %s", options->ref_text, ref->id,
				  dir->path, dir->id);
		return false;
	}
	side->first = ref->first;
	side->last = ref->last;
	if (first > dir->last)
	{
		log_warnx("file %" PRIu32 " of the ring has not been written", first);
		return false;
	}
	if (!has_file(dir, first))
	{
		*is_whole = false;
		log_warnx("file %" PRIu32 " of the ring is not there any more%s", first,
				  has_file(dir, last) ? ", the flow's first packets are missing" : "");
		tell_reach(dir);
		if (!has_file(dir, last))
			return false;
	}
	if (options->fields != 0)
		return true;
	side->has_hash = ring_hash_at(dir, ref->first, &side->hash) ||
		ring_hash_at(dir, ref->last, &side->hash);
	if (!side->has_hash)
		log_warnx("there is no packet of a flow where \"%s\" points to", options->ref_text);
	return side->has_hash;
}

/* What is wanted but for the other direction. */
static bool
make_side(const struct ring_dir *dir, const struct extract_options *options,
		  struct ring_side *side, bool *is_whole)
{
	*side = (struct ring_side) {
		.fields = options->fields,
		.key = options->key,
		.last = UINT64_MAX,
		.from_us = options->from_us,
		.to_us = options->to_us
	};
	if (options->fields == RING_WHOLE_KEY)
	{
		side->has_hash = true;
		side->hash = ring_dir_hash(dir, &side->key);
	}
	return options->ref_text == NULL || resolve_ref(dir, options, side, is_whole);
}

/* Bits of the other direction. */
static unsigned
reverse_fields(unsigned fields)
{
	return (fields & RING_PROTO) |
		((fields & RING_SRC_ADDR) != 0 ? RING_DST_ADDR : 0) |
		((fields & RING_DST_ADDR) != 0 ? RING_SRC_ADDR : 0) |
		((fields & RING_SRC_PORT) != 0 ? RING_DST_PORT : 0) |
		((fields & RING_DST_PORT) != 0 ? RING_SRC_PORT : 0);
}

/* The times of the other direction of what was found. */
static void
set_times(const struct ring_hits *hits, struct ring_side *side)
{
	int64_t		min_us = INT64_MAX;
	int64_t		max_us = INT64_MIN;

	for (size_t i = 0; i < hits->n; i++)
	{
		int64_t		us = hits->items[i].time_ns / 1000;

		if (us < min_us)
			min_us = us;
		if (us > max_us)
			max_us = us;
	}
	if (side->from_us < min_us - BOTH_US)
		side->from_us = min_us - BOTH_US;
	if (side->to_us > max_us + BOTH_US)
		side->to_us = max_us + BOTH_US;
	side->first = 0;
	side->last = UINT64_MAX;
}

/* Returns false if there is no other direction; this is logged. */
static bool
make_reverse(const struct ring_dir *dir, const struct extract_options *options,
			 const struct ring_hits *hits, struct ring_side *side)
{
	bool		is_icmp;

	side->fields = reverse_fields(side->fields);
	if (side->has_hash && side->fields != RING_WHOLE_KEY &&
		!ring_key_of(dir, hits, side->hash, &side->key))
	{
		log_warnx("no packet says what the other direction is");
		return false;
	}
	is_icmp = (side->has_hash || (side->fields & RING_PROTO) != 0) &&
		(side->key.proto == FLOW_PROTO_ICMP || side->key.proto == FLOW_PROTO_ICMP6);
	if (is_icmp && !side->has_hash)
		side->fields &= ~(unsigned) (RING_SRC_PORT | RING_DST_PORT);
	if (!ring_reverse_key(&side->key) && side->has_hash)
	{
		log_warnx("messages of this type have no answer");
		return false;
	}
	if (side->has_hash)
		side->hash = ring_dir_hash(dir, &side->key);
	if (options->ref_text != NULL)
		set_times(hits, side);
	return true;
}

static bool
find_all(const struct ring_dir *dir, const struct extract_options *options,
		 struct ring_hits *hits, bool *is_whole)
{
	struct ring_query query = {
		.nsides = 1,
		.filter = options->filter,
		.dlt = options->link_type == EXTRACT_ANY_LINK_TYPE ? -1 : (int) options->link_type
	};

	if (!make_side(dir, options, &query.sides[0], is_whole) || !ring_find(dir, &query, hits))
		return false;
	if (!options->has_both || hits->n == 0)
		return true;
	return !make_reverse(dir, options, hits, &query.sides[0]) || ring_find(dir, &query, hits);
}

/* A file that is being read, kept open from one packet to the next. */
struct source
{
	const struct ring_dir *dir;
	uint32_t	file;			/* 0: none */
	struct ring_reader reader;
};

static void
close_source(struct source *source)
{
	if (source->file != 0)
		ring_reader_close(&source->reader);
	source->file = 0;
}

static bool
read_packet(struct source *source, uint64_t position, struct ring_record *record)
{
	uint32_t	file = (uint32_t) (position >> 32);

	if (source->file != file)
	{
		int			fd = ring_dir_file(source->dir, file, "pcap", O_RDONLY);

		close_source(source);
		if (fd < 0 || !ring_reader_open(&source->reader, fd))
			return false;
		source->file = file;
	}
	return ring_reader_read(&source->reader, (uint32_t) position, RECORD_BYTES, record);
}

/* Returns how many packets are not there any more, or -1 if writing failed. */
static int64_t
copy_packets(const struct ring_dir *dir, const struct ring_hits *hits, FILE *to)
{
	struct source source = {.dir = dir};
	uint8_t		header[RING_FILE_HEADER];
	int64_t		nmissing = 0;

	ring_file_header(header, hits->dlt, RING_MAX_SNAP);
	(void) fwrite(header, sizeof(header), 1, to);
	for (size_t i = 0; i < hits->n && !ferror(to); i++)
	{
		uint8_t		head[RING_RECORD_HEADER];
		struct ring_record record;

		if (!read_packet(&source, hits->items[i].position, &record))
		{
			nmissing++;
			continue;
		}
		ring_record_header(head, &record.frame);
		(void) fwrite(head, sizeof(head), 1, to);
		if (record.frame.caplen > 0)
			(void) fwrite(record.frame.bytes, record.frame.caplen, 1, to);
	}
	close_source(&source);
	return fflush(to) != 0 || ferror(to) ? -1 : nmissing;
}

static int
write_packets(const struct ring_dir *dir, const struct extract_options *options,
			  const struct ring_hits *hits)
{
	bool		is_stdout = strcmp(options->output, "-") == 0;
	FILE	   *to = is_stdout ? stdout : fopen(options->output, "wbe");
	int64_t		nmissing;
	bool		has_failed;

	if (to == NULL)
	{
		log_warn("could not open output file \"%s\"", options->output);
		return 1;
	}
	nmissing = copy_packets(dir, hits, to);
	has_failed = nmissing < 0;
	if (has_failed)
		log_warn("could not write to output file \"%s\"", options->output);
	if (!is_stdout && fclose(to) != 0 && !has_failed)
	{
		log_warn("could not write to output file \"%s\"", options->output);
		has_failed = true;
	}
	if (has_failed)
		return 1;
	if (nmissing > 0)
		log_warnx("%" PRId64 " packets were removed meanwhile", nmissing);
	log_info("%zu packets", hits->n - (size_t) nmissing);
	return nmissing > 0 ? 1 : 0;
}

/* The exit status, of what was found. */
static int
deliver(const struct ring_dir *dir, const struct extract_options *options,
		struct ring_hits *hits, bool is_whole)
{
	int			status;

	ring_hits_sort(hits);
	if (hits->ngone > 0)
		log_warnx("%zu files of the ring were removed meanwhile", hits->ngone);
	if (hits->n == 0)
	{
		log_warnx("there are no such packets");
		tell_reach(dir);
		return 1;
	}
	if (hits->other_dlt >= 0)
	{
		log_warnx("the packets have different link types, %d and %d, which one file cannot "
				  "hold; choose one with --link-type", hits->dlt, hits->other_dlt);
		return 1;
	}
	status = write_packets(dir, options, hits);
	return !is_whole || hits->ngone > 0 ? 1 : status;
}

int
extract_run(int argc, char **argv)
{
	struct extract_options options;
	struct ring_hits hits = {0};
	struct ring_dir dir;
	bool		is_whole = true;
	int			status = 1;

	extract_options_parse(&options, argc, argv);
	if (!ring_dir_open(&dir, options.ring, false))
		return 1;
	if (find_all(&dir, &options, &hits, &is_whole))
		status = deliver(&dir, &options, &hits, is_whole);
	free(hits.items);
	ring_dir_close(&dir);
	return status;
}
