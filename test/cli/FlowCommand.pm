# Runs the command flow, in pipes or on a terminal, and asks the database beside it.
package FlowCommand;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP;
our @EXPORT = qw(flow flow_with on_terminal sql sql_rows json_of csv_of slurp spew $FLOW $TMP @DAY);

our $FLOW = $ENV{FLOW};
our $TMP = $ENV{FLOW_TMP};
# the day of the generated flows
our @DAY = ('--now', '2026-03-02');

sub slurp
{
	my ($file) = @_;
	open(my $in, '<:raw', $file) or die "$file: $!";
	local $/;
	return scalar <$in>;
}

sub spew
{
	my ($file, $text) = @_;
	open(my $out, '>:raw', $file) or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
}

# flow ARGUMENT...: status, standard output and standard error, in bytes; a signal is 128 and its number.
sub flow { return flow_with({}, @_) }

# The same with variables of the environment; one that is undef is unset.  Key in: text for standard input.
sub flow_with
{
	my ($environment, @arguments) = @_;
	my %settings = %$environment;
	my $in = delete $settings{in};
	my @files = map { "$TMP/run.$$.$_" } qw(in out err);
	spew($files[0], defined $in ? $in : '');
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if ($pid == 0)
	{
		for (keys %settings)
		{
			if (defined $settings{$_}) { $ENV{$_} = $settings{$_} }
			else { delete $ENV{$_} }
		}
		open(STDIN, '<', $files[0]);
		open(STDOUT, '>', $files[1]);
		open(STDERR, '>', $files[2]);
		exec('timeout', '60', $FLOW, @arguments) or exit 126;
	}
	waitpid($pid, 0);
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($status, slurp($files[1]), slurp($files[2]));
}

sub quote
{
	my ($text) = @_;
	$text =~ s/'/'\\''/g;
	return "'$text'";
}

# On a terminal of so many columns: status and all that the terminal got.
sub on_terminal
{
	my ($columns, $environment, @arguments) = @_;
	my $command = "stty cols $columns rows 40 2>/dev/null; exec timeout 60 "
		. join(' ', map { quote($_) } 'env', (map { defined $environment->{$_} ? "$_=$environment->{$_}" : "-u$_" } sort keys %$environment), $FLOW, @arguments);
	my $file = "$TMP/terminal.$$";
	my $status = system("script -qec " . quote($command) . " /dev/null </dev/null >" . quote($file) . " 2>&1");
	my $text = slurp($file);
	$text =~ s/\r\n/\n/g;
	return ($status >> 8, $text);
}

sub psql
{
	my ($database, @arguments) = @_;
	my @command = ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, @arguments);
	open(my $from, '-|', @command) or die "psql: $!";
	local $/;
	my $text = <$from>;
	close $from or die "psql failed: @arguments\n";
	$text =~ s/\n\z//;
	return $text;
}

# The answer to a query, without its last newline; in the database of the test, or another.
sub sql
{
	my ($query, $database) = @_;
	return psql($database // $ENV{PGDATABASE}, '-c', $query);
}

sub sql_rows { return map { [split /\|/, $_, -1] } split /\n/, sql(@_) }

# What --json gives.
sub json_of
{
	my ($status, $out, $err) = flow(@_, '--json');
	die "status $status of flow @_: $err" unless $status == 0;
	return JSON::PP->new->utf8->allow_bignum->decode($out);
}

# Rows of CSV by RFC 4180, also with newlines in fields.
sub csv_of
{
	my ($text) = @_;
	my @rows;
	while (length $text)
	{
		my @row;
		while (1)
		{
			if ($text =~ s/\A"((?:[^"]|"")*)"(,|\r?\n)//)
			{
				my ($field, $end) = ($1, $2);
				$field =~ s/""/"/g;
				push @row, $field;
				last if $end ne ',';
			}
			elsif ($text =~ s/\A([^",\r\n]*)(,|\r?\n)//)
			{
				push @row, $1;
				last if $2 ne ',';
			}
			else { die 'no CSV: ' . substr($text, 0, 60) }
		}
		push @rows, \@row;
	}
	return @rows;
}

1;
