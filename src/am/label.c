/*-------------------------------------------------------------------------
 *
 * The text of a security label.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/seclabel.h"
#include "lib/stringinfo.h"

#include "am/label.h"

FsLabelEntry *
fs_label_entry(const char *name, const char *value)
{
	FsLabelEntry *entry = palloc(sizeof(FsLabelEntry));

	entry->name = pstrdup(name);
	entry->value = value == NULL ? NULL : pstrdup(value);
	return entry;
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '.' || c == '+' ||
		c == '-';
}

static const char *
skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* A word at *p; NULL if there is none. */
static char *
take_word(const char **p)
{
	const char *start = *p;

	while (is_word(**p))
		(*p)++;
	return *p == start ? NULL : pnstrdup(start, *p - start);
}

/* A string in quotes at *p; NULL if it does not end. */
static char *
take_string(const char **p)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for ((*p)++; **p != '\0'; (*p)++)
	{
		if (**p == '\'' && *++(*p) != '\'')
			return buf.data;
		appendStringInfoChar(&buf, **p);
	}
	return NULL;
}

bool
fs_label_parse(const char *label, List **entries)
{
	List	   *result = NIL;
	const char *p = skip_blanks(label);

	while (*p != '\0')
	{
		char	   *name = take_word(&p);
		char	   *value;

		p = skip_blanks(p);
		if (name == NULL || *p != '=')
			return false;
		p = skip_blanks(p + 1);
		value = *p == '\'' ? take_string(&p) : take_word(&p);
		if (value == NULL)
			return false;
		result = lappend(result, fs_label_entry(name, value));
		p = skip_blanks(p);
		if (*p == '\0')
			break;
		if (*p != ',')
			return false;
		p = skip_blanks(p + 1);
		if (*p == '\0')
			return false;
	}
	*entries = result;
	return true;
}

static void
append_value(StringInfo buf, const char *value)
{
	const char *p = value;

	while (is_word(*p))
		p++;
	if (*p == '\0' && p > value)
	{
		appendStringInfoString(buf, value);
		return;
	}
	appendStringInfoChar(buf, '\'');
	for (p = value; *p != '\0'; p++)
	{
		if (*p == '\'')
			appendStringInfoChar(buf, '\'');
		appendStringInfoChar(buf, *p);
	}
	appendStringInfoChar(buf, '\'');
}

char *
fs_label_form(List *entries)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, entries)
	{
		FsLabelEntry *entry = lfirst(lc);

		if (buf.len > 0)
			appendStringInfoString(&buf, ", ");
		appendStringInfo(&buf, "%s=", entry->name);
		append_value(&buf, entry->value);
	}
	return buf.data;
}

FsLabelEntry *
fs_label_find(List *entries, const char *name)
{
	ListCell   *lc;

	foreach(lc, entries)
	{
		FsLabelEntry *entry = lfirst(lc);

		if (strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

List *
fs_label_read(Oid relid)
{
	ObjectAddress address;
	char	   *label;
	List	   *entries = NIL;

	ObjectAddressSet(address, RelationRelationId, relid);
	label = GetSecurityLabel(&address, FS_LABEL_PROVIDER);
	if (label != NULL)
		(void) fs_label_parse(label, &entries);
	return entries;
}
