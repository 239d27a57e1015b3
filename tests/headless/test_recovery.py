# SPDX-License-Identifier: MIT
"""Parts of a session die; the rest goes on, and what died comes back."""

import contextlib
import os
import signal
import time

from fixture import Session, check, check_equal, eventually, read_text
from test_exact import events, expect_events, guest, memory_picture, present
from wire import WireError


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
    expect_events(inside, 'keyboard', [(1, 30, 1), (1, 30, 0)], 'the key')


def test_compositor_is_killed():
    with Session({'one': guest()}) as session:
        inside, wanted = start(session)
        bridge, machine = only(session.bridges(), 'bridge'), only(session.pids('qemu-system'), 'QEMU')
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
            # another one may have been started, and sees that it is one too many
            eventually(lambda: session.bridges() == [bridge], 'the bridge is the same, and alone')
            check_equal(only(session.pids('qemu-system'), 'QEMU'), machine, 'QEMU')
            expect_it_works(session, inside, 3)


def test_bridge_is_killed():
    with Session({'one': guest()}) as session:
        inside, wanted = start(session)
        bridge, machine = only(session.bridges(), 'bridge'), only(session.pids('qemu-system'), 'QEMU')
        os.kill(bridge, signal.SIGKILL)
        eventually(lambda: [pid for pid in session.bridges() if pid != bridge], 'a new bridge')
        eventually(lambda: session.guest('one')['state'] == 'running', 'the guest is running again', 20)
        session.expect_picture(lambda: wanted, 'the picture after a new bridge took over', timeout=20)
        check_equal(only(session.pids('qemu-system'), 'QEMU'), machine, 'QEMU')
        expect_it_works(session, inside, 2)


def test_helper_of_a_bridge_is_killed():
    """Without it a bridge can open and start nothing: another bridge takes the guest up, and that one can."""
    with Session({'one': guest()}) as session:
        inside, wanted = start(session)
        bridge, machine = only(session.bridges(), 'bridge'), only(session.pids('qemu-system'), 'QEMU')
        os.kill(only([pid for pid in session.pids('phyllome-bridge') if pid != bridge], 'helper'), signal.SIGKILL)
        eventually(lambda: [pid for pid in session.bridges() if pid != bridge], 'a new bridge')
        eventually(lambda: session.guest('one')['state'] == 'running', 'the guest is running again', 20)
        session.expect_picture(lambda: wanted, 'the picture after a new bridge took over', timeout=20)
        check_equal(only(session.pids('qemu-system'), 'QEMU'), machine, 'QEMU')
        expect_it_works(session, inside, 2)
        os.kill(machine, signal.SIGKILL)
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest is lost', 20)
        session.start_guest('one')


def test_machine_is_killed():
    with Session({'one': guest()}) as session:
        start(session)
        os.kill(only(session.pids('qemu-system'), 'QEMU'), signal.SIGKILL)
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest is lost')
        reason = session.guest('one')['reason']
        check('kill' in reason.lower(), f'the reason does not name the signal: "{reason}"')
        check(session.bridges(), 'the bridge is gone too')
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


def test_log_of_a_machine_stays_small():
    """A guest can make QEMU complain without end (each wrong command of virtio-gpu-gl is a line), and the log lies in memory."""
    with Session({'one': guest()}) as session:
        inside, _ = start(session)
        folder = f'{session.runtime}/phyllome/one'
        for name in ('qemu.log', 'bridge.log'):
            for _ in range(9):
                with open(f'{folder}/{name}', 'a', encoding='utf-8') as log:
                    log.write('virtio_gpu_virgl_process_cmd: ctrl 0x110, error 0x1203\n' * 20000)
            eventually(lambda name=name: os.stat(f'{folder}/{name}').st_blocks * 512 <= 4 << 20, f'{name} was cut')
            eventually(lambda name=name: 'too large' in read_text(f'{folder}/{name}'), f'{name} says that something is gone')
        expect_it_works(session, inside, 2)


def test_stopped_machine_does_not_stop_the_session():
    """QEMU hangs, as in a slow disk: the session and other guests are as quick as ever."""
    with Session({'one': guest('one'), 'two': guest('two')}) as session:
        other, other_picture = start(session, 'two')
        before = session.pids('qemu-system')
        inside, _ = start(session, 'one')
        machine = only([pid for pid in session.pids('qemu-system') if pid not in before], 'QEMU')
        os.kill(machine, signal.SIGSTOP)
        try:
            for _ in range(3):
                session.hand.type('hello')
                session.hand.move_by(3, 3)
            session.hand.press('super', '2')
            session.expect_picture(lambda: other_picture, 'the other guest', timeout=2)
            session.hand.press('super', '1')
            session.screenshot()
        finally:
            os.kill(machine, signal.SIGCONT)
        eventually(lambda: session.guest('one')['focused'], 'the guest has the focus')
        events(inside, 'keyboard', 500)
        expect_it_works(session, inside, 4)


def test_stopped_bridge_does_not_stop_the_session():
    with Session({'one': guest('one'), 'two': guest('two')}) as session:
        other, other_picture = start(session, 'two')
        before = session.bridges()
        inside, _ = start(session, 'one')
        bridge = only([pid for pid in session.bridges() if pid not in before], 'bridge')
        os.kill(bridge, signal.SIGSTOP)
        try:
            for _ in range(200):
                session.hand.move_by(1, 0)
            session.hand.press('super', '2')
            session.expect_picture(lambda: other_picture, 'the other guest', timeout=2)
            began = time.monotonic()
            inside('pattern 1 3')  # its own machine draws on; nobody takes the picture
            inside('transfer 1')
            inside('flush 1')
            print(f'the machine stood still for {time.monotonic() - began:.1f} s')
            session.hand.press('super', '1')
        finally:
            os.kill(bridge, signal.SIGCONT)
        eventually(lambda: session.guest('one')['focused'], 'the guest has the focus')
        events(inside, 'keyboard', 500)
        expect_it_works(session, inside, 4)


def end_politely(session, inside, action):
    """What ends a session has the guest shut down, and takes nothing by force."""
    inside('acpi')
    action()
    inside('wait-button 10000')
    inside('poweroff')
    eventually(lambda: session.compositor.poll() is not None, 'the session has ended', 30)
    check_equal(session.compositor.returncode, 0, "the session's exit status")
    eventually(lambda: not session.pids('qemu-system') and not session.pids('phyllome-'), 'nothing is left of it')


def test_logout_powers_machines_off():
    with Session({'one': guest()}, supervised=True) as session:
        inside, _ = start(session)

        def log_out():
            with contextlib.suppress(WireError, BrokenPipeError):  # it may end before the keys are up again
                session.hand.press('super', 'shift', 'e')
        end_politely(session, inside, log_out)


def test_end_by_signal_powers_machines_off():
    with Session({'one': guest()}, supervised=True) as session:
        inside, _ = start(session)
        end_politely(session, inside, session.compositor.terminate)


def end_stopped(stop, again=False):
    """A guest that stands still is set going, and then has its button and its time like others."""
    with Session({'one': guest()}, supervised=True) as session:
        inside, _ = start(session)
        qmp = session.qmp('one')
        goes_on = lambda: qmp.call('query-status')['status'] == 'running'  # noqa: E731
        inside('acpi')
        stop(session, inside)
        session.wait_state('one', 'paused')
        session.compositor.terminate()
        eventually(goes_on, 'the guest goes on')
        if again:  # as when a disk has no space, and still has none
            qmp.call('stop')
            eventually(goes_on, 'the guest goes on once more')
        if stop is suspend:  # one that is woken is deaf for a while, and woken by "the button" as it sees it
            time.sleep(1)
            inside('wait-button 1000')
        inside('wait-button 10000')
        inside('poweroff')
        eventually(lambda: session.compositor.poll() is not None, 'the session has ended', 30)
        check('did not power down' not in read_text(session.guest_file('one', 'bridge.log')), 'the guest was cut off')


def pause(session, inside):
    session.call('ActOnGuest', name='one', action='pause')


def suspend(session, inside):
    inside('suspend')


def test_paused_machine_is_powered_off():
    end_stopped(pause)


def test_machine_that_stops_again_is_powered_off():
    end_stopped(pause, again=True)


def test_sleeping_machine_is_powered_off():
    end_stopped(suspend)


def test_shutdown_powers_machines_off():
    """All that is of the login gets SIGTERM and then SIGHUP, as when its scope is stopped, and again: a greeter ends."""
    with Session({'one': guest()}, supervised=True) as session:
        inside, _ = start(session)
        machine = only(session.pids('qemu-system'), 'QEMU')

        def shut_down():
            for number in (signal.SIGTERM, signal.SIGHUP):
                for pid in session.pids(''):
                    os.kill(pid, number)
            eventually(lambda: not session.pids('phyllome-compositor'), 'the compositor has ended')
            check(session.bridges(), 'the bridge has ended before its guest')
            os.kill(session.compositor.pid, signal.SIGTERM)
            time.sleep(2)  # for whoever would take that for a second wish
            check_equal(session.pids('qemu-system'), [machine], 'QEMU, while its guest has time')
        end_politely(session, inside, shut_down)


def test_machine_without_a_bridge_ends_with_the_session():
    """It cannot be told to power off any more, but its disks are to be in order."""
    with Session({'one': guest()}, supervised=True) as session:
        inside, _ = start(session)
        compositor = only(session.pids('phyllome-compositor'), 'compositor')
        os.kill(compositor, signal.SIGSTOP)  # or there would be a new one
        os.kill(only(session.bridges(), 'bridge'), signal.SIGKILL)
        session.compositor.terminate()
        os.kill(compositor, signal.SIGCONT)
        eventually(lambda: session.compositor.poll() is not None, 'the session has ended', 15)
        check('killing them' not in read_text(session.log), 'QEMU was not asked to end, but killed')


def test_supervisor_starts_the_compositor_again():
    with Session({'one': guest(), 'two': guest('two')}, supervised=True) as session:
        other, _ = start(session, 'two')
        inside, _ = start(session)
        first = only(session.pids('phyllome-compositor'), 'compositor')
        keep = session.opened.pop_all()
        with keep:
            os.kill(first, signal.SIGKILL)
            began = time.monotonic()
            eventually(lambda: session.pids('phyllome-compositor') not in ([], [first]), 'a new compositor')
            session.connect()
            eventually(lambda: session.guest('one')['shown'] and session.guest('one')['focused'],
                       'the guest that was shown is shown again')
            print(f'back after {time.monotonic() - began:.2f} s')
            eventually(lambda: session.guest('two')['state'] == 'running', 'guest two is running')
            expect_it_works(session, inside, 9)
            for machine in (inside, other):  # or the end of the session waits for them
                machine('poweroff')
            eventually(lambda: not session.pids('qemu-system'), 'the machines are off')


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
