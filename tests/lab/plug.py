#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: monitors that come and go at random, under three guests.

What must be where is known from the past: a set of monitors that was here before
comes back as it was left if somebody placed a guest there, and otherwise each monitor
keeps the guest that it showed.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import time

from inside import (
    COMPOSITOR, Guest, control, exit_status, guest_entry, list_outputs, pids, result, say, wait_for, wait_screen)
from vkms import plug

ROUNDS, CONNECTORS = 50, 3
MODES = ('1024x768', '1280x720', '800x600')
SEED = 7
GUESTS = [Guest(f'plug-{heads}', f'device virtio\n\theads {heads}') for heads in (1, 2, 3)]


def prepare():
    for guest in GUESTS:
        guest.write()
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


def play(names):
    """names: of the monitors, in the order of their connectors. Returns the times until the layout and until the guests were right."""
    dice, oracle = random.Random(SEED), Oracle(layout())
    here, times, known, after = set(range(CONNECTORS)), [], [], None
    sizes = {f'{one["width"]}x{one["height"]}' for one in list_outputs()} | {'0x0'}
    result('the monitors have different sizes', len(sizes) == CONNECTORS + 1, str(sizes))
    odd, settled = [], []
    for turn in range(ROUNDS):
        one = dice.randrange(CONNECTORS)
        here ^= {one}
        wanted = {names[number] for number in here}
        began, shown = time.monotonic(), None
        plug(one, one in here)
        while time.monotonic() < began + 20:
            shown = layout()
            if oracle.allows(wanted, shown):
                break
            time.sleep(0.005)
        else:
            result(f'round {turn}: the layout is as expected', False, f'{shown} of {wanted}, before {oracle.now}, left {oracle.left}')
            return times, known
        times.append(time.monotonic() - began)
        oracle.arrive(shown)
        if here and dice.random() < 0.4:
            name = dice.choice(GUESTS).name
            control('ShowGuest', name=name)
            wait_for(f'{name} is shown', 10, lambda: guest_entry(name)['shown'])
            oracle.place(layout())
        odd += [(turn, guest.name, size) for guest in GUESTS for size in told(guest) if size not in sizes]
        if here:
            began = time.monotonic()
            while (wrong := wrong_sizes()) and time.monotonic() < began + 5:
                time.sleep(0.02)
            known.append(time.monotonic() - began)
            if wrong:
                settled.append((turn, wrong, layout()))
        if turn == 9:
            after = compositor()
    result(f'{ROUNDS} rounds of plugging: always the expected layout', True)
    result('guests know the monitors of their layout, with their sizes', not settled, str(settled[:3]))
    result('no guest was ever told another size', not odd, str(odd))
    for number in set(range(CONNECTORS)) - here:
        plug(number, True)
    wait_for('all monitors are back', 20, lambda: set(layout()) == set(names))
    time.sleep(1)
    fds, memory = compositor()
    say(f'file descriptors of the compositor: {after[0]} after 10 rounds, {fds} after {ROUNDS}; memory: {after[1]} KiB, {memory} KiB')
    result('the compositor has kept no memory', memory < after[1] + 8192, f'{after[1]} KiB after 10 rounds, {memory} KiB')
    return times, known


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
    times, known = play(names)
    result('the compositor has kept no file descriptor', compositor()[0] <= fds, f'{fds} before, {compositor()[0]} after')
    for what, several in (('the layout is right', times), ('then the guests know', known)):
        several = sorted(1000 * one for one in several) or [0]
        say(f'until {what}: median {statistics.median(several):.0f} ms, worst {several[-1]:.0f} ms, of {len(several)} rounds')
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(prepare() if sys.argv[1] == 'prepare' else run())
