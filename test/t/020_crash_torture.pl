# Twenty rounds of test/torture/crash.pl and a few hundred flips of
# test/torture/bitflip.pl: the server dies while sessions write, bytes on disk
# change, and every answer is still right or an error.
# Without this test: the long runs by hand would be the first to notice.
use strict;
use warnings;
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;
use Test::More;

my $here = dirname(__FILE__) . '/../torture';

# A program that ends with "N passed, N failed".
sub program_ok
{
	my ($what, $program, @arguments) = @_;
	my $out = '';
	IPC::Run::run([ $^X, "$here/$program", @arguments ], '>', \$out, '2>&1', IPC::Run::timeout(600));
	like($out, qr/^[1-9]\d* passed, 0 failed\n\z/m, $what) or diag($out);
	return;
}

my $seed = $ENV{FLOWSTORE_TORTURE_SEED} // 20;
program_ok('the server killed twenty times', 'crash.pl', '--rounds', 20, '--writers', 3, '--seed', $seed);
program_ok('damage to the main fork', 'bitflip.pl', '--flips', 120, '--seed', $seed, '--class', 'main', '--no-checksums');
program_ok('damage to the main fork, data checksums', 'bitflip.pl', '--flips', 40, '--seed', $seed, '--class', 'main', '--checksums');

done_testing();
