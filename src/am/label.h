/*-------------------------------------------------------------------------
 *
 * The text of a security label: "name=value, name='a value'".
 *
 * A value is a word of letters, digits and "_.+-", or a string in single
 * quotes, in which a quote is doubled.  Blanks around names and values do not
 * count.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_LABEL_H
#define FS_AM_LABEL_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Name of the label provider, and of the namespace in WITH and SET. */
#define FS_LABEL_PROVIDER	"flowstore"

typedef struct FsLabelEntry
{
	char	   *name;
	char	   *value;			/* NULL in a list of changes: the default */
} FsLabelEntry;

extern FsLabelEntry *fs_label_entry(const char *name, const char *value);

/*
 * The entries of a label, in its order.  Returns false and leaves *entries
 * untouched if the text is malformed.  Names are not looked up.
 */
extern bool fs_label_parse(const char *label, List **entries);

/* The label of entries that all have a value; cannot fail. */
extern char *fs_label_form(List *entries);

/* The entry of that name, or NULL. */
extern FsLabelEntry *fs_label_find(List *entries, const char *name);

/* The entries of a table's label; NIL if it has none or it is malformed. */
extern List *fs_label_read(Oid relid);

#endif							/* FS_AM_LABEL_H */
