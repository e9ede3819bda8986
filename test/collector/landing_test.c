/*-------------------------------------------------------------------------
 *
 * If this goes, a kill loses datagrams that the kernel had handed over, or they
 * come twice.
 *
 * The socket is held by this program, as a service manager would hold it, while
 * receivers live and are killed, often in the middle of a burst.  Who sends
 * looks at the socket's buffer, however small it is, and waits while it is half
 * full: what the kernel drops was never handed over.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "receive.h"
#include "tap.h"

#define LIVES		20			/* at least */
#define MAX_LIVES	4000
#define DATAGRAMS	30000
#define LEN			200
#define PACE		64			/* datagrams between looks at the buffer */
#define PACE_US		6000
#define MOST_WAITING	(256 << 10)	/* bytes in it */

static char folder[4096];
static int	listener;

/* What the kernel says of the socket: SK_MEMINFO_* */
static uint32_t
memory_info(int what)
{
	uint32_t	info[SK_MEMINFO_VARS] = {0};
	socklen_t	len = sizeof(info);

	if (getsockopt(listener, SOL_SOCKET, SO_MEMINFO, info, &len) != 0)
		_exit(2);
	return info[what];
}

static void
wait_for_room(void)
{
	usleep(PACE_US);
	while (memory_info(SK_MEMINFO_RMEM_ALLOC) > MOST_WAITING ||
		   memory_info(SK_MEMINFO_RMEM_ALLOC) > memory_info(SK_MEMINFO_RCVBUF) / 2)
		usleep(1000);
}

static pid_t
start_sender(void)
{
	struct sockaddr_in to;
	socklen_t	len = sizeof(to);
	uint32_t	bytes[LEN / 4] = {0};
	pid_t		pid = fork();
	int			fd;

	if (pid != 0)
		return pid;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (getsockname(listener, (struct sockaddr *) &to, &len) != 0 ||
		connect(fd, (struct sockaddr *) &to, len) != 0)
		_exit(1);
	for (uint32_t n = 1; n <= DATAGRAMS; n++)
	{
		bytes[0] = n;
		if (send(fd, bytes, sizeof(bytes), 0) != (ssize_t) sizeof(bytes))
			_exit(1);
		if (n % PACE == 0)
			wait_for_room();
	}
	_exit(0);
}

/*
 * Receive until killed, or for a while and then properly to the end.  A byte
 * on ready says that it has begun.
 */
static void
live(bool is_last, int ready)
{
	struct counters counters = {0};
	struct spool_options options = {.path = folder,.counters = &counters};
	struct receive_options receive = {.nthreads = 1,.inherits = true,.counters = &counters};
	struct spool *spool;
	struct receiver *receiver;
	char		pid[32];

	snprintf(pid, sizeof(pid), "%d", (int) getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	if (dup2(listener, 3) < 0 || freopen("/dev/null", "w", stderr) == NULL)
		_exit(1);
	receiver = receive_open(&receive);
	spool = spool_open(&options);
	if (receiver == NULL || spool == NULL || !receive_start(receiver, spool))
		_exit(1);
	if (write(ready, "", 1) != 1)
		_exit(1);
	if (!is_last)
		for (;;)
			pause();
	sleep(1);
	receive_stop(receiver);
	receive_close(receiver);
	spool_close(spool);
	_exit(0);
}

static int
run_life(bool is_last)
{
	int			ready[2];
	pid_t		pid;
	int			status;
	char		byte;

	if (pipe(ready) != 0)
		exit(2);
	pid = fork();
	if (pid == 0)
		live(is_last, ready[1]);
	close(ready[1]);
	if (!is_last)
	{
		(void) !read(ready[0], &byte, 1);
		usleep(10000 + (useconds_t) (random() % 60000));
		kill(pid, SIGKILL);
	}
	waitpid(pid, &status, 0);
	close(ready[0]);
	return status;
}

static void
check_spool(void)
{
	static uint8_t nseen[DATAGRAMS + 1];
	struct counters counters = {0};
	struct spool_options options = {.path = folder,.counters = &counters};
	struct spool *spool = spool_open(&options);
	struct spool_reader *reader = spool == NULL ? NULL : spool_reader_open(spool, SPOOL_BEGIN);
	struct spool_record record;
	int			nmissing = 0;
	int			ntwice = 0;

	if (reader == NULL)
		exit(2);
	while (spool_next(reader, &record) == SPOOL_RECORD)
	{
		uint32_t	n = 0;

		if (record.type != SPOOL_DATAGRAM || record.len != LEN)
			continue;
		memcpy(&n, record.bytes, sizeof(n));
		if (n >= 1 && n <= DATAGRAMS)
			nseen[n]++;
	}
	for (int n = 1; n <= DATAGRAMS; n++)
	{
		nmissing += nseen[n] == 0;
		ntwice += nseen[n] > 1;
	}
	is(nmissing, 0, "no datagram is lost over the kills");
	is(ntwice, 0, "and none comes twice");
	spool_reader_close(reader);
	spool_close(spool);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in any = {.sin_family = AF_INET,.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int			room = 64 << 20;
	pid_t		sender;
	int			status = -1;
	int			nlives = 0;

	if (argc != 2)
		return 2;
	snprintf(folder, sizeof(folder), "%s/landing", argv[1]);
	listener = socket(AF_INET, SOCK_DGRAM, 0);
	(void) setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	(void) setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(listener, (struct sockaddr *) &any, sizeof(any)) != 0)
		return 2;
	sender = start_sender();
	while (waitpid(sender, &status, WNOHANG) == 0 && nlives++ < MAX_LIVES)
		(void) run_life(false);
	printf("# %d lives\n", nlives);
	ok(nlives >= LIVES, "receivers were killed while it was sent");
	is(status, 0, "all is sent");
	is(run_life(true), 0, "the last life ends well");
	is(memory_info(SK_MEMINFO_DROPS), 0, "the kernel has dropped none");
	check_spool();
	return tap_failed;
}
