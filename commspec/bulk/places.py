"""Where archives are: folders of this system, and whatever fsspec reaches, walked in an order of their own and without holding more than a folder."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

import attrs

MISSING = "bulk over addresses needs fsspec: pip install 'commspec[bulk]'"


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


@attrs.frozen
class Folder:
    """The files of one folder in order, and the names of the folders in it. `chosen`: the caller named these files, by themselves or by a glob."""

    files: tuple[Found, ...]
    folders: frozenset[str] = frozenset()
    chosen: bool = False


def is_address(place: str) -> bool:
    """Whether a place is fsspec's rather than a path."""
    return "://" in place and not place.startswith("file://")


def plain_path(place: str) -> str:
    """The path of a `file://` address, and any other place as it is."""
    return place.removeprefix("file://")


def filesystem(place: str) -> tuple[Any, str]:
    """fsspec's filesystem of an address, and the path in it."""
    try:
        import fsspec
    except ImportError:
        raise ModuleNotFoundError(MISSING) from None
    found, path = fsspec.core.url_to_fs(place)
    return found, path


def walk(place: str) -> Iterator[Folder]:
    """The folders of a source: a file, a folder with all in it, a glob or an address. Raises `FileNotFoundError` where there is nothing."""
    return _walk_address(place) if is_address(place) else _walk_path(plain_path(place))


# ---- Paths.


def _walk_path(place: str) -> Iterator[Folder]:
    if os.path.isdir(place):
        yield from _walk_folder(place, "", ())
    elif os.path.lexists(place):
        yield Folder((_file(place, os.path.basename(place)),), chosen=True)
    else:
        root = _root_of_glob(place)
        matches = sorted(path for path in glob.iglob(place, recursive=True) if not os.path.isdir(path))
        if not matches:
            raise FileNotFoundError(2, os.strerror(2), place)
        yield Folder(tuple(_file(path, os.path.relpath(path, root).replace(os.sep, "/")) for path in matches), chosen=True)


def _root_of_glob(pattern: str) -> str:
    parts = []
    for part in pattern.replace(os.sep, "/").split("/")[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return "/".join(parts) or ("/" if pattern.startswith("/") else ".")


def _walk_folder(path: str, name: str, above: tuple[tuple[int, int], ...]) -> Iterator[Folder]:
    own = os.stat(path)
    identity = own.st_dev, own.st_ino
    within = f"{name}/" if name else ""
    if identity in above:
        yield Folder((Found(name, path, trouble="a link to a folder that it is in"),))
        return
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        yield Folder((Found(name or ".", path, trouble=_reason(error)),))
        return
    folders = [entry for entry in names if os.path.isdir(os.path.join(path, entry))]
    files = (entry for entry in names if entry not in set(folders))
    yield Folder(tuple(_file(os.path.join(path, entry), within + entry) for entry in files), frozenset(folders))
    for entry in folders:
        yield from _walk_folder(os.path.join(path, entry), within + entry, (*above, identity))


def _file(path: str, name: str) -> Found:
    try:
        found = os.stat(path)
    except OSError as error:
        return Found(name, path, trouble=_reason(error))
    if not stat.S_ISREG(found.st_mode):
        return Found(name, path, trouble="not a plain file")
    return Found(name, path, found.st_size, str(found.st_mtime_ns))


def _reason(error: OSError) -> str:
    words = error.strerror or type(error).__name__
    return words[:1].lower() + words[1:]


# ---- Addresses.


def _walk_address(place: str) -> Iterator[Folder]:
    system, path = filesystem(place)
    if glob.has_magic(place):
        found = system.glob(path, detail=True)
        root = _root_of_glob(path)
        files = sorted((name, entry) for name, entry in found.items() if entry["type"] == "file")
        if not files:
            raise FileNotFoundError(2, os.strerror(2), place)
        yield Folder(tuple(_entry(system, entry, name[len(root) :].lstrip("/")) for name, entry in files), chosen=True)
    elif system.isdir(path):
        yield from _walk_listing(system, path, "")
    elif system.exists(path):
        yield Folder((_entry(system, system.info(path), path.rpartition("/")[2]),), chosen=True)
    else:
        raise FileNotFoundError(2, os.strerror(2), place)


def _walk_listing(system: Any, path: str, name: str) -> Iterator[Folder]:
    within = f"{name}/" if name else ""
    entries = sorted(system.ls(path, detail=True), key=lambda entry: entry["name"])
    files = [entry for entry in entries if entry["type"] == "file"]
    folders = [entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == "directory"]
    yield Folder(tuple(_entry(system, entry, within + entry["name"].rpartition("/")[2]) for entry in files), frozenset(folders))
    for folder in folders:
        yield from _walk_listing(system, f"{path.rstrip('/')}/{folder}", within + folder)


def _entry(system: Any, entry: dict[str, Any], name: str) -> Found:
    marks = (entry.get(key) for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created"))
    stamp = next((str(mark) for mark in marks if mark is not None), "")
    return Found(name, system.unstrip_protocol(entry["name"]), int(entry.get("size") or 0), stamp)


# ---- Reading and writing.


def open_source(address: str) -> IO[bytes]:
    """The file at an address, for reading and for reading again."""
    if not is_address(address):
        return open(address, "rb")
    system, path = filesystem(address)
    return system.open(path, "rb")  # type: ignore[no-any-return]


class Store:
    """Where results go. What is written stands there whole or not at all: a file is made in `scratch`, and takes its place in one step.

    On an object store the step is its upload; on what fsspec reaches otherwise, as whole as its `put_file`. A store can be pickled.
    """

    def __init__(self, place: str, run_id: str) -> None:
        self.remote = is_address(place)
        self.place = place.rstrip("/") if self.remote else os.path.abspath(plain_path(place))
        self.run_id = run_id

    @property
    def scratch(self) -> str:
        """A folder for what is being written; below the target, where renaming is one step."""
        return self.address(f"{HIDDEN}/writing-{self.run_id}")

    def address(self, name: str) -> str:
        """The address of a name."""
        return f"{self.place}/{name}" if self.remote else os.path.join(self.place, *name.split("/"))

    def prepare(self) -> None:
        """Make room for the journal."""
        if not self.remote:
            os.makedirs(os.path.join(self.place, HIDDEN), exist_ok=True)

    def begin(self) -> None:
        """Clear what runs that were killed have left, and make room for this one's. The journal must be held."""
        if self.remote:
            return
        for name in os.listdir(os.path.join(self.place, HIDDEN)):
            if name.startswith("writing-"):
                shutil.rmtree(os.path.join(self.place, HIDDEN, name), ignore_errors=True)
        os.mkdir(self.scratch)

    def clear(self) -> None:
        """Take the scratch folder away."""
        if not self.remote:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
        """A stream, and what puts its bytes in the place of `name` and says how many they are; without that call nothing is there."""
        target = self.address(name)
        if self.remote:
            with tempfile.NamedTemporaryFile() as spool:

                def upload() -> int:
                    spool.flush()
                    system, path = filesystem(target)
                    system.makedirs(path.rpartition("/")[0], exist_ok=True)
                    system.put_file(spool.name, path)
                    return spool.tell()

                yield spool, upload
            return
        temporary = os.path.join(self.scratch, secrets.token_hex(8))
        try:
            with open(temporary, "wb") as stream:

                def rename() -> int:
                    size = stream.tell()
                    stream.close()
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    os.replace(temporary, target)
                    return size

                yield stream, rename
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def size(self, name: str) -> int | None:
        """The bytes of what stands at `name`; None where there is nothing."""
        try:
            if self.remote:
                system, path = filesystem(self.address(name))
                return int(system.info(path)["size"])
            return os.stat(self.address(name)).st_size
        except OSError:
            return None

    def open(self, name: str) -> IO[bytes]:
        """What stands at `name`."""
        return open_source(self.address(name))

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, in order."""
        try:
            if self.remote:
                system, path = filesystem(self.address(folder))
                return sorted(entry.rpartition("/")[2] for entry in system.ls(path, detail=False))
            return sorted(os.listdir(self.address(folder)))
        except OSError:
            return []

    def remove(self, name: str) -> None:
        """Take away what stands at `name`."""
        with contextlib.suppress(FileNotFoundError):
            if self.remote:
                system, path = filesystem(self.address(name))
                system.rm_file(path)
            else:
                os.unlink(self.address(name))


HIDDEN = ".commspec-bulk"
"""The folder of the target in which a run keeps its journal, and what it is writing."""
