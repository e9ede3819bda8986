#!/bin/sh
# Watched directories into a table, each line once, while logs are written and
# rotated, and collector and server are killed; with positions in flow.ingest, and
# without.  Called by run.sh; starts a server of its own, so not as root.
#
#	WATCH_SECONDS=300 run.sh watch		for longer
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
then
	echo "skip watch: it takes initdb and a user who is not root"
	exit 0
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP PGPORT=5436 PGUSER=watch
export PGHOST PGPORT PGUSER
data=$TMP/watch
logs=$TMP/logs
err=$TMP/watch.err
seconds=${WATCH_SECONDS:-12}

sql()
{
	psql -XqAt -d postgres -c "$1" 2>>"$TMP/watch.sql"
}

server()
{
	"$bin/pg_ctl" -w -D "$data" -l "$TMP/watch.log" "$@" >/dev/null 2>&1
}

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok watch: $name"
	else
		echo "not ok watch: $name"
		sed 's/^/# /' "$err" | tail -20
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
		[ $i -lt 600 ] || return 1
		sleep 0.1
	done
}

logged()
{
	grep -q -e "$1" "$err"
}

not()
{
	! "$@"
}

# below N: a random number
below()
{
	awk -v n="$1" -v seed="$(od -An -N4 -tu4 /dev/urandom)" 'BEGIN {srand(seed); print int(rand() * n)}'
}

# collector ARGUMENT...: set $pid
collector()
{
	"$FLOWCOLLECTD" --watch="$logs:*.csv*" -d dbname=postgres --batch-age=0.1 --stats "$@" 2>>"$err" &
	pid=$!
}

stop()
{
	kill "-$1" $pid 2>/dev/null
	wait $pid 2>/dev/null
}

rows()
{
	sql "SELECT count(*), count(DISTINCT bytes), min(bytes), max(bytes) FROM flows"
}

rows_are()
{
	[ "$(rows)" = "$1|$1|1|$1" ]
}

# trouble: one thing that happens
trouble()
{
	case $(below 5) in
	0)
		stop KILL
		;;
	1)
		server -m immediate stop
		[ "$(below 2)" -eq 0 ] || stop KILL
		server start
		;;
	2)
		sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowcollectd'" >/dev/null
		;;
	3)
		stop TERM
		;;
	*)
		server -m fast restart
		;;
	esac
	kill -0 $pid 2>/dev/null || collector --batch-rows=$((1 + $(below 3000))) --connections=$((1 + $(below 4)))
}

"$initdb" -D "$data" -U watch -A trust -E UTF8 --locale=C --no-sync >"$TMP/watch.log" 2>&1 || exit 1
printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$TMP'" "port = $PGPORT" "fsync = off" \
	>>"$data/postgresql.conf"
trap 'server -m immediate stop' EXIT
server start || exit 1
sql "CREATE TABLE flows (ts timestamptz NOT NULL, src_addr inet, src_port int, bytes bigint)"
if ! sql "CREATE EXTENSION flowstore"
then
	echo "skip watch: extension flowstore is not installed"
	exit 0
fi

# Kills
nrows=$((seconds * 5000))
mkdir "$logs"
: >"$err"
perl "$here/watch_write.pl" "$logs" $nrows "$seconds" 2>"$TMP/writer" &
writer=$!
collector
ntroubles=0
while kill -0 $writer 2>/dev/null
do
	sleep "0.$(below 9)"
	trouble
	ntroubles=$((ntroubles + 1))
done
wait $writer
check "logs were written" [ ! -s "$TMP/writer" ]
check "all $nrows lines are rows after $ntroubles troubles" wait_for rows_are $nrows
is "$(rows)" "$nrows|$nrows|1|$nrows" "each once"
stop TERM
is "$(sql "SELECT count(DISTINCT source) = count(*), bool_and(first = 0), bool_and(source ~ '^watch:.*:[0-9a-f]{32}\$')
	FROM flow.ingest")" "t|t|t" "each file is a source, noted without gaps"
: >"$err"
collector
sleep 2
stop TERM
is "$(rows)" "$nrows|$nrows|1|$nrows" "another start adds nothing"
check "nor does it write anything" logged '^rows_queued 0$'

# A server that has lost what was written
has_asked()
{
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowcollectd' AND state = 'idle'
		AND query LIKE '%FROM flow.ingest%'")" -ge 1 ]
}
collector
check "a collector asks what is written" wait_for has_asked
sleep 1						# and reads the answer
sql "TRUNCATE flows, flow.ingest"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowcollectd'" >/dev/null
check "lost rows are read again" wait_for rows_are $nrows
check "which is logged" logged 'the database has lost what was written'
stop TERM

# Files that are gone are forgotten, but not those that are there
sources()
{
	[ "$(sql "SELECT count(*) FROM flow.ingest")" -eq "$1" ]
}
nfiles=$(sql "SELECT count(*) FROM flow.ingest")
sql "UPDATE flow.ingest SET written = now() - interval '11 days'"
rm -f "$logs/last.csv" "$logs"/c.7.csv.gz "$logs"/c.*4.csv.gz
printf 'ts,src_addr,src_port,bytes\n1800000000,192.0.2.1,1,%d\n' $((nrows + 1)) >"$logs/new.csv"
gone=$((nfiles + 1 - $(find "$logs" -name '*.csv*' -size +0 | wc -l)))
collector
nrows=$((nrows + 1))
check "a new file is read" wait_for rows_are $nrows
check "$gone files that are gone are forgotten" wait_for sources $((nfiles + 1 - gone))
check "at least two" [ $gone -ge 2 ]
is "$(rows)" "$nrows|$nrows|1|$nrows" "those that are there are not read again"
stop TERM
: >"$err"
collector
sleep 1
stop TERM
check "nor after one more start" logged '^rows_queued 0$'

# Two collectors, one directory
for who in 1 2
do
	"$FLOWCOLLECTD" --watch="$logs:*.csv*" -d dbname=postgres --batch-age=0.1 --batch-rows=200 --connections=3 \
		--stats 2>"$TMP/both.$who" &
	eval "pid$who=\$!"
done
perl -e '
	my ($dir, $from) = @ARGV;
	open my $out, ">", "$dir/both.csv" or die;
	$out->autoflush(1);
	print $out "ts,src_addr,src_port,bytes\n";
	for my $n (1 .. 6000)
	{
		print $out "1800000000,192.0.2.2,$n,", $from + $n, "\n";
		select undef, undef, undef, 0.03 if $n % 100 == 0;
	}' "$logs" $nrows
before=$nrows
nrows=$((nrows + 6000))
check "two collectors write each line once" wait_for rows_are $nrows
sleep 1
kill -TERM $pid1 $pid2
wait $pid1 $pid2
is "$(rows)" "$nrows|$nrows|1|$nrows" "and not twice"
written=$(cat "$TMP/both.1" "$TMP/both.2" | awk '$1 == "rows_written" { n += $2 } END { print n }')
is "$written" $((nrows - before)) "rows that they have written = rows of the table"

# Without the extension
rm -rf "$logs"
mkdir "$logs"
sql "DROP EXTENSION flowstore; TRUNCATE flows"
perl "$here/watch_write.pl" "$logs" 20000 4 2>"$TMP/writer" &
writer=$!
while kill -0 $writer 2>/dev/null
do
	collector --watch-positions="$TMP/positions" --batch-rows=500
	sleep "0.$((2 + $(below 8)))"
	stop TERM
done
wait $writer
collector --watch-positions="$TMP/positions"
check "without the extension positions are in a file" wait_for rows_are 20000
is "$(rows)" "20000|20000|1|20000" "and each stop and start writes each line once"
second()
{
	timeout 20 "$FLOWCOLLECTD" --watch="$logs:*.csv*" -d dbname=postgres --watch-positions="$TMP/positions" "$@" \
		2>"$TMP/second.err"
	[ $? -eq 1 ]
}
check "who finds the file in use ends" second
check "and says so" grep -q 'positions" is in use by another collector' "$TMP/second.err"
sleep 3						# positions are kept once a second
stop KILL
: >"$err"
collector --watch-positions="$TMP/positions"
sleep 1
stop TERM
is "$(rows)" "20000|20000|1|20000" "nothing was new after a kill in silence"
check "nor read" logged '^rows_queued 0$'
sql "CREATE TABLE other (LIKE flows)"
check "positions of one table are not used for another" second -t other
check "which is said" grep -q 'positions for another table.* public.flows [0-9]*, and not .* public.other [0-9]*;' "$TMP/second.err"
sql "DROP TABLE other; ALTER TABLE flows RENAME TO other; CREATE TABLE flows (LIKE other)"
check "nor for one of the same name" second
sql "DROP TABLE flows; ALTER TABLE other RENAME TO flows"
sql "CREATE EXTENSION flowstore"
: >"$err"
collector --watch-positions="$TMP/positions"
sleep 1
stop TERM
check "with the extension, later, the file still counts" logged '^rows_queued 0$'
: >"$err"
collector --watch-positions="$TMP/positions"
for round in 1 2
do
	printf 'ts,src_addr,src_port,bytes\n1800000000,192.0.2.1,%d,%d\n' $round $((20000 + round)) >"$logs/later$round.csv"
	wait_for rows_are $((20000 + round)) || echo "not ok watch: a new file, with the extension"
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowcollectd'" >/dev/null
	sleep 1
done
is "$(rows)" "20002|20002|1|20002" "also after a lost connection"
stop TERM
check "nothing is taken for lost" not logged 'has lost what was written'
echo "nonsense" >"$TMP/positions"
"$FLOWCOLLECTD" --watch="$logs" -d dbname=postgres --watch-positions="$TMP/positions" 2>"$err"
check "a file without positions ends it" [ $? -eq 1 ]
check "which is said" logged 'has no positions of watched files'
rm -rf "$logs"
exit 0
