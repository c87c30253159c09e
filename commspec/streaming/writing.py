"""Writers of requests and responses of any size, in constant memory."""

from __future__ import annotations

from datetime import tzinfo
from typing import IO, TYPE_CHECKING, Generic, TypeVar

from commspec.codecs import json as json_codec
from commspec.codecs import xml_write
from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.models.channel import Channel
from commspec.models.messages import Message
from commspec.models.response import Outcome, SendResponse
from commspec.rules.time import find_zone
from commspec.wire.names import LISTS
from commspec.wire.report import Report

if TYPE_CHECKING:
    from typing_extensions import Self

_BATCH = 500
_Item = TypeVar("_Item")


class BatchWriter(Generic[_Item]):
    """What writers of many items share: items are written some at a time, and where a `with` block ends without an error, the document is finished."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._batch: list[_Item] = []
        self._count = 0  # of those that have been written

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.finish()

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        self._flush()

    def _add(self, item: _Item) -> None:
        self._batch.append(item)
        if len(self._batch) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._write_batch()
            self._count += len(self._batch)
            self._batch.clear()

    def _write_batch(self) -> None:
        raise NotImplementedError


class MessageWriter(BatchWriter[Message]):
    """What writers of requests share: messages of one channel, one or more."""

    def __init__(self, file: IO[bytes], channel: Channel | str) -> None:
        super().__init__(file)
        self._channel = Channel(channel)

    @property
    def notes(self) -> tuple[Issue, ...]:
        """What was lost in writing: nothing, where the form holds all that a message says."""
        return ()

    def write(self, message: Message) -> None:
        """Add a message."""
        if message.channel is not self._channel:
            raise ValueError(f"a message for {message.channel} in a request for {self._channel}")
        self._add(message)

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        if not self._count:
            raise ValueError("a request has one message or more")


class RequestWriter(MessageWriter):
    """Writes a request message by message, into a file opened in binary mode: the bytes that `encode_request` gives, in constant memory.

    A context manager: where its block ends without an error, the document is finished. Raises `ValueError` for a message of another channel, and on
    finishing where there was no message.
    """

    def __init__(self, file: IO[bytes], format: Format | str, channel: Channel | str, *, indent: int | None = None) -> None:
        super().__init__(file, channel)
        self._format = Format(format)
        self._codec = xml_write if self._format is Format.XML else json_codec
        self._indent = indent

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        self._file.write(self._codec.request_frame(self._channel, self._indent)[1])

    def _write_batch(self) -> None:
        if not self._count:
            self._file.write(self._codec.request_frame(self._channel, self._indent)[0])
        elif self._format is Format.JSON:
            self._file.write(b",")
        self._file.write(self._codec.write_messages(self._batch, self._indent))


class ResponseWriter(BatchWriter[Outcome]):
    """Writes a response outcome by outcome, into a file opened in binary mode: the bytes that `encode_response` gives, in constant memory.

    `head` is the response without its outcomes: its status, channel and extra fields. A context manager: where its block ends without an error, the
    document is finished. `notes` are the losses so far. Raises `InvalidDocument` where XML can't hold a text, or `timezone` a time.
    """

    def __init__(
        self,
        file: IO[bytes],
        format: Format | str,
        head: SendResponse,
        *,
        indent: int | None = None,
        timezone: str | tzinfo | None = None,
    ) -> None:
        super().__init__(file)
        self._indent = indent
        self._head = head
        self._report = Report()
        self._pieces = None
        if Format(format) is Format.XML:
            self._pieces = xml_write.ResponsePieces(indent, find_zone(timezone), self._report)
            self._pieces.begin(head.status, head.channel)

    @property
    def notes(self) -> tuple[Issue, ...]:
        """What was lost in writing."""
        return tuple(self._report.notes)

    def write(self, outcome: Outcome) -> None:
        """Add an outcome."""
        if self._head.channel is None:
            raise ValueError("a response without channel has no outcomes")
        self._add(outcome)

    def finish(self) -> None:
        """Write what is left, and the document's end."""
        super().finish()
        if self._pieces is not None:
            self._pieces.end(self._head, self._count)
            self._file.write(self._pieces.take())
            self._report.raise_issues()
        else:
            # What is lost of the head has been said where its beginning was written.
            report = Report() if self._count else self._report
            self._file.write(json_codec.response_frame(self._head, self._indent, report, empty=not self._count)[bool(self._count)])

    def _write_batch(self) -> None:
        assert self._head.channel is not None
        names = LISTS[self._head.channel]
        if self._pieces is not None:
            self._pieces.outcomes(self._batch, self._count, names)
            self._file.write(self._pieces.take())
            self._report.raise_issues()
        else:
            if not self._count:
                self._file.write(json_codec.response_frame(self._head, self._indent, self._report, empty=False)[0])
            else:
                self._file.write(b",")
            written = json_codec.written_outcomes(self._batch, names, self._count, self._report)
            self._file.write(json_codec.write_items(written, self._indent, 2))
