# SPDX-License-Identifier: MIT
"""The port of a guest's agent in a real QEMU, with no agent in the guest, and what pausing does then."""

import os
import signal

from fixture import Session, check, check_equal, eventually, read_text
from test_machines import machine

PORT = 'org.qemu.guest_agent.0'


def port(qmp):
    """The agent's socket as QEMU knows it, and whether the bridge is at the other end; None: there is no such port."""
    for one in qmp.call('query-chardev'):
        if one['label'] == 'agent':
            return one['filename']
    return None


def devices(qmp):
    return qmp.call('human-monitor-command', **{'command-line': 'info qtree'})


def pause_and_resume(session, name):
    session.call('ActOnGuest', name=name, action='pause')
    session.wait_state(name, 'paused')
    session.call('ActOnGuest', name=name, action='resume')
    session.wait_state(name, 'running')


def bridge_log(session, name):
    return read_text(session.guest_file(name, 'bridge.log'))


def bridges_that_came(session):
    return read_text(session.log).count('guest one: its bridge is here')


def test_every_machine_has_the_port():
    kinds = {'one': machine(), 'two': machine('machine pc'), 'three': machine('machine microvm\nagent on')}
    with Session(kinds) as session:
        for name in kinds:
            session.start_guest(name)
            qmp = session.qmp(name)
            check(f'name = "{PORT}"' in devices(qmp), f'{name} has no port {PORT}:\n{devices(qmp)}')
            check(os.path.exists(session.guest_file(name, 'agent.sock')), f'{name} has no socket of the port')
            # "disconnected:unix:..." would mean that nobody is at the other end
            eventually(lambda qmp=qmp: port(qmp).startswith('unix:'), f'the bridge holds the port of {name}', 60)
            # nobody is there to answer: the guest goes on all the same
            reason = session.guest(name)['reason']
            for _ in range(3):
                pause_and_resume(session, name)
            check(port(qmp).startswith('unix:'), f'{name}: {port(qmp)}')
            check_equal(session.guest(name)['reason'], reason, f'what is said of {name}')
            check('error:' not in bridge_log(session, name), bridge_log(session, name))


def test_no_port_for_who_does_not_want_it():
    with Session({'one': machine('agent off')}) as session:
        session.start_guest('one')
        qmp = session.qmp('one')
        check(port(qmp) is None and PORT not in devices(qmp), devices(qmp))
        pause_and_resume(session, 'one')
        check_equal(session.guest('one')['state'], 'running', 'the state')


def test_a_new_bridge_takes_the_port():
    with Session({'one': machine()}, supervised=True) as session:
        session.start_guest('one')
        qmp = session.qmp('one')
        eventually(lambda: port(qmp).startswith('unix:'), 'the bridge holds the port', 60)
        for _ in range(3):
            came = bridges_that_came(session)
            os.kill(session.bridges()[0], signal.SIGKILL)
            eventually(lambda came=came: bridges_that_came(session) > came, 'another bridge', 60)
            eventually(lambda: session.guest('one')['state'] == 'running', 'the guest is running again', 60)
            eventually(lambda: port(qmp).startswith('unix:'), 'the new bridge holds the port', 60)
            pause_and_resume(session, 'one')
