# SPDX-License-Identifier: Apache-2.0
"""Real clients, real clusters, the whole matrix.

Same dialect: what a client sees through the gateway equals what it sees at the coordinator, step by step.
Cross dialect: each name, type, value and error must equal what the cluster's native client sees there, or what
the same client sees at home for the same SQL; whatever else may differ stands in KNOWN.
"""
import concurrent.futures
import json
import re

import pytest

import drivers
from harness import DIRECT, backends

pytestmark = pytest.mark.jvm

# Native counterpart of a client on the other side; go has none and is held against its own home.
COUNTERPART = {"trino-jdbc-476": "presto-jdbc-0.296", "trino-jdbc-484": "presto-jdbc-0.296", "presto-jdbc-0.296": "trino-jdbc-476",
               "python-trino": "python-presto", "python-presto": "python-trino", "pyhive-trino": "pyhive-presto",
               "pyhive-presto": "pyhive-trino", "js-trino": "js-presto", "js-presto": "js-trino", "go-trino": None,
               "trino-cli": "presto-cli", "presto-cli": "trino-cli"}

# (client, cluster, step, part) as regular expressions -> why it differs.
KNOWN = [
    (r"trino-jdbc.*", "presto", r"connect/product", r".*", "asks SELECT version(), which Presto does not have; the name is the driver's own"),
    (r"presto-jdbc.*", "trino", r"connect/product", r".*", "the product's name is the driver's own"),
]


@pytest.fixture(scope="session")
def seen(peers):
    """seen(client, cluster) -> what the client sees at the coordinator itself; asked once."""
    known = {}

    def ask(client, cluster):
        if (client, cluster) not in known:
            known[client, cluster] = drivers.run(client, peers[cluster].url)
        return known[client, cluster]
    return ask


def both(a, b):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        x, y = pool.submit(a), pool.submit(b)
        return x.result(), y.result()


def show(v):
    text = json.dumps(v, ensure_ascii=False)
    return text if len(text) < 400 else text[:400] + " .."


def first_difference(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return next(first_difference(a[k], b[k], f"{path}.{k}") for k in a if a[k] != b[k])
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return next(first_difference(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b)) if x != y)
    return f"  at {path or 'top'}\n  direct:  {show(a)}\n  gateway: {show(b)}"


@pytest.mark.parametrize("client", list(drivers.DIALECT))
def test_same_dialect(peers, gateway, seen, client):
    dialect = drivers.DIALECT[client]
    g = gateway(backends(a=(dialect, peers[dialect].url)))
    direct, through = both(lambda: seen(client, dialect), lambda: drivers.run(client, g.url))
    assert list(direct) == list(through), "the same steps in the same order"
    wrong = [f"{step}\n{first_difference(direct[step], through[step])}" for step in direct if direct[step] != through[step]]
    assert not wrong, f"{len(wrong)} of {len(direct)} steps differ:\n" + "\n".join(wrong[:10])
    g.check()


# --- cross dialect ---------------------------------------------------------------------------


def type_of(column):
    """The dialect-independent text of a column's type."""
    text = column[1] if isinstance(column, list) else column["type"]
    text = re.sub(r"\s+", " ", text.lower()).replace(", ", ",")
    return re.sub(r"\b(timestamp|time)\(\d+\)", r"\1", text)


def name_of(column):
    return column[0] if isinstance(column, list) else column["name"]


def cell(v):
    """JDBC cells are [class, text(, getString)]; the text counts."""
    if isinstance(v, list) and len(v) in (2, 3) and isinstance(v[0], str) and isinstance(v[1], (str, type(None))):
        return v[1]
    return v


def parts(outcome):
    """An outcome as {part: value}."""
    if isinstance(outcome, dict) and "rows" in outcome and "columns" in outcome:
        out = {"rows": len(outcome["rows"] or [])}
        columns = outcome["columns"] or []
        for i, c in enumerate(columns):
            out[f"name {i}"], out[f"type {name_of(c)}"] = name_of(c), type_of(c)
        for i, row in enumerate(outcome["rows"] or []):
            for j, v in enumerate(row):
                out[f"row {i} {name_of(columns[j]) if j < len(columns) else j}"] = cell(v)
        return out
    if isinstance(outcome, dict) and "error" in outcome:
        return {"error": re.sub(r"^Query failed \(#ID\): |^USER_ERROR: |^io\.trino\.spi\.TrinoException: ", "", outcome["error"])}
    if isinstance(outcome, dict):
        return {k: v for k, v in outcome.items() if k != "class"}
    return {"outcome": outcome}


def differences(client, cluster, got, native, home):
    for step, outcome in got.items():
        have = parts(outcome)
        candidates = [parts(x[step]) for x in (native, home) if x and step in x]
        for part, value in have.items():
            allowed = [c[part] for c in candidates if part in c]
            if value not in allowed and not any(all(re.fullmatch(p, x) for p, x in zip(k[:4], (client, cluster, step, part))) for k in KNOWN):
                yield f"{step} | {part}: {show(value)}, allowed: {show(allowed)}"


@pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")
@pytest.mark.parametrize("client", list(drivers.DIALECT))
def test_cross_dialect(peers, gateway, seen, client):
    dialect = drivers.DIALECT[client]
    cluster = {"trino": "presto", "presto": "trino"}[dialect]
    g = gateway(backends(a=(cluster, peers[cluster].url)))
    got = drivers.run(client, g.url)
    native = seen(COUNTERPART[client], cluster) if COUNTERPART[client] else None
    home = seen(client, dialect)
    assert list(got) == list(home), "the same steps in the same order"
    wrong = list(differences(client, cluster, got, native, home))
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
    g.check()
