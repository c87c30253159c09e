"""The one way in for XML: bytes become an lxml tree, or an error that says where and why not (SPEC.md sections 4.8 to 4.10).

The door settles the encoding itself and gives the parser UTF-8, refuses any document type before the parser sees it, and holds the limit on depth:
the parser's own limits have to be lifted for a text of more than 10 MB.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import re
import threading
from typing import Any

from lxml import etree

from commspec.codecs.format import encoding_fault, utf8
from commspec.errors import Issue, MalformedDocument
from commspec.wire.report import Limits

_DECLARATION = re.compile(rb"<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"'][^>]*?\?>")
# What a document begins with, and the encoding that says it. A byte order mark goes with UTF-8; the other decoders take their own.
_STARTS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# Codecs of Python's that are no encodings of documents, or that let one character hide in another's clothes.
_NO_ENCODINGS = frozenset({"idna", "mbcs", "oem", "palmos", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7"})
_SPACE = b" \t\r\n"
_SPACES = re.compile(rb"[ \t\r\n]*")


class _Parsers(threading.local):
    """Parsers of each thread's own: lxml's take one document at a time."""

    def __init__(self) -> None:
        self.parser = _new_parser(remove_blank_text=False)
        self.spaceless = _new_parser(remove_blank_text=True)


def _new_parser(*, remove_blank_text: bool) -> etree.XMLParser:
    # Comments and instructions are dropped while parsing, so that the texts around them come as one.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        remove_blank_text=remove_blank_text,
    )


def _has_idle_space(data: bytes) -> bool:
    """Whether the document is indented, and the parser can be told to drop that white space.

    It costs as much as the elements do. But the parser tells it from white space that is all of a text by what comes next, and takes the beginning
    of a text for idle where a comment, an instruction, a CDATA section or a CR follows. So none of these may be there.
    """
    head = data[:_HEAD_BYTES]
    return (b">\n" in head or b"> " in head) and b"\r" not in data and b"<!" not in data and data.find(b"<?", 1) < 0


_HEAD_BYTES = 256
_PARSERS = _Parsers()


def parse(document: bytes | str, limits: Limits) -> etree._Element:
    """The root element of an XML document, comments and processing instructions taken out, CDATA made text.

    Raises `MalformedDocument`: `encoding`, `xml.doctype`, `limit.depth`, `xml.syntax`, the last with line and column.
    """
    data = to_utf8(document)
    _refuse_doctype(data)
    try:
        root = etree.fromstring(data, _PARSERS.spaceless if _has_idle_space(data) else _PARSERS.parser)
    except etree.XMLSyntaxError as error:
        raise _syntax_fault(data, error, limits) from None
    if data.count(b"<") > limits.depth and _too_deep(limits.depth)(root):
        raise _depth_fault(limits)
    return root


def to_utf8(document: bytes | str) -> bytes:
    """The document in UTF-8 without byte order mark, whatever its declaration says from then on. Raises `MalformedDocument` (`encoding`)."""
    if isinstance(document, str):
        return utf8(document.removeprefix("\ufeff"))
    bom, encoding = b"", "utf-8"
    if document[:1] != b"<" or document[1:2] == b"\0":
        bom, encoding = next(((mark, name) for mark, name in _STARTS if document.startswith(mark)), (bom, encoding))
    elif document.startswith(b"<?xml"):
        declared = _DECLARATION.match(document)
        encoding = declared.group(1).decode("ascii").lower() if declared else encoding
    if encoding == "utf-8":
        data = document.removeprefix(bom)
        if not data.isascii():
            _decode(data, encoding)
        return data
    return _decode(document, encoding).removeprefix("\ufeff").encode()


def _decode(data: bytes, encoding: str) -> str:
    try:
        known = codecs.lookup(encoding)
        if known.name in _NO_ENCODINGS or not known._is_text_encoding:
            raise LookupError
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise encoding_fault(data, error) from None
    except (LookupError, UnicodeError):
        issue = Issue(
            "encoding", "", "the encoding that the document declares is not known", seen=encoding, hint="send it in UTF-8", line=1
        )
        raise MalformedDocument.of((issue,)) from None


def _refuse_doctype(data: bytes) -> None:
    """Raise where a document type declaration stands before the root element, which is the only place for one."""
    position = 0
    while True:
        position = _SPACES.match(data, position).end()  # type: ignore[union-attr]
        if data.startswith(b"<!DOCTYPE", position):
            line = data.count(b"\n", 0, position) + 1
            raise MalformedDocument.of(
                (Issue("xml.doctype", "", "a document type declaration is refused", hint="leave it out", line=line),)
            )
        for opening, closing in ((b"<!--", b"-->"), (b"<?", b"?>")):
            if data.startswith(opening, position):
                end = data.find(closing, position + len(opening))
                if end < 0:
                    return
                position = end + len(closing)
                break
        else:
            return


@functools.cache
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _depth_fault(limits: Limits) -> MalformedDocument:
    return MalformedDocument.of((Issue("limit.depth", "", f"nested more than {limits.depth} deep"),))


class _Depth:
    """A parser's target that builds nothing and knows how deep the document went before it broke."""

    def __init__(self) -> None:
        self.now = self.deepest = 0

    def start(self, tag: str, attributes: object) -> None:
        self.now += 1
        self.deepest = max(self.deepest, self.now)

    def end(self, tag: str) -> None:
        self.now -= 1

    def close(self) -> None:
        return None


def _syntax_fault(data: bytes, error: etree.XMLSyntaxError, limits: Limits) -> MalformedDocument:
    if data.count(b"<") > limits.depth:
        target = _Depth()
        parser: Any = etree.XMLParser(target=target, encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=True)  # type: ignore[call-overload]
        with contextlib.suppress(etree.XMLSyntaxError):
            etree.fromstring(data, parser)
        if target.deepest > limits.depth:
            return _depth_fault(limits)
    line, column = error.position
    issue = Issue("xml.syntax", "", _message(error.code), hint=_hint(data), line=line or None, column=column or None)
    return MalformedDocument.of((issue,))


def _message(code: int) -> str:
    """What the parser found, without any name or value of the document that its own words may quote."""
    name = next((name for name, number in vars(etree.ErrorTypes).items() if number == code and "ERR_" in name), "ERR_UNKNOWN")
    return f"not well-formed XML: {name.rpartition('ERR_')[2].replace('_', ' ').lower()}"


def _hint(data: bytes) -> str | None:
    text = data.strip(_SPACE)
    if not text:
        return "the document is empty"
    if text[:1] in b"{[":
        return "this looks like JSON"
    if not text.endswith(b">"):
        return "the document ends too soon: was it cut?"
    if re.search(rb"&(?!#?[A-Za-z0-9]{1,32};)", data):
        return "write a plain & as &amp; and < as &lt;"
    if text[:5] != b"<?xml" and b"<?xml" in data[:1000]:
        return "the XML declaration must be the first thing in the document"
    return None
