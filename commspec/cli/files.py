"""Files as the command line reads and writes them: read whole within a limit, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from typing import IO, BinaryIO

from commspec.cli.console import STANDARD_INPUT, Console, Trouble, label, reason

STANDARD_OUTPUT = "-"
_PIECE_BYTES = 1024 * 1024
_DESCRIPTOR = re.compile(r"/dev/(?:fd/([0-9]{1,4})|stderr)", re.ASCII)


def read(name: str, console: Console, max_bytes: int, *, announce: bool = False) -> bytes:
    """The bytes of the file `name`, or of standard input where it is `-`; of one that is larger than `max_bytes`, one byte more than that.

    `announce` tells a terminal that a document is awaited. Raises `Trouble`.
    """
    try:
        if name == STANDARD_INPUT:
            return _read(console.binary_input(announce=announce), max_bytes + 1)
        with open(name, "rb") as stream:
            return _read(stream, max_bytes + 1)
    except (OSError, ValueError) as error:
        raise Trouble(f"{label(name)}: {reason(error)}") from None


def _read(stream: IO[bytes], most: int) -> bytes:
    return b"".join(pieces(stream, most))


def pieces(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """What a stream holds, piece by piece, no more than `most` bytes. Raises `OSError`."""
    while most > 0:
        piece: bytes | None = stream.read(min(most, _PIECE_BYTES))
        if piece is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if not piece:
            return
        yield piece
        most -= len(piece)


def is_standard_output(name: str) -> bool:
    """Whether a file to write is standard output."""
    return name in (STANDARD_OUTPUT, "/dev/stdout")


def write(name: str, document: bytes, console: Console) -> None:
    """Write a document to the file `name`, whole or not at all, or to standard output. Raises `Trouble`."""
    if is_standard_output(name):
        console.put_document(document)
    else:
        with replacing(name) as stream:
            stream.write(document)


@contextlib.contextmanager
def replacing(name: str) -> Iterator[BinaryIO]:
    """A stream whose bytes are the file `name` once the block ends well, and before that and otherwise nowhere. Raises `Trouble`.

    They go to a hidden file beside it (`.commspec-….tmp`), which reaches the disk and then takes its place in one step: whoever looks sees the old
    file or the new one. Only a process that is killed outright (SIGKILL, a power cut) can leave that hidden file. A link is followed; the mode of a file
    that was there is kept, and its owner where the system allows. What is no plain file (a device, a FIFO, `/dev/fd/3`) is written through.
    """
    try:
        descriptor = _DESCRIPTOR.fullmatch(name)
        if descriptor is not None:
            # What a shell has opened, at the place where it stands: opening it anew could cut it short.
            with os.fdopen(os.dup(int(descriptor.group(1) or 2)), "wb") as stream:
                yield stream
            return
        existing = _stat(name)
        if existing is not None and not stat.S_ISREG(existing.st_mode):
            with open(name, "wb") as stream:
                yield stream
            return
        with _replacing(name, existing) as stream:
            yield stream
    except (OSError, ValueError) as error:
        raise Trouble(f"{label(name)}: {reason(error)}") from None


def refuse_unwritable(name: str) -> None:
    """Raises the `Trouble` that `replacing` would, where that can be known before there is anything to write: for what takes long to find out.

    Changes nothing, and doesn't open what is no plain file: a FIFO would wait for its reader. Writing may fail all the same, on a full disk for example.
    """
    try:
        descriptor = _DESCRIPTOR.fullmatch(name)
        if descriptor is not None:
            os.fstat(int(descriptor.group(1) or 2))
            return
        existing = _stat(name)
        if existing is None or stat.S_ISREG(existing.st_mode):
            with contextlib.suppress(_Abandoned), _replacing(name, existing):
                raise _Abandoned
            return
        fault = errno.EISDIR if stat.S_ISDIR(existing.st_mode) else 0 if os.access(name, os.W_OK) else errno.EACCES
        if fault:
            raise OSError(fault, os.strerror(fault))
    except (OSError, ValueError) as error:
        raise Trouble(f"{label(name)}: {reason(error)}") from None


class _Abandoned(Exception):
    """Ends a block of `_replacing` with the file as it was."""


def _stat(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)
    except FileNotFoundError:
        if not os.path.basename(name):
            raise
        return None


@contextlib.contextmanager
def _replacing(name: str, existing: os.stat_result | None) -> Iterator[BinaryIO]:
    target = os.path.realpath(name)
    folder = os.path.dirname(target)
    if existing is not None and not os.access(target, os.W_OK):
        raise Trouble(f"{label(name)}: it is read-only")
    temporary = os.path.join(folder, f".commspec-{secrets.token_hex(8)}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(temporary, flags, 0o666 if existing is None else 0o600)
        except OSError as error:
            raise Trouble(f"{label(name)}: no file can be made in {label(folder)}: {reason(error)}") from None
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if existing is not None:
            _keep_owner(temporary, existing)
            os.chmod(temporary, existing.st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_owner(path: str, existing: os.stat_result) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(path, existing.st_uid, existing.st_gid)
