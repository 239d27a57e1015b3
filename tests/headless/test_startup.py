# SPDX-License-Identifier: MIT
"""The compositor's start, and every way in which it can fail."""

import os
import subprocess

from fixture import COMPOSITOR, SANITIZER_WORDS, Session, check, check_equal, eventually, read_text
from run import limit


def attempt(session, *arguments, environment=None, timeout=20):
    """Runs the compositor until it ends by itself; returns its status and its lines."""
    environment = {**session.environment, **(environment or {})}
    environment = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run([COMPOSITOR, *arguments], env=environment, cwd=session.dir, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
    return done.returncode, done.stdout.decode(errors='replace').splitlines()


def expect_failure(session, words, *arguments, environment=None):
    status, lines = attempt(session, *arguments, environment=environment)
    text = '\n'.join(lines)
    check_equal(status, 1, f'the exit status ({text})')
    check(not any(word in text for word in SANITIZER_WORDS), text)
    said = [line for line in lines if all(word in line for word in words)]
    check_equal(len(said), 1, f'the number of lines that say {words} in:\n{text}\nwhich')
    check(not os.path.exists(f'{session.runtime}/phyllome/guests.sock'), 'guests.sock was left behind')


def test_wrong_keymap_of_the_system_is_no_end():
    session = Session()
    session.environment['XKB_DEFAULT_LAYOUT'] = 'uk'  # it is called gb
    with session:
        said = "notice: XKB_DEFAULT_LAYOUT: there is no keymap with layout 'uk'; us is used."
        eventually(lambda: said in read_text(session.log), 'a notice says what is wrong')
        session.call('Reload')


@limit(180)
def test_each_step_fails_cleanly():
    session = Session({'one': 'memory 64M\n'})
    status, steps = attempt(session, '--list-steps')
    check_equal(status, 0, 'the exit status of --list-steps')
    check(len(steps) >= 10, f'only {len(steps)} start-up steps: {steps}')
    for step in steps:
        print(f'step {step}', flush=True)
        expect_failure(session, [step, 'fail'], '--fail-at', step)


def test_runtime_directory_missing():
    expect_failure(Session(), ['XDG_RUNTIME_DIR', 'not set'], environment={'XDG_RUNTIME_DIR': None})


def test_runtime_directory_relative():
    expect_failure(Session(), ['XDG_RUNTIME_DIR', 'absolute'], environment={'XDG_RUNTIME_DIR': 'run'})


def test_runtime_directory_open_to_others():
    session = Session()
    os.mkdir(f'{session.runtime}/phyllome')
    os.chmod(f'{session.runtime}/phyllome', 0o755)
    expect_failure(session, ['phyllome', '0700'])


def test_runtime_directory_too_long():
    session = Session()
    path = f'{session.dir}/{"long" * 25}'
    os.mkdir(path, 0o700)
    expect_failure(session, ['too long', 'shorter'], environment={'XDG_RUNTIME_DIR': path})


def test_no_screen():
    expect_failure(Session(), ['no screen'], environment={'WLR_BACKENDS': 'none-such'})


# On a seat, but without the machine's own: what has the seat is libseat's noop backend.
SEAT = {'WLR_BACKENDS': 'drm,libinput', 'LIBSEAT_BACKEND': 'noop', 'WLR_DRM_DEVICES': '/nowhere'}


def test_no_seat():
    expect_failure(Session(), ['start: no seat', 'logind', 'seatd'],
                   environment={**SEAT, 'LIBSEAT_BACKEND': 'none-such'})


def test_no_gpu():
    expect_failure(Session(), ['start: WLR_DRM_DEVICES is /nowhere'], environment=SEAT)


def test_no_renderer():
    expect_failure(Session(), ['no renderer works', 'pixman'],
                   environment={'WLR_RENDERER': 'gles2', 'WLR_RENDER_DRM_DEVICE': '/nowhere'})


def test_guest_directory_missing():
    session = Session()
    expect_failure(session, ['--guest', 'nowhere', 'no such'], '--guest', f'{session.dir}/nowhere')


def test_one_guest_without_a_place_for_its_token():
    """The others are not harmed, and neither is the session; it starts when there is room."""
    session = Session({'one': '', 'two': ''}, bridges=False)
    in_the_way = f'{session.runtime}/phyllome/one'
    os.makedirs(os.path.dirname(in_the_way), mode=0o700)
    with open(in_the_way, 'w', encoding='utf-8'):
        pass
    with session:
        check_equal([session.guest(name)['state'] for name in ('one', 'two')], ['lost', 'off'], 'the states')
        check('run-time directory' in session.guest('one')['reason'], f'the reason: {session.guest("one")["reason"]}')
        session.call('ActOnGuest', name='one', action='start')
        check_equal(session.guest('one')['state'], 'lost', 'its state while there is no room still')
        os.unlink(in_the_way)
        session.call('ActOnGuest', name='one', action='start')
        eventually(lambda: len(session.token('one')) == 64, 'its token')
        eventually(lambda: session.pids('sleep'), 'what serves it')


def test_wrong_arguments():
    session = Session()
    for arguments in (['--none-such'], ['stray'], ['--guest']):
        status, lines = attempt(session, *arguments)
        check_equal(status, 2, f'the exit status of {arguments}')
        check(lines, f'{arguments}: not a word')


def test_second_session_is_refused():
    with Session() as session:
        status, lines = attempt(session)
        check_equal(status, 1, 'the exit status of the second session')
        check(sum('another' in line and 'session' in line for line in lines) == 1, '\n'.join(lines))
        check(os.path.exists(session.guests_socket), 'the first session has lost its guests.sock')
        check(session.outputs(), 'the first session has lost its outputs')


def test_starts_again_after_a_kill():
    with Session() as session:
        session.kill_compositor()
        session.start()
        check(session.screenshot().size == session.size, 'no picture after the second start')


def test_home_screen_is_shown():
    with Session({'one': 'memory 64M\n'}) as session:
        home = session.screenshot()
        check_equal(home.size, (1280, 720), 'the size of the screenshot')
        check(home.colors() > 8, f'the home screen has only {home.colors()} colors')
        session.keep('home', home)
