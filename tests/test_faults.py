"""Faulty documents give exactly their issues: each kind of fault alone, and several at once (SPEC.md sections 3 to 5)."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from commspec import (
    Attachment,
    Channel,
    CommspecError,
    EmailMessage,
    InvalidDocument,
    InvalidMessage,
    Issue,
    SendRequest,
    SmsMessage,
    WhatsAppMessage,
    ZaloMessage,
    convert,
    decode_request,
    decode_response,
    inspect_request,
)
from commspec.models.messages import ADDRESS, ADDRESSES, ENCODING, FILE_NAME, PHONE
from commspec.models.table import columns_of
from commspec.rules.rule import TextRule
from commspec.rules.text import LINE_BREAKS
from commspec.testing.broken_requests import BAD_BASE64, BAD_TIMES, BAD_VALUES, REQUEST_FAULTS
from commspec.testing.strategies import CODES, Faulty, codes_in, faulty_documents, findings
from commspec.wire.names import LISTS

KINDS = ("request", "response")
FORMATS = ("json", "xml")
ONE = settings(database=None, phases=[Phase.generate])
CASES = [(kind, form, code) for kind in KINDS for form in FORMATS for code in codes_in(kind, form)]  # type: ignore[arg-type]


def issues_of(faulty: Faulty) -> tuple[Issue, ...]:
    """The issues that reading a document raises; none where it is read."""
    try:
        if faulty.kind == "request":
            decode_request(faulty.document, faulty.format, limits=faulty.limits)
        else:
            decode_response(faulty.document, faulty.format, timezone=faulty.timezone, limits=faulty.limits)
    except CommspecError as error:
        return error.issues
    return ()


def test_codes_are_those_of_the_specification() -> None:
    """Every code of section 5 that reading can give is drawn, and no other."""
    of_both = {
        "json.syntax",
        "xml.syntax",
        "xml.doctype",
        "encoding",
        "limit.bytes",
        "limit.depth",
        "limit.issues",
        "type",
        "unknown",
        "duplicate",
        "channel",
    }
    of_fields = {"missing", "blank", "text.character", "text.newline", "phone.characters", "phone.length", "email.syntax", "email.list"}
    of_files = {"attachment.name", "attachment.encoding", "attachment.base64"}
    assert set(CODES["request"]) == of_both | of_fields | of_files | {"time.syntax", "time.offset", "empty"}
    assert set(CODES["response"]) == of_both | {"time.zone"}


@pytest.mark.parametrize(("kind", "format", "code"), CASES)
@settings(max_examples=max(8, settings().max_examples // 6))
@given(data=st.data())
def test_one_fault_gives_exactly_its_issues(kind: Any, format: str, code: str, data: st.DataObject) -> None:
    """A document with one kind of fault has the issues that this must give, by code and path, and no other."""
    faulty = data.draw(faulty_documents(kind, format, codes=[code], max_faults=1))
    assert findings(issues_of(faulty)) == faulty.issues


BROUGHT = {("request", "unknown"): {"missing"}, ("request", "limit.issues"): {"missing"}, ("response", "limit.issues"): {"duplicate"}}
"""What the specification puts beside a code."""


@pytest.mark.parametrize(("kind", "format", "code"), CASES)
@settings(max_examples=max(8, settings().max_examples // 6))
@given(data=st.data())
def test_a_code_asked_for_is_given(kind: Any, format: str, code: str, data: st.DataObject) -> None:
    """Every document drawn for a code has it, alone but for what the specification puts beside it."""
    drawn = {issue.code for issue in data.draw(faulty_documents(kind, format, codes=[code])).issues}
    assert code in drawn
    assert drawn <= {code} | BROUGHT.get((kind, code), set())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", FORMATS)
@given(data=st.data())
def test_no_code_is_given_that_was_not_asked_for(kind: Any, format: str, data: st.DataObject) -> None:
    """Of several codes asked for, every issue has one, or one that the specification puts beside one."""
    asked = data.draw(st.sets(st.sampled_from(codes_in(kind, format)), min_size=2, max_size=5))
    drawn = {issue.code for issue in data.draw(faulty_documents(kind, format, codes=sorted(asked))).issues}
    assert drawn & asked
    assert drawn <= asked.union(*(BROUGHT.get((kind, code), ()) for code in asked))


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("code", codes_in("request", "json"))
def test_a_channel_asked_for_gives_each_code_that_it_can(channel: Channel, code: str) -> None:
    """Of one channel, a code is drawn that its messages can give, and for any other the error says that none does."""
    of_emails, of_phones = code.startswith(("email.", "attachment.")), code.startswith("phone.")
    strategy = faulty_documents("request", "json", channel=channel, codes=[code])
    if (of_emails and channel is not Channel.EMAIL) or (of_phones and channel is Channel.EMAIL):
        with pytest.raises(ValueError, match=f"no json request of {channel} gives any of"):
            find(strategy, lambda faulty: True)
    else:
        assert code in {issue.code for issue in find(strategy, lambda faulty: True, settings=ONE).issues}


@given(faulty_documents())
def test_several_faults_give_all_their_issues_at_once(faulty: Faulty) -> None:
    """A request with several faults lists all of them, and nothing else."""
    assert findings(issues_of(faulty)) == faulty.issues


@given(faulty_documents("response"))
def test_faulty_responses_give_all_their_issues(faulty: Faulty) -> None:
    """A response with a fault lists each place of it, and nothing else."""
    assert findings(issues_of(faulty)) == faulty.issues


@given(faulty_documents())
def test_every_door_finds_the_same_issues(faulty: Faulty) -> None:
    """Decoding, inspecting and strict converting find the same."""
    inspection = inspect_request(faulty.document, faulty.format, limits=faulty.limits)
    assert inspection.issues == issues_of(faulty)
    with pytest.raises(CommspecError) as caught:
        convert(faulty.document, source=faulty.format, kind="request", tolerant=False, limits=faulty.limits)
    assert caught.value.issues == inspection.issues


@given(faulty_documents())
def test_a_fault_belongs_to_its_message(faulty: Faulty) -> None:
    """A message that has a fault is not given out, and one that has none is; its own issues stand with it."""
    inspection = inspect_request(faulty.document, faulty.format, limits=faulty.limits)
    for received in inspection.messages:
        assert (received.message is None) == any(
            issue.path.startswith(received.path) for issue in inspection.issues
        ) or faulty.limits.issues < 10
        assert all(issue in inspection.issues for issue in received.issues)


@given(faulty_documents())
def test_every_issue_says_something_and_nothing_unprintable(faulty: Faulty) -> None:
    """An issue has a message, and everything of it can be printed in one line each."""
    for issue in issues_of(faulty):
        assert issue.message
        assert all(text is None or text.isprintable() for text in (issue.code, issue.path, issue.message, issue.seen, issue.hint))


NAMES_FIRST = ("JSON ", "NaN ", "-Infinity ", "Infinity ")


@given(st.one_of(faulty_documents(), faulty_documents("response")))
def test_every_issue_speaks_in_one_voice(faulty: Faulty) -> None:
    """Message and hint go on in a sentence: they begin in lower case, but for names; a message ends without a full stop, and the hint is another text."""
    for issue in issues_of(faulty):
        for text in (issue.message, issue.hint or "none"):
            assert text.startswith(NAMES_FIRST) or not text[:1].isupper()
        assert issue.message == issue.message.strip().rstrip(".")
        assert issue.hint is None or issue.hint not in issue.message


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, form, code in CASES if form == "xml" and not code.startswith("limit.")])
@settings(max_examples=max(8, settings().max_examples // 6))
@given(data=st.data())
def test_issues_of_xml_have_a_line(kind: Any, code: str, data: st.DataObject) -> None:
    """Every issue of an XML document says the line, but for those of its size, its depth, and how many there are."""
    faulty = data.draw(faulty_documents(kind, "xml", codes=[code]))
    lines = faulty.document.count(b"\n") + faulty.document.count(b"\r") + 1
    for issue in issues_of(faulty):
        if not issue.code.startswith("limit."):
            assert issue.line is not None
            assert 1 <= issue.line <= lines


@pytest.mark.parametrize("format", FORMATS)
@given(data=st.data())
def test_syntax_errors_have_line_and_column(format: str, data: st.DataObject) -> None:
    """A syntax error says where the document stops being one."""
    (issue,) = issues_of(data.draw(faulty_documents(format=format, codes=[f"{format}.syntax"])))
    assert issue.line is not None
    assert issue.column is not None
    assert issue.line >= 1
    assert issue.column >= 1


# ---- Every bad value, in the place that it is bad in.

TABLE = [(code, rules, text) for code, entries in BAD_VALUES.items() for rules, texts in entries for text in texts]


def placed(rules: tuple[TextRule, ...]) -> list[tuple[type, str]]:
    """The classes and attributes that have one of `rules`."""
    return [(cls, column.name) for cls in GOOD for column in columns_of(cls) if column.rule in rules]


GOOD: dict[type, dict[str, Any]] = {
    SmsMessage: {"to": "919876500001", "body": "Hi"},
    WhatsAppMessage: {"receiver": "919876500001", "template": "Hi"},
    ZaloMessage: {"receiver": "919876500001", "template": "Hi"},
    EmailMessage: {"to": "a@example.com", "from_": "b@example.com", "subject": "Hi", "body": ""},
    Attachment: {"file_name": "a.txt", "file_type": "txt", "file_data": "aGk="},
}


@pytest.mark.parametrize(("code", "rules", "text"), TABLE)
def test_no_message_is_made_of_a_bad_value(code: str, rules: tuple[TextRule, ...], text: str) -> None:
    """A constructor refuses every bad value with its code, at the attribute's name."""
    for cls, name in placed(rules):
        with pytest.raises(InvalidMessage) as caught:
            cls(**{**GOOD[cls], name: text})
        assert findings(caught.value.issues) == ((code, name),)


TEXTS = [(cls, column, column.rule) for cls in GOOD for column in columns_of(cls) if column.rule is not None and column.kind == "text"]
BAD: list[tuple[str, type, str, str | None, dict[str, str]]] = [
    *((code, cls, name, text, {}) for code, rules, text in TABLE for cls, name in placed(rules)),
    *((code, SmsMessage, "scheduled_time", text, {}) for code, texts in BAD_TIMES.items() for text in texts),
    *(("attachment.base64", Attachment, "file_data", text, {"file_encoding_type": "base64"}) for text in BAD_BASE64),
    *(("attachment.encoding", Attachment, "file_encoding_type", text, {"file_type": "png"}) for text in (None, "")),
    *(("missing", cls, column.name, None, {}) for cls, column, _ in TEXTS if column.required),
    *(("blank", cls, column.name, text, {}) for cls, column, rule in TEXTS if not rule.blank for text in ("", " ", "\t\u2003")),
    *(
        ("text.newline", cls, column.name, f"{GOOD[cls].get(column.name, '')}{end}x", {})
        for cls, column, rule in TEXTS
        if rule.one_line
        for end in LINE_BREAKS
    ),
]
"""Every bad value where it is bad: its code, its place, and what else the message or the attachment must have."""


def document_of(cls: type, values: list[dict[str, str]], format: str) -> str:
    """A request that holds messages or attachments with these fields, each attachment in an email of its own."""
    if cls is Attachment:
        emails = [{**GOOD[EmailMessage], "attachments": each} for each in values]
        return document_of(EmailMessage, emails, format)
    name = LISTS[cls.channel].message  # type: ignore[attr-defined]
    if format == "json":
        return json.dumps({"root": {name: [as_json(cls, each) for each in values]}})
    return f"<root>{''.join(f'<{name}>{as_xml(cls, each)}</{name}>' for each in values)}</root>"


def as_json(cls: type, values: dict[str, Any]) -> dict[str, Any]:
    """The object that has these fields."""
    return {
        column.json: {"attachment": [as_json(Attachment, values[column.name])]} if column.kind == "files" else values[column.name]
        for column in columns_of(cls)
        if column.name in values
    }


def as_xml(cls: type, values: dict[str, Any]) -> str:
    """The elements that have these fields."""
    elements = ""
    for column in columns_of(cls):
        value = values.get(column.name)
        if value is not None:
            inner = f"<attachment>{as_xml(Attachment, value)}</attachment>" if column.kind == "files" else escape(value, {"\r": "&#13;"})
            elements += f"<{column.xml}>{inner}</{column.xml}>"
    return elements


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("before", [0, 20])
def test_every_bad_value_is_refused_in_a_document(format: str, before: int) -> None:
    """A document with a bad value is refused with its code at its place, whether the message stands alone or behind many good ones."""
    assert len(BAD) > 300
    for code, cls, name, text, beside in BAD:
        bad = {**GOOD[cls], **beside, name: text}
        document = document_of(cls, [GOOD[cls]] * before + [bad], format)
        list_name = "email" if cls is Attachment else LISTS[cls.channel].message  # type: ignore[attr-defined]
        within = "attachments.attachment[0]." if cls is Attachment else ""
        (spelled,) = (column.named(format) for column in columns_of(cls) if column.name == name)  # type: ignore[arg-type]
        with pytest.raises(InvalidDocument) as caught:
            decode_request(document, format)
        assert findings(caught.value.issues) == ((code, f"root.{list_name}[{before}].{within}{spelled}"),), (cls, name, text)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in BAD_TIMES.items() for text in texts])
def test_every_bad_time_is_refused(code: str, text: str) -> None:
    """A scheduled time that is none, or has no offset, is refused with its code."""
    document = f'{{"root":{{"sms":[{{"to":"919876500001","body":"Hi","scheduledTime":"{text}"}}]}}}}'
    assert findings(inspect_request(document).issues) == ((code, "root.sms[0].scheduledTime"),)


@pytest.mark.parametrize("text", BAD_BASE64)
def test_every_bad_base64_is_refused(text: str) -> None:
    """What is not base64 to the letter is refused, in any letter case of the encoding."""
    with pytest.raises(InvalidMessage) as caught:
        Attachment("a.pdf", "pdf", text, "BASE64")
    assert findings(caught.value.issues) == (("attachment.base64", "file_data"),)


def test_the_table_of_bad_values_knows_every_rule_of_its_own() -> None:
    """Each rule of section 5 that judges a text by itself has bad values."""
    assert {rule for _, rules, _ in TABLE for rule in rules} == {PHONE, ADDRESS, ADDRESSES, FILE_NAME, ENCODING}


@pytest.mark.parametrize("fault", REQUEST_FAULTS, ids=lambda fault: fault.name)
def test_every_kind_of_fault_names_codes_of_the_specification(fault: Any) -> None:
    """A kind of fault gives codes that there are, in formats that there are."""
    assert fault.code in CODES["request"]
    assert set(fault.formats) <= set(FORMATS)


def test_codes_that_no_document_of_the_format_gives() -> None:
    """Asking for a code that the format can't give is an error of the caller's."""
    with pytest.raises(ValueError, match="no json request gives any of"):
        find(faulty_documents("request", "json", codes=["xml.syntax"]), lambda faulty: True)


def test_a_good_request_has_no_issues() -> None:
    """The harness would notice: a good document has none."""
    request = SendRequest([SmsMessage("919876500001", "Hi")])
    assert inspect_request('{"root":{"sms":[{"to":"919876500001","body":"Hi"}]}}').good[0].message == request.messages[0]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("file_type", "code"), [(None, "missing"), ("", "blank"), ("a\u2028b", "text.newline")])
@pytest.mark.parametrize(
    ("encoding", "content", "name", "also"),
    [("hex", "YQ==", "file_encoding_type", "attachment.encoding"), ("base64", "YQ", "file_data", "attachment.base64"), (None, "a", "", "")],
)
def test_a_fault_of_a_file_hides_no_other(
    format: str, file_type: str | None, code: str, encoding: str | None, content: str, name: str, also: str
) -> None:
    """What is wrong with an attachment whatever its type is, is said beside what is wrong with its type."""
    columns = {column.name: column.json if format == "json" else column.xml for column in columns_of(Attachment)}
    values = {"file_name": "a.txt", "file_type": file_type, "file_data": content, "file_encoding_type": encoding}
    present = {columns[field]: value for field, value in values.items() if value is not None}
    if format == "json":
        email = {"to": "a@example.org", "from": "b@example.org", "subject": "a", "body": "b", "attachments": {"attachment": [present]}}
        document, at = json.dumps({"root": {"email": [email]}}), "root.email[0].attachments.attachment[0]"
    else:
        inside = "".join(f"<{field}>{value}</{field}>" for field, value in present.items())
        files = f"<attachments><attachment>{inside}</attachment></attachments>"
        document = f"<root><email><to>a@example.org</to><from>b@example.org</from><subject>a</subject><body>b</body>{files}</email></root>"
        at = "root.email[0].attachments.attachment[0]"
    expected = {(code, "file_type"), *([(also, name)] if also else [])}
    assert set(findings(inspect_request(document).issues)) == {(each, f"{at}.{columns[field]}") for each, field in expected}
    with pytest.raises(InvalidMessage) as caught:
        Attachment(**values)  # type: ignore[arg-type]
    assert set(findings(caught.value.issues)) == expected
