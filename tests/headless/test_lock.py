# SPDX-License-Identifier: MIT
"""The session lock, by lockers that behave, die, and come too late."""

import contextlib
import os
import signal
import time

import wire
from fixture import Session, check, check_equal, eventually, read_text
from hand import memory
from test_protocol import Bridge

GUESTS = {'one': 'memory 64M\n', 'two': 'memory 64M\n'}
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def number(color):
    return color[0] << 16 | color[1] << 8 | color[2]


class Locker:
    """A screen locker: a surface of one colour for each output, and the keys that it gets."""

    def __init__(self, session):
        self.client = wire.Display(session.wayland)
        self.compositor, self.shm = self.client.bind('wl_compositor', 4), self.client.bind('wl_shm')
        self.outputs = [self.client.registry.bind(one, 'wl_output', 4)
                        for one, name, _ in self.client.registry.named('global') if name == 'wl_output']
        self.keyboard = self.client.bind('wl_seat', 5).get_keyboard()
        self.manager = self.client.bind('ext_session_lock_manager_v1')
        self.client.roundtrip()
        self.lock = self.manager.lock()

    def cover(self, color):
        for output in self.outputs:
            surface = self.compositor.create_surface()
            lock_surface = self.lock.get_lock_surface(surface, output)
            serial, width, height = lock_surface.wait('configure')
            lock_surface.ack_configure(serial)
            fd = memory(width * height * 4)
            os.pwrite(fd, number(color).to_bytes(4, 'little') * (width * height), 0)
            buffer = self.shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1)
            os.close(fd)
            surface.attach(buffer, 0, 0)
            surface.damage_buffer(0, 0, width, height)
            surface.commit()
        self.client.roundtrip()

    def locked(self):
        self.lock.wait('locked')

    def unlock(self):
        self.lock.unlock_and_destroy()
        self.client.roundtrip()

    def close(self):
        self.client.close()


def share(picture, color):
    """Part of the picture's pixels that have that colour."""
    pixels = [picture.pixel(x, y) for x in range(4, picture.width, 16) for y in range(4, picture.height, 16)]
    return sum(pixel == color for pixel in pixels) / len(pixels)


@contextlib.contextmanager
def shown_guest(session):
    """A red guest, which has the input."""
    bridge = Bridge(session)
    control = bridge.control()
    control.set_state(2, '')
    bridge.head_object = bridge.head()
    bridge.show(*session.size, number(RED))
    session.show_guest('one')
    eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown')
    eventually(lambda: session.guest('one')['focused'], 'the guest has the input')
    try:
        yield bridge, control
    finally:
        bridge.client.close()


def keys_of(bridge, control):
    bridge.client.roundtrip()
    return control.named('key')


def expect_no_guest(session, bridge, control, text):
    """No pixel of the guest on any output, and no event for it."""
    keys_of(bridge, control)
    control.events.clear()
    for output in range(len(session.hand.outputs)):
        check_equal(share(session.screenshot(output), RED), 0, f'{text}: the part of output {output} that is the guest')
    session.hand.press('a')
    session.hand.press('super', '1')
    session.hand.press('super', 'h')
    session.hand.move_to(100, 100, *session.size)
    session.hand.click()
    session.hand.scroll(1)
    bridge.client.roundtrip()
    told = [name for name, _ in control.events if name not in ('frame', 'focus_out')]
    check_equal(told, [], f'{text}: what the guest is told')
    check(not session.guest('one')['focused'], f'{text}: the guest has the input')


def expect_guest(session, bridge, control):
    eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown again')
    eventually(lambda: session.guest('one')['focused'], 'the guest has the input again')
    control.events.clear()
    session.hand.press('a')
    check_equal([key[-2:] for key in keys_of(bridge, control)], [(30, 1), (30, 0)], 'the keys of the guest')


def test_locked_session_shows_and_tells_nothing_of_a_guest():
    with Session(GUESTS, bridges=False, outputs=2) as session, shown_guest(session) as (bridge, control):
        locker = Locker(session)
        locker.locked()
        expect_no_guest(session, bridge, control, 'before the locker has a surface')
        locker.cover(GREEN)
        for output in range(2):
            eventually(lambda output=output: share(session.screenshot(output), GREEN) == 1, f'the locker on output {output}')
        expect_no_guest(session, bridge, control, 'with the locker')
        locker.client.roundtrip()
        keys = [key[-2:] for key in locker.keyboard.named('key')]
        check((30, 1) in keys and (30, 0) in keys, f'the locker gets the keys: {keys}')
        check(os.path.exists(f'{session.runtime}/phyllome/locked'), 'the file for a compositor that is started again')
        locker.unlock()
        expect_guest(session, bridge, control)
        check(not os.path.exists(f'{session.runtime}/phyllome/locked'), 'the file of the lock is left')
        locker.close()


def test_keys_held_over_the_lock_are_let_go():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        session.hand.key(30, True)
        eventually(lambda: keys_of(bridge, control), 'the guest gets the key')
        locker = Locker(session)
        locker.locked()
        locker.cover(GREEN)
        check_equal([key[-2:] for key in keys_of(bridge, control)], [(30, 1), (30, 0)], 'the keys of the guest')
        session.hand.key(30, False)
        session.client.roundtrip()
        locker.client.roundtrip()
        check_equal(locker.keyboard.named('key'), [], 'keys of the time before the lock')
        session.hand.key(31, True)
        session.client.roundtrip()
        locker.unlock()
        eventually(lambda: session.guest('one')['focused'], 'the guest has the input again')
        control.events.clear()
        session.hand.key(31, False)
        session.client.roundtrip()
        check_equal(keys_of(bridge, control), [], 'keys of the time of the lock')
        locker.close()


def test_locker_that_dies_leaves_it_locked():
    with Session(GUESTS, bridges=False, outputs=2) as session, shown_guest(session) as (bridge, control):
        for covered in (False, True):
            locker = Locker(session)
            locker.locked()
            if covered:
                locker.cover(GREEN)
            locker.close()
            eventually(lambda: share(session.screenshot(), GREEN) == 0, 'the dead locker is gone')
            expect_no_guest(session, bridge, control, 'after the death of the locker')
        picture = session.screenshot()
        check(picture.colors() > 2, 'no line says how to go on')
        session.keep('locked', picture)
        late = Locker(session)
        late.locked()
        late.cover(BLUE)
        eventually(lambda: share(session.screenshot(), BLUE) == 1, 'the next locker')
        late.unlock()
        expect_guest(session, bridge, control)
        late.close()


def test_locker_that_cannot_be_started_is_said_on_the_screen():
    """A person who walks away must know; the log is not looked at then."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        for command in ('/nowhere/locker', '/bin/false'):
            session.write_config(f'lock {{\n\tcommand {command}\n}}\n')
            session.call('Reload')
            eventually(lambda: share(session.screenshot(), RED) == 1, 'nothing lies over the guest')
            session.hand.press('super', 'l')
            eventually(lambda: share(session.screenshot(), RED) < 1, f'{command}: a notice', 60)
            check('NOT locked' in read_text(session.log), f'{command}: not a word in the log')
            check(session.guest('one')['focused'], 'the guest has not got the input')
            eventually(lambda: share(session.screenshot(), RED) == 1, 'the notice goes', 60)


def hung_locker(session, last='exec sleep 1000'):
    """A locker that never locks; a line in a file says of each that it was started."""
    path = f'{session.dir}/locker'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho started >>{session.dir}/lockers\n{last}\n')
    os.chmod(path, 0o700)
    return f'lock {{\n\tcommand {path}\n}}\n'


def started(session):
    return len(read_text(f'{session.dir}/lockers').splitlines()) if os.path.exists(f'{session.dir}/lockers') else 0


def expect_complaint(last):
    """Super+L is no promise: whoever presses it and leaves must see that nothing came of it."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        session.write_config(hung_locker(session, last))
        session.call('Reload')
        eventually(lambda: share(session.screenshot(), RED) == 1, 'nothing lies over the guest', 60)
        session.hand.press('super', 'l')
        eventually(lambda: started(session) == 1, 'the locker is started', 60)
        eventually(lambda: share(session.screenshot(), RED) < 1, 'a notice', 60)
        check('has not locked the session' in read_text(session.log), 'not a word in the log')
        check(not os.path.exists(f'{session.runtime}/phyllome/locked'), 'locked, though only a person asked for it')
        session.hand.press('super', 'l')
        eventually(lambda: started(session) == 2, 'another locker is started', 60)


def test_locker_that_never_locks_is_said_on_the_screen():
    expect_complaint('exec sleep 1000')


def test_locker_that_ends_at_once_is_said_on_the_screen():
    expect_complaint('exit 0')


def test_enter_asks_again_although_the_locker_is_there():
    """Its window is gone; what started it is a script that waits."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        session.write_config(hung_locker(session))
        session.call('Reload')
        session.hand.press('super', 'l')
        eventually(lambda: started(session) == 1, 'the locker is started', 60)
        locker = Locker(session)
        locker.locked()
        locker.close()
        eventually(lambda: 'has ended' in read_text(session.log), 'it is said that it has ended', 60)
        session.hand.press('enter')
        eventually(lambda: started(session) == 2, 'Enter starts another locker')
        late = Locker(session)
        late.locked()
        late.unlock()
        expect_guest(session, bridge, control)
        late.close()


def test_locked_screen_has_the_theme():
    with Session(GUESTS, bridges=False) as session:
        session.write_config('lock {\n\tcommand /nowhere/locker\n}\n')
        session.call('Reload')
        locker = Locker(session)
        locker.locked()
        locker.close()
        eventually(lambda: session.screenshot().pixel(3, 3) == (0x14, 0x16, 0x1a), 'the ground of the dark theme', 60)
        died = session.screenshot()
        check(died.colors() > 2, 'nothing is said')
        session.hand.press('enter')
        eventually(lambda: session.screenshot() != died, 'why there is no locker', 60)
        # Whatever changes the theme: SIGHUP reaches a locked session, too.
        session.write_config('theme {\n\tscheme light\n\thigh-contrast on\n}\n')
        session.compositor.send_signal(signal.SIGHUP)
        eventually(lambda: session.screenshot().pixel(3, 3) == (255, 255, 255), 'the ground of the light one', 60)
        late = Locker(session)
        late.locked()
        late.unlock()
        late.close()


def test_second_locker_is_refused():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        first = Locker(session)
        first.locked()
        second = Locker(session)
        second.lock.wait('finished')
        check_equal(second.lock.named('locked'), [], 'what the second locker is told')
        second.lock.destroy()
        second.client.roundtrip()
        expect_no_guest(session, bridge, control, 'after the second locker')
        second.close()
        first.unlock()
        expect_guest(session, bridge, control)
        first.close()


def test_output_that_comes_while_locked_is_blank():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        locker = Locker(session)
        locker.locked()
        locker.cover(GREEN)
        session.resize(1000, 700)
        eventually(lambda: session.screenshot().size == (1000, 700), 'the new mode')
        check_equal(share(session.screenshot(), RED), 0, 'the part of the resized output that is the guest')
        expect_no_guest(session, bridge, control, 'after a change of the mode')
        locker.unlock()
        locker.close()


def test_locked_session_is_locked_after_its_compositor_died():
    session = Session(GUESTS, bridges=False, supervised=True)
    session.environment['PHYLLOME_LOCKER'] = '/nowhere/locker --now'
    with session, shown_guest(session):
        locker = Locker(session)
        locker.locked()
        locker.cover(GREEN)
        first = session.pids('phyllome-compositor')
        with session.opened.pop_all():
            os.kill(first[0], signal.SIGKILL)
            eventually(lambda: session.pids('phyllome-compositor') not in ([], first), 'a new compositor')
            session.connect()
        locker.close()
        bridge = Bridge(session)
        control = bridge.control()
        control.set_state(2, '')
        bridge.head()
        bridge.show(*session.size, number(RED))
        time.sleep(0.2)
        expect_no_guest(session, bridge, control, 'after the compositor died')
        check('cannot start /nowhere/locker' in read_text(session.log), 'not a word about the missing locker')
        late = Locker(session)
        late.locked()
        late.unlock()
        expect_guest(session, bridge, control)
        late.close()
        bridge.client.close()
