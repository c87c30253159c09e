"""What there is to say of one document, request or response, without converting it."""

from __future__ import annotations

from datetime import tzinfo

import attrs

from commspec.codecs import read_document
from commspec.codecs.format import Format, admit, detect
from commspec.errors import CommspecError, Issue
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.models.response import SendResponse
from commspec.wire.explain import Reading
from commspec.wire.names import LISTS, RESPONSE, Kind
from commspec.wire.report import DEFAULT_LIMITS, Limits, Report
from commspec.wire.request import request_of


@attrs.frozen
class Verdict:
    """The faults of a document (`issues`) and what was tolerated or lost (`notes`); what could not be detected is None.

    `messages` counts a request's messages or a response's outcomes, faulty ones too, and is None where the document is malformed. `request` is there
    where a request has no fault.
    """

    kind: Kind | None
    format: Format | None
    channel: Channel | None = None
    messages: int | None = None
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()
    request: SendRequest | None = None

    @property
    def valid(self) -> bool:
        """Whether there is no fault."""
        return not self.issues


def examine(
    document: bytes,
    format: Format | None = None,
    *,
    kind: Kind | None = None,
    channel: Channel | None = None,
    tolerant: bool = False,
    timezone: tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Verdict:
    """The verdict on a document; raises nothing for what it holds.

    `format` and `kind` are detected where they are None; what is neither kind by its root is read as a request. `channel` is the one that a request's
    messages and a response's outcomes must be of, None for any. `tolerant` reads the variants of section 6, `timezone` is as in `convert`.
    """
    found = format
    try:
        admitted = admit(document, limits)
        found = found or detect(admitted)
        # As everywhere, what looks like neither format is read as JSON, whose fault says what it begins with.
        read_as = found or Format.JSON
        report = Report(limits)
        kind, read = read_document(admitted, read_as, kind, channel, Reading(read_as.value, report, tolerant, timezone), limits)
    except CommspecError as error:
        return Verdict(kind, found, issues=error.issues)
    if isinstance(read, SendRequest):
        return Verdict(kind, found, read.channel, len(read), request=read)
    if isinstance(read, SendResponse):
        return _on_response(read, found, channel, report)
    channels = {item.channel for item in read}
    issues = report.all_issues()
    return Verdict(
        kind,
        found,
        channels.pop() if len(channels) == 1 else None,
        len(read),
        issues,
        tuple(report.notes),
        None if issues else request_of(read),
    )


def _on_response(response: SendResponse, format: Format | None, asked: Channel | None, report: Report) -> Verdict:
    if asked is not None and response.channel not in (None, asked):
        names = LISTS[response.channel]
        path = f"{RESPONSE}.{names.xml_list}" if format is Format.XML else names.json_list
        report.issue(Issue("channel", path, f"a list for {response.channel}, where {asked} was asked for"))
    return Verdict("response", format, response.channel, len(response.outcomes), report.all_issues(), tuple(report.notes))
