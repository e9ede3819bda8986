/*-------------------------------------------------------------------------
 *
 * Detections: a query is run in the name of a role, and its rows are alerts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_DETECT_H
#define FS_MAINTAIN_DETECT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/spi.h"

/* more rows of one run are an error */
#define FS_DETECT_MAX_ROWS		10000

typedef struct FsDetection
{
	char	   *name;
	Oid			owner;			/* who runs it */
	char	   *query;			/* a SELECT; $1 and $2 are since and until */
	TimestampTz since;
	TimestampTz until;			/* the present, as the query sees it */
	char	   *severity;		/* of rows without one */
	char	   *search_path;	/* these three: settings of the query */
	char	   *time_zone;
	char	   *default_table;
} FsDetection;

/*
 * Parse and analyse the query.  Raises an error unless it is a single SELECT.
 * Needs an SPI connection and an active snapshot; the plan ends with it.
 */
extern SPIPlanPtr fs_detect_prepare(const char *query);

/*
 * Run it and add to flow.alert what is not there yet, both with the
 * privileges of the owner, restricted as in REFRESH MATERIALIZED VIEW.  Gives
 * the number of alerts that were added; raises whatever query, casts or
 * privileges give.  To be called in a subtransaction, whose abort restores user
 * and settings.  Needs an active snapshot.
 */
extern uint64 fs_detect_run(const FsDetection *detection);

#endif							/* FS_MAINTAIN_DETECT_H */
