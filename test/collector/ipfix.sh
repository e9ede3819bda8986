#!/bin/sh
# Files of IPFIX messages, as a user loads them; what is cut or damaged is said,
# counted, and ends with status 1.  Called by run.sh; loading twice needs PGHOST.
ipfix=$TMP/ipfix
err=$ipfix/err
mkdir -p "$ipfix"

# verify NAME COMMAND...
verify()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok ipfix: $name"
	else
		echo "not ok ipfix: $name"
		tail -5 "$err" | sed 's/^/# /'
	fi
}

# collect STATUS ARGUMENT...: to text
collect()
{
	status=$1
	shift
	"$FLOWCOLLECTD" "$@" -o "$ipfix/out" --no-header --columns=packets,bytes,src_addr,dst_port,duration_ms,exporter --stats 2>"$err"
	[ $? -eq "$status" ]
}

counted()
{
	grep -qx "$1" "$err"
}

rows_are()
{
	[ "$(wc -l <"$ipfix/out")" -eq "$1" ]
}

perl "$here/ipfix_write.pl" 5000 >"$ipfix/flows.ipfix"
gzip -c "$ipfix/flows.ipfix" >"$ipfix/packed"
zstd -q -c "$ipfix/flows.ipfix" >"$ipfix/packed.zst" 2>/dev/null || cp "$ipfix/packed" "$ipfix/packed.zst"
verify "-r takes an IPFIX file" collect 0 -r "$ipfix/flows.ipfix"
verify "all flows of it" rows_are 5000
verify "with their values" [ "$(sed -n 4711p "$ipfix/out" | tr '\t' ' ')" = '4711 282660 192.0.2.211 443 5 \N' ]
verify "messages are counted" counted 'ipfix_datagrams 253'
verify "a template that was withdrawn holds no longer" counted 'sets_without_template 1'
verify "no sequence number is missing" counted 'sequence_gaps 0'
cp "$ipfix/out" "$ipfix/expected"
for how in -r --replay --load
do
	for file in flows.ipfix packed packed.zst
	do
		collect 0 $how "$ipfix/$file"
		verify "$how $file gives the same" cmp "$ipfix/out" "$ipfix/expected"
	done
done
printf 'ts,src_addr\n1,10.0.0.1\n' >"$ipfix/text.csv"
verify "text and IPFIX at once" collect 0 --load "$ipfix/text.csv" "$ipfix/packed"
verify "has the rows of both" rows_are 5001

size=$(wc -c <"$ipfix/flows.ipfix")
head -c $((size - 70)) "$ipfix/flows.ipfix" >"$ipfix/cut"
verify "a cut file is a failure" collect 1 -r "$ipfix/cut"
verify "whose flows are loaded" rows_are 5000
verify "said" grep -q 'it ends within the message at byte [0-9]' "$err"
verify "and counted" counted 'ipfix_malformed 1'
{
	perl "$here/ipfix_write.pl" 40
	printf 'this is no message'
} >"$ipfix/damaged"
verify "a damaged file is a failure" collect 1 --load "$ipfix/damaged"
verify "whose flows before are loaded" rows_are 40
verify "said" grep -q 'there is no IPFIX message at byte' "$err"
verify "and counted" counted 'ipfix_malformed 1'
head -c 3000 "$ipfix/packed" >"$ipfix/half.gz"
verify "cut in its packing" collect 1 --replay "$ipfix/half.gz"
verify "it is said" grep -q 'it ends within compressed data' "$err"
printf '\000\012\000\020\000\000\000\000\000\000\000\000\000\000\000\000' >"$ipfix/empty"
verify "a file without flows is none" collect 0 -r "$ipfix/empty"
verify "but it is said" grep -q 'no flows in' "$err"
verify "a file that is not there" collect 1 -r "$ipfix/none"

"$FLOWCOLLECTD" -r "$ipfix/flows.ipfix" --ring="$ipfix/ring" -o "$ipfix/none.tsv" 2>"$err"
verify "a ring for it is refused" [ $? -eq 1 ]
verify "because it has no packets" grep -q '"ring" is for packets, and .* has IPFIX messages' "$err"
verify "and nothing is written" [ ! -e "$ipfix/none.tsv" -a ! -e "$ipfix/ring" ]

example=$DATA/netflow/ipfixcol2/example_flows.ipfix
if [ -f "$example" ]
then
	verify "a file of ipfixcol2" collect 0 -r "$example"
	verify "all its flows" rows_are 3979
else
	echo "skip ipfix: $example is not there"
fi

if [ -z "${PGHOST:-}" ]
then
	echo "skip ipfix: PGHOST is not set"
	exit 0
fi
database=flowcollectd_ipfix_$$
sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$database" -c "$1" 2>"$ipfix/sql.err"; }
if ! psql -XqAt -d postgres -c "CREATE DATABASE $database" >/dev/null 2>&1 || ! sql 'CREATE EXTENSION flowstore' >/dev/null
then
	echo "skip ipfix: no database with the extension can be made"
	psql -XqAt -d postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1
	exit 0
fi
trap 'psql -XqAt -d postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1' EXIT
sql 'CREATE TABLE flows (ts timestamptz, src_addr inet, packets bigint)'
perl "$here/ipfix_write.pl" 30000 >"$ipfix/large"
gzip -c "$ipfix/large" >"$ipfix/large.gz"
rows() { sql 'SELECT count(*), count(DISTINCT packets) FROM flows'; }
kills=0
while [ $kills -lt 6 ]
do
	kills=$((kills + 1))
	"$FLOWCOLLECTD" -r "$ipfix/large" -d "dbname=$database" --batch-rows=50 --connections=3 2>"$err" &
	pid=$!
	sleep "0.$((kills + 1))"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
done
"$FLOWCOLLECTD" --load "$ipfix/large" -d "dbname=$database" --batch-rows=700 2>"$err"
verify "a load that was killed goes on" [ $? -eq 0 ]
verify "each row once" [ "$(rows)" = '30000|30000' ]
"$FLOWCOLLECTD" --replay "$ipfix/large.gz" -d "dbname=$database" 2>"$err"
verify "loaded again, packed, it adds nothing" grep -q '30000 rows were in the table already' "$err"
verify "and each row is there once" [ "$(rows)" = '30000|30000' ]
"$FLOWCOLLECTD" --load "$ipfix/large" -d "dbname=$database" --again 2>"$err"
verify "unless it is wanted again" [ "$(rows)" = '60000|30000' ]

# the same bytes over TCP
sql 'TRUNCATE flows'
"$FLOWCOLLECTD" -l "tcp://127.0.0.1:$PORT" --spool="$ipfix/spool" -d "dbname=$database" --stats 2>"$err" &
pid=$!
i=0
until grep -q 'receiving$' "$err" || [ $i -ge 300 ]
do
	i=$((i + 1))
	sleep 0.1
done
perl -MIO::Socket::IP -e '
	my $socket = IO::Socket::IP->new(PeerHost => "127.0.0.1", PeerPort => shift) or die "$@\n";
	local $/;
	print $socket scalar <STDIN>' "$PORT" <"$ipfix/flows.ipfix"
i=0
until [ "$(rows)" = '5000|5000' ] || [ $i -ge 300 ]
do
	i=$((i + 1))
	sleep 0.1
done
kill -TERM $pid
wait $pid
verify "over TCP each flow is a row" [ "$(rows)" = '5000|5000' ]
verify "a template is withdrawn" counted 'template_withdrawals 1'
verify "and holds no longer" counted 'sets_without_template 1'
exit 0
