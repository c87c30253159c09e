"""Documents larger than memory, message by message: the same rules, codes and paths as for a document held in memory (SPEC.md section 4.10).

A reader takes a file opened in binary mode or any iterable of bytes, and holds one batch of messages at a time. `limits.bytes` is of one message, and of
what stands around the list. A document that turns out malformed ends in the same error as it does in memory, after the messages before it: keep
what you make of them back until the reader is done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import IO, TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import attrs
import msgspec
from lxml import etree

from commspec.codecs import json as json_codec
from commspec.codecs import json_door, json_structs, xml_door, xml_plain
from commspec.codecs import xml as xml_codec
from commspec.codecs.format import Format, depth_fault, detect, is_undecided
from commspec.errors import Issue, MalformedDocument
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import Message
from commspec.models.response import Outcome, SendResponse, Status
from commspec.rules.time import find_zone
from commspec.wire import reply
from commspec.wire.columns import make
from commspec.wire.explain import Reading
from commspec.wire.names import JSON_RESPONSE_LISTS, LISTS, REQUEST_LISTS, RESPONSE, ROOT, STATUS, XML_RESPONSE_LISTS, ListNames
from commspec.wire.reply import ReplyReading
from commspec.wire.report import DEFAULT_LIMITS, Limits, Report, step
from commspec.wire.request import Received, RequestReader

if TYPE_CHECKING:
    from typing_extensions import Self

Source = IO[bytes] | Iterable[bytes]
"""A file opened in binary mode, or the document's bytes in pieces of any size."""

CHUNK_BYTES = 256 * 1024

_RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT, a name that lxml has from 6.1 on


@attrs.frozen
class Findings:
    """What was found in a document beside its messages: its issues, and what was tolerated or lost."""

    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...] = ()


def iter_request(
    source: Source,
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Received | Findings]:
    """Each message of a request of any size, in order, or its fields as received with their issues.

    Takes what `decode_request` takes. What belongs to no message (there is none, two channels, something unknown beside them) comes as `Findings`.
    `fields` are kept of messages with faults only.

    Raises `MalformedDocument` where the document turns out to be none.
    """
    asked = None if channel is None else Channel(channel)
    zone = find_zone(timezone)
    chunks, found = _open(source, format, limits)
    return _iter_request(chunks, found, asked, tolerant, zone, limits)


def _iter_request(
    chunks: Iterator[bytes], found: Format, asked: Channel | None, tolerant: bool, zone: tzinfo | None, limits: Limits
) -> Iterator[Received | Findings]:
    report = Report(limits)
    reading = Reading(found.value, report, tolerant, zone)
    reader = RequestReader(asked, reading, taken=True)
    batches = _json_request(chunks, reader, reading, limits) if found is Format.JSON else _xml_request(chunks, reader, reading, limits)
    told = noted = 0
    for batch in batches:
        yield from batch
        received, reader.received = reader.received, []
        yield from received
        own_issues = [issue for item in received for issue in item.issues]
        own_notes = [note for item in received for note in item.notes]
        issues = _others(report.issues[told:], own_issues)
        notes = _others(report.notes[noted:], own_notes)
        told, noted = len(report.issues), len(report.notes)
        if issues or notes:
            yield Findings(issues, notes)
    last = report.all_issues()
    if len(last) > told:
        yield Findings(last[told:], ())


def _others(found: Sequence[Issue], owned: Sequence[Issue]) -> tuple[Issue, ...]:
    """What was found that no message owns."""
    own = {id(issue) for issue in owned}
    return tuple(issue for issue in found if id(issue) not in own)


def good_messages(messages: Sequence[Message], name: str, reader: RequestReader) -> list[Received]:
    """The entries of messages that were read happily."""
    start = reader.skip(name, len(messages))
    count = len(messages)
    channel = REQUEST_LISTS[name]
    columns = {
        "index": range(start[0], start[0] + count),
        "path": [f"{ROOT}.{name}[{index}]" for index in range(start[1], start[1] + count)],
        "channel": [channel] * count,
        "message": messages,
        "fields": [_NO_FIELDS] * count,
        "issues": [()] * count,
        "notes": [()] * count,
    }
    return make(Received, columns, count)


_NO_FIELDS = Extra()


def _open(source: Source, format: Format | str | None, limits: Limits) -> tuple[Iterator[bytes], Format]:
    """The source's pieces, and the format they are in."""
    chunks: Iterator[bytes] = iter(lambda: source.read(CHUNK_BYTES), b"") if hasattr(source, "read") else iter(source)
    if format is not None:
        return chunks, Format(format)
    head = b""
    for head in _growing(chunks, 4):
        # White space without end is for the reader to refuse.
        if not is_undecided(head) or len(head) > max(limits.bytes, 4):
            break
    return _prepend(head, chunks), detect(head) or Format.JSON


def _growing(chunks: Iterator[bytes], least: int) -> Iterator[bytes]:
    """What has come of a document: `least` bytes, then twice as many and so on, so that to look at all of it each time takes linear time; then all."""
    pieces: list[bytes] = []
    size, wanted = 0, least
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= wanted:
            pieces, wanted = [b"".join(pieces)], 2 * size
            yield pieces[0]
    yield b"".join(pieces)


def _too_long(limits: Limits) -> Issue:
    message = f"one message, or what stands around them, is longer than {limits.bytes} bytes"
    return Issue("limit.bytes", "", message, hint="raise limits.bytes")


def _prepend(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


# ---- JSON. The list of messages is found by reading what stands before it; then the buffer is cut after the last message that it holds whole, and
# decoded as a list of its own. What stands before and after the list is put together, with the list empty, and read as a document.


class _Text:
    """A document as it comes in: the part not read yet, and where in the document it stands: `lines` above it, `column` characters before it on its line."""

    def __init__(self, chunks: Iterator[bytes], limits: Limits) -> None:
        self.buffer = b""
        self.ended = False
        self._chunks = chunks
        self._limits = limits
        self.lines = self.column = self._bytes = 0

    def more(self) -> bool:
        """Read on, until the buffer is twice as long or has another chunk; False at the document's end."""
        if self.ended:
            return False
        pieces = [self.buffer]
        size, wanted = 0, max(CHUNK_BYTES, len(self.buffer))
        while size < wanted:
            piece = next(self._chunks, None)
            if piece is None:
                self.ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self.buffer = b"".join(pieces)
        if len(self.buffer) > self._limits.bytes + CHUNK_BYTES:
            raise MalformedDocument.of((_too_long(self._limits),))
        return size > 0

    def drop(self, count: int) -> None:
        """Go past the buffer's first bytes."""
        dropped = self.buffer[:count]
        self.lines += dropped.count(b"\n")
        line = dropped[dropped.rfind(b"\n") + 1 :]
        self.column = len(line.decode(errors="replace")) + (self.column if len(line) == count else 0)
        self._bytes += count
        self.buffer = self.buffer[count:]

    def pieces(self) -> Iterator[bytes]:
        """The buffer, and what is to come."""
        return _prepend(self.buffer, self._chunks)

    def everything(self) -> bytes:
        """The buffer with all that is to come."""
        while self.more():
            pass
        return self.buffer

    def decoded(self) -> str:
        """The buffer's text, without the beginning of a character that is still to come."""
        try:
            return self.buffer.decode()
        except UnicodeDecodeError as error:
            if not self.ended and error.reason == "unexpected end of data":
                return self.buffer[: error.start].decode()
            line = self.lines + self.buffer.count(b"\n", 0, error.start) + 1
            message = f"byte {self._bytes + error.start + 1} is not UTF-8"
            raise MalformedDocument.of((Issue("encoding", "", message, hint="JSON is UTF-8", line=line),)) from None

    def refuse(self, text: str, position: int, message: str, hint: str | None = None) -> NoReturn:
        """Raise the fault at `position` of the buffer's text."""
        line = text.count("\n", 0, position)
        before = text.rfind("\n", 0, position)
        column = position - before if before >= 0 else position + 1 + self.column
        raise MalformedDocument.of((Issue("json.syntax", "", message, hint=hint, line=self.lines + line + 1, column=column),))


_LAST_COMMA = re.compile(rb"\}[ \t\r\n]*,")
_JSON_SPACE = re.compile(r"[ \t\r\n]*")
# Finds where values end; of a number no more is wanted, and Python's `int` refuses long ones.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def _json_request(chunks: Iterator[bytes], reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    text = _Text(chunks, limits)
    found = _find_list(text, (ROOT,), REQUEST_LISTS)
    if found is None:
        json_codec.explain_tree(json_door.parse(text.everything(), limits), reader, reading)
        yield []
        return
    head, name = found
    channel = REQUEST_LISTS[name]
    reader.begin_list(name, f"{ROOT}.{name}")
    for items in _items(text, limits, above=2):
        messages = json_structs.read_items(items, channel)
        if messages is not None:
            yield good_messages(messages, name, reader)
            continue
        json_codec.explain_items(name, _parse_items(text, items, limits, above=2), reader, reading)
        yield []
    tree = _parse_rest(text, head, limits)
    json_codec.explain_tree(tree, reader, reading)
    yield []


def _parse_rest(text: _Text, head: bytes, limits: Limits) -> Any:
    """The tree of the document with its list empty, once the list has been read."""
    tail = text.everything()
    try:
        return json_door.parse(head + b"[]" + tail, limits)
    except MalformedDocument as error:
        (issue,) = error.issues
        if issue.code != "json.syntax" or issue.line is None or issue.column is None:
            raise
        # The place is one of the document put together: what counts is how far it lies behind the list.
        place = _offset_of((head + b"[]" + tail).decode(), issue.line, issue.column) - len((head + b"[]").decode())
        text.refuse(tail.decode(), place, issue.message, issue.hint)


def _offset_of(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _find_list(text: _Text, within: tuple[str, ...], lists: dict[str, Channel]) -> tuple[bytes, str] | None:
    """What stands before the first item of the document's list, and the list's name; the buffer then begins with that item.

    None where there is no such list in the place for it, or anything before it that would have to be read with it: then nothing has been taken.
    """
    text.more()
    while True:
        decoded = text.decoded().removeprefix("\ufeff")
        bom = len(text.buffer) - len(text.buffer.removeprefix(b"\xef\xbb\xbf"))
        try:
            place = _scan(decoded, within, lists)
        except IndexError:
            if text.more():
                continue
            return None
        if place is None:
            return None
        position, name = place
        head = text.buffer[bom : bom + len(decoded[:position].encode())]
        text.drop(bom + len(head) + 1)
        return head, name


def _scan(text: str, within: tuple[str, ...], lists: dict[str, Channel]) -> tuple[int, str] | None:
    """Where the list begins in a document's text. Raises `IndexError` where the text ends before that can be told."""
    position = _token(text, 0, "{")
    for name in within:
        seen: set[str] = set()
        while True:
            key, position = _key(text, position, seen)
            if key is None or key in lists:
                return None
            if key == name:
                position = _token(text, position, "{")
                break
            position = _after_value(text, position)
        if position < 0:
            return None
    seen = set()
    while True:
        key, position = _key(text, position, seen)
        if key is None:
            return None
        if key in lists:
            start = _skip_space(text, position)
            return (start, key) if text[start] == "[" else None
        position = _after_value(text, position)


def _skip_space(text: str, position: int) -> int:
    return _JSON_SPACE.match(text, position).end()  # type: ignore[union-attr]


def _token(text: str, position: int, token: str) -> int:
    """Behind `token`; -1 where something else stands there."""
    start = _skip_space(text, position)
    return start + 1 if text[start] == token else -1


def _key(text: str, position: int, seen: set[str]) -> tuple[str | None, int]:
    """The next key of an object and what stands behind its colon; None where there is none, or one that stood before."""
    if position < 0:
        return None, position
    start = _skip_space(text, position)
    if text[start] == ",":
        start = _skip_space(text, start + 1)
    if text[start] != '"':
        return None, start
    try:
        key, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        raise IndexError from None
    end = _skip_space(text, end)
    if text[end] != ":" or key in seen:
        return None, end
    seen.add(key)
    return key, end + 1


def _after_value(text: str, position: int) -> int:
    start = _skip_space(text, position)
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        raise IndexError from None
    # A number at the text's end may go on.
    text[end]
    return end


def _items(text: _Text, limits: Limits, above: int) -> Iterator[bytes]:
    """The list's items in batches, each as a JSON list; then the buffer begins behind the list."""
    first = True
    while True:
        cut = text.buffer.rfind(b"},")
        if cut < 0:
            cut = max((match.start() for match in _LAST_COMMA.finditer(text.buffer)), default=-1)
        batch = b"[" + text.buffer[: cut + 1] + b"]"
        # What is JSON up to there ends with an item, and not within a text that only looks like it.
        if cut >= 0 and _is_json(batch):
            yield batch
            text.drop(text.buffer.index(b",", cut) + 1)
            first = False
            text.more()
        elif (yield from _item_by_item(text, limits, above, first)):
            return
        else:
            first = False


def _is_json(batch: bytes) -> bool:
    try:
        msgspec.json.decode(batch, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _item_by_item(text: _Text, limits: Limits, above: int, first: bool) -> Generator[bytes, None, bool]:
    """The next items, as many as the buffer holds whole and one at the least; True where the list ends behind them."""
    while True:
        decoded = text.decoded()
        position = start = _skip_space(decoded, 0)
        end = start
        ended = False
        fault = (len(decoded), "expecting value")
        while position < len(decoded):
            if decoded[position] == "]" and first:
                ended, end = True, position
                break
            try:
                _, behind = _DECODER.raw_decode(decoded, position)
            except json.JSONDecodeError as error:
                fault = (error.pos, error.msg[:1].lower() + error.msg[1:])
                break
            except RecursionError:
                raise depth_fault(limits.depth) from None
            behind = _skip_space(decoded, behind)
            fault = (behind, "expecting ',' delimiter")
            if behind == len(decoded) or decoded[behind] not in ",]":
                break
            first = False
            end = behind
            if decoded[behind] == "]":
                ended = True
                break
            position = _skip_space(decoded, behind + 1)
            fault = (position, "expecting value")
        if end > start:
            yield b"[" + decoded[start:end].encode() + b"]"
        if ended or end > start:
            text.drop(len(decoded[: end + 1].encode()))
            return ended
        if not text.more():
            json_door.check_depth(decoded, limits.depth, above)
            text.refuse(decoded, fault[0], fault[1].rstrip(" :"))


def _parse_items(text: _Text, items: bytes, limits: Limits, above: int) -> Any:
    """The trees of a batch; the place of a fault is the document's."""
    try:
        return json_door.parse(items, limits, above=above)
    except MalformedDocument as error:
        (issue,) = error.issues
        if issue.column is not None and issue.line is not None:
            batch = items.decode()
            text.refuse(text.decoded(), _offset_of(batch, issue.line, issue.column) - 1, issue.message, issue.hint)
        raise


# ---- XML. The parser builds the tree as the bytes come in; children of the root that are complete are taken out of it, batch by batch.


class _Tree:
    """An XML document as it comes in: a tree of which what has been read is taken out again."""

    def __init__(self, pieces: Iterator[bytes], limits: Limits, left_out: tuple[int, int] = (0, 0)) -> None:
        self.root: etree._Element | None = None
        self._limits = limits
        self._parser = xml_door.new_pull_parser()
        self._pieces = pieces
        self._left_out = left_out
        self._pending = 0

    def grow(self) -> bool:
        """Take in another chunk; False at the document's end, when the tree is whole. Raises `MalformedDocument`."""
        chunk = next(self._pieces, None)
        try:
            if chunk is None:
                whole = self._parser.close()
                self.root = whole if self.root is None else self.root
            else:
                self._parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            if self.root is None:
                self._find_root()
            if error.code == _RESOURCE_LIMIT or self._open_depth() > self._limits.depth:
                raise depth_fault(self._limits.depth) from None
            raise xml_door.syntax_fault(error, left_out=self._left_out) from None
        self._find_root()
        if self._open_depth() > self._limits.depth:
            raise depth_fault(self._limits.depth)
        self._pending += len(chunk or b"")
        if self._pending > self._limits.bytes + CHUNK_BYTES:
            raise MalformedDocument.of((_too_long(self._limits),))
        return chunk is not None

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


def _utf8(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """The document's UTF-8, piece by piece, without byte order mark. Raises `MalformedDocument`: `encoding`, `xml.doctype`."""
    head = b""
    for head in _growing(chunks, 512):
        if len(head) >= 512 and (b"?>" in head or not head.startswith(b"<?xml") or len(head) > limits.bytes):
            break
    bom, encoding = xml_door.encoding_of(head)
    decoder = xml_door.find_codec(encoding).incrementaldecoder("strict")
    pending: list[bytes] = []
    lines = read = size = wanted = 0
    in_prolog = True
    for piece in _prepend(head.removeprefix(bom) if encoding == "utf-8" else head, chunks):
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
                    raise MalformedDocument.of((_too_long(limits),))
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


def _xml_request(chunks: Iterator[bytes], reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    """A plain document is cut after the last message that the buffer holds whole, as one of JSON is. Where it is not plain, the parser goes on."""
    text = _Text(_utf8(chunks, limits), limits)
    while (found := xml_plain.opening(text.buffer)) is None and len(text.buffer) < _HEAD_BYTES and text.more():
        pass
    if found is None or reader.asks_for_another(found[1]):
        yield from _tree_request(_Tree(text.pieces(), limits), reader, reading, limits)
        return
    start, channel = found
    name = LISTS[channel].message
    closing = f"</{name}>".encode()
    head, _, tag = text.buffer[:start].rstrip().rpartition(b"<")
    root, above = b"<" + tag, head.count(b"\n")
    text.drop(start)
    while (cut := text.buffer.rfind(closing)) >= 0 or text.more():
        if cut < 0:
            continue
        piece = text.buffer[: cut + len(closing)]
        messages = xml_plain.read_messages(piece.lstrip(), channel)
        if messages is not None:
            if not reader.knows(name):
                reader.begin_list(name, step(ROOT, name))
            received = good_messages(messages, name, reader)
        else:
            batch = _parsed(root + b"\n" * min(text.lines, xml_codec.MOST_LINES) + piece + xml_plain.TAIL, limits)
            if batch is None or not xml_codec.explain_batch(batch, reader, reading):
                break
            received = []
        text.drop(len(piece))
        yield received
    if text.ended and xml_plain.is_end(text.buffer):
        reader.finish(None)
        yield []
        return
    column = text.column - (len(root) if text.lines == above else 0)
    seed = b"\n" * above + root + b"\n" * (text.lines - above)
    yield from _tree_request(_Tree(_prepend(seed, text.pieces()), limits, (text.lines + 1, column)), reader, reading, limits)


_HEAD_BYTES = 4096


def _parsed(document: bytes, limits: Limits) -> etree._Element | None:
    try:
        return xml_door.parse_utf8(document, limits)
    except MalformedDocument:
        return None  # which the whole document may be, or it was cut in a comment


def _tree_request(tree: _Tree, reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    known: bool | None = None
    stray = False
    going = True
    while going:
        going = tree.grow()
        root = tree.root
        if root is None:
            continue
        if known is None:
            known = xml_codec.explain_root(root, reading)
        if not known:
            root[:-1] = []
            continue
        complete = list(root)
        if going:
            complete = complete[:-1]
        if complete or not going:
            tree.taken()
            if not stray:
                stray = xml_codec.report_stray_text(root, complete, ROOT, reading)
            batch = etree.Element(ROOT)
            batch.extend(complete)
            xml_door.check_depth(batch, limits)
            for child in batch:
                xml_codec.explain_child(child, reader, reading)
            yield []
    if known:
        assert tree.root is not None
        reader.finish(tree.root.sourceline)
        yield []


# ---- Responses.


@attrs.frozen
class ReceivedOutcome:
    """One outcome of a response as it came, and what was found in it."""

    index: int
    outcome: Outcome
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


class ResponseReader:
    """A response of any size: iterating it gives each outcome in order, as `ReceivedOutcome`, and `Findings` for what belongs to none.

    `status`, `channel` and `extra` are None, None and empty until they have been read: the status usually before the first outcome, all of them
    when the iteration is done.
    """

    def __init__(self, source: Source, format: Format | str | None, timezone: str | tzinfo | None, limits: Limits) -> None:
        self.status: Status | None = None
        self.channel: Channel | None = None
        self.extra = Extra()
        chunks, self.format = _open(source, format, limits)
        self._report = Report(limits)
        self._reading = ReplyReading(self.format.value, self._report, timezone)
        self._limits = limits
        self._batches = self._json(chunks) if self.format is Format.JSON else self._xml(chunks)

    def __iter__(self) -> Iterator[ReceivedOutcome | Findings]:
        index = told = noted = 0
        for batch in self._batches:
            issues, notes = tuple(self._report.issues[told:]), tuple(self._report.notes[noted:])
            if issues or notes:
                yield Findings(issues, notes)
            told, noted = len(self._report.issues), len(self._report.notes)
            for outcome in batch:
                issues, notes = tuple(self._report.issues[told:]), tuple(self._report.notes[noted:])
                told, noted = len(self._report.issues), len(self._report.notes)
                yield ReceivedOutcome(index, outcome, issues, notes)
                index += 1
        issues, notes = self._report.all_issues()[told:], tuple(self._report.notes[noted:])
        if issues or notes:
            yield Findings(issues, notes)

    def _end(self, rest: SendResponse) -> None:
        self.status, self.extra = rest.status, rest.extra
        self.channel = self.channel or rest.channel

    def _json(self, chunks: Iterator[bytes]) -> Iterator[Iterable[Outcome]]:
        text = _Text(chunks, self._limits)
        found = _find_list(text, (), JSON_RESPONSE_LISTS)
        if found is None:
            response = json_codec.read_response(json_door.parse(text.everything(), self._limits), self._reading)
            self._end(response)
            yield response.outcomes
            return
        head, name = found
        self.channel = JSON_RESPONSE_LISTS[name]
        self._peek(head + b"[]}")
        names, index = LISTS[self.channel], 0
        for items in _items(text, self._limits, above=1):
            outcomes = json_structs.read_outcomes(items, self.channel)
            if outcomes is not None:
                yield outcomes
                index += len(outcomes)
                continue
            trees = _parse_items(text, items, self._limits, above=1)
            yield self._read(trees, names, index)
            index += len(trees)
        self._end(json_codec.read_response(_parse_rest(text, head, self._limits), self._reading))

    def _read(self, trees: list[Any], names: ListNames, index: int) -> Iterator[Outcome]:
        """The outcomes of a list's items, each read when it is asked for: so that what is found in it is found between the one before and it."""
        for place, tree in enumerate(trees, start=index):
            path = f"{names.json_list}[{place}]"
            yield from reply.read_item(json_codec.reply_item(tree, path, self._reading), names, path, self._reading)

    def _peek(self, beginning: bytes) -> None:
        """The status, where it stands before the list."""
        response = json_structs.read_documented_response(beginning)
        self.status = None if response is None else response.status

    def _xml(self, chunks: Iterator[bytes]) -> Iterator[Iterable[Outcome]]:
        tree = _Tree(_utf8(chunks, self._limits), self._limits)
        going, index = True, 0
        holder = last = None
        while going:
            going = tree.grow()
            root = tree.root
            if root is None:
                continue
            # Only the last list can be growing. One that stands after another is at fault, and read with the rest.
            if holder is None and root.tag == RESPONSE:
                unseen = root.iterchildren() if last is None else last.itersiblings()
                for last in unseen:
                    if last.tag in XML_RESPONSE_LISTS:
                        holder = last
                        break
            if holder is None:
                continue
            self.channel = XML_RESPONSE_LISTS[str(holder.tag)]
            if self.status is None and holder.getprevious() is not None:
                self._peek_xml(root)
            complete = list(holder)
            if going and holder is root[-1]:
                complete = complete[:-1]
            if complete:
                tree.taken()
                yield self._taken(holder, complete, index)
                index += len(complete)
        if tree.root is not None:
            self._end(xml_codec.read_response(tree.root, self._reading))

    def _peek_xml(self, root: etree._Element) -> None:
        status = root.find(STATUS)
        if status is not None:
            # What is to be said of it, is said at the end.
            self.status = xml_codec.read_response(status, ReplyReading("xml", Report())).status

    def _taken(self, holder: etree._Element, complete: list[etree._Element], index: int) -> Iterator[Outcome]:
        """The outcomes of a list's elements, which are taken out of it, each read when it is asked for."""
        names = LISTS[XML_RESPONSE_LISTS[str(holder.tag)]]
        xml_door.check_depth(holder, self._limits, above=1)
        xml_codec.report_lost_text(holder, complete, f"{RESPONSE}.{names.xml_list}", self._reading)
        holder.text = None
        holder[: len(complete)] = []
        return self._read_elements(complete, names, index)

    def _read_elements(self, elements: list[etree._Element], names: ListNames, index: int) -> Iterator[Outcome]:
        for place, element in enumerate(elements, start=index):
            path = f"{RESPONSE}.{names.xml_list}.{names.xml_item}[{place}]"
            yield from reply.read_item(xml_codec.reply_item(element, path, self._reading), names, path, self._reading)


def iter_response(
    source: Source, format: Format | str | None = None, *, timezone: str | tzinfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> ResponseReader:
    """Each outcome of a response of any size, in order. Takes what `decode_response` takes.

    In a list of which an item is no object, such an item reads as an outcome without a message: that it could not be held is `loss.unknown`.
    Iterating raises `MalformedDocument` where the document turns out to be none.
    """
    return ResponseReader(source, format, timezone, limits)


# ---- Writing.

_BATCH = 500
_Item = TypeVar("_Item")


class BatchWriter(Generic[_Item]):
    """What writers of many items share: items are written some at a time, and where a `with` block ends without an error, the document is finished."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._batch: list[_Item] = []
        self._count = 0  # of those that have been written

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.finish()

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        self._flush()

    def _add(self, item: _Item) -> None:
        self._batch.append(item)
        if len(self._batch) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._write_batch()
            self._count += len(self._batch)
            self._batch.clear()

    def _write_batch(self) -> None:
        raise NotImplementedError


class MessageWriter(BatchWriter[Message]):
    """What writers of requests share: messages of one channel, one or more."""

    def __init__(self, file: IO[bytes], channel: Channel | str) -> None:
        super().__init__(file)
        self._channel = Channel(channel)

    def write(self, message: Message) -> None:
        """Add a message."""
        if message.channel is not self._channel:
            raise ValueError(f"a message for {message.channel} in a request for {self._channel}")
        self._add(message)

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        if not self._count:
            raise ValueError("a request has one message or more")


class RequestWriter(MessageWriter):
    """Writes a request message by message, into a file opened in binary mode: the bytes that `encode_request` gives, in constant memory.

    A context manager: where its block ends without an error, the document is finished. Raises `ValueError` for a message of another channel, and on
    finishing where there was no message.
    """

    def __init__(self, file: IO[bytes], format: Format | str, channel: Channel | str, *, indent: int | None = None) -> None:
        super().__init__(file, channel)
        self._format = Format(format)
        self._indent = indent

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        self._file.write(self._frame()[1])

    def _frame(self) -> tuple[bytes, bytes]:
        if self._format is Format.XML:
            return xml_codec.request_frame(self._channel, self._indent)
        return json_codec.request_frame(self._channel, self._indent)

    def _write_batch(self) -> None:
        if not self._count:
            self._file.write(self._frame()[0])
        elif self._format is Format.JSON:
            self._file.write(b",")
        codec = xml_codec if self._format is Format.XML else json_codec
        self._file.write(codec.write_messages(self._batch, self._indent))


class ResponseWriter(BatchWriter[Outcome]):
    """Writes a response outcome by outcome, into a file opened in binary mode: the bytes that `encode_response` gives, in constant memory.

    `head` is the response without its outcomes: its status, channel and extra fields. A context manager: where its block ends without an error, the
    document is finished. `notes` are the losses so far. Raises `InvalidDocument` where XML can't hold a text, or `timezone` a time.
    """

    def __init__(
        self,
        file: IO[bytes],
        format: Format | str,
        head: SendResponse,
        *,
        indent: int | None = None,
        timezone: str | tzinfo | None = None,
    ) -> None:
        super().__init__(file)
        self._indent = indent
        self._head = head
        self._report = Report()
        self._pieces = None
        if Format(format) is Format.XML:
            self._pieces = xml_codec.ResponsePieces(indent, find_zone(timezone), self._report)
            self._pieces.begin(head.status, head.channel)

    @property
    def notes(self) -> tuple[Issue, ...]:
        """What was lost in writing."""
        return tuple(self._report.notes)

    def write(self, outcome: Outcome) -> None:
        """Add an outcome."""
        if self._head.channel is None:
            raise ValueError("a response without channel has no outcomes")
        self._add(outcome)

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        if self._pieces is not None:
            self._pieces.end(self._head, self._count)
            self._file.write(self._pieces.take())
            self._report.raise_issues()
        else:
            # What is lost of the head has been said where its beginning was written.
            report = Report() if self._count else self._report
            self._file.write(json_codec.response_frame(self._head, self._indent, report, empty=not self._count)[bool(self._count)])

    def _write_batch(self) -> None:
        assert self._head.channel is not None
        names = LISTS[self._head.channel]
        if self._pieces is not None:
            for index, outcome in enumerate(self._batch, start=self._count):
                self._pieces.outcome(outcome, index, names)
            self._file.write(self._pieces.take())
            self._report.raise_issues()
        else:
            if not self._count:
                self._file.write(json_codec.response_frame(self._head, self._indent, self._report, empty=False)[0])
            else:
                self._file.write(b",")
            trees = [
                json_codec.outcome_tree(outcome, names, index, self._report) for index, outcome in enumerate(self._batch, start=self._count)
            ]
            self._file.write(json_codec.write_items(trees, self._indent, 2))
