# SPDX-License-Identifier: Apache-2.0
"""As External.java: external.py HOST:PORT CERTIFICATE"""
import json
import sys

from trino import dbapi
from trino.auth import CompositeRedirectHandler, OAuth2Authentication

address, certificate = sys.argv[1:]
host, port = address.split(":")
login = OAuth2Authentication(CompositeRedirectHandler([lambda url: print(url, flush=True)]))
for _ in range(2):
    connection = dbapi.connect(host=host, port=int(port), http_scheme="https", verify=certificate, user="alice", catalog="tpch", schema="tiny", auth=login,
                               extra_credential=[("routing", "a")])
    rows = connection.cursor().execute("SELECT current_user, orderkey FROM orders").fetchall()
    print(json.dumps({"user": rows[0][0], "rows": len(rows)}), flush=True)
