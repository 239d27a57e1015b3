# SPDX-License-Identifier: MIT
"""What a frame costs when 1, 2 and 4 guests of all kinds draw at once: each over a monitor of its own, and 2 side by side."""

import time

from measure_frame import WARM, begin, finish, play
from procs import Usage, of_alice
from sessions import MONITORS, Ours, control, list_outputs, wait_for
from vkms import plug


def applies(session):
    # Of the others only sway has several monitors, and its guests are shown one by one.
    return isinstance(session, Ours)


def stages(bench, session):
    return (MONITORS,)


def spend(guests, frames):
    """µs of compositor and bridges for all frames of all of these guests, and how many of the guests' pictures were shown."""
    before, usage = shown(), Usage(of_alice())
    for guest in guests:
        begin(guest, frames)
    for guest in guests:
        finish(guest, frames)
    time.sleep(0.2)
    used = usage.finish()
    return sum(one[0] for group, one in used.items() if not group.startswith('qemu')) / 1000, shown() - before


def shown():
    return sum(one['pictures'] for one in list_outputs())


def compare(bench, guests, alone, together):
    """alone: its name by the guest's number; together: {how many of the guests draw: the name of that}."""
    frames, apart = bench.frames, []
    for guest in guests:
        play(guest, WARM)
    for number, guest in enumerate(guests, 1):
        cost, count = spend([guest], frames)
        apart.append(cost)
        bench.figure(f'{guest.kind} alone {alone(number)}', 'CPU without QEMU', cost / frames, 'µs/frame', note=f'{count} shown of {frames}')
    for many, case in together.items():
        cost, count = spend(guests[:many], frames)
        wanted = frames * many
        bench.figure(case, 'frames shown', count, f'of {wanted}')
        bench.figure(case, 'CPU without QEMU', cost / wanted, 'µs/frame')
        bench.figure(case, 'cost by that of each alone', 100 * cost / sum(apart[:many]), '%')


def place(guest, output, cell):
    control('FocusOutput', output=output, cell=cell)
    control('Run', command=['show-here', guest.name])


def on_monitors(bench, guests):
    for output, guest in zip(list_outputs(), guests):
        place(guest, output['name'], 0)
    time.sleep(2)
    compare(bench, guests, lambda number: f'on monitor {number}',
            {many: f'{many} guests on {many} monitors' for many in (2, MONITORS)})


def in_halves(bench, guests):
    """Two guests side by side on one monitor, each in the size of its half."""
    first = list_outputs()[0]
    for guest in guests:
        # Before it is shown there: a picture of another size would have to be scaled.
        guest.flipped = 3, 4
        guest.draw(first['width'] // 2, first['height'], guest.flipped)
    control('FocusOutput', output=first['name'])
    control('Run', command=['split'])
    for cell, guest in enumerate(guests):
        place(guest, first['name'], cell)
    wait_for('both are shown', 20, lambda: [cell['guest'] for cell in list_outputs()[0]['cells']] == [guest.name for guest in guests])
    time.sleep(2)
    compare(bench, guests, lambda number: f'in half {number}', {2: '2 guests on 1 monitor'})


def run(bench, session, number):
    guests = session.guests[:MONITORS]
    for monitor in range(1, MONITORS):
        plug(monitor, True)
    wait_for('all monitors are there', 20, lambda: len(list_outputs()) == MONITORS)
    try:
        on_monitors(bench, guests)
        bench.attempt('scale', 'halves', in_halves, bench, guests[:2])
    finally:
        for monitor in range(1, MONITORS):
            plug(monitor, False)
