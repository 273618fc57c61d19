# SPDX-License-Identifier: Apache-2.0
"""The real clients: how each is run, and what its output means.

run(client, address) gives {step: outcome}; ids, addresses and table names are replaced, so that two runs of one
client against equal servers give equal answers.
"""
import functools
import json
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import harness

HERE = Path(__file__).parent / "clients"
SHARE = harness.PEERS / "clients"
LIMIT = 600         # seconds for one client's whole run


@functools.cache
def java(version):
    return subprocess.run([str(harness.ROOT / "scripts/peers"), "java", version], check=True, capture_output=True, text=True).stdout.strip() + "/bin/"


@functools.cache
def classes():
    folder = tempfile.mkdtemp(prefix="sleipnir-client-")
    subprocess.run([java("17") + "javac", "-encoding", "UTF-8", "-d", folder, *map(str, HERE.glob("*.java"))], check=True)
    return folder


@functools.cache
def go_program():
    out = tempfile.mkdtemp(prefix="sleipnir-go-") + "/client"
    subprocess.run(["go", "build", "-o", out, "."], cwd=HERE / "go", check=True)
    return out


def jdbc(dialect, jar):
    return lambda address, tag: [java("17") + "java", "-Xmx256m", "-Dfile.encoding=UTF-8", "-cp", f"{SHARE / jar}:{classes()}", "Client", dialect, address, tag]


def python(library):
    return lambda address, tag: [str(SHARE / "venv/bin/python"), str(HERE / "client.py"), library, address, tag]


def node(library):
    return lambda address, tag: ["node", str(HERE / "js/client.js"), library, address, tag]


# name -> (dialect, command)
PROGRAMS = {
    "trino-jdbc-476": ("trino", jdbc("trino", "trino-jdbc-476.jar")),
    "trino-jdbc-484": ("trino", jdbc("trino", "trino-jdbc-484.jar")),
    "presto-jdbc-0.296": ("presto", jdbc("presto", "presto-jdbc-0.296.jar")),
    "python-trino": ("trino", python("trino")),
    "python-presto": ("presto", python("presto")),
    "pyhive-trino": ("trino", python("pyhive-trino")),
    "pyhive-presto": ("presto", python("pyhive-presto")),
    "go-trino": ("trino", lambda address, tag: [go_program(), address, tag]),
    "js-trino": ("trino", node("trino")),
    "js-presto": ("presto", node("presto")),
}
CLIS = {
    "trino-cli": ("trino", "25", "trino-cli-476-executable.jar"),
    "presto-cli": ("presto", "17", "presto-cli-0.287-executable.jar"),
}
DIALECT = {**{k: v[0] for k, v in PROGRAMS.items()}, **{k: v[0] for k, v in CLIS.items()}}

CLI_SCRIPTS = {
    "session": "USE tpch.sf1; SELECT count(*) c FROM customer; PREPARE p FROM SELECT ? x; EXECUTE p USING 1; SET SESSION query_max_run_time = '11m'; SELECT 2 y",
    "rows": "SELECT * FROM nation ORDER BY nationkey; SELECT * FROM region ORDER BY 1; SELECT name FROM nation WHERE nationkey < 0",
    "types": "SELECT true a, decimal '123.4500' b, 'häß' c, X'00ff' d, date '2024-02-29' e, timestamp '2024-02-29 01:02:03.456' f, ARRAY[1, null] g, MAP(ARRAY['k'], ARRAY[1]) h, double '1' i, null j",
    "error": "SELECT nope",
    "transaction": "START TRANSACTION; SELECT 1 x; COMMIT",
}


def normal(text, address, tag):
    text = re.sub(r"\d{8}_\d{6}_\d{5}_\w{5}", "ID", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b(?<!12151fd2-7586-11e9-8f9e-2a86e4085a59)", "UUID", text)
    return text.replace(tag, "TAG").replace(address, "ADDRESS")


def run(client, url):
    address = url.split("//")[1]
    return run_cli(client, address) if client in CLIS else run_program(client, address)


def run_program(client, address, scenarios=()):
    """All scenarios, or those named."""
    tag = "z" + uuid.uuid4().hex[:10]
    env = {**os.environ, "NODE_PATH": str(SHARE / "js/node_modules"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*PROGRAMS[client][1](address, tag), *scenarios], capture_output=True, timeout=LIMIT, env=env)
    out = done.stdout.decode()
    assert done.returncode == 0 and out, f"{client} failed ({done.returncode}):\n{out[-1000:]}\n{done.stderr.decode()[-3000:]}"
    steps = {}
    for line in normal(out, address, tag).splitlines():
        entry = json.loads(line)
        name, n = entry["step"], 2
        while name in steps:                    # a statement may come twice
            name, n = f"{entry['step']} #{n}", n + 1
        steps[name] = entry["outcome"]
    return steps


def cli(client, address):
    _, version, jar = CLIS[client]
    return [java(version) + "java", "-Xmx256m", "-jar", str(SHARE / jar), "--server", f"http://{address}", "--user", "alice",
            "--catalog", "tpch", "--schema", "tiny", "--output-format", "JSON"]


NOISE = re.compile(r"WARNING|org\.jline|^\s*$")


def run_cli(client, address):
    steps = {}
    for name, script in CLI_SCRIPTS.items():
        done = subprocess.run(cli(client, address) + ["--execute", script], capture_output=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
        lines = [x for x in normal((done.stdout + done.stderr).decode(), address, "\0").splitlines() if not NOISE.search(x)]
        steps[name] = {"code": done.returncode, "lines": lines}
    steps["interactive"] = interactive_cli(client, address)
    steps["cancel"] = cancel_cli(client, address)
    return steps


INTERACTIVE = ["USE tpch.sf1;", "SELECT count(*) c FROM customer;", "SELECT nope;", "SET SESSION query_max_run_time = '11m';", "SHOW SESSION LIKE 'query_max_run_time';",
               "SELECT * FROM region ORDER BY 1;", "START TRANSACTION;", "SELECT 1 x;", "ROLLBACK;", "PREPARE p FROM SELECT ? y;", "EXECUTE p USING 3;", "SELECT ARRAY[1, null] a;"]
PROMPT = re.compile(rb"(trino|presto)(:[\w.]+)?> ?$")
CONTROLS = re.compile(r"\x1b[\[(][0-9;?]*[A-Za-z]|\x1b[=>]|[\x00-\x08\x0b-\x1f]")
# Progress, times and counts of splits differ from run to run.
PROGRESS = re.compile(r"Query ID(,| \[)|STAGES  |^\s*\d+\.+[A-Z] |Splits:|Latency:|\d+:\d\d \[|\d\.\d\d \[|^\(?press|^:$|^\s*$")


def interactive_cli(client, address):
    """What a person at a terminal reads after each statement."""
    master, slave = pty.openpty()
    process = subprocess.Popen(cli(client, address), stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               env={**os.environ, "TERM": "dumb", "TRINO_PAGER": "", "PRESTO_PAGER": ""})
    os.close(slave)

    def read():
        """Up to the next prompt."""
        text, end = b"", time.monotonic() + LIMIT
        while not PROMPT.search(CONTROLS.sub("", text.decode(errors="replace").split("\n")[-1]).encode()):
            assert time.monotonic() < end and process.poll() is None, f"no prompt of {client}: {text[-2000:]}"
            if select.select([master], [], [], 0.5)[0]:
                text += os.read(master, 65536)
        return CONTROLS.sub("", re.sub(r"\r\r*", "\n", text.decode()))
    try:
        read()
        said = {}
        for statement in INTERACTIVE:
            os.write(master, statement.encode() + b"\n")
            lines = normal(read(), address, "\0").split("\n")
            said[statement] = [x for x in lines[:-1] if not PROGRESS.search(x) and statement not in x] + [lines[-1][lines[-1].find(":"):]]
        return said
    finally:
        process.kill()
        process.wait()
        os.close(master)


def cancel_cli(client, address):
    """Ctrl-C in the middle of a long statement ends the client and the statement."""
    marker = "m" + uuid.uuid4().hex
    dialect = DIALECT[client]
    process = subprocess.Popen(cli(client, address) + ["--execute", f"SELECT count(*), sum(length(comment)) AS {marker} FROM tpch.sf100.lineitem"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def state():
        listed = harness.request("GET", f"http://{address}/v1/query", harness.user_headers(dialect)).json()
        return next((q["state"] for q in listed if marker in q["query"]), None)
    try:
        harness.eventually(lambda: state() == "RUNNING", "the statement runs")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
        harness.eventually(lambda: state() == "FAILED", "the statement is cancelled")
    finally:
        process.kill()
        process.wait()
    return "ended"
