# NetFlow v5 datagrams of other projects: the number of flows and the fields
# that those projects assert.  Called by run.sh.
#
# Left out of the comparison: fields that are not in a flow row (sequence
# number, engine, next hop, masks).  Uptimes are compared as times where the
# expectation has the header, else as durations.
use strict;
use warnings;
use JSON::PP;
use Time::Local 'timegm';

my $data = "$ENV{DATA}/netflow";

# Our columns by the names that other projects use.
my %column = (
	ipv4_src_addr => 'src_addr', srcAddr => 'src_addr', src => 'src_addr',
	IPV4_SRC_ADDR => 'src_addr',
	ipv4_dst_addr => 'dst_addr', dstAddr => 'dst_addr', dst => 'dst_addr',
	input_snmp => 'in_if', inputIface => 'in_if', in_snmp => 'in_if',
	Input => 'in_if',
	output_snmp => 'out_if', outputIface => 'out_if', out_snmp => 'out_if',
	in_pkts => 'packets', packetCount => 'packets', in_packets => 'packets',
	in_bytes => 'bytes', octetCount => 'bytes',
	l4_src_port => 'src_port', srcPort => 'src_port', src_port => 'src_port',
	l4_dst_port => 'dst_port', dstPort => 'dst_port', dst_port => 'dst_port',
	protocol => 'proto', PROTO => 'proto',
	tcp_flags => 'tcp_flags', tcpFlags => 'tcp_flags',
	src_tos => 'tos', tos => 'tos',
	src_as => 'src_as', srcAs => 'src_as', bgp_src_as => 'src_as',
	dst_as => 'dst_as', dstAs => 'dst_as', bgp_dst_as => 'dst_as',
	sampling_interval => 'sampling',
	first_switched => 'start', first => 'start',
	last_switched => 'end', last => 'end');

my %not_stored = map { $_ => 1 } qw(version flow_seq_num engine_type engine_id
	sampling_algorithm flow_records ipv4_next_hop nextHop next_hop src_mask
	dst_mask srcMask dstMask uptime sys_uptime flows seq_number);

# These expectations took the uptime before a wrap for one 49.7 days later, or
# forgot to borrow a second when the milliseconds of a difference did.
my %other_opinion = map { $_ => 1 } (
	'logstash_00_Netflow_5_valid_01 start',
	'logstash_00_Netflow_5_valid_01 end',
	'logstash_11_Netflow5_Juniper_MX80 start',
	'logstash_11_Netflow5_Juniper_MX80 end');

sub epoch_ms
{
	my ($text) = @_;

	$text =~ /^(\d+)-(\d+)-(\d+)[ T](\d+):(\d+):(\d+)(?:\.(\d+))?/ or die $text;
	my $seconds = timegm($6, $5, $4, $3, $2 - 1, $1);
	return $seconds * 1000 + int(substr(($7 // '') . '000', 0, 3));
}

sub flows_of
{
	my ($pcap) = @_;
	my @rows;

	open(my $out, '-|', "$ENV{FLOWCOLLECTD} --max-skew=2000000000 --replay '$data/$pcap' -o - 2>/dev/null")
		or die "flowcollectd: $!";
	my $header = <$out>;
	chomp $header;
	my @names = split /\t/, $header;
	while (<$out>)
	{
		chomp;
		my %row;

		@row{@names} = split /\t/, $_, -1;
		$row{start} = epoch_ms($row{ts});
		$row{end} = $row{start} + $row{duration_ms};
		push @rows, \%row;
	}
	return close($out) ? \@rows : undef;
}

# An expected value in our notation.
sub ours
{
	my ($column, $value, $header) = @_;

	return { tcp => 6, udp => 17, icmp => 1 }->{$value} // $value
		if $column eq 'proto';
	return hex($value) if $value =~ /^0x/;
	return 1 if $column eq 'sampling' && $value == 0;
	if ($column eq 'tcp_flags' && $value =~ /^[.A-Z]{8}$/)
	{
		my $bits = $value;

		$bits =~ tr/.A-Z/01/;
		return oct("0b$bits");
	}
	if ($column eq 'start' || $column eq 'end')
	{
		return epoch_ms($value) if $value =~ /-/;
		return undef if !$header || !defined $header->{unixSecs};
		return $header->{unixSecs} * 1000 + int($header->{unixNsecs} / 1e6) +
			unpack('l', pack('L', ($value - $header->{sysUptime}) & 0xffffffff));
	}
	return $value;
}

sub differences
{
	my ($case, $row, $fields, $header) = @_;
	my @differences;

	for my $name (sort keys %$fields)
	{
		next if $not_stored{$name};
		my $column = $column{$name};

		if (!defined $column)
		{
			push @differences, "$name is not known to this test";
			next;
		}
		next if $other_opinion{"$case $column"};
		my $value = ours($column, $fields->{$name}, $header);

		next if !defined $value;
		my $same = $column =~ /^(start|end)$/ ?
			abs($row->{$column} - $value) <= 1 : $row->{$column} eq $value;
		push @differences, "$column is $row->{$column}, expected $value" if !$same;
	}
	if (($fields->{first_switched} // '') =~ /^\d+$/)
	{
		my $ms = $fields->{last_switched} - $fields->{first_switched};

		push @differences, "duration is $row->{duration_ms}, expected $ms"
			if $row->{duration_ms} != $ms;
	}
	return @differences;
}

sub check_record
{
	my ($case, $rows, $record, $header) = @_;
	my @candidates = $record->{index} eq 'any' ? @$rows :
		$record->{index} eq 'last' ? ($rows->[-1]) : ($rows->[$record->{index}]);
	my @first;

	for my $row (@candidates)
	{
		my @differences = $row ?
			differences($case, $row, $record->{fields} // {}, $header) :
			('there is no such record');

		for my $name (keys %{ $record->{one_of} // {} })
		{
			push @differences, "$name is none of the expected"
				if !grep { $row->{$column{$name}} eq $_ } @{ $record->{one_of}{$name} };
		}
		return () if !@differences;
		@first = @differences if !@first || @differences < @first;
	}
	return @first;
}

if (!-f "$data/CASES.tsv")
{
	print "skip netflow5: no test data, $data/CASES.tsv is missing\n";
	exit 0;
}
open(my $cases, '<', "$data/CASES.tsv") or die "CASES.tsv: $!";
while (<$cases>)
{
	chomp;
	my ($case, $pcap, $protocol, undef, $expected_file, $nflows) = split /\t/;

	next if $protocol ne 'v5';
	my $json = do { local (@ARGV, $/) = "$data/$expected_file"; <> };
	my $expected = decode_json($json)->{expected};
	my $rows = flows_of($pcap);
	my @wrong;

	if (!$rows)
	{
		@wrong = ('flowcollectd failed');
	}
	else
	{
		push @wrong, scalar(@$rows) . " flows, expected $nflows"
			if @$rows != $nflows;
		push @wrong, check_record($case, $rows, $_, $expected->{header})
			for @{ $expected->{records} };
	}
	print @wrong ? "not ok" : "ok", " netflow5: $case\n";
	print "# $_\n" for @wrong;
}
