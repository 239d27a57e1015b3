#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: pictures on several planes of vkms, told by the kernel.

What a person would see is put together here from the framebuffers that the kernel
has on the planes. That is compared with what vkms itself makes of them, by its CRC,
and with a screenshot, for which the session must composite.
"""

import os
import re
import subprocess
import sys
import threading
import time

from composed import compose, expected_crc, planes, seen_crcs, snapshot
from inside import Guest, control, exit_status, list_outputs, result, say, wait_device, wait_for, wait_screen
from picture import Picture
from tracefs import Flips
from uinput import KEY_SUPER, make_keyboard
from vkms import crtc_of

WHOLE, *GUESTS = [Guest(name, 'device virtio\n\tgl on') for name in ('whole', 'side-a', 'side-b')]
FRAMES, COMPOSITED, CRCS, LATE = 60, 20, 10, 3


def screenshot(output):
    """By grim, as alice: the session must composite for it."""
    path = '/run/user/1000/overlay.ppm'
    subprocess.run(['runuser', '-u', 'alice', '--', 'env', 'XDG_RUNTIME_DIR=/run/user/1000', 'WAYLAND_DISPLAY=' + display(),
                    'grim', '-t', 'ppm', '-o', output, path], check=True)
    picture = Picture.from_ppm(path)
    os.unlink(path)
    return picture


def display():
    return next(name for name in sorted(os.listdir('/run/user/1000')) if re.fullmatch(r'wayland-\d+', name))


def look(name, crtc):
    """vkms' CRCs, and what is on the planes meanwhile."""
    for _ in range(5):
        come_to_rest(name)
        before, seen, taken = counts(name), seen_crcs(crtc, CRCS), snapshot(crtc)
        if counts(name) == before:  # the strip has a clock
            break
    return seen, taken


def look_and_shoot(name, crtc, pictures):
    """The same and a screenshot, all of one minute: the strip has a clock."""
    for _ in range(5):
        for guest, number in pictures.items():  # what was composited for a screenshot stays until there is a frame
            guest.tell(f'flip 0 1 0 {number}')
        minute = time.strftime('%H:%M')
        seen, taken, shot = *look(name, crtc), screenshot(name)
        if time.strftime('%H:%M') == minute:
            break
    return seen, taken, shot


def check_light(what, one, crtc):
    """What vkms makes of the planes must be what is on them."""
    judge_light(what, one, *look(one['name'], crtc))


def judge_light(what, one, seen, taken):
    wanted = expected_crc(taken, one['width'], one['height'])
    result(f'{what}: the card shows what is on the planes, in every frame', len(seen) >= CRCS and set(seen) == {wanted},
           f'{wanted:#x} wanted, {set(map(hex, seen))} of {len(seen)}; {[plane for plane, _ in taken]}')


def compare(what, one, crtc, tolerance, pictures):
    """The planes together against what vkms makes of them, and against what the session composites.

    pictures: which of its own each guest shows.
    """
    width, height = one['width'], one['height']
    # Counting takes long, so it is done when all is taken.
    seen, taken, shot = look_and_shoot(one['name'], crtc, pictures)
    judge_light(what, one, seen, taken)
    imported = sum(plane.imported for plane, _ in taken)
    result(f'{what}: the guests are on planes meanwhile', imported == len(pictures), [plane for plane, _ in taken])
    rows = compose([part for part in taken if not part[0].is_pointer()], width, height, step=8)
    worst, where, colours = 0, None, set()
    for y, row in rows.items():
        for x in range(0, width, 3):
            colour = tuple(channel[x] for channel in row.high)
            at = (y * shot.width + x) * 3
            off = max(abs(a - b) for a, b in zip(colour, shot.rgb[at:at + 3]))
            colours.add(colour)
            if off > worst:
                worst, where = off, (x, y, colour, tuple(shot.rgb[at:at + 3]))
    result(f'{what}: the planes show what a render pass shows', worst <= tolerance and len(colours) > 50,
           f'{worst} too much at {where}; {len(colours)} colours')


def output(name):
    return next(one for one in list_outputs() if one['name'] == name)


def counts(name):
    one = output(name)
    return {key: one[key] for key in ('frames', 'scanouts', 'composited', 'presented')}


def come_to_rest(name):
    # vkms draws by the processor: on a busy computer a picture is under way for more than a second.
    wait_for(f'{name} comes to rest', 120, lambda: counts(name) == (time.sleep(2), counts(name))[1])


def start(guest, width, height, numbers):
    """A hidden guest with pictures of that size: shown later, it is never scaled."""
    guest.start(300)
    guest.tell('up all')
    for number in numbers:
        guest.tell(f'create-blob {number} b8g8r8x8 {width} {height}')
        guest.tell(f'pattern {number} {number}')
        guest.tell(f'transfer {number}')
    guest.tell(f'flip 0 4 100000 {" ".join(str(number) for number in numbers)}')


def play(guests, numbers, frames=FRAMES):
    threads = [threading.Thread(target=guest.tell, args=(f'flip 0 {frames} 8000 {" ".join(map(str, numbers))}',)) for guest in guests]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads):
        seen.append(planes())
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    return seen


def run_frames(what, name, guests, numbers, boxes):
    """FRAMES of each guest; all without a render pass, each on its place."""
    come_to_rest(name)
    before = counts(name)
    seen = play(guests, numbers)
    come_to_rest(name)
    after, one = counts(name), output(name)
    counted = {key: after[key] - before[key] for key in after}
    say(f'{what}: {counted}, {one["planes"]} planes, {one["path"]} {one["reason"]}; {planes()}')
    result(f'{what}: no render pass', counted['composited'] == 0 and counted['scanouts'] == counted['frames'] >= FRAMES // 2, counted)
    result(f'{what}: each commit was presented', counted['presented'] == counted['frames'], counted)
    shown = {box: {plane.fb for sample in seen for plane in sample if plane.box == box and plane.imported} for box in boxes}
    result(f'{what}: the guests\' own buffers are in their places', all(len(fbs) >= 2 for fbs in shown.values()), shown)
    where = {plane.box for sample in seen for plane in sample if plane.imported and plane.crtc == planes()[0].crtc}
    result(f'{what}: and nowhere else', where == set(boxes), where)


def side_by_side(name, crtc):
    one = output(name)
    half, height = one['width'] // 2, one['height']
    control('Run', command=['split'])
    for guest in GUESTS:
        start(guest, half, height, (1, 2))
    control('Run', command=['show-here', 'side-a'])
    wait_for('a guest and the home screen are on planes', 60, lambda: output(name)['planes'] == 2)
    control('Run', command=['focus', 'right'])
    control('Run', command=['show-here', 'side-b'])
    wait_for('both halves are guests on planes', 60, lambda: sum(plane.imported for plane in planes(crtc)) == 2)
    result('two guests: nothing was composited on the way', counts(name)['composited'] == one['composited'], counts(name))
    run_frames('two guests', name, GUESTS, (1, 2), [(0, 0, half, height), (half, 0, half, height)])
    result('two guests: as many planes as pictures', output(name)['planes'] == 2, output(name)['planes'])
    come_to_rest(name)
    before = counts(name)
    compare('two guests', one, crtc, 0, dict(zip(GUESTS, (1, 2))))
    result('two guests: the screenshot was composited', counts(name)['composited'] > before['composited'], counts(name))


def rest(name):
    come_to_rest(name)
    before, flips = counts(name), Flips()
    time.sleep(2)
    told = flips.finish()
    result('two guests at rest: no commit for two seconds', counts(name) == before and not told, f'{counts(name)} {len(told)} refreshes')


def under_strip(name, crtc, keyboard):
    one = output(name)
    start(WHOLE, one['width'], one['height'], (11, 12))
    control('ShowGuest', name='whole')
    wait_for('the guest is on its plane', 60, lambda: [plane.imported for plane in planes(crtc)] == [True])
    come_to_rest(name)
    before = counts(name)
    result('one guest: on one plane', output(name)['planes'] == 1 and output(name)['path'] == 'scanout', output(name))
    keyboard.key(KEY_SUPER, 1)
    wait_for('the strip is on a plane', 60, lambda: output(name)['planes'] == 2)
    come_to_rest(name)
    say(f'under the strip: {planes(crtc)}')
    own = [plane for plane in planes(crtc) if plane.format == 'AR24']
    result('under the strip: it is on an overlay plane',
           len(own) == 1 and own[0].name != planes(crtc)[0].name and own[0].width == one['width'], planes(crtc))
    run_frames('under the strip', name, [WHOLE], (11, 12), [(0, 0, one['width'], one['height'])])
    result('under the strip: nothing was composited since there was none', counts(name)['composited'] == before['composited'], counts(name))
    compare('under the strip', one, crtc, 2, {WHOLE: 11})
    control('ActOnGuest', name='whole', action='pause')
    wait_for('its card says that it is paused', 60, lambda: counts(name) != before)
    come_to_rest(name)
    compare('part of the strip is drawn anew', one, crtc, 2, {WHOLE: 11})
    control('ActOnGuest', name='whole', action='resume')
    keyboard.key(KEY_SUPER, 0)
    wait_for('the strip is gone', 60, lambda: output(name)['planes'] == 1)
    come_to_rest(name)
    result('the strip\'s plane is off again', len(planes(crtc)) == 1, planes(crtc))
    before = counts(name)
    control('Run', command=['home'])
    wait_for('home is back', 60, lambda: not output(name)['guest'])
    come_to_rest(name)
    result('home: no render pass while a guest runs', counts(name)['composited'] == before['composited'], output(name)['reason'])
    WHOLE.kill()


def strip_over_two(name, crtc, keyboard):
    one = output(name)
    keyboard.key(KEY_SUPER, 1)
    wait_for('the strip is over two guests', 60, lambda: output(name)['planes'] == 3)
    come_to_rest(name)
    half, height = one['width'] // 2, one['height']
    run_frames('strip over two', name, GUESTS, (1, 2), [(0, 0, half, height), (half, 0, half, height)])
    compare('strip over two', one, crtc, 2, dict(zip(GUESTS, (2, 1))))
    keyboard.key(KEY_SUPER, 0)
    wait_for('the strip is gone', 60, lambda: output(name)['planes'] == 2)


def refused(name):
    """The monitor whose card has no overlay planes."""
    control('FocusOutput', output=name)
    control('Run', command=['split'])
    for cell, guest in enumerate(GUESTS):
        control('FocusOutput', output=name, cell=cell)
        control('Run', command=['show-here', guest.name])
    come_to_rest(name)
    before = counts(name)
    play(GUESTS, (1, 2), COMPOSITED)
    come_to_rest(name)
    one, after = output(name), counts(name)
    say(f'too few planes: {one["path"]} {one["reason"]}, {planes()}')
    result('too few planes: it is composited, and says why', one['path'] == 'composited'
           and one['reason'] == 'the graphics card has no plane left for it' and one['planes'] == 1, (one['path'], one['reason'], one['planes']))
    result('too few planes: every frame is', after['composited'] - before['composited'] == after['frames'] - before['frames'] > 0, (before, after))
    drawn_when_shown(name)


def drawn_when_shown(name):
    """A GPU in software has no fence that the card would wait for: it is we who must not show what is still being drawn."""
    crtc, changing = crtc_of(name), []
    for number in (1, 2, 1, 2):
        before = counts(name)
        GUESTS[0].tell(f'flip 0 1 0 {number}')
        wait_for('the frame is shown', 60, lambda: counts(name)['presented'] > before['presented'])
        # vkms may take several refreshes for one picture, and so be at the one before.
        changing.append(len(set(seen_crcs(crtc, LATE + CRCS)[LATE:])))
    result('too few planes: a frame is drawn when it is shown', changing == [1] * 4, f'pictures of each frame: {changing}')


T0 = time.monotonic()


def main():
    if sys.argv[1:] == ['prepare']:
        for guest in (WHOLE, *GUESTS):
            guest.write()
        return 0
    wait_screen(2)
    for guest in (WHOLE, *GUESTS):  # QEMU takes its time: all at once
        control('ActOnGuest', name=guest.name, action='start')
    first, second = [one['name'] for one in list_outputs()]
    crtc = planes()[0].crtc
    for name in (first, second):
        one = output(name)
        say(f'{name}: {one["width"]}x{one["height"]}, {counts(name)}, {one["planes"]} planes, {one["path"]} {one["reason"]}')
    result('home: no render pass', counts(first)['composited'] == 0, counts(first))
    keyboard = wait_device(make_keyboard('Lab Keyboard'))
    for step in (lambda: under_strip(first, crtc, keyboard), lambda: side_by_side(first, crtc), lambda: rest(first),
                 lambda: strip_over_two(first, crtc, keyboard), lambda: refused(second)):
        step()
        say(f'{time.monotonic() - T0:.0f} s')
    for guest in GUESTS:
        guest.kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(main())
