# SPDX-License-Identifier: Apache-2.0
"""The wire of the gateway, byte by byte, before scripted clusters: URIs, tickets, ids, cancel, hints, TLS, drain."""
import json
import re
import signal
import socket
import ssl
import threading
import time
import urllib.parse

import pytest

from fake_coordinator import KILL, Reply
from harness import (KEY, PATIENCE, Broken, Connection, Statement, backends, eventually, in_parallel, path_of, request,
                     user_headers)

DIALECTS = ["trino", "presto"]
TEXT = [("Content-Type", "text/plain; charset=utf-8")]


def page_of(answer):
    assert answer.status == 200, answer
    assert answer.get("Content-Type") == "application/json", answer
    return answer.json()


def script(**what):
    return "SELECT 1 /*fake " + json.dumps(what) + "*/"


def at(uri, offset=0):
    """The URI with one character of its ticket changed (counted from the end of the path)."""
    parts = urllib.parse.urlsplit(uri)
    path = list(parts.path)
    i = len(path) // 2 + offset
    path[i] = "A" if path[i] != "A" else "B"
    return urllib.parse.urlunsplit(parts._replace(path="".join(path)))


def without_uris(answer):
    """The page's bytes; a URI may be sealed anew each time."""
    assert answer.status == 200, answer
    return re.sub(rb'"(nextUri|partialCancelUri)":"[^"]*"', rb'"\1":"*"', answer.plain)


@pytest.fixture
def pair(fake, own_gateway):
    """One gateway, one cluster of the same dialect."""
    def make(engine="trino", **config):
        f = fake(engine)
        return f, own_gateway({**backends(a=(engine, f.url)), **config})
    return make


# --- one statement ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", DIALECTS)
def test_statement_to_its_end(pair, engine):
    f, g = pair(engine)
    s = Statement(g.url, script(pages=3, rows=50, queued=2), engine).run()
    assert s.rows == [[i, f"r{i}".ljust(5, "x")] for i in range(150)]
    assert s.id in f.statements, "a statement that goes straight to a cluster keeps the cluster's id"
    for page in s.pages:
        assert page["id"] == s.id
        for key in ("nextUri", "infoUri", "partialCancelUri"):
            assert page.get(key, g.url).startswith(g.url), page
        assert f.url not in json.dumps(page), "the cluster's address leaks"
    hosts = {urllib.parse.urlsplit(p[k]).netloc for p in s.pages for k in ("nextUri", "infoUri") if k in p}
    assert len(hosts) == 1, "presto-jdbc validateNextUriSource wants one host"
    assert len(f.posts()) == 1
    g.check()


@pytest.mark.parametrize("client", DIALECTS)
@pytest.mark.parametrize("cluster", DIALECTS)
def test_every_dialect_pair(fake, own_gateway, client, cluster):
    f = fake(cluster)
    g = own_gateway(backends(a=(cluster, f.url)))
    s = Statement(g.url, script(pages=2, rows=20), client).run()
    assert s.rows == [[i, f"r{i}".ljust(5, "x")] for i in range(40)]
    assert [c["name"] for c in s.columns] == ["n", "s"]
    kinds = {a["kind"] for c in s.columns for a in c["typeSignature"]["arguments"]}
    assert kinds <= ({"LONG"} if client == "trino" else {"LONG_LITERAL"})
    post = f.posts()[0]
    assert post.get(f.prefix + "User") == "alice"
    other = "X-Presto-" if cluster == "trino" else "X-Trino-"
    assert not [k for k, _ in post.headers if k.lower().startswith(other.lower())], post


@pytest.mark.parametrize("engine", DIALECTS)
def test_headers_and_sql_reach_the_cluster_unchanged(pair, engine):
    f, g = pair(engine)
    p = f.prefix
    sent = [(p + "User", "alice"), (p + "Source", "test"), (p + "Catalog", "tpch"), (p + "Schema", "tiny"), (p + "Time-Zone", "Europe/Berlin"),
            (p + "Session", "a=b%2Cc"), (p + "Session", "d.e=1"), (p + "Client-Tags", "x,y"), (p + "Client-Info", "some info"),
            (p + "Transaction-Id", "NONE"), (p + "Extra-Credential", "token=abc"), (p + "Role", "tpch=ROLE%7Badmin%7D"),
            ("User-Agent", "test/1"), ("Authorization", "Basic YWxpY2U6"), ("X-Env", "kept"), ("Content-Type", "text/plain; charset=utf-8")]
    sql = "SELECT 'häß 😀 \\ \"q\" \n' -- no end"
    page_of(request("POST", g.url + "/v1/statement", sent, sql.encode()))
    post = f.posts()[0]
    assert post.text == sql
    assert not [h for h in sent if h not in post.headers], post.headers


def test_empty_sql_and_missing_user_are_the_clusters_answers(pair):
    f, g = pair("trino")
    assert request("POST", g.url + "/v1/statement", user_headers("trino"), b"").status == 400
    answer = request("POST", g.url + "/v1/statement", [("X-Trino-Source", "x")], b"SELECT 1")
    assert answer.status == 401, answer


def test_both_dialects_in_one_request_are_refused(pair):
    f, g = pair()
    answer = request("POST", g.url + "/v1/statement", user_headers("trino") + user_headers("presto"), b"SELECT 1")
    assert answer.status == 400 and not f.posts(), answer


# --- tokens and tickets ----------------------------------------------------------------------


@pytest.mark.parametrize("client,cluster", [("trino", "trino"), ("presto", "presto"), ("presto", "trino"), ("trino", "presto")])
def test_same_uri_twice_is_the_same_page_and_older_pages_are_gone(fake, own_gateway, client, cluster):
    f = fake(cluster)
    g = own_gateway(backends(a=(cluster, f.url)))
    s = Statement(g.url, script(pages=3, rows=5), client)
    uris = []
    while s.next:
        uri = s.next
        uris.append(uri)
        first = request("GET", uri, user_headers(client))
        again = request("GET", uri, user_headers(client))
        assert without_uris(first) == without_uris(again)
        s.take(first)
    assert len(s.rows) == 15
    for uri in uris[:-2]:
        assert request("GET", uri, user_headers(client)).status == 410
    assert without_uris(request("GET", uris[-1], user_headers(client))) == without_uris(s.answers[-1]), "the last page stays"
    assert len(f.posts()) == 1


def test_forged_ticket_is_404_and_reaches_no_cluster(pair):
    f, g = pair()
    s = Statement(g.url, script(pages=3))
    before = len(f.requests)
    base = path_of(s.next)
    forged = [at(s.next, i) for i in range(0, len(base) // 2 - 2, 7)]
    forged += [g.url + "/v1/statement/queued/" + s.id + "/y" + "0" * 40 + "/1", g.url + "/v1/statement/executing/x/y/0",
               g.url + "/v1/statement/", g.url + "/v1/statement/queued", g.url + "/v1/statement/queued/" + "A" * 5000,
               g.url + "/v1/statement/queued/%00%ff/..%2f../1", s.next[:-30], s.next.replace("queued", "nonsense")]
    for uri in forged:
        for method in ("GET", "DELETE"):
            answer = request(method, uri, user_headers("trino"))
            # a change in what the ticket does not seal (the path's words, the public id) must not be served either
            assert answer.status in (404, 405), (uri, answer)
    assert len(f.requests) == before
    s.run()
    assert len(s.rows) == 3
    g.check()


def test_ticket_of_another_key_is_404_and_a_shared_key_is_served(fake, own_gateway):
    f = fake()
    a = own_gateway({**backends(a=("trino", f.url)), "tickets": {"keys": [KEY]}})
    b = own_gateway({**backends(a=("trino", f.url)), "tickets": {"keys": ["11" * 32, KEY]}})
    c = own_gateway({**backends(a=("trino", f.url)), "tickets": {"keys": ["22" * 32]}})
    s = Statement(a.url, script(pages=4))
    before = len(f.requests)
    assert request("GET", c.url + path_of(s.next), user_headers("trino")).status == 404
    assert len(f.requests) == before
    s.poll(b.url)
    assert urllib.parse.urlsplit(s.next).netloc == urllib.parse.urlsplit(b.url).netloc
    # now sealed by b's first key, which a does not know
    assert request("GET", a.url + path_of(s.next), user_headers("trino")).status == 404
    s.run(b.url)
    assert len(s.rows) == 4


@pytest.mark.jvm                                # a minute is the least: not for the quick set
def test_expired_ticket_is_404(pair):
    f, g = pair("trino", tickets={"keys": [KEY], "ttl": "1m"}, statements={"abandon_after": "50s"})
    s = Statement(g.url, script(pages=2))
    time.sleep(63)
    before = len(f.requests)
    assert request("GET", s.next, user_headers("trino")).status == 404
    assert len(f.requests) == before


def test_made_key_survives_a_restart(pair):
    f, g = pair()
    s = Statement(g.url, script(pages=2))
    s.poll()
    g.stop()
    g.start()
    s.run(g.url)
    assert len(s.rows) == 2 and len(f.posts()) == 1
    key = [p for p in (g.folder / "data").rglob("*") if p.is_file() and p.stat().st_size <= 4096 and "key" in p.name.lower()]
    assert key and all(p.stat().st_mode & 0o777 == 0o600 for p in key)


# --- other resources -------------------------------------------------------------------------


@pytest.mark.parametrize("engine,status", [("trino", 200), ("presto", 405)])
def test_head_statement(pair, engine, status):
    f, g = pair(engine)
    answer = request("HEAD", g.url + "/v1/statement", user_headers(engine))
    assert answer.status == status and answer.body == b"", answer


def test_head_statement_before_presto_is_answered_as_by_trino(pair):
    """trino-jdbc asks it of every server, and says "invalid authentication" on 401, "unable to connect" on 405."""
    f, g = pair("presto")
    assert request("HEAD", g.url + "/v1/statement", user_headers("trino")).status == 200
    nobody = request("HEAD", g.url + "/v1/statement")
    assert nobody.status == 401 and nobody.get("WWW-Authenticate") == 'Basic realm="Trino"', nobody
    assert not f.seen("HEAD", "/v1/statement")


def test_head_of_next_uri_is_a_heartbeat(pair):
    f, g = pair()
    s = Statement(g.url, script(pages=3))
    s.poll(), s.poll(), s.poll()
    assert request("HEAD", s.next, user_headers("trino")).status == 200
    assert f.seen("HEAD", "/executing/")
    s.run()
    assert len(s.rows) == 3


def test_put_with_an_id_made_by_the_client(pair):
    f, g = pair("presto")
    id = "20261124_090000_00001_mine2"
    answer = request("PUT", g.url + f"/v1/statement/{id}?slug=xsecret", user_headers("presto"), script(pages=2))
    page = page_of(answer)
    assert page["id"] == id and id in f.statements
    s = Statement(g.url, "", "presto", post=False)
    s.next, s.id = page["nextUri"], id
    assert len(s.run().rows) == 2


@pytest.mark.parametrize("engine", DIALECTS)
def test_delete_of_next_uri_cancels(pair, engine):
    f, g = pair(engine)
    s = Statement(g.url, script(forever=True, wait=0.1), engine)
    for _ in range(4):
        s.poll()
    assert request("DELETE", s.next, user_headers(engine)).status == 204
    assert f.statements[s.id].failure
    s.run()
    assert s.error["errorName"] == "USER_CANCELED"
    assert request("DELETE", s.answers[-2].json()["nextUri"], user_headers(engine)).status in (204, 404)


def test_cancel_while_a_poll_waits(pair):
    f, g = pair("trino")
    s = Statement(g.url, script(forever=True, wait=60))
    s.poll(), s.poll()
    result = []
    t = threading.Thread(target=lambda: result.append(request("GET", s.next, user_headers("trino"))))
    t.start()
    eventually(lambda: f.seen("GET", "/executing/"), "the poll at the cluster")
    assert request("DELETE", s.next, user_headers("trino")).status == 204
    t.join(PATIENCE)
    assert page_of(result[0])["error"]["errorName"] == "USER_CANCELED"


@pytest.mark.parametrize("engine", DIALECTS)
def test_partial_cancel(pair, engine):
    f, g = pair(engine)
    s = Statement(g.url, script(pages=3), engine)
    while "partialCancelUri" not in s.pages[-1]:
        s.poll()
    uri = s.pages[-1]["partialCancelUri"]
    assert uri.startswith(g.url)
    assert request("DELETE", uri, user_headers(engine)).status == 204
    assert f.seen("DELETE", "/v1/stage/" if engine == "presto" else "/partialCancel/")


@pytest.mark.parametrize("engine", DIALECTS)
def test_info_status_and_queries(pair, engine):
    f, g = pair(engine)
    info = page_of(request("GET", g.url + "/v1/info"))
    assert info["coordinator"] is True and info["starting"] is False and info["nodeVersion"]["version"]
    assert request("GET", g.url + "/v1/info/state").text.strip() == '"ACTIVE"'
    assert request("GET", g.url + "/v1/info/coordinator").status == 200
    for method in ("GET", "HEAD"):
        assert request(method, g.url + "/v1/status").status == 200
        assert request(method, g.url + "/v1/info").status == 200
    s = Statement(g.url, script(forever=True, wait=0.1), engine)
    listed = page_of(request("GET", g.url + "/v1/query", user_headers(engine)))
    assert s.id in [q["queryId"] for q in listed]
    assert f.url not in json.dumps(listed), "the cluster's address leaks"
    one = request("GET", g.url + "/v1/query/" + s.id, user_headers(engine))
    assert page_of(one)["queryId"] == s.id and f.url not in one.text
    assert request("DELETE", g.url + "/v1/query/" + s.id, user_headers(engine)).status == 204
    s.run()
    assert s.error["errorName"] == "USER_CANCELED"
    assert request("GET", g.url + "/v1/query/20200101_000000_00000_zzzzz", user_headers(engine)).status in (404, 410)
    assert request("DELETE", g.url + "/v1/query/20200101_000000_00000_zzzzz", user_headers(engine)).status in (404, 410)
    for verb in ("killed", "preempted"):
        s = Statement(g.url, script(forever=True), engine)
        assert request("PUT", g.url + f"/v1/query/{s.id}/{verb}", user_headers(engine), b'"why"').status == 202
        assert f.statements[s.id].failure


def test_unknown_paths_and_methods(pair):
    f, g = pair()
    before = len(f.requests)
    for path in ("/nothing", "/v1/task", "/v1/jmx/mbean", "/v1/statements"):
        assert request("GET", g.url + path, user_headers("trino")).status == 404, path
    assert request("GET", g.url + "/v1/statement", user_headers("trino")).status == 405
    assert request("DELETE", g.url + "/v1/statement", user_headers("trino")).status == 405
    assert len(f.requests) == before


def test_info_uri_leads_to_the_ui_of_the_owner(pair):
    f, g = pair()
    s = Statement(g.url, script(pages=1)).run()
    answer = request("GET", s.pages[0]["infoUri"])
    if answer.status in (301, 302, 303, 307, 308):
        assert s.id in answer.get("Location")
    else:
        assert answer.status == 200 and f.node in answer.text


# --- several clusters ------------------------------------------------------------------------


def test_kill_query_and_query_by_id_go_to_the_owner(fake, own_gateway):
    a, b = fake("trino"), fake("trino")
    g = own_gateway({**backends(a=("trino", a.url), b=("trino", b.url)),
                     "routing": {"groups": {"all": {"members": ["a", "b"], "balance": "round_robin"}}, "default": "all"}})
    statements = [Statement(g.url, script(forever=True, wait=0.05)) for _ in range(8)]
    owners = [a if s.id in a.statements else b for s in statements]
    assert {id(o) for o in owners} == {id(a), id(b)}, "round robin uses both"
    for s, owner in zip(statements, owners):
        assert page_of(request("GET", g.url + "/v1/query/" + s.id, user_headers("trino")))["queryId"] == s.id
        kill = Statement(g.url, f"CALL system.runtime.kill_query(query_id => '{s.id}', message => 'no')").run()
        assert not kill.error, kill.error
        s.run()
        assert s.error["errorName"] == "ADMINISTRATIVELY_KILLED"
    for f, other in ((a, b), (b, a)):
        assert not [p for p in f.posts() if KILL.search(p.text) and KILL.search(p.text)[1] in other.statements]


def test_transactions_stay_on_their_cluster(fake, own_gateway):
    a, b = fake("trino"), fake("trino")
    g = own_gateway({**backends(a=("trino", a.url), b=("trino", b.url)),
                     "routing": {"groups": {"all": {"members": ["a", "b"], "balance": "round_robin"}}, "default": "all"}})
    for _ in range(6):
        s = Statement(g.url, "START TRANSACTION", headers=[("X-Trino-Transaction-Id", "NONE")]).run()
        id = next(v for answer in s.answers for v in answer.all("X-Trino-Started-Transaction-Id"))
        for sql in (script(pages=1), script(pages=1), "COMMIT"):
            inside = Statement(g.url, sql, headers=[("X-Trino-Transaction-Id", id)]).run()
            assert not inside.error, inside.error
    assert not a.transactions and not b.transactions


@pytest.mark.parametrize("refusal", ["refused", 502, 503, 504])
@pytest.mark.parametrize("engine", DIALECTS)
def test_refused_post_goes_to_the_next(fake, own_gateway, refusal, engine):
    a, b = fake(engine), fake(engine)
    g = own_gateway({**backends(a=(engine, a.url), b=(engine, b.url)),
                     "routing": {"groups": {"all": {"members": ["a", "b"], "balance": "round_robin"}}, "default": "all"}})
    if refusal == "refused":
        a.stop_listening()
    else:
        a.inject(Reply(refusal, TEXT, "no"), "POST", times=1000)
    statements = [Statement(g.url, script(pages=1), engine).run() for _ in range(6)]
    assert all(s.id in b.statements and len(s.rows) == 1 for s in statements)
    assert len(b.posts()) == 6


def test_no_cluster_at_all_is_a_clear_answer(fake, own_gateway):
    a = fake()
    g = own_gateway(backends(a=("trino", a.url)))
    a.stop_listening()
    answer = request("POST", g.url + "/v1/statement", user_headers("trino"), b"SELECT 1")
    assert answer.status == 503 or answer.status == 200 and answer.json()["error"], answer
    assert "<html" not in answer.text.lower()
    a.listen_again()
    eventually(lambda: request("POST", g.url + "/v1/statement", user_headers("trino"), b"SELECT 1").status == 200
               and a.posts(), "the cluster that came back is used")


# --- hints -----------------------------------------------------------------------------------

HINTS = [
    ("trino", "X-Trino-Extra-Credential", "routing=second"), ("trino", "X-Trino-Extra-Credential", "token=a%3Db, routing=second"),
    ("trino", "X-Trino-Extra-Credential", "routing=second,token=x"), ("trino", "X-Trino-Routing-Group", "second"),
    ("trino", "X-Trino-Extra-Credential", "routing=b"),
    ("presto", "X-Presto-Extra-Credential", "routing=second"), ("presto", "X-Presto-Extra-Credential", "token=YWJjZA==,routing=second"),
    ("presto", "X-Presto-Routing-Group", "second"), ("presto", "X-Presto-Extra-Credential", "routing=b"),
]


@pytest.mark.parametrize("client,name,value", HINTS)
def test_hints(fake, own_gateway, client, name, value):
    a, b = fake(client), fake(client)
    g = own_gateway({**backends(a=(client, a.url), b=(client, b.url)),
                     "routing": {"groups": {"first": {"members": ["a"]}, "second": {"members": ["b"]}}, "default": "first"}})
    for _ in range(3):
        s = Statement(g.url, script(pages=1), client, [(name, value)]).run()
        assert s.id in b.statements and len(s.rows) == 1
    post = b.posts()[0]
    assert "routing" not in " ".join(post.all(b.prefix + "Extra-Credential")) and not post.get(b.prefix + "Routing-Group"), post
    if "token" in value:
        assert "token=" in " ".join(post.all(b.prefix + "Extra-Credential"))
    assert Statement(g.url, script(pages=1), client).run().id in a.statements


def test_hint_in_a_header_of_its_own_beside_other_credentials(fake, own_gateway):
    a, b = fake(), fake()
    g = own_gateway({**backends(a=("trino", a.url), b=("trino", b.url)),
                     "routing": {"groups": {"first": {"members": ["a"]}, "second": {"members": ["b"]}}, "default": "first"}})
    h = [("X-Trino-Extra-Credential", "token=x"), ("X-Trino-Extra-Credential", "routing=second"), ("X-Trino-Extra-Credential", "c=d")]
    s = Statement(g.url, script(pages=1), "trino", h).run()
    assert s.id in b.statements
    assert re.findall(r"\w+=\w+", ",".join(b.posts()[0].all("X-Trino-Extra-Credential"))) == ["token=x", "c=d"]


@pytest.mark.parametrize("client", DIALECTS)
def test_unknown_hint_names_the_valid_ones(fake, own_gateway, client):
    a = fake(client)
    g = own_gateway({**backends(a=(client, a.url)), "routing": {"groups": {"adhoc": {"members": ["a"]}}, "default": "adhoc"}})
    answer = request("POST", g.url + "/v1/statement", user_headers(client, Extra_Credential="routing=athena"), b"SELECT 1")
    text = answer.text
    s = None
    if answer.status == 200:                    # as a page: on the POST or on a later poll
        s = Statement(g.url, "", client, post=False)
        s.take(answer)
        s.run()
        text = s.error["message"]
    else:
        assert answer.status == 400, answer
    assert "athena" in text and "adhoc" in text, text
    assert not a.posts()


@pytest.mark.parametrize("client,cluster", [("trino", "trino"), ("presto", "presto"), ("presto", "trino")])
def test_unknown_hint_as_a_warning(fake, own_gateway, client, cluster):
    a = fake(cluster)
    g = own_gateway({**backends(a=(cluster, a.url)), "hints": {"unknown": "warn"}})
    s = Statement(g.url, script(pages=2), client, [(f"X-{client.title()}-Extra-Credential", "routing=nowhere")]).run()
    assert len(s.rows) == 2 and not s.error
    warnings = [w for p in s.pages for w in p["warnings"]]
    assert warnings and all("nowhere" in w["message"] and w["warningCode"]["name"] for w in warnings), s.pages


# --- URIs ------------------------------------------------------------------------------------

FORWARDED = [
    ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "sql.example.com")], "https://sql.example.com"),
    ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "sql.example.com"), ("X-Forwarded-Port", "8443")], "https://sql.example.com:8443"),
    ([("Forwarded", 'for=192.0.2.1;proto=https;host="sql.example.com:444"')], "https://sql.example.com:444"),
    ([("Host", "other:1234")], "http://other:1234"),
    ([("Host", "[::1]:1234")], "http://[::1]:1234"),
]


@pytest.mark.parametrize("headers,base", FORWARDED)
def test_uris_follow_a_trusted_proxy(pair, headers, base):
    f, g = pair("trino", trusted_proxies=["127.0.0.0/8"])
    page = page_of(request("POST", g.url + "/v1/statement", user_headers("trino") + headers, script(pages=1)))
    assert page["nextUri"].startswith(base + "/v1/statement/"), page
    assert page["infoUri"].startswith(base + "/"), page


def test_forwarded_headers_of_strangers_do_not_count(pair):
    f, g = pair("trino", trusted_proxies=["192.0.2.0/24"])
    h = user_headers("trino") + [("X-Forwarded-Host", "evil.example.com"), ("Forwarded", "host=evil.example.com")]
    page = page_of(request("POST", g.url + "/v1/statement", h, script(pages=1)))
    assert page["nextUri"].startswith(g.url), page


def test_external_url(pair):
    f, g = pair("trino", external_url="https://sql.example.com/gate")
    page = page_of(request("POST", g.url + "/v1/statement", user_headers("trino"), script(pages=1)))
    assert page["nextUri"].startswith("https://sql.example.com/gate/v1/statement/"), page
    assert page["infoUri"].startswith("https://sql.example.com/gate/"), page


# --- limits ----------------------------------------------------------------------------------


def test_large_headers(pair):
    f, g = pair()
    prepared = [("X-Trino-Prepared-Statement", f"s{i}=" + "x" * 7900) for i in range(30)]
    s = Statement(g.url, script(pages=1), headers=prepared).run()
    assert len(s.rows) == 1
    assert sorted(f.posts()[0].all("X-Trino-Prepared-Statement")) == sorted(v for _, v in prepared)
    # Beyond the limit the answer is clear, or the connection is closed while we still send.
    try:
        answer = request("POST", g.url + "/v1/statement", user_headers("trino") + [("X-Big", "y" * 900000)], b"SELECT 1")
        assert answer.status in (400, 413, 431), answer
    except (Broken, OSError):
        pass
    assert len(f.posts()) == 1
    g.check()


@pytest.mark.parametrize("client", DIALECTS)
def test_sql_too_large(pair, client):
    f, g = pair(client, limits={"sql_max": "64KiB"})
    assert len(Statement(g.url, script(pages=1) + " " * 60000, client).run().rows) == 1
    answer = request("POST", g.url + "/v1/statement", user_headers(client), b"SELECT 1" + b" " * 70000)
    page = page_of(answer)
    assert page["error"]["errorName"] == "QUERY_TEXT_TOO_LARGE" and page["error"]["errorCode"] == 35
    assert "nextUri" not in page and page["stats"]["state"] == "FAILED" and page["id"]
    assert len(f.posts()) == 1


def test_sql_in_chunks(pair):
    f, g = pair()
    with Connection(g.url) as c:
        c.send("POST", "/v1/statement", user_headers("trino") + [("Transfer-Encoding", "chunked")])
        sql = script(pages=1)
        for piece in (sql[:5], sql[5:]):
            c.sock.sendall(f"{len(piece):x}\r\n{piece}\r\n".encode())
        c.sock.sendall(b"0\r\n\r\n")
        page = page_of(c.receive("POST"))
    assert f.posts()[0].text == sql and page["nextUri"]


def test_keep_alive_and_pipelining(pair):
    f, g = pair()
    with Connection(g.url) as c:
        for _ in range(3):
            assert c.request("POST", "/v1/statement", user_headers("trino"), script(pages=1)).status == 200
        for _ in range(4):
            c.send("GET", "/v1/info/state")
        assert [c.receive().text.strip() for _ in range(4)] == ['"ACTIVE"'] * 4


BAD_REQUESTS = [b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /v1/info HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                b"POST /v1/statement HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                b"POST /v1/statement HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"POST /v1/statement HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                b"POST /v1/statement HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"GET /v1/info HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", b"GET /v1/info HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
                b"GET /v1/info HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n"]


def test_malformed_requests_are_refused(pair):
    f, g = pair()
    for bad in BAD_REQUESTS:
        with Connection(g.url, timeout=20) as c:
            c.sock.sendall(bad)
            c.sock.shutdown(socket.SHUT_WR)
            try:
                assert 400 <= c.receive().status < 600, bad
            except Broken as e:
                assert not e.got, (bad, e)
    assert not f.requests
    g.check()


# --- clients that go away --------------------------------------------------------------------


def test_vanished_client_ends_the_poll_at_once_and_the_statement_lives(fake, own_gateway):
    def case(what):
        client, f, g = what
        s = Statement(g.url, script(wait=0.7, pages=2, rows=3), client)
        s.poll(), s.poll()
        for end in ("close", "reset", "half"):
            count = len(f.seen("GET", "/executing/"))
            c = Connection(g.url)
            c.send("GET", path_of(s.next), user_headers(client))
            held = eventually(lambda: f.seen("GET", "/executing/")[count:], "the poll at the cluster")[0]
            if end == "reset":
                c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if end == "half":
                c.sock.shutdown(socket.SHUT_WR)     # a client may do this and still read; only both ends matter
            c.close()
            eventually(lambda: held.vanished, "the cluster sees the poll end")
        assert not f.seen("DELETE"), "a closed connection alone never kills a statement"
        s.run()
        assert len(s.rows) == 6 and len(f.posts()) == 1
        g.check()
    cases = []
    for client, cluster in (("trino", "trino"), ("presto", "presto"), ("trino", "presto")):
        f = fake(cluster)
        cases.append((client, f, own_gateway(backends(a=(cluster, f.url)))))
    in_parallel(case, cases)


def test_abandoned_statement_is_cancelled(pair):
    f, g = pair("trino", statements={"abandon_after": "1s"})
    s, polled = (Statement(g.url, script(forever=True, wait=0.05)) for _ in range(2))
    s.poll(), s.poll(), s.poll()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        polled.poll()
    eventually(lambda: f.seen("DELETE"), "the gateway cancels what nobody polls")
    assert f.statements[s.id].failure
    assert not f.statements[polled.id].failure, "a polled statement is not abandoned"


# --- content coding --------------------------------------------------------------------------


@pytest.mark.parametrize("client,cluster", [("trino", "trino"), ("presto", "presto"), ("presto", "trino"), ("trino", "presto")])
@pytest.mark.parametrize("accept,expected", [("gzip", "gzip"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", None), ("identity", ""), (None, ""),
                                             ("gzip;q=0", ""), ("br", "")])
def test_content_coding_to_clients(fake, own_gateway, client, cluster, accept, expected):
    f = fake(cluster)
    g = own_gateway({**backends(a=(cluster, f.url)), "compression": {"clients": ["gzip", "zstd"]}})
    s = Statement(g.url, script(pages=2, rows=2000, width=40), client)
    h = user_headers(client) + ([("Accept-Encoding", accept)] if accept else [])
    big = []
    while s.next:
        answer = request("GET", s.next, h)
        s.take(answer)
        if len(answer.plain) > 10000:
            big.append(answer.get("Content-Encoding") or "")
    assert len(s.rows) == 4000 and s.rows[3999] == [3999, "r3999".ljust(40, "x")]
    assert big and all(b in ("gzip", "zstd") if expected is None else b == expected for b in big), big


# --- TLS -------------------------------------------------------------------------------------


def common_name(url):
    host, port = urllib.parse.urlsplit(url).netloc.split(":")
    pem = ssl.get_server_certificate((host, int(port)))
    import subprocess
    return subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, text=True, capture_output=True).stdout


def test_tls_listener_and_reload(fake, own_gateway, tls_files, tmp_path):
    cert, key = tmp_path / "c.crt", tmp_path / "c.key"

    def install(name):
        c, k = tls_files(name)
        cert.write_bytes(c.read_bytes())
        key.write_bytes(k.read_bytes())
    install("one")
    f = fake()
    g = own_gateway({**backends(a=("trino", f.url)),
                     "listeners": [{"address": "127.0.0.1:0", "tls": {"certificate": str(cert), "key": str(key)}}, {"address": "127.0.0.1:0"}]})
    secure, plain = g.urls
    context = ssl.create_default_context(cafile=str(cert))
    s = Statement(secure, script(pages=3, rows=3000, width=100), context=context)
    assert s.next.startswith("https://")
    s.run()
    assert len(s.rows) == 9000
    assert len(Statement(plain, script(pages=1)).run().rows) == 1
    assert "one" in common_name(secure)
    old = Connection(secure, context=context)
    assert old.request("GET", "/v1/info/state").status == 200
    install("two")
    g.signal(signal.SIGHUP)
    eventually(lambda: "two" in common_name(secure), "the new certificate")
    assert old.request("GET", "/v1/info/state").status == 200, "open connections live on"
    old.close()
    for version, ok in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
        c = ssl._create_unverified_context()
        c.set_ciphers("ALL:@SECLEVEL=0")
        try:
            c.minimum_version = c.maximum_version = version
            assert request("GET", secure + "/v1/info/state", context=c).status == 200 and ok
        except (ssl.SSLError, OSError):
            assert not ok, version
    g.check()


def test_plain_request_to_a_tls_listener(fake, own_gateway, tls_files):
    cert, key = tls_files("one")
    g = own_gateway({**backends(a=("trino", fake().url)), "listeners": [{"address": "127.0.0.1:0", "tls": {"certificate": str(cert), "key": str(key)}}]})
    with pytest.raises((Broken, AssertionError)):
        answer = request("GET", g.url.replace("https", "http") + "/v1/info")
        assert answer.status == 200
    g.check()


# --- life of the process ---------------------------------------------------------------------


def test_first_statement_after_start_is_served(fake, own_gateway):
    """The ready file says that statements are taken, not only that a port is open."""
    for _ in range(5):
        f = fake()
        g = own_gateway(backends(a=("trino", f.url)), wait=False)
        assert len(Statement(g.url, script(pages=1)).run().rows) == 1


def test_reload_adds_and_removes_backends(fake, own_gateway):
    a, b = fake(), fake()
    g = own_gateway(backends(a=("trino", a.url)))
    running = Statement(g.url, script(pages=5))
    running.poll()
    g.fix_ports()
    g.config.update(backends(b=("trino", b.url)))
    g.write()
    g.signal(signal.SIGHUP)
    eventually(lambda: Statement(g.url, script(pages=1)).run().id in b.statements, "the new backend is used")
    g.file.write_text("backends: [broken\n")
    g.signal(signal.SIGHUP)
    time.sleep(0.5)
    assert Statement(g.url, script(pages=1)).run().id in b.statements, "a bad file changes nothing"
    g.write()
    g.check()


def test_sigterm_drains(pair):
    f, g = pair("trino", statements={"drain_timeout": "30s"})
    s = Statement(g.url, script(pages=4, rows=2, wait=0.3))
    s.poll()
    g.signal(signal.SIGTERM)
    time.sleep(0.2)
    try:                                        # new statements are refused in a way that clients try elsewhere
        answer = request("POST", g.url + "/v1/statement", user_headers("trino"), script(pages=1), timeout=10)
        assert answer.status == 503, answer
    except (Broken, OSError):
        pass
    try:
        s.run()
    except (Broken, OSError):                   # handed over: any instance may serve the rest
        assert g.process.wait(PATIENCE) == 0
        g.start()
        s.run(g.url)
    else:
        assert g.process.wait(PATIENCE) == 0, g.log[-2000:]
    assert len(s.rows) == 8
    assert len(f.posts()) == 1


def test_admin(fake, own_gateway):
    f = fake()
    config = backends(a=("trino", f.url))
    config["backends"]["a"]["health"] = {"interval": "200ms"}
    g = own_gateway(config)
    Statement(g.url, script(pages=2, rows=10)).run()
    assert request("GET", g.admin_url + "/healthz").status == 200
    assert eventually(lambda: request("GET", g.admin_url + "/readyz").status == 200, "ready")
    text = request("GET", g.admin_url + "/metrics").text
    assert "sleipnir_" in text and "# TYPE" in text
    assert any(k.startswith("sleipnir_state_reachable") and v == 1 for k, v in g.metrics().items())
    f.stop_listening()
    eventually(lambda: request("GET", g.admin_url + "/readyz").status == 503, "not ready without clusters")
    assert request("GET", g.admin_url + "/healthz").status == 200


def test_draining_cluster_takes_no_new_statements(fake, own_gateway):
    a, b = fake(), fake()
    config = backends(a=("trino", a.url), b=("trino", b.url))
    for be in config["backends"].values():
        be["health"] = {"interval": "200ms", "down_after": 1, "up_after": 1}
    config["routing"]["groups"]["all"]["balance"] = "round_robin"
    g = own_gateway(config)
    a.state = "SHUTTING_DOWN"

    def only_b():
        before = len(a.posts())
        for _ in range(4):
            Statement(g.url, script(pages=1)).run()
        return len(a.posts()) == before
    eventually(only_b, "a draining cluster is left alone")
    a.state = "ACTIVE"
    eventually(lambda: Statement(g.url, script(pages=1)).run().id in a.statements, "back again")
