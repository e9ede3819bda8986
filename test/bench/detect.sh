#!/bin/bash
# The named detections on a day of labelled flows: what of the planted attacks
# each finds with its default thresholds, what else, and in which time.
# README.md says more.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
rows=10000000
seed=29
keep=

usage()
{
	cat <<-END
		Usage: test/bench/detect.sh [OPTION]...

		  -n ROWS       flows of the day (default $rows)
		  --seed N      seed of flowgen (default $seed; thresholds were tuned on 5 and 11)
		  --keep        leave server and tables in place
		  --help        show this help and exit

		Makes a server of its own in a temporary folder.
	END
}

reject()
{
	echo "detect.sh: $1, try --help" >&2
	exit 2
}

say()
{
	printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2
}

. "$here/server.sh"

parse_arguments()
{
	while [ $# -gt 0 ]; do
		case $1 in
			-n | --seed)
				[[ $2 =~ ^[1-9][0-9]*$ ]] || reject "$1 needs a whole number above zero"
				[ "$1" = -n ] && rows=$2 || seed=$2
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
}

load()
{
	local gen=$here/../gen/flowgen groups=tls,dns,http,payload
	make -s -C "$here/../gen" flowgen || return 1
	say "make and load $rows flows of seed $seed"
	sql "ALTER DATABASE postgres SET timezone = 'UTC';
		CREATE EXTENSION flowstore;
		CREATE TABLE flows ($("$gen" --ddl --groups $groups)) USING flowstore;
		CREATE TABLE label (kind text, src inet, dst inet, port text, since timestamptz, until timestamptz, planted bigint)" || return 1
	"$gen" -n "$rows" --seed "$seed" --attacks all --groups $groups --labels "$work/labels" |
		psql -Xq -v ON_ERROR_STOP=1 -c '\copy flows FROM STDIN' || return 1
	psql -Xq -v ON_ERROR_STOP=1 -c "\\copy label FROM '$work/labels' (HEADER)" -c 'ANALYZE flows' \
		-f "$here/../lib/judge.sql"
}

# kinds of labels that it should find, other kinds that it may, call, condition
calls()
{
	cat <<-'END'
		scan_horizontal||scans('horizontal', DAY)|true
		scan_horizontal||scans('horizontal', DAY, 'slow')|true
		scan_vertical||scans('vertical', DAY)|true
		scan_distributed||scans('distributed', DAY)|true
		scan_horizontal,scan_slow||scans('trw', DAY)|true
		syn_flood||floods('syn', DAY)|true
		udp_flood||floods('udp', DAY)|true
		icmp_flood||floods('icmp', DAY)|true
		amplification||floods('amplification', DAY)|true
		brute_force||bruteforce(DAY)|true
		beacon||beacons(DAY)|true
		beacon||beacons(DAY)|severity >= 'low'
		long_connection||long_connections(DAY)|true
		exfiltration||exfiltration(DAY)|true
		dns_tunnel||dns_tunnels(DAY)|true
		lateral_movement||lateral(AFTERNOON)|true
		lateral_movement||lateral(AFTERNOON)|severity >= 'low'
		tls_old,tls_rare,tls_entropy||tls_oddities(DAY)|true
		service_outage||service_health(DAY)|true
		syn_flood,scan_horizontal,amplification|scan_vertical,udp_flood,icmp_flood|entropy_shift(DAY)|true
	END
}

day="'flows', '2025-01-01', '2025-01-02 01:00'"
afternoon="'flows', '2025-01-01 12:00', '2025-01-01 16:00'"

measure()
{
	local kinds others call condition text
	echo "DAY is $day, AFTERNOON $afternoon"
	printf '%-40s %7s %6s %7s %8s %6s %10s %8s %8s\n' detection planted found recall findings false precision seconds cpu
	calls | while IFS='|' read -r kinds others call condition; do
		text=${call/DAY/$day}
		text=${text/AFTERNOON/$afternoon}
		[ "$condition" = true ] || call="$call $condition"
		sql "SET client_min_messages = error; SET max_parallel_workers_per_gather = 0;
			SELECT format('%-40s %7s %6s %7s %8s %6s %10s %8s %8s', \$\$$call\$\$, planted, hits,
				round(hits / nullif(planted, 0)::numeric, 2), findings, stray,
				round((findings - stray) / nullif(findings, 0)::numeric, 2), round(seconds, 2), round(cpu, 2))
			FROM judge('{$kinds}', '{$others}', \$\$$text\$\$, \$\$$condition\$\$)" || return 1
	done
	sql "SET client_min_messages = error; SET max_parallel_workers_per_gather = 0; SELECT format('%-40s %7s %6s %7s %8s %6s %10s %8s %8s', 'hunt(DAY)', '', '', '', findings, stray,
		round((findings - stray) / nullif(findings, 0)::numeric, 2), round(seconds, 2), round(cpu, 2))
		FROM judge('{}', '{}', \$\$hunt($day, n => 1000000)\$\$, \$\$detection <> 'entropy_shift'\$\$)"
}

parse_arguments "$@"
work=$(mktemp -d) || exit 1
trap finish EXIT
start_server || exit 1
load && measure
