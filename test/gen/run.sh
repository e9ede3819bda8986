#!/bin/bash
# Tests flowgen, mkcapture and flowreplay.  If this goes, benchmark and demo data may change
# from one machine or commit to the next without anybody noticing.
#
# With PGHOST set, rows are also loaded into a temporary table of that server.

cd "$(dirname "$0")" || exit 2
make -s all || exit 2
tmp=$(mktemp -d) || exit 2
collector=''
trap '[ -z "$collector" ] || kill "$collector" 2>/dev/null; rm -rf "$tmp"' EXIT
port=$((20000 + $$ % 20000))
flowcollectd=../../collector/build/flowcollectd
recent=$(date -u -d '-3 hours' '+%Y-%m-%d %H:%M:%S+00')
number=0
failed=0
all_groups=tls,dns,http,payload

# result 0 means success
report()
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=$((failed + 1))
	fi
}

is()
{
	[ "$1" = "$2" ]
	local result=$?
	report $result "$3"
	[ $result -eq 0 ] || printf '# got %s, expected %s\n' "$1" "$2"
}

between()
{
	awk -v x="$1" -v lo="$2" -v hi="$3" 'BEGIN { exit !(x >= lo && x <= hi) }'
	local result=$?
	report $result "$4"
	[ $result -eq 0 ] || printf '# got %s, expected %s to %s\n' "$1" "$2" "$3"
}

sum()
{
	md5sum | cut -d' ' -f1
}

test_same_rows()
{
	is "$(./flowgen -n 2000 --seed 1 --groups $all_groups | sum)" \
		48cd9d6eb47f1eab5f4d42ed6824709b "rows of seed 1 as text"
	is "$(./flowgen -n 2000 --seed 1 --wide --format binary | sum)" \
		ab411555a757edb4198a5cb3bc5bb80c "rows of seed 1 as binary"
	is "$(./flowgen -n 30000 --seed 7 --hours 48 --start '2024-02-28 12:00:00+00' | sum)" \
		e06f259fe52b716b6b74e95374b6d258 "rows over a leap day with attacks"
	[ "$(./flowgen -n 500 --seed 1 | sum)" != "$(./flowgen -n 500 --seed 2 | sum)" ]
	report $? "another seed gives other rows"
}

test_counts()
{
	local n
	for n in 0 1 2 7 1000 20000 20001 100000; do
		is "$(./flowgen -n $n --seed 3 | wc -l)" $n "$n rows"
	done
	is "$(./flowgen -n 1000 --hours 1 --seed 3 | wc -l)" 1000 "1000 rows in an hour"
}

test_usage()
{
	local arguments
	for arguments in "-n x" "-n -1" "--hours 0" "--groups tls,x" "--format csv" \
		"--start 2025-13-01" "rest" "--nonsense" "--format ipfix" "--send 127.0.0.1:9" \
		"--format sflow --pcap x --exporters 0" "--rate=-1" "--attacks some"; do
		./flowgen $arguments >"$tmp/out" 2>"$tmp/err"
		is "$? $(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" "2 1 0" "flowgen $arguments is refused"
	done
	./flowgen --help | grep -q -- --wide
	report $? "flowgen --help"
	./mkcapture >/dev/null 2>"$tmp/err"
	is "$? $(wc -l <"$tmp/err")" "2 1" "mkcapture without a file is refused"
	./flowgen -n 100000 >/dev/full 2>/dev/null
	is $? 1 "a full disk is an error"
}

# every value has the form of its type
test_fields()
{
	./flowgen --ddl --groups $all_groups | sed 's/,$//' >"$tmp/ddl"
	awk -F '\t' '
		function is_value(type, x)
		{
			if (x == "\\N")
				return 1
			if (type == "timestamptz")
				return x ~ /^2025-01-0[12] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9][0-9][0-9]\+00$/
			if (type == "inet")
				return x ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/ || x ~ /^[0-9a-f:]+:[0-9a-f:]*$/
			if (type == "real")
				return x ~ /^[0-8]\.[0-9][0-9][0-9]$/
			if (type == "text")
				return x ~ /^[A-Za-z0-9._-]+$/
			if (x !~ /^[0-9]+$/)
				return 0
			return x <= (type == "smallint" ? 32767 : type == "integer" ? 2147483647 : 9e15)
		}
		FILENAME == ARGV[1] { split($2 == "" ? $1 : $2, part, " "); type[++n] = part[2]; next }
		NF != n { print "# line " FNR ": " NF " fields"; bad++; next }
		{
			for (i = 1; i <= n; i++)
				if (!is_value(type[i], $i)) { print "# line " FNR ", column " i ": " $i; bad++ }
			if ($9 > 65535 || $10 > 65535 || $14 < 1 || $15 < 20 * $14) { print "# line " FNR; bad++ }
			if ($11 != 6 && $12 != 0) { print "# line " FNR ": flags without TCP"; bad++ }
		}
		END { exit bad > 0 }' "$tmp/ddl" "$tmp/rows"
	report $? "every field has the form of its type"
}

# test_labels LABELS ROWS COUNT: the rows that a label selects are as many as it says, and within its time; there are
# COUNT labels.
test_labels()
{
	awk -F '\t' -v labels="$3" '
		function regular(x,   part, n)
		{
			n = split(x, part, "[./]")
			if (n < 5)
				sub(/$/, "$", x)
			else if (part[5] == 15)
				x = "198.(18|19)."
			else
				x = part[1] "." part[2] "." (part[5] == 24 ? part[3] "." : "")
			gsub(/\./, "\\.", x)
			return "^" x
		}
		FILENAME == ARGV[1] {
			if (FNR > 1) { src[++n] = regular($2); dst[n] = regular($3); port[n] = $4
				from[n] = $5; to[n] = $6; rows[n] = $7; kind[n] = $1 }
			next
		}
		$7 !~ /^(10|192\.0\.2|198\.(18|19|51)|203\.0\.113)\./ || $8 !~ /^(10|192\.0\.2|198\.(18|19|51)|203\.0\.113)\./ { next }
		{
			for (i = 1; i <= n; i++)
				if ((($7 ~ src[i] && $8 ~ dst[i]) || ($8 ~ src[i] && $7 ~ dst[i])) &&
					(port[i] == "*" || $9 == port[i] || $10 == port[i])) {
					found[i]++
					if ($1 < from[i] || $1 > to[i]) { print "# " kind[i] " at " $1; bad++ }
				}
		}
		END {
			for (i = 1; i <= n; i++)
				if (found[i] != rows[i]) { print "# " kind[i] ": " found[i] " rows, label says " rows[i]; bad++ }
			if (n != labels) { print "# " n " labels"; bad++ }
			exit bad > 0
		}' "$1" "$2"
	report $? "$3 labels match the rows"
}

# what stands out in the rows of single attacks, and that no attack is no other row
test_attacks()
{
	is "$(awk -F '\t' '$8 == "203.0.113.110" && $22 < 771' "$tmp/rows.all" | wc -l)" 60 "old versions of TLS"
	is "$(awk -F '\t' '$8 == "203.0.113.97" && $26 == "\\N" && $27 != "\\N"' "$tmp/rows.all" | wc -l)" \
		"$(awk -F '\t' '$3 == "203.0.113.97" { print $7 / 2 }' "$tmp/labels.all")" "requests by HTTP without a host"
	is "$(awk -F '\t' '$26 == "\\N" && $27 != "\\N" && $8 != "203.0.113.97" && $7 != "203.0.113.97"' "$tmp/rows.all" | wc -l)" \
		0 "other requests have a host"
	./flowgen -n 100000 --seed 5 --attacks none --labels "$tmp/labels.none" >"$tmp/rows.none"
	is "$(wc -l <"$tmp/labels.none") $(wc -l <"$tmp/rows.none") $(cut -f 7,8 "$tmp/rows.none" |
		grep -cE '192\.0\.2\.|198\.(18|19)\.|198\.51\.100|203\.0\.113')" "1 100000 0" "no attacks"
}

test_distributions()
{
	eval "$(awk -F '\t' '
		{
			split(substr($1, 12, 8), t, ":"); s = t[1] * 3600 + t[2] * 60 + t[3]
			if (s < last - 180) late++
			if (s > last) last = s
			hour[t[1] + 0]++
			count[$7]++
			if ($7 ~ /:/) v6++
			if ($11 == 6) tcp++
			if ($10 == 443 || $9 == 443) web++
			if ($9 == 443 || $10 == 443) if ($19 == "\\N" && $12 != 2) nameless++
			key = $7 < $8 ? $7 " " $8 " " $9 + $10 : $8 " " $7 " " $9 + $10
			if (key in open) { paired += 2; delete open[key] } else open[key]
		}
		END {
			for (a in count) { n++; if (count[a] > top) top = count[a] }
			printf "hosts=%d top=%d v6=%d tcp=%d web=%d nameless=%d late=%d paired=%d night=%d noon=%d\n",
				n, top, v6, tcp, web, nameless, late, paired, hour[3], hour[10]
		}' "$tmp/rows")"
	between $hosts 20000 40000 "distinct sources"
	between $top 1500 5000 "rows of the busiest source"
	between $v6 9000 15000 "IPv6 rows"
	between $tcp 55000 75000 "TCP rows"
	between $web 40000 65000 "rows of port 443"
	between $nameless 0 0 "TLS and QUIC rows without a name"
	between $late 0 0 "rows later than three minutes"
	between $paired 90000 98000 "rows whose other direction is there"
	between $((noon / night)) 3 6 "noon against night"
}

test_server()
{
	local ddl count format
	if [ -z "$PGHOST" ]; then
		echo "# PGHOST is not set, no rows loaded"
		return
	fi
	ddl=$(./flowgen --ddl --groups $all_groups)
	for format in text binary; do
		./flowgen -n 20000 --groups $all_groups --format $format >"$tmp/copy"
		psql -XqAt -v ON_ERROR_STOP=1 <<-END >"$tmp/result.$format" 2>"$tmp/err"
			SET TimeZone = 'UTC';
			CREATE TEMP TABLE t ($ddl);
			\\copy t FROM '$tmp/copy' (FORMAT $format)
			SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text COLLATE "C")) FROM t;
		END
		report $? "the server takes $format"
		sed 's/^/# /' "$tmp/err"
	done
	is "$(cat "$tmp/result.text")" "$(cat "$tmp/result.binary")" "text and binary hold the same rows"
}

test_capture()
{
	local bad
	./mkcapture "$tmp/demo.pcap"
	cmp -s "$tmp/demo.pcap" ../data/demo.pcap
	report $? "test/data/demo.pcap is what mkcapture makes"
	between "$(stat -c %s "$tmp/demo.pcap")" 1000000 1500000 "size of the capture"
	./mkcapture --seed 2 --packets 500 "$tmp/other.pcap"
	report $? "a capture of 500 packets"
	if ! command -v tshark >/dev/null; then
		echo "# tshark is not there, packets not dissected"
		return
	fi
	is "$(tshark -r "$tmp/other.pcap" 2>/dev/null | wc -l)" 500 "500 packets are in it"
	bad='_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0'
	bad="$bad || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0"
	bad="$bad || tcp.analysis.flags || ip.len > 1500"
	is "$(tshark -r "$tmp/demo.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -Y "$bad" 2>/dev/null | wc -l)" 0 \
		"no packet is malformed, lost or has a wrong checksum"
	is "$(tshark -r "$tmp/demo.pcap" -Y 'ip.dst == 203.0.113.99 && tls.handshake.type == 1' \
		-T fields -e tls.handshake.extensions_server_name 2>/dev/null | sort | uniq -c | xargs)" \
		"30 update.quietbox.example" "thirty beacons"
	is "$(tshark -r "$tmp/demo.pcap" -Y 'ip.src == 203.0.113.66 && tcp.flags == 2' 2>/dev/null | wc -l)" \
		400 "four hundred ports scanned"
}

# Rows as exports of a format have them: of our columns 1 to 18, those that it
# keeps.  sFlow knows packets, not flows, and no time but that of arrival.
as_netflow5()
{
	awk -F '\t' -v OFS='\t' '$7 !~ /:/ { print substr($1, 1, 23), $2, $5, $6, $7, $8, $9, $10,
		$11, $12, $13, $14, $15, ($16 > 65535 ? 23456 : $16), ($17 > 65535 ? 23456 : $17), $18 }' | sort
}

as_netflow()
{
	awk -F '\t' -v OFS='\t' '{ print substr($1, 1, 23), $2, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, $17, $18 }' | sort
}

as_sflow()
{
	awk -F '\t' -v OFS='\t' '{
		len = int($15 / $14)
		headers = ($7 ~ /:/ ? 40 : 20) + ($11 == 6 ? 20 : $11 == 17 ? 8 : 4)
		print $5, $6, $7, $8, $9, $10, $11, $12, $13, (len < headers ? headers : len), $16, $17, $14 * $18 }' |
		sort
}

# bytes of one packet, and packets that it stands for
as_samples()
{
	awk -F '\t' -v OFS='\t' '{ print $5, $6, $7, $8, $9, $10, $11, $12, $13, $15, $16, $17, $18 }' |
		sort
}

same_rows()
{
	[ -s "$1" ] && cmp -s "$1" "$2"
	report $? "$3"
	diff "$1" "$2" | head -6 | sed 's/^/# /'
}

count_of()
{
	awk -v name="$1" '$1 == name { print $2 }' "$2"
}

has_collector()
{
	[ -n "$have_collector" ] || {
		if make -s -C ../../collector all >"$tmp/make" 2>&1; then
			have_collector=yes
		else
			have_collector=no
			echo "# the collector does not build here, nothing is sent to it"
		fi
	}
	[ $have_collector = yes ]
}

# Whether the collector understands the format; it says so itself.
reads()
{
	"$flowcollectd" --replay "$1" -o - --no-header --stats 2>"$tmp/stats" >"$tmp/replayed"
	! grep -Eq '^unsupported_[a-z0-9]+ [1-9]' "$tmp/stats"
}

test_export_files()
{
	local format
	for format in netflow5 netflow9 ipfix sflow; do
		./flowgen -n 20000 --hours 2 --seed 4 --exporters 6 --format $format \
			--pcap "$tmp/$format.pcap" >"$tmp/$format.counts"
		report $? "a capture of $format"
	done
	./flowgen -n 20000 --hours 2 --seed 4 >"$tmp/flows"
	is "$(cat "$tmp/netflow5.pcap" "$tmp/netflow9.pcap" "$tmp/ipfix.pcap" "$tmp/sflow.pcap" | sum)" \
		c89f99fffd3cebc1de79f4ff6341ab1c "captures of all formats"
	is "$(awk -F '\t' '$7 ~ /:/' "$tmp/flows" | wc -l)" "$(count_of left_out "$tmp/netflow5.counts")" \
		"NetFlow v5 leaves out IPv6"
	for format in netflow9 ipfix sflow; do
		is "$(count_of records "$tmp/$format.counts")" 20000 "$format leaves out nothing"
	done
	./flowgen -n 1000 --format ipfix --pcap "$tmp/no/such/file" >/dev/null 2>&1
	is $? 1 "a capture that cannot be written is an error"
}

test_export_tshark()
{
	local format sums
	if ! command -v tshark >/dev/null; then
		echo "# tshark is not there, exports not dissected"
		return
	fi
	sums=$(awk -F '\t' '{ n++; p += $14; b += $15 } END { printf "%d %d %.0f", n, p, b }' "$tmp/flows")
	for format in netflow9 ipfix; do
		is "$(tshark -r "$tmp/$format.pcap" -T fields -e cflow.packets -e cflow.octets 2>/dev/null |
			awk -F '\t' '{ n += split($1, x, ","); for (i in x) p += x[i]; split("", x); split($2, x, ",")
				for (i in x) b += x[i]; split("", x) } END { printf "%d %d %.0f", n, p, b }')" "$sums" \
			"tshark finds all of $format"
	done
	is "$(tshark -r "$tmp/sflow.pcap" -T fields -e sflow.flow_sample.sampling_rate 2>/dev/null |
		tr ',' '\n' | grep -c .)" 20000 "tshark finds all samples"
}

test_export_replay()
{
	local format way
	for format in netflow5 netflow9 ipfix sflow; do
		way=as_${format%9}
		[ $format = netflow5 ] && way=as_netflow5
		[ $format = ipfix ] && way=as_netflow
		if ! reads "$tmp/$format.pcap"; then
			echo "# the collector does not read $format"
			continue
		fi
		$way <"$tmp/flows" >"$tmp/sent"
		if [ $format = sflow ]; then
			as_samples <"$tmp/replayed" >"$tmp/got"
		else
			$way <"$tmp/replayed" >"$tmp/got"
		fi
		same_rows "$tmp/sent" "$tmp/got" "the collector reads back all rows of $format"
		is "$(count_of sequence_gaps "$tmp/stats") $(count_of sequence_resets "$tmp/stats")" "0 0" \
			"sequence numbers of $format have no gap"
		is "$(count_of implausible_times "$tmp/stats")" 0 "times of $format are plausible"
	done
}

# start_collector NAME: receives into $tmp/NAME, counters in $tmp/NAME.err
start_collector()
{
	local i
	port=$((port + 1))
	"$flowcollectd" -l "udp://127.0.0.1:$port" -o "$tmp/$1" --no-header --stats 2>"$tmp/$1.err" &
	collector=$!
	for i in $(seq 100); do
		grep -q listening "$tmp/$1.err" && return
		sleep 0.1
	done
}

stop_collector()
{
	kill -TERM "$collector"
	wait "$collector"
	report $? "the collector of $1 ends well"
	collector=''
}

test_send()
{
	local sent
	start_collector netflow5.live
	./flowgen -n 20000 --hours 2 --start "$recent" --seed 4 --format netflow5 --exporters 6 --rate 100000 \
		--send "udp://127.0.0.1:$port" >"$tmp/counts"
	report $? "NetFlow v5 is sent"
	stop_collector "NetFlow v5"
	./flowgen -n 20000 --hours 2 --start "$recent" --seed 4 | as_netflow5 >"$tmp/sent"
	as_netflow5 <"$tmp/netflow5.live" >"$tmp/got"
	same_rows "$tmp/sent" "$tmp/got" "all rows have arrived"
	is "$(count_of records "$tmp/counts") $(count_of datagrams "$tmp/counts")" \
		"$(count_of records "$tmp/netflow5.live.err") $(count_of datagrams "$tmp/netflow5.live.err")" \
		"the counts of both sides"
	is "$(cut -f 3 "$tmp/netflow5.live" | sort -u | xargs)" \
		"127.1.0.1 127.1.0.2 127.1.0.3 127.1.0.4 127.1.0.5 127.1.0.6" "each source has an address"

	start_collector sflow.live
	./flowgen -n 2000 --seed 4 --format sflow --rate 2000 --send "udp://127.0.0.1:$port" >"$tmp/counts"
	stop_collector sFlow
	is "$(wc -l <"$tmp/sflow.live")" 2000 "all samples have arrived"
	sent=$(awk -F '\t' '{ split(substr($1, 12, 15), t, ":"); s = t[1] * 3600 + t[2] * 60 + t[3]
		if (NR == 1) first = s } END { s -= first; print s < 0 ? s + 86400 : s }' "$tmp/sflow.live")
	between "$sent" 0.8 3 "2000 records at 2000 a second take a second"
}

test_flowreplay()
{
	local arguments sums
	make -s flowreplay >"$tmp/make" 2>&1
	report $? "flowreplay builds"
	for arguments in "" "x" "a b c" "--speed=0 a b" "--speed=x a b" "--loop=0 a b" "--nonsense"; do
		./flowreplay $arguments >"$tmp/out" 2>"$tmp/err"
		is "$? $(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" "2 1 0" "flowreplay $arguments is refused"
	done
	./flowreplay "$tmp/no/such" 127.0.0.1:9 >/dev/null 2>&1
	is $? 1 "a capture that is not there is an error"

	./flowgen -n 20000 --hours 2 --start "$recent" --seed 4 --format netflow5 --exporters 6 \
		--pcap "$tmp/recent.pcap" >"$tmp/counts"
	start_collector twice
	./flowreplay --speed=max --loop=2 --apart "$tmp/recent.pcap" "udp://127.0.0.1:$port" >"$tmp/replay"
	report $? "a capture is sent"
	stop_collector flowreplay
	is "$(count_of datagrams "$tmp/replay") $(count_of exporters "$tmp/replay")" \
		"$((2 * $(count_of datagrams "$tmp/counts"))) 6" "its counts"
	sums=$(awk -F '\t' '{ n++; p += $14; b += $15 } END { print n, p, b }' "$tmp/twice")
	is "$sums" "$(as_netflow5 <"$tmp/flows" | awk -F '\t' '{ n += 2; p += 2 * $12; b += 2 * $13 }
		END { print n, p, b }')" "all rows have arrived twice"
	is "$(cut -f 3 "$tmp/twice" | sort | uniq -c | awk '/ 127\.1\.0\./ { print $1 }' | sort -n | xargs)" \
		"$("$flowcollectd" --replay "$tmp/recent.pcap" -o - --no-header | cut -f 3 | sort | uniq -c |
			awk '{ print 2 * $1 }' | sort -n | xargs)" "each exporter has its rows"

	# two hours and a quarter at 5000 times the pace
	./flowreplay --speed=5000 "$tmp/recent.pcap" 127.0.0.1:9 >"$tmp/replay"
	between "$(count_of seconds "$tmp/replay")" 1 3 "5000 times the original pace"
}

./flowgen -n 100000 --seed 5 --groups $all_groups --labels "$tmp/labels" >"$tmp/rows"
test_same_rows
test_counts
test_usage
test_fields
test_labels "$tmp/labels" "$tmp/rows" 12
./flowgen -n 100000 --seed 5 --attacks all --groups $all_groups --labels "$tmp/labels.all" >"$tmp/rows.all"
test_labels "$tmp/labels.all" "$tmp/rows.all" 20
test_attacks
test_distributions
test_server
test_capture
test_export_files
test_export_tshark
if has_collector; then
	test_export_replay
	test_send
	test_flowreplay
fi
echo "1..$number"
[ $failed -eq 0 ]
