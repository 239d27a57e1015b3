# SPDX-License-Identifier: MIT
"""A guest's picture in another size, by a renderer that has none of our shaders: pixman, or Vulkan in the lab."""

import os
import random

from fixture import Session, check, check_equal, eventually, read_text
from hand import memory
from picture import Picture
from run import limit
from test_protocol import RUNNING, STARTING, Bridge

RENDERER = os.environ.get('PH_TEST_RENDERER', 'pixman')
WIDTH, HEIGHT = 400, 240  # fits 1280 x 720 three times, with 40 pixels of black at both sides
FACTOR, MARGIN = 3, 40
# pixman mixes by 128ths. Vulkan's renderer mixes light and not numbers, which is up to a fifth of white brighter.
NEAR = 4 if RENDERER == 'pixman' else 60
# How far it may be from what the colours around a pixel allow. Rounding.
BEYOND = 3


def make_source():
    """Areas of one colour, and slopes between them: no filter makes up another colour than those around it."""
    rng = random.Random(7)
    colours = [bytes((rng.randrange(256), rng.randrange(256), rng.randrange(256), 0)) for _ in range(15)]
    rows = []
    for y in range(HEIGHT):
        row = bytearray()
        for x in range(WIDTH):
            row += bytes((x * 255 // WIDTH, y, 128, 0)) if y < 40 else colours[x // 80 + (y - 40) // 67 * 5]
        rows.append(bytes(row))
    return b''.join(rows)


def bilinear(source, x, y):
    """(the mean of the four texels around a pixel of the screen, those four texels)."""
    sx, sy = (x - MARGIN + 0.5) / FACTOR - 0.5, (y + 0.5) / FACTOR - 0.5
    left, top = int(sx // 1), int(sy // 1)
    texels = []
    for dy, share_y in ((0, 1 - (sy - top)), (1, sy - top)):
        for dx, share_x in ((0, 1 - (sx - left)), (1, sx - left)):
            pixel = source.pixel(min(max(left + dx, 0), WIDTH - 1), min(max(top + dy, 0), HEIGHT - 1))
            texels.append((share_x * share_y, pixel))
    return [sum(share * pixel[c] for share, pixel in texels) for c in range(3)], [pixel for _, pixel in texels]


def spots():
    rng = random.Random(3)
    edges = [(x, y) for x in (40, 41, 1238, 1239) for y in (0, 1, 718, 719)]
    borders = [(MARGIN + 80 * FACTOR + d, 300 + 7 * d) for d in range(-4, 5)]
    return edges + borders + [(rng.randrange(40, 1240), rng.randrange(720)) for _ in range(1500)]


def judge(shown, source):
    """Why it is not the source, three times as large; None: it is."""
    for x, y in [(x, y) for x in (0, 20, 39, 1240, 1260, 1279) for y in (0, 300, 719)]:
        if shown.pixel(x, y) != (0, 0, 0):
            return f'{x}, {y} beside the picture is {shown.pixel(x, y)}'
    for x, y in spots():
        is_, (mean, texels) = shown.pixel(x, y), bilinear(source, x, y)
        for channel in range(3):
            around = [texel[channel] for texel in texels]
            inside = min(around) - BEYOND <= is_[channel] <= max(around) + BEYOND
            if not inside or abs(is_[channel] - mean[channel]) > NEAR:
                return f'{x}, {y} is {is_}, want about {[round(one) for one in mean]}'
    return None


@limit(400)
def test_renderer_without_our_shaders():
    session = Session({'one': ''}, bridges=False)
    if RENDERER != 'pixman':
        session.environment.update({name: value for name, value in os.environ.items() if name.startswith(('WLR_', 'VK_'))})
        session.environment['WLR_RENDERER'] = RENDERER
    session.write_config('guest one {\n\tscale fit\n}\n')
    with session:
        bridge = Bridge(session)
        guest = bridge.control()
        for state in (STARTING, RUNNING):
            guest.set_state(state, '')
        bridge.head()
        data = make_source()
        source = Picture.from_xrgb(WIDTH, HEIGHT, WIDTH * 4, data)
        fd = memory(len(data))
        os.pwrite(fd, data, 0)
        bridge.surface.attach(bridge.shm.create_pool(fd, len(data)).create_buffer(0, WIDTH, HEIGHT, WIDTH * 4, 1), 0, 0)
        os.close(fd)
        bridge.surface.damage_buffer(0, 0, WIDTH, HEIGHT)
        bridge.surface.commit()
        bridge.client.roundtrip()
        session.show_guest('one')
        latest = []

        def is_right():
            latest[:] = [session.screenshot()]
            latest.append(judge(latest[0], source))
            return latest[1] is None

        try:
            eventually(is_right, f'the picture that {RENDERER} scales', timeout=120)
        except BaseException:
            session.keep('scaled', latest[0])
            check(False, latest[1])
        said = read_text(session.log)
        check_equal(said.count('scaling: by the renderer\'s own filter, which may blur: only the GLES2 renderer has our shaders'), 1,
                    'how often it is said')
        check(('Vulkan device' in said) == (RENDERER == 'vulkan'), 'another renderer was used')
        bridge.client.close()
