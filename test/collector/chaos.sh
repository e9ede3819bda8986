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

build()
{
	server_make src all install && server_make src/collector SANITIZE=1
}

keep=''
case " $* " in
*' --keep '*) keep=1 ;;
esac
server_private flowcollectd-chaos build
as_server_user perl src/test/collector/chaos.pl --flowcollectd "$server_dir/src/collector/build-sanitize/flowcollectd" "$@"
