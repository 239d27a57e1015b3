# SPDX-License-Identifier: MIT
"""CPU time of each frame that a guest draws over the whole screen, and how it came there."""

import select
import threading
import time

from kernel import Trace, planes
from procs import DRAWING, Usage, of_alice
from sessions import KINDS, Gnome

INTERVAL = 16667  # µs
PATIENCE = 10  # s, for one frame
WARM = 3  # frames after which buffers are imported and shaders compiled


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    return range(1, len(KINDS) + 1)


def begin(guest, frames, interval=INTERVAL, how='flip'):
    """how: flip or tick, by which it flips between its two buffers; or another whole command of qtest-guest, with
    {frames} and {interval} where these are to be."""
    flips = f'{how} 0 {{frames}} {{interval}} {" ".join(map(str, guest.flipped))}'
    guest.driver.stdin.write((how if '{' in how else flips).format(frames=frames, interval=interval) + '\n')
    guest.driver.stdin.flush()


def finish(guest, frames, look=None):
    deadline = time.monotonic() + frames * PATIENCE + 30
    while not select.select([guest.driver.stdout], [], [], 0.25)[0]:
        if look:
            look()
        if time.monotonic() > deadline:
            guest.driver.kill()  # its next answer would be that to this
            raise SystemExit(f'{guest.name}: {frames} frames were not drawn within {frames * PATIENCE + 30:.0f} s')
    answer = guest.driver.stdout.readline()
    if not answer.startswith('ok'):
        raise SystemExit(f'{guest.name}: it does not draw: {answer.strip() or "qtest-guest ended"}')
    return answer


def play(guest, frames, interval=INTERVAL, look=None, how='flip'):
    """Has the guest draw; look() is called now and then meanwhile."""
    begin(guest, frames, interval, how)
    return finish(guest, frames, look)


class Painter(threading.Thread):
    """Has a guest draw at 60 Hz, or as fast as it is let, until it is stopped. how: see begin()."""

    CHUNK = 6  # frames

    def __init__(self, guest, how='flip'):
        super().__init__(daemon=True)
        self.guest, self.how, self.going, self.frames, self.error = guest, how, True, 0, None
        self.start()

    def run(self):
        try:
            while self.going:
                play(self.guest, self.CHUNK, how=self.how)
                self.frames += self.CHUNK
        except SystemExit as error:
            self.error = error

    def stop(self):
        """How many it drew."""
        self.going = False
        self.join()
        if self.error:
            raise self.error
        return self.frames


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
    play(guest, WARM)
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
    apart = sum(nanoseconds for group, (nanoseconds, _) in used.items() if not group.startswith('qemu'))
    drawn = sum(one[0] for group, one in used.items() if group.endswith(DRAWING))
    parts = ', '.join(f'{group} {nanoseconds / shown / 1000:.0f} µs' for group, (nanoseconds, _) in used.items())
    bench.figure(kind, 'CPU without QEMU', apart / shown / 1000, 'µs/frame', note=parts)
    every = sum(one[0] for one in used.values())
    bench.figure(kind, 'CPU of QEMU', (every - apart) / shown / 1000, 'µs/frame')
    bench.figure(kind, 'CPU', every / shown / 1000, 'µs/frame')
    # What is left where a GPU does the drawing.
    bench.figure(kind, 'CPU but for llvmpipe\'s threads', (every - drawn) / shown / 1000, 'µs/frame')
    if seen:
        imported = [any(plane[2] for plane in one.values()) for one in seen]
        bench.figure(kind, 'guest\'s own buffer on the plane', 100 * sum(imported) / len(imported), '% of looks')
        names = {plane[1] for one in seen for plane in one.values() if plane[2]}
        bench.figure(kind, 'framebuffers made of guest\'s buffers', len(names), '')
    if after:
        bench.figure(kind, 'render passes', (after['composited'] - counters['composited']) / shown, '/frame')
