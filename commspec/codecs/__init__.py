"""Documents to objects and back: the library's front doors, for both formats and both directions."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Protocol

import attrs

from commspec.codecs import json, xml, xml_plain, xml_replies
from commspec.codecs.format import JSON, admit, detect, named
from commspec.codecs.format import Format as Format
from commspec.errors import CommspecError, Issue
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.models.response import SendResponse
from commspec.rules.time import find_zone
from commspec.wire.explain import Reading
from commspec.wire.names import Kind
from commspec.wire.reply import ReplyReading
from commspec.wire.report import DEFAULT_LIMITS, VALID_DEPTH, Limits, Report
from commspec.wire.request import Received as Received
from commspec.wire.request import request_of


class Codec(Protocol):
    """What each format's module offers."""

    def parse(self, document: bytes | str, limits: Limits) -> Any:
        """The document's tree. Raises `MalformedDocument`."""

    def kind_of(self, tree: Any) -> Kind | None:
        """What the tree is; None where that can't be told."""

    def explain_request(self, tree: Any, channel: Channel | None, reading: Reading) -> list[Received]:
        """Every message of the tree; what was found stands in the report."""

    def write_request(self, request: SendRequest, indent: int | None) -> bytes:
        """The request's document."""

    def read_response(self, tree: Any, reading: ReplyReading) -> SendResponse:
        """The response of the tree; what was found stands in the report."""

    def write_response(self, response: SendResponse, indent: int | None, zone: tzinfo | None, report: Report) -> bytes:
        """The response's document; what it can't hold stands in the report."""


CODECS: dict[Format, Codec] = {Format.JSON: json, Format.XML: xml}
"""The codec of each format."""

Document = bytes | bytearray | memoryview | str
"""A document held in memory. A str is text already, whatever encoding its XML declaration names."""


@attrs.frozen
class Inspection:
    """A request as it came, good and bad messages side by side, for a server that answers partly.

    `messages` has an entry for each message, in order: `message` is the object, or None where it has any fault; `fields` are its fields as received, by
    the document's names; `issues` are its faults. `issues` here are all faults of the document, those of its messages included, and `notes` all that
    was tolerated or lost. `format` and `channel` are None where they can't be told.
    """

    messages: tuple[Received, ...]
    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...]
    format: Format | None
    channel: Channel | None

    @property
    def good(self) -> tuple[Received, ...]:
        """The messages that can be sent."""
        return tuple(item for item in self.messages if item.message is not None)

    @property
    def bad(self) -> tuple[Received, ...]:
        """The messages that have faults."""
        return tuple(item for item in self.messages if item.message is None)


def decode_request(
    document: Document,
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SendRequest:
    """The request that a document holds.

    `format` is a `Format`, its name or a media type, None to detect it. `channel` is the one that the messages must be for, None for any. `tolerant`
    reads the variants of section 6, and `timezone` (an IANA name or a fixed offset) gives an offset to times that have none there.

    Raises `MalformedDocument` for wrong syntax or encoding and passed limits, `InvalidDocument` with every fault of a well-formed document, and
    `ValueError` for a format, channel or timezone that does not exist. SPEC.md sections 2, 4 and 5.

    >>> decode_request('{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}').messages
    (SmsMessage(to='919876500001', body='Hi', scheduled_time=None, sender=None),)
    """
    admitted, found = take(document, format, limits)
    asked = None if channel is None else Channel(channel)
    zone = None if timezone is None else find_zone(timezone)
    request = read_happily(admitted, found, asked, limits)
    if request is not None:
        return request
    report = Report(limits)
    reading = Reading(found.value, report, tolerant, zone, echo=False)
    received = CODECS[found].explain_request(CODECS[found].parse(admitted, limits), asked, reading)
    report.raise_issues()
    return request_of(received)


def read_happily(document: bytes | str, format: Format, channel: Channel | None, limits: Limits) -> SendRequest | None:
    """The request of a strictly valid document; None where there is anything to explain."""
    if limits.depth < VALID_DEPTH:
        return None
    if format is JSON:
        messages = json.read_request(document, channel)
    else:
        messages = xml_plain.read_request(document, channel)
    if messages is None:
        return None
    request = _NEW(SendRequest)
    _SET_MESSAGES(request, tuple(messages))
    return request


_NEW = object.__new__
_SET_MESSAGES = SendRequest.messages.__set__  # type: ignore[attr-defined]


def read_reply_happily(document: bytes | str, format: Format, zone: tzinfo | None, limits: Limits) -> SendResponse | None:
    """The response of a document in which everything is as documented; None for any other."""
    if limits.depth < VALID_DEPTH:
        return None
    return json.read_documented_response(document) if format is JSON else xml_replies.read_response(document, zone)


def read_document(
    document: bytes | str, format: Format, kind: Kind | None, channel: Channel | None, reading: Reading, limits: Limits
) -> tuple[Kind | None, SendRequest | SendResponse | list[Received]]:
    """What a document is, None where its root does not tell, and what it holds: the messages as they came where there is anything to explain of a request.

    What was found stands in the report of `reading`. Raises `MalformedDocument`.
    """
    codec = CODECS[format]
    if kind != "response":
        request = read_happily(document, format, channel, limits)
        if request is not None:
            return "request", request
    if kind != "request":
        response = read_reply_happily(document, format, reading.zone, limits)
        # An empty object reads as a response too, but nothing in it says that it is one.
        if response is not None and (kind is not None or response != SendResponse()):
            return "response", response
    tree = codec.parse(document, limits)
    kind = kind or codec.kind_of(tree)
    if kind == "response":
        return kind, codec.read_response(tree, ReplyReading(format.value, reading.report, reading.zone))
    return kind, codec.explain_request(tree, channel, reading)


def encode_request(request: SendRequest, format: Format | str = "json", *, indent: int | None = None) -> bytes:
    """The document of a request, in UTF-8: on one line, or with `indent` spaces a level. Text is never indented. Raises nothing: a request is sendable.

    >>> from commspec import SmsMessage
    >>> encode_request(SendRequest([SmsMessage("919876500001", "Hi")]))
    b'{"root":{"sms":[{"to":"919876500001","body":"Hi"}]}}'
    """
    return CODECS[named(format)].write_request(request, indent)


def _encoded_size(request: SendRequest, format: Format | str) -> int:
    return len(encode_request(request, format))


SendRequest.encoded_size = _encoded_size


def decode_response(
    document: Document,
    format: Format | str | None = None,
    *,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SendResponse:
    """What a server answered. Nothing is refused for its content (SPEC.md section 3).

    `timezone` (an IANA name or a fixed offset) says what wall clock XML times are in: they get its offset; without it they stay without one.

    Raises `MalformedDocument`, and `InvalidDocument` for a known field that stands twice (`duplicate`), lists of two channels (`channel`), a root that
    is none (`unknown`, `type`) and a wall clock that the time zone shows twice or never (`time.zone`).
    """
    admitted, found = take(document, format, limits)
    zone = find_zone(timezone)
    response = read_reply_happily(admitted, found, zone, limits)
    if response is not None:
        return response
    report = Report(limits)
    response = CODECS[found].read_response(CODECS[found].parse(admitted, limits), ReplyReading(found.value, report, zone))
    report.raise_issues()
    return response


def encode_response(
    response: SendResponse, format: Format | str = "json", *, indent: int | None = None, timezone: str | tzinfo | None = None
) -> bytes:
    """The document of a response, in UTF-8. XML times are written as the wall clock of `timezone`; without it as their own, the offset dropped.

    Raises `InvalidDocument` where XML can't hold a text (`text.character`), or `timezone` a time (`time.zone`).
    """
    report = Report()
    document = CODECS[named(format)].write_response(response, indent, find_zone(timezone), report)
    report.raise_issues()
    return document


def inspect_request(
    document: Document,
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Inspection:
    """A request as it came: each message, or its fields as received with their issues, so that good messages can go out and bad ones be echoed.

    Takes what `decode_request` takes, and raises nothing for what a document holds: a malformed one has no messages and one issue. Past
    `limits.issues` faults, faulty messages are no longer kept as they came (see `Received`); good ones are.
    """
    asked = None if channel is None else Channel(channel)
    zone = find_zone(timezone)
    found = None if format is None else Format(format)
    try:
        admitted = admit(document, limits)
        found = found or detect(admitted)
        report = Report(limits)
        reading = Reading((found or Format.JSON).value, report, tolerant, zone)
        codec = CODECS[found or Format.JSON]
        received = codec.explain_request(codec.parse(admitted, limits), asked, reading)
    except CommspecError as error:
        return Inspection((), error.issues, (), found, None)
    channels = {item.channel for item in received}
    return Inspection(tuple(received), report.all_issues(), tuple(report.notes), found, channels.pop() if len(channels) == 1 else None)


def take(document: Document, format: Format | str | None, limits: Limits) -> tuple[bytes | str, Format]:
    """A document within its size, and its format. Raises `MalformedDocument`, and `ValueError` for a format that does not exist."""
    admitted: bytes | str
    if type(document) is bytes and type(limits) is Limits and len(document) <= limits.bytes:
        admitted = document  # as almost every one is
    else:
        admitted = admit(document, limits)
    # A document that looks like neither is read as JSON, whose fault says what it begins with.
    return admitted, (detect(admitted) or JSON) if format is None else named(format)
