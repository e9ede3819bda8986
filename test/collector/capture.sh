#!/bin/sh
# Live capture from a virtual interface in a network of its own: the same
# flows as from the file, flows end without traffic, an interface may go down,
# vanish and come back.  Called by run.sh.
if [ -z "$INSIDE" ]
then
	if ! command -v ip >/dev/null || ! unshare -rn true 2>/dev/null
	then
		echo "skip capture: cannot make a network of its own"
		exit 0
	fi
	INSIDE=1 exec unshare -rn "$0"
fi

# wait_for COUNT FILE: up to ten seconds, until it has so many lines
wait_for()
{
	i=0
	until [ "$(wc -l <"$2")" -ge "$1" ]
	do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.1
	done
}

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok capture: $name"
	else
		echo "not ok capture: $name"
		sed 's/^/# /' "$TMP/capture.err" | tail -12
	fi
}

make_link()
{
	ip link add fcd0 type veth peer name fcd1 &&
		ip link set fcd0 addrgenmode none && ip link set fcd1 addrgenmode none &&
		ip link set fcd0 up && ip link set fcd1 up
}

# start OPTION...: capture into capture.out
start()
{
	: >"$TMP/capture.out"
	: >"$TMP/capture.err"
	"$FLOWCOLLECTD" --capture=fcd1 -o "$TMP/capture.out" --no-header \
		--batch-age=0.1 --stats --details "$@" 2>"$TMP/capture.err" &
	pid=$!
	i=0
	until grep -q 'capturing from' "$TMP/capture.err" || [ $i -ge 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
}

stop()
{
	kill -TERM $pid
	wait $pid
}

counter()
{
	sed -n "s/^$1 //p" "$TMP/capture.err"
}

send()
{
	perl "$here/send_frames.pl" fcd0 "$1"
}

if ! make_link 2>"$TMP/capture.err"
then
	echo "skip capture: no virtual interfaces: $(head -1 "$TMP/capture.err")"
	exit 0
fi
columns=src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,tos,packets,bytes,vlan
sorted="$TMP/capture.sorted"
"$FLOWCOLLECTD" -r "$TMP/pcap/tags.pcap" -o - --no-header --details \
	--columns=$columns 2>/dev/null | sort >"$TMP/capture.expected"
nflows=$(wc -l <"$TMP/capture.expected")

start --columns=$columns
send "$TMP/pcap/tags.pcap"
sleep 0.3
stop
check "status 0 after SIGTERM" [ $? -eq 0 ]
sort "$TMP/capture.out" >"$sorted"
check "the flows of the file" cmp -s "$sorted" "$TMP/capture.expected"
check "no frame lost" [ "$(counter packets_lost_in_kernel)" = 0 ]

start --idle-timeout=0.5 --columns=$columns,end_reason
send "$TMP/pcap/tags.pcap"
check "idle flows end without traffic" wait_for "$nflows" "$TMP/capture.out"
check "and say so" [ "$(cut -f11 "$TMP/capture.out" | sort -u)" = 1 ]
ip link set fcd1 down
sleep 1.5
ip link set fcd1 up
sleep 2.5
send "$TMP/pcap/tags.pcap"
check "an interface may go down and up" \
	wait_for $((2 * nflows)) "$TMP/capture.out"
ip link del fcd0
sleep 1.5
make_link
sleep 2.5
send "$TMP/pcap/tags.pcap"
check "and vanish and come back" wait_for $((3 * nflows)) "$TMP/capture.out"
stop
check "failures are counted" [ "$(counter interface_failures)" -ge 1 ]

start --filter='icmp or icmp6' --columns=proto
send "$TMP/pcap/protocols.pcap"
sleep 0.3
stop
check "a filter" [ "$(sort -u "$TMP/capture.out" | tr '\n' ' ')" = '1 58 ' ]

"$FLOWCOLLECTD" --capture=fcd1 -o - --filter='tcp port' >"$TMP/capture.err" 2>&1
check "a filter that is none" [ $? -eq 1 ]
check "is told" grep -q 'invalid filter "tcp port"' "$TMP/capture.err"
"$FLOWCOLLECTD" --capture=fcd9 -o - >"$TMP/capture.err" 2>&1
check "an interface that is none" grep -q '"fcd9"' "$TMP/capture.err"
exit 0
