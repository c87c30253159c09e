"""One document into another, whatever its size and form: the pure function that processes, clusters and the command line share."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import IO, Any, Literal

import attrs

from commspec.codecs import encode_request, inspect_request, xml_door
from commspec.codecs.format import Format, detect
from commspec.convert import convert
from commspec.errors import CommspecError, InvalidDocument, Issue
from commspec.forms import CsvWriter, Form, NdjsonWriter, Shape, iter_form
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.models.response import SendResponse
from commspec.streaming import Findings, RequestWriter, ResponseWriter, iter_request, iter_response
from commspec.streaming.writing import MessageWriter
from commspec.wire.names import JSON_RESPONSE_LISTS, RESPONSE, STATUS, Kind
from commspec.wire.report import Limits
from commspec.wire.request import Received

WHOLE_BYTES = 4 * 1024 * 1024
"""A JSON or XML document up to this size is read at once, which is faster; a larger one is streamed."""

DEFAULT_LIMITS = Limits(issues=1000)
"""The limits of one document among many: fewer issues are listed of each."""

Verdict = Literal["good", "partial", "faulty"]


@attrs.frozen
class Options:
    """How documents are read and written. `to` is None to write nothing; `source` and `kind` are detected where None, NDJSON and CSV never.

    `partial` writes the good messages of a request that has faults. `channel` is the one that every message must be for.
    """

    to: Shape | None = None
    source: Shape | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    tolerant: bool = True
    timezone: str | tzinfo | None = None
    indent: int | None = None
    partial: bool = False
    limits: Limits = DEFAULT_LIMITS


@attrs.frozen
class Result:
    """What became of a document. `messages` are those written, or that would be; `seen` counts faulty ones too, and outcomes."""

    verdict: Verdict
    kind: Kind
    channel: Channel | None
    messages: int
    seen: int
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


def transform_bytes(document: bytes, options: Options) -> tuple[bytes | None, Result]:
    """The document that `document` becomes, None where it can't be had, and what was found: a function of its arguments alone."""
    sink = io.BytesIO()
    result = transform(io.BytesIO(document), sink, options)
    return (None if result.verdict == "faulty" or options.to is None else sink.getvalue()), result


def transform(source: IO[bytes], sink: IO[bytes] | None, options: Options) -> Result:
    """Write into `sink` what the document in `source` becomes. Raises nothing for what the document holds.

    `source` can be read from its beginning again (`seek`). Of a `faulty` document what stands in `sink` is worth nothing. A line break ends what is
    written.
    """
    if options.to is None:
        sink = None
    if not isinstance(options.source, Form):
        head = source.read(max(WHOLE_BYTES, _HEAD_BYTES) + 1)
        target = options.to
        if len(head) <= WHOLE_BYTES and not isinstance(target, Form) and options.channel is None:
            return _whole(head, sink, target, options)
        if (options.kind or kind_of(head)) == "response":
            return _response(head, source, sink, options)
        source.seek(0)
    return _request(source, sink, options)


def _whole(document: bytes, sink: IO[bytes] | None, target: Format | None, options: Options) -> Result:
    found = options.source if isinstance(options.source, Format) else None
    try:
        conversion = convert(
            document,
            target,
            source=found,
            kind=options.kind,
            tolerant=options.tolerant,
            timezone=options.timezone,
            indent=options.indent,
            limits=options.limits,
        )
    except CommspecError as error:
        kind = options.kind or kind_of(document)
        inspection = None
        if kind == "request":
            inspection = inspect_request(document, found, tolerant=options.tolerant, timezone=options.timezone, limits=options.limits)
            if options.partial:
                channel = next((item.channel for item in inspection.good), None)
                messages = [item.message for item in inspection.good if item.channel is channel and item.message is not None]
                if messages:
                    assert channel is not None
                    if sink is not None and target is not None:
                        sink.write(_ended(encode_request(SendRequest(messages), target, indent=options.indent)))
                    seen = len(inspection.messages)
                    return Result("partial", "request", channel, len(messages), seen, inspection.issues, inspection.notes)
        seen = 0 if inspection is None else len(inspection.messages)
        return Result("faulty", kind, None if inspection is None else inspection.channel, 0, seen, error.issues)
    if sink is not None:
        sink.write(_ended(conversion.document))
    return Result("good", conversion.kind, conversion.channel, conversion.count, conversion.count, (), conversion.notes)


def _ended(document: bytes) -> bytes:
    return document if document.endswith(b"\n") else document + b"\n"


_HEAD_BYTES = 65536

_FIRST_KEY = re.compile(r'\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:')
_ELEMENT = re.compile(rb"<([^\s/>]+)")


def kind_of(head: bytes) -> Kind:
    """What a document is by its beginning; a request where that doesn't tell."""
    utf_16 = "utf-16-be" if head[:2] in (b"\xfe\xff", b"\0<") else "utf-16-le" if head[:2] in (b"\xff\xfe", b"<\0") else None
    text = head[:_HEAD_BYTES].decode(utf_16 or "utf-8", "replace").removeprefix("\ufeff")
    if detect(head) is Format.XML:
        data = text.encode()
        element = _ELEMENT.match(data, xml_door.prolog_length(data) or 0)
        return "response" if element is not None and element.group(1) == RESPONSE.encode() else "request"
    key = _FIRST_KEY.match(text)
    return "response" if key is not None and (key.group(1) == STATUS or key.group(1) in JSON_RESPONSE_LISTS) else "request"


class _Gathered:
    """Issues and notes as they come, within the limit of a report."""

    def __init__(self, limits: Limits) -> None:
        self.issues: list[Issue] = []
        self.notes: list[Issue] = []
        self._most = limits.issues

    def add(self, issues: tuple[Issue, ...], notes: tuple[Issue, ...] = ()) -> None:
        """Add what was found; the readers hold their own to the limit, with one more that says how many are not listed."""
        self.issues.extend(issues[: self._most + 1 - len(self.issues)])
        self.notes.extend(notes[: self._most - len(self.notes)])


class _Nowhere(io.BytesIO):
    def write(self, data: object, /) -> int:
        """Keep nothing."""
        return len(data)  # type: ignore[arg-type]


def _items(source: IO[bytes], options: Options) -> Iterator[Received | Findings]:
    how: dict[str, Any] = {name: getattr(options, name) for name in ("channel", "tolerant", "timezone", "limits")}
    return iter_form(source, options.source, **how) if isinstance(options.source, Form) else iter_request(source, options.source, **how)


def open_writer(sink: IO[bytes], to: Shape, channel: Channel, indent: int | None, limits: Limits) -> MessageWriter:
    """The writer of a format or form."""
    if to is Form.NDJSON:
        return NdjsonWriter(sink, channel)
    if to is Form.CSV:
        return CsvWriter(sink, channel, limits=limits)
    return RequestWriter(sink, to.value, channel, indent=indent)


def _request(source: IO[bytes], sink: IO[bytes] | None, options: Options) -> Result:
    gathered = _Gathered(options.limits)
    channel: Channel | None = None
    writer: MessageWriter | None = None
    written = seen = 0
    broken = False
    # What a target can't hold shows in writing, also where nothing is kept of it.
    out = sink or _Nowhere()
    try:
        for item in _items(source, options):
            gathered.add(item.issues, item.notes)
            if isinstance(item, Findings):
                continue
            seen += 1
            channel = channel or item.channel
            if item.message is None or item.channel is not channel or (gathered.issues and not options.partial):
                continue
            if options.to is not None:
                if writer is None:
                    writer = open_writer(out, options.to, channel, options.indent, options.limits)
                try:
                    writer.write(item.message)
                except InvalidDocument as error:
                    gathered.add(tuple(attrs.evolve(issue, path=f"{item.path}.attachments") for issue in error.issues))
                    continue
            written += 1
    except CommspecError as error:
        gathered.add(error.issues)
        broken = True
    if broken or not written or (gathered.issues and not options.partial):
        return Result("faulty", "request", channel, 0, seen, tuple(gathered.issues), tuple(gathered.notes))
    if writer is not None:
        writer.finish()
        gathered.add((), writer.notes)
        if sink is not None and isinstance(options.to, Format) and options.indent is None:
            sink.write(b"\n")
    verdict: Verdict = "partial" if gathered.issues else "good"
    return Result(verdict, "request", channel, written, seen, tuple(gathered.issues), tuple(gathered.notes))


def _response(head: bytes, source: IO[bytes], sink: IO[bytes] | None, options: Options) -> Result:
    if isinstance(options.to, Form):
        issue = Issue("type", "", f"a response, which has no {options.to} form", hint="--to json or xml")
        return Result("faulty", "response", None, 0, 0, (issue,))
    gathered = _Gathered(options.limits)
    seen = 0
    source.seek(0)
    found = options.source or detect(head)
    try:
        # The status may stand behind the outcomes, and is written before them: hence once to learn it, and once to write.
        reader = iter_response(source, found and found.value, timezone=options.timezone, limits=options.limits)
        for item in reader:
            seen += not isinstance(item, Findings)
            gathered.add(item.issues, item.notes)
        channel = reader.channel
        if options.channel is not None and channel not in (None, options.channel):
            gathered.add((Issue("channel", "", f"a response for {channel}, where {options.channel} was asked for"),))
        if sink is not None and options.to is not None and not gathered.issues:
            source.seek(0)
            whole = SendResponse(status=reader.status, channel=channel, extra=reader.extra)
            writer = ResponseWriter(sink, options.to.value, whole, indent=options.indent, timezone=options.timezone)
            with writer:
                for item in iter_response(source, found and found.value, timezone=options.timezone, limits=options.limits):
                    if not isinstance(item, Findings):
                        writer.write(item.outcome)
            gathered.add((), writer.notes)
            if options.indent is None:
                sink.write(b"\n")
    except CommspecError as error:
        gathered.add(error.issues)
        return Result("faulty", "response", None, 0, seen, tuple(gathered.issues), tuple(gathered.notes))
    verdict: Verdict = "faulty" if gathered.issues else "good"
    return Result(verdict, "response", channel, 0 if gathered.issues else seen, seen, tuple(gathered.issues), tuple(gathered.notes))
