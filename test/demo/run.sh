#!/bin/bash
# demo.sh as a user would call it; writes TAP.  If this goes, nobody notices
# that the first thing a visitor tries no longer works.
#
# It works in the tree it lies in, and so stops at once if a demo runs there.

top=$(dirname "$(readlink -f "$0")")/../..
cd "$top" || exit 1
top=$(pwd)
data=${FLOWSTORE_TEST_DATA:-$top/../shared/data}
state=$top/.demo-state
if [ -e "$state" ]; then
	echo '1..0 # SKIP a demo of this tree is running; ./demo.sh --stop ends it'
	exit 0
fi
tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp"
trap './demo.sh --stop >/dev/null 2>&1; rm -rf "$tmp"' EXIT
number=0 bad=0 shown=0

# ok NAME COMMAND...: one line of TAP; the first "not ok" of a run shows its report
ok()
{
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >"$tmp/why" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		bad=1
		sed 's/^/# /' "$tmp/why"
		[ $shown -eq 1 ] || sed 's/^/# /' "$tmp/report" | head -n 80
		shown=1
	fi
}

skip()
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# demo ARGUMENT...: keeps the report, its status and the folder
demo()
{
	./demo.sh "$@" >"$tmp/report" 2>&1 </dev/null
	status=$? shown=0
	folder=$(sed -n 's/^folder=//p' "$state" 2>/dev/null)
}

has() { grep -q -e "$1" "$tmp/report"; }
succeeded() { [ $status -eq 0 ]; }
gone() { [ ! -e "$1" ]; }
sql() { psql -X -A -t -h "$folder" -U postgres -c "$1" demo; }

# The number of flows in the report is the one in the table, and the table was
# reached with the command that the report gives.
same_flows()
{
	local command reported stored
	command=$(sed -n 's/^  \(psql -h .*\)$/\1/p' "$tmp/report")
	reported=$(sed -n 's/^  flows  *\([0-9,]*\).*/\1/p' "$tmp/report" | tr -d ,)
	stored=$($command -X -A -t -c 'SELECT count(*) FROM flows')
	echo "reported $reported, stored $stored"
	[ -n "$stored" ] && [ "$reported" = "$stored" ]
}

# Every IP packet of the capture is in exactly one flow.
same_packets()
{
	local stored captured
	stored=$(sql 'SELECT sum(packets) FROM flows')
	captured=$(tshark -r "$1" -Y 'ip or ipv6' -T fields -e frame.number 2>/dev/null | wc -l)
	echo "stored $stored, captured $captured"
	[ "$stored" = "$captured" ]
}

narrow()
{
	local width
	width=$(sed 's/[ \t]*$//' "$tmp/report" | LC_ALL=C.UTF-8 wc -L)
	echo "$width columns"
	[ "$width" -le 100 ]
}

few_bars()
{
	local bars
	bars=$(sed -n '/^Bytes per/,/^Port entropy/p' "$tmp/report" | grep -c '^[0-9]\{4\}-')
	echo "$bars bars"
	[ "$bars" -ge 1 ] && [ "$bars" -le 41 ]
}

private()
{
	[ "$(stat -c %a "$folder")" = 700 ] &&
		[ "$(sql 'SHOW listen_addresses')" = '' ] &&
		[ "$(sql 'SHOW data_directory')" = "$folder/data" ] &&
		[ "$(stat -c %U "$folder/data")" != root ]
}

no_server()
{
	! grep -qsaF "$1/data" /proc/[0-9]*/cmdline
}

# A capture of one ARP request: Ethernet, 42 bytes.
{
	printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\001\000\000\000'
	printf '\000\361\123\145\000\000\000\000\052\000\000\000\052\000\000\000'
	printf '\377\377\377\377\377\377\002\000\000\000\000\001\010\006\000\001\010\000\006\004\000\001'
	printf '\002\000\000\000\000\001\300\000\002\001\000\000\000\000\000\000\300\000\002\002'
} >"$tmp/arp.pcap"
echo 'this is no capture' >"$tmp/text.pcap"
{
	head -c 24 "$tmp/arp.pcap"
	printf 'a record whose length cannot be'
} >"$tmp/damaged.pcap"
chmod 644 "$tmp"/*.pcap

demo
first=$folder
ok 'the capture that comes with flowstore is reported' succeeded
for section in 'What was read' 'Top talkers by bytes' 'Top ports by bytes' 'Bytes per ' \
	'Port entropy of the busiest sources' 'Look for yourself'; do
	ok "the report has \"$section\"" has "^$section"
done
ok 'the report counts the flows that are stored' same_flows
if command -v tshark >/dev/null; then
	ok 'every IP packet is in one flow' same_packets test/data/demo.pcap
else
	skip 'every IP packet is in one flow' 'tshark is not installed'
fi
ok 'the table is a flowstore table' test \
	"$(sql "SELECT amname FROM pg_class c JOIN pg_am a ON a.oid = relam WHERE relname = 'flows'")" = flowstore
ok 'the report fits 100 columns' narrow
ok 'the chart has 1 to 41 bars' few_bars
ok 'the server is private' private

# The first run has built all of it; the others, which are about other things, take that.  Its lists of what was included
# name a folder that goes with it.
FLOWSTORE_BUILT=$tmp/built
if cp -R --preserve=mode,timestamps "$folder/src" "$FLOWSTORE_BUILT"; then
	find "$FLOWSTORE_BUILT" -name '*.d' -delete
	chmod -R go+rX "$FLOWSTORE_BUILT"
	export FLOWSTORE_BUILT
fi

demo "$tmp/arp.pcap"
ok 'a second run succeeds' succeeded
ok 'it stops the server of the first run' no_server "$first"
ok 'it removes the folder of the first run' gone "$first"
ok 'it says that there was no IP traffic' has 'held no IP traffic'
ok 'it starts with an empty table' test "$(sql 'SELECT count(*) FROM flows')" = 0
second=$folder

demo --stop
ok '--stop succeeds' succeeded
ok '--stop ends the server' no_server "$second"
ok '--stop removes the folder' gone "$second"
ok '--stop forgets the folder' gone "$state"
demo --stop
ok '--stop without a demo succeeds' has 'No demo is running'

demo "$tmp/absent.pcap"
ok 'a capture that is not there is an error' test $status -eq 1
ok 'it is named' has 'absent.pcap'
demo "$tmp/text.pcap"
ok 'a file that is no capture is an error' test $status -eq 1
ok 'it is said what it is not' has 'neither a pcap nor'
demo "$tmp/damaged.pcap"
ok 'a capture of which nothing can be read is an error' test $status -eq 1
ok 'it leaves nothing behind' gone "$state"
demo --no-such-option
ok 'an unknown option is wrong usage' test $status -eq 2

# as a user who is not root
if [ "$(id -u)" -ne 0 ]; then
	skip 'it works without root' 'this whole run is without root'
elif [ "$(stat -c %U .)" = root ]; then
	skip 'it works without root' 'this tree belongs to root'
else
	user=$(stat -c %U .)
	setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
		env HOME=/ ./demo.sh "$tmp/arp.pcap" >"$tmp/report" 2>&1 </dev/null
	status=$?
	folder=$(sed -n 's/^folder=//p' "$state")
	ok 'it works without root' succeeded
	ok 'root can stop it' ./demo.sh --stop
	ok 'and nothing is left' gone "$folder"
fi

# captures of others
for capture in joy/sample.pcap PcapPlusPlus/four_ipv6_http_streams.pcap; do
	if [ -r "$data/pcap/$capture" ]; then
		demo "$data/pcap/$capture"
		ok "$capture is reported" succeeded
		ok "$capture: the counts agree" same_flows
	else
		skip "$capture is reported" "$data/pcap/$capture is not there"
	fi
done

echo "1..$number"
exit $bad
