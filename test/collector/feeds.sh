#!/bin/sh
# Flows as text, from files and watched directories, as a user loads them;
# called by run.sh.
feeds=$TMP/feeds
mkdir -p "$feeds"
core=ts,duration_ms,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,packets,bytes,rev_packets,rev_bytes,app

# verify NAME COMMAND...
verify()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok feeds: $name"
	else
		echo "not ok feeds: $name"
		sed 's/^/# /' "$feeds/err" | head -20
	fi
}

# the same flows as CSV, JSON, Zeek's log and text
perl - "$feeds" <<'PERL'
use strict;
use warnings;
my $dir = shift;
open my $csv, '>', "$dir/flows.csv" or die;
open my $json, '>', "$dir/flows.json" or die;
open my $zeek, '>', "$dir/conn.log" or die;
print $csv "ts;td;SrcAddr;dst_ip;sport;dport;proto;tcp_flags;pkts;octets;rev_packets;rev_bytes;app;duration\n";
print $zeek join("\n", '#separator \x09', "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
	"#path\tconn", join("\t", "#fields", qw(ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service
	duration conn_state history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes)), '');
for my $i (1 .. 2000)
{
	my $proto = $i % 2 ? 6 : 17;
	my $src = $i % 3 ? "10.0." . ($i % 200) . ".1" : "2001:db8::" . sprintf('%x', $i);
	my $dst = $i % 3 ? '192.0.2.' . ($i % 250) : '2001:db8:1::1';
	my $time = 1700000000 + $i;
	my $us = sprintf '%06d', $i * 37 % 1000000;
	my $app = $i % 5 ? '' : 'ssl';
	my $duration = sprintf '%d.%03d000', $i % 7, $i % 1000;
	print $csv join(';', "$time.$us", 'x', $src, qq("$dst"), $i, 443, $proto, $proto == 6 ? '....A.SF' =~ s/\.//gr : '',
		$i, $i * 60, 3, 180, $app, $duration), "\n";
	printf $json '{"flowStartMicroseconds":%d%s,"duration":%s,"sourceIPv%dAddress":"%s",' .
		'"dst":"%s","src_port":%d,"l4_dst_port":%d,"protocolIdentifier":%d,"tcpControlBits":%d,' .
		'"packetDeltaCount":%d,"IN_BYTES":%d,"reversePacketDeltaCount":3,"rev_bytes":180%s}' . "\n",
		$time, $us, $duration, $src =~ /:/ ? 6 : 4, $src, $dst, $i, 443, $proto, $proto == 6 ? 19 : 0,
		$i, $i * 60, $app eq '' ? '' : qq(,"app":"$app");
	print $zeek join("\t", "$time.$us", "C$i", $src, $i, $dst, 443, $proto == 6 ? 'tcp' : 'udp',
		$app eq '' ? '-' : $app, $duration, 'SF', 'ShADadfF', $i, $i * 60, 3, 180), "\n";
}
PERL
for format in csv json
do
	"$FLOWCOLLECTD" --load "$feeds/flows.$format" -o "$feeds/$format.tsv" --columns=$core \
		2>"$feeds/err" || echo "not ok feeds: $format ended with status $?"
done
"$FLOWCOLLECTD" --load "$feeds/conn.log" -o "$feeds/zeek.tsv" --columns=$core 2>"$feeds/err"
verify "2000 rows of CSV" [ "$(wc -l <"$feeds/csv.tsv")" -eq 2001 ]
verify "JSON gives the rows of CSV" cmp "$feeds/csv.tsv" "$feeds/json.tsv"
verify "Zeek's log gives them too" cmp "$feeds/csv.tsv" "$feeds/zeek.tsv"
"$FLOWCOLLECTD" --load "$feeds/conn.log" -o "$feeds/all.tsv" --columns=all 2>"$feeds/err"
"$FLOWCOLLECTD" --load "$feeds/all.tsv" -o "$feeds/again.tsv" --columns=all 2>"$feeds/err"
verify "what -o writes can be loaded" cmp "$feeds/all.tsv" "$feeds/again.tsv"

gzip -c "$feeds/flows.csv" >"$feeds/flows.csv.gz"
"$FLOWCOLLECTD" --load - -o "$feeds/gz.tsv" --columns=$core <"$feeds/flows.csv.gz" 2>"$feeds/err"
verify "gzip on standard input" cmp "$feeds/csv.tsv" "$feeds/gz.tsv"
"$FLOWCOLLECTD" --load "$feeds/flows.csv" "$feeds/flows.json" --load "$feeds/conn.log" \
	-o "$feeds/three.tsv" --no-header --stats 2>"$feeds/err"
verify "three files at once" [ "$(wc -l <"$feeds/three.tsv")" -eq 6000 ]
verify "each line is counted" grep -qx 'feed_lines 6007' "$feeds/err"

printf 'ts,src_addr\n1,10.0.0.1\n1,bad\nx\n' >"$feeds/bad.csv"
"$FLOWCOLLECTD" --load "$feeds/bad.csv" -o "$feeds/out" --no-header \
	--bad-lines="$feeds/rejected" 2>"$feeds/err"
verify "bad lines are no failure beside good ones" [ $? -eq 0 ]
verify "and are kept" [ "$(cat "$feeds/rejected")" = "$(printf '1,bad\nx')" ]
verify "and told with file and line" \
	grep -q 'bad.csv", line 3 has "bad" as "src_addr", which does not fit' "$feeds/err"
printf 'ts,src_addr\n1,bad\n' | "$FLOWCOLLECTD" --load - -o "$feeds/out" 2>"$feeds/err"
verify "a file without a good line is a failure" [ $? -eq 1 ]
head -c 1000 "$feeds/flows.csv.gz" >"$feeds/cut.csv.gz"
"$FLOWCOLLECTD" --load "$feeds/cut.csv.gz" -o "$feeds/out" --no-header 2>"$feeds/err"
verify "a cut file is a failure" [ $? -eq 1 ]
verify "whose lines are loaded" [ "$(wc -l <"$feeds/out")" -gt 10 ]
"$FLOWCOLLECTD" --load "$feeds/none" -o /dev/null 2>"$feeds/err"
verify "a file that is not there" grep -q 'could not open file .*No such file' "$feeds/err"
"$FLOWCOLLECTD" --load a --format=b -o - 2>"$feeds/err"
verify "a format that does not exist" [ $? -eq 2 ]
"$FLOWCOLLECTD" --watch "$feeds/none" -o - 2>"$feeds/err"
verify "a directory that is not there" grep -q 'could not watch directory' "$feeds/err"

# until COMMAND...: wait for it to be true, 15 s at most
until_true()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 150 ] || return 1
		sleep 0.1
	done
}

has_rows()
{
	[ "$(wc -l <"$feeds/watch.tsv")" -eq "$1" ]
}

spool=$feeds/in
mkdir "$spool"
: >"$feeds/watch.tsv"
cp "$feeds/conn.log" "$spool/conn.log"
touch -d '1 hour ago' "$spool/conn.log"
head -n 11 "$feeds/flows.csv" >"$spool/a.csv"
"$FLOWCOLLECTD" --watch "$spool:*[vgz]" -o "$feeds/watch.tsv" --no-header \
	--columns=src_port --batch-age=0.1 2>"$feeds/err" &
pid=$!
verify "watch: what is there is read" until_true has_rows 2010
verify "watch: the oldest first" [ "$(sed -n '2001p' "$feeds/watch.tsv")" = 1 ]
sed -n 12,14p "$feeds/flows.csv" >>"$spool/a.csv"
printf 'half' >>"$spool/a.csv"
cp "$feeds/flows.json" "$spool/b.json.csv.tmp"
verify "watch: what is added is read, save half a line" until_true has_rows 2013
mv "$spool/a.csv" "$spool/a.1.csv"
sed -n 21,30p "$feeds/flows.csv" | cat "$spool/a.1.csv" - >"$feeds/new.csv"
sed -i '1!d' "$feeds/new.csv"
sed -n 21,30p "$feeds/flows.csv" >>"$feeds/new.csv"
cp "$feeds/new.csv" "$spool/a.csv"
verify "watch: a renamed file is not read again, a new one is" until_true has_rows 2023
cp "$spool/a.csv" "$spool/a.2.csv"
: >"$spool/a.csv"
sed -n '1p;41,45p' "$feeds/flows.csv" >>"$spool/a.csv"
verify "watch: a file is copied, emptied and written anew" until_true has_rows 2028
gzip "$spool/conn.log"
sed -n '1p;51,55p' "$feeds/flows.csv" | gzip -c >"$feeds/c.csv.gz"
mv "$feeds/c.csv.gz" "$spool/c.csv.gz"
verify "watch: a compressed file, one of them known" until_true has_rows 2033
sleep 1
verify "watch: and nothing twice" has_rows 2033
{ sed -n '1p;61,65p' "$feeds/flows.csv"; perl -e 'printf "# %d\n", int rand 1e9 for 1 .. 2000'; } | gzip -c >"$feeds/slow.gz"
perl -e '$| = 1; local $/; my $all = <STDIN>; my $n = int(length($all) / 20);
	while (length $all) { print substr($all, 0, $n, ""); select undef, undef, undef, 0.15 }' \
	<"$feeds/slow.gz" >"$spool/slow.csv.gz"
verify "watch: a file that is being compressed" until_true has_rows 2038
verify "watch: is not tried all the time" [ "$(grep -c 'within compressed data' "$feeds/err")" -le 4 ]
kill -TERM $pid
wait $pid
verify "watch: SIGTERM ends it" [ $? -eq 0 ]

real=$DATA/flowcsv
if [ -f "$real/real_flows_union_dev.csv" ]
then
	"$FLOWCOLLECTD" --load "$real/real_flows_union_dev.csv" -o "$feeds/out" --no-header --stats \
		2>"$feeds/err"
	verify "real flows" [ "$(wc -l <"$feeds/out")" -eq 70431 ]
	verify "those left out have shortened addresses" \
		grep -qx 'feed_bad_values 545' "$feeds/err"
	"$FLOWCOLLECTD" --load "$real/derived/nfpcapd_uniflows_all_dev_pcaps.csv" -o "$feeds/out" \
		--no-header 2>"$feeds/err"
	verify "flows of nfpcapd" [ "$(wc -l <"$feeds/out")" -eq 23274 ]
else
	echo "skip feeds: $real/real_flows_union_dev.csv is not there"
fi

# Zeek's baselines have no times; they get one
nlogs=0
for log in "$DATA"/pcap/zeek/*.conn.log
do
	grep -q '^#fields	ts	' "$log" 2>/dev/null || continue
	nlogs=$((nlogs + 1))
	sed 's/^XXXXXXXXXX.XXXXXX/1700000000.000001/' "$log" >"$feeds/zeek.log"
	expected=$(grep -vc '^#' "$log")
	"$FLOWCOLLECTD" --load "$feeds/zeek.log" -o "$feeds/out" --no-header 2>"$feeds/err"
	[ "$(wc -l <"$feeds/out")" -eq "$expected" ] || verify "$(basename "$log")" false
done
if [ $nlogs -gt 0 ]
then
	verify "conn.log of Zeek's own tests" [ $nlogs -ge 10 ]
else
	echo "skip feeds: no Zeek logs in $DATA/pcap/zeek"
fi
exit 0
