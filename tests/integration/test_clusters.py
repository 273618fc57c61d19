# SPDX-License-Identifier: Apache-2.0
"""Real clusters: what the gateway asks and tells them on its own account.

Whose query is it, has its client gone, is the cluster there: questions that a scripted cluster answers as its author
believes real ones do. Here Trino and Presto answer them.
"""
import json
import os
import subprocess
import time

import pytest

import harness
from harness import KEY, Statement, backends, eventually, request, user_headers

pytestmark = pytest.mark.jvm

DIALECTS = ["trino", "presto"]
LONG = "SELECT count(*), sum(length(comment)) FROM tpch.sf100.lineitem"


def info(url, query, dialect):
    """QueryInfo at the cluster itself, or None."""
    answer = request("GET", f"{url}/v1/query/{query}", user_headers(dialect))
    return answer.json() if answer.status == 200 else None


def ended(url, query, dialect):
    """(state, error name) of a query once it is over, else None."""
    seen = info(url, query, dialect)
    return seen and seen["state"] in ("FINISHED", "FAILED") and (seen["state"], (seen.get("errorCode") or {}).get("name"))


def running(url, dialect, sql=LONG, headers=()):
    """A long statement that has come as far as RUNNING."""
    s = Statement(url, sql, dialect, headers)
    while s.pages[-1]["stats"]["state"] != "RUNNING":
        assert s.next, s.pages[-1]
        s.poll()
    return s


def delete(s, url):
    request("DELETE", f"{url}/v1/query/{s.id}", user_headers(s.dialect))


def hint(dialect, backend):
    return [({"trino": "X-Trino-", "presto": "X-Presto-"}[dialect] + "Extra-Credential", f"routing={backend}")]


# --- whose query -----------------------------------------------------------------------------


@pytest.fixture
def two(peers, own_gateway):
    return own_gateway(backends(a=("trino", peers["trino"].url), b=("trino", peers["trino2"].url)))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_kill_query_reaches_the_owner(peers, two, dialect):
    """Killed by a statement that may arrive anywhere; the other cluster's query lives on."""
    owners = {"a": peers["trino"].url, "b": peers["trino2"].url}
    statements = {name: running(two.url, dialect, headers=hint(dialect, name)) for name in owners}
    try:
        for name, url in owners.items():
            assert info(url, statements[name].id, "trino"), "the hint was followed"
        for name, other in (("a", "b"), ("b", "a")):
            killed = Statement(two.url, f"CALL system.runtime.kill_query('{statements[name].id}', 'by a test')", dialect).run()
            assert not killed.error, killed.error
            statements[name].run()
            assert statements[name].error["errorName"] == "ADMINISTRATIVELY_KILLED"
            assert "by a test" in statements[name].error["message"]
            if other == "b":
                assert info(owners[other], statements[other].id, "trino")["state"] == "RUNNING"
    finally:
        for name, s in statements.items():
            delete(s, owners[name])


def test_kill_query_of_nobody(two):
    """Unknown everywhere: a cluster says so in its own words."""
    s = Statement(two.url, "CALL system.runtime.kill_query('20200101_000000_00001_aaaaa', 'x')").run()
    assert s.error["errorName"] == "NOT_FOUND"


def test_query_info_and_page_come_from_the_owner(peers, two):
    for name, url in (("a", peers["trino"].url), ("b", peers["trino2"].url)):
        s = Statement(two.url, f"SELECT 1 AS of_{name}", headers=hint("trino", name)).run()
        assert s.rows == [[1]]
        through = request("GET", f"{two.url}/v1/query/{s.id}", user_headers("trino")).json()
        assert through["queryId"] == s.id and through["query"] == f"SELECT 1 AS of_{name}"
        assert peers["trino"].url not in json.dumps(through) and peers["trino2"].url not in json.dumps(through)
        page, direct = (request("GET", f"{base}/ui/query.html?{s.id}") for base in (two.url, url))
        assert (page.status, page.body) == (direct.status, direct.body)
    assert request("GET", f"{two.url}/v1/query/20200101_000000_00001_aaaaa", user_headers("trino")).status in (404, 410)


def test_query_list_holds_all_clusters(peers, two):
    ids = {Statement(two.url, "SELECT 1", headers=hint("trino", n)).run().id for n in "ab"}
    assert ids <= {q["queryId"] for q in request("GET", two.url + "/v1/query", user_headers("trino")).json()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_query_deleted_through_the_gateway(peers, gateway, dialect):
    url = peers[dialect].url
    g = gateway(backends(a=(dialect, url)))
    s = running(g.url, dialect)
    assert request("DELETE", f"{g.url}/v1/query/{s.id}", user_headers(dialect)).status == 204
    assert eventually(lambda: ended(url, s.id, dialect), "the query ends") == ("FAILED", "USER_CANCELED")


# --- clients that have gone ------------------------------------------------------------------


@pytest.mark.no_gateway
@pytest.mark.parametrize("dialect", DIALECTS)
def test_looking_at_a_query_is_no_heartbeat(peers, dialect):
    """The gateway asks for QueryInfo to learn whether another instance has a client: that must not count as one."""
    url = peers[dialect].url
    s = running(url, dialect)
    try:
        first = info(url, s.id, dialect)["queryStats"]["lastHeartbeat"]
        time.sleep(1.1)
        info(url, s.id, dialect)
        assert info(url, s.id, dialect)["queryStats"]["lastHeartbeat"] == first
        s.poll()
        assert info(url, s.id, dialect)["queryStats"]["lastHeartbeat"] > first, "a poll counts"
    finally:
        delete(s, url)


@pytest.mark.parametrize("keys", [[], [KEY]], ids=["alone", "with a key that others may have"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_abandoned_statement_is_cancelled(peers, own_gateway, dialect, keys):
    """Nobody asks: cancelled. Polled all the time, if slowly: left alone."""
    url = peers[dialect].url
    g = own_gateway({**backends(a=(dialect, url)), "statements": {"abandon_after": "3s"}, "tickets": {"keys": keys} if keys else {}})
    left, polled = running(g.url, dialect), running(g.url, dialect)
    try:
        end = time.monotonic() + harness.PATIENCE
        while not ended(url, left.id, dialect):
            assert time.monotonic() < end, "the statement that nobody polls is cancelled"
            polled.poll()
            time.sleep(0.5)
        assert ended(url, left.id, dialect) == ("FAILED", "USER_CANCELED")
        assert info(url, polled.id, dialect)["state"] == "RUNNING"
    finally:
        delete(left, url)
        delete(polled, url)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_statement_polled_elsewhere_is_not_abandoned(peers, own_gateway, dialect):
    """Accepted by one instance, polled at another: the first one asks the cluster and lets go."""
    url = peers[dialect].url
    config = {**backends(a=(dialect, url)), "statements": {"abandon_after": "3s"}, "tickets": {"keys": [KEY]}}
    first, second = own_gateway(config), own_gateway(config)
    s = running(first.url, dialect)
    try:
        end = time.monotonic() + 8
        while time.monotonic() < end:
            s.poll(second.url)
            time.sleep(0.3)
        assert info(url, s.id, dialect)["state"] == "RUNNING"
        # Now both of them have not heard of the client for long.
        assert eventually(lambda: ended(url, s.id, dialect), "cancelled by the second one") == ("FAILED", "USER_CANCELED")
    finally:
        delete(s, url)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_closed_connection_alone_kills_nothing(peers, own_gateway, dialect):
    url = peers[dialect].url
    g = own_gateway({**backends(a=(dialect, url)), "statements": {"abandon_after": "1m"}})
    s = running(g.url, dialect)
    try:
        for _ in range(3):
            with harness.Connection(g.url) as c:
                c.send("GET", harness.path_of(s.next), user_headers(dialect))
                time.sleep(0.2)
        time.sleep(1)
        assert info(url, s.id, dialect)["state"] == "RUNNING"
        s.poll()
        assert request("DELETE", s.next, user_headers(dialect)).status == 204
        assert eventually(lambda: ended(url, s.id, dialect), "a DELETE does") == ("FAILED", "USER_CANCELED")
    finally:
        delete(s, url)


# --- clusters that come and go ---------------------------------------------------------------


def states(g):
    """{backend: state} as the gateway sees it."""
    return {b["name"]: b["state"] for b in request("GET", g.admin_url + "/v1/backends").json()["backends"]}


def queries(url):
    return request("GET", url + "/v1/query", user_headers("trino")).json()


def restart(kind, port):
    subprocess.run([str(harness.ROOT / "scripts/peers"), "start", kind, str(port)], check=True, capture_output=True,
                   env={**os.environ, "HEAP": "768m", "PEERS": str(harness.PEERS)})


def test_cluster_that_stops_and_comes_back(peers, own_gateway):
    """Statements go to the other one meanwhile, without a failure; then to both again."""
    own = harness.Peer("trino", "768m")
    try:
        health = {"interval": "200ms", "backoff_max": "1s", "down_after": 2, "statement": "SELECT 1"}
        config = backends(a=("trino", peers["trino"].url), b=("trino", own.url))
        for b in config["backends"].values():
            b["health"] = health
        config["routing"]["groups"]["all"]["balance"] = "round_robin"
        g = own_gateway(config)

        def answered(n=8):
            """The clusters on which n statements ran."""
            ids = set()
            for i in range(n):
                s = Statement(g.url, f"SELECT {i} AS n").run()
                assert s.rows == [[i]], s.error
                ids.add(s.id)
            urls = {name: url for name, url in (("a", peers["trino"].url), ("b", own.url)) if states(g)[name] == "up"}
            return {name for name, url in urls.items() if ids & {q["queryId"] for q in queries(url)}}

        eventually(lambda: states(g) == {"a": "up", "b": "up"}, "both run the probe's statement")
        assert answered() == {"a", "b"}
        assert "SELECT 1" in {q["query"] for q in queries(own.url)}
        own.stop()
        assert answered() == {"a"}              # refused connections: the next one, before health has noticed or after
        eventually(lambda: states(g) == {"a": "up", "b": "down"}, "the stopped one is down")
        assert answered() == {"a"}
        restart("trino", own.port)
        eventually(lambda: states(g) == {"a": "up", "b": "up"}, "it is used again")
        assert answered() == {"a", "b"}
        g.check()
    finally:
        own.stop()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_probe_statement_that_fails_takes_a_cluster_out(peers, own_gateway, dialect):
    config = backends(a=(dialect, peers[dialect].url), b=(dialect, peers[dialect].url))
    config["backends"]["b"]["health"] = {"interval": "200ms", "down_after": 1, "statement": "SELECT 1 / 0"}
    g = own_gateway(config)
    eventually(lambda: states(g) == {"a": "up", "b": "down"}, "SELECT 1 / 0 is no good answer")
