#!/usr/bin/perl
# Compares what payload_streams printed with what another program says:
#
#	payload_compare.pl OURS KIND THEIRS
#
# KIND is tshark (the fields of payload_cases.sh), ja4, arkime, zeek or
# ipfixprobe: the expected files of these projects.  Conversations are told
# apart by their two ends only, so where several have the same ends a value
# must be one of theirs.  A difference is a line "KEY COLUMN ..."; status 1 if
# there are some.
use strict;
use warnings;
use JSON::PP;

my ($ours_path, $kind, $theirs_path) = @ARGV;
my (%ours, %theirs, %is_optional, %is_typed);

sub note
{
	my ($table, $proto, $a, $b, $column, @values) = @_;
	my $key = join ' ', $proto, sort $a, $b;

	# empty values are absent for us
	$table->{$key}{$column}{$_} = 1 foreach grep { defined && length } @values;
}

# the same text for an address, however it was written
sub end_of
{
	my ($addr, $port) = @_;
	$addr =~ s/\b0+(?=[0-9a-f])//g if $addr =~ /:/;
	return "$addr,$port";
}

sub read_ours
{
	open my $in, '<', $ours_path or die "$ours_path: $!\n";
	while (<$in>)
	{
		chomp;
		my ($proto, $a, $b, @columns) = split /\t/;
		/^([a-z0-9_]+)=(.*)/s and note(\%ours, $proto, $a, $b, $1, $2)
			foreach @columns;
	}
}

# In the order of -e in payload_cases.sh.
my @fields = qw(src6 dst6 src dst tsport tdport usport udport
	sni ja3 dtls_sni dtls_ja3 ja3s cipher alpn
	http_host http_method http_user_agent http_content_type http_status
	dns_query dns_type dns_rcode);

sub read_tshark
{
	open my $in, '<', $theirs_path or die "$theirs_path: $!\n";
	while (<$in>)
	{
		chomp;
		my %f;
		@f{@fields} = map { [ split /\x01/ ] } split /\t/, $_, -1;
		my @src = (@{ $f{src} }, @{ $f{src6} });
		my @dst = (@{ $f{dst} }, @{ $f{dst6} });

		# tunnels are not opened here
		next if @src != 1 || @dst != 1;
		my ($sport, $dport) =
		  @{ $f{tsport} } ? ($f{tsport}[0], $f{tdport}[0]) : ($f{usport}[0], $f{udport}[0]);
		next unless defined $sport;
		my @key = (@{ $f{tsport} } ? 6 : 17, end_of($src[0], $sport), end_of($dst[0], $dport));
		my $is_tcp = $key[0] == 6;
		note(\%theirs, @key, $_, @{ $f{$_} }) foreach qw(sni ja3 dns_rcode);

		# HTTP over UDP is not ours; the type of requests is not asked for
		note(\%theirs, @key, $_, @{ $f{$_} })
		  foreach $is_tcp ? qw(http_host http_method http_user_agent http_status) : ();
		note_type(\@key, \%f) if $is_tcp && @{ $f{http_status} };
		note(\%theirs, @key, sni => @{ $f{dtls_sni} });
		note(\%theirs, @key, ja3 => @{ $f{dtls_ja3} });
		note(\%theirs, @key, dns_type => map { hex_number($_) } @{ $f{dns_type} });
		note(\%theirs, @key, dns_query => map { $_ eq '<Root>' ? '.' : lc } @{ $f{dns_query} });

		# the server's side of QUIC is not decrypted
		note(\%theirs, @key, ja3s => @{ $f{ja3s} }) if $is_tcp;
		note(\%theirs, @key, tls_cipher => hex_number($f{cipher}[-1]))
		  if $is_tcp && @{ $f{ja3s} };
		note(\%theirs, @key, tls_alpn => @{ $f{alpn} });
	}
}

# The first final response need not have a type; those of later ones are
# allowed, as several connections may have the same ends, but not asked for.
sub note_type
{
	my ($key, $f) = @_;
	my ($proto, @ends) = @$key;
	my $text = join ' ', $proto, sort @ends;
	my $type = $f->{http_content_type}[-1];

	return if $f->{http_status}[-1] =~ /^1/;
	note(\%theirs, @$key, http_content_type => $type);
	$is_optional{"$text http_content_type"} = 1 if !defined $type && !$is_typed{$text};
	$is_typed{$text} = 1;
}

sub hex_number
{
	my ($n) = @_;
	return $n =~ /^0x/ ? hex $n : $n;
}

sub read_json
{
	open my $in, '<:raw', $theirs_path or die "$theirs_path: $!\n";
	local $/;
	return JSON::PP->new->utf8(0)->relaxed->decode(scalar <$in>);
}

sub read_ja4
{
	foreach my $stream (@{ read_json() })
	{
		my @ends = (end_of($stream->{src}, $stream->{srcport}),
			end_of($stream->{dst}, $stream->{dstport}));
		my $ja4 = $stream->{'JA4.1'} // next;
		my $proto = $ja4 =~ /^q/ ? 17 : 6;

		# its own mistake: the protocol letter of QUIC over IPv6
		note(\%theirs, $proto, @ends, ja4 => $ja4);
	}
}

sub read_arkime
{
	foreach my $session (@{ read_json()->{sessions3} })
	{
		my $body = $session->{body};

		next unless defined $body->{source}{port};
		my @key = ($body->{ipProtocol},
			end_of($body->{source}{ip}, $body->{source}{port}),
			end_of($body->{destination}{ip}, $body->{destination}{port}));
		note(\%theirs, @key, $_, @{ $body->{tls}{$_} // [] }) foreach qw(ja3 ja3s ja4);
		note(\%theirs, @key, http_user_agent => @{ $body->{http}{useragent} // [] });
		note(\%theirs, @key, http_status => @{ $body->{http}{statuscode} // [] });
	}
}

sub read_zeek
{
	my (@names, %columns);

	%columns = (server_name => 'sni', subject => 'cert_subject', issuer => 'cert_issuer',
		host => 'http_host', method => 'http_method', user_agent => 'http_user_agent',
		status_code => 'http_status', client_protocol => 'tls_alpn');
	open my $in, '<', $theirs_path or die "$theirs_path: $!\n";
	while (<$in>)
	{
		chomp;
		@names = split /\t/, $1 if /^#fields\t(.*)/;
		next if /^#/ || !@names;
		my %row;
		@row{@names} = split /\t/;
		next unless defined $row{'id.orig_p'};
		my $is_quic = exists $row{client_protocol};
		foreach my $name (grep { defined $row{$_} && $row{$_} ne '-' } keys %columns)
		{
			# ssl.log does not say whether it was TCP
			foreach my $proto ($is_quic ? 17 : (6, 17))
			{
				my $key = join ' ', $proto, sort(
					end_of(@row{qw(id.orig_h id.orig_p)}),
					end_of(@row{qw(id.resp_h id.resp_p)}));
				$theirs{$key}{ $columns{$name} }{ $row{$name} } = 1 if $ours{$key};
			}
		}
	}
}

# Its number of extensions includes GREASE, other than JA4's authors have it.
sub without_count
{
	my ($ja4) = @_;
	return $ja4 =~ s/^(.{6})../$1??/r;
}

sub read_ipfixprobe
{
	foreach my $key (keys %ours)
	{
		my $ja4 = $ours{$key}{ja4} // next;
		$ours{$key}{ja4} = { map { without_count($_) => 1 } keys %$ja4 };
	}
	open my $in, '<', $theirs_path or die "$theirs_path: $!\n";
	my @lines = <$in>;
	my ($head) = grep { /^ipaddr / } @lines;
	my @names = map { s/.* //r } split /,/, $head =~ s/\s+$//r;
	my %columns = (TLS_SNI => 'sni', TLS_JA3 => 'ja3', TLS_JA4 => 'ja4', QUIC_SNI => 'sni',
		HTTP_REQUEST_HOST => 'http_host', HTTP_REQUEST_AGENT => 'http_user_agent',
		HTTP_REQUEST_METHOD => 'http_method', HTTP_RESPONSE_CONTENT_TYPE => 'http_content_type',
		HTTP_RESPONSE_STATUS_CODE => 'http_status',
		QUIC_CLIENT_VERSION => 'quic_version', DNS_NAME => 'dns_query', DNS_QTYPE => 'dns_type');
	foreach (grep { !/^ipaddr / } @lines)
	{
		s/\s+$//;
		my @values;
		push @values, defined $1 ? $1 : $2 while /\G(?:"([^"]*)"|([^,]*))(?:,|$)/gc && pos() < length;
		my %row;
		@row{@names} = @values;
		foreach my $name (grep { exists $columns{$_} } @names)
		{
			my $value = $row{$name} // '';
			$value =~ s/^[0 ]+$//;
			$value = without_count($value) if $name eq 'TLS_JA4';
			note(\%theirs, $row{PROTOCOL}, end_of(@row{qw(SRC_IP SRC_PORT)}),
				end_of(@row{qw(DST_IP DST_PORT)}), $columns{$name}, $value);
		}
	}
}

my %readers = (tshark => \&read_tshark, ja4 => \&read_ja4, arkime => \&read_arkime,
	zeek => \&read_zeek, ipfixprobe => \&read_ipfixprobe);
read_ours();
$readers{$kind}->();

# Long texts are cut.
sub is_among
{
	my ($value, $set) = @_;
	return 1 if $set->{$value};
	return length $value >= 500 && grep { index($_, $value) == 0 } keys %$set;
}

my ($nvalues, $ndifferences) = (0, 0);
foreach my $key (sort keys %theirs)
{
	foreach my $column (sort keys %{ $theirs{$key} })
	{
		my @got = sort keys %{ $ours{$key}{$column} // {} };
		my $expected = $theirs{$key}{$column};
		my @wrong = grep { !is_among($_, $expected) } @got;

		$nvalues++;
		next if !@wrong && (@got || $is_optional{"$key $column"});
		$ndifferences++;
		print "$key $column: ours ", join('|', @got), "; theirs ",
		  join('|', sort keys %$expected), "\n";
	}
}
print "# compared $nvalues\n";
exit($ndifferences > 0);
