#!/bin/sh
# Unit tests, one program for each NAME_test.c; called by run.sh.
libs=$($MAKE -s -C "$root/collector" print-libs)
for source in "$here"/*_test.c
do
	test=$(basename "$source" _test.c)
	# shellcheck disable=SC2086
	if ! $CC -std=gnu11 -D_GNU_SOURCE -g -O1 $SANITIZERS -Wall -Wextra -Werror \
		-I"$root/collector" -o "$TMP/${test}_test" "$source" \
		"$BUILD/libcollector.a" $libs
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
