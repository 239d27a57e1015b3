#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks Python that is seldom or slowly run: pyflakes, and that names imported from each other exist.

usage: check_python.py FOLDER        one line per violation
       check_python.py --self-test   plants one violation of each kind
Ends with 77 where pyflakes is not installed.
"""

import ast
import importlib.util
import pathlib
import subprocess
import sys
import tempfile


def defined(tree):
    """The names that a module has at its top level."""
    names = set()
    for node in ast.walk(ast.Module([one for one in tree.body if not isinstance(one, (ast.FunctionDef, ast.ClassDef))], [])):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(one.asname or one.name).split('.')[0] for one in node.names}
    return names | {one.name for one in tree.body if isinstance(one, (ast.FunctionDef, ast.ClassDef))}


def check_imports(paths):
    trees = {}
    for path in paths:
        try:
            trees[path] = ast.parse(path.read_text(encoding='utf-8'))
        except SyntaxError:
            continue  # pyflakes says it
    modules = {}  # of that name, in whatever folder
    for path, tree in trees.items():
        modules.setdefault(path.stem, set()).update(defined(tree))
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in modules:
                for one in node.names:
                    if one.name not in modules[node.module]:
                        yield f'{path}:{node.lineno}: {node.module} has no {one.name}'


def check(folder):
    paths = sorted(pathlib.Path(folder).rglob('*.py'))
    found = list(check_imports(paths))
    done = subprocess.run([sys.executable, '-m', 'pyflakes', *paths], check=False, capture_output=True, text=True)
    found += (done.stdout + done.stderr).splitlines()
    if done.returncode and not found:
        found.append(f'pyflakes ended with status {done.returncode}')
    return found if paths else [f'{folder}: no Python here']


def self_test():
    clean = {'one.py': 'import sys\n\nA, (B, C) = 1, (2, 3)\n\n\ndef f():\n    return sys.argv\n',
             'two.py': 'from one import A, B, C, f, sys\n\nprint(A, B, C, f, sys)\n'}
    planted = {'is not defined': ('two.py', 'print(D)\n', "two.py:1:7: undefined name 'D'"),
               'is not used': ('two.py', 'import os\n', "two.py:1:1: 'os' imported but unused"),
               'is not there': ('two.py', 'from one import D\n\nprint(D)\n', 'two.py:1: one has no D'),
               'is no Python': ('three.py', 'def\n', 'three.py:1')}
    with tempfile.TemporaryDirectory() as folder:
        def write(files):
            for name, text in files.items():
                (pathlib.Path(folder) / name).write_text(text, encoding='utf-8')
        write(clean)
        if check(folder):
            raise SystemExit(f'self-test: clean files are refused: {check(folder)}')
        for what, (name, text, wanted) in planted.items():
            write(clean | {name: text})
            found = check(folder)
            if not any(wanted in line for line in found):
                raise SystemExit(f'self-test: what {what} was not reported, but {found}')
    print('self-test: every planted violation was found')


def main():
    if not importlib.util.find_spec('pyflakes'):
        print('pyflakes is not installed')
        return 77
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    found = check(sys.argv[1])
    if found:
        print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
