/*-------------------------------------------------------------------------
 *
 * The numbers of the columns in packed flows.
 *
 * FLOW_NUMBER_LIST(X) calls X(ID, number) for each column of flow_columns.h.
 * Packed flows may wait on disk while the program is replaced: a number never
 * changes, and that of a column that went away is not given again.  A new
 * column gets the next free number; without one this does not compile.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_NUMBERS_H
#define COLLECTOR_FLOW_NUMBERS_H

#include "flow_extra.h"

/* Smaller ones are those of struct flow's own members. */
#define FLOW_NUMBER_MIN		32
#define FLOW_NUMBER_MAX		255

#define FLOW_NUMBER_LIST(X) \
	X(RECEIVED, 32) \
	X(DOMAIN, 33) \
	X(DIRECTION, 34) \
	X(SRC_MASK, 35) \
	X(DST_MASK, 36) \
	X(NEXT_HOP, 37) \
	X(BGP_NEXT_HOP, 38) \
	X(SRC_MAC, 39) \
	X(DST_MAC, 40) \
	X(VLAN, 41) \
	X(POST_VLAN, 42) \
	X(MPLS_LABELS, 43) \
	X(MIN_TTL, 44) \
	X(MAX_TTL, 45) \
	X(MIN_LENGTH, 46) \
	X(MAX_LENGTH, 47) \
	X(END_REASON, 48) \
	X(FLOW_ID, 49) \
	X(FORWARDING_STATUS, 50) \
	X(POST_PACKETS, 51) \
	X(POST_BYTES, 52) \
	X(DROPPED_PACKETS, 53) \
	X(DROPPED_BYTES, 54) \
	X(REV_PACKETS, 55) \
	X(REV_BYTES, 56) \
	X(REV_TCP_FLAGS, 57) \
	X(VRF, 58) \
	X(POST_VRF, 59) \
	X(NAT_SRC_ADDR, 60) \
	X(NAT_DST_ADDR, 61) \
	X(NAT_SRC_PORT, 62) \
	X(NAT_DST_PORT, 63) \
	X(NAT_EVENT, 64) \
	X(FIREWALL_EVENT, 65) \
	X(USER_NAME, 66) \
	X(IN_IF_NAME, 67) \
	X(OUT_IF_NAME, 68) \
	X(APP_ID, 69) \
	X(APP, 70) \
	X(TUNNEL_SRC_ADDR, 71) \
	X(TUNNEL_DST_ADDR, 72) \
	X(TUNNEL_TYPE, 73) \
	X(TUNNEL_ID, 74) \
	X(SNI, 75) \
	X(TLS_VERSION, 76) \
	X(TLS_CIPHER, 77) \
	X(ALPN, 78) \
	X(JA3, 79) \
	X(JA3S, 80) \
	X(JA4, 81) \
	X(CERT_SUBJECT, 82) \
	X(CERT_ISSUER, 83) \
	X(QUIC_VERSION, 84) \
	X(HTTP_HOST, 85) \
	X(HTTP_METHOD, 86) \
	X(HTTP_USER_AGENT, 87) \
	X(HTTP_CONTENT_TYPE, 88) \
	X(HTTP_STATUS, 89) \
	X(DNS_NAME, 90) \
	X(DNS_TYPE, 91) \
	X(DNS_RCODE, 92) \
	X(ENTROPY, 93) \
	X(BYTE_COUNTS, 94) \
	X(SPLT_LENGTHS, 95) \
	X(SPLT_TIMES, 96) \
	X(ACTIVE_MS, 97) \
	X(IDLE_MS, 98) \
	X(MAX_IDLE_MS, 99) \
	X(SRC_AS_NAME, 100) \
	X(DST_AS_NAME, 101) \
	X(SRC_COUNTRY, 102) \
	X(DST_COUNTRY, 103) \
	X(SRC_NET, 104) \
	X(DST_NET, 105) \
	X(PCAP_REF, 106) \
	X(FIELDS, 107)

#define FLOW_NUMBER_ONE(id, number) + 1
_Static_assert(0 FLOW_NUMBER_LIST(FLOW_NUMBER_ONE) == FLOW_EXTRA_COUNT,
			   "each column has a number");
#undef FLOW_NUMBER_ONE

#endif
