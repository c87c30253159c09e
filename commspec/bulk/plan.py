"""What is to be done with each file of an archive: what it is by its name, what becomes of it and where, or why it can't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs

from commspec.bulk.document import Options
from commspec.bulk.places import HIDDEN, REPORT, Folder, Found, open_source, reason
from commspec.bulk.store import Store
from commspec.bulk.work import Task, entry_of, trouble_of
from commspec.codecs.format import Format, detect
from commspec.forms import Form, Shape, shape_of_file


@attrs.frozen
class Planned:
    """A file, and the task that it is; or the line of the journal where it is none."""

    found: Found
    task: Task | None
    entry: dict[str, Any] | None = None


@attrs.frozen
class _Goal:
    """What a file is to become: the form that its name or the caller tells of it, the result's, and the result's name."""

    source: Shape | None
    to: Shape
    target: str


def plan(folder: Folder, options: Options, store: Store) -> Iterator[Planned]:
    """What is to be done with each file of a folder, in order."""
    goals = _Goals(folder, options)
    # Of a folder of millions the marks of all names are held, and only those names whose marks come twice.
    marks: set[int] = set()
    twice: set[int] = set()
    for mark in (hash(goal.target) for goal in map(goals.find, folder.names) if isinstance(goal, _Goal)):
        (twice if mark in marks else marks).add(mark)
    again = map(goals.find, folder.names) if twice else ()
    shared = Counter(goal.target for goal in again if isinstance(goal, _Goal) and hash(goal.target) in twice)
    for name in folder.names:
        yield _plan_one(folder.look(name), goals.find(name), folder, shared, store)


def _plan_one(found: Found, goal: _Goal | OSError | None, folder: Folder, shared: Counter[str], store: Store) -> Planned:
    if found.trouble is not None:
        return Planned(found, None, trouble_of(found, found.trouble))
    if isinstance(goal, OSError):
        return Planned(found, None, trouble_of(found, reason(goal)))
    if goal is None:
        return Planned(found, None, entry_of(found, "skipped"))
    target = goal.target
    if shared[target] > 1:
        message = f"{shared[target] - 1} more would become the same file"
    elif target == REPORT or target.partition("/")[0] == HIDDEN:
        message = "what would become of it has the name of the report, or of the journal"
    elif target.rpartition("/")[2] in folder.folders:
        message = "what would become of it has the name of a folder"
    elif store.is_source(target, found):
        message = "what would become of it has its own place"
    else:
        return Planned(found, Task(found, goal.source, goal.to, target))
    return Planned(found, None, trouble_of(found, message, "collision", "convert it by itself, or rename it"))


class _Goals:
    """What each file of a folder is to become; None for one that is no document by its name, unless it was chosen: then its beginning tells."""

    def __init__(self, folder: Folder, options: Options) -> None:
        self._folder = folder
        self._options = options
        self._read: dict[str, Format | OSError] = {}

    def find(self, name: str) -> _Goal | OSError | None:
        """What the file of that name is to become, or why that can't be told."""
        by_name = shape_of_file(name)
        if by_name is None and not self._folder.chosen:
            return None
        source: Any = self._options.source or by_name
        to = self._options.to
        if to is None:
            found = source or self._read_format(name)
            if isinstance(found, OSError):
                return found
            to = found.other if isinstance(found, Format) else Format.JSON
        stem = name if by_name is None else name.rpartition(".")[0]
        # A name only suggests which of the two formats it is.
        return _Goal(self._options.source or (source if isinstance(source, Form) else None), to, f"{stem}.{to.value}")

    def _read_format(self, name: str) -> Format | OSError:
        if name not in self._read:
            found = self._folder.look(name)
            try:
                if found.trouble is not None:
                    raise OSError(found.trouble)
                with open_source(found.address) as stream:
                    self._read[name] = detect(stream.read(1024)) or Format.JSON
            except OSError as error:
                self._read[name] = error
        return self._read[name]
