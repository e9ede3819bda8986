/*-------------------------------------------------------------------------
 *
 * Enrichment: what tables know of a flow's addresses and interfaces.
 *
 * A file of networks is CSV with a header, or a MaxMind DB (its name ends in
 * .mmdb).  The columns of CSV are prefix (or network) and any of
 *
 *		as, asn, autonomous_system_number
 *		as_name, autonomous_system_organization
 *		country, country_iso_code
 *		net, name
 *
 * A file of interfaces is CSV with the columns exporter, if_index and name.
 * Of several files of networks the first one that knows a value gives it.
 * Names are in *extra; AS number 0 is none.
 *
 * Memory, for each file: that of lpm.h, and ENRICH_MAX_TEXT bytes of different
 * values at most; a reload has both the old and the new tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ENRICH_H
#define COLLECTOR_ENRICH_H

#include <stdbool.h>

#include "flow_extra.h"

#define ENRICH_MAX_FILES	8
#define ENRICH_MAX_TEXT		(256 * 1024 * 1024)
#define ENRICH_GRACE_S		60

/* Strings stay as long as the enrichment. */
struct enrich_options
{
	const char *const *files;	/* [nfiles], of networks */
	int			nfiles;			/* at most ENRICH_MAX_FILES */
	const char *interfaces;		/* a file, or NULL */
	bool		overrides;		/* what an exporter says is replaced */
};

struct enrich;

/* Read the files.  Returns NULL after a message. */
extern struct enrich *enrich_open(const struct enrich_options *options);
extern void enrich_close(struct enrich *enrich);

/*
 * Read the files again.  Returns false after a message if one is broken: all
 * tables stay as they are then.  By one thread at a time, while others use
 * the tables; the old ones are freed by a later call, ENRICH_GRACE_S after
 * they were replaced, and until then what points into them is good.
 */
extern bool enrich_reload(struct enrich *enrich);

/*
 * Fill in what is absent in *flow and *extra, and make flow->extra point to
 * extra if it has anything.  Any number of threads; texts are good for
 * ENRICH_GRACE_S after the tables were replaced.
 */
extern void enrich_flow(const struct enrich *enrich, struct flow *flow,
						struct flow_extra *extra);

#endif
