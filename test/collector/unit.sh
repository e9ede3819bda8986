#!/bin/sh
# Unit tests of decoders, cache, sinks and sockets; called by run.sh.
for test in input_pcapng decode_packet decode_netflow5 cache sink_encoders sink_bisect sink_text \
	input_udp
do
	# shellcheck disable=SC2086
	if ! $CC -std=gnu11 -D_GNU_SOURCE -g -O1 $SANITIZERS -Wall -Wextra -Werror \
		-I"$root/collector" -o "$TMP/${test}_test" "$here/${test}_test.c" \
		"$BUILD/libcollector.a" -lpcap -lpq
	then
		echo "not ok $test: does not compile"
		continue
	fi
	"$TMP/${test}_test" "$TMP/pcap" >"$TMP/out" 2>"$TMP/err"
	status=$?
	sed "s/^\(ok\|not ok\) /\1 $test: /" "$TMP/out"
	if [ $status -gt 1 ]
	then
		echo "not ok $test ended with status $status"
		sed 's/^/# /' "$TMP/err" | head -40
	fi
done
exit 0
