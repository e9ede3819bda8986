/*-------------------------------------------------------------------------
 *
 * Client and server hello: RFC 8446 section 4.1, RFC 5246 section 7.4.1,
 * RFC 6347 section 4.2.1 (the cookie of DTLS).
 *
 *		client hello					server hello
 *		 2	version						 2	version
 *		32	random						32	random
 *		1+n	session id					1+n	session id
 *		1+n	cookie, DTLS only			 2	cipher
 *		2+n	ciphers						 1	compression
 *		1+n	compressions				2+n	extensions, may be missing
 *		2+n	extensions, may be missing
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "payload_hello.h"
#include "wire.h"

#define RANDOM_LEN 32

#define EXT_SERVER_NAME			0
#define EXT_SUPPORTED_GROUPS	10
#define EXT_POINT_FORMATS		11
#define EXT_SIGNATURES			13
#define EXT_ALPN				16
#define EXT_SUPPORTED_VERSIONS	43
#define EXT_ECH					0xfe0d

/* The random of a hello retry request, RFC 8446 section 4.1.3. */
static const uint8_t retry_random[RANDOM_LEN] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
};

/* The next n bytes, or as many as there are. */
static struct hello_part
take_part(struct wire *w, size_t n)
{
	struct hello_part part = {w->pos, n < wire_left(w) ? n : wire_left(w)};

	if (w->has_failed)
		part.len = 0;
	wire_skip(w, n);
	return part;
}

static struct hello_part
take_part8(struct wire *w)
{
	return take_part(w, wire_u8(w));
}

static struct hello_part
take_part16(struct wire *w)
{
	return take_part(w, wire_u16(w));
}

/* RFC 6066 section 3: the first host name of the list. */
static void
read_server_name(struct hello *hello, struct wire *w)
{
	hello->has_sni = true;
	wire_limit(w, wire_u16(w));
	while (!w->has_failed && wire_left(w) > 0)
	{
		uint8_t		type = wire_u8(w);
		struct hello_part name = take_part16(w);

		if (type == 0 && !w->has_failed && hello->sni.len == 0)
		{
			hello->sni = name;
			return;
		}
	}
}

/* Drafts of TLS 1.3 are 0x7fNN: above 1.2, below 1.3. */
static uint16_t
version_rank(uint16_t version, enum hello_protocol protocol)
{
	if (protocol == HELLO_DTLS)
		return (uint16_t) ~version;
	return version >> 8 == 0x7f ? 0x0303 : version;
}

static void
read_versions(struct hello *hello, struct wire *w, uint8_t type)
{
	struct hello_part list;
	struct wire versions;

	if (type == HELLO_SERVER)
	{
		hello->supported = wire_u16(w);
		return;
	}
	list = take_part8(w);
	versions = wire_open(list.bytes, list.len);
	while (wire_left(&versions) >= 2)
	{
		uint16_t	version = wire_u16(&versions);

		if (!hello_is_grease(version) &&
			(hello->supported == 0 ||
			 version_rank(version, hello->protocol) >
			 version_rank(hello->supported, hello->protocol)))
			hello->supported = version;
	}
}

static void
read_extension(struct hello *hello, uint8_t type, uint16_t id,
			   struct hello_part data)
{
	struct wire w = wire_open(data.bytes, data.len);

	switch (id)
	{
		case EXT_SERVER_NAME:
			read_server_name(hello, &w);
			break;
		case EXT_SUPPORTED_GROUPS:
			hello->groups = take_part16(&w);
			break;
		case EXT_POINT_FORMATS:
			hello->formats = take_part8(&w);
			break;
		case EXT_SIGNATURES:
			hello->signatures = take_part16(&w);
			break;
		case EXT_ALPN:
			wire_limit(&w, wire_u16(&w));
			hello->alpn = take_part8(&w);
			break;
		case EXT_SUPPORTED_VERSIONS:
			read_versions(hello, &w, type);
			break;
		case EXT_ECH:
			hello->has_ech = true;
			break;
	}
}

static void
read_extensions(struct hello *hello, uint8_t type)
{
	struct wire w = wire_open(hello->extensions.bytes, hello->extensions.len);

	while (wire_left(&w) > 0)
	{
		uint16_t	id = wire_u16(&w);
		struct hello_part data = take_part16(&w);

		if (w.has_failed)
			return;
		read_extension(hello, type, id, data);
	}
}

/* Drafts of TLS 1.3 up to 21 have no session id and no compression. */
static bool
version_is_early_draft(uint16_t version)
{
	return version >= 0x7f00 && version <= 0x7f15;
}

bool
hello_read(struct hello *hello, enum hello_protocol protocol, uint8_t type,
		   const uint8_t *body, size_t len)
{
	struct wire w = wire_open(body, len);
	struct hello_part nothing = {body, 0};
	const uint8_t *random;
	bool		is_draft;

	memset(hello, 0, sizeof(*hello));
	hello->ciphers = hello->extensions = hello->groups = hello->formats =
		hello->signatures = hello->sni = hello->alpn = nothing;
	hello->protocol = protocol;
	hello->version = wire_u16(&w);
	random = wire_take(&w, RANDOM_LEN);
	is_draft = type == HELLO_SERVER && version_is_early_draft(hello->version);
	if (!is_draft)
		(void) take_part8(&w);	/* session id */
	if (type == HELLO_CLIENT)
	{
		if (protocol == HELLO_DTLS)
			(void) take_part8(&w);	/* cookie */
		hello->ciphers = take_part16(&w);
		(void) take_part8(&w);	/* compressions */
	}
	else if (type == HELLO_SERVER)
	{
		hello->cipher = wire_u16(&w);
		if (!is_draft)
			wire_skip(&w, 1);	/* compression */
	}
	else
		return false;
	if (w.has_failed)
		return false;
	hello->is_retry = type == HELLO_SERVER &&
		memcmp(random, retry_random, RANDOM_LEN) == 0;
	hello->extensions = take_part16(&w);
	read_extensions(hello, type);
	return true;
}
