/*-------------------------------------------------------------------------
 *
 * Rolling up: levels of rollups are brought up to date.
 *
 * The protocol.  Let S be any snapshot.  For each bucket of a level that S
 * sees neither in the level's column pending nor in a row of
 * flow.rollup_change for the source, the rows that S sees in the level's table
 * are what the definition makes of the rows that S sees in the source.
 *
 *	  - Who changes the source commits a row of flow.rollup_change with the
 *		change (am/changes).
 *	  - Who rolls up gathers: he deletes these rows and adds their buckets to
 *		pending, in one transaction.
 *	  - He takes a slice from pending and, in the same transaction and after
 *		that, replaces the slice's rows by one statement, so under one
 *		snapshot.  Whoever commits a change after that snapshot leaves a row in
 *		the log that was not gathered.
 *	  - Rollups of one source are rolled up one at a time: gathering locks
 *		their rows in flow.rollup.
 *	  - Options of the source may remove rows that are old (expiry).  That is
 *		logged, too, and moves raw_since: buckets that begin before it, under
 *		the statement's snapshot, are not replaced any more.
 *
 * The view of a level reads both: rows of the table for buckets that are not
 * touched, and the definition over the source for those that are.  While a
 * slice is set for a level in this session, the view gives the fresh rows of
 * the slice and nothing else: that is what the statement inserts.
 *
 * The bookkeeping is SQL (schema/rollup.sql) and runs with the rights of the
 * extension; what reads the source and writes the level's table runs as the
 * owner of that table, restricted as in REFRESH MATERIALIZED VIEW.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_ROLLUP_H
#define FS_MAINTAIN_ROLLUP_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Roll up the latest slice that is pending at a level between since and until.
 * Returns false if nothing is.  rows: the level's table.  Needs an SPI
 * connection and an active snapshot; raises whatever the definition raises.
 */
extern bool fs_rollup_step(Oid rows, TimestampTz since, TimestampTz until);

/*
 * Run SQL text with the rights of the extension's owner, with n arguments that
 * are not null.  Gives the first column of the first row; false if there is
 * none or it is null.  Needs an SPI connection.
 */
extern bool fs_rollup_keep_books(const char *sql, int n, const Oid *types,
								 const Datum *values, Datum *result);

/* The slice that is set for a level (tstzmultirange); false if none is. */
extern bool fs_rollup_slice_of(Oid rows, Datum *slice);

/*
 * The worker: roll up what is due, each slice in a transaction of its own, for
 * as long as go_on() says so.  Returns when something will be due next.
 */
extern TimestampTz fs_rollup_round(bool (*go_on) (void));

#endif							/* FS_MAINTAIN_ROLLUP_H */
