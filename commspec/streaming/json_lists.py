"""A JSON document of which the list is read item by item.

The list is found by reading what stands before it; then the buffer is cut after the last item that it holds whole, and decoded as a list of its own.
What stands before and after the list is put together, with the list empty, and read as a document.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, NoReturn

import msgspec

from commspec.codecs import json_door
from commspec.codecs.format import depth_fault
from commspec.errors import Issue, MalformedDocument
from commspec.models.channel import Channel
from commspec.streaming.source import Text
from commspec.wire.report import Limits

_BOM = b"\xef\xbb\xbf"
_LAST_COMMA = re.compile(rb"\}[ \t\r\n]*,")
_JSON_SPACE = re.compile(r"[ \t\r\n]*")
# Finds where values end; of a number no more is wanted, and Python's `int` refuses long ones.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


class JsonText(Text):
    """A JSON document as it comes in."""

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
            mark = len(_BOM) if not self.position and self.buffer.startswith(_BOM) else 0
            message = f"byte {self.position + error.start - mark + 1} is not UTF-8"
            raise MalformedDocument.of((Issue("encoding", "", message, hint="JSON is UTF-8", line=line),)) from None

    def refuse(self, text: str, position: int, message: str, hint: str | None = None) -> NoReturn:
        """Raise the fault at `position` of the buffer's text."""
        line = text.count("\n", 0, position)
        before = text.rfind("\n", 0, position)
        column = position - before if before >= 0 else position + 1 + self.column
        raise MalformedDocument.of((Issue("json.syntax", "", message, hint=hint, line=self.lines + line + 1, column=column),))


def find_list(text: JsonText, within: tuple[str, ...], lists: dict[str, Channel]) -> tuple[bytes, str] | None:
    """What stands before the first item of the document's list, and the list's name; the buffer then begins with that item.

    None where there is no such list in the place for it, or anything before it that would have to be read with it: then nothing has been taken.
    """
    text.more()
    while True:
        decoded = text.decoded().removeprefix("\ufeff")
        bom = len(text.buffer) - len(text.buffer.removeprefix(_BOM))
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
        # No place is told of the mark.
        text.position -= bom
        text.column -= bom > 0 and not text.lines
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


def items_of(text: JsonText, limits: Limits, above: int) -> Iterator[bytes]:
    """The list's items in batches, each as a JSON list; then the buffer begins behind the list."""
    first = True
    while True:
        # What is JSON up to there ends with an item, and not within a text, or within an item, that only looks like its end.
        batch = next(filter(_is_json, (b"[" + text.buffer[:cut] + b"]" for cut in _cuts(text.buffer))), None)
        if batch is not None:
            yield batch
            text.drop(text.buffer.index(b",", len(batch) - 2) + 1)
            first = False
            text.more()
        elif (yield from _item_by_item(text, limits, above, first)):
            return
        else:
            first = False


def _cuts(buffer: bytes) -> Iterator[int]:
    """Behind which brackets the last item that a buffer holds whole may end, the likeliest first; within an item too, objects end and more follows."""
    end = len(buffer)
    for _ in range(_MOST_CUTS):
        end = buffer.rfind(b"},", 0, end)
        if end < 0:
            break
        yield end + 1
    if b"}," not in buffer:
        yield from deque((match.start() + 1 for match in _LAST_COMMA.finditer(buffer)), maxlen=1)


_MOST_CUTS = 4  # an outcome as documented has one such place within, and one more for each error; each costs a look at all of the buffer


def _is_json(batch: bytes) -> bool:
    try:
        msgspec.json.decode(batch, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _item_by_item(text: JsonText, limits: Limits, above: int, first: bool) -> Generator[bytes, None, bool]:
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
            yield b"[" + decoded[:end].encode() + b"]"
        if ended or end > start:
            text.drop(len(decoded[: end + 1].encode()))
            return ended
        if not text.more():
            json_door.check_depth(decoded, limits.depth, above)
            text.refuse(decoded, fault[0], fault[1].rstrip(" :"))


def parse_items(text: JsonText, items: bytes, limits: Limits, above: int) -> Any:
    """The trees of a batch; the place of a fault is the document's."""
    try:
        return json_door.parse(items, limits, above=above)
    except MalformedDocument as error:
        (issue,) = error.issues
        if issue.column is not None and issue.line is not None:
            batch = items.decode()
            text.refuse(text.decoded(), _offset_of(batch, issue.line, issue.column) - 1, issue.message, issue.hint)
        raise


def parse_rest(text: JsonText, head: bytes, limits: Limits) -> Any:
    """The tree of the document with its list empty, once the list has been read."""
    tail = text.everything()
    text.decoded()  # or the place of a fault of encoding is told by the document put together
    try:
        return json_door.parse(head + b"[]" + tail, limits)
    except MalformedDocument as error:
        (issue,) = error.issues
        if issue.code != "json.syntax" or issue.line is None or issue.column is None:
            raise
        # The place is one of the document put together: what counts is how far it lies behind the list.
        place = _offset_of((head + b"[]" + tail).decode(), issue.line, issue.column) - len((head + b"[]").decode())
        if place < 0:
            raise
        text.refuse(tail.decode(), place, issue.message, issue.hint)


def _offset_of(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1
