# A private server with the tables of queries.sql, in all their schemas.
package Twins;

use strict;
use warnings;
use Clause;
use Server;

# schema => how its tables are filled; all but heap are twins of it
our @schemas = ([ heap => 'at_once' ], [ fresh => 'at_once' ], [ clustered => 'clustered' ], [ mixed => 'mixed' ],
	[ parts => 'parts' ], [ evolved => 'evolved' ], [ parted => 'parted' ], [ ranged => 'ranged' ], [ listed => 'listed' ]);
our @twins = map { $_->[0] } @schemas[1 .. $#schemas];

sub new
{
	my ($class, %arg) = @_;
	my $server = Server->new(keep => $arg{keep}, initdb => '--lc-collate=C.UTF-8 --lc-ctype=C.UTF-8',
		conf => "shared_preload_libraries = 'flowstore'\nflowstore.worker = off\nmax_worker_processes = 32\n"
			. "max_parallel_workers = 16\ntimezone = UTC\n" . ($arg{conf} // ''));
	my $self = bless { server => $server, dir => $server->{dir}, db => $server->database(text_of('twin.sql')), rows => $arg{rows} }, $class;
	my $s = $self->session;
	must($s, text_of('queries.sql'));
	must($s, "CALL q.init($arg{rows}, $arg{seed})");
	for (@schemas)
	{
		my ($name, $fill) = @$_;
		my $am = $name eq 'heap' ? 'heap' : 'flowstore';
		must($s, "CALL q.create('$name', '$am'); SET search_path = $name, q, public; CALL q.fill_$fill(); CALL q.finish()");
		must($s, 'VACUUM ANALYZE t') if $name =~ /mixed|parts/;
	}
	for my $c (@columns)
	{
		$Clause::samples{$c} = [ split /\x01/, must($s, "SELECT string_agg(v, E'\\x01') FROM (SELECT v FROM (SELECT DISTINCT"
			. " $c\::text COLLATE \"C\" AS v FROM heap.t) x WHERE length(v) < 60 ORDER BY hashtext(v) LIMIT 60) x") ];
	}
	# the kill switches that this server has
	$self->{switches} = [ split /\n/, must($s, "SELECT name FROM pg_settings WHERE name LIKE 'flowstore.enable\\_%' ORDER BY name") ];
	$s->close;
	$self->verify;
	return $self;
}

sub text_of { my ($file) = @_; local (@ARGV, $/) = "$FindBin::RealBin/$file"; return scalar <>; }

# An open session with the settings that all queries have.
sub session
{
	my ($self) = @_;
	my $s = $self->{server}->session($self->{db}, timeout => 120);
	must($s, 'SET extra_float_digits = -3; SET client_min_messages = error; SET jit = off; SET check_function_bodies = off');
	return $s;
}

sub must
{
	my ($s, $sql) = @_;
	my ($out, $state) = $s->ask("\\set VERBOSITY verbose\n$sql");
	die "$s->{messages}in: " . substr($sql, 0, 300) . "\n" if $state;
	return $out;
}

# Dies unless all schemas hold the rows that they were made with.
sub verify
{
	my ($self) = @_;
	my $s = $self->session;
	for my $name (@twins)
	{
		for my $scan (qw(on off))
		{
			my $diff = must($s, "SET flowstore.enable_scan = $scan; SELECT n, heap_only, flow_only FROM twin.diff('heap.t', '$name.t')");
			die "the tables of schema $name, FlowScan $scan: rows, rows only in heap, rows only there are $diff\n" if $diff ne "$self->{rows}|0|0";
		}
	}
	$s->close;
	return;
}

# What the log says of a crash, or nothing.
sub crashes
{
	my ($self) = @_;
	my $log = $self->{server}->log_tail;
	$log =~ s/^.*terminating connection due to.*\n//mg;
	return $log =~ /PANIC|TRAP|signal \d/ ? $log : '';
}

1;
