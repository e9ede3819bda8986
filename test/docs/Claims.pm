# What can be said of pages without running them: their form, their links, the names that they mention.
package Claims;

use strict;
use warnings;
use File::Basename qw(dirname);

my $width = 150;

sub new
{
	my ($class, $top, $pages) = @_;
	return bless { top => $top, pages => $pages }, $class;
}

# One result: [ good, name, why ]
sub verdict { my ($name, @faults) = @_; return [ !@faults, $name, join("\n", @faults) ]; }

# Title, languages, comments, length of lines, and that the index has each page.
sub form
{
	my ($self, @names) = @_;
	my @results;
	for my $name (@names)
	{
		my $page = $self->{pages}{$name};
		my @faults = long_lines($page);
		push @faults, map { "line $_->{line}: $_->{text}" } @{ $page->{faults} };
		push @faults, 'the first line is no title' unless @{ $page->{headings} } && $page->{headings}[0]{line} == 1;
		push @results, verdict("$name has the form of a page", @faults);
	}
	return @results;
}

sub long_lines
{
	my ($page) = @_;
	return map { "line $_->{line} has " . length($_->{text}) . ' characters' }
		grep { length $_->{text} > $width && $_->{text} !~ /^\|/ } @{ $page->{lines} };
}

# The same of the Markdown files that are no pages, as far as it is asked of them: their lines.
sub width
{
	my ($self) = @_;
	my @faults;
	for my $name (grep { !$self->{pages}{$_} } tree())
	{
		push @faults, map { "$name: $_" } long_lines(Page->read($name));
	}
	return verdict('the other Markdown files have no long lines', @faults);
}

# The Markdown files of the tree.
sub tree
{
	return split /\n/, `find . -name .git -prune -o -name node_modules -prune -o -name '*.md' -print | sed 's|^./||' | sort`;
}

# Every Markdown file of the tree, or those that are named: relative links lead to files, and to headings that they have.
sub links
{
	my ($self, @names) = @_;
	my $is_all = !@names;
	@names = tree() unless @names;
	my %read = %{ $self->{pages} };
	my $page = sub { my ($name) = @_; return $read{$name} //= Page->read($name) };
	my (@faults, %linked);
	for my $name (@names)
	{
		for my $link (@{ $page->($name)->{links} })
		{
			next if $link->{target} =~ m{^(?:https?|mailto):};
			my ($file, $anchor) = $link->{target} =~ /^([^#]*)(?:#(.*))?$/;
			my $path = $file eq '' ? $name : normal(dirname($name) . "/$file");
			if (!-e $path)
			{
				push @faults, "$name:$link->{line}: there is no $path";
				next;
			}
			$linked{$path} = 1 if $name eq 'docs/README.md';
			next unless defined $anchor && $path =~ /\.md$/;
			push @faults, "$name:$link->{line}: $path has no heading #$anchor"
				unless grep { $_->{anchor} eq $anchor } @{ $page->($path)->{headings} };
		}
	}
	my @results = verdict('every link leads somewhere', @faults);
	push @results, verdict('docs/README.md leads to every page', map { "not to $_" } grep { m{^docs/} && $_ ne 'docs/README.md' && !$linked{$_} }
		sort keys %{ $self->{pages} }) if $is_all && $self->{pages}{'docs/README.md'};
	return @results;
}

# Tables that README.md shares with docs/performance.md have the same numbers.
sub numbers
{
	my ($self) = @_;
	my $row = sub { my ($text) = @_; return $text =~ /^\| ([^|]*\S) \|.*\d/ ? $1 : '' };
	my %measured = map { $row->($_->{text}) => $_->{text} } @{ $self->{pages}{'docs/performance.md'}{lines} };
	my @both = grep { my $key = $row->($_->{text}); $key ne '' && $measured{$key} } @{ $self->{pages}{'README.md'}{lines} };
	my @faults = map { "README.md:$_->{line} differs from docs/performance.md" } grep { $_->{text} ne $measured{ $row->($_->{text}) } } @both;
	push @faults, 'no row of a table of README.md was found in docs/performance.md' unless @both;
	return verdict('README.md has the numbers of docs/performance.md', @faults);
}

# Options of programs that pages mention are in the help of one of the programs, or in a script.
sub options
{
	my ($self, @names) = @_;
	my %known = map { $_ => 1 } join("\n", map { `$_ 2>/dev/null` // '' } 'flowcollectd --help', 'flowcollectd extract --help', 'flowgen --help',
		'flowreplay --help', map({ "$_ --help" } qw(psql pg_dump pg_restore pg_upgrade initdb pg_basebackup)),
		map { "cat $_" } grep { -f } "$self->{top}/check.sh", "$self->{top}/demo.sh", glob("$self->{top}/cli/*.[ch]"), glob("$self->{top}/grafana/make*"),
		glob("$self->{top}/notebook/*.sh"), glob("$self->{top}/test/*/*.{sh,pl}"), glob("$self->{top}/docs/*.pl")) =~ /(?<![\w-])(--[a-z][a-z0-9-]+)/g;
	my @results;
	for my $name (@names)
	{
		my %missing;
		my @texts = (@{ $self->{pages}{$name}{lines} }, map { ours($_) } grep { $_->{lang} eq 'sh' } @{ $self->{pages}{$name}{blocks} });
		for my $part (@texts)
		{
			$missing{$1} //= $part->{line} while $part->{text} =~ /(?<![\w|-])(--[a-z][a-z0-9-]+)/g;
		}
		push @results, verdict("$name mentions no option that no program has",
			map { "line $missing{$_}: no program has $_" } grep { !$known{$_} } sort keys %missing);
	}
	return @results;
}

# The commands of a block that call programs whose options we know, with the lines that continue them.
sub ours
{
	my ($block) = @_;
	my $text = $block->{text} =~ s/\\\n//gr;
	return { line => $block->{line}, text => join "\n",
		grep { /(?:^|[\s;&|(])(?:flow|flowcollectd|flowgen|flowreplay|psql|pg_dump|pg_restore|pg_upgrade|initdb|pg_basebackup) / } split /\n/, $text };
}

# The tables of settings and of options in docs/tables.md have each of them, with its default.
sub settings
{
	my ($self, $known) = @_;
	my $page = $self->{pages}{'docs/tables.md'} or return;
	my %told;
	for my $line (@{ $page->{lines} })
	{
		$told{$1} = $2 if $line->{text} =~ /^\| `((?:flowstore\.)?[a-z_]+)` \| ([^|]*) \|/;
	}
	my @faults;
	for my $name (sort grep { /^(?:setting|option) / } keys %$known)
	{
		my ($kind, $what, $default) = split / /, $name, 3;
		my $is = $told{$what};
		push @faults, "the $kind $what is missing" unless defined $is;
		# a list of networks is described
		push @faults, "the default of $what is \"$default\", not \"$is\""
			if defined $is && $is ne $default && $what ne 'flowstore.internal_networks' && !($is eq 'empty' && $default eq '');
	}
	push @faults, 'no setting was found' unless grep { /^setting / } keys %$known;
	return verdict('docs/tables.md has every setting and every option of a table with its default', @faults);
}

# ./a/../b/c -> b/c
sub normal
{
	my ($path) = @_;
	my @parts;
	for (split m{/}, $path)
	{
		next if $_ eq '' || $_ eq '.';
		$_ eq '..' && @parts ? pop @parts : push @parts, $_;
	}
	return join '/', @parts;
}

# Functions, tables, types and settings that pages mention exist; CATALOG has their names, one a line.
sub names
{
	my ($self, $catalog, @names) = @_;
	open my $in, '<', $catalog or die "could not read $catalog: $!\n";
	my %known = map { chomp; ($_ => 1) } <$in>;
	close $in;
	my @results = $self->settings(\%known);
	for my $name (@names)
	{
		my @faults;
		for my $prefix (qw(flow flowstore))
		{
			my $found = $self->{pages}{$name}->names($prefix);
			push @faults, map { "line $found->{$_}: there is no $prefix.$_" } grep { !$known{"$prefix.$_"} } sort keys %$found;
		}
		push @results, verdict("$name mentions no function, table or setting that does not exist", @faults);
	}
	return @results;
}

1;
