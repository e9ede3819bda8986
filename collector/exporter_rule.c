/*-------------------------------------------------------------------------
 *
 * Rules for exporters, longest prefix first, so that the first that holds an
 * address is the one.  There are few; who asks for each datagram keeps the
 * answer with what it knows of the exporter.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "exporter_rule.h"

static int
max_bits(const struct flow_addr *addr)
{
	return addr->family == FLOW_FAMILY_IP4 ? 32 : 128;
}

/* Are the first bits of both the same? */
static bool
has_prefix(const uint8_t *bytes, const uint8_t *prefix, int bits)
{
	int			whole = bits / 8;
	uint8_t		mask = (uint8_t) (0xff00 >> (bits % 8));

	return memcmp(bytes, prefix, (size_t) whole) == 0 &&
		(bits % 8 == 0 || ((bytes[whole] ^ prefix[whole]) & mask) == 0);
}

static void
clear_rest(struct flow_addr *addr, int bits)
{
	for (int bit = bits; bit < max_bits(addr); bit++)
		addr->bytes[bit / 8] &= (uint8_t) ~(0x80 >> (bit % 8));
}

bool
exporter_rule_parse(const char *text, struct exporter_rule *rule)
{
	char		address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t		len = slash == NULL ? strlen(text) : (size_t) (slash - text);
	char	   *end = NULL;

	*rule = (struct exporter_rule) {.bits = -1};
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, rule->prefix.bytes) == 1)
		rule->prefix.family = FLOW_FAMILY_IP4;
	else if (inet_pton(AF_INET6, address, rule->prefix.bytes) == 1)
		rule->prefix.family = FLOW_FAMILY_IP6;
	else
		return false;
	rule->bits = max_bits(&rule->prefix);
	if (slash != NULL)
	{
		long		bits = strtol(slash + 1, &end, 10);

		if (end == slash + 1 || *end != '\0' || bits < 0 || bits > rule->bits)
			return false;
		rule->bits = (int) bits;
	}
	clear_rest(&rule->prefix, rule->bits);
	return true;
}

bool
exporter_rules_add(struct exporter_rules *rules, const struct exporter_rule *rule)
{
	int			at = 0;

	if (rules->n == EXPORTER_RULE_MAX)
		return false;
	while (at < rules->n && rules->rules[at].bits > rule->bits)
		at++;
	for (int i = at; i < rules->n && rules->rules[i].bits == rule->bits; i++)
		if (memcmp(&rules->rules[i].prefix, &rule->prefix, sizeof(rule->prefix)) == 0)
			return false;
	memmove(&rules->rules[at + 1], &rules->rules[at],
			(size_t) (rules->n - at) * sizeof(*rule));
	rules->rules[at] = *rule;
	rules->n++;
	return true;
}

const struct exporter_rule *
exporter_rules_find(const struct exporter_rules *rules, const struct flow_addr *addr)
{
	for (int i = 0; i < rules->n; i++)
	{
		const struct exporter_rule *rule = &rules->rules[i];

		if (rule->prefix.family == addr->family &&
			has_prefix(addr->bytes, rule->prefix.bytes, rule->bits))
			return rule;
	}
	return NULL;
}
