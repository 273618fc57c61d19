# SPDX-License-Identifier: Apache-2.0
"""sql.py: the part `sql` of bench/run: the SQL front end beside libpg_query, on the same statements in the same run.

libpg_query is PostgreSQL's own parser as a C library; it comes with PyPI's pglast, and is called here through ctypes: its
raw parser (lexer, grammar, tree; what our parser does) and its fingerprint (parser, walk over the tree and hash; what all
our steps do). The call itself costs it about a microsecond. Statements are the texts of TPC-DS, and one of 1 MB made of
them; only those that both accept are compared.
"""
import ctypes
import glob
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PGLAST = "pglast==8.7"
HOME = os.path.join(ROOT, "build", "bench", "pglast")
MB = 1 << 20
US = 1e-3   # of a nanosecond

sys.path.insert(0, os.path.join(ROOT, "tests", "oracle"))
import corpus  # noqa: E402


class Result(ctypes.Structure):
    _fields_ = [("tree", ctypes.c_void_p), ("stderr", ctypes.c_void_p), ("error", ctypes.c_void_p)]


class Fingerprint(ctypes.Structure):
    _fields_ = [("value", ctypes.c_uint64), ("text", ctypes.c_void_p), ("stderr", ctypes.c_void_p),
                ("error", ctypes.c_void_p)]


class LibPgQuery:
    def __init__(self):
        if not glob.glob(HOME + "/pglast/parser*.so"):
            venv = HOME + "-venv"
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            subprocess.run([venv + "/bin/pip", "-q", "install", "--no-deps", "--disable-pip-version-check",
                            "--target", HOME, PGLAST], check=True)
        sys.path.insert(0, HOME)
        import pglast.parser    # initialises the library
        lib = ctypes.CDLL(pglast.parser.__file__)
        self.enter, self.leave, self.parse = lib.pg_query_enter_memory_context, lib.pg_query_exit_memory_context, lib.pg_query_raw_parse
        self.fingerprint, self.free = lib.pg_query_fingerprint, lib.pg_query_free_fingerprint_result
        self.enter.restype, self.leave.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        self.parse.restype, self.parse.argtypes = Result, [ctypes.c_char_p, ctypes.c_int]
        self.fingerprint.restype, self.fingerprint.argtypes = Fingerprint, [ctypes.c_char_p]
        self.free.argtypes = [Fingerprint]

    def accepts(self, text):
        context = self.enter()
        ok = not self.parse(text, 0).error
        self.leave(context)
        return ok

    def time_parse(self, text):
        begin = time.perf_counter_ns()
        context = self.enter()
        self.parse(text, 0)
        self.leave(context)
        return time.perf_counter_ns() - begin

    def time_all(self, text):
        begin = time.perf_counter_ns()
        self.free(self.fingerprint(text))
        return time.perf_counter_ns() - begin

    def measure(self, text, rounds):
        return {"ok": self.accepts(text), "bytes": len(text),
                "parse": statistics.median(self.time_parse(text) for _ in range(rounds)),
                "all": statistics.median(self.time_all(text) for _ in range(rounds))}


def ours(binary, texts, rounds):
    lines = "".join(json.dumps(t.decode()) + "\n" for t in texts)
    done = subprocess.run([binary, str(rounds)], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(x) for x in done.stdout.decode().splitlines()]


def big_statement(texts):
    """One statement of a little more than 1 MB: SELECT * FROM (q1) t1, (q2) t2, ..."""
    parts, size = [], 0
    while size < MB:
        for text in texts:
            parts.append(b"(%s) t%d" % (text, len(parts)))
            size += len(parts[-1]) + 2
    return b"SELECT * FROM " + b", ".join(parts)


def measure(binary, rounds, say):
    """{measure: {"sleipnir": [a value a round], "libpg_query": [...]}}, and notes."""
    texts = [t.encode() for name, t in corpus.benchmarks().items() if name.startswith("tpcds/")]
    pg = LibPgQuery()
    both = [t for t, o in zip(texts, ours(binary, texts, 1)) if o["ok"] and pg.accepts(t)]
    big = big_statement(both)
    results = {}

    def put(name, who, value):
        results.setdefault(name, {}).setdefault(who, []).append(value)

    for _ in range(rounds):
        for who, rows in (("sleipnir", ours(binary, both, 101)), ("libpg_query", [pg.measure(t, 21) for t in both])):
            for step in ("lex", "parse", "facts", "fingerprint", "all"):
                if step in rows[0]:
                    put(f"sql_{step}_us", who, statistics.median(r[step] for r in rows) * US)
            put("sql_worst_us", who, max(r["all"] for r in rows) * US)
            if who == "sleipnir":
                put("sql_allocations", who, sum(r["allocations"] for r in rows))
                put("sql_arena_kb", who, statistics.median(r["arena"] for r in rows) / 1024)
        for who, row in (("sleipnir", ours(binary, [big], 5)[0]), ("libpg_query", pg.measure(big, 3))):
            assert row["ok"], f"{who} refuses the statement of 1 MB"
            put("sql_parse_mb_s", who, row["bytes"] / row["parse"] * 1e3)
            put("sql_mb_s", who, row["bytes"] / row["all"] * 1e3)
            put("sql_big_allocations", who, row.get("allocations", 0)) if who == "sleipnir" else None
    for name, values in sorted(results.items()):
        say("  " + name + ": " + ", ".join(f"{w} {statistics.median(v):.3g}" for w, v in values.items()))
    notes = [f"SQL: {len(both)} of {len(texts)} texts of TPC-DS are accepted by both, {sum(map(len, both)) / 1024:.0f} kB in all; "
             f"libpg_query ({PGLAST}) is PostgreSQL's grammar, its fingerprint walks the tree and hashes"]
    return results, notes


# (label, measure, unit, goal, least or most, limit); compared is ours : libpg_query's
ROWS = (
    ("TPC-DS, lexer, median", "sql_lex_us", "µs", "", None, None),
    ("lexer and parser, median", "sql_parse_us", "µs", "", None, None),
    ("facts, median", "sql_facts_us", "µs", "", None, None),
    ("fingerprint, median", "sql_fingerprint_us", "µs", "", None, None),
    ("all of it, median", "sql_all_us", "µs", "≤ 20 µs", "most", 20),
    ("all of it, worst", "sql_worst_us", "µs", "≤ 80 µs", "most", 80),
    ("a statement of 1 MB, parser", "sql_parse_mb_s", "MB/s", "", None, None),
    ("a statement of 1 MB, all of it", "sql_mb_s", "MB/s", "≥ 60 MB/s", "least", 60),
    ("arena of a statement, median", "sql_arena_kb", "kB", "", None, None),
    ("allocations outside the arena", "sql_allocations", "", "0", "most", 0),
    ("same, statement of 1 MB", "sql_big_allocations", "", "0", "most", 0),
)
