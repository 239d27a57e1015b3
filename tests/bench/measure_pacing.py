# SPDX-License-Identifier: MIT
"""When each frame that a guest draws is on the screen, told by its number in its first and last rows.

The guest has a clock as Linux' virtio-gpu has: a tick for which it was late is let pass.
"""

import os
import subprocess

from judge import judge_frames, judge_rate, pair_flips, read_numbers
from look import Look, modes
from measure_frame import begin, finish, rest
from sessions import Gnome, Ours, control, list_outputs, wait_for
from vkms import crtc_of, plug

RATES = (60, 30, 45, 50, 75)
PEERS_RATES = (60, 30)  # they draw a few frames a second, whatever they are asked for
PART, FEWEST, ENOUGH = 5, 30, 300  # of the frames, at the other rates
CONFIG = '/home/alice/.config/phyllome'
OTHER = 1000, 750, 50  # a mode that vkms does not list: one of its own would be taken instead


def part(bench):
    return min(max(bench.paced // PART, FEWEST), ENOUGH)


def applies(session):
    return not isinstance(session, Gnome)


def stages(bench, session):
    return (1, 2) if isinstance(session, Ours) else (1,)


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
    for rate in RATES if isinstance(session, Ours) else PEERS_RATES:
        frames = bench.paced if rate == RATES[0] and isinstance(session, Ours) else part(bench)
        measure(bench, [(f'{rate} Hz', guest, rate, min(modes()), size)], frames)


def write_settings(text):
    """alice's session.scfg."""
    os.makedirs(CONFIG, exist_ok=True)
    with open(f'{CONFIG}/session.scfg', 'w', encoding='utf-8') as file:
        file.write(text)
    subprocess.run(['chown', '-R', 'alice:', os.path.dirname(CONFIG)], check=True)


def light_other():
    """A second monitor, with the other mode; returns the names of both."""
    before = list_outputs()[0]['name']
    plug(1, True)
    name = wait_for('the second monitor is there', 20, lambda: next(one['name'] for one in list_outputs() if one['name'] != before))
    width, height, hertz = OTHER
    write_settings(f'output "{name}" {{\n\tmode {width}x{height}@{hertz}Hz\n}}\n')
    control('Reload')
    wait_for(f'{name} has its mode', 20, lambda: (width, height) in [(one['width'], one['height']) for one in list_outputs()])
    return before, name


def two_monitors(bench, session):
    """Each monitor has a guest of its own, which draws at that monitor's rate."""
    try:
        cases = []
        for name, guest in zip(light_other(), session.guests):
            output = next(one for one in list_outputs() if one['name'] == name)
            crtc, size = int(crtc_of(name).removeprefix('crtc-')), (output['width'], output['height'])
            if size != guest.size:
                # Before it is shown there: a picture of another size would have to be scaled.
                guest.flipped = 3, 4
                guest.draw(*size, guest.flipped)
            control('FocusOutput', output=name)
            control('Run', command=['show-here', guest.name])
            hertz = modes()[crtc]
            cases.append((f'two monitors, {hertz:.0f} Hz', guest, hertz, crtc, size))
        measure(bench, cases, part(bench))
    finally:
        write_settings('')
        control('Reload')
        plug(1, False)


def run(bench, session, number):
    (one_monitor if number == 1 else two_monitors)(bench, session)
