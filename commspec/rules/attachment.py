"""Rules of attachments: the file's name, the name of its encoding, and base64 (SPEC.md section 5)."""

from __future__ import annotations

import binascii
import re
import unicodedata

from commspec.errors import code_point, shorten
from commspec.rules.fault import Fault
from commspec.rules.text import WHITE_SPACE

_SEPARATOR = re.compile(r"[/\\]")
# re.ASCII: without it `ı` and `İ` would pass for an i whose case does not matter.
_IMAGE = re.compile(r"(?:\.|image/)?(?:jpe?g|png|gif)", re.ASCII | re.IGNORECASE)

_MEANT_BASE64 = frozenset({"base64", "b64", "base64encoded", "base64encoding", "xbase64", "mimebase64"})
_MEANT_PLAIN = frozenset({"none", "null", "no", "false", "plain", "plaintext", "text", "string", "utf8", "ascii", "usascii", "7bit", "8bit", "binary"})
_LONGEST_MEANT = 20

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOREIGN = re.compile("[^A-Za-z0-9+/]")
# RFC 4648, section 4. Before one = a character must leave 2 bits zero, before two of them 4 bits.
_LAST_GROUP = re.compile("[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==")
_STEP = 1 << 17  # characters looked at together: they, and what is made of them, stay in the processor's cache

_DATA_URI = re.compile("(?i)data:[^,]{0,200};base64,")
_HEXADECIMAL = re.compile("(?:0x)?(?:[0-9A-Fa-f]{2}){5,}")
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


def check_encoding(encoding: str | None, file_type: str) -> Fault | None:
    """`attachment.encoding` where `encoding` is neither absent, empty nor `base64` in any letter case, or not `base64` where `file_type` is jpg, jpeg,
    png or gif: in any letter case, also after a full stop or `image/`. White space counts: `base64` and a space is no base64.
    """
    if is_base64(encoding):
        return None
    image = _IMAGE.fullmatch(file_type) is not None
    if not encoding:
        return Fault("attachment.encoding", "files of this type are sent as base64", "write base64") if image else None
    return Fault("attachment.encoding", "neither empty nor base64", "write base64" if image else _encoding_hint(encoding))


def is_base64(encoding: str | None) -> bool:
    """Whether `file_encoding_type` says that `file_data` is base64: `base64` in any letter case, and nothing around it."""
    # No letter but ASCII's own has b, a, s or e for its lower case; `casefold` would turn ſ into s.
    return encoding is not None and encoding.lower() == "base64"


def check_base64(text: str) -> Fault | None:
    """`attachment.base64` where `text` is anything but the one base64 form of some bytes: the standard alphabet, as many `=` at the end as the length
    asks for, zero in the bits that the last character has to spare. Empty text is base64 of no bytes.

    Runs at memory speed and holds no copy of a good text. The message says the position of the first foreign character and its code point, or what is
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
    # Normalizing takes quadratic time on some long texts.
    plain = unicodedata.normalize("NFKC", encoding).lower() if len(encoding) <= _LONGEST_MEANT else ""
    meant = "".join(filter(str.isalnum, plain))
    if meant in _MEANT_BASE64:
        return "write base64"
    return "leave it out: plain text has no encoding" if meant in _MEANT_PLAIN else "write base64, or leave it out where the data is plain text"


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
        return f"{length} characters before the padding, 1 modulo 4: no base64 has as many"
    if padding != needed:
        return f"{length} characters need {needed or 'no'} = after them; there {'is' if padding == 1 else 'are'} {padding or 'none'}"
    return "the last character before the padding has bits to spare that are not zero"


def _base64_hint(text: str) -> str:
    """What to do with `text`, in as many steps as it takes; in general terms where no steps make base64 of it."""
    if _HEXADECIMAL.fullmatch(text):
        return "these are hexadecimal digits, it seems: encode the bytes that they stand for in base64"
    bare = _without_space(text)
    if " " in text and not _is_canonical(bare) and _is_canonical(text.replace(" ", "+")):
        return "write + for every space: a web form has decoded it, it seems"
    steps = []
    for step, mended in (
        ("remove white space and line breaks", bare),
        ("write what stands between the quotes", bare := _unquoted(bare)),
        ("write what follows the comma", bare := _DATA_URI.sub("", bare, count=1) if _DATA_URI.match(bare) else bare),
        ("write + for - and / for _", bare := bare.replace("-", "+").replace("_", "/")),
    ):
        if mended != text:
            steps.append(step)
            text = mended
    body = text.rstrip("=")
    surplus = len(text) - len(body) - -len(body) % 4
    if surplus:
        steps.append(f"remove '{'=' * min(surplus, 4)}' at the end" if surplus > 0 else f"append '{'=' * -surplus}'")
        text = body + "=" * (-len(body) % 4)
    if not body or not _is_canonical(text):
        return "encode the bytes of the content in base64 (RFC 4648, section 4), in one line"
    return ", ".join(steps) + (f": {text}" if len(text) <= _SHOWN_CHARACTERS else "")
