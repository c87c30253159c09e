"""What is asked in every check, each question as small as it can be: documents written by hand, and the promise that each of them shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs

from commspec.codecs import encode_request
from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.models.messages import Attachment, EmailMessage, Message, SmsMessage, WhatsAppMessage, ZaloMessage, message_type
from commspec.models.request import SendRequest
from commspec.wire.names import LISTS

MARK = "\ufeff".encode()
SECRET = "entity-8c1f"  # noqa: S105 - what an expanded entity would put into the answer


@attrs.frozen
class Probe:
    """One question: `means` is the request that must be accepted, None where the call must be refused (`count` messages, those at `faulty`)."""

    promise: str
    why: str
    channel: Channel
    body: bytes
    format: Format
    means: SendRequest | None = None
    count: int = 0
    faulty: frozenset[int] = frozenset()
    query: str | None = None
    media_type: str | None = None
    accept: Format | None = None
    secret: str | None = None


_MOMENT = datetime(2031, 2, 22, 0, 25, 6, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def full(channel: Channel, number: int) -> Message:
    """A message with every field, all of them plain, and different for every number."""
    moment = _MOMENT + timedelta(minutes=number)
    if channel is Channel.SMS:
        return SmsMessage(f"91987650{number:04}", f"Message {number}", moment, "ACMESHOP")
    if channel is Channel.EMAIL:
        return EmailMessage(
            to=f"to{number}@example.com",
            cc="cc@example.com",
            bcc="bcc@example.org",
            from_="from@example.com",
            subject=f"Subject {number}",
            body=f"Message {number}",
            attachments=[Attachment("a.txt", "txt", "aGk=", "base64")],
            scheduled_time=moment,
        )
    cls = WhatsAppMessage if channel is Channel.WHATSAPP else ZaloMessage
    return cls(f"91987650{number:04}", f"Message {number}", moment)


def plain(channel: Channel, text: str = "Hi", **fields: Any) -> Message:
    """A message with nothing but what is required and `fields`, and the text `text`."""
    values: dict[str, Any]
    if channel is Channel.EMAIL:
        values = {"to": "to@example.com", "from_": "from@example.com", "subject": "Hi", "body": text}
    else:
        values = {"to": "919876500001", "body": text} if channel is Channel.SMS else {"receiver": "919876500001", "template": text}
    return message_type(channel)(**{**values, **fields})


def probes(channels: Iterable[Channel]) -> Iterator[Probe]:
    """Every probe of the channels."""
    for channel in channels:
        yield from _kept(channel)
        yield from _spelled_json(channel)
        yield from _spelled_xml(channel)
        yield from _addressed(channel)
        yield from _refused(channel)
    if Channel.EMAIL in channels:
        yield from _files()


def _in_both(promise: str, why: str, channel: Channel, *messages: Message) -> Iterator[Probe]:
    request = SendRequest(messages)
    for body in Format:
        for accept in Format:
            yield Probe(promise, why, channel, encode_request(request, body), body, request, accept=accept)


# ---- What must come back as it was sent.

_TEXTS = (
    "a\rb\r\nc\nd",
    "\r\n x \t\n",
    "<b>&amp;</b>]]><!--x-->",
    'q"\'\\\\u0041 {"a": 1}',
    "é अ א \U0001f600 e\u0301 \u200b \u2028 \x85 \ufffd",
    "null",
    "007",
)
# 2,000 characters and more bytes, each part of it with its own number: whoever cuts a text anywhere before that is seen.
_LONG = "".join(f"{number:04} " for number in range(399)) + "é א \U0001f600"
_NUMBERS = ("+447700900123", "000123456", "919876500001234")
_TIMES = (
    _MOMENT,
    datetime(2031, 12, 31, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=-8))),
    datetime(2031, 1, 1, 0, 0, 0, 500000, tzinfo=timezone.utc),
)


def _kept(channel: Channel) -> Iterator[Probe]:
    recipient = {Channel.SMS: "to", Channel.EMAIL: "to"}.get(channel, "receiver")
    for text in _TEXTS:
        yield from _in_both("text-kept", "an unusual text", channel, plain(channel, text))
    yield from _in_both("text-kept", "a long text", channel, plain(channel, _LONG))
    for moment in _TIMES:
        yield from _in_both("offset-kept", "a time", channel, plain(channel, scheduled_time=moment))
    if channel is Channel.EMAIL:
        yield from _in_both("empty-kept", "an empty cc, and no bcc", channel, plain(channel, cc=""))
        yield from _in_both("empty-kept", "an empty body", channel, plain(channel, ""))
    else:
        for number in _NUMBERS:
            yield from _in_both("number-kept", "a number", channel, plain(channel, **{recipient: number}))
    if channel is Channel.SMS:
        yield from _in_both("empty-kept", "an empty sender", channel, plain(channel, sender=""))
        yield from _in_both("empty-kept", "no sender", channel, plain(channel))
    yield from _in_both("outcomes", "several messages", channel, *(full(channel, number) for number in range(3)))


# ---- One meaning, several spellings.


def _fields(channel: Channel) -> dict[str, str]:
    """The fields of `plain`, by their names, which are the same in both formats."""
    if channel is Channel.EMAIL:
        return {"to": "to@example.com", "from": "from@example.com", "subject": "Hi", "body": "Hi"}
    return {"to": "919876500001", "body": "Hi"} if channel is Channel.SMS else {"receiver": "919876500001", "template": "Hi"}


def _json(channel: Channel, *messages: str) -> bytes:
    return f'{{"root":{{"{LISTS[channel].message}":[{",".join(messages)}]}}}}'.encode()


def _xml(channel: Channel, *messages: str, head: str = "") -> bytes:
    name = LISTS[channel].message
    return f"{head}<root>{''.join(f'<{name}>{message}</{name}>' for message in messages)}</root>".encode()


def _elements(fields: dict[str, str]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


def _text_name(channel: Channel) -> str:
    return "body" if channel in (Channel.SMS, Channel.EMAIL) else "template"


def _spelled_json(channel: Channel) -> Iterator[Probe]:
    request = SendRequest([plain(channel)])
    fields = _fields(channel)

    def asked(promise: str, why: str, body: bytes, means: SendRequest = request) -> Probe:
        return Probe(promise, why, channel, body, Format.JSON, means)

    backwards = dict(reversed(fields.items()))
    yield asked("order-free", "fields from last to first", _json(channel, json.dumps(backwards)))
    optional = "cc" if channel is Channel.EMAIL else "sender" if channel is Channel.SMS else "scheduledTime"
    yield asked("null-is-absent", "null in an optional field", _json(channel, json.dumps({**fields, optional: None})))
    yield asked(
        "accepts-valid", "white space around every token", b"\r\n\t " + _json(channel, json.dumps(fields, indent=2)).replace(b":", b" :\t")
    )
    escaped = "".join(f"\\u{ord(character):04X}" for character in "Hi")
    yield asked("accepts-valid", "escapes", _json(channel, json.dumps(fields).replace('"Hi"', f'"{escaped}"')))
    accented = SendRequest([plain(channel, "é😀")])
    document = _json(channel, json.dumps({**fields, _text_name(channel): "é😀"}, ensure_ascii=False))
    yield asked("encodings", "a byte order mark before JSON", MARK + document, accented)


def _spelled_xml(channel: Channel) -> Iterator[Probe]:
    request = SendRequest([plain(channel)])
    fields = _fields(channel)
    name = _text_name(channel)

    def asked(promise: str, why: str, body: bytes, means: SendRequest = request) -> Probe:
        return Probe(promise, why, channel, body, Format.XML, means)

    yield asked("order-free", "fields from last to first", _xml(channel, _elements(dict(reversed(fields.items())))))
    code = SendRequest([plain(channel, "OTP 1234")])
    for why, text in (
        ("a comment inside a text", "OTP <!--x-->1234"),
        ("an instruction inside a text", "OTP <?x y?>1234"),
        ("CDATA", "<![CDATA[OTP ]]>12<![CDATA[34]]>"),
        ("references", "OTP&#32;&#x31;2&#51;4"),
    ):
        yield asked("markup-read", why, _xml(channel, _elements({**fields, name: text})), code)
    yield asked(
        "markup-read",
        "comments between elements",
        _xml(channel, "<!--a-->\n" + _elements(fields) + "<?b?>", head="<?xml version='1.0'?><!-- <root/> -->"),
    )
    accented = SendRequest([plain(channel, "é")])
    text = _xml(channel, _elements({**fields, name: "é"})).decode()
    yield asked("encodings", "a byte order mark before XML", MARK + text.encode(), accented)
    yield asked("encodings", "UTF-16, little end first", b"\xff\xfe" + text.encode("utf-16-le"), accented)
    yield asked("encodings", "UTF-16, big end first", b"\xfe\xff" + text.encode("utf-16-be"), accented)
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'
    yield asked("encodings", "ISO-8859-1, as declared", declared.encode("latin-1"), accented)


# ---- The address and the headers.


def _addressed(channel: Channel) -> Iterator[Probe]:
    request = SendRequest([plain(channel)])
    document = encode_request(request)

    def asked(promise: str, why: str, query: str, means: SendRequest | None = request) -> Probe:
        return Probe(promise, why, channel, document, Format.JSON, means, query=query)

    for spelled in (channel.value.upper(), channel.value.capitalize()):
        yield asked("channel-case", f"channel={spelled}", f"channel={spelled}")
    if channel is Channel.SMS:
        yield asked("channel-default", "no channel", "")
    else:
        yield asked("channel-default", f"no channel, and messages for {channel}", "", None)
    for unknown in ("fax", ""):
        yield asked("channel-unknown-refused", f"channel={unknown}", f"channel={unknown}", None)
    other = Channel.EMAIL if channel is not Channel.EMAIL else Channel.SMS
    yield asked("channel-wrong-refused", f"messages for {channel}, sent with channel={other}", f"channel={other}", None)
    for body, media_type in (
        (Format.JSON, "application/json; charset=utf-8"),
        (Format.JSON, "Application/JSON"),
        (Format.XML, "text/xml"),
        (Format.XML, "application/xml;charset=UTF-8"),
    ):
        yield Probe("media-types", media_type, channel, encode_request(request, body), body, request, media_type=media_type)
    for body in Format:
        yield Probe("format-asked", f"{body.other} asked for", channel, encode_request(request, body), body, request, accept=body.other)


# ---- What must be refused.


def _refused(channel: Channel) -> Iterator[Probe]:
    fields = _fields(channel)
    name = _text_name(channel)
    good, recipient = json.dumps(fields), next(iter(fields))

    def in_json(promise: str, why: str, message: str) -> Probe:
        """The faulty message between two good ones."""
        return Probe(promise, why, channel, _json(channel, good, message, good), Format.JSON, count=3, faulty=frozenset({1}))

    def in_xml(promise: str, why: str, message: str) -> Probe:
        elements = _elements(fields)
        return Probe(promise, why, channel, _xml(channel, elements, message, elements), Format.XML, count=3, faulty=frozenset({1}))

    def whole(promise: str, why: str, body: bytes, secret: str | None = None) -> Probe:
        return Probe(promise, why, channel, body, Format.XML if b"<" in body[:40] else Format.JSON, secret=secret)

    for why, changed in (
        ("a recipient that is none", {recipient: "12"}),
        (
            "a blank text" if channel is not Channel.EMAIL else "a blank subject",
            {name: " "} if channel is not Channel.EMAIL else {"subject": " "},
        ),
        ("a time without offset", {"time": "2031-02-22T00:25:06"}),
        ("no such day", {"time": "2031-02-30T00:25:06+00:00"}),
    ):
        yield in_json("refuses-faulty", why, json.dumps({**fields, **_named(changed, "scheduledTime")}))
        yield in_xml("refuses-faulty", why, _elements({**fields, **_named(changed, "scheduled_time")}))
    lacking = {key: value for key, value in fields.items() if key != recipient}
    yield in_json("refuses-faulty", "no recipient", json.dumps(lacking))
    yield in_xml("refuses-faulty", "no recipient", _elements(lacking))
    yield in_json("null-is-absent", "null in a required field", json.dumps({**fields, recipient: None}))
    yield in_json("unknown-refused", "an unknown field", json.dumps({**fields, "priority": "1"}))
    yield in_xml("unknown-refused", "an unknown field", _elements({**fields, "priority": "1"}))
    yield in_xml("unknown-refused", "an attribute", _elements(fields).replace(">", ' x="1">', 1))
    yield in_json("duplicates-refused", "a field that stands twice", good[:-1] + f', "{name}": "Hi"}}')
    yield in_xml("duplicates-refused", "a field that stands twice", _elements(fields) + f"<{name}>Hi</{name}>")
    for value in (919876500001, True, ["Hi"], {"a": "b"}):
        yield in_json("types-refused", f"{json.dumps(value)} for a text", json.dumps({**fields, recipient: value}))
    yield in_xml("types-refused", "an element inside a text", _elements({**fields, name: "<b>Hi</b>"}))
    root = LISTS[channel].message
    other = Channel.ZALO if channel is not Channel.ZALO else Channel.WHATSAPP
    second = json.dumps(_fields(other))
    yield whole("one-list", "lists of two channels", f'{{"root":{{"{root}":[{good}],"{LISTS[other].message}":[{second}]}}}}'.encode())
    yield whole("one-list", "an empty list", _json(channel))
    yield whole("one-list", "an empty root", b"<root></root>")
    yield whole("unknown-refused", "a root of another name", _xml(channel, _elements(fields)).replace(b"root>", b"Root>"))
    yield whole("refuses-faulty", "no JSON at all", _json(channel, good)[:-1])
    yield whole("refuses-faulty", "no XML at all", _xml(channel, _elements(fields))[:-1])
    yield whole("encodings", "bytes that are not UTF-8", _json(channel, good).replace(b'"Hi"', b'"\xff"'))
    yield whole("encodings", "an encoding that is not known", b'<?xml version="1.0" encoding="x-none"?>' + _xml(channel, _elements(fields)))
    simple = _xml(channel, _elements(fields)).decode()
    yield whole("doctype-refused", "a DOCTYPE", f"<!DOCTYPE root>{simple}".encode())
    yield whole("doctype-refused", "a DOCTYPE that names a file", f'<!DOCTYPE root SYSTEM "commspec.dtd">{simple}'.encode())
    entity = _xml(channel, _elements({**fields, name: "&e;"})).decode()
    yield whole("doctype-refused", "an entity", f'<!DOCTYPE root [<!ENTITY e "{SECRET}">]>{entity}'.encode(), SECRET)
    yield whole("refuses-faulty", "an entity that nobody declared", entity.encode())


def _named(fields: dict[str, str], time: str) -> dict[str, str]:
    """`fields`, with the time under its name in a format."""
    return {time if name == "time" else name: value for name, value in fields.items()}


def _files() -> Iterator[Probe]:
    fields = _fields(Channel.EMAIL)
    good, good_xml = json.dumps(fields), _elements(fields)
    file = {"fileName": "a.png", "fileType": "png", "fileData": "aGk=", "fileEncodingType": "base64"}
    snake = {"fileName": "file_name", "fileType": "file_type", "fileData": "file_data", "fileEncodingType": "file_encoding_type"}
    for why, changed in (
        ("a file name with a folder", {"fileName": "../a.png"}),
        ("base64 that is none", {"fileData": "aGk"}),
        ("an image that is not base64", {"fileEncodingType": ""}),
        ("a file without a name", {"fileName": None}),
        ("a file of an unknown encoding", {"fileEncodingType": "hex"}),
    ):
        bad = {key: value for key, value in {**file, **changed}.items() if value is not None}
        message = json.dumps({**fields, "attachments": {"attachment": [file, bad]}})
        yield Probe(
            "attachments-checked",
            why,
            Channel.EMAIL,
            _json(Channel.EMAIL, good, message, good),
            Format.JSON,
            count=3,
            faulty=frozenset({1}),
        )
        files = "".join(
            f"<attachment>{_elements({snake[key]: str(value) for key, value in each.items()})}</attachment>" for each in (file, bad)
        )
        body = _xml(Channel.EMAIL, good_xml, f"{good_xml}<attachments>{files}</attachments>", good_xml)
        yield Probe("attachments-checked", why, Channel.EMAIL, body, Format.XML, count=3, faulty=frozenset({1}))
