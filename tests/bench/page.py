# SPDX-License-Identifier: MIT
"""The bench's HTML page: tables and plots in one file that needs nothing else. Pure."""

import html
import re

import report

STYLE = '''
:root { color-scheme: light dark; --fg: #1c1c1c; --bg: #fff; --line: #ccc; }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e6e6; --bg: #16181c; --line: #444; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--fg); background: var(--bg); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
.scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; } svg text { fill: var(--fg); font: 12px system-ui, sans-serif; }
figure { margin: 1rem 0; } .error { border-left: 4px solid #c33; padding-left: .6rem; overflow-wrap: anywhere; }
'''
# Told apart by those who see fewer colours, and on both grounds.
COLORS = ('#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9')


def color(names, name):
    return COLORS[names.index(name) % len(COLORS)]


def escape(value):
    return html.escape(str(value))


def bars(title, unit, values, names):
    """One bar for each session: {session: value}."""
    most = max(values.values()) or 1
    lines, y = [], 0
    for name, value in values.items():
        width = 520 * value / most
        lines.append(f'<text x="0" y="{y + 14}">{escape(name)}</text>'
                     f'<rect x="110" y="{y + 2}" width="{width:.1f}" height="16" fill="{color(names, name)}"/>'
                     f'<text x="{116 + width:.1f}" y="{y + 14}">{report.number(value)} {escape(unit)}</text>')
        y += 22
    return (f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 740 {y}" width="740" height="{y}" role="img" '
            f'aria-label="{escape(title)}">{"".join(lines)}</svg></figure>')


def legend(names):
    return ''.join(f'<tspan fill="{color(names, name)}">■</tspan> {escape(name)}  ' for name in names)


def frame(title, inner, low, high, unit, names):
    """A plot's axes around what is drawn in 700 by 200."""
    return (f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 740 250" width="740" height="250" role="img" '
            f'aria-label="{escape(title)}"><g transform="translate(20 10)">{inner}'
            f'<path d="M0 0V200H700" fill="none" stroke="currentColor"/><text x="0" y="216">{low}</text>'
            f'<text x="700" y="216" text-anchor="end">{high} {escape(unit)}</text>'
            f'<text x="0" y="236">{legend(names)}</text></g></svg></figure>')


def histogram(title, unit, series, names, bins=60):
    """How often which value: {session: [value]}; what is beyond the 99th part of all is left out."""
    everything = sorted(value for values in series.values() for value in values)
    if not everything:
        return ''
    high = everything[int(0.99 * (len(everything) - 1))] or 1
    shapes = []
    for name, values in series.items():
        counts = [0] * bins
        for value in values:
            if 0 <= value <= high:
                counts[min(int(value / high * bins), bins - 1)] += 1
        most = max(counts) or 1
        points = ' '.join(f'{700 * at / bins:.1f},{200 - 195 * count / most:.1f} {700 * (at + 1) / bins:.1f},{200 - 195 * count / most:.1f}'
                          for at, count in enumerate(counts))
        shapes.append(f'<polyline points="{points}" fill="none" stroke="{color(names, name)}" stroke-width="1.5"/>')
    return frame(title, ''.join(shapes), 0, report.number(high), unit, list(series))


def lines(title, unit, series, names):
    """One value after the other: {session: [value]}, the first 300."""
    series = {name: values[:300] for name, values in series.items() if values}
    everything = sorted(value for values in series.values() for value in values)
    if not everything:
        return ''
    high = everything[int(0.99 * (len(everything) - 1))] or 1
    shapes = []
    for name, values in series.items():
        step = 700 / max(len(values) - 1, 1)
        points = ' '.join(f'{at * step:.1f},{200 - 195 * min(value / high, 1):.1f}' for at, value in enumerate(values))
        shapes.append(f'<polyline points="{points}" fill="none" stroke="{color(names, name)}" stroke-width="1"/>')
    return frame(f'{title}, frame by frame (up to {report.number(high)} {unit})', ''.join(shapes), 'first', 'last', '', list(series))


def curve(title, unit, series):
    """Points that belong together: {name: {x: value}}, both from 0."""
    names = list(series)
    right = max((x for points in series.values() for x in points), default=0)
    if not right:
        return ''
    high = max(value for points in series.values() for value in points.values()) or 1
    shapes = []
    for name, points in series.items():
        places = [(700 * x / right, 200 - 195 * value / high) for x, value in sorted(points.items())]
        shapes.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" '
                      f'stroke="{color(names, name)}" stroke-width="1.5"/>')
        shapes += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color(names, name)}"/>' for x, y in places]
    return frame(f'{title} (up to {report.number(high)} {unit})', ''.join(shapes), 0, report.number(right), 'guests', names)


def curves(records):
    """What a frame costs by how many guests draw on how many monitors; a cost that grows with them only is level."""
    found = {}
    for record in records:
        case = re.fullmatch(r'(\d+) guests? on (\d+) monitors?', record.get('case', ''))
        if case and record['measure'] == 'scale' and record.get('value') is not None and record['figure'] not in report.COUNTS:
            monitors = f'{case[2]} monitor{"s" if int(case[2]) > 1 else ""}'
            series = found.setdefault((record['figure'], record['unit']), {})
            series.setdefault(monitors, {})[int(case[1])] = record['value']
    return [curve(f'{figure}, by guests that draw', unit, dict(sorted(series.items()))) for (figure, unit), series in found.items()]


def plots(records, measure, names):
    """Bars of each figure that is compared; histograms and lines of what has samples."""
    found = curves(records) if measure == 'scale' else []
    for row in report.rows(records):
        if row['measure'] == measure and row['figure'] not in report.COUNTS and len(row['values']) > 0:
            found.append(bars(f'{row["case"]}: {row["figure"]}', row['unit'], row['values'], names))
    series = {}
    for record in records:
        if record.get('measure') == measure and len(record.get('samples', ())) > 20:
            series.setdefault((record['case'], record['unit']), {})[record['session']] = record['samples']
    for (case, unit), values in series.items():
        found.append(histogram(f'{case}: how often which {unit}', unit, values, names))
        if measure == 'pacing':
            found.append(lines(case, unit, values, names))
    return ''.join(found)


def clock(shift):
    return 'with the clock of the machine that it ran on' if shift is None else f'in which each instruction takes {1 << shift} ns'


def render(result):
    """The page of a whole result, as bench.py writes it to JSON."""
    records = result['records']
    names = report.sessions(records)
    parts = [f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
             f'<title>Phyllome session: bench</title><style>{STYLE}</style><h1>Phyllome session, and what people use instead</h1>'
             f'<p>{escape(result["date"])}. A virtual computer with {escape(result["computer"]["cpus"])} processors and '
             f'{escape(result["computer"]["memory"])} MiB, {clock(result["computer"]["shift"])}; '
             f'vkms, 60 Hz; llvmpipe. Less is better unless it is a count.</p>']
    head, cells = report.cells(records)
    for measure in dict.fromkeys(line[0] for line in cells):
        parts.append(f'<h2>{escape(measure)}</h2><div class="scroll"><table><tr>'
                     + ''.join(f'<th>{escape(cell)}</th>' for cell in head[1:]) + '</tr>')
        parts += ['<tr>' + ''.join(f'<td>{escape(cell)}</td>' for cell in line[1:]) + '</tr>' for line in cells if line[0] == measure]
        parts.append('</table></div><details open><summary>Plots</summary>' + plots(records, measure, names) + '</details>')
    failed = report.errors(records)
    if failed:
        parts.append('<h2>Not measured</h2>')
        parts += [f'<p class="error">{escape(measure)} {escape(case)} of {escape(session)}: {escape(why)}</p>'
                  for measure, session, case, why in failed]
    parts.append('<h2>Versions</h2><ul>')
    parts += [f'<li>{escape(package)} {escape(version)}</li>' for package, version in report.versions(records).items()]
    return ''.join(parts) + '</ul></html>\n'
