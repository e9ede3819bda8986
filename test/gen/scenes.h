/*-------------------------------------------------------------------------
 *
 * What happens in the capture.
 *
 *		clients		192.168.10.0/24 untagged, fd42:10::/64, the lower half has both
 *		servers		192.168.20.53 (DNS), .80 (web), .25 (mail), VLAN 20
 *		guests		192.168.30.0/24, VLAN 30
 *		outside		documentation networks
 *
 * The scan comes from 203.0.113.66, the beacon goes from 192.168.10.23 to
 * 203.0.113.99 every 60 seconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_SCENES_H
#define GEN_SCENES_H

#include "frame.h"
#include "rng.h"

struct scenes;

/* between start_us and start_us + span_us; exits when out of memory */
extern struct scenes *scenes_create(struct capture *capture, uint64_t seed, int64_t start_us,
									int64_t span_us);
extern void scenes_free(struct scenes *scenes);

/* scan, beacon and ARP, once */
extern void scenes_play_fixed(struct scenes *scenes);

/* a conversation of some client, at a time of its own */
extern void scenes_play_one(struct scenes *scenes);

#endif
