#!/bin/sh
# The HTTP interface against a real server: what curl gets, what is in the
# tables, and what is refused.  Called by run.sh; the parts with a database need
# PGHOST, and make and drop a role and a schema.
if ! command -v curl >/dev/null
then
	echo "skip web: curl is not installed"
	exit 0
fi
server=$TMP/web_server
# shellcheck disable=SC2086
if ! $CC -std=gnu11 -D_GNU_SOURCE -g -O1 $SANITIZERS -Wall -Wextra -Werror \
	-I"$root/collector" -o "$server" "$here/web_server.c" \
	"$BUILD/libcollector.a" $($MAKE -s -C "$root/collector" print-libs) 2>"$TMP/err"
then
	echo "not ok web: the server does not compile"
	sed 's/^/# /' "$TMP/err" | head
	exit 0
fi

check()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok web: $name"
	else
		echo "not ok web: $name"
		head -c 600 "$TMP/body" | sed 's/^/# /'
		tail -3 "$TMP/web.err" | sed 's/^/# /'
	fi
}

# start ENVIRONMENT...: start the server, set $url
start()
{
	rm -f "$TMP/stdin" "$TMP/port"
	mkfifo "$TMP/stdin"
	env "$@" "$server" "${conninfo:-}" "${role:-}" <"$TMP/stdin" >"$TMP/port" \
		2>"$TMP/web.err" &
	pid=$!
	exec 3>"$TMP/stdin"
	i=0
	while [ ! -s "$TMP/port" ] && [ $i -lt 100 ]
	do
		i=$((i + 1))
		sleep 0.1
	done
	url=http://127.0.0.1:$(cat "$TMP/port")
}

stop()
{
	exec 3>&-
	wait $pid
}

# get STATUS PATTERN CURL-ARGUMENT...
get()
{
	status=$1 pattern=$2
	shift 2
	[ "$(curl -s -m 30 -o "$TMP/body" -w '%{http_code}' "$@")" = "$status" ] &&
		grep -qF -e "$pattern" "$TMP/body"
}

reader="Authorization: Bearer reader"
writer="Authorization: Bearer writer"

start PROBLEM=
check "metrics need the token" get 401 'token' "$url/metrics"
check "metrics" get 200 'flowcollectd_rows_dropped_total 3' -H "$reader" "$url/metrics"
check "metrics of exporters" get 200 \
	'flowcollectd_exporter_missed_records_total{exporter="192.0.2.1",version="9",domain="5"} 2' \
	-H "$reader" "$url/metrics"
check "every metric has a type" [ "$(grep -c '^# TYPE' "$TMP/body")" = \
	"$(grep -c '^# HELP' "$TMP/body")" ]
check "and a line of its own" [ -z "$(grep -v '^#' "$TMP/body" | sed 's/ .*//' | sort | uniq -d)" ]
check "the wrong token" get 401 'token' -H "Authorization: Bearer readerr" "$url/metrics"
check "answers by path and status" get 200 'flowcollectd_http_answers_total{path="/metrics",status="401"} 2' \
	-H "$reader" "$url/metrics"
check "health needs none, and says why" get 503 '"reasons":[""]' "$url/health"
stop
start PROBLEM=disk\ is\ full
check "health has the reason" get 503 '"reasons":["disk is full"]' "$url/health"
check "HEAD has no body" [ "$(curl -s -I -o /dev/null -w '%{http_code} %{size_download}' "$url/health")" = "503 0" ]
check "no such path" get 404 'nothing' "$url/other"
check "no such method" get 405 'method' -X DELETE "$url/health"
check "nothing writes with the read token" get 403 'permitted' -H "$reader" --data-binary 'a' "$url/imp?name=t"
check "a body that is announced too long" get 413 'too long' -H "$writer" \
	-H 'Content-Length: 99999999' --data-binary 'a' "$url/imp?name=t"
check "keep-alive" [ "$(curl -s -o /dev/null -w '%{num_connects} ' "$url/health" \
	-o /dev/null "$url/health" -o /dev/null "$url/health")" = "1 0 0 " ]
check "another server than HTTP" [ "$(printf 'GARBAGE\r\n\r\n' |
	curl -s -m 5 "telnet://${url#http://}" | head -1 | tr -d '\r')" = "HTTP/1.1 400 Bad Request" ]
stop
check "stops cleanly" [ $? -eq 0 ]

start NO_READ_TOKEN=1
check "without a token reading is open" get 200 'flowcollectd_' "$url/metrics"
check "but not under a name of the outside" get 403 'permitted' -H 'Host: evil.example' "$url/metrics"
check "and writing is not" get 401 'token' --data-binary 'a' "$url/imp?name=t"
stop

if [ -z "${PGHOST:-}" ]
then
	echo "skip web: PGHOST is not set"
	exit 0
fi
PGOPTIONS="-c client_min_messages=warning"
export PGOPTIONS
schema=flowcollectd_web_$$
role=flowcollectd_reader_$$
sql()
{
	psql -XqAt -v ON_ERROR_STOP=1 -c "$1"
}
trap 'stop 2>/dev/null; sql "DROP SCHEMA $schema CASCADE; DROP ROLE $role" >/dev/null' EXIT
sql "CREATE SCHEMA $schema"
sql "CREATE ROLE $role LOGIN"
sql "GRANT USAGE ON SCHEMA $schema TO $role"
sql "CREATE TABLE $schema.t (ts timestamptz, a int, b bigint, c float8, d text, e inet, f boolean)"
sql "INSERT INTO $schema.t VALUES ('2026-01-02 03:04:05.06+00', 1, 9007199254740993, 1.5, 'x\"y', '192.0.2.1', true),
	(NULL, NULL, NULL, 'NaN', NULL, '2001:db8::1', false), ('infinity', 3, 3, 'Infinity', E'\\n\\t', NULL, NULL)"
sql "GRANT SELECT ON $schema.t TO $role"
sql "CREATE TABLE $schema.secret (a int)"
conninfo="host=$PGHOST dbname=${PGDATABASE:-$(id -un)} options='-c search_path=$schema'"
PGOPTIONS="$PGOPTIONS -c search_path=$schema"
sql "ALTER ROLE $role SET search_path = $schema"
start NO_READ_TOKEN=1

# query STATUS PATTERN QUERY [CURL-ARGUMENT...]
query()
{
	status=$1 pattern=$2 text=$3
	shift 3
	get "$status" "$pattern" -G --data-urlencode "query=$text" "$@" "$url/exec"
}

check "exec" query 200 '{"query":"SELECT * FROM t ORDER BY a","columns":[{"name":"ts","type":"TIMESTAMP"},{"name":"a","type":"INT"},{"name":"b","type":"LONG"},{"name":"c","type":"DOUBLE"},{"name":"d","type":"STRING"},{"name":"e","type":"STRING"},{"name":"f","type":"BOOLEAN"}],"timestamp":0,"dataset":[["2026-01-02T03:04:05.060000Z",1,9007199254740993,1.5,"x\"y","192.0.2.1",true],["infinity",3,3,null,"\n\t",null,null],[null,null,null,null,null,"2001:db8::1",false]],"count":3}' \
	'SELECT * FROM t ORDER BY a'
check "limit" query 200 '"dataset":[[2],[3]],"count":2}' 'SELECT generate_series(1, 9)' -d limit=2,3
check "limit and count" query 200 '"dataset":[[1],[2]],"count":9}' 'SELECT generate_series(1, 9)' -d limit=2 -d count=true
check "no metadata" query 200 '{"query":"SELECT 1","timestamp":-1,"dataset":[[1]],"count":1}' 'SELECT 1' -d nm=true
check "large numbers as text" query 200 '[["9007199254740993"]]' 'SELECT b FROM t LIMIT 1' -d quoteLargeNum=true
check "timings" query 200 '"timings":{"compiler":' 'SELECT 1' -d timings=true
check "explain" query 200 '"Node Type": "Seq Scan"' 'SELECT a FROM t' -d explain=true
check "error" query 400 '{"query":"SELECT nothing","error":"column \"nothing\" does not exist","position":7}' 'SELECT nothing'
check "empty query" get 400 'the query is empty' "$url/exec?query="
check "bad limit" query 400 'limit is not' 'SELECT 1' -d limit=x
check "two statements" query 400 'cannot insert multiple commands' 'SELECT 1; SELECT 2'
check "no rights" query 400 'permission denied' 'SELECT * FROM secret'
check "no writing" query 400 'read-only transaction' 'CREATE TABLE x (a int)'
check "not even so" query 400 'read-write mode' 'SET TRANSACTION READ WRITE'
check "nor so" query 400 'read-write mode' "SELECT set_config('transaction_read_only', 'off', false)"
check "a session is left clean" query 200 '{"ddl":"OK"}' "SET search_path = nowhere"
check "for all workers" query 200 '[[3]]' 'SELECT count(*) FROM t'
check "COPY" query 400 'COPY is not supported' 'COPY t TO STDOUT'
check "after it" query 200 '[[3]]' 'SELECT count(*) FROM t'
check "timeout" query 400 'statement timeout' 'SELECT pg_sleep(10)' -H 'Statement-Timeout: 200'
check "an error among rows cuts the answer off" [ "$(curl -s -G -o "$TMP/body" -w '%{http_code}' \
	--data-urlencode 'query=SELECT 1 / (50000 - n) FROM generate_series(1, 60000) n' "$url/exec"; echo " $?")" = "200 18" ]
check "many rows" [ "$(curl -s -G --data-urlencode \
	'query=SELECT n, md5(n::text) FROM generate_series(1, 200000) n' "$url/exec" |
	perl -MJSON::PP -0777 -ne '$d = decode_json($_); print "$d->{count} $d->{dataset}[199999][0] " . @{$d->{dataset}}')" = \
	"200000 200000 200000" ]
curl -s -m 1 -G --data-urlencode "query=SELECT pg_sleep(15), 'gone$$'" "$url/exec" >/dev/null
sleep 1
check "a client that goes away ends its query" [ "$(sql "SELECT count(*) FROM pg_stat_activity
	WHERE query LIKE '%gone$$%' AND state = 'active' AND pid <> pg_backend_pid()")" = 0 ]
check "exp" [ "$(curl -s -G --data-urlencode 'query=SELECT ts, a, c, d, e, f FROM t WHERE a = 1' "$url/exp")" = \
	"$(printf '"ts","a","c","d","e","f"\r\n"2026-01-02T03:04:05.060000Z",1,1.5,"x""y","192.0.2.1",true\r\n')" ]
check "exp, error" get 400 '"error":"relation \"nowhere\"' -G --data-urlencode 'query=TABLE nowhere' "$url/exp"

# import STATUS PATTERN PARAMETERS CURL-ARGUMENT...
import()
{
	status=$1 pattern=$2 parameters=$3
	shift 3
	get "$status" "$pattern" -H "$writer" "$@" "$url/imp?fmt=json&$parameters"
}
printf 'ts,a,b,d,zzz\n2026-02-03T04:05:06Z,1,2,"a ""b"", c",9\n,x,4,"",\n2026-02-30 00:00,5,6,,\n7,8\n' >"$TMP/in.csv"
sql "CREATE TABLE i (LIKE t)"
check "import" import 200 '{"status":"OK","location":"i","rowsRejected":1,"rowsImported":3,"header":true,"columns":[{"name":"ts","type":"TIMESTAMP","size":8,"errors":1},{"name":"a","type":"INT","size":4,"errors":1},{"name":"b","type":"LONG","size":8,"errors":0},{"name":"d","type":"STRING","size":0,"errors":0},{"name":"zzz","type":"NONE","size":0,"errors":1}]}' \
	'name=i' -F "data=@$TMP/in.csv"
check "what was imported" [ "$(sql "SELECT ts AT TIME ZONE 'UTC', a, b, d IS NULL, d FROM i ORDER BY b")" = \
	"$(printf '2026-02-03 04:05:06|1|2|f|a "b", c\n||4|f|\n|5|6|t|')" ]
check "skipRow, overwrite" import 200 '"rowsRejected":3,"rowsImported":1' 'name=i&atomicity=skipRow&overwrite=true' --data-binary "@$TMP/in.csv"
check "overwrites" [ "$(sql 'SELECT count(*) FROM i')" = 1 ]
check "abort" import 400 'cannot hold' 'name=i&atomicity=abort' --data-binary "@$TMP/in.csv"
check "imports nothing" [ "$(sql 'SELECT count(*) FROM i')" = 1 ]
sql "ALTER TABLE i ADD CHECK (a < 100)"
check "what the server refuses" import 400 'violates check constraint' 'name=i' --data-binary "a
100"
check "no table" import 400 'there is no such table' 'name=nowhere' --data-binary "a
1"
check "no part" import 400 'no part' 'name=i' -F "other=1"
check "create" import 200 '"rowsImported":2' 'name=Made%20up&create=true&timestamp=t' --data-binary \
	'[{"t": "2026-01-01T00:00:00Z", "n": 1, "x": 0.5, "s": "\u00e9\\", "o": {"a": [1]}, "a": "::1"},
	{"t": "2026-01-01T00:00:01Z", "n": 2, "x": 1, "s": null, "ok": true}]'
check "its types" [ "$(sql "SELECT string_agg(format_type(atttypid, -1), ',' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = '\"Made up\"'::regclass AND attnum > 0")" = \
	"timestamp with time zone,bigint,double precision,text,text,inet,boolean" ]
check "its rows" [ "$(sql 'SELECT n, x, s, o, a, ok FROM "Made up" ORDER BY n')" = \
	"$(printf '1|0.5|é\\|{"a": [1]}|::1|\n2|1||||t')" ]
sql "CREATE TABLE big (n int)"
check "as text, chunked" get 200 'Rows imported  |  2' -H "$writer" -H 'Transfer-Encoding: chunked' \
	--data-binary '{"n": 5}
{"n": 6}' "$url/imp?name=big"
seq 1 100000 | sed '1s/^/n\n/' >"$TMP/big.csv"
check "many rows in" import 200 '"rowsImported":100000' 'name=big' -F "data=@$TMP/big.csv"
check "are there" [ "$(sql 'SELECT count(*), sum(n) FROM big')" = "100002|5000050011" ]
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowcollectd http'" >/dev/null
sleep 0.2
check "a lost connection is made again" query 200 '[[1]]' 'SELECT 1'
stop
check "ends cleanly" [ $? -eq 0 ]

# What a collector says of itself, in tables like those of the extension.
database=flowcollectd_web_$$
if sql "CREATE DATABASE $database"
then
	{
		echo 'CREATE SCHEMA flow;'
		sed -n '/^CREATE TABLE flow\.\(collectors\|exporters\)/,/;$/p' "$root/schema/collectors.sql"
	} >"$TMP/tables.sql"
	"$server" --status | sed 's/\\"/\\\\"/g' >"$TMP/status.sql"
	cat "$TMP/tables.sql" "$TMP/status.sql" "$TMP/status.sql" |
		psql -XqAt -d "$database" -v ON_ERROR_STOP=1 >"$TMP/body" 2>&1
	check "collectors" [ "$(psql -XAt -d "$database" -c "SELECT name, version, lag, queue_rows,
		exporters, drops, last_seen > now() - interval '1 minute' FROM flow.collectors")" = \
		'test "one"|0|00:00:00|0|1|{"rows_dropped": 3}|t' ]
	check "exporters" [ "$(psql -XAt -d "$database" -c "SELECT collector, address, version, domain,
		extract(epoch FROM last_seen), records, gaps, missed, templates FROM flow.exporters")" = \
		'test "one"|192.0.2.1|9|5|1700000000.500000|7|1|2|' ]
	sql "DROP DATABASE $database"
else
	echo "skip web: no right to make a database"
fi

superuser=$(sql 'SELECT current_user')
if [ "$(sql 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')" = t ]
then
	reader_role=$role role=$superuser
	start NO_READ_TOKEN=1
	check "no superuser queries" query 503 'must not be a superuser' 'SELECT 1'
	stop
	role=$reader_role
fi
exit 0
