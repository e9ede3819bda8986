/*-------------------------------------------------------------------------
 *
 * Names of others.
 *
 * All names but nfdump's short ones are in one hash table, which is filled at
 * the first use.  Its contents are fixed, so its hash needs no key.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>
#include <strings.h>

#include "draft.h"
#include "feed_names.h"

#define EXTRA(id)	(COLUMN_CORE_COUNT + FLOW_##id)
#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))
#define NAME_MAX_LEN	48
#define SLOTS			1024	/* a power of two */

static const struct feed_name foreign[] = {
	/* IPFIX */
	{"flowStartSeconds", COLUMN_TS, SCAN_SECONDS, 1},
	{"flowEndSeconds", DRAFT_END, SCAN_SECONDS, 1},
	{"flowStartMilliseconds", COLUMN_TS, SCAN_MS, 1},
	{"flowEndMilliseconds", DRAFT_END, SCAN_MS, 1},
	{"flowStartMicroseconds", COLUMN_TS, SCAN_US, 1},
	{"flowEndMicroseconds", DRAFT_END, SCAN_US, 1},
	{"flowStartNanoseconds", COLUMN_TS, SCAN_NS, 1},
	{"flowEndNanoseconds", DRAFT_END, SCAN_NS, 1},
	{"flowDurationMilliseconds", COLUMN_DURATION_MS, SCAN_MS, 1},
	{"flowDurationMicroseconds", COLUMN_DURATION_MS, SCAN_US, 1},
	{"exporterIPv4Address", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"exporterIPv6Address", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"observationDomainId", EXTRA(DOMAIN), SCAN_AUTO, 1},
	{"sourceIPv4Address", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"destinationIPv4Address", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"sourceIPv6Address", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"destinationIPv6Address", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"sourceTransportPort", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"destinationTransportPort", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"protocolIdentifier", COLUMN_PROTO, SCAN_AUTO, 1},
	{"tcpControlBits", COLUMN_TCP_FLAGS, SCAN_AUTO, 1},
	{"ipClassOfService", COLUMN_TOS, SCAN_AUTO, 1},
	{"packetDeltaCount", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"octetDeltaCount", COLUMN_BYTES, SCAN_AUTO, 1},
	{"packetTotalCount", COLUMN_PACKETS, SCAN_AUTO, 0},
	{"octetTotalCount", COLUMN_BYTES, SCAN_AUTO, 0},
	{"initiatorPackets", COLUMN_PACKETS, SCAN_AUTO, 0},
	{"initiatorOctets", COLUMN_BYTES, SCAN_AUTO, 0},
	{"responderPackets", EXTRA(REV_PACKETS), SCAN_AUTO, 0},
	{"responderOctets", EXTRA(REV_BYTES), SCAN_AUTO, 0},
	{"reversePacketDeltaCount", EXTRA(REV_PACKETS), SCAN_AUTO, 1},
	{"reverseOctetDeltaCount", EXTRA(REV_BYTES), SCAN_AUTO, 1},
	{"reverseTcpControlBits", EXTRA(REV_TCP_FLAGS), SCAN_AUTO, 1},
	{"postPacketDeltaCount", EXTRA(POST_PACKETS), SCAN_AUTO, 1},
	{"postOctetDeltaCount", EXTRA(POST_BYTES), SCAN_AUTO, 1},
	{"droppedPacketDeltaCount", EXTRA(DROPPED_PACKETS), SCAN_AUTO, 1},
	{"droppedOctetDeltaCount", EXTRA(DROPPED_BYTES), SCAN_AUTO, 1},
	{"ingressInterface", COLUMN_IN_IF, SCAN_AUTO, 1},
	{"egressInterface", COLUMN_OUT_IF, SCAN_AUTO, 1},
	{"bgpSourceAsNumber", COLUMN_SRC_AS, SCAN_AUTO, 1},
	{"bgpDestinationAsNumber", COLUMN_DST_AS, SCAN_AUTO, 1},
	{"samplingInterval", COLUMN_SAMPLING, SCAN_AUTO, 1},
	{"samplingPacketInterval", COLUMN_SAMPLING, SCAN_AUTO, 0},
	{"flowDirection", EXTRA(DIRECTION), SCAN_AUTO, 1},
	{"sourceIPv4PrefixLength", EXTRA(SRC_MASK), SCAN_AUTO, 1},
	{"destinationIPv4PrefixLength", EXTRA(DST_MASK), SCAN_AUTO, 1},
	{"sourceIPv6PrefixLength", EXTRA(SRC_MASK), SCAN_AUTO, 0},
	{"destinationIPv6PrefixLength", EXTRA(DST_MASK), SCAN_AUTO, 0},
	{"ipNextHopIPv4Address", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"ipNextHopIPv6Address", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"bgpNextHopIPv4Address", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"bgpNextHopIPv6Address", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"sourceMacAddress", EXTRA(SRC_MAC), SCAN_AUTO, 1},
	{"destinationMacAddress", EXTRA(DST_MAC), SCAN_AUTO, 1},
	{"vlanId", EXTRA(VLAN), SCAN_AUTO, 1},
	{"postVlanId", EXTRA(POST_VLAN), SCAN_AUTO, 1},
	{"dot1qVlanId", EXTRA(VLAN), SCAN_AUTO, 0},
	{"postDot1qVlanId", EXTRA(POST_VLAN), SCAN_AUTO, 0},
	{"minimumTTL", EXTRA(MIN_TTL), SCAN_AUTO, 1},
	{"maximumTTL", EXTRA(MAX_TTL), SCAN_AUTO, 1},
	{"minimumIpTotalLength", EXTRA(MIN_LENGTH), SCAN_AUTO, 1},
	{"maximumIpTotalLength", EXTRA(MAX_LENGTH), SCAN_AUTO, 1},
	{"flowEndReason", EXTRA(END_REASON), SCAN_AUTO, 1},
	{"flowId", EXTRA(FLOW_ID), SCAN_AUTO, 1},
	{"forwardingStatus", EXTRA(FORWARDING_STATUS), SCAN_AUTO, 1},
	{"ingressVRFID", EXTRA(VRF), SCAN_AUTO, 1},
	{"egressVRFID", EXTRA(POST_VRF), SCAN_AUTO, 1},
	{"postNATSourceIPv4Address", EXTRA(NAT_SRC_ADDR), SCAN_AUTO, 1},
	{"postNATDestinationIPv4Address", EXTRA(NAT_DST_ADDR), SCAN_AUTO, 1},
	{"postNATSourceIPv6Address", EXTRA(NAT_SRC_ADDR), SCAN_AUTO, 1},
	{"postNATDestinationIPv6Address", EXTRA(NAT_DST_ADDR), SCAN_AUTO, 1},
	{"postNAPTSourceTransportPort", EXTRA(NAT_SRC_PORT), SCAN_AUTO, 1},
	{"postNAPTDestinationTransportPort", EXTRA(NAT_DST_PORT), SCAN_AUTO, 1},
	{"natEvent", EXTRA(NAT_EVENT), SCAN_AUTO, 1},
	{"firewallEvent", EXTRA(FIREWALL_EVENT), SCAN_AUTO, 1},
	{"userName", EXTRA(USER_NAME), SCAN_AUTO, 1},
	{"applicationId", EXTRA(APP_ID), SCAN_AUTO, 1},
	{"applicationName", EXTRA(APP), SCAN_AUTO, 1},
	{"icmpTypeIPv4", DRAFT_ICMP_TYPE, SCAN_AUTO, 1},
	{"icmpCodeIPv4", DRAFT_ICMP_CODE, SCAN_AUTO, 1},
	{"icmpTypeIPv6", DRAFT_ICMP_TYPE, SCAN_AUTO, 0},
	{"icmpCodeIPv6", DRAFT_ICMP_CODE, SCAN_AUTO, 0},
	/* NetFlow v9 */
	{"first_switched", COLUMN_TS, SCAN_AUTO, 1},
	{"last_switched", DRAFT_END, SCAN_AUTO, 1},
	{"in_bytes", COLUMN_BYTES, SCAN_AUTO, 1},
	{"in_pkts", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"out_bytes", EXTRA(POST_BYTES), SCAN_AUTO, 1},
	{"out_pkts", EXTRA(POST_PACKETS), SCAN_AUTO, 1},
	{"protocol", COLUMN_PROTO, SCAN_AUTO, 1},
	{"src_tos", COLUMN_TOS, SCAN_AUTO, 1},
	{"l4_src_port", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"l4_dst_port", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"ipv4_src_addr", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"ipv4_dst_addr", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"ipv6_src_addr", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"ipv6_dst_addr", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"input_snmp", COLUMN_IN_IF, SCAN_AUTO, 1},
	{"output_snmp", COLUMN_OUT_IF, SCAN_AUTO, 1},
	{"ipv4_next_hop", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"ipv6_next_hop", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"bgp_ipv4_next_hop", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"bgp_ipv6_next_hop", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"ipv6_src_mask", EXTRA(SRC_MASK), SCAN_AUTO, 0},
	{"ipv6_dst_mask", EXTRA(DST_MASK), SCAN_AUTO, 0},
	{"in_src_mac", EXTRA(SRC_MAC), SCAN_AUTO, 1},
	{"out_dst_mac", EXTRA(DST_MAC), SCAN_AUTO, 1},
	{"sampling_interval", COLUMN_SAMPLING, SCAN_AUTO, 1},
	{"min_pkt_length", EXTRA(MIN_LENGTH), SCAN_AUTO, 1},
	{"max_pkt_length", EXTRA(MAX_LENGTH), SCAN_AUTO, 1},
	{"ipv4_ident", DRAFT_NOTHING, SCAN_AUTO, 1},
	/* goflow and goflow2 */
	{"time_flow_start_ns", COLUMN_TS, SCAN_NS, 1},
	{"time_flow_end_ns", DRAFT_END, SCAN_NS, 1},
	{"time_received_ns", EXTRA(RECEIVED), SCAN_NS, 1},
	{"time_flow_start", COLUMN_TS, SCAN_SECONDS, 0},
	{"time_flow_end", DRAFT_END, SCAN_SECONDS, 0},
	{"time_received", EXTRA(RECEIVED), SCAN_SECONDS, 0},
	{"TimeFlowStart", COLUMN_TS, SCAN_SECONDS, 0},
	{"TimeFlowEnd", DRAFT_END, SCAN_SECONDS, 0},
	{"TimeReceived", EXTRA(RECEIVED), SCAN_SECONDS, 0},
	{"TimeFlowStartMs", COLUMN_TS, SCAN_MS, 1},
	{"TimeFlowEndMs", DRAFT_END, SCAN_MS, 1},
	{"sampler_address", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"SamplerAddress", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"sampling_rate", COLUMN_SAMPLING, SCAN_AUTO, 1},
	{"SamplingRate", COLUMN_SAMPLING, SCAN_AUTO, 1},
	{"SrcAddr", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"DstAddr", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"SrcPort", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"DstPort", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"InIf", COLUMN_IN_IF, SCAN_AUTO, 1},
	{"OutIf", COLUMN_OUT_IF, SCAN_AUTO, 1},
	{"SrcAS", COLUMN_SRC_AS, SCAN_AUTO, 1},
	{"DstAS", COLUMN_DST_AS, SCAN_AUTO, 1},
	{"TCPFlags", COLUMN_TCP_FLAGS, SCAN_AUTO, 1},
	{"IPTos", COLUMN_TOS, SCAN_AUTO, 1},
	{"ip_tos", COLUMN_TOS, SCAN_AUTO, 1},
	{"observation_domain_id", EXTRA(DOMAIN), SCAN_AUTO, 1},
	{"flow_direction", EXTRA(DIRECTION), SCAN_AUTO, 1},
	{"vlan_id", EXTRA(VLAN), SCAN_AUTO, 1},
	{"src_vlan", EXTRA(VLAN), SCAN_AUTO, 1},
	{"dst_vlan", EXTRA(POST_VLAN), SCAN_AUTO, 1},
	{"icmp_type", DRAFT_ICMP_TYPE, SCAN_AUTO, 1},
	{"icmp_code", DRAFT_ICMP_CODE, SCAN_AUTO, 1},
	{"mpls_label", EXTRA(MPLS_LABELS), SCAN_AUTO, 0},
	{"ingress_vrf_id", EXTRA(VRF), SCAN_AUTO, 1},
	{"egress_vrf_id", EXTRA(POST_VRF), SCAN_AUTO, 1},
	{"post_napt_src_transport_port", EXTRA(NAT_SRC_PORT), SCAN_AUTO, 1},
	{"post_napt_dst_transport_port", EXTRA(NAT_DST_PORT), SCAN_AUTO, 1},
	/* nfdump, JSON and the long names of its CSV */
	{"first", COLUMN_TS, SCAN_AUTO, 1},
	{"last", DRAFT_END, SCAN_AUTO, 1},
	{"t_first", COLUMN_TS, SCAN_AUTO, 1},
	{"t_last", DRAFT_END, SCAN_AUTO, 1},
	{"t_received", EXTRA(RECEIVED), SCAN_AUTO, 1},
	{"in_packets", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"out_packets", EXTRA(REV_PACKETS), SCAN_AUTO, 1},
	{"src4_addr", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"dst4_addr", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"src6_addr", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"dst6_addr", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"fwd_status", EXTRA(FORWARDING_STATUS), SCAN_AUTO, 1},
	{"ip4_next_hop", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"ip6_next_hop", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"bgp4_next_hop", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"bgp6_next_hop", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"ip4_router", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"ip6_router", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"mpls_1", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_2", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_3", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_4", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_5", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_6", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_7", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_8", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_9", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls_10", DRAFT_MPLS, SCAN_AUTO, 1},
	{"firstSeen", COLUMN_TS, SCAN_AUTO, 1},
	{"lastSeen", DRAFT_END, SCAN_AUTO, 1},
	{"input", COLUMN_IN_IF, SCAN_AUTO, 1},
	{"output", COLUMN_OUT_IF, SCAN_AUTO, 1},
	{"flags", COLUMN_TCP_FLAGS, SCAN_AUTO, 1},
	{"srcTos", COLUMN_TOS, SCAN_AUTO, 1},
	/* Zeek */
	{"id.orig_h", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"id.orig_p", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"id.resp_h", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"id.resp_p", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"ip_proto", COLUMN_PROTO, SCAN_AUTO, 2},
	{"uid", DRAFT_NOTHING, SCAN_AUTO, 1},
	{"service", EXTRA(APP), SCAN_AUTO, 1},
	{"duration", COLUMN_DURATION_MS, SCAN_SECONDS, 1},
	{"conn_state", DRAFT_ZEEK_STATE, SCAN_AUTO, 1},
	{"history", DRAFT_ZEEK_HISTORY, SCAN_AUTO, 1},
	{"orig_pkts", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"orig_ip_bytes", COLUMN_BYTES, SCAN_AUTO, 1},
	{"orig_bytes", COLUMN_BYTES, SCAN_AUTO, 0},
	{"resp_pkts", EXTRA(REV_PACKETS), SCAN_AUTO, 1},
	{"resp_ip_bytes", EXTRA(REV_BYTES), SCAN_AUTO, 1},
	{"resp_bytes", EXTRA(REV_BYTES), SCAN_AUTO, 0},
	{"orig_l2_addr", EXTRA(SRC_MAC), SCAN_AUTO, 1},
	{"resp_l2_addr", EXTRA(DST_MAC), SCAN_AUTO, 1},
	/* what people write */
	{"start_ts", COLUMN_TS, SCAN_AUTO, 1},
	{"start_time", COLUMN_TS, SCAN_AUTO, 1},
	{"start", COLUMN_TS, SCAN_AUTO, 1},
	{"first_ts", COLUMN_TS, SCAN_AUTO, 1},
	{"timestamp", COLUMN_TS, SCAN_AUTO, 0},
	{"@timestamp", COLUMN_TS, SCAN_AUTO, 0},
	{"time", COLUMN_TS, SCAN_AUTO, 0},
	{"end_ts", DRAFT_END, SCAN_AUTO, 1},
	{"end_time", DRAFT_END, SCAN_AUTO, 1},
	{"end", DRAFT_END, SCAN_AUTO, 1},
	{"last_ts", DRAFT_END, SCAN_AUTO, 1},
	{"duration_us", COLUMN_DURATION_MS, SCAN_US, 1},
	{"duration_ns", COLUMN_DURATION_MS, SCAN_NS, 1},
	{"src", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"dst", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"src_ip", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"dst_ip", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"sport", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"dport", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"pkts", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"octets", COLUMN_BYTES, SCAN_AUTO, 1},
	{"pkts_fwd", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"bytes_fwd", COLUMN_BYTES, SCAN_AUTO, 1},
	{"pkts_rev", EXTRA(REV_PACKETS), SCAN_AUTO, 1},
	{"bytes_rev", EXTRA(REV_BYTES), SCAN_AUTO, 1},
};

static const struct feed_name nfdump[] = {
	{"te", DRAFT_END, SCAN_AUTO, 1},
	{"td", COLUMN_DURATION_MS, SCAN_SECONDS, 1},
	{"sa", COLUMN_SRC_ADDR, SCAN_AUTO, 1},
	{"da", COLUMN_DST_ADDR, SCAN_AUTO, 1},
	{"sp", COLUMN_SRC_PORT, SCAN_AUTO, 1},
	{"dp", COLUMN_DST_PORT, SCAN_AUTO, 1},
	{"pr", COLUMN_PROTO, SCAN_AUTO, 1},
	{"flg", COLUMN_TCP_FLAGS, SCAN_AUTO, 1},
	{"fwd", EXTRA(FORWARDING_STATUS), SCAN_AUTO, 1},
	{"stos", COLUMN_TOS, SCAN_AUTO, 1},
	{"ipkt", COLUMN_PACKETS, SCAN_AUTO, 1},
	{"ibyt", COLUMN_BYTES, SCAN_AUTO, 1},
	{"opkt", EXTRA(REV_PACKETS), SCAN_AUTO, 1},
	{"obyt", EXTRA(REV_BYTES), SCAN_AUTO, 1},
	{"in", COLUMN_IN_IF, SCAN_AUTO, 1},
	{"out", COLUMN_OUT_IF, SCAN_AUTO, 1},
	{"sas", COLUMN_SRC_AS, SCAN_AUTO, 1},
	{"das", COLUMN_DST_AS, SCAN_AUTO, 1},
	{"smk", EXTRA(SRC_MASK), SCAN_AUTO, 1},
	{"dmk", EXTRA(DST_MASK), SCAN_AUTO, 1},
	{"dir", EXTRA(DIRECTION), SCAN_AUTO, 1},
	{"nh", EXTRA(NEXT_HOP), SCAN_AUTO, 1},
	{"nhb", EXTRA(BGP_NEXT_HOP), SCAN_AUTO, 1},
	{"svln", EXTRA(VLAN), SCAN_AUTO, 1},
	{"dvln", EXTRA(POST_VLAN), SCAN_AUTO, 1},
	{"ismc", EXTRA(SRC_MAC), SCAN_AUTO, 1},
	{"odmc", EXTRA(DST_MAC), SCAN_AUTO, 1},
	{"ra", COLUMN_EXPORTER, SCAN_AUTO, 1},
	{"tr", EXTRA(RECEIVED), SCAN_AUTO, 1},
	{"out_bytes", EXTRA(REV_BYTES), SCAN_AUTO, 2},
	{"mpls1", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls2", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls3", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls4", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls5", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls6", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls7", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls8", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls9", DRAFT_MPLS, SCAN_AUTO, 1},
	{"mpls10", DRAFT_MPLS, SCAN_AUTO, 1},
};

_Static_assert(COUNT_OF(foreign) + COLUMN_COUNT < SLOTS / 2, "searches are short");

static struct
{
	struct feed_name own[COLUMN_COUNT];
	const struct feed_name *slots[SLOTS];
	bool		is_filled;
}			table;

/* FNV-1a of the lower case. */
static uint32_t
hash_of(const char *name, size_t len)
{
	uint32_t	hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) name[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		hash = (hash ^ c) * 16777619u;
	}
	return hash;
}

static void
add(const struct feed_name *name)
{
	uint32_t	i = hash_of(name->name, strlen(name->name));

	while (table.slots[i % SLOTS] != NULL)
		i++;
	table.slots[i % SLOTS] = name;
}

static void
fill(void)
{
	for (int id = 0; id < COLUMN_COUNT; id++)
	{
		table.own[id] = (struct feed_name) {
			column_list[id].name, (uint8_t) id, SCAN_AUTO, 1
		};
		add(&table.own[id]);
	}
	for (size_t i = 0; i < COUNT_OF(foreign); i++)
		add(&foreign[i]);
	table.is_filled = true;
}

static bool
is_name(const struct feed_name *known, const char *name, size_t len)
{
	return strncasecmp(known->name, name, len) == 0 && known->name[len] == '\0';
}

const struct feed_name *
feed_name_find(const char *name, size_t len, bool is_nfdump)
{
	if (len == 0 || len > NAME_MAX_LEN || memchr(name, '\0', len) != NULL)
		return NULL;
	if (!table.is_filled)
		fill();
	if (is_nfdump)
		for (size_t i = 0; i < COUNT_OF(nfdump); i++)
			if (is_name(&nfdump[i], name, len))
				return &nfdump[i];
	for (uint32_t i = hash_of(name, len); table.slots[i % SLOTS] != NULL; i++)
		if (is_name(table.slots[i % SLOTS], name, len))
			return table.slots[i % SLOTS];
	return NULL;
}
