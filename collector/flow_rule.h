/*-------------------------------------------------------------------------
 *
 * What the rules for exporters change of a flow: sampling and sensor.
 *
 * The configuration counts more than what an exporter says of itself.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_RULE_H
#define COLLECTOR_FLOW_RULE_H

#include "exporter_rule.h"

struct flow_rule
{
	const struct exporter_rules *rules;
	struct flow_addr last;		/* exporter of the flow before */
	const struct exporter_rule *rule;	/* its rule, or NULL */
	struct flow changed;
};

/* Begin, or begin again when the rules have changed, which stay. */
extern void flow_rule_begin(struct flow_rule *rule, const struct exporter_rules *rules);

/* The flow as its rule wants it: itself, or a copy until the next call. */
extern const struct flow *flow_rule_apply(struct flow_rule *rule, const struct flow *flow);

#endif
