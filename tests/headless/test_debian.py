# SPDX-License-Identifier: MIT
"""A real Debian guest: stock kernel, systemd, a console, a Wayland desktop.

Its disk is the image that the lab makes of the root (PH_TEST_IMAGE, or the
newest /cache/image-*.ext4); nothing is written to it.
"""

import contextlib
import glob
import os
import re
import subprocess
import time

from fixture import Failure, Session, check, check_equal, eventually, read_text
from run import Skip, limit
from test_machines import ODD_TEXT, Machine
from test_sleep import Logind

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lab')
CONSOLE = (8, 16)  # the kernel's font
SET_CLOCK = re.compile(r"the guest's clock was ([0-9.]+) s behind and is right.*")


@contextlib.contextmanager
def debian(kind, logind=False):
    """A session with the lab's demonstration guest as guest one, up to its login or desktop; session.logind if wanted."""
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
    with contextlib.ExitStack() as stack:
        if logind:
            session.logind = stack.enter_context(Logind(session))
            session.write_config('lock {\n\ton-sleep off\n}\n')
        stack.enter_context(session)
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


def log_in(session, one, name='guest', prompt='guest@phyllome:~$'):
    """A login gives up after a minute, which an emulated CPU on a busy machine can need: then again."""
    def outcome():
        picture = one.picture()
        if picture.find_text(prompt, *CONSOLE, column=0):
            return 'done'
        return 'again' if not picture.find_text('Password:', *CONSOLE, column=0) else None
    for _ in range(3):
        one.wait_text('phyllome login:', CONSOLE, column=0, timeout=300)
        session.hand.type(f'{name}\n', hold=0.05)
        one.wait_text('Password:', CONSOLE, column=0, timeout=300)
        session.hand.type(f'{name}\n', hold=0.05)
        if eventually(outcome, 'the login is answered', 300, 0.5) == 'done':
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


def agent_listens(one):
    return next(port['frontend-open'] for port in one.qmp.call('query-chardev') if port['label'] == 'agent')


def clock_off(session, mark):
    """
    How many seconds the guest's clock is off for sure: its root says on the serial line what time it
    is, at some time between the Enter of that line and our reading it. The mark is a word of its own each time.
    """
    session.hand.type(f'date +{mark}%s. >/dev/ttyS0', hold=0.05)
    began = time.time()
    session.hand.type('\n', hold=0.05)
    said = eventually(lambda: re.search(rf'{mark}(\d+)\.', read_text(f'{session.dir}/serial')), 'the guest says what time it is', 300)
    shown = int(said[1])
    return min(shown + 1 - began, 0) + max(shown - time.time(), 0)


def sleep_and_wake(session, seconds):
    """The computer goes to sleep, as logind tells it, and wakes up."""
    session.logind.wait('inhibit sleep delay', 60)
    session.logind.say('sleep')
    session.logind.wait('let go', 60)
    session.wait_state('one', 'paused', 60)
    time.sleep(seconds)
    session.logind.say('wake')
    session.wait_state('one', 'running', 60)


@limit(1800)
def test_clock_after_sleep():
    """First without the agent in the guest, so that it is seen what would be."""
    with debian('console', logind=True) as (session, one):
        log_in(session, one, 'root', 'root@phyllome:~#')
        eventually(lambda: agent_listens(one), 'the agent in the guest has started by itself', 300)
        off = clock_off(session, 'clock-a')
        check(abs(off) < 2, f'the clock is {off:.1f} s off from the start')
        session.hand.type('systemctl stop qemu-guest-agent\n', hold=0.05)
        eventually(lambda: not agent_listens(one), 'the agent in the guest has stopped', 300)
        # Long enough: on a busy computer seconds pass from the Enter to the guest's answer.
        sleep_and_wake(session, 20)
        off = clock_off(session, 'clock-b')
        check(off < -8, f'without an agent the clock is {off:.1f} s off after 20 s')
        session.hand.type('systemctl start qemu-guest-agent\n', hold=0.05)
        eventually(lambda: agent_listens(one), 'the agent in the guest has started again', 300)
        # the bridge waits for half a minute after a pause: the agent may have come in time for the first one
        log, late = session.guest_file('one', 'bridge.log'), time.time() + 35
        eventually(lambda: SET_CLOCK.search(read_text(log)) or time.time() > late, 'the first pause is over and done with', 60)
        told = len(read_text(log))
        sleep_and_wake(session, 10)
        woken = time.time()
        found = eventually(lambda: SET_CLOCK.search(read_text(log)[told:]), 'the bridge has set the clock', 300)
        print(f'after {time.time() - woken:.2f} s: {found[0]}')
        check(float(found[1]) > 8, f'it was {found[1]} s behind')
        off = clock_off(session, 'clock-c')
        check(abs(off) < 2, f'the clock is {off:.1f} s off')
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
