# SPDX-License-Identifier: Apache-2.0
"""External authentication: a Trino that sends clients to an identity provider (oidc-provider), which knows only the
gateway's address; real drivers, and a browser in Python."""
import http.cookiejar
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest

import drivers
import harness
from harness import DIRECT, PATIENCE, Broken, Statement, backends, eventually, request, user_headers

pytestmark = [pytest.mark.jvm, pytest.mark.skipif(DIRECT, reason="a gateway's own behaviour")]

CLIENT, SECRET, AUDIENCE = "trino", "secret-of-trino", "https://sleipnir.example"   # as in clients/js/oidc.mjs
ORDERS = 15000
USER = user_headers("trino") + [("X-Trino-Extra-Credential", "routing=a")]


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    """An identity provider, and the one address it sends browsers back to."""
    subprocess.run([str(harness.ROOT / "scripts/peers"), "get", "servers", "clients", "oidc"], check=True)
    home = harness.PEERS / "oidc"
    port, gateway_port = harness.free_port(), harness.free_port()
    with open(tmp_path_factory.mktemp("idp") / "log", "wb") as log:
        process = subprocess.Popen(["node", str(drivers.HERE / "js/oidc.mjs"), str(home), str(port), f"https://localhost:{gateway_port}/oauth2/callback"],
                                   stdout=log, stderr=log)

    def answers():
        assert process.poll() is None, "the identity provider ended"
        try:
            return request("GET", f"http://127.0.0.1:{port}/.well-known/openid-configuration").status == 200
        except OSError:
            return False
    eventually(answers, "the identity provider answers")
    yield f"http://localhost:{port}", gateway_port
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def cluster(identity):
    of = "http-server.authentication.oauth2."
    peer = harness.Peer("trino", heap="768m", READY="info", EXTRA=f"""http-server.process-forwarded=true
http-server.authentication.type=oauth2
{of}issuer={identity[0]}
{of}client-id={CLIENT}
{of}client-secret={SECRET}
{of}scopes=openid
{of}additional-audiences={AUDIENCE}
{of}oidc.use-userinfo-endpoint=false
internal-communication.shared-secret=of-the-nodes""")
    yield peer
    os.kill(peer.pid, signal.SIGKILL)           # a polite end takes ten seconds
    peer.stop()


@pytest.fixture(scope="module")
def relay(identity, cluster, module_gateway, module_fake, tls_files):
    """A gateway that speaks TLS, before a cluster that does not and believes what it hears of it. The default is
    another cluster: all that finds its way to this one has a hint, a ticket or a cookie."""
    certificate, key = tls_files("localhost")
    decoy = module_fake("trino")
    config = backends(a=("trino", cluster.url), b=("trino", decoy.url))
    config["routing"]["groups"]["all"]["members"] = ["b"]
    config["backends"]["a"]["forwarded"] = True
    config["listeners"] = [{"address": f"127.0.0.1:{identity[1]}", "tls": {"certificate": str(certificate), "key": str(key)}}]
    g = module_gateway(config)
    g.named = f"https://localhost:{identity[1]}"
    g.certificate = certificate
    yield g
    strayed = [r.path for r in decoy.seen() if r.path.startswith(("/oauth2", "/ui", "/v1/statement", "/v1/query"))]
    assert not strayed, strayed


class Browser:
    """Follows redirects, keeps cookies, fills in the provider's login and consent forms."""

    def __init__(self, certificate):
        self.cookies = http.cookiejar.CookieJar()
        self.visited = []
        browser = self

        class Redirects(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, req, fp, code, msg, headers, url):
                browser.visited.append(url)
                return super().redirect_request(req, fp, code, msg, headers, url)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(certificate))),
            urllib.request.HTTPCookieProcessor(self.cookies), Redirects())

    def open(self, url, fields=None):
        self.visited.append(url)
        try:
            with self.opener.open(url, urllib.parse.urlencode(fields).encode() if fields else None, PATIENCE) as answer:
                return answer.url, answer.read().decode()
        except urllib.error.HTTPError as problem:
            raise AssertionError(f"{problem.code} of {problem.url}: {problem.read()[:500]}") from None

    def login(self, url, user="alice"):
        """What stands in the window at the end: (address, text)."""
        url, text = self.open(url)
        for _ in range(4):
            form = re.search(r'<form[^>]*action="([^"]+)"', text)
            prompt = re.search(r'name="prompt" value="(\w+)"', text)
            if not form or not prompt:
                break
            fields = {"prompt": prompt[1], **({"login": user, "password": "any"} if prompt[1] == "login" else {})}
            url, text = self.open(urllib.parse.urljoin(url, form[1]), fields)
        return url, text


def challenge(answer):
    assert answer.status == 401, answer
    return dict(re.findall(r'(x_\w+_server)="([^"]*)"', ", ".join(answer.all("WWW-Authenticate"))))


def test_the_dance(cluster, relay):
    """Step by step, as a driver does it; no address of the cluster is ever seen."""
    refused = request("POST", relay.named + "/v1/statement", USER, "SELECT 1")
    servers = challenge(refused)
    assert set(servers) == {"x_redirect_server", "x_token_server"}
    assert all(u.startswith(relay.named + "/v1/relay/") and "," not in u for u in servers.values()), servers

    answers = []                                                # the driver waits in a long poll
    poller = threading.Thread(target=lambda: answers.append(request("GET", servers["x_token_server"])))
    poller.start()
    browser = Browser(relay.certificate)
    url, text = browser.login(servers["x_redirect_server"])
    assert "OAuth2 authentication succeeded" in text, text
    assert url.startswith(relay.named + "/oauth2/callback?"), url
    poller.join(PATIENCE)
    assert not [u for u in browser.visited if str(cluster.port) in u.split("?")[0]]
    seen = answers[0].json()
    while "nextUri" in seen and "token" not in seen:            # it began before the login ended
        assert seen["nextUri"].startswith(relay.named + "/v1/relay/")
        seen = request("GET", seen["nextUri"]).json()
    token = seen["token"]
    assert request("DELETE", servers["x_token_server"]).status in (200, 204), "drivers tidy up"

    bearer = [("Authorization", f"Bearer {token}")]
    s = Statement(relay.named, "SELECT current_user AS me", headers=USER[1:] + bearer).run()
    assert s.rows == [["alice"]], s.error
    assert cluster.url not in json.dumps(s.pages)
    info = request("GET", f"{relay.named}/v1/query/{s.id}", user_headers("trino") + bearer)
    assert info.status == 200 and info.json()["self"].startswith(relay.named), info.json().get("self")
    assert set(challenge(request("POST", relay.named + "/v1/statement", USER + [("Authorization", "Bearer x.y.z")], "SELECT 1"))) == set(servers)
    relay.check()


def test_without_the_browser_there_is_no_token(cluster, relay):
    """One flow's token is not another one's, and a forged address is nobody's."""
    a, b = (challenge(request("POST", relay.named + "/v1/statement", USER, "SELECT 1")) for _ in range(2))
    assert a != b
    for uri in (a["x_token_server"][:-4] + "AAAA", relay.named + "/v1/relay/token", a["x_token_server"] + "A"):
        assert request("GET", uri).status == 404
    Browser(relay.certificate).login(a["x_redirect_server"])
    assert "token" in request("GET", a["x_token_server"]).json()
    with pytest.raises(Broken, match="no further byte in time"):        # it waits for a browser of its own
        request("GET", b["x_token_server"], timeout=2)


def test_web_ui(cluster, relay):
    browser = Browser(relay.certificate)
    browser.login(challenge(request("POST", relay.named + "/v1/statement", USER, "SELECT 1"))["x_redirect_server"])
    url, text = browser.login(relay.named + "/ui/")         # the cluster it has met
    assert url.startswith(relay.named + "/ui/") and "<html" in text, (url, text[:500])
    assert "alice" in browser.open(relay.named + "/ui/api/cluster")[1] or json.loads(browser.open(relay.named + "/ui/api/stats")[1])
    assert not [u for u in browser.visited if str(cluster.port) in u.split("?")[0]]


def test_a_cluster_that_is_not_told(cluster, identity, own_gateway):
    """Without `forwarded` the cluster takes the gateway's plain connection for the client's, and refuses it."""
    g = own_gateway(backends(a=("trino", cluster.url)))
    answer = request("POST", g.url + "/v1/statement", user_headers("trino"), "SELECT 1")
    assert answer.status == 403, answer


def java(jar):
    return lambda g: [drivers.java("17") + "java", "-Xmx256m", "-cp", f"{drivers.SHARE / jar}:{drivers.classes()}", "External",
                      g.named.split("//")[1], str(g.certificate)]


PROGRAMS = {
    "trino-jdbc-476": java("trino-jdbc-476.jar"),
    "trino-jdbc-484": java("trino-jdbc-484.jar"),
    "python-trino": lambda g: [str(drivers.SHARE / "venv/bin/python"), str(drivers.HERE / "external.py"), g.named.split("//")[1], str(g.certificate)],
    "go-trino": lambda g: [drivers.go_program(), g.named.split("//")[1], "external", str(g.certificate)],
}


@pytest.mark.parametrize("client", list(PROGRAMS))
def test_drivers(relay, client, tmp_path):
    """A driver prints the address, a person logs in there, the driver reads 15,000 rows; a second query asks nobody."""
    opener = tmp_path / "xdg-open"                      # the Go driver knows no other way
    opener.write_text('#!/bin/sh\necho "$1" > /proc/$PPID/fd/1\n')
    opener.chmod(0o755)
    env = {k: v for k, v in os.environ.items() if k not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}     # they win over verify=
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    process = subprocess.Popen(PROGRAMS[client](relay), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    lines, logins, results = [], 0, []
    try:
        for line in process.stdout:
            lines.append(line)
            url = re.search(r"https://\S+/v1/relay/\S+", line)
            if url and not results:
                assert "OAuth2 authentication succeeded" in Browser(relay.certificate).login(url[0])[1]
                logins += 1
            elif line.startswith("{"):
                results.append(json.loads(line))
        assert process.wait(PATIENCE) == 0, "".join(lines)[-3000:]
    finally:
        watch.cancel()
        process.kill()
        process.wait()
    assert logins == 1 and results == [{"user": "alice", "rows": ORDERS}] * 2, "".join(lines)[-3000:]
    relay.check()
