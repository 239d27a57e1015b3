#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: how soon a guest is on the screen after its key, 1000 times among eight.

The keyboard is one of uinput's. When a picture was shown is told by the kernel,
which traces the refreshes that it announces.
"""

import math
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import time

from inside import Guest, Modesets, control, exit_status, guest_entry, list_outputs, read_log, result, say, wait_for, wait_screen

GUESTS = [Guest(f'switch-{number}', 'device virtio\n\tgl on') for number in range(1, 9)]
SWITCHES, APART = 1000, 0.12
SEED = 11
KEY_1, KEY_SUPER = 2, 125
TRACE = '/sys/kernel/tracing'
EVENT = struct.Struct('@llHHi')


class Keyboard:
    def __init__(self):
        import fcntl
        subprocess.run(['modprobe', 'uinput'], check=True)
        self.fd = os.open('/dev/uinput', os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, 0x40045564, 1)  # UI_SET_EVBIT, EV_KEY
        for key in range(1, 128):
            fcntl.ioctl(self.fd, 0x40045565, key)  # UI_SET_KEYBIT
        fcntl.ioctl(self.fd, 0x405c5503, struct.pack('=HHHH80sI', 3, 0x1234, 1, 1, b'Lab Keyboard', 0))  # UI_DEV_SETUP
        fcntl.ioctl(self.fd, 0x5501)  # UI_DEV_CREATE
        wait_for('the keyboard is found', 30, lambda: 'input: Lab Keyboard' in read_log())

    def key(self, code, value):
        os.write(self.fd, EVENT.pack(0, 0, 1, code, value) + EVENT.pack(0, 0, 0, 0, 0))

    def show(self, number):
        """Super and the digit of guest `number`; returns when that was pressed, in µs."""
        self.key(KEY_SUPER, 1)
        pressed = time.monotonic_ns() // 1000
        self.key(KEY_1 + number - 1, 1)
        self.key(KEY_1 + number - 1, 0)
        self.key(KEY_SUPER, 0)
        return pressed


def write(name, text):
    with open(f'{TRACE}/{name}', 'w', encoding='ascii') as file:
        file.write(text)


class Flips:
    """When the kernel told of pictures that were shown, in µs."""

    EVENT = 'events/drm/drm_vblank_event_delivered/enable'

    def __init__(self):
        write('trace_clock', 'mono')
        write('buffer_size_kb', '4096')
        write('trace', '')
        write(self.EVENT, '1')

    def finish(self):
        write(self.EVENT, '0')
        with open(f'{TRACE}/trace', encoding='ascii', errors='replace') as trace:
            times = [int(float(found[1]) * 1000000) for line in trace
                     if (found := re.search(r'(\d+\.\d+): drm_vblank_event_delivered:', line))]
        write('trace', '')
        return sorted(times)


def memory(name):
    """PSS of all processes of that name, in MiB."""
    total = 0
    pids = subprocess.run(['pgrep', '-x', name], check=False, capture_output=True, text=True).stdout.split()
    for pid in pids:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as smaps:
            total += int(re.search(r'^Pss:\s+(\d+)', smaps.read(), re.M)[1])
    return f'{name} {total / 1024:.0f} MiB' + (f' ({len(pids)} processes)' if len(pids) > 1 else '')


def draw(guest, seed):
    """One picture of the size of the screen; from then on the guest rests."""
    screen = list_outputs()[0]
    guest.tell('up all')
    guest.tell(f'create-blob 1 b8g8r8x8 {screen["width"]} {screen["height"]}')
    for line in (f'pattern 1 {seed}', 'transfer 1', 'scanout 0 1', 'flush 1'):
        guest.tell(line)


def switch(keyboard, numbers):
    """SWITCHES of them; returns when each key was pressed."""
    dice, now, pressed, wrong = random.Random(SEED), None, [], []
    for turn in range(SWITCHES):
        now = dice.choice([number for number in numbers if number != now])
        began = time.monotonic()
        pressed.append(keyboard.show(number=now))
        if turn % 25 == 24:
            deadline = time.monotonic() + 10
            while not guest_entry(numbers[now])['focused'] and time.monotonic() < deadline:
                time.sleep(0.02)
            if not guest_entry(numbers[now])['focused']:
                wrong.append((turn, numbers[now]))
            time.sleep(APART)
        time.sleep(max(0, began + APART - time.monotonic()))
    result('each key shows its guest', not wrong, str(wrong))
    return pressed


def judge(pressed, flips, refresh):
    """Prints how many refreshes lay between key and picture: a figure, not a result, as a stalled machine is late."""
    waits, at, missed = [], 0, 0
    for number, key in enumerate(pressed):
        end = pressed[number + 1] if number + 1 < len(pressed) else key + 1000000
        while at < len(flips) and flips[at] <= key:
            at += 1
        if at < len(flips) and flips[at] < end:
            waits.append((flips[at] - key) / refresh)
        else:
            missed += 1
    say(f'not on the screen before the next one came: {missed} of {len(pressed)}')
    if waits:
        waits.sort()
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
    say(f'memory (PSS) with eight guests: {memory("phyllome-compos")}, {memory("phyllome-bridge")}, {memory("qemu-system-x86")}')
    keyboard, modesets = Keyboard(), Modesets()
    for number in numbers:  # each once, so that all is imported
        keyboard.show(number)
        time.sleep(1)
    before, modes, flips = list_outputs()[0], modesets.count(), Flips()
    pressed = switch(keyboard, numbers)
    time.sleep(1)
    shown, after = flips.finish(), list_outputs()[0]
    judge(pressed, shown, 1e9 / (after['refresh'] or 60000))
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited')}
    say(f'{SWITCHES} switches: {counts}, last path {after["path"]} {after["reason"]}; modes set: {modesets.count() - modes}')
    result('no mode is set by a switch', modesets.count() == modes, f'{modesets.count() - modes}')
    modesets.finish()
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit([guest.write() for guest in GUESTS] and 0 if sys.argv[1] == 'prepare' else run())
