# SPDX-License-Identifier: MIT
"""A person at the session: eyes, keyboard, pointer, and the monitor's plug."""

import mmap
import os
import time

from picture import Picture
from wire import WireError

# Linux key codes of a US keyboard, by what stands on the key.
ROWS = {2: '1234567890-=', 16: 'qwertyuiop[]', 30: "asdfghjkl;'`", 43: '\\zxcvbnm,./'}
KEYS = {character: first + at for first, row in ROWS.items() for at, character in enumerate(row)}
KEYS.update({' ': 57, '\n': 28, '\t': 15, '\b': 14, '\x1b': 1})
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./"))
NAMED = {
    'esc': 1, 'backspace': 14, 'tab': 15, 'enter': 28, 'ctrl': 29, 'shift': 42, 'alt': 56, 'space': 57, 'f1': 59, 'f2': 60,
    'f10': 68, 'f11': 87, 'f12': 88, 'up': 103, 'left': 105, 'right': 106, 'down': 108, 'pgup': 104, 'pgdn': 109, 'home': 102, 'grave': 41,
    'end': 107, 'del': 111, 'super': 125,
}
BUTTONS = {'left': 0x110, 'right': 0x111, 'middle': 0x112, 'side': 0x113, 'extra': 0x114}

# Says nothing about any key: what counts here are the codes.
KEYMAP = b'''xkb_keymap {
xkb_keycodes "codes" { minimum = 8; maximum = 255; <ESC> = 9; };
xkb_types "none" { type "ONE_LEVEL" { modifiers = none; level_name[1] = "Any"; }; };
xkb_compatibility "none" { };
xkb_symbols "none" { key <ESC> { [ Escape ] }; };
};
\0'''


def memory(size):
    fd = os.memfd_create('ph-test', os.MFD_CLOEXEC)
    os.ftruncate(fd, size)
    return fd


class Hand:
    def __init__(self, client):
        self.client = client
        self.shm = client.bind('wl_shm')
        self.bound, self.outputs, self.names, self.switched = {}, [], [], {}
        self.seat = client.bind('wl_seat', 1)
        manager = client.bind('zwp_virtual_keyboard_manager_v1')
        self.keyboard = manager.create_virtual_keyboard(self.seat)
        fd = memory(len(KEYMAP))
        os.pwrite(fd, KEYMAP, 0)
        self.keyboard.keymap(1, fd, len(KEYMAP))
        os.close(fd)
        self.pointer = client.bind('zwlr_virtual_pointer_manager_v1', 1).create_virtual_pointer(self.seat)
        self.source = client.bind('ext_output_image_capture_source_manager_v1')
        self.capturer = client.bind('ext_image_copy_capture_manager_v1')
        self.find_outputs()

    def find_outputs(self):
        """An output that was switched off and on again is another object under the same name."""
        registry = self.client.registry
        gone = {arguments[0] for arguments in registry.named('global_remove')}
        for number, name, version in registry.named('global'):
            if name == 'wl_output' and number not in gone and number not in self.bound:
                self.bound[number] = registry.bind(number, 'wl_output', min(version, 4))
        self.client.roundtrip()
        here = {one.last('name')[0]: one for number, one in self.bound.items() if number not in gone}
        self.names += [name for name in here if name not in self.names]
        self.outputs = [here.get(name) for name in self.names]

    # --- eyes

    def capture(self, output=0, cursor=False):
        """What the output shows now, as a picture."""
        return self.capture_source(self.source.create_source(self.outputs[output]), cursor)

    def capture_source(self, source, cursor=False):
        """What an ext_image_capture_source_v1 shows; destroys it."""
        client = self.client
        session = self.capturer.create_session(source, 1 if cursor else 0)
        session.wait('done')
        width, height = session.last('buffer_size')
        formats = [arguments[0] for arguments in session.named('shm_format')]
        if not {0, 1} & set(formats):
            raise WireError(f'the compositor captures in none of the plain formats, only in {formats}')
        stride, fd = width * 4, memory(width * height * 4)
        pool = self.shm.create_pool(fd, stride * height)
        buffer = pool.create_buffer(0, width, height, stride, 1 if 1 in formats else 0)
        frame = session.create_frame()
        frame.attach_buffer(buffer)
        frame.damage_buffer(0, 0, width, height)
        frame.capture()
        client.wait_until(lambda: frame.named('ready') or frame.named('failed'), 'a captured frame')
        with mmap.mmap(fd, stride * height, prot=mmap.PROT_READ) as view:
            data = view[:]
        os.close(fd)
        for one in (frame, session, source, buffer, pool):
            one.destroy()
        if frame.named('failed'):
            raise WireError(f'the capture failed: {frame.last("failed")}')
        return Picture.from_xrgb(width, height, stride, data)

    # --- keyboard

    def now(self):
        return time.monotonic_ns() // 1000000 & 0xffffffff

    def key(self, code, down):
        self.keyboard.key(self.now(), code, 1 if down else 0)

    def press(self, *names, hold=0.02):
        """Keys by name or code, pressed in order, released in reverse: a chord."""
        codes = [name if isinstance(name, int) else NAMED.get(name) or KEYS[name] for name in names]
        for code in codes:
            self.key(code, True)
            time.sleep(hold)
        for code in reversed(codes):
            self.key(code, False)
            time.sleep(hold)
        self.client.roundtrip()

    def type(self, text, hold=0.02):
        for character in text:
            if character in SHIFTED or character.isupper():
                self.press('shift', SHIFTED.get(character, character.lower()), hold=hold)
            else:
                self.press(character, hold=hold)

    # --- pointer

    def move_to(self, x, y, width, height):
        """To that pixel of an output of that size: to its middle, as near as the wire allows."""
        self.pointer.motion_absolute(self.now(), 2 * x + 1, 2 * y + 1, 2 * width, 2 * height)
        self.pointer.frame()
        self.client.roundtrip()

    def move_by(self, dx, dy):
        self.pointer.motion(self.now(), dx, dy)
        self.pointer.frame()
        self.client.roundtrip()

    def button(self, name, down):
        self.pointer.button(self.now(), BUTTONS[name], 1 if down else 0)
        self.pointer.frame()
        self.client.roundtrip()

    def click(self, name='left'):
        self.button(name, True)
        time.sleep(0.02)
        self.button(name, False)

    def scroll(self, steps, horizontal=False):
        """Detents of a wheel; positive is down or right."""
        axis, sign = 1 if horizontal else 0, 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            self.pointer.axis_source(0)
            self.pointer.axis_discrete(self.now(), axis, 15 * sign, sign)
            self.pointer.frame()
        self.client.roundtrip()

    def slide(self, amount, count=1):
        """Two fingers on a touchpad that go on scrolling: so many events; 15 are a wheel's detent."""
        for _ in range(count):
            self.pointer.axis_source(1)
            self.pointer.axis(self.now(), 0, amount)
            self.pointer.frame()
        self.client.roundtrip()

    # --- the monitor's plug

    def output_size(self, output=0):
        """Pixels of its present mode."""
        flags, *size, _ = self.outputs[output].last('mode')
        return tuple(size)

    def apply(self, manager, configuration, what):
        """Applies an output configuration, demands that it succeeds, and ends both objects."""
        configuration.apply()
        self.client.wait_until(lambda: configuration.events, 'the answer to a new output configuration')
        answer = configuration.events[0][0]
        configuration.destroy()
        manager.stop()
        if answer != 'succeeded':
            raise WireError(f'{what}: the output configuration has {answer}')
        self.client.roundtrip()

    def resize_output(self, width, height, output=0, scale=None):
        """Gives the output another mode and waits until it has it."""
        manager = self.client.bind('zwlr_output_manager_v1')
        serial = manager.wait('done')[0]
        heads = [arguments[0] for arguments in manager.named('head')]
        configuration = manager.create_configuration(serial)
        for head in heads:
            state = configuration.enable_head(head)
            if head.last('name') == self.outputs[output].last('name'):
                state.set_custom_mode(width, height, 0)
                if scale:
                    state.set_scale(scale)
        self.apply(manager, configuration, f'{width} x {height}')

    def is_on(self, output=0):
        return self.switched.get(output, True)

    def switch_outputs(self, *on):
        """Switches each output on or off, as if its cable were pulled."""
        manager = self.client.bind('zwlr_output_manager_v1')
        serial = manager.wait('done')[0]
        heads = {arguments[0].last('name')[0]: arguments[0] for arguments in manager.named('head')}
        configuration = manager.create_configuration(serial)
        for output, wanted in enumerate(on):
            head = heads[self.names[output]]
            if wanted:
                configuration.enable_head(head)
            else:
                configuration.disable_head(head)
            self.switched[output] = wanted
        self.apply(manager, configuration, f'switching to {on}')
        self.find_outputs()
