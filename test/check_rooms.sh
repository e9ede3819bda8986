#!/bin/sh
# A room does not speak words of the rooms above it; comments may.
cd "$(dirname "$0")/../src" || exit 2
bad=0

# silent WORDS ROOM...: none of the words occurs in the code of the rooms
silent()
{
	words=$1
	shift
	for room; do
		ls "$room"/*.[ch] >/dev/null 2>&1 || continue
		awk -f ../test/lib/code.awk "$room"/*.[ch] |
			grep -E "^[^:]*:[0-9]+(:|:.*[^A-Za-z0-9_])($words)([^A-Za-z0-9_]|\$)" && bad=1
	done
}

silent 'Relation|Buffer|Datum|Oid' format vector
silent 'ereport|elog|palloc|palloc0|pfree' format vector
silent 'Snapshot|TupleTableSlot' format vector store
silent 'PlannerInfo|RelOptInfo' format vector store directory am maintain prune
silent 'PG_FUNCTION_INFO_V1' format vector store directory maintain prune exec

# differences between majors have two homes
awk -f ../test/lib/code.awk ./*.[ch] ./*/*.[ch] 2>/dev/null |
	grep 'PG_VERSION_NUM' | grep -vE '^\./(compat\.h|am/handler\.c):' && bad=1

[ $bad -eq 0 ] || echo "these words belong to another room; see src/README.md" >&2
exit $bad
