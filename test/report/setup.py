"""The database of the test: a day of generated flows, their heap twin, alerts, collectors, and odd tables."""

import os
import subprocess

from tap import literal, sql

DAY = ('--since', '2025-01-01 00:00+00', '--until', '2025-01-02 00:00+00', '--zone', 'UTC')

# What strangers may put into names: markup, quotes, entities, characters that hide or turn text.
HOSTILE = [
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", '&lt;b&gt; &amp; &#60;',
    ']]><!--', '</table></section><h1>gone', 'javascript:alert(1)', '\x01\x1b[31mred\x07', '\u202etxt.exe\u202c',
    '\u200b\ufeffzero', 'x' * 5000, 'ü ł 漢字 🙂', '%s%d%n', '{}$1\\', '\ufffe\uffff', '</style><style>*{display:none}']

READER = os.environ['PGDATABASE'] + '_reader'


def generate(rows, table):
    words = ['--groups', 'tls,dns,http,payload', '--attacks', 'all']
    program = os.environ['FLOWGEN']
    ddl = subprocess.run([program, '--ddl', *words], capture_output=True, check=True, text=True).stdout
    columns = ', '.join(line.split()[0] for line in ddl.strip().split('\n'))
    with subprocess.Popen([program, '-n', str(rows), *words], stdout=subprocess.PIPE) as source:
        subprocess.run(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c', f'\\copy {table} ({columns}) FROM STDIN'],
                       stdin=source.stdout, check=True)


def make_flows():
    sql('CREATE EXTENSION flowstore')
    sql("SELECT flow.create_table('flows', '{tls,dns,http,payload}')")
    generate(200000, 'flows')
    sql("SELECT count(*) FROM flow.optimize('flows')")
    sql('CREATE TABLE twin (LIKE flows) USING heap')
    sql('INSERT INTO twin SELECT * FROM flows')
    # the places of what was clustered are free from now on, not when autovacuum comes
    sql('VACUUM ANALYZE flows, twin')


def make_health():
    sql("SELECT flow.raise_alert('fan-out', 'high', '10.12.0.1', NULL, NULL, 12, '{\"why\": \"<b>\"}', '2025-01-01 10:00+00')")
    sql("SELECT flow.raise_alert('fan-out', 'high', '10.12.0.1', NULL, NULL, 13, '{}', '2025-01-01 10:20+00')")
    sql("SELECT flow.raise_alert('odd <i>', 'low', '10.12.0.9', '203.0.113.7', 443, NULL, '[1]', '2025-01-01 23:59:59+00')")
    sql("SELECT flow.raise_alert('outside', 'critical', '10.12.0.9', '203.0.113.7', 443, 1, '{}', '2025-01-02 00:00+00')")
    sql("INSERT INTO flow.collectors (name, host, pid, version, started, last_seen, rows_per_second, lag, queue_rows,"
        " spool_bytes, exporters, drops) VALUES"
        " ('edge', 'h', 1, '1.0', now(), now() + interval '1 hour', 1234.5, '2 seconds', 17, 1048576, 2, '{}'),"
        " ('core <&>', 'h', 1, '1.0', now(), now() - interval '2 hours', 0, NULL, 0, 0, 0, '{\"queue_full\": 5}')")
    sql("INSERT INTO flow.exporters VALUES ('edge', '192.0.2.1', 10, 7, now() + interval '1 hour', 900, 1, 3, 100, 4),"
        " ('edge', '192.0.2.2', 9, 0, now() - interval '1 day', 500, 0, 0, 0, 1)")


def make_odd():
    sql("SELECT flow.create_table('hostile', '{tls,dns,http}')")
    for n, text in enumerate(HOSTILE):
        sql(f"INSERT INTO hostile (ts, src_addr, dst_addr, src_port, dst_port, proto, bytes, packets, sni, dns_query, http_host)"
            f" VALUES ('2025-01-01 12:00+00', '10.0.0.{n}', '192.0.2.{n}', 40000, 443, 6, {1000 - n}, 1,"
            f" {literal(text)}, {literal(text)}, {literal(text)})")
    sql('CREATE TABLE "o""dd <b>&\'" (LIKE flows) USING flowstore')
    sql("INSERT INTO \"o\"\"dd <b>&'\" SELECT * FROM flows LIMIT 5")
    sql("SELECT flow.create_table('empty')")
    sql("SELECT flow.create_table('single')")
    sql("INSERT INTO single (ts, src_addr, dst_addr, src_port, dst_port, proto, bytes, packets)"
        " VALUES ('2025-01-01 12:34:56+00', '10.0.0.1', '192.0.2.1', 1234, 443, 6, 1, 1)")
    sql("SELECT flow.create_table('nulls')")
    sql("INSERT INTO nulls (ts) SELECT timestamptz '2025-01-01 00:00+00' + i * interval '1 minute' FROM generate_series(0, 99) i")
    sql("CREATE TABLE only_ts (ts timestamptz) USING flowstore")
    sql("INSERT INTO only_ts VALUES ('2025-01-01 12:00+00'), (NULL), ('-infinity'), ('infinity')")
    sql("CREATE TABLE few (ts timestamptz, src_addr inet, dst_addr inet, packets bigint)")
    sql("INSERT INTO few SELECT ts, src_addr, dst_addr, packets FROM flows LIMIT 1000")
    sql("CREATE TABLE negative (LIKE few) USING flowstore")
    sql("INSERT INTO negative SELECT ts, src_addr, dst_addr, CASE WHEN packets > 100 THEN -packets ELSE packets END FROM twin"
        " WHERE proto = 1")
    sql("CREATE TABLE no_ts (t timestamptz, bytes bigint)")
    sql("CREATE TABLE words (ts timestamptz, src_addr text, dst_addr text, bytes bigint, packets bigint)")
    sql("INSERT INTO words VALUES ('2025-01-01 12:00+00', 'alice', 'bob', 5, 1)")
    sql(f'CREATE ROLE "{READER}" LOGIN')
    sql(f'GRANT SELECT ON flows TO "{READER}"')


def make():
    make_flows()
    make_health()
    make_odd()
