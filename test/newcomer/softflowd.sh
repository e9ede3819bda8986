#!/bin/sh
# softflowd, a NetFlow exporter, watches real traffic between two machines and sends it to flowcollectd on a third: bytes, packets
# and addresses in the table are those of the traffic, for each of its protocols.  The machines are network namespaces, as root or
# as a user who may make them.  Without this test only exporters of our own are known to work live.
#
# softflowd.sh [VERSION]... tries NetFlow 5, 9 and 10, which is IPFIX, or those that are named.  Against the server that PGHOST
# names; flowcollectd is that of the tree.

top=$(readlink -f "$(dirname "$0")/../..")
here=$top/test/newcomer
PATH=$PATH:/usr/sbin:/sbin

skip()
{
	echo "1..0 # skip $1"
	exit 0
}

if [ -z "${INSIDE-}" ]; then
	[ -n "${PGHOST-}" ] || skip 'PGHOST is not set'
	for program in softflowd iperf3 ping curl ip; do
		command -v $program >/dev/null || skip "$program is not installed"
	done
	map=-r
	[ "$(id -u)" -ne 0 ] || map=
	unshare $map -n true 2>/dev/null || skip 'cannot make networks of its own'
	INSIDE=1 exec unshare $map -n sh "$0" "$@"
fi

. "$here/network.sh"
. "$here/tap.sh"

work=$(mktemp -d) || exit 1
database=flowstore_softflowd_$$
collector=
softflowd=

leave()
{
	network_remove
	# shellcheck disable=SC2086
	[ -z "$softflowd$collector" ] || { kill $softflowd $collector; wait $softflowd $collector; } 2>/dev/null
	psql -Xq -d postgres -c "DROP DATABASE IF EXISTS $database"
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

sql()
{
	PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -d $database -c "$1"
}

# wait_for SECONDS QUERY: until it says t
wait_for()
{
	wait_until=$(($(date +%s) + $1))
	until [ "$(sql "$2")" = t ]; do
		[ "$(date +%s)" -lt $wait_until ] || return 1
		sleep 0.3
	done
}

network_make || exit 1
network_hum
psql -Xq -d postgres -c "CREATE DATABASE $database" || exit 1
sql "CREATE EXTENSION flowstore; SELECT flow.create_table('flows')" >/dev/null || exit 1

# watch VERSION: collector and exporter, traffic, and the end of both; fills table flows anew
watch()
{
	version=$1
	sql 'TRUNCATE flows; DELETE FROM flow.exporters'
	"$top/collector/build/flowcollectd" -l udp://192.0.2.10:2055 --spool="$work/spool$version" -d dbname=$database \
		2>"$work/collector.log" &
	collector=$!
	for _ in $(seq 50); do
		! grep -q receiving "$work/collector.log" || break
		sleep 0.1
	done
	on_exec exporter softflowd -d -i eth0 -B 16777216 -n 192.0.2.10:2055 -v "$version" -t maxlife=5 -t expint=1 \
		-p "$work/pid" -c "$work/ctl" >"$work/softflowd.log" 2>&1 &
	softflowd=$!
	sleep 1
	before=$(network_counted)
	network_traffic 20000000 15000000 "$work" || cat "$work"/*.log
}

# sum CONDITION COLUMN
sum()
{
	sql "SELECT coalesce(sum($2), 0) FROM flows WHERE $1"
}

[ $# -gt 0 ] || set -- 5 9 10
for version; do
	watch $version
	download="src_addr = '203.0.113.2' AND dst_addr = '198.51.100.2' AND src_port = 80 AND proto = 6"
	upload="src_addr = '198.51.100.2' AND dst_addr = '203.0.113.2' AND dst_port = 5201 AND proto = 6"
	wait_for 30 "SELECT sum(bytes) FILTER (WHERE $download) >= 20000000 AND sum(bytes) FILTER (WHERE $upload) >= 15000000
		AND sum(packets) FILTER (WHERE proto = 1 AND '{198.51.100.2,203.0.113.2}' @> ARRAY[src_addr, dst_addr]) >= 40 FROM flows"
	is $? 0 "NetFlow $version: the rows come while softflowd runs"
	wait_for 20 "SELECT count(*) = 1 FROM flow.exporters WHERE records > 0"
	is "$(sql "SELECT address, version FROM flow.exporters")" "192.0.2.1|$version" \
		"NetFlow $version: flow.exporters has it"
	kill $softflowd
	wait $softflowd 2>/dev/null
	counted=$(($(network_counted) - before))
	sleep 1
	kill $collector
	wait $collector
	is $? 0 "NetFlow $version: the collector ends well"
	softflowd='' collector=''

	is "$(near "$(sum "$download" bytes)" 20700000 20)" yes "NetFlow $version: bytes of the download"
	is "$(near "$(sum "$upload" bytes)" 15500000 20)" yes "NetFlow $version: bytes of the upload"
	is "$(near "$(sum "'203.0.113.2' IN (src_addr, dst_addr)" bytes)" "$counted" 1)" yes "NetFlow $version: bytes of both are those of the interface"
	for direction in "src_addr = '198.51.100.2' AND dst_addr = '203.0.113.2'" "src_addr = '203.0.113.2' AND dst_addr = '198.51.100.2'"; do
		is "$(sum "$direction AND proto = 1" packets) $(sum "$direction AND proto = 1" bytes)" '20 2560' \
			"NetFlow $version: packets and bytes of the pings, $direction"
	done
	is "$(sql "SELECT count(*) FROM flows WHERE exporter IS DISTINCT FROM '192.0.2.1' OR ts > now() OR ts < now() - interval '2 minutes'
		OR family(src_addr) = 4 AND NOT '{198.51.100.2,203.0.113.2,198.51.100.1}' @> ARRAY[src_addr, dst_addr]")" \
		0 "NetFlow $version: exporter, times and addresses of all rows"
done
echo 1..$number
exit $bad
