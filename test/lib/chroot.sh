# Changeroots: a Debian release of its own in a folder.  Sourced; uses http_proxy;
# sets child while a command runs.

# Ends the script, as a test that is skipped, where there can be none.
changeroots_need()
{
	[ "$(id -u)" -eq 0 ] || {
		echo "1..0 # skip changeroots need root"
		exit 0
	}
	command -v debootstrap >/dev/null || {
		echo "1..0 # skip debootstrap is not installed"
		exit 0
	}
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

# sources SUITE: lines for sources.list, with the updates and security fixes that this host's apt has of it
sources()
{
	sources_host=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk -v suite="$1" '$3 == "main" && ($2 == suite || index($2, suite "-") == 1) { print "deb " $1, $2, $3 }')
	if [ -n "${FLOWSTORE_MIRROR-}" ] || [ -z "$sources_host" ]; then
		echo "deb $(mirror) $1 main"
	else
		echo "$sources_host"
	fi
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
