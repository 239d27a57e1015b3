# SPDX-License-Identifier: MIT
"""From the key that asks for a guest to the flip that shows it, with several that rest full screen."""

import random
import time

from judge import match_edges
from kernel import FLIP, Screen, Trace, planes
from sessions import Ours, Sway, card
from uinput import KEY_1, KEY_SUPER

REFRESH = 1e6 / 60  # µs; what vkms does
APART = 0.25
SEED = 11


def applies(session):
    # The others have no key for it that could be compared.
    return isinstance(session, Ours) or type(session) is Sway


def stages(bench, session):
    return [count for count in bench.counts if count > 1]


def shown(screen, width, height):
    """The colours in the middle of the planes."""
    return {screen.pixel(plane, width // 2, height // 2) for plane in planes()}


def switch(bench, session, case, many):
    """Among the first nine, at random; each is looked for on the screen at the end of its time."""
    size, screen = session.size(), Screen(card())
    dice, now, pressed, wrong = random.Random(SEED), 1, [], 0
    keys = list(range(1, min(many, 9) + 1))
    for number in keys:  # each once, so that all was shown before
        bench.hand.chord(KEY_SUPER, KEY_1 + number - 1)
        time.sleep(1)
    trace = Trace()
    for _ in range(bench.switches):
        now = dice.choice([number for number in keys if number != now])
        pressed.append(bench.hand.chord(KEY_SUPER, KEY_1 + now - 1))
        time.sleep(APART + 0.0011 * dice.randrange(16))
        wrong += not {session.guests[now - 1].color(buffer) * 0x010101 for buffer in (1, 2)} & shown(screen, *size)
    time.sleep(0.5)
    flips = sorted(when for when, event, _ in trace.finish() if event == FLIP)
    screen.close()
    waits = [wait / REFRESH for wait in match_edges([(key, 1) for key in pressed], [(flip, 1) for flip in flips])]
    bench.figure(case, 'not shown within 250 ms', wrong, f'of {len(pressed)}')
    if not waits:
        raise SystemExit('no key was followed by a flip')
    bench.spread(case, waits, len(pressed), 'refreshes', APART * 1e6 / REFRESH)


def run(bench, session, number):
    switch(bench, session, f'{number} guests', number)
