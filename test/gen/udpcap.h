/*-------------------------------------------------------------------------
 *
 * Datagrams of exporters as a pcap file, as if they had been captured in
 * front of a collector at 192.0.2.1.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_UDPCAP_H
#define GEN_UDPCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct udpcap;

/* NULL when the file cannot be written, with errno; exits when out of memory */
extern struct udpcap *udpcap_open(const char *path, uint16_t port);

/* from 10.255.0.1 + source, at ms since 1970; len <= 1472 */
extern void udpcap_put(struct udpcap *udpcap, int source, const uint8_t *bytes, size_t len,
					   int64_t ms);

/* false when any write failed */
extern bool udpcap_close(struct udpcap *udpcap);

#endif
