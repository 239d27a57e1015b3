# SPDX-License-Identifier: MIT
"""The tools that people use with other compositors, each for real."""

import contextlib
import os
import re
import shutil
import subprocess
import time

from fixture import Session, check, check_equal, die_with_parent, eventually, read_text
from picture import Picture
from test_lock import GUESTS, RED, share, shown_guest


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
        check_equal(session.screenshot().pixel(5, 5), (0, 255, 0), "the corner of the locker's picture")
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
