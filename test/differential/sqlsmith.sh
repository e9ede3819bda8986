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

cleanup()
{
	[ -z "$server_dir" ] || [ -n "$keep" ] || rm -rf "$server_dir"
}

server_dir='' keep=''
case " $* " in
*' --keep '*) keep=1 ;;
esac
server_clean_environment
cd / || exit 1
step_log=$(mktemp) || exit 1
trap 'cleanup; rm -f "$step_log"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2086
packages_need $packages_build $packages_server sqlsmith || exit 1
server_choose_user
server_make_dir flowstore-sqlsmith
log=$server_dir/build.log
{
	server_copy_source "$top" src && server_install_programs &&
		server_make src COPT="${FLOWSTORE_CFLAGS-}" all install
} >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	exit 1
}
cd "$server_dir" || exit 1
as_server_user perl src/test/differential/sqlsmith.pl "$@"
