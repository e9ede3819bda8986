/*-------------------------------------------------------------------------
 *
 * Names and fingerprints, all derived from a number.
 *
 * Every function writes to dst[>= NAME_MAX_BYTES] without a terminating zero
 * and returns the length.  Domains end in .example or are subdomains of
 * example.com, .net and .org (RFC 2606).
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_NAMES_H
#define GEN_NAMES_H

#include <stdint.h>

#define NAME_MAX_BYTES	160

/* how many names the server at this rank and hash goes by */
extern uint32_t names_of_server(uint32_t rank, uint64_t hash);

extern int	names_domain(char *dst, uint64_t number);
extern int	names_tunnel(char *dst, uint64_t number);
extern int	names_ja3(char *dst, uint32_t profile);

/* transport is 't' for TCP and 'q' for QUIC */
extern int	names_ja4(char *dst, uint32_t profile, char transport);

#endif
