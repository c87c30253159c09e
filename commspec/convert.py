"""Document to document: the other format, and what was tolerated and lost on the way (SPEC.md sections 4.2 and 4.5)."""

from __future__ import annotations

from datetime import tzinfo

import attrs

from commspec.codecs import CODECS, Document, read_document, take
from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.rules.time import find_zone
from commspec.wire.explain import Reading
from commspec.wire.names import Kind, check_kind
from commspec.wire.report import DEFAULT_LIMITS, Limits, Report
from commspec.wire.request import request_of


@attrs.frozen
class Conversion:
    """A converted document, and what there is to say of it.

    `notes` has an issue for everything tolerated (`tolerated.*`) and lost (`loss.*`), in the order found; paths of what reading found are the
    source's, of what writing lost the target's. `channel` is None for a response without outcomes. `count` is of
    messages or outcomes.
    """

    document: bytes
    notes: tuple[Issue, ...]
    kind: Kind
    format: Format
    channel: Channel | None
    count: int = 0

    @property
    def losses(self) -> tuple[Issue, ...]:
        """The notes of what was lost."""
        return tuple(note for note in self.notes if note.code.startswith("loss."))


def convert(
    document: Document,
    to: Format | str | None = None,
    *,
    source: Format | str | None = None,
    kind: Kind | None = None,
    tolerant: bool = True,
    timezone: str | tzinfo | None = None,
    indent: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Conversion:
    """`document` in the format `to`: a `Format`, its name or a media type; None for the other one than its own.

    `source` and `kind` (`request` or `response`) are detected where they are None. `timezone` (an IANA name or a fixed offset) is the wall clock of a
    response's XML times, and of a request's times without offset. `indent` is the spaces a level; None writes one line.

    Raises `MalformedDocument`, and `InvalidDocument` with every fault, as decoding does; and where the target can't hold a text or a time. `ValueError`
    for a format, kind or timezone that does not exist.

    >>> convert('{"root": {"sms": [{"to": 919876500001, "body": "Hi"}]}}').notes[0].code
    'tolerated.number'
    """
    if kind is not None:
        check_kind(kind)
    admitted, found = take(document, source, limits)
    target = found.other if to is None else Format(to)
    zone = find_zone(timezone)
    report = Report(limits)
    _, read = read_document(admitted, found, kind, None, Reading(found.value, report, tolerant, zone, echo=False), limits)
    report.raise_issues()
    message = request_of(read) if isinstance(read, list) else read
    if isinstance(message, SendRequest):
        written = CODECS[target].write_request(message, indent)
        return Conversion(written, tuple(report.notes), "request", target, message.channel, len(message))
    written = CODECS[target].write_response(message, indent, zone, report)
    report.raise_issues()
    return Conversion(written, tuple(report.notes), "response", target, message.channel, len(message.outcomes))
