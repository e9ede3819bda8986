# Loading: time, size, WAL and memory.  Sourced by run.sh; uses rows, rows_file,
# ddl, am, repeats, results, work, here; leaves the tables bench_heap and bench_flow.

# COPY by the server if it may read the file, else through the client
choose_copy()
{
	sql "CREATE TABLE IF NOT EXISTS bench_heap ($ddl) USING heap"
	if sql "COPY bench_heap FROM '$rows_file' WHERE false" 2>/dev/null; then
		copy_source="COPY %s FROM '$rows_file'"
	else
		copy_source="\\copy %s FROM '$rows_file'"
	fi
}

create_table()
{
	sql "SET client_min_messages = error; DROP TABLE IF EXISTS $1;
		CREATE TABLE $1 ($ddl) USING $2"
}

# a line now and then while a COPY runs
watch_copy()
{
	while sleep 15; do
		sql "SELECT '  ... ' || tuples_processed || ' rows' FROM pg_stat_progress_copy LIMIT 1" >&2
	done
}

# Read until the session says how long the statement took; prints milliseconds.
read_time()
{
	local line
	while read -r line <&"${session[0]}"; do
		case $line in
			Time:*)
				set -- $line
				echo "$2"
				return 0
				;;
			*ERROR:*)
				echo "$line" >&2
				return 1
				;;
		esac
	done
	return 1
}

# kB from /proc, nothing for a server on another machine; VmHWM counts touched
# shared buffers, too
memory_of()
{
	[[ $PGHOST == /* ]] || return
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status" 2>/dev/null
}

# Run one statement in a session of its own; prints ms, VmHWM, and VmHWM - RssShmem in kB.
run_once()
{
	local pid ms watcher peak shared
	coproc session { psql -XAtq 2>&1; }
	echo "SELECT pg_backend_pid();" >&"${session[1]}"
	read -r pid <&"${session[0]}"
	watch_copy >/dev/null &
	watcher=$!
	printf '\\timing on\n%s\n' "$1" >&"${session[1]}"
	case $1 in
		"\\"*) ;;
		*) echo ";" >&"${session[1]}" ;;
	esac
	ms=$(read_time) || ms=failed
	kill $watcher 2>/dev/null
	wait $watcher 2>/dev/null
	peak=$(memory_of "$pid" VmHWM)
	shared=$(memory_of "$pid" RssShmem)
	echo '\q' >&"${session[1]}"
	wait $session_PID 2>/dev/null
	[ "$ms" != failed ] || return 1
	echo "$ms ${peak:-0} $((${peak:-0} - ${shared:-0}))"
}

# load_table NAME AM: an empty table and one COPY into it
load_table()
{
	create_table "$1" "$2" || return 1
	measure_step "$1" "$1" "$(printf "$copy_source" "$1")"
}

# measure_step NAME TABLE STATEMENT: appends time, size of the table, WAL and memory to loads.tsv
measure_step()
{
	local before after ms peak private measured
	sql "CHECKPOINT" 2>/dev/null
	before=$(sql "SELECT pg_current_wal_insert_lsn()")
	measured=$(run_once "$3") || return 1
	read -r ms peak private <<<"$measured"
	after=$(sql "SELECT pg_current_wal_insert_lsn()")
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$ms" "$(sql "SELECT pg_total_relation_size('$2')")" \
		"$(sql "SELECT pg_wal_lsn_diff('$after', '$before')")" "$peak" "$private" >>"$results/loads.tsv"
	say "  $1: $((${ms%.*} / 1000)) s"
}

# The table that throws rows away, as bench_parse; sets ceiling to the COPY that
# is measured.  A server that cannot load the access method (another machine,
# not a superuser) gets COPY ... WHERE false into heap, which parses as much.
make_ceiling()
{
	local library=$work/blackhole/blackhole.so
	ceiling="$(printf "$copy_source" bench_heap) WHERE false"
	ceiling_how='COPY bench_heap ... WHERE false'
	mkdir -p "$work/blackhole" && cp "$here"/blackhole/blackhole.c "$here"/blackhole/Makefile "$work/blackhole" &&
		make -s -C "$work/blackhole" >"$work/blackhole.log" 2>&1 && chmod 755 "$work" "$work/blackhole" || return 0
	sql "BEGIN;
		SET client_min_messages = error;
		DROP TABLE IF EXISTS bench_parse;
		DROP ACCESS METHOD IF EXISTS bench_blackhole;
		CREATE OR REPLACE FUNCTION bench_blackhole(internal) RETURNS table_am_handler
			AS '$library', 'blackhole_handler' LANGUAGE C STRICT;
		CREATE ACCESS METHOD bench_blackhole TYPE TABLE HANDLER bench_blackhole;
		CREATE TABLE bench_parse ($ddl) USING bench_blackhole;
		COMMIT" >>"$work/blackhole.log" 2>&1 || return 0
	ceiling=$(printf "$copy_source" bench_parse)
	ceiling_how='COPY into an access method that throws rows away'
}

parse_only()
{
	local measured
	measured=$(run_once "$ceiling") || return 1
	printf 'parse_only\t%s\t0\t0\t0\t0\n' "${measured%% *}" >>"$results/loads.tsv"
}

# nothing of the library stays behind in a server that is not ours
drop_ceiling()
{
	sql "SET client_min_messages = error; DROP TABLE IF EXISTS bench_parse;
		DROP ACCESS METHOD IF EXISTS bench_blackhole; DROP FUNCTION IF EXISTS bench_blackhole(internal)"
}

# What VACUUM and clustering make of the table; nothing is measured on heap.  The size
# is taken after the end of the file has come to its front.
settle()
{
	say "vacuum and analyze"
	sql "VACUUM (ANALYZE) bench_heap"
	sql "VACUUM (ANALYZE) bench_flow"
	if [ "$(sql "SELECT to_regprocedure('flow.optimize(regclass, timestamptz, timestamptz, boolean)') IS NOT NULL")" = t ] &&
		[ "$am" = flowstore ]; then
		say "cluster bench_flow"
		measure_step clustered bench_flow "SELECT count(*) FROM flow.optimize('bench_flow')" || return 1
		sql "VACUUM bench_flow"
		sql "SELECT count(*) FROM flow.optimize('bench_flow')" >/dev/null || return 1
		sql "VACUUM (ANALYZE) bench_flow"
		awk -F '\t' -v OFS='\t' -v size="$(sql "SELECT pg_total_relation_size('bench_flow')")" \
			'$1 == "clustered" { $3 = size } { print }' "$results/loads.tsv" >"$results/loads.tmp" &&
			mv "$results/loads.tmp" "$results/loads.tsv"
	fi
}

# btree where an analyst looks, BRIN beside it; the size includes the table.
build_indexes()
{
	say "indexes on bench_heap"
	measure_step indexes bench_heap "DO \$\$BEGIN
		CREATE INDEX ON bench_heap (ts); CREATE INDEX ON bench_heap (src_addr);
		CREATE INDEX ON bench_heap (dst_addr); CREATE INDEX ON bench_heap USING brin (ts); END\$\$" || return 1
	sql "VACUUM (ANALYZE) bench_heap"
}

print_loads()
{
	echo "parse_only: $ceiling_how"
	awk -F '\t' -v rows="$rows" '
		function median(key,   i, j, n, t, v)
		{
			n = count[key]
			for (i = 1; i <= n; i++) v[i] = ms[key, i]
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
			return n ? n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 : 0
		}
		{ ms[$1, ++count[$1]] = $2; size[$1] = $3; wal[$1] = $4; peak[$1] = $5; private[$1] = $6 }
		END {
			n = split("bench_heap bench_flow parse_only clustered indexes", keys, " ")
			base = median("bench_heap"); parse = median("parse_only")
			printf "%-11s %8s %8s %8s %8s %8s %9s %9s\n", "load", "seconds", "/ heap", "/ parse",
				"B/row", "WAL/row", "peak MB", "private"
			for (k = 1; k <= n; k++) {
				key = keys[k]; t = median(key)
				if (t == 0)
					continue
				printf "%-11s %8.2f %8.2f %8.2f %8.1f %8.1f %9.0f %9.0f\n", key, t / 1000,
					base ? t / base : 0, parse ? t / parse : 0, size[key] / rows, wal[key] / rows,
					peak[key] / 1024, private[key] / 1024
			}
		}' "$results/loads.tsv"
}

run_loads()
{
	local i
	printf '' >"$results/loads.tsv"
	choose_copy || return 1
	[ "$2" != measure ] || make_ceiling
	for ((i = 1; i <= $1; i++)); do
		say "load $i of $1"
		load_table bench_heap heap || return 1
		load_table bench_flow "$am" || return 1
		[ "$2" = measure ] && { parse_only || return 1; }
	done
	[ "$2" != measure ] || drop_ceiling
	settle
}
