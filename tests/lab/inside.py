# SPDX-License-Identifier: MIT
"""What the lab's programs inside the computer share.

Results are lines on standard output, as jobs print them (see computer.py). The
session is alice's, started by the job.
"""

import contextlib
import fcntl
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
import traceback

sys.path.insert(0, '/src/tests/headless')
from picture import Picture  # noqa: E402

RUNTIME = '/run/user/1000/phyllome'
LOG = '/run/session.log'
RESULTS = '/share/results'
BACKGROUND = (0, 0, 0)  # around a picture that does not fill its output
failures = 0
connection = None  # to the control socket


def result(name, good, why=''):
    global failures
    failures += not good
    print(f'ok {name}' if good else f'not ok {name}: {why}', flush=True)


def say(text):
    print(f'# {text}', flush=True)


def exit_status():
    return 1 if failures else 0


def end_by_exception(kind, value, trace):
    """A result too: a job's log ends with the session's, far below a traceback."""
    traceback.print_exception(kind, value, trace)
    line = traceback.extract_tb(trace)[-1].lineno if trace else '?'
    print(f'not ok {os.path.basename(sys.argv[0])} ends by itself: line {line}: {kind.__name__}: {value}', flush=True)


sys.excepthook = end_by_exception


def wait_for(what, seconds, test):
    """Returns test()'s first true value; the end of the program if there is none in time.

    A session that has just started answers before it has its monitors and guests: a test() that
    asks for one which is not there yet (next() of nothing) is tried again as well.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            value = test()
        except (OSError, subprocess.CalledProcessError, ValueError, IndexError, StopIteration):
            value = None
        if value:
            return value
        time.sleep(0.1)
    raise SystemExit(f'not ok {what}: not within {seconds} s')


def expect(name, seconds, test, why=lambda: ''):
    """A result: test() becomes true in time. why() tells what there was instead."""
    try:
        wait_for(name, seconds, test)
        result(name, True)
    except SystemExit:
        result(name, False, why())


def outer(request):
    """Asks the outer machine (see Requests in computer.py)."""
    with open(os.environ['OUTER'], 'r+b', buffering=0) as port:
        port.write(request.encode() + b'\n')
        answer = b''
        while not answer.endswith(b'\n'):
            answer += port.read(1)
    if not answer.startswith(b'ok'):
        raise SystemExit(f'not ok the outer machine: {request}: {answer.decode()}')


def read_log():
    with open(LOG, encoding='utf-8', errors='replace') as log:
        return log.read()


# --- the session, by its control socket

class Control:
    """A connection to the control socket: varlink, that is JSON with a NUL behind it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(120)
        self.socket.connect(f'{RUNTIME}/control')

    def call(self, method, parameters):
        self.socket.sendall(json.dumps({'method': f'org.phyllome.Session.{method}', 'parameters': parameters}).encode() + b'\0')
        answer = b''
        while not answer.endswith(b'\0'):
            data = self.socket.recv(65536)
            if not data:
                raise OSError('the control socket was closed')
            answer += data
        answer = json.loads(answer[:-1])
        if 'error' in answer:
            raise ValueError(f'{method}: {answer["error"]} {answer.get("parameters", "")}')
        return answer.get('parameters', {})


def control(method, **parameters):
    global connection
    try:
        connection = connection or Control()
        return connection.call(method, parameters)
    except OSError:
        connection = None
        raise


def list_outputs():
    return sorted(control('ListOutputs')['outputs'], key=lambda entry: entry['name'])


def guest_entry(name):
    return next(entry for entry in control('ListGuests')['guests'] if entry['name'] == name)


def wait_screen(count=1):
    """Until as many monitors as that show something. The session answers before it has any."""
    wait_for('the session shows its first screen', 300,
             lambda: sum(bool(one['presented']) for one in list_outputs()) >= count)


def wait_session():
    wait_screen()
    wait_for('libinput gives it a keyboard', 30, lambda: 'input: QEMU Virtio Keyboard' in read_log())


def wait_device(device):
    """Until the session has found this Uinput; returns it."""
    wait_for(f'{device.name} is found', 60, lambda: f'input: {device.name}' in read_log())
    return device


# --- processes

COMPOSITOR, BRIDGE, STARTER, QEMU = 'phyllome-compos', 'phyllome-bridge', 'phyllome-start', 'qemu-system-x86'  # as the kernel cuts them


def pids(name):
    return [int(pid) for pid in subprocess.run(['pgrep', '-x', name], check=False, capture_output=True, text=True).stdout.split()]


def pss(several):
    """What processes hold, with their part of what they share, in MiB."""
    total = 0
    for pid in several:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as smaps:
            total += int(re.search(r'^Pss:\s+(\d+)', smaps.read(), re.M)[1])
    return total / 1024


# --- consoles

def show_console(number):
    """As chvt does, since the computer has no polkit, which lets people switch: logind takes the devices away."""
    before = seat_session()
    with open('/dev/tty0', 'wb', buffering=0) as tty:
        fcntl.ioctl(tty, 0x5606, number)  # VT_ACTIVATE
    # logind looks which console is in front when it is told; one that was left before that, it never sees.
    wait_for(f'logind sees console {number}', 30, lambda: seat_session() != before)


def seat_session():
    """logind's number of the session that is in front; '' if nobody is logged in there."""
    command = ['loginctl', 'show-seat', 'seat0', '--property=ActiveSession', '--value']
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def active_console():
    with open('/sys/class/tty/tty0/active', encoding='ascii') as active:
        return active.read().strip()


# --- guests

def write_guest(name, config):
    """Puts a guest into alice's store."""
    home = f'{pwd.getpwnam("alice").pw_dir}/.local'
    folder = f'{home}/share/phyllome/guests/{name}'
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/guest.scfg', 'w', encoding='utf-8') as file:
        file.write(config)
    subprocess.run(['chown', '-R', 'alice:alice', home], check=True)


class Guest:
    """A guest of alice's whose processor is qtest-guest."""

    def __init__(self, name, display, more='', words=()):
        """display: the lines of that block; more: lines of guest.scfg; words: more of QEMU's command line."""
        self.name, self.display, self.more, self.words = name, display, more, words
        self.socket = f'{RUNTIME}/{name}/qtest'
        self.driver = None

    def write(self):
        words = ('-accel', 'qtest', '-cpu', 'qemu64', '-qtest', f'"unix:{self.socket},server=on,wait=off"', '-qtest-log', 'none',
                 *self.words)
        write_guest(self.name, f'memory 128M\ncpus 1\nmachine pc\nnetwork none\naccel tcg\ndisplay {{\n\t{self.display}\n}}\n'
                    f'qemu {{\n\targ {" ".join(words)}\n}}\n{self.more}')

    def begin(self):
        """Has it started, shown or not, without waiting for it."""
        with contextlib.suppress(ValueError):  # it may be on its way since it was shown
            control('ActOnGuest', name=self.name, action='start')

    def runs(self):
        entry = guest_entry(self.name)
        if entry['state'] == 'lost' and 'does not answer' in entry['reason']:
            say(f'{self.name}: the computer is busy, once more: {entry["reason"]}')
            self.begin()
        return entry['state'] == 'running'

    def start(self, timeout=240):
        """Starts it, shown or not, up to its running drivers' side."""
        self.begin()
        wait_for(f'{self.name}: runs', timeout, self.runs)
        wait_for(f'{self.name}: QEMU listens', 20, lambda: os.path.exists(self.socket))
        self.driver = subprocess.Popen(
            [shutil.which('qtest-guest') or '/build/plain/tests/qtest/qtest-guest', self.socket],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def state(self):
        return guest_entry(self.name)['state']

    def ask(self, line):
        """One command of qtest-guest; its answer's line."""
        self.driver.stdin.write(line + '\n')
        self.driver.stdin.flush()
        while (answer := self.driver.stdout.readline()).startswith('#'):
            pass
        if not answer:
            raise SystemExit(f'not ok {self.name}: {line}: qtest-guest ended')
        return answer.rstrip('\n')

    def tell(self, line):
        """The same, which must be "ok"; what follows that."""
        answer = self.ask(line)
        if not answer.startswith('ok'):
            raise SystemExit(f'not ok {self.name}: {line}: {answer}')
        return answer[3:].strip()

    def events(self, device, count):
        """What an input device got, as (type, code, value) without ends of reports; waits for so many, and for more."""
        found, deadline = [], time.monotonic() + 15
        while True:
            # The last time is to see whether anything comes that should not.
            last = len(found) >= count or time.monotonic() > deadline
            words = self.tell(f'events {device} {150 if last else 500}').split()
            events = (tuple(int(part) for part in word.split(':')) for word in words)
            found += [event for event in events if event[0] != 0]
            if last:
                return found

    def memory_picture(self, number, width, height):
        """What lies in the guest's memory, read past QEMU's display code."""
        path = f'/run/{self.name}.memory'
        self.tell(f'dump {number} {path}')
        with open(path, 'rb') as file:
            data = file.read()
        os.unlink(path)
        return Picture.from_xrgb(width, height, width * 4, data)

    def qemu(self):
        """The pid of its QEMU."""
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as cmdline:
                    words = cmdline.read().split(b'\0')
            except OSError:
                continue
            if b'qemu-system' in words[0] and self.socket.encode() in b' '.join(words):
                return int(pid)
        return None

    def kill(self):
        control('ActOnGuest', name=self.name, action='kill')
        wait_for(f'{self.name}: is off', 30, lambda: self.state() == 'off')


# --- what a person sees and presses

def see(name, head=0):
    """What the monitor on virtio-gpu shows, to the outer machine's eyes."""
    path = f'{RESULTS}/{name}.ppm'
    outer(f'screendump gpu0 {head} {name}.ppm')
    picture = Picture.from_ppm(path)
    os.unlink(path)
    return picture


def expect_screen(what, wanted, seconds=20):
    """A result: the monitor comes to show exactly this picture; wanted() gives it, anew each time."""
    name = re.sub(r'\W+', '-', what)
    deadline = time.monotonic() + seconds
    while True:
        picture, shown = wanted(), see(name)
        if picture.size != shown.size and picture.width <= shown.width and picture.height <= shown.height:
            picture = picture.on_canvas(*shown.size, BACKGROUND)
        if shown == picture or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    shown.write_png(f'{RESULTS}/{name}.png')
    if shown == picture:
        result(f'{what}: the screen shows it to the pixel', True)
        return True
    text, marks = shown.difference(picture)
    picture.write_png(f'{RESULTS}/{name}-wanted.png')
    if marks:
        marks.write_png(f'{RESULTS}/{name}-difference.png')
    result(f'{what}: the screen shows it to the pixel', False, f'{text} (screen against wanted)')
    return False
