#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: fingers and pens, from the kernel's devices to whoever is to get them.

This program is the bridges of two guests and a program of the computer. What a
guest got is what came on its wire.
"""

import os
import subprocess
import sys
import time

from inside import (
    RESULTS, control, exit_status, expect, guest_entry, list_outputs, outer, result, see, wait_device, wait_for, wait_session, write_guest)
from input import PAUSE, Guest, finger
from uinput import (
    ABS_ID, ABS_MT_X, ABS_MT_Y, ABS_PRESSURE, ABS_SLOT, ABS_X, ABS_Y, BTN_DOUBLETAP, BTN_FINGER, BTN_LEFT, BTN_PEN, BTN_RIGHT,
    BTN_STYLUS, BTN_STYLUS2, BTN_TOUCH, BTN_TRIPLETAP, EV_ABS, EV_KEY, PROP_BUTTONPAD, PROP_DIRECT, PROP_POINTER, Uinput)

os.environ['PH_TEST_XML'] += (':/usr/share/wayland-protocols/stable/xdg-shell/xdg-shell.xml'
                              ':/usr/share/wayland-protocols/staging/ext-session-lock/ext-session-lock-v1.xml')
import wire  # noqa: E402

SEAT_TOUCH = 4
PAUSE_GUEST = 4  # enum action of phyllome_guest_v1
CONFIG = '/home/alice/.config/phyllome'
WIDE, HIGH = 4000, 3000  # units of the devices
ACCENT = (0x7f, 0xcf, 0x9f)  # around the focused guest's card on the strip


class TouchScreen(Uinput):
    AXES = [(ABS_X, WIDE, 10), (ABS_Y, HIGH, 10), (ABS_SLOT, 4, 0), (ABS_MT_X, WIDE, 10), (ABS_MT_Y, HIGH, 10), (ABS_ID, 65535, 0)]

    def __init__(self):
        super().__init__('Lab Touchscreen', keys=[BTN_TOUCH], properties=[PROP_DIRECT], axes=self.AXES, pause=PAUSE)
        self.number = 0

    def down(self, x, y, slot=0):
        """x, y: parts of the screen, 0 to 1."""
        self.number += 1
        self.send(*finger(slot, self.number, int(x * WIDE), int(y * HIGH)), *([(EV_KEY, BTN_TOUCH, 1)] if slot == 0 else []))

    def move(self, x, y, slot=0):
        self.send(*finger(slot, None, int(x * WIDE), int(y * HIGH)))

    def up(self, slot=0):
        self.send(*finger(slot, -1), *([(EV_KEY, BTN_TOUCH, 0)] if slot == 0 else []))

    def tap(self, x, y):
        self.down(x, y)
        self.up()

    def swipe_up(self):
        """From the lower edge."""
        self.down(0.5, 0.999)
        for step in range(1, 11):
            self.move(0.5, 0.999 - step * 0.03)
        self.up()


class Touchpad(Uinput):
    AXES = TouchScreen.AXES[:2] + [(ABS_SLOT, 4, 0)] + TouchScreen.AXES[3:]

    def __init__(self):
        super().__init__('Lab Touchpad', keys=[BTN_LEFT, BTN_TOUCH, BTN_FINGER, BTN_DOUBLETAP, BTN_TRIPLETAP],
                         properties=[PROP_POINTER, PROP_BUTTONPAD], pause=PAUSE,
                         axes=[(code, largest, 40 if resolution else 0) for code, largest, resolution in self.AXES])
        self.number = 1000

    def three(self, dx=0, dy=0, rest=0.0):
        """Three fingers come down, rest, go that far (in units, 40 a mm), and leave."""
        places = [(1400, 1500), (2000, 1450), (2600, 1500)]
        packet = []
        for slot, (x, y) in enumerate(places):
            self.number += 1
            packet += finger(slot, self.number, x, y)
        self.send(*packet, (EV_ABS, ABS_X, 1400), (EV_ABS, ABS_Y, 1500), (EV_KEY, BTN_TOUCH, 1), (EV_KEY, BTN_TRIPLETAP, 1))
        time.sleep(rest)
        for step in range(1, 21) if dx or dy else ():
            packet = []
            for slot, (x, y) in enumerate(places):
                packet += finger(slot, None, x + dx * step // 20, y + dy * step // 20)
            self.send(*packet, (EV_ABS, ABS_X, 1400 + dx * step // 20), (EV_ABS, ABS_Y, 1500 + dy * step // 20))
        packet = []
        for slot in range(3):
            packet += finger(slot, -1)
        self.send(*packet, (EV_KEY, BTN_TOUCH, 0), (EV_KEY, BTN_TRIPLETAP, 0))
        time.sleep(0.2)


class Pen(Uinput):
    def __init__(self):
        super().__init__('Lab Pen', keys=[BTN_PEN, BTN_TOUCH, BTN_STYLUS, BTN_STYLUS2], axes=[
            (ABS_X, WIDE, 20), (ABS_Y, HIGH, 20), (ABS_PRESSURE, 1000, 0)], properties=[PROP_DIRECT], pause=PAUSE)

    def at(self, x, y, *more):
        self.send((EV_ABS, ABS_X, int(x * WIDE)), (EV_ABS, ABS_Y, int(y * HIGH)), *more)

    def tip(self, down):
        self.send((EV_ABS, ABS_PRESSURE, 800 if down else 0), (EV_KEY, BTN_TOUCH, int(down)))


class Program:
    """A window of a program of this computer that listens to touch screens."""

    def __init__(self):
        self.client = wire.Display('/run/user/1000/wayland-0')
        self.seat = self.client.bind('wl_seat', 5)
        self.compositor = self.client.bind('wl_compositor', 4)
        self.shm = self.client.bind('wl_shm')
        base = self.client.bind('xdg_wm_base', 1)
        self.surface = self.compositor.create_surface()
        self.xdg = base.get_xdg_surface(self.surface)
        self.toplevel = self.xdg.get_toplevel()
        self.surface.commit()
        self.xdg.ack_configure(self.xdg.wait('configure')[0])
        width, height = self.toplevel.last('configure')[:2]
        fd = os.memfd_create('window')
        os.ftruncate(fd, width * height * 4)
        self.surface.attach(self.shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1), 0, 0)
        os.close(fd)
        self.touch = self.seat.get_touch()
        self.surface.commit()
        self.client.roundtrip()
        self.size = width, height


def names(events):
    return [name for name, _ in events if name.startswith('touch')]


def touches(guest, wanted):
    """The names of its events of fingers, once so many are there and no more come."""
    found, deadline = [], time.monotonic() + 15
    while time.monotonic() < deadline:
        found += names(guest.pump(0.3)[1])
        if len(found) >= wanted:
            break
    return found + names(guest.pump(0.3)[1])


def focused():
    return [entry['name'] for entry in control('ListGuests')['guests'] if entry['focused']]


def shown():
    return [entry['name'] for entry in control('ListGuests')['guests'] if entry['shown']]


def comes_to_show(name, guest):
    expect(name, 20, lambda: shown() == [guest] and focused() == [guest], lambda: f'shown {shown()}, focused {focused()}')


def ours(name):
    """Something of ours has the input, so that no guest has."""
    expect(name, 20, lambda: focused() == [], lambda: f'focused {focused()}')


def find_card(picture, index):
    """A place on the index-th card of the strip (parts of the screen), found by the line around the focused one, the first."""
    inner = range(20, picture.width - 20)
    bottom = max(y for y in range(20, picture.height - 20) if picture.pixel(picture.width * 27 // 100, y) == ACCENT)
    sides = [x for x in inner if picture.pixel(x, bottom - 30) == ACCENT]
    return (sides[-1] - 12 + index * (sides[-1] - sides[0] + 11)) / picture.width, (bottom - 12) / picture.height


def test_fingers_in_a_guest(one, screen):
    screen.down(0.5, 0.5)
    screen.move(0.52, 0.5)
    found = touches(one, 2)
    result('a finger on a guest is the guest\'s', found == ['touch_down', 'touch_motion'], str(found))
    outer('key meta_l down')
    time.sleep(0.6)
    screen.move(0.55, 0.9)
    screen.down(0.3, 0.97, slot=1)
    screen.up(slot=1)
    screen.up()
    found = touches(one, 2)
    outer('key meta_l up')
    result('it stays that when the strip comes; another one is not', found == ['touch_motion', 'touch_up'], str(found))
    one.pump(0.3)


def test_edge(one, two, screen):
    screen.tap(0.5, 0.999)
    _, events = one.pump(2)
    kinds = [name for name, _ in events if name.startswith('touch') or name == 'frame']
    result('a tap at the lower edge is the guest\'s', names(events) == ['touch_down', 'touch_up'], str(kinds))
    at = kinds.index('touch_down')
    result('its two halves are two frames', kinds[at:at + 3] == ['touch_down', 'frame', 'touch_up'], str(kinds))
    screen.down(0.3, 0.999)
    for step in range(1, 6):
        screen.move(0.3 + step * 0.05, 0.995)
    screen.up()
    _, events = one.pump(2)
    result('so is a finger that goes along it', names(events)[:2] == ['touch_down', 'touch_motion'] and
           names(events)[-1] == 'touch_up', str(names(events)))
    screen.down(0.5, 0.999)
    found = touches(one, 1)
    result('and one that rests there, before it is lifted', found == ['touch_down'], str(found))
    screen.up()
    touches(one, 1)

    screen.swipe_up()
    ours('a swipe over the lower edge brings the strip')
    _, events = one.pump(0.2)
    result('the guest gets nothing of it', not names(events), str(names(events)))
    strip = see('strip')
    strip.write_png(f'{RESULTS}/touch-strip.png')
    x, y = find_card(strip, 1)
    screen.tap(x, y)
    comes_to_show('a tap on a card shows its guest', 'two')
    _, events = two.pump(0.3)
    result('which gets nothing of that tap', not names(events), str(names(events)))
    screen.swipe_up()
    ours('the strip is there again')
    screen.tap(0.5, 0.1)
    comes_to_show('a tap beside it ends it', 'two')
    screen.swipe_up()
    ours('and again')
    outer('press 1')
    comes_to_show('its keys work: a digit shows that guest', 'one')
    screen.swipe_up()
    ours('and once more')
    outer('press right')
    outer('press right')
    outer('press ret')
    comes_to_show('so do arrows and Enter', 'two')
    _, events = two.pump(0.3)
    _, more = one.pump(0.3)
    keys = [event for event in events + more if event[0] in ('key', 'button')]
    result('no guest got a key of that', not keys, str(len(keys)))
    control('ShowGuest', name='one')


def test_gesture_while_locked(two, pad):
    """What a tool may do then, a hand may not."""
    os.makedirs(CONFIG, exist_ok=True)
    with open(f'{CONFIG}/session.scfg', 'w', encoding='utf-8') as file:
        file.write('gesture swipe-down 3 pause\n')
    subprocess.run(['chown', '-R', 'alice:', '/home/alice/.config'], check=True)
    control('Reload')
    pad.three(dy=900)
    _, events = two.pump(1)
    result('a gesture that pauses does so', [arguments for name, arguments in events if name == 'action'] == [(PAUSE_GUEST,)], str(events))
    client = wire.Display('/run/user/1000/wayland-0')
    lock = client.bind('ext_session_lock_manager_v1').lock()
    lock.wait('locked', 30)
    pad.three(dy=900)
    _, events = two.pump(1)
    result('and not while the session is locked', not [name for name, _ in events if name == 'action'], str(events))
    lock.unlock_and_destroy()
    client.roundtrip()
    client.close()
    os.unlink(f'{CONFIG}/session.scfg')
    control('Reload')
    comes_to_show('unlocked, all is as it was', 'two')


def test_touchpad(one, two):
    pad = wait_device(Touchpad())
    pad.three(dx=-900)
    comes_to_show('three fingers to the left: the next guest', 'two')
    pad.three(dx=-900)
    comes_to_show('and from the last to the first', 'one')
    pad.three(dx=900)
    comes_to_show('to the right: the one before', 'two')
    pad.three(dy=-900)
    ours('up: the overview')
    outer('press esc')
    comes_to_show('which is left', 'two')
    pad.three(rest=0.9)
    ours('three that rest: the strip')
    pad.three(rest=0.9)
    comes_to_show('again, they hide it', 'two')
    pad.three(dy=900)
    _, events = two.pump(0.3)
    wrong = [name for name, _ in events if name in ('button', 'axis')]
    result('the guest got no click and no wheel of all that', not wrong, str(wrong))
    test_gesture_while_locked(two, pad)
    pad.unplug()


def test_taps_on_our_screens(one, two, screen):
    control('ShowGuest', name='two')
    for guest, x in (('one', 0.25), ('two', 0.75)):
        control('Run', command=['overview'])
        ours(f'overview for {guest}')
        screen.tap(x, 0.5)
        comes_to_show(f'a tap on its picture shows {guest}', guest)
    control('Run', command=['home'])
    wait_for('the home screen', 5, lambda: not shown())
    for at in range(10, 90, 2):
        screen.tap(0.5, at / 100)
        if shown():
            break
    comes_to_show('a tap on an entry of the home screen shows its guest', 'one')
    _, events = one.pump(0.3)
    _, more = two.pump(0.3)
    result('no guest got a finger of that', not names(events + more), str(names(events + more)))


def test_program(one, screen):
    program = Program()
    result('programs are told of the touch screen', bool(program.seat.last('capabilities')[0] & SEAT_TOUCH))
    one.pump(0.2)
    screen.down(0.5, 0.5)
    screen.move(0.6, 0.5)
    screen.up()
    program.client.wait_until(lambda: program.touch.named('up'), 'the finger is lifted', 10)
    place = program.touch.last('down')[-2:]
    place = [value / 256 if isinstance(value, int) and value > 10000 else value for value in place]
    near = all(abs(is_at - size / 2) < 3 for is_at, size in zip(place, program.size))
    result('a program gets the finger at its place', near, f'{place} of {program.size}')
    kinds = [name for name, _ in program.touch.events]
    result('with its motion, in frames', kinds == ['down', 'frame', 'motion', 'frame', 'up', 'frame'], str(kinds))
    _, events = one.pump(0.3)
    result('the guest under it gets nothing', not names(events), str(names(events)))
    screen.down(0.5, 0.5)
    control('ShowGuest', name='one')
    program.client.wait_until(lambda: program.touch.named('cancel'), 'cancel', 10)
    result('a finger on a program that is hidden is cancelled', True)
    screen.up()
    screen.unplug()
    program.client.wait_until(lambda: not program.seat.last('capabilities')[0] & SEAT_TOUCH, 'no touch screen', 10)
    result('unplugged, programs are told that there is none', True)
    program.client.close()


def test_pen(one):
    pen = wait_device(Pen())
    one.pump(0.3)
    pen.at(0.25, 0.5, (EV_KEY, BTN_PEN, 1))
    pen.at(0.5, 0.5)
    _, events = one.pump(1.5)
    moves = [arguments for name, arguments in events if name == 'motion_absolute']
    result('a pen is an absolute pointer', len(moves) >= 2, str([name for name, _ in events]))
    pen.tip(True)
    pen.tip(False)
    pen.send((EV_KEY, BTN_STYLUS, 1))
    pen.send((EV_KEY, BTN_STYLUS, 0))
    _, events = one.pump(1.5)
    clicks = [arguments[2:] for name, arguments in events if name == 'button']
    result('its tip is the left button, its first one the right',
           clicks == [(BTN_LEFT, 1), (BTN_LEFT, 0), (BTN_RIGHT, 1), (BTN_RIGHT, 0)], str(clicks))
    control('Run', command=['overview'])
    ours('overview for the pen')
    pen.at(0.75, 0.5)
    pen.tip(True)
    pen.tip(False)
    comes_to_show('its tip chooses on what is ours', 'two')
    pen.unplug()


def run():
    wait_session()
    one, two = Guest('one'), Guest('two')
    for guest in (one, two):
        for node in guest.nodes:
            os.close(node.fd)
        guest.nodes = []
    if len(list_outputs()) != 1:
        raise SystemExit('not ok the job wants one monitor')
    control('ShowGuest', name='one')
    wait_for('the first guest has the input', 10, lambda: guest_entry('one')['focused'])
    screen = wait_device(TouchScreen())
    one.pump(0.3)
    test_fingers_in_a_guest(one, screen)
    test_edge(one, two, screen)
    test_touchpad(one, two)
    test_taps_on_our_screens(one, two, screen)
    test_program(one, screen)
    test_pen(one)
    return exit_status()


if __name__ == '__main__':
    if sys.argv[1] == 'prepare':
        for number, guest_name in enumerate(('one', 'two'), 1):
            write_guest(guest_name, 'memory 64M\n')
        sys.exit(0)
    sys.exit(run())
