#!/bin/bash
# Loads the same rows into a heap table and a flowstore table and asks both the
# same questions.  README.md says what is measured and how.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
rows=10000000
repeats=3
seed=1
am=flowstore
keep=
only=
with_index=
peers=
threads=
allowance=100
results=

usage()
{
	cat <<-END
		Usage: test/bench/run.sh [OPTION]...

		  -n ROWS       rows to generate (default $rows)
		  -r REPEATS    loads of each table and warm runs of each query (default $repeats)
		  -o DIR        where the results go (default results/DATE below test/bench)
		  --am NAME     access method to compare with heap (default $am)
		  --only PART   load, query, canonical or memory
		  --index       btree on ts, src_addr and dst_addr, and BRIN on ts, of the heap table
		  --peers       with these indexes, the canonical queries, and the other systems: see peers.sh
		  --threads N   threads for each query (default 2 with --peers, else as the server is set)
		  --allowance N MB that a process may take beside work_mem for each node of its plan (default $allowance)
		  --seed N      seed of the rows (default $seed)
		  --keep        leave server, tables and files in place
		  --help        show this help and exit

		Uses the server that PGHOST names, or else one of its own in a temporary folder.
	END
}

reject()
{
	echo "run.sh: $1, try --help" >&2
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
			-n | -r | -o | --am | --only | --seed | --threads | --allowance)
				[ $# -ge 2 ] || reject "$1 needs a value"
				;;
		esac
		case $1 in
			-n) rows=$2; shift ;;
			-r) repeats=$2; shift ;;
			-o) results=$2; shift ;;
			--am) am=$2; shift ;;
			--only) only=$2; shift ;;
			--seed) seed=$2; shift ;;
			--threads) threads=$2; shift ;;
			--allowance) allowance=$2; shift ;;
			--index) with_index=1 ;;
			--peers) peers=1 with_index=1 ;;
			--keep) keep=1 ;;
			--help) usage; exit 0 ;;
			*) reject "unknown argument \"$1\"" ;;
		esac
		shift
	done
	[[ $rows =~ ^[1-9][0-9]*$ && $repeats =~ ^[1-9][0-9]*$ && $seed =~ ^[0-9]+$ && $allowance =~ ^[0-9]+$ ]] ||
		reject "numbers must be whole and above zero"
	[[ $am =~ ^[a-z_][a-z0-9_]*$ ]] || reject "invalid access method \"$am\""
	case $only in
		"" | load | query | canonical | memory) ;;
		*) reject "--only takes load, query, canonical or memory" ;;
	esac
	[ -z "$peers" ] || threads=${threads:-2}
	[[ -z $threads || $threads =~ ^[1-9][0-9]*$ ]] || reject "numbers must be whole and above zero"
}

make_rows()
{
	local started
	make -s -C "$here/../gen" flowgen || return 1
	ddl=$("$here/../gen/flowgen" --ddl --wide)
	rows_file=$work/rows
	say "generate $rows rows"
	started=$(date +%s%N)
	"$here/../gen/flowgen" -n "$rows" --seed "$seed" --wide >"$rows_file" || return 1
	chmod 644 "$rows_file"
	say "  $((($(date +%s%N) - started) / 1000000)) ms, $(stat -c %s "$rows_file") bytes"
}

print_machine()
{
	printf '%s, %s\n' "$(date -u +%F)" "$(uname -srm)"
	awk -F ': *' '$1 ~ /^model name/ { model = $2; n++ } END { printf "%d x %s", n, model }' /proc/cpuinfo
	awk '$1 == "MemTotal:" { printf ", %.0f GB memory", $2 / 1048576 }
		$1 == "HugePages_Total:" { n = $2 }
		$1 == "Hugepagesize:" { size = n * $2 / 1048576 }
		END { if (n > 0) printf ", %.1f GB of it huge pages for shared_buffers\n", size; else print ", no huge pages" }' /proc/meminfo
	printf 'load average before: %s\n' "$(cut -d ' ' -f1-3 /proc/loadavg)"
}

prepare()
{
	work=$(mktemp -d "${TMPDIR:-/tmp}/flowbench.XXXXXX") || return 1
	trap finish EXIT
	trap 'exit 1' INT TERM
	results=${results:-$here/results/$(date +%Y%m%d-%H%M%S)}
	mkdir -p "$results" || return 1
	results=$(cd "$results" && pwd)
	[ "$only" = canonical ] || make_rows || return 1
	if [ -z "$PGHOST" ]; then
		say "start a server in $work"
		start_server || return 1
	fi
	if [ "$am" = flowstore ]; then
		sql "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS flowstore" || return 1
	fi
	peers_use "$(peers_folder)"
	print_machine | tee "$results/machine.txt"
	print_settings | tee "$results/settings.txt"
}

# loads, and their table
load_part()
{
	if [[ $only == query || $only == memory ]]; then
		run_loads 1 only || return 1
	else
		run_loads "$repeats" measure || return 1
	fi
	[ -z "$with_index" ] || [ "$only" = load ] || build_indexes || return 1
	[[ $only == query || $only == memory ]] || print_loads | tee "$results/loads.txt"
}

query_part()
{
	local result=0
	run_queries || result=1
	[ ! -e "$results/queries.tsv" ] || print_queries "$results/queries.tsv" | tee "$results/queries.txt"
	return $result
}

canonical_part()
{
	local result=0
	run_canonical || result=1
	[ ! -e "$results/canonical.tsv" ] || print_queries "$results/canonical.tsv" | tee "$results/canonical.txt"
	return $result
}

memory_part()
{
	local result=0
	run_memory || result=1
	[ ! -e "$results/memory.tsv" ] || print_memory "$results/memory.tsv" >"$results/memory.txt" && grep -v '^canonical' "$results/memory.txt"
	return $result
}

peers_part()
{
	local result=0
	describe_tables && run_peers || result=1
	if command -v node >/dev/null; then
		node "$here/peers/report.js" "$results" "$rows" "$threads" | tee "$results/report.txt" || result=1
	fi
	return $result
}

main()
{
	local result=0
	parse_arguments "$@"
	prepare || exit 1
	[ "$only" = canonical ] || load_part || exit 1
	case $only in
		"" | query) query_part || result=1 ;;
	esac
	if [[ $only == canonical || $only == memory ]] || [[ -n $peers && $only != load ]]; then
		canonical_part || result=1
	fi
	case $only in
		"" | memory) memory_part || result=1 ;;
	esac
	if [ -n "$peers" ] && [[ $only == "" || $only == query ]]; then
		peers_part || result=1
	fi
	say "results in $results"
	[ $result -eq 0 ] || echo "answers differ or queries failed, see the logs in $results" >&2
	exit $result
}

. "$here/server.sh"
. "$here/load.sh"
. "$here/query.sh"
. "$here/canonical.sh"
. "$here/memory.sh"
. "$here/peers/present.sh"
. "$here/peers/measure.sh"
main "$@"
