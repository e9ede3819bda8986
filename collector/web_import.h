/*-------------------------------------------------------------------------
 *
 * POST /imp: rows of a file into a table, in the shape of QuestDB's REST
 * interface.
 *
 * The body is the file, or multipart/form-data with the file in the part
 * "data"; what the file may be is in import_rows.h.
 *
 *		name		the table
 *		fmt=json	answer in JSON; a table in text otherwise
 *		atomicity	of a value that does not have its column's type: skipCol
 *					(default) makes it null, skipRow leaves its row out, abort
 *					refuses the file
 *		overwrite=true	the rows replace those of the table
 *		create=true	make the table if there is none, with types guessed
 *					from the first 1000 rows
 *		timestamp	with create: the column that is the time; with it, the table
 *					is made a flowstore table where the extension is installed
 *
 * One transaction: if the server refuses a row nothing is imported, and the
 * answer, with status 400, has its words.  Columns of the file that the table
 * lacks have the type NONE, and their values count as errors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_IMPORT_H
#define COLLECTOR_WEB_IMPORT_H

#include "web_postgres.h"

/* By a connection that is no reader. */
extern void web_import(struct web_postgres *pg,
					   const struct http_request *request,
					   struct http_reply *reply);

#endif
