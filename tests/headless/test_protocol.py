# SPDX-License-Identifier: MIT
"""phyllome-guest-v1 as a hostile or broken bridge would speak it."""

import contextlib
import os

import wire
from fixture import Session, check, check_equal, eventually
from hand import memory
from wire import ProtocolError, WireError

GUESTS = {'one': 'memory 64M\n', 'two': 'memory 64M\n'}
MANAGER, GUEST, HEAD = 'phyllome_guest_manager_v1', 'phyllome_guest_v1', 'phyllome_guest_head_v1'
OFF, STARTING, RUNNING, PAUSED, LOST = range(5)

BRIDGE_GLOBALS = {'wl_compositor', 'wl_shm', 'wp_presentation', 'wp_viewporter', MANAGER}
HOST_ONLY = {'wl_seat', 'wl_output', 'ext_image_copy_capture_manager_v1', 'zwp_virtual_keyboard_manager_v1',
             'zwlr_virtual_pointer_manager_v1', 'zwlr_output_manager_v1', 'wl_data_device_manager'}


class Bridge:
    """A connection to guests.sock that has bound what a bridge binds."""

    def __init__(self, session, name='one'):
        self.client = wire.Display(session.guests_socket)
        self.manager = self.client.bind(MANAGER)
        self.compositor = self.client.bind('wl_compositor', 4)
        self.shm = self.client.bind('wl_shm')
        self.token = session.token(name)
        check_equal(len(self.token), 64, "the length of the guest's token")

    def control(self):
        guest = self.manager.get_guest(self.token)
        self.client.roundtrip()
        return guest

    def head(self, console=0, acknowledge=True):
        self.surface = self.compositor.create_surface()
        head = self.manager.get_head(self.token, console, self.surface)
        self.client.roundtrip()
        if acknowledge:
            serial = head.wait('configure')[0]
            head.ack_configure(serial)
        return head

    def buffer(self, width, height, color):
        fd = memory(width * height * 4)
        os.pwrite(fd, color.to_bytes(4, 'little') * (width * height), 0)
        pool = self.shm.create_pool(fd, width * height * 4)
        buffer = pool.create_buffer(0, width, height, width * 4, 1)
        os.close(fd)
        return buffer

    def show(self, width, height, color):
        self.surface.attach(self.buffer(width, height, color), 0, 0)
        self.surface.damage_buffer(0, 0, width, height)
        self.surface.commit()
        self.client.roundtrip()


@contextlib.contextmanager
def attacked(name='one'):
    """A session, a bridge in it, and afterwards the proof that the session is unharmed."""
    with Session(GUESTS, bridges=False) as session:
        bridge = Bridge(session, name)
        yield session, bridge
        with contextlib.suppress(OSError):
            bridge.client.close()
        check(session.screenshot().size == session.size, 'the session shows nothing any more')
        fresh = Bridge(session, name)
        eventually(lambda: not session.guest(name)['bridge'], 'the dead bridge is gone')
        fresh.control()
        fresh.head()
        fresh.client.close()


def expect(bridge, interface, error, action):
    """Demands the protocol error of that name (an entry of the interface's enum error)."""
    code = bridge.client.interfaces[interface].enums[f'error.{error}']
    bridge.client.expect_error({(interface, code)}, action)


# --- who sees what

def test_host_client_sees_no_guest_manager():
    with Session(GUESTS, bridges=False) as session:
        offered = set(session.client.globals)
        check(MANAGER not in offered, f'a host client sees {MANAGER}')
        check(HOST_ONLY <= offered, f'a host client does not see {HOST_ONLY - offered}')


def test_host_client_cannot_bind_a_hidden_global():
    with Session(GUESTS, bridges=False) as session:
        bridge = Bridge(session)
        number, version = bridge.client.globals[MANAGER]
        try:
            session.client.registry.bind(number, MANAGER, version)
            session.client.roundtrip()
        except ProtocolError as error:
            check_equal(error.interface, 'wl_registry', 'the object that refuses')
        else:
            raise WireError('a host client has bound the guest manager by guessing its number')
        session.opened.close()
        bridge.client.close()


def test_bridge_sees_the_listed_globals_only():
    with attacked() as (session, bridge):
        offered = set(bridge.client.globals)
        check_equal(offered - {'zwp_linux_dmabuf_v1', 'wp_linux_drm_syncobj_manager_v1'}, BRIDGE_GLOBALS,
                    'what a bridge is offered')


def test_bridge_cannot_bind_a_hidden_global():
    with attacked() as (session, bridge):
        for name in sorted(HOST_ONLY & set(session.client.globals)):
            number, version = session.client.globals[name]
            other = wire.Display(session.guests_socket)
            try:
                other.registry.bind(number, name, version)
                other.roundtrip()
            except ProtocolError as error:
                check_equal(error.interface, 'wl_registry', f'the object that refuses {name}')
            else:
                raise WireError(f'a bridge has bound {name} by guessing its number')
            other.close()


# --- tokens and doubles

def test_get_guest_with_a_wrong_token():
    with Session(GUESTS, bridges=False) as session:
        for token in ('', 'x', '0' * 64, '0' * 63, '0' * 2000, 'é' * 32):
            bridge = Bridge(session)
            expect(bridge, MANAGER, 'invalid_token', lambda: bridge.manager.get_guest(token))
            bridge.client.close()
        bridge = Bridge(session)
        wrong = bridge.token[:-1] + ('0' if bridge.token[-1] != '0' else '1')
        expect(bridge, MANAGER, 'invalid_token', lambda: bridge.manager.get_guest(wrong))
        bridge.client.close()


def test_get_head_with_a_wrong_token():
    with attacked() as (session, bridge):
        surface = bridge.compositor.create_surface()
        expect(bridge, MANAGER, 'invalid_token', lambda: bridge.manager.get_head('0' * 64, 0, surface))


def test_token_file_is_private():
    with Session(GUESTS, bridges=False) as session:
        for name in GUESTS:
            path = session.guest_file(name, 'token')
            check_equal(os.stat(path).st_mode & 0o777, 0o600, f'the mode of {path}')
        check(session.token('one') != session.token('two'), 'two guests have the same token')


def test_second_control_of_a_guest():
    with attacked() as (session, bridge):
        bridge.control()
        other = Bridge(session)
        expect(other, MANAGER, 'guest_taken', lambda: other.manager.get_guest(other.token))
        other.client.close()
        check(session.guest('one')['bridge'], 'the first control was lost too')


def test_second_control_on_the_same_connection():
    with attacked() as (session, bridge):
        bridge.control()
        expect(bridge, MANAGER, 'guest_taken', lambda: bridge.manager.get_guest(bridge.token))


def test_control_can_be_taken_again():
    with attacked() as (session, bridge):
        guest = bridge.control()
        guest.set_state(RUNNING, '')
        guest.destroy()
        bridge.client.roundtrip()
        check_equal(session.guest('one')['bridge'], False, 'whether the guest has a bridge')
        guest = bridge.control()
        guest.set_state(RUNNING, 'again')
        bridge.client.roundtrip()
        check_equal(session.guest('one')['state'], 'running', 'the state of the guest')


def test_second_head_of_a_console():
    with attacked() as (session, bridge):
        bridge.head()
        surface = bridge.compositor.create_surface()
        expect(bridge, MANAGER, 'head_taken', lambda: bridge.manager.get_head(bridge.token, 0, surface))


def test_console_out_of_range():
    with attacked() as (session, bridge):
        surface = bridge.compositor.create_surface()
        expect(bridge, MANAGER, 'invalid_console',
               lambda: bridge.manager.get_head(bridge.token, 16, surface))
        other = Bridge(session)
        surface = other.compositor.create_surface()
        expect(other, MANAGER, 'invalid_console',
               lambda: other.manager.get_head(other.token, 0xffffffff, surface))
        other.client.close()


# --- surfaces and their roles

def test_surface_is_a_head_already():
    with attacked() as (session, bridge):
        bridge.head()
        expect(bridge, MANAGER, 'role', lambda: bridge.manager.get_head(bridge.token, 1, bridge.surface))


def test_surface_has_a_buffer_already():
    with attacked() as (session, bridge):
        surface = bridge.compositor.create_surface()
        surface.attach(bridge.buffer(16, 16, 0), 0, 0)
        surface.commit()
        expect(bridge, MANAGER, 'role', lambda: bridge.manager.get_head(bridge.token, 0, surface))


def test_surface_has_a_pending_buffer():
    with attacked() as (session, bridge):
        surface = bridge.compositor.create_surface()
        surface.attach(bridge.buffer(16, 16, 0), 0, 0)

        def present():
            bridge.manager.get_head(bridge.token, 0, surface)
            surface.commit()

        bridge.client.expect_error({(MANAGER, 3), (HEAD, 0)}, present)


def test_cursor_surface_is_a_head():
    with attacked() as (session, bridge):
        head = bridge.head()
        expect(bridge, HEAD, 'cursor_role', lambda: head.set_cursor(bridge.surface, 0, 0))


def test_cursor_surface_becomes_a_head():
    with attacked() as (session, bridge):
        head = bridge.head()
        cursor = bridge.compositor.create_surface()
        head.set_cursor(cursor, 0, 0)
        expect(bridge, MANAGER, 'role', lambda: bridge.manager.get_head(bridge.token, 1, cursor))


def test_surface_destroyed_before_its_head():
    with attacked() as (session, bridge):
        bridge.head()
        bridge.show(320, 240, 0xff0000)
        # the library's own error for this (defunct_role_object) may come before ours
        bridge.client.expect_error({(HEAD, 2), ('wl_surface', 4)}, bridge.surface.destroy)


def test_cursor_surface_destroyed():
    with attacked() as (session, bridge):
        head = bridge.head()
        bridge.show(320, 240, 0xff0000)
        cursor = bridge.compositor.create_surface()
        head.set_cursor(cursor, 3, 3)
        cursor.attach(bridge.buffer(24, 24, 0xffffff), 0, 0)
        cursor.commit()
        cursor.destroy()
        bridge.client.roundtrip()
        session.hand.move_to(640, 360, *session.size)
        session.screenshot(cursor=True)
        head.destroy()
        bridge.surface.destroy()
        bridge.client.roundtrip()


# --- configure and acknowledge

def test_buffer_before_any_acknowledgement():
    with attacked() as (session, bridge):
        bridge.head(acknowledge=False)
        expect(bridge, HEAD, 'unconfigured_buffer', lambda: bridge.show(16, 16, 0))


def test_commit_without_a_buffer_is_no_error():
    with attacked() as (session, bridge):
        head = bridge.head(acknowledge=False)
        bridge.surface.commit()
        bridge.client.roundtrip()
        head.ack_configure(head.wait('configure')[0])
        bridge.show(16, 16, 0)


def test_acknowledged_serial_was_never_sent():
    with attacked() as (session, bridge):
        head = bridge.head(acknowledge=False)
        serial = head.wait('configure')[0]
        expect(bridge, HEAD, 'invalid_serial', lambda: head.ack_configure(serial + 1))


def test_acknowledged_serial_is_older_than_one_already_acknowledged():
    with attacked() as (session, bridge):
        head = bridge.head(acknowledge=False)
        first = head.wait('configure')[0]
        session.resize(1024, 768)
        second = head.wait('configure')[0]
        head.ack_configure(second)
        expect(bridge, HEAD, 'invalid_serial', lambda: head.ack_configure(first))


def test_configure_tells_the_output():
    with attacked() as (session, bridge):
        session.show_guest('one')
        head = bridge.head(acknowledge=False)
        serial, width, height, _, _, _, scale, visible = head.wait('configure')
        check_equal((width, height, scale, visible), (1280, 720, 120, 1), 'the first configure')
        head.ack_configure(serial)
        session.resize(1024, 768)
        serial, width, height, _, _, _, scale, visible = head.wait('configure')
        check_equal((width, height, scale, visible), (1024, 768, 120, 1), 'the configure after a resize')
        session.call('ShowHome')
        _, width, height, *_, visible = head.wait('configure')
        check_equal((width, height, visible), (1024, 768, 0), 'the configure of a hidden head')


def test_second_console_without_an_output():
    with attacked() as (session, bridge):
        session.show_guest('one')
        _, width, height, *_, visible = bridge.head(console=1, acknowledge=False).wait('configure')
        check_equal((width, height, visible), (0, 0, 0), 'the configure of a head without an output')


# --- states

def test_every_state_transition():
    """The table of the protocol's text, entry by entry."""
    allowed = {(OFF, STARTING), (STARTING, RUNNING), (STARTING, PAUSED), (RUNNING, PAUSED), (PAUSED, RUNNING),
               (OFF, RUNNING), (OFF, PAUSED), (LOST, STARTING)}
    allowed |= {(state, to) for state in range(5) for to in (OFF, LOST, state)}
    ways = {OFF: [], STARTING: [STARTING], RUNNING: [STARTING, RUNNING], PAUSED: [PAUSED], LOST: [LOST]}
    names = ['off', 'starting', 'running', 'paused', 'lost']
    with Session(GUESTS, bridges=False) as session:
        for before, way in ways.items():
            for after in range(5):
                bridge = Bridge(session)
                guest = bridge.control()
                guest.set_state(OFF, '')
                for step in way:
                    guest.set_state(step, '')
                bridge.client.roundtrip()
                if (before, after) in allowed:
                    guest.set_state(after, 'for a test')
                    bridge.client.roundtrip()
                    check_equal(session.guest('one')['state'], names[after], f'{names[before]} to {names[after]}')
                    check_equal(session.guest('one')['reason'], 'for a test', 'the reason')
                else:
                    expect(bridge, GUEST, 'invalid_state', lambda: guest.set_state(after, ''))
                bridge.client.close()
                eventually(lambda: not session.guest('one')['bridge'], 'the bridge is gone')


def test_state_that_does_not_exist():
    with attacked() as (session, bridge):
        guest = bridge.control()
        expect(bridge, GUEST, 'invalid_state', lambda: guest.set_state(5, ''))


def test_reason_may_have_1024_bytes():
    with attacked() as (session, bridge):
        guest = bridge.control()
        guest.set_state(LOST, 'x' * 1024)
        bridge.client.roundtrip()
        check_equal(session.guest('one')['reason'], 'x' * 1024, 'the reason')
        expect(bridge, GUEST, 'reason_too_long', lambda: guest.set_state(LOST, 'x' * 1025))


def test_reason_of_control_characters_and_broken_utf8():
    with attacked() as (session, bridge):
        guest = bridge.control()
        guest.set_state(LOST, b'\x1b[2J\n\xff\xfe\xc0\x80\0')
        bridge.client.roundtrip()
        check_equal(session.guest('one')['state'], 'lost', 'the state')
        session.screenshot()


def test_pointer_mode_that_does_not_exist():
    with attacked() as (session, bridge):
        guest = bridge.control()
        for mode in range(3):
            guest.set_pointer_mode(mode)
        bridge.client.roundtrip()
        expect(bridge, GUEST, 'invalid_pointer_mode', lambda: guest.set_pointer_mode(3))


def test_leds_that_do_not_exist():
    with attacked() as (session, bridge):
        guest = bridge.control()
        for leds in range(8):
            guest.set_leds(leds)
        bridge.client.roundtrip()
        expect(bridge, GUEST, 'invalid_leds', lambda: guest.set_leds(8))


def test_bridge_that_vanishes_leaves_the_guest_lost():
    with attacked() as (session, bridge):
        bridge.control().set_state(RUNNING, '')
        bridge.head()
        bridge.show(320, 240, 0xff0000)
        bridge.client.close()
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the guest counts as lost')


# --- pictures

def test_picture_is_shown_letterboxed_by_whole_factors():
    with attacked() as (session, bridge):
        session.show_guest('one')
        bridge.control().set_state(RUNNING, '')
        bridge.head()
        bridge.show(320, 200, 0xff8800)
        shown = eventually(lambda: (shot := session.screenshot()).pixel(640, 360) == (0xff, 0x88, 0) and shot,
                           'the picture is on the output')
        # 320 x 200 fits 1280 x 720 three times: 960 x 600 in the middle
        for x, y, inside in ((160, 60, True), (159, 60, False), (160, 59, False),
                             (1119, 659, True), (1120, 659, False), (1119, 660, False)):
            check_equal(shown.pixel(x, y) == (0xff, 0x88, 0), inside, f'whether {x},{y} is of the picture')


def test_other_guest_is_not_touched():
    with attacked(name='two') as (session, bridge):
        session.show_guest('one')
        first = Bridge(session, 'one')
        first.control().set_state(RUNNING, '')
        first.head()
        first.show(1280, 720, 0x00ff00)
        eventually(lambda: session.screenshot().pixel(0, 0) == (0, 255, 0), 'guest one is shown')
        bridge.control().set_state(RUNNING, '')
        bridge.head()
        bridge.show(1280, 720, 0xff0000)
        check_equal(session.screenshot().pixel(640, 360), (0, 255, 0), 'the pixel of guest one')
        session.hand.press('a')
        first_guest = [one for one in first.client.objects.values() if one.interface.name == GUEST][0]
        first.client.roundtrip()
        keys = [arguments[2:] for arguments in first_guest.named('key')]
        check_equal(keys, [(30, 1), (30, 0)], 'the keys of guest one')
        bridge.client.roundtrip()
        others = [one for one in bridge.client.objects.values() if one.interface.name == GUEST][0]
        check_equal(others.named('key'), [], 'the keys of guest two')
        first.client.close()


# --- the wire itself

def test_garbage_on_the_wire():
    with attacked() as (session, bridge):
        for body in (b'', b'\xff' * 64, b'\x01\0\0\0\xff\xff\x04\0', os.urandom(512)):
            other = wire.Display(session.guests_socket)
            with contextlib.suppress(WireError):
                other.send_raw(1, 0xffff, body)
                other.roundtrip(2)
            other.close()
        other = wire.Display(session.guests_socket)
        with contextlib.suppress(WireError, OSError):
            other.socket.sendall(b'\x01\0\0\0\0\0\x03\0' + b'\0' * 400)
            other.roundtrip(2)
        other.close()


def test_requests_on_dead_objects():
    with attacked() as (session, bridge):
        head = bridge.head()
        head.destroy()
        try:
            head.ack_configure(1)
            bridge.client.roundtrip()
        except ProtocolError as error:
            check_equal(error.interface, 'wl_display', 'the object that refuses')
        else:
            raise WireError('a destroyed head took a request')


def test_surface_of_another_kind_as_head():
    with attacked() as (session, bridge):
        try:
            bridge.manager.get_head(bridge.token, 0, bridge.shm)
            bridge.client.roundtrip()
        except ProtocolError as error:
            check(error.interface in ('wl_display', MANAGER), f'refused by {error.interface}')
        else:
            raise WireError('a wl_shm was taken as surface of a head')


def test_many_connections():
    with attacked() as (session, bridge):
        others = [wire.Display(session.guests_socket) for _ in range(60)]
        for other in others:
            other.close()
