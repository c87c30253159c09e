"""The command line as tests run it: without a process, on streams in memory."""

from __future__ import annotations

import io
from typing import NamedTuple

from commspec.cli import run


class Ran(NamedTuple):
    """What a run left: its exit status, the bytes of its standard output and the text of its standard error."""

    status: int
    out: bytes
    err: str


class Terminal(io.TextIOWrapper):
    """A stream in memory that says it is a terminal."""

    def isatty(self) -> bool:
        """True."""
        return True


def invoke(*arguments: str, stdin: bytes | str = b"", encoding: str = "utf-8", terminal: bool = False) -> Ran:
    """What `commspec ARGUMENTS` leaves, with `stdin` for its standard input and streams of `encoding`, terminals or not."""
    kind = Terminal if terminal else io.TextIOWrapper
    out, err = io.BytesIO(), io.BytesIO()
    streams = [
        kind(stream, encoding=encoding, newline="\n")
        for stream in (io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin), out, err)
    ]
    status = run(arguments, *streams)
    for stream in streams[1:]:
        stream.flush()
    return Ran(status, out.getvalue(), err.getvalue().decode(encoding))
