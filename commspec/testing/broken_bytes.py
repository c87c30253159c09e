"""Broken bytes: documents with a fault of syntax, encoding, size or safety, of whatever kind (SPEC.md sections 4.8 to 4.10)."""

from __future__ import annotations

from typing import Any

from commspec.testing.trees import ENCODINGS, Dice, FormatName, Member, Part, XmlSpeller, json_document, json_text, xml_document
from commspec.wire.report import DEFAULT_LIMITS, Limits

CODES: dict[str, tuple[FormatName, ...]] = {
    "json.syntax": ("json",),
    "xml.syntax": ("xml",),
    "xml.doctype": ("xml",),
    "encoding": ("json", "xml"),
    "limit.bytes": ("json", "xml"),
    "limit.depth": ("json", "xml"),
}
"""The codes of such faults, and in which formats they can be. All of them hide whatever else is wrong with the document."""


def _json_syntax(text: str, roll: Dice) -> bytes:
    """JSON's text, broken. `text` is an object, so that no beginning of it is a document."""
    manner = roll.roll(12)
    if manner == 0:
        whole = len(text.rstrip())
        return text[: whole - 1 - roll.roll(whole)].encode()
    inner = text.rstrip()[:-1].rstrip()
    comma = "," if inner != "{" else ""
    return (
        "",
        text + roll.pick(("x", "{}", ",", "]")),
        inner + ",}",
        inner + comma + '"a":NaN}',
        inner + comma + '"a":-Infinity}',
        inner + comma + "'a':1}",
        inner + comma + '"a":' + roll.pick(("01", "1.", ".5", "+1", "0x1", "1e", "True", "None", "undefined", "")) + "}",
        inner + comma + '"a":"' + roll.pick(("\\ud800", "\\udc00", "\\uDFFF\\uD800", "\\ud83dx", "\\ud800\\u0041", "a\\\\\\ud800")) + '"}',
        inner + comma + '"a":"' + roll.pick(("\n", "\t", "\x00", "\x1f")) + '"}',
        inner + comma + '"a":"' + roll.pick(("\\x41", "\\u12", "\\'", "\\")) + '"}',
        roll.pick(("// note\n", "/* note */", "\xa0", "\x00", "\ufeff\ufeff")) + text,
        inner + comma + "a:1}",
    )[manner].encode()


def _xml_syntax(text: str, name: str, roll: Dice) -> bytes:
    """XML's text in UTF-8, broken."""
    end = text.rindex(f"</{name}")
    before, after = text[:end], text[end:]
    manner = roll.roll(12)
    if manner == 0:
        return text[: end - 1 - roll.roll(end)].encode()
    return (
        "",
        text + roll.pick(("x", "<a/>", "</a>", "&#32;")),
        before + "<a>" + after,
        before + roll.pick(("&", "& ", "&nbsp;", "&a;", "&#;", "&#xZ;", "&amp")) + after,
        before + roll.pick(("&#0;", "&#1;", "&#x1F;", "&#xFFFE;", "&#xD800;", "&#1114112;")) + after,
        before + roll.pick(("\x01", "\x00", "\x1f", "\uffff", "\ufffe", "\x0b")) + after,
        before + '<a b="1" b="2"/>' + after,
        before + roll.pick(("<a b=1/>", "<a b/>", '<a b="<"/>', "<1/>", "< a/>", "<a b='1'c='2'/>")) + after,
        before + roll.pick(("<!-- a -- b -->", "<!-->", "<?xml version='1.0'?>", "<![CDATA[", "<!-- ", "]]>")) + after,
        before + roll.pick(("<n:a/>", '<a n:b="1"/>')) + after,
        before + "</a>" + after,
        roll.pick((" ", "\n", "<!-- -->")) + "<?xml version='1.0'?>" + before.removeprefix("<?xml version='1.0'?>") + after,
    )[manner].encode()


_DOCTYPES = (
    "<!DOCTYPE root>",
    '<!DOCTYPE root [<!ENTITY a "x">]>',
    '<!DOCTYPE root SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE root PUBLIC "-//X//Y//EN" "file:///etc/passwd">',
    '<!DOCTYPE root [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
)
_HEADS = ("", "<?xml version='1.0'?>", "<!-- aside -->", "\n", "<?xml version='1.0' encoding='utf-8'?>\n<!-- <!DOCTYPE --><?a?>", "\ufeff")


def broken_bytes(code: str, format: FormatName, name: str, root: Any, roll: Dice) -> tuple[bytes, Limits]:
    """A document of `root` with a fault of syntax, encoding or size."""
    if code == "json.syntax":
        return _json_syntax(json_text(root, roll), roll), DEFAULT_LIMITS
    plain = XmlSpeller(Dice(), ENCODINGS[0]).element(name, root, 0) if format == "xml" else ""
    if code == "xml.syntax":
        return _xml_syntax(plain, name, roll), DEFAULT_LIMITS
    if code == "xml.doctype":
        encoding = roll.pick([each for each in ENCODINGS if not each.declared])
        body = roll.pick((plain, plain[: len(plain) // 2], ""))
        head = roll.pick(_HEADS[:-1])
        return XmlSpeller(roll, encoding).encode(
            (head if "utf-8" not in head or encoding.python == "utf-8" else "") + roll.pick(_DOCTYPES) + body
        ), DEFAULT_LIMITS
    if code == "encoding":
        return _bad_encoding(format, name, root, plain, roll), DEFAULT_LIMITS
    document = json_document(root, roll) if format == "json" else xml_document(name, root, roll)
    if code == "limit.bytes":
        return document, Limits(bytes=max(1, len(document) - 1 - roll.roll(len(document))))
    assert code == "limit.depth", code
    return _too_deep(format, name, root, roll)


def _bad_encoding(format: FormatName, name: str, root: Any, plain: str, roll: Dice) -> bytes:
    bad = roll.pick(
        (
            b"\xff",
            b"\xc0\x80",
            b"\xed\xa0\x80",
            b"\xe2\x82",
            b"\x80",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            "\u20ac".encode("cp1252"),
            "é".encode("latin-1"),
        )
    )
    if format == "json":
        text = json_text(root, Dice()).rstrip()[:-1]
        return text.encode() + (b"," if text != "{" else b"") + b'"a":"' + bad + b'"}'
    end = plain.rindex(f"</{name}")
    before, after = plain[:end].encode(), plain[end:].encode()
    ascii_plain = XmlSpeller(Dice(), ENCODINGS[-1]).element(name, root, 0).encode("ascii", "xmlcharrefreplace")
    return roll.pick(
        (
            before + bad + after,
            b"\xef\xbb\xbf" + before + bad + after,
            b"<?xml version='1.0' encoding='UTF-8'?>" + before + bad + after,
            b"<?xml version='1.0' encoding='"
            + roll.pick(
                (b"x-unknown", b"utf-7", b"unicode_escape", b"raw_unicode_escape", b"punycode", b"idna", b"base64", b"rot13", b"undefined")
            )
            + b"'?>"
            + ascii_plain,
            b"<?xml version='1.0' encoding='US-ASCII'?><a>\xe9</a>",
            b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
            "\ufeff".encode("utf-16-le") + plain.encode("utf-16-le") + b"\n",
            "\ufeff".encode("utf-16-be") + "<a>".encode("utf-16-be") + b"\xd8\x00" + "</a>".encode("utf-16-be"),
        )
    )


def _too_deep(format: FormatName, name: str, root: Any, roll: Dice) -> tuple[bytes, Limits]:
    depth = roll.pick((64, 8, 16))
    deep: Any = "x"
    # The root is 1, and what stands in it 2.
    for _ in range(depth):
        deep = Part([Member("a", deep)]) if format == "xml" or roll.once_in(2) else [deep]
    limits = DEFAULT_LIMITS if depth == 64 else Limits(depth=depth)
    whole = Part([*root.members, Member("a", deep)])
    return (json_document(whole, roll) if format == "json" else xml_document(name, whole, roll)), limits
