"""Strategies for values and objects: what a message may hold, whole messages and requests, and whatever a server may answer (SPEC.md sections 2, 3 and 5).

They are built from the limits of the specification and from the one table (`columns_of`), and never ask commspec's rules. A new field of the table
that is a plain text is drawn without a line here.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import (
    ADDRESS,
    ADDRESSES,
    PHONE,
    Attachment,
    EmailMessage,
    Message,
    SmsMessage,
    WhatsAppMessage,
    ZaloMessage,
    message_type,
)
from commspec.models.messages import FILE_NAME as FILE_NAME_RULE
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.rule import TextRule
from commspec.testing.trees import FormatName
from commspec.wire.names import LISTS

M = TypeVar("M")

# ---- Texts.

LINE_BREAKS = "\n\r\x85\u2028\u2029"
FORBIDDEN = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
"""What no text of a request may hold, besides lone surrogates."""

# What a text's way through two formats may trip over.
_AWKWARD = (
    *(" ", "\t", "\n", "\r", "\r\n", "\x85", "\u2028", "\xa0", "\u3000", "\u200b", "\ufeff", "\ufffd", "\x7f", "\x80", "\u202e"),
    *("&", "<", ">", "]]>", "<![CDATA[", "<!--", "-->", "<?x?>", "&amp;", "&#13;", "</body>", '"', "'", "\\", "\\n", "\\u0041", "\\ud800", "/", "{", "}", ",", ":"),
    *("é", "e\u0301", "€", "अ", "א", "ß", "\U0001f600", "\U0001f469\u200d\U0001f467", "\U0010ffff", "null", "true", "0", "1.0", "%s"),
)  # fmt: skip


# Just beyond where a peer may cut: an SMS, a column of a database, round numbers.
_LENGTHS = (0,) * 28 + (161, 256, 1_001, 4_097)


def _joined(pieces: list[str], least: int) -> str:
    """The pieces; or the first two, again and again until they are `least` characters, and then an end that says whether all of it is there."""
    if not least:
        return "".join(pieces)
    again = "".join(pieces[:2]) or "0"
    return again * -(-least // len(again)) + "."


@functools.cache
def texts(*, blank: bool = True, one_line: bool = False) -> SearchStrategy[str]:
    """Any text that a message can hold: all of Unicode that XML can carry. Shrinks to `""`, or `"0"`.

    Of 100, 5 to 10 are longer than 160 characters, up to some 4,100. With `blank=False`, something in it is not white space; with `one_line`, no line
    break is in it (SPEC.md sections 4.3 and 4.7).
    """
    excluded = FORBIDDEN + (LINE_BREAKS if one_line else "")
    any_text = st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters=excluded)),
        st.builds(
            _joined,
            st.lists(st.sampled_from([piece for piece in _AWKWARD if not set(piece) & set(excluded)]), max_size=8),
            st.sampled_from(_LENGTHS),
        ),
    )
    if blank:
        return any_text
    seen = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters=excluded)
    return st.tuples(any_text, seen, any_text).map("".join)


@functools.cache
def phone_numbers() -> SearchStrategy[str]:
    """An optional `+`, then 6 to 15 digits, the first not 0 after a `+`. Shrinks to `"000000"`."""
    digits = st.text("0123456789", min_size=6, max_size=15)
    return st.one_of(digits, st.builds("+{}{}".format, st.sampled_from("123456789"), st.text("0123456789", min_size=5, max_size=14)))


_ATOM = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=12)
_FOREIGN_ATOM = st.text("abc019äéßøłжяñ日本語अबשל", min_size=1, max_size=12)
_LABEL = st.lists(st.text("abcxyzABC0189", min_size=1, max_size=9), min_size=1, max_size=6).map("-".join)
_FOREIGN_LABEL = st.sampled_from(("bücher", "例え", "пример", "faß", "xn--bcher-kva"))
_ENDING = st.sampled_from(("com", "org", "co.uk", "IN", "test", "example.com", "xn--p1ai", "рф"))


@functools.cache
def email_addresses() -> SearchStrategy[str]:
    """One address without display name; local parts and domains of other scripts too, and parts of 64 characters. Shrinks to `"a@a.com"`."""
    local = st.one_of(
        st.integers(1, 64).map("a".__mul__),
        st.lists(_ATOM, min_size=1, max_size=4).map(".".join),
        st.lists(_FOREIGN_ATOM, min_size=1, max_size=2).map(".".join),
    )
    domain = st.one_of(
        st.integers(1, 63).map(lambda length: "a" * length + ".com"),
        st.builds("{}.{}".format, _LABEL, _ENDING),
        st.builds("{}.{}.{}".format, _LABEL, _LABEL, _ENDING),
        st.builds("{}.{}".format, _FOREIGN_LABEL, _ENDING),
    )
    return st.builds("{}@{}".format, local, domain)


@functools.cache
def address_lists() -> SearchStrategy[str]:
    """What `cc` and `bcc` hold: nothing, one address, or several, with white space around them. Shrinks to `""`."""
    spaced = st.builds("{}{}{}".format, st.sampled_from(("", " ", "\t", "  ")), email_addresses(), st.sampled_from(("", " ")))
    return st.lists(spaced, max_size=4).map(",".join)


_OFFSETS = st.one_of(st.sampled_from((0, 330, -480, 345, 1439, -1439)), st.integers(-1439, 1439))


@functools.cache
def scheduled_times() -> SearchStrategy[datetime]:
    """Every time of the calendar, to the microsecond, with a fixed offset from -23:59 to +23:59. Shrinks to `2000-01-01T00:00:00+00:00`."""
    return st.builds(_at_offset, st.datetimes(), _OFFSETS)


def _at_offset(moment: datetime, minutes: int) -> datetime:
    return moment.replace(tzinfo=timezone(timedelta(minutes=minutes)) if minutes else timezone.utc)


# ---- Messages.

IMAGES = ("jpg", "jpeg", "png", "gif")
"""The file types that must be encoded as base64."""

_FILE_NAMES = st.one_of(
    st.sampled_from(("a.txt", "dot.png", "terms.pdf", "...", "a")),
    st.builds("{}.{}".format, st.text("abcXYZ019 _-äß日", min_size=1, max_size=20), st.sampled_from(("txt", "pdf", "png", "tar.gz"))),
    texts(blank=False, one_line=True)
    .map(lambda text: text.replace("/", "_").replace("\\", "_"))
    .filter(lambda text: text not in (".", "..")),
)
_IMAGE_TYPES = st.builds("{}{}".format, st.sampled_from(("", ".", "image/")), st.sampled_from([*IMAGES, *map(str.upper, IMAGES), "JpEg"]))
_OTHER_TYPES = st.one_of(
    st.sampled_from(("txt", "pdf", ".CSV", "text/plain", "svg")),
    texts(blank=False, one_line=True).filter(lambda text: not any(image in text.lower() for image in IMAGES)),
)
_BASE64 = st.sampled_from(("base64", "BASE64", "Base64"))


@functools.cache
def attachments() -> SearchStrategy[Attachment]:
    """Files as base64, images among them, and files as plain text; empty ones too. Shrinks to an empty `a.txt` in base64."""
    data = st.binary(max_size=60).map(lambda content: base64.b64encode(content).decode())
    return st.one_of(
        st.builds(Attachment, _FILE_NAMES, st.one_of(_OTHER_TYPES, _IMAGE_TYPES), data, _BASE64),
        st.builds(Attachment, _FILE_NAMES, _OTHER_TYPES, texts(), st.sampled_from((None, ""))),
    )


_RULES: dict[TextRule, Callable[[], SearchStrategy[str]]] = {
    PHONE: phone_numbers,
    ADDRESS: email_addresses,
    ADDRESSES: address_lists,
    FILE_NAME_RULE: lambda: _FILE_NAMES,
}


def values_of(column: Column) -> SearchStrategy[Any]:
    """What a column of a message may hold, None where it may be absent."""
    present: SearchStrategy[Any]
    if column.kind == "files":
        return st.lists(attachments(), max_size=3).map(tuple)
    if column.kind == "time":
        present = scheduled_times()
    else:
        assert column.rule is not None
        if column.rule in _RULES:
            present = _RULES[column.rule]()
        else:
            assert column.rule.check is None and column.rule.among is None, f"say how {column.name} is drawn"
            present = texts(blank=column.rule.blank, one_line=column.rule.one_line)
            if column.digits:
                present = st.one_of(present, st.text("0123456789", min_size=1, max_size=8))
    return present if column.required else st.one_of(st.none(), present)


def _of_type(cls: Callable[..., M], fields: dict[str, SearchStrategy[Any]]) -> SearchStrategy[M]:
    table = {column.name: values_of(column) for column in columns_of(cls)}  # type: ignore[arg-type]
    return st.builds(cls, **{**table, **fields})


def sms_messages(**fields: SearchStrategy[Any]) -> SearchStrategy[SmsMessage]:
    """One SMS; `fields` are strategies by attribute, in place of the usual ones. Shrinks to `SmsMessage("000000", "0")`."""
    return _of_type(SmsMessage, fields)


def email_messages(**fields: SearchStrategy[Any]) -> SearchStrategy[EmailMessage]:
    """One email, as `sms_messages`. Shrinks to one from `a@a.com` to itself about `"0"`, with nothing in it."""
    return _of_type(EmailMessage, fields)


def whatsapp_messages(**fields: SearchStrategy[Any]) -> SearchStrategy[WhatsAppMessage]:
    """One WhatsApp message, as `sms_messages`. Shrinks to `WhatsAppMessage("000000", "0")`."""
    return _of_type(WhatsAppMessage, fields)


def zalo_messages(**fields: SearchStrategy[Any]) -> SearchStrategy[ZaloMessage]:
    """One Zalo message, as `sms_messages`. Shrinks to `ZaloMessage("000000", "0")`."""
    return _of_type(ZaloMessage, fields)


@functools.cache
def messages(channel: Channel | str | None = None) -> SearchStrategy[Message]:
    """One message, of `channel` or of any. Shrinks to the plainest of its channel, for WhatsApp where any will do."""
    return st.one_of([_of_type(message_type(each), {}) for each in channels_of(channel)])


def requests(channel: Channel | str | None = None, *, min_messages: int = 1, max_messages: int = 4) -> SearchStrategy[SendRequest]:
    """A request of one channel, `channel` or any. Shrinks to one with `min_messages` of the plainest messages."""
    drawn = {each: st.lists(messages(each), min_size=min_messages, max_size=max_messages) for each in channels_of(channel)}
    return st.one_of([st.builds(SendRequest, some) for some in drawn.values()])


def channels_of(channel: Channel | str | None) -> list[Channel]:
    """`channel`, or all of them: first the one with the fewest fields, which is what Hypothesis shrinks to."""
    return sorted(Channel, key=lambda each: len(columns_of(message_type(each)))) if channel is None else [Channel(channel)]


# ---- Responses.


@functools.cache
def _reply_texts(carried_by: FormatName) -> SearchStrategy[str]:
    if carried_by == "xml":
        return texts()
    return st.one_of(texts(), st.text(st.characters(exclude_categories=["Cs"])))


_TIME_TEXTS = st.sampled_from(
    ("", "now", "2024-02-22", "2024-02-30T00:00:00+00:00", "2024-02-22T00:25:06+05:30:15", "2024-02-22T24:00:00Z", "0")
)
_NAMES = st.one_of(
    st.sampled_from(("priority", "note", "Body", "a-b", "a.b", "_", "größe", "日本", "campaignId")),
    st.text("abcdefghijklmnopqrstuvwxyz_ABC0189-.äя", min_size=1, max_size=8).map("k".__add__),
)
_ANY_NAMES = st.one_of(
    _NAMES,
    st.sampled_from(("", " ", "a b", "0", "a:b", "xml", "$", 'q"', "\\", "\x00", "@x")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
# "item" is how XML writes the items of a list, and a name that begins with "xml" is none that XML lets anyone use.
_RESERVED = {"item", *(spelling for cls in (SendResponse, Status, StatusDetail, Outcome, *map(receipt_type, Channel)) for column in columns_of(cls) for spelling in (column.json, column.xml))}  # fmt: skip
_RESERVED |= {name for names in LISTS.values() for name in (names.message, names.json_list, names.xml_list, names.xml_item)}


@functools.cache
def _names(carried_by: FormatName) -> SearchStrategy[str]:
    names = _NAMES if carried_by == "xml" else _ANY_NAMES
    return names.filter(lambda name: name not in _RESERVED)


@functools.cache
def _extra_values(carried_by: FormatName, *, nested: bool = True) -> SearchStrategy[Any]:
    """A value of `extra`: in XML only texts, and lists and objects that have something in them."""
    leaves: SearchStrategy[Any] = _reply_texts(carried_by)
    if carried_by == "json":
        leaves = st.one_of(leaves, st.booleans(), st.integers(), st.integers(10**19, 10**30), _decimals())
    if not nested:
        return leaves
    least = 1 if carried_by == "xml" else 0

    names = _names(carried_by)

    def held(inner: SearchStrategy[Any]) -> list[SearchStrategy[Any]]:
        items = inner if carried_by == "xml" else st.one_of(inner, st.none())
        return [
            st.lists(items, min_size=least, max_size=3).map(tuple),
            st.dictionaries(names, inner, min_size=least, max_size=2).map(Extra),
        ]

    shallow = st.one_of(leaves, *held(leaves))
    return st.one_of(leaves, leaves, leaves, *held(shallow))


def _decimals() -> SearchStrategy[Decimal]:
    """JSON numbers that are no plain integers, every digit of which counts."""
    drawn = st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False),
        st.sampled_from([Decimal(text) for text in ("0.1", "1.50", "-0", "1E+400", "-1.0E-400", "0E-7")]),
    )
    return drawn.filter(lambda number: not str(number).lstrip("-").isdigit() or str(number) == "-0")


@functools.cache
def extras(carried_by: FormatName = "json") -> SearchStrategy[Extra]:
    """Fields that the specification does not know. Shrinks to none."""
    return st.dictionaries(_names(carried_by), _extra_values(carried_by), max_size=2).map(Extra)


def _reply_values(column: Column, carried_by: FormatName) -> SearchStrategy[Any]:
    anything = _reply_texts(carried_by)
    if column.kind == "text":
        return anything
    if column.kind == "time":
        offset = [] if carried_by == "xml" else [scheduled_times()]
        return st.one_of(st.datetimes(), *offset, _TIME_TEXTS, anything)
    if column.kind == "boolean":
        return st.one_of(st.booleans(), st.sampled_from(("", "yes", "1", "True ", "wahr")), anything)
    if column.kind == "integer":
        least = 0 if carried_by == "xml" else None
        return st.one_of(
            st.integers(least), st.sampled_from((200, 8056, 10**30)), st.sampled_from(("", "007", "-0", "1.0", "٣", " 5", "NS-1")), anything
        )
    if column.kind == "detail":
        return parts(StatusDetail, carried_by)
    if column.kind == "details":
        # An empty element in such a list is an empty object.
        said = texts(blank=False) if carried_by == "xml" else anything
        return st.lists(st.one_of(parts(StatusDetail, carried_by), said), max_size=2).map(tuple)
    assert column.kind == "values", column
    items = _extra_values(carried_by)
    return st.lists(items if carried_by == "xml" else st.one_of(items, st.none()), max_size=2).map(tuple)


def _misfits(column: Column, carried_by: FormatName) -> SearchStrategy[Any]:
    """What fits no form of a column, so that it is kept in `extra` under the column's own name."""
    inner = _extra_values(carried_by, nested=False)
    least = 1 if carried_by == "xml" else 0
    some_object = st.dictionaries(_names(carried_by), inner, min_size=least, max_size=2).map(Extra)
    some_list = st.lists(inner, min_size=least, max_size=2).map(tuple)
    if column.kind in ("text", "time", "boolean", "integer"):
        return st.one_of(some_object, some_list)
    if carried_by == "xml":
        said = texts(blank=False)
        return said if column.kind == "detail" else st.one_of(said, some_object, some_list)
    scalars = st.one_of(inner, st.none()).filter(lambda value: value is not None)
    return st.one_of(scalars, some_list if column.kind == "detail" else some_object)


@st.composite
def parts(draw: st.DrawFn, cls: type[M], carried_by: FormatName = "json") -> M:
    """One part of a response. Shrinks to one in which every field is absent."""
    drawn: M = draw(_parts(cls, carried_by))  # type: ignore[arg-type]
    return drawn


@functools.cache
def _parts(cls: Callable[..., M], carried_by: FormatName) -> SearchStrategy[M]:
    columns = [column for column in columns_of(cls) if column.kind != "extra"]  # type: ignore[arg-type]
    misfits = st.one_of([st.tuples(st.just(column), _misfits(column, carried_by)) for column in columns])

    def make(fields: dict[str, Any], extra: Extra, odd: tuple[Column, Any] | None) -> M:
        if odd is not None and odd[0].name not in fields:
            extra = Extra({**extra, odd[0].json if carried_by == "json" else odd[0].xml: odd[1]})
        return cls(**fields, extra=extra)

    fields = st.fixed_dictionaries({}, optional={column.name: _reply_values(column, carried_by) for column in columns})
    return st.builds(make, fields, extras(carried_by), st.one_of(*[st.none()] * 5, misfits))


def responses(
    channel: Channel | str | None = None, *, carried_by: FormatName = "json", min_outcomes: int = 0, max_outcomes: int = 3
) -> SearchStrategy[SendResponse]:
    """Whatever a server may answer, of `channel` or of any, and a status alone. Shrinks to a response in which everything is absent.

    Texts stand where numbers belong, times have offsets or none, every field may be absent, and fields that the specification does not know stand
    everywhere. JSON carries all of that. With `carried_by="xml"`, only what reads the same after being written as XML is drawn: no offsets, no
    texts that XML can't hold, and no numbers, nulls and empty lists where the specification knows no form.
    """
    status = st.one_of(st.none(), parts(Status, carried_by))
    extra = extras(carried_by)
    kinds = []
    if channel is None and not min_outcomes:
        kinds.append(st.builds(SendResponse, status, extra=extra))
    for each in channels_of(channel):
        outcomes = st.lists(_outcomes(each, carried_by), min_size=min_outcomes, max_size=max_outcomes)
        kinds.append(st.builds(SendResponse, status, outcomes, st.just(each), extra))
    return st.one_of(kinds)


@st.composite
def _outcomes(draw: st.DrawFn, channel: Channel, carried_by: FormatName) -> Outcome:
    outcome: Outcome = draw(_parts(Outcome, carried_by))
    receipt = draw(_parts(receipt_type(channel), carried_by)) if draw(st.booleans()) else None  # type: ignore[arg-type]
    return attrs.evolve(outcome, message=receipt)
