# SPDX-License-Identifier: MIT
"""Programs of the host, and guests, that want what is not theirs."""

import os
import resource
import socket
import time

import wire
from fixture import Session, check, check_equal, eventually, read_text
from hand import memory
from test_lock import BLUE, GREEN, GUESTS, RED, Locker, number, share, shown_guest
from test_protocol import Bridge

WL_SURFACE_INVALID_OFFSET = 3


class Window:
    """A program of the host with a window of one colour."""

    def __init__(self, session, color=BLUE):
        self.client = wire.Display(session.wayland)
        self.compositor, self.shm = self.client.bind('wl_compositor', 4), self.client.bind('wl_shm')
        self.shell, self.seat = self.client.bind('xdg_wm_base'), self.client.bind('wl_seat', 5)
        self.keyboard = self.seat.get_keyboard()
        self.color = color
        self.surface, self.xdg, self.toplevel = self.open(400, 300)

    def open(self, width, height):
        surface = self.compositor.create_surface()
        xdg = self.shell.get_xdg_surface(surface)
        toplevel = xdg.get_toplevel()
        surface.commit()
        xdg.ack_configure(xdg.wait('configure')[0])
        self.paint(surface, width, height)
        self.client.roundtrip()
        return surface, xdg, toplevel

    def paint(self, surface, width, height):
        fd = memory(width * height * 4)
        os.pwrite(fd, number(self.color).to_bytes(4, 'little') * (width * height), 0)
        buffer = self.shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1)
        os.close(fd)
        surface.attach(buffer, 0, 0)
        surface.damage_buffer(0, 0, width, height)
        surface.commit()

    def open_menu(self):
        """A popup that grabs the seat."""
        place = self.shell.create_positioner()
        place.set_size(50, 40)
        place.set_anchor_rect(10, 10, 1, 1)
        surface = self.compositor.create_surface()
        xdg = self.shell.get_xdg_surface(surface)
        self.menu = xdg.get_popup(self.xdg, place)
        self.menu.grab(self.seat, 0)
        surface.commit()
        xdg.ack_configure(xdg.wait('configure')[0])
        self.paint(surface, 50, 40)
        self.client.roundtrip()

    def keys(self):
        self.client.roundtrip()
        return [key[-2:] for key in self.keyboard.named('key')]


def test_menu_does_not_keep_the_keyboard_from_the_locker():
    with Session(GUESTS, bridges=False) as session:
        window = Window(session)
        eventually(lambda: share(session.screenshot(), BLUE) > 0, 'the window is shown')
        window.open_menu()
        session.hand.press('a')
        check_equal(window.keys(), [(30, 1), (30, 0)], 'the keys of the menu')
        window.keyboard.events.clear()
        locker = Locker(session)
        locker.locked()
        session.hand.press('s')
        check_equal(window.keys(), [], 'the keys that the menu gets before the locker has a surface')
        locker.cover(GREEN)
        session.hand.press('d')
        check_equal(window.keys(), [], 'the keys of the password that the menu gets')
        check(window.menu.named('popup_done'), 'the menu was not closed')
        locker.client.roundtrip()
        check_equal([key[-2:] for key in locker.keyboard.named('key')], [(32, 1), (32, 0)], 'the keys of the locker')
        # The same from a menu that is opened behind the lock: the next locker has the keys, too.
        window.open_menu()
        locker.close()
        late = Locker(session)
        late.locked()
        late.cover(GREEN)
        session.hand.press('f')
        late.client.roundtrip()
        check_equal([key[-2:] for key in late.keyboard.named('key')], [(33, 1), (33, 0)], 'the keys of the next locker')
        check_equal(window.keys(), [], 'the keys that the hidden menu gets')
        late.unlock()
        late.close()
        window.client.close()


def test_locker_is_told_after_a_blank_frame_whatever_came_with_it():
    """A change of the outputs puts off what is done for them; the lock must not take that for no outputs."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        client = wire.Display(session.wayland)
        manager = client.bind('zwlr_output_manager_v1')
        lockers = client.bind('ext_session_lock_manager_v1')
        client.roundtrip()
        head, serial = manager.last('head')[0], manager.last('done')[0]
        configuration = manager.create_configuration(serial)
        configuration.enable_head(head).set_position(0, 0)
        configuration.apply()
        lock = lockers.lock()
        answer = client.display.sync()
        client.wait_until(lambda: answer.events, 'an answer')
        # A frame takes another turn of the loop at least: nobody can have seen one yet.
        check_equal(lock.named('locked'), [], 'what the locker was told at once')
        lock.wait('locked')
        client.close()


def test_guest_draws_nothing_far_from_the_pointer():
    """By the hotspot of its pointer, which a guest's system says: far away there may be another guest's picture."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, _):
        cursor = bridge.compositor.create_surface()

        def show(size, *hotspot):
            cursor.attach(bridge.buffer(size, size, number(GREEN)), 0, 0)
            cursor.damage_buffer(0, 0, size, size)
            bridge.head_object.set_cursor(cursor, *hotspot)
            cursor.commit()
            bridge.client.roundtrip()
            picture = session.screenshot(cursor=True)
            return [(x, y) for x in range(0, picture.width, 4) for y in range(0, picture.height, 4)
                    if picture.pixel(x, y) == GREEN]

        session.hand.move_to(640, 360, *session.size)
        for size, hotspot, corner in (
                (16, (0, 0), (640, 360)), (16, (-300, -200), (640, 360)), (16, (300, 200), (625, 345)),
                (16, (-2**31, 2**31 - 1), (640, 345)), (32, (2**31 - 1, -2**31), (609, 360)), (16, (31, 0), (625, 360)),
                (512, (0, -1), (640, 360))):
            drawn = show(size, *hotspot)
            check(drawn, f'the pointer of {size} pixels with its hotspot at {hotspot} is not shown')
            outside = [(x, y) for x, y in drawn if not (0 <= x - corner[0] < size and 0 <= y - corner[1] < size)]
            check_equal(outside[:3], [], f'pixels beside the pointer of {size} pixels with its hotspot at {hotspot}')
        check_equal(show(513, 0, 0)[:3], [], 'pixels of an image that is no pointer')
        # The same in another way: an offset moves the hotspot.
        cursor.attach(bridge.buffer(16, 16, number(GREEN)), -300, -200)
        bridge.client.expect_error({('wl_surface', WL_SURFACE_INVALID_OFFSET)}, cursor.commit)


def test_scale_that_is_a_typing_error_is_refused():
    """wlr-randr --scale 100 for 1.00: neither the tool nor a person could take it back."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        for scale in (0.004, 0.2, 8.1, 100, 8000000):
            try:
                session.hand.resize_output(*session.size, scale=scale)
            except wire.WireError as refused:
                check('failed' in str(refused), f'scale {scale}: {refused}')
            else:
                check(False, f'the scale {scale} is taken')
        session.hand.press('super', 'h')
        check_equal(session.outputs()[0]['scale'], 1, 'the scale that is left')
        session.hand.resize_output(*session.size, scale=2)
        check_equal(session.outputs()[0]['scale'], 2, 'a scale that makes sense')


def test_window_that_is_not_seen_does_not_get_the_keys():
    """One in front that makes itself the dialog of another one, and one whose main window goes."""
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        window = Window(session)
        eventually(lambda: share(session.screenshot(), BLUE) > 0, 'the window is shown')
        _, _, dialog = window.open(300, 200)
        dialog.set_parent(window.toplevel)
        window.client.roundtrip()
        for what in ('the dialog', 'the dialog without its main window'):
            window.keyboard.events.clear()
            control.events.clear()
            session.hand.press('a')
            bridge.client.roundtrip()
            seen = share(session.screenshot(), BLUE) > 0
            check_equal((bool(window.keys()), bool(control.named('key'))), (seen, not seen), f'{what}: who gets the keys')
            check(seen, f'{what} is not to be seen any more')
            window.surface.attach(None, 0, 0)
            window.surface.commit()
            window.client.roundtrip()
        session.hand.press('super', '1')
        eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown again')
        window.client.close()


def test_film_behind_a_guest_keeps_no_screen_on():
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        window = Window(session)
        window.client.bind('zwp_idle_inhibit_manager_v1').create_inhibitor(window.surface)
        window.client.roundtrip()
        eventually(lambda: share(session.screenshot(), BLUE) > 0, 'the window is shown')
        session.write_config('idle {\n\tscreen-off 1\n}\n')
        session.call('Reload')
        time.sleep(2.5)
        check('idle: screens off' not in read_text(session.log), 'the screen is off while it plays')
        session.hand.press('super', '1')
        eventually(lambda: 'idle: screens off' in read_text(session.log), 'the screen is off', timeout=60)
        window.client.close()


def test_bridge_does_not_use_up_the_files_of_the_session():
    """Memory for pictures, each of them an open file. The locker could not be started without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, _):
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        fd = memory(4096)

        def take():
            for pool in range(1100):
                bridge.shm.create_pool(fd, 4096)
                if pool % 50 == 0:
                    bridge.client.roundtrip()

        bridge.client.expect_error({('wl_display', 3)}, take)
        os.close(fd)
        fresh = Bridge(session, 'two')
        fresh.control()
        for _ in range(2000):  # one after the other is no offence
            fresh.buffer(16, 16, 0).destroy()
            fresh.client.objects[fresh.client.next_number - 2].destroy()
        fresh.client.roundtrip()
        with open(f'/proc/{session.compositor.pid}/limits', encoding='ascii') as limits:
            files = [line.split()[3:5] for line in limits if line.startswith('Max open files')][0]
        check_equal(files[0], files[1], 'how many files the session may open')
        session.call('Run', command=['run', 'sh', '-c', f'ulimit -n >{session.dir}/limit'])
        eventually(lambda: os.path.exists(f'{session.dir}/limit') and read_text(f'{session.dir}/limit').strip(), 'a program runs')
        check_equal(read_text(f'{session.dir}/limit').strip(), str(min(1024, hard)), 'how many files its programs may open')
        check(session.screenshot().size == session.size, 'the session shows nothing any more')
        fresh.client.close()


def test_session_without_a_file_left_waits_for_one():
    """For a bridge that wants to connect; it does not ask in vain as often as it can."""
    with Session(GUESTS, bridges=False) as session:
        pid = session.compositor.pid
        used = {int(name) for name in os.listdir(f'/proc/{pid}/fd')}
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(set(range(1000)) - used), limits[1]))
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(session.guests_socket)
            eventually(lambda: 'no bridge can connect' in read_text(session.log), 'it is said', timeout=60)
            time.sleep(2.5)
            check_equal(read_text(session.log).count('guests.sock: '), 1, 'lines about it')
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        bridge = Bridge(session)
        bridge.client.roundtrip(timeout=60)
        bridge.control()
        bridge.client.roundtrip(timeout=60)
        check_equal(read_text(session.log).count('guests.sock: '), 1, 'lines about it in the end')
        bridge.client.close()


def test_window_is_answered_whatever_frame_it_wants():
    """A program may wait for the configure event that the protocol promises it."""
    client_side, server_side = 1, 2
    with Session(GUESTS, bridges=False) as session:
        window = Window(session)
        surface = window.compositor.create_surface()
        xdg = window.shell.get_xdg_surface(surface)
        decoration = window.client.bind('zxdg_decoration_manager_v1').get_toplevel_decoration(xdg.get_toplevel())
        surface.commit()
        xdg.ack_configure(xdg.wait('configure')[0])
        for ask in (lambda: decoration.set_mode(client_side), lambda: decoration.set_mode(server_side), decoration.unset_mode):
            xdg.events.clear()
            ask()
            xdg.ack_configure(xdg.wait('configure')[0])
            check_equal(tuple(decoration.last('configure')), (server_side,), 'the frame that it gets')
        window.client.close()


def test_bridge_that_says_too_much_does_not_fill_the_log():
    with Session(GUESTS, bridges=False) as session:
        bridge = Bridge(session)
        control = bridge.control()
        begun, count = time.monotonic(), 3000
        for number_ in range(count):
            control.set_state(2, f'news {number_}')
            if number_ % 100 == 0:
                bridge.client.roundtrip(timeout=60)
        bridge.client.roundtrip(timeout=60)
        seconds = time.monotonic() - begun
        check_equal(session.guest('one')['reason'], f'news {count - 1}', 'the last news')
        lines = read_text(session.log).count('guest one: ')
        check(0 < lines <= 21 * (seconds + 2), f'{lines} lines in {seconds} s')
        bridge.client.close()


def test_guest_file_that_ends_too_soon_loses_no_memory():
    """The sanitizer's leak check would end the session with an exit status."""
    with Session({'one': 'name Nobody\ncolour "#123456"\ndisplay {\n\theads 2\n'}, bridges=False) as session:
        for _ in range(3):
            session.call('ShowHome')
        check_equal(session.guest('one')['title'], 'one', 'the title of a guest whose file is broken')
        session.write_guest('one', 'name Somebody\n')
        session.call('ShowHome')
        check_equal(session.guest('one')['title'], 'Somebody', 'the title once the file is right')
