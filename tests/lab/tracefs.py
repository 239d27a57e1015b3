# SPDX-License-Identifier: MIT
"""In the computer: what the kernel traces, counted and timed."""

import contextlib
import os
import re
import select
import subprocess
import time

FOLDER = '/sys/kernel/tracing'


def mount():
    if not os.path.exists(f'{FOLDER}/kprobe_events'):
        subprocess.run(['mount', '-t', 'tracefs', 'nodev', FOLDER], check=True)


def write(name, text):
    # Appending, or all probes would be taken away; and without buffering, which would seek.
    fd = os.open(f'{FOLDER}/{name}', os.O_WRONLY | os.O_APPEND)
    os.write(fd, text.encode() + b'\n')
    os.close(fd)


def read(name):
    with open(f'{FOLDER}/{name}', encoding='ascii', errors='replace') as file:
        return file.read()


def clear():
    """Forgets what was traced."""
    os.close(os.open(f'{FOLDER}/trace', os.O_WRONLY | os.O_TRUNC))


class KernelCalls:
    """Counts how often the kernel runs one of its functions."""

    def __init__(self, name, function):
        mount()
        self.name = f'lab_{name}'
        write('kprobe_events', f'p:{self.name} {function}')
        write(f'events/kprobes/{self.name}/enable', '1')

    def count(self):
        return next(int(line.split()[1]) for line in read('kprobe_profile').splitlines() if line.split()[0] == self.name)

    def finish(self):
        write(f'events/kprobes/{self.name}/enable', '0')
        write('kprobe_events', f'-:{self.name}')


class Modesets(KernelCalls):
    """Counts how often the kernel sets a mode: each time it waits for a monitor's refreshes anew."""

    def __init__(self):
        super().__init__('modeset', 'drm:drm_crtc_vblank_on')


class Flips:
    """When the kernel told of pictures that were shown, in µs of CLOCK_MONOTONIC, from now on."""

    EVENT = 'drm_vblank_event_delivered'

    def __init__(self):
        mount()
        write('trace_clock', 'mono')
        write('buffer_size_kb', '4096')
        write('buffer_percent', '0')  # who waits for a line gets it at once
        clear()
        self.times, self.rest = [], b''
        self.pipe = os.open(f'{FOLDER}/trace_pipe', os.O_RDONLY | os.O_NONBLOCK)
        write(f'events/drm/{self.EVENT}/enable', '1')

    def read(self):
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.pipe, 65536):
                *lines, self.rest = (self.rest + data).split(b'\n')
                for line in lines:
                    if found := re.search(rf'(\d+)\.(\d{{6}}): {self.EVENT}:'.encode(), line):
                        self.times.append(int(found[1]) * 1000000 + int(found[2]))

    def wait(self, after, seconds):
        """The first one after that time; None if there is none for so long."""
        deadline = time.monotonic() + seconds
        while True:
            self.read()
            later = [when for when in self.times[-16:] if when > after]
            left = deadline - time.monotonic()
            if later or left <= 0:
                return min(later, default=None)
            select.select([self.pipe], [], [], left)

    def finish(self):
        write(f'events/drm/{self.EVENT}/enable', '0')
        self.read()
        os.close(self.pipe)
        return sorted(self.times)
