#!/bin/sh
# The dashboards without Grafana: expands what they ask as the data source would, asks a database of generated flows, as a
# role of flow.create_reader, and looks at what comes back and how long it took.  main.pl has the options; TAP.
# Uses the server that PGHOST names, or else one of its own in a temporary folder.
top=$(dirname "$(readlink -f "$0")")/../..
top=$(readlink -f "$top")

. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

build_and_start()
{
	server_make src && server_make src install && server_make src/test/gen &&
		server_start "shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' 'max_worker_processes = 16' \
			'shared_buffers = 512MB'
}

if [ -n "$PGHOST" ]; then
	[ -x "$top/test/gen/flowgen" ] || make -s -C "$top/test/gen" >&2 || exit 1
	exec /usr/bin/perl "$top/test/grafana/main.pl" "$@"
fi
server_private grafana build_and_start
as_server_user env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres /usr/bin/perl "$server_dir/src/test/grafana/main.pl" "$@"
