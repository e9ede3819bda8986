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
	X(packets_lost_in_kernel) \
	X(packets_lost_by_interface) \
	X(interface_failures) \
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
	X(tunnel_packets) \
	X(tunnel_fragments) \
	X(tunnels_not_ip) \
	X(tunnels_malformed) \
	X(tunnels_truncated) \
	X(flows_created) \
	X(flows_exported) \
	X(flows_evicted) \
	X(payload_flows) \
	X(payload_flows_evicted) \
	X(payload_segments_dropped) \
	X(profiles_evicted) \
	X(time_jumps) \
	X(datagrams) \
	X(datagram_bytes) \
	X(datagrams_lost_in_kernel) \
	X(receive_errors) \
	X(datagrams_short) \
	X(datagrams_fragmented) \
	X(netflow1_datagrams) \
	X(netflow1_malformed) \
	X(netflow5_datagrams) \
	X(netflow5_malformed) \
	X(netflow5_trailing_bytes) \
	X(netflow7_datagrams) \
	X(netflow7_malformed) \
	X(netflow9_datagrams) \
	X(netflow9_malformed) \
	X(ipfix_datagrams) \
	X(ipfix_malformed) \
	X(ipfix_trailing_bytes) \
	X(sets_malformed) \
	X(sets_truncated) \
	X(sets_reserved) \
	X(sets_without_template) \
	X(sets_parked) \
	X(sets_unparked) \
	X(sets_unparkable) \
	X(sets_park_expired) \
	X(sets_park_evicted) \
	X(templates) \
	X(templates_changed) \
	X(templates_malformed) \
	X(templates_evicted) \
	X(template_withdrawals) \
	X(fields_truncated) \
	X(uptimes_without_base) \
	X(unsupported_v8) \
	X(unsupported_v9) \
	X(unsupported_ipfix) \
	X(unsupported_sflow) \
	X(unsupported_other) \
	X(sflow_datagrams) \
	X(sflow_malformed) \
	X(sflow_trailing_bytes) \
	X(sflow_flow_samples) \
	X(sflow_counter_samples) \
	X(sflow_drop_samples) \
	X(sflow_unknown_samples) \
	X(sflow_malformed_samples) \
	X(sflow_malformed_records) \
	X(sflow_skipped_records) \
	X(sflow_malformed_headers) \
	X(sflow_non_ip_samples) \
	X(records) \
	X(options_records) \
	X(sequence_gaps) \
	X(sequence_missed_records) \
	X(sequence_missed_datagrams) \
	X(sequence_reordered) \
	X(sequence_resets) \
	X(exporters_evicted) \
	X(domains_evicted) \
	X(facts_evicted) \
	X(lines_written) \
	X(rows_queued) \
	X(rows_written) \
	X(rows_dropped) \
	X(rows_rejected) \
	X(rows_known) \
	X(rows_reread) \
	X(batches) \
	X(batches_retried) \
	X(reconnects) \
	X(received_datagrams) \
	X(received_bytes) \
	X(received_not_allowed) \
	X(received_over_rate) \
	X(tcp_connections) \
	X(tcp_connections_refused) \
	X(tcp_connections_idle) \
	X(tcp_messages) \
	X(tcp_malformed) \
	X(tcp_bytes_cut) \
	X(spool_records_appended) \
	X(spool_records_refused) \
	X(spool_records_read) \
	X(spool_records_replayed) \
	X(spool_records_dropped) \
	X(spool_content_bytes_dropped) \
	X(spool_files_dropped) \
	X(spool_bytes_written) \
	X(spool_write_errors) \
	X(spool_damaged) \
	X(feed_lines) \
	X(feed_records) \
	X(feed_other_lines) \
	X(feed_malformed) \
	X(feed_bad_values) \
	X(feed_incomplete) \
	X(feed_long_lines) \
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

/* For counters that several threads count. */
static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	(void) __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* One "name value" per line, in the order of the list. */
extern void counter_print(const struct counters *counters, FILE *to);

/* One JSON object on one line, same names, values as numbers. */
extern void counter_print_json(const struct counters *counters, FILE *to);

#endif
