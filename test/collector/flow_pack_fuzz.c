/*-------------------------------------------------------------------------
 *
 * Any bytes are a packed flow or are refused; what is read is the same after
 * packing it again.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "flow_pack.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct flow_extra extra;
	struct flow_extra again_extra;
	struct flow flow;
	struct flow again;
	uint8_t    *packed;
	uint8_t    *repacked;
	size_t		packed_len;

	if (!flow_unpack(bytes, len, &flow, &extra))
		return 0;
	packed = malloc(flow_pack_bound(&flow));
	packed_len = flow_pack(&flow, packed);
	if (packed_len > flow_pack_bound(&flow) ||
		!flow_unpack(packed, packed_len, &again, &again_extra))
		abort();
	repacked = malloc(flow_pack_bound(&again));
	if (flow_pack(&again, repacked) != packed_len ||
		memcmp(packed, repacked, packed_len) != 0)
		abort();
	free(packed);
	free(repacked);
	return 0;
}
