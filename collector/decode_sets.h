/*-------------------------------------------------------------------------
 *
 * The sets of a message of NetFlow v9 (RFC 3954) or IPFIX (RFC 7011).
 *
 * Sets are decoded in order.  Data whose template has not been seen waits for
 * it (parking.h) and is decoded right behind the template.  What cannot be
 * framed ends the message; what was before it is good.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_SETS_H
#define COLLECTOR_DECODE_SETS_H

#include "decode_flow.h"
#include "wire.h"

struct set_reader
{
	struct record_context context;
	bool		is_stream;		/* templates can be withdrawn, RFC 7011, 8.1 */
	bool		has_withdrawn_all;
	bool		has_unknown;	/* records that could not be counted */
	uint32_t	nrecords;		/* of data, flows and options */
};

/*
 * Fill in *message and *reader for a datagram from this source.  The time of
 * the export is received_us where it differs from it by more than the
 * decoder's max_skew_us.  Returns false when memory is exhausted.
 */
extern bool sets_begin(struct set_reader *reader,
					   struct export_message *message,
					   struct export_decoder *decoder)
			__attribute__((warn_unused_result));

/* Decode all sets in w. */
extern void sets_decode(struct set_reader *reader, struct wire *w);

#endif
