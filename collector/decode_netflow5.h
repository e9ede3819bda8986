/*-------------------------------------------------------------------------
 *
 * NetFlow version 5, and versions 1 and 7, which are like it.
 *
 * Flows get every column the format has.  Addresses, interfaces, AS numbers
 * and counts are stored as exported; sampling is the interval of the header,
 * with 0 ("not sampled") stored as 1.  Versions 1 and 7 tell no sampling,
 * version 1 no AS numbers, masks and sequence.
 *
 * A header whose time differs from received_us by more than max_skew_us is
 * counted, and received_us is taken for the time of the export.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_NETFLOW5_H
#define COLLECTOR_DECODE_NETFLOW5_H

#include <stdbool.h>

#include "decode_export.h"

/*
 * Decode one datagram and hand its flows on.  If the header contradicts the
 * length, returns false, sets *reason, and has handed on nothing.
 */
extern bool decode_netflow5(struct export_decoder *decoder,
							const struct datagram *datagram,
							const char **reason)
			__attribute__((warn_unused_result));

#endif
