#!/bin/sh
# Packets that are kept: each row's pcap_ref gives exactly the row's packets,
# also over several files, after a kill, while they are captured; what was
# recycled is told.  Called by run.sh.
#
#	RING_FULL=1 run.sh ring		every row, more captures, and all of it seen by tshark
if [ -n "$RING_FULL" ]
then
	many=20 few=3 every=9 tshark=10
else
	many=3 few=2 every=45 tshark=
fi
ring=$TMP/ring
rows=$TMP/ring.tsv
found=$TMP/ring_found.pcap

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok ring: $name"
	else
		echo "not ok ring: $name"
		sed 's/^/# /' "$TMP/ring.err" | tail -12
	fi
}

# keep FILE OPTION...: meter it into a new ring, and rows
keep()
{
	file=$1
	shift
	rm -rf "$ring"
	keep_more "$file" "$@"
}

keep_more()
{
	file=$1
	shift
	"$FLOWCOLLECTD" -r "$file" "--ring=$ring" -o "$rows" --columns=all "$@" 2>"$TMP/ring.err"
}

# extract STATUS PATTERN OPTION...: messages match, if there is a pattern
extract()
{
	status=$1 pattern=$2
	shift 2
	"$FLOWCOLLECTD" extract "$@" >"$TMP/ring.out" 2>"$TMP/ring.err"
	got=$?
	[ $got -eq "$status" ] && cat "$TMP/ring.out" "$TMP/ring.err" | grep -aEq -e "$pattern" && return
	echo "# status $got"
	return 1
}

# packets FILE: how many are in it
packets()
{
	"$FLOWCOLLECTD" -r "$1" -o /dev/null --stats 2>&1 | sed -n 's/^packets //p'
}

# column NAME: of all rows
column()
{
	awk -F '\t' -v name="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
		{ print $column }' "$rows"
}

live()
{
	if ! ip link add fcd0 type veth peer name fcd1 2>"$TMP/ring_live.err"
	then
		echo "skip ring: no virtual interfaces: $(head -1 "$TMP/ring_live.err")"
		return
	fi
	for link in fcd0 fcd1
	do
		ip link set $link addrgenmode none
		ip link set $link up
	done
	rm -rf "$ring"
	"$FLOWCOLLECTD" --capture=fcd1 "--ring=$ring" -o "$rows" --columns=all --batch-age=0.1 \
		--idle-timeout=1 --stats 2>"$TMP/ring_live.err" &
	pid=$!
	i=0
	until grep -q 'capturing from' "$TMP/ring_live.err" || [ $i -ge 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	perl "$here/send_frames.pl" fcd0 "$TMP/pcap/protocols.pcap"
	i=0
	until [ "$(wc -l <"$rows")" -ge 18 ] || [ $i -ge 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	perl "$here/ring_rows.pl" "while it is captured" "$ring" "$rows" $((5 * many))
	kill -TERM $pid
	wait $pid
	check "live, status 0" [ $? -eq 0 ]
	check "live, all packets are kept" \
		[ "$(sed -n 's/^ring_packets //p' "$TMP/ring_live.err")" = "$(sed -n 's/^packets //p' "$TMP/ring_live.err")" ]
}

# health STATUS PATTERN: within 10 s
health()
{
	i=0
	until [ "$(curl -s -m 5 -o "$TMP/ring.out" -w '%{http_code}' "http://127.0.0.1:$PORT/health")" = "$1" ] &&
		grep -q "$2" "$TMP/ring.out"
	do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.1
	done
}

# a ring whose directory goes: no new file can be made
broken()
{
	if ! command -v curl >/dev/null || ! ip link set lo up 2>/dev/null
	then
		echo "skip ring: curl is not installed, or there is no loopback"
		return
	fi
	"$FLOWCOLLECTD" --capture=fcd1 "--ring=$ring" --ring-file-seconds=1 --http=":$PORT" -o /dev/null \
		--stats 2>"$TMP/ring.err" &
	pid=$!
	check "live, it is healthy" health 200 '"ok"'
	rm -rf "$ring"
	perl "$here/send_frames.pl" fcd0 "$TMP/pcap/protocols.pcap"
	check "live, a ring that fails is not healthy" health 503 'the ring has lost packets lately'
	kill -TERM $pid
	wait $pid
	check "live, and it is counted" grep -q '^ring_write_errors [1-9]' "$TMP/ring.err"
	check "live, with all packets" \
		[ "$(sed -n 's/^ring_packets_dropped //p' "$TMP/ring.err")" = "$(sed -n 's/^packets //p' "$TMP/ring.err")" ]
}

if [ -n "$INSIDE" ]
then
	live
	broken
	exit 0
fi

export RING_TSHARK RING_TIMES
command -v tshark >/dev/null || tshark=
RING_TIMES=1 RING_TSHARK=${tshark:-$(command -v tshark >/dev/null && echo 100)}
keep "$TMP/pcap/protocols.pcap"
perl "$here/ring_rows.pl" protocols "$ring" "$rows" 8
RING_TIMES=$RING_FULL RING_TSHARK=$tshark
for name in ${RING_FULL:+protocols} tags fragments extensions null raw ipv4 sll sll2 ppp timeouts
do
	keep "$TMP/pcap/$name.pcap"
	perl "$here/ring_rows.pl" "$name" "$ring" "$rows" $many
done
keep "$TMP/pcap/tags.pcap" --tunnels=all
perl "$here/ring_rows.pl" "in tunnels" "$ring" "$rows" $many --tunnels=all

# all of a file comes out as it went in
keep "$TMP/pcap/protocols.pcap"
extract 0 '' "--ring=$ring" --from=0 -o "$found"
"$FLOWCOLLECTD" -r "$found" -o - --details --columns=all >"$TMP/ring.again" 2>/dev/null
"$FLOWCOLLECTD" -r "$TMP/pcap/protocols.pcap" -o - --details --columns=all >"$TMP/ring.first" 2>/dev/null
check "a file is archived as it was" cmp -s "$TMP/ring.first" "$TMP/ring.again"

tcp="--src=192.0.2.1 --dst=192.0.2.2 --sport=40000 --dport=443 --proto=tcp"
# shellcheck disable=SC2086
{
	extract 0 '^flowcollectd: 4 packets' "--ring=$ring" $tcp -o "$found"
	check "by the five-tuple" [ "$(packets "$found")" = 4 ]
	extract 0 '' "--ring=$ring" $tcp --both -o "$found"
	check "both directions" [ "$(packets "$found")" = 7 ]
	extract 0 '' "--ring=$ring" "--ref=$(column pcap_ref | sed -n 2p)" --both -o "$found"
	check "both directions of a reference" [ "$(packets "$found")" = 7 ]
	extract 0 '' "--ring=$ring" --proto=icmp --src=192.0.2.1 --dport=2048 --dst=192.0.2.3 --both \
		-o "$found"
	check "a request and its answer" [ "$(packets "$found")" = 2 ]
	extract 0 '' "--ring=$ring" --proto=udp --dport=53 -o "$found"
	check "by some of it" [ "$(packets "$found")" = 2 ]
	extract 0 '' "--ring=$ring" --src=192.0.2.53 --both -o "$found"
	check "both directions of some of it" [ "$(packets "$found")" = 2 ]
	extract 0 '' "--ring=$ring" --filter='tcp[tcpflags] & tcp-syn != 0 and ip' $tcp -o "$found"
	check "by a filter" [ "$(packets "$found")" = 1 ]
	extract 0 '' "--ring=$ring" --proto=udp -o - && mv "$TMP/ring.out" "$found"
	check "to standard output" [ "$(packets "$found")" -gt 2 ]
	check "nothing found" extract 1 'there are no such packets' "--ring=$ring" --src=1.2.3.4 -o "$found"
	check "and how far back the ring goes" grep -q 'reaches back to 20' "$TMP/ring.err"
	check "wrong time" extract 1 'no such packets' "--ring=$ring" $tcp --from=2100-01-01T00:00:00Z -o "$found"
	check "not a ring" extract 1 'is no ring' "--ring=$TMP" $tcp -o "$found"
	check "no directory" extract 1 'No such file' "--ring=$TMP/nothing" $tcp -o "$found"
	check "reference of another ring" extract 1 'is of ring 00000000' "--ring=$ring" \
		--ref=00000000:1.24 -o "$found"
	check "not a reference" extract 2 'is no value of pcap_ref' "--ring=$ring" --ref=1.24 -o "$found"
	check "nothing asked" extract 2 'nothing is said' "--ring=$ring" -o "$found"
	check "bad filter" extract 1 'invalid filter' "--ring=$ring" --filter='tcp port' -o "$found"
	check "disk full" extract 1 'could not write' "--ring=$ring" $tcp -o /dev/full
	check "help" extract 0 '^Usage' --help
}
id=$(cut -d ' ' -f 4 "$ring/id")
check "file that was not written" extract 1 'has not been written' "--ring=$ring" --ref="$id:9999.24" \
	-o "$found"
check "a place without a packet" extract 1 'no packet of a flow' "--ring=$ring" \
	"--ref=$(column pcap_ref | sed -n '2s/\..*/.25/p')" -o "$found"
keep "$TMP/pcap/interfaces.pcapng"
check "link types that do not mix" extract 1 'choose one with --link-type' "--ring=$ring" \
	--from=0 -o "$found"
check "one of them" extract 0 'packets$' "--ring=$ring" --link-type=1 -o "$found"

# ten flows of 2000 packets each over 20 MB
perl -e '
	print pack "L S2 L4", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101;
	for my $n (0 .. 19999)
	{
		my $packet = pack "C2 n3 C2 n C4 C4 n4", 0x45, 0, 1000, 0, 0, 64, 17, 0, 10, 0, 0, $n % 10,
			10, 1, 0, 1, 4096, 8192, 980, 0;
		print pack("L4", 1700000000 + int($n / 1000), $n % 1000 * 1000, 1000, 1000), $packet,
			"\0" x (1000 - length $packet);
	}' >"$TMP/ring_long.pcap"
keep "$TMP/ring_long.pcap" --ring-file-bytes=1M --stats
check "no more than a file's bytes" [ "$(find "$ring" -name '*.pcap' -size +1024k | wc -l)" -eq 0 ]
check "many files" [ "$(find "$ring" -name '*.pcap' | wc -l)" -gt 19 ]
perl "$here/ring_rows.pl" "flows over many files" "$ring" "$rows" $many
index=$(cat "$ring"/*.index | wc -c)
check "an index of less than 3 bytes a packet" [ "$index" -lt 60000 ]
keep "$TMP/ring_long.pcap" --ring-file-bytes=1M --ring-bytes=4M --stats
check "files are removed, and counted" \
	[ "$(sed -n 's/^ring_files_removed //p' "$TMP/ring.err")" -gt 15 ]
check "the limit holds" [ "$(cat "$ring"/*.pcap "$ring"/*.index | wc -c)" -le 4194304 ]
check "what is left of a flow, and that it is not all" extract 1 "first packets are missing" \
	"--ring=$ring" "--ref=$(column pcap_ref | sed -n 1p)" -o "$found"
check "which is written" [ "$(packets "$found")" -gt 200 ]
check "a flow that is gone" extract 1 'reaches back to 20' "--ring=$ring" \
	"--ref=$(column pcap_ref | sed -n '1s/-.*//p')" -o "$found"
keep "$TMP/ring_long.pcap" --ring-snap=64 --ring-file-seconds=5
check "files by time" [ "$(find "$ring" -name '*.pcap' | wc -l)" -eq 4 ]
check "packets that are cut" [ "$(cat "$ring"/*.pcap | wc -c)" -lt 1650000 ]
perl "$here/ring_rows.pl" "packets that are cut" "$ring" "$rows" $many

# a kill while packets are kept: what is in the files is good, and the next
# process goes on
rm -rf "$ring"
mkfifo "$TMP/ring.fifo" 2>/dev/null
"$FLOWCOLLECTD" -r - "--ring=$ring" -o "$rows" --columns=all --active-timeout=1 --batch-age=0.1 \
	--ring-file-bytes=1M <"$TMP/ring.fifo" 2>"$TMP/ring.err" &
pid=$!
{
	cat "$TMP/ring_long.pcap"
	i=0
	until [ "$(find "$ring" -name '*.pcap' 2>/dev/null | wc -l)" -gt 15 ] || [ $i -gt 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	kill -KILL $pid
} >"$TMP/ring.fifo" 2>/dev/null
wait $pid 2>/dev/null
last=$(find "$ring" -name '*.pcap' | sort | tail -1)
printf 'half a record' >>"$last"
keep_more "$TMP/pcap/protocols.pcap"
check "after a kill the torn end is cut off" grep -q 'ends within a packet' "$TMP/ring.err"
perl "$here/ring_rows.pl" "after a kill" "$ring" "$rows" $many
extract 0 '' "--ring=$ring" --src=10.0.0.3 -o "$found"
check "what was written before it is found" [ "$(packets "$found")" -gt 1500 ]

if [ -d "$DATA/pcap" ]
then
	for name in $(awk -F '\t' -v every=$every 'NR > 1 && NR % every == 0 { print $2 }' "$DATA/pcap/CASES.tsv" | sort -u)
	do
		keep "$DATA/$name" --tunnels=all && [ "$(wc -l <"$rows")" -gt 1 ] &&
			perl "$here/ring_rows.pl" "$name" "$ring" "$rows" $few --tunnels=all
	done
else
	echo "skip ring: no captures in $DATA"
fi
if command -v ip >/dev/null && unshare -rn true 2>/dev/null
then
	INSIDE=1 unshare -rn "$0"
else
	echo "skip ring: cannot make a network of its own"
fi
exit 0
