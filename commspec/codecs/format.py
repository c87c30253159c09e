"""The two formats, how they are named and how they are recognised, and what every document passes first: its type and its size."""

from __future__ import annotations

import enum
import re

from commspec.errors import Issue, MalformedDocument
from commspec.wire.report import Limits

_MEDIA_TYPE = re.compile(r"\s*([!#$&^_.+\w-]+)/([!#$&^_.+\w-]+)\s*(?:;.*)?", re.ASCII | re.DOTALL)
_XML_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<|\xff\xfe|\xfe\xff|<\x00|\x00<|\x00\x00\xfe\xff|\x00\x00\x00<")
_XML_START_TEXT = re.compile("\ufeff?[ \t\r\n]*<")


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


def admit(document: bytes | bytearray | memoryview | str, limits: Limits) -> bytes | str:
    """`document` as it is, where it is bytes or text within `limits.bytes` (of UTF-8, for a text).

    Raises `MalformedDocument` (`limit.bytes`), and `TypeError` where it is no document at all.
    """
    if isinstance(document, (bytearray, memoryview)):
        document = bytes(document)
    if not isinstance(document, (bytes, str)):
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
        return Format.JSON
    if first in ("<", b"<"):
        return Format.XML
    start = _XML_START_TEXT.match(document) if isinstance(document, str) else _XML_START.match(document)
    if start is not None:
        return Format.XML
    head = (
        document[:1024].lstrip(" \t\r\n\ufeff")
        if isinstance(document, str)
        else document[:1024].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").decode("latin-1")
    )
    return Format.JSON if head[:1] in tuple('{["-0123456789tfn') else None


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
