/*-------------------------------------------------------------------------
 *
 * Rules for exporters, applied to flows.
 *
 * Flows of one exporter come in runs, so its rule is looked for once a run.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "flow_rule.h"

void
flow_rule_begin(struct flow_rule *rule, const struct exporter_rules *rules)
{
	*rule = (struct flow_rule) {.rules = rules};
}

static const struct exporter_rule *
rule_of(struct flow_rule *rule, const struct flow_addr *exporter)
{
	if (memcmp(&rule->last, exporter, sizeof(*exporter)) != 0)
	{
		rule->last = *exporter;
		rule->rule = exporter_rules_find(rule->rules, exporter);
	}
	return rule->rule;
}

const struct flow *
flow_rule_apply(struct flow_rule *rule, const struct flow *flow)
{
	const struct exporter_rule *found = rule_of(rule, &flow->exporter);

	if (found == NULL || (found->sampling == 0 && found->sensor == NULL))
		return flow;
	rule->changed = *flow;
	if (found->sampling > 0)
	{
		rule->changed.sampling = (uint32_t) found->sampling;
		rule->changed.present |= FLOW_HAS_SAMPLING;
	}
	if (found->sensor != NULL)
		rule->changed.sensor = found->sensor;
	return &rule->changed;
}
