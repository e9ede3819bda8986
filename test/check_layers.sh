#!/bin/sh
# Every include must stay in its room or point down; see src/README.md.
cd "$(dirname "$0")/../src" || exit 2
above="" bad=0
for room in func analytics exec group filter prune maintain am directory store vector format; do
	for up in $above; do
		grep -Hn "^#[[:space:]]*include \"$up/" "$room"/*.[ch] 2>/dev/null && bad=1
	done
	# an include without its room hides which wall it crosses
	grep -Hn '^#[[:space:]]*include "[^/"]*\.h"' "$room"/*.[ch] 2>/dev/null |
		grep -vE '"(postgres|postgres_fe|c|fmgr|funcapi|miscadmin|pgstat|pgtime|port|windowapi|compat)\.h"' && bad=1
	above="$above $room"
done
grep -Hn '^#[[:space:]]*include "compat.h"' format/*.[ch] vector/*.[ch] 2>/dev/null && bad=1

# The collector: decoders see no sockets, cache or sinks; sinks see no protocols.
cd ../collector || exit 2
grep -HnE '^#[[:space:]]*include ("(input|cache|sink)|<(sys/socket|netinet|pcap\.h|pcap/pcap|libpq))' decode_*.[ch] 2>/dev/null && bad=1
grep -HnE '^#[[:space:]]*include ("(decode|input|template|fields)|<pcap\.h|<pcap/pcap)' sink*.[ch] 2>/dev/null && bad=1

[ $bad -eq 0 ] || echo "these includes climb; see src/README.md" >&2
exit $bad
