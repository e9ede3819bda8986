#!/bin/sh
# Run the unit tests of format/ and vector/: run.sh [BUILD], where BUILD is a folder that
# they were built in; without it they are built with sanitizers first.  Prints
# one TAP line a test; exit status 1 if any fails.
cd "$(dirname "$0")" || exit 2
build=${1:-build}
[ $# -gt 0 ] || make -s all || exit 1
bad=0
for source in *_test.c; do
	test=${source%.c}
	"$build/$test" >"$build/$test.log" 2>&1
	status=$?
	sed -n "s/^\(not ok\|ok\) [0-9]* - /\1 - $test: /p" "$build/$test.log"
	if [ $status -ne 0 ]; then
		echo "not ok - $test ended with status $status"
		grep -v '^ok' "$build/$test.log" | sed 's/^/# /'
		bad=1
	fi
done
exit $bad
