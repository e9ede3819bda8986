/*-------------------------------------------------------------------------
 *
 * A flow that is put together from texts, value by value.
 *
 * The counterpart of reading values with column_get: what a text sink writes
 * for a column sets that column.  Values may come in any order; draft_finish
 * sees what they make together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DRAFT_H
#define COLLECTOR_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"
#include "sink_column.h"

#define DRAFT_LABELS	10
#define DRAFT_INTS		4096

/* What a text can set: a column (enum column_id), or one of these. */
enum draft_target
{
	DRAFT_END = COLUMN_COUNT,	/* time of the last packet */
	DRAFT_ICMP_TYPE,
	DRAFT_ICMP_CODE,
	DRAFT_MPLS,					/* label, or label-exp-bottom; next deeper one */
	DRAFT_ZEEK_STATE,			/* conn_state */
	DRAFT_ZEEK_HISTORY,
	DRAFT_NOTHING,				/* known, and of no use */
	DRAFT_FIELD,				/* not known; never set */
	DRAFT_TARGET_COUNT
};

_Static_assert(DRAFT_TARGET_COUNT <= 256, "kept in a byte");

struct draft
{
	struct flow flow;			/* flow.extra points to extra */
	struct flow_extra extra;
	int64_t		end_us;
	int64_t		duration_us;
	struct flow_bytes zeek_state;
	struct flow_bytes zeek_history;
	bool		has_start;
	bool		has_end;
	bool		has_duration;
	bool		is_zeek;		/* ports of ICMP as Zeek has them */
	bool		has_icmp_type;
	bool		has_icmp_port;	/* dst_port was written type.code */
	uint8_t		icmp_type;
	uint8_t		icmp_code;
	int			nints;			/* used of ints */
	int			nlabels;
	int32_t		labels[DRAFT_LABELS];
	int32_t		ints[DRAFT_INTS];	/* of all INTS columns */
};

extern void draft_begin(struct draft *draft);

/*
 * Set a target to text[len], which has to live as long as the flow; numbers of
 * times and durations count the unit, others ignore it.  Returns false if the
 * value does not fit; the draft is good for draft_begin only then.
 */
extern bool draft_set(struct draft *draft, int target, enum scan_unit unit,
					  const char *text, size_t len) SCAN_MUST_CHECK;

/*
 * Complete draft->flow.  Returns NULL, or why it is no flow, as part of a
 * sentence that begins with "the line"; *is_incomplete says whether something
 * is missing rather than wrong.
 */
extern const char *draft_finish(struct draft *draft, bool *is_incomplete) SCAN_MUST_CHECK;

/*
 * Set one column of a flow, whose extra, if not NULL, is *extra.  The text of
 * text columns has to live as long as the flow, that of fields is a JSON
 * object.  Returns false, with nothing changed, if the value does not fit;
 * also for arrays, for which there is no room.
 */
extern bool flow_set_text_value(struct flow *flow, struct flow_extra *extra,
								enum column_id id, const char *text,
								size_t len) SCAN_MUST_CHECK;

#endif
