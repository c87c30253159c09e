"""Documents as they stand before they are bytes, for both formats, and every way in which a peer may spell them (SPEC.md sections 2, 4.8 and 4.9).

Nothing here asks commspec's codecs: the strategies and the codecs are two accounts of one specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar, Union

import attrs
from hypothesis import strategies as st

T = TypeVar("T")

FormatName = Literal["json", "xml"]


class Dice:
    """A cheap source of many small choices: of a number of sides, 0 is the plainest, and what a `Dice` of no bytes always rolls."""

    def __init__(self, rolls: bytes = b"", *, endless: bool = False) -> None:
        self._rolls = rolls
        self._endless = endless
        self._next = 0

    def __repr__(self) -> str:
        return f"Dice({self._rolls!r}{', endless=True' if self._endless else ''})"

    def roll(self, sides: int) -> int:
        """A number from 0 to `sides` - 1."""
        if self._next == len(self._rolls):
            if not self._endless or not self._rolls:
                return 0
            self._next = 0
        self._next += 1
        return self._rolls[self._next - 1] % sides

    def once_in(self, times: int) -> bool:
        """True once in so many `times`; False is the plainest."""
        return self.roll(times) == times - 1

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`; the first is the plainest."""
        return options[self.roll(len(options))]

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """`items` in some order; as they are is the plainest."""
        left = list(items)
        return [left.pop(self.roll(len(left))) for _ in range(len(left))]


def dice() -> st.SearchStrategy[Dice]:
    """Shrinks to one that always rolls 0: the document as commspec would write it."""
    return st.builds(Dice, st.one_of(st.binary(max_size=24), st.binary(min_size=24, max_size=120)), endless=st.booleans())


class Spelled(str):
    """A JSON value other than a text, as it is spelled: `12`, `true`, `1.50E+3`. In XML, the text of the element."""

    __slots__ = ()


@attrs.define
class Part:
    """An object: its members in order, repeated ones too. In XML an element that holds elements, with attributes, and maybe stray text between them."""

    members: list[Member] = attrs.field(factory=list)
    attributes: list[tuple[str, str]] = attrs.field(factory=list)
    stray: str = ""

    def add(self, name: str, value: Any) -> None:
        """Add a member at the end."""
        self.members.append(Member(name, value))

    def find(self, name: str) -> Member | None:
        """The first member of that name."""
        return next((member for member in self.members if member.name == name), None)

    def drop(self, name: str) -> None:
        """Take out every member of that name."""
        self.members = [member for member in self.members if member.name != name]


@attrs.define
class Member:
    """One member of an object. In XML a list is the element repeated, and null is no element."""

    name: str
    value: Value


@attrs.define
class Leaf:
    """A text with attributes on its element: XML only."""

    text: str
    attributes: list[tuple[str, str]]


Value = Union[str, Spelled, None, Part, Leaf, "list[Any]"]


def names_in(value: Any) -> Iterator[str]:
    """Every name of a member in `value`."""
    if isinstance(value, Part):
        for member in value.members:
            yield member.name
            yield from names_in(member.value)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)


# ---- JSON.

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json_string(text: str, roll: Dice) -> str:
    """`text` as a JSON string: escaped where it must be, and where the dice say so."""
    style = roll.roll(6)
    return '"' + "".join(_json_character(character, roll, style) for character in text) + '"'


def _json_character(character: str, roll: Dice, style: int) -> str:
    must = character in _SHORT or character < " "
    if must and character in _SHORT and not (style >= 4 and roll.once_in(2)):
        return _SHORT[character]
    if must or style == 5 or (style == 4 and roll.once_in(2)):
        if character == "/" and roll.once_in(2):
            return "\\/"
        code = ord(character)
        units = [code] if code < 0x10000 else [0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)]
        form = roll.pick(("\\u{:04x}", "\\u{:04X}"))
        return "".join(map(form.format, units))
    return character


class _Space:
    """White space between the tokens or elements of one document, in one manner."""

    def __init__(self, roll: Dice) -> None:
        self._roll = roll
        self._manner = roll.roll(4)
        self._step = roll.pick(("  ", " ", "\t", "    "))
        self._break = roll.pick(("\n", "\r\n", "\n", "\r"))

    def within(self) -> str:
        """Where a line does not usually break."""
        if self._manner == 3:
            return self._roll.pick(("", " ", "\n", "\t", "\r\n", "  \n "))
        return " " if self._manner == 1 else ""

    def line(self, depth: int) -> str:
        """Where a line of the given depth usually begins."""
        if self._manner == 3:
            return self.within()
        return self._break + self._step * depth if self._manner == 2 else ""


def json_text(value: Any, roll: Dice) -> str:
    """A document's text: white space around every token, strings and names escaped as the dice say."""
    space = _Space(roll)

    def write(value: Any, depth: int) -> str:
        if value is None:
            return "null"
        if isinstance(value, Spelled):
            return str(value)
        if isinstance(value, str):
            return json_string(value, roll)
        if isinstance(value, Part):
            return bracketed(
                "{",
                "}",
                [
                    write(member.name, depth) + space.within() + ":" + space.within() + write(member.value, depth + 1)
                    for member in value.members
                ],
                depth,
            )
        assert isinstance(value, list), value
        return bracketed("[", "]", [write(item, depth + 1) for item in value], depth)

    def bracketed(opening: str, closing: str, items: list[str], depth: int) -> str:
        if not items:
            return opening + space.within() + closing
        inner = ("," + space.line(depth + 1)).join(item + space.within() for item in items)
        return opening + space.line(depth + 1) + inner + space.line(depth) + closing

    return space.within() + write(value, 0) + space.within()


def json_document(value: Any, roll: Dice) -> bytes:
    """A document's bytes: UTF-8, with a byte order mark where the dice say so."""
    mark = roll.pick((b"", b"", b"", b"\xef\xbb\xbf"))
    return mark + json_text(value, roll).encode()


# ---- XML.

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HINTS = (
    ("xmlns:xsi", _XSI),
    ("xsi:noNamespaceSchemaLocation", "sendMessage.xsd"),
    ("xsi:schemaLocation", "urn:x sendMessage.xsd"),
)
_ASIDES = ("", "", "<!-- aside -->", "<?note x?>", "<!---->", "<!-- <to>1</to> & -->")


@attrs.frozen
class Encoding:
    """An encoding of XML documents: what declarations call it, what Python calls it, its byte order mark, and whether a declaration is needed."""

    name: str
    python: str
    mark: bytes = b""
    declared: bool = True

    def holds(self, character: str) -> bool:
        """Whether the character has bytes in it."""
        try:
            character.encode(self.python)
        except UnicodeEncodeError:
            return False
        return True


ENCODINGS = (
    Encoding("UTF-8", "utf-8", declared=False),
    Encoding("utf-8", "utf-8", b"\xef\xbb\xbf", declared=False),
    Encoding("UTF-16", "utf-16-le", b"\xff\xfe", declared=False),
    Encoding("utf-16", "utf-16-be", b"\xfe\xff", declared=False),
    Encoding("UTF-16LE", "utf-16-le"),
    Encoding("UTF-16BE", "utf-16-be"),
    Encoding("ISO-8859-1", "iso-8859-1"),
    Encoding("windows-1252", "cp1252"),
    Encoding("US-ASCII", "ascii"),
)


class XmlSpeller:
    """Writes one XML document as the dice say."""

    def __init__(self, roll: Dice, encoding: Encoding) -> None:
        self._roll = roll
        self._space = _Space(roll)
        self._encoding = encoding
        self._asides = roll.once_in(3)
        self._style = roll.roll(6)

    def text(self, text: str) -> str:
        """`text` as the content of an element: plain, in references, in CDATA, around comments and instructions."""
        if self._style == 5 and "\r" not in text and self._roll.once_in(2) and all(map(self._encoding.holds, text)):
            return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
        pieces: list[str] = []
        for character in text:
            # Only `]]>` has to be escaped, but most peers escape every `>`.
            plain = character == ">" and self._style == 1 and not "".join(pieces[-2:]).endswith("]")
            piece = character if plain else self._character(character)
            # A CR and an LF next to each other would be read as one line break.
            if piece.startswith("\n") and pieces and pieces[-1].endswith("\r"):
                piece = "&#10;"
            pieces.append(piece)
            if self._asides and self._roll.once_in(8):
                pieces.append(self._roll.pick(_ASIDES))
        if not pieces and self._style == 5:
            return self._roll.pick(("<![CDATA[]]>", "<!---->", "<?nothing?>"))
        return "".join(pieces)

    def _character(self, character: str) -> str:
        must = character in "<&\r" or not self._encoding.holds(character)
        if character == "\n" and self._style >= 2:
            return self._roll.pick(("\n", "\r\n", "\r", "&#10;"))
        if not must and self._style >= 4 and self._roll.once_in(3) and character not in "]>":
            return f"<![CDATA[{character}]]>"
        if character == "<" and self._style == 5:
            return self._roll.pick(("&lt;", "<![CDATA[<]]>", "&#60;"))
        if character == "&" and self._style == 5:
            return self._roll.pick(("&amp;", "<![CDATA[&]]>", "&#38;"))
        if must or character == ">" or (self._style >= 3 and self._roll.once_in(3)):
            named = {"<": "&lt;", "&": "&amp;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}.get(character)
            if named is not None and self._style < 3:
                return named
            return self._roll.pick(("&#{};", "&#x{:x};", "&#x{:X};", "&#0{};", "&#x000{:X};")).format(ord(character))
        return character

    def element(self, name: str, value: Any, depth: int) -> str:
        """An element, or as many as a list has; nothing for null."""
        if value is None:
            return ""
        if isinstance(value, list):
            return self._gap(depth).join(self.element(name, item, depth) for item in value)
        if isinstance(value, Part):
            return self._tags(name, value.attributes, self._content(value, depth + 1))
        attributes = value.attributes if isinstance(value, Leaf) else []
        return self._tags(name, attributes, self.text(value.text if isinstance(value, Leaf) else str(value)))

    def _content(self, part: Part, depth: int) -> str:
        children = [child for member in part.members if (child := self.element(member.name, member.value, depth))]
        stray = self.text(part.stray)
        if not children:
            return stray + self._space.within()
        return stray + "".join(self._gap(depth) + child for child in children) + self._gap(depth - 1)

    def _gap(self, depth: int) -> str:
        gap = self._space.line(depth)
        if self._asides:
            gap += self._roll.pick(_ASIDES) + self._space.within()
        return gap

    def _tags(self, name: str, attributes: Sequence[tuple[str, str]], content: str) -> str:
        within = self._roll.pick(("", "", "", " ", "\n")) if self._style >= 2 else ""
        opening = name + "".join(f" {key}={self._quoted(value)}" for key, value in attributes) + within
        if not content and self._style % 2:
            return f"<{opening}/>"
        return f"<{opening}>{content}</{name}{within}>"

    def _quoted(self, value: str) -> str:
        return (
            '"'
            + "".join(
                f"&#{ord(character)};" if character in '"<&' or not self._encoding.holds(character) else character for character in value
            )
            + '"'
        )

    def document(self, name: str, root: Any) -> bytes:
        """The whole document's bytes in its encoding."""
        if isinstance(root, Part) and self._roll.once_in(6):
            root = attrs.evolve(root, attributes=[*_HINTS, *root.attributes])
        manner = self._roll.roll(3)
        head = ""
        if self._encoding.declared or manner == 2:
            head = (
                f'<?xml version="1.0" encoding="{self._encoding.name}"{self._roll.pick(("", " standalone=" + chr(39) + "yes" + chr(39)))}?>'
            )
        elif manner == 1:
            head = "<?xml version='1.0'?>"
        lead = self._gap(0) if head or self._roll.once_in(2) else ""
        return self.encode(head + lead + self.element(name, root, 0) + self._gap(0))

    def encode(self, text: str) -> bytes:
        """`text` in the document's encoding, after its byte order mark."""
        return self._encoding.mark + text.encode(self._encoding.python)


def xml_document(name: str, root: Any, roll: Dice, *, encodings: Sequence[Encoding] = ENCODINGS) -> bytes:
    """A document's bytes, in any encoding that holds all its names."""
    fit = [encoding for encoding in encodings if all(map(encoding.holds, set("".join(names_in(root)))))]
    return XmlSpeller(roll, roll.pick(fit)).document(name, root)
