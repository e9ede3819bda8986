# Rows with pcap_ref against their ring: for each row, extract must give exactly
# its packets and its bytes, by the reference, and some by the five-tuple too,
# in the order of time.  Called by ring.sh.
#
#	ring_rows.pl NAME RING ROWS MOST [OPTION]...
#
# ROWS is what "-o --columns=all" has written, at most MOST rows of it are
# tried; OPTIONs are those of metering.
use strict;
use warnings;

my ($name, $ring, $rows, $most, @options) = @ARGV;
my $program = $ENV{FLOWCOLLECTD};
my $found = "$ENV{TMP}/ring_found.pcap";
my $tshark = $ENV{RING_TSHARK};
my (%column, @rows, $bad, $tried);

# The number of packets in a capture file, or -1 if they are not in order.
sub count_packets
{
	my ($file) = @_;
	my ($n, $last) = (0, -1);

	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	my $bytes = <$in>;
	die "no pcap with nanoseconds\n" unless unpack('L', $bytes) == 0xa1b23c4d;
	for (my $at = 24; $at < length $bytes;)
	{
		my ($s, $ns, $len) = unpack 'L3', substr $bytes, $at, 12;
		my $time = $s * 1e9 + $ns;

		return -1 if $time < $last;
		$last = $time;
		$at += 16 + $len;
		$n++;
	}
	return $n;
}

# Packets and bytes of the flows in a capture file.
sub meter
{
	my ($packets, $bytes) = (0, 0);

	open my $in, '-|', $program, '-r', $found, '-o', '-', '--no-header',
		'--columns=packets,bytes', @options or die "$program: $!\n";
	while (<$in>)
	{
		my ($p, $b) = split;
		$packets += $p;
		$bytes += $b;
	}
	close $in;
	return "$packets $bytes";
}

sub complain
{
	print "# $_[0]\n" if $bad++ < 5;
}

sub try
{
	my ($what, $wanted, @how) = @_;

	unlink $found;
	if (system("'$program' extract '--ring=$ring' -o '$found' @how 2>'$ENV{TMP}/ring.err'") != 0)
	{
		open my $err, '<', "$ENV{TMP}/ring.err";
		return complain("$what: " . join('', <$err>));
	}
	my ($packets) = split ' ', $wanted;
	my $n = count_packets($found);
	complain("$what: $n packets instead of $packets") if $n != $packets;
	my $metered = meter();
	complain("$what: metered $metered instead of $wanted") if $metered ne $wanted;
	if ($tshark && $tried % $tshark == 0)
	{
		my $seen = () = `tshark -r '$found' -T fields -e frame.number 2>/dev/null` =~ /\n/g;
		complain("$what: tshark sees $seen packets instead of $packets") if $seen != $packets;
	}
}

open my $in, '<', $rows or die "$rows: $!\n";
my @names = split /\t/, <$in> =~ s/\n//r;
@column{@names} = 0 .. $#names;
while (<$in>)
{
	chomp;
	push @rows, [split /\t/, $_, -1];
}
my $step = @rows > $most ? @rows / $most : 1;
$tried = 0;
for (my $at = 0; $at < @rows; $at += $step)
{
	my $row = $rows[int $at];
	my %row = map { $_ => $row->[$column{$_}] } @names;
	my $wanted = "$row{packets} $row{bytes}";
	my $key = "--src=$row{src_addr} --dst=$row{dst_addr} --sport=$row{src_port} " .
		"--dport=$row{dst_port} --proto=$row{proto}";

	if ($row{pcap_ref} eq '\N')
	{
		complain("row without a reference: @$row");
		next;
	}
	try($row{pcap_ref}, $wanted, "--ref=$row{pcap_ref}");
	try("$row{pcap_ref} $key", $wanted, "--ref=$row{pcap_ref} $key") if $tried % 4 == 0;
	try("$row{ts} $key", $wanted, "'--from=$row{ts}' '--to=$row{ts}' $key")
		if $row{packets} == 1 && $ENV{RING_TIMES} && $tried % 2 == 0;
	$tried++;
}
print $bad ? "not ok ring: $name, $bad of $tried rows\n" : "ok ring: $name, $tried rows\n";
