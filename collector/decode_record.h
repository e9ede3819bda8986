/*-------------------------------------------------------------------------
 *
 * One data record of NetFlow v9 or IPFIX, read by its template.
 *
 * Reading puts each value where field_use.h says; what the values mean
 * together is left to those who make flows (decode_flow.h) or facts
 * (decode_options.h) of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_RECORD_H
#define COLLECTOR_DECODE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"
#include "template.h"
#include "wire.h"

#define RECORD_MPLS_LABELS	10
#define RECORD_MAX_TEXT		1024	/* of one text */
#define RECORD_TEXT_ROOM	(4 * RECORD_MAX_TEXT)
#define RECORD_OTHERS		256	/* fields without a place of their own */
#define RECORD_JSON_ROOM	65536

struct record_other
{
	const struct template_field *field;
	const uint8_t *bytes;		/* within the datagram */
	uint32_t	len;
};

struct record
{
	uint64_t	seen;			/* bit per enum field_slot */
	uint64_t	slots[SLOT_COUNT];
	double		probability;	/* of sampling; 0: absent */
	struct flow_addr src;
	struct flow_addr dst;
	const uint8_t *app_id;		/* within the datagram; NULL: absent */
	uint32_t	app_id_len;		/* 1 .. 16 */
	uint32_t	nothers;
	bool		wants_others;	/* set by the caller; else they are passed over */
	struct record_other others[RECORD_OTHERS];
	struct flow_extra extra;
	int32_t		mpls[RECORD_MPLS_LABELS];	/* -1: absent */
	bool		has_mpls;
	size_t		text_used;
	char		text[RECORD_TEXT_ROOM];
	char		json[RECORD_JSON_ROOM];
};

/*
 * Read the next record of a data set.  Returns false if w does not hold a
 * whole one, which is what padding looks like too.
 */
extern bool record_read(struct record *record, const struct template *t,
						struct wire *w)
			__attribute__((warn_unused_result));

static inline bool
record_has(const struct record *record, enum field_slot slot)
{
	return (record->seen >> slot & 1) != 0;
}

/* The number of a slot, 0 if it is absent. */
static inline uint64_t
record_slot(const struct record *record, enum field_slot slot)
{
	return record_has(record, slot) ? record->slots[slot] : 0;
}

/* An unsigned integer of len bytes, 1 to 8. */
extern uint64_t record_number(const uint8_t *bytes, uint32_t len);

/* A float of 4 or 8 bytes. */
extern double record_float(const uint8_t *bytes, uint32_t len);

#endif
