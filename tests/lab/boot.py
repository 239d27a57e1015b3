#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a real guest from its start to its power button.

The person is the outer machine. What its monitor shows is compared, pixel by
pixel, with what the guest's own QEMU says that the guest shows.
"""

import os
import subprocess
import sys
import time

from inside import RUNTIME, control, exit_status, expect_screen, guest_entry, list_outputs, outer, result, say, see, wait_for, wait_session
from picture import Picture
from qmp import Qmp

NAME = 'real'
HOME = f'/home/alice/.local/share/phyllome/guests/{NAME}'
SERIAL = '/home/alice/serial'
CELL = (8, 16)  # of the kernel's font
ODD_TEXT = 'Aa_./~{}|"$'  # characters with and without Shift


def prepare():
    subprocess.run(['install', '-d', '-o', 'alice', '/home/alice/.local', '/home/alice/.local/share'], check=True)
    began = time.monotonic()
    subprocess.run(['sh', '/src/tests/lab/small-guest.sh', HOME, SERIAL, f'{RUNTIME}/{NAME}/qmp-test'], check=True)
    subprocess.run(['chown', '-R', 'alice:alice', '/home/alice/.local'], check=True)
    say(f'the guest is made after {time.monotonic() - began:.0f} s')


def serial():
    with open(SERIAL, encoding='utf-8', errors='replace') as file:
        return file.read()


def compare(qmp, what):
    """While the guest is stopped, so that its cursor does not blink."""
    path = f'{RUNTIME}/{NAME}/picture'

    def machine():
        qmp.screendump(path, form='ppm')
        picture = Picture.from_ppm(path)
        os.unlink(path)
        return picture
    qmp.call('stop')
    same = expect_screen(what, machine)
    picture = machine()
    qmp.call('cont')
    if same and picture.rgb == picture.rgb[:3] * (picture.width * picture.height):
        result(f'{what}: there is something to see', False, 'a picture of one color')
    return picture


def type_line(text):
    """As a patient person: QEMU forgets keys when a guest that is slow has not read the 64 events before."""
    for character in text:
        outer(f'type {character}')
        time.sleep(0.25)
    outer('press ret')


def answer(text, what, seconds):
    """Types a line, until the serial line shows what it does."""
    type_line(text)
    wait_for(what, seconds, lambda: what in serial())


def is_on_screen(text):
    """Whether a line of the guest's console begins with it."""
    picture = see('console')
    return picture.crop(0, 0, (len(text) + 1) * CELL[0], picture.height).find_text(text, *CELL, column=0)


def log_in(qmp):
    """A login gives up after a minute, which this CPU may need: then again."""
    for _ in range(3):
        type_line('guest')
        wait_for('the login asks for a password', 120, lambda: is_on_screen('Password:'))
        type_line('guest')
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if 'PHYLLOME-SHELL of guest on /dev/tty1' in serial():
                return True
            time.sleep(0.5)
        compare(qmp, 'a login that failed')
    return False


def run():
    wait_session()
    began = time.monotonic()
    control('ShowGuest', name=NAME)
    control('ActOnGuest', name=NAME, action='start')
    wait_for('the guest runs', 120, lambda: guest_entry(NAME)['state'] == 'running')
    say(f'QEMU runs after {time.monotonic() - began:.0f} s')
    wait_for('the guest shows its login', 600, lambda: 'PHYLLOME-READY' in serial())
    say(f'the guest shows its login after {time.monotonic() - began:.0f} s: {serial().splitlines()[-1]}')
    result('a real guest boots to its login', True)
    qmp = Qmp(f'{RUNTIME}/{NAME}/qmp-test', 60)
    screen = list_outputs()[0]
    wait_for('the login is drawn', 120, lambda: is_on_screen('phyllome login:'))
    picture = compare(qmp, 'the login')
    result("the guest's picture has the size of the screen", picture.size == (screen['width'], screen['height']),
           f'{picture.size} on {screen}')

    result('its login is typed by the outer keyboard', log_in(qmp), 'three logins have failed')
    say(f'logged in after {time.monotonic() - began:.0f} s')
    answer(f"echo '{ODD_TEXT}' $((6*7)) >/dev/ttyS0", f'{ODD_TEXT} 42', 120)
    result('what is typed arrives, character by character', True)
    before = picture
    picture = compare(qmp, 'what was typed')
    result('it is to be seen', picture != before)
    control('ActOnGuest', name=NAME, action='powerdown')
    wait_for('the power button arrives', 120, lambda: 'PHYLLOME-POWER-BUTTON' in serial())
    wait_for('the guest is off', 120, lambda: guest_entry(NAME)['state'] == 'off')
    result('its power button turns it off', guest_entry(NAME)['reason'] == '', guest_entry(NAME)['reason'])
    say(f'all of it: {time.monotonic() - began:.0f} s')
    return exit_status()


if __name__ == '__main__':
    sys.exit(prepare() if sys.argv[1] == 'prepare' else run())
