/*-------------------------------------------------------------------------
 *
 * Datagrams to the service manager.  What it does with them is its business:
 * failures are not looked at.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "notify.h"

static struct sockaddr_un manager;
static socklen_t manager_len;	/* 0: there is none */
static int64_t watchdog_us;

static void
read_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (usec != NULL && (pid == NULL || atoll(pid) == getpid()))
		watchdog_us = atoll(usec) / 2;
	if (watchdog_us < 0)
		watchdog_us = 0;
}

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t		len = path == NULL ? 0 : strlen(path);

	if (len > 1 && len < sizeof(manager.sun_path) && (path[0] == '/' || path[0] == '@'))
	{
		manager.sun_family = AF_UNIX;
		memcpy(manager.sun_path, path, len);
		if (path[0] == '@')
			manager.sun_path[0] = '\0'; /* an abstract name */
		manager_len = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len);
	}
	read_watchdog();
	unsetenv("NOTIFY_SOCKET");
}

static void
send_lines(const char *lines)
{
	int			fd;

	if (manager_len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void) sendto(fd, lines, strlen(lines), MSG_NOSIGNAL,
				  (const struct sockaddr *) &manager, manager_len);
	close(fd);
}

void
notify_ready(void)
{
	send_lines("READY=1");
}

void
notify_reloading(void)
{
	char		lines[64];

	snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%lld",
			 (long long) clock_monotonic_us());
	send_lines(lines);
}

void
notify_stopping(void)
{
	send_lines("STOPPING=1");
}

void
notify_status(const char *status)
{
	char		line[208];

	snprintf(line, sizeof(line), "STATUS=%s", status);
	send_lines(line);
}

int64_t
notify_watchdog_us(void)
{
	return manager_len == 0 ? 0 : watchdog_us;
}

void
notify_alive(void)
{
	send_lines("WATCHDOG=1");
}
