# SPDX-License-Identifier: Apache-2.0
"""What is known of a statement afterwards: history rows, log lines, and what must never be in them."""
import contextlib
import json
import os
import re
import shlex
import sqlite3
import subprocess
import time

import pytest

from harness import DIRECT, KEY, Statement, backends, eventually, path_of, reachable, request, user_headers

pytestmark = pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")


def script(**what):
    return "SELECT 1 /*fake " + json.dumps(what) + "*/"


def database(g):
    return g.folder / "data" / "history.db"


def rows_of(g, where="1", *values):
    """Rows of the file itself, as any reader sees them beside the running gateway."""
    with contextlib.closing(sqlite3.connect(f"file:{database(g)}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(f"SELECT * FROM statement WHERE {where} ORDER BY created_ms", values)]


def ended(g, id, state="FINISHED"):
    def look():
        found = rows_of(g, "id = ? AND ended_ms IS NOT NULL", id)
        return found and found[0]
    row = eventually(look, f"the end of {id} in the history")
    assert row["state"] == state, row
    return row


def log_lines(g, event="end"):
    """The statement lines of a JSON log."""
    lines = [json.loads(line) for line in g.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event or line.get("msg") == event]


def two(make, fake, state, **more):
    f = fake("trino")
    base = {**backends(a=("trino", f.url)), "tickets": {"keys": [KEY]}, "state": state, "log": {"format": "json"}, **more}
    pair = [make(json.loads(json.dumps(base)) | {"instance": name}) for name in ("one", "two")]
    if state["kind"] == "redis":
        for g in pair:
            eventually(lambda: reachable(g) == 1, "Redis is reachable")
    return f, *pair


# --- one instance ----------------------------------------------------------------------------


def test_row_of_a_statement(fake, own_gateway):
    f = fake("trino")
    g = own_gateway({**backends(a=("trino", f.url)), "instance": "one"})
    headers = [("X-Trino-Source", "tool"), ("X-Trino-Client-Tags", "x,y"), ("X-Trino-Catalog", "tpch"), ("X-Trino-Schema", "tiny"),
               ("X-Trino-Trace-Token", "trace"), ("User-Agent", "agent/1"), ("X-Trino-Routing-Group", "all")]
    sql = script(pages=3, rows=7)
    s = Statement(g.url, sql, headers=headers).run()
    row = ended(g, s.id)
    expected = {"user": "alice", "source": "tool", "client": "agent/1", "client_tags": "x,y", "dialect": "trino", "catalog": "tpch",
                "schema": "tiny", "sql": sql, "routing_group": "all", "backend": "a", "hint": "all", "trace_token": "trace",
                "instance": "one", "retries": 0, "rows": 21, "error_name": None}
    assert {k: row[k] for k in expected} == expected
    assert row["bytes"] > 200 and abs(row["created_ms"] / 1000 - time.time()) < 120 and row["ended_ms"] >= row["created_ms"]
    failed = Statement(g.url, script(pages=1, fail="broken in the middle")).run()
    row = ended(g, failed.id, "FAILED")
    assert (row["error_name"], row["error_text"], row["rows"]) == ("GENERIC_USER_ERROR", "broken in the middle", 1)
    cancelled = Statement(g.url, script(forever=True))
    assert request("DELETE", cancelled.next, user_headers("trino")).status == 204
    ended(g, cancelled.id, "CANCELED")


def test_fingerprint_and_tables(fake, own_gateway):
    """One fingerprint for statements that differ in values, the tables after the defaults, and prepared statements opened."""
    f = fake("trino")
    g = own_gateway(backends(a=("trino", f.url)))
    headers = [("X-Trino-Catalog", "tpch"), ("X-Trino-Schema", "tiny")]
    rows = []
    for sql in ("SELECT a FROM t JOIN other.s.u USING (k) WHERE b IN (1, 2)", "select A from T join other.s.u using (k) where b in (3) -- x"):
        rows.append(ended(g, Statement(g.url, sql, headers=headers).run().id))
    assert rows[0]["fingerprint"] == rows[1]["fingerprint"] and len(rows[0]["fingerprint"]) == 32
    assert rows[0]["fingerprint_text"] == "SELECT a FROM t JOIN other.s.u USING (k) WHERE b IN (?)"
    assert json.loads(rows[0]["tables"]) == {"tpch.tiny.t": "r", "other.s.u": "r"}
    prepared = [("X-Trino-Prepared-Statement", "x=SELECT+1"), ("X-Trino-Prepared-Statement", "p=INSERT+INTO+w+SELECT+*+FROM+r+WHERE+a+%3D+%3F")]
    row = ended(g, Statement(g.url, "EXECUTE p USING 5", headers=headers + prepared).run().id)
    assert row["fingerprint_text"] == "INSERT INTO w SELECT * FROM r WHERE a = ?"
    assert json.loads(row["tables"]) == {"tpch.tiny.w": "w", "tpch.tiny.r": "r"}
    broken = ended(g, Statement(g.url, "SELEC 1 FROM t", headers=headers).run().id)
    assert broken["fingerprint_text"] == "selec ? FROM t" and json.loads(broken["tables"]) == {"tpch.tiny.t": "r"}
    assert g.metrics()['sleipnir_sql_parse_failures_total{dialect="trino"}'] == 1
    listed = request("GET", g.admin_url + "/v1/statements?limit=10").json()
    assert {"tpch.tiny.w": "w", "tpch.tiny.r": "r"} in [s.get("tables") for s in listed]


def test_limits_of_the_parser(fake, own_gateway):
    """What is nested too deep, or too long, runs all the same; its row says what the tokens tell."""
    f = fake("trino")
    g = own_gateway({**backends(a=("trino", f.url)), "limits": {"sql_nesting": 20, "sql_tokens": 1000}})
    for n, sql in enumerate((f"SELECT {'(' * 30}a{')' * 30} FROM t", f"SELECT {'a + ' * 600}a FROM t"), 1):
        row = ended(g, Statement(g.url, sql).run().id)
        assert row["state"] == "FINISHED" and g.metrics()['sleipnir_sql_parse_failures_total{dialect="trino"}'] == n, row
    ended(g, Statement(g.url, f"SELECT {'(' * 15}a{')' * 15} FROM t").run().id)
    assert g.metrics()['sleipnir_sql_parse_failures_total{dialect="trino"}'] == 2


def test_last_page_asked_for_again_ends_once(fake, own_gateway):
    f = fake("trino")
    g = own_gateway({**backends(a=("trino", f.url)), "log": {"format": "json"}})
    s = Statement(g.url, script(pages=2, rows=5))
    while s.next:
        last = s.next
        s.poll()
    ended(g, s.id)
    for _ in range(3):
        assert request("GET", last, user_headers("trino")).status == 200
    time.sleep(1)
    assert ended(g, s.id)["rows"] == 10
    assert g.metrics()['sleipnir_statements_ended_total{state="finished"}'] == 1
    assert len(log_lines(g)) == 1
    eventually(lambda: g.metrics()["sleipnir_statements_running"] == 0, "nothing runs")


def test_statements_of_the_admin_listener(fake, own_gateway):
    f = fake("trino")
    g = own_gateway(backends(a=("trino", f.url)))
    ids = [Statement(g.url, script(pages=1)).run().id for _ in range(5)]
    other = Statement("", "", post=False)
    bob = other.take(request("POST", g.url + "/v1/statement", user_headers("trino", "bob"), script(pages=1, fail="x")))["id"]
    other.run()
    ended(g, bob, "FAILED")

    def ask(query):
        return request("GET", g.admin_url + "/v1/statements" + query).json()
    eventually(lambda: len([r for r in ask("") if r.get("state")]) == 6, "all ended")
    assert {r["id"] for r in ask("?user=alice")} == set(ids)
    assert [r["id"] for r in ask("?state=FAILED")] == [bob]
    assert [r["user"] for r in ask("?user=bob&state=FAILED&limit=5")] == ["bob"]
    assert len(ask("?limit=2")) == 2 and len(ask("?limit=nonsense")) == 6
    assert ask("?user=nobody") == [] and ask("?user=alice%27%20OR%201=1") == []
    assert [r["id"] for r in ask("?limit=1")] == [bob], "newest first"


@pytest.mark.parametrize("format", ["json", "logfmt"])
def test_one_log_line_a_statement(fake, own_gateway, format):
    f = fake("trino")
    g = own_gateway({**backends(a=("trino", f.url)), "log": {"format": format}})
    ids = [Statement(g.url, script(pages=1 + i), headers=[("X-Trino-Source", 'a "quoted"\\ source')]).run().id for i in range(4)]
    lines = eventually(lambda: (found := [line for line in g.log.splitlines() if any(i in line for i in ids)]) and len(found) >= 4 and found,
                       "lines")
    assert len(lines) == 4, lines
    for i, line in enumerate(lines):
        if format == "json":
            fields = json.loads(line)
        else:
            fields = dict(part.split("=", 1) for part in shlex.split(line))
        assert {"id": ids[i], "user": "alice", "backend": "a", "state": "FINISHED", "source": 'a "quoted"\\ source',
                "rows": str(1 + i)}.items() <= {k: str(v) for k, v in fields.items()}.items(), line
    g.stop()
    for line in g.log.splitlines():
        if format == "json":
            assert isinstance(json.loads(line), dict)
        else:
            assert all("=" in part for part in shlex.split(line)), line


def test_killed_gateway_loses_at_most_a_second(fake, own_gateway):
    f = fake("trino")
    g = own_gateway(backends(a=("trino", f.url)))
    old = [Statement(g.url, script(pages=1)).run().id for _ in range(30)]
    running = Statement(g.url, script(pages=9))
    time.sleep(1.1)
    recent = [Statement(g.url, script(pages=1)).run().id for _ in range(5)]
    g.kill()
    rows = {r["id"]: r for r in rows_of(g)}
    assert all(rows[i]["state"] == "FINISHED" for i in old), "older than a second"
    assert rows[running.id]["state"] is None
    with contextlib.closing(sqlite3.connect(database(g))) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    g.fix_ports()
    g.start()
    running.run(g.url)
    assert len(running.rows) == 9
    assert ended(g, running.id)["sql"] == script(pages=9), "the row of before the crash"
    new = Statement(g.url, script(pages=1)).run().id
    ended(g, new)
    assert len(recent) == 5


def test_full_disk_degrades(fake, own_gateway, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        f = fake("trino")
        g = own_gateway({**backends(a=("trino", f.url)), "history": {"path": str(small / "history.db")}})

        def history():
            return request("GET", g.admin_url + "/healthz").json()["history"]
        Statement(g.url, script(pages=1)).run()
        eventually(lambda: history()["written"] > 0, "a row is written")
        with open(small / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        long = "SELECT 1 /*fake {\"pages\": 1}*/ -- " + "x" * 60000
        for _ in range(20):
            assert len(Statement(g.url, long).run().rows) == 1
        eventually(lambda: not history()["writing"], "the history says that it is not written")
        health = request("GET", g.admin_url + "/healthz")
        assert health.status == 200 and health.json()["status"] == "degraded" and history()["reason"]
        assert history()["dropped"] > 0
        assert request("GET", g.admin_url + "/readyz").status == 200
        assert len(Statement(g.url, script(pages=2)).run().rows) == 2, "statements go on"
        (small / "filler").unlink()
        eventually(lambda: history()["writing"], "it heals by itself")
        before = history()["written"]
        Statement(g.url, script(pages=1)).run()
        eventually(lambda: history()["written"] > before, "written again")
        g.stop()
        with contextlib.closing(sqlite3.connect(small / "history.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_retention_and_sql_settings(fake, own_gateway):
    f = fake("trino")
    g = own_gateway({**backends(a=("trino", f.url)),
                     "history": {"retention": {"age": "1m", "size": "1MiB"}, "sql_max": "100B", "redact_literals": True, "flush": "100ms"}})
    s = Statement(g.url, "SELECT 'TOPSECRET', 4711 /*fake {\"pages\": 1}*/ FROM t WHERE x = 'y'" + " AND a = b" * 30).run()
    sql = ended(g, s.id)["sql"]
    assert sql.startswith("SELECT ?, ?") and len(sql.encode()) <= 100 and "TOPSECRET" not in sql
    failed = Statement(g.url, script(fail="Cannot cast 'TOPSECRET' to bigint")).run()
    assert "TOPSECRET" not in ended(g, failed.id, "FAILED")["error_text"]
    off = own_gateway({**backends(a=("trino", f.url)), "history": {"enabled": False}})
    Statement(off.url, script(pages=1)).run()
    assert not database(off).exists()
    health = request("GET", off.admin_url + "/healthz").json()
    assert health["status"] == "ok" and not health["history"]["writing"]
    assert request("GET", off.admin_url + "/v1/statements").status == 404


# --- two instances ---------------------------------------------------------------------------


def test_end_seen_by_the_other_instance(fake, own_gateway, redis):
    _, one, other = two(own_gateway, fake, {"kind": "redis", "url": redis.url})
    s = Statement(one.url, script(pages=4, rows=3))
    for _ in range(4):
        s.poll()                                    # some rows through one, the rest through the other
    s.run(other.url)
    assert len(s.rows) == 12
    row = ended(one, s.id)
    assert row["rows"] == 12 and row["user"] == "alice" and row["total_ms"] > 0 and row["instance"] == "one"
    failed = Statement(one.url, script(pages=1, fail="no such 'TOPSECRET' thing"))
    failed.run(other.url)
    row = ended(one, failed.id, "FAILED")
    assert row["error_name"] == "GENERIC_USER_ERROR" and row["error_text"].startswith("no such")
    cancelled = Statement(one.url, script(forever=True))
    cancelled.poll(other.url)
    assert request("DELETE", other.url + path_of(cancelled.next), user_headers("trino")).status == 204
    ended(one, cancelled.id, "CANCELED")
    time.sleep(0.7)
    assert rows_of(other) == [], "only the instance that accepted it keeps the row"
    assert [line["id"] for line in log_lines(one)] == [s.id, failed.id, cancelled.id] and not log_lines(other)
    for g in (one, other):
        eventually(lambda: g.metrics()["sleipnir_statements_running"] == 0, "nothing runs")
        g.check()


def test_end_here_is_there_once(fake, own_gateway, redis):
    _, one, other = two(own_gateway, fake, {"kind": "redis", "url": redis.url})
    s = Statement(one.url, script(pages=2, rows=3))
    while s.next:
        s.poll()
        last = s.next or last
    row = ended(one, s.id)
    assert request("GET", other.url + path_of(last), user_headers("trino")).status == 200, "asked for again at the other"
    time.sleep(1.5)
    assert rows_of(one) == [row] and rows_of(other) == []
    assert len(log_lines(one)) == 1 and not log_lines(other)
    assert one.metrics()['sleipnir_statements_ended_total{state="finished"}'] == 1


def test_end_while_the_owner_is_away(fake, own_gateway, redis):
    _, one, other = two(own_gateway, fake, {"kind": "redis", "url": redis.url})
    one.fix_ports()
    s = Statement(one.url, script(pages=3))
    s.poll()
    time.sleep(1.1)
    one.kill()
    s.run(other.url)
    one.start()
    row = ended(one, s.id)
    assert row["sql"] == script(pages=3) and row["total_ms"] >= 1000, "the word waited in Redis"
    assert [line["id"] for line in log_lines(one)] == [s.id]
    again = Statement(one.url, script(pages=3))
    again.poll()
    time.sleep(1.1)
    one.kill()
    one.start()
    eventually(lambda: reachable(one) == 1, "Redis is reachable")
    again.run(one.url)
    assert ended(one, again.id)["sql"] == script(pages=3), "its own statement of before the crash"


def test_end_at_the_other_with_memory_state(fake, own_gateway):
    _, one, other = two(own_gateway, fake, {"kind": "memory"})
    s = Statement(one.url, script(pages=4, rows=3))
    s.run(other.url)
    row = ended(other, s.id)
    assert row["rows"] == 12 and row["sql"] is None
    assert [line["id"] for line in log_lines(other)] == [s.id]
    assert other.metrics()['sleipnir_statements_ended_total{state="finished"}'] == 1
    assert rows_of(one)[0]["state"] is None


SECRETS = ["TOPSECRET", "VE9QU0VDUkVU", "HUSHHUSH"]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_secret_anywhere(fake, own_gateway, redis, level):
    redis.cli("config", "set", "requirepass", "HUSHHUSH")
    state = {"kind": "redis", "url": f"redis://:HUSHHUSH@127.0.0.1:{redis.port}/0"}
    f, one, other = two(own_gateway, fake, state, log={"format": "json", "level": level}, history={"redact_literals": True})
    secret = [("X-Trino-Extra-Credential", "token=TOPSECRET"), ("Authorization", "Basic VE9QU0VDUkVU"),
              ("Cookie", "session=TOPSECRET"), ("X-Trino-Prepared-Statement", "p=SELECT%20%27TOPSECRET%27"),
              ("X-Trino-Session", "secret=TOPSECRET")]
    statements = [Statement(one.url, f"SELECT 'TOPSECRET' {script(**what)}", headers=secret) for what in
                  ({"pages": 3}, {"pages": 1, "fail": "mismatched input 'TOPSECRET'"}, {"pages": 1, "wait": 0.3})]
    kept = redis.cli("-a", "HUSHHUSH", "--scan").splitlines()
    assert len([k for k in kept if k.startswith("sleipnir:q:")]) >= 3, kept
    for i, s in enumerate(statements):
        s.poll()
        if i == 1:
            other.kill() if level == "debug" else None
        s.run(other.url if other.alive else one.url)
    Statement(one.url, "SELECT 'TOPSECRET'", headers=secret + [("X-Trino-Routing-Group", "nowhere")])
    f.stop_listening()
    Statement(one.url, "SELECT 'TOPSECRET' /*refused*/", headers=secret)
    request("GET", one.url + "/v1/statement/executing/x/y/1?secret=1", secret)
    time.sleep(1)
    redis.cli("-a", "HUSHHUSH", "config", "set", "requirepass", "")
    texts = {"redis": redis.everything()}
    assert all(k.startswith("sleipnir:") and int(redis.cli("ttl", k)) > 0 for k in redis.cli("--scan").splitlines())
    for g in (one, other):
        g.kill()
        texts[f"log of {g.config['instance']}"] = g.log
        for file in (g.folder / "data").iterdir():
            texts[str(file)] = file.read_bytes().decode("latin-1")
    assert len(texts) >= 5
    for name, text in texts.items():
        for word in SECRETS + ([] if "history" in name else ["SELECT"]):
            found = re.search(f".{{0,80}}{word}.{{0,40}}", text)
            assert not found, f"{name}: {found[0]}"
