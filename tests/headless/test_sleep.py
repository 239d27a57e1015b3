# SPDX-License-Identifier: MIT
"""Sleep and lock as logind asks for them, and idleness as session.scfg wants it."""

import contextlib
import os
import signal
import subprocess
import threading
import time

from fixture import Session, check, check_equal, die_with_parent, eventually, read_text
from test_lock import GREEN, GUESTS, RED, Locker, expect_guest, expect_no_guest, hung_locker, share, shown_guest, started
from test_protocol import Bridge

PAUSE, RESUME = 4, 5
RUNNING, PAUSED = 2, 3


class Logind:
    """The system bus with a logind that does what the test says."""

    def __init__(self, session):
        self.address = f'unix:path={session.dir}/system-bus'
        session.environment.update({'DBUS_SYSTEM_BUS_ADDRESS': self.address, 'XDG_SESSION_ID': 'test'})
        self.bus = subprocess.Popen(
            ['dbus-daemon', '--session', '--nofork', '--nopidfile', f'--address={self.address}'],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        eventually(lambda: os.path.exists(f'{session.dir}/system-bus'), 'the system bus')
        self.process = subprocess.Popen(
            [os.environ['PH_FAKE_LOGIND']], env=session.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, preexec_fn=die_with_parent)
        self.said = []
        threading.Thread(target=lambda: self.said.extend(line.strip() for line in self.process.stdout), daemon=True).start()
        self.wait('ready')

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def wait(self, line, timeout=10.0):
        eventually(lambda: line in self.said, f'logind is told: {line}', timeout)
        self.said.remove(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        for one in (self.process, self.bus):
            one.terminate()
            one.wait(10)


def write_config(session, text):
    os.makedirs(f'{session.dir}/config/phyllome', exist_ok=True)
    session.environment['XDG_CONFIG_HOME'] = f'{session.dir}/config'
    with open(f'{session.dir}/config/phyllome/session.scfg', 'w', encoding='utf-8') as file:
        file.write(text)


def actions(bridge, control):
    bridge.client.roundtrip()
    return [arguments[0] for arguments in control.named('action')]


def locker_config(session):
    """A locker that says that it was started, and waits."""
    path = f'{session.dir}/locker'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho "$@" >{session.dir}/locker-started\nexec sleep 1000\n')
    os.chmod(path, 0o700)
    return f'lock {{\n\tcommand {path} --quick\n}}\n'


def test_sleep_waits_for_the_lock_and_paused_guests():
    session = Session(GUESTS, bridges=False)
    write_config(session, locker_config(session))
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        session.hand.key(30, True)
        eventually(lambda: bridge.client.roundtrip() or control.named('key'), 'the guest has the key')
        logind.say('sleep')
        eventually(lambda: read_text(f'{session.dir}/locker-started') == '--quick\n', 'the locker is started')
        eventually(lambda: actions(bridge, control) == [PAUSE], 'the guest is to pause')
        check_equal([key[-2:] for key in control.named('key')], [(30, 1), (30, 0)], 'the keys of the guest')
        time.sleep(0.3)
        check('let go' not in logind.said, 'the computer sleeps before it is locked')
        locker = Locker(session)
        locker.locked()
        logind.wait('hint 1')
        time.sleep(0.3)
        check('let go' not in logind.said, 'the computer sleeps before the guest is paused')
        control.set_state(PAUSED, '')
        bridge.client.roundtrip()
        logind.wait('let go', timeout=2)
        logind.say('wake')
        logind.wait('inhibit sleep delay')
        eventually(lambda: actions(bridge, control) == [PAUSE, RESUME], 'the guest is to go on')
        control.set_state(RUNNING, '')
        check_equal(share(session.screenshot(), RED), 0, 'the part of the woken screen that is the guest')
        session.hand.key(30, False)
        locker.unlock()
        logind.wait('hint 0')
        locker.close()


def test_guest_that_a_person_paused_stays_so():
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\ton-sleep off\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        control.set_state(PAUSED, '')
        bridge.client.roundtrip()
        logind.say('sleep')
        logind.wait('let go', timeout=2)
        logind.say('wake')
        logind.wait('inhibit sleep delay')
        check_equal(actions(bridge, control), [], 'what the paused guest is told')
        check(not os.path.exists(f'{session.runtime}/phyllome/locked'), 'locked, although on-sleep is off')


def test_sleep_does_not_wait_for_ever():
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\ton-sleep off\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        logind.say('sleep')  # the guest never says that it is paused
        began = time.monotonic()
        logind.wait('let go', timeout=8)
        check(3 < time.monotonic() - began < 5.5, f'released after {time.monotonic() - began:.1f} s')


def sleeps_locked(config):
    """The computer sleeps locked although no locker does its work, and a person gets in again."""
    session = Session(GUESTS, bridges=False)
    write_config(session, config(session))
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        logind.say('sleep')
        eventually(lambda: actions(bridge, control) == [PAUSE], 'the guest is to pause', 60)
        control.set_state(PAUSED, '')
        bridge.client.roundtrip()
        logind.wait('let go', timeout=60)
        check('hint 1' in logind.said, 'the computer sleeps before it is locked')
        check(os.path.exists(f'{session.runtime}/phyllome/locked'), 'the computer sleeps unlocked')
        logind.say('wake')
        logind.wait('inhibit sleep delay', timeout=60)
        control.set_state(RUNNING, '')
        expect_no_guest(session, bridge, control, 'awake again')
        picture = session.screenshot()
        session.keep('locked', picture)
        check(picture.colors() > 2, 'nothing is said on the locked screen')
        yield session, bridge, control, logind


def test_sleep_locks_although_the_locker_never_does():
    for session, bridge, control, _ in sleeps_locked(hung_locker):
        session.hand.press('enter')
        eventually(lambda: started(session) == 2 or session.hand.press('enter'), 'the next locker', 60)
        locker = Locker(session)
        locker.locked()
        locker.cover(GREEN)
        eventually(lambda: share(session.screenshot(), GREEN) == 1, 'the locker', 60)
        locker.unlock()
        expect_guest(session, bridge, control)
        locker.close()


def test_sleep_locks_although_the_locker_ends_at_once():
    for session, bridge, control, logind in sleeps_locked(lambda session: hung_locker(session, 'exit 0')):
        logind.say('unlock')  # loginctl unlock-session, from another virtual terminal
        expect_guest(session, bridge, control)


def test_sleep_locks_although_there_is_no_locker():
    for session, bridge, control, logind in sleeps_locked(lambda _: 'lock {\n\tcommand /nowhere/locker\n}\n'):
        check('loginctl unlock-session test' in read_text(session.log), 'not a word about the way back')
        logind.say('unlock')
        expect_guest(session, bridge, control)


def test_lock_before_sleep_makes_no_later_one_certain():
    """What sleep demands is over when the session is unlocked: a person who asks for a missing locker is told so."""
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\tcommand /nowhere/locker\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        logind.say('sleep')
        eventually(lambda: os.path.exists(f'{session.runtime}/phyllome/locked'), 'the session is locked', 60)
        logind.wait('let go', timeout=60)  # the guest did not pause: all the time that there is was waited for
        logind.say('wake')
        logind.say('unlock')
        eventually(lambda: not os.path.exists(f'{session.runtime}/phyllome/locked'), 'the session is unlocked', 60)
        session.hand.press('super', 'l')
        eventually(lambda: 'the session is NOT locked' in read_text(session.log), 'it is said that it is not locked')
        expect_guest(session, bridge, control)


def test_loginctl_does_not_unlock_what_a_locker_holds():
    session = Session(GUESTS, bridges=False)
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        locker = Locker(session)
        locker.locked()
        logind.say('unlock')
        logind.say('sleep')
        eventually(lambda: 'goes to sleep' in read_text(session.log), 'what follows has been read', 60)
        expect_no_guest(session, bridge, control, 'after loginctl unlock-session')
        locker.unlock()
        locker.close()


def test_loginctl_unlocks_although_a_locker_is_still_starting():
    """That one does not lock the session again, and nothing is said of it."""
    session = Session(GUESTS, bridges=False)
    write_config(session, hung_locker(session, f'echo $$ >{session.dir}/pid; exec sleep 1000'))
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        locker = Locker(session)
        locker.locked()
        locker.close()
        eventually(lambda: 'has ended' in read_text(session.log), 'it is said that it has ended', 60)
        session.hand.press('enter')
        eventually(lambda: os.path.exists(f'{session.dir}/pid') and read_text(f'{session.dir}/pid'), 'Enter starts a locker', 60)
        hung = int(read_text(f'{session.dir}/pid'))
        logind.say('unlock')
        expect_guest(session, bridge, control)
        eventually(lambda: not os.path.exists(f'/proc/{hung}'), 'the locker is not waited for', 60)
        time.sleep(8.5)  # its time
        check('NOT locked' not in read_text(session.log), 'it is said that a person who unlocked it has not locked it')


def test_no_guest_has_the_input_before_sleep():
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\ton-sleep off\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        logind.say('sleep')
        eventually(lambda: actions(bridge, control) == [PAUSE], 'the guest is to pause', 60)
        control.set_state(PAUSED, '')  # which arranges everything anew
        bridge.client.roundtrip()
        check(not session.guest('one')['focused'], 'the guest has the input again before the computer sleeps')
        # Its picture is still there; on the first screen, which nobody sees, this would end its machine.
        session.hand.type('sk\n')
        check_equal(actions(bridge, control), [PAUSE], 'what the guest is told by keys that nobody has')
        logind.wait('let go', timeout=60)
        logind.say('wake')
        control.set_state(RUNNING, '')
        eventually(lambda: session.guest('one')['focused'], 'awake, it has the input', 60)


def test_logind_that_was_restarted_while_the_computer_slept():
    """Nobody says then that the computer is awake; the next sleep is one nevertheless."""
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\ton-sleep off\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        logind.wait('inhibit sleep delay')
        for turn in range(2):
            logind.say('sleep')
            eventually(lambda: actions(bridge, control) == [PAUSE, RESUME] * turn + [PAUSE], 'the guest is to pause', 60)
            control.set_state(PAUSED, '')
            bridge.client.roundtrip()
            logind.wait('let go', timeout=60)
            logind.say('restart')
            eventually(lambda: actions(bridge, control) == [PAUSE, RESUME] * (turn + 1), 'the guest is to go on', 60)
            control.set_state(RUNNING, '')
            logind.wait('inhibit sleep delay', timeout=60)


def die_asleep(before):
    """Before it wakes up, and after: its guests go on, and those that a person paused do not."""
    session = Session(GUESTS, bridges=False, supervised=True)
    write_config(session, 'lock {\n\ton-sleep off\n}\n')
    with Logind(session) as logind, session, shown_guest(session) as (bridge, control):
        other = Bridge(session, 'two')
        other_control = other.control()
        other_control.set_state(RUNNING, '')
        other_control.set_state(PAUSED, '')
        other.client.roundtrip()
        logind.wait('inhibit sleep delay', timeout=60)
        logind.say('sleep')
        eventually(lambda: actions(bridge, control) == [PAUSE], 'the guest is to pause', 60)
        control.set_state(PAUSED, '')
        bridge.client.roundtrip()
        logind.wait('let go', timeout=60)
        first = session.pids('phyllome-compositor')
        with session.opened.pop_all():
            os.kill(first[0], signal.SIGKILL)
            eventually(lambda: session.pids('phyllome-compositor') not in ([], first), 'a new compositor', 60)
            if not before:
                logind.say('wake')
            session.connect()
        again, other = Bridge(session), Bridge(session, 'two')
        again_control, other_control = again.control(), other.control()
        for one, its_control in ((again, again_control), (other, other_control)):
            its_control.set_state(PAUSED, '')
            one.client.roundtrip()
        if before:
            time.sleep(0.3)
            check_equal(actions(again, again_control), [], 'what the guest is told while the computer sleeps')
            logind.say('wake')
        eventually(lambda: actions(again, again_control) == [RESUME], 'the guest is to go on', 60)
        check_equal(actions(other, other_control), [], 'what the guest is told that a person paused')
        check(not os.path.exists(f'{session.runtime}/phyllome/asleep'), 'the file of the sleep is left')
        for one in (again, other):
            one.client.close()


def test_compositor_that_dies_while_the_computer_sleeps():
    die_asleep(True)


def test_compositor_that_dies_as_the_computer_wakes_up():
    die_asleep(False)


def test_loginctl_locks():
    session = Session(GUESTS, bridges=False)
    write_config(session, locker_config(session))
    with Logind(session) as logind, session:
        logind.wait('inhibit sleep delay')
        logind.say('lock')
        eventually(lambda: os.path.exists(f'{session.dir}/locker-started'), 'the locker is started')


def test_logind_goes_away():
    session = Session(GUESTS, bridges=False)
    with contextlib.ExitStack() as stack:
        logind = stack.enter_context(Logind(session))
        stack.enter_context(session)
        logind.wait('inhibit sleep delay')
        logind.bus.kill()
        eventually(lambda: 'system bus is gone' in read_text(session.log), 'a line about the bus')
        check(session.screenshot().size == session.size, 'the session is unharmed')


def test_screens_come_back_when_the_computer_wakes_up():
    """That idleness had switched off. Which key or lid has woken it up, nobody tells the session."""
    session = Session(GUESTS, bridges=False)
    write_config(session, 'lock {\n\ton-sleep off\n}\nidle {\n\tscreen-off 1\n}\n')
    with Logind(session) as logind, session:
        logind.wait('inhibit sleep delay')
        eventually(lambda: 'idle: screens off' in read_text(session.log), 'the screens are off', 60)
        logind.say('sleep')
        logind.wait('let go', timeout=60)
        check('idle: screens on' not in read_text(session.log), 'they come back to go to sleep')
        logind.say('wake')
        eventually(lambda: 'idle: screens on' in read_text(session.log), 'they are on again', 60)


def test_screens_stay_off_when_a_tool_sets_them():
    """Monitors that are switched off come and go by themselves, and kanshi sets each that comes."""
    session = Session(GUESTS, bridges=False, outputs=2)
    write_config(session, 'idle {\n\tscreen-off 2\n}\n')
    with session, shown_guest(session) as (bridge, _):
        def seen():
            bridge.client.roundtrip()
            told = bridge.head_object.last('configure')
            return told is None or told[-1]
        eventually(lambda: not seen(), 'the screen is off', 60)
        session.hand.resize_output(1000, 700)
        eventually(lambda: session.outputs()[0]['width'] == 1000, 'it is set')
        check(not seen(), 'the screen is on although nobody is here')
        session.hand.move_by(1, 1)
        eventually(seen, 'the screen is on', 60)


def test_idle_locks_and_switches_the_screen_off():
    session = Session(GUESTS, bridges=False)
    write_config(session, locker_config(session) + 'idle {\n\tlock 6\n\tscreen-off 3\n}\n')
    with session, shown_guest(session) as (bridge, _):
        def seen():
            bridge.client.roundtrip()
            told = bridge.head_object.last('configure')
            return told is None or told[-1]
        eventually(lambda: not seen(), 'the screen is off', 60)
        session.hand.move_by(1, 1)
        eventually(seen, 'the screen is on', 60)
        began = time.monotonic()
        session.hand.press('a')
        eventually(lambda: os.path.exists(f'{session.dir}/locker-started'), 'the locker is started', 60)
        check(time.monotonic() - began > 5.5, f'locked after {time.monotonic() - began:.1f} s of 6')
        # That locker never locks; there is nobody to be told.
        eventually(lambda: os.path.exists(f'{session.runtime}/phyllome/locked'), 'the session is locked', 60)
