#!/bin/sh
# Five seconds of libFuzzer for each decoder; called by run.sh.  For longer:
#	FUZZ_SECONDS=3600 run.sh fuzz
if ! command -v "${CLANG:-clang}" >/dev/null
then
	echo "skip fuzz: clang is not installed"
	exit 0
fi
for target in decode_packet decode_netflow5 http_parse import_rows influx
do
	case $target in
	decode_*)	sources="$root/collector/decode_*.c $root/collector/input_replay.c
		$root/collector/exporter.c $root/collector/fragment.c" ;;
	http_parse)	sources=$root/collector/http_parse.c ;;
	*)			sources="$root/collector/web_buffer.c $root/collector/influx.c
		$root/collector/import_*.c" ;;
	esac
	# shellcheck disable=SC2086
	if ! "${CLANG:-clang}" -std=gnu11 -D_GNU_SOURCE -g -O1 \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-I"$root/collector" -o "$TMP/${target}_fuzz" "$here/${target}_fuzz.c" \
		$sources "$root/collector/hash.c" "$root/collector/log.c" 2>"$TMP/err"
	then
		echo "skip fuzz: $target: clang cannot build it"
		sed 's/^/# /' "$TMP/err" | head -5
		continue
	fi
	if (cd "$TMP" && "./${target}_fuzz" -max_len=2048 -print_final_stats=1 \
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
