/*-------------------------------------------------------------------------
 *
 * The ordinary traffic of the campus.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_TRAFFIC_H
#define GEN_TRAFFIC_H

#include "conv.h"

struct traffic;

/* hosts must outlive it; exits when out of memory */
extern struct traffic *traffic_create(const struct hosts *hosts, uint64_t seed);
extern void traffic_free(struct traffic *traffic);

/*
 * The next conversation, with forth starting at start_ms.  Durations are at
 * most TRAFFIC_MAX_MS, the active timeout of the exporters.
 */
extern void traffic_next(struct traffic *traffic, int64_t start_ms, struct conv *conv);

#define TRAFFIC_MAX_MS	120000

/* Fill what follows from the rest: sizes 0, equal times, no names. */
extern void conv_begin(struct conv *conv, const struct host *a, const struct host *b,
					   int64_t start_ms);

/* Set the ports and the protocol of both sides. */
extern void conv_ports(struct conv *conv, uint8_t proto, uint32_t client, uint32_t service);

#endif
