/*-------------------------------------------------------------------------
 *
 * Data records of NetFlow v9 and IPFIX to flows.
 *
 * Any record is a flow, also one without addresses or counts.  Counts are
 * those of elements 1 and 2, else the totals 85 and 86, else what the
 * initiator sent (231, 298: Cisco's NSEL), else what was left after a
 * middlebox (23, 24).  ICMP elements go to dst_port.
 *
 * Times are absolute ones, else differences to the export, else uptimes, else
 * those of the event, else the export's.  An end that differs from the export
 * by more than max_skew_us is taken for the time of the export; a start before
 * the end by more than 2^31 ms, or after it, for the end; both are counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_FLOW_H
#define COLLECTOR_DECODE_FLOW_H

#include "decode_export.h"
#include "decode_record.h"
#include "export_memory.h"
#include "export_message.h"

/* What all records of a set have in common. */
struct record_context
{
	struct export_decoder *decoder;
	const struct export_message *message;
	struct export_domain *domain;
	const struct export_domain *parent; /* or NULL */
};

/* Make a flow of the record and hand it on.  Uses record->extra and json. */
extern void flow_of_record(const struct record_context *context,
						   struct record *record);

#endif
