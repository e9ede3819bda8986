/*-------------------------------------------------------------------------
 *
 * How often each byte value occurs in payload, and the entropy of that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_ENTROPY_H
#define COLLECTOR_PAYLOAD_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Add bytes[len] to the counts; a count stops at INT32_MAX. */
extern void payload_count_bytes(uint32_t counts[256], const uint8_t *bytes,
								size_t len);

/* Shannon's entropy in bits per byte, 0 to 8; 0 if nothing was counted. */
extern double payload_entropy(const uint32_t counts[256]);

#endif
