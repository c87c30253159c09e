"""What both forms do: which channel a message is for, what becomes of it once read, and what ends a reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from commspec.errors import Issue, MalformedDocument, shorten
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import message_type
from commspec.models.table import columns_of
from commspec.streaming.findings import Findings
from commspec.wire.explain import Reading
from commspec.wire.names import ROOT
from commspec.wire.report import Limits, step
from commspec.wire.request import Received, RequestReader

CHANNEL = "channel"
"""The key or column that names a message's channel."""

BATCH = 500
"""How many messages are read at once."""


def taken(reader: RequestReader) -> Received:
    """What was just read. Fields are kept of messages with faults only, however they came to be read one by one."""
    received = reader.received.pop()
    return received if received.message is None else attrs.evolve(received, fields=Extra())


def last(reader: RequestReader, reading: Reading) -> Iterator[Findings]:
    """What only the end shows."""
    told = len(reading.report.issues)
    reader.finish(None)
    issues = reading.report.all_issues()[told:]
    if issues:
        yield Findings(issues)


def too_long(what: str, limits: Limits, line: int) -> MalformedDocument:
    """The error of a line or a cell that is longer than the limit."""
    message = f"{what} is longer than {limits.bytes} bytes"
    return MalformedDocument.of((Issue("limit.bytes", "", message, hint="raise limits.bytes", line=line),))


def guess(names: Iterable[str]) -> Channel | None:
    """The channel that a message's fields tell, under the names of either format."""
    found = {name.lower() for name in names}
    return Channel.EMAIL if found & _OF_EMAIL else Channel.SMS if found & _OF_SMS else None


def _names_of(channel: Channel) -> frozenset[str]:
    return frozenset(name.lower() for column in columns_of(message_type(channel)) for name in (column.json, column.xml))


# What tells the channels apart. An email has most fields of an SMS.
_OF_EMAIL = _names_of(Channel.EMAIL) - _names_of(Channel.SMS)
_OF_SMS = _names_of(Channel.SMS) - _names_of(Channel.WHATSAPP)
_OF_OTHERS = _names_of(Channel.WHATSAPP) - _names_of(Channel.SMS)


def unnamed(names: Sequence[str], line: int, form: str) -> Findings:
    """That nothing says which channel the messages are for."""
    if not _OF_OTHERS.isdisjoint(names):
        message = "the channel can't be told: WhatsApp and Zalo messages have the same fields"
        hint = f"name it: a {form} {CHANNEL} (whatsapp or zalo), channel=, --channel"
    else:
        message = "the channel can't be told: no field of a message is there"
        hint = (
            "this looks like a JSON document, and not like a message a line" if form == "key" else "the first row holds the fields' names"
        )
    return Findings((Issue(CHANNEL, ROOT, message, hint=hint, line=line),))


def other_channel(value: str, channel: Channel, path: str, line: int) -> Issue | None:
    """The fault of a line's own channel, where it isn't that of the others."""
    try:
        found = Channel(value)
    except ValueError:
        return Issue(CHANNEL, step(path, CHANNEL), "no such channel", shorten(value), "sms, email, whatsapp or zalo", line)
    if found is channel:
        return None
    message = f"a message for {found} among those for {channel}"
    return Issue(CHANNEL, step(path, CHANNEL), message, shorten(value), "make a request of each channel", line)


def names_channel(channel: Channel, asked: bool | None) -> bool:
    """Whether messages are written with their channel: as the caller asked, or else where their fields do not tell it."""
    return channel in (Channel.WHATSAPP, Channel.ZALO) if asked is None else asked
