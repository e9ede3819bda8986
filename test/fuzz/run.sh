#!/bin/sh
# Fuzz the decoders of format/ and the parser of flow.filter for some seconds each: run.sh [SECONDS].
# Needs clang with libFuzzer (CC, default clang-14).  Corpora and crashing
# inputs stay in build/; exit status 1 if a fuzzer found something.
cd "$(dirname "$0")" || exit 2
seconds=${1:-60}
CC=${CC:-clang-14}
pg=${PG_CONFIG:-pg_config}
flags="-g -O1 -DFRONTEND -DFS_FUZZING -Wno-ignored-attributes -fno-strict-aliasing -fwrapv -I../../src -I../unit -I$($pg --includedir-server)"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
libs="-L$($pg --pkglibdir) -L$($pg --libdir) -lpgcommon -lpgport -lzstd"
mkdir -p build/head build/column build/chunk build/pindex build/filter build/ipset build/prefixmap
unit="../unit/tap.c ../unit/sample.c ../unit/memdomain.c ../unit/convs.c"
$CC $flags $sanitize ../../src/format/*.c $unit seeds.c -o build/seeds $libs || exit 2
build/seeds build/head build/column build/chunk ../golden/v1/*.bin || exit 2
cp ../golden/v1/pindex/*.bin build/pindex/ || exit 2
sed -n "s/^SELECT flow.filter('\(.*\)');\$/\1/p; s/^  ('\([^']*\)', .*/\1/p" ../../sql/filter.sql |
	while read -r words; do printf '%s' "$words" >"build/filter/$(printf '%s' "$words" | cksum | cut -d' ' -f1)"; done
$CC $flags $sanitize ../../src/format/*.c seeds_addrs.c -o build/seeds_addrs $libs || exit 2
build/seeds_addrs build/ipset build/prefixmap || exit 2
bad=0
for source in *_fuzz.c; do
	fuzz=${source%.c}
	$CC $flags $sanitize -fsanitize=fuzzer ../../src/format/*.c ../../src/analytics/filtertext.c $unit "$source" -o "build/$fuzz" $libs || exit 2
	if "build/$fuzz" -max_total_time="$seconds" -max_len=32768 -rss_limit_mb=1024 -timeout=10 \
		-artifact_prefix="build/$fuzz-" "build/${fuzz%_fuzz}" >"build/$fuzz.log" 2>&1; then
		echo "ok - $fuzz ($(grep -c . "build/$fuzz.log") lines, $(tail -1 "build/$fuzz.log"))"
	else
		echo "not ok - $fuzz"
		tail -30 "build/$fuzz.log"
		bad=1
	fi
done
exit $bad
