#!/bin/sh
# Packets and bytes of every capture of other projects against Wireshark's
# independent decoding: by (protocol, source, destination) of the outermost IP
# header, and by (source, destination) of the innermost one with all tunnels
# opened.  Called by run.sh, or by itself with the captures to compare:
#
#	FLOWCOLLECTD=... TMP=... DATA=... here=... tshark.sh [pcap/x/y.pcap]...
#
# All occurrences of the fields are asked for; tshark_sums.pl takes the first,
# outermost ones, and walks IPv6 extension headers to the transport.  It passes
# over IPv4 headers longer than their packets, which are malformed to us, and over
# Ethernet in MPLS, which is a tunnel.
if ! command -v sharkd >/dev/null
then
	echo "skip tshark: sharkd, of the packages of tshark, is not installed"
	exit 0
fi
if [ ! -f "$DATA/pcap/CASES.tsv" ]
then
	echo "skip tshark: no test data, $DATA/pcap/CASES.tsv is missing"
	exit 0
fi

# Which comparison, file name, reason: where the two programs differ rightly.
cat >"$TMP/excluded" <<'END'
both	NullLoopback.pcap	one loopback header holds an Ethernet type, no address family
both	ipv4-options.pcap	tshark takes the end of a source route for the destination
tunnels	gtp1_gn_normal_incl_fragmentation.pcap	later fragments of an opened tunnel are not metered
tunnels	nb6-http.pcap	L2TP, which is not opened
tunnels	tcp-reassembly.pcap	tshark shows the headers that a sample of sFlow quotes
tunnels	mpls-6in6-broken.pcap	random bytes, of which tshark shows what is malformed
END

# compare NAME FILE PROGRAM THEIRS OPTION...
compare()
{
	name=$1 file=$2 program=$3 theirs=$4
	shift 4
	reason=$(awk -F'	' -v f="${file##*/}" -v name="$name" '$2 == f && ($1 == name || $1 == "both") { print $3 }' "$TMP/excluded")
	if [ -n "$reason" ]
	then
		echo "skip $name: $file: $reason"
		return
	fi
	"$FLOWCOLLECTD" -r "$DATA/$file" -o "$TMP/ours" --no-header "$@" 2>"$TMP/err"
	status=$?
	if [ $status -eq 1 ] && grep -q 'is not supported' "$TMP/err"
	then
		echo "skip $name: $file: $(sed -n 's/^flowcollectd: \(link type [^ ]* [^ ]*\).*/\1/p' "$TMP/err")"
	elif [ $status -eq 0 ] && perl "$here/$program" "$TMP/ours" "$theirs" >"$TMP/diff"
	then
		echo "ok $name: $file"
	else
		echo "not ok $name: $file (status $status)"
		sed 's/^/# /' "$TMP/err" "$TMP/diff" | head -10
	fi
}

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(cut -f2 "$DATA/pcap/CASES.tsv" | tail -n +2)
if ! perl "$here/dissect.pl" "$TMP/fields" "$DATA" "$@" 2>"$TMP/err"
then
	echo "not ok tshark: sharkd does not read the captures"
	tail -5 "$TMP/err" | sed 's/^/# /'
	exit 0
fi
number=0
for file
do
	theirs=$TMP/fields/$number
	number=$((number + 1))
	compare tshark "$file" tshark_sums.pl "$theirs"
	compare tunnels "$file" tshark_tunnels.pl "$theirs" --tunnels=all --columns=src_addr,dst_addr,packets,bytes
	rm "$theirs"
done
exit 0
