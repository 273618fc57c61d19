# SPDX-License-Identifier: Apache-2.0
"""A coordinator that does what a test says.

Server  reads requests, one thread a connection, and answers with what its handler returns:
        Reply (well formed) or Raw (bytes, pauses, close, reset: anything a broken peer may send).
Fake    a Server that behaves as a Trino or Presto coordinator: ids, slugs, tokens, replay, 410, cancel,
        kill_query, transactions. A comment in the SQL scripts the statement:
            SELECT 1 /*fake {"pages": 3, "rows": 10, "width": 100, "wait": 0.5, "forever": true, "fail": "text"}*/
        inject() puts an answer of the test's own before the next matching request.
"""
import json
import random
import re
import select
import socket
import ssl
import struct
import threading
import time


class Request:
    def __init__(self, method, path, headers, body, connection):
        self.method, self.path, self.headers, self.body, self.connection = method, path, headers, body, connection
        self.vanished = False           # the peer closed while we held the answer
        self.at = time.monotonic()

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"<{self.method} {self.path} {self.headers} {self.body[:200]!r}>"


class Reply:
    def __init__(self, status=200, headers=(), body=b"", chunked=False, reason=None, close=False):
        self.status, self.headers, self.chunked, self.close = status, list(headers), chunked, close
        self.body = body if isinstance(body, bytes) else body.encode()
        self.reason = reason or {200: "OK", 204: "No Content", 404: "Not Found", 410: "Gone"}.get(status, "Status")

    def head(self):
        lines = [f"HTTP/1.1 {self.status} {self.reason}"] + [f"{k}: {v}" for k, v in self.headers]
        if self.status not in (204, 304):
            lines.append("Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def wire(self, method="GET"):
        if method == "HEAD" or self.status in (204, 304):
            return self.head()
        if not self.chunked:
            return self.head() + self.body
        out, step = [self.head()], max(1, len(self.body) // 3)
        for i in range(0, len(self.body), step):
            piece = self.body[i:i + step]
            out.append(b"%x\r\n%s\r\n" % (len(piece), piece))
        return b"".join(out) + b"0\r\n\r\n"


class Raw:
    """Steps: bytes to send, seconds to pause, "close", "reset". Without either the connection stays open."""

    def __init__(self, *steps):
        self.steps = steps


class Gone(Exception):
    """The peer closed the connection while its answer was held."""


class Server:
    def __init__(self, handler=None, tls=None):
        """tls: (certificate, key) files."""
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.handler = handler or self.handle
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.requests = []
        self.lock = threading.RLock()
        self.open = set()
        self.running = True
        threading.Thread(target=self._accept, daemon=True).start()

    def handle(self, request):
        raise NotImplementedError

    def _accept(self):
        while self.running:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                if not self.running:
                    _reset(sock)
                    return
                self.open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def stop_listening(self):
        """Refuses new connections and drops the open ones, as a killed coordinator does."""
        self.running = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            for sock in self.open:
                _reset(sock)
            self.open.clear()           # what still comes on them is not answered

    close = stop_listening

    def listen_again(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.running = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _serve(self, sock):
        if self.context:
            plain = sock
            try:
                sock = self.context.wrap_socket(sock, server_side=True)
            except OSError:
                plain.close()
                return
            with self.lock:
                self.open.discard(plain)
                self.open.add(sock)
        stream = sock.makefile("rb")
        try:
            while True:
                request = _read(stream, sock)
                if request is None or sock not in self.open:
                    return
                if not self.probe(request):
                    with self.lock:
                        self.requests.append(request)
                try:
                    answer = self.handler(request)
                except Gone:
                    request.vanished = True
                    return
                if not _write(sock, answer, request):
                    return
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(sock)
            try:
                if self.context:        # close_notify: without it an answer framed by the close is a cut one
                    sock.settimeout(2)
                    sock.unwrap()
            except (OSError, ValueError):
                pass
            try:
                stream.close()
                sock.close()
            except OSError:
                pass

    def probe(self, request):
        """Health probes are not counted among the requests."""
        return request.path in ("/v1/info", "/v1/info/state")

    def seen(self, method=None, part=""):
        with self.lock:
            return [r for r in self.requests if method in (None, r.method) and part in r.path]


def _read(stream, sock):
    line = stream.readline(1 << 20)
    if not line.strip():
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = []
    while True:
        line = stream.readline(1 << 20).decode("latin-1")
        if line in ("\r\n", ""):
            break
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    low = {k.lower(): v for k, v in headers}
    body = b""
    if "chunked" in low.get("transfer-encoding", ""):
        while True:
            size = int(stream.readline(64).split(b";")[0], 16)
            body += stream.read(size)
            stream.readline(8)
            if size == 0:
                break
    elif "content-length" in low:
        body = stream.read(int(low["content-length"]))
    return Request(method, path, headers, body, sock)


def _reset(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RD)
        sock.close()
    except OSError:
        pass


def _write(sock, answer, request):
    """True when the connection stays open."""
    if answer is None:
        return False
    if isinstance(answer, Reply):
        sock.sendall(answer.wire(request.method))
        return not answer.close
    for step in answer.steps:
        if step == "close":
            return False
        if step == "reset":
            _reset(sock)
            return False
        if isinstance(step, (int, float)):
            hold(request, step)
        else:
            sock.sendall(step)
    return True


def hold(request, seconds, until=lambda: False):
    """Waits; raises Gone as soon as the peer closes."""
    end = time.monotonic() + seconds
    while not until():
        left = end - time.monotonic()
        if left <= 0:
            return
        readable, _, _ = select.select([request.connection], [], [], min(left, 0.05))
        if readable:
            try:
                if request.connection.recv(1, socket.MSG_PEEK) == b"":
                    request.vanished = True
                    raise Gone()
                time.sleep(0.01)        # pipelined bytes
            except OSError:
                request.vanished = True
                raise Gone()


SCRIPT = re.compile(r"/\*fake (\{.*?\})\*/", re.S)
KILL = re.compile(r"kill_query\s*\(\s*(?:query_id\s*=>\s*)?'([^']+)'")
ERRORS = {"USER_CANCELED": 3, "NOT_FOUND": 5, "GENERIC_USER_ERROR": 0, "ADMINISTRATIVELY_KILLED": 38, "UNKNOWN_TRANSACTION": 20,
          "ABANDONED_QUERY": 2}


class _Statement:
    def __init__(self, fake, sql, request, id):
        script = SCRIPT.search(sql)
        self.script = json.loads(script[1]) if script else {}
        self.fake, self.sql, self.id, self.user = fake, sql, id, request.get(fake.prefix + "User")
        self.slug = ("y" if fake.engine == "trino" else "x") + "%040x" % random.getrandbits(160)
        self.answers = {}               # (phase, token) -> body
        self.last = ("queued", 0)
        self.failure = None             # (name, text)
        self.finished = False
        self.headers = []
        self.posted = request

    def path(self, phase, token):
        if self.fake.engine == "trino":
            return f"/v1/statement/{phase}/{self.id}/{self.slug}/{token}"
        return f"/v1/statement/{phase}/{self.id}/{token}?slug={self.slug}"

    def page(self, state, following=None, columns=False, rows=None):
        base = self.fake.public or self.fake.url
        doc = {"id": self.id, "infoUri": f"{base}/ui/query.html?{self.id}"}
        if following and following[0] == "executing" and rows is not None:
            doc["partialCancelUri"] = base + (f"/v1/statement/executing/partialCancel/{self.id}/0/{self.slug}/{following[1]}"
                                              if self.fake.engine == "trino" else f"/v1/stage/{self.id}.0")
        if following:
            doc["nextUri"] = base + self.path(*following)
        if columns:
            doc["columns"] = [self.fake.column("n", "bigint"), self.fake.column("s", "varchar")]
        if rows:
            doc["data"] = rows
        doc["stats"] = {"state": state, "queued": state == "QUEUED", "scheduled": columns, "nodes": 1, "totalSplits": 1,
                        "queuedSplits": 0, "runningSplits": 0, "completedSplits": 1, "cpuTimeMillis": 1, "wallTimeMillis": 1,
                        "queuedTimeMillis": 0, "elapsedTimeMillis": 1, "processedRows": 0, "processedBytes": 0,
                        "peakMemoryBytes": 0, "spilledBytes": 0}
        if self.failure:
            name, text = self.failure
            doc["error"] = {"message": text, "errorCode": ERRORS[name], "errorName": name, "errorType": "USER_ERROR",
                            "failureInfo": {"type": "x.y.Failure", "message": text, "suppressed": [], "stack": []}}
        doc["warnings"] = []
        return json.dumps(doc, separators=(",", ":"), ensure_ascii=False).encode()

    def rows(self, token):
        count, width = self.script.get("rows", 1), self.script.get("width", 5)
        return [[token * count + i, f"r{token * count + i}".ljust(width, "x")] for i in range(count)]

    def first(self):
        return self.page("QUEUED", ("queued", 1))

    def make(self, phase, token):
        """The page of a token that is asked for the first time."""
        if self.failure:
            self.finished = True
            return self.page("FAILED")
        if phase == "queued":
            if token < 1 + self.script.get("queued", 1):
                return self.page("QUEUED", ("queued", token + 1))
            return self.page("QUEUED", ("executing", 0))
        if self.script.get("forever"):
            return self.page("RUNNING", ("executing", token + 1))
        pages = self.script.get("pages", 1)
        if token < pages:
            return self.page("RUNNING", ("executing", token + 1), True, self.rows(token))
        if "fail" in self.script:
            self.failure = ("GENERIC_USER_ERROR", self.script["fail"])
            self.finished = True
            return self.page("FAILED", None, True)
        self.finished = True
        return self.page("FINISHED", None, True)

    def answer(self, request, phase, token):
        order = {"queued": 0, "executing": 1}
        here, last = (order[phase], token), (order[self.last[0]], self.last[1])
        key = (phase, token)
        known = self.answers.get(key)
        if known is None:
            if here < last:
                return Reply(410, [("Content-Type", "text/plain")], "Gone")
            if self.finished or token > 0 and phase == self.last[0] and token != self.last[1] + 1:
                return Reply(404, [("Content-Type", "text/plain")], "Query not found")
            if phase == "executing":
                hold(request, self.script.get("wait", 0), until=lambda: self.failure is not None)
            with self.fake.lock:
                known = self.answers.get(key)
                if known is None:
                    known = self.answers[key] = self.make(phase, token)
                    self.last = key
        elif here < last:
            return Reply(410, [("Content-Type", "text/plain")], "Gone")
        return Reply(200, [("Content-Type", "application/json")] + self.headers, known,
                     chunked=len(known) > 2000)


class Fake(Server):
    def __init__(self, engine="trino", public=None, tls=None):
        self.engine, self.public = engine, public
        self.prefix = {"trino": "X-Trino-", "presto": "X-Presto-"}[engine]
        self.node = "".join(random.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(5))
        self.statements, self.count, self.transactions = {}, 0, set()
        self.injected = []
        self.starting, self.state = False, "ACTIVE"
        super().__init__(tls=tls)

    def column(self, name, type):
        arguments = [{"kind": "LONG", "value": 2147483647}] if type == "varchar" and self.engine == "trino" else []
        signature = {"rawType": type, "arguments": arguments}
        if self.engine == "presto":
            signature = {"rawType": type, "typeArguments": [], "literalArguments": [],
                         "arguments": [{"kind": "LONG_LITERAL", "value": 2147483647}] if type == "varchar" else []}
        return {"name": name, "type": type, "typeSignature": signature}

    def inject(self, answer, method=None, part="", times=1):
        """`answer`: Reply, Raw, None (close) or a function of the request."""
        with self.lock:
            self.injected.append([answer, method, part, times])

    def _injection(self, request):
        with self.lock:
            for rule in self.injected:
                answer, method, part, times = rule
                if times > 0 and method in (None, request.method) and part in request.path and not self.probe(request):
                    rule[3] -= 1
                    return True, answer(request) if callable(answer) else answer
        return False, None

    def posts(self):
        return self.seen("POST", "/v1/statement")

    def handle(self, request):
        found, answer = self._injection(request)
        return answer if found else self.route(request)

    def route(self, request):
        """The answer of a healthy coordinator."""
        path = request.path.split("?")[0]
        for method, pattern, handler in ROUTES:
            m = re.fullmatch(pattern, path)
            if m and request.method in method:
                return handler(self, request, *m.groups())
        return Reply(404, [("Content-Type", "text/plain")], "Not Found")

    def submit(self, request, id=None):
        if not request.get(self.prefix + "User"):
            return Reply(401 if self.engine == "trino" else 400, [("Content-Type", "text/plain")], "User must be set")
        if not request.body:
            return Reply(400, [("Content-Type", "text/plain")], "SQL statement is empty")
        sql = request.text
        with self.lock:
            if id in self.statements:
                return Reply(409, [("Content-Type", "text/plain")], "Query already exists")
            self.count += 1
            s = _Statement(self, sql, request, id or f"20261124_101010_{self.count:05d}_{self.node}")
            self.statements[s.id] = s
        if id:
            slug = re.search(r"slug=([^&]*)", request.path)
            s.slug = slug[1] if slug else s.slug
        self._transaction(s, request)
        kill = KILL.search(sql)
        if kill and kill[1] in self.statements:
            self.statements[kill[1]].failure = ("ADMINISTRATIVELY_KILLED", "Query killed via CALL")
        elif kill:
            s.failure = ("NOT_FOUND", f"Target query not found: {kill[1]}")
        return Reply(200, [("Content-Type", "application/json")], s.first())

    def _transaction(self, s, request):
        words = s.sql.upper().split()
        given = request.get(self.prefix + "Transaction-Id")
        if given not in (None, "NONE") and given not in self.transactions:
            s.failure = ("UNKNOWN_TRANSACTION", f"Unknown transaction ID: {given}")
        elif words[:2] == ["START", "TRANSACTION"]:
            id = f"{random.getrandbits(128):032x}"
            id = f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}"
            self.transactions.add(id)
            s.headers.append((self.prefix + "Started-Transaction-Id", id))
        elif words[:1] in (["COMMIT"], ["ROLLBACK"]):
            self.transactions.discard(given)
            s.headers.append((self.prefix + "Clear-Transaction-Id", "true"))

    def poll(self, request, phase, id, slug, token):
        s = self.statements.get(id)
        if slug is None:
            m = re.search(r"slug=([^&]*)", request.path)
            slug = m[1] if m else None
        if s is None or s.slug != slug:
            return Reply(404, [("Content-Type", "text/plain")], "Query not found")
        if request.method == "HEAD":
            return Reply(200, [("Content-Type", "application/json")])
        if request.method == "DELETE":
            if not s.finished and s.failure is None:
                s.failure = ("USER_CANCELED", "Query was canceled")
            return Reply(204)
        return s.answer(request, phase, int(token))

    def by_id(self, request, id):
        s = self.statements.get(id)
        if s is None:
            return Reply(410, [("Content-Type", "text/plain")], "Query not found")
        if request.method in ("DELETE", "PUT"):
            s.failure = s.failure or ("USER_CANCELED", "Query was canceled")
            return Reply(204 if request.method == "DELETE" else 202)
        body = {"queryId": id, "state": "FAILED" if s.failure else "FINISHED" if s.finished else "RUNNING",
                "self": f"{self.url}/v1/query/{id}", "query": s.sql}
        return Reply(200, [("Content-Type", "application/json")], json.dumps(body))

    def queries(self, request):
        with self.lock:
            body = [{"queryId": s.id, "state": "FINISHED" if s.finished else "RUNNING", "self": f"{self.url}/v1/query/{s.id}",
                     "query": s.sql} for s in self.statements.values()]
        return Reply(200, [("Content-Type", "application/json")], json.dumps(body))

    def info(self, request):
        body = {"nodeId": self.node, "state": self.state, "nodeVersion": {"version": "476" if self.engine == "trino" else "0.296"},
                "environment": "fake", "coordinator": True, "starting": self.starting, "uptime": "1.00m"}
        return Reply(200, [("Content-Type", "application/json")], json.dumps(body))

    def simple(self, request):
        return {"/v1/info/state": Reply(200, [("Content-Type", "application/json")], json.dumps(self.state)),
                "/v1/info/coordinator": Reply(200),
                "/v1/status": Reply(200, [("Content-Type", "application/json")], '{"nodeId":"%s","processors":1}' % self.node),
                "/v1/cluster": Reply(200, [("Content-Type", "application/json")], '{"runningQueries":0}')}[request.path.split("?")[0]]

    def head_statement(self, request):
        if self.engine == "presto":
            return Reply(405, [("Allow", "POST,OPTIONS")])
        return Reply(200 if request.get("X-Trino-User") else 401)

    def partial_cancel(self, request, id):
        return Reply(204 if id in self.statements else 404)

    def ui(self, request):
        return Reply(200, [("Content-Type", "text/html")], "<html>ui of %s</html>" % self.node)


ROUTES = [
    (("POST",), r"/v1/statement", lambda f, r: f.submit(r)),
    (("PUT",), r"/v1/statement/([^/]+)", lambda f, r, id: f.submit(r, id)),
    (("HEAD",), r"/v1/statement", Fake.head_statement),
    (("DELETE",), r"/v1/statement/executing/partialCancel/([^/]+)/.*", Fake.partial_cancel),
    (("DELETE",), r"/v1/stage/([^/.]+)\.\d+", Fake.partial_cancel),
    (("GET", "DELETE", "HEAD"), r"/v1/statement/(queued|executing)/([^/]+)/([^/]+)/(\d+)", Fake.poll),
    (("GET", "DELETE", "HEAD"), r"/v1/statement/(queued|executing)/([^/]+)/(\d+)",
     lambda f, r, phase, id, token: f.poll(r, phase, id, None, token)),
    (("GET", "DELETE"), r"/v1/query/([^/]+)", Fake.by_id),
    (("PUT",), r"/v1/query/([^/]+)/(?:killed|preempted)", Fake.by_id),
    (("GET",), r"/v1/query", Fake.queries),
    (("GET", "HEAD"), r"/v1/info", Fake.info),
    (("GET", "HEAD"), r"/v1/info/state|/v1/info/coordinator|/v1/status|/v1/cluster", Fake.simple),
    (("GET",), r"/ui/.*", Fake.ui),
]
