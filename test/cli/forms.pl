# CSV and JSON say every value exactly, whatever is in it, and can be read by others.
use strict;
use warnings;
use FlowCommand;
use JSON::PP;
use Test::More;

my @nasty = ("comma, and \"quotes\"", "two\nlines\r\n", "\\.", "", "tab\there", "\e[31mred\a", "caf\x{e9} \x{4e2d}\x{6587} \x{1f600}", "\x{85}\x{9b}31m", "back\\slash 'x'", "null", "\x7f");
my @quoted = map { my $t = $_; utf8::encode($t); join '||', map { 'chr(' . ord . ')' } split //, $_ } @nasty;
sql("CREATE TABLE odd (ts timestamptz, src_addr inet, sensor text, value double precision, big numeric, flag boolean, doc jsonb, bytes bigint) USING flowstore");
for my $i (0 .. $#nasty)
{
	my $text = $quoted[$i] eq '' ? "''" : $quoted[$i];
	sql("INSERT INTO odd VALUES (timestamptz '2026-03-01' + $i * interval '1 s', '192.0.2.$i', $text, $i + 0.25, 12345678901234567890123.5, $i % 2 = 0, '{\"a\": [1, \"\\u001b\"]}', 9007199254740993)");
}
sql("INSERT INTO odd VALUES ('2026-03-01 01:00', NULL, NULL, 'NaN', NULL, NULL, NULL, NULL), ('2026-03-01 01:01', NULL, NULL, '-Infinity', 'NaN', NULL, 'null', -5), ('infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('0044-03-15 12:00 BC', NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
my @all = ('any', '-t', 'odd', '-o', 'all', '--asc', '-n', '0', '--since', '2026-03-01', '--until', '2026-03-02');

my ($status, $out, $err) = flow(@all, '--json');
my $rows = JSON::PP->new->utf8->allow_bignum->decode($out);
is_deeply([map { $_->{sensor} } @{$rows}[0 .. $#nasty]], \@nasty, 'JSON gives every text back');
unlike($out, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'without one control character');
is("$rows->[0]{bytes}", '9007199254740993', 'numbers are numbers, exactly');
is("$rows->[0]{big}", '12345678901234567890123.5', 'also large ones');
like($out, qr/"bytes": 9007199254740993\b/, 'without quotes');
is($rows->[0]{flag}, JSON::PP::true, 'booleans are booleans');
is($rows->[1]{doc}{a}[1], "\e", 'jsonb stays what it is');
is($rows->[-1]{value}, '-Infinity', 'what JSON cannot say is a string, as in PostgreSQL');
is($rows->[-2]{src_addr}, undef, 'NULL is null');
is($rows->[1]{ts}, '2026-03-01T00:00:01+00:00', 'times are ISO 8601');
($status, $out) = flow('any', '-t', 'odd', '-o', 'ts', '--asc', '--ndjson');
my @lines = split /\n/, $out;
is_deeply([map { JSON::PP->new->utf8->decode($_)->{ts} } @lines[0, -1]], ['0044-03-15 12:00:00+00 BC', 'infinity'], 'times without ISO form stay as PostgreSQL writes them');
is(scalar @lines, 15, '--ndjson has a line for each row');
($status, $out) = flow_with({ PGTZ => 'Asia/Kolkata' }, 'any', '-t', 'odd', '-o', 'ts', '-n', '1', '--since', '2026-03-01', '--until', '2026-03-02', '--json');
is(JSON::PP->new->decode($out)->[0]{ts}, '2026-03-01T06:31:00+05:30', 'in the zone of the session, with all of its offset') or diag($out);

($status, $out) = flow(@all, '--csv');
my @csv = csv_of($out);
is_deeply($csv[0], [qw(ts src_addr sensor value big flag doc bytes)], 'CSV has a header');
my @bytes = map { my $t = $_; utf8::encode($t); $t } @nasty;
is_deeply([map { $_->[2] } @csv[1 .. @nasty]], \@bytes, 'and gives every text back');
is($csv[-1][3], '-Infinity', 'and every number');
like($out, qr/\n2026-03-01 00:00:03\+00,192\.0\.2\.3,"",/, 'an empty text is told from NULL');
like($out, qr/\n2026-03-01 01:00:00\+00,,,NaN,,,,\n/, 'NULL is nothing');

# what CSV says is read by PostgreSQL as it was
sql("CREATE TABLE back (LIKE odd)");
($status, $out) = flow('any', '-t', 'odd', '-o', 'all', '-n', '0', '--csv');
spew("$TMP/odd.csv", $out);
chmod 0644, "$TMP/odd.csv";
system('psql', '-Xqc', "\\copy back FROM '$TMP/odd.csv' (FORMAT csv, HEADER)") == 0 or die;
is(sql("SELECT count(*) FROM ((TABLE odd EXCEPT ALL TABLE back) UNION ALL (TABLE back EXCEPT ALL TABLE odd)) x"), '0', 'COPY reads the CSV and gets the same rows');

# forms without rows
is_deeply(json_of('port 1 and port 2 and port 3', '-t', 'flows'), [], 'no rows are an empty array');
($status, $out) = flow('src port 1 and src port 2', '--csv', '-o', 'ts,bytes');
is($out, "ts,bytes\n", 'or a header alone');
($status, $out, $err) = flow('src port 1 and src port 2', '--json');
is($err, '', 'and nobody is told about it');

# a table shows numbers with units; --raw does not
sql("CREATE TABLE sized (ts timestamptz, bytes bigint, packets bigint, duration_ms integer, src_addr inet)");
my @sizes = ([999, '999 B'], [1000, '1.00 kB'], [9994, '9.99 kB'], [9996, '10.0 kB'], [99949, '99.9 kB'], [999499, '999 kB'], [999500, '1.00 MB'], [1234567890, '1.23 GB'], [9223372036854775807, '9.22 EB'], [0, '0 B'], [-1500, '-1.50 kB']);
sql("INSERT INTO sized SELECT timestamptz '2026-03-01' + i * interval '1 s', b FROM unnest('{" . join(',', map { $_->[0] } @sizes) . "}'::bigint[]) WITH ORDINALITY u(b, i)");
($status, $out) = flow('any', '-t', 'sized', '-o', 'bytes', '--asc');
is_deeply([map { s/^ +//r } (split /\n/, $out)[1 .. @sizes]], [map { $_->[1] } @sizes], 'bytes have three digits and a unit');
($status, $out) = flow('any', '-t', 'sized', '-o', 'bytes', '--asc', '--raw');
is_deeply([map { s/^ +//r } (split /\n/, $out)[1 .. @sizes]], [map { $_->[0] } @sizes], '--raw gives them exactly');
sql("TRUNCATE sized; INSERT INTO sized SELECT timestamptz '2026-03-01' + i * interval '1 s', NULL, p, d FROM unnest('{99999,99999.4,100000,1234567}'::numeric[], '{0,999,59995,3600000}'::int[]) WITH ORDINALITY u(p, d, i)");
($status, $out) = flow('any', '-t', 'sized', '-o', 'packets,duration_ms', '--asc');
is_deeply([map { s/^ +//r =~ s/ {2,}/|/gr } (split /\n/, $out)[1 .. 4]], ['99999|0 ms', '99999|999 ms', '100 k|1m 0s', '1.23 M|1h 0m'], 'counts and durations, too');
($status, $out) = flow('-o', 'proto,tcp_flags', '-n', '1', 'proto', 'tcp', 'and', 'flags', 'S');
like($out, qr/^tcp +\S*S/m, 'protocols and flags are words in tables');
is(json_of('-o', 'proto', '-n', '1', 'proto', 'tcp')->[0]{proto}, 6, 'and numbers elsewhere');
is_deeply([sort keys %{ json_of('any', '-n', '1')->[0] }], [sort qw(ts duration_ms proto src_addr src_port dst_addr dst_port tcp_flags packets bytes)], 'addresses and ports are columns of their own outside of tables');
for my $pair (['--csv', '--json'], ['--json', '--ndjson'])
{
	($status, undef, $err) = flow('any', @$pair);
	is($status, 2, "@$pair do not go together");
}
done_testing();
