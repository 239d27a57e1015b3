#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the virtual computer for ./dev bench, and reports what was measured in it. Run in the root."""

import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'lab'))
import computer  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402

MEASURES = ('memory', 'frame', 'start', 'input', 'switch', 'idle', 'pacing', 'scale')
SESSIONS = ('phyllome', 'sway-gtk', 'cage-gtk', 'weston-sdl', 'sway-spice', 'gnome-boxes')
SHIFT = 0  # an instruction takes 2^0 ns
MEMORY = 8192  # MiB
JOB = 'tests/bench/job.sh'


def boot(arguments, asked):
    """Has it measured. Returns the records, as many as there are."""
    machine = computer.Computer(arguments.image, arguments.build, 1, None if arguments.host_clock else arguments.shift, memory=MEMORY,
                                cpus=arguments.cpus)
    records = machine.share + '/results/bench.jsonl'
    began, status = time.monotonic(), 1
    try:
        with open(machine.share + '/bench.json', 'w', encoding='utf-8') as file:
            json.dump(asked, file)
        with open(machine.share + '/jobs', 'w', encoding='utf-8') as file:
            file.write(f'{JOB} 100000\n')
        computer.Requests(machine).start()
        for line in computer.follow(machine, arguments.limit):
            if line.startswith('@up '):
                print(f'bench: the computer is up after {time.monotonic() - began:.0f} s', file=sys.stderr, flush=True)
            elif line.startswith('@end '):
                status = int(line.split()[2])
            elif not line.startswith('@'):
                print(f'bench: {time.monotonic() - began:5.0f} s: {line}', file=sys.stderr, flush=True)
    finally:
        machine.stop()
        found = []
        if os.path.exists(records):
            with open(records, encoding='utf-8') as file:
                found = [json.loads(line) for line in file if line.endswith('\n')]
        if arguments.keep:
            os.makedirs(arguments.keep, exist_ok=True)
            subprocess.run(['cp', '-r', machine.share + '/results/.', arguments.keep], check=False)
            subprocess.run(['cp', machine.serial_path, f'{arguments.keep}/serial.log'], check=False)
        subprocess.run(['rm', '-rf', machine.folder], check=False)
    if status != 0:
        found.append({'measure': '', 'session': '', 'case': '', 'error': 'the computer ended before all was measured'})
    return found


def sort_words(words, known):
    """(those that belong to an option, the names of measures among them): "--against sway-gtk,cage-gtk frame" says both.

    Words may be joined by commas. Ends with ValueError at one that is neither.
    """
    found, names = [], []
    for word in [part for word in words for part in word.split(',') if part]:
        if known(word):
            found.append(word)
        elif word in MEASURES:
            names.append(word)
        else:
            raise ValueError(word)
    return found, names


def read_arguments(words=None):
    parser = argparse.ArgumentParser(prog='./dev bench', description='Measures the session and what people use instead.')
    parser.add_argument('--image', required=True)
    parser.add_argument('--build', default='/build')
    parser.add_argument('--keep', help='folder for logs and records')
    parser.add_argument('--json', default='/build/bench.json')
    parser.add_argument('--html', default='/build/bench.html')
    # Either may stand before the names of measures, which argparse would take for more of it.
    parser.add_argument('--against', nargs='+', action='extend', metavar='PEER', help=', '.join((*SESSIONS[1:], 'none')))
    parser.add_argument('--guests', nargs='+', action='extend', metavar='N')
    parser.add_argument('--frames', type=int, metavar='N')
    parser.add_argument('--paced', type=int, metavar='N')
    parser.add_argument('--switches', type=int, metavar='N')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--shift', type=int, default=SHIFT, help='an instruction takes 2^this ns')
    parser.add_argument('--cpus', type=int, choices=(1, 2), default=2, help='processors; with one, processor time is exact')
    parser.add_argument('--without-us', action='store_true', help='the peers only')
    parser.add_argument('--host-clock', action='store_true', help="with this machine's clock: much sooner done, times mean nothing")
    parser.add_argument('--limit', type=float, default=8 * 3600, help='seconds')
    parser.add_argument('names', nargs='*', metavar='NAME', help=', '.join(MEASURES))
    arguments = parser.parse_args(words)
    for option, known, kind in (('against', (*SESSIONS[1:], 'none').__contains__, str), ('guests', str.isdecimal, int)):
        try:
            found, names = sort_words(getattr(arguments, option) or [], known)
        except ValueError as error:
            parser.error(f'--{option}: {error} is none of its words, and no measure')
        if getattr(arguments, option) is not None and not found:
            parser.error(f'--{option} needs a word')
        setattr(arguments, option, [kind(word) for word in found])
        arguments.names += names
    arguments.against = arguments.against or list(SESSIONS[1:])
    unknown = set(arguments.names) - set(MEASURES)
    if unknown:
        parser.error(f'no measure {", ".join(sorted(unknown))}: {", ".join(MEASURES)}')
    return arguments


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    usual = {'guests': [1, 2], 'frames': 30, 'paced': 60, 'switches': 20} if arguments.quick else \
            {'guests': [1, 8], 'frames': 300, 'paced': 2000, 'switches': 300}
    asked = {key: getattr(arguments, key) or value for key, value in usual.items()}
    peers = [] if arguments.quick or 'none' in arguments.against else arguments.against
    asked |= {'guests': sorted(asked['guests']), 'quick': arguments.quick, 'sessions': [*([] if arguments.without_us else ['phyllome']), *peers],
              'measures': [name for name in MEASURES if name in arguments.names or not arguments.names]}
    result = {'format': 1, 'date': datetime.date.today().isoformat(), 'asked': asked,
              'computer': {'shift': None if arguments.host_clock else arguments.shift, 'memory': MEMORY, 'cpus': arguments.cpus},
              'records': boot(arguments, asked)}
    with open(arguments.json, 'w', encoding='utf-8') as file:
        json.dump(result, file, indent=1)
    with open(arguments.html, 'w', encoding='utf-8') as file:
        file.write(page.render(result))
    print(report.table(result['records']))
    failed = report.errors(result['records'])
    # A peer that does not run here is told of above; we are to run.
    return 1 if any(session in ('', report.OURS) for _, session, _, _ in failed) else 0


if __name__ == '__main__':
    sys.exit(main())
