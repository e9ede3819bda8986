/*-------------------------------------------------------------------------
 *
 * One made-up exporter, and the formats that it may speak.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_STREAM_H
#define GEN_STREAM_H

#include "export.h"

/* A row as exporters see it. */
struct record
{
	const struct addr *src;
	const struct addr *dst;
	uint16_t	src_port;
	uint16_t	dst_port;
	uint8_t		proto;
	uint8_t		tcp_flags;
	uint8_t		tos;
	uint32_t	in_if;
	uint32_t	out_if;
	uint32_t	src_as;
	uint32_t	dst_as;
	uint32_t	sampling;		/* one packet in so many */
	uint64_t	packets;
	uint64_t	bytes;
	int64_t		start_ms;		/* since 1970 */
	int64_t		end_ms;
};

struct stream
{
	uint32_t	domain;			/* 1 .. */
	uint32_t	sampling;
	int64_t		boot_ms;
	int64_t		template_due_ms;
	int64_t		opened_ms;		/* when the first record was put */
	uint32_t	sequence;
	uint32_t	nsamples;		/* of sFlow, since the beginning */
	uint32_t	nrecords;		/* in the datagram */
	uint32_t	ntemplates;		/* the same */
	uint8_t    *set;			/* open set, or NULL */
	uint16_t	set_id;
	uint8_t    *end;			/* of what is in bytes; the header is not yet */
	uint8_t		bytes[EXPORT_DATAGRAM_BYTES];
};

struct format
{
	size_t		header_bytes;
	size_t		record_bytes;	/* room that the longest one may need */
	bool		has_ip6;
	bool		has_templates;
	void		(*put_templates) (struct stream *stream);
	void		(*put_record) (struct stream *stream, const struct record *record);

	/* write the header and advance the sequence number */
	void		(*finish) (struct stream *stream, int64_t now_ms);
};

extern const struct format format_netflow5;
extern const struct format format_netflow9;
extern const struct format format_ipfix;
extern const struct format format_sflow;

/* milliseconds since boot, modulo 2^32 */
static inline uint32_t
stream_uptime(const struct stream *stream, int64_t ms)
{
	return (uint32_t) (uint64_t) (ms - stream->boot_ms);
}

#endif
