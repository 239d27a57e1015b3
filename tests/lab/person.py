#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: what a person presses arrives in a guest, what it draws is what they see.

The person is the outer machine: its keyboard, tablet and mouse are real evdev
devices here, and its eyes are the screendump of the monitor on virtio-gpu. The
guest is qtest-guest, so what its virtio-input devices got is read from their
queues, and what it has drawn from its memory.
"""

import os
import subprocess
import sys
import time

from inside import (
    RESULTS, Guest, active_console, control, exit_status, expect, expect_screen, guest_entry, list_outputs, outer, result, say, see,
    show_console, wait_device, wait_for, wait_session)
from tracefs import Modesets
from uinput import (
    BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, EV_ABS, EV_KEY, EV_REL, KEY_A, KEY_ALT, KEY_BRIGHTNESSDOWN, KEY_BRIGHTNESSUP, KEY_C, KEY_CTRL,
    KEY_DELETE, KEY_SHIFT, REL_WHEEL, Uinput)
from vault import Vault

# QEMU's names of keys in the order of their evdev codes: the first one has code FIRST.
ROWS = {
    1: 'esc 1 2 3 4 5 6 7 8 9 0 minus equal backspace tab q w e r t y u i o p bracket_left bracket_right ret ctrl '
       'a s d f g h j k l semicolon apostrophe grave_accent shift backslash z x c v b n m comma dot slash shift_r '
       'kp_multiply alt spc caps_lock f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 num_lock scroll_lock kp_7 kp_8 kp_9 kp_subtract '
       'kp_4 kp_5 kp_6 kp_add kp_1 kp_2 kp_3 kp_0 kp_decimal',
    86: 'less f11 f12',
    96: 'kp_enter ctrl_r kp_divide',
    102: 'home up pgup left right end down pgdn insert delete',
}
CONFIG = '/home/alice/.config/phyllome'
# Enough that none is lost: the device's queue has room for 64 events, and a key has four.
AT_ONCE = 10


def expect_events(guest, device, name, requests, wanted, only=None):
    for request in requests:
        outer(request)
    found = guest.events(device, len(wanted))
    if only is not None:
        found = [event for event in found if event[0] == only]
    result(name, found == wanted, f'{found} instead of {wanted}')


def test_pictures(guest, width, height):
    for number, (wide, high) in enumerate(((width, height), (width, height), (320, 200)), 1):
        guest.tell(f'create-2d {number} b8g8r8x8 {wide} {high}')
        guest.tell(f'pattern {number} {number}')
        guest.tell(f'transfer {number}')
        guest.tell(f'scanout 0 {number}')
        guest.tell(f'flush {number}')
        expect_screen(f'picture {number} {wide}x{high}', lambda: guest.memory_picture(number, wide, high))
    guest.tell('flip 0 60 0 1 2')
    expect_screen('the last of 60 flips', lambda: guest.memory_picture(2, width, height))


def test_keys(guest):
    guest.tell('events keyboard 200')
    keys = [(name, first + at) for first, row in ROWS.items() for at, name in enumerate(row.split())]
    wrong = {}
    for at in range(0, len(keys), AT_ONCE):
        some = keys[at:at + AT_ONCE]
        for name, _ in some:
            outer(f'press {name}')
        found = guest.events('keyboard', 2 * len(some))
        wanted = [(EV_KEY, code, value) for _, code in some for value in (1, 0)]
        if found != wanted:
            wrong[' '.join(name for name, _ in some)] = found
    result(f'each of {len(keys)} keys is pressed and released with its code, in order', not wrong, str(wrong))
    chord = (KEY_CTRL, KEY_ALT, KEY_DELETE)
    expect_events(guest, 'keyboard', 'a chord arrives in order', ['press ctrl alt delete'],
                  [(EV_KEY, code, 1) for code in chord] + [(EV_KEY, code, 0) for code in reversed(chord)])
    outer('key shift down')
    outer('key c down')
    time.sleep(1)  # longer than until the kernel repeats a key
    expect_events(guest, 'keyboard', 'a key that is held is pressed once', ['key c up', 'key shift up'],
                  [(EV_KEY, KEY_SHIFT, 1), (EV_KEY, KEY_C, 1), (EV_KEY, KEY_C, 0), (EV_KEY, KEY_SHIFT, 0)])


def test_pointer(guest, width, height):
    def is_pixel(value, pixel, size):
        """QEMU scales a pixel to 0..32767, rounding down: one unit is allowed, a pixel is not."""
        return pixel * 32767 / size - 1 <= value < (pixel + 1) * 32767 / size
    outer('move 8000 8000')
    guest.events('tablet', 2)
    position, wrong = [None, None], {}
    for x, y in ((0, 0), (32767, 0), (32767, 32767), (0, 32767), (16384, 16384)):
        outer(f'move {x} {y}')
        for kind, code, value in guest.events('tablet', 1):
            if kind == EV_ABS and code < 2:
                position[code] = value
        pixel = x * width // 32768, y * height // 32768
        if None in position or not all(is_pixel(*one) for one in zip(position, pixel, (width, height))):
            wrong[pixel] = list(position)
    result('the pointer is on the right pixel in the four corners and the middle', not wrong,
           f'{wrong} of 32767, by pixel of {width} x {height}')
    for name, code in (('left', BTN_LEFT), ('right', BTN_RIGHT), ('middle', BTN_MIDDLE)):
        expect_events(guest, 'tablet', f'the {name} button arrives', [f'button {name} down', f'button {name} up'],
                      [(EV_KEY, code, 1), (EV_KEY, code, 0)], EV_KEY)
    for name, value in (('wheel-up', 1), ('wheel-down', -1)):
        expect_events(guest, 'tablet', f'{name} arrives', [f'button {name} down', f'button {name} up'],
                      [(EV_REL, REL_WHEEL, value)], EV_REL)


def set_mode(*words):
    """As the person's own tool does it."""
    environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0'}
    subprocess.run(['wlr-randr', '--output', list_outputs()[0]['name'], *words], env=environment, check=True)


def test_other_console(guest, width, height):
    """To another console with keys held, and back by the console's own key, three times."""
    modesets = Modesets()
    for mode in (('--mode', '800x600'), ('--preferred',)):
        set_mode(*mode)
    wait_for('the guest is told the size of the screen again', 30, lambda: f'{width}x{height}' in guest.tell('display'))
    result('modes that are set are counted', modesets.count() >= 2, str(modesets.count()))
    rounds, stuck, leaked, after = [], [], [], []
    for _ in range(3):
        guest.tell('events keyboard 100')
        before = modesets.count()
        outer('key a down')
        outer('key ctrl down')
        guest.events('keyboard', 2)
        show_console(2)
        wait_for('the other console is in front', 30, lambda: active_console() == 'tty2')
        stuck.append(sorted(guest.events('keyboard', 2)))
        wait_for('it is on the screen', 30, lambda: see('console') != guest.memory_picture(2, width, height))
        outer('key ctrl up')
        outer('key a up')
        for key in ('b', 'ret', 'c'):
            outer(f'press {key}')
        outer('press alt f1')
        wait_for('the session is in front', 30, lambda: active_console() == 'tty1')
        expect_screen('the session after another console', lambda: guest.memory_picture(2, width, height), 30)
        leaked += guest.events('keyboard', 0)
        rounds.append(modesets.count() - before)
        before = modesets.count()
        guest.tell('flip 0 30 20000 1 2')
        after.append(modesets.count() - before)
    say(f'modes set: {rounds} in each round there and back, {after} by 30 frames after it')
    result('other console: what was held is released', stuck == [[(EV_KEY, KEY_CTRL, 0), (EV_KEY, KEY_A, 0)]] * 3, str(stuck))
    result('other console: what is typed there stays there', not leaked, str(leaked))
    result('other console: at most one mode is set on the way there and one back', max(rounds) <= 2, str(rounds))
    result('other console: afterwards none is set', not any(after), str(after))
    modesets.finish()
    expect_events(guest, 'keyboard', 'keys arrive again', ['press a'], [(EV_KEY, KEY_A, 1), (EV_KEY, KEY_A, 0)])


def test_light(guest):
    """The light behind the screen, which the table of light.dsl offers, by a laptop's keys: through logind to the kernel's driver."""
    subprocess.run(['modprobe', 'video'], check=True)
    folder = '/sys/class/backlight/acpi_video0'

    def read(name):
        with open(f'{folder}/{name}', encoding='ascii') as file:
            return int(file.read())
    wait_for('the screen has a light', 20, lambda: read('max_brightness') == 50)
    keyboard = wait_device(Uinput('Lab Laptop', keys=(KEY_BRIGHTNESSDOWN, KEY_BRIGHTNESSUP)))

    def press(code, times=1):
        for _ in range(times):
            before = read('brightness')
            keyboard.key(code, True)
            keyboard.key(code, False)
            # The next step goes from where this one has come.
            deadline = time.monotonic() + 5
            while read('brightness') == before and time.monotonic() < deadline:
                time.sleep(0.02)
        return read('brightness'), read('actual_brightness')
    guest.tell('events keyboard 100')
    lights = [read('brightness'), *(press(code)[1] for code in (KEY_BRIGHTNESSDOWN, KEY_BRIGHTNESSDOWN, KEY_BRIGHTNESSUP))]
    result('its keys make it darker and brighter, by 5 percent', [one - lights[0] for one in lights] == [0, -3, -6, -3], str(lights))
    environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000'}
    subprocess.run(['phyllomectl', 'brightness', 'up', '20'], env=environment, check=True)
    expect('and so does the command', 5, lambda: read('actual_brightness') == lights[-1] + 10, lambda: str(read('actual_brightness')))
    dark = press(KEY_BRIGHTNESSDOWN, 15)
    result('it never goes out', dark == (1, 1), str(dark))
    bright = press(KEY_BRIGHTNESSUP, 18)
    result('nor beyond its brightest', bright == (50, 50), str(bright))
    result('the guest gets none of these keys', not guest.events('keyboard', 0))
    os.makedirs(CONFIG, exist_ok=True)
    with open(f'{CONFIG}/session.scfg', 'w', encoding='utf-8') as file:
        file.write('host-keys {\n\tbrightness guest\n}\n')
    control('Run', command=['reload'])
    time.sleep(1)
    after = press(KEY_BRIGHTNESSDOWN)
    result('given to the guest, the key changes no light', after == (50, 50), str(after))
    expected, found = [(EV_KEY, KEY_BRIGHTNESSDOWN, 1), (EV_KEY, KEY_BRIGHTNESSDOWN, 0)], guest.events('keyboard', 2)
    result('but comes to the guest', found == expected, str(found))
    os.unlink(f'{CONFIG}/session.scfg')
    control('Run', command=['reload'])
    keyboard.unplug()


def expect_locked(name):
    """A result: it is seen to be locked, keeps its number, and tells nothing that only its directory knows."""
    wanted = {'state': 'locked', 'number': 2, 'title': SAFE.name, 'reason': 'its directory is encrypted, and its key is not here'}
    entry = guest_entry(SAFE.name)
    found = {key: entry[key] for key in wanted}
    result(name, found == wanted, str(found))


def test_locked():
    """A guest whose directory is encrypted, by the session's own keys."""
    expect_locked('an encrypted guest whose key is not here is locked')
    outer('press meta_l 2')
    outer('key meta_l down')
    time.sleep(1)
    see('locked-strip').write_png(f'{RESULTS}/locked-strip.png')
    outer('key meta_l up')
    time.sleep(0.5)
    see('locked-home').write_png(f'{RESULTS}/locked-home.png')
    outer('press ret')
    try:
        control('ActOnGuest', name=SAFE.name, action='start')
        result('a locked guest is not started', False, str(guest_entry(SAFE.name)))
    except ValueError as error:
        result('a locked guest is not started', 'is locked' in str(error) and not SAFE.qemu(), str(error))
    VAULT.unlock()
    outer('press ret')
    expect('unlocked, its row starts it', 240, lambda: SAFE.state() == 'running', lambda: str(guest_entry(SAFE.name)))
    result('unlocked, it has its own name', guest_entry(SAFE.name)['title'] == 'Tax office', str(guest_entry(SAFE.name)))
    SAFE.kill()
    result('everything of it is closed', VAULT.lock())
    expect_locked('locked while it is off, it is locked')


def run(guest):
    wait_session()
    control('ShowGuest', name=guest.name)
    guest.start()
    guest.tell('up all')
    screen = list_outputs()[0]
    width, height = screen['width'], screen['height']
    wait_for('the guest is told the size of the screen', 30, lambda: f'{width}x{height}' in guest.tell('display'))
    test_pictures(guest, width, height)
    test_keys(guest)
    test_pointer(guest, width, height)
    test_light(guest)
    test_other_console(guest, width, height)
    guest.tell('acpi')
    control('ActOnGuest', name=guest.name, action='powerdown')
    guest.tell('wait-button 10000')
    guest.tell('poweroff')
    wait_for('the guest is off', 30, lambda: guest.state() == 'off')
    result('its power button turns it off', True)
    test_locked()
    VAULT.remove()
    return exit_status()


def prepare(guest):
    VAULT.make()
    VAULT.encrypt(SAFE.name)
    guest.write()
    SAFE.write()
    return 0 if VAULT.lock() else 'not ok files of the encrypted directory are in use'


if __name__ == '__main__':
    GUEST = Guest('person', 'device virtio', 'pointer relative\n', ['-device', 'virtio-tablet-pci'])
    SAFE = Guest('safe', 'device virtio', 'name "Tax office"\n')
    VAULT = Vault('/home/alice/.local/share/phyllome/guests', '/var/tmp/vault.img')
    sys.exit(prepare(GUEST) if sys.argv[1] == 'prepare' else run(GUEST))
