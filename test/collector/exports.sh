#!/bin/sh
# NetFlow v9 and IPFIX captures of other projects: what comes out, and that a
# restart behind any datagram changes nothing of it; called by run.sh.
perl "$here/exports_cases.pl"
[ -f "$DATA/netflow/CASES.tsv" ] || exit 0
if [ ! -x "$TMP/export_state_test" ]
then
	libs=$($MAKE -s -C "$root/collector" print-libs)
	# shellcheck disable=SC2086
	$CC -std=gnu11 -D_GNU_SOURCE -g -O1 $SANITIZERS -I"$root/collector" \
		-o "$TMP/export_state_test" "$here/export_state_test.c" \
		"$BUILD/libcollector.a" $libs || exit 2
fi
cd "$DATA/netflow" || exit 2
# shellcheck disable=SC2046
"$TMP/export_state_test" $(awk -F'	' '$3 == "v9" || $3 == "ipfix" { print $2 }' CASES.tsv) \
	2>/dev/null | sed 's/^\(ok\|not ok\) /\1 exports: a restart anywhere in /'
exit 0
