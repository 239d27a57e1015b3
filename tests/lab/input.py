#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: what the kernel's input devices say, and what a guest gets.

This program is the guest's bridge, and reads the same event devices as the
session beside it. The kernel gives an event one time for all its readers, so
the times on both sides have to be equal to the microsecond.
"""

import fcntl
import glob
import os
import select
import struct
import subprocess
import sys
import time

from inside import (
    RUNTIME, active_console, control, exit_status, expect, outer, read_log, result, say, show_console, wait_device, wait_for,
    wait_session, write_guest)
from uinput import (
    ABS_ID, ABS_MT_X, ABS_MT_Y, ABS_SLOT, ABS_X, ABS_Y, ALL_KEYS, BTN_DOUBLETAP, BTN_FINGER, BTN_LEFT, BTN_TASK, BTN_TOUCH, EV_ABS,
    EV_KEY, EV_REL, EV_SW, EV_SYN, EVENT, KEY_A, KEY_B, KEY_CTRL, KEY_SHIFT, KEY_SUPER, PROP_BUTTONPAD, PROP_DIRECT, PROP_POINTER,
    REL_WHEEL, REL_X, REL_Y, SW_LID, HidKeyboard, Uinput)

os.environ['PH_TEST_XML'] = '/usr/share/wayland/wayland.xml:/src/protocols/phyllome-guest-v1.xml'
import wire  # noqa: E402

RUNNING, ABSOLUTE, RELATIVE, CAPS_LOCK = 2, 1, 2, 2
PAUSE = 0.02  # after each report of a device


class Node:
    """An event device, and what its events must become on the wire."""

    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, 0x400445a0, struct.pack('i', time.CLOCK_MONOTONIC))  # EVIOCSCLOCKID
        axes = bytearray(8)
        fcntl.ioctl(self.fd, 0x80084523, axes)  # EVIOCGBIT(EV_ABS)
        self.fingers = bool(int.from_bytes(axes, 'little') >> ABS_SLOT & 1)
        self.packet, self.slot = [], 0

    def read(self):
        """Expected events as (µs, name, detail…)."""
        try:
            data = os.read(self.fd, EVENT.size * 64)
        except OSError:
            return []
        expected = []
        for seconds, microseconds, kind, code, value in EVENT.iter_unpack(data):
            if kind != EV_SYN:
                self.packet.append((kind, code, value))
                continue
            at = seconds * 1000000 + microseconds
            expected += [(at, *event) for event in self.translate(self.packet)]
            self.packet = []
        return expected

    def is_gone(self):
        try:
            os.read(self.fd, EVENT.size)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return False

    def translate(self, packet):
        touched = {}
        for kind, code, value in packet:
            if kind == EV_KEY and value < 2 and (code < 0x100 or BTN_LEFT <= code <= BTN_TASK):
                yield ('key' if code < 0x100 else 'button'), code, value
            elif kind == EV_REL and code == REL_WHEEL:
                yield 'axis', 0, -120 * value
            elif kind == EV_ABS and code == ABS_SLOT:
                self.slot = value
            elif kind == EV_ABS and code == ABS_ID:
                touched[self.slot] = 'touch_up' if value < 0 else 'touch_down'
            elif kind == EV_ABS and code in (ABS_MT_X, ABS_MT_Y):
                touched.setdefault(self.slot, 'touch_motion')
        for slot, name in touched.items():
            yield name, slot
        moves = {(EV_REL, REL_X), (EV_REL, REL_Y)} | (set() if self.fingers else {(EV_ABS, ABS_X), (EV_ABS, ABS_Y)})
        if any((kind, code) in moves for kind, code, _ in packet):
            yield ('motion',)


class Guest:
    """The bridge's side of a guest, and the kernel's side of its input."""

    def __init__(self, name):
        self.client = wire.Display(f'{RUNTIME}/guests.sock')
        with open(f'{RUNTIME}/{name}/token', encoding='ascii') as file:
            token = file.read()
        manager = self.client.bind('phyllome_guest_manager_v1')
        compositor = self.client.bind('wl_compositor', 4)
        shm = self.client.bind('wl_shm')
        self.guest = manager.get_guest(token)
        self.guest.set_state(RUNNING, '')
        self.guest.set_pointer_mode(ABSOLUTE)
        for console in range(len(control('ListOutputs')['outputs'])):
            surface = compositor.create_surface()
            head = manager.get_head(token, console, surface)
            head.ack_configure(head.wait('configure')[0])
            fd = os.memfd_create('picture')
            os.ftruncate(fd, 64 * 48 * 4)
            surface.attach(shm.create_pool(fd, 64 * 48 * 4).create_buffer(0, 64, 48, 64 * 4, 1), 0, 0)
            surface.commit()
            os.close(fd)
        self.client.roundtrip()
        control('ShowGuest', name=name)
        self.guest.wait('focus_in')
        self.nodes = []
        self.look()

    def look(self):
        """Opens the event devices that are new."""
        for path in sorted(set(glob.glob('/dev/input/event*')) - {node.path for node in self.nodes}):
            self.nodes.append(Node(path))

    def pump(self, quiet=1.0):
        """Reads both sides until nothing came for a while; returns (kernel's, wire's) events."""
        kernel, deadline = [], time.monotonic() + quiet
        while (left := deadline - time.monotonic()) > 0:
            watched = {node.fd: node for node in self.nodes}
            ready = select.select([self.client.socket, *watched], [], [], left)[0]
            if self.client.socket in ready:
                self.client.receive(0)
                deadline = time.monotonic() + quiet
            for fd in set(ready) & set(watched):
                events = watched[fd].read()
                kernel += events
                if events:
                    deadline = time.monotonic() + quiet
                elif watched[fd].is_gone():
                    os.close(fd)
                    self.nodes.remove(watched[fd])
        events = list(self.guest.events)
        self.guest.events.clear()
        return kernel, events


def on_wire(events):
    """Events of the wire in the form of Node.read(); groups: what lies between two frames."""
    flat, groups, group = [], [], set()
    for name, arguments in events:
        if name == 'frame':
            groups += [group] if group else []
            group = set()
        elif name not in ('focus_in', 'focus_out', 'touch_cancel', 'action'):
            at = arguments[0] << 32 | arguments[1]
            group.add(at)
            if name.startswith('motion'):
                flat.append((at, 'motion'))
            elif name == 'touch_down':
                flat.append((at, name, arguments[3]))
            elif name.startswith('touch'):
                flat.append((at, name, arguments[2]))
            else:
                flat.append((at, name, arguments[2], arguments[3]))
    return flat, groups + ([group] if group else [])


def compare(name, guest, least):
    """Each of the kernel's events has arrived, in order and at its time, one moment a frame."""
    kernel, events = guest.pump()
    flat, groups = on_wire(events)
    kernel.sort(key=lambda event: event[0])
    # Within one moment the order is libinput's.
    same = sorted(kernel) == sorted(flat) and [e[0] for e in flat] == sorted(e[0] for e in flat)
    names = [sorted(e[1] for e in side) for side in (kernel, flat)]
    why = f'{len(kernel)} events of the kernel, {len(flat)} on the wire, at least {least} expected'
    if names[0] == names[1]:
        why += f'; times differ by {[b[0] - a[0] for a, b in zip(kernel, flat)]} µs'
    else:
        why += f'; {names}'
    result(f'{name}: events come at the microsecond of the kernel', same and len(kernel) >= least, why)
    result(f'{name}: no frame mixes two moments', all(len(group) == 1 for group in groups), str(groups))
    return kernel, events


def plug_in(name, **parts):
    """A device that is plugged in while the session runs."""
    return wait_device(Uinput(name, **parts, pause=PAUSE))


def test_keys(guest):
    for key in ('a', 'b', 'ret', 'a', 'spc'):
        outer(f'press {key}')
    outer('press shift c')
    kernel, _ = compare('keyboard', guest, 14)
    result('keyboard: the times are no milliseconds', any(event[0] % 1000 for event in kernel))


def test_pointers(guest):
    for at in range(3, 30, 3):
        outer(f'move {at * 1000} {at * 900}')
    compare('tablet', guest, 9)
    for step in range(1, 8):
        outer(f'move-by {step} {-step}')
    compare('mouse', guest, 7)
    guest.guest.set_pointer_mode(RELATIVE)
    guest.client.roundtrip()
    for step in range(1, 8):
        outer(f'move-by {step} {-step}')
    _, events = compare('mouse, captured', guest, 7)
    moves = [arguments for name, arguments in events if name == 'motion_relative']
    result('mouse, captured: motion that is not accelerated is the device\'s own',
           (sum(move[4] for move in moves), sum(move[5] for move in moves)) == (28, -28), str(moves))
    for name in ('left', 'right', 'left'):
        outer(f'button {name} down')
        outer(f'button {name} up')
    compare('buttons', guest, 6)
    for name in ('wheel-up', 'wheel-down', 'wheel-down'):
        outer(f'button {name} down')
        outer(f'button {name} up')
    compare('wheel', guest, 3)
    guest.guest.set_pointer_mode(ABSOLUTE)
    guest.client.roundtrip()


def finger(slot, number=None, x=None, y=None):
    """One finger's part of a packet."""
    packet = [(EV_ABS, ABS_SLOT, slot)]
    packet += [] if number is None else [(EV_ABS, ABS_ID, number)]
    packet += [] if x is None else [(EV_ABS, ABS_MT_X, x), (EV_ABS, ABS_MT_Y, y)]
    return packet


def test_touch_screen(guest):
    screen = plug_in('Lab Touchscreen', keys=[BTN_TOUCH], properties=[PROP_DIRECT], axes=[
        (ABS_X, 4000, 10), (ABS_Y, 3000, 10), (ABS_SLOT, 1, 0), (ABS_MT_X, 4000, 10), (ABS_MT_Y, 3000, 10),
        (ABS_ID, 65535, 0)])
    guest.look()
    guest.pump(0.3)
    screen.send(*finger(0, 1, 900, 1400), (EV_KEY, BTN_TOUCH, 1))
    screen.send(*finger(1, 2, 1100, 1500))
    screen.send(*finger(0, None, 920, 1420), *finger(1, None, 1120, 1520))
    screen.send(*finger(1, -1))
    screen.send(*finger(0, None, 940, 1440))
    screen.send(*finger(0, -1), (EV_KEY, BTN_TOUCH, 0))
    compare('touch screen', guest, 7)
    screen.send(*finger(0, 3, 900, 1400), (EV_KEY, BTN_TOUCH, 1))
    guest.pump(0.3)
    screen.unplug()
    _, events = guest.pump()
    result('touch screen: unplugged, the finger is lifted',
           any(name in ('touch_up', 'touch_cancel') for name, _ in events), str([name for name, _ in events]))


def test_touchpad(guest):
    pad = plug_in('Lab Touchpad', keys=[BTN_LEFT, BTN_TOUCH, BTN_FINGER, BTN_DOUBLETAP], properties=[PROP_POINTER, PROP_BUTTONPAD], axes=[
        (ABS_X, 4000, 40), (ABS_Y, 3000, 40), (ABS_SLOT, 4, 0), (ABS_MT_X, 4000, 40), (ABS_MT_Y, 3000, 40),
        (ABS_ID, 65535, 0)])
    guest.look()
    guest.pump(0.3)

    def at(x, y):
        return (EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y)
    pad.send(*finger(0, 1, 2000, 1500), *at(2000, 1500), (EV_KEY, BTN_TOUCH, 1), (EV_KEY, BTN_FINGER, 1))
    pad.send(*finger(0, -1), (EV_KEY, BTN_TOUCH, 0), (EV_KEY, BTN_FINGER, 0))
    _, events = guest.pump()
    clicks = [arguments[2:] for name, arguments in events if name == 'button']
    result('touchpad: a tap is a click', clicks == [(BTN_LEFT, 1), (BTN_LEFT, 0)], str(clicks))

    pad.send(*finger(0, 2, 1500, 1000), *finger(1, 3, 2200, 1000), *at(1500, 1000),
             (EV_KEY, BTN_TOUCH, 1), (EV_KEY, BTN_DOUBLETAP, 1))
    for y in range(1050, 2000, 50):
        pad.send(*finger(0, None, 1500, y), *finger(1, None, 2200, y), *at(1500, y))
    pad.send(*finger(0, -1), *finger(1, -1), (EV_KEY, BTN_TOUCH, 0), (EV_KEY, BTN_DOUBLETAP, 0))
    _, events = guest.pump()
    steps = [arguments[3] for name, arguments in events if name == 'axis' and arguments[2] == 0]
    result('touchpad: two fingers that go down scroll down', steps and min(steps) > 0 and max(steps) < 120, str(steps))
    pad.unplug()
    guest.pump(0.3)


def test_unplugged_with_a_key_held(guest):
    keyboard = plug_in('Lab Keyboard', keys=ALL_KEYS)
    guest.look()
    guest.pump(0.3)
    keyboard.send((EV_KEY, KEY_B, 1))
    compare('second keyboard', guest, 1)
    keyboard.unplug()
    _, events = guest.pump()
    keys = [arguments[2:] for name, arguments in events if name == 'key']
    result('second keyboard: unplugged, its key is released', keys == [(KEY_B, 0)], f'{len(keys)} events')
    result('second keyboard: unplugged, a frame ends it', events and events[-1][0] == 'frame')


def test_unplugged_with_super_held(guest):
    """The kernel's releases of a keyboard that is pulled out are no tap of Super."""
    got, rounds = [], 10
    for at in range(rounds):
        keyboard = plug_in(f'Lab Keyboard {at}', keys=ALL_KEYS)
        keyboard.send((EV_KEY, KEY_SUPER, 1))
        if at % 2:
            keyboard.send((EV_KEY, KEY_CTRL, 1))
        keyboard.unplug()
        got += [arguments[2:] for name, arguments in guest.pump(0.4)[1] if name == 'key']
    result(f'unplugged with Super held {rounds} times, the guest gets no key', not got, str(got))
    keyboard = plug_in('Lab Keyboard again', keys=ALL_KEYS)
    keyboard.send((EV_KEY, KEY_SUPER, 1))
    keyboard.send((EV_KEY, KEY_SUPER, 0))
    keyboard.send((EV_KEY, KEY_A, 1))
    keyboard.send((EV_KEY, KEY_A, 0))
    tap = [(KEY_SUPER, 1), (KEY_SUPER, 0)]
    got = [arguments[2:] for name, arguments in guest.pump(0.5)[1] if name == 'key']
    result('a tap of Super by hand is the guest\'s, before the next key', got == tap + [(KEY_A, 1), (KEY_A, 0)], str(got))
    keyboard.send((EV_KEY, KEY_SUPER, 1))
    keyboard.send((EV_KEY, KEY_SUPER, 0))
    got = [arguments[2:] for name, arguments in guest.pump(0.5)[1] if name == 'key']
    result('and without one', got == tap, str(got))
    for _ in range(5):
        keyboard.send((EV_KEY, KEY_SHIFT, 1))
        keyboard.send((EV_KEY, KEY_SHIFT, 0))
    got = [arguments[2:] for name, arguments in guest.pump(0.5)[1] if name == 'key']
    result('five taps of Shift are the guest\'s: its sticky keys work', got == [(KEY_SHIFT, 1), (KEY_SHIFT, 0)] * 5, str(got))
    keyboard.unplug()
    guest.pump(0.3)


def test_hardware_keyboard(guest):
    """One with a driver: its tap of Super need not wait, and pulled out with Super held it makes none."""
    got, rounds = [], 10
    for at in range(rounds):
        keyboard = wait_device(HidKeyboard(f'Lab HID {at}'))
        keyboard.send(0x08 if at % 2 else 0x09)
        time.sleep(0.05)
        keyboard.unplug()
        got += [arguments[2:] for name, arguments in guest.pump(0.4)[1] if name == 'key' and arguments[2] == KEY_SUPER]
    result(f'a HID keyboard, unplugged with Super held {rounds} times: the guest gets no Super', not got, str(got))
    keyboard, waits = wait_device(HidKeyboard('Lab HID again')), []
    for _ in range(9):
        keyboard.send(0x08)
        time.sleep(0.05)
        keyboard.send()
        began = time.monotonic()
        guest.guest.wait('key', 5)
        waits.append((time.monotonic() - began) * 1000)
        events = [arguments[2:] for name, arguments in guest.pump(0.3)[1] if name == 'key']
        got += [event for event in events if event[0] != KEY_SUPER]
    say('a tap of Super reaches the guest after ' + ', '.join(f'{wait:.0f}' for wait in waits) + ' ms')
    result('a HID keyboard: a tap of Super by hand is the guest\'s without a wait', sorted(waits)[4] < 75 and not got, str(got))
    keyboard.unplug()
    guest.pump(0.3)


def test_lid():
    lid = plug_in('Lab Lid', switches=[SW_LID])
    lid.send((EV_SW, SW_LID, 1))
    expect('lid: closing it is seen', 30, lambda: 'lid: closed' in read_log())
    expect('lid: closing it locks', 30, lambda: os.path.exists('/tmp/lab-locker'))
    lid.send((EV_SW, SW_LID, 0))
    expect('lid: opening it is seen', 30, lambda: 'lid: open' in read_log())
    lid.unplug()
    # What stands for the locker does not lock: then the session does so itself, and logind's word is the way back.
    expect('lid: a locker that does not lock is not relied on', 60, lambda: 'locked without it' in read_log())
    sessions = subprocess.run(['loginctl', 'list-sessions', '--no-legend'], check=True, capture_output=True, text=True).stdout
    number = next(words[0] for words in map(str.split, sessions.splitlines()) if words[2:4] == ['alice', 'seat0'])
    subprocess.run(['loginctl', 'unlock-session', number], check=True)
    expect('lid: logind unlocks what no locker holds', 30, lambda: 'unlocked by logind' in read_log())


def test_leds(guest):
    def lit():
        """Whether the lights are on, on every keyboard of the outer machine."""
        values = set()
        for device in glob.glob('/sys/class/input/input*'):
            with open(f'{device}/name', encoding='utf-8') as name:
                if 'QEMU Virtio Keyboard' not in name.read():
                    continue
            for light in glob.glob(f'{device}/*::capslock/brightness'):
                with open(light, encoding='ascii') as file:
                    values.add(file.read().strip())
        return values
    for leds, want in ((CAPS_LOCK, {'1'}), (0, {'0'}), (CAPS_LOCK, {'1'})):
        guest.guest.set_leds(leds)
        guest.client.roundtrip()
        time.sleep(0.5)
        result(f'leds: {leds} is shown on the keyboard', lit() == want, str(lit()))
    control('ShowGuest', name='other')
    expect('leds: those of a guest are off without its focus', 30, lambda: lit() == {'0'})
    for leds in (0, CAPS_LOCK):
        guest.guest.set_leds(leds)
        guest.client.roundtrip()
    time.sleep(0.5)
    result('leds: a guest without focus changes nothing', lit() == {'0'}, str(lit()))
    control('ShowGuest', name='input')
    expect('leds: they are back with its focus', 30, lambda: lit() == {'1'})
    return lit


def test_other_console(guest, lit):
    """Away with a key held, and back."""
    devices = read_log().count('input: QEMU Virtio Keyboard')
    outer('key a down')
    guest.pump(0.3)
    show_console(2)
    released = guest.guest.wait('key', 30)[2:]
    guest.pump(0.3)
    result('other console: what was held is released', released == (KEY_A, 0))
    result('other console: it is in front', active_console() == 'tty2')
    outer('key a up')
    outer('press b')
    _, events = guest.pump()
    result('other console: nothing typed there reaches the guest', not on_wire(events)[0], str(len(events)))
    show_console(1)
    wait_for('the keyboard is back', 30, lambda: read_log().count('input: QEMU Virtio Keyboard') > devices)
    guest.pump(1.5)
    result('back: the lights are as the guest wants them', lit() == {'1'}, str(lit()))
    for key in ('a', 'b'):
        outer(f'press {key}')
    compare('back', guest, 4)
    outer('move 12000 15000')
    compare('back, tablet', guest, 1)


def run():
    wait_session()
    guest = Guest('input')
    guest.pump(0.5)
    test_keys(guest)
    test_pointers(guest)
    test_touch_screen(guest)
    test_touchpad(guest)
    test_unplugged_with_a_key_held(guest)
    test_unplugged_with_super_held(guest)
    test_hardware_keyboard(guest)
    test_lid()
    test_other_console(guest, test_leds(guest))
    return exit_status()


if __name__ == '__main__':
    if sys.argv[1] == 'prepare':
        for name in ('input', 'other'):
            write_guest(name, 'memory 64M\n')
    else:
        sys.exit(run())
