# Changeroots of the Debian releases that package newer majors.  Sourced; uses
# top, dir and log; sets child while a command runs.

suite_of()
{
	case $1 in
	17) echo trixie ;;
	18) echo forky ;;
	*) return 1 ;;
	esac
}

mirror()
{
	if [ -n "${FLOWSTORE_MIRROR-}" ]; then
		echo "$FLOWSTORE_MIRROR"
		return
	fi
	# apt lists a repository once for each of its components
	mirror_uri=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		grep -vE 'security|updates|backports' | sed -n '1s/ .*//p')
	echo "${mirror_uri:-http://deb.debian.org/debian}"
}

# bootstrap SUITE DIR: unpacks a release that has nothing of PostgreSQL yet
bootstrap()
{
	bootstrap_script=/usr/share/debootstrap/scripts/$1
	# an old debootstrap does not know a new release, but they are all alike
	[ -e "$bootstrap_script" ] || bootstrap_script=/usr/share/debootstrap/scripts/sid
	debootstrap --variant=minbase --include=ca-certificates \
		"$1" "$2" "$(mirror)" "$bootstrap_script" || return 1
	printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d" &&
		chmod 755 "$2/usr/sbin/policy-rc.d" && touch "$2/.bootstrapped"
}

# isolated DIR COMMAND...: runs it in the changeroot
isolated()
{
	isolated_dir=$1
	shift
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child sh -c '
		dir=$1
		shift
		mkdir -p "$dir/dev/shm" &&
			mount -t proc proc "$dir/proc" &&
			mount -t tmpfs tmpfs "$dir/dev/shm" || exit 1
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			${http_proxy:+http_proxy="$http_proxy"} chroot "$dir" "$@"
	' sh "$isolated_dir" "$@" </dev/null &
	child=$!
	wait $child
	isolated_rc=$?
	child=
	return $isolated_rc
}

# prepare_root MAJOR: sets root and copy; unpacks the release if need be, and
# puts the source tree into it
prepare_root()
{
	root=$dir/chroot-$(suite_of "$1")
	copy=$root/var/tmp/flowstore
	if [ ! -e "$root/.bootstrapped" ]; then
		[ ! -e "$root" ] || {
			echo "$root exists, and is not a changeroot of a former run"
			return 1
		}
		bootstrap "$(suite_of "$1")" "$root" >"$log.bootstrap" 2>&1 || {
			tail -n 50 "$log.bootstrap"
			return 1
		}
	fi
	cp -L /etc/resolv.conf "$root/etc/" 2>/dev/null
	rm -rf "$copy"
	mkdir -p "$copy" &&
		tar -C "$top" -c --exclude=./.git --exclude-vcs-ignores . |
		tar -C "$copy" -x --no-same-owner
}
