#!/bin/sh
# Packets and bytes by (protocol, source, destination) of every capture of
# other projects, against tshark's independent decoding of the outermost IP
# header.  Called by run.sh, or by itself with the captures to compare:
#
#	FLOWCOLLECTD=... TMP=... DATA=... here=... tshark_sums.sh [pcap/x/y.pcap]...
#
# tshark is asked for all occurrences of the fields; tshark_sums.pl takes the
# first, outermost ones, and walks IPv6 extension headers to the transport.
# It passes over IPv4 headers longer than their packets, which are malformed
# to us, and over Ethernet in MPLS, which is a tunnel.
if ! command -v tshark >/dev/null
then
	echo "skip tshark: tshark is not installed"
	exit 0
fi
if [ ! -f "$DATA/pcap/CASES.tsv" ]
then
	echo "skip tshark: no test data, $DATA/pcap/CASES.tsv is missing"
	exit 0
fi

# File name (a tab) reason: captures on which the two programs differ rightly.
cat >"$TMP/excluded" <<'END'
NullLoopback.pcap	one loopback header holds an Ethernet type, no address family
ipv4-options.pcap	tshark takes the end of a source route for the destination
END

[ $# -gt 0 ] || set -- $(cut -f2 "$DATA/pcap/CASES.tsv" | tail -n +2)
for file
do
	reason=$(awk -F'	' -v f="${file##*/}" '$1 == f { print $2 }' "$TMP/excluded")
	if [ -n "$reason" ]
	then
		echo "skip tshark: $file: $reason"
		continue
	fi
	"$FLOWCOLLECTD" -r "$DATA/$file" -o "$TMP/ours" --no-header 2>"$TMP/err"
	status=$?
	if [ $status -eq 1 ] && grep -q 'is not supported' "$TMP/err"
	then
		echo "skip tshark: $file: $(sed -n 's/^flowcollectd: \(link type [^ ]* [^ ]*\).*/\1/p' "$TMP/err")"
		continue
	fi
	tshark -n -r "$DATA/$file" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-T fields -E occurrence=a -e frame.number -e frame.protocols \
		-e frame.len -e ip.hdr_len -e ip.proto -e ip.src -e ip.dst -e ip.len \
		-e ipv6.nxt -e ipv6.src -e ipv6.dst -e ipv6.plen \
		-e ipv6.hopopts.nxt -e ipv6.routing.nxt -e ipv6.fraghdr.nxt \
		-e ipv6.dstopts.nxt -e ah.next_header -e ipv6.fraghdr.offset \
		>"$TMP/theirs" 2>/dev/null
	if [ $status -eq 0 ] &&
		perl "$here/tshark_sums.pl" "$TMP/ours" "$TMP/theirs" >"$TMP/diff"
	then
		echo "ok tshark: $file"
	else
		echo "not ok tshark: $file (status $status)"
		sed 's/^/# /' "$TMP/err" "$TMP/diff" | head -10
	fi
done
exit 0
