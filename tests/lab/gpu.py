#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inside the computer: a GPU context is there only while a picture needs it.

gpu.py prepare: writes the guest, before the login; gpu.py run: the test. The session
runs on vkms, its GPU is Mesa's software.
"""

import os
import subprocess
import sys
import time

from inside import (
    COMPOSITOR, RUNTIME, Guest, control, exit_status, list_outputs, pids, pss, read_log, result, say, wait_for, wait_screen)
from picture import Picture

GUEST = Guest('gpu', 'device virtio\n\tgl on')
SPARE = 16  # MiB that relocated libraries may keep
LIT, ANSWERED = 'Requesting modeset', 'renderer: the GPU\'s driver has answered'
MADE, RETURNED = 'renderer: a GPU context was made', 'renderer: the GPU context was given back'


def memory():
    return pss(pids(COMPOSITOR))


def has_driver():
    """Whether a GPU's driver is in its address space."""
    with open(f'/proc/{pids(COMPOSITOR)[0]}/maps', encoding='ascii') as maps:
        return 'libgallium' in maps.read()


def photograph(seed):
    """What grim sees is what the guest has drawn. A picture of a plane has to be drawn by the GPU."""
    environment = dict(os.environ, XDG_RUNTIME_DIR=os.path.dirname(RUNTIME), WAYLAND_DISPLAY='wayland-0')
    path = '/run/gpu-shot.ppm'
    subprocess.run(['grim', '-t', 'ppm', path], env=environment, check=True, timeout=400)
    shown, wanted = Picture.from_ppm(path), GUEST.memory_picture(1, screen()['width'], screen()['height'])
    os.unlink(path)
    text = '' if shown == wanted else shown.difference(wanted)[0]
    result(f'picture {seed} is drawn to the pixel', shown == wanted, text)


def screen():
    return list_outputs()[0]


def draw(seed):
    for line in (f'pattern 1 {seed}', 'transfer 1', 'flush 1'):
        GUEST.tell(line)
    time.sleep(1)


def flip(frames):
    """That many frames go onto the plane as they are."""
    before = screen()
    GUEST.tell(f'flip 0 {frames} 20000 1 2')
    time.sleep(1)
    after = screen()
    counts = {key: after[key] - before[key] for key in ('frames', 'scanouts', 'composited')}
    result(f'{frames} frames need no GPU', counts['scanouts'] >= frames and counts['composited'] == 0, counts)


def start():
    """The driver answers last of all at the start; nobody is to look at a dark screen until then."""
    wait_screen()
    wait_for('the driver has answered', 60, lambda: ANSWERED in read_log())
    log = read_log()
    result('the screen is lit before the GPU\'s driver has answered', 0 < log.find(LIT) < log.find(ANSWERED),
           f'lit at {log.find(LIT)}, answered at {log.find(ANSWERED)}')


def run():
    start()
    control('ShowGuest', name=GUEST.name)
    GUEST.start()
    GUEST.tell('up all')
    for number in (1, 2):
        GUEST.tell(f'create-blob {number} b8g8r8x8 {screen()["width"]} {screen()["height"]}')
        GUEST.tell(f'pattern {number} {number}')
        GUEST.tell(f'transfer {number}')
    GUEST.tell('scanout 0 1')
    draw(1)
    wait_for('the guest is on the plane', 20, lambda: screen()['path'] == 'scanout')
    flip(30)
    before = memory()
    say(f'memory (PSS) before a GPU was needed: {before:.1f} MiB')
    result('no driver is loaded for a guest on a plane', not has_driver() and MADE not in read_log())
    for turn, seed in enumerate((3, 4), 1):
        GUEST.tell('scanout 0 1')
        draw(seed)
        photograph(seed)
        result(f'a context was made for it, turn {turn}', read_log().count(MADE) == turn)
        say(f'memory (PSS) with a context: {memory():.1f} MiB')
        wait_for('the context is given back', 60, lambda: read_log().count(RETURNED) == turn)
        after = memory()
        say(f'memory (PSS) after that: {after:.1f} MiB')
        result(f'what the driver held is given back, turn {turn}', after < before + SPARE, f'{before:.1f} and {after:.1f} MiB')
        flip(30)
    GUEST.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(GUEST.write() if sys.argv[1] == 'prepare' else run())
