# SPDX-License-Identifier: MIT
"""The tools that people use with other compositors, each for real."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time

from fixture import Session, check, check_equal, die_with_parent, eventually, read_text
from picture import Picture
from run import Skip
from test_hostile import Window
from test_lock import GUESTS, RED, Locker, share, shown_guest
from vnc import Vnc


def environment(session):
    return {**session.environment, 'WAYLAND_DISPLAY': os.path.basename(session.wayland), 'SHELL': '/bin/sh',
            'XDG_CONFIG_HOME': f'{session.dir}/config', 'GSK_RENDERER': 'cairo'}


def run(session, *command, status=0, text=None, timeout=20):
    """Runs a tool to its end, returns what it says."""
    check(shutil.which(command[0]), f'{command[0]} is not installed')
    with open(f'{session.dir}/{os.path.basename(command[0])}.log', 'w+', encoding='utf-8', errors='replace') as log:
        # Not a pipe: what a tool leaves in the background would hold it open.
        done = subprocess.run(command, env=environment(session), cwd=session.dir, input=text, text=True, stdout=log,
                              stderr=log, timeout=timeout, check=False)
        log.seek(0)
        said = log.read()
    check_equal(done.returncode, status, f'the exit status of {" ".join(command)} ({said})')
    return said


@contextlib.contextmanager
def session_bus(session):
    """A D-Bus for the tools of the block, as a login has one."""
    address = f'unix:path={session.dir}/bus'
    with running(session, 'dbus-daemon', '--session', '--nofork', '--nopidfile', f'--address={address}'):
        eventually(lambda: os.path.exists(f'{session.dir}/bus'), 'a session bus')
        session.environment['DBUS_SESSION_BUS_ADDRESS'] = address
        yield


@contextlib.contextmanager
def running(session, *command):
    """A tool that goes on until the block ends; the path of its log."""
    check(shutil.which(command[0]), f'{command[0]} is not installed')
    path = f'{session.dir}/{os.path.basename(command[0])}.log'
    with open(path, 'w', encoding='utf-8') as log:
        process = subprocess.Popen(command, env=environment(session), cwd=session.dir, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, preexec_fn=die_with_parent)
    try:
        yield process, path
        check(process.poll() is None, f'{command[0]} has ended with {process.poll()}: {read_text(path)}')
    except BaseException:
        print(f'--- {command[0]}\n{read_text(path)}')
        raise
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write(session, name, text):
    path = f'{session.dir}/{name}'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def output_state(session):
    """What wlr-randr says of the outputs: name -> its lines."""
    found = {}
    for line in run(session, 'wlr-randr').splitlines():
        if line and not line[0].isspace():
            lines = found.setdefault(line.split()[0], [])
        else:
            lines.append(line.strip())
    return found


def expect_output(session, name, *lines):
    def so():
        there = output_state(session).get(name, [])
        return all(any(re.search(wanted, line) for line in there) for wanted in lines)
    eventually(so, f'{name} is {lines}')


def output_name(session, output=0):
    return session.hand.outputs[output].last('name')[0]


def visible(bridge, head):
    bridge.client.roundtrip()
    return head.last('configure')[-1]


# --- pictures and outputs

def test_grim():
    with Session(GUESTS, bridges=False, outputs=2) as session, shown_guest(session):
        run(session, 'grim', '-t', 'ppm', '-o', output_name(session), 'shot.ppm')
        picture = Picture.from_ppm(f'{session.dir}/shot.ppm')
        check_equal(picture.size, session.size, 'the size of the picture')
        check_equal(share(picture, RED), 1, 'the part of it that is the guest')
        run(session, 'grim', '-t', 'ppm', 'both.ppm')
        check_equal(Picture.from_ppm(f'{session.dir}/both.ppm').width, 2560, 'the width of both outputs')


def test_wlr_randr():
    with Session(GUESTS, bridges=False, outputs=2) as session, shown_guest(session):
        name, other = output_name(session), output_name(session, 1)
        run(session, 'wlr-randr', '--output', name, '--custom-mode', '1024x600', '--scale', '2')
        expect_output(session, name, r'1024x600.*current', r'Scale: 2', r'Enabled: yes')
        check_equal(session.screenshot().size, (1024, 600), 'the size of the output')
        # Whatever its order is, the half of it that could be done is not.
        for good, bad in ((name, other), (other, name)):
            done = subprocess.run(['wlr-randr', '--output', good, '--off', '--output', bad, '--scale', '100'],
                                  env=environment(session), capture_output=True, text=True, timeout=20, check=False)
            check(done.returncode != 0, f'a scale of 100 was taken: {done}')
            expect_output(session, good, r'Enabled: yes')
        run(session, 'wlr-randr', '--output', other, '--off')
        expect_output(session, other, r'Enabled: no')
        run(session, 'wlr-randr', '--output', other, '--on')
        expect_output(session, other, r'Enabled: yes')


def test_kanshi():
    with Session(GUESTS, bridges=False, outputs=2) as session:
        config = write(session, 'config/kanshi/config', '''profile desk {
	output HEADLESS-1 mode --custom 1400x900 position 0,0
	output HEADLESS-2 mode --custom 800x600 position 1400,0 scale 1
}
''')
        with running(session, 'kanshi', '-c', config):
            expect_output(session, 'HEADLESS-1', r'1400x900.*current')
            expect_output(session, 'HEADLESS-2', r'800x600.*current', r'Position: 1400,0')


def test_output_power():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, _):
        run(session, 'wlopm', '--off', '*')
        check('off' in run(session, 'wlopm'), 'wlopm does not say that the output is off')
        eventually(lambda: not visible(bridge, bridge.head_object), 'the guest knows that it is not seen')
        expect_output(session, 'HEADLESS-1', r'Enabled: yes')
        run(session, 'wlopm', '--on', '*')
        eventually(lambda: visible(bridge, bridge.head_object), 'the guest knows that it is seen')
        check_equal(bridge.head_object.last('configure')[1:3], session.size, "the size of the guest's monitor")
        eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown again')


def test_wlsunset_without_a_gamma_table():
    with Session(GUESTS, bridges=False) as session:
        with running(session, 'wlsunset', '-t', '4000', '-T', '4001', '-S', '00:01', '-s', '00:02') as (process, log):
            eventually(lambda: process.poll() is not None or 'gamma' in read_text(log), 'a word about gamma')
        check(session.screenshot().size == session.size, 'the session is unharmed')


# --- lock and idle

def test_swaylock_asks_for_the_password():
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        run(session, 'swaylock', '-f', '-c', '00ff00')
        check_equal(share(session.screenshot(), RED), 0, 'the part of the screen that is the guest, at once')
        eventually(lambda: session.screenshot().pixel(5, 5) == (0, 255, 0), "the locker's picture")
        check_equal(share(session.screenshot(), RED), 0, 'the part of the screen that is the guest')
        run(session, 'wtype', 'wrong', '-k', 'Return')
        time.sleep(0.5)
        check(os.path.exists(f'{session.runtime}/phyllome/locked'), 'a wrong password unlocks')
        # PAM makes a wrong answer wait.
        time.sleep(3)
        run(session, 'wtype', '-k', 'Escape')
        run(session, 'wtype', 'root')
        run(session, 'wtype', '-k', 'Return')
        eventually(lambda: share(session.screenshot(), RED) == 1, 'the right password unlocks')
        eventually(lambda: not session.pids('swaylock'), 'swaylock has ended')


def test_swayidle():
    with Session(GUESTS, bridges=False) as session:
        with running(session, 'swayidle', 'timeout', '1', 'touch went-idle', 'resume', 'touch resumed'):
            eventually(lambda: os.path.exists(f'{session.dir}/went-idle'), 'it is idle')
            check(not os.path.exists(f'{session.dir}/resumed'), 'it was resumed by nothing')
            session.hand.press('a')
            eventually(lambda: os.path.exists(f'{session.dir}/resumed'), 'a key is activity')
            os.remove(f'{session.dir}/resumed')
            os.remove(f'{session.dir}/went-idle')
            eventually(lambda: os.path.exists(f'{session.dir}/went-idle'), 'it is idle again')
            session.hand.move_by(1, 1)
            eventually(lambda: os.path.exists(f'{session.dir}/resumed'), 'the pointer is activity')


# --- clipboard of host programs

def test_wl_copy_and_paste():
    with Session(GUESTS, bridges=False) as session:
        run(session, 'wl-copy', text='of a host program')
        check_equal(run(session, 'wl-paste', '--no-newline'), 'of a host program', 'what is pasted')
        run(session, 'wl-copy', '--primary', text='selected')
        check_equal(run(session, 'wl-paste', '--primary', '--no-newline'), 'selected', 'what is pasted of the selection')
        run(session, 'wl-copy', '--clear')
        run(session, 'wl-copy', '--primary', '--clear')
        eventually(lambda: not session.pids('wl-copy'), 'no wl-copy is left')


# --- windows of host programs

def center(picture):
    return picture.pixel(picture.width // 2, picture.height // 2)


def test_foot_covers_the_guest_and_gets_the_keys():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        with running(session, 'foot', '-c', '/dev/null', '-o', 'colors-dark.background=0000ff', 'sh', '-c', 'read word; echo "$word" >typed; read rest') as (foot, _):
            eventually(lambda: center(session.screenshot()) == (0, 0, 255), 'foot is shown')
            picture = session.screenshot()
            session.keep('foot', picture)
            check_equal(share(picture, RED), 0, 'the part of the screen that is still the guest')
            check(not session.guest('one')['focused'], 'the guest has the input')
            check_equal(session.guest('one')['heads'][0]['visible'], False, 'whether the covered guest is told that it is visible')
            bridge.client.roundtrip()
            control.events.clear()
            run(session, 'wtype', 'Hello, host!', '-k', 'Return')
            eventually(lambda: read_text(f'{session.dir}/typed') == 'Hello, host!\n', 'foot has got the keys')
            session.hand.press('a')
            session.hand.move_to(30, 30, *session.size)
            session.hand.click()
            bridge.client.roundtrip()
            told = [name for name, _ in control.events if name not in ('frame', 'focus_out')]
            check_equal(told, [], 'what the guest is told')
            session.hand.press('super', '1')
            eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown again')
            eventually(lambda: session.guest('one')['focused'], 'the guest has the input again')
            check_equal(session.guest('one')['heads'][0]['visible'], True, 'whether the guest is told that it is visible again')
            run(session, 'wlrctl', 'toplevel', 'focus', 'app_id:foot')
            eventually(lambda: center(session.screenshot()) == (0, 0, 255), 'foot is shown again')
            for key in ('grave', 'tab'):
                session.hand.press('super', key)
                eventually(lambda: share(session.screenshot(), RED) == 1, f'{key}: the guest under foot')
                session.hand.press('super', key)
                eventually(lambda: center(session.screenshot()) == (0, 0, 255), f'{key}: foot once more')
            check(share(capture_guest(session, 'foot'), (0, 0, 255)) > 0.5, 'foot is not captured')
            locker = Locker(session)
            locker.locked()
            check_equal(share(capture_guest(session, 'foot'), (0, 0, 255)), 0, 'the part that is foot, while locked')
            locker.unlock()
            locker.close()
            eventually(lambda: share(capture_guest(session, 'foot'), (0, 0, 255)) > 0.5, 'foot is captured after the lock')
            run(session, 'wtype', '-k', 'Return')
            eventually(lambda: foot.poll() is not None, 'foot has ended')
            check_equal(foot.returncode, 0, 'the exit status of foot')
            eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown after the end of foot')
            eventually(lambda: session.guest('one')['focused'], 'the guest has the input after the end of foot')
            foot.poll = lambda: None  # it was to end


def test_wlrctl_lists_and_shows_guests():
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        session.hand.press('super', 'h')
        eventually(lambda: share(session.screenshot(), RED) == 0, 'the home screen')
        check('org.phyllome.guest.one' in run(session, 'wlrctl', 'toplevel', 'list'), 'the guest is not listed')
        check('org.phyllome.guest.two' not in run(session, 'wlrctl', 'toplevel', 'list'), 'a guest that is off is listed')
        run(session, 'wlrctl', 'toplevel', 'focus', 'app_id:org.phyllome.guest.one')
        eventually(lambda: share(session.screenshot(), RED) == 1, 'the guest is shown')


def test_waybar():
    with Session(GUESTS, bridges=False) as session, shown_guest(session):
        config = write(session, 'waybar.json', '''{ "layer": "top", "position": "top", "height": 40,
            "modules-left": ["ext/workspaces", "wlr/taskbar"], "ext/workspaces": { "format": "{name}", "on-click": "activate" } }''')
        style = write(session, 'waybar.css', '* { font-family: DejaVu Sans; } window#waybar { background: #00ff00; color: black; }')
        with session_bus(session), running(session, 'waybar', '-c', config, '-s', style):
            eventually(lambda: session.screenshot().pixel(640, 5) == (0, 255, 0), 'the bar', timeout=20)
            picture = session.screenshot()
            session.keep('waybar', picture)
            check_equal(picture.pixel(640, 400), RED, 'the guest below the bar')
            cell = session.outputs()[0]['cells'][0]
            check_equal((cell['y'], cell['height']), (40, session.size[1] - 40), 'what the bar leaves to the guest')
            check(session.guest('one')['focused'], 'the bar has taken the input')
            # The first workspace is the guest's: home, and a click there shows it again.
            session.hand.press('super', 'h')
            eventually(lambda: session.screenshot().pixel(640, 400) != RED, 'the home screen')
            session.hand.move_to(15, 15, *session.size)
            session.hand.click()
            eventually(lambda: session.screenshot().pixel(640, 400) == RED, 'a click on its workspace shows the guest')


# --- pictures for others

def test_wayvnc():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, control):
        port = 5900 + os.getpid() % 1000
        with running(session, 'wayvnc', '-C', '/dev/null', '127.0.0.1', str(port)):
            def connect():
                with contextlib.suppress(ConnectionRefusedError):
                    return Vnc(port)
                return None
            vnc = eventually(connect, 'wayvnc listens')
            check_equal((vnc.width, vnc.height), session.size, 'the size of the screen')

            def red():
                pixel = bytes(vnc.picture()[300][1200:1203])
                return pixel == bytes((0, 0, 255))  # blue, green, red
            eventually(red, "wayvnc shows the guest's picture", step=0.2)
            bridge.client.roundtrip()
            control.events.clear()
            vnc.key(ord('a'))

            def keys():
                bridge.client.roundtrip()
                return [key[-2:] for key in control.named('key')]
            eventually(lambda: keys() == [(30, 1), (30, 0)], 'a key of VNC reaches the guest')
            vnc.socket.close()


def capture_guest(session, app_id):
    """ext-image-copy-capture of one window of the list."""
    client = session.client
    listing = client.bind('ext_foreign_toplevel_list_v1')
    client.roundtrip()
    handles = [arguments[0] for arguments in listing.named('toplevel')]
    handle = [one for one in handles if one.last('app_id') == (app_id,)][0]
    manager = client.bind('ext_foreign_toplevel_image_capture_source_manager_v1')
    return session.hand.capture_source(manager.create_source(handle))


def test_capture_of_one_guest():
    with Session(GUESTS, bridges=False) as session, shown_guest(session) as (bridge, _):
        check_equal(share(capture_guest(session, 'org.phyllome.guest.one'), RED), 1, 'the part that is the guest')
        session.hand.press('super', 'h')
        eventually(lambda: share(session.screenshot(), RED) == 0, 'the home screen')
        bridge.show(640, 480, 0x00ff00)
        picture = capture_guest(session, 'org.phyllome.guest.one')
        check_equal((picture.size, share(picture, (0, 255, 0))), ((640, 480), 1), 'the guest that is not on the screen')
        locker = Locker(session)
        locker.locked()
        picture = capture_guest(session, 'org.phyllome.guest.one')
        check_equal(share(picture, (0, 255, 0)), 0, 'the part that is the guest, while locked')
        locker.unlock()
        locker.close()
        # It has drawn nothing since.
        eventually(lambda: share(capture_guest(session, 'org.phyllome.guest.one'), (0, 255, 0)) == 1, 'the guest after the lock')


# --- screen sharing

PORTAL, OBJECT = 'org.freedesktop.impl.portal.desktop.wlr', '/org/freedesktop/portal/desktop'
SHARE = '/org/freedesktop/portal/desktop/session/test'


def ask_portal(session, method, signature, *words):
    """Calls the ScreenCast backend as xdg-desktop-portal does, which stands between it and a browser."""
    return run(session, 'busctl', f'--address={session.environment["DBUS_SESSION_BUS_ADDRESS"]}', '--json=short', 'call', PORTAL,
               OBJECT, 'org.freedesktop.impl.portal.ScreenCast', method, signature, *words, timeout=30)


def test_portal_shares_the_screen():
    portal = '/usr/libexec/xdg-desktop-portal-wlr'
    if not os.path.exists(portal) or not shutil.which('pipewire'):
        raise Skip('xdg-desktop-portal-wlr and pipewire are not installed')
    with Session(GUESTS, bridges=False) as session, shown_guest(session), session_bus(session):
        write(session, 'config/xdg-desktop-portal-wlr/config',
              f'[screencast]\nchooser_type=none\noutput_name={output_name(session)}\n')
        with running(session, 'pipewire'):
            eventually(lambda: os.path.exists(f'{session.runtime}/pipewire-0'), 'pipewire listens')
            with running(session, portal, '-l', 'INFO') as (_, log):
                eventually(lambda: run(session, 'busctl', f'--address={session.environment["DBUS_SESSION_BUS_ADDRESS"]}',
                                       '--no-legend', 'list').find(PORTAL) >= 0, 'the portal is on the bus')
                handle = f'{OBJECT}/request/test'
                answer = ask_portal(session, 'CreateSession', 'oosa{sv}', handle, SHARE, 'test', '0')
                check_equal(json.loads(answer)['data'][0], 0, f'the answer to CreateSession {answer}')
                # One monitor (1), with the pointer drawn into its picture (2).
                answer = ask_portal(session, 'SelectSources', 'oosa{sv}', handle, SHARE, 'test', '2', 'types', 'u', '1',
                                    'cursor_mode', 'u', '2')
                check_equal(json.loads(answer)['data'][0], 0, f'the answer to SelectSources {answer}')
                status, results = json.loads(ask_portal(session, 'Start', 'oossa{sv}', handle, SHARE, 'test', '', '0'))['data']
                check_equal(status, 0, f'the answer to Start ({read_text(log)})')
                streams = results['streams']['data']
                check_equal(len(streams), 1, f'the streams {streams}')
                check_equal(streams[0][1]['size']['data'], list(session.size), 'the size of what is shared')


def test_click_on_a_window_that_came_under_the_pointer():
    with Session() as session:
        width, height = session.size
        session.hand.move_to(width // 2, height // 2, width, height)
        window = Window(session)
        pointer = window.seat.get_pointer()
        eventually(lambda: center(session.screenshot()) == (0, 0, 255), 'the window is shown')
        session.hand.click()
        window.client.roundtrip()
        check_equal([button[-2:] for button in pointer.named('button')], [(0x110, 1), (0x110, 0)], 'what the window gets of a click without a motion')
