# SPDX-License-Identifier: MIT
"""From exec of the session to its first frame, and on to the picture of a guest that is started in it."""

import time

from kernel import EXEC, FLIP, Screen, Trace, Watch, planes
from sessions import Gnome, Ours, card

PROGRAMS = {'phyllome': 'phyllome-session', 'gnome-boxes': 'gnome-shell'}
TURNS = 3


def applies(session):
    return True


def median(values):
    return sorted(values)[len(values) // 2]


def once(session, guest):
    """µs from exec to the first frame, and to the guest's picture (None without a guest)."""
    screen, seen = Screen(card()), []
    program = PROGRAMS.get(session.name, session.name.split('-')[0])
    trace = Trace(execs=True)
    watch = None
    try:
        session.login()
        session.ready()
        first = None
        deadline = time.monotonic() + 120
        while first is None and time.monotonic() < deadline:
            events = trace.read()
            begun = [when for when, event, text in events if event == EXEC and text.split()[0].endswith('/' + program)]
            shown = [when for when, event, _ in events if event == FLIP and begun and when > begun[0]]
            first = shown[0] - begun[0] if shown else None
            time.sleep(0.2)
        if first is None:
            raise SystemExit('no frame within 120 s')
        if guest is None:
            return first, None
        width, height = session.size()
        gray = guest.color(1) * 0x010101

        def look(when):
            for plane in planes():
                if screen.pixel(plane, width // 2, height // 2) == gray:
                    seen.append(when)

        watch = Watch(look)
        session.add(guest)
        guest.prepare(width, height, buffers=1)
        deadline = time.monotonic() + 30
        while not seen and time.monotonic() < deadline:
            time.sleep(0.2)
        return first, seen[0] - begun[0] if seen else None
    finally:
        if watch:
            watch.stop()
        trace.finish()
        screen.close()


def run(bench, session):
    with_guest = not isinstance(session, Gnome)
    guest = session.guest(1) if with_guest else None
    if isinstance(session, Ours):
        session.write_guests([guest])
    firsts, pictures = [], []
    for _ in range(1 if bench.quick else TURNS):
        first, picture = once(session, guest)
        firsts.append(first / 1000)
        if picture:
            pictures.append(picture / 1000)
        session.logout()
    bench.figure('exec to', 'first frame', median(firsts), 'ms', samples=firsts)
    if pictures:
        bench.figure('exec to', 'guest\'s picture', median(pictures), 'ms', samples=pictures)
    elif with_guest:
        bench.fail('exec to guest\'s picture', 'its picture was not found on a plane')
