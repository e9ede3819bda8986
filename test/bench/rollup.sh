#!/bin/bash
# Dashboard queries over 90 days of rollups, through their views: what planning
# and execution take together, in ms.  README.md says more.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
repeats=9
keep=

usage()
{
	cat <<-END
		Usage: test/bench/rollup.sh [OPTION]...

		  -r REPEATS    runs of each query (default $repeats)
		  --keep        leave server and tables in place
		  --help        show this help and exit

		With PGHOST the server there is used, in schema bench_rollup, which is
		replaced; otherwise one is made in a temporary folder.
	END
}

reject()
{
	echo "rollup.sh: $1, try --help" >&2
	exit 2
}

say()
{
	printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2
}

. "$here/server.sh"

while [ $# -gt 0 ]; do
	case $1 in
		-r)
			[[ $2 =~ ^[1-9][0-9]*$ ]] || reject "-r needs a whole number above zero"
			repeats=$2
			shift
			;;
		--keep) keep=yes ;;
		--help)
			usage
			exit 0
			;;
		*) reject "unknown argument $1" ;;
	esac
	shift
done

work=$(mktemp -d "${TMPDIR:-/tmp}/flowrollup.XXXXXX") || exit 1
trap finish EXIT
trap 'exit 1' INT TERM
if [ -z "$PGHOST" ]; then
	say "start a server in $work"
	start_server || exit 1
fi

say "make 90 days of flows: of 20 sites every 5 minutes, of 500 hosts every hour; roll them up"
sql "SET client_min_messages = error;
	CREATE EXTENSION IF NOT EXISTS flowstore;
	SELECT flow.drop_rollup('bench_rollup.' || r.name) FROM flow.rollup r WHERE r.name IN ('by_site', 'by_host');
	DROP SCHEMA IF EXISTS bench_rollup CASCADE;
	CREATE SCHEMA bench_rollup;
	SET search_path = bench_rollup, public;
	CREATE TABLE site_flows (ts timestamptz NOT NULL, site int, src_addr inet, bytes bigint) USING flowstore;
	CREATE TABLE host_flows (LIKE site_flows) USING flowstore;
	INSERT INTO site_flows SELECT timestamptz '2026-08-01 UTC' + b * interval '5 min' + interval '1 s', k, '10.0.0.0'::inet + b % 200, (b::bigint * k * 7919) % 1000000
		FROM generate_series(0, 90 * 288 - 1) b, generate_series(1, 20) k;
	INSERT INTO host_flows SELECT timestamptz '2026-08-01 UTC' + b * interval '1 hour' + interval '1 s', h % 20, '10.0.0.0'::inet + h, (b::bigint * h * 7919) % 1000000
		FROM generate_series(0, 90 * 24 - 1) b, generate_series(1, 500) h;
	SELECT flow.create_rollup('by_site', 'SELECT site, count(*) AS flows, sum(bytes) AS bytes FROM site_flows GROUP BY site',
		levels => '{\"5 min\": \"forever\", \"1 hour\": \"forever\"}');
	SELECT flow.create_rollup('by_host', 'SELECT src_addr, count(*) AS flows, sum(bytes) AS bytes FROM host_flows GROUP BY src_addr', levels => '{\"1 hour\": \"forever\"}');
	SELECT flow.refresh_rollup('by_site');
	SELECT flow.refresh_rollup('by_host');
	SELECT flow.optimize(l.rows) FROM flow.rollup_level l JOIN flow.rollup r ON r.id = l.rollup WHERE r.name IN ('by_site', 'by_host');
	ANALYZE by_site_5m_rows, by_site_1h_rows, by_host_1h_rows" >"$work/prepare" || exit 1

# one line: what, the statement's median, and through PostgreSQL's own nodes
measure()
{
	local setting times
	printf '%-52s' "$1"
	for setting in on off; do
		times=$(for ((i = 0; i < repeats; i++)); do
			echo "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, COSTS OFF) $2;"
		done | PGOPTIONS="$PGOPTIONS -c search_path=bench_rollup,public -c max_parallel_workers_per_gather=0 -c flowstore.enable_aggregate=$setting" psql -XAtq |
			awk '/^Planning Time/ { p = $3 } /^Execution Time/ { print p + $3 }' | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')
		printf ' %10.1f' "$times"
	done
	echo
}

printf '%-52s %10s %10s\n' 'ms, 90 days' 'on' 'off'
measure '20 keys, level of 1 hour: sums by key' 'SELECT site, sum(bytes), sum(flows) FROM by_site_1h GROUP BY 1'
measure '20 keys, level of 1 hour: traffic by hour' 'SELECT bucket, sum(bytes) FROM by_site_1h GROUP BY 1'
measure '20 keys, level of 1 hour: by day and key' "SELECT date_trunc('day', bucket), site, sum(bytes) FROM by_site_1h GROUP BY 1, 2"
measure '20 keys, level of 1 hour: one key by hour' 'SELECT bucket, bytes FROM by_site_1h WHERE site = 7'
measure '20 keys, level of 5 min: sums by key' 'SELECT site, sum(bytes), sum(flows) FROM by_site_5m GROUP BY 1'
measure '20 keys, level of 5 min: by day and key' "SELECT date_trunc('day', bucket), site, sum(bytes) FROM by_site_5m GROUP BY 1, 2"
measure '500 hosts, level of 1 hour: the ten greatest' 'SELECT src_addr, sum(bytes) AS b FROM by_host_1h GROUP BY 1 ORDER BY b DESC LIMIT 10'
measure '500 hosts, level of 1 hour: one host by hour' "SELECT bucket, bytes FROM by_host_1h WHERE src_addr = '10.0.0.77'"
if [ -z "$keep" ] && [ -z "$own_server" ]; then
	sql "SET client_min_messages = error; SELECT flow.drop_rollup('bench_rollup.by_site'); SELECT flow.drop_rollup('bench_rollup.by_host'); DROP SCHEMA bench_rollup CASCADE" >"$work/prepare"
fi
