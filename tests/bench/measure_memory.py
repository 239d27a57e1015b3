# SPDX-License-Identifier: MIT
"""Memory: PSS of all that a session consists of, with guests at rest; guests' own memory apart."""

import time

import procs
from sessions import Gnome


def applies(session):
    return True


def stages(bench, session):
    return (0, *bench.counts) if session.many else (0,)


def write_down(bench, case):
    """Figures of what runs now."""
    parts, names = {}, {}
    for kind, pids in procs.of_alice().items():
        parts[kind], names[kind] = procs.memory(pids)
    apart = sum(amount for kind, amount in parts.items() if kind != 'qemu')
    note = ', '.join(f'{name} {amount}' for kind in names for name, amount in sorted(names[kind].items(), key=lambda one: -one[1])[:8])
    bench.figure(case, 'without QEMU', apart, 'MiB', note=note)
    if 'qemu' in parts:
        bench.figure(case, 'QEMU', parts['qemu'], 'MiB')
        bench.figure(case, 'all', apart + parts['qemu'], 'MiB')


def run(bench, session, number):
    time.sleep(10)
    write_down(bench, f'{number} guests' if number != 1 else '1 guest')
    if isinstance(session, Gnome):
        session.add_boxes()
        time.sleep(30)
        write_down(bench, 'with Boxes')
