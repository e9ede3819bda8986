/*-------------------------------------------------------------------------
 *
 * The columns that only some flows have, and a table may have.
 *
 * FLOW_EXTRA_LIST(X) calls X(ID, name, KIND, SQL type).  Names and meanings
 * follow IPFIX (IANA's information elements, numbers in brackets); the payload
 * columns are explained in README.md.  Kinds:
 *
 *		INT		unsigned, at most the positive range of the SQL type
 *		REAL	double
 *		TIME	microseconds since 1970 UTC
 *		ADDR	IPv4 or IPv6 address
 *		MAC		six bytes
 *		TEXT	UTF-8 without zero bytes; who sets it has made sure
 *		JSON	text of a JSON object, the same holds
 *		INTS	array of int32_t, in the order of the machine
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_COLUMNS_H
#define COLLECTOR_FLOW_COLUMNS_H

#define FLOW_EXTRA_LIST(X) \
	X(RECEIVED, received, TIME, timestamptz)			/* by this daemon */ \
	X(DOMAIN, domain, INT, bigint)						/* observation domain, source id [149] */ \
	X(DIRECTION, direction, INT, smallint)				/* 0 ingress, 1 egress [61] */ \
	X(SRC_MASK, src_mask, INT, smallint)				/* prefix length [9, 29] */ \
	X(DST_MASK, dst_mask, INT, smallint)				/* [13, 30] */ \
	X(NEXT_HOP, next_hop, ADDR, inet)					/* [15, 62] */ \
	X(BGP_NEXT_HOP, bgp_next_hop, ADDR, inet)			/* [18, 63] */ \
	X(SRC_MAC, src_mac, MAC, macaddr)					/* [56] */ \
	X(DST_MAC, dst_mac, MAC, macaddr)					/* [80] */ \
	X(VLAN, vlan, INT, int)								/* [58, 243] */ \
	X(POST_VLAN, post_vlan, INT, int)					/* [59, 254] */ \
	X(MPLS_LABELS, mpls_labels, INTS, int[])			/* top first [70-79] */ \
	X(MIN_TTL, min_ttl, INT, smallint)					/* [52] */ \
	X(MAX_TTL, max_ttl, INT, smallint)					/* [53] */ \
	X(MIN_LENGTH, min_length, INT, int)					/* of IP packets [25] */ \
	X(MAX_LENGTH, max_length, INT, int)					/* [26] */ \
	X(END_REASON, end_reason, INT, smallint)			/* [136] */ \
	X(FLOW_ID, flow_id, INT, bigint)					/* [148] */ \
	X(FORWARDING_STATUS, forwarding_status, INT, smallint)	/* [89] */ \
	X(POST_PACKETS, post_packets, INT, bigint)			/* [24] */ \
	X(POST_BYTES, post_bytes, INT, bigint)				/* [23] */ \
	X(DROPPED_PACKETS, dropped_packets, INT, bigint)	/* [133, 135] */ \
	X(DROPPED_BYTES, dropped_bytes, INT, bigint)		/* [132, 134] */ \
	X(REV_PACKETS, rev_packets, INT, bigint)			/* RFC 5103; NSEL responder [299] */ \
	X(REV_BYTES, rev_bytes, INT, bigint)				/* RFC 5103; NSEL responder [232] */ \
	X(REV_TCP_FLAGS, rev_tcp_flags, INT, smallint)		/* RFC 5103 */ \
	X(VRF, vrf, INT, bigint)							/* ingress [234] */ \
	X(POST_VRF, post_vrf, INT, bigint)					/* egress [235] */ \
	X(NAT_SRC_ADDR, nat_src_addr, ADDR, inet)			/* [225, 281] */ \
	X(NAT_DST_ADDR, nat_dst_addr, ADDR, inet)			/* [226, 282] */ \
	X(NAT_SRC_PORT, nat_src_port, INT, int)				/* [227] */ \
	X(NAT_DST_PORT, nat_dst_port, INT, int)				/* [228] */ \
	X(NAT_EVENT, nat_event, INT, smallint)				/* [230] */ \
	X(FIREWALL_EVENT, firewall_event, INT, smallint)	/* [233] */ \
	X(USER_NAME, user_name, TEXT, text)					/* [371] */ \
	X(IN_IF_NAME, in_if_name, TEXT, text)				/* [82], options or enrichment */ \
	X(OUT_IF_NAME, out_if_name, TEXT, text)				/* [82] */ \
	X(APP_ID, app_id, INT, bigint)						/* engine << 24 | selector [95] */ \
	X(APP, app, TEXT, text)								/* [96], from options too */ \
	X(TUNNEL_SRC_ADDR, tunnel_src_addr, ADDR, inet)		/* outer header */ \
	X(TUNNEL_DST_ADDR, tunnel_dst_addr, ADDR, inet)		/* */ \
	X(TUNNEL_TYPE, tunnel_type, TEXT, text)				/* gre, ipip, vxlan, geneve, gtpu, erspan */ \
	X(TUNNEL_ID, tunnel_id, INT, bigint)				/* GRE key, VNI, TEID, ERSPAN session */ \
	X(SNI, sni, TEXT, text)								/* TLS and QUIC */ \
	X(TLS_VERSION, tls_version, INT, int)				/* as negotiated, 0x0303 is TLS 1.2 */ \
	X(TLS_CIPHER, tls_cipher, INT, int)					/* IANA number, as negotiated */ \
	X(ALPN, tls_alpn, TEXT, text)						/* negotiated, else the first offered */ \
	X(JA3, ja3, TEXT, text)								/* MD5 in hex */ \
	X(JA3S, ja3s, TEXT, text)							/* */ \
	X(JA4, ja4, TEXT, text)								/* TLS client, BSD licence */ \
	X(CERT_SUBJECT, cert_subject, TEXT, text)			/* RFC 4514 */ \
	X(CERT_ISSUER, cert_issuer, TEXT, text)				/* */ \
	X(QUIC_VERSION, quic_version, INT, bigint)			/* */ \
	X(HTTP_HOST, http_host, TEXT, text)					/* */ \
	X(HTTP_METHOD, http_method, TEXT, text)				/* */ \
	X(HTTP_USER_AGENT, http_user_agent, TEXT, text)		/* */ \
	X(HTTP_CONTENT_TYPE, http_content_type, TEXT, text)	/* of the response */ \
	X(HTTP_STATUS, http_status, INT, smallint)			/* */ \
	X(DNS_NAME, dns_query, TEXT, text)					/* first question, lower case, no last dot */ \
	X(DNS_TYPE, dns_type, INT, int)						/* IANA number */ \
	X(DNS_RCODE, dns_rcode, INT, smallint)				/* of a response */ \
	X(ENTROPY, entropy, REAL, real)						/* of payload bytes, 0 to 8 bits */ \
	X(BYTE_COUNTS, byte_counts, INTS, int[])			/* payload bytes by value, 256 */ \
	X(SPLT_LENGTHS, splt_lengths, INTS, int[])			/* payload of the first packets, bytes */ \
	X(SPLT_TIMES, splt_times, INTS, int[])				/* since the packet before, microseconds */ \
	X(ACTIVE_MS, active_ms, INT, int)					/* times between packets below 1 s, summed */ \
	X(IDLE_MS, idle_ms, INT, int)						/* the others, summed */ \
	X(MAX_IDLE_MS, max_idle_ms, INT, int)				/* longest time between packets */ \
	X(SRC_AS_NAME, src_as_name, TEXT, text)				/* enrichment */ \
	X(DST_AS_NAME, dst_as_name, TEXT, text)				/* */ \
	X(SRC_COUNTRY, src_country, TEXT, text)				/* ISO 3166-1 alpha-2 */ \
	X(DST_COUNTRY, dst_country, TEXT, text)				/* */ \
	X(SRC_NET, src_net, TEXT, text)						/* name of the network */ \
	X(DST_NET, dst_net, TEXT, text)						/* */ \
	X(PCAP_REF, pcap_ref, TEXT, text)					/* where its packets are, ring_format.h */ \
	X(FIELDS, fields, JSON, jsonb)						/* information elements without a column */

#endif
