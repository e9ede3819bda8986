/*-------------------------------------------------------------------------
 *
 * For tests of the spool: numbered datagrams, and reading them back.
 *
 * Datagram n has n in its first eight bytes and n as its time of arrival; the
 * rest of it follows from n.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_SPOOL_FILL_H
#define TEST_SPOOL_FILL_H

#include <stdlib.h>
#include <string.h>

#include "spool.h"

#define FILL_LEN 1464

static inline struct spool_record
fill_record(uint64_t n, uint8_t *bytes, size_t len)
{
	struct spool_record record = {
		.type = SPOOL_DATAGRAM,
		.source = {
			.received_us = (int64_t) n,
			.addr = {FLOW_FAMILY_IP4, {192, 0, 2, 1}},
			.port = (uint16_t) n,
			.local_port = 2055
		},
		.bytes = bytes,
		.len = len
	};

	memset(bytes, (int) (n % 251), len);
	memcpy(bytes, &n, sizeof(n));
	return record;
}

/* Append the datagrams first .. end - 1; returns how many were taken. */
static inline uint64_t
fill_append(struct spool *spool, uint64_t first, uint64_t end, size_t len)
{
	struct spool_burst *burst = calloc(1, sizeof(*burst));
	uint8_t		bytes[FILL_LEN];
	uint64_t	ntaken = 0;

	for (uint64_t n = first; n < end; n++)
	{
		struct spool_record record = fill_record(n, bytes, len);

		if (!spool_burst_add(burst, &record))
			abort();
		if (burst->nrecords == 64 || n == end - 1)
		{
			uint64_t	nrecords = burst->nrecords;

			ntaken += spool_append(spool, burst) ? nrecords : 0;
		}
	}
	free(burst);
	return ntaken;
}

/* The number of a datagram; UINT64_MAX if it is not what fill_record made. */
static inline uint64_t
fill_number(const struct spool_record *record)
{
	uint64_t	n;

	if (record->type != SPOOL_DATAGRAM || record->len < sizeof(n))
		return UINT64_MAX;
	memcpy(&n, record->bytes, sizeof(n));
	for (size_t i = sizeof(n); i < record->len; i++)
		if (record->bytes[i] != n % 251)
			return UINT64_MAX;
	return n == (uint64_t) record->source.received_us &&
		record->source.port == (uint16_t) n &&
		record->source.local_port == 2055 ? n : UINT64_MAX;
}

struct fill_seen
{
	uint64_t	nrecords;		/* datagrams */
	uint64_t	next;			/* number after the last one */
	uint64_t	gap_records;
	uint64_t	ngaps;
	uint64_t	end;			/* position */
	bool		is_ordered;		/* numbers grew, and all were good */
};

/* Read what there is, at most so many datagrams. */
static inline void
fill_read(struct spool_reader *reader, uint64_t max, struct fill_seen *seen)
{
	struct spool_record record;

	while (max > 0 && spool_next(reader, &record) == SPOOL_RECORD)
	{
		if (record.position >= record.end || record.position < seen->end)
			seen->is_ordered = false;
		seen->end = record.end;
		if (record.type == SPOOL_GAP)
		{
			seen->ngaps++;
			seen->gap_records += record.gap_records;
			continue;
		}
		if (fill_number(&record) == UINT64_MAX || fill_number(&record) < seen->next)
			seen->is_ordered = false;
		seen->next = fill_number(&record) + 1;
		seen->nrecords++;
		max--;
	}
}

#endif
