/*-------------------------------------------------------------------------
 *
 * Longest-prefix match: address to number, for a table that is built once.
 *
 * The prefixes are flattened into ranges that do not overlap, sorted; the space
 * between the first and the last prefix is cut into equal slots, and a table says
 * where in the ranges each slot begins.
 *
 * Memory of a built table: at most 2 * n + 1 ranges of n prefixes, 8 bytes each
 * for IPv4 and 20 for IPv6, and 4 bytes for each slot, at most 2^20 slots.  While
 * it is built: 32 bytes a prefix and 24 a range more.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LPM_H
#define COLLECTOR_LPM_H

#include <stdbool.h>
#include <stdint.h>

#include "flow.h"

#define LPM_MAX_PREFIXES	(8 * 1024 * 1024)
#define LPM_NONE			UINT32_MAX

struct lpm;

/* An empty table, or NULL when memory is exhausted. */
extern struct lpm *lpm_open(void);
extern void lpm_close(struct lpm *lpm);

/*
 * Give a prefix of len bits (0 .. 32 or 128) a value other than LPM_NONE;
 * bits behind the prefix do not matter.  Of equal prefixes the last one counts.
 * Returns false when memory or LPM_MAX_PREFIXES is exhausted.
 */
extern bool lpm_add(struct lpm *lpm, const struct flow_addr *prefix, int len,
					uint32_t value) __attribute__((warn_unused_result));

/* Make it ready for look-ups; nothing can be added then.  False: no memory. */
extern bool lpm_build(struct lpm *lpm) __attribute__((warn_unused_result));

/* The value of the longest prefix, or LPM_NONE. */
extern uint32_t lpm_find(const struct lpm *lpm, const struct flow_addr *addr);

/* Prefixes added, and bytes in use. */
extern uint32_t lpm_count(const struct lpm *lpm);
extern uint64_t lpm_bytes(const struct lpm *lpm);

#endif
