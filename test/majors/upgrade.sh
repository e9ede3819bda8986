#!/bin/sh
# pg_upgrade from 15 to 17 to 18, with --copy and with --link: tables, their
# options and every answer survive.  Needs what run.sh needs:
#
#	test/majors/upgrade.sh			makes the changeroots, and removes them
#	test/majors/upgrade.sh --dir DIR	uses and keeps those of run.sh --dir
#
# pg_upgrade wants the programs of both majors on one machine, which no Debian
# release has.  PostgreSQL's programs find their files relative to themselves,
# and a newer C library runs older programs.  So all happens in the changeroot
# of the newest major: the older ones are copied there as folders OLD/MAJOR,
# from this host (15) and from the other changeroot (17), each with flowstore as
# built at home.  Shared libraries that the newest release lacks (another
# libldap, libicu) go to OLD/lib, which LD_LIBRARY_PATH names; what
# it has under the same soname is not copied, so its own programs notice nothing.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")

. "$top/test/lib/chroot.sh"
. "$here/chroot.sh"
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

# needed ROOT FILE...: paths of the shared libraries that programs of ROOT load
needed()
{
	needed_root=$1
	shift
	if [ "$needed_root" = / ]; then
		ldd "$@"
	else
		chroot "$needed_root" ldd "$@"
	fi 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u
}

# gather MAJOR ROOT PREFIX: copies one older major, found below ROOT; its
# extension and programs may lie in another folder PREFIX of that root
gather()
{
	gather_to=$old/$1
	mkdir -p "$gather_to/usr/lib/postgresql/$1" "$gather_to/usr/share/postgresql" || return 1
	cp -a "$2/usr/lib/postgresql/$1/bin" "$gather_to/usr/lib/postgresql/$1/" &&
		mkdir "$gather_to/usr/lib/postgresql/$1/lib" &&
		(cd "$2/usr/lib/postgresql/$1/lib" && cp -a ./*.so "$gather_to/usr/lib/postgresql/$1/lib/") &&
		rm -f "$gather_to/usr/lib/postgresql/$1/lib/llvmjit.so" &&
		cp -aL "$2/usr/share/postgresql/$1" "$gather_to/usr/share/postgresql/" || return 1
	if [ "$2$3" != "$2" ]; then
		cp -L "$2$3/usr/lib/postgresql/$1/lib/flowstore.so" "$gather_to/usr/lib/postgresql/$1/lib/" &&
			cp -L "$2$3/usr/share/postgresql/$1/extension/"flowstore* \
				"$gather_to/usr/share/postgresql/$1/extension/" || return 1
	fi
	for gather_library in $(needed "${2:-/}" "/usr/lib/postgresql/$1/bin/postgres" \
		"/usr/lib/postgresql/$1/bin/pg_ctl" "$3/usr/lib/postgresql/$1/lib/flowstore.so"); do
		grep -qxF "${gather_library##*/}" "$known" ||
			cp -Ln "$2$gather_library" "$old/lib/" || return 1
	done
}

# 15, built in a private installation as check.sh does
build_15()
{
	server_clean_environment
	server_choose_user
	server_make_dir flowstore-upgrade && server_copy_source "$top" src &&
		server_install_programs && server_make src -s all install
}

prepare()
{
	build_15 || return 1
	for prepare_major in 17 18; do
		prepare_root "$prepare_major" &&
			isolated "$root" sh /var/tmp/flowstore/test/majors/inside.sh "$prepare_major" build || return 1
		[ "$prepare_major" != 17 ] || root_17=$root
	done
	old=$root/var/tmp/flowstore-old
	known=$server_dir/known
	rm -rf "$old"
	mkdir -p "$old/lib" || return 1
	# sonames that the newest release has itself
	chroot "$root" ldconfig -p | awk '{ print $1 }' | sort -u >"$known"
	gather 15 '' "$server_dir" && gather 17 "$root_17" ''
}

dir=''
while [ $# -gt 0 ]; do
	case $1 in
	--dir)
		dir=$(readlink -m "${2:?--dir needs a folder}")
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
made='' log='' child='' server_dir='' old=''
cleanup()
{
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null
	rm -f "$log" "$log.bootstrap"
	[ -z "$server_dir" ] || rm -rf "$server_dir"
	[ -z "$old" ] || rm -rf "$old"
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

if ! prepare >"$log" 2>&1; then
	echo 'not ok 1 - three majors in one changeroot'
	tail -n 60 "$log" | cut -c1-300 | sed 's/^/# /'
	echo '1..1'
	exit 1
fi
isolated "$root" sh /var/tmp/flowstore/test/majors/upgrade_inside.sh 15 17 18
