"""The harness itself: strategies draw what they promise, all of it, and shrink to what they say; how values are compared."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from importlib.metadata import entry_points
from random import Random
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import commspec
from commspec import (
    Attachment,
    Channel,
    EmailMessage,
    Extra,
    Format,
    InvalidDocument,
    MalformedDocument,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppMessage,
    decode_request,
    encode_request,
    response_to,
)
from commspec.testing import difference, same
from commspec.testing import strategies as ours
from commspec.testing.broken_requests import REQUEST_FAULTS
from commspec.testing.from_type import register
from commspec.testing.samples import spell_request
from commspec.testing.strategies import Faulty, Sample, documents, faulty_documents
from commspec.testing.trees import ENCODINGS, Dice

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_BREAKS = set("\n\r\x85\u2028\u2029")
PATIENT = settings(
    database=None, deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)
QUICK = settings(PATIENT, phases=[Phase.generate])


def smallest(strategy: st.SearchStrategy[Any]) -> Any:
    """What a strategy shrinks to."""
    return find(strategy, lambda value: True, settings=PATIENT)


# ---- Values: each held to the specification by a plain restatement of it.


@given(ours.texts(), ours.texts(blank=False), ours.texts(one_line=True), ours.texts(blank=False, one_line=True))
def test_texts(anything: str, seen: str, line: str, seen_line: str) -> None:
    """Texts hold only what XML carries; where asked, something that is not white space, and no line break."""
    assert not any(map(FORBIDDEN.search, (anything, seen, line, seen_line)))
    assert seen.strip()
    assert seen_line.strip()
    assert not LINE_BREAKS & {*line, *seen_line}


@functools.cache
def drawn_texts() -> list[str]:
    """A thousand texts."""
    drawn: list[str] = []

    @settings(QUICK, max_examples=1_000, derandomize=True)
    @given(ours.texts())
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    return drawn


@pytest.mark.parametrize("limit", [160, 255, 1_000, 4_096])
@pytest.mark.parametrize("ascii", [True, False])
def test_long_texts_are_drawn(limit: int, ascii: bool) -> None:
    """Texts are drawn that are longer than what a peer may cut at, of ASCII and of other characters."""
    assert any(len(text) > limit and text.isascii() is ascii for text in drawn_texts())


def test_few_texts_are_long() -> None:
    """Few texts are long, which keeps documents small."""
    assert 0.02 < sum(len(text) > 160 for text in drawn_texts()) / len(drawn_texts()) < 0.15


def test_long_bodies_are_drawn() -> None:
    """What a message says is long now and then."""
    assert find(ours.sms_messages(), lambda message: len(message.body) > 1_000, settings=QUICK).body


def test_a_text_that_is_cut_shrinks_to_the_plainest_long_one() -> None:
    """The smallest text that is longer than a limit is one digit again and again, hardly longer than the limit."""
    text = smallest(ours.texts().filter(lambda text: len(text) > 160))
    assert text.removesuffix(".").strip("0") == ""
    assert len(text) in (161, 162)


@given(ours.phone_numbers())
def test_phone_numbers(number: str) -> None:
    """A number is what section 5 says."""
    assert re.fullmatch(r"(\+(?!0))?[0-9]{6,15}", number)


@given(ours.email_addresses())
def test_email_addresses(address: str) -> None:
    """An address is what the library named in section 5 judges good."""
    import email_validator

    assert email_validator.validate_email(address, check_deliverability=False, test_environment=True).normalized


@given(ours.scheduled_times())
def test_scheduled_times(moment: datetime) -> None:
    """A time has a fixed offset of whole minutes."""
    offset = moment.utcoffset()
    assert offset is not None
    assert abs(offset) < timedelta(days=1)
    assert not offset % timedelta(minutes=1)


@given(ours.attachments())
def test_attachments(file: Attachment) -> None:
    """What says it is base64 is so to the letter, and every image says it."""
    if file.file_encoding_type:
        assert base64.b64encode(base64.b64decode(file.file_data)).decode() == file.file_data
    else:
        assert file.file_type.lower().removeprefix(".").removeprefix("image/") not in ("jpg", "jpeg", "png", "gif")


TWO = SendRequest([SmsMessage("+919876500001", "One"), SmsMessage("919876500002", "Zwei für Sie\n")])
SHRUNK: list[tuple[st.SearchStrategy[Any], Any]] = [
    (ours.texts(), ""),
    (ours.texts(blank=False), "0"),
    (ours.phone_numbers(), "000000"),
    (ours.email_addresses(), "a@a.com"),
    (ours.address_lists(), ""),
    (ours.scheduled_times(), datetime.fromisoformat("2000-01-01T00:00:00+00:00")),
    (ours.attachments(), Attachment("a.txt", "txt", "", "base64")),
    (ours.sms_messages(), SmsMessage("000000", "0")),
    (ours.email_messages(), EmailMessage(to="a@a.com", from_="a@a.com", subject="0", body="")),
    (ours.whatsapp_messages(), WhatsAppMessage("000000", "0")),
    (ours.messages(), WhatsAppMessage("000000", "0")),
    (ours.requests(), SendRequest([WhatsAppMessage("000000", "0")])),
    (ours.requests("sms", min_messages=2), SendRequest([SmsMessage("000000", "0")] * 2)),
    (ours.responses(), SendResponse()),
    (ours.responses("sms"), SendResponse(channel="sms")),
    (ours.extras(), Extra()),
    (ours.damaged(b"<root/>"), b"<root/>"),
    (ours.damaged_documents("request", "json"), encode_request(SendRequest([WhatsAppMessage("000000", "0")]))),
    (ours.answers(TWO), ours.Answered(TWO, response_to(TWO), (0, 1))),
]


@pytest.mark.parametrize(("strategy", "plainest"), SHRUNK, ids=[type(plainest).__name__ for _, plainest in SHRUNK])
def test_strategies_shrink_to_what_they_say(strategy: st.SearchStrategy[Any], plainest: Any) -> None:
    """The smallest example is the one that the docstring names."""
    assert smallest(strategy) == plainest


def test_documents_shrink_to_what_commspec_would_write() -> None:
    """The smallest document is the plainest value's own, without the declaration that XML doesn't need."""
    assert smallest(documents("request", "json")).document == encode_request(SendRequest([WhatsAppMessage("000000", "0")]))
    xml: Sample = smallest(documents("request", "xml", channel="sms"))
    assert xml.document == b"<root><sms><to>000000</to><body>0</body></sms></root>"


def test_faulty_documents_shrink_to_one_fault() -> None:
    """The smallest faulty document has one fault of the kind asked for."""
    assert smallest(faulty_documents("request", "json", channel="sms", codes=["blank"])).issues == (("blank", "root.sms[0].to"),)


@pytest.mark.parametrize(("kind", "format"), [(kind, format) for kind in ("request", "response") for format in ("json", "xml")])
def test_every_search_for_a_faulty_document_ends_on_the_same(kind: Any, format: str) -> None:
    """Whatever was drawn, nothing is taken for smaller than the plainest document with the first fault, also not while it is explained."""
    plainest = {
        ("request", "json"): b'{"root":{"sms":[{"body":"0","to":null}]}}',
        ("request", "xml"): b"<root><sms><body>0</body></sms></root>",
        ("response", "json"): b'{"smsList":[],"emails":[]}',
        ("response", "xml"): b"<response><messages></messages><emails></emails></response>",
    }
    everything = settings(database=None, suppress_health_check=list(HealthCheck))
    channel = "sms" if kind == "request" else None
    faulty = find(faulty_documents(kind, format, channel=channel), lambda faulty: True, settings=everything, random=Random(1))
    assert faulty.document == plainest[kind, format]


def test_fields_in_place_of_the_usual_ones() -> None:
    """A caller's strategy for an attribute stands in the place of the table's."""
    drawn = smallest(ours.sms_messages(to=st.just("919876500001"), sender=st.just("ACME")))
    assert drawn == SmsMessage("919876500001", "0", sender="ACME")


@pytest.mark.parametrize("channel", [*Channel, "SMS"])
def test_one_channel(channel: Any) -> None:
    """Of a channel asked for, in any letter case, nothing else is drawn."""
    assert find(ours.requests(channel), lambda request: True, settings=QUICK).channel == Channel(channel)
    assert find(ours.responses(channel), lambda response: True, settings=QUICK).channel == Channel(channel)


def test_a_new_plain_field_of_the_table_is_drawn_by_its_rule() -> None:
    """A text field of the table needs no line in the harness: its rule says what it holds."""
    from commspec.models.messages import CONTENT
    from commspec.models.table import column, columns_of
    from commspec.testing.objects import values_of

    @attrs.frozen
    class Message:
        note: str = attrs.field(metadata=column("A note.", required=True, rule=CONTENT))

    (note,) = columns_of(Message)
    assert smallest(values_of(note)) == "0"


# ---- Documents: readable by others, in all their variety.


def plain(value: Any) -> Any:
    """A message as names and texts, as section 2 says; times as instants with their offset."""
    return {
        attribute.name.rstrip("_"): [plain(file) for file in held]
        if isinstance(held, tuple)
        else held.isoformat()
        if isinstance(held, datetime)
        else held
        for attribute in attrs.fields(type(value))
        if (held := getattr(value, attribute.name)) not in (None, ())
    }


def instant(text: str) -> str:
    """A time of a document in Python's own spelling."""
    fraction = re.search(r"\.([0-9]+)", text)
    if fraction is not None:
        text = text.replace(fraction.group(), "." + fraction.group(1).ljust(6, "0"))
    return datetime.fromisoformat(
        text.replace("Z", "+00:00").replace("-00:00", "+00:00") if text.endswith(("Z", "-00:00")) else text
    ).isoformat()


@given(documents("request", "json"))
def test_json_documents_mean_their_value_to_another_reader(sample: Sample) -> None:
    """Python's own reader finds the value in every spelling of JSON."""
    ((name, listed),) = json.loads(sample.document.decode("utf-8-sig"))["root"].items()
    assert name == {"whatsapp": "whatsappMessage", "zalo": "zaloMessage"}.get(sample.value.channel, sample.value.channel.value)

    def fields(tree: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in tree.items():
            snake = re.sub("[A-Z]", lambda capital: "_" + capital.group().lower(), key)
            if key == "attachments":
                held: Any = [fields(file) for file in (value or {}).get("attachment") or []]
            else:
                held = instant(value) if key == "scheduledTime" and value is not None else value
            if held not in (None, []):
                found[snake] = held
        return found

    assert [fields(tree) for tree in listed] == [plain(message) for message in sample.value]


@given(documents("request", "xml"))
def test_xml_documents_mean_their_value_to_another_reader(sample: Sample) -> None:
    """Expat finds the value in every spelling of XML, in every encoding."""
    root = ElementTree.fromstring(sample.document)

    def fields(element: ElementTree.Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element:
            if child.tag == "attachments":
                files = [fields(file) for file in child]
                found.update({"attachments": files} if files else {})
            else:
                found[child.tag] = instant(child.text or "") if child.tag == "scheduled_time" else child.text or ""
        return found

    assert [fields(element) for element in root] == [plain(message) for message in sample.value]


SPELLINGS: list[tuple[str, str, Callable[[bytes], bool]]] = [
    ("json", "byte order mark", lambda document: document.startswith(b"\xef\xbb\xbf")),
    ("json", "white space", lambda document: b" : " in document or b'" :' in document),
    ("json", "lines", lambda document: b"\n  " in document),
    ("json", "escaped ASCII", lambda document: re.search(rb"\\u00[4-7]", document) is not None),
    ("json", "capital digits of an escape", lambda document: re.search(rb"\\u[0-9]*[A-F]", document) is not None),
    ("json", "surrogate pair", lambda document: re.search(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]", document) is not None),
    ("json", "escaped name", lambda document: b'"\\u0072' in document or b'\\u006f' in document),
    ("json", "null", lambda document: b"null" in document),
    ("json", "Z", lambda document: b'Z"' in document),
    ("json", "empty attachments", lambda document: re.search(rb'"attachments"\s*:\s*\{\s*\}', document) is not None),
    ("xml", "CDATA", lambda document: b"<![CDATA[" in document),
    ("xml", "decimal reference", lambda document: re.search(rb"&#[0-9]+;", document) is not None),
    ("xml", "hexadecimal reference", lambda document: re.search(rb"&#x0*[0-9a-fA-F]+;", document) is not None),
    ("xml", "comment in a text", lambda document: re.search(rb"<body>[^<]+<!--", document) is not None),
    ("xml", "instruction", lambda document: b"<?note x?>" in document),
    ("xml", "empty-element tag", lambda document: b"/>" in document),
    ("xml", "space in a tag", lambda document: b"</root >" in document or b"</root\n>" in document),
    ("xml", "schema hints", lambda document: b"xsi:noNamespaceSchemaLocation" in document),
    ("xml", "carriage returns as line breaks", lambda document: b"\r<" in document),
    ("xml", "no declaration", lambda document: document.startswith(b"<root")),
    ("xml", "standalone", lambda document: b"standalone" in document),
    ("xml", "empty attachments", lambda document: b"<attachments/>" in document or b"<attachments></attachments>" in document),
    *(("xml", f"{encoding.name} {encoding.python}", lambda document, encoding=encoding: _is_in(document, encoding)) for encoding in ENCODINGS),
]  # fmt: skip


def _is_in(document: bytes, encoding: Any) -> bool:
    if encoding.mark:
        return document.startswith(encoding.mark)
    return f'encoding="{encoding.name}"'.encode(encoding.python) in document


SPELT = SendRequest(
    [
        EmailMessage(
            to="a@example.com",
            from_="b@example.com",
            subject="é \U0001f600",
            body="Hi\r\n<b>&amp; OTP</b>",
            attachments=[Attachment("a.txt", "txt", "aGk=", "base64")],
            scheduled_time=datetime(2024, 2, 22, 0, 25, tzinfo=timezone.utc),
        ),
    ]
)
TERSE = SendRequest([EmailMessage(to="a@example.com", from_="b@example.com", subject="Hi", body="")])
SMS = SendRequest([SmsMessage("919876500001", "Hi", sender="12")])


@functools.cache
def spelt(format: str, *, tolerant: bool = False) -> list[Sample]:
    """Some requests in many spellings, by the very dice that the strategies throw."""
    random = Random(1)
    return [
        spell_request(request, Dice(random.randbytes(200), endless=True), Format(format), tolerant=tolerant)
        for request in (SPELT, TERSE, SMS)
        for _ in range(1_000)
    ]


@pytest.mark.parametrize(("format", "what", "has"), SPELLINGS, ids=[f"{form} {what}" for form, what, _ in SPELLINGS])
def test_every_spelling_is_drawn(format: str, what: str, has: Callable[[bytes], bool]) -> None:
    """Each way to spell a document is among those drawn."""
    assert any(has(sample.document) for sample in spelt(format))


TOLERATED = [
    *(("json", f"tolerated.{what}") for what in ("root", "list", "attachments", "spelling", "number", "time", "body", "space")),
    *(("xml", f"tolerated.{what}") for what in ("spelling", "time", "body", "space")),
    ("json", "loss.unknown"),
    ("xml", "loss.unknown"),
]


@pytest.mark.parametrize(("format", "code"), TOLERATED)
def test_every_variant_of_section_6_is_drawn(format: str, code: str) -> None:
    """Each tolerated variant is among those drawn."""
    assert any(note.code == code for sample in spelt(format, tolerant=True) for note in sample.notes)


@pytest.mark.parametrize("fault", REQUEST_FAULTS, ids=lambda fault: f"{fault.name} {fault.code}")
def test_every_kind_of_fault_is_drawn(fault: Any) -> None:
    """The code of a kind of fault is reached in each of its formats."""
    for form in fault.formats:
        strategy = faulty_documents("request", form, codes=[fault.code])
        found = find(strategy, lambda faulty: fault.code in {issue.code for issue in faulty.issues}, settings=QUICK)
        assert isinstance(found, Faulty)


# ---- Answers.


@given(ours.requests().flatmap(ours.answers))
def test_answers_promise_what_a_client_may_rely_on(answered: ours.Answered) -> None:
    """Outcomes of one message have the same errors, the status counts all messages, and what is left of a number is its end."""
    request, response = answered.request, answered.response
    errors = dict(zip(answered.origins, (outcome.errors for outcome in response.outcomes), strict=True))
    assert response.channel == request.channel
    assert response.status is None or response.status.count == len(request)
    for origin, outcome in zip(answered.origins, response.outcomes, strict=True):
        assert outcome.errors == errors[origin]
        said = re.sub("[ +-]", "", getattr(outcome.message, "receiver", None) or getattr(outcome.message, "to", None) or "")
        message: Any = request.messages[origin]
        if said.isdigit():
            assert said[-6:] == getattr(message, "receiver", getattr(message, "to", ""))[-6:]


HABITS: dict[str, Callable[[ours.Answered], bool]] = {
    "reorders": lambda answered: answered.origins == (1, 0),
    "leaves out": lambda answered: 1 not in answered.origins,
    "repeats": lambda answered: len(set(answered.origins)) < len(answered.origins),
    "refuses": lambda answered: bool(answered.response.failed),
    "says nothing of the call": lambda answered: answered.response.status is None,
    "echoes nothing": lambda answered: None in receipts(answered),
    "puts digits before": lambda answered: any(re.fullmatch("[0-9]{1,4}919876500001", one.to or "") for one in receipts(answered) if one),
    "takes digits away": lambda answered: any(re.fullmatch("[0-9]{6,11}", one.to or "") for one in receipts(answered) if one),
    "masks": lambda answered: any("XX" in (one.to or "") for one in receipts(answered) if one),
    "puts it in capitals": lambda answered: any(one.body == "ZWEI FÜR SIE\n" for one in receipts(answered) if one),
    "knows no accents": lambda answered: any(one.body == "Zwei fur Sie\n" for one in receipts(answered) if one),
    "cuts": lambda answered: any(one.body == "Zwei" for one in receipts(answered) if one),
    "says another text": lambda answered: any(one.body and one.body[0] not in "OZ«" for one in receipts(answered) if one),
}


def receipts(answered: ours.Answered) -> list[Any]:
    """What an answer echoes."""
    return [outcome.message for outcome in answered.response.outcomes]


@pytest.mark.parametrize("habit", HABITS)
def test_every_habit_of_a_server_is_drawn(habit: str) -> None:
    """Each habit is among those drawn."""
    assert isinstance(find(ours.answers(TWO), HABITS[habit], settings=QUICK), ours.Answered)


@given(ours.answers(TWO, in_order=True))
def test_in_order_each_message_has_its_outcome(answered: ours.Answered) -> None:
    """With `in_order`, nothing is shuffled, left out or repeated."""
    assert answered.origins == (0, 1)


# ---- Damage.


def verdict(document: bytes) -> str:
    """What strict decoding says of a request."""
    try:
        decode_request(document)
    except MalformedDocument:
        return "malformed"
    except InvalidDocument:
        return "invalid"
    return "good"


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("said", ["good", "invalid", "malformed"])
def test_damage_of_every_depth_is_drawn(format: str, said: str) -> None:
    """Of damaged documents some are still good, some are well-formed and wrong, and some are no documents."""
    whole = encode_request(TWO, format)
    assert find(ours.damaged(whole), lambda document: document != whole and verdict(document) == said, settings=QUICK)


# ---- Hypothesis' entry point.


def test_the_entry_point_registers_commspec_s_classes() -> None:
    """Hypothesis finds commspec by its entry point, where commspec is installed."""
    (entry,) = entry_points(group="hypothesis", name="commspec")
    assert entry.load() is register


@pytest.mark.parametrize(
    "cls",
    [
        value
        for value in vars(commspec).values()
        if isinstance(value, type)
        and attrs.has(value)
        and value.__name__ not in ("Inspection", "Received", "Conversion", "Issue", "Limits")
    ]
    + [Extra],
)
def test_from_type(cls: type) -> None:
    """`st.from_type` draws commspec's classes."""
    register()
    if cls.__module__.startswith("commspec.models") and cls.__name__ != "RequestPart":
        assert type(find(st.from_type(cls), lambda value: True, settings=QUICK)) is cls


# ---- same and difference.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (1, 1.0),
        ("1", 1),
        ((1,), [1]),
        (StatusDetail(code=1), StatusDetail(status=True)),
        (Extra({"a": 1}), Extra({"a": True})),
        (Extra({"a": [1]}), Extra({"a": ["1"]})),
        (Extra({"a": 1}), Extra({"b": 1})),
        (Extra({"a": 1.5}), Extra({"a": "1.5"})),
        (datetime.fromisoformat("2024-01-01T00:00:00+00:00"), datetime.fromisoformat("2024-01-01T01:00:00+01:00")),
        (SendResponse(Status(count=1)), SendResponse(Status(count="x"))),
        ((), (1,)),
        (SmsMessage("000000", "x"), SmsReceipt("000000", "x")),
    ],
)
def test_what_is_not_the_same(one: Any, other: Any) -> None:
    """Values of other types, other offsets or other digits are not the same, in both directions."""
    assert not same(one, other)
    assert not same(other, one)


@given(ours.responses())
def test_a_value_is_the_same_as_itself(response: SendResponse) -> None:
    """A response is the same as a copy of it."""
    assert same(attrs.evolve(response), response)


def test_difference_says_where() -> None:
    """A difference names the path and both values."""
    one, other = (SendResponse(None, [commspec.Outcome(SmsReceipt(to))]) for to in "ab")
    assert difference(one, other) == "outcomes[0].message.to: 'a' is not 'b'"
