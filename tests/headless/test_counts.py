# SPDX-License-Identifier: MIT
"""System calls on the way of a picture and of a key, and wake-ups at rest.

The cheap guard: strace at this machine's compositor and bridge, where pictures
are copied. What stands in docs/PERFORMANCE.md for real screens and devices is
counted in the virtual computer (tests/lab/counts.py).
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

from fixture import Session, check, eventually, read_text
from run import Skip, limit
from test_exact import TABLET, present, running
from test_exact import guest as exact_guest

# At most so many calls for each, on an average; of any that is not named, none.
UPDATE = {
    'bridge': {
        'epoll_wait': 2.2,  # QEMU's UpdateMap; the picture was shown
        'recvmsg': 4.2,     # sd-bus reads head and body; libwayland reads until there is no more
        'sendmsg': 1.1,     # attach, damage, frame, commit
    },
    'compositor': {
        'epoll_wait': 2.2,      # the commit; the headless output's timer
        'recvmsg': 2.1,         # libwayland reads until there is no more
        'rt_sigaction': 2.1,    # libwayland is ready for a file that was cut short while it copies
        'sendmsg': 1.1,         # the picture was shown
        'timerfd_settime': 2.1, # the headless output's next refresh
    },
}
KEY = {  # press and release
    'bridge': {
        'epoll_wait': 2.1,
        'recvmsg': 4.1,
        'sendmsg': 2.1,  # Keyboard.Press and Keyboard.Release
    },
    'compositor': {
        'epoll_wait': 2.1,
        'recvmsg': 4.1,  # here the virtual keyboard's
        'sendmsg': 2.1,
    },
}
# What a sanitizer and the allocator do is not ours to count.
NOT_COUNTED = {'mmap', 'munmap', 'madvise', 'mprotect', 'brk', 'futex', 'sched_yield', 'rt_sigprocmask', 'restart_syscall',
               'clock_gettime', 'gettid'}
REST = 4.0


@contextlib.contextmanager
def counted(pids):
    """Calls of each process while the block runs, by name."""
    program = shutil.which('strace')
    if not program:
        raise Skip('there is no strace: install the package strace')
    counts, tracers = {}, {}
    for name, pid in pids.items():
        path = f'{os.environ["PH_TEST_DIR"]}/strace.{name}'
        tracers[name] = path, subprocess.Popen([program, '-f', '-o', path, '-p', str(pid)], stderr=subprocess.DEVNULL)
    for name, pid in pids.items():
        eventually(lambda at=pid: re.search(r'^TracerPid:\s+[1-9]', read_text(f'/proc/{at}/status'), re.M), f'strace is at {name}')
    yield counts
    for name, (path, tracer) in tracers.items():
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        found = counts.setdefault(name, {})
        for call in re.findall(r'^\d+ +([a-z]\w*)\(', read_text(path), re.M):
            call = 'epoll_wait' if call == 'epoll_pwait2' else call
            found[call] = found.get(call, 0) + 1


def judge(counts, number, allowed, what):
    problems = []
    for name, found in counts.items():
        each = {call: count / number for call, count in found.items() if call not in NOT_COUNTED}
        print(f'{what}, {name}: ' + ', '.join(f'{call} {value:.2f}' for call, value in sorted(each.items())))
        for call, value in each.items():
            most = allowed[name].get(call, 0)
            # A call that is not of the list may come now and then, but not each time.
            if value > max(most, 0.05):
                problems.append(f'{name}: {value:.2f} times {call}, at most {most} are allowed')
    check(not problems, f'{what}: ' + '; '.join(problems))


def processes(session):
    return {'compositor': session.compositor.pid, 'bridge': session.bridges()[0]}


@limit(120)
def test_calls_for_each_update():
    with running() as (session, inside, _):
        present(inside, 1, 1280, 720, 1)
        time.sleep(1)
        with counted(processes(session)) as counts:
            for turn in range(100):
                inside(f'fill 1 {turn} 0 0 16 16')
                inside('transfer 1 0 0 16 16')
                inside('flush 1 0 0 16 16')
                time.sleep(0.04)
            time.sleep(0.3)
        judge(counts, 100, UPDATE, 'for each update')


@limit(120)
def test_calls_for_each_key():
    with running(start='keyboard') as (session, _, __):
        session.hand.key(30, True)
        session.hand.key(30, False)
        time.sleep(1)
        with counted(processes(session)) as counts:
            for _ in range(100):
                for pressed in (True, False):
                    session.hand.key(30, pressed)
                    time.sleep(0.03)
            time.sleep(0.3)
        judge(counts, 100, KEY, 'for each key')


def wakeups(pid):
    """How often all threads of a process had something to do, until now."""
    total = 0
    for thread in os.listdir(f'/proc/{pid}/task'):
        total += int(re.search(r'^voluntary_ctxt_switches:\s+(\d+)', read_text(f'/proc/{pid}/task/{thread}/status'), re.M)[1])
    return total


@limit(120)
def test_nothing_wakes_up_at_rest():
    names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
    with Session({name: exact_guest(name, TABLET) for name in names}) as session:
        for name in names:
            session.start_guest(name)
            inside = session.qtest(name)
            inside('up gpu')
            present(inside, 1, 640, 480, 1)
        pids = {f'compositor {session.compositor.pid}': session.compositor.pid,
                **{f'bridge {pid}': pid for pid in session.pids('phyllome-bridge')}}
        check(len(pids) == 17, f'eight guests have {len(pids) - 1} processes of the bridge, want 16')
        time.sleep(3)

        def look():
            before = {name: wakeups(pid) for name, pid in pids.items()}
            time.sleep(REST)
            return {name: wakeups(pid) - before[name] for name, pid in pids.items() if wakeups(pid) != before[name]}
        # Once: buffers that nobody needs any more are given back after a while.
        woken = look() and look() and look() and look()
        check(not woken, f'wake-ups in {REST} s of rest: {woken}')
