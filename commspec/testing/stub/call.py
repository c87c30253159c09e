"""One call that the stub received, and how `GET /received` shows it."""

from __future__ import annotations

import base64
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from commspec.codecs import Inspection, encode_request
from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.http.headers import HeaderSource
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.request import SendRequest
from commspec.wire.names import OAUTH_HEADER
from commspec.wire.request import request_of

_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", OAUTH_HEADER.lower()})


class Hidden(str):
    """What stands in place of a header that carries a secret."""

    __slots__ = ()


@attrs.frozen
class Call:
    """One call: what came, what it means, and what was answered.

    `number` counts the calls from 1. `at` is when it came, in UTC. `headers` are in lower case, those that carry secrets as `Hidden`. `document` is the
    body as it came. `status` is the HTTP status of the answer, None where the connection was closed without one.
    """

    number: int
    at: datetime
    query: str
    headers: tuple[tuple[str, str], ...]
    document: bytes = attrs.field(repr=lambda document: f"<{len(document)} bytes>")
    inspection: Inspection = attrs.field(repr=False)
    status: int | None
    answer: bytes = attrs.field(repr=lambda answer: f"<{len(answer)} bytes>")

    @property
    def request(self) -> SendRequest | None:
        """The call's request; None where it has any fault, or was refused unread."""
        inspection = self.inspection
        return None if inspection.issues or not inspection.messages else self.accepted

    @property
    def accepted(self) -> SendRequest | None:
        """The messages that have no fault, as a request; None where there is none, or they are not of one channel."""
        if self.inspection.channel is None or not self.inspection.good:
            return None
        return request_of(self.inspection.good)

    @property
    def channel(self) -> Channel | None:
        """The channel of the messages, None where that can't be told."""
        return self.inspection.channel

    @property
    def format(self) -> Format | None:
        """The format of the body, None where that can't be told."""
        return self.inspection.format

    def as_json(self) -> dict[str, Any]:
        """The call as `GET /received` shows it. `json` and `xml` are its good messages in both formats, None where there are none."""
        accepted = self.accepted
        written = {each: None if accepted is None else encode_request(accepted, each, indent=2).decode() for each in Format}
        return {
            "number": self.number,
            "at": self.at.isoformat(timespec="milliseconds"),
            "query": self.query,
            "headers": dict(self.headers),
            "channel": self.channel,
            "format": self.format,
            "document": _text(self.document),
            "document_base64": base64.b64encode(self.document).decode() if _text(self.document) is None else None,
            "messages": [
                {"valid": received.message is not None, "fields": _plain(received.fields), "issues": list(map(_issue, received.issues))}
                for received in self.inspection.messages
            ],
            "issues": list(map(_issue, self.inspection.issues)),
            "json": written[Format.JSON],
            "xml": written[Format.XML],
            "status": self.status,
            "answer": self.answer.decode("utf-8", "replace"),
        }


def without_secrets(headers: HeaderSource) -> tuple[tuple[str, str], ...]:
    """The headers of a call with names in lower case, and without the values that nobody else should see."""
    pairs = headers.items() if hasattr(headers, "items") else headers
    texts = [tuple(part.decode("latin-1") if isinstance(part, bytes) else str(part) for part in pair) for pair in pairs]
    return tuple((name.lower(), Hidden("(hidden)") if name.lower() in _SECRET else value) for name, value in texts)


def _text(document: bytes) -> str | None:
    try:
        return document.decode()
    except UnicodeDecodeError:
        return None


def _issue(issue: Issue) -> dict[str, Any]:
    return {name: getattr(issue, name) for name in ("code", "path", "message", "seen", "hint", "line")}


def _plain(value: Any) -> Any:
    """A frozen value as the json module writes it; a number that it would round as its text."""
    if isinstance(value, Extra):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value
