#!/bin/sh
# packets.sh [PACKETS [RUNS]]: how many packets of a capture file a second are
# metered, without payload and with it, and how many records of NetFlow v9 a
# second are decoded; 3,000,000 packets, and the best of 3 runs.
#
# The packets are mkcapture's, half an hour of an office with TLS, HTTP and DNS;
# as many records are flowgen's.  Flows go to /dev/null as text, so that their
# formatting is in the figures.  Per second on the wall, and per second of user
# time, which says more where other programs run.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
packets=${1:-3000000}
runs=${2:-3}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/packets.XXXXXX") || exit 2
trap 'rm -rf "$TMP"' EXIT
trap 'exit 2' INT TERM
make -s -C "$root/collector" BUILD="$TMP/build" -j"$(nproc)" all >"$TMP/make.log" 2>&1 &&
	make -s -C "$root/test/gen" >>"$TMP/make.log" 2>&1 || { cat "$TMP/make.log"; exit 1; }
"$root/test/gen/mkcapture" --packets="$packets" "$TMP/office.pcap" &&
	"$root/test/gen/flowgen" --rows="$packets" --format=netflow9 --pcap="$TMP/netflow9.pcap" >"$TMP/flowgen" || exit 1

# measure WHAT COUNTER OPTION...
measure()
{
	perl -MTime::HiRes=time -e '
		my ($runs, $errors, $what, $counter, @command) = @ARGV;
		my ($wall, $user, $n);
		for (1 .. $runs)
		{
			my ($began, $before) = (time, (times)[2]);
			open my $old, ">&", \*STDERR or die;
			open STDERR, ">", $errors or die;
			my $status = system @command;
			open STDERR, ">&", $old or die;
			my ($took, $used) = (time - $began, (times)[2] - $before);
			open my $in, "<", $errors or die;
			my @lines = <$in>;
			die @lines if $status != 0;
			($n) = map { /^$counter (\d+)$/ } @lines;
			die "there is no counter $counter\n" if !$n;
			$wall = $took if !defined $wall || $took < $wall;
			$user = $used if !defined $user || $used < $user;
		}
		printf "%-34s %9d %-8s %10.0f/s %10.0f/s of user time\n", $what, $n, $counter, $n / $wall, $n / $user;
	' "$runs" "$TMP/err" "$@" -o /dev/null --stats
}

collector=$TMP/build/flowcollectd
measure "headers" ip_packets "$collector" -r "$TMP/office.pcap" &&
	measure "--details" ip_packets "$collector" -r "$TMP/office.pcap" --details --columns=all &&
	measure "--payload" ip_packets "$collector" -r "$TMP/office.pcap" --payload --columns=all &&
	measure "--payload --payload-stats" ip_packets "$collector" -r "$TMP/office.pcap" --payload --payload-stats \
		--columns=all &&
	measure "NetFlow v9, --replay" records "$collector" --replay "$TMP/netflow9.pcap"
