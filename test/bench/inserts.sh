#!/bin/bash
# Transactions of one INSERT of one row, into heap and into flowstore in turn:
# how many a second, and what processor time the backend needs for each.
# README.md says more.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
seconds=10
repeats=5
clients=1
keep=

usage()
{
	cat <<-END
		Usage: test/bench/inserts.sh [OPTION]...

		  -T SECONDS    length of one run (default $seconds)
		  -r REPEATS    runs of each table (default $repeats)
		  -c CLIENTS    sessions at the same time (default $clients)
		  --keep        leave server and tables in place
		  --help        show this help and exit

		Makes a server of its own in a temporary folder.
	END
}

reject()
{
	echo "inserts.sh: $1, try --help" >&2
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
			-T | -r | -c)
				[[ $2 =~ ^[1-9][0-9]*$ ]] || reject "$1 needs a whole number above zero"
				case $1 in
					-T) seconds=$2 ;;
					-r) repeats=$2 ;;
					-c) clients=$2 ;;
				esac
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

prepare()
{
	make -s -C "$here/../gen" flowgen || return 1
	work=$(mktemp -d "${TMPDIR:-/tmp}/flowinserts.XXXXXX") || return 1
	trap finish EXIT
	trap 'exit 1' INT TERM
	unset PGHOST PGPORT PGUSER PGDATABASE
	say "start a server in $work"
	start_server || return 1
	local ddl
	ddl=$("$here/../gen/flowgen" --ddl --wide)
	sql "CREATE EXTENSION flowstore;
		CREATE TABLE insert_heap ($ddl) USING heap; CREATE TABLE insert_flow ($ddl) USING flowstore;
		ALTER TABLE insert_heap SET (autovacuum_enabled = off); ALTER TABLE insert_flow SET (autovacuum_enabled = off)" || return 1
	local name
	for name in heap flow; do
		cat >"$work/$name.sql" <<-END
			\set port random(1024, 65535)
			\set host random(0, 65535)
			INSERT INTO insert_$name (ts, src_addr, dst_addr, src_port, dst_port, proto, packets, bytes)
			VALUES (now(), '10.1.0.0'::inet + :host, '192.0.2.7', :port, 443, 6, 12, 3456);
		END
	done
	postmaster=$(head -n 1 "$own_server/postmaster.pid")
}

# processor time of the server's ended processes, in ms
ended_ms()
{
	local tick
	tick=$(getconf CLK_TCK)
	awk -v tick="$tick" '{ print ($16 + $17) * 1000 / tick }' "/proc/$postmaster/stat"
}

# one_run NAME COMMIT: a line of runs.tsv: commit, name, transactions a second, us of processor time for each
one_run()
{
	local before after tps count
	before=$(ended_ms)
	PGOPTIONS="-c synchronous_commit=$2" "$(pg_config --bindir)/pgbench" -n -M prepared -T "$seconds" -c "$clients" -j "$clients" \
		-f "$work/$1.sql" >"$work/out" 2>&1 || { cat "$work/out" >&2; return 1; }
	# the last backend is reaped a moment later
	sleep 0.5
	after=$(ended_ms)
	tps=$(awk '/^tps/ { print $3; exit }' "$work/out")
	count=$(awk -F '[ /]+' '/transactions actually processed/ { print $6; exit }' "$work/out")
	awk -v c="$2" -v n="$1" -v t="$tps" -v k="$count" -v a="$after" -v b="$before" \
		'BEGIN { printf "%s\t%s\t%s\t%s\n", c, n, t, (a - b) * 1000 / k }' >>"$work/runs.tsv"
}

print_runs()
{
	awk -F '\t' '
		function median(list, n,   i, j, t)
		{
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
			return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
		}
		function of(commit, name, column,   list, i, n)
		{
			n = 0
			for (i = 1; i <= NR; i++)
				if (c[i] == commit && t[i] == name) list[++n] = v[i, column]
			return median(list, n)
		}
		{ c[NR] = $1; t[NR] = $2; v[NR, 3] = $3; v[NR, 4] = $4 }
		END {
			printf "%-20s %10s %10s %12s %12s %12s\n", "synchronous_commit", "heap/s", "flow/s", "heap CPU us", "flow CPU us", "flow/heap"
			split("on off", commits, " ")
			for (i = 1; i <= 2; i++) {
				k = commits[i]
				printf "%-20s %10.0f %10.0f %12.1f %12.1f %12.2f\n", k, of(k, "heap", 3), of(k, "flow", 3),
					of(k, "heap", 4), of(k, "flow", 4), of(k, "heap", 3) / of(k, "flow", 3)
			}
		}' "$work/runs.tsv"
}

parse_arguments "$@"
prepare || exit 1
for ((i = 1; i <= repeats; i++)); do
	for commit in on off; do
		for name in heap flow; do
			one_run $name $commit || exit 1
		done
	done
	say "run $i of $repeats"
done
print_runs
