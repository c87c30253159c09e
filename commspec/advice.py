"""Advice on a request that may be sent as it is: what its sender would want to know before (SPEC.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.models.judge import issue_of
from commspec.models.messages import PHONE, Attachment, Message, SmsMessage
from commspec.models.request import SendRequest
from commspec.models.table import FormatName, columns_of
from commspec.rules.content import check_content
from commspec.rules.numbering import check_plan
from commspec.rules.segments import sms_segments
from commspec.rules.time import format_time
from commspec.wire.names import LISTS, ROOT


def advise(
    request: SendRequest, *, region: str | None = None, now: datetime | None = None, format: Format | str = Format.JSON
) -> tuple[Issue, ...]:
    """What there is to say of each message, in order; never a reason to refuse it.

    `phone.plan`: not valid in its numbering plan, where `region` (such as `IN`) says whose national numbers are meant too. `time.past`: before `now`
    (aware; None for the present). `attachment.content`: the content is not what `file_type` says. `recipient.duplicate`: the same recipient again,
    in this message or an earlier one. `sms.segments`: the text takes more than one segment. Paths are those of a document of `format`.

    Needs the extras `phone` and `advice`; raises `CommspecError` where they are missing, `ValueError` for a region that does not exist or a `now`
    without offset.
    """
    moment = datetime.now(timezone.utc) if now is None else now
    if moment.utcoffset() is None:
        raise ValueError("now has no offset from UTC: give it a tzinfo, such as datetime.timezone.utc")
    spelling: FormatName = Format(format).value
    name = LISTS[request.channel].message
    seen: dict[str, str] = {}
    issues: list[Issue] = []
    for index, message in enumerate(request.messages):
        issues.extend(_advise(message, f"{ROOT}.{name}[{index}]", spelling, region, moment, seen))
    return tuple(issues)


def _advise(message: Message, path: str, spelling: FormatName, region: str | None, now: datetime, seen: dict[str, str]) -> Iterator[Issue]:
    for column in columns_of(type(message)):
        value = getattr(message, column.name)
        at = f"{path}.{column.named(spelling)}"
        if column.rule is PHONE:
            fault = check_plan(value, region)
            if fault is not None:
                yield issue_of(fault, at, value)
            yield from _duplicates([value.removeprefix("+")], at, seen)
        elif column.role in ("recipient", "copy") and value:
            yield from _duplicates([_folded(address) for address in value.split(",")], at, seen)
        elif column.kind == "time" and value is not None and value < now:
            yield Issue("time.past", at, "the time is past", format_time(value), "leave it out to send at once")
        elif column.kind == "files":
            for index, attachment in enumerate(value):
                yield from _advise_file(attachment, f"{at}.{column.item}[{index}]", spelling)
    if isinstance(message, SmsMessage):
        taken = sms_segments(message.body)
        if taken.segments > 1:
            yield Issue("sms.segments", f"{path}.body", f"{taken.segments} segments of {taken.encoding}: {taken.units} units")


def _advise_file(attachment: Attachment, path: str, spelling: FormatName) -> Iterator[Issue]:
    fault = check_content(attachment.content, attachment.file_type)
    if fault is not None:
        column = next(column for column in columns_of(Attachment) if column.name == "file_type")
        yield issue_of(fault, f"{path}.{column.named(spelling)}", attachment.file_type)


def _duplicates(recipients: list[str], path: str, seen: dict[str, str]) -> Iterator[Issue]:
    for recipient in recipients:
        first = seen.setdefault(recipient, path)
        if first != path or recipients.count(recipient) > 1:
            yield Issue("recipient.duplicate", path, f"a recipient of {first} again", recipient)


def _folded(address: str) -> str:
    """An address as its mailbox is told from others: the domain's letter case means nothing, the local part's may."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}"
