#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: the tools that people use with other compositors, on real screens and by real keys.

As tests/headless/test_tools.py has them, but through logind, libinput and KMS: the person is the
outer machine, which presses keys and sees what virtio-gpu's monitor shows.
"""

import contextlib
import glob
import json
import os
import subprocess
import sys
import time

from inside import (
    RESULTS, Guest, control, exit_status, expect, expect_screen, guest_entry, list_outputs, outer, read_log, result, say, see, wait_for,
    wait_session)
from picture import Picture
from uinput import EV_KEY, KEY_A
from vnc import Vnc

HOME = '/home/alice'
PLACE = f'{HOME}/tools'
ENVIRONMENT = {'XDG_RUNTIME_DIR': '/run/user/1000', 'WAYLAND_DISPLAY': 'wayland-0', 'HOME': HOME, 'SHELL': '/bin/sh',
               'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/run/user/1000/bus', 'GSK_RENDERER': 'cairo', 'LANG': 'C.UTF-8'}
BLUE, GREEN = (0, 0, 255), (0, 255, 0)
PATIENCE = 120  # s: for what takes seconds at rest


def as_alice(*words):
    return ['runuser', '-u', 'alice', '--', 'env', *(f'{name}={value}' for name, value in ENVIRONMENT.items()), *words]


def run(*words, text=None):
    """A tool to its end; what it says."""
    with open(f'{PLACE}/{os.path.basename(words[0])}.said', 'w+', encoding='utf-8', errors='replace') as said:
        # Not a pipe: what a tool leaves in the background would hold it open.
        done = subprocess.run(as_alice(*words), cwd=PLACE, input=text, text=True, stdout=said, stderr=said, timeout=PATIENCE, check=False)
        said.seek(0)
        words_said = said.read()
    if done.returncode != 0:
        raise SystemExit(f'not ok {" ".join(words)}: status {done.returncode}: {words_said}')
    return words_said


@contextlib.contextmanager
def running(*words):
    """A tool that goes on until the block ends."""
    path = f'{PLACE}/{os.path.basename(words[0])}.log'
    with open(path, 'w', encoding='utf-8') as log:
        process = subprocess.Popen(as_alice(*words), cwd=PLACE, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        early = process.poll()
        process.terminate()
        process.wait(PATIENCE)
        if early not in (None, 0):
            with open(path, encoding='utf-8', errors='replace') as log:
                say(f'{words[0]} ended with {early}: {log.read()[-2000:]}')


def write(name, text):
    with open(f'{PLACE}/{name}', 'w', encoding='utf-8') as file:
        file.write(text)
    return f'{PLACE}/{name}'


def middle():
    picture = see('middle')
    return picture.pixel(picture.width // 2, picture.height // 2)


def read(name):
    with contextlib.suppress(FileNotFoundError), open(f'{PLACE}/{name}', encoding='utf-8') as file:
        return file.read()
    return ''


def size():
    output = list_outputs()[0]
    return output['width'], output['height']


def test_pictures(guest):
    run('grim', '-t', 'ppm', 'shot.ppm')
    expect_screen('grim takes the picture that is on the screen', lambda: Picture.from_ppm(f'{PLACE}/shot.ppm'))
    listing = json.loads(run('phyllomectl', 'guests', '--json'))
    result('phyllomectl lists the guest', listing[0]['name'] == guest.name and listing[0]['focused'], str(listing))


def test_outputs():
    name, before = list_outputs()[0]['name'], size()
    config = write('kanshi.config', f'profile desk {{\n\toutput {name} mode --custom 800x600 position 0,0\n}}\n')
    with running('kanshi', '-c', config):
        expect('kanshi sets the mode of its profile', PATIENCE, lambda: size() == (800, 600), lambda: str(size()))
        expect('wlr-randr tells it', PATIENCE, lambda: '800x600' in run('wlr-randr'), lambda: run('wlr-randr'))
    run('wlr-randr', '--output', name, '--preferred')
    expect('and sets the monitor\'s own again', PATIENCE, lambda: size() == before, lambda: str(size()))


def test_idle():
    with running('swayidle', 'timeout', '1', 'touch went-idle', 'resume', 'touch resumed'):
        expect('swayidle sees that nobody is there', PATIENCE, lambda: os.path.exists(f'{PLACE}/went-idle'))
        result('and was not woken by nothing', not os.path.exists(f'{PLACE}/resumed'))
        outer('press shift')
        expect('a key of the keyboard ends that', PATIENCE, lambda: os.path.exists(f'{PLACE}/resumed'))


def test_clipboard():
    run('wl-copy', text='of a host program')
    said = run('wl-paste', '--no-newline')
    result('wl-paste pastes what wl-copy has copied', said == 'of a host program', said)
    run('wl-copy', '--clear')


def test_terminal(guest):
    """foot covers the guest and gets the keys, through the host's own keymap; the guest gets none."""
    guest.tell('events keyboard 100')
    with running('foot', '-c', '/dev/null', '-o', 'colors-dark.background=0000ff', 'sh', '-c', 'read word; echo "$word" >typed; read rest'):
        expect('foot covers the guest', PATIENCE, lambda: middle() == BLUE, lambda: str(middle()))
        see('foot').write_png(f'{RESULTS}/tools-foot.png')
        outer('type Hello')
        outer('press ret')
        expect('foot gets the keys', PATIENCE, lambda: read('typed') == 'Hello\n', lambda: read('typed'))
        result('the guest gets none of them', not guest.events('keyboard', 0))
        outer('press meta_l 1')
        expect('a chord shows the guest again', PATIENCE, lambda: middle() != BLUE)
        outer('press meta_l tab')
        expect('and foot', PATIENCE, lambda: middle() == BLUE)
    expect('foot ended, the guest has the keys', PATIENCE, lambda: guest_entry(guest.name)['focused'])
    guest.tell('events keyboard 100')
    outer('press a')
    found = guest.events('keyboard', 2)
    result('and gets them', found == [(EV_KEY, KEY_A, 1), (EV_KEY, KEY_A, 0)], str(found))


def test_bar(guest):
    config = write('waybar.json', '{ "layer": "top", "position": "top", "height": 40, "modules-left": ["ext/workspaces"],'
                   ' "ext/workspaces": { "format": "{name}", "on-click": "activate" } }')
    style = write('waybar.css', '* { font-family: DejaVu Sans; } window#waybar { background: #00ff00; color: black; }')
    with running('waybar', '-c', config, '-s', style):
        expect('waybar is there', PATIENCE, lambda: see('bar').pixel(size()[0] // 2, 5) == GREEN)
        expect('and the guest has what it leaves', PATIENCE, lambda: f'{size()[0]}x{size()[1] - 40}' in guest.tell('display'))
        see('waybar').write_png(f'{RESULTS}/tools-waybar.png')
        outer('press meta_l h')
        wait_for('the home screen', PATIENCE, lambda: not guest_entry(guest.name)['shown'])
        outer(f'move {15 * 32768 // size()[0]} {15 * 32768 // size()[1]}')
        time.sleep(0.5)
        outer('button left down')
        outer('button left up')
        expect('a click on its workspace shows the guest', PATIENCE, lambda: guest_entry(guest.name)['shown'])
    expect('without the bar the guest has the whole screen', PATIENCE,
           lambda: f'{size()[0]}x{size()[1]}' in guest.tell('display'))


def test_remote(guest):
    with running('wayvnc', '-C', '/dev/null', '127.0.0.1', '5999'):
        vnc = wait_for('wayvnc listens', PATIENCE, lambda: Vnc(5999))
        result('wayvnc has the size of the screen', (vnc.width, vnc.height) == size(), f'{vnc.width} x {vnc.height}')

        def alike():
            rows, picture = vnc.picture(), see('remote')
            points = [(x, y) for x in range(40, picture.width - 40, 97) for y in range(40, picture.height - 40, 61)]
            return all(tuple(rows[y][4 * x:4 * x + 3])[::-1] == picture.pixel(x, y) for x, y in points)
        expect('and what is on it', PATIENCE, alike)
        guest.tell('events keyboard 100')
        vnc.key(ord('a'))
        found = guest.events('keyboard', 2)
        result('its keys reach the guest', found == [(EV_KEY, KEY_A, 1), (EV_KEY, KEY_A, 0)], str(found))
        vnc.socket.close()


def draw(guest, seed):
    for line in (f'pattern 1 {seed}', 'transfer 1', 'flush 1'):
        guest.tell(line)
    return guest.memory_picture(1, *size())


def frames():
    """Those that have come through the portal and are still there, whole, as {number: picture}."""
    found, (width, height) = {}, size()
    for path in glob.glob(f'{PLACE}/cast-*.raw'):
        with contextlib.suppress(FileNotFoundError), open(path, 'rb') as file:
            if len(data := file.read()) == width * height * 4:
                found[int(path.rpartition('-')[2][:-4])] = Picture.from_xrgb(width, height, width * 4, data)
    return found


@contextlib.contextmanager
def cast():
    for path in glob.glob(f'{PLACE}/cast-*'):
        os.unlink(path)
    with running('python3', '/src/tests/lab/cast.py', f'{PLACE}/cast'):
        wait_for('the portal gives the screen', PATIENCE, lambda: read('python3.log').startswith(f'streaming {size()[0]} {size()[1]}'))
        yield


def portal_ends():
    """How often xdg-desktop-portal-wlr has ended by itself."""
    return int(run('systemctl', '--user', 'show', '-P', 'NRestarts', 'xdg-desktop-portal-wlr'))


def in_cast(what, condition):
    """
    What condition() becomes in a meeting, or in the next one: when a stream is paused and goes on at once,
    xdg-desktop-portal-wlr 0.8 asks for a picture before it has the last one, which ext-image-copy-capture forbids, and ends.
    """
    for _ in range(4):
        value, ends = [], portal_ends()
        with cast():
            with contextlib.suppress(SystemExit):
                wait_for(what, PATIENCE, lambda: value.append(condition()) or value[-1] or portal_ends() != ends)
            ended = portal_ends() != ends
        if value[-1] or not ended:
            break
        say('xdg-desktop-portal-wlr has ended')
    return value[-1]


def likeness(one, other):
    """The part of the pixels that are the same, of some."""
    points = [(x, y) for x in range(10, one.width, 37) for y in range(10, one.height, 31)]
    return sum(one.pixel(*point) == other.pixel(*point) for point in points) / len(points)


def test_cast(guest):
    """A meeting shares the screen: by the portal and PipeWire, which this computer starts for this only."""
    for unit in ('pipewire.service', 'pipewire.socket', 'wireplumber.service'):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f'/run/systemd/user/{unit}')
    folder = f'{HOME}/.config/xdg-desktop-portal-wlr'
    subprocess.run(['install', '-d', '-o', 'alice', f'{HOME}/.config', folder], check=True)
    with open(f'{folder}/config', 'w', encoding='utf-8') as file:
        file.write('[screencast]\nchooser_type=none\n')  # there is one screen
    run('systemctl', '--user', 'daemon-reload')
    run('systemctl', '--user', 'start', 'pipewire.socket', 'wireplumber.service')
    drawn = [draw(guest, 20)]

    def shared():
        """Whether what the guest has drawn comes out; it draws on, as pictures only come when something changes."""
        drawn.append(draw(guest, 20 + len(drawn)))
        time.sleep(1)
        return any(picture in drawn for picture in frames().values())
    what = 'what the portal shares is what the guest draws, to the pixel'
    result(what, in_cast(what, shared), str(list(frames())))
    control('Run', command=['lock'])
    wait_for('swaylock has locked', 60, lambda: 'the session is locked' in read_log())
    time.sleep(2)
    seen = []

    def locker():
        """Four times pictures of a screen on which the locker draws, and behind it the guest."""
        outer('press a')
        outer('press esc')
        drawn.append(draw(guest, 20 + len(drawn)))
        time.sleep(1)
        new = frames().values()
        seen.extend(new)
        locker.times += bool(new)
        return locker.times >= 4
    locker.times = 0
    result('the locked screen can be shared', in_cast('pictures of the locked screen', locker))
    alike = [likeness(picture, other) for picture in seen for other in drawn]
    say(f'while locked {len(seen)} pictures came through the portal')
    result('locked, no pixel of the guest comes out', max(alike, default=1) < 0.02, str(alike))
    subprocess.run(['pkill', '-USR1', '-x', 'swaylock'], check=True)
    wait_for('unlocked', 30, lambda: 'the session is unlocked' in read_log())
    drawn = [draw(guest, 90)]
    result('unlocked, the guest is shared again', in_cast('the guest is shared again', shared), str(list(frames())))
    subprocess.run(['rm', '-rf', folder, *glob.glob(f'{PLACE}/cast-*')], check=True)


def point(x, y):
    outer(f'move {x * 32768 // size()[0]} {y * 32768 // size()[1]}')


def click():
    outer('button left down')
    outer('button left up')


def test_manager(guest):
    """virt-manager, first with a libvirt that lets nobody in, then with libvirt's own pretended one."""
    width, height = size()
    own = guest.memory_picture(1, width, height)
    with running('virt-manager', '--no-fork'):
        wait_for('virt-manager says that it cannot connect', PATIENCE, lambda: see('manager') != own)
        time.sleep(2)
        see('manager').write_png(f'{RESULTS}/tools-manager-error.png')
        outer('press esc')
        expect('virt-manager: Escape closes its error, and the guest is there', PATIENCE, lambda: see('manager') == own)
    # Where its menu will be: its window comes under the pointer.
    point(20, 12)
    white = (255, 255, 255)
    with running('virt-manager', '--no-fork', '--connect', 'test:///default'):
        def filled():
            picture = see('manager')
            return all(picture.pixel(x, y) == white for x in (0, width // 2, width - 1) for y in (height // 2, height - 1))
        expect('virt-manager: its window fills the screen', PATIENCE, filled)
        time.sleep(5)  # its list is made bit by bit

        def menu():
            return see('manager').crop(0, 30, 260, 95)
        before = menu()
        click()
        # Not what is beside the menu: that is a plot that goes on.
        expect('virt-manager: a click without a motion opens the menu below it', PATIENCE, lambda: menu() != before)
        time.sleep(2)
        opened = menu()
        see('manager').write_png(f'{RESULTS}/tools-manager-menu.png')
        outer('press down')
        expect('virt-manager: keys move in it', PATIENCE, lambda: menu() not in (before, opened))
        outer('press esc')
        expect('virt-manager: and Escape closes it', PATIENCE, lambda: menu() == before)
    expect('virt-manager: at its end the guest is there', PATIENCE, lambda: see('manager') == own)
    outer('move 32767 32767')


def run_all(guest):
    subprocess.run(['install', '-d', '-o', 'alice', PLACE], check=True)
    wait_session()
    control('ShowGuest', name=guest.name)
    guest.start()
    guest.tell('up all')
    width, height = size()
    guest.tell(f'create-2d 1 b8g8r8x8 {width} {height}')
    for line in ('pattern 1 3', 'transfer 1', 'scanout 0 1', 'flush 1'):
        guest.tell(line)
    expect_screen('the guest is on the screen', lambda: guest.memory_picture(1, width, height))
    # Else it is in the pictures of some, and not of others.
    outer('move 32767 32767')
    test_pictures(guest)
    test_idle()
    test_clipboard()
    test_terminal(guest)
    test_remote(guest)
    test_cast(guest)
    test_manager(guest)
    test_bar(guest)
    test_outputs()
    guest.kill()
    return exit_status()


if __name__ == '__main__':
    TOOLS_GUEST = Guest('tools', 'device virtio')
    sys.exit(TOOLS_GUEST.write() if sys.argv[1] == 'prepare' else run_all(TOOLS_GUEST))
