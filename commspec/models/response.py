"""What a server answers (SPEC.md section 3). A response object is whatever the server said: nothing in it is refused for its content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from commspec.errors import CommspecError, InvalidMessage, Issue, escape, shorten
from commspec.models.channel import Channel
from commspec.models.extra import LONGEST_INTEGER, Extra, Value, freeze, is_short
from commspec.models.judge import a, issue_of, wrong_type, wrong_types
from commspec.models.table import Reply, column, columns_of
from commspec.rules.fault import Fault
from commspec.rules.text import check_surrogates
from commspec.rules.time import fix_offset, parse_documented_time, parse_times, parse_wall_clock, parse_wall_clocks

_INTEGER = re.compile(rf"0|[1-9][0-9]{{0,{LONGEST_INTEGER - 1}}}")


def read_integer(text: str) -> int | str:
    """The integer that `text` spells in plain digits without leading zeros (at most `LONGEST_INTEGER` of them), otherwise `text` itself."""
    return int(text) if _INTEGER.fullmatch(text) else text


def read_boolean(text: str) -> bool | str:
    """The boolean that `text` spells as `true` or `false` in any letter case, otherwise `text` itself."""
    return {"true": True, "false": False}.get(text.lower(), text) if text.isascii() else text


def read_time(text: str) -> datetime | str:
    """The time that `text` spells in either documented form, otherwise `text` itself."""
    moment = parse_documented_time(text) or parse_wall_clock(text)
    return text if moment is None else moment


def read_times(texts: Sequence[str]) -> Sequence[datetime | str]:
    """`read_time` of every text. Of one call, they are mostly of one form."""
    return parse_times(texts) or parse_wall_clocks(texts) or list(map(read_time, texts))


def _integer(value: int | str | None) -> int | str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value) if is_short(value) else format(Decimal(value), "f")
    return read_integer(value) if isinstance(value, str) else value


def _boolean(value: bool | str | None) -> bool | str | None:
    return read_boolean(value) if isinstance(value, str) else value


def _time(value: datetime | str | None) -> datetime | str | None:
    return read_time(value) if isinstance(value, str) else value


def _extra(value: Mapping[str, Any]) -> Extra:
    return value if isinstance(value, Extra) else Extra(value)


def _details(values: Iterable[Any]) -> Any:
    # A text alone is left as it is, to be refused: it would be a list of its characters.
    return values if isinstance(values, str) else tuple(str.__str__(value) if isinstance(value, str) else value for value in values)


def _outcomes(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


def _values(values: Iterable[Any] | None) -> Any:
    return values if values is None or isinstance(values, str) else tuple(map(freeze, values))


_EXTRA = column("Fields that the specification does not know, as the server sent them.", kind="extra")


@attrs.frozen
class StatusDetail(Reply):
    """The result of one thing: `statusCode` of a status, an error or a warning of an item. Every field may be absent.

    `status` and `code` are texts where the server sent neither a boolean nor an integer.
    """

    status: bool | str | None = attrs.field(
        default=None, converter=_boolean, metadata=column("Whether it succeeded.", kind="boolean", example="true", order=(0, 0))
    )
    message: str | None = attrs.field(default=None, metadata=column("What happened, in words.", example="Success", order=(1, 1)))
    code: int | str | None = attrs.field(
        default=None,
        converter=_integer,
        metadata=column("What happened, as the server's code.", kind="integer", example="200", order=(2, 2)),
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)


def says_the_same(detail: StatusDetail, success: object, message: object, code: object) -> bool:
    """Whether the `statusCode` of a status says nothing but the status's own success, message and code."""
    said = ((detail.status, success), (detail.message, message), (detail.code, code))
    return not detail.extra and all(one is None or (one == other and type(one) is type(other)) for one, other in said)


@attrs.frozen
class Status(Reply):
    """The result of the whole call. Every field may be absent.

    `count` is `totalCount` in XML. `status_code` is None where it says nothing but `success`, `message` and `code` once more.
    `warnings` and `warnings_as_status_code` are empty where absent. Items of both are details, or texts.
    """

    count: int | str | None = attrs.field(
        default=None,
        converter=_integer,
        metadata=column("Messages in the call.", kind="integer", xml="totalCount", example="2", order=(0, 3)),
    )
    status_code: StatusDetail | None = attrs.field(
        default=None, metadata=column("Success, message and code once more.", kind="detail", order=(1, None))
    )
    success_count: int | str | None = attrs.field(
        default=None, converter=_integer, metadata=column("Messages accepted.", kind="integer", example="2", order=(2, 4))
    )
    warnings: tuple[StatusDetail | str, ...] = attrs.field(
        default=(), converter=_details, metadata=column("What to look at.", kind="details", item="warning", order=(3, None))
    )
    warnings_as_status_code: tuple[StatusDetail | str, ...] = attrs.field(
        default=(), converter=_details, metadata=column("What to look at, with codes.", kind="details", item="statusCode", order=(4, None))
    )
    message: str | None = attrs.field(default=None, metadata=column("What happened, in words.", example="Success", order=(5, 0)))
    code: int | str | None = attrs.field(
        default=None,
        converter=_integer,
        metadata=column("200 all succeeded, 201 some failed, 500 all failed.", kind="integer", example="200", order=(6, 1)),
    )
    success: bool | str | None = attrs.field(
        default=None, converter=_boolean, metadata=column("Whether the call succeeded.", kind="boolean", example="true", order=(7, 2))
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)
        if self.status_code is not None and says_the_same(self.status_code, self.success, self.message, self.code):
            object.__setattr__(self, "status_code", None)

    def as_detail(self) -> StatusDetail:
        """`success`, `message` and `code` as the `statusCode` that JSON documents always hold."""
        return StatusDetail(self.success, self.message, self.code)


@attrs.frozen
class SmsReceipt(Reply):
    """What the server echoes of an SMS. Every field may be absent; `scheduled_time` is a text where it is no time, and has no offset where none was sent."""

    to: str | None = attrs.field(
        default=None, metadata=column("Mobile number, as the server has it.", example="919876500001", order=(0, 3))
    )
    body: str | None = attrs.field(default=None, metadata=column("Text, as the server has it.", example="Your code is 7731.", order=(1, 4)))
    scheduled_time: datetime | str | None = attrs.field(
        default=None, converter=_time, metadata=column("When it is sent.", kind="time", example="2024-02-22T00:25:06+05:30", order=(2, 5))
    )
    sender: str | None = attrs.field(default=None, metadata=column("Sender ID.", example="ACMESHOP", order=(3, 2)))
    status: str | None = attrs.field(default=None, metadata=column("State of the message.", example="Queued", order=(None, 0)))
    ns_admin_id: int | str | None = attrs.field(
        default=None,
        converter=_integer,
        metadata=column("The server's number for the message.", kind="integer", example="1772424000814", order=(None, 1)),
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)


@attrs.frozen
class EmailReceipt(Reply):
    """What the server echoes of an email. Every field may be absent; of `file_handler` and `attachments`, absent (None) and empty differ."""

    to: str | None = attrs.field(default=None, metadata=column("Address of the recipient.", example="rhea@example.com", order=(0, 1)))
    body: str | None = attrs.field(default=None, metadata=column("Content.", example="", order=(1, None)))
    scheduled_time: datetime | str | None = attrs.field(
        default=None, converter=_time, metadata=column("When it is sent.", kind="time", example="2024-02-22T00:25:06+05:30", order=(2, 5))
    )
    cc: str | None = attrs.field(default=None, metadata=column("Addresses copied.", order=(3, 2)))
    bcc: str | None = attrs.field(default=None, metadata=column("Addresses copied unseen.", order=(4, 3)))
    from_: str | None = attrs.field(default=None, metadata=column("Address of the sender.", example="hello@shop.example.com", order=(5, 0)))
    subject: str | None = attrs.field(default=None, metadata=column("Subject line.", example="Your receipt", order=(6, 4)))
    file_handler: tuple[Value, ...] | None = attrs.field(
        default=None, converter=_values, metadata=column("Whatever the server sent.", kind="values", item="file", order=(7, None))
    )
    attachments: tuple[Value, ...] | None = attrs.field(
        default=None, converter=_values, metadata=column("Whatever the server sent.", kind="values", item="attachment", order=(8, None))
    )
    label_of_sender: str | None = attrs.field(
        default=None, metadata=column("Name shown for the sender.", example="Receipts", order=(9, None))
    )
    sender_email: str | None = attrs.field(
        default=None, metadata=column("Address the email is sent from.", example="hello@shop.example.com", order=(10, None))
    )
    reply_to_email: str | None = attrs.field(
        default=None, metadata=column("Address that replies go to.", example="help@shop.example.com", order=(11, None))
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)


@attrs.frozen
class WhatsAppReceipt(Reply):
    """What the server echoes of a WhatsApp message. Every field may be absent."""

    scheduled_time: datetime | str | None = attrs.field(
        default=None, converter=_time, metadata=column("When it is sent.", kind="time", example="2024-02-22T00:25:06+05:30", order=(0, 2))
    )
    template: str | None = attrs.field(
        default=None, metadata=column("Text, as the server has it.", example="Your code is 7731.", order=(1, 0))
    )
    receiver: str | None = attrs.field(
        default=None, metadata=column("Mobile number, as the server has it.", example="919876500001", order=(2, 1))
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)


@attrs.frozen
class ZaloReceipt(Reply):
    """What the server echoes of a Zalo message. Every field may be absent."""

    scheduled_time: datetime | str | None = attrs.field(
        default=None, converter=_time, metadata=column("When it is sent.", kind="time", example="2024-02-22T00:25:06+05:30", order=(0, 2))
    )
    template: str | None = attrs.field(
        default=None, metadata=column("Text, as the server has it.", example="Your code is 7731.", order=(1, 0))
    )
    receiver: str | None = attrs.field(
        default=None, metadata=column("Mobile number, as the server has it.", example="919876500001", order=(2, 1))
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        _settle(self)


Receipt = SmsReceipt | EmailReceipt | WhatsAppReceipt | ZaloReceipt
"""Any of the four receipts."""

RECEIPT_TYPES: tuple[type[Receipt], ...] = (SmsReceipt, EmailReceipt, WhatsAppReceipt, ZaloReceipt)
_TYPES = dict(zip(Channel, RECEIPT_TYPES, strict=True))
_CHANNELS = {cls: channel for channel, cls in _TYPES.items()}


def receipt_type(channel: Channel) -> type[Receipt]:
    """The class of a channel's receipts."""
    return _TYPES[channel]


@attrs.frozen
class Outcome(Reply):
    """What became of one message: what the server echoes of it (None where it echoed nothing), and its errors and warnings."""

    message: Receipt | None = None
    errors: tuple[StatusDetail | str, ...] = attrs.field(
        default=(), converter=_details, metadata=column("Why it was refused.", kind="details", item="error", order=(0, 0))
    )
    warnings: tuple[StatusDetail | str, ...] = attrs.field(
        default=(), converter=_details, metadata=column("What to look at.", kind="details", item="warning", order=(1, 1))
    )
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        fits = self.message is None or isinstance(self.message, RECEIPT_TYPES)
        _settle(self, () if fits else [wrong_type("message", self.message, "a receipt or None")])


@attrs.frozen
class SendResponse(Reply):
    """A server's whole answer. `outcomes` has one entry per message that the server speaks of, in its order.

    `channel` says which list of the document `outcomes` is: it follows from the receipts, and needs saying where there are none. None where the
    document has no list at all: a status alone. Raises `InvalidMessage` where receipts of two channels stand in it.
    """

    status: Status | None = attrs.field(default=None, metadata=column("Result of the whole call.", kind="detail", order=(0, 0)))
    outcomes: tuple[Outcome, ...] = attrs.field(default=(), converter=_outcomes)
    channel: Channel | None = attrs.field(default=None, converter=attrs.converters.optional(Channel))
    extra: Extra = attrs.field(factory=Extra, converter=_extra, metadata=_EXTRA)

    def __attrs_post_init__(self) -> None:
        issues = list(wrong_types("outcomes", self.outcomes, Outcome, "an Outcome"))
        if not issues:
            channels = {_CHANNELS[type(outcome.message)]: None for outcome in self.outcomes if outcome.message is not None}
            if self.channel is None and len(channels) == 1:
                object.__setattr__(self, "channel", next(iter(channels)))
            elif self.channel is None and self.outcomes and not channels:
                issues.append(Issue("channel", "channel", "outcomes without a receipt do not say their channel: give it"))
            issues.extend(
                Issue(
                    "channel",
                    f"outcomes[{index}].message",
                    f"a receipt for {_CHANNELS[type(outcome.message)]} in a response for {self.channel or next(iter(channels))}",
                )
                for index, outcome in enumerate(self.outcomes)
                if outcome.message is not None and _CHANNELS[type(outcome.message)] is not (self.channel or next(iter(channels)))
            )
        _settle(self, issues)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes that hold errors."""
        return tuple(outcome for outcome in self.outcomes if outcome.errors)

    @property
    def ok(self) -> bool:
        """Whether the server says that every message was accepted, and nothing in its answer says otherwise.

        It says so by `success` true or code 200 in the status, or by outcomes. Otherwise say: an outcome with errors, another code than 200 (201: some
        failed), `success` false, fewer successes than messages. Warnings don't matter. What is neither, such as `{}`, is not ok.
        """
        status = self.status
        if status is None:
            return bool(self.outcomes) and not self.failed
        said = [(status.success, status.code)]
        if status.status_code is not None:
            said.append((status.status_code.status, status.status_code.code))
        counts = status.count, status.success_count
        denied = any(success not in (None, True) or code not in (None, 200) for success, code in said) or (
            None not in counts and counts[0] != counts[1]
        )
        claimed = bool(self.outcomes) or any(success is True or code == 200 for success, code in said)
        return claimed and not denied and not self.failed

    def raise_for_errors(self) -> SendResponse:
        """The response, where it is `ok`. Raises `SendFailed`, which carries the failed outcomes, where it is not."""
        if not self.ok:
            raise SendFailed.by(self)
        return self


class SendFailed(CommspecError):
    """A response that does not say that every message was accepted: `response`, and of it the outcomes that `failed`.

    `failed` is empty where the server refused the whole call, or counted failures without saying which (as XML replies do). `str(error)` holds
    counts and the server's integer codes, and none of its words; `explain()` has those too.
    """

    def __init__(self, message: str, *, issues: tuple[Issue, ...] = (), response: SendResponse | None = None) -> None:
        super().__init__(message, issues=issues)
        self.response = SendResponse() if response is None else response

    @classmethod
    def by(cls, response: SendResponse) -> SendFailed:
        """The error of `response`."""
        details = [error for outcome in response.failed for error in outcome.errors]
        codes = sorted({detail.code for detail in details if isinstance(detail, StatusDetail) and isinstance(detail.code, int)})
        status = response.status
        said = f"; status code {status.code}" if status is not None and isinstance(status.code, int) else ""
        listed = f" (codes {', '.join(map(str, codes))})" if codes else ""
        failures = (
            f"{len(response.failed)} of {len(response.outcomes)} messages failed{listed}"
            if response.failed
            else "the server reports failure"
        )
        return cls(failures + said, response=response)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes that hold errors."""
        return self.response.failed

    def explain(self) -> str:
        """A line for each error with the server's words, escaped and shortened. May quote messages: for people, not for logs."""
        lines = [str(self)]
        if self.response.status is not None and self.response.status.message:
            lines.append(f"status: {shorten(self.response.status.message, max_characters=200)}")
        for index, outcome in enumerate(self.response.outcomes):
            lines.extend(f"outcome {index}: {_said(error)}" for error in outcome.errors)
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.args[0], self.issues, self.response)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, SendFailed) and self.response == other.response

    def __hash__(self) -> int:
        return super().__hash__()


def _rebuild(message: str, issues: tuple[Issue, ...], response: SendResponse) -> SendFailed:
    return SendFailed(message, issues=issues, response=response)


def _said(error: StatusDetail | str) -> str:
    if isinstance(error, str):
        return shorten(error, max_characters=200)
    code = "no code" if error.code is None else escape(str(error.code))
    return code if error.message is None else f"{code}: {shorten(error.message, max_characters=200)}"


def detail_type(cls: type) -> type[Status | StatusDetail]:
    """The class of what a column of the kind `detail` holds in `cls`: a response's status, or the details of a status."""
    return Status if cls is SendResponse else StatusDetail


def _settle(part: Reply, issues: Iterable[Issue] = ()) -> None:
    """Put plain values in place, and raise `InvalidMessage` where a value is of no type that a document could hold, or can't be encoded at all."""
    found = list(issues)
    for entry in columns_of(type(part)):
        value = getattr(part, entry.name)
        if isinstance(value, str) and entry.kind in ("text", "time", "boolean", "integer"):
            fault = check_surrogates(value)
            if fault is not None:
                found.append(issue_of(fault, entry.name, value))
            elif type(value) is not str:
                object.__setattr__(part, entry.name, str.__str__(value))
        elif isinstance(value, datetime) and entry.kind == "time":
            moment = fix_offset(value) if value.tzinfo is not None else _plain_wall_clock(value)
            if isinstance(moment, Fault):
                found.append(issue_of(moment, entry.name, value))
            else:
                object.__setattr__(part, entry.name, moment)
        elif entry.kind == "details" and isinstance(value, tuple):
            found.extend(wrong_types(entry.name, value, (StatusDetail, str), "a StatusDetail or a str"))
        elif value is not None:
            cls, expected = _FORMS[entry.kind] if entry.kind != "detail" else (detail_type(type(part)), a(detail_type(type(part)).__name__))
            if not isinstance(value, cls) or (entry.kind == "integer" and isinstance(value, bool)):
                found.append(wrong_type(entry.name, value, expected))
        if value and entry.kind in ("details", "values", "extra"):
            found.extend(issue_of(fault, entry.name, text) for text in _texts(value) if (fault := check_surrogates(text)) is not None)
    if found:
        raise InvalidMessage.of(tuple(found))


def _plain_wall_clock(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)  # noqa: DTZ001


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of `extra`, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Extra):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)


# What a column of each kind holds, those of the first four also a text, and how that is said.
_FORMS: dict[str, tuple[type, str]] = {
    "text": (str, "a str"),
    "time": (datetime, "a datetime or a str"),
    "boolean": (bool, "a bool or a str"),
    "integer": (int, "an int or a str"),
    "details": (tuple, "a list of StatusDetail or str"),
    "values": (tuple, "a list"),
    "extra": (Extra, "a mapping"),
}
