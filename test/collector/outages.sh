#!/bin/sh
# With a spool, what keeps the database from taking rows is waited for, also
# at start, and no record is lost or comes twice: the table or a right is
# missing, the disk is full, the extension comes later, the spool comes from a
# backup; templates alone count as written, too.
# Called by run.sh; starts a server of its own, so not as root.
# shellcheck disable=SC2154
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
then
	echo "skip outages: it takes initdb and a user who is not root"
	exit 0
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP PGPORT=5437 PGUSER=outages
export PGHOST PGPORT PGUSER
data=$TMP/outages
err=$TMP/outages.err
port=$PORT

sql()
{
	psql -XqAt -d postgres -c "$1"
}

server()
{
	"$bin/pg_ctl" -w -D "$data" -l "$TMP/outages.log" "$@" >/dev/null 2>&1
}

# is GOT EXPECTED NAME
is()
{
	if [ "$1" = "$2" ]
	then
		echo "ok outages: $3"
	else
		echo "not ok outages: $3"
		echo "# got $1, expected $2"
		grep -v ' 0$' "$err" | tail -n 12 | sed 's/^/# /'
	fi
}

wait_for()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 450 ] || return 1
		sleep 0.1
	done
}

logged()
{
	grep -q -e "$1" "$err"
}

has_rows()
{
	[ "$(sql "SELECT count(*) FROM live" 2>/dev/null || echo 0)" -ge "$1" ]
}

# start ARGUMENT...: a collector with a spool; sets pid
start()
{
	: >"$err"
	"$FLOWCOLLECTD" -l "127.0.0.1:$port" --spool="$TMP/spool" -d "dbname=postgres user=writer" -t live --batch-age=0.1 \
		--stats "$@" 2>"$err" &
	pid=$!
	wait_for logged '^flowcollectd: receiving'
}

# stop STATUS
stop()
{
	kill -TERM $pid
	wait $pid
	is $? "$1" "it ends with status $1"
}

kill_it()
{
	kill -KILL $pid
	wait $pid 2>/dev/null
}

# send FIRST: 300 records
send()
{
	perl "$here/send_udp.pl" 127.0.0.1 $port 10 "$1" 1
}

# rows N NAME: there are N, and each once
rows()
{
	wait_for has_rows "$1"
	is "$(sql "SELECT count(*), count(DISTINCT bytes) FROM live")" "$1|$1" "$2"
}

"$initdb" -D "$data" -U outages -A trust -E UTF8 --locale=C --no-sync >"$TMP/outages.log" 2>&1 || exit 1
cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$TMP'
port = $PGPORT
fsync = off
CONF
trap 'server -m immediate stop' EXIT

server start || exit 1
columns="ts timestamptz NOT NULL, src_addr inet, packets bigint, bytes bigint"
sql "CREATE ROLE writer LOGIN"

# The extension comes later.
sql "CREATE TABLE live ($columns); GRANT INSERT ON live TO writer"
start --batch-age=60
send 0
stop 0
rows 300 "without the extension rows are written, at the end at the latest"
start
send 300
rows 600 "and not again at the next start"
stop 0
if ! sql "CREATE EXTENSION flowstore; GRANT SELECT, INSERT, UPDATE, DELETE ON flow.ingest TO writer" 2>/dev/null
then
	echo "skip outages: extension flowstore is not installed"
	exit 0
fi
start
send 600
rows 900 "what was written before the extension was there does not come again"
kill_it
start
send 900
rows 1200 "nor after one more start"
stop 0
is "$(sql "SELECT count(*), min(first) FROM flow.ingest")" "1|0" "all of it is noted"
[ ! -e "$TMP/spool/position" ]
is $? 0 "and the database alone keeps the position"

# Restarts while something is missing
sql "ALTER TABLE live RENAME TO gone"
start
send 1200
wait_for logged 'will try again: .*relation "live" does not exist'
is $? 0 "a table that is gone at a restart is waited for, which is logged"
sql "ALTER TABLE gone RENAME TO live"
rows 1500 "when it is back it gets what waited"
stop 0
sql "REVOKE USAGE ON SCHEMA flow FROM PUBLIC"
start
send 1500
wait_for logged 'GRANT USAGE ON SCHEMA flow TO writer'
is $? 0 "a right that is missing at a restart is waited for, and named"
sql "GRANT USAGE ON SCHEMA flow TO PUBLIC"
rows 1800 "when it is granted the table gets what waited"
sql "REVOKE INSERT ON live FROM writer; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writer'" >/dev/null
send 1800
wait_for logged 'permission denied for table'
is $? 0 "a right that is revoked later, too"
sql "GRANT INSERT ON live TO writer"
rows 2100 "it gets what waited"
stop 0
"$FLOWCOLLECTD" -l "127.0.0.1:$port" --spool="$TMP/other.spool" -d "dbname=postgres user=writer" -t nowhere 2>"$err"
is $? 1 "but a table that has never been there is a mistake"

# As many files as starts in fewer seconds: their numbers are ahead of the clock, see below.
clock_is_ahead()
{
	newest=$(ls "$TMP/spool" | sed -n 's/^0*\([0-9]*\)\.spool$/\1/p' | tail -n 1)
	[ $(($(date +%s) - 1577836800)) -gt $((newest + 1)) ]
}

# The spool comes from an old backup.
wait_for clock_is_ahead
cp -a "$TMP/spool" "$TMP/backup"
start
send 2100
rows 2400 "the spool goes on after a backup"
stop 0
sleep 1
rm -rf "$TMP/spool"
cp -a "$TMP/backup" "$TMP/spool"
server -m fast stop
start
send 2400
stop 0
start
server start
send 2700
rows 3000 "a spool from an old backup loses nothing, and repeats nothing"
stop 0

# The same, where numbers of files were ahead of the clock: the database has the number that is begun while it is away.
# What was received then is not taken for written, however often the collector is started; it waits.
server -m fast stop
start
send 9000
stop 0
server start
file=$(ls "$TMP/spool" | sed -n 's/^0*\([0-9]*\)\.spool$/\1/p' | tail -n 1)
noted=$(sql "SELECT max(next) FROM flow.ingest WHERE source = 'spool:$(cat "$TMP/spool/id")'")
sql "UPDATE flow.ingest SET next = ($file::bigint << 32) + 1000000 WHERE next = $noted"
for round in 1 2
do
	sleep 1.1
	: >"$err"
	timeout 20 "$FLOWCOLLECTD" -l "127.0.0.1:$port" --spool="$TMP/spool" -d "dbname=postgres user=writer" -t live 2>"$err"
	is $? 1 "start $round with a database that has more than the spool ends with status 1"
	logged 'the database has more of spool'
	is $? 0 "and a message"
done
sql "UPDATE flow.ingest SET next = $noted WHERE next = ($file::bigint << 32) + 1000000"
start
rows 3300 "what waited is not lost"
stop 0
sql "DELETE FROM live WHERE bytes >= 9000"
[ ! -e "$TMP/spool/unconfirmed" ]
is $? 0 "once the database was asked, nothing is left to be confirmed"

# Templates alone, for longer than the spool keeps what is written
templates()
{
	perl -MIO::Socket::INET -MTime::HiRes=usleep -e '
		my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]);
		for my $n (1 .. 1000)
		{
			$socket->send(pack("nnNNNN", 9, 1, 100000, time, $n, 7)
				. pack("nnnn", 0, 1408, 300, 350) . pack("nn", 1, 4) x 350);
			usleep(1000);
		}' "$port"
}
rm -rf "$TMP/spool"
start --spool-bytes=1M --spool-keep=0
send 3000
rows 3300 "a spool begins with rows"
templates
is_noted()
{
	[ "$(sql "SELECT max(next) >> 32 FROM flow.ingest WHERE source = 'spool:$(cat "$TMP/spool/id")'")" -ge \
		"$(ls "$TMP/spool" | sed -n 's/^0*\([0-9]*\)\.spool$/\1/p' | tail -n 1)" ]
}
wait_for is_noted
is $? 0 "templates are noted in time"
kill_it
start --spool-bytes=1M --spool-keep=0
send 3300
rows 3600 "after a kill it goes on"
logged 'left out'
is $? 1 "nothing is said to be left out"
stop 0

# A spool that is full while the server is away, and a restart
counted()
{
	sed -n "s/^$1 //p" "$err"
}
lost()
{
	echo $((30 * ($(counted spool_records_dropped) + $(counted spool_records_refused) +
		$(counted datagrams_lost_in_kernel)) + $(counted rows_dropped)))
}
start --spool-bytes=1M --queue-bytes=1M --batch-rows=2000
send 100000
wait_for has_rows 3900
server -m fast stop
perl "$here/send_udp.pl" 127.0.0.1 $port 1200 100300 1
stop 0
lost=$(lost)
[ "$(counted rows_dropped)" -gt 0 ]
is $? 0 "rows that the spool has dropped since they were read are counted"
start --spool-bytes=1M --queue-bytes=1M --batch-rows=2000
server start
wait_for has_rows $((3600 + 36300 - lost))
stop 0
is "$(sql "SELECT count(*) + $((lost + $(lost))) FROM live WHERE bytes >= 100000")" 36300 \
	"what a full spool has dropped is counted exactly"
sql "DELETE FROM live WHERE bytes >= 100000"

# The disk of the table is full, where namespaces allow us a small one.
small=$TMP/small
mkdir "$small"
server -m fast stop
if ! unshare -Urm sh -c 'mount -t tmpfs -o size=24m none "$1" && mkdir -m 700 "$1/space" &&
	exec unshare -U --map-user="$2" "$3/pg_ctl" -w -D "$4" -l "$5" start' \
	sh "$small" "$(id -u)" "$bin" "$data" "$TMP/outages.log" >/dev/null 2>&1
then
	echo "skip outages: a small disk cannot be mounted"
	server start
	exit 0
fi
sql "CREATE TABLESPACE small LOCATION '$small/space'"
sql "ALTER TABLE live SET TABLESPACE small"
start
send 3600
rows 3900 "a table on a small disk takes rows"
sql "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO '$small/full'" 2>/dev/null
send 3900
send 4200
send 4500
wait_for logged 'No space left on device'
is $? 0 "a full disk is logged"
has_received()
{
	kill -USR1 $pid
	sleep 0.1
	[ "$(sed -n 's/^received_datagrams //p' "$err" | tail -n 1)" -ge "$1" ]
}
wait_for has_received 40
is $? 0 "which keeps nothing from being received"
sleep 0.2					# a kill loses what has not been in the spool's buffer for so long
kill_it
start
wait_for logged 'will try again: .*No space left on device'
is $? 0 "also after a kill"
sql "COPY (SELECT WHERE false) TO '$small/full'"
rows 4800 "when there is space the table gets what waited"
stop 0
logged '^spool_records_dropped 0$'
is $? 0 "and nothing was dropped"
