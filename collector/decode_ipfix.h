/*-------------------------------------------------------------------------
 *
 * IPFIX (RFC 7011): messages, alone in a datagram or one after the other in a
 * stream (TCP; files, RFC 5655).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_IPFIX_H
#define COLLECTOR_DECODE_IPFIX_H

#include <stdbool.h>

#include "decode_export.h"

#define IPFIX_HEADER_LEN	16
#define IPFIX_MAX_LEN		65535

enum ipfix_transport
{
	IPFIX_DATAGRAM,				/* withdrawals of templates are ignored */
	IPFIX_STREAM
};

/*
 * Decode one message, which begins the datagram: hand its flows on, remember
 * what it tells.  If there is no whole header, or its length makes no sense,
 * returns false and sets *reason.
 */
extern bool decode_ipfix_message(struct export_decoder *decoder,
								 const struct datagram *datagram,
								 enum ipfix_transport transport,
								 const char **reason)
			__attribute__((warn_unused_result));

/*
 * The length of the message that begins bytes[len]: 0 if more bytes are needed
 * to know, -1 if this is not IPFIX, so that the stream is of no more use.
 */
extern int	ipfix_message_length(const uint8_t *bytes, size_t len);

#endif
