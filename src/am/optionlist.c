/*-------------------------------------------------------------------------
 *
 * The list of table options.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "am/optionlist.h"

#define YEARS(n)	((n) * 365 * USECS_PER_DAY)

const FsOption fs_option_list[FS_OPTION_COUNT] = {
	[FS_OPTION_TIME_COLUMN] = {
		"time_column", FS_OPTION_COLUMNS, 1, 1, 1, NULL, "default",
		"Valid values are the name of a timestamptz or timestamp column, \"none\" and \"default\".",
		"column that says which partition a row belongs to; by default \"ts\", else the first timestamp column"
	},
	[FS_OPTION_PARTITION] = {
		"partition", FS_OPTION_INTERVAL, USECS_PER_MINUTE, YEARS(1),
		USECS_PER_MINUTE, NULL, "1 hour",
		"Valid values are intervals of whole minutes from \"1 minute\" to \"1 year\".",
		"length of a partition; a change holds for what is written from then on"
	},
	[FS_OPTION_ZORDER] = {
		"zorder", FS_OPTION_COLUMNS, 1, FS_ZORDER_MAX, 1, NULL, "default",
		"Valid values are up to four different columns separated by commas, \"none\" and \"default\".",
		"columns by which rows are clustered; by default both endpoints of a conversation"
	},
	[FS_OPTION_BITMAP] = {
		"bitmap", FS_OPTION_COLUMNS, 1, FS_COLUMNS_MAX, 1, NULL, "default",
		"Valid values are up to 32 different columns separated by commas, \"none\" and \"default\".",
		"columns that the partition index covers; by default those that it can"
	},
	[FS_OPTION_RETAIN] = {
		"retain", FS_OPTION_INTERVAL, USECS_PER_MINUTE, YEARS(1000), 1,
		"forever", "forever",
		"Valid values are intervals from \"1 minute\" to \"1000 years\" and \"forever\".",
		"age at which rows are removed"
	},
	[FS_OPTION_MAX_ROWS] = {
		"max_rows", FS_OPTION_NUMBER, 1, INT64CONST(1000000000000000), 1,
		"unlimited", "unlimited",
		"Valid values are between 1 and 1000000000000000, and \"unlimited\".",
		"rows that are kept, the newest"
	},
	[FS_OPTION_SLACK] = {
		"slack", FS_OPTION_NUMBER, 0, INT64CONST(1000000000000000), 1,
		NULL, "default",
		"Valid values are between 0 and 1000000000000000, and \"default\".",
		"rows above max_rows before rows are removed; by default a tenth of max_rows, at least 65536"
	},
	[FS_OPTION_MAX_BYTES] = {
		"max_bytes", FS_OPTION_SIZE, 1, PG_INT64_MAX - 1, 1,
		"unlimited", "unlimited",
		"Valid values are sizes such as \"100 GB\" (B, kB, MB, GB, TB, PB) and \"unlimited\".",
		"size of the table above which the oldest rows are removed"
	},
	[FS_OPTION_MAX_FUTURE] = {
		"max_future", FS_OPTION_INTERVAL, 0, YEARS(1000), 1,
		"unlimited", "unlimited",
		"Valid values are intervals from \"0\" to \"1000 years\" and \"unlimited\".",
		"how far after the present a row may lie"
	},
	[FS_OPTION_FUTURE_ROWS] = {
		"future_rows", FS_OPTION_FUTURE, 0, 1, 1, NULL, "error",
		"Valid values are \"error\" and \"set_aside\".",
		"what becomes of rows beyond max_future: an error, or they are kept outside of all time partitions"
	},
	[FS_OPTION_LATENESS] = {
		"lateness", FS_OPTION_INTERVAL, 0, YEARS(1), 1, NULL, "10 minutes",
		"Valid values are intervals from \"0\" to \"1 year\".",
		"how long after its end a partition is still expected to get rows"
	},
	[FS_OPTION_MERGE] = {
		"merge", FS_OPTION_BOOL, 0, 1, 1, NULL, "on",
		"Valid values are \"on\" and \"off\".",
		"the background worker joins small chunks of this table"
	},
	[FS_OPTION_CLUSTER] = {
		"cluster", FS_OPTION_BOOL, 0, 1, 1, NULL, "on",
		"Valid values are \"on\" and \"off\".",
		"the background worker clusters quiet partitions of this table"
	},
};

const FsOption *
fs_optionlist_lookup(const char *name)
{
	for (int i = 0; i < FS_OPTION_COUNT; i++)
		if (strcmp(fs_option_list[i].name, name) == 0)
			return &fs_option_list[i];
	return NULL;
}

const FsOption *
fs_optionlist_find(const char *name)
{
	const FsOption *option = fs_optionlist_lookup(name);
	StringInfoData names;

	if (option != NULL)
		return option;
	initStringInfo(&names);
	for (int i = 0; i < FS_OPTION_COUNT; i++)
		appendStringInfo(&names, "%s\"%s\"", i == 0 ? "" :
						 i == FS_OPTION_COUNT - 1 ? " and " : ", ",
						 fs_option_list[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized flowstore option \"%s\"", name),
			 errdetail("Valid options are %s.", names.data)));
}

void
fs_optionlist_refuse(const FsOption *option, const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for flowstore option \"%s\": \"%s\"",
					option->name, text),
			 errdetail_internal("%s", option->valid)));
}

bool
fs_optionlist_is_default(const char *text)
{
	return pg_strcasecmp(text, "default") == 0;
}

/* --- numbers ------------------------------------------------------------ */

/* All of PostgreSQL's spellings of an interval, in microseconds. */
static bool
parse_interval(const char *text, int64 *us)
{
	char		work[256];
	char	   *field[MAXDATEFIELDS];
	int			ftype[MAXDATEFIELDS];
	int			nf;
	int			dtype;
	struct pg_itm_in in = {0};
	int			fault;
	int64		days;

	fault = ParseDateTime(text, work, sizeof(work), field, ftype,
						  MAXDATEFIELDS, &nf);
	if (fault == 0)
		fault = DecodeInterval(field, ftype, nf, INTERVAL_FULL_RANGE, &dtype,
							   &in);
	if (fault == DTERR_BAD_FORMAT)
		fault = DecodeISO8601Interval(pstrdup(text), &dtype, &in);
	if (fault != 0 || dtype != DTK_DELTA)
		return false;
	days = (int64) in.tm_year * 365 + (int64) in.tm_mon * 30 + in.tm_mday;
	return !pg_mul_s64_overflow(days, USECS_PER_DAY, us) &&
		!pg_add_s64_overflow(*us, in.tm_usec, us);
}

static bool
parse_digits(const char **p, int64 *number)
{
	const char *start = *p;

	*number = 0;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		if (pg_mul_s64_overflow(*number, 10, number) ||
			pg_add_s64_overflow(*number, **p - '0', number))
			return false;
	return *p > start;
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static bool
parse_number(const char *text, int64 *number)
{
	const char *p = skip_blanks(text);

	return parse_digits(&p, number) && *skip_blanks(p) == '\0';
}

static const struct
{
	const char *name;
	int64		bytes;
}			size_units[] =
{
	{"PB", INT64CONST(1) << 50},
	{"TB", INT64CONST(1) << 40},
	{"GB", INT64CONST(1) << 30},
	{"MB", INT64CONST(1) << 20},
	{"kB", INT64CONST(1) << 10},
	{"B", 1},
	{"bytes", 1},
	{"", 1},
};

static bool
parse_size(const char *text, int64 *bytes)
{
	const char *p = skip_blanks(text);

	if (!parse_digits(&p, bytes))
		return false;
	p = skip_blanks(p);
	for (int i = 0; i < lengthof(size_units); i++)
		if (pg_strcasecmp(p, size_units[i].name) == 0)
			return !pg_mul_s64_overflow(*bytes, size_units[i].bytes, bytes);
	return false;
}

static char *
form_interval(int64 us)
{
	static const struct
	{
		const char *name;
		int64		us;
	}			units[] =
	{
		{"day", USECS_PER_DAY},
		{"hour", USECS_PER_HOUR},
		{"minute", USECS_PER_MINUTE},
		{"second", USECS_PER_SEC},
		{"millisecond", 1000},
		{"microsecond", 1},
	};
	int			i = 0;

	if (us == 0)
		return pstrdup("0");
	while (us % units[i].us != 0)
		i++;
	us /= units[i].us;
	return psprintf(INT64_FORMAT " %s%s", us, units[i].name,
					us == 1 ? "" : "s");
}

static char *
form_size(int64 bytes)
{
	int			i = 0;

	while (bytes % size_units[i].bytes != 0)
		i++;
	return psprintf(INT64_FORMAT " %s", bytes / size_units[i].bytes,
					size_units[i].name);
}

/* --- columns ------------------------------------------------------------ */

static bool
parse_columns(const FsOption *option, const char *text, FsOptionValue *value)
{
	ListCell   *a;

	value->columns = NIL;
	value->choice = FS_COLUMNS_NONE;
	if (pg_strcasecmp(text, "none") == 0)
		return true;
	value->choice = FS_COLUMNS_LISTED;
	if (!SplitIdentifierString(pstrdup(text), ',', &value->columns) ||
		value->columns == NIL || list_length(value->columns) > option->max)
		return false;
	foreach(a, value->columns)
	{
		ListCell   *b;

		for_each_cell(b, value->columns, lnext(value->columns, a))
			if (strcmp(lfirst(a), lfirst(b)) == 0)
				return false;
	}
	return true;
}

static char *
form_columns(const FsOptionValue *value)
{
	StringInfoData buf;
	ListCell   *lc;

	if (value->choice == FS_COLUMNS_NONE)
		return pstrdup("none");
	initStringInfo(&buf);
	foreach(lc, value->columns)
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "",
						 quote_identifier(lfirst(lc)));
	return buf.data;
}

AttrNumber
fs_optionlist_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0)
			return att->attnum;
	}
	return 0;
}

bool
fs_optionlist_is_time(Oid type)
{
	return type == TIMESTAMPTZOID || type == TIMESTAMPOID;
}

/* --- all kinds ---------------------------------------------------------- */

static bool
parse_by_kind(const FsOption *option, const char *text, FsOptionValue *value)
{
	bool		flag = false;

	switch (option->kind)
	{
		case FS_OPTION_INTERVAL:
			return parse_interval(text, &value->number);
		case FS_OPTION_NUMBER:
			return parse_number(text, &value->number);
		case FS_OPTION_SIZE:
			return parse_size(text, &value->number);
		case FS_OPTION_BOOL:
			if (!parse_bool(text, &flag))
				return false;
			value->number = flag;
			return true;
		case FS_OPTION_FUTURE:
			value->number = pg_strcasecmp(text, "error") == 0;
			return value->number == 1 || pg_strcasecmp(text, "set_aside") == 0;
		case FS_OPTION_COLUMNS:
			return parse_columns(option, text, value);
	}
	return false;
}

bool
fs_optionlist_parse(const FsOption *option, const char *text,
					FsOptionValue *value)
{
	if (option->unlimited != NULL && pg_strcasecmp(text, option->unlimited) == 0)
	{
		value->number = FS_UNLIMITED;
		return true;
	}
	if (!parse_by_kind(option, text, value))
		return false;
	return option->kind == FS_OPTION_COLUMNS ||
		(value->number >= option->min && value->number <= option->max &&
		 value->number % option->step == 0);
}

char *
fs_optionlist_form(const FsOption *option, const FsOptionValue *value)
{
	if (option->unlimited != NULL && value->number == FS_UNLIMITED)
		return pstrdup(option->unlimited);
	switch (option->kind)
	{
		case FS_OPTION_INTERVAL:
			return form_interval(value->number);
		case FS_OPTION_NUMBER:
			return psprintf(INT64_FORMAT, value->number);
		case FS_OPTION_SIZE:
			return form_size(value->number);
		case FS_OPTION_BOOL:
			return pstrdup(value->number != 0 ? "on" : "off");
		case FS_OPTION_FUTURE:
			return pstrdup(value->number != 0 ? "error" : "set_aside");
		case FS_OPTION_COLUMNS:
			return form_columns(value);
	}
	return pstrdup("");
}
