# SPDX-License-Identifier: MIT
"""What the keyboard does to real guests, and what session.scfg says about it."""

import contextlib
import os
import signal
import subprocess
import time

from fixture import Session, check, check_equal, die_with_parent, eventually, read_text
from run import Skip, limit
from test_lock import Locker
from test_exact import MOUSE, events, expect_events, guest, present
from wire import WireError

F12, TAB, ESC, DEL, GRAVE, VOLUME_UP, SLEEP, POWER = 88, 15, 1, 111, 41, 115, 142, 116
SUPER, CTRL, ALT, SHIFT = 125, 29, 56, 42
FAKE_LOGIND = os.environ.get('PH_FAKE_LOGIND', '')


def configured(text, guests=None, **more):
    """A session with that session.scfg, not yet started."""
    session = Session(guests, **more)
    configure(session, text)
    return session


def configure(session, text):
    folder = f'{session.dir}/.config/phyllome'
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/session.scfg', 'w', encoding='utf-8') as file:
        file.write(text)


@contextlib.contextmanager
def typing(text='', guests=('one',)):
    """A session with machines whose keyboards have drivers; gives session and the guests' insides."""
    with configured(text, {name: guest(name) for name in guests}) as session:
        inside = {}
        for name in guests:
            session.start_guest(name)
            inside[name] = session.qtest(name)
            inside[name]('up keyboard')
        session.show_guest(guests[0])
        eventually(lambda: session.guest(guests[0])['focused'], 'the first guest has the input')
        # Only now does QEMU know where keys go: wait for the first one.
        session.hand.press('a')
        expect_events(inside[guests[0]], 'keyboard', pair(30), 'the first key')
        yield session, inside


def pair(code):
    return [(1, code, 1), (1, code, 0)]


def chord(*codes):
    return [(1, code, 1) for code in codes] + [(1, code, 0) for code in reversed(codes)]


def log_has(session, part):
    return part in read_text(session.log)


def wait_log(session, part):
    eventually(lambda: log_has(session, part), f'the log says "{part}"')


# --- chords

def test_chords_of_ours_reach_no_guest():
    with typing() as (session, inside):
        for keys in (('super', '9'), ('super', 'ctrl', '8'), ('ctrl', 'super', '8'), ('super', 'shift', 'left'),
                     ('super', 'tab'), ('super', 'shift', TAB), ('super', 'up'), (VOLUME_UP,), (POWER,)):
            session.hand.press(*keys)
        got = events(inside['one'], 'keyboard', 300)
        # Ctrl that was pressed before Super was the guest's already.
        check_equal(got, pair(CTRL), 'what the guest got of them')
        session.hand.press('super', 'k')
        expect_events(inside['one'], 'keyboard', chord(SUPER, 37), 'a chord that is not ours')


def test_send_from_the_keyboard():
    with typing() as (session, inside):
        session.hand.press('super', 'del')
        expect_events(inside['one'], 'keyboard', chord(CTRL, ALT, DEL), 'Ctrl+Alt+Delete')
        session.hand.press('super', 'ctrl', 'alt', 'f2')
        expect_events(inside['one'], 'keyboard', chord(CTRL, ALT, 60), 'Ctrl+Alt+F2')
        check_equal(events(inside['one'], 'keyboard', 200), [], 'what follows')


def test_switch_with_keys_held():
    with typing(guests=('one', 'two')) as (session, inside):
        hand = session.hand
        hand.key(30, True)
        hand.key(SUPER, True)
        hand.press('2')
        eventually(lambda: session.guest('two')['focused'], 'Super+2 shows guest two')
        hand.press('k')  # Super is still held: it is no one's
        hand.key(SUPER, False)
        hand.key(30, False)
        hand.press('b')
        expect_events(inside['one'], 'keyboard', pair(30), 'what the first guest got')
        expect_events(inside['two'], 'keyboard', pair(48), 'what the second guest got')
        hand.press('super', '1')
        eventually(lambda: session.guest('one')['focused'], 'Super+1 shows guest one')
        hand.press('c')
        expect_events(inside['one'], 'keyboard', pair(46), 'what the first guest got then')
        check_equal(events(inside['two'], 'keyboard', 200), [], 'what the second guest got then')


def test_grab_and_release():
    with typing('release F12 600\n') as (session, inside):
        hand, one = session.hand, inside['one']
        hand.press('super', 'esc')
        check_equal(events(one, 'keyboard', 200), [], 'what the guest got of the chord')
        hand.press('super', '2')
        expect_events(one, 'keyboard', chord(SUPER, 3), 'a chord of ours in a grab')
        hand.press('super', 'esc', hold=0.1)
        expect_events(one, 'keyboard', chord(SUPER, ESC), 'the chord, not held')
        hand.key(SUPER, True)
        hand.key(ESC, True)
        expect_events(one, 'keyboard', [(1, SUPER, 1), (1, ESC, 1)], 'the chord, held')
        wait_log(session, 'The session has its keys again')
        got = sorted(events(one, 'keyboard', count=2))
        check_equal(got, [(1, ESC, 0), (1, SUPER, 0)], 'what the release gives back')
        hand.key(ESC, False)
        hand.key(SUPER, False)
        hand.press('super', '9')
        check_equal(events(one, 'keyboard', 300), [], 'what the guest gets after it')
        # With one hand
        hand.press('super', 'esc')
        hand.press(F12, hold=0.2)
        expect_events(one, 'keyboard', pair(F12), 'the key of one hand, not held')
        hand.key(F12, True)
        expect_events(one, 'keyboard', pair(F12), 'the key of one hand, held')
        hand.key(F12, False)
        hand.press('super', '9')
        check_equal(events(one, 'keyboard', 300), [], 'what the guest gets after that')


def test_captured_pointer_is_taken_back():
    with configured('release F12 600\n', {'one': guest('one', more=MOUSE, pointer='relative')}) as session:
        session.start_guest('one')
        inside, hand = session.qtest('one'), session.hand
        inside('up all')
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', session.qmp('one'))
        eventually(lambda: session.guest('one')['focused'], 'the guest has the input')

        def motion():
            hand.move_by(5, 7)
            return sorted(events(inside, 'mouse', 300))

        eventually(lambda: motion() == [(2, 0, 5), (2, 1, 7)], 'the guest has captured the pointer')
        hand.key(F12, True)
        wait_log(session, 'notice: The pointer is free. A click on the guest gives it back.')
        check(not log_has(session, 'has its keys again'), 'it is said that the session has its keys, which nobody had taken')
        hand.key(F12, False)
        check_equal(motion(), [], 'what the guest gets of a pointer that was taken back')
        hand.move_to(640, 360, 1280, 720)
        hand.click()
        events(inside, 'mouse', 300)
        check_equal(motion(), [(2, 0, 5), (2, 1, 7)], 'motion after a click')


def test_capture_is_told():
    """Once for each guest, when its pointer is used; the strip says it as long as it is so."""
    guests = {name: guest(name, more=MOUSE, pointer='relative') for name in ('one', 'two')}
    with configured('release F12 600\n', guests) as session:
        hand, inside = session.hand, {}
        for name in guests:
            session.start_guest(name)
            inside[name] = session.qtest(name)
            inside[name]('up all')
            present(inside[name], 1, 1280, 720, 1)

        def told(name):
            return read_text(session.log).count(
                f'notice: The pointer is in {name} now. To have it back, hold F12 for 0.6 seconds')

        def use(name):
            session.show_guest(name)
            eventually(lambda: session.guest(name)['focused'], f'guest {name} has the input')

            def arrives():
                hand.move_by(5, 7)
                return events(inside[name], 'mouse', 300)
            eventually(arrives, f'the motion is in {name}')

        session.show_guest('one')
        qmp = session.qmp('one')
        session.expect_same_picture('one', qmp)
        check_equal(told('one'), 0, 'what is said before the pointer is used')
        use('one')
        check_equal(told('one'), 1, 'what is said of the first guest')
        shown, bare = session.screenshot(), session.machine_picture(qmp)
        session.keep('capture', shown)
        check(shown.pixel(640, 40) != bare.pixel(640, 40), 'the notice is on the screen')
        check(shown.pixel(640, 400) == bare.pixel(640, 400), 'so is the guest')
        use('two')
        check_equal(told('two'), 1, 'what is said of the second guest')
        use('one')
        use('two')
        check_equal((told('one'), told('two')), (1, 1), 'what is said when both are known')
        hand.key(SUPER, True)
        time.sleep(1)
        session.keep('strip', session.screenshot())
        hand.key(SUPER, False)
        # Both at once, and the pointer alone again
        hand.press('super', 'esc')
        wait_log(session, 'notice: Every key and the pointer go to two. To have them back, hold Super+Esc '
                          'for a second, or F12 for 0.6 seconds')
        session.keep('grab', session.screenshot())
        use('two')
        check_equal((told('one'), told('two')), (1, 1), 'what is said in a grab')


def test_tap_after_a_look_at_the_strip():
    with typing('strip {\n\tdelay 100\n}\n') as (session, inside):
        session.hand.press('super', hold=0.6)
        check_equal(events(inside['one'], 'keyboard', 200), [], 'what the guest got of a look')
        session.hand.press('super')
        expect_events(inside['one'], 'keyboard', pair(SUPER), 'a tap')


def test_sticky_keys_of_a_guest():
    """A guest whose system lets people press keys one after the other counts taps and their pauses itself: it gets them as they are."""
    with typing() as (session, inside):
        hand, one = session.hand, inside['one']
        for _ in range(5):
            hand.press('shift', hold=0.05)
            time.sleep(0.1)
        expect_events(one, 'keyboard', 5 * pair(SHIFT), 'five taps of Shift')
        for keys in (('shift', 'a'), ('ctrl', 'alt', 'del'), ('super', 'a'), ('shift', 'shift', 'a', 'b')):
            for key in keys:
                hand.press(key)
                time.sleep(0.05)
            codes = [{'shift': SHIFT, 'ctrl': CTRL, 'alt': ALT, 'del': DEL, 'super': SUPER, 'a': 30, 'b': 48}[key] for key in keys]
            expect_events(one, 'keyboard', [event for code in codes for event in pair(code)], f'one after the other: {" ".join(keys)}')
        hand.key(SHIFT, True)
        time.sleep(1.2)  # long enough that a keyboard's repeat would have begun
        hand.key(SHIFT, False)
        expect_events(one, 'keyboard', pair(SHIFT), 'one that is held')
        check_equal(events(one, 'keyboard', 200), [], 'what follows')


# --- session.scfg

def test_host_keys_of_a_guest():
    text = 'bind VolumeUp show 2\nguest one {\n\thost-keys {\n\t\tvolume guest\n\t}\n}\n'
    with typing(text, guests=('one', 'two')) as (session, inside):
        session.hand.press(VOLUME_UP)
        expect_events(inside['one'], 'keyboard', pair(VOLUME_UP), 'the guest whose key it is')
        session.hand.press(POWER)
        session.hand.press('super', '2')
        eventually(lambda: session.guest('two')['focused'], 'the other guest')
        session.hand.press(VOLUME_UP)
        check_equal(events(inside['two'], 'keyboard', 300), [], 'the guest whose key it is not')
        check_equal(events(inside['one'], 'keyboard', 100), [], 'the guest that is hidden')


def test_letters_follow_the_layout():
    """On a French keyboard the letter Q is where A is on a US one."""
    text = 'input keyboard {\n\tlayout fr\n}\nbind Super+Q run touch @dir@/q\nbind Super+5 run touch @dir@/5\n'
    with typing() as (session, inside):
        configure(session, text.replace('@dir@', session.dir))
        session.compositor.send_signal(signal.SIGHUP)
        wait_log(session, 'config: /')
        session.hand.press('super', 'q')
        expect_events(inside['one'], 'keyboard', chord(SUPER, 16), 'A of a French keyboard')
        session.hand.press('super', 'a')
        eventually(lambda: os.path.exists(f'{session.dir}/q'), 'Q of a French keyboard is bound')
        session.hand.press('super', '5')
        eventually(lambda: os.path.exists(f'{session.dir}/5'), '5 is bound without Shift')
        check_equal(events(inside['one'], 'keyboard', 200), [], 'what the guest got of it')


def test_reload_is_whole_or_not_at_all():
    with configured('bind Super+T run touch first\n') as session:
        def makes(name):
            session.hand.press('super', 't')
            eventually(lambda: os.path.exists(f'{session.dir}/{name}'), f'Super+T makes {name}')
            os.remove(f'{session.dir}/{name}')

        makes('first')
        configure(session, 'bind Super+T run touch second\n\nbind Super+Y fly away\n')
        session.hand.press('super', 'shift', 'r')
        wait_log(session, "session.scfg:3: bind: 'fly' is no command, expected one of: show, ")
        wait_log(session, 'everything stays as it was')
        makes('first')
        configure(session, 'input keyboard {\n\tlayout atlantis\n}\n')
        session.hand.press('super', 'shift', 'r')
        wait_log(session, "session.scfg:1: input keyboard: there is no keymap with layout 'atlantis'")
        makes('first')
        configure(session, 'bind Super+T run touch third\n')
        session.hand.press('super', 'shift', 'r')
        eventually(lambda: log_has(session, '.config/phyllome/session.scfg\n'), 'the file is read')
        makes('third')
        os.remove(f'{session.dir}/.config/phyllome/session.scfg')
        session.compositor.send_signal(signal.SIGHUP)
        wait_log(session, 'no file, all defaults')


def test_wrong_file_at_start():
    """The session comes up with the defaults, and says what is wrong."""
    with configured('focus hover\n') as session:
        check(log_has(session, "session.scfg:1: focus: unknown value 'hover'"), 'the log names the line')
        with contextlib.suppress(WireError):  # it ends while the keys are still down
            session.hand.press('super', 'shift', 'e')
        eventually(lambda: session.compositor.poll() is not None, 'the default chord ends the session')


def test_file_of_the_command_line():
    session = Session()
    session.command += ['--config', f'{session.dir}/mine.scfg']
    with open(f'{session.dir}/mine.scfg', 'w', encoding='utf-8') as file:
        file.write('bind Super+T run touch mine\n')
    with session:
        session.hand.press('super', 't')
        eventually(lambda: os.path.exists(f'{session.dir}/mine'), 'its chord')


def test_programs_are_run_without_a_shell():
    text = 'bind Super+T run touch "a b;c" $HOME\nbind Super+Y run no-such-program\nbind Super+U run false\n'
    with configured(text) as session:
        session.hand.press('super', 't')
        eventually(lambda: os.path.exists(f'{session.dir}/a b;c'), 'the words are those of the file')
        check(os.path.exists(f'{session.dir}/$HOME'), 'no shell is between')
        session.hand.press('super', 'y')
        wait_log(session, 'no-such-program')
        session.hand.press('super', 'u')
        wait_log(session, 'run: false ended with status 1')
        check_equal(len([line for line in read_text(session.log).splitlines() if 'no-such-program' in line and 'notice:' not in line]), 1,
                    'lines about the missing program')


def test_volume_is_the_hosts_also_while_locked():
    """By the defaults: real key, real process, with a wpctl that notes its words."""
    with configured('bind Super+T run touch there\n') as session:
        folder = f'{session.dir}/bin'
        os.mkdir(folder)
        for name in ('wpctl', 'playerctl'):
            with open(f'{folder}/{name}', 'w', encoding='utf-8') as file:
                file.write(f'#!/bin/sh\necho {name} "$@" >>{session.dir}/said\n')
            os.chmod(file.name, 0o700)
        session.stop()
        session.environment['PATH'] = f'{folder}:{session.environment["PATH"]}'
        session.start()

        def said():
            with contextlib.suppress(FileNotFoundError):
                return read_text(f'{session.dir}/said').splitlines()
            return []
        wanted = []
        for lock in (None, Locker):
            locker = lock and lock(session)
            if locker:
                locker.locked()
            for code, line in ((VOLUME_UP, 'wpctl set-volume -l 1.0 @DEFAULT_AUDIO_SINK@ 5%+'),
                               (113, 'wpctl set-mute @DEFAULT_AUDIO_SINK@ toggle'), (164, 'playerctl play-pause')):
                session.hand.press(code)
                wanted.append(line)
                eventually(lambda: said() == wanted, f'{wanted[-1]}, while {"locked" if locker else "not locked"}')
        session.hand.press('super', 't')
        session.hand.press(VOLUME_UP)
        wanted.append('wpctl set-volume -l 1.0 @DEFAULT_AUDIO_SINK@ 5%+')
        eventually(lambda: said() == wanted, 'the key after a chord')
        check(not os.path.exists(f'{session.dir}/there'), 'a chord runs a program while locked')
        locker.unlock()
        locker.close()


def test_outputs_as_configured():
    text = 'output HEADLESS-1 {\n\tmode 1024x768\n\tscale 2\n\tposition 500 0\n}\noutput HEADLESS-2 {\n\toff\n}\n'
    with configured(text, outputs=2, size=(1024, 768)) as session:
        def output(number):
            return next(one for one in session.outputs() if one['name'] == f'HEADLESS-{number}')

        one = output(1)
        check_equal((one['width'], one['height'], one['scale']), (1024, 768, 2), 'the first output')
        check_equal(output(2)['frames'], 0, 'the frames of an output that is off')
        configure(session, 'output HEADLESS-1 {\n\tmode 800x600\n}\n')
        session.compositor.send_signal(signal.SIGHUP)
        eventually(lambda: output(1)['width'] == 800, 'the first output has its new mode')
        eventually(lambda: output(2)['frames'] > 0, 'the second output is on again')


def test_idle_locks_and_switches_off():
    text = 'idle {\n\tlock 2\n\tscreen-off 3\n}\nlock {\n\tcommand touch "is locked"\n}\n'
    with configured('') as session:
        configure(session, text)
        session.hand.press('a')
        session.compositor.send_signal(signal.SIGHUP)
        for _ in range(8):
            session.hand.press('a')
            time.sleep(0.4)
        check(not os.path.exists(f'{session.dir}/is locked'), 'it locks while somebody types')
        eventually(lambda: os.path.exists(f'{session.dir}/is locked'), 'it locks')
        wait_log(session, 'idle: screens off')
        check(not log_has(session, 'idle: screens on'), 'they come back by themselves')
        session.hand.press('a')
        wait_log(session, 'idle: screens on')
        eventually(lambda: read_text(session.log).count('idle: screens off') == 2, 'they are switched off again')
        configure(session, '')
        session.compositor.send_signal(signal.SIGHUP)
        session.hand.press('a')
        eventually(lambda: read_text(session.log).count('idle: screens on') == 2, 'they come back again')
        time.sleep(3.5)
        check_equal(read_text(session.log).count('idle: screens off'), 2, 'times after it is no longer wanted')


# --- logind

@contextlib.contextmanager
def logind():
    """A system bus of the test's own with a logind; gives its address, a teller and what it said."""
    if not FAKE_LOGIND:
        raise Skip('fake-logind was not built')
    folder = os.environ['PH_TEST_DIR']
    address = f'unix:path={folder}/system-bus'
    config = f'{folder}/bus.conf'
    with open(config, 'w', encoding='utf-8') as file:
        file.write('<busconfig><type>session</type><listen>' + address + '</listen><policy context="default">'
                   '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>'
                   '</policy></busconfig>')
    bus = subprocess.Popen(['dbus-daemon', '--nofork', f'--config-file={config}'], preexec_fn=die_with_parent)
    try:
        eventually(lambda: os.path.exists(f'{folder}/system-bus'), 'the bus is there')
        said_path = f'{folder}/logind.said'
        with open(said_path, 'w', encoding='utf-8') as said:
            fake = subprocess.Popen([FAKE_LOGIND], stdin=subprocess.PIPE, stdout=said, text=True, bufsize=1,
                                    env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': address}, preexec_fn=die_with_parent)
        try:
            eventually(lambda: 'ready' in read_text(said_path), 'logind is ready')
            yield address, lambda line: fake.stdin.write(line + '\n'), lambda: read_text(said_path).splitlines()
        finally:
            fake.stdin.close()
            fake.wait(10)
    finally:
        bus.terminate()
        bus.wait(10)


def test_sleep_key_is_loginds():
    with logind() as (address, tell, said):
        session = configured('bind Super+F12 suspend\n')
        session.environment['DBUS_SYSTEM_BUS_ADDRESS'] = address
        with session:
            session.hand.press(SLEEP)
            eventually(lambda: 'asked for HandleSuspendKey' in said(), 'logind is asked about the key')
            time.sleep(0.2)
            check('suspend' not in said(), 'the session suspends although logind does')
            tell('key ignore')
            eventually(lambda: 'done' in said(), 'logind leaves the key alone')
            session.hand.press(SLEEP)
            eventually(lambda: said().count('suspend') == 1, 'the key suspends')
            session.hand.press('super', F12)
            eventually(lambda: said().count('suspend') == 2, 'so does the command')


@limit(90)
def test_sleep_waits_for_the_lock():
    with logind() as (address, tell, said):
        session = configured('')
        session.environment.update(DBUS_SYSTEM_BUS_ADDRESS=address, PHYLLOME_LOCKER='false')
        with session:
            eventually(lambda: 'inhibit sleep delay' in said(), 'sleep is delayed')
            tell('sleep')
            wait_log(session, 'the computer goes to sleep')
            wait_log(session, 'the session is locked without it')  # that locker fails
            eventually(lambda: 'let go' in said(), 'sleep is delayed no longer')
            tell('wake')
            eventually(lambda: said().count('inhibit sleep delay') == 2, 'it is delayed the next time')
            configure(session, 'lock {\n\ton-sleep off\n}\n')
            session.compositor.send_signal(signal.SIGHUP)
            wait_log(session, 'config: /')
            began = time.monotonic()
            tell('sleep')
            eventually(lambda: said().count('let go') == 2, 'without a lock nothing is waited for')
            check(time.monotonic() - began < 2, 'it took as long as with a lock')
            tell('wake')
            eventually(lambda: said().count('inhibit sleep delay') == 3, 'and once more')
