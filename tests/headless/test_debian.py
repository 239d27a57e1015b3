# SPDX-License-Identifier: MIT
"""A real Debian guest: stock kernel, systemd, a console, a Wayland desktop.

Its disk is the image that the lab makes of the root (PH_TEST_IMAGE, or the
newest /cache/image-*.ext4); nothing is written to it.
"""

import contextlib
import glob
import os
import subprocess

from fixture import Failure, Session, check, check_equal, eventually, read_text
from run import Skip, limit
from test_machines import ODD_TEXT, Machine

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lab')
CONSOLE = (8, 16)  # the kernel's font


@contextlib.contextmanager
def debian(kind):
    """A session with the lab's demonstration guest as guest one, up to its login or desktop."""
    images = sorted(glob.glob('/cache/image-*.ext4'), key=os.path.getmtime)
    image = os.environ.get('PH_TEST_IMAGE') or (images and images[-1])
    if not image or not glob.glob('/lib/modules/*'):
        raise Skip('there is no disk image of the root: run by ./dev test, or name one in PH_TEST_IMAGE')
    session = Session()
    folder, serial = f'{session.guests_dir}/one', f'{session.dir}/serial'
    subprocess.run(['sh', f'{LAB}/demo-guest.sh', folder, image, kind, serial], check=True, timeout=60)
    text = read_text(f'{folder}/guest.scfg')
    check('qemu {' in text, 'the lab writes its guest in a way that is not understood here')
    # KVM may be there and fail on a stock kernel; that is another test's matter
    session.write_guest('one', 'accel tcg\n' + text.replace('qemu {', 'qemu {\n@qmp@', 1))
    with session:
        try:
            one = Machine(session)
            eventually(lambda: 'PHYLLOME-READY' in read_text(serial), 'the guest is up', 300, 0.5)
            yield session, one
        except BaseException:
            print('--- serial line\n' + '\n'.join(read_text(serial).splitlines()[-30:]))
            session.keep('session', session.screenshot())
            raise


def power_off(session):
    session.call('ActOnGuest', name='one', action='powerdown')
    session.wait_state('one', 'off', 120)
    check_equal(session.guest('one')['reason'], '', 'the reason')
    eventually(lambda: not session.pids('qemu-system'), 'QEMU is gone')


def log_in(session, one):
    """A login gives up after a minute, which an emulated CPU on a busy machine can need: then again."""
    def outcome():
        picture = one.picture()
        if picture.find_text('guest@phyllome:~$', *CONSOLE, column=0):
            return 'done'
        return 'again' if not picture.find_text('Password:', *CONSOLE, column=0) else None
    for _ in range(3):
        one.wait_text('phyllome login:', CONSOLE, column=0)
        session.hand.type('guest\n', hold=0.05)
        one.wait_text('Password:', CONSOLE, column=0)
        session.hand.type('guest\n', hold=0.05)
        if eventually(outcome, 'the login is answered', 120, 0.5) == 'done':
            return
    raise Failure('three logins have failed')


@limit(900)
def test_console():
    with debian('console') as (session, one):
        one.wait_text('Log in as guest, password guest.', CONSOLE)
        check_equal(one.picture().size, session.size, "the size of the guest's screen")
        one.compare()
        log_in(session, one)
        session.hand.type(f'echo {ODD_TEXT}\n', hold=0.05)
        one.wait_text(f'guest@phyllome:~$ echo {ODD_TEXT}', CONSOLE, column=0)
        one.wait_text(ODD_TEXT, CONSOLE, column=0)
        session.hand.type('~!@#$%^&*()_+', hold=0.05)
        one.compare()
        power_off(session)


def share_of(picture, color):
    return sum(picture.rgb[at:at + 3] == bytes(color) for at in range(0, len(picture.rgb), 3 * 7)) * 7 / (
        picture.width * picture.height)


@limit(900)
def test_desktop():
    with debian('desktop') as (session, one):
        eventually(lambda: session.screenshot().colors() > 20, 'the desktop and its terminal are drawn', 120, 0.5)
        one.compare()
        session.hand.type("clear; printf '\\033[48;2;200;30;60m\\033[2J'\n", hold=0.05)
        eventually(lambda: share_of(session.screenshot(), (200, 30, 60)) > 0.1, 'the terminal turns red', 60, 0.5)
        one.compare()
        for size in ((1024, 768), (1440, 900)):
            session.resize(*size)
            eventually(lambda: (session.outputs()[0]['pictureWidth'], session.outputs()[0]['pictureHeight']) == size,
                       f'the desktop is {size[0]} x {size[1]}', 60, 0.5)
            one.compare()
        power_off(session)
