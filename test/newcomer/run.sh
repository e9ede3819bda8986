#!/bin/sh
# The way of a new user: a fresh Debian 12, README's two commands, then docs/first-exporter.md, command by command, until flows of
# a NetFlow exporter that watches real traffic are seen in SQL, by the command flow, and in the report.  What breaks if this test
# goes is the first hour of everybody.  Not part of check.sh, since it needs root, debootstrap and a Debian mirror:
#
#	test/newcomer/run.sh			some minutes; nothing stays behind
#	test/newcomer/run.sh --whole		with all of ./check.sh, not only suites build and regress
#	test/newcomer/run.sh --page		without README's commands
#	test/newcomer/run.sh --dir DIR		keeps the unpacked release as DIR/bookworm for the next run
#
# FLOWSTORE_MIRROR names the mirror; without it the one that this host's apt uses.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
PATH=$PATH:/usr/sbin:/sbin

. "$top/test/lib/chroot.sh"
. "$here/tap.sh"

fail()
{
	echo "Bail out! $1"
	exit 1
}

# --- README's commands

# A command line of README.md, as root in the checkout; its output goes to $work/output.
readme()
{
	isolated "$root" sh -c "cd /root/flowstore && $1" >"$work/output" 2>&1
	readme_rc=$?
	[ $readme_rc -eq 0 ] || tail -n 60 "$work/output" | sed 's/^/# /'
	return $readme_rc
}

try_readme()
{
	for command in ./demo.sh ./check.sh; do
		is "$(grep -c -F -- "$command" "$top/README.md" | grep -cv '^0$')" 1 "README.md names $command"
	done
	from=$(date +%s)
	readme './demo.sh && ./demo.sh --stop'
	is $? 0 './demo.sh works on a fresh Debian 12'
	is "$(grep -c -e '^Look for yourself' -e 'stopped and its folder removed' "$work/output")" 2 'it prints its report, and cleans up'
	echo "# demo: $(($(date +%s) - from)) s"
	from=$(date +%s)
	readme "./check.sh $suites"
	is $? 0 "./check.sh $suites works on a fresh Debian 12"
	is "$(tail -n 1 "$work/output" | grep -c '^[0-9]* passed, 0 failed')" 1 "it says so: $(tail -n 1 "$work/output")"
	echo "# check: $(($(date +%s) - from)) s"
}

# --- the page

# The commands of page $1, as files NUMBER.sh, or NUMBER-background.sh, of folder $2.
take_commands()
{
	awk -v folder="$2" '
		/^<!-- background -->$/ { kind = "-background" }
		/^```sh$/ { file = sprintf("%s/%02d%s.sh", folder, ++n, kind); inside = 1; next }
		/^```/ { inside = 0; kind = "" }
		inside { print >file }' "$1"
}

# Runs the file $1 in the changeroot; further arguments are what is put before: on MACHINE.
command_of()
{
	command_file=$1
	shift
	"$@" chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		bash -eu -o pipefail -c 'cd /root/flowstore && . "/$0"' "${command_file#"$root/"}"
}

query()
{
	chroot "$root" su postgres -c "psql -XqAt -d net" <<EOF
$1
EOF
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	wait_until=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $wait_until ] || return 1
		sleep 0.5
	done
}

download="src_addr = '203.0.113.2' AND dst_addr = '198.51.100.2' AND src_port = 80 AND proto = 6"
upload="src_addr = '198.51.100.2' AND dst_addr = '203.0.113.2' AND dst_port = 5201 AND proto = 6"

collected()
{
	[ "$(query "SELECT sum(bytes) FILTER (WHERE $download) > 20000000 AND sum(bytes) FILTER (WHERE $upload) > 15000000 FROM flows")" = t ] &&
		[ "$(query 'SELECT count(*) > 0 FROM flow.exporters WHERE records > 0')" = t ]
}

# A command that goes on, and what has to happen before the reader goes on.
start_command()
{
	case $(cat "$1") in
	softflowd*)
		(command_of "$1" on exporter) >"$work/softflowd.log" 2>&1 &
		sleep 1
		network_hum
		network_traffic 20000000 15000000 "$work" || fail 'the traffic did not flow'
		wait_for 180 collected || echo '# it has not come within three minutes'
		;;
	*)
		(command_of "$1") >"$work/background.log" 2>&1 &
		wait_for 30 grep -q '^ *[0-9]*: [0-9A-F]*:0807 ' /proc/net/udp /proc/net/udp6 ||
			fail "nobody listens at port 2055: $(cat "$work/background.log")"
		;;
	esac
}

# Inside of namespaces of its own: the commands from the second on.  The first one is apt-get's, which needs the network outside.
follow_page()
{
	. "$here/network.sh"
	mount -t proc proc /proc && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/dev/shm" &&
		network_make || fail 'could not make the network'
	for file in "$root"/commands/*.sh; do
		case $file in
		*/01.sh) continue ;;
		*-background.sh) start_command "$file" ;;
		*)
			command_of "$file" >"$file.output" 2>&1 || {
				sed 's/^/# /' "$file" "$file.output"
				fail "command ${file##*/} of the page failed"
			}
			;;
		esac
	done

	seconds=$(($(date +%s) - from))
	is "$([ $seconds -le 600 ] && echo yes || echo $seconds)" yes "from the first command of the page to the last: $seconds s, at most 600"
	is "$(query "SELECT address, version FROM flow.exporters")" '192.0.2.1|9' 'the exporter is in flow.exporters'
	is "$(near "$(query "SELECT sum(bytes) FROM flows WHERE $download")" 20700000 30)" yes 'SQL: bytes of the download'
	is "$(near "$(query "SELECT sum(bytes) FROM flows WHERE $upload")" 15500000 30)" yes 'SQL: bytes of the upload'
	is "$(query "SELECT count(*) FROM flows WHERE ts < now() - interval '10 minutes' OR ts > now()")" 0 'SQL: times are of now'
	is "$(cat "$root"/commands/*.output | grep -c '^ *192\.0\.2\.1 *| *9 |')" 1 'what the page shows: the exporter'
	is "$(cat "$root"/commands/*.output | grep -cE '^ *203\.0\.113\.2 *\| *198\.51\.100\.2 *\| *tcp *\| *[0-9]+ *\| *2[0-9]{7} *$')" 1 \
		'what the page shows: the download, first in SQL'
	is "$(cat "$root"/commands/*.output | grep -E '203\.0\.113\.2.*198\.51\.100\.2' | grep -cE '2[01](\.[0-9]+)? ?MB?')" 1 \
		'what the page shows: the download in flow top'
	is "$(grep -c -e '203\.0\.113\.2' "$root/root/flowstore/report.html" | grep -cv '^0$')" 1 'the report has the server'
	is "$(head -c 15 "$root/root/flowstore/report.html")" '<!DOCTYPE html>' 'and is a page'
	[ $bad -eq 0 ] || sed 's/^/# /' "$root"/commands/*.output "$work"/*.log
	echo "$number $bad" >"$work/counts"
}

# --- arguments, and the order of it all

dir='' suites='build regress' parts='readme page'
while [ $# -gt 0 ]; do
	case $1 in
	--dir)
		dir=$(readlink -m "${2:?--dir needs a folder}")
		shift
		;;
	--whole) suites='' ;;
	--page) parts=page ;;
	--inside)
		root=$2/root work=$2 number=$3 from=$4
		follow_page
		exit
		;;
	*)
		sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
		exit 2
		;;
	esac
	shift
done

[ "$(id -u)" -eq 0 ] || {
	echo '1..0 # skip a changeroot needs root'
	exit 0
}
for program in debootstrap curl iperf3 ping ip nsenter; do
	command -v $program >/dev/null || {
		echo "1..0 # skip $program is not installed"
		exit 0
	}
done

umask 022
child='' work=''
cleanup()
{
	# the first process of the namespaces takes all others with it
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null
	[ -z "$work" ] || rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
work=$(mktemp -d /var/tmp/flowstore-newcomer.XXXXXX) || exit 1
chmod 755 "$work"
root=$work/root
fresh=${dir:-$work}/bookworm
mkdir -p "${fresh%/*}"
[ -e "$fresh/.bootstrapped" ] || bootstrap bookworm "$fresh" >"$work/bootstrap.log" 2>&1 || {
	tail -n 20 "$work/bootstrap.log"
	fail 'could not make a fresh Debian 12'
}
if [ -n "$dir" ]; then
	cp -a "$fresh" "$root"
else
	mv "$fresh" "$root"
fi
sources bookworm >"$root/etc/apt/sources.list"
mkdir "$root/root/flowstore" "$root/commands"
tar -C "$top" -c --exclude=./.git --exclude-vcs-ignores . | tar -C "$root/root/flowstore" -x --no-same-owner || exit 1

case $parts in
*readme*) try_readme ;;
esac

take_commands "$top/docs/first-exporter.md" "$root/commands"
from=$(date +%s)
isolated "$root" bash -eu -o pipefail -c 'cd /root/flowstore && . /commands/01.sh' >"$work/install.log" 2>&1
is $? 0 "the page's first command installs what is needed"
[ $bad -eq 0 ] || { tail -n 60 "$work/install.log" | sed 's/^/# /'; fail 'nothing is installed'; }
echo "# installed after $(($(date +%s) - from)) s"
unshare --mount --pid --fork --kill-child --net sh "$0" --inside "$work" "$number" "$from" </dev/null &
child=$!
wait $child
child=
[ -e "$work/counts" ] || exit 1
read -r number inside_bad <"$work/counts"
echo "1..$number"
exit $((bad | inside_bad))
