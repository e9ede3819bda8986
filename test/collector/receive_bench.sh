#!/bin/sh
# receive_bench.sh FOLDER [DATAGRAMS_PER_S [SECONDS [THREADS [sync]]]]: how many
# datagrams of 30 records reach the spool over loopback; the defaults are 10,000 a second,
# 300,000 records, for 60 s.  0 a second is as fast as the sender goes.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
folder=${1:?a folder for the spool is needed}
rate=${2:-10000}
seconds=${3:-60}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/receive-bench.XXXXXX") || exit 2
trap 'rm -rf "$TMP" "$folder/bench"' EXIT
trap 'exit 2' INT TERM
port=$((20000 + $$ % 20000))
rm -rf "$folder/bench"
make -s -C "$root/collector" BUILD="$TMP/build" all >"$TMP/make.log" 2>&1 || { cat "$TMP/make.log"; exit 1; }
${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -I"$root/collector" -o "$TMP/receive_bench" \
	"$here/receive_bench.c" "$TMP/build/libcollector.a" || exit 1
${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$TMP/udpblast" "$here/udpblast.c" || exit 1
"$TMP/receive_bench" "$folder" "$port" "${4:-1}" 8589934592 ${5:+"$5"} >"$TMP/out" &
pid=$!
until grep -q ready "$TMP/out"
do
	kill -0 $pid 2>/dev/null || exit 1
	sleep 0.1
done
"$TMP/udpblast" 127.0.0.1 "$port" "$rate" "$seconds"
kill -TERM $pid
wait $pid || exit 1
grep -v ready "$TMP/out"
