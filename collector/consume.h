/*-------------------------------------------------------------------------
 *
 * The consumer: from the spool to the decoders, exactly once.
 *
 * A sink commits its rows together with the position up to which all records
 * are in them.  After a restart the consumer takes that position, loads what the
 * decoders knew at the beginning of its file, or of the nearest file before
 * with such a state, and replays the records from there up to the position:
 * the decoders learn again, and what they put out then is committed already and
 * must not reach the sinks.  So what decoders put out may depend on nothing but
 * their state and the records: not on the clock.
 *
 * One thread drives it; callbacks are called in consume_open, consume_seek and
 * consume_step.  The counter spool_records_replayed is the decoders' excuse for
 * counting some datagrams again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CONSUME_H
#define COLLECTOR_CONSUME_H

#include "decode_export.h"
#include "spool.h"

struct consume_callbacks
{
	/*
	 * Decode one record of any type.  If is_replay, rows that come of it must
	 * be thrown away.  A gap says what is missing.
	 */
	void		(*record) (void *arg, const struct spool_record *record,
						   bool is_replay);

	/* Rows of all records before position have been put. */
	void		(*mark) (void *arg, uint64_t position);

	/* May the sinks be given more?  NULL: always. */
	bool		(*has_room) (void *arg);

	/*
	 * Write the decoders' state to *bytes, which free() will get.  Returns its
	 * length; with *bytes NULL there is none.  NULL: there never is.
	 */
	size_t		(*save) (void *arg, void **bytes);

	/* Begin with this state; bytes is NULL: with none. */
	void		(*load) (void *arg, const void *bytes, size_t len);

	void	   *arg;
};

struct consumer;

/*
 * Begin at position, which the sink has committed last, or SPOOL_BEGIN.  Files
 * before it are released.  Returns NULL, having logged why.
 */
extern struct consumer *consume_open(struct spool *spool, uint64_t position,
									 const struct consume_callbacks *callbacks,
									 struct counters *counters) MUST_CHECK;
extern void consume_close(struct consumer *consumer);

/*
 * Go back, or on, to a position: what the sink says after a failover to a server
 * that is behind.  False, logged, as consume_open.
 */
extern bool consume_seek(struct consumer *consumer, uint64_t position) MUST_CHECK;

/*
 * Take up to max_records records while has_room, and mark after each.  Returns whether
 * there may be more at once; else wait for spool_doorbell, or for room.
 */
extern bool consume_step(struct consumer *consumer, int max_records);

/* The end of the last record that was taken. */
extern uint64_t consume_position(const struct consumer *consumer);

/* A record of type SPOOL_DATAGRAM as the decoders want it. */
extern struct datagram consume_datagram(const struct spool_record *record);

#endif
