"""The happy path of XML responses: one as documented is a regular language too, and taken apart as requests are.

Such a response has nothing but the documented fields, each at most once: first a status, then one list of outcomes, and in each what the server echoes
of its message, errors and warnings. Any other is for the parser and the general reader: nothing is said of it here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

from commspec.codecs.xml_door import to_utf8
from commspec.codecs.xml_plain import ANY_SPACE, EMPTY, SPACE, NotPlain, fields_of, head_of, is_utf8, plain_text, resolve
from commspec.models.channel import Channel
from commspec.models.response import (
    Outcome,
    SendResponse,
    Status,
    StatusDetail,
    read_time,
    read_times,
    receipt_type,
)
from commspec.models.table import Column, cached
from commspec.rules.fault import Fault
from commspec.rules.time import attach_zone
from commspec.wire.columns import construct, make, spread
from commspec.wire.names import LISTS, RESPONSE, STATUS, XML_RESPONSE_LISTS
from commspec.wire.reply import READERS, documented_order

_END = f"</{RESPONSE}>"
_BYTE_SPACE = b" \t\r\n"
_LIST = re.compile(r"<(\w+)>", re.ASCII)
_T = TypeVar("_T")


class _General(Exception):
    """The document is for the general reader."""


def read_response(document: bytes | str, zone: tzinfo | None) -> SendResponse | None:
    """The response of a plain document in which everything is as documented, its wall clocks those of `zone`; None for any other.

    Raises `MalformedDocument` where the door's `to_utf8` does.
    """
    return _read_utf8(to_utf8(document, check=False), zone)


def _read_utf8(data: bytes, zone: tzinfo | None) -> SendResponse | None:
    head = head_of(RESPONSE).match(data)
    if head is None or not is_utf8(head.group()):
        return None
    return _read_plain(data, _END, functools.partial(_response, zone=zone), head.end())


def _read_plain(piece: bytes, end: str, read: Callable[[str], _T], start: int = 0) -> _T | None:
    """What `read` makes of a piece of a document from `start` up to its `end`; None where that is not plain."""
    text = plain_text(piece, end, start)
    if text is None:
        return None
    if "/>" in text:
        text = EMPTY.sub(r"<\1></\1>", text)
    try:
        return read(text)
    except (_General, NotPlain, UnicodeDecodeError):
        return None


def opening(document: bytes, zone: tzinfo | None) -> tuple[int, SendResponse] | None:
    """How many bytes of a plain document stand before its first outcome, and the response but for the outcomes; None where it is not plain, or ends before.

    `document` is taken for UTF-8 without byte order mark, whatever its declaration says; what is not is not plain.
    """
    for channel, names in LISTS.items():
        length = document.find(f"<{names.xml_item}>".encode())
        if length >= 0:
            response = _read_utf8(document[:length] + f"</{names.xml_list}>{_END}".encode(), zone)
            # An outcome written as an empty element is one too.
            plain = response is not None and response.channel is channel and not response.outcomes
            return (length, response) if response is not None and plain else None
    return None


def read_outcomes(piece: bytes, channel: Channel, zone: tzinfo | None) -> list[Outcome] | None:
    """The outcomes of a piece of the inside of a list, whole ones with white space before and behind each; None for anything else."""
    return _read_plain(piece, "", functools.partial(_outcomes, channel=channel, zone=zone))


def is_end(rest: bytes, channel: Channel) -> bool:
    """Whether nothing but the end of a document follows the last outcome of its list."""
    before, end, after = rest.partition(f"</{LISTS[channel].xml_list}>".encode())
    return bool(end) and not before.strip(_BYTE_SPACE) and after.strip(_BYTE_SPACE) == _END.encode()


def _response(text: str, zone: tzinfo | None) -> SendResponse:
    shape = _part(Status, STATUS)
    found = shape.usual.match(text) or shape.any_order.match(text)
    values: dict[str, Any] = {}
    if found is not None:
        text = text[found.end() :]
        values["status"] = make(Status, _read(shape.columns, [[value] for value in found.groups()], zone), 1)[0]
    text = _without(text, _END)
    if text:
        listed = _LIST.match(text)
        channel = None if listed is None else XML_RESPONSE_LISTS.get(listed.group(1))
        if listed is None or channel is None:
            raise _General
        inside = _without(text[listed.end() :], f"</{listed.group(1)}>")
        values |= {"outcomes": tuple(_outcomes(inside, channel, zone)), "channel": channel}
    return construct(SendResponse, values)  # type: ignore[no-any-return]


def _without(text: str, end: str) -> str:
    """`text` without its `end` and the white space around that. Raises `_General` where it ends otherwise."""
    text = text.rstrip(SPACE)
    if not text.endswith(end):
        raise _General
    return text[: -len(end)].rstrip(SPACE)


def _outcomes(text: str, channel: Channel, zone: tzinfo | None) -> list[Outcome]:
    shape = _item(channel)
    columns, count = _split(shape, text.lstrip(SPACE))
    messages, fields, insides = columns[0], columns[1 : -len(_DETAILS)], columns[-len(_DETAILS) :]
    cls = receipt_type(channel)
    if None in messages:
        fields = [[value for value, message in zip(column, messages, strict=True) if message is not None] for column in fields]
    receipts = make(cls, _read(shape.columns, fields, zone), count - messages.count(None))
    details = {column.name: _read_details(inside, column, zone) for column, inside in zip(_DETAILS, insides, strict=True)}
    return make(Outcome, {"message": spread(receipts, messages), **details}, count)


def _read_details(insides: Sequence[str | None], column: Column, zone: tzinfo | None) -> list[tuple[StatusDetail, ...]]:
    """The errors or the warnings of each outcome, out of what its element of them holds."""
    joined = "".join(filter(None, insides)).lstrip(SPACE)
    if not joined:
        return [()] * len(insides)
    item = str(column.item)
    shape = _part(StatusDetail, item)
    columns, count = _split(shape, joined)
    following = iter(make(StatusDetail, _read(shape.columns, columns, zone), count))
    tag = f"<{item}>"
    return [tuple([next(following) for _ in range(inside.count(tag))]) if inside else () for inside in insides]


def _read(columns: Sequence[Column], texts: Sequence[Sequence[str | None]], zone: tzinfo | None) -> dict[str, Sequence[Any]]:
    """The columns that any object has, of their texts in the document; None where an object has no such field."""
    read: dict[str, Sequence[Any]] = {}
    for column, values in zip(columns, texts, strict=True):
        present = [value for value in values if value is not None]
        if not present:
            continue
        resolved: Sequence[Any] = resolve(present)
        if column.kind == "time":
            resolved = read_times(resolved) if zone is None else _each(functools.partial(_zoned, zone), resolved)
        elif column.kind in READERS:
            resolved = _each(READERS[column.kind], resolved)
        read[column.name] = resolved if len(present) == len(values) else spread(resolved, values)
    return read


def _each(read: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    """`read` of every text, once for those that are alike: of codes and booleans, and often of times, there are few."""
    known = {text: read(text) for text in set(texts)}
    return [known[text] for text in texts]


def _zoned(zone: tzinfo, text: str) -> datetime | str:
    moment = read_time(text)
    if isinstance(moment, str) or moment.tzinfo is not None:
        return moment
    attached = attach_zone(moment, zone)
    if isinstance(attached, Fault):
        raise _General
    return attached


# ---- Patterns.


class _Shape(NamedTuple):
    """How elements of one name are taken out of a text: with their fields in the documented order, or as they come; and the columns of those."""

    usual: re.Pattern[str]
    any_order: re.Pattern[str]
    columns: tuple[Column, ...]


def _split(shape: _Shape, text: str) -> tuple[list[list[str | None]], int]:
    """The groups of every element of `text`, and how many elements there are. Raises `_General` where it has anything else."""
    for pattern in (shape.usual, shape.any_order):
        parts = pattern.split(text)
        width = 1 + pattern.groups
        # What stands between two matches, and after the last.
        if not any(parts[::width]):
            return [parts[group::width] for group in range(1, width)], len(parts) // width
    raise _General


@cached
def _columns(cls: type) -> tuple[Column, ...]:
    """Those with a text, in the documented order."""
    return tuple(column for column in documented_order(cls, "xml") if column.kind in ("text", "time", "boolean", "integer"))


@cached
def _part(cls: type, element: str) -> _Shape:
    usual, any_order = (f"<{element}>{ANY_SPACE}{fields}</{element}>{ANY_SPACE}" for fields in fields_of(_columns(cls)))
    return _Shape(re.compile(usual), re.compile(any_order), _columns(cls))


_DETAILS = tuple(column for column in documented_order(Outcome, "xml") if column.kind == "details")


@functools.cache
def _item(channel: Channel) -> _Shape:
    """An outcome: whether there is a message, by the white space at the beginning of one; its fields; what the elements of errors and warnings hold."""
    names = LISTS[channel]
    columns = _columns(receipt_type(channel))
    details = "".join(
        f"(?:<{column.xml}>({ANY_SPACE}(?:<{column.item}>(?:{ANY_SPACE}<\\w+>[^<]*</\\w+>)*{ANY_SPACE}</{column.item}>{ANY_SPACE})*)</{column.xml}>{ANY_SPACE})?"
        for column in _DETAILS
    )
    usual, any_order = (
        f"<{names.xml_item}>{ANY_SPACE}(?:<{names.message}>({ANY_SPACE}){fields}</{names.message}>{ANY_SPACE})?{details}</{names.xml_item}>{ANY_SPACE}"
        for fields in fields_of(columns, before=1)
    )
    return _Shape(re.compile(usual), re.compile(any_order), columns)
