# SPDX-License-Identifier: MIT
"""Memory: PSS of all that a session consists of, with guests at rest; guests' own memory apart."""

import time

import procs
from sessions import Gnome, Ours


def applies(session):
    return True


def write_down(bench, case):
    """One row of figures, of what runs now."""
    parts, names = {}, {}
    for kind, pids in procs.of_alice().items():
        parts[kind], names[kind] = procs.memory(pids)
    apart = sum(amount for kind, amount in parts.items() if kind != 'qemu')
    note = ', '.join(f'{name} {amount}' for kind in names for name, amount in sorted(names[kind].items(), key=lambda one: -one[1])[:6])
    bench.figure(case, 'without QEMU', apart, 'MiB', note=note)
    bench.figure(case, 'QEMU', parts.get('qemu', 0), 'MiB')
    bench.figure(case, 'all', apart + parts.get('qemu', 0), 'MiB')


def run(bench, session):
    counts = bench.counts
    if isinstance(session, Gnome):
        return run_gnome(bench, session)
    guests = [session.guest(number) for number in range(1, counts[-1] + 1)]
    if isinstance(session, Ours):
        session.write_guests(guests)
    session.login()
    session.ready()
    time.sleep(10)
    write_down(bench, '0 guests')
    for number, guest in enumerate(guests, 1):
        session.add(guest)
        guest.prepare(*session.size(), buffers=1)
        if number in counts:
            time.sleep(10)
            write_down(bench, f'{number} guests')
    return None


def run_gnome(bench, session):
    session.login()
    session.ready()
    time.sleep(30)
    write_down(bench, '0 guests')
    session.add_boxes()
    time.sleep(30)
    write_down(bench, 'Boxes without a guest')
