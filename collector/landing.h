/*-------------------------------------------------------------------------
 *
 * Where datagrams land: a file that the kernel copies them into.
 *
 * Between the socket and write() a datagram would be in the memory of the
 * process alone, and a kill would lose it.  So the buffers and results of
 * recvmmsg() lie in a mapped file, which outlives the process, not the machine.
 * A burst stays there until the spool has written its records, which carry its
 * number; the next start appends what the spool does not have.
 *
 * The file is in /dev/shm, else in the spool's directory: LANDING_FILE_BYTES for
 * each thread, of which usual datagrams touch 2 MB.  Where there is no room for
 * it, a kill loses what was not written, and that is logged.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LANDING_H
#define COLLECTOR_LANDING_H

#include <sys/socket.h>
#include <time.h>

#include "admit.h"
#include "spool.h"

#define LANDING_SLOTS		64	/* datagrams of a burst */
#define LANDING_AREAS		4	/* bursts */
#define LANDING_BYTES		65536	/* of a datagram, at most */
#define LANDING_CONTROL		(CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(struct timespec)))

struct landing_area
{
	uint64_t	burst;			/* 0: nothing lands here */
	uint64_t	ticket;			/* of the spool; 0: not appended */
	uint16_t	local_port;
	struct mmsghdr messages[LANDING_SLOTS];
	struct iovec iovecs[LANDING_SLOTS];
	struct sockaddr_storage sources[LANDING_SLOTS];
	_Alignas(struct cmsghdr) char controls[LANDING_SLOTS][LANDING_CONTROL];
	uint8_t		bytes[LANDING_SLOTS][LANDING_BYTES];
};

#define LANDING_FILE_BYTES	(LANDING_AREAS * sizeof(struct landing_area) + 4096)

struct landing;

/*
 * Append to the spool what landed before and is not in it, and remove the files.
 * Before the first landing_open, by one thread.  What admit refuses is left out;
 * admit may be NULL.
 */
extern void landing_recover(struct spool *spool, struct admit *admit);

/* For thread number thread, < 256.  Returns NULL when memory is exhausted. */
extern struct landing *landing_open(struct spool *spool, int thread) MUST_CHECK;

/* Removes the file if all is written. */
extern void landing_close(struct landing *landing);

/*
 * An area that is ready for recvmmsg(): LANDING_SLOTS messages.  May wait for
 * the disk, LANDING_WAIT_US at most; then what a kill would lose is taken.
 */
#define LANDING_WAIT_US		INT64_C(100000)
extern struct landing_area *landing_begin(struct landing *landing, uint16_t local_port);

/* n datagrams have landed, and are appended, with landing_tag; n may be 0. */
extern void landing_end(struct landing *landing, struct landing_area *area, int n);

/* What the spool's record of this datagram carries. */
extern uint64_t landing_tag(const struct landing *landing, const struct landing_area *area,
							int slot);

/* The time that the kernel has attached, or otherwise_us; its count of drops. */
extern int64_t landing_time(struct msghdr *message, int64_t otherwise_us,
							uint32_t *lost);

#endif
