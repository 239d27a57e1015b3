# SPDX-License-Identifier: MIT
"""Wake-ups and CPU time while nothing changes on the screen."""

import time

from measure_frame import Painter
from procs import Usage, of_alice
from sessions import Cage, Gnome, Ours, Sway

SECONDS = 30


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    # In cage the newest window is over all others.
    return {1, *bench.counts} - {0} if isinstance(session, (Ours, Sway, Cage)) else (1,)


def put(bench, case, seconds, used):
    """Returns the nanoseconds without QEMU."""
    apart = [one for group, one in used.items() if not group.startswith('qemu')]
    parts = ', '.join(f'{group} {wakes}' for group, (_, wakes) in used.items())
    bench.figure(case, 'wake-ups without QEMU', sum(wakes for _, wakes in apart) / seconds * 60, '/min', note=parts)
    nanoseconds = sum(one for one, _ in apart)
    bench.figure(case, 'CPU without QEMU', nanoseconds / seconds * 60 / 1e6, 'ms/min')
    of_qemu = sum(one[0] for group, one in used.items() if group.startswith('qemu'))
    bench.figure(case, 'CPU of QEMU', of_qemu / seconds * 60 / 1e6, 'ms/min')
    return nanoseconds


def rest(bench, case, seconds):
    time.sleep(10)  # cursors have hidden, pictures have settled
    usage = Usage(of_alice())
    time.sleep(seconds)
    put(bench, case, seconds, usage.finish())


def busy(bench, case, guests, seconds):
    """Guests draw at 60 Hz; where they are hidden, their pictures are seen by nobody. ns a second without QEMU."""
    usage, began, painters = Usage(of_alice()), time.monotonic(), [Painter(guest) for guest in guests]
    time.sleep(seconds)
    frames = sum(painter.stop() for painter in painters)
    took, used = time.monotonic() - began, usage.finish()
    apart = put(bench, case, took, used)
    note = f'{frames} frames in {took:.1f} s'
    bench.figure(case, 'drawn', frames / took, '/s', note=note)
    bench.figure(case, 'CPU without QEMU by frame drawn', apart / frames / 1000, 'µs/frame', note=note)
    return apart / took


def run(bench, session, number):
    seconds = 5 if bench.quick else SECONDS
    drawing = min(seconds, 10)
    guests = session.guests
    if number == 1:
        rest(bench, '1 guest at rest', seconds)
        session.visible_cost = busy(bench, 'a visible guest draws', guests, drawing)
        return
    rest(bench, f'{number} guests at rest, {number - 1} hidden', seconds)
    # The newest is the one that is shown.
    for case, hidden in ((f'a hidden guest of {number} draws', guests[:1]), (f'{number - 1} hidden guests of {number} draw', guests[:-1])):
        cost = busy(bench, case, hidden, drawing)
        if session.visible_cost is None:
            raise SystemExit('there is nothing to compare it with: its cost while visible was not measured')
        bench.figure(case, 'share of its visible cost', 100 * cost / len(hidden) / session.visible_cost, '%')
