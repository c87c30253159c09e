"""For every likely mistake that SPEC.md names (section 5), the issue's hint says what to write instead; and that would do."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from commspec import Issue, convert, decode_request, inspect_request

SMS = {"to": "919876500001", "body": "Hi"}
EMAIL = {"to": "a@example.com", "from": "b@example.com", "subject": "Hi", "body": "Hi"}
FILE = {"fileName": "a.png", "fileType": "png", "fileData": "aGk=", "fileEncodingType": "base64"}
TIME = "2024-02-22T00:25:06+05:30"
DATA = base64.b64encode(b"\xff\xfe\xfd" * 3 + b"a").decode()


def request(field: str, value: Any) -> str:
    """A JSON request with that value in that field of a message or of its file, good in all else."""
    if field in FILE:
        return json.dumps({"root": {"email": [EMAIL | {"attachments": {"attachment": [FILE | {field: value}]}}]}})
    name, message = ("email", EMAIL) if field in ("to@", "cc", "bcc", "from", "subject") else ("sms", SMS)
    return json.dumps({"root": {name: [message | {field.rstrip("@"): value}]}})


def only_issue(document: str) -> Issue:
    """The document's one issue."""
    (issue,) = inspect_request(document).issues
    return issue


# (field, what was written, its code, the hint)
VALUES = [
    ("to", "+91 95914 71711", "phone.characters", "write 919591471711"),
    ("to", "9195914-71711", "phone.characters", "write 919591471711"),
    ("to", "\u0669\u0661\u0669\u0665\u0669\u0661\u0664\u0667\u0661\u0667\u0661\u0661", "phone.characters", "write 919591471711"),
    ("to", "9195914\u200b71711", "phone.characters", "write 919591471711, without U+200B (ZERO WIDTH SPACE)"),
    ("to", "4.47E+11", "phone.characters", "take the number from its source, into a column of texts"),
    ("to", "call 919591471711", "phone.characters", "write country code and number only, in digits"),
    ("to@", "Ann <ann@example.com>", "email.syntax", "write ann@example.com"),
    ("to@", "a@example.com\u200b", "email.syntax", "write a@example.com"),
    ("cc", "a@example.com; b@example.com", "email.syntax", "write a@example.com, b@example.com"),
    ("to@", "a@example.com,b@example.com", "email.list", "write one address, and a message for each of the others"),
    ("fileData", "data:image/png;base64," + DATA, "attachment.base64", f"write what follows the comma: {DATA}"),
    ("fileData", DATA.replace("+", "-").replace("/", "_"), "attachment.base64", f"write + for - and / for _: {DATA}"),
    ("fileData", DATA.rstrip("="), "attachment.base64", f"append 2 '=' at the end: {DATA}"),
    ("fileData", f"b'{DATA}'", "attachment.base64", f"write what stands between the quotes: {DATA}"),
    ("fileData", f"{DATA[:8]}\r\n{DATA[8:]}", "attachment.base64", f"remove white space and line breaks: {DATA}"),
    ("fileEncodingType", "Base-64", "attachment.encoding", "write base64"),
    ("fileName", "C:\\files\\a.png", "attachment.name", "write a.png"),
    ("scheduledTime", "2024-02-22 00:25:06+05:30", "time.syntax", "write 2024-02-22T00:25:06+05:30"),
    ("scheduledTime", "2024-02-22T00:25:06+0530", "time.syntax", "write 2024-02-22T00:25:06+05:30"),
    ("scheduledTime", "2024-02-22T00:25:06", "time.offset", "write it at the end, as in 2024-02-22T00:25:06+05:30"),
    ("scheduledTime", "1708541706", "time.syntax", "write it as 2024-02-22T00:25:06+05:30"),
    ("subject", "Hi\nBcc: x@example.com", "text.newline", "write it in one line"),
]


@pytest.mark.parametrize(("field", "written", "code", "hint"), VALUES)
def test_value(field: str, written: str, code: str, hint: str) -> None:
    """The hint says what to write instead of a value."""
    issue = only_issue(request(field, written))
    assert (issue.code, issue.hint) == (code, hint)


_PROPOSAL = re.compile(r"write ([^ ,]+@[^ ,]+(?:, [^ ,]+@[^ ,]+)*|[0-9]+|base64|a\.png|[0-9T:+-]{20,})(?:, without .*)?|.*: (\S+)")


@pytest.mark.parametrize(("field", "hint"), [(field, hint) for field, _, _, hint in VALUES if _PROPOSAL.fullmatch(hint)])
def test_what_a_hint_proposes_is_good(field: str, hint: str) -> None:
    """Where a hint proposes a value, a document with it in that place is read."""
    proposed = _PROPOSAL.fullmatch(hint)
    assert proposed is not None
    assert decode_request(request(field, proposed[1] or proposed[2]))


# (document, path, hint): names, and the document's shape.
NAMES = [
    (request("scheduled_time", "2024-02-22T00:25:06+05:30"), "root.sms[0].scheduled_time", "write scheduledTime"),
    (request("scheduled-time", "2024-02-22T00:25:06+05:30"), "root.sms[0].scheduled-time", "write scheduledTime"),
    (request("SCHEDULED_TIME", "2024-02-22T00:25:06+05:30"), "root.sms[0].SCHEDULED_TIME", "write scheduledTime"),
    (request("Sender", "A"), "root.sms[0].Sender", "write sender"),
    (request("sendr", "A"), "root.sms[0].sendr", "did you mean sender?"),
    ("<root><sms><to>919876500001</to><body>a</body><scheduledTime/></sms></root>", "root.sms[0].scheduledTime", "write scheduled_time"),
    ('{"root":{"SMS":[]}}', "root.SMS", "write sms"),
    ('{"root":{"whatsapp_message":[]}}', "root.whatsapp_message", "write whatsappMessage"),
    ("<root><whatsapp/></root>", "root.whatsapp", "did you mean whatsappMessage?"),
    ("<sms/>", "sms", "put it into <root>"),
    ("<root xmlns='urn:x'/>", "root", "leave the namespace out"),
    ('{"root":{"sms":[{"to":919876500001,"body":"a"}]}}', "root.sms[0].to", 'write "919876500001"'),
    ('{"root":{"sms":{"to":"919876500001","body":"a"}}}', "root.sms", "write it in brackets"),
    ('{"sms":[{"to":"919876500001","body":"a"}]}', "root", 'write {"root": {…}} around the lists'),
    (json.dumps({"root": {"email": [EMAIL | {"attachments": [FILE]}]}}), "root.email[0].attachments", 'write {"attachment": […]}'),
    (json.dumps({"root": {"email": [{k: v for k, v in EMAIL.items() if k != "body"}]}}), "root.email[0].body", 'write it, if only as ""'),
    ('{"root":{"sms":[{"to":"919876500001","body":"a","body":"b"}]}}', "root.sms[0].body", "keep one of them"),
]


@pytest.mark.parametrize(("document", "path", "hint"), NAMES)
def test_name(document: str, path: str, hint: str) -> None:
    """The hint says what to write instead of a name, or how to mend the document's shape."""
    issue = only_issue(document)
    assert (issue.path, issue.hint) == (path, hint)


SYNTAX = [
    ("", "the document is empty"),
    ('{"root":', "the document ends too soon: was it cut?"),
    ("{'root':1}", "JSON has double quotes; a Python dict is written with json.dumps"),
    ('{"root":[1,]}', "take the last comma out"),
    ('{"root":{"sms":[],}}', "take the last comma out"),
    ('{"root":{"sms":[], }}', "take the last comma out"),
    ('{"root":"a\tb"}', "inside a text, write U+0009 as an escape, \\u0009"),
    ('{"root":"a\x01b"}', "inside a text, write U+0001 as an escape, \\u0001"),
    ('{"root":"a\rb"}', "inside a text, write U+000D as an escape, \\u000d"),
    ("\ufeff\ufeff{}", "a second byte order mark: leave it out"),
    ('{"root":\ufeff1}', None),
    ('{"root":<a/>}', None),
    ('{"root":[1 , ]}', "take the last comma out"),
    ('{"root":/* a */1}', "JSON has no comments"),
    ('{"root":/a}', None),
    ('{"root":None}', "JSON has true, false and null, and no NaN"),
    ('{"root":NaN}', "JSON has true, false and null, and no NaN"),
    ('{"root":-Infinity}', "JSON has true, false and null, and no NaN"),
    ('{"root":-}', None),
    ('{"root":1 // a\n}', "JSON has no comments"),
    ('{"root":]}', None),
    ('{"root":1 2}', None),
    ('{"root" 1}', None),
    ('{"a":"\\\\","b":1,}', "take the last comma out"),
    ("<root><sms", "the document ends too soon: was it cut?"),
    ("<root><sms><to>1</to>", "the document ends too soon: was it cut?"),
    ("<?xml version='1.0'?><root><a></root>", None),
    ("<root>a & b</root>", "write a plain & as &amp; and < as &lt;"),
    (" <?xml version='1.0'?><root/>", "the XML declaration must be the first thing in the document"),
    ("<!DOCTYPE root><root/>", "leave it out"),
]


@pytest.mark.parametrize(("document", "hint"), SYNTAX)
def test_syntax(document: str, hint: str | None) -> None:
    """The hint of a malformed document says what its writer likely did, where that can be told."""
    assert only_issue(document).hint == hint


@pytest.mark.parametrize(
    ("document", "format", "hint"),
    [
        ('{"root":{}}', "xml", "this looks like JSON"),
        (" [1]", "xml", "this looks like JSON"),
        ("<root/>", "json", "this looks like XML"),
        ("\n<root/>", "json", "this looks like XML"),
        ("", "xml", "the document is empty"),
        (" ", "json", "the document is empty"),
    ],
)
def test_a_document_of_the_other_format(document: str, format: str, hint: str) -> None:
    """Where a format was named and the document is of the other one, or of none, the hint says so."""
    (issue,) = inspect_request(document, format).issues
    assert (issue.code, issue.hint) == (f"{format}.syntax", hint)


@pytest.mark.parametrize("source", ["json", "xml"])
def test_notes_hint_too(source: str) -> None:
    """What was tolerated comes with what to write instead."""
    document = (
        '{"sms":{"to":919876500001,"body":"a","scheduled_time":"2024-02-22 00:25:06+0530"}}'
        if source == "json"
        else "<root><sms><to>919876500001</to><body>a</body><scheduledTime>2024-02-22 00:25:06+0530</scheduledTime></sms></root>"
    )
    notes = convert(document, source=source).notes
    assert notes
    assert all(note.hint for note in notes if note.code != "loss.unknown")


# ---- Notes of tolerance (section 6), in whole.


def sms_json(fields: str) -> str:
    """A JSON request of a message with these fields beside the required ones."""
    return f'{{"root":{{"sms":[{{"to":"919876500001","body":"Hi",{fields}}}]}}}}'


def sms_xml(fields: str) -> str:
    """An XML request of a message with these fields on line 4, behind the required ones."""
    return f"<root>\n<sms>\n<to>919876500001</to><body>Hi</body>\n{fields}</sms></root>"


JSON_TIME, XML_TIME = "root.sms[0].scheduledTime", "root.sms[0].scheduled_time"
FILES = json.dumps({"root": {"email": [EMAIL | {"attachments": [FILE]}]}})
SPACED_FILE = json.dumps({"root": {"email": [EMAIL | {"attachments": {"attachment": [FILE | {"fileData": "aG\nk="}]}}]}})
NO_BODY = {name: value for name, value in EMAIL.items() if name != "body"}
NO_BODY_XML = f"<root>\n\n\n<email>{''.join(f'<{name}>{value}</{name}>' for name, value in NO_BODY.items())}</email></root>"
NOTES = [
    (json.dumps({"sms": [SMS]}), "tolerated.root", "root", "absent: its lists stand in the document itself", None, 'write {"root": {…}}'),
    (json.dumps({"root": {"sms": SMS}}), "tolerated.list", "root.sms", "an object, read as a list of one", None, "write it in brackets"),
    (FILES, "tolerated.attachments", "root.email[0].attachments", "a list, read as the list in it", None, 'write {"attachment": […]}'),
    (sms_json(f'"scheduled_time":"{TIME}"'), "tolerated.spelling", JSON_TIME, "read from its other spelling, scheduled_time", None, "write scheduledTime"),
    (sms_xml(f"<scheduledTime>{TIME}</scheduledTime>"), "tolerated.spelling", XML_TIME, "read from its other spelling, scheduledTime", None, "write scheduled_time"),
    (sms_json('"sender":12'), "tolerated.number", "root.sms[0].sender", "a number, read as its digits", None, "write it as a text"),
    (sms_json('"scheduledTime":"2024-02-22 00:25+0530"'), "tolerated.time", JSON_TIME, "not in the documented form", "2024-02-22 00:25+0530", "write 2024-02-22T00:25:00+05:30"),
    (sms_xml("<scheduled_time>2024-02-22t00:25:06z</scheduled_time>"), "tolerated.time", XML_TIME, "not in the documented form", "2024-02-22t00:25:06z", "write 2024-02-22T00:25:06+00:00"),
    (sms_json('"scheduledTime":""'), "tolerated.time", JSON_TIME, "empty: read as absent", None, "leave the field out"),
    (sms_xml("<scheduled_time/>"), "tolerated.time", XML_TIME, "empty: read as absent", None, "leave the field out"),
    (sms_xml("<scheduled_time>\n</scheduled_time>"), "tolerated.time", XML_TIME, "empty: read as absent", None, "leave the field out"),
    (json.dumps({"root": {"email": [NO_BODY]}}), "tolerated.body", "root.email[0].body", "absent: read as empty", None, None),
    (NO_BODY_XML, "tolerated.body", "root.email[0].body", "absent: read as empty", None, None),
    (sms_xml(f"<scheduled_time> {TIME}\n</scheduled_time>"), "tolerated.space", XML_TIME, "white space left out", None, None),
    (sms_xml("<sender>A\n</sender>"), "tolerated.space", "root.sms[0].sender", "white space left out", None, None),
    (SPACED_FILE, "tolerated.space", "root.email[0].attachments.attachment[0].fileData", "white space left out", None, None),
    (sms_json('"priority":1'), "loss.unknown", "root.sms[0].priority", "no such field: dropped", None, None),
    (sms_json('"sendr":"A"'), "loss.unknown", "root.sms[0].sendr", "no such field: dropped", None, "did you mean sender?"),
    (sms_xml("<sender x='1'>A</sender>"), "loss.unknown", "root.sms[0].sender@x", "no such attribute: fields have none: dropped", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code", "path", "message", "seen", "hint"), NOTES)
def test_note(document: str, code: str, path: str, message: str, seen: str | None, hint: str | None) -> None:
    """A strict reader refuses the document; a tolerant one says what it forgave, where, and in XML on which line."""
    line = 4 if document.startswith("<") else None
    (note,) = inspect_request(document, tolerant=True).notes
    assert note == Issue(code, path, message, seen, hint, line)
    assert inspect_request(document).issues


def test_white_space_around_a_time_in_another_form_is_two_notes() -> None:
    """Where a time has to be forgiven twice, both are said."""
    written, meant = "2024-02-22 00:25:06+05", "2024-02-22T00:25:06+05:00"
    assert inspect_request(sms_xml(f"<scheduled_time> {written} </scheduled_time>"), tolerant=True).notes == (
        Issue("tolerated.space", XML_TIME, "white space left out", line=4),
        Issue("tolerated.time", XML_TIME, "not in the documented form", written, f"write {meant}", 4),
    )


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [(f'"scheduledTime":" {TIME}"', "time.syntax", JSON_TIME), ('"sender":"A\\n"', "text.newline", "root.sms[0].sender")],
)
def test_white_space_is_no_matter_of_json(fields: str, code: str, path: str) -> None:
    """What is tolerated in XML, where indenting puts it, is a fault in JSON."""
    (issue,) = inspect_request(sms_json(fields), tolerant=True).issues
    assert (issue.code, issue.path) == (code, path)


# ---- Values of another type.


@pytest.mark.parametrize(
    ("value", "what", "seen"),
    [
        ("9.5e11", "a number", "9.5e11"),
        ("true", "true", "true"),
        ("false", "false", "false"),
        ("[1]", "a list", None),
        ("{}", "an object", None),
    ],
)
@pytest.mark.parametrize("field", ["sender", "scheduledTime"])
def test_what_is_no_text_is_named(field: str, value: str, what: str, seen: str | None) -> None:
    """The message says what stands where a text belongs, and `seen` shows it where it is one thing."""
    (issue,) = inspect_request(sms_json(f'"{field}":{value}'), tolerant=True).issues
    assert (issue.code, issue.message, issue.seen) == ("type", f"expected a text, not {what}", seen)


@pytest.mark.parametrize(
    ("value", "what", "seen"), [(1.5, "a number", "1.5"), (7, "a number", "7"), (True, "true", "true"), ("x", "a text", None)]
)
@pytest.mark.parametrize("tolerant", [False, True])
def test_what_is_no_list_of_attachments_is_named(value: object, what: str, seen: str | None, tolerant: bool) -> None:
    """The same where attachments belong."""
    found = inspect_request(json.dumps({"root": {"email": [EMAIL | {"attachments": value}]}}), tolerant=tolerant).issues
    assert found == (Issue("type", "root.email[0].attachments", f"expected attachments, not {what}", seen),)


# (document, what is wrong, line, column)
PLACES = [
    ('\n{"a":}', "expecting value", 2, 6),
    ('{"a":"\\x"}', "invalid \\escape", 1, 7),
    ('{"a":"\\\\","b":NaN}', "NaN is no JSON number", 1, 15),
    ('{"a":"\\"","b":-Infinity}', "-Infinity is no JSON number", 1, 15),
    ('{"a":"x\\\\","b":"\\"NaN",\n"c":NaN}', "NaN is no JSON number", 2, 5),
    ("<root><sms></root>", "not well-formed XML: tag name mismatch", 1, 19),
    ("<root>\n<sms>", "not well-formed XML: tag not finished", 2, 6),
    ("<root>&x;</root>", "not well-formed XML: undeclared entity", 1, 10),
    ("<root><x:sms/></root>", "not well-formed XML: undefined namespace", 1, 13),
    ("<root a='' a=''/>", "not well-formed XML: attribute redefined", 1, 16),
    ("<root xmlns='a b'/>", "not well-formed XML: ns uri", 1, 18),
    ("<root>\n\n\x01</root>", "not well-formed XML: invalid char", 3, 1),
]


@pytest.mark.parametrize(("document", "message", "line", "column"), PLACES)
def test_syntax_has_its_place(document: str, message: str, line: int, column: int) -> None:
    """What is no JSON or no XML is told with what is wrong, in no words of a parser that may quote the document, and where."""
    issue = only_issue(document)
    assert (issue.message, issue.line, issue.column) == (message, line, column)
