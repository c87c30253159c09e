"""The happy path of XML: a request as programs write it is a regular language, and regular expressions take it apart into columns.

Such a document has a declaration at the most, then `<root>` and nothing in it but messages of one channel and their fields: no attributes, comments,
instructions or namespaces. Its texts may have references and CDATA sections. Any other document, and any with a fault, is for the parser and the
explaining path: nothing is said of it here.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from commspec.codecs.xml_door import UTF8_DECLARATIONS, to_utf8
from commspec.models.channel import Channel
from commspec.models.messages import Attachment, Message, message_type
from commspec.models.table import Column, columns_of
from commspec.rules.text import check_characters, holds_forbidden
from commspec.wire.columns import assemble, one_of, spread
from commspec.wire.names import LISTS, REQUEST_LISTS, ROOT

SPACE = " \t\n"  # a CR has become an LF
# Bytes of which some are no characters that XML has, or begin such: the parser knows which.
_UNSURE = r"\x00-\x08\x0b\x0c\x0e-\x1f\xef"
TAIL = f"</{ROOT}>".encode()
"""The end of a document."""
_END = TAIL.decode()
EMPTY = re.compile(r"<(\w+)/>", re.ASCII)
_NAMED = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"))
_REFERENCE = re.compile(r"&(?:amp|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")


def read_request(document: bytes | str, channel: Channel | None) -> list[Message] | None:
    """The messages of a strictly valid plain document of `channel` (None for any); None where there is anything to explain.

    Raises `MalformedDocument` where the door's `to_utf8` does.
    """
    start, length, few = _last_opening[0]
    if few is None or isinstance(document, str) or not document.startswith(start):
        document = to_utf8(document, check=False)
        opened = opening(document)
        if opened is None:
            return None
        length, few = opened[0], _few_of(opened[1])
    if channel is not None and channel is not few.channel:
        return None
    read = _few_messages(document[length:], few) if len(document) - length <= _SHORT else None
    return _messages(document, few.channel, _END, length) if read is None else read


def opening(document: bytes) -> tuple[int, Channel] | None:
    """How many bytes of a plain document stand before its first message, and of which channel that is; None where it is not plain, or ends before.

    `document` is taken for UTF-8 without byte order mark, whatever its declaration says; what is not is not plain.
    """
    head = head_of(ROOT).match(document)
    found = None if head is None else REQUEST_LISTS.get(head.group(1).decode())
    if head is None or found is None or not is_utf8(head.group()):
        return None
    length = head.end()
    if length < _SHORT and document.startswith(_UTF8):
        _last_opening[0] = document[: head.end(1) + 1], length, _few_of(found)
    return length, found


@functools.cache
def head_of(root: str) -> re.Pattern[bytes]:
    """What stands before the first element that a root holds, whose name is its group; made where XML is read."""
    # The encoding has been settled at the door, and another version is for the parser. A comment says who wrote the document, and a hint where its
    # schema is.
    return re.compile(
        rf"""(?:<\?xml[ ]version={_quoted("1[.]0")}(?:[ ]encoding={_quoted("[A-Za-z][A-Za-z0-9._-]*")})?(?:[ ]standalone={_quoted("(?:yes|no)")})?[ ]?\?>)?
            [ \t\r\n]*(?:<!--[^-{_UNSURE}]{{0,1000}}-->[ \t\r\n]*)?
            <{root}(?:[ ]xmlns:xsi={_quoted("http://www[.]w3[.]org/2001/XMLSchema-instance")}(?:[ ]xsi:(?:noNamespaceS|s)chemaLocation="[^"<&{_UNSURE}]*")?)?>
            [ \t\r\n]*(?=<(\w+)>)""".encode(),
        re.VERBOSE,
    )


def _quoted(value: str) -> str:
    return f"""(?:"{value}"|'{value}')"""


class _Few(NamedTuple):
    """How the messages of a channel are read one by one: the patterns of one, what makes an object of its groups, and how its files begin."""

    channel: Channel
    usual: re.Pattern[str]
    any_order: re.Pattern[str]
    one: Callable[..., Any]
    files: str | None


@functools.cache
def _few_of(channel: Channel) -> _Few:
    shape = _shape_of(channel)
    one = one_of(shape.cls)
    assert one is not None  # no field of a message is judged by others
    return _Few(channel, shape.usual, shape.any_order, one, None if shape.files is None else f"<{shape.files.xml}>")


# How the last document began, up to its first message, and what was said of it: who sends documents begins them all alike. Kept is no long beginning, and
# none but of a document in UTF-8 without mark: one that begins the same is that too, and goes past `to_utf8`.
_last_opening: list[tuple[bytes, int, _Few | None]] = [(b"", 0, None)]
_UTF8 = (*UTF8_DECLARATIONS, f"<{ROOT}".encode())

_SHORT = 2000  # bytes, of a few messages or of what stands before them
_UNSURE_REPLACED = re.sub(rb"[%b]" % _UNSURE.encode(), b" ", bytes(range(256)))


def _few_messages(inside: bytes, few: _Few) -> list[Message] | None:
    """`_messages` of what a short document holds, one message by one; None also where it has files, sections, or bytes of which some are for the parser."""
    if 13 in inside:
        inside = inside.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if inside.translate(_UNSURE_REPLACED) != inside:
        return None
    text = inside.decode("latin-1")
    # Files are no text, but for the pattern white space between their tags is one.
    if ("]" in text and "]]>" in text) or (few.files is not None and few.files in text):
        return None
    as_is = "&" not in text and text.isascii()
    messages = []
    at = 0
    while len(text) - at > len(_END):
        found = few.usual.match(text, at)
        if found is None and "/>" in text:
            text = EMPTY.sub(r"<\1></\1>", text)  # as before `at` there is none
            found = few.usual.match(text, at)
        found = found or few.any_order.match(text, at)
        if found is None:
            break
        try:
            made = few.one(*(found.groups() if as_is else map(_resolve_one, found.groups())))
        except (NotPlain, UnicodeDecodeError):
            return None
        if made is None:
            return None
        messages.append(made[0])
        at = found.end()
    rest = text[at:]
    return messages if rest == _END or rest.rstrip(SPACE) == _END else None


def is_utf8(data: bytes) -> bool:
    """Whether `data` is UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def may_go_on(buffer: bytes, element: str) -> bool:
    """Whether a buffer in which no `element` ends can be the beginning of a plain one, which is only long."""
    rest = buffer.lstrip()
    return rest.startswith(f"<{element}>".encode()) and rest.find(f"<{element}".encode(), 1) < 0


def is_end(rest: bytes) -> bool:
    """Whether nothing but the end of a document follows its last message."""
    return rest.strip(b" \t\r\n") == TAIL


def read_messages(piece: bytes, channel: Channel) -> list[Message] | None:
    """The messages of a piece of the inside of a document, strictly valid ones from its beginning to its end, with white space behind each, or None."""
    return _messages(piece, channel, "")


def _messages(piece: bytes, channel: Channel, end: str, start: int = 0) -> list[Message] | None:
    """`read_messages` of a piece from `start` on, where `end` and white space follow the last."""
    text = plain_text(piece, end, start)
    if text is None:
        return None
    shape = _shape_of(channel)
    try:
        read = _objects(shape, text, end)
        if read is None and "/>" in text:
            read = _objects(shape, EMPTY.sub(r"<\1></\1>", text), end)
    except (NotPlain, UnicodeDecodeError):
        return None
    return read


def plain_text(piece: bytes, end: str, start: int = 0) -> str | None:
    """A piece of a document from `start` up to its `end`, with line ends as XML has them and without sections; None where only the parser can judge it."""
    if holds_forbidden(piece):
        return None
    # A character a byte: a text in Unicode is as wide as its widest character, and all that is looked for is ASCII.
    text = str(memoryview(piece)[start:], "latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "]" in text:
        if "]]>" in text[text.rfind(end) :]:
            return None
        text = _without_sections(text)
        if "]]>" in text:
            return None
    return text


def _without_sections(text: str) -> str:
    """`text` with its CDATA sections as texts; where one does not end, or stands inside of a tag, what is left of it makes the text none of a field."""
    before, *rest = text.split("<![CDATA[")
    parts = [before]
    for piece in rest:
        section, end, after = piece.partition("]]>")
        good = end and parts[-1].rfind("<") <= parts[-1].rfind(">")
        parts += section.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if good else "<", after
    return "".join(parts)


class _Shape(NamedTuple):
    """How the elements of a class are taken out of a text: the groups of each pattern are its columns, in order, of which `files` may be one.

    `usual` takes fields in the order of the specification, as almost everyone writes them, and `any_order` as they come.
    """

    cls: type
    usual: re.Pattern[str]
    any_order: re.Pattern[str]
    columns: tuple[Column, ...]
    files: Column | None


@functools.cache
def _shape(cls: type, element: str) -> _Shape:
    columns = columns_of(cls)
    files = next((column for column in columns if column.kind == "files"), None)
    usual, any_order = fields_of(columns)
    return _Shape(
        cls,
        re.compile(f"<{element}>{ANY_SPACE}{usual}</{element}>{ANY_SPACE}"),
        re.compile(f"<{element}>{ANY_SPACE}{any_order}</{element}>{ANY_SPACE}"),
        columns,
        files,
    )


ANY_SPACE = f"[{SPACE}]*"


def fields_of(columns: Sequence[Column], before: int = 0) -> tuple[str, str]:
    """Patterns of fields in order, and of fields as they come: a group for the text of each; `before` groups stand before them in the whole pattern."""
    usual = "".join(
        f"<{column.xml}>([^<]*)</{column.xml}>{ANY_SPACE}" if column.required else f"(?:<{column.xml}>([^<]*)</{column.xml}>{ANY_SPACE})?"
        for column in columns
    )
    # None of them twice, and at the end every required one has been there.
    groups = list(enumerate(columns, before + 1))
    fields = "|".join(f"{column.xml}>(?({group})(?!))([^<]*)</{column.xml}" for group, column in groups)
    required = "".join(f"(?({group})|(?!))" for group, column in groups if column.required)
    return usual, f"(?:<(?:{fields})>{ANY_SPACE}){{0,{len(columns)}}}{required}"


@functools.cache
def _shape_of(channel: Channel) -> _Shape:
    cls: type = message_type(channel)
    return _shape(cls, LISTS[channel].message)


def _objects(shape: _Shape, text: str, end: str) -> list[Any] | None:
    """The objects whose elements make up `text`, but for its `end`; None where it has anything else, or any has a fault."""
    files: list[tuple[Attachment, ...]] = []
    if shape.files is not None and f"<{shape.files.xml}>" in text:
        text, insides = _cut_out(text, shape.files.xml)
        for inside in insides:
            read = _objects(_shape(Attachment, str(shape.files.item)), inside.lstrip(SPACE), "")
            if read is None:
                return None
            files.append(tuple(read))
    width = 1 + len(shape.columns)
    for pattern in (shape.usual, shape.any_order):
        parts = pattern.split(text)
        # What stands between two matches: no match begins anywhere but where the last has ended.
        if parts[-1].rstrip(SPACE) == end and not any(parts[:-1:width]):
            break
    else:
        return None
    count = len(parts) // width
    following = iter(files)
    ready: dict[str, list[Any]] = {}
    gaps: list[str] = []
    for group, column in enumerate(shape.columns, 1):
        values = parts[group::width]
        if column.kind == "files":
            ready[column.name] = [() if value is None else next(following) for value in values]
        elif None not in values:
            ready[column.name] = resolve(values)
        else:
            present = resolve([value for value in values if value is not None])
            if present:
                ready[column.name] = spread(present, values)
                gaps.append(column.name)
    return assemble(shape.cls, ready, count, gaps=gaps, clean=True)


def _cut_out(text: str, element: str) -> tuple[str, list[str]]:
    """`text` with nothing in its elements of a name, and what was in each; an element that does not end leaves what no pattern takes."""
    opening, closing = f"<{element}>", f"</{element}>"
    before, *rest = text.split(opening)
    parts, insides = [before], []
    for piece in rest:
        inside, end, after = piece.partition(closing)
        insides.append(inside)
        parts += opening + end, after
    return "".join(parts), insides


class NotPlain(Exception):
    """The text has a reference that is none."""


def resolve(texts: list[str]) -> list[str]:
    """Texts in Unicode, with their references resolved. Raises `NotPlain`."""
    joined = "\0".join(texts)
    is_ascii = joined.isascii()
    if "&" in joined:
        resolved = _without_references("\0".join([text for text in texts if "&" in text]))
        is_ascii = is_ascii and resolved.isascii()
        following = iter(resolved.split("\0"))
        texts = [next(following) if "&" in text else text for text in texts]
    return texts if is_ascii else [text if text.isascii() else _in_unicode(text) for text in texts]


def _resolve_one(text: str | None) -> Any:
    """`resolve` of one text, None for None."""
    if text is None:
        return None
    if "&" in text:
        text = _without_references(text)
    return text if text.isascii() else _in_unicode(text)


def _in_unicode(text: str) -> str:
    """The text whose UTF-8 has the characters of `text` for bytes."""
    return text.encode("latin-1").decode()


def _without_references(joined: str) -> str:
    for name, character in _NAMED:
        joined = joined.replace(name, character)
    # What is left are ampersands, by name or by number.
    left = joined.count("&")
    if "&#" in joined:
        joined, resolved = _REFERENCE.subn(_character, joined)
    else:
        resolved = joined.count("&amp;")
        joined = joined.replace("&amp;", "&")
    if resolved < left:
        raise NotPlain
    return joined


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal = reference.groups()
    if not (decimal or hexadecimal):
        return "&"
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code > sys.maxunicode or check_characters(chr(code)) is not None:
        raise NotPlain
    return chr(code).encode().decode("latin-1")
