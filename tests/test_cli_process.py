"""The command line as a process: signals, pipes and disks that only the system can imitate (SPEC.md section 7)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("signals, pipes and limits are POSIX's", allow_module_level=True)

import resource

SMS = b'{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'
MANY = b'{"root": {"sms": [' + b",".join([b'{"to": "919876500001", "body": "Hi"}'] * 5000) + b"]}}"  # more than a pipe holds

# A main that stops for a minute when the bytes of OUT are to reach the disk, and says so.
STALLED = """
import os, sys, time
def stall(descriptor):
    os.write(3, b"x")
    time.sleep(60)
os.fsync = stall
from commspec.cli import main
sys.exit(main())
"""


def commspec(
    *arguments: str,
    stdin: bytes = SMS,
    code: str | None = None,
    stdout: int | None = subprocess.PIPE,
    stderr: int | None = subprocess.PIPE,
    before: Callable[[], object] | None = None,
    **environment: str,
) -> tuple[int, bytes | None, bytes | None]:
    """Exit status, standard output and standard error of `python -m commspec ARGUMENTS`, or of `code` with them."""
    command = [sys.executable, *(["-m", "commspec"] if code is None else ["-c", code]), *arguments]
    ran = subprocess.run(
        command, input=stdin, stdout=stdout, stderr=stderr, preexec_fn=before, env={**os.environ, **environment}, timeout=60, check=False
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_module() -> None:
    """`python -m commspec` is the command line, and calls itself commspec."""
    assert commspec("convert", "--to") == (
        2,
        b"",
        b"commspec convert: option '--to' requires an argument\nTry 'commspec convert --help'.\n",
    )


def test_without_click(tmp_path: Path) -> None:
    """Where click is not installed, one line says how to get it."""
    code = "import sys; sys.modules['click'] = None; from commspec.cli import main; sys.exit(main())"
    assert commspec("convert", code=code) == (2, b"", b"the command line needs click: pip install 'commspec[cli]'\n")


@pytest.mark.parametrize("arguments", [["convert", "--to", "json"], ["validate", "--tolerant", "--report", "json"]])
def test_a_reader_that_has_seen_enough(arguments: list[str]) -> None:
    """A pipe that is closed early ends the run in silence, with the status of a broken pipe."""
    document = MANY.replace(b'"919876500001"', b"919876500001")
    with subprocess.Popen(
        [sys.executable, "-m", "commspec", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.write(document)
        process.stdin.close()
        said = process.stderr.read()
    assert process.returncode == 141
    assert b"Error" not in said and b"Traceback" not in said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")
@pytest.mark.parametrize("arguments", [["convert"], ["validate"], ["--help"]])
def test_a_full_standard_output(arguments: list[str]) -> None:
    """Standard output on a full disk is one line and 2."""
    with open("/dev/full", "wb") as full:
        status, _, said = commspec(*arguments, stdout=full.fileno())
    assert (status, said) == (2, b"commspec: standard output: no space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")
def test_a_full_standard_error() -> None:
    """Standard error on a full disk changes no exit status."""
    with open("/dev/full", "wb") as full:
        assert commspec("convert", "none", stderr=full.fileno())[0] == 2
        assert commspec("convert", stdin=SMS.replace(b'"919876500001"', b"919876500001"), stderr=full.fileno())[0] == 0


def test_closed_streams(tmp_path: Path) -> None:
    """Streams that the caller closed are trouble only where they are needed."""
    target = tmp_path / "out.xml"
    (tmp_path / "in.json").write_bytes(SMS)
    closing = lambda: [os.close(descriptor) for descriptor in (0, 1)]  # noqa: E731
    assert commspec("convert", str(tmp_path / "in.json"), "-o", str(target), before=closing)[0] == 0
    assert target.read_bytes().startswith(b"<?xml")
    assert commspec("convert", before=closing)[::2] == (2, b"commspec: standard input: closed\n")
    assert commspec("--version", before=lambda: os.close(1))[::2] == (2, b"commspec: standard output: closed\n")


def test_a_limit_on_files(tmp_path: Path) -> None:
    """Where the system takes only a part of OUT, there is no part of it: the file is as it was, and no other is left."""
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    status, _, said = commspec("convert", "--to", "json", "-o", str(target), stdin=MANY, before=limit)
    assert (status, said) == (2, f"commspec: {target}: file too large\n".encode())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_killed_while_writing(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """Killed in the middle of writing OUT, a run leaves it as it was, in silence; only SIGKILL leaves the hidden file."""
    target = tmp_path / "out.xml"
    target.write_bytes(b"old")
    reader, writer = os.pipe()
    command = [sys.executable, "-c", STALLED, "convert", "-o", str(target)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=lambda: os.dup2(writer, 3), pass_fds=(3, writer)
    ) as process:
        assert process.stdin and process.stderr
        os.close(writer)
        process.stdin.write(SMS)
        process.stdin.close()
        assert os.read(reader, 1) == b"x"
        process.send_signal(number)
        assert process.stderr.read() == b""
    os.close(reader)
    assert process.returncode == status
    assert target.read_bytes() == b"old"
    left = sorted(path.name for path in tmp_path.iterdir() if path != target)
    assert len(left) == (number is signal.SIGKILL)
    assert all(name.startswith(".commspec-") and name.endswith(".tmp") for name in left)


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    """Under nohup, a hang-up does not end the run."""
    code = "import os, signal, sys; from commspec.cli import main; os.kill(os.getpid(), signal.SIGHUP); sys.exit(main())"
    assert commspec("--version", code=code, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))[0] == 0


def test_interrupted_while_reading() -> None:
    """An interrupt while standard input is awaited ends the run in silence, as 130."""
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "commspec", "convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if b"commspec.cli.convert" in line:  # the last module: what follows is reading
                break
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_streams_of_another_encoding(encoding: str) -> None:
    """A console that lacks a character shows its escape; the document is UTF-8 all the same."""
    status, out, _ = commspec("validate", stdin='{"root": {"sms": [{"to": "नहीं", "body": "Hi"}]}}'.encode(), PYTHONIOENCODING=encoding)
    assert status == 1 and out is not None
    assert b"    seen: \\u0928\\u0939\\u0940\\u0902" in out
    _, converted, _ = commspec("convert", stdin=SMS.replace(b"Hi", "नहीं".encode()), PYTHONIOENCODING=encoding)
    assert converted is not None and "<body>नहीं</body>".encode() in converted
