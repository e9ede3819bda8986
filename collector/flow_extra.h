/*-------------------------------------------------------------------------
 *
 * What only some flows have: a set of values by column, flow_columns.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_EXTRA_H
#define COLLECTOR_FLOW_EXTRA_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "flow.h"
#include "flow_columns.h"

enum flow_extra_id
{
#define FLOW_EXTRA_ID(id, name, kind, type) FLOW_##id,
	FLOW_EXTRA_LIST(FLOW_EXTRA_ID)
#undef FLOW_EXTRA_ID
	FLOW_EXTRA_COUNT
};

#define FLOW_EXTRA_WORDS	((FLOW_EXTRA_COUNT + 63) / 64)

/* Bytes that live as long as the flow they belong to. */
struct flow_bytes
{
	const void *bytes;			/* bytes[len] */
	uint32_t	len;
};

union flow_value
{
	uint64_t	number;			/* INT */
	int64_t		time_us;		/* TIME */
	double		real;			/* REAL */
	struct flow_addr addr;		/* ADDR */
	uint8_t		mac[6];			/* MAC */
	struct flow_bytes text;		/* TEXT, JSON; INTS: 4 bytes an element */
};

/* Only values whose bit is set are defined. */
struct flow_extra
{
	uint64_t	present[FLOW_EXTRA_WORDS];
	union flow_value values[FLOW_EXTRA_COUNT];
};

/* Let nothing be present. */
static inline void
flow_extra_clear(struct flow_extra *extra)
{
	memset(extra->present, 0, sizeof(extra->present));
}

static inline bool
flow_extra_has(const struct flow_extra *extra, enum flow_extra_id id)
{
	return (extra->present[id / 64] >> (id % 64) & 1) != 0;
}

/* The value's place, which from now on is present. */
static inline union flow_value *
flow_extra_put(struct flow_extra *extra, enum flow_extra_id id)
{
	extra->present[id / 64] |= UINT64_C(1) << (id % 64);
	return &extra->values[id];
}

static inline void
flow_extra_put_number(struct flow_extra *extra, enum flow_extra_id id, uint64_t n)
{
	flow_extra_put(extra, id)->number = n;
}

static inline void
flow_extra_put_text(struct flow_extra *extra, enum flow_extra_id id,
					const void *bytes, uint32_t len)
{
	struct flow_bytes *text = &flow_extra_put(extra, id)->text;

	text->bytes = bytes;
	text->len = len;
}

#endif
