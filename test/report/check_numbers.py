"""What the page says is what SQL says of the heap twin."""

from page import Page
from setup import DAY
from tap import Report, sql

SUMS = 'coalesce(sum(bytes), 0), count(*), coalesce(sum(packets), 0)'


def rankings():
    """Each ranking with the query that answers it on the twin: name, bytes, flows, packets."""
    address = "SELECT host({0}), {1} FROM twin GROUP BY {0} ORDER BY 2 DESC, {0} LIMIT 10"
    name = "SELECT {0}, {1} FROM twin WHERE {0} <> '' GROUP BY {0} ORDER BY {2} DESC, {0} LIMIT 10"
    service = ("SELECT CASE WHEN p IS NULL THEN flow.proto_name(proto) ELSE flow.port_name(p, proto) END, " + SUMS +
               " FROM (SELECT CASE WHEN proto IN (6, 17, 33, 132, 136) THEN least(src_port, dst_port) END AS p, * FROM twin) t"
               " GROUP BY p, proto ORDER BY 2 DESC, p, proto LIMIT 10")
    yield 'sources', address.format('src_addr', SUMS)
    yield 'destinations', address.format('dst_addr', SUMS)
    yield 'conversations', (f"SELECT host(src_addr) || ' → ' || host(dst_addr), {SUMS} FROM twin"
                            " GROUP BY src_addr, dst_addr ORDER BY 2 DESC, src_addr, dst_addr LIMIT 10")
    yield 'services', service
    yield 'protocols', f"SELECT flow.proto_name(proto), {SUMS} FROM twin GROUP BY proto ORDER BY 2 DESC, proto LIMIT 10"
    for column, place in (('src_as', 'src-as'), ('dst_as', 'dst-as')):
        yield place, (f"SELECT 'AS ' || {column}, {SUMS} FROM twin WHERE {column} <> 0 GROUP BY {column}"
                      f" ORDER BY 2 DESC, {column} LIMIT 10")
    yield 'sni', name.format('sni', SUMS, 2)
    yield 'dns', name.format('dns_query', SUMS, 3)
    yield 'http', name.format('http_host', SUMS, 2)


def check_rankings(tap, page):
    totals = [int(v) for v in sql(f'SELECT {SUMS} FROM twin')[0]]
    for name, query in rankings():
        rows = page.ranking(name)
        listed = [r for r in rows if r['name'] != 'Other']
        expected = sql(query)
        got = [[r['name'], str(r['Bytes']), str(r['Flows'])] for r in listed]
        tap.same(got, [[e[0], e[1], e[2]] for e in expected], f'{name}: the ten first, with bytes and flows')
        if any('Packets' in r for r in listed):
            tap.same([str(r['Packets']) for r in listed], [e[3] for e in expected], f'{name}: packets')
        tap.ok(all(r['line'] for r in listed), f'{name}: each has its line over time')
        part = name in ('src-as', 'dst-as', 'sni', 'dns', 'http')
        if part or len(listed) < 10:
            tap.ok(len(listed) == len(rows), f'{name}: no rest')
        else:
            tap.same([rows[-1]['Bytes'], rows[-1]['Flows']],
                     [totals[0] - sum(r['Bytes'] for r in listed), totals[1] - sum(r['Flows'] for r in listed)],
                     f'{name}: the rest is what is left of everything')
        wrong = [r for r in listed if name != 'dns' and not near(r['share'], r['Bytes'], totals[0])]
        tap.ok(not wrong, f'{name}: shares are of all bytes', wrong)


def near(share, part, whole):
    percent = 100 * part / whole
    if share.startswith('<'):
        return 0 < percent < 0.05
    return abs(float(share.split(' ')[0]) - percent) <= 0.0501


def check_totals(tap, page):
    facts = page.facts()
    expected = sql(f'SELECT {SUMS}, count(DISTINCT src_addr), count(DISTINCT dst_addr) FROM twin')[0]
    tap.same([facts['Bytes'][2], facts['Flows'][2], facts['Packets'][2]], expected[:3], 'totals')
    approx = sql('SELECT flow.approx_distinct(src_addr) FROM twin')[0][0]
    tap.ok(abs(int(approx) / int(expected[3]) - 1) < 0.04 and facts['Sources, about'][0].startswith(
        str(round(int(approx) / 1000)) if int(approx) > 99999 else approx), 'addresses are counted about right',
        (approx, expected, facts['Sources, about']))
    mean = 8 * int(expected[0]) / 86400 / 1e6
    tap.ok(facts['Mean'][0].startswith(f'{mean:.3g}'[:3]) and facts['Mean'][0].endswith('Mbit/s'), 'mean rate',
           (mean, facts['Mean']))


def check_series(tap, page):
    """Rates of the chart's table: by direction, of 15 minutes."""
    rows = page.table('traffic')
    answers = {}
    for bucket, inside, to_inside, total in sql(
            "SELECT to_char(flow.time_bucket('15 min', ts) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),"
            " flow.is_internal(src_addr), flow.is_internal(dst_addr), sum(bytes) * 8 / 900 FROM twin GROUP BY 1, 2, 3"):
        direction = {'tt': 'internal', 'tf': 'out', 'ft': 'in', 'ff': 'external'}[inside + to_inside]
        answers[bucket, direction] = float(total)
    tap.same(len(rows) - 1, 96, 'traffic: a row for each bucket')
    wrong = []
    for row in rows[1:]:
        for title, value in zip(rows[0][1:], row[1:]):
            if abs(float(value) - answers.get((row[0][:16], title), 0)) > 0.001:
                wrong.append((row[0], title, value))
    tap.ok(not wrong, 'traffic: each rate is that of SQL', wrong[:5])
    tap.same(rows[0], ['Time', 'in', 'out', 'internal', 'external'], 'traffic: directions')
    sums = sorted(sum(float(v) for v in row[1:]) for row in rows[1:])
    peak = page.facts()['Peak']
    tap.ok(peak[0].startswith(f'{sums[-1] / 1e6:.3g}'[:3]), 'the peak is that of the chart', (peak, sums[-1]))
    tap.ok(f'{sums[91] / 1e6:.3g}'[:3] in page.facts()['Mean'][1], 'the 95th percentile is the 92nd of 96 rates',
           (sums[91], page.facts()['Mean']))


def check_matrix(tap, page):
    rows = page.table('matrix')
    answers = {(s, d): v for s, d, v in sql(
        'SELECT flow.subnet(src_addr, 16, 48), flow.subnet(dst_addr, 16, 48), sum(bytes) FROM twin GROUP BY 1, 2')}
    wrong = []
    total = 0
    for row in rows[1:]:
        for title, value in zip(rows[0][1:], row[1:]):
            total += int(value or 0)
            if row[0] != 'others' and title != 'to others' and answers.get((row[0], title[3:]), '') != value:
                wrong.append((row[0], title, value))
    tap.ok(not wrong, 'matrix: each cell is that of SQL', wrong[:5])
    tap.same(total, int(sql('SELECT sum(bytes) FROM twin')[0][0]), 'matrix: all cells together are everything')
    firsts = sql('SELECT flow.subnet(src_addr, 16, 48) FROM twin GROUP BY 1 ORDER BY sum(bytes) DESC, 1 LIMIT 10')
    tap.same([r[0] for r in rows[1:]], [f[0] for f in firsts] + ['others'], 'matrix: rows are the greatest, in order')


def grouped(findings):
    """A line for each source that did the same to many: severity, detection, who and whom."""
    lines = {}
    for severity, detection, source, destination, port in findings:
        key = (severity, detection, source, port, None if source and destination else len(lines))
        lines.setdefault(key, []).append(destination or 'many')
    return [[k[0], k[1], f"{k[2] or 'many'} → {v[0]}" + (f' and {len(v) - 1} more' if len(v) > 1 else '')
             + (f' port {k[3]}' if k[3] else '')] for k, v in lines.items()]


def check_findings(tap, page):
    expected = sql("SELECT severity, detection, host(src_addr), host(dst_addr), dst_port"
                   " FROM flow.hunt('twin', '2025-01-01 00:00+00', '2025-01-02 00:00+00')")
    rows = page.table('found')[1:]
    lines = grouped(expected)
    tap.ok(len(lines) > 10, 'the detections find what was planted', len(lines))
    tap.same([r[:3] for r in rows], lines[:20], 'findings: those of flow.hunt on the twin, in its order, a line for each source')
    # in the morning there is no lateral movement, for want of a past
    half = ('2025-01-01 12:00+00', '2025-01-02 00:00+00')
    rows = Page(Report('--since', half[0], '--until', half[1], '-n', '500').text).table('found')[1:]
    lines = grouped(sql("SELECT severity, detection, host(src_addr), host(dst_addr), dst_port"
                        f" FROM flow.hunt('twin', '{half[0]}', '{half[1]}')"))
    tap.same([r[:3] for r in rows], lines, 'findings: the same of the afternoon')
    tap.ok(any(line[2].startswith('10.12.3.33 → ') and line[2].endswith(' more port 445') for line in lines),
           'findings: lateral movement to many is one line', lines)
    alerts = page.table('raised')[1:]
    tap.same([r[:3] for r in alerts], [['high', 'fan-out 2 times', '10.12.0.1 → many'],
                                       ['low', 'odd <i>', '10.12.0.9 → 203.0.113.7 port 443']],
             'alerts of the range, repetitions as one, the worst first')
    tap.same(page.facts()['Alerts and findings'][0], str(len(expected) + 2), 'the fact at the top counts both')


def check_health(tap, page):
    rows = page.table('collectors')
    tap.same(rows[1][:2] + [rows[2][0], rows[2][1][:17]], ['core <&>', 'silent for 2h 0m', 'edge', 'up'],
             'collectors: one is up, one is silent')
    tap.ok('queue_full 5' in rows[1][8], 'what a collector dropped', rows[1])
    exporters = page.table('exporters')
    tap.same([exporters[1][0], exporters[1][2], exporters[2][0], exporters[2][1]],
             ['192.0.2.1', '10.0 % lost', '192.0.2.2', 'silent for 1d 0h'], 'exporters: loss and silence')
    tap.ok('look at' in page.facts()['Health'][0], 'the fact at the top says that something is not well')
    storage = dict(r for r in page.table('storage') if len(r) == 2)
    stats = sql("SELECT rows, partitions, round((file_bytes - free_bytes + directory_bytes)::numeric / rows, 1)"
                " FROM flow.stats('flows')")[0]
    tap.same([storage['Rows'], storage['Partitions'], storage['Bytes a row']], stats, 'storage: rows, partitions, bytes a row')
    tap.same(storage['Rows are kept for'], 'forever', 'storage: retention')


def check_before(tap):
    page = Page(Report('--since', '2025-01-01 12:00+00', '--until', '2025-01-02 00:00+00', '--zone', 'UTC', '--no-hunt').text)
    halves = sql("SELECT sum(bytes) FILTER (WHERE ts >= '2025-01-01 12:00+00'), sum(bytes) FILTER (WHERE ts < '2025-01-01 12:00+00')"
                 " FROM twin")[0]
    percent = 100 * (int(halves[0]) / int(halves[1]) - 1)
    tap.same(page.facts()['Bytes'][1], f"{abs(percent):.1f} % {'less' if percent < 0 else 'more'} than before",
             'change against the period before')
    rows = page.table('traffic')
    tap.same(rows[0][-1], 'period before', 'the period before has a column')
    width = 43200 / (len(rows) - 1)
    tap.ok(abs(sum(float(r[-1]) for r in rows[1:]) * width / 8 / int(halves[1]) - 1) < 1e-5,
           'and all of its bytes')


def check_measures(tap):
    for measure, order in (('flows', 'count(*)'), ('packets', 'sum(packets)')):
        page = Page(Report(*DAY, '--no-hunt', '--' + measure, '-n', '3').text)
        rows = page.ranking('sources')
        expected = sql(f'SELECT host(src_addr), {order} FROM twin GROUP BY src_addr ORDER BY 2 DESC, src_addr LIMIT 3')
        tap.same([[r['name'], str(r[measure.capitalize()])] for r in rows[:3]], expected, f'--{measure} -n 3')
    page = Page(Report(*DAY, '--no-hunt', '--corrected').text)
    expected = sql("SELECT sum(bytes * greatest(coalesce(sampling, 1), 1)), sum(greatest(coalesce(sampling, 1), 1)) FROM twin")[0]
    tap.same([page.facts()['Bytes'][2], page.facts()['Flows'][2]], expected, '--corrected multiplies by sampling')


def check(tap):
    page = Page(Report(*DAY).text)
    for part in (check_totals, check_series, check_rankings, check_matrix, check_findings, check_health):
        part(tap, page)
    check_before(tap)
    check_measures(tap)
