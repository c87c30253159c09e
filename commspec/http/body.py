"""What a body is, by the headers that came with it: its format, and its text where they name the encoding (RFC 7303, RFC 8259)."""

from __future__ import annotations

import re

from commspec.codecs import Document
from commspec.codecs.format import Format, admit, detect, encoding_fault
from commspec.errors import InvalidDocument, Issue, shorten
from commspec.http.headers import HeaderSource, parameters, values_of
from commspec.wire.report import Limits

_BODY_TYPE, _BODY_CODING = "Content-Type", "Content-Encoding"

# Encodings that XML is sent in. Python knows more, some of which let one character hide in another's clothes.
_CHARSET = re.compile(
    r"(?:us-)?ascii|utf-?8|iso-?8859-?[0-9]{1,2}|latin-?1|(?:windows-|cp)125[0-8]|koi8-[ru]|shift_jis|euc-jp|euc-kr|gbk|gb2312|gb18030|big5|tis-620",
    re.IGNORECASE,
)
_WIDE_CHARSET = re.compile(r"(?:utf|iso-10646-ucs)-?(?:2|4|16|32)(?:-?[lb]e)?", re.IGNORECASE)
_UTF8 = re.compile("utf-?8", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml[ \t\r\n][^>]*?\?>")
_DECLARES_OTHER = re.compile(rb"""encoding[ \t\r\n]*=[ \t\r\n]*["'](?!utf-?8["'])""", re.IGNORECASE)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# What senders write who do not care, or do not know.
_ANYTHING = re.compile(r"(?:text/plain|application/octet-stream)(?:[ \t]*;.*)?", re.IGNORECASE | re.DOTALL)


def read_call(headers: HeaderSource, body: Document, limits: Limits) -> tuple[bytes | str, Format | None, tuple[Issue, ...]]:
    """The body of a call, its format (None where the headers name none), and what is wrong with its headers."""
    document = admit(body, limits)
    issues = []
    coding = [value for value in values_of(headers, _BODY_CODING) if value.lower() != "identity"]
    if coding:
        # What inflates is for the server before us, which knows how far it may.
        issues.append(Issue("encoding", _BODY_CODING, "the body is compressed", shorten(coding[0]), "unpack it first, or send it as it is"))
    types = list(dict.fromkeys(values_of(headers, _BODY_TYPE)))
    said = None
    if len(types) > 1:
        issues.append(Issue("duplicate", _BODY_TYPE, "stands twice, and says two things", shorten(", ".join(types)), "keep one of them"))
    elif types:
        said = _known(types[0])
        looks = None if coding else detect(document)
        if said is None:
            hint = "send application/json or application/xml; curl takes it as -H 'Content-Type: application/json'"
            issues.append(Issue("type", _BODY_TYPE, "neither JSON nor XML", shorten(types[0]), hint))
        elif looks is not None and looks is not said:
            message = f"says {said.name}, and the body looks like {looks.name}"
            issues.append(Issue("type", _BODY_TYPE, message, shorten(types[0]), f"write {looks.media_type}, if that is what it is"))
        elif not issues and said is Format.XML:
            document = _by_charset(document, types[0])
    return document, said, tuple(issues)


def read_reply(headers: HeaderSource, body: Document, limits: Limits) -> tuple[bytes | str, Format | None]:
    """The body of a reply and its format; None where the headers do not say, or say otherwise than the body looks.

    Raises `InvalidDocument` where they say that it is something else altogether.
    """
    document = admit(body, limits)
    types = values_of(headers, _BODY_TYPE)
    if not types or _ANYTHING.fullmatch(types[-1]):
        return document, None
    said = _known(types[-1])
    if said is None:
        raise InvalidDocument.of((Issue("type", _BODY_TYPE, "neither JSON nor XML: this is no answer to the call", shorten(types[-1])),))
    if detect(document) is said.other:
        return document, None
    return (_by_charset(document, types[-1]) if said is Format.XML else document), said


def _known(media_type: str) -> Format | None:
    try:
        return Format(media_type) if "/" in media_type else None
    except ValueError:
        return None


def _by_charset(document: bytes | str, media_type: str) -> bytes | str:
    """An XML body as text, where its media type's `charset` and not the document itself says the encoding.

    A byte order mark wins over `charset`, and that over the XML declaration. Raises `MalformedDocument`, and `InvalidDocument` for one that is not known.
    """
    charsets = parameters(media_type, "charset")
    if isinstance(document, str) or not charsets or document.startswith(_BOMS):
        return document
    charset = charsets[0]
    # The document says by its first bytes which of its halves comes first.
    if _WIDE_CHARSET.fullmatch(charset):
        return document
    if not _CHARSET.fullmatch(charset):
        raise _unknown_charset(charset)
    declaration = _DECLARATION.match(document)
    if _UTF8.fullmatch(charset) and not (declaration and _DECLARES_OTHER.search(declaration.group())):
        return document
    try:
        return document.decode(charset)
    except UnicodeDecodeError as error:
        raise encoding_fault(document, error) from None
    except LookupError:
        raise _unknown_charset(charset) from None


def _unknown_charset(charset: str) -> InvalidDocument:
    return InvalidDocument.of((Issue("encoding", _BODY_TYPE, "a charset that is not known", shorten(charset), "send it in UTF-8"),))
