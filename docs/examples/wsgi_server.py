"""A server without any framework: a WSGI application, which every Python web server runs.

    python docs/examples/wsgi_server.py --port 8000

It takes a call whole or not at all: one faulty message refuses the others too, and the answer names every fault.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from wsgiref.simple_server import make_server

from commspec import CommspecError, Message, SendResponse, response_to
from commspec.http import negotiate, parse, reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BYTES = 10 * 1024 * 1024
OUTBOX: list[Message] = []


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The call at any path: where it lives is the web server's business."""
    if environ["REQUEST_METHOD"] != "POST":
        start_response("405 Method Not Allowed", [("Allow", "POST")])
        return [b""]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BYTES:
        start_response("413 Content Too Large", [])
        return [b""]
    headers = {"Content-Type": environ.get("CONTENT_TYPE", ""), "Content-Encoding": environ.get("HTTP_CONTENT_ENCODING", "")}
    answer: SendResponse
    try:
        request = parse(environ.get("QUERY_STRING", ""), headers, environ["wsgi.input"].read(length))
    except CommspecError as error:
        answer = response_to(error)
    else:
        OUTBOX.extend(request)
        answer = response_to(request)
    written = reply(answer, negotiate(environ.get("HTTP_ACCEPT"), "json"))
    start_response(f"{written.status} {HTTPStatus(written.status).phrase}", list(written.headers.items()))
    return [written.content]


def main(arguments: list[str]) -> int:
    """Serves on this machine until it is stopped; port 0 takes a free one. The first line of output is the address."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--port", type=int, default=8000)
    chosen = options.parse_args(arguments)
    with make_server("127.0.0.1", chosen.port, application) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
