# Where the benchmark runs: the server named by PGHOST, or one of our own.
# Sourced by run.sh; uses work, keep; sets own_server and the PG* variables.

own_server=

# the unprivileged user that a server of our own runs as
as_server()
{
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

server_settings="shared_buffers max_parallel_workers_per_gather max_parallel_workers work_mem maintenance_work_mem
	fsync synchronous_commit wal_level full_page_writes checkpoint_timeout max_wal_size jit shared_preload_libraries"

write_configuration()
{
	cat <<-END
		listen_addresses = ''
		unix_socket_directories = '$work'
		shared_buffers = 2GB
		work_mem = 256MB
		checkpoint_timeout = 30min
		max_wal_size = 8GB
		timezone = 'UTC'
		lc_messages = 'C'
	END
	if [ -e "$(pg_config --pkglibdir)/flowstore.so" ]; then
		echo "shared_preload_libraries = 'flowstore'"
		echo 'flowstore.worker = off'
	fi
}

start_server()
{
	local bin
	bin=$(pg_config --bindir) || return 1
	chmod 755 "$work"
	mkdir "$work/server" || return 1
	if [ "$(id -u)" -eq 0 ]; then
		chown postgres "$work" "$work/server" || return 1
	fi
	(cd / && as_server "$bin/initdb" -D "$work/server" -A trust -U bench -E UTF8 --locale=C.UTF-8 \
		>"$work/initdb.log" 2>&1) || { cat "$work/initdb.log" >&2; return 1; }
	write_configuration >>"$work/server/postgresql.conf"
	(cd / && as_server "$bin/pg_ctl" -D "$work/server" -l "$work/server.log" -s -w start) ||
		{ cat "$work/server.log" >&2; return 1; }
	own_server=$work/server
	export PGHOST=$work PGPORT=5432 PGUSER=bench PGDATABASE=postgres
	unset PGSERVICE PGPASSWORD
}

stop_server()
{
	if [ -n "$own_server" ]; then
		(cd / && as_server "$(pg_config --bindir)/pg_ctl" -D "$own_server" -s -m fast stop)
	fi
}

finish()
{
	if [ -n "$keep" ]; then
		say "kept: $work${own_server:+, psql -h $work -U bench postgres}"
		return
	fi
	stop_server
	rm -rf "$work"
}

# one value or tab-separated rows
sql()
{
	psql -XAtq -F $'\t' -v ON_ERROR_STOP=1 -c "$1"
}

print_settings()
{
	local list
	list=$(printf "'%s'," $server_settings)
	sql "SELECT version()"
	sql "SELECT name, current_setting(name) FROM pg_settings WHERE name IN (${list%,}) ORDER BY name" |
		awk -F '\t' '{ printf "  %-34s %s\n", $1, $2 }'
}
