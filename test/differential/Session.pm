# One psql that lives as long as the test: send a statement, get its output
# and its SQLSTATE back.
package Session;

use strict;
use warnings;
use IO::Select;
use IPC::Open3;
use Symbol 'gensym';

sub new
{
	my ($class, %arg) = @_;
	my $err = gensym;
	my $pid = open3(my $in, my $out, $err,
		'psql', '-XAtq', '-v', 'ON_ERROR_STOP=0', '-v', 'VERBOSITY=sqlstate',
		'-h', $arg{host}, '-p', $arg{port}, '-d', $arg{db});
	my $self = bless { pid => $pid, in => $in, out => $out, err => $err,
		timeout => $arg{timeout} // 60, alive => 1 }, $class;
	return $self;
}

# Returns (output, sqlstate); sqlstate is '' for success, 'lost' if the
# server went away, 'hang' if no answer came in time.  All that psql wrote to
# stderr is kept in {messages} until the next question.
sub ask
{
	my ($self, $sql) = @_;
	return ('', 'lost') unless $self->{alive};
	local $SIG{PIPE} = 'IGNORE';
	my $mark = 'end-of-answer-' . ++$self->{n};
	unless (syswrite($self->{in}, "$sql\n;\n\\echo $mark\n\\warn $mark\n"))
	{
		$self->{alive} = 0;
		return ('', 'lost');
	}
	my ($out, $err) = ('', '');
	my ($out_done, $err_done) = (0, 0);
	my $select = IO::Select->new($self->{out}, $self->{err});
	my $deadline = time + $self->{timeout};
	until ($out_done && $err_done)
	{
		my @ready = $select->can_read($deadline - time > 0 ? $deadline - time : 0);
		if (!@ready)
		{
			$self->{alive} = 0;
			return ($out, 'hang');
		}
		for my $fh (@ready)
		{
			my $n = sysread($fh, my $bytes, 65536);
			if (!$n)
			{
				$self->{alive} = 0;
				return ($out, 'lost');
			}
			if ($fh == $self->{out}) { $out .= $bytes; $out_done = $out =~ s/\Q$mark\E\n\z//; }
			else { $err .= $bytes; $err_done = $err =~ s/\Q$mark\E\n\z//; }
		}
	}
	$out =~ s/\n\z//;
	$self->{messages} = $err;
	# psql sends the lone semicolon as nothing; only ERROR lines matter
	my ($state) = $err =~ /(?:ERROR|FATAL|PANIC):\s+(\w+)/;
	$self->{alive} = 0 if $err =~ /server closed the connection|connection to server was lost/;
	return ($out, $self->{alive} ? $state // '' : 'lost');
}

sub close
{
	my ($self) = @_;
	close $self->{in} if $self->{in};
	# a psql that hangs is ours to end
	kill 'TERM', $self->{pid} if !$self->{alive};
	waitpid $self->{pid}, 0;
	return;
}

1;
