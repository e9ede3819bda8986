#!/bin/sh
# Builds flowstore into a private PostgreSQL, as check.sh does, and runs one of
# the programs of this folder there as a user who is not root:
#
#	test/torture/run.sh crash [--rounds N] [--minutes M] [--seed S] ...
#	test/torture/run.sh bitflip [--flips N] [--seed S] ...
#
# What the programs do and which options they take stands in their heads.
# FLOWSTORE_CFLAGS is passed on to the compiler, -DUSE_ASSERT_CHECKING say.
top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

case ${1-} in
crash | bitflip) ;;
*)
	sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
program=$1
shift

keep=''
case " $* " in
*' --keep '*) keep=1 ;;
esac
server_private flowstore-torture server_make src COPT="${FLOWSTORE_CFLAGS-}" all install
as_server_user perl "src/test/torture/$program.pl" "$@"
