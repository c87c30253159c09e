"""Whether a file's content is what its type says, by magic numbers (SPEC.md section 5, `attachment.content`).

The magic numbers are those of the package `puremagic` (the extra `advice`), which is imported only where content is looked at.
"""

from __future__ import annotations

import binascii
import re

from commspec.errors import CommspecError
from commspec.rules.fault import Fault

# The kinds told apart, each with the endings and MIME subtypes that say it, the usual one first. puremagic knows them by the same endings.
_OOXML = "vnd.openxmlformats-officedocument"
_KINDS = {
    "PNG": "png apng",
    "JPEG": "jpg jpeg jpe jfif pjpeg",
    "GIF": "gif",
    "TIFF": "tif tiff",
    "BMP": "bmp dib",
    "RIFF": "webp",
    "PDF": "pdf",
    "ZIP": "zip zip-compressed docx docm dotx xlsx xlsm xlsb xltx pptx pptm ppsx potx odt ods odp epub epub+zip jar "
    f"{_OOXML}.wordprocessingml.document {_OOXML}.spreadsheetml.sheet {_OOXML}.presentationml.presentation",
    "gzip": "gz gzip tgz",
    "7-Zip": "7z 7z-compressed",
    "RAR": "rar rar-compressed vnd.rar",
    "Office 97": "doc msword xls xlt vnd.ms-excel ppt pps vnd.ms-powerpoint msg",
    "RTF": "rtf",
    "text": "txt text plain log csv tsv tab-separated-values html htm xhtml xhtml+xml xml svg svg+xml json yaml yml md markdown "
    "css js javascript ics ical calendar vcf vcard eml",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}

# Files of these kinds need no magic number: programs write HTML and call it xls, and others open it.
_UNSIGNED = frozenset({"Office 97", "RTF", "text"})
# What makes good content of a kind without the magic number in front, and up to where it may end. Readers look for a PDF in the first 1,024 bytes.
# A ZIP is found by its index, and a program may stand before it; Office documents with a password or restrictions are in a container of 1997.
_ELSEWHERE: dict[str, tuple[tuple[bytes, int | None], ...]] = {
    "PDF": ((b"%PDF-", 1024 + 5),),
    "ZIP": ((b"PK\x05\x06", None), ("EncryptedPackage".encode("utf-16-le"), None), ("DataSpaces".encode("utf-16-le"), None)),
}
# A magic number of fewer bytes tells what a content may be, not what it is: a note that begins with BM is no picture.
_CERTAIN_BYTES = 3
_CONTAINERS = frozenset({"RIFF", "ZIP", "Office 97"})

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # what no text holds; ESC, which is left out, switches alphabets in some
_HEAD = 4096


def check_content(content: bytes, file_type: str) -> Fault | None:
    """Advice `attachment.content` where `content` is certainly not what `file_type`, an ending (`png`, `.PNG`) or a MIME type, says.

    Certain it is where files of that type always begin with a magic number and the content does not, and where it begins with that of another kind and
    is no text. All that is a ZIP inside (docx, jar) counts as one kind. Empty content and types that are not known here pass.
    Raises `CommspecError` without the package `puremagic`.
    """
    kind = _kind_of(file_type)
    if kind is None or not content:
        return None
    found = _kinds_found(content)
    if kind in found or any(mark in content[:end] for mark, end in _ELSEWHERE.get(kind, ())):
        return None
    certain = [other for other, length in found.items() if length >= _CERTAIN_BYTES and other != "text"]
    if kind in _UNSIGNED and not (certain and _CONTROL.search(content)):
        return None
    if not certain:
        return Fault("attachment.content", f"the content does not begin as {kind} does", _hint(content, kind))
    its_type = "its own type" if certain[0] in _CONTAINERS else _KINDS[certain[0]].split()[0]
    hint = f"attach another file, or write {its_type} for file_type"
    return Fault("attachment.content", f"the content is {certain[0]}, not {kind}", hint)


def _kind_of(file_type: str) -> str | None:
    name = file_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return _KIND_OF.get(name.removeprefix(".").removeprefix("x-"))


def _kinds_found(content: bytes) -> dict[str, int]:
    """The kinds whose magic number `content` begins with, and how many bytes of it fit."""
    try:
        import puremagic
    except ImportError:
        raise CommspecError("looking into files needs the package puremagic: pip install 'commspec[advice]'") from None
    try:
        matches = puremagic.magic_string(content)
    except puremagic.PureError:  # how versions before 2 say that nothing fits
        return {}
    found: dict[str, int] = {}
    for match in matches:
        kind = _KIND_OF.get(match.extension.removeprefix("."))
        if kind is not None and match.offset == 0:
            found[kind] = max(found.get(kind, 0), len(match.byte_match))
    return found


def _hint(content: bytes, kind: str) -> str:
    head = b"".join(content[:_HEAD].split())
    try:
        inner = binascii.a2b_base64(head[: len(head) // 4 * 4])
    except binascii.Error:
        inner = b""
    if inner and kind in _kinds_found(inner):
        return "it is base64: encode the content once, and say so in file_encoding_type"
    if head.startswith(b"<"):
        return "it is HTML or XML, maybe a page that reports an error: attach the file itself"
    return "attach another file, or write its own type for file_type"
