"""What holds for every request, every response and every document (SPEC.md sections 2 to 4)."""

# ruff: noqa: PT017 — a document may be refused or not, and either is looked at

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st
from lxml import etree

from commspec import (
    Channel,
    CommspecError,
    EmailReceipt,
    Extra,
    Format,
    InvalidDocument,
    Limits,
    Outcome,
    SendRequest,
    SendResponse,
    SmsReceipt,
    Status,
    StatusDetail,
    convert,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.codecs import CODECS, read_happily, take
from commspec.models.table import columns_of
from commspec.testing import difference, same
from commspec.testing.strategies import (
    Faulty,
    Finding,
    Sample,
    damaged_documents,
    documents,
    faulty_documents,
    findings,
    requests,
    responses,
)
from commspec.wire.explain import Reading
from commspec.wire.names import LISTS
from commspec.wire.report import Report

FORMATS = ("json", "xml")
every_format = pytest.mark.parametrize("format", FORMATS)
INDENTS = st.sampled_from((None, 0, 1, 2, 8))


# ---- Round trips.


@every_format
@given(request=requests(), indent=INDENTS)
def test_a_request_is_what_its_document_reads_as(format: str, request: SendRequest, indent: int | None) -> None:
    """decode(encode(request)) is the request, types and offsets too, indented or not."""
    assert difference(decode_request(encode_request(request, format, indent=indent)), request) is None


@given(response=responses(), indent=INDENTS)
def test_a_response_is_what_its_json_reads_as(response: SendResponse, indent: int | None) -> None:
    """decode(encode(response)) is the response in JSON, every digit and every unknown field of it."""
    assert difference(decode_response(encode_response(response, indent=indent)), response) is None


@given(response=responses(carried_by="xml"), indent=INDENTS)
def test_a_response_is_what_its_xml_reads_as(response: SendResponse, indent: int | None) -> None:
    """decode(encode(response)) is the response in XML, where XML can hold it."""
    assert difference(decode_response(encode_response(response, "xml", indent=indent)), response) is None


@every_format
@given(request=requests(), indent=INDENTS)
def test_what_is_written_of_a_request_is_canonical(format: str, request: SendRequest, indent: int | None) -> None:
    """Reading and writing again changes no byte."""
    document = encode_request(request, format, indent=indent)
    assert encode_request(decode_request(document), format, indent=indent) == document


@every_format
@given(data=st.data(), indent=INDENTS)
def test_what_is_written_of_a_response_is_canonical(format: Any, data: st.DataObject, indent: int | None) -> None:
    """Reading and writing again changes no byte, but for the order of the fields that stand in the place of known ones."""
    document = encode_response(data.draw(responses(carried_by=format)), format, indent=indent)
    again = encode_response(decode_response(document), format, indent=indent)
    assert sorted(again) == sorted(document)
    assert encode_response(decode_response(again), format, indent=indent) == again


@every_format
@given(data=st.data(), indent=st.sampled_from((1, 2, 8)))
def test_indented_documents_are_the_others_indented(format: Any, data: st.DataObject, indent: int) -> None:
    """Indented, a document is what another library makes of the one on one line: a line a token, and no text changed."""
    value = data.draw(st.one_of(requests(), responses(carried_by=format)))
    plain, indented = (
        encode_request(value, format, indent=width) if isinstance(value, SendRequest) else encode_response(value, format, indent=width)
        for width in (None, indent)
    )
    if format == "json":
        assert json.loads(plain, parse_int=Decimal, parse_float=Decimal) == json.loads(indented, parse_int=Decimal, parse_float=Decimal)
        depths = [len(line) - len(line.lstrip(b" ")) for line in indented.split(b"\n")]
        assert all(depth % indent == 0 for depth in depths)
        assert all(abs(after - before) in (0, indent) for before, after in pairwise(depths))
        return
    tree = etree.fromstring(plain)
    assume(len(tree))  # the closing tag of a response that says nothing stands on a line of its own
    etree.indent(tree, " " * indent)
    assert etree.tostring(tree) == etree.tostring(etree.fromstring(indented))


@given(documents())
def test_any_spelling_is_written_canonically(sample: Sample) -> None:
    """However a peer spelled a request, it is written as its value is."""
    assert encode_request(decode_request(sample.document), sample.format) == encode_request(sample.value, sample.format)


@given(request=requests(), data=st.data())
def test_a_request_s_times_are_spelled_with_their_offset(request: SendRequest, data: st.DataObject) -> None:
    """JSON and XML spell a time in one way: by Python's own reader, it is that time with that offset."""
    tree = json.loads(encode_request(request))["root"][LISTS[request.channel].message]
    for message, fields in zip(request, tree, strict=True):
        if message.scheduled_time is not None:
            assert datetime.fromisoformat(fields["scheduledTime"]).isoformat() == message.scheduled_time.isoformat()


KNOWN = sorted(
    {names.json_list for names in LISTS.values()}
    | {names.xml_list for names in LISTS.values()}
    | {names.message for names in LISTS.values()}
    | {
        spelling
        for cls in (Status, StatusDetail, SmsReceipt, EmailReceipt, Outcome, SendResponse)
        for column in columns_of(cls)
        for spelling in (column.json, column.xml)
    }
    - {""}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(("", " ", "x", "true", "5", "2024-02-22 00:25:06")),
    lambda inner: st.lists(inner, max_size=2).map(tuple) | st.dictionaries(st.sampled_from(("x", *KNOWN)), inner, max_size=2).map(Extra),
    max_leaves=4,
)


@given(name=st.sampled_from(KNOWN), value=VALUES, place=st.integers(0, 3), channel=st.sampled_from([None, *Channel]), there=st.booleans())
def test_what_is_kept_under_a_known_name_is_lost_only_with_a_note(
    name: str, value: Any, place: int, channel: Channel | None, there: bool
) -> None:
    """An extra field with the name of something known reads as what it was, or the note says that it does not."""
    extra = [Extra({name: value}) if index == place else Extra() for index in range(4)]
    receipt = SmsReceipt("1", extra=extra[3]) if channel is Channel.SMS and (there or place == 3) else None
    outcomes = [] if channel is None else [Outcome(receipt, extra=extra[2])]
    status = Status(code=200, status_code=StatusDetail(code=1), extra=extra[1]) if there or place == 1 else None
    response = SendResponse(status, outcomes, channel, extra[0])
    report = Report()
    document = CODECS[Format.JSON].write_response(response, None, None, report)
    try:
        read = decode_response(document)
    except InvalidDocument:
        read = None
    assert report.notes or difference(read, response) is None


# ---- The two formats.


@given(requests())
def test_json_and_xml_of_a_request_agree(request: SendRequest) -> None:
    """Either format converts to the very bytes of the other, with nothing to say."""
    both = {name: encode_request(request, name) for name in FORMATS}
    for document in both.values():
        conversion = convert(document)
        assert (conversion.document, conversion.notes, conversion.channel) == (both[conversion.format], (), request.channel)


@given(requests())
def test_names_of_json_by_another_reader(request: SendRequest) -> None:
    """Python's own reader finds each field under its camelCase name, and no more."""
    (name,) = tree = json.loads(encode_request(request))["root"]
    assert name == {"sms": "sms", "email": "email", "whatsapp": "whatsappMessage", "zalo": "zaloMessage"}[request.channel]
    for message, fields in zip(request, tree[name], strict=True):
        assert fields == _naive_tree(message)


def _naive_tree(message: Any) -> dict[str, Any]:
    """A message's fields as section 2 says, spelled out once more."""
    tree: dict[str, Any] = {}
    for attribute in attrs.fields(type(message)):
        value = getattr(message, attribute.name)
        name = re.sub("_([a-z])", lambda found: found.group(1).upper(), attribute.name).rstrip("_")
        if isinstance(value, datetime):
            tree[name] = value.isoformat()
        elif isinstance(value, tuple):
            if value:
                tree[name] = {"attachment": list(map(_naive_tree, value))}
        elif value is not None:
            tree[name] = value
    return tree


@given(requests(), INDENTS)
def test_texts_of_xml_by_another_parser(request: SendRequest, indent: int | None) -> None:
    """Expat finds each field under its snake_case name with its text, and the messages in order."""
    root = ElementTree.fromstring(encode_request(request, "xml", indent=indent))
    assert root.tag == "root"
    for message, element in zip(request, root, strict=True):
        read = {child.tag: child.text or "" for child in element if child.tag != "attachments"}
        expected = {attribute.name.rstrip("_"): getattr(message, attribute.name) for attribute in attrs.fields(type(message))}
        files = expected.pop("attachments", ())
        assert read == {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in expected.items() if value is not None
        }
        names = ("file_name", "file_type", "file_data", "file_encoding_type")
        assert [[(part.tag, part.text or "") for part in file] for file in element.iterfind("attachments/attachment")] == [
            [(name, getattr(file, name)) for name in names if getattr(file, name) is not None] for file in files
        ]


# What XML holds of a response, by section 4.5: the value that reads back, and what is lost.


class Held:
    """XML's view of a response: each method gives what reads back of its argument, and notes what is lost."""

    # ruff: noqa: D102

    def __init__(self) -> None:
        self.lost: list[Finding] = []

    def lose(self, path: str, code: str = "loss.extra") -> None:
        self.lost.append(Finding(code, path))

    def response(self, response: SendResponse) -> SendResponse:
        status = None if response.status is None else self.part(response.status, "response.status")
        outcomes = []
        if response.channel is not None:
            names = LISTS[response.channel]
            for index, outcome in enumerate(response.outcomes):
                path = f"response.{names.xml_list}.{names.xml_item}[{index}]"
                receipt = None if outcome.message is None else self.part(outcome.message, f"{path}.{names.message}")
                outcomes.append(attrs.evolve(self.part(outcome, path, names.message), message=receipt))
        lists = {names.xml_list: names for names in LISTS.values()}
        extra: dict[str, Any] = {}
        for name, value in response.extra.items():
            if name in lists and (self.is_empty(value) or (isinstance(value, Extra) and self.names(value) <= {lists[name].xml_item})):
                self.lose(f"response.{name}")
            else:
                self.member(extra, name, value, "response", status=isinstance(value, (tuple, Extra)) or self.is_empty(value))
        return SendResponse(status, outcomes, response.channel, extra)

    def part(self, part: Any, path: str, message: str | None = None) -> Any:
        values = {}
        columns = {column.xml: column for column in columns_of(type(part)) if column.kind != "extra"}
        for name, column in columns.items():
            value = getattr(part, column.name)
            at = f"{path}.{name}"
            if isinstance(value, datetime) and value.tzinfo is not None:
                self.lose(at, "loss.offset")
                value = value.replace(tzinfo=None)
            elif isinstance(value, StatusDetail):
                value = self.part(value, at)
            elif column.kind == "details":
                value = tuple(self.detail(item, f"{at}.{column.item}[{index}]") for index, item in enumerate(value))
            elif column.kind == "values" and value is not None:
                value = tuple(self.value(item, f"{at}.{column.item}[{index}]") for index, item in enumerate(value))
            elif isinstance(value, int) and not isinstance(value, bool) and value < 0:
                self.lose(at)
                value = str(value)
            values[column.name] = value
        extra: dict[str, Any] = {}
        for name, value in part.extra.items():
            known = columns.get(name) or next((each for each in columns.values() if each.json == name), None)
            if name == message and (isinstance(value, (tuple, Extra)) or self.is_empty(value)):
                self.lose(f"{path}.{name}")
            elif known is None:
                self.member(extra, name, value, path)
            else:
                taken = self.is_empty(value) or value == () or (isinstance(value, Extra) and not self.names(value))
                if known.kind == "detail":
                    taken |= isinstance(value, (tuple, Extra))
                elif known.kind in ("details", "values"):
                    taken |= isinstance(value, Extra) and self.names(value) <= {known.item}
                elif isinstance(value, str):
                    taken = False
                if taken:
                    self.lose(f"{path}.{name}")
                else:
                    self.member(extra, name, value, path)
        return type(part)(**values, extra=extra)

    def detail(self, item: StatusDetail | str, path: str) -> StatusDetail | str:
        if isinstance(item, StatusDetail):
            return self.part(item, path)  # type: ignore[no-any-return]
        if self.is_empty(item):
            self.lose(path)
            return StatusDetail()
        return item

    def member(self, extra: dict[str, Any], name: str, value: Any, path: str, *, status: bool = False) -> None:
        plain = re.fullmatch(r"[^\W\d][\w-]*", name) and name.isprintable()
        at = f"{path}.{name}" if plain else f"{path}[{json.dumps(name, ensure_ascii=not name.isprintable())}]"
        if name == "status" and status:
            self.lose(at)
        elif self.is_name(name):
            extra[name] = self.value(value, at)
        else:
            self.lose(at)

    def value(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return value
        self.lose(path)
        if isinstance(value, tuple):
            return tuple(self.value(item, f"{path}.item[{index}]") for index, item in enumerate(value)) or ""
        if isinstance(value, Extra):
            inner: dict[str, Any] = {}
            for name, held in value.items():
                self.member(inner, name, held, path)
            return inner or ""
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def names(self, value: Extra) -> set[str]:
        return set(filter(self.is_name, value))

    @staticmethod
    def is_empty(value: Any) -> bool:
        return isinstance(value, str) and not value.strip(" \t\r\n")

    @staticmethod
    def is_name(name: str) -> bool:
        if ":" in name or name[:3].lower() == "xml":
            return False
        try:
            etree.Element(name)
            return etree.fromstring(f"<{name}/>").tag == name
        except (ValueError, etree.XMLSyntaxError):
            return False


def texts_of(value: Any) -> list[str]:
    """Every text in a value, but for names."""
    if isinstance(value, str):
        return [value]
    if attrs.has(type(value)):
        return [text for attribute in attrs.fields(type(value)) for text in texts_of(getattr(value, attribute.name))]
    if isinstance(value, Extra):
        return [text for inner in value.values() for text in texts_of(inner)]
    return [text for inner in value for text in texts_of(inner)] if isinstance(value, tuple) else []


FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@given(responses())
def test_xml_holds_of_a_response_what_it_can_and_the_rest_is_reported(response: SendResponse) -> None:
    """JSON converts to XML that reads as section 4.5 says, and exactly what is not the same is reported; or a text that XML can't hold is refused."""
    held = Held()
    expected = held.response(response)
    document = encode_response(response)
    try:
        conversion = convert(document, "xml", kind="response")
    except InvalidDocument as error:
        assert {issue.code for issue in error.issues} == {"text.character"}
        assert any(map(FORBIDDEN.search, texts_of(response)))
        event("a text that XML can't hold")
        return
    assert not any(map(FORBIDDEN.search, texts_of(expected)))
    assert difference(decode_response(conversion.document), expected) is None
    assert findings(conversion.notes) == tuple(sorted(held.lost))


@given(responses(carried_by="xml"))
def test_a_response_converts_there_and_back(response: SendResponse) -> None:
    """XML converts to JSON and back to the same value, unless a loss was reported: then only that is lost."""
    there = convert(encode_response(response, "xml"), kind="response")
    back = convert(there.document, kind="response")
    if not there.losses + back.losses:
        assert difference(decode_response(back.document), response) is None
    # What is no loss in JSON is a form of `extra` that XML has no types for.
    assert {note.code for note in there.notes + back.notes} <= {"loss.extra"}
    assert same(decode_response(convert(back.document, kind="response").document), decode_response(there.document)) or there.losses


@given(responses(), st.integers(-1439, 1439))
def test_a_fixed_zone_loses_no_offset(response: SendResponse, minutes: int) -> None:
    """With `timezone=`, no offset is lost: every time with one reads from XML as the same instant."""
    zone = timezone(timedelta(minutes=minutes))
    try:
        conversion = convert(encode_response(response), "xml", kind="response", timezone=zone)
    except InvalidDocument as error:
        assert {issue.code for issue in error.issues} <= {"text.character", "time.zone"}
        return
    assert "loss.offset" not in {note.code for note in conversion.notes}
    read = decode_response(conversion.document, timezone=zone)
    for before, after in zip(response.outcomes, read.outcomes, strict=True):
        moment = getattr(before.message, "scheduled_time", None)
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            assert getattr(after.message, "scheduled_time", None) == moment


# ---- Documents as peers spell them.


@given(documents())
def test_any_spelling_of_a_request_reads_as_its_value(sample: Sample) -> None:
    """A strictly valid request reads as its value, however it is spelled, with the format told or not."""
    assert difference(decode_request(sample.document, sample.format), sample.value) is None
    assert same(decode_request(sample.document), sample.value)


@given(documents())
def test_a_strictly_valid_request_reads_the_same_when_tolerant(sample: Sample) -> None:
    """Tolerance changes nothing about a strictly valid document, and has nothing to report."""
    assert same(decode_request(sample.document, tolerant=True), sample.value)
    assert convert(sample.document).notes == ()


@given(documents(tolerant=True))
def test_tolerated_variants_read_as_their_value_with_their_notes(sample: Sample) -> None:
    """Under tolerance a variant reads as its value, and exactly what was tolerated and lost is noted."""
    inspection = inspect_request(sample.document, sample.format, tolerant=True)
    assert inspection.issues == ()
    assert difference(tuple(item.message for item in inspection.messages), sample.value.messages) is None
    assert findings(inspection.notes) == sample.notes
    assert findings(convert(sample.document, source=sample.format).notes) == sample.notes
    assert same(decode_request(sample.document, sample.format, tolerant=True), sample.value)


@given(documents(tolerant=True))
def test_tolerated_variants_are_refused_when_strict(sample: Sample) -> None:
    """A document of which tolerance has anything to note is refused without it."""
    if sample.notes:
        with pytest.raises(InvalidDocument):
            decode_request(sample.document, sample.format)


@given(documents("response"))
def test_any_spelling_of_a_response_reads_as_its_value(sample: Sample) -> None:
    """A response reads as its value, however it is spelled."""
    assert difference(decode_response(sample.document, sample.format), sample.value) is None


@given(documents("response", tolerant=True))
def test_what_is_ignored_in_a_response_is_reported(sample: Sample) -> None:
    """Attributes and stray text change nothing about a response, and converting reports them."""
    assert same(decode_response(sample.document, sample.format), sample.value)
    notes = findings(convert(sample.document, sample.format, source=sample.format, kind="response").notes)
    assert tuple(note for note in notes if note.code == "loss.unknown") == sample.notes


@given(documents())
def test_a_str_is_the_same_document(sample: Sample) -> None:
    """A document given as text reads as its bytes do, whatever encoding its declaration names."""
    text = sample.document.decode("utf-8-sig") if sample.format is Format.JSON else _xml_text(sample.document)
    assert same(decode_request(text, sample.format), sample.value)


def _xml_text(document: bytes) -> str:
    if document[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return document.decode("utf-16")
    if document[:1] == b"\0" or document[1:2] == b"\0":
        return document.decode("utf-16-be" if document[:1] == b"\0" else "utf-16-le")
    declared = re.match(rb"<\?xml[^>]*encoding=[\"']([^\"']+)", document)
    return document.decode(declared.group(1).decode() if declared else "utf-8-sig")


# ---- The happy path and the explaining one.


def explained(document: bytes | str, format: str | None) -> Any:
    """What the explaining path alone makes of a request: its messages, or the findings of its issues."""
    try:
        admitted, found = take(document, format, Limits())
        report = Report()
        received = CODECS[found].explain_request(CODECS[found].parse(admitted, Limits()), None, Reading(found.value, report))
    except CommspecError as error:
        return findings(error.issues)
    return findings(report.issues) or tuple(item.message for item in received)


def happy(document: bytes | str, format: str | None) -> Any:
    """What the happy path alone makes of a request: its messages, or None."""
    try:
        admitted, found = take(document, format, Limits())
        request = read_happily(admitted, found, None, Limits())
    except CommspecError:
        return None
    return None if request is None else request.messages


def read(document: bytes | str, format: str | None) -> Any:
    """What reading makes of a request: its messages, or the findings of its issues."""
    try:
        return decode_request(document, format).messages
    except CommspecError as error:
        return findings(error.issues)


def assert_one_verdict(document: bytes | str, format: str | None = None) -> None:
    """Both paths, and both together, make the same of a document."""
    verdict = explained(document, format)
    found = happy(document, format)
    assert found is None or difference(found, verdict) is None
    assert same(read(document, format), verdict)
    event("accepted" if found is not None else "explained")


@given(documents())
def test_one_verdict_on_good_requests(sample: Sample) -> None:
    """Both paths read a valid request as the same messages."""
    assert_one_verdict(sample.document, sample.format)


@given(faulty_documents())
def test_one_verdict_on_faulty_requests(faulty: Faulty) -> None:
    """The happy path takes nothing that the explaining path refuses."""
    assert_one_verdict(faulty.document, faulty.format)


@every_format
@given(request=requests())
def test_what_commspec_writes_is_read_on_the_happy_path(format: str, request: SendRequest) -> None:
    """Nothing that commspec writes needs explaining."""
    assert happy(encode_request(request, format), format) is not None


@given(damaged_documents())
@example(b'{"root":{"sms":[{"to":"919876500001","body":"\\\\","to":"919876500001"}]}}')
@example(b'{"root":{"sms":[{"to":"919876500001","body":"\\"","sender":null,"sender":"x"}]}}')
@example(b"<root><sms><to>919876500001</to><body>x</body></sms>x</root>")
@example(b"<root><sms><to>919876500001</to><body>x<to>1</to></body></sms></root>")
def test_one_verdict_on_damaged_requests(document: bytes) -> None:
    """Both paths make the same of a request that was changed somewhere."""
    assert_one_verdict(document)


@given(
    st.one_of(
        damaged_documents(),
        damaged_documents("response"),
        st.binary(),
        st.text(),
        st.text().map(lambda text: '{"root":{"sms":[{"to":"' + text),
    )
)
@example(b"<response><whatsapp><whatsappData><errors><item></item></errors></whatsappData></whatsapp></response>")
def test_any_document_ends_in_a_value_or_an_error_of_commspec(document: bytes | str) -> None:
    """Whatever comes in, every door ends in a value or a `CommspecError`; what one accepts can be written, and reads as the same or a note says that it does not."""
    for tolerant in (False, True):
        inspection = inspect_request(document, tolerant=tolerant)
        assert inspection.issues or inspection.good
        try:
            request = decode_request(document, tolerant=tolerant)
        except CommspecError as error:
            assert findings(error.issues) == findings(inspection.issues)
            assert error.explain().isprintable() or "\n" in error.explain()
        else:
            assert same(decode_request(encode_request(request, "xml")), request)
    try:
        response = decode_response(document)
    except CommspecError as error:
        assert error.issues
    else:
        report = Report()
        read = decode_response(CODECS[Format.JSON].write_response(response, None, None, report))
        assert report.notes or same(read, response)


# ---- Parts of requests and responses that the strategies draw seldom.


@given(responses(min_outcomes=1))
def test_channel_follows_from_the_receipts(response: SendResponse) -> None:
    """A response whose channel is not said has that of its receipts, and one without receipts can't be made without."""
    if any(outcome.message is not None for outcome in response.outcomes):
        assert SendResponse(response.status, response.outcomes, extra=response.extra) == response


@given(responses())
def test_every_part_can_be_made_of_its_fields(response: SendResponse) -> None:
    """A part made anew of its own fields is the same: every value is in its plain form."""
    for part in (response, *filter(None, [response.status]), *response.outcomes):
        assert isinstance(part, (SendResponse, Status, Outcome))
        assert same(attrs.evolve(part), part)


@given(responses())
def test_numbers_of_a_response_keep_every_digit(response: SendResponse) -> None:
    """Python's own reader of JSON finds the numbers of `extra` with every digit."""
    tree = json.loads(encode_response(response), parse_float=Decimal, parse_int=Decimal)
    for name, value in response.extra.items():
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            assert str(tree[name]) == str(value)
