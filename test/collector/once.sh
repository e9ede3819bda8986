#!/bin/sh
# Every row is in the table once, whatever happens to the server: killed,
# restarted, replaced by a standby that lags behind, out of space or
# connections, read only; the table gone or altered, privileges revoked.
# Called by run.sh; starts a server of its own, so not as root.
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
then
	echo "skip once: it takes initdb and a user who is not root"
	exit 0
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP PGPORT=5433 PGUSER=once
export PGHOST PGPORT PGUSER
data=$TMP/once
err=$TMP/once.err
listen="127.0.0.1:$PORT"
raw=$TMP/pcap/raw.pcap
flood=$TMP/pcap/flood.pcap

sql()
{
	psql -XqAt -d postgres -c "$1"
}

server()
{
	"$bin/pg_ctl" -w -D "$data" -l "$TMP/once.log" "$@" >/dev/null 2>&1
}

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok once: $name"
	else
		echo "not ok once: $name"
		sed 's/^/# /' "$err" | tail -20
	fi
}

# is GOT EXPECTED NAME
is()
{
	check "$3" [ "$1" = "$2" ]
	[ "$1" = "$2" ] || echo "# got $1, expected $2"
}

# collect STATUS PATTERN ARGUMENT...: run and compare status and stderr
collect()
{
	status=$1 pattern=$2
	shift 2
	timeout 60 "$FLOWCOLLECTD" --stats "$@" 2>"$err"
	[ $? -eq "$status" ] && grep -q -e "$pattern" "$err"
}

wait_for()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 200 ] || return 1
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

# collector ARGUMENT...: one that listens, writes to table live, set $pid
collector()
{
	"$FLOWCOLLECTD" -l "$listen" --stats -t live --batch-age=0.1 "$@" 2>"$err" &
	pid=$!
	wait_for logged 'listening on'
	sent=0
}

# send: 300 records more
send()
{
	perl "$here/send_udp.pl" 127.0.0.1 "${listen#*:}" 10 $sent 1
	sent=$((sent + 300))
}

# trouble NAME PATTERN BREAK MEND: rows that come in between arrive
trouble()
{
	collector -d "dbname=postgres"
	sql "TRUNCATE live"
	send
	wait_for has_rows 300 || echo "not ok once: $1: no rows at first"
	eval "$3"
	send
	check "$1: is logged" wait_for logged "$2"
	eval "$4"
	send
	check "$1: rows that waited arrive" wait_for has_rows 900
	kill -TERM $pid
	wait $pid
	is "$?" 0 "$1: ends with status 0"
	is "$(sql "SELECT count(*), count(DISTINCT bytes) FROM live")" "900|900" "$1: each row once"
	check "$1: none is dropped" logged '^rows_dropped 0$'
}

"$initdb" -D "$data" -U once -A trust -E UTF8 --locale=C --no-sync >"$TMP/once.log" 2>&1 || exit 1
cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$TMP'
port = $PGPORT
max_prepared_transactions = 2
CONF
trap 'server -m immediate stop' EXIT
server start || exit 1
columns="ts timestamptz NOT NULL, src_addr inet, src_port int, packets bigint, bytes bigint"
sql "CREATE TABLE live ($columns)"
sql "CREATE TABLE flows ($columns)"

# Without the extension
check "without the extension, this is said" collect 0 'no table flow.ingest' -r "$raw" -d dbname=postgres
is "$(sql "SELECT count(*) FROM flows")" 2 "and rows are written"

trouble "restart" 'could not write to the database' 'server -m fast stop' 'server start'
trouble "crash" 'could not write to the database' 'server -m immediate stop' 'server start'
trouble "table dropped" 'relation "public.live" does not exist' \
	'sql "ALTER TABLE live RENAME TO gone"' \
	'sql "CREATE TABLE live (LIKE gone); INSERT INTO live TABLE gone; DROP TABLE gone"'
trouble "type changed" 'the columns of the table have changed' \
	'sql "ALTER TABLE live ALTER bytes TYPE numeric"' \
	'sql "ALTER TABLE live ALTER bytes TYPE bigint"'
trouble "read only" 'read-only transaction' \
	'sql "ALTER SYSTEM SET default_transaction_read_only = on" && server reload' \
	'PGOPTIONS="-c default_transaction_read_only=off" psql -XqAt -d postgres -c "ALTER SYSTEM RESET default_transaction_read_only" && server reload'
sql "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
	\$\$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END\$\$"
trouble "out of disk" 'could not extend file' \
	'sql "CREATE TRIGGER no_space BEFORE INSERT ON live EXECUTE FUNCTION no_space()"' \
	'sql "DROP TRIGGER no_space ON live"'
trouble "locked table" 'statement timeout' \
	'sql "ALTER ROLE once SET statement_timeout = 300"; sql "BEGIN; LOCK live; PREPARE TRANSACTION '\''hold'\''";
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\''flowcollectd'\''" >/dev/null' \
	'sql "ROLLBACK PREPARED '\''hold'\''"; sql "ALTER ROLE once RESET statement_timeout"'

# A role that owns nothing
sql "CREATE ROLE writer LOGIN; GRANT INSERT ON live TO writer"
PGUSER=writer
collector -d "dbname=postgres"
PGUSER=once
sql "TRUNCATE live"
send
wait_for has_rows 300
sql "REVOKE INSERT ON live FROM writer"
send
check "privilege revoked: is logged" wait_for logged 'permission denied for table'
sql "GRANT INSERT ON live TO writer"
check "privilege granted: rows that waited arrive" wait_for has_rows 600
sql "ALTER ROLE writer CONNECTION LIMIT 0"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writer'" >/dev/null
send
check "too many connections: is logged" wait_for logged 'too many connections for role'
sql "ALTER ROLE writer CONNECTION LIMIT -1"
check "connections again: rows that waited arrive" wait_for has_rows 900
kill -TERM $pid
wait $pid

# Refused rows: bytes 7 and 400 .. 402, one of them by a deferred constraint
sql "CREATE TABLE picky ($columns, CHECK (bytes NOT BETWEEN 400 AND 402))"
sql "CREATE TABLE sevens (bytes bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)"
sql "CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS
	\$\$BEGIN IF NEW.bytes = 7 THEN INSERT INTO sevens VALUES (7), (7); END IF; RETURN NEW; END\$\$"
sql "CREATE TRIGGER once BEFORE INSERT ON picky FOR EACH ROW EXECUTE FUNCTION once()"
collector -d "dbname=postgres" -t picky --rejected="$TMP/rejected"
send
send
kill -TERM $pid
wait $pid
is "$(sql "SELECT count(*), count(DISTINCT bytes) FROM picky")" "596|596" "good rows of a refused batch are written"
check "the others are counted" logged '^rows_rejected 4$'
is "$(cut -f15 "$TMP/rejected" | tr '\n' ' ')" "bytes 7 400 401 402 " "and in the file"

if ! sql "CREATE EXTENSION flowstore" 2>/dev/null
then
	echo "skip once: extension flowstore is not installed"
	exit 0
fi

# Files
loaded="SELECT count(*), count(DISTINCT (ts, src_addr, src_port)) FROM flows"
"$TMP/mkpcap" "$TMP/pcap" flood 30000
sql "TRUNCATE flows"
check "a file is loaded" collect 0 '^rows_written 30000$' -r "$flood" -d dbname=postgres --batch-rows=1000
is "$(sql "$loaded")" "30000|30000" "each row once"
is "$(sql "SELECT count(*), min(first), max(rows), max(source) ~ '^file:[0-9a-f]{64}\$' FROM flow.ingest")" \
	"1|0|30000|t" "one range is noted"
cp "$flood" "$TMP/copy.pcap"
check "loaded twice it adds nothing, and says so" collect 0 '30000 rows were in the table already' \
	-r "$TMP/copy.pcap" -d dbname=postgres -i 3
is "$(sql "$loaded")" "30000|30000" "each row is still there once"
check "but again if told so" collect 0 '^rows_written 30000$' -r "$flood" -d dbname=postgres --again
is "$(sql "$loaded")" "60000|30000" "then each row is there twice"
sql "CREATE TABLE other ($columns)"
check "another table is another matter" collect 0 '^rows_written 30000$' -r "$flood" -d dbname=postgres -t other
sql "DROP TABLE other"
is "$(sql "SELECT ranges FROM flow.forget_ingest('1 day')")" 1 "what is noted of a dropped table is forgotten"
is "$(sql "SELECT ranges FROM flow.forget_ingest('0')")" 0 "files stay"
PGUSER=writer
sql "SELECT 1" >/dev/null
PGUSER=once
sql "GRANT INSERT ON flows TO writer"
check "who may not use flow.ingest is told" collect 1 'GRANT SELECT, INSERT, UPDATE, DELETE ON flow.ingest TO writer' \
	-r "$flood" -d "dbname=postgres user=writer"
sql "GRANT SELECT, INSERT, UPDATE, DELETE ON flow.ingest TO writer"
sql "TRUNCATE flows, flow.ingest"
check "and can with the grant" collect 0 '^rows_written 30000$' -r "$flood" -d "dbname=postgres user=writer"

# Two load the same file at the same time.
sql "TRUNCATE flows, flow.ingest"
"$FLOWCOLLECTD" -r "$flood" -d dbname=postgres --batch-rows=300 2>"$TMP/once.err2" &
pid=$!
check "two load one file" collect 0 '^rows_dropped 0$' -r "$flood" -d dbname=postgres --batch-rows=700
wait $pid
is "$?" 0 "both end well"
is "$(sql "$loaded")" "30000|30000" "each row once"
is "$(sql "SELECT count(*), sum(rows) FROM flow.ingest")" "1|30000" "and noted once"

# The outcome of commits is lost: the note's trigger ends the connection after.
sql "TRUNCATE flows, flow.ingest"
perl "$here/cut_commit.pl" "$TMP/.s.PGSQL.$PGPORT" 6 "$TMP" >"$TMP/once.port" &
proxy=$!
wait_for test -s "$TMP/once.port"
check "commits whose answer is lost" collect 0 '^rows_written 30000$' -r "$flood" \
	-d "dbname=postgres host=$TMP port=$(cat "$TMP/once.port")" --batch-rows=1000
kill $proxy
check "were sent by a connection that broke" logged '^reconnects [1-9]'
is "$(sql "$loaded")" "30000|30000" "are not repeated"

# Text is known by its content, whatever it is called and packed with.
sql "TRUNCATE flows, flow.ingest"
{
	echo "ts,src_addr,src_port,bytes"
	seq 1 5000 | sed 's/.*/2026-01-02T03:04:05Z,192.0.2.1,&,&/'
} >"$TMP/once.csv"
{
	echo "ts,src_addr,src_port,bytes"
	seq 5001 10000 | sed 's/.*/2026-01-02T03:04:05Z,192.0.2.2,&,&/'
} >"$TMP/kept.csv"
gzip -c "$TMP/once.csv" >"$TMP/again.csv.gz"
check "text is loaded" collect 0 '^rows_written 5000$' --load "$TMP/once.csv" -d dbname=postgres --batch-rows=700
check "under another name and packed it adds nothing" collect 0 '5000 rows were in the table already' \
	--load "$TMP/again.csv.gz" -d dbname=postgres --batch-rows=700
check "two files of one call are two sources" collect 0 '^rows_written 5000$' --load "$TMP/once.csv" "$TMP/kept.csv" -d dbname=postgres
is "$(sql "SELECT count(*), count(DISTINCT src_port) FROM flows")" "10000|10000" "each row once"
check "unless it is wanted again" collect 0 '^rows_written 5000$' --again --load "$TMP/once.csv" -d dbname=postgres
exit 0
