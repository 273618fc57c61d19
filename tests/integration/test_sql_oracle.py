# SPDX-License-Identifier: Apache-2.0
"""The parser beside the real ones: what both coordinators' parsers accept, refuse, where and in which words.

tests/oracle/README.md says how they are asked. The numbers are printed: run with -s or -rP to see them.
"""
import json
import os
import random
import subprocess
import sys

import pytest

import harness

sys.dont_write_bytecode = True
sys.path.insert(0, str(harness.ROOT / "tests/oracle"))
import compare  # noqa: E402
import corpus  # noqa: E402
import generate  # noqa: E402

pytestmark = [pytest.mark.no_gateway, pytest.mark.jvm]
DIALECTS = ("trino", "presto")
GENERATED = int(os.environ.get("SLEIPNIR_GENERATED", "3000"))   # statements a dialect, and as many mutated ones
SEED = int(os.environ.get("SLEIPNIR_SEED", "1"))


# Of generated and mutated statements that both refuse, this share must be refused at the same place. ANTLR decides by looking ahead as far
# as it must, and a mistake on that way is reported where the deciding began or where it ended; ours knows the usual cases.
PLACES = 0.985


def check(dialect, what, statements, places=1.0):
    count = compare.compare(dialect, statements)
    print(f"{dialect}, {what}: {count}")
    for row in count.places if places < 1 else ():
        print(compare.shown(row))
    differ = count.verdicts if len(count.places) <= (1 - places) * count.refused else count.differ
    first = "\n".join(compare.shown(r) for r in differ[:20])
    wrong = "\n".join(compare.shown(r) for r in count.misprinted[:20])
    assert not count.misprinted, f"{len(count.misprinted)} do not parse to the same tree when they are printed, among them\n{wrong}"
    assert not differ, f"{len(differ)} of {count.statements} verdicts or places differ, among them\n{first}"
    return count


def distinct(statements):
    return list(dict.fromkeys(statements))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("path", corpus.files(), ids=lambda p: p.stem)
def test_written_statements(dialect, path):
    """Each file in both dialects; and what the files claim of themselves is what the real parsers say."""
    rows = corpus.read(path)
    wanted_ok = path.stem != "errors"
    for (statement, heading), verdict in zip(rows, compare.theirs(dialect, [s for s, _ in rows])):
        if heading in ("both", dialect):
            assert ("ok" in verdict) == wanted_ok, f"{path.name}: the real parser says {verdict} of {statement!r}"
    check(dialect, path.stem, [s for s, _ in rows])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_benchmarks_and_recordings(dialect):
    benchmarks = list(corpus.benchmarks().values())
    assert check(dialect, "TPC-H and TPC-DS", benchmarks).accepted == len(benchmarks) >= 121
    recorded = corpus.recordings()
    if not recorded:
        print("NO RECORDINGS: statements of real clients are left out (SLEIPNIR_TESTDATA)")
    check(dialect, "recordings", recorded)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_generated_statements(dialect):
    """Every alternative of every production of grammar.txt stands in a statement that the real parser accepts."""
    rows = generate.statements(dialect, GENERATED, SEED)
    covered, live = set(), set(generate.Generator(dialect).live)
    for (statement, used), verdict in zip(rows, compare.theirs(dialect, [s for s, _ in rows])):
        if "ok" in verdict:
            covered |= used
    never = sorted(live - covered - NEVER_ACCEPTED[dialect])
    print(f"{dialect}: {len(live & covered)} of {len(live)} alternatives of the grammar accepted by the real parser")
    assert not never, f"in no accepted statement: {never}"
    check(dialect, "generated", [s for s, _ in rows], PLACES)


# What the grammars have and the servers' tree builders refuse: names that begin with a digit, fields of EXTRACT that are
# none, two clauses on NULL.
NEVER_ACCEPTED = {
    "trino": {"identifier#4", "extractField#18"},
    "presto": {"identifier#4", "extractField#18", "alterRoutineCharacteristics#2"},
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_mutated_statements(dialect):
    """Tokens deleted, doubled, swapped, replaced, cut off: in generated statements and in the written ones."""
    rng = random.Random(f"{dialect} {SEED}")
    sources = [s for s, _ in generate.statements(dialect, GENERATED, SEED + 1) if len(s) > 40]
    sources += [s for p in corpus.files() for s, h in corpus.read(p) if len(s) > 15]
    sources += [s for s in corpus.benchmarks().values() for _ in range(3)]
    check(dialect, "mutated", distinct(generate.mutate(s, dialect, rng) for s in sources), PLACES)


def test_enough_statements():
    """At least 1,500 distinct statements, 250 of them malformed."""
    written = {s for p in corpus.files() for s, _ in corpus.read(p)}
    errors = {s for s, h in corpus.read(corpus.FOLDER / "errors.sql") if h != "compared"}
    generated = {s for d in DIALECTS for s, _ in generate.statements(d, GENERATED, SEED)}
    print(f"written {len(written)}, of these malformed {len(errors)}; generated {len(generated)}; "
          f"TPC {len(corpus.benchmarks())}; recorded {len(corpus.recordings())}")
    assert len(errors) >= 250 and len(written | generated) >= 1500


# --- the oracle itself: a live server says the same as its parser class ---------------------------


def asked(peer, dialect, sql):
    """A server's verdict on a statement, as the oracle words it. (Presto calls what its analyser refuses syntax errors, too.)"""
    error = harness.Statement(peer.url, sql, dialect).run().error
    if error is None or not error["failureInfo"]["type"].endswith(".ParsingException"):
        return {"ok": True}
    place, message = error["errorLocation"], error["message"]
    prefix = f"line {place['lineNumber']}:{place['columnNumber']}: "
    assert message.startswith(prefix), message
    return {"line": place["lineNumber"], "column": place["columnNumber"], "message": message[len(prefix):]}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_parser_class_is_what_the_server_uses(dialect, peers):
    """Verdict, line, column and message of a live server, for malformed statements and good ones (these behind EXPLAIN,
    so that nothing is done)."""
    errors = [s for s, h in corpus.read(corpus.FOLDER / "errors.sql") if h in ("both", dialect)][::9]
    errors += ["  \n\t SELEC 1", "SELECT '\u00f6\U0001f389' x y", "SELECT 1,\r\n 2,\r\n FROM t", "SELECT a:b FROM t", "SELECT `a`"]
    good = [s for name in ("queries", "expressions", "literals", "windows")
            for s, h in corpus.read(corpus.FOLDER / f"{name}.sql") if h in ("both", dialect)][::7]
    good = [f"EXPLAIN {s}" for s in good]
    statements = errors + good
    assert len(statements) >= 60
    differ = []
    for statement, verdict in zip(statements, compare.theirs(dialect, statements)):
        live = asked(peers[dialect], dialect, statement)
        if live != verdict and "crash" not in verdict:
            differ.append((statement, verdict, live))
    print(f"{dialect}: {len(statements)} statements asked of a live server, {len(differ)} differ")
    assert not differ, "\n".join(f"{s!r}\n  class {v}\n  server {w}" for s, v, w in differ)


def test_page_names_every_production():
    """docs/sql.md lists the productions of grammar.txt as they are (tests/oracle/productions.py --write)."""
    import productions
    assert productions.listing() in productions.PAGE.read_text("utf-8")
