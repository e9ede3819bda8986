#!/bin/bash
# flow report: its numbers against SQL on a heap table, its form, and what a browser makes of it.
# Uses the server that PGHOST names, or one of its own.  Screenshots are left in test/report/results, or in the folder that
# FLOWSTORE_ARTEFACTS names.

top=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd) || exit 2
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

build()
{
	server_make src all && server_make src install && server_make src/cli all && server_make src/test/gen all
}

artefacts=${FLOWSTORE_ARTEFACTS:-$top/test/report/results}
[ -x /usr/bin/python3 ] || {
	echo '1..0 # skip /usr/bin/python3 is not installed'
	exit 0
}
if [ -z "${PGHOST-}" ]; then
	server_private flowstore-report build
	server_start "shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' >start.log 2>&1 || exit 1
	as_server_user env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres FLOWSTORE_ARTEFACTS="$server_dir/artefacts" \
		bash "$server_dir/src/test/report/run.sh"
	rc=$?
	mkdir -p "$artefacts" && cp "$server_dir"/artefacts/* "$artefacts"
	exit $rc
fi

make -s -C "$top/cli" all >&2 && make -s -C "$top/cli" SANITIZE=1 all >&2 && make -s -C "$top/test/gen" all >&2 || exit 2
home=$(mktemp -d "${TMPDIR:-/tmp}/flow-report.XXXXXX") || exit 2
database=flow_report_$$
export PGOPTIONS='-c client_min_messages=warning'
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP ROLE IF EXISTS ${database}_reader"; rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
psql -Xqd postgres -c "CREATE DATABASE $database" || exit 2
mkdir -p "$artefacts"

export FLOW=$top/cli/build/flow FLOW_SANITIZED=$top/cli/build-sanitize/flow FLOWGEN=$top/test/gen/flowgen
export PGDATABASE=$database FLOWSTORE_ARTEFACTS=$artefacts HOME=$home PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 "$top/test/report/check.py" "$@"
