/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a configuration file, with a setting of each kind.
 *
 * The module's source is taken in, so that the texts it keeps for as long as
 * the process lives can be freed after each input.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.c"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct values
{
	bool		on;
	bool		off;
	uint64_t	number;
	int64_t		seconds;
	const char *text;
	struct setting_list list;
	int			choice;
};

static const char *const choices[] = {"first", "second", NULL};

static const struct setting settings[] = {
	{"on", 0, SETTING_ON, offsetof(struct values, on), 0, 0, NULL},
	{"no-off", 0, SETTING_OFF, offsetof(struct values, off), 0, 0, NULL},
	{"number", 0, SETTING_NUMBER, offsetof(struct values, number), 2, 1000000, NULL},
	{"seconds", 0, SETTING_SECONDS, offsetof(struct values, seconds), 1000, INT64_C(3600000000), NULL},
	{"text", 0, SETTING_TEXT, offsetof(struct values, text), 0, 20, NULL},
	{"list", 0, SETTING_LIST, offsetof(struct values, list), 0, 20, NULL},
	{"choice", 0, SETTING_CHOICE, offsetof(struct values, choice), 0, 0, choices},
	{NULL, 0, SETTING_ON, 0, 0, 0, NULL}
};

static void
check_values(const struct values *values, const struct exporter_rules *rules)
{
	if (values->number < 2 || values->number > 1000000 ||
		values->seconds < 1000 || values->seconds > INT64_C(3600000000) ||
		values->choice < 0 || values->choice > 1 ||
		values->list.n < 0 || values->list.n > SETTING_LIST_MAX ||
		(values->text != NULL && strlen(values->text) > 20))
		abort();
	for (int i = 0; i < values->list.n; i++)
		if (strlen(values->list.items[i]) > 20)
			abort();
	if (rules->n < 0 || rules->n > EXPORTER_RULE_MAX)
		abort();
	for (int i = 0; i < rules->n; i++)
	{
		const struct exporter_rule *found = exporter_rules_find(rules, &rules->rules[i].prefix);

		if (found == NULL || found->bits < rules->rules[i].bits)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exporter_rules rules;
	struct values values = {.number = 2,.seconds = 1000};
	struct config_target target = {settings, &values, &rules};
	char		path[32];
	int			fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t) size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rules.n = 0;
	(void) config_read(path, &target);
	check_values(&values, &rules);
	close(fd);
	while (kept_texts != NULL)
	{
		struct kept_text *next = kept_texts->next;

		free(kept_texts);
		kept_texts = next;
	}
	return 0;
}
