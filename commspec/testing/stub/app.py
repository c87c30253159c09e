"""The stub as an ASGI application: the call, what came, and a page that shows it (Starlette)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from commspec.http.reply import HttpReply
from commspec.testing.stub.desk import Desk
from commspec.wire.names import PATH

_RAW_SEND = "commspec.send"
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


class Application(Starlette):
    """The stub's application; `desk` is what answers, and may be put in another's place while the application is served."""

    def __init__(self, desk: Desk, *, host: str | None = None) -> None:
        self.desk = desk
        views = _Views(self, host)
        super().__init__(
            routes=[
                Route(PATH, _Calls(self), methods=["POST"]),
                Route("/received", views.received, methods=["GET", "DELETE"]),
                Route("/", views.page, methods=["GET"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as any ASGI application does."""
        if scope["type"] != "http":
            return
        scope[_RAW_SEND] = send
        await super().__call__(scope, receive, send)


def create_app(desk: Desk | None = None, *, host: str | None = None, **options: Any) -> Application:
    """The stub as an ASGI application, for uvicorn or any other server; `app.desk` is what answers.

    `desk` answers; without it, a `Desk` of the other `options`. `host` is a name under which its page may be opened besides localhost, addresses and names
    without a full stop: others are refused, so that no web site can read it through a name of its own (DNS rebinding).

    It has `POST /v1.1/communications/sendMessage`, `GET /received` (`?after=12` for the calls after the 12th), `DELETE /received` and the page `GET /`.
    Only the call asks for authentication.
    """
    return Application(Desk(**options) if desk is None else desk, host=host)


class _Calls:
    """The call itself: an ASGI application of one route."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk, headers, query = self._application.desk, scope["headers"], scope["query_string"].decode("latin-1")
        try:
            body = await _read(headers, receive, desk.limits.bytes)
        except ClientDisconnect:
            return
        if body is None:
            await _response(desk.too_long(query, headers), close=True)(scope, receive, send)
            return
        answer, delay_seconds = desk.take(query, headers, body)
        if delay_seconds:
            await asyncio.sleep(delay_seconds)
        if answer is None:
            await _hang_up(scope, receive, send)
        else:
            await _response(answer)(scope, receive, send)


async def _read(headers: list[tuple[bytes, bytes]], receive: Receive, max_bytes: int) -> bytes | None:
    """The body; None as soon as it is known to be longer. Raises `ClientDisconnect` where it ends before its end."""
    lengths = [value for name, value in headers if name == b"content-length"]
    if any(length.isdigit() and int(length) > max_bytes for length in lengths):
        return None
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > max_bytes:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _response(answer: HttpReply, *, close: bool = False) -> Response:
    headers = dict(answer.headers)
    if close:
        headers["Connection"] = "close"
    if answer.status == 401:
        headers.setdefault("WWW-Authenticate", 'Basic realm="commspec stub"')
    return Response(answer.content, answer.status, headers)


async def _hang_up(scope: Scope, receive: Receive, send: Send) -> None:
    """Close the connection without an answer. ASGI has no word for it, so uvicorn is asked itself; another server gets an answer cut short."""
    transport = getattr(getattr(scope[_RAW_SEND], "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await receive()
        return
    await send({"type": "http.response.start", "status": 502, "headers": [(b"content-length", b"1"), (b"connection", b"close")]})


class _Views:
    """What came, as JSON and as a page."""

    def __init__(self, application: Application, host: str | None) -> None:
        self._application = application
        self._host = host
        self._page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
        sources: dict[str, str] = {}
        for kind, text in _INLINE.findall(self._page):
            sources[kind] = f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; script-src {sources['script']}; style-src {sources['style']}; connect-src 'self'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def page(self, request: Request) -> Response:
        """The page; what came it asks for itself."""
        return self._admitted(request) or Response(self._page, media_type="text/html", headers=self._headers)

    async def received(self, request: Request) -> Response:
        """What came; or nothing any more."""
        refusal = self._admitted(request)
        if refusal is not None:
            return refusal
        if request.method == "DELETE":
            self._application.desk.forget()
            return Response(status_code=204)
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            return PlainTextResponse("after is the number of a call\n", 400)
        desk = self._application.desk
        content = {"count": desk.count, "calls": [call.as_json() for call in desk.calls_after(int(after))]}
        return Response(json.dumps(content), media_type="application/json", headers=self._headers)

    def _admitted(self, request: Request) -> Response | None:
        name = request.url.hostname or ""
        if name == self._host or _is_local(name):
            return None
        return PlainTextResponse("this name is not the stub's: open it by its address, or start it with --host NAME\n", 403)


def _is_local(name: str) -> bool:
    """Whether nobody else can have a host of that name: an address, or a name that only this network knows."""
    if "." not in name.rstrip(".") or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
