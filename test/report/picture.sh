#!/bin/bash
# Makes the pictures of docs/img that show a report: a million generated flows of two days with attacks, the report of the second
# day, drawn by Chromium.  Uses the server that PGHOST names, or one of its own.  Needs the packages chromium and pngquant.

top=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd) || exit 2
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

for program in chromium pngquant /usr/bin/python3; do
	command -v "$program" >/dev/null || die "the program $program is not installed"
done

build()
{
	server_make src all && server_make src install && server_make src/cli all && server_make src/test/gen all
}

if [ -z "${PGHOST-}" ]; then
	target=$top/docs/img
	mkdir -p "$target" || exit 1
	server_private flowstore-picture build
	server_start "shared_preload_libraries = 'flowstore'" >start.log 2>&1 || exit 1
	as_server_user env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres FLOW_PICTURE_DATABASE=net bash "$server_dir/src/test/report/picture.sh" || exit 1
	cp "$server_dir"/src/docs/img/report*.png "$target"
	exit
fi

make -s -C "$top/cli" all && make -s -C "$top/test/gen" all || exit 1
home=$(mktemp -d "${TMPDIR:-/tmp}/flow-picture.XXXXXX") || exit 1
database=${FLOW_PICTURE_DATABASE:-flow_picture_$$}
export PYTHONDONTWRITEBYTECODE=1
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)"; rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
psql -Xqd postgres -c "CREATE DATABASE $database" || exit 1
export PGDATABASE=$database

words='--groups tls,dns,http,payload --attacks all'
# shellcheck disable=SC2086
columns=$("$top/test/gen/flowgen" --ddl $words | awk '{ printf "%s%s", (NR > 1 ? "," : ""), $1 }')
psql -Xq -v ON_ERROR_STOP=1 -o "$home/made" -c 'CREATE EXTENSION flowstore' \
	-c "SELECT FROM flow.create_table('flows', '{tls,dns,http,payload}')" || exit 1
# shellcheck disable=SC2086
"$top/test/gen/flowgen" -n 1000000 --hours 48 --start '2026-03-01 00:00:00+00' $words |
	psql -Xq -v ON_ERROR_STOP=1 -c "\copy flows ($columns) FROM STDIN" || exit 1
psql -Xq -c "SELECT count(*) FROM flow.optimize('flows')" -c 'VACUUM ANALYZE flows' >"$home/optimize" || exit 1
"$top/cli/build/flow" report --since '2026-03-02 00:00+00' --until '2026-03-03 00:00+00' --zone UTC --title 'Campus edge' \
	-o "$home/report.html" || exit 1

mkdir -p "$top/docs/img" && HOME=$home /usr/bin/python3 "$top/test/report/picture.py" "$home/report.html" "$home" || exit 1
for picture in report report-findings report-matrix; do
	pngquant --force --speed 1 --strip --output "$top/docs/img/$picture.png" 64 "$home/$picture.png" || exit 1
done
