"""The command line as a whole: help, version, usage, completion, streams (SPEC.md section 7)."""

from __future__ import annotations

import io
import re
import shlex
import signal
import sys
from pathlib import Path

import click
import pytest
from command_line import Ran, invoke
from hypothesis import given
from hypothesis import strategies as st

import commspec
from commspec.cli import main, run
from commspec.cli.app import COMMANDS
from commspec.cli.console import printable

SMS = '{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
SMS_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<root>\n  <sms>\n    <to>919876500001</to>\n    <body>Hi</body>\n  </sms>\n</root>\n'
PAGE = Path(__file__).parent.parent / "docs" / "command-line.md"


# ---- Help and version.


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_teaches(name: str, flag: str) -> None:
    """Each command's help goes to standard output, with an example of the command, its exit statuses and no line too long for a page."""
    status, out, err = invoke(name, flag)
    text = out.decode()
    assert (status, err) == (0, "")
    assert f"\nExamples:\n  commspec {name} " in text
    assert "\nExit status:\n  0  " in text
    assert max(map(len, text.splitlines())) <= 100


def test_help_alone() -> None:
    """Without arguments, the help of the whole is the result."""
    assert invoke() == invoke("--help")
    assert invoke().status == 0
    assert b"  convert   Write a document in the other format.\n  validate  List every fault of each document.\n" in invoke().out


def test_version() -> None:
    """`--version` says which commspec this is."""
    assert invoke("--version") == Ran(0, f"commspec {commspec.__version__}\n".encode(), "")


@pytest.mark.parametrize("name", COMMANDS)
def test_page_has_every_option(name: str) -> None:
    """docs/command-line.md names every command, and every option of it in the command's section."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## commspec {name}\n")[2].partition("\n## ")[0]
    command = __import__(COMMANDS[name], fromlist=["command"]).command
    options = [name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts]
    assert [option for option in options if f"`{option}" not in section] == []


def console_examples() -> list[tuple[str, str]]:
    """Each command of the page's console blocks, and what it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [tuple(example.split("\n", 1)) for block in blocks for example in block.split("$ ")[1:]]


@pytest.mark.parametrize(("line", "output"), console_examples())
def test_page_shows_what_happens(line: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example of docs/command-line.md prints, on a terminal, what the page says."""
    monkeypatch.chdir(PAGE.parent / "examples" / "documents")
    name, *arguments = shlex.split(line)
    ran = invoke(*arguments)
    assert name == "commspec"
    assert ran.err + ran.out.decode() == output


# ---- Usage.


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["conver"], "commspec: no such command 'conver'; did you mean 'convert'?\nTry 'commspec --help'.\n"),
        (["xyz"], "commspec: no such command 'xyz'\nTry 'commspec --help'.\n"),
        (
            ["convert", "--from", "jsn"],
            "commspec convert: invalid value for '--from': no format 'jsn': expected json, xml, ndjson or csv; did you mean 'json'?\n"
            "Try 'commspec convert --help'.\n",
        ),
        (
            ["convert", "--kind", "Responce"],
            "commspec convert: invalid value for '--kind': no kind 'Responce': expected request or response; did you mean 'response'?\n"
            "Try 'commspec convert --help'.\n",
        ),
        (
            ["convert", "--timezone", "Asia/Kolkatta"],
            "commspec convert: invalid value for '--timezone': 'Asia/Kolkatta' is neither an IANA time zone, such as 'Asia/Kolkata', nor a fixed "
            "offset, such as '+05:30'; did you mean 'Asia/Kolkata'?\nTry 'commspec convert --help'.\n",
        ),
        (
            ["validate", "--channel", "WhatsUp"],
            "commspec validate: invalid value for '--channel': no channel 'WhatsUp': expected sms, email, whatsapp or zalo; "
            "did you mean 'whatsapp'?\nTry 'commspec validate --help'.\n",
        ),
        (
            ["validate", "--report", "yaml"],
            "commspec validate: invalid value for '--report': no report 'yaml': expected text or json\nTry 'commspec validate --help'.\n",
        ),
        (
            ["convert", "--indent", "33"],
            "commspec convert: invalid value for '--indent': 33 is not between 0 and 32\nTry 'commspec convert --help'.\n",
        ),
        (
            ["convert", "--max-bytes", "0"],
            "commspec convert: invalid value for '--max-bytes': 0 is not 1 or more\nTry 'commspec convert --help'.\n",
        ),
        (
            ["convert", "--max-bytes", "many"],
            "commspec convert: invalid value for '--max-bytes': 'many' is not a valid integer\nTry 'commspec convert --help'.\n",
        ),
        (
            ["convert", "--indent", "2", "--compact"],
            "commspec convert: --indent and --compact exclude each other\nTry 'commspec convert --help'.\n",
        ),
        (
            ["validate", "--region", "IN"],
            "commspec validate: --region is for --advise, which is not given\nTry 'commspec validate --help'.\n",
        ),
        (["validate", "-", "-"], "commspec validate: standard input can be read once only\nTry 'commspec validate --help'.\n"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str) -> None:
    """Wrong usage ends with 2, nothing on standard output, and what was likely meant on standard error."""
    assert invoke(*arguments) == Ran(2, b"", says)


def test_wrong_usage_cannot_write_to_the_terminal() -> None:
    """Arguments are quoted with their unprintable characters as escapes."""
    assert invoke("convert", "--x\x1b[31m\n").err.isprintable() is False
    assert "\x1b" not in invoke("convert", "--x\x1b[31m").err
    assert "\\x1b[31m" in invoke("convert", "--x\x1b[31m").err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--from", "Application/JSON; charset=utf-8"),
        ("--to", "text/xml"),
        ("--kind", "REQUEST"),
        ("--timezone", "-05:30"),
    ],
)
def test_values_in_any_form(option: str, value: str) -> None:
    """Formats are named as in the library, kinds in any letter case, and an offset may begin with a minus."""
    assert invoke("convert", option, value, stdin=SMS) == Ran(0, SMS_XML, "")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["convert", "validate", "-", "--", "-h", "--version", "--from", "--to", "--kind", "--timezone", "--strict", "--report"]
            ),
            st.sampled_from(
                ["--fail-on-loss", "--indent", "--compact", "--max-bytes", "--channel", "--tolerant", "--advise", "json", "xml", "1"]
            ),
            st.text(max_size=8).filter(lambda text: "o" not in text),
        ),
        max_size=6,
    ),
    st.binary(max_size=20),
)
def test_any_arguments(arguments: list[str], stdin: bytes) -> None:
    """Whatever the arguments, the run ends with an exit status and only printable words."""
    status, out, err = invoke(*arguments, stdin=stdin)
    assert status in (0, 1, 2)
    assert printable(err) == err
    assert out or err or not status


# ---- Completion.


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`_COMMSPEC_COMPLETE=SHELL_source commspec` prints the script of each shell, which asks for `SHELL_complete`."""
    monkeypatch.setenv("_COMMSPEC_COMPLETE", f"{shell}_source")
    status, out, _ = invoke()
    assert status == 0
    assert f"_COMMSPEC_COMPLETE={shell}_complete".encode() in out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("commspec conv", b"plain,convert\n"),
        ("commspec convert --from x", b"plain,xml\n"),
        ("commspec validate --channel WHA", b"plain,whatsapp\n"),
        ("commspec convert --timezone asia/kolk", b"plain,Asia/Kolkata\n"),
        ("commspec validate --adv", b"plain,--advise\n"),
        ("commspec validate req", b"file,req\n"),
        ("commspec convert -o out", b"file,out\n"),
    ],
)
def test_completion(words: str, offered: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands, options, their values and files are completed."""
    monkeypatch.setenv("_COMMSPEC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert invoke() == Ran(0, offered, "")


def test_completion_of_an_unknown_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is not known is file trouble, not silence."""
    monkeypatch.setenv("_COMMSPEC_COMPLETE", "csh_source")
    assert invoke() == Ran(2, b"", "commspec: _COMMSPEC_COMPLETE: expected bash_source, zsh_source or fish_source\n")


# ---- Without click, and streams that are closed, full or of another encoding.


def test_without_click(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, one line says how to get it."""
    monkeypatch.setitem(sys.modules, "click", None)
    assert invoke("--version") == Ran(2, b"", "the command line needs click: pip install 'commspec[cli]'\n")


class Full(io.BytesIO):
    """A stream that a full disk is behind."""

    def write(self, data: object) -> int:
        """Raises `OSError`."""
        raise OSError(28, "No space left on device")


class Gone(io.BytesIO):
    """A pipe that its reader has closed."""

    def write(self, data: object) -> int:
        """Raises `BrokenPipeError`."""
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("arguments", [["convert"], ["validate"], ["--help"]])
def test_full_output(arguments: list[str]) -> None:
    """A standard output that takes no more is file trouble."""
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert run(arguments, io.TextIOWrapper(io.BytesIO(SMS.encode())), io.TextIOWrapper(Full()), err) == 2
    err.seek(0)
    assert err.read() == "commspec: standard output: no space left on device\n"


@pytest.mark.parametrize("arguments", [["convert"], ["validate"], ["--help"]])
def test_output_closed_by_its_reader(arguments: list[str]) -> None:
    """A reader that has seen enough, as `head` has, is no trouble: nothing is said, and the status is the one of a broken pipe."""
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert run(arguments, io.TextIOWrapper(io.BytesIO(SMS.encode())), io.TextIOWrapper(Gone()), err) == 141
    err.seek(0)
    assert err.read() == ""


def test_streams_that_are_closed(tmp_path: Path) -> None:
    """A stream that was closed before the run began is trouble only where it is needed."""
    target = tmp_path / "out.xml"
    stdin = io.TextIOWrapper(io.BytesIO(SMS.encode()))
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert run(["convert", "-o", str(target)], stdin, None, None) == 0
    assert target.read_bytes() == SMS_XML
    assert run(["convert"], None, None, err) == 2
    assert run(["--version"], None, None, err) == 2
    err.seek(0)
    assert err.read() == "commspec: standard input: closed\ncommspec: standard output: closed\n"


def test_errors_that_cannot_be_told() -> None:
    """A standard error that takes nothing changes no exit status."""
    assert run(["convert", "no-such-file"], None, None, io.TextIOWrapper(Full())) == 2
    assert run(["convert", "no-such-file"], None, None, io.TextIOWrapper(Gone())) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_text_in_any_encoding(encoding: str) -> None:
    """What the encoding of a stream lacks is written as an escape; a document is bytes and stays UTF-8."""
    ran = invoke("validate", "-", stdin='{"root": {"sms": [{"to": "कुछ नहीं", "body": "Hi"}]}}', encoding=encoding)
    assert ran.status == 1
    text = ran.out.decode(encoding)
    assert ("    seen: कुछ नहीं\n" if encoding == "utf-8" else "    seen: \\u0915\\u0941\\u091b \\u0928\\u0939\\u0940\\u0902\n") in text
    converted = invoke("convert", "--to", "json", "--compact", stdin=SMS.replace("Hi", "कुछ"), encoding=encoding)
    assert converted.out == '{"root":{"sms":[{"to":"919876500001","body":"कुछ"}]}}\n'.encode()


def test_terminal_is_told_that_a_document_is_awaited() -> None:
    """Without FILE, on a terminal, standard error says that a document is read from it; with `-` the user knows."""
    awaited = "commspec: reading a document from the terminal; end it with Ctrl-D, or see commspec --help\n"
    assert invoke("convert", stdin=SMS, terminal=True) == Ran(0, SMS_XML, awaited)
    assert invoke("validate", stdin=SMS, terminal=True).err == awaited
    assert invoke("validate", "-", stdin=SMS, terminal=True).err == ""
    assert invoke("convert", stdin=SMS).err == ""


# ---- Ends.


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [(KeyboardInterrupt, 130, ""), (MemoryError, 2, "commspec: out of memory\n")],
)
def test_ends_that_are_no_fault_of_a_document(error: type[BaseException], status: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt ends a run in silence; want of memory is file trouble."""

    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("commspec.cli.convert.convert", fail)
    assert invoke("convert", stdin=SMS) == Ran(status, b"", says)


def test_main(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`main` runs the process's own arguments on its own streams."""
    monkeypatch.setattr(sys, "argv", ["/somewhere/commspec", "--version"])
    assert main() == 0
    assert capfdbinary.readouterr() == (f"commspec {commspec.__version__}\n".encode(), b"")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="POSIX's signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_main_ends_at_signals(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that ends the process ends `main` with 128 plus its number, and its handler is put back."""
    sent = getattr(signal, number)
    before = signal.signal(sent, signal.SIG_DFL)
    try:
        monkeypatch.setattr("commspec.cli.run", lambda *streams: signal.raise_signal(sent))
        assert main() == 128 + sent
        assert signal.getsignal(sent) is signal.SIG_DFL
    finally:
        signal.signal(sent, before)
