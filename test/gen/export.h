/*-------------------------------------------------------------------------
 *
 * Rows as the datagrams of flow exporters.
 *
 * A made-up exporter is a stream: an observation domain with sequence numbers
 * and templates of its own.  There are EXPORTERS of them, or, with more
 * sources, a multiple of that; stream i sends from source i % nsources.  Which
 * stream a row belongs to follows from its inside host, as does its sampling
 * interval.
 *
 * What a format cannot say: NetFlow v5 leaves out IPv6 rows, which are counted,
 * AS numbers above 65535 become 23456, and counts stop at 2^32 - 1.  sFlow makes
 * of each row one sample of one packet, of the row's mean length; its sampling
 * rate is the row's packets times its sampling interval.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_EXPORT_H
#define GEN_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "conv.h"

#define EXPORT_MAX_SOURCES	1024
#define EXPORT_DATAGRAM_BYTES	1400

enum export_format
{
	EXPORT_NETFLOW5, EXPORT_NETFLOW9, EXPORT_IPFIX, EXPORT_SFLOW, EXPORT_FORMATS
};

struct export_datagram
{
	const uint8_t *bytes;		/* bytes[len] */
	size_t		len;
	uint32_t	nrecords;
	int			source;			/* 0 .. nsources - 1 */
	int64_t		time_ms;		/* of export, since 1970 */
};

struct export_options
{
	enum export_format format;
	int			nsources;		/* 1 .. EXPORT_MAX_SOURCES */
	uint32_t	max_records;	/* of a datagram, if less fit */
	int64_t		boot_ms;		/* of all exporters, before any row */
	int64_t		template_ms;	/* templates are sent again after that */
	bool		is_live;		/* export time is now, not the end of the flow */
	void		(*put) (void *arg, const struct export_datagram *datagram);
	void	   *arg;
};

struct export_counts
{
	uint64_t	records;
	uint64_t	datagrams;
	uint64_t	bytes;			/* of the datagrams */
	uint64_t	left_out;		/* rows that the format cannot say */
};

struct export;

/* exits when out of memory */
extern struct export *export_begin(const struct export_options *options);

/* one row: side 0 goes from a to b, side 1 back */
extern void export_row(struct export *export, const struct conv *conv, int side);

/* sends what is left and frees */
extern struct export_counts export_end(struct export *export);

#endif
