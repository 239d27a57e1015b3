#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a lid, a second monitor that comes and goes, and the lock.

vkms' first monitor is the panel under the lid, as session.scfg says. What the
monitors show is told by the kernel: which are lit, and the CRC of each refresh.
"""

import glob
import os
import subprocess
import sys
import time

from inside import (
    active_console, control, exit_status, expect, list_outputs, read_log, result, say, show_console, wait_device, wait_for, wait_screen,
    write_guest)
from input import Guest
from uinput import EV_SW, KEY_A, SW_LID, Uinput, make_keyboard
from vkms import Crcs, crtc_of, plug

MODES = ('1024x768', '1280x720')
DOCKED = '800x600'  # the panel, while the other one is plugged in
RED = b'\x20\x30\xf0\x00'


def prepare(names):
    for name in ('one', 'two'):
        write_guest(name, 'memory 64M\n')
    config = '/home/alice/.config/phyllome'
    os.makedirs(config, exist_ok=True)
    with open(f'{config}/session.scfg', 'w', encoding='utf-8') as file:
        file.write(f'output {names[0]} {{\n\tmode {MODES[0]}\n}}\n')
        file.write(f'layout {{\n\thome {names[1]}\n\toutput {names[0]} {{\n\t\tmode {DOCKED}@75Hz\n\t}}\n}}\n')
        file.write(f'lid {names[0]}\nlock {{\n\ton-lid off\n}}\n')
    subprocess.run(['chown', '-R', 'alice:', '/home/alice/.config'], check=True)
    return 0


def lit(name):
    """Whether the kernel drives that connector."""
    path, = glob.glob(f'/sys/class/drm/card*-{name}/enabled')
    with open(path, encoding='ascii') as file:
        return file.read().strip() == 'enabled'


def layout():
    return {one['name']: one['guest'] for one in list_outputs() if one['enabled']}


def expect_layout(what, wanted):
    expect(what, 15, lambda: layout() == wanted, lambda: f'{layout()}, not {wanted}')


def show(guest, console, mode):
    """A picture as large as the monitor, in red."""
    width, height = (int(part) for part in mode.split('x'))
    fd = os.memfd_create('picture')
    os.ftruncate(fd, width * height * 4)
    os.pwrite(fd, RED * (width * height), 0)
    pool = guest.client.bind('wl_shm').create_pool(fd, width * height * 4)
    os.close(fd)
    head = guest.heads[console]
    head.attach(pool.create_buffer(0, width, height, width * 4, 1), 0, 0)
    head.damage_buffer(0, 0, width, height)
    head.commit()
    guest.client.roundtrip()


def test_lid(panel, other):
    lid = wait_device(Uinput('Lab Lid', switches=[SW_LID]))
    expect_layout('at first: a guest on each monitor', {panel: 'one', other: 'two'})
    began = time.monotonic()
    lid.send((EV_SW, SW_LID, 1))
    wait_for('the panel is dark', 15, lambda: not lit(panel))
    say(f'dark {1000 * (time.monotonic() - began):.0f} ms after the lid')
    result('the lid closed, the panel is off and the other one on', lit(other))
    wait_for('it has no place', 10, lambda: panel not in layout())
    began = time.monotonic()
    lid.send((EV_SW, SW_LID, 0))
    wait_for('the panel is lit', 15, lambda: lit(panel))
    say(f'lit {1000 * (time.monotonic() - began):.0f} ms after the lid')
    expect_layout('opened, all is as it was', {panel: 'one', other: 'two'})
    lid.send((EV_SW, SW_LID, 1))
    wait_for('the panel is dark again', 15, lambda: not lit(panel))
    plug(1, False)
    wait_for('the last monitor is the panel', 15, lambda: list(layout()) == [panel] and lit(panel))
    result('the other one unplugged, the panel is on although the lid is closed', True)
    plug(1, True)
    wait_for('plugged in, the panel is dark', 15, lambda: list(layout()) == [other] and not lit(panel))
    result('plugged in again, it is off again', True)
    lid.send((EV_SW, SW_LID, 0))
    wait_for('opened, the panel is on', 15, lambda: lit(panel))
    expect_layout('and all is as it was', {panel: 'one', other: 'two'})
    lid.unplug()


def test_lock(two, other):
    wait_for('the guest is on the second monitor', 15, lambda: layout().get(other) == 'two')
    show(two, 0, MODES[1])
    time.sleep(1)
    crtc = crtc_of(other)
    guests = Crcs(crtc).wait(10).stop()
    result('the guest has a CRC', len(guests) == 1, str(guests))
    plug(1, False)
    wait_for('it is unplugged', 15, lambda: other not in layout())
    control('Run', command=['lock'])
    wait_for('swaylock has locked', 30, lambda: 'the session is locked' in read_log() and
             subprocess.run(['pgrep', '-x', 'swaylock'], check=False, capture_output=True).returncode == 0)
    time.sleep(2)
    for turn in range(3):
        crcs = Crcs(crtc)
        plug(1, True)
        wait_for('it is lit', 15, lambda: lit(other))
        time.sleep(3)
        seen = crcs.stop()
        say(f'plugged in while locked: {sum(seen.values())} refreshes, CRCs {seen}')
        result(f'round {turn}: locked, the new monitor shows no pixel of a guest at any refresh',
               seen and not set(seen) & set(guests), f'{seen}, the guest is {guests}')
        plug(1, False)
        wait_for('it is unplugged again', 15, lambda: other not in layout())
    plug(1, True)
    subprocess.run(['pkill', '-USR1', '-x', 'swaylock'], check=True)
    wait_for('unlocked', 15, lambda: 'the session is unlocked' in read_log())
    wait_for('the second monitor is lit', 15, lambda: layout().get(other) == 'two')
    crcs = Crcs(crtc_of(other))
    expect('unlocked, it shows the guest again', 15, lambda: set(crcs.counts()) & set(guests),
           lambda: f'{crcs.counts()}, the guest is {guests}')
    crcs.stop()


def test_gamma(other):
    """A warmer light is the kernel's gamma table: what is scanned out changes, and nothing is drawn for it."""
    crtc = crtc_of(other)

    def steady():
        return set(Crcs(crtc).wait(10).stop())
    before = steady()
    environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0'}
    tool = subprocess.Popen(['wlsunset', '-T', '4001', '-t', '4000', '-S', '06:00', '-s', '18:00'], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 20
    while (warm := steady()) == before and time.monotonic() < deadline:
        time.sleep(0.2)
    warm = steady()  # without those from before
    tool.terminate()
    said = tool.communicate(timeout=10)[0]
    result('wlsunset changes the colours by the gamma table', len(before) == len(warm) == 1 and before != warm,
           f'{before}, then {warm}; {said}')
    expect('after its end they are as they were', 10, lambda: steady() == before)


def modes():
    """{name: mode as a word} of the monitors that are on."""
    return {one['name']: f'{one["width"]}x{one["height"]}' for one in list_outputs() if one['enabled']}


def expect_modes(what, wanted):
    expect(what, 15, lambda: modes() == wanted, lambda: f'{modes()}, not {wanted}')


def test_sets(panel, other):
    """The panel is set by session.scfg for each set of monitors, the other one by a tool."""
    both, alone = {panel: DOCKED, other: MODES[1]}, {panel: MODES[0]}
    environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0'}
    subprocess.run(['wlr-randr', '--output', other, '--mode', MODES[1]], env=environment, check=True, timeout=30)
    expect_modes('a tool sets the other monitor', both)
    said = f'output {panel}: it has no mode {DOCKED} with 75.00 Hz; taking its own with 60.32 Hz'
    result('a rate that the panel has not is told, and the nearest taken', said in read_log(), said)
    for turn in range(3):
        plug(1, False)
        expect_modes(f'round {turn}: alone, the panel has its own mode', alone)
        began = time.monotonic()
        plug(1, True)
        expect_modes(f'round {turn}: at the dock both are set as before', both)
        say(f'set {1000 * (time.monotonic() - began):.0f} ms after it was plugged in')


def randr(*arguments):
    environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0'}
    return subprocess.run(['wlr-randr', *arguments], env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_spare(panel, other):
    """A third monitor, for which the card has no CRTC while the two others are on."""
    two, both = modes(), {panel: MODES[0], other: MODES[1]}  # no layout is for these three
    plug(2, True)
    names = (panel, other)
    third = wait_for('a third monitor is plugged in', 15, lambda: next((one['name'] for one in list_outputs() if one['name'] not in names), None))
    expect('the card has nothing left for it, and the log says so', 15, lambda: f'output {third}: no mode works' in read_log())
    expect_modes('the two others are as they were', both)
    # The one that goes off is committed first, and is on again when the other one is refused.
    done = randr('--output', other, '--off', '--output', third, '--on', '--custom-mode', '8200x100')
    result('a tool wants what the card refuses, and is told', done.returncode != 0, str(done))
    expect_modes('nothing of it is left', both)
    result('by the kernel\'s account too', lit(other))
    plug(1, False)
    expect('a monitor goes, and the third one has its CRTC', 15, lambda: set(modes()) == {panel, third} and lit(third), lambda: str(modes()))
    plug(1, True)
    wait_for('the other one is back', 15, lambda: other in [one['name'] for one in list_outputs()])
    # The list of a tool has the third one's switching on before the other one's switching off, or after it.
    for off, on in ((third, other), (other, third)):
        done = randr('--output', panel, '--on', '--output', off, '--off', '--output', on, '--on')
        result(f'{on} instead of {off}, in one step', done.returncode == 0, str(done))
        expect('and so it is', 15, lambda: set(modes()) == {panel, on} and lit(on) and not lit(off), lambda: str(modes()))
    plug(2, False)
    randr('--output', other, '--on', '--mode', two[other])
    expect_modes('as before', two)


def test_night(other):
    """A monitor that comes by itself while all are dark, as many do when they fall asleep."""
    path = '/home/alice/.config/phyllome/session.scfg'
    with open(path, encoding='utf-8') as file:
        before = file.read()

    def write(text):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        control('Reload')
    keyboard = wait_device(make_keyboard('lab night'))
    write(f'{before}idle {{\n\tscreen-off 3\n}}\n')
    wait_for('nobody is here: the screens are off', 15, lambda: not lit(other))
    plug(1, False)
    wait_for('a monitor goes', 15, lambda: other not in [one['name'] for one in list_outputs()])
    plug(1, True)
    wait_for('and comes back', 15, lambda: other in [one['name'] for one in list_outputs()])
    expect('it is dark as the others are', 5, lambda: not lit(other))
    time.sleep(1.5)
    result('and stays so', not lit(other))
    keyboard.key(KEY_A, True)
    keyboard.key(KEY_A, False)
    expect('a key, and it is lit', 15, lambda: lit(other))
    keyboard.unplug()
    test_return(other)
    write(before)


def test_return(other):
    """What a person does then of which no key tells the session."""
    def lights(what, act):
        wait_for('the screens are off again', 15, lambda: not lit(other))
        before = read_log().count('idle: screens on')
        act()
        wait_for(f'{what} is noticed', 15, lambda: read_log().count('idle: screens on') > before)
        expect(f'{what}: the screens are on', 5, lambda: lit(other))

    def look_elsewhere():
        for number in (2, 1):
            show_console(number)
            wait_for('that console is in front', 30, lambda at=number: active_console() == f'tty{at}')
    lid = wait_device(Uinput('Lab Lid', switches=[SW_LID]))
    lid.send((EV_SW, SW_LID, 1))
    lights('a lid that is opened', lambda: lid.send((EV_SW, SW_LID, 0)))
    lid.unplug()
    lights('back from another console', look_elsewhere)


class DockGuest(Guest):
    """Keeps the surfaces of its heads."""

    def __init__(self, name):
        super().__init__(name)
        for node in self.nodes:
            os.close(node.fd)
        self.nodes = []
        self.heads = [one for one in self.client.objects.values() if one.interface.name == 'wl_surface']
        # The pointer is part of what the CRCs are of, and it moves with the focus.
        for one in self.client.objects.values():
            if one.interface.name == 'phyllome_guest_head_v1':
                one.set_cursor(None, 0, 0)


def run(names):
    panel, other = names[:2]
    for number in (0, 1):
        plug(number, True)
    wait_screen(2)
    outputs = list_outputs()
    say(f'monitors: {[(one["name"], one["width"]) for one in outputs]}')
    guests = [DockGuest(name) for name in ('one', 'two')]
    test_sets(panel, other)
    control('Run', command=['place', 'one', panel])
    control('Run', command=['place', 'two', other])
    test_lid(panel, other)
    test_lock(guests[1], other)
    test_gamma(other)
    test_spare(panel, other)
    test_night(other)
    return exit_status()


if __name__ == '__main__':
    sys.exit(prepare(sys.argv[2:]) if sys.argv[1] == 'prepare' else run(sys.argv[2:]))
