"""The one way in for JSON: bytes become a tree, or an error that says where and why not.

The tree is what the explaining path and the responses are read from. It keeps what a decoder for speed drops: keys that stand twice, and the spelling
of numbers.
"""

from __future__ import annotations

import functools
import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from commspec.codecs.format import depth_fault, encoding_fault, utf8
from commspec.errors import Issue, MalformedDocument, code_point
from commspec.wire.reply import Number
from commspec.wire.report import Limits

if TYPE_CHECKING:
    import json

_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(r'"[^"]*"?')
_STRING_OR_CONSTANT = re.compile(_STRING.pattern + "|(NaN|-?Infinity)")
_NOT_BRACKETS = re.compile(r"[^][{}]+")
# One match per escape, so that the u of an escaped backslash followed by u is none; a pair is one match, a lone half has the group.
_ESCAPES = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_MAY_BE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Repeated(list[tuple[str, Any]]):
    """A JSON object in which a key stands twice: its members as they stand."""


def strip_bom(document: bytes | str) -> bytes:
    """The document's UTF-8 without a byte order mark."""
    return (utf8(document) if isinstance(document, str) else document).removeprefix(_BOM)


def parse(source: bytes | str, limits: Limits, *, above: int = 0) -> Any:
    """The tree of a JSON document, or of a part of one with `above` levels around it: dict, `Repeated`, list, str, `Number`, bool, None.

    Raises `MalformedDocument`: `encoding`, `limit.depth`, `json.syntax`, with line and column.
    """
    import json

    document = strip_bom(source)
    try:
        text = document.decode()
    except UnicodeDecodeError as error:
        raise encoding_fault(document, error, "JSON is UTF-8") from None
    check_depth(text, limits.depth, above)
    try:
        tree = _decoder().decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_fault(text, error.pos, _lowered(error.msg)) from None
    except _Constant:
        place = next(found for found in _STRING_OR_CONSTANT.finditer(_without_escapes(text)) if found.group(1))
        raise _syntax_fault(text, place.start(), f"{place.group()} is no JSON number") from None
    if _MAY_BE_SURROGATE.search(text):
        for found in _ESCAPES.finditer(text):
            if found.group(1):
                raise _syntax_fault(text, found.start(), "half of a surrogate pair")
    return tree


def members(value: Any) -> list[tuple[str, Any]]:
    """The members of an object of the tree, as they stand in the document."""
    return value if isinstance(value, Repeated) else list(value.items())


def is_object(value: Any) -> bool:
    """Whether a value of the tree is an object."""
    return isinstance(value, (dict, Repeated))


def is_list(value: Any) -> bool:
    """Whether a value of the tree is a list."""
    return isinstance(value, list) and not isinstance(value, Repeated)


class _Constant(Exception):
    """NaN or Infinity, which Python's reader takes and JSON does not have."""


def _refuse_constant(name: str) -> None:
    raise _Constant


def _object(pairs: list[tuple[str, Any]]) -> Any:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Repeated(pairs)


@functools.cache
def _decoder() -> json.JSONDecoder:
    import json  # as in `parse`: good documents do without

    return json.JSONDecoder(object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)


def check_depth(text: str, max_depth: int, above: int) -> None:
    """Raise where brackets of `text`, with `above` levels around it, are nested deeper than `max_depth`."""
    if text.count("[") + text.count("{") + above <= max_depth:
        return
    brackets = _NOT_BRACKETS.sub("", _STRING.sub("", _without_escapes(text)))
    if max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0) + above > max_depth:
        raise depth_fault(max_depth)


def _without_escapes(text: str) -> str:
    """`text` with every escaped backslash and quote overwritten, so that each quote left opens or closes a string."""
    return text.replace("\\\\", "__").replace('\\"', "__")


def _lowered(message: str) -> str:
    return (message[:1].lower() + message[1:]).rstrip(" :")


def _syntax_fault(text: str, position: int, message: str) -> MalformedDocument:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    issue = Issue("json.syntax", "", message, hint=_hint(text, position), line=line, column=column)
    return MalformedDocument.of((issue,))


def _hint(text: str, position: int) -> str | None:
    if not text.strip():
        return "the document is empty"
    if position >= len(text.rstrip()):
        return "the document ends too soon: was it cut?"
    character = text[position]
    before = text[:position].rstrip(" \t\r\n")[-1:]
    if character == "\ufeff" and not position:
        return "a second byte order mark: leave it out"
    if character == "<" and not text[:position].strip():
        return "this looks like XML"
    if character == "'":
        return "JSON has double quotes; a Python dict is written with json.dumps"
    if (before == "," and character in "]}") or (character == "," and text[position + 1 :].lstrip()[:1] in ("]", "}")):
        return "take the last comma out"
    if character in "\t\n\r" or character < " ":
        return f"inside a text, write {code_point(character)} as an escape, \\u{ord(character):04x}"
    if character in "NTFI" or text.startswith("-I", position):
        return "JSON has true, false and null, and no NaN"
    if text.startswith("//", position) or text.startswith("/*", position):
        return "JSON has no comments"
    return None
