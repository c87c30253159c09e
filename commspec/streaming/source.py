"""A document as it comes in: pieces of bytes, and what of them has not been read yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from commspec.codecs.format import Format, detect, is_undecided
from commspec.errors import Issue, MalformedDocument
from commspec.wire.report import Limits

Source = IO[bytes] | Iterable[bytes]
"""A file opened in binary mode, or the document's bytes in pieces of any size."""

CHUNK_BYTES = 256 * 1024


def pieces_of(source: Source) -> Iterator[bytes]:
    """What a source holds, as it comes, in pieces of `CHUNK_BYTES` at the most."""
    if hasattr(source, "read"):
        return iter(lambda: source.read(CHUNK_BYTES), b"")
    return (piece[start : start + CHUNK_BYTES] for piece in source for start in range(0, len(piece), CHUNK_BYTES))


def open_document(source: Source, format: Format | str | None, limits: Limits) -> tuple[Iterator[bytes], Format]:
    """The source's pieces, and the format they are in."""
    chunks = pieces_of(source)
    if format is not None:
        return chunks, Format(format)
    head = b""
    for head in growing(chunks, 4):
        # White space without end is for the reader to refuse.
        if not is_undecided(head) or len(head) > max(limits.bytes, 4):
            break
    return chain((head,), chunks), detect(head) or Format.JSON


def growing(chunks: Iterator[bytes], least: int) -> Iterator[bytes]:
    """What has come of a document: `least` bytes, then twice as many and so on, so that to look at all of it each time takes linear time; then all."""
    pieces: list[bytes] = []
    size, wanted = 0, least
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= wanted:
            pieces, wanted = [b"".join(pieces)], 2 * size
            yield pieces[0]
    yield b"".join(pieces)


def too_long(limits: Limits) -> MalformedDocument:
    """The error of a document of which so much would have to be held."""
    message = f"one message, or what stands around them, is longer than {limits.bytes} bytes"
    return MalformedDocument.of((Issue("limit.bytes", "", message, hint="raise limits.bytes"),))


class Text:
    """What has come of a document and is not read yet, `buffer`, and where it stands.

    There are `lines` above it, `column` characters before it on its line, and `position` bytes before it in all.
    """

    def __init__(self, chunks: Iterator[bytes], limits: Limits) -> None:
        self.buffer = b""
        self.ended = False
        self._chunks = chunks
        self._limits = limits
        self.lines = self.column = self.position = 0

    def more(self) -> bool:
        """Read on, until the buffer is twice as long or has another chunk; False at the document's end.

        It is asked for where nothing in the buffer can be read without what follows. Raises `MalformedDocument` where that is too long already.
        """
        if self.ended:
            return False
        # The last item of a list may stand here whole, with what follows the list.
        if len(self.buffer) > self._limits.bytes + CHUNK_BYTES:
            raise too_long(self._limits)
        pieces = [self.buffer]
        size, wanted = 0, max(CHUNK_BYTES, len(self.buffer))
        while size < wanted:
            piece = next(self._chunks, None)
            if piece is None:
                self.ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self.buffer = b"".join(pieces)
        return size > 0

    def drop(self, count: int) -> None:
        """Go past the buffer's first bytes."""
        dropped = self.buffer[:count]
        self.lines += dropped.count(b"\n")
        line = dropped[dropped.rfind(b"\n") + 1 :]
        self.column = len(line.decode(errors="replace")) + (self.column if len(line) == count else 0)
        self.position += count
        self.buffer = self.buffer[count:]

    def rest(self) -> Iterator[bytes]:
        """The buffer, and what is to come."""
        return chain((self.buffer,), self._chunks)
