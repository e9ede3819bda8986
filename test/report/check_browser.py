"""What a browser makes of the page: elements, console, requests, colours as they are seen, widths, paper."""

import os
import tempfile

import browser as chromium
import png
from page import Page
from setup import DAY
from tap import Report

FOLDER = os.environ['FLOWSTORE_ARTEFACTS']

# The text of each element that shows some, with its colour and what is behind it: the nearest background of an ancestor, or
# the rectangle in the same group of a heat map.  Colours are composed by a canvas, which knows every way to write one.
CONTRASTS = '''(() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const linear = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const behind = e => { if (e.closest('.heat')) return rgba(getComputedStyle(e.closest('.heat').querySelector('rect')).fill);
        for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] == 255) return c; }
        return [255, 255, 255, 255]; };
    const seen = {};
    for (const e of document.querySelectorAll('.page *')) {
        if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || e.closest('title, style, .unseen')) continue;
        const style = getComputedStyle(e), box = e.getBoundingClientRect();
        if (!box.width || style.visibility == 'hidden') continue;
        const ink = rgba(e instanceof SVGElement ? style.fill : style.color), back = behind(e);
        const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
        const key = e.tagName + '.' + (e.getAttribute('class') || '') + ' ' + ink.slice(0, 3) + ' on ' + back.slice(0, 3);
        seen[key] = (a + 0.05) / (b + 0.05);
    }
    return seen; })()'''

COUNTS = '''(() => { const n = s => document.querySelectorAll(s).length; return {
    hits: n('#traffic .hit'), areas: n('#traffic .area'), cells: n('#matrix g.heat'), bars: n('.ranking .bar rect.accent'),
    lines: n('.ranking .line'), rows: n('.ranking tbody tr'), findings: n('#found tbody tr'), marks: n('#found .mark'),
    scripts: n('script, iframe, img, object, embed, form'), sections: n('main > section')}; })()'''


def check_elements(tap, view, page):
    counts = view.evaluate(COUNTS)
    rankings = sum(len(page.ranking(e.get('id'))) for e in page.root.iter('section') if 'ranking' in (e.get('class') or ''))
    found = len(page.table('found')) - 1
    rests = sum('rest' in (e.get('class') or '').split() for e in page.root.iter('tr'))
    cells = sum(len([v for v in row[1:] if v]) for row in page.table('matrix')[1:])
    tap.same(counts, {'hits': 3 * 96, 'areas': 12, 'cells': cells, 'bars': rankings - rests, 'lines': rankings - rests, 'rows': rankings,
                      'findings': found, 'marks': found, 'scripts': 0, 'sections': 9}, 'marks and rows are those of the data')
    title = view.evaluate("document.querySelectorAll('#traffic .hit title')[30].textContent")
    tap.ok(title.startswith('2025-01-01 07:30 to 07:45') and 'in: ' in title and 'bit/s' in title, 'a bucket says its values', title)
    box = view.evaluate("(r => [r.width, r.height])(document.querySelector('#traffic .chart').getBoundingClientRect())")
    tap.ok(box[0] > 900 and 200 < box[1] < 400, 'the chart is drawn in full width', box)


def check_quiet(tap, view, file):
    tap.same(view.complaints(), [], 'nothing on the console')
    tap.same(view.requests(), [], 'no request')
    # the same page with a picture from elsewhere: the policy stops it, and without the policy this test sees the request
    with open(file, encoding='utf-8') as source:
        text = source.read().replace('<main>', '<main><img src="http://192.0.2.1/probe.png" alt=""/>', 1)
    with tempfile.NamedTemporaryFile('w', suffix='.html', encoding='utf-8') as probe:
        probe.write(text)
        probe.flush()
        view.open(probe.name)
        tap.ok(any('Content Security Policy' in c for c in view.complaints()), 'the policy stops a picture from elsewhere',
               view.complaints())
    with tempfile.NamedTemporaryFile('w', suffix='.html', encoding='utf-8') as probe:
        probe.write(text.replace('Content-Security-Policy', 'X-None', 1))
        probe.flush()
        view.open(probe.name)
        tap.same(view.requests(), ['http://192.0.2.1/probe.png'], 'a request would have been seen')
    view.open(file)


def check_contrast(tap, view, name):
    seen = view.evaluate(CONTRASTS)
    low = {k: round(v, 2) for k, v in seen.items() if v < 4.5}
    tap.ok(len(seen) > 40 and not low, f'{name}: each text that is seen has a contrast of 4.5 and more', low or len(seen))


def paper(view):
    return view.evaluate("getComputedStyle(document.querySelector('.page')).backgroundColor")


def check_schemes(tap, view):
    view.media('light')
    light = paper(view)
    view.media('dark')
    dark = paper(view)
    tap.ok(light == 'rgb(251, 250, 247)' and dark == 'rgb(18, 22, 28)', 'light and dark follow the system', (light, dark))
    view.evaluate("document.querySelector('[for=scheme-light]').click()")
    tap.same(paper(view), light, 'the switch makes a dark page light')
    view.media('light')
    view.evaluate("document.querySelector('[for=scheme-dark]').click()")
    tap.same(paper(view), dark, 'the switch makes a light page dark')
    view.evaluate("document.querySelector('[for=scheme-auto]').click()")
    tap.same(paper(view), light, 'and back')


def check_pictures(tap, view):
    for scheme in ('light', 'dark'):
        view.media(scheme)
        check_contrast(tap, view, scheme)
        file = os.path.join(FOLDER, f'report-{scheme}.png')
        view.screenshot(file)
        count = png.colours(file)
        whole = sum(count.values())
        ground = count.most_common(1)[0]
        expected = (251, 250, 247) if scheme == 'light' else (18, 22, 28)
        tap.ok(tuple(ground[0]) == expected and 0.5 < ground[1] / whole < 0.97 and len(count) > 100,
               f'{scheme}: the picture is not blank', (tuple(ground[0]), ground[1] / whole, len(count)))
        area = {'light': (11, 114, 178), 'dark': (79, 166, 222)}[scheme]
        tap.ok(count[bytes(area)] > 100, f'{scheme}: the areas are in it', count[bytes(area)])
    view.media('light')


def check_widths(tap, view):
    for width in (1600, 1320, 1000, 700, 390):
        view.size(width)
        wide = view.evaluate('document.documentElement.scrollWidth')
        tap.ok(wide <= width, f'{width} pixels: nothing stands out to the right', view.evaluate(
            "[...document.querySelectorAll('.page *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.tagName + '.' + e.getAttribute('class')).slice(0, 8)"))
    view.size(390)
    view.screenshot(os.path.join(FOLDER, 'report-narrow.png'), until='#talkers')
    view.size(1320)


def check_paper(tap, view):
    view.media('dark', 'print')
    tap.same(paper(view), 'rgb(255, 255, 255)', 'paper is white, also in the dark')
    check_contrast(tap, view, 'paper')
    view.media('dark')
    data = view.pdf()
    with open(os.path.join(FOLDER, 'report.pdf'), 'wb') as to:
        to.write(data)
    pages = data.count(b'/Type /Page') - data.count(b'/Type /Pages')
    tap.ok(data.startswith(b'%PDF') and 2 <= pages <= 12, 'it prints on a few pages', pages)


def check_open(tap, view):
    """With all tables unfolded, too."""
    view.media('light')
    view.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    check_contrast(tap, view, 'unfolded')
    view.size(1000)
    tap.ok(view.evaluate('document.documentElement.scrollWidth') <= 1000, 'unfolded: nothing stands out to the right')
    view.size(1320)


def check_hostile(tap, view):
    report = Report('-t', 'hostile', *DAY, '-n', '20', '--no-hunt', '--title', '<script>document.title = 1</script>')
    file = os.path.join(FOLDER, 'report-hostile.html')
    with open(file, 'wb') as to:
        to.write(report.bytes)
    view.open(file)
    tap.same((view.complaints(), view.requests()), ([], []), 'hostile names: nothing on the console, no request')
    tap.same(view.evaluate('document.title'), '<script>document.title = 1</script>', 'hostile names: the title is text')
    tap.same(view.evaluate("document.querySelectorAll('script, img, h1 *, [onerror], [onmouseover]').length"), 0,
             'hostile names: none of them is markup')
    tap.ok(view.evaluate('document.documentElement.scrollWidth') <= 1320, 'hostile names: long ones are broken')


def check(tap):
    if not chromium.program():
        tap.skip('the page in a browser', 'the package chromium is not installed')
        return
    report = Report(*DAY, '--title', 'Campus edge')
    file = os.path.join(FOLDER, 'report.html')
    with open(file, 'wb') as to:
        to.write(report.bytes)
    view = chromium.Browser()
    try:
        view.size(1320)
        view.media('light')
        view.open(file)
        check_elements(tap, view, Page(report.text))
        check_quiet(tap, view, file)
        for part in (check_schemes, check_pictures, check_widths, check_paper, check_open, check_hostile):
            part(tap, view)
    finally:
        view.close()
