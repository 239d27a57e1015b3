# SPDX-License-Identifier: MIT
"""Pictures as plain RGB bytes: read, cut, scale, compare, write."""

import struct
import zlib


class Picture:
    def __init__(self, width, height, rgb):
        if len(rgb) != width * height * 3:
            raise ValueError(f'{len(rgb)} bytes are no picture of {width} x {height}')
        self.width, self.height, self.rgb = width, height, bytes(rgb)

    def __eq__(self, other):
        return self.size == other.size and self.rgb == other.rgb

    @property
    def size(self):
        return self.width, self.height

    @classmethod
    def from_xrgb(cls, width, height, stride, data):
        """Rows of 32-bit little-endian 0xXXRRGGBB, as of wl_shm or a guest's b8g8r8x8."""
        if stride != width * 4:
            data = b''.join(data[row * stride:row * stride + width * 4] for row in range(height))
        rgb = bytearray(width * height * 3)
        for channel in range(3):
            rgb[channel::3] = data[2 - channel:width * height * 4:4]
        return cls(width, height, rgb)

    @classmethod
    def from_ppm(cls, path):
        with open(path, 'rb') as file:
            data = file.read()
        words, at = [], 0
        while len(words) < 4:  # "P6", width, height, 255
            end = min(position for position in (data.find(c, at) for c in b' \n\t') if position >= 0)
            if end > at:
                words.append(data[at:end])
            at = end + 1
        if words[0] != b'P6' or words[3] != b'255':
            raise ValueError(f'{path}: not the kind of picture that QEMU writes')
        return cls(int(words[1]), int(words[2]), data[at:])

    def write_png(self, path):
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        line = self.width * 3
        rows = b''.join(b'\0' + self.rgb[y * line:(y + 1) * line] for y in range(self.height))
        with open(path, 'wb') as file:
            file.write(b'\x89PNG\r\n\x1a\n'
                       + chunk(b'IHDR', struct.pack('>IIBBBBB', self.width, self.height, 8, 2, 0, 0, 0))
                       + chunk(b'IDAT', zlib.compress(rows, 1)) + chunk(b'IEND', b''))

    def pixel(self, x, y):
        at = (y * self.width + x) * 3
        return tuple(self.rgb[at:at + 3])

    def crop(self, x, y, width, height):
        line = self.width * 3
        return Picture(width, height, b''.join(
            self.rgb[row * line + x * 3:row * line + (x + width) * 3] for row in range(y, y + height)))

    def enlarge(self, factor):
        """Every pixel as a block."""
        if factor == 1:
            return self
        rows = []
        for y in range(self.height):
            row = self.rgb[y * self.width * 3:(y + 1) * self.width * 3]
            wide = bytearray(len(row) * factor)
            for step in range(factor):
                for channel in range(3):
                    wide[step * 3 + channel::3 * factor] = row[channel::3]
            rows.append(bytes(wide) * factor)
        return Picture(self.width * factor, self.height * factor, b''.join(rows))

    def on_canvas(self, width, height, color=(0, 0, 0)):
        """As a session shows it: by the largest whole factor, centred. Only if it fits."""
        factor = min(width // self.width, height // self.height)
        if factor < 1:
            raise ValueError(f'{self.width} x {self.height} does not fit {width} x {height}')
        inner, fill = self.enlarge(factor), bytes(color)
        left, top = (width - inner.width) // 2, (height - inner.height) // 2
        rows, line = [fill * width] * top, inner.width * 3
        for y in range(inner.height):
            rows.append(fill * left + inner.rgb[y * line:(y + 1) * line]
                        + fill * (width - left - inner.width))
        rows += [fill * width] * (height - top - inner.height)
        return Picture(width, height, b''.join(rows))

    def colors(self):
        """How many different pixels there are, counted up to 1000."""
        found = set()
        for at in range(0, len(self.rgb), 3):
            found.add(self.rgb[at:at + 3])
            if len(found) == 1000:
                break
        return len(found)

    def read_cells(self, width, height, left=0, top=0):
        """Rows of text cells of that size: each cell's pixels, None where it is of one color."""
        rows, line, step = [], self.width * 3, width * 3
        for y in range(top, self.height - height + 1, height):
            row = []
            for x in range(left, self.width - width + 1, width):
                cell = b''.join(self.rgb[at * line + x * 3:at * line + x * 3 + step] for at in range(y, y + height))
                row.append(None if cell == cell[:3] * (width * height) else cell)
            rows.append(row)
        return rows

    def find_text(self, text, *cells, column=None):
        """Whether some line reads like text, in cells as of read_cells; then (row, column).

        With column, only where it begins there.
        Which glyphs those are is not known, only which of them are the same: take a
        text in which few different letters repeat without rhythm. Blanks are blank.
        """
        first = [text.index(letter) for letter in text]
        different = len(set(text) - {' '})
        for number, row in enumerate(self.read_cells(*cells)):
            for at in range(len(row) - len(text) + 1) if column is None else [column]:
                part = row[at:at + len(text)]
                if all((cell is None) == (letter == ' ') and cell == part[one]
                       for cell, letter, one in zip(part, text, first)) and len(set(part) - {None}) == different:
                    return number, at
        return None

    def difference(self, other):
        """None if equal, else (text, picture): what differs, white on black."""
        if self.size != other.size:
            return f'{self.width} x {self.height} against {other.width} x {other.height}', None
        if self.rgb == other.rgb:
            return None
        marks, count, first = bytearray(len(self.rgb)), 0, None
        for at in range(0, len(self.rgb), 3):
            if self.rgb[at:at + 3] != other.rgb[at:at + 3]:
                marks[at:at + 3] = b'\xff\xff\xff'
                count += 1
                first = at // 3 if first is None else first
        x, y = first % self.width, first // self.width
        return (f'{count} of {self.width * self.height} pixels differ, the first at {x},{y}: '
                f'{self.pixel(x, y)} against {other.pixel(x, y)}'), Picture(self.width, self.height, marks)
