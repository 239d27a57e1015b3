#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a thousand switches among eight guests, and how soon each is on the screen after its key.

The keyboard is one of uinput's. When a picture was shown is told by the kernel, which
traces the refreshes that it announces. What was shown is told by vkms, in a run of its
own as that takes it much of its time: the CRC of every picture that it scans out, and
between two guests there must be none but theirs.
"""

import math
import random
import statistics
import sys
import time

from inside import (
    BRIDGE, COMPOSITOR, QEMU, Guest, control, exit_status, guest_entry, list_outputs, pids, pss, result, say, wait_device,
    wait_for, wait_screen)
from tracefs import Flips, Modesets
from uinput import KEY_1, KEY_SUPER, make_keyboard
from vkms import Crcs, crtc_of

GUESTS = [Guest(f'switch-{number}', 'device virtio\n\tgl on') for number in range(1, 9)]
SWITCHES, TIMED, LATE, APART = 1000, 300, 1.0, 0.035
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
    """TIMED of them, each when the one before is on the screen; returns the times from key to picture, in refreshes."""
    dice, now, waits, wrong = random.Random(SEED), list(numbers)[-1], [], []
    for turn in range(TIMED):
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


class Watch:
    """What stood on the screen, refresh by refresh, while guests that rest were switched."""

    def __init__(self, keyboard, numbers):
        self.keyboard, self.numbers, self.own, self.read = keyboard, numbers, {}, 0
        self.crcs = Crcs(crtc_of(list_outputs()[0]['name']))

    def press(self, number):
        self.keyboard.chord(KEY_SUPER, KEY_1 + number - 1)

    def learn(self):
        """Each at rest: its CRC, and that its own buffer is on the plane."""
        composited = {}
        for number, name in self.numbers.items():
            self.press(number)
            wait_for(f'{name} has the keys', 20, lambda name=name: guest_entry(name)['focused'])
            time.sleep(1)
            self.crcs.entries.clear()
            self.own[number] = set(self.crcs.wait(5).counts())
            screen = list_outputs()[0]
            if screen['path'] != 'scanout':
                composited[name] = screen['reason']
        result('each of eight guests is on the plane', not composited, str(composited))
        result('each of their pictures has a CRC of its own',
               all(len(several) == 1 for several in self.own.values()) and len(set.union(*self.own.values())) == len(self.own), str(self.own))
        self.own = {number: several.pop() for number, several in self.own.items()}

    def switch(self, old, new):
        """Returns what was on the screen that is neither the old guest nor the new one, and whether that came."""
        self.read = len(self.crcs.entries)
        self.press(new)
        deadline, foreign = time.monotonic() + 10, []
        while time.monotonic() < deadline:
            while self.read < len(self.crcs.entries):
                crc = self.crcs.entries[self.read][1]
                self.read += 1
                if crc == self.own[new]:
                    return foreign, True
                if crc != self.own[old]:
                    foreign.append(crc)
            time.sleep(0.002)
        return foreign, False


def watch(keyboard, numbers):
    """SWITCHES of them, each when the picture of the one before has its CRC."""
    seen, dice = Watch(keyboard, numbers), random.Random(SEED)
    seen.learn()
    now, began, foreign, lost = list(numbers)[-1], time.monotonic(), [], []
    first, before = len(seen.crcs.entries), list_outputs()[0]
    for turn in range(SWITCHES):
        then, now = now, dice.choice([number for number in numbers if number != now])
        others, came = seen.switch(then, now)
        foreign += [(turn, crc) for crc in others]
        if not came:
            lost.append((turn, numbers[now]))
        time.sleep(dice.random() / 60)
    after = list_outputs()[0]
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited')}
    entries = seen.crcs.entries[first:]
    say(f'{SWITCHES} switches watched in {time.monotonic() - began:.0f} s: {len(entries)} CRCs, {counts}')
    result(f'{SWITCHES} switches: each shows its guest', not lost, f'{len(lost)}: {lost[:5]}')
    others = {crc for _, crc in entries} - set(seen.own.values())
    result('and at no refresh anything but one of the two guests', not foreign and not others, f'{len(foreign)}: {foreign[:5]}, {others}')
    result('none of them is composited', counts['composited'] == 0 and counts['frames'] == counts['scanouts'] >= SWITCHES, str(counts))
    paused(seen, now)
    seen.crcs.stop()


def paused(seen, now):
    """A switch to a guest whose processors stand still, and back."""
    number = next(one for one in seen.numbers if one != now)
    name, before = seen.numbers[number], list_outputs()[0]['composited']
    control('ActOnGuest', name=name, action='pause')
    wait_for(f'{name} is paused', 20, lambda: guest_entry(name)['state'] == 'paused')
    for what, old, new in (('there', now, number), ('back', number, now)):
        foreign, came = seen.switch(old, new)
        result(f'to a paused guest, {what}: its picture, and nothing between', came and not foreign, f'{came}, {foreign}')
    result('and all of that by plane', list_outputs()[0]['composited'] == before, str(list_outputs()[0]))
    control('ActOnGuest', name=name, action='resume')


def judge(waits, refresh):
    """Prints how many refreshes lay between key and picture: a figure, not a result, as a stalled machine is late."""
    say(f'not on the screen within {LATE} s: {TIMED - len(waits)} of {TIMED}')
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
    waits = switch(keyboard, numbers, flips, refresh)
    judge(waits, refresh)
    flips.finish()
    time.sleep(1)
    after = list_outputs()[0]
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited')}
    say(f'{TIMED} switches: {counts}, last path {after["path"]} {after["reason"]}; modes set: {modesets.count() - modes}')
    result('no switch is composited', counts['composited'] == 0 and counts['scanouts'] >= len(waits), str(counts))
    watch(keyboard, numbers)
    result('no mode is set by a switch', modesets.count() == modes, f'{modesets.count() - modes}')
    modesets.finish()
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit([guest.write() for guest in GUESTS] and 0 if sys.argv[1] == 'prepare' else run())
