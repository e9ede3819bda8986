/*-------------------------------------------------------------------------
 *
 * Values from text: numbers, times, addresses, flags, protocols.
 *
 * text[len] is any bytes and need not end in zero.  All of it must be the
 * value.  Functions return false, with *out untouched, if it is not, or if
 * the value does not fit; nothing is rounded into range.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SCAN_H
#define COLLECTOR_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define SCAN_MUST_CHECK __attribute__((warn_unused_result))

/* What a number without a unit of its own counts. */
enum scan_unit
{
	SCAN_AUTO,					/* by size, see scan_time */
	SCAN_SECONDS,
	SCAN_MS,
	SCAN_US,
	SCAN_NS
};

/*
 * Digits, also with a fraction of zeros or an exponent; at most max.  The same
 * holds for numbers of times and intervals.
 */
extern bool scan_uint(const char *text, size_t len, uint64_t max,
					  uint64_t *out) SCAN_MUST_CHECK;

/* As scan_uint, or 0x and hexadecimal digits. */
extern bool scan_uint_or_hex(const char *text, size_t len, uint64_t max,
							 uint64_t *out) SCAN_MUST_CHECK;

extern bool scan_int32(const char *text, size_t len, int32_t *out) SCAN_MUST_CHECK;
extern bool scan_real(const char *text, size_t len, double *out) SCAN_MUST_CHECK;

/*
 * A time to microseconds since 1970 UTC, from 1970 to 9999.  Either a date and
 * time by ISO 8601 (blank or T between them, zone Z, +hh, +hhmm or +hh:mm;
 * without a zone UTC), or a number in the unit, also with a fraction.  With
 * SCAN_AUTO a number below 10^11 counts seconds, below 10^14 milliseconds,
 * below 10^17 microseconds, else nanoseconds.  Digits beyond microseconds are
 * cut off.
 */
extern bool scan_time(const char *text, size_t len, enum scan_unit unit,
					  int64_t *us) SCAN_MUST_CHECK;

/* A number in the unit, >= 0 and at most a thousand years; auto is seconds. */
extern bool scan_interval(const char *text, size_t len, enum scan_unit unit,
						  int64_t *us) SCAN_MUST_CHECK;

/* IPv4 or IPv6, also with the prefix length of a whole address. */
extern bool scan_addr(const char *text, size_t len, struct flow_addr *out) SCAN_MUST_CHECK;

/* Twelve hexadecimal digits, also in pairs between : or -. */
extern bool scan_mac(const char *text, size_t len, uint8_t *out) SCAN_MUST_CHECK;

/* A number up to 255, also 0x.., or letters of CEUAPRSF and dots. */
extern bool scan_tcp_flags(const char *text, size_t len, uint8_t *out) SCAN_MUST_CHECK;

/*
 * A number up to 255, or a name of IANA's list that occurs in flows, or Zeek's
 * unknown_transport, which is 255.  "IPv4-" before it is ignored.
 */
extern bool scan_proto(const char *text, size_t len, uint8_t *out) SCAN_MUST_CHECK;

/* Is it UTF-8 (RFC 3629) without zero bytes? */
extern bool scan_is_text(const char *text, size_t len);

#endif
