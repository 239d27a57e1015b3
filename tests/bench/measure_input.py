# SPDX-License-Identifier: MIT
"""From an event of a device to the guest's used ring of virtio-input."""

import os
import shutil
import subprocess
import tempfile
import time

from judge import judge_way, match_edges, match_first
from kernel import Switches
from measure_frame import Painter
from sessions import Gnome, wait_for
from uinput import EV_KEY, KEY_A

KEYS, DRAWING_KEYS, WAYS, APART = 300, 60, 42, 0.1  # even: who presses a key that is down already sends nothing
COMPOSITED, BUSY = 'key while its picture is composited', 'key while QEMU is busy'


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    # The third is in shared memory: each of its pictures must be drawn by the session.
    return (1, 3)


class Arrivals:
    """Runs qtest-watch on one of the guest's devices."""

    def __init__(self, guest, device):
        words = guest.tell(f'queue {device}').split()
        program = shutil.which('qtest-watch') or '/build/plain/tests/qtest/qtest-watch'
        # A file: a pipe would be full before it is read.
        self.lines = tempfile.TemporaryFile('w+', encoding='ascii')
        self.process = subprocess.Popen([program, guest.memory_file(), *words], stdin=subprocess.PIPE, stdout=self.lines)
        wait_for('qtest-watch looks', 20, lambda: os.fstat(self.lines.fileno()).st_size)

    def finish(self):
        """[(µs, type, code, value)]."""
        self.process.stdin.close()
        self.process.wait()
        self.lines.seek(0)
        return [tuple(map(int, line.split())) for line in self.lines.read().splitlines()[1:]]


def put(bench, case, waits, sent, above=None):
    bench.figure(case, 'arrived', len(waits), f'of {sent}')
    if not waits:
        raise SystemExit(f'{case}: none of {sent} events came')
    bench.spread(case, waits, sent, 'µs', above)


def keys(bench, guest, case, count=KEYS, arrivals=None):
    """Edges of one key, each matched with the guest's in their order."""
    count = 30 if bench.quick else count
    arrivals, sent = arrivals or Arrivals(guest, 'keyboard'), []
    for number in range(count):
        sent.append((bench.hand.key(KEY_A, number % 2 == 0), int(number % 2 == 0)))
        # At any place between two refreshes.
        time.sleep(APART + 0.0007 * (number % 23))
    time.sleep(0.5)
    came = [(when, value) for when, kind, code, value in arrivals.finish() if kind == EV_KEY and code == KEY_A]
    put(bench, case, match_edges(sent, came), count, APART * 1e6)  # then the next was sent


def way(bench, guest):
    """Who runs between a key and its arrival, and for how long: the limit is that each of them must."""
    arrivals, switches = Arrivals(guest, 'keyboard'), Switches()
    sent = []
    try:
        for number in range(WAYS):
            sent.append((bench.hand.key(KEY_A, number % 2 == 0), int(number % 2 == 0)))
            time.sleep(APART + 0.0007 * (number % 23))
    finally:
        ran = switches.finish()
    came = [(when, value) for when, kind, code, value in arrivals.finish() if kind == EV_KEY and code == KEY_A]
    spans = [(sent[number][0], sent[number][0] + wait) for number, wait in enumerate(match_edges(sent, came))]
    if len(spans) < WAYS:
        raise SystemExit(f'only {len(spans)} of {WAYS} keys came')
    for task, (took, times) in sorted(judge_way(ran, spans).items()):
        if took and task:
            bench.figure('way of a key, traced', task, took, 'µs', note=f'put on a processor {times} times')


def mouse(bench, guest):
    """1000 moves a second; several may arrive as one, so each is matched with the first report after it."""
    count = 200 if bench.quick else 2000
    arrivals, sent, begin = Arrivals(guest, 'tablet'), [], time.monotonic()
    for number in range(count):
        sent.append(bench.hand.move(1 if number // 100 % 2 == 0 else -1, 0))
        time.sleep(max(0, begin + (number + 1) * 0.001 - time.monotonic()))
    took = time.monotonic() - begin
    time.sleep(0.5)
    came = sorted({when for when, kind, _, _ in arrivals.finish() if kind == 3})
    bench.figure('mouse', 'reports to the guest', len(came), f'for {count} in {took:.1f} s')
    put(bench, 'mouse', match_first(sent, came), count)


def keys_while(bench, guest, case, how='flip'):
    """Keys to a guest that draws, or does what how says (see measure_frame.begin())."""
    arrivals, painter = Arrivals(guest, 'keyboard'), Painter(guest, how)
    try:
        keys(bench, guest, case, DRAWING_KEYS, arrivals)
    finally:
        painter.stop()


def run(bench, session, number):
    guest = session.guests[number - 1]
    bench.hand.move(3, 3)
    bench.hand.key(KEY_A, True)
    bench.hand.key(KEY_A, False)
    time.sleep(1)
    if number > 1:
        bench.attempt('input', COMPOSITED, keys_while, bench, guest, COMPOSITED)
        # QEMU's main loop, which passes input on as well, copies picture after picture, and shows none.
        bench.attempt('input', BUSY, keys_while, bench, guest, BUSY, 'transfers 1 {frames}')
        return
    keys(bench, guest, 'key')
    for name, act in {'way of a key, traced': way, 'mouse': mouse}.items():
        try:
            act(bench, guest)
        except SystemExit as error:
            bench.fail(name, str(error))
    keys_while(bench, guest, 'key while it draws')
