# SPDX-License-Identifier: Apache-2.0
"""Drives a Python client through the scenarios and prints what an application sees, one JSON line a step.

  client.py trino|presto|pyhive-trino|pyhive-presto HOST:PORT TAG [scenario...]
"""
import json
import sys
import threading
import time
import zlib

library, address, tag = sys.argv[1:4]
only = sys.argv[4:]
host, port = address.split(":")
TYPES = ("true AS c_boolean, tinyint '-128' AS c_tinyint, bigint '9223372036854775807' AS c_bigint, real '1.5' AS c_real, double '1' AS c_double, "
         "nan() AS c_nan, infinity() AS c_inf, decimal '123.4500' AS c_decimal, 'häß😀 \"q\" \\' AS c_varchar, CAST('ab' AS char(5)) AS c_char, X'00017FFF' AS c_binary, "
         "json '{\"a\": [1, 2.50, null]}' AS c_json, date '2024-02-29' AS c_date, time '01:02:03.456' AS c_time, timestamp '2024-02-29 01:02:03.456' AS c_ts, "
         "timestamp '2024-02-29 01:02:03.456 America/New_York' AS c_ts_tz, interval '3' year AS c_ym, interval '2' day AS c_ds, "
         "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS c_uuid, ipaddress '10.0.0.1' AS c_ip, ARRAY[1, null, 3] AS c_array, ARRAY[ARRAY['a', null], ARRAY[]] AS c_array2, "
         "MAP(ARRAY['k1', 'k2'], ARRAY[1, null]) AS c_map, CAST(ROW(1, 'x', null) AS ROW(a integer, b varchar, c date)) AS c_row, null AS c_unknown")


def connect(schema="tiny", catalog="tpch", **more):
    if library == "trino":
        from trino import dbapi
        return dbapi.connect(host=host, port=int(port), user="alice", catalog=catalog, schema=schema, **more)
    if library == "presto":
        from prestodb import dbapi
        return dbapi.connect(host=host, port=int(port), user="alice", catalog=catalog, schema=schema, **more)
    from pyhive import presto, trino
    module = presto if library == "pyhive-presto" else trino
    return module.connect(host=host, port=int(port), username="alice", catalog=catalog, schema=schema, poll_interval=0.05, **more)


def plain(v):
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, dict):
        return {"map": sorted([plain(k), plain(x)] for k, x in v.items())}
    if v is None or isinstance(v, (bool, int, str)):
        return v
    if isinstance(v, (bytes, bytearray)):
        return "0x" + bytes(v).hex()
    return f"{type(v).__name__}:{v}"


def query(connection, sql, parameters=None):
    cursor = connection.cursor()
    cursor.execute(sql, parameters) if parameters is not None else cursor.execute(sql)
    rows = [plain(r) for r in cursor.fetchall()]
    description = [[d[0], str(d[1])] for d in cursor.description or []]
    return {"columns": description, "rows": rows}


def step(name, body):
    try:
        outcome = body()
    except Exception as e:
        error = e.args[0] if e.args and isinstance(e.args[0], dict) else {}
        text = str(getattr(e, "message", None) or error.get("message") or e)
        outcome = {"class": type(e).__name__, "error": text.splitlines()[0] if text else "",
                   "name": getattr(e, "error_name", error.get("errorName")), "code": getattr(e, "error_code", error.get("errorCode"))}
    print(json.dumps({"step": f"{scenario.__name__}/{name}", "outcome": outcome}, ensure_ascii=True), flush=True)


def statements(connection, *sqls):
    for sql in sqls:
        step(sql, lambda: query(connection, sql))


def scenario_simple():
    c = connect()
    statements(c, "SELECT 1 AS one, 'ä' AS two", "SELECT name, regionkey FROM nation ORDER BY nationkey", "SELECT * FROM nation WHERE nationkey < 0",
               "SHOW SCHEMAS FROM tpch LIKE 't%'", "DESCRIBE region", "SHOW TABLES FROM tpch.tiny")


def scenario_types():
    step("all", lambda: query(connect(), "SELECT " + TYPES))
    if library == "trino":
        step("legacy", lambda: query(connect(legacy_primitive_types=True), "SELECT " + TYPES))
        step("precision", lambda: query(connect(), "SELECT timestamp '2024-02-29 01:02:03.123456' AS a, time '01:02:03.123456' AS b"))


def scenario_read():
    def body():
        cursor = connect().cursor()
        cursor.execute("SELECT k, orderkey, linenumber, quantity, shipdate, comment FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2) AS t(k)")
        count = total = 0
        while True:
            rows = cursor.fetchmany(1000)
            if not rows:
                return {"count": count, "checksum": total}
            for row in rows:
                total += zlib.crc32("|".join(str(plain(v)) for v in row).encode())
                count += 1
    step("120350 rows", body)


def scenario_parameters():
    if library == "presto":
        return
    c = connect()
    if library == "trino":
        step("values", lambda: query(c, "SELECT ?, ?, ?, ?", (1, "it's", None, 1.5)))
        step("legacy", lambda: query(connect(legacy_prepared_statements=True), "SELECT ?, name FROM nation WHERE nationkey = ?", ("x", 3)))
    else:
        step("values", lambda: query(c, "SELECT %s, %s, %s", (1, "it's", 1.5)))


def scenario_session():
    c = connect()
    if library == "trino" or library == "presto":
        statements(c, "USE tpch.sf1", "SELECT count(*) FROM customer", "SET SESSION query_max_run_time = '11m'", "SHOW SESSION LIKE 'query_max_run_time'",
                   "RESET SESSION query_max_run_time", "SHOW SESSION LIKE 'query_max_run_time'", "SELECT 1")
    else:
        step("session properties", lambda: query(connect(session_props={"query_max_run_time": "12m"}), "SHOW SESSION LIKE 'query_max_run_time'"))


def scenario_transaction():
    if library not in ("trino", "presto"):
        return
    if library == "trino":
        from trino.transaction import IsolationLevel
    else:
        from prestodb.transaction import IsolationLevel
    c = connect(isolation_level=IsolationLevel.READ_UNCOMMITTED)
    statements(c, "SELECT count(*) FROM nation", "SELECT 2")
    step("commit", lambda: c.commit())
    statements(c, "SELECT 3", "SELECT * FROM nope", "SELECT 4")
    step("rollback", lambda: c.rollback())
    statements(c, "SELECT 5")
    step("rollback again", lambda: c.rollback())


def scenario_cancel():
    c = connect("sf100")
    cursor = c.cursor()

    def body():
        timer = threading.Timer(2, lambda: cursor.cancel())
        timer.start()
        try:
            cursor.execute("SELECT count(*), sum(length(comment)) FROM lineitem")
            cursor.fetchall()
        except Exception:
            pass
        timer.join()
        return "ended"
    if library in ("trino", "presto"):
        step("cancel", body)
    step("next statement", lambda: query(connect(), "SELECT 1"))

    def early():
        other = connect().cursor()
        other.execute("SELECT orderkey FROM tpch.sf1.orders")
        rows = len(other.fetchmany(10))
        other.cancel() if library != "pyhive-presto" else other.cancel()
        return rows
    step("early end", early)


def scenario_errors():
    c = connect()
    statements(c, "SELEC 1", "SELECT nope FROM nation", "SELECT * FROM nope", "SELECT * FROM nope.tiny.nation", "SELECT nationkey / 0 FROM nation", "SELECT CAST('a' AS integer)",
               "SET SESSION nope = 1")

    def late():
        cursor = c.cursor()
        rows = 0
        try:
            cursor.execute("SELECT k, 1 / (orderkey + k - 60002) FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2, 3) AS t(k)")
            while cursor.fetchone():
                rows += 1
        except Exception as e:
            return {"class": type(e).__name__, "rows": "some" if rows < 180000 else "too many"}
        return {"rows": rows}
    step("late", late)
    step("after", lambda: query(c, "SELECT 1"))


def scenario_dml():
    t = f"memory.default.t_{tag}"
    c = connect("default", "memory")
    statements(c, f"CREATE TABLE {t} (a integer, b varchar)", f"INSERT INTO {t} VALUES (1, 'x'), (2, 'y')", f"SELECT * FROM {t} ORDER BY a",
               f"CREATE TABLE {t}_2 AS SELECT * FROM tpch.tiny.nation", f"SELECT count(*) FROM {t}_2", f"DROP TABLE {t}_2", f"DROP TABLE {t}", f"DROP TABLE {t}")


for scenario in (scenario_simple, scenario_types, scenario_read, scenario_parameters, scenario_session, scenario_transaction, scenario_cancel, scenario_errors, scenario_dml):
    scenario.__name__ = scenario.__name__.replace("scenario_", "")
    if not only or scenario.__name__ in only:
        begin = time.monotonic()
        step("end", lambda: scenario() or "ok")
        print(f"{scenario.__name__:12} {time.monotonic() - begin:6.2f} s", file=sys.stderr)
