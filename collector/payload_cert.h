/*-------------------------------------------------------------------------
 *
 * Certificate messages of TLS up to 1.2: subject and issuer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_CERT_H
#define COLLECTOR_PAYLOAD_CERT_H

#include "payload_found.h"

/* The message begins with the lengths of the list and the first certificate. */
#define CERT_HEAD_LEN 6

/* Bytes of the body that hold the first certificate; head[CERT_HEAD_LEN]. */
extern size_t cert_wanted(const uint8_t *head);

/*
 * Put the names of the first certificate in the body of a message, which may
 * be cut.  What is not legible is left out.
 */
extern void cert_read(struct payload_found *found, const uint8_t *body,
					  size_t len);

#endif
