/*-------------------------------------------------------------------------
 *
 * What becomes of a field of a template: decided once, when the template
 * arrives.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FIELD_USE_H
#define COLLECTOR_FIELD_USE_H

#include <stdbool.h>
#include <stdint.h>

enum field_use
{
	FIELD_OTHER,				/* no place of its own: goes into "fields" */
	FIELD_SKIP,
	FIELD_SLOT,					/* number; arg is an enum field_slot */
	FIELD_TIME_S,				/* times, to a slot, in microseconds */
	FIELD_TIME_MS,
	FIELD_TIME_NTP,
	FIELD_COLUMN,				/* number; arg is an enum flow_extra_id */
	FIELD_COLUMN_ADDR,
	FIELD_COLUMN_MAC,
	FIELD_COLUMN_TEXT,
	FIELD_SRC_ADDR,
	FIELD_DST_ADDR,
	FIELD_MPLS_LABEL,			/* arg is its depth, 0 is the top */
	FIELD_APP_ID,
	FIELD_PROBABILITY			/* of sampling, a float */
};

/* Numbers of a record that mean something together only. */
enum field_slot
{
	SLOT_BYTES,					/* [1] */
	SLOT_BYTES_TOTAL,			/* [85] */
	SLOT_BYTES_INITIATOR,		/* [231] */
	SLOT_PACKETS,				/* [2] */
	SLOT_PACKETS_TOTAL,			/* [86] */
	SLOT_PACKETS_INITIATOR,		/* [298] */
	SLOT_PROTO,					/* [4] */
	SLOT_TOS,					/* [5] */
	SLOT_TCP_FLAGS,				/* [6] */
	SLOT_SRC_PORT,				/* [7, 180, 182] */
	SLOT_DST_PORT,				/* [11, 181, 183] */
	SLOT_IN_IF,					/* [10]; of options, any interface */
	SLOT_OUT_IF,				/* [14] */
	SLOT_SRC_AS,				/* [16] */
	SLOT_DST_AS,				/* [17] */
	SLOT_ICMP,					/* type * 256 + code [32, 139] */
	SLOT_ICMP_TYPE,				/* [176, 178] */
	SLOT_ICMP_CODE,				/* [177, 179] */
	SLOT_START_UPTIME,			/* ms [22] */
	SLOT_END_UPTIME,			/* ms [21] */
	SLOT_START_DELTA,			/* us before the export [158] */
	SLOT_END_DELTA,				/* [159] */
	SLOT_START_US,				/* since 1970 [150, 152, 154, 156] */
	SLOT_END_US,				/* [151, 153, 155, 157] */
	SLOT_EVENT_US,				/* [322 - 325] */
	SLOT_INIT_US,				/* when uptime was 0 [160] */
	SLOT_DURATION_MS,			/* [161] */
	SLOT_DURATION_US,			/* [162] */
	SLOT_SELECTOR,				/* [48, 302] */
	SLOT_INTERVAL,				/* one in so many [34, 50] */
	SLOT_SAMPLED,				/* so many ... [305] */
	SLOT_SPACE,					/* then none of so many [306] */
	SLOT_SAMPLE_SIZE,			/* so many ... [309] */
	SLOT_POPULATION,			/* of so many [310] */
	SLOT_PEN,					/* type information, RFC 5610 [346] */
	SLOT_ELEMENT,				/* [303] */
	SLOT_COUNT
};

_Static_assert(SLOT_COUNT <= 64, "a bit of 64 for each");

/* A time outside what 64 bits hold, or that makes no sense. */
#define FIELD_TIME_NONE UINT64_MAX

#define FIELD_VARIABLE 65535	/* a length */

struct field_action
{
	uint8_t		use;			/* enum field_use */
	uint8_t		arg;
};

/*
 * What becomes of element id of enterprise pen, by the rules of version 9 or
 * 10.  Elements of scopes in version 9 are translated before.
 */
extern struct field_action field_action_of(int version, uint32_t pen,
										   uint16_t id);

/* Has a value of this use any meaning with that length? */
extern bool field_length_fits(enum field_use use, uint32_t len);

#endif
