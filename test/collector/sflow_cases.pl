# sFlow datagrams of other projects: the number of flows and samples, the
# fields that those projects assert, and what tshark reads in the sampled
# headers.  Called by run.sh.
#
# If this goes, agents of real switches may be read wrongly unnoticed.
use strict;
use warnings;
use JSON::PP;

my $data = "$ENV{DATA}/netflow";

# Cases whose expectation we do not meet, and why.
my %other_opinion = (
	'gopacket_DecodeExtendedRouterFlow next_hop' =>
		'the sample is said to end 4 bytes before its record does',
	'gopacket_DecodeExtendedRouterFlowIPv6 next_hop' =>
		'the sample is said to end 16 bytes before its record does',
	'gopacket_DecodeLACPCounter malformed' =>
		'its only sample is said to be longer than the datagram');

# telegraf gives the data source for the interface that is not known to it.
my %not_compared = map { $_ => 1 } qw(agent_subid datalink_frame_type
	fragment_flags fragment_offset in_snmp in_total_packets ip_total_len
	ip_version ipv4_id ipv4_inet_header_len ipv6_total_len l2_bytes l2_protocol
	protocol sampling_drops seq_number sys_uptime ttl vlan_dst_priority
	vlan_src_priority direction);
my %telegraf = (
	agent_ip => 'exporter', src => 'src_addr', dst => 'dst_addr',
	src_port => 'src_port', dst_port => 'dst_port', ipv4_total_len => 'bytes',
	in_src_mac => 'src_mac', out_dst_mac => 'dst_mac', src_tos => 'tos',
	sampling_interval => 'sampling', vlan_src => 'vlan', vlan_dst => 'post_vlan');

my ($rows, $stats);

sub replay
{
	my ($pcap) = @_;
	my $command = "$ENV{FLOWCOLLECTD} --replay '$data/$pcap' -o - " .
		"--columns=all --stats=json 2>'$ENV{TMP}/stats'";

	$rows = [];
	open(my $out, '-|', $command) or die "flowcollectd: $!";
	chomp(my $header = <$out>);
	my @names = split /\t/, $header;
	while (<$out>)
	{
		chomp;
		my %row;

		@row{@names} = split /\t/, $_, -1;
		push @$rows, \%row;
	}
	return 0 if !close($out);
	my $text = do { local (@ARGV, $/) = "$ENV{TMP}/stats"; <> };
	$stats = decode_json($text =~ /(\{.*\})/s ? $1 : '{}');
	return 1;
}

sub interface
{
	my ($format, $value) = @_;

	($format, $value) = ($value >> 30, $value & 0x3fffffff) if !$format;
	return $format || !$value || $value == 0x3fffffff ? '\N' : $value;
}

sub address
{
	my ($bytes) = @_;

	return join '.', unpack 'C4', $bytes;
}

sub mac
{
	my ($bytes) = @_;

	return join ':', unpack '(H2)6', $bytes;
}

# What a record of gopacket's expectation means in our columns.
sub columns_of
{
	my ($record) = @_;
	my $format = $record->{Format};

	if (defined(my $hex = $record->{Header}{header_hex}))
	{
		my $bytes = pack 'H*', $hex;
		my %columns = (dst_mac => mac($bytes), src_mac => mac(substr $bytes, 6));

		return %columns if unpack('n', substr $bytes, 12) != 0x0800;
		return (%columns,
			bytes => unpack('n', substr $bytes, 16),
			proto => ord(substr $bytes, 23),
			src_addr => address(substr $bytes, 26, 4),
			dst_addr => address(substr $bytes, 30, 4),
			src_port => unpack('n', substr $bytes, 34),
			dst_port => unpack('n', substr $bytes, 36));
	}
	return (src_mac => $record->{SrcMac}, dst_mac => $record->{DstMac})
		if defined $record->{SrcMac};
	return (vlan => $record->{IncomingVLAN}, post_vlan => $record->{OutgoingVLAN})
		if $format == 1001;
	return (next_hop => $record->{NextHop}) if $format == 1002;
	return (bgp_next_hop => $record->{NextHop}, src_as => $record->{SourceAS},
		dst_as => $record->{ASPath}[-1]{Members}[-1]) if $format == 1003;
	return (user_name => $record->{SourceUserID}) if $format == 1004;
	return (tunnel_src_addr => $record->{SFlowIpv4Record}{IPSrc},
		tunnel_dst_addr => $record->{SFlowIpv4Record}{IPDst})
		if $format == 1023 || $format == 1024;
	return ();
}

sub compare
{
	my ($case, $what, $row, %expected) = @_;
	my @wrong;

	for my $column (sort keys %expected)
	{
		next if $other_opinion{"$case $column"};
		my $got = $row->{$column} // 'missing';

		push @wrong, "$what: $column is $got, expected $expected{$column}"
			if $got ne $expected{$column};
	}
	return @wrong;
}

sub check_gopacket
{
	my ($case, $datagram) = @_;
	my @wrong;
	my $i = 0;

	for my $sample (@{ $datagram->{FlowSamples} // [] })
	{
		my %expected = (
			exporter => $datagram->{AgentAddress},
			domain => $datagram->{SubAgentID},
			sampling => $sample->{SamplingRate},
			packets => 1,
			in_if => interface($sample->{InputInterfaceFormat},
				$sample->{InputInterface}),
			out_if => interface($sample->{OutputInterfaceFormat},
				$sample->{OutputInterface}));

		%expected = (%expected, columns_of($_)) for @{ $sample->{Records} };
		push @wrong, compare($case, "sample $i", $rows->[$i++] // {}, %expected);
	}
	return @wrong;
}

sub check_telegraf
{
	my ($case, $fields) = @_;
	my %expected;

	return () if !defined $fields->{src};
	for my $name (keys %$fields)
	{
		next if $not_compared{$name} || $name eq 'out_snmp' && !defined $fields->{src_port};
		if ($name eq 'out_snmp')
		{
			$expected{out_if} = $fields->{out_snmp} if $fields->{direction} eq 'ingress';
			next;
		}
		return "$name is not known to this test" if !defined $telegraf{$name};
		$expected{$telegraf{$name}} = $fields->{$name};
	}
	my ($row) = grep { $_->{dst_addr} eq $fields->{dst} &&
		$_->{dst_port} eq ($fields->{dst_port} // $_->{dst_port}) } @$rows;
	return compare($case, $fields->{dst}, $row // {}, %expected);
}

# Addresses, lengths and ports that tshark finds behind the outer headers.
sub check_tshark
{
	my ($pcap) = @_;
	my @fields = map { "-e $_" } qw(ip.src ip.dst ip.len ipv6.src ipv6.dst
		tcp.srcport tcp.dstport udp.srcport udp.dstport);
	my (%theirs, %ours);

	open(my $out, '-|', "tshark -r '$data/$pcap' -Y sflow -T fields @fields " .
		"2>/dev/null") or die "tshark: $!";
	while (<$out>)
	{
		chomp;
		my ($src, $dst, $len, $src6, $dst6, @ports) =
			map { [split /,/] } split(/\t/, $_, -1);

		shift @$_ for $src, $dst, $len, $ports[2], $ports[3];
		$theirs{"src $_"}++ for @$src, @$src6;
		$theirs{"dst $_"}++ for @$dst, @$dst6;
		$theirs{"bytes $_"}++ for @$len;
		$theirs{"src_port $_"}++ for @{ $ports[0] }, @{ $ports[2] };
		$theirs{"dst_port $_"}++ for @{ $ports[1] }, @{ $ports[3] };
	}
	for my $row (grep { $_->{src_addr} ne '\N' } @$rows)
	{
		$ours{"src $row->{src_addr}"}++;
		$ours{"dst $row->{dst_addr}"}++;
		$ours{"bytes $row->{bytes}"}++ if $row->{src_addr} !~ /:/;
		next if $row->{proto} != 6 && $row->{proto} != 17;
		$ours{"src_port $row->{src_port}"}++;
		$ours{"dst_port $row->{dst_port}"}++;
	}
	return map { "$_: " . ($ours{$_} // 0) . ' times, tshark has ' . ($theirs{$_} // 0) }
		grep { ($ours{$_} // 0) != ($theirs{$_} // 0) }
		sort keys %{ { %ours, %theirs } };
}

sub check_counts
{
	my ($case, $expected, $nflows) = @_;
	my @wrong;

	push @wrong, scalar(@$rows) . " flows, expected $nflows" if @$rows != $nflows;
	for my $kind (qw(counter drop))
	{
		my $n = $expected->{"${kind}_samples"} // next;
		my $got = $stats->{"sflow_${kind}_samples"} // 'no';

		push @wrong, "$got $kind samples, expected $n" if $got ne $n;
	}
	push @wrong, "$stats->{sflow_malformed} malformed datagrams"
		if $stats->{sflow_malformed} != ($other_opinion{"$case malformed"} ? 1 : 0);
	return @wrong;
}

if (!-f "$data/CASES.tsv")
{
	print "skip sflow: no test data, $data/CASES.tsv is missing\n";
	exit 0;
}
my $has_tshark = !system('command -v tshark >/dev/null');
print "skip sflow: no comparison with tshark, it is not installed\n" if !$has_tshark;
open(my $cases, '<', "$data/CASES.tsv") or die "CASES.tsv: $!";
while (<$cases>)
{
	chomp;
	my ($case, $pcap, $protocol, undef, $expected_file, $nflows, $notes) = split /\t/;

	next if $protocol ne 'sflow';
	my $json = do { local (@ARGV, $/) = "$data/$expected_file"; <> };
	my $expected = decode_json($json)->{expected};
	my @wrong = 'flowcollectd failed';

	if (replay($pcap))
	{
		@wrong = check_counts($case, $expected, $nflows);
		push @wrong, check_gopacket($case, $expected->{datagram})
			if $expected->{datagram};
		push @wrong, check_telegraf($case, $_->{fields})
			for @{ $expected->{records} // [] };
		if ($has_tshark && ($notes // '') !~ /malformed/)
		{
			my @differences = check_tshark($pcap);

			print @differences ? "not ok" : "ok", " sflow: $case, tshark agrees\n";
			print "# $_\n" for @differences;
		}
	}
	print @wrong ? "not ok" : "ok", " sflow: $case\n";
	print "# $_\n" for @wrong;
}
