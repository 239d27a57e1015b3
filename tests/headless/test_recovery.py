# SPDX-License-Identifier: MIT
"""Parts of a session die; the rest goes on, and what died comes back."""

import os
import signal
import time

from fixture import Session, check, check_equal, eventually
from test_exact import events, guest, memory_picture, present


def start(session, name='one'):
    session.start_guest(name)
    inside = session.qtest(name)
    inside('up gpu keyboard tablet')
    present(inside, 1, 1280, 720, 1)
    wanted = memory_picture(session, inside, 1, 1280, 720)
    session.expect_picture(lambda: wanted, f'guest {name} before anything happens')
    return inside, wanted


def only(pids, what):
    check_equal(len(pids), 1, f'the number of {what} processes')
    return pids[0]


def expect_it_works(session, inside, seed):
    """A new picture comes out, a key goes in."""
    inside(f'pattern 1 {seed}')
    inside('transfer 1')
    inside('flush 1')
    wanted = memory_picture(session, inside, 1, 1280, 720)
    session.expect_picture(lambda: wanted, 'a new picture', timeout=20)
    eventually(lambda: session.guest('one')['focused'], 'the guest has the focus')
    events(inside, 'keyboard', 200)
    session.hand.press('a')
    check_equal(events(inside, 'keyboard'), [(1, 30, 1), (1, 30, 0)], 'the key')


def test_compositor_is_killed():
    with Session({'one': guest()}) as session:
        inside, wanted = start(session)
        bridge, machine = only(session.pids('phyllome-bridge'), 'bridge'), only(session.pids('qemu-system'), 'QEMU')
        session.compositor.kill()
        session.compositor.wait(10)
        began = time.monotonic()
        inside('pattern 1 2')  # the guest notices nothing: its commands are answered
        inside('transfer 1')
        inside('flush 1')
        check(time.monotonic() - began < 2, f'the guest stood still for {time.monotonic() - began:.1f} s')
        keep = session.opened.pop_all()  # our own connections into the machine stay
        with keep:
            session.start()
            session.wait_state('one', 'running')
            newest = memory_picture(session, inside, 1, 1280, 720)
            session.expect_picture(lambda: newest, 'the picture after the compositor came back')
            check_equal(only(session.pids('phyllome-bridge'), 'bridge'), bridge, 'the bridge')
            check_equal(only(session.pids('qemu-system'), 'QEMU'), machine, 'QEMU')
            expect_it_works(session, inside, 3)


def test_bridge_is_killed():
    with Session({'one': guest()}) as session:
        inside, wanted = start(session)
        bridge, machine = only(session.pids('phyllome-bridge'), 'bridge'), only(session.pids('qemu-system'), 'QEMU')
        os.kill(bridge, signal.SIGKILL)
        eventually(lambda: [pid for pid in session.pids('phyllome-bridge') if pid != bridge], 'a new bridge')
        eventually(lambda: session.guest('one')['state'] == 'running', 'the guest is running again', 20)
        session.expect_picture(lambda: wanted, 'the picture after a new bridge took over', timeout=20)
        check_equal(only(session.pids('qemu-system'), 'QEMU'), machine, 'QEMU')
        expect_it_works(session, inside, 2)


def test_machine_is_killed():
    with Session({'one': guest()}) as session:
        start(session)
        os.kill(only(session.pids('qemu-system'), 'QEMU'), signal.SIGKILL)
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest is lost')
        reason = session.guest('one')['reason']
        check('kill' in reason.lower(), f'the reason does not name the signal: "{reason}"')
        check(session.pids('phyllome-bridge'), 'the bridge is gone too')
        session.start_guest('one')
        again = session.qtest('one')
        again('up gpu keyboard tablet')
        present(again, 1, 1280, 720, 5)
        expect_it_works(session, again, 6)


def test_killed_guest_leaves_the_others_alone():
    with Session({'one': guest('one'), 'two': guest('two')}) as session:
        start(session, 'two')
        before = set(session.pids('qemu-system'))
        inside, _ = start(session, 'one')
        os.kill(only([pid for pid in session.pids('qemu-system') if pid not in before], 'QEMU'), signal.SIGKILL)
        eventually(lambda: session.guest('one')['state'] == 'lost', 'guest one is lost')
        check_equal(session.guest('two')['state'], 'running', 'the state of guest two')


def test_logout_ends_bridges_and_machines():
    with Session({'one': guest()}) as session:
        inside, _ = start(session)
        inside('acpi')
        session.hand.press('super', 'shift', 'e')
        inside('wait-button 10000')
        inside('poweroff')
        eventually(lambda: session.compositor.poll() is not None, 'the session has ended', 30)
        check_equal(session.compositor.returncode, 0, "the compositor's exit status")
        eventually(lambda: not session.pids('qemu-system') and not session.pids('phyllome-bridge'),
                   'bridge and QEMU have ended', 30)


def test_program_is_missing():
    with Session({'one': 'qemu {\n\tprogram /nowhere/qemu\n}\n'}) as session:
        session.call('ShowGuest', name='one')
        session.call('ActOnGuest', name='one', action='start')
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest is lost')
        reason = session.guest('one')['reason']
        check('/nowhere/qemu' in reason, f'the reason does not name the program: "{reason}"')


def test_configuration_is_wrong():
    with Session({'one': 'memory 128M\nmemroy 5\n'}) as session:
        session.call('ShowGuest', name='one')
        session.call('ActOnGuest', name='one', action='start')
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest is lost')
        reason = session.guest('one')['reason']
        check('guest.scfg:2' in reason and 'memroy' in reason, f'the reason names no place: "{reason}"')
