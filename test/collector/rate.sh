#!/bin/sh
# How many flow records a second come in over loopback UDP and reach the table, exactly:
#
#	test/collector/rate.sh [RECORDS_PER_S [SECONDS [stopped|running [FORMAT]]]]
#
# 300,000 for 60 s with PostgreSQL stopped meanwhile, as netflow5, unless told otherwise.  flowgen sends; it counts what it sent,
# and the table must hold as many rows.  Everything runs on this machine: sender, collector, and PostgreSQL when it does.
top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"
rate=${1:-300000} seconds=${2:-60} database=${3:-stopped} format=${4:-netflow5}

build()
{
	server_make src all install && server_make src/collector && server_make src/test/gen &&
		server_start 'shared_buffers = 1GB' 'max_wal_size = 8GB' "shared_preload_libraries = 'flowstore'" 'fsync = off'
}

cleanup()
{
	[ -z "${collector:-}" ] || kill "$collector" 2>/dev/null
	server_leave
}

sql() { as_server_user psql -XAtq -h "$server_dir" -p 5432 -U postgres -c "$1"; }
cpu() { awk '{ print ($14 + $15) / 100 }' "/proc/$1/stat"; }
metric() { sed -n "s/^$1 //p" "$server_dir/stats"; }

server_private flowcollectd-rate build
trap cleanup EXIT
sql "CREATE EXTENSION flowstore; CREATE TABLE flows (ts timestamptz NOT NULL, duration_ms int, exporter inet, sensor text,
	in_if int, out_if int, src_addr inet, dst_addr inet, src_port int, dst_port int, proto smallint, tcp_flags smallint,
	tos smallint, packets bigint, bytes bigint, src_as bigint, dst_as bigint, sampling int) USING flowstore" || exit 1
[ "$database" = running ] || as_server_user pg_ctl -w -D "$server_dir/data" -m fast stop >/dev/null || exit 1

port=$((20000 + $$ % 20000))
as_server_user "$server_dir/src/collector/build/flowcollectd" -l "127.0.0.1:$port" --spool "$server_dir/spool" \
	-d "host=$server_dir user=postgres" --max-skew 100000000 --stats 2>"$server_dir/stats" &
sleep 1
collector=$(pgrep -f "flowcollectd -l 127.0.0.1:$port " | tail -n 1)
began=$(date +%s.%N)
as_server_user "$server_dir/src/test/gen/flowgen" -n $((rate * seconds)) --format "$format" --rate "$rate" \
	--send "udp://127.0.0.1:$port" >"$server_dir/sent" || exit 1
sent=$(sed -n 's/^records[: ]*//p' "$server_dir/sent")
took=$(echo "$(date +%s.%N) - $began" | bc)
say "sent $sent records in $took s; processor time of the collector until then: $(cpu "$collector") s"
[ "$database" = running ] || as_server_user pg_ctl -w -D "$server_dir/data" -l "$server_dir/server.log" start >/dev/null || exit 1
resumed=$(date +%s.%N)
rows=0 last=-1 still=0
while [ "$rows" -lt "$sent" ] && [ $still -lt 60 ]; do
	sleep 0.5
	rows=$(sql 'SELECT count(*) FROM flows')
	[ "$rows" -eq "$last" ] && still=$((still + 1)) || still=0
	last=$rows
done
say "$rows of $sent are in the table $(echo "$(date +%s.%N) - $resumed" | bc) s later; from the first datagram $(echo "$(date +%s.%N) - $began" | bc) s; processor time of the collector: $(cpu "$collector") s"
kill "$collector"
while kill -0 "$collector" 2>/dev/null; do sleep 0.1; done
collector=''
say "datagrams received $(metric received_datagrams), lost in the kernel $(metric datagrams_lost_in_kernel), refused by the spool $(metric spool_records_refused); rows written $(metric rows_written)"
[ "$rows" -eq "$sent" ] || die 'not all records are in the table'
