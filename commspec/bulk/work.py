"""What a worker does: some files of an archive, one after the other, each into its place. Everything here can be pickled."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Any

import attrs

from commspec.bulk.document import Options, Result, transform
from commspec.bulk.places import HIDDEN, Found, open_source, reason
from commspec.bulk.store import Store
from commspec.codecs import json as json_codec
from commspec.codecs import xml_write
from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.forms import CsvWriter, Form, Shape
from commspec.models.channel import Channel
from commspec.streaming.source import CHUNK_BYTES

FULL = (errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC))


@attrs.frozen
class Task:
    """A file to read, the form that its name or the caller tells, and the name of what becomes of it."""

    found: Found
    source: Shape | None
    to: Shape | None
    target: str


def entry_of(found: Found, verdict: str, **more: Any) -> dict[str, Any]:
    """A file's line in the journal."""
    return {
        "file": found.name,
        "size": found.size,
        "stamp": found.stamp,
        "target": None,
        "written": None,
        "verdict": verdict,
        "messages": 0,
        "issues": [],
        "notes": [],
        **more,
    }


def trouble_of(found: Found, message: str, verdict: str = "trouble", hint: str | None = None) -> dict[str, Any]:
    """The line of a file that could not be read, or has no place to go."""
    return entry_of(found, verdict, issues=[attrs.asdict(Issue("file", "", message, hint=hint))])


def _with_result(found: Found, result: Result, target: str | None, written: int | None) -> dict[str, Any]:
    return entry_of(
        found,
        result.verdict,
        target=target,
        written=written,
        messages=result.messages,
        issues=list(map(attrs.asdict, result.issues)),
        notes=list(map(attrs.asdict, result.notes)),
    )


def do(tasks: Sequence[Task], options: Options, store: Store, check: bool) -> list[dict[str, Any]]:
    """The journal's line of each task. Raises `OSError` where the target is full or can't be written at all."""
    return [_do(task, options, store, check) for task in tasks]


def _do(task: Task, options: Options, store: Store, check: bool) -> dict[str, Any]:
    own = attrs.evolve(options, source=task.source, to=task.to)
    try:
        with open_source(task.found.address) as source:
            if check:
                return _with_result(task.found, transform(source, None, own), None, None)
            with store.writing(task.target) as (sink, put):
                result = transform(source, sink, own)
                if result.verdict == "faulty":
                    return _with_result(task.found, result, None, None)
                return _with_result(task.found, result, task.target, put())
    except OSError as error:
        return trouble_or_raise(task.found, error)
    except MemoryError:
        return trouble_of(task.found, "out of memory")


def trouble_or_raise(found: Found, error: OSError) -> dict[str, Any]:
    """The line of a file that has met with an error, unless that is the target's, and any other would meet with it too."""
    if error.errno in FULL:
        raise error
    return trouble_of(found, reason(error))


def begin_worker() -> None:
    """Have this process end with the one that started it, however that ends, since nothing may go on writing beside the next run; and by Ctrl-C silently."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:

        def wait() -> None:
            connection.wait([parent.sentinel])
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


@contextlib.contextmanager
def starting_workers() -> Iterator[None]:
    """Processes that are started in this block meet with Ctrl-C in `begin_worker`, and not on the way there, where they would complain."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ---- One huge NDJSON file, by lines among workers.


@attrs.frozen
class Span:
    """A part of a file: the lines that begin from byte `start` up to, and not at, `end`."""

    start: int
    end: int


@attrs.frozen
class Part:
    """What became of a span, and its lines."""

    result: Result
    lines: int


def spans_of(size: int, span_bytes: int) -> list[Span]:
    """The spans that a file is read in."""
    return [Span(start, min(start + span_bytes, size)) for start in range(0, size, span_bytes)]


class _SpanReader:
    """The bytes of a span's lines, and how many lines they are."""

    def __init__(self, source: IO[bytes], span: Span) -> None:
        self.lines = 0
        self._source = source
        self._span = span

    def __iter__(self) -> Iterator[bytes]:
        position = self._span.start
        if position:
            # The line that begins before the span is another's, unless the byte before the span ends it.
            self._source.seek(position - 1)
            position += len(self._source.readline()) - 1
        while position < self._span.end:
            piece = self._source.read(min(CHUNK_BYTES, self._span.end - position))
            if not piece:
                return
            position += len(piece)
            self.lines += piece.count(b"\n")
            yield piece
            if position >= self._span.end and not piece.endswith(b"\n"):
                rest = self._source.readline()
                self.lines += rest.endswith(b"\n")
                yield rest


def part_name(store: Store, part: str) -> str:
    """The name of a part's file."""
    return f"{HIDDEN}/writing-{store.run_id}/part-{part}"


def do_span(task: Task, span: Span, part: str, channel: Channel, options: Options, store: Store, check: bool) -> Part:
    """Read a span of an NDJSON file, and write a document of its good messages."""
    own = attrs.evolve(options, source=task.source, to=task.to, channel=channel)
    with open_source(task.found.address) as source:
        reader: Any = _SpanReader(source, span)
        if check:
            return Part(transform(reader, None, own), reader.lines)
        with store.writing(part_name(store, part)) as (sink, put):
            result = transform(reader, sink, own)
            if result.verdict != "faulty":
                put()
            return Part(result, reader.lines)


_PLACE = re.compile(r"root\.\w+\[([0-9]+)\]")


def _moved(issues: Sequence[Issue], messages: int, lines: int) -> Iterator[Issue]:
    for issue in issues:
        found = _PLACE.match(issue.path)
        path = issue.path
        if found:
            path = path[: found.start(1)] + str(int(found.group(1)) + messages) + path[found.end(1) :]
        yield attrs.evolve(issue, path=path, line=None if issue.line is None else issue.line + lines)


def join(task: Task, key: str, parts: Sequence[Part], channel: Channel, options: Options, store: Store, check: bool) -> dict[str, Any]:
    """The journal's line of a file that was read in spans, whose parts become one document."""
    issues: list[Issue] = []
    notes: list[Issue] = []
    seen = lines = written = 0
    some = any(part.result.seen for part in parts)
    for part in parts:
        # That a span of blank lines holds no message is no fault of the file.
        own = [issue for issue in part.result.issues if issue.code != "empty" or not some]
        issues.extend(_moved(own, seen, lines))
        notes.extend(_moved(part.result.notes, seen, lines))
        seen, lines, written = seen + part.result.seen, lines + part.lines, written + part.result.messages
    most = options.limits.issues
    if len(issues) > most:
        more = Issue("limit.issues", "", f"{len(issues) - most} more issues or so are not listed", hint="raise limits.issues")
        issues = [*issues[:most], more]
    broken = any(issue.code == "limit.bytes" for issue in issues)
    good = written and not broken and (not issues or options.partial)
    verdict: Any = "faulty" if not good else "partial" if issues else "good"
    result = Result(verdict, "request", channel, written if good else 0, seen, tuple(issues), tuple(notes[:most]))
    names = [part_name(store, f"{key}-{place}") for place, part in enumerate(parts) if part.result.verdict != "faulty"]
    try:
        if not good or check:
            return _with_result(task.found, result, None, None)
        with store.writing(task.target) as (sink, put):
            _concatenate(names, channel, task.to, options.indent, store, sink)
            return _with_result(task.found, result, task.target, put())
    finally:
        for name in names if not check else ():
            store.remove(name)


def _concatenate(names: Sequence[str], channel: Channel, to: Shape | None, indent: int | None, store: Store, sink: IO[bytes]) -> None:
    head = tail = glue = b""
    if isinstance(to, Format):
        codec: Any = xml_write if to is Format.XML else json_codec
        head, tail = codec.request_frame(channel, indent)
        tail += b"\n" if indent is None else b""
        glue = b"," if to is Format.JSON else b""
    elif to is Form.CSV:
        head = CsvWriter(sink, channel).header()
    sink.write(head)
    for place, name in enumerate(names):
        if place:
            sink.write(glue)
        size = store.size(name) or 0
        left = size - len(head) - len(tail)
        with store.open(name) as part:
            part.seek(len(head))
            while left > 0:
                piece = part.read(min(CHUNK_BYTES, left))
                left -= len(piece)
                sink.write(piece)
    sink.write(tail)
