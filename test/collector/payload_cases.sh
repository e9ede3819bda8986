#!/bin/sh
# What the payload of every conversation in every capture of other projects
# says, against tshark and against the expected files of the projects; called
# by run.sh.  payload_compare.pl says what is compared.
if [ ! -f "$DATA/pcap/CASES.tsv" ]
then
	echo "skip payload: no test data, $DATA/pcap/CASES.tsv is missing"
	exit 0
fi
libs=$($MAKE -s -C "$root/collector" print-libs)
# shellcheck disable=SC2086
if ! $CC -std=gnu11 -D_GNU_SOURCE -g -O1 $SANITIZERS -Wall -Wextra -Werror \
	-I"$root/collector" -o "$TMP/payload_streams" "$here/payload_streams.c" \
	"$BUILD/libcollector.a" $libs
then
	echo "not ok payload: the program does not compile"
	exit 0
fi

# Differences that are right: file, a pattern of the line, the reason.
cat >"$TMP/payload_excluded" <<'END'
NullLoopback.pcap	.	one loopback header holds an Ethernet type, no address family
nflogPacket.pcap	.	its link type is not supported
dns_stack_overflow.pcap	dns_rcode	the message is malformed
dns-edns-ecs.pcap	^17 .*,53 .*dns_	fragmented datagrams are not put together
ipv6-fragmented-dns.pcap	dns_rcode	fragmented datagrams are not put together
many-protocols.pcap	,55193 .*http_	begins with a byte of a keepalive that was not sent
pcapng-example.pcapng	,3306 	TLS begins within MySQL
mixed-vlan-mpls.pcap	http_method	HTTP/0.9
zeek/tcp.pcap	http_method	the capture cuts the request line
gre-erspan-vxlan.pcap	.	tunnels are not opened here
END

# explained FILE: the differences on stdin that have no reason
explained()
{
	awk -F'	' -v file="$1" '
		NR == FNR { if (index(file, $1)) pattern[++n] = $2; next }
		/^#/ { next }
		{ for (i = 1; i <= n; i++) if ($0 ~ pattern[i]) next; print }' \
		"$TMP/payload_excluded" -
}

# compare FILE KIND THEIRS
compare()
{
	perl "$here/payload_compare.pl" "$TMP/payload_ours" "$2" "$3" \
		>"$TMP/payload_diff" 2>&1
	status=$?
	explained "$1" <"$TMP/payload_diff" >"$TMP/payload_bad"
	compared=$(sed -n 's/^# compared //p' "$TMP/payload_diff")
	if [ -s "$TMP/payload_bad" ] || [ "$status" -gt 1 ] || [ -z "$compared" ]
	then
		echo "not ok payload: $1, $2 (status $status)"
		cut -c1-200 "$TMP/payload_bad" | sed 's/^/# /' | head -10
	else
		total=$((total + compared))
		[ "$compared" -eq 0 ] || echo "ok payload: $1, $2: $compared values"
	fi
}

# What tshark says about each packet; payload_compare.pl has the same order.
ask_tshark()
{
	tshark -n -r "$1" -o tcp.reassemble_out_of_order:TRUE -T fields \
		-E occurrence=a -E aggregator="$(printf '\001')" \
		-e ipv6.src -e ipv6.dst -e ip.src -e ip.dst \
		-e tcp.srcport -e tcp.dstport -e udp.srcport -e udp.dstport \
		-e tls.handshake.extensions_server_name -e tls.handshake.ja3 \
		-e dtls.handshake.extensions_server_name -e dtls.handshake.ja3 \
		-e tls.handshake.ja3s -e tls.handshake.ciphersuite \
		-e tls.handshake.extensions_alpn_str \
		-e http.host -e http.request.method -e http.user_agent \
		-e http.content_type -e http.response.code \
		-e dns.qry.name -e dns.qry.type -e dns.flags.rcode 2>/dev/null
}

kind_of()
{
	case $1 in
	*.ja4.json)								echo ja4 ;;
	pcap/arkime/*.json)						echo arkime ;;
	*http.log* | *ssl.log* | *quic.log*)	echo zeek ;;
	pcap/ipfixprobe/*.tls | pcap/ipfixprobe/*.http | \
	pcap/ipfixprobe/*.quic | pcap/ipfixprobe/*.dns)	echo ipfixprobe ;;
	esac
}

total=0
cut -f2,7 "$DATA/pcap/CASES.tsv" | tail -n +2 >"$TMP/payload_cases"
while IFS='	' read -r file expected
do
	"$TMP/payload_streams" "$DATA/$file" >"$TMP/payload_ours" 2>"$TMP/err"
	if [ $? -gt 1 ]
	then
		echo "not ok payload: $file"
		sed 's/^/# /' "$TMP/err" | head -20
		continue
	fi
	if command -v tshark >/dev/null
	then
		ask_tshark "$DATA/$file" >"$TMP/payload_theirs"
		compare "$file" tshark "$TMP/payload_theirs"
	fi
	for path in $(echo "$expected" | tr , ' ')
	do
		kind=$(kind_of "$path")
		[ -z "$kind" ] || compare "$file" "$kind" "$DATA/$path"
	done
done <"$TMP/payload_cases"
command -v tshark >/dev/null || echo "skip payload: tshark is not installed"
if [ "$total" -ge 1000 ]
then
	echo "ok payload: $total values compared"
else
	echo "not ok payload: only $total values compared"
fi
exit 0
