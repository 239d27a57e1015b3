# SPDX-License-Identifier: MIT
"""As much of a VNC client as a picture and keys take: RFC 6143."""

import socket
import struct


def demand(condition, why):
    if not condition:
        raise ConnectionError(f'VNC: {why}')


class Vnc:
    """A connection to a server on this computer."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), 10)
        demand(self.read(12).startswith(b'RFB 003.'), 'another greeting')
        self.socket.sendall(b'RFB 003.008\n')
        kinds = self.read(self.read(1)[0])
        demand(1 in kinds, f'no VNC without a password, but {list(kinds)}')
        self.socket.sendall(b'\1')
        demand(self.read(4) == bytes(4), 'the login is refused')
        self.socket.sendall(b'\1')
        self.width, self.height = struct.unpack('>HH', self.read(4))
        self.read(16)
        self.read(struct.unpack('>I', self.read(4))[0])
        # 32 bits, true colour, 0xRRGGBB in little-endian; raw.
        self.socket.sendall(struct.pack('>B3xBBBBHHHBBB3x', 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0))
        self.socket.sendall(struct.pack('>BxHi', 2, 1, 0))

    def read(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            demand(part, 'the VNC server hung up')
            data += part
        return data

    def picture(self):
        """Pixels (rows of bytes) of a whole update."""
        self.socket.sendall(struct.pack('>BBHHHH', 3, 0, 0, 0, self.width, self.height))
        rows = [bytearray(self.width * 4) for _ in range(self.height)]
        demand(self.read(1) == b'\0', 'another kind of message')
        for _ in range(struct.unpack('>xH', self.read(3))[0]):
            x, y, width, height, encoding = struct.unpack('>HHHHi', self.read(12))
            demand(encoding == 0, f'encoding {encoding}')
            for row in range(y, y + height):
                rows[row][x * 4:(x + width) * 4] = self.read(width * 4)
        return rows

    def key(self, symbol):
        for down in (1, 0):
            self.socket.sendall(struct.pack('>BBxxI', 4, down, symbol))
