"""The stub on a port of this machine: in a thread while a test runs, or until it is stopped (uvicorn)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from commspec.testing.stub.app import AsgiApp

_START_SECONDS = 10.0


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens at `host` and `port`, 0 for a free one. Raises `OSError` where it can't."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The address of what listens there: `http://127.0.0.1:8000`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_of(app: AsgiApp) -> uvicorn.Server:
    """A server that logs nothing of a call and answers no more than one application."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )


def run(app: AsgiApp, listener: socket.socket) -> None:
    """Serve until a signal ends it, which is then raised as ever."""
    server_of(app).run(sockets=[listener])


@contextlib.contextmanager
def serving(app: AsgiApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The address of `app`, which is served in a thread while the `with` lasts, and no longer."""
    listener = bind(host, port)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="commspec stub", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the stub server did not start")
            time.sleep(0.002)
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()
