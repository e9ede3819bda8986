"""The page as a file: form, nothing to fetch, names of strangers as text, colours, the same bytes for the same rows."""

import re
import shutil
import subprocess
import tempfile

from page import Page, classes, words
from setup import DAY, HOSTILE
from tap import Report, sql

SECTIONS = ['traffic', 'talkers', 'applications', 'matrix', 'networks', 'names', 'alerts', 'health', 'cost']

# Elements and attributes that the page is made of; none of them runs or fetches anything.
ELEMENTS = set('html head meta link title style body input div label header h1 h2 h3 p b span code main dl dt dd data a section ul'
               ' li i figure figcaption svg g path text rect details summary table caption thead tbody tr th td pre footer'.split())
ATTRIBUTES = set('lang charset http-equiv content name rel href type id class aria-label aria-hidden checked for title value scope'
                 ' viewBox preserveAspectRatio role d x y width height transform'.split())

# Ink and what is behind it.
PAIRS = [('ink', 'paper'), ('muted', 'paper'), ('accent', 'paper'), ('ill', 'paper'), ('ink', 'note'), ('ink', 'track'),
         ('info-ink', 'info'), ('low-ink', 'low'), ('medium-ink', 'medium'), ('high-ink', 'high'), ('critical-ink', 'critical'),
         ('heat-low', 'heat1'), ('heat-low', 'heat2'), ('heat-low', 'heat3'), ('heat-low', 'heat4'), ('heat-five', 'heat5'),
         ('heat-high', 'heat6'), ('heat-high', 'heat7')]


def luminance(colour):
    """Of #rgb or #rrggbb, as WCAG 2.1 defines it."""
    digits = colour.lstrip('#')
    if len(digits) == 3:
        digits = ''.join(c * 2 for c in digits)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def check_colours(tap, page):
    style = words(page.one('scheme-auto')) + page.all('style')[0].text
    for scheme in ('light', 'dark'):
        block = re.search(r'#scheme-' + scheme + r':checked~\.page\{([^}]*)\}', style).group(1)
        colours = dict(re.findall(r'--([\w-]+):(#[0-9a-f]+)', block))
        low = [(a, b, round(contrast(colours[a], colours[b]), 2)) for a, b in PAIRS if contrast(colours[a], colours[b]) < 4.5]
        tap.ok(not low, f'{scheme}: text has a contrast of 4.5 and more', low)
        series = ['in', 'out', 'inside', 'other']
        low = [(a, round(contrast(colours[a], colours['paper']), 2)) for a in series if contrast(colours[a], colours['paper']) < 2]
        tap.ok(not low, f'{scheme}: areas stand out from the paper', low)


def check_alone(tap, report, page):
    urls = [u for u in re.findall(r'(?:https?:)?//[^\s"\'<>)]+', report.text) if u != 'http://www.w3.org/1999/xhtml']
    tap.ok(not urls, 'the page names no address of the web', urls[:5])
    style = page.all('style')[0].text
    tap.ok('url(' not in style and '@import' not in style, 'the style sheet fetches nothing')
    policy = [m.get('content') for m in page.all('meta') if m.get('http-equiv') == 'Content-Security-Policy']
    tap.ok(len(policy) == 1 and "default-src 'none'" in policy[0] and 'script-src' not in policy[0],
           'its policy forbids scripts and requests', policy)
    stray = {e.tag for e in page.root.iter()} - ELEMENTS
    tap.ok(not stray, 'only elements that it is made of', stray)
    stray = {a for e in page.root.iter() for a in e.keys()} - ATTRIBUTES
    tap.ok(not stray, 'only attributes that it is made of', stray)
    links = [e.get('href') for e in page.root.iter() if e.get('href')]
    ids = [e.get('id') for e in page.root.iter() if e.get('id')]
    tap.ok(all(h == 'data:,' or h[1:] in ids for h in links), 'links lead into the page', links)
    tap.same(len(ids), len(set(ids)), 'no id twice')


def check_access(tap, page):
    charts = [e for e in page.all('svg') if 'chart' in classes(e)]
    tap.same(len(charts), 4, 'three areas and a heat map')
    tap.ok(all(c.get('role') == 'img' and len(c.get('aria-label', '')) > 20 for c in charts), 'charts say what they show')
    tap.ok(all(e.get('aria-hidden') == 'true' for e in page.all('svg') if e not in charts), 'marks in cells are hidden from readers')
    tables = page.all('table')
    tap.ok(all(th.get('scope') in ('row', 'col') for t in tables for th in t.iter('th')), 'each header cell has its scope')
    tap.ok(all(len({len(list(row)) for row in t.iter('tr')}) == 1 for t in tables), 'rows of a table have the same cells')
    tap.ok(all(e.find('title') is not None for e in page.all('g') if 'hit' in classes(e)), 'buckets have titles')


def check_tidy(tap, report, name):
    for program, words_ in (('xmllint', ['--noout', '--nonet', '-']), ('tidy', ['-q', '-e', '-utf8', '--new-inline-tags', 'data'])):
        if not shutil.which(program):
            tap.skip(f'{name}: {program} finds no error', f'the program {program} is not installed')
            continue
        with tempfile.TemporaryFile() as file:
            file.write(report.bytes)
            file.seek(0)
            done = subprocess.run([program, *words_], stdin=file, capture_output=True, check=False, text=True)
        errors = [line for line in done.stderr.split('\n') if program == 'xmllint' or 'Error' in line]
        tap.ok(not any(errors), f'{name}: {program} finds no error', '\n'.join(errors[:10]))


def check_same(tap, page):
    again = Page(Report(*DAY, '--no-hunt').text)
    twin = Page(Report(*DAY, '--no-hunt', '-t', 'twin').text)
    for name in SECTIONS[:6]:
        tap.ok(page.section(name) == again.section(name), f'{name}: the same bytes again')
        tap.ok(page.section(name) == twin.section(name), f'{name}: the same bytes of the heap table')


def shown(text):
    """What the page shows of a name: what is unseen is spelled out."""
    result = ''
    for character in text:
        code = ord(character)
        unseen = (code < 32 or 127 <= code < 160 or code in (0xad, 0x61c, 0xfeff) or 0x200b <= code <= 0x200f
                  or 0x2028 <= code <= 0x202e or 0x2060 <= code <= 0x206f or code & 0xfffe == 0xfffe)
        result += (f'\\U{code:08x}' if code > 0xffff else f'\\u{code:04x}') if unseen else character
    return ' '.join(result.split())


def check_hostile(tap):
    report = Report('-t', 'hostile', *DAY, '-n', '20', '--title', '<i>"&\'', '--no-hunt')
    page = Page(report.text)
    for name in ('sni', 'dns', 'http'):
        # questions of DNS are ranked by flows, of which each has one
        order = sorted if name == 'dns' else list
        tap.same(order(r['name'] for r in page.ranking(name)), order(shown(t) for t in HOSTILE),
                 f'{name}: names of strangers are text')
    check_alone(tap, report, page)
    check_tidy(tap, report, 'hostile names')
    tap.same([words(e) for e in page.all('h1')], ['<i>"&\''], 'the title is text')
    report = Report('-t', '"o""dd <b>&\'"', *DAY, 'sensor "<script>" or any', '--no-hunt')
    page = Page(report.text)
    tap.ok('public."o""dd <b>&\'"' in [words(e) for e in page.all('header//code')], 'an odd name of a table', report.errors)
    tap.ok('sensor "<script>" or any' in [words(e) for e in page.all('header//code')], 'the filter is text')
    tap.same(page.facts()['Flows'][2], '5', 'and its rows are counted')
    for word in ("'; DROP TABLE flows; --", '" OR ""="', '$1', '%s', '\\'):
        for option in ('--zone', '-t', '--since', '--networks', '-n'):
            report = Report(*DAY, '--no-hunt', f'{option}={word}' if option[1] == '-' else option, *([] if option[1] == '-' else [word]))
            # PostgreSQL takes almost anything for the name of a zone
            if report.status == 0 and option != '--zone' or 'syntax error at or near' in report.errors:
                tap.ok(False, f'{option} {word} is refused', report.errors)
        report = Report(*DAY, '--no-hunt', word)
        tap.ok(report.status == 1 and report.bytes == b'' and 'syntax error at or near' not in report.errors,
               f'filter {word} is refused', report.errors)
    tap.same(sql('SELECT count(*) FROM flows'), [['200000']], 'nothing that was typed has run')


def check(tap):
    report = Report(*DAY, '--no-hunt')
    page = Page(report.text)
    tap.same((report.status, report.errors), (0, ''), 'a report ends well and says nothing')
    ids = [e.get('id') for e in page.all('main/section')]
    tap.same(ids, SECTIONS, 'all sections, in order')
    tap.same(page.notes(), [], 'without a note')
    check_alone(tap, report, page)
    check_access(tap, page)
    check_tidy(tap, report, 'the report')
    check_colours(tap, page)
    check_same(tap, page)
    check_hostile(tap)
