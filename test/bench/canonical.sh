# The canonical queries, where they are to be found: on a heap table with indexes and on flowstore.  Sourced by run.sh after
# query.sh; uses here, repeats, results, work.
#
# Schemas bench_canonical_heap and bench_canonical_flow get the sample data.  Both tables are asked through the same
# functions: those of the extension, or of schema bench_canonical_stub where the extension has none of that name.

canonical_folder()
{
	local folder=${FLOWSTORE_TEST_DATA:-$here/../../../shared/data}/../queries
	[ -f "$folder/canonical.sql" ] && echo "$folder"
}

# now is just after the newest row, as the numbers of expected_rows.tsv want it
canonical_now='2026-03-15 12:00:00+00'

# sed commands that send every function that the extension lacks to the stubs
function_moves()
{
	local name
	for name in $(grep -ohE '\bflow\.[a-z_]+ *\(' "$1/canonical.sql" | sed 's/^flow\.//; s/ *(//' | sort -u); do
		[ "$(sql "SELECT count(*) > 0 FROM pg_proc WHERE pronamespace = to_regnamespace('flow') AND proname = '$name'")" = t ] ||
			echo "s/\\bflow\\.$name\\b/bench_canonical_stub.$name/g"
	done
}

# fill_schema NAME AM [psql option...]
fill_schema()
{
	local schema=bench_canonical_$1 access_method=$2
	shift 2
	sql "SET client_min_messages = error; DROP SCHEMA IF EXISTS $schema CASCADE; CREATE SCHEMA $schema"
	PGOPTIONS="$PGOPTIONS -c search_path=$schema -c timezone=UTC" psql -XAtq -v ON_ERROR_STOP=1 -v flows_am="$access_method" \
		"$@" -f "$work/canonical_setup.sql" -f "$folder/sample_data.sql" >"$results/canonical_load.log" 2>&1
}

fill_canonical()
{
	local using=
	say "load the sample of the canonical queries"
	sed 's/SCHEMA IF NOT EXISTS flow;/SCHEMA IF NOT EXISTS bench_canonical_stub;/; s/\bflow\./bench_canonical_stub./g' \
		"$folder/setup_heap.sql" >"$work/canonical_setup.sql"
	sql "SET client_min_messages = error; DROP SCHEMA IF EXISTS bench_canonical_stub CASCADE"
	# 50,000 rows of a month: partitions as long as docs/performance.md recommends
	[ "$am" != flowstore ] || using="flowstore WITH (flowstore.partition = '31 days')"
	if ! fill_schema heap heap || ! fill_schema flow "${using:-$am}" -v no_stubs=1; then
		tail -n 5 "$results/canonical_load.log" >&2
		return 1
	fi
	sql "CREATE INDEX ON bench_canonical_heap.flows (ts); CREATE INDEX ON bench_canonical_heap.flows (src_addr);
		CREATE INDEX ON bench_canonical_heap.flows (dst_addr); CREATE INDEX ON bench_canonical_heap.flows USING brin (ts)"
	[ "$am" != flowstore ] || sql "SELECT count(*) FROM flow.optimize('bench_canonical_flow.flows')" >/dev/null || return 1
	sql "VACUUM (ANALYZE) $(sql "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables
		WHERE schemaname IN ('bench_canonical_heap', 'bench_canonical_flow')")"
}

# one line for each: its number and the beginning of its title in one word, then "|" and the statement
canonical_queries()
{
	awk '/^-- [0-9][0-9] / {
			number = substr($0, 4)
			gsub(/[^A-Za-z0-9-]+/, "_", number); number = substr(number, 1, 24); sub(/_$/, "", number)
			next
		}
		number == "" || /^--/ || NF == 0 { next }
		{ text = text " " $0 }
		/;$/ { sub(/;$/, "", text); print number "|" text; text = "" }' "$folder/canonical.sql" |
		sed -f "$work/canonical_moves"
}

# as write_script; the search path chooses the table
write_canonical_script()
{
	local number text i order schema
	printf '%s\n' "\\set now '$canonical_now'"
	canonical_queries | while IFS='|' read -r number text; do
		printf '%s\n' "\\! echo '  $number' >&9"
		for ((i = 0; i <= repeats; i++)); do
			order="heap flow"
			((i % 2 == 1)) && order="flow heap"
			for schema in $order; do
				printf '%s\n' "SET search_path = bench_canonical_$schema;" \
					"\\o $([ $i -eq 0 ] && echo "$work/answers/$number.$schema" || echo /dev/null)" \
					"\\echo @ $number $schema $i" "\\timing on" "$text;" "\\timing off"
			done
		done
	done
}

# rows that are not as many as expected_rows.tsv says make the answer wrong, however equal
check_row_counts()
{
	local number rows_wanted
	while IFS=$'\t' read -r number rows_wanted; do
		[ "$number" = query ] || [ "$(cat "$work/answers/$number"_*.heap | wc -l)" -eq "$rows_wanted" ] || echo "$number"
	done <"$folder/expected_rows.tsv" >"$work/miscounted"
	awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] { wrong[$1]; next } substr($1, 1, 2) in wrong { $5 = "DIFFERENT from expected_rows.tsv" } { print }' \
		"$work/miscounted" "$1"
}

run_canonical()
{
	local folder
	folder=$(canonical_folder) || {
		say "no canonical queries here; FLOWSTORE_TEST_DATA says where their neighbour is"
		return 0
	}
	function_moves "$folder" >"$work/canonical_moves"
	fill_canonical || return 1
	mkdir -p "$work/answers"
	write_canonical_script >"$work/canonical.sql"
	say "canonical queries, each $((repeats + 1)) times on both tables"
	psql_session "$work/canonical.sql" 9>&2 >"$results/canonical.log" 2>&1
	canonical_queries | cut -d '|' -f1 | compare_answers heap flow >"$work/compared"
	tabulate "$results/canonical.log" heap flow >"$work/canonical.tsv"
	check_row_counts "$work/canonical.tsv" >"$results/canonical.tsv"
	! grep -q 'DIFFERENT\|error' "$results/canonical.tsv"
}
