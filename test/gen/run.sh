#!/bin/bash
# Tests flowgen and mkcapture.  If this goes, benchmark and demo data may change
# from one machine or commit to the next without anybody noticing.
#
# With PGHOST set, rows are also loaded into a temporary table of that server.

cd "$(dirname "$0")" || exit 2
make -s all || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
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
		"--start 2025-13-01" "rest" "--nonsense"; do
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

# The rows that a label selects are as many as it says, and within its time.
test_labels()
{
	awk -F '\t' '
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
			if (n < 12) { print "# only " n " labels"; bad++ }
			exit bad > 0
		}' "$tmp/labels" "$tmp/rows"
	report $? "labels match the rows"
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

./flowgen -n 100000 --seed 5 --groups $all_groups --labels "$tmp/labels" >"$tmp/rows"
test_same_rows
test_counts
test_usage
test_fields
test_labels
test_distributions
test_server
test_capture
echo "1..$number"
[ $failed -eq 0 ]
