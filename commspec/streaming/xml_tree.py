"""An XML document as it comes in: the parser builds the tree, of which what is complete can be taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lxml import etree

from commspec.codecs import xml_door, xml_plain
from commspec.codecs.format import depth_fault
from commspec.codecs.xml import MOST_LINES
from commspec.errors import Issue, MalformedDocument
from commspec.streaming.source import CHUNK_BYTES, Text, growing, too_long
from commspec.wire.report import Limits

_RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT, a name that lxml has from 6.1 on


class Tree:
    """An XML document as it comes in: a tree of which what has been read is taken out again."""

    def __init__(self, pieces: Iterator[bytes], limits: Limits) -> None:
        self.root: etree._Element | None = None
        self._limits = limits
        self._parser = xml_door.new_pull_parser()
        self._pieces = pieces
        self._left_out = (0, 0, 0)
        self._pending = 0

    @classmethod
    def behind(cls, head: bytes, text: Text, limits: Limits) -> Tree:
        """The tree of a document that `head` begins, and goes on with what `text` has not gone past yet; what lies between has been read elsewhere.

        It counts for nothing but lines and columns.
        """
        above = head.count(b"\n")
        begun = text.lines == above
        # More lines are told of no element, so that there is no need of more.
        lines = min(text.lines - above, MOST_LINES)
        seed = head + b"\n" * lines
        tree = cls(chain((seed,), text.rest()), limits)
        tree._pending = -len(seed)
        column = text.column - (len(head[head.rfind(b"\n") + 1 :].decode()) if begun else 0)
        tree._left_out = (above + lines + 1, column, text.lines - above - lines)
        return tree

    def grow(self) -> bool:
        """Take in another chunk; False at the document's end, when the tree is whole. Raises `MalformedDocument`."""
        if self._pending > self._limits.bytes + CHUNK_BYTES:
            raise too_long(self._limits)
        chunk = next(self._pieces, None)
        try:
            if chunk is None:
                whole = self._parser.close()
                self.root = whole if self.root is None else self.root
            else:
                self._parser.feed(chunk)
            fault = self._undeclared()
        except etree.XMLSyntaxError as error:
            fault = self._undeclared() or (error.code, error.position)
        if fault is not None:
            if self.root is None:
                self._find_root()
            if fault[0] == _RESOURCE_LIMIT or self._open_depth() > self._limits.depth:
                raise depth_fault(self._limits.depth)
            raise xml_door.syntax_fault(*fault, left_out=self._left_out)
        self._find_root()
        if self._open_depth() > self._limits.depth:
            raise depth_fault(self._limits.depth)
        self._pending += len(chunk or b"")
        return chunk is not None

    def _undeclared(self) -> tuple[int, tuple[int, int]] | None:
        """The fault of an entity that nobody declared, and its place: only the log tells it, and the parser begins anew with what is fed next."""
        undeclared = (entry for entry in self._parser.feed_error_log if entry.type == etree.ErrorTypes.ERR_UNDECLARED_ENTITY)
        entry = next(undeclared, None)
        return None if entry is None else (entry.type, (entry.line, entry.column))

    def taken(self) -> None:
        """What was complete has been taken out."""
        self._pending = 0

    def _find_root(self) -> None:
        for _, element in self._parser.read_events():
            if self.root is None:
                # One of those names may also stand within a root of another name, of which the parser tells nothing.
                self.root = element.getroottree().getroot()

    def _open_depth(self) -> int:
        depth, node = 0, self.root
        while node is not None:
            depth += 1
            # Not by `len`, which counts the children.
            node = next(node.iterchildren(reversed=True), None)
        return depth


def pieces_of(text: Text, element: str) -> Iterator[bytes]:
    """The buffer up to the end of the last `element` in it, again and again: whoever reads a piece drops it. Ends where no plain element is to come."""
    closing = f"</{element}>".encode()
    while True:
        cut = text.buffer.rfind(closing)
        if cut >= 0:
            yield text.buffer[: cut + len(closing)]
        elif (len(text.buffer) > CHUNK_BYTES and not xml_plain.may_go_on(text.buffer, element)) or not text.more():
            return


def utf8_of(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """The document's UTF-8, piece by piece, without byte order mark. Raises `MalformedDocument`: `encoding`, `xml.doctype`."""
    head = b""
    for head in growing(chunks, 512):
        if len(head) >= 512 and (b"?>" in head or not head.startswith(b"<?xml") or len(head) > limits.bytes):
            break
    bom, encoding = xml_door.encoding_of(head)
    decoder = xml_door.find_codec(encoding).incrementaldecoder("strict")
    pending: list[bytes] = []
    lines = read = size = wanted = 0
    in_prolog = True
    for piece in chain((head.removeprefix(bom) if encoding == "utf-8" else head,), chunks):
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            message = f"a byte after byte {read} is not {encoding.upper()}"
            raise MalformedDocument.of((Issue("encoding", "", message, line=line),)) from None
        read += len(piece)
        lines += piece.count(b"\n")
        data = text.encode()
        if in_prolog:
            # No part of a document type declaration may reach the parser.
            if not size:
                xml_door.refuse_mark(data)
            pending.append(data)
            size += len(data)
            if size < wanted:
                continue
            # Looked at when it is twice as long, since a prolog is read from its beginning each time.
            data, wanted = b"".join(pending), 2 * size
            pending = [data]
            if xml_door.prolog_length(data) is None:
                if size > limits.bytes + CHUNK_BYTES:
                    raise too_long(limits)
                continue
            xml_door.refuse_doctype(data)
            in_prolog = False
        if data:
            yield data
    if in_prolog:
        data = b"".join(pending)
        xml_door.refuse_doctype(data)
        yield data
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        raise MalformedDocument.of((Issue("encoding", "", "the document ends within a character", line=lines + 1),)) from None
