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

# Native counterpart of a client on the other side; Go has none there and is held against another client's errors.
COUNTERPART = {"trino-jdbc-476": "presto-jdbc-0.296", "trino-jdbc-484": "presto-jdbc-0.296", "presto-jdbc-0.296": "trino-jdbc-476",
               "python-trino": "python-presto", "python-presto": "python-trino", "pyhive-trino": "pyhive-presto",
               "pyhive-presto": "pyhive-trino", "js-trino": "js-presto", "js-presto": "js-trino", "go-trino": "js-presto",
               "trino-cli": "presto-cli", "presto-cli": "trino-cli"}

# (client, cluster, step, part) as regular expressions -> why it differs. Only what the systems differ in themselves.
KNOWN = [
    (r"trino-jdbc.*", "presto", r"connect/product", r".*", "asks SELECT version(), which Presto does not have; the name is the driver's own"),
    (r"presto-jdbc.*", "trino", r"connect/product", r".*", "the product's name is the driver's own"),
    (r"trino-jdbc.*", "presto", r"session/(SET PATH|SELECT current_path|(RE)?SET SESSION AUTHORIZATION).*", r"error|code",
     "statements that Presto does not have, refused in its words; presto-jdbc has no such step"),
    (r"trino-jdbc.*", "presto", r"types/presto", r"type c_ipprefix", "no Trino driver knows ipprefix: it is told varchar, its text"),
    (r"python-trino", "presto", r"types/precision", r"error|name|code", "a time literal of microseconds is none for Presto; presto-python has no such step"),
    (r"js-trino", "presto", r"session/SHOW SESSION.*", r"type .*", "varchar as long as Presto's longest property; presto-js has no such step"),
    (r"presto-jdbc.*", "trino", r"types/trino", r"row 0 c_(ts|time)\d.*(?<!class)", "a Presto client has milliseconds; Trino itself rounds for clients without PARAMETRIC_DATETIME"),
    (r"presto-jdbc.*", "trino", r"types/trino", r"row 0 c_ts6_array class", "the driver's own class of arrays"),
    (r"presto-jdbc.*", "trino", r"types/presto", r"code", "Trino's TYPE_NOT_FOUND is Presto's SYNTAX_ERROR"),
    (r"presto-jdbc.*", "trino", r"errors/SELECT DATE .*", r"code", "Trino's INVALID_LITERAL is Presto's SYNTAX_ERROR"),
    (r"presto-jdbc.*|python-presto|pyhive-presto", "trino", r"errors/SELECT nope FROM nation", r"code",
     "the name is Trino's COLUMN_NOT_FOUND, the number that of this name in Presto"),
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


def is_jdbc(v):
    """JDBC cells are [class, getObject as text(, getString where it differs)]."""
    return isinstance(v, list) and len(v) in (2, 3) and isinstance(v[0], str) and isinstance(v[1], (str, type(None)))


def cell(v):
    return v[1] if is_jdbc(v) else v


def string(v):
    return v[-1] if is_jdbc(v) else v


def parts(outcome):
    """An outcome as {part: value}."""
    if isinstance(outcome, dict) and "rows" in outcome and "columns" in outcome:
        out = {"rows": len(outcome["rows"] or [])}
        columns = outcome["columns"] or []
        for i, c in enumerate(columns):
            out[f"name {i}"], out[f"type {name_of(c)}"] = name_of(c), type_of(c)
        for i, row in enumerate(outcome["rows"] or []):
            for j, v in enumerate(row):
                name = f"row {i} {name_of(columns[j]) if j < len(columns) else j}"
                out[name], out[name + " string"], out[name + " class"] = cell(v), string(v), v[0] if is_jdbc(v) else type(v).__name__
        return out
    if isinstance(outcome, dict) and "error" in outcome:
        text = re.sub(r"^Query failed \(#ID\): |^USER_ERROR: |^io\.trino\.spi\.TrinoException: ", "", outcome["error"])
        return {"error": text, **{k: outcome[k] for k in ("name", "code") if k in outcome}}
    if isinstance(outcome, dict):
        return {k: v for k, v in outcome.items() if k != "class"}
    if isinstance(outcome, list) and any(isinstance(x, dict) for x in outcome):
        return {f"{i}. {k}": v for i, x in enumerate(outcome) for k, v in parts(x).items()}
    return {"outcome": outcome}


def differences(client, cluster, got, native, home):
    for step, outcome in got.items():
        have = parts(outcome)
        candidates = [parts(x[step]) for x in (native, home) if step in x]
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
    native = seen(COUNTERPART[client], cluster)
    home = seen(client, dialect)
    assert list(got) == list(home), "the same steps in the same order"
    wrong = list(differences(client, cluster, got, native, home))
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
    g.check()
