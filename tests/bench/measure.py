#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: runs the measures that /share/bench.json asks for.

Each figure becomes a line of JSON in /share/results/bench.jsonl as soon as it is
known: {"measure", "case", "figure", "unit", "session", "value"} and perhaps
"samples"; a session that cannot be measured one with "error" in place of these.
"""

import importlib
import json
import os
import shutil
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hand import Hand  # noqa: E402
from sessions import LOG, RUN, SESSIONS, tail, version  # noqa: E402

RESULTS = '/share/results'


class Bench:
    """What measures are given: what is asked for, and where figures go."""

    def __init__(self, asked):
        self.quick, self.counts = asked['quick'], asked['guests']
        self.frames, self.paced, self.switches = asked['frames'], asked['paced'], asked['switches']
        self.hand = None
        self.measure = self.session = None

    def need_hand(self):
        """A keyboard and a mouse, before the login that is to find them."""
        self.hand = self.hand or Hand()

    def put(self, record):
        with open(f'{RESULTS}/bench.jsonl', 'a', encoding='utf-8') as file:
            file.write(json.dumps(record) + '\n')

    def figure(self, case, figure, value, unit, samples=None, note=None):
        record = {'measure': self.measure, 'session': self.session, 'case': case, 'figure': figure,
                  'value': round(value, 4), 'unit': unit}
        if samples is not None:
            record['samples'] = [round(sample, 3) for sample in samples]
        if note:
            record['note'] = note
        self.put(record)
        print(f'# {self.session}: {self.measure} {case}: {figure} {value:.2f} {unit}{" (" + note + ")" if note else ""}', flush=True)

    def fail(self, case, why):
        self.put({'measure': self.measure, 'session': self.session, 'case': case, 'error': why})
        print(f'# {self.session}: {self.measure} {case}: CANNOT: {why}', flush=True)


def run_one(bench, module, session):
    """One measure of one session; whatever happens, the next can be made."""
    began = time.monotonic()
    try:
        module.run(bench, session)
    except SystemExit as error:
        bench.fail('', f'{error}; its last words: {tail(LOG)}')
    except Exception as error:  # noqa: BLE001 the others are to be measured all the same
        print('# ' + traceback.format_exc().replace('\n', '\n# '), flush=True)
        bench.fail('', f'{type(error).__name__}: {error}; its last words: {tail(LOG)}')
    session.logout()
    for name in os.listdir(RUN):
        if name.endswith('.log'):
            shutil.copy(f'{RUN}/{name}', f'{RESULTS}/{bench.measure}-{session.name}-{name}')
    shutil.copy(LOG, f'{RESULTS}/{bench.measure}-{session.name}.log')
    print(f'# {session.name}: {bench.measure} took {time.monotonic() - began:.0f} s', flush=True)


def main():
    with open('/share/bench.json', encoding='utf-8') as file:
        asked = json.load(file)
    bench = Bench(asked)
    for name in asked['sessions']:
        bench.put({'session': name, 'versions': SESSIONS[name]().versions()})
    bench.put({'session': '', 'versions': {'linux': os.uname().release, 'qemu-system-x86': version('qemu-system-x86'),
                                           'libgl1-mesa-dri': version('libgl1-mesa-dri')}})
    for measure in asked['measures']:
        module = importlib.import_module('measure_' + measure)
        for name in asked['sessions']:
            session = SESSIONS[name]()
            if not module.applies(session):
                continue
            bench.measure, bench.session = measure, name
            run_one(bench, module, session)
    print('ok bench: done', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
