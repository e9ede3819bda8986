#!/bin/sh
# Receiving over loopback: all records arrive in order, whatever is wrong is
# counted, SIGUSR1 prints counters, SIGTERM flushes.  With a spool, datagrams
# are kept though there is no server, and SIGHUP brings new rules for
# exporters; these hold without a spool, and in a replay, too.  Without traffic the service manager hears that we live.  Called
# by run.sh.
port=$PORT

# wait_for PATTERN FILE: up to ten seconds
wait_for()
{
	i=0
	until grep -q -e "$1" "$2" 2>/dev/null
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
		echo "ok live: $name"
	else
		echo "not ok live: $name"
		sed 's/^/# /' "$TMP/live.err" | tail -12
	fi
}

"$FLOWCOLLECTD" -l "udp://127.0.0.1:$port" -l "[::1]:$((port + 1))" \
	-l ":$((port + 2))" -o "$TMP/live.out" --no-header --batch-age=0.2 --stats \
	2>"$TMP/live.err" &
pid=$!
if ! wait_for 'listening on 3' "$TMP/live.err"
then
	if grep -q '::1' "$TMP/live.err"
	then
		echo "skip live: no IPv6 loopback: $(cat "$TMP/live.err")"
	else
		check "start" false
	fi
	kill $pid 2>/dev/null
	exit 0
fi
perl "$here/send_udp.pl" 127.0.0.1 "$port" 100 0
perl "$here/send_udp.pl" ::1 $((port + 1)) 10 0
perl "$here/send_udp.pl" 127.0.0.1 $((port + 2)) 10 3100
perl "$here/send_udp.pl" 127.0.0.1 "$port" 0 0
check "rows are written while running" wait_for '	3399	' "$TMP/live.out"
kill -USR1 $pid
check "SIGUSR1 prints counters" wait_for '^datagrams 122$' "$TMP/live.err"
perl "$here/send_udp.pl" 127.0.0.1 $((port + 2)) 100 3400
kill -TERM $pid
wait $pid
check "SIGTERM ends with status 0" [ $? -eq 0 ]

{
	awk 'BEGIN { for (i = 0; i < 3000; i++) print "127.0.0.1", i % 65536, i }'
	awk 'BEGIN { for (i = 3100; i < 6400; i++) print "127.0.0.1", i % 65536, i }'
} >"$TMP/expected"
awk -F'	' '$3 == "127.0.0.1" { print $3, $9, $15 }' "$TMP/live.out" >"$TMP/got"
check "every record arrives once, in order" cmp "$TMP/expected" "$TMP/got"
check "also over IPv6" [ "$(grep -c '	::1	' "$TMP/live.out")" -eq 300 ]
check "counter: records" grep -q '^records 6600$' "$TMP/live.err"
check "counter: gap" grep -q '^sequence_missed_records 100$' "$TMP/live.err"
check "counter: version 9" grep -q '^netflow9_datagrams 1$' "$TMP/live.err"
check "counter: malformed" grep -q '^netflow5_malformed 1$' "$TMP/live.err"
check "counter: lines" grep -q '^lines_written 6600$' "$TMP/live.err"

# A spool, and no server.
settings()
{
	printf '%s\n' "listen = udp://127.0.0.1:$port" "spool = $TMP/live.spool" \
		"database = host=$TMP/nowhere" '[exporter 127.0.0.0/8]' "$1" >"$TMP/live.conf"
}

settings 'sensor = here'
"$FLOWCOLLECTD" --config="$TMP/live.conf" --stats 2>"$TMP/live.err" &
pid=$!
wait_for 'flowcollectd: receiving$' "$TMP/live.err"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 100 0
sleep 0.5
settings refuse
kill -HUP $pid
check "SIGHUP reads the settings again" wait_for 'the settings are read again' "$TMP/live.err"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 10 3000
sleep 0.5
kill -TERM $pid
wait $pid
check "counter: received" grep -q '^received_datagrams 110$' "$TMP/live.err"
check "what came before the reload is in the spool" \
	grep -q '^spool_records_appended 100$' "$TMP/live.err"
check "rules for exporters are in force after SIGHUP" \
	grep -q '^received_not_allowed 10$' "$TMP/live.err"

# Rules without a spool: every datagram is decoded or counted as dropped.
counter()
{
	sed -n "s/^$1 //p" "$TMP/live.err" | tail -1
}

rules()
{
	printf '%s\n' "listen = udp://127.0.0.1:$port" "output = $TMP/live.out" 'no-header' \
		'sensor = everywhere' '[exporter 127.0.0.0/8]' "$@" >"$TMP/live.conf"
}

rules 'sampling = 512' 'sensor = here'
"$FLOWCOLLECTD" --config="$TMP/live.conf" --batch-age=0.1 --stats 2>"$TMP/live.err" &
pid=$!
wait_for 'listening on 1' "$TMP/live.err"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 10 0
wait_for '	299	' "$TMP/live.out"
check "sampling and sensor of a rule" \
	[ "$(cut -f 4,18 "$TMP/live.out" | sort | uniq -c | tr -s ' \t' ' ')" = " 300 here 512" ]
rules 'rate = 20'
kill -HUP $pid
wait_for 'the settings are read again' "$TMP/live.err"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 100 300
wait_for '	300	' "$TMP/live.out"
perl "$here/send_udp.pl" 127.0.0.1 "$port" 0 0
sleep 0.5
rules refuse
kill -HUP $pid
i=0
until [ "$(grep -c 'the settings are read again' "$TMP/live.err")" -ge 2 ] || [ $i -ge 100 ]
do
	i=$((i + 1))
	sleep 0.1
done
perl "$here/send_udp.pl" 127.0.0.1 "$port" 10 3300
sleep 0.5
kill -TERM $pid
wait $pid
check "counter: all that was sent is received" [ "$(counter received_datagrams)" -eq 122 ]
check "counter: refused by a rule" [ "$(counter received_not_allowed)" -eq 10 ]
check "counter: over the rate" [ "$(counter received_over_rate)" -ge 40 ]
check "received = refused + over the rate + decoded" [ "$(counter received_datagrams)" -eq \
	$(($(counter received_not_allowed) + $(counter received_over_rate) + $(counter datagrams))) ]
check "rows = records of what was decoded" [ "$(wc -l <"$TMP/live.out")" -eq \
	$((30 * $(counter netflow5_datagrams) - 30 * $(counter netflow5_malformed))) ]
check "without a rule for it the sensor is that of all" \
	[ "$(cut -f 4 "$TMP/live.out" | sort -u | tr '\n' ' ')" = "everywhere here " ]

printf '%s\n' "replay = $TMP/pcap/netflow5.pcap" "output = $TMP/live.out" no-header \
	'[exporter 192.0.2.0/24]' 'sampling = 7' 'sensor = lab' >"$TMP/live.conf"
"$FLOWCOLLECTD" --config="$TMP/live.conf" 2>"$TMP/live.err"
check "sampling and sensor of a rule, in a replay" \
	[ "$(cut -f 4,18 "$TMP/live.out" | sort -u | tr '\t' ' ')" = "lab 7" ]

# A service manager that watches.
notified=$TMP/live.notified
mkdir "$TMP/live.watched"
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) or die;
	$| = 1; print "$line\n" while defined recv(S, $line, 1000, 0)' "$TMP/live.manager" >>"$notified" &
manager=$!
i=0
until [ -S "$TMP/live.manager" ] || [ $i -ge 100 ]
do
	i=$((i + 1))
	sleep 0.1
done
for input in "--listen=127.0.0.1:$port" "--watch=$TMP/live.watched"
do
	: >"$notified"
	NOTIFY_SOCKET=$TMP/live.manager WATCHDOG_USEC=400000 \
		"$FLOWCOLLECTD" "$input" -o /dev/null 2>"$TMP/live.err" &
	pid=$!
	wait_for READY=1 "$notified"
	check "$input: the service manager hears that it is ready" grep -q READY=1 "$notified"
	sleep 1.5
	check "... and, without traffic, that it lives" [ "$(grep -c WATCHDOG=1 "$notified")" -ge 4 ]
	kill -TERM $pid
	wait $pid
done
kill $manager
exit 0
