# SPDX-License-Identifier: MIT
"""The theme that follows what is preferred everywhere."""

import contextlib
import os
import struct
import subprocess
import threading

from fixture import Session, check, check_equal, die_with_parent, eventually, read_text

DARK, LIGHT = (0x14, 0x16, 0x1a), (0xf5, 0xf6, 0xf4)
DARK_CONTRAST, LIGHT_CONTRAST = (0, 0, 0), (255, 255, 255)
AUTO = 'theme {\n\tscheme auto\n}\n'


class Process:
    """A program that ends with the block."""

    def __init__(self, session, *words):
        self.process = subprocess.Popen(
            words, env=session.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            preexec_fn=die_with_parent)
        self.said = []
        threading.Thread(target=lambda: self.said.extend(line.strip() for line in self.process.stdout), daemon=True).start()

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(10)


@contextlib.contextmanager
def user_bus(session):
    address = f'unix:path={session.dir}/user-bus'
    session.environment['DBUS_SESSION_BUS_ADDRESS'] = address
    with Process(session, 'dbus-daemon', '--session', '--nofork', '--nopidfile', f'--address={address}'):
        eventually(lambda: os.path.exists(f'{session.dir}/user-bus'), 'the user bus', 60)
        yield


@contextlib.contextmanager
def portal(session, scheme, contrast=0):
    with Process(session, os.environ['PH_FAKE_PORTAL'], str(scheme), str(contrast)) as process:
        eventually(lambda: 'ready' in process.said, 'the portal', 60)
        yield process


def expect_ground(session, colour, what):
    eventually(lambda: session.screenshot().pixel(3, 3) == colour, what, 60)


def test_theme_follows_the_preference():
    session = Session()
    session.write_config(AUTO)
    with user_bus(session), portal(session, 2) as settings, session:
        expect_ground(session, LIGHT, 'light is preferred at the start')
        settings.say('contrast 1')
        expect_ground(session, LIGHT_CONTRAST, 'and then more contrast')
        settings.say('color-scheme 1')
        expect_ground(session, DARK_CONTRAST, 'and then dark')
        settings.say('contrast 0')
        expect_ground(session, DARK, 'and then the usual contrast')
        settings.say('color-scheme 2')
        expect_ground(session, LIGHT, 'and light again')
        session.write_config('theme {\n\tscheme dark\n}\n')
        session.call('Reload')
        expect_ground(session, DARK, 'what is configured counts')
        session.write_config(AUTO)
        session.call('Reload')
        expect_ground(session, LIGHT, 'it is asked for again')


def test_theme_is_dark_until_a_portal_comes():
    session = Session()
    session.write_config(AUTO)
    with user_bus(session), session:
        expect_ground(session, DARK, 'nothing is preferred')
        with portal(session, 2, 1):
            expect_ground(session, LIGHT_CONTRAST, 'the portal that came is asked')
        check_equal(session.screenshot().pixel(3, 3), LIGHT_CONTRAST, 'the ground when the portal has gone')
        with portal(session, 1):
            expect_ground(session, DARK, 'the next one is asked')


def test_no_picture_waits_for_a_portal():
    session = Session()
    session.write_config(AUTO)
    with user_bus(session), portal(session, 'silent') as settings, session:
        eventually(lambda: 'asked' in settings.said, 'the portal is asked', 60)
        expect_ground(session, DARK, 'a portal that does not answer')
        settings.say('color-scheme 2')
        expect_ground(session, LIGHT, 'but tells of a change')


def test_theme_survives_a_portal_that_speaks_otherwise():
    session = Session()
    session.write_config(AUTO)
    with user_bus(session), portal(session, 'light') as settings, session:
        eventually(lambda: 'asked' in settings.said, 'the portal is asked', 60)
        expect_ground(session, DARK, 'a word is no number')
        settings.say('color-scheme 4000000000')
        settings.say('contrast 1')
        expect_ground(session, DARK_CONTRAST, 'what it says rightly counts')


def test_theme_without_a_user_bus():
    session = Session()
    session.write_config(AUTO)
    session.environment['DBUS_SESSION_BUS_ADDRESS'] = f'unix:path={session.dir}/nowhere'
    with session:
        expect_ground(session, DARK, 'nothing is preferred')
        check('theme:' in read_text(session.log), 'not a word about the bus')


# --- the pointer

def write_cursor(session, theme, sizes):
    """A theme of pointers with one of each size, {size: colour}; all are squares."""
    chunks, toc = b'', b''
    for size, colour in sizes.items():
        toc += struct.pack('<III', 0xfffd0002, size, 16 + 12 * len(sizes) + len(chunks))
        chunks += struct.pack('<IIIIIIIII', 36, 0xfffd0002, size, 1, size, size, 0, 0, 0)
        chunks += struct.pack('<I', 0xff000000 | colour) * (size * size)
    folder = f'{session.dir}/.icons/{theme}/cursors'
    os.makedirs(folder)
    with open(f'{folder}/default', 'wb') as file:
        file.write(b'Xcur' + struct.pack('<III', 16, 0x10000, len(sizes)) + toc + chunks)


def pointer_size(session, colour):
    """How many pixels of that colour the pointer has in a row; over the home screen."""
    picture = session.screenshot(cursor=True)
    return sum(picture.pixel(x, 110) == colour for x in range(100, 400))


def test_pointer_is_that_of_the_person():
    session = Session(outputs=1)
    write_cursor(session, 'Reds', {24: 0xd01020, 32: 0xe01020, 64: 0xf01020})
    write_cursor(session, 'Blues', {24: 0x1020d0, 40: 0x1020e0, 80: 0x1020f0})
    session.environment |= {'XCURSOR_THEME': 'Reds', 'XCURSOR_SIZE': '32', 'HOME': session.dir}
    session.environment.pop('XCURSOR_PATH', None)
    with session:
        session.hand.move_to(100, 100, 1280, 720)
        eventually(lambda: pointer_size(session, (0xe0, 0x10, 0x20)) == 32, 'the theme and size of the environment')
        session.resize(1280, 720, scale=2)
        eventually(lambda: pointer_size(session, (0xf0, 0x10, 0x20)) == 64, 'twice as large at scale 2')
        session.write_config('theme {\n\tcursor Blues\n\tcursor-size 40\n}\nbind Super+T run sh -c '
                             f'"echo $XCURSOR_THEME $XCURSOR_SIZE >{session.dir}/told"\n')
        session.call('Run', command=['reload'])
        eventually(lambda: pointer_size(session, (0x10, 0x20, 0xf0)) == 80, "session.scfg's")
        session.hand.press('super', 't')
        eventually(lambda: read_text(f'{session.dir}/told') == 'Blues 40\n', 'what programs find')
        session.write_config('')
        session.call('Run', command=['reload'])
        eventually(lambda: pointer_size(session, (0xf0, 0x10, 0x20)) == 64, 'as before')


def test_size_of_the_pointer_that_is_none():
    session = Session()
    session.environment['XCURSOR_SIZE'] = 'big'
    with session:
        check("XCURSOR_SIZE is 'big', expected 8 to 256" in read_text(session.log), 'no line about it')
