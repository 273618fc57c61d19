# SPDX-License-Identifier: Apache-2.0
"""The facts of statements beside a live Trino: the tables that it says a statement reads and writes.

tests/data/sql/tables.sql and TPC-H are given to EXPLAIN (TYPE IO). What IO cannot explain, statements on tables that do
not exist, is compared by the name in the server's complaint.
"""
import json
import subprocess
import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/oracle"))
import corpus  # noqa: E402

pytestmark = [pytest.mark.no_gateway, pytest.mark.jvm]
HEADERS = [("X-Trino-Catalog", "tpch"), ("X-Trino-Schema", "tiny")]
PREPARE = ("CREATE TABLE IF NOT EXISTS memory.default.n AS SELECT * FROM tpch.tiny.nation",
           "CREATE TABLE IF NOT EXISTS memory.default.r AS SELECT * FROM tpch.tiny.region",
           "CREATE TABLE IF NOT EXISTS memory.default.o AS SELECT * FROM tpch.tiny.orders")


# The plan does not read these although the analyser looks at them (and asks for the right to read them): common table
# expressions that nobody uses, and WITH NO DATA.
PRUNED = {
    "WITH nation AS (SELECT * FROM region) SELECT * FROM tiny.nation": {"tpch.tiny.region"},
    "WITH a AS (SELECT * FROM nation) SELECT * FROM (WITH a AS (SELECT * FROM region) SELECT * FROM a) x": {"tpch.tiny.nation"},
    "CREATE TABLE memory.default.x5 AS (SELECT * FROM (SELECT * FROM nation) x) WITH NO DATA": {"tpch.tiny.nation"},
}


def facts(sql, schema="tiny"):
    done = subprocess.run([str(harness.ROOT / "build/release/sleipnir"), "facts", "--dialect", "trino", "--catalog", "tpch",
                           "--schema", schema], input=sql.encode(), stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 1, f"{len(lines)} statements in {sql!r}"
    found = json.loads(lines[0])
    assert found["parse_error"] is None, found
    return found


def tables(found, *roles):
    return {f"{t['catalog']}.{t['schema']}.{t['table']}" for t in found["tables"] if set(roles) & set(t["roles"])}


def asked(peer, sql):
    return harness.Statement(peer.url, sql, "trino", HEADERS).run()


def explained(peer, kind, sql, ours):
    """To explain CREATE TABLE AS the server makes the table: it is dropped again."""
    done = asked(peer, f"EXPLAIN ({kind}) {sql}")
    for table in tables(ours, "created"):
        assert asked(peer, f"DROP TABLE IF EXISTS {table}").error is None
    assert done.error is None, f"{sql!r}: {done.error['message']}"
    return done.rows[0][0]


@pytest.fixture(scope="module")
def trino(peers):
    for sql in PREPARE:
        assert asked(peers["trino"], sql).error is None
    return peers["trino"]


def name_of(table):
    return f"{table['catalog']}.{table['schemaTable']['schema']}.{table['schemaTable']['table']}"


def test_tables_as_explained(trino):
    """EXPLAIN (TYPE IO, FORMAT JSON) of every statement names the tables that our facts name, and the same roles."""
    tpch = [s.replace('"tpc"."sf1"', '"tpch"."tiny"') for k, s in corpus.benchmarks().items() if k.startswith("tpch/")]
    statements = [s for s, _ in corpus.read(corpus.FOLDER / "tables.sql")] + tpch
    assert len(statements) >= 100
    wrong = []
    for sql in statements:
        ours = facts(sql)
        io = json.loads(explained(trino, "TYPE IO, FORMAT JSON", sql, ours))
        read = {name_of(t["table"]) for t in io["inputTableColumnInfos"]} | PRUNED.get(sql, set())
        written = {name_of(io["outputTable"])} if io.get("outputTable") else set()
        if (read, written) != (tables(ours, "read"), tables(ours, "written", "created")):
            wrong.append(f"{sql!r}\n  Trino: reads {sorted(read)}, writes {sorted(written)}\n  facts: {ours['tables']}")
    print(f"{len(statements)} statements explained, tables of {len(wrong)} differ")
    assert not wrong, "\n".join(wrong)


def test_facts_of_valid_statements(trino):
    """EXPLAIN (TYPE VALIDATE): what Trino's analyser finds valid has, in our facts, no table it does not know."""
    known = {row[0] + "." + row[1] for schema in ("tpch.tiny", "tpch.sf1", "memory.default", "system.runtime")
             for row in [[schema, t[0]] for t in asked(trino, f"SHOW TABLES FROM {schema}").rows]}
    unknown = []
    for sql, _ in corpus.read(corpus.FOLDER / "tables.sql"):
        ours = facts(sql)
        assert explained(trino, "TYPE VALIDATE", sql, ours) is True
        strange = {t for t in tables(ours, "read", "written") if t not in known and ".information_schema." not in t}
        if strange:
            unknown.append(f"{sql!r}: {sorted(strange)}")
    assert not unknown, "\n".join(unknown)


# Each names exactly one table that does not exist, so that the server complains of it.
MISSING = (
    ("DELETE FROM nope WHERE a = 1", "written"),
    ("DELETE FROM memory.default.nope", "written"),
    ("UPDATE nope SET a = 1", "written"),
    ("UPDATE memory.default.nope SET a = (SELECT max(regionkey) FROM region) WHERE b = 2", "written"),
    ("MERGE INTO nope USING nation ON a = nationkey WHEN MATCHED THEN DELETE", "written"),
    ("INSERT INTO nope SELECT * FROM nation", "written"),
    ("INSERT INTO memory.default.n SELECT * FROM sf1.nope", "read"),
    ("CREATE TABLE memory.default.y AS SELECT * FROM nope", "read"),
    ("CREATE VIEW memory.default.v AS SELECT * FROM nation JOIN nope ON true", "read"),
    ("SELECT * FROM nation WHERE EXISTS (SELECT 1 FROM nope)", "read"),
    ("WITH nation AS (SELECT * FROM nope) SELECT 1", "read"),
    ("WITH a AS (SELECT * FROM nope) SELECT * FROM region", "read"),
    ("SELECT (SELECT max(x) FROM tpch.sf1.nope) FROM nation", "read"),
    ("SELECT * FROM nation ORDER BY (SELECT 1 FROM nope)", "read"),
    ("SELECT * FROM region CROSS JOIN LATERAL (SELECT * FROM nope)", "read"),
    ("TABLE nope", "read"),
    ("SHOW COLUMNS FROM nope", "read"),
    ("DESCRIBE memory.default.nope", "read"),
    ("SHOW CREATE TABLE nope", "read"),
    ("SHOW STATS FOR nope", "read"),
    ("ANALYZE nope", "written"),
    ("TRUNCATE TABLE memory.default.nope", "written"),
    ("DROP TABLE nope", "dropped"),
    ("DROP TABLE memory.default.nope", "dropped"),
    ("ALTER TABLE nope RENAME TO other", "dropped"),
    ("ALTER TABLE memory.default.nope ADD COLUMN a bigint", "written"),
    ("ALTER TABLE nope DROP COLUMN a", "written"),
    ("COMMENT ON TABLE nope IS 'x'", "written"),
    ("COMMENT ON COLUMN memory.default.nope.a IS 'x'", "written"),
    ("EXPLAIN SELECT * FROM nope", "read"),
    ("EXECUTE IMMEDIATE 'SELECT * FROM nope'", "read"),
)


def test_tables_that_are_missing(trino):
    """The table that the server cannot find is in our facts, and in the role that the statement gives it."""
    wrong = []
    for sql, role in MISSING:
        error = asked(trino, sql).error
        assert error is not None and error["errorName"] == "TABLE_NOT_FOUND", f"{sql!r}: {error and error['message']}"
        found = facts(sql)
        named = [t for t in tables(found, "read", "written", "created", "dropped") if t.endswith(".nope")]
        if len(named) != 1 or named[0] not in error["message"] or named[0] not in tables(found, role):
            wrong.append(f"{sql!r} ({role}): Trino {error['message']!r}, facts {found['tables']}")
    print(f"{len(MISSING)} statements on a missing table, {len(wrong)} differ")
    assert not wrong, "\n".join(wrong)
