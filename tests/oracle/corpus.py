# SPDX-License-Identifier: Apache-2.0
"""corpus.py: where statements for the oracle come from.

    read(path), files()   tests/data/sql: one statement a line; a line that begins with a blank goes on with the one above,
                          an empty line within such a statement belongs to it. "-- both", "-- trino" and "-- presto" say
                          for which dialects what follows is meant ("-- compared": for none, only verdicts are compared);
                          other comment lines between statements are for people.
    benchmarks()          TPC-H and TPC-DS (scripts/peers get benchmarks)
    recordings()          what real clients sent, from ../shared/testdata/wire
"""
import json
import os
import re
import subprocess
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/data/sql"
HEADINGS = ("both", "trino", "presto", "compared")
PEERS = Path(os.environ.get("PEERS", Path.home() / ".cache/sleipnir-peers"))


def read(path):
    """[(statement, heading)]"""
    rows, heading = [], "both"
    for line in Path(path).read_text("utf-8").split("\n"):
        if line.startswith("--"):
            heading = line[3:] if line[3:] in HEADINGS else heading
        elif line == "" or line[0] in " \t":
            if rows:
                rows[-1][0].append(line)
        else:
            rows.append(([line], heading))
    return [("\n".join(lines).rstrip("\n"), h) for lines, h in rows]


def files():
    return sorted(FOLDER.glob("*.sql"))


def benchmarks():
    """{"tpch/q01": statement, ...}"""
    subprocess.run([str(ROOT / "scripts/peers"), "get", "benchmarks"], check=True, stdout=subprocess.DEVNULL)
    home = max(PEERS.glob("benchmarks-*"))
    found = {}
    for path in sorted(home.glob("tpc*/*.sql")):
        text = re.sub(r"\$\{(\w+)\}", lambda m: {"database": "tpc", "schema": "sf1"}.get(m[1], ""), path.read_text())
        parts = [p for p in text.split(";") if p.strip()]
        for i, part in enumerate(parts):
            name = f"{path.parent.name}/{path.stem}" + (f"#{i + 1}" if len(parts) > 1 else "")
            found[name] = part.strip()
    return found


def recordings():
    """Every distinct statement, prepared ones too, of the recordings of real clients; empty when they are not there."""
    data = Path(os.environ.get("SLEIPNIR_TESTDATA", ROOT / "../shared/testdata"))
    found = {}
    for path in sorted(data.glob("wire/**/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            exchange = json.loads(line)
            if exchange.get("method") in ("POST", "PUT") and exchange.get("path", "").startswith("/v1/statement"):
                found[exchange.get("request_body") or ""] = None
            for name, value in exchange.get("request_headers") or ():
                if name.lower().endswith("prepared-statement"):
                    for pair in value.split(","):
                        found[urllib.parse.unquote_plus(pair.partition("=")[2])] = None
    return [s for s in found if s and not s.startswith("$zstd:") and not re.search("[\ud800-\udfff]", s)]
