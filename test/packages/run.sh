#!/bin/sh
# The Debian packages from source to purge, in a Debian of their own.  Not part of
# check.sh, since it needs root, debootstrap, a Debian mirror, 4 GB and ten minutes
# (quick.sh is: it builds them on this host, and asks lintian):
#
#	test/packages/run.sh			on Debian 12
#	test/packages/run.sh --suite trixie	on another release, with its PostgreSQL
#	test/packages/run.sh --dir DIR		keeps DIR/build-SUITE for the next run
#
# One changeroot builds them, with the regression tests, twice, and a next version.
# Another becomes a machine with systemd (machine.sh) on which they are installed,
# run, upgraded, removed and purged.  What docs/installation.md tells root to do is
# done there.  FLOWSTORE_MIRROR names the mirror; without it the host's is used.
#
# Writes TAP.  When it ends, however it ends, its processes, mounts and control
# group are gone.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")

. "$top/test/lib/chroot.sh"
. "$here/tap.sh"
. "$here/machine.sh"

# fresh DIR: a release with nothing in it but what every Debian has, the sources of packages, and the tree
fresh()
{
	if [ ! -e "$1/.bootstrapped" ]; then
		[ ! -e "$1" ] || {
			echo "$1 exists, and is not a changeroot of a former run"
			return 1
		}
		bootstrap "$suite" "$1" || return 1
	fi
	sources "$suite" >"$1/etc/apt/sources.list"
	cp -L /etc/resolv.conf "$1/etc/" 2>/dev/null
	mkdir -p "$1/var/tmp/flowstore/source" && tar -C "$top" -c --exclude=./.git --exclude-vcs-ignores . |
		tar -C "$1/var/tmp/flowstore/source" -x --no-same-owner
}

# What the packages need is there before they are, with a service manager and an exporter.
furnish()
{
	# shellcheck disable=SC2016
	isolated "$machine" sh -euxc '
		export DEBIAN_FRONTEND=noninteractive
		cd /var/tmp/flowstore/1
		ours=$(ls *.deb | grep -v -- -dbgsym)
		names=$(echo "$ours" | sed "s/_.*//")
		apt-get -q update
		apt-get -s install --no-install-recommends $(echo "$ours" | sed "s|^|./|") |
			sed -n "s/^Inst \([^ ]*\) .*/\1/p" | grep -vxF "$names" >../needed
		apt-get -q -y install --no-install-recommends $(cat ../needed) systemd dbus iproute2 procps softflowd man-db
		apt-get clean
		rm /usr/sbin/policy-rc.d
		systemctl disable softflowd 2>/dev/null || true
		for package in $ours; do dpkg-deb -f "$package" Package; done |
			sed -n "s/^postgresql-\([0-9]*\)-flowstore/major=\1/p" >../settings
		. ../settings
		# the host may have used this port while the cluster was created
		pg_conftool "$major" main set port 5432'
}

# counted FILE: goes on with the number of a script that ran elsewhere
counted()
{
	if read -r tap_number counted_bad 2>/dev/null <"$1"; then
		[ "$counted_bad" -eq 0 ] || tap_bad=1
		return "$counted_bad"
	fi
	check "$2 came to its end" false
}

dir='' suite=bookworm
while [ $# -gt 0 ]; do
	case $1 in
	--dir)
		dir=$(readlink -m "${2:?--dir needs a folder}")
		shift
		;;
	--suite)
		suite=${2:?--suite needs a release of Debian}
		shift
		;;
	*)
		sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
		exit 2
		;;
	esac
	shift
done
changeroots_need

umask 022
made='' log='' child='' machine=''
cleanup()
{
	machine_stop
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null
	rm -f "$log" "$log.machine" "$tap_out"
	[ -z "$machine" ] || rm -rf --one-file-system "$machine"
	[ -z "$made" ] || rm -rf --one-file-system "$made"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$dir" ]; then
	made=$(mktemp -d /var/tmp/flowstore-packages.XXXXXX) || exit 1
	chmod 755 "$made"
	dir=$made
fi
mkdir -p "$dir" || exit 1
log=$(mktemp) || exit 1
build=$dir/build-$suite
[ ! -e "$dir/machine-$suite" ] || {
	echo "$dir/machine-$suite exists" >&2
	exit 1
}
machine=$dir/machine-$suite

rm -rf "$build/var/tmp/flowstore"
if check "a fresh $suite for the build" fresh "$build"; then
	isolated "$build" sh /var/tmp/flowstore/source/test/packages/build_inside.sh "$tap_number"
	counted "$build/var/tmp/flowstore/tap" 'the build'
fi
if [ -f "$build/var/tmp/flowstore/2/Packages" ] && check "a fresh $suite for the packages" fresh "$machine"; then
	cp -a "$build/var/tmp/flowstore/1" "$build/var/tmp/flowstore/2" "$machine/var/tmp/flowstore/"
	rm -rf "$machine/var/tmp/flowstore/1/flowstore" "$machine/var/tmp/flowstore/2/flowstore"
	if check 'it has what they need' furnish && check 'it starts' machine_start "$machine"; then
		enter sh /var/tmp/flowstore/source/test/packages/life_inside.sh "$tap_number" </dev/null
		counted "$machine/var/tmp/flowstore/tap" 'the life of the packages'
	fi
fi
tap_end
