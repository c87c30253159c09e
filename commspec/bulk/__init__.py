"""Archives: every document of a folder, a glob or a store, converted or checked in parallel, and resumed where a run was ended (extra `bulk`).

Results stand in the target under their sources' names, each whole or absent; `report.ndjson` beside them lists whatever there is to say of, a line a
file. The journal in `.commspec-bulk` lets the next run go on: it does what was not finished, and what has changed since.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

import attrs

from commspec.bulk import work
from commspec.bulk.document import DEFAULT_LIMITS, Options, Result, transform, transform_bytes
from commspec.bulk.journal import Busy, Journal
from commspec.bulk.places import REPORT, Folder, Found, check_apart, is_address, open_source, walk
from commspec.bulk.plan import Planned, plan
from commspec.bulk.store import Store
from commspec.bulk.work import Part, Task, trouble_of
from commspec.bulk.workers import Killed, Workers, workers_of
from commspec.forms import Form, Shape, shape
from commspec.forms.ndjson import find_channel
from commspec.models.channel import Channel
from commspec.rules.time import find_zone
from commspec.wire.names import Kind, check_kind
from commspec.wire.report import Limits

__all__ = ["Busy", "Options", "Result", "Summary", "run", "transform", "transform_bytes"]

_BATCH_FILES = 64
_BATCH_BYTES = 4 * 1024 * 1024
_FLUSH_SECONDS = 1.0


@attrs.define
class Summary:
    """What a run came to. Counts are of files; `done_before` those that an earlier run had finished, whose counts are in the others too.

    `faulty` were left out, `partial` in part; `troubles` could not be read, or have no place of their own; `skipped` are no documents by their names.
    """

    good: int = 0
    partial: int = 0
    faulty: int = 0
    troubles: int = 0
    skipped: int = 0
    done_before: int = 0
    messages: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """All of them."""
        return self.good + self.partial + self.faulty + self.troubles + self.skipped

    @property
    def ok(self) -> bool:
        """Whether every document was good."""
        return not (self.partial or self.faulty or self.troubles)

    def add(self, entry: dict[str, Any]) -> None:
        """Count a line of the journal."""
        name = {"good": "good", "partial": "partial", "faulty": "faulty", "skipped": "skipped"}.get(entry["verdict"], "troubles")
        setattr(self, name, getattr(self, name) + 1)
        self.messages += entry["messages"]
        self.bytes += entry["size"]


def run(
    src: str | os.PathLike[str],
    dst: str | os.PathLike[str],
    *,
    to: Shape | str | None = None,
    source: Shape | str | None = None,
    kind: Kind | None = None,
    channel: Channel | str | None = None,
    check: bool = False,
    partial: bool = False,
    tolerant: bool = True,
    timezone: str | tzinfo | None = None,
    indent: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    jobs: int | None = None,
    client: Any = None,
    span_bytes: int = 16 * 1024 * 1024,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Convert every document of `src` into the folder or address `dst`; what came of it.

    `src` is a file, a folder with all in it, a glob or an fsspec address. `to` is a format, `ndjson` or `csv`; None for the other format of each (JSON
    for NDJSON and CSV). Of a folder, files ending in .json, .xml, .ndjson, .jsonl and .csv are documents; the rest is reported as skipped. `check` writes
    nothing but the report. `partial` writes the good messages of requests with faults. `limits` are of each document.

    `jobs` are the processes, None for one a processor; a program that uses more than one needs its `if __name__ == "__main__":`. `client` is that of a
    Dask cluster, which has the work done instead; `src` and `dst` must be within its workers' reach. An NDJSON file of more than `span_bytes` is read
    by several workers at once. `progress` is called now and then.

    Raises `OSError` where `src` is not there or `dst` can't be written, `Busy` where another run writes there, `ValueError` for a place inside the
    other, `RuntimeError` where no process can be started, `CommspecError` for an address without the package `fsspec`, and what `convert` raises for
    arguments that do not exist.
    """
    start = time.monotonic()
    place, goal = os.fspath(src), os.fspath(dst)
    check_apart(place, goal)
    if jobs is not None and jobs < 1:
        raise ValueError("jobs are 1 or more")
    if kind is not None:
        check_kind(kind)
    options = Options(
        to=None if to is None else shape(str(to)),
        source=None if source is None else shape(str(source)),
        kind=kind,
        channel=None if channel is None else Channel(channel),
        tolerant=tolerant,
        timezone=find_zone(timezone),
        indent=indent,
        partial=partial,
        limits=limits,
    )
    store = Store(goal, secrets.token_hex(8))
    # Before anything is made: where there is no source, there is no target.
    folders = walk(place, store.identity)
    folders = chain([next(folders)], folders)
    store.prepare()
    head = {
        "commspec": 1,
        "archive": place if is_address(place) else os.path.abspath(place),
        "check": check,
        **{name: str(value) for name, value in attrs.asdict(options, recurse=False).items()},
    }
    summary = Summary()
    with contextlib.ExitStack() as stack:
        journal = Journal(store, head)
        stack.callback(journal.close)
        stack.callback(store.clear)
        store.begin()
        workers = workers_of(jobs, client, place, goal)
        stack.callback(workers.close)
        _Run(options, store, journal, workers, check, span_bytes, summary, progress, start).go(folders)
    summary.seconds = time.monotonic() - start
    return summary


@attrs.define
class _Unit:
    """Work that is handed out together: files with their place in the walk, and their lines in the journal that no longer hold."""

    planned: list[tuple[int, dict[str, Any] | None, Planned]] = attrs.field(factory=list)
    size: int = 0
    future: Any = None
    parts: list[Any] = attrs.field(factory=list)
    channel: Channel | None = None

    @property
    def tasks(self) -> list[Task]:
        return [planned.task for _, _, planned in self.planned if planned.task is not None]


@attrs.define
class _Run:
    _options: Options
    _store: Store
    _journal: Journal
    _workers: Workers
    _check: bool
    _span_bytes: int
    _summary: Summary
    _progress: Callable[[Summary], None] | None
    _start: float
    _lines: list[dict[str, Any]] = attrs.field(factory=list, init=False)
    _changed: dict[int, dict[str, Any]] = attrs.field(factory=dict, init=False)
    _flushed: float = attrs.field(factory=time.monotonic, init=False)

    def go(self, folders: Iterable[Folder]) -> None:
        """All of it: hand out, take back in order, and tell at the end."""
        waiting: deque[_Unit] = deque()
        for unit in self._units(folders):
            self._hand_out(unit)
            waiting.append(unit)
            if len(waiting) >= self._workers.window:
                self._take_back(waiting.popleft())
        while waiting:
            self._take_back(waiting.popleft())
        self._flush()
        if self._changed:
            self._journal.rewrite(self._changed)
        self._write_report()
        self._tell()

    def _units(self, folders: Iterable[Folder]) -> Iterator[_Unit]:
        old: Iterator[dict[str, Any]] | None = self._journal.lines()
        unit = _Unit()
        place = -1
        for place, planned in enumerate(planned for folder in folders for planned in plan(folder, self._options, self._store)):
            stale = None
            if old is not None:
                line = next(old, None)
                if line is None or line["file"] != planned.found.name:
                    self._journal.cut(place)
                    old = None
                elif self._is_done(line, planned):
                    self._summary.add(line)
                    self._summary.done_before += 1
                    continue
                else:
                    stale = line
            huge = self._is_huge(planned)
            if unit.planned and (huge or len(unit.planned) >= _BATCH_FILES or unit.size + planned.found.size > _BATCH_BYTES):
                yield unit
                unit = _Unit()
            unit.planned.append((place, stale, planned))
            unit.size += planned.found.size
            if huge:
                yield unit
                unit = _Unit()
        if unit.planned:
            yield unit
        if old is not None:
            self._journal.cut(place + 1)

    def _is_done(self, line: dict[str, Any], planned: Planned) -> bool:
        """Whether a file's line in the journal holds: the file is as it was, and what became of it is there."""
        found = planned.found
        if planned.task is None:
            return line == planned.entry
        if (line["size"], line["stamp"]) != (found.size, found.stamp) or line["verdict"] not in ("good", "partial", "faulty"):
            return False
        if line["verdict"] == "faulty" or self._check:
            return True
        return bool(line["target"] == planned.task.target and self._store.size(planned.task.target) == line["written"])

    def _is_huge(self, planned: Planned) -> bool:
        task = planned.task
        if task is None or not self._workers.parallel:
            return False
        return task.source is Form.NDJSON and planned.found.size > self._span_bytes

    def _hand_out(self, unit: _Unit) -> None:
        tasks = unit.tasks
        if not tasks:
            return
        if self._is_huge(unit.planned[0][2]):
            unit.channel = self._options.channel or _first_channel(tasks[0].found)
            if unit.channel is not None:
                for place, span in enumerate(work.spans_of(tasks[0].found.size, self._span_bytes)):
                    name = f"{unit.planned[0][0]}-{place}"
                    arguments = (tasks[0], span, name, unit.channel, self._options, self._store, self._check)
                    unit.parts.append((self._workers.submit(work.do_span, *arguments), arguments))
                return
        unit.future = self._workers.submit(work.do, tasks, self._options, self._store, self._check)

    def _take_back(self, unit: _Unit) -> None:
        entries = iter(self._entries(unit))
        for place, stale, planned in unit.planned:
            entry = planned.entry if planned.task is None else next(entries)
            assert entry is not None
            self._summary.add(entry)
            if stale is not None:
                self._changed[place] = entry
                if entry["verdict"] == "faulty" and stale["target"] is not None and self._store.size(stale["target"]) == stale["written"]:
                    # What has become of it before it was at fault.
                    self._store.remove(stale["target"])
            else:
                self._lines.append(entry)
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._flush()
            self._tell()

    def _entries(self, unit: _Unit) -> Sequence[dict[str, Any]]:
        if unit.parts:
            return [self._joined(unit)]
        if unit.future is None:
            return []
        try:
            return self._workers.result(unit.future)  # type: ignore[no-any-return]
        except Killed:
            return [self._alone(task) for task in unit.tasks]

    def _joined(self, unit: _Unit) -> dict[str, Any]:
        """The line of a file that is read in parts."""
        (task,) = unit.tasks
        assert unit.channel is not None
        try:
            parts = [self._part(*part) for part in unit.parts]
            return work.join(task, str(unit.planned[0][0]), parts, unit.channel, self._options, self._store, self._check)
        except Killed:
            return trouble_of(task.found, _KILLED)
        except OSError as error:
            return work.trouble_or_raise(task.found, error)

    def _part(self, future: Any, arguments: Sequence[Any]) -> Part:
        try:
            return self._workers.result(future)  # type: ignore[no-any-return]
        except Killed:
            return self._workers.alone(work.do_span, *arguments)  # type: ignore[no-any-return]

    def _alone(self, task: Task) -> dict[str, Any]:
        """A file whose batch has killed its process twice, in a process of its own."""
        try:
            (entry,) = self._workers.alone(work.do, [task], self._options, self._store, self._check)
        except Killed:
            return trouble_of(task.found, _KILLED)
        return entry  # type: ignore[no-any-return]

    def _flush(self) -> None:
        if self._lines:
            self._journal.append(self._lines)
            self._lines = []
        self._flushed = time.monotonic()

    def _tell(self) -> None:
        if self._progress is not None:
            self._summary.seconds = time.monotonic() - self._start
            self._progress(self._summary)

    def _write_report(self) -> None:
        import json

        with self._store.writing(REPORT) as (stream, put):
            for line in self._journal.lines():
                if line["verdict"] != "good" or line["notes"]:
                    told = {
                        "file": _printable(line["file"]),
                        "verdict": line["verdict"],
                        "messages": line["messages"],
                        "issues": line["issues"],
                        "notes": line["notes"],
                    }
                    stream.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")
            put()


_KILLED = "the process that read it was killed: was there memory enough?"


def _printable(name: str) -> str:
    # A name that is not of the system's encoding has no form in JSON; its bytes are written as escapes.
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _first_channel(found: Found) -> Channel | None:
    # A first line longer than this, and a file that can't be read, are left to the one who reads it whole.
    try:
        with open_source(found.address) as stream:
            head = stream.read(1024 * 1024).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return None
    return next((find_channel(line) for line in head.split(b"\n")[:-1] if line.strip()), None)
