"""`commspec convert` (SPEC.md sections 4.2, 4.5 and 7)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from command_line import Ran, invoke
from hypothesis import given
from hypothesis import strategies as st

from commspec.cli import run
from commspec.cli.console import printable

SMS = '{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
SMS_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<root>\n  <sms>\n    <to>919876500001</to>\n    <body>Hi</body>\n  </sms>\n</root>\n'
SMS_JSON = b"""{
  "root": {
    "sms": [
      {
        "to": "919876500001",
        "body": "Hi"
      }
    ]
  }
}
"""
NUMBER = '{"root": {"sms": [{"to": 919876500001, "body": "Hi"}]}}'
NUMBER_NOTE = "root.sms[0].to: a number, read as its digits (tolerated.number); hint: write it as a text\n"
FAULTY = '{"root": {"sms": [{"to": "919876500001"}, {"to": "919876500001", "body": "Hi", "bdy": "x"}]}}'
FAULTY_SAYS = (
    "standard input: not converted, 2 issues\n"
    "  root.sms[0].body: required, and not there (missing)\n"
    "  root.sms[1].bdy: no such field (unknown)\n"
    "      hint: did you mean body?\n"
)
REPLY = '{"status": {"code": 200}, "smsList": [{"sms": {"to": "919876500001", "scheduledTime": "2026-03-02T09:30:00+05:30"}}]}'


def test_json_to_xml() -> None:
    """A JSON request becomes XML, indented by 2, and nothing else is said."""
    assert invoke("convert", stdin=SMS) == Ran(0, SMS_XML, "")


def test_xml_to_json() -> None:
    """An XML request becomes JSON, indented by 2."""
    assert invoke("convert", stdin=SMS_XML) == Ran(0, SMS_JSON, "")


def test_file_or_standard_input(tmp_path: Path) -> None:
    """FILE, `-` and no FILE are the same document; a FILE may have spaces in its name and CRLF at its line ends."""
    file = tmp_path / "my request.xml"
    file.write_bytes(SMS_XML.replace(b"\n", b"\r\n"))
    assert invoke("convert", str(file)) == invoke("convert", "-", stdin=SMS_XML) == invoke("convert", stdin=SMS_XML)


def test_to_its_own_format() -> None:
    """`--to` may name the document's own format, which writes it anew."""
    assert invoke("convert", "--to", "json", stdin=SMS) == Ran(0, SMS_JSON, "")


def test_compact() -> None:
    """`--compact` writes one line, and ends it."""
    assert invoke("convert", "--to", "json", "--compact", stdin=SMS).out == b'{"root":{"sms":[{"to":"919876500001","body":"Hi"}]}}\n'


def test_indent() -> None:
    """`--indent` is the spaces a level."""
    assert invoke("convert", "--indent", "1", stdin=SMS).out == SMS_XML.replace(b"  ", b" ")


def test_notes() -> None:
    """What was tolerated is told on standard error, a line each, and the document is written."""
    assert invoke("convert", stdin=NUMBER) == Ran(0, SMS_XML, f"standard input: {NUMBER_NOTE}")


def test_notes_name_file_and_line(tmp_path: Path) -> None:
    """A note names the file, escaped, and the line in an XML document."""
    file = tmp_path / "a\x1b[31m\nb.xml"
    file.write_bytes(SMS_XML.replace(b"Hi</body>", b"Hi</body>\n    <colour>red</colour>"))
    ran = invoke("convert", str(file))
    assert ran.err == f"{tmp_path}/a\\x1b[31m\\nb.xml: root.sms[0].colour (line 6): no such field: dropped (loss.unknown)\n"
    assert ran.status == 0


def test_faults() -> None:
    """A document at fault is not converted: every fault is told, with what to do about it."""
    assert invoke("convert", "--strict", stdin=FAULTY) == Ran(1, b"", FAULTY_SAYS)


def test_strict() -> None:
    """`--strict` makes a fault of what would have been tolerated."""
    assert invoke("convert", "--strict", stdin=NUMBER) == Ran(
        1,
        b"",
        "standard input: not converted, 1 issue\n"
        "  root.sms[0].to: expected a text, not a number (type)\n"
        "      seen: 919876500001\n"
        '      hint: write "919876500001"\n',
    )


def test_faults_of_syntax_have_line_and_column() -> None:
    """A fault of syntax is told with line and column."""
    assert invoke("convert", stdin='{"root":\n {"sms": [,]}}').err.splitlines()[1] == (
        "  document (line 2, column 11): expecting value (json.syntax)"
    )


def test_loss_is_told() -> None:
    """A loss is a note like another, without `--fail-on-loss`."""
    ran = invoke("convert", stdin=REPLY)
    assert ran.status == 0
    assert "(loss.offset)" in ran.err
    assert b"<scheduledTime>2026-03-02 09:30:00</scheduledTime>" in ran.out


def test_fail_on_loss(tmp_path: Path) -> None:
    """Under `--fail-on-loss` a loss writes nothing at all, wherever to, and ends with 1."""
    target = tmp_path / "out.xml"
    ran = invoke("convert", "--fail-on-loss", stdin=REPLY)
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err.endswith("standard input: not converted: something would be lost, and --fail-on-loss was given\n")
    assert invoke("convert", "--fail-on-loss", "-o", str(target), stdin=REPLY) == ran
    assert not target.exists()


def test_fail_on_loss_without_loss() -> None:
    """What was tolerated is no loss, and a time in its zone loses nothing."""
    assert invoke("convert", "--fail-on-loss", stdin=NUMBER).status == 0
    ran = invoke("convert", "--fail-on-loss", "--timezone", "Asia/Kolkata", stdin=REPLY)
    assert (ran.status, ran.err) == (0, "")


def test_timezone() -> None:
    """`--timezone` is the wall clock of a response's XML times, an IANA zone or an offset."""
    for zone in ("Europe/Berlin", "+01:00"):
        ran = invoke("convert", "--timezone", zone, stdin=REPLY)
        assert b"<scheduledTime>2026-03-02 05:00:00</scheduledTime>" in ran.out
        assert json.loads(invoke("convert", "--timezone", zone, stdin=ran.out).out)["smsList"][0]["sms"]["scheduledTime"] == (
            "2026-03-02T05:00:00+01:00"
        )


def test_kind() -> None:
    """`--kind` settles what a document is where its root doesn't, or against it."""
    assert invoke("convert", "--kind", "response", "--compact", stdin="{}").out == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<response></response>\n'
    )
    assert "(missing)" in invoke("convert", stdin="{}").err
    assert "(unknown)" in invoke("convert", "--kind", "request", stdin=REPLY).err


def test_from() -> None:
    """`--from` settles the format, whatever the document looks like."""
    assert invoke("convert", "--from", "xml", stdin=SMS).err.splitlines()[0] == "standard input: not converted, 1 issue"
    assert "(xml.syntax)" in invoke("convert", "--from", "xml", stdin=SMS).err


def test_max_bytes() -> None:
    """A document that is longer than `--max-bytes` is at fault, and no more of it is read than shows that."""
    stdin = io.BytesIO(SMS.encode() * 1000)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    stream = io.TextIOWrapper(stdin)
    assert run(["convert", "--max-bytes", "100"], stream, None, err) == 1
    assert stdin.tell() == 101
    err.seek(0)
    assert err.read() == (
        "standard input: not converted, 1 issue\n"
        "  document: longer than 100 bytes (limit.bytes)\n"
        "      hint: raise the limit (limits.bytes, --max-bytes), or stream the document\n"
    )
    assert invoke("convert", "--max-bytes", str(len(SMS)), stdin=SMS).status == 0
    assert invoke("convert", "--max-bytes", str(10**30), stdin=SMS).status == 0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no-such-file.json", "commspec: no-such-file.json: no such file or directory\n"),
        ("", "commspec: '': no such file or directory\n"),
        (".", "commspec: .: is a directory\n"),
        ("a\0b", "commspec: a\\x00b: embedded null byte\n"),
    ],
)
def test_file_trouble(name: str, says: str) -> None:
    """A file that can't be read is one line, and 2."""
    assert invoke("convert", name) == Ran(2, b"", says)


def test_output(tmp_path: Path) -> None:
    """`-o` writes to the file what would have gone to standard output."""
    target = tmp_path / "out.xml"
    assert invoke("convert", "-o", str(target), stdin=NUMBER) == Ran(0, b"", f"standard input: {NUMBER_NOTE}")
    assert target.read_bytes() == SMS_XML


def test_output_may_be_the_input(tmp_path: Path) -> None:
    """`-o` may name FILE: it is read before it is replaced, and stays as it was where it is at fault."""
    file = tmp_path / "document"
    file.write_text(SMS)
    assert invoke("convert", str(file), "-o", str(file)) == Ran(0, b"", "")
    assert file.read_bytes() == SMS_XML
    file.write_text(FAULTY.replace('"Hi", "bdy"', '"Hi", "to"'))
    before = file.read_bytes()
    assert invoke("convert", str(file), "-o", str(file)).status == 1
    assert file.read_bytes() == before


def test_output_to_standard_output() -> None:
    """`-o -` and `-o /dev/stdout` are standard output."""
    assert invoke("convert", "-o", "-", stdin=SMS) == invoke("convert", "-o", "/dev/stdout", stdin=SMS) == Ran(0, SMS_XML, "")


def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the codes of notes and issues are coloured; the document never is."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ran = invoke("convert", "-", stdin=NUMBER, terminal=True)
    assert ran == Ran(0, SMS_XML, "standard input: " + NUMBER_NOTE.replace("(tolerated.number)", "\x1b[33m(tolerated.number)\x1b[0m"))


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes(document: bytes) -> None:
    """Whatever the bytes, the run ends, with 0 and a document or 1 and the reasons, and nothing unprintable reaches standard error."""
    status, out, err = invoke("convert", stdin=document)
    assert (status, bool(out)) in ((0, True), (1, False))
    assert err or not status
    assert printable(err) == err
