# SPDX-License-Identifier: MIT
"""In the computer: what processes hold and use, by the kernel's account."""

import os
import pwd
import re

ALICE = pwd.getpwnam('alice').pw_uid if os.path.isdir('/home/alice') else -1
# What any login has, whatever is started in it.
OF_A_LOGIN = {'python3', 'user-session-mi', 'systemd', '(sd-pam)', 'sd-pam', 'dbus-daemon', 'bash', 'sh', 'timeout'}


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def comm(pid):
    return read(f'/proc/{pid}/comm').strip()


def kind(pid):
    """Which column of a table a process belongs to, None for those of every login."""
    name = comm(pid)
    if name in OF_A_LOGIN:
        return None
    if name.startswith('qemu-system'):
        return 'qemu'
    if name.startswith('phyllome-bridg'):
        return 'bridge'
    if name in ('remote-viewer', 'virt-viewer'):
        return 'viewer'
    return 'session'


def of_alice():
    """Her processes by kind: {kind: [pid]}."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.stat(f'/proc/{pid}').st_uid != ALICE:
                continue
            if (which := kind(pid)) is not None:
                found.setdefault(which, []).append(int(pid))
        except OSError:
            continue
    return found


def pss(pid):
    """Its part of the memory that it shares, and all that it does not, in KiB."""
    return int(re.search(r'^Pss:\s+(\d+)', read(f'/proc/{pid}/smaps_rollup'), re.M)[1])


def guest_memory(pid):
    """What of a QEMU's memory is its guest's, in KiB."""
    total, inside = 0, False
    for line in read(f'/proc/{pid}/smaps').splitlines():
        if re.match(r'[0-9a-f]+-[0-9a-f]+ ', line):
            inside = 'memfd:memory-backend' in line
        elif inside and line.startswith('Pss:'):
            total += int(line.split()[1])
    return total


def memory(pids):
    """PSS of processes without guests' memory, in MiB, and by name."""
    total, by_name = 0, {}
    for pid in pids:
        try:
            amount = pss(pid)
            if kind(pid) == 'qemu':
                amount -= guest_memory(pid)
            name = comm(pid)
        except (OSError, TypeError):
            continue
        total += amount
        by_name[name] = by_name.get(name, 0) + amount
    return total / 1024, {name: round(amount / 1024, 1) for name, amount in by_name.items()}


def tasks(pid):
    try:
        return [f'/proc/{pid}/task/{task}' for task in os.listdir(f'/proc/{pid}/task')]
    except OSError:
        return []


DRAWING = ', drawing'


class Usage:
    """CPU time and wake-ups of processes from now on; a thread that ends takes its own with it.

    llvmpipe's threads, which stand in for a GPU, are a group of their own: "session, drawing".
    """

    def __init__(self, groups):
        self.groups = groups
        self.before = self.look()

    def look(self):
        found = {}
        for name, pids in self.groups.items():
            for pid in pids:
                for task in tasks(pid):
                    try:
                        group = name + DRAWING if read(f'{task}/comm').startswith('llvmpipe') else name
                        nanoseconds = int(read(f'{task}/schedstat').split()[0])
                        wakes = int(re.search(r'^voluntary_ctxt_switches:\s+(\d+)', read(f'{task}/status'), re.M)[1])
                    except (OSError, IndexError, TypeError):
                        continue
                    found[group, task] = nanoseconds, wakes
        return found

    def finish(self):
        """{group: (ns, wake-ups)}."""
        total = {name: (0, 0) for name in self.groups}
        for key, (nanoseconds, wakes) in self.look().items():
            before = self.before.get(key, (0, 0))
            had = total.get(key[0], (0, 0))
            total[key[0]] = had[0] + nanoseconds - before[0], had[1] + wakes - before[1]
        return total
