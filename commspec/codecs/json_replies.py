"""The happy path of JSON responses: the documented names and types, each at most once, read and written by structs made from the table.

A client mostly reads one outcome or a few, each field of which is looked at by itself; what has many is read column by column. Where there is
anything else in a document or an object, nothing is said of it here: it goes through the general reader, or writer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import astuple

from commspec.codecs.json_door import strip_bom
from commspec.codecs.json_structs import ABSENT, look_over
from commspec.models.channel import Channel
from commspec.models.extra import any_extra
from commspec.models.response import (
    Outcome,
    SendResponse,
    Status,
    StatusDetail,
    detail_type,
    read_time,
    read_times,
    receipt_type,
    says_the_same,
)
from commspec.models.table import Column, cached, columns_of
from commspec.rules.time import format_times
from commspec.wire.columns import FEW, make, one_maker, spread, takers, written_out
from commspec.wire.names import LISTS, STATUS
from commspec.wire.reply import ERROR_ORDER, documented_order

# ---- Reading.


@cached
def _reply_struct(cls: type) -> type[msgspec.Struct]:
    fields = [
        (column.name, _reply_type(column, cls) | None | msgspec.UnsetType, ABSENT) for column in columns_of(cls) if column.kind != "extra"
    ]
    names = {column.name: column.json for column in columns_of(cls)}
    return msgspec.defstruct(cls.__name__, fields, rename=names, forbid_unknown_fields=True, gc=False)


def _reply_type(column: Column, cls: type) -> Any:
    if column.kind == "detail":
        return _reply_struct(detail_type(cls))
    if column.kind == "details":
        return list[_reply_struct(StatusDetail) | str]  # type: ignore[misc]
    return {"boolean": bool, "integer": int, "values": list[str]}.get(column.kind, str)


@cached
def _reply_decoder() -> msgspec.json.Decoder[Any]:
    lists: list[Any] = [
        (channel.value, list[_outcome_struct(channel)] | None | msgspec.UnsetType, ABSENT)  # type: ignore[misc]
        for channel in LISTS
    ]
    names_of_lists = {names.channel.value: names.json_list for names in LISTS.values()}
    return msgspec.json.Decoder(
        msgspec.defstruct("Response", lists, bases=(_reply_struct(SendResponse),), rename=names_of_lists, forbid_unknown_fields=True)
    )


def read_documented_response(document: bytes | str) -> SendResponse | None:
    """The response of a document in which everything is as documented; None where there is anything else in it."""
    data = strip_bom(document)
    try:
        root = _reply_decoder().decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found: tuple[Channel | None, Sequence[Any]] = (None, ())
    keys = 0
    for channel in Channel:
        rows = getattr(root, channel.value)
        if rows is not ABSENT:
            if rows is None or keys:
                return None
            found, keys = (channel, rows), 1
    listed, rows = found
    outcomes = ([], 0) if listed is None else _outcomes(listed, rows)
    if outcomes is None:
        return None
    read = _one_part(SendResponse)(root.status, tuple(outcomes[0]), listed)
    return read[0] if read is not None and look_over(data)[1] == keys + outcomes[1] + read[1] else None


def read_outcomes(items: bytes, channel: Channel) -> list[Outcome] | None:
    """The outcomes of a JSON list in which everything is as documented; None for any other."""
    try:
        rows = _outcomes_decoder(channel).decode(items)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    read = _outcomes(channel, rows)
    return read[0] if read is not None and look_over(items)[1] == read[1] else None


@functools.cache
def _outcome_struct(channel: Channel) -> type[msgspec.Struct]:
    """What an outcome is read by; its message comes last, behind the fields of its base."""
    names = LISTS[channel]
    receipt = (names.message, _reply_struct(receipt_type(channel)) | None | msgspec.UnsetType, ABSENT)
    return msgspec.defstruct(names.xml_item, [receipt], bases=(_reply_struct(Outcome),), forbid_unknown_fields=True, gc=False)


@functools.cache
def _outcomes_decoder(channel: Channel) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[_outcome_struct(channel)])  # type: ignore[misc]


def _outcomes(channel: Channel, rows: Sequence[Any]) -> tuple[list[Outcome], int] | None:
    """The outcomes that `rows` make, and how many strings of the document they stand for; None where there is anything for the general reader."""
    if len(rows) <= FEW:
        return _few_outcomes(channel, rows)
    values = list(map(attrgetter(LISTS[channel].message), rows))
    receipts = [value for value in values if value is not ABSENT and value is not None]
    parts = _reply_columns(Outcome, rows)
    read = _reply_columns(receipt_type(channel), receipts)
    if parts is None or read is None:
        return None
    columns, strings = parts
    following = iter(make(receipt_type(channel), read[0], len(receipts)))
    columns["message"] = [None if value is ABSENT or value is None else next(following) for value in values]
    return make(Outcome, columns, len(rows)), strings + read[1] + len(values) - values.count(ABSENT)


def _few_outcomes(channel: Channel, rows: Sequence[Any]) -> tuple[list[Outcome], int] | None:
    """`_outcomes` row by row."""
    read_receipt, read_outcome = _one_part(receipt_type(channel)), _one_part(Outcome)
    outcomes = []
    strings = 0
    for row in rows:
        *parts, message = astuple(row)
        receipt = None
        if message is not ABSENT:
            strings += 1
            if message is not None:
                receipt_read = read_receipt(*astuple(message))
                if receipt_read is None:
                    return None
                receipt, more = receipt_read
                strings += more
        read = read_outcome(*parts, receipt)
        if read is None:
            return None
        outcomes.append(read[0])
        strings += read[1]
    return outcomes, strings


def _reply_columns(cls: type, rows: Sequence[Any]) -> tuple[dict[str, Sequence[Any]], int] | None:
    """The columns of `rows`, as attributes of `cls`, and how many strings of the document they stand for."""
    columns: dict[str, Sequence[Any]] = {}
    strings = 0
    for column, take in zip(columns_of(cls), _reply_takers(cls), strict=True):
        if column.kind == "extra":
            continue
        values = take(rows)
        absent = values.count(ABSENT)
        strings += len(values) - absent
        nothing = absent + values.count(None)
        if nothing == len(values):
            continue
        present = [value for value in values if value is not ABSENT and value is not None] if nothing else values
        read = _reply_values(column, present)
        if read is None:
            return None
        read_values, more = read
        strings += more
        if nothing:
            following = iter(read_values)
            empty = () if column.kind == "details" else None
            read_values = [empty if value is ABSENT or value is None else next(following) for value in values]
        columns[column.name] = read_values
    return columns, strings


_reply_takers = cached(takers)


def _reply_values(column: Column, present: Sequence[Any]) -> tuple[Sequence[Any], int] | None:
    """The values of a column of receipts or outcomes, and how many strings of the document they stand for."""
    if column.kind == "integer":
        return (present, 0) if max(map(int.bit_length, present)) < _INTEGER_BITS else None
    if column.kind == "time":
        return read_times(present), len(present)
    if column.kind == "details":
        if not any(present):
            return [()] * len(present), 0
        read = [each for each in map(_details, present) if each is not None]
        return ([details for details, _ in read], sum(strings for _, strings in read)) if len(read) == len(present) else None
    if column.kind == "values":
        return list(map(tuple, present)), sum(map(len, present))
    assert column.kind == "text", column.kind
    return present, len(present)


_INTEGER_BITS = 2000


@cached
def _one_part(cls: type) -> Callable[..., tuple[Any, int] | None]:
    """What makes one object of `cls` of the values of its columns, by position, and how many strings of the document they stand for, as `one_of` does.

    None where there is anything for the general reader. What of the object is no column of the table comes last.
    """
    columns = [column for column in columns_of(cls) if column.kind != "extra"]
    names = [column.name for column in columns]
    steps = [f"strings = {2 * len(names)}"]
    for name, kind in ((column.name, column.kind) for column in columns):
        steps.append(f"if {name} is UNSET: strings -= 2; {name} = {() if kind == 'details' else None}")
        steps.append(f"elif {name} is None: strings -= 1{'; ' + name + ' = ()' if kind == 'details' else ''}")
        if kind == "time":
            steps.append(f"else: {name} = read_time({name})")
        elif kind == "boolean":
            steps.append("else: strings -= 1")
        elif kind == "integer":
            steps += [f"elif {name}.bit_length() < {_INTEGER_BITS}: strings -= 1", "else: return None"]
        elif kind == "values":
            steps.append(f"else: strings += len({name}) - 1; {name} = tuple({name})")
        elif kind != "text":  # a detail or several
            steps += [
                "else:",
                f"  read = {f'details({name})' if kind == 'details' else f'one_detail(*astuple({name}))'}",
                "  if read is None: return None",
                f"  {name}, more = read",
                "  strings += more - 1",
            ]
    if cls is Status:
        steps.append("if status_code is not None and says_the_same(status_code, success, message, code): status_code = None")
    scope = {
        "UNSET": ABSENT,
        "astuple": astuple,
        "read_time": read_time,
        "details": _details,
        "one_detail": _one_part(detail_type(cls)) if any(column.kind == "detail" for column in columns) else None,
        "says_the_same": says_the_same,
    }
    return one_maker(cls, names, steps, scope)


def _details(items: Sequence[Any]) -> tuple[tuple[StatusDetail | str, ...], int] | None:
    """The details of a list, and how many strings of the document they stand for."""
    one = _one_part(StatusDetail)
    details = []
    strings = 0
    for item in items:
        read = (item, 1) if isinstance(item, str) else one(*astuple(item))
        if read is None:
            return None
        details.append(read[0])
        strings += read[1]
    return tuple(details), strings


# ---- Writing.


def documented_tree(response: SendResponse) -> dict[str, Any] | None:
    """A response as structs in an object, which msgspec writes as its document; None where there is anything in it for the general writer."""
    if response.extra or type(response) is not SendResponse:
        return None
    tree: dict[str, Any] = {}
    if response.status is not None:
        tree[STATUS] = _one_written(Status)(response.status)
        if tree[STATUS] is None:
            return None
    if response.channel is not None:
        outcomes = outcome_structs(response.outcomes, response.channel)
        if outcomes is None:
            return None
        tree[LISTS[response.channel].json_list] = outcomes
    return tree


def outcome_structs(outcomes: Sequence[Outcome], channel: Channel) -> list[msgspec.Struct] | None:
    """Outcomes of `channel` as structs, which msgspec writes as they stand in a document; None where there is anything in them for the general writer."""
    name, messages = LISTS[channel].message, [outcome.message for outcome in outcomes]
    if len(outcomes) <= FEW:
        write_receipt, write_outcome = _one_written(receipt_type(channel)), _one_written(Outcome, name)
        receipts = [None if message is None else write_receipt(message) for message in messages]
        if any(receipt is None and message is not None for receipt, message in zip(receipts, messages, strict=True)):
            return None
        written = list(map(write_outcome, outcomes, receipts))
        return None if None in written else written
    parts = _written_parts(receipt_type(channel), [message for message in messages if message is not None])
    return None if parts is None else _written_parts(Outcome, outcomes, name, spread(parts, messages))


@cached
def _one_written(cls: type, first: str = "", order: tuple[str, ...] = ()) -> Callable[..., Any]:
    """What makes the struct of one object of `cls`, with `first` given too; None where there is anything in it for the general writer."""
    struct, fields = _written_reply(cls, first, order)
    lines = [f"def one(part{', first' if first else ''}):", "  if part.__class__ is not cls or part.extra: return None"]
    for name, kind in ((column.name, column.kind) for column, _ in fields):
        lines.append(f"  {name} = part.{name}")
        if kind == "time":
            lines.append(f"  if {name}.__class__ is datetime: {name} = {name}.isoformat()")
        elif kind == "values":
            lines.append(f"  if {name}: return None")
        elif kind == "details":
            lines += [f"  if {name}:", f"    {name} = details({name})", f"    if {name} is None: return None"]
        elif kind == "detail":
            said = "Detail(status=part.success, message=part.message, code=part.code)"
            lines += [f"  {name} = {said} if {name} is None else detail({name})", f"  if {name} is None: return None"]
    names = [*(["first"] if first else ()), *(column.name for column, _ in fields)]
    scope: dict[str, Any] = {"cls": cls, "struct": struct, "datetime": datetime, "details": _few_written_details}
    if cls is Status:
        scope |= {"detail": _one_written(StatusDetail), "Detail": _written_reply(StatusDetail, "", ())[0]}
    return written_out([*lines, f"  return struct({', '.join(names)})"], scope)


def _few_written_details(values: Sequence[StatusDetail | str]) -> list[Any] | None:
    one = _one_written(StatusDetail, order=ERROR_ORDER)
    written = [value if isinstance(value, str) else one(value) for value in values]
    return None if None in written else written


def _written_parts(
    cls: type, objects: Sequence[Any], first: str = "", firsts: Sequence[Any] = (), order: tuple[str, ...] = ()
) -> list[msgspec.Struct] | None:
    """Objects of `cls` as structs; those of outcomes have their messages, which are structs already, as the `first` field."""
    if not {cls}.issuperset(map(type, objects)) or any_extra([each.extra for each in objects]):
        return None
    struct, columns = _written_reply(cls, first, order)
    written: list[Sequence[Any]] = [firsts] if first else []
    for column, take in columns:
        values, kind = take(objects), column.kind
        if kind == "time":
            values = _written_times(values)
        elif kind == "details" and any(values):
            details = _written_details(values)
            if details is None:
                return None
            values = details
        elif kind == "values" and any(values):
            return None
        written.append(values)
    return list(map(struct, *written))


_Takers = tuple[tuple[Column, Callable[[Sequence[Any]], Sequence[Any]]], ...]


@cached
def _written_reply(cls: type, first: str, order: tuple[str, ...]) -> tuple[type[msgspec.Struct], _Takers]:
    """The struct that a part of a response is written by, and its columns, each with what takes it out of objects."""
    columns = documented_order(cls, "json", order)
    taken = dict(zip(columns_of(cls), takers(cls), strict=True))
    fields: list[Any] = [(first, Any, None)] if first else []
    # A list is there if only as an empty one.
    fields += [(column.name, Any, ABSENT if column.kind == "details" else None) for column in columns]
    struct = msgspec.defstruct(cls.__name__, fields, rename={column.name: column.json for column in columns}, omit_defaults=True, gc=False)
    return struct, tuple((column, taken[column]) for column in columns)


def _written_times(values: Sequence[datetime | str | None]) -> Sequence[str | None]:
    moments = [value for value in values if isinstance(value, datetime)]
    texts = format_times(moments)
    if len(texts) == len(values):
        return texts
    following = iter(texts)
    return [next(following) if isinstance(value, datetime) else value for value in values]


def _written_details(values: Sequence[Sequence[StatusDetail | str]]) -> list[Any] | None:
    details = _written_parts(StatusDetail, [item for value in values for item in value if not isinstance(item, str)], order=ERROR_ORDER)
    if details is None:
        return None
    following = iter(details)
    return [[item if isinstance(item, str) else next(following) for item in value] if value else () for value in values]
