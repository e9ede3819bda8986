# ALTER EXTENSION flowstore UPDATE makes of every released version what CREATE
# EXTENSION makes of the newest, and tables, options and answers stay.
# Without this test: an upgrade script that forgets a comment or a privilege.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(dirname($FindBin::RealBin));
my $programs = "$top/test/upgrade";
my %config;
for my $name (qw(bindir sharedir pkglibdir))
{
	chomp($config{$name} = qx{@{[ $ENV{PG_CONFIG} // 'pg_config' ]} --$name});
}

sub run_or_die
{
	my ($command) = @_;
	my $out = qx{$command};
	die "$command: status $?\n" if $?;
	chomp $out;
	return $out;
}

# An installation of one's own: PostgreSQL finds extensions only beside its programs, and those relative to the one that was started.
my $root = PostgreSQL::Test::Utils::tempdir();
sub install
{
	my ($bin, $share, $lib) = map { "$root$config{$_}" } qw(bindir sharedir pkglibdir);
	make_path($bin, $share, "$share/extension", $lib);
	run_or_die("cp -RL '$config{bindir}/.' '$bin/'");
	symlink $_, "$lib/" . basename($_) for glob "$config{pkglibdir}/*";
	symlink $_, "$share/" . basename($_) for grep { !m{/extension$} } glob "$config{sharedir}/*";
	symlink $_, "$share/extension/" . basename($_) for grep { !m{/flowstore[^/]*$} } glob "$config{sharedir}/extension/*";
	return "$share/extension";
}

# The SQL of the source, of the released versions, and of the version that next.sh makes of the source.
sub make_versions
{
	my ($extension) = @_;
	my $next_tree = "$root/next";
	my $files = 'Makefile world.mk flowstore.control schema';
	mkdir $next_tree;
	run_or_die("cd '$top' && cp -r $files '$next_tree'");
	my $next = run_or_die("sh '$programs/next.sh' '$next_tree'");
	my $current = $next =~ s/\.(\d+)$/'.' . ($1 - 1)/er;
	mkdir "$root/current";
	run_or_die("cd '$top' && cp -r $files '$root/current'");
	for my $made ([ 'current', $current ], [ 'next', $next ])
	{
		my ($tree, $version) = @$made;
		unlink glob "$root/$tree/flowstore--*.sql";
		run_or_die("make -s -C '$root/$tree' PG_CONFIG='$config{bindir}/pg_config' flowstore--$version.sql");
		run_or_die("cp '$root/$tree/flowstore--$version.sql' '$root/$tree/flowstore.control' '$extension/'");
	}
	run_or_die("cp '$_' '$extension/'") for glob "$next_tree/schema/upgrade/*.sql";
	my @released;
	for my $file (glob "$top/test/golden/sql/flowstore--*.sql")
	{
		my ($version) = $file =~ /--([\d.]+)\.sql$/ or die $file;
		push @released, $version;
		run_or_die("cp '$file' '$extension/'") if $version ne $current;
	}
	return ($current, $next, @released);
}

my $extension = install();
my ($current, $next, @released) = make_versions($extension);
my $node = PostgreSQL::Test::Cluster->new('upgrade', install_path => dirname("$root$config{bindir}"));
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'flowstore'\nflowstore.worker = off\nautovacuum = off\n");
$node->start;

sub create
{
	my ($db, $version) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "CREATE EXTENSION flowstore VERSION '$version'");
	return;
}

# Everything that the extension's objects are, by name: what pg_dump --binary-upgrade writes
# of each, without numbers, with what configuration tables hold and which rows of it are dumped.
sub objects
{
	my ($db) = @_;
	my $dump = run_or_die("'$root$config{bindir}/pg_dump' --binary-upgrade --schema-only -h '@{[ $node->host ]}' -p @{[ $node->port ]} $db");
	my %object;
	for my $entry (split /(?=^--\n-- Name: )/m, $dump)
	{
		my ($name, $text) = $entry =~ /^--\n-- Name: (.*?; Type: .*?; Schema: .*?);.*?\n--\n\n(.*)/s or next;
		$text =~ s/^-- For binary upgrade, must preserve .*\n(?:^SELECT .*binary_upgrade.*\n)+\n*//mg;
		$text =~ s/^-- For binary upgrade, set (?:heap|toast)'s relfrozenxid.*?;\n\n*//msg;
		$text =~ s/^SELECT pg_catalog\.binary_upgrade_(?!create_empty_extension).*\n//mg;
		$text =~ s/'\Q$_\E'/'VERSION'/g for $current, $next, @released;
		# numbers of the configuration tables, which are asked for below
		$text =~ s/'\{[\d,]+\}'/NUMBERS/;
		$text =~ s/^--\n-- PostgreSQL database dump complete.*//ms;
		$object{$name} .= $text;
	}
	$object{configuration} = $node->safe_psql($db, q{
		SELECT t::regclass, c FROM pg_extension, unnest(extconfig, extcondition) u(t, c) WHERE extname = 'flowstore' ORDER BY t::regclass::text});
	for my $table (split /\n/, $node->safe_psql($db, q{
		SELECT objid::regclass FROM pg_depend JOIN pg_class c ON c.oid = objid JOIN pg_extension e ON e.oid = refobjid
		WHERE classid = 'pg_class'::regclass AND deptype = 'e' AND extname = 'flowstore' AND relkind = 'r' ORDER BY 1}))
	{
		$object{"rows of $table"} = $node->safe_psql($db, "SELECT t::text FROM $table t ORDER BY 1");
	}
	return \%object;
}

# Names of what differs.
sub differences
{
	my ($one, $other) = @_;
	my %all = (%$one, %$other);
	return grep { ($one->{$_} // '') ne ($other->{$_} // '') } sort keys %all;
}

sub same_objects
{
	my ($got, $want, $what) = @_;
	my @different = differences($got, $want);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is("@different", '', $what);
	diag("--- $_\n" . ($got->{$_} // '(nothing)') . "\n--- should be\n" . ($want->{$_} // '(nothing)')) for @different;
	return;
}

sub answers
{
	my ($db) = @_;
	return $node->safe_psql($db, slurp_file("$programs/answers.sql"));
}

# An update of a database that is in use, from one version to another, and a dump of it.
sub check_update
{
	my ($from, $to, $fresh) = @_;
	my $db = "used_$from\_to_$to" =~ tr/./_/r;
	my $bare = "bare_$from\_to_$to" =~ tr/./_/r;
	create($_, $from) for $db, $bare;
	load_twin($node, $db);
	$node->safe_psql($db, slurp_file("$programs/fill.sql"));
	my $before = answers($db);
	like($before, qr/^twins\|50000\|0\|0$/m, "$from: filled, with the newest library");
	$node->safe_psql($_, "ALTER EXTENSION flowstore UPDATE TO '$to'") for $db, $bare;
	same_objects(objects($bare), $fresh, "$from to $to: the objects are those of a new $to");
	is(answers($db), $before, "$from to $to: the answers stay");
	$node->safe_psql($db, 'INSERT INTO flows (ts, bytes) VALUES (now(), -1); DELETE FROM flows WHERE bytes = -1; SELECT flow.optimize(\'flows\')');
	is($node->safe_psql($db, 'SELECT count(*) FROM flow.check(\'flows\')'), 0, "$from to $to: changes work");

	my $copy = "copy_$from\_to_$to" =~ tr/./_/r;
	$node->safe_psql('postgres', "CREATE DATABASE $copy");
	my @connect = ('-h', $node->host, '-p', $node->port);
	run_or_die("'$root$config{bindir}/pg_dump' -Fc @connect $db | '$root$config{bindir}/pg_restore' -e @connect -d $copy");
	is($node->safe_psql($copy, "SELECT extversion FROM pg_extension WHERE extname = 'flowstore'"), $next, "$from to $to: a dump is restored with the newest");
	is(answers($copy), $before, "$from to $to: the answers of the restored dump");

	$node->safe_psql($bare, 'DROP EXTENSION flowstore; DROP SCHEMA flow');
	return;
}

create('fresh_next', $next);
create('fresh_current', $current);
my $fresh_next = objects('fresh_next');
my $fresh_current = objects('fresh_current');
cmp_ok(scalar(keys %$fresh_current), '>', 500, 'objects of a fresh installation');

# The releases to the version of the source, which may be one of them, and on to the next.
for my $version (grep { $_ ne $current } @released)
{
	check_update($version, $current, $fresh_current);
	check_update($version, $next, $fresh_next);
}
check_update($current, $next, $fresh_next);

# What each line of the script is good for: without it the comparison finds something.
my $script = "$extension/flowstore--$current--$next.sql";
my $good = slurp_file($script);
sub without
{
	my ($name, $pattern, $replacement, @expected) = @_;
	my $bad = $good =~ s/$pattern/$replacement/r;
	isnt($bad, $good, "$name: the script is another one");
	my $db = "without_" . $name =~ tr/ /_/r;
	create($db, $current);
	open my $out, '>', $script or die;
	print $out $bad;
	close $out;
	$node->safe_psql($db, "ALTER EXTENSION flowstore UPDATE TO '$next'");
	is(join("\n", differences(objects($db), $fresh_next)), join("\n", @expected), "$name: it is found");
	$node->safe_psql('postgres', "DROP DATABASE $db");
	return;
}
without('body', qr/HINT = 'Name one/, "HINT = 'Name a table", 'relation(regclass); Type: FUNCTION; Schema: flow');
without('comment', qr/COMMENT ON FUNCTION flow.next_power.*?;/s, '', 'FUNCTION next_power(value bigint); Type: COMMENT; Schema: flow');
without('strictness', qr/IMMUTABLE STRICT/, 'IMMUTABLE', 'next_power(bigint); Type: FUNCTION; Schema: flow');
without('privilege', qr/REVOKE .*?;/s, '', 'FUNCTION next_note(relation regclass, note text); Type: ACL; Schema: flow');
without('policy', qr/CREATE POLICY .*?;/s, '', 'next_note reader; Type: POLICY; Schema: flow');
without('index', qr/CREATE INDEX .*?;/s, '', 'next_note_relation_idx; Type: INDEX; Schema: flow');
without('dump', qr/SELECT pg_catalog.pg_extension_config_dump.*?;/s, '', 'configuration', 'flowstore; Type: EXTENSION; Schema: -');
without('row', qr/INSERT INTO flow.service .*?;/s, '', 'rows of flow.service');
without('column', qr/ADD COLUMN note text/, 'ADD COLUMN note varchar', 'service; Type: TABLE; Schema: flow');

# From a release on, its SQL is frozen: what check_release.sh says of a tree that is released, then changed, then of a next version.
my $tree = "$root/release";
my @kept = qw(CHANGELOG.md Makefile world.mk flowstore.control schema debian collector test);
push @kept, 'cli' if -d "$top/cli";
mkdir $tree;
run_or_die("cd '$top' && cp -r @kept '$tree'");
run_or_die("rm -rf '$tree'/test/golden/sql '$tree'/schema/upgrade");
sub complaints
{
	return scalar qx{sh '$tree/test/check_release.sh' 2>&1};
}
sub edit
{
	my ($file, $change) = @_;
	my $text = slurp_file("$tree/$file");
	$_ = $text;
	$change->();
	isnt($_, $text, "$file: edited");
	open my $out, '>', "$tree/$file" or die;
	print $out $_;
	close $out;
	return $text;
}
my $release = (slurp_file("$tree/CHANGELOG.md") =~ /^## ([\d.]+), /m)[0];
is(complaints(), '', 'before a release all may change');
edit('CHANGELOG.md', sub { s/^## \Q$release\E, .*/## $release, 2030-01-01/m });
like(complaints(), qr/is released, but test\/golden\/sql has no SQL of \Q$current\E/, 'a release without its SQL is refused');
run_or_die("sh '$tree/test/golden/freeze_sql.sh'");
is(complaints(), '', 'a release with its SQL');
my $schema = edit('schema/base.sql', sub { s/HINT = 'Name a table/HINT = 'Name the table/ });
like(complaints(), qr/^schema: \Q$current\E is released; give flowstore.control the next version/m, 'a change of what is released is refused');
edit('schema/base.sql', sub { $_ = $schema });
run_or_die("sh '$programs/next.sh' '$tree'");
for my $file (map { s{^\Q$tree\E/}{}r } grep { -f } "$tree/debian/changelog", glob("$tree/collector/{Makefile,*.8}"), glob("$tree/cli/{Makefile,*.1}"))
{
	edit($file, sub { s/\b\Q$release\E\b/$next/ });
}
edit('CHANGELOG.md', sub { s/^(?=## )/## $next, unreleased\n\n/m });
is(complaints(), '', 'the next version');
my $upgrade = "flowstore--$current--$next.sql";
rename "$tree/schema/upgrade/$upgrade", "$tree/kept.sql" or die;
like(complaints(), qr/^schema\/upgrade: no way from \Q$current\E to \Q$next\E$/m, 'a next version without an upgrade script is refused');
rename "$tree/kept.sql", "$tree/schema/upgrade/$upgrade" or die;
edit("test/golden/sql/flowstore--$current.sql", sub { s/HINT = 'Name a table/HINT = 'Name the table/ });
like(complaints(), qr/the SQL of a released version has changed/, 'what is frozen cannot be edited');

$node->stop;
done_testing();
