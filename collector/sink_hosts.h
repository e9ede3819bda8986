/*-------------------------------------------------------------------------
 *
 * Lists of hosts in connection strings: "db1,db2,db3".
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_HOSTS_H
#define COLLECTOR_SINK_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

/* Elements of a list; an empty one has one. */
extern int	hosts_count(const char *list);

/*
 * Which element of hosts is called host, where ports is one port for all or
 * a list as long, and that element is port.  Returns -1 if there is none.
 */
extern int	hosts_find(const char *hosts, const char *ports,
					   const char *host, const char *port);

/*
 * Let element first, 0 .. hosts_count(list) - 1, come first, and those before
 * it last; a list of one stays as it is.  list[len] is changed in place.
 */
extern void hosts_rotate(char *list, int first);

#endif
