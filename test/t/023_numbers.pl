# Item numbers wrap and row numbers are used again: a table's counters never
# run out, and nothing is ever written under a number that is in use.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('numbers');

sub sql { return $node->safe_psql('postgres', $_[0]) }

# CRC-32C, bit by bit
sub crc32c
{
	my ($bytes) = @_;
	my $crc = 0xffffffff;
	for my $byte (unpack 'C*', $bytes)
	{
		$crc ^= $byte;
		$crc = $crc & 1 ? ($crc >> 1) ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
	}
	return $crc ^ 0xffffffff;
}

# Change fields of the metapage while the server is down: [offset, template, value]
sub patch_metapage
{
	my ($table, @fields) = @_;
	sql('CHECKPOINT');
	my $file = table_file($node, $table);
	$node->stop;
	open my $fh, '+<:raw', $file or die "$file: $!";
	read($fh, my $page, 8192) == 8192 or die "$file is too short";
	my $at = 24;
	substr($page, $at + $_->[0], length pack($_->[1], 0)) = pack $_->[1], $_->[2] for @fields;
	my $nfree = unpack 'v', substr($page, $at + 10, 2);
	substr($page, $at + 48, 4) = pack 'V', 0;
	substr($page, $at + 48, 4) = pack 'V', crc32c(substr($page, $at, 128 + 8 * $nfree));
	seek $fh, 0, 0;
	print $fh $page;
	close $fh or die $!;
	$node->start;
	return;
}

sub insert
{
	my ($from, $to) = @_;
	sql("INSERT INTO $_ SELECT '2026-01-01', i, 'row ' || i FROM generate_series($from, $to) i") for qw(h f);
	return;
}

sql('CREATE TABLE h (ts timestamptz, i int, t text); CREATE TABLE f (LIKE h) USING flowstore');
insert($_, $_) for 1 .. 40;
insert(1001, 3000);

# item numbers: 40 items of one partition have the first numbers, which come again
patch_metapage('f', [ 12, 'V', 0xfffffff8 ]);
insert($_, $_) for 41 .. 140;
twin_ok($node, 'h', 'f', 'item numbers wrap over those in use');
is(sql('SELECT count(*) FROM (SELECT item, count(*) FROM flow.chunks(\'f\') GROUP BY partition, item HAVING count(*) > 1) x'),
	'0', 'no number twice');
sql('UPDATE f SET t = t || 1 WHERE i % 7 = 0; UPDATE h SET t = t || 1 WHERE i % 7 = 0');
twin_ok($node, 'h', 'f', 'rows of both sides of the wrap change');

# row numbers: few are left, then none, then VACUUM finds those that are free
patch_metapage('f', [ 16, 'Q<', 2**40 - 512 - 1024 ]);
insert(5001, 5500);
my ($ret, $out, $err) = $node->psql('postgres',
	"INSERT INTO f SELECT '2026-01-01', i, 'too many' FROM generate_series(1, 2000) i");
isnt($ret, 0, 'no row number left: an error');
like($err, qr/has used up its row numbers.*HINT:.*VACUUM/s, 'which says what to do');
twin_ok($node, 'h', 'f', 'nothing is lost');
sql('DELETE FROM h WHERE i BETWEEN 1001 AND 2000; DELETE FROM f WHERE i BETWEEN 1001 AND 2000');
sql('VACUUM f');
insert(6001, 9000);
insert($_, $_) for 9001 .. 9020;
twin_ok($node, 'h', 'f', 'VACUUM finds numbers that can be used again');
sql('UPDATE f SET t = t || 2 WHERE i % 5 = 0; UPDATE h SET t = t || 2 WHERE i % 5 = 0');
sql('DELETE FROM h WHERE i % 11 = 0; DELETE FROM f WHERE i % 11 = 0');
twin_ok($node, 'h', 'f', 'and rows with them can be changed');
sql("SELECT flow.optimize('f')");
twin_ok($node, 'h', 'f', 'and merged');
sql('VACUUM FULL f');
insert(9101, 9200);
twin_ok($node, 'h', 'f', 'the counters go on after VACUUM FULL');
is(sql("SELECT count(*) FROM flow.check('f')"), '0', 'sound');

$node->stop;
done_testing();
