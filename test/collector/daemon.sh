#!/bin/sh
# Receiving through a spool: settings that change at SIGHUP, a stop while the
# server is away or hangs, a spool that was copied.  Called by run.sh; starts a server of
# its own, so not as root.
# shellcheck disable=SC2154
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
then
	echo "skip daemon: it takes initdb and a user who is not root"
	exit 0
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP PGPORT=5434 PGUSER=daemon
export PGHOST PGPORT PGUSER
data=$TMP/daemon
port=$PORT

sql()
{
	psql -XqAt -d postgres -c "$1"
}

server()
{
	"$bin/pg_ctl" -w -D "$data" -l "$TMP/daemon.log" "$@" >/dev/null 2>&1
}

# is GOT EXPECTED NAME
is()
{
	if [ "$1" = "$2" ]
	then
		echo "ok daemon: $3"
	else
		echo "not ok daemon: $3"
		echo "# got $1, expected $2"
	fi
}

wait_for()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 300 ] || return 1
		sleep 0.1
	done
}

logged()
{
	grep -q -e "$2" "$TMP/$1.err"
}

has_rows()
{
	[ "$(sql "SELECT count(*) FROM live" 2>/dev/null || echo 0)" -ge "$1" ]
}

# Has collector $1 been told what the database has of its spool?  What comes later is news to it.
has_asked()
{
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1' AND state = 'idle'
		AND query ~ 'FROM flow.ingest|note_ingest'")" -ge 1 ]
}

# start NAME PORT: one with spool and configuration NAME; sets pid
start()
{
	echo "database = dbname=postgres application_name=$1
table = live
batch-age = 0.1
listen = 127.0.0.1:$2
stats = text
spool = $TMP/$1.spool
$3" >"$TMP/$1.conf"
	"$FLOWCOLLECTD" --config="$TMP/$1.conf" 2>"$TMP/$1.err" &
	pid=$!
	wait_for logged "$1" '^flowcollectd: receiving' || echo "not ok daemon: $1 starts"
}

# stop PID: sets status, and seconds
stop()
{
	before=$(date +%s)
	kill -TERM "$1"
	wait "$1"
	status=$?
	seconds=$(($(date +%s) - before))
}

# send PORT FIRST: 300 records
send()
{
	perl "$here/send_udp.pl" 127.0.0.1 "$1" 10 "$2" 1
}

"$initdb" -D "$data" -U daemon -A trust -E UTF8 --locale=C --no-sync >"$TMP/daemon.log" 2>&1 || exit 1
cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$TMP'
port = $PGPORT
CONF
trap 'server -m immediate stop' EXIT
server start || exit 1
sql "CREATE TABLE live (ts timestamptz NOT NULL, src_addr inet, src_port int, packets bigint, bytes bigint)"
{
	echo "CREATE SCHEMA flow;"
	sed -n '/^CREATE TABLE flow.ingest/,/^);/p; /^CREATE FUNCTION flow.note_ingest/,/^\$\$;/p' "$root/schema/ingest.sql"
} | psql -Xq -d postgres

# Rules of exporters
start one $port "
[exporter 127.0.0.1]
refuse"
send $port 0
sleep 1
is "$(sql "SELECT count(*) FROM live")" 0 "an exporter is refused"
sed -i '/^refuse/d' "$TMP/one.conf"
kill -HUP $pid
wait_for logged one 'settings are read again' || echo "not ok daemon: SIGHUP"
send $port 0
wait_for has_rows 300
is "$(sql "SELECT count(*) FROM live")" 300 "after SIGHUP it is not"

# Stops
server -m immediate stop
send $port 300
wait_for logged one 'will try again'
stop $pid
is "$status" 0 "a stop while the server is away succeeds"
[ $seconds -lt 5 ]
is $? 0 "and is quick: $seconds s"
server start
start one $port
wait_for has_rows 600
(echo "BEGIN; LOCK TABLE live; SELECT pg_sleep(60);" | psql -Xq -d postgres >/dev/null 2>&1) &
sleep 0.5
send $port 600
sleep 1
stop $pid
is "$status" 0 "a stop while the server hangs succeeds"
[ $seconds -lt 20 ]
is $? 0 "and is not slow: $seconds s"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()" >/dev/null
start one $port
wait_for has_rows 900
is "$(sql "SELECT count(*), count(DISTINCT bytes) FROM live")" "900|900" "the next start goes on"

# The same spool twice
stop $pid
cp -r "$TMP/one.spool" "$TMP/two.spool"
start one $port
one=$pid
sleep 1.1					# so that the copy begins a file of a higher number
start two $((port + 1))
two=$pid
wait_for has_asked one && wait_for has_asked two || echo "not ok daemon: both collectors connect"
send $port 900
wait_for has_rows 1200
for i in 1 2 3 4
do
	send $((port + 1)) $((900 + 300 * i))
	sleep 0.3
done
wait_for logged two 'another collector' ||
	sed 's/^/# /' "$TMP/two.err"
logged two 'another collector'
is $? 0 "who has a copy of a spool that is in use is told"
send $port 5100
wait_for has_rows 1500
is "$(sql "SELECT count(*) FROM live WHERE bytes NOT BETWEEN 1200 AND 2399")" 1500 "the other goes on"
stop $two
grep -q '^rows_known 0$' "$TMP/two.err"
is $? 0 "and nothing is thrown away"
stop $one
is "$status" 0 "both can be stopped"
