# Runs the blocks of one page, in their order, and judges them.
package Blocks;

use strict;
use warnings;
use utf8;
use Exporter 'import';
use Time::HiRes qw(time usleep);

our @EXPORT_OK = qw(run_blocks);

my $seconds = 300;
my @background;

# Runs a command with TEXT as input; returns its status and all that it has said, in the order in which it said it.
sub run_command
{
	my ($text, @command) = @_;
	open my $in, '>', '.input' or die "could not write .input: $!\n";
	binmode $in, ':encoding(UTF-8)';
	print $in $text;
	close $in;
	my $pid = begin('.input', '.output', @command);
	my $until = time + $seconds;
	my ($status, $late) = (0, 0);
	until (waitpid($pid, 1) == $pid and $status = $?, 1)
	{
		if (time > $until)
		{
			kill KILL => -$pid;
			$late = 1;
		}
		usleep 5000;
	}
	my $said = slurp('.output');
	return ($late ? 'timeout' : $status, $said);
}

# Starts a command in a process group of its own.
sub begin
{
	my ($from, $to, @command) = @_;
	my $pid = fork // die "could not fork: $!\n";
	return $pid if $pid;
	setpgrp 0, 0;
	open STDIN, '<', $from or die "could not read $from: $!\n";
	open STDOUT, '>', $to or die "could not write $to: $!\n";
	open STDERR, '>&', \*STDOUT or die "could not share the output: $!\n";
	exec @command or die "could not start $command[0]: $!\n";
}

sub slurp
{
	my ($file) = @_;
	open my $in, '<:encoding(UTF-8)', $file or return '';
	local $/;
	return <$in> // '';
}

my %command = (
	sql => sub { my ($block) = @_; return ($block->{text}, qw(psql -X -q -v ON_ERROR_STOP=1 -f -)) },
	sh => sub { my ($block) = @_; return ('', 'bash', '-eu', '-o', 'pipefail', '-c', $block->{text}) },
	conf => sub { my ($block) = @_; return ($block->{text}, qw(flowcollectd --config=.input --check-config)) },
);

# Is WANT, with … for what varies, what was printed?  Blanks and lines of psql's tables may have other lengths.
sub same_output
{
	my ($want, $got) = @_;
	for ($want, $got)
	{
		s/[ \t]+/ /g;
		s/^ | $//mg;
		s/-{2,}/--/g;
		s/\n+\z//;
		$_ .= "\n";
	}
	my $pattern = join '', map { $_ eq '…' ? '(?:[^\n]*\n)*?' : join('[^\n]*', map { quotemeta } split /…/, $_, -1) . '\n' } split /\n/, $want;
	return $got =~ /\A$pattern\z/;
}

# Runs all blocks of PAGE.  Calls TELL with whether a block is as it should be, its name, and what went wrong; NOTE with what
# is not run.
sub run_blocks
{
	my ($page, $tell, $note) = @_;
	my $output;
	for my $block (@{ $page->{blocks} })
	{
		my $name = "$page->{name}:$block->{line} " . ($block->{hidden} ? 'setup, ' : '') . $block->{lang};
		if ($block->{output})
		{
			my $good = defined $output && same_output($block->{text}, $output);
			$tell->($good, "$name is what the block before prints", defined $output ? "printed was\n$output" : 'no block before it was run');
			next;
		}
		if (defined $block->{file})
		{
			open my $out, '>', $block->{file} or die "could not write $block->{file}: $!\n";
			binmode $out, ':encoding(UTF-8)';
			print $out $block->{text};
			close $out;
			$tell->(1, "$name is written to $block->{file}") if $block->{lang} ne 'conf';
		}
		next unless $command{ $block->{lang} } && !($block->{file} && $block->{lang} =~ /^(?:sql|sh)$/);
		undef $output;
		if (my ($why) = grep { $block->{$_} } 'root', 'not run')
		{
			$note->("$name is " . ($why eq 'root' ? 'for test/packages' : "not run: $block->{$why}"));
			next;
		}
		if ($block->{'small disk'} && !$ENV{SMALL_DISK})
		{
			$note->("$name is not run: no small disk can be made here");
			next;
		}
		if ($block->{background})
		{
			my ($text, @command) = $command{sh}->($block);
			push @background, begin('/dev/null', '.background' . @background, @command);
			$tell->(1, "$name is started");
			next;
		}
		my $from = time;
		(my $status, $output) = run_command($command{ $block->{lang} }->($block));
		$note->(sprintf '%s took %.1f s', $name, time - $from) if time - $from > 2;
		my $fault = judge($block, $status, $output);
		$tell->($fault eq '', $name, "$fault; it printed\n$output");
	}
	end_background($page, $tell);
	return;
}

# What is wrong with a block that has ended, or nothing.
sub judge
{
	my ($block, $status, $output) = @_;
	return "not over after $seconds s" if $status eq 'timeout';
	if (my $error = $block->{error})
	{
		return 'it should have failed' if $status == 0;
		return index($output, $error) >= 0 ? '' : "it should have failed with \"$error\"";
	}
	return 'it failed' if $status != 0;
	return 'a query has no rows' if $block->{lang} eq 'sql' && !$block->{hidden} && !$block->{'no rows'} && $output =~ /^\(0 rows\)$/m;
	return 'a query has rows' if $block->{'no rows'} && $output !~ /^\(0 rows\)$/m;
	return '';
}

# What was started in the background must still run, and ends when it is told to.
sub end_background
{
	my ($page, $tell) = @_;
	my @runs = map { waitpid($_, 1) == 0 } @background;
	kill TERM => map { -$background[$_] } grep { $runs[$_] } 0 .. $#background;
	for my $n (0 .. $#background)
	{
		for (1 .. 3000)
		{
			last if !$runs[$n] || waitpid($background[$n], 1) != 0;
			usleep 10000;
		}
		kill KILL => -$background[$n];
		$tell->($runs[$n], "$page->{name}: what was started in the background runs until the end", slurp(".background$n"));
	}
	return;
}

1;
