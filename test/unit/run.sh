#!/bin/sh
# Run the unit tests built in a directory: run.sh [BUILD].  Exit status 1 if
# any fails; output of failing tests is shown, of others only the count.
cd "$(dirname "$0")" || exit 2
build=${1:-build}
bad=0
for source in *_test.c; do
	test=${source%.c}
	if output=$("$build/$test" 2>&1); then
		echo "ok - $test ($(echo "$output" | grep -c '^ok'))"
	else
		echo "not ok - $test"
		echo "$output" | grep -v '^ok'
		bad=1
	fi
done
exit $bad
