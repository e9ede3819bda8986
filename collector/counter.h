/*-------------------------------------------------------------------------
 *
 * Counters: everything that is received, made, lost or refused.
 *
 * The names are part of the interface (--stats, SIGUSR1); README.md explains
 * each.  One struct for the process, passed to every stage; the stage that
 * sees the event counts it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_H
#define COLLECTOR_COUNTER_H

#include <stdint.h>
#include <stdio.h>

#define COUNTER_LIST(X) \
	X(packets) \
	X(bytes) \
	X(ip_packets) \
	X(ip_bytes) \
	X(non_ip_packets) \
	X(unsupported_link_packets) \
	X(malformed_link) \
	X(malformed_ip4) \
	X(malformed_ip6) \
	X(malformed_extension) \
	X(malformed_transport) \
	X(truncated_packets) \
	X(implausible_times) \
	X(fragments) \
	X(fragments_unmatched) \
	X(flows_created) \
	X(flows_exported) \
	X(flows_evicted) \
	X(time_jumps) \
	X(datagrams) \
	X(datagram_bytes) \
	X(datagrams_lost_in_kernel) \
	X(receive_errors) \
	X(datagrams_short) \
	X(datagrams_fragmented) \
	X(netflow5_datagrams) \
	X(netflow5_malformed) \
	X(netflow5_trailing_bytes) \
	X(unsupported_v1) \
	X(unsupported_v7) \
	X(unsupported_v8) \
	X(unsupported_v9) \
	X(unsupported_ipfix) \
	X(unsupported_sflow) \
	X(unsupported_other) \
	X(records) \
	X(sequence_gaps) \
	X(sequence_missed_records) \
	X(sequence_reordered) \
	X(sequence_resets) \
	X(exporters_evicted) \
	X(lines_written) \
	X(rows_queued) \
	X(rows_written) \
	X(rows_dropped) \
	X(rows_rejected) \
	X(batches) \
	X(batches_retried) \
	X(reconnects) \
	X(line_connections) \
	X(line_connections_closed) \
	X(lines_received) \
	X(lines_cut) \
	X(lines_malformed) \
	X(lines_unknown_table) \
	X(line_values_unknown)

struct counters
{
#define COUNTER_FIELD(name) uint64_t name;
	COUNTER_LIST(COUNTER_FIELD)
#undef COUNTER_FIELD
};

/* One "name value" per line, in the order of the list. */
extern void counter_print(const struct counters *counters, FILE *to);

/* One JSON object on one line, same names, values as numbers. */
extern void counter_print_json(const struct counters *counters, FILE *to);

#endif
