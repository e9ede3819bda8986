#!/bin/sh
# The part of upgrade.sh that runs inside the changeroot of the newest major, as
# root: upgrade_inside.sh MAJOR...  Writes TAP.
set -u
source=/var/tmp/flowstore
old=/var/tmp/flowstore-old
work=/var/tmp/flowstore-upgrade
LD_LIBRARY_PATH=$old/lib
export LD_LIBRARY_PATH

bin_of()
{
	if [ -d "$old/$1" ]; then
		echo "$old/$1/usr/lib/postgresql/$1/bin"
	else
		echo "/usr/lib/postgresql/$1/bin"
	fi
}

as_postgres()
{
	(cd "$work" && exec runuser -u postgres -- env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
		PGHOST="$work" PGUSER=postgres PGDATABASE=postgres "$@")
}

sql() { as_postgres "$(bin_of "$newest")/psql" -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }

# cluster MAJOR: a new one, with checksums as 18 makes by default
cluster()
{
	as_postgres "$(bin_of "$1")/initdb" -k -D "$work/$1" -A trust -E UTF8 --locale=C.UTF-8 --no-sync || return 1
	for line in "listen_addresses = ''" "unix_socket_directories = '$work'" 'jit = off' \
		"shared_preload_libraries = 'flowstore'" 'fsync = off' 'autovacuum = off'; do
		echo "$line"
	done >>"$work/$1/postgresql.conf"
}

start() { as_postgres "$(bin_of "$1")/pg_ctl" -w -t 120 -D "$work/$1" -l "$work/log.$1" start; }
stop() { as_postgres "$(bin_of "$1")/pg_ctl" -w -m fast -D "$work/$1" stop; }

# What there is to keep: COPY, single rows, columns added and dropped, an
# aborted load, labels, which hold the options of a table.
fill()
{
	sql -f "$source/test/majors/upgrade_fill.sql"
}

answers() { sql -f "$source/test/majors/upgrade_answers.sql"; }

# the table lives on: rows, space, VACUUM
work_on()
{
	sql -c "INSERT INTO h SELECT * FROM h WHERE id % 7 = $1 % 7; INSERT INTO f SELECT * FROM f WHERE id % 7 = $1 % 7;" \
		-c 'INSERT INTO one VALUES (2)' -c 'VACUUM f' -c 'REFRESH MATERIALIZED VIEW m' || return 1
	[ "$(sql -c "SELECT heap_only + flow_only FROM twin.diff('h', 'f')")" = 0 ]
}

# forget_attver FROM TO: 15.20 and its sisters of other majors note a
# number with each column, as option pg_attver, which pg_dump of an older minor
# takes for the user's.  If the newer major is such an older minor, as packaged,
# no heap table would pass either; so the notes go.
forget_attver()
{
	! grep -q pg_attver "$(bin_of "$2")/postgres" || return 0
	for database in template1 postgres; do
		sql -d "$database" -c "UPDATE pg_attribute SET attoptions = (SELECT array_agg(o)
			FROM unnest(attoptions) o WHERE o NOT LIKE 'pg_attver=%') WHERE attoptions IS NOT NULL" || return 1
	done
}

# upgrade FROM TO MODE
upgrade()
{
	cluster "$2" || return 1
	as_postgres "$(bin_of "$2")/pg_upgrade" --no-sync "$3" -d "$work/$1" -D "$work/$2" \
		-b "$(bin_of "$1")" -B "$(bin_of "$2")" -s "$work" -p 5433 -P 5434 || {
		find "$work/$2" -path '*pg_upgrade_output*' \( -name '*dump*.log' -o -name '*server.log' \) -exec tail -n 30 {} +
		return 1
	}
	start "$2" || {
		tail -n 30 "$work/log.$2"
		return 1
	}
}

number=0 bad=0
# report NAME COMMAND...
report()
{
	report_name=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/out" 2>&1; then
		echo "ok $number - $report_name"
	else
		echo "not ok $number - $report_name"
		tail -n 60 "$work/out" | cut -c1-300 | sed 's/^/# /'
		bad=1
		return 1
	fi
}

same_answers()
{
	answers >"$work/now" && diff -u "$work/before" "$work/now"
}

# one_way MODE MAJOR...: through all majors
one_way()
{
	mode=$1 from=$2
	shift 2
	rm -rf "$work"
	install -d -o postgres -g postgres "$work"
	report "$mode: a cluster of $from" cluster "$from" && start "$from" >"$work/out" 2>&1 || return 1
	report "$mode: its tables" fill || return 1
	for to; do
		answers >"$work/before"
		forget_attver "$from" "$to" >"$work/out" 2>&1
		stop "$from" >"$work/out" 2>&1
		report "$mode: pg_upgrade from $from to $to" upgrade "$from" "$to" "$mode" || return 1
		report "$mode: $to gives the answers of $from" same_answers
		report "$mode: $to works on" work_on "$to"
		from=$to
	done
	stop "$from" >"$work/out" 2>&1
	! grep -hE 'PANIC:|TRAP:|was terminated by signal' "$work"/log.*
}

chown -R postgres: "$source"
for newest; do :; done
for way in --copy --link; do
	one_way "$way" "$@" || bad=1
	for major; do
		stop "$major" >/dev/null 2>&1
	done
done
echo "1..$number"
rm -rf "$work"
exit $bad
