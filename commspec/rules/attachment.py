"""Rules of attachments: the file's name, the name of its encoding, and base64 (SPEC.md section 5)."""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Callable

from commspec.errors import code_point, shorten
from commspec.rules.fault import Fault
from commspec.rules.text import WHITE_SPACE

_SEPARATOR = re.compile(r"[/\\]")
# re.ASCII: without it U+0130 and U+0131, the dotted capital and the dotless small i, would pass for an i.
_IMAGE = re.compile(r"(?:\.|image/)?(?:jpe?g|png|gif)", re.ASCII | re.IGNORECASE)

_MEANT_BASE64 = frozenset(("base64", "b64", "base64encoded", "base64encoding", "xbase64", "mimebase64"))
_MEANT_PLAIN = frozenset(("none", "null", "no", "false", "plain", "textplain", "text", "utf8", "ascii", "usascii", "7bit", "8bit"))
_LONGEST_MEANT = 20

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOREIGN = re.compile("[^A-Za-z0-9+/]")
# RFC 4648, section 4. Before one = a character must leave 2 bits zero, before two of them 4 bits.
_LAST_GROUP = re.compile("[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==")
_STEP = 1 << 17  # characters looked at together: they, and what is made of them, stay in the processor's cache

# U+FEFF and U+200B can't be seen either; JSON and Python write line breaks as two characters.
_SPACES = ("\n", "\r", " ", "\t", "\xa0", "\ufeff", "\u200b")
_WRITTEN_BREAKS = ("\\n", "\\r")
_DATA_URI = re.compile("(?i)data:[^,]{0,200};base64,")
_HEXADECIMAL = re.compile("(?:0x)?[0-9A-Fa-f]{10,}")
_SHOWN_CHARACTERS = 60


def check_file_name(text: str) -> Fault | None:
    r"""`attachment.name` where `text` has a path separator, `/` or `\`, or is `.` or `..`. Blank names and line breaks are other rules' to judge."""
    separator = _SEPARATOR.search(text)
    if separator is not None:
        message = f"character {separator.start() + 1} is {code_point(separator.group())}: a file name has no folders"
        return Fault("attachment.name", message, _last_part(text))
    if text in (".", ".."):
        return Fault("attachment.name", "dots alone name a folder, not a file", "write the file's own name")
    return None


def check_encoding(encoding: str | None, file_type: str | None) -> Fault | None:
    """`attachment.encoding` where `encoding` is neither absent, empty nor `base64`, or is not `base64` where `file_type` (None if not known) is an image's.

    Those are jpg, jpeg, png and gif, also after a full stop or `image/`. Letter case does not matter, white space does: `base64` and a space is neither.
    """
    if is_base64(encoding):
        return None
    image = file_type is not None and _IMAGE.fullmatch(file_type) is not None
    if not encoding:
        return Fault("attachment.encoding", "files of this type are sent as base64", "write base64") if image else None
    return Fault("attachment.encoding", "neither empty nor base64", "write base64" if image else _encoding_hint(encoding))


def is_base64(encoding: str | None) -> bool:
    """Whether `file_encoding_type` says that `file_data` is base64: `base64` in any letter case, and nothing around it."""
    # No letter but ASCII's own has b, a, s or e for its lower case. `casefold` would turn U+017F, the long s, into s.
    return encoding is not None and encoding.lower() == "base64"


def check_base64(text: str) -> Fault | None:
    """`attachment.base64` where `text` is not the one base64 form of some bytes; empty text is that of none.

    That is the standard alphabet, as many `=` at the end as the length asks for, and zero in the bits that the last character has to spare.
    Runs at memory speed, and holds no copy of a good text. The message says the position of the first foreign character and its code point, or what is
    wrong with length, padding or bits. The hint says what to do where that makes a base64 of it, and quotes up to 60 characters.
    """
    if _is_canonical(text):
        return None
    return Fault("attachment.base64", _base64_message(text), _base64_hint(text))


def decode_content(file_data: str, encoding: str | None) -> bytes:
    """The bytes of a file whose `file_data` and encoding have been judged: decoded from base64, or as UTF-8 where they are plain text."""
    return binascii.a2b_base64(file_data) if is_base64(encoding) else file_data.encode()


def _last_part(path: str) -> str:
    """What to write instead of a path: the last part of it that is a file name."""
    parts = [part for part in _SEPARATOR.split(path) if part.strip(WHITE_SPACE) and part not in (".", "..")]
    if not parts:
        return "write the file's own name"
    # A name that can't be shown whole is not quoted: what a hint quotes must be good to write.
    return f"write {parts[-1]}" if shorten(parts[-1]) == parts[-1] else "write its last part only"


def _encoding_hint(encoding: str) -> str:
    # Python normalizes some texts in quadratic time: short ones only.
    plain = unicodedata.normalize("NFKC", encoding).lower() if len(encoding) <= _LONGEST_MEANT else ""
    meant = "".join(filter(str.isalnum, plain))
    if meant in _MEANT_BASE64:
        return "write base64"
    if meant in _MEANT_PLAIN:
        return "leave it out: plain text has no encoding"
    return "write base64, or leave it out where the data is plain text"


def _is_canonical(text: str) -> bool:
    # Not binascii: it takes spare bits that are not zero, and surplus padding before Python 3.13; and it makes the bytes only to throw them away.
    last = len(text) - 4
    return not text or (last % 4 == 0 and _LAST_GROUP.fullmatch(text, last) is not None and _find_foreign(text, last) is None)


def _find_foreign(text: str, end: int) -> int | None:
    """Where the first character before `end` is that does not belong to the alphabet, 0-based; None where all do."""
    for start in range(0, end, _STEP):
        part = text[start : min(start + _STEP, end)]
        # Deleting the whole alphabet leaves nothing of almost every part, and is several times as fast as any search for what is not in it.
        if not part.isascii() or part.encode().translate(None, _ALPHABET):
            found = _FOREIGN.search(part)
            assert found is not None
            return start + found.start()
    return None


def _base64_message(text: str) -> str:
    length = len(text.rstrip("="))
    foreign = _find_foreign(text, length)
    if foreign is not None:
        expected = "padding stands at the end only" if text[foreign] == "=" else "not in the alphabet of base64"
        return f"character {foreign + 1} is {code_point(text[foreign])}: {expected}"
    padding, needed = len(text) - length, -length % 4
    if needed == 3:
        return f"the length without padding is {length}, 1 modulo 4: a character is missing, or one too many"
    if padding != needed:
        return f"the length without padding is {length}, which asks for {needed} '=' at the end, not {padding}"
    return "the last character before the padding has bits to spare that are not zero"


def _base64_hint(text: str) -> str:
    """What to do with `text` to make base64 of it, in as many steps as it takes; in general terms where that can't be known."""
    if len(text) % 2 == 0 and _HEXADECIMAL.fullmatch(text):
        return "these are hexadecimal digits, it seems: encode the bytes that they stand for in base64"
    if " " in text and not _is_canonical(_without_space(text)) and _is_canonical(text.replace(" ", "+")):
        return "write + for every space: a web form has decoded it, it seems"
    steps = []
    for step, mend in _MENDS:
        mended = mend(text)
        if mended != text:
            steps.append(step)
            text = mended
    body = text.rstrip("=")
    surplus = len(text) - len(body) - -len(body) % 4
    if surplus:
        steps.append(f"{'remove' if surplus > 0 else 'append'} {abs(surplus)} '=' at the end")
        text = body + "=" * (-len(body) % 4)
    if not body or not _is_canonical(text):
        return "encode the bytes of the content in base64 (RFC 4648, section 4), in one line"
    return ", ".join(steps) + (f": {text}" if len(text) <= _SHOWN_CHARACTERS else "")


def _without_space(text: str) -> str:
    for space in _SPACES + _WRITTEN_BREAKS if "\\" in text else _SPACES:
        text = text.replace(space, "")
    return text


def _without_data_uri(text: str) -> str:
    found = _DATA_URI.match(text)
    return text[found.end() :] if found is not None else text


def _unquoted(text: str) -> str:
    start = 1 if text.startswith(("b'", 'b"')) else 0
    return text[start + 1 : -1] if len(text) > start + 1 and text[start] in "'\"" and text[-1] == text[start] else text


_MENDS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("remove white space and line breaks", _without_space),
    ("write what stands between the quotes", _unquoted),
    ("write what follows the comma", _without_data_uri),
    ("write + for - and / for _", lambda text: text.replace("-", "+").replace("_", "/")),
)
