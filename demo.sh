#!/bin/sh
# From nothing to a report on a capture, on Debian 12; see usage below.
# All of it happens in a folder of its own under /var/tmp: the source copy that
# is built, PostgreSQL with flowstore, the cluster and its socket.

usage()
{
	cat <<'EOF'
usage: ./demo.sh [CAPTURE.pcap]   build flowstore, load the capture, print a report
       ./demo.sh --stop           stop the demo's server and remove its folder
       ./demo.sh --help

Without a name it reads test/data/demo.pcap, a capture that comes with flowstore.
The only change to the system is the Debian packages that are missing.  The
server keeps running, for a look with psql, until --stop or the next run.
EOF
}

# As "sh demo.sh" from anywhere, or through a link.
top=$(dirname "$(readlink -f "$0")")
from=$(pwd)

. "$top/test/lib/say.sh"
. "$top/test/lib/packages.sh"
. "$top/test/lib/server.sh"

state=$top/.demo-state
server_dir=

# Removes the cluster of an earlier run, if there is one.
stop_earlier()
{
	[ -f "$state" ] || return 1
	earlier=$(sed -n 's/^folder=//p' "$state")
	case $earlier in
	*[!A-Za-z0-9/.-]*) die "$state is damaged; remove it" ;;
	/var/tmp/flowstore-demo.* | /tmp/flowstore-demo.*) ;;
	*) die "$state is damaged; remove it" ;;
	esac
	case ${earlier#*/flowstore-demo.} in
	*/* | *..*) die "$state is damaged; remove it" ;;
	esac
	busy=$(sed -n 's/^process=//p' "$state")
	if [ -n "$busy" ] && grep -qs 'demo\.sh' "/proc/$busy/cmdline"; then
		die "another demo.sh is at work in this tree, process $busy"
	fi
	if [ -d "$earlier" ] && [ ! -L "$earlier" ]; then
		server_remove "$earlier" || exit 1
	fi
	rm -f "$state"
}

# Undoes an unfinished run.
cleanup()
{
	[ -z "$step_pid" ] || kill "$step_pid" 2>/dev/null
	[ -z "$server_dir" ] || server_remove "$server_dir"
	rm -f "$step_log" "$step_log.stats"
	[ -z "$server_dir" ] || ! grep -qsxF "folder=$server_dir" "$state" || rm -f "$state"
}

give_up()
{
	say "The demo ended early; its folder was removed." >&2
	exit 1
}

# --- the steps; see the end of the file for their order

# With $FLOWSTORE_BUILT, a copy of this tree that has been built: that, so that make finds nothing to do.
prepare()
{
	if [ -n "${FLOWSTORE_BUILT-}" ]; then
		as_server_user mkdir "$server_dir/src" &&
			tar -C "$FLOWSTORE_BUILT" -c . | as_server_user tar -C "$server_dir/src" -x --no-same-owner
	else
		server_copy_source "$top" src
	fi && server_install_programs
}

build()
{
	server_make src && server_make src install && server_make src/collector
}

# Loads what can be read.  A capture that breaks off, or whose link type is not
# known, still has its report; only if nothing was stored for another reason is
# this a failure.
load()
{
	collector=$server_dir/src/collector/flowcollectd
	[ -x "$collector" ] || collector=$server_dir/src/collector/build/flowcollectd
	"$collector" -r "$capture" -d "host=$server_dir port=5432 user=postgres dbname=demo" \
		-t flows --stats >"$step_log.stats" 2>&1 && return 0
	remarks
	grep -q '^flowcollectd: link type .* is not supported' "$step_log.stats" && return 0
	[ "$(query -A -t -c 'SELECT count(*) FROM flows' demo)" != 0 ]
}

# Number $1 of the collector's counters.
counter()
{
	sed -n "s/^$1 \([0-9]*\)\$/\1/p" "$step_log.stats"
}

# What else the collector had to say, with the file's name for its path.
remarks()
{
	env path="$capture" awk '
		!/^[a-z0-9_]+ [0-9]+$/ && !/: no IP packets in / && ++n <= 3 {
			sub(/^flowcollectd: /, "")
			folder = path = ENVIRON["path"]
			sub(/[^\/]*$/, "", folder)
			at = index($0, path)
			print (at ? substr($0, 1, at - 1) substr($0, at + length(folder)) : $0)
		}' "$step_log.stats" | fold -s -w 84
}

query()
{
	as_server_user psql -X -q -v ON_ERROR_STOP=1 -h "$server_dir" -U postgres "$@"
}

create()
{
	query -c 'CREATE DATABASE demo' postgres &&
		query -c 'CREATE EXTENSION flowstore' -c "SELECT flow.create_table('flows')" demo
}

# --- what is asked for; in one group, so that an edit of this file cannot
# disturb a run

{
[ $# -le 1 ] || { usage >&2; exit 2; }
case ${1-} in
-h | --help)
	usage
	exit 0
	;;
--stop)
	if stop_earlier; then
		say "The demo's server is stopped and its folder removed."
	else
		say "No demo is running."
	fi
	exit 0
	;;
-*)
	usage >&2
	exit 2
	;;
'')
	capture=$top/test/data/demo.pcap
	;;
/*)
	capture=$1
	;;
*)
	capture=$from/$1
	;;
esac
[ -f "$capture" ] && [ -r "$capture" ] || die "could not read capture \"$capture\""
case $(od -An -tx1 -N4 "$capture" | tr -d ' ') in
a1b2c3d4 | d4c3b2a1 | a1b23c4d | 4d3cb2a1 | a1b2cd34 | 34cdb2a1 | 0a0d0d0a) ;;
*) die "\"$capture\" is neither a pcap nor a pcapng file" ;;
esac

server_clean_environment
cd / || exit 1

say "flowstore demo with ${capture##*/}"
! stop_earlier || say "  stopped the demo that was running"

step_log=$(mktemp) || exit 1
trap cleanup EXIT
trap 'trap "" HUP INT TERM; echo; give_up' HUP INT TERM

# shellcheck disable=SC2086
packages_need $packages_build $packages_server || give_up
server_choose_user
server_make_dir flowstore-demo
printf 'folder=%s\nprocess=%s\n' "$server_dir" $$ >"$state" || die "could not write $state"
[ "$(id -u)" -ne 0 ] || chown --reference="$top" "$state"

step "copying the source and PostgreSQL's programs" prepare || give_up
step "building flowstore and flowcollectd" build || give_up
step "creating and starting a private cluster" server_start \
	"shared_preload_libraries = 'flowstore'" "cluster_name = 'flowstore demo'" \
	'max_connections = 20' || give_up
step "creating the extension and a flow table" create || give_up
step "reading the capture with flowcollectd" load || give_up

query -v capture="${capture##*/}" -v capture_bytes="$(stat -L -c %s "$capture")" \
	-v packets="$(counter packets)" -v non_ip_packets="$(counter non_ip_packets)" \
	-v remarks="$(remarks)" -f - demo <"$top/demo/report.sql" || give_up

# From here on the server stays.
trap - EXIT HUP INT TERM
sed -i '/^process=/d' "$state"
rm -f "$step_log" "$step_log.stats"

cat <<EOF

Look for yourself
  psql -h $server_dir -U postgres demo
      e.g.  SELECT * FROM flows ORDER BY bytes DESC LIMIT 10;
  another capture:  ./demo.sh FILE.pcap
  clean up:         ./demo.sh --stop
EOF

exit
}
