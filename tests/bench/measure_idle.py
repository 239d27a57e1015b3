# SPDX-License-Identifier: MIT
"""Wake-ups and CPU time while nothing changes on the screen."""

import time

from measure_frame import Painter
from procs import Usage, of_alice
from sessions import Gnome, Ours, Sway

SECONDS = 30


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    # Those with one window over all others hide what is below as well.
    return {1, *bench.counts} - {0} if isinstance(session, (Ours, Sway)) else (1,)


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


def busy(bench, case, guest, seconds):
    """One guest draws at 60 Hz; where it is hidden, its pictures are seen by nobody. ns a second without QEMU."""
    usage, began, painter = Usage(of_alice()), time.monotonic(), Painter(guest)
    time.sleep(seconds)
    frames = painter.stop()
    took, used = time.monotonic() - began, usage.finish()
    apart = put(bench, case, took, used)
    bench.figure(case, 'CPU without QEMU by frame drawn', apart / frames / 1000, 'µs/frame', note=f'{frames} frames in {took:.1f} s')
    return apart / took


def run(bench, session, number):
    seconds = 5 if bench.quick else SECONDS
    drawing = min(seconds, 3)
    guest = session.guests[0]
    if number == 1:
        rest(bench, '1 guest at rest', seconds)
        session.visible_cost = busy(bench, 'a visible guest draws', guest, drawing)
        return
    rest(bench, f'{number} guests at rest, {number - 1} hidden', seconds)
    case = f'a hidden guest of {number} draws'
    cost = busy(bench, case, guest, drawing)
    if session.visible_cost is None:
        raise SystemExit('there is nothing to compare it with: its cost while visible was not measured')
    bench.figure(case, 'share of its visible cost', 100 * cost / session.visible_cost, '%')
