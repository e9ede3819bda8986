#!/bin/bash
# The command flow, built with sanitizers, against a real server with generated flows.  TAP.
#
#	run.sh [PART]...	parts: see all_parts below; all of them if none is given
#
# With PGHOST set it makes databases of its own on that server, and drops them; else it makes a private server first.

all_parts='answers forms odd terminal usage connect hostile tail transfer health'

here=$(cd "$(dirname "$0")" && pwd) || exit 2
top=$(cd "$here/../.." && pwd) || exit 2

if [ -z "${PGHOST:-}" ]; then
	. "$top/test/lib/say.sh"
	. "$top/test/lib/server.sh"
	build_all()
	{
		server_make src && server_make src install && server_make src/collector && server_make src/test/gen
	}
	server_private flow-cli build_all
	server_start "shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' >start.log 2>&1 ||
		die "could not start a server: $(tail -n 5 start.log)"
	as_server_user env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres PG_CONFIG="$server_dir$pg_system/bin/pg_config" \
		bash src/test/cli/run.sh "$@" </dev/null
	exit
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/flow-test.XXXXXX") || exit 2
database=flow_cli_$$
export LC_ALL=C.UTF-8 TZ=UTC PGDATABASE="$database" PGTZ=UTC PGOPTIONS='-c client_min_messages=warning'
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
unset COLUMNS NO_COLOR PGSERVICE PGPASSWORD
leave()
{
	for name in "$database" "$database"_files; do
		psql -Xqd postgres -c "DROP DATABASE IF EXISTS $name WITH (FORCE)" 2>/dev/null
	done
	rm -rf "$tmp"
}
trap leave EXIT
trap 'exit 2' INT TERM

prepare()
{
	make -s -C "$top/cli" SANITIZE=1 BUILD="$tmp/build" &&
		make -s -C "$top/collector" &&
		make -s -C "$top/test/gen" flowgen &&
		ln -s "$top/collector/build/flowcollectd" "$tmp/build/flowcollectd" || return 1
	psql -Xqd postgres -c "CREATE DATABASE $database" -c "CREATE DATABASE ${database}_files" || return 1
	groups=tls,dns,http,payload
	columns=$("$top/test/gen/flowgen" --ddl --groups "$groups" | sed 's/^[[:blank:]]*//; s/ .*//' | paste -sd ,)
	psql -Xqv ON_ERROR_STOP=1 -d "${database}_files" -c 'CREATE EXTENSION flowstore' >/dev/null || return 1
	psql -Xqv ON_ERROR_STOP=1 -c 'CREATE EXTENSION flowstore' \
		-c "SELECT flow.create_table('flows', '{tls,dns,http,payload}')" >/dev/null || return 1
	"$top/test/gen/flowgen" -n 60000 --groups "$groups" --attacks all --start '2026-03-01 00:00:00+00' |
		psql -Xqv ON_ERROR_STOP=1 -c "COPY flows ($columns) FROM STDIN" || return 1
}

if ! prepare >"$tmp/prepare.log" 2>&1; then
	echo "not ok 1 - the command is built with sanitizers, and flows are generated"
	sed 's/^/# /' "$tmp/prepare.log" | tail -n 40
	echo 1..1
	exit 1
fi
echo "ok 1 - the command is built with sanitizers, and flows are generated"
export FLOW="$tmp/build/flow" FLOW_TMP="$tmp" FLOW_TOP="$top"
number=1
failed=0
for part in ${*:-$all_parts}; do
	perl -I"$here" "$here/$part.pl" >"$tmp/$part.tap" 2>&1
	status=$?
	# the plan of a part becomes part of the whole
	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			number=$((number + 1))
			printf '%s\n' "$line" | sed -E "s/^((not )?ok) [0-9]+ -/\\1 $number - $part:/"
			case $line in not*) failed=1 ;; esac
			;;
		1..*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$tmp/$part.tap"
	if [ $status -ne 0 ] || ! grep -q '^1\.\.[1-9]' "$tmp/$part.tap"; then
		number=$((number + 1))
		failed=1
		echo "not ok $number - $part: came to its end (status $status)"
	fi
done
echo "1..$number"
exit $failed
