#!/bin/sh
# All tests of the collector, as TAP; see the head of each part for what it
# proves.  Builds with sanitizers in a temporary directory.
#
#	run.sh [PART]...	parts: unit golden usage captures tshark tunnels
#						netflow5 exports ipfix sflow payload feeds live capture ring
#						postgres once watch daemon failover outages kafka web
#						fuzz; all of them if none is given
#
# Captures of other projects are looked for in ../shared/data beside the
# checkout, or in $FLOWSTORE_TEST_DATA.  The database tests need PGHOST.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
DATA=${FLOWSTORE_TEST_DATA:-$root/../shared/data}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/flowcollectd-test.XXXXXX") || exit 2
trap 'rm -rf "$TMP"' EXIT
trap 'exit 2' INT TERM
MAKE=${MAKE:-make}
BUILD=$TMP/build
FLOWCOLLECTD=$BUILD/flowcollectd
SANITIZERS="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
UBSAN_OPTIONS=print_stacktrace=1
ASAN_OPTIONS=exitcode=99:detect_leaks=1
export here root DATA TMP BUILD FLOWCOLLECTD SANITIZERS UBSAN_OPTIONS ASAN_OPTIONS

if ! $MAKE -C "$root/collector" -j2 SANITIZE=1 BUILD="$BUILD" all \
	>"$TMP/make.log" 2>&1
then
	cat "$TMP/make.log"
	echo "not ok build"
	echo "# passed 0 failed 1 skipped 0"
	exit 1
fi
CC=${CC:-gcc}
$CC -std=gnu11 -O1 -Wall -Wextra -Werror -o "$TMP/mkpcap" "$here/mkpcap.c" &&
	mkdir "$TMP/pcap" && "$TMP/mkpcap" "$TMP/pcap" || exit 2
export CC MAKE

[ $# -gt 0 ] || set -- unit golden usage captures tshark tunnels netflow5 exports ipfix sflow payload feeds \
	live capture ring postgres once watch daemon failover outages kafka web fuzz
for part
do
	case $part in
	unit)		"$here/unit.sh" ;;
	golden)		"$here/golden.sh" ;;
	usage)		"$here/usage.sh" ;;
	captures)	"$here/captures.sh" ;;
	tshark)		"$here/tshark_sums.sh" ;;
	tunnels)	"$here/tshark_tunnels.sh" ;;
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
	*)			echo "not ok no part is called $part" ;;
	esac || echo "not ok $part ended with status $?"
done | tee "$TMP/results"

passed=$(grep -c '^ok ' "$TMP/results")
failed=$(grep -c '^not ok ' "$TMP/results")
skipped=$(grep -c '^skip ' "$TMP/results")
echo "# passed $passed failed $failed skipped $skipped"
[ "$failed" -eq 0 ]
