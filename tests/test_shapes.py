"""Documents of a wrong shape: each fault in whole, its code, path, message, hint and line (SPEC.md sections 2 to 4 and 5)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import attrs
import pytest
from documents import REQUESTS
from lxml import etree

from commspec import (
    Attachment,
    Channel,
    EmailMessage,
    EmailReceipt,
    Extra,
    InvalidDocument,
    Issue,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    ZaloReceipt,
    convert,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.codecs import CODECS, read_happily, read_reply_happily
from commspec.codecs.format import Format, detect
from commspec.testing import same
from commspec.wire.report import Limits, Report
from commspec.wire.request import Received

MESSAGE = '{"to":"919876500001","body":"Hi"}'
OTHER = '{"receiver":"919876500001","template":"Hi"}'
XML_MESSAGE = "<sms><to>919876500001</to><body>Hi</body></sms>"
XML_OTHER = "<zaloMessage><receiver>919876500001</receiver><template>Hi</template></zaloMessage>"


def email(attachments: str) -> str:
    """A JSON request of an email with these attachments."""
    return f'{{"root":{{"email":[{{"to":"a@example.com","from":"b@example.com","subject":"s","body":"","attachments":{attachments}}}]}}}}'


def xml_email(attachments: str) -> str:
    """The same in XML, with the attachments on line 3."""
    return (
        "<root><email><to>a@example.com</to><from>b@example.com</from><subject>s</subject>\n<body/>\n"
        f"<attachments>{attachments}</attachments></email></root>"
    )


ABSENT = "required, and not there"
NO_MESSAGE = "no message: expected one or more in one of sms, email, whatsappMessage, zaloMessage"
FILES = "root.email[0].attachments"
BETWEEN = ("text between its elements", "is an element missing around it?")
TWICE = ("stands twice", "keep one of them")
JSON_REQUESTS = [
    ("[]", "type", "", "expected an object, not a list", None),
    ("null", "missing", "root", ABSENT, None),
    ('"x"', "type", "", "expected an object, not a text", None),
    ("{}", "missing", "root", ABSENT, None),
    ('{"root":null}', "missing", "root", ABSENT, None),
    ('{"root":[1]}', "type", "root", "expected an object, not a list", None),
    ('{"root":1.5}', "type", "root", "expected an object, not a number", None),
    ('{"Root":{}}', "unknown", "Root", "no such root", "write root"),
    ('{"x":1}', "unknown", "x", "no such root", None),
    ('{"a\\"b\\\\":1}', "unknown", '["a\\"b\\\\"]', "no such root", None),
    ('{"root":{}}', "empty", "root", NO_MESSAGE, None),
    ('{"root":{"sms":null}}', "empty", "root", NO_MESSAGE, None),
    ('{"root":{"sms":[]}}', "empty", "root.sms", NO_MESSAGE, None),
    ('{"root":{"sms":false}}', "type", "root.sms", "expected a list, not false", None),
    ('{"root":{"sms":[null]}}', "missing", "root.sms[0]", "expected a message, not null", None),
    ('{"root":{"sms":["x"]}}', "type", "root.sms[0]", "expected an object, not a text", None),
    (f'{{"root":{{"sms":[{MESSAGE}],"zaloMessage":[{OTHER}]}}}}', "channel", "root.zaloMessage", "a list for zalo beside one for sms", "make a request of each channel"),
    (f'{{"root":{{"sms":[{MESSAGE}],"sms":[{MESSAGE}]}}}}', "duplicate", "root.sms", *TWICE),
    (f'{{"root":{{"sms":[{MESSAGE}]}},"root":{{}}}}', "duplicate", "root", *TWICE),
    (f'{{"sms":[{MESSAGE}]}}', "missing", "root", ABSENT, 'write {"root": {…}} around the lists'),
    (f'{{"root":{{"sms":[{MESSAGE}]}},"x":1}}', "unknown", "x", "no such root", None),
    (f'{{"root":{{"sms":[{MESSAGE}],"x":1}}}}', "unknown", "root.x", "no such list of messages", None),
    ('{"root":{"sms":[{"body":"Hi"}]}}', "missing", "root.sms[0].to", ABSENT, None),
    (f'{{"root":{{"sms":[{MESSAGE[:-1]},"k":1,"k":2}}]}}}}', "duplicate", "root.sms[0].k", *TWICE),
    (f'{{"root":{{"sms":[{MESSAGE[:-1]},"scheduled_time":1,"scheduled_time":2}}]}}}}', "duplicate", "root.sms[0].scheduled_time", *TWICE),
    (email('"x"'), "type", FILES, "expected attachments, not a text", None),
    (email("1"), "type", FILES, "expected attachments, not a number", None),
    (email('{"x":1}'), "unknown", f"{FILES}.x", "no such field", "write attachment"),
    (email('{"attachment":1}'), "type", f"{FILES}.attachment", "expected a list, not a number", None),
    (email('{"attachment":[null]}'), "missing", f"{FILES}.attachment[0]", "expected an attachment, not null", None),
    (email('{"attachment":[true]}'), "type", f"{FILES}.attachment[0]", "expected an object, not true", None),
]  # fmt: skip
XML_REQUESTS = [
    ("\n<root/>", "empty", "root", NO_MESSAGE, None, 2),
    ("<x/>", "unknown", "x", "no such root: expected <root>", "write <root>", 1),
    ("<root>\n<x/></root>", "unknown", "root.x", "no such list of messages", None, 2),
    (f"<root>x{XML_MESSAGE}</root>", "type", "root", *BETWEEN, 1),
    (f"<root>{XML_MESSAGE}\n{XML_OTHER}</root>", "channel", "root.zaloMessage", "a list for zalo beside one for sms", "make a request of each channel", 2),
    (f"<root>{XML_MESSAGE.replace('Hi', '<b>x</b>')}</root>", "type", "root.sms[0].body", "expected a text, not elements", None, 1),
    ("<root><sms><to>919876500001</to>\n<to>1</to><body>b</body></sms></root>", "duplicate", "root.sms[0].to", *TWICE, 2),
    ("<root>\n<sms><to>919876500001</to></sms></root>", "missing", "root.sms[0].body", ABSENT, None, 2),
    (xml_email("<attachment><file_name>a</file_name><file_type>b</file_type></attachment>"), "missing", f"{FILES}.attachment[0].file_data", ABSENT, None, 3),
    (f"<root\n a='1'>{XML_MESSAGE}</root>", "unknown", "root@a", "no such attribute: fields have none", None, 1),
    (xml_email("x"), "type", FILES, *BETWEEN, 3),
    (xml_email("<file/>"), "unknown", f"{FILES}.file", "no such field", "write <attachment>", 3),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code", "path", "message", "hint"), JSON_REQUESTS)
def test_the_shape_of_json_requests(document: str, code: str, path: str, message: str, hint: str | None) -> None:
    """A request of a wrong shape has one issue, which says what was expected where."""
    (issue,) = inspect_request(document).issues
    assert (issue.code, issue.path, issue.message, issue.hint, issue.line) == (code, path, message, hint, None)


@pytest.mark.parametrize(("document", "code", "path", "message", "hint", "line"), XML_REQUESTS)
def test_the_shape_of_xml_requests(document: str, code: str, path: str, message: str, hint: str | None, line: int) -> None:
    """A request of a wrong shape has one issue, which says what was expected where, and on which line."""
    (issue,) = inspect_request(document).issues
    # lxml gives the line on which the element's start tag ends before version 6.1, that of its beginning later.
    assert (issue.code, issue.path, issue.message, issue.hint) == (code, path, message, hint)
    assert issue.line == line or document.startswith("<root\n")


@pytest.mark.parametrize(
    ("names", "messages"),
    [
        (("sender", "sender", "sender"), ["stands twice"] * 2),
        (("scheduledTime", "scheduled_time"), ["stands twice, in two spellings"]),
        (("scheduled_time", "scheduledTime", "scheduledTime"), ["stands twice, in two spellings", "stands twice"]),
    ],
)
def test_every_repetition_of_a_field_is_said(names: tuple[str, ...], messages: list[str]) -> None:
    """A field that stands again has an issue each time, with its line, which says whether it is spelled as before."""
    json_ = f'{{"root":{{"sms":[{MESSAGE[:-1]},{",".join(f"""{chr(34)}{name}{chr(34)}:null""" for name in names)}}}]}}}}'
    elements = "\n".join(f"<{name}>x</{name}>" for name in names)
    xml = f"<root><sms><to>919876500001</to><body>Hi</body>{elements}</sms></root>"
    for document, own in ((json_, "scheduledTime"), (xml, "scheduled_time")):
        path = f"root.sms[0].{'sender' if names[0] == 'sender' else own}"
        lines = range(2, 9) if document is xml else [None] * 9
        expected = [Issue("duplicate", path, message, hint=TWICE[1], line=line) for message, line in zip(messages, lines, strict=False)]
        assert list(inspect_request(document, tolerant=True).issues) == expected


@pytest.mark.parametrize("tolerant", [False, True])
def test_an_unknown_name_beside_one_that_stands_twice(tolerant: bool) -> None:
    """That one unknown key stands twice hides no other, whichever comes first."""
    found = inspect_request(f'{{"root":{{"sms":[{MESSAGE[:-1]},"a":1,"k":1,"k":2,"z":3}}]}}}}', tolerant=tolerant)
    unknown = {"root.sms[0].a", "root.sms[0].z"}
    assert {(issue.code, issue.path) for issue in found.issues if issue.path not in unknown} == {("duplicate", "root.sms[0].k")}
    assert {issue.path for issue in (found.notes if tolerant else found.issues) if issue.code.endswith("unknown")} == unknown


def test_an_unknown_element_is_unknown_each_time() -> None:
    """XML has messages of one name side by side, so that an element that nobody knows is no `duplicate`, but `unknown` wherever it stands."""
    issues = inspect_request(f"<root>{XML_MESSAGE.replace('</sms>', '<x/><x/></sms>')}</root>").issues
    assert [(issue.code, issue.path) for issue in issues] == [("unknown", "root.sms[0].x")] * 2


@pytest.mark.parametrize("document", [f'{{"root":{{"sms":[{MESSAGE}]}}}}', f"<root>{XML_MESSAGE}</root>"])
def test_another_channel_than_the_one_asked_for(document: str) -> None:
    """A list for another channel than the call's says which call it wants."""
    line = 1 if document.startswith("<") else None
    issue = Issue("channel", "root.sms", "a list for sms, where zalo was asked for", hint="send it with channel=sms", line=line)
    assert inspect_request(document, channel="zalo").issues == (issue,)
    assert not inspect_request(document, channel="SMS").issues


RESPONSES: list[tuple[str, str, str, str, int | None]] = [
    ("[]", "type", "", "expected an object, not a list", None),
    ('{"status":{},"status":{}}', "duplicate", "status", "stands twice", None),
    ('{"smsList":[{},{"sms":{},"sms":{}}]}', "duplicate", "smsList[1].sms", "stands twice", None),
    ('{"smsList":[{"sms":{"to":"1","to":"2"}}]}', "duplicate", "smsList[0].sms.to", "stands twice", None),
    ('{"smsList":[{"errors":[],"errors":[]}]}', "duplicate", "smsList[0].errors", "stands twice", None),
    ('{"smsList":[],"emails":[]}', "channel", "emails", "a list for email beside one for sms", None),
    ('{"smsList":[],"smsList":[]}', "duplicate", "smsList", "stands twice", None),
    ('{"status":{"statusCode":{"code":1,"code":2}}}', "duplicate", "status.statusCode.code", "stands twice", None),
    ('{"smsList":[{"errors":["e",{"code":1,"code":2}]}]}', "duplicate", "smsList[0].errors[1].code", "stands twice", None),
    ("<response><messages><smsData><errors><error>e</error><error><code/>\n<code/></error></errors></smsData></messages></response>", "duplicate", "response.messages.smsData[0].errors.error[1].code", "stands twice", 2),
    ("\n<x/>", "unknown", "x", "no such root: expected <response> or <status>", 2),
    ("<response><status/>\n<status/></response>", "duplicate", "response.status", "stands twice", 2),
    ("<response><messages><smsData><sms/>\n<sms/></smsData></messages></response>", "", "", "", None),
    ("<response><messages><smsData><errors/>\n<errors/></smsData></messages></response>", "duplicate", "response.messages.smsData[0].errors", "stands twice", 2),
    ("<response><messages/>\n<messages/></response>", "duplicate", "response.messages", "stands twice", 2),
    ("<response><messages/>\n<emails/></response>", "channel", "response.emails", "a list for email beside one for sms", 2),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code", "path", "message", "line"), RESPONSES)
def test_the_shape_of_responses(document: str, code: str, path: str, message: str, line: int | None) -> None:
    """A response of a wrong shape has one issue; several messages in one `…Data` are read as several."""
    if not code:
        assert len(decode_response(document).outcomes) == 2
        return
    with pytest.raises(InvalidDocument) as caught:
        decode_response(document)
    (issue,) = caught.value.issues
    assert (issue.code, issue.path, issue.message, issue.hint, issue.line) == (code, path, message, None, line)


def test_a_fault_of_a_response_hides_no_other() -> None:
    """All that is at fault with a response is listed, whatever stands before it."""
    with pytest.raises(InvalidDocument) as caught:
        decode_response('{"smsList":[],"smsList":[],"emails":[],"status":{"code":1,"code":2},"status":{}}')
    assert {(issue.code, issue.path) for issue in caught.value.issues} == {
        ("duplicate", "smsList"),
        ("channel", "emails"),
        ("duplicate", "status.code"),
        ("duplicate", "status"),
    }


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"root":NaN}', "NaN is no JSON number"),
        ('{"root":-Infinity}', "-Infinity is no JSON number"),
        ('{"root":"\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_what_python_reads_and_json_has_not(document: str, message: str) -> None:
    """What Python's own reader takes for JSON and is none is named, with its line and column."""
    (issue,) = inspect_request(document).issues
    assert (issue.code, issue.message, issue.line) == ("json.syntax", message, 1)


@pytest.mark.parametrize("length", [1, 80, 81, 5000])
def test_a_long_name_is_cut_in_a_path(length: int) -> None:
    """A path shows a name that nobody knows whole up to 80 characters; of a longer one its ends, quoted, and how much was left out."""
    (issue,) = inspect_request(f'{{"{"x" * length}":1}}').issues
    if length <= 80:
        assert issue.path == "x" * length
        return
    found = re.fullmatch(r'\["(x+)…\[([0-9]+) more\]…(x+)"\]', issue.path)
    assert found is not None
    assert len(found[1]) + int(found[2]) + len(found[3]) == length
    assert len(found[1]) + len(found[3]) <= 80


@pytest.mark.parametrize(
    ("name", "path"), [("é", "é"), ("é b", '["é b"]'), ('"', '["\\""]'), ("", '[""]'), ("é\u200b", '["\\u00e9\\u200b"]'), ("\n", '["\\n"]')]
)
def test_a_name_in_a_path(name: str, path: str) -> None:
    """A path shows a plain name as it is, another in quotes, and nothing of it that can't be printed."""
    (issue,) = inspect_request(json.dumps({name: 1})).issues
    assert issue.path == path


@pytest.mark.parametrize("document", ["<a></b>", "<a", "<a/><a/>", "<a b/>", "&x;", "<a>&x;</a>", "<a b='1' b='1'/>"])
def test_what_the_xml_parser_found(document: str) -> None:
    """The message of malformed XML is the parser's name of the fault, in words."""
    (issue,) = inspect_request(document, "xml").issues
    assert issue.code == "xml.syntax"
    assert re.fullmatch(r"not well-formed XML: (?!err |xml err)[a-z]+( [a-z]+)*", issue.message)


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_issues_past_the_limit_are_counted(limit: int) -> None:
    """Past the limit issues are counted as they would have been listed, whatever their kind."""
    messages = (
        '{"to":"919876500001","body":"Hi","a":1,"b":2,"c":[]},{},{"to":1,"to":2,"to":3,"body":""},{"to":"1","body":"Hi","x":1,"x":2,"x":3}'
    )
    document = f'{{"root":{{"sms":[{messages}]}}}}'
    issues = inspect_request(document).issues
    listed = inspect_request(document, limits=Limits(issues=limit)).issues
    assert len(issues) == 11
    assert listed[:-1] == issues[:limit]
    assert listed[-1] == Issue("limit.issues", "", f"{11 - limit} more issues are not listed", hint="raise limits.issues")


TOLERATED_AND_NOT = [
    '{"root":{"email":[{},{"to":"a@example.com","from":"b@example.com","subject":"s","x":1,"y":2}],"z":1,"z2":1}}',
    "<root><email/><email><to>a@example.com</to><from>b@example.com</from><subject>s</subject><x/><y/></email><z/><z2/></root>",
]


@pytest.mark.parametrize("document", TOLERATED_AND_NOT, ids=["json", "xml"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_past_the_limit_nothing_tolerated_is_a_fault(document: str, limit: int) -> None:
    """Under tolerance no limit makes a fault of what is tolerated, nor passes over a fault because there are many notes."""
    whole, cut = (inspect_request(document, tolerant=True, limits=limits) for limits in (Limits(), Limits(issues=limit)))
    assert [issue.code for issue in whole.issues] == ["missing"] * 3 + ["unknown"] * 2
    assert [note.code for note in whole.notes] == ["tolerated.body", "loss.unknown", "loss.unknown", "tolerated.body"]
    assert (cut.issues[:limit], cut.notes) == (whole.issues[:limit], whole.notes[:limit])
    assert [issue.message for issue in cut.issues[limit:]] == [f"{5 - limit} more issues are not listed"] * (limit < 5)


@pytest.mark.parametrize("limits", [5, None, "1"])
def test_limits_of_another_type(limits: Any) -> None:
    """Limits that are none are an error of the caller's, which says what they are."""
    with pytest.raises(TypeError, match=f"^limits are a commspec.Limits, not {type(limits).__name__}$"):
        Report(limits)


# ---- Text between elements, wherever there may be any.

FILE = Attachment("a.txt", "txt", "x")
SHAPES: list[Any] = [
    *[SendRequest([SmsMessage("919876500001", "Hi", sender="A")] * count) for count in (1, 2, 12)],
    *[
        SendRequest([EmailMessage(to="a@example.com", from_="b@example.com", subject="s", body="x", attachments=[FILE])] * count)
        for count in (1, 12)
    ],
]


@pytest.mark.parametrize("request_", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_no_text_stands_between_elements(request_: SendRequest, indent: int | None) -> None:
    """A letter between any two tags is `type`, whether the document is indented or not, has one message or many, files or none."""
    document = encode_request(request_, "xml", indent=indent).decode()
    gaps = [found.end() for found in re.finditer(r">(?=\s*<)", document) if not re.match(r"\s*</\w+>", document[found.end() :])]
    gaps += [found.end() for found in re.finditer(r"</\w+>(?=\s*</)", document)]
    gaps = [place for place in gaps if place < len(document.rstrip()) and not document[:place].endswith("?>")]
    assert len(gaps) >= 4
    for place in sorted({*gaps[:20], *gaps[-20:]}):
        issues = inspect_request(document[:place] + "x" + document[place:]).issues
        assert [(issue.code, issue.seen) for issue in issues] == [("type", "x")]


@pytest.mark.parametrize("format", list(Format))
@pytest.mark.parametrize("request_", [*SHAPES, *(row.value for row in REQUESTS)])
def test_good_requests_take_the_happy_path(request_: SendRequest, format: Format) -> None:
    """What commspec writes is read without explaining, one message or many, with files and without, indented or not."""
    for indent in (None, 2):
        request = read_happily(encode_request(request_, format, indent=indent), format, None, Limits())
        assert request == request_


# ---- What a message is received as.


@pytest.mark.parametrize("channel", [None, "sms"])
def test_a_message_as_received(channel: str | None) -> None:
    """Each message says where it stood, for which channel, and what was found in it alone; past the limit of issues there is nothing but that it had faults."""
    document = f'{{"root":{{"sms":[{MESSAGE},{{"to":"1"}},{{"body":""}},{MESSAGE[:-1]},"x":1}}]}}}}'
    inspection = inspect_request(document, channel=channel, limits=Limits(issues=2))
    good, bad, *unlisted = inspection.messages
    assert (good.index, good.path, good.channel, good.message) == (0, "root.sms[0]", Channel.SMS, SmsMessage("919876500001", "Hi"))
    assert (good.fields, good.issues, good.notes) == (Extra({"to": "919876500001", "body": "Hi"}), (), ())
    assert (bad.index, bad.path, bad.channel, bad.message, bad.fields) == (1, "root.sms[1]", Channel.SMS, None, Extra({"to": "1"}))
    assert [issue.path for issue in bad.issues] == ["root.sms[1].to", "root.sms[1].body"]
    assert unlisted == [Received(2, "root.sms[2]", Channel.SMS, None, Extra(), (), ())] * 2
    assert (inspection.channel, len(inspection.good), len(inspection.bad)) == (Channel.SMS, 1, 3)
    (noted,) = inspect_request(f'{{"root":{{"sms":[{MESSAGE[:-1]},"x":1}}]}}}}', tolerant=True).messages
    assert [note.code for note in noted.notes] == ["loss.unknown"]


def test_fields_as_received() -> None:
    """Fields stand under the document's names as they came: files too, a name that stands twice with both values, what is no text as it can be said."""
    document = email('{"attachment":[{"fileName":"a","fileType":"b","fileData":"x","fileEncodingType":null}]}')
    (received,) = inspect_request(document).messages
    assert received.fields["attachments"] == ({"fileName": "a", "fileType": "b", "fileData": "x", "fileEncodingType": None},)
    (received,) = inspect_request('{"root":{"sms":[{"to":1,"to":"x","body":[1],"sender":1.50,"z":true}]}}').messages
    assert dict(received.fields) == {"to": ("1", "x"), "body": None, "sender": "1.50", "z": "true"}
    assert received.message is None


# ---- Formats by name, and by what a document begins with.


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("json", Format.JSON),
        (" XML ", Format.XML),
        ("\tJson\n", Format.JSON),
        ("application/json", Format.JSON),
        ("TEXT/JSON; charset=utf-8", Format.JSON),
        ("application/xml;charset=utf-8", Format.XML),
        ("text/xml", Format.XML),
        ("application/problem+json", Format.JSON),
        ("application/vnd.x+xml", Format.XML),
        ("application/soap+xml", Format.XML),
    ],
)
def test_a_format_by_name(name: str, format: Format) -> None:
    """A name or a media type of a format is that format, in any letter case, with parameters and prefixes."""
    assert Format(name) is format
    assert format.other.other is format
    assert Format(format.media_type) is format


@pytest.mark.parametrize(
    "name", ["", "yaml", "xxml", "image/svg+xml", "image/json", "application/", "application/jsonx", "json/application", "a/b/xml", 5]
)
def test_no_format_by_name(name: Any) -> None:
    """Another name is a `ValueError` that says what there is."""
    with pytest.raises(
        ValueError, match="^" + re.escape(f"no format {name!r}: expected json, xml, application/json, application/xml or text/xml")
    ):
        Format(name)


@pytest.mark.parametrize(
    ("document", "format"),
    [
        *((start, Format.JSON) for start in ('{"', "[", '"a"', "-1", "0", "9", "true", "false", "null", " \n{", "\ufeff{", "\ufeff [")),
        *((start, Format.XML) for start in ("<a", " \r\n\t<a", "\ufeff<a", "\ufeff <a", "<!-- -->", "<?xml")),
        *((start, None) for start in ("", " ", "\n", "hello", "&", "}", "'", "+1", ".5", "None")),
    ],
)
def test_a_format_by_its_beginning(document: str, format: Format | None) -> None:
    """What a document begins with says its format, as text and in UTF-8, behind white space and a byte order mark."""
    assert detect(document) is format
    assert detect(document.encode()) is format


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_wide_encodings_are_those_of_xml(encoding: str) -> None:
    """A document of two or four bytes a character is XML: JSON is UTF-8."""
    assert detect("<root/>".encode(encoding)) is Format.XML


def test_scalars_where_texts_belong() -> None:
    """In a response, a number or a boolean where text belongs reads as its text, in a field and in a list (section 3); null there is nothing."""
    response = decode_response(
        '{"status":{"warnings":[true,false,1.50,null,"x"]},"smsList":[{"sms":{"to":false,"body":true,"sender":12,"scheduledTime":1.50}}]}'
    )
    assert response.status is not None
    assert response.status.warnings == ("true", "false", "1.50", "x")
    (outcome,) = response.outcomes
    assert outcome.message == SmsReceipt(to="false", body="true", sender="12", scheduled_time="1.50")


def test_lists_that_hold_no_outcomes() -> None:
    """A list that is null is absent and hides nothing behind it, null in one is an outcome without anything, and a list of texts is an extra field."""
    response = decode_response('{"smsList":null,"status":{"code":1}}')
    assert (response.status, response.channel, response.extra) == (Status(code=1), None, Extra())
    assert decode_response('{"smsList":[null]}') == SendResponse(None, [Outcome()], "sms")
    for value in (("x",), (None, 5), ("",)):
        assert decode_response(json.dumps({"smsList": value})) == SendResponse(extra={"smsList": value})


def test_only_the_space_of_xml_is_nothing() -> None:
    """Another white space than XML's is a text, which no object or list can be, and is kept."""
    assert decode_response("<response><status>\u00a0</status></response>") == SendResponse(extra={"status": "\u00a0"})
    assert decode_response("<response><messages>\u2003</messages></response>") == SendResponse(extra={"messages": "\u2003"})


def test_empty_texts_in_a_list_of_xml() -> None:
    """In a list of texts an empty element is an empty text, not an empty object."""
    document = (
        "<response><emails><emailData><email><fileHandler><file/><file>a</file></fileHandler></email></emailData></emails></response>"
    )
    assert decode_response(document).outcomes == (Outcome(EmailReceipt(file_handler=["", "a"])),)


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_an_unknown_field_that_stands_again(times: int) -> None:
    """An extra field that stands several times is a list of all its values, in order, at any depth."""
    texts = [str(each) for each in range(times)]
    fields = "".join(f"<k>{text}</k>" for text in texts)
    kept = Extra({"k": tuple(texts) if times > 1 else texts[0]})
    response = decode_response(f"<response>{fields}<status>{fields}<o>{fields}</o></status></response>")
    assert same(response, SendResponse(Status(extra={**kept, "o": kept}), extra=kept))
    members = ",".join(f'"k":"{text}"' for text in texts)
    assert same(decode_response(f'{{{members},"status":{{{members},"o":{{{members}}}}}}}'), response)


@pytest.mark.parametrize("number", ["9" * 640, "9" * 641, "-" + "9" * 639, "-" + "9" * 640, "-0", "1.50", "1E+400", f"1e{'9' * 30}"])
def test_every_digit_of_a_number_is_kept(number: str) -> None:
    """A number is an int where it is short enough for Python, else a `Decimal`, and where even that is too small, its text; a code is an int or its text."""
    short = number.lstrip("-").isdigit() and len(number) <= 640
    exact: Any = int(number) if short and number != "-0" else Decimal(number) if not number.startswith("1e") else number
    response = decode_response(f'{{"k":{number},"status":{{"code":{number}}},"emails":[{{"email":{{"attachments":[{number}]}}}}]}}')
    expected = Status(code=int(number) if short else number), [Outcome(EmailReceipt(attachments=[exact]))]
    assert same(response, SendResponse(*expected, extra={"k": exact}))
    message = response.outcomes[0].message
    assert isinstance(message, EmailReceipt)
    assert message.attachments is not None
    assert type(response.extra["k"]) is type(message.attachments[0]) is type(exact)


def test_an_ambiguous_time_of_a_response() -> None:
    """A time that the zone's clocks show twice or never is said with its place, its line and what stands there."""
    document = "<response><zalo><zaloData><zaloMessage>\n<scheduledTime>2024-03-10 02:30:00</scheduledTime></zaloMessage></zaloData></zalo></response>"
    with pytest.raises(InvalidDocument) as caught:
        decode_response(document, timezone="America/New_York")
    (issue,) = caught.value.issues
    assert (issue.code, issue.path) == ("time.zone", "response.zalo.zaloData[0].zaloMessage.scheduledTime")
    assert (issue.seen, issue.line) == ("2024-03-10 02:30:00", 2)


@pytest.mark.parametrize("format", list(Format))
@pytest.mark.parametrize("text", ["soon", "2024-03-10T02:30:00+05:30", "2024-03-11T02:30:00"])
def test_a_zone_is_for_wall_clocks_of_xml(text: str, format: Format) -> None:
    """With a time zone, what is no time is kept as it is, and so are a time with an offset and a wall clock in JSON."""
    receipt = ZaloReceipt(text)
    if format is Format.XML and text == "2024-03-11T02:30:00":
        receipt = ZaloReceipt("2024-03-11T02:30:00-04:00")
    for extra in ({}, {"k": "x"}):  # which the reader of documented responses leaves to the general one
        element = f"<scheduledTime>{text}</scheduledTime>" + "".join(f"<{name}>{value}</{name}>" for name, value in extra.items())
        document = (
            json.dumps({"zalo": [{"zaloMessage": {"scheduledTime": text, **extra}}]})
            if format is Format.JSON
            else f"<response><zalo><zaloData><zaloMessage>{element}</zaloMessage></zaloData></zalo></response>"
        )
        expected = SendResponse(None, [Outcome(attrs.evolve(receipt, extra=Extra(extra)))])
        assert same(decode_response(document, timezone="America/New_York"), expected)


# ---- Responses: what is lost, and the reader of documented ones.

LOSSES = [
    ("<response>x</response>", "response", "text where elements belong: dropped", "x", 1),
    ("<status>\nx</status>", "status", "text where elements belong: dropped", "\\nx", 1),
    ("<response\ta='1'><status/></response>", "response@a", "an attribute: dropped", None, 1),
    ("<response>\n<status>x<code>1</code></status></response>", "response.status", "text between its elements: dropped", "x", 2),
    ("<response><messages>y<smsData/></messages></response>", "response.messages", "text between its elements: dropped", "y", 1),
    (
        "<response><messages><smsData/><smsData>\n<sms><to b='2'>1</to></sms></smsData></messages></response>",
        "response.messages.smsData[1].sms.to@b",
        "an attribute: dropped",
        None,
        2,
    ),
]


@pytest.mark.parametrize(("document", "path", "message", "seen", "line"), LOSSES)
def test_what_a_response_in_xml_loses(document: str, path: str, message: str, seen: str | None, line: int) -> None:
    """Attributes and text where none belongs are dropped from a response, and said, with the place and the text."""
    assert convert(document).notes == (Issue("loss.unknown", path, message, seen, line=line),)


@pytest.mark.parametrize("count", [0, 1, 20])
def test_documented_responses_take_the_happy_path(count: int) -> None:
    """What commspec writes of a response with nothing unknown in it is read by the reader of documented ones."""
    outcome = Outcome(
        SmsReceipt("1", "x", "2024-02-22T00:25:06+05:30"), errors=[StatusDetail(status=False, code=8056, message="m")], warnings=["w"]
    )
    for response in (
        SendResponse(Status(success=True, code=200, message="m", count=count, success_count=0, warnings=["w"]), [outcome] * count, "sms"),
        SendResponse(None, [Outcome()] * count, "email"),
        SendResponse(Status(code=500)),
    ):
        document = encode_response(response, "json", indent=2)
        found = read_reply_happily(document, Format.JSON, None, Limits())
        assert found is not None
        assert same(found, decode_response(document))
        assert encode_response(found, "json", indent=2) == document


def test_what_only_some_outcomes_have() -> None:
    """Read together, outcomes that have a field and such as have it not, or null, come out each with its own."""
    items = (
        '{"sms":{"to":"1"},"errors":["e"]},{"sms":{}},{"sms":null,"warnings":["w"]},{"errors":null},{"sms":{"sender":"2"},"warnings":[]}'
    )
    found = read_reply_happily(f'{{"smsList":[{items}]}}', Format.JSON, None, Limits())
    assert found is not None
    assert list(found.outcomes) == [
        Outcome(SmsReceipt(to="1"), errors=["e"]),
        Outcome(SmsReceipt()),
        Outcome(warnings=["w"]),
        Outcome(),
        Outcome(SmsReceipt(sender="2")),
    ]


def test_attachments_in_a_list_have_their_own_faults() -> None:
    """Attachments without their wrapper are at fault for that, each is judged all the same, and tolerated they are the attachments."""
    found = inspect_request(email('[{"fileName":"","fileType":"b","fileData":"x"}]')).issues
    assert [(issue.code, issue.path) for issue in found] == [("type", FILES), ("blank", f"{FILES}.attachment[0].fileName")]
    (received,) = inspect_request(email('[{"fileName":"a","fileType":"b","fileData":"x"}]'), tolerant=True).good
    assert isinstance(received.message, EmailMessage)
    assert received.message.attachments == (Attachment("a", "b", "x"),)


DROPPED = "its name is that of something which the specification knows: dropped"
MOVED = "its name is that of a field which the specification knows, and reads as that from now on"
NUMBER, OBJECT, NAME = (
    "a number, a boolean or null, written as text",
    "an object or a list, written as elements",
    "its name is none that XML can have: dropped",
)
ONE = Extra({"smsData": Extra({"sms": Extra({"to": "1"})})})
WRITTEN: list[tuple[SendResponse, str, list[tuple[str, str]]]] = [
    (SendResponse(extra={"n": 5}), "xml", [("response.n", NUMBER)]),
    (SendResponse(extra={"l": ("a", None)}), "xml", [("response.l", OBJECT), ("response.l.item[1]", NUMBER)]),
    (SendResponse(extra={"o": Extra({"a": "x", "b c": 1})}), "xml", [("response.o", OBJECT), ('response.o["b c"]', NAME)]),
    (SendResponse(extra={"xmlns": "x", "t": "x"}), "xml", [("response.xmlns", NAME)]),
    (SendResponse(extra={"messages": ONE}), "xml", [("response.messages", DROPPED)]),
    (SendResponse(extra={"messages": ONE}), "json", []),
    (SendResponse(extra={"messages": Extra({"a": "1"})}), "xml", [("response.messages", OBJECT)]),
    (SendResponse(extra={"messages": "x"}), "xml", []),
    (SendResponse(extra={"smsList": (Extra({"sms": Extra()}), None)}), "json", [("smsList", DROPPED)]),
    *((SendResponse(extra={"smsList": value}), "json", []) for value in (("x",), (Extra(), "x"), (None, 5), "x")),
    (SendResponse(Status(extra={"smsList": (Extra(),)}), [Outcome(extra={"emails": ()})], "sms"), "json", []),
    (SendResponse(Status(extra={"messages": "x"}), [Outcome(extra={"emails": "x"})], "sms"), "xml", []),
    (SendResponse(extra={"status": Extra({"a": "1"})}), "json", [("status", DROPPED)]),
    (SendResponse(Status(extra={"warnings": (("x",),)})), "json", []),
    (SendResponse(Status(extra={"warnings": Extra({"warning": "x"})})), "xml", [("response.status.warnings", DROPPED)]),
    (SendResponse(Status(extra={"warnings": Extra({"other": "x"})})), "xml", [("response.status.warnings", OBJECT)]),
    (
        SendResponse(None, [Outcome(EmailReceipt(extra={"attachments": (("x",),)}))]),
        "json",
        [("emails[0].email.attachments", MOVED)],
    ),
    (SendResponse(Status(extra={"warnings": ("x",)})), "json", [("status.warnings", MOVED)]),
    (SendResponse(Status(extra={"warnings": ()})), "json", [("status.warnings", DROPPED)]),
    (SendResponse(Status(extra={"code": "x"})), "json", [("status.code", DROPPED)]),
    (SendResponse(Status(extra={"statusCode": ("x",)})), "json", []),
    *((SendResponse(None, [Outcome(None, extra={"sms": value})], "sms"), "json", []) for value in ((), ("x",), "", 5)),
    (SendResponse(None, [Outcome(None, extra={"sms": Extra({"to": "1"})})], "sms"), "json", [("smsList[0].sms", DROPPED)]),
    (
        SendResponse(None, [Outcome(None, ["e", StatusDetail(code=1, extra={"code": "x"})])], "sms"),
        "json",
        [("smsList[0].errors[1].code", DROPPED)],
    ),
    (SendResponse(Status(code=1, status_code=StatusDetail(code=2, extra={"code": 3}))), "json", [("status.statusCode.code", DROPPED)]),
    (
        SendResponse(Status(warnings=["", StatusDetail(code=-1)])),
        "xml",
        [
            ("response.status.warnings.warning[0]", "an empty text, which reads as an empty object from XML"),
            ("response.status.warnings.warning[1].code", "a negative number, which reads as a text from XML"),
        ],
    ),
]


@pytest.mark.parametrize(("response", "format", "losses"), WRITTEN)
def test_what_is_lost_in_writing_a_response(response: SendResponse, format: Format, losses: list[tuple[str, str]]) -> None:
    """What a format can't hold of a response is said, each with its place; what it can hold under whatever name is no loss."""
    report = Report()
    document = CODECS[Format(format)].write_response(response, None, None, report)
    assert [(note.code, note.path, note.message) for note in report.notes] == [("loss.extra", *loss) for loss in losses]
    assert not report.issues
    if not losses:
        assert same(decode_response(document), response)


def test_what_xml_cannot_carry_of_a_response_has_its_place() -> None:
    """A control character in any text of a response is a fault when it is written as XML, where it stands."""
    control = "\x00"
    response = SendResponse(
        Status(message=control, warnings=[control, StatusDetail(message=control)], extra={"x": (control,)}),
        [Outcome(SmsReceipt(control), errors=[control])],
        "sms",
    )
    with pytest.raises(InvalidDocument) as caught:
        encode_response(response, "xml")
    status, item = "response.status", "response.messages.smsData[0]"
    assert [(issue.code, issue.path) for issue in caught.value.issues] == [
        ("text.character", f"{status}.{place}") for place in ("message", "warnings.warning[0]", "warnings.warning[1].message", "x.item[0]")
    ] + [("text.character", f"{item}.sms.to"), ("text.character", f"{item}.errors.error[0]")]


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("width", [1, 2, 8])
def test_indented_responses_in_xml(count: int, width: int) -> None:
    """Indented, a response has an element a line, each as deep as it is nested; another library says the same."""
    outcome = Outcome(SmsReceipt("1", "x"), errors=["e", StatusDetail(code=1)], extra={"k": Extra({"l": ("a", "b")}), "empty": ()})
    for channel in (None, "sms", "email"):
        outcomes = [outcome if channel == "sms" else Outcome()] * (count if channel else 0)
        response = SendResponse(Status(code=1, warnings=["w"], extra={"x": "y"}), outcomes, channel, {"o": Extra({"p": "q"})})
        tree = etree.fromstring(encode_response(response, "xml"))
        etree.indent(tree, " " * width)
        assert etree.tostring(tree) == etree.tostring(etree.fromstring(encode_response(response, "xml", indent=width)))


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(
    "files", ["", ',"attachments":null', ',"attachments":{}', ',"attachments":{"attachment":null}', ',"attachments":{"attachment":[]}']
)
def test_no_files_are_no_files(files: str, count: int) -> None:
    """However a JSON document says that an email has no files, alone or among others that have some, it has none, and the happy path reads it."""
    some = ',"attachments":{"attachment":[{"fileName":"a.txt","fileType":"txt","fileData":"a"}]}'
    email = '{{"to":"a@example.org","from":"b@example.org","subject":"a","body":"b"{}}}'
    emails = [files if index % 2 == 0 else some for index in range(count)]
    document = f'{{"root":{{"email":[{",".join(map(email.format, emails))}]}}}}'
    request = read_happily(document, Format.JSON, None, Limits())
    assert request is not None
    assert [len(message.attachments) for message in request] == [0 if each == files else 1 for each in emails]  # type: ignore[union-attr]


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("value", ["null", '"x"', '""'])
@pytest.mark.parametrize("key", ["sender", "to"])
def test_a_repeated_key_is_never_passed_over(key: str, value: str, times: int, count: int) -> None:
    """A key that stands several times in any of a document's messages, with null or a text, is `duplicate`."""
    good = '{"to":"919876500001","body":"Hi","sender":null}'
    value = '"919876500001"' if key == "to" else value
    repeated = ",".join([f'"{key}":{value}'] * times)
    bad = f'{{"body":"Hi",{repeated}}}' if key == "to" else f'{{"to":"919876500001","body":"Hi",{repeated}}}'
    for place in {0, count // 2, count - 1}:
        items = [bad if index == place else good for index in range(count)]
        with pytest.raises(InvalidDocument) as caught:
            decode_request(f'{{"root":{{"sms":[{",".join(items)}]}}}}')
        assert {(issue.code, issue.path) for issue in caught.value.issues} == {("duplicate", f"root.sms[{place}].{key}")}
