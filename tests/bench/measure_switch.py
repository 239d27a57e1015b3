# SPDX-License-Identifier: MIT
"""From the key that asks for a guest to the flip that shows its picture, with several that rest full screen."""

import random
import time

from judge import match_edges, name_pictures, pair_flips
from look import Look, modes
from sessions import Ours, Sway
from uinput import KEY_1, KEY_SUPER

APART = 0.25
SEED = 11


def applies(session):
    # The others have no key for it that could be compared.
    return isinstance(session, Ours) or type(session) is Sway


def stages(bench, session):
    return [count for count in bench.counts if count > 1]


def switch(bench, session, case, many):
    """Among the first nine, at random; the flip that counts is the first with a picture of the guest that was asked for."""
    width, height = session.size()
    (crtc, hertz), = modes().items()
    dice, pressed = random.Random(SEED), []
    keys = list(range(1, min(many, 9) + 1))
    for number in keys:  # each once, so that all was shown before
        bench.hand.chord(KEY_SUPER, KEY_1 + number - 1)
        time.sleep(1)
    now = keys[-1]
    look = Look({crtc: (width, height, [(width // 2, height // 2)])})
    try:
        for _ in range(bench.switches):
            now = dice.choice([number for number in keys if number != now])
            pressed.append((bench.hand.chord(KEY_SUPER, KEY_1 + now - 1), now))
            time.sleep(APART + 0.0011 * dice.randrange(16))
        time.sleep(0.5)
    finally:
        events = look.finish()
    colors = {session.guests[number - 1].color(buffer) * 0x010101: number for number in keys for buffer in (1, 2)}
    flips = name_pictures(pair_flips(events[crtc]), colors)
    waits = [wait * hertz / 1e6 for wait in match_edges(pressed, flips)]
    bench.figure(case, 'flips with no guest\'s picture', sum(shown is None for _, shown in flips), f'of {len(flips)}')
    bench.figure(case, 'not shown before the next key', len(pressed) - len(waits), f'of {len(pressed)}')
    if not waits:
        raise SystemExit('no key was followed by a flip with its guest')
    bench.spread(case, waits, len(pressed), 'refreshes', APART * hertz)


def run(bench, session, number):
    switch(bench, session, f'{number} guests', number)
