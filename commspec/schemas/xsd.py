"""The documents as XML Schema, XSD 1.0 (SPEC.md sections 2, 3 and 5)."""

from __future__ import annotations

from lxml import etree

from commspec.models.channel import Channel
from commspec.models.messages import Attachment, message_type
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, detail_type, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.rule import TextRule
from commspec.rules.text import LINE_BREAKS, WHITE_SPACE
from commspec.schemas.json_schema import describe, ranges
from commspec.wire.names import LISTS, RESPONSE, ROOT, STATUS, Kind, check_kind
from commspec.wire.reply import documented_order

_XS = "http://www.w3.org/2001/XMLSchema"
_ESCAPES = str.maketrans({"\t": r"\t", "\n": r"\n", "\r": r"\r"})
# Neither a document nor its schema can hold the two of White_Space that XML can't carry.
_SPACE = ranges(WHITE_SPACE.replace("\x0b", "").replace("\x0c", "")).translate(_ESCAPES)
_NOT_BLANK = rf"[{_SPACE}]*[^{_SPACE}][\s\S]*"
_ONE_LINE = f"[^{LINE_BREAKS.translate(_ESCAPES)}]*"


def xsd(kind: Kind, channel: Channel | str | None = None) -> bytes:
    """The XSD of XML requests or responses, those of one channel or of any, in UTF-8 (and in ASCII, for that matter).

    A request's fields may stand in any order, and its schema refuses what strict decoding refuses, as far as XSD 1.0 can say it. It can't say "these
    elements in any order, and others too", so that a response's refuses nothing below the root; the documented shape of its parts stands there as named
    types. The same arguments give the same bytes. Raises `ValueError` for a kind or channel that does not exist.
    """
    check_kind(kind)
    asked = tuple(Channel) if channel is None else (Channel(channel),)
    schema = etree.Element(f"{{{_XS}}}schema", nsmap={"xs": _XS})
    if kind == "request":
        _request(schema, asked)
    else:
        _response(schema, asked)
    etree.indent(schema)
    # ASCII, with references for the rest: a reader must be able to tell the spaces in a pattern from each other.
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(schema, encoding="us-ascii", xml_declaration=False) + b"\n"


def _add(parent: etree._Element, tag: str, description: str | None = None, **attributes: str) -> etree._Element:
    """A new element of the schema in `parent`, with what it describes in words."""
    element = etree.SubElement(parent, f"{{{_XS}}}{tag}", attributes)
    if description is not None:
        _add(_add(element, "annotation"), "documentation").text = description
    return element


# ---- Requests.


def _request(schema: etree._Element, channels: tuple[Channel, ...]) -> None:
    root = _add(schema, "element", "The messages of one call, all for one channel.", name=ROOT)
    lists = _add(_add(root, "complexType"), "choice")
    for channel in channels:
        cls = message_type(channel)
        _add(lists, "element", f"A message for {channel}.", name=LISTS[channel].message, type=cls.__name__, maxOccurs="unbounded")
        _fields(schema, cls)


def _fields(schema: etree._Element, cls: type) -> None:
    """Add the type of messages or attachments of `cls`."""
    fields = _add(_add(schema, "complexType", name=cls.__name__), "all")
    for column in columns_of(cls):
        field = _add(fields, "element", describe(column), name=column.xml, **({} if column.required else {"minOccurs": "0"}))
        if column.kind == "files":
            _many(field, str(column.item), Attachment.__name__)
            _fields(schema, Attachment)
        else:
            assert column.rule is not None, column
            _text(schema, field, column.rule)


def _text(schema: etree._Element, field: etree._Element, rule: TextRule) -> None:
    """Say what a text must be: of one line and not blank by its type's name, the rule's own pattern in its place."""
    base = _base(schema, one_line=rule.one_line, blank=rule.blank)
    if rule.pattern is None:
        field.set("type", base)
    else:
        _add(_add(_add(field, "simpleType"), "restriction", base=base), "pattern", value=rule.pattern)


def _base(schema: etree._Element, *, one_line: bool, blank: bool) -> str:
    """The name of the type of texts of one line or any, not blank or any, which is added where it is not there yet.

    Each has one pattern: a text must match that of its type and that of the base, but of patterns that stand together any one will do.
    """
    if blank and not one_line:
        return "xs:string"
    name = "Line" if blank else "FilledLine" if one_line else "Filled"
    if schema.find(f"{{{_XS}}}simpleType[@name='{name}']") is None:
        base = "xs:string" if blank else _base(schema, one_line=one_line, blank=True)
        description = f"A text{' of one line' if one_line else ''}{'' if blank else ' that is not blank'}."
        restriction = _add(_add(schema, "simpleType", description, name=name), "restriction", base=base)
        _add(restriction, "pattern", value=_ONE_LINE if blank else _NOT_BLANK)
    return name


# ---- Responses.


def _response(schema: etree._Element, channels: tuple[Channel, ...]) -> None:
    for name, what, shape in (
        (RESPONSE, "What the server answers", SendResponse),
        (STATUS, "What it answers to a call that it refuses", Status),
    ):
        _add(schema, "element", f"{what}. Its documented shape is the type {shape.__name__}.", name=name, type="Anything")
    anything = _add(schema, "complexType", "Whatever the server sent.", name="Anything", mixed="true")
    _add(_add(anything, "sequence"), "any", processContents="skip", minOccurs="0", maxOccurs="unbounded")
    _add(anything, "anyAttribute", processContents="skip")
    response = _add(_add(schema, "complexType", name=SendResponse.__name__), "all")
    _reply_fields(response, SendResponse)
    for channel in channels:
        names, receipt = LISTS[channel], receipt_type(channel)
        outcome = receipt.__name__.replace("Receipt", Outcome.__name__)
        lists = _add(response, "element", f"What became of the messages for {channel}.", name=names.xml_list, minOccurs="0")
        _many(lists, names.xml_item, outcome)
        fields = _add(_add(schema, "complexType", name=outcome), "all")
        _add(fields, "element", "What the server echoes of the message.", name=names.message, type=receipt.__name__, minOccurs="0")
        _reply_fields(fields, Outcome)
        _part(schema, receipt)
    _part(schema, Status)
    _part(schema, StatusDetail)


def _part(schema: etree._Element, cls: type) -> None:
    """Add the type of one part of a response."""
    _reply_fields(_add(_add(schema, "complexType", name=cls.__name__), "all"), cls)


def _reply_fields(fields: etree._Element, cls: type) -> None:
    for column in documented_order(cls, "xml"):
        _reply_field(_add(fields, "element", describe(column), name=column.xml, minOccurs="0"), column, cls)


def _reply_field(field: etree._Element, column: Column, cls: type) -> None:
    if column.kind == "details":
        _many(field, str(column.item), StatusDetail.__name__)
    elif column.kind == "values":
        _many(field, str(column.item), "Anything")
    elif column.kind == "detail":
        field.set("type", detail_type(cls).__name__)
    else:
        field.set("type", f"xs:{column.kind}" if column.kind in ("boolean", "integer") else "xs:string")


def _many(parent: etree._Element, name: str, type: str) -> None:
    """Say that `parent` holds any number of elements `name`."""
    _add(_add(_add(parent, "complexType"), "sequence"), "element", name=name, type=type, minOccurs="0", maxOccurs="unbounded")
