# A private PostgreSQL in a folder of its own.  Sourced after say.sh.
#
#	DIR/src		copy of the source tree, built there
#	DIR/usr		copy of the PostgreSQL programs; beside them links to all
#			that they load, and flowstore itself
#	DIR/data	the cluster
#	DIR/.s.PGSQL.5432	its socket; there is no TCP port
#
# PostgreSQL 15 finds extensions only beside its own programs, and finds those
# relative to the program that was started.  So a copy of bin/ (13 MB) makes an
# installation in which "make install" needs no root and leaves the system's
# PostgreSQL as it was.  The port number only names the socket, and the folder
# is new, so every number is free.
#
# Programs run as $server_user: the caller, or when the caller is root whoever
# called sudo, else "postgres".

pg_system=/usr/lib/postgresql/15

# The caller's settings must reach neither the build nor the server.
server_clean_environment()
{
	for env_name in $(env | sed -n 's/^\(PG[A-Z_]*\)=.*/\1/p'); do
		unset "$env_name"
	done
	unset MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS CC CDPATH
	LC_ALL=C.UTF-8
	PGCLIENTENCODING=UTF8
	export LC_ALL PGCLIENTENCODING
	umask 022
}

# Sets server_user.  Called when PostgreSQL's packages are installed.
server_choose_user()
{
	server_user=$(id -un)
	if [ "$(id -u)" -eq 0 ]; then
		server_user=${SUDO_USER:-postgres}
		[ "$(id -u "$server_user" 2>/dev/null || echo 0)" -ne 0 ] || server_user=postgres
	fi
}

# Runs a command as user $1.
as_user()
{
	as_name=$1
	shift
	if [ "$(id -un)" = "$as_name" ]; then
		"$@"
	else
		setpriv --reuid="$as_name" --regid="$(id -g "$as_name")" --init-groups "$@"
	fi
}

as_server_user()
{
	as_user "$server_user" env HOME="$server_dir" \
		PATH="$server_dir$pg_system/bin:$PATH" "$@"
}

# Makes a folder NAME.XXXXXX that belongs to $server_user, where programs can
# be run and the socket's name stays short; sets server_dir.
server_make_dir()
{
	for server_parent in /var/tmp /tmp; do
		server_dir=$(mktemp -d "$server_parent/$1.XXXXXX" 2>/dev/null) || continue
		if printf '#!/bin/sh\n' >"$server_dir/try" && chmod 700 "$server_dir/try" &&
			"$server_dir/try" && rm "$server_dir/try"; then
			[ "$(id -u)" -ne 0 ] || chown "$server_user:" "$server_dir"
			return 0
		fi
		rm -rf "$server_dir"
	done
	die "could not make a folder in which programs can be run, neither in /var/tmp nor in /tmp"
}

# Copies the source tree $1, without what .gitignore names, to DIR/$2.
server_copy_source()
{
	as_server_user mkdir -p "$server_dir/$2" || return 1
	tar -C "$1" -c --exclude=./.git --exclude-vcs-ignores . |
		as_server_user tar -C "$server_dir/$2" -x --no-same-owner --no-same-permissions
}

# The private installation under DIR/usr.
server_install_programs()
{
	as_server_user sh -c '
		set -e
		from=$1 to=$2 share=/usr/share/postgresql/15
		mkdir -p "$to$from/lib" "$to$share/extension" "$to/usr/include"
		cp -R "$from/bin" "$to$from/"
		ln -s "$from"/lib/* "$to$from/lib/"
		for file in "$share"/*; do
			[ "$file" = "$share/extension" ] || ln -s "$file" "$to$share/"
		done
		ln -s "$share"/extension/* "$to$share/extension/"
		ln -s /usr/include/postgresql "$to/usr/include/"
		rm -f "$to$from"/lib/flowstore.so "$to$share"/extension/flowstore*
	' sh "$pg_system" "$server_dir"
}

# make in DIR/$1, with further arguments; bitcode for the JIT is of no use here.
server_make()
{
	make_in=$server_dir/$1
	shift
	as_server_user make -C "$make_in" -j "$(nproc)" \
		PG_CONFIG="$server_dir$pg_system/bin/pg_config" "$@"
}

# Creates and starts the cluster; the arguments are lines of postgresql.conf.
server_start()
{
	as_server_user initdb -D "$server_dir/data" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync || return 1
	for server_line in "listen_addresses = ''" "unix_socket_directories = '$server_dir'" \
		'unix_socket_permissions = 0700' 'port = 5432' "$@"; do
		printf '%s\n' "$server_line"
	done | as_server_user tee -a "$server_dir/data/postgresql.conf" >/dev/null || return 1
	as_server_user pg_ctl -w -t 120 -D "$server_dir/data" -l "$server_dir/server.log" start || {
		tail -n 20 "$server_dir/server.log"
		return 1
	}
}

# For a script that runs in a folder of its own: makes NAME.XXXXXX and changes to it, with the tree $top in src/,
# PostgreSQL's programs, and what BUILD makes there, a function or command:
#
#	server_private NAME BUILD...
#
# Ends the script if that fails.  The folder goes with the script, a server in it too, unless $keep is not empty.
server_private()
{
	private_name=$1
	shift
	server_dir=''
	server_clean_environment
	server_choose_user
	cd / || exit 1
	trap server_leave EXIT
	trap 'exit 1' HUP INT TERM
	server_make_dir "$private_name"
	if ! { server_copy_source "$top" src && server_install_programs && "$@"; } >"$server_dir/build.log" 2>&1; then
		tail -n 40 "$server_dir/build.log" >&2
		exit 1
	fi
	cd "$server_dir" || exit 1
}

server_leave()
{
	[ -z "$server_dir" ] || [ -n "${keep-}" ] || server_remove "$server_dir"
}

# Stops the server under folder $1, whoever owns it, and removes the folder.
server_remove()
{
	remove_owner=$(stat -c %U "$1") || return 1
	if [ "$(id -u)" -ne 0 ] && [ "$(id -un)" != "$remove_owner" ]; then
		say "$1 belongs to user $remove_owner; stop it as that user or as root" >&2
		return 1
	fi
	if [ -f "$1/data/postmaster.pid" ]; then
		as_user "$remove_owner" "$1$pg_system/bin/pg_ctl" -w -t 60 -m fast \
			-D "$1/data" stop >/dev/null 2>&1 ||
			as_user "$remove_owner" "$1$pg_system/bin/pg_ctl" -w -t 60 -m immediate \
				-D "$1/data" stop >/dev/null 2>&1
		if as_user "$remove_owner" "$1$pg_system/bin/pg_ctl" -D "$1/data" status >/dev/null 2>&1; then
			say "could not stop the server in $1" >&2
			return 1
		fi
	fi
	rm -rf "$1"
}
