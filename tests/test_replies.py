"""Documented responses, which are read and written without the general reader and writer: what counts as one, and that both say the same of it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from commspec import (
    Channel,
    CommspecError,
    EmailReceipt,
    Extra,
    Format,
    Limits,
    Outcome,
    SendResponse,
    SmsReceipt,
    Status,
    StatusDetail,
    ZaloReceipt,
    decode_response,
    encode_response,
)
from commspec.codecs import CODECS, json, json_replies, read_reply_happily, take, xml, xml_write
from commspec.models.table import columns_of
from commspec.rules.time import find_zone
from commspec.testing import difference, same
from commspec.testing.strategies import damaged, damaged_documents, documents, faulty_documents, findings, responses
from commspec.wire.columns import FEW
from commspec.wire.names import LISTS
from commspec.wire.reply import ReplyReading
from commspec.wire.report import Report

NEW_YORK = "America/New_York"
every_format = pytest.mark.parametrize("format", ["json", "xml"])


def general(document: bytes | str, zone: str | None = None) -> Any:
    """What the general reader alone makes of a response: the response, or the findings of its issues."""
    try:
        admitted, found = take(document, None, Limits())
        report = Report()
        response = CODECS[found].read_response(CODECS[found].parse(admitted, Limits()), ReplyReading(found.value, report, find_zone(zone)))
    except CommspecError as error:
        return findings(error.issues)
    return findings(report.issues) or response


def happy(document: bytes | str, zone: str | None = None) -> SendResponse | None:
    """What the reader of documented responses alone makes of one; None where it has nothing to say of it."""
    try:
        admitted, found = take(document, None, Limits())
        return read_reply_happily(admitted, found, find_zone(zone), Limits())
    except CommspecError:
        return None


def assert_one_reading(document: bytes | str) -> str:
    """The reader of documented responses takes no other document, or reads it as the general one does; both together say what that says.

    Which of them read it, without and with a zone.
    """
    readers = []
    for zone in (None, NEW_YORK):
        expected = general(document, zone)
        found = happy(document, zone)
        assert found is None or difference(found, expected) is None
        try:
            read: Any = decode_response(document, timezone=zone)
        except CommspecError as error:
            read = findings(error.issues)
        assert same(read, expected)
        readers.append("general" if found is None else "documented")
    return " and ".join(readers)


def as_documented(value: Any) -> Any:
    """A response, or a part of one, with nothing in it that documents in XML have no documented place for."""
    if isinstance(value, tuple):
        return tuple(as_documented(item) for item in value if not isinstance(item, str))
    if not attrs.has(type(value)):
        return value
    fields = {field.name: as_documented(getattr(value, field.name)) for field in attrs.fields(type(value))}
    kinds = {column.name: column.kind for column in columns_of(type(value))}
    odd: dict[str, Any] = {name: None for name, kind in kinds.items() if kind == "values"}
    if isinstance(value, Status):
        odd = {"status_code": None, "warnings": (), "warnings_as_status_code": ()}
    return type(value)(**(fields | odd | {"extra": Extra()}))


@st.composite
def near_documented(draw: st.DrawFn, format: Any) -> bytes:
    """A response as commspec writes it: few outcomes or many, mostly nothing unknown in them, and often damaged."""
    response = draw(responses(carried_by=format))
    if draw(st.integers(0, 3)):
        response = as_documented(response)
    if draw(st.booleans()):
        response = attrs.evolve(response, outcomes=response.outcomes * (FEW + 1))
    document = encode_response(response, format, indent=draw(st.sampled_from((None, 0, 2))))
    return draw(damaged(document)) if draw(st.booleans()) else document


@every_format
@given(data=st.data())
def test_one_reading_of_what_is_near_documented(format: str, data: st.DataObject) -> None:
    """Whatever is changed in a documented response, both readers make the same of it."""
    event(assert_one_reading(data.draw(near_documented(format))))


@given(documents("response").map(lambda sample: sample.document))
def test_one_reading_of_good_responses(document: bytes) -> None:
    """Both readers read a response the same, however a server spells it."""
    event(assert_one_reading(document))


@given(faulty_documents("response").map(lambda faulty: faulty.document))
def test_one_reading_of_faulty_responses(document: bytes) -> None:
    """The reader of documented responses takes none that has a fault."""
    event(assert_one_reading(document))


@given(damaged_documents("response"))
@example(
    b"<response><messages><smsData><sms><to>1</to></sms><errors><error><code>1</code>x</error></errors></smsData></messages></response>"
)
@example(b"<response><messages><smsData><sms><to>1</to></sms><errors>x</errors></smsData></messages></response>")
@example(b"<response><messages><smsData><errors/><errors/></smsData></messages></response>")
@example(b"<response><status><code>1</code><count>2</count><totalCount>3</totalCount></status></response>")
@example(b"<response><status>x</status></response>")
@example(b"<response><status/><status/></response>")
@example(b"<response><messages/><emails/></response>")
def test_one_reading_of_damaged_responses(document: bytes) -> None:
    """Both readers make the same of a good response that was changed somewhere."""
    event(assert_one_reading(document))


DETAIL = StatusDetail(status=False, code=8056, message="Invalid <mobile> & \u00e9")
OUTCOMES = {
    "an sms": Outcome(SmsReceipt("1", "a & b", "2024-02-22T00:25:06", sender="", status="Q", ns_admin_id=1772424000814)),
    "its errors": Outcome(SmsReceipt("1"), errors=[DETAIL, StatusDetail()], warnings=[DETAIL]),
    "no message": Outcome(errors=[DETAIL]),
    "nothing": Outcome(),
    "an empty message": Outcome(SmsReceipt()),
    "texts for numbers": Outcome(SmsReceipt(scheduled_time="soon", ns_admin_id="007"), errors=[StatusDetail("maybe", "m", "x")]),
    "an email": Outcome(EmailReceipt("a@b.example", cc="", subject="नमस्ते", scheduled_time="2024-02-22T00:25:06.5")),
    "of Zalo": Outcome(ZaloReceipt("2024-02-22T00:25:06", "t", "1")),
}
PAIRS = [(one, other) for one in OUTCOMES for other in OUTCOMES if "email" not in one + other and "Zalo" not in one + other]


@every_format
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 50])
@pytest.mark.parametrize("names", [*PAIRS, ("an email", "an email"), ("of Zalo", "of Zalo")], ids=" and ".join)
def test_documented_responses_need_no_general_reader(format: str, indent: int | None, count: int, names: tuple[str, str]) -> None:
    """What is as documented is read without the parser's tree, few outcomes or many, alike or not, and comes out as it went in."""
    outcomes = [OUTCOMES[names[place % 2]] for place in range(count)]
    channel = {"an email": Channel.EMAIL, "of Zalo": Channel.ZALO}.get(names[0], Channel.SMS)
    response = SendResponse(Status(count=count, success_count=0, success=True, code=201, message="Some & failed"), outcomes, channel)
    document = encode_response(response, format, indent=indent)
    odd = format == "json" and "texts for numbers" in names[:count]  # in JSON, a text where a number belongs is not as documented
    assert (happy(document) is None) is odd
    assert same(general(document), response)
    assert odd or difference(happy(document), response) is None


@pytest.mark.parametrize(
    "document",
    [
        "<response><status><success>true</success></status></response>",
        "<response><status><code>200</code></status><messages/></response>",
        "<?xml version='1.0'?>\r\n<response>\r\n <emails>\r\n </emails>\r\n</response>\r\n",
        "<response><status></status><messages><smsData><sms/></smsData></messages></response>",
        "<response><messages><smsData><sms><body>a<![CDATA[<b>]]></body><to>1</to></sms></smsData></messages></response>",
        "<response><messages><smsData><errors> <error> </error> </errors><warnings/></smsData></messages></response>",
        "<response><messages><smsData><errors><error><message>m</message><code>1</code></error></errors></smsData></messages></response>",
        '{"status":{}}',
        '{"smsList":[],"status":{"success":true}}',
    ],
)
def test_other_spellings_of_documented_responses(document: str) -> None:
    """Empty elements, sections, other orders and white space between elements are as documented too."""
    found = happy(document)
    assert found is not None
    assert difference(found, general(document)) is None


LONG = "9" * 700
ITEMS = {
    "files as texts": '{"email":{"fileHandler":["a","b"],"attachments":[]},"errors":[],"warnings":[]}',
    "files as numbers": '{"email":{"fileHandler":[1]}}',
    "a long number": f'{{"email":{{}},"errors":[{{"code":{LONG}}}]}}',
    "a long number in a message": f'{{"sms":{{"nsAdminId":{LONG}}}}}',
    "a number of a message": '{"sms":{"nsAdminId":5}}',
    "texts and nulls": '{"email":{"to":null},"errors":["e",{"code":null}],"warnings":null}',
    "no message": '{"email":null,"errors":[{}]}',
    "an unknown field of a detail": '{"email":{},"errors":[{"note":"x"}]}',
    "an unknown field of a message": '{"email":{"note":"x"}}',
    "a message twice": '{"email":{"to":"1"},"email":{"to":"1"}}',
    "a field of a detail twice": '{"email":{},"errors":[{"code":1,"code":1}]}',
    "an escape": '{"email":{"to":"\\"\\\\"}}',
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("zone", [None, NEW_YORK])
@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 30])
@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_few_and_many_outcomes_in_json(item: str, count: int, zone: str | None, indent: int | None) -> None:
    """Whatever an outcome holds, alone or among others, it is read as the general reader does, and written as the general writers do."""
    plain = (
        '{"sms":{"to":"1"}}' if '"sms"' in item else '{"email":{"to":"1","scheduledTime":"2024-02-22T00:25:06Z"},"errors":[],"warnings":[]}'
    )
    name = "smsList" if '"sms"' in item else "emails"
    document = f'{{"{name}":[{",".join([plain] * (count - 1) + [item])}]}}'
    assert_one_reading(document)
    response = general(document)
    if isinstance(response, SendResponse):
        assert encode_response(response, indent=indent) == json.dump(json._response_tree(response, Report()), indent)
        assert_one_xml(response, zone, indent)


def assert_one_xml(response: SendResponse, zone: str | None, indent: int | None) -> None:
    """Both writers of XML give the same bytes, and say the same of them."""
    report, expected = Report(), Report()
    document = xml.write_response(response, indent, find_zone(zone), report)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(xml_write, "_documented", lambda *_: None)
        assert xml.write_response(response, indent, find_zone(zone), expected) == document
    assert (report.all_issues(), report.notes) == (expected.all_issues(), expected.notes)


@pytest.mark.parametrize(
    ("clock", "read"),
    [
        ("2024-02-22 00:25:06", "2024-02-22T00:25:06-05:00"),
        ("2024-07-22T00:25:06.5", "2024-07-22T00:25:06.500000-04:00"),
        ("2024-02-22T00:25:06+05:30", "2024-02-22T00:25:06+05:30"),
        ("2024-02-22T00:25:06.5Z", "2024-02-22T00:25:06.500000+00:00"),
        ("soon", "soon"),
        ("", ""),
        ("2024-03-10 02:30:00", None),  # which no clock there showed
    ],
)
@pytest.mark.parametrize("count", [1, 20])
def test_wall_clocks_of_a_zone(clock: str, read: str | None, count: int) -> None:
    """Wall clocks get the offset of the zone that is given; where there is none, the general reader says so."""
    item = f"<zaloData><zaloMessage><scheduledTime>{clock}</scheduledTime></zaloMessage></zaloData>"
    document = f"<response><zalo>{item * count}</zalo></response>"
    found = happy(document, NEW_YORK)
    if read is None:
        assert found is None
        with pytest.raises(CommspecError) as raised:
            decode_response(document, timezone=NEW_YORK)
        assert [issue.code for issue in raised.value.issues] == ["time.zone"] * count
    else:
        assert found is not None
        assert difference(found.outcomes, (Outcome(ZaloReceipt(read)),) * count) is None


def test_one_instant_in_two_offsets() -> None:
    """Two times that are equal keep the offset that each came with, beside a wall clock that gets its own."""
    clocks = ("2024-02-22T00:25:06+05:30", "2024-02-21T18:55:06+00:00", "2024-02-21 13:55:06", "2024-02-21T13:55:06-05:00")
    items = "".join(f"<zaloData><zaloMessage><scheduledTime>{clock}</scheduledTime></zaloMessage></zaloData>" for clock in clocks)
    found = happy(f"<response><zalo>{items}</zalo></response>", NEW_YORK)
    assert found is not None
    read = [outcome.message.scheduled_time.isoformat() for outcome in found.outcomes]  # type: ignore[union-attr]
    assert read == [clocks[0], clocks[1], clocks[3], clocks[3]]


@given(response=responses(), many=st.booleans(), strip=st.booleans())
def test_both_writers_of_json_write_the_same(response: SendResponse, many: bool, strip: bool) -> None:
    """Written by structs, outcomes are the bytes that the general writer gives."""
    response = as_documented(response) if strip else response
    response = attrs.evolve(response, outcomes=response.outcomes * (FEW + 1)) if many else response
    tree = json._response_tree(response, Report())
    assert encode_response(response) == json.dump(tree, None)
    event("by trees" if json_replies.documented_tree(response) is None else "by structs")


@given(
    response=responses() | responses(carried_by="xml"),
    strip=st.booleans(),
    zone=st.sampled_from((None, NEW_YORK)),
    indent=st.sampled_from((None, 2)),
)
@example(
    SendResponse(None, [Outcome(SmsReceipt(ns_admin_id=-1, scheduled_time="2024-02-22T00:25:06Z", to="\x01"))], "sms"), False, None, None
)
@example(SendResponse(None, [Outcome(errors=["", " ", "e"])], "sms"), False, None, None)
@example(
    SendResponse(None, [Outcome(ZaloReceipt("2024-03-10T02:30:00")), Outcome(ZaloReceipt("2024-03-10T07:30:00Z"))], "zalo"),
    False,
    NEW_YORK,
    2,
)
def test_both_writers_of_xml_write_the_same(response: SendResponse, strip: bool, zone: str | None, indent: int | None) -> None:
    """Written column by column, outcomes are the bytes, and what is said of them, that the general writer gives."""
    response = as_documented(response) if strip else response
    response = attrs.evolve(response, outcomes=response.outcomes * (FEW + 1))
    assert_one_xml(response, zone, indent)
    if response.channel is not None and response.outcomes:
        alone = xml_write._documented(response.outcomes, LISTS[response.channel], xml_write._Layout(indent), find_zone(zone))
        event("by columns" if alone else "one by one")


def test_shapes_of_their_own_are_written_by_the_general_writer() -> None:
    """A receipt of a class of somebody's own has its fields, and nobody else's."""

    @attrs.frozen
    class Mine(SmsReceipt):
        pass

    for count in (1, FEW + 1):
        assert json_replies.outcome_structs([Outcome(Mine(to="1"))] * count, Channel.SMS) is None
        assert xml_write._documented([Outcome(Mine(to="1"))] * count, LISTS[Channel.SMS], xml_write._Layout(None), None) is None
    assert encode_response(SendResponse(None, [Outcome()], Channel.SMS)) == b'{"smsList":[{"errors":[],"warnings":[]}]}'


def test_a_shallow_limit_is_for_the_general_reader() -> None:
    """Where a depth is allowed that a documented response may pass, each is measured."""
    for format in Format:
        document = encode_response(SendResponse(Status(code=200)), format)
        assert read_reply_happily(document, format, None, Limits(depth=6)) is None
