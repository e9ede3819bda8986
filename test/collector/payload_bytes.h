/*-------------------------------------------------------------------------
 *
 * Payload made by hand, for tests and fuzzers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_PAYLOAD_BYTES_H
#define TEST_PAYLOAD_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "tap.h"

/*
 * The client hello of RFC 9001 appendix A.2: example.com, ALPN "alpn".  Its
 * fingerprints were computed by another program.
 */
#define HELLO_HEX \
	"010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47" \
	"f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c" \
	"652e636f6dff01000100000a00080006001d0017001800100007000504616c70" \
	"6e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559f" \
	"edba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d001000" \
	"0e0403050306030203080408050806002d00020101001c000240010039003204" \
	"08ffffffffffffffff05048000ffff07048000ffff0801100104800075300901" \
	"100f088394c8f03e51570806048000ffff"
#define HELLO_LEN	241
#define HELLO_JA3	"41bc9ae914d6cb3bd0bd0a5453ab7d7f"
#define HELLO_JA4	"13d0211an_62ed6f6ca7ad_4d634acda6c0"	/* behind the letter */

struct bytes
{
	uint8_t		b[32768];
	size_t		n;
};

static inline void
put(struct bytes *to, const void *bytes, size_t len)
{
	if (len > sizeof(to->b) - to->n)
		abort();
	memcpy(to->b + to->n, bytes, len);
	to->n += len;
}

/* Blanks are passed over. */
static inline void
put_hex(struct bytes *to, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	unsigned	value = 1;

	for (; *hex != '\0'; hex++)
	{
		if (*hex == ' ')
			continue;
		value = value << 4 | (unsigned) (strchr(digits, *hex) - digits);
		if (value >= 0x100)
		{
			uint8_t		byte = (uint8_t) value;

			put(to, &byte, 1);
			value = 1;
		}
	}
}

static inline void
put_text(struct bytes *to, const char *text)
{
	put(to, text, strlen(text));
}

/* An integer of len bytes, big-endian. */
static inline void
put_number(struct bytes *to, uint64_t number, int len)
{
	while (len-- > 0)
	{
		uint8_t		byte = (uint8_t) (number >> 8 * len);

		put(to, &byte, 1);
	}
}

/* A TLS record. */
static inline void
put_record(struct bytes *to, uint8_t type, const void *bytes, size_t len)
{
	put_number(to, type, 1);
	put_number(to, 0x0303, 2);
	put_number(to, len, 2);
	put(to, bytes, len);
}

/* Is the column this text?  NULL: is it absent? */
static inline void
is_text(const struct payload *payload, enum flow_extra_id id,
		const char *expected, const char *name)
{
	struct flow_extra extra;
	const struct flow_bytes *text = &extra.values[id].text;

	flow_extra_clear(&extra);
	payload_extra(payload, &extra);
	if (!flow_extra_has(&extra, id))
	{
		ok(expected == NULL, name);
		return;
	}
	ok(expected != NULL && text->len == strlen(expected) &&
	   memcmp(text->bytes, expected, text->len) == 0, name);
	if (tap_failed)
		printf("# got %.*s\n", (int) text->len, (const char *) text->bytes);
}

/* Is the column this number?  -1: is it absent? */
static inline void
is_number(const struct payload *payload, enum flow_extra_id id,
		  int64_t expected, const char *name)
{
	struct flow_extra extra;

	flow_extra_clear(&extra);
	payload_extra(payload, &extra);
	is(flow_extra_has(&extra, id) ? (int64_t) extra.values[id].number : -1,
	   expected, name);
}

#endif
