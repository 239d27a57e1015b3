# SPDX-License-Identifier: MIT
"""CPU time of each frame that a guest draws over the whole screen, and how it came there."""

import select
import time

from kernel import Trace, planes
from procs import Usage, of_alice
from sessions import KINDS, Gnome

INTERVAL = 16667  # µs


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    return range(1, len(KINDS) + 1)


def play(guest, frames, interval=INTERVAL, look=None):
    """Has the guest flip between its two buffers; look() is called now and then meanwhile."""
    guest.driver.stdin.write(f'flip 0 {frames} {interval} 1 2\n')
    guest.driver.stdin.flush()
    while not select.select([guest.driver.stdout], [], [], 0.25)[0]:
        if look:
            look()
    answer = guest.driver.stdout.readline()
    if not answer.startswith('ok'):
        raise SystemExit(f'{guest.name}: flip: {answer.strip() or "qtest-guest ended"}')
    return answer


def rest(counted, seconds=20):
    """Until nothing is shown any more."""
    deadline, before = time.monotonic() + seconds, None
    while (now := counted()) != before and time.monotonic() < deadline:
        before = now
        time.sleep(0.5)


def run(bench, session, number):
    guest = session.guests[number - 1]
    kind = guest.kind
    frames = bench.frames
    play(guest, 10)
    trace = Trace()
    rest(lambda: len(trace.flips()))
    shown_before, counters, seen = len(trace.flips()), session.counters(), []
    usage = Usage(of_alice())
    play(guest, frames, look=lambda: seen.append(planes()))
    rest(lambda: len(trace.flips()))
    used = usage.finish()
    shown = len([1 for _, event, _ in trace.finish() if event.startswith('drm_vblank')]) - shown_before
    after = session.counters()
    bench.figure(kind, 'frames shown', shown, f'of {frames}')
    if not shown:
        raise SystemExit('none of the frames was shown')
    apart = sum(nanoseconds for group, (nanoseconds, _) in used.items() if group != 'qemu')
    parts = ', '.join(f'{group} {nanoseconds / shown / 1000:.0f} µs' for group, (nanoseconds, _) in used.items())
    bench.figure(kind, 'CPU without QEMU', apart / shown / 1000, 'µs/frame', note=parts)
    bench.figure(kind, 'CPU of QEMU', used.get('qemu', (0, 0))[0] / shown / 1000, 'µs/frame')
    bench.figure(kind, 'CPU', sum(one[0] for one in used.values()) / shown / 1000, 'µs/frame')
    if seen:
        imported = [any(plane[2] for plane in one.values()) for one in seen]
        bench.figure(kind, 'guest\'s own buffer on the plane', 100 * sum(imported) / len(imported), '% of looks')
        names = {plane[1] for one in seen for plane in one.values() if plane[2]}
        bench.figure(kind, 'framebuffers made of guest\'s buffers', len(names), '')
    if after:
        bench.figure(kind, 'render passes', (after['composited'] - counters['composited']) / shown, '/frame')
