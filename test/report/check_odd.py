"""Tables that have little, ranges that have nothing, roles that may not, files that cannot be written: under the sanitizers."""

import os
import stat
import subprocess
import tempfile

from page import Page, words
from setup import DAY, READER
from tap import Report, sql


def run(*given, env=None):
    return Report(*given, program=os.environ['FLOW_SANITIZED'], env=env)


def good(tap, report, name):
    """The page of a report that should have ended well."""
    if not tap.ok(report.status == 0 and report.errors == '', f'{name}: a page', report.errors or report.status):
        return None
    page = Page(report.text)
    tap.ok(page.one('health') is not None and page.one('cost') is not None, f'{name}: it has its end')
    return page


def check_little(tap):
    page = good(tap, run('-t', 'empty', *DAY), 'empty table')
    tap.ok('has no rows' in page.notes()[0], 'empty table: it says so', page.notes())
    page = good(tap, run('-t', 'single', *DAY), 'one row')
    tap.same([r['name'] for r in page.ranking('sources')], ['10.0.0.1'], 'one row: its source')
    tap.same(page.ranking('sources')[0]['share'], '100.0 %', 'one row: all of it')
    tap.ok(page.one('raised') is not None, 'one row: alerts')
    page = good(tap, run('--since', '2024-06-01', '--until', '2024-06-02'), 'range without rows')
    tap.ok('No flow is in this range' in page.notes()[0] and '2025-01-01 00:00:00' in page.notes()[0],
           'range without rows: it says where rows are', page.notes())
    page = good(tap, run(*DAY, '--no-hunt', 'src ip 1.2.3.4'), 'filter without rows')
    tap.ok('No flow meets the filter' in page.notes()[0], 'filter without rows: it says so', page.notes())
    page = good(tap, run('-t', 'nulls', *DAY), 'nothing but times')
    tap.same([r['name'] for r in page.ranking('sources')], ['(none)'], 'nothing but times: no source is a group')
    page = good(tap, run('-t', 'only_ts', *DAY), 'table of one column')
    tap.same(page.facts()['Flows'][2], '1', 'table of one column: flows are counted')
    tap.ok(page.one('talkers') is None and page.one('traffic') is not None, 'table of one column: sections without columns are left out')
    page = good(tap, run('-t', 'few', *DAY), 'table of four columns')
    tap.same(sorted(page.facts())[:3], ['Alerts and findings', 'Flows', 'Health'], 'table of four columns: no bytes')
    tap.ok('lacks columns' in ' '.join(words(e) for e in page.one('alerts').iter('p')),
           'table of four columns: it says which detections could not run')
    page = good(tap, run('-t', 'words', *DAY), 'addresses that are text')
    tap.ok(page.notes() and page.one('health') is not None, 'addresses that are text: notes, and the rest', page.notes())
    page = good(tap, run('-t', 'negative', *DAY, '--packets', '--no-hunt'), 'values below 0')
    expected = sql("SELECT host(src_addr) || ' → ' || host(dst_addr), sum(packets) FROM negative GROUP BY src_addr, dst_addr"
                   " ORDER BY 2 DESC, src_addr, dst_addr LIMIT 10")
    tap.same([[r['name'], str(r['Packets'])] for r in page.ranking('conversations')[:10]], expected,
             'values below 0: conversations are still the greatest')
    report = run('-t', 'no_ts')
    tap.ok(report.status == 1 and 'has no column "ts"' in report.errors and report.bytes == b'', 'a table without ts is refused',
           report.errors)


def check_ranges(tap):
    page = good(tap, run('--since=-infinity', '--until=infinity', '--no-hunt', '--zone', 'UTC'), 'all rows')
    tap.same(page.facts()['Flows'][2], '200000', 'all rows: all are counted')
    page = good(tap, run('-t', 'only_ts', '--since=-infinity', '--until=infinity'), 'all rows with odd times')
    tap.same(page.facts()['Flows'][2], '1', 'all rows with odd times: those in time')
    for since, until in (('2025-01-01 12:00:00', '2025-01-01 12:00:00.5'), ('2025-01-01 12:00', '2025-01-01 12:01'),
                         ('2025-01-01', '2025-01-31'), ('2024-03-01', '2026-03-01'), ('1900-01-01', '2100-01-01'),
                         ('2025-01-01 00:00:17.123', '2025-01-01 13:13:13')):
        page = good(tap, run('--since', since, '--until', until, '--no-hunt', '--zone', 'UTC'), f'{since} to {until}')
        expected = sql(f"SELECT count(*) FROM twin WHERE ts >= '{since}+00' AND ts < '{until}+00'")[0][0]
        tap.same(page.facts()['Flows'][2], expected, f'{since} to {until}: flows')
        rows = page.table('traffic') if page.one('traffic') is not None else []
        tap.ok(len(rows) <= 131, f'{since} to {until}: not too many buckets', len(rows))
    page = good(tap, run('--now', 'newest', '-6h', '--no-hunt'), '--now newest -6h')
    tap.ok(int(page.facts()['Flows'][2]) > 1000, '--now newest -6h: rows', page.facts())
    check_zones(tap)


def check_zones(tap):
    page = good(tap, run('--since', '2025-01-01', '--until', '2025-01-02', '--zone', 'Asia/Kolkata', '--no-hunt'), 'zone')
    tap.same(page.facts()['Flows'][2], sql("SELECT count(*) FROM twin WHERE ts >= '2025-01-01 00:00+05:30'"
                                           " AND ts < '2025-01-02 00:00+05:30'")[0][0], 'zone: times are of the zone')
    tap.same(page.table('traffic')[1][0], '2025-01-01 00:00 to 00:15', 'zone: so are buckets')
    labels = [words(e) for e in page.one('traffic').find('.//svg').iter('text')]
    tap.ok('00:00' in labels and '12:00' in labels and '1 Jan' in labels, 'zone: and marks', labels)
    page = good(tap, run('-t', 'single', '--since', '2025-03-29', '--until', '2025-04-01', '--zone', 'Europe/Berlin'), 'clock change')
    page = good(tap, run('--since', '2024-12-31', '--until', '2025-01-04', '--zone', 'America/New_York', '--no-hunt'), 'days')
    labels = [words(e) for e in page.one('traffic').find('.//svg').iter('text')]
    tap.ok('1 Jan' in labels and '3 Jan' in labels, 'days: dates are marked', labels)
    report = run(*DAY, '--zone', 'Mars/Olympus')
    tap.ok(report.status == 1 and 'Mars/Olympus' in report.errors and report.bytes == b'', 'a zone that is none', report.errors)


def check_filters(tap):
    page = good(tap, run(*DAY, '--no-hunt', 'dst', 'port', '443', 'and', 'bytes > 1k'), 'filter')
    tap.same(page.facts()['Flows'][2], sql('SELECT count(*) FROM twin WHERE dst_port = 443 AND bytes > 1000')[0][0], 'filter: flows')
    tap.ok('so they are of all flows' in page.section('raised'), 'filter: alerts have no bytes, and it says so')
    page = good(tap, run(*DAY, '--no-hunt', 'ip 10.12.0.9'), 'filter by address')
    tap.same([r[1] for r in page.table('raised')[1:]], ['odd <i>'], 'filter by address: alerts of that address')
    tap.same(page.table('raised')[1][6], '', 'evidence that is no object is left out')


def check_rights(tap):
    for name in ('flow.alerts', 'flow.collectors'):
        sql(f'REVOKE ALL ON {name} FROM PUBLIC')
    report = run(*DAY, '-U', READER)
    page = good(tap, report, 'a role that may read the flows')
    notes = ' '.join(page.notes())
    tap.ok('Alerts could not be asked for: permission denied' in notes and 'Collectors could not be asked for' in notes,
           'a role that may read the flows: what it may not is said', page.notes())
    tap.ok(page.one('sources') is not None and page.one('found') is not None and page.one('storage') is not None,
           'a role that may read the flows: the rest is there')
    report = run(*DAY, '-U', READER, '-t', 'twin')
    tap.ok(report.status == 1 and 'permission denied' in report.errors and report.bytes == b'',
           'a role that may not: an error and no page', report.errors)
    sql(f'ALTER TABLE twin ENABLE ROW LEVEL SECURITY; GRANT SELECT ON twin TO "{READER}";'
        f' CREATE POLICY p ON twin USING (proto = 17)')
    page = good(tap, run(*DAY, '-U', READER, '-t', 'twin', '--no-hunt'), 'row security')
    tap.same(page.facts()['Flows'][2], sql('SELECT count(*) FROM twin WHERE proto = 17')[0][0], 'row security: rows that one may see')
    sql('ALTER TABLE twin DISABLE ROW LEVEL SECURITY')


def check_files(tap):
    folder = tempfile.mkdtemp()
    file = os.path.join(folder, 'report.html')
    tap.same((run('-t', 'single', *DAY, '-o', file).status, Page(open(file, encoding='utf-8').read()).facts()['Flows'][2]), (0, '1'),
             '-o writes a file')
    os.chmod(file, 0o640)
    link = os.path.join(folder, 'link.html')
    os.symlink('report.html', link)
    run('-t', 'empty', *DAY, '-o', link)
    tap.ok(os.path.islink(link) and 'has no rows' in open(file, encoding='utf-8').read(), 'behind a link the file is replaced')
    tap.same(stat.S_IMODE(os.stat(file).st_mode), 0o640, 'and keeps its mode')
    before = open(file, 'rb').read()
    report = run('-t', 'nowhere', *DAY, '-o', file)
    tap.ok(report.status == 1 and open(file, 'rb').read() == before, 'after an error the file is what it was', report.errors)
    tap.same(sorted(os.listdir(folder)), ['link.html', 'report.html'], 'nothing else is left behind')
    report = run('-t', 'single', *DAY, '-o', os.path.join(folder, 'no', 'where.html'))
    tap.ok(report.status == 1 and 'No such file' in report.errors, 'a folder that is not there', report.errors)
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([os.environ['FLOW_SANITIZED'], 'report', '-t', 'single', *DAY], stdout=full, stderr=subprocess.PIPE,
                              check=False, text=True)
    tap.ok(done.returncode == 1 and 'No space left' in done.stderr, 'a full disk', done.stderr)
    report = run('-t', 'single', *DAY, '-o', '/dev/full')
    tap.ok(report.status == 1 and 'No space left' in report.errors, 'a full device', report.errors)
    tap.same(run('-t', 'single', *DAY, '-o', '-').text[:15], '<!DOCTYPE html>', '-o - is standard output')


def check_usage(tap):
    for given, told in ((('-n', '0'), 'number'), (('-n', '1001'), '1001'), (('-n', 'x'), 'x'), (('--networks', '33,0'), 'lengths'),
                        (('--networks', '8'), 'lengths'), (('--networks', '8,8,8'), 'lengths'), (('--bytes', '--flows'), 'one measure'),
                        (('--nonsense',), 'nonsense')):
        report = run(*given)
        tap.ok(report.status == 2 and told in report.errors and report.bytes == b'', ' '.join(given) + ' is refused', report.errors)
    report = run(*DAY, 'src net nonsense')
    tap.ok(report.status == 1 and 'nonsense' in report.errors and report.bytes == b'', 'a filter that is none', report.errors)
    report = run('--since', '2025-01-02', '--until', '2025-01-01')
    tap.ok(report.status != 0 and 'earlier' in report.errors, 'since after until', report.errors)
    report = run(*DAY, '-d', 'no_such_database')
    tap.ok(report.status != 0 and 'no_such_database' in report.errors, 'a database that is not there', report.errors)
    done = subprocess.run(['script', '-qec', os.environ['FLOW'] + ' report -t single', '/dev/null'], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, text=True)
    tap.ok(done.returncode == 2 and 'standard output is a terminal' in done.stdout, 'no page onto a terminal', done.stdout[:300])


def check(tap):
    check_little(tap)
    check_ranges(tap)
    check_filters(tap)
    check_rights(tap)
    check_files(tap)
    check_usage(tap)
