/*-------------------------------------------------------------------------
 *
 * CRC-32C (Castagnoli), the checksum of spool files: RFC 3720, B.4.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CRC32C_H
#define COLLECTOR_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of bytes[len].  Cannot fail; safe in any thread. */
extern uint32_t crc32c(const uint8_t *bytes, size_t len);

/* The same without the processor's instruction. */
extern uint32_t crc32c_portable(const uint8_t *bytes, size_t len);

#endif
