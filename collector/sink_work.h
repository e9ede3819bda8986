/*-------------------------------------------------------------------------
 *
 * Inside of the PostgreSQL sink: its state, and the work on its lanes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_WORK_H
#define COLLECTOR_SINK_WORK_H

#include "log.h"
#include "sink_claim.h"
#include "sink_copy.h"
#include "sink_lane.h"
#include "sink_reject.h"
#include "sink_trouble.h"

enum rewind
{
	REWIND_NONE,
	REWIND_QUIET,				/* lanes end what they are at */
	REWIND_ASK,					/* the database is asked where to */
	REWIND_READY				/* for the driver */
};

struct copy_sink
{
	struct sink sink;			/* must be first */
	struct copy_options options;
	struct lane lanes[COPY_MAX_CONNECTIONS];
	int			nlanes;
	int			epoll;			/* of the lanes' sockets */
	struct queue queue;
	struct known known;
	struct reject *reject;		/* or NULL */
	enum rewind rewind;
	struct claim claim;
	bool		has_other;		/* somebody else has written what is claimed */
	uint64_t	gone;			/* what is before cannot be read again */
	int64_t		due_us;			/* when to close the open batch; 0: no rows */
	int64_t		note_due_us;	/* when to note positions without rows; 0: never */
	bool		was_connected;	/* ever, so the table was in order */
	int64_t		patient_until_us;	/* 0: nobody has waited yet */
	uint64_t	progress;		/* when that was set */
	bool		is_draining;
	bool		is_finishing;
	struct trouble trouble;
	struct log_limit lane_limit;
	struct log_limit drop_limit;
	struct log_limit reject_limit;
};

/* May batches be sent: nobody else writes the source, and there is no rewind? */
extern bool work_may_write(const struct copy_sink *cs);

/*
 * Shall the lane be connected?  The first always; others for batches that it
 * cannot take.
 */
extern bool work_wants(const struct copy_sink *cs, const struct lane *lane);

/*
 * Forget all batches that no lane has, and count their rows: as dropped where
 * the source cannot be read again.
 */
extern void work_forget(struct copy_sink *cs);

/* If rows or positions have come, their age begins. */
extern void work_note_age(struct copy_sink *cs, int64_t now_us);

/*
 * Let all lanes do what they can without waiting.  Returns false, having logged
 * why, if the sink has failed.
 */
extern bool work_step(struct copy_sink *cs, int64_t now_us) MUST_CHECK;

#endif
