# Four machines in network namespaces, for the scripts of this folder.  Sourced inside a network namespace that is new: that is
# the collector's machine.
#
#	client 198.51.100.2 --- exporter --- server 203.0.113.2
#	                            |
#	               192.0.2.1    +---  192.0.2.10, here
#
# The exporter routes, and sees the client's traffic at its eth0.  All addresses are of the documentation.

network_pids=

# Runs a command on machine $1: client, exporter, server.
on()
{
	(on_exec "$@")
}

# The same in place of this shell; "on_exec MACHINE COMMAND &" can be ended by its process id.
on_exec()
{
	eval "on_pid=\$network_$1"
	shift
	exec nsenter -t "$on_pid" -n "$@"
}

# A machine $1, which lives until network_remove.
network_add()
{
	unshare -n sleep 100000 &
	eval "network_$1=$!"
	network_pids="$network_pids $!"
	network_tries=0
	until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
		network_tries=$((network_tries + 1))
		[ $network_tries -lt 100 ] || return 1
		sleep 0.05
	done
	on "$1" ip link set lo up
}

# A cable between interface $2 of machine $1 with address $3, and interface $5 of machine $4 with address $6; "here" is this one.
network_cable()
{
	ip link add "cable-a" type veth peer name "cable-b" || return 1
	network_end cable-a "$1" "$2" "$3" && network_end cable-b "$4" "$5" "$6"
}

# One end $1 of it becomes interface $3 of machine $2, with address $4.
network_end()
{
	network_run="on $2"
	if [ "$2" = here ]; then
		network_run=
	else
		eval "network_pid=\$network_$2"
		ip link set "$1" netns "$network_pid" || return 1
	fi
	# frames as on a cable, none of 64 kB
	$network_run ip link set "$1" name "$3" gso_max_segs 1 && $network_run ip address add "$4" dev "$3" &&
		$network_run ip link set "$3" up
}

network_make()
{
	ip link set lo up &&
		network_add client && network_add exporter && network_add server &&
		network_cable client eth0 198.51.100.2/24 exporter eth0 198.51.100.1/24 &&
		network_cable server eth0 203.0.113.2/24 exporter eth1 203.0.113.1/24 &&
		network_cable here eth0 192.0.2.10/24 exporter eth2 192.0.2.1/24 &&
		on client ip route add default via 198.51.100.1 &&
		on server ip route add default via 203.0.113.1 &&
		on exporter sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

network_remove()
{
	# shellcheck disable=SC2086
	[ -z "$network_pids" ] || kill $network_pids 2>/dev/null
	network_pids=
}

# What any network has: a little traffic all the time, 200 packets a second each way, of the client with the exporter itself.  Without
# it softflowd is deaf, since libpcap gives it packets when 256 kB have come, and not before.
network_hum()
{
	on_exec client ping -q -i 0.005 198.51.100.1 >/dev/null 2>&1 &
	network_pids="$network_pids $!"
}

# Known traffic of the client with 203.0.113.2: a download by curl of $1 bytes, an upload by iperf3 of $2 bytes, and 20 pings
# with 100 bytes.  $3 is a folder, for what these say.
network_traffic()
{
	head -c "$1" /dev/zero >"$3/download" || return 1
	on_exec server /usr/bin/python3 -m http.server --bind 203.0.113.2 --directory "$3" 80 >"$3/http.log" 2>&1 &
	network_http=$!
	on_exec server iperf3 -s >"$3/iperf3-server.log" 2>&1 &
	network_iperf=$!
	network_good=0
	on client curl -sSf --retry 20 --retry-connrefused --retry-delay 1 --limit-rate 8M \
		-o "$3/downloaded" http://203.0.113.2/download 2>"$3/curl.log" &&
		cmp "$3/download" "$3/downloaded" &&
		on client iperf3 -J -c 203.0.113.2 -n "$2" -b 60M >"$3/iperf3.json" &&
		on client ping -q -c 20 -i 0.2 -s 100 203.0.113.2 >"$3/ping.log" || network_good=1
	kill $network_http $network_iperf
	wait $network_http $network_iperf 2>/dev/null
	rm -f "$3/download" "$3/downloaded"
	return $network_good
}

# Bytes of IP in all frames between exporter and server, by the counters of the exporter's interface.
network_counted()
{
	on exporter awk '$1 == "eth1:" { print $2 - 14 * $3 + $10 - 14 * $11 }' /proc/net/dev
}
