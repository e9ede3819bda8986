#!/bin/sh
# Live capture through the spool: the rows that there are without one; none
# lost and none twice while the server is away and when the collector is killed;
# every packet, flow, datagram and row is accounted for; two interfaces, and
# exporters beside them.  Called by run.sh; starts a server of its own, so not
# as root.
# shellcheck disable=SC2154
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ -z "$INSIDE" ]
then
	if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
	then
		echo "skip capture_spool: it takes initdb and a user who is not root"
		exit 0
	fi
	if ! command -v ip >/dev/null || ! unshare -cn --keep-caps true 2>/dev/null
	then
		echo "skip capture_spool: cannot make a network of its own"
		exit 0
	fi
	INSIDE=1 exec unshare -cn --keep-caps "$0"
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP PGPORT=5435 PGUSER=capture
export PGHOST PGPORT PGUSER
data=$TMP/capture
err=$TMP/capture.err
sorted=$TMP/capture.sorted
expected=$TMP/capture.expected
columns=src_addr,dst_addr,src_port,dst_port,proto,sensor,src_country,packets,bytes,vlan,end_reason

sql()
{
	psql -XqAt -d postgres -c "$1"
}

server()
{
	"$bin/pg_ctl" -w -D "$data" -l "$TMP/capture.log" "$@" >/dev/null 2>&1
}

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok capture_spool: $name"
	else
		echo "not ok capture_spool: $name"
		sed 's/^/# /' "$err" | grep -v ' 0$' | tail -40
	fi
}

# is GOT EXPECTED NAME
is()
{
	check "$3" [ "$1" = "$2" ]
	[ "$1" = "$2" ] || echo "# got $1, expected $2"
}

# up to 20 seconds
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

# The last value that was printed.
counter()
{
	sed -n "s/^$1 //p" "$err" | tail -1
}

# counter_reaches NAME VALUE
counter_reaches()
{
	kill -USR1 $pid
	sleep 0.1
	[ "$(counter "$1")" -ge "$2" ]
}

# counters_agree NAME NAME
counters_agree()
{
	kill -USR1 $pid
	sleep 0.1
	[ "$(counter "$1")" -gt 0 ] && [ "$(counter "$1")" -eq "$(counter "$2")" ]
}

# sum NAME...: of counters
sum()
{
	total=0
	for counter in "$@"
	do
		total=$((total + $(counter "$counter")))
	done
	echo $total
}

# start OPTION...: with a spool; sets pid
start()
{
	: >"$err"
	"$FLOWCOLLECTD" --spool="$TMP/capture.spool" -d dbname=postgres -t live --batch-age=0.1 \
		--details --stats "$@" 2>"$err" &
	pid=$!
	wait_for logged 'flowcollectd: receiving$' || echo "not ok capture_spool: start"
}

# sets status
stop()
{
	kill "${1:--TERM}" $pid
	wait $pid 2>/dev/null
	status=$?
}

send()
{
	perl "$here/send_frames.pl" "$1" "$TMP/pcap/$2.pcap"
}

make_link()
{
	ip link add "${1}0" type veth peer name "${1}1" || return 1
	for end in "${1}0" "${1}1"
	do
		ip link set "$end" addrgenmode none && ip link set "$end" up || return 1
	done
}

# All that was counted in the run that has ended, which captured only.
account()
{
	is "$(counter packets)" "$(sum ip_packets non_ip_packets malformed_link malformed_ip4 malformed_ip6 \
		tunnel_fragments)" "$1: packets = metered ones + those of each counter"
	is "$(counter flows_exported)" "$(counter flows_created)" "$1: flows that began = flows that ended"
	is "$(counter flows_exported)" "$(sum spool_records_appended spool_records_refused)" \
		"$1: flows = records of the spool + refused ones"
	is "$(counter rows_queued)" "$(sum rows_written rows_dropped rows_rejected rows_known rows_reread)" \
		"$1: rows for the database = written + those of each counter"
}

if ! { make_link fcd && make_link fce && ip link set lo up; } 2>"$err"
then
	echo "skip capture_spool: no virtual interfaces: $(head -1 "$err")"
	exit 0
fi
"$initdb" -D "$data" -U capture -A trust -E UTF8 --locale=C --no-sync >"$TMP/capture.log" 2>&1 || exit 1
cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$TMP'
port = $PGPORT
CONF
trap 'server -m immediate stop' EXIT
server start || exit 1
sql "CREATE TABLE live (ts timestamptz NOT NULL, src_addr inet, dst_addr inet, src_port int, dst_port int,
	proto smallint, sensor text, exporter inet, sampling int, src_country text, packets bigint, bytes bigint,
	vlan int, end_reason smallint)"
{
	echo "CREATE SCHEMA flow;"
	sed -n '/^CREATE TABLE flow.ingest/,/^);/p; /^CREATE FUNCTION flow.note_ingest/,/^\$\$;/p' "$root/schema/ingest.sql"
} | psql -Xq -d postgres
printf 'prefix,country\n192.0.2.0/24,DE\n2001:db8::/32,FR\n' >"$TMP/capture.csv"

# The same rows
: >"$err"
"$FLOWCOLLECTD" --capture=fcd1 -o "$TMP/capture.out" --no-header --columns=$columns --details \
	--sensor=here --networks="$TMP/capture.csv" --stats 2>"$err" &
pid=$!
wait_for logged 'capturing from'
send fcd0 tags
send fcd0 protocols
sleep 0.3
stop
sort "$TMP/capture.out" >"$expected"
npackets=$(counter packets)
check "there are packets to compare" [ "$npackets" -gt 10 ]
check "networks are known" grep -q '	DE	' "$expected"
start --capture=fcd1 -o "$TMP/capture.out" --no-header --columns=$columns --sensor=here \
	--networks="$TMP/capture.csv"
send fcd0 tags
send fcd0 protocols
sleep 0.3
stop
is "$status" 0 "status 0 after SIGTERM"
sort "$TMP/capture.out" >"$sorted"
check "the rows are those without a spool" cmp -s "$sorted" "$expected"
sql "COPY (SELECT $columns FROM live) TO STDOUT" | sed 's,/[0-9]*	,	,g' | sort >"$sorted"
check "so are those of the table" cmp -s "$sorted" "$expected"
is "$(sum packets packets_lost_in_kernel)" "$npackets" "packets that were sent = captured + lost"
account "a run"
is "$(sql "SELECT sum(packets), sum(bytes) FROM live")" "$(counter ip_packets)|$(counter ip_bytes)" \
	"the table has all packets and bytes"
is "$(counter rows_written)" "$(counter flows_exported)" "each flow is a row"

# The server away, the collector killed
sql "TRUNCATE live"
"$TMP/mkpcap" "$TMP/pcap" flood 3000
start --capture=fcd1 --idle-timeout=0.5
send fcd0 flood
wait_for has_rows 3000
server -m immediate stop
send fcd0 flood
check "flows go to the spool while the server is away" wait_for counter_reaches spool_records_appended 6000
is "$(counter rows_written)" 3000 "and not to the table"
sleep 0.3
stop -KILL
server start
start --capture=fcd1 --idle-timeout=0.5
wait_for has_rows 6000
is "$(sql "SELECT count(*), sum(packets), count(DISTINCT src_addr) FROM live")" "6000|6000|3000" \
	"after a kill the flows of the spool are rows, each once"
stop
is "$(sum packets flows_created rows_known)" 0 "without a packet of their own"
start --capture=fcd1 --idle-timeout=60
send fcd0 flood
wait_for counter_reaches flows_created 3000
stop -KILL
start --capture=fcd1
sleep 0.5
stop
is "$(sql "SELECT count(*) FROM live")" 6000 "flows that have not ended are lost by a kill"
start --capture=fcd1
send fcd0 flood
wait_for counter_reaches flows_created 3000
stop
is "$(sql "SELECT count(*), sum(packets) FROM live")" "9000|9000" "and not by a stop"
account "a stop"

# Kills while rows are being written
sql "TRUNCATE live"
for round in 1 2 3 4 5
do
	start --capture=fcd1 --idle-timeout=0.3 --batch-rows=500
	send fcd0 flood
	wait_for counter_reaches spool_records_appended 3000
	sleep 0.1
	stop -KILL
done
start --capture=fcd1 --batch-rows=500
wait_for has_rows 15000
stop
is "$(sql "SELECT count(*), sum(packets), min(n), max(n) FROM
	(SELECT count(*) OVER (PARTITION BY src_addr, src_port) AS n, packets FROM live) AS rows")" "15000|15000|5|5" \
	"after five kills each flow is there once"

# A spool without room
sql "TRUNCATE live"
"$TMP/mkpcap" "$TMP/pcap" flood 30000
rm -rf "$TMP/capture.spool"
server -m immediate stop
start --capture=fcd1 --idle-timeout=0.5 --spool-bytes=1M --spool-full=refuse
send fcd0 flood
wait_for counter_reaches flows_exported 30000
sleep 1
stop
is "$status" 0 "a stop with a full spool"
refused=$(counter spool_records_refused)
check "a full spool refuses flows" [ "$refused" -gt 0 ]
is "$(counter flows_exported)" 30000 "and packets are metered all the same"
server start
start --capture=fcd1
wait_for has_rows $((30000 - refused))
stop
is "$(sql "SELECT count(*), count(DISTINCT src_addr) FROM live")" "$((30000 - refused))|$((30000 - refused))" \
	"flows = rows + refused ones"

# Packets that are kept: references go through the spool, also while the server is
# away and over a kill; what was written a second before it is there
sql "TRUNCATE live"
sql "ALTER TABLE live ADD pcap_ref text"
rm -rf "$TMP/capture.spool"
start --capture=fcd1 --idle-timeout=0.5 --ring="$TMP/capture.ring"
server -m immediate stop
send fcd0 protocols
send fcd0 tags
sleep 3
check "packets are kept while the server is away" wait_for counters_agree packets ring_packets
check "and flows wait" wait_for counters_agree flows_created spool_records_appended
nflows=$(counter flows_created)
npackets=$(counter ip_packets)
stop -KILL
server start
start --capture=fcd1 --idle-timeout=0.5 --ring="$TMP/capture.ring"
wait_for has_rows "$nflows"
is "$(sql "SELECT count(*), sum(packets), count(pcap_ref) FROM live")" "$nflows|$npackets|$nflows" \
	"after a kill each flow is a row, and says where its packets are"
send fcd0 protocols
sleep 0.5
stop
is "$status" 0 "a stop with a ring"
account "a ring"
is "$(sum ring_packets ring_packets_dropped)" "$(counter packets)" "packets = kept + dropped ones"
sql "COPY (SELECT * FROM live) TO STDOUT (FORMAT csv, HEADER, DELIMITER E'\\t', NULL '\N')" >"$TMP/capture.rows"
check "there are rows of both" [ "$(sed 1d "$TMP/capture.rows" | wc -l)" -gt "$nflows" ]
perl "$here/ring_rows.pl" "rows of the table have their packets" "$TMP/capture.ring" "$TMP/capture.rows" 8

# Two interfaces, and exporters
sql "TRUNCATE live"
rm -rf "$TMP/capture.spool"
"$TMP/mkpcap" "$TMP/pcap" flood 3000
"$TMP/mkpcap" "$TMP/pcap" bulk 2000
port=$PORT
cat >"$TMP/capture.conf" <<CONF
listen = 127.0.0.1:$port
capture = fcd1
capture = fce1
[exporter 127.0.0.1]
sampling = 100
sensor = exporter
rate = 20
CONF
start --config="$TMP/capture.conf" --sensor=tap
send fcd0 flood
send fce0 bulk
perl "$here/send_udp.pl" 127.0.0.1 $port 100 0 1
wait_for counter_reaches received_datagrams 100
wait_for counter_reaches packets 5000
stop
is "$status" 0 "a stop of all that"
is "$(counter packets)" 5000 "packets of both interfaces"
check "datagrams over the rate" [ "$(counter received_over_rate)" -gt 0 ]
is "$(sum received_datagrams flows_exported)" \
	"$(sum received_not_allowed received_over_rate spool_records_appended spool_records_refused)" \
	"datagrams + flows = refused by rules + records of the spool + refused ones"
is "$(sql "SELECT sum(packets) FROM live WHERE sensor = 'tap' AND exporter IS NULL AND sampling = 1")" \
	"$(counter ip_packets)" "packets of rows from interfaces = metered ones"
is "$(sql "SELECT count(*) FROM live WHERE sensor = 'exporter' AND exporter = '127.0.0.1' AND sampling = 100")" \
	$((30 * (100 - $(counter received_over_rate)))) "rows of the exporter = records of the datagrams let in"
is "$(counter rows_written)" "$(sum flows_exported records)" "rows = flows + records"
exit 0
