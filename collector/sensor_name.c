/*-------------------------------------------------------------------------
 *
 * Names of sensors.
 *
 * A search from the front; the name found last is tried first, since lines of
 * one sensor follow each other.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "sensor_name.h"

static struct
{
	char	   *names[SENSOR_NAMES_MAX];
	size_t		n;
	size_t		last;
}			known;

static int
is_name(size_t i, const char *text, size_t len)
{
	return i < known.n && strncmp(known.names[i], text, len) == 0 &&
		known.names[i][len] == '\0';
}

const char *
sensor_name(const char *text, size_t len)
{
	if (len > SENSOR_NAME_MAX_LEN)
		return NULL;
	if (is_name(known.last, text, len))
		return known.names[known.last];
	for (size_t i = 0; i < known.n; i++)
	{
		if (!is_name(i, text, len))
			continue;
		known.last = i;
		return known.names[i];
	}
	if (known.n == SENSOR_NAMES_MAX ||
		(known.names[known.n] = strndup(text, len)) == NULL)
		return NULL;
	known.last = known.n;
	return known.names[known.n++];
}
