"""NDJSON and CSV: two more forms of requests."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, invoke
from hypothesis import given
from hypothesis import strategies as st

from commspec import (
    Attachment,
    EmailMessage,
    InvalidDocument,
    MalformedDocument,
    SendRequest,
    SmsMessage,
    WhatsAppMessage,
    ZaloMessage,
    decode_request,
)
from commspec.forms import CsvWriter, Form, NdjsonWriter, iter_form
from commspec.streaming import Findings
from commspec.testing.strategies import requests
from commspec.wire.report import Limits
from commspec.wire.request import Received

SMS = SmsMessage("919876500001", "Hi")
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
EMAIL = EmailMessage(to="a@example.com", from_="b@example.com", subject="Hi", body='<p>"A"</p>\r\nb; c,\td', cc="")
WHATSAPP = WhatsAppMessage("919876500001", "Hi", NOON)
ZALO = ZaloMessage("919876500001", "=1+1")


def read(source: bytes | Iterable[bytes], form: str, **options: Any) -> list[Received | Findings]:
    """All that a source gives."""
    return list(iter_form([source] if isinstance(source, bytes) else source, form, **options))


def messages(found: Iterable[Received | Findings]) -> list[Any]:
    """The messages of what was read."""
    return [item.message for item in found if isinstance(item, Received)]


def issues(found: Iterable[Received | Findings]) -> list[tuple[str, str, int | None]]:
    """Code, path and line of every issue."""
    return [(issue.code, issue.path, issue.line) for item in found for issue in item.issues]


def notes(found: Iterable[Received | Findings]) -> list[tuple[str, str]]:
    """Code and path of every note."""
    return [(note.code, note.path) for item in found for note in item.notes]


def written(form: str, *given: Any, **options: Any) -> bytes:
    """The bytes of messages."""
    file = io.BytesIO()
    writer: Any = NdjsonWriter if form == "ndjson" else CsvWriter
    with writer(file, given[0].channel, **options) as one:
        for message in given:
            one.write(message)
    return file.getvalue()


# ---- NDJSON.


def test_ndjson_is_a_message_a_line() -> None:
    """Each line is a message in the JSON names, without `channel` where the fields tell it."""
    assert written("ndjson", SMS, SMS) == b'{"to":"919876500001","body":"Hi"}\n' * 2


@pytest.mark.parametrize("message", [WHATSAPP, ZALO])
def test_ndjson_names_the_channel_where_it_is_needed(message: Any) -> None:
    """WhatsApp and Zalo have the same fields, so `channel` is written first in each line, and read back."""
    lines = written("ndjson", message, message)
    assert lines.count(b'{"channel":"%s",' % message.channel.value.encode()) == 2
    assert messages(read(lines, "ndjson")) == [message, message]


def test_ndjson_names_the_channel_when_asked() -> None:
    """`name_channel` puts it in, or leaves it out."""
    assert written("ndjson", SMS, name_channel=True) == b'{"channel":"sms","to":"919876500001","body":"Hi"}\n'
    assert b"channel" not in written("ndjson", ZALO, name_channel=False)


def test_ndjson_blank_lines_bom_and_crlf() -> None:
    """A byte order mark, CRLF, blank lines and a last line without end are all read."""
    source = b'\xef\xbb\xbf\r\n{"to":"919876500001","body":"Hi"}\r\n \t\r\n\n{"to":"919876500001","body":"Hi"}'
    assert messages(read(source, "ndjson")) == [SMS, SMS]


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_ndjson_in_pieces(pieces: int) -> None:
    """The size of the pieces makes no difference."""
    source = b'\xef\xbb\xbf{"to":"919876500001","body":"H\xc3\xa9"}\n\n{"to":"1","body":"Hi"}\n'
    whole = read(source, "ndjson")
    assert read([source[at : at + pieces] for at in range(0, len(source), pieces)], "ndjson") == whole


def test_ndjson_faults_have_canonical_paths_and_lines() -> None:
    """A faulty line is its message's fault, under the path of the canonical document; the lines after it are read."""
    source = b'{"to":"919876500001","body":"Hi"}\n\n{"to":"x","body":""}\n{"to":1\n{"to":"919876500001","body":"Hi"}\n'
    found = read(source, "ndjson")
    assert messages(found) == [SMS, None, None, SMS]
    assert issues(found) == [
        ("phone.characters", "root.sms[1].to", 3),
        ("blank", "root.sms[1].body", 3),
        ("json.syntax", "root.sms[2]", 4),
    ]


def test_ndjson_one_value_a_line() -> None:
    """A line with two messages is a fault, and two lines are never one message, though together they are JSON."""
    source = b'{"to":"919876500001"\n"body":"Hi"}\n{"to":"919876500001","body":"Hi"},{"to":"919876500001","body":"Hi"}\n'
    found = read(source, "ndjson", channel="sms")
    assert [code for code, _, _ in issues(found)] == ["json.syntax"] * 3


def test_ndjson_channels() -> None:
    """A line of another channel is a fault of its own; one that does not exist, that is no text or stands twice, too."""
    source = b"\n".join(
        (
            b'{"to":"919876500001","body":"Hi","channel":"SMS"}',
            b'{"channel":"zalo","receiver":"919876500001","template":"Hi"}',
            b'{"channel":"fax"}',
            b'{"channel":1}',
            b'{"channel":"sms","channel":"sms"}',
            b'{"channel":null,"to":"919876500001","body":"Hi"}',
        )
    )
    found = read(source, "ndjson")
    assert messages(found) == [SMS, None, None, None, None, SMS]
    assert [code for code, _, _ in issues(found)] == ["channel", "channel", "type", "duplicate"]


def test_ndjson_channel_must_be_told() -> None:
    """WhatsApp and Zalo can't be told apart: one issue, unless the first line or the caller names it."""
    source = b'{"receiver":"919876500001","template":"=1+1"}\n'
    assert issues(read(source, "ndjson")) == [("channel", "root", 1)]
    assert messages(read(source, "ndjson", channel="zalo")) == [ZALO]
    assert messages(read(b'{"channel":"zalo","receiver":"919876500001","template":"=1+1"}\n' + source, "ndjson")) == [ZALO, ZALO]


def test_ndjson_tolerance() -> None:
    """The variants of section 6 are read when tolerant, with the line in their notes."""
    found = read(b'\n{"to":919876500001,"body":"Hi"}', "ndjson", tolerant=True)
    assert messages(found) == [SMS]
    assert [(note.code, note.path, note.line) for item in found for note in item.notes] == [("tolerated.number", "root.sms[0].to", 2)]


@pytest.mark.parametrize("form", list(Form))
def test_nothing_is_empty(form: Form) -> None:
    """A source without messages is `empty`, as a document is."""
    assert [code for code, _, _ in issues(read(b"\n\r\n", form.value))] == ["empty"]


def test_ndjson_line_too_long() -> None:
    """A line longer than the limit is refused before it is held."""
    with pytest.raises(MalformedDocument, match="a line is longer than 100 bytes"):
        read([b'{"to":"'] + [b"1" * 50] * 5, "ndjson", limits=Limits(bytes=100))


@pytest.mark.parametrize("ending", [b"\n", b""])
@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_a_long_line_in_pieces(form: str, ending: bytes) -> None:
    """Whether a line is longer than the limit does not depend on the pieces that it comes in, nor on where in the document it stands."""
    ndjson = b'{"to":"919876500001","body":"%s"}'
    before, after = (b"", b"\n" + ndjson % b"") if form == "ndjson" else (b"to,body\n", b"\n919876500001,Hi")
    line = (ndjson if form == "ndjson" else b"919876500001,%s") % ("₹" * 20).encode()
    for source in (before + line + ending, before + line + after + ending, before + after.removeprefix(b"\n") + b"\n" + line + ending):
        for size in (1, 7, 50, len(source)):
            pieces = [source[start : start + size] for start in range(0, len(source), size)]
            read(pieces, form, limits=Limits(bytes=len(line)))
            with pytest.raises(MalformedDocument, match=f"a line is longer than {len(line) - 1} bytes"):
                read(pieces, form, limits=Limits(bytes=len(line) - 1))


@given(requests())
def test_round_trip(request_: SendRequest) -> None:
    """Messages read back as they were: from NDJSON exactly, from CSV but for attachments, for an empty text that may be absent, and for a lost zero."""
    given_messages: list[Any] = list(request_)
    assert messages(read(written("ndjson", *given_messages), "ndjson")) == given_messages
    plain = [message for message in given_messages if not getattr(message, "attachments", ())]
    if plain:
        read_back = read(written("csv", *plain), "csv")
        # Recipients with and without a leading zero may be what a spreadsheet leaves: refused, whoever wrote them.
        if {code for code, _, _ in issues(read_back)} == {"csv.number"}:
            return
        for before, after in zip(plain, messages(read_back), strict=True):
            for name in before.__slots__:
                if not name.startswith("__"):
                    old, new = getattr(before, name), getattr(after, name)
                    assert old == new or (old == "" and new is None and name not in ("to", "body"))


@given(
    st.lists(
        st.sampled_from([b'{"to":"919876500001","body":"Hi"}', b'{"to":"1"}', b"{", b"}", b",", b'"', b" ", b"[]", b"null"]), max_size=6
    )
)
def test_any_lines(parts: list[bytes]) -> None:
    """Each line that isn't blank is one message or has issues, whatever stands on it, and what is good is what JSON makes of it."""
    lines = b"\n".join(parts)
    found = [item for item in read(lines, "ndjson", channel="sms") if isinstance(item, Received)]
    kept = [part for part in parts if part.strip()]
    assert len(found) == len(kept)
    for item, line in zip(found, kept, strict=True):
        assert (item.message is None) == bool(item.issues)
        try:
            expected = decode_request(b'{"root":{"sms":[' + line + b"]}}").messages
        except (InvalidDocument, MalformedDocument):
            assert item.message is None
        else:
            assert (item.message,) == expected


# ---- CSV.


def test_csv_is_a_row_a_message() -> None:
    """The header has the XML names; cells are quoted where they must be, and text is kept to the character."""
    assert written("csv", WHATSAPP) == b"channel,receiver,template,scheduled_time\r\nwhatsapp,919876500001,Hi,2026-03-02T12:00:00+00:00\r\n"
    text = written("csv", EMAIL)
    assert text.startswith(b"to,cc,bcc,from,subject,body,scheduled_time\r\n")
    (message,) = messages(read(text, "csv"))
    assert message.body == EMAIL.body


def test_csv_empty_text_is_a_loss() -> None:
    """An empty optional text is an empty cell, which reads as absent, and is told."""
    file = io.BytesIO()
    with CsvWriter(file, "email") as writer:
        writer.write(EMAIL)
    assert [(note.code, note.path) for note in writer.notes] == [("loss.empty", "root.email[0].cc")]
    assert messages(read(file.getvalue(), "csv"))[0].cc is None


def test_csv_required_body_may_be_empty() -> None:
    """The body of an email, which must be there and may be empty, is so by an empty cell; nothing is lost."""
    assert messages(read(b"to,from,subject,body\na@example.com,b@example.com,Hi,\n", "csv"))[0].body == ""


def test_csv_refuses_attachments() -> None:
    """Attachments have no place: neither written nor read."""
    message = EmailMessage(to="a@example.com", from_="b@example.com", subject="Hi", body="", attachments=[Attachment("a.txt", "txt", "x")])
    with pytest.raises(InvalidDocument, match=r"root.email\[0\].attachments: CSV has no place for attachments \(csv.attachments\)"):
        written("csv", message)
    assert issues(read(b"to,from,subject,body,attachments\n", "csv")) == [("csv.attachments", "root.email.attachments", 1)]


def test_csv_faults() -> None:
    """Faults have canonical paths in the XML names, and the line on which their row begins."""
    found = read(b'to,body,scheduled_time\n\n,"a\nb",\n919876500001,,2026-03-02\n919876500001,Hi,,more\n919876500001,Hi\n', "csv")
    assert messages(found) == [None, None, None, SMS]
    assert issues(found) == [
        ("missing", "root.sms[0].to", 3),
        ("missing", "root.sms[1].body", 5),
        ("time.syntax", "root.sms[1].scheduled_time", 5),
        ("unknown", "root.sms[2]", 6),
    ]


def test_csv_header_faults() -> None:
    """A name that is missing, unknown or twice is one fault, and not one a row."""
    assert issues(read(b"to,colour,body\n919876500001,red,Hi\n", "csv")) == [("unknown", "root.sms.colour", 1)]
    assert issues(read(b"to,to,body\n", "csv")) == [("duplicate", "root.sms.to", 1)]
    assert issues(read(b"to,sender\n919876500001,x\n", "csv")) == [("missing", "root.sms.body", 1)]
    assert issues(read(b"919876500001,Hi\n", "csv", channel="sms"))[-2:] == [("missing", "root.sms.to", 1), ("missing", "root.sms.body", 1)]
    assert issues(read(b"919876500001,Hi\n", "csv")) == [("channel", "root", 1)]


def test_csv_tolerated_header() -> None:
    """When tolerant an unknown column is dropped, and the JSON spelling read; both are told once."""
    found = read(b"to, body ,scheduledTime,colour\n919876500001,Hi,,red\n", "csv", tolerant=True)
    assert messages(found) == [SMS]
    assert notes(found) == [("tolerated.spelling", "root.sms.scheduled_time"), ("loss.unknown", "root.sms.colour")]


@pytest.mark.parametrize(("separator", "head"), [(";", b""), ("\t", b""), ("|", b"sep=|\r\n"), (";", b"\xef\xbb\xbf")])
def test_csv_of_spreadsheets(separator: str, head: bytes) -> None:
    """A byte order mark is read; other separators are when tolerant, and refused when strict."""
    source = head + f"to{separator}body\r\n919876500001{separator}Hi\r\n{separator}\r\n".encode()
    found = read(source, "csv", tolerant=True)
    assert messages(found) == [SMS]
    assert notes(found) == [("tolerated.separator", "")]
    assert [code for code, _, _ in issues(read(source, "csv"))] == ["csv.separator"]


def test_csv_utf_16() -> None:
    """What a spreadsheet saves as Unicode text is read."""
    assert messages(read("to\tbody\r\n919876500001\tHi\r\n".encode("utf-16"), "csv", tolerant=True)) == [SMS]


def test_csv_other_encodings() -> None:
    """Bytes that are not UTF-8 are `encoding`, with the line and what to do."""
    with pytest.raises(MalformedDocument) as caught:
        read(b"to,body\n919876500001,Gr\xfc\xdfe\n", "csv")
    assert [(issue.code, issue.hint) for issue in caught.value.issues] == [("encoding", "save it as CSV UTF-8")]


@pytest.mark.parametrize("number", ["4.479E+11", "9,19877E+11", "919876500001.0"])
@pytest.mark.parametrize("column", ["to", "sender"])
def test_csv_numbers_as_shown(number: str, column: str) -> None:
    """A number as a spreadsheet shows it is refused, with its row and what to do, also where any text is allowed."""
    to, sender = (number, "") if column == "to" else ("919876500001", number)
    found = read(f'to,body,sender\n919876500001,Hi,\n"{to}",Hi,"{sender}"\n'.encode(), "csv")
    assert issues(found) == [("csv.number", f"root.sms[1].{column}", 3)]
    (issue,) = found[1].issues
    assert issue.hint == "format the column as text, and export it again"


def test_csv_lost_zero() -> None:
    """A number that is a digit shorter than one beside it that begins with 0 has lost its own."""
    found = read(b"to,body\n07700900123,Hi\n7700900124,Hi\n+7700900124,Hi\n919876500001,Hi\n", "csv")
    assert issues(found) == [("csv.number", "root.sms[1].to", 3)]
    assert found[1].issues[0].hint == "write 07700900124, and format the column as text; or +7700900124 where it is whole"


def test_csv_long_cells() -> None:
    """A cell may be longer than Python's csv module would have it."""
    body = "x" * 300_000
    assert messages(read(f"to,body\n919876500001,{body}\n".encode(), "csv"))[0].body == body


def test_csv_quotes() -> None:
    """What no CSV has is `csv.syntax`, with its line."""
    for source in (b'to,body\n919876500001,"a"b\n', b'to,body\n919876500001,"a\n'):
        with pytest.raises(MalformedDocument) as caught:
            read(source, "csv")
        assert [(issue.code, issue.line) for issue in caught.value.issues] == [("csv.syntax", 2)]


def test_csv_channel_column() -> None:
    """A column `channel` is read, and must name one channel throughout."""
    found = read(
        b"channel,receiver,template\n\n,919876500001,=1+1\nzalo,919876500001,=1+1\nwhatsapp,919876500001,Hi\n", "csv", channel="zalo"
    )
    assert messages(found) == [ZALO, ZALO, None]
    assert issues(found) == [("channel", "root.zaloMessage[2].channel", 5)]
    assert messages(read(b"channel,receiver,template\nZalo,919876500001,=1+1\n", "csv")) == [ZALO]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_writers_refuse_what_is_no_request(form: str) -> None:
    """A message of another channel, or none at all, is a ValueError."""
    with pytest.raises(ValueError, match="a message for zalo in a request for sms"):
        written(form, SMS, ZALO)
    with pytest.raises(ValueError, match="one message or more"):
        (NdjsonWriter if form == "ndjson" else CsvWriter)(io.BytesIO(), "sms").finish()


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_batches_make_no_difference(form: str) -> None:
    """More messages than are read and written at a time are all there, in order."""
    many = [SmsMessage(f"9198765{number:05d}", f"Hi {number}", sender=None if number % 3 else "ACME") for number in range(1234)]
    text = written(form, *many)
    found = read(text, form)
    assert messages(found) == many
    assert [item.index for item in found if isinstance(item, Received)] == list(range(1234))


# ---- On the command line.


def test_convert_to_and_from_forms(tmp_path: Path) -> None:
    """`--to ndjson|csv` and back; FILE's ending tells these forms, and from standard input `--from` does."""
    document = '{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
    ran = invoke("convert", "--to", "ndjson", stdin=document)
    assert ran == Ran(0, b'{"to":"919876500001","body":"Hi"}\n', "")
    assert (
        invoke("convert", "--from", "ndjson", "--compact", stdin=ran.out).out == b'{"root":{"sms":[{"to":"919876500001","body":"Hi"}]}}\n'
    )
    file = tmp_path / "rows.CSV"
    assert invoke("convert", "--to", "csv", "-o", str(file), stdin=document).status == 0
    assert invoke("convert", str(file), "--to", "ndjson").out == ran.out


def test_convert_faulty_rows(tmp_path: Path) -> None:
    """Every fault of every row is told, with its line, and nothing is written."""
    target = tmp_path / "out.json"
    ran = invoke("convert", "--from", "csv", "-o", str(target), stdin="to,body\n4.479E+11,Hi\n919876500001,\n")
    assert (ran.status, ran.out, target.exists()) == (1, b"", False)
    assert ran.err == (
        "standard input: not converted, 2 issues\n"
        "  root.sms[0].to (line 2): a number as a spreadsheet shows it, whose digits are lost (csv.number)\n"
        "      seen: 4.479E+11\n"
        "      hint: format the column as text, and export it again\n"
        "  root.sms[1].body (line 3): required, and not there (missing)\n"
    )


def test_convert_channel() -> None:
    """`--channel` tells WhatsApp from Zalo."""
    line = '{"receiver":"919876500001","template":"Hi"}'
    assert invoke("convert", "--from", "ndjson", stdin=line).status == 1
    assert b'"zaloMessage"' in invoke("convert", "--from", "ndjson", "--channel", "zalo", stdin=line).out


def test_convert_responses_have_no_forms() -> None:
    """A response has no NDJSON or CSV: one issue, and nothing is written."""
    ran = invoke("convert", "--to", "csv", stdin='{"status": {"code": 200}}')
    assert (ran.status, ran.out) == (1, b"")
    assert "a response, which has no csv form (type)" in ran.err


def test_convert_fail_on_loss() -> None:
    """An empty text that CSV can't tell from none is a loss, and under `--fail-on-loss` nothing is written."""
    line = '{"to":"a@example.com","from":"b@example.com","subject":"x","body":"","cc":""}'
    assert "(loss.empty)" in invoke("convert", "--from", "ndjson", "--to", "csv", stdin=line).err
    assert invoke("convert", "--from", "ndjson", "--to", "csv", "--fail-on-loss", stdin=line)[:2] == (1, b"")


def test_convert_streams_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is streamed, into the same bytes and with the same words; an explicit `--max-bytes` refuses it instead."""
    file = tmp_path / "a.json"
    file.write_text('{"root": {"sms": [' + ",".join(['{"to": 919876500001, "body": "Hi"}'] * 50) + "]}}")
    whole = invoke("convert", str(file))
    monkeypatch.setattr("commspec.cli.convert.LARGE_BYTES", 100)
    monkeypatch.setattr("commspec.bulk.document.WHOLE_BYTES", 100)
    assert invoke("convert", str(file)) == whole
    assert invoke("convert", str(file), "--max-bytes", "1000").status == 1
    file.write_text(file.read_text()[:-1])
    assert invoke("convert", str(file))[:2] == (1, b"")
