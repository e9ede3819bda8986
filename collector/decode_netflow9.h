/*-------------------------------------------------------------------------
 *
 * NetFlow version 9 (RFC 3954).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_NETFLOW9_H
#define COLLECTOR_DECODE_NETFLOW9_H

#include <stdbool.h>

#include "decode_export.h"

/*
 * Decode one datagram: hand its flows on, remember what it tells.  If there is
 * no whole header, returns false and sets *reason.
 */
extern bool decode_netflow9(struct export_decoder *decoder,
							const struct datagram *datagram,
							const char **reason)
			__attribute__((warn_unused_result));

#endif
