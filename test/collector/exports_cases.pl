# NetFlow v9 and IPFIX datagrams of other projects: the number of flows and the
# fields that those projects assert.  Called by run.sh.
#
# A record without a column is compared in "fields", under the name that IANA
# or the enterprise number gives it.  Records of options are not flows; what
# they tell is seen in the flows behind them.
use strict;
use warnings;
use JSON::PP;
use Time::Local 'timegm';

my $data = "$ENV{DATA}/netflow";
my %pcap_of;

# Our columns by the names that other projects use.  "fields.X" is in fields.
my %column = (
	src_addr => [qw(ipv4_src_addr sourceIPv4Address sourceIPv6Address src IPV4_SRC_ADDR)],
	dst_addr => [qw(ipv4_dst_addr destinationIPv4Address destinationIPv6Address dst)],
	src_port => [qw(l4_src_port sourceTransportPort src_port L4_SRC_PORT)],
	dst_port => [qw(l4_dst_port destinationTransportPort dst_port L4_DST_PORT)],
	proto => [qw(protocol protocolIdentifier PROTO PROTOCOL)],
	bytes => [qw(in_bytes octetDeltaCount in_total_bytes in_permanent_bytes fwd_flow_delta_bytes)],
	packets => [qw(in_pkts packetDeltaCount in_packets in_total_packets)],
	rev_bytes => [qw(rev_flow_delta_bytes type_29305_85)],
	rev_packets => [qw(type_29305_86)],
	in_if => [qw(input_snmp ingressInterface)],
	out_if => [qw(output_snmp egressInterface)],
	tcp_flags => [qw(tcp_flags tcpControlBits)],
	tos => [qw(src_tos ipClassOfService)],
	src_as => [qw(src_as)],
	dst_as => [qw(dst_as)],
	sampling => [qw(sampling_interval)],
	src_mask => [qw(src_mask)],
	dst_mask => [qw(dst_mask)],
	next_hop => [qw(ipv4_next_hop ipNextHopIPv4Address ipNextHopIPv6Address)],
	bgp_next_hop => [qw(bgp_ipv4_next_hop)],
	start => [qw(first_switched flow_start_msec flow_start_ms flowStartMilliseconds
		flowStartMicroseconds)],
	end => [qw(last_switched event_time_msec flow_end_msec flow_end_ms
		flowEndMilliseconds flowEndMicroseconds)],
	src_mac => [qw(in_src_mac sourceMacAddress)],
	dst_mac => [qw(in_dst_mac)],
	vlan => [qw(vlanId vlan_src)],
	post_vlan => [qw(dst_vlan)],
	direction => [qw(direction flowDirection)],
	end_reason => [qw(flowEndReason flow_end_reason)],
	max_ttl => [qw(maximumTTL)],
	flow_id => [qw(conn_id flowId)],
	nat_src_addr => [qw(xlate_src_addr_ipv4 postNATSourceIPv4Address)],
	nat_dst_addr => [qw(xlate_dst_addr_ipv4 postNATDestinationIPv4Address)],
	nat_src_port => [qw(xlate_src_port)],
	nat_dst_port => [qw(xlate_dst_port)],
	firewall_event => [qw(fw_event firewallEvent)],
	forwarding_status => [qw(forwarding_status)],
	vrf => [qw(ingressVRFID ingress_vrf_id)],
	post_vrf => [qw(egressVRFID egress_vrf_id)],
	post_bytes => [qw(out_bytes)],
	post_packets => [qw(out_pkts)],
	user_name => [qw(username user_id)],
	app => [qw(app_id)],
	mpls_labels => [qw(mpls_label_1)],
	icmp => [qw(icmpTypeCodeIPv4)],
	duration_ms => [qw(flowDurationMilliseconds)],
	'fields.ipVersion' => [qw(ip_protocol_version ipVersion)],
	'fields.e0.33002' => [qw(fw_ext_event)],
	'fields.postDestinationMacAddress' => [qw(out_dst_mac postDestinationMacAddress)],
	'fields.postSourceMacAddress' => [qw(out_src_mac)],
	'fields.srcTrafficIndex' => [qw(src_traffic_index)],
	'fields.dstTrafficIndex' => [qw(dst_traffic_index)],
	'fields.samplingAlgorithm' => [qw(sampling_algorithm)],
	'fields.deltaFlowCount' => [qw(flows)],
	'fields.engineType' => [qw(engine_type)],
	'fields.reverseVlanId' => [qw(type_29305_58)],
	'fields.reverseIpClassOfService' => [qw(type_29305_5)]);
my %column_of;

for my $to (keys %column)
{
	$column_of{$_} = $to for @{ $column{$to} };
}

# Fields of IANA's names that have no column of their own.
$column_of{$_} = "fields.$_" for qw(ingressPhysicalInterface
	egressPhysicalInterface tcpOptions ethernetType privateEnterpriseNumber
	layer2SegmentId observationPointId exportingProcessId);

# Asserted, but not in a flow: headers and set ids; sampler ids, which only
# lead to the sampling; totals beside the deltas that are stored; padding;
# uptimes of IPFIX where no record says when the uptime was 0, as durations.
my %not_stored = map { $_ => 1 } qw(version flow_seq_num flowset_id
	flow_sampler_id octetTotalCount packetTotalCount padding flow_records
	flowStartSysUpTime flowEndSysUpTime icmp_type icmp_code);

# Fields of enterprises, by their place in "fields".
$column_of{FW_Rule} = 'fields.e10704.4';
$column_of{ServiceName} = 'fields.e10704.5';
$column_of{ReasonText} = 'fields.e10704.7';
$column_of{AuditCounter} = 'fields.e10704.12';
my %enterprise = (
	netscalerRoundTripTime => 128, netscalerTransactionId => 129,
	netscalerHttpReqUrl => 130, netscalerHttpReqCookie => 131,
	netscalerFlowFlags => 132, netscalerConnectionId => 133,
	netscalerHttpReqReferer => 140, netscalerHttpReqMethod => 141,
	netscalerHttpReqHost => 142, netscalerHttpReqUserAgent => 143,
	netscalerAppNameAppId => 151, netscalerHttpReqVia => 186,
	netscalerHttpReqXForwardedFor => 190, netscalerConnectionChainID => 192,
	netscalerConnectionChainHopCount => 193, netscalerHttpDomainName => 267);

$column_of{$_} = "fields.e5951.$enterprise{$_}" for keys %enterprise;

# Names whose numbers only their exporter's makers know; not compared.
sub is_private
{
	return $_[0] =~ /^(netscaler|vmware|type_6871_)/ ||
		grep { $_ eq $_[0] } qw(ConnTransportPort ConnIPv4Address TrafficType
		BindIPv4Address Timestamp BindTransportPort LogOp Reason
		mpls_label_stack_octets ingress_acl_id egress_acl_id engine_id
		fwd_status fwd_reason);
}

# Other opinions about what these exporters sent, with the reason.
my %other_opinion = (
	'fluent_v9_template_per_exporter count' =>
		'the data set that is left waits and is decoded',
	'logstash_13_Netflow_9_H3C sampling' => 'an interval of 0 is none',
	'logstash_19_IPFIX_Netscaler_with_variable_length_fields out_if' =>
		'more than the type of the column holds, which is 31 bits',
	'logstash_25_IPFIX_Netscaler_with_variable_length_fields_cached_template out_if' =>
		'the same',
	'fluent_v9_sampler_joined fields.samplingAlgorithm' =>
		'in the options only; the interval is what is joined');

# logstash adds a second to the times that it makes of uptimes in version 9.
my $logstash_late_ms = 1000;

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

	open(my $out, '-|', "$ENV{FLOWCOLLECTD} --max-skew=2000000000 --columns=all"
		. " --replay '$data/$pcap' -o - 2>/dev/null")
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
		$row{icmp} = $row{proto} =~ /^(1|58)$/ ? $row{dst_port} : undef;
		(my $json = $row{fields}) =~ s/\\\\/\\/g;
		my $fields = $json eq '\N' ? {} : decode_json($json);

		$row{"fields.$_"} = $fields->{$_} for keys %$fields;
		push @rows, \%row;
	}
	return close($out) ? \@rows : undef;
}

# An expected value in our notation, or undef if there is nothing to compare.
sub ours
{
	my ($column, $value) = @_;

	return undef if !defined $value;
	return $value->{status} << 6 | $value->{reason} if ref $value;
	return { tcp => 6, udp => 17, icmp => 1 }->{$value} // $value
		if $column eq 'proto';
	return { 'idle timeout' => 1, 'active timeout' => 2, 'end of flow' => 3,
		'forced end' => 4 }->{$value} // $value
		if $column eq 'end_reason';
	return { ingress => 0, egress => 1 }->{$value} // $value
		if $column eq 'direction';
	return "{$value}" if $column eq 'mpls_labels';
	return '\N' if $value eq '' || $column eq 'sampling' && $value eq '0';
	return hex($value) if $value =~ /^0x/;
	if ($column eq 'tcp_flags' && $value =~ /^[.A-Z]{8}$/)
	{
		my $bits = $value;

		$bits =~ tr/.A-Z/01/;
		return oct("0b$bits");
	}
	if ($column eq 'start' || $column eq 'end')
	{
		return epoch_ms($value) if $value =~ /-/;
		return $value > 1e12 ? $value : undef;
	}
	return $value;
}

# Type and code of ICMP are in dst_port, whatever the exporter has there.
sub without_icmp
{
	my ($row, $fields) = @_;
	my %fields = %$fields;

	return $fields if !defined $fields{icmp_type} || !defined $row->{icmp};
	$fields{l4_dst_port} = $fields{icmp_type} << 8 | $fields{icmp_code};
	$fields{l4_src_port} = 0;
	return \%fields;
}

sub differences
{
	my ($case, $row, $fields) = @_;
	my @differences;

	$fields = without_icmp($row, $fields);

	for my $name (sort keys %$fields)
	{
		next if $not_stored{$name} || is_private($name) && !$column_of{$name};
		my $column = $column_of{$name};

		if (!defined $column)
		{
			push @differences, "$name is not known to this test";
			next;
		}
		next if $other_opinion{"$case $column"};
		my $value = ours($column, $fields->{$name});

		$value -= $logstash_late_ms
			if $case =~ /^logstash.*Netflow_9/ && $name =~ /_switched$/;

		next if !defined $value || $column eq 'icmp' && !defined $row->{icmp};
		my $got = $row->{$column} // 'absent';
		my $same = $column =~ /^(start|end)$/ ? abs($got - $value) <= 1 : $got eq $value;
		push @differences, "$column is $got, expected $value" if !$same;
	}
	my ($first, $last) = defined $fields->{flowStartSysUpTime} ?
		@$fields{qw(flowStartSysUpTime flowEndSysUpTime)} :
		@$fields{qw(first_switched last_switched)};
	if (defined $first && $first =~ /^\d+$/ && $last =~ /^\d+$/)
	{
		push @differences, "duration is $row->{duration_ms}, expected " . ($last - $first)
			if $row->{duration_ms} != $last - $first;
	}
	return @differences;
}

# Records of options are in the count of an index, but not in the rows.
sub candidates
{
	my ($rows, $record, $noptions) = @_;
	my $index = $record->{index};

	return @$rows if $index eq 'any';
	return $rows->[-1] if $index eq 'last';
	$noptions = 0 if ($record->{kind} // '') eq 'flow';
	my $first = $index > $noptions ? $index - $noptions : 0;
	return grep { defined } @$rows[$first .. $index];
}

# These only tell about the exporter.
sub is_options
{
	my ($fields) = @_;

	return grep { exists $fields->{$_} } qw(scope_system meteringProcessId
		total_bytes_exp total_flows_exp exporting_pid selectorAlgorithm
		systemInitTimeMilliseconds if_desc total_pkts_exp);
}

sub check_record
{
	my ($case, $rows, $record, $noptions) = @_;
	my @first = ('there is no such record');
	my $found = 0;

	return () if is_options($record->{fields} // {});
	for my $row (candidates($rows, $record, $noptions))
	{
		my @differences = differences($case, $row, $record->{fields} // {});

		for my $name (keys %{ $record->{one_of} // {} })
		{
			push @differences, "$name is none of the expected"
				if !grep { $row->{$column_of{$name}} eq $_ } @{ $record->{one_of}{$name} };
		}
		return () if !@differences;
		@first = @differences if !$found++ || @differences < @first;
	}
	return @first;
}

if (!-f "$data/CASES.tsv")
{
	print "skip exports: no test data, $data/CASES.tsv is missing\n";
	exit 0;
}
open(my $cases, '<', "$data/CASES.tsv") or die "CASES.tsv: $!";
while (<$cases>)
{
	chomp;
	my ($case, $pcap, $protocol, undef, $expected_file, $nflows) = split /\t/;

	next if $protocol !~ /^(v1|v9|ipfix)$/;
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
			if @$rows != $nflows && !$other_opinion{"$case count"};
		push @wrong, check_record($case, $rows, $_, $expected->{option_records} // 0)
			for @{ $expected->{records} };
	}
	print @wrong ? "not ok" : "ok", " exports: $case\n";
	print "# $_\n" for @wrong;
}
