"""Rules that every text obeys (SPEC.md sections 4.3 and 4.7)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from commspec.errors import code_point
from commspec.rules.fault import Fault

FORBIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""XML 1.0, production [2] Char, turned round: what no XML document can hold, not even as a character reference. The inside of a regular expression's class."""

LINE_BREAKS = "\n\r\x85\u2028\u2029"
"""What ends a line, in Unicode and so in some program that a one-line text may pass."""

_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")
_CONTROLS_REPLACED = bytes(ord("?") if code < 32 and _FORBIDDEN.match(chr(code)) else code for code in range(256))
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_LINE_BREAK = re.compile(f"[{LINE_BREAKS}]")

WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters of Unicode's White_Space property. `str.isspace` counts U+001C to U+001F too, which are none of it."""


SPACE = " \t\r\n"
"""What XML 1.0 (production [3]) and JSON take for white space: all that may stand between the parts of a document."""


def is_blank(text: str) -> bool:
    """Whether there is nothing in `text` but White_Space."""
    return not text.strip(WHITE_SPACE)


def check_characters(text: str) -> Fault | None:
    """`text.character` where `text` holds something that XML 1.0 can't carry: a C0 control but tab, LF and CR, a surrogate, U+FFFE, U+FFFF."""
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    return Fault("text.character", f"character {found.start() + 1} is {code_point(found.group())}, which XML cannot carry", "leave it out")


def check_surrogates(text: str) -> Fault | None:
    """`text.character` where `text` holds a lone surrogate, which no encoding can carry: all that the text of a response must not hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        character = text[error.start]
        return Fault("text.character", f"character {error.start + 1} is {code_point(character)}, half of a surrogate pair")
    return None


def check_one_line(text: str) -> Fault | None:
    """`text.newline` where `text` holds CR, LF, U+0085, U+2028 or U+2029: in a header, what follows would be a header of its own."""
    found = _LINE_BREAK.search(text)
    if found is None:
        return None
    return Fault("text.newline", f"character {found.start() + 1} is {code_point(found.group())}: one line only", "write it in one line")


def characters_ok(column: Sequence[str]) -> bool:
    """Whether `check_characters` finds nothing in any of `column`."""
    return _FORBIDDEN.search("".join(column)) is None


def holds_forbidden(document: bytes) -> bool:
    """Whether UTF-8 holds a character that XML can't carry."""
    # At five times the speed of searching for a class of characters; piece by piece, since a large copy is memory that the system has to give first.
    pieces = (document[start : start + _PIECE_BYTES] for start in range(0, len(document), _PIECE_BYTES))
    return any(piece.translate(_CONTROLS_REPLACED) != piece for piece in pieces) or holds_noncharacter(document)


_PIECE_BYTES = 64 * 1024


def holds_noncharacter(document: bytes) -> bool:
    """Whether UTF-8 holds U+FFFE or U+FFFF."""
    return 0xEF in document and _NONCHARACTER.search(document) is not None


def one_line_ok(column: Sequence[str]) -> bool:
    """Whether no text of `column` holds anything that Python takes for a line break: those of `check_one_line`, and controls that no text may hold.

    `str.splitlines` runs at memory speed, where a search for five characters looks at each; the full stop keeps a last line break from going unseen.
    """
    return len(("".join(column) + ".").splitlines()) == 1


def none_blank(column: Sequence[str]) -> bool:
    """Whether no text of `column` is empty or made of what Python takes for white space: White_Space, and controls that no text may hold."""
    return all(map(str.strip, column))
