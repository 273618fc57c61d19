# SPDX-License-Identifier: Apache-2.0
"""What every integration test stands on: a strict HTTP client, the gateway as a process, real clusters.

The HTTP client is our own because the tests must see what libraries hide: the bytes, an answer that is
cut short, a header sent twice. The gateway is started with a configuration of its own and told apart by
its ready file. Clusters come from scripts/peers.
"""
import base64
import concurrent.futures
import gzip
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ.get("PEERS", Path.home() / ".cache" / "sleipnir-peers"))
DIRECT = os.environ.get("SLEIPNIR_DIRECT", "") not in ("", "0")
FULL = os.environ.get("SLEIPNIR_FULL", "") not in ("", "0")      # every byte offset, every pair
PATIENCE = float(os.environ.get("SLEIPNIR_PATIENCE", "60"))     # seconds; the machine may be busy
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


def binary():
    return Path(os.environ.get("SLEIPNIR_BIN", ROOT / "build/release/sleipnir"))


def shared_data():
    return Path(os.environ.get("SLEIPNIR_TESTDATA", ROOT / "../shared/testdata")).resolve()


def eventually(check, what, seconds=PATIENCE):
    """The first true value of check(); fails when none comes in time."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds:.0f} s: {what}")
        time.sleep(0.02)


def in_parallel(function, cases, threads=12):
    """function(case) for all; reports the first failures."""
    def one(case):
        try:
            function(case)
        except Exception as problem:
            return case, problem
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        failed = [f for f in pool.map(one, cases) if f]
    assert not failed, f"{len(failed)} of {len(cases)} fail, first at {failed[0][0]!r}: {failed[0][1]!r}"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# --- HTTP ------------------------------------------------------------------------------------


class Broken(Exception):
    """The answer ended before its end, or is no HTTP. `got` holds its first bytes."""

    def __init__(self, why, got=b""):
        super().__init__(f"{why} after: {bytes(got[:200])!r}")
        self.why, self.got = why, bytes(got)


class Answer:
    def __init__(self, status, reason, headers, body, framing, informational):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body
        self.framing = framing                  # "length", "chunked", "close", "none"
        self.informational = informational      # statuses of 1xx answers before this one

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    @property
    def plain(self):
        coding = (self.get("Content-Encoding") or "identity").lower()
        if coding == "gzip":
            return gzip.decompress(self.body)
        if coding == "zstd":
            return unzstd(self.body)
        assert coding == "identity", f"unknown content coding {coding}"
        return self.body

    @property
    def text(self):
        return self.plain.decode("utf-8")

    def json(self):
        assert "json" in (self.get("Content-Type") or ""), f"not JSON: {self!r}"
        return json.loads(self.plain)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.plain[:2000]!r}>"


def unzstd(data):
    try:
        import zstandard
        return zstandard.ZstdDecompressor().stream_reader(data).read()
    except ImportError:
        return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=True).stdout


class Connection:
    """One TCP (or TLS) connection, HTTP/1.1, strict about framing."""

    def __init__(self, url, timeout=PATIENCE, context=None):
        parts = urllib.parse.urlsplit(url)
        self.netloc = parts.netloc
        self.sock = socket.create_connection((parts.hostname, parts.port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = context or ssl._create_unverified_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=parts.hostname)
        self.buffer = bytearray()
        self.got = bytearray()          # the head of what came for this answer

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, method, path, headers=(), body=b"", host=None):
        headers = list(headers.items() if isinstance(headers, dict) else headers)
        names = {k.lower() for k, _ in headers}
        body = body.encode() if isinstance(body, str) else body
        lines = [f"{method} {path} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {host or self.netloc}")
        lines += [f"{k}: {v}" for k, v in headers]
        if (body or method in ("POST", "PUT")) and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except (socket.timeout, TimeoutError):
            raise Broken("no further byte in time", self.got)
        except OSError as problem:
            raise Broken(f"connection lost ({problem})", self.got)
        self.buffer += data
        if len(self.got) < 4096:
            self.got += data
        return bool(data)

    def _line(self):
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > 1 << 22:
                raise Broken("a line without end", self.got)
            if not self._more():
                raise Broken("connection closed in a line", self.got)
        line, _, _ = self.buffer.partition(b"\r\n")
        del self.buffer[:len(line) + 2]
        return bytes(line)

    def _exactly(self, n):
        while len(self.buffer) < n:
            if not self._more():
                raise Broken("connection closed in a body", self.got)
        data = bytes(self.buffer[:n])
        del self.buffer[:n]
        return data

    def _chunks(self):
        parts = []
        while True:
            line = self._line()
            if not re.fullmatch(rb"[0-9a-fA-F]+(;.*)?", line):
                raise Broken(f"bad chunk size {line!r}", self.got)
            size = int(line.split(b";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return b"".join(parts)
            parts.append(self._exactly(size))
            if self._exactly(2) != b"\r\n":
                raise Broken("bad end of chunk", self.got)

    def _head(self):
        line = self._line().decode("latin-1")
        m = re.fullmatch(r"HTTP/1\.1 (\d{3}) ?(.*)", line)
        if not m:
            raise Broken(f"bad status line {line!r}", self.got)
        headers = []
        while True:
            line = self._line().decode("latin-1")
            if not line:
                return int(m[1]), m[2], headers
            if ":" not in line or line[0] in " \t":
                raise Broken(f"bad header line {line!r}", self.got)
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))

    def receive(self, method="GET"):
        self.got = bytearray(self.buffer[:4096])
        informational = []
        while True:
            status, reason, headers = self._head()
            if status >= 200 or status == 101:
                break
            informational.append(status)
        answer = Answer(status, reason, headers, b"", "none", informational)
        if method == "HEAD" or status in (204, 304):
            return answer
        coding, length = answer.all("Transfer-Encoding"), answer.all("Content-Length")
        if coding and length or len(length) > 1 or len(coding) > 1:
            raise Broken(f"ambiguous framing {coding} {length}", self.got)
        if coding:
            answer.framing, answer.body = "chunked", self._chunks()
        elif length:
            answer.framing, answer.body = "length", self._exactly(int(length[0]))
        else:
            answer.framing = "close"
            while self._more():
                pass
            answer.body, self.buffer = bytes(self.buffer), bytearray()
        return answer

    def request(self, method, path, headers=(), body=b"", host=None):
        self.send(method, path, headers, body, host)
        return self.receive(method)


def request(method, url, headers=(), body=b"", timeout=PATIENCE, context=None, host=None):
    """One exchange on a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    with Connection(url, timeout, context) as c:
        return c.request(method, path, headers, body, host)


def path_of(url):
    parts = urllib.parse.urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


def user_headers(dialect, user="alice", **more):
    prefix = {"trino": "X-Trino-", "presto": "X-Presto-"}[dialect]
    return [(prefix + "User", user)] + [(prefix + k.replace("_", "-"), v) for k, v in more.items()]


class Statement:
    """A plain client of the protocol: POST, then nextUri to the end."""

    def __init__(self, url, sql, dialect="trino", headers=(), post=True, context=None):
        self.base, self.dialect, self.context = url, dialect, context
        self.headers = user_headers(dialect) + list(headers)
        self.rows, self.pages, self.answers = [], [], []
        self.columns = self.error = None
        self.next = None
        if post:
            self.take(request("POST", url + "/v1/statement", self.headers, sql, context=context))
            self.id = self.pages[0]["id"]

    def take(self, answer):
        assert answer.status == 200, answer
        page = answer.json()
        self.answers.append(answer)
        self.pages.append(page)
        self.columns = page.get("columns") or self.columns
        self.rows += page.get("data") or []
        self.error = page.get("error")
        self.next = page.get("nextUri")
        return page

    def poll(self, base=None):
        uri = (base + path_of(self.next)) if base else self.next
        return self.take(request("GET", uri, user_headers(self.dialect), context=self.context))

    def run(self, base=None):
        while self.next:
            self.poll(base() if callable(base) else base)
        return self


# --- the gateway -----------------------------------------------------------------------------

SANITIZER = re.compile(r"(AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:).*")


class Gateway:
    """One `sleipnir serve` process. stop() drains it and fails on a dirty end."""

    def __init__(self, config, folder, env=None, wait=True):
        self.folder = Path(tempfile.mkdtemp(prefix="gateway-", dir=folder))
        self.config = {"listeners": [{"address": "127.0.0.1:0"}], "admin": {"address": "127.0.0.1:0"},
                       "data_dir": str(self.folder / "data"), "threads": 2, **config}
        # Tests leave statements unfinished; a drain would wait for each of them.
        self.config["statements"] = {"drain_timeout": "50ms", **self.config.get("statements", {})}
        self.file, self.ready, self.log_file = (self.folder / n for n in ("sleipnir.yaml", "ready.json", "log"))
        self.env = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1",
                    **os.environ, **(env or {})}
        self.process = None
        self.write()
        self.start(wait)

    def write(self):
        self.file.write_text(json.dumps(self.config, indent=2) + "\n")     # JSON is YAML

    def start(self, wait=True):
        """wait: for the first health checks, a while (a test may well begin with no cluster)."""
        self.ready.unlink(missing_ok=True)
        self.stopping = False
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([str(binary()), "serve", "-c", str(self.file), "--ready-file", str(self.ready)],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env)
        facts = eventually(self._facts, "the gateway's ready file")
        self.addresses = facts["listeners"]
        self.urls = [("https://" if l.get("tls") else "http://") + a
                     for l, a in zip(self.config["listeners"], facts["listeners"])]
        self.url = self.urls[0]
        self.admin_url = "http://" + facts["admin"]
        self.pid = facts["pid"]
        assert self.pid == self.process.pid
        end = time.monotonic() + 2
        while wait and time.monotonic() < end and request("GET", self.admin_url + "/readyz").status != 200:
            time.sleep(0.02)
        return self

    def _facts(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.process.returncode}:\n{self.log[-4000:]}")
        try:
            return json.loads(self.ready.read_text())
        except (OSError, ValueError):
            return None

    @property
    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def check(self):
        """Alive and without a word from a sanitizer."""
        assert self.alive, f"the gateway died ({self.process.returncode}):\n{self.log[-4000:]}"
        found = SANITIZER.search(self.log)
        assert not found, f"{found[0]}\n{self.log[-8000:]}"

    def signal(self, number):
        os.kill(self.pid, number)

    def begin_stop(self):
        """SIGTERM, once; a second one would cut the drain short."""
        if self.alive and not self.stopping:
            self.signal(signal.SIGTERM)
            self.stopping = True

    def stop(self, seconds=PATIENCE):
        """SIGTERM; the gateway drains and ends with 0."""
        if not self.alive and not self.stopping:
            return
        self.begin_stop()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the gateway did not end on SIGTERM:\n{self.log[-4000:]}")
        assert code == 0, f"the gateway ended with {code}:\n{self.log[-4000:]}"
        found = SANITIZER.search(self.log)
        assert not found, f"{found[0]}\n{self.log[-8000:]}"

    def kill(self):
        if self.alive:
            self.process.kill()
            self.process.wait()

    def fix_ports(self):
        """Take the ports it got into the configuration, so that a restart listens where clients look."""
        for l, a in zip(self.config["listeners"], self.addresses):
            l["address"] = a
        self.config["admin"]["address"] = urllib.parse.urlsplit(self.admin_url).netloc
        self.write()

    def metrics(self):
        """Prometheus text as {name{labels}: value}."""
        answer = request("GET", self.admin_url + "/metrics")
        assert answer.status == 200, answer
        out = {}
        for line in answer.text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.split(" # ")[0].rsplit(" ", 1)
                out[name] = float(value)
        return out


def reachable(g):
    """1 when the gateway says that it reaches its state."""
    return next(v for k, v in g.metrics().items() if k.startswith("sleipnir_state_reachable"))


class Redis:
    """A redis-server of our own."""

    def __init__(self, folder, *options):
        self.folder, self.port, self.options, self.process = folder, free_port(), options, None
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                                         "--save", "", "--rdbcompression", "no", "--appendonly", "no", *self.options],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: self.cli("ping") == "PONG", "redis-server answers")

    def cli(self, *args):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *args], capture_output=True, text=True, errors="replace")
        return done.stdout.strip()

    def everything(self):
        """All keys and all values, as one text."""
        readers = {"string": ("get",), "list": ("lrange", "0", "-1"), "hash": ("hgetall",), "set": ("smembers",)}
        out = []
        for key in filter(None, self.cli("--scan").splitlines()):
            command, *more = readers[self.cli("type", key)]
            out += [key, self.cli(command, key, *more)]
        return "\n".join(out)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)


class Direct:
    """Stands in for a gateway when SLEIPNIR_DIRECT is set: the cluster itself."""

    def __init__(self, url):
        self.url, self.urls, self.admin_url, self.pid, self.log = url, [url], None, None, ""

    def stop(self):
        pass

    begin_stop = kill = check = stop


def backends(**urls):
    """backends(a=("trino", url), ..) -> the configuration's backends and one group of all of them."""
    return {"backends": {name: {"engine": engine, "url": url} for name, (engine, url) in urls.items()},
            "routing": {"groups": {"all": {"members": list(urls)}}, "default": "all"}}


def b64key(key=KEY):
    return base64.b64encode(bytes.fromhex(key)).decode()


# --- real clusters ---------------------------------------------------------------------------


class Peer:
    """One real coordinator, started by scripts/peers on a free port.

    The first statement that reads tpch builds a text pool of 300 MB, and the history of a hundred queries is kept:
    with less than 1280m of heap a whole run of the tests becomes one long garbage collection.
    """

    def __init__(self, engine, heap="1280m", **environment):
        """environment: EXTRA, ETC and what else scripts/peers knows."""
        self.engine = engine
        done = subprocess.run([str(ROOT / "scripts/peers"), "start", engine, "0"], capture_output=True, text=True,
                              env={**os.environ, **environment, "HEAP": heap, "PEERS": str(PEERS)})
        found = re.search(r"port (\d+) pid (\d+)", done.stdout)
        if done.returncode or not found:
            raise RuntimeError(f"scripts/peers start {engine} failed: {done.stderr[-2000:]}")
        self.port, self.pid = int(found[1]), int(found[2])
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        subprocess.run([str(ROOT / "scripts/peers"), "stop", self.engine, str(self.port)],
                       env={**os.environ, "PEERS": str(PEERS)}, check=False)


class Given:
    """A coordinator that somebody else runs."""

    def __init__(self, name, url):
        self.engine, self.url, self.pid = name.rstrip("0123456789"), url, None
        self.port = urllib.parse.urlsplit(url).port


def start_peers(*engines):
    """Several at once; all or none."""
    peers, problems = [None] * len(engines), []

    def start(i, engine):
        try:
            peers[i] = Peer(engine)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=start, args=a) for a in enumerate(engines)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if problems:
        for p in peers:
            if p:
                p.stop()
        raise problems[0]
    return peers
