# SPDX-License-Identifier: MIT
"""From the bench's records to rows with ratios, and to tables of text. Pure: no file, no clock.

A record is what measure.py writes: a figure {"measure", "session", "case",
"figure", "value", "unit", "samples"?, "note"?, "above"?}, an error {"measure",
"session", "case", "error"}, or {"session", "versions"}. A value of None is one
that never came: it is more than "above", or infinite if that is None too.
"""

OURS = 'phyllome'
# Of these, less is not better: they say what the others are to be read with.
COUNTS = {'frames shown', 'arrived', 'reports to the guest', 'guest\'s own buffer on the plane',
          'guest\'s pictures mapped by session', 'guest\'s pictures mapped by bridge', 'drawn', 'refreshes by the kernel', 'refreshes with a new frame',
          'more than the monitor can show'}


def sessions(records):
    """Their names, ours first, the others in their order."""
    names = []
    for record in records:
        name = record.get('session')
        if name and name not in names:
            names.append(name)
    return sorted(names, key=lambda name: name != OURS)


def rows(records):
    """One of each figure: {"measure", "case", "figure", "unit", "values": {session: value}, "late": {session: above}, "best", "ratio"}.

    late has the sessions whose value never came, and values has not. best is the session among the others with the least, ratio ours by it; both
    are None where there is nothing to compare, ratio where the best has 0.
    """
    found = {}
    for record in records:
        if 'value' not in record:
            continue
        key = record['measure'], record['case'], record['figure']
        row = found.setdefault(key, {'measure': key[0], 'case': key[1], 'figure': key[2], 'unit': record['unit'],
                                     'values': {}, 'late': {}})
        if record['value'] is None:
            row['late'][record['session']] = record.get('above')
        else:
            row['values'][record['session']] = record['value']
    for row in found.values():
        others = {name: value for name, value in row['values'].items() if name != OURS}
        comparable = row['figure'] not in COUNTS and OURS in row['values'] and others
        row['best'] = min(others, key=others.get) if comparable else None
        least = others.get(row['best'])
        row['ratio'] = row['values'][OURS] / least if least else None
    return list(found.values())


def errors(records):
    """(measure, session, case, why) of what could not be measured."""
    return [(record['measure'], record['session'], record['case'], record['error']) for record in records if 'error' in record]


def versions(records):
    """{package: version} of all sessions."""
    found = {}
    for record in records:
        found.update(record.get('versions', {}))
    return found


def number(value):
    """Three digits, as far as they say something."""
    if value is None:
        return '-'
    if value == 0 or abs(value) >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def cell(row, name):
    """What a row says of a session."""
    if name not in row['late']:
        return number(row['values'].get(name))
    above = row['late'][name]
    return 'never' if above is None else f'>{number(above)}'


def cells(records):
    """The head and the lines of a table, as lists of text."""
    names = sessions(records)
    head = ['measure', 'case', 'figure', *names, 'unit', 'ours/best']
    lines = []
    for row in rows(records):
        ratio = f'{row["ratio"]:.2f}' if row['ratio'] is not None else ''
        lines.append([row['measure'], row['case'], row['figure'], *(cell(row, name) for name in names),
                      row['unit'], ratio])
    return head, lines


def table(records):
    """For a terminal."""
    head, lines = cells(records)
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    left = {0, 1, 2, len(head) - 2}
    text = []
    for line in [head, *lines]:
        text.append('  '.join(cell.ljust(width) if column in left else cell.rjust(width)
                              for column, (cell, width) in enumerate(zip(line, widths))).rstrip())
    text += [f'not measured: {measure} {case} of {session}: {why}' for measure, session, case, why in errors(records)]
    return '\n'.join(text)


def markdown(records):
    """For a document."""
    head, lines = cells(records)
    rule = ['---'] * 3 + ['---:'] * (len(head) - 5) + ['---', '---:']
    text = ['| ' + ' | '.join(line) + ' |' for line in [head, rule, *lines]]
    return '\n'.join(text)
