/*-------------------------------------------------------------------------
 *
 * What the database says of the table, and of what it has of the source.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_DESCRIBE_H
#define COLLECTOR_SINK_DESCRIBE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "sink_binary.h"
#include "sink_ranges.h"
#include "sink_sources.h"

/* The table, and flow.ingest of the extension as far as it is about us. */
struct known
{
	char		table[512];		/* which one of which database: names and OIDs, a line */
	bool		has_asked;		/* the rest is defined */
	bool		has_table;		/* the extension is there */
	struct ranges ranges;
	struct sources *sources;	/* all whose names begin so; or NULL: one */
};

struct description
{
	const char *table;			/* as given; an SQL name */
	const char *sensor;			/* of all flows, or NULL */
	const char *source;			/* or NULL */
	struct binary_layout layout;
	char		copy[4096];		/* the COPY command */
	char		columns[64];	/* a hash of all names and types, as a number */
	char		message[1024];	/* why the table cannot be used */
};

/* Ask for the columns.  Returns false if the connection is lost. */
extern bool describe_ask_columns(const struct description *d, PGconn *conn);

/*
 * Read the answer into layout and copy.  Returns false, with message, if the
 * table cannot be used.
 */
extern bool describe_read_columns(struct description *d, const PGresult *result);

/* The setting that describe_check asks for, so that there is an error. */
#define DESCRIBE_CHANGED "flowcollectd.columns_have_changed"

/*
 * Write a statement for the end of a transaction that has written to the
 * table: it fails if the columns are no longer those that were described, since
 * binary rows may be taken for values of other types.  Returns its length; out
 * of memory is fatal.
 */
extern int describe_check(const struct description *d, PGconn *conn, char *dst,
						  size_t room);

/*
 * The message for an error in place of the answer: that table or sensor name
 * cannot be said in the database, or that of the error.
 */
extern void describe_read_error(struct description *d, const PGresult *result);

/* Ask which table it is, and whether flow.ingest is there. */
extern bool describe_ask_ingest(const struct description *d, PGconn *conn);

/*
 * Read that into known->table and has_table.  Returns false, with message, if it may not
 * be used.
 */
extern bool describe_read_ingest(struct description *d, const PGresult *result,
								 struct known *known);

/* Ask for the source's ranges there, or those of all sources. */
extern bool describe_ask_ranges(const struct description *d, const struct known *known,
								PGconn *conn);

/* Read them into known->ranges or sources, in place of what was there. */
extern void describe_read_ranges(const PGresult *result, struct known *known);

#endif
