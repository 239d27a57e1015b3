#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a guest's frames on vkms' planes, told by the kernel.

The guest is qtest-guest, so its frames are exact. What is on the screen is read
from the kernel: the state of the planes, the dma-bufs that vkms has imported,
and the CRC of every picture that vkms scanned out.
"""

import os
import re
import sys
import threading
import time

from inside import Guest, control, exit_status, list_outputs, result, say, wait_for, wait_screen
from vkms import Crcs, read_state

FRAMES = 600


def primary_planes():
    """What the kernel says of each plane that is on: (CRTC, fb id, imported, size)."""
    found = []
    for part in re.split(r'^(?=plane\[|crtc\[|connector\[)', read_state(), flags=re.M):
        fb = re.search(r'fb=([1-9]\d*)', part)
        if not part.startswith('plane[') or not fb or 'cursor' in part.split('\n')[0]:
            continue
        size = re.search(r'^\t\tsize=(\d+x\d+)', part, re.M)
        imported = re.search(r'imported=(\w+)', part)
        crtc = re.search(r'crtc=(\S+)', part)
        found.append((crtc[1], int(fb[1]), bool(imported and imported[1] == 'yes'), size and size[1]))
    return found


class Sampler(threading.Thread):
    """Reads the planes again and again."""

    def __init__(self):
        super().__init__()
        self.samples, self.going = [], True
        self.start()

    def run(self):
        while self.going:
            self.samples.append(primary_planes())
            time.sleep(0.01)

    def stop(self):
        self.going = False
        self.join()
        return self.samples


def imported_inodes():
    """The dma-bufs that vkms is attached to, by inode."""
    with open('/sys/kernel/debug/dma_buf/bufinfo', encoding='utf-8') as bufinfo:
        text = bufinfo.read()
    inodes, current = set(), None
    for line in text.split('\n'):
        words = line.split()
        if len(words) >= 6 and words[0].isdigit():
            current = int(words[5])
        elif current and re.match(r'\t\S*(lab|vkms)', line):
            inodes.add(current)
    return inodes


def dmabuf_inodes(pid):
    """The dma-bufs that a process holds, by inode."""
    inodes = set()
    for number in os.listdir(f'/proc/{pid}/fdinfo'):
        try:
            with open(f'/proc/{pid}/fdinfo/{number}', encoding='utf-8') as info:
                text = info.read()
        except OSError:
            continue
        inode = re.search(r'^ino:\s*(\d+)', text, re.M)
        if 'exp_name:' in text and inode:
            inodes.add(int(inode[1]))
    return inodes


def counted():
    """What the session has counted on its first output."""
    first = list_outputs()[0]
    return first['frames'], first['presented']


def play(guest, create):
    """The 600 frames of one guest."""
    name = guest.name
    control('ShowGuest', name=name)
    guest.start()
    guest.tell('up all')
    screen = list_outputs()[0]
    width, height = screen['width'], screen['height']
    wait_for(f'{name}: is told the size of the output', 30,
             lambda: f'{width}x{height}' in guest.tell('display'))
    result(f'{name}: is told the exact size of the output', True)
    for number in range(1, 5):
        guest.tell(f'{create} {number} {FORMAT} {width} {height}')
        guest.tell(f'pattern {number} {number}')
        guest.tell(f'transfer {number}')
    say(guest.tell('flip 0 30 20000 1 2'))  # until all is imported and settled
    wait_for(f'{name}: is on the plane', 20, lambda: list_outputs()[0]['path'] == 'scanout')

    # What is still on its way to the screen is not of the frames to come.
    wait_for(f'{name}: comes to rest', 20, lambda: counted() == (time.sleep(0.5), counted())[1])
    before, sampler = list_outputs()[0], Sampler()
    told = guest.tell(f'flip 0 {FRAMES} 0 1 2')
    samples = sampler.stop()
    wait_for(f'{name}: comes to rest again', 20, lambda: counted() == (time.sleep(0.5), counted())[1])
    after = list_outputs()[0]
    say(f'{name}: {told}')
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited', 'presented')}
    say(f'{name}: {counts}, last path {after["path"]} {after["reason"]}')
    # One whose flush comes long after its flip, as QEMU sends both, is shown at once and then again: on a busy computer only.
    result(f'{name}: {FRAMES} frames without a render pass',
           counts['frames'] == counts['scanouts'] and FRAMES <= counts['frames'] <= FRAMES * 1.01 and counts['composited'] == 0, counts)
    result(f'{name}: each was presented once', counts['presented'] == counts['frames'], counts)

    seen = {plane for sample in samples for plane in sample if plane[3] == f'{width}x{height}'}
    say(f'{name}: {len(samples)} looks at the planes, framebuffers {sorted(seen)}')
    ours = [plane for plane in seen if plane[2]]
    result(f'{name}: the planes show imported buffers', len(ours) >= 2, seen)
    result(f'{name}: two buffers are two framebuffers', len({plane[1] for plane in ours}) == 2, seen)
    imported, held = imported_inodes(), dmabuf_inodes(guest.qemu())
    say(f'{name}: dma-bufs of vkms {sorted(imported)}, of QEMU {sorted(held)}')
    result(f'{name}: what vkms imported are dma-bufs of QEMU', imported and len(imported & held) >= 1,
           (imported, held))


def in_order(guest):
    """Every frame by the CRC of what was scanned out: slowly once, then as fast as it goes."""
    crcs = Crcs(next(plane[0] for plane in primary_planes() if plane[2]))
    time.sleep(0.5)
    pictures = []
    # vkms composes after it has said that a buffer is free, so with two buffers
    # it would see the next frame in the old one: with four it never does.
    for frames, interval in ((ORDERED, 500000), (ORDERED, 0)):
        crcs.entries.clear()
        say(guest.tell(f'flip 0 {frames} {interval} 1 2 3 4'))
        time.sleep(1)
        pictures.append(crcs.runs())
        say(f'{guest.name}: {len(crcs.entries)} CRCs, {len(pictures[-1])} pictures')
    crcs.stop()
    slow, fast = ([p for p in seen if p != before] for seen, before in zip(pictures, (None, pictures[0][-1])))
    slow = slow[-ORDERED:]
    fast.append(slow[-1])
    result(f'{guest.name}: the screen showed every frame once', len(set(slow)) == ORDERED,
           f'{len(pictures[0])} pictures, {len(set(pictures[0]))} different')
    # vkms has no CRC for a picture when it was too busy to make one.
    order = iter(slow)
    result(f'{guest.name}: in the same order at full speed',
           len(fast) > ORDERED // 2 and all(picture in order for picture in fast),
           f'{len(fast)} pictures, {len(set(fast))} different')


ORDERED = 40
FORMAT = 'b8g8r8x8'
GL = 'device {}\n\tgl on'


def main():
    guests = [(Guest('plane-3d', GL.format('virtio-gl')), 'create-3d'), (Guest('plane-blob', GL.format('virtio')), 'create-blob')]
    if sys.argv[1:] == ['prepare']:
        for guest, _ in guests:
            guest.write()
        return 0
    wait_screen()
    for guest, create in guests:
        play(guest, create)
        in_order(guest)
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(main())
