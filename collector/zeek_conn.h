/*-------------------------------------------------------------------------
 *
 * What a line of Zeek's conn.log says in its own words.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ZEEK_CONN_H
#define COLLECTOR_ZEEK_CONN_H

#include "draft.h"

/*
 * Complete tcp_flags, rev_tcp_flags, end_reason, and the type and code of
 * ICMP, in a draft whose other values are set.  Cannot fail.
 */
extern void zeek_conn_finish(struct draft *draft);

#endif
