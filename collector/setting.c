/*-------------------------------------------------------------------------
 *
 * Values of settings.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

#define UNIT_K	UINT64_C(1024)

static bool
invalid(const struct setting *setting, const char *text, char *error)
{
	snprintf(error, SETTING_ERROR_LEN, "invalid value \"%.100s\" for \"%s\"",
			 text, setting->name);
	return false;
}

static uint64_t
unit_of(const char *suffix)
{
	if (strcmp(suffix, "k") == 0)
		return UNIT_K;
	if (strcmp(suffix, "M") == 0)
		return UNIT_K * UNIT_K;
	if (strcmp(suffix, "G") == 0)
		return UNIT_K * UNIT_K * UNIT_K;
	return *suffix == '\0' ? 1 : 0;
}

static bool
set_number(const struct setting *setting, uint64_t *number, const char *text,
		   char *error)
{
	char	   *end;
	unsigned long long value;
	uint64_t	unit;

	errno = 0;
	value = strtoull(text, &end, 10);
	unit = unit_of(end);
	if (end == text || errno != 0 || strchr(text, '-') != NULL || unit == 0)
		return invalid(setting, text, error);
	if (value > setting->max / unit || value * unit < setting->min)
	{
		snprintf(error, SETTING_ERROR_LEN,
				 "value %.40s is out of range for \"%s\" (%llu .. %llu)", text,
				 setting->name, (unsigned long long) setting->min,
				 (unsigned long long) setting->max);
		return false;
	}
	*number = value * unit;
	return true;
}

static bool
set_seconds(const struct setting *setting, int64_t *us, const char *text,
			char *error)
{
	char	   *end;
	double		seconds = strtod(text, &end);

	if (end == text || *end != '\0' || isnan(seconds))
		return invalid(setting, text, error);
	if (!(seconds >= (double) setting->min / 1e6 && seconds <= (double) setting->max / 1e6))
	{
		snprintf(error, SETTING_ERROR_LEN,
				 "value %.40s is out of range for \"%s\" (%g .. %.0f)", text,
				 setting->name, (double) setting->min / 1e6, (double) setting->max / 1e6);
		return false;
	}
	*us = (int64_t) (seconds * 1e6 + 0.5);
	return true;
}

static bool
set_bool(const struct setting *setting, bool *value, const char *text,
		 char *error)
{
	bool		is_on = text == NULL || strcmp(text, "on") == 0;

	if (!is_on && strcmp(text, "off") != 0)
		return invalid(setting, text, error);
	*value = is_on == (setting->kind == SETTING_ON);
	return true;
}

static bool
set_choice(const struct setting *setting, int *value, const char *text,
		   char *error)
{
	for (int i = 0; setting->choices[i] != NULL; i++)
		if (text == NULL || strcmp(setting->choices[i], text) == 0)
		{
			*value = i;
			return true;
		}
	return invalid(setting, text, error);
}

static bool
check_length(const struct setting *setting, const char *text, char *error)
{
	if (setting->max == 0 || strlen(text) <= setting->max)
		return true;
	snprintf(error, SETTING_ERROR_LEN, "value of \"%s\" is longer than %llu bytes",
			 setting->name, (unsigned long long) setting->max);
	return false;
}

static bool
add_item(const struct setting *setting, struct setting_list *list,
		 const char *text, char *error)
{
	if (list->n == SETTING_LIST_MAX)
	{
		snprintf(error, SETTING_ERROR_LEN, "\"%s\" is given more than %d times",
				 setting->name, SETTING_LIST_MAX);
		return false;
	}
	list->items[list->n++] = text;
	return true;
}

bool
setting_has_value(const struct setting *setting)
{
	return setting->kind != SETTING_ON && setting->kind != SETTING_OFF;
}

bool
setting_set(const struct setting *setting, void *options, const char *text,
			char *error)
{
	void	   *place = (char *) options + setting->offset;

	if (text == NULL && setting_has_value(setting) && setting->kind != SETTING_CHOICE)
	{
		snprintf(error, SETTING_ERROR_LEN, "\"%s\" needs a value", setting->name);
		return false;
	}
	switch (setting->kind)
	{
		case SETTING_ON:
		case SETTING_OFF:
			return set_bool(setting, place, text, error);
		case SETTING_NUMBER:
			return set_number(setting, place, text, error);
		case SETTING_SECONDS:
			return set_seconds(setting, place, text, error);
		case SETTING_TEXT:
			if (!check_length(setting, text, error))
				return false;
			*(const char **) place = text;
			return true;
		case SETTING_LIST:
			return check_length(setting, text, error) &&
				add_item(setting, place, text, error);
		case SETTING_CHOICE:
			return set_choice(setting, place, text, error);
	}
	return false;
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_same_list(const struct setting_list *a, const struct setting_list *b)
{
	if (a->n != b->n)
		return false;
	for (int i = 0; i < a->n; i++)
		if (!is_same_text(a->items[i], b->items[i]))
			return false;
	return true;
}

bool
setting_is_same(const struct setting *setting, const void *a, const void *b)
{
	const void *x = (const char *) a + setting->offset;
	const void *y = (const char *) b + setting->offset;

	switch (setting->kind)
	{
		case SETTING_ON:
		case SETTING_OFF:
			return *(const bool *) x == *(const bool *) y;
		case SETTING_NUMBER:
		case SETTING_SECONDS:
			return *(const uint64_t *) x == *(const uint64_t *) y;
		case SETTING_TEXT:
			return is_same_text(*(const char *const *) x, *(const char *const *) y);
		case SETTING_LIST:
			return is_same_list(x, y);
		case SETTING_CHOICE:
			return *(const int *) x == *(const int *) y;
	}
	return false;
}
