/*-------------------------------------------------------------------------
 *
 * A flow as bytes: how flows wait, in memory and on disk.
 *
 * Packed flows can be read by later versions of the program, and by earlier
 * ones, which leave out the columns that they do not know.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_PACK_H
#define COLLECTOR_FLOW_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"

/* What a packed flow takes at most. */
extern size_t flow_pack_bound(const struct flow *flow);

/*
 * Pack a flow and its extra values to dst[flow_pack_bound()].  Returns the
 * length, > 0.  Cannot fail.
 */
extern size_t flow_pack(const struct flow *flow, uint8_t *dst);

/*
 * The flow of bytes[len]; flow->extra is extra, or NULL if it has none.  Texts
 * point into bytes.  Returns false, with both undefined, if the bytes are no
 * packed flow.
 */
extern bool flow_unpack(const uint8_t *bytes, size_t len, struct flow *flow,
						struct flow_extra *extra)
			__attribute__((warn_unused_result));

#endif
