# Clusters for the pages: one is made and filled, and each page gets a copy, since it may do with its server what it likes.
package Server;

use strict;
use warnings;
use File::Path qw(make_path);

our $day = '2026-03-01';
our $source;		# the tree
our $next_day = '2026-03-02';

# Runs a command; dies with what it has said if it fails.
sub must
{
	my (@command) = @_;
	open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "could not start $command[0]: $!\n";
	my $said = join '', <$out>;
	close $out or die join(' ', @command) . " failed:\n$said";
	return $said;
}

# What the programs of a page find in their environment.
sub environment
{
	my ($dir, $bin) = @_;
	my %env = (PATH => "$bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME => "$dir/page", LC_ALL => 'C.UTF-8',
		PGHOST => $dir, PGPORT => 5432, PGUSER => 'postgres', PGDATABASE => 'net', PGDATA => "$dir/data", PGTZ => 'UTC',
		PGCLIENTENCODING => 'UTF8', SOURCE => $source);
	%ENV = (%env, map { $_ => $ENV{$_} } grep { defined $ENV{$_} } qw(TMPDIR SMALL_DISK));
	return;
}

sub configure
{
	my ($dir) = @_;
	open my $conf, '>>', "$dir/data/postgresql.auto.conf" or die "could not write the configuration: $!\n";
	print $conf "unix_socket_directories = '$dir'\n";
	close $conf;
	return;
}

sub start
{
	my ($dir) = @_;
	must('sh', '-c', 'pg_ctl -w -t 60 -D "$1/data" -l "$1/server.log" start || { tail "$1/server.log"; exit 1; }', 'sh', $dir);
	return;
}

sub stop  { my ($dir) = @_; must('pg_ctl', '-w', '-t', 60, '-m', 'fast', '-D', "$dir/data", 'stop'); return; }

# The filled cluster in DIR/origin: database net, table flows, a day of flows with everything planted that flowgen knows.
sub make_origin
{
	my ($dir, $bin, $rows, $top) = @_;
	my $origin = "$dir/origin";
	make_path("$origin/page", "$dir/made");
	environment($origin, $bin);
	must('initdb', '-D', "$origin/data", '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', '--wal-segsize=1');
	open my $conf, '>>', "$origin/data/postgresql.conf" or die "could not write the configuration: $!\n";
	print $conf map { "$_\n" } "shared_preload_libraries = 'flowstore'", "listen_addresses = ''", 'port = 5432',
		'unix_socket_permissions = 0700', 'fsync = off', 'min_wal_size = 8MB', 'shared_buffers = 64MB', 'max_connections = 50', 'max_worker_processes = 16',
		'wal_level = replica', "timezone = 'UTC'", "lc_messages = 'C'";
	close $conf;
	configure($origin);
	start($origin);
	must('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', 'CREATE DATABASE net',
		'-c', "ALTER DATABASE net SET flowstore.now = '$next_day 00:00:00+00'");
	must('sh', '-c', q{
		set -e
		psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION flowstore' \
			-c "SELECT FROM flow.create_table('flows', '{tls,dns,http,payload}')"
		columns=$(flowgen --groups tls,dns,http,payload --ddl | tr , '\n' | awk 'NF { print $1 }' | paste -sd ,)
		flowgen -n "$1" --groups tls,dns,http,payload --attacks all --start "$2 00:00:00+00" >rows
		psql -X -q -v ON_ERROR_STOP=1 -c "\\copy flows ($columns) from 'rows'" -c "SELECT FROM flow.optimize('flows')" \
			-c 'VACUUM ANALYZE flows'
		rm rows}, 'sh', $rows, $day);
	must('sh', '-c', q{psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$1" >"$2"}, 'sh', q{
		SELECT 'flow.' || proname FROM pg_proc WHERE pronamespace = 'flow'::regnamespace
		UNION SELECT 'flow.' || relname FROM pg_class WHERE relnamespace = 'flow'::regnamespace
		UNION SELECT 'flow.' || typname FROM pg_type WHERE typnamespace = 'flow'::regnamespace
		UNION SELECT name FROM pg_settings WHERE name LIKE 'flowstore.%'
		UNION SELECT 'flowstore.' || name FROM flow.options('flows')
		UNION SELECT 'option ' || name || ' ' || default_value FROM flow.options('flows')
		UNION SELECT 'setting ' || name || ' ' || CASE unit WHEN 'kB' THEN CASE WHEN boot_val::int > 0 THEN boot_val::int / 1024 || 'MB' ELSE boot_val END
			WHEN 'ms' THEN boot_val::int / 1000 || 's' ELSE boot_val END
			FROM pg_settings WHERE name LIKE 'flowstore.%'}, "$dir/made/catalog");
	must('sh', '-c', '"$1" "$3/docs/make_reference.pl" --test >"$2" 2>"$2.faults" || [ -s "$2.faults" ]', 'sh', $^X, "$dir/made/reference", $top);
	stop($origin);
	return;
}

# Is docs/reference.md what the catalog of the origin has, and does each object have a comment?
sub is_reference
{
	my ($dir, $top) = @_;
	my $differs = `diff -u "$top/docs/reference.md" "$dir/made/reference" | head -n 40`;
	my $faults = `cat "$dir/made/reference.faults"`;
	return ($differs eq '' && $faults eq '', 'docs/reference.md is what docs/make_reference.pl makes, and each object has a comment',
		"$faults$differs");
}

# A copy of it for one page, running, in DIR/NAME; its folder page/ is where the page's programs run.
sub make_copy
{
	my ($dir, $bin, $name) = @_;
	my $home = "$dir/$name";
	make_path("$home/page");
	environment($home, $bin);
	must('cp', '-a', "$dir/origin/data", "$home/data");
	configure($home);
	start($home);
	chdir "$home/page" or die "could not enter $home/page: $!\n";
	return $home;
}

1;
