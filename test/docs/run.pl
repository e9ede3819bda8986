#!/usr/bin/perl
# The documentation says what is true: every command and query in README.md and docs/ is run, every link leads somewhere, every
# name that is mentioned exists.
#
#	run.pl [--keep] [PAGE]...		all pages, or those that are named: docs/ingest.md
#	run.pl --root PAGE			prints the commands for root of a page, and runs nothing
#	run.pl --reference >docs/reference.md	makes that page anew
#
# Writes TAP.  How a page is written: docs/README.md, "How these pages are tested".  Needs PostgreSQL's programs, of an
# installation that has the extension, by PG_CONFIG or in PATH, and builds flowcollectd, flow and flowgen where they are missing.
# Started as root it goes on as user postgres.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use Getopt::Long;
use Blocks qw(run_blocks);
use Claims;
use Page;
use Server;

my $rows = 100_000;
my $jobs = 2;
my %opt;
GetOptions(\%opt, 'keep', 'root', 'reference', 'in=s', 'dir=s') or exit 2;
my $top = "$FindBin::RealBin/../..";
chdir $top or die "could not enter $top: $!\n";
chomp($top = `pwd -P`);
$Server::source = $top;
$| = 1;
binmode STDOUT, ':encoding(UTF-8)';

my @all = ('README.md', sort glob 'docs/*.md');
my @pages = @ARGV ? @ARGV : @all;

if ($opt{root})
{
	for my $file (@pages)
	{
		print map { $_->{text} } grep { $_->{root} } @{ Page->read($file)->{blocks} };
	}
	exit;
}
exit run_page($opt{in}, $opt{dir}) if defined $opt{in};

# ---- preparing ----------------------------------------------------------------------

my %program = (flowcollectd => 'collector/build', flow => 'cli/build', flowgen => 'test/gen', flowreplay => 'test/gen');
for my $name (sort keys %program)
{
	my $folder = $program{$name} =~ s{/build$}{}r;
	next if -x "$program{$name}/$name" || !-d $folder;
	Server::must('make', '-s', '-C', $folder, 'build/' x ($program{$name} =~ /build$/) . $name);
}
if ($> == 0)
{
	exec 'setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', $^X, "$top/test/docs/run.pl", map({ "--$_" } keys %opt), @ARGV;
}

my $dir = tempdir('flowstore-docs.XXXXXX', DIR => '/var/tmp');
chmod 0755, $dir;
my $parent = $$;
$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 1 };
END { clean_up() if defined $parent && $$ == $parent }

my $config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $bin = `$config --bindir`);
make_path("$dir/made/bin");
for my $name (keys %program)
{
	symlink "$top/$program{$name}/$name", "$dir/made/bin/$name" if -x "$program{$name}/$name";
}
$bin = "$dir/made/bin:$bin";

if ($opt{reference})
{
	chdir $dir or die "could not enter $dir: $!\n";
	Server::make_origin($dir, $bin, 0, $top);
	open my $in, '<:encoding(UTF-8)', "$dir/made/reference" or die "could not read $dir/made/reference: $!\n";
	print <$in>;
	exit;
}

# ---- what needs no server, and the server ---------------------------------------------

my ($number, $failed) = (0, 0);

sub result
{
	my ($good, $name, $why) = @_;
	$number++;
	$failed++ unless $good;
	print +($good ? 'ok' : 'not ok'), " $number - $name\n";
	print map { "#   $_\n" } split /\n/, $why if !$good && defined $why;
	return;
}

my %read = map { $_ => Page->read($_) } @all;
my $claims = Claims->new($top, \%read);
result(@$_) for $claims->form(@pages), @ARGV ? () : $claims->width, $claims->links(@ARGV ? @pages : ());

chdir $dir or die "could not enter $dir: $!\n";
Server::make_origin($dir, $bin, $rows, $top);
result(@$_) for $claims->options(@pages), $claims->numbers;
result(@$_) for $claims->names("$dir/made/catalog", @pages);
result(Server::is_reference($dir, $top)) if grep { $_ eq 'docs/reference.md' } @pages;

# ---- the pages, side by side, those with most commands first -----------------------------------------------------------

# Most pages listen at ports, one fills a disk: each has a network of its own and a small disk, if users may make these, else one
# page runs at a time, and what needs a small disk is left out.
my @own = ('unshare', '-U', '-c', '-n', '-m', '--keep-caps', 'sh', '-c', 'PATH=$PATH:/sbin:/usr/sbin
	mount -t tmpfs -o size=32m tmpfs "$0" && ip link set lo up && exec setpriv --ambient-caps=-all --inh-caps=-all "$@"');
make_path("$dir/made/disk");
if (system(@own, "$dir/made/disk", 'true') != 0)
{
	print "# users may not make networks and disks here: the pages run one after the other in the network of the machine\n";
	@own = ();
	$jobs = 1;
}

my (%running, @waiting);
my %commands = map { my $page = $_; $page => scalar grep { $_->{lang} eq 'sh' } @{ $read{$page}{blocks} } } @pages;
@waiting = sort { $commands{$b} <=> $commands{$a} } grep { my $page = $_; grep { $_->{lang} =~ /^(?:sql|sh|conf)$/ } @{ $read{$page}{blocks} } } @pages;
while (@waiting || %running)
{
	while (@waiting && keys %running < $jobs)
	{
		my $page = shift @waiting;
		my $pid = fork // die "could not fork: $!\n";
		if (!$pid)
		{
			undef $parent;
			open STDOUT, '>', "$dir/made/" . short($page) . '.tap' or die;
			$ENV{SMALL_DISK} = @own ? "$dir/made/disk" : '';
			exec((@own ? (@own, "$dir/made/disk") : ()), $^X, "$top/test/docs/run.pl", '--in', $page, '--dir', $dir);
		}
		$running{$pid} = $page;
	}
	my $pid = wait;
	my $page = delete $running{$pid} or next;
	my $status = $?;
	open my $in, '<:encoding(UTF-8)', "$dir/made/" . short($page) . '.tap' or die;
	while (<$in>)
	{
		$number++, $failed += $1 eq 'not ok' if s/^(ok|not ok) - /$1 . ' ' . ($number + 1) . ' - '/e;
		print;
	}
	result($status == 0, "$page is run to its end", "status $status");
}
print "1..$number\n";
exit($failed > 0);

# ---- a page, in a process of its own ---------------------------------------------------

sub short { my ($page) = @_; return $page =~ s{/}{-}gr =~ s{\.md$}{}r; }

sub run_page
{
	my ($file, $home) = @_;
	my $page = Page->read($file);
	$page->{name} = $file;
	my $from = time;
	my $copy = Server::make_copy($home, "$home/made/bin:" . bindir(), short($file));
	my $good = eval {
		run_blocks($page,
			sub {
				my ($fine, $name, $why) = @_;
				print +($fine ? 'ok' : 'not ok'), " - $name\n";
				print map { "#   $_\n" } split /\n/, $why unless $fine;
			},
			sub { print "# $_[0]\n" });
		1;
	};
	print "# $@" unless $good;
	print "# $file took ", time - $from, " s\n";
	eval { Server::stop($copy) };
	return !$good;
}

sub bindir
{
	my $program = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $found = `$program --bindir`);
	return $found;
}

# Ends the servers that pages have left, and removes all.
sub clean_up
{
	my $status = $?;
	local $ENV{PATH} = "$bin:$ENV{PATH}" if defined $bin;
	if (defined $dir && -d $dir)
	{
		system "for file in $dir/*/data/postmaster.pid $dir/*/page/*/postmaster.pid; do
			[ ! -f \$file ] || pg_ctl -m immediate -D \${file%/*} stop >/dev/null 2>&1; done";
		chdir '/';
		$opt{keep} ? print "# all is in $dir\n" : remove_tree($dir);
	}
	$? = $status;
	return;
}
