/*-------------------------------------------------------------------------
 *
 * Fingerprints of hellos: JA3, JA3S and JA4.
 *
 * JA4 is the one for TLS clients, the only one of its family that is free
 * (BSD licence).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_JA_H
#define COLLECTOR_PAYLOAD_JA_H

#include "payload_hello.h"

#define JA3_LEN 32				/* hexadecimal digits of an MD5 */
#define JA4_LEN 36

/* Of a client hello.  Texts are not terminated; cannot fail. */
extern void ja3_client(const struct hello *hello, char text[JA3_LEN]);
extern void ja4_client(const struct hello *hello, char text[JA4_LEN]);

/* Of a server hello: JA3S. */
extern void ja3_server(const struct hello *hello, char text[JA3_LEN]);

#endif
