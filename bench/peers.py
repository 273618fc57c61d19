# SPDX-License-Identifier: Apache-2.0
"""The processes of a benchmark: origin, load, and the reverse proxies under test.

Each proxy runs on one core with one thread, its CPU time is read from the kernel's scheduler
(nanoseconds, user and system, all its threads and child processes), and it is stopped by its pid.
"""
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

CORES = sorted(os.sched_getaffinity(0))
PROXY_CORE = CORES[-1]
LOAD_CORES = CORES[:-1] or CORES
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
LIBC = ctypes.CDLL(None)


class BenchError(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def prepare_child(cores):
    """Runs in the child before exec: its cores, as many files as allowed, death with its parent."""
    def setup():
        os.sched_setaffinity(0, cores)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
        LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    return setup


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def wait_port(port, process, log):
    for _ in range(200):
        if process.poll() is not None:
            raise BenchError(f"{process.args[0]} ended at once:\n{read(log)[-2000:]}")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise BenchError(f"{process.args[0]} does not listen on {port}:\n{read(log)[-2000:]}")


class Process:
    """A child with its log, children of its own included in all figures."""

    def __init__(self, name, args, folder, cores, stdout=None):
        self.name, self.folder = name, folder
        self.log = os.path.join(folder, name + ".log")
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                args, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
                preexec_fn=prepare_child(cores))

    def pids(self):
        out, todo = [], [self.child.pid]
        while todo:
            pid = todo.pop()
            out.append(pid)
            todo += [int(p) for p in read(f"/proc/{pid}/task/{pid}/children").split()]
        return out

    def thread_cpu_ns(self):
        """CPU time by thread since its start; {} when the process is gone."""
        out = {}
        for pid in self.pids():
            try:
                tasks = os.listdir(f"/proc/{pid}/task")
            except OSError:
                continue
            for task in tasks:
                fields = read(f"/proc/{pid}/task/{task}/schedstat").split()
                if fields:
                    out[int(task)] = int(fields[0])
        return out

    def cpu_ns(self):
        return sum(self.thread_cpu_ns().values())

    def rss_kb(self):
        total = 0
        for pid in self.pids():
            for line in read(f"/proc/{pid}/status").splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total

    def stop(self):
        pids = self.pids()
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Origin(Process):
    def __init__(self, binary, folder):
        super().__init__("origin", [binary], folder, LOAD_CORES, stdout=subprocess.PIPE)
        line = self.child.stdout.readline()
        if not line:
            raise BenchError("origin does not start:\n" + read(self.log))
        self.port = json.loads(line)["port"]
        self.target = self.big_target = f"127.0.0.1:{self.port}"

    def stats(self):
        with urllib.request.urlopen(f"http://{self.target}/bench/stats", timeout=10) as r:
            return json.load(r)

    def upstream_connections(self):
        """ESTABLISHED sockets whose other end is the origin's port, as the kernel sees them."""
        want = f":{self.port:04X}"
        rows = [line.split() for line in read("/proc/net/tcp").splitlines()[1:]]
        return sum(1 for r in rows if r[2].endswith(want) and r[3] == "01")


NGINX = """
{user}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err warn;
worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
  access_log off; tcp_nodelay on;
  keepalive_requests 1000000000; keepalive_timeout 600s;
  client_max_body_size 16m; client_body_buffer_size 128k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream o {{
    server 127.0.0.1:{origin};
    keepalive 256; keepalive_requests 1000000000; keepalive_timeout 600s;
  }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 600s;
  proxy_max_temp_file_size 0;
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://o; }} }}
  server {{
    listen 127.0.0.1:{big} backlog=4096;
    location / {{
      proxy_buffer_size 64k; proxy_buffers 32 64k; proxy_busy_buffers_size 1m;
      proxy_pass http://o;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn {connections}
  maxpipes 8
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend f
  bind 127.0.0.1:{port} backlog 4096
  default_backend o
backend o
  server o 127.0.0.1:{origin}
frontend big
  bind 127.0.0.1:{big} backlog 4096
  option splice-response
  default_backend spliced
backend spliced
  option splice-response
  server o 127.0.0.1:{origin}
"""

SLEIPNIR = """
listeners: [{{address: "127.0.0.1:0"}}]
admin: {{address: "127.0.0.1:0"}}
data_dir: {folder}/data
log: {{statements: false}} # as the other proxies, whose access logs are off
threads: {threads}
backends: {{o: {{engine: trino, url: "http://127.0.0.1:{origin}"}}}}
"""


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


class Nginx(Process):
    def __init__(self, settings, folder, origin, held=0, name="nginx"):
        self.port, big = free_port(), free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        conf = write(os.path.join(folder, "nginx.conf"), NGINX.format(
            user=user, folder=folder, files=FILES, origin=origin.port, port=self.port, big=big,
            connections=5 * held // 2 + 1024))  # it hangs up idle clients at 15/16 of this
        super().__init__(name, [settings.nginx, "-c", conf, "-p", folder], folder, {PROXY_CORE})
        wait_port(self.port, self.child, self.log)
        self.target, self.big_target = f"127.0.0.1:{self.port}", f"127.0.0.1:{big}"


class Haproxy(Process):
    def __init__(self, settings, folder, origin, held=0):
        self.port, big = free_port(), free_port()
        conf = write(os.path.join(folder, "haproxy.cfg"), HAPROXY.format(
            origin=origin.port, port=self.port, big=big,
            connections=held + 40 if held else 1024))
        super().__init__("haproxy", [settings.haproxy, "-f", conf, "-db"], folder, {PROXY_CORE})
        wait_port(self.port, self.child, self.log)
        self.target, self.big_target = f"127.0.0.1:{self.port}", f"127.0.0.1:{big}"


class Sleipnir(Process):
    def __init__(self, settings, folder, origin, held=0, threads=1):
        os.makedirs(os.path.join(folder, "data"), exist_ok=True)
        conf = write(os.path.join(folder, "sleipnir.yaml"),
                     SLEIPNIR.format(folder=folder, threads=threads, origin=origin.port))
        ready = os.path.join(folder, "ready.json")
        cores = {PROXY_CORE} if threads == 1 else set(CORES)
        super().__init__("sleipnir", [settings.sleipnir, "serve", "-c", conf, "--ready-file", ready],
                         folder, cores)
        self.target = self.big_target = self.wait_ready(ready)
        self.wait_serving()

    def wait_ready(self, ready):
        for _ in range(200):
            if self.child.poll() is not None:
                raise BenchError("sleipnir ended at once:\n" + read(self.log)[-2000:])
            try:
                return json.loads(read(ready))["listeners"][0]
            except (ValueError, KeyError, IndexError):
                time.sleep(0.05)
        self.stop()
        raise BenchError("sleipnir is not ready after 10 s:\n" + read(self.log)[-2000:])

    def wait_serving(self):
        """Until the backend passed its health checks and a statement is taken."""
        for _ in range(200):
            request = urllib.request.Request(f"http://{self.target}/v1/statement", data=b"SELECT 1",
                                             headers={"X-Trino-User": "bench"}, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=5) as r:
                    if "nextUri" in json.load(r):
                        return
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        self.stop()
        raise BenchError("sleipnir takes no statement:\n" + read(self.log)[-2000:])


class Control(Nginx):
    """A second nginx: what it differs from the first is the noise of the run."""

    def __init__(self, settings, folder, origin, held=0):
        super().__init__(settings, folder, origin, held, name="control")


KINDS = {"nginx": Nginx, "control": Control, "haproxy": Haproxy, "sleipnir": Sleipnir}


def find_program(name, path):
    """The program's full path or None; nginx and haproxy may lie in sbin."""
    if path:
        return path if os.access(path, os.X_OK) else None
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
