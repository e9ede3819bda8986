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
	"$FLOWCOLLECTD" "$@" >"$TMP/pg.out" 2>"$TMP/pg.err"
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
check "server that is not there" collect 1 'No such file' \
	-r "$raw" -d 'host=/nonexistent'

# File: the backend is terminated while a capture is loaded.
sql "TRUNCATE $table"
"$FLOWCOLLECTD" -r "$TMP/pcap/flood.pcap" -d "application_name=load$$" \
	-t "$table" --batch-rows=20 --stats 2>"$TMP/pg.err" &
pid=$!
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

# Live: mistakes are found at start, not when the first row comes.
check "missing table, receiving" collect 1 'relation "nowhere" does not exist' \
	-l "127.0.0.1:$((20000 + ($$ + 9) % 20000))" -d '' -t nowhere

# Live: the backend is terminated again and again while datagrams arrive.
sql "TRUNCATE $table"
port=$((20000 + ($$ + 7) % 20000))
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
	grep -q '^rows_dropped 2[0-9][0-9][0-9]$' "$TMP/pg.err"
kill -TERM $pid
sleep 0.2
kill -TERM $pid
wait $pid
check "a second signal ends at once" [ $? -eq 143 ]
exit 0
