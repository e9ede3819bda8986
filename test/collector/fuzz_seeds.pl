#!/usr/bin/perl
# First inputs for the fuzz targets, each in the form that its NAME_fuzz.c reads:
#
#	fuzz_seeds.pl TO PCAP_DIRECTORY EXPORTS.pcap...
#
# They are made of captures of mkpcap and mkcapture, exports of flowgen, and the texts of the unit tests: of nothing that
# others have made.  Writes TO/TARGET/.
use strict;
use warnings;
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use IO::Compress::Gzip qw(gzip);

my ($to, $captures, @exports) = @ARGV;
die "usage: fuzz_seeds.pl TO PCAP_DIRECTORY EXPORTS.pcap...\n" unless @exports;
my $here = dirname(__FILE__);
my $longest = 4000;
my $nseeds = 0;

sub seed
{
	my ($target, $bytes) = @_;
	return if length $bytes == 0 || length $bytes > $longest;
	make_path("$to/$target");
	open my $file, '>:raw', sprintf('%s/%s/%06d', $to, $target, $nseeds++) or die "$to/$target: $!\n";
	print $file $bytes;
	close $file or die "$to/$target: $!\n";
}

sub slurp
{
	my ($path) = @_;
	local $/;
	open my $file, '<:raw', $path or die "$path: $!\n";
	return <$file>;
}

# link type, then [milliseconds, frame] of each
sub frames_of
{
	my ($path) = @_;
	my $all = slurp($path);
	my ($magic) = unpack 'V', $all;
	return unless defined $magic && ($magic == 0xa1b2c3d4 || $magic == 0xa1b23c4d);
	my $link = unpack 'V', substr $all, 20, 4;
	my @frames;
	for (my $at = 24; $at + 16 <= length $all;)
	{
		my ($s, $fraction, $len) = unpack 'VVV', substr $all, $at, 12;
		push @frames, [$s * 1000 + int($fraction / 1000), substr $all, $at + 16, $len];
		$at += 16 + $len;
	}
	return ($link, @frames);
}

# the packet in an Ethernet frame, or in a frame of raw IP
sub packet_of
{
	my ($link, $frame) = @_;
	return $frame if $link == 101 || $link == 228 || $link == 229;
	return '' if $link != 1 || length $frame < 14;
	my $at = 12;
	$at += 4 while unpack('n', substr $frame, $at, 2) == 0x8100 && $at + 6 < length $frame;
	my $type = unpack 'n', substr $frame, $at, 2;
	return $type == 0x800 || $type == 0x86dd ? substr $frame, $at + 2 : '';
}

# protocol, conversation, direction and payload of a packet without options or extensions
sub payload_of
{
	my ($packet) = @_;
	my ($proto, $ends, $transport);
	return unless length $packet > 40;
	if (ord($packet) >> 4 == 4)
	{
		$proto = ord substr $packet, 9, 1;
		my $len = unpack 'n', substr $packet, 2, 2;
		$ends = [substr($packet, 12, 4), substr($packet, 16, 4)];
		$transport = substr $packet, (ord($packet) & 15) * 4, $len - (ord($packet) & 15) * 4;
	}
	else
	{
		$proto = ord substr $packet, 6, 1;
		$ends = [substr($packet, 8, 16), substr($packet, 24, 16)];
		$transport = substr $packet, 40, unpack('n', substr $packet, 4, 2);
	}
	return unless $proto == 6 || $proto == 17;
	return if length $transport < ($proto == 6 ? 20 : 8);
	my @ports = (substr($transport, 0, 2), substr($transport, 2, 2));
	my @sides = map { $ends->[$_] . $ports[$_] } 0, 1;
	my $direction = unpack('n', $ports[0]) < unpack('n', $ports[1]) ? 1 : 0;
	my $skip = $proto == 6 ? (ord(substr $transport, 12, 1) >> 4) * 4 : 8;
	return if $skip > length $transport;
	return ($proto, join('', sort @sides), $direction, substr($transport, $skip), map { unpack 'n', $_ } @ports);
}

my %dlt_index = (1 => 0, 101 => 1, 228 => 2, 229 => 3, 0 => 4, 108 => 5, 113 => 6, 276 => 7, 239 => 8, 9 => 9, 51 => 10, 104 => 11);

# frames as they are, some in each seed; and raw IP with the time between
sub seed_frames
{
	my ($link, @frames) = @_;
	my ($as_frames, $as_packets, $last) = ('', '', 0);
	for my $frame (@frames)
	{
		my ($time, $bytes) = @$frame;
		my $packet = packet_of($link, $bytes);
		my $delta = $time - $last;
		$as_frames .= pack('v', length $bytes) . $bytes;
		$as_packets .= pack('Cv', $delta < 0 || $delta > 255 ? 255 : $delta, length $packet) . $packet if $packet ne '';
		$last = $time;
		if (length $as_frames > 1000)
		{
			seed('decode_packet', chr($dlt_index{$link}) . $as_frames) if defined $dlt_index{$link};
			seed('meter', $as_packets);
			($as_frames, $as_packets) = ('', '');
		}
	}
	seed('decode_packet', chr($dlt_index{$link}) . $as_frames) if defined $dlt_index{$link} && $as_frames ne '';
	seed('meter', $as_packets);
}

sub udp
{
	my ($port, $payload) = @_;
	return pack('nnnn', 50000, $port, 8 + length $payload, 0) . $payload;
}

# IPv4 or IPv6 around a payload
sub ip
{
	my ($version, $proto, $payload) = @_;
	return pack('CCnnnCCnNN', 0x45, 0, 20 + length $payload, 1, 0, 64, $proto, 0, 0xc0000201, 0xc6336402) . $payload if $version == 4;
	return pack('NnCC', 0x60000000, length $payload, $proto, 64) . "\x20\1\x0d\xb8" . "\0" x 11 . "\1" . "\x20\1\x0d\xb8" . "\0" x 11 . "\2" . $payload;
}

# All tunnels that are opened, around a packet, and some around others.
sub seed_tunnels
{
	my ($packet) = @_;
	my $type = ord($packet) >> 4 == 4 ? 0x800 : 0x86dd;
	my $frame = "\2\0\0\0\0\1\2\0\0\0\0\2" . pack('n', $type) . $packet;
	my $erspan = pack('nnN', 0x1005, 7, 0);
	my @within = (
		[47, pack('nn', 0, $type) . $packet],
		[47, pack('nnN', 0x2000, 0x6558, 77 << 8) . $frame],
		[47, pack('nnNNN', 0xb000, $type, 1, 2, 3) . $packet],
		[47, pack('nnnnN', 0x3001, 0x880b, 4 + length $packet, 9, 5) . pack('Cn', 0xff, $type == 0x800 ? 0x0321 : 0x0357) . $packet],
		[47, pack('nn', 0, 0x88be) . $frame],
		[47, pack('nnN', 0x1000, 0x88be, 1) . $erspan . $frame],
		[47, pack('nnN', 0x1000, 0x22eb, 1) . pack('nnNN', 0x2005, 7, 0, 0) . $frame],
		[47, pack('nnNNNN', 0x1000, 0x22eb, 1, 0x20050007, 0, 1) . 'platform' . $frame],
		[$type == 0x800 ? 4 : 41, $packet],
		[17, udp(4789, pack('NN', 0x08000000, 42 << 8) . $frame)],
		[17, udp(4790, pack('NN', 0x0c000000 | ($type == 0x800 ? 1 : 2), 42 << 8) . $packet)],
		[17, udp(6081, pack('CCnN', 0, 0, 0x6558, 42 << 8) . $frame)],
		[17, udp(6081, pack('CCnNN', 1, 0, $type, 42 << 8, 0) . $packet)],
		[17, udp(2152, pack('CCnN', 0x30, 255, length $packet, 99) . $packet)],
		[17, udp(2152, pack('CCnNnCC', 0x34, 255, 8 + length $packet, 99, 1, 0, 0x85) . pack('CCCC', 1, 0, 0, 0) . $packet)],
		[17, udp(3544, $packet)],
		[17, udp(3544, pack('CCCCx8C', 0, 1, 0, 0, 0) . pack('nnN', 0, 1, 2) . $packet)],
		[137, pack('N', 0x00010140) . $packet]);
	for my $version (4, 6)
	{
		for my $inner (@within)
		{
			my $outer = ip($version, @$inner);
			my $twice = ip(4, 47, pack('nn', 0, $version == 4 ? 0x800 : 0x86dd) . $outer);
			seed('decode_packet', "\1" . join '', map { pack('v', length $_) . $_ } $outer, $twice);
			seed('meter', join '', map { pack('Cv', 1, length $_) . $_ } $outer, $twice);
		}
	}
	my $mpls = "\2\0\0\0\0\1\2\0\0\0\0\2" . pack('nN', 0x8847, 0x00010140);
	seed('decode_packet', "\0" . join '', map { pack('v', length $_) . $_ } $mpls . $packet, $mpls . "\0\0\0\0" . $frame);
}

# the messages of a handshake, as the parsers behind the records see them
sub seed_handshake
{
	my ($stream) = @_;
	while (length $stream > 9 && ord($stream) == 22)
	{
		my $len = unpack 'n', substr $stream, 3, 2;
		my $messages = substr $stream, 5, $len;
		while (length $messages > 4)
		{
			my ($type, $high, $low) = unpack 'CCn', $messages;
			my $body = substr $messages, 4, ($high << 16) + $low;
			seed('payload_parser', chr($type == 2 ? 1 : 0) . $body) if $type == 1 || $type == 2;
			seed('payload_parser', chr(4) . $body) if $type == 11;
			$messages = substr $messages, 4 + length $body;
		}
		$stream = length $stream > 5 + $len ? substr $stream, 5 + $len : '';
	}
}

sub seed_conversations
{
	my ($link, @frames) = @_;
	my (%streams, %datagrams);
	for my $frame (@frames)
	{
		my ($proto, $ends, $direction, $payload, $src, $dst) = payload_of(packet_of($link, $frame->[1]));
		next unless defined $payload && $payload ne '';
		if ($proto == 6)
		{
			$streams{$ends}[$direction] .= $payload;
			next;
		}
		$datagrams{$ends} .= pack('CC', $direction | (length($payload) % 8) << 5, int(length($payload) / 8)) . $payload
			if length $payload < 2048;
		seed('payload_parser', chr(8) . $payload) if $src == 53 || $dst == 53;
	}
	for my $stream (values %streams)
	{
		my @sides = map { substr $stream->[$_] // '', 0, 1800 } 0, 1;
		seed_handshake($_) for @sides;
		seed('payload_stream', pack('CC', int(length($sides[0]) * 255 / (length(join "", @sides) || 1)), 7) . join('', @sides));
	}
	seed('payload_datagram', substr $_, 0, 2000) for values %datagrams;
}

sub seed_exports
{
	my ($link, @frames) = @_;
	my ($series, $stream) = ('', '');
	@frames = splice @frames, 0, 60;
	for my $frame (@frames)
	{
		my (undef, undef, undef, $datagram) = payload_of(packet_of($link, $frame->[1]));
		next unless defined $datagram && length $datagram > 4;
		my ($version, $second) = unpack 'nn', $datagram;
		if ($version == 0 && $second == 5)
		{
			seed('decode_sflow', substr $datagram, 4);
			next;
		}
		seed('decode_netflow5', $datagram) if $version <= 7;
		next if $version != 9 && $version != 10;
		$stream .= $datagram if $version == 10;
		$series .= pack('n', length $datagram) . $datagram;
		seed('decode_exports', $series);
		seed('ipfix_stream', pack('C', 37) . $stream);
		seed('input_ipfix', $stream);
		($series, $stream) = ('', '') if length $series > 2500;
	}
}

sub unescaped
{
	my ($escape) = @_;
	my %letters = (n => "\n", t => "\t", r => "\r");
	return chr hex substr $escape, 1 if $escape =~ /^x/;
	return chr(oct($escape) & 255) if $escape =~ /^[0-7]+$/;
	return $letters{$escape} // $escape;
}

# the string literals of a C file, neighbours put together
sub texts_of
{
	my ($name) = @_;
	my $code = slurp("$here/$name");
	my @texts;
	$code =~ s{/\*.*?\*/}{}gs;
	while ($code =~ /((?:"(?:[^"\\\n]|\\.)*"\s*)+)/g)
	{
		my $text = join '', $1 =~ /"((?:[^"\\\n]|\\.)*)"/g;
		$text =~ s{\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)}
			{unescaped($1)}ge;
		push @texts, $text;
	}
	return @texts;
}

my %texts_for = (
	feed_test => ['feed'],
	load_test => ['feed', 'input_file'],
	text_test => ['feed', 'input_file'],
	import_rows_test => ['import_rows'],
	influx_test => ['influx', 'influx_flow'],
	http_parse_test => ['http_parse'],
	enrich_test => ['enrich'],
	exporter_rule_test => ['config']);

# What a target reads before the text: the format of a feed, the kind of a file of networks.
sub heads_of
{
	my ($target) = @_;
	return map { chr } 0 .. 5 if $target eq 'feed';
	return map { chr($_) . "\1\2\3\1" } 0, 2, 3 if $target eq 'enrich';
	return ('');
}

sub seed_texts
{
	for my $test (sort keys %texts_for)
	{
		for my $text (texts_of("$test.c"))
		{
			for my $target (@{ $texts_for{$test} })
			{
				seed($target, $_ . $text) for heads_of($target);
			}
		}
	}
	for my $path (glob "$here/expected/*.tsv")
	{
		my $rows = substr slurp($path), 0, 1500;
		seed('feed', $_ . $rows) for map { chr } 0, 2, 5;
		seed('import_rows', $rows);
		seed('input_file', $rows);
	}
	seed('config', "on\nno-off = off\nnumber = 5k # no comment\nseconds = 1.5\ntext = \"a \\\"b\\\"\"\nlist = x\nlist = y\n" .
		"choice = second\n# a comment\n[exporter 192.0.2.0/24]\nsampling = 100\nsensor = s\nrate = 2M\n[exporter 2001:db8::1]\nrefuse\n");
}

# conn.log of Zeek, with tabs and as JSON
sub seed_zeek
{
	my @names = qw(ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration conn_state history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes);
	my $head = join "\n", '#separator \x09', "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn",
		join("\t", '#fields', @names), '';
	my @kinds = (['tcp', 50000, 443, 'SF', 'ShADadFf'], ['tcp', 50000, 22, 'REJ', 'Sr'], ['tcp', 1, 2, 'S0', '-'], ['tcp', 1, 2, 'OTH', '^dCtWqhI'],
		['icmp', 8, 0, 'OTH', '-'], ['icmp', 3, 1, 'OTH', '-'], ['icmp', 128, 129, 'OTH', '-'], ['udp', 53, 53, 'SF', 'Dd']);
	my @lines = map { join("\t", '1700000000.123456', 'C1', '192.0.2.1', $_->[1], '2001:db8::2', $_->[2], $_->[0], 'dns,ssl', '1.5',
		$_->[3], $_->[4], 3, 180, 2, 120) . "\n" } @kinds;
	for my $line (@lines, join '', @lines)
	{
		seed('feed', $_ . $head . $line) for map { chr } 0, 1;
		my @values = split /[\t\n]/, (split /^/, $line)[0];
		seed('feed', "\0{" . join(',', map { qq("$names[$_]":) . ($values[$_] =~ /^[0-9.]+$/ && $_ != 2 ? $values[$_] : qq("$values[$_]")) } 0 .. $#names) . "}\n");
	}
	seed('feed', "\1" . join '', map { "$_\n" } '#separator |', '#fields|ts|id.orig_h|id.orig_p', '1|::1|2', '#close|x');
}

# The same line plain, and in the two kinds of compressed files, with one stored block each.
sub seed_packed
{
	my $line = "ts,src_addr\n1,192.0.2.1\n" x 3;
	gzip(\$line => \my $packed) or die "gzip failed\n";
	seed('input_file', $packed);
	seed('input_file', $packed . $packed);
	my $message = pack('nnNNN', 10, 32, 1700000000, 0, 1) . pack('nnnnnn', 2, 16, 256, 1, 8, 4) . pack('N', 0);
	gzip(\$message => \$packed) or die "gzip failed\n";
	seed('input_ipfix', $packed);
	my $frame = pack('VCC', 0xfd2fb528, 0x20, length $line) . substr(pack('V', 1 | length($line) << 3), 0, 3) . $line;
	seed('input_file', $frame);
	seed('input_file', $frame . pack('VV', 0x184d2a50, 4) . 'skip' . $frame);
}

# MaxMind's format: a value, by its type and its bytes, and a text
sub db_value
{
	my ($type, $bytes, $size) = @_;
	$size //= length $bytes;
	return $type < 8 ? chr($type << 5 | $size) . $bytes : chr($size) . chr($type - 7) . $bytes;
}

sub db_text { return db_value(2, $_[0]) }

# A tree of one path, 2001:db8::/32 or 192.0.2.0/24, with an entry at its end.
sub seed_database
{
	my ($version, $path, $record_bits) = @_;
	my $nnodes = length $path;
	my $entry = db_value(7, db_text('autonomous_system_number') . db_value(6, pack 'n', 64500) .
		db_text('autonomous_system_organization') . db_text('Org') .
		db_text('country') . db_value(7, db_text('iso_code') . db_text('CH'), 1), 3);
	my $tree = '';
	for my $node (0 .. $nnodes - 1)
	{
		my $next = $node + 1 < $nnodes ? $node + 1 : $nnodes + 16;
		my @records = substr($path, $node, 1) eq '0' ? ($next, $nnodes) : ($nnodes, $next);
		$tree .= $record_bits == 32 ? pack 'NN', @records :
			$record_bits == 24 ? join '', map { substr pack('N', $_), 1 } @records :
			substr(pack('N', $records[0]), 1) . "\0" . substr(pack('N', $records[1]), 1);
	}
	my $metadata = db_value(7, db_text('node_count') . db_value(6, chr $nnodes) . db_text('record_size') . db_value(5, chr $record_bits) .
		db_text('ip_version') . db_value(5, chr $version) . db_text('database_type') . db_text('Test') .
		db_text('binary_format_major_version') . db_value(5, chr 2) . db_text('binary_format_minor_version') . db_value(5, '') .
		db_text('build_epoch') . db_value(9, chr 1) .
		db_text('languages') . db_value(11, db_text('en'), 1) . db_text('description') . db_value(7, db_text('en') . db_text('x'), 1), 9);
	seed('enrich', "\1\1\2\3\1" . $tree . "\0" x 16 . $entry . "\xab\xcd\xefMaxMind.com" . $metadata);
}

sub seed_captures
{
	for my $path (glob "$captures/*.pcap*")
	{
		my $bytes = slurp($path);
		seed('input_pcap', substr $bytes, 0, 600);
		my ($magic) = unpack 'V', $bytes;
		next if !defined $magic || $magic != 0xa1b2c3d4;
		my @header = unpack 'VvvVVVV', $bytes;
		seed('input_pcap', pack('NnnNNNN', @header) . pack('NNNN', 1, 2, 4, 60) . 'abcd');
	}
}

for my $path (glob("$captures/*.pcap"), @exports)
{
	my ($link, @frames) = frames_of($path);
	next unless @frames;
	@frames = splice @frames, 0, 2500;
	seed_conversations($link, @frames);
	seed_exports($link, @frames);
	next if grep { $_ eq $path } @exports;
	seed_frames($link, splice @frames, 0, 300);
}
seed_texts();
seed_zeek();
seed_packed();
seed_tunnels(ip(4, 17, udp(53, "\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1")));
seed_tunnels(ip(6, 6, pack('nnNNnnnn', 50000, 443, 1, 0, 0x5002, 1000, 0, 0)));
seed_captures();
seed_database(4, '1100000000000000000000100', 24);
seed_database(6, '00100000000000010000110110111000', $_) for 24, 28, 32;
seed_database(6, '0' x 96 . '110000000000', 24);
print "$nseeds seeds\n";
