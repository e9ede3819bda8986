/*-------------------------------------------------------------------------
 *
 * A setting: a name, what its value looks like, and where it is kept.
 *
 * The same table serves the command line ("--name=value") and the
 * configuration file ("name = value").
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SETTING_H
#define COLLECTOR_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTING_LIST_MAX	16

enum setting_kind
{
	SETTING_ON,					/* bool: set by its name alone, or on, off */
	SETTING_OFF,				/* the same, but the name says no */
	SETTING_NUMBER,				/* uint64_t, with k, M, G */
	SETTING_SECONDS,			/* int64_t, microseconds; also fractions */
	SETTING_TEXT,				/* const char * */
	SETTING_LIST,				/* struct setting_list; given several times */
	SETTING_CHOICE				/* int: place in choices */
};

struct setting_list
{
	int			n;
	const char *items[SETTING_LIST_MAX];
};

struct setting
{
	const char *name;
	char		letter;			/* of the short option, or 0 */
	enum setting_kind kind;
	size_t		offset;			/* of the variable in the options */
	uint64_t	min;			/* NUMBER; SECONDS: in microseconds; TEXT: 0 */
	uint64_t	max;			/* the same; TEXT, LIST: longest, 0: any */
	const char *const *choices; /* ends with NULL; the first is meant by the
								 * name alone */
};

#define SETTING_ERROR_LEN	256

/*
 * Give a setting a value.  text is NULL if only the name was given; else it
 * must live as long as the options.  Returns false with a message that names
 * the value in error[SETTING_ERROR_LEN].
 */
extern bool setting_set(const struct setting *setting, void *options,
						const char *text, char *error)
			__attribute__((warn_unused_result));

/* Does it need a value? */
extern bool setting_has_value(const struct setting *setting);

/* Is the value of this setting the same in both? */
extern bool setting_is_same(const struct setting *setting, const void *a,
							const void *b);

#endif
