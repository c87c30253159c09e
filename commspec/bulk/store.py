"""Where the results of a run go: a folder of this system, or whatever fsspec reaches."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from commspec.bulk.places import HIDDEN, Found, Identity, address_of, filesystem, is_address, open_source, plain_path


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
                    try:
                        os.replace(temporary, target)
                    except FileNotFoundError:
                        _make_folders(os.path.dirname(target))
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

    def identity(self) -> Identity | None:
        """That of the target, where it is a folder of this system and there."""
        with contextlib.suppress(OSError):
            if not self.remote:
                found = os.stat(self.place)
                return found.st_dev, found.st_ino
        return None

    def is_source(self, name: str, found: Found) -> bool:
        """Whether what stands at `name` is the very file that was found."""
        if found.identity is None:
            return self.remote and is_address(found.address) and address_of(self.address(name)) == found.address
        with contextlib.suppress(OSError):
            if not self.remote:
                there = os.stat(self.address(name))
                return (there.st_dev, there.st_ino) == found.identity
        return False

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


def _make_folders(path: str) -> None:
    """As `os.makedirs`, however deep."""
    missing = []
    while not os.path.isdir(path) and path not in missing:
        missing.append(path)
        path = os.path.dirname(path)
    for one in reversed(missing):
        try:
            os.mkdir(one)
        except FileExistsError:
            if not os.path.isdir(one):
                raise
