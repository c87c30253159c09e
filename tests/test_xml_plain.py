"""Plain XML, which a pattern reads: what counts as plain, and that near it nothing is read as the parser would not read it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from lxml import etree

from commspec import Channel, CommspecError, Limits, SmsMessage, decode_request
from commspec.codecs import xml, xml_door, xml_plain
from commspec.models.messages import Message
from commspec.testing.equality import difference, same
from commspec.testing.strategies import damaged
from commspec.wire.explain import Reading
from commspec.wire.report import Report

BODY = "<root><sms><to>919876500001</to><body>{}</body></sms></root>"

PLAIN = {
    "a declaration": ("<?xml version='1.0' encoding='UTF-8'?>\n" + BODY.format("Hi"), "Hi"),
    "another encoding declared": ('<?xml version="1.0" encoding="ISO-8859-1" standalone="yes" ?>' + BODY.format("Hi"), "Hi"),
    "a comment before the root": ("<!-- written by hand -->\n" + BODY.format("Hi"), "Hi"),
    "a hint where the schema is": (
        BODY.format("Hi").replace(
            "<root>",
            '<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="request.xsd">',
        ),
        "Hi",
    ),
    "indented": (BODY.format("Hi").replace("><", ">\n\t <") + "\n", "Hi"),
    "line ends of Windows": (BODY.format("a\r\nb").replace("><", ">\r\n<") + "\r\n", "a\nb"),
    "line ends of old": (BODY.format("a\rb"), "a\nb"),
    "another order": ("<root><sms><body>Hi</body><to>919876500001</to></sms></root>", "Hi"),
    "names for characters": (BODY.format("&lt;a&gt; &amp;lt; &quot;&apos;&amp;"), "<a> &lt; \"'&"),
    "numbers for characters": (BODY.format("&#38;amp; &#x1F600;&#13;&#0065;"), "&amp; \U0001f600\rA"),
    "a section": (BODY.format("a <![CDATA[<b> & ]] ]]>c<![CDATA[]]>"), "a <b> & ]] c"),
    "brackets": (BODY.format("a[0]]> ".replace("]]>", "] ]>")), "a[0] ]> "),
    "other scripts": (BODY.format("नमस्ते 📦"), "नमस्ते 📦"),
}


@pytest.mark.parametrize(("document", "body"), PLAIN.values(), ids=PLAIN)
def test_plain_documents(document: str, body: str) -> None:
    """What programs write is read without the parser, and as the parser reads it."""
    expected = [SmsMessage("919876500001", body)]
    assert difference(plain(document.encode()), expected) is None
    assert difference(explained(document.encode()), expected) is None


def test_empty_elements_are_plain() -> None:
    """An empty element is short for one with an empty text."""
    document = "<root><email><to>a@example.org</to><cc/><bcc/><from>b@example.org</from><subject>a</subject><body>b</body></email></root>"
    messages = xml_plain.read_request(document.encode(), None)
    assert messages is not None
    assert [message.cc for message in messages] == [""]  # type: ignore[union-attr]


def plain(document: bytes) -> list[Message] | None:
    """What the happy path alone makes of a request, by columns as message by message; None where it has nothing to say of it."""
    try:
        read = xml_plain.read_request(document, None)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(xml_plain, "_SHORT", 0)
            assert difference(xml_plain.read_request(document, None), read) is None
    except CommspecError:
        return None
    return read


def explained(document: bytes) -> Any:
    """What the explaining path alone makes of a request: its messages, or None where it has any fault."""
    report = Report()
    try:
        received = xml.explain_request(xml_door.parse(document, Limits()), None, Reading("xml", report))
    except CommspecError:
        return None
    return None if report.issues else [item.message for item in received]


DOCUMENTS = (
    b"<root><sms><to>919876500001</to><body>a</body><sender>b</sender></sms></root>",
    b"<root><email><to>a@example.org</to><attachments><attachment><file_name>a.txt</file_name><file_type>txt</file_type><file_data>a</file_data></attachment>"
    b"</attachments><from>b@example.org</from><subject>a</subject><body>b</body></email></root>",
    b"<root><sms><to>919876500001</to><body>a<![CDATA[b]]>c</body><sender><![CDATA[d]]></sender></sms></root>",
)
NEAR_PLAIN = st.sampled_from(DOCUMENTS).flatmap(damaged)


@given(NEAR_PLAIN)
@example(b"<root><sms><to>919876500001</to><body><![CDATA[a</body></sms></root>]]></body></sms></root>")
@example(b"<![CDATA[]]><root><sms><to>919876500001</to><body>a</body></sms></root>")
@example(b"<root><sms><to>919876500001</to><body>a</body></sms></root><![CDATA[]]>")
def test_nothing_is_plain_that_is_not_well_formed_and_valid(document: bytes) -> None:
    """What the pattern takes, the parser and the explaining path read as the same."""
    read = plain(document)
    event("plain" if read is not None else "not plain")
    assert read is None or difference(read, explained(document)) is None


PIECES = [
    *(b"<![CDATA[]]>", b"<![CDATA[o]]>", b"<![CDATA[</]]>", b"<![CDATA[", b"]]>"),
    *(b"&#0;", b"&#xd800;", b"&#xFFFE;", b"&#1114111;", b"&#1114112;", b"&#xFFFFFF;", b"&#9999999;"),
    *(b"<!---->", b"<?a?>", b"<a/>", b"</a>", b"&amp;", b"&#32;", b"&#233;", b"&", b" ", b"\r", b"\r\n", b"\0", b"a", b"<", b">"),
    *("\xe9".encode(), "\u2028".encode(), "\uffff".encode(), "\U0001f4e6".encode()),
    *(b"\x80", b"\x85", b"\xa0", b"\xc3", b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff"),  # not UTF-8
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=["sms", "email", "sections"])
@pytest.mark.parametrize("head", [b"", b'<?xml version="1.0" encoding="UTF-8"?><!-- a -->'], ids=["no head", "a head"])
@pytest.mark.parametrize("piece", PIECES)
def test_no_place_is_overlooked(document: bytes, head: bytes, piece: bytes) -> None:
    """Wherever a piece is put into a document, what is read is what the parser and the explaining path read."""
    document = head + document
    for at in range(len(document) + 1):
        near = document[:at] + piece + document[at:]
        read = plain(near)
        assert read is None or difference(read, explained(near)) is None, near


@pytest.mark.parametrize("inside", ["", " ", "\n\t ", "a", "<attachment/>", "&amp;", "&#32;", "<![CDATA[]]>", "<![CDATA[ ]]>", "]"])
def test_files_are_no_text(inside: str) -> None:
    """Attachments without an attachment are none, and text among them is a fault: never is it a text in their place."""
    mail = f"<root><email><to>a@example.org</to><from>b@example.org</from><subject>s</subject><body>b</body><attachments>{inside}</attachments></email></root>"
    read, expected = plain(mail.encode()), explained(mail.encode())
    assert read is None or difference(read, expected) is None
    if inside.isspace() or not inside:
        assert [message.attachments for message in read or ()] == [()]  # type: ignore[union-attr]


@pytest.mark.parametrize("before", [document for document, _ in PLAIN.values()], ids=PLAIN)
def test_what_was_read_before_is_of_no_account(before: str) -> None:
    """How one document begins is remembered, to know it again in the next; another is read as if it were the first."""
    for document, body in PLAIN.values():
        assert xml_plain.read_request(before.encode(), None) is not None
        assert difference(xml_plain.read_request(document.encode(), None), [SmsMessage("919876500001", body)]) is None
    assert xml_plain.read_request(before.encode(), Channel.EMAIL) is None


ENCODED: dict[str, bytes | str] = {
    "none declared": BODY.format("é").encode(),
    "a text": BODY.format("é"),
    "a mark": b"\xef\xbb\xbf" + BODY.format("é").encode(),
    **{
        f"{encoding} {said}".strip(): (f'<?xml version="1.0" encoding="{encoding}"{said}?>' + BODY.format("é")).encode(encoding)
        for encoding in ("UTF-8", "utf-8", "Utf-8", "ISO-8859-1", "windows-1252", "UTF-16", "IBM850")
        for said in ("", ' standalone="yes"')
    },
}


@pytest.mark.parametrize("before", ENCODED.values(), ids=ENCODED)
def test_another_encoding_before_is_of_no_account(before: bytes | str) -> None:
    """Nor does the encoding of the last document count for the next, however much alike they begin."""
    expected = (SmsMessage("919876500001", "é"),)
    for document in ENCODED.values():
        assert difference(decode_request(before, "xml").messages, expected) is None
        assert difference(decode_request(document, "xml").messages, expected) is None
    # In an encoding of one byte a character, bytes that are two characters may be one in UTF-8.
    for document in (before, ENCODED["ISO-8859-1"], ENCODED["windows-1252"], ENCODED["UTF-16"]):
        decode_request(document, "xml")
        for encoding in ("ISO-8859-1", "windows-1252"):
            twice = f'<?xml version="1.0" encoding="{encoding}"?>' + BODY.format("Ã©")
            assert difference(decode_request(twice.encode(encoding)).messages, (SmsMessage("919876500001", "Ã©"),)) is None
        with pytest.raises(CommspecError, match="encoding"):
            decode_request(b'<?xml version="1.0" encoding="UTF-16"?>' + BODY.format("e").encode(), "xml")
    wrong = b'<?xml version="1.0" encoding="UTF-8"?>' + BODY.format("é").encode("latin-1")
    with pytest.raises(CommspecError, match="encoding"):
        decode_request(wrong)


def test_only_white_space_follows_the_end() -> None:
    """Behind a document's last message there is its end and nothing but XML's white space around it, whether it is read whole or in pieces."""
    message = b"<sms><to>919876500001</to><body>Hi</body></sms>"
    assert xml_plain.read_messages(message, Channel.SMS) == [SmsMessage("919876500001", "Hi")]
    for code in range(256):
        near = bytes([code])
        good = near in b" \t\r\n"
        assert xml_plain.is_end(near + xml_plain.TAIL + near) is good
        assert (xml_plain.read_messages(message + near, Channel.SMS) is not None) is good
        assert (plain(b"<root>" + message + b"</root>" + near) is not None) is good


@pytest.mark.parametrize("spaces", ["", " ", "\n\t\r\n "])
@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 40, 41, 100])
def test_short_texts_are_read_as_long_ones(count: int, spaces: str) -> None:
    """Few messages are taken out one by one, and many by columns; to the same objects."""
    item = "<sms><to>91987650{:04}</to><body>Hi</body></sms>"
    document = f"<root>{spaces}{spaces.join(item.format(number) for number in range(count))}{spaces}</root>{spaces}".encode()
    messages = [SmsMessage(f"91987650{number:04}", "Hi") for number in range(count)]
    assert difference(xml_plain.read_request(document, None), messages) is None
    for damaged_one in (
        document.replace(b"0000", b"0x00"),
        document.replace(b"</root>", b"<a/></root>"),
        document + b"a",
        document.replace(b"</root>", b""),
    ):
        assert xml_plain.read_request(damaged_one, None) is None


@given(NEAR_PLAIN)
def test_reading_asks_both(document: bytes) -> None:
    """Reading gives what the explaining path gives, plain or not."""
    expected = explained(document)
    try:
        read: Any = decode_request(document, "xml").messages
    except CommspecError:
        read = None
    assert same(read, None if expected is None else tuple(expected))


def test_the_parser_has_no_say_in_a_plain_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain document is read without the parser."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(etree, "fromstring", refuse)
    assert decode_request(BODY.format("Hi")).messages == (SmsMessage("919876500001", "Hi"),)
