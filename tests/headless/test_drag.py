# SPDX-License-Identifier: MIT
"""Drag and drop of programs of this computer."""

import contextlib
import os
import time

from fixture import Session, check, check_equal, eventually
from test_hostile import Window
from test_lock import BLUE, GREEN, GUESTS, RED, Locker, share, shown_guest

COPY = 1


class Dragger(Window):
    """A window that can be dragged from, and dropped on."""

    def __init__(self, session):
        super().__init__(session)
        self.manager = self.client.bind('wl_data_device_manager', 3)
        self.pointer = self.seat.get_pointer()
        self.device = self.manager.get_data_device(self.seat)
        self.source = None

    def drag(self, serial, icon=None):
        self.source = self.manager.create_data_source()
        self.source.offer('text/plain')
        self.source.set_actions(COPY)
        self.device.start_drag(self.source, self.surface, icon, serial)
        self.client.roundtrip()

    def got(self, name):
        self.client.roundtrip()
        return self.device.named(name)


def wait_window(session):
    """Places in the window, from its first to its last corner."""
    eventually(lambda: share(session.screenshot(), BLUE) > 0, 'the window is shown')
    picture = session.screenshot()
    return [(x, y) for y in range(0, 720, 8) for x in range(0, 1280, 8) if picture.pixel(x, y) == BLUE]


@contextlib.contextmanager
def desk():
    with Session(GUESTS, bridges=False) as session:
        window = Dragger(session)
        yield session, window, wait_window(session)
        window.client.close()


def press(session, window, spot, width=1280):
    """Presses the left button there; the serial that the window got with it."""
    session.hand.move_to(*spot, width, 720)
    session.hand.button('left', True)
    window.client.roundtrip()
    return window.pointer.wait('button')[0]


def test_what_is_dragged_is_dropped():
    with desk() as (session, window, spots):
        first, last = spots[0], spots[-1]
        serial = press(session, window, first)
        icon = window.compositor.create_surface()
        window.color = GREEN
        window.drag(serial, icon)
        window.paint(icon, 64, 48)
        window.client.roundtrip()
        session.hand.move_to(last[0] - 4, last[1] - 4, 1280, 720)
        check(window.got('enter'), 'the window is not told that something is dragged over it')
        enter = window.device.last('enter')
        check_equal(enter[1], window.surface, 'the surface that something is dragged over, not what hangs on the pointer')
        offer = enter[4]
        offer.accept(enter[0], 'text/plain')
        offer.set_actions(COPY, COPY)
        window.client.roundtrip()
        eventually(lambda: session.screenshot().pixel(last[0] + 20, last[1] + 20) == GREEN, 'what is dragged hangs on the pointer')
        session.hand.button('left', False)
        check(window.got('drop'), 'nothing was dropped')
        end, begin = os.pipe()
        offer.receive('text/plain', begin)
        os.close(begin)
        window.client.roundtrip()
        mime, fd = window.source.wait('send')
        check_equal(mime, 'text/plain', 'what is asked for')
        os.write(fd, b'dragged')
        os.close(fd)
        check_equal(os.read(end, 64), b'dragged', 'what came')
        os.close(end)
        offer.finish()
        window.client.roundtrip()
        check(window.source.named('dnd_finished'), 'the source is not told of the end')
        check(share(session.screenshot(), GREEN) == 0, 'what was dragged is still drawn')


def test_guest_gets_nothing_of_a_drag():
    with Session(GUESTS, bridges=False, outputs=2) as session, shown_guest(session) as (bridge, guest):
        session.call('Run', command=['place', 'one', session.hand.names[1]])
        eventually(lambda: share(session.screenshot(1), RED) > 0.5, 'the guest is on the other monitor')
        session.hand.move_to(300, 300, 2560, 720)
        window = Dragger(session)
        spots = wait_window(session)
        guest.set_pointer_mode(1)
        bridge.client.roundtrip()
        window.drag(press(session, window, spots[0], 2560))
        guest.events.clear()
        session.hand.move_to(1280 + 300, 300, 2560, 720)
        session.hand.move_to(1280 + 400, 300, 2560, 720)
        bridge.client.roundtrip()
        check_equal(guest.events, [], 'what the guest got of the drag')
        check_equal([one['name'] for one in session.outputs() if one['focused']], session.hand.names[:1],
                    'the monitor with the focus during the drag')
        session.hand.move_to(*spots[-1], 2560, 720)
        check(window.got('enter'), 'it was over a guest, and is not dragged any more')
        session.hand.move_to(1280 + 400, 300, 2560, 720)
        session.hand.button('left', False)
        bridge.client.roundtrip()
        check_equal(guest.named('button'), [], 'buttons that the guest got')
        window.client.roundtrip()
        check(window.source.named('cancelled'), 'what is dropped on a guest is not cancelled')
        session.hand.click()
        bridge.client.roundtrip()
        check(guest.named('button'), 'afterwards a click does not reach the guest')
        window.client.close()


def test_lock_and_a_forged_serial_end_a_drag():
    with desk() as (session, window, spots):
        serial = press(session, window, spots[0])
        window.drag(serial - 1)
        check(window.source.named('cancelled'), 'a drag that nobody holds a button for')
        window.drag(serial)
        session.hand.move_to(*spots[-1], 1280, 720)
        check(window.got('enter'), 'it is dragged')
        locker = Locker(session)
        locker.locked()
        locker.cover(GREEN)
        window.client.roundtrip()
        check(window.source.named('cancelled'), 'the lock does not end a drag')
        session.hand.button('left', False)
        locker.client.roundtrip()
        check(not window.got('drop'), 'something was dropped while locked')
        locker.unlock()
        locker.close()
        # The program dies with something in its hand.
        session.hand.move_to(*spots[0], 1280, 720)
        window.drag(press(session, window, spots[0]))
        window.client.close()
        session.hand.move_to(*spots[-1], 1280, 720)
        session.hand.button('left', False)
        time.sleep(0.1)
        check(session.outputs(), 'the session is there')
