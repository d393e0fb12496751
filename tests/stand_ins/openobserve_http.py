"""A stand-in of OpenObserve's JSON ingestion: takes what is posted to one stream, over real HTTP.

As a program it prints its port and serves until it is killed.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/api/default/qraft/_json"


class OpenObserve(ThreadingHTTPServer):
    """Takes what is posted to `PATH`, if it is in the mood."""

    def __init__(self) -> None:
        self.taken: list[dict] = []
        self.refusals = 0
        self.authorised: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """What the settings call it."""
        return f"openobserve://ann@127.0.0.1:{self.server_port}/default/qraft"


class Handler(BaseHTTPRequestHandler):
    server: OpenObserve
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.authorised.append(self.headers["Authorization"])
        status = 200
        if self.server.refusals:
            self.server.refusals -= 1
            status = 503
        elif self.path == PATH:
            self.server.taken += body
        else:
            status = 404
        answer = json.dumps({"code": status, "status": [{"failed": 0}]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    server = OpenObserve()
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
