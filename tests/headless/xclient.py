# SPDX-License-Identifier: MIT
"""An X server without a screen (Xvfb), and a client of it: eyes, hands and window manager for nested sessions."""

import contextlib
import os
import select
import shutil
import socket
import struct
import subprocess

from picture import Picture
from run import PR_SET_PDEATHSIG, Skip, libc

KEY_DOWN, KEY_UP, MOTION = 2, 3, 6


class XServer:
    """Xvfb with one screen, as its only other client sees it. Little-endian computers only."""

    def __init__(self, folder, width, height):
        if not shutil.which('Xvfb'):
            raise Skip('the program Xvfb is not installed')
        # Those that choose a number for themselves may choose the same at the same time.
        number = 1000 + os.getpid() % 50000
        self.files = [f'/tmp/.X11-unix/X{number}', f'/tmp/.X{number}-lock']
        self.reader, writer = os.pipe()
        with open(f'{folder}/Xvfb.log', 'wb') as log:
            self.process = subprocess.Popen(
                ['Xvfb', f':{number}', '-displayfd', str(writer), '-screen', '0', f'{width}x{height}x24', '-nolisten', 'tcp', '-noreset'],
                pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, 9))
        os.close(writer)
        if not select.select([self.reader], [], [], 20)[0] or not os.read(self.reader, 16):
            self.close()
            raise OSError('Xvfb does not start')
        self.name, self.size = f':{number}', (width, height)
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.link.settimeout(10)
        self.link.connect(self.files[0])
        self.link.sendall(struct.pack('<BxHHHHxx', ord('l'), 11, 0, 0, 0))
        status, words = struct.unpack('<B5xH', self.receive(8))
        setup = self.receive(words * 4)
        if status != 1:
            raise OSError('Xvfb refuses its client')
        vendor, formats = struct.unpack_from('<H', setup, 16)[0], setup[21]
        self.root = struct.unpack_from('<I', setup, 32 + (vendor + 3) // 4 * 4 + formats * 8)[0]
        self.test = self.query_extension('XTEST')
        # Where there is a window manager these are there: wlroots does not make them.
        for name in ('WM_PROTOCOLS', 'WM_DELETE_WINDOW', '_NET_WM_NAME', 'UTF8_STRING', '_VARIABLE_REFRESH'):
            self.atom(name)

    def receive(self, length):
        data = b''
        while len(data) < length:
            part = self.link.recv(length - len(data))
            if not part:
                raise OSError('the X server has closed the connection')
            data += part
        return data

    def send(self, opcode, detail, body=b''):
        body += bytes(-len(body) % 4)
        self.link.sendall(struct.pack('<BBH', opcode, detail, 1 + len(body) // 4) + body)

    def ask(self, opcode, detail, body=b''):
        """Sends a request and returns its reply. Events that everybody gets are left out."""
        self.send(opcode, detail, body)
        while (reply := self.receive(32))[0] > 1:
            pass
        if reply[0] != 1:
            raise OSError(f'X request {opcode}: error {reply[1]}')
        return reply + self.receive(struct.unpack_from('<I', reply, 4)[0] * 4)

    def query_extension(self, name):
        return self.ask(98, 0, struct.pack('<Hxx', len(name)) + name.encode())[9]

    def atom(self, name):
        return struct.unpack_from('<I', self.ask(16, 0, struct.pack('<Hxx', len(name)) + name.encode()), 8)[0]

    def windows(self):
        reply = self.ask(15, 0, struct.pack('<I', self.root))
        return struct.unpack_from(f'<{struct.unpack_from("<H", reply, 16)[0]}I', reply, 32)

    def capture(self, width, height):
        """The upper left part of the screen."""
        reply = self.ask(73, 2, struct.pack('<IhhHHI', self.root, 0, 0, width, height, 0xffffffff))
        return Picture.from_xrgb(width, height, width * 4, reply[32:])

    def fake(self, kind, detail=0, x=0, y=0):
        self.send(self.test, 2, struct.pack('<BBxxII8xhh8x', kind, detail, 0, self.root, x, y))
        self.windows()  # it is done when this is answered

    def key(self, code, down):
        """code: of Linux; X counts from 8 on."""
        self.fake(KEY_DOWN if down else KEY_UP, code + 8)

    def move_to(self, x, y):
        self.fake(MOTION, 0, x, y)

    def resize_window(self, window, width, height):
        self.send(12, 0, struct.pack('<IHxxII', window, 0x4 | 0x8, width, height))

    def close_window(self, window):
        """As window managers do: the window is asked to go."""
        event = struct.pack('<BBHIIIIIII', 33, 32, 0, window, self.atom('WM_PROTOCOLS'), self.atom('WM_DELETE_WINDOW'), 0, 0, 0, 0)
        self.send(25, 0, struct.pack('<II', window, 0) + event)

    def close(self):
        with contextlib.suppress(AttributeError):
            self.link.close()
        self.process.terminate()
        self.process.wait(10)
        os.close(self.reader)
        for path in self.files:  # one that was killed has left them
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
