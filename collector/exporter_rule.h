/*-------------------------------------------------------------------------
 *
 * What the configuration says of exporters by their addresses.
 *
 * The rule with the longest prefix that holds an exporter's address is the
 * only one that counts for it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXPORTER_RULE_H
#define COLLECTOR_EXPORTER_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "flow.h"

#define EXPORTER_RULE_MAX	256

struct exporter_rule
{
	struct flow_addr prefix;	/* bits behind the length are 0 */
	int			bits;			/* 0 .. 32, or 128 */
	bool		is_refused;		/* its datagrams are dropped, and counted */
	uint64_t	sampling;		/* instead of what it says; 0: what it says */
	uint64_t	rate;			/* datagrams a second at most; 0: any */
	const char *sensor;			/* or NULL: the general one */
};

struct exporter_rules
{
	int			n;
	struct exporter_rule rules[EXPORTER_RULE_MAX];
};

/*
 * Parse "ADDRESS" or "ADDRESS/BITS" into an otherwise empty rule.  Returns
 * false if it is none.
 */
extern bool exporter_rule_parse(const char *text, struct exporter_rule *rule)
			__attribute__((warn_unused_result));

/* Add a rule.  Returns false if there are too many, or one of this prefix. */
extern bool exporter_rules_add(struct exporter_rules *rules,
							   const struct exporter_rule *rule)
			__attribute__((warn_unused_result));

/* The rule for an exporter, or NULL. */
extern const struct exporter_rule *exporter_rules_find(const struct exporter_rules *rules,
													   const struct flow_addr *addr);

#endif
