# SPDX-License-Identifier: MIT
"""In the computer: input devices that a program makes, by the kernel's uinput or uhid.

Codes are those of linux/input-event-codes.h, requests those of linux/uinput.h.
"""

import fcntl
import os
import struct
import subprocess
import time

EVENT = struct.Struct('@llHHi')
EV_SYN, EV_KEY, EV_REL, EV_ABS, EV_SW = 0, 1, 2, 3, 5
REL_X, REL_Y, REL_WHEEL = 0, 1, 8
ABS_X, ABS_Y, ABS_PRESSURE, ABS_SLOT, ABS_MT_X, ABS_MT_Y, ABS_ID = 0, 1, 0x18, 0x2f, 0x35, 0x36, 0x39
SW_LID = 0
KEY_1, KEY_CTRL, KEY_A, KEY_SHIFT, KEY_C, KEY_B, KEY_ALT, KEY_DELETE, KEY_SUPER = 2, 29, 30, 42, 46, 48, 56, 111, 125
KEY_BRIGHTNESSDOWN, KEY_BRIGHTNESSUP = 224, 225
ALL_KEYS = range(1, 128)
BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_TASK = 0x110, 0x111, 0x112, 0x117
BTN_PEN, BTN_FINGER, BTN_TOUCH, BTN_STYLUS, BTN_STYLUS2, BTN_DOUBLETAP, BTN_TRIPLETAP = 0x140, 0x145, 0x14a, 0x14b, 0x14c, 0x14d, 0x14e
PROP_POINTER, PROP_DIRECT, PROP_BUTTONPAD = 0, 1, 2

UI_DEV_CREATE, UI_DEV_SETUP, UI_ABS_SETUP = 0x5501, 0x405c5503, 0x401c5504
UI_SET_EVBIT, UI_SET_PROPBIT = 0x40045564, 0x4004556e
UI_SET_BIT = {EV_KEY: 0x40045565, EV_REL: 0x40045566, EV_ABS: 0x40045567, EV_SW: 0x4004556d}


class Uinput:
    """A device that is plugged in until it is unplugged, or the program ends."""

    def __init__(self, name, keys=(), motions=(), axes=(), switches=(), properties=(), pause=0):
        """axes: of absolute position, as (code, largest value, units a millimetre); pause: after each report, in s."""
        subprocess.run(['modprobe', 'uinput'], check=True)
        self.name, self.pause = name, pause
        self.fd = os.open('/dev/uinput', os.O_WRONLY | os.O_CLOEXEC)
        kinds = {EV_KEY: keys, EV_REL: motions, EV_ABS: [code for code, _, _ in axes], EV_SW: switches}
        for kind, codes in kinds.items():
            if codes:
                fcntl.ioctl(self.fd, UI_SET_EVBIT, kind)
            for code in codes:
                fcntl.ioctl(self.fd, UI_SET_BIT[kind], code)
        for code, largest, resolution in axes:
            fcntl.ioctl(self.fd, UI_ABS_SETUP, struct.pack('=HHiiiiii', code, 0, 0, 0, largest, 0, 0, resolution))
        for one in properties:
            fcntl.ioctl(self.fd, UI_SET_PROPBIT, one)
        fcntl.ioctl(self.fd, UI_DEV_SETUP, struct.pack('=HHHH80sI', 3, 0x1234, len(name), 1, name.encode(), 0))
        fcntl.ioctl(self.fd, UI_DEV_CREATE)

    def send(self, *events):
        """One report of (kind, code, value). Returns when it was written, in µs of CLOCK_MONOTONIC."""
        data = b''.join(EVENT.pack(0, 0, *event) for event in (*events, (EV_SYN, 0, 0)))
        now = time.monotonic_ns() // 1000
        os.write(self.fd, data)
        if self.pause:
            time.sleep(self.pause)
        return now

    def key(self, code, down):
        return self.send((EV_KEY, code, int(down)))

    def move(self, dx, dy):
        return self.send((EV_REL, REL_X, dx), (EV_REL, REL_Y, dy))

    def chord(self, modifier, code):
        """Returns when the second key was pressed."""
        self.key(modifier, True)
        pressed = self.key(code, True)
        self.key(code, False)
        self.key(modifier, False)
        return pressed

    def unplug(self):
        os.close(self.fd)


def make_keyboard(name):
    return Uinput(name, keys=ALL_KEYS)


def make_mouse(name):
    return Uinput(name, keys=(BTN_LEFT, BTN_RIGHT, BTN_MIDDLE), motions=(REL_X, REL_Y, REL_WHEEL))


class HidKeyboard:
    """A keyboard of the kernel's HID drivers (uhid), as those of USB and Bluetooth are; on its cable are we."""

    # Of USB's boot protocol: a byte of modifiers, an unused one, six keys.
    REPORT = bytes.fromhex('05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0')

    def __init__(self, name):
        subprocess.run(['modprobe', '-a', 'uhid', 'hid-generic'], check=True)
        self.name = name
        self.fd = os.open('/dev/uhid', os.O_RDWR | os.O_CLOEXEC)
        os.write(self.fd, struct.pack('=I128s64s64sHHIIII4096s', 11, name.encode(), b'', b'', len(self.REPORT), 3,
                                      0x1234, 0x5678, 0, 0, self.REPORT))

    def send(self, modifiers=0, key=0):
        os.write(self.fd, struct.pack('=IH4096s', 12, 8, bytes([modifiers, 0, key])))

    def unplug(self):
        os.close(self.fd)


class Hand:
    """A keyboard and a mouse."""

    def __init__(self, name='Lab'):
        self.keyboard, self.mouse = make_keyboard(f'{name} Keyboard'), make_mouse(f'{name} Mouse')
        self.key, self.chord, self.move = self.keyboard.key, self.keyboard.chord, self.mouse.move
        subprocess.run(['udevadm', 'settle'], check=False)
