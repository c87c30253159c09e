"""Documents larger than memory: read message by message they give what they give when held in memory, and written so the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commspec import (
    Channel,
    CommspecError,
    Extra,
    InvalidDocument,
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
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.codecs import CODECS, Format
from commspec.codecs.format import detect
from commspec.streaming import ReceivedOutcome, RequestWriter, ResponseWriter, iter_request, iter_response, source, xml_tree
from commspec.testing.strategies import Sample, codes_in, damaged, damaged_documents, documents, faulty_documents
from commspec.wire.names import JSON_RESPONSE_LISTS, XML_RESPONSE_LISTS
from commspec.wire.reply import ReplyReading
from commspec.wire.report import Report
from commspec.wire.request import Received

DOCUMENTS = Path(__file__).parent.parent / "docs" / "examples" / "documents"
REQUESTS = [path.read_bytes() for path in sorted(DOCUMENTS.glob("*request*"))]
RESPONSES = [path.read_bytes() for path in sorted(DOCUMENTS.glob("*response*"))]
FEWER = settings(max_examples=max(8, settings().max_examples // 6))  # of each code
MESSAGE = b'{"to": "919876500001", "body": "x},{"}'
SHAPES = [
    b"",
    b"   ",
    b"hello",
    b"{}",
    b"[]",
    b"null",
    b'{"root": null}',
    b'{"root": {}}',
    b'{"root": {"sms": []}}',
    b'{"root": {"sms": [null, "x", %s]}}' % MESSAGE,
    b'{"root": {"sms": [%s,]}}' % MESSAGE,
    b'{"root": {"sms": [%s}}' % MESSAGE,
    b'{"root": {"sms": [%s]}} x' % MESSAGE,
    b'{"root": {"sms": [%s], "sms": [%s]}}' % (MESSAGE, MESSAGE),
    b'{"root": {"sms": [%s], "zaloMessage": [{"receiver": "1", "template": "x"}], "z": [{}, {}]}}' % MESSAGE,
    b'{"root": {"sms": null, "sms": [%s]}}' % MESSAGE,
    b'{"x": 1, "root": {"y": [{"sms": 1}], "sms": [%s]}, "z": 2}' % MESSAGE,
    b'{"sms": [%s]}' % MESSAGE,
    b'{"root": {"sms": %s}}' % MESSAGE,
    b'\xef\xbb\xbf{"root": {"sms": [%s] } }\n' % MESSAGE,
    b'{"root": {"sms": [{"to": "919876500001", "body": "\xff"}]}}',
    b'{"root": {"sms": [{"to": "919876500001", "body": "\\ud83d"}]}}',
    b'{"root": {"sms": [{"to": NaN}]}}',
    b'{"root": {"sms": [%s]}}' % (b"[" * 70 + b"]" * 70),
    b"<root/>",
    b"<root>text<sms/>text</root>",
    b"<root><sms><to>919876500001</to><body>x</body></sms>tail<sms/></root>",
    b"<root>%btail%b</root>" % ((b"<sms><to>919876500001</to><body>x</body></sms>",) * 2),
    b"<root><sms/><zaloMessage/><sms/><other/></root>",
    b"<root><other><to>1</to></other><sms/></root>",
    b"<rooot><sms/></rooot>",
    b"<root><sms><to>919876500001</to><body>x</body></sms>",
    b"<root><sms><to>919876500001</to><body>x</body></sms></rooot>",
    b"<!-- c --><!DOCTYPE root><root/>",
    b"<root>" + b"<sms>" * 70 + b"</sms>" * 70 + b"</root>",
    "<?xml version='1.0' encoding='utf-16'?><root><sms><to>919876500001</to><body>é</body></sms></root>".encode("utf-16"),
    "<?xml version='1.0' encoding='iso-8859-1'?><root><sms><to>919876500001</to><body>é</body></sms></root>".encode("latin-1"),
    b"<root a='1' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='x'><sms/></root>",
]


def pieces(document: bytes, size: int) -> Iterator[bytes]:
    """A document in pieces of so many bytes."""
    return (document[index : index + size] for index in range(0, len(document), size))


def entry(item: Received) -> object:
    """What is promised of a message that is streamed: all but the fields of one without faults, and its findings by code and path."""
    assert isinstance(item.fields, Extra)
    found = [[(issue.code, issue.path) for issue in issues] for issues in (item.issues, item.notes)]
    return item.index, item.path, item.channel, item.message, item.fields if item.message is None else None, *found


def streamed(document: bytes, size: int, *, tolerant: bool) -> object:
    """The messages and the codes and paths of the issues of a streamed request, or the codes of its being malformed."""
    messages: list[object] = []
    issues: list[tuple[str, str]] = []
    try:
        for item in iter_request(pieces(document, size), tolerant=tolerant):
            issues.extend((issue.code, issue.path) for issue in item.issues)
            if isinstance(item, Received):
                messages.append(entry(item))
    except MalformedDocument as error:
        return [issue.code for issue in error.issues]
    return messages, sorted(issues)


def whole(document: bytes, *, tolerant: bool) -> object:
    """The same of a request held in memory."""
    try:
        decode_request(document, tolerant=tolerant)
    except MalformedDocument as error:
        return [issue.code for issue in error.issues]
    except InvalidDocument:
        pass
    found = inspect_request(document, tolerant=tolerant)
    messages = [entry(item) for item in found.messages]
    return messages, sorted((issue.code, issue.path) for issue in found.issues)


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize("document", REQUESTS + SHAPES, ids=range(len(REQUESTS + SHAPES)))
def test_a_streamed_request_is_what_it_is_in_memory(document: bytes, tolerant: bool) -> None:
    """Messages, indexes, codes and paths do not depend on the pieces that a request comes in, down to one byte."""
    expected = whole(document, tolerant=tolerant)
    for size in (1, 3, 64, 10**6):
        assert streamed(document, size, tolerant=tolerant) == expected


@pytest.mark.parametrize("channel", [None, "sms", "zalo"])
@pytest.mark.parametrize("document", REQUESTS, ids=range(len(REQUESTS)))
def test_a_streamed_request_is_for_the_channel_that_it_is_for_in_memory(document: bytes, channel: str | None) -> None:
    """That another channel was asked for is said of a streamed request as of one in memory, once, on the same line."""
    expected = [issue for issue in inspect_request(document, channel=channel).issues if issue.code == "channel"]
    for size in (1, 64, 10**6):
        found = iter_request(pieces(document, size), channel=channel)
        assert [issue for item in found for issue in item.issues if issue.code == "channel"] == expected


@given(st.sampled_from(REQUESTS + SHAPES).flatmap(damaged) | damaged_documents("request"), st.integers(1, 400))
def test_a_damaged_request_is_streamed_as_it_is_read(document: bytes, size: int) -> None:
    """A request that was changed somewhere gives the same messages and faults, or is malformed both streamed and in memory.

    Of a document that is malformed in two ways each names the one it meets first.
    """
    found, expected = streamed(document, size, tolerant=False), whole(document, tolerant=False)
    assert found == expected or (isinstance(found, list) and isinstance(expected, list))


@given(documents("request") | documents("request", tolerant=True), st.integers(1, 400))
def test_any_spelling_of_a_request_is_streamed_as_it_is_read(sample: Sample, size: int) -> None:
    """However a peer spelled a request, its messages, codes and paths are those in memory."""
    for tolerant in (False, True):
        assert streamed(sample.document, size, tolerant=tolerant) == whole(sample.document, tolerant=tolerant)


@pytest.mark.parametrize(("format", "code"), [(form, code) for form in ("json", "xml") for code in codes_in("request", form)])
@FEWER
@given(data=st.data(), size=st.integers(1, 400))
def test_a_faulty_request_is_streamed_as_it_is_read(format: Any, code: str, data: st.DataObject, size: int) -> None:
    """Whatever is wrong with a request, its messages, codes and paths are those in memory."""
    faulty = data.draw(faulty_documents("request", format, codes=[code]))
    assert streamed(faulty.document, size, tolerant=False) == whole(faulty.document, tolerant=False)


@pytest.mark.parametrize("name", ["root", "response", "status"])
@pytest.mark.parametrize("size", [1, 10**6])
def test_what_stands_within_an_unknown_root_is_no_document(name: str, size: int) -> None:
    """A root of another name is the one fault, and nothing in it is read, though it has the name of a root or the form of a list."""
    within = f"<{name}><sms><to>919876500001</to><body>x</body></sms><messages><smsData><sms/></smsData></messages></{name}>"
    for document in (f"<x>{within}</x>", f"<x><y/>{within}{within}</x>", "<x><messages><smsData><sms/></smsData></messages></x>"):
        assert streamed(document.encode(), size, tolerant=True) == ([], [("unknown", "x")])
        (found,) = iter_response(pieces(document.encode(), size))
        assert [(issue.code, issue.path) for issue in found.issues] == [("unknown", "x")]
        assert not isinstance(found, ReceivedOutcome)


def test_a_list_within_a_status_alone_is_an_extra_field() -> None:
    """A reply that is a status alone has no outcomes, whatever stands in it."""
    document = b"<status><messages><smsData><sms/></smsData></messages></status>"
    for size in (1, 10**6):
        assert outcomes(document, size) == response_in_memory(document)


def outcomes(document: bytes, size: int) -> object:
    """A streamed response put together, or the codes and paths of its faults."""
    found: list[Outcome] = []
    issues: list[tuple[str, str]] = []
    try:
        reader = iter_response(pieces(document, size))
        for item in reader:
            issues.extend((issue.code, issue.path) for issue in item.issues)
            if isinstance(item, ReceivedOutcome):
                found.append(item.outcome)
    except MalformedDocument as error:
        return [issue.code for issue in error.issues]
    return sorted(issues) if issues else repr((reader.status, tuple(found), reader.channel, reader.extra))


def response_in_memory(document: bytes) -> object:
    """The same of a response held in memory."""
    try:
        response = decode_response(document)
    except MalformedDocument as error:
        return [issue.code for issue in error.issues]
    except CommspecError as error:
        return sorted((issue.code, issue.path) for issue in error.issues)
    return repr((response.status, response.outcomes, response.channel, response.extra))


@pytest.mark.parametrize("document", RESPONSES, ids=range(len(RESPONSES)))
def test_a_streamed_response_is_what_it_is_in_memory(document: bytes) -> None:
    """Status, outcomes, channel and extra fields do not depend on the pieces that a response comes in."""
    for size in (1, 7, 10**6):
        assert outcomes(document, size) == response_in_memory(document)


@given(st.sampled_from(RESPONSES).flatmap(damaged) | damaged_documents("response"), st.integers(1, 400))
def test_a_damaged_response_is_streamed_as_it_is_read(document: bytes, size: int) -> None:
    """A response that was changed somewhere gives the same values and faults, or is malformed both streamed and in memory.

    But for a list that holds something else than outcomes: in memory it is an extra field. Streamed, that is known when outcomes are out already, and told.
    """
    found, expected = outcomes(document, size), response_in_memory(document)
    assert (
        found == expected or (is_malformed(found) and is_malformed(expected)) or (has_odd_list(document) and tells_a_loss(document, size))
    )


def test_an_element_of_another_name_in_a_list_is_told() -> None:
    """Such an element is read as an outcome, in whatever pieces it comes, and that it was none is said of it."""
    document = b"<response><emails><emailData/><status><status>SUCCESS</status></status></emails></response>"
    for size in (1, 7, 10**6):
        found = [item for item in iter_response(pieces(document, size)) if isinstance(item, ReceivedOutcome)]
        assert [[(note.code, note.path) for note in item.notes] for item in found] == [
            [],
            [("loss.unknown", "response.emails.emailData[1]")],
        ]


@given(documents("response"), st.integers(1, 400))
def test_any_spelling_of_a_response_is_streamed_as_it_is_read(sample: Sample, size: int) -> None:
    """However a peer spelled a response, status, outcomes, channel and extra fields are those in memory."""
    assert outcomes(sample.document, size) == response_in_memory(sample.document)


@pytest.mark.parametrize(("format", "code"), [(form, code) for form in ("json", "xml") for code in codes_in("response", form)])
@FEWER
@given(data=st.data(), size=st.integers(1, 400))
def test_a_faulty_response_is_streamed_as_it_is_read(format: Any, code: str, data: st.DataObject, size: int) -> None:
    """Whatever is wrong with a response, its codes and paths are those in memory."""
    faulty = data.draw(faulty_documents("response", format, codes=[code]))
    assert outcomes(faulty.document, size) == response_in_memory(faulty.document)


LATE = {
    "nothing": ("", ""),
    "an unknown field": ("<to>7</to>", "<to>7</to><note>n</note>"),
    "an attribute": ("<to>7</to>", "<to a='1'>7</to>"),
    "a comment": ("<to>7</to>", "<to>7<!-- </smsData> --></to>"),
    "a section": ("<to>7</to>", "<to><![CDATA[7</smsData>]]></to>"),
    "a field twice": ("<to>7</to>", "<to>7</to>\n<to>8</to>"),
    "a second message": ("</sms><errors>", "</sms><sms><to>8</to></sms><errors>"),
    "text at the end of the list": ("</messages>", "x</messages>"),
    "text on a line at the end of the list": ("</messages>", "\nx\n</messages>"),
    "text between": ("<sms><to>7", "x<sms><to>7"),
    "white space that is none": ("<sms><to>7", "\x0b<sms><to>7"),
    "a tag that doesn't end": ("<to>7</to>", "<to>7</to"),
    "another end": ("<to>7</to>", "<to>7</two>"),
    "a status behind": ("</messages>", "</messages><status><code>201</code></status>"),
    "a list behind": ("</messages>", "</messages>\n<emails><emailData/></emails>"),
    "the same list behind": ("</messages>", "</messages>\n<messages/>"),
    "an unknown field behind": ("</messages>", "</messages><took>3 ms</took>"),
    "text behind": ("</response>", "</response>x"),
    "a character that XML has not behind": ("</messages>", "</messages>\x0b"),
    "no end": ("</messages></response>", ""),
    "half an end": ("</messages></response>", "</messages></respon"),
    "another end of the list": ("</messages>", "</mess ages>"),
}


@pytest.mark.parametrize("between", ["", "\n", "\r\n  "])
@pytest.mark.parametrize(("old", "new"), LATE.values(), ids=LATE)
def test_what_comes_late_in_a_plain_response(old: str, new: str, between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes after many outcomes as documented, values, faults, lines and columns are those in memory, and nothing is told twice."""
    monkeypatch.setattr(source, "CHUNK_BYTES", 8192)
    item = f"<smsData>{between}<sms><to>1</to>{between}<body>Hi</body></sms></smsData>"
    late = "<smsData><sms><to>7</to></sms><errors><error><code>5</code></error></errors></smsData>"
    items = between.join([item] * 500 + [late] + [item] * 200)
    plain_ = f"<response>{between}<status><code>200</code></status><messages>{items}</messages></response>"
    assert old in plain_
    document = plain_.replace(old, new).encode()
    assert outcomes(document, 5000) == response_in_memory(document)
    assert said_streaming(document) == said_in_memory(document)


@pytest.mark.parametrize("size", [1, 64, 10**6])
@pytest.mark.parametrize(
    "items",
    [
        "<smsData/><smsData><sms><to>1</to></sms></smsData>",
        "<smsData/><smsData/><smsData></smsData><smsData/>",
        "<smsData></smsData><smsData/>",
        "<smsData/>",
        "<smsData><sms/></smsData>x",
        "<smsData/>x",
        "x<smsData/>",
    ],
)
def test_outcomes_as_empty_elements_are_streamed_too(items: str, size: int) -> None:
    """An outcome of which nothing is said, in either spelling, counts as any other, wherever it stands."""
    for status in ("", "<status></status>", "<status/>"):
        document = f"<response>{status}<messages>{items}</messages></response>".encode()
        assert outcomes(document, size) == response_in_memory(document)
        assert said_streaming(document) == said_in_memory(document)


BEGINNINGS = [
    "<response><messages>",
    "<?xml version='1.0'?>\n<response>\n<status><code>200</code></status>\n <messages>",
    "<response><status/><messages>",
    "<!-- from <smsData> --><response><status><message><![CDATA[<smsData>]]></message></status><messages>\r\n",
]
PARTS = [
    "<smsData/>",
    "<smsData></smsData>",
    "<smsData> <sms/> </smsData>",
    "<smsData>\n<sms><to>1</to></sms></smsData>",
    "<smsData><sms><body>&#13;é</body></sms><errors><error><code>007</code></error><error/></errors></smsData>",
    "<smsData a='1'/>",
    "<smsData><!-- </smsData> --></smsData>",
    "<smsData><sms><to>1</to></sms><sms><to>2</to></sms></smsData>",
    "<smsData><note>n</note></smsData>",
    "<smsData><sms><to>1</to>\n<to>2</to></sms></smsData>",
    "<smsData><sms><to><![CDATA[</smsData>]]></to></sms></smsData>",
    "x",
    "\n",
    "\r\n  ",
]
ENDINGS = [
    "</messages></response>",
    "\n </messages>\n</response>\n",
    "</messages><status><code>1</code></status></response>",
    "</messages>x<took>3</took></response>",
    "</messages><messages/></response>",
    "</messages>",
]


@given(
    beginning=st.sampled_from(BEGINNINGS),
    parts=st.lists(st.sampled_from(PARTS), max_size=12),
    ending=st.sampled_from(ENDINGS),
    size=st.integers(1, 300),
    chunk=st.integers(1, 300),
)
def test_a_response_put_together_is_streamed_as_it_is_read(beginning: str, parts: list[str], ending: str, size: int, chunk: int) -> None:
    """Of outcomes of every kind in any order, cut anywhere, values and all that is said are those in memory."""
    document = f"{beginning}{''.join(parts)}{ending}".encode()
    assume(not has_odd_list(document))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(source, "CHUNK_BYTES", chunk)
        assert outcomes(document, size) == response_in_memory(document)
        found, expected = ({attrs.evolve(issue, seen=None) for issue in said(document)} for said in (said_streaming, said_in_memory))
        # Of texts in several places of a list, memory tells the first; of a malformed document, only that.
        assert expected <= found
        assert expected == found or is_malformed(outcomes(document, size))


def test_plain_documents_are_streamed_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a plain document is, and an item of it, no tree is built."""
    monkeypatch.setattr(source, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(xml_tree, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(xml_tree.Tree, "grow", None)
    long = SmsReceipt("1", "x" * 5000)
    answer = SendResponse(Status(code=200), [*REPLY.outcomes[:300], Outcome(long), *REPLY.outcomes[:300]], "sms")
    request_ = SendRequest([*MANY.messages[:300], SmsMessage("919876500001", "x" * 5000), *MANY.messages[:300]])
    for indent in (None, 2):
        found = iter_response(pieces(encode_response(answer, "xml", indent=indent), 700))
        assert tuple(part.outcome for part in found if isinstance(part, ReceivedOutcome)) == answer.outcomes
        received = iter_request(pieces(encode_request(request_, "xml", indent=indent), 700))
        assert tuple(part.message for part in received if isinstance(part, Received)) == request_.messages


NOT_PLAIN = ["<smsData/>", "<smsData a='1'/>", "<emailData></emailData>", "<smsData></smsData >", "<smsData></smsData\n>", " <note/>"]


@pytest.mark.parametrize("item", NOT_PLAIN)
@pytest.mark.parametrize("before", ["", "<smsData><sms><to>1</to></sms></smsData>" * 3])
def test_outcomes_with_another_end_are_not_waited_for(item: str, before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no outcome ends as plain ones do, what comes is read all the same, in the memory that it always takes."""
    monkeypatch.setattr(source, "CHUNK_BYTES", 4096)
    monkeypatch.setattr(xml_tree, "CHUNK_BYTES", 4096)
    document = f"<response><messages>{before}{item * 3000}</messages></response>".encode()
    found = [part for part in iter_response(pieces(document, 1000), limits=Limits(bytes=10_000)) if isinstance(part, ReceivedOutcome)]
    assert len(found) == 3000 + before.count("<to>")


@pytest.mark.parametrize("message", ["<sms/>", "<sms a='1'/>", "<sms></sms >"])
def test_messages_with_another_end_are_not_waited_for(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same of requests."""
    monkeypatch.setattr(source, "CHUNK_BYTES", 4096)
    monkeypatch.setattr(xml_tree, "CHUNK_BYTES", 4096)
    plain_ = "<sms><to>919876500001</to><body>x</body></sms>"
    document = f"<root>{plain_}{message * 3000}{plain_}</root>".encode()
    found = [part for part in iter_request(pieces(document, 1000), limits=Limits(bytes=10_000)) if isinstance(part, Received)]
    assert [part.message is not None for part in found] == [True, *[False] * 3000, True]


@pytest.mark.parametrize("levels", [70, 1000, 5000])
@pytest.mark.parametrize(
    "document",
    [
        "<response><x>{}</x><y/></response>",
        "<response><status><x>{}</x></status><messages><smsData/></messages><y/></response>",
        "<status><x>{}</x><y/></status>",
        "<response><messages><smsData/></messages><x>{}</x><y/></response>",
        "<response><messages><smsData></smsData></messages><x>{}</x><y/></response>",
        "<response><messages><smsData/></messages><emails><emailData>{}</emailData></emails><y/></response>",
        "<rooot><x>{}</x><y/></rooot>",
        "<root><sms><x>{}</x></sms><y/></root>",
    ],
)
def test_what_is_nested_too_deep_is_refused_wherever_it_stands(document: str, levels: int) -> None:
    """Elements deeper than the limit are refused as in memory, though others stand behind them."""
    nested = document.format("<a>" * levels + "</a>" * levels).encode()
    for read in (iter_request if b"root" in nested or b"rooot" in nested else iter_response,):
        with pytest.raises(MalformedDocument) as raised:
            list(read(pieces(nested, 10**6)))
        assert [issue.code for issue in raised.value.issues] == ["limit.depth"]


@pytest.mark.parametrize("size", [1, 64, 10**6])
@pytest.mark.parametrize(
    "document",
    [
        "<response><emails>x</emails><messages><smsData/></messages></response>",
        "<response><emails>x</emails></response>",
        "<response><emails/><messages><smsData/></messages></response>",
        "<response><messages>x</messages><took>3</took><messages><smsData/></messages></response>",
        "<response><took>3</took><messages/></response>",
        "<response><status/><emails>x<emailData/></emails></response>",
    ],
)
def test_a_list_without_outcomes_hides_none(document: str, size: int) -> None:
    """What has the name of a list and holds no outcome is what it is in memory, and the list behind it is read."""
    assert outcomes(document.encode(), size) == response_in_memory(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        b'{"took":NaN,"smsList":[{},{}]}',
        b'{"took":"\\ud800","smsList":[\n\n{},{}\n\n\n]}',
        b'{"took":NaN,\n\n"smsList":[{},{}]}',
        b'{"smsList":[\n{},\n{}\n],\n"x":"\xff"}',
        b'{"smsList":[\n{},\n{}\n],\n"x":NaN}',
        b'\xef\xbb\xbf{"smsList":[{},x]}',
        b'\xef\xbb\xbf{"smsList":[{},"\xff"]}',
        b'\xef\xbb\xbf{"smsList":[{},\n{},x]}',
        b"<response><took>&undefined;</took></response>",
        b"<response xmlns='u'><took>&undefined;</took></response>",
        b"<response>\n<messages><smsData><sms><to>&undefined;</to></sms></smsData></messages></response>",
    ],
)
def test_a_fault_around_a_list_has_its_place(document: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is malformed before the list, in it or behind it is told with the line and column, or the byte, that it has in memory."""
    with pytest.raises(MalformedDocument) as alone:
        decode_response(document)
    for chunk in (1, 10**6):
        monkeypatch.setattr(source, "CHUNK_BYTES", chunk)
        with pytest.raises(MalformedDocument) as raised:
            list(iter_response(pieces(document, 1)))
        assert [attrs.evolve(issue, hint=None) for issue in raised.value.issues] == [
            attrs.evolve(issue, hint=None) for issue in alone.value.issues
        ]


@pytest.mark.parametrize("lines", [50, 30_000])
def test_lines_that_have_been_read_count_for_no_limit(lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plain document is plain no more, what has been read of it takes no room, and faults have their lines, as far as the parser tells them."""
    monkeypatch.setattr(source, "CHUNK_BYTES", 4096)
    monkeypatch.setattr(xml_tree, "CHUNK_BYTES", 4096)
    small, space = Limits(bytes=10_000), "\n" * 10
    body = "<to>919876500001</to><body>x</body>"
    answer = "<response><messages>" + f"<smsData>{space}<sms><to>1</to></sms></smsData>" * (lines // 10)
    request_ = "<root>" + f"<sms>{space}{body}</sms>" * (lines // 10)
    found = list(iter_response(pieces(f"{answer}<smsData a='1'/></messages></response>".encode(), 1000), limits=small))
    assert len(found) == lines // 10 + 1
    assert [note.line for item in found for note in item.notes] == [lines + 1]
    received = list(iter_request(pieces(f"{request_}<sms a='1'>{body}</sms></root>".encode(), 1000), limits=small))
    assert len(received) == lines // 10 + 1
    assert [issue.line for item in received for issue in item.issues] == [lines + 1]
    for document, read in ((answer, iter_response), (request_, iter_request)):
        with pytest.raises(MalformedDocument) as raised:
            list(read(pieces(f"{document}<a></b>".encode(), 1000), limits=small))
        (issue,) = raised.value.issues
        assert (issue.code, issue.line) == ("xml.syntax", lines + 1)


def test_lines_past_what_the_parser_counts() -> None:
    """Past the lines that libxml2 tells of elements, a fault of syntax still has its own."""
    document = f"<response><messages><smsData>{chr(10) * 70_000}</smsData>"
    document += "<smsData/>" + " " * 300_000 + "<smsData></smsData>\n<a></b>"
    with pytest.raises(MalformedDocument) as raised:
        list(iter_response(pieces(document.encode(), 50_000)))
    assert [(issue.line, issue.column) for issue in raised.value.issues] == [(70_002, 8)]
    with pytest.raises(MalformedDocument) as alone:
        decode_response(document)
    assert [(issue.line, issue.column) for issue in alone.value.issues] == [(70_002, 8)]


@pytest.mark.parametrize("space", ["", "  ", "\n", "\r\n   "])
@pytest.mark.parametrize("item", ['{"sms":{"to":"\\ud800"}}', '{"sms":{"to":NaN}}', '{"sms":{"to":"1" "2"}}', '{"sms":{"to":1},}'])
@pytest.mark.parametrize("first", ["", "{},", '{"errors":[]},{"sms":{}},'])
def test_a_fault_in_json_has_its_place_when_streamed(first: str, item: str, space: str) -> None:
    """Lines and columns are those in memory, whatever white space stands before the outcome."""
    document = f'{{"smsList":[{first}{space}{item},{{}}]}}'.encode()
    found = []
    for read in (lambda: list(iter_response(pieces(document, 10))), lambda: decode_response(document)):
        with pytest.raises(MalformedDocument) as raised:
            read()
        found.append([(issue.code, issue.line, issue.column) for issue in raised.value.issues])
    assert found[0] == found[1]


def said_streaming(document: bytes) -> list[Issue]:
    """What is said of a response in pieces, but for hints."""
    found: list[Issue] = []
    try:
        for part in iter_response(pieces(document, 5000)):
            found += part.issues + part.notes
    except MalformedDocument as error:
        found += error.issues
    return [attrs.evolve(issue, hint=None) for issue in found]


def said_in_memory(document: bytes) -> list[Issue]:
    """The same of a response held in memory."""
    report = Report()
    try:
        CODECS[Format.XML].read_response(CODECS[Format.XML].parse(document, Limits()), ReplyReading("xml", report))
    except MalformedDocument as error:
        return [attrs.evolve(issue, hint=None) for issue in error.issues]
    return [attrs.evolve(issue, hint=None) for issue in (*report.all_issues(), *report.notes)]


@pytest.mark.parametrize("digits", [1, 600, 603, 640, 641, 5000])
def test_an_integer_of_any_length_is_streamed_as_it_is_read(digits: int) -> None:
    """However long a code is, in whichever outcome, none of its digits is lost on either way."""
    for place in range(3):
        items = [b'{"sms":{"to":"1"},"errors":[{"code":%s}]}' % (b"9" * (digits if index == place else 1)) for index in range(3)]
        document = b'{"smsList":[%s]}' % b",".join(items)
        assert outcomes(document, 100) == response_in_memory(document)
        (error,) = decode_response(document).outcomes[place].errors
        assert isinstance(error, StatusDetail)
        assert str(error.code) == "9" * digits


def has_odd_list(document: bytes) -> bool:
    """Whether a list of a response is kept as an extra field."""
    found = detect(document) or Format.JSON
    try:
        response = CODECS[found].read_response(CODECS[found].parse(document, Limits()), ReplyReading(found.value, Report(), None))
    except MalformedDocument:
        return False
    return not response.extra.keys().isdisjoint({*JSON_RESPONSE_LISTS, *XML_RESPONSE_LISTS})


def tells_a_loss(document: bytes, size: int) -> bool:
    """Whether something of a response is lost when it is streamed, and that is said."""
    return any(note.code == "loss.unknown" for item in iter_response(pieces(document, size)) for note in item.notes)


def is_malformed(found: object) -> bool:
    """Whether what was found of a response are the codes of its being malformed, and not the codes and paths of its faults."""
    return isinstance(found, list) and all(isinstance(code, str) for code in found)


BODY = 'line 1\r\nline 2 },{ "é" <&> 😎 '
MANY = SendRequest(SmsMessage(f"9195914{index:05d}", f"{BODY}{index}") for index in range(1203))
REPLY = SendResponse(
    Status(success=True, code=201, message="Some failed", count=1203, success_count=1000),
    [
        Outcome(
            SmsReceipt(to=f"9195914{index:05d}", body=BODY, scheduled_time="2024-02-22T00:25:06", ns_admin_id=index),
            errors=[StatusDetail(status=False, code=8056, message="Invalid mobile")] if index % 7 == 0 else (),
        )
        for index in range(1203)
    ],
    extra={"took": "3 ms"},
)


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_request_is_written_as_it_is_encoded(format: str, indent: int | None) -> None:
    """Message by message, a request becomes the very bytes that `encode_request` gives."""
    file = io.BytesIO()
    with RequestWriter(file, format, "sms", indent=indent) as writer:
        for message in MANY:
            writer.write(message)
    assert file.getvalue() == encode_request(MANY, format, indent=indent)


@pytest.mark.parametrize("count", [0, 1, 1203])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_response_is_written_as_it_is_encoded(format: str, indent: int | None, count: int) -> None:
    """Outcome by outcome, a response becomes the very bytes that `encode_response` gives."""
    response = SendResponse(REPLY.status, REPLY.outcomes[:count], Channel.SMS, REPLY.extra)
    file = io.BytesIO()
    with ResponseWriter(file, format, SendResponse(REPLY.status, (), Channel.SMS, REPLY.extra), indent=indent) as writer:
        for outcome in response.outcomes:
            writer.write(outcome)
    assert file.getvalue() == encode_response(response, format, indent=indent)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_documents_of_many_batches_are_streamed_whole(format: str, indent: int | None) -> None:
    """A request and a response of more than one batch come out message by message, none lost and none twice."""
    request = encode_request(MANY, format, indent=indent)
    assert [item.message for item in iter_request(pieces(request, 5000)) if isinstance(item, Received)] == list(MANY)
    response = encode_response(REPLY, format, indent=indent)
    assert outcomes(response, 5000) == response_in_memory(response)


XML_MESSAGE = b"<sms><to>919876500001</to><body>x</body></sms>"


@pytest.mark.parametrize(
    ("document", "code", "path", "seen"),
    [
        (b'{"smsList":[{},%s,{}]}', "duplicate", "smsList[1].sms.to", None),
        (b"<response><messages><smsData/>%s<smsData/></messages></response>", "duplicate", "response.messages.smsData[1].sms.to", None),
        (b'{"smsList":[{},"x\\n",{}]}', "loss.unknown", "smsList[1]", "x\\n"),
        (b'{"smsList":[{},5,{}]}', "loss.unknown", "smsList[1]", "5"),
        (b'{"smsList":[{},false,{}]}', "loss.unknown", "smsList[1]", "false"),
        (b'{"smsList":[{},[1],{}]}', "loss.unknown", "smsList[1]", None),
        (b'{"smsList":[{},null,{}]}', "", "", None),
        (
            b"<response><messages><smsData/><smsData>x</smsData><smsData/></messages></response>",
            "loss.unknown",
            "response.messages.smsData[1]",
            "x",
        ),
        (b"<response><messages><smsData/><smsData> </smsData><smsData/></messages></response>", "", "", None),
        (
            b"<response><messages><smsData/><smsData a='1'/><smsData/></messages></response>",
            "loss.unknown",
            "response.messages.smsData[1]@a",
            None,
        ),
    ],
)
def test_what_is_found_in_an_outcome_stands_with_it(document: bytes, code: str, path: str, seen: str | None) -> None:
    """A fault or a loss belongs to the outcome that it was found in; what is no outcome reads as one without a message, and what it held is said."""
    twice = b"<smsData><sms><to>1</to><to>2</to></sms></smsData>" if b"<" in document else b'{"sms":{"to":"1","to":"2"}}'
    if b"%s" in document:
        document = document % twice
    for size in (1, 10**6):
        before, found, behind = iter_response(pieces(document, size))
        assert isinstance(before, ReceivedOutcome)
        assert isinstance(behind, ReceivedOutcome)
        assert (before.issues, before.notes, behind.issues, behind.notes) == ((), (), (), ())
        assert [(item.code, item.path, item.seen) for item in found.issues + found.notes] == ([(code, path, seen)] if code else [])
        assert isinstance(found, ReceivedOutcome)
        assert found.outcome == (Outcome() if code != "duplicate" else found.outcome)


def test_what_is_found_between_outcomes_stands_alone() -> None:
    """Text beside the outcomes of a list belongs to none of them."""
    found = list(iter_response([b"<response><messages>x<smsData/></messages></response>"]))
    assert [(type(item).__name__, [note.path for note in item.notes]) for item in found] == [
        ("Findings", ["response.messages"]),
        ("ReceivedOutcome", []),
    ]


ENDLESS = [
    (iter_request, b'{"root": {"sms": [', MESSAGE + b","),
    (iter_request, b"<root>", XML_MESSAGE),
    (iter_request, b"<!-- not plain --><root a=''>", XML_MESSAGE),
    (iter_response, b'{"smsList": [', b'{"sms": ' + MESSAGE + b"},"),
    (iter_response, b"<response><messages>", b"<smsData>" + XML_MESSAGE + b"</smsData>"),
    (iter_response, b"<response><status><code>200</code></status><messages>", b"<smsData>" + XML_MESSAGE + b"</smsData>"),
]


@pytest.mark.parametrize(("read", "head", "item"), ENDLESS)
def test_what_has_come_is_given_before_the_rest_is_asked_for(read: Any, head: bytes, item: bytes) -> None:
    """Messages and outcomes come out while the document comes in: of one that never ends, too."""

    def endless() -> Iterator[bytes]:
        yield head
        for _ in range(300):
            yield item * 200
        pytest.fail("some megabytes have been read, and nothing given")

    reader = iter(read(endless()))
    for index in range(1000):
        assert next(reader).index == index


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("before", [0, 1, 700])
@pytest.mark.parametrize("size", [1, 4096])
def test_a_syntax_fault_has_its_place(format: str, indent: int | None, before: int, size: int) -> None:
    """A syntax error has the message, the line and the column that it has in memory, behind however many messages; hints need the whole document."""
    document = encode_request(SendRequest(MANY.messages[: before + 2]), format, indent=indent)
    place = (document.find(b"919", document.rfind(b"919") // 2) if before else document.index(b"919")) + 3
    document = document[:place] + b'"<"' + document[place:]
    with pytest.raises(MalformedDocument) as streamed_error:
        list(iter_request(pieces(document, size)))
    with pytest.raises(MalformedDocument) as error:
        decode_request(document)
    assert [attrs.evolve(issue, hint=None) for issue in streamed_error.value.issues] == [
        attrs.evolve(issue, hint=None) for issue in error.value.issues
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b'{"smsList":[5]}', "a number where an object belongs: dropped"),
        (b'{"smsList":["x"]}', "a text where an object belongs: dropped"),
        (b'{"smsList":[[]]}', "a list where an object belongs: dropped"),
        (b"<response><messages>\n<smsData>x</smsData></messages></response>", "text where elements belong: dropped"),
    ],
)
def test_what_is_said_of_a_lost_item(document: bytes, message: str) -> None:
    """A note says what stood in the place of an outcome; in XML, with its line."""
    (item,) = iter_response([document])
    assert [(note.message, note.line) for note in item.notes] == [(message, 2 if document.startswith(b"<") else None)]


@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_response_without_status_is_written(format: str) -> None:
    """A head may say nothing but the channel; or more than a document can, which is told."""
    for head in (SendResponse(channel="sms"), SendResponse(Status(code=1), (), "sms", {"status": "taken"})):
        file = io.BytesIO()
        with ResponseWriter(file, format, head) as writer:
            writer.write(REPLY.outcomes[0])
        assert file.getvalue() == encode_response(attrs.evolve(head, outcomes=REPLY.outcomes[:1]), format)
        assert len(writer.notes) == len(head.extra)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_one_message_has_the_limit(format: str) -> None:
    """`limits.bytes` is of one message: a long document of short ones passes, a long message does not."""
    limits = Limits(bytes=10_000)
    assert sum(1 for _ in iter_request(pieces(encode_request(MANY, format), 1000), limits=limits)) == 1203
    long = encode_request(SendRequest([SmsMessage("919876500001", "x" * 600_000)]), format)
    with pytest.raises(MalformedDocument, match=r"limit\.bytes"):
        list(iter_request(pieces(long, 1000), limits=limits))


@pytest.mark.parametrize("space", [0, 1, 3, 4, 5, 70_000])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("format", ["json", "xml"])
def test_white_space_before_a_document(format: str, mark: bytes, space: int) -> None:
    """However much white space stands before a document, and a byte order mark before that, its format is found."""
    document = (
        mark + b" " * space + encode_request(SendRequest(MANY.messages[:1]), format).removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>')
    )
    assert [item.message for item in iter_request(pieces(document, 1)) if isinstance(item, Received)] == [MANY.messages[0]]


def test_an_empty_request_is_not_written() -> None:
    """Finishing a request without a message raises, since a request has one or more."""
    with pytest.raises(ValueError, match="a request has one message or more"):
        RequestWriter(io.BytesIO(), "json", "sms").finish()
