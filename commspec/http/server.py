"""The server's side of a call: what is asked, and in which format to answer."""

from __future__ import annotations

import re
from datetime import tzinfo
from urllib.parse import parse_qsl

from commspec.codecs import Document, Inspection, decode_request, inspect_request
from commspec.codecs.format import Format
from commspec.errors import CommspecError, InvalidDocument, Issue, shorten
from commspec.http.body import read_call
from commspec.http.headers import HeaderSource
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.wire.report import DEFAULT_LIMITS, Limits

_ADDRESS = re.compile("/|[A-Za-z][A-Za-z0-9+.-]*://")
CHANNEL_PATH = "?channel"
"""Where an issue stands that the address has."""


def parse(
    url: str | bytes,
    headers: HeaderSource,
    body: Document,
    *,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SendRequest:
    """The request of a call that a server has received.

    `url` is the whole address, its path and query, or its query alone (`channel=sms`, as ASGI and WSGI have it). `channel` is read in any letter case;
    without it the channel is SMS, and the body must be for it. `headers` are a mapping or pairs, str or bytes, in any letter case. The body's
    format is that of `Content-Type`, whose `charset` counts for XML (before its declaration, after a byte order mark) and not for JSON, which is
    UTF-8; without `Content-Type` it is detected. The rest is as for `decode_request`.

    Raises `MalformedDocument`, and `InvalidDocument`: also for a channel that is unknown or stands twice (`channel`, at `?channel`), a `Content-Type` that is
    neither format or not the body's (`type`), stands twice (`duplicate`), or has an unknown charset (`encoding`), and a compressed body (`encoding`):
    unpacking is for what stands before, which can hold it to a size.

    >>> parse("/v1.1/communications/sendMessage", {}, b'{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}').channel
    <Channel.SMS: 'sms'>
    """
    channel, document, found, issues = _read(url, headers, body, limits)
    if issues:
        raise InvalidDocument.of(issues)
    return decode_request(document, found, channel=channel, tolerant=tolerant, timezone=timezone, limits=limits)


def inspect(
    url: str | bytes,
    headers: HeaderSource,
    body: Document,
    *,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Inspection:
    """What a call holds, good and bad messages side by side, for a server that answers partly: `response_to` takes it.

    Takes what `parse` takes, and raises nothing for what was sent: where `parse` refuses the call as a whole, there are no messages.
    """
    try:
        channel, document, found, issues = _read(url, headers, body, limits)
    except CommspecError as error:
        return Inspection((), error.issues, (), None, None)
    if issues:
        return Inspection((), issues, (), found, channel)
    return inspect_request(document, found, channel=channel, tolerant=tolerant, timezone=timezone, limits=limits)


def _read(
    url: str | bytes, headers: HeaderSource, body: Document, limits: Limits
) -> tuple[Channel | None, bytes | str, Format | None, tuple[Issue, ...]]:
    channel = channel_of(url)
    document, found, issues = read_call(headers, body, limits)
    if isinstance(channel, Issue):
        return None, document, found, (channel, *issues)
    return channel, document, found, issues


def channel_of(url: str | bytes) -> Channel | Issue:
    """The channel that an address or its query names, SMS where it names none; or what is wrong with it."""
    text = url.decode("latin-1") if isinstance(url, bytes) else url
    query = text.partition("?")[2] if _ADDRESS.match(text) else text.removeprefix("?")
    named = [value for name, value in parse_qsl(query.partition("#")[0], keep_blank_values=True) if name == "channel"]
    if not named:
        return Channel.SMS
    if len(named) > 1:
        return Issue("channel", CHANNEL_PATH, "stands twice", shorten(", ".join(named)), "keep one of them")
    try:
        return Channel(named[0])
    except ValueError:
        return Issue(
            "channel", CHANNEL_PATH, "no such channel: expected sms, email, whatsapp or zalo", shorten(named[0]), "leave it out for sms"
        )


_COMMA = re.compile(r'((?:[^",]|"(?:[^"\\]|\\.)*"?)*),?', re.DOTALL)
_RANGE = re.compile(r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)/([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(;.*)?", re.DOTALL)
_QUALITY = re.compile(r"""(?:^|;)[ \t]*q=([^;]*)""", re.IGNORECASE)
_WEIGHT = re.compile(r"[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*")


def negotiate(accept: str | bytes | None, default: Format | str = Format.JSON) -> Format:
    """The format that a client would like best, by its `Accept` header (RFC 9110, section 12.5.1).

    `default` is taken where it is as good as the other, where the header is absent, and where the client wants neither: an answer in a format that it
    did not ask for still says more than none. The most specific range counts (`application/xml` before `application/*` before `*/*`); parts that can't
    be read are left out.

    >>> negotiate("text/html, application/xml;q=0.9, */*;q=0.1")
    <Format.XML: 'xml'>
    """
    preferred = Format(default)
    text = (accept.decode("latin-1") if isinstance(accept, bytes) else accept) or ""
    best = dict.fromkeys(Format, (0, 0.0))
    for part in _COMMA.findall(text):
        found = _RANGE.fullmatch(part)
        weight = None if found is None else _weight(found.group(3) or "")
        if found is None or weight is None:
            continue
        for meant, rank in _meant(found.group(1).lower(), found.group(2).lower()):
            best[meant] = max(best[meant], (rank, weight))
    return preferred.other if best[preferred.other][1] > best[preferred][1] else preferred


def _meant(kind: str, name: str) -> list[tuple[Format, int]]:
    """The formats that a media range takes in, and how specific it is about them."""
    if (kind, name) == ("*", "*"):
        return [(Format.JSON, 1), (Format.XML, 1)]
    if name == "*":
        return [(Format.JSON, 2), (Format.XML, 2)] if kind == "application" else [(Format.XML, 2)] if kind == "text" else []
    try:
        return [(Format(f"{kind}/{name}"), 3)]
    except ValueError:
        return []


def _weight(parameters: str) -> float | None:
    found = _QUALITY.search(parameters)
    if found is None:
        return 1.0
    weight = _WEIGHT.fullmatch(found.group(1))
    return None if weight is None else float(weight.group(1))
