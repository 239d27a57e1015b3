#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a guest's picture in another size, by the shaders, as the person sees it.

The pixels of the screen are compared with the filters' own formulas, computed
here once more: at a few hundred places, the edges and corners among them.
"""

import math
import os
import random
import subprocess
import sys
import time

from inside import Guest, control, exit_status, list_outputs, result, say, see, wait_session

WIDTH, HEIGHT = 500, 300  # fits the screen 2.56 times: no whole number, and black above and below


def cubic(x):
    x = abs(x)
    return (1.5 * x - 2.5) * x * x + 1 if x < 1 else ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0


def mix(source, weights_x, weights_y):
    """The weighted mean of texels; those beyond the edge are those at the edge."""
    total, sums = 0.0, [0.0] * 3
    for y, share_y in weights_y:
        for x, share_x in weights_x:
            pixel = source.pixel(min(max(x, 0), source.width - 1), min(max(y, 0), source.height - 1))
            total += share_x * share_y
            sums = [one + share_x * share_y * value for one, value in zip(sums, pixel)]
    return tuple(min(max(one / total, 0), 255) for one in sums)


def smooth(position):
    first = math.floor(position - 0.5) - 1
    return [(first + tap, cubic(first + tap + 0.5 - position)) for tap in range(4)]


def sharp(position, factor):
    first = math.floor(position - 0.5)
    part = min(max((position - 0.5 - first - 0.5) * factor + 0.5, 0), 1)
    return [(first, 1 - part), (first + 1, part)]


def wanted_pixel(mode, source, box, x, y):
    left, top, width, height = box
    if not (left <= x < left + width and top <= y < top + height):
        return (0, 0, 0)
    factors = width / source.width, height / source.height
    position = (x - left + 0.5) / factors[0], (y - top + 0.5) / factors[1]
    if mode == 'fit':
        return mix(source, smooth(position[0]), smooth(position[1]))
    if mode == 'sharp':
        return mix(source, sharp(position[0], factors[0]), sharp(position[1], factors[1]))
    return source.pixel(int(position[0]), int(position[1]))


def place(mode, width, height):
    whole = min(width // WIDTH, height // HEIGHT)
    if mode in ('follow', 'integer'):
        size = WIDTH * whole, HEIGHT * whole
    elif WIDTH * height > HEIGHT * width:
        size = width, HEIGHT * width // WIDTH
    else:
        size = WIDTH * height // HEIGHT, height
    return (width - size[0]) // 2, (height - size[1]) // 2, *size


def spots(box, width, height):
    rng = random.Random(3)
    left, top, wide, high = box
    edges = [(x, y) for x in (left, left + 1, left + wide - 1) for y in (top, top + 1, top + high - 1)]
    outside = [(x, y) for x, y in ((0, 0), (width - 1, height - 1), (left, top - 1), (left, top + high))
               if 0 <= y < height]
    return edges + outside + [(rng.randrange(width), rng.randrange(height)) for _ in range(300)]


def worst_spot(mode, source, width, height):
    shown, box = see(mode), place(mode, width, height)
    worst = (0, None)
    for x, y in spots(box, width, height):
        want = wanted_pixel(mode, source, box, x, y)
        off = max(abs(is_ - one) for is_, one in zip(shown.pixel(x, y), want))
        if off > worst[0]:
            worst = off, (x, y, shown.pixel(x, y), want)
    return worst


def run(guest):
    wait_session()
    control('ShowGuest', name=guest.name)
    guest.start()
    guest.tell('up all')
    screen = list_outputs()[0]
    edid = bytes.fromhex(guest.tell('edid 0'))
    result("the guest's monitor is called as the real one", screen['model'] == 'Lab Monitor' and b'Lab Monitor\n' in edid,
           f'the monitor {screen["model"]}, the EDID {edid}')
    width, height = screen['width'], screen['height']
    guest.tell(f'create-2d 1 b8g8r8x8 {WIDTH} {HEIGHT}')
    guest.tell('pattern 1 4')
    guest.tell('transfer 1')
    guest.tell('scanout 0 1')
    guest.tell('flush 1')
    source = guest.memory_picture(1, WIDTH, HEIGHT)
    for mode in ('follow', 'fit', 'integer', 'sharp'):
        deadline = time.monotonic() + 30
        while (worst := worst_spot(mode, source, width, height))[0] > 3 and time.monotonic() < deadline:
            time.sleep(0.5)
        result(f'{mode} shows what its formula says', worst[0] <= 3, f'x, y, screen, wanted: {worst[1]}')
        if mode != 'follow':
            # What comes with any change of states, focus or places is no reason to draw it anew.
            drawn = list_outputs()[0]['frames']
            for _ in range(5):
                control('FocusOutput', output=screen['name'])
            time.sleep(1)
            result(f'{mode} is not drawn again while nothing changes', list_outputs()[0]['frames'] == drawn,
                   f'{list_outputs()[0]["frames"] - drawn} frames more')
        say(f'{mode}: the worst pixel is {worst[0]:.1f} of 255 off; {list_outputs()[0]["reason"]}')
        control('Run', command=['scale'])
    fractional(source, screen['name'], width, height)
    guest.tell('poweroff')
    return exit_status()


def fractional(source, name, width, height):
    """Where the picture's edges are between the pixels of the layout."""
    for scale in (1.5, 1.25, 2):
        environment = os.environ | {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0'}
        subprocess.run(['wlr-randr', '--output', name, '--scale', str(scale)], env=environment, check=True, timeout=30)
        deadline = time.monotonic() + 30
        while (worst := worst_spot('follow', source, width, height))[0] > 0 and time.monotonic() < deadline:
            time.sleep(0.5)
        result(f'at {100 * scale:.0f} % each pixel of the guest is as many of the screen', worst[0] == 0,
               f'x, y, screen, wanted: {worst[1]}; {list_outputs()[0]["reason"]}')


if __name__ == '__main__':
    GUEST = Guest('scaled', 'device virtio')
    sys.exit(GUEST.write() if sys.argv[1] == 'prepare' else run(GUEST))
