#!/bin/sh
# All tests of the collector, as TAP; see the head of each part for what it
# proves.  Builds with sanitizers in a temporary directory.
#
#	run.sh [PART]...	parts: see all_parts below; all of them if none is given
#
# Parts run side by side, FLOWSTORE_JOBS of them (as many as there are processors,
# and one more, since many wait), each in a folder TMP and with 20 ports from PORT
# on of its own; what one says comes when it has ended.
#
# Captures of other projects are looked for in ../shared/data beside the
# checkout, or in $FLOWSTORE_TEST_DATA.  The database tests need PGHOST.

# the longest ones first
all_parts='fuzz payload tshark captures unit once watch capture ring failover outages kafka web daemon postgres live usage feeds
	netflow5 exports ipfix sflow golden'

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
DATA=${FLOWSTORE_TEST_DATA:-$root/../shared/data}
top=$(mktemp -d "${TMPDIR:-/tmp}/flowcollectd-test.XXXXXX") || exit 2
trap 'rm -rf "$top"' EXIT
trap 'exit 2' INT TERM
MAKE=${MAKE:-make}
CC=${CC:-gcc}
BUILD=$top/build
FLOWCOLLECTD=$BUILD/flowcollectd
SANITIZERS="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
UBSAN_OPTIONS=print_stacktrace=1
ASAN_OPTIONS=exitcode=99:detect_leaks=1
export here root CC MAKE DATA BUILD FLOWCOLLECTD SANITIZERS UBSAN_OPTIONS ASAN_OPTIONS

run_part()
{
	case $1 in
	unit)		"$here/unit.sh" ;;
	golden)		"$here/golden.sh" ;;
	usage)		"$here/usage.sh" ;;
	captures)	"$here/captures.sh" ;;
	tshark)		"$here/tshark.sh" ;;
	netflow5)	perl "$here/netflow5_cases.pl" ;;
	exports)	"$here/exports.sh" ;;
	ipfix)		"$here/ipfix.sh" ;;
	sflow)		perl "$here/sflow_cases.pl" ;;
	payload)	"$here/payload_cases.sh" ;;
	feeds)		"$here/feeds.sh" ;;
	live)		"$here/live.sh" ;;
	capture)	"$here/capture.sh" && "$here/capture_spool.sh" ;;
	ring)		"$here/ring.sh" ;;
	postgres)	"$here/postgres.sh" ;;
	once)		"$here/once.sh" ;;
	watch)		"$here/watch.sh" ;;
	web)		"$here/web.sh" && "$here/web_daemon.sh" ;;
	daemon)		"$here/daemon.sh" ;;
	failover)	"$here/failover.sh" ;;
	outages)	"$here/outages.sh" ;;
	kafka)		"$here/kafka.sh" ;;
	fuzz)		"$here/fuzz.sh" ;;
	*)			echo "not ok no part is called $1" ;;
	esac || echo "not ok $1 ended with status $?"
}

# The parts that no other worker has taken, in the order of the arguments.
work()
{
	number=0
	for part
	do
		number=$((number + 1))
		mkdir "$top/$part" 2>/dev/null || continue
		TMP=$top/$part
		PORT=$((20000 + slot * 500 + number * 20))
		export TMP PORT
		cp -r "$top/pcap" "$top/mkpcap" "$TMP" || exit 2
		began=$(date +%s)
		run_part "$part" >"$TMP.out"
		echo "# $part took $(($(date +%s) - began)) s" >>"$TMP.out"
		flock "$top/lock" cat "$TMP.out"
	done
}

if ! $MAKE -C "$root/collector" -j"$(nproc)" SANITIZE=1 BUILD="$BUILD" all \
	>"$top/make.log" 2>&1
then
	cat "$top/make.log"
	echo "not ok build"
	echo "# passed 0 failed 1 skipped 0"
	exit 1
fi
$CC -std=gnu11 -O1 -Wall -Wextra -Werror -o "$top/mkpcap" "$here/mkpcap.c" &&
	mkdir "$top/pcap" && "$top/mkpcap" "$top/pcap" || exit 2

# 500 ports that no other run on this machine has: two collectors at one port would share what is sent there
tries=0
slot=$(($$ % 24))
until { exec 8>"${TMPDIR:-/tmp}/flowcollectd-ports.$(id -u).$slot"; } 2>/dev/null && flock -n 8
do
	tries=$((tries + 1))
	[ $tries -lt 240 ] || { echo "not ok no ports are free"; exit 1; }
	slot=$(((slot + 1) % 24))
	[ $((tries % 24)) -ne 0 ] || sleep 10
done

# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all_parts
{
	job=0
	while [ $job -lt "${FLOWSTORE_JOBS:-$(($(nproc) + 1))}" ]
	do
		job=$((job + 1))
		work "$@" &
	done
	wait
} | tee "$top/results"

passed=$(grep -c '^ok ' "$top/results")
failed=$(grep -c '^not ok ' "$top/results")
skipped=$(grep -c '^skip ' "$top/results")
echo "# passed $passed failed $failed skipped $skipped"
for part
do
	[ -s "$top/$part.out" ] || failed=$((failed + 1))
done
[ "$failed" -eq 0 ]
