#!/bin/sh
# The database: what is in the table is what the text output says, and a lost
# connection loses no rows.  Called by run.sh; needs a server given by PGHOST
# and friends, on which it makes and drops a schema.
if [ -z "${PGHOST:-}" ]
then
	echo "skip postgres: PGHOST is not set"
	exit 0
fi
schema="flowcollectd \"test\" $$"
quoted="\"flowcollectd \"\"test\"\" $$\""
table="$quoted.\"Flows\""
PGOPTIONS="-c client_min_messages=warning"
export PGOPTIONS
sql()
{
	psql -XqAt -v ON_ERROR_STOP=1 -c "$1"
}
trap 'sql "DROP SCHEMA $quoted CASCADE" >/dev/null' EXIT

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok postgres: $name"
	else
		echo "not ok postgres: $name"
		sed 's/^/# /' "$TMP/pg.err" | tail -20
	fi
}

# collect STATUS PATTERN ARGUMENT...: run and compare status and stderr
collect()
{
	status=$1 pattern=$2
	shift 2
	timeout 60 "$FLOWCOLLECTD" "$@" >"$TMP/pg.out" 2>"$TMP/pg.err"
	[ $? -eq "$status" ] && grep -q -e "$pattern" "$TMP/pg.err"
}

wait_for_rows()
{
	i=0
	while [ "$(sql "SELECT count(*) FROM $table")" -lt "$1" ]
	do
		i=$((i + 1))
		[ $i -lt 150 ] || return 1
		sleep 0.1
	done
}

columns="ts timestamptz NOT NULL, duration_ms int, exporter inet, sensor text,
	in_if int, out_if int, src_addr inet, dst_addr inet, src_port int,
	dst_port int, proto smallint, tcp_flags smallint, tos smallint,
	packets bigint, bytes bigint, src_as bigint, dst_as bigint, sampling int"
sql "CREATE SCHEMA $quoted" || exit 1
sql "CREATE TABLE $table ($columns)"
sql "CREATE TABLE $quoted.lines (LIKE $table)"

# compare NAME ARGUMENT...: the same input into the table and into text
compare()
{
	what=$1
	shift
	sql "TRUNCATE $table, $quoted.lines"
	check "$what: load" collect 0 '^rows_written' --stats -d '' -t "$table" "$@"
	"$FLOWCOLLECTD" -o "$TMP/pg.tsv" --no-header "$@" 2>/dev/null
	sql "\\copy $quoted.lines FROM '$TMP/pg.tsv'"
	check "$what: same rows" [ "$(sql "SELECT count(*) FROM
		((TABLE $table EXCEPT ALL TABLE $quoted.lines) UNION ALL
		(TABLE $quoted.lines EXCEPT ALL TABLE $table)) d")" = 0 ]
	check "$what: all rows" [ "$(sql "SELECT count(*) FROM $table")" = \
		"$(wc -l <"$TMP/pg.tsv")" ]
}

compare "packets" --sensor="a	b\\c" -r "$TMP/pcap/protocols.pcap"
compare "small batches" --batch-rows=2 -r "$TMP/pcap/protocols.pcap"
compare "NetFlow" --replay "$TMP/pcap/netflow5.pcap"
"$TMP/mkpcap" "$TMP/pcap" flood 30000
compare "flood" --batch-rows=1000 -r "$TMP/pcap/flood.pcap"
if [ -f "$DATA/pcap/PcapPlusPlus/example.pcap" ]
then
	compare "capture" --batch-rows=500 -r "$DATA/pcap/PcapPlusPlus/example.pcap"
else
	echo "skip postgres: no $DATA/pcap/PcapPlusPlus/example.pcap"
fi

raw=$TMP/pcap/raw.pcap
listen="127.0.0.1:$((PORT + 1))"
sql "CREATE TABLE $quoted.other (bytes bigint, note text DEFAULT 'x',
	proto int, packets bigint, twice bigint GENERATED ALWAYS AS (bytes * 2) STORED,
	ts timestamptz)"
check "own columns, other order" collect 0 '^rows_written 2$' --stats -r "$raw" -d '' -t "$quoted.other"
check "get their defaults" [ "$(sql "SELECT bytes, note, proto, packets, twice
	FROM $quoted.other ORDER BY bytes" | tr '\n' ' ')" = \
	"33|x|17|1|66 53|x|17|1|106 " ]
check "missing table" collect 1 'relation "nowhere" does not exist' \
	-r "$raw" -d '' -t nowhere
sql "CREATE TABLE $quoted.typed (ts timestamptz, bytes numeric)"
check "type that cannot be written" collect 1 \
	'cannot write column "bytes" of table .*typed, which is of type numeric' \
	-r "$raw" -d '' -t "$quoted.typed"
sql "CREATE TABLE $quoted.empty (a int)"
check "no column of ours" collect 1 'has none of the columns' \
	-r "$raw" -d '' -t "$quoted.empty"
sql "CREATE TABLE $quoted.strict (ts timestamptz, bytes bigint CHECK (bytes < 50))"
check "refused row" collect 1 'violates check constraint' \
	-r "$raw" -d '' -t "$quoted.strict"
check "no part of its batch" [ "$(sql "SELECT count(*) FROM $quoted.strict")" = 0 ]
check "its rows are counted" collect 1 '^rows_dropped 2$' --stats \
	-r "$raw" -d '' -t "$quoted.strict"
sql "TRUNCATE $table"
check "damaged file" collect 1 'invalid block length' --batch-rows=2 \
	-r "$TMP/pcap/damaged.pcapng" -d '' -t "$table"
check "what was read before the damage is loaded" \
	[ "$(sql "SELECT count(*) FROM $table")" = 3 ]
sql "CREATE TABLE $quoted.short (ts timestamptz, sensor varchar(4))"
check "sensor that fits" collect 0 '^rows_written 2$' --stats --sensor='äöüß' \
	-r "$raw" -d '' -t "$quoted.short"
check "sensor that does not" collect 1 \
	'sensor name "12345" is too long for column "sensor" of table .*(4)$' \
	--sensor=12345 -l "$listen" -d '' -t "$quoted.short"
sql "CREATE DOMAIN $quoted.place AS varchar(4)"
sql "CREATE TABLE $quoted.placed (ts timestamptz, sensor $quoted.place)"
check "sensor that does not fit a domain" collect 1 'is too long for column' \
	--sensor=12345 -r "$raw" -d '' -t "$quoted.placed"
if [ "$(sql 'SHOW server_encoding')" = UTF8 ]
then
	check "sensor that is not UTF-8" collect 1 'invalid byte sequence' \
		--sensor="$(printf 'a\377')" -l "$listen" -d '' -t "$table"
else
	echo "skip postgres: the database is not in UTF-8"
fi
check "server that is not there" collect 1 'No such file' \
	-r "$raw" -d 'host=/nonexistent'

# A host that says nothing does not hide the next one.
perl "$here/fake_server.pl" silent >"$TMP/port" &
fake=$!
while [ ! -s "$TMP/port" ]
do
	sleep 0.1
done
check "a silent host is passed over" collect 0 '^rows_written 2$' --stats \
	-r "$raw" -t "$quoted.other" -d "host=127.0.0.1,$PGHOST \
	port=$(cat "$TMP/port"),${PGPORT:-5432} connect_timeout=1"
kill $fake

# File: the backend is terminated while a capture is loaded.
sql "TRUNCATE $table"
"$FLOWCOLLECTD" -r "$TMP/pcap/flood.pcap" -d "application_name=load$$" \
	-t "$table" --batch-rows=20 --stats 2>"$TMP/pg.err" &
pid=$!
i=0
until [ "$(sql "SELECT EXISTS (SELECT FROM $table)")" = t ] || [ $i -ge 200 ]
do
	i=$((i + 1))
	sleep 0.05
done
killed=0
for i in 1 2 3 4 5 6 7 8
do
	sleep 0.1
	killed=$((killed + $(sql "SELECT count(pg_terminate_backend(pid))
		FROM pg_stat_activity WHERE application_name = 'load$$'")))
done
wait $pid
check "a load goes on after terminated backends" [ $? -eq 0 ]
check "backends were terminated" [ "$killed" -gt 0 ]
check "and loads every row" [ "$(sql "SELECT count(*) FROM
	(SELECT DISTINCT ts, src_addr, src_port FROM $table) d")" = 30000 ]
check "no row was dropped" grep -q '^rows_dropped 0$' "$TMP/pg.err"

# collector ARGUMENT...: start one that listens, set $pid
collector()
{
	"$FLOWCOLLECTD" -l "$listen" --stats "$@" >/dev/null 2>"$TMP/pg.err" &
	pid=$!
	until grep -q 'listening on' "$TMP/pg.err"
	do
		sleep 0.1
	done
	sleep 0.5
}

# stop STATUS
stop()
{
	kill -TERM $pid
	wait $pid
	[ $? -eq "$1" ]
}

# Live: of the rows 0 .. 2999, by bytes, two are bad.
sql "CREATE TABLE $quoted.picky (ts timestamptz,
	bytes bigint CHECK (bytes NOT IN (17, 2043)))"
collector -d '' -t "$quoted.picky" --batch-rows=2000
perl "$here/send_udp.pl" 127.0.0.1 "${listen#*:}" 100 0
check "refused rows, receiving" stop 0
check "do not take others with them" [ "$(sql "SELECT count(*),
	count(DISTINCT bytes) FROM $quoted.picky")" = "2998|2998" ]
check "and are counted" grep -q '^rows_rejected 2$' "$TMP/pg.err"
check "and logged" grep -q 'dropped 1 row that .*violates check' "$TMP/pg.err"

# Live: one sink fails, the other one writes what it has.  It may fail before all
# has come: what counts are the records that were decoded.
sql "TRUNCATE $table"
collector -o /dev/full -d '' -t "$table" --batch-age=1
kill -STOP $pid
perl "$here/send_udp.pl" 127.0.0.1 "${listen#*:}" 10 0
kill -CONT $pid
wait $pid
check "a full disk ends with status 1" [ $? -eq 1 ]
got=$(sql "SELECT count(*) FROM $table")
check "after the table has got its rows" [ "$got" = "$(sed -n 's/^records //p' "$TMP/pg.err")" ]
check "which are not none" [ "$got" -gt 0 ]

# Live: more waits in the socket than the queue can hold.
sql "TRUNCATE $table"
collector -d '' -t "$table" --batch-rows=100 --queue-bytes=100k
kill -STOP $pid
perl "$here/send_udp.pl" 127.0.0.1 "${listen#*:}" 90 0
kill -TERM $pid
kill -CONT $pid
wait $pid
check "what waits in the socket at SIGTERM is written" \
	[ "$(sql "SELECT count(*) FROM $table")" = 2700 ]
check "and nothing dropped" grep -q '^rows_dropped 0$' "$TMP/pg.err"

# Live: mistakes are found at start, not when the first row comes.
check "missing table, receiving" collect 1 'relation "nowhere" does not exist' \
	-l "127.0.0.1:$((PORT + 2))" -d '' -t nowhere

# Live: the backend is terminated again and again while datagrams arrive.
sql "TRUNCATE $table"
port=$PORT
"$FLOWCOLLECTD" -l "127.0.0.1:$port" -d "application_name=collect$$" \
	-t "$table" --batch-age=0.05 --batch-rows=500 --stats 2>"$TMP/pg.err" &
pid=$!
perl "$here/send_udp.pl" 127.0.0.1 "$port" 0 0 2>/dev/null
sleep 1
perl "$here/send_udp.pl" 127.0.0.1 "$port" 200 0 10 &
sender=$!
terminate="SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
	WHERE application_name = 'collect$$'"
killed=0
for i in 1 2 3 4
do
	sleep 0.4
	killed=$((killed + $(sql "$terminate")))
done
wait $sender
check "rows arrive in spite of terminated backends" wait_for_rows 6000
check "backends were terminated" [ "$killed" -gt 0 ]

# Live: the table is away for a while.
sql "ALTER TABLE $table RENAME TO away"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 50 6000 5
sleep 0.5
sql "ALTER TABLE $quoted.away RENAME TO \"Flows\""
check "rows wait for a table that was away" wait_for_rows 7500
perl "$here/send_udp.pl" 127.0.0.1 "$port" 10 7500
kill -TERM $pid
wait $pid
check "SIGTERM flushes and ends with status 0" [ $? -eq 0 ]
check "every record is there" [ "$(sql "SELECT count(DISTINCT bytes) FROM $table")" = 7800 ]
check "none was dropped" grep -q '^rows_dropped 0$' "$TMP/pg.err"
check "reconnects are counted" grep -q '^reconnects [1-9]' "$TMP/pg.err"

# Live, without a server: the queue is bounded, and loss is counted.
"$FLOWCOLLECTD" -l "127.0.0.1:$port" -d 'host=/nonexistent' \
	--batch-rows=100 --queue-bytes=100k --stats 2>"$TMP/pg.err" &
pid=$!
sleep 0.5
perl "$here/send_udp.pl" 127.0.0.1 "$port" 100 0 1
sleep 0.3
kill -USR1 $pid
sleep 0.3
check "a full queue drops the oldest, and counts" \
	grep -q '^rows_dropped [12][0-9][0-9][0-9]$' "$TMP/pg.err"
kill -TERM $pid
sleep 0.2
kill -TERM $pid
wait $pid
check "a second signal ends at once" [ $? -eq 143 ]
exit 0
