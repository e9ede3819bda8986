#!/bin/sh
# run.sh SCRIPT: runs SCRIPT.sql of this folder on heap tables and then on
# flowstore tables, in a schema of the same name, and compares all that psql
# prints and all tables that are left.  Prints the heap's output and a verdict.
# Called by sql/SCRIPT.sql, which says where the server is.
name=$1
out=$PG_ABS_BUILDDIR/results/$name
dir=$(dirname "$0")

run()
{
	psql -Xa -v ON_ERROR_STOP=0 -v VERBOSITY=default "$@" 2>&1
}

for side in heap flowstore; do
	{
		psql -Xq -v ON_ERROR_STOP=1 -c "SET client_min_messages = warning" \
			-c "DROP SCHEMA IF EXISTS ${name}_$side CASCADE" -c "CREATE SCHEMA $name" 2>&1
		PGOPTIONS="$PGOPTIONS -c search_path=$name -c default_table_access_method=$side" \
			run -f "$dir/$name.sql"
		psql -Xq -v ON_ERROR_STOP=1 -c "ALTER SCHEMA $name RENAME TO ${name}_$side" 2>&1
	} | sed "s/^psql:[^ ]*: //" >"$out.$side"
done
cat "$out.heap"
if diff "$out.heap" "$out.flowstore"; then
	echo "--- flowstore prints the same"
else
	echo "--- flowstore prints something else"
fi
psql -XqAt -v name="$name" <<'SQL'
SELECT format('--- table %s: %s rows, %s in heap only, %s in flowstore only, %s damaged',
	f.relname, d.n, d.heap_only, d.flow_only,
	CASE WHEN a.amname = 'flowstore' THEN (SELECT count(*) FROM flow.check(f.oid)) ELSE 0 END)
FROM pg_class h
JOIN pg_class f ON h.relname = f.relname AND f.relkind = h.relkind
LEFT JOIN pg_am a ON a.oid = f.relam,
LATERAL twin.diff(h.oid, f.oid) d
WHERE h.relnamespace = (:'name' || '_heap')::regnamespace
AND f.relnamespace = (:'name' || '_flowstore')::regnamespace AND h.relkind IN ('r', 'm')
ORDER BY f.relname;
SET client_min_messages = warning;
SELECT format('DROP SCHEMA %I CASCADE', :'name' || '_' || s) FROM unnest('{heap,flowstore}'::text[]) s \gexec
SQL
