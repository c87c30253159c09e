"""The command line as a process: signals, pipes and disks that only the system can imitate (SPEC.md section 7)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

if sys.platform == "win32":
    pytest.skip("signals, pipes and limits are POSIX's", allow_module_level=True)

full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")

SMS = b'{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
MANY = b'{"root": {"sms": [' + b",".join([b'{"to": "919876500001", "body": "Hi"}'] * 5000) + b"]}}"  # more than a pipe holds

# A main that stops for a minute when the bytes of OUT are to reach the disk, and says so to the descriptor named first.
STALLED = """
import os, sys, time
ready = int(sys.argv.pop(1))
def stall(descriptor):
    os.write(ready, b"x")
    time.sleep(60)
os.fsync = stall
from commspec.cli import main
sys.exit(main())
"""
MODULE = (sys.executable, "-m", "commspec")


class Ended(NamedTuple):
    """What a process left: its exit status and its two outputs, empty where they went elsewhere."""

    status: int
    out: bytes
    err: bytes


def commspec(*arguments: str, stdin: bytes = SMS, shell: str = 'exec "$@"', command: tuple[str, ...] = MODULE, **environment: str) -> Ended:
    """What `commspec ARGUMENTS` leaves, run by `shell`, whose `"$@"` it is."""
    line = ["sh", "-c", shell, "sh", *command, *arguments]
    ran = subprocess.run(line, input=stdin, capture_output=True, env={**os.environ, **environment}, timeout=60, check=False)
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def test_module() -> None:
    """`python -m commspec` is the command line, and calls itself commspec."""
    says = b"commspec convert: option '--to' requires an argument\nTry 'commspec convert --help'.\n"
    assert commspec("convert", "--to") == (2, b"", says)


@pytest.mark.parametrize("to", ["json", "xml"])
def test_a_large_pipe(to: str) -> None:
    """A document from a pipe is streamed where it is large, past the limit of one that is held in memory."""
    messages = 1_600_000
    item = b'{"to":"919876500001","body":"Hi, we wait."},'
    document = b'{"root":{"sms":[' + (item * messages)[:-1] + b"]}}"
    assert len(document) > 64 * 1024 * 1024
    ended = commspec("convert", "--compact", "--to", to, shell='"$@" | wc -c', stdin=document)
    written = len(document) + 1 if to == "json" else 60 + messages * len("<sms><to>919876500001</to><body>Hi, we wait.</body></sms>")
    assert (ended.status, ended.err) == (0, b"")
    assert abs(int(ended.out) - written) < 20


def test_a_pipe_that_is_no_document_and_does_not_end() -> None:
    """What does not begin as a document is refused by its beginning."""
    ended = commspec("convert", shell='cat /dev/zero | "$@"')
    assert ended.status == 1
    assert b"json.syntax" in ended.err


def test_without_click() -> None:
    """Where click is not installed, one line says how to get it."""
    code = "import sys; sys.modules['click'] = None; from commspec.cli import main; sys.exit(main())"
    says = b"the command line needs click: pip install 'commspec[cli]'\n"
    assert commspec("convert", command=(sys.executable, "-c", code)) == (2, b"", says)


def test_a_reader_that_has_seen_enough() -> None:
    """A pipe that is closed early ends the run in silence, with the status of a broken pipe."""
    shell = '{ "$@"; echo $? >&2; } | head -c 1'
    assert commspec("convert", "--to", "json", stdin=MANY, shell=shell).err == b"141\n"


@pytest.mark.parametrize("arguments", [["convert", "--to", "json"], ["validate", "--report", "json"]])
def test_a_slow_reader_gets_all(arguments: list[str]) -> None:
    """A pipe that takes a part at a time gets everything in the end, also under PYTHONUNBUFFERED, where Python itself would lose the rest."""
    faulty = MANY.replace(b"body", b"bodi") if "validate" in arguments else MANY
    ended = commspec(*arguments, stdin=faulty, shell='"$@" | { sleep 0.1; cat; }', PYTHONUNBUFFERED="1")
    assert len(ended.out) > 300_000
    json.loads(ended.out)


@full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output(unbuffered: str) -> None:
    """Standard output on a full disk is one line and 2, not Python's own complaint and 120."""
    says = b"commspec: standard output: no space left on device\n"
    assert commspec("convert", shell='exec "$@" >/dev/full', PYTHONUNBUFFERED=unbuffered) == (2, b"", says)


@full
def test_a_full_standard_error() -> None:
    """Standard error on a full disk changes no exit status."""
    assert commspec("convert", stdin=SMS.replace(b'"919876500001"', b"919876500001"), shell='exec "$@" 2>/dev/full').status == 0


def test_closed_streams(tmp_path: Path) -> None:
    """Streams that the caller closed are trouble only where they are needed."""
    source, target = tmp_path / "in.json", tmp_path / "out.xml"
    source.write_bytes(SMS)
    assert commspec("convert", str(source), "-o", str(target), shell='exec "$@" <&- >&- 2>&-') == (0, b"", b"")
    assert target.read_bytes().startswith(b"<?xml")
    assert commspec("convert", shell='exec "$@" <&-') == (2, b"", b"commspec: standard input: closed\n")


def test_a_limit_on_files(tmp_path: Path) -> None:
    """Where the system takes only a part of OUT, there is no part of it: the file is as it was, and no other is left."""
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    ended = commspec("convert", "--to", "json", "-o", str(target), stdin=MANY, shell='ulimit -f 100; exec "$@"')
    assert ended == (2, b"", f"commspec: {target}: file too large\n".encode())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_killed_while_writing(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """Killed in the middle of writing OUT, a run leaves it as it was, in silence; only SIGKILL leaves the hidden file."""
    source, target = tmp_path / "in.json", tmp_path / "out.xml"
    source.write_bytes(SMS)
    target.write_bytes(b"old")
    reader, writer = os.pipe()
    command = [sys.executable, "-c", STALLED, str(writer), "convert", str(source), "-o", str(target)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(writer,))
    os.close(writer)
    assert os.read(reader, 1) == b"x"
    os.close(reader)
    process.send_signal(number)
    assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == status
    assert target.read_bytes() == b"old"
    left = [path.name for path in tmp_path.iterdir() if path not in (source, target)]
    assert len(left) == (number is signal.SIGKILL)
    assert all(name.startswith(".commspec-") and name.endswith(".tmp") for name in left)


def test_an_ignored_signal_stays_ignored() -> None:
    """Under nohup, a hang-up does not end the run."""
    code = "import os, signal, sys; from commspec.cli import main; sys.stdout.flush = lambda: os.kill(os.getpid(), 1); sys.exit(main())"
    ended = commspec("--version", shell="trap '' HUP; exec \"$@\"", command=(sys.executable, "-c", code))
    assert (ended.status, ended.err) == (0, b"")


def test_interrupted_while_reading(tmp_path: Path) -> None:
    """An interrupt while a document is awaited ends the run in silence, as 130."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([*MODULE, "convert", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with open(pipe, "wb"):  # opens as soon as the run has opened it, to read
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == 130


def test_streams_of_another_encoding() -> None:
    """A console that lacks a character shows its escape; the document is UTF-8 all the same."""
    faulty = '{"root": {"sms": [{"to": "नहीं", "body": "Hi"}]}}'.encode()
    assert b"    seen: \\u0928\\u0939\\u0940\\u0902" in commspec("validate", stdin=faulty, PYTHONIOENCODING="cp1252").out
    converted = commspec("convert", stdin=SMS.replace(b"Hi", "नहीं".encode()), PYTHONIOENCODING="cp1252")
    assert "<body>नहीं</body>".encode() in converted.out
