#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds up test results.

usage: tally.py record FILE NAME RESULT LOG   append one result to FILE
       tally.py report FOLDER                 sum FOLDER/*.json, which are in the
                                              form of meson's testlog.json
"""

import glob
import json
import sys

PASSED = {'OK', 'EXPECTEDFAIL'}
SKIPPED = {'SKIP'}


def record(path, name, result, log):
    with open(log, encoding='utf-8', errors='replace') as source:
        output = source.read()
    with open(path, 'a', encoding='utf-8') as target:
        json.dump({'name': name, 'result': result, 'stdout': output[-20000:]}, target)
        target.write('\n')


def read_results(folder):
    for path in sorted(glob.glob(folder + '/*.json')):
        with open(path, encoding='utf-8') as source:
            for line in source:
                if line.strip():
                    yield path, json.loads(line)


def output_of(result):
    parts = [result.get('stdout', ''), result.get('stderr', '')]
    return '\n'.join(part.rstrip() for part in parts if part and part.strip())


def skip_reason(result):
    lines = output_of(result).splitlines()
    for line in lines:
        if '# SKIP' in line:
            return line.split('# SKIP', 1)[1].strip()
    return lines[-1].strip() if lines else 'no reason given'


def report(folder):
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for path, result in read_results(folder):
        suite = path.rsplit('/', 1)[1].removesuffix('.json')
        name = f'{suite}: {result["name"]}'
        if result['result'] in PASSED:
            counts['passed'] += 1
        elif result['result'] in SKIPPED:
            counts['skipped'] += 1
            print(f'skipped {name}: {skip_reason(result)}')
        else:
            counts['failed'] += 1
            print(f'FAILED {name} ({result["result"]})')
            for line in output_of(result).splitlines()[-80:]:
                print('    ' + line)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**counts))
    return 0 if counts['failed'] == 0 and counts['passed'] > 0 else 1


def main(arguments):
    if len(arguments) == 5 and arguments[0] == 'record':
        record(*arguments[1:])
        return 0
    if len(arguments) == 2 and arguments[0] == 'report':
        return report(arguments[1])
    sys.stderr.write(__doc__)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
