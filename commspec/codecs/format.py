"""The two formats, how they are named and how they are recognised, and what every document passes first: its type and its size."""

from __future__ import annotations

import enum
import re

from commspec.errors import Issue, MalformedDocument
from commspec.wire.report import Limits

_MEDIA_TYPE = re.compile(r"\s*([!#$&^_.+\w-]+)/([!#$&^_.+\w-]+)\s*(?:;.*)?", re.ASCII | re.DOTALL)
# A second byte order mark is a fault of the format that follows it.
_XML_START = re.compile(rb"(?:\xef\xbb\xbf){0,2}[ \t\r\n]*<|\xff\xfe|\xfe\xff|<\x00|\x00<|\x00\x00\xfe\xff|\x00\x00\x00<")
_XML_START_TEXT = re.compile("\ufeff{0,2}[ \t\r\n]*<")
_JSON_START = re.compile(rb'(?:\xef\xbb\xbf){0,2}[ \t\r\n]*[{["0-9tfn-]')
_JSON_START_TEXT = re.compile('\ufeff{0,2}[ \t\r\n]*[{["0-9tfn-]')
_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf){0,2}[ \t\r\n]*(?:\xef\xbb?)?")


class Format(str, enum.Enum):
    """A format of documents. `Format("xml")`, `Format("application/xml; charset=utf-8")` and `Format("text/xml")` are `Format.XML`.

    Names and media types are read in any letter case, parameters are ignored, and so are prefixes before `+json` and `+xml`. Another name is a `ValueError`.
    """

    JSON = "json"
    XML = "xml"

    @classmethod
    def _missing_(cls, value: object) -> Format | None:
        if isinstance(value, str):
            found = _MEDIA_TYPE.fullmatch(value)
            kind, name = (found.group(1).lower(), found.group(2).lower()) if found else ("", value.strip().lower())
            suffix = name.rpartition("+")[2]
            if suffix == "json" and kind in ("", "application", "text"):
                return cls.JSON
            if suffix == "xml" and kind in ("", "application", "text"):
                return cls.XML
        raise ValueError(f"no format {value!r}: expected json, xml, application/json, application/xml or text/xml")

    @property
    def media_type(self) -> str:
        """`application/json` or `application/xml`."""
        return f"application/{self.value}"

    @property
    def other(self) -> Format:
        """The other format."""
        return Format.XML if self is Format.JSON else Format.JSON

    def __str__(self) -> str:
        return self.value


JSON, XML = Format  # an enum's attributes take as long as a call


def named(format: Format | str) -> Format:
    """`Format(format)`; the names themselves at a tenth of its time."""
    return _NAMED.get(format) or Format(format) if type(format) is str else Format(format)


_NAMED = {each.value: each for each in Format}


def admit(document: bytes | bytearray | memoryview | str, limits: Limits) -> bytes | str:
    """`document` as it is, where it is bytes or text within `limits.bytes` (of UTF-8, for a text).

    Raises `MalformedDocument` (`limit.bytes`), and `TypeError` where it is no document at all, and `limits` no `Limits`.
    """
    if not isinstance(limits, Limits):
        raise TypeError(f"limits are a commspec.Limits, not {type(limits).__name__}")
    # A subclass may say of itself something else than it holds.
    if isinstance(document, str):
        document = str.__str__(document)
    elif isinstance(document, (bytes, bytearray, memoryview)):
        document = document if type(document) is bytes else memoryview(document).tobytes()
    else:
        raise TypeError(f"a document is bytes or str, not {type(document).__name__}")
    # No text is shorter in UTF-8 than in characters, or longer than four times that, so most need no counting.
    size = len(document)
    if isinstance(document, str) and size <= limits.bytes < 4 * size:
        size = len(document.encode("utf-8", "surrogatepass"))
    if size > limits.bytes:
        issue = Issue(
            "limit.bytes",
            "",
            f"longer than {limits.bytes} bytes",
            hint="raise the limit (limits.bytes, --max-bytes), or stream the document",
        )
        raise MalformedDocument.of((issue,))
    return document


def detect(document: bytes | str) -> Format | None:
    """The format that `document` looks like by its first characters; None for nothing but white space, and for what starts like neither."""
    first = document[:1]
    if first in ("{", b"{"):
        return JSON
    if first in ("<", b"<"):
        return XML
    start = _XML_START_TEXT.match(document) if isinstance(document, str) else _XML_START.match(document)
    if start is not None:
        return XML
    start = _JSON_START_TEXT.match(document) if isinstance(document, str) else _JSON_START.match(document)
    return None if start is None else JSON


def is_undecided(beginning: bytes) -> bool:
    """Whether a document that begins so has shown nothing of its format yet: it is short, or byte order marks and white space."""
    # Four bytes tell UTF-16 from what only begins like it.
    return len(beginning) < 4 or _BEGINNING.fullmatch(beginning) is not None


def utf8(text: str) -> bytes:
    """`text` in UTF-8. Raises `MalformedDocument` (`encoding`) for a lone surrogate, which no encoding has."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedDocument.of((Issue("encoding", "", f"character {error.start + 1} is half of a surrogate pair"),)) from None


def encoding_fault(document: bytes, error: UnicodeDecodeError, hint: str | None = None) -> MalformedDocument:
    """The error of bytes that are not of their encoding, with the line of the first such byte."""
    line = document.count(b"\n", 0, error.start) + 1
    message = f"byte {error.start + 1} is not {error.encoding.upper()}"
    return MalformedDocument.of((Issue("encoding", "", message, hint=hint, line=line),))


def depth_fault(max_depth: int) -> MalformedDocument:
    """The error of a document that is nested too deep."""
    return MalformedDocument.of((Issue("limit.depth", "", f"nested more than {max_depth} deep"),))
