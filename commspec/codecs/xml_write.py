"""XML written: requests and responses to bytes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from itertools import repeat
from typing import Any, NamedTuple

from commspec.models.channel import Channel
from commspec.models.extra import Extra, Value, any_extra
from commspec.models.judge import issue_of
from commspec.models.messages import Message
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, cached, columns_of
from commspec.rules.fault import Fault
from commspec.rules.text import SPACE, characters_ok, check_characters
from commspec.rules.time import format_time, format_wall_clock, wall_clock_in
from commspec.wire import reply
from commspec.wire.columns import FEW, Values, spread, take_apart, takers
from commspec.wire.names import LISTS, RESPONSE, ROOT, STATUS, ListNames
from commspec.wire.report import Report, step

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Of `>`, only that of `]]>` has to be escaped, and every reader takes the reference for it too. A CR becomes an LF in readers, but not as a reference.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))


def _escape(text: str) -> str:
    for character, reference in _ESCAPES:
        text = text.replace(character, reference)
    return text


class _Layout(NamedTuple):
    """White space between elements: `indent` spaces a level, or nothing at all."""

    indent: int | None

    def before(self, level: int) -> str:
        """What stands before a tag that begins a line of the given level."""
        return "" if self.indent is None else "\n" + " " * (self.indent * level)

    def end(self) -> list[str]:
        """What ends the document."""
        return [] if self.indent is None else ["\n"]


def write_request(request: SendRequest, indent: int | None) -> bytes:
    """The XML document of `request`, in UTF-8 with a declaration: on one line without `indent`, otherwise with as many spaces a level."""
    head, tail = request_frame(request.channel, indent)
    return head + write_messages(request.messages, indent) + tail


def request_frame(channel: Channel, indent: int | None) -> tuple[bytes, bytes]:
    """What stands before and after the messages of a request."""
    layout = _Layout(indent)
    return f"{_HEAD}<{ROOT}>".encode(), "".join([layout.before(0), f"</{ROOT}>", *layout.end()]).encode()


def write_messages(messages: Sequence[Message], indent: int | None) -> bytes:
    """Messages of one channel, as they stand in a request."""
    written = _elements(LISTS[messages[0].channel].message, messages, 1, _Layout(indent))
    # Each on its own: a character of many bytes makes one message a text of wide characters, and not all of them.
    return b"".join(map(str.encode, written))


def _elements(name: str, objects: Sequence[Any], level: int, layout: _Layout) -> list[str]:
    """Objects of one class, each as an element. It is put together from columns: tags that all have alike stand between the values of the fields."""
    before = layout.before(level + 1)
    parts: list[Iterable[Any]] = []
    tags = f"{layout.before(level)}<{name}>"
    for column, held in take_apart(type(objects[0]), objects):
        opening, closing = f"{before}<{column.xml}>", f"</{column.xml}>"
        if column.kind == "files":
            closing = before + closing
            values: Values = ["".join(_elements(str(column.item), files, level + 2, layout)) if files else None for files in held]
        else:
            values = held if column.kind == "time" else _escaped(held)
        if column.required or None not in values:
            parts += repeat(tags + opening), values
            tags = closing
        else:
            parts += repeat(tags), ["" if value is None else f"{opening}{value}{closing}" for value in values]
            tags = ""
    parts.append(repeat(f"{tags}{layout.before(level)}</{name}>"))
    return list(map("".join, zip(*parts)))  # noqa: B905 - the tags never end


def _escaped(values: Values) -> Values:
    """Texts as they stand in an element, None for None."""
    present = [value for value in values if value is not None] if None in values else values
    joined = "\0".join(present)
    if not any(character in joined for character, _ in _ESCAPES):
        return values
    escaped = _escape(joined).split("\0")
    return escaped if present is values else spread(escaped, values)


# ---- Responses.


@functools.cache
def _names() -> re.Pattern[str]:
    """XML 1.0, productions [4] and [4a], without the colon. It takes long to compile, and few programs need it."""
    start = (
        "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
        "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
    )
    return re.compile(f"[{start}][{start}.0-9\xb7\u0300-\u036f\u203f\u2040-]*")


def _is_name(name: str) -> bool:
    """Whether an element may have the name: one of XML's, and none that it keeps for itself."""
    return _names().fullmatch(name) is not None and name[:3].lower() != "xml"


def _writable(value: Value) -> Value:
    """What is left of a value of `extra` when the names are out that XML does not have."""
    return Extra({name: inner for name, inner in value.items() if _is_name(name)}) if isinstance(value, Extra) else value


class ResponsePieces:
    """Writes the parts of a response: what is not in the shape of XML stands in the report, as a fault or a loss."""

    def __init__(self, indent: int | None, zone: tzinfo | None, report: Report) -> None:
        self._pieces: list[str] = [_HEAD]
        self._layout = _Layout(indent)
        self._zone = zone
        self._report = report

    def _open(self, name: str, level: int) -> None:
        self._pieces.append((self._layout.before(level) if level else "") + f"<{name}>")

    def _close(self, name: str, level: int, *, own_line: bool = True) -> None:
        self._pieces.append((self._layout.before(level) if own_line else "") + f"</{name}>")

    def _text(self, name: str, text: str, path: str, level: int) -> None:
        fault = check_characters(text)
        if fault is not None:
            self._report.issue(issue_of(fault, path, text))
        self._pieces.append(f"{self._layout.before(level)}<{name}>{_escape(text)}</{name}>")

    def _part(self, part: Any, path: str, level: int, order: tuple[str, ...] = (), channel: Channel | None = None) -> bool:
        """The fields of a part of a response, then its extra ones; whether there were any."""
        columns = reply.documented_order(type(part), "xml", order)
        before = len(self._pieces)
        for column in columns:
            value = getattr(part, column.name)
            if value is None or (column.kind == "details" and not value):
                continue
            self._field(column, value, step(path, column.xml), level)
        self._extras(part, path, level, channel)
        return len(self._pieces) > before

    def _field(self, column: Column, value: Any, path: str, level: int) -> None:
        name = column.xml
        if column.kind == "time" and isinstance(value, datetime):
            self._text(name, self._time(value, path), path, level)
        elif column.kind == "detail":
            self._open(name, level)
            self._close(name, level, own_line=self._part(value, path, level + 1))
        elif column.kind == "details":
            self._open(name, level)
            order = reply.ERROR_ORDER if column.item != "statusCode" else ()
            for index, item in enumerate(value):
                self._detail(str(column.item), item, f"{path}.{column.item}[{index}]", level + 1, order)
            self._close(name, level)
        elif column.kind == "values":
            self._open(name, level)
            for index, item in enumerate(value):
                self._value(str(column.item), item, f"{path}.{column.item}[{index}]", level + 1)
            self._close(name, level, own_line=bool(value))
        elif isinstance(value, bool):
            self._text(name, "true" if value else "false", path, level)
        else:
            if isinstance(value, int) and value < 0:
                self._lose(path, "a negative number, which reads as a text from XML")
            self._text(name, str(value), path, level)

    def _detail(self, name: str, item: Any, path: str, level: int, order: tuple[str, ...]) -> None:
        if isinstance(item, str):
            if not item.strip(SPACE):
                self._lose(path, "an empty text, which reads as an empty object from XML")
            self._text(name, item, path, level)
            return
        self._open(name, level)
        self._close(name, level, own_line=self._part(item, path, level + 1, order))

    def _time(self, moment: datetime, path: str) -> str:
        if self._zone is None:
            if moment.tzinfo is not None:
                self._report.note(
                    "loss.offset",
                    path,
                    "written as its own wall clock, without the offset",
                    seen=format_time(moment),
                    hint="give a timezone",
                )
            return format_wall_clock(moment)
        wall = wall_clock_in(moment, self._zone)
        if isinstance(wall, Fault):
            self._report.issue(issue_of(wall, path, format_time(moment)))
            return ""
        return format_wall_clock(wall)

    def _extras(self, part: Any, path: str, level: int, channel: Channel | None = None) -> None:
        """The extra fields of a part."""
        if part.extra:
            present = reply.present_in(part)
            for name, value in part.extra.items():
                lost = reply.lost_under(type(part), name, _writable(value), "xml", present, channel)
                if lost is None:
                    self._named(name, value, path, level)
                else:
                    self._lose(step(path, name), lost)

    def _named(self, name: str, value: Value, path: str, level: int) -> None:
        """A member of `extra`, or of an object in it."""
        if not _is_name(name):
            self._lose(step(path, name), "its name is none that XML can have: dropped")
        else:
            self._value(name, value, step(path, name), level)

    def _value(self, name: str, value: Value, path: str, level: int) -> None:
        """A value of `extra` as an element; that it was no text is lost."""
        if isinstance(value, str):
            self._text(name, value, path, level)
            return
        if isinstance(value, (Extra, tuple)):
            self._lose(path, "an object or a list, written as elements")
            self._open(name, level)
            if isinstance(value, Extra):
                for key, inner in value.items():
                    self._named(key, inner, path, level + 1)
            else:
                for index, inner in enumerate(value):
                    self._value("item", inner, f"{path}.item[{index}]", level + 1)
            self._close(name, level, own_line=bool(value))
            return
        self._lose(path, "a number, a boolean or null, written as text")
        self._text(name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value), path, level)

    def _lose(self, path: str, message: str) -> None:
        self._report.note("loss.extra", path, message)

    def begin(self, status: Status | None, channel: Channel | None) -> None:
        """The document up to its first outcome."""
        self._open(RESPONSE, 0)
        if status is not None:
            self._open(STATUS, 1)
            self._close(STATUS, 1, own_line=self._part(status, f"{RESPONSE}.{STATUS}", 2))
        if channel is not None:
            self._open(LISTS[channel].xml_list, 1)

    def outcomes(self, outcomes: Sequence[Outcome], index: int, names: ListNames) -> None:
        """Outcomes, the first of which is the list's `index`-th."""
        written = _documented(outcomes, names, self._layout, self._zone) if len(outcomes) > FEW else None
        if written is None:
            for place, outcome in enumerate(outcomes, start=index):
                self._outcome(outcome, place, names)
        else:
            self._pieces += written

    def _outcome(self, outcome: Outcome, index: int, names: ListNames) -> None:
        path = f"{RESPONSE}.{names.xml_list}.{names.xml_item}[{index}]"
        self._open(names.xml_item, 2)
        receipt = outcome.message
        if receipt is not None:
            self._open(names.message, 3)
            self._close(names.message, 3, own_line=self._part(receipt, f"{path}.{names.message}", 4))
        written = self._part(outcome, path, 3, channel=names.channel)
        self._close(names.xml_item, 2, own_line=written or receipt is not None)

    def end(self, response: SendResponse, outcomes: int) -> None:
        """The document from behind its last outcome on; `response` as it was begun."""
        if response.channel is not None:
            self._close(LISTS[response.channel].xml_list, 1, own_line=outcomes > 0)
        self._extras(response, RESPONSE, 1, response.channel)
        self._close(RESPONSE, 0)
        self._pieces += self._layout.end()

    def take(self) -> bytes:
        """What has been written since the last time."""
        written, self._pieces = "".join(self._pieces).encode(), []
        return written


def write_response(response: SendResponse, indent: int | None, zone: tzinfo | None, report: Report) -> bytes:
    """The XML document of `response`, in UTF-8. Times are written as the wall clock of `zone`, or as their own.

    Losses stand in the report's notes, and what XML can't hold (`text.character`, `time.zone`) in its issues; the document is of no use where there are any.
    """
    writer = ResponsePieces(indent, zone, report)
    writer.begin(response.status, response.channel)
    if response.channel is not None:
        writer.outcomes(response.outcomes, 0, LISTS[response.channel])
    writer.end(response, len(response.outcomes))
    return writer.take()


# ---- Outcomes in which nothing is but what the documents have, column by column.


def _documented(outcomes: Sequence[Outcome], names: ListNames, layout: _Layout, zone: tzinfo | None) -> list[str] | None:
    """Outcomes as elements; None where anything of them is lost in XML or at fault, or is not as documented."""
    messages = [outcome.message for outcome in outcomes]
    present = [message for message in messages if message is not None]
    receipts = _fields(receipt_type(names.channel), present, 4, layout, zone)
    others = _fields(Outcome, outcomes, 3, layout, zone)
    if receipts is None or others is None:
        return None
    echoed = spread(_wrapped(names.message, receipts, 3, layout), messages)
    return _wrapped(names.xml_item, [(first or "") + rest for first, rest in zip(echoed, others, strict=True)], 2, layout)


def _fields(cls: type, objects: Sequence[Any], level: int, layout: _Layout, zone: tzinfo | None) -> list[str] | None:
    """All fields of each of the objects as elements."""
    if not {cls}.issuperset(map(type, objects)) or any_extra([each.extra for each in objects]):
        return None
    parts: list[Iterable[str]] = [[""] * len(objects)]
    for column, take in _written_columns(cls):
        values = take(objects)
        held: Values | None
        if column.kind == "details":
            held = _details(values, column, level, layout, zone) if any(values) else []
        else:
            held = _texts(values, column, zone)
        if held is None:
            return None
        if held:
            before, after = f"{layout.before(level)}<{column.xml}>", f"</{column.xml}>"
            parts.append(["" if text is None else before + text + after for text in held])
    return list(map("".join, zip(*parts, strict=True)))


@cached
def _written_columns(cls: type) -> tuple[tuple[Column, Callable[[Sequence[Any]], list[Any]]], ...]:
    taken = dict(zip(columns_of(cls), takers(cls), strict=True))
    return tuple((column, taken[column]) for column in reply.documented_order(cls, "xml", reply.ERROR_ORDER if cls is StatusDetail else ()))


def _texts(values: Sequence[Any], column: Column, zone: tzinfo | None) -> Values | None:
    """The values of a column as they stand in their elements, None for None, and nothing where all are; None where one of them is for the general writer."""
    present = [value for value in values if value is not None]
    if column.kind == "values" and present:
        return None
    # Times that are one are the same wall clock, whatever their offsets.
    written = {} if column.kind == "text" else {value: _text_of(value, zone) for value in set(present) if not isinstance(value, str)}
    if None in written.values():
        return None
    texts = [value if isinstance(value, str) else str(written[value]) for value in present] if written else present
    if not characters_ok(texts):
        return None
    return _escaped(texts if len(texts) == len(values) else spread(texts, values)) if texts else []


def _text_of(value: bool | int | datetime, zone: tzinfo | None) -> str | None:
    if isinstance(value, datetime):
        wall = value if zone is None else wall_clock_in(value, zone)
        return None if isinstance(wall, Fault) or wall.tzinfo is not None else format_wall_clock(wall)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value < 0 else str(value)


def _details(
    values: Sequence[Sequence[StatusDetail | str]], column: Column, level: int, layout: _Layout, zone: tzinfo | None
) -> list[str | None] | None:
    """What stands in the element of each object's details; None for an object without."""
    fields = _fields(StatusDetail, [detail for details in values for detail in details], level + 2, layout, zone)
    if fields is None:
        return None
    following = iter(_wrapped(str(column.item), fields, level + 1, layout))
    end = layout.before(level)
    return ["".join([next(following) for _ in details]) + end if details else None for details in values]


def _wrapped(name: str, insides: Iterable[str], level: int, layout: _Layout) -> list[str]:
    """Each of `insides` in an element."""
    before = layout.before(level)
    return [f"{before}<{name}>{inside}{before if inside else ''}</{name}>" for inside in insides]
