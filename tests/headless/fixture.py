# SPDX-License-Identifier: MIT
"""A real session to test: compositor (headless, pixman), bridges, machines.

    with Session({'one': SCFG}) as session:
        session.start_guest('one')
        session.expect_same_picture('one')

Everything lives in a directory of its own. Leaving the block ends the session
as a person's logout does and demands that it ends well: status 0, nothing from
a sanitizer in any log. If something failed, all logs are printed, and
pictures are left in PH_TEST_ARTIFACTS.
"""

import contextlib
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import time

import wire
from hand import Hand
from picture import Picture
from run import PR_SET_PDEATHSIG, libc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lab'))
from qmp import Qmp  # noqa: E402

COMPOSITOR, BRIDGE = os.environ.get('PH_COMPOSITOR', ''), os.environ.get('PH_BRIDGE', '')
SUPERVISOR = os.environ.get('PH_SUPERVISOR', '')
QTEST_GUEST = os.environ.get('PH_QTEST_GUEST', '')
BACKGROUND = (0, 0, 0)
SANITIZER_WORDS = ('AddressSanitizer', 'LeakSanitizer', 'runtime error:', 'Assertion', 'UndefinedBehavior')


class Failure(Exception):
    """What a test demanded is not so."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_equal(is_, want, what):
    check(is_ == want, f'{what} is {is_!r}, want {want!r}')


def eventually(condition, what, timeout=10.0, step=0.02):
    """Waits until condition() is true, and returns its value. Slow machines: PH_TEST_TIMEOUT_FACTOR."""
    timeout *= int(os.environ.get('PH_TEST_TIMEOUT_FACTOR', '1'))
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        check(time.monotonic() < deadline, f'{what}: not so within {timeout} s')
        time.sleep(step)
    return value


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def read_text(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except OSError:
        return ''


class QtestGuest:
    """qtest-guest of tests/qtest: its commands as method calls with words."""

    def __init__(self, path, memory=128):
        self.process = subprocess.Popen(
            [QTEST_GUEST, path, str(memory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, preexec_fn=die_with_parent)

    def __call__(self, line):
        """Says one line; returns what follows "ok"."""
        answer = self.ask(line)
        check(answer.startswith('ok'), f'guest: {line}: {answer}')
        return answer[3:]

    def ask(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip('\n')
        check(answer, f'guest: {line}: qtest-guest ended')
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Session:
    def __init__(self, guests=None, size=(1280, 720), supervised=False, bridges=True, outputs=1):
        self.dir = os.environ['PH_TEST_DIR']
        self.runtime, self.size = f'{self.dir}/run', size
        supervisor = [SUPERVISOR, '--compositor', COMPOSITOR, '--'] if supervised else []
        self.command = [*supervisor, '--verbose'] if supervised else [COMPOSITOR, '--verbose']
        os.mkdir(self.runtime, 0o700)
        self.environment = {
            'PATH': os.environ['PATH'], 'HOME': self.dir, 'XDG_RUNTIME_DIR': self.runtime,
            'XDG_DATA_HOME': f'{self.dir}/data', 'XDG_CACHE_HOME': f'{self.dir}/cache', 'LANG': 'C.UTF-8',
            'WLR_BACKENDS': 'headless', 'WLR_HEADLESS_OUTPUTS': str(outputs), 'WLR_RENDERER': 'pixman', 'WLR_LIBINPUT_NO_DEVICES': '1',
            'PHYLLOME_BRIDGE': BRIDGE,
            **{name: value for name, value in os.environ.items() if name.endswith('SAN_OPTIONS')},
        }
        if not bridges:  # what the session starts as a bridge does nothing: the test is the bridge
            self.environment['PHYLLOME_BRIDGE'] = f'{self.dir}/idle'
            with open(f'{self.dir}/idle', 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\nexec sleep 3600\n')
            os.chmod(f'{self.dir}/idle', 0o700)
        self.guests_dir = f'{self.dir}/data/phyllome/guests'
        os.makedirs(self.guests_dir)
        self.compositor, self.opened, self.log = None, contextlib.ExitStack(), f'{self.dir}/compositor.log'
        for name, text in (guests or {}).items():
            self.write_guest(name, text)

    # --- files

    def write_guest(self, name, text):
        """Puts a guest into the store. QMP for the test is added beside the bridge's own."""
        path = f'{self.guests_dir}/{name}'
        os.makedirs(path, exist_ok=True)
        extra = f'arg "-qmp" "unix:{self.dir}/{name}.qmp,server=on,wait=off"'
        text = text.replace('@qmp@', extra).replace('@dir@', self.dir)
        with open(f'{path}/guest.scfg', 'w', encoding='utf-8') as file:
            file.write(text)

    def write_config(self, text):
        """The person's session.scfg; read at the start, and again when asked for."""
        path = f'{self.dir}/.config/phyllome'
        os.makedirs(path, exist_ok=True)
        with open(f'{path}/session.scfg', 'w', encoding='utf-8') as file:
            file.write(text)

    def guest_file(self, name, file):
        return f'{self.runtime}/phyllome/{name}/{file}'

    def token(self, name):
        return read_text(self.guest_file(name, 'token')).strip()

    # --- life

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def start(self):
        check(COMPOSITOR and os.access(COMPOSITOR, os.X_OK), f'no compositor at "{COMPOSITOR}" (PH_COMPOSITOR)')
        with open(self.log, 'ab') as log:
            self.compositor = subprocess.Popen(
                self.command, env=self.environment, cwd=self.dir, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=die_with_parent, start_new_session=True)
        self.connect()

    def connect(self):
        """Waits for a compositor, and becomes the person in front of it."""
        eventually(lambda: self.compositor.poll() is not None or self.answers(), 'the control socket answers')
        check(self.compositor.poll() is None, f'the session ended with {self.compositor.poll()} at start')
        self.wayland = f'{self.runtime}/{read_text(f"{self.runtime}/phyllome/wayland-display").strip()}'
        self.guests_socket = f'{self.runtime}/phyllome/guests.sock'
        self.client = self.opened.enter_context(contextlib.closing(wire.Display(self.wayland)))
        self.hand = Hand(self.client)
        if self.size != self.hand.output_size():
            self.hand.resize_output(*self.size)

    def answers(self):
        with contextlib.suppress(OSError, ValueError):
            return bool(self.outputs())
        return False

    def kill_compositor(self):
        self.opened.close()
        self.compositor.kill()
        self.compositor.wait(10)

    def stop(self):
        """Ends the session as a logout does, with all its machines."""
        self.opened.close()
        if self.compositor and self.compositor.poll() is None:
            self.compositor.terminate()
            try:
                self.compositor.wait(30)
            except subprocess.TimeoutExpired as problem:
                self.compositor.kill()
                self.compositor.wait(10)
                raise Failure('the compositor does not end within 30 s of SIGTERM') from problem
        if self.compositor:
            check_equal(self.compositor.returncode, 0, "the compositor's exit status")

    def end_machines(self):
        """Whatever the test has left of its machines: nothing of it may outlive the test."""
        for pid in self.pids(''):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def __exit__(self, kind, error, trace):
        problem = error
        try:
            self.stop()
        except Failure as failure:
            problem = problem or failure
        finally:
            self.end_machines()
        logs = [self.log, *glob.glob(f'{self.runtime}/phyllome/*/*.log')]
        for path in logs:
            found = [line for line in read_text(path).splitlines() if any(word in line for word in SANITIZER_WORDS)]
            if found and not problem:
                problem = Failure(f'{os.path.basename(path)}: {found[0]}')
        if problem and kind is not None and kind.__name__ == 'Skip':
            return
        if problem:
            for path in logs:
                lines = [line for line in read_text(path).splitlines() if '[DEBUG]' not in line]
                print(f'--- {path[len(self.dir) + 1:]}\n' + '\n'.join(lines[-60:]))
        if problem is not error:
            raise problem

    # --- processes

    def pids(self, name):
        """Processes of this session whose program's name begins so."""
        found, mark = [], f'XDG_RUNTIME_DIR={self.runtime}\0'.encode()
        for path in glob.glob('/proc/[0-9]*'):
            with contextlib.suppress(OSError):
                if os.path.basename(os.readlink(path + '/exe')).startswith(name):
                    with open(path + '/environ', 'rb') as file:
                        if mark in file.read() + b'\0':
                            found.append(int(os.path.basename(path)))
        return found

    def bridges(self):
        """Their main processes: each has a helper, which is its child."""
        pids, parents = self.pids('phyllome-bridge'), {}
        for pid in pids:
            parents[pid] = int((read_text(f'/proc/{pid}/stat').rpartition(')')[2].split() or [0, 0])[1])
        return [pid for pid in pids if parents[pid] not in pids]

    # --- the control socket

    def call(self, method, **parameters):
        message = {'method': f'org.phyllome.Session.{method}', 'parameters': parameters}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(10)
            link.connect(f'{self.runtime}/phyllome/control')
            link.sendall(json.dumps(message).encode() + b'\0')
            answer = b''
            while not answer.endswith(b'\0'):
                part = link.recv(65536)
                check(part, f'{method}: the control socket closed')
                answer += part
        answer = json.loads(answer[:-1])
        check('error' not in answer, f'{method}: {answer}')
        return answer.get('parameters', {})

    def outputs(self):
        return self.call('ListOutputs')['outputs']

    def guest(self, name):
        for guest in self.call('ListGuests')['guests']:
            if guest['name'] == name:
                return guest
        raise Failure(f'the session knows no guest {name}')

    def wait_state(self, name, state, timeout=30.0):
        def now():
            guest = self.guest(name)
            check(guest['state'] == state or guest['state'] != 'lost' or state == 'off',
                  f'guest {name} is lost: {guest["reason"]}')
            return guest['state'] == state and guest
        return eventually(now, f'guest {name} is {state}', timeout)

    def show_guest(self, name):
        self.call('ShowGuest', name=name)

    def start_guest(self, name, timeout=30.0):
        self.call('ShowGuest', name=name)
        was = self.guest(name)
        with contextlib.suppress(Failure):  # it may be on its way since it was shown
            self.call('ActOnGuest', name=name, action='start')
        if was['state'] == 'lost':
            eventually(lambda: self.guest(name)['state'] != 'lost', f'guest {name} is no longer lost', timeout)
        return self.wait_state(name, 'running', timeout)

    # --- machines

    def qmp(self, name):
        return self.opened.enter_context(contextlib.closing(Qmp(f'{self.dir}/{name}.qmp', 10)))

    def qtest(self, name, memory=128):
        """The guest inside the machine; the test is in control of it from here on."""
        return self.opened.enter_context(contextlib.closing(QtestGuest(f'{self.dir}/{name}.qtest', memory)))

    def machine_picture(self, qmp, device=None, head=0):
        path = f'{self.dir}/dump.ppm'
        qmp.screendump(path, device, head, 'ppm')
        return Picture.from_ppm(path)

    # --- pictures

    def resize(self, width, height, **more):
        self.hand.resize_output(width, height, **more)
        self.size = (width, height)

    def screenshot(self, output=0, cursor=False):
        return self.hand.capture(output, cursor)

    def keep(self, name, picture):
        folder = os.environ.get('PH_TEST_ARTIFACTS')
        if folder and picture:
            os.makedirs(folder, exist_ok=True)
            picture.write_png(f'{folder}/{os.environ.get("PH_TEST_CASE", "case")}-{name}.png')

    def expect_picture(self, wanted, what='the picture', timeout=10.0, output=0):
        """Waits until the output shows exactly that picture: wanted() gives it, anew each time."""
        deadline = time.monotonic() + timeout
        while True:
            picture = wanted()
            shown = self.screenshot(output)
            if picture.size != shown.size and picture.width <= shown.width and picture.height <= shown.height:
                picture = picture.on_canvas(*shown.size, BACKGROUND)
            if shown == picture:
                return shown
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        text, marks = shown.difference(picture)
        for name, one in (('session', shown), ('wanted', picture), ('difference', marks)):
            self.keep(name, one)
        raise Failure(f'{what}: {text} (session against wanted)')

    def expect_same_picture(self, name, qmp, timeout=10.0, device=None, head=0):
        """Waits until the session shows what QEMU itself says that the machine shows."""
        return self.expect_picture(
            lambda: self.machine_picture(qmp, device, head), f'guest {name}', timeout)
