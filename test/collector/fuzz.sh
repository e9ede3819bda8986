#!/bin/sh
# Five seconds of libFuzzer for each NAME_fuzz.c; called by run.sh.  For longer,
# or for some of them:
#	FUZZ_SECONDS=3600 FUZZ_TARGETS='meter decode_packet' run.sh fuzz
if ! command -v "${CLANG:-clang}" >/dev/null
then
	echo "skip fuzz: clang is not installed"
	exit 0
fi
flags="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
library=$TMP/fuzz/libcollector.a
if ! $MAKE -C "$root/collector" -j2 CC="${CLANG:-clang}" BUILD="$TMP/fuzz" \
	CFLAGS="$flags -fsanitize=fuzzer-no-link" "$library" >"$TMP/out" 2>&1
then
	echo "not ok fuzz: clang does not build the collector"
	tail -20 "$TMP/out" | sed 's/^/# /'
	exit 0
fi
libs=$($MAKE -s -C "$root/collector" print-libs)
if [ -z "$FUZZ_TARGETS" ]
then
	for source in "$here"/*_fuzz.c
	do
		FUZZ_TARGETS="$FUZZ_TARGETS $(basename "$source" _fuzz.c)"
	done
fi
for target in $FUZZ_TARGETS
do
	# shellcheck disable=SC2086
	if ! "${CLANG:-clang}" -std=gnu11 -D_GNU_SOURCE $flags -fsanitize=fuzzer \
		-I"$root/collector" -o "$TMP/${target}_fuzz" "$here/${target}_fuzz.c" \
		"$library" $libs 2>"$TMP/err"
	then
		echo "not ok fuzz: $target: clang cannot build it"
		sed 's/^/# /' "$TMP/err" | head -5
		continue
	fi
	if (cd "$TMP" && "./${target}_fuzz" -max_len=4096 -print_final_stats=1 \
		-max_total_time="${FUZZ_SECONDS:-5}") >"$TMP/out" 2>&1
	then
		echo "ok fuzz: $target"
		grep number_of_executed_units "$TMP/out" | sed 's/^/# /'
	else
		echo "not ok fuzz: $target"
		tail -40 "$TMP/out" | sed 's/^/# /'
	fi
done
exit 0
