/*-------------------------------------------------------------------------
 *
 * Names of others for what a flow has.
 *
 * The names of our columns, of IPFIX (IANA's information elements), NetFlow
 * v9, goflow2, nfdump and Zeek, and some that people choose.  Case does not
 * matter.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_NAMES_H
#define COLLECTOR_FEED_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"

struct feed_name
{
	const char *name;
	uint8_t		target;			/* column_id or draft_target */
	uint8_t		unit;			/* enum scan_unit */
	uint8_t		rank;			/* where several names of a target have a
								 * value, the highest rank counts */
};

/*
 * What a name means, or NULL if it is not known.  The short names of nfdump's
 * CSV ("sa", "in") mean something there only.
 */
extern const struct feed_name *feed_name_find(const char *name, size_t len,
											  bool is_nfdump);

#endif
