"""Hosts that go through the motions: `refuses` answers 400 to every run request, `idles` starts nothing.

Run as `python host.py refuses|idles`; it prints its URL. Any token will do.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSES = sys.argv[1] == "refuses"
REFUSAL = {"error": {"code": "invalid_request", "message": "not today"}}


def well_formed(resources):
    """Whether a request is one that this host would pretend to act on."""
    if resources is None:
        return True
    if not isinstance(resources, dict) or not resources:
        return False
    lists = [names for names in resources.values() if isinstance(names, list) and names]
    return len(lists) == len(resources) and all(isinstance(n, str) for names in lists for n in names)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_ref/connectors":
            return self.answer(201, {"connector_key": "any", "version": "1"})
        if self.path == "/_ref/connections":
            return self.answer(201, {"connection_id": "c1"})
        if self.path.endswith("/run"):
            refused = REFUSES or not well_formed(json.loads(body).get("resources"))
            return self.answer(*((400, REFUSAL) if refused else (202, {"run_id": "r1", "status": "started"})))
        return self.answer(404, {"error": {"code": "not_found", "message": self.path}})

    def do_GET(self):
        if self.path == "/_ref/runs/r1":
            run = {"run_id": "r1", "status": "completed", "checkpoint": "committed", "known_gaps": []}
            return self.answer(200, run)
        if self.path.startswith("/v1/") or self.path.endswith("/timeline"):
            return self.answer(200, {"object": "list", "data": [], "has_more": False, "next_cursor": None})
        if self.path == "/openapi.json":
            return self.answer(200, {"info": {"title": "idle", "version": "0"}})
        return self.answer(404, {"error": {"code": "not_found", "message": self.path}})

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
