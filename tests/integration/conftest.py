# SPDX-License-Identifier: Apache-2.0
"""Fixtures. Clusters are started once a session, gateways as often as a test asks; all are stopped by pid."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from fake_coordinator import Fake  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "no_gateway: runs without the gateway's binary")
    config.addinivalue_line("markers", "jvm: needs real clusters or Java clients (scripts/peers get servers clients)")


def pytest_collection_modifyitems(config, items):
    """Without a gateway binary only what runs against the clusters directly can run."""
    if harness.DIRECT or harness.binary().exists():
        return
    skip = pytest.mark.skip(reason=f"no gateway at {harness.binary()} (SLEIPNIR_BIN); SLEIPNIR_DIRECT=1 tests the tests")
    for item in items:
        if not {"no_gateway"} & {m.name for m in item.iter_markers()}:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def peers():
    """Two Trino and one Presto; SLEIPNIR_PEERS=trino=URL,trino2=URL,presto=URL takes running ones."""
    given = os.environ.get("SLEIPNIR_PEERS")
    if given:
        yield {k: harness.Given(k, u) for k, u in (p.split("=", 1) for p in given.split(","))}
        return
    subprocess.run([str(harness.ROOT / "scripts/peers"), "get", "servers", "clients"], check=True)
    a, b, c = harness.start_peers("trino", "trino", "presto")
    yield {"trino": a, "trino2": b, "presto": c}
    for peer in (a, b, c):
        peer.stop()


def gateways(folder):
    started = []

    def make(config=None, env=None, direct=None, wait=True):
        """A gateway with this configuration. With SLEIPNIR_DIRECT: the cluster `direct` (or its first backend)."""
        if harness.DIRECT:
            if config.get("backends"):
                direct = direct or next(iter(config["backends"].values()))["url"]
            if direct is None:
                pytest.skip("a gateway's own behaviour")
            g = harness.Direct(direct)
        else:
            g = harness.Gateway(config or {}, folder, env, wait)
        started.append(g)
        return g

    return started, make


def finish(started):
    problems = []
    for g in started:
        g.begin_stop()
    for g in started:
        try:
            g.stop()
        except AssertionError as problem:
            problems.append(problem)
            g.kill()
    if problems:
        raise problems[0]


@pytest.fixture
def gateway(tmp_path):
    started, make = gateways(tmp_path)
    yield make
    finish(started)


@pytest.fixture(scope="module")
def module_gateway(tmp_path_factory):
    started, make = gateways(tmp_path_factory.mktemp("gateways"))
    yield make
    finish(started)


@pytest.fixture
def own_gateway(gateway):
    """As gateway, for tests of what only a gateway does."""
    if harness.DIRECT:
        pytest.skip("a gateway's own behaviour")
    return gateway


@pytest.fixture
def redis(tmp_path):
    r = harness.Redis(tmp_path)
    yield r
    r.stop()


@pytest.fixture
def fake():
    """fake(engine) -> a scripted coordinator."""
    started = []

    def make(engine="trino", **more):
        started.append(Fake(engine, **more))
        return started[-1]

    yield make
    for f in started:
        f.close()


@pytest.fixture(scope="module")
def module_fake():
    started = []

    def make(engine="trino", **more):
        started.append(Fake(engine, **more))
        return started[-1]

    yield make
    for f in started:
        f.close()


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory):
    """make(name) -> (certificate, key) files of a self-signed certificate for localhost and 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")

    def make(name):
        cert, key = folder / f"{name}.crt", folder / f"{name}.key"
        if not cert.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "30", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                            "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
            os.chmod(key, 0o600)
        return cert, key

    return make
