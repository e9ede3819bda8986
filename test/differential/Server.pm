# A private server in a temporary directory, on a unix socket only.
package Server;

use strict;
use warnings;
use File::Path 'remove_tree';
use File::Temp 'tempdir';
use Session;

sub new
{
	my ($class, %arg) = @_;
	my $dir = tempdir('flowstore_diff_XXXXXX', TMPDIR => 1);
	my $self = bless { dir => $dir, port => 5432, keep => $arg{keep}, db => 0, pid => $$ }, $class;
	run("initdb -D $dir/data -A trust -N --no-locale -E UTF8 @{[ $arg{initdb} // '' ]} > $dir/initdb.log 2>&1");
	open(my $conf, '>>', "$dir/data/postgresql.conf") or die "could not open postgresql.conf: $!\n";
	print $conf <<"CONF";
listen_addresses = ''
unix_socket_directories = '$dir'
fsync = off
max_prepared_transactions = 20
autovacuum = @{[ $arg{autovacuum} ? 'on' : 'off' ]}
autovacuum_naptime = 1s
allow_in_place_tablespaces = on
jit = off
log_min_messages = warning
lock_timeout = 700ms
shared_buffers = 64MB
max_wal_size = 4GB
@{[ $arg{conf} // '' ]}
CONF
	close $conf;
	$self->start;
	return $self;
}

sub run { system($_[0]) == 0 or die "could not run: $_[0]\n"; return; }

sub start { my ($s) = @_; run("pg_ctl -D $s->{dir}/data -l $s->{dir}/log -w start > /dev/null"); return; }

sub crash
{
	my ($s) = @_;
	run("pg_ctl -D $s->{dir}/data -m immediate stop > /dev/null");
	$s->start;
	return;
}

# True if the server is there; a crashed one is given time to recover.
sub alive
{
	my ($s) = @_;
	for (1 .. 60)
	{
		return 1 if system("pg_isready -q -h $s->{dir}") == 0;
		sleep 1;
	}
	return 0;
}

sub session
{
	my ($s, $db, %opt) = @_;
	return Session->new(host => $s->{dir}, port => $s->{port}, db => $db, %opt);
}

# A new database with the extension and the twin helpers; returns its name.
sub database
{
	my ($s, $twin_sql) = @_;
	my $name = 'diff' . ++$s->{db};
	my $admin = $s->session('postgres');
	my $ask = sub {
		my (undef, $state) = $_[0]->ask($_[1]);
		die "could not prepare the database, SQLSTATE $state: $_[1]\n" if $state;
	};
	if (!$s->{template})
	{
		$ask->($admin, "CREATE TABLESPACE space LOCATION ''");
		$ask->($admin, 'CREATE DATABASE diff_template');
		my $new = $s->session('diff_template');
		$ask->($new, "SET client_min_messages = warning; CREATE EXTENSION flowstore");
		$ask->($new, $twin_sql);
		$ask->($new, q{CREATE FUNCTION twin.volatile_value(anyelement) RETURNS anyelement
			LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN $1; END'});
		$ask->($new, 'CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler');
		$new->close;
		$s->{template} = 1;
	}
	# prepared transactions of the last one would keep it
	if ($s->{current})
	{
		my ($gids) = $admin->ask('SELECT gid FROM pg_prepared_xacts');
		my $old = $s->session($s->{current});
		$old->ask("ROLLBACK PREPARED '$_'") for split /\n/, $gids;
		$old->close;
		$admin->ask("DROP DATABASE $s->{current} WITH (FORCE)");
	}
	$ask->($admin, "CREATE DATABASE $name TEMPLATE diff_template STRATEGY file_copy");
	$admin->close;
	$s->{current} = $name;
	return $name;
}

sub log_tail
{
	my ($s) = @_;
	return join '', grep { /PANIC|TRAP|signal|FATAL/ } split /^/, do { local (@ARGV, $/) = "$s->{dir}/log"; <> };
}

sub DESTROY
{
	my ($s) = @_;
	return unless $s->{pid} == $$;
	system("pg_ctl -D $s->{dir}/data -m immediate stop > /dev/null 2>&1");
	if ($s->{keep}) { print "kept $s->{dir}\n"; }
	else { remove_tree($s->{dir}); }
	return;
}

1;
