"""A server with FastAPI: JSON and XML in and out, and good messages go out though others of the same call are faulty.

    python docs/examples/fastapi_server.py --port 8000

It sends nothing; `OUTBOX` has what would go out. Numbers that end in 9 are unknown to it, so that there is something to fail.
"""

from __future__ import annotations

import argparse
import socket
import sys

import uvicorn
from fastapi import FastAPI, Request, Response

from commspec import Inspection, Message, SendResponse, Status, StatusDetail, response_to
from commspec.http import BasicAuth, inspect, negotiate, reply

AUTH = BasicAuth("till.1", "swordfish")
OUTBOX: list[Message] = []

app = FastAPI()


@app.post("/v1.1/communications/sendMessage")
async def send_message(request: Request) -> Response:
    """The call, answered in the format that the client asks for, or else in its own."""
    call = inspect(request.url.query, request.headers, await request.body())
    if AUTH.accepts(request.headers):
        answer = response_to(call, deliver(call))
    else:
        answer = SendResponse(Status(message="Invalid username or password", code=401, success=False))
    written = reply(answer, negotiate(request.headers.get("accept"), call.format or "json"))
    return Response(written.content, written.status, dict(written.headers))


def deliver(call: Inspection) -> dict[int, StatusDetail]:
    """Puts the good messages of a call into the outbox; the errors of those that can't go, by index."""
    errors = {}
    for item in call.good:
        assert item.message is not None
        if str(getattr(item.message, "to", "")).endswith("9"):
            errors[item.index] = StatusDetail(False, "Invalid mobile: unknown subscriber", 8056)
        else:
            OUTBOX.append(item.message)
    return errors


def main(arguments: list[str]) -> int:
    """Serves on this machine until it is stopped; port 0 takes a free one. The first line of output is the address."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--port", type=int, default=8000)
    chosen = options.parse_args(arguments)
    with socket.create_server(("127.0.0.1", chosen.port)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
