# SPDX-License-Identifier: MIT
"""When each frame that a guest draws is on the screen, told by a number in its first pixels.

The guest has a clock as Linux' virtio-gpu has: a tick for which it was late is let pass.
"""

from judge import judge_frames
from kernel import Screen, Trace, Watch, planes
from measure_frame import begin, finish, rest
from sessions import Gnome, card

REFRESH = 1e6 / 60  # µs; what vkms does


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    return (1,)


class Numbers:
    """What number the screen shows at each flip."""

    def __init__(self, height):
        self.height, self.screen, self.seen = height, Screen(card()), []
        self.planes = list(planes())
        self.watch = Watch(self.look)

    def look(self, when):
        for plane in self.planes:
            # The first row of some buffers is the last of the picture.
            for y in (8, self.height - 9):
                value = self.screen.pixel(plane, 8, y)
                if value is not None and value < 0x10000:
                    self.seen.append((when, value))
                    return
        self.seen.append((when, None))

    def finish(self):
        self.watch.stop()
        self.screen.close()
        return self.seen


def measure(bench, session, guest, rate):
    frames = bench.paced
    trace = Trace()
    rest(lambda: len(trace.flips()))
    numbers = Numbers(session.size()[1])
    begin(guest, frames, int(1e6 / rate), 'tick')
    finish(guest, frames)
    rest(lambda: len(numbers.seen))
    times = [int(word) for word in guest.tell('times').split()]
    seen = numbers.finish()
    trace.finish()
    waits, dropped, again, unknown = judge_frames(times, seen, REFRESH)
    case = f'{rate} Hz'
    bench.figure(case, 'never shown', 100 * dropped / frames, '%')
    bench.figure(case, 'flips with nothing new', 100 * (again + unknown) / frames, '%', note=f'{again} the same, {unknown} unknown')
    if not waits:
        raise SystemExit(f'{case}: no frame was seen on a plane; {len(seen)} flips')
    bench.spread(case, waits, frames, 'refreshes')
    bench.figure(case, 'later than two refreshes', 100 * (dropped + sum(wait > 2 for wait in waits)) / frames, '%')


def run(bench, session, number):
    for rate in (60, 30):
        measure(bench, session, session.guests[0], rate)
