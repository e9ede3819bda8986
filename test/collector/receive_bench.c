/*-------------------------------------------------------------------------
 *
 * receive_bench FOLDER PORT THREADS MAX_BYTES [sync]: receive at 127.0.0.1:PORT
 * into a spool in FOLDER/bench until SIGTERM; then read it back, check that each
 * datagram of udpblast came once and whole, and print counts, losses, processor
 * time, and how fast the spool was read.
 *
 *-------------------------------------------------------------------------
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "log.h"
#include "receive.h"
#include "wire.h"

static struct counters counters;

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Sequence numbers of one sender, in order, are those of its datagrams. */
static void
read_back(struct spool *spool)
{
	struct spool_reader *reader = spool_reader_open(spool, SPOOL_BEGIN);
	struct spool_record record;
	uint64_t	n = 0;
	uint64_t	missing = 0;
	uint32_t	next = 0;
	int64_t		begin_us = clock_monotonic_us();
	double		begin_cpu = cpu_seconds();

	if (reader == NULL)
		exit(1);
	while (spool_next(reader, &record) == SPOOL_RECORD)
	{
		struct wire w = wire_open(record.bytes, record.len);
		uint32_t	sequence;

		if (record.type == SPOOL_GAP)
			continue;
		if (record.len != 24 + 48 * 30)
			fatalx("a record is no datagram");
		wire_skip(&w, 16);
		sequence = wire_u32(&w);
		if (sequence < next)
			fatalx("a datagram came twice, or late");
		missing += (sequence - next) / 30;
		next = sequence + 30;
		n++;
	}
	printf("read %llu missing %llu seconds %.3f cpu %.3f damaged %llu\n",
		   (unsigned long long) n, (unsigned long long) missing,
		   (double) (clock_monotonic_us() - begin_us) / 1e6,
		   cpu_seconds() - begin_cpu, (unsigned long long) counters.spool_damaged);
	spool_reader_close(reader);
}

int
main(int argc, char **argv)
{
	char		path[4096];
	char		url[64];
	const char *urls[] = {url};
	struct spool_options options = {.path = path,.counters = &counters};
	struct receive_options receive = {.urls = urls,.nurls = 1,.counters = &counters};
	struct receiver *receiver;
	struct spool *spool;
	sigset_t	set;
	int			signo;

	if (argc < 5)
		return 2;
	snprintf(path, sizeof(path), "%s/bench", argv[1]);
	snprintf(url, sizeof(url), "127.0.0.1:%s", argv[2]);
	options.max_bytes = strtoull(argv[4], NULL, 10);
	options.sync = argc > 5 ? SPOOL_SYNC_INTERVAL : SPOOL_SYNC_NEVER;
	receive.nthreads = atoi(argv[3]);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	spool = spool_open(&options);
	receive.spool = spool;
	receiver = spool == NULL ? NULL : receive_open(&receive);
	if (receiver == NULL || !receive_start(receiver, spool))
		return 1;
	puts("ready");
	fflush(stdout);
	sigwait(&set, &signo);
	receive_stop(receiver);
	if (!spool_flush(spool, INT64_C(60000000)))
		return 1;
	printf("received %llu lost in kernel %llu refused %llu dropped %llu cpu %.3f\n",
		   (unsigned long long) counters.received_datagrams,
		   (unsigned long long) counters.datagrams_lost_in_kernel,
		   (unsigned long long) counters.spool_records_refused,
		   (unsigned long long) counters.spool_records_dropped, cpu_seconds());
	read_back(spool);
	receive_close(receiver);
	spool_close(spool);
	return 0;
}
