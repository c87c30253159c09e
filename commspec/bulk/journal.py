"""What a run has finished, in the order of its walk: a line a file, so that the beginning of a journal is the beginning of a run.

The journal is a text of lines, each on disk before the next run relies on it. A line that a kill cut in two is no line. On a store that can't append,
it grows by parts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import IO, Any

from commspec.bulk.places import HIDDEN
from commspec.bulk.store import Store


class Busy(Exception):
    """Another run is at work in the same target."""


class Journal:
    """The journal of a target, opened by one run alone; its first line holds the options that its lines were made with."""

    def __init__(self, store: Store, head: dict[str, Any]) -> None:
        self._store = store
        self._part = 0
        self._path = store.address(f"{HIDDEN}/journal.ndjson")
        self._file: IO[bytes] | None = None
        if not store.remote:
            self._file = open(self._path, "a+b")  # noqa: SIM115 - it stays open, and locked, for the run
            try:
                _lock(self._file)
            except Busy:
                self._file.close()
                raise
            self._truncate(None)
        if next(self._all(), None) != head:
            self._remove_all()
            self.append([head])

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each line, from the first file on."""
        lines = self._all()
        next(lines, None)
        return lines

    def _all(self) -> Iterator[dict[str, Any]]:
        for raw in self._raw():
            try:
                line = json.loads(raw)
            except ValueError:
                return
            yield line

    def _raw(self) -> Iterator[bytes]:
        if self._file is not None:
            with open(self._path, "rb") as stream:
                yield from stream
            return
        for name in self._parts():
            with self._store.open(f"{HIDDEN}/{name}") as stream:
                yield from stream.read().splitlines(keepends=True)

    def _parts(self) -> list[str]:
        return [name for name in self._store.names(HIDDEN) if name.startswith("journal-")]

    def _truncate(self, count: int | None) -> None:
        """Drop what follows the first `count` lines, or the first line that a kill has cut."""
        assert self._file is not None
        size = 0
        for place, raw in enumerate(self._raw()):
            if place == count or not raw.endswith(b"\n"):
                break
            size += len(raw)
        self._file.truncate(size)

    def _remove_all(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
        for name in self._parts() if self._file is None else ():
            self._store.remove(f"{HIDDEN}/{name}")

    def cut(self, count: int) -> None:
        """Keep the first `count` files' lines only."""
        if self._file is not None:
            self._truncate(count + 1)
        else:
            self.rewrite({}, count)

    def rewrite(self, changed: dict[int, dict[str, Any]], count: int | None = None) -> None:
        """Write the journal anew, whole or not at all: its first `count` files' lines, of which some have changed."""
        name = "journal.ndjson" if self._file is not None else "journal-000000000.ndjson"
        old = [] if self._file is not None else self._parts()
        with self._store.writing(f"{HIDDEN}/{name}") as (stream, put):
            for place, line in enumerate(self._all(), start=-1):
                if place == count:
                    break
                stream.write(_encode(changed.get(place, line)))
            stream.flush()
            os.fsync(stream.fileno())
            if self._file is not None and os.name == "nt":
                self._file.close()  # an open file can't be replaced there
            put()
        if self._file is not None:
            fresh = open(self._path, "a+b")  # noqa: SIM115 - as above
            _lock(fresh)
            self._file.close()
            self._file = fresh
        for other in old:
            if other != name:
                self._store.remove(f"{HIDDEN}/{other}")
        self._part = 1

    def append(self, lines: list[dict[str, Any]]) -> None:
        """Add lines; they are on disk when this returns."""
        content = b"".join(map(_encode, lines))
        if self._file is not None:
            self._file.write(content)
            self._file.flush()
            os.fsync(self._file.fileno())
            return
        self._part = self._part or len(self._parts())
        with self._store.writing(f"{HIDDEN}/journal-{self._part:09d}.ndjson") as (stream, put):
            stream.write(content)
            put()
        self._part += 1

    def close(self) -> None:
        """Let the next run have it."""
        if self._file is not None:
            self._file.close()


def _encode(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _lock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy("another run is at work there") from None
    except OSError:
        # Some file systems have no locks. That two runs are kept apart is then their callers' affair.
        return
