/*-------------------------------------------------------------------------
 *
 * What the database says of the table, and of what it has of the source.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sink_describe.h"

static const char describe_sql[] =
"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),"
" has_any_column_privilege(c.oid, 'INSERT'), a.attname,"
" coalesce(nullif(t.typbasetype, 0), t.oid),"
" format_type(a.atttypid, a.atttypmod),"
" a.attname = 'sensor'"
" AND 1043 IN (t.oid, t.typbasetype)"
" AND greatest(a.atttypmod, t.typtypmod) >= 4"
" AND char_length(rtrim($2::text, ' '))"
" > greatest(a.atttypmod, t.typtypmod) - 4,"
" sum(hashtextextended(a.attname::text || ' ' || a.atttypid || ' ' ||"
" a.atttypmod, 0)) OVER ()"
" FROM pg_catalog.pg_class c"
" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
" JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
" JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
" WHERE c.oid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped"
" AND a.attgenerated = '' ORDER BY a.attnum";

static const char ingest_sql[] =
"SELECT coalesce(has_note, false),"
" CASE WHEN may_use AND has_note THEN"
" has_table_privilege(to_regclass('flow.ingest'), 'SELECT') AND"
" has_table_privilege(to_regclass('flow.ingest'), 'INSERT') AND"
" has_table_privilege(to_regclass('flow.ingest'), 'UPDATE') AND"
" has_table_privilege(to_regclass('flow.ingest'), 'DELETE') END,"
" quote_ident(current_user), may_use,"
" (SELECT translate(format('%I %s %I.%I %s', d.datname, d.oid, n.nspname, c.relname, c.oid),"
" chr(10), ' ') FROM pg_catalog.pg_class c"
" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.pg_database d"
" WHERE c.oid = $1::text::regclass AND d.datname = current_database())"
" FROM (SELECT) AS one LEFT JOIN"
" (SELECT has_schema_privilege(n.oid, 'USAGE'),"
" EXISTS (SELECT FROM pg_catalog.pg_proc p"
" WHERE p.pronamespace = n.oid AND p.proname = 'note_ingest')"
" FROM pg_catalog.pg_namespace n WHERE n.nspname = 'flow')"
" AS flow (may_use, has_note) ON true";

static const char sources_sql[] =
"SELECT first, next, source, (extract(epoch FROM written) * 1000000)::bigint FROM flow.ingest"
" WHERE starts_with(source, $2) AND relation = $1::text::regclass ORDER BY source, first";

static const char ranges_sql[] =
"SELECT first, next FROM flow.ingest"
" WHERE source = $2 AND relation = $1::text::regclass ORDER BY first";

static void refuse(struct description *d, const char *fmt,...)
			__attribute__((format(printf, 2, 3)));

static void
refuse(struct description *d, const char *fmt,...)
{
	va_list		args;

	va_start(args, fmt);
	vsnprintf(d->message, sizeof(d->message), fmt, args);
	va_end(args);
}

static bool
ask(PGconn *conn, const char *sql, int nvalues, const char *table,
	const char *other)
{
	const char *values[] = {table, other};

	return PQsendQueryParams(conn, sql, nvalues, NULL, values, NULL, NULL, 0) != 0;
}

bool
describe_ask_columns(const struct description *d, PGconn *conn)
{
	return ask(conn, describe_sql, 2, d->table, d->sensor);
}

/* Add the column of one line of the answer. */
static bool
add_column(struct description *d, const PGresult *result, int row, int *len)
{
	const char *table = PQgetvalue(result, row, 0);
	const char *name = PQgetvalue(result, row, 2);
	const char *type = PQgetvalue(result, row, 4);
	int			ncolumns = d->layout.ncolumns;

	if (PQgetvalue(result, row, 1)[0] != 't')
		refuse(d, "permission denied for table %s", table);
	else if (!binary_layout_add(&d->layout, name,
								(uint32_t) strtoul(PQgetvalue(result, row, 3),
												   NULL, 10)))
		refuse(d, "cannot write column \"%s\" of table %s, which is of type %s",
			   name, table, type);
	else if (PQgetvalue(result, row, 5)[0] == 't')
		refuse(d, "sensor name \"%s\" is too long for column \"sensor\" "
			   "of table %s, which is of type %s", d->sensor, table, type);
	else
	{
		if (d->layout.ncolumns > ncolumns)
			*len += snprintf(d->copy + *len, sizeof(d->copy) - (size_t) *len,
							 "%s\"%s\"", ncolumns == 0 ? "" : ", ", name);
		return true;
	}
	return false;
}

/*
 * Result columns: table, may insert, column, type, name of type, is the sensor
 * too long, hash of all columns.
 */
bool
describe_read_columns(struct description *d, const PGresult *result)
{
	const char *table = PQntuples(result) == 0 ?
		d->table : PQgetvalue(result, 0, 0);
	int			len = snprintf(d->copy, sizeof(d->copy), "COPY %s (", table);

	d->layout.ncolumns = 0;
	snprintf(d->columns, sizeof(d->columns), "%s",
			 PQntuples(result) == 0 ? "0" : PQgetvalue(result, 0, 6));
	for (int row = 0; row < PQntuples(result); row++)
	{
		if (!add_column(d, result, row, &len))
			return false;
	}
	snprintf(d->copy + len, sizeof(d->copy) - (size_t) len,
			 ") FROM STDIN (FORMAT binary)");
	if (d->layout.ncolumns == 0)
		refuse(d, "table %s has none of the columns of a flow", table);
	return d->layout.ncolumns > 0;
}

int
describe_check(const struct description *d, PGconn *conn, char *dst,
			   size_t room)
{
	char	   *table = PQescapeLiteral(conn, d->table, strlen(d->table));
	int			len;

	if (table == NULL)
		fatalx("out of memory");
	len = snprintf(dst, room, "SELECT CASE WHEN sum(hashtextextended("
				   "attname::text || ' ' || atttypid || ' ' || atttypmod, 0)) = %s"
				   " THEN '' ELSE current_setting('" DESCRIBE_CHANGED "') END"
				   " FROM pg_catalog.pg_attribute WHERE attrelid = %s::regclass"
				   " AND attnum > 0 AND NOT attisdropped AND attgenerated = '';",
				   d->columns, table);
	PQfreemem(table);
	return len;
}

void
describe_read_error(struct description *d, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (d->sensor == NULL || sqlstate == NULL ||
		(strcmp(sqlstate, "22021") != 0 && strcmp(sqlstate, "22P05") != 0))
		refuse(d, "%s", PQresultErrorMessage(result));
	else
		refuse(d, "the database cannot hold table name \"%s\" or sensor "
			   "name \"%s\": %s", d->table, d->sensor,
			   PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

bool
describe_ask_ingest(const struct description *d, PGconn *conn)
{
	return ask(conn, ingest_sql, 1, d->table, NULL);
}

bool
describe_read_ingest(struct description *d, const PGresult *result,
					 struct known *known)
{
	bool		has_table = PQgetvalue(result, 0, 0)[0] == 't';

	snprintf(known->table, sizeof(known->table), "%s", PQgetvalue(result, 0, 4));
	if (has_table && PQgetvalue(result, 0, 3)[0] != 't')
	{
		refuse(d, "permission denied for schema flow, needed to write each row "
			   "once: GRANT USAGE ON SCHEMA flow TO %s", PQgetvalue(result, 0, 2));
		return false;
	}
	if (has_table && PQgetvalue(result, 0, 1)[0] != 't')
	{
		refuse(d, "permission denied for table flow.ingest, needed to write each "
			   "row once: GRANT SELECT, INSERT, UPDATE, DELETE ON flow.ingest "
			   "TO %s", PQgetvalue(result, 0, 2));
		return false;
	}
	if (!has_table && (!known->has_asked || known->has_table))
		log_info("the database has no table flow.ingest of extension flowstore: "
				 "rows may be written twice after a lost connection");
	if (!has_table)
		known->has_asked = true;
	known->has_table = has_table;
	return true;
}

bool
describe_ask_ranges(const struct description *d, const struct known *known, PGconn *conn)
{
	return ask(conn, known->sources != NULL ? sources_sql : ranges_sql, 2, d->table, d->source);
}

/* Of the source that a row names; one that nobody has asked for is as old as its rows. */
static struct ranges *
ranges_of(struct sources *sources, const PGresult *result, int row)
{
	const char *name = PQgetvalue(result, row, 2);
	struct source *source = sources_find(sources, name);

	if (source == NULL)
	{
		source = sources_add(sources, name);
		if (source == NULL)
			fatalx("out of memory");
		source->seen_us = strtoll(PQgetvalue(result, row, 3), NULL, 10);
	}
	return &source->ranges;
}

void
describe_read_ranges(const PGresult *result, struct known *known)
{
	ranges_clear(&known->ranges);
	if (known->sources != NULL && !sources_clear_ranges(known->sources))
		fatalx("out of memory");
	for (int row = 0; row < PQntuples(result); row++)
	{
		uint64_t	first = strtoull(PQgetvalue(result, row, 0), NULL, 10);
		uint64_t	next = strtoull(PQgetvalue(result, row, 1), NULL, 10);

		struct ranges *ranges = known->sources == NULL ? &known->ranges :
			ranges_of(known->sources, result, row);

		if (first < next && !ranges_add(ranges, first, next))
			fatalx("out of memory");
	}
	known->has_asked = true;
}
