"""XML: requests and responses to and from bytes (SPEC.md sections 2 and 3).

| object | XML |
|---|---|
| `SendRequest` | `<root>` with one `<LIST>` per message, snake_case names |
| `Attachment`s | `<attachments><attachment>…</attachment>…</attachments>` |
| time | in a request as in JSON; in a response `YYYY-MM-DD HH:MM:SS[.ffffff]`, no offset |
| absent field | no element; an empty element is an empty text |
| `SendResponse` | `<response><status>…</status><LISTS><…Data><LIST>…</LIST><errors>…</errors><warnings>…</warnings></…Data></LISTS></response>` |
"""

from __future__ import annotations

import copy
import functools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import attrs
from lxml import etree

from commspec.codecs.xml_door import check_depth, parse
from commspec.errors import InvalidDocument, Issue, MalformedDocument, shorten
from commspec.models.channel import Channel
from commspec.models.extra import Extra, Value
from commspec.models.judge import a, issue_of
from commspec.models.messages import MESSAGE_TYPES, Attachment, Message, message_type
from commspec.models.request import SendRequest
from commspec.models.response import RECEIPT_TYPES, Outcome, SendResponse, Status
from commspec.models.table import Column, columns_of
from commspec.rules.fault import Fault
from commspec.rules.text import check_characters
from commspec.rules.time import format_time, format_wall_clock, wall_clock_in
from commspec.wire import reply
from commspec.wire.columns import take_apart
from commspec.wire.explain import Entry, Files, Odd, Reading, read_message
from commspec.wire.names import LISTS, REQUEST_LISTS, RESPONSE, ROOT, STATUS, Kind, ListNames
from commspec.wire.reply import Element, Fields, Member, ReplyReading
from commspec.wire.report import DEFAULT_LIMITS, Report, step
from commspec.wire.request import Received, RequestReader, request_of

if TYPE_CHECKING:
    import cattrs

__all__ = [
    "configure_converter",
    "explain_request",
    "kind_of",
    "parse",
    "read_response",
    "write_request",
    "write_response",
]

_SCHEMA_HINTS = frozenset("{http://www.w3.org/2001/XMLSchema-instance}" + name for name in ("schemaLocation", "noNamespaceSchemaLocation"))
_SPACE = " \t\r\n"
_COUNT_ATTRIBUTES = etree.XPath("count(//@*)")
_ATTRIBUTE_NAME = etree.XPath("name(@*[$n])")
_MANY = 64
_HAS_MIXED_TEXT = etree.XPath("boolean(//text()[normalize-space() and ../*])")
# Of the element alone, not of the document it is in: a streamed list has thousands beside it.
_HAS_LOSSES = etree.XPath("boolean(.//@*) or boolean(.//text()[normalize-space() and ../*])")


def _ask(question: etree.XPath, element: etree._Element) -> Any:
    """The answer. Not a number, which is true and equals nothing, where there are more than the 10 million nodes that XPath takes at once."""
    try:
        return question(element)
    except etree.XPathEvalError:
        return math.nan


# ---- The explaining path of requests.


def explain_request(root: etree._Element, channel: Channel | None, reading: Reading) -> list[Received]:
    """Every message of the tree, or its fields as received, with all that is to be said in the report."""
    reader = RequestReader(channel, reading)
    if explain_root(root, reading):
        report_stray_text(root, root, ROOT, reading)
        for child in root:
            explain_child(child, reader, reading)
        reader.finish(line_of(root))
    return reader.received


def explain_root(root: etree._Element, reading: Reading) -> bool:
    """Whether the root is a request's; what is at fault with it, but for text between its elements, is reported."""
    if root.tag != ROOT:
        path = step("", _own_name(root))
        namespace, local = _split(_tag(root))
        known = local in REQUEST_LISTS
        hint = "leave the namespace out" if namespace else f"put it into <{ROOT}>" if known else f"write <{ROOT}>"
        reading.report.issue(Issue("unknown", path, f"no such root: expected <{ROOT}>", hint=hint, line=line_of(root)))
        return False
    _report_attributes(root, ROOT, reading)
    return True


def explain_batch(batch: etree._Element, reader: RequestReader, reading: Reading) -> bool:
    """Read some messages that a root holds; False where there is text between them, and nothing has been read."""
    if _stray_text(batch, batch) is not None:
        return False
    for child in batch:
        explain_child(child, reader, reading)
    return True


def explain_child(child: etree._Element, reader: RequestReader, reading: Reading) -> None:
    """Read one element of a request's root: a message, or what should be one."""
    name = _tag(child)
    if name not in REQUEST_LISTS:
        reader.saw_unknown()
        if reading.passes_over_unknown(tolerable=False):
            return
        likely = "leave the namespace out" if _split(name)[0] else reader.hint_for_list(name)
        reading.unknown(step(ROOT, _own_name(child)), "no such list of messages", line=line_of(child), hint=likely, tolerable=False)
        return
    if not reader.knows(name):
        reader.begin_list(name, step(ROOT, name), line_of(child))
    path = reader.next_path(name)
    reader.add(name, _entries(child, message_type(REQUEST_LISTS[name]), path, reading), path, line_of(child))


def _entries(element: etree._Element, cls: type, path: str, reading: Reading) -> Iterator[Entry]:
    """The fields of a message or an attachment, after what is at fault with its element."""
    _report_attributes(element, path, reading)
    report_stray_text(element, element, path, reading)
    columns = {spelling: column for column in columns_of(cls) for spelling in (column.json, column.xml)}
    # Of a field that stands twice, nothing is reported but that.
    twice = {column.xml for column in columns_of(cls) if column.kind == "files" and len(list(element.iterchildren(column.xml))) > 1}
    for child in element:
        name = _own_name(child)
        column = columns.get(name)
        at = step(path, name if column is None else column.xml)
        if column is not None:
            _report_attributes(child, at, reading)
        if column is not None and column.kind == "files":
            yield Entry(name, _files(child, column, at, reading.aside() if name in twice else reading), line_of(child))
        elif len(child):
            yield Entry(name, Odd("elements", seen=f"<{shorten(str(child[0].tag))}>"), line_of(child))
        else:
            yield Entry(name, child.text or "", line_of(child))


def _files(element: etree._Element, column: Column, path: str, reading: Reading) -> Files:
    report_stray_text(element, element, path, reading)
    found: list[tuple[str, list[Entry], int | None]] = []
    for child in element:
        if child.tag == column.item:
            at = f"{path}.{column.item}[{len(found)}]"
            found.append((at, list(_entries(child, Attachment, at, reading)), line_of(child)))
        else:
            reading.unknown(
                step(path, _own_name(child)), "no such field", line=line_of(child), hint=f"write <{column.item}>", tolerable=False
            )
    return Files(found)


def _report_attributes(element: etree._Element, path: str, reading: Reading) -> None:
    for position, name in enumerate(element.attrib, 1):
        if not (path == ROOT and name in _SCHEMA_HINTS) and not reading.passes_over_unknown():
            at = f"{path}@{_attribute_name(element, str(name), position)}"
            reading.unknown(at, "no such attribute: fields have none", line=line_of(element))


def report_stray_text(element: etree._Element, children: Iterable[etree._Element], path: str, reading: Reading) -> bool:
    """Report text in `element` that is not white space, before and behind `children` of it; whether there is any."""
    stray = _stray_text(element, children)
    if stray is None:
        return False
    hint = "is an element missing around it?"
    reading.report.issue(Issue("type", path, "text between its elements", shorten(stray), hint=hint, line=line_of(element)))
    return True


def _stray_text(element: etree._Element, children: Iterable[etree._Element]) -> str | None:
    """The first text in `element` that is not white space, before and behind `children` of it."""
    for text in (element.text, *(child.tail for child in children)):
        if text and text.strip(_SPACE):
            return str(text.strip(_SPACE))
    return None


def _own_name(element: etree._Element) -> str:
    """The element's name as the document has it, with its prefix; one of a namespace without prefix by `{namespace}name`."""
    tag = _tag(element)
    if tag[0] != "{":
        return tag
    namespace, local = _split(tag)
    if element.prefix:
        return f"{element.prefix}:{local}"
    return f"{{{namespace}}}{local}" if namespace and element.getparent() is not None else local


def _split(tag: str) -> tuple[str, str]:
    """The namespace and the local name of a tag. Not by `QName`, which takes no name with a prefix that nobody declared."""
    namespace, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    return namespace, local


def _attribute_name(element: etree._Element, name: str, position: int) -> str:
    """The name of the element's attribute at `position`, 1-based, as the document has it."""
    if name[0] != "{":
        return shorten(name)
    # Not by `nsmap`, which gathers every namespace in scope for each attribute; and XPath counts up to the position.
    return shorten(str(_ATTRIBUTE_NAME(element, n=position)) if position <= _MANY else name)


def _tag(element: etree._Element) -> str:
    """The element's tag. Comments and instructions, whose tags are no texts, are none that the door lets through."""
    return element.tag  # type: ignore[return-value]


def line_of(element: etree._Element) -> int | None:
    line = element.sourceline
    return line if line is not None and line < MOST_LINES else None


MOST_LINES = 65535
"""libxml2 counts the lines of elements up to this one only."""


# ---- Writing. Markup is put together with stand-ins for `<`, `>` and `&`: control characters, which no text of a message can hold. So one pass over
# the whole document escapes every text, and a second one turns the stand-ins into what they stand for.

_LESS, _GREATER, _AMPERSAND = "\x01", "\x02", "\x03"
_HEAD = '\x01?xml version="1.0" encoding="UTF-8"?\x02\n'


def _finish(pieces: list[str]) -> bytes:
    text = "".join(pieces)
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    # Only `]]>` has to be escaped, and every reader takes this for it too.
    if ">" in text:
        text = text.replace(">", "&gt;")
    # Readers turn a CR into LF, but not one that is written as a character reference.
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text.replace(_LESS, "<").replace(_GREATER, ">").encode()


def _opening(name: str) -> str:
    return f"{_LESS}{name}{_GREATER}"


def _closing(name: str) -> str:
    return f"{_LESS}/{name}{_GREATER}"


@attrs.frozen
class _Layout:
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
    return _finish([_HEAD, _opening(ROOT)]), _finish([layout.before(0), _closing(ROOT), *layout.end()])


def write_messages(messages: Sequence[Message], indent: int | None) -> bytes:
    """Messages of one channel, as they stand in a request."""
    pieces: list[str] = []
    _write_messages(LISTS[messages[0].channel].message, messages, 1, _Layout(indent), pieces)
    return _finish(pieces)


def _write_messages(name: str, messages: Sequence[Any], level: int, layout: _Layout, pieces: list[str]) -> None:
    begin, end = layout.before(level) + _opening(name), layout.before(level) + _closing(name)
    columns = take_apart(type(messages[0]), messages)
    tags = [
        (layout.before(level + 1) + _opening(column.xml), _closing(column.xml), column.kind == "files", column) for column, _ in columns
    ]
    add = pieces.append
    for row in zip(*(values for _, values in columns), strict=True):
        add(begin)
        for value, (opening, closing, is_files, column) in zip(row, tags, strict=True):
            if is_files:
                if value:
                    add(opening)
                    _write_messages(str(column.item), value, level + 2, layout, pieces)
                    add(layout.before(level + 1) + closing)
            elif value is not None:
                pieces += opening, value, closing
        add(end)


# ---- Responses.


def kind_of(root: etree._Element) -> Kind | None:
    """What the tree is, by its root; None where that tells nothing."""
    return "request" if root.tag == ROOT else "response" if root.tag in (RESPONSE, STATUS) else None


def read_response(root: etree._Element, reading: ReplyReading) -> SendResponse:
    """The response of an XML tree; its faults and losses stand in the report."""
    if root.tag not in (RESPONSE, STATUS):
        message = f"no such root: expected <{RESPONSE}> or <{STATUS}>"
        reading.report.issue(Issue("unknown", step("", _own_name(root)), message, line=line_of(root)))
        return SendResponse()
    path = _own_name(root)
    if _ask(_COUNT_ATTRIBUTES, root) or _ask(_HAS_MIXED_TEXT, root):
        _report_losses(root, path, reading)
    value = _reply_value(root)
    fields = value if isinstance(value, Fields) else Fields()
    if not isinstance(value, Fields) and value.strip(_SPACE):
        reading.report.note("loss.unknown", path, "text where elements belong: dropped", seen=shorten(str(value)), line=line_of(root))
    if root.tag == STATUS:
        return reply.read_response(Fields([Member(STATUS, fields or "", line_of(root))]), "", reading)
    return reply.read_response(fields, path, reading)


def _reply_value(element: etree._Element) -> str | Element:
    """An element as the responses are read: its text, or its elements."""
    if not len(element):
        return element.text or ""
    return Element(Member(_tag(child), _reply_value(child), line_of(child)) for child in element)


def reply_item(element: etree._Element, path: str, reading: ReplyReading) -> Fields | None:
    """One outcome as it is read, after what is lost of it; None for an element that holds no elements, whose text is lost and reported."""
    if _ask(_HAS_LOSSES, element):
        _report_losses(element, path, reading)
    value = _reply_value(element)
    if isinstance(value, Fields):
        return value
    if value.strip(_SPACE):
        reading.report.note("loss.unknown", path, "text where elements belong: dropped", seen=shorten(value), line=line_of(element))
    return None


def report_lost_text(element: etree._Element, children: Iterable[etree._Element], path: str, reading: ReplyReading) -> None:
    """Report text in an element of a response that is lost, before and behind `children` of it."""
    stray = _stray_text(element, children)
    if stray is not None:
        reading.report.note("loss.unknown", path, "text between its elements: dropped", seen=shorten(stray), line=line_of(element))


def _report_losses(element: etree._Element, path: str, reading: ReplyReading) -> None:
    """Report what an element of a response holds besides its text or its elements."""
    for position, name in enumerate(element.attrib, 1):
        if name not in _SCHEMA_HINTS and not reading.report.full_of_notes:
            at = f"{path}@{_attribute_name(element, str(name), position)}"
            reading.report.note("loss.unknown", at, "an attribute: dropped", line=line_of(element))
    if len(element):
        report_lost_text(element, element, path, reading)
    items = _ITEMS.get(_tag(element))
    for index, child in enumerate(element):
        at = step(path, _own_name(child))
        _report_losses(child, f"{at}[{index}]" if _tag(child) == items else at, reading)


_ITEMS = {
    **{names.xml_list: names.xml_item for names in LISTS.values()},
    **{column.xml: column.item for cls in (Status, Outcome, *RECEIPT_TYPES) for column in columns_of(cls) if column.item is not None},
}
"""The elements of a response that hold a list, and what its items are called."""


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
        self.pieces: list[str] = [_HEAD]
        self._layout = _Layout(indent)
        self._zone = zone
        self._report = report

    def open(self, name: str, level: int) -> None:
        self.pieces.append((self._layout.before(level) if level else "") + _opening(name))

    def close(self, name: str, level: int, *, own_line: bool = True) -> None:
        self.pieces.append((self._layout.before(level) if own_line else "") + _closing(name))

    def text(self, name: str, text: str, path: str, level: int) -> None:
        fault = check_characters(text)
        if fault is not None:
            self._report.issue(issue_of(fault, path, text))
        self.pieces.append(f"{self._layout.before(level)}{_opening(name)}{text}{_closing(name)}")

    def part(self, part: Any, path: str, level: int, order: tuple[str, ...] = (), channel: Channel | None = None) -> bool:
        """The fields of a part of a response, then its extra ones; whether there were any."""
        columns = reply.documented_order(type(part), "xml", order)
        before = len(self.pieces)
        for column in columns:
            value = getattr(part, column.name)
            if value is None or (column.kind == "details" and not value):
                continue
            self.field(column, value, step(path, column.xml), level)
        self.extras(part, path, level, channel)
        return len(self.pieces) > before

    def field(self, column: Column, value: Any, path: str, level: int) -> None:
        name = column.xml
        if column.kind == "time" and isinstance(value, datetime):
            self.text(name, self.time(value, path), path, level)
        elif column.kind == "detail":
            self.open(name, level)
            self.close(name, level, own_line=self.part(value, path, level + 1))
        elif column.kind == "details":
            self.open(name, level)
            order = reply.ERROR_ORDER if column.item != "statusCode" else ()
            for index, item in enumerate(value):
                self.detail(str(column.item), item, f"{path}.{column.item}[{index}]", level + 1, order)
            self.close(name, level)
        elif column.kind == "values":
            self.open(name, level)
            for index, item in enumerate(value):
                self.value(str(column.item), item, f"{path}.{column.item}[{index}]", level + 1)
            self.close(name, level, own_line=bool(value))
        elif isinstance(value, bool):
            self.text(name, "true" if value else "false", path, level)
        else:
            if isinstance(value, int) and value < 0:
                self.lose(path, "a negative number, which reads as a text from XML")
            self.text(name, str(value), path, level)

    def detail(self, name: str, item: Any, path: str, level: int, order: tuple[str, ...]) -> None:
        if isinstance(item, str):
            if not item.strip(_SPACE):
                self.lose(path, "an empty text, which reads as an empty object from XML")
            self.text(name, item, path, level)
            return
        self.open(name, level)
        self.close(name, level, own_line=self.part(item, path, level + 1, order))

    def time(self, moment: datetime, path: str) -> str:
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

    def extras(self, part: Any, path: str, level: int, channel: Channel | None = None) -> None:
        """The extra fields of a part."""
        if part.extra:
            present = reply.present_in(part)
            for name, value in part.extra.items():
                lost = reply.lost_under(type(part), name, _writable(value), "xml", present, channel)
                if lost is None:
                    self.named(name, value, path, level)
                else:
                    self.lose(step(path, name), lost)

    def named(self, name: str, value: Value, path: str, level: int) -> None:
        """A member of `extra`, or of an object in it."""
        if not _is_name(name):
            self.lose(step(path, name), "its name is none that XML can have: dropped")
        else:
            self.value(name, value, step(path, name), level)

    def value(self, name: str, value: Value, path: str, level: int) -> None:
        """A value of `extra` as an element; that it was no text is lost."""
        if isinstance(value, str):
            self.text(name, value, path, level)
            return
        if isinstance(value, (Extra, tuple)):
            self.lose(path, "an object or a list, written as elements")
            self.open(name, level)
            if isinstance(value, Extra):
                for key, inner in value.items():
                    self.named(key, inner, path, level + 1)
            else:
                for index, inner in enumerate(value):
                    self.value("item", inner, f"{path}.item[{index}]", level + 1)
            self.close(name, level, own_line=bool(value))
            return
        self.lose(path, "a number, a boolean or null, written as text")
        self.text(name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value), path, level)

    def lose(self, path: str, message: str) -> None:
        self._report.note("loss.extra", path, message)

    def begin(self, status: Status | None, channel: Channel | None) -> None:
        """The document up to its first outcome."""
        self.open(RESPONSE, 0)
        if status is not None:
            self.open(STATUS, 1)
            self.close(STATUS, 1, own_line=self.part(status, f"{RESPONSE}.{STATUS}", 2))
        if channel is not None:
            self.open(LISTS[channel].xml_list, 1)

    def outcome(self, outcome: Outcome, index: int, names: ListNames) -> None:
        """One outcome, the list's `index`-th."""
        path = f"{RESPONSE}.{names.xml_list}.{names.xml_item}[{index}]"
        self.open(names.xml_item, 2)
        receipt = outcome.message
        if receipt is not None:
            self.open(names.message, 3)
            self.close(names.message, 3, own_line=self.part(receipt, f"{path}.{names.message}", 4))
        written = self.part(outcome, path, 3, channel=names.channel)
        self.close(names.xml_item, 2, own_line=written or receipt is not None)

    def end(self, response: SendResponse, outcomes: int) -> None:
        """The document from behind its last outcome on; `response` as it was begun."""
        if response.channel is not None:
            self.close(LISTS[response.channel].xml_list, 1, own_line=outcomes > 0)
        self.extras(response, RESPONSE, 1, response.channel)
        self.close(RESPONSE, 0)
        self.pieces += self._layout.end()

    def take(self) -> bytes:
        """What has been written since the last time."""
        written, self.pieces = _finish(self.pieces), []
        return written


def write_response(response: SendResponse, indent: int | None, zone: tzinfo | None, report: Report) -> bytes:
    """The XML document of `response`, in UTF-8. Times are written as the wall clock of `zone`, or as their own.

    Losses stand in the report's notes, and what XML can't hold (`text.character`, `time.zone`) in its issues; the document is of no use where there are any.
    """
    writer = ResponsePieces(indent, zone, report)
    writer.begin(response.status, response.channel)
    if response.channel is not None:
        for index, outcome in enumerate(response.outcomes):
            writer.outcome(outcome, index, LISTS[response.channel])
    writer.end(response, len(response.outcomes))
    return writer.take()


# ---- cattrs.


def configure_converter(converter: cattrs.Converter) -> None:
    """Put commspec's hooks on any cattrs converter: its messages, requests and responses to and from lxml elements.

    A message becomes an element of its list's name, a request `<root>`, a response `<response>` (its times as their own wall clocks). Structuring is
    strict and raises `InvalidDocument` with every issue, paths beginning at the object itself, and `MalformedDocument` for a tree that no document
    could be.

    >>> import cattrs
    >>> from lxml import etree
    >>> converter = cattrs.Converter()
    >>> configure_converter(converter)
    >>> etree.tostring(converter.unstructure(MESSAGE_TYPES[0]("919876500001", "Hi")))
    b'<sms><to>919876500001</to><body>Hi</body></sms>'
    """
    for cls in MESSAGE_TYPES:
        converter.register_unstructure_hook(cls, lambda message: _request_tree(SendRequest([message]))[0])
        converter.register_structure_hook(cls, _structure_message)
    converter.register_unstructure_hook(SendRequest, _request_tree)
    converter.register_structure_hook(SendRequest, _structure_request)
    converter.register_unstructure_hook(SendResponse, _response_tree)
    converter.register_structure_hook(SendResponse, _structure_response)


def _request_tree(request: SendRequest) -> etree._Element:
    return parse(write_request(request, None), DEFAULT_LIMITS)


def _response_tree(response: SendResponse) -> etree._Element:
    report = Report()
    document = write_response(response, None, None, report)
    report.raise_issues()
    return parse(document, DEFAULT_LIMITS)


def _plain_tree(element: Any) -> etree._Element:
    """An element of any parser's as the door would give it: comments and instructions taken out, so that the texts around them come as one."""
    if not etree.iselement(element):
        raise InvalidDocument.of((Issue("type", "", f"expected an element, not {a(type(element).__name__)}"),))
    check_depth(element, DEFAULT_LIMITS)
    if next(element.iter(etree.Entity), None) is not None:
        raise MalformedDocument.of((Issue("xml.syntax", "", "a reference to an entity, which nobody has resolved"),))
    if next(element.iter(etree.Comment, etree.ProcessingInstruction), None) is None:
        return element
    plain = copy.deepcopy(element)
    etree.strip_tags(plain, etree.Comment, etree.ProcessingInstruction)
    return plain


def _structure_message(tree: Any, cls: type[Message]) -> Message:
    reading = Reading("xml", Report())
    name = LISTS[cls.channel].message
    element = _plain_tree(tree)
    if element.tag != name:
        raise InvalidDocument.of((Issue("unknown", step("", _own_name(element)), f"expected <{name}>"),))
    message: Message | None = read_message(cls.channel, _entries(element, cls, name, reading), name, line_of(element), reading)
    reading.report.raise_issues()
    assert message is not None
    return message


def _structure_request(tree: Any, _: type[SendRequest]) -> SendRequest:
    reading = Reading("xml", Report())
    received = explain_request(_plain_tree(tree), None, reading)
    reading.report.raise_issues()
    return request_of(received)


def _structure_response(tree: Any, _: type[SendResponse]) -> SendResponse:
    reading = ReplyReading("xml", Report())
    response = read_response(_plain_tree(tree), reading)
    reading.report.raise_issues()
    return response
