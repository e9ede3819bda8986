"""Each query of a page that reads rows is answered by FlowAggregate.

Those for the lines of single groups read few rows; there the planner may choose HashAggregate, above FlowScan."""

import re

from page import Page
from setup import DAY
from tap import Report, literal, sql

# What asks the catalog, or lists of collectors, and not the rows.
OTHERS = ('frame', 'Alerts', 'Found by detections', 'Detections', 'Collectors', 'Exporters', 'Background worker', 'Size', 'Storage',
          'Options')


def explain(query, parameters):
    """The plan with the parameters that the page gives: $1 = a, $2 = b."""
    parts = re.split(r'(?:^|, )\$(\d+) = ', parameters)[1:]
    values = {int(n): v for n, v in zip(parts[::2], parts[1::2])}
    for number in sorted(values, reverse=True):
        query = query.replace(f'${number}', literal(values[number]))
    return '\n'.join(r[0] for r in sql('SET search_path = pg_catalog; SET jit = off; EXPLAIN (COSTS OFF) ' + query))


def check(tap):
    page = Page(Report(*DAY, '--no-hunt').text)
    queries = [q for q in page.queries() if q[0] not in OTHERS]
    tap.ok(len(queries) >= 25, 'a page asks its queries', [q[0] for q in queries])
    for name, query, parameters in queries:
        plan = explain(query, parameters)
        scans = len(re.findall(r'Scan \(FlowScan\)', plan))
        groups = len(re.findall(r'\(FlowAggregate\)', plan))
        few = name.endswith('over time')
        tap.ok(scans > 0 and (few or groups == scans) and 'Seq Scan' not in plan,
               f"{name}: {'FlowScan' if few else 'FlowAggregate'}", plan)
    twin = Page(Report(*DAY, '--no-hunt', '-t', 'twin').text)
    tap.same([q[0] for q in twin.queries() if q[0] not in OTHERS], [q[0] for q in queries], 'a heap table is asked the same')
