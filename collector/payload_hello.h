/*-------------------------------------------------------------------------
 *
 * Client and server hello of TLS, DTLS and QUIC, cut into their parts.
 *
 * Everything points into the message.  A hello that breaks off, or contradicts
 * itself, has the parts before that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_HELLO_H
#define COLLECTOR_PAYLOAD_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Handshake message types, RFC 8446 section 4. */
#define HELLO_CLIENT		1
#define HELLO_SERVER		2

/* A message of more than this is no hello that we read. */
#define HELLO_MESSAGE_MAX	16384

#define HELLO_VERSION_TLS13 0x0304

enum hello_protocol
{
	HELLO_TLS,
	HELLO_DTLS,
	HELLO_QUIC
};

struct hello_part
{
	const uint8_t *bytes;		/* bytes[len] */
	size_t		len;
};

struct hello
{
	enum hello_protocol protocol;
	uint16_t	version;		/* of the old field, as sent */
	uint16_t	supported;		/* client: the highest of supported_versions,
								 * server: the one in it; 0: not sent */
	uint16_t	cipher;			/* server: the chosen one */
	bool		has_sni;		/* the extension is there */
	bool		has_ech;		/* encrypted client hello, RFC 9849 */
	bool		is_retry;		/* hello retry request */
	struct hello_part ciphers;	/* client: 2 bytes each */
	struct hello_part extensions;	/* type, length, data of each */
	struct hello_part groups;	/* supported_groups, 2 bytes each */
	struct hello_part formats;	/* ec_point_formats, 1 byte each */
	struct hello_part signatures;	/* signature_algorithms, 2 bytes each */
	struct hello_part sni;		/* host name */
	struct hello_part alpn;		/* first protocol */
};

/*
 * Cut the body of a client or server hello.  Returns false if it ends before
 * its extensions begin, or is neither; *hello is undefined then.
 */
extern bool hello_read(struct hello *hello, enum hello_protocol protocol,
					   uint8_t type, const uint8_t *body, size_t len)
			__attribute__((warn_unused_result));

/* Values reserved to keep implementations tolerant, RFC 8701. */
static inline bool
hello_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* The version that a server hello settles. */
static inline uint16_t
hello_settled_version(const struct hello *hello)
{
	return hello->supported != 0 ? hello->supported : hello->version;
}

#endif
