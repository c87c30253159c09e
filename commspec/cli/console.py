"""Where the command line reads from and writes to: three streams, whatever their encoding, full, closed or a terminal."""

from __future__ import annotations

import errno
import os
from typing import BinaryIO, TextIO

from commspec.errors import escape

STANDARD_INPUT = "-"


class Trouble(Exception):
    """A file or stream that can't be read or written. Its text is the one line for people: exit status 2."""


class ReaderGone(Exception):
    """Whoever read standard output has closed it, as `head` does. Nobody is left to tell."""


class Console:
    """The three streams of one run. A stream that is None was closed before the run began."""

    def __init__(self, stdin: TextIO | None, stdout: TextIO | None, stderr: TextIO | None) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self.colours_results = _takes_colour(stdout)
        self.colours_notes = _takes_colour(stderr)

    def binary_input(self, *, announce: bool) -> BinaryIO:
        """Standard input; with `announce`, a terminal is first told that a document is awaited."""
        if self._stdin is None:
            raise Trouble("standard input: closed")
        if announce and self._stdin.isatty():
            end = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
            self.say(f"commspec: reading a document from the terminal; end it with {end}, or see commspec --help")
        return self._stdin.buffer

    def put(self, text: str) -> None:
        """Write a result of one line or more to standard output. What its encoding has no character for is written as a backslash escape."""
        stream = self._results()
        self.put_document(_encoded(text + "\n", stream))

    def put_document(self, document: bytes) -> None:
        """Write a document to standard output, byte for byte."""
        stream = self._results()
        try:
            _write_all(stream, document)
        except BrokenPipeError:
            raise ReaderGone from None
        except (OSError, ValueError) as error:
            raise Trouble(f"standard output: {reason(error)}") from None

    def say(self, text: str) -> None:
        """Write what is no result to standard error. Where that can't be written there is nobody to tell, and the exit status must do."""
        if self._stderr is None:
            return
        try:
            _write_all(self._stderr, _encoded(text + "\n", self._stderr))
        except (OSError, ValueError):
            self._stderr = None

    def _results(self) -> TextIO:
        if self._stdout is None:
            raise Trouble("standard output: closed")
        return self._stdout


def reason(error: OSError | ValueError) -> str:
    """Why the system would not, in its own words."""
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return words[:1].lower() + words[1:]


def label(name: str) -> str:
    """A file's name as it is shown: `standard input` for `-`, unprintable characters as escapes."""
    if name == STANDARD_INPUT:
        return "standard input"
    # On Windows a backslash parts folders and no name holds what would be escaped with one, so doubling it would only make it unreadable.
    shown = escape(name) if os.sep == "/" else escape(name).replace("\\\\", "\\")
    return shown or "''"


def printable(text: str) -> str:
    """`text` with every unprintable character but the line break as an escape, the backslash as it is: for words of click's that quote arguments."""
    return "".join(character if character.isprintable() or character == "\n" else escape(character) for character in text)


def paint(text: str, colour: str | None) -> str:
    """`text` in a colour (`red`, `green`, `yellow`, `cyan`), or as it is without one."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if colour else text


_COLOURS = {"red": 31, "green": 32, "yellow": 33, "cyan": 36}


def _takes_colour(stream: TextIO | None) -> bool:
    """Whether `stream` is a terminal whose user wants colours. Old Windows consoles, which would show the codes themselves, are left plain."""
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return (os.name != "nt" or "WT_SESSION" in os.environ) and stream.isatty()


def _encoded(text: str, stream: TextIO) -> bytes:
    return text.encode(stream.encoding or "ascii", "backslashreplace")


def _write_all(stream: TextIO, content: bytes) -> None:
    """Write past the text layer, which under PYTHONUNBUFFERED loses what the system did not take at once."""
    rest = memoryview(content)
    while rest:
        written = stream.buffer.write(rest)
        if written is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        rest = rest[written:]
    stream.buffer.flush()
