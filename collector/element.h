/*-------------------------------------------------------------------------
 *
 * Information elements (RFC 7012): names and types, as IANA registers them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ELEMENT_H
#define COLLECTOR_ELEMENT_H

#include <stdint.h>

/* Enterprise number of the elements of the reverse direction, RFC 5103. */
#define ELEMENT_PEN_REVERSE 29305

enum element_type
{
	ELEMENT_UNKNOWN,
	ELEMENT_NUMBER,				/* unsigned, times too */
	ELEMENT_SIGNED,
	ELEMENT_FLOAT,
	ELEMENT_IP4,
	ELEMENT_IP6,
	ELEMENT_MAC,
	ELEMENT_TEXT,
	ELEMENT_OCTETS
};

struct element
{
	enum element_type type;
	const char *name;
};

/* IANA's element of this number, or NULL. */
extern const struct element *element_find(uint16_t id);

#endif
