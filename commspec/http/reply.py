"""The server's answer: what became of each message, its codes and counts worked out, and the reply that carries it (SPEC.md section 3)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import attrs

from commspec.codecs import Inspection, encode_response
from commspec.codecs.format import Format
from commspec.errors import CommspecError, Issue
from commspec.http.headers import Headers
from commspec.http.server import CHANNEL_PATH
from commspec.models.channel import Channel
from commspec.models.messages import PHONE, Message, message_type
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, Receipt, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.text import FORBIDDEN
from commspec.wire.request import Received

Details = StatusDetail | str | Iterable[StatusDetail | str]
"""An error or a warning, or several."""

ALL, SOME, NONE = 200, 201, 500
_WORDS = {
    ALL: "Success",
    SOME: "Some requests have failed due to errors",
    NONE: "All requests have failed due to errors",
}
_BAD_INPUT, _MANDATORY = 400, 403
_NO_SUBJECT, _NO_RECIPIENT_OR_BODY, _NOTHING_TO_SEND, _NO_CHANNEL, _BAD_ADDRESS, _BAD_NUMBER = 4201, 4203, 4217, 4218, 8055, 8056
_REASONS = {
    _BAD_INPUT: "Bad input",
    _MANDATORY: "Mandatory field missing",
    _NO_SUBJECT: "Subject missing",
    _NO_RECIPIENT_OR_BODY: "Recipient or body missing",
    _NOTHING_TO_SEND: "Invalid body",
    _BAD_ADDRESS: "Invalid email",
    _BAD_NUMBER: "Invalid mobile",
}
_FIELD = re.compile(r"\.?(\w+)(.*)", re.DOTALL)
_UNSENDABLE = re.compile(f"[{FORBIDDEN}]")


@attrs.frozen
class HttpReply:
    """An answer that is ready to send: `status` is the HTTP status. Its `repr` does not show what the messages say."""

    status: int
    headers: Headers = attrs.field(converter=Headers)
    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")


def reply(
    answer: SendResponse | Iterable[Outcome],
    format: Format | str = "json",
    *,
    channel: Channel | str | None = None,
    timezone: str | tzinfo | None = None,
    indent: int | None = None,
) -> HttpReply:
    """The answer to a call, in `format`: a response, or outcomes, whose status is worked out.

    The status of a response that has none is worked out too: the counts, and 200 where all messages succeeded, 201 where some failed, 500 where all did.
    The HTTP status is the status's code where that is one (200 to 599), 400 for the vendor's own such as 4218, and without a code 200.
    `channel` is needed for outcomes without a receipt. `timezone` and `indent` are as for `encode_response`, which also says what is raised.

    >>> from commspec import SmsReceipt
    >>> reply([Outcome(SmsReceipt("919876500001", "Hi"))]).status
    200
    """
    response = answer if isinstance(answer, SendResponse) else SendResponse(outcomes=answer, channel=channel)
    if response.status is None:
        response = attrs.evolve(response, status=status_of(response.outcomes))
    written = Format(format)
    content = encode_response(response, written, timezone=timezone, indent=indent)
    return HttpReply(_http_status(response.status), Headers({"Content-Type": written.media_type}), content)


def response_to(
    call: SendRequest | Inspection | CommspecError,
    errors: Mapping[int, Details] | None = None,
    *,
    warnings: Mapping[int, Details] | None = None,
) -> SendResponse:
    """The answer to a call: each message in order, echoed, with its errors and warnings; codes and counts worked out.

    `errors` and `warnings` are what the server itself has to say, by the message's index. Of an inspection (`inspect`, `inspect_request`) the faulty
    messages are echoed as they came, an error for each fault: 4203 without recipient or body, 4201 an email without subject, 8056 an invalid number,
    8055 an invalid address, 4217 an invalid body, 403 another required field missing, else 400. What XML can't carry is echoed as U+FFFD.

    A call that is refused as a whole (an error of `parse`; an inspection with faults outside its messages, or with none) gets a status alone: 4218
    where the channel is unknown, 4217 where there is no message, else 400. Raises `ValueError` for an index that no message has.

    >>> from commspec import SmsMessage
    >>> request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("919876500002", "Two")])
    >>> response_to(request, {1: StatusDetail(False, "Invalid mobile", 8056)}).status.code
    201
    """
    if isinstance(call, CommspecError):
        return _refusal(call.issues, str(call))
    if isinstance(call, SendRequest):
        outcomes = [Outcome(echo(message)) for message in call]
    else:
        of_messages = {issue for received in call.messages for issue in received.issues}
        outer = tuple(issue for issue in call.issues if issue not in of_messages)
        if outer or not call.messages:
            return _refusal(outer, str(CommspecError.of(call.issues)))
        outcomes = [_outcome(received) for received in call.messages]
    for name, details in (("errors", errors), ("warnings", warnings)):
        for index, said in (details or {}).items():
            if not 0 <= index < len(outcomes):
                raise ValueError(f"there is no message {index}: the call has {len(outcomes)}")
            more = (said,) if isinstance(said, (StatusDetail, str)) else tuple(said)
            outcomes[index] = attrs.evolve(outcomes[index], **{name: getattr(outcomes[index], name) + more})
    channel = call.channel
    return SendResponse(status_of(outcomes), outcomes, channel)


def status_of(outcomes: Iterable[Outcome]) -> Status:
    """The status of a whole call by what became of its messages. One without messages has failed."""
    failures = [bool(outcome.errors) for outcome in outcomes]
    succeeded = failures.count(False)
    code = NONE if not succeeded else ALL if succeeded == len(failures) else SOME
    return Status(count=len(failures), success_count=succeeded, message=_WORDS[code], code=code, success=code != NONE)


def echo(message: Message) -> Receipt:
    """What a server echoes of a message: every field that its receipt has, attachments aside."""
    cls = receipt_type(message.channel)
    return cls(**{name: getattr(message, name) for name in _echoed(message.channel)})


@functools.cache
def _echoed(channel: Channel) -> tuple[str, ...]:
    """The fields that a channel's messages and receipts have both."""
    names = {column.name for column in columns_of(message_type(channel)) if column.kind != "files"}
    return tuple(column.name for column in columns_of(receipt_type(channel)) if column.name in names)


def _outcome(received: Received) -> Outcome:
    if received.message is not None:
        return Outcome(echo(received.message))
    cls = receipt_type(received.channel)
    sent = {spelling: column for column in columns_of(message_type(received.channel)) for spelling in (column.json, column.xml)}
    values: dict[str, Any] = {}
    for name, value in received.fields.items():
        first = value[0] if isinstance(value, tuple) and value else value
        if name in sent and isinstance(first, str):
            values.setdefault(sent[name].name, _UNSENDABLE.sub("\ufffd", first))
    receipt = cls(**{name: values[name] for name in _echoed(received.channel) if name in values})
    return Outcome(receipt, [_detail(issue, received, sent) for issue in received.issues])


def _detail(issue: Issue, received: Received, sent: Mapping[str, Column]) -> StatusDetail:
    found = _FIELD.fullmatch(issue.path.removeprefix(received.path))
    code = _code(issue.code, sent.get(found.group(1)) if found is not None and not found.group(2) else None)
    where = issue.path.removeprefix(received.path).lstrip(".")
    return StatusDetail(False, f"{_REASONS[code]}: " + (f"{where}: " if where else "") + issue.message, code)


def _code(code: str, field: Column | None) -> int:
    """The vendor's code of a fault; `field` is the message's own that it is in, None for another."""
    subject = field is not None and field.name == "subject"
    recipient = field is not None and field.role == "recipient"
    content = field is not None and field.role == "content" and not subject
    if code in ("missing", "blank"):
        return _NO_RECIPIENT_OR_BODY if recipient or content else _NO_SUBJECT if subject else _MANDATORY
    if code.startswith("email."):
        return _BAD_ADDRESS
    if code.startswith("phone."):
        return _BAD_NUMBER
    if code in ("type", "text.character", "text.newline") and field is not None and recipient:
        return _BAD_NUMBER if field.rule is PHONE else _BAD_ADDRESS
    return _NOTHING_TO_SEND if content and code in ("type", "text.character") else _BAD_INPUT


def _refusal(issues: tuple[Issue, ...], message: str) -> SendResponse:
    first = issues[0] if issues else None
    code = _BAD_INPUT
    if first is not None and first.code == "channel" and first.path == CHANNEL_PATH:
        code = _NO_CHANNEL
    elif first is not None and first.code == "empty":
        code = _NOTHING_TO_SEND
    return SendResponse(Status(message=message, code=code, success=False))


def _http_status(status: Status | None) -> int:
    code = None if status is None else status.code
    if isinstance(code, int) and 200 <= code <= 599:
        return code
    return 200 if code is None else 400
