#!/bin/sh
# Fuzzes for long, and keeps what it reaches:
#
#	test/collector/fuzz_long.sh SECONDS [TARGET]...
#
# So many seconds for each target, all of them unless some are named, FLOWSTORE_JOBS side by side (as many as there are processors).
# It begins with what is kept in corpus/ and with seeds made here (fuzz_seeds.pl); at the end corpus/TARGET.tar.gz has the
# smallest inputs that reach all of it.  An input that fails stays in the folder that is named, and the status is 1.
usage()
{
	sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
seconds=${1-}
most_bytes=16384
case $seconds in
'' | *[!0-9]*) usage ;;
esac
shift
fuzz_targets=$*
MAKE=${MAKE:-make}
export here root
. "$here/fuzz_build.sh"
for target in $fuzz_targets
do
	[ -f "$here/${target}_fuzz.c" ] || usage
done
TMP=$(mktemp -d "${TMPDIR:-/tmp}/flowcollectd-fuzz.XXXXXX") || exit 2
trap 'exit 2' INT TERM

make_seeds()
{
	mkdir "$TMP/pcap" "$TMP/exports" &&
		$MAKE -s -C "$root/test/gen" flowgen mkcapture &&
		${CC:-gcc} -std=gnu11 -O1 -o "$TMP/mkpcap" "$here/mkpcap.c" && "$TMP/mkpcap" "$TMP/pcap" &&
		"$root/test/gen/mkcapture" "$TMP/pcap/office.pcap" || return 1
	for format in netflow5 netflow9 ipfix sflow
	do
		"$root/test/gen/flowgen" -n 1500 --format $format --pcap "$TMP/exports/$format.pcap" >/dev/null || return 1
	done
	perl "$here/fuzz_seeds.pl" "$TMP/seeds" "$TMP/pcap" "$TMP"/exports/*.pcap
}

# pack TARGET FLAG: the inputs that reach all, packed into a file whose bytes depend on nothing else
pack()
{
	rm -rf "$TMP/merged/$1"
	mkdir "$TMP/merged/$1"
	(cd "$TMP/fuzz" && "./$1" -merge=1 "$2" -max_len=4096 -timeout=60 "$TMP/merged/$1" "$TMP/corpus/$1" \
		"$TMP/seeds/$1") >"$TMP/$1.merge" 2>&1 || { tail -5 "$TMP/$1.merge"; return 1; }
	(cd "$TMP/merged/$1" && LC_ALL=C ls |
		tar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 --format=ustar --verbatim-files-from -T - -cf -) |
		gzip -9n >"$TMP/$1.tar.gz"
}

# merge TARGET: how often a branch is taken counts only where that is not too much to keep
merge()
{
	pack "$1" -use_counters=1 || return 1
	[ "$(stat -c %s "$TMP/$1.tar.gz")" -le $most_bytes ] || pack "$1" -use_counters=0 || return 1
	mkdir -p "$here/corpus"
	cp "$TMP/$1.tar.gz" "$here/corpus/$1.tar.gz"
}

fuzz_one()
{
	fuzz_corpus "$1" "$TMP/corpus/$1" || return 1
	mkdir -p "$TMP/seeds/$1"
	(cd "$TMP/fuzz" && "./$1" -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-max_total_time="$seconds" -artifact_prefix="$TMP/failed/$1-" "$TMP/corpus/$1" "$TMP/seeds/$1") \
		>"$TMP/$1.log" 2>&1 || {
		echo "not ok fuzz: $1"
		grep -a -m 3 -E 'ERROR|runtime error|SUMMARY' "$TMP/$1.log" | sed 's/^/# /'
		return
	}
	merge "$1" || { echo "not ok fuzz: $1 is not merged"; return; }
	echo "ok fuzz: $1: $(sed -n 's/.*number_of_executed_units: *//p' "$TMP/$1.log") tried," \
		"$(find "$TMP/merged/$1" -type f | wc -l) kept in $(stat -c %s "$here/corpus/$1.tar.gz") bytes"
}

mkdir "$TMP/failed" "$TMP/merged"
make_seeds >"$TMP/seeds.log" 2>&1 || { tail "$TMP/seeds.log"; exit 2; }
fuzz_build "$TMP/fuzz"
jobs=${FLOWSTORE_JOBS:-$(nproc)}
job=0
while [ $job -lt "$jobs" ]
do
	job=$((job + 1))
	for target in $fuzz_targets
	do
		mkdir "$TMP/taken.$target" 2>/dev/null || continue
		[ ! -x "$TMP/fuzz/$target" ] || fuzz_one "$target"
	done &
done | tee "$TMP/results"
wait
if grep -q '^not ok' "$TMP/results" || ! grep -q '^ok' "$TMP/results"
then
	echo "outputs, and inputs that fail, are in $TMP"
	exit 1
fi
rm -rf "$TMP"
