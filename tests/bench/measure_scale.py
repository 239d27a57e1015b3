# SPDX-License-Identifier: MIT
"""What a frame costs when 1, 2 and 4 guests of all kinds draw at once, each over a monitor of its own."""

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
    """µs of compositor and bridges for all frames of all of these guests, and how many were shown."""
    before, usage = shown(), Usage(of_alice())
    for guest in guests:
        begin(guest, frames)
    for guest in guests:
        finish(guest, frames)
    time.sleep(0.2)
    used = usage.finish()
    return sum(one[0] for group, one in used.items() if not group.startswith('qemu')) / 1000, shown() - before


def shown():
    return sum(one['frames'] for one in list_outputs())


def run(bench, session, number):
    frames, guests = bench.frames, session.guests[:MONITORS]
    for monitor in range(1, MONITORS):
        plug(monitor, True)
    wait_for('all monitors are there', 20, lambda: len(list_outputs()) == MONITORS)
    for output, guest in zip(list_outputs(), guests):
        control('FocusOutput', output=output['name'])
        control('Run', command=['show-here', guest.name])
    time.sleep(2)
    try:
        for guest in guests:
            play(guest, WARM)
        apart = []
        for number, guest in enumerate(guests, 1):
            cost, count = spend([guest], frames)
            apart.append(cost)
            bench.figure(f'{guest.kind} alone on monitor {number}', 'CPU without QEMU', cost / frames, 'µs/frame', note=f'{count} shown of {frames}')
        for many in (2, MONITORS):
            cost, count = spend(guests[:many], frames)
            case, wanted = f'{many} guests on {many} monitors', frames * many
            bench.figure(case, 'frames shown', count, f'of {wanted}')
            bench.figure(case, 'CPU without QEMU', cost / wanted, 'µs/frame')
            bench.figure(case, 'cost by that of each alone', 100 * cost / sum(apart[:many]), '%')
    finally:
        for monitor in range(1, MONITORS):
            plug(monitor, False)
