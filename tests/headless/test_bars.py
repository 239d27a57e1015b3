# SPDX-License-Identifier: MIT
"""Bars, panels and notifications over guests: what the pointer, the keys and they get of one another."""

import contextlib
import os

import wire
from fixture import Session, check, check_equal, eventually
from hand import NAMED, memory
from run import Skip
from test_hostile import Window
from test_lock import GREEN, GUESTS, RED, number, shown_guest
from test_protocol import Bridge

LEFT = 0x110
ABSOLUTE, RELATIVE = 1, 2
TOP, OVERLAY = 2, 3
NO_KEYS, ALL_KEYS, KEYS_ON_DEMAND = range(3)
ABOVE, WHOLE_WIDTH = 1, 1 + 4 + 8


class Bar:
    """A green bar over the guests, at the upper edge of the first monitor, or all over it."""

    def __init__(self, session, height=40, keys=NO_KEYS, layer=TOP, room=0):
        self.client = wire.Display(session.wayland)
        if 'zwlr_layer_shell_v1' not in self.client.interfaces:
            raise Skip('no XML of the wlroots protocols')
        self.compositor, self.shm = self.client.bind('wl_compositor', 4), self.client.bind('wl_shm')
        self.seat = self.client.bind('wl_seat', 5)
        self.pointer, self.keyboard = self.seat.get_pointer(), self.seat.get_keyboard()
        output = self.client.bind('wl_output', 4)
        self.surface = self.compositor.create_surface()
        self.layer = self.client.bind('zwlr_layer_shell_v1', 4).get_layer_surface(self.surface, output, layer, 'bar')
        self.layer.set_size(0, height)
        self.layer.set_anchor(WHOLE_WIDTH)
        self.layer.set_exclusive_zone(room)
        self.layer.set_keyboard_interactivity(keys)
        self.surface.commit()
        serial, width, height = self.layer.wait('configure')
        self.layer.ack_configure(serial)
        self.paint(self.surface, width, height)
        eventually(lambda: session.screenshot().pixel(5, 5) == GREEN, 'the bar is shown')

    def paint(self, surface, width, height, color=GREEN):
        fd = memory(width * height * 4)
        os.pwrite(fd, number(color).to_bytes(4, 'little') * (width * height), 0)
        surface.attach(self.shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1), 0, 0)
        os.close(fd)
        surface.damage_buffer(0, 0, width, height)
        surface.commit()
        self.client.roundtrip()

    def open_menu(self):
        """Below the bar, 200 pixels wide and high."""
        shell = self.client.bind('xdg_wm_base', 2)
        place = shell.create_positioner()
        place.set_size(200, 200)
        place.set_anchor_rect(100, 39, 1, 1)
        place.set_anchor(2)
        place.set_gravity(2)
        surface = self.compositor.create_surface()
        xdg = shell.get_xdg_surface(surface)
        menu = xdg.get_popup(None, place)
        self.layer.get_popup(menu)
        menu.grab(self.seat, 0)
        surface.commit()
        xdg.ack_configure(xdg.wait('configure')[0])
        self.paint(surface, 200, 200)
        return menu, xdg, surface

    def got(self, name='button'):
        """Buttons or steps of the wheel since the last call."""
        self.client.roundtrip()
        found = [arguments[-2:] for arguments in self.pointer.named(name)]
        self.pointer.events.clear()
        return found

    def keys(self):
        self.client.roundtrip()
        found = [key[-2:] for key in self.keyboard.named('key')]
        self.keyboard.events.clear()
        return found


@contextlib.contextmanager
def desk(mode=ABSOLUTE, config='', **more):
    """A session with a red guest that has the input."""
    session = Session(GUESTS, bridges=False, **more)
    session.write_config(config)
    with session, shown_guest(session) as (bridge, control):
        control.set_pointer_mode(mode)
        bridge.client.roundtrip()
        yield session, bridge, control


def told(bridge, control, *names):
    """What the guest was told since the last call, of these kinds."""
    bridge.client.roundtrip()
    found = [(name, arguments) for name, arguments in control.events if name in names]
    control.events.clear()
    return found


def buttons(bridge, control):
    return [arguments[-2:] for _, arguments in told(bridge, control, 'button')]


def test_captured_pointer_clicks_into_nothing_else():
    """A notification that comes up where the pointer was when a game took it; a game that takes it over a bar."""
    with desk(RELATIVE) as (session, bridge, control):
        session.hand.click()
        told(bridge, control)
        bar = Bar(session, height=720, layer=OVERLAY)
        check(session.guest('one')['focused'], 'the notification has taken the input')
        session.hand.click()
        session.hand.scroll(1)
        check_equal(bar.got() + bar.got('axis'), [], 'what the notification got')
        found = [name for name, _ in told(bridge, control, 'button', 'axis')]
        check_equal(found, ['button', 'button', 'axis'], 'what the guest got')
        # The guest lets the pointer go, and takes it again while that is over the bar.
        control.set_pointer_mode(ABSOLUTE)
        bridge.client.roundtrip()
        session.hand.move_to(100, 100, *session.size)
        session.hand.click()
        session.hand.scroll(1)
        check_equal((bar.got(), buttons(bridge, control)), ([(LEFT, 1), (LEFT, 0)], []), 'a click on the bar')
        session.hand.button('left', True)
        bar.got()
        control.set_pointer_mode(RELATIVE)
        bridge.client.roundtrip()
        bar.client.roundtrip()
        check(bar.pointer.named('leave'), 'the bar is not told that it has the pointer no more')
        session.hand.click('right')
        session.hand.scroll(1)
        check_equal(bar.got('axis'), [], 'the wheel that the bar got')
        found = [arguments[-2:] for _, arguments in told(bridge, control, 'button')]
        check_equal(found, [(LEFT + 1, 1), (LEFT + 1, 0)], 'buttons that the guest got')
        session.hand.button('left', False)
        check_equal(buttons(bridge, control), [], 'what the guest gets of a button that the bar had')
        # Once more, while the strip is up and has it.
        control.set_pointer_mode(ABSOLUTE)
        bridge.client.roundtrip()
        session.hand.move_to(110, 100, *session.size)
        session.hand.click()
        session.hand.key(NAMED['super'], True)
        eventually(lambda: session.screenshot().pixel(640, 680) != GREEN, 'the strip')
        control.set_pointer_mode(RELATIVE)
        bridge.client.roundtrip()
        session.hand.key(NAMED['super'], False)
        bar.got()
        session.hand.click()
        session.hand.scroll(1)
        check_equal(bar.got() + bar.got('axis'), [], 'what the bar got after the strip')
        check_equal(buttons(bridge, control), [(LEFT, 1), (LEFT, 0)], 'buttons that the guest got after the strip')
        bar.client.close()


def test_panel_keeps_no_keyboard_from_what_is_asked_for():
    """One that takes the keys when it is clicked into."""
    with desk() as (session, bridge, control):
        two = Bridge(session, 'two')
        other = two.control()
        other.set_state(2, '')
        two.head()
        two.show(*session.size, number(RED))
        panel = Bar(session, keys=KEYS_ON_DEMAND)

        def ask(what, act, name):
            session.hand.move_to(600, 10, *session.size)
            session.hand.click()
            session.hand.press('a')
            check_equal(panel.keys(), [(30, 1), (30, 0)], f'the keys of the panel before {what}')
            check(not session.guest('one')['focused'] and not session.guest('two')['focused'], 'a guest has the input, too')
            act()
            check(session.guest(name)['focused'], f'{what}: guest {name} has not got the input')
            session.hand.press('b')
            check_equal(panel.keys(), [], f'the keys of the panel after {what}')

        ask('Super+2', lambda: session.hand.press('super', '2'), 'two')
        ask('ShowGuest', lambda: session.show_guest('one'), 'one')
        ask('show-here', lambda: session.call('Run', command=['show-here', '2']), 'two')
        ask('Super+Tab', lambda: session.hand.press('super', 'tab'), 'one')
        ask('split', lambda: session.call('Run', command=['split']), 'one')
        ask('FocusOutput', lambda: session.call('FocusOutput', output='HEADLESS-1', cell=1), 'two')
        session.hand.move_to(600, 10, *session.size)
        session.hand.click()
        window = Window(session)
        session.hand.press('c')
        check_equal((window.keys(), panel.keys()), ([(46, 1), (46, 0)], []), 'the keys of a new window, and of the panel')
        for one in (window, panel, two):
            one.client.close()


def test_menu_of_a_bar_is_closed_elsewhere():
    """By a click beside it, or by keys; one that is closed by itself has left nothing where it was."""
    with desk() as (session, bridge, control):
        bar = Bar(session)

        def is_open(menu):
            bar.client.roundtrip()
            return not menu.named('popup_done')

        def open_menu():
            session.hand.move_to(600, 10, *session.size)
            session.hand.click()
            menu, *rest = bar.open_menu()
            eventually(lambda: session.screenshot().pixel(100, 100) == GREEN, 'the menu is shown')
            bar.got()
            told(bridge, control)
            return menu, *rest

        def close(*parts):
            for part in parts:
                part.destroy()
            bar.client.roundtrip()
            eventually(lambda: session.screenshot().pixel(100, 100) == RED, 'the menu has gone')

        parts = open_menu()
        session.hand.move_to(100, 100, *session.size)
        session.hand.click()
        check_equal((bar.got(), buttons(bridge, control)), ([(LEFT, 1), (LEFT, 0)], []), 'a click on the menu')
        check(is_open(parts[0]), 'a click on the menu closes it')
        session.hand.move_to(800, 400, *session.size)
        check(is_open(parts[0]), 'a motion closes the menu')
        session.hand.click()
        check(not is_open(parts[0]), 'a click on the guest does not close the menu')
        check_equal((bar.got(), buttons(bridge, control)), ([], [(LEFT, 1), (LEFT, 0)]), 'a click on the guest')
        close(*parts)

        parts = open_menu()
        session.hand.press('super', '1')
        check(not is_open(parts[0]), 'Super+1 does not close the menu')
        close(*parts)

        menu, *rest = open_menu()
        control.set_pointer_mode(RELATIVE)
        bridge.client.roundtrip()
        check(not is_open(menu), 'a guest that takes the pointer does not close the menu')
        control.set_pointer_mode(ABSOLUTE)
        close(menu, *rest)

        parts = bar.open_menu()
        session.hand.move_to(100, 100, *session.size)
        close(*parts)
        told(bridge, control)
        session.hand.click()
        check_equal((bar.got(), buttons(bridge, control)), ([], [(LEFT, 1), (LEFT, 0)]), 'a click where the menu was')

        # A click on another program is that program's.
        window = Window(session)
        pointer = window.seat.get_pointer()
        window.client.roundtrip()
        menu = bar.open_menu()[0]
        session.hand.move_to(640, 360, *session.size)
        session.hand.click()
        window.client.roundtrip()
        check_equal([one[-2:] for one in pointer.named('button')], [(LEFT, 1), (LEFT, 0)], 'the click on the window')
        check(not is_open(menu), 'a click on a window does not close the menu of a bar')
        window.client.close()
        bar.client.close()


def test_click_on_a_bar_leaves_the_keys_with_the_window_in_front():
    """Not with the guest below it, which nobody sees."""
    with desk() as (session, bridge, control):
        window = Window(session)
        eventually(lambda: not session.guest('one')['focused'], 'the window has the keys')
        bar = Bar(session)
        session.hand.move_to(100, 10, *session.size)
        session.hand.click()
        check_equal(bar.got(), [(LEFT, 1), (LEFT, 0)], 'the click on the bar')
        told(bridge, control)
        window.keyboard.events.clear()
        session.hand.press('a')
        window.client.roundtrip()
        check_equal(told(bridge, control, 'key', 'focus_in'), [], 'what the guest below the window got')
        check_equal(len(window.keys()), 2, 'the keys of the window in front')
        window.client.close()
