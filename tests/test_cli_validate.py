"""`commspec validate` (SPEC.md sections 4.2 and 7)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, invoke
from hypothesis import given
from hypothesis import strategies as st

from commspec.cli.console import printable
from commspec.cli.validate import matching
from commspec.errors import CommspecError

SMS = '{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
TWO_XML = "<root>\n<sms><to>919876500001</to><body>Hi</body></sms>\n<sms>\n<to>919876500001</to></sms></root>"  # the second one has no body
NUMBER = '{"root": {"sms": [{"to": 919876500001, "body": "Hi"}]}}'
ZALO = '{"root": {"zaloMessage": [{"receiver": "919876500001", "template": "Hi"}]}}'
ZALO_REPLY = '{"status": {"code": 200}, "zalo": [{"zaloMessage": {"receiver": "919876500001"}}]}'
PAST = '{"root": {"sms": [{"to": "919876500001", "body": "Hi", "scheduledTime": "2001-01-01T00:00:00Z"}]}}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reports(ran: Ran) -> list[dict[str, Any]]:
    """The objects of a JSON report, a line each."""
    return [json.loads(line) for line in ran.out.splitlines()]


# ---- For people.


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (SMS, "standard input: valid, 1 sms message in a JSON request\n"),
        (
            TWO_XML.replace("</to></sms>", "</to><body/></sms>").replace("<body/>", "<body>Hi</body>"),
            "standard input: valid, 2 sms messages in an XML request\n",
        ),
        (ZALO_REPLY, "standard input: valid, 1 zalo outcome in a JSON response\n"),
        ("<status><code>400</code></status>", "standard input: valid, 0 outcomes in an XML response\n"),
    ],
)
def test_valid(document: str, says: str) -> None:
    """A valid document is one line that says what it is."""
    assert invoke("validate", stdin=document) == Ran(0, says.encode(), "")


def test_faults(folder: Path) -> None:
    """A document at fault is told with every fault: path, line, message, what was seen and what to write instead."""
    (folder / "two.xml").write_text(
        TWO_XML.replace("<to>919876500001</to></sms></root>", "<to>919876500001</to><Body>x</Body></sms></root>")
    )
    assert invoke("validate", "two.xml").out.decode() == (
        "two.xml: not valid, 2 issues, 2 sms messages in an XML request\n"
        "  root.sms[1].Body (line 4): no such field (unknown)\n"
        "      hint: write body\n"
        "  root.sms[1].body (line 3): required, and not there (missing)\n"
    )


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{"root":', "standard input: not valid, 1 issue: a JSON document\n"),
        ("<root>", "standard input: not valid, 1 issue: an XML document\n"),
        ("hello", "standard input: not valid, 1 issue: a document\n"),
        ("", "standard input: not valid, 1 issue: a document\n"),
        ("{}", "standard input: not valid, 1 issue, 0 messages in a JSON document\n"),
        ('{"root": {"sms": [], "email": []}}', "standard input: not valid, 2 issues, 0 messages in a JSON request\n"),
    ],
)
def test_what_is_not_known_is_not_claimed(document: str, says: str) -> None:
    """A faulty document is called what can be told of it, and no more."""
    ran = invoke("validate", stdin=document)
    assert (ran.status, ran.out.decode().splitlines(keepends=True)[0]) == (1, says)


def test_strict_without_tolerant() -> None:
    """Variants are faults, and under `--tolerant` notes that leave the document valid."""
    assert invoke("validate", stdin=NUMBER).status == 1
    assert invoke("validate", "--tolerant", stdin=NUMBER) == Ran(
        0,
        b"standard input: valid, 1 note, 1 sms message in a JSON request\n"
        b"  root.sms[0].to: a number, read as its digits (tolerated.number)\n"
        b"      hint: write it as a text\n",
        "",
    )


def test_several_files(folder: Path) -> None:
    """Every file is checked, one that can't be read told on standard error; 2 wins over 1, 1 over 0."""
    (folder / "good file.json").write_text(SMS)
    (folder / "bad.json").write_text("[]")
    assert invoke("validate", "good file.json").status == 0
    assert invoke("validate", "bad.json", "good file.json").status == 1
    ran = invoke("validate", "none.json", ".", "bad.json", "good file.json")
    assert ran.status == 2
    assert ran.err == "commspec: none.json: no such file or directory\ncommspec: .: is a directory\n"
    assert ran.out.decode().splitlines()[0::2] == [
        "bad.json: not valid, 1 issue, 0 messages in a JSON document",
        "good file.json: valid, 1 sms message in a JSON request",
    ]


def test_standard_input_among_files(folder: Path) -> None:
    """`-` among the files is standard input."""
    (folder / "good.json").write_text(SMS)
    assert (
        invoke("validate", "good.json", "-", stdin=ZALO).out.splitlines()[1] == b"standard input: valid, 1 zalo message in a JSON request"
    )


def test_patterns(folder: Path) -> None:
    """On Windows a pattern is the files that it matches, in order, and itself where it matches none."""
    for name in ("b.json", "a.json", "c.xml"):
        (folder / name).write_text(SMS)
    assert matching(("c.xml", "*.json", "*.txt", "-")) == ("c.xml", "a.json", "b.json", "*.txt", "-")


def test_names_of_files_are_escaped(folder: Path) -> None:
    """A file's name reaches a terminal with its unprintable characters as escapes, read or not."""
    (folder / "a\x1b]0;x\x07\nb").write_text(SMS)
    assert invoke("validate", "a\x1b]0;x\x07\nb").out == b"a\\x1b]0;x\\x07\\nb: valid, 1 sms message in a JSON request\n"
    assert invoke("validate", "\x9b\u202e").err == "commspec: \\x9b\\u202e: no such file or directory\n"


@pytest.mark.parametrize("asked", ["sms", "SMS", "Sms"])
def test_channel(asked: str) -> None:
    """`--channel`, in any letter case, is what a request's messages and a response's outcomes must be for."""
    assert invoke("validate", "--channel", asked, stdin=SMS).status == 0
    assert [issue["code"] for issue in reports(invoke("validate", "--report", "json", "--channel", asked, stdin=ZALO))[0]["issues"]] == [
        "channel"
    ]
    reply = reports(invoke("validate", "--report", "json", "--channel", asked, stdin=ZALO_REPLY))[0]
    assert [(issue["code"], issue["path"]) for issue in reply["issues"]] == [("channel", "zalo")]
    assert invoke("validate", "--channel", "zalo", stdin=ZALO_REPLY).status == 0


def test_channel_of_an_xml_response() -> None:
    """The wrong channel's list is at its path in the document."""
    document = "<response><status/><messages><smsData><sms/></smsData></messages></response>"
    (report,) = reports(invoke("validate", "--report", "json", "--channel", "email", stdin=document))
    assert [(issue["code"], issue["path"]) for issue in report["issues"]] == [("channel", "response.messages")]


def test_channel_of_a_status_alone() -> None:
    """A response without outcomes is of no channel, and so of none that is wrong."""
    assert invoke("validate", "--channel", "sms", stdin='{"status": {"code": 400}}').status == 0


def test_kind() -> None:
    """`--kind` settles what a document is."""
    assert invoke("validate", "--kind", "response", stdin="{}").out == b"standard input: valid, 0 outcomes in a JSON response\n"
    assert invoke("validate", "--kind", "request", stdin=ZALO_REPLY).status == 1


def test_from() -> None:
    """`--from` settles the format."""
    (report,) = reports(invoke("validate", "--report", "json", "--from", "xml", stdin=SMS))
    assert (report["format"], report["issues"][0]["code"]) == ("xml", "xml.syntax")


def test_timezone() -> None:
    """`--timezone` finds a wall clock that the time zone shows twice or never, and lends a request its offset."""
    reply = "<response><messages><smsData><sms><scheduledTime>2026-03-29 02:30:00</scheduledTime></sms></smsData></messages></response>"
    assert invoke("validate", stdin=reply).status == 0
    (report,) = reports(invoke("validate", "--report", "json", "--timezone", "Europe/Berlin", stdin=reply))
    assert [issue["code"] for issue in report["issues"]] == ["time.zone"]
    local = PAST.replace("Z", "")
    assert invoke("validate", "--tolerant", stdin=local).status == 1
    assert invoke("validate", "--tolerant", "--timezone", "Asia/Kolkata", stdin=local).status == 0


def test_max_bytes() -> None:
    """A document that is longer than `--max-bytes` is at fault."""
    (report,) = reports(invoke("validate", "--report", "json", "--max-bytes", "20", stdin=SMS))
    assert [issue["code"] for issue in report["issues"]] == ["limit.bytes"]


# ---- Advice.


def test_advice_only_when_asked_for() -> None:
    """`--advise` adds notes, which leave the document valid; without it there are none."""
    assert invoke("validate", stdin=PAST).out == b"standard input: valid, 1 sms message in a JSON request\n"
    ran = invoke("validate", "--advise", stdin=PAST)
    assert ran.status == 0
    assert ran.out.startswith(b"standard input: valid, 1 note, 1 sms message in a JSON request\n  root.sms[0].scheduledTime: ")
    assert b"(time.past)" in ran.out


def test_advice_has_the_names_of_the_document() -> None:
    """Advice on an XML document has XML paths."""
    document = "<root><sms><to>919876500001</to><body>Hi</body><scheduled_time>2001-01-01T00:00:00Z</scheduled_time></sms></root>"
    (report,) = reports(invoke("validate", "--advise", "--report", "json", stdin=document))
    assert [(note["code"], note["path"]) for note in report["notes"]] == [("time.past", "root.sms[0].scheduled_time")]
    assert (report["valid"], report["issues"]) == (True, [])


def test_region() -> None:
    """`--region`, in any letter case, says whose national numbers are meant; one that does not exist is wrong usage."""
    national = SMS.replace("919876500001", "9876500001")
    codes = [
        [note["code"] for note in reports(invoke("validate", "--advise", *region, "--report", "json", stdin=national))[0]["notes"]]
        for region in ([], ["--region", "IN"], ["--region", "in"])
    ]
    assert codes == [["phone.plan"], [], []]
    assert invoke("validate", "--advise", "--region", "XX", stdin=national) == Ran(
        2,
        b"",
        "commspec validate: invalid value for '--region': unknown region 'XX'; expected two letters of ISO 3166, such as IN\n"
        "Try 'commspec validate --help'.\n",
    )


def test_advice_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package that advice needs is missing, the line that says so is the end."""

    def advise(*arguments: object, **options: object) -> None:
        raise CommspecError("needs the package x: pip install 'commspec[x]'")

    monkeypatch.setattr("commspec.advice.advise", advise)
    assert invoke("validate", "--advise", stdin=SMS) == Ran(2, b"", "commspec: needs the package x: pip install 'commspec[x]'\n")


def test_no_advice_on_faults() -> None:
    """A request at fault gets no advice: it can't be sent as it is."""
    assert b"time.past" not in invoke("validate", "--advise", stdin=PAST.replace("Hi", "")).out


# ---- For programs.


def test_report_of_a_request() -> None:
    """`--report json` is one object on one line, with these keys in this order."""
    assert invoke("validate", "--report", "json", stdin=SMS).out == (
        b'{"file": "-", "valid": true, "kind": "request", "format": "json", "channel": "sms", "messages": 1, "issues": [], "notes": []}\n'
    )


def test_report_of_faults() -> None:
    """An issue has code, path, message, seen, hint and line, null where there is none."""
    (report,) = reports(invoke("validate", "--report", "json", stdin=TWO_XML))
    assert report == {
        "file": "-",
        "valid": False,
        "kind": "request",
        "format": "xml",
        "channel": "sms",
        "messages": 2,
        "issues": [
            {
                "code": "missing",
                "path": "root.sms[1].body",
                "message": "required, and not there",
                "seen": None,
                "hint": None,
                "line": 3,
            }
        ],
        "notes": [],
    }


def test_report_of_notes() -> None:
    """What was tolerated stands in `notes`, in the form of issues, and `valid` stays true."""
    (report,) = reports(invoke("validate", "--report", "json", "--tolerant", stdin=NUMBER))
    assert (report["valid"], report["issues"]) == (True, [])
    assert report["notes"] == [
        {
            "code": "tolerated.number",
            "path": "root.sms[0].to",
            "message": "a number, read as its digits",
            "seen": None,
            "hint": "write it as a text",
            "line": None,
        }
    ]


def test_report_of_a_response_has_its_losses() -> None:
    """What the reader of a response drops is in `notes`."""
    (report,) = reports(invoke("validate", "--report", "json", stdin='<response a="1"><status/></response>'))
    assert (report["valid"], [note["code"] for note in report["notes"]]) == (True, ["loss.unknown"])


@pytest.mark.parametrize(
    ("document", "kind", "format", "channel", "messages"),
    [
        ("hello", None, None, None, None),
        ("", None, None, None, None),
        ("[", None, "json", None, None),
        ("<a>", None, "xml", None, None),
        ("[]", None, "json", None, 0),
        ("<a/>", None, "xml", None, 0),
        ('{"root": {}}', "request", "json", None, 0),
        ('{"status": {}}', "response", "json", None, 0),
        ("<response><zalo/></response>", "response", "xml", "zalo", 0),
    ],
)
def test_report_of_what_can_be_told(document: str, kind: str | None, format: str | None, channel: str | None, messages: int | None) -> None:
    """What could not be detected is null; the number of messages is, where the document is malformed."""
    (report,) = reports(invoke("validate", "--report", "json", stdin=document))
    assert [report[key] for key in ("kind", "format", "channel", "messages")] == [kind, format, channel, messages]


def test_report_of_a_file_that_cannot_be_read(folder: Path) -> None:
    """Such a file has its line too, with null for all that is not known, `valid` included; why stands on standard error."""
    (folder / "good.json").write_text(SMS)
    ran = invoke("validate", "--report", "json", "none.json", "good.json")
    assert (ran.status, ran.err) == (2, "commspec: none.json: no such file or directory\n")
    unread, read = reports(ran)
    assert (read["file"], read["valid"]) == ("good.json", True)
    assert unread == {
        "file": "none.json",
        "valid": None,
        "kind": None,
        "format": None,
        "channel": None,
        "messages": None,
        "issues": [],
        "notes": [],
    }


@pytest.mark.parametrize("name", ["ü n.json", "a\nb", "x\\y", os.fsdecode(b"\xff.json")])
def test_report_of_names(name: str) -> None:
    """`file` is the name as it was given, so that a program finds the file; only bytes that are no text become escapes. The line is ASCII."""
    ran = invoke("validate", "--report", "json", name)
    assert reports(ran)[0]["file"] == name.replace("\udcff", "\\xff")
    assert ran.out.isascii()
    assert ran.out.count(b"\n") == 1


# ---- Colours.

RED, GREEN, YELLOW, CYAN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[0m"


@pytest.fixture
def colourful(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that says nothing against colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch


def test_colours_on_a_terminal(colourful: pytest.MonkeyPatch) -> None:
    """On a terminal, verdicts, codes and hints are coloured."""
    ran = invoke("validate", "-", stdin=SMS.replace("body", "bodi"), terminal=True)
    assert ran.out.decode() == (
        f"standard input: {RED}not valid{PLAIN}, 2 issues, 1 sms message in a JSON request\n"
        f"  root.sms[0].bodi: no such field {RED}(unknown){PLAIN}\n"
        f"  {CYAN}    hint: did you mean body?{PLAIN}\n"
        f"  root.sms[0].body: required, and not there {RED}(missing){PLAIN}\n"
    )
    assert invoke("validate", "--tolerant", "-", stdin=NUMBER, terminal=True).out.decode() == (
        f"standard input: {GREEN}valid{PLAIN}, 1 note, 1 sms message in a JSON request\n"
        f"  root.sms[0].to: a number, read as its digits {YELLOW}(tolerated.number){PLAIN}\n"
        f"  {CYAN}    hint: write it as a text{PLAIN}\n"
    )


@pytest.mark.parametrize(("variable", "value", "terminal"), [("NO_COLOR", "1", True), ("TERM", "dumb", True), ("NO_COLOR", "", False)])
def test_no_colours(variable: str, value: str, terminal: bool, colourful: pytest.MonkeyPatch) -> None:
    """No colours where NO_COLOR is set, on a dumb terminal, and anywhere but on a terminal."""
    colourful.setenv(variable, value)
    assert invoke("validate", "-", stdin="[]", terminal=terminal).out.isascii()
    assert b"\x1b" not in invoke("validate", "-", stdin="[]", terminal=terminal).out


# ---- Anything.

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(["to", "body"]), st.text(max_size=8)), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda value: json.dumps({"root": {"sms": [value]}}).encode(), VALUES),
    st.builds(lambda value: json.dumps({"status": value, "smsList": value}).encode(), VALUES),
    st.builds(lambda text: f"<root><sms><{text}>{text}".encode("utf-8", "replace"), st.text(max_size=20)),
    st.builds(
        lambda to, body: json.dumps({"root": {"sms": [{"to": to, "body": body}]}}).encode(), st.text(max_size=12), st.text(max_size=12)
    ),
)


@given(DOCUMENTS, st.sampled_from([(), ("--tolerant",), ("--kind", "response")]))
def test_any_document(document: bytes, options: tuple[str, ...]) -> None:
    """Whatever a document holds, the verdict is a text without anything unprintable and a JSON object that say the same."""
    text = invoke("validate", *options, stdin=document)
    (report,) = reports(invoke("validate", *options, "--report", "json", stdin=document))
    assert (text.status, text.err) == (0 if report["valid"] else 1, "")
    assert printable(text.out.decode()) == text.out.decode()
    assert text.out.count(b"\n") == 1 + sum(
        1 + bool(issue["seen"]) + (issue["hint"] is not None) for issue in report["issues"] + report["notes"]
    )
