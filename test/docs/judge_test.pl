#!/usr/bin/perl
# The test of the documentation finds what is wrong: faults of form, output that differs, queries without rows, links and names
# that lead nowhere.  Without this test: a page that is never wrong, since nothing looks at it.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::RealBin;
use File::Temp qw(tempdir);
use Test::More;
use Blocks;
use Claims;
use Page;

binmode $_, ':encoding(UTF-8)' for map { Test::More->builder->$_ } qw(output failure_output);
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die "could not enter $dir: $!\n";
mkdir 'docs';

sub page
{
	my ($name, $text) = @_;
	open my $out, '>:encoding(UTF-8)', $name or die "could not write $name: $!\n";
	print $out $text;
	close $out;
	return Page->read($name);
}

sub faults { my ($text) = @_; return join '; ', map { "$_->{line}: $_->{text}" } @{ page('docs/p.md', $text)->{faults} }; }

# ---- form

is(faults("# T\n\nText.\n\n```sql\nSELECT 1;\n```\n"), '', 'a page without fault');
like(faults("# T\n\n```\nx\n```\n"), qr/^3: a block without language$/, 'a block without language');
like(faults("# T\n\n```sql\nSELECT 1;\n"), qr/3: a block without end/, 'a block without end');
like(faults("# T\n\n    SELECT 1;\n"), qr/^3: an indented block/, 'an indented block');
like(faults("# T\n\n<!-- outptu -->\n```text\nx\n```\n"), qr/^3: a comment that means nothing/, 'a comment with an error');
like(faults("# T\n\n<!-- output -->\nText.\n"), qr/^4: a comment that is not followed/, 'a comment before prose');
like(faults("# T\n\n<!-- setup sh\ntrue\n"), qr/3: a comment without end/, 'a setup without end');

my $page = page('docs/p.md', "# T\n\n<!-- output -->\n```text\na\n```\n\n<!-- setup sql\nSELECT 2;\n-->\n\n<!-- error: x: y -->\n<!-- small disk -->\n```sh\nfalse\n```\n");
is_deeply([ map { { %$_, line => 0 } } @{ $page->{blocks} } ],
	[ { line => 0, lang => 'text', text => "a\n", output => 1 }, { line => 0, lang => 'sql', text => "SELECT 2;\n", hidden => 1 },
		{ line => 0, lang => 'sh', text => "false\n", error => 'x: y', 'small disk' => 1 } ], 'blocks and what is said of them');

# ---- output

my @same = (
	[ "a\nb\n", "a\nb\n" ], [ " a | b\n---+---\n", " a    | b     \n------+-----\n" ], [ "a … c\n", "a bbb c\n" ], [ "…\nc\n", "a\nb\nc\n" ],
	[ "a\n…\n", "a\n" ], [ "(1 row)\n", "(1 row)\n\n" ], [ "a.c\n", "a.c\n" ]);
my @other = (
	[ "a\nb\n", "a\n" ], [ "a\n", "a\nb\n" ], [ "a … c\n", "a b\nc\n" ], [ "a.c\n", "abc\n" ], [ "ab\n", "a b\n" ], [ "…\nc\n", "a\nb\n" ], [ "1\n", "11\n" ]);
ok(Blocks::same_output(@$_), "the same: $_->[0]" =~ s/\n/\\n/gr) for @same;
ok(!Blocks::same_output(@$_), "not the same: $_->[0]" =~ s/\n/\\n/gr) for @other;

# ---- what a block has done

is(Blocks::judge({ lang => 'sql' }, 0, "(1 row)\n"), '', 'a query with rows');
like(Blocks::judge({ lang => 'sql' }, 0, "(1 row)\n(0 rows)\n"), qr/no rows/, 'a query without');
is(Blocks::judge({ lang => 'sql', 'no rows' => 1 }, 0, "(0 rows)\n"), '', 'none are expected');
like(Blocks::judge({ lang => 'sql', 'no rows' => 1 }, 0, "(1 row)\n"), qr/has rows/, 'none are expected, but there are');
like(Blocks::judge({ lang => 'sh' }, 256, ''), qr/failed/, 'a command that failed');
is(Blocks::judge({ lang => 'sh', error => 'x' }, 256, "an x\n"), '', 'it should have');
like(Blocks::judge({ lang => 'sh', error => 'x' }, 256, "a y\n"), qr/with "x"/, 'it should have said something else');
like(Blocks::judge({ lang => 'sh', error => 'x' }, 0, "x\n"), qr/should have failed/, 'it should have, and has not');
like(Blocks::judge({ lang => 'sh' }, 'timeout', ''), qr/not over/, 'a command that does not end');

# ---- links and names

my %pages = (
	'README.md' => page('README.md', "# T\n\n[a](docs/p.md#second-one) [b](docs/p.md#third) [c](docs/q.md) [d](https://example.com/x)\n"),
	'docs/p.md' => page('docs/p.md', "# T\n\n## Second one\n\n`flow.top` and `flow.tpo`, flow.sql, `psql --quiet --quick`.\n\n```sh\npsql --quiet \\\n --quack\nls --sort\n```\n" . 'x' x 151 . "\n"));
my $claims = Claims->new($dir, \%pages);
sub why { my ($name, @results) = @_; my ($found) = grep { $_->[1] =~ /$name/ } @results; return $found->[0] ? '' : $found->[2]; }
is(why('every link', $claims->links), "README.md:3: docs/p.md has no heading #third\nREADME.md:3: there is no docs/q.md", 'links');
is(why('docs/p.md', $claims->form('docs/p.md')), 'line 12 has 151 characters', 'length of lines');
open my $catalog, '>', 'catalog' or die;
print $catalog "flow.top\n";
close $catalog;
is(why('docs/p.md', $claims->names('catalog', 'docs/p.md')), 'line 5: there is no flow.tpo', 'names');
is(why('docs/p.md', $claims->options('docs/p.md')), "line 7: no program has --quack\nline 5: no program has --quick", 'options');
is(why('form', $claims->form('README.md')), '', 'and a page without fault');

done_testing();
