#!/bin/sh
# Minutes of kills and cuts, then each record that was sent must be in the table once:
#
#	test/collector/chaos.sh [--minutes N] [--seed S] [--rate DATAGRAMS/s] [--full drop|refuse] [--keep]
#
# Builds the extension and the collector, with sanitizers, into a private PostgreSQL, and runs chaos.pl there as a user who is not
# root.
top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

cleanup()
{
	[ -z "$server_dir" ] || [ -n "$keep" ] || rm -rf "$server_dir"
}

server_dir='' keep=''
case " $* " in
*' --keep '*) keep=1 ;;
esac
server_clean_environment
server_choose_user
cd / || exit 1
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
server_make_dir flowcollectd-chaos
log=$server_dir/build.log
{
	server_copy_source "$top" src && server_install_programs &&
		server_make src all install && server_make src/collector SANITIZE=1
} >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	exit 1
}
cd "$server_dir" || exit 1
as_server_user perl src/test/collector/chaos.pl --flowcollectd "$server_dir/src/collector/build-sanitize/flowcollectd" "$@"
