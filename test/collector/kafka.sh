#!/bin/sh
# A topic of Kafka, of a cluster within a test program: all messages become rows, and with a database each once, also
# where the collector is killed again and again.  Called by run.sh; the second half needs PGHOST and the extension.
kafka=$TMP/kafka
mkdir -p "$kafka"
if ! $CC -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -o "$kafka/mock" "$here/kafka_mock.c" -lrdkafka 2>"$TMP/err"
then
	echo "not ok kafka: the cluster does not compile"
	sed 's/^/# /' "$TMP/err" | head
	exit 0
fi

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok kafka: $name"
	else
		echo "not ok kafka: $name"
		tail -5 "$kafka/err" | sed 's/^/# /'
	fi
}

# begin TOPIC PARTITIONS FIRST COUNT [PAUSE_US]: start the cluster, set $brokers
begin()
{
	rm -f "$kafka/stdin" "$kafka/out"
	mkfifo "$kafka/stdin"
	"$kafka/mock" "$@" <"$kafka/stdin" >"$kafka/out" 2>"$kafka/mock.err" &
	mock=$!
	exec 4>"$kafka/stdin"
	i=0
	while [ ! -s "$kafka/out" ] && [ $i -lt 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	brokers=$(head -n 1 "$kafka/out")
}

end()
{
	exec 4>&-
	wait $mock
}

# wait_for SECONDS COMMAND...
wait_for()
{
	tries=$(($1 * 5))
	shift
	while [ $tries -gt 0 ]
	do
		"$@" && return 0
		tries=$((tries - 1))
		sleep 0.2
	done
	return 1
}

lines_are() { [ -f "$kafka/rows" ] && [ "$(wc -l <"$kafka/rows")" = "$1" ]; }

begin flows 3 1 5000
"$FLOWCOLLECTD" --kafka="$brokers" --kafka-topic=flows -o "$kafka/rows" --no-header --columns=bytes,src_addr --batch-age=0.2 2>"$kafka/err" &
pid=$!
check "all messages" wait_for 60 lines_are 5000
kill $pid
wait $pid
check "a stop" [ $? -eq 0 ]
check "each once" [ "$(cut -f1 "$kafka/rows" | sort -n | uniq | wc -l)" = 5000 ]
"$FLOWCOLLECTD" --kafka="$brokers" --kafka-topic=flows --kafka-set=no.such=1 -o - >/dev/null 2>"$kafka/err"
check "a wrong setting" [ $? -eq 1 ]
check "is told" grep -q 'Kafka setting "no.such"' "$kafka/err"
end

sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$database" -c "$1" 2>"$kafka/sql.err"; }

if [ -z "${PGHOST:-}" ]
then
	echo "skip kafka: PGHOST is not set"
	exit 0
fi
database=flowcollectd_kafka_$$
if ! psql -XqAt -d postgres -c "CREATE DATABASE $database" >/dev/null 2>&1 || ! sql 'CREATE EXTENSION flowstore' >/dev/null
then
	echo "skip kafka: no database with the extension can be made"
	psql -XqAt -d postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1
	exit 0
fi
trap 'psql -XqAt -d postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1' EXIT
sql 'CREATE TABLE flows (ts timestamptz, src_addr inet, dst_addr inet, proto smallint, packets bigint, bytes bigint) USING flowstore'
begin flows 3 1 30000 100
lives=0
while [ $lives -lt 12 ]
do
	lives=$((lives + 1))
	"$FLOWCOLLECTD" --kafka="$brokers" --kafka-topic=flows -d "dbname=$database" --batch-rows=500 --batch-age=0.1 2>>"$kafka/err" &
	pid=$!
	sleep 0.$((3 + lives % 7))
	kill -KILL $pid
	wait $pid 2>/dev/null
done
"$FLOWCOLLECTD" --kafka="$brokers" --kafka-topic=flows -d "dbname=$database" --batch-rows=500 --batch-age=0.1 2>"$kafka/err" &
pid=$!
is_reading() { grep -q 'reading topic' "$kafka/err"; }
check "the last one begins" wait_for 60 is_reading
rows_are() { [ "$(sql 'SELECT count(*) FROM flows')" = "$1" ]; }
check "all rows over 12 kills" wait_for 90 rows_are 30000
check "each message once" [ "$(sql 'SELECT count(DISTINCT bytes), min(bytes), max(bytes) FROM flows')" = '30000|1|30000' ]
kill $pid
wait $pid
check "a stop with a database" [ $? -eq 0 ]
check "three sources" [ "$(sql "SELECT string_agg(source, ' ' ORDER BY source) FROM flow.ingest")" = 'kafka:flows:0 kafka:flows:1 kafka:flows:2' ]
end
