#!/bin/sh
# Collectors and servers by twos: two collectors write into one table while they
# and the server are killed; a standby that lacks the last transactions takes
# over from its primary.  And at a low rate, each row is there within 2 s.
# Called by run.sh; starts servers of its own, so not as root.
# shellcheck disable=SC2154
initdb=$(command -v initdb) || initdb=/usr/lib/postgresql/15/bin/initdb
bin=${initdb%/*}
if [ "$(id -u)" -eq 0 ] || [ ! -x "$initdb" ]
then
	echo "skip failover: it takes initdb and a user who is not root"
	exit 0
fi
unset PGOPTIONS PGDATABASE
PGHOST=$TMP/a PGPORT=5436 PGUSER=failover
export PGHOST PGPORT PGUSER
mkdir "$TMP/a" "$TMP/b"
port=$PORT

sql()
{
	psql -XqAt -d postgres -c "$1"
}

# server a|b ARGUMENT...
server()
{
	name=$1
	shift
	"$bin/pg_ctl" -w -D "$TMP/$name/data" -l "$TMP/$name/log" -o "-k $TMP/$name" "$@" >/dev/null 2>&1
}

# is GOT EXPECTED NAME
is()
{
	if [ "$1" = "$2" ]
	then
		echo "ok failover: $3"
	else
		echo "not ok failover: $3"
		echo "# got $1, expected $2"
		tail -n 5 "$TMP"/*.err | sed 's/^/# /'
	fi
}

wait_for()
{
	i=0
	until "$@"
	do
		i=$((i + 1))
		[ $i -lt 150 ] || return 1
		sleep 0.1
	done
}

logged()
{
	grep -q -e "$2" "$TMP/$1.err"
}

has_rows()
{
	[ "$(sql "SELECT count(*) FROM live" 2>/dev/null || echo 0)" -ge "$1" ]
}

# collector NAME PORT ARGUMENT...: one with a spool; sets pid
collector()
{
	name=$1
	listen=127.0.0.1:$2
	shift 2
	: >"$TMP/$name.err"
	"$FLOWCOLLECTD" -l "$listen" --spool="$TMP/$name.spool" -t live --stats "$@" 2>"$TMP/$name.err" &
	pid=$!
	wait_for logged "$name" '^flowcollectd: receiving' || echo "not ok failover: $name starts"
}

# send PORT DATAGRAMS FIRST PAUSE_MS: 30 records each
send()
{
	perl "$here/send_udp.pl" 127.0.0.1 "$@"
}

# end PID
end()
{
	kill -TERM "$1"
	wait "$1"
	is $? 0 "a collector ends with status 0"
}

"$bin/initdb" -D "$TMP/a/data" -U failover -A trust -E UTF8 --locale=C --no-sync >"$TMP/a/log" 2>&1 || exit 1
cat >>"$TMP/a/data/postgresql.conf" <<CONF
listen_addresses = ''
port = $PGPORT
fsync = off
wal_receiver_timeout = 5s
track_commit_timestamp = on
CONF
trap 'server a -m immediate stop; server b -m immediate stop' EXIT
server a start || exit 1
sql "CREATE TABLE live (ts timestamptz NOT NULL, src_addr inet, packets bigint, bytes bigint)"
if ! sql "CREATE EXTENSION flowstore" 2>/dev/null
then
	echo "skip failover: extension flowstore is not installed"
	exit 0
fi

# Fresh: records once a second with the default settings; their bytes say when
# they were sent, in milliseconds.
collector one "$port" -d dbname=postgres
perl -MTime::HiRes=time,sleep -MIO::Socket::INET -e '
	my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]);
	for (1 .. 4)
	{
		my $ms = int(time * 1000) % 2**32;
		$socket->send(pack("nnNNNNCCn", 5, 1, 100000, time, 0, $_ - 1, 0, 0, 0)
			. pack("NNNnnNNNNnnCCCCnnCCn", 1, 2, 0, 1, 2, 1, $ms, 99000, 99500, 1, 443, 0, 16, 6, 0, 0, 0, 24, 24, 0));
		sleep 1;
	}' "$port"
wait_for has_rows 4
latest=$(sql "SELECT max((extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::bigint % 4294967296 - bytes)
	FROM live HAVING count(*) = 4")
[ "${latest:-9999}" -lt 2000 ]
is $? 0 "of one record a second, each is committed within 2 s: the last after ${latest:-no} ms"
end $pid

# Two collectors, one table
sql "TRUNCATE live"
rm -rf "$TMP/one.spool"
options="-d dbname=postgres --batch-age=0.1 --batch-rows=500 --connections=2"
# shellcheck disable=SC2086
{
	collector one "$port" $options
	one=$pid
	collector two $((port + 1)) $options
	two=$pid
}
for round in 0 1 2 3
do
	send "$port" 40 $((1200 * round)) 5 &
	sender=$!
	send $((port + 1)) 40 $((1000000 + 1200 * round)) 5
	wait $sender
	sleep "0.$round"
	# shellcheck disable=SC2086
	case $round in
	0)
		kill -KILL $one
		wait $one 2>/dev/null
		collector one "$port" $options
		one=$pid
		;;
	1)
		server a -m immediate stop
		kill -KILL $two
		wait $two 2>/dev/null
		collector two $((port + 1)) $options
		two=$pid
		server a start
		;;
	2)
		sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowcollectd'" >/dev/null
		;;
	esac
done
wait_for has_rows 9600
end $one
end $two
is "$(sql "SELECT count(*), count(DISTINCT bytes), count(*) FILTER (WHERE bytes < 4800),
	count(*) FILTER (WHERE bytes BETWEEN 1000000 AND 1004799) FROM live")" "9600|9600|4800|4800" \
	"two collectors write into one table, and each row is there once"
is "$(sql "SELECT count(*), count(DISTINCT source), sum(rows) FROM flow.ingest WHERE relation = 'live'::regclass
	AND source <> (SELECT min(source) FROM flow.ingest WHERE rows = 4)")" "2|2|9600" "each notes what it has written"

# A standby, behind
sql "TRUNCATE live"
"$bin/pg_basebackup" -D "$TMP/b/data" -R -X stream -c fast --no-sync -d "host=$TMP/a" 2>"$TMP/b/log" || exit 1
server b start || echo "not ok failover: the standby starts"
rm -rf "$TMP/one.spool"
collector one "$port" -d "host=$TMP/a,$TMP/b dbname=postgres target_session_attrs=read-write" \
	--batch-age=0.1 --batch-rows=500 --spool-bytes=1M
send "$port" 100 0 2
wait_for has_rows 3000
lsn=$(sql "SELECT pg_current_wal_lsn()")
has_replayed()
{
	[ "$(PGHOST=$TMP/b sql "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = t ]
}
wait_for has_replayed
PGHOST=$TMP/b sql "ALTER SYSTEM SET primary_conninfo = ''"
PGHOST=$TMP/b sql "SELECT pg_reload_conf()" >/dev/null
is_alone()
{
	[ "$(sql "SELECT count(*) FROM pg_stat_replication")" = 0 ]
}
wait_for is_alone
send "$port" 200 3000 2
wait_for has_rows 9000
is "$(sql "SELECT count(*) FROM live")" 9000 "the primary has rows"
server a -m immediate stop
send "$port" 50 9000 2
PGHOST=$TMP/b
is "$(sql "SELECT count(*) FROM live")" 3000 "that its standby lacks"
server b promote
send "$port" 50 10500 2
wait_for has_rows 12000
is "$(sql "SELECT count(*), count(DISTINCT bytes), max(bytes) FROM live")" "12000|12000|11999" \
	"when the standby takes over it gets them, and each once"
logged one 'the database has lost what was written'
is $? 0 "which is logged"
end $pid
logged one '^rows_reread [1-9]'
is $? 0 "rows are counted that were read again"
is "$(sql "SELECT count(*), sum(rows) FROM flow.ingest WHERE source = 'spool:$(cat "$TMP/one.spool/id")'")" "1|12000" \
	"and noted as one range"
