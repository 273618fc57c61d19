# SPDX-License-Identifier: Apache-2.0
"""What a gateway relays beside pages: spooled segments, OAuth2 flows, redirects, compressed answers, the UI; the
same over TLS to clusters; and X-Presto-Prefix-Url."""
import base64
import gzip
import json
import re
import time

import pytest

from fake_coordinator import Raw, Reply, Server
from harness import DIRECT, FULL, Broken, Statement, backends, request, user_headers

pytestmark = pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")

JSON = [("Content-Type", "application/json")]
TEXT = [("Content-Type", "text/plain")]
STORE = "http://store.example.com:9000/bucket/seg%201?X-Amz-Signature=a%2Fb&x=%7B%22"


def script(**what):
    return "SELECT 1 /*fake " + json.dumps(what) + "*/"


@pytest.fixture
def pair(fake, own_gateway):
    """pair(client's dialect, cluster's, the backend's own settings) -> (cluster, gateway)."""
    def make(engine="trino", backend=None, tls=None, wait=True, **config):
        f = fake(engine, tls=tls)
        whole = {**backends(a=(engine, f.url)), **config}
        whole["backends"]["a"].update(backend or {})
        return f, own_gateway(whole, wait=wait)
    return make


# --- spooled results -------------------------------------------------------------------------


def spool(f):
    """Pages with rows become spooled ones: one inline segment, one at the coordinator, one in a store."""
    f.stored = {"seg1": b'[[1,"from the coordinator"]]'}

    def page(r):
        good = f.route(r)
        doc = json.loads(good.body)
        if "data" in doc and "json" in (f.statements[doc["id"]].posted.get("X-Trino-Query-Data-Encoding") or ""):
            segments = [{"type": "inline", "data": "W1sxXV0=", "metadata": {"rowOffset": 0, "uri": "http://not.a.uri/"}},
                        {"type": "spooled", "uri": f"{f.url}/v1/spooled/download/seg1", "ackUri": f"{f.url}/v1/spooled/ack/seg1",
                         "metadata": {"rowOffset": 1}, "headers": {"x-key": ["1"]}},
                        {"type": "spooled", "uri": STORE, "ackUri": f"{f.url}/v1/spooled/ack/seg2", "metadata": {"rowOffset": 2}}]
            doc["data"] = {"encoding": "json", "metadata": {}, "segments": segments}
            good.body = json.dumps(doc).encode()
        return good
    f.inject(page, "GET", "/v1/statement/executing", times=1 << 30)

    def segment(r):
        name = r.path.split("/")[-1]
        if name == "far":
            return Reply(303, [("Location", STORE)])
        if name == "near":
            return Reply(307, [("Location", f"{f.url}/v1/spooled/download/seg1")])
        return Reply(200, [("Content-Type", "application/octet-stream")], f.stored[name])
    f.inject(segment, "GET", "/v1/spooled/download", times=1 << 30)
    f.inject(lambda r: Reply(204), None, "/v1/spooled/ack", times=1 << 30)


ENCODINGS = [("X-Trino-Query-Data-Encoding", "json+zstd,json")]


def spooled_page(g, s):
    while "data" not in s.pages[-1]:
        answer = request("GET", s.next, user_headers("trino"))
        s.pages.append(answer.json())
        s.next = s.pages[-1]["nextUri"]
    return s.pages[-1]["data"]


def test_spooled_results_pass(pair):
    f, g = pair(backend={"spooling": "pass"})
    spool(f)
    s = Statement(g.url, script(rows=2), headers=ENCODINGS)
    assert f.posts()[0].get("X-Trino-Query-Data-Encoding") == "json+zstd,json"
    inline, own, store = spooled_page(g, s)["segments"]
    assert inline == {"type": "inline", "data": "W1sxXV0=", "metadata": {"rowOffset": 0, "uri": "http://not.a.uri/"}}
    assert re.fullmatch(re.escape(g.url) + r"/v1/spooled/[\w-]+", own["uri"]), own
    assert own["headers"] == {"x-key": ["1"]} and own["metadata"] == {"rowOffset": 1}
    assert store["uri"] == STORE, "not a byte of a signed URI may change"
    assert f.url not in json.dumps(s.pages)

    answer = request("GET", own["uri"], [("x-key", "1")])
    assert (answer.status, answer.body, answer.get("Content-Type")) == (200, f.stored["seg1"], "application/octet-stream")
    got = f.seen("GET", "/v1/spooled/download")[-1]
    assert got.path == "/v1/spooled/download/seg1" and got.get("x-key") == "1"
    assert not [k for k, _ in got.headers if k.lower().startswith("x-trino-")], "nobody's name is added"
    for uri, name in ((own["ackUri"], "seg1"), (store["ackUri"], "seg2")):
        assert uri.startswith(g.url + "/v1/spooled/") and request("GET", uri).status == 204
        assert f.seen("GET", "/v1/spooled/ack")[-1].path == "/v1/spooled/ack/" + name
    assert request("GET", own["uri"][:-4] + "AAAA").status == 404
    g.check()


@pytest.mark.parametrize("name,status", [("far", 303), ("near", 307)])
def test_redirected_segments(pair, name, status):
    """A store's address goes to the client untouched and unfollowed, the coordinator's own becomes the gateway's."""
    f, g = pair(backend={"spooling": "pass"})
    spool(f)
    s = Statement(g.url, script(rows=2), headers=ENCODINGS)
    f.inject(lambda r: Reply(200, JSON, f.route(r).body.replace(b'"data":', b'"data":{"segments":[{"uri":"%s/v1/spooled/download/%s"}]},"x":'
                                                              % (f.url.encode(), name.encode()))), "GET", "/executing/")
    f.injected.insert(0, f.injected.pop())
    uri = spooled_page(g, s)["segments"][0]["uri"]
    answer = request("GET", uri)
    assert answer.status == status, answer
    location = answer.get("Location")
    if name == "far":
        assert location == STORE
    else:
        assert location.startswith(g.url) and request("GET", location).body == f.stored["seg1"]
    g.check()


@pytest.mark.parametrize("mode,client,cluster", [("strip", "trino", "trino"), ("pass", "trino", "presto"), ("pass", "presto", "trino")])
def test_spooled_results_are_not_asked_for(pair, mode, client, cluster):
    f, g = pair(cluster, backend={"spooling": mode})
    if cluster == "trino":
        spool(f)
    s = Statement(g.url, script(rows=2), client, headers=ENCODINGS if client == "trino" else [])
    assert not [k for k, _ in f.posts()[0].headers if k.lower().endswith("query-data-encoding")]
    assert len(s.run().rows) == 2


# --- OAuth2 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["trino", "presto"])
def test_oauth2(fake, own_gateway, client):
    """The whole dance of a driver and a browser, through a gateway with two clusters."""
    clusters = [fake("trino"), fake("trino")]
    g = own_gateway(backends(a=("trino", clusters[0].url), b=("trino", clusters[1].url)))

    def dance(f):
        def statement(r):
            if r.get("Authorization") == "Bearer secret":
                return f.route(r)
            return Reply(401, TEXT + [("WWW-Authenticate", 'Basic realm="Trino"'),
                                      ("WWW-Authenticate", f'Bearer x_redirect_server="{f.url}/oauth2/token/initiate/h4sh", '
                                                           f'x_token_server="{f.url}/oauth2/token/u-1"')], "Unauthorized")

        def token(r):
            if r.path.endswith("u-1"):
                return Reply(200, JSON, json.dumps({"nextUri": f"{f.url}/oauth2/token/u-2?x=1"}))
            return Reply(200, JSON, json.dumps({"token": "secret"}))
        f.inject(statement, "POST", times=1 << 30)
        f.inject(lambda r: Reply(303, [("Location", "https://idp.example.com/login?state=s"), ("Set-Cookie", "nonce=n1; Path=/")]), "GET", "/initiate/", 99)
        f.inject(token, "GET", "/oauth2/token/u-", times=99)
        f.inject(lambda r: Reply(303, [("Location", f"{f.url}/ui/login?ok=1")]), "GET", "/oauth2/callback", times=99)
    for f in clusters:
        dance(f)
    refused = request("POST", g.url + "/v1/statement", user_headers(client), script())
    assert refused.status == 401 and refused.text == "Unauthorized", refused
    asked = next(f for f in clusters if f.posts())
    challenges = refused.all("WWW-Authenticate")
    assert 'Basic realm="Trino"' in challenges
    bearer = next(c for c in challenges if c.startswith("Bearer "))
    m = re.fullmatch(r'Bearer x_redirect_server="([^"]+)", ?x_token_server="([^"]+)"', bearer)
    assert m and all(u.startswith(g.url + "/") for u in m.groups()), bearer
    assert not any(f.url in str(refused.headers) for f in clusters)

    page = request("GET", m[2])                             # the driver asks for the token
    following = page.json()["nextUri"]
    assert following.startswith(g.url + "/"), following
    assert request("GET", following).json() == {"token": "secret"}
    assert asked.seen("GET", "/oauth2/token/u-2")[-1].path == "/oauth2/token/u-2?x=1"

    login = request("GET", m[1])                            # the browser goes to the identity provider
    assert login.status == 303 and login.get("Location") == "https://idp.example.com/login?state=s", login
    cookies = [c.split(";")[0] for c in login.all("Set-Cookie")]
    assert "nonce=n1" in cookies and len(cookies) == 2, cookies
    for _ in range(4):                                      # and comes back to the same cluster
        back = request("GET", g.url + "/oauth2/callback?code=c&state=s", [("Cookie", "; ".join(cookies))])
        assert back.status == 303 and back.get("Location") == g.url + "/ui/login?ok=1", back
    assert len(asked.seen("GET", "/oauth2/callback")) == 4
    assert "nonce=n1" in asked.seen("GET", "/oauth2/callback")[-1].get("Cookie")
    assert asked.seen("GET", "/oauth2/callback")[-1].path == "/oauth2/callback?code=c&state=s"

    s = Statement(g.url, script(rows=3), client, headers=[("Authorization", "Bearer secret")])
    assert s.id and not s.error
    g.check()


def test_the_token_may_take_its_time(pair):
    """A driver waits at the token server until somebody has logged in: no deadline of ours cuts that off."""
    f, g = pair(backend={"timeouts": {"first_byte": "100ms"}})
    f.inject(lambda r: Reply(401, TEXT + [("WWW-Authenticate", f'Bearer x_token_server="{f.url}/oauth2/token/u"')], "Unauthorized"), "POST")
    refused = request("POST", g.url + "/v1/statement", user_headers("trino"), script())

    def token(r):
        time.sleep(0.5)
        return Reply(200, JSON, '{"token": "late"}')
    f.inject(token, "GET", "/oauth2/token/u")
    assert request("GET", re.search(r'x_token_server="([^"]+)"', refused.get("WWW-Authenticate"))[1]).json() == {"token": "late"}
    g.check()


def test_forwarded(fake, own_gateway, tls_files):
    """A cluster that believes it is told who and where the client is, in each request; and its own URIs may then
    carry the gateway's name."""
    certificate, key = tls_files("localhost")
    f = fake("trino")
    config = {**backends(a=("trino", f.url)), "listeners": [{"address": "127.0.0.1:0", "tls": {"certificate": str(certificate), "key": str(key)}}]}
    config["backends"]["a"]["forwarded"] = True
    g = own_gateway(config)
    Statement(g.url, script(rows=1)).run()
    host = g.url.split("//")[1]
    f.inject(lambda r: Reply(303, [("Location", g.url + "/oauth2/ok")]), "GET", "/ui/start")
    assert request("GET", g.url + "/ui/start").get("Location") == g.url + "/oauth2/ok"
    f.inject(lambda r: Reply(307, [("Location", g.url + "/v1/spooled/download/1")]), "GET", "/ui/start")
    location = request("GET", g.url + "/ui/start").get("Location")
    assert location.startswith(g.url + "/v1/spooled/") and not location.endswith("/download/1"), "an address of the cluster in the gateway's name"
    cookie = request("GET", g.url + "/ui/").get("Set-Cookie")
    assert cookie.startswith("Sleipnir-Backend=a;") and "Secure" in cookie, cookie
    seen = [r for r in f.seen() if r.get("X-Forwarded-For")]        # health checks are nobody's
    assert {r.method for r in seen} == {"POST", "GET"} and len(seen) >= 5
    for r in seen:
        assert [r.get("X-Forwarded-" + x) for x in ("For", "Proto", "Host", "Port")] == ["127.0.0.1", "https", host, host.split(":")[1]]
    g.check()


# --- compression by clusters -----------------------------------------------------------------


def compressing(f, seen):
    """Every page gzipped for who accepts it, in a way of its own: chunked or not, several members' worth of blocks."""
    def page(r):
        good = f.route(r)
        seen.append(r.get("Accept-Encoding"))
        if "gzip" in (r.get("Accept-Encoding") or "") and good.body:
            good.body = gzip.compress(good.body)
            good.headers = good.headers + [("Content-Encoding", "gzip")]
        return good
    f.inject(page, None, "/v1/statement", times=1 << 30)


@pytest.mark.parametrize("client,cluster", [("trino", "trino"), ("presto", "presto"), ("presto", "trino"), ("trino", "presto")])
@pytest.mark.parametrize("accept", ["gzip", "identity"])
def test_compression_by_clusters(pair, client, cluster, accept):
    f, g = pair(cluster, backend={"compression": ["gzip"]}, compression={"clients": ["gzip"]}, hints={"unknown": "warn"})
    seen = []
    compressing(f, seen)
    s = Statement(g.url, script(pages=3, rows=3000, width=60), client,
                  headers=[("Accept-Encoding", accept), (f"X-{client.title()}-Extra-Credential", "routing=nowhere")])
    assert "nowhere" in json.dumps(s.pages[0]["warnings"])
    while s.next:
        uri = s.next
        answer = request("GET", uri, user_headers(client) + [("Accept-Encoding", accept)])
        assert (answer.get("Content-Encoding") or "identity") == accept or len(answer.plain) < 2000, answer.headers
        s.take(answer)
    assert s.rows == [[i, f"r{i}".ljust(60, "x")] for i in range(9000)]
    assert "gzip" in seen, "the cluster was not asked for gzip"
    gone = request("GET", s.answers[1].json()["nextUri"], user_headers(client) + [("Accept-Encoding", accept)])
    assert gone.status == 410 and gone.text == "Gone", "an error is readable as well"
    g.check()


def test_no_compression_by_clusters_unless_configured(pair):
    f, g = pair()
    seen = []
    compressing(f, seen)
    assert len(Statement(g.url, script(rows=20), headers=[("Accept-Encoding", "gzip")]).run().rows) == 20
    assert seen and not [a for a in seen if "gzip" in (a or "")]


@pytest.mark.parametrize("client", ["trino", "presto"])
def test_compressed_pages_that_are_cut_or_damaged(pair, client):
    f, g = pair("trino", backend={"compression": ["gzip"]})
    compressing(f, [])
    for harm in (lambda z: z[:len(z) // 2], lambda z: z[:-1], lambda z: z[:20] + b"\xff" * 20 + z[40:], lambda z: b"{}"):
        s = Statement(g.url, script(rows=2000, width=60), client)

        def page(r, harm=harm):
            return Reply(200, JSON + [("Content-Encoding", "gzip")], harm(gzip.compress(f.route(r).body)))
        f.inject(page, "GET", s.id + "/")
        f.injected.insert(0, f.injected.pop())
        try:
            while s.next:
                answer = request("GET", s.next, user_headers(client))
                s.take(answer)
        except Broken as e:
            assert e.got, "closed without a word"
        assert s.error or len(s.rows) in (0, 2000)
        assert not s.error or s.error["errorName"] == "GENERIC_INTERNAL_ERROR"
    g.check()


# --- redirects -------------------------------------------------------------------------------


def test_redirects_of_clusters(fake, own_gateway):
    a, b = fake(), fake()
    config = backends(a=("trino", a.url), b=("trino", b.url))
    config["routing"]["groups"]["all"]["balance"] = "round_robin"
    g = own_gateway(config)
    elsewhere = Server(lambda r: Reply(200, JSON, "{}"))
    # to the cluster itself: the client is sent to the gateway
    for f in (a, b):
        f.inject(lambda r, f=f: Reply(307, [("Location", f.url + "/v1/statement?retry=1")]), "POST")
    answer = request("POST", g.url + "/v1/statement", user_headers("trino"), script())
    assert answer.status == 307 and answer.get("Location") == g.url + "/v1/statement?retry=1", answer
    a.injected.clear(), b.injected.clear()
    # to somewhere else: never told to the client, never followed; the next cluster is tried
    a.inject(lambda r: Reply(307, [("Location", elsewhere.url + "/v1/statement")]), "POST", times=1 << 30)
    for _ in range(4):
        s = Statement(g.url, script(rows=2)).run()
        assert s.id in b.statements and len(s.rows) == 2
    # a poll as well: asked again of the cluster that runs the statement
    s = Statement(g.url, script(rows=2))
    b.inject(lambda r: Reply(302, [("Location", elsewhere.url + "/")]), "GET", s.id, times=2)
    b.inject(lambda r: Reply(307, [("Location", r.path)]), "GET", s.id)
    while s.next:
        answer = request("GET", s.next, user_headers("trino"))
        if answer.status == 307:
            s.next = answer.get("Location")
            assert s.next.startswith(g.url + "/v1/statement/"), answer
            continue
        assert elsewhere.url not in str(answer.headers)
        s.take(answer)
    assert len(s.rows) == 2 and not elsewhere.requests
    elsewhere.close()
    g.check()


# --- UI --------------------------------------------------------------------------------------


def test_ui_stays_with_one_cluster_and_a_query_with_its_own(fake, own_gateway):
    a, b = fake(), fake()
    config = backends(a=("trino", a.url), b=("trino", b.url))
    config["routing"]["groups"]["all"]["balance"] = "round_robin"
    g = own_gateway(config)
    first = request("GET", g.url + "/ui/")
    cookies = [c for c in first.all("Set-Cookie")]
    assert first.status == 200 and len(cookies) == 1 and "HttpOnly" in cookies[0], first
    for _ in range(4):
        assert request("GET", g.url + "/ui/assets/x.js?v=1", [("Cookie", "other=1; " + cookies[0].split(";")[0])]).text == first.text
    assert {request("GET", g.url + "/ui/").text for _ in range(4)} == {f"<html>ui of {f.node}</html>" for f in (a, b)}
    assert request("GET", g.url + "/ui/", [("Cookie", "Sleipnir-Backend=nobody")]).status == 200
    for _ in range(4):
        s = Statement(g.url, script())
        owner = a if s.id in a.statements else b
        page = request("GET", s.pages[0]["infoUri"], [("Cookie", cookies[0].split(";")[0])])
        assert page.text == f"<html>ui of {owner.node}</html>", page
        assert owner.node and page.all("Set-Cookie"), "what this page loads comes from there, too"
    g.check()


# --- TLS to clusters -------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["trino", "presto"])
def test_clusters_over_tls(pair, tls_files, client):
    """Also answers that end in one flight with the close, framed or not, whole or cut."""
    cert, key = tls_files("cluster")
    f, g = pair(tls=(cert, key), backend={"tls": {"ca": str(cert)}})
    s = Statement(g.url, script(pages=4, rows=4000, width=80), client)
    assert f.url not in json.dumps(s.pages)
    assert len(s.run().rows) == 16000
    sizes = []
    f.inject(lambda r: (sizes.append(len(f.route(r).wire())), f.route(r))[1], "GET", "/executing/")
    Statement(g.url, script(rows=2), client).run()
    for cut in [*range(1, sizes[0], 41 if FULL else 149), sizes[0]]:
        s = Statement(g.url, script(rows=2), client)
        f.inject(lambda r, cut=cut: Raw(f.route(r).wire()[:cut], "close"), "GET", f"/executing/{s.id}")
        while s.next:
            try:
                s.poll()
            except Broken as e:
                assert e.got, f"closed without a word, cut at {cut}"
        assert len(s.rows) == 2 and not s.error, cut
    framed_by_close = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    s = Statement(g.url, script(rows=2), client)
    f.inject(lambda r: Raw(framed_by_close + f.route(r).body, "close"), "GET", s.id, times=99)
    assert len(s.run().rows) == 2
    # without a close_notify nobody knows that it is whole
    s = Statement(g.url, script(rows=2), client)
    f.inject(lambda r: Raw(framed_by_close + f.route(r).body, "reset"), "GET", s.id)
    pages = len(s.pages)
    try:
        assert not s.poll().get("data") and len(s.pages) == pages + 1
    except Broken as e:
        assert e.got
    assert len(s.run().rows) == 2
    g.check()


def test_clusters_with_a_certificate_of_somebody_else(pair, tls_files):
    cert, key = tls_files("cluster")
    other, _ = tls_files("other")
    f, g = pair(tls=(cert, key), backend={"tls": {"ca": str(other)}}, wait=False)
    answer = request("POST", g.url + "/v1/statement", user_headers("trino"), script())
    assert answer.json()["error"]["errorName"] == "NO_NODES_AVAILABLE" and not f.requests, answer
    f, g = pair(tls=(cert, key), backend={"tls": {"verify": "none"}})
    assert len(Statement(g.url, script(rows=2)).run().rows) == 2


# --- X-Presto-Prefix-Url ---------------------------------------------------------------------


@pytest.mark.parametrize("cluster", ["presto", "trino"])
def test_prefix_url(pair, cluster):
    f, g = pair(cluster)
    prefix = "https://proxy.example.com/v1/proxy?uri="
    h = user_headers("presto") + [("X-Presto-Prefix-Url", prefix)]
    s = Statement(g.url, script(pages=2, rows=5), "presto", headers=h[1:])
    f.inject(lambda r: Reply(503), "GET", s.id)             # a page of the gateway's own is no exception
    while True:
        for name in ("nextUri", "infoUri", "partialCancelUri"):
            if name not in s.pages[-1]:
                continue
            uri = s.pages[-1][name]
            assert uri.startswith(prefix), uri
            plain = base64.urlsafe_b64decode(uri[len(prefix):]).decode()
            assert plain.startswith(g.url + "/"), plain
            assert base64.urlsafe_b64encode(plain.encode()).decode() == uri[len(prefix):], "as Java's encoder, padded"
        if not s.next:
            break
        s.take(request("GET", base64.urlsafe_b64decode(s.next[len(prefix):]).decode(), h))
    assert len(s.rows) == 10
    assert not [r for r in f.requests if r.get("X-Presto-Prefix-Url")], "it is meant for whom makes the URIs"
    failed = request("POST", g.url + "/v1/statement", h + [("X-Presto-Extra-Credential", "routing=nowhere")], script())
    assert failed.json()["infoUri"].startswith(prefix)


@pytest.mark.parametrize("prefix", ["javascript:alert(1)", "/relative", 'http://x/"', "http://x/ y"])
def test_prefix_url_that_is_none_is_ignored(pair, prefix):
    f, g = pair("presto")
    s = Statement(g.url, script(rows=1), "presto", headers=[("X-Presto-Prefix-Url", prefix)])
    assert s.next.startswith(g.url + "/")


def test_prefix_url_is_presto(pair):
    f, g = pair("trino")
    s = Statement(g.url, script(rows=1), "trino", headers=[("X-Trino-Prefix-Url", "http://x/")])
    assert s.next.startswith(g.url + "/")
