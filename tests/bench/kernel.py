# SPDX-License-Identifier: MIT
"""In the computer: what is on the screen and when, by the kernel's account."""

import fcntl
import mmap
import os
import re
import struct
import subprocess
import sys
import threading

sys.path.insert(0, '/src/tests/lab')
from tracefs import KernelCalls  # noqa: E402

TRACE = '/sys/kernel/tracing'
STATE = '/sys/kernel/debug/dri/lab/state'
FLIP = 'drm_vblank_event_delivered'
EXEC = 'sched_process_exec'


def write(name, text):
    with open(f'{TRACE}/{name}', 'w', encoding='ascii') as file:
        file.write(text)


def begin_trace(kilobytes):
    """Empties the kernel's trace, whose times are those of CLOCK_MONOTONIC from now on."""
    if not os.path.exists(f'{TRACE}/trace_clock'):
        subprocess.run(['mount', '-t', 'tracefs', 'nodev', TRACE], check=True)
    write('trace_clock', 'mono')
    write('buffer_size_kb', str(kilobytes))
    write('trace', '')


class Trace:
    """Flips and started programs with their times in µs of CLOCK_MONOTONIC, from now on."""

    EVENTS = {FLIP: f'events/drm/{FLIP}/enable', EXEC: f'events/sched/{EXEC}/enable'}

    def __init__(self, execs=False):
        begin_trace(8192)
        write('buffer_percent', '0')  # who waits for a line gets it at once
        self.used = [self.EVENTS[FLIP]] + ([self.EVENTS[EXEC]] if execs else [])
        for event in self.used:
            write(event, '1')

    def read(self):
        """[(µs, event, its text)]."""
        found = []
        with open(f'{TRACE}/trace', encoding='utf-8', errors='replace') as trace:
            for line in trace:
                match = re.search(r'(\d+)\.(\d{6}): (\w+): (.*)', line)
                # One without a file is the kernel's own, as of the console.
                if match and match[3] in self.EVENTS and not re.match(r'file=(0+,|\(null\))', match[4]):
                    found.append((int(match[1]) * 1000000 + int(match[2]), match[3], match[4]))
        return found

    def flips(self):
        return sorted(time for time, event, _ in self.read() if event == FLIP)

    def finish(self):
        for event in self.used:
            write(event, '0')
        found = self.read()
        write('trace', '')
        return found


class Imports:
    """Buffers that somebody has made known to a graphics card, each of them, from now on."""

    FUNCTIONS = {'framebuffers': 'drm:drm_mode_addfb2', 'dma-bufs': 'drm:drm_gem_prime_fd_to_handle'}

    def __init__(self):
        self.calls = {what: KernelCalls(what.replace('-', ''), function) for what, function in self.FUNCTIONS.items()}
        self.before = self.look()

    def look(self):
        return {what: calls.count() for what, calls in self.calls.items()}

    def finish(self):
        """{what: how many}."""
        after = self.look()
        for calls in self.calls.values():
            calls.finish()
        return {what: after[what] - self.before[what] for what in after}


PICTURE = 1 << 20  # bytes; cursors and keymaps are smaller


def mapped_pictures(pid):
    """MiB of memory shared with others, as large as a picture is, that a process could read or write without a GPU."""
    total = 0
    try:
        with open(f'/proc/{pid}/maps', encoding='utf-8', errors='replace') as maps:
            for line in maps:
                match = re.match(r'([0-9a-f]+)-([0-9a-f]+) .{4} .*?(/dmabuf:|/memfd:)', line)
                size = int(match[2], 16) - int(match[1], 16) if match else 0
                total += size if size >= PICTURE else 0
    except OSError:
        pass
    return total / PICTURE


class Switches:
    """Which task each processor runs, from now on; those of the bench itself are left out."""

    OURS = re.compile(r'swapper|qtest-|python3|bench')

    def __init__(self):
        begin_trace(16384)
        write('events/sched/sched_switch/enable', '1')

    def finish(self):
        """[(µs, processor, task or None)]."""
        write('events/sched/sched_switch/enable', '0')
        found = []
        with open(f'{TRACE}/trace', encoding='utf-8', errors='replace') as trace:
            for line in trace:
                match = re.search(r'\[(\d+)\].* (\d+)\.(\d{6}): sched_switch: .*==> next_comm=(.*) next_pid=', line)
                if match:
                    task = None if self.OURS.match(match[4]) else match[4]
                    found.append((int(match[2]) * 1000000 + int(match[3]), int(match[1]), task))
        write('trace', '')
        return found


def planes():
    """Of each plane that shows something and is no cursor: {id: (name, fb, imported, size)}."""
    with open(STATE, encoding='utf-8') as state:
        text = state.read()
    found = {}
    for part in re.split(r'^(?=plane\[|crtc\[|connector\[)', text, flags=re.M):
        head = re.match(r'plane\[(\d+)\]: (\S+)', part)
        fb = re.search(r'fb=([1-9]\d*)', part)
        if head and fb and 'cursor' not in head[2]:
            size = re.search(r'^\t\tsize=(\d+x\d+)', part, re.M)
            imported = re.search(r'imported=(\w+)', part)
            found[int(head[1])] = head[2], int(fb[1]), bool(imported and imported[1] == 'yes'), size and size[1]
    return found


class Screen:
    """Reads pixels of what a plane shows, without disturbing anybody."""

    def __init__(self, card):
        self.fd = os.open(card, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(self.fd, 0x641f)  # DROP_MASTER, which the first to open it gets
        except OSError:
            pass
        fcntl.ioctl(self.fd, 0x4010640d, struct.pack('=QQ', 2, 1))  # all planes are to be seen

    def fb(self, plane):
        """The framebuffer that the plane shows now, 0 for none."""
        answer = fcntl.ioctl(self.fd, 0xc02064b6, struct.pack('=6IQ', plane, 0, 0, 0, 0, 0, 0))
        return struct.unpack('=6IQ', answer)[2]

    def map_fb(self, fb):
        """(memory, bytes a row, where it begins, fourcc). The number of one that is gone is given to the next, so nothing is kept."""
        answer = fcntl.ioctl(self.fd, 0xc06864ce, struct.pack('=5I4I4I4I4x4Q', fb, *[0] * 20))
        fields = struct.unpack('=5I4I4I4I4x4Q', answer)
        height, fourcc, handle, pitch, offset = fields[2], fields[3], fields[5], fields[9], fields[13]
        size = offset + pitch * height
        try:
            answer = fcntl.ioctl(self.fd, 0xc01064b3, struct.pack('=IIQ', handle, 0, 0))
            memory = mmap.mmap(self.fd, size, mmap.MAP_SHARED, mmap.PROT_READ, offset=struct.unpack('=IIQ', answer)[2])
        except OSError:  # an imported one
            answer = fcntl.ioctl(self.fd, 0xc00c642d, struct.pack('=IIi', handle, os.O_CLOEXEC, -1))
            dmabuf = struct.unpack('=IIi', answer)[2]
            memory = mmap.mmap(dmabuf, size, mmap.MAP_SHARED, mmap.PROT_READ)
            os.close(dmabuf)
        fcntl.ioctl(self.fd, 0x40086409, struct.pack('=II', handle, 0))
        return memory, pitch, offset, fourcc.to_bytes(4, 'little')

    def pixel(self, plane, x, y):
        """As 0xRRGGBB; None where the plane is off or cannot be read."""
        fb = self.fb(plane)
        if not fb:
            return None
        try:
            memory, pitch, offset, fourcc = self.map_fb(fb)
            with memory:
                at = offset + y * pitch + x * 4
                # XR24 has blue first, XB24 (what a GL texture may be) red.
                return int.from_bytes(memory[at:at + 3], 'big' if fourcc[1:2] == b'B' else 'little')
        except (OSError, ValueError, struct.error):
            return None

    def close(self):
        os.close(self.fd)


class Watch(threading.Thread):
    """Calls look(µs) at each flip, soon after it, in a thread that comes first."""

    def __init__(self, look):
        super().__init__(daemon=True)
        self.look, self.going = look, True
        self.pipe = os.open(f'{TRACE}/trace_pipe', os.O_RDONLY | os.O_NONBLOCK)
        self.start()

    def run(self):
        import select
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        rest = b''
        while self.going:
            select.select([self.pipe], [], [], 0.5)
            try:
                rest += os.read(self.pipe, 65536)
            except BlockingIOError:
                continue
            *lines, rest = rest.split(b'\n')
            for line in lines:
                match = re.search(rb'(\d+)\.(\d{6}): ' + FLIP.encode() + rb': (?!file=(?:0+,|\(null\)))', line)
                if match:
                    self.look(int(match[1]) * 1000000 + int(match[2]))

    def stop(self):
        self.going = False
        self.join(5)
        os.close(self.pipe)
