# SPDX-License-Identifier: MIT
"""When each frame that a guest draws is on the screen, told by its number in its first and last rows.

The guest has a clock as Linux' virtio-gpu has: a tick for which it was late is let pass.
"""

from judge import judge_frames, judge_rate, pair_flips, read_numbers
from look import Look, modes
from measure_frame import begin, finish, rest
from sessions import Gnome, Ours

RATES = (60, 30, 45, 50, 75)
FEWEST = 30


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    return (1,)


def put(bench, case, frames, rate, times, events):
    """The figures of one guest that drew so many frames."""
    flips = pair_flips(events)
    seen, torn = read_numbers(flips)
    period, refreshes, new = judge_rate(flips, seen)
    if not new:
        raise SystemExit(f'{case}: no two frames were seen on a plane; {len(flips)} flips')
    waits, dropped, again, unknown = judge_frames(times, seen, period)
    hertz = 1e6 / period
    bench.figure(case, 'refreshes by the kernel', hertz, 'Hz')
    bench.figure(case, 'drawn', (frames - 1) * 1e6 / (times[-1] - times[0]), '/s', note=f'{rate:.0f} were asked for')
    if rate > hertz + 0.5:
        bench.figure(case, 'more than the monitor can show', 100 * (1 - hertz / rate), '%')
    bench.figure(case, 'never shown', 100 * dropped / frames, '%')
    bench.figure(case, 'refreshes with a new frame', 100 * new / refreshes, '%')
    bench.figure(case, 'refreshes with nothing new', 100 * (1 - new / refreshes), '%')
    bench.figure(case, 'flips with nothing new', 100 * (again + unknown) / frames, '%', note=f'{again} the same, {unknown} unknown')
    bench.figure(case, 'torn', torn, f'of {len(flips)} flips')
    bench.spread(case, waits, frames, 'refreshes')
    bench.figure(case, 'later than two refreshes', 100 * (dropped + sum(wait > 2 for wait in waits)) / frames, '%')


def measure(bench, cases, frames):
    """cases: [(name, guest, rate, number of its CRTC, size)], all drawing at once."""
    look = Look({crtc: (*size, [(8, 8), (8, size[1] - 9)]) for _, _, _, crtc, size in cases})
    try:
        rest(lambda: sum(map(len, look.events.values())))
        for _, guest, rate, _, _ in cases:
            begin(guest, frames, int(1e6 / rate), 'tick')
        for _, guest, _, _, _ in cases:
            finish(guest, frames)
        rest(lambda: sum(map(len, look.events.values())))
    finally:
        events = look.finish()
    for name, guest, rate, crtc, _ in cases:
        times = [int(word) for word in guest.tell('times').split()]
        put(bench, name, frames, rate, times, events[crtc])


def told_refresh(guest):
    """The refreshes a second of the mode that the guest's EDID names first."""
    timing = bytes.fromhex(guest.tell('edid 0'))[54:72]
    # Of each direction: what is shown and what is not, and four more bits of both.
    across, down = (one[0] + one[1] + ((one[2] >> 4) + (one[2] & 15)) * 256 for one in (timing[2:5], timing[5:8]))
    return int.from_bytes(timing[:2], 'little') * 10000 / (across * down)


def one_monitor(bench, session):
    guest, size = session.guests[0], session.size()
    if isinstance(session, Ours):
        bench.figure('guest', 'refreshes that its EDID names', told_refresh(guest), 'Hz',
                     note='QEMU\'s own number: its D-Bus display takes sizes only')
    for rate in RATES:
        # The others draw a few frames a second, whatever they are asked for.
        frames = bench.paced if rate in (60, 30) or isinstance(session, Ours) else max(bench.paced // 4, FEWEST)
        measure(bench, [(f'{rate} Hz', guest, rate, min(modes()), size)], frames)


def run(bench, session, number):
    one_monitor(bench, session)
