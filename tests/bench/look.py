# SPDX-License-Identifier: MIT
"""In the computer: what monitors show at each of their flips, read out of the planes' framebuffers.

The kernel names the framebuffer of the last commit, whose flip may be still to
come. So it is read when vkms takes a commit over, which is traced too: that is
what the next flip of this CRTC shows, and no other commit comes before.
"""

import contextlib
import fcntl
import os
import re
import select
import struct
import threading
import time

from kernel import FLIP, STATE, TRACE, Screen, begin_trace, write
from sessions import card
from tracefs import write as append  # tests/lab's

COMMIT = 'bench_commit'
# The third member of a struct drm_crtc behind its device, port and two links is its name.
PROBE = f'p:{COMMIT} vkms:vkms_crtc_atomic_flush name=+0(+32(%di)):string'
LINE = re.compile(rf'(\d+)\.(\d{{6}}): (?:{COMMIT}: .*name="crtc-(\d+)"|{FLIP}: (?!file=(?:0+,|\(null\))).*crtc=(\d+), seq=(\d+))')


def modes():
    """Of each CRTC that is lit, by its number: refreshes a second as its mode has them."""
    with open(STATE, encoding='utf-8') as state:
        parts = re.split(r'^(?=crtc\[)', state.read(), flags=re.M)
    found = {}
    for part in parts:
        head = re.match(r'crtc\[\d+\]: crtc-(\d+)', part)
        mode = re.search(r'^\tmode: "[^"]*": \d+ (\d+) \d+ \d+ \d+ (\d+) \d+ \d+ \d+ (\d+) ', part, re.M)
        if head and mode and re.search(r'^\tactive=1', part, re.M) and int(mode[2]) and int(mode[3]):
            found[int(head[1])] = int(mode[1]) * 1000 / (int(mode[2]) * int(mode[3]))
    return found


class Look(threading.Thread):
    """Reads points of the planes of some CRTCs at each commit and each flip, in a thread that comes first."""

    def __init__(self, points):
        """points: {number of the CRTC: (width, height, [(x, y)])}; a plane of another size is not looked at."""
        super().__init__(daemon=True)
        self.points, self.going, self.lost = points, True, 0
        self.events = {crtc: [] for crtc in points}
        self.screen = Screen(card())
        self.planes = {crtc: self.find_planes(crtc) for crtc in points}
        begin_trace(8192)
        write('buffer_percent', '0')  # who waits for a line gets it at once
        with contextlib.suppress(OSError):
            append('kprobe_events', f'-:{COMMIT}')
        append('kprobe_events', PROBE)
        write(f'events/kprobes/{COMMIT}/enable', '1')
        write(f'events/drm/{FLIP}/enable', '1')
        self.pipe = os.open(f'{TRACE}/trace_pipe', os.O_RDONLY | os.O_NONBLOCK)
        self.start()

    def find_planes(self, crtc):
        """Those that it can have and that are no cursor."""
        with open(STATE, encoding='utf-8') as state:
            numbers = [int(number) for number, name in re.findall(r'^plane\[(\d+)\]: (\S+)', state.read(), re.M) if 'cursor' not in name]
        return [number for number in numbers if self.plane(number)[3] & 1 << crtc]

    def plane(self, number):
        """(its number, its CRTC, its framebuffer or 0, which CRTCs it can have)."""
        return struct.unpack('=6IQ', fcntl.ioctl(self.screen.fd, 0xc02064b6, struct.pack('=6IQ', number, *[0] * 6)))[:4]

    def read(self, crtc):
        """[(framebuffer, (0xRRGGBB of each point))] of the planes that are as large as the monitor; None where it changes meanwhile."""
        width, height, points = self.points[crtc]
        found = []
        for number in self.planes[crtc]:
            fb = self.plane(number)[2]
            if not fb:
                continue
            try:
                memory, pitch, offset, fourcc = self.screen.map_fb(fb)
            except (OSError, ValueError, struct.error):
                return None
            with memory:
                if pitch < width * 4 or len(memory) < offset + pitch * height:
                    continue
                order = 'big' if fourcc[1:2] == b'B' else 'little'
                at = [offset + y * pitch + x * 4 for x, y in points]
                found.append((fb, tuple(int.from_bytes(memory[one:one + 3], order) for one in at)))
            if self.plane(number)[2] != fb:
                return None
        return found

    def run(self):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        rest = ''
        while self.going:
            select.select([self.pipe], [], [], 0.5)
            try:
                rest += os.read(self.pipe, 65536).decode(errors='replace')
            except BlockingIOError:
                continue
            *lines, rest = rest.split('\n')
            for line in lines:
                self.lost += 'LOST' in line
                if not (match := LINE.search(line)):
                    continue
                crtc, seq = int(match[3] or match[4]), match[5] and int(match[5])
                if crtc in self.points:
                    value = self.read(crtc)
                    self.events[crtc].append((int(match[1]) * 1000000 + int(match[2]), seq, time.monotonic_ns() // 1000, value))

    def finish(self):
        """{CRTC: [(µs, the refresh's number or None for a commit, µs when it was read, what)]}, see judge.pair_flips."""
        self.going = False
        self.join(5)
        write(f'events/drm/{FLIP}/enable', '0')
        write(f'events/kprobes/{COMMIT}/enable', '0')
        append('kprobe_events', f'-:{COMMIT}')
        os.close(self.pipe)
        self.screen.close()
        if self.lost:
            raise SystemExit('the kernel\'s trace was full: flips were lost')
        return self.events
