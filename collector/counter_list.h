/*-------------------------------------------------------------------------
 * The names of all counters, in the order of printing; README.md says what
 * each counts.
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_LIST_H
#define COLLECTOR_COUNTER_LIST_H

#include "counter_list_exports.h"
#include "counter_list_packets.h"
#include "counter_list_ring.h"
#include "counter_list_rows.h"

#define COUNTER_LIST(X) \
	COUNTER_LIST_PACKETS(X) \
	COUNTER_LIST_RING(X) \
	COUNTER_LIST_EXPORTS(X) \
	COUNTER_LIST_ROWS(X)

#endif
