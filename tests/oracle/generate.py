#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py: statements of either dialect from grammar.txt, and mutations of statements.

    generate.py trino|presto COUNT [SEED] [mutate]      JSON strings, one a line, as the oracle wants them

A generator prefers what it has seldom written, and often aims at what it has written least, so that some thousand
statements hold every alternative of every production (`live` names them, statement() returns those it used). One seed gives one list, for good.
"""
import json
import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOTHING = 0
LEAVES = ("identifier", "number", "string", "booleanValue")  # as good an end as a plain word


def words(dialect, status="NR"):
    """The dialect's words: N non-reserved, R reserved; from sql/words.def."""
    column = 2 if dialect == "trino" else 3
    rows = re.findall(r"^WORD\((\w+), (\w), (\w)\)", (ROOT / "sql/words.def").read_text(), re.M)
    return [r[0] for r in rows if r[column - 1] in status]


class Grammar:
    """grammar.txt as {name: alternatives}; an alternative is (id, weight, dialect or "", [items])."""

    def __init__(self, path=HERE / "grammar.txt"):
        self.rules, self.ids = {}, {}
        text = re.sub(r"\n\s+", " ", "\n".join(x for x in path.read_text().splitlines() if not x.startswith("#")))
        for line in filter(None, text.splitlines()):
            name, body = line.split(" = ", 1)
            self.name, self.tokens, self.counter = name, body.split(), 0
            self.rules[name] = self.alternatives(None)
            assert not self.tokens, f"{name}: left over: {self.tokens}"

    def alternatives(self, end):
        found = [self.sequence()]
        while self.tokens and self.tokens[0] == "|":
            self.tokens.pop(0)
            found.append(self.sequence())
        if end:
            assert self.tokens and self.tokens.pop(0) == end, f"{self.name}: no {end}"
        return found

    def sequence(self):
        weight, dialect, items = 1, "", []
        self.counter += 1
        label = f"{self.name}#{self.counter}"
        while self.tokens and self.tokens[0] not in ("|", ")", "]", "}"):
            t = self.tokens.pop(0)
            if t in ("t:", "p:"):
                dialect = {"t": "trino", "p": "presto"}[t[0]]
            elif re.fullmatch(r"\d+\*", t):
                weight = int(t[:-1])
            elif t in ("(", "[", "{"):
                items.append((t, self.alternatives({"(": ")", "[": "]", "{": "}"}[t])))
            elif t[0] == "$":
                items.append(("$", t[1:]))
            elif t[0] == "'":
                items.append(("word" if t[1].isalpha() else "sign", t[1:-1]))
            elif t.isupper() or t.replace("_", "").isupper() or t.startswith("UTF"):
                items.append(("word", t))
            else:
                items.append(("rule", t))
        self.ids[label] = dialect
        return (label, weight, dialect, items)


class Generator:
    def __init__(self, dialect, seed=1, grammar=None):
        self.dialect, self.random = dialect, random.Random(f"{dialect} {seed}")
        self.grammar = grammar or Grammar()
        self.visits = {}
        self.nonreserved = words(dialect, "N")
        self.least = {}
        self.settle()
        self.live = self.reachable()
        self.labels = list(self.live)

    # --- how deep each rule must go at least, and which alternatives can be reached at all

    def usable(self, alternatives):
        return [a for a in alternatives if a[2] in ("", self.dialect)]

    def cost(self, items):
        return max([NOTHING] + [self.cost_of(i) for i in items])

    def cost_of(self, item):
        kind, what = item
        if kind == "rule":
            return NOTHING if what in LEAVES else self.least.get(what, 999)
        if kind == "(":
            return min([self.cost(a[3]) for a in self.usable(what)] or [NOTHING])
        return NOTHING

    def settle(self):
        changed = True
        while changed:
            changed = False
            for name, alternatives in self.grammar.rules.items():
                new = 1 + min([self.cost(a[3]) for a in self.usable(alternatives)] or [999])
                if new < self.least.get(name, 999):
                    self.least[name], changed = new, True

    def reachable(self):
        """{alternative: the one that holds it, on the shortest way from the start}"""
        seen, todo, within = set(), [("singleStatement", None)], {}

        def look(alternatives, outer):
            for label, _, _, items in self.usable(alternatives):
                within[label] = outer
                for kind, what in items:
                    if kind == "rule" and what not in seen:
                        seen.add(what)
                        todo.append((what, label))
                    elif kind in ("(", "[", "{"):
                        look(what, label)
        for rule, outer in todo:
            look(self.grammar.rules[rule], outer)
        return within

    def way_to(self, label):
        way = set()
        while label:
            way.add(label)
            label = self.live[label]
        return way

    # --- writing

    def choose(self, alternatives, depth):
        usable = self.usable(alternatives)
        if not usable:
            return None
        for a in usable:
            if a[0] in self.way:
                self.way.discard(a[0])
                return a
        if depth <= 0 or len(self.out) > self.tokens_max:
            least = min(self.cost(a[3]) for a in usable)
            usable = [a for a in usable if self.cost(a[3]) == least]
        weights = [a[1] / (1 + self.visits.get(a[0], 0) / 200) for a in usable]
        return self.random.choices(usable, weights)[0]

    def write(self, alternatives, depth):
        chosen = self.choose(alternatives, depth)
        if chosen is None:
            return
        self.visits[chosen[0]] = self.visits.get(chosen[0], 0) + 1
        self.used.add(chosen[0])
        for kind, what in chosen[3]:
            if kind == "rule":
                self.write(self.grammar.rules[what], depth - 1)
            elif kind in ("word", "sign"):
                self.out.append((kind, what))
            elif kind == "$":
                self.lexeme(what)
            elif kind == "(":
                self.write(what, depth)
            else:
                self.maybe(kind, what, depth)

    def maybe(self, kind, alternatives, depth):
        usable = self.usable(alternatives)
        if not usable:
            return
        rest = depth - max(min(self.cost(a[3]) for a in usable), NOTHING)
        new = any(self.visits.get(a[0], 0) == 0 for a in usable)
        if any(a[0] in self.way for a in usable):
            self.write(alternatives, depth)
            if kind == "[":
                return
        for _ in range(1 if kind == "[" else 3):
            if rest <= 0 or len(self.out) > self.tokens_max or self.random.random() > (0.8 if new else 0.35):
                return
            self.write(alternatives, depth)

    def lexeme(self, name):
        r = self.random
        pick = {
            "none": lambda: None,
            "gap": lambda: ("gap", ""),
            "name": lambda: ("name", r.choice(NAMES)),
            "quoted": lambda: ("name", r.choice(['"a"', '"Mixed Case"', '"a""b"', '"select"', '"ünï"', '"x.y"', '"t$files"'])),
            "digit": lambda: ("name", r.choice(["1st", "2x_y"])),
            "nonreserved": lambda: ("name", r.choice(self.nonreserved).lower()),
            "integer": lambda: ("number", r.choice(["0", "1", "7", "42", "100", "1000", "2147483647"])),
            "decimal": lambda: ("number", r.choice(["1.5", "0.25", "100.", "123456789.123456789"] + [".5"] * (self.out[-1:] == [("sign", "(")]))),
            "double": lambda: ("number", r.choice(["1e3", "1.5E-3", "2E+10", "1.E0"] + [".5e1"] * (self.out[-1:] == [("sign", "(")]))),
            "string": lambda: ("string", r.choice(["''", "'a'", "'it''s'", "'2020-01-01'", "'%x_'", "'ünïcödé 🎉'", "'1'", "'$.a[*]'"])),
            "unicode": lambda: ("string", r.choice(["U&'abc'", "u&'\\0041'", "U&'\\+00004F'", "U&''", "U&'a''b'"])),
            "escape": lambda: ("string", r.choice(["'!'", "'#'", "'\\'"])),
            "binary": lambda: ("string", r.choice(["X''", "x'0a'", "X'DEADBEEF'", "X'00 ff'"])),
            "dollar": lambda: ("string", r.choice(["$$\ndef f(a):\n    return a\n$$"] * 5 + ["$$return 1$$", "$$\r\nx $ y\n$$"])),
        }[name]()
        if pick:
            self.out.append(pick)

    def statement(self, rule="singleStatement"):
        """One statement, and the set of the alternatives it holds."""
        self.out, self.used, self.way = [], set(), set()
        if self.random.random() < 0.6:
            self.way = self.way_to(min(self.labels, key=lambda x: (self.visits.get(x, 0), self.random.random())))
        self.tokens_max = self.random.choice((12, 30, 60, 120))
        self.write(self.grammar.rules[rule], self.random.randint(6, 22))
        return self.text(), frozenset(self.used)

    # --- from tokens to text

    def text(self):
        plain = self.random.random() < 0.5
        pieces, before = [], None
        for kind, what in self.out:
            if kind == "gap":
                before = "gap"
                continue
            if before is not None:
                pieces.append(" " if before == "gap" else self.blank(before, (kind, what), plain))
            pieces.append(self.spelled(what, plain) if kind == "word" else what)
            before = (kind, what)
        return "".join(pieces)

    def spelled(self, word, plain):
        return word if plain else self.random.choice((word, word.lower(), word.capitalize()))

    def blank(self, a, b, plain):
        tight = set("(),[]")
        if plain or self.random.random() < 0.3:
            glue = a[1] in tight or b[1] in tight or (a[1] == "." and b[0] == "name") or (b[1] == "." and a[0] == "name")
            return "" if glue and self.random.random() < 0.8 else " "
        return self.random.choice((" ", " ", "  ", "\n", "\n    ", "\t", "\r\n", " -- a 'note'\n", " /* ö 🎉 */ ", "/**/"))


# No u or x: with a string behind them they could become another token.
NAMES = ["a", "c", "d", "t", "foo", "bar_2", "_hidden", "orders", "customer", "Total", "y2020", "q"]


# --- mutations -------------------------------------------------------------------------------

TOKEN = re.compile(r"""[xX]?'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$\$.*?\$\$|--[^\n]*\n?|/\*.*?\*/|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"""
                   r"""|\w+|\s+|<>|!=|<=|>=|\|\||=>|->|\{-|-\}|.""", re.S)
SIGNS = ". ( ) , => -> [ ] : | ^ $ {- -} { } = <> != < <= > >= + - * / % || ? ;".split()
ODD = ["'", '"', "`", "''", '""', "`x`", "@", "#", "~", "!", "\\", "&", "0x1F", "1e", "1abc", "'open", '"open', "/*", "--", "U&'\\zzzz'",
       "X'0'", "99999999999999999999", "é", "🎉", "\u00a0", "a:b", "a@b", "$$x", "1.2.3", "::", "==", "<=>"]


def mutate(sql, dialect, rng, vocabulary=None):
    """A statement with one to three tokens deleted, doubled, swapped, replaced or added, or cut off."""
    vocabulary = vocabulary or words(dialect) + SIGNS * 4 + ["x", "1", "'s'", "2.5", '"q"'] * 4
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        parts = TOKEN.findall(sql)
        spots = [i for i, p in enumerate(parts) if not p.isspace()]
        if not spots:
            return rng.choice(vocabulary)
        i = rng.choice(spots)
        how = rng.choice(("delete", "delete", "double", "swap", "replace", "replace", "add", "cut", "odd"))
        if how == "delete":
            parts[i] = ""
        elif how == "double":
            parts[i] += " " + parts[i]
        elif how == "swap":
            j = spots[(spots.index(i) + 1) % len(spots)]
            parts[i], parts[j] = parts[j], parts[i]
        elif how == "replace":
            parts[i] = rng.choice(vocabulary)
        elif how == "add":
            parts[i] += " " + rng.choice(vocabulary) + " "
        elif how == "cut":
            parts = parts[:i]
        else:
            parts[i] = rng.choice(ODD) if rng.random() < 0.5 else parts[i] + rng.choice(ODD)
        sql = "".join(parts)
    return sql


def statements(dialect, count, seed=1):
    """[(sql, alternatives)] of `count` distinct statements."""
    g, out = Generator(dialect, seed), {}
    while len(out) < count:
        sql, used = g.statement()
        out.setdefault(sql, used)
    return list(out.items())


def main():
    dialect, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    for sql, _ in statements(dialect, count, seed):
        if "mutate" in sys.argv:
            sql = mutate(sql, dialect, rng)
        print(json.dumps(sql))


if __name__ == "__main__":
    main()
