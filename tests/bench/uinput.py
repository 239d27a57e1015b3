# SPDX-License-Identifier: MIT
"""In the computer: a keyboard and a mouse of uinput's, which a session finds when it starts."""

import fcntl
import os
import struct
import subprocess
import time

EVENT = struct.Struct('@llHHi')
EV_SYN, EV_KEY, EV_REL = 0, 1, 2
KEY_1, KEY_A, KEY_SUPER = 2, 30, 125
BTN_LEFT = 272


class Hand:
    def __init__(self):
        subprocess.run(['modprobe', 'uinput'], check=True)
        self.keyboard = self.make(b'Bench Keyboard', keys=range(1, 128))
        self.mouse = self.make(b'Bench Mouse', keys=range(BTN_LEFT, BTN_LEFT + 3), axes=(0, 1))
        subprocess.run(['udevadm', 'settle'], check=False)

    @staticmethod
    def make(name, keys, axes=()):
        fd = os.open('/dev/uinput', os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(fd, 0x40045564, EV_KEY)  # UI_SET_EVBIT
        for key in keys:
            fcntl.ioctl(fd, 0x40045565, key)  # UI_SET_KEYBIT
        if axes:
            fcntl.ioctl(fd, 0x40045564, EV_REL)
        for axis in axes:
            fcntl.ioctl(fd, 0x40045566, axis)  # UI_SET_RELBIT
        fcntl.ioctl(fd, 0x405c5503, struct.pack('=HHHH80sI', 3, 0x1234, 1 + len(axes), 1, name, 0))  # UI_DEV_SETUP
        fcntl.ioctl(fd, 0x5501)  # UI_DEV_CREATE
        return fd

    @staticmethod
    def send(fd, *events):
        """Returns when, in µs of CLOCK_MONOTONIC."""
        data = b''.join(EVENT.pack(0, 0, *event) for event in events) + EVENT.pack(0, 0, EV_SYN, 0, 0)
        now = time.monotonic_ns() // 1000
        os.write(fd, data)
        return now

    def key(self, code, down):
        return self.send(self.keyboard, (EV_KEY, code, int(down)))

    def move(self, dx, dy):
        return self.send(self.mouse, (EV_REL, 0, dx), (EV_REL, 1, dy))

    def chord(self, modifier, code):
        """Returns when the second key was pressed."""
        self.key(modifier, True)
        pressed = self.key(code, True)
        self.key(code, False)
        self.key(modifier, False)
        return pressed
