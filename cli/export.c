/*-------------------------------------------------------------------------
 *
 * flow export: rows into a file, in constant memory.
 *
 * COPY takes no parameters: the times go into its text as literals, which the
 * server has written and libpq has quoted.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "columns.h"
#include "command.h"
#include "display.h"
#include "grid_text.h"
#include "number.h"
#include "query.h"
#include "range.h"
#include "session.h"
#include "terminal.h"

enum form
{
	EXPORT_CSV,
	EXPORT_JSON,
	EXPORT_NDJSON,
	EXPORT_TEXT,
	EXPORT_BINARY
};

struct target
{
	const char *path;			/* NULL: standard output */
	const char *unfinished;		/* becomes path when all is written */
	FILE	   *stream;
	bool		has_failed;
	long long	rows;
	long long	bytes;
	time_t		shown;			/* when progress was */
};

/* What rows of JSON need. */
struct json_export
{
	struct target *target;
	const struct columns *columns;
	bool		is_array;
	struct buffer line;
};

static bool
fail(struct target *target, const char *what)
{
	struct buffer name = {0};

	target->has_failed = true;
	/* Ctrl-C may have ended a write, and needs no word */
	if (session_is_interrupted())
		return false;
	display_escape(&name, target->path != NULL ? target->path : "standard output");
	fprintf(stderr, "flow: could not %s \"%s\": %s\n", what, name.text, strerror(errno));
	buffer_free(&name);
	return false;
}

/*
 * A file of a new name beside path, with the rights that path has or would get:
 * nobody's file is written over, and no link that somebody has laid is followed.
 */
static FILE *
open_beside(struct target *target, const struct stat *before)
{
	char	   *name = memory_format("%s.XXXXXX", target->path);
	mode_t		mask = umask(0077);
	int			file = mkstemp(name);
	FILE	   *stream;

	umask(mask);
	if (file < 0)
		return NULL;
	target->unfinished = name;
	if (fchmod(file, before != NULL ? before->st_mode & 0777 : 0666 & ~mask) == 0 &&
		(stream = fdopen(file, "wb")) != NULL)
		return stream;
	unlink(name);
	close(file);
	return NULL;
}

static bool
open_target(struct target *target, const char *path)
{
	struct stat about;
	bool		is_there;

	target->stream = stdout;
	if (path == NULL || strcmp(path, "-") == 0)
		return true;
	is_there = stat(path, &about) == 0;
	target->path = path;
	target->unfinished = path;
	/* a device or pipe is written to as it is */
	if (is_there && !S_ISREG(about.st_mode))
		target->stream = fopen(path, "wb");
	else
	{
		/* a link stays one: what it leads to is replaced */
		char	   *real = is_there ? realpath(path, NULL) : NULL;

		if (real != NULL)
			target->path = memory_format("%s", real);
		free(real);
		target->stream = open_beside(target, is_there ? &about : NULL);
	}
	return target->stream != NULL || fail(target, "open");
}

static bool
close_target(struct target *target, bool is_good)
{
	bool		is_new = target->path != NULL && target->unfinished != target->path;

	if (fflush(target->stream) != 0 && !target->has_failed)
		is_good = fail(target, "write");
	if (target->path != NULL && fclose(target->stream) != 0 && !target->has_failed)
		is_good = fail(target, "write");
	if (is_new && is_good && rename(target->unfinished, target->path) != 0)
		is_good = fail(target, "create");
	if (is_new && !is_good)
		unlink(target->unfinished);
	return is_good && !target->has_failed;
}

static void
show_progress(struct target *target, bool is_last)
{
	time_t		now = time(NULL);
	struct buffer text = {0};

	if (!terminal_has_progress() || (!is_last && now == target->shown) ||
		(target->path == NULL && terminal_is_shown()))
		return;
	target->shown = now;
	number_count(&text, (double) target->rows);
	buffer_add_text(&text, " rows, ");
	number_bytes(&text, (double) target->bytes);
	fprintf(stderr, "\r%s\033[K%s", text.text, is_last ? "\n" : "");
	buffer_free(&text);
}

static bool
put(struct target *target, const char *bytes, size_t len)
{
	target->bytes += (long long) len;
	if (fwrite(bytes, 1, len, target->stream) != len)
		return fail(target, "write");
	return true;
}

static bool
put_json(PGresult *row, void *arg)
{
	struct json_export *export = arg;
	struct buffer *line = &export->line;

	if (PQntuples(row) == 0)
		return true;
	buffer_clear(line);
	if (export->is_array)
		buffer_add_text(line, export->target->rows == 0 ? "[\n " : ",\n ");
	for (int i = 0; i < export->columns->n; i++)
	{
		buffer_add_text(line, i == 0 ? "{" : ", ");
		json_string(line, export->columns->grid[i].name);
		buffer_add_text(line, ": ");
		json_value(line, export->columns->grid[i].kind,
				   PQgetisnull(row, 0, i) ? NULL : PQgetvalue(row, 0, i));
	}
	buffer_add_text(line, export->is_array ? "}" : "}\n");
	export->target->rows++;
	show_progress(export->target, false);
	return put(export->target, line->text, line->len);
}

static bool
export_json(struct session *session, struct query *query,
			const struct columns *columns, struct target *target, bool is_array)
{
	struct json_export export = {target, columns, is_array, {0}};
	bool		is_good = session_stream(session, query->sql.text, query->nvalues, query->values,
										 put_json, &export);

	if (is_good && is_array)
		is_good = put(target, target->rows == 0 ? "[]\n" : "\n]\n", target->rows == 0 ? 3 : 3);
	buffer_free(&export.line);
	return is_good && !target->has_failed;
}

/* CSV for a terminal is escaped line by line. */
static bool
put_copied(struct target *target, enum form form, const char *bytes, size_t len)
{
	struct buffer line = {0};
	struct buffer harmless = {0};
	bool		is_good;

	if (target->path != NULL || !terminal_is_shown() || form == EXPORT_BINARY)
		return put(target, bytes, len);
	buffer_add(&line, bytes, len - (len > 0 && bytes[len - 1] == '\n'));
	display_escape(&harmless, line.text);
	buffer_free(&line);
	buffer_add_char(&harmless, '\n');
	is_good = put(target, harmless.text, harmless.len);
	buffer_free(&harmless);
	return is_good;
}

/* What COPY needs of its target. */
struct copy_export
{
	struct target *target;
	enum form	form;
	bool		is_headed;		/* the first line is no row */
};

static bool
take_copied(const char *bytes, size_t len, void *arg)
{
	struct copy_export *export = arg;

	if (export->is_headed)
		export->is_headed = false;
	else
		export->target->rows++;
	show_progress(export->target, false);
	return put_copied(export->target, export->form, bytes, len);
}

/* A literal for COPY, of a text that the server has written. */
static void
add_bound(struct session *session, struct query *query, const char *compare,
		  const char *time)
{
	char	   *literal;

	if (time == NULL)
		return;
	literal = PQescapeLiteral(session_connection(session), time, strlen(time));
	query_add(query, " AND ts %s %s::timestamptz", compare, literal);
	PQfreemem(literal);
}

static bool
export_copy(struct session *session, const struct range *range,
			const char *clause, const struct columns *columns,
			struct copy_export *export)
{
	static const char *const formats[] = {
		[EXPORT_CSV] = "FORMAT csv, HEADER", [EXPORT_TEXT] = "FORMAT text",
		[EXPORT_BINARY] = "FORMAT binary"
	};
	struct query query = {0};
	bool		is_good;

	query_add(&query, "COPY (SELECT ");
	columns_add(columns, &query);
	query_add(&query, " FROM %s WHERE %s", session_table(session), clause);
	add_bound(session, &query, ">=", range->since);
	add_bound(session, &query, "<", range->until);
	query_add(&query, ") TO STDOUT (%s)", formats[export->form]);
	is_good = session_copy(session, query.sql.text, take_copied, export);
	buffer_free(&query.sql);
	return is_good;
}

static enum form
choose_form(const struct arguments *arguments)
{
	static const char *const names[] = {"csv", "json", "ndjson", "text", "binary"};
	enum form	form = EXPORT_CSV;
	int			ngiven = 0;

	for (int i = 0; i < 5; i++)
		if (arguments_has(arguments, names[i]))
		{
			form = (enum form) i;
			ngiven++;
		}
	if (ngiven > 1)
		usage_fail(arguments->command, NULL, "only one of --csv, --json, --ndjson, --text and --binary can be given");
	if (form == EXPORT_BINARY && arguments_value(arguments, "output") == NULL && terminal_is_shown())
		usage_fail(arguments->command, "Give a file with -o, or a pipe.",
				   "binary output does not go to a terminal");
	return form;
}

static bool
export_rows(struct session *session, const struct range *range,
			const char *clause, const struct columns *columns,
			struct copy_export *export)
{
	struct query query = {0};
	bool		is_good;

	if (export->form != EXPORT_JSON && export->form != EXPORT_NDJSON)
		return export_copy(session, range, clause, columns, export);
	query_add(&query, "SELECT ");
	columns_add(columns, &query);
	query_add(&query, " FROM %s", session_table(session));
	query_where(&query, range, clause);
	is_good = export_json(session, &query, columns, export->target, export->form == EXPORT_JSON);
	buffer_free(&query.sql);
	return is_good;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct target target = {0};
	struct copy_export export = {.target = &target, .form = choose_form(arguments)};
	struct columns columns;
	struct range range;
	const char *list = arguments_value(arguments, "columns");
	const char *clause;
	bool		is_good;

	export.is_headed = export.form == EXPORT_CSV;
	if (session_table(session) == NULL || !range_resolve(session, arguments, NULL, &range) ||
		(clause = session_filter(session, arguments_join(arguments, 0))) == NULL ||
		!columns_choose(session, list != NULL ? list : "all", false, &columns) ||
		!open_target(&target, arguments_value(arguments, "output")))
		return STATUS_FAILED;
	is_good = export_rows(session, &range, clause, &columns, &export);
	is_good = close_target(&target, is_good && !session_is_interrupted());
	show_progress(&target, true);
	if (!is_good)
		return STATUS_FAILED;
	return target.rows == 0 && arguments_has(arguments, "exit-code") ? STATUS_NOTHING : STATUS_DONE;
}

static const struct option_spec options[] = {
	{'o', "output", "FILE", "write to this file, which appears when it is complete", COMPLETE_FILES},
	{0, "columns", "LIST", "columns, or line, long, app, all (default)", COMPLETE_COLUMNS},
	{0, "csv", NULL, "CSV with a header (default)", NULL},
	{0, "json", NULL, "a JSON array of objects", NULL},
	{0, "ndjson", NULL, "a JSON object on each line", NULL},
	{0, "text", NULL, "text of COPY", NULL},
	{0, "binary", NULL, "binary format of COPY", NULL},
	{0, "exit-code", NULL, "end with status 4 if nothing was found", NULL},
	{0}
};

const struct command command_export = {
	.name = "export",
	.words = "[FILTER]",
	.summary = "rows that meet a filter, for other programs",
	.text = "All rows unless a range of time is given, in no order.  \"flow load\" reads CSV and\n"
	"JSON again, COPY in psql the rest.\n"
	"  flow export -o march.csv --since 2026-03-01 --until 2026-04-01 src net 10.0.0.0/8",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE,
	.run = run
};
