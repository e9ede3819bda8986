#!/bin/sh
# Builds flowstore into a private PostgreSQL and lets sqlsmith loose on it;
# installs the package sqlsmith if it is missing:
#
#	test/differential/sqlsmith.sh [--minutes M] [--seed S] [--keep]
#
# What counts as a failure stands in the head of sqlsmith.pl.
# FLOWSTORE_CFLAGS is passed on to the compiler, -DUSE_ASSERT_CHECKING say.
top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/test/lib/say.sh"
. "$top/test/lib/packages.sh"
. "$top/test/lib/server.sh"

keep=''
case " $* " in
*' --keep '*) keep=1 ;;
esac
step_log=$(mktemp) || exit 1
trap 'rm -f "$step_log"' EXIT
# shellcheck disable=SC2086
packages_need $packages_build $packages_server sqlsmith || exit 1
rm -f "$step_log"
step_log=/dev/null
server_private flowstore-sqlsmith server_make src COPT="${FLOWSTORE_CFLAGS-}" all install
as_server_user perl src/test/differential/sqlsmith.pl "$@"
