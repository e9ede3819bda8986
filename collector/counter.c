/*-------------------------------------------------------------------------
 *
 * Counters: printing.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>

#include "counter.h"

struct named_counter
{
	const char *name;
	uint64_t	value;
};

#define COUNTER_ENTRY(name) {#name, __atomic_load_n(&counters->name, __ATOMIC_RELAXED)},

void
counter_print(const struct counters *counters, FILE *to)
{
	const struct named_counter list[] = {COUNTER_LIST(COUNTER_ENTRY)};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fprintf(to, "%s %" PRIu64 "\n", list[i].name, list[i].value);
	fflush(to);
}

void
counter_print_json(const struct counters *counters, FILE *to)
{
	const struct named_counter list[] = {COUNTER_LIST(COUNTER_ENTRY)};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fprintf(to, "%s\"%s\": %" PRIu64, i == 0 ? "{" : ", ",
				list[i].name, list[i].value);
	fputs("}\n", to);
	fflush(to);
}
