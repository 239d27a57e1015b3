# SPDX-License-Identifier: MIT
"""CPU time of each frame that a guest draws over the whole screen, and how it came there."""

import select
import threading
import time

from kernel import Imports, Trace, mapped_pictures, planes
from procs import DRAWING, Usage, of_alice
from sessions import KINDS, Gnome

INTERVAL = 16667  # µs
PATIENCE = 10  # s, for one frame
WARM = 3  # frames after which buffers are imported and shaders compiled
PATCH, STEP = 64, 7  # pixels


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


def groups_for(guest):
    """Of alice's processes, but not the QEMUs of guests that rest: they are not this frame's."""
    return of_alice() | {'qemu': [guest.qemu()]}


class Account:
    """What a guest's frames cost from now on, by the kernel and by the session's own counters."""

    def __init__(self, session, guest):
        self.session, self.trace = session, Trace()
        rest(lambda: len(self.trace.flips()))
        self.imports = Imports()
        self.shown, self.counters = len(self.trace.flips()), session.counters()
        self.usage = Usage(groups_for(guest))

    def finish(self):
        rest(lambda: len(self.trace.flips()))
        self.used = self.usage.finish()
        # First: whoever takes a probe away empties the trace.
        flips = [1 for _, event, _ in self.trace.finish() if event.startswith('drm_vblank')]
        self.imported = self.imports.finish()
        self.shown = len(flips) - self.shown
        after = self.session.counters()
        self.counted = {key: after[key] - self.counters[key] for key in after}

    def put(self, bench, case, frames):
        """All by frame shown, for one that was not has cost nobody a look."""
        shown = self.shown
        bench.figure(case, 'frames shown', shown, f'of {frames}')
        if not shown:
            raise SystemExit('none of the frames was shown')
        each = {group: nanoseconds / shown / 1000 for group, (nanoseconds, _) in self.used.items()}
        apart = sum(value for group, value in each.items() if not group.startswith('qemu'))
        drawn = sum(value for group, value in each.items() if group.endswith(DRAWING))
        every = sum(each.values())
        parts = ', '.join(f'{group} {value:.0f} µs' for group, value in each.items())
        bench.figure(case, 'CPU without QEMU', apart, 'µs/frame', note=parts)
        bench.figure(case, 'CPU of QEMU', every - apart, 'µs/frame')
        bench.figure(case, 'CPU', every, 'µs/frame')
        # What is left where a GPU does the drawing.
        bench.figure(case, 'CPU but for llvmpipe\'s threads', every - drawn, 'µs/frame')
        parts = ', '.join(f'{name} {count}' for name, count in self.imported.items())
        bench.figure(case, 'buffer imports', sum(self.imported.values()) / shown, '/frame', note=parts)
        if self.counted:
            bench.figure(case, 'render passes', self.counted['composited'] / shown, '/frame')
            bench.figure(case, 'bytes copied by the session', self.counted['copied'] / shown, '/frame')


def put_planes(bench, case, seen):
    if seen:
        imported = [any(plane[2] for plane in one.values()) for one in seen]
        bench.figure(case, 'guest\'s own buffer on the plane', 100 * sum(imported) / len(imported), '% of looks')


def measure(bench, session, guest, case, how='flip', warm=WARM):
    play(guest, warm, how=how)
    account, seen = Account(session, guest), []
    try:
        play(guest, bench.frames, look=lambda: seen.append(planes()), how=how)
    finally:
        account.finish()
    account.put(bench, case, bench.frames)
    put_planes(bench, case, seen)
    groups = {group: pids for group, pids in of_alice().items() if group != 'qemu'}
    for group, pids in groups.items():
        bench.figure(case, f'guest\'s pictures mapped by {group}', sum(map(mapped_pictures, pids)), 'MiB')


def measure_patches(bench, session, guest):
    """A part of the screen changes, as where a cursor blinks or a clock ticks; and one that moves on."""
    guest.show_buffer(1)
    for case, step in {f'memory, {PATCH} x {PATCH} change': 0, f'memory, {PATCH} x {PATCH} move': STEP}.items():
        bench.attempt('frame', case, measure, bench, session, guest, case,
                      f'patch 1 {{frames}} {{interval}} {PATCH} {PATCH} {step}')


def measure_text(bench, session, guest):
    """VGA's text mode, in which the machine was before its driver started."""
    guest.tell('down gpu')
    try:
        guest.tell('text-mode')
        time.sleep(3)
        # As many as fill a second: the picture has another size, for which much is made anew.
        measure(bench, session, guest, 'text', 'text {frames} {interval}', 60)
    finally:
        guest.prepare(*guest.size)


def run(bench, session, number):
    guest = session.guests[number - 1]
    measure(bench, session, guest, guest.kind)
    if guest.kind == 'memory':
        measure_patches(bench, session, guest)
        bench.attempt('frame', 'text', measure_text, bench, session, guest)
