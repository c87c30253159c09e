"""The command line (SPEC.md section 7). `run` is all of it, free of processes; `main` is the installed command."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import NoReturn, TextIO

from commspec.cli.console import Console


class _Stopped(BaseException):
    """A signal that ends the program, raised so that temporary files are removed on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number


def run(arguments: Sequence[str], stdin: TextIO | None, stdout: TextIO | None, stderr: TextIO | None) -> int:
    """The exit status of the command line that `arguments` spell: 0 fine, 1 a document is at fault, 2 usage or file trouble.

    130 after an interrupt, and 141 where `stdout` was closed by its reader, as shells count a process that a signal ended. Documents are read from
    `stdin.buffer` and written to `stdout.buffer`; a stream that is None is a closed one. Looks at NO_COLOR, TERM and _COMMSPEC_COMPLETE.
    """
    console = Console(stdin, stdout, stderr)
    if importlib.util.find_spec("click") is None:
        console.say("the command line needs click: pip install 'commspec[cli]'")
        return 2
    try:
        from commspec.cli.app import dispatch

        return dispatch(arguments, console)
    except KeyboardInterrupt:
        return 130


def main() -> int:
    """The exit status of the process's own arguments and streams. SIGTERM and SIGHUP end it as 128 plus their number, with nothing left half done."""
    try:
        with _raising_signals():
            status = run(sys.argv[1:], sys.stdin, sys.stdout, sys.stderr)
    except _Stopped as stopped:
        status = 128 + stopped.number
    for stream in (sys.stdout, sys.stderr):
        _drop_unwritten(stream)
    return status


@contextlib.contextmanager
def _raising_signals() -> Iterator[None]:
    # A signal that the caller has ignored, as nohup does, stays ignored.
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, _stop) for number in numbers if signal.getsignal(number) is signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise _Stopped(number)


def _drop_unwritten(stream: TextIO | None) -> None:
    """Let what `stream` could not write go to nowhere: Python would try once more as it ends, complain, and change the exit status."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
