/*-------------------------------------------------------------------------
 *
 * If this goes, exporters get the settings of others.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <string.h>

#include "exporter_rule.h"
#include "tap.h"

static struct exporter_rules rules;

static void
add(const char *text, uint64_t sampling)
{
	struct exporter_rule rule;

	ok(exporter_rule_parse(text, &rule), text);
	rule.sampling = sampling;
	ok(exporter_rules_add(&rules, &rule), "is added");
}

static uint64_t
sampling_of(const char *text)
{
	struct exporter_rule rule;
	const struct exporter_rule *found;

	if (!exporter_rule_parse(text, &rule))
		return UINT64_MAX;
	found = exporter_rules_find(&rules, &rule.prefix);
	return found == NULL ? 0 : found->sampling;
}

int
main(void)
{
	static const char *const wrong[] = {
		"", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::1/129", ":::",
		"1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234"
	};
	struct exporter_rule rule;

	add("10.0.0.0/8", 1);
	add("10.1.0.0/16", 2);
	add("10.1.2.3", 3);
	add("2001:db8::/29", 4);
	add("0.0.0.0/0", 5);
	is((int64_t) sampling_of("10.2.0.1"), 1, "within 8 bits");
	is((int64_t) sampling_of("10.1.0.1"), 2, "within 16 bits");
	is((int64_t) sampling_of("10.1.2.3"), 3, "the address itself");
	is((int64_t) sampling_of("10.1.2.4"), 2, "the next one");
	is((int64_t) sampling_of("192.0.2.1"), 5, "any other");
	is((int64_t) sampling_of("2001:dbf::1"), 4, "within 29 bits");
	is((int64_t) sampling_of("2001:dc0::1"), 0, "outside of 29 bits");
	ok(exporter_rule_parse("10.77.0.0/8", &rule) && rule.prefix.bytes[1] == 0,
	   "bits behind the prefix are cleared");
	ok(!exporter_rules_add(&rules, &rule), "the same prefix twice");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!exporter_rule_parse(wrong[i], &rule), wrong[i]);
	return tap_failed;
}
