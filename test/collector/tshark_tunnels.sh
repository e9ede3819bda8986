#!/bin/sh
# Packets and bytes by (source, destination) of every capture of
# other projects with all tunnels opened, against tshark's innermost IP
# headers.  Called by run.sh, or by itself with the captures to compare, as
# tshark_sums.sh.
if ! command -v tshark >/dev/null
then
	echo "skip tunnels: tshark is not installed"
	exit 0
fi
if [ ! -f "$DATA/pcap/CASES.tsv" ]
then
	echo "skip tunnels: no test data, $DATA/pcap/CASES.tsv is missing"
	exit 0
fi

# File name (a tab) reason: captures on which the two programs differ rightly.
cat >"$TMP/excluded" <<'END'
NullLoopback.pcap	one loopback header holds an Ethernet type, no address family
ipv4-options.pcap	tshark takes the end of a source route for the destination
gtp1_gn_normal_incl_fragmentation.pcap	later fragments of an opened tunnel are not metered
nb6-http.pcap	L2TP, which is not opened
tcp-reassembly.pcap	tshark shows the headers that a sample of sFlow quotes
mpls-6in6-broken.pcap	random bytes, of which tshark shows what is malformed
END

[ $# -gt 0 ] || set -- $(cut -f2 "$DATA/pcap/CASES.tsv" | tail -n +2)
for file
do
	reason=$(awk -F'	' -v f="${file##*/}" '$1 == f { print $2 }' "$TMP/excluded")
	if [ -n "$reason" ]
	then
		echo "skip tunnels: $file: $reason"
		continue
	fi
	"$FLOWCOLLECTD" -r "$DATA/$file" -o "$TMP/ours" --no-header --tunnels=all \
		--columns=src_addr,dst_addr,packets,bytes 2>"$TMP/err" || continue
	tshark -n -r "$DATA/$file" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-T fields -E occurrence=a -e frame.protocols \
		-e ip.src -e ip.dst -e ip.len -e ipv6.src -e ipv6.dst -e ipv6.plen \
		>"$TMP/theirs" 2>/dev/null
	if perl "$here/tshark_tunnels.pl" "$TMP/ours" "$TMP/theirs" >"$TMP/diff"
	then
		echo "ok tunnels: $file"
	else
		echo "not ok tunnels: $file"
		head -10 "$TMP/diff" | sed 's/^/# /'
	fi
done
exit 0
