"""The server to check: which ones never are, and how it is called, with a deadline for everything."""

from __future__ import annotations

import contextlib
import http.client
import re
import shlex
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import attrs

from commspec.errors import CommspecError
from commspec.http.address import check_host, is_loopback
from commspec.http.auth import Auth
from commspec.wire.names import OAUTH_HEADER, PATH

VENDOR = "capillarytech.com"
_FOLLOWING_FAULTS = 5
_MOST_BYTES = 16 * 1024 * 1024
_LOOK_SECONDS = 0.02
_PLAIN = re.compile(r"[ -~]+")
_SECRET = {"authorization": "COMMSPEC_AUTHORIZATION", OAUTH_HEADER.lower(): "COMMSPEC_TOKEN"}


class Refused(CommspecError, ValueError):
    """An address that is not checked; the text says why."""


class Unreachable(CommspecError):
    """A server that can't be reached, or has stopped to answer."""


@attrs.frozen
class Sent:
    """One call: its query, headers and body."""

    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")


@attrs.frozen
class Answer:
    """What came back: HTTP status, headers and body; or `fault`, what went wrong instead."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = attrs.field(default=b"", repr=lambda body: f"<{len(body)} bytes>")
    fault: str | None = None


@attrs.frozen
class Target:
    """A server that may be checked: made by `target_of`."""

    scheme: str
    host: str
    port: int
    path: str
    auth: Auth | None = attrs.field(default=None)
    timeout_seconds: float = 10.0

    @property
    def url(self) -> str:
        """The call's address, without its query."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path}"

    def curl(self, sent: Sent) -> str:
        """The call as a line for a POSIX shell; secrets are taken from the environment, and nothing unprintable stands in it."""
        parts = ["curl", "-sS", shlex.quote(self.url + (f"?{sent.query}" if sent.query else ""))]
        for name, value in sent.headers:
            secret = _SECRET.get(name.lower())
            parts += ["-H", f'"{name}: ${secret}"' if secret else shlex.quote(f"{name}: {value}")]
        text = sent.body.decode("latin-1")
        if _PLAIN.fullmatch(text) and not text.startswith("@"):
            return " ".join([*parts, "--data-binary", shlex.quote(text)])
        # Octal escapes are the ones that every printf knows; they also carry a NUL, which no argument can.
        escaped = "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\%'" else f"\\{byte:03o}" for byte in sent.body)
        return " ".join([f"printf '{escaped}' |", *parts, "--data-binary", "@-"])


def target_of(url: str, *, auth: Auth | None = None, owned: bool = False, timeout_seconds: float = 10.0) -> Target:
    """The server at `url`, which may end in the call's path or in another; without a path the documented one is put after it.

    Raises `Refused` for the vendor's hosts, in any spelling; for one that is not this machine, unless `owned` says that it is the user's own; and for what
    is no plain address: another scheme than http and https, a user or password, a query or fragment.
    """
    if not url.isprintable() or " " in url or "\\" in url:
        raise Refused("no address: it holds a space, a backslash or an unprintable character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("no address: expected http://127.0.0.1:8000") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refused("no address: expected http://127.0.0.1:8000 or https://…")
    if "@" in parts.netloc:
        raise Refused("the address holds a user: give it as --auth user:password")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise Refused("the address has a query or a fragment: the call's own is put after it")
    name = (parts.hostname or "").rstrip(".")
    try:
        host = check_host(f"[{name}]" if ":" in name else name)
    except ValueError as error:
        raise Refused(str(error)) from None
    _refuse_vendor(host)
    if not is_loopback(host) and not owned:
        raise Refused(f"{host} is not this machine: say --i-own-this-server, if it is yours and nothing that it receives reaches anyone")
    if port == 0:
        raise Refused("no address: port 0 is none")
    target = Target(
        parts.scheme,
        host,
        port or (443 if parts.scheme == "https" else 80),
        PATH if parts.path in ("", "/") else parts.path,
        auth,
        timeout_seconds,
    )
    if parts.scheme == "http" and auth is not None and not is_loopback(host):
        raise Refused("with a secret, http is for this machine only: it would go over the network in the clear")
    if not is_loopback(host):
        _refuse_vendors_alias(target)
    return target


def _refuse_vendor(host: str) -> None:
    name = host.rstrip(".").lower()
    if name == VENDOR or name.endswith(f".{VENDOR}"):
        raise Refused(f"{name} is the vendor's: generated messages would go out to real people")


def _refuse_vendors_alias(target: Target) -> None:
    """A name of one's own may be but another name for the vendor's."""
    try:
        found = socket.getaddrinfo(target.host.strip("[]"), target.port, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except (OSError, UnicodeError):
        # Whoever can't be found is told so when it is called.
        return
    for _, _, _, canonical, _ in found:
        _refuse_vendor(canonical)


class Client:
    """Calls one target, each call with a deadline, over one connection where the server keeps it. Follows no redirect and no proxy.

    `answered` is the last call that was answered, None where none was. Raises `Unreachable` where the first call can't connect, and where five calls in a
    row got no whole answer in time. One whose connection was closed is such a call too; but where the server still answers `answered`, it goes on.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.calls = 0
        self.answered: Sent | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._faults = 0
        self._watch = _Watch()

    def __enter__(self) -> Client:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._watch.end()

    def send(self, sent: Sent) -> Answer:
        """What the server answers."""
        answer = self._ask(sent)
        if answer.fault is None:
            self._faults = 0
            self.answered = sent
            return answer
        self._faults += 1
        if self.calls == 1 and answer.fault.startswith("no connection"):
            raise Unreachable(f"{self.target.url}: {answer.fault}")
        if self._faults >= _FOLLOWING_FAULTS:
            # Some servers close the connection on every call that they don't like: these are still there.
            if answer.fault != _HUNG_UP or self.answered is None or self._ask(self.answered).fault is not None:
                raise Unreachable(f"{self.target.url}: {_FOLLOWING_FAULTS} calls without an answer, the last: {answer.fault}")
            self._faults = 0
        return answer

    def _ask(self, sent: Sent) -> Answer:
        self.calls += 1
        again = self._connection is not None
        answer = self._try(sent)
        if answer.fault is not None and again and self._kept_is_closed(answer):
            answer = self._try(sent)
        return answer

    def _kept_is_closed(self, answer: Answer) -> bool:
        """A server may close a kept connection just as the next call begins, which is no fault of its."""
        return answer.fault == _HUNG_UP

    def _connect(self) -> http.client.HTTPConnection:
        target = self.target
        host = target.host.strip("[]")
        if target.scheme == "https":
            return http.client.HTTPSConnection(host, target.port, timeout=target.timeout_seconds, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, target.port, timeout=target.timeout_seconds)

    def _try(self, sent: Sent) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
            try:
                self._connection.connect()
            except OSError as error:
                self._close()
                return Answer(fault=f"no connection: {error.strerror or type(error).__name__}")
        connection = self._connection
        assert connection.sock is not None
        # A socket's own timeout begins anew with every byte; this one does not.
        self._watch.over(connection.sock, now() + self.target.timeout_seconds)
        try:
            address = self.target.path + (f"?{sent.query}" if sent.query else "")
            connection.putrequest("POST", address, skip_accept_encoding=True)
            for name, value in (*sent.headers, ("Content-Length", str(len(sent.body)))):
                connection.putheader(name, value)
            connection.endheaders(sent.body)
            response = connection.getresponse()
            body = response.read(_MOST_BYTES + 1)
            if len(body) > _MOST_BYTES:
                self._close()
                return Answer(fault=f"an answer of more than {_MOST_BYTES} bytes")
            if response.will_close:
                self._close()
            if self._watch.cut:
                return Answer(fault=self._too_late())
            return Answer(response.status, tuple(response.headers.items()), body)
        except (OSError, http.client.HTTPException) as error:
            self._close()
            if self._watch.cut or isinstance(error, TimeoutError):
                return Answer(fault=self._too_late())
            if isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                return Answer(fault=_HUNG_UP)
            return Answer(fault=f"no HTTP answer: {type(error).__name__}")
        finally:
            self._watch.rest()

    def _too_late(self) -> str:
        return f"no whole answer within {self.target.timeout_seconds:g} seconds"

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_HUNG_UP = "the server closed the connection without an answer"


class _Watch(threading.Thread):
    """Cuts a connection whose call is past its deadline. One thread for all calls: starting one takes longer than most calls."""

    def __init__(self) -> None:
        super().__init__(name="commspec conform", daemon=True)
        self.cut = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._call: tuple[socket.socket, float] | None = None

    def over(self, connection: socket.socket, deadline: float) -> None:
        """Watch over a call."""
        with self._lock:
            self.cut = False
            self._call = connection, deadline

    def rest(self) -> None:
        """The call has ended."""
        with self._lock:
            self._call = None

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look again and again."""
        while not self._ended.wait(_LOOK_SECONDS):
            with self._lock:
                if self._call is not None and now() > self._call[1]:
                    self.cut = True
                    # It may have ended just now.
                    with contextlib.suppress(OSError):
                        self._call[0].shutdown(socket.SHUT_RDWR)
                    self._call = None


def with_headers(headers: Iterable[tuple[str, str]], auth: Auth | None) -> tuple[tuple[str, str], ...]:
    """Headers, with those of whoever asks."""
    return (*headers, *(() if auth is None else (auth.header(),)))


def now() -> float:
    """Seconds on a clock that only goes forward."""
    return time.monotonic()
