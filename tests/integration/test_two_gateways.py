# SPDX-License-Identifier: Apache-2.0
"""Two gateways, one of them killed, both restarted, Redis stopped: no statement is lost and none is run twice.

Many small statements run several at a time; each poll goes to either gateway by chance. Each statement carries a
marker of its own, so that the clusters can say how often it was submitted. SLEIPNIR_STATEMENTS sets how many
(1000); the scripted clusters of the quick set take 300.
"""
import collections
import concurrent.futures
import json
import os
import random
import re
import threading
import time
import uuid

import pytest

from harness import DIRECT, KEY, PATIENCE, Broken, Statement, backends, eventually, path_of, reachable, request, user_headers

STATEMENTS = int(os.environ.get("SLEIPNIR_STATEMENTS", "1000"))
MARKER = re.compile("mark[0-9a-f]{32}")
pytestmark = pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")


class Work:
    """A kind of statement: its SQL, what it must return, and how often a cluster was given it."""

    def __init__(self, clusters):
        self.clusters = clusters        # name -> Fake or real cluster

    def sql(self, marker, i):
        return f"SELECT 1 /*{marker}*/ /*fake " + json.dumps({"pages": 1 + i % 4, "rows": 5, "queued": i % 2, "wait": (i % 5) / 100}) + "*/"

    def expect(self, i):
        return sorted([n, f"r{n}".ljust(5, "x")] for n in range(5 * (1 + i % 4)))

    def submissions(self):
        return [r.text for f in self.clusters.values() for r in f.posts()]


class RealWork(Work):
    def sql(self, marker, i):
        return f"SELECT n, 'r' || CAST(n * {i} AS varchar) AS s FROM UNNEST(sequence(1, {500 + i % 7 * 500})) AS t(n) WHERE '{marker}' <> ''"

    def expect(self, i):
        return [[n, f"r{n * i}"] for n in range(1, 501 + i % 7 * 500)]

    def submissions(self):
        """What the clusters themselves remember: each statement of the last 15 minutes (query.min-expire-age)."""
        sent = []
        for peer in self.clusters.values():
            asked = Statement(peer.url, "SELECT query FROM system.runtime.queries", peer.engine).run()
            assert not asked.error, asked.error
            sent += [row[0] for row in asked.rows]
        assert sent, "the clusters know of no statement"
        return sent


class Pair:
    """Two gateways that a client may use in turn."""

    def __init__(self, make, config):
        self.gateways = [make(json.loads(json.dumps(config)) | {"instance": name}) for name in ("one", "two")]
        for g in self.gateways:
            g.fix_ports()
        self.random = random.Random(42)

    def exchange(self, method, path, headers, body=b""):
        """As a client behind a balancer: another try when a gateway is away. (answer, sure): sure is False when
        the connection broke after the request was sent, so that nobody knows."""
        end = time.monotonic() + PATIENCE * 2
        while time.monotonic() < end:
            g = self.random.choice(self.gateways)
            try:
                answer = request(method, g.url + path, headers, body)
            except ConnectionRefusedError:
                time.sleep(0.05)
                continue
            except (Broken, OSError):
                if method == "POST":
                    return None
                time.sleep(0.05)
                continue
            if method == "POST" and answer.status == 503:       # it drains
                time.sleep(0.05)
                continue
            return answer
        raise AssertionError("no gateway answers")

    def run(self, sql, client):
        """(rows, error) or None when the POST was cut."""
        answer = self.exchange("POST", "/v1/statement", user_headers(client), sql)
        if answer is None:
            return None
        s = Statement("", "", client, post=False)
        s.take(answer)
        while s.next:
            s.take(self.exchange("GET", path_of(s.next), user_headers(client)))
        return s.rows, s.error


def storm(pair, work, clients, count, events):
    """Runs `count` statements, 8 at a time; events[share of the way] = what happens then."""
    done, lock, problems, given, cut = [0], threading.Lock(), [], [], []
    upcoming = sorted(events.items())

    def one(i):
        if problems:
            return
        client = clients[i % len(clients)]
        try:
            while True:
                marker = "mark" + uuid.uuid4().hex
                result = pair.run(work.sql(marker, i), client)
                if result is not None:
                    break
                cut.append(marker)
            rows, error = result
            given.append(marker)
            assert not error, error
            assert sorted(rows) == work.expect(i), f"statement {i}: {len(rows)} rows instead of {len(work.expect(i))}"
        except Exception as problem:
            problems.append((i, problem))
        with lock:
            done[0] += 1

    def watch():
        for share, act in upcoming:
            while done[0] < count * share and not problems:
                time.sleep(0.01)
            if problems:
                return
            try:
                act()
            except Exception as problem:
                problems.append((f"event at {share}", problem))
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))
    watcher.join()
    assert not problems, f"{len(problems)} problems, first {problems[0]!r}"
    assert len(given) == count
    times = collections.Counter(m for text in work.submissions() for m in MARKER.findall(text))
    other = {m: times[m] for m in given if times[m] != 1}
    assert not other, f"{len(other)} statements were not submitted once: {list(other.items())[:3]}"
    return cut


def kill_and_restart(g):
    g.kill()
    time.sleep(0.3)
    g.start()


def restart(g):
    g.stop()
    g.start()


CHAOS = lambda pair: {0.2: lambda: kill_and_restart(pair.gateways[0]), 0.4: lambda: restart(pair.gateways[1]),
                      0.6: lambda: restart(pair.gateways[0]), 0.8: lambda: kill_and_restart(pair.gateways[1])}


def config_of(clusters, state):
    return {**backends(**clusters), "tickets": {"keys": [KEY]}, "state": state, "statements": {"drain_timeout": "5s"}}


def state_of(kind, request_fixture):
    return {"kind": "memory"} if kind == "memory" else {"kind": "redis", "url": request_fixture.getfixturevalue("redis").url}


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_kills_and_restarts(fake, own_gateway, request, kind):
    a, b = fake("trino"), fake("presto")
    pair = Pair(own_gateway, config_of({"a": ("trino", a.url), "b": ("presto", b.url)}, state_of(kind, request)))
    storm(pair, Work({"a": a, "b": b}), ["trino", "presto"], min(STATEMENTS, 300), CHAOS(pair))
    for g in pair.gateways:
        g.check()


@pytest.mark.jvm
@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_kills_and_restarts_before_real_clusters(peers, own_gateway, request, kind):
    clusters = {name: (p.engine, p.url) for name, p in peers.items()}
    pair = Pair(own_gateway, config_of(clusters, state_of(kind, request)))
    storm(pair, RealWork(peers), ["trino", "presto"], STATEMENTS, CHAOS(pair))
    for g in pair.gateways:
        g.check()


def test_redis_stops_in_mid_run(fake, own_gateway, redis):
    a = fake("trino")
    pair = Pair(own_gateway, config_of({"a": ("trino", a.url)}, {"kind": "redis", "url": redis.url}))
    for g in pair.gateways:
        eventually(lambda: reachable(g) == 1, "Redis is reachable")
    running = [Statement(g.url, 'SELECT 1 /*fake {"pages": 6, "rows": 2}*/') for g in pair.gateways for _ in range(5)]
    for s in running:
        s.poll(), s.poll()
    redis.stop()
    count = min(STATEMENTS, 100)
    storm(pair, Work({"a": a}), ["trino"], count, {})
    for s in running:
        s.run(lambda: pair.random.choice(pair.gateways).url)
        assert len(s.rows) == 12
    for g in pair.gateways:
        eventually(lambda: reachable(g) == 0, "the metric says that Redis is away")
        health = request("GET", g.admin_url + "/healthz")
        assert health.status == 200 and "redis" in health.text.lower(), health
        assert request("GET", g.admin_url + "/readyz").status == 200
    redis.start()
    for g in pair.gateways:
        eventually(lambda: reachable(g) == 1, "it heals by itself")
    storm(pair, Work({"a": a}), ["trino"], count, {0.5: lambda: (redis.stop(), redis.start())})
    for g in pair.gateways:
        g.check()


def test_shared_knowledge(fake, own_gateway, redis):
    """What one instance accepted the other finds by id; nothing secret is stored."""
    a, b = fake("trino"), fake("trino")
    pair = Pair(own_gateway, config_of({"a": ("trino", a.url), "b": ("trino", b.url)}, {"kind": "redis", "url": redis.url}))
    one, two = pair.gateways
    for g in pair.gateways:
        eventually(lambda: reachable(g) == 1, "Redis is reachable")
    secret = [("X-Trino-Extra-Credential", "token=TOPSECRET"), ("Authorization", "Basic VE9QU0VDUkVU")]
    statements = [Statement(one.url, 'SELECT \'TOPSECRET\' /*fake {"forever": true, "wait": 0.05}*/', headers=secret) for _ in range(6)]
    for s in statements:
        owner = a if s.id in a.statements else b
        eventually(lambda: request("GET", two.url + "/v1/query/" + s.id, user_headers("trino")).status == 200, "found by the other instance")
        assert owner.seen("GET", "/v1/query/" + s.id)
    keys = [k for k in redis.cli("--scan").splitlines() if k]
    assert keys and all(k.startswith("sleipnir:") for k in keys), keys
    assert all(int(redis.cli("ttl", k).split()[-1]) > 0 for k in keys), "every key has a TTL"
    redis.cli("save")
    dump = (redis.folder / "dump.rdb").read_bytes()
    assert b"TOPSECRET" not in dump and b"VE9QU0VDUkVU" not in dump and b"SELECT" not in dump
    for i, s in enumerate(statements):
        if i % 2:
            assert request("DELETE", two.url + "/v1/query/" + s.id, user_headers("trino")).status == 204
            assert s.run(two.url).error["errorName"] == "USER_CANCELED"
        else:
            kill = Statement(two.url, f"CALL system.runtime.kill_query('{s.id}')").run()
            assert not kill.error, kill.error
            assert s.run(two.url).error["errorName"] == "ADMINISTRATIVELY_KILLED"
    started = Statement(one.url, "START TRANSACTION", headers=[("X-Trino-Transaction-Id", "NONE")]).run()
    id = next(v for answer in started.answers for v in answer.all("X-Trino-Started-Transaction-Id"))
    for g in (two, one, two):
        inside = Statement(g.url, "SELECT 1", headers=[("X-Trino-Transaction-Id", id)]).run()
        assert not inside.error, inside.error
    assert not Statement(two.url, "COMMIT", headers=[("X-Trino-Transaction-Id", id)]).run().error
