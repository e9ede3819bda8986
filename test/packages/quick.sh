#!/bin/sh
# The Debian packages are built on this host, not optimized, and lintian finds
# nothing to blame; before that, "make install-world" and "uninstall-world".
# run.sh installs, upgrades and purges them.  Writes TAP.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
. "$here/tap.sh"
. "$here/build.sh"

for program in dh lintian pg_buildext; do
	command -v $program >/dev/null || {
		echo "1..0 # skip $program is not installed"
		exit 0
	}
done
dir=$(mktemp -d /var/tmp/flowstore-packages.XXXXXX) || exit 1
trap 'rm -rf "$dir" "$tap_out"' EXIT
trap 'exit 1' HUP INT TERM
tree=$dir/flowstore
mkdir "$tree" && tar -C "$top" -c --exclude=./.git --exclude-vcs-ignores . | tar -C "$tree" -x --no-same-owner || exit 1

"$here/install.sh" >"$dir/install.log"
installed=$?
# its lines are ours, with its numbers
tap_number=$(grep -cE '^(not )?ok ' "$dir/install.log")
grep -vE '^1\.\.' "$dir/install.log"
[ $installed -eq 0 ] || tap_bad=1

options='nocheck noopt'
target=-b
refresh_control "$tree" >/dev/null 2>&1
check 'the packages are built' build_packages "$tree" && look "$dir"
tap_end
