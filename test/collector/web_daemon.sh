#!/bin/sh
# The daemon itself with all that it says and is told beside flows: HTTP, lines,
# networks, its rows in flow.collectors and flow.exporters.  Called by run.sh;
# the part with a database needs PGHOST and the right to make a database.
if ! command -v curl >/dev/null
then
	echo "skip web daemon: curl is not installed"
	exit 0
fi
err=$TMP/web_daemon.err
port=$PORT
http=http://127.0.0.1:$((port + 1))

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok web daemon: $name"
	else
		echo "not ok web daemon: $name"
		tail -5 "$err" | sed 's/^/# /'
		head -c 600 "$TMP/body" 2>/dev/null | sed 's/^/# /'
	fi
}

# is GOT EXPECTED NAME
is()
{
	check "$3" [ "$1" = "$2" ]
	[ "$1" = "$2" ] || echo "# got $1, expected $2"
}

wait_for()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.1
	done
}

# get STATUS PATTERN CURL-ARGUMENT...
get()
{
	status=$1 pattern=$2
	shift 2
	[ "$(curl -s -m 30 -o "$TMP/body" -w '%{http_code}' "$@")" = "$status" ] &&
		grep -qF -e "$pattern" "$TMP/body"
}

logged()
{
	grep -q -e "$1" "$err"
}

start()
{
	"$FLOWCOLLECTD" --stats --http=":$((port + 1))" --influx="tcp://127.0.0.1:$((port + 2))" \
		"$@" 2>"$err" &
	pid=$!
	wait_for get 200 ok "$http/health"
}

stop()
{
	kill "$pid"
	wait "$pid"
}

counted()
{
	grep -qx -e "$1" "$err"
}

# value COUNTER
value()
{
	sed -n "s/^$1 //p" "$err"
}

# adds_up NAME COUNTER... = COUNTER...: both sides have the same sum, which is not 0
adds_up()
{
	sum_name=$1 left=0 right=0 is_left=1
	shift
	for term in "$@"
	do
		case $term in
		=) is_left=0 ;;
		*) [ $is_left -eq 1 ] && left=$((left + $(value "$term"))) || right=$((right + $(value "$term"))) ;;
		esac
	done
	is "$left" "$right" "$sum_name"
	check "... which is something" [ "$left" -gt 0 ]
}

# lines TEXT: over TCP
lines()
{
	printf "$1" | perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
		print $s $_ while <STDIN>; shutdown $s, 1; sysread $s, my $rest, 1' $((port + 2))
}

# datagrams [FROM]: three of one NetFlow v5 record, of which one is missing between each two.
datagrams()
{
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:$ARGV[0]",
			LocalAddr => $ARGV[1]);
		send $s, pack("nnNNNNCCn", 5, 1, 1000, time, 0, $_ * 2, 1, 2, 0) .
			pack("C4C4x4nnNNNNnnxCCCnnCCn", 10, 1, 0, 1, 192, 0, 2, 9, 7, 0, 5, 500, 100, 200,
				1000, 80, 16, 6, 0, 0, 0, 0, 0, 0), 0 for 0 .. 2' "$port" "${1:-127.0.0.1}"
}

# The gauge says what has been written.
waits()
{
	get 200 'flowcollectd_lag_seconds' "$http/metrics" &&
		[ "$(sed -n 's/^flowcollectd_spool_bytes \([1-9]\)/\1/p' "$TMP/body")" = \
			"$(sed -n 's/^flowcollectd_spool_bytes_written_total //p' "$TMP/body")" ]
}

printf 'prefix,as,as_name,country\n10.0.0.0/8,64500,First,DE\n' >"$TMP/networks.csv"
printf 'exporter,if_index,name\n127.0.0.1,7,uplink\n' >"$TMP/interfaces.csv"
printf 'reading\nmore\n' >"$TMP/read.token"
printf 'writing\n' >"$TMP/write.token"
columns=src_addr,bytes,src_as,src_as_name,src_country,in_if_name,sensor

printf '[exporter 127.0.0.1]\nrate = 1000\n[exporter 127.0.0.9]\nrefuse\n' >"$TMP/rules.conf"
start -l "127.0.0.1:$port" --config="$TMP/rules.conf" -o "$TMP/out.tsv" --columns=$columns --batch-age=0.1 \
	--networks="$TMP/networks.csv" --interfaces="$TMP/interfaces.csv" \
	--http-read-token-file="$TMP/read.token"
check "metrics need the token" get 401 token "$http/metrics"
datagrams
lines 'flows,sensor=one src_addr="10.2.2.2",bytes=99i 1700000000000000000\nother a=1i\n# a comment\nflows bytes="x"\n\n'
check "metrics" wait_for get 200 'flowcollectd_lines_received_total 3' -H 'Authorization: Bearer reading' "$http/metrics"
check "metrics of exporters" wait_for get 200 \
	'flowcollectd_exporter_missed_records_total{exporter="127.0.0.1",version="5",domain="258"} 2' \
	-H 'Authorization: Bearer reading' "$http/metrics"
check "metrics of sockets" get 200 "flowcollectd_socket_datagrams_total{socket=\"127.0.0.1:$port\",number=\"0\"} 3" \
	-H 'Authorization: Bearer reading' "$http/metrics"
check "metrics of rules" grep -qxF 'flowcollectd_rule_over_rate_datagrams_total{exporters="127.0.0.1/32"} 0' "$TMP/body"
check "of all of them" grep -qxF 'flowcollectd_rule_refused_datagrams_total{exporters="127.0.0.9/32"} 0' "$TMP/body"
check "no queries without a database for them" get 404 nothing -H 'Authorization: Bearer reading' "$http/exec?query=SELECT"
printf 'prefix,as,as_name,country\n10.0.0.0/8,64501,Second,FR\n' >"$TMP/networks.csv"
kill -HUP "$pid"
check "networks are read again" wait_for logged 'networks are read again'
lines 'flows src_addr="10.3.3.3",bytes=1i\n'
printf 'prefix,as\nnonsense,1\n' >"$TMP/networks.csv"
kill -HUP "$pid"
check "a broken file is told of" wait_for logged 'stay as they are'
lines 'flows src_addr="10.4.4.4",bytes=1i\n'
sleep 0.5
stop
check "ends cleanly" [ $? -eq 0 ]
printf '%s\n' "$columns" | tr ',' '\t' >"$TMP/expected"
{
	for i in 1 2 3
	do
		printf '10.1.0.1\t500\t64500\tFirst\tDE\tuplink\t\n'
	done
	printf '10.2.2.2\t99\t64500\tFirst\tDE\t\tone\n'
	printf '10.3.3.3\t1\t64501\tSecond\tFR\t\t\n'
	printf '10.4.4.4\t1\t64501\tSecond\tFR\t\t\n'
} >>"$TMP/expected"
sed 's/\\N//g' "$TMP/out.tsv" >"$TMP/body"
check "rows, with what is known of them" cmp -s "$TMP/expected" "$TMP/body"
check "bad lines are counted" counted 'lines_malformed 1'
check "those of other tables, too" counted 'lines_unknown_table 1'
adds_up "lines: received = decoded + comments" received_lines = lines_received line_comments
check "a comment is one" counted 'line_comments 1'
adds_up "lines: decoded = rows + dropped ones" lines_received = line_records lines_malformed lines_unknown_table
adds_up "rows: of datagrams and lines" records line_records = lines_written

# wrong CODE PATTERN ARGUMENT...
wrong()
{
	status=$1 pattern=$2
	shift 2
	"$FLOWCOLLECTD" "$@" >"$TMP/body" 2>"$err"
	[ $? -eq "$status" ] && logged "$pattern"
}
: >"$TMP/empty"
check "an empty token" wrong 1 'has no token' --influx=:0 --http=:0 --http-read-token-file="$TMP/empty" -o "$TMP/body"
check "no token file" wrong 1 'No such file' --influx=:0 --http=:0 --http-write-token-file="$TMP/none" -o "$TMP/body"
check "no file of networks" wrong 1 'No such file' --influx=:0 --networks="$TMP/none" -o "$TMP/body"
check "a broken file of networks" wrong 1 'nonsense\|prefix' --influx=:0 --networks="$TMP/networks.csv" -o "$TMP/body"
check "HTTP for a file" wrong 2 'does not end by itself' -r x --http=:0 -o -
check "HTTP for all without a token" wrong 1 . --influx=:0 --http=0.0.0.0:0 -o "$TMP/body"

rm -rf "$TMP/web_spool"
start --spool="$TMP/web_spool" -d "host=$TMP/nowhere" --health-after=1
check "health without a database" wait_for get 503 'the database cannot be reached' "$http/health"
lines 'flows src_addr="10.2.2.2",bytes=99i\n'
check "what waits" wait_for waits
stop
check "stops without one" counted 'spool_records_appended 1'

if [ -z "${PGHOST:-}" ]
then
	echo "skip web daemon: PGHOST is not set"
	exit 0
fi
PGOPTIONS="-c client_min_messages=warning"
export PGOPTIONS
database=flowcollectd_daemon_$$
role=flowcollectd_daemon_reader_$$
if ! psql -XqAt -c "CREATE DATABASE $database" 2>"$TMP/body" ||
	! psql -XqAt -c "CREATE ROLE $role LOGIN" 2>"$TMP/body"
then
	echo "skip web daemon: no right to make a database and a role"
	exit 0
fi
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null
	psql -Xq -c "DROP DATABASE $database WITH (FORCE)" -c "DROP ROLE $role"' EXIT
sql()
{
	psql -XqAt -d "$database" -v ON_ERROR_STOP=1 -c "$1" 2>&1
}
{
	echo 'CREATE SCHEMA flow;'
	sed -n '/^CREATE TABLE flow\.\(collectors\|exporters\)/,/;$/p' "$root/schema/collectors.sql"
	echo "CREATE TABLE flows (ts timestamptz, src_addr inet, bytes bigint, src_as bigint, src_as_name text,
		exporter inet, sensor text, received timestamptz);
		GRANT SELECT, INSERT ON flows TO $role; GRANT USAGE ON SCHEMA flow TO $role;"
} | psql -Xq -d "$database" -v ON_ERROR_STOP=1
rows()
{
	[ "$(sql 'SELECT count(*) FROM flows')" -ge "$1" ]
}
printf 'prefix,as,as_name\n10.0.0.0/8,64500,First\n' >"$TMP/networks.csv"
rm -rf "$TMP/web_spool"
start -l "127.0.0.1:$port" --spool="$TMP/web_spool" -d "dbname=$database" --query-db="dbname=$database" \
	--query-role="$role" --networks="$TMP/networks.csv" --http-write-token-file="$TMP/write.token" \
	--config="$TMP/rules.conf" --name='test "1"' --batch-age=0.1 --health-after=5
datagrams
datagrams 127.0.0.9
lines 'flows,sensor=one src_addr="10.2.2.2",bytes=99i 1700000000123456789\nflows bytes="x"\nflows src_addr="192.0.2.1",exporter="192.0.2.77" 42000000000\n'
check "rows by way of the spool" wait_for rows 5
is "$(sql "SELECT extract(epoch FROM ts), src_addr, bytes, src_as, src_as_name, exporter, sensor,
	received > now() - interval '1 minute' FROM flows WHERE sensor = 'one'")" \
	'1700000000.123456|10.2.2.2|99|64500|First|127.0.0.1|one|t' "a line"
is "$(sql "SELECT count(*), min(src_as_name) FROM flows WHERE src_addr = '10.1.0.1'")" '3|First' "datagrams beside it"
check "queries" get 200 '"dataset":[["192.0.2.77"]],"count":1}' -G --data-urlencode \
	"query=SELECT exporter FROM flows WHERE src_as IS NULL" "$http/exec"
check "import" get 200 'Rows imported' -H 'Authorization: Bearer writing' --data-binary 'bytes
7' "$http/imp?name=flows"
check "health" get 200 ok "$http/health"
check "nothing waits" wait_for get 200 "flowcollectd_spool_bytes 0" "$http/metrics"
is "$(grep "^flowcollectd_lag_seconds " "$TMP/body")" "flowcollectd_lag_seconds 0" "nothing lags"
sleep 2.5
stop
check "ends cleanly, with a database" [ $? -eq 0 ]
adds_up "received = refused + kept" received_datagrams received_lines = received_not_allowed received_over_rate \
	spool_records_appended spool_records_refused
adds_up "kept = decoded" spool_records_appended = datagrams lines_received line_comments
adds_up "lines = rows + dropped ones" lines_received = line_records lines_malformed lines_unknown_table
adds_up "decoded = queued" records line_records = rows_queued
adds_up "queued = written + dropped ones" rows_queued = rows_written rows_dropped rows_rejected rows_known rows_reread
is "$(sql "SELECT count(*) FROM flows WHERE bytes IS DISTINCT FROM 7")" "$(value rows_written)" "written = stored"
is "$(sql "SELECT name, version, queue_rows, spool_bytes, exporters, drops, last_seen - started < interval '1 minute'
	FROM flow.collectors")" \
	'test "1"|1.0|0|0|1|{"lines_malformed": 1, "received_not_allowed": 3, "sequence_missed_records": 2}|t' \
	"the row of the collector"
is "$(sql 'SELECT refused FROM flow.collectors')" '{"127.0.0.9/32": 3}' "what rules have refused, in it"
is "$(sql 'SELECT collector, address, version, domain, records, gaps, missed, templates FROM flow.exporters')" \
	'test "1"|127.0.0.1|5|258|3|2|2|' "the row of the exporter"

start --spool="$TMP/web_spool" -d "dbname=$database user=$role" --name=denied
check "a role without rights is told what it takes" wait_for logged 'GRANT SELECT, INSERT, UPDATE ON flow.collectors'
lines 'flows bytes=1234i\n'
check "and writes rows nevertheless" wait_for eval '[ "$(sql "SELECT count(*) FROM flows WHERE bytes = 1234")" = 1 ]'
stop
sql 'ALTER TABLE flow.collectors DROP COLUMN refused' >"$TMP/body"
start --spool="$TMP/web_spool" -d "dbname=$database"
check "a database of an older version is told what is missing" wait_for logged 'column "refused"'
stop
sql 'DROP SCHEMA flow CASCADE' >"$TMP/body"
start --spool="$TMP/web_spool" -d "dbname=$database"
check "a database without the tables" wait_for logged "no tables for the collector's status"
stop
check "is no trouble" [ $? -eq 0 ]
exit 0
