"""Test lines in TAP, and psql for what SQL answers."""

import os
import subprocess


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, is_good, name, more=''):
        self.number += 1
        if not is_good:
            self.failed += 1
        print(f"{'ok' if is_good else 'not ok'} {self.number} - {name}", flush=True)
        if not is_good and more:
            for line in str(more)[:3000].split('\n'):
                print('# ' + line, flush=True)
        return is_good

    def same(self, got, expected, name):
        return self.ok(got == expected, name, f'got      {got!r}\nexpected {expected!r}')

    def skip(self, name, why):
        self.number += 1
        print(f'ok {self.number} - {name} # skip {why}', flush=True)

    def end(self):
        print(f'1..{self.number}', flush=True)
        return 1 if self.failed else 0


def sql(statement, database=None, role=None):
    """The rows of a statement, as lists of text; None for NULL."""
    command = ['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-F', '\x1f', '-R', '\x1e',
               '-P', 'null=\x02', '-c', statement]
    if database:
        command += ['-d', database]
    if role:
        command += ['-U', role]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode() + statement)
    text = done.stdout.decode()
    if not text:
        return []
    text = text[:-1] if text[-1] in '\x1e\n' else text
    return [[None if v == '\x02' else v for v in row.split('\x1f')] for row in text.split('\x1e')]


def literal(text):
    """A constant of SQL for any text."""
    return "E'" + ''.join(f'\\U{ord(c):08x}' if ord(c) < 32 or ord(c) > 126 or c in "'\\" else c for c in text) + "'"


class Report:
    """One run of flow report."""

    def __init__(self, *words, program=None, env=None):
        self.words = words
        command = [program or os.environ['FLOW'], 'report', *words]
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})}, timeout=600)
        self.status = done.returncode
        self.bytes = done.stdout
        self.text = done.stdout.decode(errors='replace')
        self.errors = done.stderr.decode(errors='replace')
