#!/bin/sh
# Sets everything up and runs every test, on Debian 12; see usage below and
# test/README.md.  The work tree is copied, and the copy is built and tested by
# a user who is not root, against a private PostgreSQL (test/lib/server.sh).

usage()
{
	cat <<'EOF'
usage: ./check.sh [--keep] [SUITE...]   run all suites, or those that are named
       ./check.sh --list                name the suites

Packages that are missing are installed first.  The last line says how many
tests passed and failed; the exit status is 0 only if none failed.  The temporary
folder with all outputs stays with --keep, and after a failure unless CI is set.
EOF
}

top=$(dirname "$(readlink -f "$0")")

. "$top/test/lib/say.sh"
. "$top/test/lib/packages.sh"
. "$top/test/lib/server.sh"
. "$top/test/lib/results.sh"

# Two lanes run side by side, each one suite after another.  The suites of the first disturb each other; those of the second,
# the longest first, are taken by whichever lane has time.
lane_server='regress regress-noscan isolation differential tap server-log'
lane_other='collector queries report cli docs grafana bench unit clang sqlsmith demo fuzz softflowd notebook packages gen source'
all="build $lane_server $lane_other"

list()
{
	cat <<'EOF'
build           the extension and the collector with gcc -Werror (always runs)
source          layers, vocabulary, headers, sizes and form of the source
clang           the same build with clang-14
regress         sql/ against expected/
regress-noscan  the same with flowstore.enable_scan = off, without sql/explain_*
isolation       two sessions at a time: test/isolation
differential    random histories on a flowstore table and its heap twin
queries         random queries on flowstore tables and on heap tables with the same rows
sqlsmith        a minute of sqlsmith, if the package can be installed
tap             crash, replica, dump: test/t
server-log      the server of the suites above wrote no crash into its log
unit            the on-disk format and the kernels, without a server, with sanitizers
gen             the flow generator
collector       captures and datagrams against expected flows
fuzz            the decoders of disk and wire, for seconds each
cli             the command flow: answers, forms, terminals, hostile words
report          flow report: numbers, form, and what a browser makes of it, if it can be installed
bench           the benchmark on a few rows: answers, and memory
docs            every command and query in README.md and docs/
softflowd       a NetFlow exporter of Debian, collected live; if the package can be installed
notebook        the notebook's cells answer what is saved in it, and find the planted attacks
packages        make install-world; the Debian packages, and what lintian says of them, if they can be built
demo            demo.sh, as a user would call it
grafana         every query of the dashboards, as Grafana would send it, and the dashboards' types
EOF
}

# --- suites: each writes TAP or pg_regress output, and is run in a subshell

in_copy()
{
	as_server_user env FLOWSTORE_TEST_DATA="$data" PG_CONFIG="$server_dir$pg_system/bin/pg_config" \
		sh -c 'cd "$1" && shift && exec timeout -k 20 1500 "$@"' sh "$server_dir/src" "$@" </dev/null
}

# As in_copy, with the connection to the shared server.
in_copy_connected()
{
	in_copy env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres "$@"
}

# A suite with a script of its own, whether or not its mode survived.
script()
{
	script_file=$server_dir/src/$1
	if [ ! -f "$script_file" ]; then
		echo "$1 is missing"
		return 1
	fi
	case $(head -n 1 "$script_file") in
	*perl*) in_copy_connected perl "$@" ;;
	*bash*) in_copy_connected bash "$@" ;;
	*) in_copy_connected sh "$@" ;;
	esac
}

# One TAP line for a command: tap_line NUMBER NAME COMMAND...
tap_line()
{
	tap_number=$1 tap_name=$2
	shift 2
	if "$@"; then
		echo "ok $tap_number - $tap_name"
	else
		echo "not ok $tap_number - $tap_name"
		return 1
	fi
}

suite_build()
{
	echo 1..3
	tap_line 1 'the extension builds with gcc without warnings' \
		server_make src WERROR=-Werror all || return 1
	server_make src install || return 1
	tap_line 2 'the collector builds with gcc without warnings' \
		server_make src/collector WERROR=-Werror || return 1
	tap_line 3 'the command builds with gcc without warnings' \
		server_make src/cli WERROR=-Werror || return 1
	# several suites use it, and one would find it half made by another
	server_make src/test/gen all flowreplay
}

suite_clang()
{
	quiet='-Wno-unknown-warning-option -Wno-unused-command-line-argument'
	quiet="$quiet -Wno-ignored-optimization-argument -Wno-ignored-attributes"
	echo 1..2
	server_copy_source "$top" src-clang || return 1
	clang_bad=0
	tap_line 1 'the extension builds with clang-14 without warnings' \
		server_make src-clang CC=clang-14 WERROR="-Werror $quiet" all || clang_bad=1
	tap_line 2 'the collector builds with clang-14 without warnings' \
		server_make src-clang/collector CC=clang-14 WERROR=-Werror || clang_bad=1
	return "$clang_bad"
}

suite_source()
{
	source_number=0
	source_bad=0
	for source_check in "$server_dir"/src/test/check_*.sh; do
		source_number=$((source_number + 1))
		source_name=${source_check##*/}
		tap_line "$source_number" "${source_name%.sh}" in_copy sh "test/$source_name" || source_bad=1
	done
	echo "1..$source_number"
	return "$source_bad"
}

# "make installcheck" is three suites; an empty list leaves out the others.
suite_regress()
{
	in_copy_connected make installcheck ISOLATION= TAP_TESTS=
}

suite_regress_noscan()
{
	noscan=$(cd "$server_dir/src/sql" && for noscan_file in *.sql; do
		case $noscan_file in
		explain_*) ;;
		*) printf '%s ' "${noscan_file%.sql}" ;;
		esac
	done)
	in_copy_connected env PGOPTIONS='-c flowstore.enable_scan=off' \
		make installcheck ISOLATION= TAP_TESTS= REGRESS="$noscan"
}

suite_isolation()
{
	in_copy_connected make installcheck REGRESS= TAP_TESTS=
}

# Two files at a time, since each has servers of its own and waits much; what one says comes when it has ended, with its time.
suite_tap()
{
	in_copy make installcheck REGRESS= ISOLATION= PROVE_FLAGS='--verbose --timer --jobs 2'
}

suite_server_log()
{
	echo 1..1
	if grep -nE 'PANIC:|TRAP:|was terminated by signal|exited with exit code [^01]' \
		"$server_dir/server.log"; then
		echo 'not ok 1 - no crash in the log of the server'
		return 1
	fi
	echo 'ok 1 - no crash in the log of the server'
}

suite_differential()
{
	echo 1..1
	tap_line 1 'a random history leaves both tables alike' script test/differential/run.pl
}

# A seed that stays, and one that nobody has tried.
suite_queries()
{
	echo 1..2
	queries_bad=0
	tap_line 1 'queries that stay give the same rows on both' \
		script test/differential/queries.pl --seed 1 --queries 8000 --minutes 2 || queries_bad=1
	tap_line 2 'new queries give the same rows on both' \
		script test/differential/queries.pl --queries 12000 --minutes 2 || queries_bad=1
	return "$queries_bad"
}

suite_sqlsmith()
{
	if ! command -v sqlsmith >/dev/null; then
		echo '1..0 # skip the package sqlsmith is not installed'
		return
	fi
	echo 1..1
	tap_line 1 'sqlsmith finds no crash and no internal error' script test/differential/sqlsmith.pl --minutes 1
}

suite_unit() { script test/unit/run.sh; }
suite_gen() { script test/gen/run.sh; }
suite_collector() { script test/collector/run.sh; }
suite_cli() { script test/cli/run.sh; }
suite_report() { script test/report/run.sh; }
suite_softflowd() { script test/newcomer/softflowd.sh; }
suite_notebook() { script test/notebook/run.sh; }
suite_fuzz() { script test/fuzz/run.sh "$fuzz_seconds"; }

# The test of the documentation, and that it finds faults.
suite_docs()
{
	docs_bad=0
	script test/docs/judge_test.pl || docs_bad=1
	script test/docs/run.pl || docs_bad=1
	return "$docs_bad"
}

# Speed is not judged here, only that the benchmark still runs; memory is.  25 MB of it is more than a backend has without a
# query, and less than the groups of all rows take.
suite_bench()
{
	[ -f "$server_dir/src/test/bench/run.sh" ] || {
		echo 'test/bench/run.sh is missing'
		return 1
	}
	echo 1..1
	tap_line 1 'the benchmark runs with 300,000 rows, with the peers that are present, and within its memory' \
		in_copy_connected bash test/bench/run.sh --peers -n 300000 -r 1 --allowance 25 -o "$server_dir/bench"
}

suite_grafana()
{
	grafana_bad=0
	script test/grafana/expand_test.pl || grafana_bad=1
	script test/grafana/schema.pl || grafana_bad=1
	script test/grafana/run.sh --rows 300000 || grafana_bad=1
	return "$grafana_bad"
}
# They are built once more, not optimized.
suite_packages() { script test/packages/quick.sh; }

# As the caller, since demo.sh has to work for root as well.
suite_demo()
{
	FLOWSTORE_TEST_DATA="$data" timeout -k 20 1500 sh "$server_dir/src/test/demo/run.sh" </dev/null
}

# --- running them

wanted()
{
	case " $chosen " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# Runs suite $1 and writes "PASSED FAILED SKIPPED SECONDS" to its result file.
run_suite()
{
	suite_name=$1
	suite_log=$logs/$suite_name
	suite_from=$(date +%s)
	(suite_"$(echo "$suite_name" | tr - _)") >"$suite_log" 2>&1 </dev/null
	suite_rc=$?
	suite_secs=$(($(date +%s) - suite_from))

	case $suite_name in
	regress | regress-noscan | isolation) suite_counts=$(results_regress "$suite_log") ;;
	*) suite_counts=$(results_tap "$suite_log") ;;
	esac
	# shellcheck disable=SC2086
	set -- $suite_counts
	suite_failed=$2
	if [ $(($1 + $2 + $3)) -eq 0 ]; then
		echo "this suite ran no test" >>"$suite_log"
		suite_failed=1
	elif [ $suite_rc -ne 0 ] && [ "$2" -eq 0 ]; then
		echo "this suite ended with status $suite_rc" >>"$suite_log"
		suite_failed=1
	fi
	echo "$1 $suite_failed $3 $suite_secs" >"$results/$suite_name"
	printf '  %-16s %5d passed %4d failed %4d skipped %5d s\n' \
		"$suite_name" "$1" "$suite_failed" "$3" "$suite_secs"

	# the next pg_regress overwrites this
	for suite_diffs in regression.diffs output_iso/regression.diffs; do
		if [ -s "$server_dir/src/$suite_diffs" ]; then
			case $suite_name in
			regress* | isolation) mv "$server_dir/src/$suite_diffs" "$logs/$suite_name.diffs" ;;
			esac
		fi
	done
	[ "$suite_failed" -eq 0 ]
}

# Starts the shared server if one of the suites is wanted.
start_server_for()
{
	for server_suite; do
		wanted "$server_suite" || continue
		server_start "shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' \
			'wal_level = logical' 'max_prepared_transactions = 10' \
			'max_worker_processes = 16' "log_line_prefix = '%m [%p] %q%a '" \
			>"$logs/server-start" 2>&1 && return
		tail -n 20 "$logs/server-start"
		return 1
	done
}

# Runs those of the suites that no lane has begun.
run_lane()
{
	for lane_suite; do
		! wanted "$lane_suite" || ! mkdir "$logs/$lane_suite.begun" 2>/dev/null || run_suite "$lane_suite"
	done
}

# What a reader of the CI log needs of failed suite $1.
show_failure()
{
	echo
	echo "=== $1 failed"
	if [ -s "$logs/$1.diffs" ]; then
		head -n 300 "$logs/$1.diffs"
		return
	fi
	grep -nE -B 12 -A 12 '^not ok|^Bail out' "$logs/$1" | cut -c1-300 | head -n 200
	echo "--- the end of its output"
	tail -n 25 "$logs/$1" | cut -c1-300
}

summary()
{
	total_passed=0 total_failed=0 total_skipped=0
	for summary_suite in $all; do
		wanted "$summary_suite" || continue
		# a suite that did not come to its end counts as one failure
		summary_counts=$(cat "$results/$summary_suite" 2>/dev/null || echo '0 1 0 0')
		# shellcheck disable=SC2086
		set -- $summary_counts
		[ "$2" -eq 0 ] || [ ! -f "$logs/$summary_suite" ] || show_failure "$summary_suite"
		total_passed=$((total_passed + $1))
		total_failed=$((total_failed + $2))
		total_skipped=$((total_skipped + $3))
	done

	echo
	skips=$(grep -hiE '^(ok .*|1\.\.0.*)# *skip' "$logs"/* 2>/dev/null |
		sed 's/^.*# *[Ss][Kk][Ii][Pp]//' | sort | uniq -c | sort -rn | head -n 10)
	[ -z "$skips" ] || printf 'Skipped, and why:\n%s\n\n' "$skips"
	printf '%-16s %7s %7s %8s %8s\n' suite passed failed skipped seconds
	for summary_suite in $all; do
		wanted "$summary_suite" || continue
		summary_counts=$(cat "$results/$summary_suite" 2>/dev/null || echo '0 1 0 0')
		# shellcheck disable=SC2046,SC2086
		printf '%-16s %7s %7s %8s %8s\n' "$summary_suite" $summary_counts
	done
	echo
	if [ "$total_skipped" -gt 0 ]; then
		last_line="$total_passed passed, $total_failed failed, $total_skipped skipped"
	else
		last_line="$total_passed passed, $total_failed failed"
	fi
	[ "$total_failed" -eq 0 ]
}

# Ends process $1 and what it has started.
kill_tree()
{
	for kill_child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		kill_tree "$kill_child"
	done
	kill "$1" 2>/dev/null
}

cleanup()
{
	[ -z "$step_pid" ] || kill "$step_pid" 2>/dev/null
	for cleanup_lane in $lanes; do
		kill_tree "$cleanup_lane"
	done
	rm -f "$step_log"
	[ -n "$server_dir" ] || return
	if [ $keep -eq 1 ]; then
		as_server_user pg_ctl -w -m fast -D "$server_dir/data" stop >/dev/null 2>&1
	else
		server_remove "$server_dir"
	fi
}

# In a function, so that an edit of this file cannot disturb a run.
main()
{
	keep=0 chosen='' lanes='' server_dir='' last_line=''
	for argument; do
		case $argument in
		--list)
			list
			exit 0
			;;
		--keep) keep=1 ;;
		-h | --help)
			usage
			exit 0
			;;
		*)
			case " $all " in
			*" $argument "*) chosen="$chosen $argument" ;;
			*)
				usage >&2
				echo "there is no suite \"$argument\"; see ./check.sh --list" >&2
				exit 2
				;;
			esac
			;;
		esac
	done
	[ -n "$chosen" ] || chosen=$all
	wanted build || chosen="build $chosen"

	data=${FLOWSTORE_TEST_DATA:-$(readlink -f "$top/../shared/data" || true)}
	fuzz_seconds=${FLOWSTORE_FUZZ_SECONDS:-10}
	began=$(date +%s)
	server_clean_environment
	cd / || exit 1
	step_log=$(mktemp) || exit 1
	trap cleanup EXIT
	trap 'trap "" HUP INT TERM; echo interrupted >&2; exit 1' HUP INT TERM

	say "Setting up"
	# shellcheck disable=SC2086
	packages_need $packages_build $packages_server $packages_test || exit 1
	! wanted sqlsmith || packages_need sqlsmith || say "Without sqlsmith its suite is skipped."
	# shellcheck disable=SC2086
	! wanted softflowd || packages_need $packages_softflowd || say "Without these the suite softflowd is skipped."
	# shellcheck disable=SC2086
	! wanted notebook || packages_need $packages_notebook || say "Without these the suite notebook is skipped."
	! wanted grafana || packages_need libdbd-pg-perl libyaml-libyaml-perl || exit 1
	! wanted grafana || command -v npm >/dev/null || packages_need npm || say "Without npm the types of dashboards are not checked."
	! wanted report || packages_need python3 libxml2-utils tidy || say "Without python3 suite report is skipped."
	! wanted report || packages_need chromium || say "Without chromium suite report looks at no page in a browser."
	# shellcheck disable=SC2086
	! wanted packages || packages_need $packages_package || say "Without them the suite packages is skipped."
	server_choose_user
	server_make_dir flowstore-check
	logs=$server_dir/log results=$server_dir/results
	as_server_user mkdir "$logs" "$results" || exit 1
	[ "$(id -u)" -eq 0 ] || chmod 755 "$logs" "$results"

	prepare()
	{
		server_copy_source "$top" src && server_install_programs
	}
	step "copying the source and PostgreSQL's programs" prepare || exit 1

	say "Running the suites as user $server_user in $server_dir"
	run_suite build
	if [ "$(cut -d' ' -f2 "$results/build")" -eq 0 ]; then
		# shellcheck disable=SC2086
		if start_server_for $lane_server gen collector bench grafana cli report softflowd notebook; then
			run_lane $lane_server $lane_other &
			lanes=$!
		fi
		# shellcheck disable=SC2086
		run_lane $lane_other &
		lanes="$lanes $!"
		# shellcheck disable=SC2086
		wait $lanes
		lanes=
	fi

	summary
	rc=$?
	[ $rc -eq 0 ] || [ -n "${CI-}" ] || keep=1
	cleanup
	trap - EXIT
	[ $keep -eq 0 ] || echo "All outputs are in $server_dir."
	echo "Whole time: $(($(date +%s) - began)) s"
	echo "$last_line"
	exit $rc
}

main "$@"; exit
