# SPDX-License-Identifier: Apache-2.0
"""Spooled results of a real Trino that keeps them in a real object store (s3proxy, which checks signatures).

One Trino for each way in which a client may fetch a segment; where it must not fetch any, too. What a client reads
through the gateway equals what it reads at the coordinator; that segments were spooled and acknowledged at all is
asked of the cluster and of the store.
"""
import base64
import json
import os
import re
import signal
import subprocess

import pytest

import drivers
import harness
from harness import DIRECT, PATIENCE, Statement, backends, eventually, path_of, request, unzstd, user_headers

pytestmark = [pytest.mark.jvm, pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")]

ENCODINGS = [("X-Trino-Query-Data-Encoding", "json+zstd,json+lz4,json")]
BIG = "SELECT custkey, name, acctbal, comment FROM tpch.sf1.customer WHERE custkey <= 20000 ORDER BY custkey"
# Which client runs where: each way of fetching with a Java client and another one.
CLIENTS = {
    "COORDINATOR_PROXY": ["trino-jdbc-476", "trino-jdbc-484", "python-trino", "go-trino"],
    "STORAGE": ["trino-jdbc-484", "python-trino"],
    "COORDINATOR_STORAGE_REDIRECT": ["trino-jdbc-476", "go-trino"],
}
READ = {"COORDINATOR_PROXY": ("read", "types", "errors")}          # elsewhere only "read"


class Store:
    """s3proxy with one bucket, "spool", in a folder."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{harness.free_port()}"
        self.bucket = folder / "data/spool"
        self.bucket.mkdir(parents=True)
        (folder / "s3proxy.conf").write_text(
            f"s3proxy.endpoint={self.url}\ns3proxy.authorization=aws-v2-or-v4\ns3proxy.identity=AK\ns3proxy.credential=SK\n"
            f"jclouds.provider=filesystem-nio2\njclouds.filesystem.basedir={folder}/data\n")
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [drivers.java("17") + "java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar",
                 str(next(harness.PEERS.glob("s3proxy-*/s3proxy.jar"))), "--properties", str(folder / "s3proxy.conf")], stdout=log, stderr=log)
        eventually(self.answers, "the store answers")

    def answers(self):
        try:
            return request("GET", self.url + "/").status == 403
        except OSError:
            return False

    def objects(self):
        return [p for p in self.bucket.rglob("*") if p.is_file()]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    subprocess.run([str(harness.ROOT / "scripts/peers"), "get", "servers", "clients", "store"], check=True)
    s = Store(tmp_path_factory.mktemp("store"))
    yield s
    s.stop()


@pytest.fixture(scope="module", params=list(CLIENTS))
def cluster(request, store, tmp_path_factory):
    """A Trino of this retrieval mode; segments are small, results of a hundred rows stay in the page."""
    etc = tmp_path_factory.mktemp("etc")
    (etc / "spooling-manager.properties").write_text(
        "spooling-manager.name=filesystem\nfs.s3.enabled=true\nfs.location=s3://spool/\nfs.segment.encryption=false\n"
        f"s3.endpoint={store.url}\ns3.region=us-east-1\ns3.aws-access-key=AK\ns3.aws-secret-key=SK\ns3.path-style-access=true\n")
    extra = {"enabled": "true", "retrieval-mode": request.param, "shared-secret-key": base64.b64encode(bytes(range(32))).decode(),
             "initial-segment-size": "256kB", "maximum-segment-size": "1MB", "inlining.max-rows": "100", "inlining.max-size": "64kB"}
    peer = harness.Peer("trino", heap="768m", ETC=str(etc), EXTRA="\n".join(f"protocol.spooling.{k}={v}" for k, v in extra.items()))
    peer.mode = request.param
    try:                                # it runs SELECT 1 a little before it knows its own node
        eventually(lambda: Statement(peer.url, "SELECT count(*) FROM tpch.tiny.nation").run().rows == [[25]], "the cluster reads tables")
        yield peer
    finally:
        os.kill(peer.pid, signal.SIGKILL)       # a polite end takes ten seconds
        peer.stop()


@pytest.fixture(scope="module")
def relay(cluster, module_gateway):
    return module_gateway(configured(cluster))


def configured(cluster, spooling="pass", **more):
    config = {**backends(a=("trino", cluster.url)), **more}
    config["backends"]["a"]["spooling"] = spooling
    return config


def encoding_of(cluster, query):
    """(what client and cluster agreed on, the pages that went to the store), as the cluster tells."""
    info = request("GET", f"{cluster.url}/v1/query/{query}", user_headers("trino"))
    operators = [o["info"] for o in info.json()["queryStats"]["operatorSummaries"] if (o.get("info") or {}).get("@type") == "outputSpooling"]
    return info.json()["session"].get("queryDataEncoding"), sum(o["spooledPages"] for o in operators)


def last_query(cluster, part):
    listed = request("GET", f"{cluster.url}/v1/query", user_headers("trino")).json()
    return max(q["queryId"] for q in listed if part in q["query"])


class Spooled(Statement):
    """Collects segments instead of rows."""

    def take(self, answer):
        page = answer.json()
        self.segments = getattr(self, "segments", [])
        self.encoding = getattr(self, "encoding", None) or answer.get("X-Trino-Query-Data-Encoding")
        self.texts = getattr(self, "texts", []) + [answer.text]
        data = page.pop("data", None)
        if data:
            assert isinstance(data, dict) and data["encoding"] == self.encoding, "spooled, in the encoding the head names"
            self.segments += data["segments"]
        self.answers.append(answer)
        self.pages.append(page)
        self.next, self.error = page.get("nextUri"), page.get("error")
        return page


def decoded(payload, segment):
    return json.loads(unzstd(payload) if "uncompressedSize" in segment["metadata"] else payload)


def fetch(segment, cluster, store, relay):
    """The rows of a segment, fetched as this way of fetching demands."""
    if segment["type"] == "inline":
        return decoded(base64.b64decode(segment["data"]), segment)
    uri = segment["uri"]
    if cluster.mode == "STORAGE":
        assert uri.startswith(store.url + "/spool/") and "X-Amz-Signature=" in uri, "a signed URI stays as it is"
    else:
        assert re.fullmatch(re.escape(relay.url) + r"/v1/spooled/[\w-]+", uri), uri
    headers = [(k, v) for k, values in segment.get("headers", {}).items() for v in values] + [("Accept-Encoding", "identity")]
    answer = request("GET", uri, headers)
    if cluster.mode == "COORDINATOR_STORAGE_REDIRECT":
        assert answer.status == 303 and answer.get("Location").startswith(store.url + "/spool/"), answer
        answer = request("GET", answer.get("Location"), headers)
    assert answer.status == 200 and len(answer.body) == segment["metadata"]["segmentSize"], answer
    return decoded(answer.body, segment)


def test_pages_and_segments(cluster, store, relay):
    direct = Statement(cluster.url, BIG).run()
    s = Spooled(relay.url, BIG, headers=ENCODINGS).run()
    assert s.encoding == "json+zstd" and not s.error
    assert not [t for t in s.texts if cluster.url in t], "no address of the cluster in any page"
    spooled = [x for x in s.segments if x["type"] == "spooled"]
    assert spooled and encoding_of(cluster, s.id)[0] == "json+zstd"
    assert [x["metadata"]["rowOffset"] for x in s.segments] == [sum(y["metadata"]["rowsCount"] for y in s.segments[:i]) for i in range(len(s.segments))]
    rows = [row for x in s.segments for row in fetch(x, cluster, store, relay)]
    assert rows == direct.rows and len(rows) == 20000

    end = eventually(lambda: re.search(f"event=end id={s.id} .*", relay.log), "the log tells of its end")
    assert " rows=20000 " in end[0], "the rows of segments count"

    kept = len(store.objects())
    assert kept >= len(spooled)
    for x in spooled:                                       # the cluster frees what is acknowledged
        assert re.fullmatch(re.escape(relay.url) + r"/v1/spooled/[\w-]+", x["ackUri"]), x["ackUri"]
        assert request("GET", x["ackUri"]).status == 200
    eventually(lambda: len(store.objects()) == kept - len(spooled), "the acknowledged segments are gone from the store")
    relay.check()


def test_small_results_stay_in_the_page(cluster, relay):
    s = Spooled(relay.url, "SELECT * FROM tpch.tiny.region ORDER BY regionkey", headers=ENCODINGS).run()
    assert [x["type"] for x in s.segments] == ["inline"]
    assert [r[1] for r in decoded(base64.b64decode(s.segments[0]["data"]), s.segments[0])] == ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]


def test_heartbeat(cluster, relay):
    """Clients that fetch segments keep the statement alive by HEAD."""
    s = Spooled(relay.url, BIG, headers=ENCODINGS)
    while not s.segments:
        s.poll()
    beat = request("HEAD", s.next, user_headers("trino"))
    assert beat.status == 200 and not beat.body, beat
    assert not s.run().error


def test_forged_and_foreign_segments(cluster, store, relay, own_gateway):
    """They reach no backend: what they name stays where it is, and the cluster's own words are never heard."""
    s = Spooled(relay.url, BIG, headers=ENCODINGS).run()
    x = next(x for x in s.segments if x["type"] == "spooled")
    foreign = own_gateway(configured(cluster))              # has a key of its own
    own = Spooled(cluster.url, BIG, headers=ENCODINGS).run()
    there = next(x for x in own.segments if x["type"] == "spooled")["ackUri"]       # what the coordinator itself hands out
    refused = [x["ackUri"][:-3] + ("AAA" if x["ackUri"][-3:] != "AAA" else "BBB"), x["ackUri"] + "A", relay.url + "/v1/spooled/",
               relay.url + "/v1/spooled/ack/" + "A" * 44, relay.url + path_of(there), relay.url + path_of(there).replace("ack", "download"),
               relay.url + "/v1/spooled/" + there.split("/")[-1], foreign.url + path_of(x["ackUri"]),
               # the ticket of another kind of resource
               relay.url + "/v1/spooled/" + re.search(r"/v1/statement/\w+/\w+/([\w-]+)/", s.pages[0]["nextUri"])[1]]
    kept = len(store.objects())
    for uri in refused:
        for method in ("GET", "HEAD"):
            assert request(method, uri).status == 404, (method, uri)
        answer = request("GET", uri)
        assert answer.text == "Not found", (uri, answer)
    assert len(store.objects()) == kept and request("GET", x["ackUri"]).status == 200
    eventually(lambda: len(store.objects()) == kept - 1, "the right one counts")
    assert sum(v for k, v in relay.metrics().items() if k.startswith("sleipnir_tickets_refused")) > 0
    relay.check()


def test_any_gateway_with_the_key(cluster, store, own_gateway):
    """Segments belong to no connection and no instance."""
    a, b = (own_gateway(configured(cluster, tickets={"keys": [harness.KEY]})) for _ in range(2))
    s = Spooled(a.url, BIG, headers=ENCODINGS).run()
    x = next(x for x in s.segments if x["type"] == "spooled")
    assert request("GET", b.url + path_of(x["ackUri"])).status == 200


@pytest.mark.parametrize("client,spooling", [("trino", "strip"), ("presto", "pass"), ("presto", "strip")])
def test_direct_protocol(cluster, own_gateway, client, spooling):
    """Without the setting, and for Presto clients in any case, rows come in the pages."""
    g = own_gateway(configured(cluster, spooling))
    wish = [(k.replace("Trino", client.title()), v) for k, v in ENCODINGS]
    s = Statement(g.url, BIG, client, headers=wish).run()
    assert len(s.rows) == 20000 and s.rows[0][:2] == [1, "Customer#000000001"], s.error
    assert not [a for a in s.answers if any("query-data-encoding" in k.lower() for k, _ in a.headers)]
    assert encoding_of(cluster, s.id) == (None, 0)


@pytest.fixture(scope="module")
def home():
    """home(client, cluster, scenarios) -> what the client sees at a coordinator; asked once, all give the same."""
    known = {}

    def ask(client, cluster, scenarios):
        if client not in known:
            known[client] = drivers.run_program(client, cluster.url.split("//")[1], scenarios)
            known[client, "pages"] = encoding_of(cluster, last_query(cluster, "CROSS JOIN (VALUES 1, 2)"))
        return {k: v for k, v in known[client].items() if k.split("/")[0] in scenarios}, known[client, "pages"][0]
    return ask


@pytest.mark.parametrize("client", sorted({c for clients in CLIENTS.values() for c in clients}))
def test_clients(cluster, relay, home, client):
    """120,350 rows, every type, errors early and late: through the gateway as at the coordinator."""
    if client not in CLIENTS[cluster.mode]:
        pytest.skip("runs in another mode")
    scenarios = READ.get(cluster.mode, ("read",))
    direct, asked = home(client, cluster, scenarios)
    through = drivers.run_program(client, relay.url.split("//")[1], scenarios)
    assert direct == through
    agreed, pages = encoding_of(cluster, last_query(cluster, "CROSS JOIN (VALUES 1, 2)"))
    assert agreed and agreed == asked and pages > 0, "the rows were really spooled"
    relay.check()


@pytest.mark.parametrize("client", ["presto-jdbc-0.296", "python-presto"])
def test_presto_clients(cluster, relay, client):
    if cluster.mode != "COORDINATOR_PROXY":
        pytest.skip("the same in each mode")
    steps = drivers.run_program(client, relay.url.split("//")[1], ("read",))
    assert [v["count"] for v in steps.values() if isinstance(v, dict) and "count" in v] == [120350], steps
    assert encoding_of(cluster, last_query(cluster, "CROSS JOIN (VALUES 1, 2)")) == (None, 0)
