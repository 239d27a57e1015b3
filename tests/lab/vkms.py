# SPDX-License-Identifier: MIT
"""In the computer: the graphics card that vkms.sh makes, by the kernel's account."""

import collections
import os
import threading
import time

CARD = '/sys/kernel/debug/dri/lab'
STATE = f'{CARD}/state'


def plug(number, on):
    """A monitor, by the number of its connector."""
    with open(f'/sys/kernel/config/vkms/lab/connectors/n{number}/status', 'w', encoding='ascii') as status:
        status.write('1' if on else '2')


def read_state():
    with open(STATE, encoding='utf-8') as state:
        return state.read()


def crtc_of(connector):
    """The name of the CRTC that drives a connector; '' for none."""
    crtc, lines = '', read_state().splitlines()
    for at, line in enumerate(lines):
        if line.startswith('connector[') and line.endswith(f': {connector}'):
            crtc = next(one.split('=')[1].strip() for one in lines[at + 1:] if one.strip().startswith('crtc='))
    return crtc


class Crcs(threading.Thread):
    """The CRC of each picture that a CRTC scans out, in their order, whenever it is lit."""

    def __init__(self, crtc):
        super().__init__(daemon=True)
        self.base = f'{CARD}/{crtc}/crc'
        self.entries, self.ended = [], False  # (number of the refresh, CRC)
        with open(f'{self.base}/control', 'w', encoding='ascii') as file:
            file.write('auto')
        self.start()

    def run(self):
        while not self.ended:
            try:
                # Only a CRTC that is lit can be opened.
                fd = os.open(f'{self.base}/data', os.O_RDONLY)
            except OSError:
                time.sleep(0.001)
                continue
            try:
                # One read is one entry, "FRAME CRC" in hexadecimal, with a NUL behind it.
                while not self.ended and (entry := os.read(fd, 4096)):
                    frame, crc = entry.rstrip(b'\0\n').split()
                    self.entries.append((int(frame, 16), crc))
            except OSError:
                pass
            os.close(fd)  # the kernel lets only one reader in

    def wait(self, count, seconds=30):
        """Until so many refreshes have one: a slow computer makes few, and fewer with a gamma table."""
        deadline = time.monotonic() + seconds
        while len(self.entries) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self

    def counts(self):
        return collections.Counter(crc for _, crc in self.entries)

    def stop(self):
        """Returns how many refreshes had which CRC."""
        self.ended = True
        self.join(10)
        return self.counts()

    def runs(self):
        """The pictures, each once for as long as it stood."""
        pictures = []
        for _, crc in self.entries:
            if not pictures or pictures[-1] != crc:
                pictures.append(crc)
        return pictures
