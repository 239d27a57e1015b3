#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: runs the measures that /share/bench.json asks for.

Each session is logged in to once. It gets one guest after the other, and after
each of them those measures have their turn whose stage it is. A figure becomes
a line of JSON in /share/results/bench.jsonl as soon as it is known: {"measure",
"case", "figure", "unit", "session", "value"} and perhaps "samples" and "note";
what cannot be measured has "error" in place of these. A value of null is one
that never came while it was waited for: it is more than "above", in the same
unit, or came not at all if that is null too.
"""

import json
import math
import os
import shutil
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure_frame  # noqa: E402
import measure_idle  # noqa: E402
import measure_input  # noqa: E402
import measure_memory  # noqa: E402
import measure_pacing  # noqa: E402
import measure_scale  # noqa: E402
import measure_start  # noqa: E402
import measure_switch  # noqa: E402
from judge import percentile  # noqa: E402
from sessions import DRAWING, DRAWN_FIRST, LOG, MONITORS, RUN, SESSIONS, Ours, tail, version  # noqa: E402
from uinput import Hand  # noqa: E402 tests/lab's
from vkms import plug  # noqa: E402 tests/lab's

RESULTS = '/share/results'
# In this order after each guest. start is made while the session and its first guest start.
MEASURES = {'memory': measure_memory, 'frame': measure_frame, 'input': measure_input, 'idle': measure_idle,
            'pacing': measure_pacing, 'scale': measure_scale, 'switch': measure_switch}


class Bench:
    """What measures are given: what is asked for, and where figures go."""

    def __init__(self, asked):
        self.quick, self.counts = asked['quick'], asked['guests']
        self.frames, self.paced, self.switches = asked['frames'], asked['paced'], asked['switches']
        self.hand = Hand('Bench')  # before the logins that are to find it
        self.measure = self.session = None

    def put(self, record):
        with open(f'{RESULTS}/bench.jsonl', 'a', encoding='utf-8') as file:
            file.write(json.dumps(record) + '\n')

    def figure(self, case, figure, value, unit, samples=None, note=None, above=None):
        """above: what it is certainly more than, where the value is infinite; None if nothing is known."""
        late = math.isinf(value)
        record = {'measure': self.measure, 'session': self.session, 'case': case, 'figure': figure,
                  'value': None if late else round(value, 4), 'unit': unit}
        if late:
            record['above'] = above
        if samples is not None:
            record['samples'] = [round(sample, 3) for sample in samples]
        if note:
            record['note'] = note
        self.put(record)
        print(f'# {self.session}: {self.measure} {case}: {figure} {value:.2f} {unit}{" (" + note + ")" if note else ""}', flush=True)

    def spread(self, case, waits, sent, unit, above=None):
        """Median and p99 of all that were sent: of these, who did not come in time is later than any other."""
        missing = sent - len(waits)
        note = f'{missing} of {sent} did not come in time' if missing else None
        for name, part, samples in (('median', 0.5, waits), ('p99', 0.99, None)):
            self.figure(case, name, percentile(waits, part, missing), unit, samples=samples, note=note, above=above)

    def fail(self, case, why):
        self.put({'measure': self.measure, 'session': self.session, 'case': case, 'error': why})
        print(f'# {self.session}: {self.measure} {case}: CANNOT: {why}', flush=True)

    def attempt(self, measure, case, act, *arguments):
        """Whether it went well; if not, that is on record, and the next can be made."""
        self.measure = measure
        try:
            act(*arguments)
            return True
        except SystemExit as error:
            self.fail(case, f'{error}{words()}')
        except Exception as error:  # noqa: BLE001 the others are to be measured all the same
            print('# ' + traceback.format_exc().replace('\n', '\n# '), flush=True)
            self.fail(case, f'{type(error).__name__}: {error}{words()}')
        return False


def words():
    """The session's last ones, for an error."""
    text = tail(LOG, 1)
    return f'; the session\'s last line: {text}' if text else ''


def add_guest(session, guest):
    session.add(guest)
    guest.prepare(*session.size())
    time.sleep(2)


def measure_session(bench, session, asked):
    """All that is asked of one session, in one login."""
    wanted = {name: MEASURES[name] for name in asked if name in MEASURES and MEASURES[name].applies(session)}
    stages = {number: [name for name in wanted if number in wanted[name].stages(bench, session)]
              for number in range(max(bench.counts) + 1)}
    last = max([number for number, names in stages.items() if names] + ['start' in asked and session.many])
    guests = [session.guest(number) for number in range(1, last + 1)]
    if isinstance(session, Ours):
        session.write_guests(guests)
    start = measure_start.Start(session) if 'start' in asked else None
    try:
        session.login()
        if not bench.attempt('start', 'login', session.ready):
            return
        if start:
            bench.attempt('start', 'exec to', start.put_first, bench)
        for number in range(last + 1):
            if number == 1 and start:
                good = bench.attempt('start', 'exec to', start.put_picture, bench, guests[0], add_guest)
            elif number:
                good = bench.attempt('guest', f'guest {number}', add_guest, session, guests[number - 1])
            for name in stages[number]:
                if number == 0 or good:
                    began = time.monotonic()
                    bench.attempt(name, f'{number} guests', wanted[name].run, bench, session, number)
                    if start:
                        start.elsewhere += time.monotonic() - began
                else:
                    bench.measure = name
                    bench.fail(f'{number} guests', f'guest {number} has no picture{session.last_words(guests[number - 1])}')
        if start and isinstance(session, Ours) and session.guests:
            bench.attempt('start', 'compositor\'s death to', measure_start.put_again, bench, session)
    finally:
        if start:
            start.finish()


def logins(kind, asked):
    """[(measures, how llvmpipe draws)]: who composites is measured apart where pictures are looked at."""
    looked_at = [name for name in asked if name in ('pacing', 'switch') and not issubclass(kind, Ours)]
    others = [name for name in asked if name not in looked_at]
    return [one for one in ((others, DRAWING), (looked_at, DRAWN_FIRST)) if one[0]]


def keep_logs(session):
    for name in os.listdir(RUN):
        if name.endswith('.log'):
            shutil.copy(f'{RUN}/{name}', f'{RESULTS}/{session.name}-{name}')
            os.unlink(f'{RUN}/{name}')
    shutil.copy(LOG, f'{RESULTS}/{session.name}.log')


def main():
    with open('/share/bench.json', encoding='utf-8') as file:
        asked = json.load(file)
    for monitor in range(1, MONITORS):
        plug(monitor, False)
    bench = Bench(asked)
    bench.put({'session': '', 'versions': {'linux': os.uname().release, 'qemu-system-x86': version('qemu-system-x86'),
                                           'libgl1-mesa-dri': version('libgl1-mesa-dri')}})
    for name in asked['sessions']:
        began = time.monotonic()
        bench.session = name
        bench.put({'session': name, 'versions': SESSIONS[name]().versions()})
        for measures, drawing in logins(SESSIONS[name], asked['measures']):
            session = SESSIONS[name]()
            session.drawing = drawing
            measure_session(bench, session, measures)
            session.logout()
            keep_logs(session)
        print(f'# {name}: {time.monotonic() - began:.0f} s', flush=True)
    print('ok bench: done', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
