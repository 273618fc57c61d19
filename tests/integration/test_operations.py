# SPDX-License-Identifier: Apache-2.0
"""What operators see and do: metrics, draining, reload, the end of the process, Redis as they run it, systemd."""
import json
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics

from harness import DIRECT, KEY, PATIENCE, ROOT, Redis, Statement, backends, binary, eventually, free_port, reachable, request, user_headers

pytestmark = pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")
OTHER_KEY = "ff" * 32


def script(**what):
    return "SELECT 1 /*fake " + json.dumps(what) + "*/"


def run_one(g, **what):
    s = Statement(g.url, script(**{"pages": 1, **what})).run()
    assert not s.error, s.error
    return s


def reload(g, **changes):
    """The new configuration is in force when this returns."""
    g.config.update(changes)
    g.write()
    before = g.log.count("reloaded ")
    g.signal(signal.SIGHUP)
    eventually(lambda: g.log.count("reloaded ") > before, "the reload")


# --- metrics ---------------------------------------------------------------------------------


def families(g, accept, parse):
    answer = request("GET", g.admin_url + "/metrics", [("Accept", accept)])
    assert answer.status == 200
    return answer.get("Content-Type"), {f.name: f for f in parse(answer.text)}


def test_metrics_parse_and_are_complete(fake, own_gateway, redis):
    a, b = fake("trino"), fake("presto")
    config = backends(a=("trino", a.url), b=("presto", b.url))
    config["routing"]["groups"]["only-b"] = {"members": ["b"]}
    g = own_gateway({**config, "state": {"kind": "redis", "url": redis.url}, "tickets": {"keys": [KEY]}})
    eventually(lambda: reachable(g) == 1, "Redis is reachable")
    for _ in range(3):
        run_one(g)
    for _ in range(2):
        Statement(g.url, script(pages=1), headers=[("X-Trino-Routing-Group", "only-b")]).run()
    Statement(g.url, script(pages=1), headers=[("X-Trino-Routing-Group", "a")]).run()
    assert request("GET", g.url + "/v1/statement/executing/20260101_000000_00000_aaaaa/forged/1").status == 404
    kind, text = families(g, "text/plain", prometheus.text_string_to_metric_families)
    assert kind.startswith("text/plain; version=0.0.4")
    kind, modern = families(g, "application/openmetrics-text; version=1.0.0", openmetrics.text_string_to_metric_families)
    assert kind.startswith("application/openmetrics-text")

    def samples(found):
        return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in found.values() for s in f.samples}
    for found in (text, modern):
        assert all(f.documentation for f in found.values() if not f.name.endswith("_created"))
        values = samples(found)
        names = {name for name, _ in values}
        for backend in "ab":
            for name in ("submitted_total", "refused_total", "polls_total", "bytes_total", "outstanding", "state", "probes_total",
                         "statement_seconds_count", "connects_total"):
                assert (f"sleipnir_backend_{name}", (("backend", backend),)) in values, name
            for use in ("active", "idle"):
                assert ("sleipnir_backend_connections", (("backend", backend), ("use", use))) in values
        assert values["sleipnir_group_statements_total", (("group", "all"),)] == 3
        assert values["sleipnir_group_statements_total", (("group", "only-b"),)] == 2
        assert values["sleipnir_backend_statement_seconds_count", (("backend", "b"),)] >= 2
        assert values["sleipnir_tickets_refused_total", ()] == 1
        assert values["sleipnir_state_reachable", ()] == 1
        assert [labels for name, labels in values if name == "sleipnir_build_info" and {"version", "revision"} <= dict(labels).keys()]
        assert {dict(labels)["loop"] for name, labels in values if name == "sleipnir_loop_lag_seconds"} == {"0", "1"}
        assert {"sleipnir_poll_seconds_bucket", "sleipnir_submit_seconds_bucket", "sleipnir_uptime_seconds"} <= names
        assert [n for n in names if n.startswith("sleipnir_history") and "queue" in n], "the history's queue"
        assert values["sleipnir_backend_connections", (("backend", "a"), ("use", "idle"))] >= 1
    held = Statement(g.url, script(pages=1, wait=2), headers=[("X-Trino-Routing-Group", "a")])
    thread = threading.Thread(target=held.run)
    thread.start()
    eventually(lambda: g.metrics()['sleipnir_backend_connections{backend="a",use="active"}'] == 1, "the held poll's connection")
    thread.join()


# --- draining and reload ---------------------------------------------------------------------


def test_drain_and_resume_by_the_admin_listener(fake, own_gateway):
    a, b = fake("trino"), fake("trino")
    g = own_gateway(backends(a=("trino", a.url), b=("trino", b.url)))
    running = Statement(g.url, script(pages=3), headers=[("X-Trino-Routing-Group", "a")])
    assert request("GET", g.admin_url + "/v1/backends/a/drain").status == 405
    assert request("POST", g.admin_url + "/v1/backends/c/drain").status == 404
    assert request("POST", g.admin_url + "/v1/backends/a/stop").status == 404
    assert request("POST", g.admin_url + "/v1/backends/a/drain").status == 200

    def shown():
        return {x["name"]: x["state"] for x in request("GET", g.admin_url + "/v1/backends").json()["backends"]}
    eventually(lambda: shown() == {"a": "draining", "b": "up"}, "it shows")
    assert all(run_one(g).id in b.statements for _ in range(6))
    assert len(running.run().rows) == 3
    assert request("POST", g.admin_url + "/v1/backends/b/drain").status == 200
    assert request("GET", g.admin_url + "/readyz").status == 503
    assert Statement(g.url, script(pages=1)).error["errorName"] == "NO_NODES_AVAILABLE"
    assert request("POST", g.admin_url + "/v1/backends/a/resume").status == 200
    assert shown()["a"] == "up" and run_one(g).id in a.statements
    assert request("GET", g.admin_url + "/readyz").status == 200


def test_reload_lets_a_removed_backend_finish(fake, own_gateway):
    a, b = fake("trino"), fake("trino")
    g = own_gateway(backends(a=("trino", a.url)))
    g.fix_ports()
    running = Statement(g.url, script(pages=5))
    running.poll()
    reload(g, **backends(a=("trino", a.url), b=("trino", b.url)))
    assert run_one(g).id in b.statements, "the added one, for it has less to do"
    reload(g, **backends(b=("trino", b.url)))
    assert all(run_one(g).id in b.statements for _ in range(5))
    assert Statement(g.url, script(pages=1), headers=[("X-Trino-Routing-Group", "a")]).error, "its name is no hint any more"
    assert len(running.run().rows) == 5
    assert request("GET", g.url + "/v1/query/" + running.id, user_headers("trino")).status == 200
    g.check()


def test_reload_changes_a_url(fake, own_gateway):
    a, b = fake("trino"), fake("trino")
    g = own_gateway(backends(a=("trino", a.url)))
    g.fix_ports()
    running = [Statement(g.url, script(pages=5)) for _ in range(3)]
    for s in running:
        s.poll()
    reload(g, **backends(a=("trino", b.url)))
    assert all(run_one(g).id in b.statements for _ in range(5)), "new statements go to the new address"
    for s in running:
        assert len(s.run().rows) == 5, "begun ones end where they began"
    moved = Statement(g.url, script(pages=5))
    moved.poll()
    c = fake("trino")
    c.statements = b.statements                 # the same cluster at another address
    reload(g, **backends(a=("trino", c.url)))
    b.stop_listening()
    assert len(moved.run().rows) == 5, "an old address that is gone is not waited for"
    g.check()


def test_bad_file_keeps_the_old_configuration(fake, own_gateway):
    a = fake("trino")
    g = own_gateway(backends(a=("trino", a.url)))
    good = g.file.read_text()
    for text, where in (("backends: [broken\n", r":\d+:\d+: "), ("backends:\n  a: {engine: trino, url: 'http://127.0.0.1:1'}\n  b: {engine: oracle}\n", r":3:15: "),
                        ("nonsense: 1\n", r":1:1: ")):
        before = len(g.log)
        g.file.write_text(text)
        g.signal(signal.SIGHUP)
        eventually(lambda: "old configuration stays" in g.log[before:], "the refusal")
        assert re.search(re.escape(g.file.name) + where, g.log[before:]), g.log[before:]
        assert run_one(g).id in a.statements
        done = subprocess.run([binary(), "check", "-c", g.file], capture_output=True, text=True)
        assert done.returncode == 1 and re.search(where, done.stderr), done
    g.file.write_text(good)
    done = subprocess.run([binary(), "check", "-c", g.file], capture_output=True, text=True)
    assert done.returncode == 0 and "1 backends" in done.stdout, done
    g.file.unlink()
    g.signal(signal.SIGHUP)
    eventually(lambda: g.log.count("old configuration stays") == 4, "no file at all")
    run_one(g)
    g.check()


def test_restart_settings_are_named(fake, own_gateway):
    g = own_gateway(backends(a=("trino", fake("trino").url)))
    g.fix_ports()
    reload(g, threads=1, log={"format": "json"})
    assert re.search(r"need a restart: threads\b", g.log)
    assert json.loads(g.log.strip().splitlines()[-1]), "the log's format changes at once"


def test_ticket_keys_rotate_by_reload(fake, own_gateway):
    a = fake("trino")
    g = own_gateway({**backends(a=("trino", a.url)), "tickets": {"keys": [KEY]}})
    g.fix_ports()
    old = Statement(g.url, script(pages=6))
    reload(g, tickets={"keys": [KEY, OTHER_KEY]})
    old.poll()
    reload(g, tickets={"keys": [OTHER_KEY, KEY]})
    old.poll()                                  # sealed with the first key, its answer with the second
    stale = Statement(g.url, script(pages=1))
    reload(g, tickets={"keys": [OTHER_KEY]})
    assert len(old.run().rows) == 6
    assert len(stale.run().rows) == 1
    reload(g, tickets={"keys": [KEY]})
    gone = Statement(g.url, script(pages=1))
    reload(g, tickets={"keys": [OTHER_KEY]})
    assert request("GET", gone.next, user_headers("trino")).status == 404


# --- the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("deadline", [False, True])
def test_sigterm(fake, own_gateway, deadline):
    a = fake("trino")
    g = own_gateway({**backends(a=("trino", a.url)), "statements": {"drain_timeout": "1s" if deadline else "60s"},
                     "tickets": {"keys": [KEY]}})
    g.fix_ports()
    s = Statement(g.url, script(pages=4, rows=2))
    s.poll()
    g.signal(signal.SIGTERM)
    eventually(lambda: request("GET", g.admin_url + "/readyz").status == 503, "not ready")
    answer = request("POST", g.url + "/v1/statement", user_headers("trino"), script(pages=1))
    assert answer.status == 503 and len(a.posts()) == 1
    if deadline:
        begin = time.monotonic()
        assert g.process.wait(PATIENCE) == 0 and 0.3 < time.monotonic() - begin < 10
        g.start()
        s.run(g.url)
    else:
        while s.next:
            s.poll()
        assert g.process.wait(PATIENCE) == 0, "it ends when its last statement did"
    assert len(s.rows) == 8


def test_notifies_the_service_manager(fake, own_gateway, tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(PATIENCE)
        g = own_gateway(backends(a=("trino", fake("trino").url)), env={"NOTIFY_SOCKET": str(path)})
        assert manager.recv(1000) == b"READY=1"
        g.fix_ports()
        reload(g)
        reloading = manager.recv(1000).decode()
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", reloading), reloading
        assert abs(int(reloading.split("=")[-1]) - time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000) < 60e6
        assert manager.recv(1000) == b"READY=1"
        g.signal(signal.SIGTERM)
        assert manager.recv(1000) == b"STOPPING=1"
        assert g.process.wait(PATIENCE) == 0


def test_config_reference_is_the_documentation():
    done = subprocess.run([binary(), "--print-config-reference"], capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs/configuration.md").read_text()


# --- Redis as operators run it ---------------------------------------------------------------


def with_redis(own_gateway, fake, url):
    a = fake("trino")
    g = own_gateway({**backends(a=("trino", a.url)), "state": {"kind": "redis", "url": url}, "tickets": {"keys": [KEY]}})
    eventually(lambda: reachable(g) == 1, "Redis is reachable")
    return g


def test_acl_user_and_database(fake, own_gateway, redis):
    redis.cli("acl", "setuser", "gate", "on", ">p@ss/w:rd", "~sleipnir:*", "+@all", "-@dangerous", "-@admin", "+role")
    redis.cli("acl", "setuser", "default", "on", "nopass", "resetkeys", "~*", "+@all")
    g = with_redis(own_gateway, fake, f"redis://gate:p%40ss%2Fw%3Ard@127.0.0.1:{redis.port}/7")
    s = run_one(g)
    eventually(lambda: redis.cli("-n", "7", "exists", "sleipnir:q:" + s.id) == "1", "the entry in database 7")
    assert redis.cli("-n", "0", "dbsize") == "0"
    assert 0 < int(redis.cli("-n", "7", "ttl", "sleipnir:q:" + s.id)) <= 24 * 3600
    assert "gate" in redis.cli("client", "list")
    assert "p@ss" not in g.log and "p%40ss" not in g.log
    redis.cli("acl", "setuser", "gate", "off")
    redis.cli("client", "kill", "user", "gate")
    eventually(lambda: reachable(g) == 0, "a user that is locked out is noticed")
    assert request("GET", g.admin_url + "/healthz").json()["state"]["reason"]
    run_one(g)
    redis.cli("acl", "setuser", "gate", "on")
    eventually(lambda: reachable(g) == 1, "and let in again")


def test_sentinel_follows_the_master(fake, own_gateway, tmp_path):
    folders = [tmp_path / n for n in ("first", "second", "sentinel")]
    for folder in folders:
        folder.mkdir()
    servers = [Redis(folders[0])]
    sentinel = None
    try:
        servers.append(Redis(folders[1], "--replicaof", "127.0.0.1", str(servers[0].port)))
        port = free_port()
        (folders[2] / "sentinel.conf").write_text(
            f"port {port}\nbind 127.0.0.1\ndir {folders[2]}\nsentinel monitor main 127.0.0.1 {servers[0].port} 1\n"
            "sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n")
        sentinel = subprocess.Popen(["redis-server", str(folders[2] / "sentinel.conf"), "--sentinel"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        g = with_redis(own_gateway, fake, f"redis+sentinel://127.0.0.1:{port}/main/0")
        s = run_one(g)
        eventually(lambda: servers[1].cli("exists", "sleipnir:q:" + s.id) == "1", "replicated")
        servers[0].stop()
        eventually(lambda: "role:master" in servers[1].cli("info", "replication"), "Sentinel's fail-over")
        eventually(lambda: reachable(g) == 1, "the new master is found")

        def written():
            return servers[1].cli("exists", "sleipnir:q:" + run_one(g).id) == "1"
        eventually(written, "entries go to the new master")
        g.check()
    finally:
        if sentinel:
            sentinel.terminate()
            sentinel.wait(PATIENCE)
        for server in servers:
            server.stop()
