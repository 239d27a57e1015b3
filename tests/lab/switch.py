#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: how soon a guest is on the screen after its key, 1000 times among eight.

The keyboard is one of uinput's. When a picture was shown is told by the kernel,
which traces the refreshes that it announces.
"""

import math
import random
import statistics
import sys
import time

from inside import (
    BRIDGE, COMPOSITOR, QEMU, Guest, control, exit_status, guest_entry, list_outputs, pids, pss, result, say, wait_device,
    wait_screen)
from tracefs import Flips, Modesets
from uinput import KEY_1, KEY_SUPER, make_keyboard

GUESTS = [Guest(f'switch-{number}', 'device virtio\n\tgl on') for number in range(1, 9)]
SWITCHES, LATE, APART = 1000, 1.0, 0.035
SEED = 11


def memory(name):
    several = pids(name)
    return f'{name} {pss(several):.0f} MiB' + (f' ({len(several)} processes)' if len(several) > 1 else '')


def draw(guest, seed):
    """One picture of the size of the screen; from then on the guest rests."""
    screen = list_outputs()[0]
    guest.tell('up all')
    guest.tell(f'create-blob 1 b8g8r8x8 {screen["width"]} {screen["height"]}')
    for line in (f'pattern 1 {seed}', 'transfer 1', 'scanout 0 1', 'flush 1'):
        guest.tell(line)


def switch(keyboard, numbers, flips, refresh):
    """SWITCHES of them, each when the one before is on the screen; returns the times from key to picture, in refreshes."""
    dice, now, waits, wrong = random.Random(SEED), None, [], []
    for turn in range(SWITCHES):
        now = dice.choice([number for number in numbers if number != now])
        pressed = keyboard.chord(KEY_SUPER, KEY_1 + now - 1)
        if shown := flips.wait(pressed, LATE):
            waits.append((shown - pressed) / refresh)
        # A picture that follows is none of the next key's, which comes at any place between two refreshes.
        time.sleep(APART + dice.random() / 60)
        if turn % 25 == 24:
            deadline = time.monotonic() + 10
            while not guest_entry(numbers[now])['focused'] and time.monotonic() < deadline:
                time.sleep(0.02)
            if not guest_entry(numbers[now])['focused']:
                wrong.append((turn, numbers[now]))
    result('each key shows its guest', not wrong, str(wrong))
    return sorted(waits)


def judge(waits, refresh):
    """Prints how many refreshes lay between key and picture: a figure, not a result, as a stalled machine is late."""
    say(f'not on the screen within {LATE} s: {SWITCHES - len(waits)} of {SWITCHES}')
    if waits:
        median, late = statistics.median(waits), waits[math.ceil(len(waits) * 0.99) - 1]
        say(f'from key to picture, in refreshes of {refresh / 1000:.1f} ms: median {median:.2f}, p99 {late:.2f}, worst {waits[-1]:.2f}')


def run():
    wait_screen()
    for seed, guest in enumerate(GUESTS):
        control('ShowGuest', name=guest.name)
        guest.start()
        draw(guest, seed)
        say(f'{guest.name} has drawn')
    numbers = {entry['number']: entry['name'] for entry in control('ListGuests')['guests'] if entry['name'].startswith('switch-')}
    numbers = {number: name for number, name in numbers.items() if 1 <= number <= 9}
    result('eight guests have a key', len(numbers) == 8, str(numbers))
    say(f'memory (PSS) with eight guests: {memory(COMPOSITOR)}, {memory(BRIDGE)}, {memory(QEMU)}')
    keyboard, modesets = wait_device(make_keyboard('Lab Keyboard')), Modesets()
    for number in numbers:  # each once, so that all is imported
        keyboard.chord(KEY_SUPER, KEY_1 + number - 1)
        time.sleep(1)
    before, modes, flips = list_outputs()[0], modesets.count(), Flips()
    refresh = 1e9 / (before['refresh'] or 60000)
    judge(switch(keyboard, numbers, flips, refresh), refresh)
    flips.finish()
    time.sleep(1)
    after = list_outputs()[0]
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited')}
    say(f'{SWITCHES} switches: {counts}, last path {after["path"]} {after["reason"]}; modes set: {modesets.count() - modes}')
    result('no mode is set by a switch', modesets.count() == modes, f'{modesets.count() - modes}')
    modesets.finish()
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit([guest.write() for guest in GUESTS] and 0 if sys.argv[1] == 'prepare' else run())
