# SPDX-License-Identifier: MIT
"""Clicks and the wheel land where the pointer is, and the input goes where it goes."""

import contextlib
import time

from fixture import Session, check, check_equal, eventually, read_text
from hand import NAMED
from test_bars import ABSOLUTE, RELATIVE, desk, told
from test_hostile import Window
from test_lock import BLUE, GUESTS, RED, number, share, shown_guest
from test_protocol import Bridge

PRESS = ['motion_absolute', 'button', 'button']


def expect_at(bridge, control, names, x, y, what):
    """Demands these events, the first of them a position, that one."""
    found = told(bridge, control, 'motion_absolute', 'motion_relative', 'button', 'axis')
    check_equal([name for name, _ in found], names, what)
    if names[0] == 'motion_absolute':
        px, py = found[0][1][-2:]
        check(abs(px - x) < 1 and abs(py - y) < 1, f'{what}: at {px},{py}, want {x},{y}')


def test_click_without_a_motion_is_where_the_pointer_is():
    """After a switch by keys, and after a motion that was the strip's."""
    with desk() as (session, bridge, control):
        two = Bridge(session, 'two')
        other = two.control()
        other.set_state(2, '')
        other.set_pointer_mode(ABSOLUTE)
        two.head()
        two.show(*session.size, number(BLUE))
        session.hand.move_to(300, 200, *session.size)
        expect_at(bridge, control, ['motion_absolute'], 300.5, 200.5, 'a motion')
        session.hand.click()
        expect_at(bridge, control, ['button', 'button'], 0, 0, 'a click where the guest knows the pointer')
        for act, names in ((session.hand.click, PRESS), (lambda: session.hand.scroll(1), ['motion_absolute', 'axis'])):
            session.hand.press('super', '2')
            eventually(lambda: session.guest('two')['focused'], 'the second guest has the input')
            act()
            expect_at(two, other, names, 300.5, 200.5, 'the first thing that the second guest is told')
            act()
            expect_at(two, other, names[1:], 0, 0, 'what it is told then')
            session.hand.press('super', '1')
            eventually(lambda: session.guest('one')['focused'], 'the first guest has the input')
        told(bridge, control)
        session.hand.click()
        told(bridge, control)
        session.hand.key(NAMED['super'], True)
        eventually(lambda: session.screenshot().pixel(640, 680) != RED, 'the strip')
        session.hand.move_to(500, 50, *session.size)
        session.hand.key(NAMED['super'], False)
        eventually(lambda: session.screenshot().pixel(640, 680) == RED, 'the strip has gone')
        session.hand.click()
        expect_at(bridge, control, PRESS, 500.5, 50.5, 'a click after the strip')
        two.client.close()


def test_pointer_that_is_let_go_meanwhile_is_not_taken_back():
    """By the guest, while the key is held that would do it; and nothing is said about it."""
    with desk(RELATIVE, 'release F12 600\n') as (session, bridge, control):
        session.hand.move_by(3, 4)
        check_equal(len(told(bridge, control, 'motion_relative')), 1, 'motions of a captured pointer')
        session.hand.key(NAMED['f12'], True)
        control.set_pointer_mode(ABSOLUTE)
        bridge.client.roundtrip()
        time.sleep(1)
        session.hand.key(NAMED['f12'], False)
        control.set_pointer_mode(RELATIVE)
        bridge.client.roundtrip()
        said = read_text(session.log)
        check('pointer is free' not in said and 'keys again' not in said, 'something is said')
        session.hand.move_by(3, 4)
        check_equal(len(told(bridge, control, 'motion_relative')), 1, 'motions of the pointer that is captured again')


@contextlib.contextmanager
def terminal_and_guest(config):
    """A window with the keyboard on the left monitor, a guest on the right one."""
    session = Session(GUESTS, bridges=False, outputs=2)
    session.write_config(config)
    with session, shown_guest(session) as (bridge, control):
        control.set_pointer_mode(ABSOLUTE)
        session.call('Run', command=['place', 'one', session.hand.names[1]])
        eventually(lambda: share(session.screenshot(1), RED) > 0.5, 'the guest is on the other monitor')
        session.hand.move_to(300, 300, 2560, 720)
        if 'click' in config:
            session.hand.click()
        window = Window(session)
        eventually(lambda: share(session.screenshot(), BLUE) > 0, 'the window is shown')
        check(not session.guest('one')['focused'], 'the guest has the input')
        told(bridge, control)
        yield session, bridge, control, window
        window.client.close()


def keys(bridge, control, window):
    """Who gets a key: the guest, the window."""
    found = bool(told(bridge, control, 'key')), bool(window.keys())
    window.keyboard.events.clear()
    return found


def test_input_follows_the_pointer_past_a_window():
    with terminal_and_guest('') as (session, bridge, control, window):
        session.hand.press('a')
        check_equal(keys(bridge, control, window), (False, True), 'who gets a key at first')
        session.hand.move_to(1280 + 400, 300, 2560, 720)
        expect_at(bridge, control, ['motion_absolute'], 400.5, 300.5, 'the motion over the guest')
        session.hand.press('a')
        check_equal(keys(bridge, control, window), (True, False), 'who gets a key with the pointer over the guest')
        session.hand.move_to(640, 360, 2560, 720)
        session.hand.press('a')
        check_equal(keys(bridge, control, window), (False, True), 'who gets a key with the pointer over the window')
        # What is open in the window is not closed by leaving it.
        window.open_menu()
        session.hand.move_to(1280 + 400, 300, 2560, 720)
        window.client.roundtrip()
        check_equal(window.menu.named('popup_done'), [], 'what the menu is told when the pointer is elsewhere')


def test_click_takes_the_input_from_a_window():
    with terminal_and_guest('focus click\n') as (session, bridge, control, window):
        session.hand.move_to(1280 + 400, 300, 2560, 720)
        session.hand.press('a')
        check_equal(keys(bridge, control, window), (False, True), 'who gets a key before the click')
        session.hand.click()
        expect_at(bridge, control, PRESS, 400.5, 300.5, 'the click')
        session.hand.press('a')
        check_equal(keys(bridge, control, window), (True, False), 'who gets a key after the click')
