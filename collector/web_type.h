/*-------------------------------------------------------------------------
 *
 * Types and values of PostgreSQL under the names, and in the forms, that
 * clients of QuestDB's REST interface know.
 *
 * Times are ISO 8601 in UTC with microseconds, "2026-01-02T03:04:05.000006Z";
 * what ISO 8601 cannot say, infinity and years BC, is as PostgreSQL has it.
 * NaN and infinite numbers are null.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_TYPE_H
#define COLLECTOR_WEB_TYPE_H

#include "web_buffer.h"

enum web_form
{
	WEB_STRING,
	WEB_BOOLEAN,
	WEB_NUMBER,
	WEB_LONG,					/* JavaScript cannot hold all of them */
	WEB_TIMESTAMP,
	WEB_DATE
};

struct web_type
{
	unsigned	oid;
	const char *name;
	enum web_form form;
};

/* The type of this OID; any that is not known is a STRING.  Cannot fail. */
extern const struct web_type *web_type_of(unsigned oid);

/*
 * A value, text[len] in PostgreSQL's text form (ISO dates, UTC); NULL is null,
 * which in CSV is nothing.
 */
extern void web_value_json(struct web_buffer *to, enum web_form form,
						   const char *text, size_t len);
extern void web_value_csv(struct web_buffer *to, enum web_form form,
						  const char *text, size_t len);

#endif
