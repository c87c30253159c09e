"""The codecs, fact by fact: the one table through every reader and writer, the objects themselves, and what the properties once found."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import attrs
import cattrs
import pytest
from documents import INDIA, REQUESTS, RESPONSES, ROWS, Row
from lxml import etree

from commspec import (
    Attachment,
    Channel,
    CommspecError,
    EmailMessage,
    EmailReceipt,
    Extra,
    Format,
    InvalidDocument,
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
    WhatsAppReceipt,
    convert,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.codecs import json as json_codec
from commspec.codecs import xml as xml_codec
from commspec.codecs.xml_door import parse as parse_xml
from commspec.testing import difference, same
from commspec.testing.strategies import findings

EXAMPLES = sorted((Path(__file__).parent.parent / "docs" / "examples" / "documents").iterdir())
FORMATS = ("json", "xml")


def encode(value: SendRequest | SendResponse, format: str, **options: Any) -> bytes:
    """A value's document."""
    return encode_request(value, format, **options) if isinstance(value, SendRequest) else encode_response(value, format, **options)


def decode(document: Any, kind: str, *arguments: Any, **options: Any) -> SendRequest | SendResponse:
    """A document's value."""
    return decode_request(document, *arguments, **options) if kind == "request" else decode_response(document, *arguments, **options)


def by_name(row: Row) -> str:
    """A row's name, as pytest shows it."""
    return row.name


every_row = pytest.mark.parametrize("row", ROWS, ids=by_name)


# ---- The table.


@every_row
def test_written_as_json(row: Row) -> None:
    """A value is written as the table's JSON, to the byte."""
    assert encode(row.value, "json") == row.json


@every_row
def test_written_as_xml(row: Row) -> None:
    """A value is written as the table's XML, to the byte."""
    assert encode(row.value, "xml") == row.xml


@every_row
def test_read_from_json(row: Row) -> None:
    """The table's JSON reads as its value, types and offsets too."""
    assert difference(decode(row.json, row.kind), row.value) is None


@every_row
def test_read_from_xml(row: Row) -> None:
    """The table's XML reads as its value, or where XML can't hold all of it, as what it holds."""
    assert difference(decode(row.xml, row.kind), row.from_xml) is None


@every_row
def test_written_as_the_same_json_by_python(row: Row) -> None:
    """Python's own reader finds the same in the indented document as in the plain one."""
    assert json.loads(encode(row.value, "json", indent=2), parse_float=Decimal) == json.loads(row.json, parse_float=Decimal)


@every_row
def test_texts_of_xml_by_expat(row: Row) -> None:
    """Another XML parser finds the same elements and texts in the indented document as in the plain one."""

    def leaves(document: bytes) -> list[tuple[str, str | None]]:
        return [(element.tag, element.text if len(element) == 0 else None) for element in list(ElementTree.fromstring(document).iter())[1:]]

    assert leaves(encode(row.value, "xml", indent=3)) == leaves(row.xml)


@every_row
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("indent", [0, 1, 4])
def test_indentation_touches_no_value(row: Row, format: str, indent: int) -> None:
    """An indented document reads as the plain one does."""
    assert same(decode(encode(row.value, format, indent=indent), row.kind), row.value if format == "json" else row.from_xml)


@every_row
def test_converted_to_xml(row: Row) -> None:
    """JSON converts to the table's XML, and what that loses is reported, each once."""
    conversion = convert(row.json, kind=row.kind)
    assert (conversion.document, findings(conversion.notes)) == (row.xml, tuple(sorted(row.lost)))


@every_row
def test_converted_to_json(row: Row) -> None:
    """XML converts to JSON without a note, and to the table's where XML holds all."""
    conversion = convert(row.xml)
    assert (conversion.document, conversion.notes) == (encode(row.from_xml, "json"), ())


@every_row
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "form", [bytes, bytearray, memoryview, lambda document: document.decode()], ids=["bytes", "bytearray", "memoryview", "str"]
)
def test_documents_of_every_type(row: Row, format: str, form: Any) -> None:
    """A document is bytes, bytearray, memoryview or str, whatever encoding a str's declaration names."""
    document = (
        row.json if format == "json" else row.xml.replace(b"UTF-8", b"UTF-16" if form not in (bytes, bytearray, memoryview) else b"UTF-8")
    )
    assert same(decode(form(document), row.kind), row.value if format == "json" else row.from_xml)


@every_row
def test_conversion_says_what_it_is(row: Row) -> None:
    """A conversion knows the kind, the target's format and the channel."""
    conversion = convert(row.json, kind=row.kind)
    assert (conversion.kind, conversion.format, conversion.channel) == (row.kind, Format.XML, row.value.channel)


@pytest.mark.parametrize("row", REQUESTS, ids=by_name)
@pytest.mark.parametrize("format", FORMATS)
def test_inspection_of_a_good_request(row: Row, format: str) -> None:
    """An inspected request holds its messages, with nothing to say of them."""
    inspection = inspect_request(row.json if format == "json" else row.xml)
    assert [item.message for item in inspection.good] == list(row.value)
    assert (inspection.issues, inspection.notes, inspection.bad) == ((), (), ())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_documented_documents_there_and_back(path: Path) -> None:
    """Every documented document converts to the other format and back to the same value, but for the offsets and the file lists that XML drops."""
    kind: Any = "request" if "request" in path.name else "response"
    options = {"timezone": "+05:30"}
    there = convert(path.read_bytes(), kind=kind, **options)  # type: ignore[arg-type]
    back = convert(there.document, kind=kind, **options)  # type: ignore[arg-type]
    assert not there.losses + back.losses
    tolerant = {"tolerant": True} if kind == "request" else options
    assert same(decode(back.document, kind, **tolerant), decode(path.read_bytes(), kind, **tolerant))


# ---- The objects.


@every_row
def test_pickled(row: Row) -> None:
    """A value comes out of a pickle as it went in."""
    assert same(pickle.loads(pickle.dumps(row.value)), row.value)


@every_row
def test_copied(row: Row) -> None:
    """A deep copy is the same value."""
    assert same(copy.deepcopy(row.value), row.value)


@every_row
def test_hashed(row: Row) -> None:
    """Equal values have one hash, so that they work as keys."""
    assert {row.value: "found"}[decode(row.json, row.kind)] == "found"


@every_row
def test_shown_by_what_makes_it(row: Row) -> None:
    """A value's `repr` shows the class and every field."""
    shown = repr(row.value)
    assert shown.startswith(type(row.value).__name__ + "(")
    assert all(f"{attribute.name}=" in shown for attribute in attrs.fields(type(row.value)))


@pytest.mark.parametrize(
    "value",
    [REQUESTS[0].value, REQUESTS[0].value.messages[0], RESPONSES[0].value, Status(), Outcome(), StatusDetail(), Attachment("a", "b", "c")],
    ids=lambda value: type(value).__name__,
)
def test_immutable(value: Any) -> None:
    """No attribute of an object can be set, and none added."""
    name = attrs.fields(type(value))[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, name, None)
    with pytest.raises(AttributeError):
        value.something = 1


def test_extra_is_immutable() -> None:
    """An `Extra` can't be written to."""
    extra: Any = Extra({"a": 1})
    with pytest.raises(TypeError, match="does not support item assignment"):
        extra["a"] = 2
    with pytest.raises(AttributeError):
        extra.b = 2


def test_extra_freezes_what_it_takes() -> None:
    """Lists become tuples and dicts `Extra`s, so that the mapping can be hashed."""
    extra = Extra({"a": [1, {"b": [2.5]}]})
    assert extra["a"] == (1, Extra({"b": (Decimal("2.5"),)}))
    assert hash(extra) == hash(Extra({"a": (1, {"b": (Decimal("2.5"),)})}))


def test_null_in_extra_is_absent() -> None:
    """A None in an `Extra` is no member of it, as null reads as absent; in a list it stays."""
    assert list(Extra({"a": None, "b": {"c": None}, "d": [None]}).items()) == [("b", Extra()), ("d", (None,))]


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        (5, 5),
        (Decimal(5), 5),
        (Decimal("-0"), Decimal("-0")),
        (5.0, Decimal("5.0")),
        (Decimal("5E+1"), Decimal("5E+1")),
        (HTTPStatus.OK, 200),
    ],
)
def test_numbers_in_extra_have_one_form(number: Any, kept: Any) -> None:
    """A number in an `Extra` is kept in the form that it reads as from JSON."""
    assert same(Extra({"a": number})["a"], kept)


def test_longest_integers_in_extra() -> None:
    """An integer of more than 640 digits, which Python may refuse to print, is a `Decimal`; it is written with every digit."""
    response = SendResponse(extra={"a": 10**5000, "b": 10**639})
    assert [type(value) for value in response.extra.values()] == [Decimal, int]
    assert same(decode_response(encode_response(response)), response)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("nan"), object(), {1: 2}, b"x"])
def test_extra_refuses_what_json_has_no_form_for(value: Any) -> None:
    """A value, or a name, without a JSON form can't be put into an `Extra`."""
    with pytest.raises(TypeError):
        Extra({"a": value})


@pytest.mark.parametrize(
    "make",
    [
        lambda text: StatusDetail(message=text),
        lambda text: StatusDetail(extra={"a": ["b", text]}),
        lambda text: StatusDetail(extra={text: "a"}),
        lambda text: Status(warnings=[text]),
        lambda text: EmailReceipt(attachments=[{"a": text}]),
        lambda text: SmsReceipt(scheduled_time=text),
    ],
)
def test_no_lone_surrogate_in_a_response(make: Any) -> None:
    """A lone surrogate, which no encoding has, can't stand anywhere in a response."""
    with pytest.raises(InvalidMessage) as caught:
        make("x\ud800")
    assert [issue.code for issue in caught.value.issues] == ["text.character"]


@pytest.mark.parametrize(
    ("make", "path", "message"),
    [
        (lambda: StatusDetail(message=5), "message", "expected a str, not an int"),  # type: ignore[arg-type]
        (lambda: StatusDetail(status=1), "status", "expected a bool or a str, not an int"),  # type: ignore[arg-type]
        (lambda: StatusDetail(code=True), "code", "expected an int or a str, not a bool"),
        (lambda: Status(status_code=Status()), "status_code", "expected a StatusDetail, not a Status"),  # type: ignore[arg-type]
        (lambda: Status(warnings=[5]), "warnings[0]", "expected a StatusDetail or a str, not an int"),
        (lambda: SmsReceipt(scheduled_time=5), "scheduled_time", "expected a datetime or a str, not an int"),  # type: ignore[arg-type]
        (lambda: Status(warnings="Slow"), "warnings", "expected a list of StatusDetail or str, not a str"),
        (lambda: EmailReceipt(attachments="a.txt"), "attachments", "expected a list, not a str"),
        (lambda: SendResponse(StatusDetail()), "status", "expected a Status, not a StatusDetail"),  # type: ignore[arg-type]
        (lambda: SendResponse("Success"), "status", "expected a Status, not a str"),  # type: ignore[arg-type]
        (lambda: Outcome(SmsMessage("919876500001", "Hi")), "message", "expected a receipt or None, not a SmsMessage"),  # type: ignore[arg-type]
        (lambda: SendResponse(outcomes=[SmsMessage("919876500001", "Hi")]), "outcomes[0]", "expected an Outcome, not a SmsMessage"),
    ],
)
def test_no_value_of_another_kind_in_a_response(make: Any, path: str, message: str) -> None:
    """A response holds whatever a server may have said, and nothing else: another object has its issue, where it stands."""
    with pytest.raises(InvalidMessage) as caught:
        make()
    assert [(issue.code, issue.path, issue.message) for issue in caught.value.issues] == [("type", path, message)]


def test_plain_types_in_place() -> None:
    """Subclasses of int, str and datetime become what they are of, so that they are written and pickled like any other."""

    class Moment(datetime):
        pass

    status = Status(code=HTTPStatus.OK, warnings=[Format.XML])
    receipt = SmsReceipt(to=Format.XML, scheduled_time=Moment(2024, 1, 1))
    assert [type(value) for value in (status.code, status.warnings[0], receipt.to, receipt.scheduled_time)] == [int, str, str, datetime]


def test_details_that_say_nothing_more_whatever_their_types() -> None:
    """A `status_code` that says the rest of its status once more is none, also where the rest is said in a subclass of str."""
    status = Status(message=Format.XML, status_code=StatusDetail(message="xml"))
    assert status == Status(message="xml")
    assert same(decode_response(encode_response(SendResponse(status))), SendResponse(status))


def test_longest_integer_of_a_response() -> None:
    """An integer of more than 1,000 digits is kept as its text, as it is read."""
    assert Status(count=10**1000).count == "1" + "0" * 1000
    assert same(decode_response(b'{"status":{"count":1%s}}' % (b"0" * 1000)), SendResponse(Status(count=10**1000)))


def test_zone_is_fixed_at_that_instant() -> None:
    """A time of a zone keeps the offset of its instant, and no more of the zone."""
    message = SmsMessage("919876500001", "Hi", datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    assert message.scheduled_time == datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert type(message.scheduled_time.tzinfo) is timezone


def test_errors_are_values() -> None:
    """Errors compare by what they say, and come out of a pickle as they went in."""
    with pytest.raises(InvalidDocument) as caught:
        decode_request('{"root":{"sms":[{}]}}')
    assert pickle.loads(pickle.dumps(caught.value)) == caught.value


# ---- What the properties found once.


@pytest.mark.parametrize("files", [None, (), [], iter(()), map(str, ())], ids=lambda files: type(files).__name__)
@pytest.mark.parametrize("format", ["json", "xml"])
def test_no_files(format: str, files: Any) -> None:
    """An email without files has no field for them, whatever empty thing it was made of."""
    request = SendRequest([EmailMessage(to="a@example.com", from_="b@example.com", subject="s", body="b", attachments=files)] * 2)
    document = encode_request(request, format)
    assert b"attachments" not in document
    (read,) = {*decode_request(document.replace(b"</body>", b"</body><attachments></attachments>"))}
    assert b"attachments" not in encode_request(SendRequest([read]), "json")


def test_files_of_some_emails_in_xml() -> None:
    """Where only one of several emails has attachments, the others have none, and not None."""
    read = decode_request(REQUESTS[2].xml)
    assert [len(message.attachments) for message in read if isinstance(message, EmailMessage)] == [2, 0]


@pytest.mark.parametrize("name", ["messages", "status"])
def test_white_space_is_no_content_of_a_list_or_an_object(name: str) -> None:
    """A list or an object that holds nothing but white space is empty, as a pretty printer leaves it."""
    spaced, empty = (decode_response(f"<response><{name}>{space}</{name}></response>") for space in ("\n  ", ""))
    assert same(spaced, empty)


def test_white_space_in_a_root_is_no_loss() -> None:
    """White space in an empty root is nothing that could be lost."""
    assert convert(b"<response>\n</response>").notes == ()


def test_several_messages_in_one_item_of_xml() -> None:
    """Several messages in one `…Data` element are as many outcomes, each with the errors and warnings that follow it."""
    item = "<sms><to>1</to></sms><errors><error>no</error></errors><sms><to>2</to></sms><warnings><warning>hm</warning></warnings>"
    response = decode_response(f"<response><messages><smsData>{item}</smsData></messages></response>")
    assert response.outcomes == (Outcome(SmsReceipt("1"), ["no"]), Outcome(SmsReceipt("2"), (), ["hm"]))


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "utf-7", "punycode", "idna", "undefined", "base64", "x-none"])
def test_codecs_that_are_no_encodings(encoding: str) -> None:
    """What Python has a codec for, and XML no encoding, is an encoding that is not known."""
    with pytest.raises(MalformedDocument) as caught:
        decode_request(f"<?xml version='1.0' encoding='{encoding}'?><root>\\ud800</root>".encode())
    message = "the encoding that the document declares is not known"
    assert caught.value.issues == (Issue("encoding", "", message, encoding, "send it in UTF-8", 1),)


@pytest.mark.parametrize("name", ["ª", "²", "a²", "a b", "1a", "", "a:b", "xml", "XmlName", "-a"])
def test_names_that_xml_does_not_have(name: str) -> None:
    """An extra field of a name that is none in XML is dropped and reported, and the document stays well-formed."""
    conversion = convert(json.dumps({"status": {name: "x"}}))
    assert [note.code for note in conversion.notes] == ["loss.extra"]
    assert decode_response(conversion.document) == SendResponse(Status())


@pytest.mark.parametrize("name", ["größe", "日本", "_a-1.b", "\u2118", "a\u0300", "\U00010400"])
def test_names_that_xml_has(name: str) -> None:
    """An extra field of any name that XML 1.0 has is written under it, and an XML parser reads it."""
    conversion = convert(json.dumps({"status": {name: "x"}}))
    assert conversion.notes == ()
    assert etree.fromstring(conversion.document)[0][0].tag == name


TAKEN = (
    (
        SendResponse(Status(message="real", extra={"message": "fake"})),
        SendResponse(Status(message="real")),
        "status.message",
        "response.status.message",
    ),
    (
        SendResponse(Status(count=1, extra={"totalCount": [2]})),
        SendResponse(Status(count=1)),
        "status.totalCount",
        "response.status.totalCount",
    ),
    (SendResponse(channel="sms", extra={"smsList": "x", "messages": "x"}), SendResponse(channel="sms"), "smsList", "response.messages"),
    (
        SendResponse(None, [Outcome(SmsReceipt("1"), extra={"sms": "x"})]),
        SendResponse(None, [Outcome(SmsReceipt("1"))]),
        "smsList[0].sms",
        "response.messages.smsData[0].sms",
    ),
    (
        SendResponse(None, [Outcome(SmsReceipt("1"), ["e"], extra={"errors": "x"})]),
        SendResponse(None, [Outcome(SmsReceipt("1"), ["e"])]),
        "smsList[0].errors",
        "response.messages.smsData[0].errors",
    ),
    (
        SendResponse(None, [Outcome(SmsReceipt("1"), ["e", StatusDetail(code=1, extra={"code": "x"})])]),
        SendResponse(None, [Outcome(SmsReceipt("1"), ["e", StatusDetail(code=1)])]),
        "smsList[0].errors[1].code",
        "response.messages.smsData[0].errors.error[1].code",
    ),
    (
        SendResponse(Status(code=1, status_code=StatusDetail(code=2, extra={"code": "x"}))),
        SendResponse(Status(code=1, status_code=StatusDetail(code=2))),
        "status.statusCode.code",
        "response.status.statusCode.code",
    ),
)


@pytest.mark.parametrize(("value", "left", "json_path", "xml_path"), TAKEN)
@pytest.mark.parametrize("format", FORMATS)
def test_an_extra_field_never_takes_the_place_of_a_known_one(
    value: SendResponse, left: SendResponse, json_path: str, xml_path: str, format: str
) -> None:
    """What stands in `extra` under the name of a field that is there is dropped in writing."""
    read = decode_response(encode_response(value, format))
    known = attrs.evolve(read, extra={name: kept for name, kept in read.extra.items() if name not in ("smsList", "messages")})
    assert same(known, left)


@pytest.mark.parametrize(
    "document",
    [
        '{"smsList":[{"errors":""}]}',
        '{"smsList":[{"sms":" "}]}',
        '{"status":""}',
        '{"status":{},"messages":""}',
        '{"status":{"statusCode":"\\n"}}',
        '{"status":{"message":[]}}',
        '{"emails":[{"email":{"fileHandler":"","attachments":{}}}]}',
        '{"status":[1]}',
        '{"messages":{"smsData":{"sms":{}}}}',
        '{"smsList":[{"warnings":[""]}]}',
        '{"status":{"count":-1}}',
    ],
)
def test_what_xml_would_read_otherwise_is_lost_and_reported(document: str) -> None:
    """A value that XML would read as something else is reported as lost, wherever it stands."""
    conversion = convert(document, kind="response")
    assert not same(decode_response(conversion.document), decode_response(document))
    assert {note.code for note in conversion.notes} == {"loss.extra"}


def test_extra_lists_of_xml_move_into_json_fields() -> None:
    """A list that XML keeps in `extra`, under the name of a list which JSON has, is written there, and said to be."""
    conversion = convert(
        b"<response><emails><emailData><email><attachments><item>a</item></attachments></email></emailData></emails></response>"
    )
    assert decode_response(conversion.document).outcomes == (Outcome(EmailReceipt(attachments=["a"])),)
    assert findings(conversion.notes) == (("loss.extra", "emails[0].email.attachments"),)


def test_one_issue_for_attachments_that_stand_twice() -> None:
    """Of attachments that stand twice, nothing else is said, whatever is wrong with each."""
    message = '"to":"a@example.com","from":"a@example.com","subject":"s","body":""'
    with pytest.raises(InvalidDocument) as caught:
        decode_request(f'{{"root":{{"email":[{{{message},"attachments":[{{}}],"attachments":{{"x":1}}}}]}}}}')
    assert findings(caught.value.issues) == (("duplicate", "root.email[0].attachments"),)


def test_one_issue_for_attachments_that_stand_twice_in_xml() -> None:
    """The same in XML."""
    message = "<to>a@example.com</to><from>a@example.com</from><subject>s</subject><body/>"
    with pytest.raises(InvalidDocument) as caught:
        decode_request(f"<root><email>{message}<attachments>x</attachments><attachments><x/></attachments></email></root>")
    assert findings(caught.value.issues) == (("duplicate", "root.email[0].attachments"),)


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize(
    ("document", "path"),
    [
        ('{"root":{"sms":[{"to":"919876500001","body":"x","k":1,"k":2}]}}', "root.sms[0].k"),
        ('{"root":{"sms":[{"to":"919876500001","body":"x"}],"k":1,"k":2}}', "root.k"),
        ('{"root":{"sms":[{"to":"919876500001","body":"x"}]},"k":1,"k":2}', "k"),
    ],
)
def test_a_key_that_stands_twice_is_a_duplicate_though_nobody_knows_it(document: str, path: str, tolerant: bool) -> None:
    """A JSON key that stands twice is `duplicate`, and nothing else, known or not."""
    assert findings(inspect_request(document, tolerant=tolerant).issues) == (("duplicate", path),)


def test_control_characters_are_no_white_space_of_base64() -> None:
    """Tolerance leaves white space out of base64, and no control character that Python takes for such."""
    file = '{"fileName":"a","fileType":"b","fileData":"aG\\u001fk=","fileEncodingType":"base64"}'
    message = f'"to":"a@example.com","from":"a@example.com","subject":"s","body":"","attachments":{{"attachment":[{file}]}}'
    inspection = inspect_request(f'{{"root":{{"email":[{{{message}}}]}}}}', tolerant=True)
    assert findings(inspection.issues) == (("text.character", "root.email[0].attachments.attachment[0].fileData"),)


@pytest.mark.parametrize("depth", [1, 3, 6])
@pytest.mark.parametrize("row", [REQUESTS[2], RESPONSES[3]], ids=by_name)
@pytest.mark.parametrize("format", FORMATS)
def test_a_low_limit_of_depth_holds_for_good_documents(row: Row, format: str, depth: int) -> None:
    """A limit of depth below that of a valid document refuses it, on the happy path too."""
    document = row.json if format == "json" else row.xml
    deepest = (
        max(
            text.count("{") + text.count("[") - text.count("}") - text.count("]")
            for text in (document[:end].decode() for end in range(len(document)))
        )
        if format == "json"
        else _xml_depth(document)
    )
    if depth < deepest:
        with pytest.raises(MalformedDocument) as caught:
            decode(document, row.kind, limits=Limits(depth=depth))
        assert findings(caught.value.issues) == (("limit.depth", ""),)
    else:
        decode(document, row.kind, limits=Limits(depth=depth))


def _xml_depth(document: bytes) -> int:
    return max(len(list(element.iterancestors())) + 1 for element in parse_xml(document, Limits()).iter())


@pytest.mark.parametrize("name", ["priority", "smsList"])
def test_zero_in_a_list_of_a_head(name: str) -> None:
    """A list `[0]` in a response's status is not taken for its outcomes by the writer that streams them."""
    import io

    from commspec.streaming import ResponseWriter

    head = SendResponse(Status(message="[0]", extra={name: [0]}), channel="sms", extra={"z": [0]})
    outcome = Outcome(SmsReceipt("1"))
    for indent in (None, 2):
        file = io.BytesIO()
        with ResponseWriter(file, "json", head, indent=indent) as writer:
            writer.write(outcome)
        assert file.getvalue() == encode_response(attrs.evolve(head, outcomes=[outcome]), indent=indent)


# ---- cattrs.


@attrs.frozen
class Job:
    """A program's own class that holds commspec's."""

    number: int
    message: SmsMessage
    files: list[EmailMessage]
    reply: SendResponse | None = None


JOB = Job(
    1, SmsMessage("919876500001", "Hi"), [message for message in REQUESTS[2].value if isinstance(message, EmailMessage)], RESPONSES[3].value
)


def converter_of(codec: Any) -> cattrs.Converter:
    """A converter with a codec's hooks."""
    converter = cattrs.Converter()
    codec.configure_converter(converter)
    return converter


def test_json_trees_inside_a_program_s_own_class() -> None:
    """A program's class that holds messages and responses goes to a JSON tree and back."""
    converter = converter_of(json_codec)
    tree = json.loads(json.dumps(converter.unstructure(JOB)))
    assert same(converter.structure(tree, Job), JOB)


def test_json_tree_is_that_of_the_document() -> None:
    """A tree is what `json.loads` makes of the document; and a message's, what stands in it for the message."""
    converter = converter_of(json_codec)
    twice = SendResponse(Status(code=5), extra={"status": "taken", "a": {"b": [1]}})
    for value in (*(row.value for row in ROWS), twice):
        document = json.loads(encode(value, "json"), parse_float=Decimal)
        assert converter.unstructure(value) == document
        if isinstance(value, SendRequest):
            assert [converter.unstructure(message) for message in value] == next(iter(document["root"].values()))


def test_xml_tree_is_that_of_the_document() -> None:
    """A tree is what lxml makes of the document; and a message's, the element that stands in it for the message."""
    converter = converter_of(xml_codec)
    for value in (row.value for row in ROWS):
        document = etree.fromstring(encode(value, "xml"))
        assert etree.tostring(converter.unstructure(value)) == etree.tostring(document)
        if isinstance(value, SendRequest):
            assert [etree.tostring(converter.unstructure(message)) for message in value] == list(map(etree.tostring, document))


@every_row
def test_json_tree_there_and_back(row: Row) -> None:
    """Every value of the table goes to a tree and back."""
    converter = converter_of(json_codec)
    assert same(converter.structure(converter.unstructure(row.value), type(row.value)), row.value)


@every_row
def test_xml_tree_there_and_back(row: Row) -> None:
    """Every value of the table goes to an lxml tree and back, as far as XML holds it."""
    converter = converter_of(xml_codec)
    assert same(converter.structure(converter.unstructure(row.value), type(row.value)), row.from_xml)


def test_xml_tree_of_a_message() -> None:
    """A message is an element of its list's name, and indented trees of any parser read."""
    converter = converter_of(xml_codec)
    (email,) = etree.fromstring(
        "<batch>\n <email><!-- x -->\n<to>a@example.com</to><?p?><from>b@example.com</from> <subject>s</subject><body/></email> tail</batch>"
    )
    assert converter.structure(email, EmailMessage) == EmailMessage(to="a@example.com", from_="b@example.com", subject="s", body="")


@pytest.mark.parametrize("text", ["OTP <!--x-->1234", "OTP <?x?>1234", "OTP <![CDATA[1234]]>"])
def test_nothing_cuts_the_text_of_a_tree(text: str) -> None:
    """A comment, an instruction or CDATA in a text of another parser's tree cuts nothing off, and the tree stays as it was."""
    root = etree.fromstring(f"<root><sms><to>919876500001</to><body>{text}</body></sms></root>")
    before = etree.tostring(root)
    request = converter_of(xml_codec).structure(root, SendRequest)
    assert request == SendRequest([SmsMessage("919876500001", "OTP 1234")])
    assert etree.tostring(root) == before


@pytest.mark.parametrize(("depth", "code"), [(64, None), (65, "limit.depth"), (1_500, "limit.depth")])
@pytest.mark.parametrize("format", ["json", "lists", "xml"])
def test_depth_of_a_tree(format: str, depth: int, code: str | None) -> None:
    """A tree is held to the depth that a document is held to, wherever it stands in another one."""
    tree: Any = etree.Element("batch")
    if format == "xml":
        tree = inner = etree.SubElement(etree.SubElement(tree, "batch"), "response")
        for _ in range(depth - 1):
            inner = etree.SubElement(inner, "a")
    else:
        tree = "a"
        for _ in range(depth - 1):
            tree = {"a": tree} if format == "json" else [tree]
        tree = {"a": tree}
    converter = converter_of(xml_codec if format == "xml" else json_codec)
    if code is None:
        assert converter.structure(tree, SendResponse).extra
    else:
        with pytest.raises(MalformedDocument) as caught:
            converter.structure(tree, SendResponse)
        assert caught.value.issues == (Issue(code, "", "nested more than 64 deep"),)


def test_entities_of_a_tree_are_refused() -> None:
    """A reference that another parser left unresolved is no text."""
    parser = etree.XMLParser(resolve_entities=False)
    tree = etree.fromstring('<!DOCTYPE sms [<!ENTITY a "x">]><sms><to>919876500001</to><body>a&a;b</body></sms>', parser)
    with pytest.raises(MalformedDocument) as caught:
        converter_of(xml_codec).structure(tree, SmsMessage)
    assert caught.value.issues == (Issue("xml.syntax", "", "a reference to an entity, which nobody has resolved"),)


@pytest.mark.parametrize(
    ("tree", "code", "path"),
    [
        ({"to": "1", "body": "x"}, "phone.length", "to"),
        ({"to": 919876500001, "body": "x"}, "type", "to"),
        ({"to": "919876500001", "body": None}, "missing", "body"),
        (["x"], "type", ""),
        (None, "type", ""),
        ({"to": b"919876500001", "body": "x"}, "type", ""),
        ({1: "x"}, "type", ""),
    ],
)
def test_json_trees_are_read_strictly(tree: Any, code: str, path: str) -> None:
    """cattrs' lenient defaults have no part in it: a number is no text, None is missing, and paths begin at the object itself."""
    with pytest.raises(InvalidDocument) as caught:
        converter_of(json_codec).structure(tree, SmsMessage)
    assert findings(caught.value.issues) == ((code, path),)


EMAIL_TREE = {"to": "a@example.com", "from": "b@example.com", "subject": "s", "body": ""}


@pytest.mark.parametrize(
    ("cls", "tree", "path", "message", "seen"),
    [
        (SmsMessage, {1: "x"}, "", "a name is a text, and nothing else", None),
        (SmsMessage, {"to": b"9"}, "", "expected a JSON value, not a bytes", "bytes"),
        (SmsMessage, {"to": [object()]}, "", "expected a JSON value, not an object", "object"),
        (SmsMessage, ["x"], "", "expected an object, not a list", None),
        (SmsMessage, None, "", "expected an object, not null", None),
        (SmsMessage, 5, "", "expected an object, not a number", None),
        (
            SmsMessage,
            {"to": "919876500001", "body": "x", "scheduledTime": "2024-02-22T00:\ud80006+05:30"},
            "scheduledTime",
            "character 15 is U+D800, which XML cannot carry",
            "2024-02-22T00:\\ud80006+05:30",
        ),
        (EmailMessage, EMAIL_TREE | {"attachments": {"attachment": "x"}}, "attachments.attachment", "expected a list, not a text", None),
        (
            EmailMessage,
            EMAIL_TREE | {"attachments": {"attachment": [{"fileName": "a/b", "fileType": "txt", "fileData": ""}]}},
            "attachments.attachment[0].fileName",
            "character 2 is U+002F: a file name has no folders",
            "a/b",
        ),
    ],
)
def test_what_is_said_of_a_json_tree(cls: type, tree: Any, path: str, message: str, seen: str | None) -> None:
    """An issue of a tree says where, what was expected and what was seen, as one of a document does."""
    with pytest.raises(InvalidDocument) as caught:
        converter_of(json_codec).structure(tree, cls)
    assert [(issue.path, issue.message, issue.seen) for issue in caught.value.issues] == [(path, message, seen)]


def test_an_xml_tree_keeps_its_lines() -> None:
    """What an element lacks is told with the line that the element has in its document."""
    tree = etree.fromstring("<batch>\n\n<sms><to>919876500001</to></sms></batch>")[0]
    with pytest.raises(InvalidDocument) as caught:
        converter_of(xml_codec).structure(tree, SmsMessage)
    assert caught.value.issues == (Issue("missing", "sms.body", "required, and not there", line=3),)


@pytest.mark.parametrize(
    ("tree", "code", "path"),
    [
        ("<sms><to>1</to><body>x</body></sms>", "phone.length", "sms.to"),
        ("<sms><to>919876500001</to></sms>", "missing", "sms.body"),
        ("<sms x=''><to>919876500001</to><body>x</body></sms>", "unknown", "sms@x"),
        ("<sms><to>919876500001</to><body>x</body>y</sms>", "type", "sms"),
        ("<email/>", "unknown", "email"),
        ("<x:sms xmlns:x='urn:x'/>", "unknown", '["x:sms"]'),
    ],
)
def test_xml_trees_are_read_strictly(tree: str, code: str, path: str) -> None:
    """An element is read as it is in a document, and paths begin at the element itself."""
    with pytest.raises(InvalidDocument) as caught:
        converter_of(xml_codec).structure(etree.fromstring(tree), SmsMessage)
    assert findings(caught.value.issues) == ((code, path),)


@pytest.mark.parametrize(
    "tree", [{"status": {"count": float("nan")}}, {"x": float("inf")}, {"status": {"message": "\ud800"}}, [], None, {"x": object()}]
)
def test_json_trees_that_no_document_is(tree: Any) -> None:
    """A tree that no JSON document has is refused, and with nothing but a commspec error."""
    with pytest.raises(InvalidDocument):
        converter_of(json_codec).structure(tree, SendResponse)


@pytest.mark.parametrize(
    ("tree", "found"),
    [("x", (("type", ""),)), (None, (("type", ""),)), (etree.Element("x"), (("unknown", "x"),))],
    ids=["str", "None", "x"],
)
@pytest.mark.parametrize("cls", [SmsMessage, SendRequest, SendResponse])
def test_what_is_no_element_of_the_kind(tree: Any, found: Any, cls: type) -> None:
    """What is no element, or one of another name, is refused."""
    with pytest.raises(InvalidDocument) as caught:
        converter_of(xml_codec).structure(tree, cls)
    assert findings(caught.value.issues) == found
    (issue,) = caught.value.issues
    expected = {SmsMessage: "expected <sms>", SendRequest: "expected <root>", SendResponse: "expected <response> or <status>"}[cls]
    assert issue.message.endswith(expected if issue.code == "unknown" else f"expected an element, not a {type(tree).__name__}")


def test_numbers_of_a_tree_are_read_by_value() -> None:
    """An int of a tree is an integer, a float is none, and a Decimal keeps its digits."""
    tree = {"status": {"count": 5, "code": 5.0}, "x": Decimal("1.50"), "y": [10**40, -1, 0.1, 1e-7, 1e300, True]}
    response = converter_of(json_codec).structure(tree, SendResponse)
    numbers = (10**40, -1, Decimal("0.1"), Decimal("1e-7"), Decimal("1e300"), True)
    assert same(response, SendResponse(Status(count=5, code="5.0"), extra={"x": Decimal("1.50"), "y": numbers}))
    for number in (1e22, 1e-07, 1e-05, 1.5e300):
        spelled = converter_of(json_codec).structure({"status": {"code": number}}, SendResponse)
        assert spelled == decode_response(json.dumps({"status": {"code": number}}))


@pytest.mark.parametrize("document", ['{"root":{"sms":[{"to":"\ud800"}]}}', "<root>\ude00</root>", "\ufeff<root>\ud83d</root>"])
def test_a_str_with_half_of_a_pair_is_of_no_encoding(document: str) -> None:
    """A lone surrogate in a document that is text is `encoding`, and its place is said."""
    position = next(place for place, character in enumerate(document.removeprefix("\ufeff"), 1) if "\ud800" <= character <= "\udfff")
    issue = Issue("encoding", "", f"character {position} is half of a surrogate pair")
    assert inspect_request(document).issues == (issue,)
    with pytest.raises(MalformedDocument) as caught:
        decode_response(document)
    assert caught.value.issues == (issue,)


def test_an_offset_that_xml_has_no_place_for_is_said() -> None:
    """A time of a response that goes to XML without a time zone leaves its offset behind, and the note shows the whole time."""
    document = '{"whatsapp":[{"whatsappMessage":{"scheduledTime":"2024-02-22T00:25:06+05:30"}}]}'
    conversion = convert(document)
    path = "response.whatsapp.whatsappData[0].whatsappMessage.scheduledTime"
    message = "written as its own wall clock, without the offset"
    assert conversion.notes == (Issue("loss.offset", path, message, "2024-02-22T00:25:06+05:30", "give a timezone"),)
    assert convert(document, timezone="+05:30").notes == ()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("before", "line"), [("", 1), ("\n", 2), ("\n\r\n ", 3)])
def test_bytes_of_another_encoding_have_a_place(format: str, before: str, line: int) -> None:
    """The first byte that is not of the encoding is said by its position in the document and its line, whatever comes behind."""
    start = before.encode() + (b'{"root":"' if format == "json" else b"<root>")
    (issue,) = inspect_request(start + b"\xff\n\n\xfe", format).issues
    assert (issue.code, issue.message, issue.line) == ("encoding", f"byte {len(start) + 1} is not UTF-8", line)
    assert issue.hint == ("JSON is UTF-8" if format == "json" else None)


@pytest.mark.parametrize("limit", [1, 3])
def test_notes_are_kept_up_to_the_limit(limit: int) -> None:
    """Of what was tolerated no more is kept than issues would be, of whatever kind; the request is read all the same."""
    fields = ",".join(f'"x{index}":1' for index in range(limit + 2))
    document = f'{{"root":{{"sms":[{{{fields},"to":"919876500001","body":"Hi"}}]}}}}'
    read = inspect_request(document, tolerant=True, limits=Limits(issues=limit))
    assert [note.path for note in read.notes] == [f"root.sms[0].x{index}" for index in range(limit)]
    assert [received.message for received in read.good] == [SmsMessage("919876500001", "Hi")]
    numbers = ",".join(['{"to":919876500001,"body":"Hi"}'] * (limit + 2))
    read = inspect_request(f'{{"root":{{"sms":[{numbers}]}}}}', tolerant=True, limits=Limits(issues=limit))
    assert [note.path for note in read.notes] == [f"root.sms[{index}].to" for index in range(limit)]
    assert len(read.good) == limit + 2


# ---- Time zones of responses.

WALL = (
    b"<response><whatsapp><whatsappData><whatsappMessage><scheduledTime>2024-02-22 00:25:06</scheduledTime></whatsappMessage></whatsappData>"
    b"</whatsapp></response>"
)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "+05:30", ZoneInfo("Asia/Kolkata"), INDIA])
def test_a_zone_gives_wall_clocks_their_offset_and_takes_it_off(zone: Any) -> None:
    """With a time zone, the times of XML read with its offset, and are written as its wall clock."""
    read = decode_response(WALL, timezone=zone)
    assert same(read, SendResponse(None, [Outcome(WhatsAppReceipt(datetime(2024, 2, 22, 0, 25, 6, tzinfo=INDIA)))]))
    assert encode_response(read, "xml", timezone=zone).endswith(WALL)


def test_a_zone_that_does_not_exist() -> None:
    """A time zone of no known name is an error of the caller's."""
    with pytest.raises(ValueError, match="neither an IANA time zone"):
        decode_response(WALL, timezone="Asia/Kolkatta")


def test_errors_stay_errors_of_commspec() -> None:
    """Every error for a document is a `CommspecError` and a `ValueError`, and carries its issues."""
    with pytest.raises(CommspecError) as caught:
        decode_request("{")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value.issues[0], Issue)


@pytest.mark.parametrize("format", FORMATS)
def test_a_request_s_time_without_offset_is_tolerated_with_a_zone(format: str) -> None:
    """Under tolerance and with a time zone, a time without offset is that zone's wall clock; otherwise its offset is missing."""
    document = encode_request(SendRequest([SmsMessage("919876500001", "Hi", datetime(2024, 7, 1, 12, tzinfo=timezone.utc))]), format)
    bare = document.replace(b"+00:00", b"")
    read = inspect_request(bare, tolerant=True, timezone="Europe/Berlin")
    assert [note.code for note in read.notes] == ["tolerated.time"]
    assert read.good[0].message == SmsMessage("919876500001", "Hi", datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    for options in ({"tolerant": True}, {"timezone": "Europe/Berlin"}):
        assert [issue.code for issue in inspect_request(bare, **options).issues] == ["time.offset"]


ENDING_IN_Z = [
    "Z",
    'Z"',
    '\\Z"',
    '"scheduledTime":"2024-02-22T00:25:06Z"',
    '"scheduledTime": "2024-02-22T00:25:06Z',
    "2024-02-22T00:25:06Z",
]
IN_UTC = [timezone.utc, timezone(timedelta(0)), ZoneInfo("UTC"), ZoneInfo("Europe/London")]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("bodies", [["Hi"], ["Hi", *ENDING_IN_Z]], ids=["no other Z", "texts that end in Z"])
@pytest.mark.parametrize("zones", [IN_UTC, [*IN_UTC, None, INDIA]], ids=["all in UTC", "some in UTC"])
@pytest.mark.parametrize("microsecond", [0, 250_000])
def test_utc_is_written_as_an_offset(indent: int | None, bodies: list[str], zones: list[tzinfo | None], microsecond: int) -> None:
    """A time in UTC ends in +00:00, and a text that ends in Z, or reads like a time in UTC, is left as it is."""
    moments = [None if zone is None else datetime(2024, 2, 22, 0, 25, 6, microsecond, zone) for zone in zones]
    messages = [SmsMessage("919876500001", body, moment, body) for body in bodies for moment in moments]
    written = json.loads(encode_request(SendRequest(messages), indent=indent))["root"]["sms"]
    for message, item in zip(messages, written, strict=True):
        assert item.get("scheduledTime") == (None if message.scheduled_time is None else message.scheduled_time.isoformat())
        assert (item["body"], item["sender"]) == (message.body, message.sender)


@pytest.mark.parametrize("clock", ["2024-03-31T02:30:00", "2024-10-27T02:30:00"])
def test_a_request_s_wall_clock_that_is_shown_twice_or_never(clock: str) -> None:
    """A wall clock that the zone shows twice or never is `time.zone`, and never a guess."""
    document = f'{{"root":{{"sms":[{{"to":"919876500001","body":"Hi","scheduledTime":"{clock}"}}]}}}}'
    inspection = inspect_request(document, tolerant=True, timezone="Europe/Berlin")
    assert findings(inspection.issues) == (("time.zone", "root.sms[0].scheduledTime"),)


@pytest.mark.parametrize("moment", [datetime(2024, 10, 27, 0, 30, tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc)])
def test_writing_a_wall_clock_that_does_not_say_when(moment: datetime) -> None:
    """A time whose wall clock in the zone is shown twice, or outside the calendar, can't be written there."""
    with pytest.raises(InvalidDocument) as caught:
        encode_response(SendResponse(None, [Outcome(WhatsAppReceipt(moment))]), "xml", timezone="Europe/Berlin")
    assert findings(caught.value.issues) == (("time.zone", "response.whatsapp.whatsappData[0].whatsappMessage.scheduledTime"),)


def test_writing_the_first_wall_clock_after_a_gap() -> None:
    """A time after the clocks went forward is written as they then show, and reads as that instant."""
    response = SendResponse(None, [Outcome(WhatsAppReceipt(datetime(2024, 3, 31, 3, tzinfo=timezone(timedelta(hours=2)))))])
    document = encode_response(response, "xml", timezone="Europe/Berlin")
    assert b"2024-03-31 03:00:00" in document
    assert same(decode_response(document, timezone="Europe/Berlin"), response)


def test_a_time_with_a_character_that_xml_can_t_carry() -> None:
    """A forbidden character comes before the field's own rule, in a time too (section 4.11)."""
    document = '{"root":{"sms":[{"to":"919876500001","body":"Hi","scheduledTime":"2024-02-22T00:25:06Z\\u0000"}]}}'
    assert findings(inspect_request(document).issues) == (("text.character", "root.sms[0].scheduledTime"),)


@pytest.mark.parametrize("text", [b"", b"x" * 11_000_000], ids=["", "11 MB"])
@pytest.mark.parametrize(("depth", "found"), [(64, "xml.syntax"), (65, "limit.depth")])
def test_depth_of_what_breaks_off(depth: int, found: str, text: bytes) -> None:
    """A document that ends too soon is told so where it is no deeper than it may be."""
    with pytest.raises(MalformedDocument) as caught:
        decode_request(b"<a>" * depth + text + b"<")
    (issue,) = caught.value.issues
    assert issue.code == found
    assert (issue.message == "nested more than 64 deep") is (found == "limit.depth")


KINDS_OF = [
    ('{"root":{}}', "request"),
    ('{"sms":[]}', "request"),
    ('{"zaloMessage":1,"x":2}', "request"),
    ('{"status":{}}', "response"),
    ('{"smsList":[]}', "response"),
    ('{"x":1}', None),
    ("{}", None),
    ("[]", None),
    ("5", None),
    ("<root/>", "request"),
    ("<response/>", "response"),
    ("<status/>", "response"),
    ("<x/>", None),
    ("<x:root xmlns:x='urn:x'/>", None),
]


@pytest.mark.parametrize(("document", "kind"), KINDS_OF)
def test_what_a_document_is(document: str, kind: str | None) -> None:
    """A root tells a request from a response, or tells nothing."""
    codec = xml_codec if document.startswith("<") else json_codec
    assert codec.kind_of(codec.parse(document, Limits())) == kind


WITH_LOSSES = (
    '<response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x" xmlns:a="urn:a" c="1" a:b="1">\n'
    '<status xsi:schemaLocation="x y" a:x="5" y="2"/></response>'
)


def test_each_attribute_of_a_response_is_named() -> None:
    """Attributes are lost one by one, by the names that the document has for them; but for hints where a schema is, which say nothing."""
    expected = [("response@c", 1), ("response@a:b", 1), ("response.status@a:x", 2), ("response.status@y", 2)]
    notes = convert(WITH_LOSSES, "json").notes
    assert notes == tuple(Issue("loss.unknown", path, "an attribute: dropped", line=line) for path, line in expected)


UNWRITABLE = SendResponse(
    Status(status_code=StatusDetail(message="\x05")),
    outcomes=[Outcome(EmailReceipt(attachments=("a", "\x01")), errors=[StatusDetail(message="\x02"), "\x04"])],
    channel="email",
    extra={"a": [{"b": "\x03"}]},
)


def test_what_xml_can_t_hold_is_told_where_it_stands() -> None:
    """Each text that XML can't carry is an issue with its path, and what was seen."""
    with pytest.raises(InvalidDocument) as caught:
        encode_response(UNWRITABLE, "xml")
    data = "response.emails.emailData[0]"
    assert [(issue.code, issue.path, issue.seen) for issue in caught.value.issues] == [
        ("text.character", "response.status.statusCode.message", "\\x05"),
        ("text.character", f"{data}.email.attachments.attachment[1]", "\\x01"),
        ("text.character", f"{data}.errors.error[0].message", "\\x02"),
        ("text.character", f"{data}.errors.error[1]", "\\x04"),
        ("text.character", "response.a.item[0].b", "\\x03"),
    ]


def test_a_time_that_a_zone_shows_twice_is_told_where_it_stands() -> None:
    """The issue has the path, and the time with the offset that tells which of the two it is."""
    moment = datetime(2024, 10, 27, 0, 30, tzinfo=timezone.utc)
    response = SendResponse(outcomes=[Outcome(SmsReceipt(scheduled_time=moment))], channel="sms")
    with pytest.raises(InvalidDocument) as caught:
        encode_response(response, "xml", timezone="Europe/Berlin")
    (issue,) = caught.value.issues
    assert (issue.code, issue.path) == ("time.zone", "response.messages.smsData[0].sms.scheduledTime")
    assert issue.seen == "2024-10-27T00:30:00+00:00"


# (a field of a response, what is lost of it in XML: code and path)
LOST_IN_XML = [
    ({"smsList": [{"errors": ["\u00a0"]}]}, []),
    ({"smsList": [{"errors": ["a", " "]}]}, ["response.messages.smsData[0].errors.error[1]"]),
    ({"status": {"code": 0}}, []),
    ({"status": {"code": -5}}, ["response.status.code"]),
    ({"status": {}, "a": {"b c": 1}}, ["response.a", 'response.a["b c"]']),
    ({"status": {}, "a": {"xmlb": "1"}}, ["response.a", "response.a.xmlb"]),
    ({"status": {}, "a": [0]}, ["response.a", "response.a.item[0]"]),
    ({"smsList": [{"errors": {"b c": 1}}]}, ["response.messages.smsData[0].errors"]),
]


@pytest.mark.parametrize(("tree", "paths"), LOST_IN_XML)
def test_what_xml_loses_of_a_response(tree: Any, paths: list[str]) -> None:
    """Each loss is told where it stands, and nothing else is lost."""
    assert [(note.code, note.path) for note in convert(json.dumps(tree), "xml").notes] == [("loss.extra", path) for path in paths]


def test_numbers_of_a_response_in_xml() -> None:
    """A number is written with the digits that it has, a boolean as JSON has it, and null as nothing."""
    response = SendResponse(extra={"a": Decimal("1E+2"), "b": True, "c": [None], "d": 10**30})
    assert b"<a>1E+2</a><b>true</b><c><item></item></c><d>1000000000000000000000000000000</d>" in encode_response(response, "xml")


@pytest.mark.parametrize("name", ["xml", "XML", " Xml ", "application/xml", "Text/XML; charset=utf-8", "application/soap+xml", Format.XML])
def test_a_format_by_any_of_its_names(name: str | Format) -> None:
    """A format is a `Format`, its name or a media type, for reading and for writing."""
    document = encode_request(REQUESTS[0].value, name)
    assert document == encode_request(REQUESTS[0].value, Format.XML)
    assert decode_request(document, name) == REQUESTS[0].value
    with pytest.raises(ValueError, match="no format"):
        encode_request(REQUESTS[0].value, f"x{name}")


INDENTED = """<?xml version="1.0" encoding="UTF-8"?>
<root>
  <email>
    <to>a@example.com</to>
    <from>b@example.com</from>
    <subject>s</subject>
    <body>a
 b</body>
    <attachments>
      <attachment>
        <file_name>a.txt</file_name>
        <file_type>txt</file_type>
        <file_data>a &amp; b</file_data>
      </attachment>
      <attachment>
        <file_name>b.txt</file_name>
        <file_type>txt</file_type>
        <file_data></file_data>
      </attachment>
    </attachments>
  </email>
  <email>
    <to>a@example.com</to>
    <from>b@example.com</from>
    <subject>s</subject>
    <body></body>
  </email>
</root>
"""


def test_an_indented_request() -> None:
    """Every element that holds elements has them on lines of their own, two spaces deeper; texts stay as they are."""
    files = [Attachment("a.txt", "txt", "a & b"), Attachment("b.txt", "txt", "")]
    plain = EmailMessage(to="a@example.com", from_="b@example.com", subject="s", body="")
    request = SendRequest([attrs.evolve(plain, body="a\n b", attachments=files), plain])
    assert encode_request(request, "xml", indent=2).decode() == INDENTED


INDENTED_RESPONSE = """<?xml version="1.0" encoding="UTF-8"?>
<response>
 <status>
  <totalCount>1</totalCount>
  <warnings>
   <warning>w</warning>
  </warnings>
 </status>
 <emails>
  <emailData>
   <email>
    <to>a@example.com</to>
    <fileHandler></fileHandler>
    <attachments>
     <attachment>x</attachment>
     <attachment>y</attachment>
    </attachments>
   </email>
   <errors>
    <error>
     <code>1</code>
    </error>
   </errors>
  </emailData>
  <emailData></emailData>
 </emails>
 <a>
  <item>1</item>
  <item>
   <item>2</item>
  </item>
 </a>
 <b></b>
</response>
"""


def test_an_indented_response() -> None:
    """So it is with a response, in which lists and objects may be empty."""
    response = SendResponse(
        Status(count=1, warnings=["w"]),
        [Outcome(EmailReceipt(to="a@example.com", attachments=["x", "y"], file_handler=[]), errors=[StatusDetail(code=1)]), Outcome()],
        "email",
        {"a": ["1", ["2"]], "b": {}},
    )
    assert encode_response(response, "xml", indent=1).decode() == INDENTED_RESPONSE


MAIL = {"to": "a@example.com", "from": "b@example.com", "subject": "s", "body": "b"}
MAIL_TWICE = '{"to":"a@example.com",' + json.dumps(MAIL)[1:]
BAD_FILE = {"fileName": "a/b", "fileType": "txt", "fileData": ""}
GOOD_SMS = {"to": "919876500001", "body": "Hi"}
BAD_NAME = ("attachment.name", "root.email[0].attachments.attachment[0].fileName", "character 2 is U+002F: a file name has no folders")
TOLERANT = "tolerant"

# (JSON, whether it is read with tolerance, the issues in full)
ODD_SHAPES: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        '{"root":{"sms":{"to":"1"}}}',
        "",
        [
            ("type", "root.sms", "expected a list, not an object"),
            ("phone.length", "root.sms[0].to", "1 digits; a phone number has 6 to 15"),
            ("missing", "root.sms[0].body", "required, and not there"),
        ],
    ),
    (
        '{"root":{"email":[' + MAIL_TWICE[:-1] + ',"attachments":{"attachment":[' + json.dumps(BAD_FILE) + "]}}]}}",
        "",
        [("duplicate", "root.email[0].to", "stands twice"), BAD_NAME],
    ),
    (
        '{"root":{"email":[' + MAIL_TWICE[:-1] + ',"attachments":{"attachment":[5]}}]}}',
        "",
        [
            ("type", "root.email[0].attachments.attachment[0]", "expected an object, not a number"),
            ("duplicate", "root.email[0].to", "stands twice"),
        ],
    ),
    (
        '{"root":{"email":[' + json.dumps(MAIL)[:-1] + ',"attachments":{"attachment":[],"attachment":[]}}]}}',
        "",
        [("duplicate", "root.email[0].attachments.attachment", "stands twice")],
    ),
    (
        json.dumps({"root": {"email": [MAIL | {"attachments": {"file": [], "attachment": [BAD_FILE]}}]}}),
        TOLERANT,
        [("unknown", "root.email[0].attachments.file", "no such field"), BAD_NAME],
    ),
    (
        json.dumps({"root": {"email": [MAIL | {"attachments": [BAD_FILE]}]}}),
        "",
        [("type", "root.email[0].attachments", "expected an object, not a list"), BAD_NAME],
    ),
    (json.dumps({"root": {"sms": [GOOD_SMS]}, "sms": []}), TOLERANT, [("unknown", "sms", "no such root")]),
    (json.dumps({"root": {"sms": [GOOD_SMS]}, "x": []}), TOLERANT, []),
    (json.dumps({"root": {"sms": [GOOD_SMS]}, "x": []}), "", [("unknown", "x", "no such root")]),
    (json.dumps({"Root": {"sms": [GOOD_SMS]}}), TOLERANT, [("unknown", "Root", "no such root")]),
    (
        '{"root":{"sms":[null,5]}}',
        "",
        [
            ("missing", "root.sms[0]", "expected a message, not null"),
            ("type", "root.sms[1]", "expected an object, not a number"),
        ],
    ),
    (
        '{"root":' + "[" * 63 + "]" * 63 + ',"x":[]}',
        "",
        [("type", "root", "expected an object, not a list"), ("unknown", "x", "no such root")],
    ),
    ('{"root":' + "[" * 64 + "]" * 64 + ',"x":[]}', "", [("limit.depth", "", "nested more than 64 deep")]),
    ('"' + "[" * 70 + '"', "", [("type", "", "expected an object, not a text")]),
]


@pytest.mark.parametrize(("document", "how", "issues"), ODD_SHAPES)
def test_odd_shapes_of_json(document: str, how: str, issues: list[tuple[str, str, str]]) -> None:
    """A document of a wrong shape is read as far as it goes, and each thing that is wrong with it is said once."""
    found = inspect_request(document, tolerant=bool(how))
    assert [(issue.code, issue.path, issue.message) for issue in found.issues] == issues


def test_each_item_of_a_list_has_its_path() -> None:
    """What is no message has the path that a message would have in its place."""
    assert [item.path for item in inspect_request('{"root":{"sms":[null,5,{}]}}').messages] == [f"root.sms[{index}]" for index in range(3)]


def test_repeated_keys_past_the_limit_are_counted() -> None:
    """Of issues past the limit, the last says how many there are."""
    found = inspect_request('{"root":{"a":1,"a":2,"a":3,"b":1,"b":2,"sms":[]}}', limits=Limits(issues=1))
    assert [(issue.code, issue.message) for issue in found.issues] == [
        ("duplicate", "stands twice"),
        ("limit.issues", "3 more issues are not listed"),
    ]


@pytest.mark.parametrize(("document", "format"), [('{"root":', Format.JSON), ("<root>", Format.XML), ("", None), ("\x01", None)])
def test_inspecting_what_is_malformed(document: str, format: Format | None) -> None:
    """Nothing is known of it but its format, where it looks like one, and one issue."""
    found = inspect_request(document)
    assert (found.messages, found.notes, found.format, found.channel) == ((), (), format, None)
    assert len(found.issues) == 1


def test_inspecting_says_which_format_and_channel_it_was() -> None:
    """What was found of a good request stands beside its messages."""
    found = inspect_request(json.dumps({"root": {"sms": [GOOD_SMS]}}))
    assert (found.format, found.channel, len(found.good)) == (Format.JSON, Channel.SMS, 1)


STATUSES = {
    "<status/>": SendResponse(Status()),
    "<status>\n<code>1</code><x>2</x></status>": SendResponse(Status(code=1, extra={"x": "2"})),
    "<status> </status>": SendResponse(Status()),
}


@pytest.mark.parametrize("document", STATUSES)
def test_a_status_may_be_the_root(document: str) -> None:
    """A root that is a status reads as a response that holds nothing else."""
    assert same(decode_response(document), STATUSES[document])
    assert same(decode_response(f"<response>{document}</response>"), STATUSES[document])


def test_what_is_wrong_with_a_status_has_its_place() -> None:
    """Paths begin at the status where it is the root."""
    with pytest.raises(InvalidDocument) as caught:
        decode_response("<status>\n<code>1</code>\n<code>2</code></status>")
    assert [(issue.path, issue.line) for issue in caught.value.issues] == [("status.code", 3)]


ODD_SHAPES_OF_XML: list[tuple[str, list[tuple[str, str, str | None]]]] = [
    ("<root><sms xmlns='urn:x'/></root>", [("unknown", 'root["{urn:x}sms"]', "leave the namespace out")]),
    ("<root><x:sms xmlns:x='urn:x'/></root>", [("unknown", 'root["x:sms"]', "leave the namespace out")]),
    ("<root><SMS/></root>", [("unknown", "root.SMS", "write sms")]),
    (
        "<root><email><to>a@example.com</to><from>b@example.com</from><subject>s</subject><body/><attachments><file/></attachments></email></root>",
        [("unknown", "root.email[0].attachments.file", "write <attachment>")],
    ),
]


@pytest.mark.parametrize(("document", "issues"), ODD_SHAPES_OF_XML)
def test_what_no_tolerance_passes_over(document: str, issues: list[tuple[str, str, str | None]]) -> None:
    """What may be messages or attachments under another name is a fault also under tolerance: dropping it would lose them."""
    for tolerant in (False, True):
        found = inspect_request(document, tolerant=tolerant)
        assert [(issue.code, issue.path, issue.hint) for issue in found.issues] == issues


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, str])
@pytest.mark.parametrize("text", ["é", "a", "\U0001f600"])
def test_a_document_is_as_long_as_its_bytes(kind: Any, text: str) -> None:
    """Exactly as many bytes of UTF-8 as the limit are let in, whatever type holds them, and not one more."""
    document = f"<root><sms><to>919876500001</to><body>{text * 9}</body></sms></root>"
    size = len(document.encode())
    given = document if kind is str else kind(document.encode())
    assert decode_request(given, limits=Limits(bytes=size))
    with pytest.raises(MalformedDocument) as caught:
        decode_request(given, limits=Limits(bytes=size - 1))
    hint = "raise the limit (limits.bytes, --max-bytes), or stream the document"
    assert caught.value.issues == (Issue("limit.bytes", "", f"longer than {size - 1} bytes", hint=hint),)


def test_what_is_no_document_and_no_limits() -> None:
    """Types that are none are a `TypeError` that says what was given."""
    with pytest.raises(TypeError, match=r"^a document is bytes or str, not list$"):
        decode_request([])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^limits are a commspec\.Limits, not int$"):
        decode_request(b"{}", limits=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("format", FORMATS)
def test_a_request_is_for_the_channel_that_was_asked_for(format: str) -> None:
    """A request of another channel is a fault, whether anything else is wrong with it or not."""
    good = encode_request(SendRequest([SmsMessage("919876500001", "Hi")]), format)
    for document, issues in ((good, []), (good.replace(b"919876500001", b"1"), ["phone.length"])):
        with pytest.raises(InvalidDocument) as caught:
            decode_request(document, channel="EMAIL")
        assert sorted(issue.code for issue in caught.value.issues) == ["channel", *issues]
    assert len(decode_request(good, channel="Sms")) == 1
    with pytest.raises(ValueError, match="no channel"):
        decode_request(good, channel="fax")


@pytest.mark.parametrize("format", FORMATS)
def test_a_time_zone_is_for_times_without_offset(format: str) -> None:
    """Under tolerance, a time without offset is the wall clock of the time zone; a time zone that does not exist is a `ValueError`."""
    moment = datetime(2024, 2, 22, 0, 25, 6, tzinfo=INDIA)
    document = encode_request(SendRequest([SmsMessage("919876500001", "Hi", moment)]), format).replace(b"+05:30", b"")
    assert decode_request(document, tolerant=True, timezone="Asia/Kolkata") == SendRequest([SmsMessage("919876500001", "Hi", moment)])
    with pytest.raises(ValueError, match="Atlantis"):
        decode_request(document, timezone="Atlantis")


def test_elements_where_a_text_belongs_are_shown() -> None:
    """The issue shows the first element, by its tag."""
    (issue,) = inspect_request("<root><sms><to>919876500001</to>\n<body><b>Hi</b></body></sms></root>").issues
    assert (issue.code, issue.path, issue.seen, issue.line) == ("type", "root.sms[0].body", "<b>", 2)


def inspected_body(document: str) -> object:
    """The body of the only message as the explaining path reads it."""
    (message,) = inspect_request(document, "xml").messages
    return message.fields["body"]


@pytest.mark.parametrize("then", ["\r", "\r\n", "<!-- a -->", "<?a b?>", "<![CDATA[a]]>", "&#13;", "&#32;"])
@pytest.mark.parametrize("start", [" ", "\n", "\t\n "])
@pytest.mark.parametrize("end", ["", " ", "Hi"])
def test_white_space_that_begins_a_text_stays(start: str, then: str, end: str) -> None:
    """White space between elements is nobody's, and a parser that drops it might take the beginning of a text for such, by what comes next."""
    sms = f"<sms>{{0}}<to>919876500001</to>{{0}}<body>{start}{then}{end}</body>{{0}}</sms>"
    assert inspected_body(f"<root>\n  {sms}\n</root>".replace("{0}", "\n    ")) == inspected_body(f"<root>{sms}</root>".replace("{0}", ""))
