# A page of the documentation taken apart: its lines of prose, headings, links, names and blocks.
package Page;

use strict;
use warnings;

# What may stand in a comment right before a block, and what it means for that block; a reason or text follows some.
#
#	output			compare the block with what the one before has printed
#	no rows			its query has no rows
#	background		start it, and end it with the page
#	file: NAME		write it to this file
#	small disk		it needs a disk that is soon full, by the name of $SMALL_DISK
#	error: TEXT		it must fail, and say TEXT
#	root			run by test/packages as root on a fresh system, not here
#	not run: REASON	run nowhere
my $flag = qr/output|no rows|small disk|background|file: \S+|error: .+|root|not run: .+/;

# Reads FILE.  Returns an object with
#
#	lines		[{ line, text }]				prose, tables and headings, without blocks and comments
#	headings	[{ line, level, text, anchor }]
#	links		[{ line, target }]				relative and absolute ones
#	blocks		[{ line, lang, text, hidden, FLAG => TEXT }]	in the order of the page
#	faults		[{ line, text }]				what cannot be understood
sub read
{
	my ($class, $file) = @_;
	my $self = bless { file => $file, lines => [], headings => [], links => [], blocks => [], faults => [] }, $class;
	open my $in, '<:encoding(UTF-8)', $file or die "could not read $file: $!\n";
	my @lines = <$in>;
	close $in;
	chomp @lines;
	my %flags;
	for (my $i = 0; $i < @lines; $i++)
	{
		my $line = $i + 1;
		if ($lines[$i] =~ /^(\s*)```\s*(\S*)\s*$/)
		{
			my ($indent, $lang, @text) = ($1, $2);
			push @text, $lines[$i] while ++$i < @lines && $lines[$i] !~ /^\s*```\s*$/;
			$self->fault($line, 'a block without end') if $i == @lines;
			$self->fault($line, 'a block without language') if $lang eq '';
			s/^$indent// for @text;
			$self->block($line, $lang, \@text, %flags);
			%flags = ();
		}
		elsif ($lines[$i] =~ /^\s*<!-- ($flag) -->\s*$/)
		{
			my ($name, $text) = split /: /, $1, 2;
			$flags{$name} = $text // 1;
		}
		elsif ($lines[$i] =~ /^\s*<!-- setup (sql|sh)(?: (background|small disk))?$/)
		{
			my ($lang, $how, @text) = ($1, $2);
			push @text, $lines[$i] while ++$i < @lines && $lines[$i] !~ /^\s*-->$/;
			$self->fault($line, 'a comment without end') if $i == @lines;
			$self->block($line, $lang, \@text, hidden => 1, $how ? ($how => 1) : ());
		}
		elsif ($lines[$i] =~ /^\s*<!--/)
		{
			$self->fault($line, "a comment that means nothing here: $lines[$i]");
		}
		else
		{
			$self->fault($line, 'a comment that is not followed by a block') if %flags && $lines[$i] ne '';
			$self->prose($line, $lines[$i], $i ? $lines[ $i - 1 ] : '');
		}
	}
	$self->fault(scalar @lines, 'a comment that is not followed by a block') if %flags;
	return $self;
}

sub fault { my ($self, $line, $text) = @_; push @{ $self->{faults} }, { line => $line, text => $text }; return; }

sub block
{
	my ($self, $line, $lang, $text, %flags) = @_;
	push @{ $self->{blocks} }, { line => $line, lang => $lang, text => join('', map { "$_\n" } @$text), %flags };
	return;
}

sub prose
{
	my ($self, $line, $text, $before) = @_;
	$self->fault($line, 'an indented block, which nothing runs: use ```') if $text =~ /^(?: {4}|\t)/ && $before eq '';
	push @{ $self->{lines} }, { line => $line, text => $text };
	if ($text =~ /^(#{1,6}) (.+?)\s*$/)
	{
		push @{ $self->{headings} }, { line => $line, level => length $1, text => $2, anchor => $self->anchor($2) };
	}
	(my $plain = $text) =~ s/`[^`]*`/``/g;
	push @{ $self->{links} }, { line => $line, target => $1 } while $plain =~ /\]\(([^()\s]+(?:\([^()]*\))?)\)/g;
	return;
}

# The anchor that GitHub and Gitea give a heading; the second of its kind ends in -1.
sub anchor
{
	my ($self, $text) = @_;
	$text =~ s/\[([^\]]*)\]\([^)]*\)/$1/g;
	$text =~ s/[`*]//g;
	$text = lc $text;
	$text =~ s/[^\w\- ]//g;
	$text =~ s/ /-/g;
	my $n = $self->{anchors}{$text}++;
	return $n ? "$text-$n" : $text;
}

# All words like flow.NAME or flowstore.NAME in the prose and the blocks, with the first line that has them.
sub names
{
	my ($self, $prefix) = @_;
	my %names;
	for my $part (@{ $self->{lines} }, @{ $self->{blocks} })
	{
		$names{$1} //= $part->{line} while $part->{text} =~ /(?<![\w.\/-])\Q$prefix\E\.((?!(?:sql|md|sh|c|h|pl|html|json|conf)\b)[a-z_][a-z0-9_]*)\b(?!\.(?:md|sh|c|h)\b)/g;
	}
	return \%names;
}

1;
