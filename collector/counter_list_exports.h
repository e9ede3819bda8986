/*-------------------------------------------------------------------------
 * Names of counters of what exporters send.
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_LIST_EXPORTS_H
#define COLLECTOR_COUNTER_LIST_EXPORTS_H

#define COUNTER_LIST_EXPORTS(X) \
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
	X(facts_evicted)

#endif
