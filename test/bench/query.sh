# Queries: times and equality of answers.  Sourced by run.sh; uses here, rows,
# repeats, results, work.

# questions SYSTEM: lines name|text of those that it can answer
questions()
{
	awk -v system_name="$1" '
		/^#/ || NF == 0 { next }
		/^[^\t]/ { query = $1; next }
		$1 == system_name { sub(/^\t[a-z]+ +/, ""); print query "|" $0 }' "$here/queries.txt"
}

# a value for each placeholder, as sed commands, from the data
find_placeholders()
{
	say "look for hosts to ask for"
	sql "CREATE TEMP TABLE hosts AS SELECT src_addr AS addr, count(*) AS n FROM bench_heap GROUP BY 1;
		SELECT format('s|{needle}|%s|g', addr) FROM hosts
			ORDER BY abs(n - greatest($rows * 0.000005, 2)), addr LIMIT 1;
		SELECT format('s|{hin}|%s|g', addr) FROM hosts WHERE addr <<= '10.0.0.0/8' ORDER BY n DESC, addr LIMIT 1;
		SELECT format('s|{hout}|%s|g', addr) FROM hosts
			WHERE family(addr) = 4 AND NOT addr <<= '10.0.0.0/8' ORDER BY n DESC, addr LIMIT 1;
		CREATE TEMP TABLE hour AS
			SELECT date_trunc('hour', min(ts) + (max(ts) - min(ts)) / 2) AT TIME ZONE 'UTC' AS h FROM bench_heap;
		SELECT format(E's|{h0}|%s|g\ns|{h1}|%s|g\ns|{h10}|%s|g', h, h + interval '1 hour', h + interval '10 s') FROM hour;
		SELECT format(E's|{w}|%1\$s-%2\$s|g\ns|{w10}|%1\$s-%3\$s|g', to_char(h, f),
			to_char(h + interval '1 hour', f), to_char(h + interval '10 s', f))
			FROM hour, (VALUES ('YYYY/MM/DD.HH24:MI:SS')) AS x(f);
		SELECT format('s|{files}|nfcapd.%s:nfcapd.%s|g', to_char(h, 'YYYYMMDDHH2400'),
			to_char(h + interval '1 hour', 'YYYYMMDDHH2400')) FROM hour" >"$work/placeholders"
}

# 1,000 indicators, 40 of which occur
create_indicators()
{
	sql "SET client_min_messages = error; DROP TABLE IF EXISTS bench_iocs;
		CREATE TABLE bench_iocs (addr inet);
		INSERT INTO bench_iocs
			SELECT addr FROM (SELECT DISTINCT dst_addr AS addr FROM bench_heap
				WHERE NOT dst_addr <<= '10.0.0.0/8' AND family(dst_addr) = 4) AS x
			ORDER BY md5(host(addr)) LIMIT 40;
		INSERT INTO bench_iocs SELECT inet '100.64.0.0' + i
			FROM generate_series(1, 1000 - (SELECT count(*)::int FROM bench_iocs)) AS i;
		ANALYZE bench_iocs"
}

# statement TEXT TABLE
statement()
{
	sed -f "$work/placeholders" -e 's/\bflows\b/'"$2"'/g; s/\biocs\b/bench_iocs/g' <<<"$1"
}

# a script in one session, with the settings of all measured queries
psql_session()
{
	PGOPTIONS="$PGOPTIONS -c statement_timeout=15min -c timezone=UTC${threads:+ -c max_parallel_workers_per_gather=$((threads - 1))}" \
		psql -XAtq -F $'\t' -f "$1"
}

# The whole session as a psql script that tells its progress on descriptor 9.  The first run of each pair warms up and
# leaves its answer in a file; the order within a pair alternates.
write_script()
{
	local name text i order table
	echo "\\timing on"
	questions postgres | while IFS='|' read -r name text; do
		echo "\\! echo '  $name' >&9"
		for ((i = 0; i <= repeats; i++)); do
			order="bench_heap bench_flow"
			((i % 2 == 1)) && order="bench_flow bench_heap"
			for table in $order; do
				echo "\\o $([ $i -eq 0 ] && echo "$work/answers/$name.$table" || echo /dev/null)"
				echo "\\echo @ $name $table $i"
				echo "$(statement "$text" "$table");"
			done
		done
	done
}

# floats to 9 digits, rows in order of bytes
digest()
{
	awk -F '\t' -v OFS='\t' '{
		for (i = 1; i <= NF; i++)
			if ($i ~ /^-?[0-9]*\.[0-9]+(e[-+]?[0-9]+)?$/)
				$i = sprintf("%.9g", $i)
		print
	}' "$1" | LC_ALL=C sort | md5sum | cut -d' ' -f1
}

# name, table, median ms, or "error" in place of the time
medians()
{
	awk '
		function median(n,   i, j, t)
		{
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
			return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
		}
		function emit()
		{
			if (!(key in seen)) { seen[key]; keys[++nkeys] = key }
		}
		/^@ / { key = $2 "\t" $3; run = $4; emit(); next }
		/ERROR:/ { failed[key] }
		/^Time: / && run > 0 { ms[key, ++count[key]] = $2 }
		END {
			for (k = 1; k <= nkeys; k++) {
				key = keys[k]
				n = count[key]
				for (i = 1; i <= n; i++)
					v[i] = ms[key, i] + 0
				print key "\t" (key in failed || n == 0 ? "error" : median(n))
			}
		}' "$1"
}

# compare_answers TABLE TABLE: the names come from standard input
compare_answers()
{
	local name
	while read -r name; do
		if [ "$(digest "$work/answers/$name.$1")" = "$(digest "$work/answers/$name.$2")" ]; then
			printf '%s\tequal\n' "$name"
		else
			printf '%s\tDIFFERENT\n' "$name"
		fi
	done
}

# tabulate LOG HEAP FLOW: query, ms of both tables, ratio and "$work/compared", in the order of the log of the session
tabulate()
{
	medians "$1" >"$work/medians"
	awk -F '\t' -v heap_table="$2" -v flow_table="$3" '
		BEGIN { print "query\theap_ms\tflow_ms\tratio\tanswers" }
		FILENAME == ARGV[1] { answer[$1] = $2; next }
		$2 == heap_table { heap[$1] = $3; names[++n] = $1; next }
		$2 == flow_table { flow[$1] = $3 }
		END {
			for (i = 1; i <= n; i++) {
				q = names[i]
				ok = heap[q] != "error" && flow[q] != "error"
				printf "%s\t%s\t%s\t%s\t%s\n", q, ok ? sprintf("%.2f", heap[q]) : heap[q],
					ok ? sprintf("%.2f", flow[q]) : flow[q],
					(ok && flow[q] > 0) ? sprintf("%.2f", heap[q] / flow[q]) : "-", answer[q]
			}
		}' "$work/compared" "$work/medians"
}

# print_queries FILE: an aligned table of what tabulate wrote; the mean is geometric
print_queries()
{
	awk -F '\t' '
		BEGIN { printf "%-24s %11s %11s %9s  %s\n", "query", "heap ms", "flow ms", "heap/flow", "answers" }
		FNR > 1 {
			printf "%-24s %11s %11s %9s  %s\n", $1, $2, $3, $4, $5
			if ($4 > 0) { sum += log($4); n++ }
		}
		END { if (n) printf "%-24s %11s %11s %9.2f\n", "geometric mean", "", "", exp(sum / n) }
	' "$1"
}

run_queries()
{
	find_placeholders && create_indicators || return 1
	rm -rf "$work/answers"
	mkdir "$work/answers" || return 1
	write_script >"$work/script.sql"
	say "queries, each $((repeats + 1)) times on both tables"
	psql_session "$work/script.sql" 9>&2 >"$results/queries.log" 2>&1
	questions postgres | cut -d '|' -f1 | compare_answers bench_heap bench_flow >"$work/compared"
	tabulate "$results/queries.log" bench_heap bench_flow >"$results/queries.tsv"
	! grep -q 'DIFFERENT\|error' "$results/queries.tsv"
}
