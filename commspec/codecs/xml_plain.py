"""The happy path of XML: a request as programs write it is a regular language, and one regular expression takes it apart into columns.

Such a document has a declaration at the most, then `<root>` and nothing in it but messages of one channel and their fields: no attributes, comments,
instructions or namespaces. Its texts may have references and CDATA sections. Any other document, and any with a fault, is for the parser and the
explaining path: nothing is said of it here.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from commspec.models.channel import Channel
from commspec.models.messages import Attachment, Message, message_type
from commspec.models.table import Column, columns_of
from commspec.rules.text import check_characters, holds_control, holds_noncharacter
from commspec.wire.columns import FEW, assemble, one_of, spread
from commspec.wire.names import LISTS, REQUEST_LISTS, ROOT

_SPACE = " \t\n"  # a CR has become an LF


def _quoted(value: str) -> str:
    return f"""(?:"{value}"|'{value}')"""


# Bytes of which some are no characters that XML has, or begin such: the parser knows which.
_UNSURE = r"\x00-\x08\x0b\x0c\x0e-\x1f\xef"
# The encoding has been settled at the door, and another version is for the parser. A comment says who wrote the document, and a hint where its schema is.
_HEAD = re.compile(
    rf"""(?:<\?xml[ ]version={_quoted("1[.]0")}(?:[ ]encoding={_quoted("[A-Za-z][A-Za-z0-9._-]*")})?(?:[ ]standalone={_quoted("(?:yes|no)")})?[ ]?\?>)?
        [ \t\r\n]*(?:<!--[^-{_UNSURE}]{{0,1000}}-->[ \t\r\n]*)?
        <{ROOT}(?:[ ]xmlns:xsi={_quoted("http://www[.]w3[.]org/2001/XMLSchema-instance")}(?:[ ]xsi:(?:noNamespaceS|s)chemaLocation="[^"<&{_UNSURE}]*")?)?>
        [ \t\r\n]*(?=<(\w+)>)""".encode(),
    re.VERBOSE,
)
TAIL = f"</{ROOT}>".encode()
"""The end of a document."""
_EMPTY = re.compile(r"<(\w+)/>", re.ASCII)
_NAMED = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"))
_REFERENCE = re.compile(r"&(?:amp|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")


def read_request(document: bytes, channel: Channel | None) -> list[Message] | None:
    """The messages of a strictly valid plain document of `channel` (None for any); None where there is anything to explain.

    `document` has passed the door: it is UTF-8 without byte order mark, whatever its declaration says.
    """
    found = opening(document)
    if found is None or (channel is not None and found[1] is not channel):
        return None
    end = document.rfind(TAIL)
    return read_messages(document[found[0] : end], found[1]) if is_end(document[end:]) else None


def opening(document: bytes) -> tuple[int, Channel] | None:
    """How many bytes of a plain document stand before its first message, and of which channel that is; None where it is not plain, or ends before."""
    head = _HEAD.match(document)
    channel = None if head is None else REQUEST_LISTS.get(head.group(1).decode())
    return None if head is None or channel is None else (head.end(), channel)


def is_end(rest: bytes) -> bool:
    """Whether nothing but the end of a document follows its last message."""
    return rest.strip(b" \t\r\n") == TAIL


def read_messages(piece: bytes, channel: Channel) -> list[Message] | None:
    """The messages of a piece of the inside of a document, strictly valid ones from its beginning to its end, with white space behind each, or None."""
    if holds_control(piece) or holds_noncharacter(piece):
        return None
    text = piece.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "]" in text:
        text = _without_sections(text)
        if "]]>" in text:
            return None
    cls, element = message_type(channel), LISTS[channel].message
    try:
        read = _objects(cls, element, text)
        if read is None and "/>" in text:
            read = _objects(cls, element, _EMPTY.sub(r"<\1></\1>", text))
    except _NotPlain:
        return None
    return read


def _without_sections(text: str) -> str:
    """`text` with its CDATA sections as texts; what is left of them where one does not end makes the text none of a field."""
    before, *rest = text.split("<![CDATA[")
    parts = [before]
    for piece in rest:
        section, end, after = piece.partition("]]>")
        parts += section.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if end else "<", after
    return "".join(parts)


class _Shape(NamedTuple):
    """How the elements of a class are taken out of a text: the groups of `pattern` are its columns, in order, of which `files` may be one.

    `one` makes one object alone.
    """

    pattern: re.Pattern[str]
    columns: tuple[Column, ...]
    files: Column | None
    one: Callable[..., Any] | None


@functools.cache
def _shape(cls: type, element: str) -> _Shape:
    columns = columns_of(cls)
    files = next((column for column in columns if column.kind == "files"), None)
    space = f"[{_SPACE}]*"
    # Fields in any order, none of them twice, and at the end every required one has been there.
    fields = "|".join(f"{column.xml}>(?({group})(?!))([^<]*)</{column.xml}" for group, column in enumerate(columns, 1))
    required = "".join(f"(?({group})|(?!))" for group, column in enumerate(columns, 1) if column.required)
    return _Shape(
        re.compile(f"<{element}>{space}(?:<(?:{fields})>{space}){{0,{len(columns)}}}</{element}>{required}{space}"),
        columns,
        files,
        one_of(cls),
    )


def _objects(cls: type, element: str, text: str) -> list[Any] | None:
    """The objects whose elements make up `text`; None where it has anything else, or any has a fault."""
    shape = _shape(cls, element)
    files: list[tuple[Attachment, ...]] = []
    if shape.files is not None and f"<{shape.files.xml}>" in text:
        text, insides = _cut_out(text, shape.files.xml)
        for inside in insides:
            read = _objects(Attachment, str(shape.files.item), inside.lstrip(_SPACE))
            if read is None:
                return None
            files.append(tuple(read))
    parts = shape.pattern.split(text)
    width = 1 + len(shape.columns)
    # What stands between two matches: no match begins anywhere but where the last has ended.
    if any(parts[::width]):
        return None
    count = len(parts) // width
    if shape.one is not None and count <= FEW and not files and "&" not in text:
        return _few_objects(shape.one, parts, width)
    following = iter(files)
    ready: dict[str, list[Any]] = {}
    for group, column in enumerate(shape.columns, 1):
        values = parts[group::width]
        if column.kind == "files":
            ready[column.name] = [() if value is None else next(following) for value in values]
        elif None not in values:
            ready[column.name] = _resolve(values)
        else:
            present = _resolve([value for value in values if value is not None])
            if present:
                ready[column.name] = spread(present, values)
    return assemble(cls, ready, count, clean=True)


def _few_objects(one: Callable[..., Any], parts: list[Any], width: int) -> list[Any] | None:
    """The objects of a few elements, one by one."""
    objects = []
    for start in range(1, len(parts), width):
        made = one(*parts[start : start + width - 1])
        if made is None:
            return None
        objects.append(made)
    return objects


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


class _NotPlain(Exception):
    """The text has a reference that is none."""


def _resolve(texts: list[str]) -> list[str]:
    """Texts with their references resolved. Raises `_NotPlain`."""
    joined = "\0".join(texts)
    if "&" not in joined:
        return texts
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
        raise _NotPlain
    return joined.split("\0")


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal = reference.groups()
    if not (decimal or hexadecimal):
        return "&"
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code > sys.maxunicode or check_characters(chr(code)) is not None:
        raise _NotPlain
    return chr(code)
