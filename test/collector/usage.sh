#!/bin/sh
# Exit statuses and messages that scripts rely on; called by run.sh.
pcap=$TMP/pcap

# expect NAME STATUS PATTERN ARGUMENT...: stdout and stderr match PATTERN
expect()
{
	name=$1 status=$2 pattern=$3
	shift 3
	"$FLOWCOLLECTD" "$@" >"$TMP/out" 2>&1
	got=$?
	if [ $got -eq "$status" ] && grep -Eq -e "$pattern" "$TMP/out"
	then
		echo "ok usage: $name"
	else
		echo "not ok usage: $name (status $got)"
		sed 's/^/# /' "$TMP/out" | head -20
	fi
}

expect "help" 0 '^Usage:' --help
expect "version" 0 '^flowcollectd [0-9]+\.' --version
expect "no input" 2 'no input given' -o -
expect "no output" 2 'no output given' -r "$pcap/raw.pcap"
expect "two inputs" 2 'more than one kind of input' -r a -l :2055 -o -
expect "unexpected argument" 2 'unexpected argument "x"' -r a -o - x
expect "option that does not exist" 2 'flowcollectd --help' --frobnicate
expect "number that is none" 2 'invalid value "1x"' -m 1x -r a -o -
expect "number out of range" 2 'out of range' -a 0 -r a -o -
expect "queue for less than two batches" 2 'at least 12800000' \
	-l :2055 -d '' --queue-bytes=1M
expect "file that is not there" 1 'No such file' -r "$pcap/none.pcap" -o -
expect "file that is no capture" 1 'could not read capture file' -r "$0" -o -
expect "link type" 1 'link type 147 .* is not supported' \
	-r "$pcap/unsupported.pcap" -o -
expect "skew out of range" 2 'out of range' --max-skew=0 --replay a -o -
expect "output that cannot be written" 1 'could not open output file' \
	-r "$pcap/raw.pcap" -o /nonexistent/x
expect "disk full" 1 'could not write to output file' \
	-r "$pcap/raw.pcap" -o /dev/full
expect "no IP packets" 0 'no IP packets in' -r "$pcap/arp.pcap" -o /dev/null
expect "cut file" 0 'ends within a packet' -r "$pcap/cut.pcap" -o /dev/null
expect "address to listen on" 1 'invalid address' -l 2055 -o -
expect "IPv6 without brackets" 1 'invalid address' -l ::1:2055 -o -
expect "TCP without a spool" 2 'tcp:// needs "spool"' -l tcp://127.0.0.1:1 -o -
expect "capture and listen without a spool" 2 'at once needs "spool"' --capture=lo -l :2055 -o -
expect "an interface twice" 2 '"lo" is given twice' --capture=lo --capture=eth0 --capture=lo -o -
expect "a spool for a file" 2 'for what is received or captured' -r "$pcap/raw.pcap" --spool=x -d ''
expect "a spool for an interface and a file" 2 'more than one kind' --capture=lo -r "$pcap/raw.pcap" --spool=x -d ''
for input in "--replay a" "--load a" "--watch a" "-l :2055" "--kafka a --kafka-topic b"
do
	# shellcheck disable=SC2086
	expect "a ring for ${input%% *}" 2 '"ring" is for packets' $input --ring=x -o -
done
expect "counters" 0 '^ip_packets 2$' -r "$pcap/raw.pcap" -o /dev/null --stats
expect "progress" 0 '^100 %, 2 packets, 2 flows$' \
	-r "$pcap/raw.pcap" -o /dev/null --progress
expect "counters as JSON" 0 '^\{"packets": 2, .*"reconnects": 0.*\}$' \
	-r "$pcap/raw.pcap" -o /dev/null --stats=json

# Where root is nobody else's name, rights that --user gives up cannot be given up.
if unshare -r true 2>/dev/null
then
	printf 'ts,src_addr\n1,10.0.0.1\n' >"$TMP/usage.csv"
	mkdir -p "$TMP/usage"
	for input in "-r $pcap/raw.pcap" "--replay $pcap/netflow5.pcap" "--load $TMP/usage.csv" "--watch $TMP/usage"
	do
		rm -f "$TMP/usage.out"
		# shellcheck disable=SC2086
		timeout 20 unshare -r "$FLOWCOLLECTD" $input --user=nobody -o "$TMP/usage.out" >"$TMP/out" 2>&1
		if [ $? -eq 1 ] && grep -q 'could not become user "nobody"' "$TMP/out" && [ ! -e "$TMP/usage.out" ]
		then
			echo "ok usage: ${input%% *} is not read as root"
		else
			echo "not ok usage: ${input%% *} is not read as root"
			sed 's/^/# /' "$TMP/out" | head -5
		fi
	done
else
	echo "skip usage: cannot make a space of users"
fi

# verify NAME COMMAND...
verify()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok usage: $name"
	else
		echo "not ok usage: $name"
		sed 's/^/# /' "$TMP/out" | head -20
	fi
}

# config NAME STATUS PATTERN TEXT ARGUMENT...: with TEXT as configuration file
config()
{
	name=$1 status=$2 pattern=$3
	printf "$4" >"$TMP/usage.conf"
	shift 4
	expect "configuration: $name" "$status" "$pattern" --config="$TMP/usage.conf" "$@"
}

config "good" 0 'the settings are good' \
	'# a comment\n\n listen = udp://:2055 \nlisten=[::1]:9995\noutput = "a \\"file\\""\nmax-flows = 2k\n[exporter 10.0.0.0/8]\nsampling = 100\nsensor = north\n[exporter 2001:db8::1]\nrefuse\nrate = 10k\n' \
	--check-config
config "counts less than what is given" 0 '^ip_packets 2$' \
	"read = /nonexistent\noutput = /dev/null\nno-header = off\n" -r "$pcap/raw.pcap" --stats
config "unknown setting" 1 'line 2: there is no setting "lisen"' 'output = -\nlisen = x\n' -l :2055
config "all errors" 1 'line 3: value 0 is out of range for "sampling"' \
	'output = -\n[exporter 10.0.0.1]\nsampling = 0\nlisten = x\n' --check-config
config "setting in the wrong place" 1 'line 3: there is no setting "listen" of exporters' \
	'output = -\n[exporter 10.0.0.1]\nlisten = x\n' --check-config
config "wrong address" 1 'line 1: invalid address of exporters' '[exporter 10.0.0.1/33]\n' -l :1 -o -
config "wrong section" 1 'line 1: a section is' '[exporters]\n' -l :1 -o -
config "address twice" 1 'line 2: the section before has the same addresses' \
	'[exporter 10.0.0.1]\n[exporter 10.0.0.1/32]\n' -l :1 -o -
config "quote without end" 1 'line 1: a quote has no end' 'sensor = "a\n' -l :1 -o -
config "value that is missing" 1 'line 1: "sensor" needs a value' 'sensor\n' -l :1 -o -
config "nothing to read" 1 'no input given' 'output = -\n' --check-config
expect "configuration file that is not there" 1 'could not open configuration file' --config=/nonexistent

# The options, as options.c, --help, the manual page and the example have them
mkdir -p "$TMP/names"
sed -n 's/^[[:space:]]*{"\([a-z-]*\)", .*/\1/p' "$root/collector/options.c" |
	sort >"$TMP/names/code"
"$FLOWCOLLECTD" --help | sed -n 's/^  \(-[a-zA-Z],\|   \) --\([a-z-]*\).*/\2/p' |
	sort >"$TMP/names/help"
sed -n '/^\.SH OPTIONS/,/^\.SH CONF/ { /^\.TP/ { n; s/\\-/-/g; s/.*--\([a-z-]*\).*/\1/p; }; }' \
	"$root/collector/flowcollectd.8" | sort >"$TMP/names/manual page"
{
	printf '%s\n' check-config config help version
	sed -e '/^#\[/,$d' -e '/^#[a-z]/!d' -e 's/^#\([a-z-]*\) = .*/\1/' \
		"$root/collector/flowcollectd.conf"
} | sort -u >"$TMP/names/example"
for list in help "manual page" example
do
	diff "$TMP/names/code" "$TMP/names/$list" >"$TMP/out"
	verify "options of the $list are those that there are" \
		[ -s "$TMP/names/code" -a ! -s "$TMP/out" ]
done

# example SCRIPT: the example with more of it in force
example()
{
	sed "$1" "$root/collector/flowcollectd.conf" >"$TMP/example.conf"
}
example 's/^#\(\(listen\|capture\|database\|spool\) =\)/\1/'
expect "example of a configuration" 0 'the settings are good' \
	--config="$TMP/example.conf" --check-config
example '/^#\(watch\|read\|replay\|load\|kafka\|kafka-topic\) =/d; s/^#\([][a-z]\)/\1/'
expect "example with everything in force" 0 'the settings are good' \
	--config="$TMP/example.conf" --check-config
verify "example with everything in force has sections" \
	grep -q '^\[exporter 198' "$TMP/example.conf"
if command -v groff >/dev/null
then
	groff -man -Tutf8 -ww -z "$root/collector/flowcollectd.8" >"$TMP/out" 2>&1
	verify "manual page without warnings" [ ! -s "$TMP/out" ]
else
	echo "skip usage: groff is not installed"
fi
if $MAKE -s -C "$root/collector" SANITIZE=1 BUILD="$BUILD" DESTDIR="$TMP/root" PREFIX=/opt/flow \
	install >"$TMP/out" 2>&1
then
	echo "ok usage: make install"
else
	echo "not ok usage: make install"
	sed 's/^/# /' "$TMP/out"
fi
verify "what is installed" [ "$(cd "$TMP/root" && find . -type f | sort | tr '\n' ' ')" = \
	"./etc/flowcollectd.conf.example ./opt/flow/lib/systemd/system/flowcollectd.service \
./opt/flow/lib/systemd/system/flowcollectd.socket ./opt/flow/sbin/flowcollectd \
./opt/flow/share/man/man8/flowcollectd.8 " ]
verify "the unit names what is installed" grep -q '^ExecStart=/opt/flow/sbin/flowcollectd ' \
	"$TMP/root/opt/flow/lib/systemd/system/flowcollectd.service"
$MAKE -s -C "$root/collector" SANITIZE=1 BUILD="$BUILD" DESTDIR="$TMP/root" PREFIX=/opt/flow \
	uninstall >"$TMP/out" 2>&1
verify "make uninstall leaves no file" [ -z "$(find "$TMP/root" -type f)" ]

if "$FLOWCOLLECTD" -r - -o - <"$pcap/raw.pcap" 2>&1 |
	cmp -s - "$here/expected/raw.tsv"
then
	echo "ok usage: standard input"
else
	echo "not ok usage: standard input"
fi

expect "damaged file" 1 'invalid block length' \
	-r "$pcap/damaged.pcapng" -o "$TMP/damaged.tsv" --no-header
verify "what was read before the damage is written" \
	[ "$(wc -l <"$TMP/damaged.tsv")" -eq 3 ]

"$TMP/mkpcap" "$pcap" flood 3000
# shellcheck disable=SC2016
{
	perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV' \
		"$FLOWCOLLECTD" -r "$pcap/flood.pcap" -o - --no-header 2>"$TMP/out"
	echo $? >"$TMP/status"
} | { sleep 1; wc -l >"$TMP/lines"; }
verify "standard output that does not block" \
	[ "$(cat "$TMP/status") $(cat "$TMP/lines")" = "0 3000" ]

# fake MODE: start it, set $port and $fake
fake()
{
	: >"$TMP/port"
	perl "$here/fake_server.pl" "$1" >"$TMP/port" &
	fake=$!
	i=0
	until [ -s "$TMP/port" ] || [ $i -ge 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	port=$(cat "$TMP/port")
}

plain="gssencmode=disable sslmode=disable host=127.0.0.1"
fake silent
timeout 12 "$FLOWCOLLECTD" -r "$pcap/raw.pcap" \
	-d "$plain port=$port connect_timeout=1" >"$TMP/out" 2>&1
verify "a silent server has connect_timeout" [ $? -eq 1 ]
verify "and its name is told" grep -q '"127.0.0.1" timed out' "$TMP/out"
kill $fake
fake starting
"$FLOWCOLLECTD" -r "$pcap/raw.pcap" -d "$plain port=$port" >"$TMP/out" 2>&1 &
pid=$!
sleep 1
kill -TERM $pid
sleep 3
verify "one SIGTERM ends waiting for a server that starts" \
	grep -q 'stopped before there was a connection' "$TMP/out"
kill -KILL $pid 2>/dev/null
kill $fake
wait
exit 0
