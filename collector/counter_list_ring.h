/*-------------------------------------------------------------------------
 * The names of the ring's counters; README.md says what each counts.
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_LIST_RING_H
#define COLLECTOR_COUNTER_LIST_RING_H

#define COUNTER_LIST_RING(X) \
	X(ring_packets) \
	X(ring_bytes) \
	X(ring_packets_dropped) \
	X(ring_files_removed) \
	X(ring_write_errors)

#endif
