# SPDX-License-Identifier: MIT
"""What vkms has to make of the framebuffers on its planes: its CRC, worked out here.

vkms lays planes over each other in the order of their numbers, in 16 bits a
channel, and hands out the CRC-32 of the rows of what it has got.
"""

import fcntl
import itertools
import mmap
import os
import re
import struct
import zlib

from vkms import Crcs, read_state


def card():
    """vkms' node."""
    names = (name for name in os.listdir('/sys/class/drm') if re.fullmatch(r'card\d+', name))
    return next(f'/dev/dri/{name}' for name in names if 'vkms' in os.path.realpath(f'/sys/class/drm/{name}/device')
                or 'faux' in os.path.realpath(f'/sys/class/drm/{name}/device'))


class Plane:
    """One plane that is on, as the kernel tells it."""

    def __init__(self, text):
        def find(pattern):
            found = re.search(pattern, text)
            return found and found[1]
        self.name = find(r'^plane\[\d+\]: (\S+)')  # numbered: each monitor's primary one comes first
        self.crtc, self.fb = find(r'crtc=(\S+)'), int(find(r'fb=(\d+)'))
        self.width, self.height, self.x, self.y = map(int, re.search(r'crtc-pos=(\d+)x(\d+)([+-]\d+)([+-]\d+)', text).groups())
        self.format = find(r'format=(\w{4})')
        self.imported = find(r'imported=(\w+)') == 'yes'
        self.box = (self.x, self.y, self.width, self.height)

    def is_pointer(self):
        return self.format == 'AR24' and self.width == self.height  # and nothing else with alpha is square

    def __repr__(self):
        return f'{self.name}: fb {self.fb} {self.format} {"imported" if self.imported else "own"} at {self.box}'


def all_planes(crtc=None):
    """What is on, from below to above."""
    parts = re.split(r'^(?=plane\[|crtc\[|connector\[)', read_state(), flags=re.M)
    found = [Plane(part) for part in parts if part.startswith('plane[') and re.search(r'fb=[1-9]', part)]
    return [plane for plane in found if crtc in (None, plane.crtc)]


def planes(crtc=None):
    """The same without the pointer's."""
    return [plane for plane in all_planes(crtc) if not plane.is_pointer()]


class Framebuffers:
    """Reads what the kernel has on a plane; root may."""

    GETFB2, PRIME, CLOSE = 0xc06864ce, 0xc00c642d, 0x40086409

    def __init__(self):
        self.fd = os.open(card(), os.O_RDWR | os.O_CLOEXEC)

    def rows(self, plane):
        """Its pixels as bytes of B, G, R, A, a row each."""
        request = bytearray(struct.pack('=5I4I4I4I4x4Q', plane.fb, 0, 0, 0, 0, *[0] * 12, *[0] * 4))
        fcntl.ioctl(self.fd, self.GETFB2, request)
        fields = struct.unpack('=5I4I4I4I4x4Q', request)
        width, height, handle, pitch, offset = fields[1], fields[2], fields[5], fields[9], fields[13]
        prime = bytearray(struct.pack('=IIi', handle, os.O_CLOEXEC, -1))
        fcntl.ioctl(self.fd, self.PRIME, prime)
        dmabuf = struct.unpack('=IIi', prime)[2]
        with mmap.mmap(dmabuf, offset + pitch * height, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
            rows = [memory[offset + pitch * y:offset + pitch * y + width * 4] for y in range(height)]
        os.close(dmabuf)
        fcntl.ioctl(self.fd, self.CLOSE, struct.pack('=II', handle, 0))
        return rows

    def close(self):
        os.close(self.fd)


def over(source, under, alpha):
    """One channel in 16 bits, premultiplied, rounded as vkms does."""
    return (source * 0xffff + under * (0xffff - alpha) + 0x7fff) // 0xffff


class Row:
    """One row of the screen: each channel's high and low bytes, as red, green, blue."""

    def __init__(self, width):
        self.width = width
        self.high = [bytearray(width) for _ in range(3)]
        self.low = [bytearray(width) for _ in range(3)]

    def crc(self, crc):
        out = bytearray(self.width * 8)  # alpha first, which is 1
        out[0::8] = out[1::8] = b'\xff' * self.width
        for channel in range(3):
            out[2 + channel * 2::8] = self.low[channel]
            out[3 + channel * 2::8] = self.high[channel]
        return zlib.crc32(out, crc ^ 0xffffffff) ^ 0xffffffff

    def copy(self, x, row):
        for channel, at in enumerate((2, 1, 0)):
            self.high[channel][x:x + len(row) // 4] = self.low[channel][x:x + len(row) // 4] = row[at::4]

    def blend(self, x, row, tables):
        """Runs of the same pixel: text, shades and boxes are made of these."""
        at = x
        for pixel, run in itertools.groupby(memoryview(row).cast('I')):
            end = at + sum(1 for _ in run)
            if pixel >> 24 == 0xff:
                self.copy(at, pixel.to_bytes(4, 'little') * (end - at))
            elif pixel:
                for channel in range(3):
                    self.blend_run(channel, at, end, pixel >> 16 - channel * 8 & 0xff, pixel >> 24, tables)
            at = end

    def blend_run(self, channel, at, end, source, alpha, tables):
        high, low = self.high[channel], self.low[channel]
        if high[at:end] == low[at:end]:  # 8 bits as they came: a table has them all
            if (source, alpha) not in tables:
                values = [over(source * 257, under * 257, alpha * 257) for under in range(256)]
                tables[source, alpha] = bytes(v >> 8 for v in values), bytes(v & 0xff for v in values)
            under = bytes(high[at:end])
            high[at:end], low[at:end] = (under.translate(table) for table in tables[source, alpha])
            return
        for i in range(at, end):
            value = over(source * 257, high[i] << 8 | low[i], alpha * 257)
            high[i], low[i] = value >> 8, value & 0xff


def snapshot(crtc):
    """What is on the planes now, from below to above: [(plane, its rows)]."""
    buffers = Framebuffers()
    taken = [(plane, buffers.rows(plane)) for plane in all_planes(crtc)]
    buffers.close()
    return taken


def compose(taken, width, height, step=1):
    """Every step-th row of the screen with a snapshot's planes: {y: Row}."""
    canvas, tables = {y: Row(width) for y in range(0, height, step)}, {}
    for plane, rows in taken:
        left, right = max(0, -plane.x), min(plane.width, width - plane.x)
        for y, row in enumerate(rows):
            under = canvas.get(plane.y + y)
            if under is None or right <= left:
                continue
            if plane.format[0] == 'X':
                under.copy(plane.x + left, row[left * 4:right * 4])
            else:
                under.blend(plane.x + left, row[left * 4:right * 4], tables)
    return canvas


def expected_crc(taken, width, height):
    """The CRC that vkms has to come to with a snapshot's planes."""
    crc = 0
    for row in compose(taken, width, height).values():
        crc = row.crc(crc)
    return crc


def seen_crcs(crtc, count, seconds=60):
    """The CRCs of so many frames that vkms composes from now on."""
    reader = Crcs(crtc).wait(count, seconds)
    reader.stop()
    return [int(crc, 16) for _, crc in reader.entries]
