#!/bin/sh
# The newer majors of PostgreSQL in one command: the regression and isolation
# tests on 17 and 18, and pg_upgrade from 15 to 17 to 18.  Needs root,
# debootstrap, a Debian mirror and 5 GB; with --dir the changeroots stay:
#
#	test/majors.sh [--dir DIR]
#
# The two parts are majors/run.sh and majors/upgrade.sh.
here=$(dirname "$(readlink -f "$0")")
case ${1-} in
'') dir=$(mktemp -d /var/tmp/flowstore-majors.XXXXXX) && chmod 755 "$dir" || exit 1
	trap 'rm -rf --one-file-system "$dir"' EXIT
	trap 'exit 1' HUP INT TERM ;;
--dir) dir=$(readlink -m "${2:?--dir needs a folder}") ;;
*)
	sed -n '2,9s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
bad=0
sh "$here/majors/run.sh" --dir "$dir" || bad=1
sh "$here/majors/upgrade.sh" --dir "$dir" || bad=1
exit $bad
