/*-------------------------------------------------------------------------
 * Names of counters of packets, and of the flows made of them.
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_LIST_PACKETS_H
#define COLLECTOR_COUNTER_LIST_PACKETS_H

#define COUNTER_LIST_PACKETS(X) \
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
	X(time_jumps)

#endif
