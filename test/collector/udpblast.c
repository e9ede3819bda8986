/*-------------------------------------------------------------------------
 *
 * udpblast HOST PORT DATAGRAMS_PER_S SECONDS [FIRST]: send datagrams of 30
 * NetFlow v5 records at an even rate, 0 for as fast as it goes, and print how
 * many were sent, and the seconds of processor time.  Sequence numbers begin at
 * FIRST; record n has source port n % 65536 and n bytes, as send_udp.pl has it.
 *
 *-------------------------------------------------------------------------
 */
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define RECORDS		30
#define LEN			(24 + 48 * RECORDS)
#define BURST		32

static uint8_t *
put(uint8_t *dst, uint64_t value, int nbytes)
{
	for (int i = nbytes - 1; i >= 0; i--, value >>= 8)
		dst[i] = (uint8_t) value;
	return dst + nbytes;
}

static void
build(uint8_t *dst, uint64_t n)
{
	dst = put(dst, 5, 2);
	dst = put(dst, RECORDS, 2);
	dst = put(dst, 100000, 4);
	dst = put(dst, 1700000000, 4);
	dst = put(dst, 0, 4);
	dst = put(dst, n, 4);
	dst = put(dst, 0, 4);
	for (int i = 0; i < RECORDS; i++, n++)
	{
		dst = put(dst, 0xc0000201, 4);
		dst = put(dst, 0xc0000202, 4);
		dst = put(dst, 0, 4);
		dst = put(dst, 1 << 16 | 2, 4);
		dst = put(dst, 1, 4);
		dst = put(dst, n, 4);
		dst = put(dst, 99000, 4);
		dst = put(dst, 99500, 4);
		dst = put(dst, n % 65536, 2);
		dst = put(dst, 443, 2);
		dst = put(dst, 16, 2);	/* a pad byte, the flags */
		dst = put(dst, 6, 1);
		dst = put(dst, 0, 1);
		dst = put(dst, 64496, 2);
		dst = put(dst, 64497, 2);
		dst = put(dst, 24 << 8 | 24, 2);
		dst = put(dst, 0, 2);
	}
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int
connect_to(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct addrinfo *list;
	int			fd;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return -1;
	fd = socket(list->ai_family, SOCK_DGRAM, 0);
	if (fd >= 0 && connect(fd, list->ai_addr, list->ai_addrlen) != 0)
		fd = -1;
	freeaddrinfo(list);
	return fd;
}

/* Sleep until it is time for datagram n; there is no sleep below 100 us. */
static void
keep_pace(double begin, double rate, uint64_t n)
{
	double		wait = begin + (double) n / rate - now();
	struct timespec time = {(time_t) wait, (long) ((wait - (double) (time_t) wait) * 1e9)};

	if (wait > 1e-4)
		nanosleep(&time, NULL);
}

int
main(int argc, char **argv)
{
	static uint8_t bytes[BURST][LEN];
	struct mmsghdr messages[BURST];
	struct iovec iovecs[BURST];
	struct rusage usage;
	double		rate;
	double		begin = now();
	uint64_t	total;
	uint64_t	n = 0;
	uint64_t	first;
	int			fd;

	if (argc < 5 || (fd = connect_to(argv[1], argv[2])) < 0)
		return 2;
	rate = atof(argv[3]);
	total = rate > 0 ? (uint64_t) (rate * atof(argv[4])) : UINT64_MAX;
	first = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < BURST; i++)
	{
		iovecs[i] = (struct iovec) {bytes[i], LEN};
		messages[i].msg_hdr.msg_iov = &iovecs[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (n < total && (rate > 0 || now() - begin < atof(argv[4])))
	{
		unsigned int burst = total - n < BURST ? (unsigned int) (total - n) : BURST;
		int			sent;

		for (unsigned int i = 0; i < burst; i++)
			build(bytes[i], first + (n + i) * RECORDS);
		sent = sendmmsg(fd, messages, burst, 0);
		if (sent < 0)
		{
			perror("udpblast");
			return 1;
		}
		n += (uint64_t) sent;
		if (rate > 0)
			keep_pace(begin, rate, n);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("sent %llu seconds %.3f cpu %.3f\n", (unsigned long long) n, now() - begin,
		   (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		   (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	return 0;
}
