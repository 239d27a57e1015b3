#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs cases of a test file: functions test_NAME in FILE.

usage: run.py FILE [NAME...]     default: all; --list names them

Each case is a process of its own with a deadline (60 s, or what @limit says,
times PH_TEST_TIMEOUT_FACTOR). Whatever it has started and left is found, for
this runner adopts orphans; it is killed, and counts as a failure. So it is on
Ctrl-C. Exit status: 0 passed, 1 failed, 77 skipped.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIMIT = 60
libc = ctypes.CDLL(None, use_errno=True)


class Skip(Exception):
    """Raised by a case that cannot run here; its text says what is missing."""


def limit(seconds):
    def mark(function):
        function.limit = seconds
        return function
    return mark


def children():
    """Processes whose parent this one is."""
    found = []
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open(f'/proc/{name}/stat', encoding='utf-8', errors='replace') as file:
                stat = file.read()
        except OSError:
            continue
        if int(stat.rpartition(')')[2].split()[1]) == os.getpid():
            found.append((int(name), stat.partition('(')[2].rpartition(')')[0]))
    return found


def reap():
    """Collects ended children; returns what still runs."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    return children()


def kill_all():
    """Kills every descendant: orphans come to us one generation after the other."""
    for _ in range(200):
        left = reap()
        if not left:
            return
        for pid, _ in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def run_child(function, parent):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    status = 1
    try:
        function()
        status = 0
    except Skip as reason:
        print(f'# SKIP {reason}')
        status = 77
    except BaseException:  # also SystemExit: a case does not end itself
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run_case(name, function):
    folder = tempfile.mkdtemp(prefix='ph-')
    os.environ['PH_TEST_DIR'], os.environ['PH_TEST_CASE'] = folder, name
    seconds = getattr(function, 'limit', LIMIT) * int(os.environ.get('PH_TEST_TIMEOUT_FACTOR', '1'))
    start, parent, note = time.monotonic(), os.getpid(), ''
    pid = os.fork()
    if pid == 0:
        run_child(function, parent)
    status = None
    try:
        while time.monotonic() - start < seconds:
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(code)
                break
            time.sleep(0.02)
        if status is None:
            status, note = 1, f': still running after {seconds} s'
        elif status not in (0, 1, 77):
            status, note = 1, f': ended with {status}'
        # A killed QEMU gives its memory back, which takes a while on a busy computer.
        deadline = time.monotonic() + 15
        while status == 0 and (left := reap()):
            if time.monotonic() > deadline:
                status, note = 1, ': left running: ' + ', '.join(f'{what} ({pid})' for pid, what in left)
            time.sleep(0.02)
    finally:
        kill_all()
        shutil.rmtree(folder, ignore_errors=True)
    verdict = {0: 'pass', 77: 'skip'}.get(status, 'FAIL')
    print(f'{verdict} {name}{note} ({time.monotonic() - start:.2f} s)', flush=True)
    return status


def stop(number, frame):
    kill_all()
    shutil.rmtree(os.environ.get('PH_TEST_DIR', '/nonexistent'), ignore_errors=True)
    os._exit(128 + number)


def main(arguments):
    if not arguments:
        sys.stderr.write(__doc__)
        return 2
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.modules['run'] = sys.modules['__main__']
    spec = importlib.util.spec_from_file_location('cases', arguments[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases = {name.removeprefix('test_'): value for name, value in vars(module).items() if name.startswith('test_')}
    if arguments[1:] == ['--list']:
        print('\n'.join(cases))
        return 0
    wanted = [name.removeprefix('test_') for name in arguments[1:]] or list(cases)
    unknown = [name for name in wanted if name not in cases]
    if unknown or not cases:
        sys.stderr.write(f'no such case: {" ".join(unknown)}\n')
        return 1
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    results = [run_case(name, cases[name]) for name in wanted]
    if 1 in results:
        return 1
    return 77 if all(result == 77 for result in results) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
