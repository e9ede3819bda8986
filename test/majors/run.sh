#!/bin/sh
# Builds and tests the extension on the newer majors of PostgreSQL, each in a
# changeroot of the Debian release that packages it.  Not part of check.sh,
# since it needs root, debootstrap, a Debian mirror and 2.5 GB a major:
#
#	test/majors/run.sh			17 and 18, minutes each; nothing stays behind
#	test/majors/run.sh --dir DIR 17		keeps DIR/chroot-trixie for the next run
#	test/majors/run.sh --tap 18		with test/t, some minutes more
#
# One line a major: "ok 1 - PostgreSQL 17" or "not ok 1 - PostgreSQL 17: what
# failed", then the log of that.  FLOWSTORE_MIRROR names the mirror; without
# it the one that this host's apt uses, if that is a Debian.
#
# There is no changeroot for 16, which no Debian release packages.
#
# What happens in a changeroot is inside.sh.  It runs in namespaces of its own:
# when it ends, however it ends, its processes and mounts are gone.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")

. "$top/test/lib/chroot.sh"
. "$here/chroot.sh"

# one_major NUMBER: 0 or a message on $failed
one_major()
{
	failed='bootstrap'
	prepare_root "$1" || return 1
	isolated "$root" sh /var/tmp/flowstore/test/majors/inside.sh "$1" $tap
	one_rc=$?
	failed=$(paste -sd, "$copy/failed" 2>/dev/null | grep . || echo 'did not come to its end')
	return $one_rc
}

dir='' majors='' tap=''
while [ $# -gt 0 ]; do
	case $1 in
	--dir)
		dir=$(readlink -m "${2:?--dir needs a folder}")
		shift
		;;
	--tap) tap=tap ;;
	17 | 18) majors="$majors $1" ;;
	*)
		sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
		exit 2
		;;
	esac
	shift
done
changeroots_need

umask 022
made='' log='' child=''
cleanup()
{
	# the first process of the namespaces takes all others with it
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null
	rm -f "$log" "$log.bootstrap"
	[ -z "$made" ] || rm -rf --one-file-system "$made"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$dir" ]; then
	made=$(mktemp -d /var/tmp/flowstore-majors.XXXXXX) || exit 1
	chmod 755 "$made"
	dir=$made
fi
mkdir -p "$dir" || exit 1
log=$(mktemp) || exit 1

number=0 bad=0
for major in ${majors:-17 18}; do
	number=$((number + 1))
	if one_major "$major" >"$log" 2>&1; then
		echo "ok $number - PostgreSQL $major"
	else
		echo "not ok $number - PostgreSQL $major: $failed"
		bad=1
		tail -n 400 "$log" | cut -c1-300 | sed 's/^/# /'
	fi
	[ -z "$made" ] || rm -rf --one-file-system "$root"
done
echo "1..$number"
exit $bad
