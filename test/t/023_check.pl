# flow.check() names what is wrong: in the directory, in clustered chunks, in
# partition indexes, in maps of moved rows.  And flowstore.on_corrupt_chunk =
# skip reads the rest of a clustered table: without its lists if these are
# damaged, without a chunk if its values are.
# Without this test: a table that answers wrongly and is said to be sound.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('check');
$node->safe_psql('postgres', q{
	CREATE TABLE f (id int, ts timestamptz, a inet, v text) USING flowstore;
	INSERT INTO f SELECT g, timestamptz '2024-01-01 00:00:00+00' + g * interval '40 ms', inet '10.0.0.0' + g % 5000, md5((g % 3000)::text) FROM generate_series(1, 70000) g;
	SELECT count(*) FROM flow.optimize('f');
	INSERT INTO f SELECT g, timestamptz '2024-01-01 05:00:00+00' + g * interval '10 ms', inet '10.0.0.0' + g % 5000, md5(g::text) FROM generate_series(70001, 73000) g;
	INSERT INTO f SELECT g, timestamptz '2024-01-01 06:00:00+00' + g * interval '10 ms', inet '10.0.0.0' + g % 5000, md5(g::text) FROM generate_series(73001, 76000) g;
	INSERT INTO f VALUES (76001, '2024-01-01 07:00:00+00', '10.0.0.1', 'single');
	DELETE FROM f WHERE id = 70500;
	CHECKPOINT;});
sub value { return $node->safe_psql('postgres', $_[0]); }
is(value(q{SELECT count(*) FROM flow.check('f')}), '0', 'nothing to complain about at first');
my @items = map { my %i; @i{qw(item kind level rows first bytes row)} = split /\|/; \%i }
	split /\n/, value(q{SELECT item, kind, level, rows, first_block, bytes, first_row FROM flow.chunks('f') ORDER BY partition, item});
my ($first, $second) = grep { $_->{level} eq 'clustered' } @items;
my ($fresh, $other) = grep { $_->{kind} eq 'chunk' && $_->{level} eq 'fresh' } @items;
my ($single) = grep { $_->{kind} eq 'rows' } @items;
my ($index) = grep { $_->{kind} eq 'index' } @items;
my ($moved) = grep { $_->{kind} eq 'moved' } @items;
ok($first && $second && $fresh && $other && $single && $index && $moved, 'an item of each kind') or BAIL_OUT('no such table');
my $file = table_file($node, 'f');
my $toast_file = table_file($node, value(q{SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'f'::regclass}));
my $want = value('SELECT md5(string_agg(f::text, E\'\n\' ORDER BY id)) FROM f');
$node->stop;
my %pristine = map { $_ => slurp_file($_) } $file, $toast_file;

sub start_with
{
	my ($path, $bytes) = @_;
	open(my $fh, '>', $path) or die;
	binmode $fh;
	print $fh $bytes;
	close $fh;
	$node->start;
	return;
}

# CRC-32C
my @crc = map { my $c = $_; $c = $c & 1 ? 0x82f63b78 ^ ($c >> 1) : $c >> 1 for 1 .. 8; $c } 0 .. 255;
sub crc32c
{
	my $c = 0xffffffff;
	$c = $crc[ ($c ^ $_) & 255 ] ^ ($c >> 8) for unpack('C*', $_[0]);
	return $c ^ 0xffffffff;
}

# The file's bytes with the checksum of the item at an offset put right; the
# tuple's key and the item's length stand before it.
sub sealed
{
	my ($bytes, $at) = @_;
	my $len = (unpack('V', substr($bytes, $at - 4, 4)) >> 2) - 4;
	substr($bytes, $at + 8, 4) = pack('V', 0);
	substr($bytes, $at + 8, 4) = pack('V', crc32c(substr($bytes, $at - 12, 8) . substr($bytes, $at, $len)));
	return $bytes;
}

# Offset of an item in the TOAST table's file
sub place_of
{
	my ($item) = @_;
	my %code = (rows => 1, chunk => 2, index => 4, moved => 5);
	my $pages = int((($item->{bytes} || 0) + 8167) / 8168);
	my $bytes = $item->{kind} eq 'rows'
		? pack('VQ<', 0, $item->{row})
		: pack('VVV', $item->{first}, $pages, $item->{bytes});
	my $at = index($pristine{$toast_file}, $bytes);
	die "item $item->{item} not found" if $at < 0;
	return $at - ($item->{kind} eq 'rows' ? 12 : 16);
}

# Other bytes at an offset of an item, and what flow.check() says of it
sub directory_case
{
	my ($item, $off, $bytes, $like, $name) = @_;
	my $damaged = $pristine{$toast_file};
	substr($damaged, place_of($item) + $off, length $bytes) = $bytes;
	start_with($toast_file, $off == 8 ? $damaged : sealed($damaged, place_of($item)));
	my ($rc, $out, $err) = $node->psql('postgres', q{SELECT item, kind, problem FROM flow.check('f') ORDER BY 1, 3});
	like("$out\n$err", $like, $name);
	is($rc, 0, "$name: a row, not an error");
	$node->stop;
	return;
}

directory_case($fresh, 16, pack('V', $other->{first}), qr/^$other->{item}\|chunk\|its extent overlaps that of item $fresh->{item}$|^$fresh->{item}\|chunk\|its extent overlaps that of item $other->{item}$/m, 'two extents overlap');
directory_case($fresh, 16, pack('V', 100_000), qr/^$fresh->{item}\|chunk\|its extent of \d+ pages ends behind the file$/m, 'an extent outside of the file');
directory_case($fresh, 56, pack('V', $other->{row}), qr/\|chunk\|row number \d+ is in item \d+, too$/m, 'one row in two items');
directory_case($fresh, 48, pack('Q<', 0), qr/^$fresh->{item}\|chunk\|row \d+ is beyond the times that the directory gives$/m, 'wrong bounds of time');
directory_case($fresh, 40, pack('Q<', 0), qr/^$fresh->{item}\|chunk\|its times are not those of its partition$/m, 'times of another partition');
directory_case($fresh, 30, "\x07", qr/^$fresh->{item}\|\|a CHUNK item has an unknown level\n.*NOTICE:  the directory of flowstore table "f" knows of rows that are gone.*1 deleted and 0 moved rows/ms, 'an unknown level, and a deletion without its row');
directory_case($fresh, 30, "\x02\x00" . pack('V', 999), qr/^$fresh->{item}\|chunk\|its partition has no INDEX item 999$/m, 'a clustered chunk without its index');
directory_case($second, 36, pack('v', 0), qr/\|chunk\|item \d+ is chunk 0 of its set, too$/m, 'two chunks in one place of a set');
directory_case($second, 36, pack('v', 5), qr/^$second->{item}\|chunk\|it is chunk 5 of a set of 2 chunks and 70000 rows$/m, 'a place beyond the set');
directory_case($index, 2, pack('v', 3), qr/^$index->{item}\|index\|the directory gives another number of rows or chunks$/m, 'an index of another set');
directory_case($moved, 32, pack('Q<', 50), qr/^$moved->{item}\|moved\|old row number \d+ is not within the item's bounds$/m, 'bounds of a move map');
directory_case($single, 63, "\xff", qr/^$single->{item}\|rows\|a value of a row exceeds it \(row 0\)$/m, 'a row that cannot be taken apart');
directory_case($single, 34, pack('v', 200), qr/^$single->{item}\|rows\|a row has more columns than the table \(row 0\)$/m, 'a row of too many columns');
directory_case($fresh, 8, "oops", qr/^$fresh->{item}\|\|the checksum of an item is wrong$/m, 'a wrong checksum');
start_with($toast_file, $pristine{$toast_file});
is(value('SELECT md5(string_agg(f::text, E\'\n\' ORDER BY id)) FROM f'), $want, 'put back, all is well');

# One bit in the bytes of a clustered chunk, an index or a map: always noticed
# by flow.check(), never a wrong answer, and skip loses no more than it must.
my $rows = value('SELECT count(*) FROM f');
my $some = join(', ', map { "'10.0.$_.77'" } 0, 4, 8, 12, 16);
my $lists = value(q{SELECT sum(bytes) FROM flow.columns('f') WHERE encoding = 'index lists'});
my $found = value(qq{SELECT count(*) FROM f WHERE a IN ($some)});
my @ids = split /\n/, value('SELECT id, a, v FROM f');
my %want = map { my ($id) = split /\|/; ($id => $_) } @ids;
$node->stop;
my (@unnoticed, @wrong, @odd, @lossy);
my ($listless, $lost) = (0, 0);
srand(11);
for my $item ($first, $second, $index, $moved)
{
	my $n = $item == $index ? 24 : 8;
	for my $i (1 .. $n)
	{
		my $off = $i <= 3 ? (0, 14, 40)[ $i - 1 ] : int(rand($item->{bytes}));
		$off = $item->{bytes} - 1 - int(rand($lists)) if $i > 8;	# lists are last
		my $at = ($item->{first} + int($off / 8168)) * 8192 + 24 + $off % 8168;
		my $what = "$item->{kind} byte $off";
		my $damaged = $pristine{$file};
		substr($damaged, $at, 1) = chr(ord(substr($damaged, $at, 1)) ^ (1 << int(rand(8))));
		start_with($file, $damaged);
		push @unnoticed, $what
			if value(qq{SELECT count(*) FROM flow.check('f') WHERE item = $item->{item} AND kind = '$item->{kind}' AND first_block = $item->{first}}) == 0;
		my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT id, a, v FROM f;");
		push @odd, "$what: $err" unless $rc == 0 || $err =~ /ERROR:  XX001: .*flowstore table "f"/;
		push @wrong, $what if $err eq '' && grep { my ($id) = split /\|/; ($want{$id} // '') ne $_ } split /\n/, $out;
		# all rows that can be read, and no others
		($rc, $out, $err) = $node->psql('postgres', "SET flowstore.on_corrupt_chunk = skip; SELECT id, a, v FROM f;");
		my @got = split /\n/, $out;
		push @odd, "$what, skip: $err" if $rc != 0;
		push @wrong, "$what, skip" if grep { my ($id) = split /\|/; ($want{$id} // '') ne $_ } @got;
		push @lossy, "$what: " . scalar(@got) if @got < $rows - 70000;
		$lost++ if @got < $rows;
		push @odd, "$what: rows lost in silence" if @got < $rows && $err !~ /WARNING/;
		# lists that cannot be read are done without
		my ($rc2, $out2, $err2) = $node->psql('postgres', "SET flowstore.on_corrupt_chunk = skip; SELECT count(*) FROM f WHERE a IN ($some);");
		push @odd, "$what, lists: $err2" if $rc2 != 0;
		push @wrong, "$what, lists: $out2 of $found" if $out2 > $found || (@got == $rows && $out2 != $found);
		$listless++ if @got == $rows && $item == $index && $err2 =~ /WARNING/;
		$node->stop;
	}
	start_with($file, $pristine{$file});
	$node->stop;
}
is("@unnoticed", '', 'flow.check() notices each bit, and names the item');
is("@wrong", '', 'never a wrong row');
is(join("\n", @odd), '', 'every failure says so');
is("@lossy", '', 'what is not in the set is never lost');
cmp_ok($lost, '>', 0, "rows whose values are damaged are skipped ($lost times)");
cmp_ok($listless, '>', 0, "damaged lists are done without ($listless times)");

# The metapage is not needed to find damage
my $meta = $pristine{$file};
substr($meta, 24 + 64, 1) = chr(ord(substr($meta, 24 + 64, 1)) ^ 1);
start_with($file, $meta);
is(value(q{SELECT kind, first_block, problem FROM flow.check('f')}), 'metapage|0|its checksum is wrong', 'a damaged metapage');
$node->stop;

# An index that is not there at all
my $damaged = $pristine{$file};
substr($damaged, $index->{first} * 8192, 8192) = "\0" x 8192;
start_with($file, $damaged);
my ($rc, $out, $err) = $node->psql('postgres', q{SELECT count(*) FROM f WHERE a = '10.0.0.77'});
like($err, qr/ERROR: .*flowstore table "f"/, 'an index of zeroes is an error');
is($node->safe_psql('postgres', q{SET client_min_messages = error; SET flowstore.on_corrupt_chunk = skip; SELECT count(*) FROM f WHERE length(v) >= 0}), $rows - 70000, 'with skip the other partitions answer');
is($node->safe_psql('postgres', q{SELECT count(id) FROM f}), $rows, 'and so do columns that need no values of the index');
$node->stop;
start_with($file, $pristine{$file});

# Expiry leaves nothing to complain about, and nothing behind
($rc, $out, $err) = $node->psql('postgres', q{SELECT flow.set('f', max_rows => 1000, slack => 0); SELECT rows FROM flow.expire('f'); SELECT count(*) FROM flow.check('f')});
like($out, qr/^0$/m, 'after expiry there is no damage');
is($err, '', 'and no notice');
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|signal 11/, 'no crash');

done_testing();
