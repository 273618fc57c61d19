#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py: our verdicts beside those of the real parsers.

    compare.py trino|presto [--show N] < LINES     JSON strings, one a line; prints what differs (for people)

A verdict agrees when both accept, or both refuse at the same line and column. Where their parser breaks (an exception
that is none of its own, and so has no place) there is nothing to compare. known.txt beside this file lists differences
that stay, each with its reason.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def verdict_binary():
    """Built anew when the sources are newer: under ASan, so that all these statements test the parser's memory too."""
    flavour = os.environ.get("SLEIPNIR_VERDICT_FLAVOUR", "asan")
    target = f"build/{flavour}/tests/oracle/verdict"
    subprocess.run(["make", "-s", f"FLAVOUR={flavour}", target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return str(ROOT / target)


def run(command, statements):
    text = "".join(json.dumps(s) + "\n" for s in statements)
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    assert len(lines) == len(statements), f"{command[0]}: {len(lines)} verdicts for {len(statements)} statements"
    return [json.loads(x) for x in lines]


def theirs(dialect, statements):
    return run([str(HERE / "oracle"), dialect], statements)


def ours(dialect, statements):
    return run([verdict_binary(), dialect], statements)


def known():
    """{(dialect, pattern of statements): reason}"""
    found = {}
    for line in (HERE / "known.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            dialect, pattern, reason = line.split("\t")
            found[dialect, re.compile(pattern, re.I | re.S)] = reason
    return found


class Count:
    """What a comparison found."""

    def __init__(self):
        self.statements = self.accepted = self.refused = self.broken = self.words = self.known = 0
        self.verdicts, self.places = [], []         # what differs: accepted or refused; where refused
        self.other_words, self.misprinted = [], []

    def add(self, statement, their, our):
        self.statements += 1
        if "print" in our:
            self.misprinted.append((statement, their, our))
        if "crash" in their:
            self.broken += 1
            return
        self.accepted += "ok" in their
        self.refused += "ok" not in their
        place = ("line", "column")
        if ("ok" in their) != ("ok" in our):
            self.verdicts.append((statement, their, our))
        elif [their.get(k) for k in place] != [our.get(k) for k in place]:
            self.places.append((statement, their, our))
        elif "ok" not in their:
            if their["message"] == our["message"]:
                self.words += 1
            else:
                self.other_words.append((statement, their, our))

    @property
    def differ(self):
        return self.verdicts + self.places

    def __str__(self):
        same = self.refused - len(self.places) - len([1 for d in self.verdicts if "ok" not in d[1]])
        return (f"{self.statements} statements, {self.accepted} accepted, {self.refused} refused, {self.broken} broke the oracle, {self.known} left out (known.txt); "
                f"{len(self.verdicts)} verdicts differ, {len(self.places)} places, {len(self.misprinted)} printed wrongly; "
                f"of {same} refused at the same place {self.words} in the same words ({100 * self.words / max(same, 1):.1f} %)")


def compare(dialect, statements):
    count, exceptions = Count(), known()
    for row in zip(statements, theirs(dialect, statements), ours(dialect, statements)):
        if any(d == dialect and pattern.search(row[0]) for d, pattern in exceptions):
            count.known += 1
        else:
            count.add(*row)
    return count


def shown(row):
    statement, their, our = row
    return f"  {statement!r}\n    theirs: {json.dumps(their, ensure_ascii=False)}\n    ours:   {json.dumps(our, ensure_ascii=False)}"


def main():
    statements = [json.loads(x) for x in sys.stdin]
    count = compare(sys.argv[1], statements)
    most = int(sys.argv[sys.argv.index("--show") + 1]) if "--show" in sys.argv else 10
    for row in count.differ[:most]:
        print(shown(row))
    print("-- other words:")
    for row in count.other_words[:most]:
        print(shown(row))
    print(count)


if __name__ == "__main__":
    main()
