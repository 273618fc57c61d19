# SPDX-License-Identifier: Apache-2.0
"""`sleipnir facts` and `sleipnir format`: what they print, and what they say of bad input."""
import json
import subprocess

import pytest

from harness import binary

SCRIPT = """
-- the first
SELECT a, count(*) FROM t JOIN b.x.u ON t.id = u.id WHERE d = 'it''s; not the end' GROUP BY a;
INSERT INTO w SELECT now() FROM "Q";

EXECUTE p USING 1;
selec 1
"""


def run(*args, text="", status=0):
    done = subprocess.run([binary(), *args], input=text.encode(), capture_output=True, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout.decode(), done.stderr.decode()


def facts(*args, text):
    return [json.loads(line) for line in run("facts", *args, text=text)[0].splitlines()]


def test_facts():
    select, insert, execute, broken = facts("--catalog", "c", "--schema", "s", "--prepared", "p=DELETE FROM t WHERE k = ?", text=SCRIPT)
    assert (select["kind"], select["resource_group_type"], select["reads"], select["writes"], select["deterministic"]) == \
        ("select", "SELECT", True, False, True)
    assert select["catalogs"] == ["b", "c"] and select["schemas"] == ["b.x", "c.s"]
    assert select["tables"] == [{"catalog": "c", "schema": "s", "table": "t", "roles": ["read"]},
                                {"catalog": "b", "schema": "x", "table": "u", "roles": ["read"]}]
    assert {"catalog": "b", "schema": "x", "table": "u", "column": "id"} in select["columns"] and {"column": "a"} in select["columns"]
    assert select["functions"] == ["count"] and select["has_join"] and select["has_aggregate"] and select["parse_error"] is None
    assert select["fingerprint"] == "SELECT a, count(*) FROM t JOIN b.x.u ON t.id = u.id WHERE d = ? GROUP BY a"
    assert len(select["hash"]) == 32
    assert insert["tables"][0]["roles"] == ["written"] and insert["tables"][1]["table"] == "q" and not insert["deterministic"]
    assert (execute["kind"], execute["resource_group_type"], execute["prepared_name"]) == ("execute", "DELETE", "p")
    assert execute["tables"] == [{"catalog": "c", "schema": "s", "table": "t", "roles": ["read", "written"]}]
    assert (broken["parse_error"]["line"], broken["parse_error"]["column"]) == (1, 1) and broken["incomplete"]
    assert broken["parse_error"]["message"].startswith("mismatched input 'selec'. Expecting: ")


def test_facts_by_dialect():
    text = "EXECUTE IMMEDIATE 'SELECT 1'"
    assert facts("--dialect", "trino", text=text)[0]["resource_group_type"] == "SELECT"
    assert facts("--dialect", "presto", text=text)[0]["parse_error"] is not None


def test_facts_of_nothing_and_of_much():
    assert facts(text=" \n-- nothing\n;") == []
    many = facts(text="INSERT INTO t VALUES " + ", ".join(f"({i}, 'x')" for i in range(200_000)) + ";" + "SELECT 1;" * 1000)
    assert len(many) == 1001 and many[0]["fingerprint"] == "INSERT INTO t VALUES (?)"


def test_format():
    out, err = run("format", text="select a,b from t where x=1 or y in (1,2);drop table if exists t")
    assert out.startswith("SELECT a, b\nFROM t\nWHERE ") and out.endswith("DROP TABLE IF EXISTS t;\n") and err == ""
    assert run("format", text=out)[0] == out


def test_format_keeps_what_it_cannot_read():
    out, err = run("format", text="select 1;\n\n  selec 2;\nselect 3", status=1)
    assert "selec 2;\n" in out and "SELECT 3;\n" in out
    assert err.startswith("line 3:3: mismatched input 'selec'.")


@pytest.mark.parametrize("args", [["facts", "--nope", "1"], ["facts", "--catalog"], ["facts", "--dialect", "sql"],
                                  ["facts", "--prepared", "p"], ["format", "--catalog", "c"]])
def test_bad_arguments(args):
    out, err = run(*args, status=2)
    assert out == "" and "bad argument" in err


def test_help_names_them():
    out, _ = run("--help")
    assert "sleipnir facts" in out and "sleipnir format" in out
