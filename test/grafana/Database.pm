# The database that dashboards are asked against: made, filled, connected to as Grafana does, and removed.
package Database;
use strict;
use warnings;
use DBI;
use File::Basename qw(dirname);
use POSIX qw(strftime);

my $groups = 'tls,dns,http,payload';
my $here = dirname(__FILE__);

# new(NAME, TOP): NAME is also the role's
sub new
{
	my ($class, $name, $top) = @_;
	return bless { name => $name, role => "$name reader", top => $top, made => 0 }, $class;
}

sub connection
{
	my ($self, $role, $database) = @_;
	my $dbh = DBI->connect("dbi:Pg:dbname='$database'", $role, undef,
		{ RaiseError => 1, PrintError => 0, AutoCommit => 1, pg_server_prepare => 0, pg_enable_utf8 => 1 });
	$dbh->do('SET client_min_messages = warning');
	return $dbh;
}

sub owner { my ($self) = @_; return $self->{owner} //= $self->connection($ENV{PGUSER} // 'postgres', $self->{name}); }
sub reader { my ($self) = @_; return $self->{reader} //= $self->connection($self->{role}, $self->{name}); }

sub admin { my ($self) = @_; return $self->connection($ENV{PGUSER} // 'postgres', 'postgres'); }

# An empty installation: the extension, a table without rows, a role.
sub make
{
	my ($self) = @_;
	my $admin = $self->admin();
	$admin->do('CREATE DATABASE ' . $admin->quote_identifier($self->{name}));
	$self->{made} = 1;
	$admin->do('ALTER DATABASE ' . $admin->quote_identifier($self->{name}) . ' SET timezone = \'UTC\'');
	my $owner = $self->owner();
	$owner->do('CREATE EXTENSION flowstore');
	$owner->do("SELECT flow.create_table('flows', '{$groups}')");
	$owner->do('SELECT flow.create_reader(?)', undef, $self->{role});
	return;
}

# Three tenths of the rows lie in the 29 days before the last one, with attacks in that, all until now.
sub fill
{
	my ($self, $rows) = @_;
	my $now = time;
	my @parts = ([ int($rows * 0.3), 696, $now - 720 * 3600, 2, 'none' ], [ int($rows * 0.7), 24, $now - 24 * 3600, 1, 'all' ]);
	my $flowgen = "$self->{top}/test/gen/flowgen";
	my $ddl = qx($flowgen --ddl --groups $groups);
	my $columns = join ',', $ddl =~ /^\s*\(?\s*(\w+) /mg;
	my $owner = $self->owner();
	for my $part (@parts)
	{
		my ($n, $hours, $start, $seed, $attacks) = @$part;
		my $from = strftime('%Y-%m-%d %H:%M:%S+00', gmtime $start);
		my @command = ($flowgen, '-n', $n, '--hours', $hours, '--start', $from, '--seed', $seed, '--attacks', $attacks, '--groups', $groups);
		open my $in, '-|', @command or die "could not run flowgen: $!\n";
		$owner->do("COPY flows ($columns) FROM STDIN");
		while (read $in, my $block, 1 << 20) { $owner->pg_putcopydata($block); }
		$owner->pg_putcopyend();
		close $in or die "flowgen failed\n";
	}
	$owner->do("SELECT flow.optimize('flows')");
	$owner->do('ANALYZE flows');
	for my $file (sort glob "$here/data/*.sql") { $self->run_file($file); }
	return;
}

sub run_file
{
	my ($self, $file) = @_;
	open my $in, '<', $file or die "could not read $file: $!\n";
	local $/;
	my $sql = <$in>;
	local $@;
	eval { $self->owner()->do($sql); 1 } or die "$file: $@";
	return;
}

# The rollups that dashboards read, all up to date.
sub roll_up
{
	my ($self) = @_;
	my $owner = $self->owner();
	$owner->do("SELECT flow.create_traffic_rollups('flows')");
	my $names = $owner->selectcol_arrayref('SELECT DISTINCT format(\'%I.%I\', schema_name, name) FROM flow.rollups');
	$owner->do('SELECT flow.refresh_rollup(?)', undef, $_) for @$names;
	my $levels = $owner->selectcol_arrayref('SELECT rows::text FROM flow.rollups');
	$owner->do("SELECT flow.optimize('$_')") for @$levels;
	$owner->do('ANALYZE');
	$owner->do('SELECT flow.create_reader(?)', undef, $self->{role});
	return;
}

# One query in the simple protocol: { names, types, rows, seconds } or { error }.
sub ask
{
	my ($self, $sql) = @_;
	my $dbh = $self->reader();
	my $begin = clock();
	my %result;
	local $@;
	eval {
		my $sth = $dbh->prepare($sql, { pg_direct => 1 });
		$sth->execute();
		%result = (names => [ @{ $sth->{NAME} } ], types => [ @{ $sth->{pg_type} } ], rows => $sth->fetchall_arrayref());
		1;
	} or $result{error} = $@ =~ s/ at \S+ line \d+\.?\s*\z//r;
	$result{seconds} = clock() - $begin;
	return \%result;
}

sub clock { require Time::HiRes; return Time::HiRes::time(); }

# Pages of the table that one query reads, without parallel workers, as a part of all.
sub share_read
{
	my ($self, $sql) = @_;
	my $owner = $self->owner();
	my ($path) = $self->reader()->selectrow_array('SHOW search_path');
	my $share = 0;
	local $@;
	eval {
		$owner->begin_work();
		$owner->do("SET LOCAL search_path = $path");
		$owner->do('SET LOCAL max_parallel_workers_per_gather = 0');
		my $sth = $owner->prepare($sql, { pg_direct => 1 });
		$sth->execute();
		$sth->fetchall_arrayref();
		($share) = $owner->selectrow_array(
			q(SELECT pg_stat_get_xact_blocks_fetched('flows'::regclass)::float8 / greatest(1, pg_relation_size('flows') / 8192)));
		1;
	};
	$owner->rollback();
	return $share;
}

sub remove
{
	my ($self) = @_;
	return unless $self->{made};
	$_->disconnect() for grep { defined } @$self{qw(owner reader)};
	my $admin = $self->admin();
	my ($name, $role) = map { $admin->quote_identifier($_) } @$self{qw(name role)};
	$admin->do("DROP DATABASE $name WITH (FORCE)");
	$admin->do("DROP ROLE IF EXISTS $role");
	return;
}

1;
