# SPDX-License-Identifier: Apache-2.0
"""Recordings of real clients against real coordinators, replayed through the gateway.

For each exchange the recorded request goes to the gateway (its own nextUri in place of the recorded path), a
scripted coordinator checks what the gateway sends on and answers as recorded, and the client's answer must
equal the recording, byte for byte, except where the tables below say otherwise. The recordings hold real
tokens and slugs; addresses are `coordinator:8080` and `worker:8080`.
"""
import collections
import json
import re
import urllib.parse

import pytest

from fake_coordinator import Reply, Server
from harness import DIRECT, Connection, backends, path_of, shared_data

RECORDINGS = shared_data() / "wire"
FILES = sorted(p for p in RECORDINGS.glob("*/*/*.jsonl") if p.stat().st_size) if RECORDINGS.is_dir() else []

# Statuses that the gateway handles itself instead of handing them on (test_chaos has their tests).
HANDLED = {"502", "503", "504", "307"}
# Requests that the gateway may answer from what it knows; only the status is compared.
OWN_ANSWERS = [("GET", re.compile(r"/v1/info(/.*)?")), ("HEAD", re.compile(r"/v1/statement")), ("GET", re.compile(r"/v1/statement"))]
# Request headers that belong to one connection or are the gateway's business: not compared.
REWRITTEN_REQUEST = {"host", "connection", "keep-alive", "accept-encoding", "content-length", "transfer-encoding", "te",
                     "x-trino-query-data-encoding"}
# Request headers the gateway may add.
ADDED_REQUEST = re.compile(r"x-forwarded-.*|forwarded|via|x-(trino|presto)-user|x-request-id|traceparent|content-type", re.I)
# Lists: compared entry by entry, without the hint.
LISTS = {"x-trino-extra-credential", "x-presto-extra-credential"}
HINT = "routing"
# Response headers of one connection or one coding: not compared.
REWRITTEN_RESPONSE = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "date", "vary",
                      "x-content-type-options", "server"}
# SQL that the gateway emulates on an engine which lacks it: only that it runs through is tried.
EMULATED = {"presto": re.compile(r"EXECUTE\s+IMMEDIATE", re.I), "trino": re.compile(r"(?!)")}
# What the gateway adds to the first page of a statement whose hint it does not know.
IGNORED_HINT = re.compile(r'\{"warningCode":\{"code":16777216,"name":"GATEWAY_WARNING"\},"message":"Unknown routing hint [^"]*"\},?')
# Members of a page that lead back to the gateway.
URIS = ("nextUri", "infoUri", "partialCancelUri")
URI = re.compile(r'"(nextUri|infoUri|partialCancelUri)":"((?:[^"\\]|\\.)*)"')


def exchanges(file):
    out = []
    for line in file.read_text().splitlines():
        e = json.loads(line)
        if "event" not in e and e.get("injected") not in HANDLED:
            out.append(e)
    return out


class Coordinator(Server):
    """Answers the one exchange that is being replayed."""

    def __init__(self):
        self.current, self.seen_now, self.count = None, [], 0
        super().__init__()

    def local(self, text):
        return re.sub(r"\b(coordinator|worker):8080\b", f"127.0.0.1:{self.port}", text)

    def handle(self, request):
        if request.path == "/v1/info/state":
            return Reply(200, [("Content-Type", "application/json")], '"ACTIVE"')
        if request.path == "/v1/info":
            if self.current is None or self.current["path"] != "/v1/info":
                return Reply(200, [("Content-Type", "application/json")],
                             '{"nodeVersion":{"version":"476"},"environment":"x","coordinator":true,"starting":false,"uptime":"1.00m"}')
        e = self.current
        self.seen_now.append(request)
        if e is None:
            return Reply(500, [("Content-Type", "text/plain")], "nothing was expected here")
        self.count += 1
        drop = {"content-encoding", "content-length", "transfer-encoding"}
        headers = [(k, self.local(v)) for k, v in e["response_headers"] if k.lower() not in drop]
        return Reply(e["status"], headers, self.local(e["response_body"]), chunked=self.count % 2 == 0, reason=e["reason"] or None)


def credentials(values):
    return sorted(entry.strip() for v in values for entry in v.split(",") if entry.strip() and (DIRECT or entry.split("=")[0].strip() != HINT))


def fold(headers, skip):
    out = collections.defaultdict(list)
    for k, v in headers:
        if k.lower() not in skip:
            out[k.lower()].append(v)
    for name in LISTS & set(out):
        out[name] = credentials(out[name])
        if not out[name]:
            del out[name]
    return out


def refused_as_recorded(e, seen, answer):
    """The gateway may refuse by itself what the cluster would refuse, in the same words."""
    return not seen and 400 <= e["status"] < 500 and (answer.status, answer.text) == (e["status"], e["response_body"])


def check_request(e, seen, answer):
    assert len(seen) == 1, f"one request was to reach the cluster: {seen}; the client got {answer}"
    r = seen[0]
    assert (r.method, r.path) == (e["method"], e["path"])
    assert r.text == e["request_body"]
    want, got = fold(e["request_headers"], REWRITTEN_REQUEST), fold(r.headers, REWRITTEN_REQUEST)
    if want.get("x-trino-user") == [""]:        # trino-go sends an empty user with its polls
        del want["x-trino-user"]
    for name in list(got):
        if name not in want and ADDED_REQUEST.fullmatch(name):
            del got[name]
    assert got == want


def unknown_hint(e):
    values = [v for k, v in e["request_headers"] if k.lower() in LISTS]
    hints = re.findall(r"\brouting=([^,;]*)", ",".join(values))
    return any(h != "athena" for h in hints)


def masked(text):
    return URI.sub(lambda m: f'"{m[1]}":"*"', text)


def check_answer(e, answer, coordinator, base, warned):
    assert answer.status == e["status"], answer
    want, got = fold(e["response_headers"], REWRITTEN_RESPONSE), fold(answer.headers, REWRITTEN_RESPONSE)
    want.pop("location", None), got.pop("location", None)
    assert got == want
    text, recorded = answer.text, coordinator.local(e["response_body"])
    if e["path"].startswith("/v1/query"):
        for t in (base, coordinator.url):
            text, recorded = text.replace(t, "*"), recorded.replace(t, "*")
    if warned:
        text, count = IGNORED_HINT.subn("", text)
        assert count == 1, "a hint that is not known is a warning"
    assert masked(text) == masked(recorded)
    names = lambda t: [m[1] for m in URI.finditer(t)]
    assert names(text) == names(recorded)
    for m in URI.finditer(text):
        assert json.loads(f'"{m[2]}"').startswith(base + "/"), f"{m[1]} does not lead to the gateway: {m[2]}"
    for k, v in answer.headers:
        assert DIRECT or f"127.0.0.1:{coordinator.port}" not in v, f"the cluster's address leaks: {k}: {v}"


@pytest.fixture(scope="module")
def stages(module_gateway):
    """engine -> (gateway, coordinator)."""
    made = {}

    def make(engine):
        if engine not in made:
            c = Coordinator()
            config = backends(a=(engine, c.url))
            config["routing"] = {"groups": {"athena": {"members": ["a"]}}, "default": "athena"}
            config["hints"] = {"unknown": "warn"}
            made[engine] = module_gateway(config), c
        return made[engine]

    yield make
    for _, c in made.values():
        c.close()


@pytest.mark.no_gateway
def test_recordings_are_there():
    if not FILES:
        print(f"\n*** NO RECORDINGS in {RECORDINGS}: nothing is replayed (SLEIPNIR_TESTDATA) ***")
        pytest.skip("no recordings")
    assert sum(len(exchanges(f)) for f in FILES) > 2000



@pytest.mark.parametrize("file", FILES, ids=["/".join(f.parts[-2:]) for f in FILES])
def test_replay(stages, file):
    engine = "trino" if "trino-476" in file.parts else "presto"
    gateway, coordinator = stages(engine)
    base = gateway.url
    uris, emulated = {}, set()                      # recorded nextUri -> the gateway's; ids of emulated statements
    connection = Connection(base)
    try:
        for e in exchanges(file):
            recorded = "http://coordinator:8080" + e["path"]
            path = path_of(uris[recorded]) if recorded in uris else e["path"]
            if path.startswith(("/v1/statement/queued", "/v1/statement/executing")) and recorded not in uris:
                continue                # its predecessor was one of HANDLED, or stood before the recording
            headers = [(k, v) for k, v in e["request_headers"]
                       if k.lower() not in ("host", "connection", "content-length", "accept-encoding")]
            coordinator.current, coordinator.seen_now = e, []
            answer = connection.request(e["method"], path, headers, e["request_body"])
            coordinator.current = None
            place = f"{file.name}:{e['n']} {e.get('step', '')}"
            if any(m == e["method"] and p.fullmatch(e["path"]) for m, p in OWN_ANSWERS):
                assert answer.status == e["status"], (place, answer)
                continue
            body = e["response_body"]
            warned = not DIRECT and e["path"] == "/v1/statement" and body.startswith("{") and unknown_hint(e)
            id = json.loads(body)["id"] if body.startswith('{"id"') else None
            if e["path"] == "/v1/statement" and EMULATED[engine].match(e["request_body"]):
                emulated.add(id)
            if id in emulated or refused_as_recorded(e, coordinator.seen_now, answer):
                if id and "nextUri" in answer.text:
                    uris[json.loads(body).get("nextUri")] = answer.json()["nextUri"]
                continue
            try:
                check_request(e, coordinator.seen_now, answer)
                check_answer(e, answer, coordinator, base, warned)
            except AssertionError as problem:
                raise AssertionError(f"{place}: {e['method']} {e['path']}\n{problem}") from problem
            if body.startswith('{"id"'):
                page, got = json.loads(body), answer.json()
                for key in URIS:
                    if key in page and key != "infoUri":
                        uris[page[key].replace("worker:8080", "coordinator:8080")] = got[key]
    finally:
        connection.close()
    gateway.check()
