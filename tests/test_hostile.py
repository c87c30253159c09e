"""Hostile documents: each ends in a value or a `CommspecError`, in linear time (SPEC.md sections 4.7 to 4.10 and 4.12)."""

# ruff: noqa: UP031 — JSON is full of braces

from __future__ import annotations

import contextlib
import functools
import gc
import http.server
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import attrs
import patterns
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import commspec
from commspec import (
    Attachment,
    Channel,
    CommspecError,
    EmailMessage,
    InvalidMessage,
    Issue,
    Limits,
    MalformedDocument,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppMessage,
    ZaloMessage,
    convert,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.codecs import json_structs, xml, xml_door, xml_plain, xml_replies
from commspec.models.table import columns_of
from commspec.rules import email
from commspec.streaming import iter_request, iter_response
from commspec.testing.strategies import Faulty, Sample, damaged_documents, documents, faulty_documents
from commspec.wire.names import LISTS, RESPONSE, ROOT

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
LINE_BREAKS = "\r\n\x85\u2028\u2029"
GOOD = '{"root":{"sms":[{"to":"919876500001","body":"%s"}]}}'


def chunks(document: bytes | str, size: int = 1000) -> Iterator[bytes]:
    """A document in pieces."""
    data = document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass")
    return (data[start : start + size] for start in range(0, len(data), size))


DOORS: dict[str, Callable[[Any], object]] = {
    "decode_request": decode_request,
    "tolerant": lambda document: decode_request(document, tolerant=True),
    "decode_response": decode_response,
    "inspect_request": inspect_request,
    "convert": convert,
    "iter_request": lambda document: list(iter_request(chunks(document))),
    "iter_response": lambda document: list(iter_response(chunks(document))),
}


def through(document: bytes | str) -> dict[str, str | None]:
    """The first code that each door ends with, None for a value. Anything but a `CommspecError` gets out."""
    ends: dict[str, str | None] = {}
    for name, door in DOORS.items():
        try:
            found = door(document)
        except CommspecError as error:
            ends[name] = error.issues[0].code
        else:
            ends[name] = found.issues[0].code if isinstance(found, commspec.Inspection) and found.issues else None
    return ends


def sms(body: str) -> str:
    """A request of one message with that XML in its body."""
    return f"<root><sms><to>919876500001</to><body>{body}</body></sms></root>"


# ---- Document types and what they bring.

BOMB = "<!DOCTYPE root [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {y} '{('&' + x + ';') * 10}'>" for x, y in zip("abcdefgh", "bcdefghi", strict=True)
)
DOCTYPES = {
    "bare": "<!DOCTYPE root>" + sms("a"),
    "declared": "<?xml version='1.0'?>\n<!DOCTYPE root>" + sms("a"),
    "after a comment": "<!-- <root> --><!DOCTYPE root>" + sms("a"),
    "after many": "<?xml version='1.0'?><!-- a --> <?b ?>\n\n<!----><!DOCTYPE root>" + sms("a"),
    "after a long comment": f"<!--{'x' * 300_000}--><!DOCTYPE root>" + sms("a"),
    "internal subset": "<!DOCTYPE root [<!ELEMENT root ANY>]>" + sms("a"),
    "external subset": "<!DOCTYPE root SYSTEM 'http://127.0.0.1:9/x.dtd'>" + sms("a"),
    "public": "<!DOCTYPE root PUBLIC 'x' 'file:///etc/passwd'>" + sms("a"),
    "entity": "<!DOCTYPE root [<!ENTITY e 'x'>]>" + sms("&e;"),
    "external entity": "<!DOCTYPE root [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + sms("&e;"),
    "parameter entity": "<!DOCTYPE root [<!ENTITY % e SYSTEM 'file:///etc/passwd'> %e;]>" + sms("a"),
    "bomb": BOMB + "]>" + sms("&i;"),
    "bomb in an attribute": BOMB + "]><root a='&i;'/>",
    "default attribute": "<!DOCTYPE root [<!ATTLIST sms to CDATA '1'>]>" + sms("a"),
    "between comments": "<!-- a --><!DOCTYPE root [<!-- b -->]>" + sms("a"),
    "cut short": "<!DOCTYPE ",
    "never closed": "<!DOCTYPE root [" + "<!ENTITY a 'b'>" * 1000,
}


@pytest.mark.parametrize("name", DOCTYPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "text"])
def test_doctype(name: str, encoding: str) -> None:
    """A document type declaration is refused by every door, whatever it says, wherever it stands, in whatever encoding."""
    document = DOCTYPES[name]
    assert set(through(document if encoding == "text" else document.encode(encoding)).values()) == {"xml.doctype"}


@pytest.mark.parametrize("read", [iter_request, iter_response])
@pytest.mark.parametrize("name", [name for name, document in DOCTYPES.items() if 10 < len(document) < 500])
def test_doctype_wherever_it_is_cut(name: str, read: Any) -> None:
    """Nor does a document type get through where the first piece ends within it, or anywhere else."""
    document = DOCTYPES[name].encode()
    for at in range(len(document)):
        with pytest.raises(MalformedDocument, match=r"xml\.doctype"):
            list(read([document[:at], document[at:]]))


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 1 << 20])
def test_doctype_in_pieces(size: int) -> None:
    """A document type declaration is refused however the document is cut into pieces."""
    for document in DOCTYPES.values():
        if len(document) < 10_000 or size > 100:
            with pytest.raises(MalformedDocument, match=r"xml\.doctype"):
                list(iter_request(chunks(document.encode(), size), "xml"))


@pytest.mark.parametrize("kept", range(len("<!DOCTYPE") + 1))
def test_doctype_cut_in_two(kept: int) -> None:
    """Nothing is taken for the end of a prolog before it can be told from a document type, wherever a piece ends."""
    before = b"<!--" + b"x" * 1000 + b"-->"
    document = before + b"<!DOCTYPE root>" + sms("a").encode()
    for read in (iter_request, iter_response):
        with pytest.raises(MalformedDocument, match=r"xml\.doctype"):
            list(read(iter([document[: len(before) + kept], document[len(before) + kept :]]), "xml"))


DOCTYPE = Issue("xml.doctype", "", "a document type declaration is refused", hint="leave it out")
REFUSED = {
    "doctype": (b"<!DOCTYPE root>\n<root/>", attrs.evolve(DOCTYPE, line=1)),
    "doctype, after a space": (b" <!DOCTYPE root>\n<root/>", attrs.evolve(DOCTYPE, line=1)),
    "doctype, further down": (b"\n<!-- a\n -->\n<!DOCTYPE root>\n<root/>", attrs.evolve(DOCTYPE, line=4)),
    "doctype, after a declaration": (b"<?xml version='1.0'?>\n<!DOCTYPE root>\n<root/>", attrs.evolve(DOCTYPE, line=2)),
    "two marks": (
        b"\xef\xbb\xbf\xef\xbb\xbf<root/>",
        Issue("xml.syntax", "", "not well-formed XML: a second byte order mark", hint="leave it out", line=1, column=1),
    ),
    **{
        f"declared {encoding}": (
            f"<?xml version='1.0' encoding='{encoding}'?>\n<root/>".encode(),
            Issue(
                "encoding",
                "",
                "the document declares an encoding of two or four bytes a character, and is of one",
                seen=encoding.lower(),
                hint="declare the encoding it has",
                line=1,
            ),
        )
        for encoding in ("UTF-16", "utf-16le", "UTF-32")
    },
}


@pytest.mark.parametrize(("document", "issue"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_before_it_is_parsed_is_told_in_whole(document: bytes, issue: Issue) -> None:
    """Code, message, what was seen, hint, line and column, whether the document comes at once or in two pieces."""
    assert inspect_request(document).issues == (issue,)
    for read in (iter_request, iter_response):
        for at in range(len(document)):
            with pytest.raises(MalformedDocument) as caught:
                list(read(iter([document[:at], document[at:]])))
            assert caught.value.issues == (issue,)


def test_doctype_behind_the_limit() -> None:
    """No document type declaration comes past a prolog that is longer than `limits.bytes`."""
    document = f"<!--{'x' * 2_000_000}-->{BOMB}]>{sms('&i;')}".encode()
    with pytest.raises(MalformedDocument, match=r"limit\.bytes"):
        list(iter_request(chunks(document), limits=Limits(bytes=1000)))


@pytest.mark.parametrize("body", ["<![CDATA[<!DOCTYPE root>]]>", "&lt;!DOCTYPE root>", "a<!--<!DOCTYPE root>-->", "<?x <!DOCTYPE root>?>a"])
def test_doctype_as_text(body: str) -> None:
    """Text, comments and instructions may hold what looks like a document type declaration."""
    assert through(sms(body))["decode_request"] is None


@pytest.mark.parametrize(
    "document", ["<!doctype root>" + sms("a"), "<root><!DOCTYPE root></root>", sms("a") + "<!DOCTYPE root>", "<!ENTITY a 'b'>", sms("&e;")]
)
def test_no_doctype(document: str) -> None:
    """What is a document type declaration in the wrong case or place is no XML; neither is an entity that nobody declared."""
    ends = through(document)
    assert {ends["decode_request"], ends["decode_response"], ends["inspect_request"], ends["iter_request"]} <= {"xml.syntax", "xml.doctype"}


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    """No external reference of any kind is followed: neither a file nor a server is asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "secret").write_text("marker-in-a-file")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for uri in (f"http://127.0.0.1:{server.server_port}/x", (tmp_path / "secret").as_uri()):
            for document in (
                f"<!DOCTYPE root SYSTEM '{uri}'>" + sms("a"),
                f"<!DOCTYPE root [<!ENTITY e SYSTEM '{uri}'>]>" + sms("&e;"),
                f"<!DOCTYPE root [<!ENTITY % e SYSTEM '{uri}'>%e;]>" + sms("a"),
                sms(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text' href='{uri}'/>"),
                f"<?xml-stylesheet href='{uri}'?>" + sms("a"),
                f"<root xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='{uri}'>" + sms("a")[6:],
            ):
                for door in DOORS.values():
                    try:
                        shown = repr(door(document))
                    except CommspecError as error:
                        shown = error.explain()
                    assert "marker-in-a-file" not in shown
        server.shutdown()
    assert asked == []


# ---- Depth.


def nested(format: str, depth: int, *, closed: bool = True) -> bytes:
    """An unknown field, nested so that the whole document is `depth` deep."""
    if format == "json":
        return b'{"status":' + b"[" * (depth - 1) + b"]" * (depth - 1) * closed + b"}" * closed
    return b"<response><status>" + b"<a>" * (depth - 2) + b"</a>" * (depth - 2) * closed + b"</status></response>" * closed


@pytest.mark.parametrize("format", ["json", "xml"])
def test_depth(format: str) -> None:
    """64 levels are read in both formats, and the 65th is `limit.depth`."""
    assert through(nested(format, 64))["decode_response"] is None
    assert through(nested(format, 64))["iter_response"] is None
    assert set(through(nested(format, 65)).values()) == {"limit.depth"}


VALID: dict[str, SendRequest | SendResponse] = {
    "a message": SendRequest([SmsMessage("919876500001", "Hi")]),
    "many": SendRequest([SmsMessage("919876500001", "Hi")] * 20),
    "files": SendRequest(
        [EmailMessage(to="a@example.com", from_="b@example.com", subject="s", body="", attachments=[Attachment.from_bytes(b"x", "a.txt")])]
    ),
    "outcomes": SendResponse(Status(code=500), [Outcome(SmsReceipt("919876500001"), [StatusDetail(False, "Invalid mobile", 8056)])] * 20),
}


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("name", VALID)
def test_depth_of_what_is_valid(name: str, format: str) -> None:
    """A valid document is held to a limit that it passes by whatever reads it, also by what needs no tree of it."""
    value = VALID[name]
    document = encode_request(value, format) if isinstance(value, SendRequest) else encode_response(value, format)
    doors: tuple[Callable[[Limits], object], ...] = (
        (lambda limits: decode_request(document, limits=limits), lambda limits: list(iter_request(chunks(document), limits=limits)))
        if isinstance(value, SendRequest)
        else (lambda limits: decode_response(document, limits=limits), lambda limits: list(iter_response(chunks(document), limits=limits)))
    )
    verdicts = [[_is_too_deep(door, Limits(depth=depth)) for door in doors] for depth in range(1, 9)]
    assert [whole for whole, _ in verdicts] == [streamed for _, streamed in verdicts]
    assert verdicts[0][0]
    assert not verdicts[-1][0]


def _is_too_deep(door: Callable[[Limits], object], limits: Limits) -> bool:
    try:
        door(limits)
    except MalformedDocument as error:
        return error.issues[0].code == "limit.depth"
    return False


@pytest.mark.parametrize("place", [0, 100, 199])
@pytest.mark.parametrize("kind", ["request", "response"])
def test_depth_of_an_item(kind: str, place: int) -> None:
    """An item that is nested too deep is found to the level, wherever in a list it stands, also where a stream has let go of those before it."""
    names = LISTS[Channel.SMS]
    above = [ROOT] if kind == "request" else [RESPONSE, names.xml_list]
    item = names.message if kind == "request" else names.xml_item
    for depth in (64, 65):
        within = depth - len(above) - 1
        items = [f"<{item}/>"] * 200
        items[place] = f"<{item}>{'<a>' * within}{'</a>' * within}</{item}>"
        document = "".join([*(f"<{name}>" for name in above), *items, *(f"</{name}>" for name in reversed(above))])
        ends = through(document)
        for door in ("decode_request", "iter_request") if kind == "request" else ("decode_response", "iter_response"):
            assert (ends[door] == "limit.depth") is (depth == 65), door


@pytest.mark.parametrize("depth", [1_000, 3_000, 100_000])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_very_deep(format: str, closed: bool, depth: int) -> None:
    """Any depth is `limit.depth`, closed or not."""
    assert set(through(nested(format, depth, closed=closed)).values()) == {"limit.depth"}


@pytest.mark.parametrize("depth", [65, 128])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_deepest(format: str, depth: int) -> None:
    """A limit on depth that is raised is held as well, in what Python's stack has room for."""
    limits = Limits(depth=depth)
    objects = b'{"status":' + b'{"a":' * (depth - 1) + b"1" + b"}" * depth
    for document in (nested(format, depth), objects):
        response = decode_response(document, limits=limits)
        list(iter_response(chunks(document), limits=limits))
        repr(response)
        hash(response)
        assert pickle.loads(pickle.dumps(response)) == response
        for target in ("json", "xml"):
            convert(document, target, limits=limits)
    for door in (decode_request, decode_response, convert):
        with pytest.raises(MalformedDocument, match=r"limit\.depth"):
            door(nested(format, depth + 1), limits=limits)
    assert inspect_request(nested(format, depth + 1), limits=limits).issues[0].code == "limit.depth"


def test_no_deeper_limit() -> None:
    """No limit can be set at which a document would end in Python's own error of recursion."""
    with pytest.raises(ValueError, match="'depth' must be <= 128"):
        Limits(depth=129)


@pytest.mark.parametrize("size", [7, 1000, 300_000, 10_000_000])
@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("kind", ["request", "response"])
def test_limit_of_a_message_in_pieces(kind: str, format: str, size: int) -> None:
    """A document of messages within the limit is read whatever pieces it comes in; one with a message far past it is not."""
    for long, codes in ((100, []), (2_000_000, ["limit.bytes"])):
        bodies = ["x" * 100] * 4000 + ["x" * long]
        if kind == "request":
            document = encode_request(SendRequest(SmsMessage("919876500001", body) for body in bodies), format)
            found: Iterator[object] = iter_request(chunks(document, size), limits=Limits(bytes=1000))
        else:
            document = encode_response(SendResponse(outcomes=[Outcome(SmsReceipt("919876500001", body)) for body in bodies]), format)
            found = iter(iter_response(chunks(document, size), limits=Limits(bytes=1000)))
        with contextlib.nullcontext() if not codes else pytest.raises(MalformedDocument, match=codes[0]):
            assert len(list(found)) == 4001


# ---- What is no document.


@pytest.mark.parametrize("value", [None, 1, 1.5, [], {}, object(), True, range(3)])
@pytest.mark.parametrize("door", [decode_request, decode_response, inspect_request, convert])
def test_no_document(door: Callable[[Any], object], value: Any) -> None:
    """What is neither bytes nor text is the program's fault, and told as such."""
    with pytest.raises(TypeError, match=f"^a document is bytes or str, not {type(value).__name__}$"):
        door(value)


@pytest.mark.parametrize("limits", [None, 5, {"bytes": 5}, Limits])
@pytest.mark.parametrize("door", [decode_request, decode_response, inspect_request, convert])
def test_no_limits(door: Callable[..., object], limits: Any) -> None:
    """So is what are no limits, and no time zone."""
    with pytest.raises(TypeError, match=r"limits are a commspec\.Limits, not "):
        door(b"{}", limits=limits)
    with pytest.raises(TypeError, match="a time zone is a name, an offset or a tzinfo, not int"):
        door(b"{}", timezone=5)


class Liar(str):
    """A text that says of itself something else than it holds."""

    __len__ = lambda self: 1  # noqa: E731
    encode = lambda self, *_: b"{}"  # noqa: E731
    removeprefix = lambda self, _: "{}"  # noqa: E731
    __getitem__ = lambda self, _: "<"  # noqa: E731


class LyingBytes(bytes):
    """Bytes that do."""

    __len__ = lambda self: 1  # noqa: E731
    decode = lambda self, *_: "{}"  # noqa: E731
    removeprefix = lambda self, _: b"{}"  # noqa: E731


@pytest.mark.parametrize("template", [GOOD % "a", sms("a")])
def test_kinds_of_documents(template: str) -> None:
    """A document is what it holds, in whatever object it comes."""
    data = template.encode()
    apart = bytearray(2 * len(data))
    apart[::2] = data
    for document in (bytearray(data), memoryview(data), memoryview(apart)[::2], Liar(template), LyingBytes(data)):
        assert decode_request(document) == decode_request(data)
        assert inspect_request(document) == inspect_request(data)
        with pytest.raises(MalformedDocument, match=r"limit\.bytes"):
            decode_request(document, limits=Limits(bytes=len(data) - 1))


# ---- Bytes and characters.

NOT_UTF8 = (
    b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xe2(\xa1", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xb0\x80",
    b"\xed\xa0\xbd\xed\xb8\x80", b"\xf0\x80\x80\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff",
)  # fmt: skip


@pytest.mark.parametrize("wrong", NOT_UTF8)
def test_not_utf8(wrong: bytes) -> None:
    """Bytes that are no UTF-8 (stray, overlong, surrogates, cut short, too large) are `encoding` in both formats, by every door."""
    for template in (GOOD % "\x00", sms("\x00")):
        assert set(through(template.encode().replace(b"\x00", wrong)).values()) == {"encoding"}


@pytest.mark.parametrize("unfit", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize(
    "template",
    [
        "<!-- \x7f -->" + sms("a"), "<?xml version='1.0'?>\n<!-- \x7f -->\n" + sms("a"), sms("a") + "<!-- \x7f -->", sms("a<!-- \x7f -->"), "<?a \x7f?>" + sms("a"),
        sms("a\x7f"), sms("<![CDATA[\x7f]]>"), sms("a").replace("<sms>", "\x7f<sms>"), sms("a") + "\x7f", "\x7f" + sms("a"), "<?xml version='1.0'?>\x7f" + sms("a"),
        "<root xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation=\"a\x7f\">" + sms("a")[6:],
        "<root a='\x7f'>" + sms("a")[6:], sms("a").replace("<to>", "<to\x7f>"),
    ],
)  # fmt: skip
def test_no_character_of_xml(template: str, unfit: str) -> None:
    """A character that XML doesn't have is a fault of syntax wherever it stands, by every door."""
    assert through(template.replace("\x7f", " "))["inspect_request"] != "xml.syntax"
    document = template.replace("\x7f", unfit)
    for each in (document, document.encode(), document.encode("utf-16")):
        # At the very beginning it makes the document look like none of XML's, or of another encoding.
        assert set(through(each).values()) <= {"xml.syntax", *(("json.syntax", "encoding") if template.startswith("\x7f") else ())}


XML_BYTES = {
    "a lone surrogate in UTF-16": sms("\ud800").encode("utf-16", "surrogatepass"),
    "a reversed pair in UTF-16": sms("\ude00\ud83d").encode("utf-16-be", "surrogatepass"),
    "half a character of UTF-16": sms("a").encode("utf-16") + b"\x00",
    "UTF-32 beyond Unicode": sms("a").encode("utf-32") + b"\xff\xff\xff\x7f",
    "UTF-16 declared, and not so": b'<?xml version="1.0" encoding="UTF-16"?>' + sms("a").encode(),
    "ASCII declared, and not so": b'<?xml version="1.0" encoding="US-ASCII"?>' + sms("\xe9").encode(),
    "unknown": b'<?xml version="1.0" encoding="no-such"?>' + sms("a").encode(),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + sms("+ADw-").encode(),
    "a codec that is no encoding": b'<?xml version="1.0" encoding="base64"?>' + sms("a").encode(),
    "escapes": b'<?xml version="1.0" encoding="unicode_escape"?>' + sms("\\u003c").encode(),
    "an encoding with NUL": b'<?xml version="1.0" encoding="a' + b"a" * 60_000 + b'"?>' + sms("a").encode(),
}


@pytest.mark.parametrize("name", XML_BYTES)
def test_wrong_encoding(name: str) -> None:
    """Bytes that are not of the encoding that an XML document has or declares, and encodings that are none, are `encoding`."""
    assert set(through(XML_BYTES[name]).values()) == {"encoding"}


def test_declaration_in_pieces() -> None:
    """The declaration of an encoding counts as far behind as it stands, streamed or not."""
    document = b'<?xml version="1.0"' + b" " * 5000 + b'encoding="ISO-8859-1"?>' + sms("\xe9").encode("latin-1")
    (item,) = iter_request(chunks(document, 100))
    assert isinstance(item, commspec.Received)
    assert (item.message,) == decode_request(document).messages


MARKED = {"json": GOOD % "a", "xml": sms("a"), "declared": "<?xml version='1.0'?>" + sms("a")}


@pytest.mark.parametrize("encoding", ["text", "utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("name", MARKED)
def test_byte_order_marks(name: str, encoding: str) -> None:
    """One byte order mark is read in both formats, and a second is a character where none may stand, by every door, in pieces of any size."""
    if name == "json" and encoding.startswith("utf-") and encoding != "utf-8":
        return
    code = "json.syntax" if name == "json" else "xml.syntax"
    for marks, expected in ((1, None), (2, code)):
        text = "\ufeff" * marks + MARKED[name]
        document = text if encoding == "text" else text.encode(encoding)
        ends = through(document)
        del ends["decode_response"], ends["iter_response"]
        assert set(ends.values()) == {expected}
        for format in (None, "json" if name == "json" else "xml"):
            for size in (1, 2, 3, 5, 1000):
                with pytest.raises(MalformedDocument, match=code) if expected else contextlib.nullcontext():
                    assert all(isinstance(item, commspec.Received) for item in iter_request(chunks(document, size), format))
            with pytest.raises(MalformedDocument, match=code) if expected else contextlib.nullcontext():
                decode_request(document, format)


@pytest.mark.parametrize("space", [" ", "\r\n", " " * 5000])
@pytest.mark.parametrize("name", ["json", "xml"])
def test_space_before(name: str, space: str) -> None:
    """White space before a document, with a byte order mark or without, hides its format from no door."""
    for text in (space + MARKED[name], "\ufeff" + space + MARKED[name]):
        for document in (text, text.encode()):
            assert inspect_request(document).format == name
            for size in (1, 4, 5, 1000):
                (item,) = iter_request(chunks(document, size))
                assert isinstance(item, commspec.Received)


DIGITS = "9" * 1_000_000
ODD: dict[str, bytes | str] = {
    "nothing": b"", "a space": b" ", "a mark": b"\xef\xbb\xbf", "two marks": b"\xef\xbb\xbf" * 2 + (GOOD % "a").encode(), "half a mark": b"\xef\xbb",
    "NUL": b"\0", "NULs": b"\0" * 1000, "NUL in JSON": GOOD % "\0", "NUL escaped": GOOD % "\\u0000", "NUL in XML": sms("\0"), "NUL referred to": sms("&#0;"),
    "surrogate escaped": GOOD % "\\ud800", "low escaped": GOOD % "\\udc00", "pair reversed": GOOD % "\\ude00\\ud83d", "surrogate": GOOD % "\ud800",
    "surrogate referred to": sms("&#xD800;"), "beyond Unicode": sms("&#x110000;"), "a huge reference": sms(f"&#{DIGITS};"), "FFFE": GOOD % "\ufffe",
    "EBCDIC": sms("a").encode("cp037"), "EBCDIC declared": ('<?xml version="1.0" encoding="cp037"?>' + sms("a")).encode("cp037"),
    "UTF-16 JSON": (GOOD % "a").encode("utf-16"), "UTF-16-LE JSON": (GOOD % "a").encode("utf-16-le"), "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
    "long integer": '{"root":{"sms":[{"to":%s}]}}' % DIGITS, "long negative": '{"status":{"code":-%s}}' % DIGITS, "long root": '{"root":%s}' % DIGITS,
    "before the list": '{"x":%s,"root":{"sms":[{"to":"919876500001","body":"a"}]}}' % DIGITS,
    "long count": '{"status":{"count":%s,"x":%s}}' % (DIGITS, DIGITS),
    "huge": '{"status":{"code":1E400,"x":[1E400,-1e-400]}}', "huger": '{"status":{"code":1e999999999999999999999,"x":-1E-999999999999999999999}}',
    "long fraction": '{"status":{"x":0.%s}}' % DIGITS, "long exponent": '{"root":1e%s}' % DIGITS, "many zeros": '{"status":{"x":1E-%s1}}' % ("0" * 100_000),
    "integer text": '{"status":{"code":"%s"}}' % DIGITS, "integer in XML": f"<response><status><code>{DIGITS}</code></status></response>",
    "minus zero": '{"status":{"code":-0,"x":-0.0}}', "NaN": '{"status":{"x":NaN}}', "Infinity": '{"root":-Infinity}', "no list": '{"root":[]}',
    "a long key": '{"root":{"sms":[{"%s":1}]}}' % ("k" * 60_000), "a long element": f"<root><{'k' * 60_000}/></root>",
    "a long attribute": f"<root {'k' * 60_000}=''/>", "a long namespace": f"<root xmlns='{'k' * 60_000}'/>", "a long prefix": f"<{'k' * 60_000}:root/>",
    "an undeclared prefix": "<a:root/>", "prefixes": "<root" + "".join(f" xmlns:a{n}='u' a{n}:b=''" for n in range(300)) + "/>",
    "one attribute twice": "<root a='' a=''/>", "names in one namespace": "<root xmlns:a='u' xmlns:b='u' a:x='' b:x=''/>",
    "xml 1.1": "<?xml version='1.1'?>" + sms("a"),
    "a comment only": "<!-- a -->", "a comment that never ends": "<!-- " + "- " * 1000, "an instruction only": "<?a?>", "two roots": sms("a") * 2,
    "]]>": sms("]]>"), "never closed CDATA": sms("<![CDATA["), "a bare &": sms("&"), "a bare <": sms("<"), "tag soup": "<root><sms></root></sms>",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd(name: str) -> None:
    """Whatever the document holds, every door ends in a value or a `CommspecError`; what converts, converts on and back."""
    through(ODD[name])
    with contextlib.suppress(CommspecError):
        converted = convert(ODD[name])
        through(converted.document)


@contextlib.contextmanager
def digits_allowed(digits: int) -> Iterator[None]:
    """Within it, Python reads and prints integers of so many digits at most; 0 for any."""
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("this Python has no such limit")
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(digits)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


LONG_NUMBERS = (
    '{"status":{"code":%s,"x":[%s]}}',
    '{"status":{"code":%s,"count":%s}}',
    '{"status":{"code":"%s","x":"%s"}}',
    '{"status":{"code":200},"smsList":[{"sms":{"to":%s},"errors":[{"code":%s}]}]}',
    '{"root":{"sms":[{"to":%s,"body":%s}]}}',
    "<response><status><code>%s</code><x>%s</x></status></response>",
)


@pytest.mark.parametrize("digits", [640, 1000, 4300, 0])
@pytest.mark.parametrize("template", LONG_NUMBERS)
def test_integers_of_a_guarded_interpreter(digits: int, template: str) -> None:
    """A program may lower Python's limit on the digits of an integer, or lift it: documents end no other way, and read the same."""
    for number in (sign + "9" * length for sign in ("", "-") for length in (638, 639, 640, 641, 999, 1000, 1001, 4300, 4301)):
        document = template % ((number,) * 2)
        usual = through(document), inspect_request(document)
        read = None
        with contextlib.suppress(CommspecError):
            read = decode_response(document)
        with digits_allowed(digits):
            assert (through(document), inspect_request(document)) == usual
            if read is not None:
                assert decode_response(document) == read
                repr(read)
                commspec.encode_response(read, "xml")
                assert decode_response(commspec.encode_response(read)) == read


@pytest.mark.parametrize("digits", [640, 0])
def test_integers_of_objects(digits: int) -> None:
    """So may integers that a program gives: what is longer than any Python reads is kept as its digits."""
    with digits_allowed(digits):
        for number in (10**639, 10**640 - 1, 10**640, -(10**639), 10**5000):
            detail = commspec.StatusDetail(code=number, extra={"x": number})
            repr(detail)
            commspec.encode_response(commspec.SendResponse(commspec.Status(count=number, status_code=detail)), "xml")
            assert isinstance(detail.code, int) == (-(10**639) < number < 10**640)


@given(st.binary(max_size=60) | st.text(max_size=60) | st.text('{}[]",:\\u0d8<>/&;#!-?= arotsmx', max_size=60))
def test_anything(document: bytes | str) -> None:
    """Anything at all ends in a value or a `CommspecError`."""
    through(document)


@given(damaged_documents("request") | damaged_documents("response"))
def test_damaged(document: bytes) -> None:
    """So does a good document that was changed somewhere."""
    through(document)


# ---- Limits.


def test_many_issues() -> None:
    """100,000 issues are listed, and one more says how many there are besides."""
    with pytest.raises(CommspecError) as caught:
        decode_request('{"root":{"sms":[' + ",".join(["1"] * 100_500) + "]}}")
    assert len(caught.value.issues) == 100_001
    assert caught.value.issues[-1] == Issue("limit.issues", "", "500 more issues are not listed", hint="raise limits.issues")


def test_many_notes() -> None:
    """As many notes are kept, and those past them dropped."""
    document = '{"root":{"sms":[{"to":"919876500001","body":"a"' + "".join(f',"k{n}":1' for n in range(50)) + "}]}}"
    assert len(inspect_request(document, tolerant=True, limits=Limits(issues=10)).notes) == 10


@pytest.mark.parametrize(
    "document",
    [
        '{"root":{"sms":[%s]}}' % ",".join(["{}"] * 40),
        '{"root":{"sms":[%s]}}' % ",".join(["1"] * 40),
        '{"root":{"sms":[{"to":"919876500001","body":"a"%s}]}}' % (',"to":"1"' * 40),
        '{"root":{"sms":[{"to":"919876500001","body":"a"%s}]}}' % (',"x":"1"' * 40),
        '{"root":{%s}}' % ",".join(f'"k{n}":[]' for n in range(40)),
        f"<root>{'<x/>' * 40}</root>",
        f"<root>{'<sms/>' * 40}</root>",
        f"<root><sms>{'<to/>' * 40}</sms></root>",
        f"<root><sms>{'<x/>' * 40}</sms></root>",
        "<root>" + "<sms b=''/>" * 40 + "</root>",
    ],
)
def test_issues_past_the_limit_are_counted(document: str) -> None:
    """However few issues are listed, as many are counted."""
    whole = inspect_request(document).issues
    for limit in (1, 2, 10, len(whole) - 1):
        cut = inspect_request(document, limits=Limits(issues=limit)).issues
        assert cut[:-1] == whole[:limit]
        assert cut[-1].message == f"{len(whole) - limit} more issues are not listed"


@pytest.mark.parametrize("format", ["json", "xml"])
def test_messages_past_the_limit(format: str) -> None:
    """Past `limits.issues`, faulty messages are one and the same entry, in the place of each; good ones are given, and each has its place."""
    good, bad = {"to": "919876500001", "body": "Hi"}, {"to": "919876500001"}
    messages = [bad, good, bad, bad, good, bad]
    document = json.dumps({"root": {"sms": messages}})
    if format == "xml":
        elements = ["".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) for fields in messages]
        document = f"<root>{''.join(f'<sms>{element}</sms>' for element in elements)}</root>"
    whole, cut = inspect_request(document), inspect_request(document, limits=Limits(issues=2))
    assert [item.message for item in cut.messages] == [item.message for item in whole.messages]
    assert cut.messages[:3] == whole.messages[:3]
    assert cut.messages[4] == whole.messages[4]
    assert cut.messages[3] is cut.messages[5]
    assert (cut.messages[3].index, cut.messages[3].path, dict(cut.messages[3].fields), cut.messages[3].issues) == (3, "root.sms[3]", {}, ())
    assert commspec.http.response_to(cut).outcomes == ()
    # Nobody holds those of a stream.
    streamed = [item for item in iter_request(chunks(document), limits=Limits(issues=2)) if isinstance(item, commspec.Received)]
    assert [item.fields for item in streamed if item.message is None] == [item.fields for item in whole.bad]


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("kind", [b" ", b"\n"])
def test_space_without_end(format: str, kind: bytes) -> None:
    """White space that never ends is `limit.bytes` in a stream, and is not gathered past the limit."""
    fed = 0

    def spaces() -> Iterator[bytes]:
        nonlocal fed
        while fed < 50_000_000:
            fed += 100_000
            yield kind * 100_000

    for given_format in (None, format):
        fed = 0
        with pytest.raises(MalformedDocument, match=r"limit\.bytes"):
            list(iter_request(spaces(), given_format, limits=Limits(bytes=100_000)))
        assert fed < 3_000_000


# ---- Time.

SHAPES: dict[str, Callable[[int], bytes]] = {
    "unknown keys": lambda n: b'{"root":{"sms":[{"a":1' + b"".join(b',"k%d":1' % i for i in range(n // 11)) + b"}]}}",
    "one unknown key": lambda n: b'{"root":{"sms":[{"x":1' + b',"x":1' * (n // 6) + b"}]}}",
    "one known key": lambda n: b'{"root":{"sms":[{"to":"1"' + b',"to":"1"' * (n // 9) + b"}]}}",
    "one root": lambda n: b'{"root":{}' + b',"root":{}' * (n // 10) + b"}",
    "one list": lambda n: b'{"smsList":[]' + b',"smsList":[]' * (n // 13) + b"}",
    "numbers for messages": lambda n: b'{"root":{"sms":[1' + b",1" * (n // 2) + b"]}}",
    "empty messages": lambda n: b'{"root":{"sms":[{}' + b",{}" * (n // 3) + b"]}}",
    "empty attachments": lambda n: b'{"root":{"email":[{"attachments":{"attachment":[{}' + b",{}" * (n // 3) + b"]}}]}}",
    "brackets": lambda n: b"[" * n,
    "digits": lambda n: b'{"root":' + b"9" * n + b"}",
    "spaces": lambda n: b'{"root":' + b" " * n,
    "quotes": lambda n: b'{"root":"' + b'\\"' * (n // 2),
    "surrogates": lambda n: b'{"root":"' + b"\\ud83d\\ude00" * (n // 12) + b'\\ud800"}',
    "commas in an address": lambda n: b'{"root":{"email":[{"cc":"' + b"," * n + b'"}]}}',
    "@ in an address": lambda n: b'{"root":{"email":[{"to":"' + b"@" * n + b'","cc":"' + b"a@b.co<" * (n // 7) + b'"}]}}',
    "one key of a reply": lambda n: b'{"status":{"x":1' + b',"x":1' * (n // 6) + b"}}",
    "numbers of a reply": lambda n: b'{"status":{"x":[1' + b",1.5" * (n // 4) + b"]}}",
    "outcomes": lambda n: b'{"smsList":[{}' + b",{}" * (n // 3) + b"]}",
    "unknown elements": lambda n: b"<root>" + b"<x/>" * (n // 4) + b"</root>",
    "unknown fields": lambda n: b"<root><sms>" + b"<x/>" * (n // 4) + b"</sms></root>",
    "one field": lambda n: b"<root><sms>" + b"<to/>" * (n // 5) + b"</sms></root>",
    "empty elements": lambda n: b"<root>" + b"<sms/>" * (n // 6) + b"</root>",
    "text between": lambda n: b"<root>" + b"a<sms/>" * (n // 7) + b"</root>",
    "attributes": lambda n: b"<root" + b"".join(b' a%d=""' % i for i in range(n // 11)) + b"/>",
    "namespaces": lambda n: b"<root" + b"".join(b' xmlns:a%d="u%d"' % (i, i) for i in range(n // 60)) + b">" + b'<sms a1:b=""/>' * (n // 28) + b"</root>",
    "comments": lambda n: sms("<!---->" * (n // 7)).encode(),
    "comments before": lambda n: b"<!---->" * (n // 7) + sms("a").encode(),
    "instructions before": lambda n: b"<?a?>" * (n // 5) + sms("a").encode(),
    "references": lambda n: sms("&#233;" * (n // 6)).encode(),
    "CDATA": lambda n: sms("<![CDATA[a]]>" * (n // 13)).encode(),
    "open elements": lambda n: b"<a>" * (n // 3),
    "ampersands": lambda n: b"<root>" + b"&" * n,
    "declaration": lambda n: b"<?xml " + b"encoding=" * (n // 9) + b"?><a/>",
    "declarations": lambda n: b"<?xml " + b'encoding="a" ' * (n // 13),
    "fields of a reply": lambda n: b"<response><status>" + b"<x/>" * (n // 4) + b"</status></response>",
    "odd items of a reply": lambda n: b"<response><messages>" + b"<smsData/>" * (n // 10) + b"<x/></messages></response>",
}  # fmt: skip


def seconds(door: Callable[[Any], object], document: bytes) -> float:
    """The processor's time, of this thread alone, without the garbage collector's, whose passes come as they come."""
    gc.disable()
    start = time.thread_time()
    try:
        with contextlib.suppress(CommspecError):
            door(document)
        return time.thread_time() - start
    finally:
        gc.enable()


@pytest.mark.skipif(not DEEP, reason="looks at seconds, which a busy machine stretches: HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize("shape", SHAPES)
def test_linear_time(shape: str) -> None:
    """Four times the document takes four times as long, by every door; quadratic would be sixteen times."""
    size = 1_000_000 if DEEP else 12_000
    small, large = SHAPES[shape](size), SHAPES[shape](4 * size)
    limits = Limits(issues=100_000 if DEEP else 200)
    doors = {
        **DOORS,
        "decode_request": lambda document: decode_request(document, limits=limits),
        "tolerant": lambda document: decode_request(document, tolerant=True, limits=limits),
        "inspect_request": lambda document: inspect_request(document, limits=limits),
        "convert": lambda document: convert(document, limits=limits),
        "iter_request": lambda document: list(iter_request(chunks(document), limits=limits)),
        "iter_response": lambda document: list(iter_response(chunks(document), limits=limits)),
    }
    for name, door in doors.items():
        ratios = []
        for _ in range(4):  # a busy machine may disturb one measurement, not each
            base = max(min(seconds(door, small) for _ in range(2)), 0.001)
            ratios.append(seconds(door, large) / base)
            if ratios[-1] < 9:
                break
        assert min(ratios) < 9, (name, ratios)


@pytest.mark.skipif(not DEEP, reason="takes minutes and gigabytes: HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize(
    "shape", ["unknown keys", "one unknown key", "unknown elements", "attributes", "brackets", "digits", "comments before", "CDATA"]
)
def test_64_mebibytes(shape: str) -> None:
    """A document of 64 MiB of anything ends, by every door."""
    through(SHAPES[shape](64 * 1024 * 1024))


class _Full:
    """An XPath that finds the tree too large, as libxml2 does from 10 million nodes on."""

    def __call__(self, *_: object, **__: object) -> object:
        raise etree.XPathEvalError("Memory allocation failed")


def test_more_nodes_than_xpath_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees of more than 10 million nodes are judged as others are."""
    documents: list[bytes | str] = [
        sms("a"),
        sms("a") * 2,
        "<root/>",
        "<root a=''/>",
        sms("<b/>"),
        nested("xml", 64),
        nested("xml", 65),
        nested("xml", 200),
    ]
    documents += ["<response><status a=''>x<code>1</code></status></response>", "<root>" + sms("a")[6:-7] * 20 + "</root>"]
    expected = [through(document) for document in documents]
    for name in ("_COUNT_ATTRIBUTES", "_HAS_MIXED_TEXT"):
        monkeypatch.setattr(xml, name, _Full())
    monkeypatch.setattr(xml_door, "_too_deep", lambda depth: _Full())
    assert [through(document) for document in documents] == expected


@pytest.mark.skipif(not DEEP, reason="takes minutes and gigabytes: HYPOTHESIS_PROFILE=deep")
def test_ten_million_elements() -> None:
    """Ten million tiny elements are read or refused as few are."""
    assert set(through("<root>" + "<x/>" * 10_100_000 + "</root>").values()) <= {"unknown", None}


# ---- Memory. The multiples stand on the security page.

_PEAK = """
import sys
from commspec import CommspecError, Limits, decode_request, decode_response, inspect_request
from tests_shape import document
def kilobytes(name):
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith(name)))
open("/proc/self/clear_refs", "w").write("5")  # forgets the peak that there was
before = kilobytes("VmRSS")
limits = Limits(issues=1000) if sys.argv[1] == "inspection" else Limits()
try:
    kept = {"request": decode_request, "response": decode_response, "inspection": inspect_request}[sys.argv[1]](document, limits=limits)
except CommspecError:
    pass
print((kilobytes("VmHWM") - before) * 1024 / len(document))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell a process's peak memory")
@pytest.mark.parametrize(
    ("kind", "document", "multiple"),
    [
        ("request", '(b\'{"root":{"sms":[{"to":"919876500001","body":"\' + b"a" * 8_000_000 + b\'"}]}}\')', 4),
        ("request", 'b"<root><sms><to>919876500001</to><body>" + b"a" * 8_000_000 + b"</body></sms></root>"', 6),
        ("request", "b'{\"root\":{\"sms\":[' + b','.join([b'{\"to\":\"919876500001\",\"body\":\"Hi, Asha\"}'] * 100_000) + b']}}'", 15),
        ("request", "b'<root>' + b'<sms><to>919876500001</to><body>Hi, Asha</body></sms>' * 100_000 + b'</root>'", 40),
        ("response", "b'{\"smsList\":[' + b','.join([b'{}'] * 1_000_000) + b']}'", 120),
        ("request", "b'{\"root\":{\"sms\":[' + b','.join([b'1'] * 1_000_000) + b']}}'", 160),
        ("request", "b'<root>' + b'<x/>' * 1_000_000 + b'</root>'", 80),
        ("inspection", "b'{\"root\":{\"sms\":[' + b','.join([b'1'] * 500_000) + b']}}'", 150),
        ("inspection", "b'{\"root\":{\"sms\":[' + b','.join([b'{}'] * 500_000) + b']}}'", 75),
        ("inspection", "b'<root>' + b'<sms/>' * 500_000 + b'</root>'", 60),
    ],
)  # fmt: skip
def test_memory(tmp_path: Path, kind: str, document: str, multiple: int) -> None:
    """No document takes more memory than a stated multiple of its size."""
    (tmp_path / "tests_shape.py").write_text(f"document = {document}\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", _PEAK, kind], env=environment, capture_output=True, text=True, timeout=300, check=True)
    print(done.stdout)  # noqa: T201
    assert float(done.stdout) < multiple


# ---- Regular expressions.

SITES, MADE_OF_ANYTHING = patterns.sites()
# Where more than linear time can't hurt, because the text is short: pattern, and why it is.
SHORT = {
    r"\s*@\s*": "repaired addresses have 500 characters at most",
    r"(?:\"[^\"]*\"|[^<>@,;\"])*<([^<>]*)>": "repaired addresses have 500 characters at most",
    r"(?i)[0-9]\W*(?:#|x|ext|extn|extension)\W*[0-9]+#?": "numbers as people write them have 100 characters at most",
    r"[0-9].*\+|\+.*\+|(?:[0-9][^0-9]*){6}/": "numbers as people write them have 100 characters at most",
    r"\.?(\w+)(.*)": "paths hold names, shortened and escaped",
    r"<(script|style)>(.*?)</\1>": "the stub's own page",
}


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        (r"(?:a+)+b", "exponential"), (r"(?:a|aa)*b", "exponential"), (r"(?:ab|a|b)*c", "exponential"), (r"(?:\s|<\?.*?\?>)*<a", "exponential"),
        (r"a*a*b", "polynomial"), (r"x[^>]*?e=[^>]*?>", "polynomial"), (r"a*b*a*c", "polynomial"), (r"(?:a*b)*c", None), (r"a+b", None),
        (r"(?:[^,\\]|\\.)*,", None), (r"(?:a|b)*", None), (r"(?:a+)+", None),
    ],
)  # fmt: skip
def test_slow_patterns_are_told(pattern: str, slow: str | None) -> None:
    """What tells slow patterns from others knows the well-known ones."""
    assert patterns.slowness(re.compile(pattern), frozenset({"match"})) == slow


def test_where_a_pattern_may_begin_and_end() -> None:
    """A search may begin anywhere but for an anchor, and a pattern that has to reach the text's end can fail late."""
    for pattern, use, slow in (
        (r"a+b", "search", "polynomial"),
        (r"^a+b", "search", None),
        (r"a+", "search", None),
        (r"(?:a+)+", "fullmatch", "exponential"),
    ):
        assert patterns.slowness(re.compile(pattern), frozenset({use})) == slow


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_no_slow_pattern(site: patterns.Site) -> None:
    """No regular expression takes more than linear time on any text, as it is used; on short ones, not exponential."""
    assert patterns.slowness(site.pattern, site.uses) in ((None, "polynomial") if site.pattern.pattern in SHORT else (None,))


def test_every_pattern_is_looked_at() -> None:
    """The patterns that are made while running are made of tables: of the names of fields, of XML's names and elements, of addresses of 254 octets, and of numbering plans for 17 characters."""
    short = {"commspec.rules.email._explain", *(f"commspec.rules.numbering.{name}" for name in ("_plan", "_mobile_anywhere", "lambda"))}
    tables = {
        "commspec.codecs.json_structs._utc_of",
        "commspec.codecs.xml_write._names",
        "commspec.codecs.xml_plain._shape",
        "commspec.codecs.xml_plain.head_of",
        *(f"commspec.codecs.xml_replies.{name}" for name in ("_part", "_item")),
    }
    assert tables | short >= MADE_OF_ANYTHING
    for pattern, _ in (*email._LOCAL_FAULTS, *email._DOMAIN_FAULTS):
        assert patterns.slowness(re.compile(pattern), frozenset({"match"})) != "exponential"


@pytest.mark.parametrize("cls", [SmsMessage, EmailMessage, WhatsAppMessage, ZaloMessage, Attachment])
def test_no_slow_pattern_of_elements(cls: type) -> None:
    """No pattern that takes a document's elements apart is slow."""
    shape = xml_plain._shape(cls, "whatever")
    for pattern in (shape.usual, shape.any_order):
        assert patterns.slowness(pattern, frozenset({"split", "match"})) is None


@pytest.mark.parametrize(
    "shape",
    [
        xml_replies._part(Status, "whatever"),
        xml_replies._part(StatusDetail, "whatever"),
        *map(xml_replies._item, Channel),
    ],
)
def test_no_slow_pattern_of_replies(shape: Any) -> None:
    """No pattern that takes a response's elements apart is slow."""
    for pattern in (shape.usual, shape.any_order):
        assert patterns.slowness(pattern, frozenset({"split", "match"})) is None


@pytest.mark.parametrize("root", ["root", "response"])
def test_no_slow_pattern_of_heads(root: str) -> None:
    """The pattern of what stands before a document's first message is not slow."""
    assert patterns.slowness(xml_plain.head_of(root), frozenset({"match"})) is None


def test_no_slow_pattern_of_times() -> None:
    """The pattern that finds times in UTC is not slow."""
    pattern = json_structs._utc_of(next(column for column in columns_of(SmsMessage) if column.kind == "time"))
    assert patterns.slowness(pattern, frozenset({"sub"})) is None


@pytest.mark.skipif(not DEEP, reason="looks at seconds, which a busy machine stretches: HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize("site", [site for site in SITES if site.pattern.pattern not in SHORT], ids=lambda site: site.name)
def test_patterns_measured(site: patterns.Site) -> None:
    """Four times a text that goes round in a loop of the pattern takes four times as long, as the pattern is used; quadratic would be sixteen times."""
    assert patterns.slowness(site.pattern, site.uses) is None  # or this would not end
    for before, around in {*patterns.attacks(site.pattern)}:
        for after in ("", "\x00", "\n", "!"):
            for use in map(functools.partial(_use, site.pattern), site.uses):
                times = []
                for size in (20_000, 80_000):
                    text = before + around * (size // len(around)) + after
                    subject: Any = text if isinstance(site.pattern.pattern, str) else text.encode("latin-1")
                    times.append(min(seconds(use, subject) for _ in range(3)))
                assert times[1] < 9 * max(times[0], 0.001), (before, around, after, times)


def _use(pattern: re.Pattern[Any], use: str) -> Callable[[Any], object]:
    call = getattr(pattern, use)
    if use in ("sub", "subn"):
        return lambda subject: call(subject[:0], subject)
    return (lambda subject: list(call(subject))) if use == "finditer" else call


# ---- Header injection.


class Sneaky(str):
    """A text that tells whoever asks in Python something else than what it holds."""

    def __str__(self) -> str:
        return "fine"

    def splitlines(self, keepends: bool = False) -> list[str]:  # noqa: D102
        return ["fine"]

    def __contains__(self, _: object) -> bool:
        return False


ONE_LINE: dict[type, dict[str, str]] = {
    SmsMessage: {"to": "919876500001", "sender": "CAPLRY"},
    EmailMessage: {"to": "a@example.com", "from_": "b@example.com", "cc": "c@example.com", "bcc": "d@example.com", "subject": "Hi"},
    WhatsAppMessage: {"receiver": "919876500001"},
    ZaloMessage: {"receiver": "919876500001"},
    Attachment: {"file_name": "a.txt", "file_type": "txt", "file_encoding_type": ""},
}
OTHERS: dict[type, dict[str, str]] = {
    SmsMessage: {"body": "a"}, EmailMessage: {"body": ""}, WhatsAppMessage: {"template": "a"}, ZaloMessage: {"template": "a"}, Attachment: {"file_data": ""},
}  # fmt: skip
ONE_LINE_FIELDS = [(cls, field) for cls, fields in ONE_LINE.items() for field in fields]
PLACES = ("before", "after", "within")


def broken(value: str, line_break: str, place: str) -> str:
    """The value with a line break, and a header behind it where there is room."""
    return {
        "before": line_break + value,
        "after": value + line_break,
        "within": value[: len(value) // 2] + line_break + "Bcc: x@example.com" + value[len(value) // 2 :],
    }[place]


@pytest.mark.parametrize("line_break", [*LINE_BREAKS, "\r\n"])
@pytest.mark.parametrize(("cls", "field"), ONE_LINE_FIELDS)
def test_no_constructor_takes_a_line_break(cls: Any, field: str, line_break: str) -> None:
    """No one-line field of an object holds a line break, whether made, made of a subclass of str, evolved or unpickled."""
    good = {**ONE_LINE[cls], **OTHERS[cls]}
    made = cls(**good)
    for place in PLACES:
        value = broken(good[field], line_break, place)
        for text in (value, Sneaky(value)):
            with pytest.raises(InvalidMessage):
                cls(**{**good, field: text})
            with pytest.raises(InvalidMessage):
                attrs.evolve(
                    made, **{field.rstrip("_"): text} if field.rstrip("_") in {a.alias for a in attrs.fields(cls)} else {field: text}
                )
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(made, field, line_break)
    assert pickle.loads(pickle.dumps(made)) == made


def _documents(cls: Any, field: str, value: str) -> Iterator[bytes | str]:
    """Requests with that value in that field, in every spelling that a document has for its line breaks."""
    fields = {**ONE_LINE[cls], **OTHERS[cls], field: value}
    wrap = cls is Attachment
    message = {**ONE_LINE[EmailMessage], **OTHERS[EmailMessage]} if wrap else fields
    camel = {
        "from_": "from",
        "file_name": "fileName",
        "file_type": "fileType",
        "file_data": "fileData",
        "file_encoding_type": "fileEncodingType",
    }
    names = {SmsMessage: "sms", WhatsAppMessage: "whatsappMessage", ZaloMessage: "zaloMessage"}
    tree: dict[str, Any] = {camel.get(name, name): text for name, text in message.items()}
    if wrap:
        tree["attachments"] = {"attachment": [{camel.get(name, name): text for name, text in fields.items()}]}
    for ascii_only in (True, False):
        yield json.dumps({"root": {names.get(cls, "email"): [tree]}}, ensure_ascii=ascii_only)

    def xml(escape: Callable[[str], str]) -> str:
        def elements(values: dict[str, str]) -> str:
            return "".join(f"<{name.rstrip('_')}>{''.join(map(escape, text))}</{name.rstrip('_')}>" for name, text in values.items())

        files = f"<attachments><attachment>{elements(fields)}</attachment></attachments>" if wrap else ""
        return f"<root><{names.get(cls, 'email')}>{elements(message)}{files}</{names.get(cls, 'email')}></root>"

    for escape in (
        lambda c: f"&#{ord(c)};" if c in LINE_BREAKS else c,
        lambda c: f"&#x{ord(c):X};" if c in LINE_BREAKS else c,
        lambda c: f"<![CDATA[{c}]]>" if c in LINE_BREAKS else c,
        lambda c: c,
    ):
        text = xml(escape)
        yield text
        yield from (text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"))
    yield b"<?xml version='1.0' encoding='iso-8859-1'?>" + xml(lambda c: f"&#{ord(c)};" if ord(c) > 255 else c).encode("latin-1")


@pytest.mark.parametrize("line_break", [*LINE_BREAKS, "\r\n"])
@pytest.mark.parametrize(("cls", "field"), ONE_LINE_FIELDS)
def test_no_document_brings_a_line_break(cls: Any, field: str, line_break: str) -> None:
    """No one-line field of a decoded message holds a line break, in whatever encoding or escape it came; tolerance takes one off, or refuses it."""
    for place in PLACES:
        for document in _documents(cls, field, broken(ONE_LINE[cls][field], line_break, place)):
            with pytest.raises(CommspecError):
                decode_request(document)
            with contextlib.suppress(CommspecError):
                (message,) = decode_request(document, tolerant=True).messages
                part: Any = message if cls is not Attachment else message.attachments[0]  # type: ignore[union-attr]
                assert not set(getattr(part, field)) & set(LINE_BREAKS)


def test_documents_are_good_without_it() -> None:
    """The same documents without the line break are read, so that it is what the test above sees refused."""
    for cls, field in ONE_LINE_FIELDS:
        for document in _documents(cls, field, ONE_LINE[cls][field]):
            assert isinstance(decode_request(document), SendRequest)


# ---- Privacy.

MARK = "Zq7xW"


def _values() -> st.SearchStrategy[str]:
    """Values with a marker, of the kinds that rules have something to say of."""
    around = st.text("09+@.,;<>'\" -_/\\eE:\n\r\t\x00\x1b\u2028\u200b\u202e\ud800é", max_size=8)
    return st.tuples(around, around).map(lambda pair: f"{pair[0]}{MARK}{pair[1]}")


def assert_private(issues: tuple[Issue, ...], error: CommspecError | None) -> None:
    """Nothing that ends in logs holds the marker, and nothing that is shown is unprintable."""
    for issue in issues:
        assert MARK not in issue.message
        assert MARK not in issue.path
        assert MARK not in str(issue)
        shown = issue.explain()
        assert all(line.isprintable() for line in shown.split("\n"))
    if error is not None:
        assert MARK not in str(error)
        assert MARK not in repr(error)
        assert all(line.isprintable() for line in error.explain().split("\n"))


@given(st.sampled_from(ONE_LINE_FIELDS + [(cls, field) for cls, fields in OTHERS.items() for field in fields]), _values())
def test_privacy_of_constructors(place: tuple[Any, str], value: str) -> None:
    """No error of a constructor holds the value in its text, its messages or its paths."""
    cls, field = place
    try:
        cls(**{**ONE_LINE[cls], **OTHERS[cls], field: value})
    except InvalidMessage as error:
        assert_private(error.issues, error)


@given(st.sampled_from(ONE_LINE_FIELDS), _values(), st.booleans())
def test_privacy_of_documents(place: tuple[Any, str], value: str, tolerant: bool) -> None:
    """No error of a document, in either format, holds a field's value in its text, its messages or its paths."""
    cls, field = place
    for document in _few(cls, field, value):
        try:
            notes = inspect_request(document, tolerant=tolerant)
            assert_private(notes.issues + notes.notes, None)
            decode_request(document, tolerant=tolerant)
        except CommspecError as error:
            assert_private(error.issues, error)


def _few(cls: Any, field: str, value: str) -> Iterator[bytes | str]:
    documents = list(_documents(cls, field, "\x01"))
    yield str(documents[0]).replace("\\u0001", json.dumps(value)[1:-1])
    escaped = "".join(f"&#{ord(c)};" if c in "&<>\r" else c for c in value if not "\ud800" <= c <= "\udfff")
    yield str(documents[2]).replace("\x01", escaped)


@pytest.mark.parametrize(
    "document",
    [
        f'{{"root":"{MARK}"', f'{{"root":{MARK}}}', f"<root>{MARK}", f"<root>{MARK}</root>", f"<root>&{MARK};</root>",
    f"<root><a>{MARK}</b></root>", f'{{"root":"{MARK}"}}',
        f'["{MARK}"]', f'"{MARK}"', f'{{"root":{{"sms":"{MARK}"}}}}', f'{{"root":{{"sms":["{MARK}"]}}}}', f'{{"root":{{"sms":[{{"to":["{MARK}"]}}]}}}}',
        f"<root><sms><to><b>{MARK}</b></to>{MARK}</sms></root>", f"<root a='{MARK}'/>", f"<root><sms a='{MARK}'/></root>",
    f"<root a='{MARK}' a=''/>", f"{MARK}",
        f'{{"status":"{MARK}","smsList":1,"smsList":"{MARK}"}}', f'{{"status":{{"message":"{MARK}","message":"{MARK}"}}}}',
    f"<response><status>{MARK}</status>{MARK}</response>",
        f"<response><messages/><messages>{MARK}</messages></response>", f"<response><messages/><emails>{MARK}</emails></response>",
    f"<!DOCTYPE r [<!ENTITY a '{MARK}'>]><r/>",
        f'{{"root":{{"sms":[{{"to":"1","to":"{MARK}"}}]}}}}', f'{{"a":"{MARK}\\ud800"}}', f"<root><!-- {MARK} -- --></root>",
    ],
)  # fmt: skip
def test_privacy_of_faults(document: str) -> None:
    """No fault of syntax, shape or limits holds what the document said, in requests and responses."""
    for door in DOORS.values():
        try:
            found = door(document)
        except CommspecError as error:
            assert_private(error.issues, error)
        else:
            if isinstance(found, commspec.Inspection):
                assert_private(found.issues + found.notes, None)
            elif isinstance(found, commspec.Conversion):
                assert_private(found.notes, None)


def words_of(document: bytes, format: str) -> set[str]:
    """The longer words in a document's values, names left out; where it is malformed, in all that it holds but commspec's own names."""
    found: list[str] = []
    names: list[str] = []

    def json_values(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                if isinstance(item, tuple):
                    names.append(item[0])
                json_values(item[1] if isinstance(item, tuple) else item)
        elif value is not None:
            found.append(str(value))

    def element(name: str, attributes: dict[str, str]) -> None:
        names.extend((name, *attributes))
        found.extend(attributes.values())

    try:
        if format == "json":
            json_values(json.loads(document, object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=_refused))
        else:
            parser = expat.ParserCreate()
            parser.CharacterDataHandler = found.append
            parser.buffer_text = True
            parser.StartDoctypeDeclHandler = _refused
            parser.StartElementHandler = element
            # Of an encoding that is none, such as unicode_escape, which expat asks Python for.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parser.Parse(document, True)
    except (ValueError, RecursionError, LookupError, expat.ExpatError):
        found = [document.decode("latin-1").replace("\0", "")]
    return long_words(found) - KNOWN_WORDS - long_words(names)


def long_words(texts: Iterable[str]) -> set[str]:
    """The words of six letters and digits or more."""
    return {word for text in texts for word in re.findall(r"[^\W_]{6,}", text)}


def _refused(*_: object) -> None:
    raise ValueError


# What commspec says itself, and what it passes on of its parsers.
_SOURCES = [path for path in Path(commspec.__file__).parent.rglob("*.py") if "testing" not in path.parts]
KNOWN_WORDS = long_words([*(path.read_text(encoding="utf-8") for path in _SOURCES), "Infinity DOCTYPE version encoding declared"])


@given(faulty_documents("response"))
def test_privacy_of_responses(faulty: Faulty) -> None:
    """No error or note of any faulty response, by any door, holds a word of a value in what may go to a log."""
    said: list[str] = []

    def hear(found: object) -> None:
        issues: tuple[Issue, ...] = ()
        if isinstance(found, CommspecError):
            issues = found.issues
            said.extend((str(found), repr(found)))
        else:
            issues = (*getattr(found, "issues", ()), *getattr(found, "notes", ()))
        for issue in issues:
            said.extend((str(issue), issue.message, issue.path))
            assert all(line.isprintable() for line in issue.explain().split("\n"))

    options: dict[str, Any] = {"limits": faulty.limits, "timezone": faulty.timezone}
    doors: tuple[Callable[[], Iterable[object]], ...] = (
        lambda: (decode_response(faulty.document, **options),),
        lambda: (convert(faulty.document, **options),),
        lambda: iter_response(chunks(faulty.document), **options),
    )
    for door in doors:
        try:
            for item in door():
                hear(item)
        except CommspecError as error:
            hear(error)
    assert words_of(faulty.document, faulty.format) & long_words(said) == set()


@given(documents("response"))
def test_privacy_of_what_a_response_loses(sample: Sample) -> None:
    """No note of what is lost of a response in either format, and no fault of what can't be written, holds a word of a value."""
    for target in ("json", "xml"):
        try:
            said = [text for note in convert(sample.document, target).notes for text in (str(note), note.message, note.path)]
        except CommspecError as error:
            said = [str(error), repr(error), *(text for issue in error.issues for text in (issue.message, issue.path))]
        assert words_of(sample.document, sample.format) & long_words(said) == set()


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_nothing_unprintable_is_shown(name: str) -> None:
    """Names that a document makes up are shown escaped."""
    for door in DOORS.values():
        try:
            found = door(json.dumps({"root": {"sms": [{name: name}], name: 1}, name: {name: name}}))
        except CommspecError as error:
            assert_private(error.issues, error)
        else:
            if isinstance(found, commspec.Conversion):
                assert_private(found.notes, None)
