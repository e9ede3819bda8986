/*-------------------------------------------------------------------------
 *
 * Lists of hosts in connection strings.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "sink_hosts.h"

int
hosts_count(const char *list)
{
	int			n = 1;

	for (; *list != '\0'; list++)
		n += *list == ',';
	return n;
}

/* Where element i begins, which must exist. */
static const char *
element(const char *list, int i)
{
	while (i > 0)
		i -= *list++ == ',';
	return list;
}

static bool
is_element(const char *list, int i, const char *text)
{
	const char *begin = element(list, i);
	size_t		len = strcspn(begin, ",");

	return len == strlen(text) && memcmp(begin, text, len) == 0;
}

int
hosts_find(const char *hosts, const char *ports, const char *host,
		   const char *port)
{
	int			nports = hosts_count(ports);

	for (int i = 0; i < hosts_count(hosts); i++)
	{
		if (is_element(hosts, i, host) &&
			(ports[0] == '\0' || nports == 1 ||
			 (i < nports && is_element(ports, i, port))))
			return i;
	}
	return -1;
}

static void
reverse(char *text, size_t len)
{
	for (size_t i = 0; i < len / 2; i++)
	{
		char		c = text[i];

		text[i] = text[len - 1 - i];
		text[len - 1 - i] = c;
	}
}

/* "a,b,c" from b: reversed it is "c,b,a", and so is each part, in turn. */
void
hosts_rotate(char *list, int first)
{
	size_t		len = strlen(list);
	size_t		tail;

	if (first == 0 || first >= hosts_count(list))
		return;
	tail = strlen(element(list, first));
	reverse(list, len);
	reverse(list, tail);
	reverse(list + tail + 1, len - tail - 1);
}
