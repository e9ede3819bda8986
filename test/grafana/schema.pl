#!/usr/bin/perl
# Every dashboard against the types of npm's @grafana/schema: the frame, and of each panel its options and fields.
# Skips, and says so, where npm is not there or its registry cannot be reached.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use JSON::PP ();
use Test::More;
use Board;

my $json = JSON::PP->new->canonical;
my $dir = tempdir('dashboard-types.XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub skip_all { plan skip_all => $_[0]; exit 0; }

sub installed
{
	skip_all('npm is not installed') if system('command -v npm >/dev/null 2>&1');
	copy("$FindBin::Bin/npm/$_", "$dir/$_") or die "could not copy $_: $!\n" for qw(package.json package-lock.json);
	my $said = qx(cd $dir && HOME=$dir timeout 120 npm ci --ignore-scripts --no-audit --no-fund 2>&1);
	return if $? == 0;
	diag($said);
	skip_all('npm cannot reach its registry');
}

# Enums as the texts that JSON has instead; unknown keys stay errors.
my $head = <<'EOF_TS';
import type { Dashboard } from '@grafana/schema';
type Plain<T> = 0 extends 1 & T ? any
	: T extends string ? `${T}`
	: T extends (infer U)[] ? Plain<U>[]
	: T extends object ? { [K in keyof T]: Plain<T[K]> }
	: T;
EOF_TS

# The module with the types of one type of panel.
sub module_of
{
	my ($type) = @_;
	my $name = lc $type =~ s/-//r;
	my ($file) = glob "$dir/node_modules/\@grafana/schema/dist/esm/raw/composable/$name/panelcfg/x/*_types.gen.d.ts";
	return undef unless $file;
	my ($path) = $file =~ m{(node_modules/.*)\.d\.ts$};
	return "./$path";
}

# The targets of annotations are the data source's own affair.
sub frame_of
{
	my ($board) = @_;
	my %frame = %$board;
	delete @frame{qw(file queries)};
	my @marks = map { { %$_, target => { refId => $_->{target}{refId} } } } @{ $board->{annotations}{list} };
	delete $_->{mappings} for @marks;
	$frame{annotations} = { list => \@marks };
	return \%frame;
}

sub source_of
{
	my ($board) = @_;
	my $text = $head;
	my %modules;
	my $panels = '';
	for my $panel (grep { $_->{type} ne 'row' } Board::panels($board))
	{
		my $path = module_of($panel->{type}) // next;
		my $module = $modules{$path} //= 'm' . keys %modules;
		my $custom = $panel->{fieldConfig}{defaults}{custom} // {};
		$panels .= "// $panel->{title}\n(" . $json->encode($panel->{options}) . ") satisfies Plain<Partial<$module.Options>>;\n";
		$panels .= '(' . $json->encode($custom) . ") satisfies Plain<Partial<$module.FieldConfig>>;\n" if %$custom;
	}
	$text .= "import type * as $modules{$_} from '$_';\n" for sort keys %modules;
	return $text . 'export const board = ' . $json->pretty->encode(frame_of($board)) =~ s/\s+\z//r . " satisfies Plain<Dashboard>;\n" . $panels;
}

installed();
my @boards = Board::load("$FindBin::Bin/../../grafana/dashboards");
for my $board (@boards)
{
	$json->pretty(0);
	open my $out, '>:encoding(UTF-8)', "$dir/$board->{file}.ts" or die "could not write: $!\n";
	print $out source_of($board);
	close $out or die "could not write: $!\n";
}
# what must not pass, so that a check that checks nothing is noticed
open my $wrong, '>', "$dir/wrong.ts" or die "could not write: $!\n";
print $wrong $head, "export const a = { schemaVersion: 39, graphTooltip: 7, templatingg: {}, panels: [{ type: 'stat', fieldConfig: { defaults: { thresholds: { mode: 'x', steps: [] } }, overrides: [] } }] } satisfies Partial<Plain<Dashboard>>;\n";
close $wrong;
my $said = qx(cd $dir && ./node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2020 *.ts 2>&1);
for my $board (@boards)
{
	my @bad = grep { /^\Q$board->{file}\E\.ts\(/ } split /\n/, $said;
	ok(!@bad, "$board->{uid} has the types of \@grafana/schema") or diag(map { "  $_\n" } @bad > 10 ? @bad[ 0 .. 9 ] : @bad);
}
like($said, qr/^wrong\.ts\(/m, 'a dashboard with wrong keys and enums does not pass');
done_testing();
