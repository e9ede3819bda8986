/*-------------------------------------------------------------------------
 *
 * If this goes, imported values may end up in other columns, or rows.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "import_rows.h"
#include "import_value.h"
#include "tap.h"

/* All rows: names and values joined by bars, nulls as "-", rows by newlines. */
static void
read_all(const char *input, char *to, size_t room)
{
	static struct import_rows rows;
	struct web_buffer out = {.max = room - 1};
	const char *problem = import_rows_open(&rows, input, strlen(input));
	enum import_result result = IMPORT_END;

	if (problem != NULL)
		web_buffer_text(&out, problem);
	for (int i = 0; i < rows.ncolumns; i++)
		web_buffer_print(&out, "%s|", import_rows_name(&rows, i));
	while (problem == NULL && (result = import_rows_next(&rows)) != IMPORT_END)
	{
		web_buffer_text(&out, result == IMPORT_ROW ? "\n" :
						result == IMPORT_BAD_ROW ? "\nbad" : "\ndamaged");
		for (int i = 0; i < rows.ncolumns && result == IMPORT_ROW; i++)
			web_buffer_print(&out, "%s|", rows.cells[i].is_null ? "-" :
							 import_rows_value(&rows, i));
		if (result == IMPORT_DAMAGED)
			break;
	}
	memcpy(to, out.bytes, out.len);
	to[out.len] = '\0';
	web_buffer_free(&out);
	import_rows_close(&rows);
}

static void
reads(const char *input, const char *expected, const char *name)
{
	char		got[4096];

	read_all(input, got, sizeof(got));
	ok(strcmp(got, expected) == 0, name);
	if (strcmp(got, expected) != 0)
		printf("# got %s\n", got);
}

static void
check_files(void)
{
	reads("\xef\xbb\xbf" "a,b\n1,2\n", "a|b|\n1|2|", "CSV with a byte order mark");
	reads("a\tb\r\n1\t\r\n\r\n\"\"\t\"x\"\"\ty\r\nz\"", "a|b|\n1|-|\n|x\"\ty\r\nz|", "TSV with quotes");
	reads(",a\n,\"\"", "|a|\n-||", "an empty text at the end");
	reads("\"a;b\";c\n1;2\n1;2;3\n1\n4;5", "a;b|c|\n1|2|\nbad\nbad\n4|5|", "rows of another length");
	reads("a,b\n\"1,2\n", "a|b|\ndamaged", "a quote without an end");
	reads("", "there are no rows", "nothing");
	reads("[{\"a\": 1, \"b\": \"x\\\"\\n\\u00e9\\ud83d\\ude00\\ud800\"}, {\"b\": null, \"c\": [1, \"]\"]}]",
		  "a|b|c|\n1|x\"\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd|-|\n-|-|[1, \"]\"]|", "a JSON array");
	reads("{\"a\":true}\n{}\n{\"a\":{\"b\":{}}}", "a|\ntrue|\n-|\n{\"b\":{}}|", "JSON lines");
	reads("[{\"a\":1},{\"a\" 2}]", "a|\n1|\ndamaged", "JSON that is damaged");
	reads("[{\"a\":1}", "a|\n1|\ndamaged", "an array without an end");
	reads("[]", "there is no JSON object with a key", "an empty array");
}

static void
check_values(void)
{
	static const struct
	{
		unsigned	oid;
		const char *text;
		bool		fits;
	}			cases[] = {
		{21, "32767", true}, {21, "32768", false}, {23, "-2147483648", true},
		{23, " 1", false}, {23, "", false}, {23, "1.0", false},
		{20, "9223372036854775807", true}, {20, "9223372036854775808", false},
		{701, "1e300", true}, {701, "1e400", false}, {701, "nan", true}, {701, "0x10", false},
		{16, "TRUE", true}, {16, "2", false}, {869, "192.0.2.1/24", true},
		{869, "192.0.2.1/33", false}, {869, "::1", true}, {869, "1.2.3", false},
		{1184, "2026-02-28T23:59:59.123456Z", true}, {1184, "2026-02-29", false},
		{1184, "2024-02-29 00:00+05:30", true}, {1184, "2026-01-01T24:00", false},
		{1082, "2026-01-01", true}, {1082, "2026-01-01 00:00", false},
		{25, "\xff", false}, {25, "", true}, {600, "anything", true}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(import_value_fits(cases[i].oid, cases[i].text, strlen(cases[i].text)) ==
		   cases[i].fits, cases[i].text);
	ok(import_value_guess(GUESS_LONG, "1.5", 3) == GUESS_DOUBLE, "a number with a fraction");
	ok(import_value_guess(GUESS_LONG, "true", 4) == GUESS_TEXT, "nothing in common");
	ok(import_value_guess(GUESS_NOTHING, "2026-01-01", 10) == GUESS_TIMESTAMP, "a date");
}

int
main(void)
{
	check_files();
	check_values();
	return tap_failed;
}
