#!/bin/sh
# Minutes of chaos: PostgreSQL is killed, connections are cut and the daemon is
# killed while a file is loaded, again and again until it is complete; then
# each row is in the table once.  A command of its own, not part of run.sh:
#
#	FLOWCOLLECTD=... chaos_sink.sh [SECONDS]	default 120
#
# Not as root; initdb, pg_ctl and psql come from PATH, with extension flowstore.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
: "${FLOWCOLLECTD:=$here/../../collector/build/flowcollectd}"
seconds=${1:-120}
rows=400000
TMP=$(mktemp -d "${TMPDIR:-/tmp}/flowcollectd-chaos.XXXXXX") || exit 2
data=$TMP/data
PGHOST=$TMP PGPORT=5435 PGUSER=chaos PGDATABASE=postgres
export PGHOST PGPORT PGUSER PGDATABASE
trap 'pg_ctl -D "$data" -m immediate stop >/dev/null 2>&1; rm -rf "$TMP"' EXIT
trap 'exit 2' INT TERM

sql()
{
	psql -XqAt -c "$1"
}

server()
{
	pg_ctl -w -D "$data" -l "$TMP/log" "$@" >/dev/null 2>&1
}

# below N: a random number
below()
{
	awk -v n="$1" -v seed="$(od -An -N4 -tu4 /dev/urandom)" 'BEGIN {srand(seed); print int(rand() * n)}'
}

initdb -D "$data" -U chaos -A trust --no-sync >/dev/null &&
	printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$TMP'" \
		"port = $PGPORT" >>"$data/postgresql.conf" && server start || exit 2
${CC:-gcc} -std=gnu11 -O1 -o "$TMP/mkpcap" "$here/mkpcap.c" && "$TMP/mkpcap" "$TMP" flood $rows || exit 2
sql "CREATE EXTENSION flowstore" || exit 2
sql "CREATE TABLE flows (ts timestamptz NOT NULL, src_addr inet, src_port int, bytes bigint)"

until=$(($(date +%s) + seconds))
loads=0 kills=0 cuts=0 crashes=0 bad=0
while [ "$(date +%s)" -lt $until ]
do
	sql "TRUNCATE flows, flow.ingest" || exit 2
	status=1
	while [ $status -ne 0 ]
	do
		"$FLOWCOLLECTD" -r "$TMP/flood.pcap" -d '' --batch-rows=$((1 + $(below 4000))) \
			--connections=$((1 + $(below 4))) 2>>"$TMP/err" &
		pid=$!
		sleep "0.$(below 9)"
		case $(below 4) in
		0)
			kill -KILL $pid && kills=$((kills + 1))
			;;
		1)
			server -m immediate stop && crashes=$((crashes + 1))
			[ "$(below 2)" -eq 0 ] || { kill -KILL $pid && kills=$((kills + 1)); }
			server start
			;;
		2)
			cuts=$((cuts + $(sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE application_name = 'flowcollectd'")))
			;;
		*)
			kill -TERM $pid
			wait $pid
			continue
			;;
		esac 2>/dev/null
		wait $pid 2>/dev/null
		status=$?
	done
	loads=$((loads + 1))
	result=$(sql "SELECT count(*), count(DISTINCT (ts, src_addr, src_port)),
		(SELECT count(*) FROM flow.ingest) FROM flows")
	[ "$result" = "$rows|$rows|1" ] || { bad=$((bad + 1)); echo "not ok: $result"; tail -5 "$TMP/err"; }
done
echo "# $loads loads, $kills daemons killed, $crashes servers crashed, $cuts connections cut"
[ $bad -eq 0 ] && [ $loads -gt 0 ] && echo "ok chaos: each row is there once" && exit 0
echo "not ok chaos: rows are missing, or are there twice"
exit 1
