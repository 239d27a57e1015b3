# SPDX-License-Identifier: MIT
"""The harness itself: that a test which should fail does."""

import os
import signal
import subprocess
import sys
import time

from fixture import Failure, Session, check, check_equal
from picture import Picture

HERE = os.path.dirname(os.path.abspath(__file__))

# Written with case_ for test_, or these would count as cases of this file.
PLANTED = '''
import os, subprocess, time
from run import Skip, limit

def case_passes():
    pass

def case_raises():
    raise ValueError('planted')

def case_skips():
    raise Skip('no tea')

@limit(1)
def case_hangs():
    time.sleep(60)

def case_leaves_a_process():
    subprocess.Popen(['sleep', '61'])

def case_leaves_a_daemon():
    subprocess.Popen(['setsid', 'sleep', '62'])

def case_dies():
    os.kill(os.getpid(), 11)

def case_waits():
    subprocess.Popen(['sleep', '63'])
    open(os.environ['PH_PLANTED'], 'w').close()
    time.sleep(60)
'''


def planted(*cases):
    path = f'{os.environ["PH_TEST_DIR"]}/planted.py'
    with open(path, 'w', encoding='utf-8') as file:
        file.write(PLANTED.replace('case_', 'test_'))
    environment = {**os.environ, 'PH_PLANTED': f'{os.environ["PH_TEST_DIR"]}/here'}
    return subprocess.Popen([sys.executable, f'{HERE}/run.py', path, *cases], env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def expect(case, status, words):
    process = planted(case)
    text = process.communicate(timeout=30)[0]
    check_equal(process.returncode, status, f'the exit status of {case}: {text}')
    check(words in text, f'{case} does not say "{words}": {text}')


def test_verdicts():
    expect('passes', 0, 'pass passes')
    expect('raises', 1, 'ValueError: planted')
    expect('skips', 77, '# SKIP no tea')
    expect('hangs', 1, 'still running after')
    expect('leaves_a_process', 1, 'left running: sleep')
    expect('leaves_a_daemon', 1, 'left running')
    expect('dies', 1, 'ended with -11')
    expect('no_such_case', 1, 'no such case')


def test_interrupt_ends_everything():
    process = planted('waits')
    while not os.path.exists(f'{os.environ["PH_TEST_DIR"]}/here'):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    check_equal(process.returncode, 130, 'the exit status')
    left = subprocess.run(['pgrep', '-f', '^sleep 63$'], stdout=subprocess.PIPE, check=False).stdout
    check(not left, f'left running: {left}')


def test_wrong_picture_is_noticed():
    with Session() as session:
        right = session.screenshot()
        session.expect_picture(lambda: right)
        wrong = bytearray(right.rgb)
        wrong[(300 * 1280 + 400) * 3] ^= 1
        wrong = Picture(1280, 720, wrong)
        try:
            session.expect_picture(lambda: wrong, 'planted', timeout=0.5)
        except Failure as failure:
            check('planted: 1 of 921600 pixels differ, the first at 400,300' in str(failure), str(failure))
        else:
            raise Failure('a wrong pixel was not noticed')


def test_sanitizer_report_is_noticed():
    try:
        with Session() as session:
            with open(session.log, 'a', encoding='utf-8') as log:
                log.write('ERROR: AddressSanitizer: planted\n')
    except Failure as failure:
        check('planted' in str(failure), str(failure))
    else:
        raise Failure('a report was not noticed')


def test_unclean_end_is_noticed():
    try:
        with Session() as session:
            session.compositor.kill()
            session.compositor.wait()
    except Failure as failure:
        check('exit status' in str(failure), str(failure))
    else:
        raise Failure('a killed compositor was not noticed')
