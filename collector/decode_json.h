/*-------------------------------------------------------------------------
 *
 * Fields without a column, as JSON (RFC 8259).
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_JSON_H
#define COLLECTOR_DECODE_JSON_H

#include <stddef.h>

#include "decode_record.h"
#include "export_memory.h"

#define JSON_MAX_VALUE 4096		/* characters of a text, or of hex digits */

/*
 * Write the other fields of a record to record->json as one object, and
 * return its length; 0 if there are none.  Names are IANA's, with "reverse"
 * before them for RFC 5103, those that the exporter told (RFC 5610), or
 * "e<enterprise>.<element>".  Numbers are as exported, addresses and text are
 * strings, everything else is hex.  Fields that do not fit are left out, and
 * counted.  Cannot fail.
 */
extern size_t json_of_record(struct record *record,
							 struct export_memory *memory,
							 const struct export_domain *domain,
							 const struct export_domain *parent);

#endif
