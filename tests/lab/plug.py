#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: monitors that come and go at random, under three guests.

What must be where is known from the past: a set of monitors that was here before
comes back as it was left if somebody placed a guest there, and otherwise each monitor
keeps the guest that it showed. Each size that a guest is told stands in its bridge's
log, also one that is not for long: it has to be that of the layout before or after.
"""

import math
import os
import random
import re
import statistics
import subprocess
import sys
import time

from inside import (
    COMPOSITOR, RUNTIME, Guest, control, exit_status, guest_entry, list_outputs, pids, result, say, wait_for, wait_screen)
from tracefs import Flips
from vkms import plug

ROUNDS, CONNECTORS = 50, 3
QUIET = 0.3  # s without a change: then it is over
MODES = ('1024x768', '1280x720', '800x600')
SEED = 7
TALKATIVE = '/tmp/talkative-bridge'
GUESTS = [Guest(f'plug-{heads}', f'device virtio\n\theads {heads}') for heads in (1, 2, 3)]


def prepare():
    for guest in GUESTS:
        guest.write()
    with open(TALKATIVE, 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexec phyllome-bridge --verbose "$@"\n')
    os.chmod(TALKATIVE, 0o755)
    config = '/home/alice/.config/phyllome'
    os.makedirs(config, exist_ok=True)
    with open(f'{config}/session.scfg', 'w', encoding='utf-8') as file:
        file.writelines(f'output {name} {{\n\tmode {mode}\n}}\n' for name, mode in zip(sys.argv[2:], MODES))
    subprocess.run(['chown', '-R', 'alice:', '/home/alice/.config'], check=True)
    return 0


def layout():
    """What each monitor shows, as {name: (guest, its monitor)}."""
    return {one['name']: (one['guest'], one['console']) for one in list_outputs()}


def compositor():
    """Its process: file descriptors, and KiB of memory."""
    pid, = pids(COMPOSITOR)
    with open(f'/proc/{pid}/status', encoding='utf-8') as status:
        memory = int(re.search(r'VmRSS:\s+(\d+)', status.read())[1])
    return len(os.listdir(f'/proc/{pid}/fd')), memory


class Oracle:
    """What must be on the monitors, by what was there before."""

    def __init__(self, now):
        self.now, self.left, self.touched = now, {frozenset(now): now}, {frozenset(now)}

    def arrive(self, now):
        """At a set of monitors: those where nobody has placed anything are forgotten."""
        self.left[frozenset(now)] = now
        if now:
            self.now = now
            self.left = {names: kept for names, kept in self.left.items() if kept is now or names in self.touched}

    def place(self, now):
        """A person has changed what is where."""
        self.touched.add(frozenset(now))
        self.arrive(now)

    def allows(self, names, shown):
        if set(shown) != names:
            return False
        if frozenset(names) in self.left:
            return shown == self.left[frozenset(names)]
        heads = [one for one in shown.values() if one[0]]
        # One with the home screen may get a head that has lost its monitor.
        kept = [name for name in names & set(self.now) if self.now[name][0]]
        return len(heads) == len(set(heads)) and all(shown[name] == self.now[name] for name in kept)


class Told:
    """All that the bridges tell their guests, each time since the last look."""

    def __init__(self):
        self.at = dict.fromkeys((guest.name for guest in GUESTS), 0)
        self.known = {}  # (guest, its monitor): size
        self.read()

    def read(self):
        """Returns [(guest, its monitor, size)]."""
        found = []
        for name, at in self.at.items():
            with open(f'{RUNTIME}/{name}/bridge.log', 'rb') as log:
                log.seek(at)
                text = log.read()
            text = text[:text.rfind(b'\n') + 1]
            self.at[name] += len(text)
            found += [(name, int(line[1]), line[2].decode()) for line in re.finditer(rb': console (\d): told (\d+x\d+)$', text, re.M)]
        self.known |= {(name, monitor): size for name, monitor, size in found}
        return found


def belonging(sizes):
    """The size of each guest's monitors by the layout, as {(guest, its monitor): size}, 0x0 for one that belongs nowhere."""
    return {(entry['name'], number): sizes[head['belongs']] if head['belongs'] else '0x0'
            for entry in control('ListGuests')['guests'] for number, head in enumerate(entry['heads'])}


def told(guest):
    """The sizes of the guest's monitors, 0x0 for one that is off."""
    return ['0x0' if word.endswith('-off') else word for word in guest.tell('display').split()]


def wrong_sizes():
    """Guests that know other monitors than those where their heads belong.

    A first monitor that belongs nowhere keeps its size: a guest without any moves its windows.
    """
    sizes = {one['name']: f'{one["width"]}x{one["height"]}' for one in list_outputs()}
    heads, wrong = {entry['name']: entry['heads'] for entry in control('ListGuests')['guests']}, {}
    for guest in GUESTS:
        wanted = [sizes[head['belongs']] if head['belongs'] else '0x0' for head in heads[guest.name]]
        known = told(guest)
        if wanted[0] == '0x0' and known[0] != '0x0':
            wanted[0] = known[0]
        if known != wanted:
            wrong[guest.name] = known, wanted
    return wrong


class Settling:
    """From a change of the monitors until nothing follows from it any more."""

    def __init__(self, flips, history):
        self.flips, self.history, self.told = flips, history, []
        flips.read()
        history.read()
        self.began = time.monotonic()

    def wait(self, right):
        """Until right(layout), and then until nothing has changed for a while; returns the s to each, None if it does not come."""
        last, seen, came = self.began, None, None
        while (now := time.monotonic()) < self.began + 20:
            shown, told_now = layout(), self.history.read()
            self.told += told_now
            self.flips.read()
            if self.flips.times:
                last = max(last, self.flips.times[-1] / 1e6)
            if shown != seen or told_now:
                last = max(last, now)
            seen = shown
            if came is None and right(shown):
                came = time.monotonic() - self.began
            if came is not None and now > last + QUIET:
                return came, last - self.began
            time.sleep(0.005)
        return came, None


def play(names):
    """names: of the monitors, in the order of their connectors. Returns what took how long, as {what: [s]}."""
    dice, oracle, history, flips = random.Random(SEED), Oracle(layout()), Told(), Flips()
    here, after, times = set(range(CONNECTORS)), None, {'the layout is right': [], 'the last picture and size': []}
    sizes = {one['name']: f'{one["width"]}x{one["height"]}' for one in list_outputs()}
    result('the monitors have different sizes', len(set(sizes.values())) == CONNECTORS, str(sizes))
    odd, settled, count = [], [], 0

    def check_told(turn, told_now, *layouts):
        nonlocal count
        count += len(told_now)
        odd.extend((turn, *one, [some.get(one[:2]) for some in layouts]) for one in told_now
                   if one[2] not in [some.get(one[:2]) for some in layouts])

    for turn in range(ROUNDS):
        one = dice.randrange(CONNECTORS)
        here ^= {one}
        wanted = {names[number] for number in here}
        before, change = belonging(sizes), Settling(flips, history)
        plug(one, one in here)
        came, over = change.wait(lambda shown: oracle.allows(wanted, shown))
        if over is None:
            result(f'round {turn}: the layout is as expected', False,
                   f'{layout()} of {wanted}, before {oracle.now}, left {oracle.left}, right after {came} s')
            return {}
        times['the layout is right'].append(came)
        times['the last picture and size'].append(over)
        oracle.arrive(layout())
        now = belonging(sizes)
        check_told(turn, change.told, before, now)
        if here and dice.random() < 0.4:
            name, change = dice.choice(GUESTS).name, Settling(flips, history)
            control('ShowGuest', name=name)
            wait_for(f'{name} is shown', 10, lambda: guest_entry(name)['shown'])
            change.wait(lambda _: True)
            oracle.place(layout())
            check_told(turn, change.told, now, belonging(sizes))
        if here and (wrong := wrong_sizes()):
            settled.append((turn, wrong, layout()))
        settled += [(turn, guest.name, number, size) for guest in GUESTS for number, size in enumerate(told(guest))
                    if size != history.known.get((guest.name, number), size)]
        if turn == 9:
            after = compositor()
    flips.finish()
    result(f'{ROUNDS} rounds of plugging: always the expected layout', True)
    result('guests know the monitors of their layout, with their sizes', not settled, str(settled[:3]))
    result('no guest was ever told a size that is in neither layout, before or after', count > ROUNDS and not odd, f'{odd[:5]} of {count}')
    say(f'guests were told a size {count} times')
    for number in set(range(CONNECTORS)) - here:
        plug(number, True)
    wait_for('all monitors are back', 20, lambda: set(layout()) == set(names))
    time.sleep(1)
    fds, memory = compositor()
    say(f'file descriptors of the compositor: {after[0]} after 10 rounds, {fds} after {ROUNDS}; memory: {after[1]} KiB, {memory} KiB')
    result('the compositor has kept no memory', memory < after[1] + 8192, f'{after[1]} KiB after 10 rounds, {memory} KiB')
    return times


def run():
    wait_screen(CONNECTORS)
    names = sorted(layout(), key=lambda name: int(name.rpartition('-')[2]))
    for guest in GUESTS:
        control('ShowGuest', name=guest.name)
        guest.start()
        guest.tell('up all')
    time.sleep(1)
    say(f'at first: {layout()}')
    for guest in GUESTS:
        say(f'{guest.name}: {guest_entry(guest.name)["heads"]}, told {told(guest)}')
    fds = compositor()[0]
    times = play(names)
    result('the compositor has kept no file descriptor', compositor()[0] <= fds, f'{fds} before, {compositor()[0]} after')
    for what, several in times.items():
        several = sorted(1000 * one for one in several)
        say(f'from the plug to {what}: median {statistics.median(several):.0f} ms, p99 {several[math.ceil(len(several) * 0.99) - 1]:.0f} ms, '
            f'worst {several[-1]:.0f} ms, of {len(several)} rounds')
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(prepare() if sys.argv[1] == 'prepare' else run())
