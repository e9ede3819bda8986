#!/bin/sh
# What is kept in corpus/ for each NAME_fuzz.c, then three seconds of libFuzzer;
# called by run.sh.  For longer, or for some of them:
#	FUZZ_SECONDS=30 FUZZ_TARGETS='meter decode_packet' run.sh fuzz
# and for much longer see fuzz_long.sh.
fuzz_targets=${FUZZ_TARGETS:-}
. "$here/fuzz_build.sh"
if ! command -v "$fuzz_clang" >/dev/null
then
	echo "skip fuzz: $fuzz_clang is not installed"
	exit 0
fi
fuzz_build "$TMP/fuzz" || exit 0
for target in $fuzz_targets
do
	[ -x "$TMP/fuzz/$target" ] || continue
	corpus=$TMP/corpus/$target
	if ! fuzz_corpus "$target" "$corpus"
	then
		echo "not ok fuzz: $target: its corpus cannot be unpacked"
		continue
	fi
	kept=$(find "$corpus" -type f | wc -l)
	if (cd "$TMP" && "fuzz/$target" -max_len=4096 -print_final_stats=1 -timeout=20 \
		-max_total_time="${FUZZ_SECONDS:-3}" "$corpus") >"$TMP/out" 2>&1
	then
		echo "ok fuzz: $target"
		echo "# $kept inputs kept, $(sed -n 's/.*number_of_executed_units: *//p' "$TMP/out") tried"
	else
		echo "not ok fuzz: $target"
		tail -40 "$TMP/out" | sed 's/^/# /'
	fi
done
exit 0
