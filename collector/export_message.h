/*-------------------------------------------------------------------------
 *
 * What the header of an export message says to all its records.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXPORT_MESSAGE_H
#define COLLECTOR_EXPORT_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "exporter.h"

struct export_message
{
	struct exporter_key source; /* version 9 or 10, domain or source id */
	int64_t		received_us;	/* since 1970 */
	int64_t		export_us;		/* by the exporter's clock, if plausible */
	uint32_t	uptime_ms;		/* at export_us, modulo 2^32 */
	bool		has_uptime;
};

#endif
