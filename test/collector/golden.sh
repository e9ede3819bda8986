#!/bin/sh
# TESTLIST: captures of mkpcap against expected outputs, byte by byte; called
# by run.sh.
tab=$(printf '\t')
grep -v '^#' "$here/TESTLIST" | while IFS="$tab" read -r name capture expected flags
do
	# shellcheck disable=SC2086
	"$FLOWCOLLECTD" -o - $flags "$TMP/pcap/$capture" >"$TMP/out" 2>"$TMP/err"
	status=$?
	if [ $status -eq 0 ] && cmp -s "$TMP/out" "$here/expected/$expected"
	then
		echo "ok golden: $name"
	else
		echo "not ok golden: $name (status $status)"
		diff "$here/expected/$expected" "$TMP/out" | head -10 | sed 's/^/# /'
		sed 's/^/# /' "$TMP/err"
	fi
done
exit 0
