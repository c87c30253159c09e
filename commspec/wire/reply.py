"""Responses: from a tree of either format to objects, and what the documents of each format hold in which order (SPEC.md section 3).

A codec gives its tree as `Fields`, lists, texts and scalars. Nothing is refused for its content: what fits no form is kept as its text, or under its
own name in `extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from commspec.errors import Issue
from commspec.models.channel import Channel
from commspec.models.extra import LONGEST_INTEGER, Extra, Value
from commspec.models.judge import issue_of
from commspec.models.response import Outcome, SendResponse, StatusDetail, detail_type, read_boolean, read_integer, read_time, receipt_type
from commspec.models.table import Column, FormatName, Reply, cached, columns_of
from commspec.rules.fault import Fault
from commspec.rules.text import SPACE
from commspec.rules.time import attach_zone
from commspec.wire.columns import construct
from commspec.wire.names import JSON_RESPONSE_LISTS, LISTS, XML_RESPONSE_LISTS, ListNames
from commspec.wire.report import Report, step


class Number(str):
    """A JSON number as the document spells it."""

    __slots__ = ()

    @property
    def is_integer(self) -> bool:
        """Whether it is spelled without fraction and exponent."""
        return self.lstrip("-").isdigit()


class Member(NamedTuple):
    """One field of an object as the document has it."""

    name: str
    value: Scalar | Fields | list[Any]
    line: int | None = None


class Fields(list[Member]):
    """An object of the document: its fields in order, repeated ones too."""


class Element(Fields):
    """An XML element that holds elements. One in which each is an `item` is how a list of `extra` is written."""


Scalar = str | Number | bool | None


class ReplyReading(NamedTuple):
    """How a response is read: the format, the zone of XML's wall clocks, and where findings go."""

    format: FormatName
    report: Report
    zone: tzinfo | None = None

    @property
    def lists(self) -> dict[str, Channel]:
        """The lists of outcomes by what the format calls them."""
        return JSON_RESPONSE_LISTS if self.format == "json" else XML_RESPONSE_LISTS


def read_response(fields: Fields, path: str, reading: ReplyReading) -> SendResponse:
    """The response that the root's fields spell. Faults (a known field twice, two lists, `time.zone`) stand in the report."""
    outcomes: tuple[Outcome, ...] = ()
    channel: Channel | None = None
    seen: set[Channel] = set()
    others = Fields()
    for member in fields:
        listed = reading.lists.get(member.name)
        if listed is None:
            others.append(member)
            continue
        at = step(path, member.name)
        if listed in seen:
            reading.report.issue(Issue("duplicate", at, "stands twice", line=member.line))
            continue
        seen.add(listed)
        if member.value is None:
            continue
        read = _outcomes(member.value, LISTS[listed], at, reading)
        if read is None:
            others.append(member)
        elif channel is not None:
            reading.report.issue(Issue("channel", at, f"a list for {listed} beside one for {channel}", line=member.line))
        else:
            outcomes, channel = tuple(read), listed
    values = _read_part(SendResponse, others, path, reading)
    return SendResponse(outcomes=outcomes, channel=channel, **values)


def _outcomes(value: Any, names: ListNames, path: str, reading: ReplyReading) -> list[Outcome] | None:
    items = _items(value, names.xml_item, reading)
    if items is None or not all(item is None or isinstance(item, Fields) for item in items):
        return None
    at = f"{path}.{names.xml_item}" if reading.format == "xml" else path
    return [outcome for index, item in enumerate(items) for outcome in read_item(item, names, f"{at}[{index}]", reading)]


def read_item(item: Fields | None, names: ListNames, path: str, reading: ReplyReading) -> list[Outcome]:
    """The outcomes that an item of a list spells: one, and in XML one more for each further message in it, with what follows that."""
    several: list[Fields] = [Fields()]
    spoken = False
    for member in item or ():
        if reading.format == "xml" and member.name == names.message:
            if spoken:
                several.append(Fields())
            spoken = True
        several[-1].append(member)
    return [_outcome(fields, names, path, reading) for fields in several]


def _outcome(item: Fields, names: ListNames, path: str, reading: ReplyReading) -> Outcome:
    others = Fields()
    receipt = None
    seen = False
    for member in item:
        if member.name != names.message:
            others.append(member)
        elif seen:
            reading.report.issue(Issue("duplicate", step(path, member.name), "stands twice"))  # of JSON: XML has several messages in one
        else:
            seen = True
            value = _as_fields(member.value, reading)
            if value is not None:
                cls = receipt_type(names.channel)
                receipt = construct(cls, _read_part(cls, value, step(path, member.name), reading))
            elif member.value is not None:
                others.append(member)
    return construct(Outcome, {"message": receipt, **_read_part(Outcome, others, path, reading)})  # type: ignore[no-any-return]


@cached
def _known(cls: type) -> dict[str, Column]:
    # `count` and `totalCount` are one thing, whichever of the formats spells it.
    return {name: column for column in columns_of(cls) if column.kind != "extra" for name in (column.json, column.xml)}


def _read_part(cls: type, fields: Fields, path: str, reading: ReplyReading) -> dict[str, Any]:
    """The arguments of `cls` that `fields` spell."""
    known = _known(cls)
    values: dict[str, Any] = {}
    seen: set[str] = set()
    extra: dict[str, Any] = {}
    for member in fields:
        column = known.get(member.name)
        at = step(path, member.name)
        if column is None:
            _keep(extra, member.name, member.value)
            continue
        if column.name in seen:
            reading.report.issue(Issue("duplicate", at, "stands twice", line=member.line))
            continue
        seen.add(column.name)
        if member.value is None:
            continue
        fits, value = _read(column, cls, member, at, reading)
        if fits:
            values[column.name] = value
        else:
            _keep(extra, member.name, member.value)
    if extra:
        values["extra"] = Extra(extra)
    return values


def _keep(extra: dict[str, Any], name: str, value: Any) -> None:
    """Put an unknown field into `extra`; null is absent, and one that stands again becomes a list with the first."""
    kept = extra_value(value)
    if kept is None:
        return
    if name not in extra:
        extra[name] = kept
    elif isinstance(extra[name], _Again):
        extra[name].append(kept)
    else:
        extra[name] = _Again((extra[name], kept))


class _Again(list[Value]):
    """The values of an unknown field that stands more than once; `Extra` makes a tuple of them."""


def extra_value(value: Any) -> Value:
    """A value of the tree as `extra` keeps it. Numbers keep every digit; one that no `Decimal` holds is kept as its text."""
    if isinstance(value, Number):
        if value.is_integer and len(value) <= LONGEST_INTEGER and value != "-0":
            return int(value)
        try:
            return Decimal(value)
        except InvalidOperation:
            return str(value)
    if isinstance(value, Fields):
        if isinstance(value, Element) and all(member.name == "item" for member in value):
            return tuple(extra_value(member.value) for member in value)
        kept: dict[str, Any] = {}
        for member in value:
            _keep(kept, member.name, member.value)
        return Extra(kept)
    if isinstance(value, list):
        return tuple(map(extra_value, value))
    return value  # type: ignore[no-any-return]


def _read(column: Column, cls: type, member: Member, path: str, reading: ReplyReading) -> tuple[bool, Any]:
    """Whether the value fits the column's form or can be kept as its text, and what it reads as."""
    value = member.value
    if column.kind == "detail":
        fields = _as_fields(value, reading)
        if fields is None:
            return False, None
        part = detail_type(cls)
        return True, part(**_read_part(part, fields, path, reading))
    if column.kind == "details":
        return _read_details(column, value, path, reading)
    if column.kind == "values":
        items = _items(value, str(column.item), reading, texts=True)
        return items is not None, None if items is None else tuple(map(extra_value, items))
    if isinstance(value, (Fields, list)):
        return False, None
    if column.kind == "boolean" and isinstance(value, bool):
        return True, value
    if column.kind == "integer" and isinstance(value, Number) and value.is_integer and len(value) <= LONGEST_INTEGER:
        return True, int(value)
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if column.kind == "time":
        return True, _zoned(read_time(text), text, path, member.line, reading)
    if isinstance(value, str) and not isinstance(value, Number) and column.kind in READERS:
        return True, READERS[column.kind](text)
    return True, text


READERS: dict[str, Callable[[str], object]] = {"boolean": read_boolean, "integer": read_integer}
"""What reads the text of a column of these kinds."""


def _zoned(moment: datetime | str, text: str, path: str, line: int | None, reading: ReplyReading) -> datetime | str:
    if reading.zone is None or reading.format == "json" or isinstance(moment, str) or moment.tzinfo is not None:
        return moment
    attached = attach_zone(moment, reading.zone)
    if isinstance(attached, Fault):
        reading.report.issue(issue_of(attached, path, text, line))
        return moment
    return attached


def _read_details(column: Column, value: Any, path: str, reading: ReplyReading) -> tuple[bool, Any]:
    items = _items(value, str(column.item), reading)
    if items is None or any(isinstance(item, list) and not isinstance(item, Fields) for item in items):
        return False, None
    at = f"{path}.{column.item}" if reading.format == "xml" else path
    details: list[StatusDetail | str] = []
    for index, item in enumerate(items):
        if item is None:
            continue
        if isinstance(item, Fields):
            details.append(construct(StatusDetail, _read_part(StatusDetail, item, f"{at}[{index}]", reading)))
        else:
            details.append(("true" if item else "false") if isinstance(item, bool) else str(item))
    return True, tuple(details)


def _as_fields(value: Any, reading: ReplyReading) -> Fields | None:
    """`value` where it is an object; an empty element is one without fields."""
    if isinstance(value, Fields):
        return value
    return Fields() if reading.format == "xml" and _is_empty(value) else None


def _is_empty(value: Any) -> bool:
    """Whether an XML element that should hold elements holds none: nothing but the white space that may stand between them."""
    return isinstance(value, str) and not value.strip(SPACE)


def _items(value: Any, item: str, reading: ReplyReading, *, texts: bool = False) -> list[Any] | None:
    """The items of a list: in XML, of an element in which every element is named `item`.

    An empty element there is an item without fields, with `texts` an empty text.
    """
    if reading.format == "json":
        return value if isinstance(value, list) and not isinstance(value, Fields) else None
    if _is_empty(value):
        return []
    if not isinstance(value, Fields) or any(member.name != item for member in value):
        return None
    return [Fields() if _is_empty(member.value) and not texts else member.value for member in value]


# ---- Writing.


ERROR_ORDER = ("status", "code", "message")
"""The order in which errors and warnings have their fields; in a `statusCode` the code comes last."""


@cached
def documented_order(cls: type, format: FormatName, order: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """The columns of a part of a response in the order in which the format's documents have them, or in `order`; those without a place come after."""
    side = 0 if format == "json" else 1
    columns = [column for column in columns_of(cls) if column.kind != "extra"]
    if order:
        return tuple(sorted(columns, key=lambda column: order.index(column.name)))
    last = len(columns)
    return tuple(sorted(columns, key=lambda column: last if column.order[side] is None else column.order[side]))  # type: ignore[arg-type, return-value]


def present_in(part: Reply) -> set[str]:
    """The attributes of a part of a response that its documents have a field for, in XML too."""
    present = {"message"} if isinstance(part, Outcome) and part.message is not None else set()
    for column in columns_of(type(part)):
        value = getattr(part, column.name)
        if column.kind != "extra" and value is not None and not (column.kind == "details" and not value):
            present.add(column.name)
    return present


DROPPED = "its name is that of something which the specification knows: dropped"
MOVED = "its name is that of a field which the specification knows, and reads as that from now on"


def lost_under(cls: type, name: str, value: Value, format: FormatName, present: Iterable[str], channel: Channel | None) -> str | None:
    """What is lost of an extra field of `cls` that is written under its `name`: `DROPPED` where it can't be, `MOVED`, or None for nothing.

    What was kept because it did not fit its field (a list where a text belongs) stays what it is, where nothing else stands in that field. `present`
    are the fields that are there, `channel` is the response's.
    """
    column = _known(cls).get(name)
    if column is not None:
        if column.name in present:
            return DROPPED
        if not _reads_as(column, value, format):
            return None
        return MOVED if value and format == "json" and column.kind in ("details", "values") else DROPPED
    if cls is Outcome and channel is not None and name == LISTS[channel].message:
        return DROPPED if "message" in present or _reads_as_object(value, format) else None
    listed = (JSON_RESPONSE_LISTS if format == "json" else XML_RESPONSE_LISTS).get(name) if cls is SendResponse else None
    if listed is None:
        return None
    if format == "xml":
        outcomes = _reads_as_elements(value, LISTS[listed].xml_item)
    else:
        outcomes = isinstance(value, tuple) and all(item is None or isinstance(item, Extra) for item in value)
    return DROPPED if listed is channel or outcomes else None


def _reads_as(column: Column, value: Value, format: FormatName) -> bool:
    """Whether `value`, written where `column` stands, would be read as its value, and not kept in `extra`."""
    if column.kind == "detail":
        return _reads_as_object(value, format)
    if column.kind in ("details", "values"):
        if format == "xml":
            return _reads_as_elements(value, str(column.item))
        return isinstance(value, tuple) and (column.kind == "values" or not any(isinstance(item, tuple) for item in value))
    # In XML, nothing tells an empty list or object from an empty text.
    return not isinstance(value, (Extra, tuple)) or (format == "xml" and not value)


def _reads_as_object(value: Value, format: FormatName) -> bool:
    return isinstance(value, Extra) or (format == "xml" and (isinstance(value, tuple) or _is_empty(value)))


def _reads_as_elements(value: Value, item: str) -> bool:
    """Whether the element written for `value` would be read as a list of elements named `item`."""
    return _is_empty(value) or value == () or (isinstance(value, Extra) and value.keys() <= {item})
