#!/bin/bash
# One large flowstore table: loading, clustering and expiring it, with time and
# memory of each step, and how long a query for one hour is planned as the table
# grows.  README.md says more.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
rows=100000000
batch=1000000
hours=7
partition='5 minutes'
keep=
results=
am=flowstore

usage()
{
	cat <<-END
		Usage: test/bench/big.sh [OPTION]...

		  -n ROWS          rows to load (default $rows)
		  -b ROWS          rows of one COPY (default $batch)
		  --hours N        hours that one COPY covers (default $hours)
		  --partition LEN  length of a partition (default $partition)
		  -o DIR           where the results go (default results/big-DATE below test/bench)
		  --keep           leave server and table in place
		  --help           show this help and exit

		Uses the server that PGHOST names, or else one of its own in a temporary folder.
	END
}

reject()
{
	echo "big.sh: $1, try --help" >&2
	exit 2
}

say()
{
	printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2
}

parse_arguments()
{
	while [ $# -gt 0 ]; do
		case $1 in
			-n | -b | -o | --hours | --partition)
				[ $# -ge 2 ] || reject "$1 needs a value"
				;;
		esac
		case $1 in
			-n) rows=$2; shift ;;
			-b) batch=$2; shift ;;
			-o) results=$2; shift ;;
			--hours) hours=$2; shift ;;
			--partition) partition=$2; shift ;;
			--keep) keep=1 ;;
			--help) usage; exit 0 ;;
			*) reject "unknown argument \"$1\"" ;;
		esac
		shift
	done
	[[ $rows =~ ^[1-9][0-9]*$ && $batch =~ ^[1-9][0-9]*$ && $hours =~ ^[1-9][0-9]*$ ]] ||
		reject "numbers must be whole and above zero"
	[ "$batch" -le "$rows" ] || batch=$rows
}

prepare()
{
	make -s -C "$here/../gen" flowgen || return 1
	work=$(mktemp -d "${TMPDIR:-/tmp}/flowbig.XXXXXX") || return 1
	trap finish EXIT
	trap 'exit 1' INT TERM
	results=${results:-$here/results/big-$(date +%Y%m%d-%H%M%S)}
	mkdir -p "$results" || return 1
	results=$(cd "$results" && pwd)
	if [ -z "$PGHOST" ]; then
		say "start a server in $work"
		start_server || return 1
	fi
	export PGOPTIONS="$PGOPTIONS -c timezone=UTC"
	sql "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS flowstore;
		DROP TABLE IF EXISTS bench_big; CREATE TABLE bench_big ($("$here/../gen/flowgen" --ddl --wide)) USING $am" || return 1
	print_settings | tee "$results/settings.txt"
	choose_partition | tee -a "$results/settings.txt"
	printf '' >"$results/steps.tsv"
	printf '' >"$results/plans.tsv"
}

# True if the server has a function of that name in schema flow.
knows() { [ "$(sql "SELECT count(*) > 0 FROM pg_proc WHERE pronamespace = 'flow'::regnamespace AND proname = '$1'")" = t ]; }

choose_partition()
{
	if knows set && sql "SELECT flow.set('bench_big', partition => '$partition')" >/dev/null 2>"$work/err"; then
		echo "  partition                          $partition"
	else
		echo "  partition                          as built in: this server cannot set it"
	fi
}

# step NAME ROWS STATEMENT: runs it in a session of its own; a line of steps.tsv
step()
{
	local measured ms peak private
	measured=$(run_once "$3") || {
		say "  $1 failed"
		return 1
	}
	read -r ms peak private <<<"$measured"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$ms" "$peak" "$private" \
		"$(sql "SELECT pg_total_relation_size('bench_big')")" >>"$results/steps.tsv"
	say "  $1: ${ms%.*} ms"
}

# Planning and execution time of a query for one hour in the middle of the
# table: medians of nine runs in one session, the first left out.
plan_hour()
{
	local at query
	at=$(sql "SELECT min(ts_min) + (max(ts_max) - min(ts_min)) / 2 FROM flow.chunks('bench_big')") || return 1
	query="SELECT src_addr, sum(bytes) FROM bench_big WHERE ts >= '$at' AND ts < timestamptz '$at' + interval '1 hour'
		GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		echo "EXPLAIN (ANALYZE, SUMMARY, TIMING off, COSTS off) $query;"
	done | psql -XAtq >"$work/plans" || return 1
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$(sql "SELECT count(*) FROM flow.chunks('bench_big')")" \
		"$(median_of 'Planning Time')" "$(median_of 'Execution Time')" >>"$results/plans.tsv"
	tail -n 1 "$results/plans.tsv" | awk -F '\t' '{ printf "  %s: planned in %s ms\n", $1, $4 }' >&2
}

median_of()
{
	awk -F ': *' -v what="$1" '$1 ~ what { print $2 + 0 }' "$work/plans" | tail -n +2 | sort -n | sed -n 5p
}

# A power of ten of rows, from a million on.
is_mark()
{
	[[ $1 =~ ^10*$ ]] && [ "$1" -ge 1000000 ]
}

load_all()
{
	local loaded=0 number=0 start n
	say "load $rows rows, $batch at a time"
	while [ "$loaded" -lt "$rows" ]; do
		n=$((rows - loaded < batch ? rows - loaded : batch))
		start=$(date -u -d "2025-01-01 00:00:00 UTC + $((number * hours)) hours" '+%F %T+00')
		step load "$n" "\\copy bench_big FROM PROGRAM '$here/../gen/flowgen -n $n --wide --format=binary --seed $((number + 1)) --hours $hours --start ''$start''' (FORMAT binary)" || return 1
		loaded=$((loaded + n))
		number=$((number + 1))
		if is_mark $loaded || [ "$loaded" -eq "$rows" ]; then
			plan_hour "$loaded rows, loaded" "$loaded" || return 1
		fi
	done
}

# VACUUM frees what is not needed, the end of the file comes to its front, and
# VACUUM cuts it off
shrink()
{
	step vacuum "$1" 'VACUUM bench_big' || return 1
	step relocate "$1" "SELECT count(*) FROM flow.optimize('bench_big')" || return 1
	step "$2" "$1" 'VACUUM bench_big'
}

# what the server can do of clustering and expiry
maintain_all()
{
	if ! knows optimize; then
		say "no flow.optimize in this server"
		step vacuum "$rows" 'VACUUM bench_big'
		return
	fi
	step optimize "$rows" "SELECT count(*) FROM flow.optimize('bench_big')" || return 1
	shrink "$rows" 'vacuum, all' || return 1
	plan_hour "$rows rows, clustered" "$rows" || return 1
	# the older half goes when the next row comes
	if sql "SELECT flow.set('bench_big', max_rows => '$((rows / 2))', slack => '0')" >/dev/null 2>&1; then
		step expire "$((rows / 2))" "INSERT INTO bench_big (ts) SELECT max(ts_max) FROM flow.chunks('bench_big')" || return 1
		shrink "$((rows / 2))" 'vacuum, half' || return 1
		sql "SELECT '  rows left: ' || count(*) FROM bench_big" >&2
	else
		say "no retention by rows in this server"
	fi
}

print_all()
{
	awk -F '\t' -v rows="$rows" '
		BEGIN { printf "%-12s %6s %10s %12s %9s %9s %9s\n", "step", "times", "seconds", "rows/s", "peak MB", "private", "B/row" }
		{
			if (!($1 in times)) order[++n] = $1
			times[$1]++; all[$1] += $2; ms[$1] += $3; size[$1] = $6
			if ($4 > peak[$1]) peak[$1] = $4
			if ($5 > private[$1]) private[$1] = $5
		}
		END {
			for (i = 1; i <= n; i++) {
				s = order[i]
				printf "%-12s %6d %10.1f %12.0f %9.0f %9.0f %9.1f\n", s, times[s], ms[s] / 1000, all[s] / (ms[s] / 1000),
					peak[s] / 1024, private[s] / 1024, size[s] / rows
			}
		}' "$results/steps.tsv"
	awk -F '\t' '
		BEGIN { printf "\n%-32s %9s %12s %13s\n", "one hour of", "items", "planning ms", "execution ms" }
		{ printf "%-32s %9d %12.3f %13.3f\n", $1, $3, $4, $5 }' "$results/plans.tsv"
}

main()
{
	parse_arguments "$@"
	prepare || exit 1
	load_all && maintain_all
	result=$?
	print_all | tee "$results/big.txt"
	say "results in $results"
	exit $result
}

. "$here/server.sh"
. "$here/load.sh"
main "$@"
