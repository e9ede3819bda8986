# Memory that the server takes for each query, against its bound.  Sourced by run.sh after query.sh and canonical.sh;
# uses here, work, results, allowance.  Writes memory.tsv, see memory.pl for its columns.

# memory_statements TABLE: for memory.pl, lines of table, name, what psql is told first, query; from lines name|text
memory_statements()
{
	local name text
	while IFS='|' read -r name text; do
		printf '%s\t%s\t\t%s\n' "$1" "$name" "$(statement "$text" "$1")"
	done
}

# the canonical queries, if run_canonical has filled their tables
memory_canonical()
{
	local folder number text
	folder=$(canonical_folder) && [ -f "$work/canonical_moves" ] || return 0
	canonical_queries | while IFS='|' read -r number text; do
		printf '%s\t%s\t%s\t%s\n' canonical "$number" \
			"\\set now '$canonical_now' \\\\ SET search_path = bench_canonical_flow;" "$text"
	done
}

# With the settings of the server on both tables, then on ours with little work_mem, alone and in parallel
measure_memory()
{
	local result=0 pass
	questions postgres | memory_statements bench_heap | perl "$here/memory.pl" --no-bound || result=1
	for pass in "" "--work-mem 4096 --parallel 0" "--work-mem 4096 --parallel 2"; do
		{
			questions postgres | memory_statements bench_flow
			grep -v '^#' "$here/memory.txt" | memory_statements bench_flow
			memory_canonical
		} | perl "$here/memory.pl" --allowance "$allowance" $pass || result=1
	done
	return $result
}

print_memory()
{
	awk -F '\t' '
		BEGIN { printf "%-12s %-26s %9s %6s %10s %10s %8s %9s\n", "table", "query", "work_mem", "nodes", "processes", "MB of one", "of all", "bound MB" }
		{ printf "%-12s %-26s %9s %6s %10s %10.1f %8.1f %9s\n", $1, $2, $3 / 1024 " MB", $4, $5, $6 / 1024, $7 / 1024, $8 == "-" ? "-" : int($8 / 1024) }' "$1"
}

run_memory()
{
	local result=0
	[[ $PGHOST == /* ]] || {
		say "memory can only be read where the server is"
		return 0
	}
	[ -f "$work/placeholders" ] || { find_placeholders && create_indicators; } || return 1
	say "memory of the queries"
	measure_memory >"$results/memory.tsv" 2>"$results/memory.log" || result=1
	cat "$results/memory.log" >&2
	return $result
}
