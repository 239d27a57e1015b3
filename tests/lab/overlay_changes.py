#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: what changes while guests are on overlay planes of vkms.

The card has one overlay plane, which either monitor can use. A guest and the home
screen side by side take it. Whatever happens, what vkms composes must be what the session
has put on the planes, and nothing may stay there that does not belong there.
"""

import os
import signal
import subprocess
import sys
import time

from composed import all_planes, planes
from inside import Guest, control, exit_status, list_outputs, pids, read_log, result, say, show_console, wait_for, wait_screen
from overlay import check_light, come_to_rest, counts, display, output, start
from vkms import plug

GUESTS = [Guest(name, 'device virtio\n\tgl on') for name in ('side-a', 'side-b')]
CONFIG = '/home/alice/.config/phyllome'
REFUSE = '/run/user/1000/refuse'
TAKEN = 'the graphics card has tested its planes well, and then refused them'
NO_SYNC = 'the monitor or the graphics card has no adaptive sync'
NO_TEARING = 'the graphics card cannot show a frame before the next refresh'


def configure(planes_on):
    os.makedirs(CONFIG, exist_ok=True)
    with open(f'{CONFIG}/session.scfg', 'w', encoding='utf-8') as file:
        file.write(f'planes {planes_on}\noutput Virtual-3 {{\n\tadaptive-sync on\n}}\nguest side-a {{\n\ttearing on\n}}\n')
    subprocess.run(['chown', '-R', 'alice:', '/home/alice/.config'], check=True)


PRIMARY = ('plane-0', 'plane-2')  # vkms.sh makes each monitor's primary and pointer's, then what they share


def overlays():
    """Those that are on, on any monitor."""
    return [plane for plane in planes() if plane.name not in PRIMARY]


def is_split(name, guest):
    one = output(name)
    return one['planes'] == 2 and [cell['guest'] for cell in one['cells']] == [guest, '']


def crtc_of():
    return next(plane.crtc for plane in overlays())


def on_planes(what, name, guest, seconds=60):
    wait_for(f'{what}: {guest} and home are on planes', seconds, lambda: is_split(name, guest) and len(overlays()) == 1)
    result(f'{what}: a guest and the home screen are on planes', True)


def split(name, guest):
    control('FocusOutput', output=name)
    if len(output(name)['cells']) == 1:
        control('Run', command=['split'])
    control('FocusOutput', output=name, cell=0)
    control('Run', command=['show-here', guest.name])
    wait_for(f'{name} shows {guest.name} and home', 60, lambda: [cell['guest'] for cell in output(name)['cells']] == [guest.name, ''])


def flip(guest, frames=1):
    guest.tell(f'flip 0 {frames} 50000 1 2')


def policy(name):
    """Asked for what vkms cannot do: it goes on without, and says so once."""
    flip(GUESTS[0], 5)
    one, log = output(name), read_log()
    result('adaptive sync and tearing: refused, with the reason',
           (one['adaptiveSync'], one['tearing'], one['noAdaptiveSync'], one['noTearing']) == (False, False, NO_SYNC, NO_TEARING), one)
    # Once for each time that the monitor's settings were applied.
    result('adaptive sync and tearing: said once',
           log.count(f'no adaptive sync: {NO_SYNC}') == log.count(f'no tearing: {NO_TEARING}') == 1,
           [line for line in log.split('\n') if 'no adaptive' in line or 'no tearing' in line])


def key(name):
    """planes off, planes on."""
    configure('off')
    control('Run', command=['reload'])
    wait_for('planes off: the planes are off', 60, lambda: not overlays())
    come_to_rest(name)
    one = output(name)
    result('planes off: it is composited', one['path'] == 'composited' and one['reason'] == 'the monitor is split', one['reason'])
    configure('on')
    control('Run', command=['reload'])
    on_planes('planes on', name, 'side-a')


def two_monitors(first, second):
    split(second, GUESTS[1])
    flip(GUESTS[1])
    come_to_rest(second)
    one = output(second)
    result('one plane for two monitors: the second one is composited, and says why',
           one['path'] == 'composited' and one['reason'] == 'the graphics card has no plane left for it', (one['path'], one['reason']))
    result('one plane for two monitors: the first one keeps it', is_split(first, 'side-a') and len(overlays()) == 1, planes())
    control('FocusOutput', output=first)
    control('Run', command=['split'])
    wait_for('the first monitor is whole again', 60, lambda: len(output(first)['cells']) == 1 and not overlays())
    flip(GUESTS[1])
    on_planes('one plane for two monitors, free again', second, 'side-b')
    split(first, GUESTS[0])
    flip(GUESTS[0])
    come_to_rest(first)
    result('one plane for two monitors: now the first one goes without',
           (output(first)['path'], len(overlays())) == ('composited', 1) and is_split(second, 'side-b'), planes())
    control('FocusOutput', output=second)
    control('Run', command=['split'])
    control('Run', command=['home'])
    wait_for('the second monitor is whole again', 60, lambda: len(output(second)['cells']) == 1)
    flip(GUESTS[0])
    on_planes('one plane for two monitors, the first one again', first, 'side-a')


def refused(name):
    """The test commit says yes, the commit says no."""
    come_to_rest(name)
    before = counts(name)
    open(REFUSE, 'w', encoding='ascii').close()
    os.chown(REFUSE, 1000, 1000)
    flip(GUESTS[0], 10)
    come_to_rest(name)
    one, after = output(name), counts(name)
    result('a driver that breaks its word: it was asked to', not os.path.exists(REFUSE))
    result('a driver that breaks its word: composited from that frame on', after['composited'] - before['composited']
           == after['frames'] - before['frames'] == after['presented'] - before['presented'] > 0, (before, after))
    result('a driver that breaks its word: nothing is left on planes', not overlays(), planes())
    result('a driver that breaks its word: said, and asked no second time', (one['reason'], read_log().count(TAKEN)) == (TAKEN, 1),
           (one['reason'], read_log().count(TAKEN)))


def repeated(name):
    """One guest alone: its next buffer is committed without a test; a refusal must cost nothing but that."""
    guest, screen = GUESTS[1], output(name)
    for number in (3, 4):
        guest.tell(f'create-blob {number} b8g8r8x8 {screen["width"]} {screen["height"]}')
        guest.tell(f'transfer {number}')
    control('FocusOutput', output=name)
    control('Run', command=['show-here', guest.name])
    guest.tell('flip 0 6 50000 3 4')
    wait_for('a guest alone is on the plane', 60, lambda: output(name)['path'] == 'scanout')
    come_to_rest(name)
    before = counts(name)
    open(REFUSE, 'w', encoding='ascii').close()
    os.chown(REFUSE, 1000, 1000)
    guest.tell('flip 0 10 50000 3 4')
    come_to_rest(name)
    counted = {key: value - before[key] for key, value in counts(name).items()}
    result('a frame like the last one: refused once', not os.path.exists(REFUSE))
    result('a frame like the last one: no frame is lost, none composited', counted['composited'] == 0
           and counted['scanouts'] == counted['frames'] == counted['presented'] >= 10, counted)
    check_light('a frame like the last one', output(name), next(plane.crtc for plane in planes() if plane.name == PRIMARY[1]))


def unplugged(name):
    number = [one['name'] for one in list_outputs()].index(name)
    plug(number, False)
    wait_for('the monitor is gone', 60, lambda: len(list_outputs()) == 1)
    result('unplugged: nothing is left on planes', not overlays(), planes())
    plug(number, True)
    wait_for('the monitor is here', 60, lambda: len(list_outputs()) == 2)
    on_planes('plugged in again, as if nothing had been refused', name, 'side-a')
    check_light('plugged in again', output(name), crtc_of())


def console(name):
    show_console(3)
    time.sleep(3)
    say(f'on another console: {all_planes()}')
    show_console(1)
    wait_for('the session is back', 60, lambda: len(list_outputs()) == 2)
    on_planes('back from another console', name, 'side-a')
    check_light('back from another console', output(name), crtc_of())


def locked(name):
    control('Run', command=['lock'])
    wait_for('swaylock has locked', 60, lambda: 'the session is locked' in read_log())
    wait_for('locked: no guest is on a plane', 60, lambda: not any(plane.imported for plane in planes()))
    result('locked: nothing is on overlay planes', not overlays(), planes())
    flip(GUESTS[0], 5)
    result('locked: nor while the guest goes on', not overlays() and not any(plane.imported for plane in planes()), planes())
    for pid in pids('swaylock'):  # one of them only knows the password
        os.kill(pid, signal.SIGUSR1)
    on_planes('unlocked', name, 'side-a')


def dark(name):
    environment = ['env', 'XDG_RUNTIME_DIR=/run/user/1000', f'WAYLAND_DISPLAY={display()}']
    for word in ('--off', '--on'):
        subprocess.run(['runuser', '-u', 'alice', '--', *environment, 'wlr-randr', '--output', name, word], check=True)
        if word == '--off':
            result('switched off: nothing is left on planes', not overlays(), planes())
    on_planes('switched on again', name, 'side-a')


def restarted(name):
    os.kill(pids('phyllome-compos')[0], 9)
    wait_for('the session is back', 120, lambda: output(name)['presented'] > 0)
    on_planes('killed and started again', name, 'side-a', 120)
    check_light('killed and started again', output(name), crtc_of())


def death(name):
    GUESTS[0].kill()
    wait_for('the guest is gone', 60, lambda: not overlays())
    come_to_rest(name)
    result('the guest dies: the home screen is on one plane', output(name)['planes'] == 1 and output(name)['path'] == 'scanout', planes())


def main():
    if sys.argv[1:] == ['prepare']:
        for guest in GUESTS:
            guest.write()
        configure('on')
        return 0
    wait_screen(2)
    for guest in GUESTS:
        control('ActOnGuest', name=guest.name, action='start')
    first, second = [one['name'] for one in list_outputs()]
    half, height = output(first)['width'] // 2, output(first)['height']
    for guest in GUESTS:
        start(guest, half, height, (1, 2))
    split(first, GUESTS[0])
    on_planes('one overlay plane', first, 'side-a')
    began = time.monotonic()
    for step in (lambda: check_light('one overlay plane', output(first), crtc_of()), lambda: policy(first), lambda: key(first),
                 lambda: two_monitors(first, second), lambda: repeated(second), lambda: dark(first), lambda: locked(first), lambda: refused(first),
                 lambda: unplugged(first), lambda: console(first), lambda: restarted(first), lambda: death(first)):
        step()
        say(f'{time.monotonic() - began:.0f} s')
    GUESTS[1].kill()
    return exit_status()


if __name__ == '__main__':
    sys.exit(main())
