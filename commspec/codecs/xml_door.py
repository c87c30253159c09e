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

from commspec.codecs.format import depth_fault, encoding_fault, utf8
from commspec.errors import Issue, MalformedDocument
from commspec.wire.names import RESPONSE, ROOT, STATUS
from commspec.wire.report import Limits

# Matched within a declaration that ends: to look for its end behind each `encoding` takes quadratic time.
_DECLARED = re.compile(rb"<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")
UTF8_DECLARATIONS = tuple(f"<?xml version={q}1.0{q} encoding={q}{name}{q}".encode() for q in "\"'" for name in ("UTF-8", "utf-8"))
"""How almost every document begins that has a declaration."""
_BOM = b"\xef\xbb\xbf"
# What a document begins with, and the encoding that says it. A byte order mark goes with UTF-8; the other decoders take their own.
_STARTS = (
    (_BOM, "utf-8"),
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
_NO_ENCODINGS = frozenset({"idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_WIDE = re.compile(r"(?:utf|ucs|iso-10646-ucs)[-_]?(?:16|32|2|4)")
_SPACE = b" \t\r\n"
_SPACES = re.compile(rb"[ \t\r\n]*")


class _Parsers(threading.local):
    """Parsers of each thread's own: lxml's take one document at a time."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(**_OPTIONS)
        self.spaceless = etree.XMLParser(remove_blank_text=True, **_OPTIONS)


# Comments and instructions are dropped while parsing, so that the texts around them come as one.
_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": True,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}


def new_pull_parser() -> etree.XMLPullParser[Any]:
    """A parser for UTF-8 that comes in pieces, which tells when an element begins that has the name of a root; no DOCTYPE may be fed to it."""
    return etree.XMLPullParser(events=("start",), tag=(ROOT, RESPONSE, STATUS), **_OPTIONS)


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
    return parse_utf8(to_utf8(document), limits)


def parse_utf8(data: bytes, limits: Limits) -> etree._Element:
    """`parse` of a document that `to_utf8` has given."""
    refuse_doctype(data)
    try:
        root: etree._Element = etree.fromstring(data, _PARSERS.spaceless if _has_idle_space(data) else _PARSERS.parser)
    except etree.XMLSyntaxError as error:
        raise _explained(data, error, limits) from None
    if data.count(b"<") > limits.depth:
        check_depth(root, limits)
    return root


def check_depth(root: etree._Element, limits: Limits, *, above: int = 0) -> None:
    """Raise where elements are nested deeper than `limits.depth`, of which the root is one; `above` stand above it."""
    depth = limits.depth - above
    try:
        deep = _too_deep(depth)(root)
    except etree.XPathEvalError:
        deep = _is_deeper(root, depth)
    if deep:
        raise depth_fault(limits.depth)


def _is_deeper(root: etree._Element, depth: int) -> bool:
    """The same of any tree, in ten times the time: XPath takes no more than 10 million nodes at once."""
    level = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        if level > depth:
            return True
    return False


def to_utf8(document: bytes | str, *, check: bool = True) -> bytes:
    """The document in UTF-8 without byte order mark, whatever its declaration says from then on.

    Without `check`, what says that it is UTF-8 is taken at its word.

    Raises `MalformedDocument`: `encoding`, and `xml.syntax` for a second mark.
    """
    if isinstance(document, str):
        data = utf8(document.removeprefix("\ufeff"))
    else:
        bom, encoding = encoding_of(document)
        if encoding == "utf-8":
            data = document.removeprefix(bom)
            if check and not data.isascii():
                _decode(data, encoding)
        else:
            data = _decode(document, encoding).encode()
    refuse_mark(data)
    return data


def refuse_mark(data: bytes) -> None:
    """Raise where a document of which the byte order mark has been taken begins with another: that is text before the root, and parsers take it too."""
    if data.startswith(_BOM):
        issue = Issue("xml.syntax", "", "not well-formed XML: a second byte order mark", hint="leave it out", line=1, column=1)
        raise MalformedDocument.of((issue,))


def encoding_of(document: bytes) -> tuple[bytes, str]:
    """What the beginning of a document says of its encoding: the byte order mark to leave out, and the name."""
    if document[:1] != b"<" or document[1:2] == b"\0":
        return next(((mark, name) for mark, name in _STARTS if document.startswith(mark)), (b"", "utf-8"))
    if document.startswith(UTF8_DECLARATIONS):
        return b"", "utf-8"
    end = document.find(b">") if document.startswith(b"<?xml") else -1
    declared = _DECLARED.match(document, 0, end) if end > 0 and document[end - 1 : end] == b"?" else None
    encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if _WIDE.match(encoding):
        # The declaration could not be read if it were so.
        message = "the document declares an encoding of two or four bytes a character, and is of one"
        raise MalformedDocument.of((Issue("encoding", "", message, seen=encoding, hint="declare the encoding it has", line=1),))
    return b"", encoding


def _decode(data: bytes, encoding: str) -> str:
    known = find_codec(encoding)
    try:
        return known.decode(data, "strict")[0]
    except UnicodeDecodeError as error:
        raise encoding_fault(data, error) from None


def find_codec(encoding: str) -> codecs.CodecInfo:
    """The codec of a document's encoding. Raises `MalformedDocument` (`encoding`) where it is not known."""
    try:
        known = codecs.lookup(encoding)
        if known.name in _NO_ENCODINGS or not known._is_text_encoding:
            raise LookupError
    except LookupError:
        issue = Issue(
            "encoding", "", "the encoding that the document declares is not known", seen=encoding, hint="send it in UTF-8", line=1
        )
        raise MalformedDocument.of((issue,)) from None
    return known


def refuse_doctype(data: bytes) -> None:
    """Raise where a document type declaration stands before the root element, which is the only place for one."""
    position = prolog_length(data) if data[:2] in (b"<!", b"<?") or data[:1].isspace() else None
    if position is not None and data.startswith(b"<!DOCTYPE", position):
        line = data.count(b"\n", 0, position) + 1
        raise MalformedDocument.of((Issue("xml.doctype", "", "a document type declaration is refused", hint="leave it out", line=line),))


def prolog_length(data: bytes) -> int | None:
    """Where the first thing begins that is no white space, declaration, comment or instruction; None where the document ends before."""
    position = 0
    while True:
        position = _SPACES.match(data, position).end()  # type: ignore[union-attr]
        closing = next((closing for opening, closing in ((b"<!--", b"-->"), (b"<?", b"?>")) if data.startswith(opening, position)), None)
        if closing is None:
            return position if len(data) - position >= len(b"<!DOCTYPE") else None
        position = data.find(closing, position + 2) + len(closing)
        if position < len(closing):
            return None


@functools.cache
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath("boolean(." + "/*" * depth + ")")


class _Depth:  # pragma: no mutate block — lxml counts the parameters of its methods
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


def _explained(data: bytes, error: etree.XMLSyntaxError, limits: Limits) -> MalformedDocument:
    if data.count(b"<") > limits.depth:
        target = _Depth()
        parser: Any = etree.XMLParser(target=target, encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=True)  # type: ignore[call-overload]
        with contextlib.suppress(etree.XMLSyntaxError):
            etree.fromstring(data, parser)
        if target.deepest > limits.depth:
            return depth_fault(limits.depth)
    return syntax_fault(error.code, error.position, _hint(data, error.code))


def syntax_fault(
    code: int, position: tuple[int, int], hint: str | None = None, left_out: tuple[int, int, int] = (0, 0, 0)
) -> MalformedDocument:
    """What the parser found, and where (line and column), in commspec's words.

    `left_out` is a line, how many of its first characters the parser has not been given, and how many lines above it.
    """
    line, column = position
    if line == left_out[0]:
        column += left_out[1]
    line += left_out[2]
    return MalformedDocument.of((Issue("xml.syntax", "", _message(code), hint=hint, line=line or None, column=column or None),))


def _message(code: int) -> str:
    """What the parser found, without any name or value of the document that its own words may quote."""
    name = next((name for name, number in vars(etree.ErrorTypes).items() if number == code), "UNKNOWN")
    return f"not well-formed XML: {name.rpartition('ERR_')[2].removeprefix('WAR_').replace('_', ' ').lower()}"


def _hint(data: bytes, code: int) -> str | None:
    text = data.strip(_SPACE)
    if not text:
        return "the document is empty"
    if text[:1] in b"{[":
        return "this looks like JSON"
    if code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED or not text.endswith(b">"):
        return "the document ends too soon: was it cut?"
    if re.search(rb"&(?!#?[A-Za-z0-9]{1,32};)", data):
        return "write a plain & as &amp; and < as &lt;"
    if data[:5] != b"<?xml" and b"<?xml" in data[:1000]:
        return "the XML declaration must be the first thing in the document"
    return None
