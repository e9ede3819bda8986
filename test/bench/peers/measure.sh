# Loads every peer that is there and asks it.  Sourced by run.sh after query.sh and present.sh; uses here, work, results,
# rows_file, repeats, threads, am.  Appends to systems.tsv (system, version, load ms, settle ms, bytes, peak kB of the
# load, peak kB of the queries) and machine.txt (what is absent), and writes peers.tsv (query, system, best ms, median ms, answer).

# peer SYSTEM WHAT ARGUMENT...
peer()
{
	local system=$1 what=$2
	shift 2
	timeout -k 10 7200 node "$here/peers/peer.js" "$what" "$system" "$@" 2>>"$results/peers.log"
}

measure_peer()
{
	local loaded asked dir=$work/peer.$1
	say "load $1"
	loaded=$(peer "$1" load "$rows_file" "$work/iocs" "$dir" "$threads") || return 1
	questions "$1" | sed -f "$work/placeholders" >"$work/questions.$1"
	say "ask $1"
	peer "$1" ask "$work/questions.$1" "$dir" "$threads" "$repeats" "$work/answers" >"$work/asked.$1" || return 1
	grep -v '^peak' "$work/asked.$1" | node "$here/peers/answers.js" "$1" "$work/questions.$1" "$work/answers" \
		>>"$results/peers.tsv" || return 1
	printf '%s\t%s\t%s\n' "$1" "$loaded" "$(awk -F '\t' '$1 == "peak" { print $2 }' "$work/asked.$1")" >>"$results/systems.tsv"
	rm -rf "$dir"
}

# kB of anonymous memory of a backend and its parallel workers: the most that was seen while the process $1 runs
watch_memory()
{
	local pid postmaster child files kb peak=0
	while kill -0 "$1" 2>/dev/null; do
		pid=$(head -n 1 "$2" 2>/dev/null)
		if [ -n "$pid" ]; then
			postmaster=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status" 2>/dev/null)
			files=/proc/$pid/status
			for child in $(cat "/proc/${postmaster:-0}/task/${postmaster:-0}/children" 2>/dev/null); do
				! grep -q "parallel worker for PID $pid" "/proc/$child/cmdline" 2>/dev/null || files="$files /proc/$child/status"
			done
			kb=$(awk '$1 == "RssAnon:" { sum += $2 } END { print sum + 0 }' $files 2>/dev/null)
			((${kb:-0} <= peak)) || peak=$kb
		fi
		sleep 0.05
	done
	echo "$peak"
}

# query_peak TABLE: all queries once more, for their memory; 0 if the server is on another machine
query_peak()
{
	local name text
	{
		echo "SELECT pg_backend_pid(); \\o /dev/null"
		questions postgres | while IFS='|' read -r name text; do
			echo "$(statement "$text" "$1");"
		done
	} >"$work/once.sql"
	: >"$work/once.out"
	[[ $PGHOST == /* ]] || { echo 0; return; }
	psql_session "$work/once.sql" >"$work/once.out" 2>&1 &
	watch_memory $! "$work/once.out"
}

# describe_table SYSTEM VERSION TABLE STEP: a line of systems.tsv from loads.tsv; STEP is what settles the table
describe_table()
{
	awk -F '\t' -v OFS='\t' -v name="$1" -v version="$2" -v table="$3" -v step="$4" -v queries="$(query_peak "$3")" '
		$1 == table { ms[++n] = $2; size = $3; peak = $6 }
		$1 == step { settle = $2; settled = $3 }
		END {
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && ms[j - 1] > ms[j]; j--) { t = ms[j]; ms[j] = ms[j - 1]; ms[j - 1] = t }
			print name, version, (ms[int((n + 1) / 2)] + ms[int(n / 2) + 1]) / 2, settle + 0, settle ? settled : size, peak, queries
		}' "$results/loads.tsv" >>"$results/systems.tsv"
}

describe_tables()
{
	say "memory of the queries"
	printf '' >"$results/systems.tsv"
	describe_table heap "PostgreSQL $(sql "SELECT split_part(current_setting('server_version'), ' ', 1)")" bench_heap indexes
	describe_table "$([ "$am" = heap ] && echo again || echo "$am")" "$(sql "SELECT coalesce(max(extversion), '') FROM pg_extension WHERE extname = '$am'")" bench_flow clustered
}

# what only peers need of the data
write_extra()
{
	sql "SELECT host(addr) FROM bench_iocs" >"$work/iocs"
	echo "s|{list}|$(paste -sd ' ' "$work/iocs")|g" >>"$work/placeholders"
}

run_peers()
{
	local name reason result=0
	printf '' >"$results/peers.tsv"
	printf '' >"$results/peers.log"
	write_extra || return 1
	while IFS=$'\t' read -r name reason <&3; do
		if [ -n "$reason" ]; then
			say "$name is absent: $reason"
			echo "absent: $name, $reason" >>"$results/machine.txt"
		elif ! measure_peer "$name"; then
			say "$name failed, see $results/peers.log"
			result=1
		fi
	done 3< <(peers_list)
	! grep -q 'DIFFERENT\|error' "$results/peers.tsv" || result=1
	return $result
}
