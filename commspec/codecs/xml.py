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
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lxml import etree

from commspec.codecs.xml_door import check_depth, parse
from commspec.codecs.xml_write import write_request, write_response
from commspec.errors import InvalidDocument, Issue, MalformedDocument, shorten
from commspec.models.channel import Channel
from commspec.models.judge import a
from commspec.models.messages import MESSAGE_TYPES, Attachment, Message, message_type
from commspec.models.request import SendRequest
from commspec.models.response import RECEIPT_TYPES, Outcome, SendResponse, Status
from commspec.models.table import Column, columns_of
from commspec.rules.text import SPACE
from commspec.wire import reply
from commspec.wire.explain import Entry, Files, Odd, Reading, read_message
from commspec.wire.names import LISTS, REQUEST_LISTS, RESPONSE, ROOT, STATUS, Kind
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
_COUNT_ATTRIBUTES = etree.XPath("count(//@*)")
_ATTRIBUTE_NAME = etree.XPath("name(@*[$n])")
_MOST_COUNTED = 64
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
        if text and text.strip(SPACE):
            return str(text.strip(SPACE))
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
    return shorten(str(_ATTRIBUTE_NAME(element, n=position)) if position <= _MOST_COUNTED else name)


def _tag(element: etree._Element) -> str:
    """The element's tag. Comments and instructions, whose tags are no texts, are none that the door lets through."""
    return element.tag  # type: ignore[return-value]


def line_of(element: etree._Element) -> int | None:
    line = element.sourceline
    return line if line is not None and line < MOST_LINES else None


MOST_LINES = 65535
"""libxml2 counts the lines of elements up to this one only."""


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
    if not isinstance(value, Fields) and value.strip(SPACE):
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
    if value.strip(SPACE):
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
