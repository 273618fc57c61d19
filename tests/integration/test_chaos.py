# SPDX-License-Identifier: Apache-2.0
"""Clusters that misbehave: answers cut at every byte, drips, delays, huge heads, garbage, odd statuses, outages.

What must hold whatever a cluster does:
- the client gets a well formed answer (a page, or one line of plain text), or, when bytes of a page were already
  on their way, a closed connection; never an answer that looks complete and is not;
- a statement that a cluster may have accepted is never submitted again, and no 502, 503 or 504 is given for it;
- the gateway stays alive and its sanitizers stay silent.
"""
import itertools
import json
import random
import socket
import threading
import time

import pytest

from fake_coordinator import Raw, Reply, Server
from harness import DIRECT, FULL, Broken, Connection, Statement, backends, eventually, in_parallel, path_of, request, user_headers

pytestmark = pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")

JSON = [("Content-Type", "application/json")]
TEXT = [("Content-Type", "text/plain")]
PAIRS = [("trino", "trino"), ("presto", "presto"), ("presto", "trino"), ("trino", "presto")]
SAME, CROSS = ("trino", "trino"), ("presto", "trino")
RETRIED = (502, 503, 504)       # clients submit again on these
counter = itertools.count(1)


def script(**what):
    """SQL with a number of its own, so that its submissions can be counted."""
    return f"SELECT {next(counter)} /*fake {json.dumps(what)}*/"


class Stage:
    def __init__(self, fake, gateway, client):
        self.fake, self.gateway, self.url, self.client = fake, gateway, gateway.url, client

    def __repr__(self):
        return f"{self.client} -> {self.fake.engine}"

    def submissions(self, sql):
        return sum(r.text == sql for r in self.fake.posts())

    def start(self, sql, polls):
        s = Statement(self.url, sql, self.client)
        for _ in range(polls):
            s.poll()
        return s

    def fault(self, fault, method, part="", times=1):
        """fault(request, the good answer) -> what is sent instead."""
        self.fake.inject(lambda r: fault(r, self.fake.route(r)), method, part, times)

    def settle(self, s):
        """Polls to the end as a patient client does."""
        for _ in range(400):
            if not s.next:
                return s
            try:
                answer = request("GET", s.next, user_headers(self.client))
            except Broken as e:
                assert e.got, f"closed without a word: {e}"
                continue
            well_formed(answer)
            assert answer.status == 200, answer
            s.take(answer)
        raise AssertionError("no end")

    def check(self):
        self.gateway.check()
        assert request("GET", self.url + "/v1/info/state").status == 200


@pytest.fixture(scope="module")
def stage(module_fake, module_gateway):
    made = {}

    def make(pair):
        if pair not in made:
            client, cluster = pair
            f = module_fake(cluster)
            config = backends(a=(cluster, f.url))
            config["backends"]["a"]["health"] = {"interval": "200ms", "up_after": 1}
            made[pair] = Stage(f, module_gateway(config), client)
        made[pair].fake.injected.clear()
        return made[pair]

    return make


def well_formed(answer):
    """A page or a line of text, framed so that a cut would show."""
    assert answer.framing in ("length", "chunked", "none"), answer
    kind = answer.get("Content-Type") or ""
    text = answer.text
    assert "html" not in kind and "<html" not in text.lower(), answer
    if "json" in kind:
        page = json.loads(text)
        if answer.status == 200:
            assert isinstance(page, dict) and isinstance(page["id"], str) and "stats" in page, answer
    elif answer.status == 200:
        raise AssertionError(f"200 without JSON: {answer}")


def wire_length(st, method, chunked):
    """Bytes of the answer that the cut tests cut."""
    sizes = []

    def measure(r, good):
        good.chunked = chunked
        sizes.append(len(good.wire()))
        return good
    if method == "POST":
        st.fault(measure, "POST")
        Statement(st.url, script(), st.client)
    else:
        s = st.start(script(queued=0), 1)
        st.fault(measure, "GET", s.id)
        s.poll()
    return sizes[0]


# --- cut -------------------------------------------------------------------------------------


def offsets(size, step):
    """Where to cut. Quick: a sample, and all of the end."""
    every = range(0, size, step)
    return every if FULL else [o for o in every if o % 7 == 0 or o >= size - 12]


@pytest.mark.parametrize("pair,framing,end,step", [
    (SAME, "length", "close", 1), (SAME, "chunked", "close", 1), (CROSS, "length", "close", 1), (CROSS, "chunked", "close", 1),
    (SAME, "length", "reset", 17), (SAME, "chunked", "reset", 17), (CROSS, "chunked", "reset", 17)], ids=str)
def test_poll_cut_at_every_byte(stage, pair, framing, end, step):
    st = stage(pair)
    chunked = framing == "chunked"

    def case(offset):
        s = st.start(script(rows=2, queued=0), 1)

        def fault(r, good):
            good.chunked = chunked
            return Raw(good.wire()[:offset], end)
        st.fault(fault, "GET", s.id)
        st.settle(s)
        assert s.rows == [[0, "r0xxx"], [1, "r1xxx"]] and not s.error
    in_parallel(case, offsets(wire_length(st, "GET", chunked), step), threads=48)
    st.check()


@pytest.mark.parametrize("pair,framing,step", [(SAME, "length", 1), (SAME, "chunked", 1), (CROSS, "length", 1), (CROSS, "chunked", 7)], ids=str)
def test_post_answer_cut_at_every_byte(stage, pair, framing, step):
    st = stage(pair)
    chunked = framing == "chunked"

    def case(offset):
        sql = script(rows=1)
        token = sql.split()[1]
        h = user_headers(st.client) + [("X-Case", token)]
        cuts[token] = offset, chunked
        try:
            answer = request("POST", st.url + "/v1/statement", h, sql)
        except Broken as e:
            assert e.got, "closed without a word"
        else:
            well_formed(answer)
            if answer.status == 200:
                page = answer.json()
                assert page.get("error") or page.get("nextUri"), answer
            assert offset == 0 or answer.status not in RETRIED, answer
        assert st.submissions(sql) <= (2 if offset == 0 else 1), "submitted again after it may have been accepted"

    cuts = {}

    def tamper(r):
        good = st.fake.route(r)
        cut = cuts.get(r.get("X-Case"))
        if cut is None:
            return good
        good.chunked = cut[1]
        return Raw(good.wire()[:cut[0]], "close")
    size = wire_length(st, "POST", chunked)
    st.fake.inject(tamper, "POST", "/v1/statement", times=1 << 30)
    in_parallel(case, offsets(size, step), threads=24)
    st.check()


# --- slow ------------------------------------------------------------------------------------


def test_drips(stage):
    def case(what):
        st, framing = what

        def drip(r, good):
            good.chunked = framing == "chunked"
            wire = good.wire()
            pieces = [wire[i:i + 5] for i in range(0, len(wire), 5)]
            return Raw(*[x for p in pieces for x in (p, 0.001)])
        sql = script(rows=20, pages=2)
        st.fake.inject(lambda r: drip(r, st.fake.route(r)) if r.text == sql else st.fake.route(r), "POST", times=8)
        s = Statement(st.url, sql, st.client)
        st.fault(drip, "GET", s.id, times=4)
        st.settle(s)
        assert len(s.rows) == 40
    stages = [stage(p) for p in PAIRS]
    in_parallel(case, list(itertools.product(stages, ["length", "chunked"])))
    for st in stages:
        st.check()


def test_delays(stage):
    def case(st):
        st.fault(lambda r, good: Raw(0.7, good.wire()), "POST")
        s = Statement(st.url, script(rows=2), st.client)
        st.fault(lambda r, good: Raw(1.5, good.wire()), "GET", s.id)
        st.fault(lambda r, good: Raw(good.wire()[:80], 0.7, good.wire()[80:]), "GET", s.id)
        st.settle(s)
        assert len(s.rows) == 2 and len([r for r in st.fake.seen("GET", s.id)]) == len(s.pages) - 1, "a long poll was asked again"
        st.check()
    in_parallel(case, [stage(SAME), stage(CROSS)])


def test_a_client_that_does_not_read_holds_up_nobody(stage):
    st = stage(SAME)
    s = st.start(script(rows=8000, width=200), 2)
    lazy = Connection(st.url)
    lazy.send("GET", path_of(s.next), user_headers(st.client))
    time.sleep(0.5)
    for _ in range(5):
        assert len(st.settle(Statement(st.url, script(rows=1), st.client)).rows) == 1
    page = lazy.receive()
    assert len(page.json()["data"]) == 8000
    lazy.close()
    st.check()


# --- heads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_huge_heads(stage, pair):
    st = stage(pair)
    client, cluster = (p.title() for p in pair)
    added = [(f"X-{cluster}-Added-Prepare", f"s{i}=" + "x" * 7900) for i in range(25)]

    def prepared(r, good):
        good.headers += added
        return good
    s = st.start(script(rows=3), 1)
    st.fault(prepared, "GET", s.id)
    s.poll()
    assert sorted(s.answers[-1].all(f"X-{client}-Added-Prepare")) == sorted(v for _, v in added)
    st.settle(s)

    def too_large(r, good):
        good.headers += [(f"X-Big-{i}", "y" * 8000) for i in range(400)]
        return good
    for part in ("POST", "GET"):
        sql = script(rows=1)
        try:
            if part == "POST":
                st.fault(too_large, "POST")
                answer = request("POST", st.url + "/v1/statement", user_headers(st.client), sql)
            else:
                s = st.start(sql, 1)
                st.fault(too_large, "GET", s.id, times=1000)
                answer = request("GET", s.next, user_headers(st.client))
        except Broken as e:
            raise AssertionError(f"no clear answer: {e}")
        well_formed(answer)
        assert answer.status not in RETRIED and len(str(answer.headers)) < 300000, answer
        assert st.submissions(sql) == 1
    st.check()


def test_odd_but_legal_heads(stage):
    st = stage(SAME)
    s = st.start(script(rows=2, pages=12), 1)
    bodies = [
        lambda b: b"HTTP/1.1 200\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b),
        lambda b: b"HTTP/1.1 200 OK\r\ncontent-type:application/json\r\nCONTENT-LENGTH:   %d   \r\n\r\n%s" % (len(b), b),
        lambda b: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: Chunked\r\n\r\n%X;a=b\r\n%s\r\n0\r\nX-T: 1\r\n\r\n" % (len(b), b),
        lambda b: b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b),
        lambda b: b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b),
        lambda b: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + b,      # framed by the close
        lambda b: b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nX-Empty:\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b),
        lambda b: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % c for c in b) + b"0\r\n\r\n",
    ]
    for make in bodies:
        closes = b"Connection: close" in make(b"") or b"HTTP/1.0" in make(b"")
        st.fault(lambda r, good, make=make, closes=closes: Raw(make(good.body), *(["close"] if closes else [])), "GET", s.id)
        before = len(s.pages)
        s.poll()
        assert len(s.pages) == before + 1 and not s.error
    st.settle(s)
    assert len(s.rows) == 24
    st.check()


# --- garbage ---------------------------------------------------------------------------------


def framed(body, status=b"200 OK", kind=b"application/json"):
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


GARBAGE = {
    "no http": b"GARBAGE\r\n\r\n", "binary": bytes(range(256)) * 10, "empty line": b"\r\n\r\n", "http 9": b"HTTP/9.9 200 OK\r\n\r\n",
    "status 99": b"HTTP/1.1 99 X\r\n\r\n", "status abc": b"HTTP/1.1 abc X\r\n\r\n", "status 1000": b"HTTP/1.1 1000 X\r\n\r\n",
    "status 0": b"HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n",
    "header without colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "folded": b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "nul": b"HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 2\r\n\r\n{}", "bare cr": b"HTTP/1.1 200 OK\rContent-Length: 2\r\r{}",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}", "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "huge length": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{",
    "bad chunk": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "huge chunk": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "chunk without end": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n",
    "unknown coding": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: rot13\r\n\r\n{}",
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "endless 1xx": b"HTTP/1.1 100 Continue\r\n\r\n" * 2000,
    "no bytes of body": framed(b""), "null": framed(b"null"), "array": framed(b"[]"), "string": framed(b'"x"'), "number": framed(b"1"),
    "cut json": framed(b'{"id":"a","nex'), "no id": framed(b"{}"), "id is a number": framed(b'{"id":1,"stats":{}}'),
    "deep": framed(b"[" * 100000), "deep object": framed(b'{"a":' * 50000), "html": framed(b"<html>502</html>", kind=b"text/html"),
    "html as json": framed(b"<html>oops</html>"), "bad utf-8": framed(b'{"id":"\xff\xfe","stats":{}}'),
    "bad next": framed(b'{"id":"20261124_101010_00001_aaaaa","infoUri":"x","nextUri":"not a uri","stats":{"state":"QUEUED"},"warnings":[]}'),
    "next is null": framed(b'{"id":"20261124_101010_00001_aaaaa","infoUri":"http://x/","nextUri":7,"stats":{"state":"QUEUED"},"warnings":[]}'),
    "false gzip": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n{\"a\":",
    "unknown content coding": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: zzz\r\nContent-Length: 2\r\n\r\n{}",
    "long line": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 2000000, "two answers": framed(b"{}") + framed(b"{}"),
}


def outcome(st, method, url, sql=b""):
    """The answer, or None when the connection was closed after bytes of a page."""
    try:
        answer = request(method, url, user_headers(st.client), sql)
    except Broken as e:
        assert e.got, f"closed without a word: {e}"
        return None
    assert answer.framing in ("length", "chunked", "none"), answer
    assert answer.status not in RETRIED, answer
    assert "<html" not in answer.text.lower(), answer
    return answer


@pytest.mark.parametrize("pair", [SAME, CROSS], ids=str)
def test_garbage(stage, pair):
    st = stage(pair)
    posted = {}
    st.fake.inject(lambda r: Raw(posted[r.text], "close") if r.text in posted else st.fake.route(r), "POST", times=1 << 30)

    def case(item):
        name, bytes_ = item
        sql = script(rows=1)
        posted[sql] = bytes_
        answer = outcome(st, "POST", st.url + "/v1/statement", sql)
        if answer is not None and answer.status == 200:
            assert answer.json()["id"], answer
        assert st.submissions(sql) == 1
        s = st.start(script(rows=1), 1)
        st.fault(lambda r, good: Raw(bytes_, "close"), "GET", s.id)
        answer = outcome(st, "GET", s.next)
        if answer is not None and answer.status == 200:
            page = answer.json()
            assert isinstance(page, dict) and "id" in page, page
    in_parallel(case, list(GARBAGE.items()))
    st.check()
    st.fake.injected.clear()
    s = st.settle(Statement(st.url, script(rows=5), st.client))
    assert len(s.rows) == 5


def test_garbage_inside_data_is_an_error_page_where_pages_are_translated(stage):
    st = stage(CROSS)
    for damage in (lambda b: b.replace(b'"data":[[0', b'"data":[[x'), lambda b: b.replace(b'"data":[[', b'"data":[{'),
                   lambda b: b.replace(b'"type":"bigint"', b'"type":7'), lambda b: b.replace(b'"data":[[0,', b'"data":[[0,1,2,3,')):
        s = st.start(script(rows=3, queued=0), 1)

        def fault(r, good, damage=damage):
            assert damage(good.body) != good.body
            good.body = damage(good.body)
            return good
        st.fault(fault, "GET", s.id, times=1000)
        for _ in range(200):
            answer = outcome(st, "GET", s.next)
            assert answer is not None and answer.status in (200, 500), answer
            if answer.status == 500 or answer.json().get("error"):
                break
            s.next = answer.json()["nextUri"]
    st.check()


def test_next_uri_of_another_host_is_never_followed(stage):
    st = stage(SAME)
    evil = Server(lambda r: Reply(200, JSON, "{}"))
    try:
        for shape in (evil.url, evil.url.replace("http:", ""), evil.url.replace("http://", "http://user@"), "http:" + evil.url[7:]):
            s = st.start(script(rows=1, queued=3), 1)

            def fault(r, good, shape=shape):
                good.body = good.body.replace(b'"nextUri":"' + st.fake.url.encode(), b'"nextUri":"' + shape.encode())
                return good
            st.fault(fault, "GET", s.id)
            answer = outcome(st, "GET", s.next)
            if answer is not None and answer.status == 200 and answer.json().get("nextUri"):
                following = answer.json()["nextUri"]
                assert following.startswith(st.url), following
                outcome(st, "GET", following)
        assert not evil.requests
    finally:
        evil.close()
    st.check()


# --- statuses --------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [SAME, CROSS], ids=str)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 418, 429, 431, 451])
def test_4xx_are_the_clusters_answers(stage, pair, status):
    st = stage(pair)
    more = [("WWW-Authenticate", 'Basic realm="Trino"')] if status == 401 else [("Retry-After", "1")] if status == 429 else []
    for method in ("POST", "GET"):
        sql = script(rows=1)
        s = st.start(sql, 1) if method == "GET" else None
        st.fault(lambda r, good: Reply(status, TEXT + more, "because"), method, s.id if s else "/v1/statement")
        answer = request(method, s.next if s else st.url + "/v1/statement", user_headers(st.client), b"" if s else sql)
        assert answer.status == status and answer.text.strip() == "because", answer
        for k, v in more:
            assert answer.get(k) == v
    st.check()


@pytest.mark.parametrize("pair", [SAME, CROSS], ids=str)
def test_5xx_that_clients_do_not_repeat(stage, pair):
    st = stage(pair)
    posted = {}
    st.fake.inject(lambda r: posted[r.text] if r.text in posted else st.fake.route(r), "POST", times=1 << 30)

    def case(what):
        status, (kind, body), method = what
        reply = Reply(status, [("Content-Type", kind)], body)
        sql = script(rows=1)
        if method == "POST":
            posted[sql] = reply
            answer = outcome(st, "POST", st.url + "/v1/statement", sql)
        else:
            s = st.start(sql, 1)
            st.fault(lambda r, good: reply, "GET", s.id)
            answer = outcome(st, "GET", s.next)
        assert answer is not None and (answer.status >= 500 or answer.status == 200), answer
        assert st.submissions(sql) == 1
    in_parallel(case, list(itertools.product([500, 501, 505, 599], [("text/plain", "java.lang.NullPointerException\n\tat x.y(Z.java:1)"),
                                                                    ("text/html", "<html>oops</html>")], ["POST", "GET"])))
    st.check()


@pytest.mark.parametrize("pair", [SAME, CROSS], ids=str)
def test_2xx_and_3xx_without_a_page(stage, pair):
    st = stage(pair)
    elsewhere = Server(lambda r: Reply(404, TEXT, "elsewhere"))
    posted = {}
    st.fake.inject(lambda r: posted[r.text] if r.text in posted else st.fake.route(r), "POST", times=1 << 30)

    def case(what):
        status, method, location = what
        reply = Reply(status, [("Location", location)] if location and status >= 300 else [])
        sql = script(rows=1)
        if method == "POST":
            posted[sql] = reply
            answer = outcome(st, "POST", st.url + "/v1/statement", sql)
        else:
            s = st.start(sql, 1)
            st.fault(lambda r, good: reply, "GET", s.id)
            answer = outcome(st, "GET", s.next)
        if answer is not None:
            leak = str(answer.headers) + answer.text
            assert st.fake.url not in leak and elsewhere.url not in leak, f"an inner address leaks: {answer}"
            if answer.status == 200:
                well_formed(answer)
    try:
        in_parallel(case, list(itertools.product([201, 204, 205, 206, 300, 301, 302, 303, 304, 305, 307, 308], ["POST", "GET"],
                                                 [elsewhere.url + "/x", "/v1/info", "//x", None])))
    finally:
        elsewhere.close()
    assert not elsewhere.requests, "a foreign host is never asked"
    st.check()


# --- outages ---------------------------------------------------------------------------------


def test_poll_survives_failures(stage):
    def case(what):
        st, failure = what
        sql = script(rows=2, pages=3)
        s = st.start(sql, 0)
        flaky = itertools.cycle([True, True, False])

        def fault(r):
            if not next(flaky):
                return st.fake.route(r)
            return Reply(failure, TEXT, "try again") if isinstance(failure, int) else Raw(failure)
        st.fake.inject(fault, "GET", s.id, times=1 << 30)
        st.settle(s)
        assert s.rows == [[i, f"r{i}xxx"] for i in range(6)] and not s.error
        assert st.submissions(sql) == 1
    stages = [stage(p) for p in PAIRS]
    in_parallel(case, list(itertools.product(stages, [502, 503, 504, "close", "reset"])), threads=20)
    for st in stages:
        st.check()


@pytest.mark.parametrize("pair", [SAME, CROSS], ids=str)
def test_cluster_away_for_a_while(stage, pair):
    st = stage(pair)
    sql = script(rows=2, pages=3)
    s = st.start(sql, 2)
    st.fake.stop_listening()
    try:
        answer = request("GET", s.next, user_headers(st.client))
        well_formed(answer)
        assert answer.status == 200 and answer.json()["nextUri"] and not answer.json().get("error"), answer
        assert answer.json()["id"] == s.id
        s.take(answer)
    finally:
        st.fake.listen_again()
    st.settle(s)
    assert len(s.rows) == 6 and st.submissions(sql) == 1
    eventually(lambda: request("POST", st.url + "/v1/statement", user_headers(st.client), script()).status == 200, "up again")
    st.check()


def test_cancel_while_the_cluster_is_away(stage):
    st = stage(SAME)
    s = st.start(script(forever=True), 2)
    st.fake.stop_listening()
    try:
        answer = request("DELETE", s.next, user_headers(st.client))
        assert answer.status < 600, answer
    finally:
        st.fake.listen_again()
    st.check()


# --- everything at once ----------------------------------------------------------------------


def test_many_statements_through_random_faults(stage):
    rnd, lock = random.Random(4711), threading.Lock()

    def tamper(st, r):
        good = st.fake.route(r)
        with lock:
            dice, cut, pause = rnd.random(), rnd.random(), rnd.random() / 50
        if r.path.startswith("/v1/info") or good.status != 200:
            return good
        good.chunked = cut < 0.5
        wire = good.wire()
        if dice < 0.05:
            return Raw(wire[:int(len(wire) * cut)], "close")
        if dice < 0.08:
            return Raw(wire[:int(len(wire) * cut)], "reset")
        if dice < 0.12:
            return Reply(rnd.choice(RETRIED), TEXT, "no")
        if dice < 0.25:
            return Raw(wire[:int(len(wire) * cut)], pause, wire[int(len(wire) * cut):])
        return good

    def case(what):
        st, i = what
        sql = script(rows=1 + i % 7, pages=i % 4, queued=i % 3, width=1 + i % 50 * 20)
        s = st.settle(Statement(st.url, sql, st.client))
        count = (1 + i % 7) * (i % 4)
        assert [r[0] for r in s.rows] == list(range(count)), "rows are lost or doubled"
        assert st.submissions(sql) == 1 and not s.error
    stages = [stage(p) for p in PAIRS]
    for st in stages:
        st.fake.inject(lambda r, st=st: tamper(st, r), "GET", "/v1/statement", times=1 << 30)
    in_parallel(case, list(itertools.product(stages, range(60))), threads=24)
    for st in stages:
        st.check()
