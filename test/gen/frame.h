/*-------------------------------------------------------------------------
 *
 * Packets with correct headers and checksums, and the pcap file they go to.
 *
 * The capture is taken on the trunk of a router: every frame is between the
 * router and an inside station, with that station's VLAN tag.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_FRAME_H
#define GEN_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "hosts.h"

#define SEGMENT_MAX		1440

struct station
{
	struct addr addr;
	uint8_t		mac[6];			/* of the next hop for stations outside */
	uint16_t	vlan;			/* 0: untagged */
	bool		is_inside;
};

/* One packet to be; payload beyond data[len] up to wire_len is made up. */
struct packet
{
	int64_t		us;				/* since 1970 */
	const struct station *src;
	const struct station *dst;
	uint8_t		proto;
	uint8_t		tcp_flags;
	uint16_t	src_port;		/* or ICMP type * 256 + code */
	uint16_t	dst_port;		/* or ICMP identifier */
	uint16_t	ip_id;
	uint32_t	seq;			/* or ICMP sequence number */
	uint32_t	ack;
	const uint8_t *data;
	int			len;			/* bytes of payload kept in the file */
	int			wire_len;		/* bytes of payload on the wire, >= len, <= SEGMENT_MAX */
};

struct capture;

extern const uint8_t router_mac[6];

/* exits when out of memory, as do the two capture_add functions */
extern struct capture *capture_create(void);
extern void capture_free(struct capture *capture);

extern void capture_add(struct capture *capture, const struct packet *packet);

/* src asks for the hardware address of dst, or tells dst its own; both untagged */
extern void capture_add_arp(struct capture *capture, int64_t us, const struct station *src,
							const struct station *dst, bool is_answer);
extern uint32_t capture_count(const struct capture *capture);

/* the first max packets in order of time; false when a write failed */
extern bool capture_write(struct capture *capture, FILE *file, uint32_t max);

#endif
