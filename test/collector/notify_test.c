/*-------------------------------------------------------------------------
 *
 * If this goes, systemd kills a daemon that works, or waits for one that does.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"
#include "tap.h"

static int	manager;

static void
gets(const char *expected, const char *name)
{
	char		bytes[256];
	ssize_t		n = recv(manager, bytes, sizeof(bytes), MSG_DONTWAIT);

	ok(n >= (ssize_t) strlen(expected) && memcmp(bytes, expected, strlen(expected)) == 0, name);
}

int
main(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char		name[64];
	char		pid[32];
	int			len = snprintf(name, sizeof(name), "@flowcollectd-test-%d", (int) getpid());

	memcpy(addr.sun_path, name, (size_t) len);
	addr.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(manager, (struct sockaddr *) &addr,
			 (socklen_t) (sizeof(sa_family_t) + (size_t) len)) != 0)
		return 2;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "3000000", 1);
	notify_init();
	is(notify_watchdog_us(), 0, "without a socket nobody waits");
	notify_ready();
	setenv("NOTIFY_SOCKET", name, 1);
	snprintf(pid, sizeof(pid), "%d", (int) getpid());
	setenv("WATCHDOG_PID", pid, 1);
	notify_init();
	ok(getenv("NOTIFY_SOCKET") == NULL, "children do not get the socket");
	is(notify_watchdog_us(), 1500000, "half of the time");
	notify_ready();
	gets("READY=1", "ready");
	notify_reloading();
	gets("RELOADING=1\nMONOTONIC_USEC=", "reloading");
	notify_status("all is well");
	gets("STATUS=all is well", "status");
	notify_alive();
	gets("WATCHDOG=1", "alive");
	notify_stopping();
	gets("STOPPING=1", "stopping");
	return tap_failed;
}
