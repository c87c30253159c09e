"""The happy path of JSON requests: msgspec reads documents into structs made from the table, and writes them from such.

What is read is taken out of the structs as columns, which are judged and become objects. Where anything is off, nothing is said of it here: the
document goes through the explaining path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from commspec.codecs.json_door import strip_bom
from commspec.models.channel import Channel
from commspec.models.messages import MESSAGE_TYPES, Attachment, Message, message_type
from commspec.models.table import Column, cached, columns_of
from commspec.rules.text import characters_ok, holds_noncharacter
from commspec.wire.columns import FEW, assemble, one_of, rows_maker, takers
from commspec.wire.names import LISTS, ROOT

ABSENT = msgspec.UNSET
_TEXT = str | None | msgspec.UnsetType
_NO_FILES = ()
"""What msgspec leaves out where it is this very tuple. Not every empty one is: in Python 3.10, a generator makes another."""

_BACKSLASH = ord("\\")  # a number is found in half the time of a byte string
_Z = ord("Z")
# An escaped backslash, or an escape that may stand for a character that XML can't carry: what begins with the second of two backslashes may look like one.
_SUSPICIOUS_ESCAPE = re.compile(rb"\\(?:[bf\\]|u(?:00[01]|[fF]{3}[eEfF]))")


# ---- Requests.


class _Shape(NamedTuple):
    """A class of the table as msgspec has it.

    The struct it reads, and what makes those it writes of objects; its columns, in order, what takes each out of what has
    been read, and which of them has files; and what makes one object alone.
    """

    cls: type
    reads: type[msgspec.Struct]
    written: Callable[[Sequence[Any]], list[msgspec.Struct]]
    columns: tuple[Column, ...]
    takers: tuple[Callable[[Sequence[Any]], list[Any]], ...]
    files: int | None
    one: Callable[..., Any] | None


@cached
def _shape(cls: type) -> _Shape:
    columns = columns_of(cls)
    names = {column.name: column.json for column in columns}
    fields: list[Any] = [
        (column.name, str) if column.required else (column.name, _files(column) if column.kind == "files" else _TEXT, ABSENT)
        for column in columns
    ]
    reads = msgspec.defstruct(cls.__name__, fields, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)
    # What is written is known to be good, and given by position.
    absent = {"files": _NO_FILES}
    written: list[Any] = [(column.name, Any, ABSENT if column.required else absent.get(column.kind)) for column in columns]
    writes = msgspec.defstruct(cls.__name__, written, rename=names, omit_defaults=True, gc=False)
    files = next((position for position, column in enumerate(columns) if column.kind == "files"), None)
    return _Shape(cls, reads, rows_maker(cls, writes), columns, takers(cls), files, one_of(cls))


def _files(column: Column) -> Any:
    return _files_struct(column) | None | msgspec.UnsetType


@cached
def _files_struct(column: Column) -> type[msgspec.Struct]:
    items: Any = _list_of(Attachment) | None | msgspec.UnsetType
    return msgspec.defstruct("Files", [("items", items, ABSENT)], rename={"items": str(column.item)}, forbid_unknown_fields=True)


def _list_of(cls: type) -> Any:
    return list[_shape(cls).reads]  # type: ignore[misc]


@cached
def _decoder() -> tuple[msgspec.json.Decoder[Any], dict[type, _Shape]]:
    """What reads documents, and the shape of each struct that stands in a list of theirs."""
    lists: list[Any] = [
        (names.channel.value, _list_of(message_type(names.channel)) | msgspec.UnsetType, ABSENT) for names in LISTS.values()
    ]
    root = msgspec.defstruct(
        "Root", lists, rename={names.channel.value: names.message for names in LISTS.values()}, forbid_unknown_fields=True
    )
    decoder = msgspec.json.Decoder(msgspec.defstruct("Document", [(ROOT, root)], forbid_unknown_fields=True))
    return decoder, {shape.reads: shape for shape in map(_shape, MESSAGE_TYPES)}


def read_request(document: bytes | str, channel: Channel | None) -> list[Message] | None:
    """The messages of a strictly valid document of `channel` (None for any); None where there is anything to explain."""
    data = strip_bom(document)
    decoder, shapes = _decoder()
    try:
        lists = astuple(decoder.decode(data).root)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    rows = None
    for listed in lists:
        if listed:  # an absent list is false, and so is an empty one, whose name then is a string too many
            if rows is not None:
                return None
            rows = listed
    if rows is None:
        return None
    shape = shapes[type(rows[0])]
    if channel is not None and shape.cls is not message_type(channel):
        return None
    clean, strings = look_over(data)
    read = _objects(shape, rows, clean=clean)
    return read[0] if read is not None and strings == read[1] + 2 else None


def read_items(items: bytes, channel: Channel) -> list[Message] | None:
    """The messages of a JSON list of strictly valid ones; None where there is anything to explain, and where it is no JSON."""
    try:
        rows = _items_decoder(message_type(channel)).decode(items)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    clean, strings = look_over(items)
    read = _objects(_shape(message_type(channel)), rows, clean=clean)
    return read[0] if read is not None and strings == read[1] else None


@cached
def _items_decoder(cls: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_list_of(cls))


def look_over(data: bytes) -> tuple[bool, int]:
    """Whether no text of a JSON document can hold a character that XML can't carry (False proves nothing); and how many strings it has, keys and values.

    The decoder lets the last of repeated keys win in silence. Every string has two quotes, so where there are more strings than those of what the
    decoder kept, something stood twice. An escaped quote is one after an odd number of backslashes.
    """
    quotes = data.count(b'"')
    clean = data.isascii() or not holds_noncharacter(data)
    if _BACKSLASH in data:
        if _SUSPICIOUS_ESCAPE.search(data):
            clean = False
            quotes -= data.replace(b"\\\\", b"").count(b'\\"')
        else:
            quotes -= data.count(b'\\"')
    return clean, quotes // 2


def _objects(shape: _Shape, rows: Sequence[Any], *, clean: bool) -> tuple[list[Any], int] | None:
    """The objects that `rows` make, and how many strings (keys and values) of the document they stand for; None where any has a fault."""
    if shape.one is not None and len(rows) <= FEW:
        return _few_objects(shape, shape.one, rows, clean=clean)
    count = len(rows)
    columns: dict[str, Sequence[Any]] = {}
    gaps: list[str] = []
    strings = 0
    values: Sequence[Any]
    for column, take in zip(shape.columns, shape.takers, strict=True):
        values = take(rows)
        if column.required or _are_texts(values):
            strings += 2 * count
            columns[column.name] = values
            continue
        absent = values.count(ABSENT)
        strings += count - absent
        if absent == count:
            continue
        if absent:
            values = [None if value is ABSENT else value for value in values]
        if column.kind == "files":
            read = _attachments(values, clean=clean)
            if read is None:
                return None
            columns[column.name], more = read
            strings += more
        else:
            strings += count - values.count(None)
            columns[column.name] = values
            gaps.append(column.name)
    objects = assemble(shape.cls, columns, count, gaps=gaps, clean=clean)
    return None if objects is None else (objects, strings)


def _are_texts(values: Sequence[Any]) -> bool:
    """Whether each of `values` is a text, so that none is absent."""
    try:
        "".join(values)  # in half the time of looking for None
    except TypeError:
        return False
    return True


def _few_objects(shape: _Shape, one: Callable[..., Any], rows: Sequence[Any], *, clean: bool) -> tuple[list[Any], int] | None:
    """`_objects` row by row."""
    objects = []
    strings = 0
    for struct in rows:
        row = astuple(struct)
        if shape.files is not None and isinstance(row[shape.files], msgspec.Struct):
            read = _attachments((row[shape.files],), clean=clean)
            if read is None:
                return None
            (files,), more = read
            strings += more - 1
            row = (*row[: shape.files], files, *row[shape.files + 1 :])
        if not clean and not characters_ok([value for value in row if isinstance(value, str)]):
            return None
        made = one(*row)
        if made is None:
            return None
        objects.append(made[0])
        strings += made[1]
    return objects, strings


def _attachments(values: Sequence[Any], *, clean: bool) -> tuple[list[tuple[Attachment, ...]], int] | None:
    """Each message's attachments, and the strings of the document in all of them."""
    lists = [None if files is None else files.items for files in values]
    rows = list(chain.from_iterable(items for items in lists if items))
    read = _objects(_shape(Attachment), rows, clean=clean)
    if read is None:
        return None
    objects, strings = read
    following = iter(objects)
    attachments = [tuple(next(following) for _ in items) if items else () for items in lists]
    return attachments, strings + len(
        [items for files, items in zip(values, lists, strict=True) if files is not None and items is not ABSENT]
    )


def write(messages: Sequence[Any], encode: Callable[[list[msgspec.Struct]], bytes]) -> bytes:
    """What `encode` makes of messages of one class as structs, which msgspec writes as they stand in a document; it leaves out what is absent."""
    shape = _shape(type(messages[0]))
    structs = _structs(shape, messages)
    document = encode(structs)
    # msgspec writes times as `format_time` does, many times as fast, but UTC as Z. To look for one byte costs next to nothing; for two, more than all else.
    if _Z not in document:
        return document
    for column in shape.columns:
        if column.kind == "time":
            utc = sum(not moment.utcoffset() for moment in map(attrgetter(column.name), messages) if moment is not None)
            if document.count(_Z) == utc:  # and there is no other Z
                document = document.replace(b"Z", b"+00:00")
            elif utc:
                document = _utc_of(column).sub(rb"\1+00:00", document)
    return document


@cached
def _utc_of(column: Column) -> re.Pattern[bytes]:
    """The times of a column that end in Z. Its name with a quote before and behind it is nothing but its name: those in a text are escaped."""
    return re.compile(rf'("{column.json}": ?"[^"]{{19,26}})Z(?=")'.encode())


def _structs(shape: _Shape, messages: Sequence[Any]) -> list[msgspec.Struct]:
    structs = shape.written(messages)
    if shape.files is not None:
        column = shape.columns[shape.files]
        for struct, attachments in zip(structs, map(attrgetter(column.name), messages), strict=True):
            if attachments or attachments is not _NO_FILES:
                files = _files_struct(column)(_structs(_shape(Attachment), attachments)) if attachments else _NO_FILES
                setattr(struct, column.name, files)
    return structs
