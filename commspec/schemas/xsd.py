"""The documents as XML Schema, XSD 1.0 (SPEC.md sections 2, 3 and 5)."""

from __future__ import annotations

from lxml import etree

from commspec.models.channel import Channel
from commspec.models.messages import Attachment, message_type
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.rule import TextRule
from commspec.rules.text import LINE_BREAKS, WHITE_SPACE
from commspec.schemas.json_schema import describe, ranges
from commspec.wire.names import LISTS, RESPONSE, ROOT, STATUS, Kind
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
    asked = tuple(Channel) if channel is None else (Channel(channel),)
    schema = etree.Element(f"{{{_XS}}}schema", nsmap={"xs": _XS})
    if kind == "request":
        _request(schema, asked)
    elif kind == "response":
        _response(schema, asked)
    else:
        raise ValueError(f"no kind {kind!r}: expected request or response")
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
        field = _add(fields, "element", describe(column), name=column.xml, minOccurs="1" if column.required else "0")
        if column.kind == "files":
            files = _add(_add(field, "complexType"), "sequence")
            _add(files, "element", name=str(column.item), type=Attachment.__name__, minOccurs="0", maxOccurs="unbounded")
            _fields(schema, Attachment)
        else:
            assert column.rule is not None, column
            _text(field, column.rule)


def _text(field: etree._Element, rule: TextRule) -> None:
    """Say what a text must be: all of the patterns, each a type that restricts the next."""
    patterns = [
        *([] if rule.pattern is None else [rule.pattern]),
        *([] if rule.blank else [_NOT_BLANK]),
        *([_ONE_LINE] if rule.one_line else []),
    ]
    if not patterns:
        field.set("type", "xs:string")
        return
    for pattern in patterns[:-1]:
        field = _add(_add(field, "simpleType"), "restriction")
        deferred = pattern
    restriction = _add(_add(field, "simpleType"), "restriction", base="xs:string")
    _add(restriction, "pattern", value=patterns[-1])


# ---- Responses.


def _response(schema: etree._Element, channels: tuple[Channel, ...]) -> None:
    raise NotImplementedError
