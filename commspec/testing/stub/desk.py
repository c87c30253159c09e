"""What answers a call: authentication, reading, judging, and the habits of the real server, with no web in it."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

import attrs

from commspec.codecs import Inspection, encode_response
from commspec.codecs.format import Format
from commspec.errors import CommspecError
from commspec.http.auth import Auth, BasicAuth, OAuthToken
from commspec.http.headers import Headers, HeaderSource, values_of
from commspec.http.reply import HttpReply, reply, response_to, status_of
from commspec.http.server import inspect, negotiate
from commspec.models.messages import PHONE, message_type
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail
from commspec.models.table import columns_of
from commspec.testing.stub.call import Call, without_secrets
from commspec.wire.report import DEFAULT_LIMITS, Limits

FAILED_BY_CHANCE = StatusDetail(False, "Failed by the stub, which was told to fail some", 500)
"""The error of a message that `fail` chose."""

UNREAD = Inspection((), (), (), None, None)
_KEPT_BYTES = 64 * 1024 * 1024
_MOST_SECONDS = 600
_BODILESS = frozenset({204, 304})

Answer = SendResponse | StatusDetail | HttpReply | tuple[int, str | bytes] | tuple[int, str | bytes, str] | type[ConnectionError] | None
"""What a call can be made to get: see `Desk.script`."""


@attrs.frozen
class Scripted:
    """One scripted answer, and how many seconds it waits."""

    answer: Answer
    delay_seconds: float = 0.0


def _auths(auth: object) -> tuple[Auth, ...]:
    # An empty text would otherwise let everyone in.
    several: Iterable[Any] = () if auth is None else auth if isinstance(auth, Iterable) and not isinstance(auth, str) else (auth,)
    found = tuple(several)
    for each in found:
        _check_type(each, (BasicAuth, OAuthToken), "auth is a BasicAuth, an OAuthToken, several of them or None")
    return found


def _kind(value: object) -> str:
    return type(value).__name__


def _check_type(value: object, types: tuple[type, ...], what: str) -> None:
    # A bool is an int to Python, and a mistake wherever a number is asked for.
    if not isinstance(value, types) or isinstance(value, bool):
        raise TypeError(f"{what}, not {_kind(value)}")


def _check_number(name: str, value: float, most: float, what: str) -> None:
    _check_type(value, (int, float), f"{name} is a number")
    # Not the other way round: NaN is neither below nor above.
    if not 0 <= value <= most:
        raise ValueError(what)


class Desk:
    """Answers calls, and remembers what came. One object serves one server; `received` and `script` may be used from any thread.

    `auth` is who may call: a `BasicAuth`, an `OAuthToken` or several; None for anyone. `fail` (0 to 1) is the chance of each good message to be refused.
    `latency_seconds` is how long each answer waits. `country_code` (1 to 3 digits) is put before the numbers that are echoed, and with `reorder` the
    outcomes stand in another order than the messages: both are habits of the real server. With a `seed`, the same calls in the same order
    get the same answers. `limits` hold each document; `keep_calls` is how many calls are remembered, the newest, with no more than 64 MiB
    of documents. `on_call` is told of each. Raises `ValueError` for options out of their range, `TypeError` for those of another type.
    """

    def __init__(
        self,
        *,
        auth: Auth | Iterable[Auth] | None = None,
        fail: float = 0.0,
        latency_seconds: float = 0.0,
        seed: int | str | None = None,
        country_code: str = "",
        reorder: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        keep_calls: int = 500,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        _check_number("fail", fail, 1, "fail is a chance, from 0 to 1")
        _check_number("latency_seconds", latency_seconds, _MOST_SECONDS, "the latency is from 0 to 600 seconds")
        _check_type(country_code, (str,), "a country code is a str")
        if country_code and not (country_code.isascii() and country_code.isdigit() and len(country_code) <= 3):
            raise ValueError("a country code is 1 to 3 digits")
        _check_type(limits, (Limits,), "limits are a commspec.Limits")
        _check_type(keep_calls, (int,), "keep_calls is an int")
        if keep_calls < 1:
            raise ValueError("keep_calls is 1 or more")
        _check_type(on_call, (Callable, type(None)), "on_call is a function or None")  # type: ignore[arg-type] # isinstance takes it
        self.auth = _auths(auth)
        self.fail = fail
        self.latency_seconds = latency_seconds
        self.seed = seed
        self.country_code = country_code
        self.reorder = reorder
        self.limits = limits
        self._on_call = on_call
        self._keep = keep_calls
        self._calls: deque[Call] = deque()
        self._script: deque[Scripted] = deque()
        self._count = 0
        self._lock = threading.Lock()

    # ---- For tests.

    @property
    def received(self) -> list[Call]:
        """The calls that came, the newest last."""
        with self._lock:
            return list(self._calls)

    @property
    def count(self) -> int:
        """How many calls came in all, remembered or not."""
        return self._count

    @property
    def scripted(self) -> list[Scripted]:
        """The scripted answers that no call has had yet."""
        with self._lock:
            return list(self._script)

    def clear(self) -> None:
        """Forget the calls, and the script. The count goes on, so that the numbers of calls stay their own."""
        with self._lock:
            self._calls.clear()
            self._script.clear()

    def forget(self) -> None:
        """Forget the calls; the script stays."""
        with self._lock:
            self._calls.clear()

    def script(self, *answers: Answer, delay_seconds: float = 0.0) -> None:
        """Have the next calls get these answers, one each, instead of the usual ones; each waits `delay_seconds` first.

        | an answer | the call gets |
        |---|---|
        | `SendResponse` | it, in the format asked for; the HTTP status is its status's code (200 to 599; 400 for another), and 200 where it has none |
        | `StatusDetail` | an answer that refuses each message with it |
        | `(503, "…")`, `(502, b"…", "text/html")` | that HTTP status, body and media type (without one, `text/plain`) |
        | `HttpReply` | it, header for header |
        | `ConnectionError` | none: the connection is closed |
        | None, or no answer at all | the usual answer, late |

        Raises `TypeError` for anything else, and `ValueError` for what no server could send: an HTTP status outside 200 to 599, a body under 204 or 304, text
        that holds half of a surrogate pair, a media type that is not printable ASCII in one line, headers that give the content another end than its own.
        The delay is 0 to 600 seconds, and raises the same.
        """
        _check_number("delay_seconds", delay_seconds, _MOST_SECONDS, "a delay is from 0 to 600 seconds")
        for answer in answers:
            _check_answer(answer)
        with self._lock:
            self._script.extend(Scripted(answer, delay_seconds) for answer in answers or (None,))

    # ---- For servers.

    def take(self, query: str, headers: HeaderSource, body: bytes) -> tuple[HttpReply | None, float]:
        """The answer to a call (None where the connection is to be closed without one), and how many seconds it waits."""
        with self._lock:
            self._count += 1
            number = self._count
            scripted = self._script.popleft() if self._script else None
        # A seed makes the answers of each call its own, whatever the calls before it held.
        chance = random.Random() if self.seed is None else random.Random(f"{self.seed}/{number}")  # noqa: S311 - no secret hangs on it
        inspection = UNREAD
        answer: HttpReply | None
        wanted = self.format_for(headers, None)
        if not self.admits(headers):
            answer = self.write(SendResponse(Status(message="Authentication failed", code=401, success=False)), wanted)
        else:
            inspection = self.read(query, headers, body)
            wanted = self.format_for(headers, inspection.format)
            answer = self._scripted(scripted, inspection, wanted, chance)
        self._remember(number, query, headers, body, inspection, answer)
        return answer, self.latency_seconds + (scripted.delay_seconds if scripted else 0.0)

    def too_long(self, query: str, headers: HeaderSource) -> HttpReply:
        """The answer to a call whose body is longer than `limits.bytes`, which nobody has read."""
        with self._lock:
            self._count += 1
            number = self._count
        status = Status(message=f"The body is longer than {self.limits.bytes} bytes", code=413, success=False)
        answer = self.write(SendResponse(status), self.format_for(headers, None))
        self._remember(number, query, headers, b"", UNREAD, answer)
        return answer

    # ---- The steps, each of which a subclass may do in another way.

    def admits(self, headers: HeaderSource) -> bool:
        """Whether whoever calls may."""
        return not self.auth or any(auth.accepts(headers) for auth in self.auth)

    def format_for(self, headers: HeaderSource, body: Format | None) -> Format:
        """The format of the answer: what `Accept` asks for, otherwise that of the body."""
        if body is None:
            said = values_of(headers, "Content-Type")
            try:
                body = Format(said[0]) if said else Format.JSON
            except ValueError:
                body = Format.JSON
        return negotiate(", ".join(values_of(headers, "Accept")), body)

    def read(self, query: str, headers: HeaderSource, body: bytes) -> Inspection:
        """What the call holds."""
        return inspect("?" + query, headers, body, limits=self.limits)

    def judge(self, inspection: Inspection, chance: random.Random) -> SendResponse:
        """What becomes of each message."""
        errors = {
            index: FAILED_BY_CHANCE
            for index, received in enumerate(inspection.messages)
            if self.fail and received.message is not None and chance.random() < self.fail
        }
        return response_to(inspection, errors)

    def habits(self, response: SendResponse, chance: random.Random) -> SendResponse:
        """The answer as the real server may give it: numbers with a country code before them, outcomes in another order."""
        outcomes = list(response.outcomes)
        if self.country_code:
            outcomes = [self._prefixed(outcome, response) for outcome in outcomes]
        if self.reorder and len(outcomes) > 1:
            order = list(range(len(outcomes)))
            chance.shuffle(order)
            if order == sorted(order):
                order.reverse()
            outcomes = [outcomes[index] for index in order]
        return attrs.evolve(response, outcomes=outcomes)

    def write(self, response: SendResponse, format: Format) -> HttpReply:
        """The answer as it is sent, with nothing added."""
        if response.status is None:
            # `reply` would work one out.
            return HttpReply(200, Headers({"Content-Type": format.media_type}), encode_response(response, format))
        return reply(response, format)

    # ---- Within.

    def _scripted(self, scripted: Scripted | None, inspection: Inspection, format: Format, chance: random.Random) -> HttpReply | None:
        answer = None if scripted is None else scripted.answer
        if isinstance(answer, HttpReply):
            return answer
        if isinstance(answer, tuple):
            status, body, *media_type = answer
            content = body.encode() if isinstance(body, str) else body
            return HttpReply(status, Headers({"Content-Type": str(media_type[0]) if media_type else "text/plain; charset=utf-8"}), content)
        if isinstance(answer, type):
            return None
        try:
            if isinstance(answer, SendResponse):
                return self.write(answer, format)
            if isinstance(answer, StatusDetail):
                return self.write(response_to(inspection, dict.fromkeys(range(len(inspection.messages)), answer)), format)
            usual = self.habits(self.judge(inspection, chance), chance)
            return self.write(usual if usual.status is not None else attrs.evolve(usual, status=status_of(usual.outcomes)), format)
        except CommspecError as error:
            # Only a script can ask for what its format can't hold, and whoever wrote it should see why it didn't come.
            return HttpReply(500, Headers({"Content-Type": "text/plain; charset=utf-8"}), f"the stub can't write this: {error}".encode())

    def _prefixed(self, outcome: Outcome, response: SendResponse) -> Outcome:
        if outcome.message is None or response.channel is None:
            return outcome
        changed: dict[str, Any] = {}
        for column in columns_of(message_type(response.channel)):
            value = getattr(outcome.message, column.name, None)
            if column.rule is PHONE and isinstance(value, str) and value.lstrip("+").isdigit():
                changed[column.name] = self.country_code + value.lstrip("+")
        return attrs.evolve(outcome, message=attrs.evolve(outcome.message, **changed))

    def _remember(
        self, number: int, query: str, headers: HeaderSource, body: bytes, inspection: Inspection, answer: HttpReply | None
    ) -> None:
        call = Call(
            number,
            datetime.now(timezone.utc),
            query,
            without_secrets(headers),
            body,
            inspection,
            None if answer is None else answer.status,
            b"" if answer is None else answer.content,
        )
        with self._lock:
            self._calls.append(call)
            sizes = [len(kept.document) for kept in self._calls]
            total = sum(sizes)
            for size in sizes[:-1]:
                if len(self._calls) <= self._keep and total <= _KEPT_BYTES:
                    break
                self._calls.popleft()
                total -= size
        if self._on_call is not None:
            self._on_call(call)

    def calls_after(self, number: int) -> Iterator[Call]:
        """The remembered calls whose number is greater."""
        return (call for call in self.received if call.number > number)


def _check_answer(answer: object) -> None:
    if answer is None or isinstance(answer, StatusDetail) or (isinstance(answer, type) and issubclass(answer, ConnectionError)):
        return
    if isinstance(answer, SendResponse):
        if answer.status is not None and answer.status.code in _BODILESS:
            raise ValueError(f"HTTP {answer.status.code} has no body, so no SendResponse can have that code")
        return
    if isinstance(answer, HttpReply):
        _check_status(answer.status)
        _check_type(answer.content, (bytes,), "the content of an HttpReply is bytes")
        _check_content(answer.status, answer.content, answer.headers)
        return
    if not isinstance(answer, tuple) or len(answer) not in (2, 3):
        raise TypeError(
            f"an answer is a SendResponse, a StatusDetail, an HttpReply, (status, body), ConnectionError or None, not {_kind(answer)}"
        )
    status, body, *media_type = answer
    _check_status(status)
    if isinstance(body, str):
        try:
            body = body.encode()
        except UnicodeEncodeError:
            raise ValueError("an answer's body holds half of a surrogate pair, which UTF-8 can't say") from None
    _check_type(body, (bytes,), "an answer's body is a str or bytes")
    for each in media_type:
        _check_type(each, (str,), "an answer's media type is a str")
    _check_content(status, body, Headers([("Content-Type", each) for each in media_type]))


def _check_status(status: int) -> None:
    _check_type(status, (int,), "an answer's HTTP status is an int")
    if not 200 <= status <= 599:
        raise ValueError(f"an answer's HTTP status is from 200 to 599, not {status}")


def _check_content(status: int, content: bytes, headers: Headers) -> None:
    """Hold a body to what HTTP can send. A `Content-Length` above its length is let through: it makes an answer that breaks off."""
    if content and status in _BODILESS:
        raise ValueError(f"HTTP {status} has no body")
    length = headers.get("Content-Length", str(len(content)))
    if not (length.isdigit() and len(length) <= 18 and int(length) >= len(content)):
        raise ValueError(f"the Content-Length is {length}, and the body has {len(content)} bytes")
    if headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        raise ValueError("the Transfer-Encoding of an answer is chunked, or none")
