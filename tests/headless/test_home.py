# SPDX-License-Identifier: MIT
"""The first screen of a real session."""

import os
import time

from fixture import Session, check, eventually, read_text


def pretend_qemu(session, script):
    """Puts a script before every QEMU in PATH."""
    folder = f'{session.dir}/bin'
    os.mkdir(folder)
    for machine in ('x86_64', 'aarch64', 'riscv64'):
        with open(f'{folder}/qemu-system-{machine}', 'w', encoding='utf-8') as file:
            file.write(script)
        os.chmod(file.name, 0o700)
    session.environment['PATH'] = f'{folder}:{session.environment["PATH"]}'


def test_start_does_not_wait_for_qemu():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nsleep 1\nexit 1\n')
    began = time.monotonic()
    with session:
        before = session.screenshot()
        took = time.monotonic() - began
        problem = 'does not work' not in read_text(session.log)
        check(problem or took > 1, 'the answer of a QEMU that sleeps was known at once')
        eventually(lambda: 'does not work' in read_text(session.log), 'the broken QEMU is told of')
        eventually(lambda: session.screenshot() != before, 'the screen says it, too')


def test_silent_qemu_is_given_up():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nexec sleep 1000\n')
    with session:
        check('does not answer' not in read_text(session.log), 'a QEMU that sleeps is judged before its time')
        eventually(lambda: 'does not answer' in read_text(session.log), 'the silent QEMU is told of')
        check(not session.pids('sleep'), 'the silent QEMU still runs')


def test_end_while_qemu_is_asked():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nexec sleep 1000\n')
    with session:
        session.stop()
        check(not session.pids('sleep'), 'the silent QEMU outlives the session')
