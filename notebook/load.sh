#!/bin/sh
# The day that outliers.ipynb looks at: makes a database with 600,000 made-up flows and the attacks that are planted in them.

usage()
{
	cat <<'EOF'
usage: notebook/load.sh [DATABASE]

Creates DATABASE (default flow_example) on the server that PGHOST, PGPORT and
PGUSER name, with extension flowstore, table "flows" and table "planted".
EOF
}

here=$(dirname "$(readlink -f "$0")")
gen=$here/../test/gen
groups=tls,dns,http,payload

case ${1-} in
-h | --help)
	usage
	exit 0
	;;
-*)
	usage >&2
	exit 2
	;;
esac
[ $# -le 1 ] || { usage >&2; exit 2; }
database=${1:-flow_example}

# From here on psql, without the settings of whoever calls.
run()
{
	PGDATABASE=$database PGOPTIONS='-c client_min_messages=warning -c timezone=UTC' psql -Xq -v ON_ERROR_STOP=1 "$@"
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

[ -x "$gen/flowgen" ] || make -s -C "$gen" flowgen || exit 1
psql -Xq -v ON_ERROR_STOP=1 -v name="$database" -d postgres <<'EOF' || exit 1
CREATE DATABASE :"name";
EOF

fill()
{
	columns=$("$gen/flowgen" --ddl --groups $groups | tr -d , | awk '{ printf "%s%s", comma, $1; comma = ", " }') || return 1
	run -o /dev/null -c 'CREATE EXTENSION flowstore' -c "SELECT flow.create_table('flows', '{$groups}')" -c "
		CREATE TABLE planted (kind text, src inet, dst inet, port text, since timestamptz, until timestamptz, flows bigint)" || return 1
	"$gen/flowgen" -n 600000 --start '2026-03-02 00:00:00+00' --attacks all --groups $groups --labels "$work/planted" |
		run -c "\\copy flows ($columns) FROM STDIN" || return 1
	run -o /dev/null -c "\\copy planted FROM '$work/planted' (HEADER)" -c "SELECT flow.optimize('flows')" -c ANALYZE
}

if ! fill; then
	psql -Xq -v name="$database" -d postgres <<'EOF'
DROP DATABASE :"name";
EOF
	exit 1
fi
echo "Database $database has $(run -At -c 'SELECT count(*) FROM flows') flows, $(run -At -c 'SELECT count(*) FROM planted') attacks."
