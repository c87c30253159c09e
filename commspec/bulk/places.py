"""Where archives are: folders of this system, and whatever fsspec reaches, walked in an order of their own and without holding more than a folder's names."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

import attrs

from commspec.errors import CommspecError

REPORT = "report.ndjson"
"""The name of a run's report in its target."""
HIDDEN = ".commspec-bulk"
"""The folder of the target in which a run keeps its journal, and what it is writing."""

Identity = tuple[int, int]
"""What tells a file or folder of this system from all others, whatever leads to it."""


@attrs.frozen
class Found:
    """A file of an archive: its name below the source, with `/`; its address; its size in bytes and a stamp that changes with it.

    `trouble` says why it can't be read.
    """

    name: str
    address: str
    size: int = 0
    stamp: str = ""
    trouble: str | None = None
    identity: Identity | None = None


@attrs.frozen
class Folder:
    """The names of one folder's files in order, what looks at one of them, and the names of the folders in it.

    `chosen`: the caller named these files, by themselves or by a glob.
    """

    names: Sequence[str]
    look: Callable[[str], Found]
    folders: frozenset[str] = frozenset()
    chosen: bool = False

    @property
    def files(self) -> Iterator[Found]:
        """Each file, looked at when it is asked for."""
        return map(self.look, self.names)


def _holding(found: Iterable[Found], folders: Iterable[str] = (), *, chosen: bool = False) -> Folder:
    """A folder whose files have been looked at."""
    files = {one.name: one for one in found}
    return Folder(tuple(files), files.__getitem__, frozenset(folders), chosen)


def is_address(place: str) -> bool:
    """Whether a place is fsspec's rather than a path."""
    return "://" in place and not place.startswith("file://")


def plain_path(place: str) -> str:
    """The path of a `file://` address, and any other place as it is."""
    path = place.removeprefix("file://")
    # file:///C:/outbox
    return path[1:] if os.name == "nt" and path != place and re.match("/[A-Za-z]:", path) else path


def filesystem(place: str) -> tuple[Any, str]:
    """fsspec's filesystem of an address, and the path in it. Raises `CommspecError` without the package `fsspec`."""
    try:
        import fsspec
    except ImportError:
        raise CommspecError("bulk over addresses needs the package fsspec: pip install 'commspec[bulk]'") from None
    found, path = fsspec.core.url_to_fs(place)
    return found, path


def address_of(place: str) -> str:
    """An address in the spelling that its filesystem gives it."""
    system, path = filesystem(place)
    return str(system.unstrip_protocol(path)).rstrip("/")


def walk(place: str, own: Callable[[], Identity | None] = lambda: None) -> Iterator[Folder]:
    """The folders of a source: a file, a folder with all in it, a glob or an address. Raises `FileNotFoundError` where there is nothing.

    `own` identifies the target, where it is a folder of this system: its files are nobody's sources. Neither are the report and the journal that an
    earlier run has left in what was its target.
    """
    return _walk_address(place) if is_address(place) else _walk_path(plain_path(place), own)


def check_apart(source: str, target: str) -> None:
    """Raise `ValueError` where a run would read what it writes."""
    if is_address(source) != is_address(target):
        return
    if is_address(source):
        here, there = address_of(root_of_glob(source) if glob.has_magic(source) else source), address_of(target)
        around = f"{here}/".startswith(f"{there}/")
        inside = not glob.has_magic(source) and f"{there}/".startswith(f"{here}/")
        if around and here != there and not glob.has_magic(source):
            system, path = filesystem(source)
            around = system.isdir(path)
    else:
        path = plain_path(source)
        folder = path if os.path.isdir(path) else None if os.path.lexists(path) else root_of_glob(path)
        if folder is None:
            return
        here, there = os.path.realpath(folder), os.path.realpath(plain_path(target))
        try:
            common = os.path.commonpath([here, there])
        except ValueError:  # two drives of Windows
            return
        # A glob leaves out what stands in the target.
        around, inside = common == there, common == here and folder is path
    if around or inside:
        raise ValueError("the target may not be the source, nor stand inside it or around it")


# ---- Paths.


def _walk_path(place: str, own: Callable[[], Identity | None]) -> Iterator[Folder]:
    if os.path.isdir(place):
        yield from _walk_folders(place, own)
    elif os.path.lexists(place):
        yield _holding([_file(place, os.path.basename(place))], chosen=True)
    else:
        yield _match(place, own)


def root_of_glob(pattern: str) -> str:
    """The folder in which a glob begins: all that stands before its first wildcard."""
    return _split(pattern)[0]


def _split(pattern: str) -> tuple[str, list[str]]:
    parts = pattern.replace(os.sep, "/").split("/")
    first = next((place for place, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    root = "/".join(parts[:first]) or ("/" if pattern.startswith("/") else ".")
    return root, [part for part in parts[first:] if part not in ("", ".")]


LOOP = "a link to a folder that it is in"


def _walk_folders(place: str, own: Callable[[], Identity | None]) -> Iterator[Folder]:
    # No recursion: there is no limit to how deep folders are.
    waiting: list[tuple[str, str, tuple[Identity, ...]]] = [(place, "", ())]
    while waiting:
        path, name, above = waiting.pop()
        try:
            identity, files, folders = _list(path)
        except OSError as error:
            yield _holding([Found(name or ".", path, trouble=reason(error))])
            continue
        if identity in above or identity == own():
            yield _holding([Found(name, path, trouble=LOOP if identity in above else "a link to the target")])
            continue
        within = f"{name}/" if name else ""
        names = [within + entry for entry in files]

        def look(found: str, path: str = path, skip: int = len(within)) -> Found:
            return _file(os.path.join(path, found[skip:]), found)

        yield Folder(names, look, frozenset(folders))
        waiting += [(os.path.join(path, entry), within + entry, (*above, identity)) for entry in reversed(folders)]


def _list(path: str) -> tuple[Identity, list[str], list[str]]:
    """A folder's identity, and the names of the files and of the folders in it, in order."""
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            (folders if _is_folder(entry) else files).append(entry.name)
    if HIDDEN in folders:
        folders.remove(HIDDEN)
        files = [name for name in files if name != REPORT]
    files.sort()
    folders.sort()
    own = os.stat(path)
    return (own.st_dev, own.st_ino), files, folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _match(pattern: str, own: Callable[[], Identity | None]) -> Folder:
    """The files that a glob matches, `**` standing for any folders. Names that begin with a dot are matched by what begins with one."""
    if not glob.has_magic(pattern):
        raise FileNotFoundError(2, os.strerror(2), pattern)
    root, parts = _split(pattern)
    last = len(parts) - 1
    paths: dict[str, str] = {}
    troubles: dict[str, str] = {}
    # Which parts of the pattern may match the names in a folder: all of them at once, so that each folder is looked at once.
    waiting: list[tuple[str, str, frozenset[int], tuple[Identity, ...]]] = [(root, "", frozenset([0]), ())]
    while waiting:
        path, name, places, above = waiting.pop()
        try:
            identity, files, folders = _list(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            troubles[name or "."] = reason(error)
            continue
        if identity == own():
            continue
        if identity in above:
            troubles[name] = LOOP
            continue
        within = f"{name}/" if name else ""
        places |= {place + 1 for place in places if parts[place] == "**" and place < last}
        for entry in files:
            if last in places and _matches(entry, parts[last]):
                paths[within + entry] = os.path.join(path, entry)
        for entry in folders:
            following = {place + (parts[place] != "**") for place in places if _matches(entry, parts[place])} - {last + 1}
            if following:
                waiting.append((os.path.join(path, entry), within + entry, frozenset(following), (*above, identity)))
    if not paths and not troubles:
        raise FileNotFoundError(2, os.strerror(2), pattern)

    def look(found: str) -> Found:
        return Found(found, found, trouble=troubles[found]) if found in troubles else _file(paths[found], found)

    return Folder(sorted({*paths, *troubles}), look, chosen=True)


def _matches(name: str, part: str) -> bool:
    return (not name.startswith(".") or part.startswith(".")) and fnmatch.fnmatch(name, part)


def _file(path: str, name: str) -> Found:
    try:
        found = os.stat(path)
    except OSError as error:
        return Found(name, path, trouble=reason(error))
    if not stat.S_ISREG(found.st_mode):
        return Found(name, path, trouble="not a plain file")
    return Found(name, path, found.st_size, str(found.st_mtime_ns), identity=(found.st_dev, found.st_ino))


def reason(error: OSError) -> str:
    """What the system says, as it stands in a report."""
    words = error.strerror or type(error).__name__
    return words[:1].lower() + words[1:]


# ---- Addresses.


def _walk_address(place: str) -> Iterator[Folder]:
    system, path = filesystem(place)
    if system.isdir(path):
        yield from _walk_listings(system, path)
    elif system.exists(path):
        yield _holding([_entry(system, system.info(path), path.rpartition("/")[2])], chosen=True)
    else:
        found = system.glob(path, detail=True) if glob.has_magic(path) else {}
        root = root_of_glob(path)
        files = sorted((name, entry) for name, entry in found.items() if entry["type"] == "file")
        if not files:
            raise FileNotFoundError(2, os.strerror(2), place)
        yield _holding([_entry(system, entry, name[len(root) :].lstrip("/")) for name, entry in files], chosen=True)


def _walk_listings(system: Any, place: str) -> Iterator[Folder]:
    waiting = [(place, "")]
    while waiting:
        path, name = waiting.pop()
        try:
            listed = sorted(system.ls(path, detail=True), key=lambda entry: entry["name"])
        except OSError as error:
            yield _holding([Found(name or ".", path, trouble=reason(error))])
            continue
        within = f"{name}/" if name else ""
        # Some stores list the folder itself, as an object of no bytes.
        named = [(entry["name"].rstrip("/").rpartition("/")[2], entry) for entry in listed if entry["name"].strip("/") != path.strip("/")]
        folders = [own for own, entry in named if entry["type"] == "directory" and own != HIDDEN]
        earlier = any(own == HIDDEN for own, _ in named)
        files = [(own, entry) for own, entry in named if entry["type"] == "file" and not (earlier and own == REPORT)]
        yield _holding((_entry(system, entry, within + own) for own, entry in files), folders)
        waiting += [(f"{path.rstrip('/')}/{folder}", within + folder) for folder in reversed(folders)]


def _entry(system: Any, entry: dict[str, Any], name: str) -> Found:
    marks = (entry.get(key) for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created"))
    stamp = next((str(mark) for mark in marks if mark is not None), "")
    return Found(name, system.unstrip_protocol(entry["name"]), int(entry.get("size") or 0), stamp)


# ---- Reading.


def open_source(address: str) -> IO[bytes]:
    """The file at an address, for reading and for reading again."""
    if not is_address(address):
        return open(address, "rb")
    system, path = filesystem(address)
    return system.open(path, "rb")  # type: ignore[no-any-return]
