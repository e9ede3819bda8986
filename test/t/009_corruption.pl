# Bytes that changed on disk are found: an error that names table, chunk and
# column, a line in flow.check(), and with on_corrupt_chunk = skip the rest of
# the table.  Never wrong rows, never a crash.
# Without this test: one flipped bit is an answer nobody doubts.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('corrupt');
$node->safe_psql('postgres', q{
	CREATE TABLE f (id bigint, v text, a inet, ts timestamptz) USING flowstore;
	INSERT INTO f SELECT g, md5(g::text), inet '10.0.0.0' + g % 5000, timestamptz '2024-01-01 00:00:00+00' + g * interval '10 ms' FROM generate_series(1, 65536) g;
	INSERT INTO f SELECT g, md5(g::text), inet '10.0.0.0' + g % 5000, timestamptz '2024-01-01 05:00:00+00' + g * interval '10 ms' FROM generate_series(65537, 131072) g;
	CHECKPOINT;});
my $want = $node->safe_psql('postgres', 'SELECT id, v, a, ts FROM f ORDER BY id');
my %want = map { my ($id) = split /\|/; ($id => $_) } split /\n/, $want;
is($node->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), '0', 'nothing to complain about at first');
my @chunks = map { [ split /\|/ ] }
	split /\n/, $node->safe_psql('postgres', q{SELECT first_block, bytes, rows FROM flow.chunks('f') WHERE kind = 'chunk' ORDER BY first_block});
cmp_ok(scalar(@chunks), '>=', 2, 'some chunks');
my $file = table_file($node, 'f');
$node->stop;
my $pristine = slurp_file($file);

sub with_bytes
{
	my ($bytes) = @_;
	open(my $fh, '>', $file) or die;
	binmode $fh;
	print $fh $bytes;
	close $fh;
	$node->start;
	return;
}

# A flip in each of many places of both chunks, page headers included.  Every
# answer is right or an error; an error is DATA_CORRUPTED and names the table.
my ($errors, $clean, $silent) = (0, 0, 0);
my (@wrong, @odd, @uncheck);
my (@places, %passes);
srand(7);
for my $chunk (@chunks[0, 1])
{
	my ($block, $bytes) = @$chunk;
	my $npages = int(($bytes + 8167) / 8168);
	push @places, map { $block * 8192 + $_ } (24, 25, 28, 30, 36, 44, 52, 60, 80, 120, 200, 400);
	push @places, map { ($block + int(rand($npages))) * 8192 + 24 + int(rand(8168)) } 1 .. 14;
}
for my $place (@places)
{
	my $bytes = $pristine;
	substr($bytes, $place, 1) = chr(ord(substr($bytes, $place, 1)) ^ (1 << int(rand(8))));
	with_bytes($bytes);
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT id, v, a, ts FROM f ORDER BY id;");
	if ($rc == 0 && $err eq '')
	{
		$clean++;
		push @wrong, $place if $out ne $want;
	}
	else
	{
		$errors++;
		push @odd, "$place: $err" unless $err =~ /ERROR:  XX001: .*flowstore table "f"/ && $err =~ /DETAIL:  .*[Bb]lock \d+/ && $err =~ /HINT:.*flow\.check\('(?:public\.)?f'\)/;
		my $found = $node->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')});
		push @uncheck, $place if $found == 0;
		# skipping leaves only whole and right rows
		($rc, $out, $err) = $node->psql('postgres', "SET flowstore.on_corrupt_chunk = skip;\nSELECT id, v, a, ts FROM f ORDER BY id;");
		push @odd, "$place, skip: $err" if $rc != 0 || $err =~ /ERROR/;
		my @rows = split /\n/, $out;
		push @wrong, "$place, skip" if grep { my ($id) = split /\|/; !defined $want{$id} || $want{$id} ne $_ } @rows;
		push @wrong, "$place, skip: " . scalar(@rows) . ' rows' if @rows < 131072 - $chunks[0][2] * 1 - 65536 && @rows < 60000;
		# in order, in several passes: all of these and perhaps more, and no place is complained of twice
		($rc, $out, $err) = $node->psql('postgres', "SET flowstore.on_corrupt_chunk = skip; SET enable_sort = off; SET work_mem = '512kB';\nSELECT id, v, a, ts FROM f ORDER BY ts LIMIT 200000;");
		push @odd, "$place, in order: $err" if $rc != 0 || $err =~ /ERROR/;
		my @first = split /\n/, $out;
		my %given = map { $_ => 1 } @first;
		push @wrong, "$place, in order" if grep { my ($id) = split /\|/; !defined $want{$id} || $want{$id} ne $_ } @first;
		push @wrong, "$place, in order: rows missing" if grep { !$given{$_} } @rows;
		push @wrong, "$place, in order: rows twice" if @first != keys %given;
		my %seen;
		push @odd, "$place, twice: $_" for grep { $seen{$_}++ } $err =~ /^(?:\S*\s*)?DETAIL:\s+(.*)/mg;
		$passes{ $node->safe_psql('postgres', "SET enable_sort = off; SET flowstore.on_corrupt_chunk = skip; EXPLAIN SELECT id, v, a, ts FROM f ORDER BY ts LIMIT 200000") =~ /FlowOrder/ ? 'used' : 'not used' }++;
	}
	$node->stop;
}
is("@wrong", '', 'never a wrong row');
is(join("\n", @odd), '', 'every error is DATA_CORRUPTED, names the table and the place');
is("@uncheck", '', 'flow.check() lists what a query trips over');
is(join(' ', keys %passes), 'used', 'rows were asked for in order, too');
cmp_ok($errors, '>', 40, "most of the flips are noticed ($errors of " . scalar(@places) . ')');

# A column that is not read does not matter
my $bytes = $pristine;
with_bytes($pristine);
my @columns = $node->safe_psql('postgres', 'SELECT sum(id) FROM f') eq '8590000128';
ok(@columns, 'restored');
$node->stop;

# Whole pages: zeroes, random bytes, another page's bytes, a truncated file
my $block = $chunks[0][0];
my %damage = (
	zeroes => sub { my $b = $pristine; substr($b, $block * 8192, 8192) = "\0" x 8192; $b },
	payload => sub { my $b = $pristine; substr($b, ($block + 1) * 8192 + 24, 8168) = join('', map { chr(int(rand(256))) } 1 .. 8168); $b },
	swapped => sub { my $b = $pristine; my $p = substr($b, $block * 8192, 8192); substr($b, $block * 8192, 8192) = substr($b, ($block + 1) * 8192, 8192); substr($b, ($block + 1) * 8192, 8192) = $p; $b },
	other_chunk => sub { my $b = $pristine; substr($b, $block * 8192, 8192) = substr($b, $chunks[1][0] * 8192, 8192); $b },
	truncated => sub { substr($pristine, 0, $chunks[1][0] * 8192 + 8192) },
	emptied => sub { '' },
);
for my $name (sort keys %damage)
{
	with_bytes($damage{$name}->());
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT id, v, a, ts FROM f ORDER BY id;");
	like($err, qr/ERROR:  (?:XX001|XX002|58030|58P01):/, "$name: an error that says so");
	($rc, $out, $err) = $node->psql('postgres', q{SELECT count(*) > 0 FROM flow.check('f')});
	ok($out eq 't' || $err =~ /ERROR/, "$name: flow.check() notices") or diag("$out $err");
	($rc, $out, $err) = $node->psql('postgres', "SET flowstore.on_corrupt_chunk = skip; SELECT count(*), count(*) FILTER (WHERE v <> md5(id::text)) FROM f;");
	like("$out\n$err", qr/^\d+\|0$|ERROR/m, "$name: skip gives right rows or an error");
	# VACUUM, ANALYZE and DROP are not stopped for good
	($rc, $out, $err) = $node->psql('postgres', 'VACUUM f');
	unlike($err, qr/server closed|terminat/, "$name: VACUUM does not crash");
	is($node->safe_psql('postgres', 'SELECT 1'), '1', "$name: the server lives");
	$node->stop('immediate');
	with_bytes($pristine);
	is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE v = md5(id::text)) FROM f}), '131072', "$name: put back, all is well");
	$node->stop;
}

# Damage in one chunk leaves the hours of the other alone
$bytes = $pristine;
substr($bytes, ($chunks[0][0] + 1) * 8192 + 100, 64) = "\xff" x 64;
with_bytes($bytes);
is($node->safe_psql('postgres', q{SELECT count(*) FROM f WHERE ts >= '2024-01-01 04:00:00+00'}), '65536', 'the other partition answers');
my ($rc, $out, $err) = $node->psql('postgres', "SELECT max(v) FROM f WHERE ts < '2024-01-01 04:00:00+00'; SELECT max(host(a)) FROM f WHERE ts < '2024-01-01 04:00:00+00'; SELECT sum(id) FROM f WHERE ts < '2024-01-01 04:00:00+00';");
like($err, qr/DETAIL:.*column \d/s, 'the error names the column');
$node->safe_psql('postgres', 'CREATE TABLE saved USING flowstore AS SELECT * FROM f WHERE false; SET flowstore.on_corrupt_chunk = skip; INSERT INTO saved SELECT * FROM f; DROP TABLE f;');
is($node->safe_psql('postgres', 'SELECT count(*) >= 65536, count(*) FILTER (WHERE v <> md5(id::text)) FROM saved'), 't|0', 'what is whole is saved, the rest is dropped');
# and the setting is not for everyone
($rc, $out, $err) = $node->psql('postgres', 'SELECT count(*) FROM saved; CREATE ROLE nobody_special; SET ROLE nobody_special; SET flowstore.on_corrupt_chunk = skip;');
like($err, qr/permission denied to set parameter/, 'only a superuser may skip');
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|signal 11/, 'no crash');

done_testing();
